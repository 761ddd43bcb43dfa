import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena, type Ref } from '../../../src/memory/arena.js';
import { Vector } from '../../../src/memory/vector.js';
import { runs } from '../../support/runs.js';
import { stateOf } from './entries.js';

const STRIDES = [4, 8, 16] as const;
type Stride = (typeof STRIDES)[number];

/** Writes a number in the last four bytes of a record. */
function write(arena: Arena, vector: Vector, stride: Stride, index: number, value: number): void {
  const block = vector.blockOf(index);
  arena.writable(block);
  arena.views[block >>> 12].setInt32(vector.offsetOf(block, index) + stride - 4, value, true);
}

function read(arena: Arena, vector: Vector, stride: Stride, index: number): number {
  const block = vector.blockOf(index);
  return arena.views[block >>> 12].getInt32(vector.offsetOf(block, index) + stride - 4, true);
}

function contents(arena: Arena, vector: Vector, stride: Stride): Int32Array {
  return Int32Array.from({ length: vector.length }, (_, index) => read(arena, vector, stride, index));
}

/** Beside the Vector, and in size classes of its own choosing, so that there is something to evacuate. */
class Litter {
  private readonly refs: Ref[] = [];

  constructor(private readonly arena: Arena) {}

  drop(): void {
    for (const size of [64, 128, 256, 64, 512, 64]) this.refs.push(this.arena.allocate(size));
  }

  sweep(): void {
    while (this.refs.length > 0) this.arena.free(this.refs.pop()!);
    this.arena.settle();
  }

