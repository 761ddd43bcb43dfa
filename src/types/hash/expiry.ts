/** Fields that fall due: in the database's heap a hash stands with the earliest of their deadlines. */

import type { Database, ElementExpiry } from '../../keyspace/database.js';
import type { Ref } from '../../memory/arena.js';
import { Slice } from '../../memory/slice.js';
import type { Budget } from '../../memory/structure.js';
import { hashes } from './value.js';

const key = new Slice();

export const hashExpiry: ElementExpiry = {
  nextDeadline: (db, ref) => hashes(db).ofExpiry.open(ref).nextDeadline,
  expireDue,
};

function expireDue(db: Database, ref: Ref, now: number, budget: Budget): Ref {
  const hash = hashes(db).ofExpiry.openToWrite(ref);
  const { propagation } = db.keyspace;
  const removed: Slice[] = [];
  let count = 0;
  hash.expire(now, budget, (field) => {
    count++;
    if (propagation.active) removed.push(Slice.of(field.toBuffer()));
  });
  if (count === 0) return hash.ref;
  // The bytes of the entry stay readable wherever it goes now.
  db.keyOf(hash.ref, key);
  const left = hash.length === 0 ? 0 : hash.ref;
  if (left !== 0) hash.trim();
  if (propagation.active) propagation.emit(db.index, ['HDEL', key, ...removed]);
  db.keyspace.elementsExpired(db, key, 'hexpired', count);
  return left === 0 ? 0 : hash.ref;
}
