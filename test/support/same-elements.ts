import { expect } from 'vitest';

/**
 * Expects two arrays of primitive values to be the same. expect() compares deeply, which takes a hundred times as long
 * for thousands of them: it is asked where they differ.
 */
export function expectSameElements<T extends string | number>(found: readonly T[], wanted: readonly T[]): void {
  if (found.length === wanted.length && found.every((each, i) => each === wanted[i])) return;
  expect(found).toEqual(wanted);
}
