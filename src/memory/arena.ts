/**
 * The arena: all keyspace state lives here, in blocks of bytes outside the JavaScript heap.
 *
 * A reference (Ref) is an int32 that counts 16-byte units: page = ref >>> 12, byte offset in it = (ref & 0xfff) << 4.
 * Reference 0 is null (page 0 is never used). A page holds blocks of one size class; what is known of a page (class,
 * live count, free list, …) stands in `pages`, an Int32Array beside the page table, so that a snapshot copies it in one
 * go.
 *
 * Invariants, which checkIntegrity() proves in tests:
 * - Every live block has exactly one owner.
 * - A block that existed before is written only after writable(ref). A page that a snapshot shares is then replaced by
 *   a private copy, so `bytes` and `views` must be read again after writable() and allocate().
 * - free() takes effect at settle(), at the end of the command: until then the block's content can be read, and no
 *   allocate() hands it out again.
 * - Blocks move only in relocate(), which the compactor calls through the block's owner, never inside a handler.
 * - Only reserve() runs out of memory. After it, or after settle() for a command that reserves nothing, `allowance`
 *   pages are vacant for the blocks that the command allocates; what is merely useful (giving room back, moving a
 *   block) asks canSpare before. settle(), free() and writable() never fail: a page that is to be written while a
 *   snapshot shares it is copied into a page beyond the allowance, and where the system has no more, a snapshot is
 *   given up instead. A load is the one exception: it takes what it needs, may fail anywhere, and is then thrown away
 *   as a whole.
 */

import { checkBooks } from './arena-integrity.js';
import { CLASS, EVACUATING, FREE, FRESH, LIVE, NEXT, NO_CLASS, NONE, PREVIOUS, ROW, STATE } from './page-rows.js';
import { NO_PAGE, OutOfMemoryError, PAGE_SIZE, PhysicalMemory } from './physical-memory.js';
import {
  CLASS_CAPACITY,
  CLASS_OF_UNITS,
  CLASS_SIZES,
  CLASS_UNITS,
  MAX_BLOCK,
  PAGE_CLASS,
  UNIT,
} from './size-classes.js';
import { viewOf } from './slice.js';
import { SparsePages } from './sparse-pages.js';

export { MAX_BLOCK, OutOfMemoryError, PAGE_SIZE };

export type Ref = number;

const MAX_PAGES = 1 << 20;
const ALL_PAGES = 2 * MAX_PAGES;

const NO_BYTES = Buffer.alloc(0);
const NO_VIEW = viewOf(NO_BYTES);

const FREES_AT_FIRST = 64;
const PAGES_AT_FIRST = 16;

/**
 * Vacant pages that every command finds, more than one takes that asked for nothing with reserve(): one entry and its
 * value's ends (3 pages), a split of the index (4), the dense array (2), the expiry heap (2). The directory of an index
 * grows with the index, and a doubling takes as much as it has: that is less than 1 page in 512 of those in use.
 */
const SPARE_PAGES = 16;
const SPARE_SHIFT = 9;
/** Of the spare pages, those for what could as well be left undone. */
const OPTIONAL_PAGES = 4;

/** Pages that one slice of compactSegments() looks at for each that it may move. It runs rarely, hence cold. */
const LOOKED_AT_PER_MOVED = 64;

export interface ArenaStats {
  /** Bytes in live blocks, by the size of their class. */
  usedBytes: number;
  /** Bytes in pages that this arena's page table holds. */
  pageBytes: number;
  /** Bytes that take up the system's memory, for this arena and its snapshots. */
  heldBytes: number;
}

export class Arena {
  /** Page tables. Empty slots hold a zero-length buffer and view. */
  bytes: Buffer[] = [NO_BYTES];
  views: DataView[] = [NO_VIEW];

