/** SLOWLOG: the last commands that took longer than a limit, with arguments cut short. */

import * as arg from '../../engine/arguments.js';
import type { Call } from '../../engine/call.js';
import type { CommandRow } from '../../engine/command.js';
import { container } from '../../engine/container.js';
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

export const slowlogCommands: readonly CommandRow[] = [
  container({
    name: 'slowlog',
    summary: 'Commands about the commands that took longest.',
    group: 'server',
    subcommands: [
      {
        name: 'get',
        summary: 'Shows the latest entries of the slow log.',
        group: 'server',
        complexity: 'O(N), N being the entries shown',
        arity: -2,
        flags: ['admin', 'loading', 'stale'],
        arguments: [arg.optional(arg.integer('count'))],
        run: get,
      },
      {
        name: 'len',
        summary: 'Counts the entries of the slow log.',
        group: 'server',
        complexity: 'O(1)',
        arity: 2,
        flags: ['admin', 'loading', 'stale'],
        run: length,
      },
      {
        name: 'reset',
        summary: 'Empties the slow log.',
        group: 'server',
        complexity: 'O(N), N being the entries',
        arity: 2,
        flags: ['admin', 'loading', 'stale'],
        run: reset,
      },
    ],
  }),
];
