/**
 * Streams in snapshots and payloads: written as RDB type 19, which Redis 7.0 loads and later ones do; 15 (5.0) and 21
 * (7.2) are read.
 *
 *     nodes, each {base id, listpack}; length, last id, with 19 first id, greatest deleted id and entries added; groups
 */

import { ListpackReader, ListpackWriter } from '../../format/listpack.js';
import { quoted, type RdbValueInput } from '../../format/rdb-value-input.js';
import type { RdbValueOutput } from '../../format/rdb-value-output.js';
import type { LoadTarget, RdbForms } from '../../keyspace/data-type.js';
import type { Database } from '../../keyspace/database.js';
import type { Ref } from '../../memory/arena.js';
import type { ByteSink } from '../../memory/byte-sink.js';
import { Id } from '../../memory/id-tree.js';
import { Slice, viewOf } from '../../memory/slice.js';
import { parseInteger, parseInteger64 } from '../../text/numbers.js';
import { toBigInt } from './id.js';
import { EntryFlag, type NodeReader, NodeWriter } from './node.js';
import { readGroup, writeGroups } from './rdb-groups.js';
import { Stream } from './stream.js';
import { createStream, openStream } from './value.js';

const RDB_STREAM = 15;
const RDB_STREAM_2 = 19;
const RDB_STREAM_3 = 21;

const ID_BYTES = 16;
/** What a node can take at worst, as a multiple of what its listpack takes. */
const NODE_GROWTH = 8;

export const streamForms: RdbForms = {
  reads: [RDB_STREAM, RDB_STREAM_2, RDB_STREAM_3],
  typeOf: () => RDB_STREAM_2,
  write: (db, ref, output) => writeStream(db, ref, output),
  read: (rdbType, input, target) => readStream(rdbType, input, target),
};

// --- writing

/** An element of a listpack is a string there, whatever sink writes it. */
class PackSink implements ByteSink {
  readonly pack = new ListpackWriter();
  private readonly content = new Slice();

  bulk(content: Slice): void {
    this.pack.append(content);
  }

  bulkRange(bytes: Buffer, view: DataView, start: number, length: number): void {
    this.pack.append(this.content.set(bytes, view, start, start + length));
  }

  number(value: number | bigint): void {
    this.pack.append(Slice.of(String(value)));
  }

  bulkHeader(): void {}
  rawSlice(): void {}
  bulkEnd(): void {}
}

function* writeStream(db: Database, ref: Ref, output: RdbValueOutput): Generator<void, void> {
  const stream = new Stream(db.arena).open(ref, db.valueOffset(ref));
  const sink = new PackSink();
  output.writeLength(stream.nodeCount);
  for (let there = stream.enterFirstNode(); there; there = stream.enterNextNode()) {
    output.bulk(idBytes(stream.entry.base));
    output.bulk(listpackOf(stream.entry, sink));
    if (output.isSpent()) yield;
  }
  const id = new Id();
  output.writeLength(stream.length);
  writeId(output, stream.lastId(id));
  writeId(output, stream.firstId(id));
  writeId(output, stream.maxDeletedId(id));
  output.writeLength64(stream.entriesAdded);
  yield* writeGroups(stream, output);
}

function listpackOf(node: NodeReader, sink: PackSink): Slice {
  const { base } = node;
  sink.pack.begin();
  sink.number(node.live);
  sink.number(node.deleted);
  sink.number(node.masterFields);
  node.writeMaster(sink);
  sink.number(0);
  node.rewind();
  while (node.next()) {
    const isSame = (node.flags & EntryFlag.SAME_FIELDS) !== 0;
    sink.number(node.flags);
    sink.number(difference(node.id.msHigh, node.id.msLow, base.msHigh, base.msLow));
    sink.number(difference(node.id.seqHigh, node.id.seqLow, base.seqHigh, base.seqLow));
    if (!isSame) sink.number(node.fieldCount);
    node.writeBody(sink);
    sink.number(isSame ? node.fieldCount + 3 : 2 * node.fieldCount + 4);
  }
  return sink.pack.finish();
}

