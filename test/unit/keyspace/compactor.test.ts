import { expect, it } from 'vitest';
import { SeededRandom } from '../../../src/engine/random.js';
import { Keyspace } from '../../../src/keyspace/keyspace.js';
import { Slice } from '../../../src/memory/slice.js';
import { dataTypes } from '../../../src/types/index.js';
import { appendToList } from '../../../src/types/list/value.js';

const UNITS = 256;
/** What one piece of work may take beyond the budget: the largest node. */
const LARGEST_PIECE = 16;

it('a step moves no more than its units, however many nodes the lists have', () => {
  const keyspace = new Keyspace({
    clock: { now: () => 1_000_000 },
    random: new SeededRandom([1, 2, 3, 4]),
    databases: 1,
    types: dataTypes,
  });
  const [db] = keyspace.databases;
  const { arena } = keyspace;
  const element = Slice.of('e'.repeat(1000));
  const key = (i: number) => Slice.of(`list ${i}`);
  // Element by element in turns, so that each page has nodes of many lists.
  for (let j = 0; j < 320; j++) {
    for (let i = 0; i < 90; i++) appendToList(db, key(i), db.peek(key(i)), element, -1);
    arena.settle();
  }
  for (let i = 0; i < 90; i++) if (i % 3 !== 0) db.delete(db.peek(key(i)));
  while (keyspace.reclaimer.step(100));

  let looked = 0;
  let movedKiB = 0;
  const relocate = arena.relocate.bind(arena);
  arena.relocate = (ref) => {
    const moved = relocate(ref);
    looked++;
    if (moved !== ref) movedKiB += arena.capacity(moved) / 1024;
    return moved;
  };
  let pagesLooked = 0;
  for (const name of ['beginEvacuation', 'endEvacuation'] as const) {
    const method = arena[name].bind(arena) as (limit: number) => never;
    arena[name] = (limit = Number.POSITIVE_INFINITY) => {
      pagesLooked += limit;
      return method(limit);
    };
  }
  let steps = 0;
  let allMovedKiB = 0;
  while (keyspace.compactor.step(UNITS)) {
    expect(looked).toBeLessThanOrEqual(UNITS + LARGEST_PIECE);
    expect(movedKiB).toBeLessThanOrEqual(UNITS + LARGEST_PIECE);
    expect(pagesLooked).toBeLessThanOrEqual(UNITS);
    pagesLooked = 0;
    allMovedKiB += movedKiB;
    looked = 0;
    movedKiB = 0;
    if (++steps > 1000) throw new Error('it does not end');
  }
  expect(allMovedKiB).toBeGreaterThan(4 * UNITS);
  keyspace.checkIntegrity();
  expect(arena.stats.pageBytes).toBeLessThan(arena.stats.usedBytes * 1.3 + 2e6);
});
