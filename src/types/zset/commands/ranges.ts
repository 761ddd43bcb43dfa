/** ZRANGE and its relatives: members by rank, by score and by name. */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { ArgumentDoc, CommandRow } from '../../../engine/command.js';
import { oneKey } from '../../../engine/key-specs.js';
import { Slice } from '../../../memory/slice.js';
import { TOUCHED_AT_ONCE } from '../../../memory/structure.js';
import * as errors from '../../../protocol/errors.js';
import type { LexBound, RankRange, ScoreBound, ZSetValue } from '../value.js';
import { parseLexBound, parseScoreBound } from './bounds.js';
import { build, storeNothing } from './building.js';
import { READ_KEY, readZSet, timeLong, writePairs } from './shared.js';

export const By = { RANK: 0, SCORE: 1, LEX: 2 } as const;
export type By = (typeof By)[keyof typeof By];

/** What a range command asks for; one for all calls. */
const query = {
  by: By.RANK as By,
  backwards: false,
  withScores: false,
  offset: 0,
  /** Negative: no limit. */
  limit: -1,
  /** Of ranks, as given. */
  start: 0,
  stop: 0,
};

const minScore: ScoreBound = { value: 0, isExclusive: false };
const maxScore: ScoreBound = { value: 0, isExclusive: false };
const minMember: LexBound = { side: 0, member: new Slice(), isExclusive: false };
const maxMember: LexBound = { side: 0, member: new Slice(), isExclusive: false };
const range: RankRange = { from: 0, to: 0 };

/** What a command's name says already; undefined where its arguments say it. */
interface Fixed {
  readonly by?: By;
  readonly backwards?: boolean;
  readonly stores?: boolean;
}

/** Reads the options from argument `at + 2` on, the bounds at `at` and behind it. */
function parseQuery(call: Call, at: number, fixed: Fixed): void {
  const { args } = call;
  query.by = fixed.by ?? By.RANK;
  query.backwards = fixed.backwards ?? false;
  query.withScores = false;
  query.offset = 0;
  query.limit = -1;
  let isByGiven = fixed.by !== undefined;
  let isDirectionGiven = fixed.backwards !== undefined;
  for (let i = at + 2; i < args.count; i++) {
    if (!fixed.stores && args.is(i, 'WITHSCORES')) {
      query.withScores = true;
    } else if (i + 2 < args.count && args.is(i, 'LIMIT')) {
      query.offset = args.integer(i + 1);
      query.limit = args.integer(i + 2);
      i += 2;
    } else if (!isDirectionGiven && args.is(i, 'REV')) {
      query.backwards = true;
      isDirectionGiven = true;
    } else if (!isByGiven && (args.is(i, 'BYSCORE') || args.is(i, 'BYLEX'))) {
      query.by = args.is(i, 'BYLEX') ? By.LEX : By.SCORE;
      isByGiven = true;
    } else {
      throw errors.SYNTAX;
    }
  }
  if (query.limit !== -1 && query.by === By.RANK) throw errors.RANGE_LIMIT;
  // LIMIT n -1 is let through, and means nothing.
  if (query.by === By.RANK) query.offset = 0;
  if (query.withScores && query.by === By.LEX) throw errors.LEX_WITHSCORES;
  parseBounds(call, at);
}

function parseBounds({ args }: Call, at: number): void {
  const min = query.backwards && query.by !== By.RANK ? at + 1 : at;
  const max = min === at ? at + 1 : at;
  if (query.by === By.RANK) {
    query.start = args.integer(at);
    query.stop = args.integer(at + 1);
  } else if (query.by === By.SCORE) {
    parseScoreBound(args, min, minScore);
    parseScoreBound(args, max, maxScore);
  } else {
    parseLexBound(args, min, minMember);
    parseLexBound(args, max, maxMember);
  }
}

/** The ranks that the query means, in `range`; backwards ones too are counted from the least score. */
function findRange(zset: ZSetValue): void {
  const { length } = zset;
  if (query.by === By.RANK) {
    const start = query.start < 0 ? Math.max(0, query.start + length) : query.start;
    const stop = Math.min(query.stop < 0 ? query.stop + length : query.stop, length - 1);
    range.from = query.backwards ? length - 1 - stop : start;
    range.to = query.backwards ? length - start : stop + 1;
  } else if (query.by === By.SCORE) {
    range.from = zset.countBelow(minScore);
    range.to = zset.countUpTo(maxScore);
  } else {
    zset.lexRange(minMember, maxMember, query.backwards, range);
  }
  if (range.from >= range.to) range.from = range.to = 0;
}

