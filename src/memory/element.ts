/**
 * One element of a run that is read forwards only (a set's member, a hash's field or value): a head and a payload,
 * without the tail that lets Packed walk backwards.
 *
 *     00LLLLLL            byte string of L < 64 bytes
 *     01LLLLLL LLLLLLLL   byte string of L < 16384 bytes
 *     1100WWWW            integer in W = 1, 2, 4, 6 or 8 bytes, little-endian
 *     111VVVVV            the integer V, 0 to 31
 *     11011000            not an element: the deadline (f64, ms) of the field before it
 *
 * What reads as a canonical int64 is always an integer, of the least width that holds it, and prints as the text that
 * it came from ("007", "+1" and "-0" stay strings). So two elements are equal exactly if their bytes are.
 *
 * Everything works on (view, bytes, offset), where both cover the same memory. Nothing allocates, and nothing checks
 * bounds.
 */

import { Int64 } from '../text/int64.js';
import { copyBytes, equalRange, Slice } from './slice.js';

/** Longest string that an element can be. */
export const MAX_ELEMENT = 0x3fff;
export const DEADLINE_HEAD = 0xd8;
/** Bytes that a deadline takes with its head. */
export const DEADLINE_SIZE = 9;

const LONG_STRING = 0x40;
const INTEGER = 0xc0;
const SMALL_INTEGER = 0xe0;
const MAX_SMALL = 31;
const LONGEST_INTEGER = 20;
const NINE = 0x39;
/** Bytes that the element at `offset` takes; also of a deadline. */
export function elementSize(bytes: Buffer, offset: number): number {
  const head = bytes[offset];
  if (head < LONG_STRING) return (1 + head) | 0;
  if (head < 0x80) return (2 + (((head & 63) << 8) | bytes[offset + 1])) | 0;
  return head >= SMALL_INTEGER ? 1 : (1 + (head & 15)) | 0;
}

export function isInteger(bytes: Buffer, offset: number): boolean {
  return bytes[offset] >= INTEGER;
}

/** Reads the integer at `offset`, which isInteger(). */
export function readInteger(view: DataView, offset: number, into: Int64): Int64 {
  const head = view.getUint8(offset);
  if (head >= SMALL_INTEGER) return into.set(0, head & MAX_SMALL);
  const at = offset + 1;
  switch (head & 15) {
    case 1:
      return into.set(view.getInt8(at) >> 31, view.getInt8(at));
    case 2:
      return into.set(view.getInt16(at, true) >> 31, view.getInt16(at, true));
    case 4:
      return into.set(view.getInt32(at, true) >> 31, view.getInt32(at, true));
    case 6:
      return into.set(view.getInt16(at + 4, true), view.getInt32(at, true));
    default:
      return into.set(view.getInt32(at + 4, true), view.getInt32(at, true));
  }
}

/** Are two stored elements the same? */
export function sameElement(
  aView: DataView,
  aBytes: Buffer,
  a: number,
  bView: DataView,
  bBytes: Buffer,
  b: number,
): boolean {
  const head = aBytes[a];
  if (head !== bBytes[b]) return false;
  if (head < LONG_STRING) return equalRange(aBytes, aView, a + 1, bBytes, bView, b + 1, head);
  const size = elementSize(aBytes, a);
  return size === elementSize(bBytes, b) && equalRange(aBytes, aView, a, bBytes, bView, b, size);
}

/** The hash of a stored element: that of the text it was taken from. */
export function hashElement(view: DataView, bytes: Buffer, offset: number): number {
  const head = bytes[offset];
  if (head >= INTEGER) return hashInteger(readInteger(view, offset, integer));
  if (head < LONG_STRING) return hashString(view, bytes, offset + 1, head);
  const length = elementSize(bytes, offset) - 2;
  return hashString(view, bytes, offset + 2, length);
}

/**
 * Without a seed: a run is so short that going through all of it takes microseconds, so nobody gains by choosing
 * elements that hash alike, and a run can be copied anywhere as bytes. Words are mixed once each, the last one may
 * overlap: 4 instead of 9 ns for eight bytes.
 */
