/**
 * Hashes in snapshots and payloads. One in a run that Redis calls a listpack is written as a listpack (RDB type 16),
 * any other as a table (4); with deadlines of fields as 25 and 24, which redis-server reads from 7.4 on. All forms that
 * releases wrote are read: also zipmaps (9) and ziplists (13).
 */

import { ListpackReader, ListpackWriter } from '../../format/listpack.js';
import type { PackReader } from '../../format/pack-reader.js';
import { quoted, type RdbValueInput } from '../../format/rdb-value-input.js';
import type { RdbValueOutput } from '../../format/rdb-value-output.js';
import { ZiplistReader } from '../../format/ziplist.js';
import { ZipmapReader } from '../../format/zipmap.js';
import type { LoadTarget, RdbForms } from '../../keyspace/data-type.js';
import type { Database } from '../../keyspace/database.js';
import { NO_DEADLINE } from '../../keyspace/types.js';
import type { Ref } from '../../memory/arena.js';
import { Slice } from '../../memory/slice.js';
import { parseInteger } from '../../text/numbers.js';
import { HashKind, HashValue, hashes, LAST_DEADLINE } from './value.js';

const RDB_HASH = 4;
const RDB_HASH_ZIPMAP = 9;
const RDB_HASH_ZIPLIST = 13;
const RDB_HASH_LISTPACK = 16;
const RDB_HASH_WITH_TIMES = 24;
const RDB_HASH_LISTPACK_WITH_TIMES = 25;

/** What fields of a pack can take at worst, as a multiple of what the pack takes. */
const PACK_GROWTH = 4;
const BYTES_PER_FIELD = 64;
/** What is expected to be longer grows by itself. */
const MOST_EXPECTED_BYTES = 12 * 1024;

export const hashForms: RdbForms = {
  reads: [
    RDB_HASH,
    RDB_HASH_ZIPMAP,
    RDB_HASH_ZIPLIST,
    RDB_HASH_LISTPACK,
    RDB_HASH_WITH_TIMES,
    RDB_HASH_LISTPACK_WITH_TIMES,
  ],
  typeOf(db, ref) {
    const hash = hashes(db).brief.open(ref);
    if (isPacked(db, ref)) return hash.hasDeadlines ? RDB_HASH_LISTPACK_WITH_TIMES : RDB_HASH_LISTPACK;
    return hash.hasDeadlines ? RDB_HASH_WITH_TIMES : RDB_HASH;
  },
  write(db, ref, output) {
    if (isPacked(db, ref)) {
      writePack(hashes(db).brief.open(ref), output);
      return null;
    }
    return writeTable(new HashValue(db).open(ref), output);
  },
  read: (rdbType, input, target) => readHash(rdbType, input, target),
};

function isPacked(db: Database, ref: Ref): boolean {
  const kind = db.kindOf(ref);
  return kind === HashKind.LISTPACK_RUN || kind === HashKind.LISTPACK_EX_RUN;
}

// --- writing

const pack = new ListpackWriter();

function writePack(hash: HashValue, output: RdbValueOutput): void {
  pack.begin();
  if (hash.hasDeadlines) {
    output.writeMilliseconds(hash.nextDeadline);
    appendByDeadline(hash);
  } else {
    for (hash.rewind(); hash.next(); ) {
      pack.append(hash.fieldHere);
      pack.append(hash.valueHere);
    }
  }
  output.bulk(pack.finish());
}

/** Redis keeps fields with deadlines in their order, and those without after them. */
function appendByDeadline(hash: HashValue): void {
  const fields: { position: number; deadline: number }[] = [];
  hash.rewind();
  for (let position = 0; hash.next(); position++) {
    const { deadline } = hash;
    fields.push({ position, deadline: deadline < 0 ? Number.POSITIVE_INFINITY : deadline });
  }
  fields.sort((a, b) => (a.deadline === b.deadline ? a.position - b.position : a.deadline - b.deadline));
  for (const { position, deadline } of fields) {
    hash.seek(position);
    pack.append(hash.fieldHere);
    pack.append(hash.valueHere);
    pack.append(Slice.of(deadline === Number.POSITIVE_INFINITY ? '0' : String(deadline)));
  }
}

function* writeTable(hash: HashValue, output: RdbValueOutput): Generator<void, void> {
  const { hasDeadlines } = hash;
  const earliest = hasDeadlines ? hash.nextDeadline : 0;
  if (hasDeadlines) output.writeMilliseconds(earliest);
  output.writeLength(hash.length);
  for (hash.rewind(); hash.next(); ) {
    if (hasDeadlines) output.writeLength(hash.deadline < 0 ? 0 : hash.deadline - earliest + 1);
    output.bulk(hash.fieldHere);
    output.bulk(hash.valueHere);
    output.units -= UNITS_PER_FIELD;
    if (output.isSpent()) yield;
  }
}

const UNITS_PER_FIELD = 0.25;

// --- reading

function* readHash(rdbType: number, input: RdbValueInput, target: LoadTarget): Generator<void, void> {
  const hash = new HashBuilder(input, target);
  switch (rdbType) {
    case RDB_HASH_ZIPMAP:
      yield* readPack(new ZipmapReader(), hash, 2);
      break;
    case RDB_HASH_ZIPLIST:
      yield* readPack(new ZiplistReader(), hash, 2);
      break;
    case RDB_HASH_LISTPACK:
      yield* readPack(new ListpackReader(), hash, 2);
      break;
    case RDB_HASH_LISTPACK_WITH_TIMES:
      yield* input.whole(() => input.int64());
      yield* readPack(new ListpackReader(), hash, 3);
      break;
    default:
      yield* readTable(rdbType, hash);
  }
}

