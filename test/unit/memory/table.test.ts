import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena, PAGE_SIZE, type Ref } from '../../../src/memory/arena.js';
import {
  type EntryLayout,
  FIELD_ENTRY,
  KEYSPACE_ENTRY,
  MEMBER_ENTRY,
  NO_DEADLINE,
} from '../../../src/memory/entry-layout.js';
import { Slice } from '../../../src/memory/slice.js';
import { TABLE_ROOT, Table } from '../../../src/memory/table.js';
import { TableJoin } from '../../../src/memory/table-join.js';
import { runs } from '../../support/runs.js';
import { expectSameElements } from '../../support/same-elements.js';
import { collidingKeys } from './entries.js';
import { NotedBlocks } from './noted-blocks.js';

const SEED = 4711;
const ROOT_AT = 16;
const KIND_AND_USE = 0x12345600 | 0x2b;

const noReseed = (): number => {
  throw new Error('the hash must not change here');
};
const SEEDS = { seed: SEED, reseed: noReseed };

/** Keys of all lengths that matter: empty, inside and beyond a one-byte varint, out of line. */
function keyOf(id: number): string {
  if (id === 0) return '';
  if (id % 97 === 5) return `${id}:`.padEnd(130 + (id % 50), 'k');
  if (id % 503 === 7) return `${id}:`.padEnd(17_000 + (id % 60) * 1000, 'l');
  return id % 2 === 0 ? `${id}` : `key:${id}`;
}

const slices: Slice[] = [];

/** A key is looked up dozens of times: making its bytes anew took as long as finding it. */
function sliceOfKey(id: number): Slice {
  return (slices[id] ??= Slice.of(keyOf(id)));
}

/** Values likewise; with a number that makes each one different. */
function valueText(layout: EntryLayout, number: number): string {
  if (!layout.hasValue) return '';
  if (number % 11 === 3) return '';
  if (number % 53 === 5) return `${number}`.padEnd(200 + (number % 300), 'v');
  if (number % 211 === 7) return `${number}`.padEnd(layout === FIELD_ENTRY ? 15_000 + (number % 70) * 2000 : 9000, 'w');
  return `${number}`;
}

interface Element {
  value: string;
  deadline: number;
}
type Model = Map<number, Element>;

interface Snapshot {
  arena: Arena;
  root: Ref;
  model: Model;
  order: string[];
  positions: Map<number, number>;
}

/** A Table beside a Map that must agree with it, with snapshots of both. */
class World {
  readonly arena = new Arena();
  readonly table: Table;
  root: Ref;
  model: Model = new Map();
  /** Where each element stood in the dense array last. */
  positions = new Map<number, number>();
  snapshots: Snapshot[] = [];
  readonly moves: [Ref, Ref][] = [];
  private nextValue = 1;
  private now = 0;
  private readonly slice = new Slice();

  constructor(readonly layout: EntryLayout) {
    this.root = this.arena.allocate(ROOT_AT + TABLE_ROOT);
    this.table = new Table(this.arena, layout, SEEDS).initialise(this.root, ROOT_AT);
    this.table.observer = { entryMoved: (from, to) => this.moves.push([from, to]) };
  }

  find(id: number): Ref {
    return this.table.find(sliceOfKey(id));
  }

  put(id: number): void {
    const { table, layout } = this;
    const key = sliceOfKey(id);
    const value = valueText(layout, this.nextValue++);
    const known = this.model.get(id);
    if (layout === KEYSPACE_ENTRY) {
      if (known !== undefined) this.remove(id);
      const ref = table.insert(key, value.length, NO_DEADLINE, KIND_AND_USE);
      table.entries.writeValue(ref, Slice.of(value));
    } else if (layout.hasValue) {
      table.put(key, Slice.of(value));
    } else if (known === undefined) {
      table.find(key);
      table.insertMissed(key);
    }
    const deadline = layout === KEYSPACE_ENTRY ? NO_DEADLINE : (known?.deadline ?? NO_DEADLINE);
    this.model.set(id, { value, deadline });
    this.arena.settle();
  }

