/** What several sorted set commands do alike. */

import type { Call } from '../../../engine/call.js';
import { oneKey } from '../../../engine/key-specs.js';
import type { EventName } from '../../../keyspace/events.js';
import type { Ref } from '../../../memory/arena.js';
import { TOUCHED_AT_ONCE } from '../../../memory/structure.js';
import { expectType } from '../../expect.js';
import { openZSet, ZSET, type ZSetValue } from '../value.js';

/** The sorted set of the key in argument i, for reading; null if the key is missing. */
export function readZSet(call: Call, i: number): ZSetValue | null {
  const ref = expectType(call.db, call.db.lookup(call.args.slice(i)), ZSET);
  return ref === 0 ? null : openZSet(call.db, ref);
}

/** The same for a command that changes the set. */
export function writeZSet(call: Call, i: number): ZSetValue | null {
  const ref = writeZSetRef(call, i);
  return ref === 0 ? null : openZSet(call.db, ref);
}

export function writeZSetRef(call: Call, i: number): Ref {
  return expectType(call.db, call.db.lookupForWrite(call.args.slice(i)), ZSET);
}

/** Before going through a set, in a command whose row says isMostlyBrief. */
export function timeLong(call: Call, zset: ZSetValue, steps: number): void {
  if (!zset.isShort && steps > BRIEF_STEPS) call.takesLong();
}

const BRIEF_STEPS = 64;

/** Removes `count` members from a rank on, all at most, of the set of the key in argument i. */
export function removeRange(
  call: Call,
  i: number,
  zset: ZSetValue,
  rank: number,
  count: number,
  event: EventName,
): void {
  if (count === 0) return;
  const emptied = count === zset.length;
  if (emptied) call.db.delete(zset.ref);
  else zset.removeRange(rank, count);
  call.changed(call.args.slice(i), event, count);
  if (emptied) call.deleted(call.args.slice(i), 0);
}

/** Writes members with their scores, as elements of pairs(). */
export function writePairs(call: Call, zset: ZSetValue, rank: number, count: number, backwards: boolean): void {
  const { reply } = call;
  if (count === 0) return;
  zset.seek(rank);
  let touched = 0;
  for (;;) {
    if (touched-- === 0) {
      touched = TOUCHED_AT_ONCE - 1;
      zset.touchAhead(Math.min(count, TOUCHED_AT_ONCE), backwards);
    }
    reply.pair();
    reply.bulk(zset.memberHere);
    reply.double(zset.scoreHere);
    if (--count === 0) return;
    if (backwards) zset.previous();
    else zset.next();
  }
}

export const READ_KEY = oneKey(1, 'RO', 'access');
