/**
 * A window onto bytes that someone else owns: an argument in the read buffer, a key or a value in an arena page.
 *
 * Slices are reusable and mutable, so that a command allocates none. One over the read buffer is valid until the
 * handler returns, one into a structure until that structure is changed; who keeps bytes copies them.
 *
 * `bytes` and `view` cover the same memory with the same origin: a position means the same byte in both. Buffer serves
 * for bulk work, DataView for words (both are inlined by V8, and keeping to one class of each keeps every access
 * monomorphic).
 */
export class Slice {
  bytes: Buffer;
  view: DataView;
  start: number;
  end: number;

  constructor(bytes: Buffer = EMPTY_BYTES, view: DataView = EMPTY_VIEW, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.view = view;
    this.start = start;
    this.end = end;
  }

  /** A slice over bytes of its own. Text is taken as UTF-8. */
  static of(content: string | Uint8Array): Slice {
    const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : Buffer.from(content);
    return new Slice(bytes, viewOf(bytes), 0, bytes.length);
  }

  get length(): number {
    return this.end - this.start;
  }

  set(bytes: Buffer, view: DataView, start: number, end: number): this {
    this.bytes = bytes;
    this.view = view;
    this.start = start;
    this.end = end;
    return this;
  }

  setFrom(other: Slice): this {
    return this.set(other.bytes, other.view, other.start, other.end);
  }

  /** A copy that outlives what the slice points at. */
  toBuffer(): Buffer {
    return Buffer.from(this.bytes.subarray(this.start, this.end));
  }

  toLatin1(): string {
    return this.bytes.toString('latin1', this.start, this.end);
  }

  toString(): string {
    return this.bytes.toString('utf8', this.start, this.end);
  }
}

/** The view that shares a Buffer's memory and origin. */
export function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const EMPTY_BYTES = Buffer.alloc(0);
const EMPTY_VIEW = viewOf(EMPTY_BYTES);

/** Up to this length a loop over words beats Buffer's copy and compare, whose calls leave JavaScript (bench/micro). */
const WORD_LOOP_LIMIT = 100;

/** Copies bytes to where they do not overlap. */
export function copyBytes(
  toBytes: Buffer,
  toView: DataView,
  to: number,
  fromBytes: Buffer,
  fromView: DataView,
  from: number,
  length: number,
): void {
  if (length > WORD_LOOP_LIMIT) {
    fromBytes.copy(toBytes, to, from, from + length);
    return;
  }
  if (length < 4) {
    for (; length > 0; length--) toBytes[to++] = fromBytes[from++];
    return;
  }
  // The last word overlaps the one before it, in the place of up to three bytes: HGETALL takes 7 % less.
  const last = from + length - 4;
  const lastTo = to + length - 4;
  for (; from < last; from += 4, to += 4) toView.setInt32(to, fromView.getInt32(from, true), true);
  toView.setInt32(lastTo, fromView.getInt32(last, true), true);
}

/** Copies a slice's content to a position; the slice must not overlap the target. */
export function copySlice(source: Slice, toBytes: Buffer, toView: DataView, to: number): void {
  copyBytes(toBytes, toView, to, source.bytes, source.view, source.start, source.end - source.start);
}

export function equalBytes(a: Slice, b: Slice): boolean {
  const length = a.end - a.start;
  if (length !== b.end - b.start) return false;
  return equalRange(a.bytes, a.view, a.start, b.bytes, b.view, b.start, length);
}

export function equalRange(
  aBytes: Buffer,
  aView: DataView,
  a: number,
  bBytes: Buffer,
  bView: DataView,
  b: number,
  length: number,
): boolean {
  if (length > WORD_LOOP_LIMIT) return aBytes.compare(bBytes, b, b + length, a, a + length) === 0;
  const wordsEnd = a + (length & ~3);
  while (a < wordsEnd) {
    if (aView.getInt32(a, true) !== bView.getInt32(b, true)) return false;
    a += 4;
    b += 4;
  }
  for (let rest = length & 3; rest > 0; rest--) if (aBytes[a++] !== bBytes[b++]) return false;
  return true;
}

/** Orders by unsigned bytes, then by length: negative, zero or positive. */
export function compareBytes(a: Slice, b: Slice): number {
  return compareRange(a.bytes, a.view, a.start, a.end, b);
}

/** The same for bytes that are not in a Slice. */
export function compareRange(bytes: Buffer, view: DataView, start: number, end: number, b: Slice): number {
  const length = Math.min(end - start, b.end - b.start);
  if (length > WORD_LOOP_LIMIT) return bytes.compare(b.bytes, b.start, b.end, start, end);
  let offset = b.start;
  const wordsEnd = start + (length & ~3);
  for (; start < wordsEnd; start += 4, offset += 4) {
    const mine = view.getInt32(start);
    const other = b.view.getInt32(offset);
    // Unsigned: the sign bits change sides.
    if (mine !== other) return (mine ^ SIGN) < (other ^ SIGN) ? -1 : 1;
  }
  for (let rest = length & 3; rest > 0; rest--) {
    const difference = bytes[start++] - b.bytes[offset++];
    if (difference !== 0) return difference;
  }
  return end - start - (b.end - offset);
}

const SIGN = 0x8000_0000 | 0;

/**
 * Seeded 32-bit murmur3 by words. The result is an int32: a uint32 would become a heap number whenever it crosses a
 * call (21 against 16 ns). What is left of the last word is read before the loop: behind it V8 would not have met it
 * yet as it compiles the loop of a long first key, and would give that code up 1,300 times.
 */
export function hashBytes(key: Slice, seed: number): number {
  const view = key.view;
  const length = key.end - key.start;
  const wordsEnd = key.start + (length & ~3);
  const rest = length & 3;
  let last = 0;
  if (rest !== 0) {
    const bytes = key.bytes;
    last = bytes[wordsEnd];
    if (rest > 1) last |= bytes[wordsEnd + 1] << 8;
    if (rest > 2) last |= bytes[wordsEnd + 2] << 16;
    last = Math.imul(last, 0xcc9e2d51);
    last = (last << 15) | (last >>> 17);
    last = Math.imul(last, 0x1b873593);
  }
  let hash = seed | 0;
  for (let position = key.start; position < wordsEnd; position += 4) {
    let word = Math.imul(view.getInt32(position, true), 0xcc9e2d51);
    word = (word << 15) | (word >>> 17);
    hash ^= Math.imul(word, 0x1b873593);
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  hash ^= last ^ length;
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
