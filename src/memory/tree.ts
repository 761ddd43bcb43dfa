/**
 * Tree: what changes a counted B+-tree (see tree-walk.ts). It knows slots of given widths, not what their keys mean:
 * ScoreTree and IdTree add the search.
 *
 * Nodes have 2 KiB (halves of that and doubles were no faster, bench/micro/tree.js), leaves more where that helps; a
 * tree of one leaf begins with 256 bytes and doubles.
 *
 * Invariants, which checkIntegrity() proves:
 * - The key of an inner slot is that of the first element below it, byte for byte. If that element goes, moves or
 *   changes, the key follows: exactly one ancestor has it, the lowest whose slot on the path is not 0.
 * - Slot 0 of an inner node stands for "no lower bound": its key bytes mean nothing.
 * - No node is empty. A node that is less than a quarter full is merged with a neighbour if both fill three quarters at
 *   most.
 * - A node at the right edge that is full is not halved: ascending keys fill their leaves.
 */

import type { Arena, Ref } from './arena.js';
import type { Budget } from './structure.js';
import {
  BELOW,
  CAPACITY,
  CHILD,
  COUNT,
  HEADER,
  HEIGHT,
  LEVEL,
  NODES,
  SIZE,
  TOP,
  TreeWalk,
  WEIGHT,
} from './tree-walk.js';

export const NODE_SIZE = 2048;
const FIRST_LEAF_SIZE = 256;
/** The widest slot of a leaf. */
const MAX_SLOT = 40;

const MERGE_BELOW = 4;
const MERGE_TO = 0.75;

export abstract class Tree extends TreeWalk {
  /** The slot of a leaf that is about to be inserted. */
  protected readonly pending = Buffer.alloc(MAX_SLOT);
  protected readonly pendingView = new DataView(this.pending.buffer, this.pending.byteOffset, MAX_SLOT);

  private readonly firstCapacity: number;

  protected constructor(
    arena: Arena,
    keySize: number,
    leafWidth: number,
    /** Tests choose small nodes, for many levels. */
    innerSize: number,
    leafSize: number = innerSize,
    weightAt = 0,
  ) {
    super(arena, keySize, leafWidth, innerSize, leafSize, weightAt);
    this.firstCapacity = Math.floor((Math.min(FIRST_LEAF_SIZE, leafSize) - HEADER) / leafWidth);
  }

  // --- the root ---

  /** The root's bytes become those of an empty tree. */
  initialise(): this {
    this.becomeEmpty();
    return this;
  }

  /** An element that only moves changes nothing here, so that its owner's page is not copied for a snapshot. */
  private storeRoot(): void {
    const at = ((this.owner & 0xfff) << 4) + this.rootOffset;
    if (this.isStoredAt(at)) return;
    this.arena.writable(this.owner);
    const view = this.arena.views[this.owner >>> 12];
    view.setInt32(at + TOP, this.top, true);
    view.setInt32(at + SIZE, this.size, true);
    view.setInt32(at + HEIGHT, this.height, true);
    view.setInt32(at + NODES, this.nodeCountNow, true);
  }

  private isStoredAt(at: number): boolean {
    const view = this.arena.views[this.owner >>> 12];
    return (
      view.getInt32(at + SIZE, true) === this.size &&
      view.getInt32(at + TOP, true) === this.top &&
      view.getInt32(at + HEIGHT, true) === this.height &&
      view.getInt32(at + NODES, true) === this.nodeCountNow
    );
  }

  private becomeEmpty(): void {
    this.clear();
    this.storeRoot();
  }

  // --- insertion ---

