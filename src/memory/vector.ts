/**
 * Vector: a growable array of records of 4, 8 or 16 bytes in arena blocks.
 *
 * While it fits a page it is one block, of a power of two from 64 B on. Beyond that it is whole pages, listed by a
 * directory (itself one block that grows to a page): 268 million records of 4 bytes, 67 million of 16. An empty Vector
 * owns nothing. Growing never copies more than a page, and shrinking gives blocks back, half a page late so that a
 * length that moves around an edge does not free and allocate each time.
 *
 * All state is a few integers, which store() and open() save and take: a snapshot of the arena and
 * those integers is a snapshot of the Vector. A page reference counts 16-byte units from the start of its page, so
 * blockOf() and offsetOf() reach a record of either form by the same computation.
 */

import { type Arena, PAGE_SIZE, type Ref } from './arena.js';
import { copyBytes } from './slice.js';

const MIN_BLOCK = 64;
const PAGE_SHIFT = 16;
const REF_SHIFT = 2;

export class Vector {
  /** How many int32s make up the state. */
  static readonly STATE_INTS = 4;

  /** In records. */
  length = 0;
  /** Where reading starts: the block of records, or the directory. */
  private root: Ref = 0;
  private rootSize = 0;
  /** 0: the root holds the records. Otherwise it lists this many pages of them. */
  private pages = 0;

  // Derived from the state: the length at which the next record needs more room, and the one at which to give back.
  private capacity = 0;
  private shrinkAt = 0;

  private readonly arena: Arena;
  private readonly strideShift: number;
  /** Records in a page, as a shift and a mask. */
  private readonly indexShift: number;
  private readonly indexMask: number;

  constructor(arena: Arena, stride: 4 | 8 | 16) {
    this.arena = arena;
    this.strideShift = 31 - Math.clz32(stride);
    this.indexShift = PAGE_SHIFT - this.strideShift;
    this.indexMask = (1 << this.indexShift) - 1;
  }

  // --- records ---

  /** The block that holds a record: call arena.writable() on it before writing. */
  blockOf(index: number): Ref {
    const root = this.root;
    if (this.pages === 0) return root;
    return this.arena.views[root >>> 12].getInt32(
      ((root & 0xfff) << 4) + ((index >>> this.indexShift) << REF_SHIFT),
      true,
    );
  }

  /** The record's offset in the page of its block. */
  offsetOf(block: Ref, index: number): number {
    return ((block & 0xfff) << 4) + ((index & this.indexMask) << this.strideShift);
  }

  /** For a stride of 4. */
  getInt32(index: number): number {
    const block = this.blockOf(index);
    return this.arena.views[block >>> 12].getInt32(this.offsetOf(block, index), true);
  }

  /** For a stride of 4. */
  setInt32(index: number, value: number): void {
    const block = this.blockOf(index);
    this.arena.writable(block);
    this.arena.views[block >>> 12].setInt32(this.offsetOf(block, index), value, true);
  }

  /**
   * For a stride of 4: copies records from an index on, as many as lie in one block and `into` has room for; returns
   * how many.
   */
  readInt32s(index: number, into: Int32Array): number {
    const block = this.blockOf(index);
    const view = this.arena.views[block >>> 12];
    const inBlock = this.indexMask + 1 - (index & this.indexMask);
    const count = Math.min(this.length - index, inBlock, into.length);
    let at = this.offsetOf(block, index);
    for (let i = 0; i < count; i++, at += 4) into[i] = view.getInt32(at, true);
    return count;
  }

  /** Whether the next record needs more room. */
  get isFull(): boolean {
    return this.length === this.capacity;
  }

  /** Appends a record of any content and returns its index. Throws, changing nothing, when memory is exhausted. */
  grow(): number {
    const index = this.length;
    if (index === this.capacity) this.extend();
    this.length = index + 1;
    return index;
  }

  pushInt32(value: number): void {
    this.setInt32(this.grow(), value);
  }

  /** Drops the records from `length` on. */
  truncate(length: number): void {
    this.length = length;
    if (length <= this.shrinkAt) this.shrink();
  }

  /** Appends a copy of all records. The length is a power of two, so that pages are copied as wholes. */
  double(): void {
    const length = this.length;
    while (this.capacity < length * 2) this.extend();
    const step = Math.min(length, this.indexMask + 1);
    for (let index = 0; index < length; index += step) this.copyRecords(index, length + index, step);
    this.length = length * 2;
  }

  /** Frees everything. */
  clear(): void {
    for (let page = 0; page < this.pages; page++) this.arena.free(this.pageAt(page));
    if (this.root !== 0) this.arena.free(this.root);
    this.forget();
  }

  /** Becomes empty without freeing: the blocks are gone (arena.reset()) or somebody else's. */
  forget(): void {
    this.assume(0, 0, 0, 0);
  }

  // --- state ---

  store(view: DataView, at: number): void {
    view.setInt32(at, this.root, true);
    view.setInt32(at + 4, this.length, true);
    view.setInt32(at + 8, this.rootSize, true);
    view.setInt32(at + 12, this.pages, true);
  }

  /** Writes the length alone, into what store() wrote. */
  storeLength(view: DataView, at: number): void {
    view.setInt32(at + 4, this.length, true);
  }

  open(view: DataView, at: number): this {
    return this.assume(
      view.getInt32(at, true),
      view.getInt32(at + 4, true),
      view.getInt32(at + 8, true),
      view.getInt32(at + 12, true),
    );
  }

