/** The check of a key's type that every command makes before it opens the value. */

import type { Database } from '../keyspace/database.js';
import type { Ref } from '../memory/arena.js';
import * as errors from '../protocol/errors.js';

/** The entry, if it is there, must be of the type with this id. */
export function expectType(db: Database, ref: Ref, type: number): Ref {
  if (ref !== 0 && db.typeOf(ref) !== type) throw errors.WRONGTYPE;
  return ref;
}
