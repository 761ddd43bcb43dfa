/** Commands on parts of a string: by offset, at its end, its length. */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { CommandRow } from '../../../engine/command.js';
import { oneKey } from '../../../engine/key-specs.js';
import * as errors from '../../../protocol/errors.js';
import { expectType } from '../../expect.js';
import { STRING, setString, stringLength, writeString, writeStringRange } from '../value.js';

/** Copying more bytes than this takes some microseconds. */
const LONG_FROM = 32 * 1024;

function strLen(call: Call): void {
  const { db } = call;
  const ref = expectType(db, db.lookup(call.args.slice(1)), STRING);
  call.reply.integer(ref === 0 ? 0 : stringLength(db, ref));
}

function append(call: Call): void {
  const { args, db } = call;
  const key = args.slice(1);
  const content = args.slice(2);
  const ref = expectType(db, db.lookupForWrite(key), STRING);
  let length = content.length;
  if (ref === 0) {
    setString(db, key, 0, content);
  } else {
    const position = stringLength(db, ref);
    checkLength(call, position + length);
    length = writeString(db, key, ref, position, content);
  }
  call.changed(key, 'append');
  call.reply.integer(length);
}

function getRange(call: Call): void {
  const { args, db, reply } = call;
  let start = args.integer(2);
  let end = args.integer(3);
  const ref = expectType(db, db.lookup(args.slice(1)), STRING);
  const length = ref === 0 ? 0 : stringLength(db, ref);
  const isBackwards = start < 0 && end < 0 && start > end;
  if (start < 0) start = Math.max(0, start + length);
  if (end < 0) end = Math.max(0, end + length);
  if (end >= length) end = length - 1;
  if (end - start > LONG_FROM) call.takesLong();
  if (isBackwards || start > end || length === 0) reply.bulkLatin1('');
  else writeStringRange(reply, db, ref, start, end + 1);
}

function setRange(call: Call): void {
  const { args, db, reply } = call;
  const key = args.slice(1);
  const content = args.slice(3);
  const offset = args.integer(2);
  if (offset < 0) throw errors.OFFSET_OUT_OF_RANGE;
  const ref = expectType(db, db.lookupForWrite(key), STRING);
  if (content.length === 0) {
    reply.integer(ref === 0 ? 0 : stringLength(db, ref));
    return;
  }
  checkLength(call, offset + content.length);
  const length = writeString(db, key, ref, offset, content);
  call.changed(key, 'setrange');
  reply.integer(length);
}

function checkLength(call: Call, length: number): void {
  if (length > call.keyspace.limits.protoMaxBulkLength) throw errors.STRING_TOO_LONG;
}

export const rangeCommands: readonly CommandRow[] = [
  {
    name: 'strlen',
    summary: 'Tells the length of a string in bytes.',
    group: 'string',
    complexity: 'O(1)',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: [oneKey(1, 'RO')],
    arguments: [arg.key()],
    run: strLen,
  },
  {
    name: 'append',
    summary: 'Appends to a string; a missing key is created.',
    group: 'string',
    complexity: 'O(N), N being the bytes appended; a string that grows moves now and then, at most 64 KiB of it',
    arity: 3,
    flags: ['write', 'denyoom', 'fast'],
    keys: [oneKey(1, 'RW', 'insert')],
    arguments: [arg.key(), arg.string('value')],
    run: append,
  },
  {
    name: 'getrange',
    summary: 'Reads the part of a string between two offsets, both included.',
    group: 'string',
    complexity: 'O(N), N being the bytes returned',
    arity: 4,
    flags: ['readonly'],
    keys: [oneKey(1, 'RO', 'access')],
    arguments: [arg.key(), arg.integer('start'), arg.integer('end')],
    isMostlyBrief: true,
    run: getRange,
  },
  {
    name: 'substr',
    summary: 'Reads the part of a string between two offsets, both included.',
    group: 'string',
    complexity: 'O(N), N being the bytes returned',
    arity: 4,
    flags: ['readonly'],
    keys: [oneKey(1, 'RO', 'access')],
    arguments: [arg.key(), arg.integer('start'), arg.integer('end')],
    isMostlyBrief: true,
    run: getRange,
  },
  {
    name: 'setrange',
    summary: 'Overwrites part of a string from an offset on, filling a gap with zeros.',
    group: 'string',
    complexity: 'O(N), N being the bytes written',
    arity: 4,
    flags: ['write', 'denyoom'],
    keys: [oneKey(1, 'RW', 'update')],
    arguments: [arg.key(), arg.integer('offset'), arg.string('value')],
    isMostlyBrief: true,
    run: setRange,
  },
];
