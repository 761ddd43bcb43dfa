/**
 * JSON put together as bytes in one buffer: from the bytes of replies to those that are sent, without a JavaScript
 * string or value between them.
 *
 * Strings of replies may hold any bytes, and JSON's are UTF-8: a byte that is none becomes U+FFFD. Who must not lose
 * one asks for base64().
 */
import { copyBytes, viewOf } from '../memory/slice.js';
import { systemMemory } from '../memory/system-memory.js';

const FIRST_BYTES = 4096;
/** What needed more gives it back when it is cleared. */
const KEPT_BYTES = 256 * 1024;
/** Of what is longer, each piece is looked at by itself, so that room is made for what is there. */
const PIECE = 4096;
/** Strings up to this length are copied byte by byte. */
const SHORT = 64;
/** The most that one byte becomes: `\u0000`. */
const MOST_PER_BYTE = 6;
/** From here on Node's own base64 is faster, although its text is written twice. */
const LONG_BASE64 = 150;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const PADDING = 0x3d;

/** What Node's buffers can do and its types do not say. */
interface NodeBuffer extends Buffer {
  base64Slice(start: number, end: number): string;
  latin1Write(text: string, offset: number): number;
}

export class JsonBytes {
  bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  view = viewOf(this.bytes);
  length = 0;

  clear(): void {
    this.length = 0;
    if (this.bytes.length <= KEPT_BYTES) return;
    this.bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
    this.view = viewOf(this.bytes);
  }

  /** What is written, where it lies until something is written again. A copy took 3 of a pipeline's 70 us. */
  take(): Buffer {
    const { bytes, length } = this;
    this.clear();
    return bytes.subarray(0, length);
  }

  /** Room for so many bytes more. */
  reserve(count: number): void {
    if (this.length + count > this.bytes.length) this.grow(this.length + count);
  }

