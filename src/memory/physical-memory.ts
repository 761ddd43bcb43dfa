/**
 * Physical pages: 64 KiB pieces of large ArrayBuffers (segments), counted by how many page tables hold them.
 *
 * One PhysicalMemory serves a live arena and all of its snapshots; a page that several of them hold is shared and must
 * not be written. The first segment is small and kept, so that a server in a test stays small. All others have the size
 * from which on common allocators map a block by itself: their release reaches the system at once, while one of a few
 * MiB often stayed with the allocator (24 MB after FLUSHALL). The system gives them page by page, as they are touched.
 */

import { giveToSystem } from './give-to-system.js';
import { headroom } from './headroom.js';
import { viewOf } from './slice.js';

export const PAGE_SIZE = 65536;

const MIB = 1024 * 1024;
const FIRST_SEGMENT = 2 * MIB;
const SEGMENT = 32 * MIB;

/**
 * What the system must be able to give beside a new segment: V8 ends the process when it is refused a few MiB, so the
 * last of the memory is not for data.
 */
const HEADROOM = 128 * MIB;

/** A page's id is its segment's number plus one, and its slot in it. */
const SLOT_BITS = 9;
const SLOT_MASK = (1 << SLOT_BITS) - 1;

/** Touched pages of one segment that must stand vacant for it to be worth a fresh segment in its place: 8 MiB. */
const RENEWABLE_PAGES = 128;

/** The id that is no page. Its count of holders means nothing, so loops over ids need not ask for it. */
export const NO_PAGE = 0;

export class OutOfMemoryError extends Error {
  override name = 'OutOfMemoryError';
}

class Segment {
  readonly bytes: Buffer[] = [];
  readonly views: DataView[] = [];
  readonly capacity: number;
  /** Slots given back, a stack; behind `fresh` none was ever used. */
  private readonly vacant: number[] = [];
  private fresh = 0;
  used = 0;

  /** Slots that take up memory though nobody uses them: the system gave them when they were first touched. */
  get wasted(): number {
    return this.fresh - this.used;
  }

  /** Slots that were ever used. */
  get touched(): number {
    return this.fresh;
  }

  constructor(readonly buffer: ArrayBuffer) {
    this.capacity = buffer.byteLength / PAGE_SIZE;
  }

  take(): number {
    this.used++;
    return this.vacant.pop() ?? this.addSegment();
  }

  giveBack(slot: number): void {
    this.vacant.push(slot);
    this.used--;
  }

  private addSegment(): number {
    const slot = this.fresh++;
    const bytes = Buffer.from(this.buffer, slot * PAGE_SIZE, PAGE_SIZE);
    this.bytes.push(bytes);
    this.views.push(viewOf(bytes));
    return slot;
  }
}

export class PhysicalMemory {
  /** Asks the system for a segment's memory; throws when it is refused. Tests put one in its place that refuses. */
  allocateSegment: (size: number) => ArrayBuffer = allocateFromSystem;

  /**
   * The system has refused a segment and is not asked for another until askAgain(): V8 collects garbage, twice and for
   * 20 ms, before it believes a refusal.
   */
  private isRefused = false;

  /**
   * How many page tables hold a page, by id. Public, for the loops over all pages with which a snapshot opens and
   * closes: they run rarely, hence cold, where a call costs 0.2 µs a page.
   */
  holders = new Int32Array(2 << SLOT_BITS);
  private segments: (Segment | null)[] = [];
  /** No segment below this number has a vacant slot. */
  private firstVacant = 0;
  pagesUsed = 0;
  /** Pages of all segments, used or not. */
  pagesHeld = 0;

  bytesOf(id: number): Buffer {
    return this.segmentOf(id).bytes[id & SLOT_MASK];
  }

  viewOf(id: number): DataView {
    return this.segmentOf(id).views[id & SLOT_MASK];
  }

  isShared(id: number): boolean {
    return this.holders[id] > 1;
  }

  /** A page with one holder and any content. Throws OutOfMemoryError. */
  take(): number {
    let number = this.firstVacant;
    while (number < this.segments.length) {
      const segment = this.segments[number];
      if (segment !== null && segment.used < segment.capacity) break;
      number++;
    }
    if (number === this.segments.length) number = this.addSegment();
    this.firstVacant = number;
    return this.takeFrom(number);
  }

  release(id: number): void {
    if (--this.holders[id] === 0) this.vacate(id);
  }

  /** Nobody holds the page any more. */
  vacate(id: number): void {
    this.segmentOf(id).giveBack(id & SLOT_MASK);
    this.pagesUsed--;
    const number = (id >>> SLOT_BITS) - 1;
    if (number < this.firstVacant) this.firstVacant = number;
  }

  /** Pages that can be taken without another segment. */
  get vacantPages(): number {
    return this.pagesHeld - this.pagesUsed;
  }

