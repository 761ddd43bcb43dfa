/** OBJECT: how a value is kept. */

import * as arg from '../../engine/arguments.js';
import type { Call } from '../../engine/call.js';
import type { CommandRow, KeySpec } from '../../engine/command.js';
import { container } from '../../engine/container.js';
import { oneKey } from '../../engine/key-specs.js';
import type { Ref } from '../../memory/arena.js';
import * as errors from '../../protocol/errors.js';

/**
 * Answers for the key that is argument 2: null if it is not there. For INFO that is a hit or a miss, but OBJECT does
 * not count as a use, and no event of the miss is sent.
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

const KEYS: readonly KeySpec[] = [oneKey(2, 'RO')];

function subcommand(name: string, summary: string, answer: (call: Call, ref: Ref) => void): CommandRow {
  return {
    name,
    summary,
    group: 'generic',
    complexity: 'O(1)',
    arity: 3,
    flags: ['readonly'],
    keys: KEYS,
    arguments: [arg.key()],
    run: withKey(answer),
  };
}

export const objectCommand: CommandRow = container({
  name: 'object',
  summary: 'Commands that tell how a value is kept.',
  group: 'generic',
  subcommands: [
    subcommand('encoding', 'Tells the encoding of a value, in Redis’s terms.', (call, ref) => {
      call.reply.bulkString(call.keyspace.types.encodingOf(call.db, ref));
    }),
    subcommand('freq', 'Tells how often a key is used, under an LFU policy.', (call, ref) => {
      if (!call.keyspace.countsUse) throw errors.NOT_LFU;
      call.reply.integer(call.db.frequencyOf(ref));
    }),
    subcommand('idletime', 'Tells how many seconds ago a key was last used.', (call, ref) => {
      if (call.keyspace.countsUse) throw errors.NOT_LRU;
      call.reply.integer(call.db.idleSeconds(ref));
    }),
    subcommand('refcount', 'Tells how many references there are to a value.', refcount),
  ],
});
