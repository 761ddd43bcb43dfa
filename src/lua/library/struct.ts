/**
 * The library `struct`: values as C lays them out in memory.
 *
 *     b B  char, signed and unsigned      i I  int, or with a number after it that many bytes
 *     h H  short                          f d  float and double
 *     l L  long                           s    a string and a NUL
 *     T    size_t                         c    one byte of a string, or as many as the number after it says;
 *     x    a byte that says nothing            c0 is a string as long as it is, or as the number before it says
 *     < >  from here on little endian, big endian
 *     !    from here on aligned, to no more than the number after it
 */

import { argumentError, libraryError } from '../runtime/errors.js';
import { tick } from '../runtime/limits.js';
import { toNumber } from '../runtime/numbers.js';
import { Table } from '../runtime/table.js';
import type { Results, Value } from '../runtime/value.js';
import { checkNumber, checkString, optionalInteger, toInt64 } from './arguments.js';
import { ByteWriter } from './byte-writer.js';
import { C_STACK_SLOTS } from './c-stack.js';
import { type FloatSize, floatBytes, putFloat, takeFloat } from './floats.js';

export function openStruct(): Table {
  const struct = new Table(0, 3);
  struct.setString('pack', pack);
  struct.setString('unpack', unpack);
  struct.setString('size', size);
  return struct;
}

const INT_BYTES = 4;
const MOST_INT_BYTES = 32;
const STANDARD_ALIGNMENT = 8;
const INT_MAX = 2 ** 31 - 1;
const SIZES: Record<string, number> = { b: 1, B: 1, h: 2, H: 2, l: 8, L: 8, T: 8, f: 4, d: 8, x: 1 };

/** A format on its way from option to option. */
class Format {
  /** The option that was read last, and how many bytes it takes where that is fixed. */
  option = '';
  size = 0;
  isLittleEndian = true;
  private alignment = 1;
  private position = 0;
  private readonly text: string;

  constructor(text: string) {
    const nul = text.indexOf('\0');
    this.text = nul < 0 ? text : text.slice(0, nul);
  }

  /** Reads the next option; false at the end. */
  next(): boolean {
    if (this.position === this.text.length) return false;
    tick();
    this.option = this.text[this.position++];
    this.size = this.readSize();
    return true;
  }

  private readSize(): number {
    switch (this.option) {
      case 'c':
        return this.readNumber(1);
      case 'i':
      case 'I': {
        const bytes = this.readNumber(INT_BYTES);
        if (bytes > MOST_INT_BYTES) {
          libraryError(`integral size ${bytes} is larger than limit of ${MOST_INT_BYTES}`);
        }
        return bytes;
      }
      default:
        return SIZES[this.option] ?? 0;
    }
  }

  private readNumber(standard: number): number {
    const { text } = this;
    if (!isDigit(text.charCodeAt(this.position))) return standard;
    let number = 0;
    for (; isDigit(text.charCodeAt(this.position)); this.position++) {
      number = number * 10 + text.charCodeAt(this.position) - 0x30;
      if (number > INT_MAX) libraryError('integral size overflow');
    }
    return number;
  }

  /** Bytes between a place and where the option's value goes. What is no power of two has strange places, as in C. */
  padding(place: number): number {
    if (this.size === 0 || this.option === 'c') return 0;
    const alignment = Math.min(this.size, this.alignment);
    return alignment > 1 ? (alignment - (place & (alignment - 1))) & (alignment - 1) : 0;
  }

