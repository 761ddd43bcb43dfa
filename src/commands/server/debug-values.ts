/** DEBUG's looks at values, and what fills databases with some. */

import type { Call } from '../../engine/call.js';
import type { Ref } from '../../memory/arena.js';
import type { ByteSink } from '../../memory/byte-sink.js';
import { Slice } from '../../memory/slice.js';
import * as errors from '../../protocol/errors.js';
import { setString } from '../../types/string/value.js';
import { digestOfDatabases, digestOfValue, NO_DIGEST } from './debug-digest.js';

const KEYS_BETWEEN_SETTLING = 1024;

export function object(call: Call): void {
  const { db, args, keyspace } = call;
  const ref = db.peek(args.slice(2));
  if (ref === 0) throw errors.NO_SUCH_KEY;
  call.reply.status(
    `Value at:0x${ref.toString(16)} refcount:1 encoding:${keyspace.types.encodingOf(db, ref)} ` +
      `serializedlength:${serializedLength(call, ref)} lru:${db.lruOf(ref)} lru_seconds_idle:${db.idleSeconds(ref)}`,
  );
}

/** Adds up what strings take in a snapshot that is not compressed. */
class SerializedLength implements ByteSink {
  total = 0;
  /** Bytes of the strings themselves. */
  bytes = 0;

  constructor(private readonly isInteger: boolean) {}

  bulk(content: Slice): void {
    this.bulkHeader(content.length);
  }

  bulkRange(_bytes: Buffer, _view: DataView, _start: number, length: number): void {
    this.bulkHeader(length);
  }

  bulkHeader(length: number): void {
    this.bytes += length;
    if (this.isInteger) this.total += length <= 3 ? 2 : length <= 5 ? 3 : 5;
    else this.total += length + (length < 64 ? 1 : length < 16384 ? 2 : 5);
  }

  rawSlice(): void {}

  bulkEnd(): void {}
}

/** Bytes in a snapshot that is not compressed; of a collection, of its elements each by itself. */
function serializedLength({ db, keyspace }: Call, ref: Ref): number {
  const type = keyspace.types.of(db, ref);
  const sum = new SerializedLength(keyspace.types.encodingOf(db, ref) === 'int');
  type.writeElements(db, ref, sum);
  return sum.total + (type.length === undefined ? 0 : 1);
}

export function sdsLength(call: Call): void {
  const { db, args, keyspace } = call;
  const ref = db.peek(args.slice(2));
  if (ref === 0) throw errors.NO_SUCH_KEY;
  const type = keyspace.types.of(db, ref);
  if (type.writeText === undefined || keyspace.types.encodingOf(db, ref) === 'int') throw errors.NOT_SDS;
  const length = new SerializedLength(false);
  type.writeText(db, ref, length);
  const keyLength = args.slice(2).length;
  const bytes = db.blockBytesOf(ref, Number.POSITIVE_INFINITY);
  // Key and value lie in one entry: what it has room for counts with the value.
  call.reply.status(
    `key_sds_len:${keyLength}, key_sds_avail:0, key_zmalloc: ${keyLength}, ` +
      `val_sds_len:${length.bytes}, val_sds_avail:0, val_zmalloc: ${bytes - keyLength}`,
  );
}

export function listpack(call: Call): void {
  describe(call, 'listpack', errors.NOT_LISTPACK, 'Listpack structure printed on stdout');
}

export function quicklist(call: Call): void {
  describe(call, 'quicklist', errors.NOT_QUICKLIST, 'Quicklist structure printed on stdout');
}

/** Into the log, which goes to the standard output unless told otherwise. */
function describe(call: Call, encoding: string, otherwise: errors.CommandError, status: string): void {
  const { db, args } = call;
  const ref = db.peek(args.slice(2));
  if (ref === 0) throw errors.NO_SUCH_KEY;
  if (call.keyspace.types.encodingOf(db, ref) !== encoding) throw otherwise;
  const blocks = [...db.blocksOf(ref)].map((block) => db.arena.capacity(block));
  call.server.log(`DEBUG ${encoding} of ${JSON.stringify(args.text(2))}: blocks of ${blocks.join(', ')} bytes`);
  call.reply.status(status);
}

export function digest(call: Call): void {
  call.reply.status(digestOfDatabases(call.keyspace.types, call.keyspace.databases).toString('hex'));
}

export function digestValue(call: Call): void {
  const { db, args, keyspace, reply } = call;
  reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) {
    const ref = db.peek(args.slice(i));
    reply.status((ref === 0 ? NO_DIGEST : digestOfValue(keyspace.types, db, ref)).toString('hex'));
  }
}

/** Keys that are there stay as they are. */
export function populate(call: Call): void {
  const { db, args } = call;
  const count = args.integer(2, errors.NOT_POSITIVE);
  if (count < 0) throw errors.NOT_POSITIVE;
  const prefix = args.count > 3 ? args.latin1(3) : 'key';
  const size = args.count > 4 ? args.integer(4, errors.NOT_POSITIVE) : 0;
  if (size < 0) throw errors.NOT_POSITIVE;
  for (let i = 0; i < count; i++) {
    const key = Slice.of(Buffer.from(`${prefix}:${i}`, 'latin1'));
    if (db.peek(key) !== 0) continue;
    setString(db, key, 0, Slice.of(populatedValue(i, size)));
    call.changed(key, 'set');
    if (i % KEYS_BETWEEN_SETTLING === 0) db.arena.settle();
  }
  call.noEffect();
  call.reply.ok();
}

/** `value:<i>`, cut or filled up with zeros to `size` bytes unless that is 0. */
function populatedValue(i: number, size: number): Buffer {
  const text = Buffer.from(`value:${i}`);
  if (size === 0) return text;
  const value = Buffer.alloc(size);
  text.copy(value);
  return value;
}
