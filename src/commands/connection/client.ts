/** CLIENT: a client about itself, and about the others. */

import * as arg from '../../engine/arguments.js';
import type { Call } from '../../engine/call.js';
import { type Client, ClientGate } from '../../engine/client.js';
import type { ArgumentDoc, CommandRow } from '../../engine/command.js';
import { container } from '../../engine/container.js';
import { Engine } from '../../engine/engine.js';
import { Pause } from '../../features/clients/pause.js';
import { ReplyModes } from '../../features/clients/reply-modes.js';
import * as errors from '../../protocol/errors.js';
import { TextWriter } from '../../text/text-writer.js';
import { matchingClients, readClientType, readKillFilter } from './client-filter.js';
import { writeClientLine } from './client-line.js';
import { readClientName } from './client-name.js';

function id({ client, reply }: Call): void {
  reply.integer(client.id);
}

function getName({ client, reply }: Call): void {
  if (client.name === '') reply.null();
  else reply.bulkLatin1(client.name);
}

function setName({ args, client, reply }: Call): void {
  client.name = readClientName(args, 2);
  reply.ok();
}

function setInfo({ args, client, reply }: Call): void {
  if (args.is(2, 'LIB-NAME')) {
    client.libraryName = readClientName(args, 3, errors.clientInfoValue('lib-name'));
  } else if (args.is(2, 'LIB-VER')) {
    client.libraryVersion = readClientName(args, 3, errors.clientInfoValue('lib-ver'));
  } else {
    throw errors.unrecognizedOption(args.latin1(2));
  }
  reply.ok();
}

function info(call: Call): void {
  tell(call, [call.client]);
}

function list(call: Call): void {
  tell(call, chosenForList(call));
}

const lines = new TextWriter();

function tell(call: Call, clients: readonly Client[]): void {
  for (const client of clients) writeClientLine(lines, call, client);
  call.reply.verbatimBytes('txt', lines.bytes.subarray(0, lines.length));
  lines.clear();
}

function chosenForList(call: Call): Client[] {
  const { args } = call;
  if (args.count === 2) return matchingClients(call, { skipsCaller: false });
  if (args.count === 4 && args.is(2, 'TYPE')) {
    return matchingClients(call, { type: readClientType(call, 3), skipsCaller: false });
  }
  if (args.count < 4 || !args.is(2, 'ID')) throw errors.SYNTAX;
  const ids: number[] = [];
  for (let i = 3; i < args.count; i++) ids.push(args.integer(i, errors.INVALID_CLIENT_ID));
  const clients = new Map([...call.server.clients.all()].map((client) => [client.id, client]));
  return ids.flatMap((each) => clients.get(each) ?? []);
}

function kill(call: Call): void {
  const { args, reply } = call;
  // The old form: one address, and the caller is not spared.
  if (args.count === 3) {
    const [found] = matchingClients(call, { remoteAddress: args.text(2), skipsCaller: false });
    if (found === undefined) throw errors.NO_SUCH_CLIENT;
    killClient(call, found);
    reply.ok();
    return;
  }
  const clients = matchingClients(call, readKillFilter(call));
  for (const client of clients) killClient(call, client);
  reply.integer(clients.length);
}

/** The caller gets its reply first. */
function killClient(call: Call, client: Client): void {
  client.sink.close(client === call.client);
}

function reply(call: Call): void {
  const { args } = call;
  const modes = call.feature(ReplyModes);
  if (args.is(2, 'ON')) modes.on(call);
  else if (args.is(2, 'OFF')) modes.off(call);
  else if (args.is(2, 'SKIP')) modes.skip(call);
  else throw errors.SYNTAX;
}

