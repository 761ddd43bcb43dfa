/**
 * IntegerRun: a set of integers, in ascending order and equally wide, in one stretch of memory that somebody else owns.
 *
 *     +0 u16 count   +2 u8 width (2, 3, 4 or 8 bytes)   +3 u8 0
 *     +4 integers, signed, little-endian
 *
 * The width is the least that holds every integer that was ever in the set: it grows as a whole and does not shrink, as
 * clients know it from Redis. A member is found by halves and removed by moving those above it. Two sets are joined by
 * walking both in order: see nextSelected().
 *
 * The owner provides the room and the barrier before writes, as for a HashedRun. The run may be copied as bytes.
 * Several may be open at once, also on one run as long as none of them writes.
 */

import { compareInt64, Int64 } from '../text/int64.js';
import { Slice, viewOf } from './slice.js';

const COUNT = 0;
const WIDTH = 2;

export const INTEGER_RUN_HEADER = 4;

export class IntegerRun {
  count = 0;
  /** Bytes of each integer. */
  width = 2;
  /** Bytes that the run may take. */
  room = 0;
  /** The current integer, after next(), seek() or a find() that found. */
  readonly here: Int64 = new Int64();
  private view: DataView = NO_VIEW;
  private bytes: Buffer = NO_BYTES;
  private at = 0;
  /** An integer of up to 4 bytes is read as the last of 4 bytes: where these begin for the first one. */
  private readFrom = 0;
  /** The bits before it that are shifted out. */
  private foreignBits = 0;
  /** Of the current integer; after find() where the wanted one is or belongs. */
  private index = -1;
  private readonly wanted = new Int64();
  private newWidth = 2;
  private readonly text = Slice.of(Buffer.alloc(24));

  /** The room that so many integers of this width need. */
  static roomFor(count: number, width: number): number {
    return INTEGER_RUN_HEADER + count * width;
  }

  /** The width that an integer needs. */
  static widthFor(value: Int64): number {
    if (!value.isInt32) return 8;
    if (value.low === (value.low << 16) >> 16) return 2;
    // Ids below eight million: a set of ten of them takes a block of 64 bytes, where four each take 80.
    return value.low === (value.low << 8) >> 8 ? 3 : 4;
  }

  /** Makes an empty run. */
  initialise(view: DataView, bytes: Buffer, at: number, room: number): this {
    view.setInt32(at, 2 << 16, true);
    return this.open(view, bytes, at, room);
  }

  /** Turns to a run, before its first integer. */
  open(view: DataView, bytes: Buffer, at: number, room: number): this {
    this.moved(view, bytes, at, room);
    this.index = -1;
    return this;
  }

  /** The run's bytes have come into another stretch or the room has changed: stands where it stood. */
  moved(view: DataView, bytes: Buffer, at: number, room: number): void {
    this.view = view;
    this.bytes = bytes;
    this.at = at;
    this.room = room;
    this.count = view.getUint16(at + COUNT, true);
    this.setWidth(view.getUint8(at + WIDTH));
  }

  private setWidth(width: number): void {
    this.width = width;
    this.readFrom = this.at + INTEGER_RUN_HEADER + width - 4;
    this.foreignBits = 32 - 8 * width;
  }

  /** The width in files and in other runs, which know no integers of 3 bytes. */
  get plainWidth(): number {
    return this.width === 3 ? 4 : this.width;
  }

  /** The least room that the run can do with. */
  get leastRoom(): number {
    return IntegerRun.roomFor(this.count, this.width);
  }

  // --- finding and walking ---

  /** Stands on the integer if it is there. Otherwise add() may follow. */
  find(value: Int64): boolean {
    this.wanted.set(value.high, value.low);
    this.index = this.lowerBound(value, 0, this.count);
    if (this.index === this.count) return false;
    this.load();
    return this.here.equals(value);
  }

  rewind(): void {
    this.index = -1;
  }

  next(): boolean {
    if (this.index + 1 >= this.count) return false;
    this.index++;
    this.load();
    return true;
  }

  /** Stands on the integer at 0 <= index < count. */
  seek(index: number): void {
    this.index = index;
    this.load();
  }

  /**
   * Moves forward to the first integer that is at least `value`, staying where it is if that is the current one; false
   * if there is none any more. Steps double, so that a join costs little more than the shorter set, whatever the
   * other's size.
   */
  seekAtLeast(value: Int64): boolean {
    const { count } = this;
    let from = this.index < 0 ? 0 : this.index;
    let step = 1;
    let to = from;
    while (to < count && this.isBelow(to, value)) {
      from = to + 1;
      to += step;
      step *= 2;
    }
    // Where the other set goes by small steps too, nothing lies between.
    this.index = from === to ? to : this.lowerBound(value, from, Math.min(to, count));
    if (this.index === count) return false;
    this.load();
    return true;
  }

  /** Goes on to the next integer that another run has too, or, unless that `isWanted`, has not: see seekAtLeast(). */
  nextSelected(other: IntegerRun, isWanted: boolean): boolean {
    if (this.width < 8 && other.width < 8) return this.nextSelectedOf32(other, isWanted);
    while (this.next()) if (other.hasSame(this) === isWanted) return true;
    return false;
  }

  /** nextSelected() where all integers are numbers of 32 bits. */
  private nextSelectedOf32(other: IntegerRun, isWanted: boolean): boolean {
    const { count } = this;
    const otherCount = other.count;
    let at = other.index < 0 ? 0 : other.index;
    for (let index = this.index + 1; index < count; index++) {
      const value = this.numberAt(index);
      if (at < otherCount && other.numberAt(at) < value) at = other.firstAtLeast(value, at + 1);
      if ((at < otherCount && other.numberAt(at) === value) !== isWanted) continue;
      other.index = at;
      this.index = index;
      this.here.set(value >> 31, value);
      return true;
    }
    this.index = count - 1;
    return false;
  }

