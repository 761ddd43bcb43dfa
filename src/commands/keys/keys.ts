/** Commands on keys of any type: presence, type, removal, enumeration. */

import * as arg from '../../engine/arguments.js';
import type { Call } from '../../engine/call.js';
import type { CommandRow } from '../../engine/command.js';
import { keysFrom, oneKey } from '../../engine/key-specs.js';
import { lookAtKeys } from '../../engine/keys-ahead.js';
import type { Database } from '../../keyspace/database.js';
import type { Ref } from '../../memory/arena.js';
import { Slice } from '../../memory/slice.js';
import * as errors from '../../protocol/errors.js';
import { Glob } from '../../text/glob.js';
import { cursorOf } from '../../types/scan.js';

/** Deletes keys, one by one, and answers how many there were. UNLINK is the same: freeing is never slow here. */
function runDel(call: Call): void {
  let removed = 0;
  for (let i = 1; i < call.args.count; i++) {
    lookAtKeys(call, i - 1);
    const key = call.args.slice(i);
    const ref = call.db.lookupForWrite(key);
    if (ref === 0) continue;
    call.db.delete(ref);
    call.deleted(key);
    removed++;
  }
  call.reply.integer(removed);
}

/** A key given twice counts twice. */
function runExists(call: Call): void {
  const { args, db, reply } = call;
  let count = 0;
  for (let i = 1; i < args.count; i++) {
    lookAtKeys(call, i - 1);
    if (db.inspect(args.slice(i)) !== 0) count++;
  }
  reply.integer(count);
}

function runTouch({ args, db, keyspace, reply }: Call): void {
  // CLIENT NO-TOUCH does not hold for TOUCH itself.
  keyspace.leavesNoTrace = false;
  let count = 0;
  for (let i = 1; i < args.count; i++) if (db.lookup(args.slice(i)) !== 0) count++;
  reply.integer(count);
}

function runType(call: Call): void {
  const ref = call.db.inspect(call.args.slice(1));
  call.reply.status(ref === 0 ? 'none' : call.keyspace.types.of(call.db, ref).name);
}

const foundKey = new Slice();

function runRandomkey(call: Call): void {
  const ref = call.db.randomKey();
  if (ref === 0) call.reply.null();
  else call.reply.bulk(call.db.keyOf(ref, foundKey));
}

function runKeys(call: Call): void {
  const { db, reply } = call;
  const glob = new Glob(call.args.buffer(1));
  const start = reply.startArray();
  let count = 0;
  for (let position = db.size - 1; position >= 0; position--) {
    if (!isListed(db, db.at(position), glob)) continue;
    reply.bulk(foundKey);
    count++;
  }
  reply.endArray(start, count);
}

/** Whether the key is there and matches; if so it is in `foundKey`. */
function isListed(db: Database, ref: Ref, glob: Glob): boolean {
  if (db.isDue(ref)) return false;
  db.keyOf(ref, foundKey);
  return glob.matchesAll || glob.matches(foundKey);
}

const DEFAULT_SCAN_COUNT = 10;
/** No database has so many keys, so such a cursor is none that was ever given: it ends the walk. */
const MOST_POSITIONS = 2 ** 32;

/** Types of Redis that clients may scan for although no key here is of one. */
const OTHER_TYPES = ['zset', 'hash', 'stream', 'rejson-rl'];
const NO_TYPE = -1;
const ANY_TYPE = -2;

/** The id of the type that argument i names. */
function scannedType({ args, keyspace }: Call, i: number): number {
  const name = args.latin1(i).toLowerCase();
  const type = keyspace.types.named(name);
  if (type !== undefined) return type.id;
  if (!OTHER_TYPES.includes(name)) throw errors.unknownType(args.latin1(i));
  return NO_TYPE;
}

/**
 * Walks the dense array downwards. The cursor is the number of positions that are still to come, so it needs no state
 * here and stays valid whatever happens in between: an element's position never grows.
 */
