/** DUMP and RESTORE: a value as bytes, to be taken to another server or another key. */

import * as arg from '../../engine/arguments.js';
import type { Call } from '../../engine/call.js';
import type { CommandRow } from '../../engine/command.js';
import { oneKey } from '../../engine/key-specs.js';
import { dumpValue, readPayload, verifyPayload } from '../../features/persistence/dump.js';
import { NO_DEADLINE } from '../../keyspace/types.js';
import * as errors from '../../protocol/errors.js';

function runDump({ args, db, keyspace, reply }: Call): void {
  const ref = db.lookup(args.slice(1));
  if (ref === 0) {
    reply.null();
    return;
  }
  const pieces = dumpValue(keyspace.types, db, ref);
  reply.bulkHeader(pieces.reduce((length, piece) => length + piece.length, 0));
  for (const piece of pieces) reply.raw(piece);
  reply.bulkEnd();
}

interface RestoreOptions {
  replace: boolean;
  absolute: boolean;
  /** -1: not given. */
  idleSeconds: number;
  frequency: number;
}

function runRestore(call: Call): void {
  const { args, db, keyspace, reply } = call;
  const options = restoreOptions(call);
  const key = args.slice(1);
  if (!options.replace && db.lookupForWrite(key) !== 0) throw errors.BUSYKEY;
  const deadline = restoredDeadline(call, options);
  const payload = args.slice(3);
  verifyPayload(payload);
  const restored = readPayload(keyspace, payload, key, deadline);
  // This comes last: a payload that is refused leaves no trace of use in the key.
  const target = options.replace ? db.lookupForWrite(key) : 0;
  if (deadline !== NO_DEADLINE && deadline <= call.now) {
    keyspace.staging.delete(restored);
    if (target !== 0) {
      db.delete(target);
      if (call.propagating) call.effect('DEL', key);
      call.deleted(key);
    }
  } else {
    const ref = keyspace.staging.rename(restored, key, db, target);
    db.setUse(ref, options.idleSeconds, options.frequency);
    if (call.propagating && deadline !== NO_DEADLINE) propagate(call, options, deadline);
    call.changed(key, 'restore');
  }
  reply.ok();
}

function restoreOptions({ args }: Call): RestoreOptions {
  const options: RestoreOptions = { replace: false, absolute: false, idleSeconds: -1, frequency: -1 };
  for (let i = 4; i < args.count; i++) {
    const hasMore = i + 1 < args.count;
    if (args.is(i, 'REPLACE')) {
      options.replace = true;
    } else if (args.is(i, 'ABSTTL')) {
      options.absolute = true;
    } else if (hasMore && options.frequency === -1 && args.is(i, 'IDLETIME')) {
      options.idleSeconds = args.integer(++i);
      if (options.idleSeconds < 0) throw errors.INVALID_IDLETIME;
    } else if (hasMore && options.idleSeconds === -1 && args.is(i, 'FREQ')) {
      options.frequency = args.integer(++i);
      if (options.frequency < 0 || options.frequency > 255) throw errors.INVALID_FREQ;
    } else {
      throw errors.SYNTAX;
    }
  }
  return options;
}

/** As in Redis a relative time that leaves int64 wraps around, and so lies in the past. */
function restoredDeadline({ args, now }: Call, { absolute }: RestoreOptions): number {
  const ttl = args.integer(2);
  if (ttl < 0) throw errors.INVALID_TTL;
  if (ttl === 0) return NO_DEADLINE;
  const deadline = absolute ? ttl : ttl + now;
  if (Number.isSafeInteger(deadline)) return deadline;
  const exact = args.integer64(2) + (absolute ? 0n : BigInt(now));
  return Math.max(0, Number(BigInt.asIntN(64, exact)));
}

/** The same with an absolute time. */
function propagate(call: Call, options: RestoreOptions, deadline: number): void {
  const { args } = call;
  const parts = ['RESTORE', args.slice(1), BigInt(deadline), args.slice(3), 'ABSTTL'];
  if (options.replace) parts.push('REPLACE');
  if (options.idleSeconds >= 0) parts.push('IDLETIME', String(options.idleSeconds));
  if (options.frequency >= 0) parts.push('FREQ', String(options.frequency));
  call.effect(...parts);
}

export const dumpCommands: readonly CommandRow[] = [
  {
    name: 'dump',
    summary: 'Returns the value at a key as bytes that RESTORE takes.',
    group: 'generic',
    complexity: 'O(N), N being the size of the value',
    arity: 2,
    flags: ['readonly'],
    keys: [oneKey(1, 'RO', 'access')],
    arguments: [arg.key()],
    run: runDump,
  },
  {
    name: 'restore',
    summary: 'Creates a key from what DUMP returned.',
    group: 'generic',
    complexity: 'O(N), N being the size of the value',
    arity: -4,
    flags: ['write', 'denyoom'],
    alsoIn: ['@dangerous'],
    keys: [oneKey(1, 'OW', 'update')],
    arguments: [
      arg.key(),
      arg.integer('ttl'),
      arg.string('serialized-value'),
      arg.optional(arg.token('REPLACE', { since: '3.0.0' })),
      arg.optional(arg.token('ABSTTL', { since: '5.0.0' })),
      arg.option('IDLETIME', arg.integer('seconds', { since: '5.0.0' })),
      arg.option('FREQ', arg.integer('frequency', { since: '5.0.0' })),
    ],
    run: runRestore,
  },
];
