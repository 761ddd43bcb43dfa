/**
 * One connection that speaks HTTP/1.1: requests in, one after the other, each answered before the next is looked at.
 *
 * - A reply that is there at once leaves in the turn that its request came in; those of a pipeline leave together.
 * - While a request waits, its client is still read, so that its leaving is noticed: nobody waits for nobody.
 * - A client that is slow costs its own connection: a request that does not arrive, a reply that is not taken, a stream
 *   that piles up.
 */
import type { OutputBufferLimit } from '../../config/value-types.js';
import type { OtherConnection } from '../../engine/caller.js';
import type { Client, ConnectionFacts } from '../../engine/client.js';
import type { Channel, ChannelHandler } from '../../net/channel.js';
import { connectionFacts } from '../../net/connection-facts.js';
import { OutputLimit } from '../../net/output-limit.js';
import { setTimer, setTurn } from '../../net/timers.js';
import type { Exchange, HeaderLines, HttpReply, HttpRequest, ReplyStream, UpgradedConnection } from '../message.js';
import type { Streaming } from '../route.js';
import type { HttpReplyWriter, ReplyForm } from './reply-writer.js';
import { type ParserLimits, type RequestHead, RequestParser, UnreadableRequest } from './request-parser.js';

/** What waits behind a request that is not answered yet; more is not read. */
const MAX_HELD_BYTES = 64 * 1024;
/** Requests of one connection in one turn; those that are left wait for the next, as everybody else's do. */
const REQUESTS_PER_TURN = 64;
/** Replies that are not taken: no more requests are answered. */
const MAX_PENDING_BYTES = 1024 * 1024;
const BUSY_RETRY_MS = 1;
const MS_PER_SECOND = 1000;

/** What a request is answered by, and what its API puts into every reply. */
export interface Answer {
  readonly reply: HttpReply | Promise<HttpReply> | Streaming;
  readonly headers: HeaderLines;
}

/** What a connection needs of the service it belongs to. */
export interface HttpConnectionOwner {
  readonly limits: ParserLimits;
  readonly replies: HttpReplyWriter;
  readonly isBusy: boolean;
  readonly streamLimit: OutputBufferLimit;
  /** In seconds of `now`: for how long a request may take to arrive, and a connection be silent between requests. */
  readonly requestSeconds: number;
  readonly idleSeconds: number;
  readonly nowSeconds: number;
  request(head: RequestHead, body: Buffer, connection: HttpConnection): HttpRequest;
  /** Never throws. */
  answer(request: HttpRequest): Answer;
  /** What is answered to a request that can't be read, or not be taken. */
  refuse(error: UnreadableRequest, connection: HttpConnection): Answer;
  closed(connection: HttpConnection): void;
}

const CONTINUE = Buffer.from('HTTP/1.1 100 Continue\r\n\r\n');
const LAST_CHUNK = Buffer.from('0\r\n\r\n');
/** Of a request that wants no body: nobody takes what comes. */
const NO_STREAM: ReplyStream = { write: () => false, end() {} };

export class HttpConnection implements ChannelHandler, Exchange, OtherConnection {
  /** Of the stream or the waiting request. */
  client: Client | undefined;
  /** When something last happened here, in the owner's seconds. */
  private touchedSeconds: number;
  private readonly parser: RequestParser;
  /** The request that is being answered. */
  private current: HttpRequest | undefined;
  private isContinued = false;
  /** The last reply has been given. */
  private isOver = false;
  private isRunning = false;
  private isPaused = false;
  /** Requests have come that wait for a turn, or for the client to take replies. */
  private isHeldUp = false;
  private onGoneCallback: (() => void) | undefined;
  private isTurnPlanned = false;
  /** The client sends no more. */
  private hasEnded = false;
  private upgraded: UpgradedConnection | undefined;
  /** It speaks HTTP no more: a stream, or another protocol. */
  private isStreaming = false;
  private readonly outputLimit = new OutputLimit();
  /** The headers of the current request's API. */
  private apiHeaders = '';

  constructor(
    private readonly owner: HttpConnectionOwner,
    readonly channel: Channel,
  ) {
    this.parser = new RequestParser(owner.limits);
    this.touchedSeconds = owner.nowSeconds;
  }

  // ---- From the socket

