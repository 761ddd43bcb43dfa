/** HELLO and AUTH: who a client is and which protocol it speaks. */

import * as arg from '../../engine/arguments.js';
import type { Call } from '../../engine/call.js';
import { ClientGate } from '../../engine/client.js';
import type { CommandRow } from '../../engine/command.js';
import * as errors from '../../protocol/errors.js';
import { REDIS_VERSION } from '../../version.js';
import { readClientName } from './client-name.js';

/** Checks the arguments `user` (index, or none for the default user) and `password`, and lets the client in. */
function authenticate(call: Call, user: string, password: Buffer): void {
  const { client } = call;
  if (!call.server.authentication.accepts(user, password)) throw errors.WRONGPASS;
  client.user = user;
  client.gate &= ~ClientGate.NEEDS_AUTH;
}

function auth(call: Call): void {
  const { args } = call;
  if (args.count > 3) throw errors.SYNTAX;
  if (args.count === 2) {
    if (!call.server.authentication.isRequired) throw errors.NO_PASSWORD_SET;
    authenticate(call, 'default', args.buffer(1));
  } else {
    authenticate(call, args.text(1), args.buffer(2));
  }
  call.reply.ok();
}

/** Options take effect in their order, as in Redis: an AUTH stays valid when a SETNAME after it fails. */
function hello(call: Call): void {
  const { args, client } = call;
  const protocol = args.count > 1 ? args.integer(1, errors.INVALID_PROTOCOL_VERSION) : client.protocol;
  if (protocol !== 2 && protocol !== 3) throw errors.NOPROTO;
  let name: string | undefined;
  for (let i = 2; i < args.count; ) {
    if (args.is(i, 'AUTH') && i + 2 < args.count) {
      authenticate(call, args.text(i + 1), args.buffer(i + 2));
      i += 3;
    } else if (args.is(i, 'SETNAME') && i + 1 < args.count) {
      name = readClientName(args, i + 1);
      i += 2;
    } else {
      throw errors.helloOption(args.latin1(i));
    }
  }
  // As in Redis it wants to know who the client is, also when there is no password any more.
  if ((client.gate & ClientGate.NEEDS_AUTH) !== 0) throw errors.NOAUTH_HELLO;
  if (name !== undefined) client.name = name;
  client.protocol = protocol;
  replyHello(call, protocol);
}

function replyHello({ client, reply }: Call, protocol: 2 | 3): void {
  reply.protocol = protocol;
  reply.map(7);
  reply.bulkLatin1('server');
  reply.bulkLatin1('redis');
  reply.bulkLatin1('version');
  reply.bulkLatin1(REDIS_VERSION);
  reply.bulkLatin1('proto');
  reply.integer(protocol);
  reply.bulkLatin1('id');
  reply.integer(client.id);
  reply.bulkLatin1('mode');
  reply.bulkLatin1('standalone');
  reply.bulkLatin1('role');
  reply.bulkLatin1('master');
  reply.bulkLatin1('modules');
  reply.array(0);
}

export const handshakeCommands: readonly CommandRow[] = [
  {
    name: 'hello',
    summary: 'Chooses the protocol, authenticates and names the connection in one go; answers what server this is.',
    group: 'connection',
    complexity: 'O(1)',
    arity: -1,
    flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
    arguments: [
      arg.optional(
        arg.block('arguments', [
          arg.integer('protover'),
          arg.option('AUTH', arg.block('auth', [arg.string('username'), arg.string('password')])),
          arg.option('SETNAME', arg.string('clientname')),
        ]),
      ),
    ],
    secrets: (args, i) => (i > 1 && args.is(i - 1, 'AUTH')) || (i > 2 && args.is(i - 2, 'AUTH')),
    run: hello,
  },
  {
    name: 'auth',
    summary: 'Authenticates the connection.',
    group: 'connection',
    complexity: 'O(N), N being the passwords of the user',
    arity: -2,
    flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
    arguments: [arg.optional(arg.string('username', { since: '6.0.0' })), arg.string('password')],
    secrets: (_args, i) => i > 0,
    run: auth,
  },
];
