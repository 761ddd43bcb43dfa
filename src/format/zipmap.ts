/**
 * Zipmaps, in which RDB files from before redis-server 2.6 hold small hashes (read only).
 *
 *   u8 fields (254 and more: count them), then for each: length, field, length, u8 unused bytes, value, unused; 0xff.
 *
 * A length is one byte below 254, or 254 and four bytes little-endian.
 */

import { Slice } from '../memory/slice.js';

const TERMINATOR = 0xff;
const LONG_LENGTH = 254;
const OUTSIDE = 'a zipmap holds an element that reaches beyond its end';

/** Reads a zipmap of unknown origin: every step is checked against its bounds. Used as ListpackReader is. */
export class ZipmapReader {
  /** The current field or value. Valid until next(). */
  readonly element = new Slice();

  private pack = new Slice();
  private at = 0;
  private end = 0;
  private isValue = false;

  /** @returns what is wrong with the header, if anything */
  open(pack: Slice): string | undefined {
    this.pack = pack;
    this.at = pack.start + 1;
    this.end = pack.end - 1;
    this.isValue = false;
    if (pack.length < 2) return 'a zipmap is too short';
    return pack.bytes[this.end] === TERMINATOR ? undefined : 'a zipmap has no end mark';
  }

  /** Elements as the header states them; -1: not stated. */
  get count(): number {
    const count = this.pack.bytes[this.pack.start];
    return count >= LONG_LENGTH ? -1 : 2 * count;
  }

  atEnd(): boolean {
    return this.at === this.end;
  }

  /** Moves to the next element. @returns what is wrong with it, if anything */
  next(): string | undefined {
    const { bytes, view } = this.pack;
    let { at } = this;
    let length = bytes[at++];
    if (length > LONG_LENGTH) return 'a zipmap ends within a pair';
    if (length === LONG_LENGTH) {
      if (at + 4 > this.end) return OUTSIDE;
      length = view.getUint32(at, true);
      at += 4;
    }
    let unused = 0;
    if (this.isValue) {
      if (at >= this.end) return OUTSIDE;
      unused = bytes[at++];
    }
    if (at + length + unused > this.end) return OUTSIDE;
    this.element.set(bytes, view, at, at + length);
    this.at = at + length + unused;
    this.isValue = !this.isValue;
    return undefined;
  }
}
