/**
 * What clients hold on JavaScript's heap: connections, subscriptions, watched and awaited keys, queued commands. It is
 * counted for each client, so that CLIENT LIST shows it and `maxmemory-clients` acts on it, and limited for all of
 * them: V8 ends a process whose heap is full, so a command that would hold more is refused while there is room to say
 * so.
 *
 * Sizes are what V8 takes at most, by measurement: objects, and their share of the tables that they stand in when those
 * have just grown.
 */
import { systemMemory } from '../memory/system-memory.js';
import * as errors from '../protocol/errors.js';
import type { Client } from './client.js';

/** Beside the bytes of a name: see test/limits/heap.test.ts, which fills small heaps with each of these. */
export const HeapCost = {
  CONNECTION: 4 * 1024,
  SUBSCRIPTION: 400,
  WATCHED_KEY: 500,
  AWAITED_KEY: 400,
  QUEUED_COMMAND: 64,
  QUEUED_ARGUMENT: 16,
} as const;

export class ClientMemory {
  /** Of all clients. */
  usedBytes = 0;
  /** Set by the server, which knows how large the heap may become. */
  limitBytes = Number.POSITIVE_INFINITY;

  /** Whether so much more may be taken. */
  hasRoomFor(bytes: number): boolean {
    return this.usedBytes + bytes <= this.limitBytes;
  }

  /** In the checking half of a command that will take() so much. @throws CommandError */
  reserve(bytes: number): void {
    if (!this.hasRoomFor(bytes)) throw errors.OOM;
    systemMemory.expect(bytes);
  }

  take(client: Client, bytes: number): void {
    client.heapBytes += bytes;
    this.usedBytes += bytes;
  }

  give(client: Client, bytes: number): void {
    this.take(client, -bytes);
  }
}
