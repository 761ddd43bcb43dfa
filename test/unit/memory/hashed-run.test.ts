import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena } from '../../../src/memory/arena.js';
import { MAX_ELEMENT } from '../../../src/memory/element.js';
import { HASHED_FROM, HashedRun, NO_DEADLINE } from '../../../src/memory/hashed-run.js';
import { Slice } from '../../../src/memory/slice.js';
import { Int64 } from '../../../src/text/int64.js';
import { runs } from '../../support/runs.js';
import { type Place, RunOwner } from './run-owner.js';

/** Texts of every length and kind at which their bytes change form, and such as look like integers but are none. */
const STRINGS = ['', 'a', 'ab', 'abcd', '-', '-0', '00', '007', '+1', '1.0', ' 1', '1 ', '12345678901234567890', '1-'];
const LONG_STRINGS = [63, 64, 65, 255, 256, 300].map((length) => 'x'.repeat(length));
const INTEGERS = [
  0n,
  31n,
  32n,
  127n,
  128n,
  255n,
  32767n,
  32768n,
  65536n,
  2n ** 31n,
  2n ** 47n,
  2n ** 53n + 1n,
  2n ** 63n,
]
  .flatMap((value) => [value - 1n, value, -value, -value - 1n])
  .map(String);
const TEXTS = [...STRINGS, ...LONG_STRINGS, ...new Set(INTEGERS)];

interface Field {
  value: string;
  deadline: number;
}
type Model = Map<string, Field>;

/** A run beside the Map that it must agree with, in a block of an arena, with snapshots of both. */
class World {
  readonly arena = new Arena();
  readonly owner = new RunOwner(this.arena, HashedRun.roomFor(0, 0));
  readonly run: HashedRun;
  readonly model: Model = new Map();
  private snapshots: { arena: Arena; place: Place; model: Model }[] = [];

  constructor(
    readonly hasValues: boolean,
    readonly spare = 0,
  ) {
    this.run = new HashedRun(hasValues);
    const { view, bytes, at, room } = this.owner.place;
    this.run.initialise(view, bytes, at, room);
  }

  open(run = this.run): HashedRun {
    const { view, bytes, at, room } = this.owner.place;
    return run.open(view, bytes, at, room);
  }

  put(name: string, value: string, deadline: number): void {
    this.owner.makeWritable();
    const run = this.open();
    const known = this.model.get(name);
    expect(run.find(Slice.of(name))).toBe(known !== undefined);
    if (known === undefined) {
      const given = this.hasValues ? deadline : NO_DEADLINE;
      this.owner.provide(run, run.prepareAdd(this.hasValues ? Slice.of(value) : null, given), this.spare);
      run.add();
      this.model.set(name, { value, deadline: given });
    } else if (this.hasValues) {
      this.owner.provide(run, run.prepareSet(Slice.of(value)), this.spare);
      run.set();
      this.owner.provide(run, run.prepareSetDeadline(deadline), this.spare);
      run.setDeadline();
      this.model.set(name, { value, deadline });
    }
    expect(run.elementHere().toString()).toBe(name);
    if (this.hasValues) expect([run.valueHere().toString(), run.deadlineHere()]).toEqual([value, deadline]);
  }

  remove(name: string): void {
    this.owner.makeWritable();
    const run = this.open();
    expect(run.find(Slice.of(name))).toBe(this.model.has(name));
    if (!this.model.delete(name)) return;
    run.removeHere();
    const rest = [...this.model.keys()];
    expect(run.next() ? rest.includes(run.elementHere().toString()) : true).toBe(true);
  }

  shrink(): void {
    this.owner.makeWritable();
    const run = this.open();
    const room = Math.min(run.leastRoom + this.spare, this.owner.room);
    run.shrink(room);
    this.owner.resize(room);
  }

  snapshot(): void {
    const arena = this.arena.snapshot();
    const model = new Map([...this.model].map(([name, field]) => [name, { ...field }]));
    this.snapshots.push({ arena, place: this.owner.placeIn(arena), model });
  }

