/** XINFO: what a stream, its groups and their consumers are like. */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { CommandRow } from '../../../engine/command.js';
import { container } from '../../../engine/container.js';
import { oneKey } from '../../../engine/key-specs.js';
import { Id } from '../../../memory/id-tree.js';
import { Slice } from '../../../memory/slice.js';
import * as errors from '../../../protocol/errors.js';
import type { ReplyWriter } from '../../../protocol/reply-writer.js';
import { type Groups, UNKNOWN } from '../groups.js';
import { LAST, ZERO } from '../id.js';
import { Places } from '../lag.js';
import { radixNodes } from '../radix.js';
import type { Stream } from '../stream.js';
import { readStream, replyEntry, replyId, replyRange } from './shared.js';

const DEFAULT_COUNT = 10;

const id = new Id();
const places = new Places();
const name = new Slice();

function neededStream(call: Call): Stream {
  const stream = readStream(call, 2);
  if (stream === null) throw errors.NO_SUCH_KEY;
  return stream;
}

function xinfoStream(call: Call): void {
  const { args, reply } = call;
  const isFull = args.count > 3;
  let limit = DEFAULT_COUNT;
  if (isFull) {
    if (!args.is(3, 'FULL') || (args.count !== 4 && !(args.count === 6 && args.is(4, 'COUNT')))) {
      throw errors.unknownSubcommandOrArity(args.latin1(1), 'XINFO');
    }
    if (args.count === 6) limit = args.integer(5);
    if (limit < 0) limit = DEFAULT_COUNT;
    if (limit === 0) limit = Number.POSITIVE_INFINITY;
  }
  const stream = neededStream(call);
  reply.map(isFull ? 9 : 10);
  replyFacts(reply, stream);
  if (isFull) {
    reply.bulkString('entries');
    replyRange(reply, stream, ZERO, LAST, limit);
    reply.bulkString('groups');
    reply.array(stream.groups.size);
    for (let i = 0; stream.groups.at(i); i++) replyGroup(reply, stream, limit);
    return;
  }
  reply.bulkString('groups');
  reply.integer(stream.groups.size);
  reply.bulkString('first-entry');
  if (stream.first()) replyEntry(reply, stream);
  else reply.null();
  reply.bulkString('last-entry');
  if (stream.last()) replyEntry(reply, stream);
  else reply.null();
}

function replyFacts(reply: ReplyWriter, stream: Stream): void {
  reply.bulkString('length');
  reply.integer(stream.length);
  reply.bulkString('radix-tree-keys');
  reply.integer(stream.nodeCount);
  reply.bulkString('radix-tree-nodes');
  reply.integer(radixNodes(stream.nodeIds()));
  reply.bulkString('last-generated-id');
  replyId(reply, stream.lastId(id));
  reply.bulkString('max-deleted-entry-id');
  replyId(reply, stream.maxDeletedId(id));
  reply.bulkString('entries-added');
  reply.integer(stream.entriesAdded);
  reply.bulkString('recorded-first-entry-id');
  replyId(reply, stream.firstId(id));
}

/** Entries read and lag of the group that the stream stands on. */
function replyCounters(reply: ReplyWriter, stream: Stream): void {
  reply.bulkString('entries-read');
  const { groups } = stream;
  const read = groups.entriesRead;
  replyKnown(reply, read);
  reply.bulkString('lag');
  replyKnown(reply, places.open(stream).lag(read, groups.lastId(id)));
}

function replyKnown(reply: ReplyWriter, value: bigint): void {
  if (value === UNKNOWN) reply.null();
  else reply.integer(value);
}

