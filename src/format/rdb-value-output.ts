/**
 * What writes values in the RDB format: the output, and how much may still be written in this slice.
 *
 * A long value is written by a generator that stops, inside of the value, wherever isSpent(): the units of its slice
 * are used up, or a chunk of the output is full. Nothing may change the value meanwhile. A unit is about a microsecond:
 * a small value, or UNIT_BYTES of a longer one.
 *
 * As a ByteSink it writes each string in one go, in the way in which most types write their elements.
 */

import type { ByteSink } from '../memory/byte-sink.js';
import type { Rope } from '../memory/rope.js';
import { Slice, viewOf } from '../memory/slice.js';
import { Compression, LzfCompressor } from './lzf.js';
import { sparseLength, sparsePiece } from './lzf-zeros.js';
import { MAX_STRING, type RdbOutput } from './rdb-output.js';

const UNIT_BYTES = 256;
/** Longer strings are written as they are: the length of the compressed form must be known before its first byte. */
const MAX_COMPRESSED = 1 << 20;
const COMPRESSION_STEP = 32 * 1024;

export class RdbValueOutput implements ByteSink {
  /** What is left of the slice. */
  units = Number.POSITIVE_INFINITY;

  private readonly value = new Slice();
  private readonly piece = new Slice();
  private readonly compressor = new LzfCompressor();
  private content: Buffer = Buffer.alloc(0);
  private packed: Buffer = this.content;

  constructor(private readonly output: RdbOutput) {}

  /** Whether the slice is over. */
  isSpent(): boolean {
    return this.units <= 0 || this.output.chunks.length > 0;
  }

  writeByte(byte: number): void {
    this.output.writeByte(byte);
  }

  /** A number of elements or bytes. */
  writeLength(length: number): void {
    this.output.writeLength(length);
  }

  /** A time in whole milliseconds, in eight bytes. */
  writeMilliseconds(time: number): void {
    this.output.writeMilliseconds(time);
  }

  /** A number of 64 bits in the form of a length. */
  writeLength64(value: bigint): void {
    this.output.writeLength64(value);
  }

  /** A string of any length, not compressed if it is long. */
  bulk(content: Slice): void {
    const length = content.end - content.start;
    if (length <= MAX_STRING) {
      this.output.writeString(content);
    } else {
      this.output.writeLength(length);
      this.output.writeBytes(content);
    }
    this.units -= length / UNIT_BYTES;
  }

  bulkRange(bytes: Buffer, view: DataView, start: number, length: number): void {
    this.bulk(this.value.set(bytes, view, start, start + length));
  }

  bulkHeader(length: number): void {
    this.output.writeLength(length);
  }

  rawSlice(piece: Slice): void {
    this.output.writeBytes(piece);
    this.units -= piece.length / UNIT_BYTES;
  }

  bulkEnd(): void {}

  /** A string of any length, in pieces; compressed if it is not too long for that and gets shorter. */
  *longString(rope: Rope): Generator<void, void> {
    const { length } = rope;
    if (this.output.compresses && length <= MAX_COMPRESSED && (yield* this.compressed(rope))) return;
    if (length > MAX_COMPRESSED && (yield* this.sparse(rope))) return;
    this.output.writeLength(length);
    const window = this.value;
    for (let at = 0; at < length; at += window.length) {
      this.rawSlice(rope.window(at, length, window));
      if (this.isSpent()) yield;
    }
  }

  /**
   * Holes stay cheap in files whether or not these are compressed: SETBIT of 40 bytes must not make a file of 512 MiB.
   */
  private *sparse(rope: Rope): Generator<void, boolean> {
    const { length } = rope;
    const window = this.value;
    const packedLength = sparseLength(rope, window);
    if (packedLength >= length) return false;
    this.output.writeCompressedHeader(packedLength, length);
    for (let at = 0; at < length; at += window.length) {
      const piece = sparsePiece(rope.window(at, length, window));
      this.rawSlice(this.piece.set(piece, viewOf(piece), 0, piece.length));
      if (this.isSpent()) yield;
    }
    return true;
  }

  private *compressed(rope: Rope): Generator<void, boolean> {
    const { length } = rope;
    // Kept from string to string: buffers of this size, thrown away, would call the garbage collector in.
    if (this.content.length < length) {
      this.content = Buffer.allocUnsafeSlow(Math.min(2 * length, MAX_COMPRESSED));
      this.packed = Buffer.allocUnsafeSlow(this.content.length);
    }
    const content = this.content;
    const packed = this.packed;
    for (let at = 0; at < length; at += this.value.length) {
      const { bytes, start, end } = rope.window(at, length, this.value);
      bytes.copy(content, at, start, end);
    }
    this.compressor.begin(content, 0, length, packed, 0, length - 4);
    for (;;) {
      const run = this.compressor.run(COMPRESSION_STEP);
      if (run === Compression.TOO_LONG) return false;
      if (run === Compression.DONE) break;
      this.units -= COMPRESSION_STEP / UNIT_BYTES;
      if (this.isSpent()) yield;
    }
    this.output.writeCompressed(new Slice(packed, viewOf(packed), 0, this.compressor.at), length);
    return true;
  }
}
