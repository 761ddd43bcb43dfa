/**
 * Hashes: a HashedRun in the entry while the hash is small, a Table beyond. There is no object per hash; a HashValue is
 * a cursor over one hash at a time.
 *
 * - What OBJECT ENCODING says follows Redis's rules (hash-max-listpack-entries and -value; a listpack that became a
 *   hash table stays one, and one that had a field with a deadline stays a listpackex), the structure follows bytes. So
 *   there are six kinds.
 * - A hash in a database is never empty: who takes the last field deletes the key, or deletes it instead.
 * - A field is gone for everybody from its deadline on, but stays here until expiry removes it in its slices, and
 *   `length` counts it. A reader asks isDue; a writer makes such a field anew.
 * - Changes may move the entry: `ref` says where it is. Who changes turns to the hash by openToWrite().
 * - find() turns to a field, as rewind() and next() do. A walk ends at the first change, unless that removes.
 */

import { CursorPool } from '../../keyspace/cursor-pool.js';
import type { Database } from '../../keyspace/database.js';
import { Arena, PAGE_SIZE, type Ref } from '../../memory/arena.js';
import type { ByteSink } from '../../memory/byte-sink.js';
import { MAX_ELEMENT } from '../../memory/element.js';
import {
  DEADLINE_HEADER,
  FIELD_ENTRY,
  inlineRoom,
  keyFieldSize,
  NO_DEADLINE,
  PLAIN_HEADER,
  varintSize,
} from '../../memory/entry-layout.js';
import { HashedRun, MAX_RUN_ROOM } from '../../memory/hashed-run.js';
import { pagesBegun } from '../../memory/size-classes.js';
import { Slice, viewOf } from '../../memory/slice.js';
import { TABLE_ROOT, Table } from '../../memory/table.js';

/** The id of the type. */
export const HASH = 4;

export const HashKind = {
  LISTPACK_RUN: 32,
  LISTPACK_TABLE: 33,
  LISTPACK_EX_RUN: 34,
  LISTPACK_EX_TABLE: 35,
  HASHTABLE_RUN: 36,
  HASHTABLE_TABLE: 37,
} as const;

/** The bits of a kind. */
const TABLE = 1;
const LISTPACK_EX = 2;
const HASHTABLE = 4;

declare module '../../keyspace/database.js' {
  interface KeyspaceLimits {
    /** The most fields of a hash that is called a listpack. */
    hashMaxListpackEntries: number;
    /** The longest of its fields and values. */
    hashMaxListpackValue: number;
  }
}

/** Runs with less room are not worth making smaller. */
const SMALL_ROOM = 128;
/** What a table takes for a field beside its bytes: a header, two lengths, slots in the indexes, rounding. */
const BYTES_PER_FIELD = 64;
/** Blocks of a table that has just begun. */
const TABLE_OVERHEAD = 16 * 1024;
/** A write of fewer bytes needs no page that is not to spare, unless a run becomes a table by it. */
const SMALL_WRITE = 8 * 1024;
/** So many are a small write as well: a block each, of a size of its own. */
const FEW_WRITES = 6;
const LONGEST_SHORT_VALUE = 127;
/** Redis keeps a field's deadline in so many bits; it lies in the year 4199. */
export const LAST_DEADLINE = 2 ** 46 - 1;

/** Entries of a table that are about to be written. */
const entriesAhead = new Int32Array(64);

export class HashValue {
  /** Fields, with those that are due. */
  length = 0;
  /** The hash's entry. */
  ref: Ref = 0;
  private readonly arena: Arena;
  private readonly run = new HashedRun(true);
  private readonly table: Table;
  private kind = 0;
  private inRun = true;
  /** The entry of the current field in a table, and the position of the next one. */
  private found: Ref = 0;
  private position = 0;
  /** Keeps touchBelow() from being optimised away. */
  private touched = 0;
  /** What find() has looked for last. */
  private wanted = new Slice();
  /** The value in the key's entry: the run with its room, or the table's root. */
  private readonly value = new Slice();
  private readonly fieldText = new Slice();
  private readonly valueText = new Slice();
  private readonly window = new Slice();