  remove(id: number): void {
    const ref = this.find(id);
    if ((ref !== 0) !== this.model.has(id)) throw new Error(`key ${id}: entry ${ref}`);
    if (ref === 0) return;
    this.table.remove(ref);
    this.gone(id);
  }

  /** Removes those of so many ids that are there, unless these are all. */
  removeAll(id: number, count: number): void {
    const ids = Array.from({ length: count }, (_, i) => id + i).filter((each) => this.model.has(each));
    if (ids.length === this.model.size) return;
    this.table.removeAll(Int32Array.from(ids, (each) => this.find(each)).sort());
    for (const each of ids) this.gone(each);
  }

  setDeadline(id: number, deadline: number): void {
    const ref = this.find(id);
    if (ref === 0) return;
    const to = deadline < 0 ? this.table.clearDeadline(ref) : this.table.setDeadline(ref, this.now + deadline);
    if (this.find(id) !== to) throw new Error(`key ${id}: entry ${this.find(id)}, not ${to}`);
    this.model.get(id)!.deadline = deadline < 0 ? NO_DEADLINE : this.now + deadline;
    this.arena.settle();
  }

  /** Removes what has fallen due, in order. */
  advance(by: number): void {
    this.now += by;
    const due = [...this.model].filter(([, { deadline }]) => deadline >= 0 && deadline <= this.now);
    const popped: number[] = [];
    while (this.table.nextDeadline() <= this.now) {
      const ref = this.table.popDue(this.now);
      if (ref === 0) continue;
      popped.push(this.table.deadlineOf(ref));
      this.table.remove(ref);
    }
    expectSameElements(
      popped,
      due.map(([, { deadline }]) => deadline).sort((a, b) => a - b),
    );
    for (const [id] of due) this.gone(id);
    this.arena.settle();
  }

  clear(): void {
    this.table.clear();
    this.model.clear();
    this.positions.clear();
    this.arena.settle();
  }

  /** Frees all in slices, with everything still owned in between, and begins anew. */
  freeInSlices(units: number): void {
    const budget = { left: units };
    let slices = 1;
    for (; !this.table.freeSome(budget); slices++) {
      if (budget.left > 0) throw new Error(`a slice of ${units} units ended with ${budget.left} left`);
      budget.left = units;
      this.table.open(this.root, ROOT_AT);
      this.arena.settle();
      if (slices % 16 === 1) this.arena.checkIntegrity([this.root, ...this.table.blocks()]);
    }
    expect(slices * units).toBeGreaterThanOrEqual(this.model.size);
    this.arena.settle();
    this.arena.checkIntegrity([this.root]);
    this.table.initialise(this.root, ROOT_AT);
    this.model.clear();
    this.positions.clear();
  }

  /** Moves all out of sparse pages, with a change between two slices. */
  compact(units: number): void {
    if (this.snapshots.length > 0) return;
    this.arena.beginEvacuation();
    const progress = new Int32Array(2);
    const budget = { left: units };
    for (let slices = 0; !this.table.relocateSome(progress, 0, budget); slices++) {
      budget.left = units;
      if (slices % 8 !== 3) continue;
      const [id = -1] = this.model.keys();
      this.remove(id);
    }
    this.arena.endEvacuation();
  }

  /** The root goes to another block, as with the entry that it lies in. */
  moveRoot(): void {
    const to = this.arena.allocate(ROOT_AT + TABLE_ROOT);
    const from = (this.root & 0xfff) << 4;
    const bytes = this.arena.bytes[this.root >>> 12].subarray(from, from + ROOT_AT + TABLE_ROOT);
    this.arena.bytes[to >>> 12].set(bytes, (to & 0xfff) << 4);
    this.arena.free(this.root);
    this.root = to;
    this.table.open(to, ROOT_AT);
    this.arena.settle();
  }

