/**
 * Blocks of one size for bytes on their way out: replies as they are written, and what slow readers are owed.
 *
 * Blocks are cut from segments. A segment of 32 MiB is mapped by itself, so that it goes back to the system as a whole,
 * and at once, when its last block was given back and trim() is called; blocks of their own would stay with the C
 * library's allocator. The first segment is small and stays. Of a segment the system gives only what is touched.
 *
 * Invariants: a block has one holder, who gives it back once and has no view of it afterwards; the lowest segment with
 * room is used first, so that the others become vacant.
 */
import { giveToSystem } from './give-to-system.js';
import { systemMemory } from './system-memory.js';

const MIB = 1024 * 1024;
const FIRST_SEGMENT = MIB;
const SEGMENT = 32 * MIB;

class Segment {
  private readonly blocks: Buffer[] = [];
  private readonly vacant: number[] = [];
  readonly capacity: number;
  used = 0;

  constructor(
    readonly bytes: Buffer,
    private readonly blockSize: number,
  ) {
    this.capacity = Math.floor(bytes.length / blockSize);
  }

  take(): Buffer {
    this.used++;
    const slot = this.vacant.pop();
    if (slot !== undefined) return this.blocks[slot];
    const at = this.blocks.length * this.blockSize;
    const block = this.bytes.subarray(at, at + this.blockSize);
    this.blocks.push(block);
    return block;
  }

  give(part: Buffer): void {
    this.vacant.push(Math.floor(part.byteOffset / this.blockSize));
    this.used--;
  }
}

export class BlockPool {
  /** Called when trim() would give something back. */
  onVacant: () => void = () => {};
  private readonly segments: Segment[] = [];
  private readonly byMemory = new Map<ArrayBufferLike, Segment>();

  constructor(readonly blockSize: number) {}

  /** A block with any content. @throws OutOfMemoryError */
  take(): Buffer {
    for (const segment of this.segments) if (segment.used < segment.capacity) return segment.take();
    const bytes = systemMemory.take(this.segments.length === 0 ? FIRST_SEGMENT : SEGMENT);
    const segment = new Segment(bytes, this.blockSize);
    this.segments.push(segment);
    this.byMemory.set(bytes.buffer, segment);
    return segment.take();
  }

  /** Whether these bytes, or what they are a part of, came from here. */
  owns(part: Buffer): boolean {
    return this.byMemory.has(part.buffer);
  }

  /** Takes back the block that `part` is, or is a part of. Nothing is done with bytes from elsewhere. */
  give(part: Buffer): void {
    const segment = this.byMemory.get(part.buffer);
    if (segment === undefined) return;
    segment.give(part);
    if (segment.used === 0 && segment !== this.segments[0]) this.onVacant();
  }

  /**
   * Gives one segment back to the system of which no block is held, and tells whether there was one: the system takes
   * some milliseconds for one that was used, so the next has to wait for a turn of its own.
   */
  trim(): boolean {
    for (let i = this.segments.length - 1; i > 0; i--) {
      const segment = this.segments[i];
      if (segment.used > 0) continue;
      this.segments.splice(i, 1);
      this.byMemory.delete(segment.bytes.buffer);
      giveToSystem(segment.bytes);
      return true;
    }
    return false;
  }

  get blocksUsed(): number {
    return this.segments.reduce((sum, { used }) => sum + used, 0);
  }

  get heldBytes(): number {
    return this.segments.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }
}
