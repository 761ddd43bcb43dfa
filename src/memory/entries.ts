/**
 * Entries as blocks: writes, reads, resizes and copies the elements of a Dict, in one of the layouts of
 * entry-layout.ts.
 *
 * Nothing here knows where an entry is listed. Who changes one into another block tells the Dict and the ExpiryHeap
 * (Table does). Keys and values too long for an entry are ropes that it owns, found by the lengths alone.
 */

import { type Arena, PAGE_SIZE, type Ref } from './arena.js';
import type { ByteSink } from './byte-sink.js';
import {
  DEADLINE,
  DENSE_POSITION,
  type EntryLayout,
  HAS_DEADLINE,
  KIND,
  keyFieldSize,
  MAX_INLINE_KEY,
  NO_DEADLINE,
  ROPE_ROOT,
  readVarint,
  varintSize,
  writeVarint,
} from './entry-layout.js';
import { Rope } from './rope.js';
import { copyBytes, copySlice, equalBytes, Slice, viewOf } from './slice.js';
import type { Budget } from './structure.js';

/** A block that wastes more than this part of itself is exchanged for a smaller one when its value shrinks. */
const MAX_WASTE = 0.5;
/** Blocks up to this size are not worth the exchange. */
const SMALL_BLOCK = 64;

export class Entries {
  readonly arena: Arena;
  readonly layout: EntryLayout;
  /** A cursor for work on a long key or value; valid until the next use. */
  private readonly rope: Rope;
  private readonly otherRope: Rope;
  private readonly scratch = new Slice();
  private readonly otherScratch = new Slice();

  // The layout, field by field: reading an entry loads no object more.
  private readonly flagAt: number;
  private readonly plainHeader: number;
  private readonly deadlineHeader: number;
  private readonly hasValue: boolean;
  private readonly maxInlineValue: number;

  constructor(arena: Arena, layout: EntryLayout) {
    this.arena = arena;
    this.layout = layout;
    this.rope = new Rope(arena);
    this.otherRope = new Rope(arena);
    this.flagAt = layout.flagAt;
    this.plainHeader = layout.plainHeader;
    this.deadlineHeader = layout.deadlineHeader;
    this.hasValue = layout.hasValue;
    this.maxInlineValue = layout.maxInlineValue;
  }

  // --- reading ---

  hasDeadline(ref: Ref): boolean {
    return this.arena.views[ref >>> 12].getInt8(((ref & 0xfff) << 4) + this.flagAt) < 0;
  }

  /** In ms, or NO_DEADLINE. */
  deadlineOf(ref: Ref): number {
    if (!this.hasDeadline(ref)) return NO_DEADLINE;
    return this.arena.views[ref >>> 12].getFloat64(((ref & 0xfff) << 4) + DEADLINE, true);
  }

  /** Kind (without HAS_DEADLINE) and use, where the layout has them. */
  wordOf(ref: Ref): number {
    if (!this.layout.hasKind) return 0;
    return this.arena.views[ref >>> 12].getInt32(((ref & 0xfff) << 4) + KIND, true) & ~HAS_DEADLINE;
  }

  keyLengthOf(ref: Ref): number {
    return readVarint(this.arena.views[ref >>> 12], this.lengthsOf(ref));
  }

  /** Points `into` at the key; one too long for its entry is copied together first. */
  keyOf(ref: Ref, into: Slice): Slice {
    const view = this.arena.views[ref >>> 12];
    let at = this.lengthsOf(ref);
    const length = readVarint(view, at);
    at += varintSize(length);
    if (this.hasValue) at += view.getInt8(at) < 0 ? 4 : 1;
    if (length <= MAX_INLINE_KEY) return into.set(this.arena.bytes[ref >>> 12], view, at, at + length);
    const bytes = this.rope.load(view, at).toBuffer();
    return into.set(bytes, viewOf(bytes), 0, length);
  }

  /**
   * Whether an entry of another Table, of any layout, has the same key. Keys of one-byte length are compared here: with
   * as few instructions as that, the processor waits for several entries at once (185 instead of 245 ns an element
   * among a million).
   */
  sharesKey(ref: Ref, other: Entries, otherRef: Ref): boolean {
    const view = this.arena.views[ref >>> 12];
    const otherView = other.arena.views[otherRef >>> 12];
    let at = (ref & 0xfff) << 4;
    let otherAt = (otherRef & 0xfff) << 4;
    at += view.getInt8(at + this.flagAt) < 0 ? this.deadlineHeader : this.plainHeader;
    otherAt += otherView.getInt8(otherAt + other.flagAt) < 0 ? other.deadlineHeader : other.plainHeader;
    const length = view.getUint8(at);
    if (length !== otherView.getUint8(otherAt)) return false;
    if (length >= 0x80) return equalBytes(this.keyOf(ref, this.scratch), other.keyOf(otherRef, this.otherScratch));
    at++;
    otherAt++;
    if (this.hasValue) at += view.getInt8(at) < 0 ? 4 : 1;
    if (other.hasValue) otherAt += otherView.getInt8(otherAt) < 0 ? 4 : 1;
    for (const wordsEnd = at + (length & ~3); at < wordsEnd; at += 4, otherAt += 4) {
      if (view.getInt32(at, true) !== otherView.getInt32(otherAt, true)) return false;
    }
    for (let rest = length & 3; rest > 0; rest--) {
      if (view.getUint8(at++) !== otherView.getUint8(otherAt++)) return false;
    }
    return true;
  }