  constructor(private readonly db: Database) {
    this.arena = db.arena;
    this.table = new Table(db.arena, FIELD_ENTRY, db.keyspace.hashSeeds);
  }

  /** Turns to the hash that an entry holds, before its first field. */
  open(ref: Ref): this {
    this.ref = ref;
    this.kind = this.db.kindOf(ref);
    this.openValue();
    return this;
  }

  /**
   * The same for who is going to change it: a page that a snapshot shares is copied now, so that no slice goes stale.
   */
  openToWrite(ref: Ref): this {
    this.arena.writable(ref);
    return this.open(ref);
  }

  private openValue(): void {
    const value = this.db.valueOf(this.ref, this.value);
    this.inRun = (this.kind & TABLE) === 0;
    if (this.inRun) {
      this.length = this.run.open(value.view, value.bytes, value.start, value.end - value.start).count;
    } else {
      this.table.open(this.ref, value.start - ((this.ref & 0xfff) << 4));
      this.length = this.table.size;
      this.position = 0;
    }
  }

  /**
   * Creates an empty hash, called a listpack, under a key that is not there, with room for so many fields; `bytes` is
   * what they and their values take as elements of a run, `longest` the longest of them.
   */
  create(key: Slice, count: number, bytes: number, longest: number, deadline: number = NO_DEADLINE): this {
    const needed = HashedRun.roomFor(count, bytes);
    const largest = Math.min(MAX_RUN_ROOM, inlineRoom(key.length));
    this.length = 0;
    this.inRun = needed <= largest && longest <= MAX_ELEMENT;
    this.kind = this.inRun ? HashKind.LISTPACK_RUN : HashKind.LISTPACK_TABLE;
    const header = deadline < 0 ? PLAIN_HEADER : DEADLINE_HEADER;
    const head = header + varintSize(key.length) + keyFieldSize(key.length);
    const size = this.inRun ? Math.min(roomInBlock(head, needed), largest) : TABLE_ROOT;
    this.ref = this.db.create(key, this.kind, size, deadline);
    const { view, bytes: target, start, length } = this.db.valueOf(this.ref, this.value);
    if (this.inRun) this.run.initialise(view, target, start, length);
    else this.table.initialise(this.ref, start - ((this.ref & 0xfff) << 4));
    return this;
  }

  // --- what Redis calls it ---

  get isListpack(): boolean {
    return this.kind < HashKind.HASHTABLE_RUN;
  }

  /** Whether it lies in its entry: then going through all of it takes no more than some microseconds. */
  get isShort(): boolean {
    return this.inRun;
  }

  /**
   * A hash of so many fields, of which the longest, or its value, is so long, may be called a hash table from now on.
   */
  nameFor(count: number, longest: number): void {
    if (!this.isListpack) return;
    const { hashMaxListpackEntries, hashMaxListpackValue } = this.db.keyspace.limits;
    if (count > hashMaxListpackEntries || longest > hashMaxListpackValue) this.rename(HASHTABLE);
  }

  /** It has a field with a deadline, or is to have one: a listpack is called by another name from now on. */
  nameForDeadlines(): void {
    if ((this.kind & ~TABLE) === HashKind.LISTPACK_RUN) this.rename(LISTPACK_EX);
  }

  private rename(name: number): void {
    this.kind = HashKind.LISTPACK_RUN | name | (this.kind & TABLE);
    this.ref = this.db.resize(this.ref, this.kind, this.value.end - this.value.start);
  }

  // --- finding and reading ---

  /** Turns to a field, due or not; false if it is not there. Then add() may follow, while the slice stays as it is. */
  find(field: Slice): boolean {
    this.wanted = field;
    if (this.inRun) return this.run.find(field);
    this.found = this.table.find(field);
    return this.found !== 0;
  }

  /** Turns to a field that is not due. */
  findLive(field: Slice): boolean {
    return this.find(field) && !this.isDue;
  }

