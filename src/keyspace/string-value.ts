/**
 * Strings: how a key's entry holds one, and every way to read and change it.
 *
 * - INT: the decimal text of an int64, as Redis prints it. OBJECT ENCODING says `int`; the bytes are text all the same,
 *   so that GET copies them as they are.
 * - EMBSTR: up to 44 bytes, as they were set. RAW: longer, or changed in place since (APPEND, SETRANGE). Both are in the
 *   entry.
 * - ROPE: what does not fit an entry; the entry holds the rope's root. To clients this is `raw`.
 *
 * The references given are of entries that hold strings. A function that may move the entry returns where it is now or
 * what the caller wants to know of it; the reference it was given is void.
 */

import type { Ref } from '../memory/arena.js';
import { ROPE_ROOT } from '../memory/entry-layout.js';
import type { Rope } from '../memory/rope.js';
import { copySlice, Slice, viewOf } from '../memory/slice.js';
import type { ReplyWriter } from '../protocol/reply-writer.js';
import { parseInteger, parseInteger64, writeInteger } from '../text/numbers.js';
import { Database } from './database.js';
import { Encoding, NO_DEADLINE, Type } from './types.js';

export const MAX_EMBSTR_LENGTH = 44;

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
  return db.encodingOf(ref) === Encoding.ROPE ? ropeOf(db, ref).length : db.valueOf(ref, value).length;
}

export function replyString(reply: ReplyWriter, db: Database, ref: Ref): void {
  if (db.encodingOf(ref) === Encoding.ROPE) replyStringRange(reply, db, ref, 0, stringLength(db, ref));
  else reply.bulk(db.valueOf(ref, value));
}

/** The bytes from `from` up to, not including, `to`; both lie within the string. */
export function replyStringRange(reply: ReplyWriter, db: Database, ref: Ref, from: number, to: number): void {
  if (db.encodingOf(ref) !== Encoding.ROPE) {
    db.valueOf(ref, value);
    reply.bulkRange(value.bytes, value.view, value.start + from, to - from);
    return;
  }
  const rope = ropeOf(db, ref);
  reply.bulkHeader(to - from);
  for (let at = from; at < to; at += window.length) reply.rawSlice(rope.window(at, to, window));
  reply.bulkEnd();
}

/**
 * The bytes from `from` to `to` as far as they lie together: walk a range with
 * `for (let at = from; at < to; at += into.length) stringWindow(db, ref, at, to, into)`.
 */
export function stringWindow(db: Database, ref: Ref, from: number, to: number, into: Slice): Slice {
  if (db.encodingOf(ref) === Encoding.ROPE) return ropeOf(db, ref).window(from, to, into);
  db.valueOf(ref, into);
  into.end = into.start + to;
  into.start += from;
  return into;
}

/** Points `into` at the byte at a position; false if the string ends before it. */
export function stringByte(db: Database, ref: Ref, at: number, into: Slice): boolean {
  if (db.encodingOf(ref) !== Encoding.ROPE) {
    db.valueOf(ref, into);
    into.start += at;
    return into.start < into.end;
  }
  const rope = ropeOf(db, ref);
  if (at >= rope.length) return false;
  rope.window(at, at + 1, into);
  return true;
}

/** A copy of the whole string. */
export function stringBytes(db: Database, ref: Ref): Buffer {
  return db.encodingOf(ref) === Encoding.ROPE ? ropeOf(db, ref).toBuffer() : db.valueOf(ref, value).toBuffer();
}

/** The int64 that the string is the text of, NaN if it is not. Exact where it is a safe integer, else stringInteger64. */
export function stringInteger(db: Database, ref: Ref): number {
  if (db.encodingOf(ref) === Encoding.ROPE) return Number.NaN;
  db.valueOf(ref, value);
  return parseInteger(value.bytes, value.start, value.end);
}

export function stringInteger64(db: Database, ref: Ref): bigint | undefined {
  if (db.encodingOf(ref) === Encoding.ROPE) return undefined;
  db.valueOf(ref, value);
  return parseInteger64(value.bytes, value.start, value.end);
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
  encoding: Encoding = encodingFor(content),
): Ref {
  const length = content.end - content.start;
  if (length > Database.inlineRoom(key.end - key.start)) return setRope(db, key, ref, content, deadline);
  ref = db.overwrite(key, ref, Type.STRING, encoding, length, deadline);
  db.valueOf(ref, value);
  copySlice(content, value.bytes, value.view, value.start);
  return ref;
}

