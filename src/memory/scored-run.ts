/**
 * ScoredRun: a small sorted set in one stretch of memory that somebody else owns: members in the order of (score, bytes
 * of the member), with a table of slots to find members by once there are many.
 *
 *     +0 u16 count   +2 u8 width   +3 u8 0   +4 u16 slots   +6 u16 bytes of all members
 *     +8 rows {score, u16 end}, one an element; `end` counts from the first member
 *     then the members, with nothing between them, in the order of the rows; then gap; then the slots (see Slots),
 *     which hold rank + 1
 *
 * All scores are equally wide: integers of 1, 2, 3, 4 or 6 bytes if all are such, else doubles of 8. The width is the
 * least that holds every score that was ever in the set. So a member of 8 bytes takes 12 with a score below 32,768 and
 * 13 below 8,388,608; a rank is found at once, a score by halves, and a walk goes in either direction.
 *
 * The owner provides the room and the barrier before writes, and a change is prepared first, as for a HashedRun. The
 * run may be copied as bytes. Several may be open at once, also on one run as long as none of them writes.
 */

import { hashString } from './element.js';
import { compareRange, copySlice, equalRange, Slice, viewOf } from './slice.js';
import { Slots } from './slots.js';

const COUNT = 0;
const WIDTH = 2;
const SLOTS = 4;
const BYTES = 6;

export const SCORED_RUN_HEADER = 8;
/**
 * From so many elements on there are slots: they would cost a quarter more, and fewer elements are searched in 200 ns.
 */
export const SCORED_SLOTS_FROM = 129;
const DOUBLE = 8;
const END_SIZE = 2;
const WORD = 0x1_0000_0000;

export class ScoredRun {
  count = 0;
  /** Of the current element; after a find() that failed it means nothing. */
  rank = 0;
  /** Bytes that the run may take. */
  room = 0;
  private view: DataView = NO_VIEW;
  private bytes: Buffer = NO_BYTES;
  private at = 0;
  private width = 1;
  private memberBytes = 0;
  private readonly slots = new Slots();
  private wanted = new Slice();
  private newScore = 0;
  private newWidth = 1;
  /** How many elements there are after what was prepared, and how many bytes their members have; 0: nothing was. */
  private coming = 0;
  private comingBytes = 0;
  private readonly member = new Slice();
  private readonly held = Slice.of(Buffer.alloc(64));

  /** The room for so many elements whose members have so many bytes in all, with scores of this width. */
  static roomFor(count: number, memberBytes: number, width: number): number {
    const slots = count < SCORED_SLOTS_FROM ? 0 : Slots.countFor(count);
    return SCORED_RUN_HEADER + count * (width + END_SIZE) + memberBytes + Slots.size(slots);
  }

  /** The width that a score needs. */
  static widthFor(score: number): number {
    const low = score | 0;
    if (low === score) {
      if (low === 0 && 1 / score < 0) return DOUBLE;
      if (low === (low << 24) >> 24) return 1;
      if (low === (low << 16) >> 16) return 2;
      return low === (low << 8) >> 8 ? 3 : 4;
    }
    return Math.floor(score) === score && score >= -0x8000 * WORD && score < 0x8000 * WORD ? 6 : DOUBLE;
  }

  /** Makes an empty run. */
  initialise(view: DataView, bytes: Buffer, at: number, room: number): this {
    view.setInt32(at + COUNT, 1 << 16, true);
    view.setInt32(at + SLOTS, 0, true);
    return this.open(view, bytes, at, room);
  }

  /** Turns to a run, before its first element. */
  open(view: DataView, bytes: Buffer, at: number, room: number): this {
    this.load(view, bytes, at, room);
    this.coming = 0;
    this.rank = -1;
    return this;
  }

  /** The run's bytes have come into another stretch or the room has changed: makes the slots anew. */
  moved(view: DataView, bytes: Buffer, at: number, room: number): void {
    this.load(view, bytes, at, room);
    if (this.coming === 0) this.layOut(this.count, this.memberBytes, this.width);
    else this.layOut(this.coming, this.comingBytes, this.newWidth);
  }

