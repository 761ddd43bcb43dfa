/**
 * Hashes of keys, as Lua 5.1 makes them. The order of pairs() follows from them, and since 5.1 does not seed them, it
 * is the same in every process: scripts that encode a table, or compare what they iterate, rely on it.
 */

import type { Value } from './value.js';

const FLOAT = new Float64Array(1);
const FLOAT_WORDS = new Uint32Array(FLOAT.buffer);

/** From the last byte to the first. (Lua's own leaves out bytes of long strings; Redis's has stopped doing so.) */
function hashOfString(text: string): number {
  let hash = text.length;
  for (let i = text.length - 1; i >= 0; i--) hash ^= (((hash << 5) + (hash >>> 2)) | 0) + text.charCodeAt(i);
  return hash;
}

/** The sum of the two halves of the double. Both zeros are one key. */
function hashOfNumber(value: number): number {
  if (value === 0) return 0;
  FLOAT[0] = value;
  return (FLOAT_WORDS[0]! + FLOAT_WORDS[1]!) | 0;
}

/** Stands for the address of a table or function. Lua's differs from run to run, so any will do. */
const SERIALS = new WeakMap<object, number>();
let serial = 0;

function hashOfObject(value: object): number {
  let hash = SERIALS.get(value);
  if (hash === undefined) SERIALS.set(value, (hash = ++serial | 0));
  return hash;
}

/** 32 bits, as a signed integer. */
export function hashOf(key: Value): number {
  switch (typeof key) {
    case 'string':
      return hashOfString(key);
    case 'number':
      return hashOfNumber(key);
    case 'boolean':
      return key ? 1 : 0;
    default:
      return hashOfObject(key as object);
  }
}

/**
 * The node where the search for a key starts, in a table of `size` nodes, a power of two. Strings and booleans take the
 * low bits of the hash; other keys, whose low bits tend to be zeros, the remainder by an odd number.
 */
export function mainNode(key: Value, hash: number, size: number): number {
  const type = typeof key;
  if (type === 'string' || type === 'boolean') return mainNodeOfName(hash, size);
  return (hash >>> 0) % ((size - 1) | 1);
}

/** The same for a string. */
export function mainNodeOfName(hash: number, size: number): number {
  return hash & (size - 1);
}
