/** BITCOUNT and BITPOS: counting and finding bits, in a whole string or between two offsets. */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { CommandRow } from '../../../engine/command.js';
import { oneKey } from '../../../engine/key-specs.js';
import type { Database } from '../../../keyspace/database.js';
import type { Ref } from '../../../memory/arena.js';
import { countOnes, onesIn, skipBytes } from '../../../memory/bits.js';
import { isHole } from '../../../memory/rope.js';
import { Slice } from '../../../memory/slice.js';
import type { Args } from '../../../protocol/args.js';
import * as errors from '../../../protocol/errors.js';
import { expectType } from '../../expect.js';
import { STRING, stringLength, stringWindow } from '../../string/value.js';
import { LONG_FROM } from './shared.js';

const window = new Slice();

function bitCount(call: Call): void {
  const { args, db, reply } = call;
  const { count } = args;
  if (count === 3 || count > 5) throw errors.SYNTAX;
  let start = count === 2 ? 0 : args.integer(2);
  let end = count === 2 ? -1 : args.integer(3);
  const isInBits = count === 5 && isBitUnit(args, 4);
  const ref = expectType(db, db.lookup(args.slice(1)), STRING);

  const length = ref === 0 ? 0 : stringLength(db, ref) * (isInBits ? 8 : 1);
  if (length > LONG_FROM) call.takesLong();
  const isBackwards = start < 0 && end < 0 && start > end;
  start = fromEnd(start, length);
  end = Math.min(fromEnd(end, length), length - 1);
  if (isBackwards || start > end) reply.integer(0);
  else if (isInBits) reply.integer(onesBetween(db, ref, start, end));
  else reply.integer(onesInBytes(db, ref, start, end + 1));
}

/** Between two bits, both included: all bits of their bytes but those outside of them. */
function onesBetween(db: Database, ref: Ref, first: number, last: number): number {
  const from = Math.floor(first / 8);
  const to = Math.floor(last / 8);
  const before = byteAt(db, ref, from) & ~(0xff >> (first & 7));
  const behind = byteAt(db, ref, to) & (0x7f >> (last & 7));
  return onesInBytes(db, ref, from, to + 1) - onesIn(before) - onesIn(behind);
}

function onesInBytes(db: Database, ref: Ref, from: number, to: number): number {
  let ones = 0;
  for (let at = from; at < to; at += window.length) {
    stringWindow(db, ref, at, to, window);
    if (!isHole(window)) ones += countOnes(window.bytes, window.view, window.start, window.end);
  }
  return ones;
}

function bitPos(call: Call): void {
  const { args, db, reply } = call;
  const { count } = args;
  const bit = args.integer(2);
  if (bit !== 0 && bit !== 1) throw errors.BIT_ARGUMENT;
  if (count > 6) throw errors.SYNTAX;
  let start = count > 3 ? args.integer(3) : 0;
  const isInBits = count === 6 && isBitUnit(args, 5);
  let end = count > 4 ? args.integer(4) : -1;
  const ref = expectType(db, db.lookup(args.slice(1)), STRING);

  if (ref === 0) {
    // As if it were endless zeros, whatever the range.
    reply.integer(bit === 0 ? 0 : -1);
    return;
  }
  const length = stringLength(db, ref) * (isInBits ? 8 : 1);
  if (length > LONG_FROM) call.takesLong();
  start = fromEnd(start, length);
  end = Math.min(fromEnd(end, length), length - 1);
  if (start > end) {
    reply.integer(-1);
    return;
  }
  const found = isInBits ? findBit(db, ref, bit, start, end) : findBit(db, ref, bit, start * 8, end * 8 + 7);
  // Without an end, zeros follow the string.
  if (found < 0 && bit === 0 && count <= 4) reply.integer(length * 8);
  else reply.integer(found);
}

/** The first such bit between two bits, both included, or -1. */
function findBit(db: Database, ref: Ref, bit: number, first: number, last: number): number {
  let at = Math.floor(first / 8);
  const end = Math.floor(last / 8) + 1;
  // The bits before the first are masked so that they cannot match.
  let byte = byteAt(db, ref, at);
  const mask = 0xff >> (first & 7);
  byte = bit === 1 ? byte & mask : byte | (~mask & 0xff);
  const passed = bit === 1 ? 0 : 0xff;
  if (byte === passed) {
    at = findByte(db, ref, passed, at + 1, end);
    if (at === end) return -1;
    byte = byteAt(db, ref, at);
  }
  const wanted = bit === 1 ? byte : ~byte & 0xff;
  const found = at * 8 + Math.clz32(wanted) - 24;
  return found > last ? -1 : found;
}

/** The first byte from `from` on that is not `passed` (0 or 0xff); `to` if there is none before. */
function findByte(db: Database, ref: Ref, passed: number, from: number, to: number): number {
  for (let at = from; at < to; at += window.length) {
    stringWindow(db, ref, at, to, window);
    if (passed === 0 && isHole(window)) continue;
    const found = skipBytes(window.bytes, window.view, window.start, window.end, passed);
    if (found < window.end) return at + found - window.start;
  }
  return to;
}

function byteAt(db: Database, ref: Ref, at: number): number {
  stringWindow(db, ref, at, at + 1, window);
  return window.bytes[window.start];
}

/** An offset of which negative ones count from the end. */
function fromEnd(offset: number, length: number): number {
  return offset < 0 ? Math.max(0, offset + length) : offset;
}

function isBitUnit(args: Args, i: number): boolean {
  if (args.is(i, 'BIT')) return true;
  if (args.is(i, 'BYTE')) return false;
  throw errors.SYNTAX;
}

export const bitSearchCommands: readonly CommandRow[] = [
  {
    name: 'bitcount',
    summary: 'Counts the bits of a string that are set, all or those of a range.',
    group: 'bitmap',
    complexity: 'O(N), N being the bytes in the range',
    arity: -2,
    flags: ['readonly'],
    keys: [oneKey(1, 'RO', 'access')],
    arguments: [
      arg.key(),
      arg.optional(
        arg.block('range', [
          arg.integer('start'),
          arg.integer('end'),
          arg.optional(arg.oneOf('unit', [arg.token('BYTE'), arg.token('BIT')], { since: '7.0.0' })),
        ]),
      ),
    ],
    isMostlyBrief: true,
    run: bitCount,
  },
  {
    name: 'bitpos',
    summary: 'Finds the first bit of a string that is 0, or that is 1.',
    group: 'bitmap',
    complexity: 'O(N), N being the bytes in the range',
    arity: -3,
    flags: ['readonly'],
    keys: [oneKey(1, 'RO', 'access')],
    arguments: [
      arg.key(),
      arg.integer('bit'),
      arg.optional(
        arg.block('range', [
          arg.integer('start'),
          arg.optional(
            arg.block('end-unit-block', [
              arg.integer('end'),
              arg.optional(arg.oneOf('unit', [arg.token('BYTE'), arg.token('BIT')], { since: '7.0.0' })),
            ]),
          ),
        ]),
      ),
    ],
    isMostlyBrief: true,
    run: bitPos,
  },
];
