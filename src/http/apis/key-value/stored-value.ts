/**
 * How a JSON value lies in the database, and what a value that lies there is in JSON.
 *
 * A string is stored as its text, so that every Redis client sees it as it is, and any other value as its JSON, digit
 * for digit: `INCR` works on a number. Reading goes by one rule: text that is JSON is that value, any other text is a
 * string. So that each value comes back as what it was, a string that would be read as something else ("1", "true",
 * "[]", and one in quotes) is stored in quotes, as JSON writes it.
 */
import { isUtf8 } from 'node:buffer';
import { base64Bytes } from '../../base64.js';
import { isJson } from '../../json-source.js';

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const LONE_SURROGATE = /[\ud800-\udfff]/u;

/** How values stand in requests and replies. */
export interface ValueForm {
  /** As the bytes that are stored, in base64. */
  readonly isBase64: boolean;
  /** Any text that is stored is a string, also if it is JSON. */
  readonly isText: boolean;
}

/** What is stored for a value, by its JSON text; undefined for what is no base64 where that is asked for. */
export function storedForm(source: string, { isBase64 }: ValueForm): Buffer | undefined {
  if (isBase64) return source[0] === '"' ? base64Bytes(JSON.parse(source)) : undefined;
  if (source[0] !== '"') return Buffer.from(source);
  const text: string = JSON.parse(source);
  // What no UTF-8 can say keeps its escapes.
  return Buffer.from(isReadAsJson(text) || hasLoneSurrogate(text) ? JSON.stringify(text) : text);
}

/** Members of a JSON object that say what is stored: `"result":…`. */
export function resultMembers(bytes: Buffer, { isBase64, isText }: ValueForm): string {
  if (isBase64) return `"result":"${bytes.toString('base64')}"`;
  if (!isUtf8(bytes)) return `"result":"${bytes.toString('base64')}","encoding":"base64"`;
  const text = bytes.toString();
  return `"result":${!isText && isReadAsJson(text) ? text : JSON.stringify(text)}`;
}

export function hasLoneSurrogate(text: string): boolean {
  return LONE_SURROGATE.test(text);
}

/** Whether the text is all of a JSON value, without space around it. */
function isReadAsJson(text: string): boolean {
  switch (text[0]) {
    case '{':
      return text.endsWith('}') && isJson(text);
    case '[':
      return text.endsWith(']') && isJson(text);
    case '"':
      return text.length > 1 && text.endsWith('"') && isJson(text);
    case 't':
      return text === 'true';
    case 'f':
      return text === 'false';
    case 'n':
      return text === 'null';
    default:
      return NUMBER.test(text);
  }
}