  /** When the current field ends to be, or NO_DEADLINE. */
  get deadline(): number {
    return this.inRun ? this.run.deadlineHere() : this.table.deadlineOf(this.found);
  }

  /** Whether the current field is gone for everybody. */
  get isDue(): boolean {
    if (this.inRun ? this.run.deadlines === 0 : this.table.heap.size === 0) return false;
    const { deadline } = this;
    return deadline >= 0 && deadline <= this.db.keyspace.now();
  }

  /** Not later than the deadline of any field; Infinity if none has one. */
  get nextDeadline(): number {
    if (!this.inRun) return this.table.nextDeadline();
    const deadline = this.run.nextDeadline();
    return deadline < 0 ? Number.POSITIVE_INFINITY : deadline;
  }

  get hasDeadlines(): boolean {
    return this.inRun ? this.run.deadlines > 0 : this.table.heap.size > 0;
  }

  /** False if no field is due; not exact the other way. A walk ends with it. */
  get mayHaveDue(): boolean {
    return this.hasDeadlines && this.nextDeadline <= this.db.keyspace.now();
  }

  rewind(): void {
    if (this.inRun) this.run.rewind();
    else this.position = 0;
  }

  next(): boolean {
    if (this.inRun) return this.run.next();
    if (this.position >= this.length) return false;
    this.found = this.table.at(this.position++);
    return true;
  }

  nextLive(): boolean {
    while (this.next()) if (!this.isDue) return true;
    return false;
  }

  /** Turns to the field at a position, 0 <= position < length; it never has a higher one later, while it is there. */
  seek(position: number): void {
    if (this.inRun) this.run.seek(position);
    else this.found = this.table.at(position);
  }

  /** In a walk down the positions: see Table. */
  touchBelow(from: number, position: number, to: number): void {
    if (!this.inRun) this.touched ^= this.table.touchBelow(from, position, to);
  }

  /** Turns to a field, each with the same chance. */
  seekRandom(random: { below(limit: number): number }): void {
    if (!this.inRun) {
      this.found = this.table.at(random.below(this.length));
      return;
    }
    while (!this.run.tryDraw(random.below(this.run.draws)));
  }

  /** The current field; valid until the next call or change. */
  get fieldHere(): Slice {
    return this.inRun ? this.run.elementHere() : this.table.keyOf(this.found, this.fieldText);
  }

  /** Its value, the same; one that is long is copied together first. */
  get valueHere(): Slice {
    return this.inRun ? this.run.valueHere() : this.table.valueOf(this.found, this.valueText);
  }

  get valueLength(): number {
    return this.inRun ? this.run.valueHere().length : this.table.entries.valueLengthOf(this.found);
  }

  writeValueHere(sink: ByteSink): void {
    if (this.inRun) {
      sink.bulk(this.run.valueHere());
    } else if (this.table.entries.isLongValue(this.found)) {
      const rope = this.table.entries.longValueOf(this.found);
      sink.bulkHeader(rope.length);
      for (let at = 0; at < rope.length; at += this.window.length) {
        sink.rawSlice(rope.window(at, rope.length, this.window));
      }
      sink.bulkEnd();
    } else {
      sink.bulk(this.table.entries.valueFieldOf(this.found, this.valueText));
    }
  }

  /** Writes all fields that are not due, each with its value. */
  writeElements(sink: ByteSink): void {
    if (!this.mayHaveDue) {
      this.writeAll(sink);
      return;
    }
    for (this.rewind(); this.nextLive(); ) this.writePairHere(sink);
  }

  private writeAll(sink: ByteSink): void {
    if (this.inRun) {
      this.run.writeAll(sink);
      return;
    }
    // HGETALL of 1000 takes 0.87 of the time that asking for one entry after the other takes.
    for (let position = 0, count = 0; position < this.length; position += count) {
      count = this.table.dict.read(position, entriesAhead);
      for (let i = 0; i < count; i++) {
        this.found = entriesAhead[i];
        this.writePairHere(sink);
      }
    }
  }

