/**
 * Reads MessagePack: what was open as a nest went deeper lies in arrays, so that a nest is limited as in Redis and not
 * by the engine's stack.
 */

import { libraryError, plainError } from '../runtime/errors.js';
import { charge, tick } from '../runtime/limits.js';
import { Table } from '../runtime/table.js';
import type { Value } from '../runtime/value.js';
import { bytesOf } from './byte-source.js';
import { C_STACK_SLOTS } from './c-stack.js';
import { filledList } from './filled-list.js';
import { floatBytes, takeFloat } from './floats.js';
import { type KeyNode, KeyTree } from './key-tree.js';

const TWO_32 = 2 ** 32;
const TABLE_BYTES = 64;

const KEYS = new KeyTree();

/** A table that is being filled. */
class OpenTable {
  /** Of an array the elements so far, from index 1 on. */
  private readonly values: Value[] | null;
  /** One of the values is nil; of a map one whose key the tree of keys has, and which is not in the table yet. */
  private hasNil = false;
  private readonly table: Table | null;
  /** Of a map the key whose value comes next, unless the tree of keys has it. */
  private key: Value;
  /** Of a map the last key in the tree of keys; null after one that is not there. */
  private node: KeyNode | null = KEYS.root;
  isKeyRead = false;
  private left: number;

  constructor(
    readonly size: number,
    readonly isMap: boolean,
  ) {
    this.left = size;
    this.table = isMap ? new Table() : null;
    this.values = isMap ? null : [undefined];
  }

  /** Takes the next value; true when the table is full. */
  add(value: Value): boolean {
    if (this.values !== null) {
      this.values.push(value);
      if (value === undefined) this.hasNil = true;
    } else if (this.isKeyRead) {
      this.setValue(this.table!, value);
      this.isKeyRead = false;
    } else {
      this.leaveTree();
      this.key = value;
      this.isKeyRead = true;
      return false;
    }
    return --this.left === 0;
  }

  private setValue(table: Table, value: Value): void {
    if (this.node !== null) {
      if (value === undefined) this.hasNil = true;
      else table.setField(this.node.site, value);
      return;
    }
    // Raised by the assignment, so without a position.
    if (this.key === undefined) plainError('table index is nil');
    if (Number.isNaN(this.key)) plainError('table index is NaN');
    table.set(this.key, value);
  }

  /** Takes a string as the key that comes next, if the tree of keys has it or takes it. */
  takeKey(bytes: Uint8Array, start: number, length: number, text: string): boolean {
    if (this.node === null) return false;
    const next = KEYS.next(this.node, bytes, start, length, text);
    if (next === undefined || next.isRepeated) return false;
    this.node = next;
    this.isKeyRead = true;
    return true;
  }

  /** The tree of keys does not have all that there are. */
  private leaveTree(): void {
    if (this.hasNil && this.node !== null) this.table!.nilsGiven(this.node.names);
    this.node = null;
  }

  toTable(): Table {
    const { values } = this;
    if (values !== null) return this.hasNil ? Table.listWithNils(values) : filledList(values);
    this.leaveTree();
    return this.table!;
  }
}

export class Unpacker {
  private readonly bytes: Uint8Array;
  private readonly open: OpenTable[] = [];
  private result: Value;

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
      const top = open.length > 0 ? open[open.length - 1] : undefined;
      if (top?.isMap && !top.isKeyRead && this.takeKey(top, slots)) {
        slots += 1;
        continue;
      }
      const value = this.readHead(slots);
      if (value instanceof OpenTable && value.size > 0) {
        open.push(value);
        // The table lies on the stack of the C function, and the index in an array or later the key in a map.
        slots += value.isMap ? 1 : 2;
        continue;
      }
      slots = this.add(value instanceof OpenTable ? value.toTable() : value, slots);
      if (open.length === 0) return this.result;
    }
  }

  /** Adds a value to the table that is open, which adds it to the next when it is full. */
  private add(value: Value, slots: number): number {
    const { open } = this;
    while (open.length > 0) {
      const top = open[open.length - 1];
      const isKey = top.isMap && !top.isKeyRead;
      if (!top.add(value)) return isKey ? slots + 1 : top.isMap ? slots - 1 : slots;
      open.pop();
      slots -= 2;
      value = top.toTable();
    }
    this.result = value;
    return slots;
  }

  /** Reads a map's next key if it is a short string, and if the tree of keys has it or takes it. */
  private takeKey(map: OpenTable, slots: number): boolean {
    const { bytes, text, position } = this;
    const type = bytes[position];
    const length = type & 0x1f;
    if (type < 0xa0 || type >= 0xc0 || position + length >= text.length || slots >= C_STACK_SLOTS) return false;
    if (!map.takeKey(bytes, position + 1, length, text)) return false;
    this.position = position + 1 + length;
    return true;
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
