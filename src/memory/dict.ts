/**
 * Dict: a hash table of entries (see entry-layout.ts), found by key and numbered without gaps.
 *
 * Two structures hold each entry's reference:
 *
 * - The index, by extendible hashing (see hash-index.ts). There is no second table and no rehash: a command pays for a
 *   split or two of 4 KiB, and, every time the number of keys has doubled, for a copy of the directory (1/800 of the
 *   size of the index).
 *
 * - The dense array: position 0 to size - 1 → entry, and the entry knows its position. It serves uniform random picks
 *   and SCAN; find() never touches it.
 *
 * Invariants:
 * - An element's dense position never increases during its life: the last entry moves into the hole of a removed one,
 *   and moved() keeps the position. So SCAN, which walks downwards, meets every element that is present throughout.
 * - Without keys a Dict owns no block.
 * - The entries belong to the caller, who allocates and frees them; the Dict writes their position only.
 *
 * The hash is murmur3, until somebody feeds keys that it hashes alike (they can be constructed, even without knowing
 * the seed). Such a crowd shows when a block would be split deeper than the number of keys warrants. Then the Dict
 * takes new seeds from `reseed` and rebuilds the index once with HalfSipHash, for which nobody can construct such keys.
 *
 * All state is a few integers, for snapshots and for Dicts inside entries (store() and open()). The owner of the state
 * stores it again after a change. Of several Dict objects with the same state only one may change it, and the others
 * are void from then on, until they open() the new state: they remember where blocks are (Table proves that nobody
 * errs).
 */

import { Arena, PAGE_SIZE, type Ref } from './arena.js';
import { Entries } from './entries.js';
import { DENSE_POSITION, KEYSPACE_ENTRY, MAX_INLINE_KEY, readVarint, varintSize } from './entry-layout.js';
import { halfSipHash } from './hash.js';
import { HashIndex, SPLIT_AT } from './hash-index.js';
import {
  BLOCK_SIZE,
  fill,
  homeOf,
  LOCAL_DEPTH,
  SLOT_SHIFT,
  SLOTS,
  SLOTS_AT,
  slotOf,
  USED,
  vacate,
} from './index-block.js';
import { Rope } from './rope.js';
import { equalRange, hashBytes, Slice } from './slice.js';
import { LOOKED_AT_AHEAD } from './structure.js';
import { Vector } from './vector.js';

/** How much deeper than evenly spread keys need a block may lie before its keys are taken for an attack. */
const EXCESS_DEPTH = 8;
const KEYS_PER_BLOCK = 400;
/** What a new index takes at most, as a multiple of the old one. */
const REBUILD_SHARE = 2;

/** Longer keys are compared by Buffer. */
const WORD_LOOP_LIMIT = 100;

const OWN_INTS = 6;

/** The slots of a block that is being copied. */
const scratch = new Int32Array(SLOTS * 2);

/** What processors read at a time, and how much of an entry lookAhead() has read: most small values. */
const LINE = 64;
const BYTES_AHEAD = 256;

/** The keys that lookAhead() is at: their hashes, and the entries that their slots name. */
const hashesAhead = new Int32Array(LOOKED_AT_AHEAD);
const entriesAhead = new Int32Array(LOOKED_AT_AHEAD);

export class Dict extends HashIndex {
  /** How many int32s make up the state. */
  static readonly STATE_INTS = OWN_INTS + 2 * Vector.STATE_INTS;

  private seed: number;
  /** The second half of HalfSipHash's key, and whether it is in use. */
  private secondSeed = 0;
  private usesSipHash = false;
  private readonly dense: Vector;

  // Where find() and locate() saw an entry last. That a slot of an own block holds the reference proves that it is
  // still the entry's slot, so this saves moved() and remove() a hash; only a block that goes away must be forgotten
  // here.
  private seenBlock: Ref = 0;
  private seenAt = 0;

  // Where find() ended in vain last, with which hash, and how many slots of the block are in use, for addMissed().
  // Forgotten when any slot changes.
  private missedBlock: Ref = 0;
  private missedAt = 0;
  private missedHash = 0;
  private missedUsed = 0;

  private readonly reseed: () => number;
  private readonly entries: Entries;
  private readonly key = new Slice();
  private readonly rope: Rope;

