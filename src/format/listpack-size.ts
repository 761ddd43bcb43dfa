/** What elements would take in a listpack, for limits that Redis counts in bytes of one. */

import type { Slice } from '../memory/slice.js';
import { parseInteger } from '../text/numbers.js';

/** Bytes that an element takes in a listpack, where integers are kept in binary. */
export function listpackSize(value: Slice): number {
  const length = value.end - value.start;
  if (length > 0 && length <= 20 && value.bytes[value.start] <= 0x39) {
    const integer = parseInteger(value.bytes, value.start, value.end);
    // biome-ignore lint/suspicious/noSelfCompare: NaN says that it is no integer
    if (integer === integer) return integerSize(integer) + 1;
  }
  const body = length + (length < 64 ? 1 : length < 4096 ? 2 : 5);
  return body + (body < 128 ? 1 : body < 16_384 ? 2 : 3);
}

/** The same without the byte that its size backwards takes. */
export function integerSize(value: number): number {
  if (value >= 0 && value < 128) return 1;
  if (value >= -4096 && value < 4096) return 2;
  const magnitude = value < 0 ? -value - 1 : value;
  if (magnitude < 0x8000) return 3;
  if (magnitude < 0x80_0000) return 4;
  return magnitude < 0x8000_0000 ? 5 : 9;
}
