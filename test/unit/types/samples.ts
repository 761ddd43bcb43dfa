/** A value of every kind that is registered: how to write it, from a number that tells two of a kind apart. */

import type { Database } from '../../../src/keyspace/database.js';
import { Id } from '../../../src/memory/id-tree.js';
import { Slice } from '../../../src/memory/slice.js';
import { HashKind, hashes } from '../../../src/types/hash/value.js';
import { appendToList, ListKind } from '../../../src/types/list/value.js';
import { SetKind, sets } from '../../../src/types/set/value.js';
import { createStream, STREAM_KIND } from '../../../src/types/stream/value.js';
import { StringKind, setString } from '../../../src/types/string/value.js';
import { ZSetKind, zsets } from '../../../src/types/zset/value.js';
import { AlarmKind, setAlarms } from './alarm/value.js';

type Write = (db: Database, key: Slice, n: number) => void;

const text = (content: string): Write => {
  return (db, key, n) => void setString(db, key, 0, Slice.of(content.replace('#', String(n))));
};

const list = (elements: readonly string[]): Write => {
  return (db, key, n) => {
    let ref = 0;
    for (const element of [`first ${n}`, ...elements]) ref = appendToList(db, key, ref, Slice.of(element), -1);
  };
};

const alarms = (count: number): Write => {
  return (db, key, n) =>
    void setAlarms(
      db,
      key,
      0,
      Array.from({ length: count }, (_, i) => 2e12 + n * 1000 + i),
    );
};

/** A sorted set of so many members and one long one; the name follows from `longest` as what they are said to have. */
const zset = (count: number, length: number, longest: number): Write => {
  return (db, key, n) => {
    const zset = zsets(db).brief.create(key, count, length, false);
    for (const [i, member] of [`${n}`.padEnd(length, 'm'), ...hundreds(count, 10)].entries()) {
      zset.find(Slice.of(member));
      zset.add(Slice.of(member), (i * 7) % 50);
    }
    zset.fit(longest);
  };
};

const set = (members: readonly (string | number)[]): Write => {
  return (db, key, n) => {
    const [first, ...others] = [`${n}`, ...members].map((member) => Slice.of(`${member}`));
    const cursor = sets(db).brief.create(key, first, 1, first.length);
    for (const member of [first, ...others]) cursor.add(member);
  };
};

/**
 * A hash of such values; the fields of the first half have the deadline, if one is given: files keep them in that
 * order.
 */
const hash = (values: readonly string[], deadline = -1): Write => {
  return (db, key, n) => {
    const cursor = hashes(db).brief.create(key, 1, 40, values[0].length);
    for (const [i, value] of [`${n}`, ...values].entries()) {
      const field = Slice.of(`field ${i}`);
      cursor.find(field);
      cursor.nameFor(i + 1, value.length);
      const own = 2 * i < values.length ? deadline : -1;
      if (own >= 0) cursor.nameForDeadlines();
      cursor.add(field, Slice.of(value), own);
    }
    if (deadline >= 0) db.elementDeadlineChanged(cursor.ref, deadline);
  };
};

/** A stream of so many entries, over several nodes, whose first tells one from another. */
const stream = (count: number): Write => {
  return (db, key, n) => {
    const cursor = createStream(db, key);
    for (let i = 0; i < count; i++) {
      const strings = ['field', `value ${n + i}`, 'other', 'o'.repeat(i % 100)];
      const fields = { byteLength: strings.join('').length, slice: (at: number) => Slice.of(strings[at]) };
      cursor.append(new Id().set(0, 1 + i, 0, n), fields, 2, db.keyspace.limits);
    }
    // Two groups: one with pending entries of three consumers, one that nobody has read from.
    const groups = cursor.extensibleGroups;
    groups.create(Slice.of('unread'), new Id(), 0n);
    groups.create(Slice.of('group'), new Id().set(0, count, 0, n), BigInt(count));
    for (let i = 0; i < count; i++) {
      const name = Slice.of(i % 3 === 0 ? 'c'.repeat(20_000) : `consumer ${i % 3}`);
      if (!groups.findConsumer(name)) groups.createConsumer(name, 5, 5);
      groups.give(new Id().set(0, 1 + i, 0, n), 1000 + i, 1);
    }
  };
};

/** Where the kinds of sets and hashes are reached with few elements. */
export const SAMPLE_LIMITS = {
  setMaxIntsetEntries: 20_000,
  setMaxListpackEntries: 20,
  setMaxListpackValue: 20_000,
  hashMaxListpackEntries: 20,
  hashMaxListpackValue: 20_000,
};

const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);

const hundreds = (count: number, length: number) => Array.from({ length: count }, (_, i) => `${i}`.padEnd(length, 'e'));

export const SAMPLES: ReadonlyMap<number, Write> = new Map<number, Write>([
  [StringKind.INT, text('12345#')],
  [StringKind.EMBSTR, text('short #')],
  [StringKind.RAW, text(`raw # ${'r'.repeat(300)}`)],
  [StringKind.ROPE, text(`long # ${'x'.repeat(200_000)}`)],
  [ListKind.PACKED, list(hundreds(10, 20))],
  [ListKind.DEQUE, list([...hundreds(400, 100), 'r'.repeat(20_000), 'the last'])],
  [ZSetKind.LISTPACK_RUN, zset(20, 10, 10)],
  [ZSetKind.LISTPACK_TABLE, zset(20, 20_000, 0)],
  [ZSetKind.SKIPLIST_RUN, zset(20, 100, 100)],
  [ZSetKind.SKIPLIST_TABLE, zset(1000, 20_000, 20_000)],
  [SetKind.INTSET_RUN, set(range(1000, 20))],
  [SetKind.INTSET_TABLE, set(range(2 ** 40, 2600))],
  [SetKind.LISTPACK_RUN, set(hundreds(10, 20))],
  [SetKind.LISTPACK_TABLE, set(hundreds(3, 17_000))],
  [SetKind.HASHTABLE_RUN, set(hundreds(30, 10))],
  [SetKind.HASHTABLE_TABLE, set([...hundreds(1500, 20), 'l'.repeat(70_000)])],
  [HashKind.LISTPACK_RUN, hash(hundreds(10, 20))],
  [HashKind.LISTPACK_TABLE, hash(hundreds(3, 17_000))],
  [HashKind.LISTPACK_EX_RUN, hash(hundreds(10, 20), 4e12)],
  [HashKind.LISTPACK_EX_TABLE, hash(hundreds(3, 17_000), 4e12)],
  [HashKind.HASHTABLE_RUN, hash(hundreds(30, 10))],
  [HashKind.HASHTABLE_TABLE, hash([...hundreds(1500, 20), 'l'.repeat(70_000)])],
  [STREAM_KIND, stream(400)],
  [AlarmKind.INLINE, alarms(3)],
  [AlarmKind.ROPE, alarms(10_000)],
]);
