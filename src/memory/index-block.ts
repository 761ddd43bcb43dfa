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

function nextSlot(slot: number): number {
  return slot === SLOTS - 1 ? 0 : slot + 1;
}

/** Steps from one slot forward to another. */
function distance(from: number, to: number): number {
  return to >= from ? to - from : to - from + SLOTS;
}

// What follows works on a block at `start` of a page; the arena was asked before writing.

/** Puts an entry into a free slot. */
export function place(view: DataView, start: number, ref: number, hash: number): void {
  const first = start + SLOTS_AT;
  const end = first + (SLOTS << SLOT_SHIFT);
  let at = first + (homeOf(hash) << SLOT_SHIFT);
  while (view.getInt32(at, true) !== 0) {
    at += 1 << SLOT_SHIFT;
    if (at === end) at = first;
  }
  fill(view, start, at, ref, hash);
}

/** The same where the free slot is known that probing for the hash comes to. */
export function fill(view: DataView, start: number, at: number, ref: number, hash: number): void {
  view.setInt32(at, ref, true);
  view.setInt32(at + 4, hash, true);
  view.setInt32(start + USED, view.getInt32(start + USED, true) + 1, true);
}

/** Where the slot of an entry is; 0: it has none. */
export function slotOf(view: DataView, start: number, ref: number, hash: number): number {
  const first = start + SLOTS_AT;
  const end = first + (SLOTS << SLOT_SHIFT);
  let at = first + (homeOf(hash) << SLOT_SHIFT);
  for (;;) {
    const found = view.getInt32(at, true);
    if (found === ref) return at;
    if (found === 0) return 0;
    at += 1 << SLOT_SHIFT;
    if (at === end) at = first;
  }
}

/** Copies the slots in use and returns their number. */
export function collect(view: DataView, start: number, into: Int32Array): number {
  const first = start + SLOTS_AT;
  const end = first + (SLOTS << SLOT_SHIFT);
  let count = 0;
  for (let at = first; at < end; at += 1 << SLOT_SHIFT) {
    const ref = view.getInt32(at, true);
    if (ref === 0) continue;
    into[count * 2] = ref;
    into[count * 2 + 1] = view.getInt32(at + 4, true);
    count++;
  }
  return count;
}

/** Empties the slot at `at`, shifting back what was put behind it for want of a place; returns how many are in use. */
export function vacate(view: DataView, start: number, at: number): number {
  const first = start + SLOTS_AT;
  let hole = (at - first) >> SLOT_SHIFT;
  for (let slot = nextSlot(hole); ; slot = nextSlot(slot)) {
    const from = first + (slot << SLOT_SHIFT);
    const ref = view.getInt32(from, true);
    if (ref === 0) break;
    const hash = view.getInt32(from + 4, true);
    if (distance(homeOf(hash), slot) < distance(hole, slot)) continue;
    view.setInt32(first + (hole << SLOT_SHIFT), ref, true);
    view.setInt32(first + (hole << SLOT_SHIFT) + 4, hash, true);
    hole = slot;
  }
  view.setInt32(first + (hole << SLOT_SHIFT), 0, true);
  const used = view.getInt32(start + USED, true) - 1;
  view.setInt32(start + USED, used, true);
  return used;
}
