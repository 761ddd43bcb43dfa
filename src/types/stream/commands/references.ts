/**
 * XDELEX, XACKDEL and the options of XADD and XTRIM (8.2): what becomes of the pending entries that refer to an entry
 * that is to go.
 */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { ArgumentDoc, CommandRow } from '../../../engine/command.js';
import { oneKey } from '../../../engine/key-specs.js';
import { Id } from '../../../memory/id-tree.js';
import type { Args } from '../../../protocol/args.js';
import * as errors from '../../../protocol/errors.js';
import { readId } from '../id.js';
import type { Stream } from '../stream.js';
import { writeStream } from './shared.js';

/** They stay; they go, too; or an entry goes only when all groups have acknowledged it. */
export type References = 'KEEPREF' | 'DELREF' | 'ACKED';

const ALL: readonly References[] = ['KEEPREF', 'DELREF', 'ACKED'];

export function referencesAt(args: Args, i: number): References | undefined {
  return ALL.find((each) => args.is(i, each));
}

export const referencesArgument: ArgumentDoc = arg.optional(
  arg.oneOf('condition', [arg.token('KEEPREF'), arg.token('DELREF'), arg.token('ACKED')], { since: '8.2.0' }),
);

const Outcome = { NO_ENTRY: -1, DELETED: 1, STILL_REFERRED_TO: 2 } as const;
type Outcome = (typeof Outcome)[keyof typeof Outcome];

const id = new Id();
const deleting = {
  references: 'KEEPREF' as References,
  /** Where the ids stand. */
  first: 0,
  end: 0,
  /** Entries that went, and pending ones. */
  deleted: 0,
  forgotten: 0,
};

/** Takes options and ids, which follow in any order. */
function parse({ args }: Call, i: number): void {
  deleting.references = 'KEEPREF';
  deleting.first = 0;
  deleting.deleted = 0;
  deleting.forgotten = 0;
  while (i < args.count) {
    const references = referencesAt(args, i);
    if (references !== undefined) {
      deleting.references = references;
      i++;
    } else if (deleting.first === 0 && i + 1 < args.count && args.is(i, 'IDS')) {
      const count = args.integerBetween(i + 1, 1, Number.MAX_SAFE_INTEGER, errors.NUMIDS_NOT_POSITIVE);
      deleting.first = i + 2;
      i = deleting.end = deleting.first + count;
      if (i > args.count) throw errors.NUMIDS_MISMATCH;
    } else throw errors.SYNTAX;
  }
  if (deleting.first === 0) throw errors.SYNTAX;
  for (let at = deleting.first; at < deleting.end; at++) readId(args, at, id);
}

/** Deletes the entry `id`, unless references to it forbid that. */
function deleteEntry(stream: Stream): Outcome {
  const { references } = deleting;
  const { groups } = stream;
  if (references === 'DELREF') deleting.forgotten += groups.forget(id);
  else if (references === 'ACKED' && stream.find(id) && groups.referTo(id)) return Outcome.STILL_REFERRED_TO;
  if (!stream.delete(id)) return Outcome.NO_ENTRY;
  deleting.deleted++;
  return Outcome.DELETED;
}

function xdelex(call: Call): void {
  const { args, reply } = call;
  parse(call, 2);
  const stream = writeStream(call, 1);
  reply.reserveIntegers(deleting.end - deleting.first);
  reply.array(deleting.end - deleting.first);
  for (let i = deleting.first; i < deleting.end; i++) {
    readId(args, i, id);
    reply.integer(stream === null ? Outcome.NO_ENTRY : deleteEntry(stream));
  }
  finish(call);
}

function xackdel(call: Call): void {
  const { args, reply } = call;
  parse(call, 3);
  const stream = writeStream(call, 1);
  reply.reserveIntegers(deleting.end - deleting.first);
  reply.array(deleting.end - deleting.first);
  for (let i = deleting.first; i < deleting.end; i++) {
    // Looking at the other groups turns away from this one.
    if (!stream?.groups.find(args.slice(2)) || !stream.groups.pending.find(readId(args, i, id))) {
      reply.integer(Outcome.NO_ENTRY);
      continue;
    }
    stream.groups.removePending(id);
    deleting.forgotten++;
    const isKept = deleteEntry(stream) === Outcome.STILL_REFERRED_TO;
    reply.integer(isKept ? Outcome.STILL_REFERRED_TO : Outcome.DELETED);
  }
  finish(call);
}

/** Pending entries that go are no change to those who watch the key, as with XACK. */
function finish(call: Call): void {
  if (deleting.deleted > 0) call.changed(call.args.slice(1), 'xdel', deleting.deleted);
  call.databasesChanged(deleting.forgotten);
}

const ids = arg.block('ids', [arg.integer('numids'), arg.multiple(arg.string('id'))], { token: 'IDS' });

export const referenceCommands: readonly CommandRow[] = [
  {
    name: 'xdelex',
    summary: 'Removes entries by their ids, with what groups hold of them, or only if all groups are done with them.',
    group: 'stream',
    complexity: 'O(G) for each entry, G being the groups',
    arity: -5,
    flags: ['write', 'fast'],
    keys: [oneKey(1, 'RW', 'delete')],
    arguments: [arg.key(), referencesArgument, ids],
    run: xdelex,
  },
  {
    name: 'xackdel',
    summary: 'Acknowledges entries and removes those that may go then.',
    group: 'stream',
    complexity: 'O(G) for each entry, G being the groups',
    arity: -6,
    flags: ['write', 'fast'],
    keys: [oneKey(1, 'RW', 'delete')],
    arguments: [arg.key(), arg.string('group'), referencesArgument, ids],
    run: xackdel,
  },
];
