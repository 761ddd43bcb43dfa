/**
 * What a library's functions do with their arguments: check and convert them, or say "bad argument".
 *
 * Each reader takes the value, its number from 1, and how many arguments there were (`arguments.length`), because one
 * that was left out is another matter than nil.
 */

import { argumentError } from '../runtime/errors.js';
import { chargeIfLong } from '../runtime/limits.js';
import { numberToString, stringToNumber } from '../runtime/numbers.js';
import { Table } from '../runtime/table.js';
import { type LuaFunction, typeName, type Value } from '../runtime/value.js';

/** A value of another type than the expected one. */
function argumentTypeError(n: number, expected: string, value: Value, count: number): never {
  argumentError(n, `${expected} expected, got ${n > count ? 'no value' : typeName(value)}`);
}

/** Something, be it nil. */
export function checkAny(n: number, count: number): void {
  if (n > count) argumentError(n, 'value expected');
}

/** A string, or a number as one. */
export function checkString(value: Value, n: number, count: number): string {
  if (typeof value === 'string') {
    chargeIfLong(value);
    return value;
  }
  if (typeof value === 'number') return numberToString(value);
  argumentTypeError(n, 'string', value, count);
}

export function optionalString(value: Value, n: number, count: number, standard: string): string {
  return value === undefined ? standard : checkString(value, n, count);
}

/** A number, or a string that is one. */
export function checkNumber(value: Value, n: number, count: number): number {
  if (typeof value === 'number') return value;
  const number = typeof value === 'string' ? stringToNumber(value) : undefined;
  if (number === undefined) argumentTypeError(n, 'number', value, count);
  return number;
}

const INT64_LIMIT = 2 ** 63;

/** A number cut to a whole one as C does it on x86: what no int64 holds, NaN too, is the least of them. */
export function toInt64(number: number): number {
  const small = number | 0;
  if (small === number) return small;
  return number >= -INT64_LIMIT && number < INT64_LIMIT ? Math.trunc(number) + 0 : -INT64_LIMIT;
}

/** An int64, as near as a double is to it. */
export function checkInteger(value: Value, n: number, count: number): number {
  return toInt64(typeof value === 'number' ? value : checkNumber(value, n, count));
}

export function optionalInteger(value: Value, n: number, count: number, standard: number): number {
  return value === undefined ? standard : checkInteger(value, n, count);
}

/** The lower 32 bits of an int64, with their sign: what a function takes that is written with `int`. */
export function checkInt(value: Value, n: number, count: number): number {
  return checkInteger(value, n, count) | 0;
}

export function optionalInt(value: Value, n: number, count: number, standard: number): number {
  return value === undefined ? standard : checkInt(value, n, count);
}

export function checkTable(value: Value, n: number, count: number): Table {
  if (value instanceof Table) return value;
  argumentTypeError(n, 'table', value, count);
}

export function checkFunction(value: Value, n: number, count: number): LuaFunction {
  if (typeof value === 'function') return value as LuaFunction;
  argumentTypeError(n, 'function', value, count);
}
