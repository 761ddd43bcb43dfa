/** SADD, SREM, SMOVE, SISMEMBER and what else goes by the members' names, and the walks through all of them. */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { CommandRow } from '../../../engine/command.js';
import { oneKey } from '../../../engine/key-specs.js';
import { PAGE_SIZE, type Ref } from '../../../memory/arena.js';
import { pagesBegun } from '../../../memory/size-classes.js';
import { equalBytes } from '../../../memory/slice.js';
import { cursorOf, replyNothingScanned, scanOptions } from '../../scan.js';
import { BYTES_PER_MEMBER, elementBytes, Form, openSet, sets } from '../value.js';
import { readSet, readSetRef, timeLong, writeSetRef } from './shared.js';

/** A single member that is shorter finds its memory among the pages that every command has. */
const RESERVE_FROM = 16 * 1024;
/** Members between two looks at pages that a snapshot shares. */
const FEW_MEMBERS = 8;

function sadd(call: Call): void {
  const { args, db } = call;
  const ref = writeSetRef(call, 1);
  const count = args.count - 2;
  const added =
    count === 1 && ref !== 0 && args.length(2) < RESERVE_FROM ? addOne(call, ref) : addAll(call, ref, count);
  if (added > 0) call.changed(args.slice(1), 'sadd', added, db);
  call.reply.integer(added);
}

/** The plain case, without a look at what else there may be. */
function addOne({ args, db }: Call, ref: Ref): number {
  return sets(db).brief.open(ref).add(args.slice(2)) ? 1 : 0;
}

function addAll(call: Call, ref: Ref, count: number): number {
  const { args, db } = call;
  const set = sets(db).lease();
  let bytes = 0;
  for (let i = 2; i < args.count; i++) bytes += args.length(i);
  if (ref !== 0) set.open(ref);
  reserve(call, ref, count, bytes);
  if (ref !== 0) set.expect(count);
  else {
    let elements = 0;
    for (let i = 2; i < args.count; i++) elements += elementBytes(args.slice(i));
    set.create(args.slice(1), args.slice(2), count, elements);
  }
  let added = 0;
  for (let i = 2; i < args.count; i++) if (set.add(args.slice(i))) added++;
  return added;
}

/** Before `count` members of so many bytes in all are added. */
function reserve({ db }: Call, ref: Ref, count: number, bytes: number): void {
  if (bytes < RESERVE_FROM && count <= FEW_MEMBERS) return;
  const pages = pagesBegun(count, bytes + BYTES_PER_MEMBER);
  const needed = 2 * bytes + count * BYTES_PER_MEMBER + pages * PAGE_SIZE;
  if (ref === 0) {
    db.arena.reserve(needed);
    return;
  }
  const set = sets(db).brief.open(ref);
  if (set.form === Form.TABLE) set.table.reserve(count, needed);
  else set.reserveToLeaveRun(count, needed);
}

function srem(call: Call): void {
  const { args, db } = call;
  const ref = writeSetRef(call, 1);
  if (ref === 0) {
    call.reply.integer(0);
    return;
  }
  const set = openSet(db, ref);
  let removed = 0;
  let isGone = false;
  for (let i = 2; i < args.count && !isGone; i++) {
    const member = args.slice(i);
    if (set.length === 1) {
      if (!set.find(member)) continue;
      db.delete(set.ref);
      isGone = true;
    } else if (!set.remove(member)) continue;
    removed++;
  }
  if (removed > 0) call.changed(args.slice(1), 'srem', removed);
  if (isGone) call.deleted(args.slice(1), 0);
  call.reply.integer(removed);
}

function smove(call: Call): void {
  const { args, db, reply } = call;
  const source = db.lookupForWrite(args.slice(1));
  const target = db.lookupForWrite(args.slice(2));
  // Redis asks for no type at the target where there is no source.
  if (source === 0) {
    reply.integer(0);
    return;
  }
  const from = openSet(db, writeSetRef(call, 1));
  writeSetRef(call, 2);
  const member = args.slice(3);
  const isThere = from.find(member);
  if (!isThere || equalBytes(args.slice(1), args.slice(2))) {
    reply.integer(isThere ? 1 : 0);
    return;
  }
  reserve(call, target, 1, member.length);
  const isGone = from.length === 1;
  if (isGone) db.delete(source);
  else from.remove(member);
  call.changed(args.slice(1), 'srem');
  if (isGone) call.deleted(args.slice(1), 0);
  const to = sets(db).lease();
  if (target !== 0) to.open(target);
  else to.create(args.slice(2), member, 1, elementBytes(member));
  if (to.add(member)) call.changed(args.slice(2), 'sadd');
  reply.integer(1);
}

function sismember(call: Call): void {
  const ref = readSetRef(call, 1);
  call.reply.integer(ref !== 0 && sets(call.db).brief.open(ref).find(call.args.slice(2)) ? 1 : 0);
}

