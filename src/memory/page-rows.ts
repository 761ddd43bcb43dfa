/** What an arena knows of each page: a row of integers, in one array beside the page table that snapshots copy. */

/** The size class of its blocks, or NO_CLASS while it is not in use. */
export const CLASS = 0;
/** How many blocks live. */
export const LIVE = 1;
/** The unit of the first free block, which holds the unit of the next one; NONE ends the list. */
export const FREE = 2;
/** The unit from which on no block was ever given out. */
export const FRESH = 3;
/** Neighbours in the list of the class's pages that have room. */
export const NEXT = 4;
export const PREVIOUS = 5;
/** EVACUATING or 0. */
export const STATE = 6;
/** The length of a row. */
export const ROW = 8;

export const NO_CLASS = -1;
export const NONE = -1;
export const EVACUATING = 1;
