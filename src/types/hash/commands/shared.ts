/** What several hash commands do alike. */

import type { Call } from '../../../engine/call.js';
import type { Ref } from '../../../memory/arena.js';
import type { Slice } from '../../../memory/slice.js';
import { expectType } from '../../expect.js';
import { HASH, type HashValue, hashes } from '../value.js';

/** The hash of the key in argument 1, for reading; null if the key is missing. */
export function readHash(call: Call): HashValue | null {
  const ref = expectType(call.db, call.db.lookup(call.args.slice(1)), HASH);
  return ref === 0 ? null : hashes(call.db).brief.open(ref);
}

/** The same for a command that changes the hash. */
export function writeHash(call: Call): HashValue | null {
  const ref = writeHashRef(call);
  return ref === 0 ? null : hashes(call.db).brief.openToWrite(ref);
}

export function writeHashRef(call: Call): Ref {
  return expectType(call.db, call.db.lookupForWrite(call.args.slice(1)), HASH);
}

/** Before going through a hash, in a command whose row says isMostlyBrief. */
export function timeLong(call: Call, hash: HashValue): void {
  if (!hash.isShort) call.takesLong();
}

/** A hash of less is made in memory that is always to spare. */
export const SMALL_HASH = 8 * 1024;

/** What a string takes in a run. */
export function elementBytes(length: number): number {
  return length < 64 ? 1 + length : 2 + length;
}

export const DeadlineOfField = { CLEARED: 0, KEPT: 1 } as const;

/** Sets a field, for which memory is reserved; true if it was not there, or due. */
export function setField(call: Call, hash: HashValue, field: Slice, value: Slice, deadline: 0 | 1): boolean {
  const longest = Math.max(field.end - field.start, value.end - value.start);
  if (!hash.find(field)) {
    hash.nameFor(hash.length + 1, longest);
    hash.add(field, value);
    return true;
  }
  hash.nameFor(hash.length, longest);
  const wasDue = hash.isDue;
  if (wasDue) announceExpired(call, field);
  if (wasDue || deadline === DeadlineOfField.CLEARED) hash.setDeadline(-1);
  hash.set(value);
  return wasDue;
}

/** A field that is due is about to be made anew: as if it had been removed just before. */
function announceExpired({ args, db, keyspace }: Call, field: Slice): void {
  const { propagation } = keyspace;
  if (propagation.active) propagation.emit(db.index, ['HDEL', args.slice(1), field]);
  keyspace.elementsExpired(db, args.slice(1), 'hexpired', 1);
}

/**
 * Removes the fields that are arguments `from` up to but not including `to`, as far as they are there; deletes the key
 * with the last one, and announces it. Returns how many there were.
 */
export function removeFields(call: Call, hash: HashValue, from: number, to: number): number {
  const { args } = call;
  let removed = 0;
  for (let i = from; i < to && hash.length > 0; i++) {
    if (!hash.findLive(args.slice(i))) continue;
    hash.remove();
    removed++;
  }
  if (removed > 0) announceRemoved(call, hash, removed);
  return removed;
}

/** After so many fields were removed. */
export function announceRemoved(call: Call, hash: HashValue, removed: number): void {
  const key = call.args.slice(1);
  if (hash.length === 0) call.db.delete(hash.ref);
  else hash.trim();
  call.changed(key, 'hdel', removed);
  if (hash.length === 0) call.deleted(key, 0);
}
