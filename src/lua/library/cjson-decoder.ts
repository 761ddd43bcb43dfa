/**
 * Reads JSON, and what Redis takes for it. The tables that are open as a nest goes deeper lie in an array, so that a
 * nest is limited as in Redis and not by the engine's stack.
 */

import { libraryError } from '../runtime/errors.js';
import { charge, tick } from '../runtime/limits.js';
import { stringToNumber } from '../runtime/numbers.js';
import { Table } from '../runtime/table.js';
import type { Value } from '../runtime/value.js';
import { bytesOf } from './byte-source.js';
import { C_STACK_SLOTS } from './c-stack.js';
import type { DecoderSettings } from './cjson-settings.js';
import { filledList } from './filled-list.js';
import { type KeyNode, KeyTree } from './key-tree.js';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const MINUS = 0x2d;
const POINT = 0x2e;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Slots of the stack of a C function that an array and an object want to find free. */
const ARRAY_SLOTS = 2;
const OBJECT_SLOTS = 3;
const TABLE_BYTES = 64;

const TOKEN_NAMES = new Map([
  [0, 'T_END'],
  [OPEN_BRACE, 'T_OBJ_BEGIN'],
  [CLOSE_BRACE, 'T_OBJ_END'],
  [OPEN_BRACKET, 'T_ARR_BEGIN'],
  [CLOSE_BRACKET, 'T_ARR_END'],
  [COLON, 'T_COLON'],
  [COMMA, 'T_COMMA'],
]);
/** Undefined is null. */
const WORDS: readonly [string, boolean | undefined][] = [
  ['true', true],
  ['false', false],
  ['null', undefined],
];

const ESCAPES = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

/** What strtod() of C reads. */
const NUMBER = new RegExp(
  [
    '[+-]?(?:0x(?:[0-9a-f]+\\.?[0-9a-f]*|\\.[0-9a-f]+)(?:p[+-]?\\d+)?',
    '(?:\\d+\\.?\\d*|\\.\\d+)(?:e[+-]?\\d+)?',
    'inf(?:inity)?',
    'nan(?:\\(\\w*\\))?)',
  ].join('|'),
  'iy',
);
/** How a number begins that JSON does not have: with a plus, a zero before others, hexadecimal, infinity or NaN. */
const ODD_NUMBER = /\+|-?(?:0[0-9x]|inf|nan)/iy;
const UNICODE_ESCAPE = /^\\u[0-9a-f]{4}$/i;

/** Quotients of a whole number of up to 15 digits by these are rounded once, and so they are the nearest doubles. */
const POWERS_OF_TEN = Array.from({ length: 16 }, (_, power) => 10 ** power);
const MOST_EXACT_DIGITS = 15;

/** What is being filled: an array has its values so far, from index 1 on, an object a table and the key it is at. */
interface OpenTable {
  readonly values: Value[] | null;
  readonly table: Table | null;
  /** Null after a key that the tree of keys does not have. */
  node: KeyNode | null;
  key: string;
}

const KEYS = new KeyTree();

const NO_BYTES = new Uint8Array(1);

export class Decoder {
  private text = '';
  private bytes: Uint8Array = NO_BYTES;
  private position = 0;
  private readonly open: OpenTable[] = [];
  /** The argument lies on the stack of the C function, then each array, and each object with its key. */
  private slots = 1;

  constructor(
    private readonly settings: DecoderSettings,
    private readonly nullValue: Value,
  ) {}

  decode(text: string): Value {
    this.text = text;
    this.bytes = bytesOf(text);
    this.position = 0;
    try {
      if (text.length >= 2 && (this.bytes[0] === 0 || this.bytes[1] === 0)) {
        libraryError('JSON parser does not support UTF-16 or UTF-32');
      }
      const value = this.readNest();
      if (this.skipBlanks() !== 0) this.failAtToken('the end');
      return value;
    } finally {
      this.text = '';
      this.bytes = NO_BYTES;
      this.open.length = 0;
      this.slots = 1;
    }
  }

  private readNest(): Value {
    const { open } = this;
    for (;;) {
      let value = this.readValue();
      // A table was opened, and its first value comes next.
      if (value === undefined) continue;
      for (;;) {
        if (open.length === 0) return value;
        const top = open[open.length - 1];
        if (top.values !== null) {
          top.values.push(value);
          if (this.hasNextElement()) break;
          value = filledList(top.values);
          this.slots -= 1;
        } else {
          if (top.node === null) top.table!.setString(top.key, value);
          else top.table!.setField(top.node.site, value);
          if (this.hasNextEntry(top)) break;
          value = top.table!;
          this.slots -= 2;
        }
        open.pop();
      }
    }
  }

