/**
 * The payloads of DUMP and RESTORE: one value in the RDB format, and what tells who can read it.
 *
 *   u8 value type, value, u16 version of the RDB format, u64 CRC-64 of all before it; little-endian.
 *
 * What is written is of the oldest version that has the value's type, at least of that which redis-server 7.0 writes;
 * what is read may be of any up to the newest that is known here. A payload is taken apart in the staging database, so
 * that a wrong one changes nothing.
 */

import { Crc64 } from '../../format/crc64.js';
import { MAX_RDB_VERSION, RdbError, VALUE_TYPE_NAMES, versionOf } from '../../format/rdb-encoding.js';
import { RdbInput } from '../../format/rdb-input.js';
import { RdbOutput } from '../../format/rdb-output.js';
import { RdbValueInput } from '../../format/rdb-value-input.js';
import { RdbValueOutput } from '../../format/rdb-value-output.js';
import type { DataTypes, LoadTarget } from '../../keyspace/data-type.js';
import type { Database } from '../../keyspace/database.js';
import type { Keyspace } from '../../keyspace/keyspace.js';
import type { Ref } from '../../memory/arena.js';
import { Slice } from '../../memory/slice.js';
import * as errors from '../../protocol/errors.js';

const VERSION_SIZE = 2;
/** The version and the checksum behind a payload. */
export const PAYLOAD_FOOTER_SIZE = VERSION_SIZE + 8;
const CHUNK_SIZE = 128 * 1024;

/** What both directions need is made when the first payload comes, and kept: payloads come in rows. */
interface Dumper {
  readonly output: RdbOutput;
  readonly values: RdbValueOutput;
}
let dumper: Dumper | null = null;

/** A value's payload in pieces, which are valid until the next call. */
export function dumpValue(types: DataTypes, database: Database, ref: Ref): readonly Buffer[] {
  const { output, values } = (dumper ??= createDumper());
  const { rdb } = types.of(database, ref);
  const rdbType = rdb.typeOf(database, ref);
  output.reset();
  output.writeByte(rdbType);
  const steps = rdb.write(database, ref, values);
  // Nobody takes chunks meanwhile, so it stops at every step.
  if (steps !== null) while (steps.next().done !== true);
  const version = versionOf(rdbType);
  output.writeByte(version & 0xff);
  output.writeByte(version >> 8);
  output.writeChecksum();
  return output.chunks;
}

function createDumper(): Dumper {
  const output = new RdbOutput({ compression: true, checksum: true, chunkSize: CHUNK_SIZE });
  return { output, values: new RdbValueOutput(output) };
}

const crc = new Crc64();
const body = new Slice();

/** @throws CommandError unless the version is known here and the checksum is right */
export function verifyPayload(payload: Slice): void {
  const footer = payload.end - PAYLOAD_FOOTER_SIZE;
  if (footer < payload.start) throw errors.DUMP_PAYLOAD;
  const { bytes, view } = payload;
  if (view.getUint16(footer, true) > MAX_RDB_VERSION) throw errors.DUMP_PAYLOAD;
  const sum = footer + VERSION_SIZE;
  crc.reset();
  crc.update(bytes, payload.start, sum);
  if (view.getInt32(sum, true) !== crc.low || view.getInt32(sum + 4, true) !== crc.high) throw errors.DUMP_PAYLOAD;
}

/**
 * Reads a verified payload into the keyspace's staging database, under the given key: from there it is to be renamed
 * into its place.
 * @throws CommandError and leaves nothing behind
 */
export function readPayload(keyspace: Keyspace, payload: Slice, key: Slice, deadline: number): Ref {
  const { staging } = keyspace;
  const input = new RdbInput(0, false).open(
    body.set(payload.bytes, payload.view, payload.start, payload.end - PAYLOAD_FOOTER_SIZE),
  );
  const target: LoadTarget = { database: staging, key: new Slice().setFrom(key), deadline, isExpired: false };
  try {
    const rdbType = input.byte();
    const type = keyspace.types.readerOf(rdbType);
    if (type === undefined) throw refusalOf(rdbType);
    const steps = type.rdb.read(rdbType, new RdbValueInput(input), target);
    // All of the input is there, so it never waits.
    if (steps !== null && steps.next().done !== true) throw new Error('a whole payload is read in one go');
    // A collection without elements is no value.
    const ref = staging.dict.find(key);
    if (ref === 0) throw errors.BAD_DATA_FORMAT;
    // For renaming it: a long key is written once more.
    keyspace.arena.reserve(2 * key.length);
    return ref;
  } catch (error) {
    const part = staging.dict.find(key);
    if (part !== 0) staging.delete(part);
    throw error instanceof RdbError ? errors.BAD_DATA_FORMAT : error;
  }
}

function refusalOf(type: number): errors.CommandError {
  const name = VALUE_TYPE_NAMES.get(type);
  return name === undefined ? errors.BAD_DATA_FORMAT : errors.unsupportedPayload(name);
}
