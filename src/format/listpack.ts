/**
 * Listpacks, the form in which RDB files hold the nodes of lists.
 *
 *   u32 bytes in all, u16 elements (65535: count them), elements, 0xff; all little-endian.
 *
 * An element is an encoding byte (with payload bits), a payload, and the size of both, to be read backwards:
 *
 *   0vvvvvvv            integer 0 … 127
 *   10LLLLLL            string of L bytes
 *   110vvvvv v          integer of 13 bits, signed
 *   1110LLLL L          string of L < 4096 bytes
 *   0xf0 LLLL           string, length in four bytes
 *   0xf1 … 0xf4         integer of 2, 3, 4, 8 bytes
 */

import { copyBytes, Slice, viewOf } from '../memory/slice.js';
import { parseInteger, parseInteger64 } from '../text/numbers.js';
import { PackReader } from './pack-reader.js';

const HEADER = 6;
const TERMINATOR = 0xff;
const COUNT_UNKNOWN = 0xffff;

const STRING_32 = 0xf0;
const INT_16 = 0xf1;
const INT_24 = 0xf2;
const INT_32 = 0xf3;
const INT_64 = 0xf4;

const LONGEST_INTEGER = 20;
const NINE = 0x39;

/** Bytes that the backward size of an element of `size` takes. */
function backwardSize(size: number): number {
  if (size <= 127) return 1;
  if (size < 16383) return 2;
  if (size < 2097151) return 3;
  return size < 268435455 ? 4 : 5;
}

/** Reads a listpack of unknown origin. */
export class ListpackReader extends PackReader {
  constructor() {
    super('listpack', HEADER);
  }

  override next(): string | undefined {
    const bytes = this.bytes;
    const view = this.view;
    const at = this.at;
    const left = this.end - at;
    const first = bytes[at];
    let size = 1;
    if (first < 0x80) this.integer(first);
    else if (first < 0xc0) {
      const length = first & 0x3f;
      size = 1 + length;
      if (size > left) return OUTSIDE;
      this.element.set(bytes, view, at + 1, at + size);
    } else if (first < 0xe0) {
      size = 2;
      if (size > left) return OUTSIDE;
      this.integer(((view.getUint16(at) & 0x1fff) << 19) >> 19);
    } else if (first < 0xf0) {
      if (left < 2) return OUTSIDE;
      size = 2 + (view.getUint16(at) & 0xfff);
      if (size > left) return OUTSIDE;
      this.element.set(bytes, view, at + 2, at + size);
    } else if (first === STRING_32) {
      if (left < 5) return OUTSIDE;
      size = 5 + view.getUint32(at + 1, true);
      if (size > left) return OUTSIDE;
      this.element.set(bytes, view, at + 5, at + size);
    } else if (first <= INT_64) {
      size = first === INT_64 ? 9 : first - INT_16 + 3;
      if (size > left) return OUTSIDE;
      if (first === INT_16) this.integer(view.getInt16(at + 1, true));
      else if (first === INT_24) this.integer(((view.getUint16(at + 1, true) | (bytes[at + 3] << 16)) << 8) >> 8);
      else if (first === INT_32) this.integer(view.getInt32(at + 1, true));
      else this.integer(view.getBigInt64(at + 1, true));
    } else return 'a listpack holds an unknown encoding';
    const next = at + size + backwardSize(size);
    if (next > this.end) return OUTSIDE;
    this.at = next;
    return undefined;
  }
}

const OUTSIDE = 'a listpack holds an element that reaches beyond its end';

/** Builds a listpack in a buffer that it keeps and grows. */
export class ListpackWriter {
  private bytes = Buffer.allocUnsafeSlow(16 * 1024);
  private view = viewOf(this.bytes);
  private at = HEADER;
  private elements = 0;
  private readonly pack = new Slice();

  begin(): void {
    this.at = HEADER;
    this.elements = 0;
  }

  get count(): number {
    return this.elements;
  }

  /** Bytes so far. */
  get length(): number {
    return this.at + 1;
  }

  append(element: Slice): void {
    const length = element.length;
    this.grow(length + 16);
    const start = this.at;
    // Nothing that is an integer begins with what comes behind the digits.
    const isText = length > LONGEST_INTEGER || element.bytes[element.start] > NINE;
    if (isText || !this.appendInteger(element)) this.appendString(element, length);
    const size = this.at - start;
    if (size <= 127) this.bytes[this.at++] = size;
    else this.appendBackward(size);
    this.elements++;
  }

  /** The finished listpack; valid until begin(). */
  finish(): Slice {
    this.grow(1);
    this.bytes[this.at] = TERMINATOR;
    this.view.setUint32(0, this.at + 1, true);
    this.view.setUint16(4, Math.min(this.elements, COUNT_UNKNOWN), true);
    return this.pack.set(this.bytes, this.view, 0, this.at + 1);
  }

  private grow(size: number): void {
    if (this.at + size <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * (this.at + size));
    this.bytes.copy(larger, 0, 0, this.at);
    this.bytes = larger;
    this.view = viewOf(larger);
  }

  private appendInteger(element: Slice): boolean {
    const value = parseInteger(element.bytes, element.start, element.end);
    if (Number.isNaN(value)) return false;
    const view = this.view;
    const at = this.at;
    if (value >= 0 && value <= 127) {
      view.setUint8(at, value);
      this.at += 1;
    } else if (value >= -4096 && value <= 4095) {
      view.setUint16(at, 0xc000 | (value & 0x1fff));
      this.at += 2;
    } else if (value >= -0x8000 && value <= 0x7fff) {
      view.setUint8(at, INT_16);
      view.setInt16(at + 1, value, true);
      this.at += 3;
    } else if (value >= -0x80_0000 && value <= 0x7f_ffff) {
      view.setUint8(at, INT_24);
      view.setUint16(at + 1, value & 0xffff, true);
      view.setUint8(at + 3, (value >> 16) & 0xff);
      this.at += 4;
    } else if (value >= -0x8000_0000 && value <= 0x7fff_ffff) {
      view.setUint8(at, INT_32);
      view.setInt32(at + 1, value, true);
      this.at += 5;
    } else {
      view.setUint8(at, INT_64);
      view.setBigInt64(at + 1, parseInteger64(element.bytes, element.start, element.end) as bigint, true);
      this.at += 9;
    }
    return true;
  }

  private appendString(element: Slice, length: number): void {
    const view = this.view;
    if (length < 64) {
      view.setUint8(this.at, 0x80 | length);
      this.at += 1;
    } else if (length < 4096) {
      view.setUint16(this.at, 0xe000 | length);
      this.at += 2;
    } else {
      view.setUint8(this.at, STRING_32);
      view.setUint32(this.at + 1, length, true);
      this.at += 5;
    }
    copyBytes(this.bytes, view, this.at, element.bytes, element.view, element.start, length);
    this.at += length;
  }

  /** Seven bits a byte, the lowest at the end; every byte but the first has its top bit set. */
  private appendBackward(size: number): void {
    const width = backwardSize(size);
    for (let index = width - 1; index >= 0; index--) {
      this.bytes[this.at + index] = (size & 0x7f) | (index === 0 ? 0 : 0x80);
      size >>>= 7;
    }
    this.at += width;
  }
}