  // The entries' layout, field by field: find() reads them for each candidate.
  private readonly flagAt: number;
  private readonly plainHeader: number;
  private readonly deadlineHeader: number;
  private readonly hasValue: boolean;
  private readonly flagBits: number;

  constructor(arena: Arena, seed: number, reseed: () => number, entries = new Entries(arena, KEYSPACE_ENTRY)) {
    super(arena);
    this.seed = seed | 0;
    this.reseed = reseed;
    this.entries = entries;
    const { layout } = entries;
    this.flagAt = layout.flagAt;
    this.plainHeader = layout.plainHeader;
    this.deadlineHeader = layout.deadlineHeader;
    this.hasValue = layout.hasValue;
    this.flagBits = layout.flagBits;
    this.dense = new Vector(arena, 4);
    this.rope = new Rope(arena);
  }

  get size(): number {
    return this.dense.length;
  }

  /** Whether the Dict has met engineered collisions and changed its hash. */
  get isKeyed(): boolean {
    return this.usesSipHash;
  }

  /** How many blocks it owns, entries aside. */
  get blockCount(): number {
    return this.indexBlocks + this.directory.blockCount + this.dense.blockCount;
  }

  /** Bytes of these blocks, without looking at those of the index. */
  get blockBytes(): number {
    return this.indexBlocks * Arena.capacityFor(BLOCK_SIZE) + this.dense.blockBytes + this.directory.blockBytes;
  }

  // --- elements ---

  /** The entry of a key, 0 if there is none. */
  find(key: Slice): Ref {
    if (this.dense.length === 0) return 0;
    const hash = this.hashOf(key);
    const block = this.directory.getInt32(hash & ((1 << this.depth) - 1));
    const view = this.arena.views[block >>> 12];
    const first = ((block & 0xfff) << 4) + SLOTS_AT;
    const end = first + (SLOTS << SLOT_SHIFT);
    for (let at = first + (homeOf(hash) << SLOT_SHIFT); ; ) {
      const ref = view.getInt32(at, true);
      if (ref === 0) {
        this.missedBlock = block;
        this.missedAt = at;
        this.missedHash = hash;
        // Headers of blocks are hardly ever in the cache, as all lie in the same few of its sets. Here the processor
        // waits for this one together with the slot: an SADD of a new member takes 0.83 of the time that it takes when
        // addMissed() looks.
        this.missedUsed = view.getInt32(first - SLOTS_AT + USED, true);
        return 0;
      }
      if (view.getInt32(at + 4, true) === hash && this.hasKey(ref, key)) {
        this.seenBlock = block;
        this.seenAt = at;
        return ref;
      }
      at += 1 << SLOT_SHIFT;
      if (at === end) at = first;
    }
  }

  /**
   * Looks at where keys are to be found, up to LOOKED_AT_AHEAD of them, so that the processor waits for all of their
   * slots at once, then for all of their entries, and then for the next lines of those. What it returns means nothing.
   */
  lookAhead(keys: readonly Slice[], count: number): number {
    if (this.dense.length === 0) return 0;
    const { arena, directory } = this;
    const { views } = arena;
    const mask = (1 << this.depth) - 1;
    let sum = 0;
    // Each loop is short, so that the processor sees many rounds of it ahead.
    for (let i = 0; i < count; i++) hashesAhead[i] = this.hashOf(keys[i]);
    for (let i = 0; i < count; i++) {
      const hash = hashesAhead[i];
      const block = directory.getInt32(hash & mask);
      const view = views[block >>> 12];
      const start = (block & 0xfff) << 4;
      sum ^= view.getInt32(start + SLOTS_AT + (homeOf(hash) << SLOT_SHIFT), true);
      // What find() looks at when the key is not there.
      sum ^= view.getInt32(start + USED, true);
    }
    for (let i = 0; i < count; i++) entriesAhead[i] = this.candidate(hashesAhead[i], 0);
    for (let i = 0; i < count; i++) {
      const ref = entriesAhead[i];
      if (ref !== 0) sum ^= views[ref >>> 12].getInt8((ref & 0xfff) << 4);
    }
    for (let i = 0; i < count; i++) {
      const ref = entriesAhead[i];
      if (ref === 0) continue;
      const view = views[ref >>> 12];
      const start = (ref & 0xfff) << 4;
      const end = start + Math.min(arena.capacity(ref), BYTES_AHEAD);
      for (let at = start + LINE; at < end; at += LINE) sum ^= view.getInt8(at);
    }
    return sum;
  }

