/**
 * The commands that the script which runs calls: as whom it sends them, and what it may do.
 *
 * - They run inside the one that began it (Engine.runInside): they have its time, and their effects are one
 *   transaction. Nobody waits inside, and who waits is served afterwards.
 * - They are sent by a client of their own, so that SELECT and the protocol that a script chooses end with it.
 * - What the gate asks of commands is asked here of those that a script calls, in Redis's words.
 */

import type { Call } from '../../engine/call.js';
import { Client } from '../../engine/client.js';
import { CommandFlag, type CompiledCommand } from '../../engine/command-table.js';
import type { Engine } from '../../engine/engine.js';
import { EngineGate } from '../../engine/gate.js';
import { EvictionVerdict } from '../../keyspace/eviction.js';
import type { Value } from '../../lua/runtime/value.js';
import * as errors from '../../protocol/errors.js';
import { SAVE_FAILED } from '../persistence/save-failed.js';
import { CommandArguments } from './command-arguments.js';
import { errorTable, ReplyValues } from './reply-values.js';
import { placedError } from './script-errors.js';
import { ScriptFlag } from './script-flags.js';
import { makeStackCheck } from './stack-room.js';

/** Commands take so long that Lua's own count of steps would look too seldom. */
const COMMANDS_PER_POLL = 200;
/** Each name can be written in many ways, of which programs have one or two. */
const MOST_NAMES = 1000;
/** Of a longer one V8 may keep the text that it was cut from. */
const LONGEST_NAME = 12;
/** What neither reads nor writes data, and nobody hears of. */
const UNNOTICED = new Set(['echo', 'ping', 'select', 'time']);

export class ScriptCommands {
  readonly client: Client;
  /** The call of the command that began the script which runs. */
  outer: Call | null = null;
  /** The script has called a command that writes: nothing stops it half way from here on. */
  hasWritten = false;
  /** Nobody has noticed anything of it: it can be begun anew. */
  isUnnoticed = false;
  /** It may not write. */
  private isReadOnly = false;
  /** It may write although there is too much data. */
  private ignoresMemory = false;
  private isOutOfMemory = false;
  /** Commands that it has called so far, and how many it had called before it was begun anew: those are repeated. */
  private count = 0;
  private countBefore = 0;
  private isRepeating = false;
  private commandsToPoll = COMMANDS_PER_POLL;
  private readonly arguments = new CommandArguments();
  /** What was named last, as in a loop. */
  private recentName: Value;
  private recent: CompiledCommand | null = null;
  /** By what scripts call them: to look names up by their bytes took 3 % of what a server does for BullMQ. */
  private readonly commands = new Map<Value, CompiledCommand>();
  private readonly values = new ReplyValues();
  private readonly checkStack = makeStackCheck();

  constructor(
    private readonly engine: Engine,
    private readonly poll: () => void,
  ) {
    this.client = new Client(0, NOBODY, engine.clock.now(), false);
    this.client.isScript = true;
  }

  /** A script of somebody's begins. @throws CommandError if it says that it is going to do what it may not */
  begin(sender: Client, flags: number, isReadOnly: boolean, canBeginAgain: boolean): void {
    this.prepare(flags, isReadOnly);
    this.takeOver(sender);
    this.isUnnoticed = canBeginAgain;
    this.count = 0;
    this.countBefore = 0;
    this.isRepeating = false;
  }

  /** The script is begun anew: what it has called so far it calls once more. */
  beginAgain(sender: Client): void {
    this.takeOver(sender);
    this.isUnnoticed = false;
    this.countBefore = this.count;
    this.count = 0;
  }

  /** The script has ended, or stopped. */
  end(): void {
    this.outer = null;
    this.recentName = undefined;
    this.recent = null;
    this.arguments.release();
  }

  private takeOver({ databaseIndex }: Client): void {
    this.client.databaseIndex = databaseIndex;
    this.client.protocol = 2;
  }

  private prepare(flags: number, isReadOnly: boolean): void {
    const { engine } = this;
    const { gate } = engine;
    this.hasWritten = false;
    this.isReadOnly = isReadOnly || (flags & ScriptFlag.NO_WRITES) !== 0;
    this.ignoresMemory = (flags & ScriptFlag.ALLOW_OOM) !== 0;
    // The gate has made room for the command that began the script, as far as that goes.
    this.isOutOfMemory = (gate & EngineGate.MEMORY_LIMIT) !== 0 && engine.makeRoom() === EvictionVerdict.NONE;
    if ((flags & (ScriptFlag.UNKNOWN | ScriptFlag.NO_WRITES)) !== 0) return;
    if (isReadOnly) throw errors.SCRIPT_WRITES;
    if (this.isOutOfMemory && !this.ignoresMemory) throw errors.OOM;
    if ((gate & SAVE_FAILED) !== 0) throw errors.MISCONF;
  }

