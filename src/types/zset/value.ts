/**
 * Sorted sets: a ScoredRun in the entry while the set is small, a ScoreTable beyond. There is no object per set; a
 * ZSetValue is a cursor over one set at a time.
 *
 * - What OBJECT ENCODING says follows Redis's rules (zset-max-listpack-entries and -value; a listpack that became a
 *   skiplist stays one), the structure follows bytes. So there are four kinds.
 * - A listpack keeps whole scores as integers: -0 becomes 0 in what Redis calls a listpack, and only there.
 * - A set in a database is never empty: who takes the last member deletes the key, or deletes it instead.
 * - Changes may move the entry: `ref` says where it is.
 * - find() and add() turn to a member; first(), last(), seek() and what follows them walk in the order of scores. A
 *   walk ends at the first change. Scores are no NaN.
 */

import { CursorPool } from '../../keyspace/cursor-pool.js';
import type { Database } from '../../keyspace/database.js';
import { NO_DEADLINE } from '../../keyspace/types.js';
import { Arena, PAGE_SIZE, type Ref } from '../../memory/arena.js';
import type { ByteSink } from '../../memory/byte-sink.js';
import { MAX_ELEMENT } from '../../memory/element.js';
import { DEADLINE_HEADER, inlineRoom, keyFieldSize, PLAIN_HEADER, varintSize } from '../../memory/entry-layout.js';
import { SCORE_TABLE_ROOT, ScoreTable } from '../../memory/score-table.js';
import { SCORED_RUN_HEADER, ScoredRun } from '../../memory/scored-run.js';
import { pagesBegun } from '../../memory/size-classes.js';
import { compareBytes, Slice, viewOf } from '../../memory/slice.js';
import { TOUCHED_AT_ONCE } from '../../memory/structure.js';
import { formatDouble } from '../../text/numbers.js';

/** The id of the type. */
export const ZSET = 3;

/** Even numbers are runs, and the lower two are what Redis calls a listpack. */
export const ZSetKind = {
  LISTPACK_RUN: 24,
  LISTPACK_TABLE: 25,
  SKIPLIST_RUN: 26,
  SKIPLIST_TABLE: 27,
} as const;

const TABLE_BIT = 1;
const SKIPLIST_BIT = 2;

declare module '../../keyspace/database.js' {
  interface KeyspaceLimits {
    /** The most members of a set that is called a listpack. */
    zsetMaxListpackEntries: number;
    /** The longest of its members. */
    zsetMaxListpackValue: number;
  }
}

/** A run in an entry has no more room than this: it moves as a whole when it grows. */
const MAX_ROOM = 20_000;
/** A change of score in a longer run costs more than in a table. */
const MAX_RUN_LENGTH = 400;
/** A table of as many members, or fewer by a power of two, is looked at for becoming a run again. */
const FEW_MEMBERS = 64;
/** Runs with less room are not worth making smaller. */
const SMALL_ROOM = 128;
/** Blocks of a table that has just begun: index, dense array, nodes. */
const TABLE_OVERHEAD = 16 * 1024;
/** What an entry, its slots in the indexes and its place in the tree take beside the member. */
export const BYTES_PER_MEMBER = 96;

/** A bound of a range by score. */
export interface ScoreBound {
  value: number;
  isExclusive: boolean;
}

/** A bound of a range by member: -1 is before all members, 1 after all, 0 what `member` says. */
export interface LexBound {
  side: number;
  member: Slice;
  isExclusive: boolean;
}

export class ZSetValue {
  /** Members. */
  length = 0;
  /** The set's entry. */
  ref: Ref = 0;
  private readonly arena: Arena;
  private readonly run = new ScoredRun();
  private readonly table: ScoreTable;
  private kind: number = ZSetKind.LISTPACK_RUN;
  private inRun = true;
  /** The member's entry that find() turned to. */
  private found: Ref = 0;
  /** Keeps touchAhead() and its like from being optimised away. */
  private touched = 0;
  /** The value in the entry: the run with its room, or the table's root. */
  private readonly value = new Slice();
  private readonly member = new Slice();
  private readonly key = new Slice();

  constructor(private readonly db: Database) {
    this.arena = db.arena;
    this.table = new ScoreTable(db.arena, db.keyspace.hashSeeds);
  }

  /** Turns to the set that an entry holds. */
  open(ref: Ref): this {
    this.ref = ref;
    this.kind = this.db.kindOf(ref);
    this.openValue();
    return this;
  }