  /** Whether both hash alike, so that a slot of one serves to look up in the other. */
  hashesLike(other: Dict): boolean {
    return this.seed === other.seed && this.secondSeed === other.secondSeed && this.usesSipHash === other.usesSipHash;
  }

  /**
   * The first entry after `previous` (0: of all) whose slot says this hash: a candidate, for which Entries.sharesKey()
   * decides. No key is hashed and no entry looked at.
   */
  candidate(hash: number, previous: Ref): Ref {
    if (this.dense.length === 0) return 0;
    const block = this.blockOf(hash);
    const view = this.arena.views[block >>> 12];
    const first = ((block & 0xfff) << 4) + SLOTS_AT;
    const end = first + (SLOTS << SLOT_SHIFT);
    for (let at = first + (homeOf(hash) << SLOT_SHIFT); ; ) {
      const ref = view.getInt32(at, true);
      if (ref === 0) return 0;
      if (view.getInt32(at + 4, true) === hash) {
        if (previous === 0) return ref;
        if (previous === ref) previous = 0;
      }
      at += 1 << SLOT_SHIFT;
      if (at === end) at = first;
    }
  }

  /** Takes in an entry whose header and key are written, and whose key is absent. Writes its dense position. */
  add(ref: Ref, key: Slice): void {
    this.addHashed(ref, key, this.hashOf(key));
  }

  /** add() with the hash that a Dict which hashes alike has for the key. */
  addHashed(ref: Ref, key: Slice, hash: number): void {
    if (this.dense.length === 0) this.beginIndex();
    let block = this.blockOf(hash);
    if (this.header(block, USED) >= SPLIT_AT) {
      if (!this.makeRoom(hash)) hash = this.hashOf(key);
      block = this.blockOf(hash);
    }
    this.missedBlock = 0;
    this.arena.writable(block);
    this.arena.writable(ref);
    const position = this.dense.grow();
    this.dense.setInt32(position, ref);
    this.place(block, ref, hash);
    this.setPosition(ref, position);
  }

  /**
   * add() for the key that the last find() has looked for in vain, in the slot where that ended: with this a SADD or
   * HSET of a new element takes 0.91 of its time. True if no more of the state has changed than the size.
   */
  addMissed(ref: Ref, key: Slice): boolean {
    const { arena, dense, missedBlock } = this;
    if (missedBlock === 0 || dense.isFull || this.missedUsed >= SPLIT_AT) {
      this.add(ref, key);
      return false;
    }
    this.missedBlock = 0;
    arena.writable(missedBlock);
    arena.writable(ref);
    const position = dense.grow();
    dense.setInt32(position, ref);
    fill(arena.views[missedBlock >>> 12], (missedBlock & 0xfff) << 4, this.missedAt, ref, this.missedHash);
    this.setPosition(ref, position);
    return true;
  }

  /**
   * Becomes a copy of another Dict; `copyOf` copies an entry, with its header. Copying the index as it is takes a third
   * of the time of adding all entries.
   */
  copyFrom(other: Dict, copyOf: (entry: Ref) => Ref): void {
    this.reset(other);
    for (let position = 0; position < other.size; position++) this.dense.pushInt32(copyOf(other.at(position)));
    const { directory } = this;
    for (let index = 0; index < other.directory.length; index++) {
      const block = other.indexBlockAt(index);
      const shared = index ^ (1 << (31 - Math.clz32(index)));
      directory.pushInt32(block === 0 ? directory.getInt32(shared) : this.copyOfBlock(other, block));
    }
    this.depth = other.depth;
    this.indexBlocks = other.indexBlocks;
    this.deepest = other.deepest;
  }

  /** Takes the entry out; freeing it is the caller's. The last entry of the dense array moves into its place. */
  remove(ref: Ref): void {
    this.locate(ref, ref);
    this.removePosition(this.positionOf(ref));
    if (this.dense.length === 0) this.clear();
    else this.vacate();
  }

