/** What Lua's compiler computes itself. */

import { power } from '../runtime/power.js';
import type { Expression } from './syntax-tree.js';

/** Arithmetic on two constants is done at once, unless it is not a number. */
export function foldConstants(operator: string, left: Expression, right: Expression): number | undefined {
  if (left.kind !== 'number' || right.kind !== 'number') return undefined;
  if ((operator === '/' || operator === '%') && right.value === 0) return undefined;
  const value = arithmeticOf(operator, left.value, right.value);
  return Number.isNaN(value) ? undefined : value;
}

/** NaN for an operator that is none of arithmetic. */
function arithmeticOf(operator: string, a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '%':
      return a - Math.floor(a / b) * b;
    case '^':
      return power(a, b);
    default:
      return Number.NaN;
  }
}
