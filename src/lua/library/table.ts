/** The table library. */

import { call } from '../runtime/calls.js';
import { libraryError } from '../runtime/errors.js';
import { charge, tick } from '../runtime/limits.js';
import { numberToString } from '../runtime/numbers.js';
import { addSingles } from '../runtime/single-values.js';
import type { State } from '../runtime/state.js';
import { Table } from '../runtime/table.js';
import { TableIterator } from '../runtime/table-iterator.js';
import { first, NO_RESULTS, type Results, typeName, type Value } from '../runtime/value.js';
import { checkFunction, checkInt, checkTable, optionalInt, optionalString } from './arguments.js';
import { sort } from './table-sort.js';

function concat(table?: Value, separator?: Value, from?: Value, to?: Value): Value {
  const count = arguments.length;
  const between = optionalString(separator, 2, count, '');
  const source = checkTable(table, 1, count);
  const start = optionalInt(from, 3, count, 1);
  const end = to === undefined ? source.length : checkInt(to, 4, count);
  const texts: string[] = [];
  let size = between.length * (end - start);
  for (let key = start; key <= end; key++) {
    const value = source.getNumber(key);
    if (typeof value === 'string') texts.push(value);
    else if (typeof value === 'number') texts.push(numberToString(value));
    else libraryError(`invalid value (${typeName(value)}) at index ${key} in table for 'concat'`);
    size += texts[texts.length - 1]!.length;
    tick();
  }
  charge(Math.max(size, 0));
  return texts.join(between);
}

function insert(table?: Value, position?: Value, value?: Value): Results {
  const target = checkTable(table, 1, arguments.length);
  const last = target.length;
  switch (arguments.length) {
    case 2:
      target.setNumber(last + 1, position);
      break;
    case 3:
      target.insert(checkInt(position, 2, 3), last, value);
      break;
    default:
      libraryError("wrong number of arguments to 'insert'");
  }
  return NO_RESULTS;
}

function remove(table?: Value, position?: Value): Results {
  const target = checkTable(table, 1, arguments.length);
  const last = target.length;
  const key = optionalInt(position, 2, arguments.length, last);
  if (key < 1 || key > last) return NO_RESULTS;
  const value = target.getNumber(key);
  target.remove(key, last);
  return value;
}

function maxn(table?: Value): Value {
  return checkTable(table, 1, arguments.length).largestNumber;
}

function getn(table?: Value): Value {
  return checkTable(table, 1, arguments.length).length;
}

function setn(table?: Value): never {
  checkTable(table, 1, arguments.length);
  libraryError("'setn' is obsolete");
}

function foreach(table?: Value, action?: Value): Results {
  const source = checkTable(table, 1, arguments.length);
  const callee = checkFunction(action, 2, arguments.length);
  const iterator = new TableIterator(source);
  while (iterator.advance()) {
    const result = first(call(callee, iterator.key, iterator.value));
    if (result !== undefined) return result;
    tick();
  }
  return NO_RESULTS;
}

function foreachi(table?: Value, action?: Value): Results {
  const source = checkTable(table, 1, arguments.length);
  const last = source.length;
  const callee = checkFunction(action, 2, arguments.length);
  for (let key = 1; key <= last; key++) {
    const result = first(call(callee, key, source.getNumber(key)));
    if (result !== undefined) return result;
    tick();
  }
  return NO_RESULTS;
}

addSingles([concat, getn, maxn]);

const FUNCTIONS = { concat, foreach, foreachi, getn, maxn, insert, remove, setn, sort };

export function openTable(state: State): void {
  const names = Object.entries(FUNCTIONS);
  const library = new Table(0, names.length);
  for (const [name, callee] of names) library.setString(name, callee);
  state.globals.setString('table', library);
}
