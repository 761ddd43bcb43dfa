/**
 * Table: elements found by key and numbered without gaps, each with a value and a deadline if it needs them. It is a
 * Dict with the entries it lists, and an ExpiryHeap over those that have a deadline.
 *
 * One class serves whatever is too large for its key's entry: a hash's fields, a set's members, the member index of a
 * sorted set. The layout of the entries tells them apart, not the class, so that all of it stays monomorphic. (A
 * database is made of the same three parts; it has no root, and its heap knows of deadlines inside of values.)
 *
 * It is a Structure: its root stands in a block of its owner, and the Table writes it.
 *
 *   +0   i32  changes so far
 *   +4        the Dict's state
 *   +60       the ExpiryHeap's state (an empty one owns no block)
 *
 * Rules for who uses one:
 * - Of several Table objects over one root, one writes. The others only read, and are opened again after it wrote; a
 *   handler with two keys asks whether they are the same one first. A Table proves this by the count of changes: one
 *   that was overtaken throws before it writes.
 * - A method that may give an entry another block returns its new reference, and tells the observer. Nothing else moves
 *   entries, but removing one gives the last position's entry another position.
 * - A command that writes asks the arena for room in its checking half: see reserve().
 */

import { type Arena, MAX_BLOCK, PAGE_SIZE, type Ref } from './arena.js';
import { Dict } from './dict.js';
import { Entries } from './entries.js';
import { type EntryLayout, NO_DEADLINE } from './entry-layout.js';
import { ExpiryHeap } from './expiry-heap.js';
import { Slice } from './slice.js';
import { type Budget, type Structure, samplesOf, samplesWithin, TOUCHED_AT_ONCE } from './structure.js';

const CHANGES = 0;
const DICT_STATE = 4;
const HEAP_STATE = DICT_STATE + Dict.STATE_INTS * 4;
export const TABLE_ROOT = HEAP_STATE + ExpiryHeap.STATE_INTS * 4;

/**
 * Pages that adding, changing or removing an element may write, where there are no new blocks: its entry and the last
 * one, two index blocks, directory and dense array; and those for each step in the heap.
 */
const PAGES_PER_WRITE = 6;
const PAGES_PER_HEAP_STEP = 2;

/** Moving an index block costs as much as looking at so many entries. */
const UNITS_PER_INDEX_BLOCK = 4;

/** What all Tables of a keyspace share, so that they can be joined by their slots (see table-join.ts). */
export interface HashSeeds {
  readonly seed: number;
  /** For the Table that meets keys made to collide. */
  readonly reseed: () => number;
}

/** Structures beside a Table that keep references to its entries. */
export interface EntryObserver {
  /** The entry is another block now; the old one's content can still be read. */
  entryMoved(from: Ref, to: Ref): void;
}

export class Table implements Structure {
  readonly arena: Arena;
  readonly entries: Entries;
  readonly dict: Dict;
  readonly heap: ExpiryHeap;
  observer: EntryObserver | null = null;

  private block: Ref = 0;
  private offset = 0;
  private changes = 0;

  private readonly seeds: HashSeeds;
  /** A cursor over the structure whose root is each entry's value, if it is one. */
  private readonly values: Structure | null;
  private readonly scratch = new Slice();

  /**
   * With `values` each value is the root of such a structure, which the Table then frees, copies and relocates along;
   * who inserts an entry initialises it.
   */
  constructor(arena: Arena, layout: EntryLayout, seeds: HashSeeds, values: Structure | null = null) {
    this.arena = arena;
    this.seeds = seeds;
    this.entries = new Entries(arena, layout);
    this.dict = new Dict(arena, seeds.seed, seeds.reseed, this.entries);
    this.heap = new ExpiryHeap(arena, layout);
    this.values = values;
  }

  // --- roots ---

  /** Writes the root of an empty Table at such a place, and turns to it. */
  initialise(block: Ref, offset: number): this {
    this.block = block;
    this.offset = offset;
    this.dict.reset(this.seeds.seed);
    this.heap.forget();
    this.changes = 0;
    this.writeRoot();
    return this;
  }

  /** Turns to the Table whose root lies there; open it again whenever that block moves, or another object wrote. */
  open(block: Ref, offset: number): this {
    this.block = block;
    this.offset = offset;
    const view = this.arena.views[block >>> 12];
    const at = ((block & 0xfff) << 4) + offset;
    this.changes = view.getInt32(at + CHANGES, true);
    this.dict.open(view, at + DICT_STATE);
    this.heap.open(view, at + HEAP_STATE);
    return this;
  }

  // --- elements ---

  get size(): number {
    return this.dict.size;
  }

  /** The entry of a key, 0 if there is none. */
  find(key: Slice): Ref {
    return this.dict.find(key);
  }

  lookAhead(keys: readonly Slice[], count: number): number {
    return this.dict.lookAhead(keys, count);
  }