  private pages = new Int32Array(PAGES_AT_FIRST * ROW);
  /** The physical page that each page stands for, or NO_PAGE. */
  private physicalIds = new Int32Array(PAGES_AT_FIRST);
  /** Head of each class's list of pages that have room. */
  private roomy = new Int32Array(CLASS_SIZES.length);
  /** Head of the list of page numbers that are not in use. */
  private unusedPage = 0;
  private usedUnits = 0;
  private pagesInUse = 0;

  /** 0: write freely. Otherwise snapshots are open, or this is one: every write asks first. */
  private guard = 0;
  private frozen = false;
  /** Open ones of this arena, by age. */
  private snapshots: Arena[] = [];
  /** Snapshots given up since the last settle(), which still hold the pages that nobody shared. */
  private abandoned: Arena[] = [];
  /** Of a snapshot: it was given up when memory ran out, and holds nothing any more. */
  private lost = false;
  /** Of a snapshot: it must not be given up; writers meanwhile can bear an OutOfMemoryError. */
  private kept = false;
  /** Of a snapshot that is being closed: pages below are let go of. */
  private closedUpTo = 1;
  private origin: Arena | null = null;

  private frees = new Int32Array(FREES_AT_FIRST);
  private freeCount = 0;
  private evacuatingPages = 0;
  /** While pages are chosen for evacuation. */
  private sparse: SparsePages | null = null;
  /** Pages before this one are not being evacuated, once the evacuation ends. */
  private endedUpTo = 1;
  /** The segment that pages are moved out of, the page with which to go on, and whether this round has moved any. */
  private emptying = -1;
  private nextToMove = 1;
  private hasMoved = false;

  /** Changes when a command ends, and with it whatever was lent for its length. */
  epoch = 0;

  private exhausted = false;
  /** Called when isExhausted changes. */
  onExhausted: (exhausted: boolean) => void = () => {};
  /** Called when a snapshot is given up. */
  onSnapshotLost: (snapshot: Arena) => void = () => {};

  /** Pages that are vacant for what the running command may still allocate; page copies leave them alone. */
  private allowance = 0;
  /** The running command has reserved more than every command finds. */
  private hasReserved = false;
  /** Pages were taken, given back or promised since the last settle(). */
  private unsettled = true;
  /** Pages opened beyond the allowance, for tests: outside of loads there are none. */
  overdrafts = 0;

  readonly physical: PhysicalMemory;

  constructor(physical: PhysicalMemory = new PhysicalMemory()) {
    this.physical = physical;
    this.pages[CLASS] = NO_CLASS;
  }

  /**
   * A block of at least `size` bytes with any content: up to MAX_BLOCK, or exactly PAGE_SIZE. Throws OutOfMemoryError.
   */
  allocate(size: number): Ref {
    const blockClass = size <= MAX_BLOCK ? CLASS_OF_UNITS[(size + (UNIT - 1)) >> 4] : PAGE_CLASS;
    let page = this.roomy[blockClass];
    if (page === 0) page = this.openPage(blockClass);
    if (this.guard !== 0) this.guardWrite(page);
    const pages = this.pages;
    const row = page * ROW;
    let unit = pages[row + FREE];
    if (unit !== NONE) {
      pages[row + FREE] = this.views[page].getInt32(unit << 4, true);
    } else {
      unit = pages[row + FRESH];
      pages[row + FRESH] = unit + CLASS_UNITS[blockClass];
    }
    this.usedUnits += CLASS_UNITS[blockClass];
    if (++pages[row + LIVE] === CLASS_CAPACITY[blockClass]) this.unlist(page, blockClass);
    return (page << 12) | unit;
  }

  /** The block's content stays readable until settle(). */
  free(ref: Ref): void {
    if (this.freeCount === this.frees.length) this.frees = grown(this.frees);
    this.frees[this.freeCount++] = ref;
  }

  /** Bytes that a block has which is asked for with `size` bytes: who grows step by step takes them all at once. */
  static capacityFor(size: number): number {
    return size <= MAX_BLOCK ? CLASS_SIZES[CLASS_OF_UNITS[(size + (UNIT - 1)) >> 4]] : PAGE_SIZE;
  }

