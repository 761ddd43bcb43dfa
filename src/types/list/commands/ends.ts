/** LPUSH, LPOP and their relatives: adding and removing at the ends of a list. */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { CommandRow } from '../../../engine/command.js';
import { oneKey } from '../../../engine/key-specs.js';
import * as errors from '../../../protocol/errors.js';
import { expectType } from '../../expect.js';
import { multiPopRow, parseMultiPop } from '../../multi-pop.js';
import { LIST, lists } from '../value.js';
import { announce, ENDS, isLeft, RESERVE_FROM, removeFromEnd, reserve, writeList } from './shared.js';

function push(call: Call, toLeft: boolean, onlyIfThere: boolean): void {
  const { args, db } = call;
  const ref = db.lookupForWrite(args.slice(1));
  const count = args.count - 2;
  if (count === 1 && ref !== 0 && args.length(2) < RESERVE_FROM) {
    const length = lists(db).brief.pushPlainly(ref, args.slice(2), toLeft);
    if (length !== 0) {
      call.changed(args.slice(1), toLeft ? 'lpush' : 'rpush');
      call.reply.integer(length);
      return;
    }
  }
  expectType(db, ref, LIST);
  if (ref === 0 && onlyIfThere) {
    call.reply.integer(0);
    return;
  }
  let bytes = 0;
  for (let i = 2; i < args.count; i++) bytes += args.length(i);
  reserve(call, bytes + 4 * count, count);
  const list = lists(db).lease().openToGrow(args.slice(1), ref, bytes, count);
  for (let i = 2; i < args.count; i++) list.push(args.slice(i), toLeft);
  announce(call, 1, toLeft ? 'lpush' : 'rpush', count);
  call.reply.integer(list.length);
}

function pop(call: Call, fromLeft: boolean): void {
  const { args, db, reply } = call;
  if (args.count > 3) throw errors.wrongArity(call.command.fullName);
  const hasCount = args.count === 3;
  const limit = hasCount ? args.integer(2, errors.NOT_POSITIVE) : 1;
  if (limit < 0) throw errors.NOT_POSITIVE;
  const ref = db.lookupForWrite(args.slice(1));
  if (ref === 0) {
    if (hasCount) reply.nullArray();
    else reply.null();
    return;
  }
  if (!hasCount && lists(db).brief.popPlainly(ref, reply, fromLeft)) {
    call.changed(args.slice(1), fromLeft ? 'lpop' : 'rpop');
    return;
  }
  const list = lists(db).brief.open(expectType(db, ref, LIST));
  const count = Math.min(limit, list.length);
  if (hasCount) reply.array(count);
  if (count === 0) return;
  list.writeElements(reply, fromLeft ? 0 : list.length - 1, count, !fromLeft);
  removeFromEnd(call, 1, list, count, fromLeft);
}

/** Pops from the first of the keys from argument `at` on that there is; false if there is none. */
export function popFromFirst(call: Call, at: number, keyCount: number, fromLeft: boolean, limit: number): boolean {
  const { args, reply } = call;
  for (let i = at; i < at + keyCount; i++) {
    const list = writeList(call, i);
    if (list === null) continue;
    const count = Math.min(limit, list.length);
    reply.array(2);
    reply.bulk(args.slice(i));
    reply.array(count);
    list.writeElements(reply, fromLeft ? 0 : list.length - 1, count, !fromLeft);
    removeFromEnd(call, i, list, count, fromLeft);
    if (call.propagating) call.effect(fromLeft ? 'LPOP' : 'RPOP', args.slice(i), count);
    return true;
  }
  return false;
}

function lmpop(call: Call): void {
  const { keyCount, fromFirst, limit } = parseMultiPop(call, 1, isLeft);
  if (!popFromFirst(call, 2, keyCount, fromFirst, limit)) call.reply.nullArray();
}

export const endCommands: readonly CommandRow[] = [
  {
    name: 'lpush',
    summary: 'Adds elements at the left end of a list, creating it if need be.',
    group: 'list',
    complexity: 'O(1) for each element added',
    arity: -3,
    flags: ['write', 'denyoom', 'fast'],
    keys: [oneKey(1, 'RW', 'insert')],
    arguments: [arg.key(), arg.multiple(arg.string('element'))],
    run: (call) => push(call, true, false),
  },
  {
    name: 'rpush',
    summary: 'Adds elements at the right end of a list, creating it if need be.',
    group: 'list',
    complexity: 'O(1) for each element added',
    arity: -3,
    flags: ['write', 'denyoom', 'fast'],
    keys: [oneKey(1, 'RW', 'insert')],
    arguments: [arg.key(), arg.multiple(arg.string('element'))],
    run: (call) => push(call, false, false),
  },
  {
    name: 'lpushx',
    summary: 'Adds elements at the left end of a list that is there already.',
    group: 'list',
    complexity: 'O(1) for each element added',
    arity: -3,
    flags: ['write', 'denyoom', 'fast'],
    keys: [oneKey(1, 'RW', 'insert')],
    arguments: [arg.key(), arg.multiple(arg.string('element'))],
    run: (call) => push(call, true, true),
  },
  {
    name: 'rpushx',
    summary: 'Adds elements at the right end of a list that is there already.',
    group: 'list',
    complexity: 'O(1) for each element added',
    arity: -3,
    flags: ['write', 'denyoom', 'fast'],
    keys: [oneKey(1, 'RW', 'insert')],
    arguments: [arg.key(), arg.multiple(arg.string('element'))],
    run: (call) => push(call, false, true),
  },
  {
    name: 'lpop',
    summary: 'Removes elements from the left end of a list and replies with them.',
    group: 'list',
    complexity: 'O(N), N being the elements removed',
    arity: -2,
    flags: ['write', 'fast'],
    keys: [oneKey(1, 'RW', 'access', 'delete')],
    arguments: [arg.key(), arg.optional(arg.integer('count', { since: '6.2.0' }))],
    run: (call) => pop(call, true),
  },
  {
    name: 'rpop',
    summary: 'Removes elements from the right end of a list and replies with them.',
    group: 'list',
    complexity: 'O(N), N being the elements removed',
    arity: -2,
    flags: ['write', 'fast'],
    keys: [oneKey(1, 'RW', 'access', 'delete')],
    arguments: [arg.key(), arg.optional(arg.integer('count', { since: '6.2.0' }))],
    run: (call) => pop(call, false),
  },
  multiPopRow(
    {
      name: 'lmpop',
      summary: 'Removes elements from an end of the first list that is there and replies with them.',
      group: 'list',
      complexity: 'O(N+M), N being the keys given, M the elements removed',
      run: lmpop,
    },
    ENDS,
  ),
];
