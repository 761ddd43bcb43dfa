/**
 * Reads values in the RDB format into a database: what stands behind the key in a file, and behind the type in the payload
 * of RESTORE.
 *
 * The input may end anywhere, see RdbInput: short strings are read again from their header when it does, long strings and
 * lists are taken in as they come, by a generator that stops until there is more.
 *
 * Any error may leave a part of the value under its key; what is known to be wrong is never more than that part.
 */

import { ListpackReader } from '../../format/listpack.js';
import { LzfDecompressor, MAX_DISTANCE } from '../../format/lzf.js';
import { NodeContainer, ValueType } from '../../format/rdb-encoding.js';
import { type RdbInput, StringForm } from '../../format/rdb-input.js';
import { ZiplistReader } from '../../format/ziplist.js';
import type { Database } from '../../keyspace/database.js';
import { appendToList, expectInList } from '../../keyspace/list-value.js';
import { setString } from '../../keyspace/string-value.js';
import { Encoding, NO_DEADLINE, Type } from '../../keyspace/types.js';
import type { Ref } from '../../memory/arena.js';
import { ROPE_ROOT } from '../../memory/entry-layout.js';
import { MAX_ROPE_LENGTH, Rope } from '../../memory/rope.js';
import { Slice } from '../../memory/slice.js';

/** Strings longer than this go in as they come; shorter ones wait until they are whole. */
const LONG_STRING = 64 * 1024;
/** The most that one instruction of a compressed string makes. */
const LONGEST_STEP = 264;
/** What elements of a node can take at worst, as a multiple of what the node takes. */
const NODE_GROWTH = 4;

export class RdbValueReader {
  /** Where the value goes; the key's bytes must stay until it is read. */
  database: Database;
  readonly key = new Slice();
  deadline = NO_DEADLINE;
  /** Reads the value without keeping it. */
  isExpired = false;

  readonly #input: RdbInput;
  readonly #value = new Slice();
  readonly #rope: Rope;
  #stringForm: StringForm = StringForm.RAW;
  /** The list that is being read, 0 before its first element. */
  #list: Ref = 0;
  readonly #listpack = new ListpackReader();
  readonly #ziplist = new ZiplistReader();

  constructor(database: Database, input: RdbInput) {
    this.database = database;
    this.#input = input;
    this.#rope = new Rope(database.arena);
  }

  /** Whether values of this type can be read. */
  static knows(type: number): boolean {
    return type === ValueType.STRING || isList(type);
  }

  /** Reads a string, or of a long one the header: then it returns false, and readLong() reads the rest. */
  readString(): boolean {
    const input = this.#input;
    const form = input.stringHeader();
    if (input.stringLength > LONG_STRING) {
      if (input.stringLength > MAX_ROPE_LENGTH) input.fail(`a string of ${input.stringLength} bytes is too long`);
      this.#stringForm = form;
      return false;
    }
    const value = input.stringBody(form, this.#value);
    if (!this.isExpired) setString(this.database, this.key, 0, value, this.deadline);
    return true;
  }

  *readLong(): Generator<void, void> {
    this.database.arena.reserve(this.#input.stringLength);
    const rope = this.#rope.reset();
    const append = this.isExpired ? ignore : (piece: Slice) => rope.append(piece);
    try {
      yield* this.#stringPieces(this.#stringForm, append);
    } catch (error) {
      rope.free();
      throw error;
    }
    if (!this.isExpired) {
      const database = this.database;
      const ref = database.create(this.key, Type.STRING, Encoding.ROPE, ROPE_ROOT, this.deadline);
      const root = database.valueOf(ref, this.#value);
      rope.store(root.view, root.start);
    }
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

  *readList(type: number): Generator<void, void> {
    const input = this.#input;
    this.#list = 0;
    if (type === ValueType.LIST_ZIPLIST) yield* this.#readPack(this.#ziplist);
    else {
      const count = yield* this.#input.whole(() => input.length());
      for (let index = 0; index < count; index++) {
        if (type === ValueType.LIST) yield* this.#readElement();
        else if (type === ValueType.LIST_QUICKLIST) yield* this.#readPack(this.#ziplist);
        else yield* this.#readNode();
      }
    }
  }

  *#readNode(): Generator<void, void> {
    const container = yield* this.#input.whole(() => this.#input.length());
    if (container === NodeContainer.PACKED) yield* this.#readPack(this.#listpack);
    else if (container === NodeContainer.PLAIN) yield* this.#readElement();
    else this.#input.fail(`a list node of unknown kind ${container}`);
  }

  #readElement(): Generator<void, void> {
    return this.#input.whole(() => {
      const element = this.#input.string(this.#value);
      this.database.arena.reserve(element.length);
      this.#findList();
      this.#append(element);
    });
  }

  /** Between two pieces of the file the list's entry may have been moved by compaction, or have fallen due. */
  #findList(): void {
    if (this.#list === 0 || this.isExpired) return;
    this.#list = this.database.dict.find(this.key);
    if (this.#list === 0) this.isExpired = true;
  }

  #readPack(reader: ListpackReader | ZiplistReader): Generator<void, void> {
    return this.#input.whole(() => {
      const offset = this.#input.offset;
      const node = this.#input.string(this.#value);
      this.database.arena.reserve(NODE_GROWTH * node.length);
      let wrong = reader.open(node);
      let count = 0;
      this.#findList();
      if (wrong === undefined && reader.count > 0) this.#expect(node.length, reader.count);
      while (wrong === undefined && !reader.atEnd()) {
        wrong = reader.next();
        if (wrong !== undefined) break;
        this.#append(reader.element);
        count++;
      }
      if (wrong === undefined && reader.count >= 0 && reader.count !== count) {
        wrong = `a list node states ${reader.count} elements and holds ${count}`;
      }
      if (wrong !== undefined) this.#input.fail(`${wrong}, in list key ${quoted(this.key)}`, offset);
    });
  }

  #expect(bytes: number, count: number): void {
    if (this.isExpired) return;
    this.#list = expectInList(this.database, this.key, this.#list, bytes, count, this.deadline);
  }

  #append(element: Slice): void {
    if (this.isExpired) return;
    this.#list = appendToList(this.database, this.key, this.#list, element, this.deadline);
  }
}

export function isList(type: number): boolean {
  return (
    type === ValueType.LIST ||
    type === ValueType.LIST_ZIPLIST ||
    type === ValueType.LIST_QUICKLIST ||
    type === ValueType.LIST_QUICKLIST_2
  );
}

function ignore(): void {}

/** A key as a message shows it: printable, and not endless. */
export function quoted(key: Slice): string {
  const shown = key.bytes.toString('latin1', key.start, Math.min(key.end, key.start + 64));
  const escaped = shown.replace(/[^\x20-\x7e]|['\\]/g, (character: string) =>
    character === "'" || character === '\\'
      ? `\\${character}`
      : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `'${escaped}${key.length > 64 ? '…' : ''}'`;
}
