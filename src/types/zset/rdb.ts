/**
 * Sorted sets in snapshots and payloads: written as a listpack (RDB type 17) what Redis would call one, and else as
 * members with binary scores (5), the last one first; read in all forms that there were.
 */

import { ListpackReader, ListpackWriter } from '../../format/listpack.js';
import type { PackReader } from '../../format/pack-reader.js';
import { quoted, type RdbValueInput } from '../../format/rdb-value-input.js';
import type { RdbValueOutput } from '../../format/rdb-value-output.js';
import { ZiplistReader } from '../../format/ziplist.js';
import type { LoadTarget, RdbForms } from '../../keyspace/data-type.js';
import type { Database } from '../../keyspace/database.js';
import type { Ref } from '../../memory/arena.js';
import { Slice, viewOf } from '../../memory/slice.js';
import { formatDouble, parseDouble } from '../../text/numbers.js';
import { reserveForMembers, ZSetKind, ZSetValue, zsets } from './value.js';

const RDB_ZSET = 3;
const RDB_ZSET_2 = 5;
const RDB_ZSET_ZIPLIST = 12;
const RDB_ZSET_LISTPACK = 17;

/** Scores of RDB_ZSET are texts with a byte for their length, but for these. */
const TextScore = { NAN: 253, POSITIVE_INFINITY: 254, NEGATIVE_INFINITY: 255 } as const;

export const zsetForms: RdbForms = {
  reads: [RDB_ZSET, RDB_ZSET_2, RDB_ZSET_ZIPLIST, RDB_ZSET_LISTPACK],
  typeOf: (db, ref) => (isListpack(db, ref) ? RDB_ZSET_LISTPACK : RDB_ZSET_2),
  write: (db, ref, output) => (isListpack(db, ref) ? writePack(db, ref, output) : writeMembers(db, ref, output)),
  read: (rdbType, input, target) => readZSet(rdbType, input, target),
};

function isListpack(db: Database, ref: Ref): boolean {
  const kind = db.kindOf(ref);
  return kind === ZSetKind.LISTPACK_RUN || kind === ZSetKind.LISTPACK_TABLE;
}

// --- writing

const pack = new ListpackWriter();

function writePack(db: Database, ref: Ref, output: RdbValueOutput): null {
  const zset = zsets(db).brief.open(ref);
  pack.begin();
  for (let there = zset.seek(0); there; there = zset.next()) {
    pack.append(zset.memberHere);
    pack.append(Slice.of(formatDouble(zset.scoreHere)));
  }
  output.bulk(pack.finish());
  return null;
}

function* writeMembers(db: Database, ref: Ref, output: RdbValueOutput): Generator<void, void> {
  const zset = new ZSetValue(db).open(ref);
  output.writeLength(zset.length);
  for (let there = zset.seek(zset.length - 1); there; there = zset.previous()) {
    const member = zset.memberHere;
    output.bulk(member);
    scoreView.setFloat64(0, zset.scoreHere, true);
    output.rawSlice(scoreBytes);
    output.units -= UNITS_PER_MEMBER;
    if (output.isSpent()) yield;
  }
}

const UNITS_PER_MEMBER = 0.1;
const scoreBytes = Slice.of(Buffer.alloc(8));
const scoreView = scoreBytes.view;

// --- reading

function* readZSet(rdbType: number, input: RdbValueInput, target: LoadTarget): Generator<void, void> {
  const zset = new ZSetBuilder(target, input);
  if (rdbType === RDB_ZSET_LISTPACK) {
    yield* readPack(new ListpackReader(), input, zset);
  } else if (rdbType === RDB_ZSET_ZIPLIST) {
    yield* readPack(new ZiplistReader(), input, zset);
  } else {
    const count = yield* input.whole(() => input.length());
    if (count === 0) input.fail(`an empty sorted set, in key ${quoted(target.key)}`);
    zset.expect(count);
    for (let i = 0; i < count; i++) {
      yield* input.whole(() => {
        const { offset } = input;
        zset.hold(input.string());
        zset.add(rdbType === RDB_ZSET_2 ? input.float64() : textScore(input), offset);
      });
    }
  }
  zset.finish();
}

function textScore(input: RdbValueInput): number {
  const length = input.byte();
  if (length === TextScore.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  if (length === TextScore.NEGATIVE_INFINITY) return Number.NEGATIVE_INFINITY;
  if (length === TextScore.NAN) return Number.NaN;
  const { bytes, start, end } = input.bytes(length);
  return parseDouble(bytes, start, end);
}

function readPack(reader: PackReader, input: RdbValueInput, zset: ZSetBuilder): Generator<void, void> {
  return input.whole(() => {
    const { offset } = input;
    let wrong = reader.open(input.string());
    let count = 0;
    while (wrong === undefined && !reader.atEnd()) {
      wrong = reader.next();
      if (wrong !== undefined) break;
      const { element } = reader;
      if ((count++ & 1) === 0) zset.hold(element);
      else zset.add(parseDouble(element.bytes, element.start, element.end), offset);
    }
    if (wrong === undefined && reader.count >= 0 && reader.count !== count) {
      wrong = `a sorted set states ${reader.count} elements and holds ${count}`;
    }
    if (wrong === undefined && ((count & 1) === 1 || count === 0)) wrong = `a sorted set of ${count} elements`;
    if (wrong !== undefined) input.fail(`${wrong}, in key ${quoted(zset.target.key)}`, offset);
    zset.isPack = true;
  });
}

class ZSetBuilder {
  /** It was a listpack or a ziplist, whose members may be of any length. */
  isPack = false;
  private ref: Ref = 0;
  private expected = 0;
  private longest = 0;
  private member = Slice.of(Buffer.alloc(64));

  constructor(
    readonly target: LoadTarget,
    private readonly input: RdbValueInput,
  ) {}

  expect(count: number): void {
    this.expected = count;
  }

  /** Keeps a member until its score is read. */
  hold({ bytes, start, end }: Slice): void {
    const length = end - start;
    if (this.member.bytes.length < length) {
      const larger = Buffer.allocUnsafeSlow(2 * length);
      this.member = new Slice(larger, viewOf(larger));
    }
    bytes.copy(this.member.bytes, 0, start, end);
    this.member.end = length;
    if (length > this.longest) this.longest = length;
  }

  add(score: number, offset: number): void {
    const { target, member } = this;
    if (Number.isNaN(score)) this.input.fail(`a score that is no number, in key ${quoted(target.key)}`, offset);
    if (target.isExpired) return;
    const { database } = target;
    reserveForMembers(database.arena, 1, member.length, 0);
    const zset = zsets(database).brief;
    if (this.ref === 0) {
      zset.create(target.key, this.expected, member.length, false, target.deadline);
    } else {
      // Between two pieces of the file the entry may have been moved by compaction, or have fallen due.
      this.ref = database.dict.find(target.key);
      if (this.ref === 0) {
        target.isExpired = true;
        return;
      }
      zset.open(this.ref);
    }
    if (zset.find(member)) this.input.fail(`a sorted set with a member twice, in key ${quoted(target.key)}`, offset);
    zset.add(member, score);
    this.ref = zset.ref;
  }

  finish(): void {
    if (this.ref === 0 || this.target.isExpired) return;
    const { database, key } = this.target;
    const ref = database.dict.find(key);
    if (ref !== 0)
      zsets(database)
        .brief.open(ref)
        .fit(this.isPack ? 0 : this.longest);
  }
}
