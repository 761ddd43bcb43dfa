/** DEBUG's looks at values, and what fills databases with some. */

import type { Call } from '../../engine/call.js';
import type { Database } from '../../keyspace/database.js';
import { setString, stringLength } from '../../keyspace/string-value.js';
import { ENCODING_NAMES, Encoding, EventClass, Type } from '../../keyspace/types.js';
import type { Ref } from '../../memory/arena.js';
import { Slice } from '../../memory/slice.js';
import * as errors from '../../protocol/errors.js';
import { digestOfDatabases, digestOfValue, NO_DIGEST } from './debug-digest.js';

const KEYS_BETWEEN_SETTLING = 1024;

export function object(call: Call): void {
  const { db, args } = call;
  const ref = db.peek(args.slice(2));
  if (ref === 0) throw errors.NO_SUCH_KEY;
  const encoding = db.encodingOf(ref);
  call.reply.status(
    `Value at:0x${ref.toString(16)} refcount:1 encoding:${ENCODING_NAMES[encoding]} ` +
      `serializedlength:${serializedLength(call, ref)} lru:${db.lruOf(ref)} lru_seconds_idle:${db.idleSeconds(ref)}`,
  );
}

/** Bytes in a snapshot that is not compressed; of a list, of its elements each by itself. */
function serializedLength({ db }: Call, ref: Ref): number {
  if (db.typeOf(ref) === Type.STRING) return withLength(stringLength(db, ref), db.encodingOf(ref) === Encoding.INT);
  const list = db.list.open(ref);
  let total = 1;
  list.seek(0);
  do total += withLength(list.lengthHere, false);
  while (list.next());
  return total;
}

function withLength(length: number, isInteger: boolean): number {
  if (isInteger) return length <= 3 ? 2 : length <= 5 ? 3 : 5;
  return length + (length < 64 ? 1 : length < 16384 ? 2 : 5);
}

/** Bytes of the blocks that a key and its value are in. */
export function blockBytes(db: Database, ref: Ref): number {
  let bytes = 0;
  for (const block of db.blocksOf(ref)) bytes += db.arena.capacity(block);
  return bytes;
}

export function sdsLength(call: Call): void {
  const { db, args } = call;
  const ref = db.peek(args.slice(2));
  if (ref === 0) throw errors.NO_SUCH_KEY;
  if (db.typeOf(ref) !== Type.STRING || db.encodingOf(ref) === Encoding.INT) throw errors.NOT_SDS;
  const keyLength = args.slice(2).length;
  const bytes = blockBytes(db, ref);
  // Key and value lie in one entry: what it has room for counts with the value.
  call.reply.status(
    `key_sds_len:${keyLength}, key_sds_avail:0, key_zmalloc: ${keyLength}, ` +
      `val_sds_len:${stringLength(db, ref)}, val_sds_avail:0, val_zmalloc: ${bytes - keyLength}`,
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
  if (ENCODING_NAMES[db.encodingOf(ref)] !== encoding) throw otherwise;
  const blocks = [...db.blocksOf(ref)].map((block) => db.arena.capacity(block));
  call.host.log(`DEBUG ${encoding} of ${JSON.stringify(args.text(2))}: blocks of ${blocks.join(', ')} bytes`);
  call.reply.status(status);
}

export function digest(call: Call): void {
  call.reply.status(digestOfDatabases(call.keyspace.databases).toString('hex'));
}

export function digestValue(call: Call): void {
  const { db, args, reply } = call;
  reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) {
    const ref = db.peek(args.slice(i));
    reply.status((ref === 0 ? NO_DIGEST : digestOfValue(db, ref)).toString('hex'));
  }
}

/** Keys that are there stay as they are. */
export function populate(call: Call): void {
  const { db, args, keyspace } = call;
  const count = args.integer(2, errors.NOT_POSITIVE);
  if (count < 0) throw errors.NOT_POSITIVE;
  const prefix = args.count > 3 ? args.latin1(3) : 'key';
  const size = args.count > 4 ? args.integer(4, errors.NOT_POSITIVE) : 0;
  if (size < 0) throw errors.NOT_POSITIVE;
  for (let i = 0; i < count; i++) {
    const key = Slice.of(Buffer.from(`${prefix}:${i}`, 'latin1'));
    if (db.peek(key) !== 0) continue;
    setString(db, key, 0, Slice.of(populatedValue(i, size)));
    keyspace.keyChanged(db, key, 'set', EventClass.STRING);
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
