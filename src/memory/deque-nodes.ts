/**
 * The nodes of a Deque: how they are laid out and linked, and what stands in them. What the list does with them is in
 * deque.ts.
 *
 * A node is a block that holds a Packed run with gaps at both ends, so that pushing and popping at either end moves no
 * byte; a run of 8 KiB keeps the walk to the middle of a list of millions short:
 *
 *   +0 i32 previous   +4 i32 next   +8 the run, whose note is its room
 *
 * The first nodes of a list are smaller, so that a list that has just outgrown its entry wastes little. A string of
 * more than half a node gets a node of its own size, one of more than MAX_PACKED lives in a Rope, whose root stands in
 * the run. No node is ever empty, except between two steps of one operation.
 *
 * The root is DEQUE_ROOT bytes inside the block of the list's owner (its key's entry):
 *
 *   +0 i32 head   +4 i32 tail   +8 i32 elements   +12 i32 nodes   +16 i32 elements that are ropes
 *   +20 i32 the node with which relocation goes on, 0 for none
 */

import type { Arena, Ref } from './arena.js';
import {
  appendElements,
  closeHole,
  cutBack,
  equalsAt,
  extendBack,
  extendFront,
  fits,
  initRun,
  isReference,
  MAX_PACKED,
  nextPosition,
  openHole,
  PACKED_REFERENCE_SIZE,
  packedSize,
  payloadAt,
  RUN_HEADER,
  runCount,
  runEnd,
  runNote,
  runStart,
  runUsed,
  slide,
  writeReference,
  writeString,
} from './packed.js';
import { Rope } from './rope.js';
import { Slice } from './slice.js';
import { type Budget, samplesWithin } from './structure.js';

export const DEQUE_ROOT = 24;
export const HEAD = 0;
export const TAIL = 4;
export const COUNT = 8;
export const NODES = 12;
export const ROPES = 16;
export const MARK = 20;

export const PREVIOUS = 0;
export const NEXT = 4;
export const RUN = 8;

const NODE_SIZE = 8192;
const FIRST_NODE_SIZE = 1024;

/** Neighbours that together fill less than this share of a node become one. */
const MERGE_SHARE = 0.75;

/** A rope moves in one go. */
const NO_PROGRESS = new Int32Array(0);

/** Bytes that a value takes in a run, in line or as a reference to its rope. */
export function sizeFor(value: Slice): number {
  const length = (value.end - value.start) | 0;
  return length > MAX_PACKED ? PACKED_REFERENCE_SIZE : packedSize(length);
}

/** A cursor over one list at a time, for the structure that is built on it. */
export class DequeNodes {
  readonly arena: Arena;
  protected root: Ref = 0;
  protected rootOffset = 0;
  protected readonly rope: Rope;
  protected readonly scratch: Slice = new Slice();

  constructor(arena: Arena) {
    this.arena = arena;
    this.rope = new Rope(arena);
  }

  protected bytesOfNode(node: Ref, samples: number): number {
    let bytes = this.arena.capacity(node);
    if (this.get(ROPES) === 0) return bytes;
    const at = this.at(node);
    const end = runEnd(this.view(node), at);
    for (let position = runStart(this.view(node), at); position < end; ) {
      if (isReference(this.bytes(node), at, position)) {
        bytes += this.rope.load(this.view(node), at + position + 1).blockBytes(samplesWithin(samples));
      }
      position = nextPosition(this.bytes(node), at, position);
    }
    return bytes;
  }

  protected relocateNode(node: Ref): Ref {
    const moved = this.arena.relocate(node);
    if (moved === node) return node;
    this.arena.writable(this.root);
    this.connect(this.link(moved, PREVIOUS), moved);
    this.connect(moved, this.link(moved, NEXT));
    return moved;
  }

  /** A node with an empty run for elements of `size` in all, beginning at `start` (0: at the end of the room). */
  protected allocateNode(size: number, neighbour: Ref, start: number): Ref {
    const needed = RUN + RUN_HEADER + size;
    const nodes = neighbour === 0 ? 0 : this.get(NODES);
    const usual = nodes >= 3 ? NODE_SIZE : FIRST_NODE_SIZE << nodes;
    const node = this.arena.allocate(needed > usual / 2 ? Math.max(needed, usual === NODE_SIZE ? 0 : usual) : usual);
    const room = this.arena.capacity(node) - RUN;
    initRun(this.view(node), this.at(node), start === 0 ? room : start, room);
    return node;
  }

