/**
 * Writes RDB primitives into a row of equally large chunks.
 *
 * Full chunks queue in `chunks` until the caller takes them; the checksum runs over each as it fills. A chunk that has
 * been written out may be given back with recycle().
 */

import { copyBytes, type Slice, viewOf } from '../memory/slice.js';
import { parseInteger } from '../text/numbers.js';
import { Crc64 } from './crc64.js';
import { compress } from './lzf.js';
import {
  ENCODED_INT8,
  ENCODED_INT16,
  ENCODED_INT32,
  ENCODED_LZF,
  LENGTH_14_BITS,
  LENGTH_32_BITS,
  LENGTH_64_BITS,
} from './rdb-encoding.js';

const CHUNK_SIZE = 128 * 1024;
/** Shorter strings gain nothing from LZF. */
const MIN_COMPRESSED = 21;
/** Longest string that writeString() takes; longer ones go in pieces, with writeLength() and writeBytes(). */
export const MAX_STRING = 64 * 1024;
const LONGEST_INT32 = 11;
const TWO_32 = 0x1_0000_0000;

export interface RdbOutputOptions {
  compression: boolean;
  checksum: boolean;
  chunkSize?: number;
}

export class RdbOutput {
  /** Chunks that are full, in order. */
  chunks: Buffer[] = [];
  /** Bytes before the current chunk. */
  private before = 0;
  private bytes: Buffer;
  private view: DataView;
  private at = 0;
  private summed = 0;
  private readonly chunkSize: number;
  private readonly compression: boolean;
  private readonly checksum: boolean;
  private readonly crc = new Crc64();
  private readonly spare: Buffer[] = [];

  constructor(options: RdbOutputOptions) {
    this.compression = options.compression;
    this.checksum = options.checksum;
    this.chunkSize = Math.max(options.chunkSize ?? CHUNK_SIZE, MAX_STRING + 64);
    this.bytes = Buffer.allocUnsafeSlow(this.chunkSize);
    this.view = viewOf(this.bytes);
  }

  /** Begins anew; chunks that were not taken are used again. */
  reset(): void {
    for (const chunk of this.chunks) this.recycle(chunk);
    this.chunks = [];
    this.before = 0;
    this.at = 0;
    this.summed = 0;
    this.crc.reset();
  }

  /** Bytes written so far. */
  get length(): number {
    return this.before + this.at;
  }

  get compresses(): boolean {
    return this.compression;
  }

  /** Makes the next `size` bytes contiguous. */
  private room(size: number): void {
    if (this.at + size > this.chunkSize) this.flush();
  }

  /** Queues what has been written to the current chunk. */
  flush(): void {
    if (this.at === 0) return;
    this.sum();
    this.chunks.push(this.at === this.bytes.length ? this.bytes : this.bytes.subarray(0, this.at));
    this.before += this.at;
    this.bytes = this.spare.pop() ?? Buffer.allocUnsafeSlow(this.chunkSize);
    this.view = viewOf(this.bytes);
    this.at = 0;
    this.summed = 0;
  }

  private sum(): void {
    if (this.checksum) this.crc.update(this.bytes, this.summed, this.at);
    this.summed = this.at;
  }

  /** Takes back a chunk whose bytes nobody needs any more. */
  recycle(chunk: Buffer): void {
    if (this.spare.length < 2) this.spare.push(Buffer.from(chunk.buffer, 0, this.chunkSize));
  }

  writeByte(value: number): void {
    this.room(1);
    this.bytes[this.at++] = value;
  }

  writeLength(value: number): void {
    this.room(9);
    const view = this.view;
    if (value < 1 << 6) {
      view.setUint8(this.at, value);
      this.at += 1;
    } else if (value < 1 << 14) {
      view.setUint16(this.at, (LENGTH_14_BITS << 14) | value);
      this.at += 2;
    } else if (value < TWO_32) {
      view.setUint8(this.at, LENGTH_32_BITS);
      view.setUint32(this.at + 1, value);
      this.at += 5;
    } else {
      view.setUint8(this.at, LENGTH_64_BITS);
      view.setUint32(this.at + 1, Math.floor(value / TWO_32));
      view.setUint32(this.at + 5, value % TWO_32);
      this.at += 9;
    }
  }

