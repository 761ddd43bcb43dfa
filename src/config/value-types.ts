/**
 * The types a directive's value can have: how its arguments are read, what value the code sees, and the text CONFIG GET prints.
 *
 * A reader gets the words of a line after the name (`save 60 100` gives two; CONFIG SET gives one, see Config) and answers the
 * typed value and its canonical text, or throws a ConfigError with the reason alone. Reading the canonical text again gives the
 * same value: that is what CONFIG REWRITE and restoring after a failed CONFIG SET rely on.
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

/** The type of a directive with what it needs to know about its range; the discriminant is `type`. */
export type ValueType =
  | { readonly type: 'bool' }
  /** `clamp`: Redis takes any number in [min, max] but then keeps it within these. */
  | {
      readonly type: 'int';
      readonly min: number | bigint;
      readonly max: number | bigint;
      readonly clamp?: readonly [number, number];
    }
  | { readonly type: 'memory'; readonly min?: number; readonly max?: bigint }
  | { readonly type: 'memory-share' }
  | { readonly type: 'octal'; readonly max: number }
  | { readonly type: 'enum'; readonly values: readonly string[] }
  /** Several words of `values`; the first stands for none of the others. */
  | { readonly type: 'flags'; readonly values: readonly string[] }
  | { readonly type: 'string' }
  /** A name without a path; `directive` is for the error text. */
  | { readonly type: 'file-name'; readonly directive: string }
  | { readonly type: 'directory' }
  | { readonly type: 'words' }
  | { readonly type: 'save-points' }
  | { readonly type: 'output-buffer-limits' }
  | { readonly type: 'event-classes' }
  | { readonly type: 'percentiles' }
  | { readonly type: 'numbers'; readonly count: number; readonly min: number; readonly max: number };

/** What the code sees for each type. */
export type ValueOf<V extends ValueType> = V extends { type: 'bool' }
  ? boolean
  : V extends { type: 'int' | 'memory' | 'octal' }
    ? number
    : V extends { type: 'memory-share' }
      ? MemoryShare
      : V extends { type: 'enum'; values: readonly (infer T)[] }
        ? T
        : V extends { type: 'flags'; values: readonly (infer T)[] }
          ? readonly T[]
          : V extends { type: 'words' }
            ? readonly string[]
            : V extends { type: 'save-points' }
              ? readonly SavePoint[]
              : V extends { type: 'output-buffer-limits' }
                ? OutputBufferLimits
                : V extends { type: 'percentiles' | 'numbers' }
                  ? readonly number[]
                  : string;

export const LONG_MAX = 2n ** 63n - 1n;
export const ULONG_MAX = 2n ** 64n - 1n;

/** Types whose value may be several words: CONFIG SET's single argument is split at spaces for them. */
export function takesSeveralWords(type: ValueType['type']): boolean {
  return SEVERAL_WORDS.has(type);
}

const SEVERAL_WORDS: ReadonlySet<ValueType['type']> = new Set([
  'flags',
  'words',
  'save-points',
  'output-buffer-limits',
  'percentiles',
  'numbers',
]);

/** Resolves `dir` to an absolute path, or throws a ConfigError; files are not this layer's business. */
export type ResolveDirectory = (path: string) => string;

/** Reads the words of a value. `previous` is the value so far, for types that change only a part of it. */
export function readValue(
  valueType: ValueType,
  words: readonly string[],
  previous: unknown,
  resolveDirectory: ResolveDirectory,
): Reading {
  switch (valueType.type) {
    case 'flags':
      return readFlags(valueType.values, words);
    case 'words':
      return { value: words.filter((word) => word !== ''), text: words.filter((word) => word !== '').join(' ') };
    case 'save-points':
      return readSavePoints(words);
    case 'output-buffer-limits':
      return readOutputBufferLimits(words, previous as OutputBufferLimits | undefined);
    case 'percentiles':
      return readPercentiles(words);
    case 'numbers':
      return readNumbers(valueType, words);
    default:
      if (words.length !== 1) throw new ConfigError('wrong number of arguments');
      return readWord(valueType, words[0], resolveDirectory);
  }
}