  /** A new node between two neighbours (0: none on that side), for elements that grow towards the front or the back. */
  protected addNode(previous: Ref, next: Ref, size: number, towardsFront: boolean): Ref {
    const node = this.allocateNode(size, previous === 0 ? next : previous, towardsFront ? 0 : RUN_HEADER);
    this.linkIn(node, previous, next);
    return node;
  }

  protected linkIn(node: Ref, previous: Ref, next: Ref): void {
    this.connect(previous, node);
    this.connect(node, next);
    this.set(NODES, this.get(NODES) + 1);
  }

  /** Makes two nodes neighbours; 0 stands for the end of the list on that side. */
  protected connect(left: Ref, right: Ref): void {
    if (left === 0) {
      this.set(HEAD, right);
    } else {
      this.arena.writable(left);
      this.view(left).setInt32(this.at(left) - RUN + NEXT, right, true);
    }
    if (right === 0) {
      this.set(TAIL, left);
    } else {
      this.arena.writable(right);
      this.view(right).setInt32(this.at(right) - RUN + PREVIOUS, left, true);
    }
  }

  protected unlink(node: Ref): void {
    this.connect(this.link(node, PREVIOUS), this.link(node, NEXT));
    this.leave(node, this.link(node, NEXT));
  }

  /** Frees a node; relocation that would have gone on with it goes on with its successor. */
  protected leave(node: Ref, successor: Ref): void {
    this.set(NODES, this.get(NODES) - 1);
    if (this.get(MARK) === node) this.set(MARK, successor);
    this.arena.free(node);
  }

  /** After a removal: an empty node goes, a sparse one is merged with a sparse neighbour. */
  protected tidy(node: Ref): void {
    if (runCount(this.view(node), this.at(node)) === 0) {
      this.unlink(node);
      return;
    }
    this.merge(node, this.link(node, NEXT));
    this.merge(this.link(node, PREVIOUS), node);
  }

  /** Moves the right one's elements to the left one, if both exist and have few. */
  protected merge(left: Ref, right: Ref): void {
    if (left === 0 || right === 0) return;
    const at = this.at(left);
    const used = runUsed(this.view(left), at);
    const rightUsed = runUsed(this.view(right), this.at(right));
    const room = runNote(this.view(left), at);
    if (used + rightUsed > (room - RUN_HEADER) * MERGE_SHARE) return;
    this.arena.writable(left);
    const view = this.view(left);
    const bytes = this.bytes(left);
    if (room - runEnd(view, at) < rightUsed) slide(view, bytes, at, RUN_HEADER);
    const rightAt = this.at(right);
    const rightView = this.view(right);
    const from = rightAt + runStart(rightView, rightAt);
    appendElements(view, bytes, at, this.bytes(right), from, rightUsed, runCount(rightView, rightAt));
    this.unlink(right);
  }

  /**
   * Inserts at a position of a node, which may be its end, splitting the node when it is full. The node may be empty
   * when it comes (replaceHere); afterwards it has elements or is gone.
   */
  protected insert(node: Ref, position: number, value: Slice): void {
    this.arena.writable(this.root);
    const size = sizeFor(value);
    const at = this.at(node);
    const room = runNote(this.view(node), at);
    if (fits(this.view(node), at, room, size)) {
      this.arena.writable(node);
      this.fill(node, openHole(this.view(node), this.bytes(node), at, room, position, size), value);
      return;
    }
    const next = position < runEnd(this.view(node), at) ? this.split(node, position) : this.link(node, NEXT);
    if (room - runEnd(this.view(node), at) >= size) {
      this.arena.writable(node);
      this.fill(node, extendBack(this.view(node), at, size), value);
      return;
    }
    if (next !== 0 && runStart(this.view(next), this.at(next)) - RUN_HEADER >= size) {
      this.arena.writable(next);
      this.fill(next, extendFront(this.view(next), this.at(next), size), value);
    } else {
      const between = this.addNode(node, next, size, false);
      this.fill(between, extendBack(this.view(between), this.at(between), size), value);
    }
    if (runCount(this.view(node), at) === 0) this.unlink(node);
  }

  /** Moves the elements from `position` on, at least one, to a new node behind, which is returned. */
  protected split(node: Ref, position: number): Ref {
    const at = this.at(node);
    const end = runEnd(this.view(node), at);
    let count = 0;
    for (let p = position; p < end; p = nextPosition(this.bytes(node), at, p)) count++;
    const right = this.addNode(node, this.link(node, NEXT), end - position, false);
    this.arena.writable(node);
    const rightAt = this.at(right);
    const rightView = this.view(right);
    appendElements(rightView, this.bytes(right), rightAt, this.bytes(node), at + position, end - position, count);
    slide(rightView, this.bytes(right), rightAt, runNote(rightView, rightAt) - (end - position));
    cutBack(this.view(node), at, position, count);
    return right;
  }

