/**
 * A prefix before every key, so that several users share a database and none sees the others' keys.
 *
 * Where a command's keys are, its row tells (engine/command-keys.ts). Commands that name keys in other ways stand in
 * SPECIAL, those that name none and reach none in KEYLESS; all others are refused, those too that are yet to come:
 * nothing gets by because nobody thought of it. Scripts are refused, because nothing keeps them to the keys that they
 * name, and channels, because they have no prefix and events tell of keys.
 */

import type { KeySpec } from '../../engine/command.js';
import { findKeys } from '../../engine/command-keys.js';
import type { CommandTable, CompiledCommand } from '../../engine/command-table.js';
import { Args } from '../../protocol/args.js';
import { SYNTAX } from '../../protocol/errors.js';
import { readReply } from '../../protocol/reply-reader.js';
import { asItIs, commandOf, type Plan, type Runner, refused } from './plan.js';
import { type KeyPlaces, withoutPrefix } from './reply-keys.js';

/** Commands that reach no key: neither a value, nor a name, nor how many there are. */
const KEYLESS: ReadonlySet<string> = new Set([
  ...['ping', 'echo', 'select', 'quit', 'reset'],
  ...['client|getname', 'client|setname', 'client|id', 'client|info', 'client|setinfo', 'client|no-touch'],
  ...['client|getredir', 'client|trackinginfo'],
  ...['command', 'command|count', 'command|docs', 'command|info', 'command|list'],
  ...['command|getkeys', 'command|getkeysandflags'],
  ...['lastsave', 'lolwut', 'time', 'wait', 'waitaof'],
  ...['multi', 'exec', 'discard', 'unwatch'],
]);

/** Groups whose commands are refused, those with keys as well. */
const REFUSED_GROUPS: readonly string[] = ['scripting', 'pubsub'];

/** Where replies name keys. */
const REPLY_KEYS: Readonly<Record<string, KeyPlaces>> = {
  blpop: 'first',
  brpop: 'first',
  lmpop: 'first',
  blmpop: 'first',
  bzpopmin: 'first',
  bzpopmax: 'first',
  zmpop: 'first',
  bzmpop: 'first',
  xread: 'pairs',
  xreadgroup: 'pairs',
};

/** Keys of a walk that are looked at, and removed, at a time. */
const WALK_COUNT = 1000;
/** How often RANDOMKEY is asked, before all keys are looked at. */
const RANDOM_TRIES = 20;

type Special = (prefix: KeyPrefix, args: Args, fullName: string) => Plan;

const SPECIAL: Readonly<Record<string, Special>> = {
  keys: (prefix, args) =>
    prefix.runs(args, { changed: args.count === 2 ? [[1, prefix.pattern(args.buffer(1))]] : [], places: 'elements' }),
  scan: (prefix, args) => prefix.scan(args),
  sort: (prefix, args, name) => prefix.sort(args, name),
  sort_ro: (prefix, args, name) => prefix.sort(args, name),
  georadius: (prefix, args) => prefix.geoRadius(args, 6),
  georadiusbymember: (prefix, args) => prefix.geoRadius(args, 5),
  xreadgroup: (prefix, args) => prefix.readGroup(args),
  debug: (prefix, args, name) =>
    args.count === 3 && args.is(1, 'OBJECT') ? prefix.runs(args, { keys: [2] }) : prefix.refusal(name),
  randomkey: (prefix) => ({ kind: 'emulate', run: (runner) => prefix.randomKey(runner) }),
  dbsize: (prefix) => ({ kind: 'emulate', run: (runner) => prefix.size(runner) }),
  flushdb: (prefix, args) => prefix.flush(args, false),
  flushall: (prefix, args) => prefix.flush(args, true),
};

interface Change {
  /** Positions of arguments that get the prefix. */
  readonly keys?: readonly number[];
  /** Arguments that are replaced otherwise. */
  readonly changed?: readonly (readonly [number, Buffer])[];
  readonly places?: KeyPlaces | undefined;
}

export class KeyPrefix {
  readonly bytes: Buffer;
  /** The prefix as the beginning of a pattern, and what all its keys match. */
  private readonly globHead: Buffer;
  private readonly allKeys: Buffer;

  constructor(
    prefix: string,
    private readonly table: CommandTable,
  ) {
    this.bytes = Buffer.from(prefix);
    const escaped: number[] = [];
    for (const byte of this.bytes) {
      if (GLOB_BYTES.has(byte)) escaped.push(BACKSLASH);
      escaped.push(byte);
    }
    this.globHead = Buffer.from(escaped);
    this.allKeys = this.pattern(Buffer.from('*'));
  }

