/** CLIENT: a client about itself, and about the others. */

import type { Call } from '../../engine/call.js';
import { type Client, ClientGate } from '../../engine/client.js';
import type { ArgumentDoc, CommandRow } from '../../engine/command.js';
import { Engine } from '../../engine/engine.js';
import { help } from '../../engine/help.js';
import { Pause } from '../../features/clients/pause.js';
import { ReplyModes } from '../../features/clients/reply-modes.js';
import * as errors from '../../protocol/errors.js';
import { matchingClients, readClientType, readKillFilter } from './client-filter.js';
import { clientLine } from './client-line.js';
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
  call.reply.verbatim('txt', `${clientLine(call, call.client)}\n`);
}

function list(call: Call): void {
  const lines = chosenForList(call).map((client) => `${clientLine(call, client)}\n`);
  call.reply.verbatim('txt', lines.join(''));
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
  const clients = new Map([...call.host.clients.all()].map((client) => [client.id, client]));
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

const HELP = help('CLIENT', [
  ['GETNAME', 'Name of this connection.'],
  ['GETREDIR', 'Id of the client that gets invalidations in place of this one; -1 without tracking.'],
  ['ID', 'Id of this connection.'],
  ['INFO', 'What CLIENT LIST tells of this connection.'],
  ['KILL <ip:port>', 'Close the connection from this address.'],
  [
    'KILL <option> <value> [<option> <value> [...]]',
    'Close all connections to which all options apply:',
    '* ADDR (<ip:port>|<unixsocket>:0)  address of the other side',
    '* LADDR (<ip:port>|<unixsocket>:0)  address of our side',
    '* ID <client-id>',
    '* MAXAGE <seconds>  connected for at least so long',
    '* TYPE (NORMAL|MASTER|REPLICA|PUBSUB)',
    '* USER <username>',
    '* SKIPME (YES|NO)  whether to spare this connection (default: yes)',
  ],
  ['LIST [TYPE (NORMAL|MASTER|REPLICA|PUBSUB) | ID <client-id> [<client-id> ...]]', 'Connections, one a line.'],
  ['NO-EVICT (ON|OFF)', 'Spare this connection when clients use too much memory.'],
  ['NO-TOUCH (ON|OFF)', "Leave the access times of keys alone in this connection's commands."],
  ['REPLY (ON|OFF|SKIP)', 'Whether this connection gets replies; SKIP: to all but the next command.'],
  ['SETINFO <option> <value>', 'Tell about the library in use: LIB-NAME or LIB-VER.'],
  ['SETNAME <name>', 'Name this connection.'],
  ['TRACKINGINFO', 'How tracking is set for this connection.'],
  ['PAUSE <timeout> [WRITE|ALL]', 'Hold back commands, or only those that write, for some milliseconds.'],
  ['UNPAUSE', 'End a pause.'],
  ['UNBLOCK <client-id> [TIMEOUT|ERROR]', 'End the wait of a blocked client, as by its timeout or with an error.'],
]);

const OWN = {
  group: 'connection',
  complexity: 'O(1)',
  flags: ['noscript', 'loading', 'stale'],
  categories: ['@slow', '@connection'],
} as const satisfies Partial<CommandRow>;

const ADMIN = {
  group: 'connection',
  complexity: 'O(N) with N connections',
  flags: ['admin', 'noscript', 'loading', 'stale'],
  categories: ['@admin', '@slow', '@dangerous', '@connection'],
} as const satisfies Partial<CommandRow>;

const ALL_NODES = ['request_policy:all_nodes', 'response_policy:all_succeeded'];

function tokens(...names: string[]): ArgumentDoc[] {
  return names.map((name) => ({ name, type: 'pure-token', token: name.toUpperCase() }));
}

const ON_OFF: ArgumentDoc[] = [{ name: 'enabled', type: 'oneof', arguments: tokens('on', 'off') }];

export const clientCommand: CommandRow = {
  name: 'client',
  summary: 'Holds the commands about connections.',
  since: '2.4.0',
  group: 'connection',
  complexity: "The subcommand's",
  arity: -2,
  flags: [],
  categories: ['@slow'],
  subcommands: [
    {
      ...OWN,
      name: 'getname',
      summary: 'Name of this connection.',
      since: '2.6.9',
      arity: 2,
      run: getName,
    },
    {
      ...OWN,
      name: 'getredir',
      summary: 'Id of the client that gets invalidations in place of this one.',
      since: '6.0.0',
      arity: 2,
      run: getRedirection,
    },
    {
      ...OWN,
      name: 'help',
      summary: 'Explains the subcommands.',
      since: '5.0.0',
      arity: 2,
      flags: ['loading', 'stale'],
      run: HELP,
    },
    {
      ...OWN,
      name: 'id',
      summary: 'Id of this connection.',
      since: '5.0.0',
      arity: 2,
      run: id,
    },
    {
      ...OWN,
      name: 'info',
      summary: 'What CLIENT LIST tells of this connection.',
      since: '6.2.0',
      arity: 2,
      tips: ['nondeterministic_output'],
      run: info,
    },
    {
      ...ADMIN,
      name: 'kill',
      summary: 'Closes connections.',
      since: '2.4.0',
      arity: -3,
      arguments: [
        {
          name: 'filter',
          type: 'oneof',
          arguments: [
            { name: 'old-format', type: 'string', displayText: 'ip:port', deprecatedSince: '2.8.12' },
            {
              name: 'new-format',
              type: 'oneof',
              multiple: true,
              arguments: [
                { name: 'client-id', type: 'integer', token: 'ID', since: '2.8.12', optional: true },
                {
                  name: 'client-type',
                  type: 'oneof',
                  token: 'TYPE',
                  since: '2.8.12',
                  optional: true,
                  arguments: [
                    { name: 'normal', type: 'pure-token', token: 'NORMAL' },
                    { name: 'master', type: 'pure-token', token: 'MASTER', since: '3.2.0' },
                    { name: 'slave', type: 'pure-token', token: 'SLAVE' },
                    { name: 'replica', type: 'pure-token', token: 'REPLICA', since: '5.0.0' },
                    { name: 'pubsub', type: 'pure-token', token: 'PUBSUB' },
                  ],
                },
                { name: 'username', type: 'string', token: 'USER', optional: true },
                { name: 'addr', type: 'string', displayText: 'ip:port', token: 'ADDR', optional: true },
                {
                  name: 'laddr',
                  type: 'string',
                  displayText: 'ip:port',
                  token: 'LADDR',
                  since: '6.2.0',
                  optional: true,
                },
                { name: 'skipme', type: 'oneof', token: 'SKIPME', optional: true, arguments: tokens('yes', 'no') },
                { name: 'maxage', type: 'integer', token: 'MAXAGE', since: '7.4.0', optional: true },
              ],
            },
          ],
        },
      ],
      history: [
        ['2.8.12', 'Takes filters.'],
        ['2.8.12', 'Takes ID.'],
        ['3.2.0', 'Takes the type master.'],
        ['5.0.0', 'The type slave is called replica; both are taken.'],
        ['6.2.0', 'Takes LADDR.'],
        ['7.4.0', 'Takes MAXAGE.'],
      ],
      run: kill,
    },
    {
      ...ADMIN,
      name: 'list',
      summary: 'Tells of all connections, or of those chosen.',
      since: '2.4.0',
      arity: -2,
      tips: ['nondeterministic_output'],
      arguments: [
        {
          name: 'client-type',
          type: 'oneof',
          token: 'TYPE',
          since: '5.0.0',
          optional: true,
          arguments: tokens('normal', 'master', 'replica', 'pubsub'),
        },
        { name: 'client-id', type: 'integer', token: 'ID', since: '6.2.0', optional: true, multiple: true },
      ],
      history: [
        ['2.8.12', 'Shows the id.'],
        ['5.0.0', 'Takes TYPE.'],
        ['6.0.0', 'Shows the user.'],
        ['6.2.0', 'Takes ID; shows argv-mem, tot-mem, laddr and redir.'],
        ['7.0.0', 'Shows resp, multi-mem, rbs and rbp.'],
        ['7.0.3', 'Shows ssub.'],
        ['7.2.0', 'Shows lib-name and lib-ver.'],
        ['7.4.0', 'Shows watch.'],
      ],
      run: list,
    },
    {
      ...ADMIN,
      name: 'no-evict',
      summary: 'Spares this connection when clients use too much memory.',
      since: '7.0.0',
      complexity: 'O(1)',
      arity: 3,
      arguments: ON_OFF,
      run: noEvict,
    },
    {
      ...OWN,
      name: 'no-touch',
      summary: "Leaves the access times of keys alone in this connection's commands.",
      since: '7.2.0',
      arity: 3,
      arguments: ON_OFF,
      run: noTouch,
    },
    {
      ...OWN,
      name: 'reply',
      summary: 'Chooses whether this connection gets replies.',
      since: '3.2.0',
      arity: 3,
      arguments: [{ name: 'action', type: 'oneof', arguments: tokens('on', 'off', 'skip') }],
      run: reply,
    },
    {
      ...OWN,
      name: 'setinfo',
      summary: 'Tells the server about the library in use.',
      since: '7.2.0',
      arity: 4,
      tips: ALL_NODES,
      arguments: [
        {
          name: 'attr',
          type: 'oneof',
          arguments: [
            { name: 'libname', type: 'string', token: 'LIB-NAME' },
            { name: 'libver', type: 'string', token: 'LIB-VER' },
          ],
        },
      ],
      run: setInfo,
    },
    {
      ...OWN,
      name: 'setname',
      summary: 'Names this connection.',
      since: '2.6.9',
      arity: 3,
      tips: ALL_NODES,
      arguments: [{ name: 'connection-name', type: 'string' }],
      run: setName,
    },
    {
      ...OWN,
      name: 'trackinginfo',
      summary: 'How tracking is set for this connection.',
      since: '6.2.0',
      arity: 2,
      run: trackingInfo,
    },
    {
      ...ADMIN,
      name: 'pause',
      summary: 'Holds back the commands of all clients, or those that write, for some milliseconds.',
      since: '3.0.0',
      complexity: 'O(1)',
      arity: -3,
      arguments: [
        { name: 'timeout', type: 'integer' },
        {
          name: 'mode',
          type: 'oneof',
          since: '6.2.0',
          optional: true,
          arguments: [
            { name: 'write', type: 'pure-token', token: 'WRITE' },
            { name: 'all', type: 'pure-token', token: 'ALL' },
          ],
        },
      ],
      history: [['6.2.0', 'Added the modes.']],
      run: pause,
    },
    {
      ...ADMIN,
      name: 'unpause',
      summary: 'Ends a pause.',
      since: '6.2.0',
      complexity: 'O(N) with N held clients',
      arity: 2,
      run: unpause,
    },
    {
      ...ADMIN,
      name: 'unblock',
      summary: 'Ends the wait of a blocked client.',
      since: '5.0.0',
      complexity: 'O(N) with N connections',
      arity: -3,
      arguments: [
        { name: 'client-id', type: 'integer' },
        { name: 'unblock-type', type: 'oneof', optional: true, arguments: tokens('timeout', 'error') },
      ],
      run: unblock,
    },
  ],
};