  /** Bytes that the block has room for. */
  capacity(ref: Ref): number {
    return CLASS_UNITS[this.pages[(ref >>> 12) * ROW + CLASS]] << 4;
  }

  /** The barrier before every write into an existing block. */
  writable(ref: Ref): void {
    if (this.guard !== 0) this.guardWrite(ref >>> 12);
  }

  /** End of a command: what was freed may be used again, and the next command finds its spare pages. */
  settle(): void {
    this.epoch = (this.epoch + 1) | 0;
    if (this.freeCount !== 0) this.applyFrees();
    if (this.unsettled) this.settlePages();
  }

  /** True while the system refuses memory that the next write might need. */
  get isExhausted(): boolean {
    return this.exhausted;
  }

  /**
   * Makes sure that blocks of so many bytes in all can be allocated: call in the checking half of a large write, and
   * (with
   * 0) of any write that the gate does not refuse when memory is exhausted. Throws OutOfMemoryError, changing nothing.
   */
  reserve(bytes: number): void {
    if (!this.tryReserve(bytes)) throw new OutOfMemoryError(`there is no memory for ${bytes} bytes more`);
  }

  tryReserve(bytes: number): boolean {
    const needed = Math.ceil(bytes / PAGE_SIZE);
    // A part of what the command has reserved as a whole, of which it may have used some.
    if (this.hasReserved && this.allowance >= needed + OPTIONAL_PAGES) return true;
    const pages = needed + this.sparePages;
    if (!this.physical.reserve(pages) || !this.makeTablesFor(pages)) return false;
    if (pages > this.allowance) {
      this.allowance = pages;
      this.hasReserved = true;
      this.unsettled = true;
    }
    return true;
  }

  /** Whether a page or two can be had for what could as well be left undone. */
  canSpare(): boolean {
    const left = Math.min(this.allowance, this.physical.vacantPages);
    return left > this.sparePages - OPTIONAL_PAGES || this.tryReserve(PAGE_SIZE);
  }

  /** Time has passed since the system refused memory: it is asked once more. Call it outside of commands. */
  askAgain(): void {
    if (!this.physical.askAgain()) return;
    this.unsettled = true;
    this.settle();
  }

  // --- snapshots ---

  /**
   * A frozen copy that shares all pages; close() it when done. Costs microseconds per thousand pages. One that is
   * `kept` is not given up when memory runs out: for who then throws away what was written since. Throws
   * OutOfMemoryError.
   */
  snapshot(kept = false): Arena {
    this.settle();
    const copy = new Arena(this.physical);
    try {
      copy.takeTables(this);
    } catch (error) {
      if (error instanceof RangeError) throw new OutOfMemoryError('there is no memory for the tables of a snapshot');
      throw error;
    }
    copy.frozen = true;
    copy.kept = kept;
    copy.guard = 1;
    copy.origin = this.origin ?? this;
    copy.origin.snapshots.push(copy);
    copy.origin.guard = 1;
    const { holders } = this.physical;
    const ids = copy.physicalIds;
    const pageCount = this.bytes.length;
    for (let page = 1; page < pageCount; page++) holders[ids[page]]++;
    return copy;
  }

  /**
   * close() in slices: lets go of up to `limit` pages of a snapshot that nobody reads any more; returns whether there
   * are more.
   */
  closeSome(limit: number): boolean {
    if (this.origin === null) return false;
    const { holders } = this.physical;
    const ids = this.physicalIds;
    this.origin.unsettled = true;
    const end = Math.min(this.closedUpTo + limit, this.bytes.length);
    for (let page = this.closedUpTo; page < end; page++) {
      const id = ids[page];
      ids[page] = NO_PAGE;
      if (--holders[id] === 0 && id !== NO_PAGE) this.physical.vacate(id);
    }
    this.closedUpTo = end;
    if (end < this.bytes.length) return true;
    this.close();
    return false;
  }

