/** HEXPIRE, HTTL, HPERSIST and their relatives: fields with a deadline. */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { ArgumentDoc, CommandRow } from '../../../engine/command.js';
import type { EffectPart } from '../../../engine/effect.js';
import { oneKey } from '../../../engine/key-specs.js';
import { NO_DEADLINE } from '../../../keyspace/types.js';
import { nearestInt64 } from '../../../text/numbers.js';
import type { HashValue } from '../value.js';
import { FIELDS, fieldsFrom } from './field-list.js';
import { announceRemoved, readHash, writeHash } from './shared.js';
import { type Condition, conditionAt, fieldDeadline, giveDeadline, type TimeUnit, Verdict } from './times.js';

/** What is said of a field that is not there, and of one without a deadline. */
const NO_FIELD = -2;
const NO_TIME = -1;

function hexpire(call: Call, unit: TimeUnit): void {
  const { args, reply } = call;
  const deadline = fieldDeadline(call, 2, unit);
  const condition = conditionAt(args, 3);
  const from = fieldsFrom(call, condition === null ? 3 : 4);
  const hash = writeHash(call);
  reply.reserveIntegers(args.count - from);
  reply.array(args.count - from);
  if (hash === null) {
    for (let i = from; i < args.count; i++) reply.integer(NO_FIELD);
    return;
  }
  if (deadline <= call.now) removeNow(call, hash, from, deadline, condition);
  else setDeadlines(call, hash, from, deadline, condition);
}

/**
 * The deadline is over already: the fields go at once, and a replay removes them, whatever time it is
 * there.
 */
function removeNow(call: Call, hash: HashValue, from: number, deadline: number, condition: Condition): void {
  const { args, reply } = call;
  const removed: EffectPart[] = [];
  let count = 0;
  for (let i = from; i < args.count; i++) {
    const field = args.slice(i);
    const verdict = hash.length === 0 ? Verdict.NO_FIELD : verdictOn(hash, call, i, deadline, condition);
    if (verdict === Verdict.SET) {
      hash.remove();
      count++;
      if (call.propagating) removed.push(field);
    }
    reply.integer(verdict === Verdict.SET ? Verdict.REMOVED : verdict);
  }
  if (count === 0) return;
  announceRemoved(call, hash, count);
  call.effect('HDEL', args.slice(1), ...removed);
}

function setDeadlines(call: Call, hash: HashValue, from: number, deadline: number, condition: Condition): void {
  const { args, reply } = call;
  let wanted = 0;
  let bytes = 0;
  for (let i = from; i < args.count; i++) {
    if (verdictOn(hash, call, i, deadline, condition) !== Verdict.SET) continue;
    wanted++;
    bytes += args.length(i) + hash.valueLength;
  }
  if (wanted > 0) giveDeadline(call, hash, wanted, bytes, deadline);
  const changed: EffectPart[] = [];
  for (let i = from; i < args.count; i++) {
    const verdict = verdictOn(hash, call, i, deadline, condition);
    if (verdict === Verdict.SET) {
      hash.setDeadline(deadline);
      if (call.propagating) changed.push(args.slice(i));
    }
    reply.integer(verdict);
  }
  if (wanted === 0) return;
  call.changed(args.slice(1), 'hexpire', wanted);
  if (!call.propagating) return;
  call.effect('HPEXPIREAT', args.slice(1), nearestInt64(deadline), 'FIELDS', changed.length, ...changed);
}

/** Whether the field in argument i is to get the deadline; it is the current one then. */
function verdictOn(hash: HashValue, call: Call, i: number, deadline: number, condition: Condition): number {
  if (!hash.findLive(call.args.slice(i))) return Verdict.NO_FIELD;
  const current = hash.deadline;
  const isThere = current !== NO_DEADLINE;
  if (condition === 'NX' && isThere) return Verdict.NOT_MET;
  if (condition === 'XX' && !isThere) return Verdict.NOT_MET;
  // A field without a deadline counts as one that never falls due.
  if (condition === 'GT' && (!isThere || deadline <= current)) return Verdict.NOT_MET;
  if (condition === 'LT' && isThere && deadline >= current) return Verdict.NOT_MET;
  return Verdict.SET;
}

function httl(call: Call, answer: (call: Call, deadline: number) => number | bigint): void {
  const { args, reply } = call;
  const from = fieldsFrom(call, 2);
  const hash = readHash(call);
  reply.array(args.count - from);
  for (let i = from; i < args.count; i++) {
    if (!hash?.findLive(args.slice(i))) {
      reply.integer(NO_FIELD);
      continue;
    }
    const { deadline } = hash;
    reply.integer(deadline === NO_DEADLINE ? NO_TIME : answer(call, deadline));
  }
}

