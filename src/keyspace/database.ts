/**
 * A database: keys and what they hold, in the arena. Its whole state is the Dict's and the ExpiryHeap's few integers.
 *
 * The lookups differ in what they leave behind: read() counts a hit or a miss and touches the LRU clock (or LFU counter), inspect() only counts,
 * write() only touches, peek() leaves no trace. All three see a key no longer from its deadline on; in a live database the first of them to
 * meet it deletes and announces it.
 *
 * Everything that changes the size of an entry may move it: the methods say so by returning the reference to use from
 * then on. moved() repairs index, dense array and heap, so nothing else may hold on to an entry's reference.
 */

import { type Arena, PAGE_SIZE, type Ref } from '../memory/arena.js';
import { Deque } from '../memory/deque.js';
import { Dict } from '../memory/dict.js';
import {
  afterHeader,
  DEADLINE,
  DEADLINE_HEADER,
  ENCODING_MASK,
  ENCODING_SHIFT,
  HAS_DEADLINE,
  inlineRoom,
  KIND,
  keyFieldSize,
  keyLengthOf,
  MAX_INLINE_KEY,
  PLAIN_HEADER,
  ROPE_ROOT,
  readVarint,
  TYPE_MASK,
  varintSize,
  writeVarint,
} from '../memory/entry-layout.js';
import { ExpiryHeap } from '../memory/expiry-heap.js';
import { Rope } from '../memory/rope.js';
import { copyBytes, copySlice, Slice, viewOf } from '../memory/slice.js';
import * as errors from '../protocol/errors.js';
import { decayed } from './frequency.js';
import type { Keyspace } from './keyspace.js';
import { ListValue } from './list-value.js';
import { Encoding, KEEP_DEADLINE, NO_DEADLINE, type Type } from './types.js';

/** A block that wastes more than this part of itself is exchanged for a smaller one when its value shrinks. */
const MAX_WASTE = 0.5;
/** Blocks up to this size are not worth the exchange. */
const SMALL_BLOCK = 64;
/** Bounds of the search for a random key: about a millisecond. */
const RANDOM_TRIES = 512;
const RANDOM_STEPS = 16_384;
/** The first nodes of a copied list may be larger than those they were copied from. */
const COPY_SLACK = 64 * 1024;
/** Pages and nodes that a command frees itself: some tens of µs. */
const PIECES_FREED_AT_ONCE = 128;

export class Database {
  readonly dict: Dict;
  readonly heap: ExpiryHeap;
  /** Cursors for whoever works on a value that is out of line; valid until the next use. */
  readonly rope: Rope;
  readonly deque: Deque;
  private lists: ListValue | null = null;

  private readonly sourceRope: Rope;
  private readonly sourceDeque: Deque;
  private readonly scratchKey = new Slice();
  private readonly scratchValue = new Slice();

  constructor(
    readonly arena: Arena,
    readonly keyspace: Keyspace,
    /** Changes with SWAPDB. */
    public index: number,
  ) {
    const seed = () => keyspace.random.int32();
    this.dict = new Dict(arena, seed(), seed);
    this.heap = new ExpiryHeap(arena);
    this.rope = new Rope(arena);
    this.deque = new Deque(arena);
    this.sourceRope = new Rope(arena);
    this.sourceDeque = new Deque(arena);
  }

  /** The cursor over lists of any encoding, for commands; valid until the next use. */
  get list(): ListValue {
    return (this.lists ??= new ListValue(this));
  }

  /** Keys, including those that are due but not yet removed. */
  get size(): number {
    return this.dict.size;
  }

  /** Keys with a deadline. */
  get expiring(): number {
    return this.heap.size;
  }

  // --- lookups ---

  read(key: Slice): Ref {
    const ref = this.dict.find(key);
    if (ref === 0) return this.missed(key);
    const view = this.arena.views[ref >>> 12];
    const at = ((ref & 0xfff) << 4) + KIND;
    const word = view.getInt32(at, true);
    if ((word & HAS_DEADLINE) !== 0 && this.expireIfDue(ref, key)) return this.missed(key);
    this.keyspace.hits++;
    // Written without the barrier: a snapshot does not mind a younger LRU clock, and reads then copy no pages.
    const touched = (word & 0xff) | this.keyspace.useBits;
    if (touched !== word && !this.keyspace.keepsLru) {
      view.setInt32(at, this.keyspace.countsUse ? this.keyspace.touchedByUse(word) : touched, true);
    }
    return ref;
  }

