/**
 * Transactions: between MULTI and EXEC a client's commands are queued, and EXEC runs them in one go.
 *
 * - What the gate refuses (a name, a number of arguments, memory) marks the transaction, and EXEC then runs none of it.
 *   An error of a command that EXEC runs is one of the replies and stops nothing.
 * - EXEC, DISCARD, MULTI, WATCH, QUIT and RESET are not queued. EXEC passes the gate as what it is about to run.
 * - The whole of EXEC has one time. Nobody waits inside, and who waits is served after it. Its effects, if there are
 *   several, are propagated between MULTI and EXEC.
 * - While a transaction is open its client has ClientGate.IN_MULTI: others pay nothing for it.
 */

import type { Call } from '../../engine/call.js';
import { type Client, ClientGate, type ClientTransaction, ReplyMode } from '../../engine/client.js';
import { CommandFlag, type CompiledCommand } from '../../engine/command-table.js';
import type { Engine } from '../../engine/engine.js';
import { GateStage } from '../../engine/hooks.js';
import type { RunningCommand } from '../../engine/running-command.js';
import { Args } from '../../protocol/args.js';
import * as errors from '../../protocol/errors.js';
import { ReplyModes } from '../clients/reply-modes.js';
import { CommandQueue } from './command-queue.js';
import { Watches } from './watches.js';

/** What EXEC must be allowed if one of the queued commands must. */
const ANY = CommandFlag.WRITE | CommandFlag.DENY_OOM;
/** What EXEC is allowed only if all of them are. */
const ALL = CommandFlag.LOADING;

class Transaction implements ClientTransaction {
  /** A command was refused: EXEC will run none. */
  isAborted = false;
  /** Union and intersection of the queued commands' flags. */
  anyFlags = 0;
  allFlags = -1;

  constructor(readonly queue: CommandQueue) {}

  flagsOf({ flags }: RunningCommand): number {
    // Whatever is queued takes memory.
    if ((flags & CommandFlag.ENDS_MULTI) === 0) return flags | CommandFlag.DENY_OOM;
    if ((flags & CommandFlag.RUNS_QUEUE) === 0) return flags;
    return (flags | (this.anyFlags & ANY)) & (this.allFlags | ~ALL);
  }

  abort(): void {
    this.isAborted = true;
  }
}

export class Transactions {
  readonly watches: Watches;
  /** The arguments of the command that EXEC is running. */
  private readonly args = new Args();
  /** Of the last transaction that ended, for the next that begins. */
  private spareQueue: CommandQueue | null = null;

  constructor(private readonly engine: Engine) {
    this.watches = new Watches(engine.keyspace, engine.clientMemory);
    engine.register({
      gate: [
        { stage: GateStage.TRANSACTION, client: ClientGate.IN_MULTI, check: this.refuse },
        { stage: GateStage.QUEUE, client: ClientGate.IN_MULTI, check: this.enqueue },
      ],
      onRefusedExec: (client) => this.discard(client),
      onForget: (client) => this.discard(client),
    });
  }

  // --- the commands

  multi({ client, reply }: Call): void {
    if (client.transaction !== null) throw errors.MULTI_NESTED;
    client.transaction = new Transaction(this.spareQueue ?? new CommandQueue());
    this.spareQueue = null;
    client.gate |= ClientGate.IN_MULTI;
    reply.ok();
  }

  exec(call: Call): void {
    const { client, reply } = call;
    const transaction = client.transaction as Transaction | null;
    if (transaction === null) throw errors.EXEC_WITHOUT_MULTI;
    if (transaction.isAborted || this.watches.isBroken(client)) {
      this.discard(client);
      if (transaction.isAborted) throw errors.EXEC_ABORTED;
      reply.nullArray();
      return;
    }
    this.watches.unwatch(client);
    const { queue } = transaction;
    const { engine, args } = this;
    const { mayBlock } = client;
    client.mayBlock = false;
    engine.effects.begin();
    if ((client.replyMode & ReplyMode.MUTED) !== 0) engine.feature(ReplyModes).muteFrom(reply.mark());
    try {
      reply.array(queue.length);
      for (let i = 0; i < queue.length; i++) {
        queue.load(i, args);
        engine.runInside(call, queue.commands[i], args);
      }
    } finally {
      engine.effects.end();
      call.noEffect();
      client.mayBlock = mayBlock;
      args.trim();
      this.discard(client);
    }
  }

  /** @throws CommandError without a transaction */
  discardCommand({ client, reply }: Call): void {
    if (client.transaction === null) throw errors.DISCARD_WITHOUT_MULTI;
    this.discard(client);
    reply.ok();
  }

  watch({ args, client, reply }: Call): void {
    if (client.transaction !== null) throw errors.WATCH_IN_MULTI;
    let bytes = 0;
    for (let i = 1; i < args.count; i++) bytes += args.length(i);
    this.watches.reserve(args.count - 1, bytes);
    for (let i = 1; i < args.count; i++) this.watches.watch(client, args.slice(i));
    reply.ok();
  }

  unwatch({ client, reply }: Call): void {
    this.watches.unwatch(client);
    reply.ok();
  }

  // --- for the gate

  private readonly refuse = (_client: Client, _command: CompiledCommand, _args: Args, flags: number): boolean => {
    if ((flags & CommandFlag.NO_MULTI) !== 0) throw errors.NO_MULTI;
    return false;
  };

  /** Queues a command that passed the gate, unless it is one that runs at once. */
  private readonly enqueue = (client: Client, command: CompiledCommand, args: Args): boolean => {
    if ((command.flags & CommandFlag.RUNS_IN_MULTI) !== 0) return false;
    const transaction = client.transaction as Transaction;
    // The transaction will not run: what comes now is checked, but need not be kept.
    if (!transaction.isAborted && !client.watchBroken) {
      const { clientMemory } = this.engine;
      const bytes = transaction.queue.costOf(args);
      clientMemory.reserve(bytes);
      transaction.queue.push(command, args);
      clientMemory.take(client, bytes);
      transaction.anyFlags |= command.flags;
      transaction.allFlags &= command.flags;
    }
    client.lastCommand = command;
    this.engine.reply.queued();
    return true;
  };

  /** The client has no transaction and watches nothing from here on. */
  discard(client: Client): void {
    this.watches.unwatch(client);
    const transaction = client.transaction as Transaction | null;
    if (transaction === null) return;
    client.transaction = null;
    client.gate &= ~ClientGate.IN_MULTI;
    this.engine.clientMemory.give(client, transaction.queue.heldBytes);
    transaction.queue.clear();
    this.spareQueue = transaction.queue;
  }
}