  /** A value; undefined if it is a table that was opened, and stands before its first value. */
  private readValue(): Value {
    tick();
    const byte = this.skipBlanks();
    if (byte === QUOTE) return this.readString('value');
    if (byte === OPEN_BRACE) return this.enterObject();
    if (byte === OPEN_BRACKET) return this.enterArray();
    if (isDigit(byte) || byte === MINUS) return this.readNumber('value');
    return this.readWord();
  }

  private readWord(): Value {
    const { text, position } = this;
    for (const [word, value] of WORDS) {
      if (!text.startsWith(word, position)) continue;
      this.position = position + word.length;
      return value ?? this.nullValue;
    }
    if (this.settings.invalidNumbers && this.isOddNumber()) return this.readNumber('value');
    return this.failAtToken('value');
  }

  private enterArray(): Value {
    this.enter(ARRAY_SLOTS);
    if (this.skipBlanks() === CLOSE_BRACKET) {
      this.position++;
      return new Table();
    }
    this.open.push({ values: [undefined], table: null, node: null, key: '' });
    this.slots += 1;
    return undefined;
  }

  private enterObject(): Value {
    this.enter(OBJECT_SLOTS);
    const table = new Table();
    if (this.skipBlanks() === CLOSE_BRACE) {
      this.position++;
      return table;
    }
    const object: OpenTable = { values: null, table, node: KEYS.root, key: '' };
    this.readKey(object);
    this.open.push(object);
    this.slots += 2;
    return undefined;
  }

  private enter(slotsNeeded: number): void {
    this.position++;
    const depth = this.open.length + 1;
    if (depth > this.settings.maxDepth || this.slots + slotsNeeded > C_STACK_SLOTS) {
      libraryError(`Found too many nested data structures (${depth}) at character ${this.position}`);
    }
    charge(TABLE_BYTES);
  }

  private hasNextElement(): boolean {
    const byte = this.skipBlanks();
    if (byte !== COMMA && byte !== CLOSE_BRACKET) this.failAtToken('comma or array end');
    this.position++;
    return byte === COMMA;
  }

  private hasNextEntry(object: OpenTable): boolean {
    const byte = this.skipBlanks();
    if (byte !== COMMA && byte !== CLOSE_BRACE) this.failAtToken('comma or object end');
    this.position++;
    if (byte !== COMMA) return false;
    this.skipBlanks();
    this.readKey(object);
    return true;
  }

  /** A key and the colon after it. */
  private readKey(object: OpenTable): void {
    const { bytes } = this;
    const expected = 'object key string';
    if (bytes[this.position] !== QUOTE) this.failAtToken(expected);
    const start = this.position + 1;
    const end = this.findStringEnd(start);
    if (object.node !== null) {
      const isPlain = bytes[end] === QUOTE;
      object.node = (isPlain && KEYS.next(object.node, bytes, start, end - start, this.text)) || null;
    }
    if (object.node !== null) this.position = end + 1;
    else object.key = this.readString(expected);
    if (this.skipBlanks() !== COLON) this.failAtToken('colon');
    this.position++;
  }

  /** Goes to the next byte that is no blank, and returns it: 0 at the end, which a NUL is, too. */
  private skipBlanks(): number {
    const { bytes } = this;
    let byte = bytes[this.position];
    while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = bytes[++this.position];
    return byte;
  }

  private readString(expected: string): string {
    const start = this.position + 1;
    const end = this.findStringEnd(start);
    if (this.bytes[end] !== QUOTE) return this.readEscapedString(start, end, expected);
    this.position = end + 1;
    return this.text.slice(start, end);
  }

  /** Where a string ends that has no escape; otherwise where the first is, or the end of the text. */
  private findStringEnd(start: number): number {
    const { bytes } = this;
    let end = start;
    let byte = bytes[end];
    while (byte !== QUOTE && byte !== BACKSLASH && byte !== 0) byte = bytes[++end];
    return end;
  }

  /** A string from its start on, whose first `end` is no quotation mark. */
  private readEscapedString(start: number, end: number, expected: string): string {
    const { bytes, text } = this;
    let string = '';
    for (;;) {
      const byte = bytes[end];
      if (byte === 0) this.fail(expected, 'unexpected end of string', end);
      if (byte === QUOTE) break;
      if (byte !== BACKSLASH) {
        end++;
        continue;
      }
      tick();
      string += text.slice(start, end);
      this.position = end;
      string += this.readEscape(expected);
      start = end = this.position;
    }
    this.position = end + 1;
    return string + text.slice(start, end);
  }

