/** FIELDS numfields field …: how commands on deadlines of fields name what they are about. */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { ArgumentDoc } from '../../../engine/command.js';
import * as errors from '../../../protocol/errors.js';

/** The index of the first field, the fields going up to the last argument; FIELDS stands at `at`. */
export function fieldsFrom({ args }: Call, at: number): number {
  if (at >= args.count || !args.is(at, 'FIELDS')) throw errors.FIELDS_MISSING;
  if (at + 1 === args.count) throw errors.NUMFIELDS_NOT_POSITIVE;
  const count = args.integer(at + 1, errors.NUMFIELDS_NOT_POSITIVE);
  if (count < 1) throw errors.NUMFIELDS_NOT_POSITIVE;
  if (count !== args.count - at - 2) throw errors.NUMFIELDS_MISMATCH;
  return at + 2;
}

export const FIELDS: ArgumentDoc = arg.block('fields', [arg.integer('numfields'), arg.multiple(arg.string('field'))], {
  token: 'FIELDS',
});
