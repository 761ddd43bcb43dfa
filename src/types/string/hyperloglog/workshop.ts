/** Where HyperLogLogs are changed from one form into the other, united and counted: one workshop serves the process. */

import type { Database } from '../../../keyspace/database.js';
import type { Ref } from '../../../memory/arena.js';
import { copyBytes, Slice } from '../../../memory/slice.js';
import * as errors from '../../../protocol/errors.js';
import { isRaw, stretchString, stringLength, stringWindow } from '../value.js';
import { DENSE_SIZE, Form, HEADER_SIZE, initialiseHeader, setForm } from './header.js';
import { machine } from './machine.js';
import { RankCounts, Registers } from './registers.js';
import { SparseCopy, SparseForm } from './sparse.js';

const window = new Slice();

interface Workshop {
  readonly sparse: SparseCopy;
  /** At a string where it lies. */
  readonly inPlace: SparseForm;
  /** A dense string. */
  readonly dense: Slice;
  readonly registers: Registers;
  readonly counts: RankCounts;
}

/** Made when it is needed first: it takes 80 KB, and most servers never count. */
let workshop: Workshop | null = null;

export function tools(): Workshop {
  workshop ??= {
    sparse: new SparseCopy(),
    inPlace: new SparseForm(),
    dense: Slice.of(Buffer.alloc(DENSE_SIZE)),
    registers: new Registers(machine()),
    counts: new RankCounts(),
  };
  return workshop;
}

// --- the forms in the workshop

export function initialiseSparse(): void {
  const { sparse } = tools();
  sparse.initialise();
  initialiseHeader(sparse.slice, Form.SPARSE);
}

/** Copies a sparse string. */
export function copySparse(db: Database, ref: Ref): void {
  const { sparse } = tools();
  const length = stringLength(db, ref);
  if (!sparse.prepare(length)) throw errors.CORRUPT_HYPERLOGLOG;
  const { bytes, view, start } = stringWindow(db, ref, 0, length, window);
  copyBytes(sparse.bytes, sparse.slice.view, 0, bytes, view, start, length);
}

/** Makes the dense form of what the sparse one says. */
export function sparseToDense(): void {
  const { sparse, registers } = tools();
  registers.clear();
  if (!sparse.raiseAll(registers)) throw errors.CORRUPT_HYPERLOGLOG;
  packRegisters();
}

/** Makes a dense form of all registers, with the header of the sparse one. */
export function packRegisters(): void {
  const { sparse, dense, registers } = tools();
  copyBytes(dense.bytes, dense.view, 0, sparse.bytes, sparse.slice.view, 0, HEADER_SIZE);
  setForm(dense, Form.DENSE);
  registers.pack(dense.bytes, HEADER_SIZE);
}

/** What was written into, or might have been, is raw in Redis. */
export function makeRaw(db: Database, key: Slice, ref: Ref): Ref {
  return isRaw(db, ref) ? ref : stretchString(db, key, ref, 0);
}