  /** What is to be done instead of running this command. The arguments stay as they are. */
  apply(args: Args): Plan {
    const command = commandOf(this.table, args);
    // What the engine does not know, or refuses for its number of arguments, it answers as always.
    if (command === null || !command.acceptsCount(args.count)) return asItIs(args);
    const { fullName, row } = command;
    if (REFUSED_GROUPS.includes(row.group) && row.name !== 'help') return this.refusal(fullName);
    const special = SPECIAL[fullName];
    if (special !== undefined) return special(this, args, fullName);
    if (row.keys !== undefined) return this.withKeys(command, row.keys, args);
    if (KEYLESS.has(fullName) || row.name === 'help' || row.subcommands !== undefined) return asItIs(args);
    return this.refusal(fullName);
  }

  private withKeys({ row, fullName }: CompiledCommand, specs: readonly KeySpec[], args: Args): Plan {
    if (specs.some(({ begin }) => 'unknown' in begin)) return this.refusal(fullName);
    const found = findKeys(row, args);
    const keys = found === null ? possibleKeys(specs, args) : found.map(({ at }) => at);
    return this.runs(args, { keys, places: REPLY_KEYS[fullName] });
  }

  // ---- What the special ones do

  scan(args: Args): Plan {
    const words = wordsOf(args);
    for (let i = 2; i + 1 < args.count; i += 2) if (args.is(i, 'MATCH')) words[i + 1] = this.pattern(words[i + 1]);
    // The last MATCH is the one that counts, so that this one is for when there is no other.
    words.splice(2, 0, MATCH, this.allKeys);
    return this.runs(Args.from(words), { places: 'second-elements' });
  }

  /** BY and GET name keys by patterns; without a `*` they name none. */
  sort(args: Args, name: string): Plan {
    const keys = [1];
    let hasPatterns = false;
    for (let i = 2; i < args.count - 1; i++) {
      if (args.is(i, 'LIMIT')) i += 2;
      else if (args.is(i, 'STORE')) keys.push(++i);
      else if (args.is(i, 'BY') || args.is(i, 'GET')) {
        if (!args.latin1(++i).includes('*')) continue;
        keys.push(i);
        hasPatterns = true;
      }
    }
    // The first star is where the element goes: it must not be one of the prefix.
    if (hasPatterns && this.bytes.includes('*')) return this.refusal(name);
    return this.runs(args, { keys });
  }

  /** The last STORE is the one that counts, where the key specification names the first. */
  geoRadius(args: Args, firstOption: number): Plan {
    const keys = [1];
    for (let i = firstOption; i < args.count - 1; i++) {
      if (args.is(i, 'COUNT')) i++;
      else if (args.is(i, 'STORE') || args.is(i, 'STOREDIST')) keys.push(++i);
    }
    return this.runs(args, { keys });
  }

  /** A group or a consumer may be called STREAMS, and then the key specification errs. */
  readGroup(args: Args): Plan {
    const keys: number[] = [];
    for (let i = 1; i < args.count; i++) {
      if (args.is(i, 'GROUP')) i += 2;
      else if (args.is(i, 'COUNT') || args.is(i, 'BLOCK')) i++;
      else if (args.is(i, 'STREAMS')) {
        const count = Math.ceil((args.count - i - 1) / 2);
        for (let key = i + 1; key <= i + count; key++) keys.push(key);
        break;
      }
    }
    return this.runs(args, { keys, places: 'pairs' });
  }

  randomKey(runner: Runner): Buffer {
    for (let tries = 0; tries < RANDOM_TRIES; tries++) {
      const reply = runner.run([this.nameOf('randomkey')], runner.database);
      if (reply[0] !== BULK || reply.equals(NULL_BULK)) return reply;
      const key = withoutPrefix(reply, 'whole', this.bytes);
      if (key !== reply) return key;
    }
    let chosen: Buffer | null = null;
    let count = 0;
    for (const keys of this.walk(runner, runner.database)) {
      for (const key of keys) if (runner.random.below(++count) === 0) chosen = key;
    }
    if (chosen === null) return runner.protocol === 3 ? NULL : NULL_BULK;
    const key = chosen.subarray(this.bytes.length);
    return Buffer.concat([Buffer.from(`$${key.length}\r\n`, 'latin1'), key, CRLF]);
  }