  /** The entry at a place of the dense array, 0 <= position < size: for walks, SCAN (downwards) and random picks. */
  at(position: number): Ref {
    return this.dict.at(position);
  }

  /**
   * In a walk from the position below `from` down to `to`, before it comes to `position`: looks at TOUCHED_AT_ONCE
   * entries each time it has passed so many, so that the processor waits for all of them at once. An HSCAN of 10 fields
   * of 100,000 takes 0.85 of its time. What it returns means nothing.
   */
  touchBelow(from: number, position: number, to: number): number {
    if ((from - 1 - position) % TOUCHED_AT_ONCE !== 0) return 0;
    const { views } = this.arena;
    let sum = 0;
    for (let next = Math.max(to, position + 1 - TOUCHED_AT_ONCE); next <= position; next++) {
      const ref = this.dict.at(next);
      sum ^= views[ref >>> 12].getInt32((ref & 0xfff) << 4, true);
    }
    return sum;
  }

  /** Looks at an entry that will be read soon; what it returns means nothing. */
  touch(ref: Ref): number {
    return this.arena.views[ref >>> 12].getInt32((ref & 0xfff) << 4, true);
  }

  keyOf(ref: Ref, into: Slice): Slice {
    return this.entries.keyOf(ref, into);
  }

  valueOf(ref: Ref, into: Slice): Slice {
    return this.entries.valueOf(ref, into);
  }

  /** A new entry, whose key is known to be absent and whose value's bytes are still to be written. */
  insert(key: Slice, valueLength = 0, deadline: number = NO_DEADLINE, word = 0): Ref {
    this.check();
    const ref = this.entries.write(key, word, valueLength, deadline);
    this.dict.add(ref, key);
    if (deadline >= 0) this.heap.insert(ref, deadline);
    this.save();
    return ref;
  }

  /** insert() of the key that the last find() has looked for in vain. */
  insertMissed(key: Slice, valueLength = 0, deadline: number = NO_DEADLINE): Ref {
    this.check();
    const ref = this.entries.write(key, 0, valueLength, deadline);
    const isPlain = this.dict.addMissed(ref, key);
    if (deadline >= 0) this.heap.insert(ref, deadline);
    if (isPlain && deadline < 0) this.saveSize();
    else this.save();
    return ref;
  }

  /** insert() of an element of a Table that hashes alike, whose slot says `hash`. */
  insertTwin(hash: number, key: Slice, valueLength = 0): Ref {
    this.check();
    const ref = this.entries.write(key, 0, valueLength, NO_DEADLINE);
    this.dict.addHashed(ref, key, hash);
    this.save();
    return ref;
  }

  /** Sets the value of a key that is there or not; a deadline that is there stays. */
  put(key: Slice, value: Slice): Ref {
    const ref = this.dict.find(key);
    if (ref !== 0) return this.setValue(ref, value);
    const inserted = this.insertMissed(key, value.length);
    this.entries.writeValue(inserted, value);
    return inserted;
  }

  /** The value must not lie in the entry itself. */
  setValue(ref: Ref, value: Slice): Ref {
    this.check();
    this.arena.writable(ref);
    this.entries.freeLongValue(ref);
    const length = value.end - value.start;
    const isInPlace = this.entries.resizeInPlace(ref, length, this.entries.lengthsOf(ref));
    const to = isInPlace ? ref : this.rebuild(ref, 0, length, this.deadlineOf(ref), 0);
    this.entries.writeValue(to, value);
    return to;
  }

  /**
   * Takes an entry out, with all it owns. A value of many pages may be freed in slices before: see freeSomeOfEntry().
   */
  remove(ref: Ref): void {
    this.check();
    if (this.entries.hasDeadline(ref)) this.heap.remove(ref);
    this.dict.remove(ref);
    this.freeEntry(ref);
    this.save();
  }

  /** remove() of many, though not all, in less time; best they come as they lie in memory. */
  removeAll(refs: Int32Array): void {
    this.check();
    if (this.heap.size > 0) for (const ref of refs) if (this.entries.hasDeadline(ref)) this.heap.remove(ref);
    this.dict.removeAll(refs);
    for (let i = 0; i < refs.length; i++) this.freeEntry(refs[i]);
    this.save();
  }

  /** Removes all, at once. */
  clear(): void {
    this.check();
    this.free();
    this.save();
  }

  // --- deadlines ---

  /** In ms, or NO_DEADLINE. */
  deadlineOf(ref: Ref): number {
    return this.entries.deadlineOf(ref);
  }

  setDeadline(ref: Ref, deadline: number): Ref {
    if (!this.entries.hasDeadline(ref)) return this.withHeader(ref, deadline);
    this.check();
    this.entries.setDeadline(ref, deadline);
    this.heap.deadlineChanged(ref, deadline);
    return ref;
  }

