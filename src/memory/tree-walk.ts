/**
 * TreeWalk: the root of a counted B+-tree, and the walk over its elements: what reads a tree, which Tree changes. It
 * knows slots of given widths, not what their keys mean.
 *
 *     root   i32 top node, i32 elements, i32 levels, i32 nodes (16 bytes, inside a block of the owner's)
 *     node   u16 slots in use, u16 slots there is room for, u8 level, 3 unused; then the slots
 *     leaf   level 0: an element is a slot, its key first
 *     inner  a slot is {key, i32 child, i32 elements below the child}
 *
 * Elements may have weights: an i32 in an element's slot, and in an inner slot, behind the rest, the f64 sum of those
 * below the child.
 *
 * Nodes have no links to each other but from parent to child, so moving one changes its parent only. A cursor keeps its
 * path: the node and the slot of every level.
 */

import { Arena, type Ref } from './arena.js';
import { sizeOfBlocks } from './structure.js';

/** Bytes of a root. */
export const TREE_ROOT = 16;

export const TOP = 0;
export const SIZE = 4;
export const HEIGHT = 8;
export const NODES = 12;

export const COUNT = 0;
export const CAPACITY = 2;
export const LEVEL = 4;
export const HEADER = 8;

/** Behind the key of an inner slot. */
export const CHILD = 0;
export const BELOW = 4;
export const WEIGHT = 8;
const INNER_EXTRA = 8;
const WEIGHT_SIZE = 8;

/** More levels than 2^31 elements need in nodes that are a quarter full. */
const MAX_LEVELS = 12;

export abstract class TreeWalk {
  /** Elements. */
  size = 0;
  protected height = 0;
  protected top: Ref = 0;
  protected nodeCountNow = 0;

  /** Where the root lies. */
  protected owner: Ref = 0;
  protected rootOffset = 0;

  /** The path, by level: nodes and the slots in them. Any change but replaceHere() voids it. */
  protected readonly nodes = new Int32Array(MAX_LEVELS);
  protected readonly slots = new Int32Array(MAX_LEVELS);
  /** Whether the path leads to an element. */
  protected isOnElement = false;

  protected readonly innerWidth: number;
  protected readonly leafCapacity: number;
  protected readonly innerCapacity: number;

  protected constructor(
    protected readonly arena: Arena,
    protected readonly keySize: number,
    protected readonly leafWidth: number,
    innerSize: number,
    leafSize: number,
    /** Where in a leaf's slot the weight stands; 0 if elements have none. */
    protected readonly weightAt: number,
  ) {
    this.innerWidth = keySize + INNER_EXTRA + (weightAt > 0 ? WEIGHT_SIZE : 0);
    this.leafCapacity = Math.floor((leafSize - HEADER) / leafWidth);
    this.innerCapacity = Math.floor((innerSize - HEADER) / this.innerWidth);
  }

  // --- the root ---

  open(block: Ref, offset: number): this {
    this.owner = block;
    this.rootOffset = offset;
    this.isOnElement = false;
    const view = this.arena.views[block >>> 12];
    const at = ((block & 0xfff) << 4) + offset;
    this.top = view.getInt32(at + TOP, true);
    this.size = view.getInt32(at + SIZE, true);
    this.height = view.getInt32(at + HEIGHT, true);
    this.nodeCountNow = view.getInt32(at + NODES, true);
    return this;
  }

  /** For reading: an empty tree that has no root yet. */
  openEmpty(): this {
    this.owner = 0;
    this.clear();
    return this;
  }

  /** Nodes: what freeing the tree costs. */
  get nodeCount(): number {
    return this.nodeCountNow;
  }

  protected clear(): void {
    this.top = 0;
    this.size = 0;
    this.height = 0;
    this.nodeCountNow = 0;
    this.isOnElement = false;
  }

  // --- the path ---

  /** Turns the path to the element with so many before it; returns whether there is one. */
  atRank(rank: number): boolean {
    this.isOnElement = rank >= 0 && rank < this.size;
    if (!this.isOnElement) return false;
    const { innerWidth, keySize } = this;
    let node = this.top;
    for (let level = this.height - 1; level > 0; level--) {
      const view = this.arena.views[node >>> 12];
      let at = ((node & 0xfff) << 4) + HEADER + keySize;
      let slot = 0;
      for (let below = view.getInt32(at + BELOW, true); rank >= below; below = view.getInt32(at + BELOW, true)) {
        rank -= below;
        at += innerWidth;
        slot++;
      }
      this.nodes[level] = node;
      this.slots[level] = slot;
      node = view.getInt32(at + CHILD, true);
    }
    this.nodes[0] = node;
    this.slots[0] = rank;
    return true;
  }

