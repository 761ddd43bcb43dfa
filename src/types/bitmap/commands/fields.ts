/**
 * BITFIELD and BITFIELD_RO: integers of 1 to 64 bits anywhere in a string.
 *
 * All operations are read and checked first, into a table; then the string is lengthened for the last field that is
 * written, and they run one by one. Fields and values that doubles hold exactly are computed with as numbers, others
 * as BigInts.
 */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { CommandRow } from '../../../engine/command.js';
import { oneKey } from '../../../engine/key-specs.js';
import type { Database } from '../../../keyspace/database.js';
import { PAGE_SIZE, type Ref } from '../../../memory/arena.js';
import { Slice, viewOf } from '../../../memory/slice.js';
import type { Args } from '../../../protocol/args.js';
import * as errors from '../../../protocol/errors.js';
import { INT64_MAX, parseInteger } from '../../../text/numbers.js';
import { expectType } from '../../expect.js';
import { STRING, stretchString, stringLength, stringWindow, writableStringWindow } from '../../string/value.js';
import { fieldOffsetAt } from './shared.js';

const GET = 0;
const SET = 1;
const INCRBY = 2;

const WRAP = 0;
const SAT = 1;
const FAIL = 2;

/** What came of an operation. */
const NOT_SET = 0;
const SAME = 1;
const CHANGED = 2;
/** Nothing: it takes BigInts. */
const INEXACT = 3;

const LOWER_I = 0x69;
const LOWER_U = 0x75;

/**
 * Fields up to this width are read as one number: five bytes hold them. Wider ones are an upper part and a word of 32
 * bits.
 */
const WORD_WIDTH = 32;
const WORD = 2 ** WORD_WIDTH;
/** What does not fit a field up to this width is brought into its range exactly. */
const SAFE_WIDTH = 53;

/** Powers of two, up to what bounds the widest field. */
const POWERS = Float64Array.from({ length: 65 }, (_, power) => 2 ** power);

/** The most bytes that a field touches. */
const MAX_FIELD_BYTES = 9;

// An operation's shape in one word: what it does, how it overflows, whether its field is signed, and the field's width.
const KIND_MASK = 3;
const OVERFLOW_SHIFT = 2;
const OVERFLOW_MASK = 3;
const SIGNED_BIT = 1 << 4;
const WIDTH_SHIFT = 5;

const ROWS_AT_FIRST = 16;
const ROWS_KEPT = 1024;

// The table: of each operation its shape, the bit where its field begins, its argument, and which that is.
let shapes = new Int32Array(ROWS_AT_FIRST);
let offsets = new Float64Array(ROWS_AT_FIRST);
let values = new Float64Array(ROWS_AT_FIRST);
let valuesAt = new Int32Array(ROWS_AT_FIRST);
let rowCount = 0;
/** Bytes that the string must have for what is written; 0 if nothing is. */
let lengthNeeded = 0;

function bitField(call: Call): void {
  const { args, db, reply } = call;
  const key = args.slice(1);
  const writes = readOperations(call);
  if (writes === 0) {
    replyFields(call, expectType(db, db.lookup(key), STRING));
    return;
  }
  let ref = expectType(db, db.lookupForWrite(key), STRING);
  const oldLength = ref === 0 ? 0 : stringLength(db, ref);
  const longest = Math.max(lengthNeeded, oldLength);
  // A field lies in two pages at most, and all of them in those that the string has.
  if (longest > PAGE_SIZE / 4) db.arena.reserve(Math.min(writes * 2 * PAGE_SIZE, longest + PAGE_SIZE));

  reply.reserveIntegers(rowCount);
  const hasGrown = lengthNeeded > oldLength;
  ref = stretchString(db, key, ref, lengthNeeded);
  const changes = replyFields(call, ref, hasGrown);
  // As in Redis, a string that was lengthened for fields that all failed is no change: nobody is told.
  if (changes === 0) return;
  call.changed(key, 'setbit', changes);
}

