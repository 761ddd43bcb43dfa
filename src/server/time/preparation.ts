/** What is done beforehand, some time after the start, while nothing else happens. */

import { setTimer } from '../../net/timers.js';

/** Between two looks at whether something has happened. */
const QUIET_MS = 100;
/** Who never rests does not get it. */
const MOST_LOOKS = 100;

export interface Preparation {
  /** Steps of some milliseconds each, which are pauses for what arrives in between. */
  steps: Iterator<void>;
  /** Counts what arrives. */
  arrived: () => number;
  isOver: () => boolean;
  /** Takes what a step throws. */
  failed: (error: unknown) => void;
}

export function prepareWhenQuiet({ steps, arrived, isOver, failed }: Preparation): void {
  let before = arrived();
  let looks = 0;
  const look = () => {
    if (isOver()) return;
    const now = arrived();
    const isQuiet = now === before;
    before = now;
    try {
      if (isQuiet && steps.next().done === true) return;
    } catch (error) {
      failed(error);
      return;
    }
    if (++looks < MOST_LOOKS) setTimer(look, QUIET_MS).unref();
  };
  setTimer(look, QUIET_MS).unref();
}
