/** Time as the core sees it. The server injects a clock; nothing below it reads the system's. */
export interface Clock {
  /** Milliseconds since the epoch, whole. */
  now(): number;
  /** Calls back once, at or after the given time, in a turn of its own. */
  schedule(atMs: number, callback: () => void): ScheduledCall;
}

/** Elapsed time, to measure what commands take: real time also where the clock is held or moved by hand. */
export interface Stopwatch {
  /** Microseconds since some instant, with fractions. */
  microseconds(): number;
}

/** In the place of the instant at which a command started: nobody measures what it takes. */
export const NOT_TIMED = -1;

export interface ScheduledCall {
  cancel(): void;
}
