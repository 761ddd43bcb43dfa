/** SINTER, SUNION, SDIFF, what stores their results, and SINTERCARD. */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { CommandRow } from '../../../engine/command.js';
import { countedKeys, keysFrom, oneKey } from '../../../engine/key-specs.js';
import type { EventName } from '../../../keyspace/events.js';
import type { Slice } from '../../../memory/slice.js';
import * as errors from '../../../protocol/errors.js';
import { Reservation, Selection, TemporarySet } from '../algebra.js';
import { elementBytes, type SetValue, sets } from '../value.js';
import { readSet, timeLong } from './shared.js';

/** More sets than these are united, or taken from one, by way of a temporary one. */
const MANY_SETS = 8;

/** What a handler gathers its sets in. */
const given: (SetValue | null)[] = [];
const selection = new Selection();

/** Where the members of a result go. */
interface Result {
  /** The member that the selection is at, which was not handed over before. */
  take(from: Selection): void;
  /** A member by itself. */
  takeMember(member: Slice): void;
}

type Operation = (call: Call, result: Result) => void;

/** Reads the sets at `count` keys from argument `at` on; missing ones are null. */
function readSets(call: Call, at: number, count: number): void {
  // An array that is emptied would lose its memory, and with two sets that is much of what a command takes.
  if (given.length !== count) given.length = count;
  for (let i = 0; i < count; i++) {
    const set = readSet(call, at + i);
    given[i] = set;
    if (set !== null) timeLong(call, set);
  }
}

function present(): SetValue[] {
  return given.filter((set) => set !== null);
}

/** Turns the selection to what all sets have; false if one is missing. */
function selectCommon(): boolean {
  if (given.includes(null)) return false;
  const all = given as SetValue[];
  // sort() takes 0.4 µs, even of two.
  if (all.length > 2) all.sort((a, b) => a.length - b.length);
  else if (all.length === 2 && all[1].length < all[0].length) all.reverse();
  selection.allOf(all);
  return true;
}

function intersect(_call: Call, result: Result): void {
  if (!selectCommon()) return;
  while (selection.next()) result.take(selection);
}

function unite(call: Call, result: Result): void {
  const all = present();
  if (all.length > MANY_SETS) {
    const temporary = new TemporarySet(call.db, all);
    try {
      for (let position = 0; position < temporary.size; position++) result.takeMember(temporary.at(position));
    } finally {
      temporary.free();
    }
    return;
  }
  for (let i = 0; i < all.length; i++) {
    selection.noneOf(all, i, 0, i);
    while (selection.next()) result.take(selection);
  }
}

function subtract(call: Call, result: Result): void {
  const [first] = given;
  if (first === null) return;
  const others = present().slice(1);
  let size = 0;
  for (const other of others) size += other.length;
  if (others.length > MANY_SETS && size < others.length * first.length) {
    subtractMany(call, first, others, result);
    return;
  }
  // What is taken away by the largest is looked up nowhere else.
  others.sort((a, b) => b.length - a.length);
  selection.noneOf([first, ...others], 0, 1, others.length + 1);
  while (selection.next()) result.take(selection);
}

function subtractMany(call: Call, first: SetValue, others: readonly SetValue[], result: Result): void {
  const temporary = new TemporarySet(call.db, others);
  try {
    selection.allOf([first]);
    while (selection.next()) if (!temporary.has(selection.member)) result.take(selection);
  } finally {
    temporary.free();
  }
}

// --- replies

class ReplyResult implements Result {
  count = 0;
  private call!: Call;

  begin(call: Call): this {
    this.call = call;
    this.count = 0;
    return this;
  }

  take(from: Selection): void {
    this.count++;
    from.writeMember(this.call.reply);
  }

  takeMember(member: Slice): void {
    this.count++;
    this.call.reply.bulk(member);
  }
}

const replyResult = new ReplyResult();

function answer(call: Call, operation: Operation): void {
  const { args, reply } = call;
  readSets(call, 1, args.count - 1);
  const start = reply.startArray();
  operation(call, replyResult.begin(call));
  reply.endSet(start, replyResult.count);
}

function sintercard(call: Call): void {
  const { args } = call;
  const count = args.integer(1, errors.NUMKEYS_NOT_POSITIVE);
  if (count <= 0) throw errors.NUMKEYS_NOT_POSITIVE;
  if (count > args.count - 2) throw errors.TOO_MANY_KEYS;
  let limit = 0;
  for (let i = 2 + count; i < args.count; i += 2) {
    if (!args.is(i, 'LIMIT') || i + 1 === args.count) throw errors.SYNTAX;
    limit = args.integer(i + 1, errors.LIMIT_NEGATIVE);
    if (limit < 0) throw errors.LIMIT_NEGATIVE;
  }
  readSets(call, 2, count);
  let found = 0;
  if (selectCommon()) while ((limit === 0 || found < limit) && selection.next()) found++;
  call.reply.integer(found);
}

// --- what is stored

/** A set that is built beside the databases, so that it may take its members from the key that it is to replace. */
class StoredResult implements Result {
  private set: SetValue | null = null;
  private readonly reservation: Reservation;

  constructor(private readonly call: Call) {
    this.reservation = new Reservation(call.db);
  }

  take(from: Selection): void {
    from.addTo(this.openFor(from.member));
  }

  takeMember(member: Slice): void {
    this.openFor(member).add(member);
  }

