/**
 * Buffers that the connections of one server pass on.
 *
 * A deep pipeline outlasts its turn, and what is left of the chunk is held and used up again with every read; a long
 * value is held until it is whole. Allocating those buffers anew each time makes garbage which V8, whose own heap is
 * hardly touched, leaves lying (some 17 MB of resident memory), and new memory costs a long SET as much as a copy. So
 * the last ones are kept for the next value of about their size.
 */

import { giveToSystem } from '../memory/give-to-system.js';

/** Shorter ones are not passed on. */
export const SMALLEST_SPARE = 16 * 1024;
const LARGEST_SPARE = 4 * 1024 * 1024;
const MOST_SPARES = 4;
/** All of them together. */
const MOST_SPARE_BYTES = 8 * 1024 * 1024;
/** Smaller buffers are left to the garbage collector: giving one back takes 20 µs. */
const LARGEST_LEFT = 64 * 1024;

export class SpareBuffers {
  private readonly buffers: Buffer[] = [];

  /** Takes one that is about as long as `length`. */
  take(length: number): Buffer | null {
    const { buffers } = this;
    for (let i = buffers.length - 1; i >= 0; i--) {
      const bytes = buffers[i];
      if (bytes.length < length || bytes.length > length * 2) continue;
      buffers.splice(i, 1);
      return bytes;
    }
    return null;
  }

  /** Takes over a buffer that is not used any more. */
  giveBack(bytes: Buffer): void {
    if (!this.keep(bytes) && bytes.length >= LARGEST_LEFT) giveToSystem(bytes);
  }

  private keep(bytes: Buffer): boolean {
    if (bytes.length < SMALLEST_SPARE || bytes.length > LARGEST_SPARE) return false;
    this.buffers.push(bytes);
    while (this.buffers.length > MOST_SPARES || this.size > MOST_SPARE_BYTES) giveToSystem(this.buffers.shift()!);
    return true;
  }

  private get size(): number {
    return this.buffers.reduce((sum, { length }) => sum + length, 0);
  }
}
