/** The base library: what scripts call without the name of a table in front. */

import type { Intrinsic } from '../compiler/context.js';
import { all, call, callOrRaised, caughtValue, enterLevel, MOST_LEVELS, protect, Raised } from '../runtime/calls.js';
import { counters } from '../runtime/counters.js';
import { argumentError, LuaError, libraryError, plainError } from '../runtime/errors.js';
import { noteChange } from '../runtime/lasting-changes.js';
import { memoryUsed } from '../runtime/limits.js';
import { numberToString, stringToUnsigned, toNumber } from '../runtime/numbers.js';
import { metatableOf, toStringValue } from '../runtime/operations.js';
import { callerPosition, positionAtLevel } from '../runtime/positions.js';
import { addSingles } from '../runtime/single-values.js';
import type { State } from '../runtime/state.js';
import { addSteps, isResumable, protectedSteps, type ResumableFunction, type Steps } from '../runtime/steps.js';
import { Table } from '../runtime/table.js';
import { first, type LuaFunction, NO_RESULTS, type Results, typeName, type Value } from '../runtime/value.js';
import {
  checkAny,
  checkFunction,
  checkInt,
  checkString,
  checkTable,
  optionalInt,
  optionalString,
} from './arguments.js';

/** How many values a function of a library can take and return together. */
const MOST_VALUES = 8000;
const NO_ARGUMENTS: Value[] = [];

function assert(value?: Value, message?: Value): Results {
  checkAny(1, arguments.length);
  if (value !== undefined && value !== false) {
    return arguments.length === 1 ? value : Array.from(arguments);
  }
  return libraryError(optionalString(message, 2, arguments.length, 'assertion failed!'));
}

function error(value?: Value, level?: Value): never {
  const height = optionalInt(level, 2, arguments.length, 1);
  if (height > 0 && (typeof value === 'string' || typeof value === 'number')) {
    const text = typeof value === 'string' ? value : numberToString(value);
    const position = callerPosition();
    throw new LuaError((height === 1 ? position : positionAtLevel(height)) + text, position);
  }
  throw new LuaError(value, callerPosition());
}

const GARBAGE_OPTIONS = ['stop', 'restart', 'collect', 'count', 'step', 'setpause', 'setstepmul'];

/** Memory is the host's matter: what a script sets is kept, and nothing else. */
function openGarbage(globals: Table): void {
  const settings = { setpause: 200, setstepmul: 200 };

  function collectgarbage(option?: Value, setting?: Value): Value {
    const name = optionalString(option, 1, arguments.length, 'collect');
    const number = optionalInt(setting, 2, arguments.length, 0);
    if (!GARBAGE_OPTIONS.includes(name)) argumentError(1, `invalid option '${name}'`);
    switch (name) {
      case 'count':
        return memoryUsed() / 1024;
      case 'step':
        return true;
      case 'setpause':
      case 'setstepmul': {
        const before = settings[name];
        const all = { ...settings };
        noteChange(settings, () => Object.assign(settings, all));
        settings[name] = number;
        return before;
      }
      default:
        return 0;
    }
  }

  globals.setString('collectgarbage', collectgarbage);
}

function gcinfo(): Value {
  return Math.floor(memoryUsed() / 1024);
}

function getmetatable(value?: Value): Value {
  checkAny(1, arguments.length);
  const metatable = metatableOf(value);
  if (metatable === null) return undefined;
  return metatable.getString('__metatable') ?? metatable;
}

function setmetatable(table?: Value, metatable?: Value): Value {
  const target = checkTable(table, 1, arguments.length);
  if (metatable !== undefined && !(metatable instanceof Table)) argumentError(2, 'nil or table expected');
  if (arguments.length < 2) argumentError(2, 'nil or table expected');
  if (target.metatable?.getString('__metatable') !== undefined) libraryError('cannot change a protected metatable');
  if (target.isReadOnly) libraryError('Attempt to modify a readonly table');
  target.metatable = metatable ?? null;
  return target;
}