  /** A number of 64 bits in the form of a length. */
  writeLength64(value: bigint): void {
    if (value < TWO_32) {
      this.writeLength(Number(value));
      return;
    }
    this.room(9);
    this.view.setUint8(this.at, LENGTH_64_BITS);
    this.view.setBigUint64(this.at + 1, value);
    this.at += 9;
  }

  /** A time in whole milliseconds: 64 bits, little-endian. */
  writeMilliseconds(value: number): void {
    this.room(8);
    const high = Math.floor(value / TWO_32);
    this.view.setUint32(this.at, value - high * TWO_32, true);
    this.view.setInt32(this.at + 4, high, true);
    this.at += 8;
  }

  /** Bytes as they are, of any length. */
  writeBytes(source: Slice): void {
    let { start } = source;
    while (start < source.end) {
      if (this.at === this.chunkSize) this.flush();
      const size = Math.min(source.end - start, this.chunkSize - this.at);
      copyBytes(this.bytes, this.view, this.at, source.bytes, source.view, start, size);
      this.at += size;
      start += size;
    }
  }

  /** A string of at most MAX_STRING bytes in the shortest of its forms: integer, compressed, as it is. */
  writeString(source: Slice): void {
    const size = source.end - source.start;
    this.room(size + 16);
    if (size <= LONGEST_INT32) {
      const value = parseInteger(source.bytes, source.start, source.end);
      if (value === (value | 0)) {
        this.integer(value);
        return;
      }
    } else if (size >= MIN_COMPRESSED && this.compression && this.compressed(source, size)) return;
    this.writeLength(size);
    copyBytes(this.bytes, this.view, this.at, source.bytes, source.view, source.start, size);
    this.at += size;
  }

  private integer(value: number): void {
    const view = this.view;
    if (value >= -0x80 && value < 0x80) {
      view.setUint8(this.at, ENCODED_INT8);
      view.setInt8(this.at + 1, value);
      this.at += 2;
    } else if (value >= -0x8000 && value < 0x8000) {
      view.setUint8(this.at, ENCODED_INT16);
      view.setInt16(this.at + 1, value, true);
      this.at += 3;
    } else {
      view.setUint8(this.at, ENCODED_INT32);
      view.setInt32(this.at + 1, value, true);
      this.at += 5;
    }
  }

  /** Compresses in place behind the room its two lengths may take, then closes the gap. */
  private compressed(source: Slice, size: number): boolean {
    const data = this.at + 11;
    const end = compress(source.bytes, source.start, source.end, this.bytes, data, data + size - 4);
    if (end < 0) return false;
    this.view.setUint8(this.at++, ENCODED_LZF);
    this.writeLength(end - data);
    this.writeLength(size);
    this.bytes.copyWithin(this.at, data, end);
    this.at += end - data;
    return true;
  }

  /** A string that was compressed elsewhere. */
  writeCompressed(packed: Slice, size: number): void {
    this.writeCompressedHeader(packed.length, size);
    this.writeBytes(packed);
  }

  /** In front of a string that follows in pieces of its LZF form. */
  writeCompressedHeader(packedSize: number, size: number): void {
    this.writeByte(ENCODED_LZF);
    this.writeLength(packedSize);
    this.writeLength(size);
  }

  /** Text of the file's own, never compressed. */
  writeText(text: string): void {
    this.writeLength(text.length);
    this.room(text.length);
    this.bytes.write(text, this.at, 'latin1');
    this.at += text.length;
  }

  writeRaw(text: string): void {
    this.room(text.length);
    this.bytes.write(text, this.at, 'latin1');
    this.at += text.length;
  }

  /** The checksum of everything before it (zero when it is not taken), little-endian; flushes. */
  writeChecksum(): void {
    this.room(8);
    this.sum();
    this.view.setInt32(this.at, this.crc.low, true);
    this.view.setInt32(this.at + 4, this.crc.high, true);
    this.at += 8;
    this.flush();
  }
}
