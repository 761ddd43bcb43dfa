/** What becomes of a command that somebody gives who may not do everything. */

import type { CommandTable, CompiledCommand } from '../../engine/command-table.js';
import type { Random } from '../../engine/random.js';
import type { Args } from '../../protocol/args.js';
import { errorReply } from '../../protocol/errors.js';

export type Plan =
  /** This is run, and finish() makes the reply of its reply. */
  | { readonly kind: 'run'; readonly args: Args; readonly finish: (reply: Buffer) => Buffer }
  /** Several commands are run for it, all at once. */
  | { readonly kind: 'emulate'; readonly run: (runner: Runner) => Buffer }
  | { readonly kind: 'refuse'; readonly reply: Buffer };

/** Runs commands, which do not wait, in any database. */
export interface Runner {
  run(words: readonly (string | Uint8Array)[], database: number): Buffer;
  readonly database: number;
  readonly protocol: 2 | 3;
  /** All that FLUSHALL is to reach. */
  readonly databases: readonly number[];
  readonly random: Random;
}

/** The command is run as it is. */
export function asItIs(args: Args): Plan {
  return { kind: 'run', args, finish: same };
}

/** `text` begins with a code. */
export function refused(text: string): Plan {
  return { kind: 'refuse', reply: errorReply(text) };
}

function same(reply: Buffer): Buffer {
  return reply;
}

/** The command, or subcommand, that the arguments name; null for one that is not there. */
export function commandOf(table: CommandTable, args: Args): CompiledCommand | null {
  if (args.count === 0) return null;
  const command = table.find(args, 0);
  return command !== null && command.subcommands !== null && args.count > 1
    ? command.subcommands.find(args, 1)
    : command;
}
