/** ACL, as far as it reads: there is one user, `default`, who may do everything. */

import type { Call } from '../../engine/call.js';
import type { CommandRow } from '../../engine/command.js';
import { CommandTable, everyCommand } from '../../engine/command-table.js';
import { help } from '../../engine/help.js';
import * as errors from '../../protocol/errors.js';

const CATEGORIES = [
  'keyspace',
  'read',
  'write',
  'set',
  'sortedset',
  'list',
  'hash',
  'string',
  'bitmap',
  'hyperloglog',
  'geo',
  'stream',
  'pubsub',
  'admin',
  'fast',
  'slow',
  'blocking',
  'dangerous',
  'connection',
  'transaction',
  'scripting',
];

function whoAmI({ client, reply }: Call): void {
  reply.bulkString(client.user);
}

function users({ reply }: Call): void {
  reply.array(1);
  reply.bulkString('default');
}

/** Loaded when first needed: it would cost every start 5 ms. */
function passwordDigest({ host }: Call): string | null {
  const password = host.config.get('requirepass');
  if (password === '') return null;
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(password).digest('hex');
}

function list(call: Call): void {
  const digest = passwordDigest(call);
  const password = digest === null ? 'nopass' : `#${digest}`;
  call.reply.array(1);
  call.reply.bulkString(`user default on ${password} sanitize-payload ~* &* +@all`);
}

function getUser(call: Call): void {
  const { args, reply } = call;
  if (!args.equals(2, 'default')) {
    reply.null();
    return;
  }
  const digest = passwordDigest(call);
  const flags = digest === null ? ['on', 'nopass', 'sanitize-payload'] : ['on', 'sanitize-payload'];
  reply.map(6);
  reply.bulkString('flags');
  reply.set(flags.length);
  for (const flag of flags) reply.bulkString(flag);
  reply.bulkString('passwords');
  reply.array(digest === null ? 0 : 1);
  if (digest !== null) reply.bulkString(digest);
  for (const [name, rule] of [
    ['commands', '+@all'],
    ['keys', '~*'],
    ['channels', '&*'],
  ]) {
    reply.bulkString(name);
    reply.bulkString(rule);
  }
  reply.bulkString('selectors');
  reply.array(0);
}

function cat(call: Call): void {
  const { args, reply } = call;
  if (args.count === 2) {
    reply.array(CATEGORIES.length);
    for (const category of CATEGORIES) reply.bulkString(category);
    return;
  }
  if (args.count > 3) throw errors.unknownSubcommandOrArity(args.latin1(1), 'ACL');
  const category = args.latin1(2).toLowerCase();
  if (!CATEGORIES.includes(category)) throw errors.unknownCategory(args.latin1(2));
  const found = [...everyCommand(call.feature(CommandTable))].filter(({ row }) =>
    row.categories.includes(`@${category}`),
  );
  reply.array(found.length);
  for (const { fullName } of found) reply.bulkString(fullName);
}

const HELP = help('ACL', [
  ['CAT [<category>]', 'The categories of commands, or the commands of one.'],
  ['GETUSER <username>', 'What a user may do.'],
  ['LIST', 'The rules of all users.'],
  ['USERS', 'The names of all users.'],
  ['WHOAMI', 'The user of this connection.'],
]);

const aclCommand: CommandRow = {
  name: 'acl',
  summary: 'Commands about users and their rights.',
  since: '6.0.0',
  group: 'server',
  complexity: 'Depends on the subcommand.',
  arity: -2,
  flags: [],
  categories: ['@slow'],
  subcommands: [
    {
      name: 'list',
      summary: 'Shows the rules of all users.',
      since: '6.0.0',
      group: 'server',
      complexity: 'O(N) where N is the number of users',
      arity: 2,
      flags: ['admin', 'noscript', 'loading', 'stale'],
      categories: ['@admin', '@slow', '@dangerous'],
      run: list,
    },
    {
      name: 'whoami',
      summary: 'Tells the user of this connection.',
      since: '6.0.0',
      group: 'server',
      complexity: 'O(1)',
      arity: 2,
      flags: ['noscript', 'loading', 'stale'],
      categories: ['@slow'],
      run: whoAmI,
    },
    {
      name: 'cat',
      summary: 'Lists the categories of commands, or the commands of one.',
      since: '6.0.0',
      group: 'server',
      complexity: 'O(N) where N is the number of commands',
      arity: -2,
      flags: ['noscript', 'loading', 'stale'],
      categories: ['@slow'],
      arguments: [{ name: 'category', type: 'string', optional: true }],
      run: cat,
    },
    {
      name: 'users',
      summary: 'Lists the names of all users.',
      since: '6.0.0',
      group: 'server',
      complexity: 'O(N) where N is the number of users',
      arity: 2,
      flags: ['admin', 'noscript', 'loading', 'stale'],
      categories: ['@admin', '@slow', '@dangerous'],
      run: users,
    },
    {
      name: 'help',
      summary: 'Explains the subcommands.',
      since: '6.0.0',
      group: 'server',
      complexity: 'O(1)',
      arity: 2,
      flags: ['loading', 'stale'],
      categories: ['@slow'],
      run: HELP,
    },
    {
      name: 'getuser',
      summary: 'Shows the rights of a user.',
      since: '6.0.0',
      group: 'server',
      complexity: 'O(N) where N is the number of rules',
      arity: 3,
      flags: ['admin', 'noscript', 'loading', 'stale'],
      categories: ['@admin', '@slow', '@dangerous'],
      arguments: [{ name: 'username', type: 'string' }],
      history: [
        ['6.2.0', 'Patterns of channels.'],
        ['7.0.0', 'Selectors, and all patterns of keys as one text.'],
      ],
      run: getUser,
    },
  ],
};

export const aclCommands: readonly CommandRow[] = [aclCommand];