  /** Lets go of a snapshot's pages. */
  close(): void {
    if (this.origin === null) return;
    const origin = this.origin;
    this.releasePages();
    this.leave(origin);
    origin.unsettled = true;
  }

  private leave(origin: Arena): void {
    this.origin = null;
    this.bytes = [NO_BYTES];
    this.views = [NO_VIEW];
    origin.snapshots.splice(origin.snapshots.indexOf(this), 1);
    if (origin.snapshots.length === 0 && !origin.frozen) origin.guard = 0;
  }

  /** Of a snapshot: it was given up because memory ran out, and can be neither read nor restored. */
  get isLost(): boolean {
    return this.lost;
  }

  get isFrozen(): boolean {
    return this.frozen;
  }

  get hasSnapshots(): boolean {
    return this.snapshots.length > 0;
  }

  /** This arena becomes what the snapshot holds; the snapshot stays open and can be restored again. */
  restore(snapshot: Arena): void {
    if (snapshot.origin !== this) throw new Error('the snapshot is closed, lost, or of another arena');
    this.unsettled = true;
    this.freeCount = 0;
    const { holders } = this.physical;
    const mine = this.physicalIds;
    const theirs = snapshot.physicalIds;
    const pageCount = Math.max(this.bytes.length, snapshot.bytes.length);
    for (let page = 1; page < pageCount; page++) {
      const lost = mine[page];
      const gained = theirs[page];
      if (lost === gained) continue;
      // Beyond the end of a shorter table there is no page.
      if (gained > 0) holders[gained]++;
      if (lost > 0 && --holders[lost] === 0) this.physical.vacate(lost);
    }
    this.takeTables(snapshot);
    // Pages that were being evacuated when the snapshot was taken: nobody goes on with that.
    this.sparse = null;
    this.endedUpTo = 1;
    if (this.evacuatingPages > 0) this.endEvacuation();
    this.beginRound(-1);
  }

  /** Drops every block at once. */
  reset(): void {
    this.unsettled = true;
    this.freeCount = 0;
    this.releasePages();
    this.bytes = [NO_BYTES];
    this.views = [NO_VIEW];
    this.physicalIds = new Int32Array(PAGES_AT_FIRST);
    this.pages = new Int32Array(PAGES_AT_FIRST * ROW);
    this.pages[CLASS] = NO_CLASS;
    this.roomy.fill(0);
    this.unusedPage = 0;
    this.usedUnits = 0;
    this.pagesInUse = 0;
    this.evacuatingPages = 0;
    this.sparse = null;
    this.endedUpTo = 1;
    this.beginRound(-1);
  }

  // --- giving memory back ---

  /** Bytes in live blocks, by the size of their class. */
  get usedBytes(): number {
    return this.usedUnits * UNIT;
  }

  /** Pages that hold blocks. */
  get usedPages(): number {
    return this.pagesInUse;
  }

  get stats(): ArenaStats {
    return {
      usedBytes: this.usedUnits * UNIT,
      pageBytes: this.pagesInUse * PAGE_SIZE,
      heldBytes: this.physical.pagesTouched * PAGE_SIZE,
    };
  }

  /**
   * Marks sparse pages for evacuation, looking at up to `limit` pages, and returns how many are marked, or -1 while
   * there are more to look at. Nothing is allocated in a marked page, and relocate() moves its blocks. The owner walks
   * its structures through relocate(), then calls endEvacuation().
   */
  beginEvacuation(limit = ALL_PAGES): number {
    for (let left = limit; left > 0; ) {
      const sparse = (this.sparse ??= new SparsePages());
      const end = Math.min(sparse.next + left, this.bytes.length);
      left -= end - sparse.next;
      if (sparse.isDecided) this.markSparse(sparse, end);
      else this.countSparse(sparse, end);
      if (end < this.bytes.length) return -1;
      if (sparse.isDecided) {
        this.sparse = null;
        return this.evacuatingPages;
      }
      sparse.decide();
    }
    return -1;
  }

