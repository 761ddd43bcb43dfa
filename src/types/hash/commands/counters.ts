/** HINCRBY and HINCRBYFLOAT: fields that hold numbers. */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { CommandRow } from '../../../engine/command.js';
import { oneKey } from '../../../engine/key-specs.js';
import type { EventName } from '../../../keyspace/events.js';
import { NO_DEADLINE } from '../../../keyspace/types.js';
import { Slice } from '../../../memory/slice.js';
import * as errors from '../../../protocol/errors.js';
import { LongDouble } from '../../../text/long-double.js';
import {
  INT64_MAX,
  INT64_MIN,
  nearestInt64,
  parseInteger,
  parseInteger64,
  writeInteger,
} from '../../../text/numbers.js';
import { type HashValue, hashes, reserveForFields } from '../value.js';
import { DeadlineOfField, elementBytes, SMALL_HASH, setField, writeHashRef } from './shared.js';

/** The text of a sum. */
const digits = Slice.of(Buffer.alloc(24));

/** The hash of the key in argument 1; `isThere` says whether it stands on the field in argument 2, which is not due. */
let isThere = false;

function findNumber(call: Call): HashValue | null {
  const ref = writeHashRef(call);
  isThere = false;
  if (ref === 0) return null;
  const hash = hashes(call.db).brief.openToWrite(ref);
  isThere = hash.findLive(call.args.slice(2));
  return hash;
}

function hincrby(call: Call): void {
  const by = call.args.integer(3);
  const hash = findNumber(call);
  let old = 0;
  if (hash !== null && isThere) {
    const { bytes, start, end } = hash.valueHere;
    old = parseInteger(bytes, start, end);
    if (Number.isNaN(old)) throw errors.HASH_NOT_INTEGER;
  }
  const sum = old + by;
  if (!Number.isSafeInteger(old) || !Number.isSafeInteger(by) || !Number.isSafeInteger(sum)) {
    increment64(call, hash);
    return;
  }
  digits.end = writeInteger(digits.bytes, 0, sum);
  store(call, hash, digits, 'hincrby');
  call.reply.integer(sum);
}

function increment64(call: Call, hash: HashValue | null): void {
  let old = 0n;
  if (hash !== null && isThere) {
    const { bytes, start, end } = hash.valueHere;
    old = parseInteger64(bytes, start, end) as bigint;
  }
  const sum = old + call.args.integer64(3);
  if (sum > INT64_MAX || sum < INT64_MIN) throw errors.INCREMENT_OVERFLOW;
  store(call, hash, Slice.of(String(sum)), 'hincrby');
  call.reply.integer(sum);
}

function hincrbyfloat(call: Call): void {
  const { args } = call;
  const by = LongDouble.parse(args.latin1(3));
  if (by === undefined) throw errors.NOT_FLOAT;
  if (!by.finite) throw errors.NOT_FINITE;
  const hash = findNumber(call);
  const old = hash !== null && isThere ? numberHere(hash) : LongDouble.ZERO;
  if (old === undefined) throw errors.HASH_NOT_FLOAT;
  const sum = old.plus(by);
  if (!sum.finite) throw errors.INCREMENT_NOT_FINITE;
  const deadline = hash !== null && isThere ? hash.deadline : NO_DEADLINE;
  const content = Slice.of(String(sum));
  store(call, hash, content, 'hincrbyfloat');
  if (call.propagating) {
    // As an HSET, because another machine may compute another last digit; that takes the field's deadline away.
    call.effect('HSET', args.slice(1), args.slice(2), content);
    if (deadline >= 0) {
      call.effect('HPEXPIREAT', args.slice(1), nearestInt64(deadline), 'FIELDS', 1, args.slice(2));
    }
  }
  call.reply.bulk(content);
}

/** What is longer than any number is not even copied out. */
function numberHere(hash: HashValue): LongDouble | undefined {
  return hash.valueLength > LongDouble.MAX_LENGTH ? undefined : LongDouble.parse(hash.valueHere.toLatin1());
}

/** Sets the field in argument 2 of the hash that findNumber() gave; the field keeps its deadline. */
function store(call: Call, found: HashValue | null, value: Slice, event: EventName): void {
  const { args, db } = call;
  const longest = Math.max(args.length(2), value.length);
  const bytes = elementBytes(args.length(2)) + elementBytes(value.length);
  const hash = found ?? hashes(db).brief;
  if (found === null) {
    if (bytes > SMALL_HASH) reserveForFields(db.arena, 1, bytes);
    hash.create(args.slice(1), 1, bytes, longest);
  } else {
    hash.reserve(1, bytes);
  }
  if (isThere) {
    hash.nameFor(hash.length, longest);
    hash.set(value);
  } else {
    setField(call, hash, args.slice(2), value, DeadlineOfField.KEPT);
  }
  call.changed(args.slice(1), event);
}

export const counterCommands: readonly CommandRow[] = [
  {
    name: 'hincrby',
    summary: 'Adds an integer to the integer in a field; a missing field counts as 0.',
    group: 'hash',
    complexity: 'O(1)',
    arity: 4,
    flags: ['write', 'denyoom', 'fast'],
    keys: [oneKey(1, 'RW', 'access', 'update')],
    arguments: [arg.key(), arg.string('field'), arg.integer('increment')],
    elementsAt: [2],
    run: hincrby,
  },
  {
    name: 'hincrbyfloat',
    summary: 'Adds a floating point number to the number in a field; a missing field counts as 0.',
    group: 'hash',
    complexity: 'O(1)',
    arity: 4,
    flags: ['write', 'denyoom', 'fast'],
    keys: [oneKey(1, 'RW', 'access', 'update')],
    arguments: [arg.key(), arg.string('field'), arg.double('increment')],
    elementsAt: [2],
    run: hincrbyfloat,
  },
];
