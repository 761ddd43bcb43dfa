/**
 * ScoreTree: the members of a sorted set in the order of their scores, and of their bytes where scores are equal.
 *
 * A slot of a leaf is {f64 score, i32 entry}: the member stands in its entry, which belongs to the table of members. -0
 * and 0 are one score; NaN never comes in.
 */

import type { Arena, Ref } from './arena.js';
import type { Slice } from './slice.js';
import { NODE_SIZE, Tree } from './tree.js';
import { BELOW } from './tree-walk.js';

const SCORE = 0;
const ENTRY = 8;
const WIDTH = 12;
/**
 * Leaves are four times as large as inner nodes: the inner nodes of a million members then lie in one or two pages, so
 * that a new score copies 4 pages for a snapshot and not 8. It takes no longer (bench/micro/tree.js).
 */
const LEAF_SIZE = 8192;
/** Among so few slots nothing is guessed. */
const GUESS_FROM = 16;
/** In place of a guess. */
const HALVE = -1;
/** Where an entry is touched: at the member's length, in the cache line in which the member begins. */
const TOUCHED = 12;

/** How the owner of the entries compares members. */
export interface MemberOrder {
  /** Negative if the member of the first entry sorts before that of the second. */
  compare(a: Ref, b: Ref): number;
  /** The same for an entry's member and bytes that are no entry's. */
  compareTo(entry: Ref, member: Slice): number;
}

/** What a search looks for the first element of that is not before it. */
const Sought = { ENTRY: 0, SCORE: 1, AFTER_SCORE: 2, MEMBER: 3, AFTER_MEMBER: 4 } as const;
type Sought = (typeof Sought)[keyof typeof Sought];

export class ScoreTree extends Tree {
  // What is sought.
  private kind: Sought = Sought.ENTRY;
  private soughtScore = 0;
  private soughtEntry: Ref = 0;
  private soughtMember: Slice | null = null;

  constructor(
    arena: Arena,
    private readonly order: MemberOrder,
    innerSize = NODE_SIZE,
    leafSize = LEAF_SIZE,
  ) {
    super(arena, WIDTH, WIDTH, innerSize, leafSize);
  }

  // --- the element that the path leads to ---

  get score(): number {
    return this.arena.views[this.nodes[0] >>> 12].getFloat64(this.elementAt() + SCORE, true);
  }

  get entry(): Ref {
    return this.arena.views[this.nodes[0] >>> 12].getInt32(this.elementAt() + ENTRY, true);
  }

  /**
   * Looks at the entries of the next elements, up to `count` and within the leaf, so that the processor waits for all
   * of them at once. What it returns means nothing.
   */
  touchAhead(count: number, backwards: boolean): number {
    const { views } = this.arena;
    const leaf = this.nodes[0];
    const view = views[leaf >>> 12];
    const slot = this.slots[0];
    const from = backwards ? Math.max(0, slot - count + 1) : slot;
    const to = backwards ? slot + 1 : Math.min(this.countOf(leaf), slot + count);
    let sum = 0;
    let at = this.slotsAt(leaf) + from * WIDTH + ENTRY;
    for (let i = from; i < to; i++, at += WIDTH) {
      const entry = view.getInt32(at, true);
      sum ^= views[entry >>> 12].getInt32(((entry & 0xfff) << 4) + TOUCHED, true);
    }
    return sum;
  }

  // --- changes ---

  /** Adds an entry that is not in the tree. */
  insert(score: number, entry: Ref): void {
    this.seekEntry(score, entry);
    this.setPending(score, entry);
    this.insertHere();
  }

  /** Adds an entry that sorts after all others, without looking for its place. */
  append(score: number, entry: Ref): void {
    this.seekEnd();
    this.setPending(score, entry);
    this.insertHere();
  }

  /** Removes an entry; its member must still be readable. */
  remove(score: number, entry: Ref): void {
    this.find(score, entry);
    this.removeHere();
  }

  /** Removes the element that the path leads to. */
  removeElement(): void {
    this.removeHere();
  }

  /** Gives an entry another score. */
  changeScore(score: number, entry: Ref, newScore: number): void {
    this.find(score, entry);
    if (this.staysInPlace(score, newScore, entry)) {
      this.setPending(newScore, entry);
      this.replaceHere();
      return;
    }
    this.takeOutHere();
    this.insert(newScore, entry);
  }

