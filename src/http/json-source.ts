/**
 * The text of values in JSON: for who passes values on as they were written, with all digits of their numbers and the
 * order of their members, which JSON.parse() does not keep.
 */
import { isUtf8 } from 'node:buffer';

/** The texts of an object's members by name; undefined for bytes that are no JSON object. The last of a name counts. */
export function objectSources(bytes: Buffer): Map<string, string> | undefined {
  const text = jsonText(bytes);
  if (text === undefined) return undefined;
  let at = skipSpace(text, 0);
  if (text[at] !== '{') return undefined;
  const members = new Map<string, string>();
  at = skipSpace(text, at + 1);
  while (text[at] !== '}') {
    const nameEnd = valueEnd(text, at);
    const name: string = JSON.parse(text.slice(at, nameEnd));
    const start = skipSpace(text, skipSpace(text, nameEnd) + 1);
    const end = valueEnd(text, start);
    members.set(name, text.slice(start, end));
    at = skipSpace(text, end);
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return members;
}

/** The texts of an array's elements; undefined where the text, which is valid JSON, is no array. */
export function arraySources(text: string): string[] | undefined {
  if (text[0] !== '[') return undefined;
  const elements: string[] = [];
  let at = skipSpace(text, 1);
  while (text[at] !== ']') {
    const end = valueEnd(text, at);
    elements.push(text.slice(at, end));
    at = skipSpace(text, end);
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return elements;
}

/** More levels than this are no JSON here: to parse millions of them takes many seconds. */
const MAX_LEVELS = 1000;

export function isJson(text: string): boolean {
  if (isTooDeep(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

export function isTooDeep(text: string): boolean {
  if (text.length <= MAX_LEVELS) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22:
        // A string without an end is no JSON anyhow.
        at = stringEnd(text, at) - 1;
        if (at < 0) return false;
        break;
      case 0x5b:
      case 0x7b:
        if (++depth > MAX_LEVELS) return true;
        break;
      case 0x5d:
      case 0x7d:
        depth--;
    }
  }
  return false;
}

function jsonText(bytes: Buffer): string | undefined {
  if (!isUtf8(bytes)) return undefined;
  const text = bytes.toString();
  return isJson(text) ? text : undefined;
}

const SPACE = /[ \t\n\r]*/y;
const SCALAR = /[^,\]} \t\n\r]*/y;
const TO_BRACKET = /[^"[\]{}]*/y;

function skipSpace(text: string, at: number): number {
  return endOf(SPACE, text, at);
}

function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  pattern.test(text);
  return pattern.lastIndex;
}

/** Where the value ends that begins at `at` in valid JSON. */
function valueEnd(text: string, at: number): number {
  const first = text[at];
  if (first === '"') return stringEnd(text, at);
  if (first !== '{' && first !== '[') return endOf(SCALAR, text, at);
  let depth = 0;
  do {
    const character = text[at];
    if (character === '"') at = stringEnd(text, at);
    else {
      depth += character === '{' || character === '[' ? 1 : -1;
      at++;
    }
    if (depth > 0) at = endOf(TO_BRACKET, text, at);
  } while (depth > 0);
  return at;
}

/** Where the string ends that begins at `at`; 0 where it does not. */
export function stringEnd(text: string, at: number): number {
  for (let quote = at; ; ) {
    quote = text.indexOf('"', quote + 1);
    if (quote < 0) return 0;
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
  }
}
