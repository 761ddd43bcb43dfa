/**
 * The types a directive's value can have: how its arguments are read, what value the code sees, and the text CONFIG GET
 * prints.
 *
 * A reader gets the words of a line after the name (`save 60 100` gives two; CONFIG SET gives one, see Config) and
 * answers the typed value and its canonical text, or throws a ConfigError with the reason alone. Reading the canonical
 * text again gives the same value: that is what CONFIG REWRITE and restoring after a failed CONFIG SET rely on.
 */

/** What is wrong with a value, without name or place: `argument must be 'yes' or 'no'`. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/** A directive's value in both its forms. */
export interface Reading<T = unknown> {
  readonly value: T;
  readonly text: string;
}

export const INT_MAX = 2147483647;
export const UINT_MAX = 4294967295;
export const LONG_MAX = 2n ** 63n - 1n;
export const ULONG_MAX = 2n ** 64n - 1n;

export interface SavePoint {
  readonly seconds: number;
  readonly changes: number;
}

/** Limits of one class of clients on the output that waits for them; 0 is no limit. */
export interface OutputBufferLimit {
  readonly hardBytes: number;
  readonly softBytes: number;
  readonly softSeconds: number;
}

export type ClientClass = 'normal' | 'replica' | 'pubsub';

export type OutputBufferLimits = Readonly<Record<ClientClass, OutputBufferLimit>>;

/** A limit in bytes, or as a share of maxmemory. */
export type MemoryShare = { readonly bytes: number } | { readonly percent: number };

/** What a reader may look at beside the words. */
export interface ReadingContext {
  /** The directive, for error texts. */
  readonly name: string;
  /** The value so far, for types that change only a part of it; undefined for the default. */
  readonly previous: unknown;
  readonly resolveDirectory: ResolveDirectory;
}

/** What a program may give for a value beside its text: decides the type of the library's option. */
export type ProgramInput = 'boolean' | 'integer' | 'size' | 'octal' | 'text' | 'words' | 'numbers';

/**
 * The absolute path of a directory, relative ones counted from another, or from where the program was started.
 * @throws ConfigError when there is none; files are not this layer's business
 */
export type ResolveDirectory = (path: string, from?: string) => string;

/** One type of values: everything that is said of it stands here and nowhere else. */
export interface DirectiveType<out T> {
  readonly input: ProgramInput;
  /** The words that there are, where there is a list of them. */
  readonly choices?: readonly string[];
  /** The value may be several words: a single one (of CONFIG SET, or in quotes) is split at spaces. */
  readonly isSeveral: boolean;
  /** Every line adds to the value, the first of them to nothing; an empty one clears it. */
  readonly addsUp?: true;
  /** For the documents. */
  readonly description: string;
  /** @throws ConfigError with the reason */
  read(words: readonly string[], context: ReadingContext): Reading<T>;
}

function single<T>(
  description: string,
  read: (word: string, context: ReadingContext) => Reading<T>,
  input: ProgramInput = 'text',
): DirectiveType<T> {
  return {
    input,
    isSeveral: false,
    description,
    read(words, context) {
      if (words.length !== 1) throw new ConfigError('wrong number of arguments');
      return read(words[0], context);
    },
  };
}

function several<T>(
  description: string,
  read: (words: readonly string[], context: ReadingContext) => Reading<T>,
  input: ProgramInput = 'words',
): DirectiveType<T> {
  return { input, isSeveral: true, description, read };
}

// ---- One word

export const STRING = single('text', (word) => ({ value: word, text: word }));

export const BOOL = single(
  '`yes`, `no`',
  (word): Reading<boolean> => {
    const lower = word.toLowerCase();
    if (lower !== 'yes' && lower !== 'no') throw new ConfigError("argument must be 'yes' or 'no'");
    return { value: lower === 'yes', text: lower };
  },
  'boolean',
);

/** A name without a path. */
export const FILE_NAME = single('file name', (word, { name }) => {
  if (/[/\\]/.test(word)) throw new ConfigError(`${name} can't be a path, just a filename`);
  return { value: word, text: word };
});

/** A relative one counts from the one before, as if the program had gone there. */
export const DIRECTORY = single('path', (word, { previous, resolveDirectory }) => {
  if (word === '') throw new ConfigError('No such file or directory');
  const path = resolveDirectory(word, previous as string | undefined);
  return { value: path, text: path };
});

