/** HGETALL, HKEYS, HVALS, HRANDFIELD, HSCAN: hashes as a whole, and samples of them. */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { CommandRow } from '../../../engine/command.js';
import { oneKey } from '../../../engine/key-specs.js';
import * as errors from '../../../protocol/errors.js';
import { cursorOf, replyNothingScanned, scanOptions } from '../../scan.js';
import type { HashValue } from '../value.js';
import { readHash, timeLong } from './shared.js';

function hgetall(call: Call): void {
  const { reply } = call;
  const hash = readHash(call);
  if (hash === null) {
    reply.map(0);
    return;
  }
  timeLong(call, hash);
  if (hash.mayHaveDue) {
    const start = reply.startArray();
    reply.endMap(start, writeLive(call, hash, true, true));
    return;
  }
  reply.map(hash.length);
  hash.writeElements(reply);
}

function writeParts(call: Call, fields: boolean): void {
  const { reply } = call;
  const hash = readHash(call);
  if (hash === null) {
    reply.array(0);
    return;
  }
  timeLong(call, hash);
  if (hash.mayHaveDue) {
    const start = reply.startArray();
    reply.endArray(start, writeLive(call, hash, fields, !fields));
    return;
  }
  reply.array(hash.length);
  for (hash.rewind(); hash.next(); ) {
    if (fields) reply.bulk(hash.fieldHere);
    else hash.writeValueHere(reply);
  }
}

/** Writes the fields that are not due; returns how many. */
function writeLive({ reply }: Call, hash: HashValue, fields: boolean, values: boolean): number {
  let count = 0;
  for (hash.rewind(); hash.nextLive(); count++) {
    if (fields) reply.bulk(hash.fieldHere);
    if (values) hash.writeValueHere(reply);
  }
  return count;
}

/** As many as Redis takes, which gives each two places in its reply. */
const MOST_WITH_VALUES = 2 ** 62;
/** No reply holds so many fields, repeated or not. */
const MOST_REPEATED = 2 ** 31;

function hrandfield(call: Call): void {
  const { args, keyspace, reply } = call;
  if (args.count === 2) {
    const hash = readHash(call);
    if (hash === null || !seekRandomLive(call, hash)) reply.null();
    else reply.bulk(hash.fieldHere);
    return;
  }
  const count = args.integer(2);
  if (args.integer64(2) === -(2n ** 63n)) throw errors.RANK_OUT_OF_RANGE;
  const withValues = args.count === 4 && args.is(3, 'WITHVALUES');
  if (args.count > 4 || (args.count === 4 && !withValues)) throw errors.SYNTAX;
  if (withValues && Math.abs(count) >= MOST_WITH_VALUES) throw errors.OUT_OF_RANGE;
  const hash = readHash(call);
  if (hash === null || count === 0) {
    reply.array(0);
    return;
  }
  if (count < -MOST_REPEATED) throw errors.OUT_OF_RANGE;
  timeLong(call, hash);
  if (hash.mayHaveDue) {
    writeSampleOfLive(call, hash, count, withValues);
  } else if (count < 0) {
    begin(call, -count, withValues);
    for (let i = count; i < 0; i++) {
      hash.seekRandom(keyspace.random);
      writeField(call, hash, withValues);
    }
  } else if (count >= hash.length) {
    begin(call, hash.length, withValues);
    for (hash.rewind(); hash.next(); ) writeField(call, hash, withValues);
  } else {
    writeSample(call, hash, count, withValues);
  }
}

/** Turns to a field that is not due, each with the same chance; false if there is none. */
function seekRandomLive({ keyspace }: Call, hash: HashValue): boolean {
  if (!hash.mayHaveDue) {
    hash.seekRandom(keyspace.random);
    return true;
  }
  const live = livePositions(hash);
  if (live.length === 0) return false;
  hash.seek(live[keyspace.random.below(live.length)]);
  return true;
}

function livePositions(hash: HashValue): number[] {
  const positions: number[] = [];
  hash.rewind();
  for (let position = 0; hash.next(); position++) if (!hash.isDue) positions.push(position);
  return positions;
}

function begin({ reply }: Call, count: number, withValues: boolean): void {
  if (withValues) reply.pairs(count);
  else reply.array(count);
}

function writeField({ reply }: Call, hash: HashValue, withValue: boolean): void {
  if (withValue) reply.pair();
  reply.bulk(hash.fieldHere);
  if (withValue) hash.writeValueHere(reply);
}

