/** The library `string`, which is the metatable of strings, too. */

import { argumentError, libraryError } from '../runtime/errors.js';
import { charge, chargeValues } from '../runtime/limits.js';
import { shared } from '../runtime/operations.js';
import { addSingles } from '../runtime/single-values.js';
import type { State } from '../runtime/state.js';
import { isResumable } from '../runtime/steps.js';
import { Table } from '../runtime/table.js';
import { type LuaFunction, NO_RESULTS, type Results, type Value } from '../runtime/value.js';
import { checkFunction, checkInt, checkInteger, checkString, optionalInteger } from './arguments.js';
import { format } from './string-format.js';
import { find, gmatch, gsub, match } from './string-search.js';

/** Of functions with more results than the stack of Lua holds. */
const MOST_STACK_PLACES = 8000;

function byte(text: Value, from?: Value, to?: Value): Results {
  const count = arguments.length;
  const string = checkString(text, 1, count);
  const first = placeOf(optionalInteger(from, 2, count, 1), string.length);
  const last = placeOf(optionalInteger(to, 3, count, first), string.length);
  const start = Math.max(1, first);
  const end = Math.min(string.length, last);
  if (start === end) return string.charCodeAt(start - 1);
  if (start > end) return NO_RESULTS;
  if (end - start + 1 + count > MOST_STACK_PLACES) libraryError('stack overflow (string slice too long)');
  chargeValues(end - start);
  const bytes: number[] = [];
  for (let place = start; place <= end; place++) bytes.push(string.charCodeAt(place - 1));
  return bytes;
}

/** A place counted from 1, or, if negative, from the end of a text; 0 for what is before its start. */
function placeOf(number: number, length: number): number {
  return number >= 0 ? number : Math.max(0, number + length + 1);
}

function char(...codes: Value[]): Value {
  let result = '';
  for (let at = 0; at < codes.length; at++) {
    const code = checkInt(codes[at], at + 1, codes.length);
    if ((code & 0xff) !== code) argumentError(at + 1, 'invalid value');
    result += String.fromCharCode(code);
  }
  return result;
}

/**
 * Compiled Lua is JavaScript here, so this is the header of compiled code alone. It can't be loaded, but that is so in
 * Redis, too, whose scripts load no compiled code.
 */
const COMPILED_HEADER = '\x1bLuaQ\0\x01\x04\x08\x04\x08\0';
/** Functions of Lua's are made without a name, those of libraries have one. */
const NAMELESS = /^function\*? ?\(/;

function dump(callee: Value): Value {
  const body = checkFunction(callee, 1, arguments.length);
  const text = Function.prototype.toString.call(isResumable(body) && !body.isNative ? body.steps : body);
  if (!NAMELESS.test(text)) libraryError('unable to dump given function');
  return COMPILED_HEADER;
}

function len(text: Value): Value {
  return checkString(text, 1, arguments.length).length;
}

/** The result, and the text itself if that is in pieces. */
const COPIES = 2;

const LOWER_CASE = /[a-z]/g;
const UPPER_CASE = /[A-Z]/g;
const BEYOND_ASCII = /[\x80-\xff]/;

/** Only the letters of ASCII have two cases. */
function lower(text: Value): Value {
  const string = checkString(text, 1, arguments.length);
  charge(string.length * COPIES);
  if (!BEYOND_ASCII.test(string)) return string.toLowerCase();
  return string.replace(UPPER_CASE, (letter) => letter.toLowerCase());
}

function upper(text: Value): Value {
  const string = checkString(text, 1, arguments.length);
  charge(string.length * COPIES);
  if (!BEYOND_ASCII.test(string)) return string.toUpperCase();
  return string.replace(LOWER_CASE, (letter) => letter.toUpperCase());
}

function rep(text: Value, times: Value): Value {
  const count = arguments.length;
  const string = checkString(text, 1, count);
  const number = checkInt(times, 2, count);
  if (number <= 0) return '';
  charge(string.length * number);
  return string.repeat(number);
}

function reverse(text: Value): Value {
  const string = checkString(text, 1, arguments.length);
  charge(string.length * COPIES);
  if (string.length > 32) return Buffer.from(string, 'latin1').reverse().toString('latin1');
  let reversed = '';
  for (let place = string.length - 1; place >= 0; place--) reversed += string[place];
  return reversed;
}

function sub(text: Value, from: Value, to?: Value): Value {
  const count = arguments.length;
  const string = checkString(text, 1, count);
  const start = Math.max(1, placeOf(checkInteger(from, 2, count), string.length));
  const end = to === undefined ? string.length : placeOf(checkInteger(to, 3, count), string.length);
  return start > end ? '' : string.slice(start - 1, end);
}

const FUNCTIONS: Record<string, LuaFunction> = {
  byte,
  char,
  dump,
  find,
  format,
  gfind: gmatch,
  gmatch,
  gsub,
  len,
  lower,
  match,
  rep,
  reverse,
  sub,
  upper,
};

addSingles([char, dump, format, gmatch, len, lower, rep, reverse, sub, upper]);

/** All states have the same one, because they have the metatable of strings in common. */
const library = new Table(0, Object.keys(FUNCTIONS).length);
for (const [name, callee] of Object.entries(FUNCTIONS)) library.setString(name, callee);

export function openString(state: State): void {
  state.globals.setString('string', library);
  if (shared.stringMetatable !== null) return;
  shared.stringMetatable = new Table(0, 1);
  shared.stringMetatable.setString('__index', library);
  shared.stringMetatable.isReadOnly = true;
}
