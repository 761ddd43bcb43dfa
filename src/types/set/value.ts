/**
 * Sets: a sorted IntegerRun or a HashedRun in the entry while the set is small, a Table beyond. There is no object per
 * set; a SetValue is a cursor over one set at a time.
 *
 * - What OBJECT ENCODING says follows Redis's rules (set-max-intset-entries, set-max-listpack-entries and -value; what
 *   became a hashtable stays one), the structure follows bytes: what takes up to MAX_ROOM is a run. So a kind is a name
 *   and a structure. Whatever is not called an intset is no IntegerRun.
 * - A set in a database is never empty: who takes the last member deletes the key, or deletes it instead.
 * - Changes may move the entry: `ref` says where it is.
 * - find(), seek() and next() turn to a member. A walk ends at the first change.
 */

import { CursorPool } from '../../keyspace/cursor-pool.js';
import type { Database } from '../../keyspace/database.js';
import { NO_DEADLINE } from '../../keyspace/types.js';
import { Arena, PAGE_SIZE, type Ref } from '../../memory/arena.js';
import type { ByteSink, IntegerSink } from '../../memory/byte-sink.js';
import { MAX_ELEMENT, NewElement } from '../../memory/element.js';
import {
  DEADLINE_HEADER,
  inlineRoom,
  keyFieldSize,
  MEMBER_ENTRY,
  PLAIN_HEADER,
  varintSize,
} from '../../memory/entry-layout.js';
import { HashedRun } from '../../memory/hashed-run.js';
import { IntegerRun } from '../../memory/integer-run.js';
import { pagesBegun } from '../../memory/size-classes.js';
import { Slice, viewOf } from '../../memory/slice.js';
import { TABLE_ROOT, Table } from '../../memory/table.js';
import { Int64 } from '../../text/int64.js';

/** The id of the type. */
export const SET = 2;

/** Odd numbers are tables; what is above the lowest bit is the name. */
export const SetKind = {
  INTSET_RUN: 16,
  INTSET_TABLE: 17,
  LISTPACK_RUN: 18,
  LISTPACK_TABLE: 19,
  HASHTABLE_RUN: 20,
  HASHTABLE_TABLE: 21,
} as const;

const TABLE_BIT = 1;
const INTSET = SetKind.INTSET_RUN;
const LISTPACK = SetKind.LISTPACK_RUN;
const HASHTABLE = SetKind.HASHTABLE_RUN;

/** What a set is made of. */
export const Form = { INTEGERS: 0, RUN: 1, TABLE: 2 } as const;
export type Form = (typeof Form)[keyof typeof Form];

declare module '../../keyspace/database.js' {
  interface KeyspaceLimits {
    /** The most members of a set of integers that is called an intset. */
    setMaxIntsetEntries: number;
    /** The most members of a set that is called a listpack. */
    setMaxListpackEntries: number;
    /** The longest of them. */
    setMaxListpackValue: number;
  }
}

/** A run in an entry has no more room than this: it moves as a whole when it grows. */
const MAX_ROOM = 20_000;
/**
 * A table becomes a run again with at most so many members, which is looked at whenever it has a power of two of them.
 */
const FEW_MEMBERS = 64;
/** Runs with less room are not worth making smaller. */
const SMALL_ROOM = 128;
/** Sets of up to so many members are gone through in a few microseconds. */
const SHORT_LENGTH = 128;
/**
 * What a member takes in a table beside its bytes: header, what its block wastes, slot and place in the dense array.
 */
export const BYTES_PER_MEMBER = 64;
const LONGEST_INTEGER = 20;
const NINE = 0x39;

// A run between two places: it is made here, or saved from what is written over it.
let scratchBytes = Buffer.allocUnsafeSlow(MAX_ROOM);
let scratchView = viewOf(scratchBytes);
const scratchRun = new HashedRun(false);
const sizer = new NewElement();

export class SetValue {
  /** Members. */
  length = 0;
  /** The set's entry. */
  ref: Ref = 0;
  form: Form = Form.RUN;
  /** What it is made of; only the one that `form` says is open. */
  readonly integers: IntegerRun = new IntegerRun();
  readonly run: HashedRun = new HashedRun(false);
  readonly table: Table;
  private readonly arena: Arena;
  private kind: number = LISTPACK;
  /** The walk through a table: the next position, and the entry that it is at. */
  private position = 0;
  private here: Ref = 0;
  /** Keeps touchBelow() from being optimised away. */
  private touched = 0;
  /** The value in the entry: the run with its room, or the table's root. */
  private readonly value = new Slice();
  private readonly member = new Slice();
  private readonly key = new Slice();
  private readonly integer = new Int64();