function replyGroup(reply: ReplyWriter, stream: Stream, limit: number): void {
  const { groups } = stream;
  const { pending } = groups;
  reply.map(7);
  reply.bulkString('name');
  reply.bulk(groups.groupName(name));
  reply.bulkString('last-delivered-id');
  replyId(reply, groups.lastId(id));
  replyCounters(reply, stream);
  reply.bulkString('pel-count');
  reply.integer(pending.size);
  reply.bulkString('pending');
  reply.array(Math.min(limit, pending.size));
  let left = limit;
  for (let there = pending.atRank(0); there && left > 0; there = pending.next(), left--) {
    reply.array(4);
    replyId(reply, pending.idInto(id));
    reply.bulk(groups.holderName(name));
    reply.integer(groups.pendingTime);
    reply.integer(groups.deliveries);
  }
  reply.bulkString('consumers');
  reply.array(groups.consumerCount);
  for (let i = 0; groups.atConsumer(i); i++) replyConsumer(reply, groups, limit);
}

function replyConsumer(reply: ReplyWriter, groups: Groups, limit: number): void {
  const { own, pending } = groups;
  reply.map(5);
  reply.bulkString('name');
  reply.bulk(groups.consumerName(name));
  reply.bulkString('seen-time');
  reply.integer(groups.seen);
  reply.bulkString('active-time');
  reply.integer(groups.active);
  reply.bulkString('pel-count');
  reply.integer(own.size);
  reply.bulkString('pending');
  reply.array(Math.min(limit, own.size));
  let left = limit;
  for (let there = own.atRank(0); there && left > 0; there = own.next(), left--) {
    pending.find(own.idInto(id));
    reply.array(3);
    replyId(reply, id);
    reply.integer(groups.pendingTime);
    reply.integer(groups.deliveries);
  }
}

function xinfoGroups(call: Call): void {
  const { reply } = call;
  const stream = neededStream(call);
  const { groups } = stream;
  reply.array(groups.size);
  for (let i = 0; groups.at(i); i++) {
    reply.map(6);
    reply.bulkString('name');
    reply.bulk(groups.groupName(name));
    reply.bulkString('consumers');
    reply.integer(groups.consumerCount);
    reply.bulkString('pending');
    reply.integer(groups.pending.size);
    reply.bulkString('last-delivered-id');
    replyId(reply, groups.lastId(id));
    replyCounters(reply, stream);
  }
}

function xinfoConsumers(call: Call): void {
  const { args, reply, now } = call;
  const { groups } = neededStream(call);
  if (!groups.find(args.slice(3))) throw errors.noGroupOfKey(args.text(3), args.text(2));
  reply.array(groups.consumerCount);
  for (let i = 0; groups.atConsumer(i); i++) {
    const { active } = groups;
    reply.map(4);
    reply.bulkString('name');
    reply.bulk(groups.consumerName(name));
    reply.bulkString('pending');
    reply.integer(groups.own.size);
    reply.bulkString('idle');
    reply.integer(Math.max(0, now - groups.seen));
    reply.bulkString('inactive');
    reply.integer(active < 0 ? active : Math.max(0, now - active));
  }
}

export const informationCommands: readonly CommandRow[] = [
  container({
    name: 'xinfo',
    summary: 'Tells of streams, groups and consumers.',
    group: 'stream',
    subcommands: [
      {
        name: 'consumers',
        summary: 'Lists the consumers of a group.',
        group: 'stream',
        complexity: 'O(N), N being the consumers',
        arity: 4,
        flags: ['readonly'],
        keys: [oneKey(2, 'RO', 'access')],
        arguments: [arg.key(), arg.string('group')],
        run: xinfoConsumers,
      },
      {
        name: 'groups',
        summary: 'Lists the groups of a stream.',
        group: 'stream',
        complexity: 'O(N), N being the groups',
        arity: 3,
        flags: ['readonly'],
        keys: [oneKey(2, 'RO', 'access')],
        arguments: [arg.key()],
        run: xinfoGroups,
      },
      {
        name: 'stream',
        summary: 'Tells of a stream; with FULL also of its entries, groups, consumers and pending entries.',
        group: 'stream',
        complexity: 'O(N), N being the nodes of the stream and what is replied with',
        arity: -3,
        flags: ['readonly'],
        keys: [oneKey(2, 'RO', 'access')],
        arguments: [
          arg.key(),
          arg.optional(arg.block('full-block', [arg.token('FULL'), arg.option('COUNT', arg.integer('count'))])),
        ],
        run: xinfoStream,
      },
    ],
  }),
];
