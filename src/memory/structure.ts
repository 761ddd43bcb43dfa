/**
 * What a structure with blocks of its own offers to the owner of its root, so that owners need not know which one it
 * is.
 */

import type { Arena, Ref } from './arena.js';
import type { Slice } from './slice.js';

/** A walk looks at so many elements before it reads them: the processor then waits for all of them at once. */
export const TOUCHED_AT_ONCE = 16;

/** So many keys, or names of elements, are looked at before the first of those commands runs that ask for them. */
export const LOOKED_AT_AHEAD = 32;

/** Work that may still be done in this slice. The work spends it, so that a slice costs what it says. */
export interface Budget {
  left: number;
}

/**
 * A cursor over a structure whose root lies `offset` bytes into a block that somebody else owns. The cursor writes the
 * root itself, through arena.writable(). Nothing inside the structure refers to that block, so the root may be moved as
 * bytes.
 */
export interface Structure {
  open(block: Ref, offset: number): this;
  /**
   * Looks at where elements are to be found that commands are about to ask for, up to LOOKED_AT_AHEAD of them. What it
   * returns means nothing.
   */
  lookAhead?(names: readonly Slice[], count: number): number;
  /** Frees everything but the root, at once. */
  free(): void;
  /** Frees a part, spending the budget; true when nothing but the root is left. */
  freeSome(budget: Budget): boolean;
  /** Becomes a copy of another structure of its kind; what the root held before is overwritten, not freed. */
  copyFrom(other: this): void;
  /**
   * Compaction: moves blocks out of pages that are being evacuated, spending the budget. `progress[level]` says where
   * it is (0 at first); a structure inside a structure uses the next level. True when done.
   */
  relocateSome(progress: Int32Array, level: number, budget: Budget): boolean;
  /** Every block but the one that holds the root. */
  blocks(): Iterable<Ref>;
  /** Bytes of these blocks. Of many elements or nodes only `samples` are looked at, and stand for all. */
  blockBytes(samples: number): number;
}

/** How many of `size` elements blockBytes() looks at: neighbours cost less, so all of four times as many are seen. */
export function samplesOf(size: number, samples: number): number {
  return size <= samples * 4 ? size : samples;
}

/** Of each element that is looked at, whose own blocks may be many. */
export function samplesWithin(samples: number): number {
  return Math.ceil(samples / SAMPLES_SHARE);
}

const SAMPLES_SHARE = 64;

export function sizeOfBlocks(arena: Arena, blocks: Iterable<Ref>): number {
  let bytes = 0;
  for (const block of blocks) bytes += arena.capacity(block);
  return bytes;
}