  /**
   * Puts `pending` at the path's place. The search guarantees that it belongs there: not before the first slot of a
   * leaf, but for the very first.
   */
  protected insertHere(): void {
    if (this.height === 0) this.beginWithLeaf();
    else if (this.countOf(this.nodes[0]) === this.capacityOf(this.nodes[0])) this.makeRoomInLeaf();
    const leaf = this.nodes[0];
    this.arena.writable(leaf);
    const view = this.arena.views[leaf >>> 12];
    const bytes = this.arena.bytes[leaf >>> 12];
    const start = (leaf & 0xfff) << 4;
    const count = view.getUint16(start + COUNT, true);
    const at = this.elementAt();
    const end = start + HEADER + count * this.leafWidth;
    if (at < end) bytes.copyWithin(at + this.leafWidth, at, end);
    for (let i = 0; i < this.leafWidth; i += 4) view.setInt32(at + i, this.pendingView.getInt32(i, true), true);
    view.setUint16(start + COUNT, count + 1, true);
    this.addToCounts(1, this.weightAt === 0 ? 0 : this.pendingView.getInt32(this.weightAt, true));
    this.size++;
    this.isOnElement = true;
    this.storeRoot();
  }

  private beginWithLeaf(): void {
    this.top = this.newNode(0, this.firstCapacity);
    this.height = 1;
    this.nodes[0] = this.top;
    this.slots[0] = 0;
  }

  private makeRoomInLeaf(): void {
    const capacity = this.capacityOf(this.nodes[0]);
    if (capacity < this.leafCapacity) this.resizeOnlyLeaf(this.roomFor(capacity, 2));
    else this.split(0);
  }

  /** The slots of a leaf that is `factor` times as large, in bytes. */
  private roomFor(capacity: number, factor: number): number {
    const size = 2 ** Math.ceil(Math.log2(HEADER + capacity * this.leafWidth)) * factor;
    const room = Math.floor((size - HEADER) / this.leafWidth);
    return Math.min(Math.max(this.firstCapacity, room), this.leafCapacity);
  }

  private resizeOnlyLeaf(capacity: number): void {
    const from = this.nodes[0];
    const to = this.newNode(0, capacity);
    this.appendSlots(to, from, 0, this.countOf(from));
    this.freeNode(from);
    this.nodes[0] = to;
    this.top = to;
  }

  /** The path's node of a level is full: a new one to its right takes half of it, or nothing at the right edge. */
  private split(level: number): void {
    if (level + 1 === this.height) this.growRoot();
    else if (this.countOf(this.nodes[level + 1]) === this.innerCapacity) this.split(level + 1);
    const node = this.nodes[level];
    const count = this.countOf(node);
    const keep = this.keptBySplit(level, count);
    const right = this.newNode(level, level === 0 ? this.leafCapacity : this.innerCapacity);
    this.appendSlots(right, node, keep, count);
    this.setCount(node, keep);
    const moved = this.elementsIn(right, level);
    const weight = this.weightIn(right, level);
    const place = this.slots[level + 1];
    const parent = this.nodes[level + 1];
    this.addBelow(parent, place, -moved, -weight);
    this.insertChild(parent, place + 1, right, moved, weight);
    if (this.slots[level] < keep + (level === 0 && keep < count ? 1 : 0)) return;
    this.nodes[level] = right;
    this.slots[level] -= keep;
    this.slots[level + 1]++;
  }

  /** An element at the edge of both halves stays left, so that the key of the right half does not change. */
  private keptBySplit(level: number, count: number): number {
    const slot = this.slots[level];
    for (let upper = level + 1; upper < this.height; upper++) {
      if (this.slots[upper] < this.countOf(this.nodes[upper]) - 1) return count >> 1;
    }
    if (level === 0) return slot === count ? count : count >> 1;
    return slot === count - 1 ? count - 1 : count >> 1;
  }

  private growRoot(): void {
    const root = this.newNode(this.height, this.innerCapacity);
    this.nodes[this.height] = root;
    this.slots[this.height] = 0;
    this.insertChild(root, 0, this.top, this.size, this.weightIn(this.top, this.height - 1));
    this.top = root;
    this.height++;
  }

