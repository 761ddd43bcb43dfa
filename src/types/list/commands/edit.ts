/** LSET, LINSERT, LREM, LTRIM: changing lists anywhere. */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { CommandRow } from '../../../engine/command.js';
import * as errors from '../../../protocol/errors.js';
import { announce, announceDeletion, reserve, timeLong, writeList } from './shared.js';

function lset(call: Call): void {
  const { args } = call;
  const list = writeList(call, 1);
  if (list === null) throw errors.NO_SUCH_KEY;
  let index = args.integer(2);
  if (index < 0) index += list.length;
  if (index < 0 || index >= list.length) throw errors.INDEX_OUT_OF_RANGE;
  timeLong(call, list);
  reserve(call, args.length(3), 1);
  list.makeReady(args.length(3), 1);
  list.seek(index);
  list.replaceHere(args.slice(3));
  announce(call, 1, 'lset', 1);
  call.reply.ok();
}

function linsert(call: Call): void {
  const { args, reply } = call;
  const behind = args.is(2, 'AFTER');
  if (!behind && !args.is(2, 'BEFORE')) throw errors.SYNTAX;
  const list = writeList(call, 1);
  if (list === null) {
    reply.integer(0);
    return;
  }
  timeLong(call, list);
  reserve(call, args.length(4), 1);
  // As in Redis, the list takes the form that it needs with the element, found or not.
  list.makeReady(args.length(4), 1);
  if (list.seekEqual(args.slice(3)) < 0) {
    reply.integer(-1);
    return;
  }
  list.insertHere(args.slice(4), behind);
  announce(call, 1, 'linsert', 1);
  reply.integer(list.length);
}

function lrem(call: Call): void {
  const { args } = call;
  const count = args.integer(2);
  const list = writeList(call, 1);
  const limit = count === 0 ? Number.MAX_SAFE_INTEGER : Math.abs(count);
  if (list !== null) timeLong(call, list);
  const removed = list === null ? 0 : list.removeMatches(args.slice(3), limit, count < 0);
  if (list !== null && removed > 0) {
    const emptied = list.length === 0;
    if (emptied) call.db.delete(list.ref);
    announce(call, 1, 'lrem', removed);
    if (emptied) announceDeletion(call, 1);
  }
  call.reply.integer(removed);
}

function ltrim(call: Call): void {
  const { args, reply } = call;
  let start = args.integer(2);
  let stop = args.integer(3);
  const list = writeList(call, 1);
  if (list === null) {
    reply.ok();
    return;
  }
  timeLong(call, list);
  const length = list.length;
  if (start < 0) start = Math.max(0, start + length);
  if (stop < 0) stop += length;
  if (stop >= length) stop = length - 1;
  reply.ok();
  if (start > stop) {
    call.db.delete(list.ref);
    announce(call, 1, 'ltrim', length);
    announceDeletion(call, 1);
    return;
  }
  list.drop(length - 1 - stop, false);
  list.drop(start, true);
  // Announced even if nothing went; then it is no change.
  announce(call, 1, 'ltrim', length - list.length);
}

export const editCommands: readonly CommandRow[] = [
  {
    name: 'lset',
    summary: 'Replaces the element at an index of a list.',
    group: 'list',
    complexity: 'O(N), N being the distance from the nearer end (counted in nodes for a long list)',
    arity: 4,
    flags: ['write', 'denyoom'],
    keys: [{ flags: ['RW', 'update'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
    arguments: [arg.key(), arg.integer('index'), arg.string('element')],
    isMostlyBrief: true,
    run: lset,
  },
  {
    name: 'linsert',
    summary: 'Inserts an element in front of or behind another one.',
    group: 'list',
    complexity: 'O(N), N being the elements in front of the one that is looked for',
    arity: 5,
    flags: ['write', 'denyoom'],
    keys: [{ flags: ['RW', 'insert'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
    arguments: [
      arg.key(),
      arg.oneOf('where', [arg.token('BEFORE'), arg.token('AFTER')]),
      arg.string('pivot'),
      arg.string('element'),
    ],
    isMostlyBrief: true,
    run: linsert,
  },
  {
    name: 'lrem',
    summary: 'Removes elements equal to a value from a list.',
    group: 'list',
    complexity: 'O(N), N being the length of the list',
    arity: 4,
    flags: ['write'],
    keys: [{ flags: ['RW', 'delete'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
    arguments: [arg.key(), arg.integer('count'), arg.string('element')],
    isMostlyBrief: true,
    run: lrem,
  },
  {
    name: 'ltrim',
    summary: 'Removes all elements of a list outside of a range.',
    group: 'list',
    complexity: 'O(N), N being the elements removed (counted in nodes for a long list)',
    arity: 4,
    flags: ['write'],
    keys: [{ flags: ['RW', 'delete'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
    arguments: [arg.key(), arg.integer('start'), arg.integer('stop')],
    isMostlyBrief: true,
    run: ltrim,
  },
];
