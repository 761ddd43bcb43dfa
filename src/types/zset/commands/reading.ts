/** ZSCORE, ZRANK and what else looks at single members of a sorted set; ZRANDMEMBER and ZSCAN. */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { CommandRow } from '../../../engine/command.js';
import { oneKey } from '../../../engine/key-specs.js';
import * as errors from '../../../protocol/errors.js';
import type { Glob } from '../../../text/glob.js';
import { formatDouble, formatDouble17, INT64_MIN } from '../../../text/numbers.js';
import { cursorOf, replyNothingScanned, scanOptions } from '../../scan.js';
import type { ZSetValue } from '../value.js';
import { READ_KEY, readZSet, timeLong } from './shared.js';

function zcard(call: Call): void {
  const zset = readZSet(call, 1);
  call.reply.integer(zset === null ? 0 : zset.length);
}

function zscore(call: Call): void {
  const zset = readZSet(call, 1);
  if (zset?.find(call.args.slice(2))) call.reply.double(zset.score);
  else call.reply.null();
}

function zmscore(call: Call): void {
  const { args, reply } = call;
  const zset = readZSet(call, 1);
  reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) {
    if (zset?.find(args.slice(i))) reply.double(zset.score);
    else reply.null();
  }
}

function rank(call: Call, backwards: boolean): void {
  const { args, reply } = call;
  if (args.count > 4) throw errors.wrongArity(call.command.fullName);
  const withScore = args.count === 4;
  if (withScore && !args.is(3, 'WITHSCORE')) throw errors.SYNTAX;
  const zset = readZSet(call, 1);
  if (!zset?.find(args.slice(2))) {
    if (withScore) reply.nullArray();
    else reply.null();
    return;
  }
  const { score } = zset;
  const found = backwards ? zset.length - 1 - zset.rank : zset.rank;
  if (withScore) reply.array(2);
  reply.integer(found);
  if (withScore) reply.double(score);
}

// --- random members

/** The most that fit a reply with scores, as int64 goes. */
const MOST_PAIRS = 2n ** 62n - 1n;

function zrandmember(call: Call): void {
  const { args } = call;
  if (args.count === 2) {
    randomMember(call);
    return;
  }
  const exact = args.integer64(2);
  if (exact === INT64_MIN) throw errors.RANK_OUT_OF_RANGE;
  if (args.count > 4 || (args.count === 4 && !args.is(3, 'WITHSCORES'))) throw errors.SYNTAX;
  const withScores = args.count === 4;
  if (withScores && (exact < -MOST_PAIRS || exact > MOST_PAIRS)) throw errors.OUT_OF_RANGE;
  const count = Number(exact);
  const zset = readZSet(call, 1);
  if (zset === null || count === 0) {
    call.reply.array(0);
  } else if (count < 0) {
    randomRepeated(call, zset, -count, withScores);
  } else {
    randomDistinct(call, zset, Math.min(count, zset.length), withScores);
  }
}

function randomMember(call: Call): void {
  const zset = readZSet(call, 1);
  if (zset === null) {
    call.reply.null();
    return;
  }
  zset.seekPosition(call.keyspace.random.below(zset.length));
  call.reply.bulk(zset.memberFound);
}

function begin(call: Call, count: number, withScores: boolean): void {
  if (withScores) call.reply.pairs(count);
  else call.reply.array(count);
}

function writeAt(call: Call, zset: ZSetValue, position: number, withScores: boolean): void {
  zset.seekPosition(position);
  if (withScores) call.reply.pair();
  call.reply.bulk(zset.memberFound);
  if (withScores) call.reply.double(zset.score);
}

function randomRepeated(call: Call, zset: ZSetValue, count: number, withScores: boolean): void {
  begin(call, count, withScores);
  for (let i = 0; i < count; i++) writeAt(call, zset, call.keyspace.random.below(zset.length), withScores);
}

/** Every choice of so many is equally likely; they come in the order in which they lie. */
function randomDistinct(call: Call, zset: ZSetValue, count: number, withScores: boolean): void {
  const { random } = call.keyspace;
  const { length } = zset;
  begin(call, count, withScores);
  if (count * 8 >= length) {
    let left = count;
    for (let position = 0; left > 0; position++) {
      if (random.below(length - position) >= left) continue;
      writeAt(call, zset, position, withScores);
      left--;
    }
    return;
  }
  const chosen = new Set<number>();
  while (chosen.size < count) chosen.add(random.below(length));
  for (const position of chosen) writeAt(call, zset, position, withScores);
}

// --- ZSCAN

/**
 * Walks positions downwards, as SCAN does over keys: the cursor is the number of positions that are still to come. What
 * Redis calls a listpack is answered as a whole.
 */
function zscan(call: Call): void {
  const cursor = cursorOf(call, 2);
  const zset = readZSet(call, 1);
  if (zset === null) {
    replyNothingScanned(call);
    return;
  }
  const { glob, count } = scanOptions(call, 3);
  if (zset.isListpack) scanAll(call, zset, glob);
  else scanSome(call, zset, glob, cursor, count);
}

