import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena, type Ref } from '../../../src/memory/arena.js';
import { ExpiryHeap, NOT_IN_HEAP } from '../../../src/memory/expiry-heap.js';
import { runs } from '../../support/runs.js';
import { entryValue, heapPositionOf, setDeadline, stateOf, writeEntry } from './entries.js';

interface Entry {
  ref: Ref;
  deadline: number;
}
type Model = Map<number, Entry>;

function copyOf(model: Model): Model {
  return new Map([...model].map(([id, entry]) => [id, { ...entry }]));
}

/** Takes out all that is due, as an expiry cycle without a budget would. */
function drain(arena: Arena, heap: ExpiryHeap, now: number): { id: number; deadline: number }[] {
  const due: { id: number; deadline: number }[] = [];
  while (heap.nextDeadline() <= now) {
    const ref = heap.popDue(now);
    if (ref === 0) continue;
    expect(heapPositionOf(arena, ref)).toBe(NOT_IN_HEAP);
    due.push({
      id: entryValue(arena, ref),
      deadline: arena.views[ref >>> 12].getFloat64(((ref & 0xfff) << 4) + 8, true),
    });
  }
  return due;
}

const deadline = fc.integer({ min: 0, max: 2000 });
const pick = fc.nat(10_000);
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('insert' as const), deadline, count: fc.integer({ min: 1, max: 300 }) }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('change' as const), deadline, pick }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('put off all' as const), by: fc.nat(300) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('remove' as const), pick }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('move' as const), pick }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('advance' as const), by: fc.nat(200) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('compact' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('snapshot' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('close' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restore' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** An ExpiryHeap beside a Map of deadlines that must agree with it, with snapshots of both. */
class World {
  private readonly arena = new Arena();
  private readonly heap = new ExpiryHeap(this.arena);
  private model: Model = new Map();
  private readonly snapshots: { arena: Arena; state: DataView; model: Model }[] = [];
  private now = 0;
  private nextId = 1;

  run(step: Step): void {
    if (step.do === 'insert') this.insert(step.deadline, step.count);
    else if (step.do === 'change') this.change(step.pick, step.deadline);
    else if (step.do === 'put off all')
      for (const entry of this.model.values()) this.setDeadline(entry, entry.deadline + step.by);
    else if (step.do === 'remove') this.remove(step.pick);
    else if (step.do === 'move') this.move(step.pick);
    else if (step.do === 'advance') this.advance(step.by);
    else if (step.do === 'compact') this.compact();
    else if (step.do === 'snapshot') this.open();
    else if (step.do === 'close') this.close();
    else this.restore();
    this.arena.settle();
  }

  check(): void {
    this.checkHeap(this.heap, this.arena, this.model);
    const earliest = Math.min(...[...this.model.values()].map((entry) => entry.deadline));
    expect(this.heap.nextDeadline()).toBeLessThanOrEqual(earliest);
  }

  end(): void {
    while (this.snapshots.length > 0) this.close();
    this.advance(1_000_000);
    expect(this.model.size).toBe(0);
    this.arena.settle();
    this.arena.checkIntegrity([]);
  }

  private insert(deadline: number, count: number): void {
    for (; count > 0; count--) {
      const id = this.nextId++;
      const due = this.now + ((deadline + Math.imul(id, 7919)) % 2000);
      const ref = writeEntry(this.arena, `key:${id}`, id, due);
      this.heap.insert(ref, due);
      this.model.set(id, { ref, deadline: due });
    }
  }

  private picked(pick: number): [number, Entry] | undefined {
    return [...this.model][pick % this.model.size];
  }

  private setDeadline(entry: Entry, deadline: number): void {
    setDeadline(this.arena, entry.ref, deadline);
    this.heap.deadlineChanged(entry.ref, deadline);
    entry.deadline = deadline;
  }

  private change(pick: number, deadline: number): void {
    const [, entry] = this.picked(pick) ?? [];
    if (entry !== undefined) this.setDeadline(entry, deadline);
  }

  private remove(pick: number): void {
    const [id, entry] = this.picked(pick) ?? [];
    if (entry === undefined) return;
    this.heap.remove(entry.ref);
    expect(heapPositionOf(this.arena, entry.ref)).toBe(NOT_IN_HEAP);
    this.heap.remove(entry.ref);
    this.arena.free(entry.ref);
    this.model.delete(id!);
  }

  private move(pick: number): void {
    const [id, entry] = this.picked(pick) ?? [];
    if (entry === undefined) return;
    const moved = writeEntry(this.arena, `key:${id}`, id!, entry.deadline);
    this.heap.moved(entry.ref, moved);
    this.arena.free(entry.ref);
    entry.ref = moved;
  }

  private advance(by: number): void {
    this.now += by;
    const expected = [...this.model].filter(([, entry]) => entry.deadline <= this.now).map(([id]) => id);
    const popped = drain(this.arena, this.heap, this.now);
    expect(popped.map(({ id }) => id).sort()).toEqual(expected.sort());
    for (let at = 1; at < popped.length; at++) {
      expect(popped[at].deadline).toBeGreaterThanOrEqual(popped[at - 1].deadline);
    }
    for (const id of expected) {
      this.arena.free(this.model.get(id)!.ref);
      this.model.delete(id);
    }
  }

  private compact(): void {
    this.arena.beginEvacuation();
    for (let cursor = 0; cursor >= 0; ) cursor = this.heap.relocateBlocks(cursor, 1);
    for (const entry of this.model.values()) {
      const moved = this.arena.relocate(entry.ref);
      if (moved !== entry.ref) this.heap.moved(entry.ref, moved);
      entry.ref = moved;
    }
    this.arena.endEvacuation();
  }

  private open(): void {
    this.snapshots.push({
      arena: this.arena.snapshot(),
      state: stateOf(this.heap, ExpiryHeap.STATE_INTS),
      model: copyOf(this.model),
    });
  }

  private close(): void {
    const snapshot = this.snapshots.shift();
    if (snapshot === undefined) return;
    const heap = new ExpiryHeap(snapshot.arena).open(snapshot.state, 0);
    this.checkHeap(heap, snapshot.arena, snapshot.model);
    snapshot.arena.close();
  }

  private restore(): void {
    const snapshot = this.snapshots[0];
    if (snapshot === undefined) return;
    this.arena.restore(snapshot.arena);
    this.heap.open(snapshot.state, 0);
    this.model = copyOf(snapshot.model);
  }

  private checkHeap(heap: ExpiryHeap, arena: Arena, model: Model): void {
    heap.checkIntegrity();
    expect(heap.size).toBe(model.size);
    arena.checkIntegrity([...heap.blocks(), ...[...model.values()].map((entry) => entry.ref)]);
    for (const [id, entry] of model) {
      if (entryValue(arena, entry.ref) !== id) throw new Error(`entry ${entry.ref} is not ${id}`);
      if (heapPositionOf(arena, entry.ref) < 0) throw new Error(`entry ${entry.ref} is not in the heap`);
    }
  }
}

describe('ExpiryHeap', () => {
  it('agrees with a sorted model, and so do its snapshots', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const world = new World();
        for (const step of steps) {
          world.run(step);
          world.check();
        }
        world.end();
      }),
      { numRuns: runs(25) },
    );
  });

  it('has no deadline and owns nothing while it is empty', () => {
    const arena = new Arena();
    const heap = new ExpiryHeap(arena);
    expect(heap.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
    expect(heap.popDue(Number.MAX_VALUE)).toBe(0);
    const ref = writeEntry(arena, 'key', 1, 5);
    heap.insert(ref, 5);
    expect(heap.popDue(4)).toBe(0);
    expect(heap.popDue(5)).toBe(ref);
    arena.settle();
    arena.checkIntegrity([ref]);
  });

  it('corrects a few records per call when many deadlines were put off, and says that there is more', () => {
    const arena = new Arena();
    const heap = new ExpiryHeap(arena);
    for (let id = 0; id < 1000; id++) {
      const ref = writeEntry(arena, `${id}`, id, 10);
      heap.insert(ref, 10);
      setDeadline(arena, ref, 20);
      heap.deadlineChanged(ref, 20);
    }
    let calls = 0;
    for (; heap.nextDeadline() <= 10; calls++) expect(heap.popDue(10)).toBe(0);
    expect(calls).toBeGreaterThan(10);
    expect(heap.nextDeadline()).toBe(20);
    expect(drain(arena, heap, 20).length).toBe(1000);
  });
});