function notBetween(min: number | bigint | string, max: number | bigint | string): ConfigError {
  return new ConfigError(`argument must be between ${min} and ${max} inclusive`);
}

/** Redis's strict integer syntax: no sign but a minus, no leading zero, no space. */
const INTEGER = /^(0|-?[1-9]\d{0,18})$/;

/** `clamp`: Redis takes any number in [min, max] but then keeps it within these. */
export function int(
  min: number | bigint,
  max: number | bigint,
  { clamp }: { clamp?: readonly [number, number] } = {},
): DirectiveType<number> {
  return single(
    max >= INT_MAX ? `from ${min}` : `${min} to ${max}`,
    (word) => {
      if (!INTEGER.test(word)) throw new ConfigError("argument couldn't be parsed into an integer");
      let exact = BigInt(word);
      if (exact > LONG_MAX || exact < -LONG_MAX - 1n) {
        throw new ConfigError("argument couldn't be parsed into an integer");
      }
      if (exact < BigInt(min) || exact > BigInt(max)) throw notBetween(min, max);
      if (clamp !== undefined) exact = BigInt(Math.min(Math.max(Number(exact), clamp[0]), clamp[1]));
      return { value: Number(exact), text: exact.toString() };
    },
    'integer',
  );
}

export const PORT = int(0, 65535);
export const INT = int(0, INT_MAX);
export const LONG = int(0, LONG_MAX);

const MEMORY_SYNTAX = /^(\d*)(b|kb?|mb?|gb?)?$/i;

const UNIT_BYTES: Readonly<Record<string, bigint>> = {
  b: 1n,
  k: 1000n,
  kb: 1024n,
  m: 1000n ** 2n,
  mb: 1024n ** 2n,
  g: 1000n ** 3n,
  gb: 1024n ** 3n,
};

/**
 * `100`, `1k` (1000), `1kb` (1024), … `gb`, in any case; undefined when it is nothing of the kind. An empty text is 0,
 * as in Redis.
 */
export function memoryBytes(word: string): bigint | undefined {
  const match = MEMORY_SYNTAX.exec(word);
  if (match === null) return undefined;
  const bytes = BigInt(match[1] || '0') * (UNIT_BYTES[(match[2] ?? 'b').toLowerCase()] as bigint);
  return bytes > ULONG_MAX ? undefined : bytes;
}

export function size({ min = 0, max = LONG_MAX }: { min?: number; max?: bigint } = {}): DirectiveType<number> {
  return single(
    'size',
    (word) => {
      const bytes = memoryBytes(word);
      if (bytes === undefined) throw new ConfigError('argument must be a memory value');
      if (bytes < BigInt(min) || bytes > max) throw notBetween(min, max);
      return { value: Number(bytes), text: bytes.toString() };
    },
    'size',
  );
}

export const SIZE = size();

export const MEMORY_SHARE = single(
  'size or per cent',
  (word): Reading<MemoryShare> => {
    const percent = /^(\d+)%$/.exec(word);
    if (percent !== null) {
      const share = Number(percent[1]);
      if (share > 100) throw new ConfigError('percentage argument must be less or equal to 100');
      return { value: { percent: share }, text: `${share}%` };
    }
    const bytes = memoryBytes(word);
    if (bytes === undefined) throw new ConfigError('argument must be a memory or percent value');
    return { value: { bytes: Number(bytes) }, text: bytes.toString() };
  },
  'size',
);

export function octal(max: number): DirectiveType<number> {
  return single(
    `octal, up to ${max.toString(8)}`,
    (word) => {
      if (!/^[0-7]{1,10}$/.test(word)) throw new ConfigError("argument couldn't be parsed as an octal number");
      const value = Number.parseInt(word, 8);
      if (value > max) throw notBetween('0', max.toString(8));
      return { value, text: value.toString(8) };
    },
    'octal',
  );
}

function notOneOf(values: readonly string[]): ConfigError {
  return new ConfigError(`argument(s) must be one of the following: ${values.join(', ')}`);
}

function codes(values: readonly string[]): string {
  return values.map((value) => `\`${value}\``).join(', ');
}

export function oneOf<const Value extends string>(...values: readonly Value[]): DirectiveType<Value> {
  const type = single(codes(values), (word) => {
    const value = values.find((each) => each === word.toLowerCase());
    if (value === undefined) throw notOneOf(values);
    return { value, text: value };
  });
  return { ...type, choices: values };
}

