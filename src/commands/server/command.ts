/** COMMAND: what the server's commands are, from their rows. */

import * as arg from '../../engine/arguments.js';
import type { Call } from '../../engine/call.js';
import { categoriesOf } from '../../engine/categories.js';
import type { CommandRow } from '../../engine/command.js';
import { type FoundKey, findKeys } from '../../engine/command-keys.js';
import { CommandTable, type CompiledCommand, everyCommand } from '../../engine/command-table.js';
import { container } from '../../engine/container.js';
import * as errors from '../../protocol/errors.js';
import type { ReplyWriter } from '../../protocol/reply-writer.js';
import { Glob } from '../../text/glob.js';
import { replyDocs, replyInfo } from './command-replies.js';

function command(call: Call): void {
  const { commands } = call.feature(CommandTable);
  call.reply.array(commands.length);
  for (const each of commands) replyInfo(call.reply, each);
}

function count(call: Call): void {
  call.reply.integer(call.feature(CommandTable).commands.length);
}

function info(call: Call): void {
  const { args, reply } = call;
  if (args.count === 2) {
    command(call);
    return;
  }
  reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) replyInfo(reply, namedBy(call, i));
}

/** The documentation of all commands, by protocol: redis-cli asks for it at every start, and rows do not change. */
const allDocs = new WeakMap<CommandTable, Partial<Record<2 | 3, Buffer>>>();

/** Unknown names are left out. */
function docs(call: Call): void {
  const { args, reply } = call;
  const table = call.feature(CommandTable);
  if (args.count > 2) {
    const named = Array.from({ length: args.count - 2 }, (_, i) => namedBy(call, i + 2));
    replyAllDocs(
      reply,
      named.filter((each) => each !== undefined),
    );
    return;
  }
  let kept = allDocs.get(table);
  if (kept === undefined) allDocs.set(table, (kept = {}));
  const bytes = kept[reply.protocol];
  if (bytes !== undefined) {
    reply.raw(bytes);
    return;
  }
  const start = reply.mark();
  replyAllDocs(reply, table.commands);
  kept[reply.protocol] = reply.take(start);
  reply.raw(kept[reply.protocol] as Buffer);
}

function replyAllDocs(reply: ReplyWriter, commands: readonly CompiledCommand[]): void {
  reply.map(commands.length);
  for (const each of commands) {
    reply.bulkString(each.fullName);
    replyDocs(reply, each);
  }
}

function namedBy(call: Call, index: number): CompiledCommand | undefined {
  return call.feature(CommandTable).named(call.args.latin1(index).toLowerCase());
}

function list(call: Call): void {
  const { reply } = call;
  const names: string[] = [];
  const accepts = filterOf(call);
  for (const each of everyCommand(call.feature(CommandTable))) if (accepts(each)) names.push(each.fullName);
  reply.array(names.length);
  for (const name of names) reply.bulkString(name);
}

function filterOf({ args }: Call): (command: CompiledCommand) => boolean {
  if (args.count === 2) return () => true;
  if (args.count !== 5 || !args.is(2, 'FILTERBY')) throw errors.SYNTAX;
  const value = args.text(4);
  // No command comes from a module.
  if (args.is(3, 'MODULE')) return () => false;
  if (args.is(3, 'ACLCAT')) {
    const category = `@${value.toLowerCase()}`;
    return ({ row }) => categoriesOf(row).some((each) => each === category);
  }
  if (!args.is(3, 'PATTERN')) throw errors.SYNTAX;
  const glob = new Glob(value.toLowerCase());
  return ({ fullName }) => glob.matchesText(fullName);
}

function getKeys(call: Call): void {
  const { args, reply } = call;
  const keys = embeddedKeys(call);
  reply.array(keys.length);
  for (const { at } of keys) reply.bulk(args.slice(at));
}

