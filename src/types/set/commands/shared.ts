/** What several set commands do alike. */

import type { Call } from '../../../engine/call.js';
import type { Ref } from '../../../memory/arena.js';
import { expectType } from '../../expect.js';
import { openSet, SET, type SetValue } from '../value.js';

/** The entry of the set at the key in argument i, for reading; 0 if the key is missing. */
export function readSetRef(call: Call, i: number): Ref {
  return expectType(call.db, call.db.lookup(call.args.slice(i)), SET);
}

/** The same for a command that changes the set. */
export function writeSetRef(call: Call, i: number): Ref {
  return expectType(call.db, call.db.lookupForWrite(call.args.slice(i)), SET);
}

/** The set at the key in argument i, for reading; null if the key is missing. */
export function readSet(call: Call, i: number): SetValue | null {
  const ref = readSetRef(call, i);
  return ref === 0 ? null : openSet(call.db, ref);
}

/** Before going through a set, in a command whose row says isMostlyBrief. */
export function timeLong(call: Call, set: SetValue): void {
  if (!set.isShort) call.takesLong();
}