// ---- Several words

/** CONFIG SET with an empty value gives one empty word: no words at all. */
function withoutLoneEmpty(words: readonly string[]): readonly string[] {
  return words.length === 1 && words[0] === '' ? [] : words;
}

/** Addresses to listen on. */
export const ADDRESSES = several('several words', (words): Reading<readonly string[]> => {
  const value = withoutLoneEmpty(words);
  if (value.includes('')) throw new ConfigError('Failed to bind to specified addresses.');
  return { value, text: value.join(' ') };
});

/** Several of `values`; the first stands for none of the others. */
function flagsOf<const Value extends string>(...values: readonly Value[]): DirectiveType<readonly Value[]> {
  const type = several(codes(values), (words) => {
    const given = words.map((word) => word.toLowerCase());
    if (given.length === 0 || given.some((word) => !values.includes(word as Value))) throw notOneOf(values);
    const none = values[0];
    const flags = values.filter((value) => value !== none && given.includes(value));
    return { value: flags.length === 0 ? [none] : flags, text: flags.length === 0 ? none : flags.join(' ') };
  });
  return { ...type, choices: values };
}

const SHUTDOWN_FLAGS = flagsOf('default', 'save', 'nosave', 'now', 'force');

/** What a signal does, in the words of SHUTDOWN. */
export const SHUTDOWN: typeof SHUTDOWN_FLAGS = {
  ...SHUTDOWN_FLAGS,
  read(words, context) {
    const reading = SHUTDOWN_FLAGS.read(words, context);
    if (reading.value.includes('save') && reading.value.includes('nosave')) {
      throw new ConfigError("shutdown options SAVE and NOSAVE can't be used simultaneously");
    }
    return reading;
  },
};

export const SAVE_POINTS: DirectiveType<readonly SavePoint[]> = {
  ...several(
    'pairs of numbers',
    (words) => {
      // `save ""` removes every save point.
      if (withoutLoneEmpty(words).length === 0) return { value: [], text: '' };
      const invalid = new ConfigError('Invalid save parameters');
      if (words.length % 2 !== 0) throw invalid;
      const points: SavePoint[] = [];
      for (let i = 0; i < words.length; i += 2) {
        const [seconds, changes] = [words[i], words[i + 1]];
        if (!/^\d+$/.test(seconds) || !/^\d+$/.test(changes) || Number(seconds) < 1) throw invalid;
        points.push({ seconds: Number(seconds), changes: Number(changes) });
      }
      return { value: points, text: points.map(({ seconds, changes }) => `${seconds} ${changes}`).join(' ') };
    },
    'numbers',
  ),
  addsUp: true,
};

/** Any words; a lone empty one is none. */
export const WORDS = several('several words', (words): Reading<readonly string[]> => {
  const given = withoutLoneEmpty(words);
  return { value: given, text: given.join(' ') };
});

/** An HTTP API and where it is served; `off`: nowhere. */
export interface HttpMount {
  readonly api: string;
  readonly path: string;
}

