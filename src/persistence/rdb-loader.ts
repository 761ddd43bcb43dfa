/**
 * Reads an RDB file, in pieces as they come, into a keyspace.
 *
 * feed() reads as far as the piece allows, finish() says that there are no more. A small record is read again from its
 * start when the piece ends within it; long strings and lists are taken in as they come, so that memory holds one piece
 * and one list node besides what is loaded.
 *
 * Any error leaves the keyspace half filled: load into one that can be thrown away or restored (see load-file.ts).
 */

import type { Database } from '../keyspace/database.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import { appendToList } from '../keyspace/list-value.js';
import { setString } from '../keyspace/string-value.js';
import { Encoding, NO_DEADLINE, Type } from '../keyspace/types.js';
import type { Ref } from '../memory/arena.js';
import { ROPE_ROOT } from '../memory/entry-layout.js';
import { Rope } from '../memory/rope.js';
import { copySlice, Slice, viewOf } from '../memory/slice.js';
import { ListpackReader } from './listpack.js';
import { LzfDecompressor, MAX_DISTANCE } from './lzf.js';
import { MAGIC, MAX_RDB_VERSION, NodeContainer, Opcode, VALUE_TYPE_NAMES, ValueType } from './rdb-encoding.js';
import { NEED_MORE, RdbInput, StringForm } from './rdb-input.js';
import { ZiplistReader } from './ziplist.js';

/** Strings longer than this go in as they come; shorter ones wait until they are whole. */
const LONG_STRING = 64 * 1024;
/** From this version on a checksum ends the file. */
const FIRST_WITH_CHECKSUM = 5;
const HEADER_LENGTH = 9;

/** What is to come after a record's beginning was read. */
const Next = { RECORD: 0, LONG_STRING: 1, LIST: 2, END: 3 } as const;
type Next = (typeof Next)[keyof typeof Next];

export interface RdbLoaderOptions {
  /** Whether to check the checksum. */
  checksum: boolean;
  /** Keys whose deadline is not after this are left out. */
  nowMs: number;
  /** Whether a key that is there already gives way (DEBUG RELOAD MERGE); otherwise it is an error. */
  replace: boolean;
}

export class RdbLoader {
  keysLoaded = 0;
  keysExpired = 0;
  /** Fields about the file. */
  readonly aux = new Map<string, string>();

  readonly #keyspace: Keyspace;
  readonly #options: RdbLoaderOptions;
  readonly #input: RdbInput;
  readonly #steps: Generator<void, void>;
  #isDone = false;

  #database: Database;
  #version = 0;
  #deadline = NO_DEADLINE;
  /** Beginning of the record whose value is being read, for what is said of it. */
  #recordOffset = 0;
  #valueType = 0;
  #stringForm: StringForm = StringForm.RAW;
  #isExpired = false;
  readonly #key = new Slice();
  #keyCopy = Buffer.alloc(256);
  #keyCopyView = viewOf(this.#keyCopy);
  readonly #value = new Slice();
  readonly #rope: Rope;
  /** The list that is being read, 0 before its first element. */
  #list: Ref = 0;
  readonly #listpack = new ListpackReader();
  readonly #ziplist = new ZiplistReader();

  constructor(keyspace: Keyspace, fileSize: number, options: RdbLoaderOptions) {
    this.#keyspace = keyspace;
    this.#options = options;
    this.#input = new RdbInput(fileSize, options.checksum);
    this.#database = keyspace.databases[0];
    this.#rope = new Rope(keyspace.arena);
    this.#steps = this.#file();
  }