/** A second that has begun counts. */
function wholeSeconds(ms: number): number {
  return Math.ceil(ms / 1000);
}

function hpersist(call: Call): void {
  const { args, reply } = call;
  const from = fieldsFrom(call, 2);
  const hash = writeHash(call);
  let persisted = 0;
  if (hash !== null) reservePersisting(call, hash, from);
  reply.reserveIntegers(args.count - from);
  reply.array(args.count - from);
  for (let i = from; i < args.count; i++) {
    if (!hash?.findLive(args.slice(i))) {
      reply.integer(NO_FIELD);
    } else if (hash.deadline === NO_DEADLINE) {
      reply.integer(NO_TIME);
    } else {
      hash.setDeadline(NO_DEADLINE);
      persisted++;
      reply.integer(1);
    }
  }
  if (persisted > 0) call.changed(args.slice(1), 'hpersist', persisted);
}

/** In a table, a field without a deadline is another block. */
export function reservePersisting({ args }: Call, hash: HashValue, from: number): void {
  let bytes = 0;
  for (let i = from; i < args.count; i++) if (hash.find(args.slice(i))) bytes += args.length(i) + hash.valueLength;
  hash.reserve(args.count - from, bytes);
}

const TIME_CONDITION: ArgumentDoc = arg.optional(
  arg.oneOf('condition', [arg.token('NX'), arg.token('XX'), arg.token('GT'), arg.token('LT')]),
);

function expireRow(unit: TimeUnit, summary: string, time: ArgumentDoc): CommandRow {
  return {
    name: unit.command,
    summary,
    group: 'hash',
    complexity: 'O(N*log(M)), N being the fields given, M those of the hash with a deadline',
    arity: -6,
    flags: ['write', 'denyoom', 'fast'],
    keys: [oneKey(1, 'RW', 'update')],
    arguments: [arg.key(), time, TIME_CONDITION, FIELDS],
    run: (call) => hexpire(call, unit),
  };
}

function ttlRow(name: string, summary: string, answer: (call: Call, deadline: number) => number | bigint): CommandRow {
  return {
    name,
    summary,
    group: 'hash',
    complexity: 'O(N), N being the fields given',
    arity: -5,
    flags: ['readonly', 'fast'],
    keys: [oneKey(1, 'RO', 'access')],
    arguments: [arg.key(), FIELDS],
    run: (call) => httl(call, answer),
  };
}

const HEXPIRE: TimeUnit = { command: 'hexpire', msPerUnit: 1000, isRelative: true };
const HPEXPIRE: TimeUnit = { command: 'hpexpire', msPerUnit: 1, isRelative: true };
const HEXPIREAT: TimeUnit = { command: 'hexpireat', msPerUnit: 1000, isRelative: false };
const HPEXPIREAT: TimeUnit = { command: 'hpexpireat', msPerUnit: 1, isRelative: false };

export const deadlineCommands: readonly CommandRow[] = [
  expireRow(HEXPIRE, 'Gives fields a deadline, in seconds from now.', arg.integer('seconds')),
  expireRow(HPEXPIRE, 'Gives fields a deadline, in milliseconds from now.', arg.integer('milliseconds')),
  expireRow(HEXPIREAT, 'Gives fields a deadline, as a Unix time in seconds.', arg.unixTime('unix-time-seconds')),
  expireRow(
    HPEXPIREAT,
    'Gives fields a deadline, as a Unix time in milliseconds.',
    arg.unixTime('unix-time-milliseconds'),
  ),
  ttlRow('httl', 'Tells how many seconds fields have left.', (call, deadline) => wholeSeconds(deadline - call.now)),
  ttlRow('hpttl', 'Tells how many milliseconds fields have left.', (call, deadline) => deadline - call.now),
  ttlRow('hexpiretime', 'Tells the deadlines of fields as Unix times in seconds.', (_, deadline) =>
    wholeSeconds(deadline),
  ),
  ttlRow('hpexpiretime', 'Tells the deadlines of fields as Unix times in milliseconds.', (_, deadline) => deadline),
  {
    name: 'hpersist',
    summary: 'Takes the deadlines of fields away.',
    group: 'hash',
    complexity: 'O(N*log(M)), N being the fields given, M those of the hash with a deadline',
    arity: -5,
    flags: ['write', 'fast'],
    keys: [oneKey(1, 'RW', 'update')],
    arguments: [arg.key(), FIELDS],
    run: hpersist,
  },
];