  closeSnapshot(): void {
    const snapshot = this.snapshots.shift();
    if (snapshot === undefined) return;
    this.compare(this.openAt(snapshot.place), snapshot.model);
    snapshot.arena.close();
  }

  private openAt(place: Place): HashedRun {
    return new HashedRun(this.hasValues).open(place.view, place.bytes, place.at, place.room);
  }

  compare(run: HashedRun, model: Model): void {
    run.checkIntegrity();
    expect(entriesOf(run, this.hasValues)).toEqual(
      [...model].map(([name, { value, deadline }]) => (this.hasValues ? [name, value, deadline] : [name])),
    );
    const deadlines = [...model.values()].map((field) => field.deadline).filter((deadline) => deadline >= 0);
    expect(run.nextDeadline()).toBe(deadlines.length === 0 ? NO_DEADLINE : Math.min(...deadlines));
    expect(run.deadlines).toBe(deadlines.length);
  }

  check(): void {
    this.arena.settle();
    this.compare(this.open(new HashedRun(this.hasValues)), this.model);
    this.owner.checkNeighbours();
  }
}

function entriesOf(run: HashedRun, hasValues: boolean): (string | number)[][] {
  const found: (string | number)[][] = [];
  run.rewind();
  while (run.next()) {
    const name = run.elementHere().toString();
    found.push(hasValues ? [name, run.valueHere().toString(), run.deadlineHere()] : [name]);
  }
  return found;
}

const text = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...TEXTS) },
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 60 }).map((id) => `field:${id}`) },
  { weight: 3, arbitrary: fc.integer({ min: -40, max: 200 }).map(String) },
);
const step = fc.oneof(
  { weight: 12, arbitrary: fc.record({ name: fc.constant('put' as const), key: text, value: text, due: fc.nat(9) }) },
  { weight: 5, arbitrary: fc.record({ name: fc.constant('remove' as const), key: text }) },
  { weight: 1, arbitrary: fc.record({ name: fc.constantFrom('shrink', 'snapshot', 'closeSnapshot' as const) }) },
);

function play(hasValues: boolean): void {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150, size: 'max' }), fc.constantFrom(0, 16, 300), (steps, spare) => {
      const world = new World(hasValues, spare);
      for (const s of steps) {
        if (s.name === 'put') world.put(s.key, s.value, s.due < 7 ? NO_DEADLINE : s.due * 1000.5);
        else if (s.name === 'remove') world.remove(s.key);
        else if (s.name === 'shrink') world.shrink();
        else if (s.name === 'snapshot') world.snapshot();
        else world.closeSnapshot();
        world.check();
      }
      for (;;) {
        const [name] = world.model.keys();
        if (name === undefined) break;
        world.remove(name);
      }
      world.check();
    }),
    { numRuns: runs(25) },
  );
}

function filled(hasValues: boolean, names: string[]): World {
  const world = new World(hasValues, 64);
  for (const name of names) world.put(name, `value of ${name}`, NO_DEADLINE);
  return world;
}

const names = (count: number, prefix = 'member:') => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

