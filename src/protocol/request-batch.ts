import { Args } from './args.js';

/** As many as a pipeline has in most benchmarks, and of which a processor can wait for the keys at the same time. */
export const REQUESTS_AHEAD = 16;

/** Requests of a pipeline that are decoded before the first of them runs. */
export class RequestBatch {
  readonly requests: readonly Args[] = Array.from({ length: REQUESTS_AHEAD }, () => new Args());
  /** Where each of them begins in the decoder's chunk. */
  readonly starts = new Int32Array(REQUESTS_AHEAD);
  count = 0;
  /** How many have been run. */
  done = 0;

  /** The one that was run last. */
  get last(): Args {
    return this.requests[Math.max(0, this.done - 1)];
  }

  clear(): void {
    this.count = 0;
    this.done = 0;
  }
}