  copy(): void {
    const root = this.arena.allocate(ROOT_AT + TABLE_ROOT);
    const copy = new Table(this.arena, this.layout, SEEDS).open(root, ROOT_AT);
    copy.copyFrom(this.table);
    this.arena.settle();
    copy.checkIntegrity();
    expectSameElements(this.order(copy), this.order(this.table));
    this.arena.checkIntegrity([this.root, root, ...this.table.blocks(), ...copy.blocks()]);
    copy.free();
    this.arena.free(root);
    this.arena.settle();
  }

  open(): void {
    this.snapshots.push({
      arena: this.arena.snapshot(),
      root: this.root,
      model: new Map([...this.model].map(([id, element]) => [id, { ...element }])),
      order: this.order(this.table),
      positions: new Map(this.positions),
    });
  }

  close(index: number): void {
    if (this.snapshots.length === 0) return;
    const [snapshot] = this.snapshots.splice(index % this.snapshots.length, 1);
    const table = new Table(snapshot.arena, this.layout, SEEDS).open(snapshot.root, ROOT_AT);
    this.checkTable(table, snapshot.model);
    snapshot.arena.checkIntegrity([snapshot.root, ...table.blocks()]);
    expectSameElements(this.order(table), snapshot.order);
    snapshot.arena.close();
  }

  restore(index: number): void {
    if (this.snapshots.length === 0) return;
    const snapshot = this.snapshots[index % this.snapshots.length];
    this.arena.restore(snapshot.arena);
    this.root = snapshot.root;
    this.table.open(this.root, ROOT_AT);
    this.model = new Map([...snapshot.model].map(([id, element]) => [id, { ...element }]));
    this.positions = new Map(snapshot.positions);
  }

  check(): void {
    this.checkTable(this.table, this.model);
    this.arena.checkIntegrity([this.root, ...this.table.blocks()]);
    for (const [id] of this.model) {
      const position = this.table.dict.positionOf(this.find(id));
      const before = this.positions.get(id) ?? position;
      if (position > before) throw new Error(`key ${id} moved up from ${before} to ${position}`);
      this.positions.set(id, position);
    }
  }

  end(): void {
    while (this.snapshots.length > 0) this.close(0);
    this.clear();
    this.arena.checkIntegrity([this.root]);
  }

  private gone(id: number): void {
    this.model.delete(id);
    this.positions.delete(id);
    this.arena.settle();
  }

  private checkTable(table: Table, model: Model): void {
    expect(table.size).toBe(model.size);
    let deadlines = 0;
    for (const [id, { value, deadline }] of model) {
      const ref = table.find(sliceOfKey(id));
      if (ref === 0) throw new Error(`key ${id} is not found`);
      if (table.deadlineOf(ref) !== deadline) throw new Error(`key ${id}: deadline ${table.deadlineOf(ref)}`);
      if (deadline >= 0) deadlines++;
      if (!this.layout.hasValue) continue;
      const length = table.entries.valueLengthOf(ref);
      if (length !== value.length || table.valueOf(ref, this.slice).toLatin1() !== value) {
        throw new Error(`key ${id}: a value of ${length}, expected ${value.slice(0, 20)} of ${value.length}`);
      }
      // expect() takes as long as all of this together.
      if (this.layout.hasKind && table.entries.wordOf(ref) !== KIND_AND_USE) {
        throw new Error(`key ${id}: the word ${table.entries.wordOf(ref)}`);
      }
    }
    expect(table.heap.size).toBe(deadlines);
    table.checkIntegrity();
  }

  private order(table: Table): string[] {
    return Array.from({ length: table.size }, (_, position) => table.keyOf(table.at(position), this.slice).toLatin1());
  }
}

