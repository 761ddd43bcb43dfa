/** BLPOP and its relatives: the commands that wait for an element. */

import type { Call } from '../../../engine/call.js';
import type { CommandRow } from '../../../engine/command.js';
import { keysFrom, oneKey } from '../../../engine/key-specs.js';
import type { Args } from '../../../protocol/args.js';
import * as errors from '../../../protocol/errors.js';
import type { ReplyWriter } from '../../../protocol/reply-writer.js';
import { LongDouble } from '../../../text/long-double.js';
import { parseDouble } from '../../../text/numbers.js';
import { LIST } from '../value.js';
import { parseMultiPop, popFromFirst } from './ends.js';
import { moveElement } from './move.js';
import { isLeft, removeFromEnd, writeList } from './shared.js';

const INT64_MAX = 2 ** 63;

/** The time-out in ms that argument i gives in seconds; 0 waits for ever. */
function timeoutAt(call: Call, args: Args, i: number): number {
  let milliseconds = parseDouble(args.bytes, args.starts[i], args.ends[i]) * 1000;
  if (!(milliseconds >= 0) && milliseconds !== -Infinity) milliseconds = exactMilliseconds(args.latin1(i));
  if (milliseconds > INT64_MAX) throw errors.TIMEOUT_OUT_OF_RANGE;
  // Rounded up: who asks for less than a millisecond does not ask for ever.
  const timeoutMs = Math.ceil(milliseconds);
  if (timeoutMs < 0) throw errors.TIMEOUT_NEGATIVE;
  if (timeoutMs >= INT64_MAX - call.now) throw errors.TIMEOUT_OUT_OF_RANGE;
  return timeoutMs;
}

/** What no double holds, and what is below 0, as Redis computes it: for it 1e400 is too long, and -0.001 not negative. */
function exactMilliseconds(text: string): number {
  const seconds = LongDouble.parse(text);
  if (seconds === undefined) throw errors.INVALID_TIMEOUT;
  return Number(seconds.times(1000n).ceiling());
}

/** Whatever the command, Redis answers a time-out with the null of arrays. */
function replyTimeout(reply: ReplyWriter): void {
  reply.nullArray();
}

function waitForList(call: Call, firstKey: number, lastKey: number, timeoutMs: number): void {
  call.block({ firstKey, lastKey, type: LIST, timeoutMs, onTimeout: replyTimeout });
}

function blockingPop(call: Call, fromLeft: boolean): void {
  const { args, reply } = call;
  const last = args.count - 1;
  const timeoutMs = timeoutAt(call, args, last);
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
  const timeoutMs = timeoutAt(call, args, 5);
  if (!blockingMove(call, fromLeft, toLeft, timeoutMs) || !call.propagating) return;
  call.effect('LMOVE', args.slice(1), args.slice(2), fromLeft ? 'LEFT' : 'RIGHT', toLeft ? 'LEFT' : 'RIGHT');
}

function brpoplpush(call: Call): void {
  const { args } = call;
  const timeoutMs = timeoutAt(call, args, 3);
  if (!blockingMove(call, false, true, timeoutMs) || !call.propagating) return;
  call.effect('RPOPLPUSH', args.slice(1), args.slice(2));
}

function blmpop(call: Call): void {
  const { keyCount, fromLeft, limit } = parseMultiPop(call, 2);
  const timeoutMs = timeoutAt(call, call.args, 1);
  if (popFromFirst(call, 3, keyCount, fromLeft, limit)) return;
  waitForList(call, 3, 3 + keyCount, timeoutMs);
}

const blpopRow: CommandRow = {
  name: 'blpop',
  summary: 'Removes the first element of the first list that is there, or waits for one.',
  since: '2.0.0',
  group: 'list',
  complexity: 'O(N), N being the keys given.',
  arity: -3,
  flags: ['write', 'blocking'],
  categories: ['@write', '@list', '@slow', '@blocking'],
  keys: [keysFrom(1, { last: -2, step: 1 }, 'RW', 'access', 'delete')],
  arguments: [
    { name: 'key', type: 'key', keySpec: 0, multiple: true },
    { name: 'timeout', type: 'double' },
  ],
  history: [['6.0.0', 'The timeout may have a fraction.']],
  run: (call) => blockingPop(call, true),
};