  /** Compaction: the entry lies elsewhere now; both places hold its member still. */
  moved(score: number, from: Ref, to: Ref): void {
    this.find(score, from);
    this.setPending(score, to);
    this.replaceHere();
  }

  /** Becomes a copy; `entryOf` tells which entry of the copy stands for one of the original's. */
  copyFrom(other: ScoreTree, entryOf: (entry: Ref) => Ref): void {
    this.copyNodes(other, (view, at, count) => {
      for (let slot = 0; slot < count; slot++, at += WIDTH) {
        view.setInt32(at + ENTRY, entryOf(view.getInt32(at + ENTRY, true)), true);
      }
    });
  }

  // --- searches: each turns the path, and returns whether it leads to an element ---
  //
  // IdTree goes the same way down. In a class that both extend, which calls what guesses and what compares, an id took
  // 1.1 to 1.2 of its time to be found.

  /** How many elements are before an entry of the tree. */
  rankOf(score: number, entry: Ref): number {
    this.seekEntry(score, entry);
    return this.rank;
  }

  /** The first element whose score is at least `score`, or above it. */
  seekScore(score: number, isExclusive: boolean): boolean {
    this.kind = isExclusive ? Sought.AFTER_SCORE : Sought.SCORE;
    this.soughtScore = score;
    return this.seek();
  }

  /** Where all scores are equal: the first element whose member is at least `member`, or after it. */
  seekMember(member: Slice, isExclusive: boolean): boolean {
    this.kind = isExclusive ? Sought.AFTER_MEMBER : Sought.MEMBER;
    this.soughtMember = member;
    return this.seek();
  }

  private seekEntry(score: number, entry: Ref): boolean {
    this.kind = Sought.ENTRY;
    this.soughtScore = score;
    this.soughtEntry = entry;
    return this.seek();
  }

  private find(score: number, entry: Ref): void {
    if (!this.seekEntry(score, entry) || this.entry !== entry) throw new Error(`entry ${entry} is not in the tree`);
  }

  private seek(): boolean {
    if (this.height === 0) {
      this.isOnElement = false;
      return false;
    }
    let node = this.top;
    for (let level = this.height - 1; level > 0; level--) {
      // The last slot that is before what is sought; slot 0 always is.
      const slot = this.firstNotBefore(node, 1, this.innerWidth) - 1;
      this.nodes[level] = node;
      this.slots[level] = slot;
      node = this.childAt(node, slot);
    }
    const slot = this.height > 1 ? this.firstInLeaf(node) : this.firstNotBefore(node, 0, WIDTH);
    this.nodes[0] = node;
    this.slots[0] = slot;
    this.isOnElement = slot < this.countOf(node);
    // A new element goes to the end of this leaf; one that is there, or a bound, may be the first of the next.
    return this.isOnElement || this.leadsOn();
  }

  /** An insertion keeps the place at the end of its leaf. */
  private leadsOn(): boolean {
    if (this.kind !== Sought.ENTRY) return this.enterNextLeaf();
    const level = this.levelOfNextKey();
    if (level < 0) return false;
    const holder = this.nodes[level];
    const at = this.slotsAt(holder) + (this.slots[level] + 1) * this.innerWidth;
    if (this.arena.views[holder >>> 12].getInt32(at + ENTRY, true) !== this.soughtEntry) return false;
    return this.enterNextLeaf();
  }

  private firstNotBefore(node: Ref, low: number, width: number): number {
    const high = this.countOf(node);
    const last = high - 1;
    if (last - low < GUESS_FROM || this.kind >= Sought.MEMBER) return this.search(node, low, high, width, HALVE);
    const first = this.slotsAt(node) + low * width;
    const guessed = this.guess(node, first, first + (last - low) * width, last - low);
    return this.search(node, low, high, width, guessed < 0 ? HALVE : low + guessed);
  }

  /**
   * The same in a leaf that the path leads to. What its parent says of it is at hand, so that of a leaf that is not in
   * the cache only the lines around the score are waited for.
   */
  private firstInLeaf(leaf: Ref): number {
    const parent = this.nodes[1];
    const slot = this.slots[1];
    // Slot 0 has no key, and the last one none after it.
    if (this.kind >= Sought.MEMBER || slot === 0 || slot + 1 === this.countOf(parent)) {
      return this.firstNotBefore(leaf, 0, WIDTH);
    }
    const at = this.slotsAt(parent) + slot * this.innerWidth;
    const count = this.arena.views[parent >>> 12].getInt32(at + WIDTH + BELOW, true);
    const guessed = this.guess(parent, at, at + this.innerWidth, count - 1);
    return this.search(leaf, 0, count, WIDTH, guessed < 0 ? HALVE : guessed);
  }

