/** What several stream commands do alike. */

import type { Call } from '../../../engine/call.js';
import type { Id } from '../../../memory/id-tree.js';
import { Slice } from '../../../memory/slice.js';
import type { ReplyWriter } from '../../../protocol/reply-writer.js';
import { expectType } from '../../expect.js';
import { idText, idTextRoom } from '../id.js';
import type { Stream } from '../stream.js';
import { openStream, STREAM } from '../value.js';

const text = Slice.of(idTextRoom());

/** The stream of the key in argument i, for reading; null if the key is missing. */
export function readStream(call: Call, i: number): Stream | null {
  const ref = expectType(call.db, call.db.lookup(call.args.slice(i)), STREAM);
  return ref === 0 ? null : openStream(call.db, ref);
}

/** The same for a command that changes the stream. */
export function writeStream(call: Call, i: number): Stream | null {
  const ref = expectType(call.db, call.db.lookupForWrite(call.args.slice(i)), STREAM);
  return ref === 0 ? null : openStream(call.db, ref);
}

export function replyId(reply: ReplyWriter, id: Id): void {
  reply.bulk(idText(id, text));
}

/** The entry that the walk stands on: its id, then fields and values. */
function replyEntry(reply: ReplyWriter, { entry }: Stream): void {
  reply.array(2);
  reply.bulk(idText(entry.id, text));
  reply.array(2 * entry.fieldCount);
  entry.writeFields(reply);
}

/** Replies with entries within bounds, at most `limit`. */
export function replyRange(reply: ReplyWriter, stream: Stream, from: Id, to: Id, limit: number): void {
  const start = reply.startArray();
  let count = 0;
  for (let there = limit > 0 && stream.seek(from); there && stream.entry.id.compare(to) <= 0; ) {
    replyEntry(reply, stream);
    there = ++count < limit && stream.next();
  }
  reply.endArray(start, count);
}

/** The same from the end on, backwards. */
export function replyRangeBackwards(reply: ReplyWriter, stream: Stream, from: Id, to: Id, limit: number): void {
  const start = reply.startArray();
  let count = 0;
  for (let there = limit > 0 && stream.seekBack(to); there && stream.entry.id.compare(from) >= 0; ) {
    replyEntry(reply, stream);
    there = ++count < limit && stream.previous();
  }
  reply.endArray(start, count);
}
