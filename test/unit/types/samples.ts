/** A value of every kind that is registered: how to write it, from a number that tells two of a kind apart. */

import type { Database } from '../../../src/keyspace/database.js';
import { Slice } from '../../../src/memory/slice.js';
import { appendToList, ListKind } from '../../../src/types/list/value.js';
import { StringKind, setString } from '../../../src/types/string/value.js';
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

const hundreds = (count: number, length: number) => Array.from({ length: count }, (_, i) => `${i}`.padEnd(length, 'e'));

export const SAMPLES: ReadonlyMap<number, Write> = new Map<number, Write>([
  [StringKind.INT, text('12345#')],
  [StringKind.EMBSTR, text('short #')],
  [StringKind.RAW, text(`raw # ${'r'.repeat(300)}`)],
  [StringKind.ROPE, text(`long # ${'x'.repeat(200_000)}`)],
  [ListKind.PACKED, list(hundreds(10, 20))],
  [ListKind.DEQUE, list([...hundreds(400, 100), 'r'.repeat(20_000), 'the last'])],
  [AlarmKind.INLINE, alarms(3)],
  [AlarmKind.ROPE, alarms(20_000)],
]);
