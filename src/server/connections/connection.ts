/**
 * One client's connection: request bytes in, replies out, and the rules about both.
 *
 * - Fairness: one turn runs a limited number of commands and produces a limited amount of replies. What is left waits
 *   for a turn of its own, and reading pauses meanwhile, so that an endless pipeline delays others by one turn and
 *   holds one read buffer of bytes.
 * - Reading does not stop because output is pending: a client that writes a whole pipeline before it reads would wait
 *   for ever.
 * - A blocked client's bytes are read, so that its leaving is noticed, and kept undecoded until it is served.
 * - Replies leave when the turn ends, all of them in one write; nothing stays in the shared writer between turns.
 */
import { type Client, ClientGate, type ClientSink, type ConnectionFacts } from '../../engine/client.js';
import type { Engine } from '../../engine/engine.js';
import type { Timing } from '../../features/observing/timing.js';
import { viewOf } from '../../memory/slice.js';
import { isRefusedMemory, systemMemory } from '../../memory/system-memory.js';
import type { Channel, ChannelHandler } from '../../net/channel.js';
import { connectionFacts } from '../../net/connection-facts.js';
import { OutputLimit } from '../../net/output-limit.js';
import { performanceNow } from '../../net/timers.js';
import { Args } from '../../protocol/args.js';
import * as errors from '../../protocol/errors.js';
import type { RequestBatch } from '../../protocol/request-batch.js';
import type { RequestDecoder } from '../../protocol/request-decoder.js';

/** At 0.5 µs each a quarter of a millisecond: the least by which a turn can be late. */
export const COMMANDS_PER_TURN = 512;
const REPLY_BYTES_PER_TURN = 256 * 1024;
/** Slow commands with short replies end a turn by the time they take, which is looked at every so many commands. */
const TURN_MS = 1;
const COMMANDS_PER_LOOK = 32;

/** Bytes that a connection reads at a time while another one's command runs. */
const BESIDE_SIZE = 64 * 1024;

const OOM_REPLY = errors.errorReply(errors.OOM.shown);

/** What a connection needs of the server it belongs to. */
export interface ConnectionOwner {
  readonly engine: Engine;
  readonly timing: Timing;
  /** One for all connections: what is left of it when a turn ends is decoded again. */
  readonly batch: RequestBatch;
  readonly traffic: Traffic;
  /** The time, a tenth of a second old at most: for how long clients are idle. */
  readonly coarseNowMs: number;
  /** Less than this may be pending for any client. */
  readonly outputAlarmBytes: number;
  /** Set while commands of some connection run. */
  isRunning: boolean;
  /** Gives the connection a turn after everyone else's. */
  enqueue(connection: Connection): void;
  /** Commands have run; they may have changed when the next key expires. */
  commandsRan(): void;
  /** The replies of a connection's turn lie in the reply writer, from `repliesFrom` on: writes them soon. */
  repliesWritten(connection: Connection): void;
  /** A turn begins; returns where its replies will lie. */
  beginReplies(connection: Connection): number;
  /** Looks at the limits of a client whose input or output piles up. */
  inputGrew(connection: Connection): void;
  outputGrew(connection: Connection): void;
  requestFailed(connection: Connection, error: unknown): void;
  closed(connection: Connection): void;
}

/** What went over the network since the start. */
export class Traffic {
  inputBytes = 0;
  outputBytes = 0;
  reads = 0;
  writes = 0;

  reset(): void {
    this.inputBytes = 0;
    this.outputBytes = 0;
    this.reads = 0;
    this.writes = 0;
  }
}

/** What connections read by while a command runs: its own arguments still lie in the buffer that all share. */
export class BesideReader {
  readonly args = new Args();
  readonly bytes = systemMemory.take(BESIDE_SIZE);
  readonly view = viewOf(this.bytes);
}

export class Connection implements ClientSink, ChannelHandler {
  readonly outputLimit = new OutputLimit();
  /** Its memory as it was last looked at, while that of all clients is limited. */
  countedBytes = 0;
  isQueued = false;
  /** Where this turn's replies lie in the reply writer; -1 when there are none. */
  repliesFrom = -1;
  repliesTo = -1;
  client!: Client;
  /** Commands are left over from this turn. */
  private hasMore = false;
  private hasEnded = false;
  private isRunning = false;
  /** Messages that this client's own command sent to it: they follow the command's reply. */
  private messages: Buffer[] = [];

  constructor(
    private readonly owner: ConnectionOwner,
    readonly channel: Channel,
    readonly decoder: RequestDecoder,
  ) {}

  // ---- From the socket