const id = fc.integer({ min: 0, max: 3000 });
const index = fc.nat(10);
const units = fc.integer({ min: 1, max: 60 });
const count = fc.nat(900);
const deadline = fc.integer({ min: -1, max: 2000 });
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('put' as const), id, count: fc.constant(1) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('remove' as const), id, count: fc.constant(1) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('put' as const), id, count }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('remove' as const), id, count }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('remove all' as const), id, count }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('deadline' as const), id, count, deadline }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('advance' as const), by: fc.nat(400) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('compact' as const), units }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('move root' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('copy' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('snapshot' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('close' as const), index }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restore' as const), index }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('free' as const), units }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function run(world: World, step: Step): void {
  if (step.do === 'put') for (let id = step.id; id < step.id + step.count; id++) world.put(id);
  else if (step.do === 'remove') for (let id = step.id; id < step.id + step.count; id++) world.remove(id);
  else if (step.do === 'remove all') world.removeAll(step.id, step.count);
  else if (step.do === 'deadline') {
    for (let id = step.id; id < step.id + step.count; id++) {
      world.setDeadline(id, step.deadline < 0 ? -1 : (step.deadline + id * 7) % 2000);
    }
  } else if (step.do === 'advance') world.advance(step.by);
  else if (step.do === 'compact') world.compact(step.units);
  else if (step.do === 'move root') world.moveRoot();
  else if (step.do === 'copy') world.copy();
  else if (step.do === 'snapshot') world.open();
  else if (step.do === 'close') world.close(step.index);
  else if (step.do === 'restore') world.restore(step.index);
  else if (step.do === 'clear') world.clear();
  else world.freeInSlices(step.units);
}

describe.each([
  ['members', MEMBER_ENTRY],
  ['fields with values', FIELD_ENTRY],
  ['keys of the keyspace', KEYSPACE_ENTRY],
])('a Table of %s', (_, layout) => {
  it('agrees with a Map, and so do its snapshots, whatever happens in between', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
        const world = new World(layout);
        for (const step of steps) {
          run(world, step);
          world.check();
        }
        world.end();
      }),
      { numRuns: runs(10) },
    );
  });

  it('loses nearly all of many elements at once, and is copied before and after', () => {
    const world = new World(layout);
    for (let id = 0; id < 6000; id++) world.put(id);
    for (let id = 0; id < 6000; id += 50) world.setDeadline(id, id);
    world.copy();
    world.open();
    world.removeAll(10, 5980);
    world.check();
    world.copy();
    world.removeAll(0, 19);
    world.check();
    world.end();
  });

  it('leaves sparse pages in slices of one unit, while elements go', () => {
    const world = new World(layout);
    for (let id = 0; id < 15_000; id++) world.put(id);
    for (let id = 0; id < 15_000; id += 5) world.setDeadline(id, id);
    for (let id = 0; id < 15_000; id++) if (id % 25 !== 0) world.remove(id);
    world.check();
    const sparse = world.arena.usedPages;
    world.compact(1);
    world.check();
    expect(world.moves.length).toBeGreaterThan(375);
    expect(world.arena.usedPages).toBeLessThan(sparse);
    world.end();
  });

  it('leaves the blocks of a snapshot alone at each single step', () => {
    const world = new World(layout);
    const { arena, table } = world;
    for (let id = 0; id < 900; id++) world.put(id);
    for (let id = 0; id < 900; id += 3) world.setDeadline(id, id);
    const steps: ((id: number) => void)[] = [
      (id) => world.put(id),
      (id) => world.put(id + 10_000),
      (id) => world.remove(id + 1),
      (id) => world.setDeadline(id, 500 - id),
      (id) => world.setDeadline(id, -1),
    ];
    const noted = new NotedBlocks();
    for (let number = 0; number < 600; number++) {
      const snapshot = arena.snapshot();
      const blocks = [world.root, ...table.blocks()];
      noted.note(snapshot, blocks);
      steps[number % steps.length](number);
      if (!noted.areIn(snapshot, blocks)) throw new Error(`step ${number}: a block of the snapshot was written`);
      snapshot.close();
    }
    world.check();
    world.end();
  });
});

