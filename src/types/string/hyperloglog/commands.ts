/** PFADD, PFCOUNT and PFMERGE: how many different elements there were, to within a percent, in at most 12 KiB. */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { CommandRow } from '../../../engine/command.js';
import { keysFrom, oneKey } from '../../../engine/key-specs.js';
import type { Database } from '../../../keyspace/database.js';
import { KEEP_DEADLINE } from '../../../keyspace/types.js';
import type { Ref } from '../../../memory/arena.js';
import { inlineRoom } from '../../../memory/entry-layout.js';
import { copyBytes, Slice } from '../../../memory/slice.js';
import type { Args } from '../../../protocol/args.js';
import * as errors from '../../../protocol/errors.js';
import { expectType } from '../../expect.js';
import { STRING, StringKind, setString, stringWindow, writableStringWindow } from '../value.js';
import { debuggingCommands } from './debugging.js';
import { REGISTERS } from './dimensions.js';
import { element, hashElement } from './element-hash.js';
import {
  DENSE_SIZE,
  Form,
  HEADER_SIZE,
  knownCardinality,
  markStale,
  openHyperLogLog,
  setCardinality,
} from './header.js';
import { packedRegister, type Registers, setPackedRegister } from './registers.js';
import { MOST_GROWTH, SparseChange, type SparseForm } from './sparse.js';
import { copySparse, initialiseSparse, makeRaw, packRegisters, sparseToDense, tools } from './workshop.js';

/** What Redis makes of an estimate that is infinite. */
const INFINITE = -9_223_372_036_854_775_808n;

const header = new Slice();
const window = new Slice();

// --- PFADD

function pfAdd(call: Call): void {
  const { args, db } = call;
  const key = args.slice(1);
  const ref = expectType(db, db.lookupForWrite(key), STRING);
  const changes = ref === 0 ? addToNew(call) : addToOld(call, ref);
  if (changes > 0) call.changed(key, 'pfadd', changes);
  call.reply.integer(changes > 0 ? 1 : 0);
}

function addToNew(call: Call): number {
  initialiseSparse();
  const { form, changes } = addToSparse(call);
  storeForm(call, 0, form);
  // That the key is there now counts as well.
  return changes + 1;
}

function addToOld(call: Call, ref: Ref): number {
  const { args, db } = call;
  if (openHyperLogLog(db, ref, header) === Form.DENSE) return addToDense(db, ref, args);
  ref = makeRaw(db, args.slice(1), ref);
  if (args.count === 3) {
    const change = addInPlace(call, ref);
    if (change === SparseChange.NONE || change === SparseChange.CHANGED) return change;
  }
  copySparse(db, ref);
  const { form, changes } = addToSparse(call);
  if (changes > 0) storeForm(call, ref, form);
  return changes;
}

/**
 * Adds the only element where the string lies: PFADD of a small one took half as long again with a copy. What stays
 * sparse no longer, is corrupt, or too long for its entry is left as it is.
 */
function addInPlace(call: Call, ref: Ref): SparseChange {
  const { args, db } = call;
  const { length } = db.valueOf(ref, window);
  const isInEntry = db.kindOf(ref) === StringKind.RAW && length + MOST_GROWTH <= inlineRoom(args.slice(1).length);
  if (!isInEntry) return SparseChange.TOO_LARGE;
  hashElement(args.slice(2));
  const { register, rank } = element;
  const { inPlace } = tools();
  const change = inPlace.open(window).find(register, rank, call.keyspace.limits.hllSparseMaxBytes);
  if (change !== SparseChange.CHANGED) return change;
  const room = length + Math.max(inPlace.growth, 0);
  ref = db.resize(ref, StringKind.RAW, room);
  db.valueOf(ref, window).end -= room - length;
  inPlace.open(window).change(register, rank);
  markStale(window);
  const { length: newLength } = inPlace.slice;
  if (newLength < room) db.resize(ref, StringKind.RAW, newLength);
  return change;
}