  /** A new child's key is that of its first element; an empty leaf is about to get `pending`. */
  private insertChild(parent: Ref, slot: number, child: Ref, below: number, weight: number): void {
    this.arena.writable(parent);
    const view = this.arena.views[parent >>> 12];
    const bytes = this.arena.bytes[parent >>> 12];
    const start = (parent & 0xfff) << 4;
    const count = view.getUint16(start + COUNT, true);
    const at = start + HEADER + slot * this.innerWidth;
    const end = start + HEADER + count * this.innerWidth;
    if (at < end) bytes.copyWithin(at + this.innerWidth, at, end);
    view.setUint16(start + COUNT, count + 1, true);
    if (this.countOf(child) === 0) this.pending.copy(bytes, at, 0, this.keySize);
    else this.copyKey(child, bytes, at);
    this.setBelow(view, at + this.keySize, child, below, weight);
  }

  /** What an inner slot says behind its key. */
  private setBelow(view: DataView, at: number, child: Ref, below: number, weight: number): void {
    view.setInt32(at + CHILD, child, true);
    view.setInt32(at + BELOW, below, true);
    if (this.weightAt > 0) view.setFloat64(at + WEIGHT, weight, true);
  }

  /** The key of a node's slot 0. In an inner node that has just been split off these bytes still are that key. */
  private copyKey(node: Ref, to: Buffer, at: number): void {
    const from = this.slotsAt(node);
    this.arena.bytes[node >>> 12].copy(to, at, from, from + this.keySize);
  }

  // --- removal ---

  /** Removes the element that the path leads to. */
  protected removeHere(): void {
    this.removeSlots(1);
    this.storeRoot();
  }

  /** removeHere() of an element that is inserted again at once, elsewhere: the root follows then. */
  protected takeOutHere(): void {
    this.removeSlots(1);
  }

  /** Removes so many elements from a rank on. */
  removeRange(rank: number, count: number): void {
    while (count > 0 && this.atRank(rank)) {
      const here = Math.min(count, this.countOf(this.nodes[0]) - this.slots[0]);
      this.removeSlots(here);
      count -= here;
    }
    this.storeRoot();
  }

  /** Removes slots of the path's leaf, from the path's on. */
  private removeSlots(removed: number): void {
    const leaf = this.nodes[0];
    const slot = this.slots[0];
    const count = this.countOf(leaf) - removed;
    this.addToCounts(-removed, -this.weightIn(leaf, 0, slot, slot + removed));
    this.size -= removed;
    this.isOnElement = false;
    if (count === 0) {
      this.removeNode(0);
    } else {
      this.closeGap(leaf, this.leafWidth, slot, removed);
      if (slot === 0) this.replaceSeparator(0, leaf);
      if (count < this.leafCapacity / MERGE_BELOW) this.relieve(0);
    }
  }

  private closeGap(node: Ref, width: number, slot: number, removed: number): void {
    this.arena.writable(node);
    const view = this.arena.views[node >>> 12];
    const start = (node & 0xfff) << 4;
    const count = view.getUint16(start + COUNT, true);
    const at = start + HEADER + slot * width;
    const end = start + HEADER + count * width;
    const from = at + removed * width;
    if (from < end) this.arena.bytes[node >>> 12].copyWithin(at, from, end);
    view.setUint16(start + COUNT, count - removed, true);
  }

  /** The path's node of a level has become empty: takes it out of its parent. */
  private removeNode(level: number): void {
    this.freeNode(this.nodes[level]);
    if (level + 1 === this.height) {
      this.top = 0;
      this.height = 0;
      return;
    }
    const parent = this.nodes[level + 1];
    if (this.countOf(parent) === 1) {
      this.removeNode(level + 1);
      return;
    }
    const slot = this.slots[level + 1];
    this.closeGap(parent, this.innerWidth, slot, 1);
    if (slot === 0) this.replaceSeparator(level + 1, parent);
    if (this.countOf(parent) < this.innerCapacity / MERGE_BELOW) this.relieve(level + 1);
  }

  /** The first element below the path's node of a level is another now: its key is that of `node`'s slot 0. */
  private replaceSeparator(level: number, node: Ref): void {
    let upper = level + 1;
    while (upper < this.height && this.slots[upper] === 0) upper++;
    if (upper >= this.height) return;
    const holder = this.nodes[upper];
    this.arena.writable(holder);
    this.copyKey(node, this.arena.bytes[holder >>> 12], this.slotsAt(holder) + this.slots[upper] * this.innerWidth);
  }

