/**
 * Reads MessagePack: what was open as a nest went deeper lies in arrays, so that a nest is limited as in Redis and not
 * by the engine's stack.
 */

import { LuaError, libraryError } from '../runtime/errors.js';
import { charge, tick } from '../runtime/limits.js';
import { Table } from '../runtime/table.js';
import type { Value } from '../runtime/value.js';
import { bytesOf } from './byte-source.js';
import { C_STACK_SLOTS } from './c-stack.js';
import { floatBytes, takeFloat } from './floats.js';

const TWO_32 = 2 ** 32;
const TABLE_BYTES = 64;

/** A table that is being filled. */
class OpenTable {
  readonly table = new Table();
  /** Of an array the elements there are, of a map the entries. */
  filled = 0;
  /** Of a map the key whose value comes next. */
  key: Value;
  isKeyRead = false;

  constructor(
    readonly size: number,
    readonly isMap: boolean,
  ) {}

  /** Takes the next value; true when the table is full. */
  add(value: Value): boolean {
    if (!this.isMap) {
      this.table.set(++this.filled, value);
    } else if (!this.isKeyRead) {
      this.key = value;
      this.isKeyRead = true;
    } else {
      // Raised by the assignment, so without a position.
      if (this.key === undefined) throw new LuaError('table index is nil');
      if (Number.isNaN(this.key)) throw new LuaError('table index is NaN');
      this.table.set(this.key, value);
      this.isKeyRead = false;
      this.filled++;
    }
    return this.filled === this.size;
  }

  /** What lies on the stack of a C function while the next value is read: the table, and its index or its key. */
  get slots(): number {
    return this.isMap && !this.isKeyRead ? 1 : 2;
  }
}

export class Unpacker {
  private readonly bytes: Uint8Array;
  private readonly open: OpenTable[] = [];

  constructor(
    private readonly text: string,
    public position: number,
  ) {
    this.bytes = bytesOf(text);
  }

  /** The next value, while so many slots of the stack of a C function are taken. */
  read(slots: number): Value {
    const { open } = this;
    for (;;) {
      tick();
      let value = this.readHead(slots);
      if (value instanceof OpenTable) {
        if (value.size > 0) {
          open.push(value);
          slots += value.slots;
          continue;
        }
        value = value.table;
      }
      let top = open.length - 1;
      for (; top >= 0; top--) {
        const holder = open[top];
        const slotsBefore = holder.slots;
        const isFull = holder.add(value);
        slots -= slotsBefore;
        if (!isFull) {
          slots += holder.slots;
          break;
        }
        value = holder.table;
        open.pop();
      }
      if (top < 0) return value;
    }
  }

  /** A value, or a table that is to be filled. */
  private readHead(slots: number): Value | OpenTable {
    this.need(1);
    if (slots + 1 > C_STACK_SLOTS) {
      libraryError('stack overflow (too many return values at once; use unpack_one or unpack_limit instead.)');
    }
    const type = this.bytes[this.position++];
    if (type < 0x80) return type;
    if (type < 0x90) return this.openMap(type & 0x0f);
    if (type < 0xa0) return this.openArray(type & 0x0f, slots);
    if (type < 0xc0) return this.readString(type & 0x1f);
    if (type >= 0xe0) return type - 0x100;
    return this.readLong(type, slots);
  }

  private readLong(type: number, slots: number): Value | OpenTable {
    switch (type) {
      case 0xc0:
        return undefined;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xca:
        return this.readFloat(4);
      case 0xcb:
        return this.readFloat(8);
      case 0xcc:
        return this.readWord(1);
      case 0xcd:
        return this.readWord(2);
      case 0xce:
        return this.readWord(4);
      case 0xcf:
      case 0xd3:
        return this.readInt64();
      case 0xd0:
        return (this.readWord(1) << 24) >> 24;
      case 0xd1:
        return (this.readWord(2) << 16) >> 16;
      case 0xd2:
        return this.readWord(4) | 0;
      case 0xd9:
        return this.readString(this.readWord(1));
      case 0xda:
        return this.readString(this.readWord(2));
      case 0xdb:
        return this.readString(this.readWord(4));
      case 0xdc:
        return this.openArray(this.readWord(2), slots);
      case 0xdd:
        return this.openArray(this.readWord(4), slots);
      case 0xde:
        return this.openMap(this.readWord(2));
      case 0xdf:
        return this.openMap(this.readWord(4));
      default:
        return libraryError('Bad data format in input.');
    }
  }

  private need(count: number): void {
    if (this.position + count > this.text.length) libraryError('Missing bytes in input.');
  }

  /** An unsigned number, big endian. */
  private readWord(count: number): number {
    this.need(count);
    let word = 0;
    for (; count > 0; count--) word = (word << 8) | this.bytes[this.position++];
    return word >>> 0;
  }

  /** Without a sign it is read as one with a sign, too. */
  private readInt64(): number {
    this.need(8);
    const high = this.readWord(4) | 0;
    return high * TWO_32 + this.readWord(4);
  }

  private readFloat(size: 4 | 8): number {
    this.need(size);
    for (let index = 0; index < size; index++) floatBytes[index] = this.bytes[this.position++];
    return takeFloat(size, false);
  }

  private readString(length: number): string {
    this.need(length);
    const start = this.position;
    this.position = start + length;
    return this.text.slice(start, this.position);
  }

  private openArray(size: number, slots: number): OpenTable {
    // The table, and then its index.
    if (slots + 2 > C_STACK_SLOTS) libraryError('stack overflow (in function mp_decode_to_lua_array)');
    charge(TABLE_BYTES);
    return new OpenTable(size, false);
  }

  private openMap(size: number): OpenTable {
    charge(TABLE_BYTES);
    return new OpenTable(size, true);
  }
}
