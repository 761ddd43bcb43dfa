/** XCLAIM and XAUTOCLAIM: a consumer takes over what is pending to others. */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { CommandRow } from '../../../engine/command.js';
import { oneKey } from '../../../engine/key-specs.js';
import { Id } from '../../../memory/id-tree.js';
import type { Args } from '../../../protocol/args.js';
import * as errors from '../../../protocol/errors.js';
import type { ReplyWriter } from '../../../protocol/reply-writer.js';
import type { Groups } from '../groups.js';
import { idString, readBound, readId, ZERO } from '../id.js';
import type { Stream } from '../stream.js';
import { next } from './consuming.js';
import { enterConsumer, groupStream, propagateClaim, replyEntry, replyId } from './shared.js';

const DEFAULT_COUNT = 100;
/** How many pending entries are looked at for each that may be claimed. */
const LOOKED_AT_PER_CLAIM = 10;
const MOST_CLAIMS = Math.floor(2 ** 63 / 16);

const id = new Id();
const groupLast = new Id();
const claim = { time: 0, deliveries: -1n, isForced: false, isJustId: false, hasLastId: false };
const givenLast = new Id();

function isId(args: Args, i: number): boolean {
  try {
    readId(args, i, id);
    return true;
  } catch {
    return false;
  }
}

function parseMinIdle(args: Args, command: string): number {
  return Math.max(0, args.integer(4, errors.invalidClaimArgument('min-idle-time', command)));
}

/** The options of XCLAIM from argument i on. */
function parseOptions({ args, now }: Call, i: number): void {
  claim.time = now;
  claim.deliveries = -1n;
  claim.isForced = false;
  claim.isJustId = false;
  claim.hasLastId = false;
  const bad = (option: string) => errors.invalidClaimArgument(`${option} option`, 'XCLAIM');
  for (; i < args.count; i++) {
    const hasMore = i + 1 < args.count;
    if (args.is(i, 'FORCE')) claim.isForced = true;
    else if (args.is(i, 'JUSTID')) claim.isJustId = true;
    else if (hasMore && args.is(i, 'IDLE')) claim.time = now - args.integer(++i, bad('IDLE'));
    else if (hasMore && args.is(i, 'TIME')) claim.time = args.integer(++i, bad('TIME'));
    else if (hasMore && args.is(i, 'RETRYCOUNT')) claim.deliveries = args.integer64(++i, bad('RETRYCOUNT'));
    else if (hasMore && args.is(i, 'LASTID')) {
      readId(args, ++i, givenLast);
      claim.hasLastId = true;
    } else throw errors.unknownClaimOption(args.text(i));
  }
  // Who claims from another machine may have a clock of its own.
  if (claim.time < 0 || claim.time > now) claim.time = now;
}

function xclaim(call: Call): void {
  const { args, reply, now } = call;
  const stream = groupStream(call, 1, true);
  const { groups } = stream;
  const minIdle = parseMinIdle(args, 'XCLAIM');
  let end = 5;
  while (end < args.count && isId(args, end)) end++;
  parseOptions(call, end);
  groups.reserve(args.count);
  const start = reply.startArray();
  // All is replied with before anything changes, as there may be no memory for the reply.
  const fates = new Map<string, Fate>();
  const changes: { id: Id; fate: Fate }[] = [];
  let count = 0;
  for (let i = 5; i < end; i++) {
    readId(args, i, id);
    const text = end > 6 ? idString(id) : '';
    const fate = fateOf(stream, minIdle, now, fates.get(text));
    if (fate === Fate.STAYS) continue;
    fates.set(text, fate);
    changes.push({ id: new Id().setFrom(id), fate });
    if (fate === Fate.GONE) continue;
    replyClaimed(reply, stream);
    count++;
  }
  reply.endArray(start, count);
  let movesOn = claim.hasLastId && givenLast.compare(groups.lastId(groupLast)) > 0;
  if (movesOn) groups.setLastId(givenLast);
  enterConsumer(call, stream, 1, 2, 3);
  groups.seen = now;
  for (const change of changes) {
    id.setFrom(change.id);
    if (change.fate === Fate.GONE) dropPending(call, groups);
    else {
      take(call, stream);
      movesOn = false;
    }
  }
  if (movesOn) {
    call.databasesChanged(1);
    call.effect(
      'XGROUP',
      'SETID',
      args.slice(1),
      args.slice(2),
      idString(givenLast),
      'ENTRIESREAD',
      groups.entriesRead,
    );
  }
  call.noEffect();
}

/** What becomes of an entry that is to be claimed. */
const enum Fate {
  STAYS,
  CLAIMED,
  /** It is pending, and no entry any more. */
  GONE,
}

/** @param before what becomes of the entry `id` by its having been named already */
function fateOf(stream: Stream, minIdle: number, now: number, before = Fate.STAYS): Fate {
  const { groups } = stream;
  const isPending = before === Fate.CLAIMED || (before === Fate.STAYS && groups.pending.find(id));
  if (!stream.find(id)) return isPending ? Fate.GONE : Fate.STAYS;
  if (!isPending) return claim.isForced ? Fate.CLAIMED : Fate.STAYS;
  const since = before === Fate.CLAIMED ? claim.time : groups.pendingTime;
  return minIdle > 0 && now - since < minIdle ? Fate.STAYS : Fate.CLAIMED;
}

