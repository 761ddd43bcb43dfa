/** Arguments that are passwords and must not be seen in SLOWLOG or by MONITOR; rows of commands tell which. */

import type { CompiledCommand } from '../../engine/command-table.js';
import type { Args } from '../../protocol/args.js';

export const REDACTED = Buffer.from('(redacted)');

export function isSecret({ row }: CompiledCommand, args: Args, index: number): boolean {
  return row.secrets?.(args, index) === true;
}