  /**
   * Takes out many, though not all, that best come as they lie in memory. Their slots are emptied block by block: half
   * of a million entries take half of the time, as the processor waits for one block of the index for each of them
   * otherwise.
   */
  removeAll(refs: Int32Array): void {
    const count = refs.length;
    const hashes = new Int32Array(count);
    const ends = new Int32Array((1 << this.depth) + 1);
    const mask = (1 << this.depth) - 1;
    for (let i = 0; i < count; i++) {
      const hash = this.hashOf(this.entries.keyOf(refs[i], this.key));
      hashes[i] = hash;
      ends[(hash & mask) + 1]++;
      this.removePosition(this.positionOf(refs[i]));
    }
    for (let index = 1; index < ends.length; index++) ends[index] += ends[index - 1];
    const order = new Int32Array(count);
    for (let i = 0; i < count; i++) order[ends[hashes[i] & mask]++] = i;
    for (let i = 0; i < count; i++) {
      this.seekSlot(refs[order[i]], hashes[order[i]]);
      this.vacate();
    }
  }

  /** The dense array's last entry moves into a hole. */
  private removePosition(position: number): void {
    const lastPosition = this.dense.length - 1;
    if (position !== lastPosition) {
      const last = this.dense.getInt32(lastPosition);
      this.dense.setInt32(position, last);
      this.arena.writable(last);
      this.setPosition(last, position);
    }
    this.dense.truncate(lastPosition);
  }

  /**
   * The entry now lives in another block, with the same key: moved by growth or compaction, or overwritten. The old
   * block's content must still be there; the new one takes over the dense position.
   */
  moved(oldRef: Ref, newRef: Ref): void {
    const at = this.locate(oldRef, newRef);
    const position = this.positionOf(oldRef);
    this.arena.writable(this.seenBlock);
    this.arena.views[this.seenBlock >>> 12].setInt32(at, newRef, true);
    this.dense.setInt32(position, newRef);
    this.arena.writable(newRef);
    this.setPosition(newRef, position);
  }

  /** The entry at a place of the dense array, 0 <= position < size. */
  at(position: number): Ref {
    return this.dense.getInt32(position);
  }

  /** Copies entries from a position on, as many as come in one go and `into` has room for; returns how many. */
  read(position: number, into: Int32Array): number {
    return this.dense.readInt32s(position, into);
  }

  /**
   * Takes the last entry out of the dense array only, in a Dict that is given up and whose entries are freed one by
   * one. From then on nothing but at(), abandonLast() and clearSome() may be called.
   */
  abandonLast(): void {
    this.dense.truncate(this.dense.length - 1);
  }

  /** Forgets all entries and frees the Dict's own blocks. The entries are the caller's to free, before. */
  clear(): void {
    this.dense.clear();
    this.freeIndex();
    this.forget();
  }

  /**
   * clear() in slices, for a Dict that nobody uses any more: frees up to so many blocks, and returns whether there are
   * more.
   */
  clearSome(limit: number): boolean {
    for (; limit > 0 && this.directory.length > 0; limit--) {
      const index = this.directory.length - 1;
      const block = this.indexBlockAt(index);
      if (block !== 0) this.arena.free(block);
      this.directory.truncate(index);
    }
    for (; limit > 0 && this.dense.length > 0; limit--) {
      this.dense.truncate(Math.max(0, this.dense.length - PAGE_SIZE / 4));
    }
    if (this.directory.length > 0 || this.dense.length > 0) return true;
    this.forget();
    return false;
  }

  /** Becomes empty, with this seed or the hash of another Dict; what it was is somebody else's. */
  reset(like: number | Dict): void {
    this.seed = typeof like === 'number' ? like | 0 : like.seed;
    this.secondSeed = typeof like === 'number' ? 0 : like.secondSeed;
    this.usesSipHash = typeof like === 'number' ? false : like.usesSipHash;
    this.forget();
  }

  /** Becomes empty without freeing: the blocks are gone (arena.reset()) or somebody else's. */
  forget(): void {
    this.forgetIndex();
    this.dense.forget();
    this.seenBlock = 0;
    this.missedBlock = 0;
  }

  // --- state ---

  /** Writes the state, STATE_INTS int32s. */
  store(view: DataView, at: number): void {
    view.setInt32(at, this.seed, true);
    view.setInt32(at + 4, this.secondSeed, true);
    view.setInt32(at + 8, this.usesSipHash ? 1 : 0, true);
    view.setInt32(at + 12, this.depth, true);
    view.setInt32(at + 16, this.indexBlocks, true);
    view.setInt32(at + 20, this.deepest, true);
    this.directory.store(view, at + OWN_INTS * 4);
    this.dense.store(view, at + (OWN_INTS + Vector.STATE_INTS) * 4);
  }