  constructor(private readonly db: Database) {
    this.arena = db.arena;
    this.table = new Table(db.arena, MEMBER_ENTRY, db.keyspace.hashSeeds);
  }

  /** Turns to the set that an entry holds, before its first member. */
  open(ref: Ref): this {
    this.ref = ref;
    this.kind = this.db.kindOf(ref);
    const { view, bytes, start, end } = this.db.valueOf(ref, this.value);
    if ((this.kind & TABLE_BIT) !== 0) {
      this.form = Form.TABLE;
      this.length = this.table.open(ref, start - ((ref & 0xfff) << 4)).size;
      this.position = 0;
    } else if (this.kind === INTSET) {
      this.form = Form.INTEGERS;
      this.length = this.integers.open(view, bytes, start, end - start).count;
    } else {
      this.form = Form.RUN;
      this.length = this.run.open(view, bytes, start, end - start).count;
    }
    return this;
  }

  /**
   * Creates an empty set under a key that is not there, for `count` members of which this is the first, and whose bytes
   * as elements are these in all. The name goes by what is expected, as Redis gives it.
   */
  create(key: Slice, first: Slice, count: number, bytes: number, deadline: number = NO_DEADLINE): this {
    const { setMaxIntsetEntries, setMaxListpackEntries } = this.db.keyspace.limits;
    const isInteger = this.isInteger(first);
    const largest = Math.min(MAX_ROOM, inlineRoom(key.length));
    const header = deadline < 0 ? PLAIN_HEADER : DEADLINE_HEADER;
    const head = header + varintSize(key.length) + keyFieldSize(key.length);
    this.length = 0;
    if (isInteger && count <= setMaxIntsetEntries) {
      const width = IntegerRun.widthFor(this.integer);
      const needed = IntegerRun.roomFor(count, width);
      this.createRun(
        key,
        INTSET,
        roomInBlock(head, needed <= largest ? needed : IntegerRun.roomFor(1, width)),
        deadline,
      );
      return this;
    }
    const name = count <= setMaxListpackEntries ? LISTPACK : HASHTABLE;
    const needed = HashedRun.roomFor(count, bytes);
    if (needed <= largest && first.length <= MAX_ELEMENT) {
      this.createRun(key, name, Math.min(roomInBlock(head, needed), largest), deadline);
      return this;
    }
    this.kind = name | TABLE_BIT;
    this.ref = this.db.create(key, this.kind, TABLE_ROOT, deadline);
    this.initialiseTable();
    return this;
  }

  private createRun(key: Slice, kind: number, room: number, deadline: number): void {
    this.kind = kind;
    this.ref = this.db.create(key, kind, room, deadline);
    const { view, bytes, start, length } = this.db.valueOf(this.ref, this.value);
    if (kind === INTSET) {
      this.form = Form.INTEGERS;
      this.integers.initialise(view, bytes, start, length);
    } else {
      this.form = Form.RUN;
      this.run.initialise(view, bytes, start, length);
    }
  }

  private initialiseTable(): void {
    this.form = Form.TABLE;
    this.db.valueOf(this.ref, this.value);
    this.table.initialise(this.ref, this.value.start - ((this.ref & 0xfff) << 4));
  }

  /** Going through all of it takes no more than a few microseconds. */
  get isShort(): boolean {
    return this.length <= SHORT_LENGTH;
  }

  private isInteger(member: Slice): boolean {
    const { bytes, start, end } = member;
    const length = end - start;
    return length > 0 && length <= LONGEST_INTEGER && bytes[start] <= NINE && this.integer.parse(bytes, start, end);
  }

  // --- looking up and walking ---

  /** Turns to a member if it is there. */
  find(member: Slice): boolean {
    // Nothing longer can be in a run, which does not ask.
    if (this.form === Form.RUN) return member.end - member.start <= MAX_ELEMENT && this.run.find(member);
    if (this.form === Form.INTEGERS) return this.isInteger(member) && this.integers.find(this.integer);
    this.here = this.table.find(member);
    return this.here !== 0;
  }

