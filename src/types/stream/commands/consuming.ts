/** XREADGROUP and XACK: entries are given to the consumers of a group, and acknowledged. */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { CommandRow } from '../../../engine/command.js';
import { oneKey } from '../../../engine/key-specs.js';
import { Id } from '../../../memory/id-tree.js';
import type { Args } from '../../../protocol/args.js';
import * as errors from '../../../protocol/errors.js';
import { UNKNOWN } from '../groups.js';
import { idString, increment, readId } from '../id.js';
import { hasTombstonesFrom, Places } from '../lag.js';
import type { Stream } from '../stream.js';
import { openStream, STREAM } from '../value.js';
import { endAssociations } from './reading.js';
import { enterConsumer, propagateClaim, readStream, replyEntry, replyId, writeStream } from './shared.js';

/** A consumer that is new takes of memory what so many pending entries take. */
const NEW_CONSUMER = 600;
const FEW = 1000;

const from = new Id();
const after = new Id();
const id = new Id();
const places = new Places();

/** How many entries the reply has of the key in argument i. */
const counts: number[] = [];
/** The ids of the first ones that are new, of all keys; those that are not kept are sought again. */
const KEPT = 256;
const kept: Id[] = [];
let keptCount = 0;
let usedCount = 0;

/** XREADGROUP GROUP group consumer [COUNT n] [BLOCK ms] [NOACK] STREAMS key … id …: where things stand. */
const reading = { group: 0, limit: 0, timeoutMs: -1, isNoAck: false, firstKey: 0, keyCount: 0 };

function parseReading({ args, client }: Call): void {
  reading.group = 0;
  reading.limit = Number.POSITIVE_INFINITY;
  reading.timeoutMs = -1;
  reading.isNoAck = false;
  reading.keyCount = 0;
  let i = 1;
  for (; i < args.count && reading.keyCount === 0; i++) {
    const more = args.count - i - 1;
    if (more >= 1 && args.is(i, 'BLOCK')) {
      if (client.isScript) throw errors.noBlockInScript('xreadgroup');
      reading.timeoutMs = args.integer(++i, errors.TIMEOUT_NOT_INTEGER);
      if (reading.timeoutMs < 0) throw errors.TIMEOUT_NEGATIVE;
    } else if (more >= 1 && args.is(i, 'COUNT')) {
      const count = args.integer(++i);
      reading.limit = count > 0 ? count : Number.POSITIVE_INFINITY;
    } else if (more >= 1 && args.is(i, 'STREAMS')) {
      if (more % 2 !== 0) throw errors.unbalancedStreams('xreadgroup', " or '>'");
      reading.firstKey = i + 1;
      reading.keyCount = more / 2;
    } else if (more >= 2 && args.is(i, 'GROUP')) {
      reading.group = i + 1;
      i += 2;
    } else if (args.is(i, 'NOACK')) {
      reading.isNoAck = true;
    } else throw errors.SYNTAX;
  }
  if (reading.keyCount === 0) throw errors.SYNTAX;
  if (reading.group === 0) throw errors.GROUP_OPTION_MISSING;
}

/** Turns the stream of the key in argument i to the group; both must be there. */
function neededGroup(call: Call, i: number): Stream {
  const stream = readStream(call, i);
  if (stream?.groups.find(call.args.slice(reading.group))) return stream;
  const { args } = call;
  throw errors.noGroup(args.text(i), args.text(reading.group), ' in XREADGROUP with GROUP option');
}

/** The same once more, when it was found to be there. */
function sameGroup({ db, args }: Call, i: number): Stream {
  const stream = openStream(db, db.peek(args.slice(i)));
  stream.groups.find(args.slice(reading.group));
  return stream;
}

