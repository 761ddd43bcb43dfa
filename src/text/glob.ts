/**
 * Redis's glob patterns on bytes: `*`, `?`, `[abc]`, `[^a-z]`, and `\` before a byte that is meant as such. A class
 * that is not closed ends with the pattern, a reversed range is turned around. Nothing but the empty pattern matches
 * the empty text, not even `*`; KEYS and SCAN ask for `matchesAll` first.
 *
 * The time is bounded by the product of the text's length and the number of the pattern's elements, whatever the
 * pattern: only the last `*` is ever tried again, and a class costs the same however long it is. As in Redis nothing
 * matches after more than MOST_STARS of them.
 */

import type { Slice } from '../memory/slice.js';

const STAR = 0x2a;
const QUESTION = 0x3f;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const BACKSLASH = 0x5c;
const CARET = 0x5e;
const DASH = 0x2d;

const MOST_STARS = 1000;
/** A class of more bytes than this is made a set of its own: it takes 32 bytes, and matches in the time of one look. */
const LONG_CLASS = 32;

/** A class of bytes, `[...]`, whatever its length. */
interface ByteClass {
  /** Bit `byte & 31` of word `byte >> 5`. */
  readonly bits: Int32Array;
  /** Where the pattern goes on after it. */
  readonly next: number;
}

export class Glob {
  private readonly pattern: Buffer;
  /** The long classes, by where they begin. */
  private readonly classes: ReadonlyMap<number, ByteClass> | null;
  /** No byte of the pattern means anything but itself. */
  readonly isLiteral: boolean;
  /** The pattern is `*` alone. */
  readonly matchesAll: boolean;

  constructor(pattern: Uint8Array | string) {
    this.pattern = Buffer.from(pattern as Uint8Array);
    this.isLiteral = !this.pattern.some((byte) => [STAR, QUESTION, OPEN, BACKSLASH].includes(byte));
    this.matchesAll = this.pattern.length === 1 && this.pattern[0] === STAR;
    this.classes = this.pattern.length > LONG_CLASS && this.pattern.includes(OPEN) ? longClasses(this.pattern) : null;
  }

  matches(text: Slice): boolean {
    return this.matchesRange(text.bytes, text.start, text.end);
  }

  matchesText(text: string): boolean {
    const bytes = Buffer.from(text);
    return this.matchesRange(bytes, 0, bytes.length);
  }

  private matchesRange(text: Uint8Array, start: number, end: number): boolean {
    const pattern = this.pattern;
    if (start === end) return pattern.length === 0;
    let p = 0;
    let t = start;
    let starAt = -1;
    let starText = 0;
    let stars = 0;
    while (t < end) {
      if (p < pattern.length && pattern[p] === STAR) {
        while (p < pattern.length && pattern[p] === STAR) p++;
        if (p === pattern.length) return true;
        if (++stars > MOST_STARS) return false;
        starAt = p - 1;
        starText = t;
        continue;
      }
      const next = p < pattern.length ? this.matchOne(p, text[t]) : 0;
      if (next > 0) {
        p = next;
        t++;
      } else if (starAt >= 0) {
        p = starAt + 1;
        t = ++starText;
      } else {
        return false;
      }
    }
    while (p < pattern.length && pattern[p] === STAR) p++;
    return p === pattern.length;
  }

  /** Where the pattern goes on if its element at `p` stands for this byte, else 0. */
  private matchOne(p: number, byte: number): number {
    const pattern = this.pattern;
    switch (pattern[p]) {
      case QUESTION:
        return p + 1;
      case OPEN:
        return this.matchClass(p + 1, byte);
      case BACKSLASH:
        if (p + 1 < pattern.length) return pattern[p + 1] === byte ? p + 2 : 0;
        return byte === BACKSLASH ? p + 1 : 0;
      default:
        return pattern[p] === byte ? p + 1 : 0;
    }
  }

  private matchClass(p: number, byte: number): number {
    const known = this.classes?.get(p);
    if (known !== undefined) return (known.bits[byte >> 5] & (1 << (byte & 31))) === 0 ? 0 : known.next;
    const pattern = this.pattern;
    const end = pattern.length;
    const negated = pattern[p] === CARET;
    if (negated) p++;
    let found = false;
    while (p < end && pattern[p] !== CLOSE) {
      if (pattern[p] === BACKSLASH && p + 1 < end) {
        found ||= pattern[p + 1] === byte;
        p += 2;
      } else if (pattern[p + 1] === DASH && p + 2 < end) {
        const low = Math.min(pattern[p], pattern[p + 2]);
        const high = Math.max(pattern[p], pattern[p + 2]);
        found ||= byte >= low && byte <= high;
        p += 3;
      } else {
        found ||= pattern[p] === byte;
        p++;
      }
    }
    return found === negated ? 0 : Math.min(p + 1, end);
  }
}

function longClasses(pattern: Buffer): Map<number, ByteClass> {
  const found = new Map<number, ByteClass>();
  for (let p = 0; p < pattern.length; ) {
    if (pattern[p] === BACKSLASH) {
      p += 2;
    } else if (pattern[p] === OPEN) {
      const each = readClass(pattern, p + 1);
      if (each.next - p > LONG_CLASS) found.set(p + 1, each);
      p = each.next;
    } else {
      p++;
    }
  }
  return found;
}

/** The class whose first byte, or `^`, stands at `p`; read as matchClass() reads it. */
function readClass(pattern: Buffer, p: number): ByteClass {
  const bits = new Int32Array(8);
  const add = (byte: number): void => {
    bits[byte >> 5] |= 1 << (byte & 31);
  };
  const end = pattern.length;
  const negated = pattern[p] === CARET;
  if (negated) p++;
  while (p < end && pattern[p] !== CLOSE) {
    if (pattern[p] === BACKSLASH && p + 1 < end) {
      add(pattern[p + 1]);
      p += 2;
    } else if (pattern[p + 1] === DASH && p + 2 < end) {
      const high = Math.max(pattern[p], pattern[p + 2]);
      for (let byte = Math.min(pattern[p], pattern[p + 2]); byte <= high; byte++) add(byte);
      p += 3;
    } else {
      add(pattern[p]);
      p++;
    }
  }
  if (negated) for (let i = 0; i < bits.length; i++) bits[i] = ~bits[i];
  return { bits, next: Math.min(p + 1, end) };
}