describe('a Table', () => {
  it('refuses to write where another cursor wrote since it was opened', () => {
    const world = new World(FIELD_ENTRY);
    for (let id = 0; id < 100; id++) world.put(id);
    const reader = new Table(world.arena, FIELD_ENTRY, SEEDS).open(world.root, ROOT_AT);
    const ref = reader.find(Slice.of(keyOf(50)));
    world.remove(51);
    const overtaken = 'another cursor has changed this table since it was opened';
    expect(() => reader.remove(ref)).toThrow(overtaken);
    expect(() => reader.insert(Slice.of('new'))).toThrow(overtaken);
    expect(() => reader.setValue(ref, Slice.of('new'))).toThrow(overtaken);
    expect(() => reader.setDeadline(ref, 1)).toThrow(overtaken);
    expect(() => reader.popDue(1)).toThrow(overtaken);
    reader.open(world.root, ROOT_AT).remove(ref);
    expect(() => world.remove(52)).toThrow(overtaken);
    world.table.open(world.root, ROOT_AT);
    world.model.delete(50);
    world.arena.settle();
    world.check();
  });

  it('tells its observer of every entry that becomes another block', () => {
    const world = new World(FIELD_ENTRY);
    for (let id = 1; id < 2000; id++) world.put(id);
    const known = new Map<number, Ref>();
    for (const id of world.model.keys()) known.set(id, world.find(id));
    world.moves.length = 0;
    for (let id = 1; id < 2000; id += 2) world.setDeadline(id, id);
    for (let id = 1; id < 1000; id++) world.put(id);
    for (let id = 1; id < 2000; id++) if (id % 5 !== 0) world.remove(id);
    world.compact(7);
    const now = new Map([...known].map(([id, ref]) => [ref, id]));
    for (const [from, to] of world.moves) {
      const id = now.get(from);
      if (id === undefined) continue;
      now.delete(from);
      now.set(to, id);
    }
    const followed = new Map([...now].map(([ref, id]) => [id, ref]));
    expect(world.moves.length).toBeGreaterThan(1000);
    for (const id of world.model.keys()) expect(followed.get(id)).toBe(world.find(id));
    world.check();
  });

  it('costs what it should: a member of 8 or 12 bytes, a field of 8 + 8, and a deadline for it', () => {
    // As empty an index as 10^6 elements have: the blocks of both were split in two a while ago.
    const size = 62_500;
    const bytesEach = (layout: EntryLayout, keyLength: number, valueLength: number, deadline: number): number => {
      const arena = new Arena();
      const root = arena.allocate(TABLE_ROOT);
      const table = new Table(arena, layout, SEEDS).initialise(root, 0);
      const key = Slice.of(Buffer.alloc(keyLength, 'k'));
      for (let number = 0; number < size; number++) {
        key.view.setInt32(0, number, true);
        table.insert(key, valueLength, deadline);
        if ((number & 0xff) === 0) arena.settle();
      }
      arena.settle();
      return arena.usedBytes / size;
    };
    expect(bytesEach(MEMBER_ENTRY, 8, 0, NO_DEADLINE)).toBeLessThanOrEqual(37);
    expect(bytesEach(MEMBER_ENTRY, 12, 0, NO_DEADLINE)).toBeLessThanOrEqual(53);
    const field = bytesEach(FIELD_ENTRY, 8, 8, NO_DEADLINE);
    expect(field).toBeLessThanOrEqual(53);
    expect(bytesEach(FIELD_ENTRY, 8, 8, 1_900_000_000_000)).toBeLessThanOrEqual(field + 36);
  });

  it('reserves the pages that writes copy while a snapshot is open, and no more than there are', () => {
    const world = new World(MEMBER_ENTRY);
    for (let id = 0; id < 20_000; id += 2) world.put(id);
    const { arena, table } = world;
    expect(table.pagesCopiedBy(1000)).toBe(0);
    const snapshot = arena.snapshot();
    const copied = (write: () => void): number => {
      const before = [...arena.views];
      write();
      return before.filter((view, page) => view.byteLength > 0 && arena.views[page] !== view).length;
    };
    for (let id = 0; id < 300; id++) {
      const bound = table.pagesCopiedBy(1);
      expect(copied(() => (id % 3 === 0 ? world.put(id * 2 + 1) : world.remove(id * 2)))).toBeLessThanOrEqual(bound);
    }
    expect(table.pagesCopiedBy(1_000_000)).toBeLessThanOrEqual(arena.usedPages);
    expect(() => table.reserve(10, PAGE_SIZE)).not.toThrow();
    snapshot.close();
  });
});