/** As an int64, like Redis. */
function difference(high: number, low: number, fromHigh: number, fromLow: number): number | bigint {
  if (high === fromHigh) return low - fromLow;
  return BigInt.asIntN(64, toBigInt(high, low) - toBigInt(fromHigh, fromLow));
}

function idBytes(id: Id): Slice {
  const bytes = Buffer.alloc(ID_BYTES);
  bytes.writeUInt32BE(id.msHigh, 0);
  bytes.writeUInt32BE(id.msLow, 4);
  bytes.writeUInt32BE(id.seqHigh, 8);
  bytes.writeUInt32BE(id.seqLow, 12);
  return new Slice(bytes, viewOf(bytes));
}

function writeId(output: RdbValueOutput, id: Id): void {
  output.writeLength64(toBigInt(id.msHigh, id.msLow));
  output.writeLength64(toBigInt(id.seqHigh, id.seqLow));
}

// --- reading

function* readStream(rdbType: number, input: RdbValueInput, target: LoadTarget): Generator<void, void> {
  const loader = new StreamLoader(input, target);
  const nodes = yield* input.whole(() => {
    const count = input.length();
    loader.create();
    return count;
  });
  for (let i = 0; i < nodes; i++) yield* input.whole(() => loader.readNode());
  const groups = yield* input.whole(() => loader.readFields(rdbType !== RDB_STREAM));
  const fail = (reason: string, offset: number) => loader.fail(reason, offset);
  const form = { hasCounters: rdbType !== RDB_STREAM, hasActiveTimes: rdbType === RDB_STREAM_3 };
  for (let i = 0; i < groups; i++) yield* readGroup(input, form, () => loader.open(), fail);
}

/** Builds a stream out of a file that may be wrong in any place. */
class StreamLoader {
  private readonly reader = new ListpackReader();
  private readonly writer = new NodeWriter();
  private readonly id = new Id();
  private readonly base = new Id();
  /** The last id that was read. */
  private readonly before = new Id();
  private hasEntries = false;
  private entries = 0;
  private readonly names: Slice[] = [];
  private readonly packed = new Slice();

  constructor(
    private readonly input: RdbValueInput,
    private readonly target: LoadTarget,
  ) {}

  create(): void {
    const { target } = this;
    if (target.isExpired) return;
    target.database.arena.reserve(0);
    createStream(target.database, target.key, target.deadline);
  }

  /** The stream; null if it is read to be thrown away. Between two pieces of a file the entry may move, or fall due. */
  open(): Stream | null {
    const { target } = this;
    if (target.isExpired) return null;
    const ref = target.database.dict.find(target.key);
    if (ref !== 0) return openStream(target.database, ref);
    target.isExpired = true;
    return null;
  }

  /** Reads all of a node before it changes anything: what is not whole is read again. */
  readNode(): void {
    const { input, base } = this;
    const { offset } = input;
    const key = input.string();
    if (key.length !== ID_BYTES) this.fail('a node has no id', offset);
    base.set(
      key.view.getUint32(key.start),
      key.view.getUint32(key.start + 4),
      key.view.getUint32(key.start + 8),
      key.view.getUint32(key.start + 12),
    );
    const pack = this.packed.setFrom(input.string());
    const wrong = this.reader.open(pack);
    if (wrong !== undefined) this.fail(wrong, offset);
    this.target.database.arena.reserve(NODE_GROWTH * pack.length);
    if (this.hasEntries && base.compare(this.before) <= 0) this.fail('nodes are out of order', offset);
    const hasLive = this.buildNode(offset);
    // Where Redis keeps a node although all of its entries are deleted, there is nothing to keep here.
    if (!hasLive) return;
    const stream = this.open();
    if (stream === null) return;
    if (stream.nodeCount > 0) stream.retireTail();
    stream.addNode(base, this.writer.written);
  }

