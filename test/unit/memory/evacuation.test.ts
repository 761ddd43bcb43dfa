import { expect, it } from 'vitest';
import { Arena, PAGE_SIZE, type Ref } from '../../../src/memory/arena.js';
import { expectSameElements } from '../../support/same-elements.js';

const SIZES = [16, 48, 112, 1000, 9000];

/** A third of the blocks is left, more of them in some pages than in others. */
function sparseArena(blocks: number): { arena: Arena; refs: Set<Ref> } {
  const arena = new Arena();
  const refs = new Set<Ref>();
  for (let i = 0; i < blocks; i++) {
    for (const size of SIZES) refs.add(allocated(arena, size));
    arena.settle();
  }
  let n = 0;
  for (const ref of [...refs]) {
    n++;
    if (n % 3 === 0 || (n % 64 < 32 && n % 2 === 0)) continue;
    arena.free(ref);
    refs.delete(ref);
  }
  arena.settle();
  return { arena, refs };
}

function allocated(arena: Arena, size: number): Ref {
  const ref = arena.allocate(size);
  arena.views[ref >>> 12].setInt32((ref & 0xfff) << 4, ref, true);
  return ref;
}

/** Returns how many blocks have moved. */
function relocateAll(arena: Arena, refs: Set<Ref>): number {
  let moved = 0;
  for (const ref of [...refs]) {
    const to = arena.relocate(ref);
    if (to === ref) continue;
    refs.delete(ref);
    refs.add(to);
    moved++;
  }
  arena.settle();
  return moved;
}

it('slices of a few pages choose what one slice chooses', () => {
  const whole = sparseArena(3000);
  const sliced = sparseArena(3000);
  const chosen = whole.arena.beginEvacuation();
  expect(chosen).toBeGreaterThan(100);
  let slices = 1;
  while (sliced.arena.beginEvacuation(7) < 0) slices++;
  expect(slices).toBeGreaterThan((2 * sliced.arena.usedPages) / 7);
  for (const { arena, refs } of [whole, sliced]) {
    relocateAll(arena, refs);
    while (arena.endEvacuation(7));
    expect(arena.isEvacuating).toBe(false);
    arena.checkIntegrity(refs);
  }
  expectSameElements([...sliced.refs], [...whole.refs]);
  expect(sliced.arena.usedPages * PAGE_SIZE).toBeLessThan(sliced.arena.usedBytes * 1.1);
});

it('a slice looks at no more pages than it may', () => {
  const { arena } = sparseArena(3000);
  let looked = 0;
  // Rows of the page table, whose first word is read once for each page that is looked at.
  const state = arena as unknown as { pages: Int32Array };
  const rows = state.pages;
  const ROW = 8;
  state.pages = new Proxy(rows, {
    get(target, name) {
      if (typeof name === 'string' && Number(name) % ROW === 0) looked++;
      const value = Reflect.get(target, name, target) as unknown;
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  while (arena.beginEvacuation(20) < 0) {
    // A page that is chosen is looked at once more.
    expect(looked).toBeLessThanOrEqual(2 * 20);
    expect(looked).toBeGreaterThan(0);
    looked = 0;
  }
});

it('commands may run between the slices of choosing, moving and ending', () => {
  const { arena, refs } = sparseArena(2000);
  let n = 0;
  const command = () => {
    n++;
    for (const size of SIZES) refs.add(allocated(arena, size));
    const victims = [...refs].filter((_, index) => index % 997 === n % 997);
    for (const ref of victims) {
      arena.free(ref);
      refs.delete(ref);
    }
    arena.settle();
    arena.checkIntegrity(refs);
  };
  for (let round = 0; round < 3; round++) {
    while (arena.beginEvacuation(61) < 0) command();
    // Half of what is to move stays where it is.
    let moved = 0;
    for (const ref of [...refs]) {
      if (ref % 2 === 0 || !refs.has(ref)) continue;
      const to = arena.relocate(ref);
      refs.delete(ref);
      refs.add(to);
      if (to !== ref) moved++;
      if (moved % 1024 === 1) command();
    }
    while (arena.endEvacuation(61)) command();
    command();
    expect(arena.isEvacuating).toBe(false);
  }
});

it('a snapshot that was taken in the middle is restored without the marks', () => {
  const { arena, refs } = sparseArena(1000);
  arena.beginEvacuation();
  const snapshot = arena.snapshot();
  const then = new Set(refs);
  arena.endEvacuation();
  for (let i = 0; i < 500; i++) for (const size of SIZES) allocated(arena, size);
  arena.restore(snapshot);
  snapshot.close();
  arena.settle();
  expect(arena.isEvacuating).toBe(false);
  arena.checkIntegrity(then);
  while (arena.beginEvacuation(100) < 0);
  expect(relocateAll(arena, then)).toBeGreaterThan(0);
  arena.endEvacuation();
  arena.checkIntegrity(then);
});

it('empty segments go back to the system one at a time', () => {
  const arena = new Arena();
  const pages: Ref[] = [];
  for (let i = 0; i < 2500; i++) pages.push(arena.allocate(PAGE_SIZE));
  arena.settle();
  for (const ref of pages) arena.free(ref);
  arena.settle();
  let held = arena.physical.pagesHeld;
  const before = held;
  while (arena.compactSegments(16)) {
    expect(held - arena.physical.pagesHeld).toBeLessThanOrEqual(512);
    held = arena.physical.pagesHeld;
  }
  expect(before - held).toBeGreaterThanOrEqual(3 * 512);
});

it('pages move out of a sparse segment in slices, until it goes', () => {
  const arena = new Arena();
  const pages: Ref[] = [];
  for (let i = 0; i < 2500; i++) pages.push(allocated(arena, PAGE_SIZE));
  arena.settle();
  const left = new Set(pages.filter((_, index) => index % 16 === 0));
  for (const ref of pages) if (!left.has(ref)) arena.free(ref);
  arena.settle();
  const { physical } = arena;
  const take = physical.takeOutside.bind(physical);
  let moved = 0;
  physical.takeOutside = (segment) => {
    moved++;
    return take(segment);
  };
  let slices = 0;
  while (arena.compactSegments(4)) {
    expect(moved).toBeLessThanOrEqual(4);
    moved = 0;
    if (++slices > 1000) throw new Error('it does not end');
  }
  expect(physical.pagesHeld).toBeLessThan(1100);
  for (const ref of left) expect(arena.views[ref >>> 12].getInt32((ref & 0xfff) << 4, true)).toBe(ref);
  arena.checkIntegrity(left);
});
