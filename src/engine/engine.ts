/**
 * The engine runs commands: it finds the row, passes the gate, calls the handler, and afterwards settles memory,
 * propagates effects and serves who was waiting.
 *
 * One command runs at a time, to its end. execute() must not be called from inside a handler or an observer.
 */

import { Room } from '../keyspace/eviction.js';
import { Keyspace } from '../keyspace/keyspace.js';
import { OutOfMemoryError } from '../memory/arena.js';
import type { Args } from '../protocol/args.js';
import * as errors from '../protocol/errors.js';
import { ReplyWriter } from '../protocol/reply-writer.js';
import { Blocking } from './blocking.js';
import { Call } from './call.js';
import { type Client, ClientGate, ReplyMode } from './client.js';
import type { Clock, Stopwatch } from './clock.js';
import type { CommandRow } from './command.js';
import { CommandFlag, CommandTable, type CompiledCommand } from './command-table.js';
import { Effects } from './effects.js';
import type { Host } from './host.js';
import { Monitors } from './monitors.js';
import { Pause } from './pause.js';
import type { Random } from './random.js';
import { NOT_TIMED, Timing } from './timing.js';
import { Transactions } from './transactions.js';

/** Why the gate must look at every command. */
export const EngineGate = {
  LOADING: 1,
  /** The last save failed and stop-writes-on-bgsave-error is on. */
  SAVE_FAILED: 2,
  /** The system refuses memory: what would use more is refused in front, so that no write fails halfway. */
  OUT_OF_MEMORY: 4,
  /** `maxmemory` is set: keys may have to go in front of a command. */
  MEMORY_LIMIT: 8,
  /** Somebody uses MONITOR. */
  MONITORED: 16,
  /** CLIENT PAUSE holds commands back. */
  PAUSED: 32,
} as const;

/** What is left to do behind a command: one test while it is nothing. */
const Remaining = {
  /** A key that somebody waits for is ready. */
  WAITERS: 1,
  /** Monitors are to see the command. */
  MONITORS: 4,
  /** Lookups leave no trace of use: CLIENT NO-TOUCH holds for this command. */
  NO_TOUCH: 8,
  /** A call said takesLong() and is being timed. */
  TIMED: 16,
} as const;

export interface EngineOptions {
  commands: readonly CommandRow[];
  clock: Clock;
  random: Random;
  databases: number;
  /** Without one, nothing takes any time. */
  stopwatch?: Stopwatch;
  /** Told of a bug: something was thrown that is no reply. */
  onInternalError: (error: unknown, command: string) => void;
}

export class Engine {
  readonly table: CommandTable;
  readonly clock: Clock;
  readonly random: Random;
  readonly keyspace: Keyspace;
  readonly reply = new ReplyWriter();
  readonly effects = new Effects();
  readonly blocking: Blocking;
  readonly pause: Pause;
  readonly timing: Timing;
  readonly transactions: Transactions;
  readonly monitors: Monitors;
  /** Called with a client that is gone, or that is to be as new (RESET). */
  readonly onForget = new Set<(client: Client) => void>();
  /** Set by whoever embeds the engine, before the first command. */
  host!: Host;
  gate = 0;
  /** Where the reply of EXEC begins to be left out: CLIENT REPLY may be one of the commands that it runs. -1: nowhere. */
  mutedFrom = -1;
  errorReplies = 0;
  readonly errorCounts = new Map<string, number>();

  private remaining = 0;
  private longSince = NOT_TIMED;
  private readonly features = new Map<unknown, unknown>();
  private readonly call: Call;
  private readonly onInternalError: EngineOptions['onInternalError'];

  constructor(options: EngineOptions) {
    this.clock = options.clock;
    this.random = options.random;
    this.onInternalError = options.onInternalError;
    this.keyspace = new Keyspace(options);
    this.table = new CommandTable(options.commands);
    this.blocking = new Blocking(this);
    this.pause = new Pause(this.clock, (isActive) => {
      if (isActive) this.gate |= EngineGate.PAUSED;
      else this.gate &= ~EngineGate.PAUSED;
    });
    this.timing = new Timing(
      options.stopwatch ?? { microseconds: () => 0 },
      () => this.clock.now(),
      (client) => this.host.clients.connectionOf(client)?.remoteAddress ?? '',
    );
    this.transactions = new Transactions(this);
    this.monitors = new Monitors(this, (isNeeded) => {
      if (isNeeded) this.gate |= EngineGate.MONITORED;
      else this.gate &= ~EngineGate.MONITORED;
    });
    this.call = new Call(this);
    this.keyspace.arena.onExhausted = (exhausted) => {
      if (exhausted) this.gate |= EngineGate.OUT_OF_MEMORY;
      else this.gate &= ~EngineGate.OUT_OF_MEMORY;
    };
    this.keyspace.onRemoved = (db, key) => this.effects.emit(db.index, ['DEL', key]);
  }

