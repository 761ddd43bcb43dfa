/** Percent-encoding to bytes: what it stands for need not be text. */

const PERCENT = 0x25;
const PLUS = 0x2b;
const SPACE = 0x20;

/**
 * Writes what text[from, to), of one character a byte, stands for; that is never longer. A percent sign that no two
 * digits follow stands for itself, and in queries a plus is a space.
 * @returns where it ends
 */
export function decodePercent(
  text: string,
  from: number,
  to: number,
  bytes: Buffer,
  at: number,
  isPlusSpace: boolean,
): number {
  for (let i = from; i < to; i++) {
    const character = text.charCodeAt(i);
    if (character === PERCENT && i + 2 < to) {
      const high = hexDigit(text.charCodeAt(i + 1));
      const low = hexDigit(text.charCodeAt(i + 2));
      if (high >= 0 && low >= 0) {
        bytes[at++] = (high << 4) | low;
        i += 2;
        continue;
      }
    }
    bytes[at++] = character === PLUS && isPlusSpace ? SPACE : character;
  }
  return at;
}

/** The same of a whole text, as bytes of its own. */
export function percentDecoded(text: string, isPlusSpace: boolean): Buffer {
  const bytes = Buffer.allocUnsafe(text.length);
  return bytes.subarray(0, decodePercent(text, 0, text.length, bytes, 0, isPlusSpace));
}

/** -1 where it is none. */
export function hexDigit(character: number): number {
  if (character >= 0x30 && character <= 0x39) return character - 0x30;
  const lower = character | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