  /**
   * Whether the member that another set is at is here too. Between two intsets both are walked in order: rewind() comes
   * first, and the other one goes only forwards.
   */
  hasSame(other: SetValue): boolean {
    if (this.form === Form.RUN && other.form === Form.RUN) return this.run.hasSame(other.run);
    if (this.form === Form.INTEGERS && other.form === Form.INTEGERS) {
      return this.integers.hasSame(other.integers);
    }
    return this.find(other.memberHere);
  }

  /** next(), as far as another set has the member too, or, unless that `isWanted`, has not; as hasSame() otherwise. */
  nextSelected(other: SetValue, isWanted: boolean): boolean {
    if (this.form === Form.RUN && other.form === Form.RUN) return this.run.nextSelected(other.run, isWanted);
    if (this.form === Form.INTEGERS && other.form === Form.INTEGERS) {
      return this.integers.nextSelected(other.integers, isWanted);
    }
    while (this.next()) if (other.hasSame(this) === isWanted) return true;
    return false;
  }

  rewind(): void {
    if (this.form === Form.RUN) this.run.rewind();
    else if (this.form === Form.INTEGERS) this.integers.rewind();
    else this.position = 0;
  }

  next(): boolean {
    if (this.form === Form.RUN) return this.run.next();
    if (this.form === Form.INTEGERS) return this.integers.next();
    if (this.position >= this.length) return false;
    this.here = this.table.at(this.position++);
    return true;
  }

  /** Turns to the member at 0 <= index < length of the walk. */
  seek(index: number): void {
    if (this.form === Form.RUN) this.run.seek(index);
    else if (this.form === Form.INTEGERS) this.integers.seek(index);
    else {
      this.here = this.table.at(index);
      this.position = index + 1;
    }
  }

  /** In a walk down the positions: see Table. */
  touchBelow(from: number, position: number, to: number): void {
    if (this.form === Form.TABLE) this.touched ^= this.table.touchBelow(from, position, to);
  }

  /** Turns to any member, each with the same chance. */
  seekRandom(): void {
    const { random } = this.db.keyspace;
    if (this.form === Form.TABLE) this.here = this.table.at(random.below(this.length));
    else if (this.form === Form.INTEGERS) this.integers.seek(random.below(this.length));
    else while (!this.run.tryDraw(random.below(this.run.draws)));
  }

  /** The member that the set is at; valid until it turns to another. */
  get memberHere(): Slice {
    if (this.form === Form.RUN) return this.run.elementHere();
    if (this.form === Form.INTEGERS) return this.integers.textHere();
    return this.table.keyOf(this.here, this.member);
  }

  /** memberHere for who only writes it. */
  writeMemberHere(sink: IntegerSink): void {
    if (this.form === Form.RUN) this.run.writeHere(sink);
    else if (this.form === Form.INTEGERS && this.integers.here.isInt32) sink.bulkInteger(this.integers.here.low);
    else sink.bulk(this.memberHere);
  }

  /** Turns to the member in an entry of the table. */
  standOn(ref: Ref): void {
    this.here = ref;
  }

  /** Writes all members. */
  writeMembers(sink: ByteSink): void {
    if (this.form === Form.TABLE) {
      const { table, member } = this;
      for (let position = 0; position < this.length; position++) sink.bulk(table.keyOf(table.at(position), member));
      return;
    }
    if (this.form === Form.RUN) {
      this.run.writeAll(sink);
      return;
    }
    for (this.rewind(); this.integers.next(); ) sink.bulk(this.integers.textHere());
  }

  /** Writes `count` members from an index of the walk on, backwards towards its beginning. */
  writeRange(sink: ByteSink, index: number, count: number, backwards: boolean): void {
    for (let i = 0; i < count; i++) {
      if (i === 0 || backwards) this.seek(backwards ? index - i : index);
      else this.next();
      sink.bulk(this.memberHere);
    }
  }

  // --- as what sorted sets are made of: each member has a score of 1 ---

  /** NaN if the member is not there. */
  scoreOf(member: Slice): number {
    return this.find(member) ? 1 : Number.NaN;
  }

  /** Hands over all members, each valid during the call, until the visitor returns false. */
  visit(visitor: (member: Slice, score: number) => boolean): void {
    for (this.rewind(); this.next(); ) if (!visitor(this.memberHere, 1)) return;
  }

  // --- adding ---

