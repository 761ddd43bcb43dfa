/**
 * A database: keys and what they hold, in the arena. Its whole state is the Dict's and the ExpiryHeap's few integers.
 *
 * The lookups differ in what they leave behind: lookup() counts a hit or a miss and touches the LRU clock (or LFU
 * counter), inspect() only counts, lookupForWrite() only touches, peek() leaves no trace. All three see a key no longer
 * from its deadline on; in a live database the first of them to meet it deletes and announces it.
 *
 * Everything that changes the size of an entry may move it: the methods say so by returning the reference to use from
 * then on. moved() repairs index, dense array and heap, so nothing else may hold on to an entry's reference.
 */

import type { Arena, Ref } from '../memory/arena.js';
import { Dict } from '../memory/dict.js';
import {
  DEADLINE,
  DEADLINE_HEADER,
  HAS_DEADLINE,
  KEYSPACE_ENTRY,
  KIND,
  KIND_MASK,
  PLAIN_HEADER,
} from '../memory/entry-layout.js';
import { ExpiryHeap } from '../memory/expiry-heap.js';
import { Slice } from '../memory/slice.js';
import type { Budget, Structure } from '../memory/structure.js';
import type { HashSeeds } from '../memory/table.js';
import type { CursorPool } from './cursor-pool.js';
import type { EventName } from './events.js';
import { type EntryContext, KeyEntries } from './key-entries.js';
import { OutsideValues } from './outside-values.js';
import { KEEP_DEADLINE, NO_DEADLINE } from './types.js';

/** What values may grow to. Each type merges its own limits into it, beside its values. */
// biome-ignore lint/suspicious/noEmptyInterface: see above
export interface KeyspaceLimits {}

/** What a type needs whose elements expire by themselves. */
export interface ElementExpiry {
  /** Not later than the least deadline of any element; Infinity if none has one. */
  nextDeadline(db: Database, ref: Ref): number;
  /**
   * Removes and announces elements that are due, each of which costs 1. Returns where the entry is then, or 0 if no
   * element is left: the key is to go.
   */
  expireDue(db: Database, ref: Ref, now: number, budget: Budget): Ref;
}

/** What replays writes elsewhere: parts of a command that does the same there. */
export interface Propagation {
  /** Whether anybody listens: parts are made only then. */
  readonly active: boolean;
  emit(databaseIndex: number, parts: readonly (Slice | string)[]): void;
}

/** What a database needs of the keyspace that it belongs to. */
export interface DatabaseContext extends EntryContext {
  readonly hashSeeds: HashSeeds;
  readonly limits: KeyspaceLimits;
  readonly random: { int32(): number; below(limit: number): number };
  readonly reclaimer: { takeValue(kind: number, root: Slice): void };
  hits: number;
  misses: number;
  leavesNoTrace: boolean;
  readonly keepsExpired: boolean;
  readonly useBits: number;
  readonly newBits: number;
  readonly onKeyAdded: ((db: Database, key: Slice) => void) | null;
  readonly onKeyMissed: ((db: Database, key: Slice) => void) | null;
  now(): number;
  touchedByUse(word: number): number;
  keyExpired(db: Database, key: Slice): void;
  keyEvicted(db: Database, key: Slice): void;
  expiryOf(typeId: number): ElementExpiry | undefined;
  readonly propagation: Propagation;
  elementsExpired(db: Database, key: Slice, event: EventName, count: number): void;
  keyEmptied(db: Database, key: Slice): void;
}

/** Bounds of the search for a random key: about a millisecond. */
const RANDOM_TRIES = 512;
const RANDOM_STEPS = 16_384;
/** A structure may begin with larger blocks than the one that it was copied from has. */
const COPY_SLACK = 64 * 1024;
/**
 * What a command frees of a value by itself, in a Budget's units: some µs, or some hundred while the code is cold (with
 * 128 a first DEL of 10^6 elements took 1.9 ms). The rest is left to the reclaimer.
 */
const FREED_AT_ONCE = 32;

/** Where a DatabaseState says what it holds of elements with deadlines. */
const ELEMENTS_AT = Dict.STATE_INTS + ExpiryHeap.STATE_INTS;

export class Database extends KeyEntries {
  readonly dict: Dict;
  readonly heap: ExpiryHeap;
  /** Cursors over values, by the id of their type; made by the types. */
  readonly pools: (CursorPool<object> | undefined)[] = [];
  /** Entries without a deadline of their own that are in the heap because an element of theirs has one. */
  private elementsOnly = 0;
  /** An element has had a deadline since the database was empty. */
  private everHadElements = false;

