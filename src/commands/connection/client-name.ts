/** What clients may be called. */

import type { Args } from '../../protocol/args.js';
import type { CommandError } from '../../protocol/errors.js';
import * as errors from '../../protocol/errors.js';

/** CLIENT LIST separates its fields by spaces, so names are printable ASCII without them. Empty is no name. */
export function readClientName(args: Args, index: number, error: CommandError = errors.INVALID_CLIENT_NAME): string {
  const name = args.latin1(index);
  if (!/^[!-~]*$/.test(name)) throw error;
  return name;
}