  write(key: Slice): Ref {
    const ref = this.dict.find(key);
    if (ref === 0) return 0;
    const view = this.arena.views[ref >>> 12];
    const at = ((ref & 0xfff) << 4) + KIND;
    const word = view.getInt32(at, true);
    if ((word & HAS_DEADLINE) !== 0 && this.expireIfDue(ref, key)) return 0;
    const touched = (word & 0xff) | this.keyspace.useBits;
    if (touched !== word && !this.keyspace.keepsLru) {
      view.setInt32(at, this.keyspace.countsUse ? this.keyspace.touchedByUse(word) : touched, true);
    }
    return ref;
  }

  /** read() for commands that look at a key without using it (TYPE, TTL, EXISTS): it stays as old as it was. */
  inspect(key: Slice): Ref {
    const { keepsLru } = this.keyspace;
    this.keyspace.keepsLru = true;
    const ref = this.read(key);
    this.keyspace.keepsLru = keepsLru;
    return ref;
  }

  peek(key: Slice): Ref {
    const ref = this.dict.find(key);
    if (ref === 0 || !this.hasDeadline(ref)) return ref;
    return this.deadlineOf(ref) <= this.keyspace.now() ? 0 : ref;
  }

  /** The entry at a position of the dense array, 0 <= position < size; it may be due. */
  at(position: number): Ref {
    return this.dict.at(position);
  }

  isDue(ref: Ref): boolean {
    return this.hasDeadline(ref) && this.deadlineOf(ref) <= this.keyspace.now();
  }

