/** What makes a table an array for the libraries that write tables down. */

import type { Table } from '../runtime/table.js';

const INT_MAX = 2 ** 31 - 1;

/** Of the table that was looked at last: how many keys there are, and which is the largest. */
export const integerKeys = { count: 0, largest: 0 };

/** Whether all keys are whole numbers from 1 on. */
export function hasOnlyIntegerKeys(table: Table): boolean {
  let count = 0;
  let largest = 0;
  for (let key = table.nextKey(undefined); key !== undefined; key = table.nextKey(key)) {
    if (typeof key !== 'number' || !(key >= 1 && key <= INT_MAX) || Math.floor(key) !== key) return false;
    if (key > largest) largest = key;
    count++;
  }
  integerKeys.count = count;
  integerKeys.largest = largest;
  return true;
}
