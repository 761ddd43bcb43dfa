/** How many entries a group has read, and how many it has not, as far as the stream's counters tell. */

import { Id } from '../../memory/id-tree.js';
import { UNKNOWN } from './groups.js';
import { ZERO } from './id.js';
import type { Stream } from './stream.js';

const maxDeleted = new Id();

/** Whether an entry from `id` on may have been deleted: then counting on is no way to tell its place. */
export function hasTombstonesFrom(stream: Stream, id: Id): boolean {
  return stream.length > 0 && isUpTo(id, stream.maxDeletedId(maxDeleted));
}

function isUpTo(id: Id, deleted: Id): boolean {
  return deleted.compare(ZERO) !== 0 && id.compare(deleted) <= 0;
}

/** Counters by which places in a stream are found, read once: it stays while entries are read. */
export class Places {
  private length = 0;
  private added = 0n;
  private readonly first = new Id();
  private readonly last = new Id();
  private readonly maxDeleted = new Id();

  /** Takes down what a stream is now. */
  open(stream: Stream): this {
    this.length = stream.length;
    this.added = stream.entriesAdded;
    stream.firstId(this.first);
    stream.lastId(this.last);
    stream.maxDeletedId(this.maxDeleted);
    return this;
  }

  private hasTombstonesFrom(id: Id): boolean {
    return this.length > 0 && isUpTo(id, this.maxDeleted);
  }

  /** How many entries were ever added up to an id, or UNKNOWN. */
  distanceFromStart(id: Id): bigint {
    const { added, length, first } = this;
    if (added === 0n) return 0n;
    const toLast = id.compare(this.last);
    if (length === 0 && toLast <= 0) return added;
    if (toLast >= 0) return toLast === 0 ? added : UNKNOWN;
    if (isUpTo(first, this.maxDeleted)) return UNKNOWN;
    const toFirst = id.compare(first);
    if (toFirst > 0) return UNKNOWN;
    return added - BigInt(length) + (toFirst === 0 ? 1n : 0n);
  }

  /** What a group that has read so many entries has read with this one, too. */
  countAfter(read: bigint, id: Id): bigint {
    if (read !== UNKNOWN && !this.hasTombstonesFrom(id)) return read + 1n;
    return this.added === 0n ? read : this.distanceFromStart(id);
  }

  /** How many entries a group has not read, or UNKNOWN. */
  lag(read: bigint, id: Id): bigint {
    if (this.added === 0n) return 0n;
    const areTombstonesGone = this.maxDeleted.compare(this.first) < 0;
    if (read !== UNKNOWN && (areTombstonesGone || !this.hasTombstonesFrom(id))) return this.added - read;
    const distance = this.distanceFromStart(id);
    return distance === UNKNOWN ? UNKNOWN : this.added - distance;
  }
}
