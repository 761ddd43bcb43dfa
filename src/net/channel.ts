/**
 * One connection as the server uses it, whatever carries it: bytes come in through one read buffer that all channels
 * share, and go out without being kept unless the other side is slow.
 *
 * - Bytes given to send() belong to the caller again when it returns.
 * - Bytes given to sendLater() stay as they are until the turn ends. What is not gone by then was copied.
 * - Chunks given to sendChunks() are the channel's from then on.
 * - So what a channel holds is its own alone, `heldBytes` tells how much memory that is, and it goes when the channel
 *   closes.
 *
 * Two classes implement it: DescriptorChannel writes to the socket's descriptor itself, StreamChannel to a stream of
 * Node's.
 */
import type { ReplyDestination } from '../protocol/reply-writer.js';
import type { OutputMemory } from './output-queue.js';
import type { ReadBuffer } from './read-buffer.js';

export interface ChannelHandler {
  /**
   * `length` bytes arrived, at the start of `bytes`; they are overwritten afterwards. False stops reading until
   * resume(). With `more` set the buffer was filled: there probably is more to read.
   */
  onBytes(bytes: Buffer, view: DataView, length: number, more: boolean): boolean;
  /** The other side writes no more. */
  onEnd(): void;
  /** Some pending output went out. */
  onProgress(): void;
  /** Called exactly once, when nothing more will be read or written. */
  onClosed(): void;
}

/** What a channel needs of the transport it belongs to. */
export interface ChannelOwner {
  readonly readBuffer: ReadBuffer;
  readonly output: OutputMemory;
  readonly ref: boolean;
  /** Bytes are about to leave: what must be safe before the other side hears of it has to be safe now. */
  bytesLeave(): void;
  /** The channel has output that is to be written at the end of this turn. */
  flushLater(channel: Channel): void;
  /** The channel waits for the other side to close; where too many do, the one that has waited longest is abandoned. */
  lingers(channel: Channel): void;
  released(channel: Channel): void;
  /** A callback of the channel's threw: the channel is closed by now. */
  failed(channel: Channel, error: unknown): void;
}

export interface Channel extends ReplyDestination {
  readonly isOpen: boolean;
  readonly isUnixSocket: boolean;
  /** Whether the other side is on this machine. */
  readonly isLocal: boolean;
  /** The other side's `ip:port`, `[ip]:port` or `path:0`. */
  readonly remoteAddress: string;
  /** Our side's. */
  readonly localAddress: string;
  /** The system's number for the socket, for display; -1 where there is none. */
  readonly descriptor: number;
  /** Bytes that were accepted for sending and have not reached the kernel. */
  readonly pendingBytes: number;
  /** How many pieces those are in. */
  readonly pendingPieces: number;
  /** The memory that they take. */
  readonly heldBytes: number;
  isFlushScheduled: boolean;

  /** Reading begins. */
  start(handler: ChannelHandler): void;
  /** Writes bytes[start, end) when the turn ends. */
  sendLater(bytes: Buffer, start: number, end: number): void;
  /** Writes what waits, as far as the kernel takes it; the rest follows by itself. */
  flush(): void;
  /** Reads what has come into `bytes`, past the event loop. @returns how many bytes; 0 where there are none */
  readNow(bytes: Buffer): number;
  /** Goes on reading, where a handler stopped it. */
  resume(): void;
  /** Closes the connection when everything pending is written; input is discarded from here on. */
  finish(): void;
  /** Closes the connection now; pending output is lost. */
  destroy(): void;
  /** Something of ours threw: this connection pays for it, and nobody else. */
  fail(error: unknown): void;
  /** Stops to wait for the other side's end. */
  abandon(): void;
}
