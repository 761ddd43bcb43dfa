/**
 * What SORT works with: strings copied out of the keyspace, and their order by a score.
 *
 * All of it is kept from one command to the next, as no command sees another's; what only a large one needed is given
 * back.
 */

import { OutOfMemoryError } from '../../memory/arena.js';
import type { ByteSink } from '../../memory/byte-sink.js';
import { copyBytes, copySlice, type Slice, viewOf } from '../../memory/slice.js';

const FIRST_BYTES = 4096;
const FIRST_STRINGS = 128;
const KEPT_BYTES = 1 << 20;
const KEPT_STRINGS = 1 << 16;
const MOST_BYTES = 0x7fffffff;
const MISSING = -1;

/** A row of strings, numbered from 0, in one buffer, which values are written to. */
export class Strings implements ByteSink {
  count = 0;
  private bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  private view = viewOf(this.bytes);
  /**
   * Where string i begins and ends; its start is MISSING if there is none. Both stand side by side, for in the order
   * that sorting leaves each string is far from the last: one cache miss instead of two.
   */
  private bounds = new Int32Array(FIRST_STRINGS * 2);
  private at = 0;
  private begun = 0;

  clear(): void {
    this.count = 0;
    this.at = 0;
    this.begun = 0;
    if (this.bytes.length > KEPT_BYTES) {
      this.bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
      this.view = viewOf(this.bytes);
    }
    if (this.bounds.length > KEPT_STRINGS) this.bounds = new Int32Array(FIRST_STRINGS * 2);
  }

  /** Bytes of all. */
  get length(): number {
    return this.at;
  }

  bulk(string: Slice): void {
    this.rawSlice(string);
    this.bulkEnd();
  }

  bulkRange(bytes: Buffer, view: DataView, start: number, length: number): void {
    if (this.at + length > this.bytes.length) this.grow(length);
    copyBytes(this.bytes, this.view, this.at, bytes, view, start, length);
    this.at += length;
    this.bulkEnd();
  }

  bulkHeader(_length: number): void {}

  rawSlice(piece: Slice): void {
    const length = piece.end - piece.start;
    if (this.at + length > this.bytes.length) this.grow(length);
    copySlice(piece, this.bytes, this.view, this.at);
    this.at += length;
  }

  bulkEnd(): void {
    if (this.count * 2 === this.bounds.length) this.bounds = doubled(this.bounds);
    this.bounds[this.count * 2] = this.begun;
    this.bounds[this.count * 2 + 1] = this.at;
    this.begun = this.at;
    this.count++;
  }

  addMissing(): void {
    this.bulkEnd();
    this.bounds[(this.count - 1) * 2] = MISSING;
  }

  isMissing(index: number): boolean {
    return this.bounds[index * 2] === MISSING;
  }

  /** Valid until a string is added. */
  get(index: number, into: Slice): Slice {
    return into.set(this.bytes, this.view, this.bounds[index * 2], this.bounds[index * 2 + 1]);
  }

  hasNul(): boolean {
    return this.bytes.subarray(0, this.at).includes(0);
  }

  /** Each ends where it has its first NUL. */
  cutAtNul(): void {
    const { bounds } = this;
    for (let i = 0; i < this.count; i++) {
      if (this.isMissing(i)) continue;
      const nul = this.bytes.subarray(bounds[i * 2], bounds[i * 2 + 1]).indexOf(0);
      if (nul >= 0) bounds[i * 2 + 1] = bounds[i * 2] + nul;
    }
  }

  /** The first six bytes as a number, which orders as the strings do unless they are equal so far. */
  prefix(index: number): number {
    const { bytes } = this;
    const start = this.bounds[index * 2];
    const length = this.bounds[index * 2 + 1] - start;
    let prefix = 0;
    for (let i = 0; i < PREFIX_BYTES; i++) prefix = prefix * 256 + (i < length ? bytes[start + i] : 0);
    return prefix;
  }

  /** Orders two strings by unsigned bytes, then by length. */
  compare(a: number, b: number): number {
    const { bytes } = this;
    let at = this.bounds[a * 2];
    let other = this.bounds[b * 2];
    const end = this.bounds[a * 2 + 1];
    const otherEnd = this.bounds[b * 2 + 1];
    // What differs differs early, mostly, and a call of Buffer.compare costs as much as this loop does for 50 bytes.
    const stop = Math.min(end, at + otherEnd - other, at + SHORT_COMPARISON);
    for (; at < stop; at++, other++) if (bytes[at] !== bytes[other]) return bytes[at] - bytes[other];
    return bytes.compare(bytes, other, otherEnd, at, end);
  }

  private grow(length: number): void {
    const needed = this.at + length;
    if (needed > MOST_BYTES) throw new OutOfMemoryError('too much to sort');
    const bytes = Buffer.allocUnsafeSlow(Math.min(needed * 2, MOST_BYTES));
    this.bytes.copy(bytes, 0, 0, this.at);
    this.bytes = bytes;
    this.view = viewOf(bytes);
  }
}

const PREFIX_BYTES = 6;
const SHORT_COMPARISON = 64;

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
