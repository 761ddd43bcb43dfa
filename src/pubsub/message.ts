/**
 * Messages to subscribers as they go over the wire: an array in RESP2, a push in RESP3. The two differ in their first byte only, so
 * a message is written once, and for subscribers of the other protocol copied.
 */

import type { Slice } from '../memory/slice.js';
import { writeInteger } from '../protocol/number-format.js';

const PUSH = 0x3e;

/** The beginning of every message of a kind about a name (a channel or pattern), up to and with that name. Latin1. */
export function prefixOf(kind: 'message' | 'pmessage' | 'smessage', name: string): Buffer {
  const elements = kind === 'pmessage' ? 4 : 3;
  return Buffer.from(`*${elements}\r\n$${kind.length}\r\n${kind}\r\n$${name.length}\r\n${name}\r\n`, 'latin1');
}

/** The prefix, and then each part as a bulk string. */
export function encodeMessage(prefix: Buffer, first: Slice, second?: Slice): Buffer {
  const size = prefix.length + bulkSize(first) + (second === undefined ? 0 : bulkSize(second));
  // From the pool: most messages are small, and gone at the end of the turn.
  const bytes = Buffer.allocUnsafe(size);
  prefix.copy(bytes);
  const at = writeBulk(bytes, prefix.length, first);
  if (second !== undefined) writeBulk(bytes, at, second);
  return bytes;
}

export function asPush(message: Buffer): Buffer {
  const push = Buffer.from(message);
  push[0] = PUSH;
  return push;
}

function bulkSize({ length }: Slice): number {
  return 1 + String(length).length + 2 + length + 2;
}

function writeBulk(bytes: Buffer, at: number, { bytes: from, start, end, length }: Slice): number {
  bytes[at++] = 0x24;
  at = writeCrlf(bytes, writeInteger(bytes, at, length));
  from.copy(bytes, at, start, end);
  return writeCrlf(bytes, at + length);
}

function writeCrlf(bytes: Buffer, at: number): number {
  bytes[at] = 0x0d;
  bytes[at + 1] = 0x0a;
  return at + 2;
}
