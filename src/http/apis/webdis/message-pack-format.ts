/**
 * A reply as MessagePack: a map of one pair, the command as it was sent and what it answered, in the same shapes as in
 * JSON. Strings are raw bytes, as before MessagePack told texts from bytes: all clients read that.
 */
import * as Sign from '../../../protocol/reply-types.js';
import { ReplyCursor } from '../../reply-cursor.js';
import { type Shape, shaped, type Value } from './reply-shapes.js';

const NIL = Buffer.from([0xc0]);
const FALSE = Buffer.from([0xc2]);
const TRUE = Buffer.from([0xc3]);
const PAIR = Buffer.from([0x92]);
const ONE_FIELD = Buffer.from([0x81]);

/** `verb` has one character a byte. */
export function messagePack(bytes: Buffer, verb: string, shape: Shape | undefined): Buffer {
  const pieces: Buffer[] = [ONE_FIELD];
  packString(pieces, Buffer.from(verb, 'latin1'));
  const value = shape === undefined ? undefined : shaped(shape, bytes);
  if (value === undefined) packReply(pieces, bytes);
  else packValue(pieces, value);
  return Buffer.concat(pieces);
}

function packReply(pieces: Buffer[], bytes: Buffer): void {
  const cursor = new ReplyCursor();
  cursor.reset(bytes);
  cursor.next();
  if (cursor.sign === Sign.STATUS) pieces.push(PAIR, TRUE);
  for (;;) {
    packElement(pieces, cursor);
    if (cursor.isAtEnd) return;
    cursor.next();
  }
}

/** Elements of an array follow it, so that nothing is to be closed. */
function packElement(pieces: Buffer[], cursor: ReplyCursor): void {
  switch (cursor.sign) {
    case Sign.BULK:
    case Sign.STATUS:
    case Sign.DOUBLE:
    case Sign.BIG_NUMBER:
      packString(pieces, cursor.content());
      break;
    case Sign.INTEGER:
      packInteger(pieces, BigInt(cursor.latin1()));
      break;
    case Sign.ERROR:
      pieces.push(PAIR, FALSE);
      packString(pieces, cursor.content());
      break;
    case Sign.ARRAY:
      packLength(pieces, cursor.count, 0x90, 0xdc);
      break;
    case Sign.BOOLEAN:
      pieces.push(cursor.latin1() === 't' ? TRUE : FALSE);
      break;
    default:
      pieces.push(NIL);
  }
}

function packValue(pieces: Buffer[], value: Value): void {
  if (value === null) pieces.push(NIL);
  else if (typeof value === 'bigint') packInteger(pieces, value);
  else if (Buffer.isBuffer(value)) packString(pieces, value);
  else if (Array.isArray(value)) {
    packLength(pieces, value.length, 0x90, 0xdc);
    for (const each of value) packValue(pieces, each);
  } else {
    packLength(pieces, value.size, 0x80, 0xde);
    for (const [key, each] of value) {
      packString(pieces, Buffer.from(key, 'latin1'));
      packValue(pieces, each);
    }
  }
}

function packString(pieces: Buffer[], bytes: Buffer): void {
  if (bytes.length < 32) pieces.push(Buffer.from([0xa0 | bytes.length]));
  else packLong(pieces, bytes.length, 0xda);
  pieces.push(bytes);
}

/** Of an array or a map: up to 15 in the first byte. */
function packLength(pieces: Buffer[], length: number, short: number, long: number): void {
  if (length < 16) pieces.push(Buffer.from([short | length]));
  else packLong(pieces, length, long);
}

/** In two bytes, or with the next type in four. */
function packLong(pieces: Buffer[], length: number, type: number): void {
  if (length > 0xffff) {
    const head = Buffer.from([type + 1, 0, 0, 0, 0]);
    head.writeUInt32BE(length, 1);
    pieces.push(head);
  } else {
    pieces.push(Buffer.from([type, length >> 8, length & 0xff]));
  }
}

/** In as few bytes as it takes. */
function packInteger(pieces: Buffer[], value: bigint): void {
  if (value >= -32n && value < 128n) {
    pieces.push(Buffer.from([Number(value) & 0xff]));
    return;
  }
  const bytes = Buffer.alloc(9);
  const small = Number(value);
  let length: number;
  if (value >= 0n) length = unsignedInto(bytes, value, small);
  else length = signedInto(bytes, value, small);
  pieces.push(bytes.subarray(0, length));
}

function unsignedInto(bytes: Buffer, value: bigint, small: number): number {
  if (value > 0xffffffffn) {
    bytes[0] = 0xcf;
    return bytes.writeBigUInt64BE(value, 1);
  }
  if (small > 0xffff) {
    bytes[0] = 0xce;
    return bytes.writeUInt32BE(small, 1);
  }
  bytes[0] = small > 0xff ? 0xcd : 0xcc;
  return small > 0xff ? bytes.writeUInt16BE(small, 1) : bytes.writeUInt8(small, 1);
}

function signedInto(bytes: Buffer, value: bigint, small: number): number {
  if (value < -0x80000000n) {
    bytes[0] = 0xd3;
    return bytes.writeBigInt64BE(value, 1);
  }
  if (small < -0x8000) {
    bytes[0] = 0xd2;
    return bytes.writeInt32BE(small, 1);
  }
  bytes[0] = small < -0x80 ? 0xd1 : 0xd0;
  return small < -0x80 ? bytes.writeInt16BE(small, 1) : bytes.writeInt8(small, 1);
}
