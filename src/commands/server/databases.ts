/** Commands on whole databases. */

import * as arg from '../../engine/arguments.js';
import type { Call } from '../../engine/call.js';
import type { CommandRow } from '../../engine/command.js';
import * as errors from '../../protocol/errors.js';
import { INT32_MAX, INT32_MIN } from '../database-index.js';

function dbSize(call: Call): void {
  call.reply.integer(call.db.size);
}

function flushDb(call: Call): void {
  checkFlushMode(call);
  const removed = call.keyspace.flush(call.db);
  finishFlush(call, removed);
}

function flushAll(call: Call): void {
  checkFlushMode(call);
  finishFlush(call, call.keyspace.flushAll());
  call.server.persistence.flushed();
}

/** ASYNC and SYNC mean the same here: keys are gone at once, and their memory returns in slices. */
function checkFlushMode({ args }: Call): void {
  if (args.count > 2 || (args.count === 2 && !args.is(1, 'ASYNC') && !args.is(1, 'SYNC'))) throw errors.SYNTAX;
}

/** An empty database that is flushed still propagates, as in Redis: a replica's may not be empty. */
function finishFlush(call: Call, removed: number): void {
  call.databasesChanged(removed);
  if (removed === 0 && call.propagating) call.effect(call.command.name.toUpperCase());
  call.reply.ok();
}

function swapDb(call: Call): void {
  const { args, keyspace } = call;
  const first = args.integerBetween(1, INT32_MIN, INT32_MAX, errors.INVALID_FIRST_DB);
  const second = args.integerBetween(2, INT32_MIN, INT32_MAX, errors.INVALID_SECOND_DB);
  const limit = keyspace.databases.length;
  if (first < 0 || first >= limit || second < 0 || second >= limit) throw errors.DB_OUT_OF_RANGE;
  keyspace.swap(first, second);
  call.databasesChanged(1);
  call.reply.ok();
}

export const databaseCommands: readonly CommandRow[] = [
  {
    name: 'dbsize',
    summary: 'Counts the keys of the current database.',
    group: 'server',
    complexity: 'O(1)',
    arity: 1,
    flags: ['readonly', 'fast'],
    alsoIn: ['@keyspace'],
    run: dbSize,
  },
  {
    name: 'flushdb',
    summary: 'Removes every key of the current database.',
    group: 'server',
    complexity: 'O(1); the memory of N keys is given back in the background in O(N)',
    arity: -1,
    flags: ['write'],
    alsoIn: ['@keyspace', '@dangerous'],
    arguments: [
      arg.optional(
        arg.oneOf('flush-type', [arg.token('ASYNC', { since: '4.0.0' }), arg.token('SYNC', { since: '6.2.0' })]),
      ),
    ],
    run: flushDb,
  },
  {
    name: 'flushall',
    summary: 'Removes every key of every database.',
    group: 'server',
    complexity: 'O(1) in the number of keys, O(N) in the number of databases',
    arity: -1,
    flags: ['write'],
    alsoIn: ['@keyspace', '@dangerous'],
    arguments: [
      arg.optional(
        arg.oneOf('flush-type', [arg.token('ASYNC', { since: '4.0.0' }), arg.token('SYNC', { since: '6.2.0' })]),
      ),
    ],
    run: flushAll,
  },
  {
    name: 'swapdb',
    summary: 'Exchanges two databases: clients of one see the keys of the other from then on.',
    group: 'server',
    complexity: 'O(N), N being the clients waiting for keys of the two',
    arity: 3,
    flags: ['write', 'fast'],
    alsoIn: ['@keyspace', '@dangerous'],
    arguments: [arg.integer('index1'), arg.integer('index2')],
    run: swapDb,
  },
];
