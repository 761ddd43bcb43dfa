/** What is thrown while Lua runs. */

import { caller, callerPosition } from './positions.js';
import type { Value } from './value.js';

/** An error that Lua raised and that pcall() catches; `value` is mostly a string, with its position in front. */
export class LuaError {
  constructor(
    readonly value: Value,
    /** Where it was raised, as messages begin with it, if that is known: the value need not say so. */
    readonly position = '',
  ) {}
}

/** Ends a script whatever it tries: pcall() does not catch it. */
export class Kill {
  constructor(readonly message: string) {}
}

/** Ends a script that takes too much: pcall() does not catch it, since what it holds goes only with the script. */
export class OutOfMemory {
  readonly message = 'not enough memory';
}

/**
 * Ends a run of which nobody has noticed anything: it is begun anew as functions that can be suspended (see steps.ts),
 * of which more can be under way. pcall() does not catch it.
 */
export class BeginAgain {}

/** An error whose text does not say where it was raised. */
export function plainError(message: string): never {
  throw new LuaError(message, callerPosition());
}

/** An error of a library's function, put down to the Lua code that called it. */
export function libraryError(message: string): never {
  throw new LuaError(callerPosition() + message);
}

/** An error of a library's function about its argument number n. */
export function argumentError(n: number, message: string): never {
  const { position, name } = caller();
  if (name?.startsWith('method ')) {
    n--;
    if (n === 0) throw new LuaError(`${position}calling ${name.slice('method '.length)} on bad self (${message})`);
  }
  const quoted = name === undefined ? "'?'" : name.slice(name.indexOf("'"));
  throw new LuaError(`${position}bad argument #${n} to ${quoted} (${message})`);
}
