/** What several bitmap commands do alike. */

import type { Call } from '../../../engine/call.js';
import { MAX_ROPE_LENGTH } from '../../../memory/rope.js';
import * as errors from '../../../protocol/errors.js';
import { parseInteger, parseInteger64 } from '../../../text/numbers.js';

/** The longest field in bytes, with what a bit offset adds: a field may begin at the last bit and end behind it. */
const LONGEST_FIELD = 16;

const HASH_SIGN = 0x23;

/** Going through more bytes than this takes some microseconds. */
export const LONG_FROM = 16 * 1024;

/** The bit offset in argument i. */
export function bitOffsetAt(call: Call, i: number): number {
  return checkedOffset(call, call.args.integer(i, errors.INVALID_BIT_OFFSET));
}

/** The same for a field of so many bits: `#3` is the place of the fourth of them. */
export function fieldOffsetAt(call: Call, i: number, width: number): number {
  const { args } = call;
  const start = args.starts[i];
  if (args.length(i) === 0 || args.bytes[start] !== HASH_SIGN) return bitOffsetAt(call, i);
  const index = parseInteger(args.bytes, start + 1, args.ends[i]);
  const offset = index * width;
  if (Number.isSafeInteger(offset)) return checkedOffset(call, offset);
  const exact = parseInteger64(args.bytes, start + 1, args.ends[i]);
  if (exact === undefined) throw errors.INVALID_BIT_OFFSET;
  // What does not fit 64 bits wraps around, as in Redis.
  return checkedOffset(call, Number(BigInt.asIntN(64, exact * BigInt(width))));
}

function checkedOffset(call: Call, offset: number): number {
  const limit = Math.min(call.keyspace.limits.protoMaxBulkLength, MAX_ROPE_LENGTH - LONGEST_FIELD) * 8;
  if (offset < 0 || offset >= limit) throw errors.INVALID_BIT_OFFSET;
  return offset;
}