function scanAll(call: Call, zset: ZSetValue, glob: Glob | null): void {
  const { reply } = call;
  reply.array(2);
  reply.bulkInteger(0);
  const start = reply.startArray();
  let found = 0;
  for (let there = zset.seek(0); there; there = zset.next()) {
    const member = zset.memberHere;
    if (glob !== null && !glob.matches(member)) continue;
    reply.bulk(member);
    reply.bulkLatin1(formatDouble(zset.scoreHere));
    found++;
  }
  reply.endArray(start, 2 * found);
}

function scanSome(call: Call, zset: ZSetValue, glob: Glob | null, cursor: number, count: number): void {
  const { reply } = call;
  const from = cursor === 0 ? zset.length : Math.min(cursor, zset.length);
  // Positions of a run change with the scores, so that it is answered as a whole, too.
  const to = zset.isShort ? 0 : Math.max(0, from - count);
  timeLong(call, zset, from - to);
  reply.array(2);
  reply.bulkInteger(to);
  // What is known before is written before: a header that comes late moves what it stands before.
  const isExact = glob === null;
  if (isExact) reply.array(2 * (from - to));
  const start = reply.startArray();
  let found = 0;
  for (let position = from - 1; position >= to; position--) {
    zset.touchBelow(from, position, to);
    zset.seekPosition(position);
    const member = zset.memberFound;
    if (glob !== null && !glob.matches(member)) continue;
    reply.bulk(member);
    const { score } = zset;
    // Most scores are whole numbers, whose digits need no string.
    if ((score | 0) === score && !Object.is(score, -0)) reply.bulkInteger(score);
    else reply.bulkLatin1(formatDouble17(score));
    found++;
  }
  if (!isExact) reply.endArray(start, 2 * found);
}

const LOOKUP = 'O(1) for a large set, O(N) for a small one';

export const readingCommands: readonly CommandRow[] = [
  {
    name: 'zcard',
    summary: 'Replies with the number of members of a sorted set.',
    group: 'sorted-set',
    complexity: 'O(1)',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: [oneKey(1, 'RO')],
    arguments: [arg.key()],
    run: zcard,
  },
  {
    name: 'zscore',
    summary: 'Replies with the score of a member of a sorted set.',
    group: 'sorted-set',
    complexity: LOOKUP,
    arity: 3,
    flags: ['readonly', 'fast'],
    keys: [READ_KEY],
    arguments: [arg.key(), arg.string('member')],
    elementsAt: [2],
    run: zscore,
  },
  {
    name: 'zmscore',
    summary: 'Replies with the scores of members of a sorted set.',
    group: 'sorted-set',
    complexity: 'O(N), N being the members asked for',
    arity: -3,
    flags: ['readonly', 'fast'],
    keys: [READ_KEY],
    arguments: [arg.key(), arg.multiple(arg.string('member'))],
    elementsAt: [2],
    run: zmscore,
  },
  {
    name: 'zrank',
    summary: 'Replies with how many members of a sorted set come before one.',
    group: 'sorted-set',
    complexity: 'O(log(N)), N being the members of the set',
    arity: -3,
    flags: ['readonly', 'fast'],
    keys: [READ_KEY],
    arguments: [arg.key(), arg.string('member'), arg.optional(arg.token('WITHSCORE'))],
    elementsAt: [2],
    run: (call) => rank(call, false),
  },
  {
    name: 'zrevrank',
    summary: 'Replies with how many members of a sorted set come after one.',
    group: 'sorted-set',
    complexity: 'O(log(N)), N being the members of the set',
    arity: -3,
    flags: ['readonly', 'fast'],
    keys: [READ_KEY],
    arguments: [arg.key(), arg.string('member'), arg.optional(arg.token('WITHSCORE'))],
    elementsAt: [2],
    run: (call) => rank(call, true),
  },
  {
    name: 'zrandmember',
    summary: 'Replies with random members of a sorted set.',
    group: 'sorted-set',
    complexity: 'O(N), N being the members that are answered, or those of the set where nearly all are',
    arity: -2,
    flags: ['readonly'],
    keys: [READ_KEY],
    arguments: [
      arg.key(),
      arg.optional(arg.block('options', [arg.integer('count'), arg.optional(arg.token('WITHSCORES'))])),
    ],
    run: zrandmember,
  },
  {
    name: 'zscan',
    summary: 'Goes through the members of a sorted set, some with each call.',
    group: 'sorted-set',
    complexity: 'O(N) for a call, N being its COUNT',
    arity: -3,
    flags: ['readonly'],
    keys: [READ_KEY],
    arguments: [
      arg.key(),
      arg.integer('cursor'),
      arg.option('MATCH', arg.pattern('pattern')),
      arg.option('COUNT', arg.integer('count')),
    ],
    isMostlyBrief: true,
    run: zscan,
  },
];