function readWord(valueType: ValueType, word: string, resolveDirectory: ResolveDirectory): Reading {
  switch (valueType.type) {
    case 'bool':
      return readBool(word);
    case 'int':
      return readInt(valueType, word);
    case 'memory':
      return readMemory(valueType, word);
    case 'memory-share':
      return readMemoryShare(word);
    case 'octal':
      return readOctal(valueType.max, word);
    case 'enum':
      return readEnum(valueType.values, word);
    case 'file-name':
      if (word.includes('/') || word.includes('\\')) {
        throw new ConfigError(`${valueType.directive} can't be a path, just a filename`);
      }
      return { value: word, text: word };
    case 'directory': {
      if (word === '') throw new ConfigError('No such file or directory');
      const path = resolveDirectory(word);
      return { value: path, text: path };
    }
    case 'event-classes': {
      const classes = canonicalEventClasses(word);
      return { value: classes, text: classes };
    }
    default:
      return { value: word, text: word };
  }
}

function readBool(word: string): Reading<boolean> {
  const lower = word.toLowerCase();
  if (lower !== 'yes' && lower !== 'no') throw new ConfigError("argument must be 'yes' or 'no'");
  return { value: lower === 'yes', text: lower };
}

function notBetween(min: number | bigint | string, max: number | bigint | string): ConfigError {
  return new ConfigError(`argument must be between ${min} and ${max} inclusive`);
}

/** Redis's strict integer syntax: no sign but a minus, no leading zero, no space. */
const INTEGER = /^(0|-?[1-9]\d{0,18})$/;

function readInt(
  { min, max, clamp }: { min: number | bigint; max: number | bigint; clamp?: readonly [number, number] },
  word: string,
): Reading<number> {
  if (!INTEGER.test(word)) throw new ConfigError("argument couldn't be parsed into an integer");
  let exact = BigInt(word);
  if (exact > LONG_MAX || exact < -LONG_MAX - 1n) {
    throw new ConfigError("argument couldn't be parsed into an integer");
  }
  if (exact < BigInt(min) || exact > BigInt(max)) throw notBetween(min, max);
  if (clamp !== undefined) exact = BigInt(Math.min(Math.max(Number(exact), clamp[0]), clamp[1]));
  return { value: Number(exact), text: exact.toString() };
}

const MEMORY = /^(\d*)(b|kb?|mb?|gb?)?$/i;

const UNIT_BYTES: Readonly<Record<string, bigint>> = {
  b: 1n,
  k: 1000n,
  kb: 1024n,
  m: 1000n ** 2n,
  mb: 1024n ** 2n,
  g: 1000n ** 3n,
  gb: 1024n ** 3n,
};

/** `100`, `1k` (1000), `1kb` (1024), … `gb`, in any case; undefined when it is nothing of the kind. An empty text is 0, as in Redis. */
export function memoryBytes(word: string): bigint | undefined {
  const match = MEMORY.exec(word);
  if (match === null) return undefined;
  const bytes = BigInt(match[1] || '0') * (UNIT_BYTES[(match[2] ?? 'b').toLowerCase()] as bigint);
  return bytes > ULONG_MAX ? undefined : bytes;
}

function readMemory({ min = 0, max = LONG_MAX }: { min?: number; max?: bigint }, word: string): Reading<number> {
  const bytes = memoryBytes(word);
  if (bytes === undefined) throw new ConfigError('argument must be a memory value');
  if (bytes < BigInt(min) || bytes > max) throw notBetween(min, max);
  return { value: Number(bytes), text: bytes.toString() };
}

function readMemoryShare(word: string): Reading<MemoryShare> {
  const percent = /^(\d+)%$/.exec(word);
  if (percent !== null) {
    const share = Number(percent[1]);
    if (share > 100) throw new ConfigError('percentage argument must be less or equal to 100');
    return { value: { percent: share }, text: `${share}%` };
  }
  const bytes = memoryBytes(word);
  if (bytes === undefined) throw new ConfigError('argument must be a memory or percent value');
  return { value: { bytes: Number(bytes) }, text: bytes.toString() };
}

function readOctal(max: number, word: string): Reading<number> {
  if (!/^[0-7]{1,10}$/.test(word)) throw new ConfigError("argument couldn't be parsed as an octal number");
  const value = Number.parseInt(word, 8);
  if (value > max) throw notBetween('0', max.toString(8));
  return { value, text: value.toString(8) };
}

function notOneOf(values: readonly string[]): ConfigError {
  return new ConfigError(`argument(s) must be one of the following: ${values.join(', ')}`);
}

function readEnum(values: readonly string[], word: string): Reading<string> {
  const value = word.toLowerCase();
  if (!values.includes(value)) throw notOneOf(values);
  return { value, text: value };
}

