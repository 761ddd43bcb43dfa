/** CONFIG: directives are read, set and written back to the file while the server runs. */

import { ConfigSetError } from '../../config/config.js';
import { directiveRows } from '../../config/directives.js';
import * as arg from '../../engine/arguments.js';
import type { Call } from '../../engine/call.js';
import type { CommandRow } from '../../engine/command.js';
import { container } from '../../engine/container.js';
import { Engine } from '../../engine/engine.js';
import * as errors from '../../protocol/errors.js';
import { bytesOf } from '../../text/byte-text.js';

const SECRET_DIRECTIVES = Object.entries(directiveRows)
  .filter(([, row]) => row.secret === true)
  .map(([name]) => name.toUpperCase());

function get(call: Call): void {
  const { args, reply } = call;
  const patterns: string[] = [];
  for (let i = 2; i < args.count; i++) patterns.push(args.byteText(i));
  const found = call.server.config.match(patterns);
  reply.map(found.size);
  for (const [name, text] of found) {
    reply.bulkBytes(bytesOf(name));
    reply.bulkBytes(bytesOf(text));
  }
}

function set(call: Call): void {
  const { args } = call;
  if (args.count % 2 !== 0) throw errors.SYNTAX;
  const pairs: [string, string][] = [];
  for (let i = 2; i < args.count; i += 2) pairs.push([args.byteText(i), args.byteText(i + 1)]);
  const { config } = call.server;
  const access = config.get('enable-protected-configs');
  try {
    config.setAtRunTime(pairs, access === 'yes' || (access === 'local' && call.client.isLocal));
  } catch (error) {
    if (!(error instanceof ConfigSetError)) throw error;
    const { reason } = error;
    const directive = bytesOf(error.directive).toString('latin1');
    throw reason === null ? errors.unknownDirective(directive) : errors.configSetFailed(directive, reason);
  }
  call.reply.ok();
}

function resetStat(call: Call): void {
  call.feature(Engine).resetStatistics();
  call.server.resetStatistics();
  call.reply.ok();
}

function rewrite(call: Call): void {
  const { server } = call;
  if (server.config.file === null) throw errors.NO_CONFIG_FILE;
  server.rewriteConfig();
  call.reply.ok();
}

export const configCommands: readonly CommandRow[] = [
  container({
    name: 'config',
    summary: 'Commands about the configuration.',
    group: 'server',
    subcommands: [
      {
        name: 'get',
        summary: 'Tells the values of directives, by name or pattern.',
        group: 'server',
        complexity: 'O(N), N being the directives',
        arity: -3,
        flags: ['admin', 'noscript', 'loading', 'stale'],
        arguments: [arg.multiple(arg.string('parameter'))],
        run: get,
      },
      {
        name: 'set',
        summary: 'Changes directives while the server runs.',
        group: 'server',
        complexity: 'O(N), N being the directives given',
        arity: -4,
        flags: ['admin', 'noscript', 'loading', 'stale'],
        arguments: [arg.multiple(arg.block('data', [arg.string('parameter'), arg.string('value')]))],
        secrets: (args, i) => i >= 3 && i % 2 === 1 && SECRET_DIRECTIVES.some((name) => args.is(i - 1, name)),
        run: set,
      },
      {
        name: 'resetstat',
        summary: 'Starts the counters of INFO anew.',
        group: 'server',
        complexity: 'O(N), N being the commands',
        arity: 2,
        flags: ['admin', 'noscript', 'loading', 'stale'],
        run: resetStat,
      },
      {
        name: 'rewrite',
        summary: 'Writes the configuration as it is now into the file it came from.',
        group: 'server',
        complexity: 'O(N), N being the length of the file',
        arity: 2,
        flags: ['admin', 'noscript', 'loading', 'stale'],
        run: rewrite,
      },
    ],
  }),
];