  private load(view: DataView, bytes: Buffer, at: number, room: number): void {
    this.view = view;
    this.bytes = bytes;
    this.at = at;
    this.room = room;
    this.count = view.getUint16(at + COUNT, true);
    this.width = view.getUint8(at + WIDTH);
    this.memberBytes = view.getUint16(at + BYTES, true);
    this.slots.open(view, bytes, at + room, view.getUint16(at + SLOTS, true));
  }

  // --- where things are ---

  private row(rank: number): number {
    return this.at + SCORED_RUN_HEADER + rank * (this.width + END_SIZE);
  }

  /** Where the members begin. */
  private get base(): number {
    return this.row(this.count);
  }

  /** Where the member at a rank ends, and the next one begins; 0 for rank −1. */
  private endOf(rank: number): number {
    return rank < 0 ? 0 : this.view.getUint16(this.row(rank) + this.width, true);
  }

  // --- finding ---

  /** Stands on the member if it is there. Otherwise add() may follow, while the slice stays valid. */
  find(member: Slice): boolean {
    this.wanted = member;
    if (this.slots.count === 0) return this.walkTo(member);
    const { base, bytes, view } = this;
    const hash = hashString(member.view, member.bytes, member.start, member.end - member.start);
    for (let found = this.slots.first(hash); found !== 0; found = this.slots.next()) {
      const start = this.endOf(found - 2);
      const length = this.endOf(found - 1) - start;
      if (length !== member.end - member.start) continue;
      if (equalRange(bytes, view, base + start, member.bytes, member.view, member.start, length)) {
        this.rank = found - 1;
        return true;
      }
    }
    return false;
  }

  private walkTo(member: Slice): boolean {
    const { bytes, view, base, count, width } = this;
    const length = member.end - member.start;
    // Members are mostly told apart by their ends: the names of a kind begin alike.
    const ending = length < 4 ? 0 : member.view.getInt32(member.end - 4, true);
    let row = this.row(0) + width;
    let start = base;
    for (let rank = 0; rank < count; rank++) {
      const end = base + view.getUint16(row, true);
      if (end - start === length && (length < 4 || view.getInt32(end - 4, true) === ending)) {
        if (equalRange(bytes, view, start, member.bytes, member.view, member.start, length)) {
          this.rank = rank;
          return true;
        }
      }
      start = end;
      row += width + END_SIZE;
    }
    return false;
  }

  /** How many elements have a score below this one: the rank of the first that has not. */
  countBelow(score: number): number {
    return this.bound(score, null, 0, this.count);
  }

  /** How many elements have this score or a lower one. */
  countUpTo(score: number): number {
    let from = 0;
    let to = this.count;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.scoreAt(middle) <= score) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  /** Where all scores are the same: how many members come before this one. */
  countBefore(member: Slice): number {
    return this.count === 0 ? 0 : this.bound(this.scoreAt(0), member, 0, this.count);
  }

