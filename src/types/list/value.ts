/**
 * Lists: a Packed run in the entry while the list is small, a Deque beyond. There is no object per list; a ListValue is
 * a cursor over one list at a time.
 *
 * - A small list is what Redis calls a listpack: at most list-max-listpack-size, counted as Redis counts (the note of
 *   the run keeps the size that the list would have as a listpack), so that OBJECT ENCODING changes where Redis changes
 *   it. It goes back from Deque to run when at most half of that is left (Redis also waits until its last two nodes are
 *   one).
 * - A list in a database is never empty: who takes the last element deletes the key, or deletes it instead.
 * - Pushing may move the entry: `ref` says where it is.
 * - The walk (seek, next, previous) ends at the first change.
 */

import { listpackSize } from '../../format/listpack-size.js';
import { CursorPool } from '../../keyspace/cursor-pool.js';
import type { Database } from '../../keyspace/database.js';
import { NO_DEADLINE } from '../../keyspace/types.js';
import type { Arena, Ref } from '../../memory/arena.js';
import type { ByteSink } from '../../memory/byte-sink.js';
import { DEQUE_ROOT, Deque } from '../../memory/deque.js';
import { inlineRoom } from '../../memory/entry-layout.js';
import {
  closeHole,
  cutBack,
  cutFront,
  equalsAt,
  extendBack,
  extendFront,
  fits,
  initRun,
  MAX_PACKED,
  nextPosition,
  openHole,
  type PackedCursor,
  packedSize,
  payloadAt,
  positionOf,
  previousPosition,
  RUN_HEADER,
  runCount,
  runEnd,
  runNote,
  runStart,
  runUsed,
  setRunNote,
  slide,
  writeString,
} from '../../memory/packed.js';
import { Slice } from '../../memory/slice.js';

/** The id of the type. */
export const LIST = 1;

export const ListKind = {
  /** A Packed run in the entry. */
  PACKED: 8,
  /** A Deque; the entry holds its root. */
  DEQUE: 9,
} as const;

declare module '../../keyspace/database.js' {
  interface KeyspaceLimits {
    /** The largest list that is PACKED: a number of elements, or a size as -1 to -5. */
    listMaxListpackSize: number;
  }
}

/** What a listpack takes beside its elements. */
const LISTPACK_OVERHEAD = 7;
/** Limits given as a number of elements hold up to this size. */
const LISTPACK_SAFETY_LIMIT = 8192;
/** The sizes that -1 … -5 stand for. */
const LISTPACK_SIZES = [4096, 8192, 16_384, 32_768, 65_536];

/** A run in an entry has no more room than this, whatever the limits: it moves as a whole when it grows. */
const MAX_ROOM = 20_000;
/** Elements that are compared in a few microseconds. */
const SHORT_LENGTH = 256;
/** A Deque of more nodes is not looked at for becoming a run again. */
const FEW_NODES = 4;
/** Runs with less room are not worth making smaller. */
const SMALL_ROOM = 128;

/** An element between two lists: a copy of its bytes, or its rope itself. */
export class HeldElement {
  readonly value: Slice = new Slice();
  readonly root: DataView = new DataView(new ArrayBuffer(16));
  isRope = false;
  /** In bytes. */
  length = 0;
  private bytes = Buffer.allocUnsafeSlow(64);
  private view = new DataView(this.bytes.buffer);

  hold(source: Slice): void {
    if (source.length > this.bytes.length) {
      this.bytes = Buffer.allocUnsafeSlow(source.length * 2);
      this.view = new DataView(this.bytes.buffer);
    }
    source.bytes.copy(this.bytes, 0, source.start, source.end);
    this.value.set(this.bytes, this.view, 0, source.length);
    this.length = source.length;
    this.isRope = false;
  }
}

export class ListValue {
  /** Elements. */
  length = 0;
  /** The list's entry. */
  ref: Ref = 0;
  private readonly arena: Arena;
  private readonly deque: Deque;
  private readonly cursor: PackedCursor;
  /** The value in the entry: the run with its room, or the deque's root. */
  private readonly value = new Slice();
  private readonly window = new Slice();
  private packed = true;

  constructor(private readonly db: Database) {
    this.arena = db.arena;
    this.deque = new Deque(db.arena);
    this.cursor = this.deque.cursor;
  }

  /** Going through all of it takes no more than a few microseconds. */
  get isShort(): boolean {
    return this.packed && this.length <= SHORT_LENGTH;
  }

