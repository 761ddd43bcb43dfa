/**
 * Set algebra over Tables. TableWalk visits a Table's elements block by block of its index, with the hash that stands in
 * each slot; TableJoin keeps those that are in all of some other Tables, or in none.
 *
 * Tables with one seed hash alike, so a slot of one is looked up in another without hashing, and without a look at any
 * entry where it is not there. As both indexes go by the low bits of the hash, the blocks that are probed lie in the
 * cache. Where a Table had to change its hash, elements are looked up by their keys.
 *
 * The intersection is what allOf(smallest, others) yields, the difference noneOf(first, others), and the union noneOf(i, those
 * before i) for each i: none of them takes a temporary structure. No Table may change meanwhile.
 */

import type { Ref } from './arena.js';
import { SLOT_SHIFT, SLOTS, SLOTS_AT } from './index-block.js';
import { Slice } from './slice.js';
import type { Table } from './table.js';

export class TableWalk {
  /** The element that next() has reached, and its hash in the Table's index. */
  ref: Ref = 0;
  hash = 0;
  private table!: Table;
  private index = 0;
  private block: Ref = 0;
  private at = 0;
  private end = 0;

  begin(table: Table): this {
    this.table = table;
    this.index = 0;
    this.at = 0;
    this.end = 0;
    return this;
  }

  /** Steps to the next element; false when there is none. */
  next(): boolean {
    const { views } = this.table.arena;
    for (;;) {
      const view = views[this.block >>> 12];
      for (let at = this.at; at < this.end; at += 1 << SLOT_SHIFT) {
        const ref = view.getInt32(at, true);
        if (ref === 0) continue;
        this.ref = ref;
        this.hash = view.getInt32(at + 4, true);
        this.at = at + (1 << SLOT_SHIFT);
        return true;
      }
      if (!this.nextBlock()) return false;
    }
  }

  private nextBlock(): boolean {
    const { dict } = this.table;
    while (this.index < dict.directoryLength) {
      this.block = dict.indexBlockAt(this.index++);
      if (this.block === 0) continue;
      this.at = ((this.block & 0xfff) << 4) + SLOTS_AT;
      this.end = this.at + (SLOTS << SLOT_SHIFT);
      return true;
    }
    return false;
  }
}

export class TableJoin {
  private readonly walk = new TableWalk();
  private readonly key = new Slice();
  private first!: Table;
  private others: readonly Table[] = [];
  private isWanted = true;

  /** Turns to the elements of `first` that are in all others. The fewer the first one has, the better. */
  allOf(first: Table, others: readonly Table[]): this {
    return this.begin(first, others, true);
  }

  /** Turns to the elements of `first` that are in none of the others. */
  noneOf(first: Table, others: readonly Table[]): this {
    return this.begin(first, others, false);
  }

  /** The hash of the element that next() returned, in the first Table's index: for Table.insertTwin(). */
  get hash(): number {
    return this.walk.hash;
  }

  /** The next of these elements, as the first Table's entry, or 0 when there is none. */
  next(): Ref {
    while (this.walk.next()) {
      if (this.agrees()) return this.walk.ref;
    }
    return 0;
  }

  private begin(first: Table, others: readonly Table[], isWanted: boolean): this {
    this.walk.begin(first);
    this.first = first;
    this.others = others;
    this.isWanted = isWanted;
    return this;
  }

  private agrees(): boolean {
    for (let i = 0; i < this.others.length; i++) {
      if (this.isIn(this.others[i]) !== this.isWanted) return false;
    }
    return true;
  }

  private isIn(other: Table): boolean {
    const { ref, hash } = this.walk;
    if (other.dict.hashesLike(this.first.dict)) return other.dict.findTwin(hash, this.first.dict, ref) !== 0;
    return other.find(this.first.keyOf(ref, this.key)) !== 0;
  }
}