function addToDense(db: Database, ref: Ref, args: Args): number {
  stringWindow(db, ref, 0, DENSE_SIZE, window);
  let changes = 0;
  for (let i = 2; i < args.count; i++) {
    hashElement(args.slice(i));
    if (packedRegister(window.bytes, window.start + HEADER_SIZE, element.register) >= element.rank) continue;
    if (changes++ === 0) writableStringWindow(db, ref, 0, DENSE_SIZE, window);
    setPackedRegister(window.bytes, window.start + HEADER_SIZE, element.register, element.rank);
  }
  if (changes > 0) markStale(window);
  return changes;
}

/** What addToSparse() made: one for all calls. */
const added = { form: window, changes: 0 };

/** Adds the elements to the sparse form in the workshop, which may become dense. */
function addToSparse(call: Call): typeof added {
  const { args } = call;
  const { sparse, dense } = tools();
  const limit = call.keyspace.limits.hllSparseMaxBytes;
  added.form = sparse.slice;
  added.changes = 0;
  for (let i = 2; i < args.count; i++) {
    hashElement(args.slice(i));
    const { register, rank } = element;
    if (added.form === sparse.slice) {
      const change = sparse.raise(register, rank, limit);
      if (change === SparseChange.CORRUPT) throw errors.CORRUPT_HYPERLOGLOG;
      if (change === SparseChange.CHANGED) added.changes++;
      if (change !== SparseChange.TOO_LARGE) continue;
      sparseToDense();
      added.form = dense;
    }
    if (packedRegister(dense.bytes, HEADER_SIZE, register) >= rank) continue;
    setPackedRegister(dense.bytes, HEADER_SIZE, register, rank);
    added.changes++;
  }
  return added;
}

/** Stores a form with changes under the key in argument 1. */
function storeForm(call: Call, ref: Ref, form: Slice): void {
  markStale(form);
  setString(call.db, call.args.slice(1), ref, form, KEEP_DEADLINE, StringKind.RAW);
}

// --- PFCOUNT

function pfCount(call: Call): void {
  if (call.args.count === 2) countOne(call);
  else countUnion(call);
}

function countOne(call: Call): void {
  const { args, db, reply } = call;
  const key = args.slice(1);
  let ref = expectType(db, db.lookup(key), STRING);
  if (ref === 0) {
    reply.integer(0);
    return;
  }
  const form = openHyperLogLog(db, ref, header);
  const known = knownCardinality(header);
  ref = makeRaw(db, key, ref);
  if (known !== undefined) {
    reply.integer(known);
    return;
  }
  call.takesLong();
  const { sparse, registers, counts } = tools();
  let estimate: number;
  if (form === Form.DENSE) {
    registers.clear();
    registers.raiseToPacked(stringWindow(db, ref, 0, DENSE_SIZE, window), window.start + HEADER_SIZE);
    estimate = registers.estimate(counts);
  } else {
    copySparse(db, ref);
    counts.clear();
    if (!sparse.count(counts)) throw errors.CORRUPT_HYPERLOGLOG;
    estimate = counts.estimate();
  }
  const cardinality = finite(estimate);
  setCardinality(writableStringWindow(db, ref, 0, HEADER_SIZE, header), cardinality);
  call.changed(key, 'pfcount');
  reply.integer(cardinality);
}

function finite(estimate: number): number | bigint {
  return estimate === Number.POSITIVE_INFINITY ? INFINITE : estimate;
}

function countUnion(call: Call): void {
  const { registers, counts } = tools();
  call.takesLong();
  uniteSources(call);
  call.reply.integer(finite(registers.estimate(counts)));
}