function readFlags(values: readonly string[], words: readonly string[]): Reading<readonly string[]> {
  const given = words.map((word) => word.toLowerCase());
  if (given.length === 0 || given.some((word) => !values.includes(word))) throw notOneOf(values);
  const none = values[0];
  const flags = values.filter((value) => value !== none && given.includes(value));
  return { value: flags.length === 0 ? [none] : flags, text: flags.length === 0 ? none : flags.join(' ') };
}

function readSavePoints(words: readonly string[]): Reading<readonly SavePoint[]> {
  // `save ""` removes every save point.
  if (words.length === 0 || (words.length === 1 && words[0] === '')) return { value: [], text: '' };
  const invalid = new ConfigError('Invalid save parameters');
  if (words.length % 2 !== 0) throw invalid;
  const points: SavePoint[] = [];
  for (let i = 0; i < words.length; i += 2) {
    const [seconds, changes] = [words[i], words[i + 1]];
    if (!/^\d+$/.test(seconds) || !/^\d+$/.test(changes) || Number(seconds) < 1) throw invalid;
    points.push({ seconds: Number(seconds), changes: Number(changes) });
  }
  return { value: points, text: points.map(({ seconds, changes }) => `${seconds} ${changes}`).join(' ') };
}

const CLIENT_CLASSES: Readonly<Record<string, ClientClass>> = {
  normal: 'normal',
  slave: 'replica',
  replica: 'replica',
  pubsub: 'pubsub',
};

/** Only the classes that are named change. */
function readOutputBufferLimits(
  words: readonly string[],
  previous: OutputBufferLimits | undefined,
): Reading<OutputBufferLimits> {
  const given = words.filter((word) => word !== '');
  if (given.length % 4 !== 0) throw new ConfigError('Wrong number of arguments in buffer limit configuration.');
  const none: OutputBufferLimit = { hardBytes: 0, softBytes: 0, softSeconds: 0 };
  const limits: Record<ClientClass, OutputBufferLimit> = { normal: none, replica: none, pubsub: none, ...previous };
  for (let i = 0; i < given.length; i += 4) {
    const [name, hard, soft, seconds] = given.slice(i, i + 4) as [string, string, string, string];
    const clientClass = CLIENT_CLASSES[name.toLowerCase()];
    if (clientClass === undefined) {
      throw new ConfigError('Invalid client class specified in buffer limit configuration.');
    }
    const [hardBytes, softBytes] = [memoryBytes(hard), memoryBytes(soft)];
    if (hardBytes === undefined || softBytes === undefined || !/^\d+$/.test(seconds)) {
      throw new ConfigError('Error in hard, soft or soft_seconds setting in buffer limit configuration.');
    }
    limits[clientClass] = {
      hardBytes: Number(hardBytes),
      softBytes: Number(softBytes),
      softSeconds: Number(seconds),
    };
  }
  const text = (['normal', 'replica', 'pubsub'] as const)
    .map((clientClass) => {
      const { hardBytes, softBytes, softSeconds } = limits[clientClass];
      // The old word, which is what CONFIG GET still prints.
      return `${clientClass === 'replica' ? 'slave' : clientClass} ${hardBytes} ${softBytes} ${softSeconds}`;
    })
    .join(' ');
  return { value: limits, text };
}

/** `A` stands for these; misses (`m`) and new keys (`n`) are asked for by name. */
const ALL_EVENTS = 'g$lshzxetd';

/** The classes in Redis's own order, with `A` for all of what it stands for. */
function canonicalEventClasses(word: string): string {
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
  return events + others;
}

function readPercentiles(words: readonly string[]): Reading<readonly number[]> {
  const given = words.filter((word) => word !== '');
  const value = given.map((word) => {
    const number = Number(word);
    if (!Number.isFinite(number)) throw new ConfigError('Invalid latency-tracking-info-percentiles parameters');
    if (number < 0 || number > 100) {
      throw new ConfigError('latency-tracking-info-percentiles parameters should sit between [0.0,100.0]');
    }
    return Number(number.toPrecision(6));
  });
  return { value, text: value.join(' ') };
}

function readNumbers(
  { count, min, max }: { count: number; min: number; max: number },
  words: readonly string[],
): Reading<readonly number[]> {
  if (words.length !== count) throw new ConfigError('wrong number of arguments');
  const value = words.map((word) => {
    const number = Number(word);
    if (!/^-?\d+$/.test(word) || number < min || number > max) {
      throw new ConfigError(`Invalid oom-score-adj-values, elements must be between ${min} and ${max}.`);
    }
    return number;
  });
  return { value, text: value.join(' ') };
}