  onBytes(bytes: Buffer, _view: DataView, length: number): boolean {
    if (this.upgraded !== undefined) {
      this.upgraded.onBytes(Buffer.from(bytes.subarray(0, length)));
      return true;
    }
    if (this.isStreaming) return true;
    this.parser.feed(bytes, length);
    this.run();
    if (!this.channel.isOpen) return false;
    if (this.upgraded !== undefined) {
      const rest = this.parser.takeRest();
      if (rest.length > 0) (this.upgraded as UpgradedConnection).onBytes(rest);
      return true;
    }
    this.parser.retain();
    this.isPaused = (this.current !== undefined || this.isHeldUp) && this.parser.heldBytes > MAX_HELD_BYTES;
    return !this.isPaused;
  }

  onEnd(): void {
    this.hasEnded = true;
    if (this.current !== undefined || this.isStreaming) this.channel.destroy();
    else if (!this.isHeldUp) this.channel.finish();
  }

  onProgress(): void {
    this.touch();
    if (this.isHeldUp && this.channel.pendingBytes < MAX_PENDING_BYTES) this.planTurn();
  }

  onClosed(): void {
    this.current = undefined;
    this.parser.clear();
    this.owner.closed(this);
    const { onGoneCallback } = this;
    this.onGoneCallback = undefined;
    onGoneCallback?.();
  }

  /** A second has passed. */
  sweep(nowSeconds: number): void {
    const { channel, owner } = this;
    if (!channel.isOpen) return;
    if (this.isStreaming) this.checkStream();
    const silentSeconds = nowSeconds - this.touchedSeconds;
    if (channel.pendingBytes > 0) {
      if (silentSeconds > owner.requestSeconds) channel.destroy();
    } else if (this.current !== undefined || this.isStreaming || this.isHeldUp) {
      // It waits for us.
    } else if (!this.parser.hasBegun) {
      if (silentSeconds > owner.idleSeconds) channel.finish();
    } else if (silentSeconds > owner.requestSeconds) {
      this.fail(this.parser.refusal(408, 'the request did not arrive in time'));
    }
  }

  // ---- Requests

  private run(): void {
    this.isRunning = true;
    this.isHeldUp = false;
    try {
      for (let left = REQUESTS_PER_TURN; this.mayRun && this.parser.next(); left--) {
        this.isContinued = false;
        this.current = this.owner.request(this.parser.head as RequestHead, this.parser.body, this);
        this.touch();
        if (this.owner.isBusy) this.retry();
        else this.serve(this.current);
        if (left === 1 || this.channel.pendingBytes > MAX_PENDING_BYTES) this.holdUp();
      }
      if (this.current === undefined && this.parser.expectsContinue) this.sayContinue();
    } catch (error) {
      if (!(error instanceof UnreadableRequest)) throw error;
      this.fail(error);
    } finally {
      this.isRunning = false;
    }
    this.owner.replies.flush(this.channel);
  }

  private get mayRun(): boolean {
    return this.current === undefined && this.channel.isOpen && !this.isStreaming && !this.isHeldUp && !this.isOver;
  }

  private holdUp(): void {
    this.isHeldUp = true;
    if (this.channel.pendingBytes <= MAX_PENDING_BYTES) this.planTurn();
  }

  private planTurn(): void {
    if (this.isTurnPlanned) return;
    this.isTurnPlanned = true;
    setTurn(() => {
      this.isTurnPlanned = false;
      if (!this.channel.isOpen) return;
      this.isHeldUp = false;
      this.proceed();
    });
  }

  /** One command takes very long, and nothing can run beside it: looks again. */
  private retry(): void {
    const look = (): void => {
      const { current } = this;
      if (current === undefined || !this.channel.isOpen) return;
      if (this.owner.isBusy) {
        this.retry();
        return;
      }
      this.serve(current);
      this.proceed();
    };
    setTimer(() => this.attempt(look), BUSY_RETRY_MS);
  }

  private serve(request: HttpRequest): void {
    const { reply, headers } = this.owner.answer(request);
    this.apiHeaders = headers;
    if (typeof reply === 'symbol') return;
    if (reply instanceof Promise) {
      // An API's promise does not reject: the owner sees to that.
      void reply.then((later) => this.attempt(() => this.answerLater(request, later)));
    } else {
      this.reply(request, reply);
    }
  }

  private answerLater(request: HttpRequest, reply: HttpReply): void {
    if (this.current !== request || !this.channel.isOpen) return;
    this.onGoneCallback = undefined;
    this.reply(request, reply);
    this.proceed();
  }

  /** Outside of a turn: what follows, and what is to be read again. */
  private proceed(): void {
    if (this.isRunning) return;
    this.attempt(() => this.run());
    if (!this.channel.isOpen || this.current !== undefined || this.isHeldUp) return;
    if (this.hasEnded) this.channel.finish();
    else if (this.isPaused) {
      this.isPaused = false;
      this.parser.retain();
      this.channel.resume();
    }
  }

