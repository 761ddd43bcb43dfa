/**
 * Rope: a byte string that does not fit a block, in whole pages and a tail, so that nothing ever moves or copies more
 * than one page of it, however long it is.
 *
 * Piece i holds the bytes from i * PAGE_SIZE on: a whole page, except the last, which is a block as large as it needs.
 * A directory block lists the pieces. A piece of reference 0 is a hole, all zeros: a string stretched by SETRANGE or
 * SETBIT pays for the pages that somebody wrote. The directory is at most a page, which serves 1 GiB.
 *
 * The root is ROPE_ROOT bytes inside the block of the string's owner (an entry, a node):
 *
 *   +0  i32  directory, 0 for the empty string
 *   +4  i32  length in bytes
 *   +8       unused
 *
 * A Rope object is a cursor over one such string at a time, kept and reused by its user:
 *
 *   rope.open(owner, offset);  rope.append(slice);  rope.save();
 *
 * Every method that changes the string may change the root: save() writes it to where open() found it, store()
 * anywhere. Those that Structure asks for save it themselves. Pages may be replaced by each write (copy-on-write), so a
 * window is valid until the next one.
 */

import { type Arena, MAX_BLOCK, PAGE_SIZE, type Ref } from './arena.js';
import { copyBytes, Slice, viewOf } from './slice.js';
import type { Budget, Structure } from './structure.js';

export const MAX_ROPE_LENGTH = (PAGE_SIZE / 4) * PAGE_SIZE;

const DIRECTORY = 0;
const LENGTH = 4;

const PAGE_SHIFT = 16;
const PAGE_MASK = PAGE_SIZE - 1;
const MIN_DIRECTORY = 64;

/** What moving a tail and a directory may cost, in units of about a KiB. */
const RELOCATION_COST = 32;

const ZERO_BYTES = Buffer.alloc(PAGE_SIZE);
const ZERO_VIEW = viewOf(ZERO_BYTES);

/** Whether a window is of a hole: it holds nothing but zeros, and nobody pays for them. */
export function isHole(window: Slice): boolean {
  return window.bytes === ZERO_BYTES;
}

function pieceCount(length: number): number {
  return (length + PAGE_MASK) >>> PAGE_SHIFT;
}

/** What to ask the arena for: between the largest block and a page there is only the page. */
function blockSize(size: number): number {
  return size > MAX_BLOCK ? PAGE_SIZE : size;
}

export class Rope implements Structure {
  length = 0;
  private directory: Ref = 0;
  private readonly part = new Slice();
  private readonly arena: Arena;
  /** Where open() found the root. */
  private block: Ref = 0;
  private offset = 0;

  constructor(arena: Arena) {
    this.arena = arena;
  }

  /** Starts a new, empty string. */
  reset(): this {
    this.directory = 0;
    this.length = 0;
    return this;
  }

  /** Turns to the string whose root stands `offset` bytes into a block. */
  open(block: Ref, offset: number): this {
    this.block = block;
    this.offset = offset;
    return this.load(this.arena.views[block >>> 12], ((block & 0xfff) << 4) + offset);
  }

  /** Writes the root to where open() found it. */
  save(): void {
    this.arena.writable(this.block);
    this.store(this.arena.views[this.block >>> 12], ((this.block & 0xfff) << 4) + this.offset);
  }

  load(view: DataView, at: number): this {
    this.directory = view.getInt32(at + DIRECTORY, true);
    this.length = view.getInt32(at + LENGTH, true);
    return this;
  }

  store(view: DataView, at: number): void {
    view.setInt32(at + DIRECTORY, this.directory, true);
    view.setInt32(at + LENGTH, this.length, true);
    view.setInt32(at + 8, 0, true);
    view.setInt32(at + 12, 0, true);
  }

  /**
   * The bytes from `position` to the end of their page, or to `end` if that comes first. Walk a range with
   * `for (let at = from; at < to; at += window.length) rope.window(at, to, window)`.
   */
  window(position: number, end: number, into: Slice): Slice {
    const ref = this.piece(position >>> PAGE_SHIFT);
    const offset = position & PAGE_MASK;
    const length = Math.min(PAGE_SIZE - offset, end - position);
    if (ref === 0) return into.set(ZERO_BYTES, ZERO_VIEW, offset, offset + length);
    const start = ((ref & 0xfff) << 4) + offset;
    return into.set(this.arena.bytes[ref >>> 12], this.arena.views[ref >>> 12], start, start + length);
  }

  /** Like window(), for changing bytes in place: a hole is filled in first. */
  writableWindow(position: number, end: number, into: Slice): Slice {
    return this.openWindow(position, end, into, false);
  }

  /** Like writableWindow(), where the caller writes every byte of it: in what was a hole they may hold anything. */
  freshWindow(position: number, end: number, into: Slice): Slice {
    return this.openWindow(position, end, into, true);
  }

  append(source: Slice): void {
    this.write(this.length, source);
  }