/** Some of the fields, fewer than all, each once. */
function writeSample(call: Call, hash: HashValue, count: number, withValues: boolean): void {
  const { random } = call.keyspace;
  begin(call, count, withValues);
  if (!hash.isShort && count * 3 < hash.length) {
    const taken = new Set<number>();
    while (taken.size < count) {
      const position = random.below(hash.length);
      if (taken.has(position)) continue;
      taken.add(position);
      hash.seek(position);
      writeField(call, hash, withValues);
    }
    return;
  }
  // Each is taken with the chance of what is still wanted among what is still to come.
  let left = hash.length;
  for (hash.rewind(); count > 0 && hash.next(); left--) {
    if (random.below(left) >= count) continue;
    writeField(call, hash, withValues);
    count--;
  }
}

function writeSampleOfLive(call: Call, hash: HashValue, count: number, withValues: boolean): void {
  const { random } = call.keyspace;
  const live = livePositions(hash);
  if (count >= 0 || live.length === 0) {
    const wanted = Math.min(Math.max(count, 0), live.length);
    begin(call, wanted, withValues);
    for (let i = 0; i < wanted; i++) {
      const other = i + random.below(live.length - i);
      [live[i], live[other]] = [live[other], live[i]];
      hash.seek(live[i]);
      writeField(call, hash, withValues);
    }
    return;
  }
  begin(call, -count, withValues);
  for (let i = count; i < 0; i++) {
    hash.seek(live[random.below(live.length)]);
    writeField(call, hash, withValues);
  }
}

/**
 * A hash in its entry is answered at once. Of a table the cursor is the number of positions still to come, as SCAN's:
 * no field's position ever grows.
 */
function hscan(call: Call): void {
  const { reply } = call;
  const cursor = cursorOf(call, 2);
  const hash = readHash(call);
  if (hash === null) {
    replyNothingScanned(call);
    return;
  }
  const { glob, count, noValues } = scanOptions(call, 3, true);
  const from = cursor === 0 || hash.isShort ? hash.length : Math.min(cursor, hash.length);
  const to = hash.isShort ? 0 : Math.max(0, from - count);
  reply.array(2);
  reply.bulkInteger(to);
  // What is known before is written before: a header that comes late moves what it stands before.
  const isExact = glob === null && !hash.mayHaveDue;
  if (isExact) reply.array((from - to) * (noValues ? 1 : 2));
  const start = reply.startArray();
  let written = 0;
  hash.rewind();
  for (let position = from - 1; position >= to; position--) {
    hash.touchBelow(from, position, to);
    if (hash.isShort) hash.next();
    else hash.seek(position);
    if (hash.isDue) continue;
    if (glob !== null && !glob.matches(hash.fieldHere)) continue;
    if (noValues) reply.bulk(hash.fieldHere);
    else hash.writePairHere(reply);
    written += noValues ? 1 : 2;
  }
  if (!isExact) reply.endArray(start, written);
}

export const wholeCommands: readonly CommandRow[] = [
  {
    name: 'hgetall',
    summary: 'Replies with all fields of a hash and their values.',
    group: 'hash',
    complexity: 'O(N), N being the fields of the hash',
    arity: 2,
    flags: ['readonly'],
    keys: [oneKey(1, 'RO', 'access')],
    arguments: [arg.key()],
    isMostlyBrief: true,
    run: hgetall,
  },
  {
    name: 'hkeys',
    summary: 'Replies with all fields of a hash.',
    group: 'hash',
    complexity: 'O(N), N being the fields of the hash',
    arity: 2,
    flags: ['readonly'],
    keys: [oneKey(1, 'RO', 'access')],
    arguments: [arg.key()],
    isMostlyBrief: true,
    run: (call) => writeParts(call, true),
  },
  {
    name: 'hvals',
    summary: 'Replies with all values of a hash.',
    group: 'hash',
    complexity: 'O(N), N being the fields of the hash',
    arity: 2,
    flags: ['readonly'],
    keys: [oneKey(1, 'RO', 'access')],
    arguments: [arg.key()],
    isMostlyBrief: true,
    run: (call) => writeParts(call, false),
  },
  {
    name: 'hrandfield',
    summary: 'Replies with random fields of a hash.',
    group: 'hash',
    complexity: 'O(N), N being the fields asked for',
    arity: -2,
    flags: ['readonly'],
    keys: [oneKey(1, 'RO', 'access')],
    arguments: [
      arg.key(),
      arg.optional(arg.block('options', [arg.integer('count'), arg.optional(arg.token('WITHVALUES'))])),
    ],
    isMostlyBrief: true,
    run: hrandfield,
  },
  {
    name: 'hscan',
    summary: 'Walks the fields of a hash, some at a time.',
    group: 'hash',
    complexity: 'O(1) for every call, O(N) for a whole walk, N being the fields of the hash',
    arity: -3,
    flags: ['readonly'],
    keys: [oneKey(1, 'RO', 'access')],
    arguments: [
      arg.key(),
      arg.integer('cursor'),
      arg.option('MATCH', arg.pattern('pattern')),
      arg.option('COUNT', arg.integer('count')),
      arg.optional(arg.token('NOVALUES')),
    ],
    run: hscan,
  },
];
