/**
 * Dict: a hash table of entries (see entry-layout.ts), found by key and numbered without gaps.
 *
 * Two structures hold each entry's reference:
 *
 * - The index, by extendible hashing. A directory, indexed by the low `depth` bits of the hash, points to index blocks
 *   of 4 KiB; a block of local depth d serves all hashes that agree in their low d bits, so 2^(depth - d) directory
 *   entries point to it. A block that has become full is split in two, with the directory doubled first where d =
 *   depth; two sparse buddies merge. There is no second table and no rehash: a command pays for a split or two of 4
 *   KiB, and, every time the number of keys has doubled, for a copy of the directory (1/800 of the size of the index).
 *
 *   Each block is a table with linear probing (see index-block.ts).
 *
 * - The dense array: position 0 to size - 1 → entry, and the entry knows its position. It serves uniform random picks
 *   and SCAN; find() never touches it.
 *
 * Invariants:
 * - An element's dense position never increases during its life: the last entry moves into the hole of a removed one,
 *   and moved() keeps the position. So SCAN, which walks downwards, meets every element that is present throughout.
 * - A block always has a free slot, which ends every probe.
 * - Without keys a Dict owns no block.
 * - The entries belong to the caller, who allocates and frees them; the Dict writes their position only.
 *
 * The hash is murmur3, until somebody feeds keys that it hashes alike (they can be constructed, even without knowing
 * the seed). Such a crowd shows when a block would be split deeper than the number of keys warrants. Then the Dict
 * takes new seeds from `reseed` and rebuilds the index once with HalfSipHash, for which nobody can construct such keys.
 *
 * All state is a few integers, for snapshots and for Dicts inside entries (store() and open()). Whoever holds the state
 * stores it again after a change. Of several Dict objects with the same state only one may change it, and the others
 * are void from then on, until they open() the new state: they remember where blocks are (Table proves that nobody
 * errs).
 */

import { Arena, PAGE_SIZE, type Ref } from './arena.js';
import { Entries } from './entries.js';
import { DENSE_POSITION, KEYSPACE_ENTRY, MAX_INLINE_KEY, readVarint, varintSize } from './entry-layout.js';
import { halfSipHash } from './hash.js';
import {
  BLOCK_SIZE,
  collect,
  fill,
  homeOf,
  LOCAL_DEPTH,
  place,
  SLOT_SHIFT,
  SLOTS,
  SLOTS_AT,
  slotOf,
  USED,
  vacate,
} from './index-block.js';
import { Rope } from './rope.js';
import { equalRange, hashBytes, Slice } from './slice.js';
import { sizeOfBlocks } from './structure.js';
import { Vector } from './vector.js';

/**
 * A block with so many slots in use is split: 85 %. With blocks about that full, a hit was measured to take 3 probes
 * and a miss 9, where a cache line holds 8.
 */
const SPLIT_AT = Math.floor(SLOTS * 0.85);
/** Buddies merge when they hold no more than this together: far enough below SPLIT_AT to stay merged. */
const MERGE_AT = SLOTS >> 1;
/** Deletions between two looks at a sparse block's buddy, less one; a power of two less one. */
const MERGE_CHECK_MASK = 7;

/** How much deeper than evenly spread keys need a block may lie before its keys are taken for an attack. */
const EXCESS_DEPTH = 8;
const KEYS_PER_BLOCK = 400;
/** What a new index takes at most, as a multiple of the old one. */
const REBUILD_SHARE = 2;

/** Longer keys are compared by Buffer. */
const WORD_LOOP_LIMIT = 100;

const OWN_INTS = 6;

/** The slots of a block that is being split or merged. */
const scratch = new Int32Array(SLOTS * 2);

export class Dict {
  /** How many int32s make up the state. */
  static readonly STATE_INTS = OWN_INTS + 2 * Vector.STATE_INTS;

  private seed: number;
  /** The second half of HalfSipHash's key, and whether it is in use. */
  private secondSeed = 0;
  private usesSipHash = false;
  /** The directory has 2^depth entries. */
  private depth = 0;
  private indexBlocks = 0;
  /** How many blocks have a local depth of `depth`: when there are none, half the directory would do. */
  private deepest = 0;
  private readonly directory: Vector;
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