  private readonly outside: OutsideValues;
  private readonly isOutside: Uint8Array;
  private readonly scratchKey = new Slice();
  private readonly freeing: Budget = { left: 0 };

  constructor(
    arena: Arena,
    readonly keyspace: DatabaseContext,
    /** Changes with SWAPDB. */
    public index: number,
  ) {
    super(arena, keyspace);
    const seed = () => keyspace.random.int32();
    this.dict = new Dict(arena, seed(), seed, this.entries);
    this.heap = new ExpiryHeap(arena, KEYSPACE_ENTRY, (ref) => this.elementDeadlineOf(ref));
    this.outside = new OutsideValues(arena, keyspace);
    this.isOutside = keyspace.kinds.isOutside;
  }

  /** Keys, including those that are due but not yet removed. */
  get size(): number {
    return this.dict.size;
  }

  /** Keys with a deadline of their own. */
  get expiring(): number {
    return this.heap.size - this.elementsOnly;
  }

  /** False if no element of any value has a deadline; not exact the other way. */
  get hasElementDeadlines(): boolean {
    return this.everHadElements && this.heap.size > 0;
  }

  // --- lookups ---

  lookup(key: Slice): Ref {
    const ref = this.dict.find(key);
    if (ref === 0) return this.missed(key);
    const view = this.arena.views[ref >>> 12];
    const at = ((ref & 0xfff) << 4) + KIND;
    const word = view.getInt32(at, true);
    if ((word & HAS_DEADLINE) !== 0 && this.expireIfDue(ref, key)) return this.missed(key);
    this.keyspace.hits++;
    // Written without the barrier: a snapshot does not mind a younger LRU clock, and reads then copy no pages.
    const touched = (word & 0xff) | this.keyspace.useBits;
    if (touched !== word && !this.keyspace.leavesNoTrace) {
      view.setInt32(at, this.keyspace.countsUse ? this.keyspace.touchedByUse(word) : touched, true);
    }
    return ref;
  }

  lookupForWrite(key: Slice): Ref {
    const ref = this.dict.find(key);
    if (ref === 0) return 0;
    const view = this.arena.views[ref >>> 12];
    const at = ((ref & 0xfff) << 4) + KIND;
    const word = view.getInt32(at, true);
    if ((word & HAS_DEADLINE) !== 0 && this.expireIfDue(ref, key)) return 0;
    const touched = (word & 0xff) | this.keyspace.useBits;
    if (touched !== word && !this.keyspace.leavesNoTrace) {
      view.setInt32(at, this.keyspace.countsUse ? this.keyspace.touchedByUse(word) : touched, true);
    }
    return ref;
  }

  /** lookup() for commands that look at a key without using it (TYPE, TTL, EXISTS): it stays as old as it was. */
  inspect(key: Slice): Ref {
    const { leavesNoTrace } = this.keyspace;
    this.keyspace.leavesNoTrace = true;
    const ref = this.lookup(key);
    this.keyspace.leavesNoTrace = leavesNoTrace;
    return ref;
  }

  peek(key: Slice): Ref {
    const ref = this.dict.find(key);
    return ref === 0 || this.isDue(ref) ? 0 : ref;
  }

  /** Looks at where keys are to be found that commands are about to ask for; see Dict. */
  lookAhead(keys: readonly Slice[], count: number): number {
    return this.dict.lookAhead(keys, count);
  }

  /** The value of a key, if it is so large that it lies outside of its entry. */
  outsideValue(key: Slice): Structure | null {
    const ref = this.dict.find(key);
    if (ref === 0) return null;
    const kind = this.kindOf(ref);
    return this.isOutside[kind] === 0 ? null : this.outside.open(kind, ref, this.valueOffset(ref));
  }

  /** The entry at a position of the dense array, 0 <= position < size; it may be due. */
  at(position: number): Ref {
    return this.dict.at(position);
  }

  isDue(ref: Ref): boolean {
    return this.isInHeap(ref) && this.headerDeadlineOf(ref) <= this.keyspace.now();
  }