  size(runner: Runner): Buffer {
    let count = 0;
    for (const keys of this.walk(runner, runner.database)) count += keys.length;
    return Buffer.from(`:${count}\r\n`, 'latin1');
  }

  flush(args: Args, everywhere: boolean): Plan {
    if (args.count > 2 || (args.count === 2 && !args.is(1, 'ASYNC') && !args.is(1, 'SYNC'))) {
      return refused(SYNTAX.message);
    }
    const run = (runner: Runner): Buffer => {
      for (const database of everywhere ? runner.databases : [runner.database]) {
        for (const keys of this.walk(runner, database)) {
          const reply = keys.length === 0 ? OK : runner.run([this.nameOf('unlink'), ...keys], database);
          if (reply[0] === ERROR) return reply;
        }
      }
      return OK;
    };
    return { kind: 'emulate', run };
  }

  /** All keys that have the prefix, with it, some at a time. Those that were given may be removed meanwhile. */
  private *walk(runner: Runner, database: number): Generator<Buffer[]> {
    let cursor: Uint8Array = ZERO;
    do {
      const words = [this.nameOf('scan'), cursor, MATCH, this.allKeys, 'COUNT', String(WALK_COUNT)];
      const reply = readReply(runner.run(words, database), { buffers: true }) as [Buffer, Buffer[]];
      cursor = reply[0];
      yield reply[1];
    } while (!ZERO.equals(cursor));
  }

  // ---- Parts

  /** The pattern for keys with the prefix. */
  pattern(pattern: Buffer): Buffer {
    return Buffer.concat([this.globHead, pattern]);
  }

  /** Runs the command with changed arguments; an error or a reply names keys without the prefix. */
  runs(args: Args, { keys = [], changed = [], places }: Change): Plan {
    if (keys.length === 0 && changed.length === 0 && places === undefined) return asItIs(args);
    const words = wordsOf(args);
    for (const at of keys) words[at] = Buffer.concat([this.bytes, words[at]]);
    for (const [at, word] of changed) words[at] = word;
    const finish = (reply: Buffer): Buffer => {
      if (reply[0] === ERROR) return this.errorWithout(reply, args, keys);
      return places === undefined ? reply : withoutPrefix(reply, places, this.bytes);
    };
    return { kind: 'run', args: keys.length + changed.length === 0 ? args : Args.from(words), finish };
  }

  refusal(fullName: string): Plan {
    return refused(`NOPERM keys have a prefix here, to which '${fullName}' can't be kept`);
  }

  private errorWithout(reply: Buffer, args: Args, keys: readonly number[]): Buffer {
    const prefix = this.bytes.toString();
    let text = reply.toString();
    for (const at of keys) text = text.replace(`'${prefix}${args.text(at)}'`, () => `'${args.text(at)}'`);
    return Buffer.from(text);
  }

  /** What a command is called here: `rename-command` may have given it another name. */
  private nameOf(name: string): Buffer | string {
    return this.table.commands.find(({ row }) => row.name === name)?.upperName ?? name;
  }
}

const BACKSLASH = 0x5c;
const GLOB_BYTES: ReadonlySet<number> = new Set(Buffer.from('*?[]\\^-'));
const BULK = 0x24;
const ERROR = 0x2d;
const MATCH = Buffer.from('MATCH');
const ZERO = Buffer.from('0');
const CRLF = Buffer.from('\r\n');
const OK = Buffer.from('+OK\r\n');
const NULL = Buffer.from('_\r\n');
const NULL_BULK = Buffer.from('$-1\r\n');

function wordsOf(args: Args): Buffer[] {
  return Array.from({ length: args.count }, (_, i) => args.buffer(i));
}

/**
 * Arguments that don't fit the specifications get the prefix wherever a key could be: the command refuses them for
 * what is wrong with them, and were it to take them, its keys would have the prefix.
 */
function possibleKeys(specs: readonly KeySpec[], args: Args): number[] {
  const keys = new Set<number>();
  for (const { begin, find } of specs) {
    if (!('index' in begin)) continue;
    const first = begin.index + ('keyCountAt' in find ? find.firstKey : 0);
    const last = 'lastKey' in find && find.lastKey >= 0 ? first + find.lastKey : args.count - 1;
    for (let at = first; at <= Math.min(last, args.count - 1); at++) keys.add(at);
  }
  return [...keys];
}