  /** Turns to the list that an entry holds. */
  open(ref: Ref): this {
    this.ref = ref;
    this.packed = this.db.kindOf(ref) === ListKind.PACKED;
    const value = this.db.valueOf(ref, this.value);
    if (this.packed) {
      this.length = runCount(value.view, value.start);
    } else {
      this.deque.open(ref, value.start - ((ref & 0xfff) << 4));
      this.length = this.deque.length;
    }
    return this;
  }

  /**
   * Turns to a key's list, creating it when `ref` is 0, and gives it the form that suits `count` more elements of so
   * many `bytes` in all, which the caller then adds.
   */
  openToGrow(key: Slice, ref: Ref, bytes: number, count: number, deadline: number = NO_DEADLINE): this {
    if (ref !== 0) {
      this.open(ref);
      this.makeReady(bytes, count);
      return this;
    }
    const room = RUN_HEADER + (count === 1 ? packedSize(bytes) : bytes + 4 * count);
    this.length = 0;
    if (this.exceeds(LISTPACK_OVERHEAD + bytes, count, 1) || room > Math.min(MAX_ROOM, inlineRoom(key.length))) {
      this.packed = false;
      this.ref = this.db.create(key, ListKind.DEQUE, DEQUE_ROOT, deadline);
      this.openDeque();
      this.deque.initialise();
    } else {
      this.packed = true;
      this.ref = this.db.create(key, ListKind.PACKED, room, deadline);
      const { view, start } = this.db.valueOf(this.ref, this.value);
      initRun(view, start, RUN_HEADER, LISTPACK_OVERHEAD);
    }
    return this;
  }

  /** Before adding to an open list: one that is about to exceed the limits becomes a Deque. */
  makeReady(bytes: number, count: number): void {
    if (!this.packed) return;
    if (this.exceeds(runNote(this.value.view, this.value.start) + bytes, this.length + count, 1)) this.toDeque();
    else if (count > 1) this.makeRoomFor(bytes + 4 * count);
  }

  /** Room for many elements at once: growing step by step would leave a block of each size behind. */
  private makeRoomFor(size: number): void {
    const needed = RUN_HEADER + runUsed(this.value.view, this.value.start) + size;
    const largest = Math.min(MAX_ROOM, inlineRoom(this.db.keyOf(this.ref, this.window).length));
    const room = Math.min(needed + (needed >> 2), largest);
    if (this.value.length >= room) return;
    this.ref = this.db.resize(this.ref, ListKind.PACKED, room);
    this.db.valueOf(this.ref, this.value);
  }

  // --- the plain cases of a queue that is not nearly empty, without opening the list ---

  /**
   * Adds one element, no longer than MAX_PACKED, if the entry, of whatever type, holds a list with room for it. Returns
   * the new length, or else 0, with nothing done.
   */
  pushPlainly(ref: Ref, value: Slice, toFront: boolean): number {
    const kind = this.db.kindOf(ref);
    this.ref = ref;
    if (kind === ListKind.DEQUE) {
      this.openDeque();
      return toFront ? this.deque.pushFront(value) : this.deque.pushBack(value);
    }
    if (kind !== ListKind.PACKED) return 0;
    this.makeWritable();
    const { view, start } = this.value;
    const length = value.end - value.start;
    const count = runCount(view, start) + 1;
    const size = packedSize(length);
    if (this.gapAt(toFront) < size || this.exceeds(runNote(view, start) + length, count, 1)) return 0;
    this.writeAtEnd(value, size, toFront);
    return count;
  }

  /**
   * Writes the element at one end and removes it, if the entry, of whatever type, holds a list with more than that, and
   * the element is plain. False otherwise, with nothing done.
   */
  popPlainly(ref: Ref, sink: ByteSink, fromFront: boolean): boolean {
    const kind = this.db.kindOf(ref);
    this.ref = ref;
    if (kind === ListKind.DEQUE) {
      this.openDeque();
      if (!this.deque.popString(fromFront, sink)) return false;
      this.packed = false;
      this.length = this.deque.length;
    } else {
      if (kind !== ListKind.PACKED) return false;
      this.makeWritable();
      const { view, bytes, start } = this.value;
      const count = runCount(view, start);
      if (count === 1) return false;
      const end = runEnd(view, start);
      const position = fromFront ? runStart(view, start) : previousPosition(bytes, start, end);
      const element = payloadAt(view, bytes, start, position, this.window);
      sink.bulk(element);
      if (fromFront) cutFront(view, start, nextPosition(bytes, start, position), 1);
      else cutBack(view, start, position, 1);
      setRunNote(view, start, runNote(view, start) - listpackSize(element));
      this.packed = true;
      this.length = count - 1;
    }
    this.shrink();
    return true;
  }