  /**
   * A random key that is not due, or 0. Due keys that it meets go. Where nearly all are due it ends with a walk from a
   * random place on, and may give up although there is a key: calls take a bounded time, and each leaves fewer due
   * keys.
   */
  randomKey(): Ref {
    for (let tries = 0; tries < RANDOM_TRIES && this.size > 0; tries++) {
      const ref = this.at(this.keyspace.random.below(this.size));
      if (!this.isDue(ref)) return ref;
      if (!this.keyspace.keepsExpired) this.expire(ref);
    }
    const { size } = this;
    let position = size > 0 ? this.keyspace.random.below(size) : 0;
    for (let steps = Math.min(size, RANDOM_STEPS); steps > 0; steps--) {
      const ref = this.at(position);
      if (!this.isDue(ref)) return ref;
      position = position === 0 ? size - 1 : position - 1;
    }
    return 0;
  }

  // --- changing entries ---

  /** A new entry; its value's bytes are still to be written. The key is known to be absent. */
  create(key: Slice, kind: number, valueLength: number, deadline: number = NO_DEADLINE): Ref {
    const ref = this.build(key, kind, valueLength, deadline);
    this.dict.add(ref, key);
    if (deadline >= 0) this.heap.insert(ref, deadline);
    // What is built in the staging database appears when it is renamed.
    if (this.keyspace.onKeyAdded !== null && this.index >= 0) this.keyspace.onKeyAdded(this, key);
    return ref;
  }

  /**
   * The entry of a key that is there (ref) or not (0), emptied for a new value whose bytes are still to be written. The
   * deadline is a time, NO_DEADLINE or KEEP_DEADLINE.
   */
  overwrite(key: Slice, ref: Ref, kind: number, valueLength: number, deadline: number = NO_DEADLINE): Ref {
    if (ref === 0) {
      return this.create(key, kind, valueLength, deadline === KEEP_DEADLINE ? NO_DEADLINE : deadline);
    }
    this.arena.writable(ref);
    const view = this.arena.views[ref >>> 12];
    const at = (ref & 0xfff) << 4;
    const oldKind = view.getUint8(at + KIND);
    if (this.isOutside[oldKind & KIND_MASK] !== 0) this.releaseValue(ref);
    const newDeadline = deadline === KEEP_DEADLINE ? this.deadlineOf(ref) : deadline;
    const hadDeadline = (oldKind & HAS_DEADLINE) !== 0;
    if (hadDeadline === newDeadline >= 0) {
      // The plain case, SET over SET: same header, and mostly the same block.
      const lengths = at + (hadDeadline ? DEADLINE_HEADER : PLAIN_HEADER);
      if (this.entries.resizeInPlace(ref, valueLength, lengths)) {
        view.setInt32(at + KIND, kind | this.bitsAfter(ref) | (oldKind & HAS_DEADLINE), true);
        if (hadDeadline) {
          this.writeDeadline(ref, newDeadline);
          this.heap.deadlineChanged(ref, newDeadline);
        }
        return ref;
      }
    }
    return this.rebuild(ref, kind, valueLength, newDeadline, 0);
  }

  /** Makes room for a value of another length; what fits of its bytes is kept. */
  resize(ref: Ref, kind: number, valueLength: number): Ref {
    this.arena.writable(ref);
    if (this.entries.resizeInPlace(ref, valueLength, this.entries.lengthsOf(ref))) {
      const view = this.arena.views[ref >>> 12];
      const at = ((ref & 0xfff) << 4) + KIND;
      view.setUint8(at, kind | (view.getUint8(at) & HAS_DEADLINE));
      return ref;
    }
    return this.rebuild(ref, kind, valueLength, this.headerDeadlineOf(ref), valueLength);
  }

  /** Throws OutOfMemoryError, changing nothing: the gate lets EXPIRE and its like pass when memory is exhausted. */
  setDeadline(ref: Ref, deadline: number): Ref {
    if (!this.isInHeap(ref)) return this.withHeader(ref, deadline);
    this.arena.writable(ref);
    this.writeDeadline(ref, deadline);
    this.heap.deadlineChanged(ref, deadline);
    return ref;
  }

  /** Throws as setDeadline() does. */
  clearDeadline(ref: Ref): Ref {
    if (!this.hasDeadline(ref)) return ref;
    if (this.elementDeadlineOf(ref) === Number.POSITIVE_INFINITY) return this.withHeader(ref, NO_DEADLINE);
    this.arena.writable(ref);
    this.writeDeadline(ref, Number.POSITIVE_INFINITY);
    return ref;
  }

