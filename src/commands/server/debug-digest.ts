/**
 * DEBUG DIGEST and DIGEST-VALUE: 40 hexadecimal digits that are equal for equal data, however it came to be.
 *
 * A value's digest is the SHA-1 of its type and its elements with their lengths, in their order or, where that means
 * nothing, of the XOR of the elements' digests; that of a key adds its name, its database and whether it expires; that
 * of all data is the XOR of all keys', so that their order does not matter. They are not Redis's.
 */

import type { DataTypes } from '../../keyspace/data-type.js';
import type { Database } from '../../keyspace/database.js';
import type { Ref } from '../../memory/arena.js';
import type { ByteSink } from '../../memory/byte-sink.js';
import { Slice } from '../../memory/slice.js';
import { SHA1_BYTES, Sha1 } from '../../text/sha1.js';

export const NO_DIGEST = Buffer.alloc(SHA1_BYTES);

/** Takes in elements one after the other. */
class OrderedDigest implements ByteSink {
  readonly hash = new Sha1();
  private readonly length = Buffer.alloc(8);
  private readonly range = new Slice();

  bulk(content: Slice): void {
    this.bulkHeader(content.length);
    this.rawSlice(content);
    this.bulkEnd();
  }

  bulkRange(bytes: Buffer, view: DataView, start: number, length: number): void {
    this.bulk(this.range.set(bytes, view, start, start + length));
  }

  bulkHeader(length: number): void {
    this.length.writeDoubleLE(length);
    this.hash.update(this.length);
  }

  rawSlice({ bytes, start, end }: Slice): void {
    this.hash.update(bytes, start, end);
  }

  bulkEnd(): void {}
}

/** Takes in elements of so many parts whose order means nothing. */
class UnorderedDigest extends OrderedDigest {
  readonly sum = Buffer.from(NO_DIGEST);
  private readonly digest = Buffer.alloc(SHA1_BYTES);
  private missing: number;

  constructor(private readonly parts: number) {
    super();
    this.missing = parts;
  }

  override bulkEnd(): void {
    if (--this.missing > 0) return;
    this.hash.digestInto(this.digest, 0);
    this.hash.reset();
    addDigest(this.sum, this.digest);
    this.missing = this.parts;
  }
}

function addDigest(sum: Buffer, digest: Buffer): void {
  for (let i = 0; i < SHA1_BYTES; i++) sum[i] ^= digest[i];
}

const ofValue = new OrderedDigest();

/** Writes the digest of a value. */
function digestInto(types: DataTypes, db: Database, ref: Ref, target: Buffer): void {
  const type = types.of(db, ref);
  ofValue.hash.reset().update(Buffer.from(type.name));
  if (type.isOrdered) {
    type.writeElements(db, ref, ofValue);
  } else {
    const elements = new UnorderedDigest(type.elementParts);
    type.writeElements(db, ref, elements);
    ofValue.hash.update(elements.sum);
  }
  ofValue.hash.digestInto(target, 0);
}

export function digestOfValue(types: DataTypes, db: Database, ref: Ref): Buffer {
  const digest = Buffer.alloc(SHA1_BYTES);
  digestInto(types, db, ref, digest);
  return digest;
}

export function digestOfDatabases(types: DataTypes, databases: readonly Database[]): Buffer {
  const sum = Buffer.from(NO_DIGEST);
  const key = new Slice();
  const hash = new Sha1();
  const digest = Buffer.alloc(SHA1_BYTES);
  /** The database, whether the key expires, and the length of its name. */
  const facts = Buffer.alloc(9);
  for (const db of databases) {
    facts.writeUInt32LE(db.index, 0);
    for (let position = 0; position < db.size; position++) {
      const ref = db.at(position);
      if (db.isDue(ref)) continue;
      digestInto(types, db, ref, digest);
      const { bytes, start, end } = db.keyOf(ref, key);
      facts[4] = db.hasDeadline(ref) ? 1 : 0;
      facts.writeUInt32LE(end - start, 5);
      hash.reset().update(facts).update(bytes, start, end).update(digest).digestInto(digest, 0);
      addDigest(sum, digest);
    }
  }
  return sum;
}
