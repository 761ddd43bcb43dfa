/** HGETEX, HSETEX, HGETDEL (8.0): values of fields together with their deadlines, or with their end. */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { ArgumentDoc, CommandRow } from '../../../engine/command.js';
import type { EffectPart } from '../../../engine/effect.js';
import { oneKey } from '../../../engine/key-specs.js';
import { NO_DEADLINE } from '../../../keyspace/types.js';
import * as errors from '../../../protocol/errors.js';
import { type HashValue, hashes, reserveForFields } from '../value.js';
import { reservePersisting } from './deadlines.js';
import { FIELDS, fieldsFrom } from './field-list.js';
import {
  announceRemoved,
  DeadlineOfField,
  elementBytes,
  readHash,
  removeFields,
  SMALL_HASH,
  setField,
  writeHash,
  writeHashRef,
} from './shared.js';
import { fieldDeadline, giveDeadline, type TimeUnit } from './times.js';

function writeValues({ args, reply }: Call, hash: HashValue | null, from: number): void {
  reply.array(args.count - from);
  for (let i = from; i < args.count; i++) {
    if (hash?.findLive(args.slice(i))) hash.writeValueHere(reply);
    else reply.null();
  }
}

function hgetdel(call: Call): void {
  const from = fieldsFrom(call, 2);
  const hash = writeHash(call);
  writeValues(call, hash, from);
  if (hash === null) return;
  const { args } = call;
  const parts = call.propagating ? liveFields(call, hash, from) : [];
  if (removeFields(call, hash, from, args.count) > 0) call.effect('HDEL', args.slice(1), ...parts);
}

/** The fields from an argument on that are there and not due. */
function liveFields({ args }: Call, hash: HashValue, from: number): EffectPart[] {
  const fields: EffectPart[] = [];
  for (let i = from; i < args.count; i++) if (hash.findLive(args.slice(i))) fields.push(args.slice(i));
  return fields;
}

/** What stands in the place of a time, beside the units. */
const PERSIST = 'PERSIST';
const KEEPTTL = 'KEEPTTL';
const TIME_OPTIONS = ['EX', 'PX', 'EXAT', 'PXAT'] as const;

/** The unit of a time option. */
function unitOf(call: Call, option: string): TimeUnit {
  return {
    command: call.command.fullName,
    msPerUnit: option.startsWith('E') ? 1000 : 1,
    isRelative: !option.endsWith('AT'),
  };
}

function timeOptionAt({ args }: Call, i: number): string | undefined {
  return TIME_OPTIONS.find((option) => args.is(i, option));
}

function hgetex(call: Call): void {
  const { args } = call;
  let at = 2;
  let deadline = NO_DEADLINE;
  const option = timeOptionAt(call, at);
  const persists = args.is(at, PERSIST);
  if (option !== undefined) {
    deadline = fieldDeadline(call, at + 1, unitOf(call, option));
    at += 2;
  } else if (persists) {
    at++;
  }
  if ((option !== undefined || persists) && (timeOptionAt(call, at) !== undefined || args.is(at, PERSIST))) {
    throw errors.FIELD_TIMES_OR_PERSIST;
  }
  const from = fieldsFrom(call, at);
  if (option === undefined && !persists) {
    writeValues(call, readHash(call), from);
    return;
  }
  const hash = writeHash(call);
  if (hash === null) {
    writeValues(call, hash, from);
  } else if (persists) {
    persistRead(call, hash, from);
  } else if (deadline <= call.now) {
    writeValues(call, hash, from);
    const parts = call.propagating ? liveFields(call, hash, from) : [];
    if (removeFields(call, hash, from, args.count) > 0) call.effect('HDEL', args.slice(1), ...parts);
  } else {
    putOffRead(call, hash, from, deadline);
  }
}

function persistRead(call: Call, hash: HashValue, from: number): void {
  const { args } = call;
  reservePersisting(call, hash, from);
  writeValues(call, hash, from);
  const changed: EffectPart[] = [];
  for (let i = from; i < args.count; i++) {
    if (!hash.findLive(args.slice(i)) || hash.deadline === NO_DEADLINE) continue;
    hash.setDeadline(NO_DEADLINE);
    changed.push(args.slice(i));
  }
  if (changed.length === 0) return;
  call.changed(args.slice(1), 'hpersist', changed.length);
  call.effect('HPERSIST', args.slice(1), 'FIELDS', changed.length, ...changed);
}

