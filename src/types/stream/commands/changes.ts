/** XADD, XDEL, XTRIM and XSETID: what changes a stream but for its groups. */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { CommandRow } from '../../../engine/command.js';
import type { EffectPart } from '../../../engine/effect.js';
import { oneKey } from '../../../engine/key-specs.js';
import { Id } from '../../../memory/id-tree.js';
import type { Slice } from '../../../memory/slice.js';
import type { Args } from '../../../protocol/args.js';
import * as errors from '../../../protocol/errors.js';
import { idString, increment, LAST, readId, readPartialId, setMilliseconds, ZERO } from '../id.js';
import type { StringList } from '../node.js';
import type { Stream } from '../stream.js';
import { createStream } from '../value.js';
import { referencesArgument } from './references.js';
import { replyId, writeStream } from './shared.js';
import { trimming, trimmingArgument } from './trimming.js';

/** Redis's bound for the bytes of one entry. */
const MAX_ENTRY_BYTES = 2 ** 30;
/** Beside an entry's bytes: its node may be copied as it grows, and each string has a length. */
const NODE_SLACK = 64 * 1024;
const STRING_SLACK = 16;
/** Up to here every command finds the memory that an entry needs. */
const LARGE_ENTRY = 32 * 1024;

const id = new Id();
const last = new Id();

/** The arguments from `first` on. */
class Fields implements StringList {
  byteLength = 0;
  private args!: Args;
  private first = 0;

  open(args: Args, first: number): this {
    this.args = args;
    this.first = first;
    let bytes = 0;
    for (let i = first; i < args.count; i++) bytes += args.length(i);
    this.byteLength = bytes;
    return this;
  }

  slice(i: number): Slice {
    return this.args.slice(this.first + i);
  }
}

const fields = new Fields();

/** How the id of a new entry is given. */
const IdForm = { AUTOMATIC: 0, PARTIAL: 1, WHOLE: 2 } as const;
type IdForm = (typeof IdForm)[keyof typeof IdForm];

function idFormAt(args: Args, i: number): IdForm {
  if (args.equals(i, '*')) return IdForm.AUTOMATIC;
  if (readPartialId(args, i, id)) return IdForm.PARTIAL;
  readId(args, i, id);
  return IdForm.WHOLE;
}

/** Makes `id` that of a new entry. */
function chooseId(call: Call, form: IdForm, stream: Stream | null): void {
  if (stream === null) last.setFrom(ZERO);
  else stream.lastId(last);
  if (last.compare(LAST) === 0) throw errors.STREAM_EXHAUSTED;
  if (form === IdForm.AUTOMATIC) {
    setMilliseconds(id, call.now);
    if (id.compare(last) <= 0 || isSameMillisecond(id, last)) increment(id.setFrom(last));
  } else if (form === IdForm.PARTIAL && isSameMillisecond(id, last)) {
    increment(id.setFrom(last));
    // As Redis says it where a millisecond has no id left.
    if (!isSameMillisecond(id, last)) throw errors.STREAM_ENTRY_TOO_LARGE;
  }
  if (id.compare(last) <= 0) throw errors.STREAM_ID_TOO_SMALL;
}

function isSameMillisecond(a: Id, b: Id): boolean {
  return a.msHigh === b.msHigh && a.msLow === b.msLow;
}

function xadd(call: Call): void {
  const { args, db, reply } = call;
  trimming.begin();
  let i = 2;
  let mayCreate = true;
  for (; i < args.count && !args.equals(i, '*'); ) {
    const next = trimming.take(args, i);
    if (next > i) i = next;
    else if (args.is(i, 'NOMKSTREAM')) {
      mayCreate = false;
      i++;
    } else break;
  }
  if (i >= args.count) throw errors.wrongArity(call.command.fullName);
  const form = idFormAt(args, i);
  trimming.check();
  const idAt = i++;
  const count = (args.count - i) / 2;
  if (count < 1 || !Number.isInteger(count)) throw errors.wrongArity(call.command.fullName);
  if (form === IdForm.WHOLE && id.compare(ZERO) === 0) throw errors.STREAM_ID_ZERO;
  const found = writeStream(call, 1);
  if (found === null && !mayCreate) {
    reply.null();
    return;
  }
  chooseId(call, form, found);
  const { byteLength } = fields.open(args, i);
  if (byteLength > MAX_ENTRY_BYTES) throw errors.STREAM_ENTRY_TOO_LARGE;
  const needed = 2 * byteLength + STRING_SLACK * (args.count - i);
  if (needed > LARGE_ENTRY) db.arena.reserve(needed + NODE_SLACK);

  const key = args.slice(1);
  const stream = found ?? createStream(db, key);
  stream.append(id, fields, count, db.keyspace.limits);
  replyId(reply, id);
  call.changed(key, 'xadd');
  if (trimming.run(call, stream) > 0) call.changed(key, 'xtrim', 0);
  if (call.propagating && (form !== IdForm.WHOLE || trimming.isApproximate))
    propagateAdd(call, stream, idAt, mayCreate);
}

