/** Calls from native code into Lua, tail calls, and what is left of a call after an error. */

import { forgetPassing, positionOf } from './chunk.js';
import { counters } from './counters.js';
import { LuaError, OutOfMemory, plainError } from './errors.js';
import { forgetChanges } from './lasting-changes.js';
import { type Host, setHost, stackIsFull } from './limits.js';
import { positionOfFailure } from './positions.js';
import { Table } from './table.js';
import { type LuaFunction, type Results, typeName, type Value } from './value.js';

/** How deep calls from native code may lie in one another. */
export const MOST_LEVELS = 200;
/** Tail calls that may lie in one another before one gives its place up to the next. */
export const MOST_TAIL_CALLS = 200;

/** A tail call that is still to be made: compiled code can return it instead of results, and nothing else sees it. */
export class TailCall extends Array<Value> {
  callee!: LuaFunction;
  place = 0;
}
/**
 * An error that compiled code returns instead of throwing it: who called the function throws it, as if a tail call
 * were left that does, and pcall() does without. To throw and to catch takes 1.3 µs.
 */
export class Raised extends TailCall {
  error!: LuaError;
}
// The host's functions that make arrays from arrays make plain ones.
Object.defineProperty(TailCall, Symbol.species, { value: Array });

/** A host begins to run Lua, at the bottom of the stack: an error may have left the one before it anywhere. */
export function begin(host: Host): void {
  setHost(host);
  counters.levels = 0;
  counters.tails = 0;
  counters.place = 0;
  counters.activation = null;
  counters.isProtecting = false;
  counters.isPausing = false;
  counters.isPauseWanted = false;
  forgetChanges();
}

/** The host is not asked any more, nor kept: it may be that of a server which has gone. */
export function end(): void {
  setHost(null);
  counters.activation = null;
  forgetPassing();
}

/** Calls a Lua value from native code: whatever a library calls, it must call by this. */
export function call(callee: Value, ...args: Value[]): Results {
  const results = callOrRaised(callee, args);
  if (results instanceof Raised) throw results.error;
  return results;
}

/** The same for who can do with an error as a Raised, too. */
export function callOrRaised(callee: Value, args: Value[]): Results {
  return callFromNative(typeof callee === 'function' ? (callee as LuaFunction) : callable(callee), args);
}

/** Stack traces show by it where native code calls Lua: it keeps its name. */
function callFromNative(callee: LuaFunction, args: Value[]): Results {
  enterLevel();
  const { place } = counters;
  counters.place = 0;
  let results = callee(...args);
  counters.levels--;
  if (results instanceof TailCall) results = makeTailCalls(results);
  counters.place = place;
  return results;
}

/** The first result of a call with two arguments, for who makes very many: table.sort(). */
export function callForOne(callee: LuaFunction, a: Value, b: Value): Value {
  enterLevel();
  const { place } = counters;
  counters.place = 0;
  const results = callee(a, b);
  counters.levels--;
  const result = results instanceof Array ? finish(results)[0] : (results as Value);
  counters.place = place;
  return result;
}

export function enterLevel(): void {
  if (++counters.levels >= MOST_LEVELS) plainError('C stack overflow');
}

/** The same for a call that an operation of Lua code makes. */
export function enterLevelInLua(place: number): void {
  if (++counters.levels >= MOST_LEVELS) throw new LuaError(`${positionOf(place)}C stack overflow`);
}

/** Calls what a metatable has for the operation at a place; it is as if the Lua code had called it. */
export function callMetamethod(place: number, handler: Value, a: Value, b: Value, c?: Value): Value {
  enterLevelInLua(place);
  const callee = typeof handler === 'function' ? (handler as LuaFunction) : callable(handler);
  const before = counters.place;
  // Not -place, which would be -0 for native code.
  counters.place = 0 - place;
  const results = c === undefined ? callee(a, b) : callee(a, b, c);
  counters.levels--;
  const result = results instanceof Array ? finish(results)[0] : (results as Value);
  counters.place = before;
  return result;
}

/** Makes the tail calls that are left, one after another. @throws LuaError */
export function finish(results: readonly Value[]): readonly Value[] {
  if (!(results instanceof TailCall)) return results;
  results = makeTailCalls(results);
  if (results instanceof Raised) throw results.error;
  return results;
}

function makeTailCalls(results: readonly Value[]): readonly Value[] {
  while (results instanceof TailCall && !(results instanceof Raised)) {
    counters.place = results.place;
    const next: Results = results.callee(...results);
    if (!(next instanceof Array)) return [next as Value];
    results = next;
  }
  return results;
}

/** All results of a call as an array. */
export function all(results: Results): readonly Value[] {
  return results instanceof Array ? finish(results) : [results as Value];
}

/** A function that does what calling the value does: its metatable's __call, or an error. */
function callable(value: Value): LuaFunction {
  const handler = value instanceof Table ? value.metatable?.getString('__call') : undefined;
  if (typeof handler === 'function') return (...args: Value[]) => handler(value, ...args);
  plainError(`attempt to call a ${typeName(value)} value`);
}

/** The host's stack was full. */
export function isOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message.includes('call stack');
}

/** The value of an error for pcall(); what only ends a script is thrown on. */
export function caughtValue(thrown: unknown): Value {
  if (thrown instanceof LuaError) return thrown.value;
  if (thrown instanceof RangeError) {
    if (isOverflow(thrown)) {
      stackIsFull();
      return `${positionOfFailure(thrown)}stack overflow`;
    }
    // A string or an array beyond what the host can hold.
    throw new OutOfMemory();
  }
  throw thrown;
}

/** Runs `body`, and whatever it throws that Lua may catch is given to `failed`. */
export function protect(body: () => Results, failed: (value: Value) => Results): Results {
  const { levels, tails, place, activation } = counters;
  try {
    return body();
  } catch (thrown) {
    counters.levels = levels;
    counters.tails = tails;
    counters.place = place;
    const value = caughtValue(thrown);
    counters.activation = activation;
    return failed(value);
  }
}
