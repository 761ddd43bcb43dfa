/**
 * The engine runs commands: it finds the row, passes the gate, calls the handler, and afterwards settles memory,
 * propagates effects and serves who was waiting.
 *
 * One command of a client runs at a time, to its end: execute() must not be called from inside a handler, an observer
 * or a hook. A handler that runs others inside itself (EXEC) does so by runInside(). However a command comes to run,
 * invoke() runs it.
 */

import type { DataTypes } from '../keyspace/data-type.js';
import { EvictionVerdict } from '../keyspace/eviction.js';
import { Keyspace } from '../keyspace/keyspace.js';
import { isRefusedMemory } from '../memory/system-memory.js';
import type { Args } from '../protocol/args.js';
import * as errors from '../protocol/errors.js';
import { ReplyWriter } from '../protocol/reply-writer.js';
import { Blocking, type BlockingOwner, type WaitingCommand } from './blocking.js';
import { type BlockOptions, Call, type CallOwner } from './call.js';
import { type CallTimer, NO_TIMER } from './call-timer.js';
import { type Client, ClientGate } from './client.js';
import { ClientMemory } from './client-memory.js';
import { type Clock, NOT_TIMED, type Stopwatch } from './clock.js';
import type { CommandRow } from './command.js';
import { CommandFlag, CommandTable, type CompiledCommand } from './command-table.js';
import { Effects } from './effects.js';
import type { FeatureType } from './feature.js';
import { EngineGate, Gate, type GateOwner } from './gate.js';
import { type AfterCall, type AfterCommand, HookList, type Hooks } from './hooks.js';
import { LookAhead } from './look-ahead.js';
import type { Random } from './random.js';
import type { Server } from './server.js';

/** Arguments of more bytes may need more pages than every command finds. */
const LARGE_REQUEST = 16 * 1024;
/**
 * What blocks take at most, as a multiple of what was asked for; and what a small key or element takes beside its
 * bytes.
 */
const SIZE_CLASS_WASTE = 1.25;
const ELEMENT_OVERHEAD = 40;

export interface EngineOptions {
  commands: readonly CommandRow[];
  clock: Clock;
  random: Random;
  databases: number;
  types: DataTypes;
  /** Without one, nothing takes any time. */
  stopwatch?: Stopwatch;
  /** Called when something was thrown that is no reply, which is a bug. */
  onInternalError: (error: unknown, command: string) => void;
}

export class Engine implements CallOwner, BlockingOwner, GateOwner {
  readonly table: CommandTable;
  readonly clock: Clock;
  readonly stopwatch: Stopwatch;
  readonly random: Random;
  readonly keyspace: Keyspace;
  readonly reply = new ReplyWriter();
  readonly effects = new Effects();
  readonly blocking: Blocking;
  readonly lookAhead: LookAhead;
  /** Set by the server or test that embeds the engine, before the first command. */
  server!: Server;
  /** Bits of EngineGate: why every command is looked at. */
  gate = 0;
  timer: CallTimer = NO_TIMER;
  errorReplies = 0;
  readonly errorCounts = new Map<string, number>();

  /** Errors are counted: not those of what is repeated. */
  private isCounting = true;
  /** A key that somebody waits for is ready. */
  private areWaitersReady = false;
  private readonly checks: Gate;
  /** Bits of the gate while no key is evicted. */
  private keepsKeys: number = EngineGate.LOADING;
  private readonly afterCalls = new HookList<AfterCall['run']>();
  private readonly afterCommands = new HookList<AfterCommand['run']>();
  private readonly onRefusedExec: ((client: Client) => void)[] = [];
  private readonly onForget: ((client: Client) => void)[] = [];
  private readonly onGone: ((client: Client) => void)[] = [];
  private readonly beforeBytesLeave: (() => void)[] = [];
  private readonly features = new Map<unknown, unknown>();
  /** The one that was asked for last: MULTI and EXEC ask for theirs each time. */
  private recentType: unknown = null;
  private recentFeature: unknown = null;
  readonly clientMemory = new ClientMemory();
  /** Of clients' commands and of waiters': one runs at a time. */
  private readonly call: Call;
  /** Of commands that run beside another; made when there is one first. */
  private beside: Call | null = null;
  private readonly onInternalError: EngineOptions['onInternalError'];

  constructor(options: EngineOptions) {
    this.clock = options.clock;
    this.stopwatch = options.stopwatch ?? { microseconds: () => 0 };
    this.random = options.random;
    this.onInternalError = options.onInternalError;
    this.keyspace = new Keyspace(options);
    this.table = new CommandTable(options.commands);
    this.blocking = new Blocking(this);
    this.lookAhead = new LookAhead(this.keyspace, this.table);
    this.checks = new Gate(this);
    this.call = new Call(this);
    this.features.set(Engine, this);
    this.features.set(CommandTable, this.table);
    this.keyspace.arena.onExhausted = (exhausted) => this.setGate(EngineGate.OUT_OF_MEMORY, exhausted);
    this.keyspace.onRemoved = (db, key) => this.effects.emit(db.index, ['DEL', key]);
    this.keyspace.propagation = this.effects;
  }

