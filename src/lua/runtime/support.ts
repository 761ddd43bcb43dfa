/** What compiled code calls besides operators: tail calls, lists, loops. */

import { all, enterLevelInLua, finish, MOST_TAIL_CALLS, Raised, TailCall } from './calls.js';
import { positionOf } from './chunk.js';
import { counters } from './counters.js';
import { argumentError, LuaError } from './errors.js';
import { numberToString } from './numbers.js';
import { callableAt, callableIterator, concat, isTrue } from './operations.js';
import { entryPosition } from './positions.js';
import { Table } from './table.js';
import { TableIterator } from './table-iterator.js';
import { type LuaFunction, type Results, typeName, type Value } from './value.js';

/** What to call for a tail call of a value if it can't just be called, and counts it. */
export function tail(value: Value, place: number): LuaFunction {
  if (typeof value !== 'function') {
    counters.tails++;
    value = callableAt(value, place);
  }
  if (counters.tails < MOST_TAIL_CALLS) return value as LuaFunction;
  const callee = value as LuaFunction;
  return (...args: Value[]) => {
    const call = new TailCall();
    call.callee = callee;
    call.place = place;
    for (const arg of args) call.push(arg);
    return call;
  };
}

// What cold code calls, where hot code does it in place

/** A value, once it is noted that the call at a place is next. */
export function at<Kind>(value: Kind, place: number): Kind {
  counters.place = place;
  return value;
}

/** The same for what is called. */
export function callee(value: Value, place: number): LuaFunction {
  counters.place = place;
  return typeof value === 'function' ? (value as LuaFunction) : callableAt(value, place);
}

/** One result of a call. */
export function firstResult(results: Results): Value {
  return results instanceof Array ? finish(results)[0] : (results as Value);
}

export function and(a: Value, b: Value): Value {
  return isTrue(a) ? b : a;
}

export function or(a: Value, b: Value): Value {
  return isTrue(a) ? a : b;
}

// Loops

/** The next results of a generic for. */
export function iterate(place: number, iterator: Value, state: Value, control: Value): readonly Value[] {
  const callee = typeof iterator === 'function' ? iterator : callableIterator(iterator, place);
  enterLevelInLua(place);
  counters.place = place;
  const results = all(callee(state, control));
  counters.levels--;
  return results;
}

/** What a loop by pairs() goes by. */
export function pairs(table?: Value): TableIterator {
  return new TableIterator(tableArgument(table, arguments.length));
}

/** What a loop by ipairs() goes by. */
export function ipairs(table?: Value): ListIterator {
  return new ListIterator(tableArgument(table, arguments.length));
}

export class ListIterator {
  key = 0;
  value: Value;

  constructor(private readonly table: Table) {}

  advance(): boolean {
    this.value = this.table.getNumber(++this.key);
    return this.value !== undefined;
  }
}

function tableArgument(value: Value, count: number): Table {
  if (value instanceof Table) return value;
  return argumentError(1, `table expected, got ${count === 0 ? 'no value' : typeName(value)}`);
}

/** A table of values, from 1 on; index 0 of the array is not used. */
export function list(arrayPlaces: number, hashPlaces: number, array: Value[]): Table {
  return Table.list(array, arrayPlaces, hashPlaces);
}

export function setList(table: Table, start: number, values: readonly Value[]): void {
  table.setList(start, values);
}

/** The variable `arg` of a function with `...` in its head. */
export function argumentTable(values: readonly Value[]): Table {
  const table = Table.list([undefined, ...values], values.length, 1);
  table.setString('n', values.length);
  return table;
}

/** a .. b .. c: from the right, in pairs. */
export function concatAll(places: readonly number[], values: readonly Value[]): Value {
  let result = values[values.length - 1];
  for (let i = values.length - 2; i >= 0; i--) result = concat(places[i]!, values[i], result);
  return result;
}

/** error(), where it is known that this is called, and from where. */
export function raise(place: number, value: Value): never {
  throw errorAt(place, value);
}

/** The same in a statement, which returns it. */
export function raised(place: number, value: Value): Raised {
  const raised = new Raised();
  raised.error = errorAt(place, value);
  return raised;
}

function errorAt(place: number, value: Value): LuaError {
  const position = positionOf(place);
  return new LuaError(placed(position, value), position);
}

/** The same with level 2: an error of what called the function, and `entry` is what that was entered with. */
export function raiseForCaller(place: number, value: Value, entry: number): never {
  throw raisedForCaller(place, value, entry).error;
}

export function raisedForCaller(place: number, value: Value, entry: number): Raised {
  const raised = new Raised();
  raised.error = new LuaError(placed(entryPosition(entry), value), positionOf(place));
  return raised;
}

function placed(position: string, value: Value): Value {
  if (typeof value === 'string') return position + value;
  return typeof value === 'number' ? position + numberToString(value) : value;
}
