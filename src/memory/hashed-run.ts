/**
 * HashedRun: a small set, or a small hash, in one stretch of memory that somebody else owns: a run of elements, or of
 * pairs of them, with a table of slots to find them by once there are sixteen.
 *
 *     +0 u16 count   +2 u16 end   +4 u16 slots   +6 u16 deadlines
 *     +8 elements, up to `end`; then gap; then the slots (see Slots), up to the end of the room
 *
 *     a set's element   [member]
 *     a hash's          [field] [value]  or  [field] [deadline] [value]
 *
 * (their bytes: see element.ts). The order is that of insertion. A field of 8 + 8 bytes takes 18 and some 3.7 for its
 * slot; finding one takes about as long in a run of 1,000 as of 16.
 *
 * The owner provides the room, and the barrier before writes. A change is prepared first, which only reads:
 *
 *     const needed = run.prepareAdd(value);        // after find() has failed
 *     if (needed > 0) …                            // as much room as that, or more, and run.moved(…)
 *     run.add();
 *
 * Nothing in the run says where it lies or how much room there is: it may be copied as bytes into a room of the same
 * size. Several may be open at once, also on one run as long as none of them writes.
 */

import type { Int64 } from '../text/int64.js';
import type { ByteSink } from './byte-sink.js';
import {
  DEADLINE_HEAD,
  DEADLINE_SIZE,
  ElementText,
  elementSize,
  hashElement,
  isInteger,
  NewElement,
  readInteger,
  sameElement,
} from './element.js';
import { type Slice, viewOf } from './slice.js';
import { Slots } from './slots.js';

const COUNT = 0;
const END = 2;
const SLOTS = 4;
const DEADLINES = 6;

const HASHED_RUN_HEADER = 8;
/** From so many elements on there are slots: fewer are found as fast by walking. */
export const HASHED_FROM = 16;
/** Runs are not meant to take more room: they move as a whole, and what is removed moves what follows. */
export const MAX_RUN_ROOM = 20_000;
/** What is said of a field without deadline. */
export const NO_DEADLINE = -1;

export class HashedRun {
  /** Elements or pairs. */
  count = 0;
  /** Pairs with a deadline. */
  deadlines = 0;
  /** Bytes that the run may take. */
  room = 0;
  private bytes: Buffer = NO_BYTES;
  private view: DataView = NO_VIEW;
  private at = 0;
  /** Offsets in `bytes`: where the elements end, the current element, its value, and what follows it. */
  private end = 0;
  private current = 0;
  private valueAt = 0;
  private ahead = 0;

  private readonly slots = new Slots();
  private readonly wanted = new NewElement();
  private readonly newValue = new NewElement();
  private newDeadline = NO_DEADLINE;
  /** How many elements there are after what was prepared, and by how many bytes they will have grown. */
  private coming = 0;
  private growth = 0;
  private readonly elementText = new ElementText();
  private readonly valueText = new ElementText();

  /** A hash's run has pairs. */
  constructor(private readonly hasValues: boolean) {}

  /** The room that so many elements need whose bytes are known. */
  static roomFor(count: number, elementBytes: number): number {
    const slots = count < HASHED_FROM ? 0 : Slots.countFor(count);
    return HASHED_RUN_HEADER + elementBytes + Slots.size(slots);
  }

  /** Makes an empty run. */
  initialise(view: DataView, bytes: Buffer, at: number, room: number): this {
    view.setInt32(at + COUNT, HASHED_RUN_HEADER << 16, true);
    view.setInt32(at + SLOTS, 0, true);
    return this.open(view, bytes, at, room);
  }

  /** Turns to a run, before its first element. */
  open(view: DataView, bytes: Buffer, at: number, room: number): this {
    this.coming = 0;
    this.growth = 0;
    return this.load(view, bytes, at, room);
  }