  /** Reads what the next piece of the file allows. Throws RdbError. */
  feed(piece: Buffer): void {
    if (this.#isDone) return;
    this.#input.feed(piece);
    this.#isDone = this.#steps.next().done === true;
    this.#keyspace.arena.settle();
  }

  /** Throws unless the whole file was read. */
  finish(): void {
    if (!this.#isDone) this.#input.fail('the file is truncated: it has no end mark');
  }

  *#file(): Generator<void, void> {
    const input = this.#input;
    yield* this.#whole(() => this.#header());
    for (;;) {
      input.mark();
      let next: Next;
      try {
        next = this.#record();
      } catch (error) {
        if (error !== NEED_MORE) throw error;
        input.rewind();
        yield;
        continue;
      }
      if (next === Next.RECORD) continue;
      if (next === Next.END) break;
      input.mark();
      if (next === Next.LIST) yield* this.#readList();
      else yield* this.#readLongString();
      this.#keyspace.arena.settle();
    }
    if (this.#version >= FIRST_WITH_CHECKSUM) yield* this.#whole(() => input.verifyChecksum());
  }

  /** Reads something again from its start until the window holds all of it. */
  *#whole<T>(read: () => T): Generator<void, T> {
    for (;;) {
      this.#input.mark();
      try {
        const result = read();
        this.#input.mark();
        return result;
      } catch (error) {
        if (error !== NEED_MORE) throw error;
        this.#input.rewind();
      }
      yield;
    }
  }

  #header(): void {
    const input = this.#input;
    if (input.fileSize < HEADER_LENGTH) input.fail('the file is too short to be an RDB file');
    input.need(HEADER_LENGTH);
    const header = input.bytes.toString('latin1', input.position, input.position + HEADER_LENGTH);
    if (!header.startsWith(MAGIC)) input.fail('this is not an RDB file: it does not begin with REDIS');
    const version = header.slice(MAGIC.length);
    this.#version = /^\d+$/.test(version) ? Number(version) : 0;
    if (this.#version < 1 || this.#version > MAX_RDB_VERSION) {
      input.fail(`RDB version ${JSON.stringify(version)} is not one of those known here (1 to ${MAX_RDB_VERSION})`);
    }
    input.position += HEADER_LENGTH;
  }

