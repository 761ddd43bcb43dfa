/**
 * BITOP: strings combined bit by bit into another.
 *
 * Piece by piece, a page at most, each put together in the page that bits.ts lends. A result that does not fit an entry
 * is a rope from the start, in which a piece that can hold nothing but zeros stays a hole.
 */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { CommandRow } from '../../../engine/command.js';
import { keysFrom, oneKey } from '../../../engine/key-specs.js';
import type { Database } from '../../../keyspace/database.js';
import { NO_DEADLINE } from '../../../keyspace/types.js';
import { PAGE_SIZE, type Ref } from '../../../memory/arena.js';
import { BitOperation, bitPages, combineShort } from '../../../memory/bits.js';
import { inlineRoom } from '../../../memory/entry-layout.js';
import { isHole, Rope } from '../../../memory/rope.js';
import { copySlice, Slice } from '../../../memory/slice.js';
import type { Args } from '../../../protocol/args.js';
import * as errors from '../../../protocol/errors.js';
import { expectType } from '../../expect.js';
import { STRING, StringKind, setString, setToRoom, setToRope, stringLength, stringWindow } from '../../string/value.js';
import { LONG_FROM } from './shared.js';

const SOURCES_AT_FIRST = 16;
const SOURCES_KEPT = 1024;

/**
 * The entries of the source keys, 0 for a missing one, their lengths, and which of them matter for the piece at hand.
 */
let sources = new Int32Array(SOURCES_AT_FIRST);
let lengths = new Int32Array(SOURCES_AT_FIRST);
let present = new Int32Array(SOURCES_AT_FIRST);

/** Results up to this length are put together in their place, as that takes two copies less and no call. */
const SHORT = 256;

const EMPTY = new Slice();
const window = new Slice();
const other = new Slice();
const target = new Slice();

function bitOp(call: Call): void {
  const { args, db, reply } = call;
  const operation = operationAt(args, 1);
  const count = args.count - 3;
  if (operation === BitOperation.NOT && count !== 1) throw errors.BITOP_NOT;
  const length = findSources(call, count);
  const key = args.slice(2);
  if (length > LONG_FROM || count > SOURCES_AT_FIRST) call.takesLong();
  const isRope = length > inlineRoom(key.length);
  if (isRope) db.arena.reserve(countWrittenPieces(db, operation, count, length) * PAGE_SIZE);

  if (length === 0) {
    const ref = db.lookupForWrite(key);
    if (ref !== 0) {
      db.delete(ref);
      call.deleted(key);
    }
  } else {
    if (isRope) storeRope(db, key, operation, count, length);
    else storeInline(db, key, operation, count, length);
    call.changed(key, 'set');
  }
  reply.integer(length);
}

function operationAt(args: Args, i: number): BitOperation {
  if (args.is(i, 'AND')) return BitOperation.AND;
  if (args.is(i, 'OR')) return BitOperation.OR;
  if (args.is(i, 'XOR')) return BitOperation.XOR;
  if (args.is(i, 'NOT')) return BitOperation.NOT;
  throw errors.SYNTAX;
}

/** Looks all source keys up; returns the length of the longest. */
function findSources(call: Call, count: number): number {
  const { args, db } = call;
  if (count > sources.length || sources.length > SOURCES_KEPT) {
    sources = new Int32Array(Math.max(count, SOURCES_AT_FIRST));
    lengths = new Int32Array(sources.length);
    present = new Int32Array(sources.length);
  }
  let longest = 0;
  for (let i = 0; i < count; i++) {
    const ref = expectType(db, db.lookup(args.slice(i + 3)), STRING);
    const length = ref === 0 ? 0 : stringLength(db, ref);
    sources[i] = ref;
    lengths[i] = length;
    if (length > longest) longest = length;
  }
  return longest;
}

function storeInline(db: Database, key: Slice, operation: BitOperation, count: number, length: number): void {
  const old = db.lookupForWrite(key);
  if (length <= SHORT && operation !== BitOperation.NOT && !isSource(old, count)) {
    setToRoom(db, key, old, length, target);
    combineInPlace(db, operation, count);
    return;
  }
  const result = bitPages().left;
  for (let i = 0; i < count; i++) present[i] = i;
  combinePiece(db, operation, count, 0, length);
  result.end = length;
  setString(db, key, old, result, NO_DEADLINE, StringKind.RAW);
}

