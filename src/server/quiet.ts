/** Waiting until what clients of this process have sent is there and done with. */
import { isNode } from './runtime.js';
import { nextTurn, performanceNow, setTimer } from './time/timers.js';

/**
 * What a client library is asked to send passes through its own queues first, and what arrives is one turn of the event
 * loop later readable: node-redis takes two turns, a connection that is being made some more, each with something that
 * arrives.
 */
const QUIET_TURNS = 6;
/** Where turns say nothing about what has arrived, each is given some time. */
const TURN_MS = 1;

export interface QuietOptions {
  isOver: () => boolean;
  /** Something that has arrived is still to be run or answered. */
  isBusy: () => boolean;
  /** Counts what arrives. */
  arrived: () => number;
  /** Gives up after so long. */
  mostMs: number;
}

export async function untilQuiet({ isOver, isBusy, arrived, mostMs }: QuietOptions): Promise<void> {
  const endsAtMs = performanceNow() + mostMs;
  let before = arrived();
  for (let quietTurns = 0; quietTurns < QUIET_TURNS && !isOver(); quietTurns++) {
    await (isNode ? nextTurn() : new Promise((resolve) => setTimer(resolve, TURN_MS)));
    const now = arrived();
    if (now !== before || isBusy()) quietTurns = -1;
    before = now;
    if (performanceNow() > endsAtMs) return;
  }
}