  /** Reads one record, or the beginning of a long one. */
  #record(): Next {
    const input = this.#input;
    this.#recordOffset = input.offset;
    const code = input.byte();
    switch (code) {
      case ValueType.STRING:
        this.#readKey(code);
        return this.#readString();
      case ValueType.LIST:
      case ValueType.LIST_ZIPLIST:
      case ValueType.LIST_QUICKLIST:
      case ValueType.LIST_QUICKLIST_2:
        this.#readKey(code);
        this.#keepKey();
        return Next.LIST;
      case Opcode.EXPIRE_TIME_MS:
        this.#deadline = Math.max(0, input.int64());
        return Next.RECORD;
      case Opcode.EXPIRE_TIME:
        this.#deadline = Math.max(0, input.int32() * 1000);
        return Next.RECORD;
      case Opcode.SELECT_DB:
        this.#selectDatabase(input.length());
        return Next.RECORD;
      case Opcode.RESIZE_DB:
        input.length();
        input.length();
        return Next.RECORD;
      case Opcode.AUX:
        this.#readAux();
        return Next.RECORD;
      // How recently or often a key was used matters to eviction only.
      case Opcode.IDLE:
        input.length();
        return Next.RECORD;
      case Opcode.FREQUENCY:
        input.byte();
        return Next.RECORD;
      case Opcode.EOF:
        return Next.END;
      default:
        return this.#refuse(code);
    }
  }

  #selectDatabase(index: number): void {
    const { databases } = this.#keyspace;
    if (index >= databases.length) {
      this.#input.fail(`there are ${databases.length} databases here, none with number ${index}`, this.#recordOffset);
    }
    this.#database = databases[index];
  }

  #readAux(): void {
    const name = this.#input.string(this.#value).toLatin1();
    const value = this.#input.string(this.#value).toLatin1();
    this.aux.set(name, value);
  }

  /** Says of what cannot be loaded what it is. */
  #refuse(code: number): never {
    const input = this.#input;
    const offset = this.#recordOffset;
    const type = VALUE_TYPE_NAMES.get(code);
    if (type !== undefined) {
      const key = input.string(this.#key);
      return input.fail(`${type} key ${quoted(key)} in database ${this.#database.index}: ${NOT_HERE}`, offset);
    }
    if (code === Opcode.FUNCTION_2 || code === Opcode.FUNCTION_PRE_RELEASE) {
      return input.fail(`a library of functions: ${NOT_HERE}`, offset);
    }
    if (code === Opcode.MODULE_AUX) {
      input.length();
      return input.fail(`data of the module ${quoted(Slice.of(this.#moduleName()))}: ${NOT_HERE}`, offset);
    }
    return input.fail(`0x${code.toString(16).padStart(2, '0')} is neither an opcode nor a value type`, offset);
  }

  /** The module id that was read last as a 64-bit length: nine characters of six bits, and a version. */
  #moduleName(): string {
    const input = this.#input;
    if (input.position < 8) return '?';
    const id = input.view.getBigUint64(input.position - 8);
    let name = '';
    for (let shift = 58n; shift >= 10n; shift -= 6n) name += MODULE_CHARACTERS[Number((id >> shift) & 63n)];
    return name;
  }

  #readKey(valueType: number): void {
    const input = this.#input;
    const form = input.stringHeader();
    input.stringBody(form, this.#key);
    // Otherwise it lies where the value will be unpacked.
    if (form !== StringForm.RAW) this.#keepKey();
    this.#valueType = valueType;
    this.#isExpired = this.#deadline !== NO_DEADLINE && this.#deadline <= this.#options.nowMs;
    if (this.#isExpired) return;
    const known = this.#database.dict.find(this.#key);
    if (known === 0) return;
    if (!this.#options.replace) {
      input.fail(
        `the key ${quoted(this.#key)} in database ${this.#database.index} is there already`,
        this.#recordOffset,
      );
    }
    this.#database.delete(known);
  }

  /** Copies the key out of what the next read may overwrite. */
  #keepKey(): void {
    const { length } = this.#key;
    if (this.#key.bytes === this.#keyCopy) return;
    if (length > this.#keyCopy.length) {
      this.#keyCopy = Buffer.allocUnsafeSlow(2 * length);
      this.#keyCopyView = viewOf(this.#keyCopy);
    }
    copySlice(this.#key, this.#keyCopy, this.#keyCopyView, 0);
    this.#key.set(this.#keyCopy, this.#keyCopyView, 0, length);
  }

  /** The record is read: counts it, and forgets what stood before it. */
  #endRecord(): void {
    if (this.#isExpired) this.keysExpired++;
    else this.keysLoaded++;
    this.#deadline = NO_DEADLINE;
  }

  #readString(): Next {
    const input = this.#input;
    const form = input.stringHeader();
    if (input.stringLength > LONG_STRING) {
      this.#keepKey();
      this.#stringForm = form;
      return Next.LONG_STRING;
    }
    const value = input.stringBody(form, this.#value);
    if (!this.#isExpired) setString(this.#database, this.#key, 0, value, this.#deadline);
    this.#endRecord();
    return Next.RECORD;
  }

  // --- long strings

  *#readLongString(): Generator<void, void> {
    const rope = this.#rope.reset();
    const append = this.#isExpired ? ignore : (piece: Slice) => rope.append(piece);
    yield* this.#stringPieces(this.#stringForm, append);
    if (!this.#isExpired) {
      const database = this.#database;
      const ref = database.create(this.#key, Type.STRING, Encoding.ROPE, ROPE_ROOT, this.#deadline);
      const root = database.valueOf(ref, this.#value);
      rope.store(root.view, root.start);
    }
    this.#endRecord();
  }

  /** Hands over the bytes of a string whose header was read, as they come. */
  *#stringPieces(form: StringForm, visit: (piece: Slice) => void): Generator<void, void> {
    if (form === StringForm.COMPRESSED) {
      yield* this.#compressedPieces(visit);
      return;
    }
    const input = this.#input;
    const piece = this.#value;
    for (let left = input.storedLength; left > 0; left -= piece.length) {
      if (input.position === input.end) yield* this.#refill();
      visit(input.some(left, piece));
      input.mark();
    }
  }

  *#compressedPieces(visit: (piece: Slice) => void): Generator<void, void> {
    const input = this.#input;
    const decompressor = new LzfDecompressor();
    const history = Slice.of(Buffer.alloc(2 * LONG_STRING));
    const { bytes, view } = history;
    let stored = input.storedLength;
    let missing = input.stringLength;
    let at = 0;
    while (stored > 0) {
      const from = input.position;
      const end = Math.min(input.end, from + stored);
      const limit = Math.min(bytes.length, at + missing);
      const isSound = decompressor.run(input.bytes, from, end, bytes, 0, at, limit);
      const used = decompressor.from - from;
      const made = decompressor.at - at;
      if (made > 0) visit(this.#value.set(bytes, view, at, at + made));
      input.position += used;
      input.mark();
      stored -= used;
      missing -= made;
      at += made;
      if (at > bytes.length - LONGEST_STEP) {
        bytes.copyWithin(0, at - MAX_DISTANCE, at);
        at = MAX_DISTANCE;
      } else if (!isSound || (made === 0 && end - from === stored)) {
        break;
      } else if (made === 0) yield* this.#refill();
    }
    if (stored > 0 || missing > 0) input.fail('a compressed string does not decompress to its length');
  }

  /** Waits for the next piece of the file. */
  *#refill(): Generator<void, void> {
    if (this.#input.offset >= this.#input.fileSize) this.#input.fail('the file is truncated within a string');
    yield;
  }

  // --- lists

  *#readList(): Generator<void, void> {
    const input = this.#input;
    this.#list = 0;
    if (this.#valueType === ValueType.LIST_ZIPLIST) yield* this.#readPack(this.#ziplist);
    else {
      const count = yield* this.#whole(() => input.length());
      for (let index = 0; index < count; index++) {
        if (this.#valueType === ValueType.LIST) yield* this.#readElement();
        else if (this.#valueType === ValueType.LIST_QUICKLIST) yield* this.#readPack(this.#ziplist);
        else yield* this.#readNode();
      }
    }
    this.#endRecord();
  }

  *#readNode(): Generator<void, void> {
    const container = yield* this.#whole(() => this.#input.length());
    if (container === NodeContainer.PACKED) yield* this.#readPack(this.#listpack);
    else if (container === NodeContainer.PLAIN) yield* this.#readElement();
    else this.#input.fail(`a list node of unknown kind ${container}`);
  }

  #readElement(): Generator<void, void> {
    return this.#whole(() => {
      const element = this.#input.string(this.#value);
      this.#findList();
      this.#append(element);
    });
  }

  /** Between two pieces of the file the list's entry may have been moved by compaction, or have fallen due. */
  #findList(): void {
    if (this.#list === 0 || this.#isExpired) return;
    this.#list = this.#database.dict.find(this.#key);
    if (this.#list === 0) this.#isExpired = true;
  }

  #readPack(reader: ListpackReader | ZiplistReader): Generator<void, void> {
    return this.#whole(() => {
      const offset = this.#input.offset;
      let wrong = reader.open(this.#input.string(this.#value));
      let count = 0;
      this.#findList();
      while (wrong === undefined && !reader.atEnd()) {
        wrong = reader.next();
        if (wrong !== undefined) break;
        this.#append(reader.element);
        count++;
      }
      if (wrong === undefined && reader.count >= 0 && reader.count !== count) {
        wrong = `a list node states ${reader.count} elements and holds ${count}`;
      }
      if (wrong !== undefined) this.#input.fail(`${wrong}, in list key ${quoted(this.#key)}`, offset);
    });
  }

  #append(element: Slice): void {
    if (this.#isExpired) return;
    this.#list = appendToList(this.#database, this.#key, this.#list, element, this.#deadline);
  }
}

const NOT_HERE = 'not supported by this version';
const MODULE_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** The most that one instruction of a compressed string makes. */
const LONGEST_STEP = 264;

function ignore(): void {}

/** A key as a message shows it: printable, and not endless. */
function quoted(key: Slice): string {
  const shown = key.bytes.toString('latin1', key.start, Math.min(key.end, key.start + 64));
  const escaped = shown.replace(/[^\x20-\x7e]|['\\]/g, (character: string) =>
    character === "'" || character === '\\'
      ? `\\${character}`
      : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `'${escaped}${key.length > 64 ? '…' : ''}'`;
}