  private countSparse(sparse: SparsePages, end: number): void {
    const { pages } = this;
    for (let row = sparse.next * ROW; row < end * ROW; row += ROW) sparse.count(pages[row + CLASS], pages[row + LIVE]);
    sparse.next = end;
  }

  private markSparse(sparse: SparsePages, end: number): void {
    const { pages } = this;
    for (let page = sparse.next; page < end; page++) {
      const row = page * ROW;
      if (!sparse.choose(pages[row + CLASS], pages[row + LIVE])) continue;
      this.unlist(page, pages[row + CLASS]);
      pages[row + STATE] = EVACUATING;
      this.evacuatingPages++;
    }
    sparse.next = end;
  }

  get isEvacuating(): boolean {
    return this.evacuatingPages > 0;
  }

  /** Where the block is to be from now on: the caller, its owner, stores the result. It stays where memory is short. */
  relocate(ref: Ref): Ref {
    const row = (ref >>> 12) * ROW;
    if (this.pages[row + STATE] !== EVACUATING) return ref;
    if (!this.canSpare()) return ref;
    const size = CLASS_SIZES[this.pages[row + CLASS]];
    const to = this.allocate(size);
    const from = (ref & 0xfff) << 4;
    this.bytes[ref >>> 12].copy(this.bytes[to >>> 12], (to & 0xfff) << 4, from, from + size);
    this.free(ref);
    return to;
  }

  /** What stayed in its page has it back. Looks at up to `limit` pages; returns whether there are more to look at. */
  endEvacuation(limit = ALL_PAGES): boolean {
    this.settle();
    this.sparse = null;
    const end = this.evacuatingPages === 0 ? this.bytes.length : Math.min(this.endedUpTo + limit, this.bytes.length);
    for (let page = this.endedUpTo; page < end && this.evacuatingPages > 0; page++) {
      const row = page * ROW;
      if (this.pages[row + STATE] !== EVACUATING) continue;
      this.pages[row + STATE] = 0;
      this.list(page, this.pages[row + CLASS]);
      this.evacuatingPages--;
    }
    this.endedUpTo = this.evacuatingPages > 0 ? end : 1;
    return this.evacuatingPages > 0;
  }

  /**
   * Moves up to `limit` pages out of the segment that wastes most, and returns an empty segment to the system.
   * References do not change: they name pages by number. Returns whether there is more to gain.
   */
  compactSegments(limit: number): boolean {
    const mayGoOn = this.snapshots.length === 0 && limit > 0 && this.movePages(limit);
    const hasEmpty = this.physical.trim(this.sparePages);
    this.unsettled = true;
    return mayGoOn || hasEmpty;
  }

  private movePages(limit: number): boolean {
    const segment = this.physical.segmentToEmpty();
    if (segment < 0) return false;
    if (segment !== this.emptying) this.beginRound(segment);
    const end = Math.min(this.nextToMove + limit * LOOKED_AT_PER_MOVED, this.bytes.length);
    let moved = 0;
    for (; this.nextToMove < end && moved < limit; this.nextToMove++) {
      if (!this.physical.isInSegment(this.physicalIds[this.nextToMove], segment)) continue;
      const to = this.physical.takeOutside(segment);
      if (to < 0) return moved > 0;
      this.moveToPhysical(this.nextToMove, to);
      moved++;
    }
    if (moved > 0) this.hasMoved = true;
    if (this.nextToMove < this.bytes.length) return true;
    const { hasMoved } = this;
    this.beginRound(-1);
    return hasMoved;
  }

  private beginRound(segment: number): void {
    this.emptying = segment;
    this.nextToMove = 1;
    this.hasMoved = false;
  }

  // --- proof ---