  /** redis.call() and redis.pcall(), which gives what the other one throws. */
  run(values: readonly Value[], isProtected: boolean): Value {
    this.checkStack();
    const { engine } = this;
    const { reply } = engine;
    if (--this.commandsToPoll < 0) {
      this.commandsToPoll = COMMANDS_PER_POLL;
      this.poll();
    }
    this.isRepeating = this.count++ < this.countBefore;
    if (values.length === 0) return this.refuse(errors.SCRIPT_NO_ARGUMENTS, isProtected);
    const { args } = this.arguments;
    if (!this.arguments.fill(values)) return this.refuse(errors.SCRIPT_ARGUMENT_TYPE, isProtected);
    const { client } = this;
    const mark = reply.mark();
    let command = this.named(values[0]);
    if (command !== null && command.subcommands !== null && args.count > 1) command = command.subcommands.find(args, 1);
    const objection = this.objectionTo(command, args.count);
    if (objection !== null) {
      if (command !== null && !this.isRepeating) command.rejectedCalls++;
      return this.refuse(objection, isProtected);
    }
    const found = command as CompiledCommand;
    if ((found.flags & CommandFlag.READONLY) === 0) this.willBeNoticed(found);
    reply.protocol = client.protocol;
    if (this.isRepeating) engine.repeatInside(this.outer as Call, found, args, client);
    else engine.runInside(this.outer as Call, found, args, client);
    const value = this.values.read(reply, mark);
    reply.rewind(mark);
    if (this.values.isError && !isProtected) throw placedError(value);
    return value;
  }

  private willBeNoticed({ flags, name }: CompiledCommand): void {
    if ((flags & CommandFlag.WRITE) !== 0) this.hasWritten = true;
    if (this.isUnnoticed && !UNNOTICED.has(name)) this.isUnnoticed = false;
  }

  /** redis.log(): a line can't be taken back. */
  logged(): void {
    this.isUnnoticed = false;
  }

  /** redis.acl_check_cmd(): every user may run every command that there is. */
  check(values: readonly Value[]): Value {
    this.isRepeating = this.count++ < this.countBefore;
    if (values.length === 0) return this.refuse(errors.SCRIPT_NO_ARGUMENTS, false);
    if (!this.arguments.fill(values)) return this.refuse(errors.SCRIPT_ARGUMENT_TYPE, false);
    return this.named(values[0]) !== null || this.refuse(errors.SCRIPT_INVALID_COMMAND, false);
  }

  /** The command that the arguments name, of which this is the first. */
  private named(name: Value): CompiledCommand | null {
    if (name !== this.recentName) {
      this.recentName = name;
      this.recent = this.commands.get(name) ?? this.lookUp(name);
    }
    return this.recent;
  }

  private lookUp(name: Value): CompiledCommand | null {
    const command = this.engine.table.find(this.arguments.args, 0);
    const isShort = typeof name === 'string' && name.length <= LONGEST_NAME;
    if (command !== null && isShort && this.commands.size < MOST_NAMES) this.commands.set(name, command);
    return command;
  }

  private objectionTo(command: CompiledCommand | null, count: number): errors.CommandError | null {
    if (command === null) return errors.SCRIPT_UNKNOWN_COMMAND;
    const { flags } = command;
    if (command.run === undefined || !command.acceptsCount(count)) return errors.SCRIPT_ARITY;
    if ((flags & CommandFlag.NO_SCRIPT) !== 0) return errors.SCRIPT_DENIED_COMMAND;
    if ((flags & CommandFlag.WRITE) !== 0) {
      if (this.isReadOnly) return errors.SCRIPT_READ_ONLY;
      if ((this.engine.gate & SAVE_FAILED) !== 0 && !this.hasWritten) return errors.MISCONF;
    }
    const isRefusable = this.isOutOfMemory && !this.ignoresMemory && !this.hasWritten;
    return isRefusable && (flags & CommandFlag.DENY_OOM) !== 0 ? errors.OOM : null;
  }

  /** An error of redis.call() itself: thrown, or as a value. */
  private refuse(error: errors.CommandError, isProtected: boolean): Value {
    if (!this.isRepeating) this.engine.countError(error.code);
    const value = errorTable(error.message);
    if (isProtected) return value;
    throw placedError(value);
  }
}

/** Nothing is sent to a script but the replies of its commands. */
const NOBODY = { send() {}, unblocked() {}, close() {}, facts: () => null };