function xreadgroup(call: Call): void {
  const { args, reply } = call;
  parseReading(call);
  const { firstKey, keyCount } = reading;
  // All keys, groups and ids are checked, and memory is found, before anything changes.
  let entries = 0;
  let stream = neededGroup(call, firstKey);
  for (let i = firstKey; i < firstKey + keyCount; i++) {
    if (i > firstKey) stream = neededGroup(call, i);
    const at = i + keyCount;
    if (args.equals(at, '$') || args.equals(at, '+')) throw errors.meaninglessId(args.text(at));
    if (args.equals(at, '>')) entries += countToGive(stream);
    else readId(args, at, id);
  }
  stream.groups.reserve(entries + NEW_CONSUMER * keyCount);
  // All is replied with before anything changes, as there may be no memory for the reply. Of a stream that is named
  // twice, though, the second time tells what the first one has changed.
  const end = firstKey + keyCount;
  const step = namesTwice(args, firstKey, end) ? 1 : keyCount;
  const start = reply.startArray();
  let found = 0;
  for (let from = firstKey; from < end; from += step) {
    keptCount = 0;
    for (let i = from; i < from + step; i++) {
      // One stream has been found already.
      if (keyCount > 1) stream = neededGroup(call, i);
      if (replyWith(call, stream, i)) found++;
    }
    if (from + step === end && found > 0) endAssociations(reply, start, found);
    usedCount = 0;
    for (let i = from; i < from + step; i++) {
      if (keyCount > 1) stream = sameGroup(call, i);
      change(call, stream, i);
    }
  }
  call.noEffect();
  if (found > 0) return;
  if (reading.timeoutMs < 0) reply.nullArray();
  else waitForEntries(call);
}

/** Replies with a stream's key and what the consumer is given of it; false if that is nothing. */
function replyWith(call: Call, stream: Stream, i: number): boolean {
  const { args, reply } = call;
  const isNew = args.equals(i + reading.keyCount, '>');
  counts[i] = 0;
  if (isNew && !seekNew(stream)) return false;
  reply.association();
  reply.bulk(args.slice(i));
  if (isNew) counts[i] = replyNew(call, stream);
  else counts[i] = replyHistory(call, stream, readId(args, i + reading.keyCount, after));
  return true;
}

/** What the reply has told becomes true. */
function change(call: Call, stream: Stream, i: number): void {
  const { args, now } = call;
  const at = i + reading.keyCount;
  enterConsumer(call, stream, i, reading.group, reading.group + 1);
  stream.groups.seen = now;
  if (!args.equals(at, '>')) deliverAgain(call, stream, readId(args, at, after), counts[i]);
  else if (counts[i] > 0) give(call, stream, i);
  else return;
  call.databasesChanged(1);
}

function namesTwice(args: Args, first: number, end: number): boolean {
  if (end - first === 1) return false;
  const names = new Set<string>();
  for (let i = first; i < end; i++) names.add(args.latin1(i));
  return names.size < end - first;
}

function waitForEntries(call: Call): void {
  call.block({
    firstKey: reading.firstKey,
    lastKey: reading.firstKey + reading.keyCount,
    type: STREAM,
    wokenByAll: true,
    timeoutMs: reading.timeoutMs,
    onTimeout: (reply) => reply.nullArray(),
  });
}

/** At most so many new entries of the stream become pending: few need not be counted. */
function countToGive(stream: Stream): number {
  if (reading.isNoAck) return 0;
  if (reading.limit <= FEW) return reading.limit;
  return Math.min(stream.countFrom(stream.groups.lastId(from)), reading.limit);
}

/** Turns to the first entry that the group has not been given. */
function seekNew(stream: Stream): boolean {
  return increment(stream.groups.lastId(from)) && stream.seek(from);
}

/** Replies with the entries from the walk's on; returns how many. */
function replyNew({ reply }: Call, stream: Stream): number {
  const { limit } = reading;
  const start = reply.startArray();
  let count = 0;
  do {
    if (keptCount < KEPT) (kept[keptCount] ??= new Id()).setFrom(stream.entry.id);
    keptCount++;
    replyEntry(reply, stream);
    count++;
  } while (count < limit && stream.next());
  reply.endArray(start, count);
  return count;
}

/** The new entries that the reply has become pending to the consumer. */
function give(call: Call, stream: Stream, keyAt: number): void {
  const { args, now } = call;
  const { groups } = stream;
  const { isNoAck, group } = reading;
  const count = counts[keyAt];
  const first = usedCount;
  usedCount += count;
  const areKept = usedCount <= KEPT;
  if (!areKept) seekNew(stream);
  let read = groups.entriesRead;
  // Where a deleted entry may lie ahead, or nobody has counted, each entry is a place to begin anew from.
  const isCounted = read !== UNKNOWN && !hasTombstonesFrom(stream, areKept ? kept[first] : stream.entry.id);
  if (!isCounted) {
    places.open(stream);
    if (!areKept) seekNew(stream);
  }
  for (let i = 0; i < count; i++) {
    if (areKept) id.setFrom(kept[first + i]);
    else {
      id.setFrom(stream.entry.id);
      stream.next();
    }
    if (!isCounted) read = places.countAfter(read, id);
    // It is pending already where the group was set back, and goes to the consumer that asks now.
    if (!isNoAck) groups.give(id, now, 1);
  }
  if (isCounted) read += BigInt(count);
  groups.setLastId(id);
  groups.entriesRead = read;
  groups.active = now;
  if (!call.propagating) return;
  if (isNoAck) {
    call.effect('XGROUP', 'SETID', args.slice(keyAt), args.slice(group), idString(id), 'ENTRIESREAD', read);
  } else propagateGiven(call, stream, keyAt, count);
}