function next(table?: Value, key?: Value): Results {
  const source = checkTable(table, 1, arguments.length);
  const following = source.nextKey(key);
  return following === undefined ? undefined : [following, source.get(following)];
}

function pairs(table?: Value): Results {
  return [next, checkTable(table, 1, arguments.length), undefined];
}

function nextIndex(table?: Value, i?: Value): Results {
  const source = checkTable(table, 1, arguments.length);
  const index = checkInt(i, 2, arguments.length) + 1;
  const value = source.getNumber(index);
  return value === undefined ? NO_RESULTS : [index, value];
}

function ipairs(table?: Value): Results {
  return [nextIndex, checkTable(table, 1, arguments.length), 0];
}

function pcall(...values: Value[]): Results {
  return protectedCall(values);
}

/** pcall(), of a function and its arguments. */
export function protectedCall(values: Value[]): readonly Value[] {
  checkAny(1, values.length);
  const callee = values[0];
  // Called from here error() has no position to find out.
  if (callee === error && typeof values[1] === 'string' && values.length === 2) return [false, values[1]];
  const { levels, tails, place, activation } = counters;
  try {
    const results = callOrRaised(callee, values.length === 1 ? NO_ARGUMENTS : values.slice(1));
    if (!(results instanceof Array)) return [true, results as Value];
    if (!(results instanceof Raised)) return [true, ...results];
    counters.tails = tails;
    return [false, results.error.value];
  } catch (thrown) {
    counters.levels = levels;
    counters.tails = tails;
    counters.place = place;
    const value = caughtValue(thrown);
    counters.activation = activation;
    return [false, value];
  }
}

addSteps(pcall, (...values) => protectedCallInSteps(values));

/** The same, which hands the call out. */
export function* protectedCallInSteps(values: Value[]): Generator<Steps, readonly Value[], Results> {
  const [callee, ...args] = values;
  if (!isResumable(callee)) return protectedCall(values);
  return yield* protectedResults(callee, args, (value) => [false, value]);
}

/** What pcall() returns for a call that it hands out, or `failed` for its error. */
function* protectedResults(
  callee: ResumableFunction,
  args: readonly Value[],
  failed: (value: Value) => readonly Value[],
): Generator<Steps, readonly Value[], Results> {
  const { levels, tails, place, activation } = counters;
  try {
    enterLevel();
    const results = yield protectedSteps(callee, args);
    counters.levels = levels;
    counters.place = place;
    if (results instanceof Raised) return failed(results.error.value);
    return results instanceof Array ? [true, ...results] : [true, results as Value];
  } catch (thrown) {
    counters.levels = levels;
    counters.tails = tails;
    counters.place = place;
    const value = caughtValue(thrown);
    counters.activation = activation;
    return failed(value);
  }
}

function xpcall(callee?: Value, handler?: Value): Results {
  checkAny(2, arguments.length);
  return protect(
    () => [true, ...all(call(callee))],
    (value) => handled(handler, value),
  );
}

addSteps(xpcall, function* (...values: Value[]) {
  const [callee, handler] = values;
  if (values.length < 2 || !isResumable(callee)) return xpcall(...values);
  return yield* protectedResults(callee, [], (value) => handled(handler, value));
});

/** What a handler makes of an error. Its own errors go to itself again, until calls lie too deep. */
function handled(handler: Value, value: Value): readonly Value[] {
  for (let levels = counters.levels; levels < MOST_LEVELS; levels++) {
    let hasFailed = false;
    const result = protect(
      () => first(call(handler, value)),
      (failure) => {
        hasFailed = true;
        return failure;
      },
    );
    if (!hasFailed) return [false, result as Value];
    value = result as Value;
  }
  return [false, 'error in error handling'];
}

function rawequal(a?: Value, b?: Value): Value {
  checkAny(1, arguments.length);
  checkAny(2, arguments.length);
  return a === b;
}

function rawget(table?: Value, key?: Value): Value {
  const source = checkTable(table, 1, arguments.length);
  checkAny(2, arguments.length);
  return source.get(key);
}