  /** Writes the size alone, into what store() wrote. */
  storeSize(view: DataView, at: number): void {
    this.dense.storeLength(view, at + (OWN_INTS + Vector.STATE_INTS) * 4);
  }

  /** Takes a stored state: the Dict is then the one that stored it. */
  open(view: DataView, at: number): this {
    this.seed = view.getInt32(at, true);
    this.secondSeed = view.getInt32(at + 4, true);
    this.usesSipHash = view.getInt32(at + 8, true) !== 0;
    this.depth = view.getInt32(at + 12, true);
    this.indexBlocks = view.getInt32(at + 16, true);
    this.deepest = view.getInt32(at + 20, true);
    this.directory.open(view, at + OWN_INTS * 4);
    this.dense.open(view, at + (OWN_INTS + Vector.STATE_INTS) * 4);
    this.seenBlock = 0;
    this.missedBlock = 0;
    return this;
  }

  // --- blocks ---

  /** Every block the Dict owns; not the entries. */
  *blocks(): Generator<Ref> {
    yield* this.dense.blocks();
    yield* this.blocksOfIndex();
  }

  /**
   * Compaction: moves own blocks that lie in pages under evacuation, looking at about `units` of them. Begin with
   * cursor 0, go on with what it returns, -1 when done; commands may run in between. The entries are the caller's to
   * move, with moved().
   */
  relocateBlocks(cursor: number, units: number): number {
    if (cursor === 0) {
      this.dense.relocate();
      this.directory.relocate();
    }
    const end = Math.min(this.directory.length, cursor + units);
    for (; cursor < end; cursor++) this.relocateIndexBlock(cursor);
    this.seenBlock = 0;
    this.missedBlock = 0;
    return cursor < this.directory.length ? cursor : -1;
  }

  /** Throws unless index, directory, dense array and entries agree. */
  checkIntegrity(): void {
    this.dense.checkIntegrity();
    this.checkIndex(this.size);
    for (let position = 0; position < this.size; position++) {
      const ref = this.at(position);
      if (this.positionOf(ref) !== position) {
        throw new Error(`entry ${ref} at ${position} believes it is at ${this.positionOf(ref)}`);
      }
      const found = this.find(this.entries.keyOf(ref, this.key));
      if (found !== ref) throw new Error(`entry ${ref} is found by its key as ${found}`);
    }
  }

  // --- keys ---

  private hashOf(key: Slice): number {
    return this.usesSipHash ? halfSipHash(key, this.seed, this.secondSeed) : hashBytes(key, this.seed);
  }

  /** The loop over words stands here, not in equalRange(), as it is what find() does most: 6 of 41 ns. */
  private hasKey(ref: Ref, key: Slice): boolean {
    const view = this.arena.views[ref >>> 12];
    let at = (ref & 0xfff) << 4;
    at += view.getInt8(at + this.flagAt) < 0 ? this.deadlineHeader : this.plainHeader;
    const length = key.end - key.start;
    if (readVarint(view, at) !== length) return false;
    at += varintSize(length);
    if (this.hasValue) at += view.getInt8(at) < 0 ? 4 : 1;
    if (length > WORD_LOOP_LIMIT) return this.hasLongKey(ref, view, at, key);
    const keyView = key.view;
    let from = key.start;
    const wordsEnd = from + (length & ~3);
    for (; from < wordsEnd; from += 4, at += 4) {
      if (view.getInt32(at, true) !== keyView.getInt32(from, true)) return false;
    }
    for (const end = key.end; from < end; from++, at++) {
      if (view.getUint8(at) !== keyView.getUint8(from)) return false;
    }
    return true;
  }

  private hasLongKey(ref: Ref, view: DataView, at: number, key: Slice): boolean {
    const length = key.end - key.start;
    if (length > MAX_INLINE_KEY) return this.rope.load(view, at).equals(key);
    return equalRange(this.arena.bytes[ref >>> 12], view, at, key.bytes, key.view, key.start, length);
  }

  /** An entry's place in the dense array. */
  positionOf(ref: Ref): number {
    const word = this.arena.views[ref >>> 12].getInt32(((ref & 0xfff) << 4) + DENSE_POSITION, true);
    return word & ~this.flagBits;
  }

