/**
 * table.sort(): the quicksort of Lua 5.1, step by step. A comparison function sees in which order it is asked, elements
 * that are equal to it end up where the algorithm puts them, and an inconsistent one leaves a certain order or error.
 */

import { callForOne } from '../runtime/calls.js';
import { libraryError } from '../runtime/errors.js';
import { charge, tick } from '../runtime/limits.js';
import { lessThan } from '../runtime/operations.js';
import type { Table } from '../runtime/table.js';
import { type LuaFunction, NO_RESULTS, type Results, type Value } from '../runtime/value.js';
import { checkFunction, checkTable } from './arguments.js';
import { sortedNumbers } from './sort-numbers.js';

type Comparison = (a: Value, b: Value) => boolean;

export function sort(table?: Value, comparison?: Value): Results {
  const target = checkTable(table, 1, arguments.length);
  const last = target.length;
  if (comparison !== undefined) {
    sortRange(target, 1, last, comparisonBy(checkFunction(comparison, 2, arguments.length)));
  } else if (!sortByHost(target, last)) sortRange(target, 1, last, standardComparison);
  return NO_RESULTS;
}

function standardComparison(a: Value, b: Value): boolean {
  return lessThan(0, a, b);
}

function comparisonBy(callee: LuaFunction): Comparison {
  return (a, b) => {
    const result = callForOne(callee, a, b);
    return result !== undefined && result !== false;
  };
}

/** For numbers or strings only, of which equal ones can't be told apart, any algorithm does; false for other values. */
function sortByHost(table: Table, last: number): boolean {
  if (last < 2 || table.isReadOnly) return false;
  charge(last * 8);
  const sorted = typeof table.getNumber(1) === 'number' ? sortedNumbers(table, last) : sortedStrings(table, last);
  if (sorted === null) return false;
  for (let key = 1; key <= last; key++) table.setNumber(key, sorted[key - 1]);
  return true;
}

function sortedStrings(table: Table, last: number): string[] | null {
  const values = table.slice(1, last);
  for (const value of values) if (typeof value !== 'string') return null;
  return (values as string[]).sort();
}

/** Sorts the smaller part first, by recursion, and then goes on with the larger one. */
function sortRange(table: Table, low: number, high: number, isLess: Comparison): void {
  while (low < high) {
    sortThree(table, low, high, isLess);
    if (high - low < 3) return;
    const middle = partition(table, low, high, isLess);
    if (middle - low < high - middle) {
      sortRange(table, low, middle - 1, isLess);
      low = middle + 1;
    } else {
      sortRange(table, middle + 1, high, isLess);
      high = middle - 1;
    }
  }
}

/** Sorts the first, the middle and the last element. */
function sortThree(table: Table, low: number, high: number, isLess: Comparison): void {
  const lowest = table.getNumber(low);
  const highest = table.getNumber(high);
  if (isLess(highest, lowest)) swap(table, low, lowest, high, highest);
  if (high - low === 1) return;
  const middle = (low + high) >> 1;
  const median = table.getNumber(middle);
  const smaller = table.getNumber(low);
  if (isLess(median, smaller)) swap(table, middle, median, low, smaller);
  else {
    const greater = table.getNumber(high);
    if (isLess(greater, median)) swap(table, middle, median, high, greater);
  }
}

/** Puts the middle element where it belongs, smaller ones before it and greater ones after it; returns where it is. */
function partition(table: Table, low: number, high: number, isLess: Comparison): number {
  const middle = (low + high) >> 1;
  const pivot = table.getNumber(middle);
  swap(table, middle, pivot, high - 1, table.getNumber(high - 1));
  let up = low;
  let down = high - 1;
  for (;;) {
    let small = table.getNumber(++up);
    while (isLess(small, pivot)) {
      if (up > high) failToSort();
      small = table.getNumber(++up);
      tick();
    }
    let great = table.getNumber(--down);
    while (isLess(pivot, great)) {
      if (down < low) failToSort();
      great = table.getNumber(--down);
      tick();
    }
    if (down < up) break;
    swap(table, up, small, down, great);
  }
  swap(table, high - 1, table.getNumber(high - 1), up, table.getNumber(up));
  return up;
}

function swap(table: Table, i: number, atI: Value, j: number, atJ: Value): void {
  table.setNumber(i, atJ);
  table.setNumber(j, atI);
}

function failToSort(): never {
  libraryError('invalid order function for sorting');
}
