/** Text put together piece by piece in one buffer: long lists of fields take a third of what joining strings takes. */

import { writeInteger } from './numbers.js';

const FIRST_BYTES = 1024;
/** What needed more gives it back when it is over. */
const KEPT_BYTES = 1 << 16;
/** Longer pieces are copied by one call. */
const SHORT_PIECE = 48;
const LONGEST_INTEGER = 24;

export class TextWriter {
  bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  length = 0;

  clear(): this {
    this.length = 0;
    if (this.bytes.length > KEPT_BYTES) this.bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
    return this;
  }

  /** Of characters up to 255. */
  text(piece: string): this {
    const { length } = piece;
    if (this.length + length > this.bytes.length) this.grow(length);
    if (length > SHORT_PIECE) {
      this.bytes.write(piece, this.length, 'latin1');
    } else {
      const { bytes } = this;
      for (let i = 0, at = this.length; i < length; i++, at++) bytes[at] = piece.charCodeAt(i);
    }
    this.length += length;
    return this;
  }

  integer(value: number): this {
    if (this.length + LONGEST_INTEGER > this.bytes.length) this.grow(LONGEST_INTEGER);
    this.length = writeInteger(this.bytes, this.length, value);
    return this;
  }

  byte(value: number): void {
    if (this.length === this.bytes.length) this.grow(1);
    this.bytes[this.length++] = value;
  }

  private grow(room: number): void {
    const larger = Buffer.allocUnsafeSlow((this.bytes.length + room) * 2);
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }
}
