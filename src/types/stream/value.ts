/** Streams in the keyspace: the kind of their entries, their limits, and cursors over them. */

import { CursorPool } from '../../keyspace/cursor-pool.js';
import type { Database } from '../../keyspace/database.js';
import { NO_DEADLINE } from '../../keyspace/types.js';
import type { Ref } from '../../memory/arena.js';
import { Slice } from '../../memory/slice.js';
import type { NodeLimits } from './node.js';
import { Stream } from './stream.js';
import { STREAM_ROOT } from './walk.js';

/** The id of the type. */
export const STREAM = 6;

/** All streams are held in one way; the entry holds the root. */
export const STREAM_KIND = 48;

declare module '../../keyspace/database.js' {
  interface KeyspaceLimits extends NodeLimits {}
}

function streams(db: Database): CursorPool<Stream> {
  return (db.pools[STREAM] ??= new CursorPool(db.arena, () => new Stream(db.arena))) as CursorPool<Stream>;
}

/** A cursor for the length of the command. */
export function openStream(db: Database, ref: Ref): Stream {
  return streams(db).lease().open(ref, db.valueOffset(ref));
}

/** For what is over when one call returns. */
export function openStreamBriefly(db: Database, ref: Ref): Stream {
  return streams(db).brief.open(ref, db.valueOffset(ref));
}

const NO_NAME = Slice.of(Buffer.alloc(0));

/** The group that the stream stands on goes as a value of its own does: what is much is freed in slices, later. */
export function destroyGroup(staging: Database, stream: Stream): void {
  const doomed = createStream(staging, NO_NAME);
  stream.groups.moveTo(doomed.extensibleGroups);
  staging.delete(doomed.block);
}

/** So many nodes go at once. */
const FEW_NODES = 16;

/**
 * The nodes before the one that the stream was turned to, which have so many entries, go: many as a value of their own
 * does, which is freed in slices, later.
 */
export function removeNodesBefore(staging: Database, stream: Stream, entries: number): void {
  if (stream.nodesBefore <= FEW_NODES || !staging.arena.canSpare()) {
    stream.removeNodesBefore(entries);
    return;
  }
  const doomed = createStream(staging, NO_NAME);
  stream.moveNodesBefore(entries, doomed);
  staging.delete(doomed.block);
}

/** A new stream without entries under a key that is not there. */
export function createStream(db: Database, key: Slice, deadline: number = NO_DEADLINE): Stream {
  const ref = db.create(key, STREAM_KIND, STREAM_ROOT, deadline);
  return openStream(db, ref).initialise();
}
