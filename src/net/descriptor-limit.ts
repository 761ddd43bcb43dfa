/**
 * How many files and sockets this process may have open, and how many clients that leaves room for.
 *
 * Clients never get all of them: saving, the log, what INFO reads from the system, and a connection that is accepted
 * only to be told that there is no room need some. Node has raised the soft limit to the hard one when it started.
 */
import { readdirSync, readFileSync } from 'node:fs';

/** What redis-server keeps from its clients: who knows its arithmetic finds the same maxclients. */
const RESERVED = 32;
/**
 * Beside what is open when the server starts: its listeners, a file that is saved, its directory, a log, and refused
 * connections.
 */
const RESERVED_BESIDE_OPEN = 12;

export interface DescriptorLimit {
  /** Infinity where there is none, or where the system does not tell. */
  readonly most: number;
  /** How many of them are not for clients. */
  readonly reserved: number;
}

export function readDescriptorLimit(): DescriptorLimit {
  const most = mostDescriptors();
  if (most === Number.POSITIVE_INFINITY) return { most, reserved: RESERVED };
  return { most, reserved: Math.max(RESERVED, openDescriptors() + RESERVED_BESIDE_OPEN) };
}

/** What `maxclients` can be at most; below 1 there is no room for a server. */
export function mostClients({ most, reserved }: DescriptorLimit): number {
  return most - reserved;
}

function mostDescriptors(): number {
  if (process.platform === 'win32') return Number.POSITIVE_INFINITY;
  return limitFromProc() ?? limitFromReport() ?? Number.POSITIVE_INFINITY;
}

function limitFromProc(): number | undefined {
  try {
    return numberOf(/^Max open files +(\S+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1]);
  } catch {
    return undefined;
  }
}

/** Where there is no /proc: Node's diagnostic report tells it too, in some milliseconds. */
function limitFromReport(): number | undefined {
  const report = process.report?.getReport() as
    | { userLimits?: { open_files?: { soft?: number | string } } }
    | undefined;
  const soft = report?.userLimits?.open_files?.soft;
  return soft === undefined ? undefined : numberOf(String(soft));
}

function numberOf(text: string | undefined): number | undefined {
  if (text === 'unlimited') return Number.POSITIVE_INFINITY;
  const value = Number.parseInt(text ?? '', 10);
  return Number.isNaN(value) ? undefined : value;
}

function openDescriptors(): number {
  for (const directory of ['/proc/self/fd', '/dev/fd']) {
    try {
      return readdirSync(directory).length;
    } catch {
      // This system has no such directory.
    }
  }
  return 0;
}
