/**
 * HalfSipHash: a keyed 32-bit hash whose collisions cannot be engineered without the key, unlike murmur3's. A Dict
 * switches to it when it meets a crowd of keys that murmur3 hashes alike.
 *
 * After J.-P. Aumasson and D. J. Bernstein, "SipHash: a fast short-input PRF" (2012), in its variant of 32-bit words:
 * state of four words, key of two, `compression` rounds per word of input (little-endian; the last one carries the
 * length in its top byte) and `finalization` rounds at the end. 1 and 3 are SipHash-1-3's, enough for a hash table; 2
 * and 4 are those of the published test vectors.
 */

import type { Slice } from './slice.js';

/** The state v0 to v3, of one call at a time. */
const v = new Int32Array(4);

export function halfSipHash(key: Slice, key0: number, key1: number, compression = 1, finalization = 3): number {
  const length = key.end - key.start;
  const wordsEnd = key.start + (length & ~3);
  v[0] = key0;
  v[1] = key1;
  v[2] = key0 ^ 0x6c796765;
  v[3] = key1 ^ 0x74656462;
  for (let position = key.start; position < wordsEnd; position += 4) {
    absorb(key.view.getInt32(position, true), compression);
  }
  let last = length << 24;
  for (let position = wordsEnd; position < key.end; position++) {
    last |= key.view.getUint8(position) << ((position - wordsEnd) << 3);
  }
  absorb(last, compression);
  v[2] ^= 0xff;
  mix(finalization);
  return v[1] ^ v[3];
}

function absorb(word: number, rounds: number): void {
  v[3] ^= word;
  mix(rounds);
  v[0] ^= word;
}

function mix(rounds: number): void {
  let v0 = v[0];
  let v1 = v[1];
  let v2 = v[2];
  let v3 = v[3];
  for (; rounds > 0; rounds--) {
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
  }
  v[0] = v0;
  v[1] = v1;
  v[2] = v2;
  v[3] = v3;
}