  // --- walking ---

  /** Stands on the element at `index`, 0 <= index < length. */
  seek(index: number): void {
    if (!this.packed) {
      this.deque.seek(index);
      return;
    }
    const { view, bytes, start } = this.value;
    this.cursor.open(view, bytes, start, positionOf(view, bytes, start, index));
    this.cursor.next();
  }

  /** Stands on the first element equal to `value` and returns its index; -1 if there is none. */
  seekEqual(value: Slice): number {
    if (this.packed) {
      const { view, bytes, start } = this.value;
      return this.cursor.open(view, bytes, start, runStart(view, start)).findNext(value);
    }
    this.deque.seek(0);
    for (let index = 0; ; index++) {
      if (this.deque.equalsHere(value)) return index;
      if (!this.next()) return -1;
    }
  }

  next(): boolean {
    return this.cursor.next() || (!this.packed && this.deque.next());
  }

  previous(): boolean {
    return this.cursor.previous() || (!this.packed && this.deque.previous());
  }

  /** Writes the current element as a bulk string. */
  writeHere(sink: ByteSink): void {
    if (this.cursor.reference) this.writeRope(sink);
    else sink.bulk(this.cursor.value);
  }

  /** Writes `count` elements from `index` on as bulk strings, towards the end or towards the beginning of the list. */
  writeElements(sink: ByteSink, index: number, count: number, backwards: boolean): void {
    if (count === 0) return;
    this.seek(index);
    for (;;) {
      const strings = backwards ? 0 : this.cursor.writeStrings(sink, count);
      if (strings === 0) this.writeHere(sink);
      count -= Math.max(1, strings);
      if (count === 0) return;
      if (backwards) this.previous();
      else this.next();
    }
  }

  private writeRope(sink: ByteSink): void {
    const rope = this.deque.ropeHere();
    sink.bulkHeader(rope.length);
    for (let at = 0; at < rope.length; at += this.window.length) {
      sink.rawSlice(rope.window(at, rope.length, this.window));
    }
    sink.bulkEnd();
  }

  equalsHere(value: Slice): boolean {
    if (!this.packed) return this.deque.equalsHere(value);
    return equalsAt(this.value.view, this.value.bytes, this.value.start, this.cursor.position, value);
  }

  /** Length of the current element in bytes. */
  get lengthHere(): number {
    return this.cursor.reference ? this.deque.ropeHere().length : this.cursor.value.length;
  }

  /**
   * Calls back with the current element's bytes, in pieces if it is long: for saving. The pieces are valid during the
   * call.
   */
  piecesHere(visit: (piece: Slice) => void): void {
    if (!this.cursor.reference) {
      visit(this.cursor.value);
      return;
    }
    const rope = this.deque.ropeHere();
    for (let at = 0; at < rope.length; at += this.window.length) visit(rope.window(at, rope.length, this.window));
  }

  /** Takes the current element along: its bytes are copied, its rope changes hands (the element must go then). */
  holdHere(into: HeldElement): void {
    if (this.cursor.reference) {
      into.length = this.deque.ropeHere().length;
      this.deque.detachRopeHere(into.root);
      into.isRope = true;
    } else {
      into.hold(this.cursor.value);
    }
  }

  // --- adding; openToGrow() or makeReady() came before ---

  push(value: Slice, toFront: boolean): void {
    if (this.packed) {
      const size = packedSize(value.end - value.start);
      if (value.end - value.start <= MAX_PACKED && this.roomAtEnd(size, toFront)) {
        this.writeAtEnd(value, size, toFront);
        this.length++;
        return;
      }
      this.toDeque();
    }
    if (toFront) this.deque.pushFront(value);
    else this.deque.pushBack(value);
    this.length++;
  }

  pushHeld(element: HeldElement, toFront: boolean): void {
    if (!element.isRope) {
      this.push(element.value, toFront);
      return;
    }
    if (this.packed) this.toDeque();
    this.deque.pushRope(element.root, toFront);
    this.length++;
  }

  /** Inserts in front of the current element, or behind it. */
  insertHere(value: Slice, behind: boolean): void {
    this.length++;
    if (!this.packed) {
      this.deque.insertHere(value, behind);
      return;
    }
    const position = this.cursor.position;
    this.insertPacked(behind ? nextPosition(this.value.bytes, this.value.start, position) : position, value);
  }

