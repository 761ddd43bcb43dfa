/**
 * DEBUG DIGEST and DIGEST-VALUE: 40 hexadecimal digits that are equal for equal data, however it came to be.
 *
 * A value's digest is the SHA-1 of its type and its elements with their lengths, in their order or, where that means nothing,
 * of the XOR of the elements' digests; that of a key adds its name, its database and whether it expires; that of all data is
 * the XOR of all keys', so that their order does not matter. They are not Redis's.
 */

import type { DataTypes } from '../../keyspace/data-type.js';
import type { Database } from '../../keyspace/database.js';
import type { Ref } from '../../memory/arena.js';
import type { ByteSink } from '../../memory/byte-sink.js';
import { Slice } from '../../memory/slice.js';

export const DIGEST_BYTES = 20;
export const NO_DIGEST = Buffer.alloc(DIGEST_BYTES);

/** Loaded when first needed: it would cost every start 5 ms. */
function newHash() {
  return process.getBuiltinModule('node:crypto').createHash('sha1');
}

/** Takes in elements one after the other. */
class OrderedDigest implements ByteSink {
  hash = newHash();
  private readonly length = Buffer.alloc(8);

  bulk(content: Slice): void {
    this.bulkHeader(content.length);
    this.rawSlice(content);
    this.bulkEnd();
  }

  bulkRange(bytes: Buffer, view: DataView, start: number, length: number): void {
    this.bulk(new Slice().set(bytes, view, start, start + length));
  }

  bulkHeader(length: number): void {
    this.length.writeDoubleLE(length);
    this.hash.update(this.length);
  }

  rawSlice({ bytes, start, end }: Slice): void {
    this.hash.update(bytes.subarray(start, end));
  }

  bulkEnd(): void {}
}

/** Takes in elements of so many parts whose order means nothing. */
class UnorderedDigest extends OrderedDigest {
  readonly sum = Buffer.from(NO_DIGEST);
  private missing: number;

  constructor(private readonly parts: number) {
    super();
    this.missing = parts;
  }

  override bulkEnd(): void {
    if (--this.missing > 0) return;
    addDigest(this.sum, this.hash.digest());
    this.hash = newHash();
    this.missing = this.parts;
  }
}

function addDigest(sum: Buffer, digest: Buffer): void {
  for (let i = 0; i < DIGEST_BYTES; i++) sum[i] ^= digest[i];
}

export function digestOfValue(types: DataTypes, db: Database, ref: Ref): Buffer {
  const type = types.of(db, ref);
  const digest = new OrderedDigest();
  digest.hash.update(type.name);
  if (type.isOrdered) {
    type.writeElements(db, ref, digest);
  } else {
    const elements = new UnorderedDigest(type.elementParts);
    type.writeElements(db, ref, elements);
    digest.hash.update(elements.sum);
  }
  return digest.hash.digest();
}

export function digestOfDatabases(types: DataTypes, databases: readonly Database[]): Buffer {
  const sum = Buffer.from(NO_DIGEST);
  const key = new Slice();
  for (const db of databases) {
    for (let position = 0; position < db.size; position++) {
      const ref = db.at(position);
      if (db.isDue(ref)) continue;
      const name = db.keyOf(ref, key).toBuffer();
      const facts = JSON.stringify([db.index, db.hasDeadline(ref), name.length]);
      addDigest(
        sum,
        newHash()
          .update(facts)
          .update(name)
          .update(digestOfValue(types, db, ref))
          .digest(),
      );
    }
  }
  return sum;
}
