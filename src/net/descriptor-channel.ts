/**
 * A channel that writes to its socket's descriptor itself: the kernel tells at once what it takes, so nothing is copied
 * for a reader that keeps up (docs/architecture.md has the figures). The socket reads, waits for room when the kernel
 * is full, and closes.
 *
 * Invariant: nothing is written to the descriptor after its handle began to close, for the number may be another
 * connection's by then.
 */
import fs from 'node:fs';
import net from 'node:net';
import type { ChannelOwner } from './channel.js';
import { READ_BUFFER_SIZE } from './read-buffer.js';
import { SocketChannel } from './socket-channel.js';

// Taken at load: test runners replace these.
const readSync = fs.readSync;
const writeSync = fs.writeSync;
const writevSync = fs.writevSync;

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

export class DescriptorChannel extends SocketChannel {
  /** -1 where there is none, or the socket is closing: then the socket writes. */
  private fd: number;

  /**
   * Takes over a handle that a listener accepted. Nothing is read before start(). Where a runtime does not know
   * `onread`, the bytes come as 'data'; where a handle tells no descriptor, the socket writes.
   */
  constructor(owner: ChannelOwner, handle: StreamHandle, unixPath?: string) {
    const { bytes, view } = owner.readBuffer;
    // `onread` and `handle` are what net.connect() and net.Server pass; the types know only the former, and only there.
    const options = {
      handle,
      allowHalfOpen: true,
      onread: {
        buffer: bytes,
        callback: (length: number) => this.received(bytes, view, length, length === READ_BUFFER_SIZE),
      },
    };
    const socket = new HandleSocket(options as net.SocketConstructorOpts);
    super(owner, socket, unixPath);
    this.fd = process.platform === 'win32' ? -1 : (handle.fd ?? -1);
    socket.onDestroy = () => {
      this.fd = -1;
    };
  }

  get descriptor(): number {
    return this.fd;
  }

  override destroy(): void {
    this.fd = -1;
    super.destroy();
  }

  readNow(bytes: Buffer): number {
    if (this.fd < 0) return 0;
    try {
      return readSync(this.fd, bytes, 0, bytes.length, null);
    } catch {
      // Mostly nothing has come. What went wrong, or that this is the end, the socket will see.
      return 0;
    }
  }

  protected writeNow(bytes: Buffer, start: number, end: number): number {
    const from = start;
    // Until it takes nothing: what it takes once we wait for it is known late, and stays in memory until then.
    for (let written = 1; written > 0 && start < end && this.fd >= 0; start += written) {
      try {
        written = writeSync(this.fd, bytes, start, end - start);
      } catch (error) {
        written = this.writeFailed(error as NodeJS.ErrnoException);
      }
    }
    return start - from;
  }

  protected writePiecesNow(pieces: readonly Buffer[]): number {
    if (this.fd < 0) return 0;
    try {
      return writevSync(this.fd, pieces);
    } catch (error) {
      return this.writeFailed(error as NodeJS.ErrnoException);
    }
  }

  /** EAGAIN: the kernel is full, and the socket waits for room. All else ends the connection. */
  private writeFailed(error: NodeJS.ErrnoException): 0 {
    if (error.code !== 'EAGAIN' && error.code !== 'EINTR') this.destroy();
    return 0;
  }
}