  clearDeadline(ref: Ref): Ref {
    return this.entries.hasDeadline(ref) ? this.withHeader(ref, NO_DEADLINE) : ref;
  }

  /** No entry falls due before this, or Infinity. May be earlier than the truth, never later. */
  nextDeadline(): number {
    return this.heap.nextDeadline();
  }

  /** An entry that is due, which the caller removes, or 0: as ExpiryHeap.popDue(). */
  popDue(now: number): Ref {
    this.check();
    const ref = this.heap.popDue(now);
    if (ref !== 0) this.save();
    return ref;
  }

  // --- entries that change their block ---

  /** Another header or value length for an entry; the first `keep` bytes of the value's field come along. */
  rebuild(ref: Ref, word: number, valueLength: number, deadline: number, keep: number): Ref {
    this.check();
    const hadDeadline = this.entries.hasDeadline(ref);
    const to = this.entries.rebuilt(ref, word, valueLength, deadline, keep);
    if (hadDeadline && deadline < 0) this.heap.remove(ref);
    this.dict.moved(ref, to);
    if (hadDeadline && deadline >= 0) {
      this.heap.moved(ref, to);
      this.heap.deadlineChanged(to, deadline);
    } else if (deadline >= 0) {
      this.heap.insert(to, deadline);
    }
    this.observer?.entryMoved(ref, to);
    this.arena.free(ref);
    this.save();
    return to;
  }

  private withHeader(ref: Ref, deadline: number): Ref {
    return this.rebuild(ref, this.entries.wordOf(ref), this.entries.valueLengthOf(ref), deadline, MAX_BLOCK);
  }

  // --- room ---

  /** Makes sure that so many writes, of so many bytes in all, find their memory: call it in the checking half. */
  reserve(writes: number, bytes: number): void {
    this.arena.reserve(bytes + this.pagesCopiedBy(writes) * PAGE_SIZE);
  }

  /** At most so many pages that snapshots share are copied by so many writes. */
  pagesCopiedBy(writes: number): number {
    if (!this.arena.hasSnapshots) return 0;
    const heapDepth = (33 - Math.clz32(this.heap.size)) >> 1;
    const each = PAGES_PER_WRITE + heapDepth * PAGES_PER_HEAP_STEP;
    // The structure's own pages, and those in which the arena has room for new blocks.
    const owned = this.size + this.dict.blockCount + this.heap.blockCount + 1;
    return Math.min(this.arena.usedPages, writes + Math.min(owned, writes * each));
  }

  // --- Structure ---

  free(): void {
    for (let position = this.size - 1; position >= 0; position--) this.freeEntry(this.dict.at(position));
    this.dict.clear();
    this.heap.clear();
  }

  /** Nothing but freeSome(), blocks() and open() may be called once this has been. */
  freeSome(budget: Budget): boolean {
    this.check();
    const done = this.freeSomeOfAll(budget);
    this.save();
    return done;
  }

  /** Spends the budget on what an entry has outside its block, which stays; true when nothing is left of that. */
  freeSomeOfEntry(ref: Ref, budget: Budget): boolean {
    if (this.values !== null && !this.openValue(ref).freeSome(budget)) return false;
    return this.entries.freeSomeOfValue(ref, budget) && this.entries.freeSomeOfKey(ref, budget);
  }

  copyFrom(other: this): void {
    this.heap.forget();
    this.dict.copyFrom(other.dict, (from) => this.copyOf(other, from));
    if (other.heap.size > 0) this.copyDeadlines();
    this.save();
  }

  private copyOf(other: this, from: Ref): Ref {
    const ref = this.entries.copyOf(other.entries, from);
    if (this.values !== null) this.openValue(ref).copyFrom(other.openValue(from));
    return ref;
  }

  private copyDeadlines(): void {
    for (let position = 0; position < this.size; position++) {
      const ref = this.at(position);
      const deadline = this.entries.deadlineOf(ref);
      if (deadline >= 0) this.heap.insert(ref, deadline);
    }
  }

  /** Entries are walked downwards: what commands move meanwhile goes to lower positions, or was walked already. */
  relocateSome(progress: Int32Array, level: number, budget: Budget): boolean {
    this.check();
    const done = this.relocateSomeOfAll(progress, level, budget);
    this.save();
    return done;
  }

  *blocks(): Generator<Ref> {
    yield* this.dict.blocks();
    yield* this.heap.blocks();
    for (let position = 0; position < this.size; position++) {
      const ref = this.dict.at(position);
      yield* this.entries.blocksOf(ref);
      if (this.values !== null) yield* this.openValue(ref).blocks();
    }
  }