  private reply({ head }: HttpRequest, reply: HttpReply): void {
    this.current = undefined;
    this.owner.replies.reply(this.channel, reply, formOf(head), this.apiHeaders);
    this.touch();
    if (!head.keepsAlive) this.finish();
  }

  private fail(error: UnreadableRequest): void {
    this.parser.clear();
    this.current = undefined;
    const { reply, headers } = this.owner.refuse(error, this);
    const form = { isHead: error.head?.method === 'HEAD', isModern: true, keepsAlive: false };
    this.owner.replies.reply(this.channel, reply as HttpReply, form, headers);
    this.finish();
  }

  private finish(): void {
    this.isOver = true;
    this.owner.replies.flush(this.channel);
    this.channel.finish();
  }

  private sayContinue(): void {
    if (this.isContinued) return;
    this.isContinued = true;
    this.owner.replies.flush(this.channel);
    this.channel.send(CONTINUE, 0, CONTINUE.length);
  }

  private touch(): void {
    this.touchedSeconds = this.owner.nowSeconds;
  }

  // ---- For the answer

  facts(): ConnectionFacts {
    const { channel, parser, memoryBytes } = this;
    const { heldBytes: queryBytes } = parser;
    return connectionFacts(channel, { queryBytes, queryCapacity: queryBytes, memoryBytes });
  }

  get remoteAddress(): string {
    return this.channel.remoteAddress;
  }

  get memoryBytes(): number {
    return this.parser.heldBytes + this.channel.heldBytes + (this.client?.heapBytes ?? 0);
  }

  evict(): void {
    this.channel.destroy();
  }

  onGone(callback: () => void): void {
    this.onGoneCallback = callback;
  }

  stream(reply: Omit<HttpReply, 'body'>): ReplyStream {
    const { channel, owner } = this;
    const request = this.current as HttpRequest;
    const { head } = request;
    if (head.method === 'HEAD') {
      this.reply(request, { ...reply, body: '' });
      return NO_STREAM;
    }
    const isChunked = head.isModern;
    this.isStreaming = true;
    const encoding = isChunked ? 'Transfer-Encoding: chunked\r\n' : '';
    owner.replies.head(channel, reply, { ...formOf(head), keepsAlive: isChunked }, this.apiHeaders + encoding);
    owner.replies.flush(channel);
    return {
      write: (piece) => {
        const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
        if (bytes.length === 0) return channel.isOpen;
        return this.sendPiece(isChunked ? chunk(bytes) : bytes);
      },
      end: () => {
        if (isChunked) this.sendPiece(LAST_CHUNK);
        if (channel.isOpen) channel.finish();
      },
    };
  }

  upgrade(headers: HeaderLines): UpgradedConnection {
    const { channel } = this;
    this.isStreaming = true;
    this.text(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n${headers}\r\n`);
    this.upgraded = {
      write: (bytes) => this.sendPiece(bytes),
      end: () => {
        if (channel.isOpen) channel.finish();
      },
      onBytes() {},
    };
    return this.upgraded;
  }

  /** Of a stream. False: nobody takes it any more. */
  private sendPiece(bytes: Buffer): boolean {
    const { channel } = this;
    if (!channel.isOpen) return false;
    this.attempt(() => channel.sendLater(bytes, 0, bytes.length));
    this.checkStream();
    this.touch();
    return channel.isOpen;
  }

  /** Gives a stream up that its client does not read. */
  private checkStream(): void {
    const { channel, owner } = this;
    const nowMs = owner.nowSeconds * MS_PER_SECOND;
    if (this.outputLimit.isExceededBy(channel.heldBytes, owner.streamLimit, nowMs)) channel.destroy();
  }

  attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.channel.fail(error);
    }
  }

  private text(text: string): void {
    const bytes = Buffer.from(text, 'latin1');
    this.owner.replies.flush(this.channel);
    this.channel.send(bytes, 0, bytes.length);
  }
}

function formOf(head: RequestHead): ReplyForm {
  return { isHead: head.method === 'HEAD', isModern: head.isModern, keepsAlive: head.keepsAlive };
}

function chunk(bytes: Buffer): Buffer {
  const size = bytes.length.toString(16);
  const chunked = Buffer.allocUnsafeSlow(size.length + bytes.length + 4);
  chunked.write(`${size}\r\n`, 0, 'latin1');
  bytes.copy(chunked, size.length + 2);
  chunked.write('\r\n', size.length + 2 + bytes.length, 'latin1');
  return chunked;
}
