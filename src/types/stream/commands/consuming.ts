/** XREADGROUP and XACK: entries are given to the consumers of a group, and acknowledged. */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { CommandRow } from '../../../engine/command.js';
import { oneKey } from '../../../engine/key-specs.js';
import { Id } from '../../../memory/id-tree.js';
import * as errors from '../../../protocol/errors.js';
import { UNKNOWN } from '../groups.js';
import { idString, increment, readId } from '../id.js';
import { hasTombstonesFrom, Places } from '../lag.js';
import type { Stream } from '../stream.js';
import { STREAM } from '../value.js';
import { endAssociations } from './reading.js';
import { enterConsumer, propagateClaim, readStream, replyEntry, replyId, writeStream } from './shared.js';

/** A consumer that is new takes of memory what so many pending entries take. */
const NEW_CONSUMER = 600;
const FEW = 1000;

const from = new Id();
const id = new Id();
const places = new Places();

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
  let found = 0;
  let start = 0;
  for (let i = firstKey; i < firstKey + keyCount; i++) {
    // One stream has been found already.
    if (keyCount > 1) stream = neededGroup(call, i);
    enterConsumer(call, stream, i, reading.group, reading.group + 1);
    stream.groups.seen = call.now;
    const isNew = args.equals(i + keyCount, '>');
    if (isNew && !seekNew(stream)) continue;
    if (found++ === 0) start = reply.startArray();
    reply.association();
    reply.bulk(args.slice(i));
    if (isNew) give(call, stream, i);
    else replyHistory(call, stream, readId(args, i + keyCount, from));
    call.databasesChanged(1);
  }
  call.noEffect();
  if (found > 0) endAssociations(reply, start, found);
  else if (reading.timeoutMs < 0) reply.nullArray();
  else waitForEntries(call);
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

/** Replies with the entries from the walk's on, which become pending to the consumer. */
function give(call: Call, stream: Stream, keyAt: number): void {
  const { reply, args, now } = call;
  const { groups } = stream;
  const { limit, isNoAck, group } = reading;
  const start = reply.startArray();
  let read = groups.entriesRead;
  // Where a deleted entry may lie ahead, or nobody has counted, each entry is a place to begin anew from.
  const isCounted = read !== UNKNOWN && !hasTombstonesFrom(stream, stream.entry.id);
  if (!isCounted) {
    places.open(stream);
    seekNew(stream);
  }
  let count = 0;
  do {
    id.setFrom(stream.entry.id);
    replyEntry(reply, stream);
    count++;
    if (!isCounted) read = places.countAfter(read, id);
    // It is pending already where the group was set back, and goes to whoever asks now.
    if (!isNoAck) groups.give(id, now, 1);
  } while (count < limit && stream.next());
  reply.endArray(start, count);
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

/** What is pending to the consumer after an id; null in the place of entries that are gone. */
function replyHistory(call: Call, stream: Stream, after: Id): void {
  const { reply } = call;
  const { groups } = stream;
  const { own, pending } = groups;
  const start = reply.startArray();
  let count = 0;
  for (let there = own.seek(after, true); there && count < reading.limit; there = own.next()) {
    count++;
    own.idInto(id);
    if (!stream.find(id)) {
      reply.array(2);
      replyId(reply, id);
      reply.nullArray();
      continue;
    }
    replyEntry(reply, stream);
    pending.find(id);
    groups.pendingTime = call.now;
    groups.deliveries = next(groups.deliveries);
  }
  reply.endArray(start, count);
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
    complexity: 'O(M) for each stream, M being the entries replied with.',
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
    complexity: 'O(1) for each entry.',
    arity: -4,
    flags: ['write', 'fast'],
    keys: [oneKey(1, 'RW', 'update')],
    arguments: [arg.key(), arg.string('group'), arg.multiple(arg.string('id'))],
    run: xack,
  },
];
