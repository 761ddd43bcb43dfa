/**
 * Lua's values as JavaScript holds them:
 *
 *     nil        undefined
 *     boolean    boolean
 *     number     number
 *     string     a string whose characters are bytes, 0 to 255
 *     table      Table, which is the only AnyTable
 *     function   a JavaScript function (see LuaFunction)
 *     thread     Coroutine
 *     userdata   UserData, of which no script can make one
 */

export type Value = undefined | boolean | number | string | AnyTable | LuaFunction | Coroutine | UserData;

/**
 * What a function returns: one value as it is, none or several as an array. No value is an array, so this can be told
 * apart; none is NO_RESULTS mostly, so that no array is made.
 */
export type Results = Value | readonly Value[];

/** Takes its arguments by position; how many there are, where that matters, is `arguments.length`. */
// biome-ignore lint/suspicious/noExplicitAny: a library's function names the arguments that it takes.
export type LuaFunction = (...args: any[]) => Results;

export const NO_RESULTS: readonly Value[] = Object.freeze([]);

/** What tables are to a file that knows values only: each is a Table (see table.ts). */
export interface AnyTable {
  metatable: AnyTable | null;
  isReadOnly: boolean;
}

/** Something of the host's, which Lua can hold, compare and ask the type of: cjson.null. */
export class UserData {
  constructor(readonly name: string) {}
}

/** A thread. */
export abstract class Coroutine {
  abstract readonly status: 'suspended' | 'running' | 'normal' | 'dead';
}

export type TypeName = 'nil' | 'boolean' | 'number' | 'string' | 'table' | 'function' | 'thread' | 'userdata';

export function typeName(value: Value): TypeName {
  switch (typeof value) {
    case 'undefined':
      return 'nil';
    case 'boolean':
    case 'number':
    case 'string':
    case 'function':
      return typeof value as TypeName;
    default:
      if (value instanceof UserData) return 'userdata';
      return value instanceof Coroutine ? 'thread' : 'table';
  }
}

/** The first of what a function returned. */
export function first(results: Results): Value {
  return Array.isArray(results) ? results[0] : (results as Value);
}