  private openFor(member: Slice): SetValue {
    this.reservation.take(member);
    const { args, keyspace } = this.call;
    this.set ??= sets(keyspace.staging).lease().create(args.slice(1), member, 1, elementBytes(member));
    return this.set;
  }

  remove(member: Slice): void {
    const { set } = this;
    if (set === null) return;
    if (set.length > 1) set.remove(member);
    else if (set.find(member)) this.drop();
  }

  drop(): void {
    if (this.set !== null) this.call.keyspace.staging.delete(this.set.ref);
    this.set = null;
  }

  store(event: EventName): void {
    const { args, db, keyspace, reply } = this.call;
    const key = args.slice(1);
    const target = db.lookupForWrite(key);
    if (this.set !== null) {
      this.set.trim();
      keyspace.staging.rename(this.set.ref, key, db, target);
      this.call.changed(key, event);
    } else if (target !== 0) {
      db.delete(target);
      this.call.deleted(key);
    }
    reply.integer(this.set === null ? 0 : this.set.length);
  }
}

function store(call: Call, operation: (call: Call, result: StoredResult) => void, event: EventName): void {
  readSets(call, 2, call.args.count - 2);
  const result = new StoredResult(call);
  try {
    operation(call, result);
  } catch (error) {
    result.drop();
    throw error;
  }
  result.store(event);
}

/**
 * Where the first set is large beside the others, Redis stores all of it and removes what they have, and the result is
 * called what it was called with all (OBJECT ENCODING).
 */
function storeDifference(call: Call, result: StoredResult): void {
  const all = present();
  const lookups = Math.floor((all.length * (given[0]?.length ?? 0)) / 2);
  const removals = all.reduce((sum, { length }) => sum + length, 0);
  if (lookups <= removals) {
    subtract(call, result);
    return;
  }
  const [first, ...others] = all;
  selection.allOf([first]);
  while (selection.next()) result.take(selection);
  for (const other of others) {
    selection.allOf([other]);
    while (selection.next()) result.remove(selection.member);
  }
}

// --- rows

const SOURCES = [keysFrom(1, { last: -1, step: 1 }, 'RO', 'access')];
const STORED = [oneKey(1, 'OW', 'update'), keysFrom(2, { last: -1, step: 1 }, 'RO', 'access')];
const STORE_ARGUMENTS = [arg.key('destination'), arg.multiple(arg.key('key', { keySpec: 1 }))];
const INTERSECTION_COST = 'O(N*M), N being the members of the smallest set, M the number of sets';
const UNION_COST = 'O(N), N being the members of all sets';

export const algebraCommands: readonly CommandRow[] = [
  {
    name: 'sinter',
    summary: 'Replies with the members that all of some sets have.',
    group: 'set',
    complexity: INTERSECTION_COST,
    arity: -2,
    flags: ['readonly'],
    keys: SOURCES,
    arguments: [arg.multiple(arg.key())],
    isMostlyBrief: true,
    run: (call) => answer(call, intersect),
  },
  {
    name: 'sinterstore',
    summary: 'Stores the members that all of some sets have.',
    group: 'set',
    complexity: INTERSECTION_COST,
    arity: -3,
    flags: ['write', 'denyoom'],
    keys: STORED,
    arguments: STORE_ARGUMENTS,
    isMostlyBrief: true,
    run: (call) => store(call, intersect, 'sinterstore'),
  },
  {
    name: 'sintercard',
    summary: 'Counts the members that all of some sets have.',
    group: 'set',
    complexity: INTERSECTION_COST,
    arity: -3,
    flags: ['readonly', 'movablekeys'],
    keys: [countedKeys(1, 'RO', 'access')],
    arguments: [arg.integer('numkeys'), arg.multiple(arg.key()), arg.option('LIMIT', arg.integer('limit'))],
    isMostlyBrief: true,
    run: sintercard,
  },
  {
    name: 'sunion',
    summary: 'Replies with the members that any of some sets has.',
    group: 'set',
    complexity: UNION_COST,
    arity: -2,
    flags: ['readonly'],
    keys: SOURCES,
    arguments: [arg.multiple(arg.key())],
    isMostlyBrief: true,
    run: (call) => answer(call, unite),
  },
  {
    name: 'sunionstore',
    summary: 'Stores the members that any of some sets has.',
    group: 'set',
    complexity: UNION_COST,
    arity: -3,
    flags: ['write', 'denyoom'],
    keys: STORED,
    arguments: STORE_ARGUMENTS,
    isMostlyBrief: true,
    run: (call) => store(call, unite, 'sunionstore'),
  },
  {
    name: 'sdiff',
    summary: 'Replies with the members of a set that none of some others has.',
    group: 'set',
    complexity: UNION_COST,
    arity: -2,
    flags: ['readonly'],
    keys: SOURCES,
    arguments: [arg.multiple(arg.key())],
    isMostlyBrief: true,
    run: (call) => answer(call, subtract),
  },
  {
    name: 'sdiffstore',
    summary: 'Stores the members of a set that none of some others has.',
    group: 'set',
    complexity: UNION_COST,
    arity: -3,
    flags: ['write', 'denyoom'],
    keys: STORED,
    arguments: STORE_ARGUMENTS,
    isMostlyBrief: true,
    run: (call) => store(call, storeDifference, 'sdiffstore'),
  },
];
