/** TableIterator: pairs() in a loop that sees to its own progress, without a search for the last key in each round. */

import type { Table } from './table.js';
import type { Value } from './value.js';

export class TableIterator {
  key: Value;
  value: Value;
  private position = 0;
  private version: number;

  constructor(private readonly table: Table) {
    this.version = table.layoutVersion;
  }

  /** Goes to the next entry; false if there is none. Does what next() does if keys were added meanwhile. */
  advance(): boolean {
    const { table } = this;
    const version = table.layoutVersion;
    if (version !== this.version) {
      if (this.position > 0) this.position = table.positionOf(this.key);
      this.version = version;
    }
    const position = table.positionAfter(this.position);
    if (position === 0) return false;
    this.position = position;
    this.key = table.keyAt(position);
    this.value = table.valueAt(position);
    return true;
  }
}
