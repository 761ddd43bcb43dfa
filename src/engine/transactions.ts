/**
 * Transactions: between MULTI and EXEC a client's commands are queued, and EXEC runs them in one go.
 *
 * - What the gate refuses (a name, a number of arguments, memory) marks the transaction, and EXEC then runs none of it. An error
 *   of a command that EXEC runs is one of the replies and stops nothing.
 * - EXEC, DISCARD, MULTI, WATCH, QUIT and RESET are not queued. EXEC passes the gate as what it is about to run.
 * - The whole of EXEC has one time. Nobody waits inside, and who waits is served behind it. Its effects, if there are several,
 *   are propagated between MULTI and EXEC.
 * - While a transaction is open its client has ClientGate.IN_MULTI: others pay nothing for it.
 */

import { Args } from '../protocol/args.js';
import * as errors from '../protocol/errors.js';
import type { Call } from './call.js';
import { type Client, ClientGate, ReplyMode } from './client.js';
import { CommandQueue } from './command-queue.js';
import { CommandFlag, type CompiledCommand } from './command-table.js';
import type { Engine } from './engine.js';
import { Watches } from './watches.js';

/** What EXEC must be allowed if one of the queued commands must. */
const ANY = CommandFlag.WRITE | CommandFlag.DENY_OOM;
/** What EXEC is allowed only if all of them are. */
const ALL = CommandFlag.LOADING;

export class Transaction {
  /** A command was refused: EXEC will run none. */
  isAborted = false;
  /** Flags that any, and flags that every queued command has. */
  anyFlags = 0;
  allFlags = -1;

  constructor(readonly queue: CommandQueue) {}
}

export class Transactions {
  readonly watches: Watches;
  /** The arguments of the command that EXEC is running. */
  private readonly args = new Args();
  /** Of the last transaction that ended, for the next that begins. */
  private spareQueue: CommandQueue | null = null;

  constructor(private readonly engine: Engine) {
    this.watches = new Watches(engine);
  }

  // --- the commands

  multi({ client, reply }: Call): void {
    if (client.transaction !== null) throw errors.MULTI_NESTED;
    client.transaction = new Transaction(this.spareQueue ?? new CommandQueue());
    this.spareQueue = null;
    client.gate |= ClientGate.IN_MULTI;
    reply.ok();
  }

  exec({ client, reply }: Call): void {
    const { transaction } = client;
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
    if ((client.replyMode & ReplyMode.MUTED) !== 0) engine.mutedFrom = reply.mark();
    try {
      reply.array(queue.length);
      for (let i = 0; i < queue.length; i++) {
        queue.load(i, args);
        engine.runQueued(client, queue.commands[i], args);
      }
    } finally {
      engine.effects.end();
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
    for (let i = 1; i < args.count; i++) this.watches.watch(client, args.slice(i));
    reply.ok();
  }

  unwatch({ client, reply }: Call): void {
    this.watches.unwatch(client);
    reply.ok();
  }

  // --- for the gate

  /** A command's flags as the gate takes them: EXEC stands for all that it would run. */
  flagsOf(client: Client, command: CompiledCommand): number {
    const { transaction } = client;
    if (transaction === null) return command.flags;
    // Whatever is queued takes memory.
    if ((command.flags & CommandFlag.ENDS_MULTI) === 0) return command.flags | CommandFlag.DENY_OOM;
    if (command.fullName !== 'exec') return command.flags;
    return (command.flags | (transaction.anyFlags & ANY)) & (transaction.allFlags | ~ALL);
  }

  /** Queues a command that passed the gate; false if it is one that runs at once. */
  enqueue(client: Client, command: CompiledCommand, args: Args): boolean {
    const transaction = client.transaction as Transaction;
    if ((command.flags & CommandFlag.NOT_QUEUED) !== 0) return false;
    // The transaction will not run: what comes now is checked, but need not be kept.
    if (!transaction.isAborted && !client.watchBroken) {
      transaction.queue.push(command, args);
      transaction.anyFlags |= command.flags;
      transaction.allFlags &= command.flags;
    }
    client.lastCommand = command.fullName;
    this.engine.reply.queued();
    return true;
  }

  /** A command was refused before it ran. Returns the error to reply. */
  refused(client: Client, command: CompiledCommand | null, error: unknown): unknown {
    if (command?.fullName === 'exec' && error instanceof errors.CommandError) {
      this.discard(client);
      return errors.execAborted(error);
    }
    if (client.transaction !== null) client.transaction.isAborted = true;
    return error;
  }

  /** The client has no transaction and watches nothing from here on. */
  discard(client: Client): void {
    this.watches.unwatch(client);
    const { transaction } = client;
    if (transaction === null) return;
    client.transaction = null;
    client.gate &= ~ClientGate.IN_MULTI;
    transaction.queue.clear();
    this.spareQueue = transaction.queue;
  }
}