  /** Writes the current field and its value. */
  writePairHere(sink: ByteSink): void {
    if (!this.inRun && this.table.entries.writePair(this.found, sink)) return;
    sink.bulk(this.fieldHere);
    this.writeValueHere(sink);
  }

  // --- changing ---

  /** Adds the field that find() has looked for in vain. */
  add(field: Slice, value: Slice, deadline: number = NO_DEADLINE): void {
    this.length++;
    if (this.inRun) {
      if (field.end - field.start <= MAX_ELEMENT && value.end - value.start <= MAX_ELEMENT) {
        if (this.fit(this.run.prepareAdd(value, deadline))) {
          this.run.add();
          return;
        }
      }
      this.toTable();
    }
    this.found = this.table.insertMissed(field, value.end - value.start, deadline);
    this.table.entries.writeValue(this.found, value);
  }

  /** Gives the field that find() turned to another value; its deadline stays. */
  set(value: Slice): void {
    if (this.inRun) {
      if (value.end - value.start <= MAX_ELEMENT && this.fit(this.run.prepareSet(value))) {
        this.run.set();
        return;
      }
      this.toTable();
      this.found = this.table.find(this.wanted);
    }
    this.found = this.table.setValue(this.found, value);
  }

  /**
   * Gives the field that find() turned to a deadline, or takes it away (NO_DEADLINE). The database is told by the
   * caller.
   */
  setDeadline(deadline: number): void {
    if (this.inRun) {
      if (deadline < 0 && this.run.deadlines === 0) return;
      if (this.fit(this.run.prepareSetDeadline(deadline))) {
        this.run.setDeadline();
        return;
      }
      this.toTable();
      this.found = this.table.find(this.wanted);
    }
    if (deadline >= 0) this.found = this.table.setDeadline(this.found, deadline);
    else if (this.table.heap.size > 0) this.found = this.table.clearDeadline(this.found);
  }

  /**
   * Removes the current field; next() goes on with the one after it in a run. trim() follows, or the key is deleted.
   */
  remove(): void {
    this.length--;
    if (this.inRun) this.run.removeHere();
    else this.table.remove(this.found);
  }

  /** Takes the next field that is due out of a table, in the order of deadlines; false where popDue() gives none. */
  private popDue(now: number): boolean {
    this.found = this.table.popDue(now);
    return this.found !== 0;
  }

  /** Removes fields that are due, each of which costs 1, and hands them over before; all of them may go. */
  expire(now: number, budget: { left: number }, visit: (field: Slice) => void): void {
    if (this.inRun) {
      for (this.rewind(); budget.left > 0 && this.next(); ) {
        const { deadline } = this;
        if (deadline < 0 || deadline > now) continue;
        visit(this.fieldHere);
        this.remove();
        budget.left--;
      }
      return;
    }
    for (; budget.left > 0; budget.left--) {
      if (this.popDue(now)) {
        visit(this.fieldHere);
        this.remove();
      } else if (this.table.nextDeadline() > now) {
        return;
      }
    }
  }

  // --- memory ---

  /** Makes sure that so many writes, of so many bytes in all, find their memory: in the checking half. */
  reserve(writes: number, bytes: number): void {
    if (!this.inRun) {
      if (writes > 1 || bytes > SMALL_WRITE || this.arena.hasSnapshots) {
        const pages = pagesBegun(writes, bytes + BYTES_PER_FIELD);
        this.table.reserve(writes, bytes + writes * BYTES_PER_FIELD + pages * PAGE_SIZE);
      }
    } else if (writes > FEW_WRITES || bytes > SMALL_WRITE || this.value.length + bytes > SMALL_WRITE) {
      // The run may grow by one size of block after the other.
      const most = this.value.length + bytes + writes * BYTES_PER_FIELD;
      const steps = pagesBegun(writes, Math.min(most, MAX_RUN_ROOM));
      reserveForFields(this.arena, this.length + writes, this.value.length + bytes, steps);
    }
  }

