/**
 * Packed: a run of byte strings in one stretch of memory, walkable from both ends, with room to grow at both ends.
 * It is the content of a small list in its key's entry and of each node of a Deque.
 *
 * A run starts with a header of 8 bytes; positions in it are counted from the header's first byte:
 *
 *     +0 u16 count   +2 u16 start   +4 u16 end   +6 u16 note (the owner's)
 *
 * Elements fill [start, end); what lies before start and after end is gap. The owner knows the room (where the stretch
 * ends), so a run is at most 64 KiB. An element is `[head][payload][tail]`:
 *
 *     head  00LLLLLL            byte string of L < 64 bytes
 *           01LLLLLL LLLLLLLL   byte string of L < 16384 bytes
 *           10000000            reference: 16 bytes that mean something to the owner (a rope's root)
 *           11......            not used here: integers in runs that are read forwards only (element.ts)
 *     tail  size of head and payload, readable backwards: 0LLLLLLL, or LLLLLLLL 1LLLLLLL (low byte first)
 *
 * Everything here works on (view, bytes, at), where `view` and `bytes` cover the same memory and `at` is the header's
 * offset in them. Nothing allocates, and nothing checks: the caller has passed the arena's barrier and has made
 * sure that there is room. Positions handed in and out are relative to `at`.
 */
import type { ByteSink } from './byte-sink.js';
import { copyBytes, equalBytes, equalRange, Slice } from './slice.js';

const COUNT = 0;
const START = 2;
const END = 4;
const NOTE = 6;

export const RUN_HEADER = 8;
/** Longest string that a run can hold; longer ones go out of line, as a reference. */
export const MAX_PACKED = 0x3fff;
const REFERENCE_SIZE = 16;
const REFERENCE_HEAD = 0x80;

/** Bytes that a string of `length` takes in a run. */
export function packedSize(length: number): number {
  const body = (length < 64 ? 1 : 2) + length;
  return body + (body < 128 ? 1 : 2);
}

/** Bytes that a reference takes in a run. */
export const PACKED_REFERENCE_SIZE: number = 1 + REFERENCE_SIZE + 1;

/** Makes an empty run whose gaps meet at `start` (RUN_HEADER … room). */
export function initRun(view: DataView, at: number, start: number, note: number): void {
  view.setUint16(at + COUNT, 0, true);
  view.setUint16(at + START, start, true);
  view.setUint16(at + END, start, true);
  view.setUint16(at + NOTE, note, true);
}

export function runCount(view: DataView, at: number): number {
  return view.getUint16(at + COUNT, true);
}

export function runStart(view: DataView, at: number): number {
  return view.getUint16(at + START, true);
}

export function runEnd(view: DataView, at: number): number {
  return view.getUint16(at + END, true);
}

/** Bytes that the elements take. */
export function runUsed(view: DataView, at: number): number {
  return (view.getUint16(at + END, true) - view.getUint16(at + START, true)) | 0;
}

export function runNote(view: DataView, at: number): number {
  return view.getUint16(at + NOTE, true);
}

export function setRunNote(view: DataView, at: number, note: number): void {
  view.setUint16(at + NOTE, note, true);
}

/** The position behind the element at `position`. */
export function nextPosition(bytes: Buffer, at: number, position: number): number {
  const head = bytes[at + position];
  let body = 0;
  if (head < 64) body = (1 + head) | 0;
  else if (head < 128) body = (2 + (((head & 63) << 8) | bytes[at + position + 1])) | 0;
  else body = (1 + REFERENCE_SIZE) | 0;
  return (position + body + (body < 128 ? 1 : 2)) | 0;
}

/** The position of the element that ends at `position`. */
export function previousPosition(bytes: Buffer, at: number, position: number): number {
  const tail = bytes[at + position - 1];
  return tail < 128 ? (position - tail - 1) | 0 : (position - (((tail & 127) << 8) | bytes[at + position - 2]) - 2) | 0;
}

/** The position of the element at `index` (0 … count, where count is the end), walking from the nearer end. */
export function positionOf(view: DataView, bytes: Buffer, at: number, index: number): number {
  const count = runCount(view, at);
  let position = 0;
  if (index <= count >> 1) {
    position = runStart(view, at);
    for (let i = 0; i < index; i++) position = nextPosition(bytes, at, position);
  } else {
    position = runEnd(view, at);
    for (let i = count; i > index; i--) position = previousPosition(bytes, at, position);
  }
  return position;
}

export function isReference(bytes: Buffer, at: number, position: number): boolean {
  return bytes[at + position] >= REFERENCE_HEAD;
}