function bitFieldRo(call: Call): void {
  const { args, db } = call;
  if (readOperations(call) > 0) throw errors.BITFIELD_READ_ONLY;
  replyFields(call, expectType(db, db.lookup(args.slice(1)), STRING));
}

// --- reading the arguments

/** Fills the table; returns how many operations write. */
function readOperations(call: Call): number {
  const { args } = call;
  rowCount = 0;
  lengthNeeded = 0;
  makeRoom((args.count - 2) / 3);
  let writes = 0;
  let overflow: number = WRAP;
  for (let i = 2; i < args.count; ) {
    const rest = args.count - i - 1;
    if (args.is(i, 'OVERFLOW') && rest >= 1) {
      overflow = overflowAt(args, i + 1);
      i += 2;
      continue;
    }
    const kind = kindAt(args, i, rest);
    readField(call, i, kind, overflow);
    if (kind !== GET) writes++;
    i += kind === GET ? 3 : 4;
  }
  return writes;
}

function kindAt(args: Args, i: number, rest: number): number {
  if (args.is(i, 'GET') && rest >= 2) return GET;
  if (args.is(i, 'SET') && rest >= 3) return SET;
  if (args.is(i, 'INCRBY') && rest >= 3) return INCRBY;
  throw errors.SYNTAX;
}

function overflowAt(args: Args, i: number): number {
  if (args.is(i, 'WRAP')) return WRAP;
  if (args.is(i, 'SAT')) return SAT;
  if (args.is(i, 'FAIL')) return FAIL;
  throw errors.BITFIELD_OVERFLOW;
}

function readField(call: Call, i: number, kind: number, overflow: number): void {
  const { args } = call;
  const sign = args.length(i + 1) === 0 ? 0 : args.bytes[args.starts[i + 1]];
  if (sign !== LOWER_I && sign !== LOWER_U) throw errors.BITFIELD_TYPE;
  const width = parseInteger(args.bytes, args.starts[i + 1] + 1, args.ends[i + 1]);
  if (!(width >= 1 && width <= (sign === LOWER_I ? 64 : 63))) throw errors.BITFIELD_TYPE;
  const offset = fieldOffsetAt(call, i + 2, width);
  if (kind !== GET) {
    values[rowCount] = args.integer(i + 3);
    lengthNeeded = Math.max(lengthNeeded, Math.ceil((offset + width) / 8));
  }
  const signedBit = sign === LOWER_I ? SIGNED_BIT : 0;
  shapes[rowCount] = kind | (overflow << OVERFLOW_SHIFT) | signedBit | (width << WIDTH_SHIFT);
  valuesAt[rowCount] = i + 3;
  offsets[rowCount++] = offset;
}

function makeRoom(rows: number): void {
  if (rows <= offsets.length && offsets.length <= ROWS_KEPT) return;
  const capacity = Math.max(Math.ceil(rows), ROWS_AT_FIRST);
  shapes = new Int32Array(capacity);
  offsets = new Float64Array(capacity);
  values = new Float64Array(capacity);
  valuesAt = new Int32Array(capacity);
}

// --- running the operations

/**
 * Answers all operations in the table on the string at `ref`, 0 if there is none. Returns how many changes Redis
 * counts: the fields that were set to another value, or to any if the string has grown.
 */
function replyFields(call: Call, ref: Ref, hasGrown = false): number {
  call.reply.array(rowCount);
  const length = ref === 0 ? 0 : stringLength(call.db, ref);
  let changes = 0;
  for (let row = 0; row < rowCount; row++) {
    let outcome = runFast(call, ref, length, row);
    if (outcome === INEXACT) outcome = runExact(call, ref, length, row);
    if (outcome === CHANGED || (outcome === SAME && hasGrown)) changes++;
  }
  return changes;
}