  private load(view: DataView, bytes: Buffer, at: number, room: number): this {
    this.view = view;
    this.bytes = bytes;
    this.at = at;
    this.room = room;
    this.count = view.getUint16(at + COUNT, true);
    this.end = at + view.getUint16(at + END, true);
    this.deadlines = view.getUint16(at + DEADLINES, true);
    this.slots.open(view, bytes, at + room, view.getUint16(at + SLOTS, true));
    this.ahead = at + HASHED_RUN_HEADER;
    return this;
  }

  /**
   * The run's bytes have come into another stretch or the room has changed: stands where it stood, and makes the slots
   * anew.
   */
  moved(view: DataView, bytes: Buffer, at: number, room: number): void {
    const current = this.current - this.at;
    this.load(view, bytes, at, room);
    this.layOut(Math.max(this.coming, this.count), this.growth);
    this.stand(at + current);
  }

  /** Bytes of header and elements. */
  get usedBytes(): number {
    return this.end - this.at;
  }

  // --- finding ---

  /** Stands on the element if it is there. Otherwise add() may follow, while the slice stays valid. */
  find(element: Slice): boolean {
    const wanted = this.wanted.set(element);
    if (this.slots.count === 0) return this.walkTo(wanted);
    const { bytes, view, at } = this;
    for (let position = this.slots.first(wanted.hash()); position !== 0; position = this.slots.next()) {
      if (wanted.equalsAt(view, bytes, at + position)) {
        this.stand(at + position);
        return true;
      }
    }
    return false;
  }

  private walkTo(wanted: NewElement): boolean {
    const { bytes, view, end, hasValues } = this;
    const { head, ending } = wanted;
    let offset = this.at + HASHED_RUN_HEADER;
    while (offset < end) {
      const found = bytes[offset];
      if (found === head && (ending === 0 || view.getInt32(offset + found - 3, true) === ending)) {
        if (wanted.equalsAt(view, bytes, offset)) {
          this.stand(offset);
          return true;
        }
      }
      offset += found < 64 ? 1 + found : elementSize(bytes, offset);
      if (hasValues) offset = afterValue(bytes, offset);
    }
    return false;
  }

  /** Whether a set has the element that another one stands on: no text is made of an integer. */
  hasSame(other: HashedRun): boolean {
    return this.has(other.view, other.bytes, other.current);
  }

  /** Goes on to the next element of a set that another one has too, or, unless that `isWanted`, has not. */
  nextSelected(other: HashedRun, isWanted: boolean): boolean {
    const { bytes, view, end } = this;
    for (let offset = this.ahead; offset < end; ) {
      const ahead = offset + elementSize(bytes, offset);
      if (other.has(view, bytes, offset) === isWanted) {
        this.current = offset;
        this.ahead = ahead;
        return true;
      }
      offset = ahead;
    }
    return false;
  }

  /** Whether a set has the element that is stored there. */
  private has(otherView: DataView, otherBytes: Buffer, other: number): boolean {
    const { bytes, view, at, end, slots } = this;
    if (slots.count > 0) {
      const hash = hashElement(otherView, otherBytes, other);
      for (let position = slots.first(hash); position !== 0; position = slots.next()) {
        if (sameElement(view, bytes, at + position, otherView, otherBytes, other)) return true;
      }
      return false;
    }
    for (let offset = at + HASHED_RUN_HEADER; offset < end; offset += elementSize(bytes, offset)) {
      if (sameElement(view, bytes, offset, otherView, otherBytes, other)) return true;
    }
    return false;
  }

  // --- walking ---

  rewind(): void {
    this.ahead = this.at + HASHED_RUN_HEADER;
  }

  next(): boolean {
    if (this.ahead >= this.end) return false;
    this.stand(this.ahead);
    return true;
  }