  private readEscape(expected: string): string {
    const { text, position } = this;
    const letter = text[position + 1];
    if (letter === 'u') return this.readUnicodeEscape(expected);
    const character = ESCAPES.get(letter);
    if (character === undefined) this.fail(expected, 'invalid escape code', position);
    this.position = position + 2;
    return character;
  }

  /** One code unit or a pair of them, as UTF-8. */
  private readUnicodeEscape(expected: string): string {
    const { position } = this;
    let code = this.codeUnitAt(position);
    this.position = position + 6;
    if (code !== undefined && code >= 0xd800 && code < 0xe000) {
      const low = code < 0xdc00 ? this.codeUnitAt(position + 6) : undefined;
      const isPair = low !== undefined && low >= 0xdc00 && low < 0xe000;
      code = isPair ? 0x10000 + ((code - 0xd800) << 10) + low - 0xdc00 : undefined;
      this.position = position + 12;
    }
    if (code === undefined) this.fail(expected, 'invalid unicode escape code', position);
    return toUtf8(code);
  }

  private codeUnitAt(position: number): number | undefined {
    const digits = this.text.slice(position, position + 6);
    return UNICODE_ESCAPE.test(digits) ? Number.parseInt(digits.slice(2), 16) : undefined;
  }

  private readNumber(expected: string): number {
    const { bytes, text, position: start } = this;
    const isNegative = bytes[start] === MINUS;
    const first = isNegative ? start + 1 : start;
    let end = first;
    let byte = bytes[end];
    let whole = 0;
    for (; isDigit(byte); byte = bytes[++end]) whole = whole * 10 + byte - 0x30;
    let digits = end - first;
    const isOdd = bytes[first] === 0x30 && digits > 1;
    let decimals = 0;
    if (byte === POINT) {
      const point = end;
      for (byte = bytes[++end]; isDigit(byte); byte = bytes[++end]) whole = whole * 10 + byte - 0x30;
      decimals = end - point - 1;
      digits += decimals;
    }
    const lower = byte | 0x20;
    if (isOdd || digits === 0 || lower === 0x65 || lower === 0x78) return this.readOtherNumber(expected);
    this.position = end;
    if (digits > MOST_EXACT_DIGITS) return Number(text.slice(start, end));
    const number = decimals === 0 ? whole : whole / POWERS_OF_TEN[decimals];
    return isNegative ? -number : number;
  }

  /** A number with an exponent, or what only strtod() takes for one. */
  private readOtherNumber(expected: string): number {
    const { text, position } = this;
    if (!this.settings.invalidNumbers && this.isOddNumber()) this.fail(expected, 'invalid number', position);
    NUMBER.lastIndex = position;
    const match = NUMBER.exec(text);
    if (match === null) this.fail(expected, 'invalid number', position);
    this.position = NUMBER.lastIndex;
    return stringToNumber(match[0])!;
  }

  /** Whether what comes is a number that JSON does not have, or seems to be one. */
  private isOddNumber(): boolean {
    ODD_NUMBER.lastIndex = this.position;
    return ODD_NUMBER.test(this.text);
  }

  /** Says what comes instead of what was expected. */
  private failAtToken(expected: string): never {
    const { position } = this;
    this.fail(expected, this.describeToken(expected), position);
  }

  private describeToken(expected: string): string {
    const { text, position } = this;
    const byte = this.bytes[position];
    const name = TOKEN_NAMES.get(byte);
    if (name !== undefined) return name;
    if (byte === QUOTE) {
      this.readString(expected);
      return 'T_STRING';
    }
    for (const [word, value] of WORDS) {
      if (text.startsWith(word, position)) return value === undefined ? 'T_NULL' : 'T_BOOLEAN';
    }
    if (isDigit(byte) || byte === MINUS || (this.settings.invalidNumbers && this.isOddNumber())) {
      this.readNumber(expected);
      return 'T_NUMBER';
    }
    return 'invalid token';
  }

  private fail(expected: string, found: string, position: number): never {
    libraryError(`Expected ${expected} but found ${found} at character ${position + 1}`);
  }
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** A code point as the bytes of UTF-8. */
function toUtf8(code: number): string {
  if (code < 0x80) return String.fromCharCode(code);
  if (code < 0x800) return String.fromCharCode(0xc0 | (code >> 6), 0x80 | (code & 0x3f));
  const last = [0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)];
  if (code < 0x10000) return String.fromCharCode(0xe0 | (code >> 12), ...last);
  return String.fromCharCode(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 0x3f), ...last);
}
