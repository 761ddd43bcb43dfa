/**
 * What operators do: the rules, with metamethods and the texts of errors. Compiled code does the common cases in place.
 *
 * `place` tells where in the source the operation is; native code passes 0.
 */

import { call, callMetamethod } from './calls.js';
import { positionOf, siteOf } from './chunk.js';
import { LuaError, OutOfMemory, plainError } from './errors.js';
import { charge } from './limits.js';
import { negateNaN, numberToString, toNumber, toText } from './numbers.js';
import { power } from './power.js';
import { FieldSite } from './shape.js';
import { Table } from './table.js';
import { first, type LuaFunction, typeName, type Value } from './value.js';

/** How many __index or __newindex may lead to one another. */
const MOST_STEPS = 100;

/** What strings have in common, which the string library sets. */
export const shared: { stringMetatable: Table | null } = { stringMetatable: null };

export function metatableOf(value: Value): Table | null {
  if (value instanceof Table) return value.metatable;
  return typeof value === 'string' ? shared.stringMetatable : null;
}

/** The events of metatables. */
const INDEX = new FieldSite('__index');
const NEW_INDEX = new FieldSite('__newindex');
const CALL = new FieldSite('__call');
const CONCAT = new FieldSite('__concat');
const EQUAL = new FieldSite('__eq');
const LESS = new FieldSite('__lt');
const LESS_OR_EQUAL = new FieldSite('__le');
const TO_STRING = new FieldSite('__tostring');

/** What a value's metatable has for an event; undefined if nothing. */
function metamethod(value: Value, event: FieldSite): Value {
  const metatable = metatableOf(value);
  return metatable === null ? undefined : metatable.getField(event);
}

/** Throws an error, with the position of the operation in front of it. */
function fail(place: number, message: string): never {
  if (place === 0) plainError(message);
  throw new LuaError(positionOf(place) + message);
}

function failOnType(place: number, verb: string, value: Value, name?: string): never {
  const what = `a ${typeName(value)} value`;
  fail(place, `attempt to ${verb} ${name === undefined ? what : `${name} (${what})`}`);
}

// Indexing

export function index(place: number, object: Value, key: Value): Value {
  if (object instanceof Table) {
    const value = typeof key === 'number' ? object.getNumber(key) : object.get(key);
    if (value !== undefined || object.metatable === null) return value;
  }
  return indexByMetatable(place, object, key);
}

/** The same for a constant name. */
export function field(place: number, object: Value, name: FieldSite): Value {
  if (object instanceof Table) {
    const value = object.getField(name);
    if (value !== undefined || object.metatable === null) return value;
    const handler = object.metatable.indexHandler;
    if (handler instanceof Table) {
      const inherited = handler.getField(name);
      if (inherited !== undefined) return inherited;
    }
  }
  return indexByMetatable(place, object, name.name);
}

function indexByMetatable(place: number, object: Value, key: Value): Value {
  for (let step = 0; step < MOST_STEPS; step++) {
    const handler = metamethod(object, INDEX);
    if (handler === undefined) {
      if (object instanceof Table) return undefined;
      failOnType(place, 'index', object, step === 0 ? siteOf(place)?.first : undefined);
    }
    if (typeof handler === 'function') return callMetamethod(place, handler, object, key);
    if (handler instanceof Table) {
      const value = handler.get(key);
      if (value !== undefined) return value;
    }
    object = handler;
  }
  return fail(place, 'loop in gettable');
}

export function setIndex(place: number, object: Value, key: Value, value: Value): void {
  if (object instanceof Table && (object.metatable === null || object.metatable.newIndexHandler === undefined)) {
    // An error of the table's is one of this place.
    if (object.isReadOnly || key === undefined || Number.isNaN(key)) checkAssignment(place, object, key);
    if (typeof key === 'number') object.setNumber(key, value);
    else object.set(key, value);
  } else setIndexByMetatable(place, object, key, value);
}

export function setField(place: number, object: Value, name: FieldSite, value: Value): void {
  if (object instanceof Table && !object.isReadOnly) {
    if (object.metatable === null || object.metatable.newIndexHandler === undefined) {
      object.setField(name, value);
      return;
    }
  }
  setIndexByMetatable(place, object, name.name, value);
}