  /** Stands on the element at 0 <= ordinal < count, by walking. */
  seek(ordinal: number): void {
    const { bytes, hasValues } = this;
    let offset = this.at + HASHED_RUN_HEADER;
    for (; ordinal > 0; ordinal--) {
      offset += elementSize(bytes, offset);
      if (hasValues) offset = afterValue(bytes, offset);
    }
    this.stand(offset);
  }

  /**
   * How many draws there are for tryDraw(). Each element has one of them, so that drawing until one succeeds gives each
   * the same chance, without walking.
   */
  get draws(): number {
    return this.slots.count === 0 ? this.count : this.slots.count;
  }

  /** Stands on the element that has this draw, 0 <= draw < draws; false if none has. */
  tryDraw(draw: number): boolean {
    if (this.slots.count === 0) {
      this.seek(draw);
      return true;
    }
    const position = this.slots.positionIn(draw);
    if (position !== 0) this.stand(this.at + position);
    return position !== 0;
  }

  private stand(offset: number): void {
    const { bytes } = this;
    const head = bytes[offset];
    this.current = offset;
    offset += head < 64 ? 1 + head : elementSize(bytes, offset);
    if (!this.hasValues) {
      this.ahead = offset;
      return;
    }
    if (bytes[offset] === DEADLINE_HEAD) offset += DEADLINE_SIZE;
    this.valueAt = offset;
    const valueHead = bytes[offset];
    this.ahead = offset + (valueHead < 64 ? 1 + valueHead : elementSize(bytes, offset));
  }

  /** The current member or field; valid until the next call or a change. */
  elementHere(): Slice {
    return this.elementText.read(this.view, this.bytes, this.current);
  }

  valueHere(): Slice {
    return this.valueText.read(this.view, this.bytes, this.valueAt);
  }

  /** Writes all elements, each with its value, in fewer steps than a walk takes. */
  writeAll(sink: ByteSink): void {
    const { bytes, end, hasValues } = this;
    for (let offset = this.at + HASHED_RUN_HEADER; offset < end; ) {
      offset = this.writeElement(sink, offset);
      if (!hasValues) continue;
      if (bytes[offset] === DEADLINE_HEAD) offset += DEADLINE_SIZE;
      offset = this.writeElement(sink, offset);
    }
  }

  /** Writes the current member or field. */
  writeHere(sink: ByteSink): void {
    this.writeElement(sink, this.current);
  }

  /** Returns the offset after it. */
  private writeElement(sink: ByteSink, offset: number): number {
    const { bytes, view } = this;
    const head = bytes[offset];
    if (head < 64) {
      sink.bulkRange(bytes, view, offset + 1, head);
      return offset + 1 + head;
    }
    sink.bulk(this.elementText.read(view, bytes, offset));
    return offset + elementSize(bytes, offset);
  }

  /** The current value if it is an integer. */
  integerHere(into: Int64): boolean {
    if (!isInteger(this.bytes, this.valueAt)) return false;
    readInteger(this.view, this.valueAt, into);
    return true;
  }

  /** When the current field ends to be, or NO_DEADLINE. */
  deadlineHere(): number {
    const at = this.valueAt - DEADLINE_SIZE;
    return this.hasDeadlineHere() ? this.view.getFloat64(at + 1, true) : NO_DEADLINE;
  }

  private hasDeadlineHere(): boolean {
    return this.deadlines > 0 && this.valueAt - this.current !== elementSize(this.bytes, this.current);
  }

  /** The earliest deadline of all, or NO_DEADLINE. */
  nextDeadline(): number {
    let earliest = NO_DEADLINE;
    if (this.deadlines === 0) return earliest;
    for (this.rewind(); this.next(); ) {
      const deadline = this.deadlineHere();
      if (deadline >= 0 && (earliest < 0 || deadline < earliest)) earliest = deadline;
    }
    return earliest;
  }

  // --- changing; `prepare` gives 0, or the room that is needed ---

