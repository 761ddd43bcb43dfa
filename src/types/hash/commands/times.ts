/** Deadlines that commands give to fields. */

import type { Call } from '../../../engine/call.js';
import type { Args } from '../../../protocol/args.js';
import * as errors from '../../../protocol/errors.js';
import { type HashValue, LAST_DEADLINE } from '../value.js';

/** What the time of a command counts: seconds or ms, from now or from the epoch. */
export interface TimeUnit {
  readonly command: string;
  readonly msPerUnit: 1 | 1000;
  readonly isRelative: boolean;
}

export type Condition = 'NX' | 'XX' | 'GT' | 'LT' | null;

/** What HEXPIRE says of a field. */
export const Verdict = { NO_FIELD: -2, NOT_MET: 0, SET: 1, REMOVED: 2 } as const;

/** The deadline in ms since the epoch that argument i stands for. */
export function fieldDeadline({ args, now }: Call, i: number, unit: TimeUnit): number {
  const time = args.integer(i);
  if (time < 0) throw errors.EXPIRE_TIME_NEGATIVE;
  const deadline = time * unit.msPerUnit + (unit.isRelative ? now : 0);
  if (deadline > LAST_DEADLINE) throw errors.invalidExpireTime(unit.command);
  return deadline;
}

export function conditionAt(args: Args, i: number): Condition {
  if (args.is(i, 'NX')) return 'NX';
  if (args.is(i, 'XX')) return 'XX';
  if (args.is(i, 'GT')) return 'GT';
  return args.is(i, 'LT') ? 'LT' : null;
}

/**
 * The end of the checking half for who is about to give so many fields a deadline, which take so many bytes with their
 * values: finds the memory, and puts the key where it is looked at in time. The hash is opened anew, as its entry may
 * have moved.
 */
export function giveDeadline(call: Call, hash: HashValue, count: number, bytes: number, deadline: number): void {
  hash.reserve(count, bytes + count * 16);
  // First, because it may still run out of memory; a hash that is looked at too early does no harm.
  hash.openToWrite(call.db.elementDeadlineChanged(hash.ref, deadline));
  hash.nameForDeadlines();
}
