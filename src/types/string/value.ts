/**
 * Strings: how a key's entry holds one, and every way to read and change it.
 *
 * INT is text all the same, so that GET copies the bytes as they are. RAW is what was too long for EMBSTR, or was
 * changed in place since (APPEND, SETRANGE). A string that does not fit its entry is a ROPE.
 *
 * The references given are of entries that hold strings. A function that may move the entry returns where it is now or
 * what the caller wants to know of it; the reference it was given is void.
 */

import { CursorPool } from '../../keyspace/cursor-pool.js';
import type { Database } from '../../keyspace/database.js';
import { NO_DEADLINE } from '../../keyspace/types.js';
import type { Ref } from '../../memory/arena.js';
import type { ByteSink } from '../../memory/byte-sink.js';
import { inlineRoom, ROPE_ROOT } from '../../memory/entry-layout.js';
import { Rope } from '../../memory/rope.js';
import { copySlice, Slice, viewOf } from '../../memory/slice.js';
import { integerLength, parseInteger, parseInteger64, writeInteger } from '../../text/numbers.js';

/** The id of the type. */
export const STRING = 0;

export const StringKind = {
  /** The text of an int64, as it would be printed. */
  INT: 0,
  /** At most 44 bytes, as they were set. */
  EMBSTR: 1,
  RAW: 2,
  /** Outside of the entry. To clients it is raw. */
  ROPE: 3,
} as const;
export type StringKind = (typeof StringKind)[keyof typeof StringKind];

declare module '../../keyspace/database.js' {
  interface KeyspaceLimits {
    /** Bytes of the longest string that a command may build. */
    protoMaxBulkLength: number;
    /** Bytes of the longest HyperLogLog that is sparse. */
    hllSparseMaxBytes: number;
  }
}

const MAX_EMBSTR_LENGTH = 44;

/** Digits of an int64, with its sign. */
const MAX_INTEGER_LENGTH = 20;
const INT64_MAX_DIGITS = '9223372036854775807';
const INT64_MIN_DIGITS = '9223372036854775808';

/** Writes of this size may need pages of their own: whether there are any is asked beforehand. */
const RESERVE_FROM = 16 * 1024;

const value = new Slice();
const window = new Slice();
const digitBytes = Buffer.alloc(MAX_INTEGER_LENGTH + 4);
const digits = new Slice(digitBytes, viewOf(digitBytes), 0, 0);

// --- reading

export function stringLength(db: Database, ref: Ref): number {
  return db.kindOf(ref) === StringKind.ROPE ? ropeOf(db, ref).length : db.valueOf(ref, value).length;
}

export function writeWholeString(sink: ByteSink, db: Database, ref: Ref): void {
  if (db.kindOf(ref) === StringKind.ROPE) writeStringRange(sink, db, ref, 0, stringLength(db, ref));
  else sink.bulk(db.valueOf(ref, value));
}

/** The bytes from `from` up to, not including, `to`; both lie within the string. */
export function writeStringRange(sink: ByteSink, db: Database, ref: Ref, from: number, to: number): void {
  if (db.kindOf(ref) !== StringKind.ROPE) {
    db.valueOf(ref, value);
    sink.bulkRange(value.bytes, value.view, value.start + from, to - from);
    return;
  }
  const rope = ropeOf(db, ref);
  sink.bulkHeader(to - from);
  for (let at = from; at < to; at += window.length) sink.rawSlice(rope.window(at, to, window));
  sink.bulkEnd();
}

/**
 * The bytes from `from` to `to` as far as they lie together: walk a range with
 * `for (let at = from; at < to; at += into.length) stringWindow(db, ref, at, to, into)`.
 */
export function stringWindow(db: Database, ref: Ref, from: number, to: number, into: Slice): Slice {
  if (db.kindOf(ref) === StringKind.ROPE) return ropeOf(db, ref).window(from, to, into);
  db.valueOf(ref, into);
  into.end = into.start + to;
  into.start += from;
  return into;
}

/** Points `into` at the byte at a position; false if the string ends before it. */
export function stringByte(db: Database, ref: Ref, at: number, into: Slice): boolean {
  if (db.kindOf(ref) !== StringKind.ROPE) {
    db.valueOf(ref, into);
    into.start += at;
    return into.start < into.end;
  }
  const rope = ropeOf(db, ref);
  if (at >= rope.length) return false;
  rope.window(at, at + 1, into);
  return true;
}

/**
 * Whether the string is one that was changed in place, or too long for anything else: writing into it leaves its kind.
 */
export function isRaw(db: Database, ref: Ref): boolean {
  return db.kindOf(ref) >= StringKind.RAW;
}

/** A copy of the whole string. */
export function stringBytes(db: Database, ref: Ref): Buffer {
  return db.kindOf(ref) === StringKind.ROPE ? ropeOf(db, ref).toBuffer() : db.valueOf(ref, value).toBuffer();
}

