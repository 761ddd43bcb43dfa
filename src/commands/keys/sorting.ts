/**
 * What SORT works with: elements and weights, copied out of the keyspace. All of it is kept from one command to the
 * next, as no command sees another's; what only a large one needed is given back.
 */

import { OutOfMemoryError } from '../../memory/arena.js';
import type { ByteSink } from '../../memory/byte-sink.js';
import { copyBytes, copySlice, type Slice, viewOf } from '../../memory/slice.js';
import { parseInteger, writeInteger } from '../../text/numbers.js';

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

/** Integers of so many characters are exact as doubles, and are read without a BigInt. */
const MAX_DIGITS = 15;

/**
 * The elements of what is sorted: numbers as long as all of them are integers as Redis prints them, which take a third
 * of the time to sort and to write again, and strings from the first that is not.
 */
export class Elements implements ByteSink {
  /** Whether all are numbers; ask with at least one element. */
  areNumbers = true;
  private numbers = new Float64Array(FIRST_STRINGS);
  private numberCount = 0;
  private readonly strings = new Strings();
  private readonly text = Buffer.allocUnsafeSlow(MAX_DIGITS);
  private readonly textView = viewOf(this.text);
  private readonly otherText = Buffer.allocUnsafeSlow(MAX_DIGITS);

  clear(): void {
    this.areNumbers = true;
    this.numberCount = 0;
    if (this.numbers.length > KEPT_STRINGS) this.numbers = new Float64Array(FIRST_STRINGS);
    this.strings.clear();
  }

  /** From the empty row on: they will not be sorted as numbers. */
  keepStrings(): void {
    this.areNumbers = false;
  }

  get count(): number {
    return this.areNumbers ? this.numberCount : this.strings.count;
  }

  bulk(string: Slice): void {
    this.bulkRange(string.bytes, string.view, string.start, string.end - string.start);
  }

  bulkRange(bytes: Buffer, view: DataView, start: number, length: number): void {
    if (this.areNumbers) {
      const value = length <= MAX_DIGITS ? parseInteger(bytes, start, start + length) : Number.NaN;
      if (!Number.isNaN(value)) {
        this.add(value);
        return;
      }
      this.becomeStrings();
    }
    this.strings.bulkRange(bytes, view, start, length);
  }

  bulkHeader(length: number): void {
    if (this.areNumbers) this.becomeStrings();
    this.strings.bulkHeader(length);
  }

  rawSlice(piece: Slice): void {
    this.strings.rawSlice(piece);
  }

  bulkEnd(): void {
    this.strings.bulkEnd();
  }

  /** The text of an element, valid until the next is asked for. */
  get(index: number, into: Slice): Slice {
    if (!this.areNumbers) return this.strings.get(index, into);
    return into.set(this.text, this.textView, 0, writeInteger(this.text, 0, this.numbers[index]));
  }

  /** Numbers get their order, so that the first is the least or, descending, the greatest. */
  sortNumbers(isDescending: boolean): void {
    const numbers = this.numbers.subarray(0, this.numberCount).sort();
    if (isDescending) numbers.reverse();
  }

  /** As strings only. */
  prefix(index: number): number {
    return this.strings.prefix(index);
  }

  /** By their bytes. */
  compare(a: number, b: number): number {
    if (!this.areNumbers) return this.strings.compare(a, b);
    const end = writeInteger(this.text, 0, this.numbers[a]);
    const otherEnd = writeInteger(this.otherText, 0, this.numbers[b]);
    return this.text.compare(this.otherText, 0, otherEnd, 0, end);
  }

  hasNul(): boolean {
    return this.strings.hasNul();
  }

  private add(value: number): void {
    if (this.numberCount === this.numbers.length) {
      const larger = new Float64Array(this.numbers.length * 2);
      larger.set(this.numbers);
      this.numbers = larger;
    }
    this.numbers[this.numberCount++] = value;
  }

  private becomeStrings(): void {
    const { text, textView } = this;
    for (let i = 0; i < this.numberCount; i++) {
      this.strings.bulkRange(text, textView, 0, writeInteger(text, 0, this.numbers[i]));
    }
    this.areNumbers = false;
    this.numberCount = 0;
  }
}

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
