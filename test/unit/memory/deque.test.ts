import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena, type Ref } from '../../../src/memory/arena.js';
import { DEQUE_ROOT, Deque } from '../../../src/memory/deque.js';
import { initRun, MAX_PACKED, RUN_HEADER } from '../../../src/memory/packed.js';
import { Slice } from '../../../src/memory/slice.js';
import { runs } from '../../support/runs.js';
import { expectSameElements } from '../../support/same-elements.js';

/** The root does not stand where its block begins. */
const FIELD = 16;

class OwnedDeque {
  readonly owner: Ref;
  /** How far a relocation is that other steps come between. */
  readonly progress = new Int32Array(1);
  private readonly deque: Deque;

  constructor(readonly arena: Arena) {
    this.deque = new Deque(arena);
    this.owner = arena.allocate(FIELD + DEQUE_ROOT);
    this.change((deque) => deque.initialise());
  }

  change<T>(step: (deque: Deque) => T): T {
    const result = step(this.deque.open(this.owner, FIELD));
    this.arena.settle();
    return result;
  }

  content(arena: Arena = this.arena): string[] {
    return contentOf(new Deque(arena).open(this.owner, FIELD));
  }

  *blocks(): Generator<Ref> {
    yield this.owner;
    yield* this.deque.open(this.owner, FIELD).blocks();
  }

  check(model: string[]): void {
    expectSameElements(this.content(), model);
    const deque = this.deque.open(this.owner, FIELD);
    expect(deque.length).toBe(model.length);
    const nodes = this.nodes();
    expect(nodes.length).toBe(deque.nodeCount);
    const mark = this.arena.views[this.owner >>> 12].getInt32(((this.owner & 0xfff) << 4) + FIELD + 20, true);
    expect(mark === 0 || nodes.includes(mark)).toBe(true);
    this.arena.checkIntegrity(this.blocks());
  }

  private nodes(): Ref[] {
    const nodes: Ref[] = [];
    for (let node = this.deque.head; node !== 0; ) {
      nodes.push(node);
      node = this.arena.views[node >>> 12].getInt32(((node & 0xfff) << 4) + 4, true);
    }
    return nodes;
  }
}

function textHere(deque: Deque): string {
  return (deque.cursor.reference ? deque.ropeHere().toBuffer() : deque.cursor.value.toBuffer()).toString('latin1');
}

function contentOf(deque: Deque): string[] {
  const forwards: string[] = [];
  const backwards: string[] = [];
  if (deque.length === 0) return [];
  deque.seek(0);
  do forwards.push(textHere(deque));
  while (deque.next());
  deque.seek(deque.length - 1);
  do backwards.push(textHere(deque));
  while (deque.previous());
  expectSameElements(backwards.reverse(), forwards);
  return forwards;
}

function times<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}

type Step =
  | { name: 'pushBack' | 'pushFront' | 'findAll'; value: string; times: number }
  | { name: 'dropFront' | 'dropBack'; share: number }
  | { name: 'insertBefore' | 'insertBehind' | 'replace'; at: number; value: string }
  | { name: 'remove' | 'seek'; at: number }
  | { name: 'removeMatches'; value: string; limit: number; fromBack: boolean }
  | { name: 'copy' | 'evacuate' | 'openSnapshot' | 'closeSnapshot' | 'restore' | 'rotateRope' }
  | { name: 'relocateSome'; nodes: number };

