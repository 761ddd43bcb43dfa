import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena } from '../../../src/memory/arena.js';
import { SCORED_SLOTS_FROM, ScoredRun } from '../../../src/memory/scored-run.js';
import { Slice } from '../../../src/memory/slice.js';
import { runs } from '../../support/runs.js';
import { type Place, RunOwner } from './run-owner.js';

type Pair = [member: string, score: number];

function inOrder(model: Map<string, number>): Pair[] {
  return [...model].sort(([a, x], [b, y]) =>
    x === y ? Buffer.compare(Buffer.from(a), Buffer.from(b)) : x < y ? -1 : 1,
  );
}

function contentOf(run: ScoredRun): Pair[] {
  const found: Pair[] = [];
  for (run.seek(-1); run.next(); ) found.push([run.memberHere().toString(), run.scoreHere()]);
  return found;
}

/** A run beside the Map that it must agree with, in a block of an arena, with snapshots of both. */
class World {
  readonly arena = new Arena();
  readonly owner = new RunOwner(this.arena, ScoredRun.roomFor(0, 0, 1));
  readonly run = new ScoredRun();
  readonly model = new Map<string, number>();
  private snapshots: { arena: Arena; place: Place; model: Pair[] }[] = [];

  constructor(
    pairs: Iterable<Pair> = [],
    readonly spare = 0,
  ) {
    const { view, bytes, at, room } = this.owner.place;
    this.run.initialise(view, bytes, at, room);
    for (const [member, score] of pairs) this.put(member, score);
  }

  open(run = this.run): ScoredRun {
    const { view, bytes, at, room } = this.owner.place;
    return run.open(view, bytes, at, room);
  }

  put(member: string, score: number): void {
    this.owner.makeWritable();
    const run = this.open();
    expect(run.find(Slice.of(member))).toBe(this.model.has(member));
    if (this.model.has(member)) {
      expect(run.scoreHere()).toBe(this.model.get(member));
      this.owner.provide(run, run.prepareSetScore(score), this.spare);
      run.setScore();
    } else {
      this.owner.provide(run, run.prepareAdd(score), this.spare);
      run.add();
    }
    this.model.set(member, score);
    expect([run.memberHere().toString(), run.scoreHere()]).toEqual([member, score]);
  }

  remove(member: string): void {
    this.owner.makeWritable();
    const run = this.open();
    expect(run.find(Slice.of(member))).toBe(this.model.has(member));
    if (!this.model.has(member)) return;
    const follows = inOrder(this.model).findIndex(([each]) => each === member);
    this.model.delete(member);
    run.removeHere();
    expect(run.next() ? run.memberHere().toString() : undefined).toBe(inOrder(this.model)[follows]?.[0]);
  }

  removeRange(rank: number, count: number): void {
    this.owner.makeWritable();
    this.open().removeRange(rank, count);
    for (const [member] of inOrder(this.model).slice(rank, rank + count)) this.model.delete(member);
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
    this.snapshots.push({ arena, place: this.owner.placeIn(arena), model: inOrder(this.model) });
  }

  closeSnapshot(): void {
    const snapshot = this.snapshots.shift();
    if (snapshot === undefined) return;
    const { view, bytes, at, room } = snapshot.place;
    expect(contentOf(new ScoredRun().open(view, bytes, at, room))).toEqual(snapshot.model);
    snapshot.arena.close();
  }

  check(): void {
    this.arena.settle();
    const run = this.open(new ScoredRun());
    run.checkIntegrity();
    expect(contentOf(run)).toEqual(inOrder(this.model));
    this.owner.checkNeighbours();
  }
}

const SCORES = [
  0,
  -0,
  1,
  -1,
  127,
  128,
  -128,
  -129,
  32_767,
  32_768,
  -32_768,
  -32_769,
  2 ** 23 - 1,
  2 ** 23,
  -(2 ** 23),
  -(2 ** 23) - 1,
  2 ** 31 - 1,
  2 ** 31,
  -(2 ** 31),
].concat([
  -(2 ** 31) - 1,
  1.5,
  -1.5,
  2 ** 47 - 1,
  2 ** 47,
  -(2 ** 47),
  -(2 ** 47) - 1,
  2 ** 53,
  Infinity,
  -Infinity,
  1e300,
  5e-324,
]);
const member = fc.oneof(
  { weight: 8, arbitrary: fc.nat(200).map((id) => `member:${id}`) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('', 'a', 'ab', 'b', '\u00e9', 'x'.repeat(70), 'x'.repeat(300), 'y'.repeat(130)),
  },
);
const small = fc.integer({ min: -3, max: 9 });
const anyScore = fc.oneof({ weight: 5, arbitrary: small }, { weight: 1, arbitrary: fc.constantFrom(...SCORES) });
const steps = (score: fc.Arbitrary<number>) =>
  fc.array(
    fc.oneof(
      { weight: 14, arbitrary: fc.record({ name: fc.constant('put' as const), member, score }) },
      { weight: 4, arbitrary: fc.record({ name: fc.constant('remove' as const), member }) },
      { weight: 1, arbitrary: fc.record({ name: fc.constant('range' as const), from: fc.nat(), count: fc.nat(3) }) },
      { weight: 1, arbitrary: fc.record({ name: fc.constantFrom('shrink', 'snapshot', 'closeSnapshot' as const) }) },
    ),
    { maxLength: 120, size: 'max' },
  );

