/** Ids of entries as clients write them: `1526919030474-55`, without a sequence number, or `-` and `+` for the ends. */

import { Id } from '../../memory/id-tree.js';
import { Slice } from '../../memory/slice.js';
import type { Args } from '../../protocol/args.js';
import * as errors from '../../protocol/errors.js';
import { integerLength, writeInteger } from '../../text/numbers.js';

const WORD = 0x1_0000_0000;
const LAST_WORD = 0xffff_ffff;
const BILLION = 1_000_000_000;
/** Digits that a double holds exactly, whatever they are. */
const EXACT_DIGITS = 15;
const DASH = 0x2d;
const OPENING = 0x28;
/** Redis reads ids of up to so many bytes. */
const LONGEST_TEXT = 127;
/** Two numbers of 20 digits and what stands between them. */
const MAX_ID_TEXT = 41;

export const ZERO: Id = new Id();
export const LAST: Id = new Id().set(LAST_WORD, LAST_WORD, LAST_WORD, LAST_WORD);

/** What a sequence number is taken for that is not written. */
export type MissingSequence = 0 | typeof LAST_WORD;
const LAST_SEQUENCE = LAST_WORD;

// What readUnsigned() read.
let high = 0;
let low = 0;

/** Reads an unsigned number of 64 bits; false if it is none. */
function readUnsigned(bytes: Buffer, start: number, end: number): boolean {
  const digits = end - start;
  if (digits <= 0 || digits > EXACT_DIGITS) return readUnsignedText(bytes.toString('latin1', start, end));
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at] - 0x30;
    if (digit < 0 || digit > 9) return readUnsignedText(bytes.toString('latin1', start, end));
    value = value * 10 + digit;
  }
  high = Math.floor(value / WORD);
  low = value >>> 0;
  return true;
}

/**
 * What is not plain digits goes through strtoull() in Redis: blanks and a sign before them, negative numbers from the
 * end.
 */
const UNSIGNED = /^[\t-\r ]*([+-]?)(\d+)$/;
const NEGATIVE_INTEGER = /^-[1-9]\d{0,18}$/;

function readUnsignedText(text: string): boolean {
  const [, sign, digits] = UNSIGNED.exec(text) ?? [];
  if (digits === undefined || (NEGATIVE_INTEGER.test(text) && BigInt(text) >= -(2n ** 63n))) return false;
  const magnitude = BigInt(digits);
  if (magnitude >= 2n ** 64n) return false;
  const value = BigInt.asUintN(64, sign === '-' ? -magnitude : magnitude);
  high = Number(value >> 32n);
  low = Number(value & 0xffff_ffffn);
  return true;
}

/** Reads `ms` or `ms-seq`; false if it is neither. */
function parseId(bytes: Buffer, start: number, end: number, into: Id, missing: MissingSequence): boolean {
  if (end - start > LONGEST_TEXT) return false;
  // Redis reads it as a C string.
  for (let at = start; at < end; at++) if (bytes[at] === 0) end = at;
  let dash = start;
  while (dash < end && bytes[dash] !== DASH) dash++;
  if (!readUnsigned(bytes, start, dash)) return false;
  const msHigh = high;
  const msLow = low;
  if (dash === end) {
    into.set(msHigh, msLow, missing, missing);
    return true;
  }
  if (!readUnsigned(bytes, dash + 1, end)) return false;
  into.set(msHigh, msLow, high, low);
  return true;
}

/** The id in argument i, which is neither end. */
export function readId(args: Args, i: number, into: Id, missing: MissingSequence = 0): Id {
  if (!parseId(args.bytes, args.starts[i], args.ends[i], into, missing)) throw errors.INVALID_STREAM_ID;
  return into;
}

/** The same, or one of the two ends of all ids: `-` or `+`. */
export function readIdOrEnd(args: Args, i: number, into: Id, missing: MissingSequence = 0): Id {
  if (args.equals(i, '-')) return into.setFrom(ZERO);
  if (args.equals(i, '+')) return into.setFrom(LAST);
  return readId(args, i, into, missing);
}

/** Whether argument i is `ms-*`, whose milliseconds are then in `into`. */
export function readPartialId(args: Args, i: number, into: Id): boolean {
  const { bytes } = args;
  const start = args.starts[i];
  const end = args.ends[i];
  if (end - start < 3 || end - start > LONGEST_TEXT || bytes[end - 1] !== 0x2a || bytes[end - 2] !== DASH) return false;
  for (let at = start; at < end - 2; at++) if (bytes[at] === DASH) return false;
  if (!readUnsigned(bytes, start, end - 2)) return false;
  into.set(high, low, 0, 0);
  return true;
}

