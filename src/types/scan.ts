/** What SCAN and the scans of collections read of their arguments. */

import type { Call } from '../engine/call.js';
import * as errors from '../protocol/errors.js';
import { Glob } from '../text/glob.js';

const DEFAULT_COUNT = 10;
/** So many digits are a number that is exact. */
const EXACT_DIGITS = 15;
const ZERO = 0x30;
const NINE = 0x39;
const CURSOR_SYNTAX = /^\+?\d{1,20}$/;

/**
 * A cursor as Redis 7.4 reads it (7.0 took negative ones, too); one that is beyond any position starts anew at the top.
 */
export function cursorOf(call: Call, index: number): number {
  // Nearly all: a BigInt and what goes before it take a tenth of a whole SSCAN.
  const { bytes, start, end } = call.args.slice(index);
  if (end > start && end - start <= EXACT_DIGITS) {
    let value = 0;
    let at = start;
    for (; at < end && bytes[at] >= ZERO && bytes[at] <= NINE; at++) value = value * 10 + (bytes[at] - ZERO);
    if (at === end) return value;
  }
  const text = call.args.latin1(index);
  if (!CURSOR_SYNTAX.test(text)) throw errors.INVALID_CURSOR;
  const value = BigInt(text);
  if (value >= 1n << 64n) throw errors.INVALID_CURSOR;
  return Number(value);
}

export interface ScanOptions {
  count: number;
  /** null: all match. */
  glob: Glob | null;
  noValues: boolean;
}

/** The options from argument `from` on; Redis reads them after it has found the key. */
export function scanOptions({ args }: Call, from: number, takesNoValues = false): ScanOptions {
  const options: ScanOptions = { count: DEFAULT_COUNT, glob: null, noValues: false };
  for (let i = from; i < args.count; i++) {
    const hasValue = i + 1 < args.count;
    if (hasValue && args.is(i, 'COUNT')) {
      options.count = args.integer(++i);
      if (options.count < 1) throw errors.SYNTAX;
    } else if (hasValue && args.is(i, 'MATCH')) {
      const glob = new Glob(args.buffer(++i));
      options.glob = glob.matchesAll ? null : glob;
    } else if (takesNoValues && args.is(i, 'NOVALUES')) {
      options.noValues = true;
    } else {
      throw errors.SYNTAX;
    }
  }
  return options;
}

/** Writes the reply to a scan of a collection that is not there. */
export function replyNothingScanned({ reply }: Call): void {
  reply.array(2);
  reply.bulkInteger(0);
  reply.array(0);
}
