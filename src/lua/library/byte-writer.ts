/** Bytes that a library's function puts one after another until they become a string. */

import { charge, outside } from '../runtime/limits.js';

/** What Node's buffers can do and its types do not say; nothing is as fast between bytes and strings. */
export interface Latin1Buffer extends Buffer {
  latin1Slice(start: number, end: number): string;
  latin1Write(text: string, offset: number): number;
}

/** Kept between uses. */
const KEPT_BYTES = 64 * 1024;
/** No string can be longer. */
const MOST_BYTES = 2 ** 29 - 24;
/** From here on copying a string as a whole is faster than by characters, which for one made by `..` is slow. */
const WHOLE_COPY_LENGTH = 14;

export class ByteWriter {
  /** What is written, up to `length`; reserve() comes before writing into it directly. */
  bytes = newBuffer(KEPT_BYTES);
  length = 0;

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    if (this.length + count > this.bytes.length) this.grow(this.length + count);
  }

  private grow(needed: number): void {
    // As the engine itself refuses to make one.
    if (needed > MOST_BYTES) throw new RangeError('Invalid string length');
    const capacity = Math.min(Math.max(needed, this.bytes.length * 2), MOST_BYTES);
    charge(capacity);
    const larger = newBuffer(capacity);
    outside.bytes += capacity - this.bytes.length;
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }

  writeByte(byte: number): void {
    if (this.length === this.bytes.length) this.grow(this.length + 1);
    this.bytes[this.length++] = byte;
  }

  /** A string as it is, byte by byte. */
  writeText(text: string): void {
    const count = text.length;
    this.reserve(count);
    const { bytes, length } = this;
    if (count < WHOLE_COPY_LENGTH) {
      for (let index = 0; index < count; index++) bytes[length + index] = text.charCodeAt(index);
    } else {
      bytes.latin1Write(text, length);
    }
    this.length = length + count;
  }

  /** A part of other bytes. */
  writeBytes(source: Uint8Array, start: number, end: number): void {
    const count = end - start;
    this.reserve(count);
    const { bytes, length } = this;
    if (count < WHOLE_COPY_LENGTH) {
      for (let index = 0; index < count; index++) bytes[length + index] = source[start + index];
    } else {
      bytes.set(source.subarray(start, end), length);
    }
    this.length = length + count;
  }

  toString(): string {
    charge(this.length);
    return this.bytes.latin1Slice(0, this.length);
  }

  /** To be called in the end, also after an error. */
  clear(): void {
    this.length = 0;
    if (this.bytes.length === KEPT_BYTES) return;
    outside.bytes -= this.bytes.length - KEPT_BYTES;
    this.bytes = newBuffer(KEPT_BYTES);
  }
}

/** Writers out of use, for what may need several at once, because it calls Lua while it writes. */
const idleWriters: ByteWriter[] = [];
const MOST_IDLE = 4;

/** An empty writer, which is to be given back. */
export function takeWriter(): ByteWriter {
  return idleWriters.pop() ?? new ByteWriter();
}

export function giveBackWriter(writer: ByteWriter): void {
  writer.clear();
  if (idleWriters.length < MOST_IDLE) idleWriters.push(writer);
}

export function newBuffer(bytes: number): Latin1Buffer {
  return Buffer.allocUnsafeSlow(bytes) as Latin1Buffer;
}