/**
 * The int64 that the string is the text of, NaN if it is not. Exact where it is a safe integer, else stringInteger64.
 */
export function stringInteger(db: Database, ref: Ref): number {
  if (db.kindOf(ref) === StringKind.ROPE) return Number.NaN;
  db.valueOf(ref, value);
  return parseInteger(value.bytes, value.start, value.end);
}

export function stringInteger64(db: Database, ref: Ref): bigint | undefined {
  if (db.kindOf(ref) === StringKind.ROPE) return undefined;
  db.valueOf(ref, value);
  return parseInteger64(value.bytes, value.start, value.end);
}

/** Redis shares the integers from 0 up to this among all keys, and reports a reference count that says so. */
const SHARED_INTEGERS = 10_000;
const SHARED_REFERENCE_COUNT = 2_147_483_647;

export function referenceCount(db: Database, ref: Ref): number {
  if (db.kindOf(ref) !== StringKind.INT) return 1;
  const integer = stringInteger(db, ref);
  return integer >= 0 && integer < SHARED_INTEGERS ? SHARED_REFERENCE_COUNT : 1;
}

// --- setting

/**
 * Sets a key (`ref` is its entry of whatever type, 0 if there is none) to a string. The deadline is a time, NO_DEADLINE
 * or KEEP_DEADLINE.
 */
export function setString(
  db: Database,
  key: Slice,
  ref: Ref,
  content: Slice,
  deadline: number = NO_DEADLINE,
  kind: StringKind = kindFor(content),
): Ref {
  const length = content.end - content.start;
  if (length > inlineRoom(key.end - key.start)) return setRope(db, key, ref, content, deadline);
  ref = db.overwrite(key, ref, kind, length, deadline);
  db.valueOf(ref, value);
  copySlice(content, value.bytes, value.view, value.start);
  return ref;
}

function setRope(db: Database, key: Slice, ref: Ref, content: Slice, deadline: number): Ref {
  reserveFor(db, content.length);
  ref = db.overwrite(key, ref, StringKind.ROPE, ROPE_ROOT, deadline);
  const rope = ropes(db).reset();
  rope.append(content);
  storeRope(db, ref, rope);
  return ref;
}

/**
 * Sets a key to what a rope holds, which changes hands: a string that is longer than its entry has room for. `ref` and
 * the deadline as for setString().
 */
export function setToRope(db: Database, key: Slice, ref: Ref, rope: Rope, deadline: number = NO_DEADLINE): Ref {
  ref = db.overwrite(key, ref, StringKind.ROPE, ROPE_ROOT, deadline);
  storeRope(db, ref, rope);
  return ref;
}

/**
 * Sets a key to `length` bytes that are RAW and lie in its entry, and are still to be written: `into` points at them.
 */
export function setToRoom(db: Database, key: Slice, ref: Ref, length: number, into: Slice): Ref {
  ref = db.overwrite(key, ref, StringKind.RAW, length);
  db.valueOf(ref, into);
  return ref;
}

/** Sets a key (`ref` is its string, 0 if there is none) to an integer's text; a deadline stays. */
export function setInteger(db: Database, key: Slice, ref: Ref, integer: number | bigint): void {
  if (ref !== 0 && typeof integer === 'number' && replaceInteger(db, ref, integer)) return;
  digits.end =
    typeof integer === 'number' ? writeInteger(digitBytes, 0, integer) : digitBytes.write(String(integer), 0, 'latin1');
  if (ref === 0) ref = db.create(key, StringKind.INT, digits.end);
  else ref = db.resize(ref, StringKind.INT, digits.end);
  db.valueOf(ref, value);
  copySlice(digits, value.bytes, value.view, value.start);
}

/** Writes an integer over another whose text is as long, as it mostly is where somebody counts; false if it is not. */
function replaceInteger(db: Database, ref: Ref, integer: number): boolean {
  // Lengths of larger ones are not told without writing them.
  if ((integer | 0) !== integer || db.kindOf(ref) !== StringKind.INT) return false;
  db.arena.writable(ref);
  db.valueOf(ref, value);
  if (integerLength(integer) !== value.end - value.start) return false;
  writeInteger(value.bytes, value.start, integer);
  return true;
}

/**
 * Writes into a key's string (`ref`, 0 if there is none) at a position, lengthening it as needed; a gap becomes zeros.
 * The string is RAW from then on. Returns its length.
 */