function isSource(ref: Ref, count: number): boolean {
  for (let i = 0; i < count; i++) if (sources[i] === ref) return true;
  return false;
}

/**
 * Combines the sources in `target`, the result's place in its entry, which is none of them and as long as the longest.
 */
function combineInPlace(db: Database, operation: BitOperation, count: number): void {
  const first = wholeSource(db, 0, window);
  if (count === 1) copySlice(first, target.bytes, target.view, target.start);
  else combineShort(operation, target, first, wholeSource(db, 1, other));
  for (let i = 2; i < count; i++) combineShort(operation, target, target, wholeSource(db, i, other));
}

function wholeSource(db: Database, source: number, into: Slice): Slice {
  return lengths[source] === 0 ? EMPTY : stringWindow(db, sources[source], 0, lengths[source], into);
}

function storeRope(db: Database, key: Slice, operation: BitOperation, count: number, length: number): void {
  const result = bitPages().left;
  const rope = new Rope(db.arena);
  rope.resize(length);
  for (let at = 0; at < length; at += PAGE_SIZE) {
    const size = Math.min(PAGE_SIZE, length - at);
    const usedCount = collectPresent(db, operation, count, at, size);
    if (usedCount === 0) continue;
    combinePiece(db, operation, usedCount, at, size);
    rope.freshWindow(at, at + size, target);
    result.bytes.copy(target.bytes, target.start, 0, size);
  }
  setToRope(db, key, db.lookupForWrite(key), rope);
}

/** Pieces of the result that are no holes. */
function countWrittenPieces(db: Database, operation: BitOperation, count: number, length: number): number {
  let pieces = 0;
  for (let at = 0; at < length; at += PAGE_SIZE) {
    if (collectPresent(db, operation, count, at, Math.min(PAGE_SIZE, length - at)) > 0) pieces++;
  }
  return pieces;
}

/** Gathers the sources that a piece of the result depends on and returns how many; 0 if it is all zeros. */
function collectPresent(db: Database, operation: BitOperation, count: number, at: number, size: number): number {
  let found = 0;
  for (let i = 0; i < count; i++) {
    if (hasBytes(db, i, at, size) || operation === BitOperation.NOT) present[found++] = i;
    else if (operation === BitOperation.AND) return 0;
  }
  return found;
}

function hasBytes(db: Database, source: number, at: number, size: number): boolean {
  const length = lengths[source];
  if (length <= at) return false;
  return !isHole(stringWindow(db, sources[source], at, Math.min(length, at + size), window));
}

/** Puts a piece of the result together in the left page. */
function combinePiece(db: Database, operation: BitOperation, usedCount: number, at: number, size: number): void {
  const pages = bitPages();
  copyPiece(db, present[0], at, size, pages.left);
  if (operation === BitOperation.NOT) pages.combine(operation, size);
  for (let i = 1; i < usedCount; i++) {
    copyPiece(db, present[i], at, size, pages.right);
    pages.combine(operation, size);
  }
}

/** A source's piece, with zeros behind its end. */
function copyPiece(db: Database, source: number, at: number, size: number, into: Slice): void {
  const length = Math.max(0, Math.min(size, lengths[source] - at));
  if (length > 0) copySlice(stringWindow(db, sources[source], at, at + length, window), into.bytes, into.view, 0);
  if (length < size) into.bytes.fill(0, length, size);
}

export const bitOperationCommands: readonly CommandRow[] = [
  {
    name: 'bitop',
    summary: 'Combines strings bit by bit and stores the result.',
    group: 'bitmap',
    complexity: 'O(N), N being the bytes of the longest string',
    arity: -4,
    flags: ['write', 'denyoom'],
    keys: [oneKey(2, 'OW', 'update'), keysFrom(3, { last: -1, step: 1 }, 'RO', 'access')],
    arguments: [
      arg.oneOf('operation', [arg.token('AND'), arg.token('OR'), arg.token('XOR'), arg.token('NOT')]),
      arg.key('destkey'),
      arg.multiple(arg.key('key', { keySpec: 1 })),
    ],
    isMostlyBrief: true,
    run: bitOp,
  },
];
