/** What several stream commands do alike. */

import type { Call } from '../../../engine/call.js';
import { Id } from '../../../memory/id-tree.js';
import { Slice } from '../../../memory/slice.js';
import * as errors from '../../../protocol/errors.js';
import type { ReplyWriter } from '../../../protocol/reply-writer.js';
import { expectType } from '../../expect.js';
import { idString, idText, idTextRoom, SuccessiveIdTexts } from '../id.js';
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

const texts = new SuccessiveIdTexts();

export function replyId(reply: ReplyWriter, id: Id): void {
  reply.bulk(texts.of(id));
}

/** The entry that the walk stands on: its id, then fields and values. */
export function replyEntry(reply: ReplyWriter, { entry }: Stream): void {
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

/** Turns the stream of the key in argument i to the group in the argument after it, which must be there. */
export function groupStream(call: Call, i: number, isWrite: boolean): Stream {
  const stream = isWrite ? writeStream(call, i) : readStream(call, i);
  if (stream?.groups.find(call.args.slice(i + 1))) return stream;
  throw errors.noGroup(call.args.text(i), call.args.text(i + 1));
}

/** Turns to the consumer of a name in the group, which is created if need be: in Redis reading is enough for that. */
export function enterConsumer(call: Call, stream: Stream, keyAt: number, groupAt: number, consumerAt: number): void {
  const { args } = call;
  const { groups } = stream;
  if (groups.findConsumer(args.slice(consumerAt))) return;
  groups.createConsumer(args.slice(consumerAt), call.now);
  call.changed(args.slice(keyAt), 'xgroup-createconsumer');
  call.effect('XGROUP', 'CREATECONSUMER', args.slice(keyAt), args.slice(groupAt), args.slice(consumerAt));
}

const last = new Id();

/** What one pending entry's being given, or claimed, propagates; the group's last id is then `lastId`, if given. */
export function propagateClaim(
  call: Call,
  { groups }: Stream,
  keyAt: number,
  groupAt: number,
  id: Id,
  lastId: Id = groups.lastId(last),
): void {
  if (!call.propagating) return;
  const { args } = call;
  groups.pending.find(id);
  call.effect(
    'XCLAIM',
    args.slice(keyAt),
    args.slice(groupAt),
    groups.holderName(holder),
    0,
    idString(id),
    'TIME',
    groups.pendingTime,
    'RETRYCOUNT',
    groups.deliveries,
    'FORCE',
    'JUSTID',
    'LASTID',
    idString(lastId),
  );
}

const holder = new Slice();