  onBytes(bytes: Buffer, view: DataView, length: number, more: boolean): boolean {
    const { traffic } = this.owner;
    traffic.inputBytes += length;
    traffic.reads++;
    this.decoder.feed(bytes, view, length);
    if (!this.client.isWaiting && !this.isQueued) this.run();
    if (!this.channel.isOpen) return false;
    if (!this.retain()) return false;
    this.owner.inputGrew(this);
    // A filled buffer: libuv would read on, up to 32 times, before anyone else has a turn.
    if (!this.hasMore && !more) return true;
    this.owner.enqueue(this);
    return false;
  }

  onEnd(): void {
    this.hasEnded = true;
    this.sendReplies();
    // Nobody waits for the reply any more, or reads it.
    if (this.client.isWaiting) this.channel.destroy();
    else if (!this.isQueued) this.channel.finish();
  }

  onProgress(): void {
    if (this.outputLimit.isOverSoft) this.owner.outputGrew(this);
  }

  onClosed(): void {
    this.client.closing = true;
    this.owner.closed(this);
    // A command of its own may still be reading its arguments.
    if (!this.isRunning) this.decoder.dispose();
  }

  // ---- From the server

  /** Goes on with what an earlier turn, or a wait, left over. */
  takeTurn(): void {
    this.isQueued = false;
    if (!this.channel.isOpen) return;
    if (!this.client.isWaiting) {
      this.run();
      if (!this.channel.isOpen || !this.retain()) return;
    }
    if (this.hasMore) this.owner.enqueue(this);
    else if (this.hasEnded) this.onEnd();
    else this.channel.resume();
  }

  /** Another connection's command takes very long: reads what has come, and answers it. */
  takeTurnBeside(reader: BesideReader): void {
    const { channel, decoder } = this;
    if (!channel.isOpen || this.isRunning || this.client.closing) return;
    try {
      // Those of the turn in which the command began would wait for its end.
      this.sendReplies();
      const length = channel.readNow(reader.bytes);
      if (length > 0) {
        this.owner.traffic.inputBytes += length;
        this.owner.traffic.reads++;
        decoder.feed(reader.bytes, reader.view, length);
      } else if (!this.isQueued) {
        return;
      }
      if (!this.client.isWaiting) this.answerBeside(reader.args);
      if (channel.isOpen) this.retain();
    } catch (error) {
      channel.fail(error);
    }
  }

  // ---- From the engine

  send(bytes: Buffer, start: number, end: number): void {
    if (this.isRunning) {
      this.messages.push(bytes.subarray(start, end));
      return;
    }
    // What it is owed for its own commands comes first.
    this.sendReplies();
    try {
      this.countOutput(end - start);
      this.channel.sendLater(bytes, start, end);
      if (this.channel.heldBytes >= this.owner.outputAlarmBytes) this.owner.outputGrew(this);
    } catch (error) {
      // It is another client's command that runs, and it goes on.
      this.channel.fail(error);
    }
  }

  unblocked(): void {
    this.owner.enqueue(this);
  }

  /**
   * What the client takes, about: on the heap, in requests that are incomplete or held back, and in replies that are
   * not read.
   */
  get memoryBytes(): number {
    const { channel, client, decoder } = this;
    return client.heapBytes + decoder.heldMemory + channel.heldBytes + (client.held?.bytes.length ?? 0);
  }

  facts(): ConnectionFacts {
    const { channel, decoder, memoryBytes } = this;
    const { heldBytes: queryBytes, heldMemory: queryCapacity } = decoder;
    return connectionFacts(channel, { queryBytes, queryCapacity, memoryBytes });
  }

  close(afterReplies: boolean): void {
    this.client.closing = true;
    // While its own commands run, the end of the turn closes it.
    if (this.isRunning) return;
    this.sendReplies();
    if (afterReplies) this.channel.finish();
    else this.channel.destroy();
  }

  // ---- Inside

  /** Keeps what is not decoded yet. False if there is no room for it: then the connection is closed. */
  private retain(): boolean {
    try {
      this.decoder.retain();
      return true;
    } catch (error) {
      this.owner.requestFailed(this, error);
      this.sendReplies();
      if (isRefusedMemory(error)) this.channel.send(OOM_REPLY, 0, OOM_REPLY.length);
      this.channel.finish();
      return false;
    }
  }

