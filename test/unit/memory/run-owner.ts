import type { Arena, Ref } from '../../../src/memory/arena.js';

/** What the owner of a run does to it: it moves to another place, or its room changes. */
export interface Movable {
  moved(view: DataView, bytes: Buffer, at: number, room: number): void;
}

/** A place where a run lies, in a live arena or in a snapshot. */
export interface Place {
  view: DataView;
  bytes: Buffer;
  at: number;
  room: number;
}

/** Bytes of somebody else before and after the room. */
const NEIGHBOUR = 29;
const NEIGHBOURS_BYTE = 0xee;

/** Owns the block in which a run lies, as a key's entry does, and keeps the barrier before writes. */
export class RunOwner {
  private ref: Ref;

  constructor(
    readonly arena: Arena,
    public room: number,
  ) {
    this.ref = this.allocate(room);
  }

  private allocate(room: number): Ref {
    const ref = this.arena.allocate(room + 2 * NEIGHBOUR);
    const start = (ref & 0xfff) << 4;
    this.arena.bytes[ref >>> 12].fill(NEIGHBOURS_BYTE, start, start + room + 2 * NEIGHBOUR);
    return ref;
  }

  placeIn(arena: Arena): Place {
    const { ref, room } = this;
    const page = ref >>> 12;
    return { view: arena.views[page], bytes: arena.bytes[page], at: ((ref & 0xfff) << 4) + NEIGHBOUR, room };
  }

  get place(): Place {
    return this.placeIn(this.arena);
  }

  /** Before a write: the page may be exchanged for a copy, so that runs are opened anew. */
  makeWritable(): void {
    this.arena.writable(this.ref);
  }

  /** Gives the run another room; what fits of its bytes comes along. */
  resize(room: number): void {
    const before = this.place;
    const old = this.ref;
    this.ref = this.allocate(room);
    before.bytes.copy(this.place.bytes, this.place.at, before.at, before.at + Math.min(room, this.room));
    this.room = room;
    this.arena.free(old);
  }

  /** What an owner does with the answer of `prepare…()`. */
  provide(run: Movable, needed: number, spare = 0): void {
    if (needed === 0) return;
    if (needed > this.room) this.resize(needed + spare);
    const { view, bytes, at, room } = this.place;
    run.moved(view, bytes, at, room);
  }

  checkNeighbours(): void {
    const { bytes, at, room } = this.place;
    for (let i = 0; i < NEIGHBOUR; i++) {
      if (bytes[at - 1 - i] !== NEIGHBOURS_BYTE) throw new Error('bytes before the run were written');
      if (bytes[at + room + i] !== NEIGHBOURS_BYTE) throw new Error('bytes after the run were written');
    }
    this.arena.checkIntegrity([this.ref]);
  }
}
