/**
 * Writes values in the RDB format: what stands behind the key in a file, and behind the type in the payload of DUMP.
 *
 * A value in its entry is written at once. One outside it takes a generator that stops, inside of the value, wherever the
 * units of its slice are used up or a chunk of the output is full; nothing may change the value meanwhile. A unit is about a
 * microsecond: a small value, or UNIT_BYTES of a longer one.
 */

import { ListpackWriter } from '../../format/listpack.js';
import { Compression, LzfCompressor } from '../../format/lzf.js';
import { NodeContainer, ValueType } from '../../format/rdb-encoding.js';
import { MAX_STRING, type RdbOutput } from '../../format/rdb-output.js';
import type { Database } from '../../keyspace/database.js';
import { Encoding, Type } from '../../keyspace/types.js';
import type { Ref } from '../../memory/arena.js';
import type { Deque } from '../../memory/deque.js';
import { PackedCursor, runStart } from '../../memory/packed.js';
import type { Rope } from '../../memory/rope.js';
import { Slice, viewOf } from '../../memory/slice.js';

const UNIT_BYTES = 256;
/** Longer strings are written as they are: the length of the compressed form must be known before its first byte. */
const MAX_COMPRESSED = 1 << 20;
const COMPRESSION_STEP = 32 * 1024;

export class RdbValueWriter {
  /** What is left of the slice. */
  units = Number.POSITIVE_INFINITY;

  readonly #output: RdbOutput;
  readonly #value = new Slice();
  readonly #cursor = new PackedCursor();
  readonly #listpack = new ListpackWriter();
  readonly #compressor = new LzfCompressor();
  #content: Buffer = Buffer.alloc(0);
  #packed: Buffer = this.#content;

  constructor(output: RdbOutput) {
    this.#output = output;
  }

  /** Whether the slice is over. */
  isSpent(): boolean {
    return this.units <= 0 || this.#output.chunks.length > 0;
  }

  writeType(database: Database, ref: Ref): void {
    this.#output.writeByte(database.typeOf(ref) === Type.LIST ? ValueType.LIST_QUICKLIST_2 : ValueType.STRING);
  }

  /** A string of any length, not compressed if it is long: a key. */
  writeString(content: Slice): void {
    if (content.length <= MAX_STRING) {
      this.#string(content);
      return;
    }
    this.#output.writeLength(content.length);
    this.#output.writeBytes(content);
    this.#spend(content.length);
  }

  /** Writes a value that is in its entry. @returns false for one that is outside, which needs writeLarge() */
  writeSmall(database: Database, ref: Ref): boolean {
    const encoding = database.encodingOf(ref);
    if (encoding === Encoding.ROPE || encoding === Encoding.DEQUE) return false;
    const value = database.valueOf(ref, this.#value);
    if (encoding !== Encoding.PACKED) {
      this.#string(value);
      return true;
    }
    const cursor = this.#cursor.open(value.view, value.bytes, value.start, runStart(value.view, value.start));
    this.#listpack.begin();
    while (cursor.next()) this.#listpack.append(cursor.value);
    this.#output.writeLength(1);
    this.#packedNode();
    return true;
  }

  *writeLarge(database: Database, ref: Ref): Generator<void, void> {
    if (database.encodingOf(ref) === Encoding.DEQUE) {
      yield* this.#list(database.openDeque(ref, database.deque));
      return;
    }
    yield* this.#longString(database.openRope(ref, database.rope));
  }

  #spend(bytes: number): void {
    this.units -= bytes / UNIT_BYTES;
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

  /** A string of any length, in pieces; compressed if it is not too long for that and gets shorter. */
  *#longString(rope: Rope): Generator<void, void> {
    const { length } = rope;
    if (this.#output.compresses && length <= MAX_COMPRESSED && (yield* this.#compressed(rope))) return;
    this.#output.writeLength(length);
    const window = this.#value;
    for (let at = 0; at < length; at += window.length) {
      this.#output.writeBytes(rope.window(at, length, window));
      this.#spend(window.length);
      if (this.isSpent()) yield;
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
      if (this.isSpent()) yield;
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
        if (this.isSpent()) yield;
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
        this.units--;
        if (this.isSpent()) yield;
      }
    } while (deque.next());
    return nodes;
  }
}
