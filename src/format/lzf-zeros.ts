/**
 * LZF streams for long strings that are mostly holes: their length is known before they are written, and each page of
 * zeros is one run of bytes that the reader knows, so that neither side goes through the zeros.
 */

import { PAGE_SIZE } from '../memory/arena.js';
import { isHole, type Rope } from '../memory/rope.js';
import type { Slice } from '../memory/slice.js';

const MAX_LITERALS = 32;
const MIN_LONG_MATCH = 9;
const MAX_MATCH = 264;
/** The largest window of a rope, as literals. */
const LONGEST_PIECE = PAGE_SIZE + PAGE_SIZE / MAX_LITERALS;

/** What a page of zeros is as LZF, wherever it stands in a stream. */
export const ZERO_PAGE = zeroRun(PAGE_SIZE);

const scratch = Buffer.alloc(LONGEST_PIECE);

/** Bytes of the string in this form; more than the string has if it has few holes. */
export function sparseLength(rope: Rope, window: Slice): number {
  let total = 0;
  for (let at = 0; at < rope.length; at += window.length) {
    rope.window(at, rope.length, window);
    total += isHole(window) ? zeros(window.length).length : literalsLength(window.length);
  }
  return total;
}

/** One window of the string in this form; valid until the next call. */
export function sparsePiece(window: Slice): Buffer {
  if (isHole(window)) return zeros(window.length);
  let to = 0;
  for (let from = window.start; from < window.end; from += MAX_LITERALS) {
    const count = Math.min(MAX_LITERALS, window.end - from);
    scratch[to] = count - 1;
    window.bytes.copy(scratch, to + 1, from, from + count);
    to += count + 1;
  }
  return scratch.subarray(0, to);
}

function literalsLength(length: number): number {
  return length + Math.ceil(length / MAX_LITERALS);
}

function zeros(length: number): Buffer {
  return length === PAGE_SIZE ? ZERO_PAGE : zeroRun(length);
}

/** One literal zero, matches of one byte back as long as they can be, and what is left. */
function zeroRun(length: number): Buffer {
  const bytes = [0, 0];
  let left = length - 1;
  for (; left >= MAX_MATCH; left -= MAX_MATCH) bytes.push(0xe0, MAX_MATCH - MIN_LONG_MATCH, 0);
  if (left >= MIN_LONG_MATCH) bytes.push(0xe0, left - MIN_LONG_MATCH, 0);
  else if (left >= 3) bytes.push((left - 2) << 5, 0);
  else if (left > 0) bytes.push(left - 1, ...new Array<number>(left).fill(0));
  return Buffer.from(bytes);
}
