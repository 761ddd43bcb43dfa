/** XPENDING: what the consumers of a group have not acknowledged. */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { CommandRow } from '../../../engine/command.js';
import { oneKey } from '../../../engine/key-specs.js';
import { Id } from '../../../memory/id-tree.js';
import { Slice } from '../../../memory/slice.js';
import * as errors from '../../../protocol/errors.js';
import type { Groups } from '../groups.js';
import { readBound } from '../id.js';
import { groupStream, replyId } from './shared.js';

const from = new Id();
const to = new Id();
const id = new Id();
const name = new Slice();

function xpending(call: Call): void {
  const { args } = call;
  if (args.count === 3) {
    replySummary(call, groupStream(call, 1, false).groups);
    return;
  }
  if (args.count < 6 || args.count > 9) throw errors.SYNTAX;
  let i = 3;
  let minIdle = 0;
  if (args.is(3, 'IDLE')) {
    minIdle = args.integer(4);
    i = 5;
    if (args.count < 8) throw errors.SYNTAX;
  }
  if (args.count > i + 4) throw errors.SYNTAX;
  const limit = Math.max(0, args.integer(i + 2));
  readBound(args, i, from, true);
  readBound(args, i + 1, to, false);
  const { groups } = groupStream(call, 1, false);
  const hasConsumer = args.count === i + 4;
  if (hasConsumer && !groups.findConsumer(args.slice(i + 3))) call.reply.array(0);
  else replyPending(call, groups, hasConsumer, minIdle, limit);
}

function replySummary({ reply }: Call, groups: Groups): void {
  const { pending } = groups;
  reply.array(4);
  reply.integer(pending.size);
  if (pending.size === 0) {
    reply.null();
    reply.null();
    reply.nullArray();
    return;
  }
  pending.atRank(0);
  replyId(reply, pending.idInto(id));
  pending.atRank(pending.size - 1);
  replyId(reply, pending.idInto(id));
  const start = reply.startArray();
  let count = 0;
  for (let i = 0; groups.atConsumer(i); i++) {
    if (groups.own.size === 0) continue;
    count++;
    reply.array(2);
    reply.bulk(groups.consumerName(name));
    reply.bulkInteger(groups.own.size);
  }
  reply.endArray(start, count);
}

function replyPending({ reply, now }: Call, groups: Groups, ofConsumer: boolean, minIdle: number, limit: number): void {
  const { pending, own } = groups;
  const tree = ofConsumer ? own : pending;
  const start = reply.startArray();
  let count = 0;
  for (let there = tree.seek(from, false); there && count < limit; there = tree.next()) {
    if (tree.idInto(id).compare(to) > 0) break;
    if (ofConsumer) pending.find(id);
    const idle = Math.max(0, now - groups.pendingTime);
    if (idle < minIdle) continue;
    count++;
    reply.array(4);
    replyId(reply, id);
    reply.bulk(groups.holderName(name));
    reply.integer(idle);
    reply.integer(groups.deliveries);
  }
  reply.endArray(start, count);
}

export const pendingCommands: readonly CommandRow[] = [
  {
    name: 'xpending',
    summary: 'Tells how many entries of a group are pending, or which.',
    group: 'stream',
    complexity: 'O(N), N being the consumers of the group, or the entries looked at',
    arity: -3,
    flags: ['readonly'],
    keys: [oneKey(1, 'RO', 'access')],
    arguments: [
      arg.key(),
      arg.string('group'),
      arg.optional(
        arg.block('filters', [
          arg.option('IDLE', arg.integer('min-idle-time', { since: '6.2.0' })),
          arg.string('start'),
          arg.string('end'),
          arg.integer('count'),
          arg.optional(arg.string('consumer')),
        ]),
      ),
    ],
    run: xpending,
  },
];
