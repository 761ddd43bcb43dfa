/**
 * ExpiryHeap: which entry falls due next. A 4-ary min-heap in a Vector of 16-byte records,
 *
 *   +0  f64  a lower bound of the entry's deadline, in ms
 *   +8  i32  entry
 *   +12      unused
 *
 * Each entry in it has a deadline, at DEADLINE (Infinity if only something inside of it falls due), and its position in
 * the heap, which the heap writes (NOT_IN_HEAP once it is popped or removed) where the entries' layout says.
 *
 * A deadline that is put off changes only the entry: its record keeps the earlier one and is corrected when it comes
 * up. So refreshing a key's TTL, which is what most EXPIREs do, costs nothing here. One that is brought forward must be
 * told with deadlineChanged(). Equal deadlines are not reordered, so that a million keys that fall due together leave
 * in constant time each.
 */

import { type Arena, PAGE_SIZE, type Ref } from './arena.js';
import { DEADLINE, type EntryLayout, KEYSPACE_ENTRY } from './entry-layout.js';
import { Vector } from './vector.js';

const RECORD_SIZE = 16;
const RECORD_ENTRY = 8;

export const NOT_IN_HEAP = -1;

const CORRECTIONS_PER_CALL = 32;

export class ExpiryHeap {
  /** How many int32s make up the state. */
  static readonly STATE_INTS = Vector.STATE_INTS;

  private readonly arena: Arena;
  private readonly records: Vector;
  /** From the entries' layout. */
  private readonly heapPositionAt: number;

  constructor(
    arena: Arena,
    layout: EntryLayout = KEYSPACE_ENTRY,
    /** When something inside of an entry falls due, which may be before the entry itself does. */
    private readonly innerDeadline: ((ref: Ref) => number) | null = null,
  ) {
    this.arena = arena;
    this.records = new Vector(arena, RECORD_SIZE);
    this.heapPositionAt = layout.heapPositionAt;
  }

  get size(): number {
    return this.records.length;
  }

  /** Whether an entry with a deadline is in the heap: not if it was popped. */
  has(ref: Ref): boolean {
    return this.positionOf(ref) !== NOT_IN_HEAP;
  }

  /** Takes in an entry, which must have a deadline header; the deadline in it is the caller's to write. */
  insert(ref: Ref, deadline: number): void {
    this.siftUp(this.records.grow(), ref, deadline);
  }

  /** Takes an entry out; one that is not in the heap any more is left alone. */
  remove(ref: Ref): void {
    const position = this.positionOf(ref);
    if (position === NOT_IN_HEAP) return;
    this.takeOut(position);
    this.arena.writable(ref);
    this.setPosition(ref, NOT_IN_HEAP);
  }

  /** An entry has a new deadline. One that is not in the heap any more is left alone. */
  deadlineChanged(ref: Ref, deadline: number): void {
    const position = this.positionOf(ref);
    if (position !== NOT_IN_HEAP && deadline < this.deadlineAt(position)) this.siftUp(position, ref, deadline);
  }

  /** The entry now lives in another block; the old block's content must still be there. */
  moved(oldRef: Ref, newRef: Ref): void {
    const position = this.positionOf(oldRef);
    this.arena.writable(newRef);
    this.setPosition(newRef, position);
    if (position === NOT_IN_HEAP) return;
    const block = this.records.blockOf(position);
    this.arena.writable(block);
    this.arena.views[block >>> 12].setInt32(this.records.offsetOf(block, position) + RECORD_ENTRY, newRef, true);
  }

  /**
   * No entry falls due before this; Infinity if there is none. A lower bound: while it is <= now, popDue() has work, if
   * only to correct it.
   */
  nextDeadline(): number {
    return this.records.length === 0 ? Number.POSITIVE_INFINITY : this.deadlineAt(0);
  }

  /**
   * Takes out and returns the entry with the earliest deadline if that is <= now: they leave in order. Otherwise 0:
   * nothing is due if nextDeadline() > now; else call again, in the next slice perhaps, as this call has only corrected
   * records of deadlines that were put off. A million of those may come up at once, so a call corrects a few.
   */
  popDue(now: number): Ref {
    for (let corrections = 0; corrections < CORRECTIONS_PER_CALL; corrections++) {
      const recorded = this.nextDeadline();
      if (recorded > now) return 0;
      const ref = this.entryAt(0);
      const deadline = this.deadlineOf(ref);
      if (deadline <= recorded) {
        this.remove(ref);
        return ref;
      }
      this.siftDown(0, ref, deadline);
    }
    return 0;
  }

  /**
   * The entry with the earliest deadline, 0 if there is none. As popDue() it corrects only some records of deadlines
   * that were put off: after more of those, it is one that falls due rather soon.
   */
  first(): Ref {
    if (this.records.length === 0) return 0;
    for (let corrections = 0; corrections < CORRECTIONS_PER_CALL; corrections++) {
      const ref = this.entryAt(0);
      const deadline = this.deadlineOf(ref);
      if (deadline <= this.nextDeadline()) return ref;
      this.siftDown(0, ref, deadline);
    }
    return this.entryAt(0);
  }

