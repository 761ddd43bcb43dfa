/** XLEN, XRANGE, XREVRANGE and XREAD: what looks at a stream without a group. */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { CommandRow } from '../../../engine/command.js';
import { oneKey } from '../../../engine/key-specs.js';
import { Id } from '../../../memory/id-tree.js';
import { Args } from '../../../protocol/args.js';
import * as errors from '../../../protocol/errors.js';
import type { ReplyWriter } from '../../../protocol/reply-writer.js';
import { decrement, idString, increment, LAST, readBound, readId } from '../id.js';
import type { Stream } from '../stream.js';
import { STREAM } from '../value.js';
import { readStream, replyRange, replyRangeBackwards } from './shared.js';

const from = new Id();
const to = new Id();
const last = new Id();

function xlen(call: Call): void {
  call.reply.integer(readStream(call, 1)?.length ?? 0);
}

function xrange(call: Call, isBackwards: boolean): void {
  const { args, reply } = call;
  readBound(args, isBackwards ? 3 : 2, from, true);
  readBound(args, isBackwards ? 2 : 3, to, false);
  let limit = Number.POSITIVE_INFINITY;
  for (let i = 4; i < args.count; i += 2) {
    if (i + 1 >= args.count || !args.is(i, 'COUNT')) throw errors.SYNTAX;
    limit = Math.max(0, args.integer(i + 1));
  }
  const stream = readStream(call, 1);
  if (stream === null) reply.array(0);
  else if (limit === 0) reply.nullArray();
  else if (isBackwards) replyRangeBackwards(reply, stream, from, to, limit);
  else replyRange(reply, stream, from, to, limit);
}

/** XREAD [COUNT n] [BLOCK ms] STREAMS key … id …: where things stand. */
const reading = { limit: Number.POSITIVE_INFINITY, timeoutMs: -1, firstKey: 0, keyCount: 0 };

function parseReading({ args, client }: Call): void {
  reading.limit = Number.POSITIVE_INFINITY;
  reading.timeoutMs = -1;
  reading.keyCount = 0;
  for (let i = 1; i < args.count; i += 2) {
    const hasMore = i + 1 < args.count;
    if (hasMore && args.is(i, 'BLOCK')) {
      if (client.isScript) throw errors.noBlockInScript('xread');
      reading.timeoutMs = args.integer(i + 1, errors.TIMEOUT_NOT_INTEGER);
      if (reading.timeoutMs < 0) throw errors.TIMEOUT_NEGATIVE;
    } else if (hasMore && args.is(i, 'COUNT')) {
      const count = args.integer(i + 1);
      reading.limit = count > 0 ? count : Number.POSITIVE_INFINITY;
    } else if (hasMore && args.is(i, 'STREAMS')) {
      const words = args.count - i - 1;
      if (words % 2 !== 0) throw errors.unbalancedStreams('xread', ", '+', or '$'");
      reading.firstKey = i + 1;
      reading.keyCount = words / 2;
      return;
    } else {
      // As Redis looks for them: each option only where enough words follow.
      if (args.count - i > 3 && args.is(i, 'GROUP')) throw errors.notForXread('GROUP');
      if (args.is(i, 'NOACK')) throw errors.notForXread('NOACK');
      throw errors.SYNTAX;
    }
  }
  throw errors.SYNTAX;
}

/** Makes `from` the id after which argument i asks for entries. */
function readPlace(args: Args, i: number, stream: Stream | null): void {
  if (args.equals(i, '$')) {
    if (stream === null) from.set(0, 0, 0, 0);
    else stream.lastId(from);
  } else if (args.equals(i, '+')) {
    if (stream?.last()) decrement(from.setFrom(stream.entry.id));
    else from.set(0, 0, 0, 0);
  } else {
    if (args.equals(i, '>')) throw errors.STREAM_NEW_ID_WITHOUT_GROUP;
    readId(args, i, from);
  }
}

function xread(call: Call): void {
  const { args, reply } = call;
  parseReading(call);
  const { firstKey, keyCount, limit } = reading;
  // All keys and ids are checked before anything is answered.
  for (let i = firstKey; i < firstKey + keyCount; i++) readPlace(args, i + keyCount, readStream(call, i));
  let found = 0;
  let start = 0;
  for (let i = firstKey; i < firstKey + keyCount; i++) {
    const stream = readStream(call, i);
    if (stream === null) continue;
    readPlace(args, i + keyCount, stream);
    if (from.compare(stream.lastId(last)) >= 0 || !increment(from) || !stream.seek(from)) continue;
    if (found++ === 0) start = reply.startArray();
    reply.association();
    reply.bulk(args.slice(i));
    replyRange(reply, stream, from, LAST, limit);
  }
  if (found > 0) endAssociations(reply, start, found);
  else if (reading.timeoutMs < 0) reply.nullArray();
  else wait(call);
}

export function endAssociations(reply: ReplyWriter, start: number, count: number): void {
  if (reply.protocol === 2) reply.endArray(start, count);
  else reply.endMap(start, count);
}

function wait(call: Call): void {
  const { args } = call;
  const { firstKey, keyCount, timeoutMs } = reading;
  const words: (string | Uint8Array)[] = [];
  for (let i = 0; i < args.count; i++) {
    if (i < firstKey + keyCount) words.push(args.buffer(i));
    else {
      readPlace(args, i, readStream(call, i - keyCount));
      words.push(idString(from));
    }
  }
  call.block({
    firstKey,
    lastKey: firstKey + keyCount,
    type: STREAM,
    args: Args.from(words),
    timeoutMs,
    onTimeout: (reply) => reply.nullArray(),
  });
}

export const readingCommands: readonly CommandRow[] = [
  {
    name: 'xlen',
    summary: 'Replies with the number of entries of a stream.',
    group: 'stream',
    complexity: 'O(1)',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: [oneKey(1, 'RO')],
    arguments: [arg.key()],
    run: xlen,
  },
  {
    name: 'xrange',
    summary: 'Replies with the entries whose ids are within bounds.',
    group: 'stream',
    complexity: 'O(log(N)+M), N being the entries, M those replied with',
    arity: -4,
    flags: ['readonly'],
    keys: [oneKey(1, 'RO', 'access')],
    arguments: [arg.key(), arg.string('start'), arg.string('end'), arg.option('COUNT', arg.integer('count'))],
    run: (call) => xrange(call, false),
  },
  {
    name: 'xrevrange',
    summary: 'Replies with the entries whose ids are within bounds, the last one first.',
    group: 'stream',
    complexity: 'O(log(N)+M), N being the entries, M those replied with',
    arity: -4,
    flags: ['readonly'],
    keys: [oneKey(1, 'RO', 'access')],
    arguments: [arg.key(), arg.string('end'), arg.string('start'), arg.option('COUNT', arg.integer('count'))],
    run: (call) => xrange(call, true),
  },
  {
    name: 'xread',
    summary: 'Replies with the entries of several streams after given ids, or waits for some.',
    group: 'stream',
    complexity: 'O(M) for each stream, M being the entries replied with',
    arity: -4,
    flags: ['readonly', 'blocking', 'movablekeys'],
    keys: [
      {
        flags: ['RO', 'access'],
        begin: { keyword: 'STREAMS', from: 1 },
        find: { lastKey: -1, step: 1, limit: 2 },
      },
    ],
    arguments: [
      arg.option('COUNT', arg.integer('count')),
      arg.option('BLOCK', arg.integer('milliseconds')),
      arg.block('streams', [arg.multiple(arg.key()), arg.multiple(arg.string('id'))], { token: 'STREAMS' }),
    ],
    run: xread,
  },
];