function rawset(table?: Value, key?: Value, value?: Value): Value {
  const target = checkTable(table, 1, arguments.length);
  checkAny(2, arguments.length);
  checkAny(3, arguments.length);
  target.set(key, value);
  return target;
}

function select(n?: Value, ...values: Value[]): Results {
  return n === '#' ? values.length : values.slice(firstSelected(n, arguments.length));
}

/** select() of `...` where one value is wanted: there is no list to make. */
export function selectOne(n: Value, values: readonly Value[]): Value {
  return n === '#' ? values.length : values[firstSelected(n, 1 + values.length)];
}

/** Which of the values select() begins with; `given` counts its arguments. */
function firstSelected(n: Value, given: number): number {
  let start = checkInt(n, 1, given);
  if (start < 0) start += given;
  if (start < 1) argumentError(1, 'index out of range');
  return start - 1;
}

function tonumber(value?: Value, base?: Value): Value {
  const radix = optionalInt(base, 2, arguments.length, 10);
  if (radix === 10) {
    checkAny(1, arguments.length);
    return toNumber(value);
  }
  const text = checkString(value, 1, arguments.length);
  if (radix < 2 || radix > 36) argumentError(2, 'base out of range');
  return stringToUnsigned(text, radix);
}

function tostring(value?: Value): Value {
  checkAny(1, arguments.length);
  return toStringValue(value);
}

function type(value?: Value): Value {
  checkAny(1, arguments.length);
  return typeName(value);
}

function unpack(table?: Value, from?: Value, to?: Value): Results {
  const source = checkTable(table, 1, arguments.length);
  const start = optionalInt(from, 2, arguments.length, 1);
  const end = to === undefined ? source.length : checkInt(to, 3, arguments.length);
  if (start > end) return NO_RESULTS;
  const count = end - start + 1;
  if (count + arguments.length > MOST_VALUES) libraryError('too many results to unpack');
  return source.slice(start, end);
}

/** load() and loadstring(), which compile. */
function openLoading(state: State, globals: Table): void {
  function compiled(source: string, chunkName: string): Results {
    return protect(
      () => state.load(source, chunkName),
      (value) => [undefined, value],
    );
  }

  function loadstring(source?: Value, name?: Value): Results {
    const text = checkString(source, 1, arguments.length);
    return compiled(text, optionalString(name, 2, arguments.length, text));
  }

  function load(reader?: Value, name?: Value): Results {
    const read = checkFunction(reader, 1, arguments.length);
    const chunkName = optionalString(name, 2, arguments.length, '=(load)');
    return protect(
      () => compiled(readAll(read), chunkName),
      (value) => [undefined, value],
    );
  }

  globals.setString('loadstring', loadstring);
  globals.setString('load', load);
}

/** All pieces of a text that a function hands out until it has none left. */
function readAll(reader: LuaFunction): string {
  let text = '';
  for (;;) {
    const piece = first(call(reader));
    if (piece === undefined || piece === '') return text;
    if (typeof piece !== 'string' && typeof piece !== 'number') plainError('reader function must return a string');
    text += typeof piece === 'string' ? piece : numberToString(piece);
  }
}

export function openBase(state: State): void {
  const { globals } = state;
  const functions = {
    assert,
    error,
    gcinfo,
    getmetatable,
    ipairs,
    next,
    pairs,
    pcall,
    rawequal,
    rawget,
    rawset,
    select,
    setmetatable,
    tonumber,
    tostring,
    type,
    unpack,
    xpcall,
  };
  for (const [name, value] of Object.entries(functions)) globals.setString(name, value as LuaFunction);
  openGarbage(globals);
  openLoading(state, globals);
  globals.setString('_VERSION', 'Lua 5.1');
  globals.setString('_G', globals);
}

addSingles([gcinfo, getmetatable, rawequal, rawget, rawset, setmetatable, tonumber, tostring, type]);

/** What the compiler has shorter code for. */
export const INTRINSICS: ReadonlyMap<Value, Intrinsic> = new Map<Value, Intrinsic>([
  [error, 'error'],
  [pairs, 'pairs'],
  [ipairs, 'ipairs'],
  [select, 'select'],
]);