/** One operation with numbers. INEXACT, and nothing done, if they would not be exact. */
function runFast(call: Call, ref: Ref, length: number, row: number): number {
  const { db, reply } = call;
  const shape = shapes[row];
  const kind = shape & KIND_MASK;
  const isSigned = (shape & SIGNED_BIT) !== 0;
  const width = shape >> WIDTH_SHIFT;
  const modulus = POWERS[width];

  openField(db, ref, length, offsets[row], width);
  const isWide = width > WORD_WIDTH;
  const old = isWide ? readWide(width, isSigned) : readNarrow(width, isSigned);
  if (isWide && !Number.isSafeInteger(old)) return INEXACT;
  if (kind === GET) {
    reply.integer(old);
    return NOT_SET;
  }
  const value = values[row];
  let result = kind === SET ? value : old + value;
  if (!Number.isSafeInteger(value) || !Number.isSafeInteger(result)) return INEXACT;
  const max = isSigned ? modulus / 2 - 1 : modulus - 1;
  const min = isSigned ? -modulus / 2 : 0;
  if (result < min || result > max) {
    if (width > SAFE_WIDTH) return INEXACT;
    if (overflowOf(shape) === FAIL) {
      reply.null();
      return NOT_SET;
    }
    // SET of an unsigned field reads a negative value as its two's complement, a very large number.
    const isAbove = result > max || (kind === SET && !isSigned);
    if (overflowOf(shape) === SAT) result = isAbove ? max : min;
    else result = wrapped(result, modulus, max);
  }
  reply.integer(kind === SET ? old : result);
  if (result === old) return SAME;
  writableField(db, ref, offsets[row]);
  if (isWide) writeWide(width, result);
  else writeNarrow(width, result);
  if (field.bytes === gathered) scatterField(db, ref, offsets[row]);
  return CHANGED;
}

function overflowOf(shape: number): number {
  return (shape >> OVERFLOW_SHIFT) & OVERFLOW_MASK;
}

function wrapped(value: number, modulus: number, max: number): number {
  const bits = value - Math.floor(value / modulus) * modulus;
  return bits > max ? bits - modulus : bits;
}

/** The same with BigInts, for all that does not fit. */
function runExact(call: Call, ref: Ref, length: number, row: number): number {
  const { db, reply } = call;
  const shape = shapes[row];
  const kind = shape & KIND_MASK;
  const isSigned = (shape & SIGNED_BIT) !== 0;
  const width = shape >> WIDTH_SHIFT;

  openField(db, ref, length, offsets[row], width);
  const isWide = width > WORD_WIDTH;
  const old = isWide ? readWide64(width, isSigned) : BigInt(readNarrow(width, isSigned));
  if (kind === GET) {
    reply.integer(old);
    return NOT_SET;
  }
  let value = Number.isSafeInteger(values[row]) ? BigInt(values[row]) : call.args.integer64(valuesAt[row]);
  if (kind === SET && !isSigned) value = BigInt.asUintN(64, value);
  let result = kind === SET ? value : old + value;
  if (result !== (isSigned ? BigInt.asIntN(width, result) : BigInt.asUintN(width, result))) {
    if (overflowOf(shape) === FAIL) {
      reply.null();
      return NOT_SET;
    }
    const max = (1n << BigInt(isSigned ? width - 1 : width)) - 1n;
    const min = isSigned ? -max - 1n : 0n;
    // As in Redis, whose distance from the greatest value overflows, too, what is far below that is above it.
    const isAbove = result > max || (kind === SET && max - result > INT64_MAX);
    if (overflowOf(shape) === SAT) result = isAbove ? max : min;
    else result = isSigned ? BigInt.asIntN(width, result) : BigInt.asUintN(width, result);
  }
  reply.integer(kind === SET ? old : result);
  if (result === old) return SAME;
  writableField(db, ref, offsets[row]);
  if (isWide) writeWide64(width, result);
  else writeNarrow(width, Number(result));
  if (field.bytes === gathered) scatterField(db, ref, offsets[row]);
  return CHANGED;
}

// --- the bytes of a field