function unblock(call: Call): void {
  const { args } = call;
  const isError = args.count === 4 && args.is(3, 'ERROR');
  if (args.count > 4 || (args.count === 4 && !isError && !args.is(3, 'TIMEOUT'))) throw errors.UNBLOCK_REASON;
  const wanted = args.integer(2);
  const [client] = matchingClients(call, { id: wanted, skipsCaller: false });
  const isUnblocked =
    client !== undefined && call.feature(Engine).blocking.unblock(client, isError ? errors.UNBLOCKED : undefined);
  call.reply.integer(isUnblocked ? 1 : 0);
}

function pause(call: Call): void {
  const { args, now } = call;
  let holdsAll = true;
  if (args.count > 4) throw errors.unknownSubcommandOrArity('pause', 'CLIENT');
  if (args.count === 4) {
    holdsAll = args.is(3, 'ALL');
    if (!holdsAll && !args.is(3, 'WRITE')) throw errors.PAUSE_MODE;
  }
  const timeoutMs = args.integer(2, errors.TIMEOUT_NOT_INTEGER);
  if (timeoutMs < 0) throw errors.TIMEOUT_NEGATIVE;
  // What int64 can not hold is over at once, as in Redis.
  if (now + timeoutMs < 2 ** 63) call.feature(Pause).begin(now + timeoutMs, holdsAll);
  call.reply.ok();
}

function unpause(call: Call): void {
  call.feature(Pause).end();
  call.reply.ok();
}

function readOnOff({ args }: Call): boolean {
  if (args.is(2, 'ON')) return true;
  if (args.is(2, 'OFF')) return false;
  throw errors.SYNTAX;
}

function noEvict(call: Call): void {
  call.client.noEvict = readOnOff(call);
  call.reply.ok();
}

function noTouch(call: Call): void {
  if (readOnOff(call)) call.client.gate |= ClientGate.NO_TOUCH;
  else call.client.gate &= ~ClientGate.NO_TOUCH;
  call.reply.ok();
}

/** Nobody tracks. */
function getRedirection({ reply }: Call): void {
  reply.integer(-1);
}

function trackingInfo({ reply }: Call): void {
  reply.map(3);
  reply.bulkLatin1('flags');
  reply.set(1);
  reply.bulkLatin1('off');
  reply.bulkLatin1('redirect');
  reply.integer(-1);
  reply.bulkLatin1('prefixes');
  reply.array(0);
}

const OWN = {
  group: 'connection',
  complexity: 'O(1)',
  flags: ['noscript', 'loading', 'stale'],
} as const satisfies Partial<CommandRow>;

const ADMIN = {
  group: 'connection',
  complexity: 'O(N), N being the connections',
  flags: ['admin', 'noscript', 'loading', 'stale'],
} as const satisfies Partial<CommandRow>;

function tokens(...names: string[]): ArgumentDoc[] {
  return names.map((name) => arg.token(name.toUpperCase(), { name: name }));
}

const ON_OFF: ArgumentDoc[] = [arg.oneOf('enabled', tokens('on', 'off'))];