function setIndexByMetatable(place: number, object: Value, key: Value, value: Value): void {
  for (let step = 0; step < MOST_STEPS; step++) {
    let handler: Value;
    if (object instanceof Table) {
      checkAssignment(place, object, key);
      handler = object.metatable?.newIndexHandler;
      if (handler === undefined || object.get(key) !== undefined) {
        object.set(key, value);
        return;
      }
      // Lua makes a place for the key before it looks for a handler.
      object.set(key, undefined);
    } else {
      handler = metamethod(object, NEW_INDEX);
      if (handler === undefined) {
        failOnType(place, 'index', object, step === 0 ? siteOf(place)?.first : undefined);
      }
    }
    if (typeof handler === 'function') {
      callMetamethod3(place, handler as LuaFunction, object, key, value);
      return;
    }
    object = handler;
  }
  fail(place, 'loop in settable');
}

function callMetamethod3(place: number, handler: LuaFunction, a: Value, b: Value, c: Value): void {
  callMetamethod(place, (x: Value, y: Value) => handler(x, y, c), a, b);
}

function checkAssignment(place: number, table: Table, key: Value): void {
  if (table.isReadOnly) fail(place, 'Attempt to modify a readonly table');
  if (key === undefined) fail(place, 'table index is nil');
  if (Number.isNaN(key)) fail(place, 'table index is NaN');
}

/** The method of an object, for a call. */
export function method(place: number, object: Value, name: FieldSite): Value {
  return field(place, object, name);
}

// Arithmetic

export type ArithmeticEvent = '__add' | '__sub' | '__mul' | '__div' | '__mod' | '__pow' | '__unm';

const ARITHMETIC_EVENTS: Record<ArithmeticEvent, FieldSite> = {
  __add: new FieldSite('__add'),
  __sub: new FieldSite('__sub'),
  __mul: new FieldSite('__mul'),
  __div: new FieldSite('__div'),
  __mod: new FieldSite('__mod'),
  __pow: new FieldSite('__pow'),
  __unm: new FieldSite('__unm'),
};

/** Arithmetic on anything but two numbers. */
function arithmetic(place: number, event: ArithmeticEvent, a: Value, b: Value): Value {
  const left = toNumber(a);
  const right = left === undefined ? undefined : toNumber(b);
  if (left !== undefined && right !== undefined) return calculate(event, left, right);
  const name = ARITHMETIC_EVENTS[event];
  const handler = metamethod(a, name) ?? metamethod(b, name);
  if (handler !== undefined) return callMetamethod(place, handler, a, b);
  const site = siteOf(place);
  if (left === undefined) return failOnType(place, 'perform arithmetic on', a, site?.first);
  return failOnType(place, 'perform arithmetic on', b, event === '__unm' ? site?.first : site?.second);
}

function calculate(event: ArithmeticEvent, a: number, b: number): number {
  switch (event) {
    case '__add':
      return a + b;
    case '__sub':
      return a - b;
    case '__mul':
      return a * b;
    case '__div':
      return a / b;
    case '__mod':
      return a - Math.floor(a / b) * b;
    case '__pow':
      return power(a, b);
    case '__unm':
      return Number.isNaN(a) ? negateNaN(a) : -a;
  }
}

export function add(place: number, a: Value, b: Value): Value {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  return arithmetic(place, '__add', a, b);
}

export function subtract(place: number, a: Value, b: Value): Value {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return arithmetic(place, '__sub', a, b);
}

export function multiply(place: number, a: Value, b: Value): Value {
  if (typeof a === 'number' && typeof b === 'number') return a * b;
  return arithmetic(place, '__mul', a, b);
}

export function divide(place: number, a: Value, b: Value): Value {
  if (typeof a === 'number' && typeof b === 'number') return a / b;
  return arithmetic(place, '__div', a, b);
}

export function modulo(place: number, a: Value, b: Value): Value {
  if (typeof a === 'number' && typeof b === 'number') return a - Math.floor(a / b) * b;
  return arithmetic(place, '__mod', a, b);
}

export function raise(place: number, a: Value, b: Value): Value {
  return arithmetic(place, '__pow', a, b);
}

export function negate(place: number, a: Value): Value {
  return arithmetic(place, '__unm', a, a);
}

/** Of two numbers, by their operators. */
export const ARITHMETIC: ReadonlyMap<string, (place: number, a: Value, b: Value) => Value> = new Map([
  ['+', add],
  ['-', subtract],
  ['*', multiply],
  ['/', divide],
  ['%', modulo],
  ['^', raise],
]);

export function length(place: number, value: Value): number {
  if (value instanceof Table) return value.length;
  if (typeof value === 'string') return value.length;
  return failOnType(place, 'get length of', value, siteOf(place)?.first);
}

// Concatenation

/** Longer strings are refused, since the host can't hold many of them. */
const LONGEST_STRING = 512 * 1024 * 1024 - 1024;

