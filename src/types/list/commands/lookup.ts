/** LLEN, LRANGE, LINDEX, LPOS: reading lists. */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { CommandRow } from '../../../engine/command.js';
import * as errors from '../../../protocol/errors.js';
import { INT64_MIN } from '../../../text/numbers.js';
import type { ListValue } from '../value.js';
import { readList, timeLong } from './shared.js';

function llen(call: Call): void {
  const list = readList(call, 1);
  call.reply.integer(list === null ? 0 : list.length);
}

function lrange(call: Call): void {
  const { args, reply } = call;
  let start = args.integer(2);
  let stop = args.integer(3);
  const list = readList(call, 1);
  if (list === null) {
    reply.array(0);
    return;
  }
  const length = list.length;
  if (start < 0) start = Math.max(0, start + length);
  if (stop < 0) stop += length;
  if (stop >= length) stop = length - 1;
  const count = Math.max(0, stop - start + 1);
  timeLong(call, list);
  reply.array(count);
  list.writeElements(reply, start, count, false);
}

function lindex(call: Call): void {
  const { args, reply } = call;
  const list = readList(call, 1);
  if (list === null) {
    reply.null();
    return;
  }
  let index = args.integer(2);
  if (index < 0) index += list.length;
  if (index < 0 || index >= list.length) {
    reply.null();
    return;
  }
  timeLong(call, list);
  list.seek(index);
  list.writeHere(reply);
}

interface Search {
  /** The match to begin with, 1 … ; negative counts from the end. */
  rank: number;
  /** Matches wanted, 0 for all; -1 for the first one by itself. */
  count: number;
  /** Elements to compare at most, 0 for all. */
  maxLength: number;
}

function parseSearch(call: Call): Search {
  const { args } = call;
  const search = { rank: 1, count: -1, maxLength: 0 };
  for (let i = 3; i < args.count; i += 2) {
    const hasValue = i + 1 < args.count;
    if (hasValue && args.is(i, 'RANK')) {
      if (args.integer64(i + 1) === INT64_MIN) throw errors.RANK_OUT_OF_RANGE;
      search.rank = args.integer(i + 1);
      if (search.rank === 0) throw errors.RANK_ZERO;
    } else if (hasValue && args.is(i, 'COUNT')) {
      search.count = args.integer(i + 1, errors.COUNT_NEGATIVE);
      if (search.count < 0) throw errors.COUNT_NEGATIVE;
    } else if (hasValue && args.is(i, 'MAXLEN')) {
      search.maxLength = args.integer(i + 1, errors.MAXLEN_NEGATIVE);
      if (search.maxLength < 0) throw errors.MAXLEN_NEGATIVE;
    } else {
      throw errors.SYNTAX;
    }
  }
  return search;
}

function lpos(call: Call): void {
  const search = parseSearch(call);
  const { reply } = call;
  const list = readList(call, 1);
  if (search.count < 0) {
    if (list === null || findPositions(call, list, search) === 0) reply.null();
    return;
  }
  const start = reply.startArray();
  reply.endArray(start, list === null ? 0 : findPositions(call, list, search));
}

/** Writes the positions of the matches; returns how many. */
function findPositions(call: Call, list: ListValue, search: Search): number {
  timeLong(call, list);
  const element = call.args.slice(2);
  if (search.rank === 1 && search.count < 0 && search.maxLength === 0) {
    const index = list.seekEqual(element);
    if (index < 0) return 0;
    call.reply.integer(index);
    return 1;
  }
  const backwards = search.rank < 0;
  const wanted = search.count < 0 ? 1 : search.count === 0 ? list.length : search.count;
  const compared = search.maxLength === 0 ? list.length : Math.min(search.maxLength, list.length);
  let toSkip = Math.abs(search.rank) - 1;
  let found = 0;
  list.seek(backwards ? list.length - 1 : 0);
  for (let i = 0; i < compared; i++) {
    if (list.equalsHere(element) && --toSkip < 0) {
      call.reply.integer(backwards ? list.length - 1 - i : i);
      if (++found === wanted) break;
    }
    if (backwards) list.previous();
    else list.next();
  }
  return found;
}

export const lookupCommands: readonly CommandRow[] = [
  {
    name: 'llen',
    summary: 'Replies with the length of a list.',
    group: 'list',
    complexity: 'O(1)',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: [{ flags: ['RO'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
    arguments: [arg.key()],
    run: llen,
  },
  {
    name: 'lrange',
    summary: 'Replies with a range of the elements of a list.',
    group: 'list',
    complexity:
      'O(S+N), S being the distance of the start from the nearer end (counted in nodes for a long list), N the elements of the range',
    arity: 4,
    flags: ['readonly'],
    keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
    arguments: [arg.key(), arg.integer('start'), arg.integer('stop')],
    isMostlyBrief: true,
    run: lrange,
  },
  {
    name: 'lindex',
    summary: 'Replies with the element at an index of a list.',
    group: 'list',
    complexity: 'O(N), N being the distance from the nearer end (counted in nodes for a long list)',
    arity: 3,
    flags: ['readonly'],
    keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
    arguments: [arg.key(), arg.integer('index')],
    isMostlyBrief: true,
    run: lindex,
  },
  {
    name: 'lpos',
    summary: 'Finds the positions of elements equal to a value.',
    group: 'list',
    complexity: 'O(N), N being the elements compared',
    arity: -3,
    flags: ['readonly'],
    keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
    arguments: [
      arg.key(),
      arg.string('element'),
      arg.option('RANK', arg.integer('rank')),
      arg.option('COUNT', arg.integer('num-matches')),
      arg.option('MAXLEN', arg.integer('len')),
    ],
    isMostlyBrief: true,
    run: lpos,
  },
];
