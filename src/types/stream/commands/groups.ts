/** XGROUP: groups and their consumers come, go and are set back. */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { ArgumentDoc, CommandRow } from '../../../engine/command.js';
import { container } from '../../../engine/container.js';
import { oneKey } from '../../../engine/key-specs.js';
import { Id } from '../../../memory/id-tree.js';
import * as errors from '../../../protocol/errors.js';
import { NEW_RECORD_BYTES, UNKNOWN } from '../groups.js';
import { readId, readIdOrEnd } from '../id.js';
import type { Stream } from '../stream.js';
import { createStream, destroyGroup } from '../value.js';
import { writeStream } from './shared.js';

const id = new Id();
const options = { makesStream: false, entriesRead: UNKNOWN };

/** Options from argument 5 on. */
function parseOptions(call: Call, name: string): void {
  const { args } = call;
  options.makesStream = false;
  options.entriesRead = UNKNOWN;
  for (let i = 5; i < args.count; i++) {
    if (name === 'create' && args.is(i, 'MKSTREAM')) {
      options.makesStream = true;
    } else if (args.is(i, 'ENTRIESREAD') && i + 1 < args.count) {
      options.entriesRead = args.integer64(++i);
      if (options.entriesRead < UNKNOWN) throw errors.ENTRIES_READ_NEGATIVE;
    } else {
      throw errors.unknownSubcommandOrArity(args.latin1(1), 'XGROUP');
    }
  }
}

/** The stream of the key in argument 2, which must be there. */
function neededStream(call: Call): Stream {
  const stream = writeStream(call, 2);
  if (stream === null) throw errors.GROUP_NEEDS_KEY;
  return stream;
}

function neededGroup(call: Call): Stream {
  const stream = neededStream(call);
  if (!stream.groups.find(call.args.slice(3))) throw errors.noGroupOfKey(call.args.text(3), call.args.text(2));
  return stream;
}

/** Makes `id` what argument 4 says: an id as `read` reads it, or `$`, the last one. */
function readStart(call: Call, stream: Stream | null, read = readId): void {
  if (!call.args.equals(4, '$')) read(call.args, 4, id);
  else if (stream === null) id.set(0, 0, 0, 0);
  else stream.lastId(id);
}

function xgroupCreate(call: Call): void {
  const { args, db, reply } = call;
  parseOptions(call, 'create');
  const found = writeStream(call, 2);
  if (found === null && !options.makesStream) throw errors.GROUP_NEEDS_KEY;
  readStart(call, found);
  if (found?.groups.find(args.slice(3))) throw errors.GROUP_EXISTS;
  db.arena.reserve(2 * NEW_RECORD_BYTES + args.length(2) + args.length(3));
  const stream = found ?? createStream(db, args.slice(2));
  stream.extensibleGroups.create(args.slice(3), id, options.entriesRead);
  reply.ok();
  call.changed(args.slice(2), 'xgroup-create');
}

function xgroupSetId(call: Call): void {
  const { args, reply } = call;
  parseOptions(call, 'setid');
  const stream = neededGroup(call);
  readStart(call, stream, readIdOrEnd);
  stream.groups.setLastId(id);
  stream.groups.entriesRead = options.entriesRead;
  reply.ok();
  call.changed(args.slice(2), 'xgroup-setid');
}

function xgroupDestroy(call: Call): void {
  const { args, reply } = call;
  const stream = neededStream(call);
  if (!stream.groups.find(args.slice(3))) {
    reply.integer(0);
    return;
  }
  destroyGroup(call.keyspace.staging, stream);
  reply.integer(1);
  call.changed(args.slice(2), 'xgroup-destroy');
}

function xgroupCreateConsumer(call: Call): void {
  const { args, reply } = call;
  const { groups } = neededGroup(call);
  if (groups.findConsumer(args.slice(4))) {
    reply.integer(0);
    return;
  }
  groups.reserveRecord(args.length(4));
  groups.createConsumer(args.slice(4), call.now);
  reply.integer(1);
  call.changed(args.slice(2), 'xgroup-createconsumer');
}

function xgroupDeleteConsumer(call: Call): void {
  const { args, reply } = call;
  const { groups } = neededGroup(call);
  if (!groups.findConsumer(args.slice(4))) {
    reply.integer(0);
    return;
  }
  reply.integer(groups.deleteConsumer());
  call.changed(args.slice(2), 'xgroup-delconsumer');
}

const idSelector = arg.oneOf('id-selector', [arg.string('id'), arg.token('$', { name: 'new-id' })]);
const entriesRead: ArgumentDoc = {
  ...arg.option('ENTRIESREAD', arg.integer('entriesread', { displayText: 'entries-read' })),
};

export const groupCommands: readonly CommandRow[] = [
  container({
    name: 'xgroup',
    summary: 'Manages the consumer groups of a stream.',
    group: 'stream',
    subcommands: [
      {
        name: 'create',
        summary: 'Creates a consumer group.',
        group: 'stream',
        complexity: 'O(1)',
        arity: -5,
        flags: ['write', 'denyoom'],
        keys: [oneKey(2, 'RW', 'insert')],
        arguments: [arg.key(), arg.string('group'), idSelector, arg.optional(arg.token('MKSTREAM')), entriesRead],
        run: xgroupCreate,
      },
      {
        name: 'setid',
        summary: 'Sets the last id that a group was given.',
        group: 'stream',
        complexity: 'O(1)',
        arity: -5,
        flags: ['write'],
        keys: [oneKey(2, 'RW', 'update')],
        arguments: [arg.key(), arg.string('group'), idSelector, entriesRead],
        run: xgroupSetId,
      },
      {
        name: 'destroy',
        summary: 'Removes a consumer group with all it holds.',
        group: 'stream',
        complexity: 'O(N), N being the pending entries',
        arity: 4,
        flags: ['write'],
        keys: [oneKey(2, 'RW', 'delete')],
        arguments: [arg.key(), arg.string('group')],
        run: xgroupDestroy,
      },
      {
        name: 'createconsumer',
        summary: 'Creates a consumer in a group.',
        group: 'stream',
        complexity: 'O(1)',
        arity: 5,
        flags: ['write', 'denyoom'],
        keys: [oneKey(2, 'RW', 'insert')],
        arguments: [arg.key(), arg.string('group'), arg.string('consumer')],
        run: xgroupCreateConsumer,
      },
      {
        name: 'delconsumer',
        summary: 'Removes a consumer, and replies with how many entries were pending to it.',
        group: 'stream',
        complexity: 'O(N), N being the pending entries of the consumer',
        arity: 5,
        flags: ['write'],
        keys: [oneKey(2, 'RW', 'delete')],
        arguments: [arg.key(), arg.string('group'), arg.string('consumer')],
        run: xgroupDeleteConsumer,
      },
    ],
  }),
];