function setRope(db: Database, key: Slice, ref: Ref, content: Slice, deadline: number): Ref {
  reserveFor(db, content.length);
  ref = db.overwrite(key, ref, Type.STRING, Encoding.ROPE, ROPE_ROOT, deadline);
  const rope = db.rope.reset();
  rope.append(content);
  storeRoot(db, ref, rope);
  return ref;
}

/** Sets a key (`ref` is its string, 0 if there is none) to an integer's text; a deadline stays. */
export function setInteger(db: Database, key: Slice, ref: Ref, integer: number | bigint): void {
  digits.end =
    typeof integer === 'number' ? writeInteger(digitBytes, 0, integer) : digitBytes.write(String(integer), 0, 'latin1');
  if (ref === 0) ref = db.create(key, Type.STRING, Encoding.INT, digits.end);
  else ref = db.resize(ref, Encoding.INT, digits.end);
  db.valueOf(ref, value);
  copySlice(digits, value.bytes, value.view, value.start);
}

/**
 * Writes into a key's string (`ref`, 0 if there is none) at a position, lengthening it as needed; a gap becomes zeros.
 * The string is RAW from then on. Returns its length.
 */
export function writeString(db: Database, key: Slice, ref: Ref, position: number, content: Slice): number {
  reserveFor(db, content.length);
  if (ref === 0) ref = db.create(key, Type.STRING, Encoding.RAW, 0);
  const oldLength = stringLength(db, ref);
  const length = Math.max(oldLength, position + content.length);
  let encoding = db.encodingOf(ref);
  if (encoding !== Encoding.ROPE && length > Database.inlineRoom(key.length)) {
    ref = turnIntoRope(db, ref);
    encoding = Encoding.ROPE;
  }
  if (encoding === Encoding.ROPE) {
    const rope = ropeOf(db, ref);
    rope.write(position, content);
    storeRoot(db, ref, rope);
    return length;
  }
  ref = db.resize(ref, Encoding.RAW, length);
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
  if (ref === 0) ref = db.create(key, Type.STRING, Encoding.RAW, 0);
  const encoding = db.encodingOf(ref);
  if (encoding === Encoding.ROPE) {
    lengthenRope(db, ref, length);
    return ref;
  }
  const oldLength = db.valueOf(ref, value).length;
  if (length <= oldLength) return encoding === Encoding.RAW ? ref : db.resize(ref, Encoding.RAW, oldLength);
  if (length > Database.inlineRoom(key.length)) {
    ref = turnIntoRope(db, ref);
    lengthenRope(db, ref, length);
    return ref;
  }
  ref = db.resize(ref, Encoding.RAW, length);
  db.valueOf(ref, value);
  value.bytes.fill(0, value.start + oldLength, value.end);
  return ref;
}

/** Like stringWindow(), for changing bytes in place. The string is RAW (stretchString) and stays as long as it is. */
export function writableStringWindow(db: Database, ref: Ref, from: number, to: number, into: Slice): Slice {
  if (db.encodingOf(ref) === Encoding.ROPE) return ropeOf(db, ref).writableWindow(from, to, into);
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

// --- encodings

/** What Redis makes of a value that is set as a whole. */
export function encodingFor(content: Slice): Encoding {
  if (isInt64(content)) return Encoding.INT;
  return textEncodingFor(content.end - content.start);
}

/** The same for a value that is not to be taken for an integer. */
export function textEncodingFor(length: number): Encoding {
  return length <= MAX_EMBSTR_LENGTH ? Encoding.EMBSTR : Encoding.RAW;
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

/** The database's cursor, at the rope of an entry. */
function ropeOf(db: Database, ref: Ref): Rope {
  db.valueOf(ref, value);
  return db.rope.load(value.view, value.start);
}

function storeRoot(db: Database, ref: Ref, rope: Rope): void {
  db.arena.writable(ref);
  db.valueOf(ref, value);
  rope.store(value.view, value.start);
}

function lengthenRope(db: Database, ref: Ref, length: number): void {
  const rope = ropeOf(db, ref);
  if (length <= rope.length) return;
  rope.resize(length);
  storeRoot(db, ref, rope);
}

function turnIntoRope(db: Database, ref: Ref): Ref {
  const rope = db.rope.reset();
  rope.append(db.valueOf(ref, value));
  ref = db.resize(ref, Encoding.ROPE, ROPE_ROOT);
  storeRoot(db, ref, rope);
  return ref;
}