/** A bound of a range in argument i: an id, an end, or an exclusive bound, `(` before an id. */
export function readBound(args: Args, i: number, into: Id, isStart: boolean): Id {
  const { bytes } = args;
  const start = args.starts[i];
  const missing = isStart ? 0 : LAST_SEQUENCE;
  if (args.length(i) < 2 || bytes[start] !== OPENING) return readIdOrEnd(args, i, into, missing);
  if (!parseId(bytes, start + 1, args.ends[i], into, missing)) throw errors.INVALID_STREAM_ID;
  if (isStart && !increment(into)) throw errors.STREAM_RANGE_START;
  if (!isStart && !decrement(into)) throw errors.STREAM_RANGE_END;
  return into;
}

/** The id after; false if there is none. */
export function increment(id: Id): boolean {
  if (id.compare(LAST) === 0) return false;
  id.seqLow = (id.seqLow + 1) >>> 0;
  if (id.seqLow !== 0) return true;
  id.seqHigh = (id.seqHigh + 1) >>> 0;
  if (id.seqHigh !== 0) return true;
  id.msLow = (id.msLow + 1) >>> 0;
  if (id.msLow === 0) id.msHigh++;
  return true;
}

/** The id before; false if there is none. */
export function decrement(id: Id): boolean {
  if (id.compare(ZERO) === 0) return false;
  id.seqLow = (id.seqLow - 1) >>> 0;
  if (id.seqLow !== LAST_WORD) return true;
  id.seqHigh = (id.seqHigh - 1) >>> 0;
  if (id.seqHigh !== LAST_WORD) return true;
  id.msLow = (id.msLow - 1) >>> 0;
  if (id.msLow === LAST_WORD) id.msHigh--;
  return true;
}

/** The id `ms-0`. */
export function setMilliseconds(id: Id, milliseconds: number): Id {
  return id.set(Math.floor(milliseconds / WORD), milliseconds >>> 0, 0, 0);
}

/** Writes `ms-seq`, at most MAX_ID_TEXT bytes, and returns the position after it. */
function writeId(bytes: Buffer, position: number, id: Id): number {
  return writeUnsigned(bytes, writeMilliseconds(bytes, position, id), id.seqHigh, id.seqLow);
}

/** Writes `ms-`. */
function writeMilliseconds(bytes: Buffer, position: number, id: Id): number {
  position = writeUnsigned(bytes, position, id.msHigh, id.msLow);
  bytes[position++] = DASH;
  return position;
}

function writeUnsigned(bytes: Buffer, position: number, upper: number, lower: number): number {
  if (upper === 0 && lower < BILLION) return writeInteger(bytes, position, lower);
  if (upper >= 0x20_0000) {
    return position + bytes.write(String((BigInt(upper) << 32n) | BigInt(lower)), position, 'latin1');
  }
  // In two parts that int32s hold, for the sake of writeInteger()'s fast way. The lower part is written with a one
  // before it, which keeps its zeros; the upper part's last digit then takes its place.
  const value = upper * WORD + lower;
  const billions = Math.floor(value / BILLION);
  const end = writeInteger(bytes, position + integerLength(billions) - 1, BILLION + (value - billions * BILLION));
  writeInteger(bytes, position, billions);
  return end;
}

/** Points a slice over at least MAX_ID_TEXT bytes at the text of an id, which is written from its start on. */
export function idText(id: Id, into: Slice): Slice {
  into.end = writeId(into.bytes, into.start, id);
  return into;
}

/** Texts of ids that mostly have the milliseconds of the one before, whose digits stay where they are. */
export class SuccessiveIdTexts {
  private readonly text = Slice.of(idTextRoom());
  private msHigh = 0;
  private msLow = 0;
  /** Where the sequence number begins; 0 before the first text. */
  private sequenceAt = 0;

  /** The text of an id, valid until the next. */
  of(id: Id): Slice {
    const { text } = this;
    if (this.sequenceAt === 0 || id.msLow !== this.msLow || id.msHigh !== this.msHigh) {
      this.msHigh = id.msHigh;
      this.msLow = id.msLow;
      this.sequenceAt = writeMilliseconds(text.bytes, 0, id);
    }
    text.end = writeUnsigned(text.bytes, this.sequenceAt, id.seqHigh, id.seqLow);
    return text;
  }
}

/** Bytes for idText(). */
export function idTextRoom(): Buffer {
  return Buffer.alloc(MAX_ID_TEXT);
}

export function idString(id: Id): string {
  const bytes = idTextRoom();
  return bytes.toString('latin1', 0, writeId(bytes, 0, id));
}

/** A half of an id as a number of 64 bits. */
export function toBigInt(upper: number, lower: number): bigint {
  return (BigInt(upper) << 32n) | BigInt(lower);
}
