/**
 * What one connection is owed and the kernel has not taken, oldest first.
 *
 * Everything in here is this connection's alone: bytes are copied in, or are chunks of a reply that were handed over.
 * So `heldBytes` is the memory that goes when the queue goes, and the limits on output act on it. A few bytes take a
 * few; who falls behind further gets blocks of 16 KiB, so that many small messages cost no more than their bytes.
 */
import { BlockPool } from '../memory/block-pool.js';
import { systemMemory } from '../memory/system-memory.js';

export const OUTPUT_BLOCK_SIZE = 16 * 1024;
const FIRST_BLOCK_SIZE = 512;
/** Copies up to this size are as long as what is copied, while there is nothing else. */
const LARGEST_EXACT = 4 * 1024;
/** Taken from the front of `pieces` before the array is cut. */
const MOST_TAKEN = 1024;

/** The blocks of all connections of a server. */
export class OutputMemory {
  readonly blocks = new BlockPool(OUTPUT_BLOCK_SIZE);

  constructor(
    /** Where the chunks of long replies come from. */
    readonly replies: BlockPool,
    /** Called when trim() would give something back to the system. */
    onVacant: () => void = () => {},
  ) {
    this.blocks.onVacant = onVacant;
    replies.onVacant = onVacant;
  }

  /** How much memory a piece holds. */
  sizeOf(piece: Buffer): number {
    if (this.blocks.owns(piece)) return OUTPUT_BLOCK_SIZE;
    return this.replies.owns(piece) ? this.replies.blockSize : piece.buffer.byteLength;
  }

  give(piece: Buffer): void {
    if (this.blocks.owns(piece)) this.blocks.give(piece);
    else this.replies.give(piece);
  }

  /** Gives a piece of memory back to the system; false when there is none that is not in use. */
  trim(): boolean {
    return this.blocks.trim() || this.replies.trim();
  }
}

export class OutputQueue {
  pendingBytes = 0;
  heldBytes = 0;
  private pieces: Buffer[] = [];
  /** So many at the front of `pieces` are taken. */
  private taken = 0;
  /** What the last piece is a part of, while there is room behind it. */
  private block: Buffer | null = null;
  private blockUsed = 0;

  constructor(private readonly memory: OutputMemory) {}

  get pieceCount(): number {
    return this.pieces.length - this.taken;
  }

  /** @throws OutOfMemoryError */
  appendCopy(bytes: Buffer, start: number, end: number): void {
    while (start < end) {
      if (this.block === null || this.blockUsed === this.block.length) this.openBlock(end - start);
      const block = this.block as Buffer;
      const last = this.pieces.length - 1;
      const begin = this.blockUsed - this.pieces[last].length;
      const copied = bytes.copy(block, this.blockUsed, start, end);
      this.blockUsed += copied;
      this.pieces[last] = block.subarray(begin, this.blockUsed);
      this.pendingBytes += copied;
      start += copied;
    }
  }

  /** Takes over a chunk of the reply writer's. */
  append(chunk: Buffer): void {
    this.block = null;
    this.push(chunk);
    this.pendingBytes += chunk.length;
  }

  /** Pieces from the front, of about so many bytes; they stay until they are dropped, and grow no more. */
  front(bytes: number): Buffer[] {
    let end = this.taken;
    while (end < this.pieces.length && bytes > 0) bytes -= this.pieces[end++].length;
    if (end === this.pieces.length) this.block = null;
    return this.pieces.slice(this.taken, end);
  }

  /** So many bytes of the front were written. */
  drop(written: number): void {
    this.pendingBytes -= written;
    while (written > 0) {
      const piece = this.pieces[this.taken];
      if (piece.length > written) {
        this.pieces[this.taken] = piece.subarray(written);
        break;
      }
      written -= piece.length;
      this.release(piece);
      this.pieces[this.taken++] = EMPTY;
    }
    if (this.taken === this.pieces.length) {
      this.pieces = [];
      this.taken = 0;
      this.block = null;
    } else if (this.taken >= MOST_TAKEN) {
      this.pieces.splice(0, this.taken);
      this.taken = 0;
    }
  }

  /** Drops all but the first `kept` bytes, which are whole pieces that somebody is still reading. */
  clear(kept = 0): void {
    let end = this.taken;
    for (let left = kept; left > 0; ) left -= this.pieces[end++].length;
    for (let i = end; i < this.pieces.length; i++) this.release(this.pieces[i]);
    this.pieces.length = end;
    this.pendingBytes = kept;
    this.block = null;
    if (kept === 0) this.drop(0);
  }

  private openBlock(bytes: number): void {
    const previous = this.block?.length ?? 0;
    this.block = null;
    if (this.pieceCount === 0 && bytes <= LARGEST_EXACT) this.block = systemMemory.take(bytes);
    else if (bytes > LARGEST_EXACT || previous * 2 >= OUTPUT_BLOCK_SIZE) this.block = this.memory.blocks.take();
    else this.block = systemMemory.take(Math.max(bytes, previous * 2, FIRST_BLOCK_SIZE));
    this.blockUsed = 0;
    this.push(this.block.subarray(0, 0));
  }

  private push(piece: Buffer): void {
    this.pieces.push(piece);
    this.heldBytes += this.memory.sizeOf(piece);
  }

  private release(piece: Buffer): void {
    this.heldBytes -= this.memory.sizeOf(piece);
    this.memory.give(piece);
  }
}

const EMPTY = Buffer.alloc(0);
