import type { Arena, Ref } from '../../../src/memory/arena.js';

/** What blocks of a snapshot hold. One object serves for many: to allocate its memory anew took most of the time. */
export class NotedBlocks {
  private noted = Buffer.alloc(0);

  note(snapshot: Arena, blocks: readonly Ref[]): void {
    const size = blocks.reduce((sum, ref) => sum + snapshot.capacity(ref), 0);
    if (size > this.noted.length) this.noted = Buffer.alloc(2 * size);
    let at = 0;
    for (const ref of blocks) {
      const start = startOf(ref);
      at += snapshot.bytes[ref >>> 12].copy(this.noted, at, start, start + snapshot.capacity(ref));
    }
  }

  /** Whether these blocks, which were noted last, hold what they held. */
  areIn(snapshot: Arena, blocks: readonly Ref[]): boolean {
    let at = 0;
    return blocks.every((ref) => {
      const start = startOf(ref);
      const from = at;
      at += snapshot.capacity(ref);
      return snapshot.bytes[ref >>> 12].compare(this.noted, from, at, start, start + at - from) === 0;
    });
  }
}

function startOf(ref: Ref): number {
  return (ref & 0xfff) << 4;
}
