/** SETBIT and GETBIT: one bit of a string. */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { CommandRow } from '../../../engine/command.js';
import { oneKey } from '../../../engine/key-specs.js';
import { Slice } from '../../../memory/slice.js';
import * as errors from '../../../protocol/errors.js';
import { expectType } from '../../expect.js';
import { isRaw, STRING, stretchString, stringByte, writableStringWindow } from '../../string/value.js';
import { bitOffsetAt } from './shared.js';

const window = new Slice();

function setBit(call: Call): void {
  const { args, db } = call;
  const key = args.slice(1);
  const offset = bitOffsetAt(call, 2);
  const bit = args.integerBetween(3, 0, 1, errors.INVALID_BIT);
  let ref = expectType(db, db.lookupForWrite(key), STRING);

  const at = Math.floor(offset / 8);
  const shift = 7 - (offset & 7);
  const hasGrown = ref === 0 || !stringByte(db, ref, at, window);
  if (hasGrown || !isRaw(db, ref)) {
    ref = stretchString(db, key, ref, at + 1);
    stringByte(db, ref, at, window);
  }
  const old = (window.bytes[window.start] >> shift) & 1;
  if (old !== bit) {
    writableStringWindow(db, ref, at, at + 1, window);
    window.bytes[window.start] ^= 1 << shift;
  }
  if (hasGrown || old !== bit) call.changed(key, 'setbit');
  call.reply.integer(old);
}

function getBit(call: Call): void {
  const { args, db } = call;
  const offset = bitOffsetAt(call, 2);
  const ref = expectType(db, db.lookup(args.slice(1)), STRING);
  const at = Math.floor(offset / 8);
  let bit = 0;
  if (ref !== 0 && stringByte(db, ref, at, window)) bit = (window.bytes[window.start] >> (7 - (offset & 7))) & 1;
  call.reply.integer(bit);
}

export const bitCommands: readonly CommandRow[] = [
  {
    name: 'setbit',
    summary: 'Sets a bit of a string and answers what it was; the string grows as needed.',
    group: 'bitmap',
    complexity: 'O(1)',
    arity: 4,
    flags: ['write', 'denyoom'],
    keys: [oneKey(1, 'RW', 'access', 'update')],
    arguments: [arg.key(), arg.integer('offset'), arg.integer('value')],
    run: setBit,
  },
  {
    name: 'getbit',
    summary: 'Reads a bit of a string; behind its end all bits are 0.',
    group: 'bitmap',
    complexity: 'O(1)',
    arity: 3,
    flags: ['readonly', 'fast'],
    keys: [oneKey(1, 'RO', 'access')],
    arguments: [arg.key(), arg.integer('offset')],
    run: getBit,
  },
];
