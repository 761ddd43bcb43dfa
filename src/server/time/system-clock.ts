/** The machine's clock. */
import type { Clock, ScheduledCall, Stopwatch } from '../../engine/clock.js';
import { clearTimer, clearTurn, dateNow, performanceNow, setTimer, setTurn } from '../../net/timers.js';

/** setTimeout takes an int32; anything larger would fire at once. */
const MAX_DELAY_MS = 2 ** 31 - 1;

export const systemStopwatch: Stopwatch = { microseconds: () => performanceNow() * 1000 };

export class SystemClock implements Clock {
  constructor(
    /** A clock that is not `ref` keeps no process alive. */
    private readonly ref = false,
    /** Called with what a callback throws; without it the error reaches the process. */
    private readonly onFault?: (error: unknown) => void,
  ) {}

  now(): number {
    return dateNow();
  }

  schedule(atMs: number, work: () => void): ScheduledCall {
    const callback = this.onFault === undefined ? work : () => this.attempt(work);
    // Already due: in the next turn. A timer would take a millisecond, which work in slices has to wait for each time.
    if (atMs <= dateNow()) {
      const turn = setTurn(callback);
      return { cancel: () => clearTurn(turn) };
    }
    let timer: NodeJS.Timeout;
    const arm = () => {
      timer = setTimer(fire, Math.min(Math.max(Math.ceil(atMs - dateNow()), 0), MAX_DELAY_MS));
      if (!this.ref) timer.unref();
    };
    const fire = () => {
      // A timer runs on the monotonic clock: it may be early by the wall clock's measure, and a clamped one always is.
      if (dateNow() < atMs) arm();
      else callback();
    };
    arm();
    return { cancel: () => clearTimer(timer) };
  }

  private attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.onFault?.(error);
    }
  }
}
