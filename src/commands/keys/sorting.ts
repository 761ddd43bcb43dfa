/**
 * What SORT works with: strings copied out of the keyspace, and their order by a score.
 *
 * All of it is kept from one command to the next, as no command sees another's; what only a large one needed is given back.
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
   * Where string i begins and ends; its start is MISSING if there is none. Both stand side by side, for in the order that
   * sorting leaves each string is far from the last: one cache miss instead of two.
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

/** Indexes that insertion sorts; merging joins what is longer. */
const SHORT_RUN = 8;
/** From this many on, scores are sorted by their digits: 10^6 in 60 to 90 ms where merging took 450 (bench stalls-commands). */
const SORTED_BY_DIGITS = 512;
/** A score has 64 bits: six digits of 11 bits, but for two of 10. */
const DIGIT_BITS = [11, 11, 10];
const DIGIT_VALUES = 1 << 11;

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
    if (count < SORTED_BY_DIGITS) {
      this.mergeSort(0, count);
      return;
    }
    this.sortByDigits(count);
    if (breakTie === stable) return;
    const { scores, order } = this;
    for (let from = 0; from < count; ) {
      let to = from + 1;
      while (to < count && scores[order[to]] === scores[order[from]]) to++;
      if (to - from > 1) this.mergeSort(from, to);
      from = to;
    }
  }

  /** By the digits of the scores' bits, the lowest first; a digit that is the same everywhere is passed over. */
  private sortByDigits(count: number): void {
    let keys: Int32Array = sortableBits(this.scores, count);
    let otherKeys: Int32Array = new Int32Array(count * 2);
    const starts = new Int32Array(DIGIT_VALUES);
    for (let word = 0; word < 2; word++) {
      let shift = 0;
      for (const bits of DIGIT_BITS) {
        const mask = (1 << bits) - 1;
        starts.fill(0);
        for (let i = 0; i < count; i++) starts[(keys[i * 2 + word] >>> shift) & mask]++;
        if (starts[(keys[word] >>> shift) & mask] !== count) {
          turnToStarts(starts);
          this.distribute(keys, otherKeys, starts, count, word, shift, mask);
          [keys, otherKeys] = [otherKeys, keys];
        }
        shift += bits;
      }
    }
  }

  /** One pass: keys and indexes in the order of a digit. */
  private distribute(
    keys: Int32Array,
    otherKeys: Int32Array,
    starts: Int32Array,
    count: number,
    word: number,
    shift: number,
    mask: number,
  ): void {
    const { order, spare } = this;
    for (let i = 0; i < count; i++) {
      const to = starts[(keys[i * 2 + word] >>> shift) & mask]++;
      otherKeys[to * 2] = keys[i * 2];
      otherKeys[to * 2 + 1] = keys[i * 2 + 1];
      spare[to] = order[i];
    }
    this.order = spare;
    this.spare = order;
  }

  private mergeSort(start: number, end: number): void {
    for (let from = start; from < end; from += SHORT_RUN) this.insert(from, Math.min(from + SHORT_RUN, end));
    for (let width = SHORT_RUN; width < end - start; width *= 2) {
      for (let from = start; from < end; from += 2 * width) {
        this.merge(from, Math.min(from + width, end), Math.min(from + 2 * width, end));
      }
      this.order.set(this.spare.subarray(start, end), start);
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

/** The bits of doubles, low word first, changed so that they order as unsigned numbers; 0 and -0 are one. */
function sortableBits(scores: Float64Array, count: number): Int32Array {
  const doubles = new Float64Array(count);
  for (let i = 0; i < count; i++) doubles[i] = scores[i] + 0;
  const words = new Int32Array(doubles.buffer);
  for (let i = 0; i < words.length; i += 2) {
    const high = words[i + 1];
    // Negative numbers order the other way round.
    if (high < 0) words[i] = ~words[i];
    words[i + 1] = high < 0 ? ~high : high ^ 0x80000000;
  }
  return words;
}

/** How many there are of each becomes where each begins. */
function turnToStarts(counts: Int32Array): void {
  let start = 0;
  for (let value = 0; value < counts.length; value++) {
    const count = counts[value];
    counts[value] = start;
    start += count;
  }
}

/** A tie that leaves things as they were. */
export function stable(): number {
  return 0;
}
