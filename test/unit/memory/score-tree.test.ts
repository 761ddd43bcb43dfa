import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena, type Ref } from '../../../src/memory/arena.js';
import { ScoreTree } from '../../../src/memory/score-tree.js';
import { Slice } from '../../../src/memory/slice.js';
import { TREE_ROOT } from '../../../src/memory/tree-walk.js';
import { runs } from '../../support/runs.js';
import { expectSameElements } from '../../support/same-elements.js';

interface Element {
  score: number;
  member: string;
  entry: Ref;
}

const byScore = (a: Element, b: Element) => a.score - b.score || (a.member < b.member ? -1 : 1);
const HOLDER_OFFSET = 32;

/** Members stand in blocks of their own: one byte of length, then the bytes. */
class Members {
  constructor(readonly arena: Arena) {}

  add(member: string): Ref {
    const entry = this.arena.allocate(1 + member.length);
    const at = (entry & 0xfff) << 4;
    this.arena.bytes[entry >>> 12][at] = member.length;
    this.arena.bytes[entry >>> 12].write(member, at + 1, 'latin1');
    return entry;
  }

  read(entry: Ref): string {
    const at = (entry & 0xfff) << 4;
    const bytes = this.arena.bytes[entry >>> 12];
    return bytes.toString('latin1', at + 1, at + 1 + bytes[at]);
  }

  compare(a: Ref, b: Ref): number {
    return this.read(a) < this.read(b) ? -1 : 1;
  }

  compareTo(entry: Ref, member: Slice): number {
    const mine = this.read(entry);
    const other = member.toLatin1();
    if (mine === other) return 0;
    return mine < other ? -1 : 1;
  }
}

/** A tree beside a sorted array that must agree with it, with snapshots of both. */
class World {
  readonly arena = new Arena();
  readonly members = new Members(this.arena);
  readonly holder = this.arena.allocate(HOLDER_OFFSET + TREE_ROOT);
  readonly tree: ScoreTree;
  model: Element[] = [];
  private snapshots: { arena: Arena; model: Element[] }[] = [];
  private serial = 0;

  /** Bytes of inner nodes and of leaves. */
  constructor(private readonly sizes: [number, number] = [2048, 8192]) {
    this.tree = new ScoreTree(this.arena, this.members, ...sizes).open(this.holder, HOLDER_OFFSET).initialise();
  }

  insert(score: number): void {
    // Not in the order of insertion: among equal scores the bytes decide.
    const serial = this.serial++;
    const member = `${String(Math.imul(serial, 0x9e3779b1) >>> 0)}-${serial}`;
    const element = { score, member, entry: this.members.add(member) };
    this.tree.insert(score, element.entry);
    this.model.push(element);
    this.model.sort(byScore);
  }

  append(count: number): void {
    for (; count > 0; count--) {
      const last = this.model.at(-1)?.score ?? 0;
      // Beyond 2^53 adding one changes nothing, and a random member need not be the greatest.
      if (last + 1 <= last) return;
      const score = last + 1;
      const member = `appended-${this.serial++}`;
      const element = { score, member, entry: this.members.add(member) };
      this.tree.append(score, element.entry);
      this.model.push(element);
    }
  }

  remove(index: number): void {
    const [{ score, entry }] = this.model.splice(index, 1);
    this.tree.remove(score, entry);
    this.arena.free(entry);
  }

  removeRange(from: number, count: number): void {
    for (const { entry } of this.model.splice(from, count)) this.arena.free(entry);
    this.tree.removeRange(from, count);
  }

  changeScore(index: number, score: number): void {
    const element = this.model[index];
    this.tree.changeScore(element.score, element.entry, score);
    this.model[index] = { ...element, score };
    this.model.sort(byScore);
  }

  move(index: number): void {
    const element = this.model[index];
    const entry = this.members.add(element.member);
    this.tree.moved(element.score, element.entry, entry);
    this.arena.free(element.entry);
    this.model[index] = { ...element, entry };
  }

  snapshot(): void {
    this.snapshots.push({ arena: this.arena.snapshot(), model: [...this.model] });
  }