const value: fc.Arbitrary<string> = fc.oneof(
  { weight: 10, arbitrary: fc.constantFrom('a', 'b', 'cc', '', 'ddd') },
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 400 }).map((length) => 'm'.repeat(length)) },
  { weight: 2, arbitrary: fc.integer({ min: 400, max: 9000 }).map((length) => 'l'.repeat(length)) },
  { weight: 1, arbitrary: fc.constantFrom(MAX_PACKED, MAX_PACKED + 1, 70_000).map((length) => 'r'.repeat(length)) },
);
const at = fc.nat({ max: 1_000_000 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      name: fc.constantFrom('pushBack', 'pushFront'),
      value,
      times: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 300 })),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      name: fc.constantFrom('dropFront', 'dropBack'),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ name: fc.constantFrom('insertBefore', 'insertBehind', 'replace'), at, value }),
  },
  { weight: 4, arbitrary: fc.record({ name: fc.constantFrom('remove', 'seek'), at }) },
  {
    weight: 3,
    arbitrary: fc.record({
      name: fc.constant('removeMatches'),
      value,
      limit: fc.constantFrom(1, 2, 50, 1e9),
      fromBack: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      name: fc.constantFrom('copy', 'evacuate', 'openSnapshot', 'closeSnapshot', 'restore', 'rotateRope'),
    }),
  },
  { weight: 3, arbitrary: fc.record({ name: fc.constant('relocateSome'), nodes: fc.integer({ min: 1, max: 5 }) }) },
) as fc.Arbitrary<Step>;

interface Snapshot {
  arena: Arena;
  model: string[];
}

/** Applies a step to both; the model that holds afterwards is returned. */
function apply(list: OwnedDeque, model: string[], s: Step, snapshots: Snapshot[]): string[] {
  switch (s.name) {
    case 'pushBack':
    case 'pushFront': {
      const slice = Slice.of(s.value);
      const count = s.value.length > 1000 ? 1 : s.times;
      for (let i = 0; i < count; i++) list.change((deque) => deque[s.name as 'pushBack'](slice));
      const added = times(count, () => s.value);
      return s.name === 'pushBack' ? [...model, ...added] : [...added, ...model];
    }
    case 'dropFront':
    case 'dropBack': {
      const count = Math.round(s.share * model.length);
      if (count === 0) return model;
      list.change((deque) => deque[s.name as 'dropFront'](count));
      return s.name === 'dropFront' ? model.slice(count) : model.slice(0, model.length - count);
    }
    case 'removeMatches': {
      const indexes = [...model.keys()].filter((i) => model[i] === s.value);
      const gone = new Set(s.fromBack ? indexes.slice(-s.limit) : indexes.slice(0, s.limit));
      expect(list.change((deque) => deque.removeMatches(Slice.of(s.value), s.limit, s.fromBack))).toBe(gone.size);
      return model.filter((_, i) => !gone.has(i));
    }
    case 'copy': {
      const copy = new OwnedDeque(list.arena);
      copy.change((deque) => deque.copyFrom(new Deque(list.arena).open(list.owner, FIELD)));
      expectSameElements(copy.content(), model);
      while (!copy.change((deque) => deque.freeSome({ left: 3 }))) copy.content();
      list.arena.free(copy.owner);
      list.arena.settle();
      return model;
    }
    case 'evacuate':
      if (list.arena.beginEvacuation() > 0) {
        list.change((deque) => {
          const progress = new Int32Array(1);
          while (!deque.relocateSome(progress, 0, { left: 2 }));
        });
        list.arena.endEvacuation();
        list.arena.settle();
      }
      return model;
    case 'relocateSome':
      list.change((deque) => deque.relocateSome(list.progress, 0, { left: s.nodes }));
      return model;
    case 'openSnapshot':
      if (snapshots.length < 3) snapshots.push({ arena: list.arena.snapshot(), model });
      return model;
    case 'closeSnapshot':
      closeOldest(list, snapshots);
      return model;
    case 'restore':
      if (snapshots.length === 0) return model;
      list.arena.restore(snapshots.at(-1)!.arena);
      return snapshots.at(-1)!.model;
    default:
      return model.length === 0 ? model : applyInside(list, model, s);
  }
}