  /** Takes one element out of a node, which may become empty; returns the position of the one behind. */
  protected removeAt(node: Ref, position: number): number {
    this.arena.writable(this.root);
    this.arena.writable(node);
    const view = this.view(node);
    const bytes = this.bytes(node);
    const at = this.at(node);
    if (isReference(bytes, at, position)) this.freeRope(view, bytes, at, position);
    this.set(COUNT, this.get(COUNT) - 1);
    return closeHole(this.view(node), this.bytes(node), at, position, nextPosition(bytes, at, position) - position);
  }

  /** Writes `value` as the element for which room has been made at `position`, and counts it. */
  protected fill(node: Ref, position: number, value: Slice): void {
    if (value.end - value.start > MAX_PACKED) {
      this.rope.reset().append(value);
      this.fillWithRope(node, position);
    } else {
      this.set(COUNT, this.get(COUNT) + 1);
      writeString(this.view(node), this.bytes(node), this.at(node), position, value);
    }
  }

  protected fillWithRope(node: Ref, position: number): void {
    const payload = writeReference(this.bytes(node), this.at(node), position);
    this.rope.store(this.view(node), payload);
    this.set(COUNT, this.get(COUNT) + 1);
    this.set(ROPES, this.get(ROPES) + 1);
  }

  // --- ropes ---

  protected matches(view: DataView, bytes: Buffer, at: number, position: number, value: Slice): boolean {
    if (!isReference(bytes, at, position)) return equalsAt(view, bytes, at, position, value);
    if (value.length <= MAX_PACKED) return false;
    return this.rope.load(view, payloadAt(view, bytes, at, position, this.scratch).start).equals(value);
  }

  protected freeRope(view: DataView, bytes: Buffer, at: number, position: number): void {
    this.rope.load(view, payloadAt(view, bytes, at, position, this.scratch).start).free();
    this.set(ROPES, this.get(ROPES) - 1);
  }

  protected freeRopes(node: Ref, from: number, to: number): void {
    if (this.get(ROPES) === 0) return;
    const at = this.at(node);
    for (let position = from; position < to; position = nextPosition(this.bytes(node), at, position)) {
      if (isReference(this.bytes(node), at, position)) this.freeRope(this.view(node), this.bytes(node), at, position);
    }
  }

  protected freeRopePieces(node: Ref, position: number, budget: Budget): boolean {
    const done = this.rope.open(node, RUN + position + 1).freeSome(budget);
    if (done) this.set(ROPES, this.get(ROPES) - 1);
    return done;
  }

  /** Gives the ropes in a copied node pieces of their own. */
  protected copyRopes(node: Ref): void {
    const at = this.at(node);
    const original = new Rope(this.arena);
    const end = runEnd(this.view(node), at);
    for (let position = runStart(this.view(node), at); position < end; ) {
      if (isReference(this.bytes(node), at, position)) {
        original.load(this.view(node), at + position + 1);
        this.rope.reset().appendRope(original, this.scratch);
        this.arena.writable(node);
        this.rope.store(this.view(node), at + position + 1);
        this.set(ROPES, this.get(ROPES) + 1);
      }
      position = nextPosition(this.bytes(node), at, position);
    }
  }

  protected relocateRopes(node: Ref, budget: Budget): void {
    const at = this.at(node);
    const end = runEnd(this.view(node), at);
    for (let position = runStart(this.view(node), at); position < end; ) {
      if (isReference(this.bytes(node), at, position)) {
        this.rope.open(node, RUN + position + 1).relocateSome(NO_PROGRESS, 0, budget);
      }
      position = nextPosition(this.bytes(node), at, position);
    }
  }

  // --- fields ---

  protected view(node: Ref): DataView {
    return this.arena.views[node >>> 12];
  }

  protected bytes(node: Ref): Buffer {
    return this.arena.bytes[node >>> 12];
  }

  protected at(node: Ref): number {
    return (((node & 0xfff) << 4) + RUN) | 0;
  }

  protected link(node: Ref, which: number): Ref {
    return this.arena.views[node >>> 12].getInt32(((node & 0xfff) << 4) + which, true);
  }

  protected get(which: number): number {
    const root = this.root;
    return this.arena.views[root >>> 12].getInt32(((root & 0xfff) << 4) + this.rootOffset + which, true);
  }

  protected set(which: number, value: number): void {
    const root = this.root;
    this.arena.views[root >>> 12].setInt32(((root & 0xfff) << 4) + this.rootOffset + which, value, true);
  }
}
