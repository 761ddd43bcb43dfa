/**
 * Faults of our own code outside of commands: what a callback of a socket or a timer throws ends here, so that it costs
 * one connection or one slice of work, never the process. Each is counted (INFO shows `internal_errors`), and told once
 * with its stack. Memory that was refused is no fault, but ends the same way.
 */

import type { Logger } from '../engine/logger.js';
import { isRefusedMemory } from '../memory/system-memory.js';

/** So many different faults are remembered as told. */
const MOST_TOLD = 64;

export class Faults {
  count = 0;
  private readonly told = new Set<string>();

  constructor(private readonly logger: Logger) {}

  /** Something was thrown; `where` says what is given up because of it. */
  readonly caught = (error: unknown, where: string): void => {
    const isMemory = isRefusedMemory(error);
    if (!isMemory) this.count++;
    const text = isMemory
      ? `Out of memory, ${where}: ${(error as Error).message}`
      : `Internal error, ${where}: ${(error as Error)?.stack ?? error}`;
    if (this.told.has(text) || this.told.size === MOST_TOLD) return;
    this.told.add(text);
    this.logger.error(text);
  };

  /** Runs a piece of work that may fail without what comes after it. */
  attempt(where: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.caught(error, where);
    }
  }
}
