/**
 * One connected socket as the server uses it: bytes come in through one read buffer that all channels share, and go out without
 * being kept unless the kernel is behind.
 *
 * Invariants:
 * - Bytes given to send() belong to the caller again when it returns. What the kernel did not take was copied to the channel's own
 *   queue and counts in `pendingBytes`, so a slow reader holds what it is owed and nothing else.
 * - Bytes given to sendLater() are kept by reference, and written at the end of the turn.
 * - Nothing is written to a file descriptor after its handle began to close: the number may be another connection's by then.
 * - handler.onClosed() is called exactly once, when nothing more will be read or written.
 */
import fs from 'node:fs';
import net from 'node:net';
import { viewOf } from '../../memory/slice.js';
import { setTimer } from '../time/timers.js';

// Taken at load: test runners replace these.
const writeSync = fs.writeSync;
const writevSync = fs.writevSync;

export const READ_BUFFER_SIZE = 256 * 1024;

/** How much is handed to the system at once when a reader is slow; what it has taken is known only when all of it is gone. */
const WRITE_SIZE = 256 * 1024;

/** Replies to a slow reader are collected in blocks of this size, so that many small ones cost no more than their bytes. */
const BLOCK_SIZE = 16 * 1024;
const FIRST_BLOCK_SIZE = 512;

/**
 * How long a connection that we close may take to read its last replies and close its side. Closing at once, with requests unread,
 * would reset the connection and lose the very error that tells the client why. It takes a descriptor meanwhile and is no client any
 * more, so its owner may call an end to it.
 */
const LINGER_MS = 1000;

export interface ChannelHandler {
  /**
   * `length` bytes arrived, at the start of `bytes`; they are overwritten afterwards. False stops reading until resume(). With
   * `more` set the buffer was filled: there probably is more to read.
   */
  onBytes(bytes: Buffer, view: DataView, length: number, more: boolean): boolean;
  /** The other side writes no more. */
  onEnd(): void;
  /** Some pending output went out. */
  onProgress(): void;
  onClosed(): void;
}

/** The bytes that all connections of a server are read into. */
export class ReadBuffer {
  readonly bytes = Buffer.allocUnsafeSlow(READ_BUFFER_SIZE);
  readonly view = viewOf(this.bytes);
}

/** What a channel needs of the transport it belongs to. */
export interface ChannelOwner {
  readonly readBuffer: ReadBuffer;
  readonly ref: boolean;
  /** The channel has output that is to be written at the end of this turn. */
  flushLater(channel: Channel): void;
  /** The channel waits for the other side to close; where too many do, the one that has waited longest is destroyed. */
  lingers(channel: Channel): void;
  released(channel: Channel): void;
  /** A callback of the channel's threw: the channel is closed by now. */
  failed(channel: Channel, error: unknown): void;
}

/** The part of libuv's stream handle that is used. */
export interface StreamHandle {
  /** -1 or missing where there is none. */
  readonly fd?: number;
  close(callback?: () => void): void;
}

/** A socket around a handle that we accepted ourselves; tells its channel before the descriptor closes. */
class HandleSocket extends net.Socket {
  onDestroy: () => void = () => {};

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.onDestroy();
    super._destroy(error, callback);
  }
}

export class Channel {
  handler!: ChannelHandler;
  readonly socket: net.Socket;
  /** Bytes that were accepted for sending and have not reached the kernel. */
  pendingBytes = 0;
  isFlushScheduled = false;
  /** Where to write directly; -1 where that can't be done or the socket is closing. */
  private fd = -1;
  /** Not yet handed to the socket. */
  private queue: Buffer[] = [];
  /** The last element of `queue` while it is a block of ours with room: what it is a part of. */
  private block: Buffer | null = null;
  private blockUsed = 0;
  /**
   * What sendLater() got last, not in `queue` yet, but behind it. Messages of a turn mostly lie side by side, so that they are one
   * stretch and one write (16 messages each to 100 subscribers: see bench, PUBLISH).
   */
  private shared: Buffer | null = null;
  private sharedStart = 0;
  private sharedEnd = 0;
  /** Handed to the socket, whose callback is outstanding. */
  private inFlight = 0;
  private isFinishing = false;
  private isClosed = false;
  private isReleased = false;
  /** The socket's addresses as Redis prints them; gone once the socket is closed, so remembered when first asked for. */
  private addresses: { remote: string; local: string } | undefined;