  /** Replaces the current element. */
  replaceHere(value: Slice): void {
    if (!this.packed) {
      this.deque.replaceHere(value);
      this.shrink();
      return;
    }
    this.makeWritable();
    const { view, bytes, start } = this.value;
    const position = this.cursor.position;
    payloadAt(view, bytes, start, position, this.window);
    setRunNote(view, start, runNote(view, start) - listpackSize(this.window));
    const size = nextPosition(bytes, start, position) - position;
    this.insertPacked(closeHole(view, bytes, start, position, size), value);
  }

  // --- removing ---

  /** Removes fewer than all elements, from the front or from the back. */
  drop(count: number, fromFront: boolean): void {
    if (count === 0) return;
    this.length -= count;
    if (this.packed) this.dropPacked(count, fromFront);
    else if (fromFront) this.deque.dropFront(count);
    else this.deque.dropBack(count);
    this.shrink();
  }

  /** Removes up to `limit` elements equal to `value`; the list may be empty then. Returns how many. */
  removeMatches(value: Slice, limit: number, fromBack: boolean): number {
    let removed = 0;
    if (this.packed) {
      const found = this.deque.countMatches(this.value.view, this.value.bytes, this.value.start, value);
      removed = Math.min(found, limit);
      if (removed > 0) {
        this.makeWritable();
        const { view, bytes, start } = this.value;
        this.deque.sweep(view, bytes, start, value, fromBack ? found - removed : 0, removed);
        setRunNote(view, start, runNote(view, start) - removed * listpackSize(value));
      }
    } else {
      removed = this.deque.removeMatches(value, limit, fromBack);
    }
    this.length -= removed;
    if (removed > 0 && this.length > 0) this.shrink();
    return removed;
  }

  // --- the run in the entry ---

  private makeWritable(): void {
    this.arena.writable(this.ref);
    this.db.valueOf(this.ref, this.value);
  }

  /** Makes the run writable with a gap of `size` at one end; false if it can not be had in the entry. */
  private roomAtEnd(size: number, atFront: boolean): boolean {
    this.makeWritable();
    return this.gapAt(atFront) >= size || this.growRoom(size, atFront);
  }

  private gapAt(front: boolean): number {
    const { view, start, length } = this.value;
    return front ? runStart(view, start) - RUN_HEADER : length - runEnd(view, start);
  }

  private writeAtEnd(value: Slice, size: number, atFront: boolean): void {
    const { view, bytes, start } = this.value;
    const position = atFront ? extendFront(view, start, size) : extendBack(view, start, size);
    writeString(view, bytes, start, position, value);
    setRunNote(view, start, runNote(view, start) + listpackSize(value));
  }

  /** Moves the elements to one end of the room, of a larger one if this one is rather full. */
  private growRoom(size: number, gapAtFront: boolean): boolean {
    const used = runUsed(this.value.view, this.value.start);
    const needed = RUN_HEADER + used + size;
    // A quarter of slack, so that neither moving to and fro nor growing costs more than a few bytes per push.
    if (this.value.length < needed + (used >> 2)) {
      const largest = Math.min(MAX_ROOM, inlineRoom(this.db.keyOf(this.ref, this.window).length));
      if (needed > largest) return false;
      this.ref = this.db.resize(this.ref, ListKind.PACKED, Math.min(needed + (needed >> 2), largest));
      this.db.valueOf(this.ref, this.value);
    }
    const { view, bytes, start, length } = this.value;
    slide(view, bytes, start, gapAtFront ? length - used : RUN_HEADER);
    return true;
  }

  private insertPacked(position: number, value: Slice): void {
    this.makeWritable();
    const size = packedSize(value.length);
    const offset = position - runStart(this.value.view, this.value.start);
    const inEntry =
      value.length <= MAX_PACKED &&
      (fits(this.value.view, this.value.start, this.value.length, size) || this.growRoom(size, false));
    if (!inEntry) {
      this.insertInDeque(offset, value);
      return;
    }
    const { view, bytes, start, length } = this.value;
    const hole = openHole(view, bytes, start, length, runStart(view, start) + offset, size);
    writeString(view, bytes, start, hole, value);
    setRunNote(view, start, runNote(view, start) + listpackSize(value));
  }

  private insertInDeque(offset: number, value: Slice): void {
    const { view, bytes, start } = this.value;
    let index = 0;
    const position = runStart(view, start) + offset;
    for (let p = runStart(view, start); p < position; p = nextPosition(bytes, start, p)) index++;
    this.toDeque();
    if (index === this.deque.length) {
      this.deque.pushBack(value);
    } else {
      this.deque.seek(index);
      this.deque.insertHere(value, false);
    }
  }