  /** An element of the value has a deadline that no other is before. Returns where the entry is then. */
  elementDeadlineChanged(ref: Ref, deadline: number): Ref {
    this.everHadElements = true;
    if (!this.isInHeap(ref)) ref = this.withHeader(ref, Number.POSITIVE_INFINITY);
    this.heap.deadlineChanged(ref, deadline);
    return ref;
  }

  /** Removes a key with all it holds. Tells nobody. */
  delete(ref: Ref): void {
    if (this.isInHeap(ref)) this.leaveHeap(ref);
    this.dict.remove(ref);
    this.releaseValue(ref);
    this.entries.freeLongKey(ref);
    this.arena.free(ref);
  }

  /**
   * Gives an entry another key, in this database or another. `target` is the entry that has that key so far, or 0: its
   * value goes, its place in the dense array stays. Returns the entry's new reference.
   */
  rename(ref: Ref, newKey: Slice, other: Database = this, target: Ref = 0): Ref {
    const deadline = this.headerDeadlineOf(ref);
    const lru = this.lruOf(ref);
    const { length } = this.valueOf(ref, this.scratchValue);
    const renamed = this.build(newKey, this.kindOf(ref), length, deadline);
    this.copyValueBytes(ref, renamed);
    this.setLru(renamed, lru);
    if (deadline >= 0) this.leaveHeap(ref);
    this.dict.remove(ref);
    this.entries.freeLongKey(ref);
    this.arena.free(ref);
    other.adopt(renamed, newKey, target, deadline);
    return renamed;
  }

  /**
   * An independent copy of an entry under another key; `target` as for rename(). Throws OutOfMemoryError before a
   * change.
   */
  copy(ref: Ref, newKey: Slice, other: Database, target: Ref): Ref {
    this.reserveCopy(ref, newKey);
    const deadline = this.headerDeadlineOf(ref);
    const kind = this.kindOf(ref);
    const { length } = this.valueOf(ref, this.scratchValue);
    const copied = this.build(newKey, kind, length, deadline);
    if (this.isOutside[kind] === 0) this.copyValueBytes(ref, copied);
    else this.outside.copy(kind, ref, this.valueOffset(ref), copied, this.valueOffset(copied));
    other.adopt(copied, newKey, target, deadline);
    return copied;
  }

  // --- expiry ---

  /** The next time at which a key falls due, or Infinity. May be earlier than the truth, never later. */
  nextDeadline(): number {
    return this.heap.nextDeadline();
  }

  /** Removes and announces due keys, and due elements of keys, up to `limit` of them; returns what that cost. */
  expireDue(limit: number): number {
    const now = this.keyspace.now();
    const budget = { left: limit };
    while (budget.left > 0) {
      const ref = this.heap.popDue(now);
      if (ref !== 0) {
        if (this.headerDeadlineOf(ref) > now) this.expireElements(ref, now, budget);
        else this.expire(ref);
        this.arena.settle();
      } else if (this.heap.nextDeadline() > now) {
        break;
      }
      // Otherwise deadlines that were put off came up and were corrected.
      budget.left--;
    }
    return limit - Math.max(0, budget.left);
  }

  /** Elements of an entry that was taken out of the heap are due. */
  private expireElements(ref: Ref, now: number, budget: Budget): void {
    const deadline = this.headerDeadlineOf(ref);
    const expiry = this.keyspace.expiryOf(this.typeOf(ref));
    const key = this.keyOf(ref, this.scratchKey);
    const left = expiry === undefined ? ref : expiry.expireDue(this, ref, now, budget);
    if (left === 0) {
      this.delete(this.dict.find(key));
      this.keyspace.keyEmptied(this, key);
      return;
    }
    if (!this.isInHeap(left)) return;
    // With nothing left to fall due it stays in the heap, at the very end: leaving it takes another block, and might
    // fail.
    const next = Math.min(deadline, this.elementDeadlineOf(left));
    if (this.heap.has(left)) this.heap.deadlineChanged(left, next);
    else this.heap.insert(left, next);
  }

  /** When the first element of the value falls due; Infinity if none does. */
  private elementDeadlineOf(ref: Ref): number {
    const expiry = this.keyspace.expiryOf(this.typeOf(ref));
    return expiry === undefined ? Number.POSITIVE_INFINITY : expiry.nextDeadline(this, ref);
  }

  private missed(key: Slice): Ref {
    this.keyspace.misses++;
    if (this.keyspace.onKeyMissed !== null) this.keyspace.onKeyMissed(this, key);
    return 0;
  }