  /** Whether the integer that another run is at is here too: see seekAtLeast(). */
  hasSame({ here }: IntegerRun): boolean {
    return this.seekAtLeast(here) && this.here.equals(here);
  }

  /** The digits of the current integer; valid until the next call. */
  textHere(): Slice {
    this.text.end = this.here.write(this.text.bytes, 0);
    return this.text;
  }

  private load(): void {
    const { view, width } = this;
    if (width === 8) {
      const offset = this.readFrom + this.index * width;
      this.here.set(view.getInt32(offset, true), view.getInt32(offset - 4, true));
      return;
    }
    const value = this.numberAt(this.index);
    this.here.set(value >> 31, value);
  }

  /** The integer at an index, of up to 4 bytes. */
  private numberAt(index: number): number {
    return this.view.getInt32(this.readFrom + index * this.width, true) >> this.foreignBits;
  }

  /** The first index from `from` on whose integer, of up to 4 bytes, is at least `value`: see seekAtLeast(). */
  private firstAtLeast(value: number, from: number): number {
    const { count } = this;
    let step = 1;
    let to = from;
    while (to < count && this.numberAt(to) < value) {
      from = to + 1;
      to += step;
      step *= 2;
    }
    return from === to ? to : this.lowerBoundOf32(value, from, Math.min(to, count));
  }

  private isBelow(index: number, value: Int64): boolean {
    const { view, width } = this;
    if (width === 8) {
      const offset = this.readFrom + index * width;
      return compareInt64(view.getInt32(offset, true), view.getInt32(offset - 4, true), value.high, value.low) < 0;
    }
    if (!value.isInt32) return value.high >= 0;
    return this.numberAt(index) < value.low;
  }

  /** The first index in from … to whose integer is at least `value`; `to` if there is none. */
  private lowerBound(value: Int64, from: number, to: number): number {
    if (this.width === 8) return this.lowerBoundOf64(value, from, to);
    if (!value.isInt32) return value.high < 0 ? from : to;
    return this.lowerBoundOf32(value.low, from, to);
  }

  private lowerBoundOf32(value: number, from: number, to: number): number {
    const { view, width, readFrom, foreignBits } = this;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (view.getInt32(readFrom + middle * width, true) >> foreignBits < value) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  private lowerBoundOf64(value: Int64, from: number, to: number): number {
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.isBelow(middle, value)) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  // --- changing ---

  /** For the integer that find() has looked for in vain: 0, or the room that is needed. */
  prepareAdd(): number {
    this.newWidth = Math.max(this.width, IntegerRun.widthFor(this.wanted));
    const needed = IntegerRun.roomFor(this.count + 1, this.newWidth);
    return needed <= this.room ? 0 : needed;
  }

  add(): void {
    const { view, wanted, index } = this;
    if (this.newWidth > this.width) this.widen();
    const { width, count } = this;
    const offset = this.at + INTEGER_RUN_HEADER + index * width;
    if (index < count) this.bytes.copyWithin(offset + width, offset, offset + (count - index) * width);
    this.write(offset, wanted.high, wanted.low);
    this.here.set(wanted.high, wanted.low);
    this.count = count + 1;
    view.setUint16(this.at + COUNT, this.count, true);
  }

  /** Removes the current integer; next() goes on with the one after it. */
  removeHere(): void {
    const { width, count, index } = this;
    const offset = this.at + INTEGER_RUN_HEADER + index * width;
    if (index + 1 < count) this.bytes.copyWithin(offset, offset + width, offset + (count - index) * width);
    this.count = count - 1;
    this.view.setUint16(this.at + COUNT, this.count, true);
    this.index = index - 1;
  }

  /** Withdraws to the first `room` bytes, at least leastRoom, so that the owner can take the rest away. */
  shrink(room: number): void {
    this.room = room;
  }

  /** Rewrites all integers from the last one on: each goes to where only larger ones have been. */
  private widen(): void {
    const { index } = this;
    const from = this.width;
    const to = this.newWidth;
    for (let i = this.count - 1; i >= 0; i--) {
      this.setWidth(from);
      this.index = i;
      this.load();
      this.setWidth(to);
      this.write(this.at + INTEGER_RUN_HEADER + i * to, this.here.high, this.here.low);
    }
    this.setWidth(to);
    this.index = index;
    this.view.setUint8(this.at + WIDTH, to);
  }

  private write(offset: number, high: number, low: number): void {
    const { view, width } = this;
    if (width < 4) {
      view.setInt16(offset, low, true);
      if (width === 3) view.setInt8(offset + 2, low >> 16);
      return;
    }
    view.setInt32(offset, low, true);
    if (width === 8) view.setInt32(offset + 4, high, true);
  }

  // --- proof ---

  /** Throws unless the integers ascend within the room. */
  checkIntegrity(): void {
    if (![2, 3, 4, 8].includes(this.width)) throw new Error(`a width of ${this.width}`);
    if (this.leastRoom > this.room) throw new Error(`${this.leastRoom} bytes in a room of ${this.room}`);
    const before = new Int64();
    for (this.rewind(); this.next(); before.set(this.here.high, this.here.low)) {
      if (this.index > 0 && before.compare(this.here) >= 0) throw new Error(`no order at ${this.index}`);
    }
  }
}

const NO_BYTES = Buffer.alloc(0);
const NO_VIEW = viewOf(NO_BYTES);