  // ---- Running commands

  /** Runs one command of a client. The reply is in `reply`; a client that waits now has a `waiter` and no reply yet. */
  execute(client: Client, args: Args): void {
    this.reply.protocol = client.protocol;
    this.keyspace.beginCommand();
    const command = this.table.find(args, 0);
    if (
      command === null ||
      command.run === undefined ||
      !command.acceptsCount(args.count) ||
      (client.gate | this.gate) !== 0
    ) {
      this.executeCarefully(this.call, client, command, args);
      if (this.areWaitersReady) this.serveWaiters();
      return;
    }
    client.lastCommand = command;
    this.invoke(this.call, client, command, args, client.databaseIndex);
    if (this.areWaitersReady) this.serveWaiters();
  }

  /**
   * Runs a command inside the one of a call, for the same client unless another is given: its reply follows what the
   * outer one has written so far, and the time is the same. The outer command's call is untouched (see call.ts for what
   * else is not). It passes no gate: that is up to who calls this.
   */
  runInside(outer: Call, command: CompiledCommand, args: Args, client = outer.client): void {
    outer.inner ??= new Call(this);
    this.invoke(outer.inner, client, command, args, client.databaseIndex);
    if (this.afterCalls.concerns(client.gate, this.gate)) this.afterCall(client, command, args, client.gate, this.gate);
  }

  /** Runs once more what has run inside of a call already, for its reply: none of it is counted or shown again. */
  repeatInside(outer: Call, command: CompiledCommand, args: Args, client: Client): void {
    outer.inner ??= new Call(this);
    const { keyspace } = this;
    const { hits, misses } = keyspace;
    const { failedCalls } = command;
    this.isCounting = false;
    this.run(outer.inner, client, command, args, client.databaseIndex);
    this.isCounting = true;
    command.failedCalls = failedCalls;
    keyspace.hits = hits;
    keyspace.misses = misses;
  }

  /**
   * Runs a command of another client while one runs that takes very long, and returns the encoded reply. The gate has
   * to keep out all that touches data: time stands still, and nobody is served.
   */
  executeBeside(client: Client, args: Args): Buffer {
    this.beside ??= new Call(this);
    const call = this.beside;
    return this.encodeAside(client, () => this.executeCarefully(call, client, this.table.find(args, 0), args));
  }

  /**
   * Runs the command once more of a client that waits, and returns its encoded reply; nothing if it goes on waiting.
   * @param begunAt when it began, if this goes on with it
   */
  runWaiter({ client, command, args, databaseIndex }: WaitingCommand, begunAt?: number): Buffer {
    // It came from a call, and every command that is called is of the table.
    const compiled = command as CompiledCommand;
    return this.encodeAside(client, (reply) => {
      const start = reply.mark();
      const startedAt = this.timer.startWaiter();
      this.call.startedAt = NOT_TIMED;
      this.run(this.call, client, compiled, args, databaseIndex);
      if (reply.length > start) this.timer.stopWaiter(client, compiled, args, begunAt ?? startedAt);
    });
  }

  /** Bytes for a client other than the one whose command runs, in its protocol. */
  encodeAside(client: Client, write: (reply: ReplyWriter) => void): Buffer {
    const reply = this.reply;
    const protocol = reply.protocol;
    const start = reply.mark();
    reply.protocol = client.protocol;
    try {
      write(reply);
      return reply.take(start);
    } finally {
      reply.protocol = protocol;
    }
  }

  /** The command that runs has more to do than its calls mostly have: it is timed by itself from here on. */
  takesLong(call: Call): void {
    if (call.startedAt === NOT_TIMED) call.startedAt = this.timer.leave(call.command as CompiledCommand);
  }

  block(call: Call, options: BlockOptions): void {
    this.blocking.block(call, options);
  }

  /** Somebody waits for a key that may be ready now. */
  waitersReady(): void {
    this.areWaitersReady = true;
  }

  // ---- Features

  /** What there is one of in each engine, by its class; made when it is first asked for. */
  feature<T>(type: FeatureType<T>): T {
    if (type === this.recentType) return this.recentFeature as T;
    let feature = this.features.get(type) as T | undefined;
    if (feature === undefined) {
      feature = new (type as new (engine: Engine) => T)(this);
      this.features.set(type, feature);
    }
    this.recentType = type;
    this.recentFeature = feature;
    return feature;
  }