  /** The value's length, whether it lies in the entry or not. */
  valueLengthOf(ref: Ref): number {
    if (!this.hasValue) return 0;
    const view = this.arena.views[ref >>> 12];
    const at = this.lengthsOf(ref);
    return readVarint(view, at + varintSize(readVarint(view, at)));
  }

  isLongValue(ref: Ref): boolean {
    return this.valueLengthOf(ref) > this.maxInlineValue;
  }

  /** Points `into` at the value bytes in the entry: an inline value, or the root of one that is out of line. */
  valueFieldOf(ref: Ref, into: Slice): Slice {
    const page = ref >>> 12;
    const view = this.arena.views[page];
    let at = (ref & 0xfff) << 4;
    at += view.getInt8(at + this.flagAt) < 0 ? this.deadlineHeader : this.plainHeader;
    let keyLength = view.getUint8(at);
    if (keyLength < 0x80) {
      at++;
    } else {
      keyLength = view.getInt32(at) & 0x7fffffff;
      at += 4;
    }
    let valueLength = 0;
    if (this.hasValue) {
      valueLength = view.getUint8(at);
      if (valueLength < 0x80) {
        at++;
      } else {
        valueLength = view.getInt32(at) & 0x7fffffff;
        at += 4;
        if (valueLength > this.maxInlineValue) valueLength = ROPE_ROOT;
      }
    }
    at += keyLength > MAX_INLINE_KEY ? ROPE_ROOT : keyLength;
    return into.set(this.arena.bytes[page], view, at, at + valueLength);
  }

  /** Points `into` at the value; one too long for its entry is copied together first. */
  valueOf(ref: Ref, into: Slice): Slice {
    const field = this.valueFieldOf(ref, into);
    if (!this.isLongValue(ref)) return field;
    const bytes = this.rope.load(field.view, field.start).toBuffer();
    return into.set(bytes, viewOf(bytes), 0, bytes.length);
  }

  /** Writes key and value, if both are short and within the entry; false if they are to be written one by one. */
  writePair(ref: Ref, sink: ByteSink): boolean {
    const page = ref >>> 12;
    const view = this.arena.views[page];
    let at = (ref & 0xfff) << 4;
    at += view.getInt8(at + this.flagAt) < 0 ? this.deadlineHeader : this.plainHeader;
    const keyLength = view.getUint8(at);
    const valueLength = view.getUint8(at + 1);
    if ((keyLength | valueLength) >= 0x80) return false;
    const bytes = this.arena.bytes[page];
    sink.bulkRange(bytes, view, at + 2, keyLength);
    sink.bulkRange(bytes, view, at + 2 + keyLength, valueLength);
    return true;
  }

  /** A cursor over a value for which isLongValue() holds, to read it window by window; valid until the next use. */
  longValueOf(ref: Ref): Rope {
    const field = this.valueFieldOf(ref, this.scratch);
    return this.rope.load(field.view, field.start);
  }

  /** What an entry takes of its block. */
  sizeOf(ref: Ref): number {
    return this.valueFieldOf(ref, this.scratch).end - ((ref & 0xfff) << 4);
  }

  // --- writing ---

  /**
   * A new entry, all of it but the value and the positions. `word` is kind (without HAS_DEADLINE) and use, where the
   * layout has them. A deadline below 0 is none.
   */
  write(key: Slice, word: number, valueLength: number, deadline: number): Ref {
    const keyLength = key.end - key.start;
    if (keyLength > MAX_INLINE_KEY) return this.writeWithLongKey(key, word, valueLength, deadline);
    const ref = this.arena.allocate(this.size(keyLength, valueLength, deadline));
    const view = this.arena.views[ref >>> 12];
    let at = this.writeHeader(view, (ref & 0xfff) << 4, word, deadline);
    at = writeVarint(view, at, keyLength);
    if (this.hasValue) at = writeVarint(view, at, valueLength);
    copySlice(key, this.arena.bytes[ref >>> 12], view, at);
    return ref;
  }

