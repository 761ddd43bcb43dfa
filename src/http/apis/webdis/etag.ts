/**
 * Entity tags, by which a client says what it has already: MD5 of a body, as webdis has it.
 *
 * Short texts, which most replies are, are one block of MD5; to compute that here takes half as long as a call of
 * node:crypto, which was a tenth of all that a GET took.
 */
import { hash } from 'node:crypto';

/** A block has 64 bytes, the last 9 of which say where the text ends and how long it is. */
const MOST_IN_BLOCK = 55;
const STEPS = 64;

const TURNS_OF_ROUND = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
];
/** Of each step: what is added, and how far is turned (RFC 1321). */
const ADDED = Int32Array.from({ length: STEPS }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32));
const TURNS = Int32Array.from({ length: STEPS }, (_, i) => TURNS_OF_ROUND[i >> 4][i & 3]);

/** Two bytes in hexadecimal, the lower one first. */
const PAIRS = Array.from({ length: 0x10000 }, (_, pair) => {
  const digits = pair.toString(16).padStart(4, '0');
  return digits.slice(2) + digits.slice(0, 2);
});

const block = new Int32Array(16);

/** Of a body. */
export function entityTag(body: string | Buffer): string {
  if (typeof body === 'string' && body.length <= MOST_IN_BLOCK && fillBlock(body)) return `"${digestOfBlock()}"`;
  return `"${hash('md5', body)}"`;
}

/** Whether one of the tags of an `If-None-Match` is this one. */
export function isKnown(tag: string, ifNoneMatch: string): boolean {
  return ifNoneMatch === tag || ifNoneMatch.split(',').some((each) => each.trim().replace(/^W\//, '') === tag);
}

/** @returns false for what is not all ASCII */
function fillBlock(text: string): boolean {
  const { length } = text;
  block.fill(0);
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return false;
    block[i >> 2] |= code << ((i & 3) * 8);
  }
  block[length >> 2] |= 0x80 << ((length & 3) * 8);
  block[14] = length * 8;
  return true;
}

function digestOfBlock(): string {
  let a = 0x67452301;
  let b = 0xefcdab89 | 0;
  let c = 0x98badcfe | 0;
  let d = 0x10325476;
  for (let i = 0; i < 16; i++) {
    const sum = (a + ((b & c) | (~b & d)) + ADDED[i] + block[i]) | 0;
    a = d;
    d = c;
    c = b;
    b = (b + ((sum << TURNS[i]) | (sum >>> (32 - TURNS[i])))) | 0;
  }
  for (let i = 16; i < 32; i++) {
    const sum = (a + ((d & b) | (~d & c)) + ADDED[i] + block[(5 * i + 1) & 15]) | 0;
    a = d;
    d = c;
    c = b;
    b = (b + ((sum << TURNS[i]) | (sum >>> (32 - TURNS[i])))) | 0;
  }
  for (let i = 32; i < 48; i++) {
    const sum = (a + (b ^ c ^ d) + ADDED[i] + block[(3 * i + 5) & 15]) | 0;
    a = d;
    d = c;
    c = b;
    b = (b + ((sum << TURNS[i]) | (sum >>> (32 - TURNS[i])))) | 0;
  }
  for (let i = 48; i < 64; i++) {
    const sum = (a + (c ^ (b | ~d)) + ADDED[i] + block[(7 * i) & 15]) | 0;
    a = d;
    d = c;
    c = b;
    b = (b + ((sum << TURNS[i]) | (sum >>> (32 - TURNS[i])))) | 0;
  }
  return hex(a + 0x67452301) + hex(b + 0xefcdab89) + hex(c + 0x98badcfe) + hex(d + 0x10325476);
}

/** A word's bytes, the lowest first. */
function hex(word: number): string {
  return PAIRS[word & 0xffff] + PAIRS[(word >>> 16) & 0xffff];
}
