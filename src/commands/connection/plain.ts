/** Commands about one connection that need nothing but it. */

import * as arg from '../../engine/arguments.js';
import type { Call } from '../../engine/call.js';
import { ClientGate, ReplyMode } from '../../engine/client.js';
import type { CommandRow } from '../../engine/command.js';
import { Engine } from '../../engine/engine.js';
import { IS_SUBSCRIBER } from '../../features/pubsub/pub-sub.js';
import * as errors from '../../protocol/errors.js';
import { readDatabaseIndex } from '../database-index.js';

function ping({ args, client, reply, command }: Call): void {
  if (args.count > 2) throw errors.wrongArity(command.fullName);
  if ((client.gate & IS_SUBSCRIBER) !== 0 && client.protocol === 2) {
    // What looks like a message is not taken for a reply to something else.
    reply.array(2);
    reply.bulkLatin1('pong');
    if (args.count === 1) reply.bulkLatin1('');
    else reply.bulk(args.slice(1));
    return;
  }
  if (args.count === 1) reply.pong();
  else reply.bulk(args.slice(1));
}

function echo({ args, reply }: Call): void {
  reply.bulk(args.slice(1));
}

function select(call: Call): void {
  call.client.databaseIndex = readDatabaseIndex(call, 1);
  call.reply.ok();
}

function quit({ client, reply }: Call): void {
  client.sink.close(true);
  reply.ok();
}

/** The library's name and version stay: they are facts about the other side, not settings. */
function reset(call: Call): void {
  const { client, reply } = call;
  call.feature(Engine).forget(client);
  client.databaseIndex = 0;
  client.protocol = 2;
  client.replyMode = ReplyMode.ON;
  client.name = '';
  client.user = 'default';
  client.noEvict = false;
  client.gate &= ~ClientGate.NO_TOUCH;
  if (call.server.authentication.isRequired) client.gate |= ClientGate.NEEDS_AUTH;
  reply.status('RESET');
}

export const plainCommands: readonly CommandRow[] = [
  {
    name: 'ping',
    summary: 'Answers PONG, or the message given: shows that the server is there.',
    group: 'connection',
    complexity: 'O(1)',
    arity: -1,
    flags: ['fast'],
    arguments: [arg.optional(arg.string('message'))],
    traits: ['for-subscribers'],
    run: ping,
  },
  {
    name: 'echo',
    summary: 'Answers the message given.',
    group: 'connection',
    complexity: 'O(1)',
    arity: 2,
    flags: ['loading', 'stale', 'fast'],
    arguments: [arg.string('message')],
    run: echo,
  },
  {
    name: 'select',
    summary: 'Chooses the database that this connection works on.',
    group: 'connection',
    complexity: 'O(1)',
    arity: 2,
    flags: ['loading', 'stale', 'fast'],
    arguments: [arg.integer('index')],
    run: select,
  },
  {
    name: 'quit',
    summary: 'Closes the connection behind an OK.',
    group: 'connection',
    complexity: 'O(1)',
    arity: -1,
    flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
    traits: ['runs-in-multi', 'ends-multi', 'for-subscribers'],
    run: quit,
  },
  {
    name: 'reset',
    summary: 'Makes the connection what it was when it was new.',
    group: 'connection',
    complexity: 'O(1)',
    arity: 1,
    flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
    traits: ['runs-in-multi', 'ends-multi', 'for-subscribers'],
    run: reset,
  },
];