/** Takes away what offset and limit leave out. */
function limitRange(): void {
  const { offset, limit } = query;
  const count = range.to - range.from;
  const skipped = offset < 0 ? count : Math.min(offset, count);
  const kept = limit < 0 ? count - skipped : Math.min(limit, count - skipped);
  if (query.backwards) {
    range.to -= skipped;
    range.from = range.to - kept;
  } else {
    range.from += skipped;
    range.to = range.from + kept;
  }
}

function answerRange(call: Call, at: number, fixed: Fixed): void {
  parseQuery(call, at, fixed);
  const zset = readZSet(call, 1);
  if (zset === null) {
    call.reply.array(0);
    return;
  }
  if (query.by === By.SCORE && query.limit >= 0 && query.offset === 0 && !query.backwards && !zset.isShort) {
    answerFirst(call, zset);
    return;
  }
  findRange(zset);
  limitRange();
  const count = range.to - range.from;
  timeLong(call, zset, count);
  const first = query.backwards ? range.to - 1 : range.from;
  if (!query.withScores) {
    call.reply.array(count);
    zset.writeMembers(call.reply, first, count, query.backwards);
    return;
  }
  call.reply.pairs(count);
  writePairs(call, zset, first, count, query.backwards);
}

/** A few members from a score on: their number comes out, where counting them first would search twice more. */
function answerFirst(call: Call, zset: ZSetValue): void {
  const { reply } = call;
  const { limit, withScores } = query;
  timeLong(call, zset, limit);
  const start = reply.startArray();
  let count = 0;
  for (let there = limit > 0 && zset.seekScore(minScore); there; there = zset.next()) {
    if (count % TOUCHED_AT_ONCE === 0) zset.touchAhead(Math.min(limit - count, TOUCHED_AT_ONCE));
    const score = zset.scoreHere;
    if (maxScore.isExclusive ? score >= maxScore.value : score > maxScore.value) break;
    if (withScores) reply.pair();
    reply.bulk(zset.memberHere);
    if (withScores) reply.double(score);
    if (++count === limit) break;
  }
  reply.endArray(start, withScores && reply.protocol === 2 ? 2 * count : count);
}

function zrangestore(call: Call): void {
  parseQuery(call, 3, { stores: true });
  const source = readZSet(call, 2);
  if (source === null) {
    storeNothing(call, 1);
    return;
  }
  findRange(source);
  limitRange();
  const first = query.backwards ? range.to - 1 : range.from;
  const count = range.to - range.from;
  // Redis begins with a listpack where it does not know how many will come: until that is one no more, it drops -0.
  let isListpack = query.by !== By.RANK || source.fitsListpack(count, 0);
  build(call, count, (result) => {
    for (let there = count > 0 && source.seek(first); there && result.length < count; there = step(source)) {
      const member = source.memberHere;
      isListpack &&= source.fitsListpack(result.length + 1, member.length);
      result.append(member, isListpack ? source.scoreHere + 0 : source.scoreHere);
    }
  }).store(1, 'zrangestore');
}

function step(zset: ZSetValue): boolean {
  return query.backwards ? zset.previous() : zset.next();
}

function countScores(call: Call): void {
  parseScoreBound(call.args, 2, minScore);
  parseScoreBound(call.args, 3, maxScore);
  const zset = readZSet(call, 1);
  call.reply.integer(zset === null ? 0 : Math.max(0, zset.countUpTo(maxScore) - zset.countBelow(minScore)));
}

function countMembers(call: Call): void {
  parseLexBound(call.args, 2, minMember);
  parseLexBound(call.args, 3, maxMember);
  const zset = readZSet(call, 1);
  range.from = range.to = 0;
  if (zset !== null) zset.lexRange(minMember, maxMember, false, range);
  call.reply.integer(range.to - range.from);
}

/** The ranks that ZREMRANGEBYRANK, -SCORE or -LEX means, with the bounds in arguments 2 and 3. */
export function parseRange(call: Call, by: By): void {
  query.by = by;
  query.backwards = false;
  parseBounds(call, 2);
}

/** What parseRange() read, as ranks of a set. */
export function rangeOf(zset: ZSetValue): RankRange {
  findRange(zset);
  return range;
}