  /** Returns whether it has an entry that is not deleted. */
  private buildNode(offset: number): boolean {
    const { writer } = this;
    const live = this.number(offset);
    const deleted = this.number(offset);
    const fieldCount = this.number(offset);
    writer.beginNode(fieldCount);
    const names = this.names;
    names.length = 0;
    for (let i = 0; i < fieldCount; i++) names.push(this.copyElement(offset));
    for (const name of names) writer.string(name);
    if (this.number(offset) !== 0) this.fail('the fields of a node have no end', offset);
    let found = 0;
    let all = 0;
    for (; !this.reader.atEnd(); all++) if (!this.buildEntry(fieldCount, offset)) found++;
    if (found !== live || all !== live + deleted) this.fail('a node holds not what it states', offset);
    this.entries += live;
    writer.setCounts(live, deleted);
    return live > 0;
  }

  /** Returns whether the entry is deleted. */
  private buildEntry(masterCount: number, offset: number): boolean {
    const { writer, id, base, before, reader } = this;
    const flags = this.number(offset);
    const isSame = (flags & EntryFlag.SAME_FIELDS) !== 0;
    this.addDifference(base.msHigh, base.msLow, offset);
    const { high, low } = this;
    this.addDifference(base.seqHigh, base.seqLow, offset);
    id.set(high, low, this.high, this.low);
    if (flags > 3 || id.compare(base) < 0 || (this.hasEntries && id.compare(before) <= 0)) {
      this.fail('an entry has a wrong id', offset);
    }
    before.setFrom(id);
    this.hasEntries = true;
    const fieldCount = isSame ? masterCount : this.number(offset);
    writer.beginEntry(flags, id, base, fieldCount);
    for (let i = isSame ? fieldCount : 2 * fieldCount; i > 0; i--) {
      this.advance(offset);
      writer.string(reader.element);
    }
    const parts = isSame ? fieldCount + 3 : 2 * fieldCount + 4;
    if (this.number(offset) !== parts) this.fail('an entry has not the size it states', offset);
    return (flags & EntryFlag.DELETED) !== 0;
  }

  private high = 0;
  private low = 0;

  private addDifference(high: number, low: number, offset: number): void {
    this.advance(offset);
    const { bytes, start, end } = this.reader.element;
    const value = parseInteger64(bytes, start, end);
    if (value === undefined) this.fail('an id is no number', offset);
    const sum = BigInt.asUintN(64, toBigInt(high, low) + value);
    this.high = Number(sum >> 32n);
    this.low = Number(sum & 0xffff_ffffn);
  }

  private advance(offset: number): void {
    const { reader } = this;
    const wrong = reader.atEnd() ? 'an entry ends early' : reader.next();
    if (wrong !== undefined) this.fail(wrong, offset);
  }

  private copyElement(offset: number): Slice {
    this.advance(offset);
    return Slice.of(this.reader.element.toBuffer());
  }

  /** A count, which is not more than a listpack has elements. */
  private number(offset: number): number {
    this.advance(offset);
    const { bytes, start, end } = this.reader.element;
    const value = parseInteger(bytes, start, end);
    if (!(value >= 0 && value <= this.packed.length)) this.fail('a node holds a wrong number', offset);
    return value;
  }

  /** Returns how many groups follow. */
  readFields(hasBooks: boolean): number {
    const { input } = this;
    const { offset } = input;
    const length = input.length();
    const lastId = this.readId(new Id());
    const maxDeleted = new Id();
    let added = BigInt(length);
    if (hasBooks) {
      // The first id is that of the first entry.
      this.readId(new Id());
      this.readId(maxDeleted);
      added = input.length64();
    }
    const groups = input.length();
    if (length !== this.entries) this.fail(`a stream states ${length} entries and holds ${this.entries}`, offset);
    if (this.hasEntries && this.before.compare(lastId) > 0) this.fail('an entry is after the last id', offset);
    const stream = this.open();
    if (stream === null) return groups;
    stream.setLength(length);
    stream.setLastId(lastId);
    stream.setMaxDeletedId(maxDeleted);
    stream.entriesAdded = added;
    return groups;
  }

  private readId(into: Id): Id {
    const ms = this.input.length64();
    const seq = this.input.length64();
    const word = 0xffff_ffffn;
    return into.set(Number(ms >> 32n), Number(ms & word), Number(seq >> 32n), Number(seq & word));
  }

  fail(reason: string, offset: number): never {
    this.input.fail(`${reason}, in stream key ${quoted(this.target.key)}`, offset);
  }
}
