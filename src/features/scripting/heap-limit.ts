/**
 * Scripts share V8's heap with the server, and V8 ends the process when that is full. So a script that takes much is
 * ended long before.
 */
import { runInNewContext } from 'node:vm';
import { OutOfMemory } from '../../lua/runtime/errors.js';
import { outside } from '../../lua/runtime/limits.js';

const MIB = 1024 * 1024;
/** What V8 is left for what is allocated until the next look, and for collecting garbage. */
const MOST_HEADROOM = 256 * MIB;
const SHARE_OF_HEADROOM = 0.4;

/** A script that has not taken so much is not to blame for a heap that is full. */
const LEAST_TAKEN = 32 * MIB;
/**
 * Microseconds between two looks while much is free, in which what is not counted, small strings and closures, fills
 * some megabytes at most. A look takes 3 µs, as long as a thousand steps of Lua.
 */
const BETWEEN_LOOKS = 1000;
/** From this share on every poll looks. */
const MUCH = 0.3;
/**
 * Garbage is collected again when so much more is in use: a script that takes little at a time would have all of it
 * collected at every poll, a thousand times over.
 */
const BETWEEN_COLLECTIONS = 8 * MIB;
/** A heap that is smaller is looked at more often, and collected: between two looks a smaller part of it may fill. */
const LARGE_HEAP = 256 * MIB;

let loaded: typeof import('node:v8') | undefined;

/** Loaded when the first interpreter is made: it would cost every start some milliseconds. */
function v8(): typeof import('node:v8') {
  loaded ??= process.getBuiltinModule('node:v8');
  return loaded;
}

export class HeapLimit {
  /** 1, or what share of a large heap this one is. */
  readonly patience = Math.min(1, v8().getHeapStatistics().heap_size_limit / LARGE_HEAP);
  private collect: (() => void) | null = null;
  /** As of the last look, with what was about to be taken. */
  private used = 0;
  private limit = 0;
  /** What was in use when the script that runs was looked at first; 0: it has not been. */
  private usedBefore = 0;
  /** What was in use after the last collection that the script which runs made necessary. */
  private usedAfter = 0;
  private looksAt = 0;

  /** A script begins. */
  begin(): void {
    this.usedBefore = 0;
    this.usedAfter = 0;
  }

  /** Looks now and then, where nobody knows how much was taken. @throws OutOfMemory */
  poll(nowMicroseconds: number): void {
    if (nowMicroseconds < this.looksAt) return;
    this.check(0);
    this.looksAt = this.used > this.limit * MUCH ? 0 : nowMicroseconds + BETWEEN_LOOKS;
  }

  /**
   * @param bytes what is about to be taken
   * @throws OutOfMemory if the heap is nearly full then, of more than garbage
   */
  check(bytes: number): void {
    this.look(bytes);
    if (this.usedBefore === 0) this.usedBefore = this.used - bytes;
    if (!this.isNearlyFull || this.used < this.usedAfter + BETWEEN_COLLECTIONS * this.patience) return;
    this.collectGarbage();
    this.look(bytes);
    if (this.isNearlyFull) throw new OutOfMemory();
    this.usedAfter = this.used;
  }

  get usedBytes(): number {
    return v8().getHeapStatistics().used_heap_size;
  }

  /** What a script leaves that has taken too much is given back at once. */
  collectGarbage(): void {
    if (this.collect === null) {
      v8().setFlagsFromString('--expose-gc');
      this.collect = runInNewContext('gc') as () => void;
      v8().setFlagsFromString('--no-expose-gc');
    }
    this.collect();
  }

  private look(pendingBytes: number): void {
    const { used_heap_size, heap_size_limit } = v8().getHeapStatistics();
    this.used = used_heap_size + outside.bytes + pendingBytes;
    this.limit = heap_size_limit;
  }

  private get isNearlyFull(): boolean {
    const { used, limit } = this;
    if (used - this.usedBefore < LEAST_TAKEN * this.patience) return false;
    return used > limit - Math.min(MOST_HEADROOM, limit * SHARE_OF_HEADROOM);
  }
}
