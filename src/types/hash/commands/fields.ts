/** HSET, HGET, HDEL and their relatives: fields by name. */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { CommandRow } from '../../../engine/command.js';
import { oneKey } from '../../../engine/key-specs.js';
import * as errors from '../../../protocol/errors.js';
import { hashes, reserveForFields } from '../value.js';
import {
  DeadlineOfField,
  elementBytes,
  readHash,
  removeFields,
  SMALL_HASH,
  setField,
  writeHash,
  writeHashRef,
} from './shared.js';

/** Sets all pairs and returns how many fields are new. */
function setFields(call: Call): number {
  const { args, db } = call;
  if ((args.count & 1) !== 0) throw errors.wrongArity(call.command.fullName);
  const ref = writeHashRef(call);
  const count = (args.count - 2) >> 1;
  let bytes = 0;
  let longest = 0;
  for (let i = 2; i < args.count; i++) {
    const length = args.length(i);
    bytes += elementBytes(length);
    if (length > longest) longest = length;
  }
  const hash = hashes(db).brief;
  if (ref === 0) {
    if (bytes > SMALL_HASH) reserveForFields(db.arena, count, bytes);
    hash.create(args.slice(1), count, bytes, longest);
  } else {
    hash.openToWrite(ref).reserve(count, bytes);
  }
  hash.nameFor(0, longest);
  let created = 0;
  for (let i = 2; i < args.count; i += 2) {
    if (setField(call, hash, args.slice(i), args.slice(i + 1), DeadlineOfField.CLEARED)) created++;
  }
  if (ref === 0) hash.trim();
  call.changed(args.slice(1), 'hset', count);
  return created;
}

function hset(call: Call): void {
  call.reply.integer(setFields(call));
}

function hmset(call: Call): void {
  setFields(call);
  call.reply.ok();
}

function hsetnx(call: Call): void {
  const { args, db, reply } = call;
  const ref = writeHashRef(call);
  const bytes = elementBytes(args.length(2)) + elementBytes(args.length(3));
  const hash = hashes(db).brief;
  if (ref === 0) {
    if (bytes > SMALL_HASH) reserveForFields(db.arena, 1, bytes);
    hash.create(args.slice(1), 1, bytes, Math.max(args.length(2), args.length(3)));
  } else if (hash.openToWrite(ref).findLive(args.slice(2))) {
    reply.integer(0);
    return;
  } else {
    hash.reserve(1, bytes);
  }
  setField(call, hash, args.slice(2), args.slice(3), DeadlineOfField.CLEARED);
  call.changed(args.slice(1), 'hset');
  reply.integer(1);
}

function hget(call: Call): void {
  const hash = readHash(call);
  if (hash?.findLive(call.args.slice(2))) hash.writeValueHere(call.reply);
  else call.reply.null();
}

function hmget(call: Call): void {
  const { args, reply } = call;
  const hash = readHash(call);
  reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) {
    if (hash?.findLive(args.slice(i))) hash.writeValueHere(reply);
    else reply.null();
  }
}

function hlen(call: Call): void {
  call.reply.integer(readHash(call)?.length ?? 0);
}

function hstrlen(call: Call): void {
  const hash = readHash(call);
  call.reply.integer(hash?.findLive(call.args.slice(2)) ? hash.valueLength : 0);
}

function hexists(call: Call): void {
  call.reply.integer(readHash(call)?.findLive(call.args.slice(2)) ? 1 : 0);
}

function hdel(call: Call): void {
  const hash = writeHash(call);
  call.reply.integer(hash === null ? 0 : removeFields(call, hash, 2, call.args.count));
}

const PAIRS = arg.multiple(arg.block('data', [arg.string('field'), arg.string('value')]));

export const fieldCommands: readonly CommandRow[] = [
  {
    name: 'hset',
    summary: 'Sets fields of a hash to values.',
    group: 'hash',
    complexity: 'O(N), N being the fields given',
    arity: -4,
    flags: ['write', 'denyoom', 'fast'],
    keys: [oneKey(1, 'RW', 'update')],
    arguments: [arg.key(), PAIRS],
    elementsAt: [2],
    run: hset,
  },
  {
    name: 'hmset',
    summary: 'Sets fields of a hash to values.',
    group: 'hash',
    complexity: 'O(N), N being the fields given',
    arity: -4,
    flags: ['write', 'denyoom', 'fast'],
    keys: [oneKey(1, 'RW', 'update')],
    arguments: [arg.key(), PAIRS],
    elementsAt: [2],
    run: hmset,
  },
  {
    name: 'hsetnx',
    summary: 'Sets a field of a hash if it is not there yet.',
    group: 'hash',
    complexity: 'O(1)',
    arity: 4,
    flags: ['write', 'denyoom', 'fast'],
    keys: [oneKey(1, 'RW', 'insert')],
    arguments: [arg.key(), arg.string('field'), arg.string('value')],
    elementsAt: [2],
    run: hsetnx,
  },
  {
    name: 'hget',
    summary: 'Replies with the value of a field.',
    group: 'hash',
    complexity: 'O(1)',
    arity: 3,
    flags: ['readonly', 'fast'],
    keys: [oneKey(1, 'RO', 'access')],
    arguments: [arg.key(), arg.string('field')],
    elementsAt: [2],
    run: hget,
  },
  {
    name: 'hmget',
    summary: 'Replies with the values of fields.',
    group: 'hash',
    complexity: 'O(N), N being the fields given',
    arity: -3,
    flags: ['readonly', 'fast'],
    keys: [oneKey(1, 'RO', 'access')],
    arguments: [arg.key(), arg.multiple(arg.string('field'))],
    elementsAt: [2],
    run: hmget,
  },
  {
    name: 'hlen',
    summary: 'Counts the fields of a hash.',
    group: 'hash',
    complexity: 'O(1)',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: [oneKey(1, 'RO')],
    arguments: [arg.key()],
    run: hlen,
  },
  {
    name: 'hstrlen',
    summary: 'Replies with the length of a field’s value.',
    group: 'hash',
    complexity: 'O(1)',
    arity: 3,
    flags: ['readonly', 'fast'],
    keys: [oneKey(1, 'RO')],
    arguments: [arg.key(), arg.string('field')],
    elementsAt: [2],
    run: hstrlen,
  },
  {
    name: 'hexists',
    summary: 'Tells whether a hash has a field.',
    group: 'hash',
    complexity: 'O(1)',
    arity: 3,
    flags: ['readonly', 'fast'],
    keys: [oneKey(1, 'RO')],
    arguments: [arg.key(), arg.string('field')],
    elementsAt: [2],
    run: hexists,
  },
  {
    name: 'hdel',
    summary: 'Removes fields of a hash.',
    group: 'hash',
    complexity: 'O(N), N being the fields given',
    arity: -3,
    flags: ['write', 'fast'],
    keys: [oneKey(1, 'RW', 'delete')],
    arguments: [arg.key(), arg.multiple(arg.string('field'))],
    elementsAt: [2],
    run: hdel,
  },
];