function runScan(call: Call): void {
  const { args, db, reply } = call;
  const cursor = cursorOf(call, 1);
  let glob: Glob | null = null;
  let count = DEFAULT_SCAN_COUNT;
  let type = ANY_TYPE;
  for (let i = 2; i < args.count; i += 2) {
    if (i + 1 === args.count) throw errors.SYNTAX;
    if (args.is(i, 'COUNT')) {
      count = args.integer(i + 1);
      if (count < 1) throw errors.SYNTAX;
    } else if (args.is(i, 'MATCH')) {
      glob = new Glob(args.buffer(i + 1));
    } else if (args.is(i, 'TYPE')) {
      type = scannedType(call, i + 1);
    } else {
      throw errors.SYNTAX;
    }
  }
  const from = cursor === 0 ? db.size : cursor > MOST_POSITIONS ? 0 : Math.min(cursor, db.size);
  const to = Math.max(0, from - count);
  reply.array(2);
  reply.bulkInteger(to);
  const start = reply.startArray();
  let found = 0;
  for (let position = from - 1; position >= to; position--) {
    const ref = db.at(position);
    if (db.isDue(ref) || (type !== ANY_TYPE && db.typeOf(ref) !== type)) continue;
    const key = db.keyOf(ref, foundKey);
    if (glob !== null && !glob.matchesAll && !glob.matches(key)) continue;
    reply.bulk(key);
    found++;
  }
  reply.endArray(start, found);
}

export const keyCommands: readonly CommandRow[] = [
  {
    name: 'del',
    summary: 'Removes keys.',
    group: 'generic',
    complexity: 'O(N), N being the keys; freeing a large value takes a step per page of it',
    arity: -2,
    flags: ['write'],
    keys: [keysFrom(1, { last: -1, step: 1 }, 'RM', 'delete')],
    arguments: [arg.multiple(arg.key())],
    run: runDel,
  },
  {
    name: 'unlink',
    summary: 'Removes keys; the same as DEL here, where freeing never blocks.',
    group: 'generic',
    complexity: 'O(N), N being the keys',
    arity: -2,
    flags: ['write', 'fast'],
    keys: [keysFrom(1, { last: -1, step: 1 }, 'RM', 'delete')],
    arguments: [arg.multiple(arg.key())],
    run: runDel,
  },
  {
    name: 'exists',
    summary: 'Counts how many of the given keys exist.',
    group: 'generic',
    complexity: 'O(N), N being the keys',
    arity: -2,
    flags: ['readonly', 'fast'],
    keys: [keysFrom(1, { last: -1, step: 1 }, 'RO')],
    arguments: [arg.multiple(arg.key())],
    run: runExists,
  },
  {
    name: 'touch',
    summary: 'Marks keys as just used and counts those that exist.',
    group: 'generic',
    complexity: 'O(N), N being the keys',
    arity: -2,
    flags: ['readonly', 'fast'],
    keys: [keysFrom(1, { last: -1, step: 1 }, 'RO')],
    arguments: [arg.multiple(arg.key())],
    run: runTouch,
  },
  {
    name: 'type',
    summary: 'Tells the type of the value at a key.',
    group: 'generic',
    complexity: 'O(1)',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: [oneKey(1, 'RO')],
    arguments: [arg.key()],
    run: runType,
  },
  {
    name: 'randomkey',
    summary: 'Picks a key at random, each with the same chance.',
    group: 'generic',
    complexity: 'O(1)',
    arity: 1,
    flags: ['readonly'],
    run: runRandomkey,
  },
  {
    name: 'keys',
    summary: 'Lists all keys that match a pattern.',
    group: 'generic',
    complexity: 'O(N), N being the keys in the database',
    arity: 2,
    flags: ['readonly'],
    alsoIn: ['@dangerous'],
    arguments: [arg.pattern('pattern')],
    run: runKeys,
  },
  {
    name: 'scan',
    summary: 'Walks the keys of the database, some at a time.',
    group: 'generic',
    complexity: 'O(1) for every call, O(N) for a whole walk, N being the keys',
    arity: -2,
    flags: ['readonly'],
    arguments: [
      arg.integer('cursor'),
      arg.option('MATCH', arg.pattern('pattern')),
      arg.option('COUNT', arg.integer('count')),
      arg.option('TYPE', arg.string('type', { since: '6.0.0' })),
    ],
    run: runScan,
  },
];