  /** For the element that find() has looked for in vain. */
  prepareAdd(value: Slice | null = null, deadline: number = NO_DEADLINE): number {
    let size = this.wanted.size;
    if (value !== null) size += this.newValue.set(value).size;
    if (deadline >= 0) size += DEADLINE_SIZE;
    this.newDeadline = deadline;
    return this.prepare(size, 1);
  }

  add(): void {
    const { bytes, view, end, wanted } = this;
    let offset = end;
    wanted.write(view, bytes, offset);
    offset += wanted.size;
    if (this.newDeadline >= 0) {
      this.writeDeadline(offset);
      offset += DEADLINE_SIZE;
      this.setDeadlines(this.deadlines + 1);
    }
    if (this.hasValues) {
      this.newValue.write(view, bytes, offset);
      offset += this.newValue.size;
    }
    this.setEnd(offset);
    this.setCount(this.count + 1);
    if (this.slots.count > 0) this.slots.insert(wanted.hash(), end - this.at);
    this.stand(end);
  }

  /** For the current field, whose deadline stays. */
  prepareSet(value: Slice): number {
    return this.prepare(this.newValue.set(value).size - (this.ahead - this.valueAt), 0);
  }

  set(): void {
    const { newValue } = this;
    this.resizeGap(this.valueAt, this.ahead - this.valueAt, newValue.size);
    newValue.write(this.view, this.bytes, this.valueAt);
    this.ahead = this.valueAt + newValue.size;
  }

  /** For the current field; NO_DEADLINE takes it away. */
  prepareSetDeadline(deadline: number): number {
    this.newDeadline = deadline;
    const before = this.hasDeadlineHere() ? DEADLINE_SIZE : 0;
    return this.prepare((deadline >= 0 ? DEADLINE_SIZE : 0) - before, 0);
  }

  setDeadline(): void {
    const offset = this.current + elementSize(this.bytes, this.current);
    const before = this.valueAt - offset;
    const after = this.newDeadline >= 0 ? DEADLINE_SIZE : 0;
    if (before !== after) {
      this.resizeGap(offset, before, after);
      this.setDeadlines(this.deadlines + (after > 0 ? 1 : -1));
    }
    if (after > 0) this.writeDeadline(offset);
    this.stand(this.current);
  }

  /** Removes the current element; next() goes on with the one after it. */
  removeHere(): void {
    const { current, ahead, at, slots } = this;
    if (this.hasValues && this.hasDeadlineHere()) this.setDeadlines(this.deadlines - 1);
    if (slots.count > 0) {
      slots.seek(hashElement(this.view, this.bytes, current), current - at);
      slots.removeHere();
    }
    this.resizeGap(current, ahead - current, 0);
    this.setCount(this.count - 1);
    this.ahead = current;
  }

  private prepare(growth: number, more: number): number {
    const { count, room, slots } = this;
    this.coming = count + more;
    this.growth = Math.max(growth, 0);
    const fits = growth <= this.at + room - Slots.size(slots.count) - this.end;
    if (fits && (more === 0 || (slots.count === 0 ? count + more < HASHED_FROM : slots.hasFree()))) return 0;
    const needed = HashedRun.roomFor(this.coming, this.usedBytes - HASHED_RUN_HEADER + this.growth);
    // In a room that is nearly full, slots would be made anew with every few elements.
    return slots.count > 0 && needed <= room ? needed + (needed >> 4) : needed;
  }

  /** Makes what takes `before` bytes at `offset` take `after`, moving all that follows. */
  private resizeGap(offset: number, before: number, after: number): void {
    if (before === after) return;
    const { end } = this;
    const follows = offset + before;
    if (follows < end) {
      this.bytes.copyWithin(offset + after, follows, end);
      if (this.slots.count > 0) this.slots.shift(follows - this.at, end - this.at, after - before);
    }
    this.setEnd(end + after - before);
  }

  private writeDeadline(offset: number): void {
    this.bytes[offset] = DEADLINE_HEAD;
    this.view.setFloat64(offset + 1, this.newDeadline, true);
  }