function play(fill: Pair[], score: fc.Arbitrary<number>): void {
  fc.assert(
    fc.property(steps(score), fc.constantFrom(0, 16, 400), (run, spare) => {
      const world = new World(fill, spare);
      for (const s of run) {
        if (s.name === 'put') world.put(s.member, s.score);
        else if (s.name === 'remove') world.remove(s.member);
        else if (s.name === 'range') {
          const from = s.from % (world.model.size + 1);
          world.removeRange(from, Math.min(s.count, world.model.size - from));
        } else if (s.name === 'shrink') world.shrink();
        else if (s.name === 'snapshot') world.snapshot();
        else world.closeSnapshot();
        world.check();
      }
      world.removeRange(0, world.model.size);
      world.check();
    }),
    { numRuns: runs(16) },
  );
}

/** Members with scores that ascend, in tens. */
const pairs = (count: number): Pair[] => Array.from({ length: count }, (_, i) => [`member:${i}`, i * 10]);

describe('ScoredRun', () => {
  it('behaves as a sorted set, under snapshots', () => play([], anyScore));
  it('behaves as a sorted set where the scores are small integers', () => play([], small));
  it('behaves as a sorted set that gains and loses its slots', () => {
    play(pairs(SCORED_SLOTS_FROM - 4), anyScore);
  });

  it.each(SCORES)('keeps the score %d as it is', (score) => {
    const world = new World([['a', 1]]);
    world.put('b', score);
    world.put('a', score);
    expect(world.open().find(Slice.of('a'))).toBe(true);
    expect(Object.is(world.run.scoreHere(), score)).toBe(true);
    world.check();
  });

  it.each([10, 500])('finds ranks by score among %i', (count) => {
    const { run } = new World(pairs(count));
    for (let score = -5; score <= count * 10 + 5; score += 5) {
      expect(run.countBelow(score)).toBe(Math.min(count, Math.max(0, Math.ceil(score / 10))));
      expect(run.countUpTo(score)).toBe(Math.min(count, Math.max(0, Math.floor(score / 10) + 1)));
    }
    expect([run.countBelow(-Infinity), run.countUpTo(Infinity)]).toEqual([0, count]);
  });

  it('finds ranks by member where all scores are the same', () => {
    const members = ['', 'a', 'aa', 'ab', 'b', 'longer than four', 'longer than four!', '\u00ff'];
    const { run } = new World(members.map((each) => [each, 7]));
    const ordered = members.map((each) => Buffer.from(each)).sort(Buffer.compare);
    for (const wanted of [...members, 'A', 'aaa', 'c', 'longer', 'longer than fovr', 'z']) {
      const expected = ordered.filter((each) => Buffer.compare(each, Buffer.from(wanted)) < 0).length;
      expect(run.countBefore(Slice.of(wanted))).toBe(expected);
    }
  });

  it('walks in both directions, and two readers at once', () => {
    const world = new World(pairs(5));
    const [up, down] = [world.open(new ScoredRun()), world.open(new ScoredRun())];
    const met: Pair[] = [];
    down.seek(5);
    while (up.next() && down.previous()) {
      met.push([up.memberHere().toString(), up.rank], [down.memberHere().toString(), down.rank]);
    }
    expect(met.flat().filter((each) => typeof each === 'number')).toEqual([0, 4, 1, 3, 2, 2, 3, 1, 4, 0]);
    expect(met.map(([name]) => name.slice(-1)).join('')).toBe('0413223140');
  });

  it('takes 12 bytes for a member of 8 bytes with a score of two', () => {
    const ofEight = (count: number): Pair[] => Array.from({ length: count }, (_, i) => [`member${10 + i}`, 1000 + i]);
    expect(new World(ofEight(10)).run.leastRoom).toBe(8 + 10 * 12);
    expect(new World(pairs(128)).run.leastRoom).toBeLessThan(1750);
    expect(new World(pairs(1000)).run.leastRoom / 1000).toBeLessThan(17.6);
  });
});
