/**
 * A reply as JSON: `{"GET":"value"}`, an object of one field, which is named as the command was sent.
 *
 * A status is `[true,"OK"]`, an error `[false,"ERR …"]`, an integer a number, digit by digit. Within arrays a status is
 * a string, because there it is one of several values (the flags in COMMAND's reply). What is no UTF-8 can't be said in
 * JSON, and has U+FFFD in its place: other formats keep all bytes.
 */
import * as Sign from '../../../protocol/reply-types.js';
import { ReplyCursor } from '../../reply-cursor.js';
import { type Shape, shaped, type Value } from './reply-shapes.js';

/** Characters that stand for themselves between quotes. */
const PLAIN = /^[ !#-[\]-~]*$/;
/** Longer strings are left to JSON.stringify. */
const MAX_TESTED = 256;

const cursor = new ReplyCursor();

/** The text of one reply; `head` is the object's beginning, `{"GET":`. */
export function jsonText(bytes: Buffer, head: string, shape: Shape | undefined): string {
  const value = shape === undefined ? undefined : shaped(shape, bytes);
  if (value !== undefined) return `${head}${textOfValue(value)}}`;
  cursor.reset(bytes);
  cursor.next();
  switch (cursor.sign) {
    case Sign.BULK:
      return `${head}${quoted(cursor)}}`;
    case Sign.STATUS:
      return `${head}[true,${quoted(cursor)}]}`;
    default:
      return `${head}${restOf(cursor)}}`;
  }
}

/** `{"GET":` */
export function jsonHead(verb: string): string {
  return `{${JSON.stringify(Buffer.from(verb, 'latin1').toString('utf8'))}:`;
}

function quoted(at: ReplyCursor): string {
  if (at.end - at.start <= MAX_TESTED) {
    const text = at.latin1();
    if (PLAIN.test(text)) return `"${text}"`;
  }
  return JSON.stringify(at.utf8());
}

/** The element that the cursor has come to, and all that is in it. */
function restOf(at: ReplyCursor): string {
  let text = '';
  /** Elements that are missing, of each array that is open. */
  const open: number[] = [];
  for (;;) {
    if (at.sign === Sign.ARRAY && at.count > 0) {
      text += '[';
      open.push(at.count);
    } else {
      text += leaf(at);
      while (open.length > 0 && --open[open.length - 1] === 0) {
        open.pop();
        text += ']';
      }
      if (open.length === 0) return text;
      text += ',';
    }
    at.next();
  }
}

function leaf(at: ReplyCursor): string {
  switch (at.sign) {
    case Sign.BULK:
    case Sign.STATUS:
    case Sign.DOUBLE:
      return quoted(at);
    case Sign.INTEGER:
    case Sign.BIG_NUMBER:
      return at.latin1();
    case Sign.ERROR:
      return `[false,${quoted(at)}]`;
    case Sign.ARRAY:
      return '[]';
    case Sign.BOOLEAN:
      return at.latin1() === 't' ? 'true' : 'false';
    default:
      return 'null';
  }
}

function textOfValue(value: Value): string {
  if (value === null) return 'null';
  if (typeof value === 'bigint') return String(value);
  if (Buffer.isBuffer(value)) return JSON.stringify(value.toString('utf8'));
  if (Array.isArray(value)) return `[${value.map(textOfValue).join(',')}]`;
  const fields = [...value].map(([key, each]) => `${keyText(key)}:${textOfValue(each)}`);
  return `{${fields.join(',')}}`;
}

function keyText(key: string): string {
  return PLAIN.test(key) ? `"${key}"` : JSON.stringify(Buffer.from(key, 'latin1').toString('utf8'));
}
