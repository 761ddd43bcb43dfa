/** Commands that compute with the number a string is the text of. */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { CommandRow } from '../../../engine/command.js';
import { oneKey } from '../../../engine/key-specs.js';
import type { Database } from '../../../keyspace/database.js';
import { KEEP_DEADLINE } from '../../../keyspace/types.js';
import type { Ref } from '../../../memory/arena.js';
import { Slice } from '../../../memory/slice.js';
import * as errors from '../../../protocol/errors.js';
import { LongDouble } from '../../../text/long-double.js';
import { INT64_MAX, INT64_MIN } from '../../../text/numbers.js';
import { expectType } from '../../expect.js';
import {
  STRING,
  setInteger,
  setString,
  stringBytes,
  stringInteger,
  stringInteger64,
  stringLength,
  textKindFor,
} from '../value.js';

function incr(call: Call): void {
  increment(call, 1);
}

function decr(call: Call): void {
  increment(call, -1);
}

function incrBy(call: Call): void {
  const { args } = call;
  const by = args.integer(2);
  if (Number.isSafeInteger(by)) increment(call, by);
  else increment64(call, args.integer64(2));
}

function decrBy(call: Call): void {
  const { args } = call;
  const by = args.integer(2);
  if (Number.isSafeInteger(by)) {
    increment(call, -by);
    return;
  }
  const by64 = args.integer64(2);
  if (by64 === INT64_MIN) throw errors.DECREMENT_OVERFLOW;
  increment64(call, -by64);
}

/** Where value, `by` and sum are all safe integers, which they nearly always are. */
function increment(call: Call, by: number): void {
  const { db } = call;
  const key = call.args.slice(1);
  const ref = expectType(db, db.lookupForWrite(key), STRING);
  const old = ref === 0 ? 0 : stringInteger(db, ref);
  if (Number.isNaN(old)) throw errors.NOT_INTEGER;
  const sum = old + by;
  if (!Number.isSafeInteger(old) || !Number.isSafeInteger(sum)) {
    increment64(call, BigInt(by));
    return;
  }
  setInteger(db, key, ref, sum);
  call.changed(key, 'incrby');
  call.reply.integer(sum);
}

function increment64(call: Call, by: bigint): void {
  const { db } = call;
  const key = call.args.slice(1);
  const ref = expectType(db, db.lookupForWrite(key), STRING);
  const old = ref === 0 ? 0n : stringInteger64(db, ref);
  if (old === undefined) throw errors.NOT_INTEGER;
  const sum = old + by;
  if (sum > INT64_MAX || sum < INT64_MIN) throw errors.INCREMENT_OVERFLOW;
  setInteger(db, key, ref, sum);
  call.changed(key, 'incrby');
  call.reply.integer(sum);
}

function incrByFloat(call: Call): void {
  const { args, db } = call;
  const key = args.slice(1);
  const ref = expectType(db, db.lookupForWrite(key), STRING);
  const old = ref === 0 ? LongDouble.ZERO : numberIn(db, ref);
  const by = LongDouble.parse(args.latin1(2));
  if (old === undefined || by === undefined) throw errors.NOT_FLOAT;
  const sum = old.plus(by);
  if (!sum.finite) throw errors.INCREMENT_NOT_FINITE;
  const content = Slice.of(String(sum));
  setString(db, key, ref, content, KEEP_DEADLINE, textKindFor(content.length));
  call.changed(key, 'incrbyfloat');
  // As a SET, because another machine may compute another last digit.
  if (call.propagating) call.effect('SET', key, content, 'KEEPTTL');
  call.reply.bulk(content);
}

/** What is longer than any number is not even copied out. */
function numberIn(db: Database, ref: Ref): LongDouble | undefined {
  if (stringLength(db, ref) > LongDouble.MAX_LENGTH) return undefined;
  return LongDouble.parse(stringBytes(db, ref).toString('latin1'));
}

export const counterCommands: readonly CommandRow[] = [
  {
    name: 'incr',
    summary: 'Adds one to the integer in a string; a missing key counts as 0.',
    group: 'string',
    complexity: 'O(1)',
    arity: 2,
    flags: ['write', 'denyoom', 'fast'],
    keys: [oneKey(1, 'RW', 'access', 'update')],
    arguments: [arg.key()],
    run: incr,
  },
  {
    name: 'decr',
    summary: 'Subtracts one from the integer in a string; a missing key counts as 0.',
    group: 'string',
    complexity: 'O(1)',
    arity: 2,
    flags: ['write', 'denyoom', 'fast'],
    keys: [oneKey(1, 'RW', 'access', 'update')],
    arguments: [arg.key()],
    run: decr,
  },
  {
    name: 'incrby',
    summary: 'Adds an integer to the integer in a string; a missing key counts as 0.',
    group: 'string',
    complexity: 'O(1)',
    arity: 3,
    flags: ['write', 'denyoom', 'fast'],
    keys: [oneKey(1, 'RW', 'access', 'update')],
    arguments: [arg.key(), arg.integer('increment')],
    run: incrBy,
  },
  {
    name: 'decrby',
    summary: 'Subtracts an integer from the integer in a string; a missing key counts as 0.',
    group: 'string',
    complexity: 'O(1)',
    arity: 3,
    flags: ['write', 'denyoom', 'fast'],
    keys: [oneKey(1, 'RW', 'access', 'update')],
    arguments: [arg.key(), arg.integer('decrement')],
    run: decrBy,
  },
  {
    name: 'incrbyfloat',
    summary: 'Adds a floating point number to the number in a string; a missing key counts as 0.',
    group: 'string',
    complexity: 'O(1)',
    arity: 3,
    flags: ['write', 'denyoom', 'fast'],
    keys: [oneKey(1, 'RW', 'access', 'update')],
    arguments: [arg.key(), arg.double('increment')],
    run: incrByFloat,
  },
];
