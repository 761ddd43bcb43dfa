/**
 * Sets in snapshots and payloads: written as intsets (RDB type 11) or member by member (2), which every Redis loads,
 * and read also as the listpacks of Redis 7.2 (20).
 */

import { ListpackReader } from '../../format/listpack.js';
import { quoted, type RdbValueInput } from '../../format/rdb-value-input.js';
import type { RdbValueOutput } from '../../format/rdb-value-output.js';
import type { LoadTarget, RdbForms } from '../../keyspace/data-type.js';
import type { Database } from '../../keyspace/database.js';
import type { Ref } from '../../memory/arena.js';
import { MEMBER_ENTRY } from '../../memory/entry-layout.js';
import { INTEGER_RUN_HEADER, type IntegerRun } from '../../memory/integer-run.js';
import { Slice } from '../../memory/slice.js';
import { Table } from '../../memory/table.js';
import { Int64 } from '../../text/int64.js';
import { BYTES_PER_MEMBER, elementBytes, Form, SetKind, sets } from './value.js';

const RDB_SET = 2;
const RDB_SET_INTSET = 11;
const RDB_SET_LISTPACK = 20;

/** An intset: its width, the number of its integers, and these in ascending order; all little-endian. */
const INTSET_HEADER = 8;

export const setForms: RdbForms = {
  reads: [RDB_SET, RDB_SET_INTSET, RDB_SET_LISTPACK],
  typeOf: (db, ref) => (db.kindOf(ref) === SetKind.INTSET_RUN ? RDB_SET_INTSET : RDB_SET),
  write,
  read: (rdbType, input, target) => readSet(rdbType, input, target),
};

// --- writing

const header = Slice.of(Buffer.alloc(INTSET_HEADER));
const four = Slice.of(Buffer.alloc(4));
const value = new Slice();

function write(db: Database, ref: Ref, output: RdbValueOutput): Generator<void, void> | null {
  const set = sets(db).brief.open(ref);
  if (set.form === Form.TABLE) return writeTable(db, ref, output);
  if (set.form === Form.INTEGERS) {
    writeIntset(set.integers, db.valueOf(ref, value), output);
    return null;
  }
  output.writeLength(set.length);
  set.writeMembers(output);
  return null;
}

function writeIntset(integers: IntegerRun, { view, bytes, start }: Slice, output: RdbValueOutput): void {
  const { count } = integers;
  const width = integers.plainWidth;
  header.view.setUint32(0, width, true);
  header.view.setUint32(4, count, true);
  output.bulkHeader(INTSET_HEADER + width * count);
  output.rawSlice(header);
  if (integers.width === width) {
    const from = start + INTEGER_RUN_HEADER;
    output.rawSlice(value.set(bytes, view, from, from + width * count));
  } else {
    for (integers.rewind(); integers.next(); ) {
      four.view.setInt32(0, integers.here.low, true);
      output.rawSlice(four);
    }
  }
  output.bulkEnd();
}

/** With a cursor of its own, which stays open while others work. */
function* writeTable(db: Database, ref: Ref, output: RdbValueOutput): Generator<void, void> {
  const table = new Table(db.arena, MEMBER_ENTRY, db.keyspace.hashSeeds).open(ref, db.valueOffset(ref));
  const member = new Slice();
  output.writeLength(table.size);
  for (let position = 0; position < table.size; position++) {
    output.bulk(table.keyOf(table.at(position), member));
    // Finding the member takes its part of a microsecond, too.
    output.units -= UNITS_PER_MEMBER;
    if (output.isSpent()) yield;
  }
}

const UNITS_PER_MEMBER = 0.1;

// --- reading

function* readSet(rdbType: number, input: RdbValueInput, target: LoadTarget): Generator<void, void> {
  const set = new SetBuilder(input, target);
  if (rdbType === RDB_SET_INTSET) {
    yield* input.whole(() => readIntset(input, set));
  } else if (rdbType === RDB_SET_LISTPACK) {
    yield* input.whole(() => readListpack(input, set));
  } else {
    const count = yield* input.whole(() => input.length());
    for (let i = 0; i < count; i++) {
      yield* input.whole(() => {
        const member = input.string();
        set.begin(1, member.length);
        set.add(member, count);
      });
    }
  }
}

function readIntset(input: RdbValueInput, set: SetBuilder): void {
  const { offset } = input;
  const { view, start, length } = input.string();
  const fail = (reason: string) => input.fail(`${reason}, in set key ${quoted(set.target.key)}`, offset);
  if (length < INTSET_HEADER) fail('an intset is too short');
  const width = view.getUint32(start, true);
  const count = view.getUint32(start + 4, true);
  if (width !== 2 && width !== 4 && width !== 8) fail('an intset has an unknown encoding');
  if (length !== INTSET_HEADER + width * count) fail('an intset has not the length it states');
  const before = new Int64();
  const integer = new Int64();
  const text = Slice.of(Buffer.alloc(24));
  set.begin(count, count * width);
  for (let i = 0; i < count; i++) {
    const at = start + INTSET_HEADER + i * width;
    if (width === 8) integer.set(view.getInt32(at + 4, true), view.getInt32(at, true));
    else {
      const low = width === 2 ? view.getInt16(at, true) : view.getInt32(at, true);
      integer.set(low >> 31, low);
    }
    if (i > 0 && before.compare(integer) >= 0) fail('an intset is not in order');
    before.set(integer.high, integer.low);
    text.end = integer.write(text.bytes, 0);
    set.add(text, count);
  }
}

function readListpack(input: RdbValueInput, set: SetBuilder): void {
  const { offset } = input;
  const pack = input.string();
  const reader = new ListpackReader();
  let wrong = reader.open(pack);
  let count = 0;
  // No element takes less than two bytes, with its size.
  if (wrong === undefined) set.begin(pack.length >> 1, pack.length);
  while (wrong === undefined && !reader.atEnd()) {
    wrong = reader.next();
    if (wrong !== undefined) break;
    // But for a byte of each member, a run takes as much.
    set.add(reader.element, Math.max(reader.count, 1), Math.max(0, pack.length - reader.count));
    count++;
  }
  if (wrong === undefined && reader.count >= 0 && reader.count !== count) {
    wrong = `a listpack states ${reader.count} members and holds ${count}`;
  }
  if (wrong !== undefined) input.fail(`${wrong}, in set key ${quoted(set.target.key)}`, offset);
}

class SetBuilder {
  private ref: Ref = 0;

  constructor(
    private readonly input: RdbValueInput,
    readonly target: LoadTarget,
  ) {}

  /** Before so many members, of so many bytes in all. */
  begin(count: number, bytes: number): void {
    const { target } = this;
    target.database.arena.reserve(bytes + count * BYTES_PER_MEMBER);
    if (this.ref === 0 || target.isExpired) return;
    // Between two pieces of the file the set's entry may have been moved by compaction, or have fallen due.
    this.ref = target.database.dict.find(target.key);
    if (this.ref === 0) target.isExpired = true;
  }

  /** `expected` is how many the set will have, `bytes` what they are expected to take in a run. */
  add(member: Slice, expected: number, bytes = expected * elementBytes(member)): void {
    const { target, input } = this;
    if (target.isExpired) return;
    const set = sets(target.database).brief;
    if (this.ref === 0) set.create(target.key, member, expected, bytes, target.deadline);
    else set.open(this.ref);
    const isNew = set.add(member);
    this.ref = set.ref;
    if (!isNew) input.fail(`a member stands twice in set key ${quoted(target.key)}`);
  }
}
