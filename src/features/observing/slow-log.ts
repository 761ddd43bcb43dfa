/** SLOWLOG's memory: the commands that took longest of late, with as much of their arguments as is worth keeping. */

import { defaultOf } from '../../config/binding.js';
import type { CompiledCommand } from '../../engine/command-table.js';
import type { Args } from '../../protocol/args.js';
import { isSecret, REDACTED } from './secrets.js';

const MAX_ARGUMENTS = 32;
const MAX_ARGUMENT_BYTES = 128;

export interface SlowLogEntry {
  readonly id: number;
  /** When it ran, in unix seconds. */
  readonly at: number;
  readonly microseconds: number;
  readonly args: readonly Buffer[];
  readonly address: string;
  readonly clientName: string;
}

export class SlowLog {
  /** Microseconds from which a command is kept; below 0 none is. */
  slowerThan = defaultOf('slowlog-log-slower-than');
  maxLength = defaultOf('slowlog-max-len');
  /** Newest first. */
  readonly entries: SlowLogEntry[] = [];
  private nextId = 0;

  add(entry: Omit<SlowLogEntry, 'id' | 'args'>, command: CompiledCommand, args: Args): void {
    this.entries.unshift({ id: this.nextId++, ...entry, args: shortened(command, args) });
    this.trim();
  }

  trim(): void {
    if (this.entries.length > this.maxLength) this.entries.length = this.maxLength;
  }

  reset(): void {
    this.entries.length = 0;
  }
}

function shortened(command: CompiledCommand, args: Args): Buffer[] {
  const kept: Buffer[] = [];
  for (let i = 0; i < args.count && i < MAX_ARGUMENTS; i++) {
    if (i === MAX_ARGUMENTS - 1 && args.count > MAX_ARGUMENTS) {
      kept.push(Buffer.from(`... (${args.count - i} more arguments)`));
    } else if (isSecret(command, args, i)) {
      kept.push(REDACTED);
    } else {
      kept.push(shortenedArgument(args, i));
    }
  }
  return kept;
}

function shortenedArgument(args: Args, i: number): Buffer {
  const start = args.starts[i];
  const length = args.ends[i] - start;
  if (length <= MAX_ARGUMENT_BYTES) return Buffer.from(args.bytes.subarray(start, start + length));
  const more = Buffer.from(`... (${length - MAX_ARGUMENT_BYTES} more bytes)`);
  return Buffer.concat([args.bytes.subarray(start, start + MAX_ARGUMENT_BYTES), more]);
}
