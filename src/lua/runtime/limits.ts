/** What a script may take of time and memory: the host is asked from time to time, and throws if it was too much. */

/** What runs scripts. Either function can throw a Kill or an OutOfMemory. */
export interface Host {
  /** Called some thousand times a second while Lua runs. */
  poll(): void;
  /** Called after each 16 MB or so that Lua has taken, and before it takes so many bytes at once. */
  checkMemory(pendingBytes: number): void;
  /** Below 1 where memory is scarce: both are called after such a share of what they are called after elsewhere. */
  readonly patience?: number;
  /** The host's stack is full: throws BeginAgain if the run can be begun anew, in a form that needs less of it. */
  stackIsFull?(): void;
  /** What Lua takes, in bytes, as nearly as that is known. */
  memoryUsed(): number;
}

/** Iterations and calls between two polls. */
const TICKS_PER_POLL = 20_000;
const BYTES_PER_CHECK = 16 * 1024 * 1024;

/** Buffers of the libraries, which lie outside of the host's heap and are nowhere counted but here. */
export const outside = { bytes: 0 };

/** What a library keeps from one call to the next while a script runs: the latest long text that was searched. */
export const untilEnd = { subject: undefined as unknown };

let charged = 0;
/** While nobody runs Lua, and where it is used by itself. */
const NOBODY: Host = { poll() {}, checkMemory() {}, memoryUsed: () => charged };
let host = NOBODY;
let ticksPerPoll = TICKS_PER_POLL;
let bytesPerCheck = BYTES_PER_CHECK;
let ticks = TICKS_PER_POLL;

export function setHost(newHost: Host | null): void {
  host = newHost ?? NOBODY;
  const { patience = 1 } = host;
  ticksPerPoll = Math.ceil(TICKS_PER_POLL * patience);
  bytesPerCheck = BYTES_PER_CHECK * patience;
  if (untilEnd.subject !== undefined) untilEnd.subject = undefined;
}

/** Counts an iteration of a loop within a library's function. */
export function tick(): void {
  if (--ticks < 0) {
    ticks = ticksPerPoll;
    host.poll();
  }
}

/** For compiled code, which counts for itself: polls, and says how often it may count until the next time. */
export function poll(): number {
  host.poll();
  return ticksPerPoll;
}

export function stackIsFull(): void {
  host.stackIsFull?.();
}

export function memoryUsed(): number {
  return host.memoryUsed();
}

/** Counts what is about to be allocated, where that can be more than a kilobyte. */
export function charge(bytes: number): void {
  charged += bytes;
  if (charged < bytesPerCheck) return;
  charged = 0;
  host.checkMemory(bytes);
}

/** Values of 8 bytes each that are too few to be counted. */
const FEW_VALUES = 64;

/** Counts a list of values. */
export function chargeValues(count: number): void {
  if (count > FEW_VALUES) charge(count * 8);
}

/** Longer strings may be in pieces, which the host joins, in as much memory again, when it first looks into them. */
const LONG_STRING = 1024 * 1024;

/** Counts what a string takes that is about to be looked into. */
export function chargeIfLong(text: string): void {
  if (text.length > LONG_STRING) charge(text.length);
}
