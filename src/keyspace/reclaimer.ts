/**
 * What commands let go of and is too much to free at once: the keys of a flushed database, the pieces of a huge value.
 * They are out of the keyspace already, and return to the arena in slices between commands.
 *
 * A huge value's root waits in a block of its own, {i32 encoding, 12 unused, root}, so that a snapshot that is restored
 * finds what was still to be freed when it was taken.
 */

import type { Arena, Ref } from '../memory/arena.js';
import { DEQUE_ROOT, Deque } from '../memory/deque.js';
import { ROPE_ROOT } from '../memory/entry-layout.js';
import { Rope } from '../memory/rope.js';
import { copySlice, type Slice } from '../memory/slice.js';
import type { Database, DatabaseState } from './database.js';
import { Encoding } from './types.js';

const ROOT_AT = 16;

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
  private readonly rope: Rope;
  private readonly deque: Deque;

  constructor(
    private readonly arena: Arena,
    /** A database that belongs to no keyspace's list: for the contents of a flushed one. */
    private readonly newDatabase: () => Database,
  ) {
    this.rope = new Rope(arena);
    this.deque = new Deque(arena);
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

  /** Takes over what the root of a value outside its entry leads to. */
  takeValue(encoding: Encoding, root: Slice): void {
    const ref = this.arena.allocate(ROOT_AT + Math.max(DEQUE_ROOT, ROPE_ROOT));
    const target = this.arena.views[ref >>> 12];
    const at = (ref & 0xfff) << 4;
    target.setInt32(at, encoding, true);
    copySlice(root, this.arena.bytes[ref >>> 12], target, at + ROOT_AT);
    this.values.push(ref);
  }

  /** Frees up to about `limit` entries or pieces; returns whether there are more. */
  step(limit: number): boolean {
    if (this.values.length > 0) this.freeSomeOfValue(limit);
    else if (this.databases.length > 0) this.freeSomeOfDatabase(limit);
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
      if (this.encodingOf(ref) === Encoding.ROPE) yield* this.openRope(ref).blocks();
      else yield* this.deque.open(ref, ROOT_AT).blocks();
    }
  }

  private freeSomeOfValue(limit: number): void {
    const ref = this.values[this.values.length - 1];
    let isGone: boolean;
    if (this.encodingOf(ref) === Encoding.ROPE) {
      isGone = this.openRope(ref).freeSome(limit);
      this.arena.writable(ref);
      this.rope.store(this.arena.views[ref >>> 12], ((ref & 0xfff) << 4) + ROOT_AT);
    } else {
      isGone = this.deque.open(ref, ROOT_AT).freeSome(limit);
    }
    if (!isGone) return;
    this.values.pop();
    this.freedObjects++;
    this.arena.free(ref);
  }

  private freeSomeOfDatabase(limit: number): void {
    const flushed = this.databases[0];
    const before = flushed.next;
    for (; flushed.next > 0 && limit > 0; limit--) flushed.database.discard(flushed.database.at(--flushed.next));
    this.freedObjects += before - flushed.next;
    if (flushed.next === 0 && !flushed.database.discardIndex(limit)) this.databases.shift();
  }

  private encodingOf(ref: Ref): number {
    return this.arena.views[ref >>> 12].getInt32((ref & 0xfff) << 4, true);
  }

  private openRope(ref: Ref): Rope {
    return this.rope.load(this.arena.views[ref >>> 12], ((ref & 0xfff) << 4) + ROOT_AT);
  }
}