  private openValue(): void {
    const value = this.db.valueOf(this.ref, this.value);
    this.inRun = (this.kind & TABLE_BIT) === 0;
    if (this.inRun) {
      this.run.open(value.view, value.bytes, value.start, value.end - value.start);
      this.length = this.run.count;
    } else {
      this.table.open(this.ref, value.start - ((this.ref & 0xfff) << 4));
      this.length = this.table.size;
    }
  }

  /**
   * Creates an empty set under a key that is not there. It is a table at once if it is to have more members than a run,
   * or a longer one; what Redis would call it says isListpack.
   */
  create(key: Slice, count: number, longest: number, isListpack: boolean, deadline: number = NO_DEADLINE): this {
    const name = isListpack ? 0 : SKIPLIST_BIT;
    const needed = SCORED_RUN_HEADER + longest + 1;
    if (count > MAX_RUN_LENGTH || longest > MAX_ELEMENT || needed > this.largestRoom(key.length)) {
      this.kind = ZSetKind.LISTPACK_TABLE | name;
      this.ref = this.db.create(key, this.kind, SCORE_TABLE_ROOT, deadline);
      this.db.valueOf(this.ref, this.value);
      this.inRun = false;
      this.length = 0;
      this.table.initialise(this.ref, this.value.start - ((this.ref & 0xfff) << 4));
      return this;
    }
    this.kind = ZSetKind.LISTPACK_RUN | name;
    const header = deadline < 0 ? PLAIN_HEADER : DEADLINE_HEADER;
    const head = header + varintSize(key.length) + keyFieldSize(key.length);
    this.ref = this.db.create(key, this.kind, roomInBlock(head, needed), deadline);
    const { view, bytes, start, length } = this.db.valueOf(this.ref, this.value);
    this.run.initialise(view, bytes, start, length);
    this.inRun = true;
    this.length = 0;
    return this;
  }

  /** Whether Redis would call a new set of so many members a listpack. */
  fitsListpack(count: number, longest: number): boolean {
    const { zsetMaxListpackEntries, zsetMaxListpackValue } = this.db.keyspace.limits;
    return count <= zsetMaxListpackEntries && longest <= zsetMaxListpackValue;
  }

  get isListpack(): boolean {
    return (this.kind & SKIPLIST_BIT) === 0;
  }

  /** SORT turns listpacks into skiplists in Redis, and leaves them so. */
  becomeSkiplist(): void {
    if (this.isListpack) this.rename();
  }

  /** Going through all of it takes no more than a few microseconds. */
  get isShort(): boolean {
    return this.inRun;
  }

  // --- lookups ---

  /** Turns to a member; false if it is not there. Then add() may follow, while the slice stays valid. */
  find(member: Slice): boolean {
    if (this.inRun) return this.run.find(member);
    this.found = this.table.find(member);
    return this.found !== 0;
  }

  /** The score of the member that find() turned to. */
  get score(): number {
    return this.inRun ? this.run.scoreHere() : this.table.scoreOf(this.found);
  }

  /** How many members are before the one that find() turned to. */
  get rank(): number {
    return this.inRun ? this.run.rank : this.table.rankOf(this.found);
  }

  /** The score of a member, NaN if it is not there. */
  scoreOf(member: Slice): number {
    return this.find(member) ? this.score : Number.NaN;
  }

  // --- changes ---

  /** Adds the member that find() has looked for in vain. */
  add(member: Slice, score: number): void {
    const size = member.end - member.start;
    if (this.isListpack) {
      if (this.fitsListpack(this.length + 1, size)) score = score + 0;
      else this.rename();
    }
    this.length++;
    if (this.inRun) {
      if (this.length <= MAX_RUN_LENGTH && size <= MAX_ELEMENT) {
        this.makeWritable();
        if (this.fitRun(this.run.prepareAdd(score))) {
          this.run.add();
          return;
        }
      }
      this.toTable();
    }
    this.found = this.table.add(member, score);
  }

  /** Changes the score of the member that find() turned to. */
  setScore(score: number): void {
    if (this.isListpack) score = score + 0;
    if (!this.inRun) {
      this.table.setScore(this.found, score);
      return;
    }
    this.makeWritable();
    if (this.fitRun(this.run.prepareSetScore(score))) {
      this.run.setScore();
      return;
    }
    this.member.setFrom(this.run.memberHere());
    const member = Slice.of(this.member.toBuffer());
    this.toTable();
    this.found = this.table.find(member);
    this.table.setScore(this.found, score);
  }

