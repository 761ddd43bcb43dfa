/** The EXPIRE and TTL family: keys with a deadline. */

import * as arg from '../../engine/arguments.js';
import type { Call } from '../../engine/call.js';
import type { ArgumentDoc, CommandRow, KeySpec } from '../../engine/command.js';
import { oneKey } from '../../engine/key-specs.js';
import { NO_DEADLINE } from '../../keyspace/types.js';
import * as errors from '../../protocol/errors.js';
import { INT64_MAX, INT64_MIN, nearestInt64 } from '../../text/numbers.js';

/** What the time of a command counts: seconds or ms, from now or from the epoch. */
interface TimeUnit {
  readonly command: string;
  readonly msPerUnit: 1 | 1000;
  readonly isRelative: boolean;
}

const EXPIRE: TimeUnit = { command: 'expire', msPerUnit: 1000, isRelative: true };
const PEXPIRE: TimeUnit = { command: 'pexpire', msPerUnit: 1, isRelative: true };
const EXPIREAT: TimeUnit = { command: 'expireat', msPerUnit: 1000, isRelative: false };
const PEXPIREAT: TimeUnit = { command: 'pexpireat', msPerUnit: 1, isRelative: false };

function runExpire(call: Call, unit: TimeUnit): void {
  const { args, db, reply } = call;
  const condition = conditionOf(call);
  const deadline = deadlineOf(call, unit);
  const key = args.slice(1);
  const ref = db.lookupForWrite(key);
  if (ref === 0 || !allows(condition, db.deadlineOf(ref), deadline)) {
    reply.integer(0);
    return;
  }
  if (deadline <= call.now) {
    // Already over: the key goes at once, and a replay deletes it, whatever time it is there.
    db.delete(ref);
    if (call.propagating) call.effect('DEL', key);
    call.deleted(key);
  } else {
    db.setDeadline(ref, deadline);
    if (call.propagating) call.effect('PEXPIREAT', key, nearestInt64(deadline));
    call.changed(key, 'expire');
  }
  reply.integer(1);
}

interface Condition {
  nx: boolean;
  xx: boolean;
  gt: boolean;
  lt: boolean;
}

function conditionOf(call: Call): Condition {
  const { args } = call;
  const condition: Condition = { nx: false, xx: false, gt: false, lt: false };
  for (let i = 3; i < args.count; i++) {
    if (args.is(i, 'NX')) condition.nx = true;
    else if (args.is(i, 'XX')) condition.xx = true;
    else if (args.is(i, 'GT')) condition.gt = true;
    else if (args.is(i, 'LT')) condition.lt = true;
    else throw errors.unsupportedOption(args.latin1(i));
  }
  if (condition.nx && (condition.xx || condition.gt || condition.lt)) throw errors.EXPIRE_NX_OTHERS;
  if (condition.gt && condition.lt) throw errors.EXPIRE_GT_LT;
  return condition;
}

/** A key without a deadline counts as one that never falls due. */
function allows(condition: Condition, current: number, deadline: number): boolean {
  const present = current !== NO_DEADLINE;
  if (condition.nx && present) return false;
  if (condition.xx && !present) return false;
  if (condition.gt && (!present || deadline <= current)) return false;
  if (condition.lt && present && deadline >= current) return false;
  return true;
}

/** In ms since the epoch. Whatever int64 can not hold is refused; far beyond 2^53 a deadline is rounded. */
function deadlineOf(call: Call, unit: TimeUnit): number {
  const base = unit.isRelative ? call.now : 0;
  if (call.args.isSafeInteger(2)) {
    const deadline = call.args.integer(2) * unit.msPerUnit + base;
    if (Number.isSafeInteger(deadline)) return deadline;
  }
  const exact = call.args.integer64(2) * BigInt(unit.msPerUnit);
  if (exact > INT64_MAX - BigInt(base) || exact < INT64_MIN) throw errors.invalidExpireTime(unit.command);
  return Number(exact) + base;
}

function runTtl(call: Call, answer: (deadline: number) => number | bigint): void {
  const ref = call.db.inspect(call.args.slice(1));
  if (ref === 0) {
    call.reply.integer(-2);
    return;
  }
  const deadline = call.db.deadlineOf(ref);
  call.reply.integer(deadline === NO_DEADLINE ? -1 : answer(deadline));
}

/** Rounded to the nearest second: right after SET EX 5 it is 5. */
function wholeSeconds(ms: number): number | bigint {
  return nearestInt64(Math.floor((ms + 500) / 1000));
}

function runPersist(call: Call): void {
  const { db } = call;
  const key = call.args.slice(1);
  const ref = db.lookupForWrite(key);
  if (ref === 0 || !db.hasDeadline(ref)) {
    call.reply.integer(0);
    return;
  }
  db.clearDeadline(ref);
  call.changed(key, 'persist');
  call.reply.integer(1);
}

const WRITES_KEY: readonly KeySpec[] = [oneKey(1, 'RW', 'update')];
const READS_KEY: readonly KeySpec[] = [oneKey(1, 'RO', 'access')];
const KEY: ArgumentDoc = arg.key();
const CONDITION: ArgumentDoc = arg.optional(
  arg.oneOf('condition', [arg.token('NX'), arg.token('XX'), arg.token('GT'), arg.token('LT')], { since: '7.0.0' }),
);

function expireRow(unit: TimeUnit, summary: string, time: ArgumentDoc): CommandRow {
  return {
    name: unit.command,
    summary,
    group: 'generic',
    complexity: 'O(log(N)), N being the keys with a deadline; O(1) when one is put off',
    arity: -3,
    flags: ['write', 'fast'],
    keys: WRITES_KEY,
    arguments: [KEY, time, CONDITION],
    run: (call) => runExpire(call, unit),
  };
}

function ttlRow(name: string, summary: string, answer: (call: Call, deadline: number) => number | bigint): CommandRow {
  return {
    name,
    summary,
    group: 'generic',
    complexity: 'O(1)',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: READS_KEY,
    arguments: [KEY],
    run: (call) => runTtl(call, (deadline) => answer(call, deadline)),
  };
}

export const expiryCommands: readonly CommandRow[] = [
  expireRow(EXPIRE, 'Gives a key a deadline, in seconds from now.', arg.integer('seconds')),
  expireRow(PEXPIRE, 'Gives a key a deadline, in milliseconds from now.', arg.integer('milliseconds')),
  expireRow(EXPIREAT, 'Gives a key a deadline, as a Unix time in seconds.', arg.unixTime('unix-time-seconds')),
  expireRow(
    PEXPIREAT,
    'Gives a key a deadline, as a Unix time in milliseconds.',
    arg.unixTime('unix-time-milliseconds'),
  ),
  ttlRow('ttl', 'Tells how many seconds a key has left.', (call, deadline) => wholeSeconds(deadline - call.now)),
  ttlRow('pttl', 'Tells how many milliseconds a key has left.', (call, deadline) => nearestInt64(deadline - call.now)),
  ttlRow('expiretime', 'Tells a key’s deadline as a Unix time in seconds.', (_, deadline) => wholeSeconds(deadline)),
  ttlRow('pexpiretime', 'Tells a key’s deadline as a Unix time in milliseconds.', (_, deadline) =>
    nearestInt64(deadline),
  ),
  {
    name: 'persist',
    summary: 'Takes a key’s deadline away.',
    group: 'generic',
    complexity: 'O(log(N)), N being the keys with a deadline',
    arity: 2,
    flags: ['write', 'fast'],
    keys: WRITES_KEY,
    arguments: [KEY],
    run: runPersist,
  },
];