  /** Throws unless the given references are all live blocks, each once, and the books agree. */
  checkIntegrity(reachable: Iterable<Ref>): void {
    const { pages, bytes, views, roomy, freeCount, usedUnits, pagesInUse } = this;
    checkBooks({ pages, bytes, views, roomy, freeCount, usedUnits, pagesInUse }, reachable);
  }

  // --- pages ---

  private openPage(blockClass: number): number {
    const physical = this.physical.take();
    this.unsettled = true;
    if (--this.allowance < 0) this.overdrafts++;
    let page = this.unusedPage;
    if (page !== 0) {
      this.unusedPage = this.pages[page * ROW + NEXT];
    } else {
      page = this.bytes.length;
      if (page === MAX_PAGES) throw new OutOfMemoryError('all references are in use');
      if (page === this.physicalIds.length) this.growTables();
      this.bytes.push(NO_BYTES);
      this.views.push(NO_VIEW);
    }
    this.bytes[page] = this.physical.bytesOf(physical);
    this.views[page] = this.physical.viewOf(physical);
    const row = page * ROW;
    this.pages[row + CLASS] = blockClass;
    this.pages[row + LIVE] = 0;
    this.pages[row + FREE] = NONE;
    this.pages[row + FRESH] = 0;
    this.physicalIds[page] = physical;
    this.pages[row + STATE] = 0;
    this.pagesInUse++;
    this.list(page, blockClass);
    return page;
  }

  private closePage(page: number): void {
    const row = page * ROW;
    this.unsettled = true;
    this.physical.release(this.physicalIds[page]);
    this.physicalIds[page] = NO_PAGE;
    this.bytes[page] = NO_BYTES;
    this.views[page] = NO_VIEW;
    this.pages[row + CLASS] = NO_CLASS;
    this.pages[row + STATE] = 0;
    this.pages[row + NEXT] = this.unusedPage;
    this.unusedPage = page;
    this.pagesInUse--;
  }

  /** Puts a page at the head of its class's list of pages with room. */
  private list(page: number, blockClass: number): void {
    const head = this.roomy[blockClass];
    this.pages[page * ROW + NEXT] = head;
    this.pages[page * ROW + PREVIOUS] = 0;
    if (head !== 0) this.pages[head * ROW + PREVIOUS] = page;
    this.roomy[blockClass] = page;
  }

  private unlist(page: number, blockClass: number): void {
    const next = this.pages[page * ROW + NEXT];
    const previous = this.pages[page * ROW + PREVIOUS];
    if (previous === 0) this.roomy[blockClass] = next;
    else this.pages[previous * ROW + NEXT] = next;
    if (next !== 0) this.pages[next * ROW + PREVIOUS] = previous;
  }

  /** Vacant pages that a command finds, for what it allocates without asking. */
  private get sparePages(): number {
    return SPARE_PAGES + (this.pagesInUse >> SPARE_SHIFT);
  }

  private settlePages(): void {
    // A queue's first push opens a page and its last pop closes one, so that this runs for each.
    if (this.abandoned.length !== 0) this.releaseAbandoned();
    this.unsettled = false;
    this.hasReserved = false;
    this.allowance = this.sparePages;
    const refused = !this.physical.reserve(this.allowance) || !this.makeTablesFor(this.allowance);
    if (refused === this.exhausted) return;
    this.exhausted = refused;
    this.onExhausted(refused);
  }

  private releaseAbandoned(): void {
    for (const snapshot of this.abandoned) snapshot.releasePages();
    this.abandoned.length = 0;
  }