function smismember(call: Call): void {
  const { args, reply } = call;
  const set = readSet(call, 1);
  reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) reply.integer(set?.find(args.slice(i)) ? 1 : 0);
}

function scard(call: Call): void {
  const ref = readSetRef(call, 1);
  call.reply.integer(ref === 0 ? 0 : sets(call.db).brief.open(ref).length);
}

function smembers(call: Call): void {
  const { reply } = call;
  const set = readSet(call, 1);
  if (set === null) {
    reply.set(0);
    return;
  }
  timeLong(call, set);
  reply.set(set.length);
  set.writeMembers(reply);
}

/**
 * A run is answered as a whole. A table is walked downwards by the places of its dense array, as SCAN walks a database,
 * so that what is there all the time is found whatever happens in between.
 */
function sscan(call: Call): void {
  const { reply } = call;
  const cursor = cursorOf(call, 2);
  const set = readSet(call, 1);
  if (set === null) {
    replyNothingScanned(call);
    return;
  }
  const { count, glob } = scanOptions(call, 3);
  const isTable = set.form === Form.TABLE;
  const from = isTable && cursor !== 0 ? Math.min(cursor, set.length) : set.length;
  const to = isTable ? Math.max(0, from - count) : 0;
  if (from - to > count) timeLong(call, set);
  reply.array(2);
  reply.bulkInteger(to);
  // What is known before is written before: a header that comes late moves what it stands before.
  const isExact = glob === null;
  if (isExact) reply.array(from - to);
  const start = reply.startArray();
  let found = 0;
  for (let position = from - 1; position >= to; position--) {
    set.touchBelow(from, position, to);
    if (isTable) set.seek(position);
    else set.next();
    const member = set.memberHere;
    if (glob !== null && !glob.matches(member)) continue;
    reply.bulk(member);
    found++;
  }
  if (!isExact) reply.endArray(start, found);
}

export const memberCommands: readonly CommandRow[] = [
  {
    name: 'sadd',
    summary: 'Adds members to a set, creating it if need be.',
    group: 'set',
    complexity: 'O(1) for each member added',
    arity: -3,
    flags: ['write', 'denyoom', 'fast'],
    keys: [oneKey(1, 'RW', 'insert')],
    arguments: [arg.key(), arg.multiple(arg.string('member'))],
    elementsAt: [2],
    run: sadd,
  },
  {
    name: 'srem',
    summary: 'Removes members from a set.',
    group: 'set',
    complexity: 'O(1) for each member removed',
    arity: -3,
    flags: ['write', 'fast'],
    keys: [oneKey(1, 'RW', 'delete')],
    arguments: [arg.key(), arg.multiple(arg.string('member'))],
    elementsAt: [2],
    run: srem,
  },
  {
    name: 'smove',
    summary: 'Moves a member from one set to another.',
    group: 'set',
    complexity: 'O(1)',
    arity: 4,
    flags: ['write', 'fast'],
    keys: [oneKey(1, 'RW', 'access', 'delete'), oneKey(2, 'RW', 'insert')],
    arguments: [arg.key('source'), arg.key('destination', { keySpec: 1 }), arg.string('member')],
    run: smove,
  },
  {
    name: 'sismember',
    summary: 'Tells whether something is a member of a set.',
    group: 'set',
    complexity: 'O(1)',
    arity: 3,
    flags: ['readonly', 'fast'],
    keys: [oneKey(1, 'RO')],
    arguments: [arg.key(), arg.string('member')],
    elementsAt: [2],
    run: sismember,
  },
  {
    name: 'smismember',
    summary: 'Tells for each of several things whether it is a member of a set.',
    group: 'set',
    complexity: 'O(N), N being the members asked for',
    arity: -3,
    flags: ['readonly', 'fast'],
    keys: [oneKey(1, 'RO', 'access')],
    arguments: [arg.key(), arg.multiple(arg.string('member'))],
    elementsAt: [2],
    run: smismember,
  },
  {
    name: 'scard',
    summary: 'Replies with the number of members of a set.',
    group: 'set',
    complexity: 'O(1)',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: [oneKey(1, 'RO')],
    arguments: [arg.key()],
    run: scard,
  },
  {
    name: 'smembers',
    summary: 'Replies with all members of a set.',
    group: 'set',
    complexity: 'O(N), N being the members of the set',
    arity: 2,
    flags: ['readonly'],
    keys: [oneKey(1, 'RO', 'access')],
    arguments: [arg.key()],
    isMostlyBrief: true,
    run: smembers,
  },
  {
    name: 'sscan',
    summary: 'Walks the members of a set, some at a time.',
    group: 'set',
    complexity: 'O(1) for every call, O(N) for a whole walk, N being the members of the set',
    arity: -3,
    flags: ['readonly'],
    keys: [oneKey(1, 'RO', 'access')],
    arguments: [
      arg.key(),
      arg.integer('cursor'),
      arg.option('MATCH', arg.pattern('pattern')),
      arg.option('COUNT', arg.integer('count')),
    ],
    run: sscan,
  },
];