/** The entry that the stream stands on. */
function replyClaimed(reply: ReplyWriter, stream: Stream): void {
  if (claim.isJustId) replyId(reply, stream.entry.id);
  else replyEntry(reply, stream);
}

/** The entry `id` becomes pending to the consumer. */
function take(call: Call, stream: Stream): void {
  const { groups } = stream;
  if (groups.pending.find(id)) groups.takeOver(id);
  // As if it had been delivered once already, as in Redis.
  else groups.give(id, call.now, 1);
  groups.pendingTime = claim.time;
  if (claim.deliveries >= 0n) groups.deliveries = claim.deliveries;
  else if (!claim.isJustId) groups.deliveries = next(groups.deliveries);
  groups.active = call.now;
  call.databasesChanged(1);
  propagateClaim(call, stream, 1, 2, id);
}

/** The pending entry `id` is no entry of the stream any more. */
function dropPending(call: Call, groups: Groups): void {
  if (!groups.pending.find(id)) return;
  groups.removePending(id);
  call.databasesChanged(1);
  call.effect('XACK', call.args.slice(1), call.args.slice(2), idString(id));
}

function xautoclaim(call: Call): void {
  const { args, reply, now } = call;
  const minIdle = parseMinIdle(args, 'XAUTOCLAIM');
  const from = readBound(args, 5, new Id(), true);
  let count = DEFAULT_COUNT;
  claim.isJustId = false;
  for (let i = 6; i < args.count; i++) {
    if (i + 1 < args.count && args.is(i, 'COUNT')) {
      count = args.integerBetween(++i, 1, MOST_CLAIMS, errors.CLAIM_COUNT);
    } else if (args.is(i, 'JUSTID')) claim.isJustId = true;
    else throw errors.SYNTAX;
  }
  const stream = groupStream(call, 1, true);
  const { groups } = stream;
  groups.reserve(Math.min(count, groups.pending.size) + 1);
  claim.time = now;
  claim.deliveries = -1n;
  // The cursor comes first in the reply and is known last: what is claimed is gathered by id. And all is replied with
  // before anything changes, as there may be no memory for the reply.
  let attempts = count * LOOKED_AT_PER_CLAIM;
  const claimed: Id[] = [];
  const deleted: Id[] = [];
  const place = new Id().setFrom(from);
  let there = groups.pending.seek(place, false);
  while (there && attempts-- > 0 && count > 0) {
    groups.pending.idInto(place);
    id.setFrom(place);
    if (!stream.find(id)) {
      deleted.push(new Id().setFrom(id));
      count--;
    } else if (minIdle === 0 || now - groups.pendingTime >= minIdle) {
      claimed.push(new Id().setFrom(id));
      count--;
    }
    there = groups.pending.seek(place, true);
  }
  reply.array(3);
  replyId(reply, there ? groups.pending.idInto(id) : ZERO);
  reply.array(claimed.length);
  for (const one of claimed) {
    stream.find(one);
    replyClaimed(reply, stream);
  }
  reply.array(deleted.length);
  for (const one of deleted) replyId(reply, one);
  enterConsumer(call, stream, 1, 2, 3);
  groups.seen = now;
  for (const one of deleted) {
    id.setFrom(one);
    dropPending(call, groups);
  }
  for (const one of claimed) {
    id.setFrom(one);
    take(call, stream);
  }
  call.noEffect();
}

export const claimCommands: readonly CommandRow[] = [
  {
    name: 'xclaim',
    summary: 'Takes over pending entries that others were given.',
    group: 'stream',
    complexity: 'O(log(N)) for each entry, N being the pending entries',
    arity: -6,
    flags: ['write', 'fast'],
    keys: [oneKey(1, 'RW', 'update')],
    arguments: [
      arg.key(),
      arg.string('group'),
      arg.string('consumer'),
      arg.string('min-idle-time'),
      arg.multiple(arg.string('id')),
      arg.option('IDLE', arg.integer('ms')),
      arg.option('TIME', arg.unixTime('unix-time-milliseconds')),
      arg.option('RETRYCOUNT', arg.integer('count')),
      arg.optional(arg.token('FORCE')),
      arg.optional(arg.token('JUSTID')),
      arg.option('LASTID', arg.string('lastid')),
    ],
    run: xclaim,
  },
  {
    name: 'xautoclaim',
    summary: 'Takes over pending entries that have been idle for long, from an id on.',
    group: 'stream',
    complexity: 'O(1) if COUNT is small',
    arity: -6,
    flags: ['write', 'fast'],
    keys: [oneKey(1, 'RW', 'delete')],
    arguments: [
      arg.key(),
      arg.string('group'),
      arg.string('consumer'),
      arg.string('min-idle-time'),
      arg.string('start'),
      arg.option('COUNT', arg.integer('count')),
      arg.optional(arg.token('JUSTID')),
    ],
    run: xautoclaim,
  },
];
