/** SET, GET and their relatives, which read or set one string as a whole. */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { CommandRow } from '../../../engine/command.js';
import { oneKey } from '../../../engine/key-specs.js';
import { KEEP_DEADLINE, NO_DEADLINE } from '../../../keyspace/types.js';
import type { Ref } from '../../../memory/arena.js';
import type { Args } from '../../../protocol/args.js';
import * as errors from '../../../protocol/errors.js';
import { INT64_MAX, nearestInt64 } from '../../../text/numbers.js';
import { expectType } from '../../expect.js';
import { STRING, setString, writeWholeString } from '../value.js';

// Options of SET and GETEX, as bits.
const NX = 1;
const XX = 2;
const GET = 4;
const KEEPTTL = 8;
const PERSIST = 16;
const EX = 32;
const PX = 64;
const EXAT = 128;
const PXAT = 256;
const TIMES = EX | PX | EXAT | PXAT;
const IN_SECONDS = EX | EXAT;
const RELATIVE = EX | PX;
const SET_OPTIONS = NX | XX | GET | KEEPTTL | TIMES;
const GETEX_OPTIONS = PERSIST | TIMES;

/** Each excludes the other bits of its row. */
const EXCLUDES = new Map([
  [NX, XX],
  [XX, NX],
  [GET, 0],
  [KEEPTTL, PERSIST | TIMES],
  [PERSIST, KEEPTTL | TIMES],
  [EX, KEEPTTL | PERSIST | (TIMES & ~EX)],
  [PX, KEEPTTL | PERSIST | (TIMES & ~PX)],
  [EXAT, KEEPTTL | PERSIST | (TIMES & ~EXAT)],
  [PXAT, KEEPTTL | PERSIST | (TIMES & ~PXAT)],
]);

/** The argument that holds the time, if the options name one: set by parseOptions(). */
let timeAt = 0;

/** The options from an argument on, as bits; an option may be given twice. */
function parseOptions(args: Args, from: number, allowed: number): number {
  let options = 0;
  for (let i = from; i < args.count; i++) {
    const option = optionAt(args, i);
    if ((option & allowed) === 0 || (options & (EXCLUDES.get(option) as number)) !== 0) throw errors.SYNTAX;
    options |= option;
    if ((option & TIMES) !== 0) {
      timeAt = ++i;
      if (i === args.count) throw errors.SYNTAX;
    }
  }
  return options;
}

function optionAt(args: Args, i: number): number {
  if (args.is(i, 'NX')) return NX;
  if (args.is(i, 'XX')) return XX;
  if (args.is(i, 'EX')) return EX;
  if (args.is(i, 'PX')) return PX;
  if (args.is(i, 'GET')) return GET;
  if (args.is(i, 'KEEPTTL')) return KEEPTTL;
  if (args.is(i, 'EXAT')) return EXAT;
  if (args.is(i, 'PXAT')) return PXAT;
  return args.is(i, 'PERSIST') ? PERSIST : 0;
}

/** Times of this size can neither overflow nor lose precision in any unit. */
const PLAIN_TIME = 2 ** 40;

/** The deadline in ms that argument i stands for. It must lie after the epoch, and within int64. */
function deadlineAt(call: Call, i: number, unit: number): number {
  const { args } = call;
  const time = args.integer(i);
  if (time <= 0) throw errors.invalidExpireTime(call.command.fullName);
  const factor = (unit & IN_SECONDS) !== 0 ? 1000 : 1;
  const base = (unit & RELATIVE) !== 0 ? call.now : 0;
  if (time < PLAIN_TIME) return base + time * factor;
  const exact = args.integer64(i) * BigInt(factor) + BigInt(base);
  if (exact > INT64_MAX) throw errors.invalidExpireTime(call.command.fullName);
  return Number(exact);
}