describe('a Table whose values are Tables', () => {
  const nestedKey = (id: number): Slice => Slice.of(`outer:${id}`);

  function nested(arena: Arena): Table {
    return new Table(arena, FIELD_ENTRY, SEEDS, new Table(arena, MEMBER_ENTRY, SEEDS));
  }

  /** Fills `table` with so many Tables of so many members, over `inner`, a cursor of the test's own. */
  function fill(arena: Arena, table: Table, inner: Table, sizes: number[]): void {
    const field = new Slice();
    for (const [id, size] of sizes.entries()) {
      const ref = table.insert(nestedKey(id), TABLE_ROOT);
      inner.initialise(ref, table.entries.valueFieldOf(ref, field).start - ((ref & 0xfff) << 4));
      for (let member = 0; member < size; member++) inner.insert(Slice.of(keyOf(member)));
      arena.settle();
    }
  }

  /** Leaves every tenth member, so that there are sparse pages. */
  function thin(table: Table, inner: Table, sizes: number[]): void {
    const field = new Slice();
    for (const [id, size] of sizes.entries()) {
      const ref = table.find(nestedKey(id));
      inner.open(ref, table.entries.valueFieldOf(ref, field).start - ((ref & 0xfff) << 4));
      for (let member = 0; member < size; member++) {
        if (member % 10 !== 0) inner.remove(inner.find(Slice.of(keyOf(member))));
      }
      table.arena.settle();
    }
  }

  function contents(table: Table, inner: Table): Record<string, string[]> {
    const result: Record<string, string[]> = {};
    const slice = new Slice();
    for (let position = 0; position < table.size; position++) {
      const ref = table.at(position);
      inner.open(ref, table.entries.valueFieldOf(ref, slice).start - ((ref & 0xfff) << 4));
      inner.checkIntegrity();
      const members = Array.from({ length: inner.size }, (_, at) => inner.keyOf(inner.at(at), slice).toLatin1());
      result[table.keyOf(ref, slice).toLatin1()] = members;
    }
    return result;
  }

  it('copies, relocates and frees them along, in slices of one unit', () => {
    const arena = new Arena();
    const root = arena.allocate(TABLE_ROOT);
    const copyRoot = arena.allocate(TABLE_ROOT);
    const table = nested(arena).initialise(root, 0);
    const inner = new Table(arena, MEMBER_ENTRY, SEEDS);
    const sizes = [0, 1, 7000, 3, 0, 15_000, 40];
    fill(arena, table, inner, sizes);
    thin(table, inner, sizes);
    const expected = contents(table, inner);

    const copy = nested(arena).open(copyRoot, 0);
    copy.copyFrom(table);
    arena.settle();
    expect(contents(copy, inner)).toEqual(expected);
    arena.checkIntegrity([root, copyRoot, ...table.blocks(), ...copy.blocks()]);

    const progress = new Int32Array(4);
    const budget = { left: 1 };
    const freedSlices: number[] = [];
    for (let slices = 1; !copy.freeSome(budget); slices++) {
      budget.left = 1;
      arena.settle();
      if (slices % 64 === 0) arena.checkIntegrity([root, copyRoot, ...table.blocks(), ...copy.blocks()]);
      freedSlices.push(slices);
    }
    expect(freedSlices.length).toBeGreaterThan(2000);
    arena.settle();
    expect(arena.beginEvacuation()).toBeGreaterThan(0);
    budget.left = 1;
    let slices = 0;
    for (; !table.relocateSome(progress, 0, budget); slices++) budget.left = 1;
    arena.endEvacuation();
    expect(slices).toBeGreaterThan(2000);
    expect(contents(table, inner)).toEqual(expected);
    arena.checkIntegrity([root, copyRoot, ...table.blocks()]);

    table.free();
    arena.settle();
    arena.checkIntegrity([root, copyRoot]);
  });
});

