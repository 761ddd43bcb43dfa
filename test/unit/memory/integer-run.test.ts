import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena } from '../../../src/memory/arena.js';
import { IntegerRun } from '../../../src/memory/integer-run.js';
import { Int64 } from '../../../src/text/int64.js';
import { type Place, RunOwner } from './run-owner.js';

const scratch = new Int64();

function wordsOf(value: bigint): Int64 {
  return scratch.set(Number(BigInt.asIntN(32, value >> 32n)), Number(BigInt.asIntN(32, value)));
}

const ascending = (values: Iterable<bigint>) => [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));

function contentOf(run: IntegerRun): bigint[] {
  const found: bigint[] = [];
  for (run.rewind(); run.next(); ) {
    expect(BigInt(run.textHere().toLatin1())).toBe((BigInt(run.here.high) << 32n) | BigInt(run.here.low >>> 0));
    found.push(BigInt(run.textHere().toLatin1()));
  }
  return found;
}

/** A run beside the Set that it must agree with, in a block of an arena, with snapshots of both. */
class World {
  readonly arena = new Arena();
  readonly owner = new RunOwner(this.arena, IntegerRun.roomFor(0, 2));
  readonly run = new IntegerRun();
  readonly model = new Set<bigint>();
  private snapshots: { arena: Arena; place: Place; model: bigint[] }[] = [];

  constructor(values: bigint[] = []) {
    const { view, bytes, at, room } = this.owner.place;
    this.run.initialise(view, bytes, at, room);
    for (const value of values) this.add(value);
  }

  open(run = this.run): IntegerRun {
    const { view, bytes, at, room } = this.owner.place;
    return run.open(view, bytes, at, room);
  }

  add(value: bigint, spare = 0): void {
    this.owner.makeWritable();
    const run = this.open();
    expect(run.find(wordsOf(value))).toBe(this.model.has(value));
    if (!this.model.has(value)) {
      this.owner.provide(run, run.prepareAdd(), spare);
      run.add();
      this.model.add(value);
    }
    expect(run.textHere().toLatin1()).toBe(String(value));
  }

  remove(value: bigint): void {
    this.owner.makeWritable();
    const run = this.open();
    expect(run.find(wordsOf(value))).toBe(this.model.has(value));
    if (!this.model.delete(value)) return;
    run.removeHere();
    const after = ascending(this.model).find((other) => other > value);
    expect(run.next() ? run.textHere().toLatin1() : undefined).toBe(after === undefined ? undefined : String(after));
  }

  shrink(): void {
    this.owner.makeWritable();
    const run = this.open();
    const room = run.leastRoom;
    run.shrink(room);
    this.owner.resize(room);
  }

  snapshot(): void {
    const arena = this.arena.snapshot();
    this.snapshots.push({ arena, place: this.owner.placeIn(arena), model: ascending(this.model) });
  }

  closeSnapshot(): void {
    const snapshot = this.snapshots.shift();
    if (snapshot === undefined) return;
    const { view, bytes, at, room } = snapshot.place;
    expect(contentOf(new IntegerRun().open(view, bytes, at, room))).toEqual(snapshot.model);
    snapshot.arena.close();
  }

  check(): void {
    this.arena.settle();
    const run = this.open(new IntegerRun());
    run.checkIntegrity();
    expect(contentOf(run)).toEqual(ascending(this.model));
    this.owner.checkNeighbours();
  }
}