  /** How many elements are before the one that the path leads to, or before its end. */
  get rank(): number {
    if (this.height === 0) return 0;
    let rank = this.slots[0];
    for (let level = 1; level < this.height; level++) {
      const node = this.nodes[level];
      const view = this.arena.views[node >>> 12];
      let at = ((node & 0xfff) << 4) + HEADER + this.keySize + BELOW;
      for (let slot = this.slots[level]; slot > 0; slot--) {
        rank += view.getInt32(at, true);
        at += this.innerWidth;
      }
    }
    return rank;
  }

  /**
   * Turns the path to the element with which the weights, added up from the first one, come to more than `most`, or
   * behind the last. Returns what those before it come to.
   */
  seekWeight(most: number): number {
    let before = 0;
    let node = this.top;
    this.isOnElement = false;
    for (let level = this.height - 1; level >= 0; level--) {
      const count = this.countOf(node);
      // Below the last child is what exceeds it, or the end.
      const end = level === 0 ? count : count - 1;
      let slot = 0;
      for (; slot < end; slot++) {
        const after = before + this.weightOf(node, level, slot);
        if (after > most) break;
        before = after;
      }
      this.nodes[level] = node;
      this.slots[level] = slot;
      if (level === 0) this.isOnElement = slot < count;
      else node = this.childAt(node, slot);
    }
    return before;
  }

  /** The weight of what is before the element that the path leads to, or before its end. */
  get weightBefore(): number {
    let sum = 0;
    for (let level = 0; level < this.height; level++) {
      for (let slot = 0; slot < this.slots[level]; slot++) sum += this.weightOf(this.nodes[level], level, slot);
    }
    return sum;
  }

  protected weightOf(node: Ref, level: number, slot: number): number {
    const view = this.arena.views[node >>> 12];
    const at = this.slotsAt(node);
    if (level === 0) return view.getInt32(at + slot * this.leafWidth + this.weightAt, true);
    return view.getFloat64(at + slot * this.innerWidth + this.keySize + WEIGHT, true);
  }

  /** Whether the path leads to an element: false beyond both ends. */
  get hasElement(): boolean {
    return this.isOnElement;
  }

  /** On to the next element; false if there is none. */
  next(): boolean {
    if (!this.isOnElement) return false;
    if (++this.slots[0] < this.countOf(this.nodes[0])) return true;
    return this.enterNextLeaf();
  }

  /** Back to the element before; false if there is none. */
  previous(): boolean {
    if (!this.isOnElement) return false;
    if (--this.slots[0] >= 0) return true;
    let level = 1;
    while (level < this.height && this.slots[level] === 0) level++;
    if (level >= this.height) {
      this.isOnElement = false;
      return false;
    }
    this.slots[level]--;
    for (; level > 0; level--) {
      const child = this.childAt(this.nodes[level], this.slots[level]);
      this.nodes[level - 1] = child;
      this.slots[level - 1] = this.countOf(child) - 1;
    }
    return true;
  }

  /** The path stands behind the last slot of its leaf. */
  protected enterNextLeaf(): boolean {
    let level = 1;
    while (level < this.height && this.slots[level] + 1 >= this.countOf(this.nodes[level])) level++;
    if (level >= this.height) {
      this.isOnElement = false;
      return false;
    }
    this.slots[level]++;
    for (; level > 0; level--) {
      this.nodes[level - 1] = this.childAt(this.nodes[level], this.slots[level]);
      this.slots[level - 1] = 0;
    }
    this.isOnElement = true;
    return true;
  }

  /** Turns the path to the place after the last element. */
  protected seekEnd(): void {
    let node = this.top;
    for (let level = this.height - 1; level >= 0; level--) {
      const count = this.countOf(node);
      this.nodes[level] = node;
      this.slots[level] = level === 0 ? count : count - 1;
      if (level > 0) node = this.childAt(node, count - 1);
    }
    this.isOnElement = false;
  }

  /** Where the slot of the element lies in the page of `nodes[0]`. */
  protected elementAt(): number {
    return ((this.nodes[0] & 0xfff) << 4) + HEADER + this.slots[0] * this.leafWidth;
  }

  protected slotsAt(node: Ref): number {
    return ((node & 0xfff) << 4) + HEADER;
  }

  protected countOf(node: Ref): number {
    return this.arena.views[node >>> 12].getUint16((node & 0xfff) << 4, true);
  }

  protected childAt(node: Ref, slot: number): Ref {
    const at = this.slotsAt(node) + slot * this.innerWidth + this.keySize;
    return this.arena.views[node >>> 12].getInt32(at, true);
  }

  protected capacityOf(node: Ref): number {
    return this.arena.views[node >>> 12].getUint16(((node & 0xfff) << 4) + CAPACITY, true);
  }

  /**
   * Where in `nodes[level]` the key of the element after the path's leaf stands, as a level and through slots[level] +
   * 1; -1 if the leaf is the last.
   */
  protected levelOfNextKey(): number {
    let level = 1;
    while (level < this.height && this.slots[level] + 1 >= this.countOf(this.nodes[level])) level++;
    return level < this.height ? level : -1;
  }

  // --- the whole ---