describe('TableJoin', () => {
  const members = (table: Table, join: TableJoin): Set<string> => {
    const found = new Set<string>();
    const slice = new Slice();
    for (let ref = join.next(); ref !== 0; ref = join.next()) {
      const key = table.keyOf(ref, slice).toLatin1();
      if (found.has(key)) throw new Error(`${key} comes twice`);
      found.add(key);
    }
    return found;
  };

  const ids = fc.array(fc.integer({ min: 0, max: 2500 }), { maxLength: 1500, size: 'max' });

  it('finds intersection, difference and union as sets of JavaScript do, with one seed and with several', () => {
    fc.assert(
      fc.property(fc.array(ids, { minLength: 1, maxLength: 4, size: 'max' }), fc.boolean(), (lists, oneSeed) => {
        const arena = new Arena();
        const sets = lists.map((list) => new Set(list.map(keyOf)));
        const tables = sets.map((set, number) => {
          const seed = oneSeed ? SEED : SEED + (number & 1);
          const table = new Table(arena, number % 2 === 0 ? MEMBER_ENTRY : FIELD_ENTRY, { seed, reseed: noReseed });
          table.initialise(arena.allocate(TABLE_ROOT), 0);
          for (const key of set) table.insert(Slice.of(key));
          arena.settle();
          return table;
        });
        const join = new TableJoin();
        const [first, ...others] = tables;
        const [firstSet, ...otherSets] = sets;
        const all = [...firstSet].filter((key) => otherSets.every((set) => set.has(key)));
        expect(members(first, join.allOf(first, others))).toEqual(new Set(all));
        const none = [...firstSet].filter((key) => !otherSets.some((set) => set.has(key)));
        expect(members(first, join.noneOf(first, others))).toEqual(new Set(none));
        const union = tables.flatMap((table, i) => [...members(table, join.noneOf(table, tables.slice(0, i)))]);
        expect(union.length).toBe(new Set(union).size);
        expect(new Set(union)).toEqual(new Set(sets.flatMap((set) => [...set])));
      }),
      { numRuns: runs(12) },
    );
  });

  it.each([
    ['a few keys that hash alike', 40, [false, false]],
    ['so many that a Table changes its hash', 3000, [true, false]],
  ])('tells apart %s', (_, count, keyed) => {
    const arena = new Arena();
    const seeds = [77, 88];
    const keys = collidingKeys(count, SEED);
    const [a, b] = [0, 1].map(() =>
      new Table(arena, MEMBER_ENTRY, { seed: SEED, reseed: () => seeds.shift()! }).initialise(
        arena.allocate(TABLE_ROOT),
        0,
      ),
    );
    for (let id = 0; id < 2000; id++) for (const table of [a, b]) table.insert(Slice.of(`ordinary:${id}`));
    for (const key of keys) a.insert(key);
    for (const key of keys.slice(-20)) b.insert(key);
    b.insert(collidingKeys(count + 1, SEED)[count]);
    arena.settle();
    expect([a.dict.isKeyed, b.dict.isKeyed]).toEqual(keyed);
    expect(members(a, new TableJoin().allOf(a, [b])).size).toBe(2020);
    expect(members(b, new TableJoin().noneOf(b, [a])).size).toBe(1);
    expect(members(a, new TableJoin().noneOf(a, [b])).size).toBe(count - 20);
  });

  it('stores what it finds with the hash from the slot', () => {
    const arena = new Arena();
    const [a, b, result] = [0, 1, 2].map(() =>
      new Table(arena, MEMBER_ENTRY, SEEDS).initialise(arena.allocate(TABLE_ROOT), 0),
    );
    for (let id = 0; id < 5000; id++) a.insert(Slice.of(keyOf(id)));
    for (let id = 2500; id < 7500; id++) b.insert(Slice.of(keyOf(id)));
    arena.settle();
    const join = new TableJoin().allOf(a, [b]);
    const key = new Slice();
    for (let ref = join.next(); ref !== 0; ref = join.next()) result.insertTwin(join.hash, a.keyOf(ref, key));
    arena.settle();
    expect(result.size).toBe(2500);
    result.checkIntegrity();
    for (let id = 2500; id < 5000; id++) expect(result.find(Slice.of(keyOf(id)))).not.toBe(0);
  });
});
