/**
 * ScoreTable: a sorted set of many members. A Table finds a member and its score, a ScoreTree over the same entries
 * keeps them in order.
 *
 *     root    that of the Table, then that of the tree                              (SCORE_TABLE_ROOT bytes)
 *     entry   +0 i32 position in the dense array   +4 f64 score   +12 varint length of the member, the member
 *
 * The score stands before the member, at a place of its own, so that a lookup reads it without looking at lengths.
 * Every entry is in the tree with the score that it says, except while members are added by addUnordered().
 *
 * Of several ScoreTables over one root one writes, as for Tables.
 */

import type { Arena, Ref } from './arena.js';
import { type EntryLayout, MEMBER_ENTRY } from './entry-layout.js';
import { ScoreTree } from './score-tree.js';
import { compareBytes, Slice } from './slice.js';
import { Sorter } from './sorter.js';
import type { Budget, Structure } from './structure.js';
import { type HashSeeds, TABLE_ROOT, Table } from './table.js';
import { TREE_ROOT } from './tree-walk.js';

export const SCORE_TABLE_ROOT = TABLE_ROOT + TREE_ROOT;

const SCORE = 4;
const SCORED_MEMBER_ENTRY: EntryLayout = { ...MEMBER_ENTRY, plainHeader: 12 };

/** So many members are worth to be sorted before they are removed. */
const MANY = 64;

/** What relocateSome() is at. */
const Stage = { TABLE: 0, TREE: 1 } as const;

export class ScoreTable implements Structure {
  readonly table: Table;
  private readonly order: ScoreTree;
  private block: Ref = 0;
  private offset = 0;
  private isOrderOpen = false;
  private readonly first = new Slice();
  private readonly second = new Slice();

  constructor(
    private readonly arena: Arena,
    seeds: HashSeeds,
  ) {
    this.table = new Table(arena, SCORED_MEMBER_ENTRY, seeds);
    this.order = new ScoreTree(arena, this);
    this.table.observer = this;
  }

  open(block: Ref, offset: number): this {
    this.table.open(block, offset);
    this.block = block;
    this.offset = offset;
    this.isOrderOpen = false;
    return this;
  }

  /** The tree, opened when it is first asked for: lookups of scores need none. */
  get tree(): ScoreTree {
    if (this.isOrderOpen) return this.order;
    this.isOrderOpen = true;
    return this.order.open(this.block, this.offset + TABLE_ROOT);
  }

  /** Writes the root of an empty one at such a place, and turns to it. */
  initialise(block: Ref, offset: number): this {
    this.table.initialise(block, offset);
    this.block = block;
    this.offset = offset;
    this.isOrderOpen = false;
    this.tree.initialise();
    return this;
  }

  // --- reading ---

  lookAhead(members: readonly Slice[], count: number): number {
    return this.table.lookAhead(members, count);
  }

  get size(): number {
    return this.table.size;
  }

  /** The entry of a member, 0 if there is none. */
  find(member: Slice): Ref {
    return this.table.find(member);
  }

  scoreOf(entry: Ref): number {
    return this.arena.views[entry >>> 12].getFloat64(((entry & 0xfff) << 4) + SCORE, true);
  }

  memberOf(entry: Ref, into: Slice): Slice {
    return this.table.keyOf(entry, into);
  }

  /** How many members are before the one of an entry. */
  rankOf(entry: Ref): number {
    return this.tree.rankOf(this.scoreOf(entry), entry);
  }

  // --- changes; scores are no NaN ---

  /** Adds the member that find() has looked for in vain. */
  add(member: Slice, score: number): Ref {
    const entry = this.table.insertMissed(member);
    this.writeScore(entry, score);
    this.tree.insert(score, entry);
    return entry;
  }

  /** Adds a member that is not there and sorts after all others. */
  append(member: Slice, score: number): Ref {
    const entry = this.addUnordered(member, score);
    this.tree.append(score, entry);
    return entry;
  }

  setScore(entry: Ref, score: number): void {
    const before = this.scoreOf(entry);
    this.arena.writable(entry);
    this.writeScore(entry, score);
    this.tree.changeScore(before, entry, score);
  }