  get blocks(): Ref[] {
    return this.refs;
  }
}

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('push' as const), count: fc.nat(100) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('push' as const), count: fc.nat(30_000) }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('truncate' as const), keep: fc.double({ min: 0, max: 1, noNaN: true }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pop' as const), count: fc.nat(3000) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('set' as const), at: fc.double({ min: 0, max: 0.999, noNaN: true }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('double' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('compact' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('snapshot' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('close' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restore' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A Vector beside an array that must agree with it, with snapshots of both. */
class World {
  private readonly arena = new Arena();
  private readonly vector: Vector;
  private model: number[] = [];
  private readonly litter = new Litter(this.arena);
  private readonly snapshots: { arena: Arena; state: DataView; model: number[] }[] = [];
  private value = 1;

  constructor(private readonly stride: Stride) {
    this.vector = new Vector(this.arena, stride);
  }

  run(step: Step): void {
    const length = this.model.length;
    if (step.do === 'push') for (let count = step.count; count > 0; count--) this.push();
    else if (step.do === 'truncate') this.truncate(Math.floor(length * step.keep));
    else if (step.do === 'pop') this.pop(Math.min(step.count, length));
    else if (step.do === 'set' && length > 0) this.set(Math.floor(step.at * length));
    else if (step.do === 'double') this.double();
    else if (step.do === 'clear') this.clear();
    else if (step.do === 'compact') this.compact();
    else if (step.do === 'snapshot') this.open();
    else if (step.do === 'close') this.close();
    else if (step.do === 'restore') this.restore();
    this.arena.settle();
  }

  check(): void {
    this.checkVector(this.vector, this.arena, this.model, this.litter.blocks);
  }

  end(): void {
    this.clear();
    this.litter.sweep();
    while (this.snapshots.length > 0) this.close();
    this.arena.settle();
    this.arena.checkIntegrity([]);
  }

  private push(): void {
    write(this.arena, this.vector, this.stride, this.vector.grow(), this.value);
    this.model.push(this.value++);
  }

  private truncate(length: number): void {
    this.vector.truncate(length);
    this.model.length = length;
  }

  private pop(count: number): void {
    for (; count > 0; count--) this.truncate(this.model.length - 1);
  }

  private set(index: number): void {
    write(this.arena, this.vector, this.stride, index, this.value);
    this.model[index] = this.value++;
  }

  private double(): void {
    if (this.model.length === 0) return;
    this.truncate(2 ** Math.floor(Math.log2(Math.min(this.model.length, 40_000))));
    this.vector.double();
    this.model = [...this.model, ...this.model];
  }

  private clear(): void {
    this.vector.clear();
    this.model = [];
  }

  private compact(): void {
    this.litter.drop();
    for (let count = 100; count > 0; count--) this.push();
    this.litter.sweep();
    this.arena.beginEvacuation();
    this.vector.relocate();
    this.arena.endEvacuation();
    this.litter.drop();
  }

  private open(): void {
    this.litter.sweep();
    this.snapshots.push({
      arena: this.arena.snapshot(),
      state: stateOf(this.vector, Vector.STATE_INTS),
      model: this.model.slice(),
    });
  }

  private close(): void {
    const snapshot = this.snapshots.shift();
    if (snapshot === undefined) return;
    const vector = new Vector(snapshot.arena, this.stride).open(snapshot.state, 0);
    this.checkVector(vector, snapshot.arena, snapshot.model, []);
    snapshot.arena.close();
  }

  private restore(): void {
    const snapshot = this.snapshots[0];
    if (snapshot === undefined) return;
    this.litter.sweep();
    this.arena.restore(snapshot.arena);
    this.vector.open(snapshot.state, 0);
    this.model = snapshot.model.slice();
  }

  private checkVector(vector: Vector, arena: Arena, model: number[], others: Ref[]): void {
    vector.checkIntegrity();
    arena.checkIntegrity([...vector.blocks(), ...others]);
    expect(vector.length).toBe(model.length);
    expect(Buffer.compare(asBytes(contents(arena, vector, this.stride)), asBytes(Int32Array.from(model)))).toBe(0);
  }
}

function asBytes(ints: Int32Array): Buffer {
  return Buffer.from(ints.buffer, ints.byteOffset, ints.byteLength);
}

describe('Vector', () => {
  it.each(STRIDES)(
    'of %i-byte records agrees with an array, and so do its snapshots',
    (stride) => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 50, size: 'max' }), (steps) => {
          const world = new World(stride);
          for (const step of steps) {
            world.run(step);
            world.check();
          }
          world.end();
        }),
        { numRuns: runs(16) },
      );
    },
    60_000,
  );

  it('owns nothing while it is empty', () => {
    const arena = new Arena();
    const vector = new Vector(arena, 4);
    vector.pushInt32(1);
    expect([...vector.blocks()].length).toBe(1);
    vector.truncate(0);
    arena.settle();
    arena.checkIntegrity([]);
  });

  it('leaves the pages of a snapshot alone when it shrinks and grows again', () => {
    const arena = new Arena();
    const vector = new Vector(arena, 4);
    while (vector.length < 100_000) vector.pushInt32(vector.length);
    const snapshot = arena.snapshot();
    const frozen = new Vector(snapshot, 4).open(stateOf(vector, Vector.STATE_INTS), 0);
    vector.truncate(70_000);
    while (vector.length < 120_000) vector.pushInt32(-1);
    for (let index = 0; index < 100_000; index += 1000) expect(frozen.getInt32(index)).toBe(index);
    snapshot.close();
  });

  it('keeps a page while its length moves around the edge, and gives it back half a page later', () => {
    const arena = new Arena();
    const vector = new Vector(arena, 16);
    while (vector.length < 8193) vector.grow();
    expect([...vector.blocks()].length).toBe(4);
    vector.truncate(8000);
    expect([...vector.blocks()].length).toBe(4);
    vector.truncate(6144);
    expect([...vector.blocks()].length).toBe(3);
    vector.truncate(2048);
    expect([...vector.blocks()].length).toBe(1);
  });

  it('reaches three million records and returns from there', () => {
    const arena = new Arena();
    const vector = new Vector(arena, 4);
    for (let value = 0; value < 3_000_000; value++) vector.pushInt32(value);
    expect([0, 16383, 16384, 2_999_999].map((index) => vector.getInt32(index))).toEqual([0, 16383, 16384, 2_999_999]);
    vector.checkIntegrity();
    arena.settle();
    arena.checkIntegrity(vector.blocks());
    for (let length = vector.length; length >= 10; length -= 7) vector.truncate(length);
    vector.checkIntegrity();
    arena.settle();
    arena.checkIntegrity(vector.blocks());
    expect(arena.stats.usedBytes).toBeLessThanOrEqual(128);
  });
});
