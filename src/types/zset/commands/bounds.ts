/** The bounds of ranges, as ZRANGE and its relatives are given them. */

import type { Args } from '../../../protocol/args.js';
import * as errors from '../../../protocol/errors.js';
import { parseDouble } from '../../../text/numbers.js';
import type { LexBound, ScoreBound } from '../value.js';

const OPEN = 0x28;
const CLOSED = 0x5b;
const MINUS = 0x2d;
const PLUS = 0x2b;

/** Reads argument i, `(` before the score keeps the score itself out. */
export function parseScoreBound(args: Args, i: number, into: ScoreBound): void {
  const { bytes } = args;
  let start = args.starts[i];
  const end = args.ends[i];
  into.isExclusive = start < end && bytes[start] === OPEN;
  if (into.isExclusive) start++;
  // The most usual bound, which would go through regular expressions.
  if (isInfinity(bytes, start, end)) {
    into.value = bytes[start] === MINUS ? -Infinity : Infinity;
    return;
  }
  into.value = parseDouble(bytes, start, end);
  if (Number.isNaN(into.value)) into.value = oddScore(bytes.toString('latin1', start, end));
}

/** Whether it says inf, +inf or -inf, in small letters. */
function isInfinity(bytes: Buffer, start: number, end: number): boolean {
  return (
    end - start >= 3 &&
    end - start <= 4 &&
    bytes[end - 3] === 0x69 &&
    bytes[end - 2] === 0x6e &&
    bytes[end - 1] === 0x66 &&
    (end - start === 3 || bytes[start] === MINUS || bytes[start] === PLUS)
  );
}

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * strtod reads a C string: up to a NUL, with blanks before it, 0 of nothing at all, and infinity of what is too large.
 */
function oddScore(text: string): number {
  const nul = text.indexOf('\0');
  if (nul >= 0) text = text.slice(0, nul);
  if (text === '') return 0;
  const trimmed = text.replace(/^[ \t-\r]+/, '');
  if (DECIMAL.test(trimmed)) return Number(trimmed);
  const bytes = Buffer.from(trimmed, 'latin1');
  const value = parseDouble(bytes, 0, bytes.length);
  if (Number.isNaN(value)) throw errors.SCORE_BOUND;
  return value;
}

/** Reads argument i: `-`, `+`, or `[` or `(` and a member. */
export function parseLexBound(args: Args, i: number, into: LexBound): void {
  const { bytes } = args;
  const start = args.starts[i];
  const first = start < args.ends[i] ? bytes[start] : 0;
  // A sign ends with its C string.
  const isAlone = args.ends[i] - start === 1 || bytes[start + 1] === 0;
  if ((first === MINUS || first === PLUS) && isAlone) {
    into.side = first === MINUS ? -1 : 1;
    into.isExclusive = false;
    return;
  }
  if (first !== OPEN && first !== CLOSED) throw errors.LEX_BOUND;
  into.side = 0;
  into.isExclusive = first === OPEN;
  into.member.setFrom(args.slice(i));
  into.member.start++;
}