  /** Before so many members are added by one command: Redis gives up the small encodings for what might exceed them. */
  expect(count: number): void {
    const name = this.kind & ~TABLE_BIT;
    const { setMaxIntsetEntries, setMaxListpackEntries } = this.db.keyspace.limits;
    if (name === LISTPACK && count > setMaxListpackEntries) this.setName(HASHTABLE);
    else if (name === INTSET && count > setMaxIntsetEntries) this.leaveIntset(HASHTABLE);
  }

  /** Adds a member unless it is there. */
  add(member: Slice): boolean {
    if (this.form === Form.INTEGERS && this.isInteger(member)) {
      if (this.integers.find(this.integer)) return false;
      if (this.addInteger()) return true;
    } else if (this.form !== Form.INTEGERS && this.find(member)) return false;
    const wasRun = this.form === Form.RUN;
    this.makeName(member);
    this.length++;
    if (this.form === Form.RUN) {
      // The run of another name has looked for it as well; one that was made just now has not.
      if (!wasRun) this.run.find(member);
      if (member.end - member.start <= MAX_ELEMENT && this.addToRun()) return true;
      this.toTable();
    }
    this.here = this.table.insertMissed(member);
    return true;
  }

  /** Adds a member that is not there and stands in a slot of another table with this hash. */
  addTwin(member: Slice, hash: number, other: Table): void {
    if (this.form !== Form.TABLE || !this.table.dict.hashesLike(other.dict)) {
      this.add(member);
      return;
    }
    this.makeName(member);
    this.length++;
    this.here = this.table.insertTwin(hash, member);
  }

  /** Adds the integer that was looked for to the run of integers; false if none may be so large. */
  private addInteger(): boolean {
    if (this.length >= this.db.keyspace.limits.setMaxIntsetEntries) return false;
    this.makeWritable();
    const needed = this.integers.prepareAdd();
    if (needed > 0) {
      if (!this.makeRoom(needed)) return false;
      const { view, bytes, start, length } = this.value;
      this.integers.moved(view, bytes, start, length);
    }
    this.integers.add();
    this.length++;
    return true;
  }

  /** Adds the member that was looked for to the run; false if none may be so large. */
  private addToRun(): boolean {
    const { run } = this;
    this.makeWritable();
    const needed = run.prepareAdd();
    if (needed > 0) {
      if (needed > this.value.length && !this.makeRoom(needed)) return false;
      const { view, bytes, start, length } = this.value;
      run.moved(view, bytes, start, length);
    }
    run.add();
    return true;
  }

  /** Gives the set the name, and so the structure, that it has with one member more. */
  private makeName(member: Slice): void {
    const name = this.kind & ~TABLE_BIT;
    if (name === HASHTABLE) return;
    const { setMaxIntsetEntries, setMaxListpackEntries, setMaxListpackValue } = this.db.keyspace.limits;
    const size = member.end - member.start;
    if (name === LISTPACK) {
      if (this.length >= setMaxListpackEntries || size > setMaxListpackValue) this.setName(HASHTABLE);
      return;
    }
    if (this.isInteger(member)) {
      if (this.length >= setMaxIntsetEntries) this.leaveIntset(HASHTABLE);
      else if (this.form === Form.INTEGERS) this.toTable();
      return;
    }
    const longest = Math.max(size, this.form === Form.INTEGERS ? this.longestInteger() : LONGEST_INTEGER);
    const isListpack = this.length < setMaxListpackEntries && longest <= setMaxListpackValue;
    this.leaveIntset(isListpack ? LISTPACK : HASHTABLE);
  }

  private longestInteger(): number {
    this.integers.seek(0);
    const first = this.integers.textHere().length;
    this.integers.seek(this.length - 1);
    return Math.max(first, this.integers.textHere().length);
  }

  private setName(name: number): void {
    this.kind = name | (this.kind & TABLE_BIT);
    this.ref = this.db.resize(this.ref, this.kind, this.db.valueOf(this.ref, this.value).length);
    this.open(this.ref);
  }

  /** An intset is called something else from now on: its run becomes one of elements. */
  private leaveIntset(name: number): void {
    if (this.form === Form.TABLE) {
      this.setName(name);
      return;
    }
    const { integers } = this;
    const needed = HashedRun.roomFor(this.length, this.length * (integers.plainWidth + 1));
    const room = roomInBlock(this.head, needed);
    if (room > this.largestRoom) {
      this.kind = name;
      this.toTable();
      return;
    }
    integers.rewind();
    beginScratch(room);
    while (integers.next()) addToScratch(integers.textHere());
    this.takeScratch(name, room);
  }