describe('HashedRun', () => {
  it('of pairs behaves as a Map that keeps the order of insertion, under snapshots', () => play(true));
  it('of members behaves as a Set that keeps the order of insertion, under snapshots', () => play(false));

  it('prints every text as it came, as element and as value', () => {
    const world = new World(true);
    const long = [...TEXTS, 'z'.repeat(MAX_ELEMENT)];
    for (const name of long) world.put(name, name, NO_DEADLINE);
    world.check();
    for (const name of long) {
      expect(world.run.find(Slice.of(name))).toBe(true);
      expect(world.run.valueHere().toString()).toBe(name);
    }
  });

  it('keeps integers in as many bytes as they need, texts in one or two more than they have', () => {
    const sizes = new Map([
      ['0', 1],
      ['31', 1],
      ['32', 2],
      ['-1', 2],
      ['1000', 3],
      ['100000', 5],
      ['1700000000000', 7],
      ['1234567890123456789', 9],
      ['007', 4],
      ['member', 7],
      ['x'.repeat(64), 66],
    ]);
    for (const [name, size] of sizes) {
      const world = filled(false, [name]);
      expect([name, world.run.usedBytes - HashedRun.roomFor(0, 0)]).toEqual([name, size]);
    }
  });

  it('gives the current value as an integer where it is one', () => {
    const world = new World(true);
    const integer = new Int64();
    world.put('a', '9007199254740993', NO_DEADLINE);
    expect(world.run.integerHere(integer)).toBe(true);
    expect([integer.high, integer.low]).toEqual([0x200000, 1]);
    world.put('a', '007', NO_DEADLINE);
    expect(world.run.integerHere(integer)).toBe(false);
  });

  it.each([HASHED_FROM - 1, HASHED_FROM, 200])('picks each of %i elements with the same chance', (count) => {
    const { run } = filled(false, names(count));
    const drawn = new Map<string, number>();
    for (let draw = 0; draw < run.draws; draw++) {
      if (!run.tryDraw(draw)) continue;
      const name = run.elementHere().toString();
      drawn.set(name, (drawn.get(name) ?? 0) + 1);
    }
    expect(drawn.size).toBe(count);
    expect(new Set(drawn.values())).toEqual(new Set([1]));
    for (let ordinal = 0; ordinal < count; ordinal++) {
      run.seek(ordinal);
      expect(run.elementHere().toString()).toBe(`member:${ordinal}`);
    }
  });

  it.each([
    [5, 8],
    [5, 200],
    [200, 5],
    [300, 200],
  ])('finds the common elements of %i and %i with two runs open', (a, b) => {
    const first = filled(false, [...names(a), ...names(20, '')]);
    const second = filled(true, [...names(10, ''), ...names(b).filter((_, i) => i % 2 === 0)]);
    const found: string[] = [];
    first.open();
    second.open();
    while (first.run.next()) if (second.run.hasSame(first.run)) found.push(first.run.elementHere().toString());
    expect(found).toEqual([...first.model.keys()].filter((name) => second.model.has(name)));
  });

  it('walks two readers over one run at once', () => {
    const world = filled(true, names(40, ''));
    const [a, b] = [world.open(new HashedRun(true)), world.open(new HashedRun(true))];
    const pairs: string[][] = [];
    while (a.next()) {
      if (!b.next()) b.rewind();
      pairs.push([a.elementHere().toString(), b.elementHere().toString()]);
    }
    expect(pairs).toEqual(names(40, '').map((name) => [name, name]));
  });

  it('removes while it walks', () => {
    const world = filled(true, names(100));
    const { run } = world;
    world.open();
    for (let i = 0; run.next(); i++) if (i % 3 !== 0) run.removeHere();
    run.checkIntegrity();
    expect(entriesOf(run, false).flat()).toEqual(names(100).filter((_, i) => i % 3 === 0));
  });

  it('stays whole when it is emptied and filled again and again in one room', () => {
    const world = filled(false, names(300));
    const { room } = world.owner;
    for (let round = 0; round < 20; round++) {
      for (const name of names(250)) world.remove(name);
      for (const name of names(250)) world.put(name, '', NO_DEADLINE);
      world.check();
    }
    expect(world.owner.room).toBeLessThan(room * 1.2);
  });

  it('takes as few bytes as promised', () => {
    const eight = (i: number) => `f${String(i).padStart(7, '0')}`;
    const bytesOf = (hasValues: boolean, count: number) => {
      const world = new World(hasValues);
      for (let i = 0; i < count; i++) world.put(eight(i), eight(i), NO_DEADLINE);
      return world.run.leastRoom;
    };
    expect(bytesOf(true, 5)).toBe(8 + 5 * 18);
    expect(bytesOf(true, 500) / 500).toBeLessThan(21.75);
    expect(bytesOf(false, 100) / 100).toBeLessThan(12.85);
  });
});