  /** Runs one command of a client. The reply is in `reply`; a client that waits now has a `waiter` and no reply yet. */
  execute(client: Client, args: Args): void {
    const reply = this.reply;
    const keyspace = this.keyspace;
    reply.protocol = client.protocol;
    const start = reply.mark();
    const dirtyBefore = keyspace.dirty;
    keyspace.beginCommand();
    const timing = this.timing;
    let command: CompiledCommand | null = null;
    /** Set once the command has passed all checks: from then on it counts as a call. */
    let called: CompiledCommand | null = null;
    let startedAt = NOT_TIMED;
    try {
      command = this.table.find(args, 0);
      if (command === null || command.run === undefined || !command.acceptsCount(args.count)) {
        command = this.resolve(client, command, args);
      }
      if ((client.gate | this.gate) !== 0 && this.passGate(client, command, args)) {
        if (client.replyMode !== ReplyMode.ON) this.applyReplyMode(client, start);
        // What the gate evicted may have been awaited.
        if (this.remaining !== 0) this.finish(client, null, args);
        return;
      }
      const call = this.call;
      call.args = args;
      call.client = client;
      call.command = command;
      call.db = keyspace.databases[client.databaseIndex];
      client.lastCommand = command.fullName;
      if (command.interval !== timing.interval) startedAt = timing.meet(command);
      called = command;
      (command.run as (call: Call) => void)(call);
    } catch (error) {
      this.fail(called === null ? this.transactions.refused(client, command, error) : error, called, command, start);
      if (error === errors.HTTP_REQUEST && client.closing) this.reply.rewind(start);
    }
    if (called !== null) {
      called.calls++;
      if (startedAt !== NOT_TIMED) timing.stop(client, called, args, startedAt);
    }
    if (this.effects.active) this.effects.finish(client.databaseIndex, args, keyspace.dirty !== dirtyBefore);
    keyspace.arena.settle();
    if (client.replyMode !== ReplyMode.ON) this.applyReplyMode(client, start);
    if (this.remaining !== 0) this.finish(client, called, args);
  }

  /** Runs a command that MULTI queued: its reply goes behind those before it. */
  runQueued(client: Client, command: CompiledCommand, args: Args): void {
    const { keyspace, reply, call, timing } = this;
    const start = reply.mark();
    const dirtyBefore = keyspace.dirty;
    call.args = args;
    call.client = client;
    call.command = command;
    call.db = keyspace.databases[client.databaseIndex];
    const startedAt = command.interval === timing.interval ? NOT_TIMED : timing.meet(command);
    try {
      (command.run as (call: Call) => void)(call);
    } catch (error) {
      this.fail(error, command, command, start);
    }
    command.calls++;
    if (startedAt !== NOT_TIMED) timing.stop(client, command, args, startedAt);
    if ((this.remaining & Remaining.TIMED) !== 0) this.stopLong(client, command, args);
    if (this.effects.active) this.effects.finish(client.databaseIndex, args, keyspace.dirty !== dirtyBefore);
    keyspace.arena.settle();
    if ((this.gate & EngineGate.MONITORED) !== 0) this.monitors.show(client, command, args);
  }

  /** A turn ends because of the replies up to that of the command that ran last, which may have taken long. */
  longReply(client: Client, args: Args): void {
    const command = this.table.named(client.lastCommand);
    if (command !== undefined) this.timing.stopLongReply(client, command, args);
  }

  /** Runs a command beside the current one and returns its encoded reply: for waiters. */
  runAside(client: Client, command: CompiledCommand, args: Args, databaseIndex: number): Buffer {
    const keyspace = this.keyspace;
    return this.encodeAside(client, (reply) => {
      const start = reply.mark();
      const dirtyBefore = keyspace.dirty;
      const call = this.call;
      call.args = args;
      call.client = client;
      call.command = command;
      call.db = keyspace.databases[databaseIndex];
      const startedAt = this.timing.startWaiter();
      try {
        (command.run as (call: Call) => void)(call);
      } catch (error) {
        this.fail(error, command, command, start);
      }
      // Without a reply it goes on waiting.
      if (reply.length > start) this.timing.stopWaiter(client, command, args, startedAt);
      if (this.effects.active) this.effects.finish(databaseIndex, args, keyspace.dirty !== dirtyBefore);
      keyspace.arena.settle();
    });
  }