  /**
   * Makes sure that a run finds its memory that is to have so many members more, for which so many bytes suffice in a
   * table: it may grow by one size of block after the other, and then become a table.
   */
  reserveToLeaveRun(count: number, bytes: number): void {
    const pages = pagesBegun(count, MAX_ROOM) + pagesBegun(this.length, MAX_ELEMENT + BYTES_PER_MEMBER);
    this.arena.reserve(bytes + 2 * MAX_ROOM + this.length * BYTES_PER_MEMBER + pages * PAGE_SIZE);
  }

  // --- removing ---

  /** Removes a member of several; false if it is not there. */
  remove(member: Slice): boolean {
    if (!this.find(member)) return false;
    if (this.form !== Form.TABLE && this.makeWritable()) this.find(member);
    this.removeHere();
    return true;
  }

  /** Before seekRandom() and removeHere(). */
  openToRemove(): void {
    if (this.form !== Form.TABLE) this.makeWritable();
  }

  /** Removes the member that the set is at, which is not the last one. */
  removeHere(): void {
    this.length--;
    if (this.form === Form.TABLE) {
      this.table.remove(this.here);
      if ((this.length & (this.length - 1)) === 0) this.leaveTable();
      return;
    }
    if (this.form === Form.RUN) this.run.removeHere();
    else this.integers.removeHere();
    if (this.value.length >= SMALL_ROOM) this.shrink();
  }

  /**
   * Removes so many members of a table, though not all, where each subset has the same chance, and hands over each
   * before. They are chosen as they lie in memory, since the processor would wait for each of as many random picks.
   */
  removeSample(count: number, visit: (member: Slice) => void): void {
    const { random } = this.db.keyspace;
    const { table } = this;
    const chosen = new Int32Array(count);
    let found = 0;
    for (let position = this.length - 1; found < count; position--) {
      if (random.below(position + 1) >= count - found) continue;
      chosen[found] = table.at(position);
      visit(table.keyOf(chosen[found++], this.member));
    }
    table.removeAll(chosen);
    this.length -= count;
    this.leaveTable();
  }

  /** Makes a run of a table of few members, if there is memory for it. */
  private leaveTable(): void {
    if (this.length <= FEW_MEMBERS && this.arena.canSpare()) this.toRun();
  }

  /** Gives room back after removals, if there is much. */
  private shrink(): void {
    const least = this.form === Form.RUN ? this.run.leastRoom : this.integers.leastRoom;
    if (least * 3 > this.value.length || !this.arena.canSpare()) return;
    const room = roomInBlock(this.head, least + (least >> 2));
    if (room >= this.value.length) return;
    if (this.form === Form.RUN) this.run.shrink(room);
    this.ref = this.db.resize(this.ref, this.kind, room);
    this.open(this.ref);
  }

  /** After a set was made of others: gives back the room that is left, if that is much. */
  trim(): void {
    if (this.form === Form.TABLE || this.value.length < SMALL_ROOM || !this.arena.canSpare()) return;
    const room = roomInBlock(this.head, this.form === Form.RUN ? this.run.leastRoom : this.integers.leastRoom);
    if (room >= this.value.length) return;
    if (this.form === Form.RUN) this.run.shrink(room);
    this.ref = this.db.resize(this.ref, this.kind, room);
    this.open(this.ref);
  }

  // --- the value in the entry ---

  /** True if what is open has been opened anew, and stands nowhere. */
  private makeWritable(): boolean {
    this.arena.writable(this.ref);
    if (this.arena.views[this.ref >>> 12] === this.value.view) return false;
    const { view, bytes, start, length } = this.db.valueOf(this.ref, this.value);
    if (this.form === Form.RUN) this.run.open(view, bytes, start, length);
    else this.integers.moved(view, bytes, start, length);
    return true;
  }

  /** Gives the value room for so much; false if no run may have it. */
  private makeRoom(needed: number): boolean {
    const { largestRoom } = this;
    if (needed > largestRoom) return false;
    // What is being made of other sets doubles, so that few sizes of blocks are begun; trim() follows.
    const wanted = this.db.index < 0 ? 2 * needed : needed;
    this.ref = this.db.resize(this.ref, this.kind, Math.min(roomInBlock(this.head, wanted), largestRoom));
    this.db.valueOf(this.ref, this.value);
    return true;
  }

  private get largestRoom(): number {
    return Math.min(MAX_ROOM, inlineRoom(this.db.keyOf(this.ref, this.key).length));
  }

