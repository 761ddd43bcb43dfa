import { RdbLoader, type RdbLoaderOptions } from '../../src/features/persistence/rdb-loader.js';
import { RdbWriter, type RdbWriterOptions } from '../../src/features/persistence/rdb-writer.js';
import { Keyspace } from '../../src/keyspace/keyspace.js';
import { NO_DEADLINE } from '../../src/keyspace/types.js';
import { Slice } from '../../src/memory/slice.js';
import { dataTypes } from '../../src/types/index.js';
import { appendToList } from '../../src/types/list/value.js';
import { setString } from '../../src/types/string/value.js';
import { elementsOf } from '../support/elements.js';

export const NOW = 1_800_000_000_000;

export function newKeyspace(databases = 16): Keyspace {
  let seed = 1;
  const int32 = () => (seed = (Math.imul(seed, 1103515245) + 12345) | 0);
  return new Keyspace({
    types: dataTypes,
    clock: { now: () => NOW },
    random: { int32, below: (limit) => (int32() >>> 0) % limit },
    databases,
  });
}

export type Bytes = string | Uint8Array;

export function putString(
  keyspace: Keyspace,
  database: number,
  key: Bytes,
  value: Bytes,
  deadline = NO_DEADLINE,
): void {
  setString(keyspace.databases[database]!, Slice.of(key), 0, Slice.of(value), deadline);
  keyspace.arena.settle();
}

export function putList(
  keyspace: Keyspace,
  database: number,
  key: Bytes,
  elements: Iterable<Bytes>,
  deadline = NO_DEADLINE,
): void {
  let ref = 0;
  for (const element of elements) {
    ref = appendToList(keyspace.databases[database]!, Slice.of(key), ref, Slice.of(element), deadline);
    keyspace.arena.settle();
  }
}

/** All content as text (latin1), sorted by key: `{ 'db 0': { key: { value, deadline } } }`. */
export function contentOf(keyspace: Pick<Keyspace, 'databases'>): Record<string, Record<string, unknown>> {
  const content: Record<string, Record<string, unknown>> = {};
  for (const database of keyspace.databases) {
    if (database.size === 0) continue;
    const keys: [string, unknown][] = [];
    for (let position = 0; position < database.size; position++) {
      const ref = database.at(position);
      const key = database.keyOf(ref, new Slice()).toLatin1();
      const deadline = database.deadlineOf(ref);
      const type = dataTypes.of(database, ref);
      const elements = elementsOf(dataTypes, database, ref);
      const value = type.length === undefined ? elements[0] : elements;
      keys.push([key, { value, deadline, encoding: database.kindOf(ref) }]);
    }
    content[`db ${database.index}`] = Object.fromEntries(keys.sort(([a], [b]) => (a < b ? -1 : 1)));
  }
  return content;
}

/** The keyspace as an RDB file, written in slices of so many units. */
export function fileOf(
  keyspace: Keyspace,
  options: Partial<RdbWriterOptions> & { units?: number; between?: () => void } = {},
): Buffer {
  const snapshot = keyspace.snapshot();
  const writer = new RdbWriter(snapshot, { compression: true, checksum: true, aux: [], ...options });
  const chunks: Buffer[] = [];
  for (let done = false; !done; ) {
    done = writer.run(options.units ?? 100_000);
    for (let chunk: Buffer | undefined; (chunk = writer.take()) !== undefined; writer.recycle(chunk)) {
      chunks.push(Buffer.from(chunk));
    }
    options.between?.();
  }
  snapshot.close();
  return Buffer.concat(chunks);
}

/** Loads a file into a new keyspace, in pieces of so many bytes. */
export function load(file: Buffer, pieceSize = 64 * 1024, options: Partial<RdbLoaderOptions> = {}): Keyspace {
  const keyspace = newKeyspace();
  loadInto(keyspace, file, pieceSize, options);
  return keyspace;
}

export function loadInto(
  keyspace: Keyspace,
  file: Buffer,
  pieceSize: number,
  options: Partial<RdbLoaderOptions> = {},
): RdbLoader {
  const loader = new RdbLoader(keyspace, file.length, { checksum: true, nowMs: NOW, replace: false, ...options });
  for (let at = 0; at < file.length; at += pieceSize) loader.feed(file.subarray(at, at + pieceSize));
  loader.finish();
  return loader;
}