  /** The path's node of a level is sparse: merges it with a neighbour, if that leaves room. */
  private relieve(level: number): void {
    if (level + 1 === this.height) {
      this.relieveTop(level);
      return;
    }
    const parent = this.nodes[level + 1];
    const slot = this.slots[level + 1];
    const hasRight = slot + 1 < this.countOf(parent);
    if (!hasRight && slot === 0) return;
    const leftSlot = hasRight ? slot : slot - 1;
    const left = this.childAt(parent, leftSlot);
    const right = this.childAt(parent, leftSlot + 1);
    const capacity = level === 0 ? this.leafCapacity : this.innerCapacity;
    if (this.countOf(left) + this.countOf(right) > capacity * MERGE_TO) return;
    const separator = this.slotsAt(parent) + (leftSlot + 1) * this.innerWidth;
    const seam = this.slotsAt(left) + this.countOf(left) * (level === 0 ? this.leafWidth : this.innerWidth);
    const below = this.elementsIn(right, level);
    const weight = this.weightIn(right, level);
    this.appendSlots(left, right, 0, this.countOf(right));
    // What had no lower bound has one now.
    if (level > 0) {
      this.arena.bytes[parent >>> 12].copy(this.arena.bytes[left >>> 12], seam, separator, separator + this.keySize);
    }
    this.freeNode(right);
    this.addBelow(parent, leftSlot, below, weight);
    this.closeGap(parent, this.innerWidth, leftSlot + 1, 1);
    if (this.countOf(parent) < this.innerCapacity / MERGE_BELOW) this.relieve(level + 1);
  }

  private relieveTop(level: number): void {
    if (level > 0) {
      while (this.height > 1 && this.countOf(this.top) === 1) {
        const only = this.childAt(this.top, 0);
        this.freeNode(this.top);
        this.top = only;
        this.height--;
      }
    }
    if (this.height !== 1) return;
    this.nodes[0] = this.top;
    let capacity = this.capacityOf(this.top);
    while (this.size <= capacity / MERGE_BELOW && this.roomFor(capacity, 0.5) < capacity) {
      capacity = this.roomFor(capacity, 0.5);
    }
    if (capacity < this.capacityOf(this.top) && this.arena.canSpare()) this.resizeOnlyLeaf(capacity);
  }

  /**
   * Moves all elements before the path to another tree, which is empty, without a look at them: nodes that lie wholly
   * before it change hands, those on it are divided.
   */
  protected moveBefore(other: Tree): void {
    if (!this.isOnElement) {
      other.take(this.top, this.size, this.height, this.nodeCountNow);
      this.becomeEmpty();
      return;
    }
    let highest = this.height - 1;
    while (highest >= 0 && this.slots[highest] === 0) highest--;
    if (highest < 0) return;
    let part: Ref = 0;
    for (let level = 0; level <= highest; level++) part = this.divide(level, part);
    const size = this.elementsIn(part, highest);
    const weight = this.weightIn(part, highest);
    for (let level = highest + 1; level < this.height; level++) this.addBelow(this.nodes[level], 0, -size, -weight);
    const nodes = this.nodesFrom(part, highest);
    this.nodeCountNow -= nodes;
    this.size -= size;
    other.take(part, size, highest + 1, nodes);
    // From the top on, so that a node finds a neighbour to be merged with.
    for (let level = this.height - 1; level >= 0; level--) {
      const capacity = level === 0 ? this.leafCapacity : this.innerCapacity;
      if (level < this.height && this.countOf(this.nodes[level]) < capacity / MERGE_BELOW) this.relieve(level);
    }
    this.isOnElement = false;
    this.storeRoot();
  }

