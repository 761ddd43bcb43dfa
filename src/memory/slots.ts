/**
 * Slots: a hash table of positions in a run, at the end of the run's room. A slot is a tag (eight bits of the hash) and
 * a position:
 *
 *     u8 tag × count,  u16 position × count,  u16 occupied
 *
 *     tag 0   free; ends a search
 *     tag 1   removed; passed over, used again
 *     else    an element's
 *
 * Three bytes a slot, at most 13 of 16 occupied (removed ones count), linear probing: most of a search is a walk over
 * neighbouring bytes. With seven of eight SINTER of two sets of 1,000 took 1.06 of its time; three of four would be no
 * faster, and put a hash of 500 fields into a larger block. The hash itself is not kept: a larger table is made by
 * hashing the elements again, which a byte more in each slot would not be worth.
 */

import { viewOf } from './slice.js';

const FREE = 0;
const REMOVED = 1;
const EACH_BYTE = 0x01010101;
const EACH_TOP_BIT = 0x80808080 | 0;

export class Slots {
  /** How many there are; 0: no table. */
  count = 0;
  /** The slot that first() or next() found. */
  slot = 0;
  private bytes: Buffer = NO_BYTES;
  private view: DataView = NO_VIEW;
  private tags = 0;
  private positions = 0;
  private tag = 0;

  /** Bytes that a table takes. */
  static size(count: number): number {
    return count === 0 ? 0 : 3 * count + 2;
  }

  /** How many slots so many elements need. */
  static countFor(elements: number): number {
    return Math.ceil((elements * 16) / 13);
  }

  /** Turns to the table that ends at `end`. */
  open(view: DataView, bytes: Buffer, end: number, count: number): this {
    this.view = view;
    this.bytes = bytes;
    this.count = count;
    this.tags = end - Slots.size(count);
    this.positions = this.tags + count;
    return this;
  }

  clear(): void {
    this.bytes.fill(0, this.tags, this.tags + Slots.size(this.count));
  }

  /** Room for one more? */
  hasFree(): boolean {
    return this.occupied < (this.count * 13) >> 4;
  }

  private get occupied(): number {
    return this.view.getUint16(this.positions + 2 * this.count, true);
  }

  private set occupied(value: number) {
    this.view.setUint16(this.positions + 2 * this.count, value, true);
  }

  /** The first position where an element of this hash may be; 0: there is none. */
  first(hash: number): number {
    this.tag = tagOf(hash);
    this.slot = homeOf(hash, this.count);
    return this.search();
  }

  /** The position after that of first(). */
  next(): number {
    this.step();
    return this.search();
  }

  private step(): void {
    if (++this.slot === this.count) this.slot = 0;
  }

  /**
   * Looks at four tags at once: in a table that is nearly full some 15 are passed before it is certain that there is no
   * element.
   */
  private search(): number {
    const { bytes, view, tag, tags } = this;
    const end = this.positions;
    const wanted = Math.imul(tag, EACH_BYTE);
    let at = tags + this.slot;
    for (;;) {
      if (at + 4 <= end) {
        const word = view.getInt32(at, true);
        const other = word ^ wanted;
        // The lowest bit that is set marks the first byte that is free or the tag; above it there may be false ones.
        const marks = (((word - EACH_BYTE) & ~word) | ((other - EACH_BYTE) & ~other)) & EACH_TOP_BIT;
        at += marks === 0 ? 4 : (31 - Math.clz32(marks & -marks)) >> 3;
        if (marks === 0) {
          if (at === end) at = tags;
          continue;
        }
      }
      const found = bytes[at];
      if (found === tag || found === FREE) {
        this.slot = at - tags;
        return found === FREE ? 0 : this.positionAt(this.slot);
      }
      if (++at === end) at = tags;
    }
  }

  /** The position in a slot, 0 if it is not an element's: for picking one at random. */
  positionIn(slot: number): number {
    return this.bytes[this.tags + slot] <= REMOVED ? 0 : this.positionAt(slot);
  }

  /** Gives the slot on which this stands another position. */
  setPositionHere(position: number): void {
    this.view.setUint16(this.positions + 2 * this.slot, position, true);
  }

  private positionAt(slot: number): number {
    return this.view.getUint16(this.positions + 2 * slot, true);
  }

  /** Stands on the slot of the element at this position, which is there. */
  seek(hash: number, position: number): void {
    for (let found = this.first(hash); found !== position; found = this.next());
  }

  /** There is a free one. */
  insert(hash: number, position: number): void {
    const { bytes, tags, positions } = this;
    let at = tags + homeOf(hash, this.count);
    while (bytes[at] > REMOVED) if (++at === positions) at = tags;
    if (bytes[at] === FREE) this.occupied = this.occupied + 1;
    bytes[at] = tagOf(hash);
    this.view.setUint16(positions + 2 * (at - tags), position, true);
  }

  /** Removes the element of the slot on which this stands. */
  removeHere(): void {
    const { bytes, tags, count } = this;
    const next = this.slot + 1 === count ? 0 : this.slot + 1;
    bytes[tags + this.slot] = REMOVED;
    if (bytes[tags + next] !== FREE) return;
    // Nothing is searched for beyond here: removed ones at the end of a stretch are free.
    while (bytes[tags + this.slot] === REMOVED) {
      bytes[tags + this.slot] = FREE;
      this.occupied = this.occupied - 1;
      this.slot = this.slot === 0 ? count - 1 : this.slot - 1;
    }
  }

  /** The positions from `from` up to but not including `to` have moved by so much. */
  shift(from: number, to: number, by: number): void {
    const { view } = this;
    const end = this.positions + 2 * this.count;
    let at = this.positions;
    // Without a branch, which would be guessed wrongly half of the time, and two at once: a third less.
    for (; at < end - 2; at += 4) {
      const pair = view.getInt32(at, true);
      const low = pair & 0xffff;
      const high = pair >>> 16;
      const newLow = low + ((((from - 1 - low) & (low - to)) >> 31) & by);
      const newHigh = high + ((((from - 1 - high) & (high - to)) >> 31) & by);
      view.setInt32(at, (newLow & 0xffff) | (newHigh << 16), true);
    }
    if (at === end) return;
    const position = view.getUint16(at, true);
    view.setUint16(at, position + ((((from - 1 - position) & (position - to)) >> 31) & by), true);
  }

  /** Throws unless the table holds just these positions, and each can be found. */
  checkIntegrity(hashes: Map<number, number>): void {
    let occupied = 0;
    for (let slot = 0; slot < this.count; slot++) {
      if (this.bytes[this.tags + slot] !== FREE) occupied++;
      const position = this.positionIn(slot);
      if (position !== 0 && !hashes.has(position)) throw new Error(`slot ${slot} names ${position}: no element`);
    }
    if (occupied !== this.occupied) throw new Error(`${occupied} slots are occupied, the count says ${this.occupied}`);
    if (occupied > (this.count * 13) >> 4) throw new Error(`${occupied} of ${this.count} slots are occupied`);
    for (const [position, hash] of hashes) {
      let found = 0;
      for (let at = this.first(hash); at !== 0; at = this.next()) if (at === position) found++;
      if (found !== 1) throw new Error(`the element at ${position} is found ${found} times`);
    }
  }
}

function tagOf(hash: number): number {
  const tag = hash & 0xff;
  return tag > REMOVED ? tag : tag + 2;
}

function homeOf(hash: number, count: number): number {
  return ((hash >>> 16) * count) >>> 16;
}

const NO_BYTES = Buffer.alloc(0);
const NO_VIEW = viewOf(NO_BYTES);