  clear(): void {
    this.records.clear();
  }

  /** clear() in slices, a page a call, for a heap whose entries are gone; returns whether there is more. */
  clearSome(): boolean {
    this.records.truncate(Math.max(0, this.records.length - PAGE_SIZE / RECORD_SIZE));
    return this.records.length > 0;
  }

  /** Becomes empty without freeing: the blocks are gone (arena.reset()) or somebody else's. */
  forget(): void {
    this.records.forget();
  }

  store(view: DataView, at: number): void {
    this.records.store(view, at);
  }

  open(view: DataView, at: number): this {
    this.records.open(view, at);
    return this;
  }

  get blockCount(): number {
    return this.records.blockCount;
  }

  blocks(): Generator<Ref> {
    return this.records.blocks();
  }

  get blockBytes(): number {
    return this.records.blockBytes;
  }

  /** Compaction: as Dict.relocateBlocks(), but there is only one block to look at. */
  relocateBlocks(_cursor: number, _units: number): number {
    this.records.relocate();
    return -1;
  }

  /** Throws unless the records form a heap and agree with the entries. */
  checkIntegrity(): void {
    this.records.checkIntegrity();
    for (let position = 0; position < this.size; position++) {
      const ref = this.entryAt(position);
      const deadline = this.deadlineAt(position);
      if (this.positionOf(ref) !== position) {
        throw new Error(`entry ${ref} at ${position} believes it is at ${this.positionOf(ref)}`);
      }
      if (deadline > this.deadlineOf(ref)) throw new Error(`entry ${ref} is due before its record`);
      if (position > 0 && this.deadlineAt((position - 1) >> 2) > deadline)
        throw new Error(`${position} is out of order`);
    }
  }

  /** Closes the gap of a record with the last one. */
  private takeOut(position: number): void {
    const lastPosition = this.records.length - 1;
    const last = this.entryAt(lastPosition);
    const deadline = this.deadlineAt(lastPosition);
    this.records.truncate(lastPosition);
    if (position === lastPosition) return;
    if (position > 0 && deadline < this.deadlineAt((position - 1) >> 2)) this.siftUp(position, last, deadline);
    else this.siftDown(position, last, deadline);
  }

  /** Finds the place of a record from the gap at `position` towards the top. */
  private siftUp(position: number, ref: Ref, deadline: number): void {
    while (position > 0) {
      const parent = (position - 1) >> 2;
      const parentDeadline = this.deadlineAt(parent);
      if (parentDeadline <= deadline) break;
      this.put(position, this.entryAt(parent), parentDeadline);
      position = parent;
    }
    this.put(position, ref, deadline);
  }

  /** Finds the place of a record from the gap at `position` towards the leaves. */
  private siftDown(position: number, ref: Ref, deadline: number): void {
    const length = this.records.length;
    for (;;) {
      const first = (position << 2) + 1;
      const end = first + 4 < length ? first + 4 : length;
      let least = position;
      let leastDeadline = deadline;
      for (let child = first; child < end; child++) {
        const childDeadline = this.deadlineAt(child);
        if (childDeadline < leastDeadline) {
          least = child;
          leastDeadline = childDeadline;
        }
      }
      if (least === position) break;
      this.put(position, this.entryAt(least), leastDeadline);
      position = least;
    }
    this.put(position, ref, deadline);
  }

  private put(position: number, ref: Ref, deadline: number): void {
    const block = this.records.blockOf(position);
    this.arena.writable(block);
    this.arena.writable(ref);
    const view = this.arena.views[block >>> 12];
    const offset = this.records.offsetOf(block, position);
    view.setFloat64(offset, deadline, true);
    view.setInt32(offset + RECORD_ENTRY, ref, true);
    this.setPosition(ref, position);
  }

  private deadlineAt(position: number): number {
    const block = this.records.blockOf(position);
    return this.arena.views[block >>> 12].getFloat64(this.records.offsetOf(block, position), true);
  }

  /** In no order that means anything: for samples. 0 <= position < size. */
  entryAt(position: number): Ref {
    const block = this.records.blockOf(position);
    return this.arena.views[block >>> 12].getInt32(this.records.offsetOf(block, position) + RECORD_ENTRY, true);
  }

  private deadlineOf(ref: Ref): number {
    const own = this.arena.views[ref >>> 12].getFloat64(((ref & 0xfff) << 4) + DEADLINE, true);
    return this.innerDeadline === null ? own : Math.min(own, this.innerDeadline(ref));
  }

  private positionOf(ref: Ref): number {
    return this.arena.views[ref >>> 12].getInt32(((ref & 0xfff) << 4) + this.heapPositionAt, true);
  }

  private setPosition(ref: Ref, position: number): void {
    this.arena.views[ref >>> 12].setInt32(((ref & 0xfff) << 4) + this.heapPositionAt, position, true);
  }
}
