/** ZREM, ZREMRANGEBYRANK and its relatives, ZPOPMIN and its own: what takes members out of sorted sets. */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { CommandRow } from '../../../engine/command.js';
import { oneKey } from '../../../engine/key-specs.js';
import type { EventName } from '../../../keyspace/events.js';
import type { Args } from '../../../protocol/args.js';
import * as errors from '../../../protocol/errors.js';
import { multiPopRow, parseMultiPop } from '../../multi-pop.js';
import type { ZSetValue } from '../value.js';
import { By, parseRange, rangeOf } from './ranges.js';
import { removeRange, writePairs, writeZSet } from './shared.js';

function zrem(call: Call): void {
  const { args, db } = call;
  const zset = writeZSet(call, 1);
  if (zset === null) {
    call.reply.integer(0);
    return;
  }
  let removed = 0;
  let emptied = false;
  for (let i = 2; i < args.count && !emptied; i++) {
    if (!zset.find(args.slice(i))) continue;
    removed++;
    emptied = zset.length === 1;
    if (emptied) db.delete(zset.ref);
    else zset.remove();
  }
  if (removed > 0) call.changed(args.slice(1), 'zrem', removed);
  if (emptied) call.deleted(args.slice(1), 0);
  call.reply.integer(removed);
}

function zremrange(call: Call, by: By, event: EventName): void {
  parseRange(call, by);
  const zset = writeZSet(call, 1);
  if (zset === null) {
    call.reply.integer(0);
    return;
  }
  const { from, to } = rangeOf(zset);
  removeRange(call, 1, zset, from, to - from, event);
  call.reply.integer(to - from);
}

// --- popping

function popEvent(fromMin: boolean): 'zpopmin' | 'zpopmax' {
  return fromMin ? 'zpopmin' : 'zpopmax';
}

/** Removes `count` members, all at most, from an end of the set of the key in argument i. */
export function removeFromEnd(call: Call, i: number, zset: ZSetValue, count: number, fromMin: boolean): void {
  removeRange(call, i, zset, fromMin ? 0 : zset.length - count, count, popEvent(fromMin));
}

function pop(call: Call, fromMin: boolean): void {
  const { args, reply } = call;
  if (args.count > 3) throw errors.SYNTAX;
  const hasCount = args.count === 3;
  const limit = hasCount ? args.integer(2, errors.NOT_POSITIVE) : 1;
  if (limit < 0) throw errors.NOT_POSITIVE;
  const zset = writeZSet(call, 1);
  const count = zset === null ? 0 : Math.min(limit, zset.length);
  if (zset === null || count === 0) {
    reply.array(0);
    return;
  }
  const rank = fromMin ? 0 : zset.length - 1;
  if (hasCount) {
    reply.pairs(count);
    writePairs(call, zset, rank, count, !fromMin);
  } else {
    zset.seek(rank);
    // Pops come in series: the next one's member, too, so that this one's misses are waited for together with it.
    zset.touchAhead(2, !fromMin);
    reply.array(2);
    reply.bulk(zset.memberHere);
    reply.double(zset.scoreHere);
  }
  removeFromEnd(call, 1, zset, count, fromMin);
}

/** How commands name the ends. */
export const ENDS = ['MIN', 'MAX'] as const;

/** Whether argument i says MIN (or else MAX). */
export function isMin(args: Args, i: number): boolean {
  if (args.is(i, 'MIN')) return true;
  if (args.is(i, 'MAX')) return false;
  throw errors.SYNTAX;
}

/** Pops from the first of the keys from argument `at` on that there is; false if there is none. */
export function popFromFirst(call: Call, at: number, keyCount: number, fromMin: boolean, limit: number): boolean {
  const { args, reply } = call;
  for (let i = at; i < at + keyCount; i++) {
    const zset = writeZSet(call, i);
    if (zset === null) continue;
    const count = Math.min(limit, zset.length);
    reply.array(2);
    reply.bulk(args.slice(i));
    reply.array(count);
    zset.seek(fromMin ? 0 : zset.length - 1);
    for (let left = count; left > 0; left--) {
      reply.array(2);
      reply.bulk(zset.memberHere);
      reply.double(zset.scoreHere);
      if (fromMin) zset.next();
      else zset.previous();
    }
    removeFromEnd(call, i, zset, count, fromMin);
    if (call.propagating) call.effect(fromMin ? 'ZPOPMIN' : 'ZPOPMAX', args.slice(i), count);
    return true;
  }
  return false;
}

function zmpop(call: Call): void {
  const { keyCount, fromFirst, limit } = parseMultiPop(call, 1, isMin);
  if (!popFromFirst(call, 2, keyCount, fromFirst, limit)) call.reply.nullArray();
}

const POP_COMPLEXITY = 'O(log(N)*M), N being the members of the set, M those that are removed';
const RANGE_COMPLEXITY = 'O(log(N)+M), N being the members of the set, M those that are removed';

function removingRange(
  name: 'zremrangebyrank' | 'zremrangebyscore' | 'zremrangebylex',
  summary: string,
  by: By,
): CommandRow {
  const bound = by === By.RANK ? arg.integer : by === By.SCORE ? arg.double : arg.string;
  const [min, max] = by === By.RANK ? ['start', 'stop'] : ['min', 'max'];
  return {
    name,
    summary,
    group: 'sorted-set',
    complexity: RANGE_COMPLEXITY,
    arity: 4,
    flags: ['write'],
    keys: [oneKey(1, 'RW', 'delete')],
    arguments: [arg.key(), bound(min), bound(max)],
    run: (call) => zremrange(call, by, name),
  };
}

function popping(name: string, summary: string, fromMin: boolean): CommandRow {
  return {
    name,
    summary,
    group: 'sorted-set',
    complexity: POP_COMPLEXITY,
    arity: -2,
    flags: ['write', 'fast'],
    keys: [oneKey(1, 'RW', 'access', 'delete')],
    arguments: [arg.key(), arg.optional(arg.integer('count'))],
    run: (call) => pop(call, fromMin),
  };
}

export const removingCommands: readonly CommandRow[] = [
  {
    name: 'zrem',
    summary: 'Removes members from a sorted set.',
    group: 'sorted-set',
    complexity: POP_COMPLEXITY,
    arity: -3,
    flags: ['write', 'fast'],
    keys: [oneKey(1, 'RW', 'delete')],
    arguments: [arg.key(), arg.multiple(arg.string('member'))],
    elementsAt: [2],
    run: zrem,
  },
  removingRange('zremrangebyrank', 'Removes the members of a sorted set within a range of ranks.', By.RANK),
  removingRange('zremrangebyscore', 'Removes the members of a sorted set within a range of scores.', By.SCORE),
  removingRange('zremrangebylex', 'Removes the members of a sorted set of equal scores within a range.', By.LEX),
  popping('zpopmin', 'Removes the members of a sorted set with the lowest scores and replies with them.', true),
  popping('zpopmax', 'Removes the members of a sorted set with the highest scores and replies with them.', false),
  multiPopRow(
    {
      name: 'zmpop',
      summary: 'Removes the first or last members of the first sorted set that is there and replies with them.',
      group: 'sorted-set',
      complexity: 'O(K+M*log(N)), K being the keys given, N the members of the set, M those that are removed',
      run: zmpop,
    },
    ENDS,
  ),
];
