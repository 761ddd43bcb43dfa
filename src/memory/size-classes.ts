/** The sizes that blocks have: a page holds blocks of one of them. */

import { PAGE_SIZE } from './physical-memory.js';

/** References count units of so many bytes. */
export const UNIT = 16;

/** The largest block that shares a page with others; beyond it there is only the whole page. */
export const MAX_BLOCK = PAGE_SIZE / 2;

/** About 12 % apart up to 4 KiB, then the fractions of a page. */
export const CLASS_SIZES = classSizes();
/** The class of blocks that are a whole page. */
export const PAGE_CLASS = CLASS_SIZES.length - 1;
export const CLASS_UNITS = Int32Array.from(CLASS_SIZES, (size) => size / UNIT);
/** Blocks in a page. */
export const CLASS_CAPACITY = Int32Array.from(CLASS_SIZES, (size) => Math.floor(PAGE_SIZE / size));
/** Smallest class that holds so many units. */
export const CLASS_OF_UNITS = classOfUnits();

/** Pages that so many new blocks may begin, where none is longer than `longest`: one for each size. */
export function pagesBegun(blocks: number, longest: number): number {
  const sizes = longest > MAX_BLOCK ? CLASS_SIZES.length : 1 + CLASS_OF_UNITS[(longest + (UNIT - 1)) >> 4];
  return Math.min(blocks, sizes);
}

function classSizes(): number[] {
  const sizes: number[] = [];
  for (let size = 16; size <= 128; size += 16) sizes.push(size);
  for (let base = 128; base < 4096; base *= 2) {
    for (let step = 1; step <= 8; step++) sizes.push(base + (base / 8) * step);
  }
  const pageUnits = PAGE_SIZE / UNIT;
  for (let parts = 15; parts >= 2; parts--) sizes.push(Math.floor(pageUnits / parts) * UNIT);
  sizes.push(PAGE_SIZE);
  return sizes;
}

function classOfUnits(): Uint8Array {
  const table = new Uint8Array(MAX_BLOCK / UNIT + 1);
  let blockClass = 0;
  for (let units = 1; units < table.length; units++) {
    while (CLASS_SIZES[blockClass] < units * UNIT) blockClass++;
    table[units] = blockClass;
  }
  return table;
}