  *blocks(): Generator<Ref> {
    if (this.height > 0) yield* this.blocksBelow(this.top, this.height - 1);
  }

  /** Bytes of these blocks: once there are several, all have their full size. */
  get blockBytes(): number {
    if (this.height <= 1) return sizeOfBlocks(this.arena, this.blocks());
    const innerSize = Arena.capacityFor(HEADER + this.innerCapacity * this.innerWidth);
    const leafSize = Arena.capacityFor(HEADER + this.leafCapacity * this.leafWidth);
    const difference = leafSize - innerSize;
    const all = this.nodeCountNow * leafSize;
    return difference === 0 ? all : all - difference * this.innerNodesFrom(this.top, this.height - 1);
  }

  /** A node and all below it; leaves are not looked at. */
  protected nodesFrom(node: Ref, level: number): number {
    if (level === 0) return 1;
    if (level === 1) return 1 + this.countOf(node);
    let nodes = 1;
    for (let slot = this.countOf(node) - 1; slot >= 0; slot--) {
      nodes += this.nodesFrom(this.childAt(node, slot), level - 1);
    }
    return nodes;
  }

  /** A node of a level above 0 with those below it that are no leaves: one in a hundred nodes or fewer. */
  private innerNodesFrom(node: Ref, level: number): number {
    let nodes = 1;
    if (level === 1) return nodes;
    for (let slot = this.countOf(node) - 1; slot >= 0; slot--) {
      nodes += this.innerNodesFrom(this.childAt(node, slot), level - 1);
    }
    return nodes;
  }

  private *blocksBelow(node: Ref, level: number): Generator<Ref> {
    if (level > 0) {
      const count = this.countOf(node);
      for (let slot = 0; slot < count; slot++) yield* this.blocksBelow(this.childAt(node, slot), level - 1);
    }
    yield node;
  }

  // --- proof ---

  /** Negative if the element in one place sorts before that in the other. */
  protected abstract compareSlots(a: DataView, aAt: number, b: DataView, bAt: number): number;

  checkIntegrity(): void {
    if (this.height === 0) {
      if (this.size !== 0 || this.top !== 0) throw new Error(`a tree of ${this.size} has no node`);
      return;
    }
    let nodes = 0;
    for (const _ of this.blocks()) nodes++;
    if (nodes !== this.nodeCountNow) throw new Error(`a tree has ${nodes} nodes and counts ${this.nodeCountNow}`);
    const size = this.checkNode(this.top, this.height - 1);
    if (size !== this.size) throw new Error(`a tree has ${size} elements and counts ${this.size}`);
    let last = 0;
    let lastView: DataView | undefined;
    for (let there = this.atRank(0); there; there = this.next()) {
      const view = this.arena.views[this.nodes[0] >>> 12];
      const at = this.elementAt();
      if (lastView !== undefined && this.compareSlots(lastView, last, view, at) >= 0) {
        throw new Error('elements are out of order');
      }
      last = at;
      lastView = view;
    }
  }

  /** Returns the elements below. */
  private checkNode(node: Ref, level: number): number {
    const view = this.arena.views[node >>> 12];
    const start = (node & 0xfff) << 4;
    const count = this.countOf(node);
    const width = level === 0 ? this.leafWidth : this.innerWidth;
    if (view.getUint8(start + LEVEL) !== level) throw new Error(`a node of level ${level} says another`);
    if (count === 0 || count > this.capacityOf(node)) throw new Error(`a node has ${count} slots`);
    if (this.arena.capacity(node) < HEADER + this.capacityOf(node) * width) throw new Error('a node is too small');
    if (level === 0) return count;
    let sum = 0;
    for (let slot = 0; slot < count; slot++) {
      const at = start + HEADER + slot * this.innerWidth;
      const child = this.childAt(node, slot);
      const below = this.checkNode(child, level - 1);
      this.checkWeight(node, level, slot, child);
      if (view.getInt32(at + this.keySize + BELOW, true) !== below) throw new Error('a count of elements is wrong');
      if (slot > 0 && !this.isFirstKey(child, level - 1, at, node)) throw new Error('a separator is not the first key');
      sum += below;
    }
    return sum;
  }

  private checkWeight(node: Ref, level: number, slot: number, child: Ref): void {
    if (this.weightAt === 0) return;
    let sum = 0;
    for (let i = this.countOf(child) - 1; i >= 0; i--) sum += this.weightOf(child, level - 1, i);
    if (this.weightOf(node, level, slot) !== sum) throw new Error('a weight is wrong');
  }

  private isFirstKey(child: Ref, level: number, at: number, node: Ref): boolean {
    while (level-- > 0) child = this.childAt(child, 0);
    const from = this.slotsAt(child);
    const key = this.arena.bytes[child >>> 12].subarray(from, from + this.keySize);
    return this.arena.bytes[node >>> 12].compare(key, 0, key.length, at, at + this.keySize) === 0;
  }
}