  /** Makes sure that so many pages can be opened with the tables as they are; false when they can not grow. */
  private makeTablesFor(pages: number): boolean {
    const needed = this.bytes.length + pages;
    if (needed > MAX_PAGES && this.pagesInUse + pages >= MAX_PAGES) return false;
    try {
      while (this.physicalIds.length < Math.min(needed, MAX_PAGES)) this.growTables();
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
    return true;
  }

  private growTables(): void {
    const pages = grown(this.pages);
    this.physicalIds = grown(this.physicalIds);
    this.pages = pages;
  }

  private applyFrees(): void {
    for (let i = 0; i < this.freeCount; i++) this.freeNow(this.frees[i]);
    this.freeCount = 0;
    if (this.frees.length > FREES_AT_FIRST * 1024) this.frees = new Int32Array(FREES_AT_FIRST);
  }

  private freeNow(ref: Ref): void {
    const page = ref >>> 12;
    const row = page * ROW;
    const pages = this.pages;
    const blockClass = pages[row + CLASS];
    const evacuating = pages[row + STATE] === EVACUATING;
    this.usedUnits -= CLASS_UNITS[blockClass];
    const live = --pages[row + LIVE];
    if (live === 0) {
      if (!evacuating && CLASS_CAPACITY[blockClass] > 1) this.unlist(page, blockClass);
      if (evacuating) this.evacuatingPages--;
      this.closePage(page);
      return;
    }
    if (this.guard !== 0) this.guardWrite(page);
    this.views[page].setInt32((ref & 0xfff) << 4, pages[row + FREE], true);
    pages[row + FREE] = ref & 0xfff;
    if (live + 1 === CLASS_CAPACITY[blockClass] && !evacuating) this.list(page, blockClass);
  }

  /** What writable() does while snapshots are open: a shared page is replaced by a private copy. */
  private guardWrite(page: number): void {
    if (this.frozen) throw new Error('a snapshot can not be written');
    const { physical } = this;
    while (physical.isShared(this.physicalIds[page])) {
      const isSpare = physical.vacantPages > Math.max(this.allowance, 0) || physical.reserve(this.allowance + 1);
      // Where nothing can be given up, a load is under way, which may fail.
      if (!isSpare && this.giveUpSnapshot()) continue;
      this.unsettled = true;
      this.moveToPhysical(page, physical.take());
    }
  }

  /**
   * Gives up the oldest snapshot that may go, so that the pages it shares can be written. What it alone holds is vacant
   * only from settle() on: in this command there may be slices of it.
   */
  private giveUpSnapshot(): boolean {
    const snapshot = this.snapshots.find((open) => !open.kept);
    if (snapshot === undefined) return false;
    const { holders } = this.physical;
    const ids = snapshot.physicalIds;
    for (let page = 1; page < snapshot.bytes.length; page++) {
      if (holders[ids[page]] === 1) continue;
      holders[ids[page]]--;
      ids[page] = NO_PAGE;
    }
    snapshot.lost = true;
    this.abandoned.push(snapshot);
    this.unsettled = true;
    snapshot.leave(this);
    this.onSnapshotLost(snapshot);
    return true;
  }

  private moveToPhysical(page: number, to: number): void {
    const row = page * ROW;
    const bytes = this.physical.bytesOf(to);
    this.bytes[page].copy(bytes, 0, 0, Math.min(this.pages[row + FRESH] * UNIT, PAGE_SIZE));
    this.physical.release(this.physicalIds[page]);
    this.physicalIds[page] = to;
    this.bytes[page] = bytes;
    this.views[page] = this.physical.viewOf(to);
  }

  private releasePages(): void {
    const { holders } = this.physical;
    const ids = this.physicalIds;
    // Behind the last page there are only zeros, which is NO_PAGE.
    for (let page = 1; page < ids.length; page++) {
      const id = ids[page];
      if (--holders[id] === 0 && id !== NO_PAGE) this.physical.vacate(id);
    }
  }

  private takeTables(source: Arena): void {
    this.bytes = source.bytes.slice();
    this.views = source.views.slice();
    this.pages = source.pages.slice();
    this.physicalIds = source.physicalIds.slice();
    this.roomy = source.roomy.slice();
    this.unusedPage = source.unusedPage;
    this.usedUnits = source.usedUnits;
    this.pagesInUse = source.pagesInUse;
    this.evacuatingPages = source.evacuatingPages;
  }
}

function grown(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
