/**
 * Turns a frozen snapshot of the keyspace into an RDB file, in slices.
 *
 * The walk is a generator that stops between small records and inside large ones, wherever the units of its slice are
 * used up or a chunk is full. Nothing moves meanwhile: it reads a snapshot, whatever the live keyspace does.
 *
 * A unit is about a microsecond: a small key, or UNIT_BYTES of a longer value.
 */

import type { Database } from '../keyspace/database.js';
import type { KeyspaceSnapshot } from '../keyspace/keyspace.js';
import { Encoding, Type } from '../keyspace/types.js';
import type { Ref } from '../memory/arena.js';
import { Deque } from '../memory/deque.js';
import { PackedCursor, runStart } from '../memory/packed.js';
import { Rope } from '../memory/rope.js';
import { Slice, viewOf } from '../memory/slice.js';
import { ListpackWriter } from './listpack.js';
import { Compression, LzfCompressor } from './lzf.js';
import { MAGIC, NodeContainer, Opcode, RDB_VERSION, ValueType } from './rdb-encoding.js';
import { MAX_STRING, RdbOutput, type RdbOutputOptions } from './rdb-output.js';
import type { SnapshotSource } from './snapshot-file.js';

const UNIT_BYTES = 256;
/** Longer strings are written as they are: the length of the compressed form must be known before its first byte. */
const MAX_COMPRESSED = 1 << 20;
const COMPRESSION_STEP = 32 * 1024;

export interface RdbWriterOptions extends RdbOutputOptions {
  /** Fields about the file, in order. */
  aux: readonly (readonly [name: string, value: string])[];
}

export class RdbWriter implements SnapshotSource {
  keysWritten = 0;

  readonly #snapshot: KeyspaceSnapshot;
  readonly #options: RdbWriterOptions;
  readonly #output: RdbOutput;
  readonly #steps: Generator<void, void>;
  #units = 0;
  readonly #key = new Slice();
  readonly #value = new Slice();
  readonly #cursor = new PackedCursor();
  readonly #listpack = new ListpackWriter();
  readonly #compressor = new LzfCompressor();
  #content: Buffer = Buffer.alloc(0);
  #packed: Buffer = this.#content;
  readonly #rope: Rope;
  readonly #deque: Deque;

  constructor(snapshot: KeyspaceSnapshot, options: RdbWriterOptions) {
    this.#snapshot = snapshot;
    this.#options = options;
    this.#output = new RdbOutput(options);
    this.#rope = new Rope(snapshot.arena);
    this.#deque = new Deque(snapshot.arena);
    this.#steps = this.#file();
  }

  /** Bytes produced so far. */
  get length(): number {
    return this.#output.length;
  }

  run(units: number): boolean {
    this.#units = units;
    return this.#steps.next().done === true;
  }

  take(): Buffer | undefined {
    return this.#output.chunks.shift();
  }

  recycle(chunk: Buffer): void {
    this.#output.recycle(chunk);
  }

