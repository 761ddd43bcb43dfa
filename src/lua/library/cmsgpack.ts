/** The library `cmsgpack`: values as MessagePack. */

import { argumentError, libraryError } from '../runtime/errors.js';
import { Table } from '../runtime/table.js';
import type { Results, Value } from '../runtime/value.js';
import { checkInteger, checkString, optionalInteger } from './arguments.js';
import { C_STACK_SLOTS } from './c-stack.js';
import { packAll } from './cmsgpack-packer.js';
import { Unpacker } from './cmsgpack-unpacker.js';

export function openCmsgpack(): Table {
  const cmsgpack = new Table();
  cmsgpack.setString('pack', pack);
  cmsgpack.setString('unpack', unpack);
  cmsgpack.setString('unpack_one', unpackOne);
  cmsgpack.setString('unpack_limit', unpackLimit);
  cmsgpack.setString('_NAME', 'cmsgpack');
  cmsgpack.setString('_VERSION', 'lua-cmsgpack 0.4.0');
  cmsgpack.setString('_COPYRIGHT', 'Copyright (C) 2012, Salvatore Sanfilippo');
  cmsgpack.setString('_DESCRIPTION', 'MessagePack C implementation for Lua');
  return cmsgpack;
}

/** All arguments, one after another. */
function pack(...values: Value[]): string {
  if (values.length === 0) argumentError(0, 'MessagePack pack needs input.');
  // There is a place for each one's result, too.
  if (values.length * 2 > C_STACK_SLOTS) argumentError(0, 'Too many arguments for MessagePack pack.');
  return packAll(values);
}

/** All values that a string holds. */
function unpack(text: Value): Results {
  return unpackSome(checkString(text, 1, arguments.length), 0, 0, arguments.length);
}

/** The offset after the first value, -1 if that is the end, and the value. */
function unpackOne(text: Value, offset: Value): Results {
  const count = arguments.length;
  return unpackSome(checkString(text, 1, count), optionalInteger(offset, 2, count, 0), 1, 1);
}

/** The offset after so many values, -1 if that is the end, and the values. */
function unpackLimit(text: Value, limit: Value, offset: Value): Results {
  const count = arguments.length;
  const string = checkString(text, 1, count);
  const most = checkInteger(limit, 2, count);
  return unpackSome(string, optionalInteger(offset, 3, count, 0), most, 1);
}

/** With neither an offset nor a limit all there is, and no offset as the first result. */
function unpackSome(text: string, offset: number, limit: number, slots: number): Results {
  const { length } = text;
  if (offset < 0 || limit < 0) {
    // What it calls the limit is the length.
    libraryError(`Invalid request to unpack with offset of ${offset | 0} and limit of ${length}.`);
  }
  if (offset > length) libraryError(`Start offset ${offset | 0} greater than input length ${length}.`);
  const isAll = offset === 0 && limit === 0;
  const results: Value[] = isAll ? [] : [undefined];
  const unpacker = new Unpacker(text, offset);
  for (let count = 0; (isAll || count < limit) && unpacker.position < length; count++) {
    results.push(unpacker.read(slots + count));
  }
  if (isAll) return results;
  if (slots + results.length > C_STACK_SLOTS) libraryError('stack overflow (in function mp_unpack_full)');
  results[0] = unpacker.position === length ? -1 : unpacker.position;
  return results;
}
