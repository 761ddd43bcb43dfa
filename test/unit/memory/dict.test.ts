import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena, type Ref } from '../../../src/memory/arena.js';
import { Dict } from '../../../src/memory/dict.js';
import { hashBytes, Slice } from '../../../src/memory/slice.js';
import { runs } from '../../support/runs.js';
import { expectSameElements } from '../../support/same-elements.js';
import {
  collidingKeys,
  densePositionOf,
  entryBlocks,
  entryValue,
  freeEntry,
  relocateEntry,
  stateOf,
  writeEntry,
} from './entries.js';
import { NotedBlocks } from './noted-blocks.js';

const SEED = 12345;
const INDEX_BLOCK = 4096;
const noReseed = (): number => {
  throw new Error('the hash must not change here');
};

/** Keys of all lengths that matter: empty, inside and beyond a one-byte varint, out of line. */
function keyOf(id: number): string {
  if (id === 0) return '';
  if (id % 97 === 5) return `${id}:`.padEnd(130 + (id % 50), 'k');
  if (id % 1013 === 7) return `${id}:`.padEnd(17_000 + (id % 60) * 1000, 'l');
  return id % 2 === 0 ? `${id}` : `key:${id}`;
}

type Model = Map<number, number>;

interface Snapshot {
  arena: Arena;
  state: DataView;
  model: Model;
  order: number[];
  positions: Map<number, number>;
}

/** A Dict of entries beside a Map that must agree with it, with snapshots of both. */
class World {
  readonly arena = new Arena();
  readonly dict = new Dict(this.arena, SEED, noReseed);
  model: Model = new Map();
  /** Where each key stood in the dense array last. */
  positions = new Map<number, number>();
  snapshots: Snapshot[] = [];
  private nextValue = 1;

  find(id: number): Ref {
    return this.dict.find(Slice.of(keyOf(id)));
  }

  put(id: number): void {
    const old = this.find(id);
    if (old !== 0) {
      this.replace(old, id);
    } else {
      const key = keyOf(id);
      // What find() has left is forgotten or used.
      if ((id & 1) === 0) this.dict.add(writeEntry(this.arena, key, this.nextValue), Slice.of(key));
      else this.dict.addMissed(writeEntry(this.arena, key, this.nextValue), Slice.of(key));
      this.model.set(id, this.nextValue++);
    }
    this.arena.settle();
  }

  replace(ref: Ref, id: number): void {
    this.dict.moved(ref, writeEntry(this.arena, keyOf(id), this.nextValue));
    freeEntry(this.arena, ref);
    this.model.set(id, this.nextValue++);
  }

  remove(id: number): void {
    const ref = this.find(id);
    if ((ref !== 0) !== this.model.has(id)) throw new Error(`key ${id}: entry ${ref}`);
    if (ref === 0) return;
    this.dict.remove(ref);
    freeEntry(this.arena, ref);
    this.model.delete(id);
    this.positions.delete(id);
    this.arena.settle();
  }

  clear(): void {
    for (let position = 0; position < this.dict.size; position++) freeEntry(this.arena, this.dict.at(position));
    this.dict.clear();
    this.model.clear();
    this.positions.clear();
    this.arena.settle();
  }

  /**
   * Moves the Dict's blocks and entries out of sparse pages, the Dict's page of index blocks among them if it is one.
   */
  compact(units: number): void {
    const litter = this.crowdIndexBlocks();
    this.arena.beginEvacuation();
    const [firstId = -1] = this.model.keys();
    const found = firstId < 0 ? 0 : this.find(firstId);
    for (let cursor = 0; cursor >= 0; ) cursor = this.dict.relocateBlocks(cursor, units);
    if (found !== 0) this.replace(found, firstId);
    for (let position = 0; position < this.dict.size; position++) {
      const ref = this.dict.at(position);
      const moved = relocateEntry(this.arena, ref);
      if (moved !== ref) this.dict.moved(ref, moved);
    }
    this.arena.endEvacuation();
    for (const ref of litter) this.arena.free(ref);
    this.arena.settle();
  }

  /** Makes another page of blocks of their size that has more in it, so that theirs is the one to evacuate. */
  private crowdIndexBlocks(): Ref[] {
    const pages = new Set([...this.dict.blocks()].map((ref) => ref >>> 12));
    const litter = Array.from({ length: 24 }, () => this.arena.allocate(INDEX_BLOCK));
    const kept = litter.filter((ref) => !pages.has(ref >>> 12)).slice(0, 9);
    for (const ref of litter) if (!kept.includes(ref)) this.arena.free(ref);
    this.arena.settle();
    return kept;
  }

  open(): void {
    this.snapshots.push({
      arena: this.arena.snapshot(),
      state: stateOf(this.dict, Dict.STATE_INTS),
      model: new Map(this.model),
      order: this.order(this.dict, this.arena),
      positions: new Map(this.positions),
    });
  }

