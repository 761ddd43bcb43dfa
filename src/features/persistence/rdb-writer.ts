/**
 * Turns a frozen snapshot of the keyspace into an RDB file, in slices.
 *
 * The walk is a generator that stops between small records and inside large ones, wherever the units of its slice are
 * used up or a chunk is full. Nothing moves meanwhile: it reads a snapshot, whatever the live keyspace does.
 *
 * A unit is about a microsecond, see RdbValueOutput.
 */

import { MAGIC, Opcode, RDB_VERSION, RDB_VERSION_WITH_FIELD_DEADLINES } from '../../format/rdb-encoding.js';
import { RdbOutput, type RdbOutputOptions } from '../../format/rdb-output.js';
import { RdbValueOutput } from '../../format/rdb-value-output.js';
import type { DataTypes } from '../../keyspace/data-type.js';
import type { Database } from '../../keyspace/database.js';
import type { KeyspaceSnapshot } from '../../keyspace/keyspace.js';
import type { Ref } from '../../memory/arena.js';
import { Slice } from '../../memory/slice.js';
import { writeLibrary } from './library-record.js';
import type { SnapshotSource } from './snapshot-file.js';

export interface RdbWriterOptions extends RdbOutputOptions {
  /** Fields about the file, in order. */
  aux: readonly (readonly [name: string, value: string])[];
  /** The texts of the libraries of functions. */
  functions?: readonly Slice[];
  /** What a file says of the use of keys: what the eviction policy looks at. */
  use?: 'idle time' | 'frequency' | undefined;
}

export class RdbWriter implements SnapshotSource {
  keysWritten = 0;

  private readonly snapshot: KeyspaceSnapshot;
  private readonly types: DataTypes;
  private readonly options: RdbWriterOptions;
  private readonly output: RdbOutput;
  private readonly steps: Generator<void, void>;
  private readonly values: RdbValueOutput;
  private readonly key = new Slice();

  constructor(snapshot: KeyspaceSnapshot, options: RdbWriterOptions) {
    this.snapshot = snapshot;
    this.types = snapshot.types;
    this.options = options;
    this.output = new RdbOutput(options);
    this.values = new RdbValueOutput(this.output);
    this.steps = this.file();
  }

  /** Bytes produced so far. */
  get length(): number {
    return this.output.length;
  }

  run(units: number): boolean {
    this.values.units = units;
    return this.steps.next().done === true;
  }

  take(): Buffer | undefined {
    return this.output.chunks.shift();
  }

  recycle(chunk: Buffer): void {
    this.output.recycle(chunk);
  }

  private *file(): Generator<void, void> {
    const output = this.output;
    output.writeRaw(MAGIC + String(this.version()).padStart(4, '0'));
    for (const [name, value] of this.options.aux) {
      output.writeByte(Opcode.AUX);
      output.writeText(name);
      output.writeString(Slice.of(value));
    }
    for (const source of this.options.functions ?? []) writeLibrary(output, source);
    for (const database of this.snapshot.databases) if (database.size > 0) yield* this.database(database);
    output.writeByte(Opcode.EOF);
    output.writeChecksum();
  }

  /** An older one unless it is needed, so that older servers load the file. */
  private version(): number {
    const hasFieldDeadlines = this.snapshot.databases.some((database) => database.hasElementDeadlines);
    return hasFieldDeadlines ? RDB_VERSION_WITH_FIELD_DEADLINES : RDB_VERSION;
  }

  private *database(database: Database): Generator<void, void> {
    const output = this.output;
    const values = this.values;
    output.writeByte(Opcode.SELECT_DB);
    output.writeLength(database.index);
    output.writeByte(Opcode.RESIZE_DB);
    output.writeLength(database.size);
    output.writeLength(database.expiring);
    for (let position = 0; position < database.size; position++) {
      const ref = database.at(position);
      values.units--;
      this.attributes(database, ref);
      const { rdb } = this.types.of(database, ref);
      values.writeByte(rdb.typeOf(database, ref));
      values.bulk(database.keyOf(ref, this.key));
      const steps = rdb.write(database, ref, values);
      if (steps !== null) yield* steps;
      this.keysWritten++;
      if (values.isSpent()) yield;
    }
  }

  /** What stands before a key. */
  private attributes(database: Database, ref: Ref): void {
    const output = this.output;
    const deadline = database.deadlineOf(ref);
    if (deadline >= 0) {
      output.writeByte(Opcode.EXPIRE_TIME_MS);
      output.writeMilliseconds(deadline);
    }
    if (this.options.use === 'idle time') {
      output.writeByte(Opcode.IDLE);
      output.writeLength(database.idleSeconds(ref));
    } else if (this.options.use === 'frequency') {
      output.writeByte(Opcode.FREQUENCY);
      output.writeByte(database.frequencyOf(ref));
    }
  }
}