  register(hooks: Hooks): void {
    const {
      gate = [],
      afterCall,
      afterCommand,
      keepsKeys = 0,
      onRefusedExec,
      onForget,
      onGone,
      beforeBytesLeave,
    } = hooks;
    this.checks.add(gate);
    this.keepsKeys |= keepsKeys;
    if (afterCall !== undefined) this.afterCalls.add(afterCall);
    if (afterCommand !== undefined) this.afterCommands.add(afterCommand);
    if (onRefusedExec !== undefined) this.onRefusedExec.push(onRefusedExec);
    if (onForget !== undefined) this.onForget.push(onForget);
    if (onGone !== undefined) this.onGone.push(onGone);
    if (beforeBytesLeave !== undefined) this.beforeBytesLeave.push(beforeBytesLeave);
  }

  /** Sets or clears bits of the gate. */
  setGate(bits: number, isSet: boolean): void {
    if (isSet) this.gate |= bits;
    else this.gate &= ~bits;
  }

  /** Called before replies and messages go to the network, mostly a turn's all at once, or to a caller in process. */
  bytesLeave(): void {
    for (let i = 0; i < this.beforeBytesLeave.length; i++) this.beforeBytesLeave[i]();
  }

  /** A client is gone, for whatever reason. */
  disconnect(client: Client): void {
    this.blocking.cancel(client);
    for (const hook of this.onGone) hook(client);
    this.forget(client);
  }

  /** The client has no transaction and no subscription, watches nothing and is no monitor. */
  forget(client: Client): void {
    for (const hook of this.onForget) hook(client);
  }

  // ---- Memory

  /** Bytes of data beyond which keys are evicted, or else commands that may need more are refused; 0 sets no limit. */
  limitMemory(bytes: number): void {
    this.keyspace.eviction.limit(bytes);
    this.setGate(EngineGate.MEMORY_LIMIT, bytes !== 0);
  }

  /** Evicts keys if the data takes too much: a bounded number, outside of commands. */
  makeRoom(): EvictionVerdict {
    // Where nothing may change, nobody is refused memory.
    const limited = (this.gate & (EngineGate.MEMORY_LIMIT | this.keepsKeys)) === EngineGate.MEMORY_LIMIT;
    return limited ? this.keyspace.eviction.makeRoom() : EvictionVerdict.ENOUGH;
  }

  /** An error was answered, or given to a script. */
  countError(code: string): void {
    if (!this.isCounting) return;
    this.errorReplies++;
    this.errorCounts.set(code, (this.errorCounts.get(code) ?? 0) + 1);
  }

  /** CONFIG RESETSTAT: every counter starts anew. */
  resetStatistics(): void {
    this.errorReplies = 0;
    this.errorCounts.clear();
    this.keyspace.hits = 0;
    this.keyspace.misses = 0;
    this.keyspace.expiredKeys = 0;
    this.keyspace.expiredElements = 0;
    this.keyspace.evictedKeys = 0;
    this.keyspace.eviction.resetStatistics();
    this.table.resetStatistics();
    this.timer.resetStatistics();
  }

  // ---- Inside

  /** The one way to run a command: of a client, inside of another command, of a script. */
  private invoke(call: Call, client: Client, command: CompiledCommand, args: Args, databaseIndex: number): void {
    const { timer } = this;
    call.startedAt = command.interval === timer.interval ? NOT_TIMED : timer.meet(command);
    this.run(call, client, command, args, databaseIndex);
    command.calls++;
    if (call.startedAt !== NOT_TIMED) timer.stop(client, command, args, call.startedAt);
  }

  /** invoke() without counting and timing, which are done once for a command that waits and runs again. */
  private run(call: Call, client: Client, command: CompiledCommand, args: Args, databaseIndex: number): void {
    const { keyspace, effects, reply } = this;
    const start = reply.mark();
    const dirtyBefore = keyspace.dirty;
    call.args = args;
    call.client = client;
    call.command = command;
    call.db = keyspace.databases[databaseIndex];
    try {
      reply.prepare();
      if ((command.flags & CommandFlag.DENY_OOM) !== 0) this.askMemory(args);
      (command.run as (call: Call) => void)(call);
    } catch (error) {
      call.replacement = null;
      command.failedCalls++;
      this.fail(error, command.fullName, start);
    }
    if (effects.active) {
      effects.propagate(databaseIndex, args, keyspace.dirty !== dirtyBefore, call.replacement);
      call.replacement = null;
    }
    keyspace.arena.settle();
  }

  /**
   * Whether a command that may need memory will find it. The gate has asked the same of most, but not of one in EXEC or
   * of a waiter's, before which others may have taken the last.
   */
  private askMemory(args: Args): void {
    if ((this.gate & EngineGate.OUT_OF_MEMORY) !== 0) throw errors.OOM;
    const { extent } = args;
    if (extent > LARGE_REQUEST) this.keyspace.arena.reserve(extent * SIZE_CLASS_WASTE + args.count * ELEMENT_OVERHEAD);
  }