function set(call: Call): void {
  const { args, db, reply } = call;
  let options = 0;
  let deadline = NO_DEADLINE;
  if (args.count > 3) {
    options = parseOptions(args, 3, SET_OPTIONS);
    if ((options & TIMES) !== 0) deadline = deadlineAt(call, timeAt, options);
    else if ((options & KEEPTTL) !== 0) deadline = KEEP_DEADLINE;
  }
  const key = args.slice(1);
  let ref: Ref;
  if ((options & GET) !== 0) {
    ref = expectType(db, db.lookup(key), STRING);
    if (ref === 0) reply.null();
    else writeWholeString(reply, db, ref);
  } else {
    ref = db.lookupForWrite(key);
  }
  if ((options & (ref === 0 ? XX : NX)) !== 0) {
    if ((options & GET) === 0) reply.null();
    return;
  }
  setString(db, key, ref, args.slice(2), deadline);
  call.changed(key, 'set');
  if (deadline >= 0) announceDeadline(call, deadline, 2);
  else if ((options & GET) !== 0 && call.propagating) propagateWithoutGet(call);
  if ((options & GET) === 0) reply.ok();
}

/** After setting a key with a deadline; its value is argument `valueAt`. */
function announceDeadline(call: Call, deadline: number, valueAt: number): void {
  const { args } = call;
  call.changed(args.slice(1), 'expire', 0);
  if (call.propagating) call.effect('SET', args.slice(1), args.slice(valueAt), 'PXAT', nearestInt64(deadline));
}

/** A SET is replayed without GET: nobody reads the reply there. */
function propagateWithoutGet(call: Call): void {
  const { args } = call;
  const parts: Parameters<Call['effect']> = [];
  for (let i = 0; i < args.count; i++) if (i < 3 || !args.is(i, 'GET')) parts.push(args.slice(i));
  call.effect(...parts);
}

function get(call: Call): void {
  const { db, reply } = call;
  const ref = db.lookup(call.args.slice(1));
  if (ref === 0) {
    reply.null();
    return;
  }
  expectType(db, ref, STRING);
  writeWholeString(reply, db, ref);
}

function getEx(call: Call): void {
  const { args, db, reply } = call;
  const options = parseOptions(args, 2, GETEX_OPTIONS);
  const key = args.slice(1);
  const ref = expectType(db, db.lookup(key), STRING);
  if (ref === 0) {
    reply.null();
    return;
  }
  const deadline = (options & TIMES) === 0 ? NO_DEADLINE : deadlineAt(call, timeAt, options);
  writeWholeString(reply, db, ref);
  if ((options & TIMES) !== 0) {
    if (deadline <= call.now) {
      db.delete(ref);
      call.deleted(key);
      if (call.propagating) call.effect('DEL', key);
    } else {
      db.setDeadline(ref, deadline);
      call.changed(key, 'expire');
      if (call.propagating) call.effect('PEXPIREAT', key, nearestInt64(deadline));
    }
  } else if ((options & PERSIST) !== 0 && db.hasDeadline(ref)) {
    db.clearDeadline(ref);
    call.changed(key, 'persist');
    if (call.propagating) call.effect('PERSIST', key);
  }
}

function getDel(call: Call): void {
  const { db, reply } = call;
  const key = call.args.slice(1);
  const ref = expectType(db, db.lookup(key), STRING);
  if (ref === 0) {
    reply.null();
    return;
  }
  writeWholeString(reply, db, ref);
  db.delete(ref);
  call.deleted(key);
  if (call.propagating) call.effect('DEL', key);
}

function getSet(call: Call): void {
  const { args, db, reply } = call;
  const key = args.slice(1);
  const ref = expectType(db, db.lookup(key), STRING);
  if (ref === 0) reply.null();
  else writeWholeString(reply, db, ref);
  setString(db, key, ref, args.slice(2));
  call.changed(key, 'set');
  if (call.propagating) call.effect('SET', key, args.slice(2));
}

function setNx(call: Call): void {
  const { args, db, reply } = call;
  const key = args.slice(1);
  if (db.lookupForWrite(key) !== 0) {
    reply.integer(0);
    return;
  }
  setString(db, key, 0, args.slice(2));
  call.changed(key, 'set');
  reply.integer(1);
}

function setEx(call: Call): void {
  setWithTime(call, EX);
}

function pSetEx(call: Call): void {
  setWithTime(call, PX);
}

function setWithTime(call: Call, unit: number): void {
  const { args, db } = call;
  const deadline = deadlineAt(call, 2, unit);
  const key = args.slice(1);
  setString(db, key, db.lookupForWrite(key), args.slice(3), deadline);
  call.changed(key, 'set');
  announceDeadline(call, deadline, 3);
  call.reply.ok();
}

