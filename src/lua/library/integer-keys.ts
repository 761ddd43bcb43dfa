/** What makes a table an array for the libraries that write tables down. */

import { tick } from '../runtime/limits.js';
import type { Table } from '../runtime/table.js';

const INT_MAX = 2 ** 31 - 1;
const INT_MIN = -(2 ** 31);

/**
 * Of the table that was looked at last: how many keys there are, and which is the largest; also as an int of C, which a
 * key beyond makes the least of ints, after which smaller keys may come.
 */
export const integerKeys = { count: 0, largest: 0, largestInt: 0 };

/** Whether all keys are whole numbers from 1 on. */
export function hasOnlyIntegerKeys(table: Table): boolean {
  const { sequenceLength } = table;
  if (sequenceLength >= 0) {
    integerKeys.count = integerKeys.largest = integerKeys.largestInt = sequenceLength;
    return true;
  }
  let count = 0;
  let largest = 0;
  let largestInt = 0;
  for (let position = table.positionAfter(0); position !== 0; position = table.positionAfter(position)) {
    const key = table.keyAt(position);
    if (typeof key !== 'number' || !(key >= 1) || Math.floor(key) !== key) return false;
    tick();
    count++;
    if (key > largest) largest = key;
    if (key > largestInt) largestInt = key <= INT_MAX ? key : INT_MIN;
  }
  integerKeys.count = count;
  integerKeys.largest = largest;
  integerKeys.largestInt = largestInt;
  return true;
}
