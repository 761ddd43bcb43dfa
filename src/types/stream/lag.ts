/** How many entries a group has read, and how many it has not, as far as the stream's counters tell. */

import { Id } from '../../memory/id-tree.js';
import { UNKNOWN } from './groups.js';
import { ZERO } from './id.js';
import type { Stream } from './stream.js';

const maxDeleted = new Id();
const other = new Id();

/** Whether an entry after `id` may have been deleted: then counting on is no way to tell its place. */
export function hasTombstonesFrom(stream: Stream, id: Id): boolean {
  if (stream.length === 0) return false;
  stream.maxDeletedId(maxDeleted);
  return maxDeleted.compare(ZERO) !== 0 && id.compare(maxDeleted) <= 0;
}

/** How many entries were ever added up to an id, or UNKNOWN. Ends the walk. */
export function distanceFromStart(stream: Stream, id: Id): bigint {
  const added = stream.entriesAdded;
  if (added === 0n) return 0n;
  const toLast = id.compare(stream.lastId(other));
  if (stream.length === 0 && toLast <= 0) return added;
  if (toLast >= 0) return toLast === 0 ? added : UNKNOWN;
  stream.maxDeletedId(maxDeleted);
  stream.firstId(other);
  if (maxDeleted.compare(ZERO) !== 0 && maxDeleted.compare(other) >= 0) return UNKNOWN;
  const toFirst = id.compare(other);
  if (toFirst > 0) return UNKNOWN;
  return added - BigInt(stream.length) + (toFirst === 0 ? 1n : 0n);
}

/** Whether no entry is left before one that was deleted. Ends the walk. */
function areTombstonesGone(stream: Stream): boolean {
  return stream.maxDeletedId(maxDeleted).compare(stream.firstId(other)) < 0;
}

const lastId = new Id();

/** How many entries the group that the stream stands on has not read, or UNKNOWN. Ends the walk. */
export function lagOf(stream: Stream): bigint {
  const { groups, entriesAdded } = stream;
  if (entriesAdded === 0n) return 0n;
  groups.lastId(lastId);
  const read = groups.entriesRead;
  if (read !== UNKNOWN && (!hasTombstonesFrom(stream, lastId) || areTombstonesGone(stream))) return entriesAdded - read;
  const distance = distanceFromStart(stream, lastId);
  return distance === UNKNOWN ? UNKNOWN : entriesAdded - distance;
}
