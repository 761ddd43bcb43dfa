/**
 * Set algebra: the members of one set that are in all of some others, or in none of them.
 *
 * The intersection is allOf(smallest, others), the difference noneOf(first, others), and the union noneOf(i, those
 * before i) for each i. So none of them makes a temporary set; only where many sets are united or taken away does a
 * TemporarySet cost less than looking each member up in each of them.
 *
 * Tables are joined by their slots, hashed runs by the bytes of their elements, intsets by walking both in order. What
 * is of different forms is looked up member by member. All sets only are read; a set may be given several times, with a
 * cursor each.
 */

import type { Database } from '../../keyspace/database.js';
import { PAGE_SIZE, type Ref } from '../../memory/arena.js';
import type { IntegerSink } from '../../memory/byte-sink.js';
import { MEMBER_ENTRY } from '../../memory/entry-layout.js';
import { Slice } from '../../memory/slice.js';
import { TABLE_ROOT, Table } from '../../memory/table.js';
import { TableJoin } from '../../memory/table-join.js';
import { BYTES_PER_MEMBER, Form, type SetValue } from './value.js';

/** Members between two looks at whether there is memory for more. */
const RESERVED_MEMBERS = 1024;
/** Longer ones are asked for one by one. */
const LONG_MEMBER = 256;
/** For the sizes of blocks that these begin, and a run that doubles. */
const RESERVED_PAGES = 24;

export class Selection {
  private first!: SetValue;
  /** The others are those of `sets` from `from` on, before `to`. */
  private sets: readonly SetValue[] = [];
  private from = 0;
  private to = 0;
  private isWanted = true;
  private isJoin = false;
  private readonly join = new TableJoin();

  /** Turns to the members that all sets have. The fewer the first one has, the better. */
  allOf(sets: readonly SetValue[]): this {
    return this.begin(sets, 0, 1, sets.length, true);
  }

  /** Turns to the members of sets[at] that are in none of those from `from` on, before `to`. */
  noneOf(sets: readonly SetValue[], at: number, from: number, to: number): this {
    return this.begin(sets, at, from, to, false);
  }

  private begin(sets: readonly SetValue[], at: number, from: number, to: number, isWanted: boolean): this {
    const first = sets[at];
    this.first = first;
    this.sets = sets;
    this.from = from;
    this.to = to;
    this.isWanted = isWanted;
    this.isJoin = from < to && first.form === Form.TABLE;
    for (let i = from; i < to && this.isJoin; i++) this.isJoin = sets[i].form === Form.TABLE;
    if (this.isJoin) {
      const tables = sets.slice(from, to).map(({ table }) => table);
      if (isWanted) this.join.allOf(first.table, tables);
      else this.join.noneOf(first.table, tables);
      return this;
    }
    first.rewind();
    for (let i = from; i < to; i++) sets[i].rewind();
    return this;
  }

  /** Turns to the next of these members. */
  next(): boolean {
    if (this.isJoin) {
      const ref = this.join.next();
      if (ref !== 0) this.first.standOn(ref);
      return ref !== 0;
    }
    const { first, sets, from, to, isWanted } = this;
    if (from === to) return first.next();
    while (first.nextSelected(sets[from], isWanted)) if (this.isSelectedAfter(from)) return true;
    return false;
  }

  private isSelectedAfter(from: number): boolean {
    const { first, sets, to, isWanted } = this;
    for (let i = from + 1; i < to; i++) if (sets[i].hasSame(first) !== isWanted) return false;
    return true;
  }

  /** Valid until next(). */
  get member(): Slice {
    return this.first.memberHere;
  }

  /** The same for who only writes it. */
  writeMember(sink: IntegerSink): void {
    this.first.writeMemberHere(sink);
  }

  /** Adds the member to a set in which it is not yet. */
  addTo(set: SetValue): void {
    if (this.isJoin) set.addTwin(this.member, this.join.hash, this.first.table);
    else set.add(this.member);
  }
}

/** Looks at whether there is memory, every so many members. */
export class Reservation {
  private left = 0;

  constructor(private readonly db: Database) {}

  /** Before a member is added. */
  take(member: Slice): void {
    const length = member.end - member.start;
    if (--this.left >= 0 && length <= LONG_MEMBER) return;
    this.db.arena.reserve(RESERVED_MEMBERS * (BYTES_PER_MEMBER + LONG_MEMBER) + length + RESERVED_PAGES * PAGE_SIZE);
    this.left = RESERVED_MEMBERS;
  }
}

/** The members of many sets, for the length of a command. */
export class TemporarySet {
  readonly table: Table;
  private readonly root: Ref;
  private readonly key = new Slice();

  /** Throws OutOfMemoryError, having freed what it took. */
  constructor(
    private readonly db: Database,
    sources: readonly SetValue[],
  ) {
    const { arena } = db;
    arena.reserve(TABLE_ROOT);
    this.root = arena.allocate(TABLE_ROOT);
    this.table = new Table(arena, MEMBER_ENTRY, db.keyspace.hashSeeds).initialise(this.root, 0);
    try {
      this.fill(sources);
    } catch (error) {
      this.free();
      throw error;
    }
  }

  private fill(sources: readonly SetValue[]): void {
    const reservation = new Reservation(this.db);
    for (const source of sources) {
      for (source.rewind(); source.next(); ) {
        const member = source.memberHere;
        if (this.table.find(member) !== 0) continue;
        reservation.take(member);
        this.table.insert(member);
      }
    }
  }

  has(member: Slice): boolean {
    return this.table.find(member) !== 0;
  }

  get size(): number {
    return this.table.size;
  }

  /** The member at 0 <= position < size; valid until the next call. */
  at(position: number): Slice {
    return this.table.keyOf(this.table.at(position), this.key);
  }

  free(): void {
    this.table.free();
    this.db.arena.free(this.root);
  }
}