  private constructor(
    private readonly owner: ChannelOwner,
    socket: net.Socket,
    private readonly unixPath: string | undefined,
  ) {
    this.socket = socket;
    if (!owner.ref) socket.unref();
    socket.on('end', () => this.ended());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.fd = -1;
      try {
        this.close();
      } catch (error) {
        owner.failed(this, error);
      }
      this.release();
    });
  }

  /**
   * Takes over a handle that a listener accepted. Nothing is read before start(). Where a runtime does not know `onread`, the bytes
   * come as 'data'; where a handle tells no descriptor, the socket writes.
   */
  static fromHandle(owner: ChannelOwner, handle: StreamHandle, unixPath?: string): Channel {
    const { bytes, view } = owner.readBuffer;
    let channel: Channel;
    // `onread` and `handle` are what net.connect() and net.Server pass; the types know only the former, and only there.
    const options = {
      handle,
      allowHalfOpen: true,
      onread: {
        buffer: bytes,
        callback: (length: number) => channel.received(bytes, view, length, length === READ_BUFFER_SIZE),
      },
    };
    const socket = new HandleSocket(options as net.SocketConstructorOpts);
    channel = new Channel(owner, socket, unixPath);
    socket.on('data', (chunk: Buffer) => channel.receivedChunk(chunk));
    channel.fd = process.platform === 'win32' ? -1 : (handle.fd ?? -1);
    socket.onDestroy = () => {
      channel.fd = -1;
    };
    return channel;
  }

  /** The same for a socket of net.Server's making, where handles can't be had. */
  static fromSocket(owner: ChannelOwner, socket: net.Socket, unixPath?: string): Channel {
    socket.pause();
    const channel = new Channel(owner, socket, unixPath);
    socket.on('data', (chunk: Buffer) => channel.receivedChunk(chunk));
    // Listening for data makes the socket flow.
    socket.pause();
    return channel;
  }

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

  /** Whether the other side is on this machine. */
  get isLocal(): boolean {
    const { remoteAddress } = this;
    return this.isUnixSocket || remoteAddress.startsWith('127.') || remoteAddress.startsWith('[::1]');
  }

  /** How many pieces `pendingBytes` are in, of those that are not on their way. */
  get pendingPieces(): number {
    return this.queue.length + (this.shared === null ? 0 : 1);
  }

  /** The system's number for the socket, for display. */
  get descriptor(): number {
    return this.fd;
  }

  /** The other side's `ip:port`, `[ip]:port` or `path:0`. */
  get remoteAddress(): string {
    return this.readAddresses().remote;
  }

  /** Our side's. */
  get localAddress(): string {
    return this.readAddresses().local;
  }

  /** Writes bytes[start, end) now, behind everything that is pending; they may be overwritten afterwards. */
  send(bytes: Buffer, start: number, end: number): void {
    if (this.isFinishing || this.isClosed) return;
    if (this.pendingBytes > 0) {
      this.enqueueCopy(bytes, start, end);
      this.flush();
      return;
    }
    if (this.fd >= 0) {
      // Until it takes nothing: what it takes once we wait for it is known late, and stays in memory until then.
      for (let written = 1; written > 0 && start < end && !this.isClosed; start += written) {
        written = this.writeDirectly(bytes, start, end - start);
      }
      if (start === end || this.isClosed) return;
    }
    this.enqueueCopy(bytes, start, end);
    this.pump();
  }

  /**
   * The same for a long reply: `chunks`, and behind them bytes[0, end). True when the chunks are the caller's again; else
   * they stay as they are until they are written.
   */
  sendChunks(chunks: readonly Buffer[], bytes: Buffer, end: number): boolean {
    if (this.isFinishing || this.isClosed) return true;
    const tail = bytes.subarray(0, end);
    const isFirst = this.pendingBytes === 0;
    for (const chunk of chunks) this.enqueue(chunk);
    if (isFirst && this.fd >= 0) {
      // With the tail, though it is not ours to keep: mostly the kernel takes it all.
      this.enqueue(tail);
      this.dropWritten(this.writeQueueDirectly());
      if (this.pendingBytes === 0 || this.isClosed) return true;
      const last = this.queue.pop()!;
      this.pendingBytes -= last.length;
      this.enqueueCopy(last, 0, last.length);
      this.pump();
    } else {
      this.enqueueCopy(tail, 0, end);
      this.flush();
    }
    return this.pendingBytes === 0;
  }

  /** Writes bytes[start, end), which never change, when the turn ends. */
  sendLater(bytes: Buffer, start: number, end: number): void {
    if (this.isFinishing || this.isClosed || start === end) return;
    this.pendingBytes += end - start;
    if (bytes === this.shared && start === this.sharedEnd) {
      this.sharedEnd = end;
    } else {
      this.enqueueShared();
      this.shared = bytes;
      this.sharedStart = start;
      this.sharedEnd = end;
    }
    if (!this.isFlushScheduled && this.inFlight === 0) {
      this.isFlushScheduled = true;
      this.owner.flushLater(this);
    }
  }

  /** Writes what waits, as far as the kernel takes it; the rest follows by itself. */
  flush(): void {
    if (this.pendingBytes === 0 || this.inFlight > 0 || this.isClosed) return;
    if (this.fd >= 0) {
      if (this.queue.length === 0) {
        this.writeSharedDirectly();
      } else {
        this.enqueueShared();
        this.dropWritten(this.writeQueueDirectly());
      }
      if (this.pendingBytes === 0) {
        this.wentOut();
        return;
      }
    }
    if (!this.isClosed) this.pump();
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    if (!this.isClosed && !this.isFinishing) this.socket.resume();
  }

  /** Closes the connection when everything pending is written; input is discarded from here on. */
  finish(): void {
    if (this.isFinishing || this.isClosed) return;
    this.isFinishing = true;
    if (this.pendingBytes === 0) this.shutDown();
    else this.flush();
  }

  /** Closes the connection now; pending output is lost. */
  destroy(): void {
    this.fd = -1;
    this.socket.destroy();
    this.close();
  }

  private received(bytes: Buffer, view: DataView, length: number, more: boolean): boolean {
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

  private close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.queue = [];
    this.block = null;
    this.shared = null;
    this.pendingBytes = 0;
    this.handler?.onClosed();
  }

  /** Something of ours threw: this connection pays for it, and nobody else. */
  fail(error: unknown): void {
    try {
      this.destroy();
    } finally {
      this.owner.failed(this, error);
    }
  }

  private release(): void {
    if (this.isReleased) return;
    this.isReleased = true;
    this.owner.released(this);
  }

  // ---- Output

  /** How many bytes the kernel took. */
  private writeDirectly(bytes: Buffer, start: number, length: number): number {
    try {
      return writeSync(this.fd, bytes, start, length);
    } catch (error) {
      return this.writeFailed(error as NodeJS.ErrnoException);
    }
  }

  private writeSharedDirectly(): void {
    const written = this.writeDirectly(this.shared!, this.sharedStart, this.sharedEnd - this.sharedStart);
    if (this.isClosed) return;
    this.sharedStart += written;
    this.pendingBytes -= written;
    if (this.pendingBytes === 0) this.shared = null;
  }

  private writeQueueDirectly(): number {
    try {
      return this.queue.length === 1 ? writeSync(this.fd, this.queue[0]!) : writevSync(this.fd, this.queue);
    } catch (error) {
      return this.writeFailed(error as NodeJS.ErrnoException);
    }
  }

  private writeFailed(error: NodeJS.ErrnoException): number {
    // EAGAIN: the kernel is full; the socket waits for room. All else ends the connection.
    if (error.code !== 'EAGAIN' && error.code !== 'EINTR') this.destroy();
    return 0;
  }

  private enqueueShared(): void {
    if (this.shared === null) return;
    this.block = null;
    this.queue.push(this.shared.subarray(this.sharedStart, this.sharedEnd));
    this.shared = null;
  }

  private enqueue(bytes: Buffer): void {
    this.enqueueShared();
    this.block = null;
    this.queue.push(bytes);
    this.pendingBytes += bytes.length;
  }

  private enqueueCopy(bytes: Buffer, start: number, end: number): void {
    this.enqueueShared();
    this.pendingBytes += end - start;
    if (this.block !== null) {
      const copied = bytes.copy(this.block, this.blockUsed, start, end);
      if (copied > 0) {
        const last = this.queue.length - 1;
        const begin = this.blockUsed - this.queue[last]!.length;
        this.blockUsed += copied;
        this.queue[last] = this.block.subarray(begin, this.blockUsed);
        start += copied;
      }
      if (start === end) return;
    }
    if (this.queue.length === 0) {
      // Usually all there is: an exact copy, and blocks only for who falls behind further.
      this.queue.push(Buffer.from(bytes.subarray(start, end)));
      return;
    }
    const previous = this.block?.length ?? 0;
    const size = Math.max(end - start, Math.min(Math.max(previous * 2, FIRST_BLOCK_SIZE), BLOCK_SIZE));
    this.block = Buffer.allocUnsafeSlow(size);
    this.blockUsed = bytes.copy(this.block, 0, start, end);
    this.queue.push(this.block.subarray(0, this.blockUsed));
  }

  private dropWritten(written: number): void {
    if (this.isClosed) return;
    this.pendingBytes -= written;
    if (this.pendingBytes === 0 && this.queue.length === 1) {
      this.queue.pop();
      this.block = null;
      return;
    }
    let whole = 0;
    while (whole < this.queue.length && this.queue[whole]!.length <= written) written -= this.queue[whole++]!.length;
    this.queue.splice(0, whole);
    if (written > 0) this.queue[0] = this.queue[0]!.subarray(written);
    if (this.queue.length === 0) this.block = null;
  }

  /** Hands a piece of the queue to the socket, which waits for the kernel. */
  private pump(): void {
    this.enqueueShared();
    const batch: Buffer[] = [];
    while (this.queue.length > batch.length && this.inFlight < WRITE_SIZE) {
      const next = this.queue[batch.length]!;
      batch.push(next);
      this.inFlight += next.length;
    }
    this.queue.splice(0, batch.length);
    if (this.queue.length === 0) this.block = null;
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
    this.pendingBytes -= this.inFlight;
    this.inFlight = 0;
    if (this.pendingBytes > 0) this.pump();
    this.wentOut();
  }

  private wentOut(): void {
    if (this.isClosed) return;
    if (this.isFinishing && this.pendingBytes === 0) this.shutDown();
    else this.handler.onProgress();
  }

  // ---- Addresses

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