export function writeString(db: Database, key: Slice, ref: Ref, position: number, content: Slice): number {
  reserveFor(db, content.length);
  if (ref === 0) ref = db.create(key, StringKind.RAW, 0);
  const oldLength = stringLength(db, ref);
  const length = Math.max(oldLength, position + content.length);
  let isRope = db.kindOf(ref) === StringKind.ROPE;
  if (!isRope && length > inlineRoom(key.length)) {
    ref = turnIntoRope(db, ref);
    isRope = true;
  }
  if (isRope) {
    const rope = ropeOf(db, ref);
    rope.write(position, content);
    rope.save();
    return length;
  }
  ref = db.resize(ref, StringKind.RAW, length);
  db.valueOf(ref, value);
  if (position > oldLength) value.bytes.fill(0, value.start + oldLength, value.start + position);
  copySlice(content, value.bytes, value.view, value.start + position);
  return length;
}

/**
 * Makes a key's string (`ref`, 0 if there is none) at least so long, with zeros, and RAW, for writing in place. Returns
 * where the entry is now.
 */
export function stretchString(db: Database, key: Slice, ref: Ref, length: number): Ref {
  if (ref === 0) ref = db.create(key, StringKind.RAW, 0);
  const kind = db.kindOf(ref);
  if (kind === StringKind.ROPE) {
    lengthenRope(db, ref, length);
    return ref;
  }
  const oldLength = db.valueOf(ref, value).length;
  if (length <= oldLength) return kind === StringKind.RAW ? ref : db.resize(ref, StringKind.RAW, oldLength);
  if (length > inlineRoom(key.length)) {
    ref = turnIntoRope(db, ref);
    lengthenRope(db, ref, length);
    return ref;
  }
  ref = db.resize(ref, StringKind.RAW, length);
  db.valueOf(ref, value);
  value.bytes.fill(0, value.start + oldLength, value.end);
  return ref;
}

/** Like stringWindow(), for changing bytes in place. The string is RAW (stretchString) and stays as long as it is. */
export function writableStringWindow(db: Database, ref: Ref, from: number, to: number, into: Slice): Slice {
  if (db.kindOf(ref) === StringKind.ROPE) return ropeOf(db, ref).writableWindow(from, to, into);
  db.arena.writable(ref);
  return stringWindow(db, ref, from, to, into);
}

/**
 * Throws OutOfMemoryError unless there is room for `length` bytes more; for commands that write several strings, which
 * must not fail between them.
 */
export function reserveFor(db: Database, length: number): void {
  if (length > RESERVE_FROM) db.arena.reserve(length + RESERVE_FROM);
}

// --- kinds

/** What Redis makes of a value that is set as a whole. */
function kindFor(content: Slice): StringKind {
  if (isInt64(content)) return StringKind.INT;
  return textKindFor(content.end - content.start);
}

/** The same for a value that is not to be taken for an integer. */
export function textKindFor(length: number): StringKind {
  return length <= MAX_EMBSTR_LENGTH ? StringKind.EMBSTR : StringKind.RAW;
}

/** Whether the bytes are an int64's canonical text: what it would be printed as. */
function isInt64(content: Slice): boolean {
  const bytes = content.bytes;
  const end = content.end;
  let at = content.start;
  if (end - at > MAX_INTEGER_LENGTH || at === end) return false;
  const negative = bytes[at] === 0x2d;
  if (negative) at++;
  const first = bytes[at] - 0x30;
  const count = end - at;
  if (first <= 0 || count === 0) return first === 0 && count === 1 && !negative;
  for (let position = at; position < end; position++) {
    const digit = bytes[position] - 0x30;
    if (digit < 0 || digit > 9) return false;
  }
  if (count !== INT64_MAX_DIGITS.length) return count < INT64_MAX_DIGITS.length;
  const limit = negative ? INT64_MIN_DIGITS : INT64_MAX_DIGITS;
  for (let i = 0; i < count; i++) {
    const difference = bytes[at + i] - limit.charCodeAt(i);
    if (difference !== 0) return difference < 0;
  }
  return true;
}

// --- ropes

/** The cursor over this database's ropes; valid until its next use, which any function here may be. */
function ropes(db: Database): Rope {
  return ((db.pools[STRING] ??= new CursorPool(db.arena, () => new Rope(db.arena))) as CursorPool<Rope>).brief;
}

/** The cursor, at the rope of an entry. What changes the rope is followed by save(). */
export function ropeOf(db: Database, ref: Ref): Rope {
  return ropes(db).open(ref, db.valueOffset(ref));
}

function storeRope(db: Database, ref: Ref, rope: Rope): void {
  db.arena.writable(ref);
  db.valueOf(ref, value);
  rope.store(value.view, value.start);
}

function lengthenRope(db: Database, ref: Ref, length: number): void {
  const rope = ropeOf(db, ref);
  if (length <= rope.length) return;
  rope.resize(length);
  rope.save();
}

function turnIntoRope(db: Database, ref: Ref): Ref {
  const rope = ropes(db).reset();
  rope.append(db.valueOf(ref, value));
  ref = db.resize(ref, StringKind.ROPE, ROPE_ROOT);
  storeRope(db, ref, rope);
  return ref;
}
