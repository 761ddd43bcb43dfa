/** Commands that give a value another key or another database. */

import * as arg from '../../engine/arguments.js';
import type { Call } from '../../engine/call.js';
import type { CommandRow } from '../../engine/command.js';
import { oneKey } from '../../engine/key-specs.js';
import type { Database } from '../../keyspace/database.js';
import { equalBytes } from '../../memory/slice.js';
import * as errors from '../../protocol/errors.js';
import { readDatabaseIndex } from '../database-index.js';

function runRename(call: Call): void {
  if (moveWithin(call, true)) call.reply.ok();
}

function runRenamenx(call: Call): void {
  call.reply.integer(moveWithin(call, false) ? 1 : 0);
}

/** Returns whether the key has the new name now. A key renamed to itself is left alone. */
function moveWithin(call: Call, replace: boolean): boolean {
  const { db } = call;
  const from = call.args.slice(1);
  const to = call.args.slice(2);
  const ref = db.lookupForWrite(from);
  if (ref === 0) throw errors.NO_SUCH_KEY;
  if (equalBytes(from, to)) return replace;
  const target = db.lookupForWrite(to);
  if (target !== 0 && !replace) return false;
  db.arena.reserve(2 * to.length);
  db.rename(ref, to, db, target);
  call.changed(from, 'rename_from');
  call.changed(to, 'rename_to', 0);
  return true;
}

function runCopy(call: Call): void {
  const { args, db } = call;
  const from = args.slice(1);
  const to = args.slice(2);
  let other = db;
  let replace = false;
  for (let i = 3; i < args.count; i++) {
    if (args.is(i, 'REPLACE')) replace = true;
    else if (args.is(i, 'DB') && i + 1 < args.count) other = databaseAt(call, ++i);
    else throw errors.SYNTAX;
  }
  if (other === db && equalBytes(from, to)) throw errors.SAME_OBJECT;
  const ref = db.lookup(from);
  const target = ref === 0 ? 0 : other.lookupForWrite(to);
  if (ref === 0 || (target !== 0 && !replace)) {
    call.reply.integer(0);
    return;
  }
  db.copy(ref, to, other, target);
  call.changed(to, 'copy_to', 1, other);
  call.reply.integer(1);
}

function runMove(call: Call): void {
  const { args, db } = call;
  const key = args.slice(1);
  const other = databaseAt(call, 2);
  if (other === db) throw errors.SAME_OBJECT;
  const ref = db.lookupForWrite(key);
  if (ref === 0 || other.lookupForWrite(key) !== 0) {
    call.reply.integer(0);
    return;
  }
  db.arena.reserve(2 * key.length);
  db.rename(ref, key, other);
  call.changed(key, 'move_from');
  call.changed(key, 'move_to', 0, other);
  call.reply.integer(1);
}

function databaseAt(call: Call, index: number): Database {
  return call.keyspace.databases[readDatabaseIndex(call, index)];
}

export const movingCommands: readonly CommandRow[] = [
  {
    name: 'rename',
    summary: 'Gives a key another name; what had that name is replaced.',
    group: 'generic',
    complexity: 'O(1), and a step per page of a large value that is replaced',
    arity: 3,
    flags: ['write'],
    keys: [oneKey(1, 'RW', 'access', 'delete'), oneKey(2, 'OW', 'update')],
    arguments: [arg.key(), arg.key('newkey', { keySpec: 1 })],
    run: runRename,
  },
  {
    name: 'renamenx',
    summary: 'Gives a key another name if that is not taken.',
    group: 'generic',
    complexity: 'O(1)',
    arity: 3,
    flags: ['write', 'fast'],
    keys: [oneKey(1, 'RW', 'access', 'delete'), oneKey(2, 'OW', 'insert')],
    arguments: [arg.key(), arg.key('newkey', { keySpec: 1 })],
    run: runRenamenx,
  },
  {
    name: 'copy',
    summary: 'Copies the value at a key to another key, here or in another database.',
    group: 'generic',
    complexity: 'O(N), N being the size of the value',
    arity: -3,
    flags: ['write', 'denyoom'],
    keys: [oneKey(1, 'RO', 'access'), oneKey(2, 'OW', 'update')],
    arguments: [
      arg.key('source'),
      arg.key('destination', { keySpec: 1 }),
      arg.option('DB', arg.integer('destination-db')),
      arg.optional(arg.token('REPLACE')),
    ],
    run: runCopy,
  },
  {
    name: 'move',
    summary: 'Moves a key to another database.',
    group: 'generic',
    complexity: 'O(1)',
    arity: 3,
    flags: ['write', 'fast'],
    keys: [oneKey(1, 'RW', 'access', 'update')],
    arguments: [arg.key(), arg.integer('db')],
    run: runMove,
  },
];
