/**
 * What SORT works with: strings copied out of the keyspace, and their order by a score.
 *
 * All of it is kept from one command to the next, as no command sees another's; what only a large one needed is given back.
 */

import { OutOfMemoryError } from '../../memory/arena.js';
import { copySlice, type Slice, viewOf } from '../../memory/slice.js';

const FIRST_BYTES = 4096;
const FIRST_STRINGS = 128;
const KEPT_BYTES = 1 << 20;
const KEPT_STRINGS = 1 << 16;
const MOST_BYTES = 0x7fffffff;
const MISSING = -1;

/** A row of strings, numbered from 0, in one buffer. */
export class Strings {
  count = 0;
  private bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  private view = viewOf(this.bytes);
  /** String i ends at ends[i], and begins where the one before ends; its start is MISSING if there is none. */
  private starts = new Int32Array(FIRST_STRINGS);
  private ends = new Int32Array(FIRST_STRINGS);
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
    if (this.starts.length > KEPT_STRINGS) {
      this.starts = new Int32Array(FIRST_STRINGS);
      this.ends = new Int32Array(FIRST_STRINGS);
    }
  }

  /** Bytes of all. */
  get length(): number {
    return this.at;
  }

  /** A piece of the string that end() makes one. */
  append(piece: Slice): void {
    const length = piece.end - piece.start;
    if (this.at + length > this.bytes.length) this.grow(length);
    copySlice(piece, this.bytes, this.view, this.at);
    this.at += length;
  }

  end(): void {
    if (this.count === this.starts.length) this.growOffsets();
    this.starts[this.count] = this.begun;
    this.ends[this.count] = this.at;
    this.begun = this.at;
    this.count++;
  }

  add(string: Slice): void {
    this.append(string);
    this.end();
  }

  addMissing(): void {
    this.end();
    this.starts[this.count - 1] = MISSING;
  }

  isMissing(index: number): boolean {
    return this.starts[index] === MISSING;
  }

  /** Valid until a string is added. */
  get(index: number, into: Slice): Slice {
    return into.set(this.bytes, this.view, this.starts[index], this.ends[index]);
  }

  /** The first six bytes as a number, which orders as the strings do unless they are equal so far. */
  prefix(index: number): number {
    const { bytes } = this;
    const start = this.starts[index];
    const length = this.ends[index] - start;
    let prefix = 0;
    for (let i = 0; i < PREFIX_BYTES; i++) prefix = prefix * 256 + (i < length ? bytes[start + i] : 0);
    return prefix;
  }

  /** Orders two strings by unsigned bytes, then by length. */
  compare(a: number, b: number): number {
    const { bytes } = this;
    let at = this.starts[a];
    let other = this.starts[b];
    const end = this.ends[a];
    const otherEnd = this.ends[b];
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

  private growOffsets(): void {
    this.starts = doubled(this.starts);
    this.ends = doubled(this.ends);
  }
}

const PREFIX_BYTES = 6;
const SHORT_COMPARISON = 64;

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}

/** Indexes that insertion sorts; merging joins what is longer. */
const SHORT_RUN = 8;

/**
 * Indexes 0 to count - 1 by their scores; equal ones by `breakTie`, or as they were. Sorting is stable, so unlike in Redis
 * the order of what is equal in every respect is always the same.
 */
export class Sorter {
  scores = new Float64Array(FIRST_STRINGS);
  order = new Int32Array(FIRST_STRINGS);
  private spare = new Int32Array(FIRST_STRINGS);
  private descending = false;
  private breakTie: (a: number, b: number) => number = stable;

  /** Room for so many indexes; they are in order, and their scores are the caller's to write. */
  begin(count: number): void {
    if (count > this.order.length || this.order.length > KEPT_STRINGS) {
      const capacity = Math.max(count, FIRST_STRINGS);
      this.scores = new Float64Array(capacity);
      this.order = new Int32Array(capacity);
      this.spare = new Int32Array(capacity);
    }
    for (let i = 0; i < count; i++) this.order[i] = i;
  }

  sort(count: number, descending: boolean, breakTie: (a: number, b: number) => number): void {
    this.descending = descending;
    this.breakTie = breakTie;
    if (descending) for (let i = 0; i < count; i++) this.scores[i] = -this.scores[i];
    for (let from = 0; from < count; from += SHORT_RUN) this.insert(from, Math.min(from + SHORT_RUN, count));
    for (let width = SHORT_RUN; width < count; width *= 2) {
      for (let from = 0; from < count; from += 2 * width) {
        this.merge(from, Math.min(from + width, count), Math.min(from + 2 * width, count));
      }
      const { order } = this;
      this.order = this.spare;
      this.spare = order;
    }
  }

  private insert(from: number, to: number): void {
    const { order } = this;
    for (let next = from + 1; next < to; next++) {
      const index = order[next];
      let at = next;
      for (; at > from && this.isBehind(order[at - 1], index); at--) order[at] = order[at - 1];
      order[at] = index;
    }
  }

  /** Merges two sorted neighbours into `spare`. */
  private merge(from: number, middle: number, to: number): void {
    const { order, spare } = this;
    let left = from;
    let right = middle;
    for (let at = from; at < to; at++) {
      if (right === to || (left < middle && !this.isBehind(order[left], order[right]))) spare[at] = order[left++];
      else spare[at] = order[right++];
    }
  }

  /** Whether a comes behind b, whatever their places were. */
  private isBehind(a: number, b: number): boolean {
    const difference = this.scores[a] - this.scores[b];
    // Infinities of one sign differ by NaN.
    if (difference > 0) return true;
    if (difference < 0) return false;
    const tie = this.breakTie(a, b);
    return this.descending ? tie < 0 : tie > 0;
  }
}

/** A tie that leaves things as they were. */
export function stable(): number {
  return 0;
}