  /** Removes the member that find() turned to, which is not the last one. */
  remove(): void {
    this.length--;
    if (this.inRun) {
      this.makeWritable();
      this.run.removeHere();
    } else {
      this.table.remove(this.found);
    }
    this.shrink();
  }

  /** Removes fewer than all members, from a rank on. */
  removeRange(rank: number, count: number): void {
    if (count === 0) return;
    this.length -= count;
    if (this.inRun) {
      this.makeWritable();
      this.run.removeRange(rank, count);
    } else {
      this.table.removeRange(rank, count);
    }
    this.shrink();
  }

  // --- building a large one, which was created for many members: they come in any order, then putInOrder() ---

  /** Whether a set of so many members is built so. */
  static isLarge(count: number): boolean {
    return count > MAX_RUN_LENGTH;
  }

  /** Adds a member that is not there. */
  addUnordered(member: Slice, score: number): void {
    this.length++;
    this.found = this.table.addUnordered(member, score);
  }

  setUnorderedScore(score: number): void {
    this.table.setUnorderedScore(this.found, score);
  }

  putInOrder(): void {
    this.table.putInOrder();
  }

  /** After a set was built: gives it the name and the structure that one of its size has. */
  fit(longest: number): void {
    if (this.isListpack !== this.fitsListpack(this.length, longest)) this.rename();
    if (this.inRun) this.trim();
    else if (this.length <= MAX_RUN_LENGTH / 2 && this.length > 0) this.toRun();
  }

  // --- walking in the order of scores ---

  /** Turns to the member with so many before it; false if there is none. */
  seek(rank: number): boolean {
    if (!this.inRun) return this.table.tree.atRank(rank);
    this.run.seek(rank);
    return rank >= 0 && rank < this.length;
  }

  /** Turns to the first member whose score a lower bound lets in; false if there is none. */
  seekScore(bound: ScoreBound): boolean {
    if (this.inRun) return this.seek(this.countBelow(bound));
    return this.table.tree.seekScore(bound.value, bound.isExclusive);
  }

  next(): boolean {
    return this.inRun ? this.run.next() : this.table.tree.next();
  }

  previous(): boolean {
    return this.inRun ? this.run.previous() : this.table.tree.previous();
  }

  /** Before a walk over the next `count` members: their entries come into the cache together, not one by one. */
  touchAhead(count: number, backwards = false): void {
    if (!this.inRun) this.touched ^= this.table.tree.touchAhead(count, backwards);
  }

  /** In a walk down the positions: see Table. */
  touchBelow(from: number, position: number, to: number): void {
    if (!this.inRun) this.touched ^= this.table.table.touchBelow(from, position, to);
  }

  /** The member that the walk is at; valid until the next step or call. */
  get memberHere(): Slice {
    return this.inRun ? this.run.memberHere() : this.table.memberOf(this.table.tree.entry, this.member);
  }

  get scoreHere(): number {
    return this.inRun ? this.run.scoreHere() : this.table.tree.score;
  }

  /** What memberAt() finds the member by that the walk is at, without looking at it; valid until the set changes. */
  get placeHere(): number {
    return this.inRun ? this.run.rank : this.table.tree.entry;
  }

  /** Before memberAt() of several places: see touchAhead(). */
  touchAt(place: number): void {
    if (!this.inRun) this.touched ^= this.table.table.touch(place);
  }

  /** The member of a place; valid until the next one, or the next step or call. */
  memberAt(place: number): Slice {
    if (!this.inRun) return this.table.memberOf(place, this.member);
    this.run.seek(place);
    return this.run.memberHere();
  }

  // --- bounds: how many members are before a range's end ---

  /** How many members have a score that a lower bound keeps out. */
  countBelow({ value, isExclusive }: ScoreBound): number {
    if (this.inRun) return isExclusive ? this.run.countUpTo(value) : this.run.countBelow(value);
    return this.table.tree.seekScore(value, isExclusive) ? this.table.tree.rank : this.length;
  }

  /** How many members have a score that an upper bound lets in, or a lower one. */
  countUpTo({ value, isExclusive }: ScoreBound): number {
    if (this.inRun) return isExclusive ? this.run.countBelow(value) : this.run.countUpTo(value);
    return this.table.tree.seekScore(value, !isExclusive) ? this.table.tree.rank : this.length;
  }

