/** What is thrown while Lua runs. */

import type { Value } from './value.js';

/** An error that Lua raised and that pcall() catches; `value` is mostly a string, with its position in front. */
export class LuaError {
  constructor(readonly value: Value) {}
}
