import type { OutputBufferLimit } from '../config/value-types.js';

const MS_PER_SECOND = 1000;

/** Whether a client that does not read is owed too much, or much for too long (`client-output-buffer-limit`). */
export class OutputLimit {
  /** When it went over the soft limit. */
  private overSoftSinceMs = Number.POSITIVE_INFINITY;

  /** Time is running out for it. */
  get isOverSoft(): boolean {
    return this.overSoftSinceMs !== Number.POSITIVE_INFINITY;
  }

  /** Whether so many bytes, which it is owed now, are too many. To be asked when they become fewer as well. */
  isExceededBy(bytes: number, { hardBytes, softBytes, softSeconds }: OutputBufferLimit, nowMs: number): boolean {
    if (softBytes === 0 || bytes < softBytes) this.overSoftSinceMs = Number.POSITIVE_INFINITY;
    else this.overSoftSinceMs = Math.min(this.overSoftSinceMs, nowMs);
    return (hardBytes > 0 && bytes >= hardBytes) || nowMs - this.overSoftSinceMs > softSeconds * MS_PER_SECOND;
  }
}
