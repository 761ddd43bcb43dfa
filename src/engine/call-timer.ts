/**
 * Who measures what calls take. The engine asks by one comparison for a command that needs no reading of the clock;
 * without a timer nothing takes any time.
 */

import type { Args } from '../protocol/args.js';
import type { Client } from './client.js';
import { NOT_TIMED } from './clock.js';
import type { CompiledCommand } from './command-table.js';

export interface CallTimer {
  /** What a command's `interval` is if it needs no timing of its own now. */
  readonly interval: number;
  /** Before a command whose interval is another. @returns when it starts, for stop(), or NOT_TIMED */
  meet(command: CompiledCommand): number;
  /**
   * A command that was not to be timed is about to take long. @returns when that starts, or NOT_TIMED if it is timed
   * already
   */
  leave(command: CompiledCommand): number;
  /** After a command that is timed; its call is counted already. */
  stop(client: Client, command: CompiledCommand, args: Args, startedAt: number): void;
  /** Before a waiter's command runs again, which may be outside of any turn. */
  startWaiter(): number;
  /** After it, if the wait is over; the call was counted when it began. */
  stopWaiter(client: Client, command: CompiledCommand, args: Args, startedAt: number): void;
  resetStatistics(): void;
}

export const NO_TIMER: CallTimer = {
  // What every command's interval is that has met no timer.
  interval: 0,
  meet: () => NOT_TIMED,
  leave: () => NOT_TIMED,
  stop() {},
  startWaiter: () => NOT_TIMED,
  stopWaiter() {},
  resetStatistics() {},
};