  /**
   * Where the sought score may be between two so many steps apart, at places in a node's page; negative where they do
   * not tell. Within a node most scores lie evenly, and then it is a step or two off: among 100,000 random scores a new
   * one takes 0.8 of the time that halves took, a rank 0.85 (bench/micro/tree.js).
   */
  private guess(node: Ref, first: number, last: number, steps: number): number {
    const view = this.arena.views[node >>> 12];
    const least = view.getFloat64(first + SCORE, true);
    const span = view.getFloat64(last + SCORE, true) - least;
    // Not where one of them is infinite either.
    if (!(span > 0 && span < Number.POSITIVE_INFINITY)) return -1;
    return (Math.min(Math.max((this.soughtScore - least) / span, 0), 1) * steps) | 0;
  }

  /** Searches from a slot on, in steps that double, up to halves; or by halves alone. */
  private search(node: Ref, low: number, high: number, width: number, slot: number): number {
    const view = this.arena.views[node >>> 12];
    const start = this.slotsAt(node);
    let step = 0;
    if (slot === HALVE) {
      slot = (low + high) >>> 1;
      step = high;
    }
    while (low < high) {
      if (this.isBefore(view, start + slot * width)) {
        low = slot + 1;
        slot = Math.min(low + step, (low + high) >>> 1);
      } else {
        high = slot;
        slot = Math.max(high - 1 - step, (low + high) >>> 1);
      }
      step = 2 * step + 1;
    }
    return low;
  }

  private isBefore(view: DataView, at: number): boolean {
    if (this.kind >= Sought.MEMBER) {
      const order = this.order.compareTo(view.getInt32(at + ENTRY, true), this.soughtMember as Slice);
      return order < 0 || (order === 0 && this.kind === Sought.AFTER_MEMBER);
    }
    const score = view.getFloat64(at + SCORE, true);
    if (score !== this.soughtScore) return score < this.soughtScore;
    if (this.kind !== Sought.ENTRY) return this.kind === Sought.AFTER_SCORE;
    const entry = view.getInt32(at + ENTRY, true);
    return entry !== this.soughtEntry && this.order.compare(entry, this.soughtEntry) < 0;
  }

  /**
   * Whether the path's element sorts at the same place with another score, as far as its leaf and the next key tell.
   */
  private staysInPlace(score: number, newScore: number, entry: Ref): boolean {
    const view = this.arena.views[this.nodes[0] >>> 12];
    const at = this.elementAt();
    if (newScore < score) {
      return this.slots[0] > 0 && this.isOrdered(view, at - WIDTH, newScore, entry, -1);
    }
    if (this.slots[0] + 1 < this.countOf(this.nodes[0])) return this.isOrdered(view, at + WIDTH, newScore, entry, 1);
    const level = this.levelOfNextKey();
    if (level < 0) return true;
    const holder = this.nodes[level];
    const next = this.slotsAt(holder) + (this.slots[level] + 1) * this.innerWidth;
    return this.isOrdered(this.arena.views[holder >>> 12], next, newScore, entry, 1);
  }

  /** Whether a neighbour in a slot stays on its side (-1 before, 1 after) of an entry with a new score. */
  private isOrdered(view: DataView, at: number, score: number, entry: Ref, side: -1 | 1): boolean {
    const other = view.getFloat64(at + SCORE, true);
    if (other !== score) return side < 0 ? other < score : other > score;
    return this.order.compare(view.getInt32(at + ENTRY, true), entry) * side > 0;
  }

  private setPending(score: number, entry: Ref): void {
    this.pendingView.setFloat64(SCORE, score, true);
    this.pendingView.setInt32(ENTRY, entry, true);
  }

  protected override compareSlots(a: DataView, aAt: number, b: DataView, bAt: number): number {
    const difference = a.getFloat64(aAt + SCORE, true) - b.getFloat64(bAt + SCORE, true);
    // Equal infinities differ by NaN.
    if (difference < 0 || difference > 0) return difference;
    return this.order.compare(a.getInt32(aAt + ENTRY, true), b.getInt32(bAt + ENTRY, true));
  }
}