/** The bytes that a field touches: in place, or gathered where they do not lie together or the string ends before. */
const field = new Slice();
const gathered = Buffer.alloc(MAX_FIELD_BYTES);
const gatheredSlice = new Slice(gathered, viewOf(gathered), 0, MAX_FIELD_BYTES);
const window = new Slice();
let fieldBytes = 0;
/** Bits behind the field in its last byte. */
let fieldCut = 0;
/** Of a field of more than 32 bits, its last 32 as an unsigned number and what is above them, with the sign. */
let upper = 0;
let lower = 0;
const parts = new DataView(new ArrayBuffer(8));

function openField(db: Database, ref: Ref, length: number, offset: number, width: number): void {
  const from = Math.floor(offset / 8);
  const end = (offset & 7) + width;
  fieldBytes = (end + 7) >> 3;
  fieldCut = fieldBytes * 8 - end;
  if (from + fieldBytes <= length) {
    stringWindow(db, ref, from, from + fieldBytes, field);
    if (field.length === fieldBytes) return;
  }
  for (let i = 0; i < fieldBytes; i++) {
    gathered[i] = from + i < length ? stringWindow(db, ref, from + i, from + i + 1, window).bytes[window.start] : 0;
  }
  field.setFrom(gatheredSlice);
}

/** Makes the bytes of an opened field, which begins at a bit offset, ready to be written. */
function writableField(db: Database, ref: Ref, offset: number): void {
  if (field.bytes === gathered) return;
  const from = Math.floor(offset / 8);
  writableStringWindow(db, ref, from, from + fieldBytes, field);
}

function scatterField(db: Database, ref: Ref, offset: number): void {
  const from = Math.floor(offset / 8);
  for (let i = 0; i < fieldBytes; i++) {
    writableStringWindow(db, ref, from + i, from + i + 1, window).bytes[window.start] = gathered[i];
  }
}

/** The first bytes of an opened field as a number. */
function leadingBytes(count: number): number {
  let bits = 0;
  for (let i = 0; i < count; i++) bits = bits * 256 + field.bytes[field.start + i];
  return bits;
}

function setLeadingBytes(count: number, bits: number): void {
  for (let i = count - 1; i >= 0; i--) {
    field.bytes[field.start + i] = bits & 0xff;
    bits = Math.floor(bits / 256);
  }
}

/**
 * `width` of the bits of a number, above the lowest fieldCut. No remainders: on doubles they are calls out of
 * JavaScript.
 */
function cutOut(bits: number, width: number): number {
  const cut = POWERS[fieldCut];
  const modulus = POWERS[width];
  return Math.floor(bits / cut) - Math.floor(bits / (cut * modulus)) * modulus;
}

function signed(bits: number, width: number): number {
  return bits >= POWERS[width - 1] ? bits - POWERS[width] : bits;
}

/** An opened field of up to 32 bits. */
function readNarrow(width: number, isSigned: boolean): number {
  const bits = cutOut(leadingBytes(fieldBytes), width);
  return isSigned ? signed(bits, width) : bits;
}

function writeNarrow(width: number, value: number): void {
  const bits = leadingBytes(fieldBytes);
  const newBits = value < 0 ? value + POWERS[width] : value;
  setLeadingBytes(fieldBytes, bits + (newBits - cutOut(bits, width)) * POWERS[fieldCut]);
}

/** Leaves the parts of a wider one in `upper` and `lower`. */
function readParts(width: number, isSigned: boolean): void {
  const leading = fieldBytes - 4;
  const bits = leadingBytes(leading);
  const upperBits = cutOut(bits, width - WORD_WIDTH);
  upper = isSigned ? signed(upperBits, width - WORD_WIDTH) : upperBits;
  // The last 32 bits of the field: what the last word has of them, below those that it leaves to the bytes before it.
  const last = field.view.getInt32(field.start + leading);
  lower = fieldCut === 0 ? last >>> 0 : ((last >>> fieldCut) | (bits << (WORD_WIDTH - fieldCut))) >>> 0;
}