function* readTable(rdbType: number, hash: HashBuilder): Generator<void, void> {
  const { input } = hash;
  const hasTimes = rdbType !== RDB_HASH;
  const base = hasTimes ? yield* input.whole(() => input.int64()) : 0;
  const count = yield* input.whole(() => input.length());
  hash.expectFields(count, true);
  for (let i = 0; i < count; i++) {
    yield* input.whole(() => {
      const { offset } = input;
      const time = hasTimes ? input.length() : 0;
      hash.keep(input.string());
      const value = input.string();
      hash.begin(hash.field.length + value.length);
      hash.add(value, time === 0 ? NO_DEADLINE : base + time - 1, offset);
    });
  }
}

/** A pack of fields and values, and of deadlines if there are three elements to a field. */
function readPack(reader: PackReader | ZipmapReader, hash: HashBuilder, parts: 2 | 3): Generator<void, void> {
  const { input } = hash;
  return input.whole(() => {
    const { offset } = input;
    const node = input.string();
    hash.begin(PACK_GROWTH * node.length);
    let wrong = reader.open(node);
    let count = 0;
    if (wrong === undefined) {
      const fields = reader.count < 0 ? 0 : reader.count / parts;
      // But for a byte of each element, and deadlines, a run takes as much.
      const bytes = (node.length - fields * parts) * (2 / parts);
      hash.expectFields(fields, !(reader instanceof ListpackReader), bytes);
    }
    while (wrong === undefined && !reader.atEnd()) {
      wrong = reader.next();
      if (wrong !== undefined) break;
      hash.keep(reader.element);
      wrong = reader.atEnd() ? 'a field without a value' : reader.next();
      if (wrong !== undefined) break;
      if (parts === 2) {
        hash.add(reader.element, NO_DEADLINE, offset);
      } else {
        const value = Slice.of(reader.element.toBuffer());
        wrong = reader.atEnd() ? 'a field without a deadline' : reader.next();
        if (wrong !== undefined) break;
        const time = parseInteger(reader.element.bytes, reader.element.start, reader.element.end);
        if (time >= 0) hash.add(value, time === 0 ? NO_DEADLINE : time, offset);
        else wrong = 'a deadline that is no time';
      }
      count += parts;
    }
    if (wrong === undefined && reader.count >= 0 && reader.count !== count) {
      wrong = `a pack states ${reader.count} elements and holds ${count}`;
    }
    if (wrong !== undefined) input.fail(`${wrong}, in hash key ${quoted(hash.target.key)}`, offset);
  });
}

class HashBuilder {
  /** The field whose value comes next, in bytes of its own. */
  field = new Slice();
  private ref: Ref = 0;
  private expected = 0;
  private expectedBytes = 0;
  private checksLengths = true;

  constructor(
    readonly input: RdbValueInput,
    readonly target: LoadTarget,
  ) {}

  /**
   * How many fields there will be; a listpack that is read stays one however long its elements are. A run that has room
   * for `bytes` at once need not grow through every size of block.
   */
  expectFields(count: number, checksLengths: boolean, bytes = 0): void {
    this.expected = count;
    this.checksLengths = checksLengths;
    this.expectedBytes = Math.min(Math.floor(bytes), MOST_EXPECTED_BYTES);
  }

  /** Before fields that take so many bytes at most. */
  begin(bytes: number): void {
    const { target } = this;
    target.database.arena.reserve(bytes + BYTES_PER_FIELD);
    if (this.ref === 0 || target.isExpired) return;
    // Between two pieces of the file the hash's entry may have been moved by compaction, or have fallen due.
    this.ref = target.database.dict.find(target.key);
    if (this.ref === 0) target.isExpired = true;
  }

  keep(field: Slice): void {
    this.field = Slice.of(field.toBuffer());
  }

  /** Adds the field that was kept. */
  add(value: Slice, deadline: number, offset: number): void {
    const { field, target } = this;
    if (target.isExpired) return;
    if (deadline > LAST_DEADLINE || deadline < NO_DEADLINE) {
      this.input.fail(`a field with an impossible deadline, in hash key ${quoted(target.key)}`, offset);
    }
    const { database } = target;
    const hash = hashes(database).brief;
    const longest = Math.max(field.length, value.length);
    if (this.ref === 0) {
      const own = field.length + value.length + 4;
      const count = this.expectedBytes > own ? Math.max(1, this.expected) : 1;
      hash.create(target.key, count, Math.max(own, this.expectedBytes), longest, target.deadline);
      hash.nameFor(this.expected, 0);
    } else {
      hash.openToWrite(this.ref);
    }
    if (hash.find(field)) this.input.fail(`a field twice, in hash key ${quoted(target.key)}`, offset);
    hash.nameFor(hash.length + 1, this.checksLengths ? longest : 0);
    if (deadline >= 0) hash.nameForDeadlines();
    hash.add(field, value, deadline);
    this.ref = hash.ref;
    if (deadline >= 0) this.ref = database.elementDeadlineChanged(this.ref, deadline);
  }
}