  /** execute() where not everything is as it mostly is: subcommands, errors, gates, hooks. */
  private executeCarefully(call: Call, client: Client, found: CompiledCommand | null, args: Args): void {
    const from = this.reply.mark();
    const clientBits = client.gate;
    const engineBits = this.gate;
    const command = this.admit(client, found, args);
    if (command !== null) {
      client.lastCommand = command;
      const { leavesNoTrace } = this.keyspace;
      this.keyspace.leavesNoTrace = (clientBits & ClientGate.NO_TOUCH) !== 0;
      this.invoke(call, client, command, args, client.databaseIndex);
      this.keyspace.leavesNoTrace = leavesNoTrace;
      if (this.afterCalls.concerns(clientBits, engineBits)) {
        this.afterCall(client, command, args, clientBits, engineBits);
      }
    } else if (engineBits !== 0) {
      // The gate may have evicted keys.
      this.keyspace.arena.settle();
    }
    if (this.afterCommands.concerns(clientBits | client.gate, this.gate)) this.afterCommand(client, clientBits, from);
  }

  /** The command that is to run; null if it was refused, with the reply, or taken over. */
  private admit(client: Client, found: CompiledCommand | null, args: Args): CompiledCommand | null {
    const from = this.reply.mark();
    let command = found;
    let isResolved = false;
    try {
      if (command === null || command.run === undefined || !command.acceptsCount(args.count)) {
        command = this.resolve(client, command, args);
      }
      isResolved = true;
      return (client.gate | this.gate) !== 0 && this.checks.takes(client, command, args, this.gate) ? null : command;
    } catch (error) {
      if (isResolved && command !== null) command.rejectedCalls++;
      this.fail(this.refusalOf(client, command, error), command?.fullName ?? '', from);
      if (error === errors.HTTP_REQUEST && client.closing) this.reply.rewind(from);
      return null;
    }
  }

  /** The answer to a command that was refused before it could run; what that means for the client's transaction. */
  private refusalOf(client: Client, command: CompiledCommand | null, error: unknown): unknown {
    if (command === null || (command.flags & CommandFlag.RUNS_QUEUE) === 0 || !(error instanceof errors.CommandError)) {
      client.transaction?.abort();
      return error;
    }
    for (const hook of this.onRefusedExec) hook(client);
    return errors.execAborted(error);
  }

  /** What find() could not settle: subcommands, unknown names, arity. */
  private resolve(client: Client, command: CompiledCommand | null, args: Args): CompiledCommand {
    // A web page can make its browser send HTTP to any port. The lines of its body would be commands, so none of them
    // may run.
    if (command === null && (args.is(0, 'POST') || args.is(0, 'HOST:'))) {
      client.sink.close(false);
      throw errors.HTTP_REQUEST;
    }
    if (command === null) throw errors.unknownCommand(args.latin1(0), restOf(args));
    if (command.subcommands !== null && args.count > 1) {
      const subcommand = command.subcommands.find(args, 1);
      if (subcommand === null) {
        throw errors.unknownSubcommand(args.latin1(1), args.latin1(0));
      }
      command = subcommand;
    }
    if (!command.acceptsCount(args.count) || command.run === undefined) {
      command.rejectedCalls++;
      throw errors.wrongArity(command.fullName);
    }
    return command;
  }

  private afterCall(
    client: Client,
    command: CompiledCommand,
    args: Args,
    clientBits: number,
    engineBits: number,
  ): void {
    for (const hook of this.afterCalls.hooks) {
      if ((hook.client & clientBits) !== 0 || (hook.engine & engineBits) !== 0) hook.run(client, command, args);
    }
  }

  /** `clientBits`: those of the client's gate when the command began. The command may have set others. */
  private afterCommand(client: Client, clientBits: number, from: number): void {
    for (const hook of this.afterCommands.hooks) {
      if ((hook.client & (clientBits | client.gate)) !== 0 || (hook.engine & this.gate) !== 0) hook.run(client, from);
    }
  }

  private serveWaiters(): void {
    this.areWaitersReady = false;
    // The command may have taken long: what has expired by now serves nobody.
    this.keyspace.beginCommand();
    this.blocking.serve();
  }

  /** What was written of the reply is taken back, and the error is the reply. */
  private fail(error: unknown, command: string, from: number): void {
    this.reply.rewind(from);
    let answer: errors.CommandError;
    if (error instanceof errors.CommandError) {
      answer = error;
    } else if (isRefusedMemory(error)) {
      answer = errors.OOM;
    } else {
      answer = errors.INTERNAL;
      this.onInternalError(error, command);
    }
    this.countError(answer.code);
    this.reply.error(answer);
  }
}

function* restOf(args: Args): Generator<string> {
  for (let i = 1; i < args.count; i++) yield args.latin1(i);
}