/** Sets `into` to the payload of the element at `position`: a string's bytes, or the 16 bytes of a reference. */
export function payloadAt(view: DataView, bytes: Buffer, at: number, position: number, into: Slice): Slice {
  const offset = (at + position) | 0;
  const head = bytes[offset];
  if (head < 64) return into.set(bytes, view, offset + 1, offset + 1 + head);
  if (head < 128) return into.set(bytes, view, offset + 2, offset + 2 + (((head & 63) << 8) | bytes[offset + 1]));
  return into.set(bytes, view, offset + 1, offset + 1 + REFERENCE_SIZE);
}

/** Writes the string as an element at `position`, where room for it has been made. */
export function writeString(view: DataView, bytes: Buffer, at: number, position: number, value: Slice): void {
  const length = (value.end - value.start) | 0;
  let offset = (at + position) | 0;
  if (length < 64) {
    bytes[offset++] = length;
  } else {
    bytes[offset++] = 0x40 | (length >> 8);
    bytes[offset++] = length & 0xff;
  }
  copyBytes(bytes, view, offset, value.bytes, value.view, value.start, length);
  writeTail(bytes, (offset + length) | 0, (length + (length < 64 ? 1 : 2)) | 0);
}

/** Writes head and tail of a reference and clears its payload, whose offset in `bytes` is returned. */
export function writeReference(bytes: Buffer, at: number, position: number): number {
  const payload = (at + position + 1) | 0;
  bytes[payload - 1] = REFERENCE_HEAD;
  bytes.fill(0, payload, payload + REFERENCE_SIZE);
  writeTail(bytes, (payload + REFERENCE_SIZE) | 0, (1 + REFERENCE_SIZE) | 0);
  return payload;
}

function writeTail(bytes: Buffer, offset: number, body: number): void {
  if (body < 128) {
    bytes[offset] = body;
  } else {
    bytes[offset] = body & 0xff;
    bytes[offset + 1] = 0x80 | (body >> 8);
  }
}

/** Takes `size` bytes of the gap behind the last element for one more element; returns where to write it. */
export function extendBack(view: DataView, at: number, size: number): number {
  const position = runEnd(view, at);
  view.setUint16(at + END, position + size, true);
  view.setUint16(at + COUNT, runCount(view, at) + 1, true);
  return position;
}

/** The same in front of the first element. */
export function extendFront(view: DataView, at: number, size: number): number {
  const position = (runStart(view, at) - size) | 0;
  view.setUint16(at + START, position, true);
  view.setUint16(at + COUNT, runCount(view, at) + 1, true);
  return position;
}

/** Can an element of `size` be inserted at `position` without moving the run as a whole? */
export function fits(view: DataView, at: number, room: number, size: number): boolean {
  return runStart(view, at) - RUN_HEADER >= size || room - runEnd(view, at) >= size;
}

/**
 * Makes room for an element of `size` in front of the one at `position`, moving the shorter side where its gap allows;
 * returns where to write the newcomer. The caller has asked fits().
 */
export function openHole(
  view: DataView,
  bytes: Buffer,
  at: number,
  room: number,
  position: number,
  size: number,
): number {
  const start = runStart(view, at);
  const end = runEnd(view, at);
  const canMoveFront = start - RUN_HEADER >= size;
  const canMoveBack = room - end >= size;
  view.setUint16(at + COUNT, runCount(view, at) + 1, true);
  if (canMoveFront && (!canMoveBack || position - start < end - position)) {
    if (position > start) bytes.copyWithin(at + start - size, at + start, at + position);
    view.setUint16(at + START, start - size, true);
    return (position - size) | 0;
  }
  if (position < end) bytes.copyWithin(at + position + size, at + position, at + end);
  view.setUint16(at + END, end + size, true);
  return position;
}

/** Removes the element of `size` at `position`, moving the shorter side; returns the position of the one behind it. */
export function closeHole(view: DataView, bytes: Buffer, at: number, position: number, size: number): number {
  const start = runStart(view, at);
  const end = runEnd(view, at);
  view.setUint16(at + COUNT, runCount(view, at) - 1, true);
  if (position - start < end - position - size) {
    if (position > start) bytes.copyWithin(at + start + size, at + start, at + position);
    view.setUint16(at + START, start + size, true);
    return (position + size) | 0;
  }
  if (position + size < end) bytes.copyWithin(at + position, at + position + size, at + end);
  view.setUint16(at + END, end - size, true);
  return position;
}

/** Drops `count` elements that take the bytes up to `position` from the front. */
export function cutFront(view: DataView, at: number, position: number, count: number): void {
  view.setUint16(at + START, position, true);
  view.setUint16(at + COUNT, runCount(view, at) - count, true);
}

/** Drops `count` elements that take the bytes from `position` on from the back. */
export function cutBack(view: DataView, at: number, position: number, count: number): void {
  view.setUint16(at + END, position, true);
  view.setUint16(at + COUNT, runCount(view, at) - count, true);
}

/** Moves all elements within the room, so that the first one begins at `start`. */
export function slide(view: DataView, bytes: Buffer, at: number, start: number): void {
  const from = runStart(view, at);
  const used = runUsed(view, at);
  if (from !== start) bytes.copyWithin(at + start, at + from, at + from + used);
  view.setUint16(at + START, start, true);
  view.setUint16(at + END, start + used, true);
}

