/** Commands that read or set the strings of several keys at once. */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { CommandRow } from '../../../engine/command.js';
import { keysFrom } from '../../../engine/key-specs.js';
import { lookAtKeys } from '../../../engine/keys-ahead.js';
import type { Args } from '../../../protocol/args.js';
import * as errors from '../../../protocol/errors.js';
import { reserveFor, STRING, setString, writeWholeString } from '../value.js';

function mGet(call: Call): void {
  const { args, db, reply } = call;
  reply.array(args.count - 1);
  for (let i = 1; i < args.count; i++) {
    lookAtKeys(call, i - 1);
    const ref = db.lookup(args.slice(i));
    if (ref === 0 || db.typeOf(ref) !== STRING) reply.null();
    else writeWholeString(reply, db, ref);
  }
}

function mSet(call: Call): void {
  checkPairs(call);
  setPairs(call);
  call.reply.ok();
}

function mSetNx(call: Call): void {
  const { args, db, reply } = call;
  checkPairs(call);
  for (let i = 1; i < args.count; i += 2) {
    if (db.lookupForWrite(args.slice(i)) !== 0) {
      reply.integer(0);
      return;
    }
  }
  setPairs(call);
  reply.integer(1);
}

function checkPairs(call: Call): void {
  if (call.args.count % 2 === 0) throw errors.wrongArity(call.command.fullName);
}

function setPairs(call: Call): void {
  const { args, db } = call;
  reserveFor(db, totalLength(args));
  for (let i = 1; i < args.count; i += 2) {
    lookAtKeys(call, i >> 1, 2);
    const key = args.slice(i);
    setString(db, key, db.lookupForWrite(key), args.slice(i + 1));
    call.changed(key, 'set');
  }
}

function totalLength(args: Args): number {
  let total = 0;
  for (let i = 1; i < args.count; i++) total += args.length(i);
  return total;
}

export const multiKeyCommands: readonly CommandRow[] = [
  {
    name: 'mget',
    summary: 'Reads the strings of several keys.',
    group: 'string',
    complexity: 'O(N), N being the keys',
    arity: -2,
    flags: ['readonly', 'fast'],
    keys: [keysFrom(1, { last: -1, step: 1 }, 'RO', 'access')],
    arguments: [arg.multiple(arg.key())],
    run: mGet,
  },
  {
    name: 'mset',
    summary: 'Sets several keys to strings, all at once.',
    group: 'string',
    complexity: 'O(N), N being the keys',
    arity: -3,
    flags: ['write', 'denyoom'],
    keys: [keysFrom(1, { last: -1, step: 2 }, 'OW', 'update')],
    arguments: [arg.multiple(arg.block('data', [arg.key(), arg.string('value')]))],
    run: mSet,
  },
  {
    name: 'msetnx',
    summary: 'Sets several keys to strings, all or none: none if any of them exists.',
    group: 'string',
    complexity: 'O(N), N being the keys',
    arity: -3,
    flags: ['write', 'denyoom'],
    keys: [keysFrom(1, { last: -1, step: 2 }, 'OW', 'insert')],
    arguments: [arg.multiple(arg.block('data', [arg.key(), arg.string('value')]))],
    run: mSetNx,
  },
];
