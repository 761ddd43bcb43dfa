/**
 * Goes over the bytes of a reply element by element, aggregates before their elements, without making a tree of them.
 * The bytes are the engine's: what stands there is whole and right.
 */

import * as Sign from '../protocol/reply-types.js';

const MINUS = 0x2d;
const CR = 0x0d;

export class ReplyCursor {
  /**
   * What the element is, with RESP2's sign where it has the like: any null is NULL, a map is an ARRAY of its keys and
   * values, sets and pushes are one, a verbatim string is a BULK. ATTRIBUTE stands ahead of the element it is about.
   */
  sign = 0;
  /** Where the content of a string, a line or a number is. */
  start = 0;
  end = 0;
  /** Elements of an ARRAY or an ATTRIBUTE, which follow. */
  count = 0;

  private bytes: Buffer = Buffer.alloc(0);
  /** Where the next element begins. */
  private at = 0;

  /** Starts anew, with the element at `at`. */
  reset(bytes: Buffer, at = 0): void {
    this.bytes = bytes;
    this.at = at;
  }

  get position(): number {
    return this.at;
  }

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  next(): void {
    const { bytes } = this;
    const sign = bytes[this.at];
    this.start = this.at + 1;
    switch (sign) {
      case Sign.BULK:
      case Sign.VERBATIM:
      case Sign.BULK_ERROR:
        this.string(sign);
        return;
      case Sign.ARRAY:
      case Sign.SET:
      case Sign.PUSH:
      case Sign.MAP:
      case Sign.ATTRIBUTE:
        this.aggregate(sign);
        return;
      default:
        this.line();
        this.sign = sign;
    }
  }

  /** Goes on behind the element that is next, with all that is in it. */
  skip(): void {
    for (let missing = 1; missing > 0; missing--) {
      this.next();
      if (this.sign === Sign.ARRAY) missing += this.count;
      else if (this.sign === Sign.ATTRIBUTE) missing += this.count + 1;
    }
  }

  /** Its content as bytes, which are a view. */
  content(): Buffer {
    return this.bytes.subarray(this.start, this.end);
  }

  latin1(): string {
    return this.bytes.toString('latin1', this.start, this.end);
  }

  utf8(): string {
    return this.bytes.toString('utf8', this.start, this.end);
  }

  private line(): void {
    const { bytes } = this;
    let at = this.start;
    while (bytes[at] !== CR) at++;
    this.end = at;
    this.at = at + 2;
  }

  /** The number of a line; -1 for a null. */
  private length(): number {
    const { bytes } = this;
    let at = this.start;
    if (bytes[at] === MINUS) {
      this.line();
      return -1;
    }
    let length = 0;
    for (; bytes[at] !== CR; at++) length = length * 10 + bytes[at] - 0x30;
    this.at = at + 2;
    return length;
  }

  private string(sign: number): void {
    const length = this.length();
    if (length < 0) {
      this.sign = Sign.NULL;
      return;
    }
    this.start = this.at;
    this.end = this.at + length;
    this.at = this.end + 2;
    if (sign === Sign.VERBATIM) this.start += 4;
    this.sign = sign === Sign.BULK_ERROR ? Sign.ERROR : Sign.BULK;
  }

  private aggregate(sign: number): void {
    const length = this.length();
    const hasPairs = sign === Sign.MAP || sign === Sign.ATTRIBUTE;
    this.sign = length < 0 ? Sign.NULL : sign === Sign.ATTRIBUTE ? sign : Sign.ARRAY;
    this.count = hasPairs ? length * 2 : length;
  }
}
