/** What Lua's compiler computes itself. */

import { ARITHMETIC } from '../runtime/operations.js';
import type { Expression } from './syntax-tree.js';

/** Arithmetic on two constants is done at once, unless the result is not a number. */
export function foldConstants(operator: string, left: Expression, right: Expression): number | undefined {
  if (left.kind !== 'number' || right.kind !== 'number') return undefined;
  if ((operator === '/' || operator === '%') && right.value === 0) return undefined;
  const value = ARITHMETIC.get(operator)?.(0, left.value, right.value);
  return typeof value !== 'number' || Number.isNaN(value) ? undefined : value;
}
