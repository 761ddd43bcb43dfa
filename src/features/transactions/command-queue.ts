/**
 * Commands that MULTI queued: their rows, and copies of their arguments, which are read in the order in which they
 * came.
 *
 * The arguments of a command are copied as one stretch, protocol bytes and all, into chunks that the queue owns:
 * queueing a command allocates nothing unless a chunk is full, and a queue that was cleared is as good as new. Arrays
 * keep their length, whatever of them is used: to set it takes V8 longer than to queue a command.
 */

import { HeapCost } from '../../engine/client-memory.js';
import type { CompiledCommand } from '../../engine/command-table.js';
import { copyBytes, viewOf } from '../../memory/slice.js';
import { systemMemory } from '../../memory/system-memory.js';
import type { Args } from '../../protocol/args.js';

const FIRST_CHUNK = 1024;
const CHUNK = 16 * 1024;
const FIRST_OFFSETS = 64;
/** A queue that has needed more begins anew when it is cleared. */
const KEPT_OFFSETS = 4096;

interface Chunk {
  readonly bytes: Buffer;
  readonly view: DataView;
  used: number;
}

export class CommandQueue {
  /** How many commands there are. */
  length = 0;
  /** Those beyond `length` are left from before. */
  private commands: CompiledCommand[] = [];
  private chunks: Chunk[] = [];
  /** Per command the chunk that its arguments are in, how many they are, and the start and end of each. */
  private offsets = new Int32Array(FIRST_OFFSETS);
  /** Where the offsets of the next command go. */
  private end = 0;
  /** The command that next() gives, and where its offsets are. */
  private read = 0;
  private readAt = 0;

  /** Bytes that the copies take. */
  get bytes(): number {
    return this.length === 0 ? 0 : this.chunks.reduce((sum, { used }) => sum + used, 0);
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
    let at = this.end;
    const needed = at + 2 + count * 2;
    if (needed > this.offsets.length) this.growOffsets(needed);
    const { offsets } = this;
    const shift = chunk.used - from;
    offsets[at++] = this.chunks.length - 1;
    offsets[at++] = count;
    for (let i = 0; i < count; i++) {
      offsets[at++] = starts[i] + shift;
      offsets[at++] = ends[i] + shift;
    }
    this.end = at;
    chunk.used += length;
    this.commands[this.length++] = command;
  }

  /** next() begins with the first command. */
  rewind(): void {
    this.read = 0;
    this.readAt = 0;
  }

  /** Points `args` at the arguments of the next command; they are valid until clear(). */
  next(args: Args): CompiledCommand {
    const { offsets } = this;
    const at = this.readAt;
    const { bytes, view } = this.chunks[offsets[at]];
    this.readAt = args.point(bytes, view, offsets[at + 1], offsets, at + 2);
    return this.commands[this.read++];
  }

  clear(): void {
    this.length = 0;
    this.end = 0;
    if (this.offsets.length > KEPT_OFFSETS) {
      this.offsets = new Int32Array(FIRST_OFFSETS);
      this.commands = [];
    }
    const { chunks } = this;
    // The first is small, unless its command was large.
    if (chunks.length > 1 || (chunks.length === 1 && chunks[0].bytes.length > CHUNK)) this.chunks = [];
    else if (chunks.length === 1) chunks[0].used = 0;
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
