/** PFDEBUG and PFSELFTEST. */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { CommandRow } from '../../../engine/command.js';
import { oneKey } from '../../../engine/key-specs.js';
import { KEEP_DEADLINE } from '../../../keyspace/types.js';
import type { Ref } from '../../../memory/arena.js';
import { Slice } from '../../../memory/slice.js';
import * as errors from '../../../protocol/errors.js';
import { expectType } from '../../expect.js';
import { STRING, StringKind, setString, stringWindow } from '../value.js';
import { MAX_RANK, REGISTERS } from './dimensions.js';
import { element, hashElement } from './element-hash.js';
import { DENSE_SIZE, Form, HEADER_SIZE, openHyperLogLog } from './header.js';
import { packedRegister, setPackedRegister } from './registers.js';
import { SparseChange } from './sparse.js';
import { copySparse, initialiseSparse, sparseToDense, tools } from './workshop.js';

const header = new Slice();
const window = new Slice();

// --- PFDEBUG

function pfDebug(call: Call): void {
  const { args, db, reply } = call;
  const key = args.slice(2);
  const ref = expectType(db, db.lookupForWrite(key), STRING);
  if (ref === 0) throw errors.KEY_NOT_THERE;
  const form = openHyperLogLog(db, ref, header);
  if (args.is(1, 'GETREG')) {
    debugToDense(call, ref, form);
    writeRegisters(call);
  } else if (args.is(1, 'DECODE')) {
    if (form !== Form.SPARSE) throw errors.HYPERLOGLOG_NOT_SPARSE;
    copySparse(db, ref);
    reply.bulkLatin1(tools().sparse.describe());
  } else if (args.is(1, 'ENCODING')) {
    reply.status(form === Form.SPARSE ? 'sparse' : 'dense');
  } else if (args.is(1, 'TODENSE')) {
    debugToDense(call, ref, form);
    reply.integer(form === Form.SPARSE ? 1 : 0);
  } else {
    throw errors.unknownPfdebugSubcommand(args.latin1(1));
  }
}

/** Makes a sparse one dense; what it counts stays as it is. */
function debugToDense(call: Call, ref: Ref, form: Form): void {
  if (form === Form.DENSE) return;
  const { args, db } = call;
  const key = args.slice(2);
  copySparse(db, ref);
  sparseToDense();
  setString(db, key, ref, tools().dense, KEEP_DEADLINE, StringKind.RAW);
  call.changed(key, 'pfdebug');
}

function writeRegisters({ args, db, reply }: Call): void {
  const ref = db.peek(args.slice(2));
  const { bytes, start } = stringWindow(db, ref, 0, DENSE_SIZE, window);
  reply.array(REGISTERS);
  for (let i = 0; i < REGISTERS; i++) reply.integer(packedRegister(bytes, start + HEADER_SIZE, i));
}

// --- PFSELFTEST

/** Elements that the estimate is tested with, after each power of ten. */
const TESTED_ELEMENTS = 1_000_000;
/** The standard error, 1.04 / sqrt(REGISTERS), four times: what chance exceeds once in 16,000 times. */
const TOLERANCE = (4 * 1.04) / 128;

function pfSelfTest(call: Call): void {
  const { dense } = tools();
  dense.bytes.fill(0);
  testPacking(dense.bytes);
  dense.bytes.fill(0);
  testEstimates(dense.bytes);
  call.reply.ok();
}

/** Each register keeps what it was set to, next to others that hold something else. */
function testPacking(bytes: Buffer): void {
  const rankOf = (register: number, round: number) => (register * 37 + round * 11) & MAX_RANK;
  for (let round = 0; round < 64; round++) {
    for (let i = 0; i < REGISTERS; i++) setPackedRegister(bytes, HEADER_SIZE, i, rankOf(i, round));
    for (let i = 0; i < REGISTERS; i++) {
      const rank = packedRegister(bytes, HEADER_SIZE, i);
      if (rank !== rankOf(i, round))
        throw errors.selfTestFailed(`Register ${i} should be ${rankOf(i, round)} but is ${rank}`);
    }
  }
}

/** The sparse form counts as the dense one does, and both are near to what they have met. */
function testEstimates(bytes: Buffer): void {
  const { sparse, counts } = tools();
  const number = Slice.of(Buffer.alloc(8));
  let isSparse = true;
  initialiseSparse();
  for (let i = 1, next = 1; i <= TESTED_ELEMENTS; i++) {
    number.view.setUint32(0, i, true);
    hashElement(number);
    const { register, rank } = element;
    if (packedRegister(bytes, HEADER_SIZE, register) < rank) setPackedRegister(bytes, HEADER_SIZE, register, rank);
    if (isSparse && sparse.raise(register, rank, DENSE_SIZE) === SparseChange.TOO_LARGE) isSparse = false;
    if (i < next) continue;
    next *= 10;
    counts.clear();
    counts.addPacked(bytes, HEADER_SIZE);
    const estimate = counts.estimate();
    if (Math.abs(estimate - i) > Math.ceil(i * TOLERANCE))
      throw errors.selfTestFailed(`Too big error. card:${i} estimate:${estimate}`);
    if (!isSparse) continue;
    counts.clear();
    if (!sparse.count(counts) || counts.estimate() !== estimate) throw errors.selfTestFailed('dense/sparse disagree');
  }
}

export const debuggingCommands: readonly CommandRow[] = [
  {
    name: 'pfdebug',
    summary: 'Shows the registers of a HyperLogLog and how it holds them.',
    group: 'hyperloglog',
    complexity: 'O(1), but for the registers that are shown',
    arity: 3,
    flags: ['write', 'denyoom', 'admin'],
    keys: [oneKey(2, 'RW', 'access')],
    arguments: [arg.string('subcommand'), arg.key()],
    run: pfDebug,
  },
  {
    name: 'pfselftest',
    summary: 'Tests how HyperLogLogs hold registers and count.',
    group: 'hyperloglog',
    complexity: 'O(1), but long: a million elements are counted',
    arity: 1,
    flags: ['admin'],
    run: pfSelfTest,
  },
];
