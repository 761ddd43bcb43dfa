/** BZPOPMIN and its relatives: the commands that wait for a member. */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { CommandRow } from '../../../engine/command.js';
import { keysFrom } from '../../../engine/key-specs.js';
import { blockingMultiPopRow, parseMultiPop } from '../../multi-pop.js';
import { replyTimeout, timeoutAt } from '../../time-out.js';
import { ZSET } from '../value.js';
import { ENDS, isMin, popFromFirst, removeFromEnd } from './removing.js';
import { writeZSet } from './shared.js';

function waitForZSet(call: Call, firstKey: number, lastKey: number, timeoutMs: number): void {
  call.block({ firstKey, lastKey, type: ZSET, timeoutMs, onTimeout: replyTimeout });
}

function blockingPop(call: Call, fromMin: boolean): void {
  const { args, reply } = call;
  const last = args.count - 1;
  const timeoutMs = timeoutAt(call, last);
  for (let i = 1; i < last; i++) {
    const zset = writeZSet(call, i);
    if (zset === null) continue;
    zset.seek(fromMin ? 0 : zset.length - 1);
    reply.array(3);
    reply.bulk(args.slice(i));
    reply.bulk(zset.memberHere);
    reply.double(zset.scoreHere);
    removeFromEnd(call, i, zset, 1, fromMin);
    if (call.propagating) call.effect(fromMin ? 'ZPOPMIN' : 'ZPOPMAX', args.slice(i));
    return;
  }
  waitForZSet(call, 1, last, timeoutMs);
}

function bzmpop(call: Call): void {
  const timeoutMs = timeoutAt(call, 1);
  const { keyCount, fromFirst, limit } = parseMultiPop(call, 2, isMin);
  if (popFromFirst(call, 3, keyCount, fromFirst, limit)) return;
  waitForZSet(call, 3, 3 + keyCount, timeoutMs);
}

function waiting(name: string, summary: string, fromMin: boolean): CommandRow {
  return {
    name,
    summary,
    group: 'sorted-set',
    complexity: 'O(K+log(N)), K being the keys given, N the members of the set',
    arity: -3,
    flags: ['write', 'blocking', 'fast'],
    keys: [keysFrom(1, { last: -2, step: 1 }, 'RW', 'access', 'delete')],
    arguments: [arg.multiple(arg.key()), arg.double('timeout')],
    run: (call) => blockingPop(call, fromMin),
  };
}

export const blockingCommands: readonly CommandRow[] = [
  waiting(
    'bzpopmin',
    'Removes the member with the lowest score of the first sorted set that is there, or waits for one.',
    true,
  ),
  waiting(
    'bzpopmax',
    'Removes the member with the highest score of the first sorted set that is there, or waits for one.',
    false,
  ),
  blockingMultiPopRow(
    {
      name: 'bzmpop',
      summary: 'Removes the first or last members of the first sorted set that is there, or waits for some.',
      group: 'sorted-set',
      complexity: 'O(K+M*log(N)), K being the keys given, N the members of the set, M those that are removed',
      run: bzmpop,
    },
    ENDS,
  ),
];