  /** Bytes for a client other than the one whose command runs, in its protocol. */
  encodeAside(client: Client, write: (reply: ReplyWriter) => void): Buffer {
    const reply = this.reply;
    const protocol = reply.protocol;
    const start = reply.mark();
    reply.protocol = client.protocol;
    write(reply);
    const bytes = reply.take(start);
    reply.protocol = protocol;
    return bytes;
  }

  /** The command that runs has more to do than its calls mostly have: it is timed by itself from here on. */
  takesLong(command: CompiledCommand): void {
    const since = this.timing.leave(command);
    if (since === NOT_TIMED) return;
    this.longSince = since;
    this.remaining |= Remaining.TIMED;
  }

  /** Somebody waits for a key that may be ready now. */
  waitersReady(): void {
    this.remaining |= Remaining.WAITERS;
  }

  /** A client is gone, for whatever reason. */
  disconnect(client: Client): void {
    this.blocking.cancel(client);
    this.pause.cancel(client);
    this.forget(client);
  }

  /** The client has no transaction and no subscription, watches nothing and is no monitor. */
  forget(client: Client): void {
    this.transactions.discard(client);
    this.monitors.remove(client);
    for (const listener of this.onForget) listener(client);
  }

  /** The state of a feature above the engine: one instance of its class, made when it is first asked for. */
  feature<T>(type: new (engine: Engine) => T): T {
    let feature = this.features.get(type) as T | undefined;
    if (feature === undefined) {
      feature = new type(this);
      this.features.set(type, feature);
    }
    return feature;
  }

  /** Bytes of data beyond which keys are evicted, or else commands that may need more are refused; 0 sets no limit. */
  limitMemory(bytes: number): void {
    this.keyspace.eviction.limit(bytes);
    this.gate = bytes === 0 ? this.gate & ~EngineGate.MEMORY_LIMIT : this.gate | EngineGate.MEMORY_LIMIT;
  }

  /** Evicts keys if the data takes too much: a bounded number, outside of commands. */
  makeRoom(): Room {
    // During a pause nothing may change, and nobody is refused memory.
    const exceptions = EngineGate.LOADING | EngineGate.PAUSED;
    const limited = (this.gate & (EngineGate.MEMORY_LIMIT | exceptions)) === EngineGate.MEMORY_LIMIT;
    return limited ? this.keyspace.eviction.makeRoom() : Room.ENOUGH;
  }

  /** CONFIG RESETSTAT: every counter starts anew. */
  resetStatistics(): void {
    this.errorReplies = 0;
    this.errorCounts.clear();
    this.keyspace.hits = 0;
    this.keyspace.misses = 0;
    this.keyspace.expiredKeys = 0;
    this.keyspace.evictedKeys = 0;
    this.keyspace.eviction.resetStatistics();
    this.table.resetStatistics();
    this.timing.resetStatistics();
  }

  /** What find() could not settle: subcommands, unknown names, arity. */
  private resolve(client: Client, command: CompiledCommand | null, args: Args): CompiledCommand {
    // A web page can make its browser send HTTP to any port. The lines of its body would be commands, so none of them may run.
    if (command === null && (args.is(0, 'POST') || args.is(0, 'HOST:'))) {
      client.sink.close(false);
      throw errors.HTTP_REQUEST;
    }
    if (command === null) throw errors.unknownCommand(args.latin1(0), restOf(args));
    if (command.subcommands !== null && args.count > 1) {
      const subcommand = command.subcommands.find(args, 1);
      if (subcommand === null) {
        throw errors.unknownSubcommand(args.latin1(1), command.row.name.toUpperCase());
      }
      command = subcommand;
    }
    if (!command.acceptsCount(args.count) || command.run === undefined) {
      command.rejectedCalls++;
      throw errors.wrongArity(command.fullName);
    }
    return command;
  }