  /**
   * Of the path's node of a level: what is before the path becomes a node of its own, which is returned, or 0 if there
   * is nothing. `part` is what was divided off the path's node of the level below.
   */
  private divide(level: number, part: Ref): Ref {
    const node = this.nodes[level];
    const slot = this.slots[level];
    const width = level === 0 ? this.leafWidth : this.innerWidth;
    let divided: Ref = 0;
    if (slot > 0 || part !== 0) {
      divided = this.newNode(level, this.capacityOf(node));
      // The first key of what was divided off below is that of the whole.
      this.appendSlots(divided, node, 0, part === 0 ? slot : slot + 1);
    }
    if (part !== 0) {
      const below = this.elementsIn(part, level - 1);
      const weight = this.weightIn(part, level - 1);
      const at = this.slotsAt(divided) + slot * width + this.keySize;
      this.setBelow(this.arena.views[divided >>> 12], at, part, below, weight);
      this.addBelow(node, slot, -below, -weight);
    }
    if (slot > 0) this.closeGap(node, width, 0, slot);
    this.slots[level] = 0;
    return divided;
  }

  private take(top: Ref, size: number, height: number, nodes: number): void {
    this.top = top;
    this.size = size;
    this.height = height;
    this.nodeCountNow = nodes;
    this.isOnElement = false;
    this.storeRoot();
  }

  // --- in place ---

  /** Gives the element that the path leads to another weight. */
  setWeight(weight: number): void {
    const leaf = this.nodes[0];
    const change = weight - this.weightOf(leaf, 0, this.slots[0]);
    this.arena.writable(leaf);
    this.arena.views[leaf >>> 12].setInt32(this.elementAt() + this.weightAt, weight, true);
    this.addToCounts(0, change);
  }

  /** `pending` takes the place of the element that the path leads to, which sorts where that one did. */
  protected replaceHere(): void {
    const leaf = this.nodes[0];
    this.arena.writable(leaf);
    this.pending.copy(this.arena.bytes[leaf >>> 12], this.elementAt(), 0, this.leafWidth);
    if (this.slots[0] === 0) this.replaceSeparator(0, leaf);
  }

  // --- the whole ---

  free(): void {
    for (const node of this.blocks()) this.arena.free(node);
    this.becomeEmpty();
  }

  freeSome(budget: Budget): boolean {
    while (this.height > 0 && budget.left > 0) {
      this.seekEnd();
      let level = 0;
      this.freeNode(this.nodes[0]);
      budget.left--;
      // Of each parent only the count of slots is changed, so that blocks() keeps telling the truth.
      for (level = 1; level < this.height; level++) {
        const parent = this.nodes[level];
        if (this.slots[level] > 0) {
          this.setCount(parent, this.slots[level]);
          break;
        }
        this.freeNode(parent);
        budget.left--;
      }
      if (level === this.height) this.becomeEmpty();
    }
    if (this.height > 0) this.storeRoot();
    return this.height === 0;
  }

  /** Copies the nodes; `mapSlots` may then change what the slots of a leaf refer to, keys included. */
  protected copyNodes(other: Tree, mapSlots: (view: DataView, at: number, count: number) => void): void {
    this.nodeCountNow = 0;
    this.top = other.height === 0 ? 0 : this.copyNode(other, other.top, other.height - 1, mapSlots);
    this.size = other.size;
    this.height = other.height;
    this.isOnElement = false;
    this.storeRoot();
  }

  private copyNode(
    other: Tree,
    from: Ref,
    level: number,
    mapSlots: (view: DataView, at: number, count: number) => void,
  ): Ref {
    const count = other.countOf(from);
    const to = this.newNode(level, other.capacityOf(from));
    this.appendSlots(to, from, 0, count);
    if (level === 0) {
      mapSlots(this.arena.views[to >>> 12], this.slotsAt(to), count);
      return to;
    }
    for (let slot = 0; slot < count; slot++) {
      const child = this.copyNode(other, other.childAt(from, slot), level - 1, mapSlots);
      const at = this.slotsAt(to) + slot * this.innerWidth;
      this.arena.views[to >>> 12].setInt32(at + this.keySize + CHILD, child, true);
      this.copyKey(child, this.arena.bytes[to >>> 12], at);
    }
    return to;
  }