  /** Runs what is decoded of this client's commands, as far as one turn goes. */
  private run(): void {
    const { owner, decoder, client } = this;
    const { engine, timing, batch } = owner;
    const { reply } = engine;
    const repliesFrom = owner.beginReplies(this);
    let budget = COMMANDS_PER_TURN;
    let turnEndsAtMs = Number.POSITIVE_INFINITY;
    let isFirst = true;
    this.hasMore = false;
    this.isRunning = true;
    owner.isRunning = true;
    decoder.unauthenticated = this.isUnauthenticated;
    try {
      if (client.held !== null) {
        const { held } = client;
        client.held = null;
        isFirst = false;
        timing.beginTurn(true);
        engine.execute(client, held);
        if (this.messages.length !== 0) this.writeMessages();
      }
      while (!client.closing && !client.isWaiting) {
        if (budget-- === 0 || reply.length - repliesFrom >= REPLY_BYTES_PER_TURN) {
          this.hasMore = true;
          if (reply.length >= REPLY_BYTES_PER_TURN) timing.stopLongReply(client, batch.last);
          break;
        }
        if (budget % COMMANDS_PER_LOOK === 0) {
          const now = performanceNow();
          if (now > turnEndsAtMs) {
            this.hasMore = true;
            break;
          }
          if (turnEndsAtMs === Number.POSITIVE_INFINITY) turnEndsAtMs = now + TURN_MS;
        }
        const args = this.nextRequest();
        if (args === null) break;
        if (isFirst) {
          isFirst = false;
          timing.beginTurn(batch.count === 1 && decoder.isDrained);
        }
        engine.execute(client, args);
        if (this.messages.length !== 0) this.writeMessages();
        if (decoder.unauthenticated) decoder.unauthenticated = this.isUnauthenticated;
      }
    } catch (error) {
      if (error instanceof errors.ProtocolError) reply.error(error);
      else if (isRefusedMemory(error)) reply.error(errors.OOM);
      owner.requestFailed(this, error);
      client.closing = true;
    }
    decoder.unread(batch);
    if (!isFirst) timing.endTurn();
    this.isRunning = false;
    owner.isRunning = false;
    client.lastActiveAtMs = owner.coarseNowMs;
    if (reply.length > repliesFrom) {
      this.repliesFrom = repliesFrom;
      owner.repliesWritten(this);
    }
    owner.commandsRan();
    if (client.closing) {
      this.sendReplies();
      if (this.channel.isOpen) this.channel.finish();
      else decoder.dispose();
    }
  }

  /** Out of a batch that is looked at before the first of it runs; null when nothing whole is left. */
  private nextRequest(): Args | null {
    const { batch, engine } = this.owner;
    if (batch.done === batch.count) {
      if (!this.decoder.nextBatch(batch)) return null;
      engine.lookAhead.begin(batch.requests, batch.count, this.client.databaseIndex);
    }
    return batch.requests[batch.done++];
  }

  private answerBeside(args: Args): void {
    const { owner, decoder, client, channel } = this;
    this.isRunning = true;
    decoder.unauthenticated = this.isUnauthenticated;
    try {
      while (!client.closing && !client.isWaiting && decoder.next(args)) {
        const reply = owner.engine.executeBeside(client, args);
        this.countOutput(reply.length);
        channel.send(reply, 0, reply.length);
        for (const bytes of this.messages) channel.send(bytes, 0, bytes.length);
        this.messages = [];
        if (decoder.unauthenticated) decoder.unauthenticated = this.isUnauthenticated;
      }
    } catch (error) {
      if (error instanceof errors.ProtocolError) {
        const reply = errors.errorReply(error.shown);
        channel.send(reply, 0, reply.length);
      }
      owner.requestFailed(this, error);
      client.closing = true;
    }
    this.isRunning = false;
    if (!client.closing) return;
    if (channel.isOpen) channel.finish();
    else decoder.dispose();
  }

  /** After a command, whose reply is complete now. */
  private writeMessages(): void {
    for (const bytes of this.messages) this.owner.engine.reply.raw(bytes);
    this.messages = [];
  }

  /** Writes this turn's replies, wherever they lie by now, if that was not done. */
  sendReplies(): void {
    if (this.repliesFrom < 0) return;
    const { channel, repliesFrom, repliesTo } = this;
    this.repliesFrom = -1;
    this.countOutput(repliesTo - repliesFrom);
    try {
      this.owner.engine.reply.writeTo(channel, repliesFrom, repliesTo);
      if (channel.pendingBytes > 0) this.owner.outputGrew(this);
    } catch (error) {
      // Mostly it is another client's command, or nobody's, that makes them leave now.
      channel.fail(error);
    }
  }

  /** As the configuration is now: a password may be taken away while the client is connected. */
  private get isUnauthenticated(): boolean {
    return (this.client.gate & ClientGate.NEEDS_AUTH) !== 0 && this.owner.engine.server.authentication.isRequired;
  }

  private countOutput(bytes: number): void {
    const { traffic } = this.owner;
    traffic.outputBytes += bytes;
    traffic.writes++;
  }
}