function writeParts(width: number): void {
  const leading = fieldBytes - 4;
  const cut = POWERS[fieldCut];
  const bits = leadingBytes(leading);
  const upperBits = upper < 0 ? upper + POWERS[width - WORD_WIDTH] : upper;
  const overlap = Math.floor(bits / cut) * cut - bits + Math.floor((lower * cut) / WORD);
  const last = field.view.getInt32(field.start + leading);
  field.view.setInt32(field.start + leading, (lower << fieldCut) | (last & (cut - 1)));
  setLeadingBytes(leading, bits + (upperBits - cutOut(bits, width - WORD_WIDTH)) * cut + overlap);
}

/** A wider field; not exact where that is no safe integer. */
function readWide(width: number, isSigned: boolean): number {
  readParts(width, isSigned);
  return upper * WORD + lower;
}

/** Writes a safe integer that is in the field's range. */
function writeWide(width: number, value: number): void {
  upper = Math.floor(value / WORD);
  lower = value - upper * WORD;
  writeParts(width);
}

function readWide64(width: number, isSigned: boolean): bigint {
  readParts(width, isSigned);
  parts.setInt32(0, upper);
  parts.setInt32(4, lower);
  return parts.getBigInt64(0);
}

function writeWide64(width: number, value: bigint): void {
  parts.setBigInt64(0, value);
  upper = parts.getInt32(0);
  lower = parts.getUint32(4);
  writeParts(width);
}

// --- rows

/** BITFIELD writes only with SET or INCRBY; a sub-command that cannot be parsed says nothing. */
function keyFlagsOfBitField(args: Args, offset: number): readonly string[] {
  for (let i = offset + 2; i < args.count; ) {
    const rest = args.count - i - 1;
    if (args.is(i, 'GET') && rest >= 2) i += 3;
    else if (args.is(i, 'OVERFLOW') && rest >= 1) i += 2;
    else return ['RW', 'access', 'update'];
  }
  return ['RO', 'access'];
}

export const bitFieldCommands: readonly CommandRow[] = [
  {
    name: 'bitfield',
    summary: 'Reads, sets and increments integers of any width at any bit of a string.',
    group: 'bitmap',
    complexity: 'O(1) for each operation',
    arity: -2,
    flags: ['write', 'denyoom'],
    keys: [oneKey(1, 'RW', 'access', 'update', 'variable_flags')],
    keyFlags: keyFlagsOfBitField,
    arguments: [
      arg.key(),
      arg.optional(
        arg.multiple(
          arg.oneOf('operation', [
            arg.block('get-block', [arg.string('encoding'), arg.integer('offset')], { token: 'GET' }),
            arg.block('write', [
              arg.option(
                'OVERFLOW',
                arg.oneOf('overflow-block', [arg.token('WRAP'), arg.token('SAT'), arg.token('FAIL')]),
              ),
              arg.oneOf('write-operation', [
                arg.block('set-block', [arg.string('encoding'), arg.integer('offset'), arg.integer('value')], {
                  token: 'SET',
                }),
                arg.block('incrby-block', [arg.string('encoding'), arg.integer('offset'), arg.integer('increment')], {
                  token: 'INCRBY',
                }),
              ]),
            ]),
          ]),
        ),
      ),
    ],
    run: bitField,
  },
  {
    name: 'bitfield_ro',
    summary: 'Reads integers of any width at any bit of a string.',
    group: 'bitmap',
    complexity: 'O(1) for each operation',
    arity: -2,
    flags: ['readonly', 'fast'],
    keys: [oneKey(1, 'RO', 'access')],
    arguments: [
      arg.key(),
      arg.option(
        'GET',
        arg.multiple(arg.block('get-block', [arg.string('encoding'), arg.integer('offset')], { multipleToken: true })),
      ),
    ],
    run: bitFieldRo,
  },
];
