/** One script that EVAL or SCRIPT LOAD brought: its name, its text, and what that says of itself. */

import type { ResumableFunction } from '../../lua/runtime/steps.js';
import type { LuaFunction } from '../../lua/runtime/value.js';
import type { Slice } from '../../memory/slice.js';
import * as errors from '../../protocol/errors.js';
import { Sha1 } from '../../text/sha1.js';
import { FLAG_NAMES, readShebang, ScriptFlag } from './script-flags.js';

/** What lets a script find global variables without their names: in a table of them, or in a text made up. */
const LOOKS_AROUND = /_G|load/;
const FLAGS_OPTION = 'flags=';
/** Digits of a script's name. */
export const NAME_LENGTH = 40;

export class Script {
  /** The SHA-1 of its text, as 40 hexadecimal digits. */
  readonly name: string;
  /** Bits of ScriptFlag. */
  flags: number = ScriptFlag.UNKNOWN;
  runs = 0;
  /** Scripts find nothing of what others, or they themselves, have left. */
  readonly keepsState = false;
  /** Null while it is not compiled: only those that ran of late are. */
  run: LuaFunction | null = null;
  /** The same as functions that can be suspended, if it had to be begun anew as such. */
  runInSteps: ResumableFunction | null = null;
  /** Its text may look at KEYS, at ARGV: others are spared the tables. */
  readsKeys = true;
  readsArguments = true;
  /** SCRIPT LOAD brought it, so that it stays. */
  isKept = false;

  constructor(
    /** Outside of V8's heap, where many scripts would be a burden. */
    readonly source: Slice,
    /** Of its text, for the cache. */
    readonly hash: number,
  ) {
    this.name = sha1(source.bytes, source.start, source.end);
  }

  /**
   * Reads the first line.
   * @param ignoredFlags flags that mean nothing here
   * @returns the text that is to be compiled: lines have the numbers that they have in the whole
   * @throws CommandError
   */
  readText(ignoredFlags: ReadonlySet<string>): string {
    const text = this.source.toLatin1();
    const looksAround = LOOKS_AROUND.test(text);
    this.readsKeys = looksAround || text.includes('KEYS');
    this.readsArguments = looksAround || text.includes('ARGV');
    const shebang = readShebang(text);
    if (shebang === null) return text;
    if (shebang === 'unfinished') throw errors.commandError('Invalid script shebang');
    if (shebang.words === null) throw errors.commandError('Invalid engine in script shebang');
    const [engine, ...options] = shebang.words;
    if (engine !== '#!lua') throw errors.commandError(`Unexpected engine in script shebang: ${engine}`);
    this.flags = 0;
    for (const option of options) {
      if (!option.startsWith(FLAGS_OPTION)) throw errors.commandError(`Unknown lua shebang option: ${option}`);
      this.flags |= readFlags(option.slice(FLAGS_OPTION.length), ignoredFlags);
    }
    return shebang.rest;
  }
}

function readFlags(list: string, ignored: ReadonlySet<string>): number {
  let flags = 0;
  for (const name of list === '' ? [] : list.split(',')) {
    if (ignored.has(name)) continue;
    const flag = FLAG_NAMES.get(name);
    if (flag === undefined) throw errors.commandError(`Unexpected flag in script shebang: ${name}`);
    flags |= flag;
  }
  return flags;
}

const digest = Buffer.alloc(20);
const hashing = new Sha1();

/** As hexadecimal digits. */
export function sha1(bytes: Uint8Array, start = 0, end = bytes.length): string {
  hashing.reset().update(bytes, start, end).digestInto(digest, 0);
  return digest.toString('hex');
}