  /** Writes kind, use and deadline of an entry with such a header; returns the position behind it. */
  private writeHeader(view: DataView, at: number, word: number, deadline: number): number {
    if (this.layout.hasKind) view.setInt32(at + KIND, deadline < 0 ? word : word | HAS_DEADLINE, true);
    else view.setInt32(at + DENSE_POSITION, deadline < 0 ? 0 : this.layout.flagBits, true);
    if (deadline < 0) return at + this.plainHeader;
    view.setFloat64(at + DEADLINE, deadline, true);
    return at + this.deadlineHeader;
  }

  /** Writes the deadline of an entry that has one. */
  setDeadline(ref: Ref, deadline: number): void {
    this.arena.writable(ref);
    this.arena.views[ref >>> 12].setFloat64(((ref & 0xfff) << 4) + DEADLINE, deadline, true);
  }

  /**
   * Sets the value's length if the block serves for it, with no byte moved. The entry is writable, and its lengths
   * stand at lengthsOf().
   */
  resizeInPlace(ref: Ref, valueLength: number, lengths: number): boolean {
    const view = this.arena.views[ref >>> 12];
    const keyLength = readVarint(view, lengths);
    const valueVarint = lengths + varintSize(keyLength);
    const oldLength = readVarint(view, valueVarint);
    if (oldLength === valueLength) return true;
    if (varintSize(oldLength) !== varintSize(valueLength)) return false;
    const end = valueVarint + varintSize(valueLength) + keyFieldSize(keyLength) + this.valueFieldSize(valueLength);
    const total = end - ((ref & 0xfff) << 4);
    const capacity = this.arena.capacity(ref);
    if (total > capacity || (capacity > SMALL_BLOCK && total < capacity * MAX_WASTE)) return false;
    writeVarint(view, valueVarint, valueLength);
    return true;
  }

  /**
   * A block with another header or value length for an entry, which stays as it is. The first `keep` bytes of the
   * value's field are copied, the key's field as a whole: only one of the two entries owns the ropes from then on.
   */
  rebuilt(ref: Ref, word: number, valueLength: number, deadline: number, keep: number): Ref {
    const keyLength = this.keyLengthOf(ref);
    const to = this.arena.allocate(this.size(keyLength, valueLength, deadline));
    const { bytes, view: fromView, start, length } = this.valueFieldOf(ref, this.scratch);
    const keyField = keyFieldSize(keyLength);
    const view = this.arena.views[to >>> 12];
    let at = this.writeHeader(view, (to & 0xfff) << 4, word, deadline);
    at = writeVarint(view, at, keyLength);
    if (this.hasValue) at = writeVarint(view, at, valueLength);
    const kept = keyField + Math.min(keep, length, this.valueFieldSize(valueLength));
    copyBytes(this.arena.bytes[to >>> 12], view, at, bytes, fromView, start - keyField, kept);
    return to;
  }

  /** Writes a value of the length that the entry says; the entry is writable, and no rope stands in its field. */
  writeValue(ref: Ref, value: Slice): void {
    const isLong = value.end - value.start > this.maxInlineValue;
    if (isLong) this.rope.reset().append(value);
    const field = this.valueFieldOf(ref, this.scratch);
    if (isLong) this.rope.store(field.view, field.start);
    else copySlice(value, field.bytes, field.view, field.start);
  }

  /**
   * A copy of another arena user's entry with ropes of its own: one of the same layout, with another key's Dict or
   * none.
   */
  copyOf(other: Entries, ref: Ref): Ref {
    const { bytes, view, start, end } = other.valueFieldOf(ref, this.scratch);
    const from = (ref & 0xfff) << 4;
    const to = this.arena.allocate(end - from);
    const target = (to & 0xfff) << 4;
    copyBytes(this.arena.bytes[to >>> 12], this.arena.views[to >>> 12], target, bytes, view, from, end - from);
    const valueAt = target + (start - from);
    if (this.isLongValue(to)) this.copyRope(to, valueAt);
    if (this.keyLengthOf(to) > MAX_INLINE_KEY) this.copyRope(to, valueAt - ROPE_ROOT);
    return to;
  }

  // --- what lies outside the entry ---

  /** Frees a long value's pages, spending the budget; true when the value has none outside the entry. */
  freeSomeOfValue(ref: Ref, budget: { left: number }): boolean {
    if (!this.isLongValue(ref)) return true;
    return this.freeSomeOfRope(ref, this.valueFieldOf(ref, this.scratch).start, budget);
  }

  freeSomeOfKey(ref: Ref, budget: { left: number }): boolean {
    if (this.keyLengthOf(ref) <= MAX_INLINE_KEY) return true;
    return this.freeSomeOfRope(ref, this.keyFieldOf(ref), budget);
  }

