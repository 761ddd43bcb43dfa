/** What is thrown while Lua runs. */

import type { Value } from './value.js';

/** An error that Lua raised and that pcall() catches; `value` is mostly a string, with its position in front. */
export class LuaError {
  constructor(readonly value: Value) {}
}

/** An error of a library's function. */
export function libraryError(message: string): never {
  throw new LuaError(message);
}

/** An error of a library's function about its argument number n. */
export function argumentError(n: number, message: string): never {
  libraryError(`bad argument #${n} to '?' (${message})`);
}
