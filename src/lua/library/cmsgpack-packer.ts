/** Writes values as MessagePack, each in the least bytes. */

import { libraryError } from '../runtime/errors.js';
import { tick } from '../runtime/limits.js';
import { Table } from '../runtime/table.js';
import type { Value } from '../runtime/value.js';
import { ByteWriter } from './byte-writer.js';
import { C_STACK_SLOTS } from './c-stack.js';
import { type FloatSize, floatBytes, putFloat } from './floats.js';
import { hasOnlyIntegerKeys, integerKeys } from './integer-keys.js';

/** A table within so many others is written as nil. */
const MOST_LEVELS = 16;
const TWO_32 = 2 ** 32;
const TWO_63 = 2 ** 63;

const writer = new ByteWriter();

export function packAll(values: readonly Value[]): string {
  try {
    // What lies on the stack are the arguments, the results so far, and the value.
    for (let index = 0; index < values.length; index++) packValue(values[index], 0, values.length + index + 1);
    return writer.toString();
  } finally {
    writer.clear();
  }
}

/** `slots` of the stack of a C function are taken, the last by the value. */
function packValue(value: Value, level: number, slots: number): void {
  switch (typeof value) {
    case 'number':
      packNumber(value);
      break;
    case 'string':
      packString(value);
      break;
    case 'boolean':
      writer.writeByte(value ? 0xc3 : 0xc2);
      break;
    default:
      if (value instanceof Table && level < MOST_LEVELS) packTable(value, level, slots);
      else writer.writeByte(0xc0);
  }
}

function packNumber(value: number): void {
  const small = value | 0;
  if (small === value) packSmallInteger(small);
  else if (Math.floor(value) === value && value >= -TWO_63 && value < TWO_63) packLargeInteger(value);
  else if (Math.fround(value) === value) packFloat(0xca, value, 4);
  else packFloat(0xcb, value, 8);
}

function packSmallInteger(value: number): void {
  if (value >= -32 && value < 128) {
    writer.writeByte(value);
    return;
  }
  writer.reserve(5);
  const { bytes, length } = writer;
  if (value >= -0x80 && value < 0x100) {
    bytes[length] = value < 0 ? 0xd0 : 0xcc;
    bytes[length + 1] = value;
    writer.length = length + 2;
  } else if (value >= -0x8000 && value < 0x10000) {
    bytes[length] = value < 0 ? 0xd1 : 0xcd;
    bytes[length + 1] = value >> 8;
    bytes[length + 2] = value;
    writer.length = length + 3;
  } else {
    packHead(value < 0 ? 0xd2 : 0xce, value, 4);
  }
}

/** A whole number of more than 32 bits with a sign. */
function packLargeInteger(value: number): void {
  if (value >= 0 && value < TWO_32) {
    packHead(0xce, value, 4);
    return;
  }
  const high = Math.floor(value / TWO_32);
  packHead(value < 0 ? 0xd3 : 0xcf, high, 4);
  packWord(value - high * TWO_32, 4);
}

function packFloat(type: number, value: number, size: FloatSize): void {
  putFloat(value, size, false);
  writer.writeByte(type);
  for (let index = 0; index < size; index++) writer.writeByte(floatBytes[index]);
}

function packString(text: string): void {
  const { length } = text;
  if (length < 32) writer.writeByte(0xa0 | length);
  else if (length < 0x100) packHead(0xd9, length, 1);
  else if (length < 0x10000) packHead(0xda, length, 2);
  else packHead(0xdb, length, 4);
  writer.writeText(text);
}

/** A byte that says what follows, and a number of so many bytes, big endian. */
function packHead(type: number, number: number, bytes: number): void {
  writer.writeByte(type);
  packWord(number, bytes);
}

function packWord(number: number, bytes: number): void {
  for (let shift = (bytes - 1) * 8; shift >= 0; shift -= 8) writer.writeByte(number >>> shift);
}

function packTable(table: Table, level: number, slots: number): void {
  if (slots + 2 > C_STACK_SLOTS) libraryError('stack overflow (in function table_is_an_array)');
  if (hasOnlyIntegerKeys(table) && integerKeys.count === integerKeys.largest) {
    packArray(table, integerKeys.count, level, slots);
  } else {
    packMap(table, level, slots);
  }
}

function packArray(table: Table, count: number, level: number, slots: number): void {
  if (count < 16) writer.writeByte(0x90 | count);
  else if (count < 0x10000) packHead(0xdc, count, 2);
  else packHead(0xdd, count, 4);
  for (let index = 1; index <= count; index++) {
    tick();
    packValue(table.getNumber(index), level + 1, slots + 1);
  }
}

function packMap(table: Table, level: number, slots: number): void {
  if (slots + 3 > C_STACK_SLOTS) libraryError('stack overflow (in function mp_encode_lua_table_as_map)');
  let count = 0;
  for (let position = table.positionAfter(0); position !== 0; position = table.positionAfter(position)) count++;
  if (count < 16) writer.writeByte(0x80 | count);
  else if (count < 0x10000) packHead(0xde, count, 2);
  else packHead(0xdf, count, 4);
  for (let position = table.positionAfter(0); position !== 0; position = table.positionAfter(position)) {
    tick();
    packValue(table.keyAt(position), level + 1, slots + 3);
    packValue(table.valueAt(position), level + 1, slots + 2);
  }
}
