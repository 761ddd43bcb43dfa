/**
 * Transactions: between MULTI and EXEC a client's commands are queued, and EXEC runs them in one go.
 *
 * - What the gate refuses (a name, a number of arguments, memory) marks the transaction, and EXEC then runs none of it.
 *   An error of a command that EXEC runs is one of the replies and stops nothing.
 * - EXEC, DISCARD, MULTI, WATCH, QUIT and RESET are not queued. EXEC passes the gate as what it is about to run.
 * - The whole of EXEC has one time. Nobody waits inside, and who waits is served after it. Its effects, if there are
 *   several, are propagated between MULTI and EXEC.
 * - While a transaction is open its client has IN_MULTI: others pay nothing for it.
 */

import type { Call } from '../../engine/call.js';
import { type Client, type ClientTransaction, clientGateBit, ReplyMode } from '../../engine/client.js';
import { CommandFlag, type CompiledCommand } from '../../engine/command-table.js';
import type { Engine } from '../../engine/engine.js';
import { GateStage } from '../../engine/hooks.js';
import type { RunningCommand } from '../../engine/running-command.js';
import { Args } from '../../protocol/args.js';
import * as errors from '../../protocol/errors.js';
import { ReplyModes } from '../clients/reply-modes.js';
import { CommandQueue } from './command-queue.js';
import { Watches } from './watches.js';

/** Between MULTI and EXEC. */
const IN_MULTI = clientGateBit();

/** What EXEC must be allowed if one of the queued commands must. */
const ANY = CommandFlag.WRITE | CommandFlag.DENY_OOM;
/** What EXEC is allowed only if all of them are. */
const ALL = CommandFlag.LOADING;

/** A client pays for as many bytes of commands at once: to count each one's made MULTI of 10 SETs 3 % dearer. */
const BYTES_PAID_AT_ONCE = 4096;

class Transaction implements ClientTransaction {
  readonly queue = new CommandQueue();
  /** A command was refused: EXEC will run none. */
  isAborted = false;
  /** Union and intersection of the queued commands' flags. */
  anyFlags = 0;
  allFlags = -1;
  /** What its client has paid for, and how much of that no command has taken yet. */
  paidBytes = 0;
  unusedBytes = 0;

  flagsOf({ flags }: RunningCommand): number {
    // Whatever is queued takes memory.
    if ((flags & CommandFlag.ENDS_MULTI) === 0) return flags | CommandFlag.DENY_OOM;
    if ((flags & CommandFlag.RUNS_QUEUE) === 0) return flags;
    return (flags | (this.anyFlags & ANY)) & (this.allFlags | ~ALL);
  }

  abort(): void {
    this.isAborted = true;
  }

  /** It is as new, but for the memory of its queue. */
  clear(): void {
    this.queue.clear();
    this.isAborted = false;
    this.anyFlags = 0;
    this.allFlags = -1;
    this.paidBytes = 0;
    this.unusedBytes = 0;
  }
}

export class Transactions {
  readonly watches: Watches;
  /** The arguments of the command that EXEC is running. */
  private readonly args = new Args();
  /** The last one that ended, for the next that begins. */
  private spare: Transaction | null = null;

  constructor(private readonly engine: Engine) {
    this.watches = new Watches(engine.keyspace, engine.clientMemory);
    engine.register({
      gate: [
        { stage: GateStage.TRANSACTION, client: IN_MULTI, check: this.refuse },
        { stage: GateStage.QUEUE, client: IN_MULTI, check: this.enqueue },
      ],
      onRefusedExec: (client) => this.discard(client),
      onForget: (client) => this.discard(client),
    });
  }

  // --- the commands

  multi({ client, reply }: Call): void {
    if (client.transaction !== null) throw errors.MULTI_NESTED;
    client.transaction = this.spare ?? new Transaction();
    this.spare = null;
    client.gate |= IN_MULTI;
    reply.ok();
  }

  exec(call: Call): void {
    const { client, reply } = call;
    const transaction = client.transaction as Transaction | null;
    if (transaction === null) throw errors.EXEC_WITHOUT_MULTI;
    const { isAborted } = transaction;
    if (isAborted || this.watches.isBroken(client)) {
      this.discard(client);
      if (isAborted) throw errors.EXEC_ABORTED;
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
      queue.rewind();
      for (let left = queue.length; left > 0; left--) {
        const command = queue.next(args);
        engine.runInside(call, command, args);
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
      const bytes = transaction.queue.costOf(args);
      if (bytes > transaction.unusedBytes) this.pay(client, transaction, Math.max(bytes, BYTES_PAID_AT_ONCE));
      transaction.queue.push(command, args);
      transaction.unusedBytes -= bytes;
      transaction.anyFlags |= command.flags;
      transaction.allFlags &= command.flags;
    }
    client.lastCommand = command;
    this.engine.reply.queued();
    return true;
  };

  /** @throws CommandError */
  private pay(client: Client, transaction: Transaction, bytes: number): void {
    const { clientMemory } = this.engine;
    clientMemory.reserve(bytes);
    clientMemory.take(client, bytes);
    transaction.paidBytes += bytes;
    transaction.unusedBytes += bytes;
  }

  /** The client has no transaction and watches nothing from here on. */
  discard(client: Client): void {
    this.watches.unwatch(client);
    const transaction = client.transaction as Transaction | null;
    if (transaction === null) return;
    client.transaction = null;
    client.gate &= ~IN_MULTI;
    this.engine.clientMemory.give(client, transaction.paidBytes);
    transaction.clear();
    this.spare = transaction;
  }
}
