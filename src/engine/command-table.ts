/**
 * The commands by name. Names are found from the bytes of a request, in any case, without making a string of them.
 */

import type { Args } from '../protocol/args.js';
import type { CommandRow, Flag, Handler, Trait } from './command.js';
import type { LatencyHistogram } from './latency-histogram.js';
import type { RunningCommand } from './running-command.js';

/** Flags as bits, for the gate. */
export const CommandFlag = {
  WRITE: 1,
  DENY_OOM: 2,
  NO_AUTH: 4,
  LOADING: 8,
  BLOCKING: 16,
  NO_MULTI: 32,
  ADMIN: 64,
  READONLY: 128,
  FAST: 256,
  SKIP_SLOWLOG: 512,
  SKIP_MONITOR: 1024,
  // Traits, which are none of Redis's flags.
  RUNS_IN_MULTI: 2048,
  ENDS_MULTI: 4096,
  RUNS_QUEUE: 8192,
  MAY_REPLICATE: 16384,
  FOR_SUBSCRIBERS: 32768,
  // What is asked of commands that a script runs, or that come while one runs.
  NO_SCRIPT: 65536,
  ALLOW_BUSY: 131072,
} as const;

const FLAG_BITS: Partial<Record<Flag, number>> = {
  write: CommandFlag.WRITE,
  denyoom: CommandFlag.DENY_OOM,
  no_auth: CommandFlag.NO_AUTH,
  loading: CommandFlag.LOADING,
  blocking: CommandFlag.BLOCKING,
  no_multi: CommandFlag.NO_MULTI,
  admin: CommandFlag.ADMIN,
  readonly: CommandFlag.READONLY,
  fast: CommandFlag.FAST,
  skip_slowlog: CommandFlag.SKIP_SLOWLOG,
  skip_monitor: CommandFlag.SKIP_MONITOR,
  noscript: CommandFlag.NO_SCRIPT,
  allow_busy: CommandFlag.ALLOW_BUSY,
};

const TRAIT_BITS: Record<Trait, number> = {
  'runs-in-multi': CommandFlag.RUNS_IN_MULTI,
  'ends-multi': CommandFlag.ENDS_MULTI,
  'runs-queue': CommandFlag.RUNS_QUEUE,
  'may-replicate': CommandFlag.MAY_REPLICATE,
  'for-subscribers': CommandFlag.FOR_SUBSCRIBERS,
};

function bitsOf({ flags, traits = [] }: CommandRow): number {
  return traits.reduce(
    (bits, trait) => bits | TRAIT_BITS[trait],
    flags.reduce((bits, flag) => bits | (FLAG_BITS[flag] ?? 0), 0),
  );
}

/** A row made ready for dispatch, with what is counted of it. */
export class CompiledCommand implements RunningCommand {
  /** `get`, of a subcommand `client|id`. */
  readonly fullName: string;
  readonly name: string;
  readonly arity: number;
  readonly flags: number;
  readonly run: Handler | undefined;
  readonly subcommands: CommandTable | null;
  /** By what requests find it: the row's name unless `rename-command` says otherwise. */
  upperName: Buffer;
  calls = 0;
  rejectedCalls = 0;
  failedCalls = 0;
  /** What those calls took that were timed, or stand for others; see timing.ts. */
  microseconds = 0;
  timedCalls = 0;
  settledCalls = 0;
  histogram: LatencyHistogram | null = null;
  /**
   * Takes about the same time at every call, so that calls may be timed together: `fast`, or O(1) as SET is, or one
   * whose row says so.
   */
  readonly isBrief: boolean;
  /** The interval of timing that it joined last; one that is not brief never does. */
  interval = 0;

  constructor(
    readonly row: CommandRow,
    readonly parent: CompiledCommand | null = null,
  ) {
    this.fullName = parent === null ? row.name : `${parent.fullName}|${row.name}`;
    // A container that also runs by itself (COMMAND) does so without arguments only: any go to a subcommand.
    this.arity = row.subcommands !== undefined && row.run !== undefined ? 1 : row.arity;
    this.name = row.name;
    this.flags = bitsOf(row);
    this.isBrief =
      (this.flags & CommandFlag.FAST) !== 0 || row.complexity.startsWith('O(1)') || row.isMostlyBrief === true;
    this.run = row.run;
    this.upperName = Buffer.from(row.name.toUpperCase(), 'latin1');
    this.subcommands = row.subcommands === undefined ? null : new CommandTable(row.subcommands, this);
  }

  /** Calls for each one that was timed: about 1, unless most came in long pipelines. */
  get callsPerTimed(): number {
    return this.timedCalls === 0 ? 1 : this.calls / this.timedCalls;
  }

