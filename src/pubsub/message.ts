/**
 * Messages to subscribers as they go over the wire: an array in RESP2, a push in RESP3. The two differ in their first byte only, so
 * a message is written once, and for subscribers of the other protocol copied.
 *
 * Those of one protocol are written one behind the other into blocks. So what a subscriber gets in one turn mostly is one stretch
 * of memory, and a single write (16 messages each to 100 subscribers: see bench, PUBLISH).
 */

import { copyBytes, copySlice, Slice, viewOf } from '../memory/slice.js';
import { writeInteger } from '../protocol/number-format.js';

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

/** Where messages of one protocol are written. Bytes that were handed out never change again. */
class MessageBlocks {
  private block = Buffer.allocUnsafeSlow(0);
  private blockView = viewOf(this.block);
  private used = 0;
  /** Where the piece that was taken last is to be written. */
  bytes = this.block;
  view = this.blockView;
  at = 0;

  take(size: number): Buffer {
    if (size > LARGE) {
      this.bytes = Buffer.allocUnsafeSlow(size);
      this.view = viewOf(this.bytes);
      this.at = 0;
      return this.bytes;
    }
    if (this.used + size > this.block.length) {
      this.block = Buffer.allocUnsafeSlow(BLOCK_SIZE);
      this.blockView = viewOf(this.block);
      this.used = 0;
    }
    this.bytes = this.block;
    this.view = this.blockView;
    this.at = this.used;
    this.used += size;
    return this.block.subarray(this.at, this.used);
  }
}

export class MessageWriter {
  private readonly arrays = new MessageBlocks();
  private readonly pushes = new MessageBlocks();

  /** The prefix, and then each part as a bulk string: for RESP2. */
  write(prefix: Slice, first: Slice, second?: Slice): Buffer {
    const size = prefix.length + bulkSize(first) + (second === undefined ? 0 : bulkSize(second));
    const blocks = this.arrays;
    const message = blocks.take(size);
    const { bytes, view, at } = blocks;
    copySlice(prefix, bytes, view, at);
    const end = writeBulk(bytes, view, at + prefix.length, first);
    if (second !== undefined) writeBulk(bytes, view, end, second);
    return message;
  }

  /** The message that write() made last, for RESP3. */
  push(message: Buffer): Buffer {
    const { bytes: from, view: fromView, at: start } = this.arrays;
    const blocks = this.pushes;
    const push = blocks.take(message.length);
    copyBytes(blocks.bytes, blocks.view, blocks.at, from, fromView, start, message.length);
    blocks.bytes[blocks.at] = PUSH;
    return push;
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
