/**
 * What one command answered, read where it lies: for commands whose replies are a status, an error, an integer, a bulk
 * string, or a flat array of those. Offsets are positions in the reply's bytes.
 */

const PLUS = 0x2b;
const MINUS = 0x2d;
const COLON = 0x3a;
const DOLLAR = 0x24;
const CR = 0x0d;
const ZERO = 0x30;

/** The text of an error reply, with its code and without the '-'; undefined for any other reply. */
export function errorOf(bytes: Buffer): string | undefined {
  return bytes[0] === MINUS ? bytes.toString('utf8', 1, lineEnd(bytes, 1)) : undefined;
}

/** Its first word: `ERR`, `WRONGTYPE`, `OOM`. */
export function errorCodeOf(error: string): string {
  const space = error.indexOf(' ');
  return space < 0 ? error : error.slice(0, space);
}

export function isStatus(bytes: Buffer): boolean {
  return bytes[0] === PLUS;
}

/** The digits of an integer reply. */
export function integerTextOf(bytes: Buffer): string {
  return bytes.toString('latin1', bytes[0] === COLON ? 1 : 0, lineEnd(bytes, 1));
}

/** The bulk string at an offset, as a view of the reply; null where there is none. */
export function bulkAt(bytes: Buffer, at = 0): Buffer | null {
  if (bytes[at] !== DOLLAR || bytes[at + 1] === MINUS) return null;
  const start = lineEnd(bytes, at + 1) + 2;
  return bytes.subarray(start, start + numberAt(bytes, at + 1));
}

/** The bulk strings of an array; null where the reply is none, and in it where a string is null. */
export function bulksOf(bytes: Buffer, from = 0): (Buffer | null)[] | null {
  if (bytes[from] !== 0x2a || bytes[from + 1] === MINUS) return null;
  const bulks: (Buffer | null)[] = [];
  let at = lineEnd(bytes, from + 1) + 2;
  for (let missing = numberAt(bytes, from + 1); missing > 0; missing--) {
    const bulk = bulkAt(bytes, at);
    bulks.push(bulk);
    at = lineEnd(bytes, at + 1) + 2 + (bulk === null ? 0 : bulk.length + 2);
  }
  return bulks;
}

/** Digits up to the end of their line. */
function numberAt(bytes: Buffer, at: number): number {
  let value = 0;
  for (; bytes[at] !== CR; at++) value = value * 10 + bytes[at] - ZERO;
  return value;
}

function lineEnd(bytes: Buffer, from: number): number {
  return bytes.indexOf('\r\n', from, 'latin1');
}
