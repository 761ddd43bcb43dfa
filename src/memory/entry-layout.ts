/**
 * The layouts of a Dict's elements. A key of the keyspace (KEYSPACE_ENTRY):
 *
 *   +0   i32   position in the Dict's dense array (written by the Dict)
 *   +4   u8    kind: how the value is held (bits 0-6), HAS_DEADLINE (bit 7)
 *   +5   u24   LRU clock or LFU counter
 *   with HAS_DEADLINE:
 *   +8   f64   deadline in ms since the epoch
 *   +16  i32   position in the expiry heap (written by the ExpiryHeap)
 *   then       varint key length, varint value length, key, value
 *
 * An element inside a value, which needs neither kind nor use, has the short header:
 *
 *   +0   i32   position in the Dict's dense array; the top bit says that there is a deadline
 *   with a deadline:
 *   +4   i32   position in the expiry heap
 *   +8   f64   deadline
 *   then       varint key length, varint value length, key, value (FIELD_ENTRY)
 *   or         varint key length, key (MEMBER_ENTRY)
 *
 * So a key of 16 and a value of 3 bytes take 8 + 2 + 19 = 29 bytes: a block of 32. A member of up to 11 bytes takes a
 * block of 16, and a field and its value of 26 bytes together one of 32.
 *
 * A varint is one byte below 0x80, else four bytes, big-endian, with the top bit set (31 bits). A key longer than
 * MAX_INLINE_KEY lives in a Rope: the key field then holds its root of ROPE_ROOT bytes, while the key length stays the
 * true one. Values of the short layouts do the same beyond MAX_INLINE_VALUE; where a value of the keyspace is, its kind
 * says.
 */

import { MAX_BLOCK } from './arena.js';

export const DENSE_POSITION = 0;
export const KIND = 4;
/** In every layout. */
export const DEADLINE = 8;
export const HEAP_POSITION = 16;

export const PLAIN_HEADER = 8;
export const DEADLINE_HEADER = 20;

export const KIND_MASK = 0x7f;
export const HAS_DEADLINE = 0x80;

export const MAX_INLINE_KEY = 16 * 1024;
/** With a key of MAX_INLINE_KEY, a deadline and two lengths it still fits a block. */
const MAX_INLINE_VALUE = MAX_BLOCK - MAX_INLINE_KEY - 64;
export const ROPE_ROOT = 16;

/** What tells the layouts apart. */
export interface EntryLayout {
  /** The byte whose top bit is set in entries with a deadline. */
  readonly flagAt: number;
  /** Bytes before the key's length, in entries without a deadline and with one. */
  readonly plainHeader: number;
  readonly deadlineHeader: number;
  readonly heapPositionAt: number;
  /** What of the first int32 is not the dense position. */
  readonly flagBits: number;
  /** Whether kind and use stand at KIND. */
  readonly hasKind: boolean;
  readonly hasValue: boolean;
  /** Values of greater length are ropes, whose root the entry holds. */
  readonly maxInlineValue: number;
}

export const KEYSPACE_ENTRY: EntryLayout = {
  flagAt: KIND,
  plainHeader: PLAIN_HEADER,
  deadlineHeader: DEADLINE_HEADER,
  heapPositionAt: HEAP_POSITION,
  flagBits: 0,
  hasKind: true,
  hasValue: true,
  maxInlineValue: MAX_BLOCK,
};

export const FIELD_ENTRY: EntryLayout = {
  flagAt: 3,
  plainHeader: 4,
  deadlineHeader: 16,
  heapPositionAt: 4,
  flagBits: 0x80000000 | 0,
  hasKind: false,
  hasValue: true,
  maxInlineValue: MAX_INLINE_VALUE,
};

export const MEMBER_ENTRY: EntryLayout = { ...FIELD_ENTRY, hasValue: false };

/** Deadlines below 0 are none. */
export const NO_DEADLINE = -1;

const LONG_VARINT = 0x80;

export function varintSize(value: number): number {
  return value < LONG_VARINT ? 1 : 4;
}

/** Bytes the key field takes in the entry itself. */
export function keyFieldSize(keyLength: number): number {
  return keyLength > MAX_INLINE_KEY ? ROPE_ROOT : keyLength;
}

export function readVarint(view: DataView, offset: number): number {
  const first = view.getUint8(offset);
  return first < LONG_VARINT ? first : view.getInt32(offset) & 0x7fffffff;
}

/** The longest value that fits into the entry of a key of so many bytes, with or without a deadline. */
export function inlineRoom(keyLength: number): number {
  return MAX_BLOCK - DEADLINE_HEADER - varintSize(keyLength) - 4 - keyFieldSize(keyLength);
}

/** Writes and returns the position behind. */
export function writeVarint(view: DataView, offset: number, value: number): number {
  if (value < LONG_VARINT) {
    view.setUint8(offset, value);
    return offset + 1;
  }
  view.setInt32(offset, value | 0x80000000);
  return offset + 4;
}