function putOffRead(call: Call, hash: HashValue, from: number, deadline: number): void {
  const { args } = call;
  const fields = liveFields(call, hash, from);
  let bytes = 0;
  for (let i = from; i < args.count; i++) {
    if (hash.findLive(args.slice(i))) bytes += args.length(i) + hash.valueLength;
  }
  if (fields.length > 0) giveDeadline(call, hash, fields.length, bytes, deadline);
  writeValues(call, hash, from);
  if (fields.length === 0) return;
  setDeadlinesOf(call, hash, from, args.count, 1, deadline);
  call.changed(args.slice(1), 'hexpire', fields.length);
  call.effect('HPEXPIREAT', args.slice(1), deadline, 'FIELDS', fields.length, ...fields);
}

function setDeadlinesOf(
  { args }: Call,
  hash: HashValue,
  from: number,
  to: number,
  step: 1 | 2,
  deadline: number,
): void {
  for (let i = from; i < to; i += step) if (hash.findLive(args.slice(i))) hash.setDeadline(deadline);
}

interface SetOptions {
  condition: 'FNX' | 'FXX' | null;
  keepsDeadlines: boolean;
  deadline: number;
  /** The first field, whose value follows, and the argument after the last value. */
  from: number;
  to: number;
}

/** Options may stand on either side of the fields. */
function setOptions(call: Call): SetOptions {
  const { args } = call;
  const options: SetOptions = { condition: null, keepsDeadlines: false, deadline: NO_DEADLINE, from: 0, to: 0 };
  let hasTime = false;
  for (let i = 2; i < args.count; i++) {
    const time = timeOptionAt(call, i);
    if (time !== undefined || args.is(i, KEEPTTL)) {
      if (hasTime) throw errors.FIELD_TIMES;
      hasTime = true;
      if (time === undefined) options.keepsDeadlines = true;
      else if (i + 1 === args.count) throw errors.SYNTAX;
      else options.deadline = fieldDeadline(call, ++i, unitOf(call, time));
    } else if (args.is(i, 'FNX') || args.is(i, 'FXX')) {
      if (options.condition !== null) throw errors.FIELD_CONDITIONS;
      options.condition = args.is(i, 'FNX') ? 'FNX' : 'FXX';
    } else if (args.is(i, 'FIELDS') && options.from === 0) {
      const count = i + 1 < args.count ? args.integer(i + 1, errors.NUMFIELDS_NOT_POSITIVE) : 0;
      if (count < 1) throw errors.NUMFIELDS_NOT_POSITIVE;
      options.from = i + 2;
      options.to = options.from + 2 * count;
      if (options.to > args.count) throw errors.NUMFIELDS_MISMATCH;
      i = options.to - 1;
    } else {
      throw options.from === 0 ? errors.FIELDS_MISSING : errors.NUMFIELDS_MISMATCH;
    }
  }
  if (options.from === 0) throw errors.FIELDS_MISSING;
  return options;
}

function hsetex(call: Call): void {
  const { db, reply } = call;
  const options = setOptions(call);
  const ref = writeHashRef(call);
  const hash = ref === 0 ? null : hashes(db).brief.openToWrite(ref);
  if (!allows(call, hash, options)) {
    reply.integer(0);
    return;
  }
  if (options.deadline >= 0 && options.deadline <= call.now) removeInstead(call, hash, options);
  else setWithDeadline(call, hash, options);
  reply.integer(1);
}

/** FNX: none of the fields is there; FXX: all of them are. */
function allows({ args }: Call, hash: HashValue | null, { condition, from, to }: SetOptions): boolean {
  if (condition === null) return true;
  for (let i = from; i < to; i += 2) {
    if ((hash?.findLive(args.slice(i)) ?? false) !== (condition === 'FXX')) return false;
  }
  return true;
}