  private setPosition(ref: Ref, position: number): void {
    const view = this.arena.views[ref >>> 12];
    const at = ((ref & 0xfff) << 4) + DENSE_POSITION;
    view.setInt32(at, this.flagBits === 0 ? position : position | (view.getInt32(at, true) & this.flagBits), true);
  }

  protected hashOfEntry(ref: Ref): number {
    return this.hashOf(this.entries.keyOf(ref, this.key));
  }

  // --- index blocks ---

  /** A copy of another Dict's block, whose slots hold the copies of its entries. */
  private copyOfBlock(other: Dict, block: Ref): Ref {
    const { arena, dense } = this;
    const to = arena.allocate(BLOCK_SIZE);
    const start = (to & 0xfff) << 4;
    const from = (block & 0xfff) << 4;
    other.arena.bytes[block >>> 12].copy(arena.bytes[to >>> 12], start, from, from + BLOCK_SIZE);
    const view = arena.views[to >>> 12];
    const first = start + SLOTS_AT;
    const end = first + (SLOTS << SLOT_SHIFT);
    // All entries are looked at before anything waits for what they say.
    let count = 0;
    for (let at = first; at < end; at += 1 << SLOT_SHIFT) {
      const ref = view.getInt32(at, true);
      if (ref === 0) continue;
      scratch[count++] = at;
      scratch[count++] = other.positionOf(ref);
    }
    for (let i = 0; i < count; i += 2) view.setInt32(scratch[i], dense.getInt32(scratch[i + 1]), true);
    return to;
  }

  /** Leaves an entry's slot in `seenBlock` and `seenAt`, and returns the latter. The key is read from `keyRef`. */
  private locate(ref: Ref, keyRef: Ref): number {
    if (this.seenBlock !== 0 && this.arena.views[this.seenBlock >>> 12].getInt32(this.seenAt, true) === ref) {
      return this.seenAt;
    }
    return this.seekSlot(ref, this.hashOf(this.entries.keyOf(keyRef, this.key)));
  }

  private seekSlot(ref: Ref, hash: number): number {
    const block = this.blockOf(hash);
    const at = slotOf(this.arena.views[block >>> 12], (block & 0xfff) << 4, ref, hash);
    if (at === 0) throw new Error(`entry ${ref} is not in the dict`);
    this.seenBlock = block;
    this.seenAt = at;
    return at;
  }

  /** Empties the slot that locate() left. */
  private vacate(): void {
    const block = this.seenBlock;
    this.seenBlock = 0;
    this.missedBlock = 0;
    this.arena.writable(block);
    const view = this.arena.views[block >>> 12];
    const pattern = view.getInt32(this.seenAt + 4, true);
    this.mergeIfSparse(pattern, vacate(view, (block & 0xfff) << 4, this.seenAt));
  }

  // --- growing and shrinking ---

  /**
   * Splits the block of a hash, once unless it is full to the brim: keys may fall to one side. False when the keys had
   * to be hashed anew.
   */
  private makeRoom(hash: number): boolean {
    do {
      const localDepth = this.header(this.blockOf(hash), LOCAL_DEPTH);
      if (localDepth >= EXCESS_DEPTH + 32 - Math.clz32(this.size / KEYS_PER_BLOCK)) {
        // The new index beside the old one. Where there is no memory for it, blocks fill up meanwhile.
        if (this.arena.tryReserve(REBUILD_SHARE * this.indexBlocks * BLOCK_SIZE)) {
          this.rebuild();
          return false;
        }
        if (this.header(this.blockOf(hash), USED) < SLOTS - 1) return true;
      }
      this.split(hash);
    } while (this.header(this.blockOf(hash), USED) >= SLOTS - 1);
    return true;
  }

  /** Takes a new hash and builds the index anew from the dense array: one long command in a Dict under attack. */
  private rebuild(): void {
    this.freeIndex();
    this.seenBlock = 0;
    this.usesSipHash = true;
    this.seed = this.reseed() | 0;
    this.secondSeed = this.reseed() | 0;
    this.beginIndex();
    for (let position = 0; position < this.size; position++) {
      const ref = this.at(position);
      const hash = this.hashOfEntry(ref);
      while (this.header(this.blockOf(hash), USED) >= SPLIT_AT) this.split(hash);
      this.place(this.blockOf(hash), ref, hash);
    }
  }
}
