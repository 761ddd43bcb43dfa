/**
 * Bytes as Lua's strings and back: one character a byte.
 *
 * Buffer's own methods leave JavaScript, which costs some 60 to 80 ns whatever the length: short ones are put together
 * and taken apart here.
 */

const CHARACTERS: readonly string[] = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte));
/** Up to this length a loop over characters is faster than a call; it would be far slower on a string put together. */
const SHORT_TEXT = 14;

const { fromCharCode } = String;

/**
 * Buffer's types do not have it: toString() and write() ask first which encoding it is. Taken from the prototype once,
 * since V8 looks for a buffer's method anew at each call (3 % of an EVALSHA).
 */
const { latin1Slice: slice, latin1Write: write } = Buffer.prototype as Buffer & {
  latin1Slice(start: number, end: number): string;
  latin1Write(text: string, position: number, length: number): number;
};

export function latin1Slice(bytes: Buffer, start: number, end: number): string {
  const at = start;
  switch (end - start) {
    case 0:
      return '';
    case 1:
      return CHARACTERS[bytes[at]];
    case 2:
      return fromCharCode(bytes[at], bytes[at + 1]);
    case 3:
      return fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2]);
    case 4:
      return fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]);
    case 5:
      return fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3], bytes[at + 4]);
    case 6:
      return fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3], bytes[at + 4], bytes[at + 5]);
    default:
      return slice.call(bytes, start, end);
  }
}

/** Writes a text where there is room for it. */
export function writeLatin1(bytes: Buffer, position: number, text: string): void {
  const { length } = text;
  if (length > SHORT_TEXT) write.call(bytes, text, position, length);
  else for (let i = 0; i < length; i++) bytes[position + i] = text.charCodeAt(i);
}
