/**
 * HashIndex: the references of entries by hash, as extendible hashing finds them. It knows hashes only: Dict adds keys.
 *
 * A directory, indexed by the low `depth` bits of the hash, points to index blocks of 4 KiB; a block of local depth d
 * serves all hashes that agree in their low d bits, so 2^(depth - d) directory entries point to it. A block that has
 * become full is split in two, with the directory doubled first where d = depth; two sparse buddies merge. Each block
 * is a table with linear probing (see index-block.ts).
 *
 * Invariants, which checkIndex() proves:
 * - A block always has a free slot, which ends every probe.
 * - A directory has 2^depth entries, or none: then there is no block.
 */

import type { Arena, Ref } from './arena.js';
import { BLOCK_SIZE, collect, LOCAL_DEPTH, place, SLOTS, USED } from './index-block.js';
import { Vector } from './vector.js';

/**
 * A block with so many slots in use is split: 85 %. With blocks about that full, a hit was measured to take 3 probes
 * and a miss 9, where a cache line holds 8.
 */
export const SPLIT_AT = Math.floor(SLOTS * 0.85);
/** Buddies merge when they hold no more than this together: far enough below SPLIT_AT to stay merged. */
const MERGE_AT = SLOTS >> 1;
/** Deletions between two looks at a sparse block's buddy, less one; a power of two less one. */
const MERGE_CHECK_MASK = 7;

/** The slots of a block that is being split or merged. */
const scratch = new Int32Array(SLOTS * 2);

export abstract class HashIndex {
  /** The directory has 2^depth entries. */
  protected depth = 0;
  protected indexBlocks = 0;
  /** How many blocks have a local depth of `depth`: when there are none, half the directory would do. */
  protected deepest = 0;
  protected readonly arena: Arena;
  protected readonly directory: Vector;

  protected constructor(arena: Arena) {
    this.arena = arena;
    this.directory = new Vector(arena, 4);
  }

  /** The hash of an entry's key. */
  protected abstract hashOfEntry(ref: Ref): number;

  get directoryLength(): number {
    return this.directory.length;
  }

  // --- blocks ---

  protected beginIndex(): void {
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

  protected blockOf(hash: number): Ref {
    return this.directory.getInt32(hash & ((1 << this.depth) - 1));
  }

  /** For who walks the index: the block of a directory entry, if this is the block's first one, else 0. */
  indexBlockAt(index: number): Ref {
    const block = this.directory.getInt32(index);
    return this.isFirstOf(block, index) ? block : 0;
  }

  protected header(block: Ref, field: number): number {
    return this.arena.views[block >>> 12].getInt32(((block & 0xfff) << 4) + field, true);
  }

  private setHeader(block: Ref, field: number, value: number): void {
    this.arena.views[block >>> 12].setInt32(((block & 0xfff) << 4) + field, value, true);
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
  protected place(block: Ref, ref: Ref, hash: number): void {
    place(this.arena.views[block >>> 12], (block & 0xfff) << 4, ref, hash);
  }

  /** Copies the slots in use to `scratch` and returns their number. */
  private collect(block: Ref): number {
    return collect(this.arena.views[block >>> 12], (block & 0xfff) << 4, scratch);
  }

  /** Moves those entries of a hash's block whose next bit is set to a new one. */
  protected split(hash: number): void {
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

  /** After a removal that left so many slots of a hash's block in use. */
  protected mergeIfSparse(hash: number, used: number): void {
    if (used <= MERGE_AT && (used & MERGE_CHECK_MASK) === 0) this.merge(hash);
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

  // --- the whole ---

  /** Every block of the index. */
  protected *blocksOfIndex(): Generator<Ref> {
    for (let index = 0; index < this.directory.length; index++) {
      const block = this.indexBlockAt(index);
      if (block !== 0) yield block;
    }
    yield* this.directory.blocks();
  }

  protected freeIndex(): void {
    for (let index = 0; index < this.directory.length; index++) {
      const block = this.indexBlockAt(index);
      if (block !== 0) this.arena.free(block);
    }
    this.directory.clear();
    this.forgetIndex();
  }

  protected forgetIndex(): void {
    this.directory.forget();
    this.depth = 0;
    this.indexBlocks = 0;
    this.deepest = 0;
  }

  protected relocateIndexBlock(index: number): void {
    const block = this.indexBlockAt(index);
    if (block === 0) return;
    const moved = this.arena.relocate(block);
    if (moved === block) return;
    this.point(index, this.header(block, LOCAL_DEPTH), moved);
  }

  // --- proof ---

  /** Throws unless directory, blocks and counts agree, and so many entries are where their hashes belong. */
  protected checkIndex(size: number): void {
    this.directory.checkIntegrity();
    if (size === 0) {
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
    if (used !== size) throw new Error(`${used} slots in use, ${size} entries`);
    if (this.countDeepest() !== this.deepest) throw new Error(`${this.countDeepest()} deepest blocks: ${this.deepest}`);
  }

  private checkBlock(block: Ref, pattern: number): number {
    const mask = 2 ** this.header(block, LOCAL_DEPTH) - 1;
    const count = this.collect(block);
    if (count !== this.header(block, USED)) throw new Error(`block ${block}: ${count} slots in use, header differs`);
    if (count >= SLOTS) throw new Error(`block ${block} has no free slot`);
    for (let slot = 0; slot < count * 2; slot += 2) {
      if ((scratch[slot + 1] & mask) !== pattern) throw new Error(`block ${block}: hash belongs to another block`);
      const hash = this.hashOfEntry(scratch[slot]);
      if (hash !== scratch[slot + 1]) throw new Error(`entry ${scratch[slot]}: hash ${hash}, slot differs`);
    }
    return count;
  }
}
