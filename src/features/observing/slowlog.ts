/** SLOWLOG. */

import type { Call } from '../../engine/call.js';
import type { CommandRow } from '../../engine/command.js';
import { help } from '../../engine/help.js';
import * as errors from '../../protocol/errors.js';
import { Timing } from './timing.js';

const DEFAULT_COUNT = 10;

function get(call: Call): void {
  const { args, reply } = call;
  if (args.count > 3) throw errors.unknownSubcommandOrArity(args.latin1(1), 'SLOWLOG');
  const { entries } = call.feature(Timing).slowLog;
  const count = args.count === 3 ? readCount(call) : DEFAULT_COUNT;
  const shown = entries.slice(0, count === -1 ? entries.length : count);
  reply.array(shown.length);
  for (const { id, at, microseconds, args: words, address, clientName } of shown) {
    reply.array(6);
    reply.integer(id);
    reply.integer(at);
    reply.integer(microseconds);
    reply.array(words.length);
    for (const word of words) reply.bulkBytes(word);
    reply.bulkLatin1(address);
    reply.bulkLatin1(clientName);
  }
}

function readCount({ args }: Call): number {
  const count = args.integer(2, errors.SLOWLOG_COUNT);
  if (count < -1) throw errors.SLOWLOG_COUNT;
  return count;
}

function length(call: Call): void {
  call.reply.integer(call.feature(Timing).slowLog.entries.length);
}

function reset(call: Call): void {
  call.feature(Timing).slowLog.reset();
  call.reply.ok();
}

const HELP = help('SLOWLOG', [
  [
    'GET [<count>]',
    'The latest entries, 10 unless told otherwise; -1 stands for all. An entry is its id, the time (Unix seconds) and the',
    'duration in microseconds, the arguments, and address and name of the client.',
  ],
  ['LEN', 'How many entries there are.'],
  ['RESET', 'Forget them.'],
]);

const slowlogCommand: CommandRow = {
  name: 'slowlog',
  summary: 'Commands about the commands that took longest.',
  since: '2.2.12',
  group: 'server',
  complexity: 'Depends on the subcommand.',
  arity: -2,
  flags: [],
  categories: ['@slow'],
  subcommands: [
    {
      name: 'len',
      summary: 'Counts the entries of the slow log.',
      since: '2.2.12',
      group: 'server',
      complexity: 'O(1)',
      arity: 2,
      flags: ['admin', 'loading', 'stale'],
      categories: ['@admin', '@slow', '@dangerous'],
      tips: ['request_policy:all_nodes', 'response_policy:agg_sum', 'nondeterministic_output'],
      run: length,
    },
    {
      name: 'reset',
      summary: 'Empties the slow log.',
      since: '2.2.12',
      group: 'server',
      complexity: 'O(N) where N is the number of entries',
      arity: 2,
      flags: ['admin', 'loading', 'stale'],
      categories: ['@admin', '@slow', '@dangerous'],
      tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
      run: reset,
    },
    {
      name: 'help',
      summary: 'Explains the subcommands.',
      since: '6.2.0',
      group: 'server',
      complexity: 'O(1)',
      arity: 2,
      flags: ['loading', 'stale'],
      categories: ['@slow'],
      run: HELP,
    },
    {
      name: 'get',
      summary: 'Shows the latest entries of the slow log.',
      since: '2.2.12',
      group: 'server',
      complexity: 'O(N) where N is the number of entries shown',
      arity: -2,
      flags: ['admin', 'loading', 'stale'],
      categories: ['@admin', '@slow', '@dangerous'],
      tips: ['request_policy:all_nodes', 'nondeterministic_output'],
      arguments: [{ name: 'count', type: 'integer', optional: true }],
      history: [['4.0.0', 'Entries tell the address and the name of the client.']],
      run: get,
    },
  ],
};

export const slowlogCommands: readonly CommandRow[] = [slowlogCommand];