  close(index: number): void {
    if (this.snapshots.length === 0) return;
    const [snapshot] = this.snapshots.splice(index % this.snapshots.length, 1);
    this.checkSnapshot(snapshot);
    snapshot.arena.close();
  }

  restore(index: number): void {
    if (this.snapshots.length === 0) return;
    const snapshot = this.snapshots[index % this.snapshots.length];
    this.arena.restore(snapshot.arena);
    this.dict.open(snapshot.state, 0);
    this.model = new Map(snapshot.model);
    this.positions = new Map(snapshot.positions);
  }

  check(): void {
    this.checkDict(this.dict, this.arena, this.model);
    for (const [id] of this.model) {
      const position = densePositionOf(this.arena, this.find(id));
      const before = this.positions.get(id) ?? position;
      if (position > before) throw new Error(`key ${id} moved up from ${before} to ${position}`);
      this.positions.set(id, position);
    }
  }

  end(): void {
    while (this.snapshots.length > 0) this.close(0);
    this.clear();
    this.arena.checkIntegrity([]);
  }

  private checkSnapshot(snapshot: Snapshot): void {
    const dict = new Dict(snapshot.arena, 0, noReseed).open(snapshot.state, 0);
    this.checkDict(dict, snapshot.arena, snapshot.model);
    expectSameElements(this.order(dict, snapshot.arena), snapshot.order);
  }

  private checkDict(dict: Dict, arena: Arena, model: Model): void {
    expect(dict.size).toBe(model.size);
    for (const [id, value] of model) {
      const ref = dict.find(Slice.of(keyOf(id)));
      if (ref === 0 || entryValue(arena, ref) !== value) throw new Error(`key ${id}: entry ${ref}, expected ${value}`);
    }
    dict.checkIntegrity();
    arena.checkIntegrity(reachable(dict, arena));
  }

  private order(dict: Dict, arena: Arena): number[] {
    return Array.from({ length: dict.size }, (_, position) => entryValue(arena, dict.at(position)));
  }
}

function* reachable(dict: Dict, arena: Arena): Generator<Ref> {
  yield* dict.blocks();
  for (let position = 0; position < dict.size; position++) yield* entryBlocks(arena, dict.at(position));
}