  /**
   * A random key that is not due, or 0. Due keys that it meets go. Where nearly all are due it ends with a walk from a random
   * place on, and may give up although there is a key: calls take a bounded time, and each leaves fewer due keys.
   */
  randomKey(): Ref {
    for (let tries = 0; tries < RANDOM_TRIES && this.size > 0; tries++) {
      const ref = this.at(this.keyspace.random.below(this.size));
      if (!this.isDue(ref)) return ref;
      this.expire(ref);
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

  // --- reading an entry ---

  typeOf(ref: Ref): Type {
    return (this.arena.views[ref >>> 12].getUint8(((ref & 0xfff) << 4) + KIND) & TYPE_MASK) as Type;
  }

  encodingOf(ref: Ref): Encoding {
    const kind = this.arena.views[ref >>> 12].getUint8(((ref & 0xfff) << 4) + KIND);
    return ((kind >> ENCODING_SHIFT) & ENCODING_MASK) as Encoding;
  }

  /** The entry, if it is there, must be of this type. */
  expect(ref: Ref, type: Type): Ref {
    if (ref !== 0 && this.typeOf(ref) !== type) throw errors.WRONGTYPE;
    return ref;
  }

  hasDeadline(ref: Ref): boolean {
    return this.arena.views[ref >>> 12].getInt8(((ref & 0xfff) << 4) + KIND) < 0;
  }

  /** In ms, or NO_DEADLINE. */
  deadlineOf(ref: Ref): number {
    if (!this.hasDeadline(ref)) return NO_DEADLINE;
    return this.arena.views[ref >>> 12].getFloat64(((ref & 0xfff) << 4) + DEADLINE, true);
  }

  /** When the key was last used, as the LRU clock's seconds; under an LFU policy minutes and counter (24 bits). */
  lruOf(ref: Ref): number {
    return this.arena.views[ref >>> 12].getInt32(((ref & 0xfff) << 4) + KIND, true) >>> 8;
  }

  /** Seconds since the key was last used. */
  idleSeconds(ref: Ref): number {
    return (this.keyspace.lruClock - this.lruOf(ref)) & 0xffffff;
  }

  /** How often the key was used of late, under an LFU policy: a logarithmic counter up to 255. */
  frequencyOf(ref: Ref): number {
    return decayed(this.lruOf(ref), this.keyspace.minuteClock, this.keyspace.frequency.decayTime);
  }

  /** What lruOf() gives. */
  setLru(ref: Ref, bits: number): void {
    this.arena.writable(ref);
    const view = this.arena.views[ref >>> 12];
    const at = ((ref & 0xfff) << 4) + KIND;
    view.setInt32(at, view.getUint8(at) | (bits << 8), true);
  }

  /** For loading: seconds without use or a counter of uses, of which the one counts that the policy asks for; -1 is unknown. */
  setUse(ref: Ref, idleSeconds: number, frequency: number): void {
    if (this.keyspace.countsUse) {
      if (frequency >= 0) this.setLru(ref, (this.keyspace.minuteClock << 8) | frequency);
    } else if (idleSeconds >= 0) {
      this.setLru(ref, (this.keyspace.lruClock - (idleSeconds % 0x1000000)) & 0xffffff);
    }
  }

  /** Points `into` at the key; one too long for its entry is copied together first. */
  keyOf(ref: Ref, into: Slice): Slice {
    const view = this.arena.views[ref >>> 12];
    let at = afterHeader(view, (ref & 0xfff) << 4);
    const keyLength = readVarint(view, at);
    at += varintSize(keyLength);
    at += view.getInt8(at) < 0 ? 4 : 1;
    if (keyLength <= MAX_INLINE_KEY) return into.set(this.arena.bytes[ref >>> 12], view, at, at + keyLength);
    const bytes = this.sourceRope.load(view, at).toBuffer();
    return into.set(bytes, viewOf(bytes), 0, keyLength);
  }

  /** Points `into` at the value bytes in the entry: an inline value, or the root of one that is out of line. */
  valueOf(ref: Ref, into: Slice): Slice {
    const page = ref >>> 12;
    const view = this.arena.views[page];
    let at = (ref & 0xfff) << 4;
    at += view.getInt8(at + KIND) < 0 ? DEADLINE_HEADER : PLAIN_HEADER;
    let keyLength = view.getUint8(at);
    if (keyLength < 0x80) {
      at++;
    } else {
      keyLength = view.getInt32(at) & 0x7fffffff;
      at += 4;
    }
    let valueLength = view.getUint8(at);
    if (valueLength < 0x80) {
      at++;
    } else {
      valueLength = view.getInt32(at) & 0x7fffffff;
      at += 4;
    }
    at += keyLength > MAX_INLINE_KEY ? ROPE_ROOT : keyLength;
    return into.set(this.arena.bytes[page], view, at, at + valueLength);
  }

  /** The longest value that fits into the entry of a key of so many bytes, with or without a deadline. */
  static inlineRoom(keyLength: number): number {
    return inlineRoom(keyLength);
  }

  // --- changing entries ---

  /** A new entry; its value's bytes are still to be written. The key is known to be absent. */
  create(key: Slice, type: Type, encoding: Encoding, valueLength: number, deadline: number = NO_DEADLINE): Ref {
    const ref = this.build(key, type | (encoding << ENCODING_SHIFT), valueLength, deadline);
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
  overwrite(
    key: Slice,
    ref: Ref,
    type: Type,
    encoding: Encoding,
    valueLength: number,
    deadline: number = NO_DEADLINE,
  ): Ref {
    if (ref === 0) {
      return this.create(key, type, encoding, valueLength, deadline === KEEP_DEADLINE ? NO_DEADLINE : deadline);
    }
    this.arena.writable(ref);
    const view = this.arena.views[ref >>> 12];
    const at = (ref & 0xfff) << 4;
    const oldKind = view.getUint8(at + KIND);
    if (((oldKind >> ENCODING_SHIFT) & ENCODING_MASK) >= Encoding.ROPE) this.releaseValue(ref);
    const kind = type | (encoding << ENCODING_SHIFT);
    const newDeadline = deadline === KEEP_DEADLINE ? this.deadlineOf(ref) : deadline;
    const hadDeadline = (oldKind & HAS_DEADLINE) !== 0;
    if (hadDeadline === newDeadline >= 0) {
      // The plain case, SET over SET: same header, and mostly the same block.
      const lengths = at + (hadDeadline ? DEADLINE_HEADER : PLAIN_HEADER);
      if (this.resizeInPlace(ref, view, lengths, at, valueLength)) {
        this.writeHeader(view, at, kind | this.bitsAfter(ref), newDeadline);
        if (hadDeadline) this.heap.deadlineChanged(ref, newDeadline);
        return ref;
      }
    }
    return this.rebuild(ref, kind, valueLength, newDeadline, 0);
  }

  /** Makes room for a value of another length; what fits of its bytes is kept. */
  resize(ref: Ref, encoding: Encoding, valueLength: number): Ref {
    this.arena.writable(ref);
    const view = this.arena.views[ref >>> 12];
    const at = (ref & 0xfff) << 4;
    const kind = (view.getUint8(at + KIND) & TYPE_MASK) | (encoding << ENCODING_SHIFT);
    if (this.resizeInPlace(ref, view, afterHeader(view, at), at, valueLength)) {
      view.setUint8(at + KIND, kind | (view.getUint8(at + KIND) & HAS_DEADLINE));
      return ref;
    }
    return this.rebuild(ref, kind, valueLength, this.deadlineOf(ref), valueLength);
  }

  /** Throws OutOfMemoryError, changing nothing: the gate lets EXPIRE and its like pass when memory is exhausted. */
  setDeadline(ref: Ref, deadline: number): Ref {
    if (!this.hasDeadline(ref)) return this.withHeader(ref, deadline);
    this.arena.writable(ref);
    this.arena.views[ref >>> 12].setFloat64(((ref & 0xfff) << 4) + DEADLINE, deadline, true);
    this.heap.deadlineChanged(ref, deadline);
    return ref;
  }

  /** Throws as setDeadline() does. */
  clearDeadline(ref: Ref): Ref {
    return this.hasDeadline(ref) ? this.withHeader(ref, NO_DEADLINE) : ref;
  }

  /** Removes a key with all it holds. Tells nobody. */
  delete(ref: Ref): void {
    if (this.hasDeadline(ref)) this.heap.remove(ref);
    this.dict.remove(ref);
    this.releaseValue(ref);
    this.releaseLongKey(ref);
    this.arena.free(ref);
  }

  /**
   * Gives an entry another key, in this database or another. `target` is the entry that has that key so far, or 0: its
   * value goes, its place in the dense array stays. Returns the entry's new reference.
   */
  rename(ref: Ref, newKey: Slice, other: Database = this, target: Ref = 0): Ref {
    const deadline = this.deadlineOf(ref);
    const value = this.valueOf(ref, this.scratchValue);
    const lru = this.lruOf(ref);
    const kind = this.arena.views[ref >>> 12].getUint8(((ref & 0xfff) << 4) + KIND) & ~HAS_DEADLINE;
    const renamed = this.build(newKey, kind, value.length, deadline);
    this.copyValueBytes(ref, renamed);
    this.setLru(renamed, lru);
    if (deadline >= 0) this.heap.remove(ref);
    this.dict.remove(ref);
    this.releaseLongKey(ref);
    this.arena.free(ref);
    other.adopt(renamed, newKey, target, deadline);
    return renamed;
  }

  /** An independent copy of an entry under another key; `target` as for rename(). Throws OutOfMemoryError before a change. */
  copy(ref: Ref, newKey: Slice, other: Database, target: Ref): Ref {
    this.reserveCopy(ref, newKey);
    const deadline = this.deadlineOf(ref);
    const length = this.valueOf(ref, this.scratchValue).length;
    const kind = this.arena.views[ref >>> 12].getUint8(((ref & 0xfff) << 4) + KIND) & ~HAS_DEADLINE;
    const copied = this.build(newKey, kind, length, deadline);
    const encoding = (kind >> ENCODING_SHIFT) & ENCODING_MASK;
    if (encoding === Encoding.ROPE) {
      this.openRope(ref, this.sourceRope);
      this.rope.reset().appendRope(this.sourceRope, this.scratchValue);
      this.storeRope(copied, this.rope);
    } else if (encoding === Encoding.DEQUE) {
      this.openDeque(copied, this.deque).initialise().copyFrom(this.openDeque(ref, this.sourceDeque));
    } else {
      this.copyValueBytes(ref, copied);
    }
    other.adopt(copied, newKey, target, deadline);
    return copied;
  }

  // --- expiry ---

  /** The next time at which a key falls due, or Infinity. May be earlier than the truth, never later. */
  nextDeadline(): number {
    return this.heap.nextDeadline();
  }

  /** Removes and announces up to `limit` due keys; returns how many. */
  expireDue(limit: number): number {
    const now = this.keyspace.now();
    let count = 0;
    while (count < limit) {
      const ref = this.heap.popDue(now);
      if (ref === 0) {
        // Nothing is due, or deadlines that were put off came up and were corrected.
        if (this.heap.nextDeadline() > now) break;
        count++;
        continue;
      }
      this.expire(ref);
      this.arena.settle();
      count++;
    }
    return count;
  }

  private missed(key: Slice): Ref {
    this.keyspace.misses++;
    if (this.keyspace.onKeyMissed !== null) this.keyspace.onKeyMissed(this, key);
    return 0;
  }

  private expireIfDue(ref: Ref, key: Slice): boolean {
    if (this.deadlineOf(ref) > this.keyspace.now()) return false;
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
    const state = new DataView(new ArrayBuffer((Dict.STATE_INTS + ExpiryHeap.STATE_INTS) * 4));
    this.dict.store(state, 0);
    this.heap.store(state, Dict.STATE_INTS * 4);
    return state;
  }

  load(state: DatabaseState): void {
    this.dict.open(state, 0);
    this.heap.open(state, Dict.STATE_INTS * 4);
  }

  /** Forgets its contents without freeing them: somebody else has them now, or the arena was reset. */
  forget(): void {
    this.dict.forget();
    this.heap.forget();
  }

  /** Frees what one entry owns, without taking it out of the Dict: for a database that is given up as a whole. */
  discard(ref: Ref): void {
    this.releaseValue(ref);
    this.releaseLongKey(ref);
    this.arena.free(ref);
  }

  /** Once all entries are discarded, frees up to so many blocks of the index; returns whether there are more. */
  discardIndex(limit: number): boolean {
    if (this.dict.clearSome(limit)) return true;
    this.heap.clear();
    return false;
  }

  /**
   * Compaction: moves the entry at a position, and what it owns, out of pages that are being evacuated. A long list takes
   * several calls: each looks at `budget` nodes from `ordinal` on and returns where to go on, -1 when done.
   */
  relocateAt(position: number, ordinal: number, budget: number): number {
    const ref = this.dict.at(position);
    const encoding = this.encodingOf(ref);
    if (encoding === Encoding.DEQUE) {
      const next = this.openDeque(ref, this.deque).relocate(ordinal, budget);
      if (next >= 0) return next;
    } else if (encoding === Encoding.ROPE) {
      this.openRope(ref, this.rope).relocate();
      this.storeRope(ref, this.rope);
    }
    if (keyLengthOf(this.arena, ref) > MAX_INLINE_KEY) this.relocateLongKey(ref);
    const moved = this.arena.relocate(ref);
    if (moved !== ref) {
      this.dict.moved(ref, moved);
      if (this.hasDeadline(moved)) this.heap.moved(ref, moved);
    }
    return -1;
  }

  /** Every block this database owns, for the integrity check. */
  *blocks(): Generator<Ref> {
    yield* this.dict.blocks();
    yield* this.heap.blocks();
    for (let position = 0; position < this.size; position++) yield* this.blocksOf(this.dict.at(position));
  }

  /** Every block of one entry. */
  *blocksOf(ref: Ref): Generator<Ref> {
    yield ref;
    const encoding = this.encodingOf(ref);
    if (encoding === Encoding.ROPE) yield* this.openRope(ref, this.rope).blocks();
    else if (encoding === Encoding.DEQUE) yield* this.openDeque(ref, this.deque).blocks();
    if (keyLengthOf(this.arena, ref) > MAX_INLINE_KEY) {
      yield* this.rope.load(this.arena.views[ref >>> 12], this.keyFieldOf(ref)).blocks();
    }
  }

  // --- entries as blocks ---

  /** Allocates an entry and writes all of it but the value, the dense position and the heap position. */
  private build(key: Slice, kind: number, valueLength: number, deadline: number): Ref {
    const keyLength = key.end - key.start;
    if (keyLength > MAX_INLINE_KEY) return this.buildWithLongKey(key, kind, valueLength, deadline);
    const header = deadline < 0 ? PLAIN_HEADER : DEADLINE_HEADER;
    const ref = this.arena.allocate(header + varintSize(keyLength) + varintSize(valueLength) + keyLength + valueLength);
    const view = this.arena.views[ref >>> 12];
    let at = this.writeHeader(view, (ref & 0xfff) << 4, kind | this.keyspace.newBits, deadline);
    at = writeVarint(view, at, keyLength);
    at = writeVarint(view, at, valueLength);
    copySlice(key, this.arena.bytes[ref >>> 12], view, at);
    return ref;
  }

  private buildWithLongKey(key: Slice, kind: number, valueLength: number, deadline: number): Ref {
    this.sourceRope.reset().append(key);
    const header = deadline < 0 ? PLAIN_HEADER : DEADLINE_HEADER;
    const ref = this.arena.allocate(header + 4 + varintSize(valueLength) + ROPE_ROOT + valueLength);
    const view = this.arena.views[ref >>> 12];
    let at = this.writeHeader(view, (ref & 0xfff) << 4, kind | this.keyspace.newBits, deadline);
    at = writeVarint(view, at, key.length);
    at = writeVarint(view, at, valueLength);
    this.sourceRope.store(view, at);
    return ref;
  }

  /** What an entry that takes the place of this one says of its use: a new clock, but as often used as before. */
  private bitsAfter(ref: Ref): number {
    const { keyspace } = this;
    return keyspace.countsUse ? this.lruOf(ref) << 8 : keyspace.newBits;
  }

  /** `word`: kind without HAS_DEADLINE, and use. */
  private writeHeader(view: DataView, at: number, word: number, deadline: number): number {
    if (deadline < 0) {
      view.setInt32(at + KIND, word, true);
      return at + PLAIN_HEADER;
    }
    view.setInt32(at + KIND, word | HAS_DEADLINE, true);
    view.setFloat64(at + DEADLINE, deadline, true);
    return at + DEADLINE_HEADER;
  }

  /** Sets the value's length if the block serves for it, with no byte moved. `lengths` is where the varints begin. */
  private resizeInPlace(ref: Ref, view: DataView, lengths: number, at: number, valueLength: number): boolean {
    const keyLength = readVarint(view, lengths);
    const valueVarint = lengths + varintSize(keyLength);
    const oldLength = readVarint(view, valueVarint);
    if (oldLength === valueLength) return true;
    if (varintSize(oldLength) !== varintSize(valueLength)) return false;
    const total = valueVarint + varintSize(valueLength) + keyFieldSize(keyLength) + valueLength - at;
    const capacity = this.arena.capacity(ref);
    if (total > capacity || (capacity > SMALL_BLOCK && total < capacity * MAX_WASTE)) return false;
    writeVarint(view, valueVarint, valueLength);
    return true;
  }

  /** Moves an entry into a block with another header or value length. The first `keep` bytes of the value come along. */
  private rebuild(ref: Ref, kind: number, valueLength: number, deadline: number, keep: number): Ref {
    const hadDeadline = this.hasDeadline(ref);
    const keyLength = keyLengthOf(this.arena, ref);
    const keyField = keyFieldSize(keyLength);
    const header = deadline < 0 ? PLAIN_HEADER : DEADLINE_HEADER;
    const lengths = varintSize(keyLength) + varintSize(valueLength);
    const to = this.arena.allocate(header + lengths + keyField + valueLength);
    const from = this.keyFieldOf(ref);
    const fromView = this.arena.views[ref >>> 12];
    const fromBytes = this.arena.bytes[ref >>> 12];
    const oldLength = this.valueOf(ref, this.scratchValue).length;
    const view = this.arena.views[to >>> 12];
    let at = this.writeHeader(view, (to & 0xfff) << 4, (kind & ~HAS_DEADLINE) | this.bitsAfter(ref), deadline);
    at = writeVarint(view, at, keyLength);
    at = writeVarint(view, at, valueLength);
    const length = keyField + Math.min(keep, oldLength, valueLength);
    copyBytes(this.arena.bytes[to >>> 12], view, at, fromBytes, fromView, from, length);
    if (hadDeadline && deadline < 0) this.heap.remove(ref);
    this.dict.moved(ref, to);
    if (hadDeadline && deadline >= 0) {
      this.heap.moved(ref, to);
      this.heap.deadlineChanged(to, deadline);
    } else if (deadline >= 0) {
      this.heap.insert(to, deadline);
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
      if (this.hasDeadline(target)) this.heap.remove(target);
      this.releaseValue(target);
      this.releaseLongKey(target);
      this.dict.moved(target, ref);
      this.arena.free(target);
    }
    if (deadline >= 0) this.heap.insert(ref, deadline);
    // As in Redis also where another key had the name.
    if (this.keyspace.onKeyAdded !== null) this.keyspace.onKeyAdded(this, key);
  }

  private copyValueBytes(from: Ref, to: Ref): void {
    const source = this.valueOf(from, this.scratchValue);
    const { bytes, view, start, length } = source;
    const target = this.valueOf(to, this.scratchValue);
    copyBytes(target.bytes, target.view, target.start, bytes, view, start, length);
  }

  private keyFieldOf(ref: Ref): number {
    const view = this.arena.views[ref >>> 12];
    let at = afterHeader(view, (ref & 0xfff) << 4);
    at += view.getInt8(at) < 0 ? 4 : 1;
    return at + (view.getInt8(at) < 0 ? 4 : 1);
  }

  // --- values and keys outside their entry ---

  /** Turns a rope cursor to an entry's string of Encoding.ROPE. What changes the string is followed by storeRope(). */
  openRope(ref: Ref, rope: Rope): Rope {
    const root = this.valueOf(ref, this.scratchValue);
    return rope.load(root.view, root.start);
  }

  storeRope(ref: Ref, rope: Rope): void {
    this.arena.writable(ref);
    const root = this.valueOf(ref, this.scratchValue);
    rope.store(root.view, root.start);
  }

  /** Turns a deque cursor to an entry's list of Encoding.DEQUE; open it again whenever the entry moves. */
  openDeque(ref: Ref, deque: Deque): Deque {
    return deque.open(ref, this.valueOf(ref, this.scratchValue).start - ((ref & 0xfff) << 4));
  }

  /** Makes sure that a copy of an entry finds memory: as much as the entry and what it owns take. */
  private reserveCopy(ref: Ref, newKey: Slice): void {
    let bytes = 2 * newKey.length;
    for (const block of this.blocksOf(ref)) bytes += this.arena.capacity(block);
    this.arena.reserve(bytes + COPY_SLACK);
  }

  /** Frees what a value has outside its entry; of a huge one the pieces go later, if memory for their list is to spare. */
  private releaseValue(ref: Ref): void {
    const encoding = this.encodingOf(ref);
    if (encoding === Encoding.ROPE) {
      const rope = this.openRope(ref, this.rope);
      if (rope.length > PIECES_FREED_AT_ONCE * PAGE_SIZE && this.arena.canSpare())
        this.keyspace.reclaimer.takeValue(encoding, this.scratchValue);
      else rope.free();
    } else if (encoding === Encoding.DEQUE) {
      const deque = this.openDeque(ref, this.deque);
      const isHuge = deque.nodeCount > PIECES_FREED_AT_ONCE || deque.ropeCount > 0;
      if (isHuge && this.arena.canSpare()) this.keyspace.reclaimer.takeValue(encoding, this.scratchValue);
      else deque.free();
    }
  }

  private releaseLongKey(ref: Ref): void {
    if (keyLengthOf(this.arena, ref) <= MAX_INLINE_KEY) return;
    this.sourceRope.load(this.arena.views[ref >>> 12], this.keyFieldOf(ref)).free();
  }

  private relocateLongKey(ref: Ref): void {
    this.sourceRope.load(this.arena.views[ref >>> 12], this.keyFieldOf(ref)).relocate();
    this.arena.writable(ref);
    this.sourceRope.store(this.arena.views[ref >>> 12], this.keyFieldOf(ref));
  }
}

/** Some int32s, as Dict and ExpiryHeap store them. */
export type DatabaseState = DataView;