  private dropPacked(count: number, fromFront: boolean): void {
    this.makeWritable();
    const { view, bytes, start } = this.value;
    let note = runNote(view, start);
    this.cursor.open(view, bytes, start, fromFront ? runStart(view, start) : runEnd(view, start));
    for (let i = 0; i < count; i++) {
      if (fromFront) this.cursor.next();
      else this.cursor.previous();
      note -= listpackSize(this.cursor.value);
    }
    const position = this.cursor.position;
    if (fromFront) cutFront(view, start, nextPosition(bytes, start, position), count);
    else cutBack(view, start, position, count);
    setRunNote(view, start, note);
  }

  /** After a removal: gives room back, and turns a Deque that has become short into a run. */
  private shrink(): void {
    if (this.packed) {
      const used = runUsed(this.value.view, this.value.start);
      if (this.value.length < SMALL_ROOM || used * 4 > this.value.length || !this.arena.canSpare()) return;
      slide(this.value.view, this.value.bytes, this.value.start, RUN_HEADER);
      this.ref = this.db.resize(this.ref, ListKind.PACKED, RUN_HEADER + used + (used >> 1));
      this.db.valueOf(this.ref, this.value);
    } else if (this.deque.nodeCount <= FEW_NODES && this.deque.ropeCount === 0) {
      const used = this.deque.usedBytes();
      if (!this.exceeds(used + LISTPACK_OVERHEAD, this.length, 0.5) && this.arena.canSpare()) this.toPacked(used);
    }
  }

  // --- the two forms ---

  /** Whether a listpack of this size and count is beyond `share` of what the configuration allows. */
  private exceeds(size: number, count: number, share: number): boolean {
    const limit = this.db.keyspace.limits.listMaxListpackSize;
    if (limit < 0) return size > LISTPACK_SIZES[Math.min(-limit, LISTPACK_SIZES.length) - 1] * share;
    return size > LISTPACK_SAFETY_LIMIT || count > Math.max(limit, 1) * share;
  }

  private openDeque(): void {
    this.deque.open(this.ref, this.db.valueOf(this.ref, this.value).start - ((this.ref & 0xfff) << 4));
  }

  private toDeque(): void {
    const { view, bytes, start } = this.value;
    const node = this.length === 0 ? 0 : this.deque.nodeOf(view, bytes, start);
    this.ref = this.db.resize(this.ref, ListKind.DEQUE, DEQUE_ROOT);
    this.packed = false;
    this.openDeque();
    this.deque.initialise(node);
  }

  private toPacked(used: number): void {
    const room = RUN_HEADER + used + (used >> 2);
    if (room > Math.min(MAX_ROOM, inlineRoom(this.db.keyOf(this.ref, this.window).length))) return;
    const head = this.deque.head;
    this.ref = this.db.resize(this.ref, ListKind.PACKED, room);
    this.packed = true;
    const { view, bytes, start } = this.db.valueOf(this.ref, this.value);
    initRun(view, start, RUN_HEADER, LISTPACK_OVERHEAD);
    this.deque.unload(head, view, bytes, start);
    let note = LISTPACK_OVERHEAD;
    this.cursor.open(view, bytes, start, RUN_HEADER);
    while (this.cursor.next()) note += listpackSize(this.cursor.value);
    setRunNote(view, start, note);
  }
}

/** The cursors over a database's lists. */
export function lists(db: Database): CursorPool<ListValue> {
  // Pushes are short enough for V8 to inline whole; what comes once per database stands outside.
  return (db.pools[LIST] as CursorPool<ListValue> | undefined) ?? createPool(db);
}

function createPool(db: Database): CursorPool<ListValue> {
  const pool = new CursorPool(db.arena, () => new ListValue(db));
  db.pools[LIST] = pool;
  return pool;
}

/** A cursor for the length of the command. */
export function openList(db: Database, ref: Ref): ListValue {
  return lists(db).lease().open(ref);
}

/** For loading: appends to a key's list, creating it with a deadline when `ref` is 0; returns its entry. */
export function appendToList(db: Database, key: Slice, ref: Ref, element: Slice, deadline: number): Ref {
  const list = lists(db).brief.openToGrow(key, ref, element.length, 1, deadline);
  list.push(element, false);
  return list.ref;
}

/**
 * For loading, before appendToList() is called for so many elements, of so many bytes in all: makes room for them at
 * once.
 */
export function expectInList(db: Database, key: Slice, ref: Ref, bytes: number, count: number, deadline: number): Ref {
  return lists(db).brief.openToGrow(key, ref, bytes, count, deadline).ref;
}