  private setEnd(end: number): void {
    this.end = end;
    this.view.setUint16(this.at + END, end - this.at, true);
  }

  private setCount(count: number): void {
    this.count = count;
    this.view.setUint16(this.at + COUNT, count, true);
  }

  private setDeadlines(deadlines: number): void {
    this.deadlines = deadlines;
    this.view.setUint16(this.at + DEADLINES, deadlines, true);
  }

  // --- room ---

  /** The least room that the run can do with. */
  get leastRoom(): number {
    return HashedRun.roomFor(this.count, this.usedBytes - HASHED_RUN_HEADER);
  }

  /** Withdraws to the first `room` bytes, at least leastRoom, so that the owner can take the rest away. */
  shrink(room: number): void {
    this.room = room;
    this.layOut(this.count, 0);
  }

  /** Makes the slots anew, with room for `growth` more bytes and `coming` elements in all. */
  private layOut(coming: number, growth: number): void {
    const { view, bytes, at, room, slots } = this;
    const count = coming < HASHED_FROM ? 0 : this.slotsThatFit(coming, growth);
    view.setUint16(at + SLOTS, count, true);
    slots.open(view, bytes, at + room, count);
    if (count === 0) return;
    slots.clear();
    const { end, hasValues } = this;
    for (let offset = at + HASHED_RUN_HEADER; offset < end; ) {
      slots.insert(hashElement(view, bytes, offset), offset - at);
      offset += elementSize(bytes, offset);
      if (hasValues) offset = afterValue(bytes, offset);
    }
  }

  /**
   * As many that, if elements stay as long as they are, slots and bytes are used up together; in a large room fewer.
   */
  private slotsThatFit(coming: number, growth: number): number {
    const elementBytes = this.usedBytes - HASHED_RUN_HEADER + growth;
    const free = this.room - HASHED_RUN_HEADER - Slots.size(1) + 3;
    const elements = Math.min(Math.floor(free / (elementBytes / coming + 48 / 13)), 2 * coming);
    const most = Math.floor((free - elementBytes) / 3);
    return Math.max(Slots.countFor(coming), Math.min(Slots.countFor(elements), most));
  }

  // --- proof ---

  /** Throws unless header, elements and slots agree. */
  checkIntegrity(): void {
    const { view, bytes, at, end, room, slots } = this;
    const hashes = new Map<number, number>();
    const names = new Set<string>();
    let deadlines = 0;
    this.rewind();
    while (this.next()) {
      names.add(this.elementHere().toLatin1());
      if (this.hasValues && this.deadlineHere() >= 0) deadlines++;
      hashes.set(this.current - at, hashElement(view, bytes, this.current));
    }
    if (this.ahead !== end) throw new Error(`the elements end at ${this.ahead - at}, not at ${end - at}`);
    if (hashes.size !== this.count) throw new Error(`${hashes.size} elements, the count says ${this.count}`);
    if (names.size !== this.count) throw new Error(`${names.size} different elements of ${this.count}`);
    if (deadlines !== this.deadlines) throw new Error(`${deadlines} deadlines, the count says ${this.deadlines}`);
    if (this.count >= HASHED_FROM && slots.count === 0) throw new Error('there are no slots');
    if (this.usedBytes + Slots.size(slots.count) > room) throw new Error('elements and slots overlap');
    if (slots.count > 0) slots.checkIntegrity(hashes);
  }
}

/** The offset after the value at `offset`, and after the deadline if one comes first. */
function afterValue(bytes: Buffer, offset: number): number {
  if (bytes[offset] === DEADLINE_HEAD) offset += DEADLINE_SIZE;
  const head = bytes[offset];
  return offset + (head < 64 ? 1 + head : elementSize(bytes, offset));
}

const NO_BYTES = Buffer.alloc(0);
const NO_VIEW = viewOf(NO_BYTES);
