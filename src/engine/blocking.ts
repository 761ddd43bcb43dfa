/**
 * Blocking: a command that finds nothing to do waits, and runs again when there may be something.
 *
 * To write a blocking command: read and check all arguments; if there is data, act and reply; otherwise call
 * call.block() and return without a reply. The same handler runs again, with the same arguments, when one of the keys
 * gets data of the awaited type (or, if it asks for that, changes in any way); it may block again and then keeps its
 * place.
 *
 * - Waiters of a key are served in the order in which they came (FIFO), after the command that made the key ready, and
 *   each at most once per round. What serving them makes ready is served in the next round, until nothing is ready.
 * - A waiter owns a copy of its arguments, or others that the handler gave it in their place. Its time-out was turned
 *   into a deadline when it first blocked.
 * - Keys are known by their bytes, never by reference: a key that is deleted, renamed or swapped away leaves its
 *   waiters waiting for the next one of that name in their database.
 */

import type { Database } from '../keyspace/database.js';
import { type EventName, WAKES_NOBODY } from '../keyspace/events.js';
import type { KeyObserver, Keyspace } from '../keyspace/keyspace.js';
import { Slice } from '../memory/slice.js';
import { isRefusedMemory } from '../memory/system-memory.js';
import type { Args } from '../protocol/args.js';
import type * as errors from '../protocol/errors.js';
import type { ReplyWriter } from '../protocol/reply-writer.js';
import type { BlockOptions, Call } from './call.js';
import { type Client, type ClientWait, ReplyMode } from './client.js';
import { type ClientMemory, HeapCost } from './client-memory.js';
import type { Clock, ScheduledCall } from './clock.js';
import type { RunningCommand } from './running-command.js';

/** What blocking asks of the engine. */
export interface BlockingOwner {
  readonly keyspace: Keyspace;
  readonly clock: Clock;
  readonly clientMemory: ClientMemory;
  /** A key that somebody waits for may be ready: serve() is to be called when the command is over. */
  waitersReady(): void;
  /** Runs a waiter's command once more; returns its encoded reply. */
  runWaiter(waiter: WaitingCommand): Buffer;
  /** Bytes for a client, in its protocol. */
  encodeAside(client: Client, write: (reply: ReplyWriter) => void): Buffer;
}

/** A command that runs once more. */
export interface WaitingCommand {
  readonly client: Client;
  readonly command: RunningCommand;
  readonly args: Args;
  readonly databaseIndex: number;
}

export class Waiter implements ClientWait, WaitingCommand {
  timer: ScheduledCall | null = null;
  /** Number of the last round that ran this waiter. */
  servedInRound = 0;

  constructor(
    readonly client: Client,
    readonly command: RunningCommand,
    readonly args: Args,
    readonly databaseIndex: number,
    readonly keys: readonly string[],
    readonly options: BlockOptions,
    /** What it takes of the heap, and in bytes of its arguments. */
    readonly heapBytes: number,
  ) {}
}

/** The waiters of one key of one database, in the order they came. */
type Queue = Set<Waiter>;

export class Blocking implements KeyObserver {
  /** Per database: the waiters by key, as latin1 text (one character a byte). */
  private readonly queues: Map<string, Queue>[] = [];
  /** Keys that may have become ready, in order, each once. */
  private ready = new Map<string, { databaseIndex: number; key: string }>();
  private readonly waiters = new Set<Waiter>();
  private round = 0;
  /** The waiter whose command is being run again. */
  private rerunning: Waiter | null = null;
  private stillWaiting = false;
  private readonly key = new Slice();

  constructor(private readonly owner: BlockingOwner) {}

  get hasReady(): boolean {
    return this.ready.size > 0;
  }

  get blockedClients(): number {
    return this.waiters.size;
  }

  /** Distinct keys that somebody waits for. */
  get blockingKeys(): number {
    return this.queues.reduce((sum, queues) => sum + queues.size, 0);
  }

  block(call: Call, options: BlockOptions): void {
    const client = call.client;
    if (this.rerunning !== null) {
      this.stillWaiting = true;
      return;
    }
    if (!client.mayBlock) {
      options.onTimeout(call.reply);
      return;
    }
    const heapBytes = costOf(options.args ?? call.args, options.lastKey - options.firstKey);
    this.owner.clientMemory.reserve(heapBytes);
    const args = options.args ?? call.args.copy();
    const keys = new Set<string>();
    for (let i = options.firstKey; i < options.lastKey; i++) keys.add(args.latin1(i));
    const waiter = new Waiter(client, call.command, args, client.databaseIndex, [...keys], options, heapBytes);
    this.owner.clientMemory.take(client, heapBytes);
    if (this.waiters.size === 0) this.owner.keyspace.observe(this);
    this.waiters.add(waiter);
    client.waiter = waiter;
    const queues = this.queuesOf(waiter.databaseIndex);
    for (const key of waiter.keys) {
      const queue = queues.get(key);
      if (queue === undefined) queues.set(key, new Set([waiter]));
      else queue.add(waiter);
    }
    if (options.timeoutMs > 0) {
      waiter.timer = this.owner.clock.schedule(call.now + options.timeoutMs, () => this.timeOut(waiter));
    }
  }

