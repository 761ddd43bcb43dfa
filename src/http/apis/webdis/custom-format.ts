/**
 * A reply as the value itself, for who asked for a type of content: a string's bytes, an integer's digits, a status
 * or an error as one line, an array's strings one after the other. No value is no content: 404.
 */
import * as Sign from '../../../protocol/reply-types.js';
import { ReplyCursor } from '../../reply-cursor.js';

const cursor = new ReplyCursor();

/** @returns undefined where there is no value */
export function customBody(bytes: Buffer, separator: string): Buffer | string | undefined {
  cursor.reset(bytes);
  cursor.next();
  switch (cursor.sign) {
    case Sign.NULL:
      return undefined;
    case Sign.ARRAY:
      return joined(cursor.count, separator);
    case Sign.STATUS:
    case Sign.ERROR:
      // With the sign.
      return bytes.subarray(0, cursor.end);
    default:
      return cursor.content();
  }
}

/** The strings among an array's elements. */
function joined(count: number, separator: string): Buffer {
  const between = Buffer.from(separator, 'latin1');
  const pieces: Buffer[] = [];
  for (let left = count; left > 0; left--) {
    cursor.next();
    if (cursor.sign === Sign.BULK) {
      if (pieces.length > 0 && between.length > 0) pieces.push(between);
      pieces.push(cursor.content());
    } else if (cursor.sign === Sign.ARRAY) {
      for (let inner = cursor.count; inner > 0; inner--) cursor.skip();
    }
  }
  return Buffer.concat(pieces);
}