  /** Whether the slice is over. */
  #isSpent(): boolean {
    return this.#units <= 0 || this.#output.chunks.length > 0;
  }

  *#file(): Generator<void, void> {
    const output = this.#output;
    output.writeRaw(MAGIC + String(RDB_VERSION).padStart(4, '0'));
    for (const [name, value] of this.#options.aux) {
      output.writeByte(Opcode.AUX);
      output.writeText(name);
      output.writeString(Slice.of(value));
    }
    for (const database of this.#snapshot.databases) if (database.size > 0) yield* this.#database(database);
    output.writeByte(Opcode.EOF);
    output.writeChecksum();
  }

  *#database(database: Database): Generator<void, void> {
    const output = this.#output;
    output.writeByte(Opcode.SELECT_DB);
    output.writeLength(database.index);
    output.writeByte(Opcode.RESIZE_DB);
    output.writeLength(database.size);
    output.writeLength(database.expiring);
    for (let position = 0; position < database.size; position++) {
      const ref = database.at(position);
      const deadline = database.deadlineOf(ref);
      if (deadline >= 0) {
        output.writeByte(Opcode.EXPIRE_TIME_MS);
        output.writeMilliseconds(deadline);
      }
      this.#units--;
      const large = this.#record(database, ref);
      if (large) yield* this.#largeValue(database, ref);
      this.keysWritten++;
      if (this.#isSpent()) yield;
    }
  }

  /** Writes type, key and value; of a value outside its entry only type and key. @returns whether the value is to follow */
  #record(database: Database, ref: Ref): boolean {
    const output = this.#output;
    const encoding = database.encodingOf(ref);
    const isList = database.typeOf(ref) === Type.LIST;
    output.writeByte(isList ? ValueType.LIST_QUICKLIST_2 : ValueType.STRING);
    const key = database.keyOf(ref, this.#key);
    if (key.length <= MAX_STRING) this.#string(key);
    else {
      output.writeLength(key.length);
      output.writeBytes(key);
      this.#spend(key.length);
    }
    if (encoding === Encoding.ROPE || encoding === Encoding.DEQUE) return true;
    const value = database.valueOf(ref, this.#value);
    if (encoding !== Encoding.PACKED) {
      this.#string(value);
      return false;
    }
    const cursor = this.#cursor.open(value.view, value.bytes, value.start, runStart(value.view, value.start));
    this.#listpack.begin();
    while (cursor.next()) this.#listpack.append(cursor.value);
    output.writeLength(1);
    this.#packedNode();
    return false;
  }

  #spend(bytes: number): void {
    this.#units -= bytes / UNIT_BYTES;
  }

  #string(content: Slice): void {
    this.#output.writeString(content);
    this.#spend(content.length);
  }

  /** Writes the listpack that was gathered as a node. */
  #packedNode(): void {
    const pack = this.#listpack.finish();
    this.#output.writeLength(NodeContainer.PACKED);
    if (pack.length <= MAX_STRING) this.#output.writeString(pack);
    else {
      this.#output.writeLength(pack.length);
      this.#output.writeBytes(pack);
    }
    this.#spend(pack.length);
  }

  *#largeValue(database: Database, ref: Ref): Generator<void, void> {
    if (database.encodingOf(ref) === Encoding.DEQUE) {
      yield* this.#list(database.openDeque(ref, this.#deque));
      return;
    }
    const root = database.valueOf(ref, this.#value);
    yield* this.#longString(this.#rope.load(root.view, root.start));
  }

  /** A string of any length, in pieces; compressed if it is not too long for that and gets shorter. */
  *#longString(rope: Rope): Generator<void, void> {
    const { length } = rope;
    if (this.#options.compression && length <= MAX_COMPRESSED && (yield* this.#compressed(rope))) return;
    this.#output.writeLength(length);
    const window = this.#value;
    for (let at = 0; at < length; at += window.length) {
      this.#output.writeBytes(rope.window(at, length, window));
      this.#spend(window.length);
      if (this.#isSpent()) yield;
    }
  }

  *#compressed(rope: Rope): Generator<void, boolean> {
    const { length } = rope;
    // Kept from string to string: buffers of this size, thrown away, would call the garbage collector in.
    if (this.#content.length < length) {
      this.#content = Buffer.allocUnsafeSlow(Math.min(2 * length, MAX_COMPRESSED));
      this.#packed = Buffer.allocUnsafeSlow(this.#content.length);
    }
    const content = this.#content;
    const packed = this.#packed;
    for (let at = 0; at < length; at += this.#value.length) {
      const { bytes, start, end } = rope.window(at, length, this.#value);
      bytes.copy(content, at, start, end);
    }
    this.#compressor.begin(content, 0, length, packed, 0, length - 4);
    for (;;) {
      const run = this.#compressor.run(COMPRESSION_STEP);
      if (run === Compression.TOO_LONG) return false;
      if (run === Compression.DONE) break;
      this.#spend(COMPRESSION_STEP);
      if (this.#isSpent()) yield;
    }
    this.#output.writeCompressed(new Slice(packed, viewOf(packed), 0, this.#compressor.at), length);
    return true;
  }

  /**
   * A list of many nodes. Each of its nodes is a listpack, except that elements which are ropes stand alone and divide
   * what is around them; the number of nodes comes first in the file, so these lists are walked twice.
   */
  *#list(deque: Deque): Generator<void, void> {
    const output = this.#output;
    output.writeLength(deque.ropeCount === 0 ? deque.nodeCount : yield* this.#countNodes(deque));
    const pack = this.#listpack;
    pack.begin();
    let node: Ref = 0;
    deque.seek(0);
    do {
      const { cursor } = deque;
      if (pack.count > 0 && (cursor.reference || deque.nodeHere !== node)) {
        this.#packedNode();
        pack.begin();
        if (this.#isSpent()) yield;
      }
      node = deque.nodeHere;
      if (cursor.reference) {
        output.writeLength(NodeContainer.PLAIN);
        yield* this.#longString(deque.ropeHere());
      } else pack.append(cursor.value);
    } while (deque.next());
    if (pack.count > 0) this.#packedNode();
  }

  *#countNodes(deque: Deque): Generator<void, number> {
    let nodes = 0;
    let node: Ref = 0;
    deque.seek(0);
    do {
      if (deque.cursor.reference) {
        nodes++;
        // What follows begins a listpack of its own.
        node = 0;
      } else if (deque.nodeHere !== node) {
        nodes++;
        node = deque.nodeHere;
        this.#units--;
        if (this.#isSpent()) yield;
      }
    } while (deque.next());
    return nodes;
  }
}