  /** After removals, and after a hash was made: gives room back that nothing needs. */
  trim(): void {
    if (!this.inRun) return;
    const room = this.value.end - this.value.start;
    if (room < SMALL_ROOM) return;
    const { leastRoom } = this.run;
    if (leastRoom * 2 > room || !this.arena.canSpare()) return;
    const smaller = roomInBlock(this.head, leastRoom);
    if (smaller >= room) return;
    this.run.shrink(smaller);
    this.ref = this.db.resize(this.ref, this.kind, smaller);
    this.openValue();
  }

  /** Bytes in the entry before the value's length. */
  private get head(): number {
    const { start, end } = this.value;
    return start - ((this.ref & 0xfff) << 4) - varintSize(end - start);
  }

  /** Makes room for what was prepared, which needs so much, or 0: there is enough. False if no run may have it. */
  private fit(needed: number): boolean {
    if (needed === 0) return true;
    if (needed > this.value.end - this.value.start) {
      const largest = Math.min(MAX_RUN_ROOM, inlineRoom(this.db.keyOf(this.ref, this.fieldText).length));
      if (needed > largest) return false;
      this.ref = this.db.resize(this.ref, this.kind, Math.min(roomInBlock(this.head, needed), largest));
      this.db.valueOf(this.ref, this.value);
    }
    const { view, bytes, start, length } = this.value;
    this.run.moved(view, bytes, start, length);
    return true;
  }

  /** The run becomes a table. */
  private toTable(): void {
    // A copy, because the root may take the place of the run's beginning.
    const bytes = this.value.toBuffer();
    this.kind |= TABLE;
    this.ref = this.db.resize(this.ref, this.kind, TABLE_ROOT);
    this.db.valueOf(this.ref, this.value);
    this.inRun = false;
    const { table } = this;
    table.initialise(this.ref, this.value.start - ((this.ref & 0xfff) << 4));
    const run = new HashedRun(true).open(viewOf(bytes), bytes, 0, bytes.length);
    while (run.next()) {
      const value = run.valueHere();
      const inserted = table.insert(run.elementHere(), value.length, run.deadlineHere());
      table.entries.writeValue(inserted, value);
    }
  }

  checkIntegrity(): void {
    if (this.length === 0) throw new Error('an empty hash');
    if (this.inRun) this.run.checkIntegrity();
    else this.table.checkIntegrity();
    if (this.kind === HashKind.LISTPACK_RUN && this.hasDeadlines) throw new Error('deadlines in a plain listpack');
  }
}

/**
 * The room that a run of this size finds in the smallest block that holds it, with an entry's `head` before its length.
 */
function roomInBlock(head: number, needed: number): number {
  const size = Arena.capacityFor(head + varintSize(needed) + needed);
  const room = size - head - 4;
  // A length below 128 takes one byte, which a longer one does not pay for with less room.
  return varintSize(room) === 4 ? room : Math.min(size - head - 1, LONGEST_SHORT_VALUE);
}

/**
 * Makes sure that a hash of so many fields, of so many bytes with their values, finds its memory, after it has grown in
 * so many steps.
 */
export function reserveForFields(arena: Arena, count: number, bytes: number, steps = 0): void {
  const pages = steps + pagesBegun(count, bytes + BYTES_PER_FIELD);
  arena.reserve(2 * bytes + count * BYTES_PER_FIELD + TABLE_OVERHEAD + pages * PAGE_SIZE);
}

class HashPool extends CursorPool<HashValue> {
  private readonly forExpiry: HashValue;

  constructor(db: Database) {
    super(db.arena, () => new HashValue(db));
    this.forExpiry = new HashValue(db);
  }

  /** For expiry alone, which may come up while a command has other cursors open. */
  get ofExpiry(): HashValue {
    return this.forExpiry;
  }
}

/** The cursors over a database's hashes. */
export function hashes(db: Database): HashPool {
  return (db.pools[HASH] ??= new HashPool(db)) as HashPool;
}