  /** Appends as append() does, but pages that are all zeros become holes. */
  appendSparse(source: Slice): void {
    for (let from = source.start; from < source.end; ) {
      const offset = this.length & PAGE_MASK;
      const to = Math.min(source.end, from + PAGE_SIZE - offset);
      const isInHole = offset === 0 || this.piece(this.length >>> PAGE_SHIFT) === 0;
      if (isInHole && source.bytes.compare(ZERO_BYTES, 0, to - from, from, to) === 0)
        this.resize(this.length + to - from);
      else this.append(this.part.set(source.bytes, source.view, from, to));
      from = to;
    }
  }

  /** Overwrites from `position` on, lengthening the string as needed; a gap behind the old end becomes zeros. */
  write(position: number, source: Slice): void {
    const end = position + source.length;
    if (end > this.length) this.extend(end, position);
    for (let at = position, from = source.start; at < end; ) {
      const offset = at & PAGE_MASK;
      const length = Math.min(PAGE_SIZE - offset, end - at);
      const ref = this.writablePiece(at >>> PAGE_SHIFT, offset, offset + length);
      const page = ref >>> 12;
      const to = ((ref & 0xfff) << 4) + offset;
      copyBytes(this.arena.bytes[page], this.arena.views[page], to, source.bytes, source.view, from, length);
      at += length;
      from += length;
    }
  }

  /** Lengthens the string with zeros or cuts it off. */
  resize(length: number): void {
    if (length > this.length) this.extend(length, length);
    else this.truncate(length);
  }

  /** Appends what another rope holds; holes stay holes where they fall on whole pieces. */
  appendRope(other: Rope, window: Slice): void {
    for (let at = 0; at < other.length; at += window.length) {
      other.window(at, other.length, window);
      if (window.bytes === ZERO_BYTES) this.resize(this.length + window.length);
      else this.append(window);
    }
  }

  equals(slice: Slice): boolean {
    return this.length === slice.length && this.compare(slice) === 0;
  }

  /** Orders by unsigned bytes, then by length, as compareBytes does. */
  compare(slice: Slice): number {
    const common = Math.min(this.length, slice.length);
    for (let at = 0; at < common; ) {
      const ref = this.piece(at >>> PAGE_SHIFT);
      const length = Math.min(PAGE_SIZE, common - at);
      const start = (ref & 0xfff) << 4;
      const bytes = ref === 0 ? ZERO_BYTES : this.arena.bytes[ref >>> 12];
      const order = bytes.compare(slice.bytes, slice.start + at, slice.start + at + length, start, start + length);
      if (order !== 0) return order;
      at += length;
    }
    return this.length - slice.length;
  }

  toBuffer(): Buffer {
    const result = Buffer.alloc(this.length);
    for (let index = pieceCount(this.length) - 1; index >= 0; index--) {
      const ref = this.piece(index);
      const start = (ref & 0xfff) << 4;
      if (ref !== 0) this.arena.bytes[ref >>> 12].copy(result, index * PAGE_SIZE, start, start + this.usedIn(index));
    }
    return result;
  }

  /** Frees everything, and leaves the root as it is. */
  free(): void {
    this.truncate(0);
  }

  /** Cuts off pieces at the end, of which each costs 1. */
  freeSome(budget: Budget): boolean {
    const pieces = pieceCount(this.length);
    const freed = Math.min(pieces, Math.max(0, budget.left));
    budget.left -= freed;
    this.truncate((pieces - freed) * PAGE_SIZE);
    this.save();
    return this.length === 0;
  }

  copyFrom(other: Rope): void {
    this.reset();
    this.appendRope(other, new Slice());
    this.save();
  }

  /** Every block the string owns, for the integrity checker. */
  *blocks(): Generator<Ref> {
    if (this.directory === 0) return;
    yield this.directory;
    for (let index = 0; index < pieceCount(this.length); index++) {
      const ref = this.piece(index);
      if (ref !== 0) yield ref;
    }
  }

  /** Pieces are whole pages or holes, but for the last. */
  blockBytes(samples: number): number {
    if (this.directory === 0) return 0;
    const whole = pieceCount(this.length) - 1;
    const last = this.piece(whole);
    let bytes = this.arena.capacity(this.directory);
    if (last !== 0) bytes += this.arena.capacity(last);
    const count = Math.min(whole, samples);
    let written = 0;
    for (let i = 0; i < count; i++) if (this.piece(Math.floor((i * whole) / count)) !== 0) written++;
    return count === 0 ? bytes : bytes + Math.round((written * whole) / count) * PAGE_SIZE;
  }

  relocateSome(_progress: Int32Array, _level: number, budget: Budget): boolean {
    budget.left -= RELOCATION_COST;
    if (this.relocate()) this.save();
    return true;
  }

  /**
   * Compaction: moves what lies in pages that are being evacuated, and returns whether the root has changed. All pieces
   * but the last are whole pages, which are never evacuated.
   */
  relocate(): boolean {
    if (this.directory === 0) return false;
    const { directory } = this;
    this.directory = this.arena.relocate(directory);
    const last = pieceCount(this.length) - 1;
    const ref = this.piece(last);
    if (ref !== 0) {
      const moved = this.arena.relocate(ref);
      if (moved !== ref) this.setPiece(last, moved);
    }
    return this.directory !== directory;
  }

