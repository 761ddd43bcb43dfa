/** ACL, as far as it reads: there is one user, `default`, who may do everything. */

import * as arg from '../../engine/arguments.js';
import type { Call } from '../../engine/call.js';
import { CATEGORIES, categoriesOf } from '../../engine/categories.js';
import type { CommandRow } from '../../engine/command.js';
import { CommandTable, everyCommand } from '../../engine/command-table.js';
import { container } from '../../engine/container.js';
import * as errors from '../../protocol/errors.js';
import { bytesOf } from '../../text/byte-text.js';

function whoAmI({ client, reply }: Call): void {
  reply.bulkString(client.user);
}

function users({ reply }: Call): void {
  reply.array(1);
  reply.bulkString('default');
}

/** Loaded when first needed: it would cost every start 5 ms. */
function passwordDigest({ server }: Call): string | null {
  const password = server.config.get('requirepass');
  if (password === '') return null;
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(bytesOf(password)).digest('hex');
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
    for (const category of CATEGORIES) reply.bulkString(category.slice(1));
    return;
  }
  if (args.count > 3) throw errors.unknownSubcommandOrArity(args.latin1(1), 'ACL');
  const category = CATEGORIES.find((each) => each === `@${args.latin1(2).toLowerCase()}`);
  if (category === undefined) throw errors.unknownCategory(args.latin1(2));
  const found = [...everyCommand(call.feature(CommandTable))].filter(({ row }) => categoriesOf(row).includes(category));
  reply.array(found.length);
  for (const { fullName } of found) reply.bulkString(fullName);
}

export const aclCommands: readonly CommandRow[] = [
  container({
    name: 'acl',
    summary: 'Commands about users and their rights.',
    group: 'server',
    subcommands: [
      {
        name: 'list',
        summary: 'Shows the rules of all users.',
        group: 'server',
        complexity: 'O(N), N being the users',
        arity: 2,
        flags: ['admin', 'noscript', 'loading', 'stale'],
        run: list,
      },
      {
        name: 'whoami',
        summary: 'Tells the user of this connection.',
        group: 'server',
        complexity: 'O(1)',
        arity: 2,
        flags: ['noscript', 'loading', 'stale'],
        run: whoAmI,
      },
      {
        name: 'cat',
        summary: 'Lists the categories of commands, or the commands of one.',
        group: 'server',
        complexity: 'O(N), N being the commands',
        arity: -2,
        flags: ['noscript', 'loading', 'stale'],
        arguments: [arg.optional(arg.string('category'))],
        run: cat,
      },
      {
        name: 'users',
        summary: 'Lists the names of all users.',
        group: 'server',
        complexity: 'O(N), N being the users',
        arity: 2,
        flags: ['admin', 'noscript', 'loading', 'stale'],
        run: users,
      },
      {
        name: 'getuser',
        summary: 'Shows the rights of a user.',
        group: 'server',
        complexity: 'O(N), N being the rules',
        arity: 3,
        flags: ['admin', 'noscript', 'loading', 'stale'],
        arguments: [arg.string('username')],
        run: getUser,
      },
    ],
  }),
];
