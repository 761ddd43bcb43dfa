/**
 * Which commands can be asked for over REST, where no request has a connection of its own, and which of them with a
 * read-only token.
 *
 * Not available are those that wait, those about a connection, a transaction or a cluster, and those that stream but
 * for their own paths. Read-only are Redis's category @read without @dangerous (KEYS), and without SCAN: such a token
 * may lie in a web page, whose visitors are to read what the page names and not all there is.
 */
import { categoriesOf } from '../../../engine/categories.js';
import { CommandFlag, type CommandTable, type CompiledCommand } from '../../../engine/command-table.js';
import type { Args } from '../../../protocol/args.js';

const Availability = {
  /** To anyone; with a read-only token only if READS is set too. */
  AVAILABLE: 1,
  READS: 2,
  /** Not with BLOCK. */
  MAY_BLOCK: 4,
} as const;

const CONNECTION_COMMANDS = new Set(['ping', 'echo', 'client|setinfo']);
/** What is neither reading nor writing, and harmless. */
const FOR_READERS = new Set(['ping', 'echo', 'client|setinfo', 'time']);
const LISTS_KEYS = new Set(['scan', 'randomkey']);
const OF_CONNECTIONS = new Set(['connection', 'transactions', 'cluster']);
const STREAMS = new Set(['monitor', 'sync', 'psync', 'replconf']);

export class CommandAvailability {
  private readonly found = new Map<CompiledCommand, number>();
  /** Pipelines repeat themselves. */
  private last: CompiledCommand | undefined;
  private lastBits = 0;

  constructor(private readonly table: CommandTable) {}

  /** Why a command can't be asked for; undefined where it can, or where the engine has more to say about it. */
  objection(args: Args, isReadOnly: boolean): string | undefined {
    let command = this.table.find(args, 0);
    if (command === null) return undefined;
    if (command.subcommands !== null && args.count > 1) command = command.subcommands.find(args, 1) ?? command;
    const bits = command === this.last ? this.lastBits : this.look(command);
    if ((bits & Availability.AVAILABLE) === 0) return notAvailable(command);
    if (isReadOnly && (bits & Availability.READS) === 0) {
      return noPermission(command.fullName);
    }
    if ((bits & Availability.MAY_BLOCK) !== 0 && hasBlock(args)) return notAvailable(command, ' with BLOCK');
    return undefined;
  }

  private look(command: CompiledCommand): number {
    let bits = this.found.get(command);
    if (bits === undefined) {
      bits = availabilityOf(command);
      this.found.set(command, bits);
    }
    this.last = command;
    this.lastBits = bits;
    return bits;
  }
}

function availabilityOf({ fullName, flags, row, run }: CompiledCommand): number {
  const { AVAILABLE, READS, MAY_BLOCK } = Availability;
  // A container by itself: what is wrong the engine says.
  if (run === undefined) return AVAILABLE | READS;
  if (CONNECTION_COMMANDS.has(fullName)) return AVAILABLE | READS;
  const isStream = row.group === 'stream';
  const waits = (flags & CommandFlag.BLOCKING) !== 0 && !isStream;
  const streams = (flags & CommandFlag.FOR_SUBSCRIBERS) !== 0 || STREAMS.has(fullName);
  if (waits || streams || OF_CONNECTIONS.has(row.group)) return 0;
  const mayBlock = (flags & CommandFlag.BLOCKING) !== 0 ? MAY_BLOCK : 0;
  return AVAILABLE | mayBlock | (reads(fullName, row) ? READS : 0);
}

function reads(fullName: string, row: CompiledCommand['row']): boolean {
  if (FOR_READERS.has(fullName)) return true;
  const categories = categoriesOf(row);
  return categories.includes('@read') && !categories.includes('@dangerous') && !LISTS_KEYS.has(fullName);
}

/** Of XREAD and XREADGROUP. */
function hasBlock(args: Args): boolean {
  for (let i = 1; i < args.count && !args.is(i, 'STREAMS'); i++) {
    if (args.is(i, 'BLOCK')) return true;
    if (args.is(i, 'GROUP')) i += 2;
    else if (args.is(i, 'COUNT')) i++;
  }
  return false;
}

function notAvailable({ fullName }: CompiledCommand, how = ''): string {
  return `ERR Command is not available: '${fullName.replace('|', ' ').toUpperCase()}'${how}`;
}

/** What Upstash says where a token's rights end. */
export function noPermission(command: string): string {
  return `NOPERM this user has no permissions to run the '${command}' command`;
}
