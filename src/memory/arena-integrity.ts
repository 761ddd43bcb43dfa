/** Proves that an arena's books agree with each other, with its pages, and with who owns its blocks. */

import { CLASS, EVACUATING, FREE, FRESH, LIVE, NEXT, NO_CLASS, NONE, ROW, STATE } from './page-rows.js';
import { CLASS_CAPACITY, CLASS_UNITS, PAGE_CLASS, UNIT } from './size-classes.js';

/** What is counted and kept of pages; see Arena. */
export interface ArenaBooks {
  readonly pages: Int32Array;
  readonly bytes: readonly Buffer[];
  readonly views: readonly DataView[];
  /** The first page with room, by class; 0 for none. */
  readonly roomy: Int32Array;
  readonly freeCount: number;
  readonly usedUnits: number;
  readonly pagesInUse: number;
}

/** Throws unless the given references are all live blocks, each once, and the books agree. */
export function checkBooks(books: ArenaBooks, reachable: Iterable<number>): void {
  const reached = new Map<number, Set<number>>();
  for (const ref of reachable) {
    const page = ref >>> 12;
    let units = reached.get(page);
    if (units === undefined) reached.set(page, (units = new Set()));
    if (units.has(ref & 0xfff)) throw new Error(`block ${ref} has two owners`);
    units.add(ref & 0xfff);
  }
  let usedUnits = 0;
  let pagesInUse = 0;
  for (let page = 1; page < books.bytes.length; page++) {
    const row = page * ROW;
    const blockClass = books.pages[row + CLASS];
    const units = reached.get(page) ?? new Set();
    if (blockClass === NO_CLASS) {
      if (units.size > 0) throw new Error(`page ${page} is not in use but ${units.size} blocks in it are owned`);
      continue;
    }
    pagesInUse++;
    usedUnits += books.pages[row + LIVE] * CLASS_UNITS[blockClass];
    checkPage(books, page, blockClass, units);
  }
  if (books.freeCount !== 0) throw new Error(`${books.freeCount} frees are pending`);
  if (usedUnits !== books.usedUnits) throw new Error(`used units are ${usedUnits}, the count says ${books.usedUnits}`);
  if (pagesInUse !== books.pagesInUse) throw new Error(`pages in use: ${pagesInUse}, counted ${books.pagesInUse}`);
  checkRoomyLists(books);
}

function checkPage({ pages, views }: ArenaBooks, page: number, blockClass: number, owned: Set<number>): void {
  const row = page * ROW;
  const live = pages[row + LIVE];
  const fresh = pages[row + FRESH];
  const size = CLASS_UNITS[blockClass];
  const vacant = new Set<number>();
  for (let unit = pages[row + FREE]; unit !== NONE; unit = views[page].getInt32(unit << 4, true)) {
    if (vacant.has(unit) || unit % size !== 0 || unit >= fresh) throw new Error(`page ${page}: bad free list`);
    vacant.add(unit);
  }
  for (const unit of owned) {
    if (unit % size !== 0 || unit >= fresh) throw new Error(`page ${page}: ${unit} is no block`);
    if (vacant.has(unit)) throw new Error(`page ${page}: block ${unit} is owned and free`);
  }
  if (owned.size !== live) throw new Error(`page ${page} (${size * UNIT} B): ${live} live, ${owned.size} owned`);
  if (live + vacant.size !== fresh / size) throw new Error(`page ${page}: live and free do not add up`);
}

function checkRoomyLists({ pages, bytes, roomy }: ArenaBooks): void {
  const listed = new Set<number>();
  for (let blockClass = 0; blockClass < PAGE_CLASS; blockClass++) {
    for (let page = roomy[blockClass]; page !== 0; page = pages[page * ROW + NEXT]) {
      if (pages[page * ROW + CLASS] !== blockClass) throw new Error(`page ${page} is in a wrong list`);
      listed.add(page);
    }
  }
  for (let page = 1; page < bytes.length; page++) {
    const blockClass = pages[page * ROW + CLASS];
    if (blockClass === NO_CLASS || pages[page * ROW + STATE] === EVACUATING) continue;
    const hasRoom = pages[page * ROW + LIVE] < CLASS_CAPACITY[blockClass];
    if (hasRoom !== listed.has(page)) throw new Error(`page ${page}: room ${hasRoom}, listed ${listed.has(page)}`);
  }
}
