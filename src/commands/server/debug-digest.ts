/**
 * DEBUG DIGEST and DIGEST-VALUE: 40 hexadecimal digits that are equal for equal data, however it came to be.
 *
 * A value's digest is the SHA-1 of its type and its elements with their lengths; that of a key adds its name, its database and
 * whether it expires; that of all data is the XOR of all keys', so that their order does not matter. They are not Redis's.
 */

import type { Database } from '../../keyspace/database.js';
import { stringBytes } from '../../keyspace/string-value.js';
import { Type } from '../../keyspace/types.js';
import type { Ref } from '../../memory/arena.js';
import { Slice } from '../../memory/slice.js';

export const DIGEST_BYTES = 20;
export const NO_DIGEST = Buffer.alloc(DIGEST_BYTES);

type Add = (element: Uint8Array) => void;

/** For each type, what its value is, element by element in an order that depends on nothing else. */
const ELEMENTS: Readonly<Partial<Record<Type, (db: Database, ref: Ref, add: Add) => void>>> = {
  [Type.STRING]: (db, ref, add) => add(stringBytes(db, ref)),
  [Type.LIST](db, ref, add) {
    const list = db.list.open(ref);
    list.seek(0);
    do {
      const pieces: Buffer[] = [];
      list.piecesHere((piece) => pieces.push(piece.toBuffer()));
      add(Buffer.concat(pieces));
    } while (list.next());
  },
};

/** Loaded when first needed: it would cost every start 5 ms. */
function newHash() {
  return process.getBuiltinModule('node:crypto').createHash('sha1');
}

export function digestOfValue(db: Database, ref: Ref): Buffer {
  const type = db.typeOf(ref);
  const hash = newHash().update(Uint8Array.of(type));
  const length = Buffer.alloc(8);
  ELEMENTS[type]?.(db, ref, (element) => {
    length.writeDoubleLE(element.length);
    hash.update(length).update(element);
  });
  return hash.digest();
}

export function digestOfDatabases(databases: readonly Database[]): Buffer {
  const sum = Buffer.from(NO_DIGEST);
  const key = new Slice();
  for (const db of databases) {
    for (let position = 0; position < db.size; position++) {
      const ref = db.at(position);
      if (db.isDue(ref)) continue;
      const name = db.keyOf(ref, key).toBuffer();
      const facts = JSON.stringify([db.index, db.hasDeadline(ref), name.length]);
      const digest = newHash().update(facts).update(name).update(digestOfValue(db, ref)).digest();
      for (let i = 0; i < DIGEST_BYTES; i++) sum[i] ^= digest[i];
    }
  }
  return sum;
}
