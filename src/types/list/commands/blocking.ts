/** BLPOP and its relatives: the commands that wait for an element. */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { CommandRow } from '../../../engine/command.js';
import { keysFrom, oneKey } from '../../../engine/key-specs.js';
import { blockingMultiPopRow, parseMultiPop } from '../../multi-pop.js';
import { replyTimeout, timeoutAt } from '../../time-out.js';
import { LIST } from '../value.js';
import { popFromFirst } from './ends.js';
import { moveElement } from './move.js';
import { ENDS, isLeft, removeFromEnd, writeList } from './shared.js';

function waitForList(call: Call, firstKey: number, lastKey: number, timeoutMs: number): void {
  call.block({ firstKey, lastKey, type: LIST, timeoutMs, onTimeout: replyTimeout });
}

function blockingPop(call: Call, fromLeft: boolean): void {
  const { args, reply } = call;
  const last = args.count - 1;
  const timeoutMs = timeoutAt(call, last);
  for (let i = 1; i < last; i++) {
    const list = writeList(call, i);
    if (list === null) continue;
    reply.array(2);
    reply.bulk(args.slice(i));
    list.writeElements(reply, fromLeft ? 0 : list.length - 1, 1, false);
    removeFromEnd(call, i, list, 1, fromLeft);
    if (call.propagating) call.effect(fromLeft ? 'LPOP' : 'RPOP', args.slice(i));
    return;
  }
  waitForList(call, 1, last, timeoutMs);
}

function blockingMove(call: Call, fromLeft: boolean, toLeft: boolean, timeoutMs: number): boolean {
  if (moveElement(call, fromLeft, toLeft)) return true;
  // Where waiting is not allowed, the null is that of LMOVE.
  if (call.client.mayBlock) waitForList(call, 1, 2, timeoutMs);
  else call.reply.null();
  return false;
}

function blmove(call: Call): void {
  const { args } = call;
  const fromLeft = isLeft(args, 3);
  const toLeft = isLeft(args, 4);
  const timeoutMs = timeoutAt(call, 5);
  if (!blockingMove(call, fromLeft, toLeft, timeoutMs) || !call.propagating) return;
  call.effect('LMOVE', args.slice(1), args.slice(2), fromLeft ? 'LEFT' : 'RIGHT', toLeft ? 'LEFT' : 'RIGHT');
}

function brpoplpush(call: Call): void {
  const { args } = call;
  const timeoutMs = timeoutAt(call, 3);
  if (!blockingMove(call, false, true, timeoutMs) || !call.propagating) return;
  call.effect('RPOPLPUSH', args.slice(1), args.slice(2));
}

function blmpop(call: Call): void {
  const { keyCount, fromFirst, limit } = parseMultiPop(call, 2, isLeft);
  const timeoutMs = timeoutAt(call, 1);
  if (popFromFirst(call, 3, keyCount, fromFirst, limit)) return;
  waitForList(call, 3, 3 + keyCount, timeoutMs);
}

export const blockingCommands: readonly CommandRow[] = [
  {
    name: 'blpop',
    summary: 'Removes the first element of the first list that is there, or waits for one.',
    group: 'list',
    complexity: 'O(N), N being the keys given',
    arity: -3,
    flags: ['write', 'blocking'],
    keys: [keysFrom(1, { last: -2, step: 1 }, 'RW', 'access', 'delete')],
    arguments: [arg.multiple(arg.key()), arg.double('timeout')],
    run: (call) => blockingPop(call, true),
  },
  {
    name: 'brpop',
    summary: 'Removes the last element of the first list that is there, or waits for one.',
    group: 'list',
    complexity: 'O(N), N being the keys given',
    arity: -3,
    flags: ['write', 'blocking'],
    keys: [keysFrom(1, { last: -2, step: 1 }, 'RW', 'access', 'delete')],
    arguments: [arg.multiple(arg.key()), arg.double('timeout')],
    run: (call) => blockingPop(call, false),
  },
  {
    name: 'blmove',
    summary: 'Takes an element from an end of a list to an end of another, or waits for one.',
    group: 'list',
    complexity: 'O(1)',
    arity: 6,
    flags: ['write', 'denyoom', 'blocking'],
    keys: [oneKey(1, 'RW', 'access', 'delete'), oneKey(2, 'RW', 'insert')],
    arguments: [
      arg.key('source'),
      arg.key('destination', { keySpec: 1 }),
      arg.oneOf('wherefrom', [arg.token('LEFT'), arg.token('RIGHT')]),
      arg.oneOf('whereto', [arg.token('LEFT'), arg.token('RIGHT')]),
      arg.double('timeout'),
    ],
    run: blmove,
  },
  {
    name: 'brpoplpush',
    summary: 'Takes the last element of a list to the left end of another, or waits for one.',
    group: 'list',
    complexity: 'O(1)',
    arity: 4,
    flags: ['write', 'denyoom', 'blocking'],
    keys: [oneKey(1, 'RW', 'access', 'delete'), oneKey(2, 'RW', 'insert')],
    arguments: [arg.key('source'), arg.key('destination', { keySpec: 1 }), arg.double('timeout')],
    run: brpoplpush,
  },
  blockingMultiPopRow(
    {
      name: 'blmpop',
      summary: 'Removes elements from an end of the first list that is there, or waits for some.',
      group: 'list',
      complexity: 'O(N+M), N being the keys given, M the elements removed',
      run: blmpop,
    },
    ENDS,
  ),
];