const brpopRow: CommandRow = {
  name: 'brpop',
  summary: 'Removes the last element of the first list that is there, or waits for one.',
  since: '2.0.0',
  group: 'list',
  complexity: 'O(N), N being the keys given.',
  arity: -3,
  flags: ['write', 'blocking'],
  categories: ['@write', '@list', '@slow', '@blocking'],
  keys: [keysFrom(1, { last: -2, step: 1 }, 'RW', 'access', 'delete')],
  arguments: [
    { name: 'key', type: 'key', keySpec: 0, multiple: true },
    { name: 'timeout', type: 'double' },
  ],
  history: [['6.0.0', 'The timeout may have a fraction.']],
  run: (call) => blockingPop(call, false),
};

const blmoveRow: CommandRow = {
  name: 'blmove',
  summary: 'Takes an element from an end of a list to an end of another, or waits for one.',
  since: '6.2.0',
  group: 'list',
  complexity: 'O(1)',
  arity: 6,
  flags: ['write', 'denyoom', 'blocking'],
  categories: ['@write', '@list', '@slow', '@blocking'],
  keys: [oneKey(1, 'RW', 'access', 'delete'), oneKey(2, 'RW', 'insert')],
  arguments: [
    { name: 'source', type: 'key', keySpec: 0 },
    { name: 'destination', type: 'key', keySpec: 1 },
    {
      name: 'wherefrom',
      type: 'oneof',
      arguments: [
        { name: 'left', type: 'pure-token', token: 'LEFT' },
        { name: 'right', type: 'pure-token', token: 'RIGHT' },
      ],
    },
    {
      name: 'whereto',
      type: 'oneof',
      arguments: [
        { name: 'left', type: 'pure-token', token: 'LEFT' },
        { name: 'right', type: 'pure-token', token: 'RIGHT' },
      ],
    },
    { name: 'timeout', type: 'double' },
  ],
  run: blmove,
};

const brpoplpushRow: CommandRow = {
  name: 'brpoplpush',
  summary: 'Takes the last element of a list to the left end of another, or waits for one.',
  since: '2.2.0',
  group: 'list',
  complexity: 'O(1)',
  arity: 4,
  flags: ['write', 'denyoom', 'blocking'],
  categories: ['@write', '@list', '@slow', '@blocking'],
  keys: [oneKey(1, 'RW', 'access', 'delete'), oneKey(2, 'RW', 'insert')],
  docFlags: ['deprecated'],
  deprecatedSince: '6.2.0',
  replacedBy: '`BLMOVE` with the `RIGHT` and `LEFT` arguments',
  arguments: [
    { name: 'source', type: 'key', keySpec: 0 },
    { name: 'destination', type: 'key', keySpec: 1 },
    { name: 'timeout', type: 'double' },
  ],
  history: [['6.0.0', 'The timeout may have a fraction.']],
  run: brpoplpush,
};

const blmpopRow: CommandRow = {
  name: 'blmpop',
  summary: 'Removes elements from an end of the first list that is there, or waits for some.',
  since: '7.0.0',
  group: 'list',
  complexity: 'O(N+M), N being the keys given, M the elements removed.',
  arity: -5,
  flags: ['write', 'blocking', 'movablekeys'],
  categories: ['@write', '@list', '@slow', '@blocking'],
  keys: [
    {
      flags: ['RW', 'access', 'delete'],
      begin: { index: 2 },
      find: { keyCountAt: 0, firstKey: 1, step: 1 },
    },
  ],
  arguments: [
    { name: 'timeout', type: 'double' },
    { name: 'numkeys', type: 'integer' },
    { name: 'key', type: 'key', keySpec: 0, multiple: true },
    {
      name: 'where',
      type: 'oneof',
      arguments: [
        { name: 'left', type: 'pure-token', token: 'LEFT' },
        { name: 'right', type: 'pure-token', token: 'RIGHT' },
      ],
    },
    { name: 'count', type: 'integer', token: 'COUNT', optional: true },
  ],
  run: blmpop,
};

export const blockingCommands: readonly CommandRow[] = [blpopRow, brpopRow, blmoveRow, brpoplpushRow, blmpopRow];
