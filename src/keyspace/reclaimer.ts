/**
 * What commands let go of and is too much to free at once: the keys of a flushed database, the pieces of a huge value.
 * They are out of the keyspace already, and return to the arena in slices between commands.
 *
 * A huge value's root waits in a block of its own, {i32 kind, 12 unused, root}, so that a snapshot that is restored
 * finds what was still to be freed when it was taken.
 */

import type { Arena, Ref } from '../memory/arena.js';
import { copySlice, type Slice } from '../memory/slice.js';
import type { Budget } from '../memory/structure.js';
import type { HashSeeds } from '../memory/table.js';
import type { Database, DatabaseState } from './database.js';
import type { KindTable } from './kinds.js';
import { OutsideValues } from './outside-values.js';

const ROOT_AT = 16;
const UNITS_PER_INDEX_BLOCK = 2;

interface FlushedDatabase {
  readonly database: Database;
  /** Entries below this position are still there. */
  next: number;
}

export interface ReclaimerState {
  readonly databases: readonly { state: DatabaseState; next: number }[];
  readonly values: readonly Ref[];
}

export class Reclaimer {
  private databases: FlushedDatabase[] = [];
  private values: Ref[] = [];
  /** Keys of flushed databases and huge values that were freed. */
  freedObjects = 0;
  private readonly outside: OutsideValues;

  constructor(
    private readonly arena: Arena,
    keyspace: { readonly kinds: KindTable; readonly hashSeeds: HashSeeds },
    /** A database that belongs to no keyspace's list: for the contents of a flushed one. */
    private readonly newDatabase: () => Database,
  ) {
    this.outside = new OutsideValues(arena, keyspace);
  }

  /** Keys of flushed databases and huge values that are still to be freed. */
  get pendingObjects(): number {
    return this.databases.reduce((sum, { next }) => sum + next, this.values.length);
  }

  get isBusy(): boolean {
    return this.databases.length > 0 || this.values.length > 0;
  }

  /** Takes over all keys of a database, which is empty afterwards. */
  takeDatabase(db: Database): void {
    const database = this.newDatabase();
    database.load(db.state());
    db.forget();
    this.databases.push({ database, next: database.size });
  }

  /** Takes over what the root of a structure leads to: of a value, or of a part of one that is large by itself. */
  takeValue(kind: number, root: Slice): void {
    const ref = this.arena.allocate(ROOT_AT + root.length);
    const target = this.arena.views[ref >>> 12];
    const at = (ref & 0xfff) << 4;
    target.setInt32(at, kind, true);
    copySlice(root, this.arena.bytes[ref >>> 12], target, at + ROOT_AT);
    this.values.push(ref);
  }

  /** Frees about `units` entries or pieces of values; returns whether there are more. */
  step(units: number): boolean {
    const budget = { left: units };
    while (budget.left > 0 && this.isBusy) {
      if (this.values.length > 0) this.freeSomeOfValue(budget);
      else this.freeSomeOfDatabase(budget);
    }
    this.arena.settle();
    return this.isBusy;
  }

  /** The arena was reset: nothing is left to free. */
  forget(): void {
    this.databases = [];
    this.values = [];
  }

  state(): ReclaimerState {
    return {
      databases: this.databases.map(({ database, next }) => ({ state: database.state(), next })),
      values: [...this.values],
    };
  }

  load(state: ReclaimerState): void {
    this.values = [...state.values];
    this.databases = state.databases.map((flushed) => {
      const database = this.newDatabase();
      database.load(flushed.state);
      return { database, next: flushed.next };
    });
  }

  /** Every block that waits here, for the integrity check. */
  *blocks(): Generator<Ref> {
    for (const { database, next } of this.databases) {
      for (let position = 0; position < next; position++) yield* database.blocksOf(database.at(position));
      yield* database.dict.blocks();
      yield* database.heap.blocks();
    }
    for (const ref of this.values) {
      yield ref;
      yield* this.outside.open(this.kindOf(ref), ref, ROOT_AT).blocks();
    }
  }

  private freeSomeOfValue(budget: Budget): void {
    const ref = this.values[this.values.length - 1];
    if (!this.outside.open(this.kindOf(ref), ref, ROOT_AT).freeSome(budget)) return;
    budget.left--;
    this.values.pop();
    this.freedObjects++;
    this.arena.free(ref);
  }

  private freeSomeOfDatabase(budget: Budget): void {
    const flushed = this.databases[0];
    const before = flushed.next;
    for (; flushed.next > 0 && budget.left > 0; budget.left--) {
      // What an entry holds costs what it costs, up to what a command frees at once.
      flushed.database.discard(flushed.database.at(--flushed.next), budget);
    }
    this.freedObjects += before - flushed.next;
    if (flushed.next > 0 || budget.left <= 0) return;
    const blocks = Math.ceil(budget.left / UNITS_PER_INDEX_BLOCK);
    budget.left -= blocks * UNITS_PER_INDEX_BLOCK;
    if (!flushed.database.discardIndex(blocks)) this.databases.shift();
  }

  private kindOf(ref: Ref): number {
    return this.arena.views[ref >>> 12].getInt32((ref & 0xfff) << 4, true);
  }
}
