/**
 * Which register of a HyperLogLog an element belongs to, and what it says there: MurmurHash64A by A. Appleby, with the
 * seed that Redis uses, so that both count elements alike.
 *
 * JavaScript has no integers of 64 bits; each is two int32 here, and a product is put together from halves of 16 bits.
 * So the machine hashes, where there is one, and only what is too long for it is hashed here.
 */

import { copyBytes, type Slice } from '../../../memory/slice.js';
import { INDEX_BITS, MULTIPLIER_HIGH, MULTIPLIER_LOW, REGISTERS, SEED } from './dimensions.js';
import { MAX_ELEMENT, type Machine, machine } from './machine.js';

const INDEX_MASK = REGISTERS - 1;

const HIGH = MULTIPLIER_HIGH | 0;
const LOW = MULTIPLIER_LOW | 0;
const LOW_UPPER = LOW >>> 16;
const LOW_LOWER = LOW & 0xffff;

/** Of the last hashElement(): the register, and one more than the zeros that follow in the hash. */
export const element = { register: 0, rank: 0 };

/** The upper half of the last product. */
let high = 0;

/** Multiplies by the multiplier: returns the lower half and leaves the upper one in `high`. */
function multiply(upper: number, lower: number): number {
  const lowerLow = lower & 0xffff;
  const lowerHigh = lower >>> 16;
  const first = Math.imul(lowerLow, LOW_LOWER);
  const second = (Math.imul(lowerHigh, LOW_LOWER) + (first >>> 16)) | 0;
  const third = ((second & 0xffff) + Math.imul(lowerLow, LOW_UPPER)) | 0;
  const carried = Math.imul(lowerHigh, LOW_UPPER) + (second >>> 16) + (third >>> 16);
  high = (carried + Math.imul(upper, LOW) + Math.imul(lower, HIGH)) | 0;
  return (third << 16) | (first & 0xffff);
}

/** Leaves in `element` what a HyperLogLog notes of it. */
export function hashElement(bytes: Slice, by: Machine | null = machine()): void {
  const length = bytes.end - bytes.start;
  if (by === null || length > MAX_ELEMENT) {
    hashHere(bytes);
    return;
  }
  copyBytes(by.element.bytes, by.element.view, 0, bytes.bytes, bytes.view, bytes.start, length);
  const hashed = by.hash(length);
  element.register = hashed & INDEX_MASK;
  element.rank = hashed >>> INDEX_BITS;
}

function hashHere({ bytes, view, start, end }: Slice): void {
  const length = end - start;
  let lower = multiply(0, length) ^ SEED;
  let upper = high;
  let at = start;
  for (const wordsEnd = start + (length & ~7); at < wordsEnd; at += 8) {
    let word = multiply(view.getInt32(at + 4, true), view.getInt32(at, true));
    // Shifting by 47 leaves only bits of the upper half, in the lower one.
    word = multiply(high, word ^ (high >>> 15));
    upper ^= high;
    lower = multiply(upper, lower ^ word);
    upper = high;
  }
  const rest = length & 7;
  if (rest !== 0) {
    for (let i = rest - 1; i >= 4; i--) upper ^= bytes[at + i] << (8 * (i - 4));
    for (let i = Math.min(rest, 4) - 1; i >= 0; i--) lower ^= bytes[at + i] << (8 * i);
    lower = multiply(upper, lower);
    upper = high;
  }
  lower = multiply(upper, lower ^ (upper >>> 15));
  upper = high;
  lower ^= upper >>> 15;
  element.register = lower & INDEX_MASK;
  const near = (lower >>> INDEX_BITS) | (upper << (32 - INDEX_BITS));
  // The hash ends after 64 bits, where a 1 is taken to follow.
  const far = (upper >>> INDEX_BITS) | (1 << (32 - INDEX_BITS));
  element.rank = near === 0 ? 33 + trailingZeros(far) : 1 + trailingZeros(near);
}

function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word);
}