/** What would be over as soon as it is set. */
function removeInstead(call: Call, hash: HashValue | null, { from, to }: SetOptions): void {
  if (hash === null) return;
  const { args } = call;
  const fields: EffectPart[] = [];
  for (let i = from; i < to && hash.length > 0; i += 2) {
    if (!hash.findLive(args.slice(i))) continue;
    hash.remove();
    fields.push(args.slice(i));
  }
  if (fields.length === 0) return;
  announceRemoved(call, hash, fields.length);
  call.effect('HDEL', args.slice(1), ...fields);
}

function setWithDeadline(call: Call, found: HashValue | null, options: SetOptions): void {
  const { args, db } = call;
  const { from, to, deadline } = options;
  const count = (to - from) >> 1;
  let bytes = 0;
  let longest = 0;
  for (let i = from; i < to; i++) {
    bytes += elementBytes(args.length(i));
    longest = Math.max(longest, args.length(i));
  }
  const hash = found ?? hashes(db).brief;
  if (found === null) {
    reserveForFields(db.arena, count, Math.max(bytes, SMALL_HASH) + args.length(1));
    hash.create(args.slice(1), count, bytes, longest);
  } else {
    hash.reserve(count, bytes + count * 16);
  }
  try {
    if (deadline >= 0) giveDeadline(call, hash, count, 2 * bytes, deadline);
  } catch (error) {
    // There is no memory for the key's place among those with deadlines, and an empty hash may not stay.
    if (found === null) db.delete(hash.ref);
    throw error;
  }
  hash.nameFor(0, longest);
  const keeps = options.keepsDeadlines ? DeadlineOfField.KEPT : DeadlineOfField.CLEARED;
  for (let i = from; i < to; i += 2) setField(call, hash, args.slice(i), args.slice(i + 1), keeps);
  if (deadline >= 0) setDeadlinesOf(call, hash, from, to, 2, deadline);
  call.changed(args.slice(1), 'hset', count);
  if (deadline < 0) return;
  call.changed(args.slice(1), 'hexpire', 0);
  if (!call.propagating) return;
  const parts: EffectPart[] = [];
  for (let i = from; i < to; i++) parts.push(args.slice(i));
  call.effect('HSETEX', args.slice(1), 'PXAT', deadline, 'FIELDS', count, ...parts);
}

const TIMES: readonly ArgumentDoc[] = [
  arg.integer('seconds', { token: 'EX' }),
  arg.integer('milliseconds', { token: 'PX' }),
  arg.unixTime('unix-time-seconds', { token: 'EXAT' }),
  arg.unixTime('unix-time-milliseconds', { token: 'PXAT' }),
];

export const expiringValueCommands: readonly CommandRow[] = [
  {
    name: 'hgetex',
    summary: 'Replies with the values of fields, and sets or removes their deadlines.',
    group: 'hash',
    complexity: 'O(N*log(M)), N being the fields given, M those of the hash with a deadline',
    arity: -5,
    flags: ['write', 'fast'],
    keys: [oneKey(1, 'RW', 'access', 'update')],
    arguments: [arg.key(), arg.optional(arg.oneOf('expiration', [...TIMES, arg.token(PERSIST)])), FIELDS],
    run: hgetex,
  },
  {
    name: 'hsetex',
    summary: 'Sets fields to values, with conditions and a deadline on demand.',
    group: 'hash',
    complexity: 'O(N*log(M)), N being the fields given, M those of the hash with a deadline',
    arity: -6,
    flags: ['write', 'denyoom', 'fast'],
    keys: [oneKey(1, 'RW', 'update')],
    arguments: [
      arg.key(),
      arg.optional(arg.oneOf('condition', [arg.token('FNX'), arg.token('FXX')])),
      arg.optional(arg.oneOf('expiration', [...TIMES, arg.token(KEEPTTL)])),
      arg.block(
        'fields',
        [arg.integer('numfields'), arg.multiple(arg.block('data', [arg.string('field'), arg.string('value')]))],
        { token: 'FIELDS' },
      ),
    ],
    run: hsetex,
  },
  {
    name: 'hgetdel',
    summary: 'Replies with the values of fields and removes them.',
    group: 'hash',
    complexity: 'O(N), N being the fields given',
    arity: -5,
    flags: ['write', 'fast'],
    keys: [oneKey(1, 'RW', 'access', 'delete')],
    arguments: [arg.key(), FIELDS],
    run: hgetdel,
  },
];
