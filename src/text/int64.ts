/**
 * A 64-bit integer as two words. A double rounds beyond 2^53, and a BigInt allocates with every step; this does
 * neither.
 */

import { parseInteger, writeInteger } from './numbers.js';

/** Digits that a double holds exactly, whatever they are. */
const EXACT_DIGITS = 15;
const MAX_DIGITS = 19;
const WORD = 0x1_0000_0000;
const BILLION = 1_000_000_000;
const SIGN = 0x8000_0000 | 0;

export class Int64 {
  /** The upper 32 bits, with the sign. */
  high = 0;
  /** The lower 32 bits, as an int32. */
  low = 0;

  set(high: number, low: number): this {
    this.high = high | 0;
    this.low = low | 0;
    return this;
  }

  /** `value` is an integer within ±2^53. */
  setNumber(value: number): this {
    this.high = Math.floor(value / WORD) | 0;
    this.low = value | 0;
    return this;
  }

  /** The nearest double. */
  toNumber(): number {
    return this.high * WORD + (this.low >>> 0);
  }

  get isInt32(): boolean {
    return this.high === this.low >> 31;
  }

  equals(other: Int64): boolean {
    return this.low === other.low && this.high === other.high;
  }

  /** Negative, zero or positive. */
  compare(other: Int64): number {
    return compareInt64(this.high, this.low, other.high, other.low);
  }

  /** Reads Redis's strict integer syntax (see parseInteger), exactly; false where it does not hold. */
  parse(bytes: Uint8Array, start: number, end: number): boolean {
    const first = bytes[start];
    const negative = first === 0x2d;
    const digits = negative ? end - start - 1 : end - start;
    if (digits > MAX_DIGITS) return false;
    if (digits <= EXACT_DIGITS) {
      const value = parseInteger(bytes, start, end);
      // biome-ignore lint/suspicious/noSelfCompare: NaN says that it is no integer
      if (value !== value) return false;
      this.setNumber(value);
      return true;
    }
    return this.parseLong(bytes, negative ? start + 1 : start, end, negative);
  }

  /**
   * 16 to 19 digits: those before the last nine, at most ten, times a billion, in steps that a double holds exactly.
   */
  private parseLong(bytes: Uint8Array, start: number, end: number, negative: boolean): boolean {
    if (bytes[start] === 0x30) return false;
    let upper = 0;
    let lower = 0;
    for (let position = start; position < end; position++) {
      const digit = bytes[position] - 0x30;
      if (digit < 0 || digit > 9) return false;
      if (end - position > 9) upper = upper * 10 + digit;
      else lower = lower * 10 + digit;
    }
    const upperHigh = Math.floor(upper / 0x10_0000);
    const product = upperHigh * BILLION;
    const rest = (upper - upperHigh * 0x10_0000) * BILLION + lower;
    const productHigh = Math.floor(product / 0x1000);
    const low = (product - productHigh * 0x1000) * 0x10_0000 + (rest >>> 0);
    const high = productHigh + Math.floor(rest / WORD) + (low >= WORD ? 1 : 0);
    if (high > 0x7fff_ffff && !(negative && high === 0x8000_0000 && (low | 0) === 0)) return false;
    this.set(high, low);
    if (negative) this.negate();
    return true;
  }

  /** Writes the decimal digits, at most 20 bytes, and returns the position after them. */
  write(bytes: Buffer, position: number): number {
    if (this.isInt32) return writeInteger(bytes, position, this.low);
    const { high, low } = this;
    if (high < 0) {
      bytes[position++] = 0x2d;
      this.negate();
    }
    // Long division by a billion, 16 bits at a time: 2^63 as a magnitude has its top bit set, hence >>>.
    const first = (this.high >>> 0) % BILLION;
    const second = first * 0x1_0000 + (this.low >>> 16);
    const secondQuotient = Math.floor(second / BILLION);
    const third = (second - secondQuotient * BILLION) * 0x1_0000 + (this.low & 0xffff);
    const thirdQuotient = Math.floor(third / BILLION);
    const upper = Math.floor((this.high >>> 0) / BILLION) * WORD + secondQuotient * 0x1_0000 + thirdQuotient;
    this.set(high, low);
    if (upper >= BILLION) {
      bytes[position++] = 0x30 + Math.floor(upper / BILLION);
      position = writeNineDigits(bytes, position, upper % BILLION);
    } else {
      position = writeInteger(bytes, position, upper);
    }
    return writeNineDigits(bytes, position, third - thirdQuotient * BILLION);
  }

  private negate(): void {
    this.low = -this.low | 0;
    this.high = this.low === 0 ? -this.high | 0 : ~this.high;
  }
}

export function compareInt64(aHigh: number, aLow: number, bHigh: number, bLow: number): number {
  if (aHigh !== bHigh) return aHigh < bHigh ? -1 : 1;
  if (aLow === bLow) return 0;
  return (aLow ^ SIGN) < (bLow ^ SIGN) ? -1 : 1;
}

function writeNineDigits(bytes: Buffer, position: number, value: number): number {
  for (let at = position + 8; at >= position; at--) {
    const quotient = (value / 10) | 0;
    bytes[at] = 0x30 + (value - quotient * 10);
    value = quotient;
  }
  return position + 9;
}
