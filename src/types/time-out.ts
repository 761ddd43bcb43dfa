/** How long commands wait that block, as their arguments say, and what they answer when the time is over. */

import type { Call } from '../engine/call.js';
import * as errors from '../protocol/errors.js';
import type { ReplyWriter } from '../protocol/reply-writer.js';
import { LongDouble } from '../text/long-double.js';
import { parseDouble } from '../text/numbers.js';

const TIMEOUT_LIMIT = 2 ** 63;

/** The time-out in ms that argument i gives in seconds; 0 waits for ever. */
export function timeoutAt(call: Call, i: number): number {
  const { args } = call;
  let milliseconds = parseDouble(args.bytes, args.starts[i], args.ends[i]) * 1000;
  if (!(milliseconds >= 0) && milliseconds !== -Infinity) milliseconds = exactMilliseconds(args.latin1(i));
  if (milliseconds > TIMEOUT_LIMIT) throw errors.TIMEOUT_OUT_OF_RANGE;
  // Rounded up: who asks for less than a millisecond does not ask for ever.
  const timeoutMs = Math.ceil(milliseconds);
  if (timeoutMs < 0) throw errors.TIMEOUT_NEGATIVE;
  if (timeoutMs >= TIMEOUT_LIMIT - call.now) throw errors.TIMEOUT_OUT_OF_RANGE;
  return timeoutMs;
}

/**
 * What no double holds, and what is below 0, as Redis computes it: for it 1e400 is too long, and -0.001 not negative.
 */
function exactMilliseconds(text: string): number {
  const seconds = LongDouble.parse(text);
  if (seconds === undefined) throw errors.INVALID_TIMEOUT;
  return Number(seconds.times(1000n).ceiling());
}

/** Whatever the command, Redis answers a time-out with the null of arrays. */
export function replyTimeout(reply: ReplyWriter): void {
  reply.nullArray();
}
