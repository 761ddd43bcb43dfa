/**
 * IdTree: values in the order of ids of two 64-bit numbers, as a stream's nodes and pending entries are kept.
 *
 * A slot of a leaf is {4 × u32 id, value}: the milliseconds' upper and lower half, then the sequence number's. Doubles
 * could not tell ids of more than 53 bits apart.
 */

import type { Arena, Ref } from './arena.js';
import { NODE_SIZE, Tree } from './tree.js';
import { BELOW } from './tree-walk.js';

const ID_SIZE = 16;
const WORD = 0x1_0000_0000;
/** Bytes of the milliseconds, which the sequence number follows. */
const HALF = 8;
/** Among so few slots nothing is guessed. */
const GUESS_FROM = 16;

/** An id, mutable so that none is allocated for a comparison. */
export class Id {
  msHigh = 0;
  msLow = 0;
  seqHigh = 0;
  seqLow = 0;

  set(msHigh: number, msLow: number, seqHigh: number, seqLow: number): this {
    this.msHigh = msHigh;
    this.msLow = msLow;
    this.seqHigh = seqHigh;
    this.seqLow = seqLow;
    return this;
  }

  setFrom(other: Id): this {
    return this.set(other.msHigh, other.msLow, other.seqHigh, other.seqLow);
  }

  read(view: DataView, at: number): this {
    return this.set(
      view.getUint32(at, true),
      view.getUint32(at + 4, true),
      view.getUint32(at + 8, true),
      view.getUint32(at + 12, true),
    );
  }

  write(view: DataView, at: number): void {
    view.setUint32(at, this.msHigh, true);
    view.setUint32(at + 4, this.msLow, true);
    view.setUint32(at + 8, this.seqHigh, true);
    view.setUint32(at + 12, this.seqLow, true);
  }

  /** Negative if this id is before the other. */
  compare(other: Id): number {
    if (this.msHigh !== other.msHigh) return this.msHigh - other.msHigh;
    if (this.msLow !== other.msLow) return this.msLow - other.msLow;
    if (this.seqHigh !== other.seqHigh) return this.seqHigh - other.seqHigh;
    return this.seqLow - other.seqLow;
  }
}

export class IdTree extends Tree {
  private readonly sought = new Id();
  private isExclusive = false;
  private isInserting = false;
  private readonly scratch = new Id();

  constructor(
    arena: Arena,
    /** Bytes of a value, a multiple of 4, 24 at most. */
    valueSize: number,
    nodeSize = NODE_SIZE,
    /** Where in a value the weight stands, if elements have one. */
    weightOffset?: number,
  ) {
    const weightAt = weightOffset === undefined ? 0 : ID_SIZE + weightOffset;
    super(arena, ID_SIZE, ID_SIZE + valueSize, nodeSize, nodeSize, weightAt);
  }

  // --- the element that the path leads to ---

  idInto(id: Id): Id {
    return id.read(this.view, this.elementAt());
  }

  getInt32(offset: number): number {
    return this.view.getInt32(this.elementAt() + ID_SIZE + offset, true);
  }

  /** The int32s in the values of the path's leaf, up to the element that the path leads to; returns how many. */
  readLeaf(offset: number, into: Int32Array): number {
    const { view } = this;
    const count = this.slots[0] + 1;
    let at = this.slotsAt(this.nodes[0]) + ID_SIZE + offset;
    for (let i = 0; i < count; i++, at += this.leafWidth) into[i] = view.getInt32(at, true);
    return count;
  }

  getFloat64(offset: number): number {
    return this.view.getFloat64(this.elementAt() + ID_SIZE + offset, true);
  }

  setInt32(offset: number, value: number): void {
    this.arena.writable(this.nodes[0]);
    this.view.setInt32(this.elementAt() + ID_SIZE + offset, value, true);
  }

  setFloat64(offset: number, value: number): void {
    this.arena.writable(this.nodes[0]);
    this.view.setFloat64(this.elementAt() + ID_SIZE + offset, value, true);
  }

  private get view(): DataView {
    return this.arena.views[this.nodes[0] >>> 12];
  }

  // --- changes ---

  /** Adds an id that is not in the tree, with a value of zeros, which the path then leads to. */
  insert(id: Id): void {
    this.isInserting = true;
    this.seek(id, false);
    this.isInserting = false;
    this.insertOnPath(id);
  }

  /** Adds an id after all others, with a value of zeros, without looking for its place; the path then leads to it. */
  append(id: Id): void {
    this.seekEnd();
    this.insertOnPath(id);
  }

  /** Turns the path to an id, which is added with a value of zeros, mostly after all others, unless it is there. */
  add(id: Id): boolean {
    this.seekEnd();
    if (this.size === 0 || this.scratch.read(this.view, this.elementAt() - this.leafWidth).compare(id) < 0) {
      this.insertOnPath(id);
      return true;
    }
    if (this.find(id)) return false;
    this.insert(id);
    return true;
  }

  private insertOnPath(id: Id): void {
    this.setPending(id);
    this.insertHere();
  }

  /** Removes the element that the path leads to. */
  remove(): void {
    this.removeHere();
  }

  /** Moves all before the element that the path leads to, or before the end, to another tree, which is empty. */
  moveFirst(other: IdTree): void {
    this.moveBefore(other);
  }

