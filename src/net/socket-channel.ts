/**
 * What both channels over a Node socket have in common: its life, its addresses, and the way of its output.
 *
 * Invariants:
 * - While anything is in the queue, the socket has a write under way (or the channel is closed): its callback brings
 *   the next.
 * - What sendLater() got this turn is not copied yet: the stretches of `later`, and behind them `shared`. While there
 *   is any, nothing is in the queue, so it is next to go.
 * - What the socket is writing stays in the queue, and is given back only when its callback came or the socket has
 *   closed.
 * - handler.onClosed() is called exactly once, when nothing more will be read or written.
 */
import type net from 'node:net';
import { viewOf } from '../memory/slice.js';
import type { Channel, ChannelHandler, ChannelOwner } from './channel.js';
import { OutputQueue } from './output-queue.js';
import { READ_BUFFER_SIZE } from './read-buffer.js';
import { setTimer } from './timers.js';

const NO_PIECES: Buffer[] = [];

/**
 * How much of a queue is written with one call: few enough pieces for the system, and enough bytes to fill the kernel.
 */
const WRITEV_SIZE = 1024 * 1024;

/**
 * How much is handed to the socket at once when a reader is slow; what it has taken is known only when all of it is
 * gone.
 */
const WRITE_SIZE = 256 * 1024;

/**
 * How long a connection that we close may take to read its last replies and close its side. Closing at once, with
 * requests unread, would reset the connection and lose the very error that tells the client why. It takes a descriptor
 * meanwhile and is no client any more, so its owner may call an end to it.
 */
const LINGER_MS = 1000;

export abstract class SocketChannel implements Channel {
  handler!: ChannelHandler;
  isFlushScheduled = false;
  protected readonly queue: OutputQueue;
  protected isClosed = false;
  private later: Buffer[] = NO_PIECES;
  private shared: Buffer | null = null;
  private sharedStart = 0;
  private sharedEnd = 0;
  /** Of `later` and `shared`. */
  private laterBytes = 0;
  /** Bytes at the front of the queue that the socket is writing. */
  private inFlight = 0;
  private isFinishing = false;
  private isReleased = false;
  /**
   * The socket's addresses as Redis prints them; gone once the socket is closed, so remembered when first asked for.
   */
  private addresses: { remote: string; local: string } | undefined;

