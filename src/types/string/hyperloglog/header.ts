/**
 * The strings that are HyperLogLogs, byte for byte as Redis writes them:
 *
 *   +0   HYLL
 *   +4   the form: 0 dense, 1 sparse
 *   +5   unused
 *   +8   the cardinality when it was last counted, little-endian; with the highest bit set if something came since
 *   +16  the registers
 */

import type { Database } from '../../../keyspace/database.js';
import type { Ref } from '../../../memory/arena.js';
import type { Slice } from '../../../memory/slice.js';
import * as errors from '../../../protocol/errors.js';
import { stringLength, stringWindow } from '../value.js';
import { PACKED_SIZE } from './dimensions.js';

export const HEADER_SIZE = 16;
export const DENSE_SIZE = HEADER_SIZE + PACKED_SIZE;

export const Form = { DENSE: 0, SPARSE: 1 } as const;
export type Form = (typeof Form)[keyof typeof Form];

const FORM = 4;
const CARDINALITY = 8;
const LAST = 15;
const STALE = 0x80;

/** HYLL as a little-endian integer. */
const MAGIC = 0x4c4c_5948;

/** Points `header` at the first bytes of a string and returns its form; throws unless it is a HyperLogLog. */
export function openHyperLogLog(db: Database, ref: Ref, header: Slice): Form {
  const length = stringLength(db, ref);
  if (length < HEADER_SIZE) throw errors.NO_HYPERLOGLOG;
  const { view, start } = stringWindow(db, ref, 0, HEADER_SIZE, header);
  const form = view.getUint8(start + FORM);
  if (view.getInt32(start, true) !== MAGIC || form > Form.SPARSE) throw errors.NO_HYPERLOGLOG;
  if (form === Form.DENSE && length !== DENSE_SIZE) throw errors.NO_HYPERLOGLOG;
  return form as Form;
}

/** Writes the header of one that has met nothing yet. */
export function initialiseHeader({ bytes, view, start }: Slice, form: Form): void {
  bytes.fill(0, start, start + HEADER_SIZE);
  view.setInt32(start, MAGIC, true);
  bytes[start + FORM] = form;
}

export function setForm({ bytes, start }: Slice, form: Form): void {
  bytes[start + FORM] = form;
}

/** Notes that registers have changed since they were counted. */
export function markStale({ bytes, start }: Slice): void {
  bytes[start + LAST] |= STALE;
}

/** The cardinality, undefined if it must be counted. */
export function knownCardinality({ bytes, view, start }: Slice): number | bigint | undefined {
  if ((bytes[start + LAST] & STALE) !== 0) return undefined;
  const high = view.getUint32(start + CARDINALITY + 4, true);
  // No HyperLogLog has counted so many: such bytes were written by somebody.
  if (high >= 0x20_0000) return view.getBigInt64(start + CARDINALITY, true);
  return high * 0x1_0000_0000 + view.getUint32(start + CARDINALITY, true);
}

export function setCardinality({ view, start }: Slice, cardinality: number | bigint): void {
  view.setBigInt64(start + CARDINALITY, BigInt(cardinality), true);
}
