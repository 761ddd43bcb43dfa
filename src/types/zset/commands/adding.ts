/** ZADD and ZINCRBY. */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { CommandRow } from '../../../engine/command.js';
import { oneKey } from '../../../engine/key-specs.js';
import type { Slice } from '../../../memory/slice.js';
import * as errors from '../../../protocol/errors.js';
import { reserveForMembers, widthForScores, type ZSetValue, zsets } from '../value.js';
import { writeZSetRef } from './shared.js';

/** How ZADD goes about its members; one for all calls. GEOADD fills it in as well. */
export const options = {
  onlyNew: false,
  onlyThere: false,
  onlyGreater: false,
  onlyLess: false,
  countsChanges: false,
  increments: false,
  /** Argument of the first score. */
  first: 2,
  /** Arguments that a member takes, of which it is the last. */
  stride: 2,
};

function parseOptions(call: Call): void {
  const { args } = call;
  options.stride = 2;
  options.onlyNew = options.onlyThere = options.onlyGreater = options.onlyLess = false;
  options.countsChanges = options.increments = false;
  let i = 2;
  for (; i < args.count; i++) {
    // No score begins with the letter of an option, but for that of INF.
    if (args.bytes[args.starts[i]] < LETTERS) break;
    if (args.is(i, 'NX')) options.onlyNew = true;
    else if (args.is(i, 'XX')) options.onlyThere = true;
    else if (args.is(i, 'CH')) options.countsChanges = true;
    else if (args.is(i, 'INCR')) options.increments = true;
    else if (args.is(i, 'GT')) options.onlyGreater = true;
    else if (args.is(i, 'LT')) options.onlyLess = true;
    else break;
  }
  options.first = i;
}

const LETTERS = 0x41;

function checkOptions(pairs: number): void {
  const { onlyNew, onlyThere, onlyGreater, onlyLess, increments } = options;
  if (onlyNew && onlyThere) throw errors.ZADD_NX_XX;
  if ((onlyGreater && onlyLess) || (onlyNew && (onlyGreater || onlyLess))) throw errors.ZADD_NX_GT_LT;
  if (increments && pairs > 1) throw errors.ZADD_INCR_PAIRS;
}

/** The scores of the members, in their order. */
let scores = new Float64Array(16);

/** Room for so many scores. */
export function scoresFor(count: number): Float64Array {
  if (scores.length < count) scores = new Float64Array(count * 2);
  return scores;
}

function zadd(call: Call): void {
  parseOptions(call);
  const rest = call.args.count - options.first;
  if (rest === 0 || (rest & 1) === 1) throw errors.SYNTAX;
  checkOptions(rest >> 1);
  addPairs(call, rest >> 1);
}

function zincrby(call: Call): void {
  options.onlyNew = options.onlyThere = options.onlyGreater = options.onlyLess = false;
  options.countsChanges = false;
  options.increments = true;
  options.first = options.stride = 2;
  addPairs(call, 1);
}

function addPairs(call: Call, pairs: number): void {
  const { args } = call;
  const { first } = options;
  scoresFor(pairs);
  for (let i = 0; i < pairs; i++) scores[i] = args.double(first + 2 * i);
  addScored(call, pairs);
}

/** Adds so many members with their scores, as the options say. */
export function addScored(call: Call, pairs: number): void {
  const { args, db } = call;
  const { first, stride } = options;
  const firstMember = first + stride - 1;
  const ref = writeZSetRef(call, 1);
  if (ref === 0 && options.onlyThere) {
    if (options.increments) call.reply.null();
    else call.reply.integer(0);
    return;
  }
  let bytes = 0;
  let longest = 0;
  for (let i = 0; i < pairs; i++) {
    const length = args.length(firstMember + stride * i);
    bytes += length;
    if (length > longest) longest = length;
  }
  const zset = zsets(db).lease();
  const width = pairs === 1 ? 0 : widthForScores(scores, pairs);
  if (ref !== 0) {
    zset.open(ref).reserve(pairs, bytes, longest);
    zset.expect(pairs, bytes, width);
  } else {
    if (pairs > 1 || bytes > LONG) reserveForMembers(db.arena, pairs, bytes, longest);
    // As in 7.0 the first member decides how a new set begins, and each that follows whether it stays so.
    zset.create(args.slice(1), pairs, longest, zset.fitsListpack(1, args.length(firstMember)));
    zset.expect(pairs, bytes, width);
  }
  addAll(call, zset, pairs);
  if (pairs > 1) zset.trim();
}

const LONG = 4096;

function addAll(call: Call, zset: ZSetValue, pairs: number): void {
  const { args, reply } = call;
  const { first, stride } = options;
  const firstMember = first + stride - 1;
  const before = zset.length;
  let changed = 0;
  for (let i = 0; i < pairs; i++) {
    outcome = scores[i];
    if (addOne(zset, args.slice(firstMember + stride * i), scores[i])) changed++;
  }
  const added = zset.length - before;
  if (changed > 0) call.changed(args.slice(1), options.increments ? 'zincr' : 'zadd', changed);
  if (!options.increments) reply.integer(options.countsChanges ? changed : added);
  else if (refused) reply.null();
  else reply.double(outcome);
}

/** Of the last addOne(): the score that it came to, and whether an option stood against it. */
let outcome = 0;
let refused = false;

/** Adds a member or changes its score; false if that changes nothing. */
function addOne(zset: ZSetValue, member: Slice, score: number): boolean {
  refused = false;
  if (!zset.find(member)) {
    refused = options.onlyThere;
    if (refused) return false;
    zset.add(member, score);
    return true;
  }
  refused = options.onlyNew;
  if (refused) return false;
  const before = zset.score;
  if (options.increments) {
    score += before;
    // The only member of such a command, so nothing was changed yet.
    if (Number.isNaN(score)) throw errors.SCORE_NAN;
    outcome = score;
  }
  refused = (options.onlyGreater && score <= before) || (options.onlyLess && score >= before);
  if (refused || score === before) return false;
  zset.setScore(score);
  return true;
}

export const addingCommands: readonly CommandRow[] = [
  {
    name: 'zadd',
    summary: 'Adds members with their scores to a sorted set, creating it if need be, or changes their scores.',
    group: 'sorted-set',
    complexity: 'O(log(N)) for each member, N being the members of the set',
    arity: -4,
    flags: ['write', 'denyoom', 'fast'],
    keys: [oneKey(1, 'RW', 'update')],
    arguments: [
      arg.key(),
      arg.optional(arg.oneOf('condition', [arg.token('NX'), arg.token('XX')], { since: '3.0.2' })),
      arg.optional(arg.oneOf('comparison', [arg.token('GT'), arg.token('LT')], { since: '6.2.0' })),
      arg.optional(arg.token('CH', { name: 'change', since: '3.0.2' })),
      arg.optional(arg.token('INCR', { name: 'increment', since: '3.0.2' })),
      arg.multiple(arg.block('data', [arg.double('score'), arg.string('member')])),
    ],
    elementsAt: [3],
    run: zadd,
  },
  {
    name: 'zincrby',
    summary: 'Adds to the score of a member of a sorted set; one that is not there has 0.',
    group: 'sorted-set',
    complexity: 'O(log(N)), N being the members of the set',
    arity: 4,
    flags: ['write', 'denyoom', 'fast'],
    keys: [oneKey(1, 'RW', 'access', 'update')],
    arguments: [arg.key(), arg.integer('increment'), arg.string('member')],
    elementsAt: [3],
    run: zincrby,
  },
];
