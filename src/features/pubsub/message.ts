/**
 * Messages to subscribers as they go over the wire: an array in RESP2, a push in RESP3. The two differ in their first
 * byte only, so a message is written once, and for subscribers of the other protocol copied.
 *
 * Those of one protocol are written one behind the other into blocks. So what a subscriber gets in one turn mostly is
 * one stretch of memory, and a single write, and nothing is allocated per message.
 */

import type { Client } from '../../engine/client.js';
import { copyBytes, copySlice, Slice, viewOf } from '../../memory/slice.js';
import { writeInteger } from '../../text/numbers.js';

const PUSH = 0x3e;
const BULK = 0x24;
const BLOCK_SIZE = 16 * 1024;
/** Larger messages have memory of their own: a block that one small piece of is awaited is not held for them. */
const LARGE = 4 * 1024;

/** The beginning of every message of a kind about a name (a channel or pattern), up to and with that name. Latin1. */
export function prefixOf(kind: 'message' | 'pmessage' | 'smessage', name: string): Slice {
  const elements = kind === 'pmessage' ? 4 : 3;
  const text = `*${elements}\r\n$${kind.length}\r\n${kind}\r\n$${name.length}\r\n${name}\r\n`;
  return Slice.of(Buffer.from(text, 'latin1'));
}

/** Where messages of one kind are written. Bytes that were handed out never change again. */
export class MessageBlocks {
  private block = Buffer.allocUnsafeSlow(0);
  private blockView = viewOf(this.block);
  private used = 0;
  /** Where the piece that was taken last is to be written: bytes[start, end). */
  bytes = this.block;
  view = this.blockView;
  start = 0;
  end = 0;

  take(size: number): void {
    if (size > LARGE) {
      this.bytes = Buffer.allocUnsafeSlow(size);
      this.view = viewOf(this.bytes);
      this.start = 0;
      this.end = size;
      return;
    }
    if (this.used + size > this.block.length) {
      this.block = Buffer.allocUnsafeSlow(BLOCK_SIZE);
      this.blockView = viewOf(this.block);
      this.used = 0;
    }
    this.bytes = this.block;
    this.view = this.blockView;
    this.start = this.used;
    this.used += size;
    this.end = this.used;
  }
}

export class MessageWriter {
  /** Of both protocols, the message that was written last. */
  readonly arrays = new MessageBlocks();
  readonly pushes = new MessageBlocks();

  /** The prefix, and then each part as a bulk string: for RESP2, into `arrays`. */
  write(prefix: Slice, first: Slice, second?: Slice): void {
    const { arrays } = this;
    arrays.take(prefix.length + bulkSize(first) + (second === undefined ? 0 : bulkSize(second)));
    const { bytes, view, start } = arrays;
    copySlice(prefix, bytes, view, start);
    const end = writeBulk(bytes, view, start + prefix.length, first);
    if (second !== undefined) writeBulk(bytes, view, end, second);
  }

  /**
   * Sends the last message to a client in its protocol. `hasPush`: whether it was written for RESP3; returns whether it
   * is by now.
   */
  sendTo({ protocol, sink }: Client, hasPush: boolean): boolean {
    if (protocol === 2) {
      const { bytes, start, end } = this.arrays;
      sink.send(bytes, start, end);
      return hasPush;
    }
    if (!hasPush) this.writePush();
    const { bytes, start, end } = this.pushes;
    sink.send(bytes, start, end);
    return true;
  }

  /** The message that write() made last, for RESP3, into `pushes`. */
  writePush(): void {
    const { bytes: from, view: fromView, start, end } = this.arrays;
    const { pushes } = this;
    pushes.take(end - start);
    copyBytes(pushes.bytes, pushes.view, pushes.start, from, fromView, start, end - start);
    pushes.bytes[pushes.start] = PUSH;
  }
}

function bulkSize({ length }: Slice): number {
  return 1 + digitsOf(length) + 2 + length + 2;
}

function digitsOf(length: number): number {
  return length < 10 ? 1 : length < 100 ? 2 : String(length).length;
}

function writeBulk(bytes: Buffer, view: DataView, at: number, value: Slice): number {
  bytes[at] = BULK;
  at = writeCrlf(bytes, writeInteger(bytes, at + 1, value.length));
  copySlice(value, bytes, view, at);
  return writeCrlf(bytes, at + value.length);
}

function writeCrlf(bytes: Buffer, at: number): number {
  bytes[at] = 0x0d;
  bytes[at + 1] = 0x0a;
  return at + 2;
}
