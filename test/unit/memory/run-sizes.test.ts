import { describe, expect, it } from 'vitest';
import { Arena } from '../../../src/memory/arena.js';
import { HashedRun } from '../../../src/memory/hashed-run.js';
import { IntegerRun } from '../../../src/memory/integer-run.js';
import { ScoredRun } from '../../../src/memory/scored-run.js';
import { Slice, viewOf } from '../../../src/memory/slice.js';
import { Int64 } from '../../../src/text/int64.js';

/** What the entry of a key of 16 bytes takes beside its value. */
const ENTRY = 8 + 1 + 4 + 16;
/** What it takes in the index and the dense array, where they are at their emptiest. */
const INDEX = 17;

interface Run {
  room: number;
  moved(view: DataView, bytes: Buffer, at: number, room: number): void;
}

const bytes = Buffer.alloc(64 * 1024);
const view = viewOf(bytes);

/** Grows as an owner does that takes all of the block which it gets. */
function provide(run: Run, needed: number): void {
  if (needed > 0) run.moved(view, bytes, 0, Math.max(run.room, Arena.capacityFor(ENTRY + needed) - ENTRY));
}

function hashed(count: number, hasValues: boolean, valueLength = 8): number {
  const run = new HashedRun(hasValues).initialise(view, bytes, 0, 8);
  for (let i = 0; i < count; i++) {
    const element = Slice.of(`f${String(i).padStart(7, '0')}`);
    expect(run.find(element)).toBe(false);
    provide(run, run.prepareAdd(hasValues ? Slice.of('v'.repeat(valueLength)) : null));
    run.add();
  }
  run.checkIntegrity();
  return Arena.capacityFor(ENTRY + run.room);
}

function integers(count: number): number {
  const run = new IntegerRun().initialise(view, bytes, 0, 4);
  for (let i = 0; i < count; i++) {
    run.find(new Int64().setNumber(i * 1000));
    provide(run, run.prepareAdd());
    run.add();
  }
  return Arena.capacityFor(ENTRY + run.room);
}

function scored(count: number, step = 10): number {
  const run = new ScoredRun().initialise(view, bytes, 0, 8);
  for (let i = 0; i < count; i++) {
    run.find(Slice.of(`m${String(i).padStart(7, '0')}`));
    provide(run, run.prepareAdd(i * step));
    run.add();
  }
  run.checkIntegrity();
  return Arena.capacityFor(ENTRY + run.room);
}

describe('Runs that grow one by one in the entry of a key', () => {
  // The figures are what redis-server 7.0.15 takes for the same key.
  it.each([
    ['a hash of 5 x (8 + 8)', hashed(5, true), 202.5, 0.82],
    ['a hash of 5 x (8 + 100)', hashed(5, true, 100), 1050, 0.65],
    ['a hash of 500 x (8 + 8)', hashed(500, true), 10_349, 1.25],
    ['a hash of 600 x (8 + 8)', hashed(600, true), 46_758, 0.4],
    ['a set of 10 strings of 8', hashed(10, false), 826.5, 0.25],
    ['a set of 100 strings of 8', hashed(100, false), 6493, 0.3],
    ['a set of 10 integers', integers(10), 122.5, 0.7],
    ['a sorted set of 10', scored(10), 250.7, 0.82],
    ['a sorted set of 10 with scores of up to 450,000', scored(10, 50_000), 250.7, 0.82],
    ['a sorted set of 128', scored(128), 1885, 1],
    ['a sorted set of 200', scored(200), 23_176, 0.7],
  ])('take for %s %i bytes of %d: at most %d of it', (_name, taken, redis, share) => {
    expect((taken + INDEX) / redis).toBeLessThanOrEqual(share);
  });
});
