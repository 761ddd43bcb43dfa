/**
 * KeyIndex: the slot of each key of a dictionary.
 *
 * A Map serves until there are many names. Then a search in it waits for memory again and again, since V8 keeps hashes
 * in the strings: short names move to a table of hashes and slots, side by side, with open addressing, where a name is
 * waited for only if its hash is the same. To fill and walk over a table with 200,000 takes 0.45 of its time by this.
 * A long name would be hashed anew at each access, and stays in the Map.
 */

import { hashOf } from './key-hash.js';
import type { Value } from './value.js';

/** So many names are too many for a Map. */
const MANY = 4096;
const LONGEST_NAME = 32;
const FIRST_CAPACITY = 4 * MANY;
const NONE = 0;

export class KeyIndex {
  private readonly map = new Map<Value, number>();
  /** Hash and slot by turns; slot 0 is no one's. Null while there are few names. */
  private table: Int32Array | null = null;
  /** What takes a spread hash to its place. */
  private shift = 0;
  private count = 0;

  /** @returns 0 for a key that is not there */
  get(key: Value, keys: readonly Value[]): number {
    if (this.table === null || !isShortName(key)) return this.map.get(key) ?? NONE;
    return this.table[this.placeOf(key, hashOf(key), this.table, keys) + 1]!;
  }

  /** Keys that are there change their slots. */
  set(key: Value, slot: number, keys: readonly Value[]): void {
    if (this.table === null || !isShortName(key)) {
      this.map.set(key, slot);
      if (this.table === null && isShortName(key) && this.map.size > MANY) this.takeNames(keys);
      return;
    }
    const hash = hashOf(key);
    const place = this.placeOf(key, hash, this.table, keys);
    if (this.table[place + 1] === NONE) this.count++;
    this.table[place] = hash;
    this.table[place + 1] = slot;
    if (2 * this.count > this.table.length >> 1) this.resize(this.table.length);
  }

  delete(key: Value, keys: readonly Value[]): void {
    if (this.table === null || !isShortName(key)) this.map.delete(key);
    else this.remove(this.placeOf(key, hashOf(key), this.table, keys), this.table);
  }

  clear(): void {
    this.map.clear();
    this.table = null;
    this.count = 0;
  }

  /** Where the name is, or would be. */
  private placeOf(name: string, hash: number, table: Int32Array, keys: readonly Value[]): number {
    const end = table.length - 2;
    let place = this.homeOf(hash);
    for (;;) {
      const slot = table[place + 1]!;
      if (slot === NONE || (table[place] === hash && keys[slot] === name)) return place;
      place = (place + 2) & end;
    }
  }

  private homeOf(hash: number): number {
    return (Math.imul(hash, 0x9e37_79b1) >>> this.shift) << 1;
  }

  /** Those behind it that are not at home move up, so that no search ends too early. */
  private remove(place: number, table: Int32Array): void {
    if (table[place + 1] === NONE) return;
    this.count--;
    const end = table.length - 2;
    let free = place;
    for (let next = (free + 2) & end; table[next + 1] !== NONE; next = (next + 2) & end) {
      const home = this.homeOf(table[next]!);
      // Whether its home is not between the free place and its own, in a circle.
      if (((next - home) & end) < ((next - free) & end)) continue;
      table[free] = table[next]!;
      table[free + 1] = table[next + 1]!;
      free = next;
    }
    table[free + 1] = NONE;
  }

  /** Short names leave the map. */
  private takeNames(keys: readonly Value[]): void {
    this.beginTable(FIRST_CAPACITY);
    for (const [key, slot] of this.map) {
      if (!isShortName(key)) continue;
      this.map.delete(key);
      this.set(key, slot, keys);
    }
  }

  private beginTable(places: number): Int32Array {
    this.shift = 32 - Math.log2(places);
    this.table = new Int32Array(2 * places);
    return this.table;
  }

  private resize(places: number): void {
    const before = this.table!;
    const table = this.beginTable(places);
    const end = table.length - 2;
    for (let from = 0; from < before.length; from += 2) {
      const slot = before[from + 1]!;
      if (slot === NONE) continue;
      let place = this.homeOf(before[from]!);
      while (table[place + 1] !== NONE) place = (place + 2) & end;
      table[place] = before[from]!;
      table[place + 1] = slot;
    }
  }
}

function isShortName(key: Value): key is string {
  return typeof key === 'string' && key.length <= LONGEST_NAME;
}
