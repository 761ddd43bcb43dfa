/** The number of a database among a command's arguments. */
import type { Call } from '../engine/call.js';
import * as errors from '../protocol/errors.js';

export const INT32_MIN = -(2 ** 31);
export const INT32_MAX = 2 ** 31 - 1;

export function readDatabaseIndex({ args, keyspace }: Call, i: number): number {
  const index = args.integer(i);
  if (index < INT32_MIN || index > INT32_MAX) throw errors.notBetween(INT32_MIN, INT32_MAX);
  if (index < 0 || index >= keyspace.databases.length) throw errors.DB_OUT_OF_RANGE;
  return index;
}