  private grow(needed: number): void {
    const larger = systemMemory.take(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
    this.view = viewOf(larger);
  }

  byte(value: number): void {
    if (this.length === this.bytes.length) this.grow(this.length + 1);
    this.bytes[this.length++] = value;
  }

  /** Characters up to 255, as they are; few of them. */
  text(text: string): void {
    const count = text.length;
    this.reserve(count);
    const { bytes } = this;
    let at = this.length;
    for (let i = 0; i < count; i++) bytes[at++] = text.charCodeAt(i);
    this.length = at;
  }

  /** Bytes as they are. */
  raw(bytes: Buffer, view: DataView, start: number, end: number): void {
    this.reserve(end - start);
    copyBytes(this.bytes, this.view, this.length, bytes, view, start, end - start);
    this.length += end - start;
  }

  /** A JSON string. */
  string(bytes: Buffer, view: DataView, start: number, end: number): void {
    if (end - start <= SHORT) {
      this.shortString(bytes, start, end);
      return;
    }
    this.byte(QUOTE);
    for (let at = start; at < end; ) {
      const pieceEnd = Math.min(end, at + PIECE);
      const plainEnd = plainRun(bytes, at, pieceEnd);
      this.raw(bytes, view, at, plainEnd);
      at = plainEnd === pieceEnd ? plainEnd : this.escaped(bytes, plainEnd, pieceEnd, end);
    }
    this.byte(QUOTE);
  }

  private shortString(bytes: Buffer, start: number, end: number): void {
    this.reserve((end - start) * MOST_PER_BYTE + 2);
    const to = this.bytes;
    let length = this.length;
    to[length++] = QUOTE;
    let at = start;
    for (; at < end; at++) {
      const byte = bytes[at];
      if (ESCAPES[byte] !== PLAIN) break;
      to[length++] = byte;
    }
    this.length = length;
    if (at < end) this.escaped(bytes, at, end, end);
    this.bytes[this.length++] = QUOTE;
  }

  /** Goes on with a string up to `pieceEnd`, or a little further where a character does. @returns how far it came */
  private escaped(bytes: Buffer, from: number, pieceEnd: number, end: number): number {
    this.reserve((pieceEnd - from) * MOST_PER_BYTE + 5);
    const to = this.bytes;
    let length = this.length;
    let at = from;
    while (at < pieceEnd) {
      const byte = bytes[at];
      if (byte < 0x80) {
        const letter = ESCAPES[byte];
        at++;
        if (letter === PLAIN) {
          to[length++] = byte;
        } else {
          to[length++] = BACKSLASH;
          to[length++] = letter;
          if (letter === UNICODE) {
            to[length++] = 0x30;
            to[length++] = 0x30;
            to[length++] = HEX_DIGITS.charCodeAt(byte >> 4);
            to[length++] = HEX_DIGITS.charCodeAt(byte & 15);
          }
        }
        continue;
      }
      const size = characterLength(bytes, at, end);
      if (size === 0) {
        to[length++] = 0xef;
        to[length++] = 0xbf;
        to[length++] = 0xbd;
        at++;
      } else {
        for (const next = at + size; at < next; at++) to[length++] = bytes[at];
      }
    }
    this.length = length;
    return at;
  }

  /** A JSON string of the bytes' base64. */
  base64(bytes: Buffer, start: number, end: number): void {
    this.reserve(Math.ceil((end - start) / 3) * 4 + 2);
    const to = this.bytes;
    to[this.length++] = QUOTE;
    if (end - start > LONG_BASE64) {
      const text = (bytes as NodeBuffer).base64Slice(start, end);
      this.length += (to as NodeBuffer).latin1Write(text, this.length);
    } else {
      this.shortBase64(bytes, start, end);
    }
    to[this.length++] = QUOTE;
  }

  private shortBase64(bytes: Buffer, start: number, end: number): void {
    const to = this.bytes;
    let length = this.length;
    let at = start;
    for (const last = end - 2; at < last; at += 3) {
      const bits = (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2];
      to[length++] = BASE64_DIGITS[bits >> 18];
      to[length++] = BASE64_DIGITS[(bits >> 12) & 63];
      to[length++] = BASE64_DIGITS[(bits >> 6) & 63];
      to[length++] = BASE64_DIGITS[bits & 63];
    }
    if (at < end) {
      const isLast = at + 1 === end;
      const bits = (bytes[at] << 16) | (isLast ? 0 : bytes[at + 1] << 8);
      to[length++] = BASE64_DIGITS[bits >> 18];
      to[length++] = BASE64_DIGITS[(bits >> 12) & 63];
      to[length++] = isLast ? PADDING : BASE64_DIGITS[(bits >> 6) & 63];
      to[length++] = PADDING;
    }
    this.length = length;
  }
}

/** How far bytes stand for themselves in a JSON string. */
function plainRun(bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && ESCAPES[bytes[at]] === PLAIN) at++;
  return at;
}

/** The length of the UTF-8 character of several bytes that begins here; 0 where none does. */
function characterLength(bytes: Buffer, at: number, end: number): number {
  const first = bytes[at];
  if (first < 0xc2 || first > 0xf4) return 0;
  const size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (at + size > end) return 0;
  const second = bytes[at + 1];
  // Neither longer than need be, nor half of a UTF-16 pair, nor beyond the last character.
  const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < least || second > most) return 0;
  for (let i = 2; i < size; i++) if ((bytes[at + i] & 0xc0) !== 0x80) return 0;
  return size;
}

const HEX_DIGITS = '0123456789abcdef';
const BASE64_DIGITS = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', 'latin1');

const PLAIN = 0;
const UNICODE = 0x75;
/** Of each byte what follows the backslash in its place; bytes of longer characters are looked at together. */
const ESCAPES = escapes();

function escapes(): Uint8Array {
  const table = new Uint8Array(256).fill(UNICODE, 0, 0x20).fill(UNICODE, 0x80);
  for (const [byte, letter] of [
    [0x08, 'b'],
    [0x09, 't'],
    [0x0a, 'n'],
    [0x0c, 'f'],
    [0x0d, 'r'],
    [QUOTE, '"'],
    [BACKSLASH, '\\'],
  ] as const) {
    table[byte] = letter.charCodeAt(0);
  }
  return table;
}