export const clientCommand: CommandRow = container({
  name: 'client',
  summary: 'Holds the commands about connections.',
  group: 'connection',
  complexity: 'Depends on the subcommand',
  subcommands: [
    {
      ...OWN,
      name: 'getname',
      summary: 'Name of this connection.',
      arity: 2,
      run: getName,
    },
    {
      ...OWN,
      name: 'getredir',
      summary: 'Id of the client that gets invalidations in place of this one.',
      arity: 2,
      run: getRedirection,
    },
    {
      ...OWN,
      name: 'id',
      summary: 'Id of this connection.',
      arity: 2,
      run: id,
    },
    {
      ...OWN,
      name: 'info',
      summary: 'What CLIENT LIST tells of this connection.',
      arity: 2,
      run: info,
    },
    {
      ...ADMIN,
      name: 'kill',
      usage: '<ip:port>|<option> <value> [<option> <value> ...]',
      summary: 'Closes connections.',
      arity: -3,
      arguments: [
        arg.oneOf('filter', [
          arg.string('old-format', { displayText: 'ip:port', deprecatedSince: '2.8.12' }),
          arg.multiple(
            arg.oneOf('new-format', [
              arg.option('ID', arg.integer('client-id', { since: '2.8.12' })),
              arg.option(
                'TYPE',
                arg.oneOf(
                  'client-type',
                  [
                    arg.token('NORMAL'),
                    arg.token('MASTER', { since: '3.2.0' }),
                    arg.token('SLAVE'),
                    arg.token('REPLICA', { since: '5.0.0' }),
                    arg.token('PUBSUB'),
                  ],
                  { since: '2.8.12' },
                ),
              ),
              arg.option('USER', arg.string('username')),
              arg.option('ADDR', arg.string('addr', { displayText: 'ip:port' })),
              arg.option('LADDR', arg.string('laddr', { displayText: 'ip:port', since: '6.2.0' })),
              arg.option('SKIPME', arg.oneOf('skipme', tokens('yes', 'no'))),
              arg.option('MAXAGE', arg.integer('maxage', { since: '7.4.0' })),
            ]),
          ),
        ]),
      ],
      run: kill,
    },
    {
      ...ADMIN,
      name: 'list',
      summary: 'Tells of all connections, or of those chosen.',
      arity: -2,
      arguments: [
        arg.option(
          'TYPE',
          arg.oneOf('client-type', tokens('normal', 'master', 'replica', 'pubsub'), { since: '5.0.0' }),
        ),
        arg.option('ID', arg.multiple(arg.integer('client-id', { since: '6.2.0' }))),
      ],
      run: list,
    },
    {
      ...ADMIN,
      name: 'no-evict',
      summary: 'Spares this connection when clients use too much memory.',
      complexity: 'O(1)',
      arity: 3,
      arguments: ON_OFF,
      run: noEvict,
    },
    {
      ...OWN,
      name: 'no-touch',
      summary: "Leaves the access times of keys alone in this connection's commands.",
      arity: 3,
      arguments: ON_OFF,
      run: noTouch,
    },
    {
      ...OWN,
      name: 'reply',
      summary: 'Chooses whether this connection gets replies.',
      arity: 3,
      arguments: [arg.oneOf('action', tokens('on', 'off', 'skip'))],
      run: reply,
    },
    {
      ...OWN,
      name: 'setinfo',
      summary: 'Tells the server about the library in use.',
      arity: 4,
      arguments: [
        arg.oneOf('attr', [arg.string('libname', { token: 'LIB-NAME' }), arg.string('libver', { token: 'LIB-VER' })]),
      ],
      run: setInfo,
    },
    {
      ...OWN,
      name: 'setname',
      summary: 'Names this connection.',
      arity: 3,
      arguments: [arg.string('connection-name')],
      run: setName,
    },
    {
      ...OWN,
      name: 'trackinginfo',
      summary: 'How tracking is set for this connection.',
      arity: 2,
      run: trackingInfo,
    },
    {
      ...ADMIN,
      name: 'pause',
      summary: 'Holds back the commands of all clients, or those that write, for some milliseconds.',
      complexity: 'O(1)',
      arity: -3,
      arguments: [
        arg.integer('timeout'),
        arg.optional(arg.oneOf('mode', [arg.token('WRITE'), arg.token('ALL')], { since: '6.2.0' })),
      ],
      run: pause,
    },
    {
      ...ADMIN,
      name: 'unpause',
      summary: 'Ends a pause.',
      complexity: 'O(N), N being the clients that are held',
      arity: 2,
      run: unpause,
    },
    {
      ...ADMIN,
      name: 'unblock',
      summary: 'Ends the wait of a blocked client.',
      complexity: 'O(N), N being the connections',
      arity: -3,
      arguments: [arg.integer('client-id'), arg.optional(arg.oneOf('unblock-type', tokens('timeout', 'error')))],
      run: unblock,
    },
  ],
});
