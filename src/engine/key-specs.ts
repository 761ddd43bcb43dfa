/** Where a command's keys are, in the forms that nearly all commands have. */

import type { KeySpec } from './command.js';

/** One key, which is the argument at `index`. */
export function oneKey(index: number, ...flags: string[]): KeySpec {
  return { flags, begin: { index }, find: { lastKey: 0, step: 1, limit: 0 } };
}

/**
 * Every `step`th argument from `index` on is a key, up to `last`: counted from there, or from the end of all arguments
 * if it is negative.
 */
export function keysFrom(index: number, range: { last: number; step: number }, ...flags: string[]): KeySpec {
  return { flags, begin: { index }, find: { lastKey: range.last, step: range.step, limit: 0 } };
}

/** As many keys as the argument at `index` says, which follow it. */
export function countedKeys(index: number, ...flags: string[]): KeySpec {
  return { flags, begin: { index }, find: { keyCountAt: 0, firstKey: 1, step: 1 } };
}