  private readonly arena: Arena;
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
    this.arena = arena;
    this.seed = seed | 0;
    this.reseed = reseed;
    this.entries = entries;
    const { layout } = entries;
    this.flagAt = layout.flagAt;
    this.plainHeader = layout.plainHeader;
    this.deadlineHeader = layout.deadlineHeader;
    this.hasValue = layout.hasValue;
    this.flagBits = layout.flagBits;
    this.directory = new Vector(arena, 4);
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
    const { arena, dense, directory } = this;
    const index = this.indexBlocks * Arena.capacityFor(BLOCK_SIZE);
    return index + sizeOfBlocks(arena, dense.blocks()) + sizeOfBlocks(arena, directory.blocks());
  }

  get directoryLength(): number {
    return this.directory.length;
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
    if (this.dense.length === 0) this.begin();
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
    for (const ref of this.blocks()) this.arena.free(ref);
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
    this.directory.forget();
    this.dense.forget();
    this.depth = 0;
    this.indexBlocks = 0;
    this.deepest = 0;
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
    for (let index = 0; index < this.directory.length; index++) {
      const block = this.indexBlockAt(index);
      if (block !== 0) yield block;
    }
    yield* this.directory.blocks();
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
    return cursor < this.directory.length ? cursor : -1;
  }

  /** Throws unless index, directory, dense array and entries agree. */
  checkIntegrity(): void {
    this.directory.checkIntegrity();
    this.dense.checkIntegrity();
    if (this.size === 0) {
      if (this.directory.length !== 0 || this.indexBlocks !== 0) throw new Error('an empty dict owns index blocks');
      return;
    }
    if (this.directory.length !== 2 ** this.depth) {
      throw new Error(`directory of ${this.directory.length} entries at depth ${this.depth}`);
    }
    let used = 0;
    let blocks = 0;
    for (let index = 0; index < this.directory.length; index++) {
      const block = this.directory.getInt32(index);
      const localDepth = this.header(block, LOCAL_DEPTH);
      if (localDepth > this.depth) throw new Error(`block ${block}: local depth ${localDepth} of ${this.depth}`);
      const first = this.directory.getInt32(index & (2 ** localDepth - 1));
      if (first !== block) throw new Error(`directory entry ${index} is ${block}, its first is ${first}`);
      if (!this.isFirstOf(block, index)) continue;
      blocks++;
      used += this.checkBlock(block, index);
    }
    if (blocks !== this.indexBlocks) throw new Error(`${blocks} index blocks, the count says ${this.indexBlocks}`);
    if (used !== this.size) throw new Error(`${used} slots in use, ${this.size} entries`);
    if (this.countDeepest() !== this.deepest) throw new Error(`${this.countDeepest()} deepest blocks: ${this.deepest}`);
    for (let position = 0; position < this.size; position++) {
      const ref = this.at(position);
      if (this.positionOf(ref) !== position) {
        throw new Error(`entry ${ref} at ${position} believes it is at ${this.positionOf(ref)}`);
      }
      const found = this.find(this.entries.keyOf(ref, this.key));
      if (found !== ref) throw new Error(`entry ${ref} is found by its key as ${found}`);
    }
  }

  private checkBlock(block: Ref, pattern: number): number {
    const mask = 2 ** this.header(block, LOCAL_DEPTH) - 1;
    const count = this.collect(block);
    if (count !== this.header(block, USED)) throw new Error(`block ${block}: ${count} slots in use, header differs`);
    if (count >= SLOTS) throw new Error(`block ${block} has no free slot`);
    for (let slot = 0; slot < count * 2; slot += 2) {
      if ((scratch[slot + 1] & mask) !== pattern) throw new Error(`block ${block}: hash belongs to another block`);
      const hash = this.hashOf(this.entries.keyOf(scratch[slot], this.key));
      if (hash !== scratch[slot + 1]) throw new Error(`entry ${scratch[slot]}: hash ${hash}, slot differs`);
    }
    return count;
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

  // --- index blocks ---

  private begin(): void {
    this.directory.pushInt32(this.allocateBlock(0));
    this.indexBlocks = 1;
    this.deepest = 1;
  }

  private allocateBlock(localDepth: number): Ref {
    const block = this.arena.allocate(BLOCK_SIZE);
    this.empty(block);
    this.setHeader(block, LOCAL_DEPTH, localDepth);
    return block;
  }

  private blockOf(hash: number): Ref {
    return this.directory.getInt32(hash & ((1 << this.depth) - 1));
  }

  /** For who walks the index: the block of a directory entry, if this is the block's first one, else 0. */
  indexBlockAt(index: number): Ref {
    const block = this.directory.getInt32(index);
    return this.isFirstOf(block, index) ? block : 0;
  }

  private header(block: Ref, field: number): number {
    return this.arena.views[block >>> 12].getInt32(((block & 0xfff) << 4) + field, true);
  }

  private setHeader(block: Ref, field: number, value: number): void {
    this.arena.views[block >>> 12].setInt32(((block & 0xfff) << 4) + field, value, true);
  }

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

  private empty(block: Ref): void {
    const start = (block & 0xfff) << 4;
    this.arena.bytes[block >>> 12].fill(0, start, start + BLOCK_SIZE);
  }

  /**
   * A block has many directory entries; the first one's index is what its hashes have in common. The others point to
   * the same block when the highest bit of their index is cleared, which tells them apart without a look at the block.
   */
  private isFirstOf(block: Ref, index: number): boolean {
    return index === 0 || this.directory.getInt32(index ^ (1 << (31 - Math.clz32(index)))) !== block;
  }

  /** Points all directory entries of the block of this pattern and local depth to `block`. */
  private point(pattern: number, localDepth: number, block: Ref): void {
    const length = this.directory.length;
    for (let index = pattern; index < length; index += 1 << localDepth) this.directory.setInt32(index, block);
  }

  /** Puts an entry into a writable block. */
  private place(block: Ref, ref: Ref, hash: number): void {
    place(this.arena.views[block >>> 12], (block & 0xfff) << 4, ref, hash);
  }

  /** Copies the slots in use to `scratch` and returns their number. */
  private collect(block: Ref): number {
    return collect(this.arena.views[block >>> 12], (block & 0xfff) << 4, scratch);
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
    const used = vacate(view, (block & 0xfff) << 4, this.seenAt);
    if (used <= MERGE_AT && (used & MERGE_CHECK_MASK) === 0) this.merge(pattern);
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

  /** Moves those entries of a hash's block whose next bit is set to a new one. */
  private split(hash: number): void {
    const block = this.blockOf(hash);
    const localDepth = this.header(block, LOCAL_DEPTH);
    const bit = 1 << localDepth;
    const sibling = this.allocateBlock(localDepth + 1);
    if (localDepth === this.depth) {
      this.directory.double();
      this.depth++;
      this.deepest = 0;
    }
    this.arena.writable(block);
    const count = this.collect(block);
    this.empty(block);
    this.setHeader(block, LOCAL_DEPTH, localDepth + 1);
    for (let slot = 0; slot < count * 2; slot += 2) {
      this.place((scratch[slot + 1] & bit) === 0 ? block : sibling, scratch[slot], scratch[slot + 1]);
    }
    this.point((hash & (bit - 1)) | bit, localDepth + 1, sibling);
    this.indexBlocks++;
    if (localDepth + 1 === this.depth) this.deepest += 2;
  }

  /** Merges the block of a hash with its buddy, and the result with its own, while they are sparse. */
  private merge(hash: number): void {
    for (;;) {
      const block = this.blockOf(hash);
      const localDepth = this.header(block, LOCAL_DEPTH);
      if (localDepth === 0) return;
      const bit = 1 << (localDepth - 1);
      const buddy = this.blockOf(hash ^ bit);
      if (this.header(buddy, LOCAL_DEPTH) !== localDepth) return;
      if (this.header(block, USED) + this.header(buddy, USED) > MERGE_AT) return;

      // The lower one stays, so that a relocation that walks upwards misses none.
      const [lower, upper] = (hash & bit) === 0 ? [block, buddy] : [buddy, block];
      this.arena.writable(lower);
      const count = this.collect(upper);
      for (let slot = 0; slot < count * 2; slot += 2) this.place(lower, scratch[slot], scratch[slot + 1]);
      this.setHeader(lower, LOCAL_DEPTH, localDepth - 1);
      this.point((hash & (bit - 1)) | bit, localDepth, lower);
      this.arena.free(upper);
      this.indexBlocks--;
      if (localDepth === this.depth) this.deepest -= 2;
      // Late, so that a directory is not halved and doubled in turns.
      if (this.deepest === 0 && this.indexBlocks * 4 <= this.directory.length) this.halve();
    }
  }

  private halve(): void {
    this.directory.truncate(this.directory.length >> 1);
    this.depth--;
    this.deepest = this.countDeepest();
  }

  /** A block of the full depth has one directory entry, so its buddy's entry differs. */
  private countDeepest(): number {
    const half = this.directory.length >> 1;
    if (half === 0) return 1;
    let count = 0;
    for (let index = 0; index < half; index++) {
      if (this.directory.getInt32(index) !== this.directory.getInt32(index + half)) count += 2;
    }
    return count;
  }

  /** Takes a new hash and builds the index anew from the dense array: one long command in a Dict under attack. */
  private rebuild(): void {
    for (let index = 0; index < this.directory.length; index++) {
      const block = this.indexBlockAt(index);
      if (block !== 0) this.arena.free(block);
    }
    this.directory.clear();
    this.depth = 0;
    this.seenBlock = 0;
    this.usesSipHash = true;
    this.seed = this.reseed() | 0;
    this.secondSeed = this.reseed() | 0;
    this.begin();
    for (let position = 0; position < this.size; position++) {
      const ref = this.at(position);
      const hash = this.hashOf(this.entries.keyOf(ref, this.key));
      while (this.header(this.blockOf(hash), USED) >= SPLIT_AT) this.split(hash);
      this.place(this.blockOf(hash), ref, hash);
    }
  }

  private relocateIndexBlock(index: number): void {
    const block = this.indexBlockAt(index);
    if (block === 0) return;
    const moved = this.arena.relocate(block);
    if (moved === block) return;
    this.point(index, this.header(block, LOCAL_DEPTH), moved);
    this.seenBlock = 0;
    this.missedBlock = 0;
  }
}
