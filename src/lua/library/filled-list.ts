/** Arrays as the libraries make them that read texts: element by element into a table that began without any. */

import { Table } from '../runtime/table.js';
import type { Value } from '../runtime/value.js';

/** The table that has these values from 1 on; `values[0]` is not used. None of the others is nil. */
export function filledList(values: Value[]): Table {
  // The array part was doubled each time that it was full.
  const count = values.length - 1;
  return Table.list(values, count < 2 ? count : 2 ** (32 - Math.clz32(count - 1)));
}