  closeSnapshot(): void {
    const snapshot = this.snapshots.shift();
    if (snapshot === undefined) return;
    const members = new Members(snapshot.arena);
    const tree = new ScoreTree(snapshot.arena, members, ...this.sizes).open(this.holder, HOLDER_OFFSET);
    tree.checkIntegrity();
    expect(contents(tree, members)).toEqual(snapshot.model.map(({ score, member }) => [score, member]));
    snapshot.arena.close();
  }

  compact(budgetEach: number): void {
    this.arena.settle();
    if (this.snapshots.length > 0 || this.arena.beginEvacuation() === 0) return;
    const progress = new Int32Array(1);
    for (let slices = 0; ; slices++) {
      const budget = { left: budgetEach };
      if (this.tree.relocateSome(progress, 0, budget)) break;
      expect(budget.left).toBe(0);
      expect(slices).toBeLessThan(this.tree.nodeCount + 1);
    }
    this.arena.endEvacuation();
  }

  check(): void {
    this.arena.settle();
    this.tree.open(this.holder, HOLDER_OFFSET);
    this.tree.checkIntegrity();
    this.arena.checkIntegrity([this.holder, ...this.tree.blocks(), ...this.model.map(({ entry }) => entry)]);
    expect(contents(this.tree, this.members)).toEqual(this.model.map(({ score, member }) => [score, member]));
  }

  end(budgetEach: number): void {
    while (this.snapshots.length > 0) this.closeSnapshot();
    this.tree.open(this.holder, HOLDER_OFFSET);
    let budget = { left: budgetEach };
    while (!this.tree.freeSome(budget)) {
      this.arena.settle();
      this.arena.checkIntegrity([this.holder, ...this.tree.blocks(), ...this.model.map(({ entry }) => entry)]);
      budget = { left: budgetEach };
    }
    for (const { entry } of this.model) this.arena.free(entry);
    this.arena.settle();
    this.arena.checkIntegrity([this.holder]);
  }
}

function contents(tree: ScoreTree, members: Members): [number, string][] {
  const found: [number, string][] = [];
  for (let there = tree.atRank(0); there; there = tree.next()) found.push([tree.score, members.read(tree.entry)]);
  return found;
}