  /** The client is gone. */
  cancel(client: Client): void {
    if (client.waiter instanceof Waiter) this.remove(client.waiter);
  }

  /** CLIENT UNBLOCK and its like: ends the wait as if the time were over, or with an error. */
  unblock(client: Client, error?: errors.CommandError): boolean {
    const { waiter } = client;
    if (!(waiter instanceof Waiter)) return false;
    if (error === undefined) this.timeOut(waiter);
    else this.finish(waiter, (reply) => reply.error(error));
    return true;
  }

  keyChanged(db: Database, key: Slice, event: EventName): void {
    const queues = this.queues[db.index];
    if (queues === undefined || queues.size === 0 || WAKES_NOBODY.has(event)) return;
    const text = key.toLatin1();
    if (queues.has(text)) this.markReady(db.index, text);
  }

  /** The contents of a whole database changed (SWAPDB, restore): every awaited key in it may be ready. */
  databaseChanged(db: Database): void {
    for (const key of this.queues[db.index]?.keys() ?? []) this.markReady(db.index, key);
  }

  /** Runs the waiters of all ready keys, until nothing is ready any more. */
  serve(): void {
    while (this.ready.size > 0) {
      const ready = this.ready;
      this.ready = new Map();
      this.round++;
      for (const { databaseIndex, key } of ready.values()) this.serveKey(databaseIndex, key);
    }
  }

  private serveKey(databaseIndex: number, key: string): void {
    const queue = this.queues[databaseIndex]?.get(key);
    if (queue === undefined) return;
    // Waiters leave the Set as they are served, which its iterator allows: to copy it would take each push its length.
    for (const waiter of queue) {
      if (!this.waiters.has(waiter) || waiter.servedInRound === this.round) continue;
      const db = this.owner.keyspace.databases[databaseIndex];
      const bytes = Slice.of(Buffer.from(key, 'latin1'));
      const ref = db.peek(this.key.setFrom(bytes));
      const isReady = ref !== 0 && db.typeOf(ref) === waiter.options.type;
      if (!isReady && waiter.options.wokenByAll !== true) continue;
      waiter.servedInRound = this.round;
      this.rerun(waiter);
    }
  }

  private rerun(waiter: Waiter): void {
    this.rerunning = waiter;
    this.stillWaiting = false;
    let reply: Buffer;
    try {
      reply = this.owner.runWaiter(waiter);
    } catch (error) {
      // There is no memory for its reply. It is another client's command that runs, and it goes on.
      if (!isRefusedMemory(error)) throw error;
      this.remove(waiter);
      waiter.client.sink.close(false);
      return;
    } finally {
      this.rerunning = null;
    }
    if (this.stillWaiting) return;
    this.remove(waiter);
    answer(waiter.client, reply);
  }

  private timeOut(waiter: Waiter): void {
    if (this.waiters.has(waiter)) this.finish(waiter, waiter.options.onTimeout);
  }

  private finish(waiter: Waiter, write: (reply: ReplyWriter) => void): void {
    this.remove(waiter);
    const reply = this.owner.encodeAside(waiter.client, write);
    answer(waiter.client, reply);
  }

  private remove(waiter: Waiter): void {
    waiter.timer?.cancel();
    waiter.client.waiter = null;
    this.owner.clientMemory.give(waiter.client, waiter.heapBytes);
    this.waiters.delete(waiter);
    const queues = this.queuesOf(waiter.databaseIndex);
    for (const key of waiter.keys) {
      const queue = queues.get(key);
      if (queue?.delete(waiter) && queue.size === 0) queues.delete(key);
    }
    if (this.waiters.size === 0) this.owner.keyspace.unobserve(this);
  }

  private markReady(databaseIndex: number, key: string): void {
    const id = `${databaseIndex}:${key}`;
    if (this.ready.has(id)) return;
    this.ready.set(id, { databaseIndex, key });
    this.owner.waitersReady();
  }

  private queuesOf(databaseIndex: number): Map<string, Queue> {
    let queues = this.queues[databaseIndex];
    if (queues === undefined) {
      for (let i = this.queues.length; i <= databaseIndex; i++) this.queues.push(new Map());
      queues = this.queues[databaseIndex];
    }
    return queues;
  }
}

/** The wait is over, and what came of it may be a reply that CLIENT REPLY leaves out. */
export function answer(client: Client, reply: Buffer): void {
  if ((client.replyMode & ReplyMode.MUTED) === 0) client.sink.send(reply, 0, reply.length);
  client.replyMode &= ~ReplyMode.SKIP;
  client.sink.unblocked();
}

/** What waiting takes: a copy of the arguments, and a place in the queue of each key. */
function costOf({ count, starts, ends }: Args, keys: number): number {
  return HeapCost.AWAITED_KEY * keys + HeapCost.QUEUED_ARGUMENT * count + 2 * (ends[count - 1] - starts[0]);
}