  /** The checks in front of a call, in Redis's order. Returns whether the command was queued and is not to run now. */
  private passGate(client: Client, command: CompiledCommand, args: Args): boolean {
    const flags = this.transactions.flagsOf(client, command);
    if ((client.gate & ClientGate.NEEDS_AUTH) !== 0 && (command.flags & CommandFlag.NO_AUTH) === 0) {
      command.rejectedCalls++;
      throw errors.NOAUTH;
    }
    if ((client.gate & ClientGate.IN_MULTI) !== 0 && (flags & CommandFlag.NO_MULTI) !== 0) {
      command.rejectedCalls++;
      throw errors.NO_MULTI;
    }
    // Also a command that needs no memory makes room: for those that do.
    if (
      (this.gate & EngineGate.MEMORY_LIMIT) !== 0 &&
      this.makeRoom() === Room.NONE &&
      (flags & CommandFlag.DENY_OOM) !== 0
    ) {
      command.rejectedCalls++;
      throw errors.OOM;
    }
    if ((this.gate & EngineGate.OUT_OF_MEMORY) !== 0 && (flags & CommandFlag.DENY_OOM) !== 0) {
      command.rejectedCalls++;
      throw errors.OOM;
    }
    if ((this.gate & EngineGate.SAVE_FAILED) !== 0 && (flags & CommandFlag.WRITE) !== 0) {
      command.rejectedCalls++;
      throw errors.MISCONF;
    }
    if (
      (client.gate & ClientGate.IS_SUBSCRIBER) !== 0 &&
      client.protocol === 2 &&
      !SUBSCRIBER_COMMANDS.has(command.fullName)
    ) {
      command.rejectedCalls++;
      throw errors.notForSubscribers(command.fullName);
    }
    if ((this.gate & EngineGate.LOADING) !== 0 && (flags & CommandFlag.LOADING) === 0) {
      command.rejectedCalls++;
      throw errors.LOADING;
    }
    if ((client.gate & ClientGate.IS_MONITOR) !== 0 && touchesKeyspace(command)) {
      command.rejectedCalls++;
      throw errors.REPLICA_KEYSPACE;
    }
    const writes = (flags & (CommandFlag.WRITE | CommandFlag.MAY_REPLICATE)) !== 0;
    if ((this.gate & EngineGate.PAUSED) !== 0 && this.pause.holds(client, args, writes)) return true;
    if ((client.gate & ClientGate.IN_MULTI) !== 0 && this.transactions.enqueue(client, command, args)) return true;
    if ((this.gate & EngineGate.MONITORED) !== 0) this.remaining |= Remaining.MONITORS;
    if ((client.gate & ClientGate.NO_TOUCH) !== 0) {
      this.keyspace.keepsLru = true;
      this.remaining |= Remaining.NO_TOUCH;
    }
    return false;
  }

  /** What `remaining` says. */
  private finish(client: Client, called: CompiledCommand | null, args: Args): void {
    this.keyspace.keepsLru = false;
    if ((this.remaining & Remaining.TIMED) !== 0 && called !== null) this.stopLong(client, called, args);
    if ((this.remaining & Remaining.MONITORS) !== 0 && called !== null) this.monitors.show(client, called, args);
    if (this.blocking.hasReady) this.blocking.serve();
    this.remaining = 0;
  }

  private stopLong(client: Client, command: CompiledCommand, args: Args): void {
    this.timing.stop(client, command, args, this.longSince);
    this.remaining &= ~Remaining.TIMED;
  }

  /** The one place that catches: what was written of the reply is taken back, and the error is the reply. */
  private fail(error: unknown, called: CompiledCommand | null, command: CompiledCommand | null, start: number): void {
    this.effects.discard();
    this.reply.rewind(start);
    let answer: errors.CommandError;
    if (error instanceof errors.CommandError) {
      answer = error;
    } else if (error instanceof OutOfMemoryError) {
      answer = errors.OOM;
    } else {
      answer = errors.INTERNAL;
      this.onInternalError(error, command?.fullName ?? '');
    }
    if (called !== null) called.failedCalls++;
    this.errorReplies++;
    this.errorCounts.set(answer.code, (this.errorCounts.get(answer.code) ?? 0) + 1);
    this.reply.error(answer);
  }

  /** Leaves the reply out, from `start` on, if CLIENT REPLY said so. */
  private applyReplyMode(client: Client, start: number): void {
    // It has no reply yet: this is done when it has.
    if (client.isWaiting) return;
    const { replyMode } = client;
    if ((replyMode & ReplyMode.MUTED) !== 0) this.reply.rewind(this.mutedFrom < 0 ? start : this.mutedFrom);
    this.mutedFrom = -1;
    client.replyMode = (replyMode & ReplyMode.OFF) | ((replyMode & ReplyMode.SKIP_NEXT) === 0 ? 0 : ReplyMode.SKIP);
  }
}

/** What a client with subscriptions may still do in RESP2. */
const SUBSCRIBER_COMMANDS: ReadonlySet<string> = new Set([
  'ping',
  'subscribe',
  'unsubscribe',
  'psubscribe',
  'punsubscribe',
  'ssubscribe',
  'sunsubscribe',
  'quit',
  'reset',
]);

/** Reads or writes keys, or is propagated. */
function touchesKeyspace({ flags, fullName }: CompiledCommand): boolean {
  return (
    (flags & (CommandFlag.READONLY | CommandFlag.WRITE)) !== 0 || fullName === 'publish' || fullName === 'spublish'
  );
}

function* restOf(args: Args): Generator<string> {
  for (let i = 1; i < args.count; i++) yield args.latin1(i);
}