const id = fc.integer({ min: 0, max: 3000 });
const index = fc.nat(10);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('put' as const), id }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('remove' as const), id }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('put many' as const), id, count: fc.nat(1200) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('remove many' as const), id, count: fc.nat(1200) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('compact' as const), units: fc.integer({ min: 1, max: 50 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('snapshot' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('close' as const), index }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restore' as const), index }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const) }) },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function run(world: World, step: Step): void {
  if (step.do === 'put') world.put(step.id);
  else if (step.do === 'remove') world.remove(step.id);
  else if (step.do === 'put many') for (let id = step.id; id < step.id + step.count; id++) world.put(id);
  else if (step.do === 'remove many') for (let id = step.id; id < step.id + step.count; id++) world.remove(id);
  else if (step.do === 'compact') world.compact(step.units);
  else if (step.do === 'snapshot') world.open();
  else if (step.do === 'close') world.close(step.index);
  else if (step.do === 'restore') world.restore(step.index);
  else world.clear();
}

describe('Dict', () => {
  it('agrees with a Map, and so do its snapshots, whatever happens in between', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
        const world = new World();
        for (const step of steps) {
          run(world, step);
          world.check();
        }
        world.end();
      }),
      { numRuns: runs(10) },
    );
  });

  it('owns no block while it has no keys', () => {
    const world = new World();
    expect(world.find(1)).toBe(0);
    world.arena.checkIntegrity([]);
    world.put(1);
    world.check();
    world.remove(1);
    world.arena.checkIntegrity([]);
  });

  it('stands still in a snapshot of 20,000 keys while they double, change and go', () => {
    const world = new World();
    const half = Array.from({ length: 20_000 }, (_, number) => number * 2);
    for (const id of half) world.put(id);
    world.open();
    for (const id of half) world.put(id + 100_000);
    world.open();
    for (const id of half) world.put(id);
    world.open();
    for (const id of half.slice(0, 19_000)) for (const addend of [0, 100_000]) world.remove(id + addend);
    world.check();
    while (world.snapshots.length > 1) world.close(0);
    world.restore(0);
    world.check();
    world.end();
  });

  it('leaves the blocks of a snapshot alone at each single step', () => {
    const world = new World();
    const { arena, dict } = world;
    const noted = new NotedBlocks();
    const step = (change: (id: number) => void, id: number): void => {
      const snapshot = arena.snapshot();
      const blocks = [...dict.blocks()];
      noted.note(snapshot, blocks);
      change(id);
      if (!noted.areIn(snapshot, blocks)) throw new Error(`key ${id}: a block of the snapshot was written`);
      snapshot.close();
    };
    const ids = Array.from({ length: 7500 }, (_, number) => number * 2 + 2);
    for (const id of ids.slice(0, 6000)) world.put(id);
    for (const id of ids.slice(6000)) step((id) => world.put(id), id);
    for (const id of ids.slice(2500)) step((id) => world.remove(id), id);
    world.check();
    world.end();
  });

  it('merges no block with a part of its buddy', () => {
    const world = new World();
    const halves: [number[], number[]] = [[], []];
    for (let id = 2; id < 4000; id += 2) {
      world.put(id);
      halves[hashBytes(Slice.of(keyOf(id)), SEED) & 1].push(id);
    }
    for (const id of halves[0].slice(400)) world.remove(id);
    for (const id of halves[1]) {
      world.remove(id);
      world.dict.checkIntegrity();
    }
    world.check();
    world.end();
  });

  it('grows to 75,000 keys and gives the memory back as they go', () => {
    const world = new World();
    const ids = Array.from({ length: 75_000 }, (_, number) => number * 2026 + 2);
    for (const id of ids) world.put(id);
    world.check();
    const full = ownBytes(world);
    expect(full / ids.length).toBeLessThan(4.5 + 8 / 0.42);

    ids.sort((a, b) => Math.imul(a, 0x9e3779b1) - Math.imul(b, 0x9e3779b1));
    for (const id of ids.splice(0, 67_500)) world.remove(id);
    world.check();
    expect(ownBytes(world) / ids.length).toBeLessThan(4.5 + 8 / 0.3);
    const sparse = world.arena.stats.pageBytes;
    world.compact(100);
    world.check();
    expect(world.arena.stats.pageBytes).toBeLessThan(sparse / 2);
    for (const id of ids.splice(0, 6_500)) world.remove(id);
    world.check();
    expect(ownBytes(world) / ids.length).toBeLessThan(40);
    expect(world.dict.directoryLength).toBeLessThanOrEqual(32);
    world.end();
  });

  it('changes its hash when keys collide by design, and keeps every key', () => {
    const arena = new Arena();
    const seeds = [77, 88];
    const dict = new Dict(arena, SEED, () => seeds.shift()!);
    const keys = collidingKeys(3000, SEED);
    expect(new Set(keys.map((key) => hashBytes(key, SEED))).size).toBe(1);
    for (let number = 0; number < 2000; number++) {
      const key = Slice.of(`ordinary:${number}`);
      dict.add(writeEntry(arena, key.toLatin1(), number), key);
      arena.settle();
    }
    const refs: Ref[] = [];
    for (const key of keys) {
      expect(dict.find(key)).toBe(0);
      const ref = writeEntry(arena, '8 bytes.', 1);
      key.bytes.copy(arena.bytes[ref >>> 12], ((ref & 0xfff) << 4) + 10, 0, 8);
      dict.add(ref, key);
      refs.push(ref);
      arena.settle();
    }
    expect(dict.isKeyed).toBe(true);
    expect(seeds).toEqual([]);
    dict.checkIntegrity();
    arena.checkIntegrity(reachable(dict, arena));
    for (const [number, key] of keys.entries()) expect(dict.find(key)).toBe(refs[number]);

    const copy = new Dict(arena, 0, noReseed).open(stateOf(dict, Dict.STATE_INTS), 0);
    expect(copy.find(keys[17])).toBe(refs[17]);
  });

  it('frees its blocks in slices when it is given up', () => {
    const world = new World();
    for (let id = 0; id < 100_000; id += 2) world.put(id);
    for (let position = 0; position < world.dict.size; position++) freeEntry(world.arena, world.dict.at(position));
    let slices = 1;
    for (; world.dict.clearSome(16); slices++) {
      world.arena.settle();
      world.arena.checkIntegrity(world.dict.blocks());
    }
    world.arena.settle();
    world.arena.checkIntegrity([]);
    expect(slices).toBeGreaterThan(10);
    expect(world.dict.size).toBe(0);
  });

  it('is the Dict whose state it opens', () => {
    const arena = new Arena();
    const places = new DataView(new ArrayBuffer(Dict.STATE_INTS * 4 * 3));
    const dict = new Dict(arena, SEED, noReseed);
    for (let number = 0; number < 3; number++) {
      dict.forget();
      for (let id = 0; id <= number * 500; id++) dict.add(writeEntry(arena, keyOf(id), number), Slice.of(keyOf(id)));
      dict.store(places, number * Dict.STATE_INTS * 4);
    }
    for (let number = 2; number >= 0; number--) {
      dict.open(places, number * Dict.STATE_INTS * 4);
      expect(dict.size).toBe(number * 500 + 1);
      expect(entryValue(arena, dict.find(Slice.of('')))).toBe(number);
      dict.checkIntegrity();
    }
  });
});

function ownBytes(world: World): number {
  let bytes = 0;
  for (const ref of world.dict.blocks()) bytes += world.arena.capacity(ref);
  return bytes;
}
