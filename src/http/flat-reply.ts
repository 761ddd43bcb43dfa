/**
 * What one command answered, read where it lies: for commands whose replies are a status, an error, an integer, a bulk
 * string, or a flat array of those. Offsets are positions in the reply's bytes.
 */

import { ARRAY, BULK, ERROR, NULL, STATUS } from '../protocol/reply-types.js';
import { ReplyCursor } from './reply-cursor.js';

const cursor = new ReplyCursor();

/** The text of an error reply, with its code and without the '-'; undefined for any other reply. */
export function errorOf(bytes: Buffer): string | undefined {
  return bytes[0] === ERROR ? at(bytes, 0).utf8() : undefined;
}

/** Its first word: `ERR`, `WRONGTYPE`, `OOM`. */
export function errorCodeOf(error: string): string {
  const space = error.indexOf(' ');
  return space < 0 ? error : error.slice(0, space);
}

export function isStatus(bytes: Buffer): boolean {
  return bytes[0] === STATUS;
}

/** The digits of an integer reply. */
export function integerTextOf(bytes: Buffer): string {
  return at(bytes, 0).latin1();
}

/** The bulk string at an offset, as a view of the reply; null where there is none. */
export function bulkAt(bytes: Buffer, offset = 0): Buffer | null {
  return bytes[offset] === BULK && at(bytes, offset).sign !== NULL ? cursor.content() : null;
}

/** The bulk strings of an array; null where the reply is none, and in it where a string is null. */
export function bulksOf(bytes: Buffer, from = 0): (Buffer | null)[] | null {
  if (bytes[from] !== ARRAY || at(bytes, from).sign === NULL) return null;
  const bulks: (Buffer | null)[] = [];
  for (let missing = cursor.count; missing > 0; missing--) {
    cursor.next();
    bulks.push(cursor.sign === BULK ? cursor.content() : null);
  }
  return bulks;
}

/** The cursor, at the element that begins here. */
function at(bytes: Buffer, offset: number): ReplyCursor {
  cursor.reset(bytes, offset);
  cursor.next();
  return cursor;
}
