/** The tree of a sorted set, 100,000 members with random scores, with leaves of three sizes. */
import { Arena } from '../../.tmp/modules/memory/arena.js';
import { ScoreTree } from '../../.tmp/modules/memory/score-tree.js';
import { NODE_SIZE } from '../../.tmp/modules/memory/tree.js';
import { TREE_ROOT } from '../../.tmp/modules/memory/tree-walk.js';
import { UNITS } from './units.js';

const SIZE = 100_000;
const SCORES = 10_000_000;

class World {
  constructor(leafSize) {
    this.arena = new Arena();
    this.tree = new ScoreTree(this.arena, this, NODE_SIZE, leafSize)
      .open(this.arena.allocate(TREE_ROOT), 0)
      .initialise();
    this.entries = new Int32Array(SIZE);
    this.scores = new Float64Array(SIZE);
    for (let i = 0; i < SIZE; i++) {
      this.entries[i] = this.arena.allocate(16);
      this.arena.views[this.entries[i] >>> 12].setInt32((this.entries[i] & 0xfff) << 4, i, true);
      this.scores[i] = Math.floor(Math.random() * SCORES);
      this.tree.insert(this.scores[i], this.entries[i]);
    }
    this.arena.settle();
  }

  number(entry) {
    return this.arena.views[entry >>> 12].getInt32((entry & 0xfff) << 4, true);
  }

  compare(a, b) {
    return this.number(a) - this.number(b);
  }

  compareTo() {
    throw new Error('not used');
  }
}

function doing(leafSize, what) {
  let world;
  return () => {
    world ??= new World(leafSize);
    for (let i = 0; i < UNITS; i++) what(world, Math.floor(Math.random() * SIZE));
    world.arena.settle();
  };
}

function changeScore({ tree, entries, scores }, i) {
  const score = Math.floor(Math.random() * SCORES);
  tree.changeScore(scores[i], entries[i], score);
  scores[i] = score;
}

function addOne({ tree, entries, scores }, i) {
  tree.changeScore(scores[i], entries[i], scores[i] + 1);
  scores[i]++;
}

function readTen({ tree }, i) {
  let there = tree.atRank(Math.min(i, SIZE - 10));
  for (let count = 0; count < 10 && there; count++) there = tree.next();
}

const cases = {};
for (const size of [NODE_SIZE, NODE_SIZE * 2, NODE_SIZE * 4]) {
  cases[`new score, leaves of ${size}`] = doing(size, changeScore);
  cases[`score + 1, leaves of ${size}`] = doing(size, addOne);
  cases[`rank, leaves of ${size}`] = doing(size, ({ tree, entries, scores }, i) => tree.rankOf(scores[i], entries[i]));
  cases[`ten by rank, leaves of ${size}`] = doing(size, readTen);
}
export default cases;