  private expireIfDue(ref: Ref, key: Slice): boolean {
    if (this.headerDeadlineOf(ref) > this.keyspace.now()) return false;
    if (this.keyspace.keepsExpired) return true;
    this.delete(ref);
    this.keyspace.keyExpired(this, key);
    return true;
  }

  /** Removes and announces a key to make room for others, or as expired if it is. */
  evict(ref: Ref): void {
    if (this.isDue(ref)) {
      this.expire(ref);
      return;
    }
    const key = this.keyOf(ref, this.scratchKey);
    this.delete(ref);
    this.keyspace.keyEvicted(this, key);
  }

  private expire(ref: Ref): void {
    // The key's bytes stay readable until the command's frees take effect.
    const key = this.keyOf(ref, this.scratchKey);
    this.delete(ref);
    this.keyspace.keyExpired(this, key);
  }

  // --- state ---

  /** The integers that, with the arena, are this database. */
  state(): DatabaseState {
    const state = new DataView(new ArrayBuffer((ELEMENTS_AT + 2) * 4));
    this.dict.store(state, 0);
    this.heap.store(state, Dict.STATE_INTS * 4);
    state.setInt32(ELEMENTS_AT * 4, this.elementsOnly);
    state.setInt32(ELEMENTS_AT * 4 + 4, this.everHadElements ? 1 : 0);
    return state;
  }

  load(state: DatabaseState): void {
    this.dict.open(state, 0);
    this.heap.open(state, Dict.STATE_INTS * 4);
    this.elementsOnly = state.getInt32(ELEMENTS_AT * 4);
    this.everHadElements = state.getInt32(ELEMENTS_AT * 4 + 4) !== 0;
  }

  /** Forgets its contents without freeing them: somebody else has them now, or the arena was reset. */
  forget(): void {
    this.dict.forget();
    this.heap.forget();
    this.elementsOnly = 0;
    this.everHadElements = false;
  }

  /** Frees what one entry owns, without taking it out of the Dict: for a database that is given up as a whole. */
  discard(ref: Ref, budget: Budget): void {
    this.releaseValue(ref);
    budget.left -= FREED_AT_ONCE - this.freeing.left;
    this.entries.freeLongKey(ref);
    this.arena.free(ref);
  }

  /** Once all entries are discarded, frees up to so many blocks of the index; returns whether there are more. */
  discardIndex(limit: number): boolean {
    if (this.dict.clearSome(limit)) return true;
    this.heap.clear();
    return false;
  }

  /**
   * Compaction: moves the entry at a position, and what it owns, out of pages that are being evacuated. True when done;
   * a large value takes several calls, between which `progress` says how far it is (see Structure).
   */
  relocateAt(position: number, progress: Int32Array, budget: Budget): boolean {
    const ref = this.dict.at(position);
    const kind = this.kindOf(ref);
    if (this.isOutside[kind] !== 0) {
      const value = this.outside.open(kind, ref, this.valueOffset(ref));
      if (!value.relocateSome(progress, 0, budget)) return false;
    }
    // Not before, so that a budget of 1 gets somewhere.
    budget.left -= 1 + this.entries.relocateRopes(ref);
    const moved = this.arena.relocate(ref);
    if (moved !== ref) {
      budget.left -= this.arena.capacity(moved) >> 10;
      this.dict.moved(ref, moved);
      if (this.isInHeap(moved)) this.heap.moved(ref, moved);
    }
    return true;
  }

  /** Every block this database owns, for the integrity check. */
  *blocks(): Generator<Ref> {
    yield* this.dict.blocks();
    yield* this.heap.blocks();
    for (let position = 0; position < this.size; position++) yield* this.blocksOf(this.dict.at(position));
  }

  /** Every block of one entry. */
  *blocksOf(ref: Ref): Generator<Ref> {
    yield* this.entries.blocksOf(ref);
    const kind = this.kindOf(ref);
    if (this.isOutside[kind] !== 0) yield* this.outside.open(kind, ref, this.valueOffset(ref)).blocks();
  }

  /** Bytes of these blocks; of long values only so many elements, nodes or pages are looked at. */
  blockBytesOf(ref: Ref, samples: number): number {
    const bytes = this.entries.blockBytesOf(ref, samples);
    const kind = this.kindOf(ref);
    if (this.isOutside[kind] === 0) return bytes;
    return bytes + this.outside.open(kind, ref, this.valueOffset(ref)).blockBytes(samples);
  }

  // --- entries as blocks ---

