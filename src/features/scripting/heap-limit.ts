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

export class HeapLimit {
  private collect: (() => void) | null = null;

  /** @throws OutOfMemory if the heap would be nearly full with so many bytes more, of more than garbage */
  check(pendingBytes: number): void {
    if (!isNearlyFull(pendingBytes)) return;
    this.collectGarbage();
    if (isNearlyFull(pendingBytes)) throw new OutOfMemory();
  }

  get usedBytes(): number {
    return getHeapStatistics().used_heap_size;
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

function isNearlyFull(pendingBytes: number): boolean {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
  return used + pendingBytes > limit - Math.min(MOST_HEADROOM, limit * SHARE_OF_HEADROOM);
}