  freeLongValue(ref: Ref): void {
    if (this.isLongValue(ref)) this.longValueOf(ref).free();
  }

  freeLongKey(ref: Ref): void {
    if (this.keyLengthOf(ref) <= MAX_INLINE_KEY) return;
    this.rope.load(this.arena.views[ref >>> 12], this.keyFieldOf(ref)).free();
  }

  /** Compaction of what lies outside the entry; returns how many pages were looked at. */
  relocateRopes(ref: Ref): number {
    let pages = 0;
    if (this.keyLengthOf(ref) > MAX_INLINE_KEY) pages += this.relocateRope(ref, this.keyFieldOf(ref));
    if (this.isLongValue(ref)) pages += this.relocateRope(ref, this.valueFieldOf(ref, this.scratch).start);
    return pages;
  }

  /** Every block of the entry, without what a value of its own structure leads to. */
  *blocksOf(ref: Ref): Generator<Ref> {
    yield ref;
    const view = this.arena.views[ref >>> 12];
    if (this.keyLengthOf(ref) > MAX_INLINE_KEY) yield* new Rope(this.arena).load(view, this.keyFieldOf(ref)).blocks();
    if (!this.isLongValue(ref)) return;
    yield* new Rope(this.arena).load(view, this.valueFieldOf(ref, this.scratch).start).blocks();
  }

  /** Bytes of these blocks; of long strings only so many pages are looked at. */
  blockBytesOf(ref: Ref, samples: number): number {
    let bytes = this.arena.capacity(ref);
    const view = this.arena.views[ref >>> 12];
    const at = this.lengthsOf(ref);
    // Of one byte each: nothing is long. MEMORY USAGE is called rarely, hence cold, and this is most of its time.
    if (view.getInt8(at) >= 0 && (!this.hasValue || view.getInt8(at + 1) >= 0)) return bytes;
    if (this.keyLengthOf(ref) > MAX_INLINE_KEY) {
      bytes += new Rope(this.arena).load(view, this.keyFieldOf(ref)).blockBytes(samples);
    }
    if (!this.isLongValue(ref)) return bytes;
    return bytes + new Rope(this.arena).load(view, this.valueFieldOf(ref, this.scratch).start).blockBytes(samples);
  }

  // --- fields ---

  /** Where the key's length stands, as a position in the page. */
  lengthsOf(ref: Ref): number {
    const at = (ref & 0xfff) << 4;
    const hasDeadline = this.arena.views[ref >>> 12].getInt8(at + this.flagAt) < 0;
    return at + (hasDeadline ? this.deadlineHeader : this.plainHeader);
  }

  private keyFieldOf(ref: Ref): number {
    const view = this.arena.views[ref >>> 12];
    let at = this.lengthsOf(ref);
    at += view.getInt8(at) < 0 ? 4 : 1;
    if (this.hasValue) at += view.getInt8(at) < 0 ? 4 : 1;
    return at;
  }

  private valueFieldSize(valueLength: number): number {
    return valueLength > this.maxInlineValue ? ROPE_ROOT : valueLength;
  }

  private size(keyLength: number, valueLength: number, deadline: number): number {
    const header = deadline < 0 ? this.plainHeader : this.deadlineHeader;
    const key = header + varintSize(keyLength) + keyFieldSize(keyLength);
    return this.hasValue ? key + varintSize(valueLength) + this.valueFieldSize(valueLength) : key;
  }

  private writeWithLongKey(key: Slice, word: number, valueLength: number, deadline: number): Ref {
    this.rope.reset().append(key);
    const ref = this.arena.allocate(this.size(key.length, valueLength, deadline));
    const view = this.arena.views[ref >>> 12];
    let at = this.writeHeader(view, (ref & 0xfff) << 4, word, deadline);
    at = writeVarint(view, at, key.length);
    if (this.hasValue) at = writeVarint(view, at, valueLength);
    this.rope.store(view, at);
    return ref;
  }

  /** Gives the rope whose root was copied to `at` pages of its own. */
  private copyRope(ref: Ref, at: number): void {
    this.otherRope.load(this.arena.views[ref >>> 12], at);
    this.rope.reset().appendRope(this.otherRope, new Slice());
    this.rope.store(this.arena.views[ref >>> 12], at);
  }

  private freeSomeOfRope(ref: Ref, at: number, budget: Budget): boolean {
    return this.rope.open(ref, at - ((ref & 0xfff) << 4)).freeSome(budget);
  }

  private relocateRope(ref: Ref, at: number): number {
    const rope = this.rope.open(ref, at - ((ref & 0xfff) << 4));
    if (rope.relocate()) rope.save();
    return Math.ceil(rope.length / PAGE_SIZE);
  }
}
