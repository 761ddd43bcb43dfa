/** Library functions that always return one value: the compiler has shorter code for calls of these. */

import type { LuaFunction, Value } from './value.js';

// biome-ignore lint/suspicious/noExplicitAny: whatever it takes.
type Single = (...args: any[]) => Value;

const known = new WeakSet<LuaFunction>();

/** Says it of some functions. */
export function addSingles(functions: readonly Single[]): void {
  for (const each of functions) known.add(each);
}

/** The same of one, which it returns. */
export function onlyOne<Kind extends Single>(callee: Kind): Kind {
  known.add(callee);
  return callee;
}

export function givesOneValue(value: Value): boolean {
  return typeof value === 'function' && known.has(value as LuaFunction);
}