  private piece(index: number): Ref {
    return this.arena.views[this.directory >>> 12].getInt32(((this.directory & 0xfff) << 4) + index * 4, true);
  }

  private setPiece(index: number, ref: Ref): void {
    this.arena.writable(this.directory);
    this.arena.views[this.directory >>> 12].setInt32(((this.directory & 0xfff) << 4) + index * 4, ref, true);
  }

  /** Bytes of the string that lie in a piece. */
  private usedIn(index: number): number {
    return Math.min(PAGE_SIZE, this.length - index * PAGE_SIZE);
  }

  private openWindow(position: number, end: number, into: Slice, isFresh: boolean): Slice {
    const offset = position & PAGE_MASK;
    const length = Math.min(PAGE_SIZE - offset, end - position);
    const ref = this.writablePiece(position >>> PAGE_SHIFT, offset, isFresh ? offset + length : offset);
    const start = ((ref & 0xfff) << 4) + offset;
    return into.set(this.arena.bytes[ref >>> 12], this.arena.views[ref >>> 12], start, start + length);
  }

  private clear(ref: Ref, from: number, to: number): void {
    const start = (ref & 0xfff) << 4;
    if (to > from) this.arena.bytes[ref >>> 12].fill(0, start + from, start + to);
  }

  /** A piece ready to be written from `from` to `to`; a hole is filled in, with zeros around that range. */
  private writablePiece(index: number, from: number, to: number): Ref {
    const ref = this.piece(index);
    if (ref !== 0) {
      this.arena.writable(ref);
      return ref;
    }
    const used = this.usedIn(index);
    const fresh = this.arena.allocate(blockSize(used));
    this.clear(fresh, 0, from);
    this.clear(fresh, to, used);
    this.setPiece(index, fresh);
    return fresh;
  }

  /** Sets a greater length. Bytes up to `written` become zeros; those behind it the caller writes at once. */
  private extend(length: number, written: number): void {
    if (length > MAX_ROPE_LENGTH) throw new RangeError(`a rope holds at most ${MAX_ROPE_LENGTH} bytes`);
    const oldCount = pieceCount(this.length);
    this.growDirectory(oldCount, pieceCount(length));
    const oldLength = this.length;
    this.length = length;
    if (oldCount === 0) return;

    const tail = oldCount - 1;
    const ref = this.piece(tail);
    if (ref === 0) return;
    const oldUsed = oldLength - tail * PAGE_SIZE;
    const used = this.usedIn(tail);
    if (used === oldUsed) return;
    const zeroEnd = Math.min(used, Math.max(oldUsed, written - tail * PAGE_SIZE));
    if (this.arena.capacity(ref) >= used) {
      this.arena.writable(ref);
      this.clear(ref, oldUsed, zeroEnd);
      return;
    }
    // A quarter of slack: a string that grows byte by byte moves its tail a dozen times per page.
    const larger = this.arena.allocate(blockSize(used + (used >>> 2)));
    this.copyBlock(ref, larger, oldUsed);
    this.clear(larger, oldUsed, zeroEnd);
    this.setPiece(tail, larger);
    this.arena.free(ref);
  }

  private truncate(length: number): void {
    if (this.directory === 0) return;
    const count = pieceCount(length);
    for (let index = pieceCount(this.length) - 1; index >= count; index--) {
      const ref = this.piece(index);
      if (ref !== 0) this.arena.free(ref);
    }
    this.length = length;
    if (count === 0) {
      this.arena.free(this.directory);
      this.directory = 0;
      return;
    }
    const tail = count - 1;
    const ref = this.piece(tail);
    const used = this.usedIn(tail);
    if (ref === 0 || blockSize(used) * 2 > this.arena.capacity(ref) || !this.arena.canSpare()) return;
    const smaller = this.arena.allocate(used);
    this.copyBlock(ref, smaller, used);
    this.setPiece(tail, smaller);
    this.arena.free(ref);
  }

  /** Room for `count` references, those from `used` on holes. */
  private growDirectory(used: number, count: number): void {
    const old = this.directory;
    if (old !== 0 && count * 4 <= this.arena.capacity(old)) {
      this.arena.writable(old);
    } else {
      let size = MIN_DIRECTORY;
      while (size < count * 4) size *= 2;
      this.directory = this.arena.allocate(size);
      if (old !== 0) {
        this.copyBlock(old, this.directory, used * 4);
        this.arena.free(old);
      }
    }
    this.clear(this.directory, used * 4, count * 4);
  }

  private copyBlock(from: Ref, to: Ref, length: number): void {
    const { bytes, views } = this.arena;
    const source = (from & 0xfff) << 4;
    copyBytes(
      bytes[to >>> 12],
      views[to >>> 12],
      (to & 0xfff) << 4,
      bytes[from >>> 12],
      views[from >>> 12],
      source,
      length,
    );
  }
}
