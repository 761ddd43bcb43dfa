/** Table: what Lua has for arrays, records and objects. */

import { LuaError } from './errors.js';
import type { Value } from './value.js';

export class Table {
  metatable: Table | null = null;
  /** Changing it is an error, also by rawset() and by library functions. */
  isReadOnly = false;
  private readonly hash = new Map<Value, Value>();

  /** How many places are made ready, of either kind: what a constructor knows of its contents. */
  constructor(_arrayPlaces = 0, _hashPlaces = 0) {}

  /** The raw value at a key; undefined for nil and NaN, too. */
  get(key: Value): Value {
    return this.hash.get(key);
  }

  getString(key: string): Value {
    return this.hash.get(key);
  }

  getNumber(key: number): Value {
    return this.hash.get(key);
  }

  /** The raw assignment. Throws for a key that is nil or NaN, and if the table is read-only. */
  set(key: Value, value: Value): void {
    if (this.isReadOnly) throw new LuaError('Attempt to modify a readonly table');
    if (value === undefined) this.hash.delete(key);
    else this.hash.set(key, value);
  }

  setString(key: string, value: Value): void {
    this.set(key, value);
  }

  setNumber(key: number, value: Value): void {
    this.set(key, value);
  }

  /** A border, the same one that Lua 5.1 finds. */
  get length(): number {
    let length = 0;
    while (this.hash.get(length + 1) !== undefined) length++;
    return length;
  }

  /** The key after a key (after undefined the first), in the order of Lua 5.1; undefined at the end. */
  nextKey(key: Value): Value {
    let isNext = key === undefined;
    for (const each of this.hash.keys()) {
      if (isNext) return each;
      isNext = each === key;
    }
    return undefined;
  }
}
