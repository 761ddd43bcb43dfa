/** Small collections in one run: what a lookup, an addition and a join cost, by the number of elements. */
import { HashedRun } from '../../.tmp/modules/memory/hashed-run.js';
import { IntegerRun } from '../../.tmp/modules/memory/integer-run.js';
import { ScoredRun } from '../../.tmp/modules/memory/scored-run.js';
import { Slice, viewOf } from '../../.tmp/modules/memory/slice.js';
import { Int64 } from '../../.tmp/modules/text/int64.js';
import { UNITS } from './units.js';

const ROOM = 64_000;
const fieldName = (number) => `f${String(number).padStart(7, '0')}`;

/** Names in one buffer under one slice, as arguments come: thousands of slices would miss the cache themselves. */
class Names {
  slice;
  constructor(count, nameOf) {
    this.slice = Slice.of(Array.from({ length: count }, (_, i) => nameOf(i)).join(''));
  }
  at(i) {
    this.slice.start = i * 8;
    this.slice.end = i * 8 + 8;
    return this.slice;
  }
}

function place(room = ROOM) {
  const bytes = Buffer.alloc(room);
  return { bytes, view: viewOf(bytes), room };
}

/** A run of so many fields (with values) or members (without), in as little room as it would have. */
function hashedRun(count, hasValues, from = 0) {
  const { bytes, view, room } = place();
  const run = new HashedRun(hasValues).initialise(view, bytes, 0, room);
  for (let i = 0; i < count; i++) {
    const element = Slice.of(fieldName(from + i));
    if (run.find(element)) throw new Error('twice');
    if (run.prepareAdd(hasValues ? element : null) > 0) run.moved(view, bytes, 0, room);
    run.add();
  }
  const least = Math.ceil(run.leastRoom * 1.05);
  run.shrink(least);
  return run.open(view, bytes, 0, least);
}

function finding(count, hasValues, present = true) {
  const run = hashedRun(count, hasValues);
  const wanted = new Names(UNITS, (i) => fieldName((present ? 0 : 1_000_000) + ((i * 7) % count)));
  return () => {
    for (let i = 0; i < UNITS; i++) if (run.find(wanted.at(i)) !== present) throw new Error('wrong');
  };
}

/** Grows to `count` as an owner in an arena does: the room follows in steps of an eighth. */
function growing(count, hasValues) {
  const { bytes, view } = place();
  const wanted = new Names(count, fieldName);
  const run = new HashedRun(hasValues);
  return () => {
    for (let done = 0; done < UNITS; done += count) {
      let room = 64;
      run.initialise(view, bytes, 0, room);
      for (let i = 0; i < count; i++) {
        if (run.find(wanted.at(i))) throw new Error('wrong');
        const needed = run.prepareAdd(hasValues ? wanted.at(i) : null);
        if (needed > 0) {
          room = Math.max(room, needed + (needed >> 3));
          run.moved(view, bytes, 0, room);
        }
        run.add();
      }
    }
  };
}

function walking(count) {
  const run = hashedRun(count, true);
  let bytes = 0;
  return () => {
    for (let done = 0; done < UNITS; done += count) {
      run.rewind();
      while (run.next()) bytes += run.elementHere().end + run.valueHere().end;
    }
    return bytes;
  };
}

/** Half of the members are common. */
function joining(count) {
  const a = hashedRun(count, false);
  const b = hashedRun(count, false, count / 2);
  return () => {
    for (let done = 0; done < UNITS; done += count) {
      let common = 0;
      a.rewind();
      while (a.next()) if (b.findSame(a)) common++;
      if (common !== count / 2) throw new Error('wrong');
    }
  };
}

function removing(count) {
  const full = hashedRun(count, true);
  const image = Buffer.from(full.bytes);
  const wanted = new Names(count, (i) => fieldName((i * 7) % count));
  return () => {
    for (let done = 0; done < UNITS; done += count) {
      image.copy(full.bytes, 0, 0, full.room);
      full.open(full.view, full.bytes, 0, full.room);
      for (let i = 0; i < count; i++) {
        if (!full.find(wanted.at(i))) throw new Error('wrong');
        full.removeHere();
      }
    }
  };
}

function integerRun(count, factor) {
  const { bytes, view, room } = place();
  const run = new IntegerRun().initialise(view, bytes, 0, room);
  const value = new Int64();
  for (let i = 0; i < count; i++) {
    run.find(value.setNumber(i * factor));
    run.prepareAdd();
    run.add();
  }
  return run.open(view, bytes, 0, room);
}