  acceptsCount(count: number): boolean {
    return this.arity >= 0 ? count === this.arity : count >= -this.arity;
  }
}

/** Buckets for each command of a table, about. */
const SPARSENESS = 4;
const NO_COMMANDS: readonly CompiledCommand[] = [];

export class CommandTable {
  commands: readonly CompiledCommand[];
  private readonly buckets: (readonly CompiledCommand[])[];
  private readonly byName = new Map<string, CompiledCommand>();
  /** Pipelines repeat themselves: the last command found is tried first. */
  private last: CompiledCommand;

  constructor(rows: readonly CommandRow[], parent: CompiledCommand | null = null) {
    this.commands = rows.map((row) => new CompiledCommand(row, parent));
    this.buckets = new Array(2 ** Math.ceil(Math.log2(rows.length * SPARSENESS))).fill(NO_COMMANDS);
    for (const command of this.commands) {
      if (this.byName.has(command.row.name)) throw new Error(`two commands are named ${command.fullName}`);
      this.enter(command, command.row.name);
    }
    this.last = this.commands[0];
  }

  private enter(command: CompiledCommand, name: string): void {
    this.byName.set(name, command);
    command.upperName = Buffer.from(name.toUpperCase(), 'latin1');
    const bucket = this.bucketOf(command.upperName, 0, command.upperName.length);
    this.buckets[bucket] = [...this.buckets[bucket], command];
  }

  /**
   * `rename-command`: from now on a command is found by another name, or with an empty one by none. What is said of it
   * (COMMAND, INFO commandstats, errors) keeps its own name, as in Redis. A command that is not here stays away.
   */
  rename(from: string, to: string): void {
    const command = this.byName.get(from);
    if (command === undefined) return;
    this.byName.delete(from);
    const bucket = this.bucketOf(command.upperName, 0, command.upperName.length);
    this.buckets[bucket] = this.buckets[bucket].filter((each) => each !== command);
    if (to !== '') this.enter(command, to);
    else this.commands = this.commands.filter((each) => each !== command);
    if (this.last === command) this.last = this.commands[0];
  }

  /** `get`; a subcommand as `client|id`. Lower case. */
  named(name: string): CompiledCommand | undefined {
    const bar = name.indexOf('|');
    if (bar < 0) return this.byName.get(name);
    return this.byName.get(name.slice(0, bar))?.subcommands?.named(name.slice(bar + 1));
  }

  /** Calls of all commands, subcommands too. */
  get calls(): number {
    return this.commands.reduce((sum, command) => sum + command.calls + (command.subcommands?.calls ?? 0), 0);
  }

  resetStatistics(): void {
    for (const command of this.commands) {
      command.calls = 0;
      command.rejectedCalls = 0;
      command.failedCalls = 0;
      command.microseconds = 0;
      command.timedCalls = 0;
      command.settledCalls = 0;
      command.histogram = null;
      command.subcommands?.resetStatistics();
    }
  }

  /** The command that argument `index` names, or null. */
  find(args: Args, index: number): CompiledCommand | null {
    const bytes = args.bytes;
    const start = args.starts[index];
    const length = args.ends[index] - start;
    if (length === 0) return null;
    if (isNamed(this.last, bytes, start, length)) return this.last;
    const bucket = this.buckets[this.bucketOf(bytes, start, length)];
    for (let i = 0; i < bucket.length; i++) {
      if (isNamed(bucket[i], bytes, start, length)) {
        this.last = bucket[i];
        return this.last;
      }
    }
    return null;
  }

  /** From the length, the first, the middle and the last letter, whatever their case. */
  private bucketOf(bytes: Buffer, start: number, length: number): number {
    const first = bytes[start] & 0x1f;
    const middle = bytes[start + (length >> 1)] & 0x1f;
    const last = bytes[start + length - 1] & 0x1f;
    return (first * 67 + middle * 31 + last * 7 + length * 131) & (this.buckets.length - 1);
  }
}

function isNamed(command: CompiledCommand, bytes: Buffer, start: number, length: number): boolean {
  const name = command.upperName;
  if (name.length !== length) return false;
  for (let i = 0; i < length; i++) {
    let byte = bytes[start + i];
    if (byte >= 0x61 && byte <= 0x7a) byte -= 0x20;
    if (byte !== name[i]) return false;
  }
  return true;
}

/** All commands of a table, subcommands after their container. */
export function* everyCommand(table: CommandTable): Generator<CompiledCommand> {
  for (const each of table.commands) {
    yield each;
    if (each.subcommands !== null) yield* everyCommand(each.subcommands);
  }
}
