/**
 * Bytes as text that loses none of them. What is UTF-8 is the text it says; every other byte becomes a lone surrogate,
 * U+DC80 to U+DCFF, which no UTF-8 is (as Python's surrogateescape has it). For what people mostly write as text, and
 * what Redis takes as bytes: values of directives, passwords above all.
 */
import { isUtf8 } from 'node:buffer';

/** No character is longer in UTF-8. */
const LONGEST = 4;
const ESCAPE = 0xdc00;
/** With `u`, the second half of a pair is none. */
const ESCAPED = /[\udc80-\udcff]/u;

export function textOf(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const length = lengthAt(bytes, at);
    text += length === 0 ? String.fromCharCode(ESCAPE + bytes[at]) : bytes.toString('utf8', at, at + length);
    at += length || 1;
  }
  return text;
}

/** How many bytes the character has that begins there; 0 for a byte that is none. */
function lengthAt(bytes: Buffer, at: number): number {
  for (let length = 1; length <= LONGEST && at + length <= bytes.length; length++) {
    if (isUtf8(bytes.subarray(at, at + length))) return length;
  }
  return 0;
}

export function bytesOf(text: string): Buffer {
  if (!ESCAPED.test(text)) return Buffer.from(text);
  const pieces: Buffer[] = [];
  for (const character of text) {
    pieces.push(ESCAPED.test(character) ? Buffer.of(character.charCodeAt(0) - ESCAPE) : Buffer.from(character));
  }
  return Buffer.concat(pieces);
}