function findingInteger(count) {
  const run = integerRun(count, 3);
  const value = new Int64();
  return () => {
    for (let i = 0; i < UNITS; i++) if (!run.find(value.setNumber(((i * 7) % count) * 3))) throw new Error('wrong');
  };
}

/** Every third is common. */
function joiningIntegers(count) {
  const a = integerRun(count, 2);
  const b = integerRun(count, 3);
  return () => {
    for (let done = 0; done < UNITS; done += count) {
      let common = 0;
      a.rewind();
      b.rewind();
      while (a.next() && b.seekAtLeast(a.here)) if (b.here.equals(a.here)) common++;
      if (common !== Math.ceil(count / 3)) throw new Error('wrong');
    }
  };
}

/** Members with scores that differ by ten. */
function scoredRun(count) {
  const { bytes, view, room } = place();
  const run = new ScoredRun().initialise(view, bytes, 0, room);
  for (let i = 0; i < count; i++) {
    run.find(Slice.of(fieldName(i)));
    if (run.prepareAdd(i * 10) > 0) run.moved(view, bytes, 0, room);
    run.add();
  }
  const least = Math.ceil(run.leastRoom * 1.05);
  run.shrink(least);
  return run.open(view, bytes, 0, least);
}

function findingScore(count) {
  const run = scoredRun(count);
  const wanted = new Names(UNITS, (i) => fieldName((i * 7) % count));
  return () => {
    for (let i = 0; i < UNITS; i++) if (!run.find(wanted.at(i)) || run.scoreHere() < 0) throw new Error('wrong');
  };
}

/** Each score goes up past so many others, and down again the next time. */
function changingScore(count, places) {
  const run = scoredRun(count);
  const wanted = new Names(UNITS, (i) => fieldName((i * 7) % count));
  let by = places * 10 + 1;
  return () => {
    for (let i = 0; i < UNITS; i++) {
      if (!run.find(wanted.at(i))) throw new Error('wrong');
      run.prepareSetScore(run.scoreHere() + by);
      run.setScore();
    }
    by = -by;
  };
}

function addingScores(count) {
  const { bytes, view, room } = place();
  const run = new ScoredRun();
  const wanted = new Names(count, fieldName);
  return () => {
    for (let done = 0; done < UNITS; done += count) {
      run.initialise(view, bytes, 0, room);
      for (let i = 0; i < count; i++) {
        if (run.find(wanted.at(i))) throw new Error('wrong');
        if (run.prepareAdd((i * 7919) % 30_000) > 0) run.moved(view, bytes, 0, room);
        run.add();
      }
    }
  };
}

/** Ten from the middle on, backwards. */
function walkingScores(count) {
  const run = scoredRun(count);
  let bytes = 0;
  return () => {
    for (let done = 0; done < UNITS; done += 10) {
      run.seek(run.countBelow(count * 5) + 1);
      for (let i = 0; i < 10 && run.previous(); i++) bytes += run.memberHere().end + run.scoreHere();
    }
    return bytes;
  };
}

export default {
  'find one of 5 fields': finding(5, true),
  'find one of 10 fields': finding(10, true),
  'find one of 10 members': finding(10, false),
  'find one of 16 fields': finding(16, true),
  'find one of 100 fields': finding(100, true),
  'find one of 500 fields': finding(500, true),
  'find one of 1000 members': finding(1000, false),
  'miss among 500 fields': finding(500, true, false),
  'add a field, up to 10': growing(10, true),
  'add a field, up to 500': growing(500, true),
  'add a member, up to 1000': growing(1000, false),
  'walk a field of 100': walking(100),
  'join a member of 2 x 100': joining(100),
  'join a member of 2 x 1000': joining(1000),
  'remove a field, from 10': removing(10),
  'remove a field, from 500': removing(500),
  'find one of 10 integers': findingInteger(10),
  'find one of 512 integers': findingInteger(512),
  'join an integer of 2 x 100': joiningIntegers(100),
  'score of one of 10': findingScore(10),
  'score of one of 128': findingScore(128),
  'score of one of 1000': findingScore(1000),
  'new score, 10, past 3 others': changingScore(10, 3),
  'new score, 128, past 30 others': changingScore(128, 30),
  'new score, 1000, past 300 others': changingScore(1000, 300),
  'add with a random score, up to 10': addingScores(10),
  'add with a random score, up to 128': addingScores(128),
  'add with a random score, up to 1000': addingScores(1000),
  'ten by score among 128, one': walkingScores(128),
};
