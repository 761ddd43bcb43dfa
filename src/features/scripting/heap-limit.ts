/**
 * Scripts share V8's heap with the server, and V8 ends the process when that is full. So a script that takes much is
 * ended long before.
 */
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { OutOfMemory } from '../../lua/runtime/errors.js';

const MIB = 1024 * 1024;
/** What V8 is left for what is allocated until the next look, and for collecting garbage. */
const MOST_HEADROOM = 256 * MIB;
const SHARE_OF_HEADROOM = 0.4;

/** A script that has not taken so much is not to blame for a heap that is full. */
const LEAST_TAKEN = 32 * MIB;
/** Polls between two looks while much is free: a look takes 3 µs, as long as a thousand steps of Lua. */
const POLLS_PER_LOOK = 8;
/** From this share on every poll looks. */
const MUCH = 0.3;

export class HeapLimit {
  private collect: (() => void) | null = null;
  /** What was in use when the script that runs was looked at first; 0: it has not been. */
  private usedBefore = 0;
  private pollsToLook = POLLS_PER_LOOK;

  /** A script begins. */
  begin(): void {
    this.usedBefore = 0;
  }

  /** Looks now and then, where nobody knows how much was taken. @throws OutOfMemory */
  poll(): void {
    if (--this.pollsToLook >= 0) return;
    this.check();
    const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
    this.pollsToLook = used > limit * MUCH ? 0 : POLLS_PER_LOOK;
  }

  /**
   * @param bytes what is about to be taken
   * @throws OutOfMemory if the heap is nearly full then, of more than garbage
   */
  check(bytes = 0): void {
    if (this.usedBefore === 0) this.usedBefore = this.usedBytes;
    if (!this.isNearlyFull(bytes)) return;
    this.collectGarbage();
    if (this.isNearlyFull(bytes)) throw new OutOfMemory();
  }

  get usedBytes(): number {
    return getHeapStatistics().used_heap_size;
  }

  private isNearlyFull(bytes: number): boolean {
    const { used_heap_size, heap_size_limit: limit } = getHeapStatistics();
    const used = used_heap_size + bytes;
    return used - this.usedBefore > LEAST_TAKEN && used > limit - Math.min(MOST_HEADROOM, limit * SHARE_OF_HEADROOM);
  }

  private collectGarbage(): void {
    if (this.collect === null) {
      setFlagsFromString('--expose-gc');
      this.collect = runInNewContext('gc') as () => void;
      setFlagsFromString('--no-expose-gc');
    }
    this.collect();
  }
}