const WITHSCORES = arg.optional(arg.token('WITHSCORES'));
const LIMIT = arg.option('LIMIT', arg.block('limit', [arg.integer('offset'), arg.integer('count')]));
const RANK_COMPLEXITY = 'O(log(N)+M), N being the members of the set, M those that are answered';
const COUNT_COMPLEXITY = 'O(log(N)), N being the members of the set';

const sortBy = (more = {}) => arg.optional(arg.oneOf('sortby', [arg.token('BYSCORE'), arg.token('BYLEX')], more));

/** A command that is what ZRANGE does with some of its options. */
function olderRange(name: string, summary: string, options: readonly ArgumentDoc[], fixed: Fixed): CommandRow {
  return {
    name,
    summary,
    group: 'sorted-set',
    complexity: RANK_COMPLEXITY,
    arity: -4,
    flags: ['readonly'],
    keys: [READ_KEY],
    arguments: [arg.key(), ...options],
    isMostlyBrief: true,
    run: (call) => answerRange(call, 2, fixed),
  };
}

export const rangeCommands: readonly CommandRow[] = [
  {
    name: 'zrange',
    summary: 'Replies with a range of the members of a sorted set, by rank, score or name.',
    group: 'sorted-set',
    complexity: RANK_COMPLEXITY,
    arity: -4,
    flags: ['readonly'],
    keys: [READ_KEY],
    arguments: [
      arg.key(),
      arg.string('start'),
      arg.string('stop'),
      sortBy({ since: '6.2.0' }),
      arg.optional(arg.token('REV', { since: '6.2.0' })),
      arg.option('LIMIT', arg.block('limit', [arg.integer('offset'), arg.integer('count')], { since: '6.2.0' })),
      WITHSCORES,
    ],
    isMostlyBrief: true,
    run: (call) => answerRange(call, 2, {}),
  },
  olderRange(
    'zrevrange',
    'Replies with a range of the members of a sorted set by rank, from the highest score on.',
    [arg.integer('start'), arg.integer('stop'), WITHSCORES],
    { by: By.RANK, backwards: true },
  ),
  olderRange(
    'zrangebyscore',
    'Replies with the members of a sorted set whose scores are within a range.',
    [arg.double('min'), arg.double('max'), arg.optional(arg.token('WITHSCORES', { since: '2.0.0' })), LIMIT],
    { by: By.SCORE, backwards: false },
  ),
  olderRange(
    'zrevrangebyscore',
    'Replies with the members of a sorted set whose scores are within a range, from the highest on.',
    [arg.double('max'), arg.double('min'), WITHSCORES, LIMIT],
    { by: By.SCORE, backwards: true },
  ),
  olderRange(
    'zrangebylex',
    'Replies with the members of a sorted set of equal scores that are within a range.',
    [arg.string('min'), arg.string('max'), LIMIT],
    { by: By.LEX, backwards: false },
  ),
  olderRange(
    'zrevrangebylex',
    'Replies with the members of a sorted set of equal scores that are within a range, from the last on.',
    [arg.string('max'), arg.string('min'), LIMIT],
    { by: By.LEX, backwards: true },
  ),
  {
    name: 'zrangestore',
    summary: 'Stores a range of the members of a sorted set as another one.',
    group: 'sorted-set',
    complexity: 'O(log(N)+M*log(M)), N being the members of the source, M those that are stored',
    arity: -5,
    flags: ['write', 'denyoom'],
    keys: [oneKey(1, 'OW', 'update'), oneKey(2, 'RO', 'access')],
    arguments: [
      arg.key('dst'),
      arg.key('src', { keySpec: 1 }),
      arg.string('min'),
      arg.string('max'),
      sortBy(),
      arg.optional(arg.token('REV')),
      LIMIT,
    ],
    run: zrangestore,
  },
  {
    name: 'zcount',
    summary: 'Counts the members of a sorted set whose scores are within a range.',
    group: 'sorted-set',
    complexity: COUNT_COMPLEXITY,
    arity: 4,
    flags: ['readonly', 'fast'],
    keys: [READ_KEY],
    arguments: [arg.key(), arg.double('min'), arg.double('max')],
    run: countScores,
  },
  {
    name: 'zlexcount',
    summary: 'Counts the members of a sorted set of equal scores that are within a range.',
    group: 'sorted-set',
    complexity: COUNT_COMPLEXITY,
    arity: 4,
    flags: ['readonly', 'fast'],
    keys: [READ_KEY],
    arguments: [arg.key(), arg.string('min'), arg.string('max')],
    run: countMembers,
  },
];
