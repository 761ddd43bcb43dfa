/** Which characters an item of a pattern stands for: sets of bytes, as ctype.h of C has them in its own locale. */

/** What is not 0 at a byte's place belongs to it; one place more is for the end of a subject. */
export type ByteSet = Uint8Array;

const BYTES = 256;
/** The place for the end of a subject, which is a member of no set that a pattern names. */
export const END = 256;

export function emptySet(): ByteSet {
  return new Uint8Array(BYTES + 1);
}

export const ANY_BYTE: ByteSet = emptySet().fill(1, 0, BYTES);

const singleBytes: ByteSet[] = [];

/** The set of one byte; there is one for each, made when it is first asked for. */
export function singleByte(byte: number): ByteSet {
  let set = singleBytes[byte];
  if (set === undefined) {
    set = emptySet();
    set[byte] = 1;
    singleBytes[byte] = set;
  }
  return set;
}

const CLASSES: Record<string, RegExp> = {
  a: /[A-Za-z]/,
  c: /[\x00-\x1f\x7f]/,
  d: /[0-9]/,
  l: /[a-z]/,
  p: /[!-/:-@[-`{-~]/,
  s: /[\t-\r ]/,
  u: /[A-Z]/,
  w: /[0-9A-Za-z]/,
  x: /[0-9A-Fa-f]/,
  z: /\0/,
};

const classes = new Map<number, ByteSet>();
for (const [letter, characters] of Object.entries(CLASSES)) {
  const set = ANY_BYTE.map((isByte, byte) => isByte & Number(characters.test(String.fromCharCode(byte))));
  classes.set(letter.charCodeAt(0), set);
  classes.set(letter.toUpperCase().charCodeAt(0), complement(set));
}

/** What `%` and this byte stand for: a class, or the byte itself. */
export function escapedByte(byte: number): ByteSet {
  return classes.get(byte) ?? singleByte(byte);
}

/** A bracketed set, whose `[` is at `start` and whose `]` is at `end`. */
export function bracketedSet(text: string, start: number, end: number): ByteSet {
  const set = emptySet();
  let position = start + 1;
  const isComplement = text.charCodeAt(position) === 0x5e; // ^
  if (isComplement) position++;
  for (; position < end; position++) {
    const byte = text.charCodeAt(position);
    if (byte === 0x25 /* % */) {
      position++;
      include(set, escapedByte(text.charCodeAt(position)));
    } else if (text.charCodeAt(position + 1) === 0x2d /* - */ && position + 2 < end) {
      position += 2;
      const last = text.charCodeAt(position);
      if (byte <= last) set.fill(1, byte, last + 1);
    } else {
      set[byte] = 1;
    }
  }
  return isComplement ? complement(set) : set;
}

/** Adds the members of another set. */
export function include(set: ByteSet, other: ByteSet): void {
  for (let member = 0; member <= END; member++) set[member] |= other[member];
}

export function areDisjoint(a: ByteSet, b: ByteSet): boolean {
  return a.every((isIn, member) => (isIn & b[member]) === 0);
}

function complement(set: ByteSet): ByteSet {
  return set.map((isIn, member) => (member === END ? 0 : 1 - isIn));
}
