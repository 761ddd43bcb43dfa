/** The elements of a value of any type, as text (latin1). */

import type { DataTypes } from '../../src/keyspace/data-type.js';
import type { Database } from '../../src/keyspace/database.js';
import type { Ref } from '../../src/memory/arena.js';
import type { ByteSink } from '../../src/memory/byte-sink.js';
import { Slice } from '../../src/memory/slice.js';

class Elements implements ByteSink {
  readonly texts: string[] = [];
  private text = '';

  bulk(content: Slice): void {
    this.rawSlice(content);
    this.bulkEnd();
  }

  bulkRange(bytes: Buffer, view: DataView, start: number, length: number): void {
    this.bulk(new Slice().set(bytes, view, start, start + length));
  }

  bulkHeader(): void {}

  rawSlice(piece: Slice): void {
    this.text += piece.toLatin1();
  }

  bulkEnd(): void {
    this.texts.push(this.text);
    this.text = '';
  }
}

export function elementsOf(types: DataTypes, db: Database, ref: Ref): string[] {
  const elements = new Elements();
  types.of(db, ref).writeElements(db, ref, elements);
  return elements.texts;
}