  /** Bytes of the entry up to the value's length. */
  private get head(): number {
    const { start, length } = this.db.valueOf(this.ref, this.value);
    return start - ((this.ref & 0xfff) << 4) - varintSize(length);
  }

  // --- from form to form ---

  private toTable(): void {
    const { bytes, start, length } = this.db.valueOf(this.ref, this.value);
    const isOfIntegers = this.form === Form.INTEGERS;
    const { scratch } = this;
    growScratch(length);
    bytes.copy(scratchBytes, 0, start, start + length);
    if (isOfIntegers) this.integers.open(scratchView, scratchBytes, 0, length);
    else scratchRun.open(scratchView, scratchBytes, 0, length);
    this.kind |= TABLE_BIT;
    this.ref = this.db.resize(this.ref, this.kind, TABLE_ROOT);
    this.initialiseTable();
    if (isOfIntegers) while (this.integers.next()) this.table.insert(scratch.setFrom(this.integers.textHere()));
    else while (scratchRun.next()) this.table.insert(scratchRun.elementHere());
  }

  private readonly scratch = new Slice();

  /** If the few members of a table take little. */
  private toRun(): void {
    const { table, member, length } = this;
    let bytes = 0;
    for (let position = 0; position < length; position++) {
      table.keyOf(table.at(position), member);
      if (member.end - member.start > MAX_ELEMENT) return;
      bytes += sizer.set(member).size;
    }
    const room = roomInBlock(this.head, HashedRun.roomFor(length, bytes));
    const name = this.kind & ~TABLE_BIT;
    if (room > this.largestRoom / 2 || name === INTSET) return;
    beginScratch(room);
    for (let position = 0; position < length; position++) addToScratch(table.keyOf(table.at(position), member));
    table.free();
    this.takeScratch(name, room);
  }

  /** The run that was made in the scratch becomes the value. */
  private takeScratch(kind: number, room: number): void {
    this.ref = this.db.resize(this.ref, kind, room);
    const { bytes, start } = this.db.valueOf(this.ref, this.value);
    scratchBytes.copy(bytes, start, 0, room);
    this.open(this.ref);
  }

  // --- proof ---

  /** Throws unless the structure is sound and its members are those of the name. */
  checkIntegrity(): void {
    if (this.form === Form.TABLE) this.table.checkIntegrity();
    else if (this.form === Form.RUN) this.run.checkIntegrity();
    else this.integers.checkIntegrity();
    if (this.length === 0) throw new Error('an empty set');
    if ((this.kind & ~TABLE_BIT) !== INTSET) return;
    for (this.rewind(); this.next(); ) {
      if (!this.isInteger(this.memberHere)) throw new Error(`an intset holds ${this.memberHere.toLatin1()}`);
    }
  }
}

function growScratch(room: number): void {
  if (room <= scratchBytes.length) return;
  scratchBytes = Buffer.allocUnsafeSlow(room);
  scratchView = viewOf(scratchBytes);
}

function beginScratch(room: number): void {
  growScratch(room);
  scratchRun.initialise(scratchView, scratchBytes, 0, room);
}

/** Adds a member that is not there; there is room. */
function addToScratch(member: Slice): void {
  scratchRun.find(member);
  if (scratchRun.prepareAdd() > 0) scratchRun.moved(scratchView, scratchBytes, 0, scratchRun.room);
  scratchRun.add();
}

/** The bytes of a member as an element of a run. */
export function elementBytes(member: Slice): number {
  return sizer.set(member).size;
}

const LONGEST_SHORT = 127;

/**
 * All the room for a value in the block that one with `head` bytes before the value's length and room for `needed`
 * takes.
 */
function roomInBlock(head: number, needed: number): number {
  const size = Arena.capacityFor(head + varintSize(needed) + needed);
  const room = size - head - 4;
  // A length below 128 takes one byte, which a longer one does not pay for with less room.
  return varintSize(room) === 4 ? room : Math.min(size - head - 1, LONGEST_SHORT);
}

/** The cursors over a database's sets. */
export function sets(db: Database): CursorPool<SetValue> {
  return (db.pools[SET] ??= new CursorPool(db.arena, () => new SetValue(db))) as CursorPool<SetValue>;
}

/** A cursor for the length of the command. */
export function openSet(db: Database, ref: Ref): SetValue {
  return sets(db).lease().open(ref);
}
