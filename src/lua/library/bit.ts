/** The library `bit`: numbers as 32 bits, with their sign. */

import { onlyOne } from '../runtime/single-values.js';
import { Table } from '../runtime/table.js';
import type { Value } from '../runtime/value.js';
import { checkNumber } from './arguments.js';

export function openBit(): Table {
  const functions = { tobit, bnot, band, bor, bxor, lshift, rshift, arshift, rol, ror, bswap, tohex };
  const names = Object.entries(functions);
  const bit = new Table(0, names.length);
  for (const [name, body] of names) bit.setString(name, onlyOne(body));
  return bit;
}

/** As large, and the sum with it is rounded to a whole number whose lower 32 bits are those of the double. */
const ROUNDING_TERM = 2 ** 52 + 2 ** 51;
const double = new DataView(new ArrayBuffer(8));

/**
 * The lower 32 bits of a number that is rounded to a whole one, a half to an even one. Beyond 2^51 they are what the
 * double's own lower bits are, whatever these count.
 */
function toBits(number: number): number {
  const bits = number | 0;
  if (bits === number || number >>> 0 === number) return bits;
  double.setFloat64(0, number + ROUNDING_TERM);
  return double.getInt32(4);
}

function bitsOf(value: Value, n: number, count: number): number {
  return toBits(typeof value === 'number' ? value : checkNumber(value, n, count));
}

function tobit(value: Value): number {
  return bitsOf(value, 1, arguments.length);
}

function bnot(value: Value): number {
  return ~bitsOf(value, 1, arguments.length);
}

function band(a: Value, b: Value): number {
  if (arguments.length === 2 && typeof a === 'number' && typeof b === 'number') return toBits(a) & toBits(b);
  return combine(arguments, (x, y) => x & y);
}

function bor(a: Value, b: Value): number {
  if (arguments.length === 2 && typeof a === 'number' && typeof b === 'number') return toBits(a) | toBits(b);
  return combine(arguments, (x, y) => x | y);
}

function bxor(a: Value, b: Value): number {
  if (arguments.length === 2 && typeof a === 'number' && typeof b === 'number') return toBits(a) ^ toBits(b);
  return combine(arguments, (x, y) => x ^ y);
}

/** Any number of arguments, of which there must be one; after the first they are looked at from the last on. */
function combine(values: ArrayLike<Value>, operation: (x: number, y: number) => number): number {
  const count = values.length;
  let bits = bitsOf(values[0], 1, count);
  for (let n = count; n > 1; n--) bits = operation(bits, bitsOf(values[n - 1], n, count));
  return bits;
}

/*
 * Of a distance only the lower five bits count, as with JavaScript's operators.
 */

function lshift(value: Value, distance: Value): number {
  return bitsOf(value, 1, arguments.length) << bitsOf(distance, 2, arguments.length);
}

function rshift(value: Value, distance: Value): number {
  return (bitsOf(value, 1, arguments.length) >>> bitsOf(distance, 2, arguments.length)) | 0;
}

function arshift(value: Value, distance: Value): number {
  return bitsOf(value, 1, arguments.length) >> bitsOf(distance, 2, arguments.length);
}

function rol(value: Value, distance: Value): number {
  const bits = bitsOf(value, 1, arguments.length);
  const left = bitsOf(distance, 2, arguments.length);
  return (bits << left) | (bits >>> -left);
}

function ror(value: Value, distance: Value): number {
  const bits = bitsOf(value, 1, arguments.length);
  const right = bitsOf(distance, 2, arguments.length);
  return (bits >>> right) | (bits << -right);
}

function bswap(value: Value): number {
  const bits = bitsOf(value, 1, arguments.length);
  return (bits << 24) | ((bits & 0xff00) << 8) | ((bits >>> 8) & 0xff00) | (bits >>> 24);
}

const MOST_HEX_DIGITS = 8;

/** The lowest digits, eight if the number of them is not given; a negative number of them means capitals. */
function tohex(value: Value, digits?: Value): string {
  const count = arguments.length;
  const bits = bitsOf(value, 1, count);
  const wanted = count < 2 ? MOST_HEX_DIGITS : bitsOf(digits, 2, count);
  const length = Math.min(Math.abs(wanted), MOST_HEX_DIGITS);
  const text = (bits >>> 0)
    .toString(16)
    .padStart(MOST_HEX_DIGITS, '0')
    .slice(MOST_HEX_DIGITS - length);
  return wanted < 0 ? text.toUpperCase() : text;
}