export function hashString(view: DataView, bytes: Buffer, start: number, length: number): number {
  let hash = length | 0;
  if (length >= 4) {
    const last = (start + length - 4) | 0;
    for (let position = start; position < last; position += 4) {
      hash = Math.imul(hash ^ view.getInt32(position, true), 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    hash ^= view.getInt32(last, true);
  } else {
    for (let i = 0; i < length; i++) hash = (hash << 8) | bytes[start + i];
  }
  return finish(hash);
}

function hashInteger(value: Int64): number {
  return finish(value.low ^ Math.imul(value.high, 0x9e3779b1));
}

function finish(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

const integer = new Int64();

/** An element that is looked for or about to be stored, taken from its text once. */
export class NewElement {
  /** Bytes that it takes. */
  size = 0;
  /** The first byte: elements are mostly told apart by it. */
  head = 0;
  /** Of a string of 4 to 63 bytes its last four, otherwise 0: the names of a kind mostly differ there. */
  ending = 0;
  private text = new Slice();
  private readonly integer = new Int64();

  /** The slice must stay as it is as long as the element is used. */
  set(value: Slice): this {
    const { bytes, start, end } = value;
    const length = end - start;
    this.text = value;
    this.ending = 0;
    const mayBeInteger = length <= LONGEST_INTEGER && length > 0 && bytes[start] <= NINE;
    if (mayBeInteger && this.integer.parse(bytes, start, end)) {
      this.head = integerHead(this.integer);
      this.size = this.head >= SMALL_INTEGER ? 1 : 1 + (this.head & 15);
    } else if (length < 64) {
      this.head = length;
      this.size = 1 + length;
      if (length >= 4) this.ending = value.view.getInt32(end - 4, true);
    } else {
      this.head = LONG_STRING | (length >> 8);
      this.size = 2 + length;
    }
    return this;
  }

  hash(): number {
    if (this.head >= INTEGER) return hashInteger(this.integer);
    const { view, bytes, start, end } = this.text;
    return hashString(view, bytes, start, end - start);
  }

  equalsAt(view: DataView, bytes: Buffer, offset: number): boolean {
    if (bytes[offset] !== this.head) return false;
    if (this.head >= INTEGER) return readInteger(view, offset, integer).equals(this.integer);
    let at = offset + 1;
    const { start, end } = this.text;
    const length = end - start;
    if (length >= 64 && bytes[at++] !== (length & 0xff)) return false;
    return equalRange(bytes, view, at, this.text.bytes, this.text.view, start, length);
  }

  write(view: DataView, bytes: Buffer, offset: number): void {
    bytes[offset] = this.head;
    if (this.head >= INTEGER) {
      this.writeInteger(view, offset + 1);
      return;
    }
    let at = offset + 1;
    const { start, end } = this.text;
    if (end - start >= 64) bytes[at++] = (end - start) & 0xff;
    copyBytes(bytes, view, at, this.text.bytes, this.text.view, start, end - start);
  }

  private writeInteger(view: DataView, at: number): void {
    if (this.head >= SMALL_INTEGER) return;
    const { high, low } = this.integer;
    switch (this.head & 15) {
      case 1:
        view.setInt8(at, low);
        return;
      case 2:
        view.setInt16(at, low, true);
        return;
      case 4:
        view.setInt32(at, low, true);
        return;
      case 6:
        view.setInt32(at, low, true);
        view.setInt16(at + 4, high, true);
        return;
      default:
        view.setInt32(at, low, true);
        view.setInt32(at + 4, high, true);
    }
  }
}

function integerHead(value: Int64): number {
  const { high, low } = value;
  if (!value.isInt32) return INTEGER | (high === (high << 16) >> 16 ? 6 : 8);
  if (low >= 0 && low <= MAX_SMALL) return SMALL_INTEGER | low;
  if (low === (low << 24) >> 24) return INTEGER | 1;
  return INTEGER | (low === (low << 16) >> 16 ? 2 : 4);
}

/** The text of a stored element: a window onto a string, the digits of an integer in bytes of its own. */
export class ElementText {
  private readonly slice = new Slice();
  private readonly digits = Slice.of(Buffer.alloc(24));
  private readonly integer = new Int64();

  /** Valid until the next read() or a change of the run. */
  read(view: DataView, bytes: Buffer, offset: number): Slice {
    const head = bytes[offset];
    if (head < LONG_STRING) return this.slice.set(bytes, view, offset + 1, offset + 1 + head);
    if (head < 0x80) return this.slice.set(bytes, view, offset + 2, offset + elementSize(bytes, offset));
    this.digits.end = readInteger(view, offset, this.integer).write(this.digits.bytes, 0);
    return this.digits;
  }
}