function propagateGiven(call: Call, stream: Stream, keyAt: number, count: number): void {
  const { own } = stream.groups;
  const last = new Id().setFrom(id);
  const ids: Id[] = [];
  for (let there = own.find(last); there && ids.length < count; there = own.previous()) {
    ids.push(own.idInto(new Id()));
  }
  for (const one of ids.reverse()) propagateClaim(call, stream, keyAt, reading.group, one, one);
}

/** Replies with what is pending to the consumer after an id, null in the place of entries that are gone; how many. */
function replyHistory({ args, reply }: Call, stream: Stream, after: Id): number {
  const { groups } = stream;
  const { own } = groups;
  const start = reply.startArray();
  let count = 0;
  const isThere = groups.findConsumer(args.slice(reading.group + 1));
  for (let there = isThere && own.seek(after, true); there && count < reading.limit; there = own.next()) {
    count++;
    own.idInto(id);
    if (stream.find(id)) replyEntry(reply, stream);
    else {
      reply.array(2);
      replyId(reply, id);
      reply.nullArray();
    }
  }
  reply.endArray(start, count);
  return count;
}

/** Of so many entries that are pending to the consumer after an id, those that are there are delivered once more. */
function deliverAgain(call: Call, stream: Stream, after: Id, count: number): void {
  const { groups } = stream;
  const { own, pending } = groups;
  for (let there = count > 0 && own.seek(after, true); there && count-- > 0; there = own.next()) {
    own.idInto(id);
    if (!stream.find(id)) continue;
    pending.find(id);
    groups.pendingTime = call.now;
    groups.deliveries = next(groups.deliveries);
  }
}

/** One delivery more. */
export function next(deliveries: number | bigint): number | bigint {
  return typeof deliveries === 'number' ? deliveries + 1 : deliveries + 1n;
}

function xack(call: Call): void {
  const { args, reply } = call;
  const stream = writeStream(call, 1);
  if (!stream?.groups.find(args.slice(2))) {
    reply.integer(0);
    return;
  }
  // All ids are checked before anything changes: the first one when it is looked for.
  for (let i = 4; i < args.count; i++) readId(args, i, id);
  const { groups } = stream;
  let count = 0;
  for (let i = 3; i < args.count; i++) {
    if (!groups.pending.find(readId(args, i, id))) continue;
    groups.removePending(id);
    count++;
  }
  reply.integer(count);
  call.databasesChanged(count);
}

export const consumingCommands: readonly CommandRow[] = [
  {
    name: 'xreadgroup',
    summary: 'Gives entries to a consumer of a group, new ones or those that are pending to it, or waits for some.',
    group: 'stream',
    complexity: 'O(M) for each stream, M being the entries replied with',
    arity: -7,
    flags: ['write', 'blocking', 'movablekeys'],
    keys: [
      {
        flags: ['RO', 'access'],
        begin: { keyword: 'STREAMS', from: 4 },
        find: { lastKey: -1, step: 1, limit: 2 },
      },
    ],
    arguments: [
      arg.block('group-block', [arg.string('group'), arg.string('consumer')], { token: 'GROUP' }),
      arg.option('COUNT', arg.integer('count')),
      arg.option('BLOCK', arg.integer('milliseconds')),
      arg.optional(arg.token('NOACK')),
      arg.block('streams', [arg.multiple(arg.key()), arg.multiple(arg.string('id'))], { token: 'STREAMS' }),
    ],
    run: xreadgroup,
  },
  {
    name: 'xack',
    summary: 'Acknowledges entries: they are pending no longer. Replies with how many were.',
    group: 'stream',
    complexity: 'O(1) for each entry',
    arity: -4,
    flags: ['write', 'fast'],
    keys: [oneKey(1, 'RW', 'update')],
    arguments: [arg.key(), arg.string('group'), arg.multiple(arg.string('id'))],
    run: xack,
  },
];