  /**
   * Where a range by member begins and ends, [from, to), counted in ranks; both are 0 if it is empty. It means
   * something where all scores are equal. Where they are not, Redis goes through a listpack from the end that it begins
   * at, and so does this.
   */
  lexRange(min: LexBound, max: LexBound, backwards: boolean, into: RankRange): void {
    into.from = into.to = 0;
    if (isEmptyRange(min, max) || this.length === 0) return;
    if (this.inRun) {
      this.lexRangeOfRun(min, max, backwards, into);
      return;
    }
    const from = this.countBefore(min, min.isExclusive);
    const to = this.countBefore(max, !max.isExclusive);
    if (from >= to) return;
    into.from = from;
    into.to = to;
  }

  private lexRangeOfRun(min: LexBound, max: LexBound, backwards: boolean, into: RankRange): void {
    const { length } = this;
    this.seek(length - 1);
    if (!isAtLeast(this.memberHere, min)) return;
    this.seek(0);
    if (!isAtMost(this.memberHere, max)) return;
    if (backwards) {
      let to = length;
      while (to > 0 && this.seek(to - 1) && !isAtMost(this.memberHere, max)) to--;
      let from = to;
      while (from > 0 && this.seek(from - 1) && isAtLeast(this.memberHere, min)) from--;
      into.from = from;
      into.to = to;
    } else {
      let from = 0;
      while (from < length && this.seek(from) && !isAtLeast(this.memberHere, min)) from++;
      let to = from;
      while (to < length && this.seek(to) && isAtMost(this.memberHere, max)) to++;
      into.from = from;
      into.to = to;
    }
  }

  private countBefore({ side, member }: LexBound, isExclusive: boolean): number {
    if (side !== 0) return side < 0 ? 0 : this.length;
    return this.table.tree.seekMember(member, isExclusive) ? this.table.tree.rank : this.length;
  }

  /** Hands over all members, in any order, each valid during the call, until the visitor returns false. */
  visit(visitor: (member: Slice, score: number) => boolean): void {
    if (this.inRun) {
      for (let there = this.seek(0); there; there = this.next()) if (!visitor(this.memberHere, this.scoreHere)) return;
      return;
    }
    // As they lie in memory: ZINTERSTORE of large sets takes half of the time that the order of scores does.
    const { table } = this.table;
    for (let position = 0; position < this.length; position++) {
      const entry = table.at(position);
      if (!visitor(table.keyOf(entry, this.member), this.table.scoreOf(entry))) return;
    }
  }

  // --- writing ---

  /** Writes `count` members from a rank on, backwards towards the first. */
  writeMembers(sink: ByteSink, rank: number, count: number, backwards: boolean): void {
    if (count === 0) return;
    this.seek(rank);
    let left = 0;
    for (;;) {
      if (left-- === 0) {
        left = TOUCHED_AT_ONCE - 1;
        this.touchAhead(Math.min(count, TOUCHED_AT_ONCE), backwards);
      }
      sink.bulk(this.memberHere);
      if (--count === 0) return;
      if (backwards) this.previous();
      else this.next();
    }
  }

  /** Writes all members, each with its score. */
  writeElements(sink: ByteSink): void {
    for (let there = this.seek(0); there; there = this.next()) {
      sink.bulk(this.memberHere);
      sink.bulk(Slice.of(formatDouble(this.scoreHere)));
    }
  }

  // --- SCAN and random picks: members by a position that no walk has to reach ---

  /** Turns to the member at a position, 0 <= position < length; it never has a higher one later, while it is there. */
  seekPosition(position: number): void {
    if (this.inRun) this.run.seek(position);
    else this.found = this.table.table.at(position);
  }

  /** The member that seekPosition() turned to. */
  get memberFound(): Slice {
    return this.inRun ? this.run.memberHere() : this.table.memberOf(this.found, this.member);
  }

  // --- memory ---

  /** Makes sure that so many more members, of so many bytes in all, find their memory: in the checking half. */
  reserve(count: number, bytes: number, longest: number): void {
    if (this.inRun) {
      if (count === 1 && bytes < SMALL_ROOM && this.length < MAX_RUN_LENGTH && this.value.length < MAX_ROOM / 2) return;
      // All of them may move to a table, where each has a block.
      const most = Math.max(longest, this.longestOfRun());
      reserveForMembers(this.arena, count + this.length, bytes + this.value.length, most);
    } else if (count > 1 || bytes > MAX_ELEMENT) {
      const pages = pagesBegun(count, longest + BYTES_PER_MEMBER);
      this.table.table.reserve(count, 2 * bytes + count * BYTES_PER_MEMBER + pages * PAGE_SIZE);
    }
  }