  // --- blocks ---

  get blockCount(): number {
    return this.root === 0 ? 0 : this.pages + 1;
  }

  *blocks(): Generator<Ref> {
    if (this.root === 0) return;
    yield this.root;
    for (let page = 0; page < this.pages; page++) yield this.pageAt(page);
  }

  /** Bytes of these blocks. */
  get blockBytes(): number {
    return this.root === 0 ? 0 : this.arena.capacity(this.root) + this.pages * PAGE_SIZE;
  }

  /** Compaction: moves the root if its page is being evacuated. References to whole pages never change. */
  relocate(): void {
    if (this.root !== 0) this.root = this.arena.relocate(this.root);
  }

  checkIntegrity(): void {
    if (this.root === 0) {
      if (this.length !== 0 || this.pages !== 0) throw new Error(`a vector of ${this.length} owns no block`);
      return;
    }
    if (this.length > this.capacity) throw new Error(`length ${this.length} exceeds capacity ${this.capacity}`);
    if (this.length === 0) throw new Error('an empty vector owns a block');
    if (this.arena.capacity(this.root) < this.rootSize) throw new Error(`root block is smaller than ${this.rootSize}`);
    if (this.pages << REF_SHIFT > this.rootSize) throw new Error(`${this.pages} pages do not fit the directory`);
    for (let page = 0; page < this.pages; page++) {
      if ((this.pageAt(page) & 0xfff) !== 0) throw new Error(`page ${page} is not a whole page`);
    }
  }

  private assume(root: Ref, length: number, rootSize: number, pages: number): this {
    this.root = root;
    this.length = length;
    this.rootSize = rootSize;
    this.pages = pages;
    this.measure();
    return this;
  }

  /** Derives from the state when to grow and when to shrink. */
  private measure(): void {
    if (this.pages !== 0) {
      this.capacity = this.pages << this.indexShift;
      this.shrinkAt = ((this.pages - 1) << this.indexShift) - (1 << (this.indexShift - 1));
    } else {
      this.capacity = this.rootSize >> this.strideShift;
      this.shrinkAt = this.rootSize > MIN_BLOCK ? this.capacity >> 2 : 0;
    }
  }

  private pageAt(page: number): Ref {
    return this.arena.views[this.root >>> 12].getInt32(((this.root & 0xfff) << 4) + (page << REF_SHIFT), true);
  }

  private setPageAt(page: number, ref: Ref): void {
    this.arena.writable(this.root);
    this.arena.views[this.root >>> 12].setInt32(((this.root & 0xfff) << 4) + (page << REF_SHIFT), ref, true);
  }

  private extend(): void {
    if (this.pages === 0 && this.rootSize < PAGE_SIZE) {
      this.resizeRoot(Math.max(MIN_BLOCK, this.rootSize * 2));
    } else {
      if (this.pages === 0) this.beginDirectory();
      if (this.pages << REF_SHIFT === this.rootSize) this.resizeRoot(this.rootSize * 2);
      const page = this.arena.allocate(PAGE_SIZE);
      this.setPageAt(this.pages, page);
      this.pages++;
    }
    this.measure();
  }

  /** The one block, now a full page, becomes the first of several. */
  private beginDirectory(): void {
    const page = this.root;
    this.root = this.arena.allocate(MIN_BLOCK);
    this.rootSize = MIN_BLOCK;
    this.setPageAt(0, page);
    this.pages = 1;
  }

  private shrink(): void {
    if (this.length === 0) {
      this.clear();
      return;
    }
    while (this.pages > 0 && this.length <= this.shrinkAt) {
      this.arena.free(this.pageAt(--this.pages));
      if (this.pages === 1) this.endDirectory();
      else if (this.rootSize > MIN_BLOCK && this.pages << REF_SHIFT <= this.rootSize >> 2 && this.arena.canSpare())
        this.resizeRoot(this.rootSize >> 1);
      this.measure();
    }
    while (this.pages === 0 && this.length <= this.shrinkAt && this.arena.canSpare()) {
      this.resizeRoot(this.rootSize >> 1);
      this.measure();
    }
  }

  private endDirectory(): void {
    const page = this.pageAt(0);
    this.arena.free(this.root);
    this.root = page;
    this.rootSize = PAGE_SIZE;
    this.pages = 0;
  }

  private resizeRoot(size: number): void {
    if (size > PAGE_SIZE) throw new RangeError('a vector holds at most a page of pages');
    const from = this.root;
    const to = this.arena.allocate(size);
    if (from !== 0) {
      this.copyBlock(from, 0, to, 0, Math.min(this.rootSize, size));
      this.arena.free(from);
    }
    this.root = to;
    this.rootSize = size;
  }

  /** Copies records that lie in one block to others that do. */
  private copyRecords(from: number, to: number, count: number): void {
    const source = this.blockOf(from);
    const target = this.blockOf(to);
    this.arena.writable(target);
    const shift = this.strideShift;
    this.copyBlock(source, (from & this.indexMask) << shift, target, (to & this.indexMask) << shift, count << shift);
  }

  private copyBlock(from: Ref, fromOffset: number, to: Ref, toOffset: number, length: number): void {
    const { bytes, views } = this.arena;
    copyBytes(
      bytes[to >>> 12],
      views[to >>> 12],
      ((to & 0xfff) << 4) + toOffset,
      bytes[from >>> 12],
      views[from >>> 12],
      ((from & 0xfff) << 4) + fromOffset,
      length,
    );
  }
}