const fraction = fc.double({ min: 0, max: 0.999999, noNaN: true });
const score = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: -20, max: 20 }) },
  { weight: 3, arbitrary: fc.double({ noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(0, -0, Infinity, -Infinity) },
);
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('insert' as const), scores: fc.array(score, { maxLength: 300 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('append' as const), count: fc.nat(1000) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('remove' as const), at: fc.array(fraction, { maxLength: 300 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('removeRange' as const), from: fraction, to: fraction }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('change' as const),
      at: fc.array(fc.tuple(fraction, score), { maxLength: 50 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('nudge' as const), at: fc.array(fraction, { maxLength: 50 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('move' as const), at: fc.array(fraction, { maxLength: 50 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('snapshot' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('close' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('compact' as const), budget: fc.integer({ min: 1, max: 5 }) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function run(world: World, each: Step): void {
  const pick = (at: number) => Math.floor(at * world.model.length);
  if (each.do === 'insert') for (const one of each.scores) world.insert(one);
  else if (each.do === 'append') world.append(each.count);
  else if (each.do === 'snapshot') world.snapshot();
  else if (each.do === 'close') world.closeSnapshot();
  else if (each.do === 'compact') world.compact(each.budget);
  else if (each.do === 'removeRange') {
    const [from, to] = [pick(each.from), pick(each.to)].sort((a, b) => a - b);
    world.removeRange(from, to - from);
  } else
    for (const one of each.at) {
      if (world.model.length === 0) break;
      if (each.do === 'remove') world.remove(pick(one as number));
      else if (each.do === 'move') world.move(pick(one as number));
      else if (each.do === 'nudge') {
        const at = pick(one as number);
        world.changeScore(at, world.model[at].score + (at % 2 === 0 ? 0.01 : -0.01));
      } else {
        const [at, score] = one as [number, number];
        world.changeScore(pick(at), score);
      }
    }
}

describe('a ScoreTree', () => {
  const sizes: [number, number][] = [
    // 10 elements in a leaf, 6 children in an inner node: four to six levels.
    [128, 128],
    [128, 512],
    [2048, 2048],
    [2048, 8192],
  ];
  it.each(sizes)('of nodes of %i and leaves of %i bytes agrees with a sorted array and its snapshots', (...sizes) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.integer({ min: 1, max: 9 }), (steps, budget) => {
        const world = new World(sizes);
        for (const each of steps) {
          run(world, each);
          world.check();
        }
        world.end(budget);
      }),
      { numRuns: runs(30) },
    );
  });

  it('tells ranks and finds bounds as counting does', () => {
    fc.assert(
      fc.property(
        fc.array(score, { minLength: 1, maxLength: 900 }),
        fc.array(score, { maxLength: 40 }),
        (all, bounds) => {
          const world = new World();
          for (const one of all) world.insert(one);
          expectSameElements(
            world.model.map(({ score, entry }) => world.tree.rankOf(score, entry)),
            [...world.model.keys()],
          );
          for (const bound of [...bounds, ...all.slice(0, 20)]) {
            for (const isExclusive of [false, true]) {
              const before = world.model.filter(
                ({ score }) => score < bound || (isExclusive && score === bound),
              ).length;
              expect(world.tree.seekScore(bound, isExclusive)).toBe(before < all.length);
              expect(world.tree.rank).toBe(before);
              if (before < all.length) expect(world.tree.entry).toBe(world.model[before].entry);
            }
          }
        },
      ),
      { numRuns: runs(25) },
    );
  });

  it('finds bounds among members where all scores are equal', () => {
    const world = new World();
    for (let i = 0; i < 2000; i++) world.insert(7);
    const bounds = ['', '5', '~', ...world.model.filter((_, i) => i % 50 === 0).map(({ member }) => member)];
    for (const bound of bounds) {
      for (const isExclusive of [false, true]) {
        const before = world.model.filter(({ member }) => member < bound || (isExclusive && member === bound)).length;
        expect(world.tree.seekMember(Slice.of(bound), isExclusive)).toBe(before < 2000);
        expect(world.tree.rank).toBe(before);
      }
    }
  });

  it('walks both ways from any place', () => {
    const world = new World();
    world.append(3000);
    for (const start of [0, 1, 681, 682, 683, 1500, 2999]) {
      const seen: number[] = [];
      for (let there = world.tree.atRank(start); there; there = world.tree.previous()) seen.push(world.tree.score);
      expect(seen).toEqual(
        world.model
          .slice(0, start + 1)
          .map(({ score }) => score)
          .reverse(),
      );
    }
    expect(world.tree.atRank(3000)).toBe(false);
    expect(world.tree.atRank(-1)).toBe(false);
  });

  it('fills its leaves when scores ascend', () => {
    const world = new World();
    world.append(17_000);
    const perLeaf = 682;
    expect(world.tree.nodeCount).toBeLessThan(17_000 / perLeaf + 4);
    world.check();
  });

  it('copies itself onto the entries of a copy', () => {
    const world = new World();
    for (let i = 0; i < 3000; i++) world.insert(i % 37);
    const holder = world.arena.allocate(TREE_ROOT);
    const entries = new Map(world.model.map(({ entry, member }) => [entry, world.members.add(member)]));
    const copy = new ScoreTree(world.arena, world.members).open(holder, 0).initialise();
    copy.copyFrom(world.tree, (entry) => entries.get(entry)!);
    copy.checkIntegrity();
    const [copied, original] = [copy, world.tree].map((tree) => contents(tree, world.members).map(String));
    expectSameElements(copied, original);
    world.arena.settle();
    const all = [...world.model.map(({ entry }) => entry), ...entries.values()];
    world.arena.checkIntegrity([holder, world.holder, ...copy.blocks(), ...world.tree.blocks(), ...all]);
  });

  it('copies at most four pages after a snapshot for one new score', () => {
    const world = new World();
    world.append(20_000);
    world.snapshot();
    const before = world.arena.stats.heldBytes;
    world.changeScore(10_000, 10.5);
    // Two leaves and what is above them; the root says what it said.
    expect(world.arena.stats.heldBytes - before).toBeLessThanOrEqual(4 * 65_536);
    world.closeSnapshot();
  });
});