  private longestOfRun(): number {
    let longest = 0;
    for (this.run.seek(-1); this.run.next(); ) longest = Math.max(longest, this.run.memberHere().length);
    return longest;
  }

  /**
   * Before so many members are added, of so many bytes, with scores of this width: makes room for them at once. Growing
   * step by step would leave a block of each size behind.
   */
  expect(count: number, bytes: number, width: number): void {
    if (!this.inRun || count === 1) return;
    const largest = this.largestRoom(this.db.keyOf(this.ref, this.key).length);
    const needed = Math.min(this.run.roomWith(count, bytes, width), largest);
    if (needed <= this.value.length) return;
    this.makeWritable();
    this.run.open(this.value.view, this.value.bytes, this.value.start, this.value.length);
    this.fitRun(needed);
  }

  /** After members were added that had room made for them: gives back what they did not need. */
  trim(): void {
    if (!this.inRun) return;
    const room = this.value.length;
    const fitting = roomInBlock(this.head, this.run.leastRoom);
    if (fitting > room - (room >> 3) || !this.arena.canSpare()) return;
    // Nothing may have been written so far: ZADD XX of members that are not there.
    this.makeWritable();
    this.run.shrink(fitting);
    this.resizeValue(fitting);
  }

  // --- the forms ---

  /** Bytes in the entry before the value's length. */
  private get head(): number {
    return this.value.start - ((this.ref & 0xfff) << 4) - varintSize(this.value.length);
  }

  private largestRoom(keyLength: number): number {
    return Math.min(MAX_ROOM, inlineRoom(keyLength));
  }

  /** The run's pages may be shared with a snapshot, and then lie elsewhere for writing. */
  private makeWritable(): void {
    this.arena.writable(this.ref);
    if (this.arena.views[this.ref >>> 12] === this.value.view) return;
    const { rank } = this.run;
    const { view, bytes, start, length } = this.db.valueOf(this.ref, this.value);
    this.run.open(view, bytes, start, length);
    this.run.seek(rank);
  }

  /** Room for what was prepared, which needs so much, or 0: what there is. False if no run may have it. */
  private fitRun(needed: number): boolean {
    if (needed === 0) return true;
    if (needed > this.value.length) {
      const largest = this.largestRoom(this.db.keyOf(this.ref, this.key).length);
      if (needed > largest) return false;
      const room = Math.min(roomInBlock(this.head, needed), largest);
      this.ref = this.db.resize(this.ref, this.kind, room);
      this.db.valueOf(this.ref, this.value);
    }
    const { view, bytes, start, length } = this.value;
    this.run.moved(view, bytes, start, length);
    return true;
  }

  /** Redis calls it the other thing from now on. */
  private rename(): void {
    this.kind ^= SKIPLIST_BIT;
    this.resizeValue(this.value.length);
    if (this.isListpack) this.dropNegativeZeros();
  }

  private dropNegativeZeros(): void {
    const members: Slice[] = [];
    for (let there = this.seek(0); there && this.scoreHere <= 0; there = this.next()) {
      if (Object.is(this.scoreHere, -0)) members.push(Slice.of(this.memberHere.toBuffer()));
    }
    for (const member of members) {
      this.find(member);
      this.setScore(0);
    }
  }

  private resizeValue(length: number): void {
    const { rank } = this.run;
    this.ref = this.db.resize(this.ref, this.kind, length);
    this.db.valueOf(this.ref, this.value);
    if (this.inRun) {
      this.run.open(this.value.view, this.value.bytes, this.value.start, this.value.length);
      this.run.seek(rank);
    } else {
      this.table.open(this.ref, this.value.start - ((this.ref & 0xfff) << 4));
    }
  }

  /** The run becomes a table. */
  private toTable(): void {
    const bytes = this.value.toBuffer();
    this.kind |= TABLE_BIT;
    this.ref = this.db.resize(this.ref, this.kind, SCORE_TABLE_ROOT);
    this.db.valueOf(this.ref, this.value);
    this.inRun = false;
    this.table.initialise(this.ref, this.value.start - ((this.ref & 0xfff) << 4));
    const run = new ScoredRun().open(viewOf(bytes), bytes, 0, bytes.length);
    while (run.next()) this.table.append(run.memberHere(), run.scoreHere());
  }

