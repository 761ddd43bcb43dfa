/**
 * Writes values as JSON. The tables that are open as a nest goes deeper lie in an array, so that a nest is limited as
 * in Redis and not by the engine's stack.
 */

import { generalDigits } from '../runtime/decimals.js';
import { libraryError } from '../runtime/errors.js';
import { tick } from '../runtime/limits.js';
import type { NamesInOrder } from '../runtime/shape.js';
import { Table } from '../runtime/table.js';
import { typeName, UserData, type Value } from '../runtime/value.js';
import { ByteWriter } from './byte-writer.js';
import { C_STACK_SLOTS } from './c-stack.js';
import type { EncoderSettings } from './cjson-settings.js';
import { hasOnlyIntegerKeys, integerKeys } from './integer-keys.js';

/** Slots of the stack of a C function that each level wants to find free. */
const SLOTS_NEEDED = 3;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** The second character of a two-character escape, 'u' of a longer one, 0 where there is none: by byte. */
const ESCAPES = new Uint8Array(256);
ESCAPES.fill(0x75, 0, 0x20);
ESCAPES[0x7f] = 0x75;
for (const [character, letter] of Object.entries({
  '"': '"',
  '\\': '\\',
  '/': '/',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\f': 'f',
  '\r': 'r',
})) {
  ESCAPES[character.charCodeAt(0)] = letter.charCodeAt(0);
}
const ESCAPED = /[\0-\x1f"\\/\x7f]/;
const EACH_ESCAPED = /[\0-\x1f"\\/\x7f]/g;
const LOWER_HEX = '0123456789abcdef';
/** A string of this length is rather looked through as a whole, and copied as a whole if nothing is to be escaped. */
const LONG_TEXT = 24;
/** No number of 32 bits has more, and with so many it is written without an exponent. */
const INT32_DIGITS = 10;
const POWERS_OF_TEN = Array.from({ length: 15 }, (_, power) => 10 ** power);
/** Below, %g prints an exponent. */
const LEAST_PLAIN_NUMBER = 1e-4;

/** A table that is being written. */
interface OpenTable {
  readonly table: Table;
  /** Of an array; 0 for an object. */
  readonly length: number;
  /** Of an object whose table has a shape. */
  readonly names: NamesInOrder | null;
  /** How far it is: an index, a position in the table, or how many of the names. */
  position: number;
}

/** Names as they are written, with their colons, so that tables of the same shape have the same array of them. */
const writtenNames = new WeakMap<NamesInOrder, string[]>();

const writer = new ByteWriter();

export function encode(value: Value, settings: EncoderSettings): string {
  try {
    if (value instanceof Table) new TableEncoder(settings).encode(value);
    else encodeScalar(value, settings);
    return writer.toString();
  } finally {
    writer.clear();
  }
}

class TableEncoder {
  private readonly open: OpenTable[] = [];
  /** The argument lies on the stack of the C function, then an array's element, or an object's key and value. */
  private slots = 1;

  constructor(private readonly settings: EncoderSettings) {}

  encode(root: Table): void {
    const { open } = this;
    this.enter(root);
    while (open.length > 0) {
      const top = open[open.length - 1];
      if (top.length > 0) this.encodeElements(top);
      else if (top.names !== null) this.encodeNames(top, top.names);
      else this.encodeEntries(top);
    }
  }

  // Each of these goes on with a table until there is another in it, or until its end.

  private encodeElements(array: OpenTable): void {
    const { table, length } = array;
    for (let index = array.position + 1; index <= length; index++) {
      tick();
      if (index > 1) writer.writeByte(COMMA);
      const value = table.getNumber(index);
      if (!this.encodeValue(value, array, index)) return;
    }
    this.leave(true);
  }

  private encodeNames(object: OpenTable, names: NamesInOrder): void {
    const { table } = object;
    const { slots } = names;
    const texts = writtenNames.get(names) ?? writeNames(names);
    for (let index = object.position; index < slots.length; index++) {
      const value = table.valueInSlot(slots[index]);
      if (value === undefined) continue;
      tick();
      if (writer.bytes[writer.length - 1] !== OPEN_BRACE) writer.writeByte(COMMA);
      writer.writeText(texts[index]);
      if (!this.encodeValue(value, object, index + 1)) return;
    }
    this.leave(false);
  }

  private encodeEntries(object: OpenTable): void {
    const { table } = object;
    let position = table.positionAfter(object.position);
    for (; position !== 0; position = table.positionAfter(position)) {
      tick();
      if (object.position > 0) writer.writeByte(COMMA);
      object.position = position;
      this.encodeKey(table.keyAt(position));
      if (!this.encodeValue(table.valueAt(position), object, position)) return;
    }
    this.leave(false);
  }

  /** Writes a value; of a table only the beginning, and then returns false: `holder` goes on after `position` later. */
  private encodeValue(value: Value, holder: OpenTable, position: number): boolean {
    if (value instanceof Table) {
      holder.position = position;
      this.enter(value);
      return false;
    }
    encodeScalar(value, this.settings);
    return true;
  }

  private encodeKey(key: Value): void {
    if (typeof key === 'string') {
      encodeString(key);
    } else if (typeof key === 'number') {
      writer.writeByte(QUOTE);
      encodeNumber(key, this.settings);
      writer.writeByte(QUOTE);
    } else {
      fail(key, 'table key must be a number or string');
    }
    writer.writeByte(COLON);
  }

  private enter(table: Table): void {
    const { open, settings } = this;
    const depth = open.length + 1;
    if (depth > 1) this.slots += open[depth - 2].length > 0 ? 1 : 2;
    if (depth > settings.maxDepth || this.slots + SLOTS_NEEDED > C_STACK_SLOTS) {
      libraryError(`Cannot serialise, excessive nesting (${depth})`);
    }
    const length = arrayLength(table, settings);
    writer.writeByte(length > 0 ? OPEN_BRACKET : OPEN_BRACE);
    open.push({ table, length, names: length > 0 ? null : table.namesInOrder, position: 0 });
  }

  private leave(isArray: boolean): void {
    const { open } = this;
    writer.writeByte(isArray ? CLOSE_BRACKET : CLOSE_BRACE);
    open.pop();
    if (open.length > 0) this.slots -= open[open.length - 1].length > 0 ? 1 : 2;
  }
}

function writeNames(order: NamesInOrder): string[] {
  const texts = order.names.map((name) => `"${name.replace(EACH_ESCAPED, escapeOf)}":`);
  writtenNames.set(order, texts);
  return texts;
}

function escapeOf(character: string): string {
  const byte = character.charCodeAt(0);
  const letter = String.fromCharCode(ESCAPES[byte]);
  return letter === 'u' ? `\\u${byte.toString(16).padStart(4, '0')}` : `\\${letter}`;
}

/** The length of what is written as an array; 0 for an object, as an empty table is one. */
function arrayLength(table: Table, settings: EncoderSettings): number {
  if (!hasOnlyIntegerKeys(table)) return 0;
  const { count, largestInt: largest } = integerKeys;
  const { sparseRatio, sparseSafe } = settings;
  // The product is an int in C.
  if (sparseRatio > 0 && largest > Math.imul(count, sparseRatio) && largest > sparseSafe) {
    if (!settings.convertsSparseArrays) fail(table, 'excessively sparse array');
    return 0;
  }
  return largest;
}

function fail(value: Value, reason: string): never {
  libraryError(`Cannot serialise ${typeName(value)}: ${reason}`);
}

function encodeScalar(value: Value, settings: EncoderSettings): void {
  switch (typeof value) {
    case 'string':
      encodeString(value);
      break;
    case 'number':
      encodeNumber(value, settings);
      break;
    case 'boolean':
      writer.writeText(value ? 'true' : 'false');
      break;
    default:
      if (value !== undefined && !(value instanceof UserData)) fail(value, 'type not supported');
      writer.writeText('null');
  }
}

function encodeNumber(value: number, settings: EncoderSettings): void {
  writer.writeText(value - value === 0 ? digitsOf(value, settings.digits) : invalidNumber(value, settings));
}

function invalidNumber(value: number, { invalidNumbers }: EncoderSettings): string {
  if (invalidNumbers === 'null') return 'null';
  if (!invalidNumbers) fail(value, 'must not be NaN or Inf');
  if (Number.isNaN(value)) return 'nan';
  return value > 0 ? 'inf' : '-inf';
}

/** As %g prints a number with so many digits, at most 14. */
function digitsOf(value: number, digits: number): string {
  if (digits >= INT32_DIGITS && (value | 0) === value && (value !== 0 || 1 / value > 0)) return `${value}`;
  const size = Math.abs(value);
  if (size >= LEAST_PLAIN_NUMBER && size < POWERS_OF_TEN[digits]) {
    // The shortest text that reads as the number is what %g prints, unless it has more digits.
    const text = `${value}`;
    if (text.length <= digits) return text;
  }
  const text = generalDigits(size, digits);
  return value < 0 || Object.is(value, -0) ? `-${text}` : text;
}

function encodeString(text: string): void {
  const count = text.length;
  if (count > LONG_TEXT && !ESCAPED.test(text)) {
    writer.writeByte(QUOTE);
    writer.writeText(text);
    writer.writeByte(QUOTE);
    return;
  }
  // No byte becomes more than six.
  writer.reserve(count * 6 + 2);
  const { bytes } = writer;
  let { length } = writer;
  bytes[length++] = QUOTE;
  for (let index = 0; index < count; index++) {
    const byte = text.charCodeAt(index);
    const letter = ESCAPES[byte];
    if (letter === 0) {
      bytes[length++] = byte;
      continue;
    }
    bytes[length++] = BACKSLASH;
    bytes[length++] = letter;
    if (letter !== 0x75) continue;
    bytes[length++] = 0x30;
    bytes[length++] = 0x30;
    bytes[length++] = LOWER_HEX.charCodeAt(byte >> 4);
    bytes[length++] = LOWER_HEX.charCodeAt(byte & 15);
  }
  bytes[length++] = QUOTE;
  writer.length = length;
}