/** Raises the registers in the workshop to those of all keys; returns whether one of them is dense. */
function uniteSources(call: Call): boolean {
  const { args, db } = call;
  const { sparse, registers } = tools();
  let isDense = false;
  registers.clear();
  for (let i = 1; i < args.count; i++) {
    const ref = expectType(db, db.lookup(args.slice(i)), STRING);
    if (ref === 0) continue;
    if (openHyperLogLog(db, ref, header) === Form.DENSE) {
      registers.raiseToPacked(stringWindow(db, ref, 0, DENSE_SIZE, window), window.start + HEADER_SIZE);
      isDense = true;
    } else {
      copySparse(db, ref);
      if (!sparse.raiseAll(registers)) throw errors.CORRUPT_HYPERLOGLOG;
    }
  }
  return isDense;
}

// --- PFMERGE

function pfMerge(call: Call): void {
  const { args, db } = call;
  const isDense = uniteSources(call);
  const key = args.slice(1);
  const ref = expectType(db, db.lookupForWrite(key), STRING);
  storeForm(call, ref, mergedForm(call, ref, isDense));
  call.changed(key, 'pfadd');
  call.reply.ok();
}

/** The target with all registers raised to what the workshop says: sparse as long as it can be, as in Redis. */
function mergedForm(call: Call, ref: Ref, isDense: boolean): Slice {
  const { db } = call;
  const { sparse, dense, registers } = tools();
  if (ref === 0) {
    initialiseSparse();
  } else if (openHyperLogLog(db, ref, header) === Form.SPARSE) {
    copySparse(db, ref);
  } else {
    copyBytes(sparse.bytes, sparse.slice.view, 0, header.bytes, header.view, header.start, HEADER_SIZE);
  }
  if (!isDense && raiseSparse(sparse, registers, call.keyspace.limits.hllSparseMaxBytes)) return sparse.slice;
  packRegisters();
  return dense;
}

/** Raises the registers of a sparse form; false if it would have to become dense. */
function raiseSparse(sparse: SparseForm, { bytes }: Registers, limit: number): boolean {
  for (let register = 0; register < REGISTERS; register++) {
    if (bytes[register] === 0) continue;
    if (sparse.raiseNext(register, bytes[register], limit) === SparseChange.TOO_LARGE) return false;
  }
  return true;
}

export const hyperLogLogCommands: readonly CommandRow[] = [
  {
    name: 'pfadd',
    summary: 'Adds elements to a HyperLogLog, creating it if need be; tells whether that changed it.',
    group: 'hyperloglog',
    complexity: 'O(1) for each element',
    arity: -2,
    flags: ['write', 'denyoom', 'fast'],
    keys: [oneKey(1, 'RW', 'insert')],
    arguments: [arg.key(), arg.optional(arg.multiple(arg.string('element')))],
    run: pfAdd,
  },
  {
    name: 'pfcount',
    summary: 'Estimates how many different elements one HyperLogLog has met, or several together.',
    group: 'hyperloglog',
    complexity: 'O(1) for one that was counted since it changed, O(N) for a union, N being the keys',
    arity: -2,
    flags: ['readonly'],
    keys: [
      {
        ...keysFrom(1, { last: -1, step: 1 }, 'RW', 'access'),
        notes: 'RW because it may change the internal representation of the key, and propagate to replicas',
      },
    ],
    arguments: [arg.multiple(arg.key())],
    isMostlyBrief: true,
    traits: ['may-replicate'],
    run: pfCount,
  },
  {
    name: 'pfmerge',
    summary: 'Unites HyperLogLogs in one, which may be there already.',
    group: 'hyperloglog',
    complexity: 'O(N), N being the keys',
    arity: -2,
    flags: ['write', 'denyoom'],
    keys: [oneKey(1, 'RW', 'access', 'insert'), keysFrom(2, { last: -1, step: 1 }, 'RO', 'access')],
    arguments: [arg.key('destkey'), arg.optional(arg.multiple(arg.key('sourcekey', { keySpec: 1 })))],
    run: pfMerge,
  },
  ...debuggingCommands,
];