export const MOUNTS: DirectiveType<readonly HttpMount[]> = {
  ...several('pairs of name and path', (words): Reading<readonly HttpMount[]> => {
    const given = withoutLoneEmpty(words);
    if (given.length % 2 !== 0) throw new ConfigError('a name and a path are expected');
    const mounts: HttpMount[] = [];
    for (let i = 0; i < given.length; i += 2) {
      const [api, path] = [given[i], given[i + 1]];
      if (path !== 'off' && !/^\/[^?#\s{}]*$/.test(path)) throw new ConfigError("a path begins with '/', or is 'off'");
      mounts.push({ api, path });
    }
    return { value: mounts, text: given.join(' ') };
  }),
  addsUp: true,
};

const CLIENT_CLASSES: Readonly<Record<string, ClientClass>> = {
  normal: 'normal',
  slave: 'replica',
  replica: 'replica',
  pubsub: 'pubsub',
};

/** Only the classes that are named change. */
export const OUTPUT_BUFFER_LIMITS = several(
  'class, size, size, seconds',
  (words, { previous }): Reading<OutputBufferLimits> => {
    const given = withoutLoneEmpty(words);
    if (given.length % 4 !== 0) throw new ConfigError('Wrong number of arguments in buffer limit configuration.');
    const none: OutputBufferLimit = { hardBytes: 0, softBytes: 0, softSeconds: 0 };
    const before = previous as OutputBufferLimits | undefined;
    const limits: Record<ClientClass, OutputBufferLimit> = { normal: none, replica: none, pubsub: none, ...before };
    for (let i = 0; i < given.length; i += 4) {
      const clientClass = CLIENT_CLASSES[given[i].toLowerCase()];
      if (clientClass === undefined) {
        throw new ConfigError('Invalid client class specified in buffer limit configuration.');
      }
      limits[clientClass] = readOutputBufferLimit(given[i + 1], given[i + 2], given[i + 3]);
    }
    return { value: limits, text: outputBufferLimitsText(limits) };
  },
);

function readOutputBufferLimit(hard: string, soft: string, seconds: string): OutputBufferLimit {
  const [hardBytes, softBytes] = [memoryBytes(hard), memoryBytes(soft)];
  if (hardBytes === undefined || softBytes === undefined || !/^\d+$/.test(seconds)) {
    throw new ConfigError('Error in hard, soft or soft_seconds setting in buffer limit configuration.');
  }
  return { hardBytes: Number(hardBytes), softBytes: Number(softBytes), softSeconds: Number(seconds) };
}

function outputBufferLimitsText(limits: OutputBufferLimits): string {
  return (['normal', 'replica', 'pubsub'] as const)
    .map((clientClass) => {
      const { hardBytes, softBytes, softSeconds } = limits[clientClass];
      // The old word, which is what CONFIG GET still prints.
      return `${clientClass === 'replica' ? 'slave' : clientClass} ${hardBytes} ${softBytes} ${softSeconds}`;
    })
    .join(' ');
}

export const PERCENTILES = several(
  'numbers',
  (words): Reading<readonly number[]> => {
    const value = withoutLoneEmpty(words).map((word) => {
      const number = Number(word);
      if (word === '' || !Number.isFinite(number))
        throw new ConfigError('Invalid latency-tracking-info-percentiles parameters');
      if (number < 0 || number > 100) {
        throw new ConfigError('latency-tracking-info-percentiles parameters should sit between [0.0,100.0]');
      }
      return Number(number.toPrecision(6));
    });
    return { value, text: value.join(' ') };
  },
  'numbers',
);

/** As many integers as `count`, each in its range. */
export function numbers(count: number, min: number, max: number): DirectiveType<readonly number[]> {
  return several(
    `${count} numbers, ${min} to ${max}`,
    (words, { name }) => {
      if (words.length !== count) throw new ConfigError('wrong number of arguments');
      const value = words.map((word) => {
        const number = Number(word);
        if (!/^-?\d+$/.test(word) || number < min || number > max) {
          throw new ConfigError(`Invalid ${name}, elements must be between ${min} and ${max}.`);
        }
        return number;
      });
      return { value, text: value.join(' ') };
    },
    'numbers',
  );
}

/** Host and port of a primary, or nothing; `no one` says nothing too. */
export const PRIMARY = several('host and port', (words): Reading<string> => {
  if (withoutLoneEmpty(words).length === 0) return { value: '', text: '' };
  if (words.length !== 2) throw new ConfigError('wrong number of arguments');
  const [host, port] = words;
  if (host.toLowerCase() === 'no' && port.toLowerCase() === 'one') return { value: '', text: '' };
  if (!/^\d+$/.test(port) || Number(port) > 65535) throw new ConfigError('Invalid master port');
  return { value: `${host} ${Number(port)}`, text: `${host} ${Number(port)}` };
});

// ---- Classes of events

/** `A` stands for these; misses (`m`) and new keys (`n`) are asked for by name. */
export const ALL_EVENTS = 'g$lshzxetd';

/** The classes in Redis's own order, with `A` for all of what it stands for. */
export const EVENT_CLASSES = single('letters', (word) => {
  for (const letter of word) {
    if (!`${ALL_EVENTS}AKEmn`.includes(letter)) {
      throw new ConfigError("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.");
    }
  }
  const has = (letter: string) => word.includes(letter);
  const all = has('A') || [...ALL_EVENTS].every(has);
  const events = all ? 'A' : [...ALL_EVENTS].filter(has).join('');
  // Redis does not print `n` after `A`; we do, since this text is what the value is restored from.
  const others = [...(all ? 'KEmn' : 'nKEm')].filter(has).join('');
  return { value: events + others, text: events + others };
});
