/**
 * Commands that MULTI queued: their rows, and copies of their arguments, of which one after the other is loaded into a
 * cursor.
 *
 * The arguments of a command are copied as one stretch, protocol bytes and all, into chunks that the queue owns:
 * queueing a command allocates nothing unless a chunk is full, and a queue that was cleared is as good as new.
 */

import { HeapCost } from '../../engine/client-memory.js';
import type { CompiledCommand } from '../../engine/command-table.js';
import { copyBytes, viewOf } from '../../memory/slice.js';
import { systemMemory } from '../../memory/system-memory.js';
import type { Args } from '../../protocol/args.js';

const FIRST_CHUNK = 1024;
const CHUNK = 16 * 1024;
/** Offsets beyond this many are given back when the queue is cleared. */
const KEPT_OFFSETS = 4096;
const FIRST_OFFSETS = 64;

interface Chunk {
  readonly bytes: Buffer;
  readonly view: DataView;
  used: number;
}

export class CommandQueue {
  readonly commands: CompiledCommand[] = [];
  private chunks: Chunk[] = [];
  /** Per command, where its offsets begin; and after the last one, where they end. */
  private firsts: number[] = [0];
  /** Per command the chunk that its arguments are in, and the start and end of each of them. */
  private offsets = new Int32Array(FIRST_OFFSETS);

  get length(): number {
    return this.commands.length;
  }

  /** Bytes that the copies take. */
  get bytes(): number {
    return this.chunks.reduce((sum, { used }) => sum + used, 0);
  }

  /** What push() will take of the heap. */
  costOf({ count, starts, ends }: Args): number {
    return HeapCost.QUEUED_COMMAND + HeapCost.QUEUED_ARGUMENT * count + ends[count - 1] - starts[0];
  }

  push(command: CompiledCommand, args: Args): void {
    const { count, starts, ends } = args;
    const from = starts[0];
    const length = ends[count - 1] - from;
    const chunk = this.room(length);
    copyBytes(chunk.bytes, chunk.view, chunk.used, args.bytes, args.view, from, length);
    let at = this.firsts[this.commands.length];
    const end = at + 1 + count * 2;
    if (end > this.offsets.length) this.growOffsets(end);
    const { offsets } = this;
    const shift = chunk.used - from;
    offsets[at++] = this.chunks.length - 1;
    for (let i = 0; i < count; i++) {
      offsets[at++] = starts[i] + shift;
      offsets[at++] = ends[i] + shift;
    }
    chunk.used += length;
    this.firsts.push(end);
    this.commands.push(command);
  }

  /** Points `args` at the arguments of a command; they are valid until clear(). */
  load(index: number, args: Args): void {
    const { offsets } = this;
    let at = this.firsts[index];
    const { bytes, view } = this.chunks[offsets[at++]];
    const count = (this.firsts[index + 1] - at) / 2;
    args.resize(count);
    args.bytes = bytes;
    args.view = view;
    args.count = count;
    const { starts, ends } = args;
    for (let i = 0; i < count; i++) {
      starts[i] = offsets[at++];
      ends[i] = offsets[at++];
    }
  }

  clear(): void {
    this.commands.length = 0;
    this.firsts.length = 1;
    if (this.offsets.length > KEPT_OFFSETS) this.offsets = new Int32Array(FIRST_OFFSETS);
    if (this.chunks.length === 0) return;
    // The first is small, unless its command was large.
    if (this.chunks[0].bytes.length > CHUNK) this.chunks = [];
    else {
      this.chunks.length = 1;
      this.chunks[0].used = 0;
    }
  }

  private room(length: number): Chunk {
    const last: Chunk | undefined = this.chunks[this.chunks.length - 1];
    if (last !== undefined && last.used + length <= last.bytes.length) return last;
    const bytes = systemMemory.take(Math.max(length, last === undefined ? FIRST_CHUNK : CHUNK));
    const chunk = { bytes, view: viewOf(bytes), used: 0 };
    this.chunks.push(chunk);
    return chunk;
  }

  private growOffsets(needed: number): void {
    const offsets = new Int32Array(Math.max(needed, this.offsets.length * 2));
    offsets.set(this.offsets);
    this.offsets = offsets;
  }
}
