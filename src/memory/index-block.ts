/**
 * The layout of a block of a Dict's index:
 *
 *   +0   i32  local depth
 *   +4   i32  slots in use
 *   +8        unused
 *   +16       510 slots of {i32 entry, i32 hash}; entry 0 is a free slot
 *
 * It is a table with linear probing that wraps at its end. The start slot comes from the hash's high bits, as the low
 * ones are alike within a block. Deletion shifts back what follows, so there are no tombstones.
 */

export const BLOCK_SIZE = 4096;
export const LOCAL_DEPTH = 0;
export const USED = 4;
export const SLOTS_AT = 16;
export const SLOT_SHIFT = 3;
export const SLOTS = (BLOCK_SIZE - SLOTS_AT) >> SLOT_SHIFT;

/** The slot where probing for a hash starts: its upper half, scaled to the number of slots. */
export function homeOf(hash: number): number {
  return ((hash >>> 16) * SLOTS) >>> 16;
}

export function nextSlot(slot: number): number {
  return slot === SLOTS - 1 ? 0 : slot + 1;
}

/** Steps from one slot forward to another. */
export function distance(from: number, to: number): number {
  return to >= from ? to - from : to - from + SLOTS;
}
