/** Commands that read or set the strings of several keys at once. */

import type { Call } from '../../../engine/call.js';
import type { CommandRow } from '../../../engine/command.js';
import { keysFrom } from '../../../engine/key-specs.js';
import { EventClass } from '../../../keyspace/types.js';
import type { Args } from '../../../protocol/args.js';
import * as errors from '../../../protocol/errors.js';
import { reserveFor, STRING, setString, writeWholeString } from '../value.js';

function mGet(call: Call): void {
  const { args, db, reply } = call;
  reply.array(args.count - 1);
  for (let i = 1; i < args.count; i++) {
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
    const key = args.slice(i);
    setString(db, key, db.lookupForWrite(key), args.slice(i + 1));
    call.keyspace.keyChanged(db, key, 'set', EventClass.STRING);
  }
}

function totalLength(args: Args): number {
  let total = 0;
  for (let i = 1; i < args.count; i++) total += args.length(i);
  return total;
}

const mgetRow: CommandRow = {
  name: 'mget',
  summary: 'Reads the strings of several keys.',
  since: '1.0.0',
  group: 'string',
  complexity: 'O(N) with N the number of keys',
  arity: -2,
  flags: ['readonly', 'fast'],
  categories: ['@read', '@string', '@fast'],
  tips: ['request_policy:multi_shard'],
  keys: [keysFrom(1, { last: -1, step: 1 }, 'RO', 'access')],
  arguments: [{ name: 'key', type: 'key', keySpec: 0, multiple: true }],
  run: mGet,
};

const msetRow: CommandRow = {
  name: 'mset',
  summary: 'Sets several keys to strings, all at once.',
  since: '1.0.1',
  group: 'string',
  complexity: 'O(N) with N the number of keys',
  arity: -3,
  flags: ['write', 'denyoom'],
  categories: ['@write', '@string', '@slow'],
  tips: ['request_policy:multi_shard', 'response_policy:all_succeeded'],
  keys: [keysFrom(1, { last: -1, step: 2 }, 'OW', 'update')],
  arguments: [
    {
      name: 'data',
      type: 'block',
      multiple: true,
      arguments: [
        { name: 'key', type: 'key', keySpec: 0 },
        { name: 'value', type: 'string' },
      ],
    },
  ],
  run: mSet,
};

const msetnxRow: CommandRow = {
  name: 'msetnx',
  summary: 'Sets several keys to strings, all or none: none if any of them exists.',
  since: '1.0.1',
  group: 'string',
  complexity: 'O(N) with N the number of keys',
  arity: -3,
  flags: ['write', 'denyoom'],
  categories: ['@write', '@string', '@slow'],
  keys: [keysFrom(1, { last: -1, step: 2 }, 'OW', 'insert')],
  arguments: [
    {
      name: 'data',
      type: 'block',
      multiple: true,
      arguments: [
        { name: 'key', type: 'key', keySpec: 0 },
        { name: 'value', type: 'string' },
      ],
    },
  ],
  run: mSetNx,
};

export const multiKeyCommands: readonly CommandRow[] = [mgetRow, msetRow, msetnxRow];