  relocateSome(progress: Int32Array, level: number, budget: Budget): boolean {
    while (progress[level] < this.size && budget.left > 0) {
      this.atRank(progress[level]);
      budget.left--;
      for (let up = this.height - 1; up >= 0; up--) this.relocateOnPath(up);
      // From the leaf's first slot on, however the path came there.
      progress[level] += this.countOf(this.nodes[0]) - this.slots[0];
    }
    this.isOnElement = false;
    return progress[level] >= this.size;
  }

  private relocateOnPath(level: number): void {
    const from = this.nodes[level];
    const to = this.arena.relocate(from);
    if (to === from) return;
    this.nodes[level] = to;
    if (level + 1 === this.height) {
      this.top = to;
      this.storeRoot();
      return;
    }
    const parent = this.nodes[level + 1];
    this.arena.writable(parent);
    const at = this.slotsAt(parent) + this.slots[level + 1] * this.innerWidth + this.keySize;
    this.arena.views[parent >>> 12].setInt32(at + CHILD, to, true);
  }

  // --- nodes ---

  private newNode(level: number, capacity: number): Ref {
    const node = this.arena.allocate(HEADER + capacity * (level === 0 ? this.leafWidth : this.innerWidth));
    const view = this.arena.views[node >>> 12];
    const start = (node & 0xfff) << 4;
    view.setUint16(start + COUNT, 0, true);
    view.setUint16(start + CAPACITY, capacity, true);
    view.setInt32(start + LEVEL, level, true);
    this.nodeCountNow++;
    return node;
  }

  private freeNode(node: Ref): void {
    this.arena.free(node);
    this.nodeCountNow--;
  }

  private setCount(node: Ref, count: number): void {
    this.arena.writable(node);
    this.arena.views[node >>> 12].setUint16((node & 0xfff) << 4, count, true);
  }

  /** Adds to the counts of elements and to the weights on the path. */
  private addToCounts(change: number, weight: number): void {
    for (let level = 1; level < this.height; level++)
      this.addBelow(this.nodes[level], this.slots[level], change, weight);
  }

  private addBelow(node: Ref, slot: number, change: number, weight: number): void {
    this.arena.writable(node);
    const view = this.arena.views[node >>> 12];
    const at = this.slotsAt(node) + slot * this.innerWidth + this.keySize;
    view.setInt32(at + BELOW, view.getInt32(at + BELOW, true) + change, true);
    if (weight !== 0) view.setFloat64(at + WEIGHT, view.getFloat64(at + WEIGHT, true) + weight, true);
  }

  private weightIn(node: Ref, level: number, from = 0, to: number = this.countOf(node)): number {
    let sum = 0;
    if (this.weightAt > 0) for (let slot = from; slot < to; slot++) sum += this.weightOf(node, level, slot);
    return sum;
  }

  private elementsIn(node: Ref, level: number): number {
    const count = this.countOf(node);
    if (level === 0) return count;
    const view = this.arena.views[node >>> 12];
    let sum = 0;
    let at = this.slotsAt(node) + this.keySize + BELOW;
    for (let slot = 0; slot < count; slot++, at += this.innerWidth) sum += view.getInt32(at, true);
    return sum;
  }

  /** Copies slots [from, to) of a node behind those of another of its level. */
  private appendSlots(target: Ref, source: Ref, from: number, to: number): void {
    if (from === to) return;
    this.arena.writable(target);
    const view = this.arena.views[target >>> 12];
    const start = (target & 0xfff) << 4;
    const width = view.getUint8(start + LEVEL) === 0 ? this.leafWidth : this.innerWidth;
    const count = view.getUint16(start + COUNT, true);
    const at = this.slotsAt(source);
    this.arena.bytes[source >>> 12].copy(
      this.arena.bytes[target >>> 12],
      start + HEADER + count * width,
      at + from * width,
      at + to * width,
    );
    view.setUint16(start + COUNT, count + to - from, true);
  }
}
