/** OBJECT: how a value is kept. */

import type { Call } from '../../engine/call.js';
import type { CommandRow, KeySpec } from '../../engine/command.js';
import { oneKey } from '../../engine/key-specs.js';
import type { Ref } from '../../memory/arena.js';
import * as errors from '../../protocol/errors.js';

/**
 * Answers for the key that is argument 2: null if it is not there. For INFO that is a hit or a miss, but OBJECT does not
 * count as a use, and nobody is told of the miss.
 */
function withKey(answer: (call: Call, ref: Ref) => void): (call: Call) => void {
  return (call) => {
    const ref = call.db.peek(call.args.slice(2));
    if (ref === 0) {
      call.keyspace.misses++;
      call.reply.null();
    } else {
      call.keyspace.hits++;
      answer(call, ref);
    }
  };
}

function refcount(call: Call, ref: Ref): void {
  call.reply.integer(call.keyspace.types.of(call.db, ref).referenceCount?.(call.db, ref) ?? 1);
}

const HELP = [
  'OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
  'ENCODING <key>',
  '    Return the kind of internal representation used in order to store the value',
  '    associated with a <key>.',
  'FREQ <key>',
  '    Return the access frequency index of the <key>. The returned integer is',
  '    proportional to the logarithm of the recent access frequency of the key.',
  'IDLETIME <key>',
  '    Return the idle time of the <key>, that is the approximated number of',
  '    seconds elapsed since the last access to the key.',
  'REFCOUNT <key>',
  '    Return the number of references of the value associated with the specified',
  '    <key>.',
  'HELP',
  '    Prints this help.',
];

function runHelp(call: Call): void {
  call.reply.array(HELP.length);
  for (const line of HELP) call.reply.status(line);
}

const KEYS: readonly KeySpec[] = [oneKey(2, 'RO')];

function subcommand(name: string, since: string, summary: string, answer: (call: Call, ref: Ref) => void): CommandRow {
  return {
    name,
    summary,
    since,
    group: 'generic',
    complexity: 'O(1)',
    arity: 3,
    flags: ['readonly'],
    categories: ['@keyspace', '@read', '@slow'],
    tips: ['nondeterministic_output'],
    keys: KEYS,
    arguments: [{ name: 'key', type: 'key', keySpec: 0 }],
    run: withKey(answer),
  };
}

export const objectCommand: CommandRow = {
  name: 'object',
  summary: 'Commands that tell how a value is kept.',
  since: '2.2.3',
  group: 'generic',
  complexity: 'Depends on the subcommand.',
  arity: -2,
  flags: [],
  categories: ['@slow'],
  subcommands: [
    subcommand('encoding', '2.2.3', 'Tells the encoding of a value, in Redis’s terms.', (call, ref) => {
      call.reply.bulkString(call.keyspace.types.encodingOf(call.db, ref));
    }),
    subcommand('refcount', '2.2.3', 'Tells how many references there are to a value.', refcount),
    subcommand('freq', '4.0.0', 'Tells how often a key is used, under an LFU policy.', (call, ref) => {
      if (!call.keyspace.countsUse) throw errors.NOT_LFU;
      call.reply.integer(call.db.frequencyOf(ref));
    }),
    subcommand('idletime', '2.2.3', 'Tells how many seconds ago a key was last used.', (call, ref) => {
      if (call.keyspace.countsUse) throw errors.NOT_LRU;
      call.reply.integer(call.db.idleSeconds(ref));
    }),
    {
      name: 'help',
      summary: 'Lists the subcommands.',
      since: '6.2.0',
      group: 'generic',
      complexity: 'O(1)',
      arity: 2,
      flags: ['loading', 'stale'],
      categories: ['@keyspace', '@slow'],
      run: runHelp,
    },
  ],
};