  /** The first rank in from … to that is not before (score, member), or not before the score if there is no member. */
  private bound(score: number, member: Slice | null, from: number, to: number): number {
    while (from < to) {
      const middle = (from + to) >>> 1;
      const found = this.scoreAt(middle);
      if (found < score || (found === score && member !== null && this.compareMember(middle, member) < 0)) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return from;
  }

  private compareMember(rank: number, member: Slice): number {
    const { base } = this;
    return compareRange(this.bytes, this.view, base + this.endOf(rank - 1), base + this.endOf(rank), member);
  }

  private scoreAt(rank: number): number {
    const { view, width } = this;
    const row = this.row(rank);
    switch (width) {
      case 1:
        return view.getInt8(row);
      case 2:
        return view.getInt16(row, true);
      case 3:
        return (view.getInt8(row + 2) << 16) | view.getUint16(row, true);
      case 4:
        return view.getInt32(row, true);
      case 6:
        return view.getInt16(row + 4, true) * WORD + view.getUint32(row, true);
      default:
        return view.getFloat64(row, true);
    }
  }

  // --- walking ---

  /** Stands on the element at −1 <= rank <= count, where the two ends stand before the first and after the last one. */
  seek(rank: number): void {
    this.rank = rank;
  }

  next(): boolean {
    return ++this.rank < this.count;
  }

  previous(): boolean {
    return --this.rank >= 0;
  }

  /** The current member; valid until the next call or a change. */
  memberHere(): Slice {
    const { base } = this;
    return this.member.set(this.bytes, this.view, base + this.endOf(this.rank - 1), base + this.endOf(this.rank));
  }

  scoreHere(): number {
    return this.scoreAt(this.rank);
  }

  // --- changing; `prepare` gives 0, or the room that is needed ---

  /** For the member that find() has looked for in vain. The score is no NaN. */
  prepareAdd(score: number): number {
    return this.prepare(score, 1, this.wanted.end - this.wanted.start);
  }

  add(): void {
    const { wanted, newScore } = this;
    this.widen();
    this.rank = this.bound(newScore, wanted, 0, this.count);
    this.insert(wanted, newScore);
    if (this.slots.count === 0) return;
    const hash = hashString(wanted.view, wanted.bytes, wanted.start, wanted.end - wanted.start);
    this.slots.shift(this.rank + 1, this.count, 1);
    this.slots.insert(hash, this.rank + 1);
  }

  /** For the current element. The score is no NaN. */
  prepareSetScore(score: number): number {
    return this.prepare(score, 0, 0);
  }

  /** The current element stays the current one, at the rank of its new score. */
  setScore(): void {
    this.widen();
    const { rank, count, newScore } = this;
    const member = this.memberHere();
    const before = this.scoreAt(rank);
    let to = rank;
    if (newScore > before) to = this.bound(newScore, member, rank + 1, count) - 1;
    else if (newScore < before) to = this.bound(newScore, member, 0, rank);
    if (to !== rank) this.move(to);
    this.writeScore(this.row(to), newScore);
  }

  /** Removes the current element; next() goes on with the one after it. */
  removeHere(): void {
    if (this.slots.count > 0) {
      this.seekSlot();
      this.slots.removeHere();
      this.slots.shift(this.rank + 2, this.count + 1, -1);
    }
    this.cut(this.rank, 1);
    this.rank--;
  }

  /** Removes `count` elements from a rank on. */
  removeRange(rank: number, count: number): void {
    if (count === 0) return;
    this.cut(rank, count);
    if (this.slots.count > 0) this.fillSlots();
  }

  private prepare(score: number, more: number, length: number): number {
    const { count, width, slots } = this;
    this.newScore = score;
    this.newWidth = Math.max(width, ScoredRun.widthFor(score));
    this.coming = count + more;
    this.comingBytes = this.memberBytes + length;
    const used = SCORED_RUN_HEADER + this.coming * (this.newWidth + END_SIZE) + this.comingBytes;
    const fits = used + Slots.size(slots.count) <= this.room;
    if (fits && (more === 0 || (slots.count === 0 ? this.coming < SCORED_SLOTS_FROM : slots.hasFree()))) return 0;
    const needed = ScoredRun.roomFor(this.coming, this.comingBytes, this.newWidth);
    // In a room that is nearly full, slots would be made anew with every few elements.
    return slots.count > 0 && needed <= this.room ? needed + (needed >> 4) : needed;
  }

  /** Puts an element at the current rank. */
  private insert(member: Slice, score: number): void {
    const { bytes, view, base, rank, count, width } = this;
    const length = member.end - member.start;
    const start = this.endOf(rank - 1);
    const rowSize = width + END_SIZE;
    const row = this.row(rank);
    if (rank < count) {
      bytes.copyWithin(base + start + rowSize + length, base + start, base + this.memberBytes);
      this.shiftEnds(rank, count, length);
    }
    // The rows from here on, and the members before this one.
    if (row < base + start) bytes.copyWithin(row + rowSize, row, base + start);
    this.writeScore(row, score);
    view.setUint16(row + width, start + length, true);
    copySlice(member, bytes, view, base + rowSize + start);
    this.setCount(count + 1, this.memberBytes + length);
  }

  private cut(rank: number, count: number): void {
    const { bytes, base } = this;
    const start = this.endOf(rank - 1);
    const end = this.endOf(rank + count - 1);
    const row = this.row(rank);
    const following = this.row(rank + count);
    this.shiftEnds(rank + count, this.count, start - end);
    if (following < base + start) bytes.copyWithin(row, following, base + start);
    const newStart = base + start - (following - row);
    if (end < this.memberBytes) bytes.copyWithin(newStart, base + end, base + this.memberBytes);
    this.setCount(this.count - count, this.memberBytes - (end - start));
  }

  /** The current element goes to another rank; those between make room. */
  private move(to: number): void {
    const { bytes, view, base, rank, width } = this;
    if (this.slots.count > 0) {
      this.seekSlot();
      if (to > rank) this.slots.shift(rank + 2, to + 2, -1);
      else this.slots.shift(to + 1, rank + 1, 1);
      this.slots.setPositionHere(to + 1);
    }
    const start = this.endOf(rank - 1);
    const end = this.endOf(rank);
    const length = end - start;
    const member = this.hold(length);
    const rowSize = width + END_SIZE;
    let newEnd = 0;
    if (to > rank) {
      newEnd = this.endOf(to);
      bytes.copyWithin(base + start, base + end, base + newEnd);
      this.shiftEnds(rank + 1, to + 1, -length);
      bytes.copyWithin(this.row(rank), this.row(rank + 1), this.row(to + 1));
    } else {
      const newStart = this.endOf(to - 1);
      newEnd = newStart + length;
      bytes.copyWithin(base + newEnd, base + newStart, base + start);
      this.shiftEnds(to, rank, length);
      bytes.copyWithin(this.row(to) + rowSize, this.row(to), this.row(rank));
    }
    view.setUint16(this.row(to) + width, newEnd, true);
    copySlice(member, bytes, view, base + newEnd - length);
    this.rank = to;
  }

  /** A copy of the current member, while its place is overwritten. */
  private hold(length: number): Slice {
    const { held } = this;
    if (held.bytes.length < length) held.setFrom(Slice.of(Buffer.alloc(2 * length)));
    copySlice(this.memberHere(), held.bytes, held.view, 0);
    held.end = length;
    return held;
  }

  private shiftEnds(from: number, to: number, by: number): void {
    const { view, width } = this;
    const rowSize = width + END_SIZE;
    const end = this.row(to) + width;
    for (let at = this.row(from) + width; at < end; at += rowSize)
      view.setUint16(at, view.getUint16(at, true) + by, true);
  }

  private writeScore(row: number, score: number): void {
    const { view } = this;
    switch (this.width) {
      case 1:
        view.setInt8(row, score);
        return;
      case 2:
        view.setInt16(row, score, true);
        return;
      case 3:
        view.setUint16(row, score, true);
        view.setInt8(row + 2, score >> 16);
        return;
      case 4:
        view.setInt32(row, score, true);
        return;
      case 6:
        view.setInt32(row, score | 0, true);
        view.setInt16(row + 4, Math.floor(score / WORD), true);
        return;
      default:
        view.setFloat64(row, score, true);
    }
  }

  /** Rewrites all rows from the last one on: each goes to where only later ones have been. */
  private widen(): void {
    const from = this.width;
    const to = this.newWidth;
    if (from === to) return;
    const { bytes, view, base, count } = this;
    bytes.copyWithin(base + count * (to - from), base, base + this.memberBytes);
    for (let rank = count - 1; rank >= 0; rank--) {
      this.width = from;
      const score = this.scoreAt(rank);
      const end = this.endOf(rank);
      this.width = to;
      this.writeScore(this.row(rank), score);
      view.setUint16(this.row(rank) + to, end, true);
    }
    this.width = to;
    view.setUint8(this.at + WIDTH, to);
  }

  private setCount(count: number, memberBytes: number): void {
    this.count = count;
    this.memberBytes = memberBytes;
    this.view.setUint16(this.at + COUNT, count, true);
    this.view.setUint16(this.at + BYTES, memberBytes, true);
  }

  // --- slots and room ---

  private hashAt(rank: number): number {
    const start = this.endOf(rank - 1);
    return hashString(this.view, this.bytes, this.base + start, this.endOf(rank) - start);
  }

  /** Turns to the slot of the current element. */
  private seekSlot(): void {
    this.slots.seek(this.hashAt(this.rank), this.rank + 1);
  }

  /** The least room that the run can do with. */
  get leastRoom(): number {
    return ScoredRun.roomFor(this.count, this.memberBytes, this.width);
  }

  /** The room for so many more elements, whose members have so many bytes in all, with scores of this width. */
  roomWith(more: number, memberBytes: number, width: number): number {
    return ScoredRun.roomFor(this.count + more, this.memberBytes + memberBytes, Math.max(this.width, width));
  }

  /** Withdraws to the first `room` bytes, at least leastRoom, so that the owner can take the rest away. */
  shrink(room: number): void {
    this.room = room;
    this.layOut(this.count, this.memberBytes, this.width);
  }

  /**
   * Makes the slots anew for what is to come: as many as are used up together with the bytes, in a large room fewer.
   */
  private layOut(elements: number, memberBytes: number, width: number): void {
    const { view, bytes, at, room, slots } = this;
    let count = 0;
    if (elements >= SCORED_SLOTS_FROM) {
      const used = SCORED_RUN_HEADER + elements * (width + END_SIZE) + memberBytes;
      const most = Math.floor((room - used - Slots.size(1) + 3) / 3);
      const share = Math.min(room / ScoredRun.roomFor(elements, memberBytes, width), 2);
      count = Math.max(Slots.countFor(elements), Math.min(Math.floor(Slots.countFor(elements) * share), most));
    }
    view.setUint16(at + SLOTS, count, true);
    slots.open(view, bytes, at + room, count);
    if (count > 0) this.fillSlots();
  }

  private fillSlots(): void {
    this.slots.clear();
    for (let rank = 0; rank < this.count; rank++) this.slots.insert(this.hashAt(rank), rank + 1);
  }

  // --- proof ---

  /** Throws unless the elements are in order, rows and members agree, and slots find every element. */
  checkIntegrity(): void {
    const { count, slots } = this;
    const names = new Set<string>();
    const hashes = new Map<number, number>();
    const before = new Slice();
    for (this.seek(-1); this.next(); before.setFrom(this.member)) {
      const { rank } = this;
      const member = this.memberHere();
      if (member.length < 0) throw new Error(`the member at ${rank} has ${member.length} bytes`);
      names.add(member.toLatin1());
      hashes.set(rank + 1, this.hashAt(rank));
      if (rank === 0) continue;
      const difference = this.scoreAt(rank) - this.scoreAt(rank - 1);
      const inOrder =
        this.scoreAt(rank) === this.scoreAt(rank - 1) ? this.compareMember(rank, before) > 0 : difference > 0;
      if (!inOrder) throw new Error(`no order at ${rank}`);
    }
    if (names.size !== count) throw new Error(`${names.size} different members of ${count}`);
    if (this.endOf(count - 1) !== this.memberBytes) throw new Error(`${this.memberBytes} bytes of members`);
    if (count >= SCORED_SLOTS_FROM && slots.count === 0) throw new Error('there are no slots');
    const used = this.base + this.memberBytes - this.at + Slots.size(slots.count);
    if (used > this.room) throw new Error(`${used} bytes in a room of ${this.room}`);
    if (slots.count > 0) slots.checkIntegrity(hashes);
  }
}

const NO_BYTES = Buffer.alloc(0);
const NO_VIEW = viewOf(NO_BYTES);