/** SET looks at what was there only with GET. */
function keyFlagsOfSet(args: Args, offset: number): readonly string[] {
  for (let i = offset + 3; i < args.count; i++) if (args.is(i, 'GET')) return ['RW', 'access', 'update'];
  return ['OW', 'update'];
}

export const getSetCommands: readonly CommandRow[] = [
  {
    name: 'get',
    summary: 'Reads a string.',
    group: 'string',
    complexity: 'O(1)',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: [oneKey(1, 'RO', 'access')],
    arguments: [arg.key()],
    run: get,
  },
  {
    name: 'set',
    summary: 'Sets a key to a string, whatever it held before, with conditions and an expiry on demand.',
    group: 'string',
    complexity: 'O(1)',
    arity: -3,
    flags: ['write', 'denyoom'],
    keys: [oneKey(1, 'RW', 'access', 'update', 'variable_flags')],
    keyFlags: keyFlagsOfSet,
    arguments: [
      arg.key(),
      arg.string('value'),
      arg.optional(arg.oneOf('condition', [arg.token('NX'), arg.token('XX')], { since: '2.6.12' })),
      arg.optional(arg.token('GET', { since: '6.2.0' })),
      arg.optional(
        arg.oneOf('expiration', [
          arg.integer('seconds', { since: '2.6.12', token: 'EX' }),
          arg.integer('milliseconds', { since: '2.6.12', token: 'PX' }),
          arg.unixTime('unix-time-seconds', { since: '6.2.0', token: 'EXAT' }),
          arg.unixTime('unix-time-milliseconds', { since: '6.2.0', token: 'PXAT' }),
          arg.token('KEEPTTL', { since: '6.0.0' }),
        ]),
      ),
    ],
    run: set,
  },
  {
    name: 'getex',
    summary: 'Reads a string and sets or removes its expiry.',
    group: 'string',
    complexity: 'O(1)',
    arity: -2,
    flags: ['write', 'fast'],
    keys: [oneKey(1, 'RW', 'access', 'update')],
    arguments: [
      arg.key(),
      arg.optional(
        arg.oneOf('expiration', [
          arg.integer('seconds', { token: 'EX' }),
          arg.integer('milliseconds', { token: 'PX' }),
          arg.unixTime('unix-time-seconds', { token: 'EXAT' }),
          arg.unixTime('unix-time-milliseconds', { token: 'PXAT' }),
          arg.token('PERSIST'),
        ]),
      ),
    ],
    run: getEx,
  },
  {
    name: 'getdel',
    summary: 'Reads a string and deletes its key.',
    group: 'string',
    complexity: 'O(1)',
    arity: 2,
    flags: ['write', 'fast'],
    keys: [oneKey(1, 'RW', 'access', 'delete')],
    arguments: [arg.key()],
    run: getDel,
  },
  {
    name: 'getset',
    summary: 'Sets a key to a string and replies with the one before.',
    group: 'string',
    complexity: 'O(1)',
    arity: 3,
    flags: ['write', 'denyoom', 'fast'],
    keys: [oneKey(1, 'RW', 'access', 'update')],
    arguments: [arg.key(), arg.string('value')],
    run: getSet,
  },
  {
    name: 'setnx',
    summary: 'Sets a key to a string if the key does not exist.',
    group: 'string',
    complexity: 'O(1)',
    arity: 3,
    flags: ['write', 'denyoom', 'fast'],
    keys: [oneKey(1, 'OW', 'insert')],
    arguments: [arg.key(), arg.string('value')],
    run: setNx,
  },
  {
    name: 'setex',
    summary: 'Sets a key to a string that expires after some seconds.',
    group: 'string',
    complexity: 'O(1)',
    arity: 4,
    flags: ['write', 'denyoom'],
    keys: [oneKey(1, 'OW', 'update')],
    arguments: [arg.key(), arg.integer('seconds'), arg.string('value')],
    run: setEx,
  },
  {
    name: 'psetex',
    summary: 'Sets a key to a string that expires after some milliseconds.',
    group: 'string',
    complexity: 'O(1)',
    arity: 4,
    flags: ['write', 'denyoom'],
    keys: [oneKey(1, 'OW', 'update')],
    arguments: [arg.key(), arg.integer('milliseconds'), arg.string('value')],
    run: pSetEx,
  },
];