  private build(key: Slice, kind: number, valueLength: number, deadline: number): Ref {
    return this.entries.write(key, kind | this.keyspace.newBits, valueLength, deadline);
  }

  /** What an entry that takes the place of this one says of its use: a new clock, but as often used as before. */
  private bitsAfter(ref: Ref): number {
    const { keyspace } = this;
    return keyspace.countsUse ? this.lruOf(ref) << 8 : keyspace.newBits;
  }

  /**
   * Moves an entry into a block with another header or value length. The first `keep` bytes of the value come along.
   */
  private rebuild(ref: Ref, kind: number, valueLength: number, deadline: number, keep: number): Ref {
    const hadDeadline = this.isInHeap(ref);
    const to = this.entries.rebuilt(ref, (kind & ~HAS_DEADLINE) | this.bitsAfter(ref), valueLength, deadline, keep);
    if (hadDeadline && deadline < 0) this.leaveHeap(ref);
    this.dict.moved(ref, to);
    if (hadDeadline && deadline >= 0) {
      this.countHeader(ref, -1);
      this.countHeader(to, 1);
      this.heap.moved(ref, to);
      this.heap.deadlineChanged(to, deadline);
    } else if (deadline >= 0) {
      this.joinHeap(to, deadline);
    }
    this.arena.free(ref);
    return to;
  }

  private withHeader(ref: Ref, deadline: number): Ref {
    this.arena.reserve(0);
    const kind = this.arena.views[ref >>> 12].getUint8(((ref & 0xfff) << 4) + KIND);
    const length = this.valueOf(ref, this.scratchValue).length;
    const lru = this.lruOf(ref);
    const moved = this.rebuild(ref, kind, length, deadline, length);
    this.setLru(moved, lru);
    return moved;
  }

  /** Takes in an entry that is in no index yet, in the place of `target` if that is not 0. */
  private adopt(ref: Ref, key: Slice, target: Ref, deadline: number): void {
    if (target === 0) {
      this.dict.add(ref, key);
    } else {
      if (this.isInHeap(target)) this.leaveHeap(target);
      this.releaseValue(target);
      this.entries.freeLongKey(target);
      this.dict.moved(target, ref);
      this.arena.free(target);
    }
    if (deadline >= 0) {
      const ofElements = this.elementDeadlineOf(ref);
      if (ofElements !== Number.POSITIVE_INFINITY) this.everHadElements = true;
      this.joinHeap(ref, Math.min(deadline, ofElements));
    }
    // As in Redis also where another key had the name.
    if (this.keyspace.onKeyAdded !== null) this.keyspace.onKeyAdded(this, key);
  }

  // --- the heap ---

  private joinHeap(ref: Ref, deadline: number): void {
    this.countHeader(ref, 1);
    this.heap.insert(ref, deadline);
  }

  private leaveHeap(ref: Ref): void {
    this.countHeader(ref, -1);
    this.heap.remove(ref);
  }

  private writeDeadline(ref: Ref, deadline: number): void {
    this.countHeader(ref, -1);
    this.arena.views[ref >>> 12].setFloat64(((ref & 0xfff) << 4) + DEADLINE, deadline, true);
    this.countHeader(ref, 1);
  }

  private countHeader(ref: Ref, change: number): void {
    if (this.headerDeadlineOf(ref) === Number.POSITIVE_INFINITY) this.elementsOnly += change;
  }

  // --- values and keys outside their entry ---

  /** Makes sure that a copy of an entry finds memory: as much as the entry and what it owns take. */
  private reserveCopy(ref: Ref, newKey: Slice): void {
    this.arena.reserve(2 * newKey.length + this.blockBytesOf(ref, Number.POSITIVE_INFINITY) + COPY_SLACK);
  }

  /**
   * Frees what a value has outside its entry; what is much, the reclaimer frees later, if memory for its list is to
   * spare.
   */
  private releaseValue(ref: Ref): void {
    const kind = this.kindOf(ref);
    this.freeing.left = FREED_AT_ONCE;
    if (this.isOutside[kind] === 0) return;
    const value = this.outside.open(kind, ref, this.valueOffset(ref));
    if (value.freeSome(this.freeing)) return;
    if (this.arena.canSpare()) this.keyspace.reclaimer.takeValue(kind, this.valueOf(ref, this.scratchValue));
    else value.freeSome({ left: Number.POSITIVE_INFINITY });
  }
}

/** Some int32s, as Dict and ExpiryHeap store them. */
export type DatabaseState = DataView;