  remove(entry: Ref): void {
    this.tree.remove(this.scoreOf(entry), entry);
    this.table.remove(entry);
  }

  /** Removes so many members from a rank on, though not all. */
  removeRange(rank: number, count: number): void {
    const { tree, table } = this;
    tree.atRank(rank);
    if (count === 1) {
      const { entry } = tree;
      tree.removeElement();
      table.remove(entry);
      return;
    }
    const entries = new Int32Array(count);
    for (let i = 0; i < count; i++, tree.next()) entries[i] = tree.entry;
    tree.removeRange(rank, count);
    if (count < MANY) {
      for (let i = 0; i < count; i++) table.remove(entries[i]);
    } else {
      // Neighbours in memory one after the other: half of the set goes in half of the time.
      table.removeAll(entries.sort());
    }
  }

  // --- building from many members: adding them in any order and ordering them once takes a fourth of the time ---

  /** Adds a member that is not there, but for the order. */
  addUnordered(member: Slice, score: number): Ref {
    const entry = this.table.insert(member);
    this.writeScore(entry, score);
    return entry;
  }

  /** Of a member that has no place in the order yet. */
  setUnorderedScore(entry: Ref, score: number): void {
    this.arena.writable(entry);
    this.writeScore(entry, score);
  }

  /** Gives all members their places, none of which has one. */
  putInOrder(): void {
    const { table, tree, size } = this;
    const sorter = new Sorter();
    sorter.begin(size);
    for (let position = 0; position < size; position++) sorter.scores[position] = this.scoreOf(table.at(position));
    sorter.sort(size, false, (a, b) => this.compare(table.at(a), table.at(b)));
    const { order } = sorter;
    for (let i = 0; i < size; i++) {
      const entry = table.at(order[i]);
      tree.append(this.scoreOf(entry), entry);
    }
  }

  private writeScore(entry: Ref, score: number): void {
    this.arena.views[entry >>> 12].setFloat64(((entry & 0xfff) << 4) + SCORE, score, true);
  }

  // --- what the tree and the Table ask ---

  compare(a: Ref, b: Ref): number {
    return compareBytes(this.table.keyOf(a, this.first), this.table.keyOf(b, this.second));
  }

  compareTo(entry: Ref, member: Slice): number {
    return compareBytes(this.table.keyOf(entry, this.first), member);
  }

  entryMoved(from: Ref, to: Ref): void {
    this.tree.moved(this.scoreOf(to), from, to);
  }

  // --- Structure ---

  free(): void {
    this.tree.free();
    this.table.clear();
  }

  freeSome(budget: Budget): boolean {
    return this.tree.freeSome(budget) && this.table.freeSome(budget);
  }

  copyFrom(other: this): void {
    const { table } = this;
    table.copyFrom(other.table);
    // Copies have the positions of their originals.
    this.tree.copyFrom(other.tree, (entry) => table.at(other.table.dict.positionOf(entry)));
  }

  relocateSome(progress: Int32Array, level: number, budget: Budget): boolean {
    if (progress[level] === Stage.TABLE) {
      if (!this.table.relocateSome(progress, level + 1, budget)) return false;
      progress[level] = Stage.TREE;
      progress[level + 1] = 0;
    }
    return this.tree.relocateSome(progress, level + 1, budget);
  }

  *blocks(): Generator<Ref> {
    yield* this.table.blocks();
    yield* this.tree.blocks();
  }

  blockBytes(samples: number): number {
    return this.table.blockBytes(samples) + this.tree.blockBytes;
  }

  /** Throws unless Table and tree agree. */
  checkIntegrity(): void {
    const { table, tree } = this;
    table.checkIntegrity();
    tree.checkIntegrity();
    if (tree.size !== table.size) throw new Error(`${tree.size} members in order of ${table.size}`);
    const member = new Slice();
    for (let there = tree.atRank(0); there; there = tree.next()) {
      const { entry, score } = tree;
      if (!Object.is(score, this.scoreOf(entry))) throw new Error('the tree has another score than the entry');
      if (table.find(this.memberOf(entry, member)) !== entry) throw new Error('the tree has an entry of no member');
    }
  }
}
