/**
 * Which pages are worth evacuating: all pages are counted by class and fill, then as many of each class's sparsest are
 * chosen as its blocks do not need.
 *
 * Both take a slice at a time, and commands may run in between: what they change goes unseen, for a page or two.
 */

import { CLASS_CAPACITY, CLASS_SIZES, PAGE_CLASS } from './size-classes.js';

/** A class's partly filled pages below this share of live blocks are worth evacuating together. */
const SPARSE = 0.75;
/** Fills are told apart by so many parts of a page. */
const FILLS = 64;

export class SparsePages {
  /** By class and fill: pages that have room, and after decide() those of them that are still to be chosen. */
  private readonly byFill = new Int32Array(CLASS_SIZES.length * FILLS);
  /** The same pages by class, and the blocks in them. */
  private readonly pages = new Int32Array(CLASS_SIZES.length);
  private readonly live = new Float64Array(CLASS_SIZES.length);
  private decided = false;

  /** Pages before this one have been looked at. */
  next = 1;

  /** Whether pages are chosen by now, rather than counted. */
  get isDecided(): boolean {
    return this.decided;
  }

  count(blockClass: number, live: number): void {
    if (!hasRoom(blockClass, live)) return;
    this.byFill[place(blockClass, live)]++;
    this.pages[blockClass]++;
    this.live[blockClass] += live;
  }

  /** All pages have been counted: says of which fill how many are to go. */
  decide(): void {
    for (let blockClass = 0; blockClass < PAGE_CLASS; blockClass++) {
      let superfluous = this.superfluous(blockClass);
      for (let fill = 0; fill < FILLS; fill++) {
        const at = blockClass * FILLS + fill;
        this.byFill[at] = Math.min(this.byFill[at], superfluous);
        superfluous -= this.byFill[at];
      }
    }
    this.decided = true;
    this.next = 1;
  }

  /** Whether this page is to be evacuated; it is chosen then. */
  choose(blockClass: number, live: number): boolean {
    if (!hasRoom(blockClass, live)) return false;
    const at = place(blockClass, live);
    if (this.byFill[at] === 0) return false;
    this.byFill[at]--;
    return true;
  }

  private superfluous(blockClass: number): number {
    const pages = this.pages[blockClass];
    const live = this.live[blockClass];
    const capacity = CLASS_CAPACITY[blockClass];
    return live > pages * capacity * SPARSE ? 0 : pages - Math.ceil(live / capacity);
  }
}

/** A page of the class that is in use, though not by one block alone, and has room. */
function hasRoom(blockClass: number, live: number): boolean {
  return blockClass >= 0 && blockClass < PAGE_CLASS && live < CLASS_CAPACITY[blockClass];
}

function place(blockClass: number, live: number): number {
  return blockClass * FILLS + Math.floor((live * FILLS) / CLASS_CAPACITY[blockClass]);
}