  /** Does what an option says that stands for no value. */
  control(): void {
    switch (this.option) {
      case ' ':
        break;
      case '<':
      case '>':
        this.isLittleEndian = this.option === '<';
        break;
      case '!': {
        const alignment = this.readNumber(STANDARD_ALIGNMENT);
        if (alignment === 0 || (alignment & (alignment - 1)) !== 0) {
          libraryError(`alignment ${alignment} is not a power of 2`);
        }
        this.alignment = alignment;
        break;
      }
      default:
        argumentError(1, `invalid format option '${this.option}'`);
    }
  }
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** How many bytes a format takes. */
function size(text: Value): number {
  const format = new Format(checkString(text, 1, arguments.length));
  let total = 0;
  while (format.next()) {
    total += format.padding(total) + format.size;
    if (format.option === 's') argumentError(1, "option 's' has no fixed size");
    if (format.option === 'c' && format.size === 0) argumentError(1, "option 'c0' has no fixed size");
    // Letters and digits that are no options are let through.
    if (!/[0-9A-Za-z]/.test(format.option)) format.control();
  }
  return total;
}

const writer = new ByteWriter();

function pack(...values: Value[]): string {
  const format = new Format(checkString(values[0], 1, values.length));
  try {
    let next = 1;
    while (format.next()) {
      for (let count = format.padding(writer.length); count > 0; count--) writer.writeByte(0);
      if (packOption(format, values[next], next + 1)) next++;
    }
    return writer.toString();
  } finally {
    writer.clear();
  }
}

/** Writes what an option says, and returns whether it took the value; a missing one is called nil, as in C. */
function packOption(format: Format, value: Value, n: number): boolean {
  switch (format.option) {
    case 'b':
    case 'B':
    case 'h':
    case 'H':
    case 'l':
    case 'L':
    case 'T':
    case 'i':
    case 'I':
      packInteger(checkNumber(value, n, n), format.size, format.isLittleEndian);
      return true;
    case 'f':
    case 'd':
      putFloat(checkNumber(value, n, n), format.size as FloatSize, format.isLittleEndian);
      for (let index = 0; index < format.size; index++) writer.writeByte(floatBytes[index]);
      return true;
    case 's':
      writer.writeText(checkString(value, n, n));
      writer.writeByte(0);
      return true;
    case 'c': {
      const text = checkString(value, n, n);
      const length = format.size === 0 ? text.length : format.size;
      if (text.length < length) argumentError(n + 1, 'string too short');
      writer.writeText(text.slice(0, length));
      return true;
    }
    case 'x':
      writer.writeByte(0);
      return false;
    default:
      format.control();
      return false;
  }
}

const TWO_32 = 2 ** 32;
const TWO_63 = 2 ** 63;
const TWO_64 = 2 ** 64;

/** A number that is not negative, cut to a uint64 as C does it on x86. */
function toUint64(number: number): number {
  if (number < TWO_64) return Math.trunc(number);
  return Number.isNaN(number) ? TWO_63 : 0;
}

/** The bytes beyond the eighth are 0, also of a negative number. */
function packInteger(number: number, bytes: number, isLittleEndian: boolean): void {
  const whole = number < 0 ? toInt64(number) : toUint64(number);
  const high = Math.floor(whole / TWO_32);
  const low = whole - high * TWO_32;
  for (let index = 0; index < bytes; index++) {
    const place = isLittleEndian ? index : bytes - 1 - index;
    writer.writeByte(place < 4 ? low >>> (place * 8) : place < 8 ? high >>> ((place - 4) * 8) : 0);
  }
}

/** Reads a string from an offset on; the last result is the offset after what was read. */
function unpack(...values: Value[]): Results {
  const count = values.length;
  const format = new Format(checkString(values[0], 1, count));
  const data = checkString(values[1], 2, count);
  const start = optionalInteger(values[2], 3, count, 1);
  if (start === 0) argumentError(3, 'offset must be 1 or greater');
  const results: Value[] = [];
  // From 1 on, as a script counts: a number of which 1 was taken away may be a double that is nobody's neighbour.
  let offset = start;
  while (format.next()) {
    const place = offset - 1 + format.padding(offset - 1);
    checkData(data, place, format.size);
    if (count + results.length + 2 > C_STACK_SLOTS) libraryError('stack overflow (too many results)');
    offset = unpackOption(format, data, place, results) + 1;
  }
  results.push(offset);
  return results;
}

/** A negative offset is a very large one in C. */
function checkData(data: string, place: number, bytes: number): void {
  if (place < 0 || place + bytes > data.length) argumentError(2, 'data string too short');
}

/** Adds what an option stands for to the results, and returns the place after it. */
function unpackOption(format: Format, data: string, place: number, results: Value[]): number {
  const bytes = format.size;
  switch (format.option) {
    case 'b':
    case 'h':
    case 'l':
    case 'i':
      results.push(unpackInteger(data, place, bytes, format.isLittleEndian, true));
      return place + bytes;
    case 'B':
    case 'H':
    case 'L':
    case 'T':
    case 'I':
      results.push(unpackInteger(data, place, bytes, format.isLittleEndian, false));
      return place + bytes;
    case 'f':
    case 'd':
      for (let index = 0; index < bytes; index++) floatBytes[index] = data.charCodeAt(place + index);
      results.push(takeFloat(bytes as FloatSize, format.isLittleEndian));
      return place + bytes;
    case 's': {
      const end = data.indexOf('\0', place);
      if (end < 0) libraryError('unfinished string in data');
      results.push(data.slice(place, end));
      return end + 1;
    }
    case 'c': {
      const length = bytes === 0 ? takeLength(data, place, results) : bytes;
      results.push(data.slice(place, place + length));
      return place + length;
    }
    case 'x':
      return place + bytes;
    default:
      format.control();
      return place;
  }
}

/** The result before is the length of this one, and no result any more. */
function takeLength(data: string, place: number, results: Value[]): number {
  const number = toNumber(results[results.length - 1]);
  if (number === undefined) libraryError("format 'c0' needs a previous size");
  results.pop();
  const length = number < 0 ? toInt64(number) : toUint64(number);
  // A negative length is a very large one in C.
  if (length < 0) argumentError(2, 'data string too short');
  checkData(data, place, length);
  return length;
}

/**
 * Of more than eight bytes those count that a number keeps which is shifted left for each; where its sign is, is
 * counted modulo 64 then, because a shift on x86 is.
 */
function unpackInteger(data: string, place: number, bytes: number, isLittleEndian: boolean, isSigned: boolean): number {
  let high = 0;
  let low = 0;
  for (let index = 0; index < bytes; index++) {
    const byte = data.charCodeAt(place + (isLittleEndian ? bytes - 1 - index : index));
    high = (high << 8) | (low >>> 24);
    low = (low << 8) | byte;
  }
  if (!isSigned) return (high >>> 0) * TWO_32 + (low >>> 0);
  const signBit = (bytes * 8 - 1) & 63;
  const highMask = signBit < 32 ? -1 : -1 << (signBit - 32);
  const lowMask = signBit < 32 ? -1 << signBit : 0;
  if ((high & highMask) !== 0 || (low & lowMask) !== 0) {
    high |= highMask;
    low |= lowMask;
  }
  return high * TWO_32 + (low >>> 0);
}