export function concat(place: number, a: Value, b: Value): Value {
  if (typeof a === 'string' && typeof b === 'string') return join(a, b);
  const left = typeof a === 'number' ? numberToString(a) : a;
  const right = typeof b === 'number' ? numberToString(b) : b;
  if (typeof left === 'string' && typeof right === 'string') return join(left, right);
  const handler = metamethod(a, CONCAT) ?? metamethod(b, CONCAT);
  if (handler !== undefined) return callMetamethod(place, handler, a, b);
  const site = siteOf(place);
  if (typeof left === 'string') return failOnType(place, 'concatenate', b, site?.second);
  return failOnType(place, 'concatenate', a, site?.first);
}

function join(a: string, b: string): string {
  const length = a.length + b.length;
  if (length > 1024) {
    if (length > LONGEST_STRING) throw new OutOfMemory();
    charge(length);
  }
  return a + b;
}

// Comparison

export function equal(place: number, a: Value, b: Value): boolean {
  return a === b || equalsByMetatable(place, a, b);
}

/** Raw equality is known to be false; the place is for stack traces. */
export function equalsByMetatable(place: number, a: Value, b: Value): boolean {
  if (!(a instanceof Table && b instanceof Table)) return false;
  const handler = commonHandler(a.metatable, b.metatable, EQUAL);
  return handler !== undefined && isTrue(callMetamethod(place, handler, a, b));
}

export function isTrue(value: Value): boolean {
  return value !== undefined && value !== false;
}

/** What both metatables have for an event, if it is the same. */
function commonHandler(a: Table | null, b: Table | null, event: FieldSite): Value {
  const handler = a?.getField(event);
  if (handler === undefined || b === null) return undefined;
  return a === b || handler === b.getField(event) ? handler : undefined;
}

export function lessThan(place: number, a: Value, b: Value): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a < b;
  if (typeof a === 'string' && typeof b === 'string') return a < b;
  const handler = orderHandler(a, b, LESS);
  if (handler !== undefined) return isTrue(callMetamethod(place, handler, a, b));
  return failToCompare(place, a, b);
}

export function lessOrEqual(place: number, a: Value, b: Value): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a <= b;
  if (typeof a === 'string' && typeof b === 'string') return a <= b;
  const handler = orderHandler(a, b, LESS_OR_EQUAL);
  if (handler !== undefined) return isTrue(callMetamethod(place, handler, a, b));
  const reverse = orderHandler(b, a, LESS);
  if (reverse !== undefined) return !isTrue(callMetamethod(place, reverse, b, a));
  return failToCompare(place, a, b);
}

export function greaterThan(place: number, a: Value, b: Value): boolean {
  return lessThan(place, b, a);
}

export function greaterOrEqual(place: number, a: Value, b: Value): boolean {
  return lessOrEqual(place, b, a);
}

function orderHandler(a: Value, b: Value, event: FieldSite): Value {
  if (typeName(a) !== typeName(b)) return undefined;
  return commonHandler(metatableOf(a), metatableOf(b), event);
}

function failToCompare(place: number, a: Value, b: Value): never {
  const left = typeName(a);
  const right = typeName(b);
  // Lua holds type names to be the same if their third letters are.
  if (left[2] === right[2]) fail(place, `attempt to compare two ${left} values`);
  fail(place, `attempt to compare ${left} with ${right}`);
}

// Calls

/** A function that does what calling the value does; also that fails only when it is called, after its arguments. */
export function callableAt(value: Value, place: number): LuaFunction {
  return callableByMetatable(value) ?? (() => failOnType(place, 'call', value, siteOf(place)?.first));
}

/** The same for what a generic for goes by: the name that messages have for it is not of this error. */
export function callableIterator(value: Value, place: number): LuaFunction {
  return callableByMetatable(value) ?? failOnType(place, 'call', value);
}

function callableByMetatable(value: Value): LuaFunction | undefined {
  const handler = metamethod(value, CALL);
  if (typeof handler !== 'function') return undefined;
  const callee: LuaFunction & { steps?: unknown } = (...args: Value[]) => handler(value, ...args);
  const { steps } = handler as { steps?: LuaFunction };
  if (steps !== undefined) callee.steps = (...args: Value[]) => steps(value, ...args);
  return callee;
}

// Loops

export function loopNumber(place: number, value: Value, what: string): number {
  const number = toNumber(value);
  if (number === undefined) fail(place, `'for' ${what} must be a number`);
  return number;
}

/** tostring(). */
export function toStringValue(value: Value): Value {
  const handler = metamethod(value, TO_STRING);
  return handler === undefined ? toText(value) : first(call(handler, value));
}