  /** Becomes a copy; `mapValue` may then change what a value refers to, at a place in a page. */
  copyFrom(other: IdTree, mapValue?: (view: DataView, at: number) => void): void {
    this.copyNodes(other, (view, at, count) => {
      if (mapValue === undefined) return;
      for (let slot = 0; slot < count; slot++, at += this.leafWidth) mapValue(view, at + ID_SIZE);
    });
  }

  // --- searches: each turns the path, and returns whether it leads to an element ---

  find(id: Id): boolean {
    return this.seek(id, false) && this.scratch.read(this.view, this.elementAt()).compare(id) === 0;
  }

  /** The first element whose id is at least `id`, or after it. */
  seek(id: Id, isExclusive: boolean): boolean {
    this.sought.setFrom(id);
    this.isExclusive = isExclusive;
    this.isOnElement = false;
    if (this.height === 0) return false;
    let node = this.top;
    for (let level = this.height - 1; level > 0; level--) {
      const slot = this.firstNotBefore(node, 1, this.countOf(node), this.innerWidth) - 1;
      this.nodes[level] = node;
      this.slots[level] = slot;
      node = this.childAt(node, slot);
    }
    const slot = this.height > 1 ? this.firstInLeaf(node) : this.firstNotBefore(node, 0, this.size, this.leafWidth);
    this.nodes[0] = node;
    this.slots[0] = slot;
    this.isOnElement = slot < this.countOf(node);
    // A new element goes to the end of this leaf; one that is there, or a bound, may be the first of the next.
    return this.isOnElement || (!this.isInserting && this.enterNextLeaf());
  }

  /** The first of a node's slots from `low` on, before `high`, whose id is not before the one that is sought. */
  private firstNotBefore(node: Ref, low: number, high: number, width: number): number {
    const steps = high - 1 - low;
    if (steps < GUESS_FROM) return this.search(node, low, high, width, (low + high) >>> 1, steps);
    const first = this.slotsAt(node) + low * width;
    return this.search(node, low, high, width, low + this.guess(node, first, first + steps * width, steps), 0);
  }

  /**
   * The same in a leaf that the path leads to. What its parent says of it is at hand, so that of a leaf that is not in
   * the cache only the lines around the id are waited for: an XACK of any of 300,000 takes 0.65 of its time.
   */
  private firstInLeaf(leaf: Ref): number {
    const parent = this.nodes[1];
    const slot = this.slots[1];
    const at = this.slotsAt(parent) + slot * this.innerWidth;
    const count = this.arena.views[parent >>> 12].getInt32(at + ID_SIZE + BELOW, true);
    // Slot 0 has no key, and the last one none after it.
    if (slot === 0 || slot + 1 === this.countOf(parent)) return this.firstNotBefore(leaf, 0, count, this.leafWidth);
    const guessed = this.guess(parent, at, at + this.innerWidth, count);
    return this.search(leaf, 0, count, this.leafWidth, Math.min(guessed, count - 1), 0);
  }

  /**
   * Where the sought id may be between two ids so many steps apart, at places in a node's page. Most streams grow
   * evenly, and then the two tell the place but for a step or two.
   */
  private guess(node: Ref, first: number, last: number, steps: number): number {
    const view = this.arena.views[node >>> 12];
    const { msHigh, msLow, seqHigh, seqLow } = this.sought;
    let least = halfAt(view, first);
    let span = halfAt(view, last) - least;
    let wanted = msHigh * WORD + msLow;
    if (span === 0) {
      least = halfAt(view, first + HALF);
      span = halfAt(view, last + HALF) - least;
      wanted = seqHigh * WORD + seqLow;
    }
    // In 32 bits, so that it is a number where sequence numbers are too large for a double to tell them apart.
    return (Math.min(Math.max((wanted - least) / span, 0), 1) * steps) | 0;
  }

  /** Searches from a slot on, in steps that double, up to halves. */
  private search(node: Ref, low: number, high: number, width: number, slot: number, step: number): number {
    const view = this.arena.views[node >>> 12];
    const start = this.slotsAt(node);
    const { msHigh, msLow, seqHigh, seqLow } = this.sought;
    while (low < high) {
      const at = start + slot * width;
      // Word by word, since the second one mostly decides.
      let order = view.getUint32(at, true) - msHigh;
      if (order === 0) order = view.getUint32(at + 4, true) - msLow;
      if (order === 0) order = view.getUint32(at + 8, true) - seqHigh;
      if (order === 0) order = view.getUint32(at + 12, true) - seqLow;
      if (order < 0 || (order === 0 && this.isExclusive)) {
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

  private setPending(id: Id): void {
    const { pendingView } = this;
    id.write(pendingView, 0);
    for (let at = ID_SIZE; at < this.leafWidth; at += 4) pendingView.setInt32(at, 0, true);
  }

  protected override compareSlots(a: DataView, aAt: number, b: DataView, bAt: number): number {
    return new Id().read(a, aAt).compare(new Id().read(b, bAt));
  }
}

/** Milliseconds or sequence number, as exactly as a double has it. */
function halfAt(view: DataView, at: number): number {
  return view.getUint32(at, true) * WORD + view.getUint32(at + 4, true);
}