  /** The table becomes a run, if its members fit and memory is to spare. */
  private toRun(): void {
    let bytes = 0;
    let width = 1;
    for (let there = this.seek(0); there; there = this.next()) {
      bytes += this.memberHere.length;
      width = Math.max(width, ScoredRun.widthFor(this.scoreHere));
    }
    const needed = ScoredRun.roomFor(this.length, bytes, width);
    const room = roomInBlock(this.head, needed);
    const largest = this.largestRoom(this.db.keyOf(this.ref, this.key).length);
    if (room > largest / 2 || !this.arena.canSpare()) return;
    const copy = Buffer.allocUnsafeSlow(room);
    const run = new ScoredRun().initialise(viewOf(copy), copy, 0, room);
    for (let there = this.seek(0); there; there = this.next()) {
      run.find(this.memberHere);
      if (run.prepareAdd(this.scoreHere) > 0) run.moved(viewOf(copy), copy, 0, room);
      run.add();
    }
    this.table.free();
    this.kind &= ~TABLE_BIT;
    this.ref = this.db.resize(this.ref, this.kind, room);
    const { bytes: target, start } = this.db.valueOf(this.ref, this.value);
    copy.copy(target, start);
    this.openValue();
  }

  /** After removals: gives room back that nothing needs any more. */
  private shrink(): void {
    if (!this.inRun) {
      if (this.length <= FEW_MEMBERS && (this.length & (this.length - 1)) === 0) this.toRun();
      return;
    }
    const room = this.value.length;
    if (room < SMALL_ROOM || this.run.leastRoom * 2 > room || !this.arena.canSpare()) return;
    const { leastRoom } = this.run;
    const smaller = roomInBlock(this.head, leastRoom + (leastRoom >> 2));
    if (smaller >= room) return;
    this.run.shrink(smaller);
    this.resizeValue(smaller);
  }

  checkIntegrity(): void {
    if (this.inRun) this.run.checkIntegrity();
    else this.table.checkIntegrity();
    if (this.length === 0) throw new Error('an empty sorted set');
    if (!this.isListpack) return;
    for (let there = this.seek(0); there; there = this.next()) {
      if (Object.is(this.scoreHere, -0)) throw new Error('a listpack with a score of -0');
    }
  }
}

/** Ranks from `from` up to, but not including, `to`. */
export interface RankRange {
  from: number;
  to: number;
}

/**
 * The room that a run of this size finds in the smallest block that holds it, with an entry's `head` before its length.
 */
function roomInBlock(head: number, needed: number): number {
  const size = Arena.capacityFor(head + varintSize(needed) + needed);
  const room = size - head - 4;
  // A length below 128 takes one byte, which a longer one does not pay for with less room.
  return varintSize(room) === 4 ? room : Math.min(size - head - 1, LONGEST_SHORT);
}

const LONGEST_SHORT = 127;

/** The width that the widest of so many scores has. */
export function widthForScores(scores: Float64Array, count: number): number {
  let width = 1;
  for (let i = 0; i < count; i++) width = Math.max(width, ScoredRun.widthFor(scores[i]));
  return width;
}

/** Makes sure that so many members, of so many bytes in all and none longer than this, find their memory. */
export function reserveForMembers(arena: Arena, count: number, bytes: number, longest: number): void {
  const pages = pagesBegun(count, longest + BYTES_PER_MEMBER);
  arena.reserve(2 * bytes + count * BYTES_PER_MEMBER + TABLE_OVERHEAD + pages * PAGE_SIZE);
}

function isAtLeast(member: Slice, { side, member: bound, isExclusive }: LexBound): boolean {
  if (side !== 0) return side < 0;
  const order = compareBytes(member, bound);
  return isExclusive ? order > 0 : order >= 0;
}

function isAtMost(member: Slice, { side, member: bound, isExclusive }: LexBound): boolean {
  if (side !== 0) return side > 0;
  const order = compareBytes(member, bound);
  return isExclusive ? order < 0 : order <= 0;
}

function isEmptyRange(min: LexBound, max: LexBound): boolean {
  if (min.side !== 0 || max.side !== 0) return min.side > max.side || (min.side === max.side && min.side !== 0);
  const order = compareBytes(min.member, max.member);
  return order > 0 || (order === 0 && (min.isExclusive || max.isExclusive));
}

/** The cursors over a database's sorted sets. */
export function zsets(db: Database): CursorPool<ZSetValue> {
  return (db.pools[ZSET] ??= new CursorPool(db.arena, () => new ZSetValue(db))) as CursorPool<ZSetValue>;
}

/** A cursor for the length of the command. */
export function openZSet(db: Database, ref: Ref): ZSetValue {
  return zsets(db).lease().open(ref);
}
