/** What several list commands do alike. */

import type { Call } from '../../../engine/call.js';
import type { EventName } from '../../../keyspace/events.js';
import { PAGE_SIZE, type Ref } from '../../../memory/arena.js';
import type { Args } from '../../../protocol/args.js';
import * as errors from '../../../protocol/errors.js';
import { expectType } from '../../expect.js';
import { LIST, type ListValue, openList } from '../value.js';

/** The list of the key in argument i, for reading; null if the key is missing. */
export function readList(call: Call, i: number): ListValue | null {
  const ref = expectType(call.db, call.db.lookup(call.args.slice(i)), LIST);
  return ref === 0 ? null : openList(call.db, ref);
}

/** The same for a command that changes the list. */
export function writeList(call: Call, i: number): ListValue | null {
  const ref = writeListRef(call, i);
  return ref === 0 ? null : openList(call.db, ref);
}

export function writeListRef(call: Call, i: number): Ref {
  return expectType(call.db, call.db.lookupForWrite(call.args.slice(i)), LIST);
}

/** Before going through a list, in a command whose row says isMostlyBrief. */
export function timeLong(call: Call, list: ListValue): void {
  if (!list.isShort) call.takesLong();
}

/** How commands name the ends. */
export const ENDS = ['LEFT', 'RIGHT'] as const;

/** Whether argument i says LEFT (or else RIGHT). */
export function isLeft(args: Args, i: number): boolean {
  if (args.is(i, 'LEFT')) return true;
  if (args.is(i, 'RIGHT')) return false;
  throw errors.SYNTAX;
}

/** Announces an event of the key in argument i that counts as so many changes, as Redis counts them. */
export function announce(call: Call, i: number, event: EventName, changes: number): void {
  call.changed(call.args.slice(i), event, changes);
}

/** Announces that the list of the key in argument i is gone with its last element. */
export function announceDeletion(call: Call, i: number): void {
  call.deleted(call.args.slice(i), 0);
}

/** Removes `count` elements, all at most, from an end of the list of the key in argument i. */
export function removeFromEnd(call: Call, i: number, list: ListValue, count: number, fromLeft: boolean): void {
  const emptied = count === list.length;
  if (emptied) call.db.delete(list.ref);
  else list.drop(count, fromLeft);
  announce(call, i, fromLeft ? 'lpop' : 'rpop', count);
  if (emptied) announceDeletion(call, i);
}

/** Writes that may need pages of their own ask beforehand whether there are any. */
export const RESERVE_FROM = 16 * 1024;

/** Before writing `count` elements of so many bytes in all: each may leave most of a page unused. */
export function reserve(call: Call, bytes: number, count: number): void {
  if (bytes > RESERVE_FROM) call.db.arena.reserve(bytes + Math.min(bytes, count * PAGE_SIZE));
}
