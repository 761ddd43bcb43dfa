import { type Arena, MAX_BLOCK, PAGE_SIZE, type Ref } from '../../../src/memory/arena.js';
import {
  DEADLINE,
  DEADLINE_HEADER,
  DENSE_POSITION,
  HAS_DEADLINE,
  HEAP_POSITION,
  KIND,
  keyFieldSize,
  MAX_INLINE_KEY,
  PLAIN_HEADER,
  readVarint,
  varintSize,
  writeVarint,
} from '../../../src/memory/entry-layout.js';
import { Rope } from '../../../src/memory/rope.js';
import { Slice } from '../../../src/memory/slice.js';

const VALUE_SIZE = 4;

/** Writes an entry with a key and an int32 as its value, as the keyspace would. */
export function writeEntry(arena: Arena, key: string, value: number, deadline?: number): Ref {
  const bytes = Slice.of(key);
  const rope = new Rope(arena);
  if (bytes.length > MAX_INLINE_KEY) rope.append(bytes);
  const header = deadline === undefined ? PLAIN_HEADER : DEADLINE_HEADER;
  const size = header + varintSize(bytes.length) + 1 + keyFieldSize(bytes.length) + VALUE_SIZE;
  const ref = arena.allocate(size > MAX_BLOCK ? PAGE_SIZE : size);
  const view = arena.views[ref >>> 12];
  const start = offset(ref);
  view.setUint8(start + KIND, deadline === undefined ? 0 : HAS_DEADLINE);
  if (deadline !== undefined) view.setFloat64(start + DEADLINE, deadline, true);
  let at = writeVarint(view, start + header, bytes.length);
  at = writeVarint(view, at, VALUE_SIZE);
  if (bytes.length > MAX_INLINE_KEY) rope.store(view, at);
  else arena.bytes[ref >>> 12].set(bytes.bytes, at);
  view.setInt32(at + keyFieldSize(bytes.length), value, true);
  return ref;
}

export function entryValue(arena: Arena, ref: Ref): number {
  const { view, at, length } = keyField(arena, ref);
  return view.getInt32(at + keyFieldSize(length), true);
}

export function freeEntry(arena: Arena, ref: Ref): void {
  const { view, at, length } = keyField(arena, ref);
  if (length > MAX_INLINE_KEY) new Rope(arena).load(view, at).free();
  arena.free(ref);
}

export function* entryBlocks(arena: Arena, ref: Ref): Generator<Ref> {
  const { view, at, length } = keyField(arena, ref);
  yield ref;
  if (length > MAX_INLINE_KEY) yield* new Rope(arena).load(view, at).blocks();
}

/** Compaction of an entry's own blocks; returns its new reference. */
export function relocateEntry(arena: Arena, ref: Ref): Ref {
  const moved = arena.relocate(ref);
  const { at, length } = keyField(arena, moved);
  if (length > MAX_INLINE_KEY) {
    const rope = new Rope(arena).load(arena.views[moved >>> 12], at);
    rope.relocate();
    arena.writable(moved);
    rope.store(arena.views[moved >>> 12], at);
  }
  return moved;
}

export function densePositionOf(arena: Arena, ref: Ref): number {
  return arena.views[ref >>> 12].getInt32(offset(ref) + DENSE_POSITION, true);
}

export function heapPositionOf(arena: Arena, ref: Ref): number {
  return arena.views[ref >>> 12].getInt32(offset(ref) + HEAP_POSITION, true);
}

export function setDeadline(arena: Arena, ref: Ref, deadline: number): void {
  arena.writable(ref);
  arena.views[ref >>> 12].setFloat64(offset(ref) + DEADLINE, deadline, true);
}

function keyField(arena: Arena, ref: Ref): { view: DataView; at: number; length: number } {
  const view = arena.views[ref >>> 12];
  let at = afterHeader(view, offset(ref));
  const length = readVarint(view, at);
  at += varintSize(length);
  at += varintSize(readVarint(view, at));
  return { view, at, length };
}

function afterHeader(view: DataView, at: number): number {
  return at + ((view.getUint8(at + KIND) & HAS_DEADLINE) === 0 ? PLAIN_HEADER : DEADLINE_HEADER);
}

function offset(ref: Ref): number {
  return (ref & 0xfff) << 4;
}

/** The state of a structure that is a few integers, as an owner stores it. */
export function stateOf(structure: { store(view: DataView, at: number): void }, ints: number): DataView {
  const state = new DataView(new ArrayBuffer(ints * 4));
  structure.store(state, 0);
  return state;
}

/** Distinct 8-byte keys with the same murmur3: the second word is chosen to bring the state back to one value. */
export function collidingKeys(count: number, seed: number): Slice[] {
  const target = 0x5eed;
  return Array.from({ length: count }, (_, number) => {
    const key = Slice.of(Buffer.alloc(8));
    key.view.setInt32(0, number + 1, true);
    let state = seed ^ mixed(number + 1);
    state = (Math.imul((state << 13) | (state >>> 19), 5) + 0xe6546b64) | 0;
    key.view.setInt32(4, unmixed(state ^ target), true);
    return key;
  });
}

function mixed(word: number): number {
  const product = Math.imul(word, 0xcc9e2d51);
  return Math.imul((product << 15) | (product >>> 17), 0x1b873593);
}

function unmixed(word: number): number {
  const product = Math.imul(word, inverse(0x1b873593));
  return Math.imul((product >>> 15) | (product << 17), inverse(0xcc9e2d51));
}

/** The inverse of an odd number modulo 2^32, by Newton's iteration. */
function inverse(odd: number): number {
  let result = odd;
  for (let i = 0; i < 5; i++) result = Math.imul(result, 2 - Math.imul(odd, result));
  return result;
}
