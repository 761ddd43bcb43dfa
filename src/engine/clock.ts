/** Time as the core sees it. The server injects a clock; nothing below it reads the system's. */
export interface Clock {
  /** Milliseconds since the epoch, whole. */
  now(): number;
  /** Calls back once, at or after the given time, in a turn of its own. */
  schedule(atMs: number, callback: () => void): ScheduledCall;
}

export interface ScheduledCall {
  cancel(): void;
}