/** The least and the greatest integer of a width, and what is just too large for it. */
const edgesOf = (bits: bigint) => [-(2n ** bits), 2n ** bits - 1n, 2n ** bits, -(2n ** bits) - 1n];
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
/** Mostly small and often the same; any width may be the first. */
const value = fc.oneof(
  { weight: 6, arbitrary: fc.bigInt({ min: -20n, max: 20n }) },
  { weight: 2, arbitrary: fc.tuple(int64, fc.bigInt({ min: 36n, max: 63n })).map(([whole, shift]) => whole >> shift) },
  { weight: 1, arbitrary: fc.constantFrom(...[15n, 23n, 31n].flatMap(edgesOf)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(2n ** 31n, 2n ** 32n, -(2n ** 32n), 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n),
  },
);
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ name: fc.constant('add' as const), value, spare: fc.constantFrom(0, 30) }) },
  { weight: 4, arbitrary: fc.record({ name: fc.constant('remove' as const), value }) },
  { weight: 1, arbitrary: fc.record({ name: fc.constantFrom('shrink', 'snapshot', 'closeSnapshot' as const) }) },
);

describe('IntegerRun', () => {
  it('behaves as a sorted set of integers, under snapshots', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const world = new World();
        for (const s of steps) {
          if (s.name === 'add') world.add(s.value, s.spare);
          else if (s.name === 'remove') world.remove(s.value);
          else if (s.name === 'shrink') world.shrink();
          else if (s.name === 'snapshot') world.snapshot();
          else world.closeSnapshot();
          world.check();
        }
      }),
    );
  });

  it('is joined in order, whatever the widths', () => {
    fc.assert(
      fc.property(fc.uniqueArray(value, { maxLength: 60 }), fc.uniqueArray(value, { maxLength: 60 }), (a, b) => {
        const one = new World(a).open();
        const other = new World(b).open();
        const common: bigint[] = [];
        while (one.next()) {
          if (!other.seekAtLeast(one.here)) break;
          if (other.here.equals(one.here)) common.push(BigInt(one.textHere().toLatin1()));
        }
        expect(common).toEqual(ascending(a.filter((each) => b.includes(each))));
      }),
    );
  });

  it('selects what another one has, and what it has not, at all widths', () => {
    const near = fc.bigInt({ min: -200n, max: 200n });
    const far = fc.constantFrom(0n, -40_000n, 9_000_000n, -(2n ** 40n));
    const integers = fc.tuple(fc.uniqueArray(near, { maxLength: 200 }), far).map((parts) => [...new Set(parts.flat())]);
    fc.assert(
      fc.property(integers, integers, fc.boolean(), (a, b, isWanted) => {
        const one = new World(a).open();
        const other = new World(b).open();
        const selected: bigint[] = [];
        while (one.nextSelected(other, isWanted)) selected.push(BigInt(one.textHere().toLatin1()));
        expect(selected).toEqual(ascending(a.filter((each) => b.includes(each) === isWanted)));
        expect(one.next()).toBe(false);
      }),
    );
  });

  it('finds from anywhere the first that is at least as large', () => {
    const { run } = new World(Array.from({ length: 300 }, (_, i) => BigInt(i * 10)));
    for (let from = 0; from < 300; from += 7) {
      for (let wanted = from * 10; wanted <= 3000; wanted += 13) {
        run.seek(from);
        const found = run.seekAtLeast(wordsOf(BigInt(wanted)));
        expect(found ? run.here.toNumber() : 3000).toBe(Math.ceil(wanted / 10) * 10);
      }
    }
  });

  it('walks two readers over one run at once', () => {
    const world = new World([3n, 1n, 2n]);
    const [a, b] = [world.open(new IntegerRun()), world.open(new IntegerRun())];
    a.next();
    a.next();
    b.next();
    expect([a.textHere().toLatin1(), b.textHere().toLatin1()]).toEqual(['2', '1']);
    a.seek(2);
    expect(a.textHere().toLatin1()).toBe('3');
  });

  it('takes 24 bytes for ten small integers', () => {
    const world = new World(Array.from({ length: 10 }, (_, i) => BigInt(i * 1000)));
    expect(world.run.leastRoom).toBe(24);
    world.add(-40_000n);
    expect(world.run.leastRoom).toBe(4 + 11 * 3);
    world.add(8_388_608n);
    expect(world.run.leastRoom).toBe(4 + 12 * 4);
    world.add(1n << 40n);
    expect(world.run.leastRoom).toBe(4 + 13 * 8);
  });
});