  /** Makes sure that `pages` can be taken without another segment; false when the system refuses one. */
  reserve(pages: number): boolean {
    if (this.pagesHeld - this.pagesUsed >= pages) return true;
    try {
      while (this.vacantPages < pages) this.addSegment();
    } catch (error) {
      if (!(error instanceof OutOfMemoryError)) throw error;
      return false;
    }
    return true;
  }

  /**
   * Some time has passed since the system refused a segment: the next that is needed is asked for again. Whether it
   * had.
   */
  askAgain(): boolean {
    const { isRefused } = this;
    this.isRefused = false;
    return isRefused;
  }

  /**
   * Returns an empty segment to the system, but not the first, which the next write would only ask for again; whether
   * it has, so that there may be more. One at a time: the system takes up to a millisecond for each. `spare` pages stay
   * vacant: if those would be touched ones, a fresh segment takes their place, of which nothing is touched yet.
   */
  trim(spare: number): boolean {
    for (let number = this.segments.length - 1; number > 0; number--) {
      const segment = this.segments[number];
      if (segment === null || segment.used > 0) continue;
      if (this.vacantPages - segment.capacity < spare) {
        if (segment.touched < RENEWABLE_PAGES || !this.reserve(segment.capacity + spare)) continue;
      }
      this.segments[number] = null;
      this.pagesHeld -= segment.capacity;
      while (this.segments[this.segments.length - 1] === null) this.segments.pop();
      this.firstVacant = 0;
      giveToSystem(segment);
      return true;
    }
    return false;
  }

  /** Pages that take up memory: those that were ever used, in segments that are still held. */
  get pagesTouched(): number {
    return this.segments.reduce((sum, segment) => sum + (segment?.touched ?? 0), 0);
  }

  /**
   * The segment whose pages should move elsewhere, so that it can be given back, or -1. That is the one which wastes
   * most of those whose pages the others have room for. If none has, a segment that wastes much gets a fresh one to
   * move to, of which only what is used will be touched.
   */
  segmentToEmpty(): number {
    let best = -1;
    let mostWasted = 0;
    let renewable = -1;
    let mostRenewable = RENEWABLE_PAGES;
    for (let number = 1; number < this.segments.length; number++) {
      const segment = this.segments[number];
      if (segment === null || segment.used === 0) continue;
      const vacantElsewhere = this.vacantPages - (segment.capacity - segment.used);
      if (segment.wasted > mostWasted && segment.used <= vacantElsewhere) {
        best = number;
        mostWasted = segment.wasted;
      } else if (segment.wasted >= mostRenewable) {
        renewable = number;
        mostRenewable = segment.wasted;
      }
    }
    if (best >= 0 || renewable < 0) return best;
    try {
      this.addSegment();
    } catch {
      // Where there is no memory for it, things stay as they are.
      return -1;
    }
    return renewable;
  }

  isInSegment(id: number, number: number): boolean {
    return (id >>> SLOT_BITS) - 1 === number;
  }

  /** A page outside the given segment, or -1: for moving pages out of it. */
  takeOutside(number: number): number {
    for (let other = 0; other < this.segments.length; other++) {
      const segment = this.segments[other];
      if (other === number || segment === null || segment.used === segment.capacity) continue;
      return this.takeFrom(other);
    }
    return -1;
  }

  private segmentOf(id: number): Segment {
    return this.segments[(id >>> SLOT_BITS) - 1] as Segment;
  }

  private takeFrom(number: number): number {
    const id = ((number + 1) << SLOT_BITS) | (this.segments[number] as Segment).take();
    this.holders[id] = 1;
    this.pagesUsed++;
    return id;
  }

  /** The new segment's number. Throws OutOfMemoryError, changing nothing. */
  private addSegment(): number {
    const size = this.pagesHeld === 0 ? FIRST_SEGMENT : SEGMENT;
    if (this.isRefused) throw new OutOfMemoryError('the system refused a segment a short time ago');
    const hole = this.segments.indexOf(null);
    const number = hole >= 0 ? hole : this.segments.length;
    let segment: Segment;
    try {
      if ((number + 2) << SLOT_BITS > this.holders.length) {
        const holders = new Int32Array(this.holders.length * 2);
        holders.set(this.holders);
        this.holders = holders;
      }
      segment = new Segment(this.allocateSegment(size));
    } catch {
      this.isRefused = true;
      throw new OutOfMemoryError(`the system refused a segment of ${size} bytes`);
    }
    this.pagesHeld += segment.capacity;
    this.segments[number] = segment;
    if (number < this.firstVacant) this.firstVacant = number;
    return number;
  }
}

/**
 * The buffer is neither zeroed nor touched: the system gives the memory page by page, as it is used. The headroom is
 * looked for before anything is taken, as a refusal makes V8 collect garbage, for which it needs memory itself.
 */
function allocateFromSystem(size: number): ArrayBuffer {
  if (size > FIRST_SEGMENT) headroom.look(size + HEADROOM);
  return Buffer.allocUnsafeSlow(size).buffer as ArrayBuffer;
}