function applyInside(list: OwnedDeque, model: string[], s: Step): string[] {
  const index = 'at' in s ? s.at % model.length : 0;
  switch (s.name) {
    case 'seek':
      list.change((deque) => {
        deque.seek(index);
        expect(textHere(deque)).toBe(model[index]);
        expect(deque.equalsHere(Slice.of(model[index]!))).toBe(true);
        expect(deque.equalsHere(Slice.of(`${model[index]}-`))).toBe(false);
      });
      return model;
    case 'insertBefore':
    case 'insertBehind':
      list.change((deque) => {
        deque.seek(index);
        deque.insertHere(Slice.of(s.value), s.name === 'insertBehind');
      });
      return model.toSpliced(s.name === 'insertBehind' ? index + 1 : index, 0, s.value);
    case 'replace':
      list.change((deque) => {
        deque.seek(index);
        deque.replaceHere(Slice.of(s.value));
      });
      return model.with(index, s.value);
    case 'remove':
      list.change((deque) => {
        deque.seek(index);
        deque.removeHere();
      });
      return model.toSpliced(index, 1);
    case 'rotateRope': {
      const last = model.at(-1)!;
      if (last.length <= MAX_PACKED) return model;
      list.change((deque) => {
        const root = new DataView(new ArrayBuffer(16));
        deque.seek(deque.length - 1);
        deque.detachRopeHere(root);
        deque.dropBack(1);
        deque.pushRope(root, true);
      });
      return [last, ...model.slice(0, -1)];
    }
    default:
      return model;
  }
}

function closeOldest(list: OwnedDeque, snapshots: Snapshot[]): void {
  const snapshot = snapshots.shift();
  if (snapshot === undefined) return;
  expectSameElements(list.content(snapshot.arena), snapshot.model);
  snapshot.arena.close();
}

describe('Deque', () => {
  it('behaves as an array, and its snapshots as the array of their instant', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 80, size: 'max' }), (steps) => {
        const list = new OwnedDeque(new Arena());
        const snapshots: Snapshot[] = [];
        let model: string[] = [];
        for (const s of steps) {
          model = apply(list, model, s, snapshots);
          list.check(model);
        }
        while (snapshots.length > 0) closeOldest(list, snapshots);
        list.change((deque) => deque.free());
        list.check([]);
      }),
      { numRuns: runs(30) },
    );
  });

  it('takes over a run as its first node', () => {
    const arena = new Arena();
    const bytes = Buffer.alloc(RUN_HEADER);
    const view = new DataView(bytes.buffer, bytes.byteOffset, RUN_HEADER);
    initRun(view, 0, RUN_HEADER, 0);
    const list = new OwnedDeque(arena);
    list.change((deque) => {
      deque.initialise(deque.nodeOf(view, bytes, 0));
      deque.pushBack(Slice.of('x'));
    });
    list.check(['x']);
  });

  it('spends at most a quarter more than its bytes on a long list', () => {
    const arena = new Arena();
    const list = new OwnedDeque(arena);
    const slice = Slice.of('x'.repeat(20));
    list.change((deque) => {
      for (let i = 0; i < 100_000; i++) deque.pushBack(slice);
    });
    expect(arena.stats.usedBytes).toBeLessThan(100_000 * 20 * 1.25);
  });

  it('reaches the middle of a million elements by skipping nodes', () => {
    const list = new OwnedDeque(new Arena());
    const slice = Slice.of('000000');
    list.change((deque) => {
      for (let i = 0; i < 1_000_000; i++) {
        slice.bytes.write(String(i).padStart(6, '0'), 'latin1');
        deque.pushBack(slice);
      }
      for (const index of [0, 1, 499_999, 500_000, 777_777, 999_999]) {
        deque.seek(index);
        expect(deque.cursor.value.toString()).toBe(String(index).padStart(6, '0'));
      }
    });
  });

  it('writes to no page but the ends when it is cut or freed while a snapshot is open', () => {
    const arena = new Arena();
    const list = new OwnedDeque(arena);
    const slice = Slice.of('x'.repeat(100));
    list.change((deque) => {
      for (let i = 0; i < 50_000; i++) deque.pushBack(slice);
    });
    const snapshot = arena.snapshot();
    const before = arena.bytes.slice();
    const cut = new Deque(arena).open(list.owner, FIELD);
    cut.dropFront(20_000);
    cut.dropBack(20_000);
    cut.freeSome({ left: 10 });
    expect(arena.bytes.filter((page, i) => page !== before[i]).length).toBeLessThanOrEqual(6);
    arena.settle();
    list.change((deque) => deque.free());
    list.check([]);
    expect(list.content(snapshot)).toHaveLength(50_000);
    snapshot.close();
  });
});