  blockBytes(samples: number): number {
    const { size, dict } = this;
    const count = samplesOf(size, samples);
    let bytes = 0;
    for (let i = 0; i < count; i++) {
      const ref = dict.at(Math.floor(((i + 0.5) * size) / count));
      bytes += this.entries.blockBytesOf(ref, samplesWithin(samples));
      if (this.values !== null) bytes += this.openValue(ref).blockBytes(samplesWithin(samples));
    }
    const index = dict.blockBytes + this.heap.blockBytes;
    return count === 0 ? index : index + Math.round((bytes * size) / count);
  }

  /** Throws unless Dict, heap and entries agree. */
  checkIntegrity(): void {
    this.dict.checkIntegrity();
    this.heap.checkIntegrity();
    let deadlines = 0;
    for (let position = 0; position < this.size; position++) {
      const ref = this.dict.at(position);
      if (this.entries.sizeOf(ref) > this.arena.capacity(ref)) throw new Error(`entry ${ref} exceeds its block`);
      if (this.entries.hasDeadline(ref)) deadlines++;
    }
    if (deadlines < this.heap.size) throw new Error(`${this.heap.size} records for ${deadlines} deadlines`);
  }

  private freeEntry(ref: Ref): void {
    if (this.values !== null) this.openValue(ref).free();
    this.entries.freeLongValue(ref);
    this.entries.freeLongKey(ref);
    this.arena.free(ref);
  }

  private freeSomeOfAll(budget: Budget): boolean {
    for (; this.size > 0 && budget.left > 0; budget.left--) {
      const ref = this.dict.at(this.size - 1);
      if (!this.freeSomeOfEntry(ref, budget)) return false;
      this.dict.abandonLast();
      this.arena.free(ref);
    }
    if (this.size > 0) return false;
    for (; budget.left > 0; budget.left--) {
      if (!this.dict.clearSome(1) && !this.heap.clearSome()) return true;
    }
    return false;
  }

  /** progress[level] is the position above the next entry, or below 0 a cursor over the Dict's blocks, less one. */
  private relocateSomeOfAll(progress: Int32Array, level: number, budget: Budget): boolean {
    let next = progress[level] === 0 ? this.size : progress[level];
    for (; next > 0 && budget.left > 0; budget.left--) {
      if (next > this.size) next = this.size;
      if (next === 0) break;
      progress[level] = next;
      if (!this.relocateEntry(this.dict.at(next - 1), progress, level, budget)) return false;
      next--;
    }
    if (next > 0) {
      progress[level] = next;
      return false;
    }
    let cursor = next === 0 ? 0 : -next - 1;
    for (; cursor >= 0 && budget.left > 0; budget.left -= UNITS_PER_INDEX_BLOCK) {
      cursor = this.dict.relocateBlocks(cursor, 1);
    }
    if (cursor >= 0) {
      progress[level] = -cursor - 1;
      return false;
    }
    this.heap.relocateBlocks(0, 1);
    progress[level] = 0;
    return true;
  }

  private relocateEntry(ref: Ref, progress: Int32Array, level: number, budget: Budget): boolean {
    if (this.values !== null) {
      if (!this.openValue(ref).relocateSome(progress, level + 1, budget)) return false;
      progress[level + 1] = 0;
    }
    budget.left -= this.entries.relocateRopes(ref);
    const to = this.arena.relocate(ref);
    if (to === ref) return true;
    this.dict.moved(ref, to);
    if (this.entries.hasDeadline(to)) this.heap.moved(ref, to);
    this.observer?.entryMoved(ref, to);
    return true;
  }

  private openValue(ref: Ref): Structure {
    const field = this.entries.valueFieldOf(ref, this.scratch);
    return this.values!.open(ref, field.start - ((ref & 0xfff) << 4));
  }

  // --- state ---

  /** Before every change: the root must be as this Table left it. */
  private check(): void {
    const at = ((this.block & 0xfff) << 4) + this.offset;
    if (this.arena.views[this.block >>> 12].getInt32(at + CHANGES, true) === this.changes) return;
    throw new Error('another cursor has changed this table since it was opened');
  }

  private save(): void {
    this.changes = (this.changes + 1) | 0;
    this.writeRoot();
  }

  /** save() where no more than the size has changed. */
  private saveSize(): void {
    this.changes = (this.changes + 1) | 0;
    this.arena.writable(this.block);
    const view = this.arena.views[this.block >>> 12];
    const at = ((this.block & 0xfff) << 4) + this.offset;
    view.setInt32(at + CHANGES, this.changes, true);
    this.dict.storeSize(view, at + DICT_STATE);
  }

  private writeRoot(): void {
    this.arena.writable(this.block);
    const view = this.arena.views[this.block >>> 12];
    const at = ((this.block & 0xfff) << 4) + this.offset;
    view.setInt32(at + CHANGES, this.changes, true);
    this.dict.store(view, at + DICT_STATE);
    this.heap.store(view, at + HEAP_STATE);
  }
}
