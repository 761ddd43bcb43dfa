/**
 * The engine runs commands: it finds the row, passes the gate, calls the handler, and afterwards settles memory,
 * propagates effects and serves who was waiting.
 *
 * One command runs at a time, to its end. execute() must not be called from inside a handler or an observer.
 */

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
import type { Random } from './random.js';
import { LONG_REPLY, LONG_REQUEST, Timing } from './timing.js';

/** Why the gate must look at every command. */
export const EngineGate = {
  LOADING: 1,
  /** The last save failed and stop-writes-on-bgsave-error is on. */
  SAVE_FAILED: 2,
  /** The system refuses memory: what would use more is refused in front, so that no write fails halfway. */
  OUT_OF_MEMORY: 4,
  /** `maxmemory` is set. */
  MEMORY_LIMIT: 4,
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
  readonly timing: Timing;
  /** Set by whoever embeds the engine, before the first command. */
  host!: Host;
  gate = 0;
  commandsProcessed = 0;
  errorReplies = 0;
  readonly errorCounts = new Map<string, number>();

  private maxMemory = 0;
  private readonly call: Call;
  private readonly onInternalError: EngineOptions['onInternalError'];

  constructor(options: EngineOptions) {
    this.clock = options.clock;
    this.random = options.random;
    this.onInternalError = options.onInternalError;
    this.keyspace = new Keyspace(options);
    this.table = new CommandTable(options.commands);
    this.blocking = new Blocking(this);
    this.timing = new Timing(
      options.stopwatch ?? { microseconds: () => 0 },
      () => this.clock.now(),
      (client) => this.host.clients.connectionOf(client)?.remoteAddress ?? '',
    );
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
    let isTimed = false;
    try {
      command = this.table.find(args, 0);
      if (command === null || command.run === undefined || !command.acceptsCount(args.count)) {
        command = this.resolve(client, command, args);
      }
      if ((client.gate | this.gate) !== 0) this.passGate(client, command);
      const call = this.call;
      call.args = args;
      call.client = client;
      call.command = command;
      call.db = keyspace.databases[client.databaseIndex];
      client.lastCommand = command.fullName;
      keyspace.keepsLru = client.noTouch;
      if ((command.timedAlone | timing.alone) !== 0 || args.ends[args.count - 1] - args.starts[0] > LONG_REQUEST) {
        isTimed = true;
        timing.start();
      } else if (command.interval !== timing.interval) {
        timing.join(command);
      }
      called = command;
      (command.run as (call: Call) => void)(call);
    } catch (error) {
      this.fail(error, called, command, start);
      if (error === errors.HTTP_REQUEST && client.closing) this.reply.rewind(start);
    }
    if (called !== null) {
      this.commandsProcessed++;
      called.calls++;
      if (isTimed) timing.stop(client, called, args);
      else if (reply.length - start > LONG_REPLY) timing.stopLongReply(client, called, args);
    }
    if (this.effects.active) this.effects.finish(client.databaseIndex, args, keyspace.dirty !== dirtyBefore);
    keyspace.arena.settle();
    if (client.replyMode !== ReplyMode.ON) this.applyReplyMode(client, start);
    if (this.blocking.hasReady) this.blocking.serve();
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
      this.timing.startWaiter();
      try {
        (command.run as (call: Call) => void)(call);
      } catch (error) {
        this.fail(error, command, command, start);
      }
      // Without a reply it goes on waiting.
      if (reply.length > start) this.timing.stopWaiter(client, command, args);
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

  /** A client is gone, for whatever reason. */
  disconnect(client: Client): void {
    this.blocking.cancel(client);
  }

  /** Bytes of data beyond which commands that may need more are refused; 0 sets no limit. */
  limitMemory(bytes: number): void {
    this.maxMemory = bytes;
    this.gate = bytes === 0 ? this.gate & ~EngineGate.MEMORY_LIMIT : this.gate | EngineGate.MEMORY_LIMIT;
  }

  /** CONFIG RESETSTAT: every counter starts anew. */
  resetStatistics(): void {
    this.commandsProcessed = 0;
    this.errorReplies = 0;
    this.errorCounts.clear();
    this.keyspace.hits = 0;
    this.keyspace.misses = 0;
    this.keyspace.expiredKeys = 0;
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

  /** The checks in front of a call, in Redis's order. */
  private passGate(client: Client, command: CompiledCommand): void {
    if ((client.gate & ClientGate.NEEDS_AUTH) !== 0 && (command.flags & CommandFlag.NO_AUTH) === 0) {
      command.rejectedCalls++;
      throw errors.NOAUTH;
    }
    if (
      (this.gate & EngineGate.MEMORY_LIMIT) !== 0 &&
      (command.flags & CommandFlag.DENY_OOM) !== 0 &&
      this.keyspace.arena.stats.usedBytes > this.maxMemory
    ) {
      command.rejectedCalls++;
      throw errors.OOM;
    }
    if ((this.gate & EngineGate.OUT_OF_MEMORY) !== 0 && (command.flags & CommandFlag.DENY_OOM) !== 0) {
      command.rejectedCalls++;
      throw errors.OOM;
    }
    if ((this.gate & EngineGate.SAVE_FAILED) !== 0 && (command.flags & CommandFlag.WRITE) !== 0) {
      command.rejectedCalls++;
      throw errors.MISCONF;
    }
    if ((this.gate & EngineGate.LOADING) !== 0 && (command.flags & CommandFlag.LOADING) === 0) {
      command.rejectedCalls++;
      throw errors.LOADING;
    }
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

  private applyReplyMode(client: Client, start: number): void {
    if (client.replyMode === ReplyMode.SKIP_NEXT) {
      client.replyMode = ReplyMode.SKIP;
      return;
    }
    if (client.replyMode === ReplyMode.SKIP) client.replyMode = ReplyMode.ON;
    this.reply.rewind(start);
  }
}

function* restOf(args: Args): Generator<string> {
  for (let i = 1; i < args.count; i++) yield args.latin1(i);
}