/** Puts `count` elements, given as `length` bytes of another run, behind the last one. */
export function appendElements(
  view: DataView,
  bytes: Buffer,
  at: number,
  fromBytes: Buffer,
  from: number,
  length: number,
  count: number,
): void {
  const end = runEnd(view, at);
  fromBytes.copy(bytes, at + end, from, from + length);
  view.setUint16(at + END, end + length, true);
  view.setUint16(at + COUNT, runCount(view, at) + count, true);
}

/** Does the string at `position` equal `value`? References never do: their owner compares what they stand for. */
export function equalsAt(view: DataView, bytes: Buffer, at: number, position: number, value: Slice): boolean {
  if (isReference(bytes, at, position)) return false;
  return equalBytes(payloadAt(view, bytes, at, position, scratch), value);
}

const scratch: Slice = new Slice();

/**
 * A walk over a run, in either direction, that yields each payload as a Slice into the run. Reusable: no walk
 * allocates. It stands still while the run is unchanged; a change of the run ends it.
 */
export class PackedCursor {
  readonly value: Slice = new Slice();
  /** Whether `value` is a reference's 16 bytes and not a string. */
  reference = false;
  /** Position of the current element. */
  position = 0;
  private at = 0;
  /** Where next() reads, and where previous() ends. */
  private ahead = 0;
  private behind = 0;

  private first = 0;
  private end = 0;

  /** Stands between the elements before and behind `position`. */
  open(view: DataView, bytes: Buffer, at: number, position: number): this {
    this.value.set(bytes, view, 0, 0);
    this.at = at;
    this.first = runStart(view, at);
    this.end = runEnd(view, at);
    this.ahead = position;
    this.behind = position;
    return this;
  }

  next(): boolean {
    if (this.ahead >= this.end) return false;
    this.load(this.ahead);
    return true;
  }

  previous(): boolean {
    if (this.behind <= this.first) return false;
    this.load(previousPosition(this.value.bytes, this.at, this.behind));
    return true;
  }

  /**
   * Writes the current element and those behind it, `most` at most, while they are strings, and stands on the last of
   * them. Returns how many. Stepping to each and writing it from there takes a third longer.
   */
  writeStrings(sink: ByteSink, most: number): number {
    const { bytes, view } = this.value;
    let last = this.position;
    let written = 0;
    for (let position = last; written < most && position < this.end; written++) {
      const offset = (this.at + position) | 0;
      const head = bytes[offset];
      if (head >= REFERENCE_HEAD) break;
      let start = offset + 1;
      const length = head < 64 ? head : ((head & 63) << 8) | bytes[start++];
      sink.bulkRange(bytes, view, start, length);
      last = position;
      const body = start + length - offset;
      position += body + (body < 128 ? 1 : 2);
    }
    this.load(last);
    return written;
  }

  /**
   * Moves to the next string equal to `wanted` and returns how many elements it passed on its way; -1 if there is none.
   */
  findNext(wanted: Slice): number {
    const { bytes, view } = this.value;
    const length = wanted.end - wanted.start;
    // Elements are mostly told apart by their ends: the names of a kind begin alike.
    const ending = length < 4 ? 0 : wanted.view.getInt32(wanted.end - 4, true);
    let passed = 0;
    for (let position = this.ahead; position < this.end; passed++) {
      const offset = (this.at + position) | 0;
      const head = bytes[offset];
      let start = offset + 1;
      let end = start + REFERENCE_SIZE;
      if (head < 64) end = start + head;
      else if (head < 128) end = ++start + (((head & 63) << 8) | bytes[offset + 1]);
      if (
        end - start === length &&
        (length < 4 || view.getInt32(end - 4, true) === ending) &&
        head < REFERENCE_HEAD &&
        equalRange(bytes, view, start, wanted.bytes, wanted.view, wanted.start, length)
      ) {
        this.load(position);
        return passed;
      }
      const body = end - offset;
      position += body + (body < 128 ? 1 : 2);
    }
    return -1;
  }

  /** Reads the head once for all that follows from it: 3 ns less per element than through the functions above. */
  private load(position: number): void {
    const value = this.value;
    const bytes = value.bytes;
    const offset = (this.at + position) | 0;
    const head = bytes[offset];
    let start = offset + 1;
    let end = start + REFERENCE_SIZE;
    if (head < 64) {
      end = start + head;
    } else if (head < 128) {
      end = ++start + (((head & 63) << 8) | bytes[offset + 1]);
    }
    value.start = start;
    value.end = end;
    this.reference = head >= REFERENCE_HEAD;
    this.position = position;
    this.behind = position;
    const body = end - offset;
    this.ahead = position + body + (body < 128 ? 1 : 2);
  }
}