  protected constructor(
    protected readonly owner: ChannelOwner,
    readonly socket: net.Socket,
    private readonly unixPath: string | undefined,
  ) {
    this.queue = new OutputQueue(owner.output);
    if (!owner.ref) socket.unref();
    socket.on('data', (chunk: Buffer) => this.receivedChunk(chunk));
    socket.on('end', () => this.ended());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.socketClosed());
  }

  /** How many of the bytes [start, end) the kernel takes at once; the rest goes the way of the socket's own writes. */
  protected abstract writeNow(bytes: Buffer, start: number, end: number): number;
  /** The same for several pieces. */
  protected abstract writePiecesNow(pieces: readonly Buffer[]): number;

  abstract readonly descriptor: number;

  abstract readNow(bytes: Buffer): number;

  start(handler: ChannelHandler): void {
    this.handler = handler;
    this.socket.resume();
  }

  get isOpen(): boolean {
    return !this.isClosed;
  }

  get isUnixSocket(): boolean {
    return this.unixPath !== undefined;
  }

  get isLocal(): boolean {
    const { remoteAddress } = this;
    return this.isUnixSocket || remoteAddress.startsWith('127.') || remoteAddress.startsWith('[::1]');
  }

  get pendingBytes(): number {
    return this.queue.pendingBytes + this.laterBytes;
  }

  get pendingPieces(): number {
    return this.queue.pieceCount + this.later.length + (this.shared === null ? 0 : 1);
  }

  get heldBytes(): number {
    return this.queue.heldBytes + this.laterBytes;
  }

  get remoteAddress(): string {
    return this.readAddresses().remote;
  }

  get localAddress(): string {
    return this.readAddresses().local;
  }

  send(bytes: Buffer, start: number, end: number): void {
    if (this.isFinishing || this.isClosed) return;
    this.owner.bytesLeave();
    if (this.shared !== null) this.writeLater();
    if (this.queue.pendingBytes === 0) {
      start += this.writeNow(bytes, start, end);
      if (start === end || this.isClosed) return;
    }
    this.queue.appendCopy(bytes, start, end);
    this.pump();
  }

  sendChunks(chunks: readonly Buffer[]): void {
    if (this.isFinishing || this.isClosed) {
      for (const chunk of chunks) this.owner.output.give(chunk);
      return;
    }
    this.owner.bytesLeave();
    if (this.shared !== null) this.writeLater();
    const isFirst = this.queue.pendingBytes === 0;
    for (const chunk of chunks) this.queue.append(chunk);
    if (isFirst) this.writeQueue();
    this.pump();
  }

  sendLater(bytes: Buffer, start: number, end: number): void {
    if (this.isFinishing || this.isClosed || start === end) return;
    if (this.queue.pendingBytes > 0) {
      // A slow reader: what it is owed has memory of its own, and not a part of what others are sent too.
      this.queue.appendCopy(bytes, start, end);
      return;
    }
    this.laterBytes += end - start;
    if (bytes === this.shared && start === this.sharedEnd) {
      // Messages of a turn mostly lie side by side, so that they are one stretch and one write (see bench, PUBLISH).
      this.sharedEnd = end;
      return;
    }
    if (this.shared !== null) {
      if (this.later === NO_PIECES) this.later = [];
      this.later.push(this.shared.subarray(this.sharedStart, this.sharedEnd));
    }
    this.shared = bytes;
    this.sharedStart = start;
    this.sharedEnd = end;
    if (this.isFlushScheduled) return;
    this.isFlushScheduled = true;
    this.owner.flushLater(this);
  }

  flush(): void {
    if (this.shared === null || this.isClosed) return;
    this.writeLater();
    if (this.pendingBytes === 0) this.wentOut();
  }

  resume(): void {
    if (!this.isClosed && !this.isFinishing) this.socket.resume();
  }

  finish(): void {
    if (this.isFinishing || this.isClosed) return;
    this.isFinishing = true;
    if (this.pendingBytes === 0) this.shutDown();
    else this.flush();
  }

  destroy(): void {
    this.socket.destroy();
    this.close();
  }

  fail(error: unknown): void {
    try {
      this.destroy();
    } finally {
      this.owner.failed(this, error);
    }
  }

  abandon(): void {
    this.socket.destroy();
  }

  // ---- Input

  protected received(bytes: Buffer, view: DataView, length: number, more: boolean): boolean {
    if (this.isFinishing || this.isClosed) return true;
    try {
      return this.handler.onBytes(bytes, view, length, more);
    } catch (error) {
      this.fail(error);
      return false;
    }
  }

  private receivedChunk(chunk: Buffer): void {
    if (!this.received(chunk, viewOf(chunk), chunk.length, chunk.length >= READ_BUFFER_SIZE)) this.socket.pause();
  }

  private ended(): void {
    if (this.isFinishing || this.isClosed) {
      // The last replies were read, or nobody will: either way the other side is done.
      if (this.pendingBytes === 0) this.socket.destroy();
      return;
    }
    try {
      this.handler.onEnd();
    } catch (error) {
      this.fail(error);
    }
  }

  // ---- Output

  /** Writes what sendLater() got; what the kernel does not take is copied. */
  private writeLater(): void {
    const { later, sharedStart: start, sharedEnd: end, laterBytes } = this;
    const shared = this.shared as Buffer;
    this.shared = null;
    this.later = NO_PIECES;
    this.laterBytes = 0;
    this.owner.bytesLeave();
    if (later === NO_PIECES) {
      const written = this.writeNow(shared, start, end);
      if (written < laterBytes && !this.isClosed) this.queue.appendCopy(shared, start + written, end);
    } else {
      later.push(shared.subarray(start, end));
      let written = this.writePiecesNow(later);
      for (let i = 0; i < later.length && !this.isClosed; i++) {
        const piece = later[i];
        if (written < piece.length) this.queue.appendCopy(piece, written, piece.length);
        written = Math.max(0, written - piece.length);
      }
    }
    this.pump();
  }

  private writeQueue(): void {
    const { queue } = this;
    while (queue.pendingBytes > 0 && !this.isClosed) {
      const written = this.writePiecesNow(queue.front(WRITEV_SIZE));
      if (written === 0 || this.isClosed) return;
      queue.drop(written);
    }
  }

  /** Hands a piece of the queue to the socket, which waits for the kernel. */
  private pump(): void {
    if (this.inFlight > 0 || this.queue.pendingBytes === 0 || this.isClosed) return;
    const batch = this.queue.front(WRITE_SIZE);
    for (const bytes of batch) this.inFlight += bytes.length;
    this.socket.cork();
    for (const bytes of batch.slice(0, -1)) this.socket.write(bytes);
    this.socket.write(batch.at(-1)!, (error) => {
      if (error != null) return;
      try {
        this.pumped();
      } catch (fault) {
        this.fail(fault);
      }
    });
    this.socket.uncork();
  }

  private pumped(): void {
    if (this.isClosed) return;
    this.queue.drop(this.inFlight);
    this.inFlight = 0;
    this.pump();
    this.wentOut();
  }

  private wentOut(): void {
    if (this.isClosed) return;
    if (this.isFinishing && this.pendingBytes === 0) this.shutDown();
    else this.handler.onProgress();
  }

  // ---- The end

  /** Everything is written: the other side is told, and has a moment to read it. */
  private shutDown(): void {
    if (this.isClosed) return;
    this.socket.end();
    // Discards what still comes; an end that has come already closes the socket as soon as ours is out.
    this.socket.resume();
    if (this.socket.readableEnded) this.socket.destroySoon();
    else {
      setTimer(() => this.socket.destroy(), LINGER_MS).unref();
      this.owner.lingers(this);
    }
    this.close();
  }

  private socketClosed(): void {
    try {
      this.close();
      this.inFlight = 0;
      this.queue.clear();
    } catch (error) {
      this.owner.failed(this, error);
    }
    if (this.isReleased) return;
    this.isReleased = true;
    this.owner.released(this);
  }

  private close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.shared = null;
    this.later = NO_PIECES;
    this.laterBytes = 0;
    this.queue.clear(this.inFlight);
    this.handler?.onClosed();
  }

  private readAddresses(): { remote: string; local: string } {
    if (this.addresses === undefined) {
      const { remoteAddress, remotePort, localAddress, localPort } = this.socket;
      this.addresses =
        this.unixPath !== undefined
          ? { remote: `${this.unixPath}:0`, local: `${this.unixPath}:0` }
          : { remote: formatAddress(remoteAddress, remotePort), local: formatAddress(localAddress, localPort) };
    }
    return this.addresses;
  }
}

function formatAddress(host: string | undefined, port: number | undefined): string {
  if (host === undefined) return '?:0';
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
