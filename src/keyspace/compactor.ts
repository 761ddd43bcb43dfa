/**
 * Compaction: after deletions, moves what is left together, so that memory returns to the system.
 *
 * It works in slices between commands: choose sparse pages for evacuation, walk all keys and move their blocks out of
 * them (the owner of a block stores its new reference), and then move pages out of the sparsest segments. Entries are
 * walked downwards by dense position: what a command moves meanwhile goes to lower positions, or was walked already.
 */

import type { Arena } from '../memory/arena.js';
import type { Budget } from '../memory/structure.js';
import type { Database } from './database.js';

/** Pages are compacted when at least this much of them, and this share, is not in live blocks. */
const WORTHWHILE_BYTES = 4 * 1024 * 1024;
const WORTHWHILE_SHARE = 0.2;
/** Segments are compacted when they take up this much more memory than the pages in use. */
const WORTHWHILE_SEGMENT_BYTES = 8 * 1024 * 1024;

/**
 * A unit is an entry, a node of a value or a row of the page table that is looked at, or a KiB that is moved: half a
 * microsecond if it is in the cache, several times as much if it is not. A page moves to one that was never touched.
 */
const UNITS_PER_PAGE = 128;
const UNITS_PER_INDEX_BLOCK = 4;
/** How many structures may lie in each other. */
const DEEPEST_STRUCTURE = 4;

const Stage = { CHOOSING: 0, ENTRIES: 1, DICT: 2, HEAP: 3, ENDING: 4 } as const;
type Stage = (typeof Stage)[keyof typeof Stage];

/** What the compactor needs of the keyspace. */
export interface CompactorContext {
  readonly arena: Arena;
  readonly databases: readonly Database[];
  readonly reclaimer: { readonly isBusy: boolean };
}

export class Compactor {
  private running = false;
  private database = 0;
  private stage: Stage = Stage.CHOOSING;
  /** Next position of the dense array, or a cursor over the blocks of Dict or heap. */
  private cursor = 0;
  /** How far it is within a large value, see Structure; all 0 at the beginning of one. */
  private readonly progress = new Int32Array(DEEPEST_STRUCTURE);
  private isWithinValue = false;
  /** Used bytes when the last pass ended: another one needs new deletions. */
  private usedBytesAfterLast = Number.POSITIVE_INFINITY;

  constructor(private readonly keyspace: CompactorContext) {}

  /** Does about `units` of work, outside of commands; returns whether there is more to do. */
  step(units: number): boolean {
    const { arena } = this.keyspace;
    if (this.keyspace.reclaimer.isBusy) return false;
    // While a snapshot shares the pages, moving what is in them would only copy it. Empty segments can go.
    if (arena.hasSnapshots) return this.compactSegments(units);
    if (!this.running && !this.begin()) return this.compactSegments(units);
    const budget = { left: units };
    while (budget.left > 0 && this.running) this.work(budget);
    arena.settle();
    return true;
  }

  /** The arena was reset or restored: what was under way is void. */
  stop(): void {
    if (this.running) this.keyspace.arena.endEvacuation();
    this.running = false;
    this.usedBytesAfterLast = Number.POSITIVE_INFINITY;
  }

  private begin(): boolean {
    const { arena } = this.keyspace;
    const { usedBytes, pageBytes } = arena.stats;
    const unused = pageBytes - usedBytes;
    if (unused < WORTHWHILE_BYTES || unused < pageBytes * WORTHWHILE_SHARE) return false;
    if (usedBytes > this.usedBytesAfterLast * (1 - WORTHWHILE_SHARE / 2)) {
      this.usedBytesAfterLast = Math.max(this.usedBytesAfterLast, usedBytes);
      return false;
    }
    this.running = true;
    this.database = 0;
    this.enter(Stage.CHOOSING);
    return true;
  }

  private enter(stage: Stage): void {
    this.stage = stage;
    this.leaveValue();
    this.cursor = stage === Stage.ENTRIES ? this.keyspace.databases[this.database].size : 0;
  }

  private leaveValue(): void {
    this.isWithinValue = false;
    this.progress.fill(0);
  }

  /** One piece of the walk. */
  private work(budget: Budget): void {
    const db = this.keyspace.databases[this.database];
    if (this.stage === Stage.ENTRIES) this.workOnEntry(db, budget);
    else if (this.stage === Stage.CHOOSING) this.choosePages(budget);
    else if (this.stage === Stage.ENDING) this.end(budget);
    else this.workOnIndex(db, budget);
  }

  private choosePages(budget: Budget): void {
    const evacuating = this.keyspace.arena.beginEvacuation(budget.left);
    budget.left = 0;
    if (evacuating > 0) this.enter(Stage.ENTRIES);
    else if (evacuating === 0) this.enter(Stage.ENDING);
  }

  private workOnIndex(db: Database, budget: Budget): void {
    const blocks = Math.max(1, Math.floor(budget.left / UNITS_PER_INDEX_BLOCK));
    budget.left -= blocks * UNITS_PER_INDEX_BLOCK;
    const structure = this.stage === Stage.DICT ? db.dict : db.heap;
    this.cursor = structure.relocateBlocks(this.cursor, blocks);
    if (this.cursor >= 0) return;
    if (this.stage === Stage.DICT) this.enter(Stage.HEAP);
    else if (++this.database < this.keyspace.databases.length) this.enter(Stage.ENTRIES);
    else this.enter(Stage.ENDING);
  }

  private workOnEntry(db: Database, budget: Budget): void {
    if (!this.isWithinValue) this.cursor = Math.min(this.cursor, db.size) - 1;
    if (this.cursor < 0) {
      this.enter(Stage.DICT);
      return;
    }
    // The database shrank meanwhile, and the value that the last slice was within is elsewhere or gone.
    if (this.cursor >= db.size) {
      this.leaveValue();
      return;
    }
    if (db.relocateAt(this.cursor, this.progress, budget)) this.leaveValue();
    else this.isWithinValue = true;
    // Frees take effect now and then, so that emptied pages serve again during a long walk.
    if ((this.cursor & 0xff) === 0) this.keyspace.arena.settle();
  }

  private end(budget: Budget): void {
    const hasMore = this.keyspace.arena.endEvacuation(budget.left);
    budget.left = 0;
    if (hasMore) return;
    this.running = false;
    this.usedBytesAfterLast = this.keyspace.arena.stats.usedBytes;
  }

  private compactSegments(units: number): boolean {
    const { arena } = this.keyspace;
    const { pageBytes, heldBytes } = arena.stats;
    if (heldBytes - pageBytes < WORTHWHILE_SEGMENT_BYTES) return false;
    return arena.compactSegments(Math.max(1, Math.floor(units / UNITS_PER_PAGE)));
  }
}
