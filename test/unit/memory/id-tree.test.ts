import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Arena } from '../../../src/memory/arena.js';
import { Id, IdTree } from '../../../src/memory/id-tree.js';
import { TREE_ROOT } from '../../../src/memory/tree-walk.js';
import { runs } from '../../support/runs.js';

type Words = [number, number, number, number];

const word = fc.oneof(fc.nat(3), fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xffffffff));
const id = fc.tuple(word, fc.oneof(word, fc.nat(2000)), word, word) as fc.Arbitrary<Words>;
const idOf = (words: Words) => new Id().set(...words);
const byId = (a: Words, b: Words) => idOf(a).compare(idOf(b));
const nameOf = (words: Words) => words.join('-');

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('add' as const), ids: fc.array(id, { maxLength: 200 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const), ids: fc.array(id, { maxLength: 200 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('append' as const), count: fc.nat(300) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('drop' as const), from: fc.nat(500), count: fc.nat(300) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('weigh' as const), ids: fc.array(id, { maxLength: 50 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('divide' as const), share: fc.double({ min: 0, max: 1.1, noNaN: true }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('snapshot' as const) }) },
);

function namesOf(tree: IdTree): string[] {
  const names: string[] = [];
  const at = new Id();
  for (let there = tree.atRank(0); there; there = tree.next()) {
    const { msHigh, msLow, seqHigh, seqLow } = tree.idInto(at);
    const name = nameOf([msHigh, msLow, seqHigh, seqLow]);
    names.push(`${name} ${tree.getFloat64(0)} ${tree.getInt32(8)} ${tree.getInt32(WEIGHT_AT)}`);
  }
  return names;
}

const textOf = ({ words, value, weight }: { words: Words; value: number; weight: number }) =>
  `${nameOf(words)} ${value + 0.5} ${-value} ${weight}`;

const VALUE = 16;
const WEIGHT_AT = 12;

/** A tree beside a sorted list of ids, each with the double that it got when it came in, and a weight. */
class World {
  readonly arena = new Arena();
  private readonly holder = this.arena.allocate(TREE_ROOT);
  readonly tree: IdTree;
  private model = new Map<string, { words: Words; value: number; weight: number }>();
  private serial = 1;

  constructor(
    private readonly nodeSize: number,
    private readonly isWeighted: boolean,
  ) {
    this.tree = this.newTree().open(this.holder, 0).initialise();
  }

  private newTree(arena = this.arena): IdTree {
    return new IdTree(arena, VALUE, this.nodeSize, this.isWeighted ? WEIGHT_AT : undefined);
  }

  add(words: Words): void {
    const here = this.tree.find(idOf(words));
    expect(here).toBe(this.model.has(nameOf(words)));
    if (!here) this.tree.insert(idOf(words));
    this.setValue(words);
  }

  append(count: number): void {
    for (; count > 0; count--) {
      const last = this.sorted().at(-1)?.words ?? [0, 0, 0, 0];
      if (last[0] === 0xffffffff) return;
      const words: Words = [last[0], last[1], last[2], last[3] + 1];
      if (words[3] > 0xffffffff) words.splice(0, 4, last[0] + 1, 0, 0, 0);
      this.tree.append(idOf(words));
      this.setValue(words);
    }
  }

  private setValue(words: Words): void {
    const value = this.serial++;
    this.tree.setFloat64(0, value + 0.5);
    this.tree.setInt32(8, -value);
    const weight = this.isWeighted ? value % 5 : 0;
    if (this.isWeighted) this.tree.setWeight(weight);
    this.model.set(nameOf(words), { words, value, weight });
  }

  weigh(words: Words): void {
    const known = this.model.get(nameOf(words));
    if (known === undefined || !this.tree.find(idOf(words))) return;
    known.weight = (known.weight * 7) % 11;
    this.tree.setWeight(known.weight);
  }

  /** What is first, up to a share of the weights or the ids, goes to another tree. */
  divide(share: number): void {
    const all = this.sorted();
    let count = Math.floor(share * all.length);
    if (this.isWeighted) {
      const most = share * all.reduce((sum, { weight }) => sum + weight, 0);
      let before = 0;
      for (count = 0; count < all.length && before + all[count].weight <= most; count++) before += all[count].weight;
      expect(this.tree.seekWeight(most)).toBe(before);
      expect(this.tree.weightBefore).toBe(before);
      expect(this.tree.rank).toBe(count);
    } else this.tree.atRank(count);
    expect(this.tree.hasElement).toBe(count < all.length);
    const holder = this.arena.allocate(TREE_ROOT);
    const other = this.newTree().open(holder, 0).initialise();
    this.tree.moveFirst(other);
    other.open(holder, 0).checkIntegrity();
    expect(namesOf(other)).toEqual(all.slice(0, count).map(textOf));
    for (const { words } of all.slice(0, count)) this.model.delete(nameOf(words));
    other.free();
    this.arena.free(holder);
  }

  remove(words: Words): void {
    const here = this.tree.find(idOf(words));
    expect(here).toBe(this.model.delete(nameOf(words)));
    if (here) this.tree.remove();
  }

  drop(from: number, count: number): void {
    for (const { words } of this.sorted().slice(from, from + count)) this.model.delete(nameOf(words));
    this.tree.removeRange(from, count);
  }

  sorted() {
    return [...this.model.values()].sort((a, b) => byId(a.words, b.words));
  }

  check(arena = this.arena): void {
    const tree = this.newTree(arena).open(this.holder, 0);
    tree.checkIntegrity();
    expect(namesOf(tree)).toEqual(this.sorted().map(textOf));
    if (arena !== this.arena) return;
    arena.settle();
    arena.checkIntegrity([this.holder, ...tree.blocks()]);
  }
}

const nodes = [192, 2048].flatMap((size) => [false, true].map((isWeighted) => [size, isWeighted] as const));

it.each(nodes)('an IdTree with nodes of %i bytes agrees with a sorted list (weighted: %s)', (nodeSize, isWeighted) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), fc.array(id, { maxLength: 30 }), (steps, bounds) => {
      const world = new World(nodeSize, isWeighted);
      for (const each of steps) {
        if (each.do === 'add') for (const words of each.ids) world.add(words);
        else if (each.do === 'remove') for (const words of each.ids) world.remove(words);
        else if (each.do === 'append') world.append(each.count);
        else if (each.do === 'weigh' && isWeighted) for (const words of each.ids) world.weigh(words);
        else if (each.do === 'divide') world.divide(each.share);
        else if (each.do === 'drop') world.drop(each.from, each.count);
        else {
          world.arena.settle();
          const snapshot = world.arena.snapshot();
          world.check(snapshot);
          snapshot.close();
        }
        world.check();
      }
      const all = world.sorted();
      for (const bound of [...bounds, ...all.slice(0, 10).map(({ words }) => words)]) {
        for (const isExclusive of [false, true]) {
          const before = all.filter(({ words }) => byId(words, bound) < (isExclusive ? 1 : 0)).length;
          expect(world.tree.seek(idOf(bound), isExclusive)).toBe(before < all.length);
          expect(world.tree.rank).toBe(before);
        }
      }
      world.tree.free();
      world.arena.settle();
      expect(world.tree.size).toBe(0);
    }),
    { numRuns: runs(25) },
  );
});