function getKeysAndFlags(call: Call): void {
  const { args, reply } = call;
  const keys = embeddedKeys(call);
  reply.array(keys.length);
  for (const { at, flags } of keys) {
    const shown = flags.filter((flag) => flag !== 'variable_flags');
    reply.array(2);
    reply.bulk(args.slice(at));
    reply.set(shown.length);
    for (const flag of shown) reply.status(flag);
  }
}

/** The keys of the command that stands behind COMMAND GETKEYS. */
function embeddedKeys(call: Call): FoundKey[] {
  const { args } = call;
  let found = call.feature(CommandTable).find(args, 2);
  if (found === null) throw errors.INVALID_COMMAND;
  if (found.subcommands !== null && args.count > 3) found = found.subcommands.find(args, 3);
  if (found === null) throw errors.INVALID_COMMAND;
  const { row } = found;
  // The channels of SPUBLISH and its like have a specification, for the sake of routing, and are no keys.
  if ((row.keys ?? []).every(({ flags }) => flags.includes('not_key'))) throw errors.NO_KEY_ARGUMENTS;
  if (!found.acceptsCount(args.count - 2)) throw errors.INVALID_ARITY;
  const keys = findKeys(row, args, 2);
  if (row.flags.includes('no_mandatory_keys')) return keys ?? [];
  if (keys === null || keys.length === 0) throw INVALID_ARGUMENTS;
  return keys;
}

const INVALID_ARGUMENTS = errors.commandError('Invalid arguments specified for command');

export const commandCommands: readonly CommandRow[] = [
  container({
    name: 'command',
    summary: 'Describes every command of the server.',
    group: 'server',
    complexity: 'O(N), N being the commands',
    arity: -1,
    flags: ['loading', 'stale'],
    alsoIn: ['@connection'],
    run: command,
    subcommands: [
      {
        name: 'count',
        summary: 'Counts the commands.',
        group: 'server',
        complexity: 'O(1)',
        arity: 2,
        flags: ['loading', 'stale'],
        alsoIn: ['@connection'],
        run: count,
      },
      {
        name: 'docs',
        summary: 'Tells the documentation of commands.',
        group: 'server',
        complexity: 'O(N), N being the commands asked for',
        arity: -2,
        flags: ['loading', 'stale'],
        alsoIn: ['@connection'],
        arguments: [arg.optional(arg.multiple(arg.string('command-name')))],
        run: docs,
      },
      {
        name: 'getkeys',
        summary: 'Finds the keys in a command with its arguments.',
        group: 'server',
        complexity: 'O(N), N being the arguments',
        arity: -3,
        flags: ['loading', 'stale'],
        alsoIn: ['@connection'],
        arguments: [arg.string('command'), arg.optional(arg.multiple(arg.string('arg')))],
        run: getKeys,
      },
      {
        name: 'getkeysandflags',
        summary: 'Finds the keys in a command with its arguments, and tells what it does with each.',
        group: 'server',
        complexity: 'O(N), N being the arguments',
        arity: -3,
        flags: ['loading', 'stale'],
        alsoIn: ['@connection'],
        arguments: [arg.string('command'), arg.optional(arg.multiple(arg.string('arg')))],
        run: getKeysAndFlags,
      },
      {
        name: 'info',
        summary: 'Describes some commands, or all.',
        group: 'server',
        complexity: 'O(N), N being the commands asked for',
        arity: -2,
        flags: ['loading', 'stale'],
        alsoIn: ['@connection'],
        arguments: [arg.optional(arg.multiple(arg.string('command-name')))],
        run: info,
      },
      {
        name: 'list',
        summary: 'Lists the names of commands.',
        group: 'server',
        complexity: 'O(N), N being the commands',
        arity: -2,
        flags: ['loading', 'stale'],
        alsoIn: ['@connection'],
        arguments: [
          arg.option(
            'FILTERBY',
            arg.oneOf('filterby', [
              arg.string('module-name', { token: 'MODULE' }),
              arg.string('category', { token: 'ACLCAT' }),
              arg.pattern('pattern', { token: 'PATTERN' }),
            ]),
          ),
        ],
        run: list,
      },
    ],
  }),
];
