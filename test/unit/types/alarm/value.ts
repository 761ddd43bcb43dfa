/**
 * A type that exists for tests: times in ms, in ascending order, each of which goes when it has come. They stand as
 * doubles in the entry, or in a rope when they are many.
 */

import type { Database } from '../../../../src/keyspace/database.js';
import { NO_DEADLINE } from '../../../../src/keyspace/types.js';
import type { Ref } from '../../../../src/memory/arena.js';
import type { ByteSink } from '../../../../src/memory/byte-sink.js';
import { ROPE_ROOT } from '../../../../src/memory/entry-layout.js';
import { Rope } from '../../../../src/memory/rope.js';
import { copySlice, Slice } from '../../../../src/memory/slice.js';
import type { Budget } from '../../../../src/memory/structure.js';

export const ALARM = 100;
export const AlarmKind = { INLINE: 100, ROPE: 101 } as const;

/** Longer ones are ropes. */
const MOST_INLINE = 64;

export function alarmTimes(db: Database, ref: Ref): number[] {
  const value = new Slice();
  const bytes =
    db.kindOf(ref) === AlarmKind.ROPE
      ? new Rope(db.arena).open(ref, db.valueOffset(ref)).toBuffer()
      : db.valueOf(ref, value).toBuffer();
  return Array.from({ length: bytes.length / 8 }, (_, i) => bytes.readDoubleLE(i * 8));
}

/** Replaces what a key holds (`ref` is its entry, 0 if there is none). */
export function setAlarms(db: Database, key: Slice, ref: Ref, times: readonly number[], deadline = NO_DEADLINE): Ref {
  const bytes = Buffer.alloc(times.length * 8);
  times
    .toSorted((a, b) => a - b)
    .forEach((time, i) => {
      bytes.writeDoubleLE(time, i * 8);
    });
  const isRope = bytes.length > MOST_INLINE;
  db.arena.reserve(bytes.length);
  ref = db.overwrite(key, ref, isRope ? AlarmKind.ROPE : AlarmKind.INLINE, isRope ? ROPE_ROOT : bytes.length, deadline);
  const value = db.valueOf(ref, new Slice());
  if (isRope) {
    const rope = new Rope(db.arena);
    rope.append(Slice.of(bytes));
    rope.store(value.view, value.start);
  } else {
    copySlice(Slice.of(bytes), value.bytes, value.view, value.start);
  }
  return db.elementDeadlineChanged(ref, Math.min(...times));
}

export function writeAlarms(db: Database, ref: Ref, sink: ByteSink): void {
  for (const time of alarmTimes(db, ref)) sink.bulk(Slice.of(String(time)));
}

export function nextAlarm(db: Database, ref: Ref): number {
  return alarmTimes(db, ref)[0];
}

export function ringAlarms(db: Database, ref: Ref, now: number, budget: Budget): Ref {
  const times = alarmTimes(db, ref);
  const due = Math.min(times.filter((time) => time <= now).length, budget.left);
  budget.left -= due;
  if (due === times.length) return 0;
  const deadline = db.deadlineOf(ref);
  return setAlarms(db, db.keyOf(ref, new Slice()), ref, times.slice(due), deadline);
}