function propagateAdd(call: Call, stream: Stream, idAt: number, mayCreate: boolean): void {
  const { args } = call;
  const parts: EffectPart[] = [args.slice(0), args.slice(1)];
  if (!mayCreate) parts.push('NOMKSTREAM');
  parts.push(...trimming.effectParts(stream), idString(id));
  for (let i = idAt + 1; i < args.count; i++) parts.push(args.slice(i));
  call.effect(...parts);
}

function xtrim(call: Call): void {
  const { args, reply } = call;
  trimming.begin();
  for (let i = 2; i < args.count; ) {
    const next = trimming.take(args, i);
    if (next === i) throw errors.SYNTAX;
    i = next;
  }
  trimming.check();
  if (trimming.strategy === null) throw errors.STREAM_NO_STRATEGY;
  const stream = writeStream(call, 1);
  const removed = stream === null ? 0 : trimming.run(call, stream);
  reply.integer(removed);
  if (stream === null || removed === 0) return;
  call.changed(args.slice(1), 'xtrim', removed);
  if (trimming.isApproximate && call.propagating) call.effect('XTRIM', args.slice(1), ...trimming.effectParts(stream));
}

function xdel(call: Call): void {
  const { args, reply } = call;
  const stream = writeStream(call, 1);
  if (stream === null) {
    reply.integer(0);
    return;
  }
  for (let i = 2; i < args.count; i++) readId(args, i, id);
  let removed = 0;
  for (let i = 2; i < args.count; i++) if (stream.delete(readId(args, i, id))) removed++;
  reply.integer(removed);
  if (removed > 0) call.changed(args.slice(1), 'xdel', removed);
}

const maxDeleted = new Id();

function xsetid(call: Call): void {
  const { args } = call;
  readId(args, 2, id);
  let added = -1n;
  let hasMaxDeleted = false;
  for (let i = 3; i < args.count; i += 2) {
    const hasValue = i + 1 < args.count;
    if (hasValue && args.is(i, 'ENTRIESADDED')) {
      added = args.integer64(i + 1);
      if (added < 0n) throw errors.STREAM_ADDED_NEGATIVE;
    } else if (hasValue && args.is(i, 'MAXDELETEDID')) {
      readId(args, i + 1, maxDeleted);
      hasMaxDeleted = true;
      if (id.compare(maxDeleted) < 0) throw errors.STREAM_LAST_BELOW_DELETED;
    } else throw errors.SYNTAX;
  }
  const stream = writeStream(call, 1);
  if (stream === null) throw errors.NO_SUCH_KEY;
  if (stream.last() && id.compare(stream.entry.id) < 0) throw errors.STREAM_LAST_BELOW_TOP;
  if (added >= 0n && added < BigInt(stream.length)) throw errors.STREAM_ADDED_BELOW_LENGTH;
  stream.setLastId(id);
  if (added >= 0n) stream.entriesAdded = added;
  if (hasMaxDeleted && maxDeleted.compare(ZERO) !== 0) stream.setMaxDeletedId(maxDeleted);
  call.changed(args.slice(1), 'xsetid');
  call.reply.ok();
}

export const changeCommands: readonly CommandRow[] = [
  {
    name: 'xadd',
    summary: 'Adds an entry at the end of a stream, creating it if need be.',
    group: 'stream',
    complexity: 'O(1), and O(N) for N entries that are trimmed',
    arity: -5,
    flags: ['write', 'denyoom', 'fast'],
    keys: [
      { ...oneKey(1, 'RW', 'update'), notes: 'UPDATE instead of INSERT because of the optional trimming feature' },
    ],
    arguments: [
      arg.key(),
      arg.optional(arg.token('NOMKSTREAM', { since: '6.2.0' })),
      referencesArgument,
      arg.optional(trimmingArgument),
      arg.oneOf('id-selector', [arg.token('*', { name: 'auto-id' }), arg.string('id')]),
      arg.multiple(arg.block('data', [arg.string('field'), arg.string('value')])),
    ],
    run: xadd,
  },
  {
    name: 'xtrim',
    summary: 'Removes entries from the beginning of a stream.',
    group: 'stream',
    complexity: 'O(N), N being the entries removed',
    arity: -4,
    flags: ['write'],
    keys: [oneKey(1, 'RW', 'delete')],
    arguments: [arg.key(), trimmingArgument, referencesArgument],
    run: xtrim,
  },
  {
    name: 'xdel',
    summary: 'Removes entries from a stream by their ids and replies with how many there were.',
    group: 'stream',
    complexity: 'O(1) for each entry',
    arity: -3,
    flags: ['write', 'fast'],
    keys: [oneKey(1, 'RW', 'delete')],
    arguments: [arg.key(), arg.multiple(arg.string('id'))],
    run: xdel,
  },
  {
    name: 'xsetid',
    summary: 'Sets the last id of a stream, for replication.',
    group: 'stream',
    complexity: 'O(1)',
    arity: -3,
    flags: ['write', 'denyoom', 'fast'],
    keys: [oneKey(1, 'RW', 'update')],
    arguments: [
      arg.key(),
      arg.string('last-id'),
      arg.option('ENTRIESADDED', arg.integer('entries-added', { since: '7.0.0' })),
      arg.option('MAXDELETEDID', arg.string('max-deleted-id', { since: '7.0.0' })),
    ],
    run: xsetid,
  },
];
