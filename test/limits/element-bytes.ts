import type { DataTypes } from '../../src/keyspace/data-type.js';
import type { Database } from '../../src/keyspace/database.js';
import type { Ref } from '../../src/memory/arena.js';
import type { ByteSink } from '../../src/memory/byte-sink.js';
import type { Slice } from '../../src/memory/slice.js';

/** Collects a value's elements with their lengths: equal bytes mean equal values, at a hundredth of a digest's cost. */
export class ElementBytes implements ByteSink {
  private bytes = Buffer.alloc(1 << 16);
  private length = 0;

  /** Valid until the next call. */
  of(types: DataTypes, db: Database, ref: Ref): Buffer {
    this.length = 0;
    types.of(db, ref).writeElements(db, ref, this);
    return this.bytes.subarray(0, this.length);
  }

  bulk(content: Slice): void {
    this.bulkHeader(content.length);
    this.rawSlice(content);
  }

  bulkRange(bytes: Buffer, _view: DataView, start: number, length: number): void {
    this.bulkHeader(length);
    this.append(bytes, start, start + length);
  }

  bulkHeader(length: number): void {
    this.makeRoom(8);
    this.bytes.writeDoubleLE(length, this.length);
    this.length += 8;
  }

  rawSlice({ bytes, start, end }: Slice): void {
    this.append(bytes, start, end);
  }

  bulkEnd(): void {}

  private append(bytes: Buffer, start: number, end: number): void {
    this.makeRoom(end - start);
    bytes.copy(this.bytes, this.length, start, end);
    this.length += end - start;
  }

  private makeRoom(length: number): void {
    if (this.length + length <= this.bytes.length) return;
    const grown = Buffer.alloc((this.length + length) * 2);
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }
}
