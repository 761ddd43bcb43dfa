/** CONFIG. */

import { ConfigSetError } from '../../config/config.js';
import type { Call } from '../../engine/call.js';
import type { CommandRow } from '../../engine/command.js';
import { Engine } from '../../engine/engine.js';
import { help } from '../../engine/help.js';
import * as errors from '../../protocol/errors.js';

const SECRET_DIRECTIVES = ['REQUIREPASS', 'MASTERAUTH', 'MASTERUSER', 'TLS-KEY-FILE-PASS', 'TLS-CLIENT-KEY-FILE-PASS'];

function get(call: Call): void {
  const { args, reply } = call;
  const patterns: string[] = [];
  for (let i = 2; i < args.count; i++) patterns.push(args.text(i));
  const found = call.host.config.match(patterns);
  reply.map(found.size);
  for (const [name, text] of found) {
    reply.bulkString(name);
    reply.bulkString(text);
  }
}

function set(call: Call): void {
  const { args } = call;
  if (args.count % 2 !== 0) throw errors.SYNTAX;
  const pairs: [string, string][] = [];
  for (let i = 2; i < args.count; i += 2) pairs.push([args.text(i), args.text(i + 1)]);
  const { config } = call.host;
  const access = config.get('enable-protected-configs');
  try {
    config.setAtRunTime(pairs, access === 'yes' || (access === 'local' && call.client.isLocal));
  } catch (error) {
    if (!(error instanceof ConfigSetError)) throw error;
    const { directive, reason } = error;
    throw reason === null ? errors.unknownDirective(directive) : errors.configSetFailed(directive, reason);
  }
  call.reply.ok();
}

function resetStat(call: Call): void {
  call.feature(Engine).resetStatistics();
  call.host.resetStatistics();
  call.reply.ok();
}

function rewrite(call: Call): void {
  const { host } = call;
  if (host.config.file === null) throw errors.NO_CONFIG_FILE;
  host.rewriteConfig();
  call.reply.ok();
}

const HELP = help('CONFIG', [
  ['GET <pattern> [<pattern> ...]', 'Names and values of the directives that match one of the patterns.'],
  ['SET <directive> <value> [<directive> <value> ...]', 'Change directives, all of them or none.'],
  ['RESETSTAT', 'Start the counters of INFO anew.'],
  ['REWRITE', 'Write the configuration as it is now into its file.'],
]);

export const configCommands: readonly CommandRow[] = [
  {
    name: 'config',
    summary: 'Commands about the configuration.',
    since: '2.0.0',
    group: 'server',
    complexity: 'Depends on the subcommand.',
    arity: -2,
    flags: [],
    categories: ['@slow'],
    subcommands: [
      {
        name: 'get',
        summary: 'Tells the values of directives, by name or pattern.',
        since: '2.0.0',
        group: 'server',
        complexity: 'O(N) where N is the number of directives',
        arity: -3,
        flags: ['admin', 'noscript', 'loading', 'stale'],
        categories: ['@admin', '@slow', '@dangerous'],
        arguments: [{ name: 'parameter', type: 'string', multiple: true }],
        history: [['7.0.0', 'Several patterns in one call.']],
        run: get,
      },
      {
        name: 'set',
        summary: 'Changes directives while the server runs.',
        since: '2.0.0',
        group: 'server',
        complexity: 'O(N) where N is the number of directives given',
        arity: -4,
        flags: ['admin', 'noscript', 'loading', 'stale'],
        categories: ['@admin', '@slow', '@dangerous'],
        tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
        arguments: [
          {
            name: 'data',
            type: 'block',
            multiple: true,
            arguments: [
              { name: 'parameter', type: 'string' },
              { name: 'value', type: 'string' },
            ],
          },
        ],
        history: [['7.0.0', 'Several directives in one call.']],
        secrets: (args, i) => i >= 3 && i % 2 === 1 && SECRET_DIRECTIVES.some((name) => args.is(i - 1, name)),
        run: set,
      },
      {
        name: 'resetstat',
        summary: 'Starts the counters of INFO anew.',
        since: '2.0.0',
        group: 'server',
        complexity: 'O(N) where N is the number of commands',
        arity: 2,
        flags: ['admin', 'noscript', 'loading', 'stale'],
        categories: ['@admin', '@slow', '@dangerous'],
        tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
        run: resetStat,
      },
      {
        name: 'rewrite',
        summary: 'Writes the configuration as it is now into the file it came from.',
        since: '2.8.0',
        group: 'server',
        complexity: 'O(N) where N is the length of the file',
        arity: 2,
        flags: ['admin', 'noscript', 'loading', 'stale'],
        categories: ['@admin', '@slow', '@dangerous'],
        tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
        run: rewrite,
      },
      {
        name: 'help',
        summary: 'Explains the subcommands.',
        since: '5.0.0',
        group: 'server',
        complexity: 'O(1)',
        arity: 2,
        flags: ['loading', 'stale'],
        categories: ['@slow'],
        run: HELP,
      },
    ],
  },
];
