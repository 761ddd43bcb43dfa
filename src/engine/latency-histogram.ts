/**
 * How long the calls of one command took: counts in buckets that are at most 1/128 of their value wide, from a
 * nanosecond to a second. Recording costs some nanoseconds, and the memory grows only as far as the longest call needs.
 */

/** Values below this have a bucket each; above, each power of two is divided into half as many. */
const SINGLE_BUCKETS = 256;
const HALF_BITS = 7;
const HALF = 1 << HALF_BITS;
const LONGEST = 1_000_000_000;
/** INFO and LATENCY HISTOGRAM draw lines at this many ns and its doubles: about a microsecond. */
const FIRST_LINE = 1024;

const COUNTS_AT_FIRST = 8 * HALF;

export class LatencyHistogram {
  total = 0;
  private counts = new Float64Array(COUNTS_AT_FIRST);

  /** `times` calls of so many nanoseconds. */
  record(nanoseconds: number, times = 1): void {
    const index = indexOf(Math.min(Math.max(Math.round(nanoseconds), 1), LONGEST));
    if (index >= this.counts.length) {
      const counts = new Float64Array((((index >> HALF_BITS) + 2) << HALF_BITS) | 0);
      counts.set(this.counts);
      this.counts = counts;
    }
    this.counts[index] += times;
    this.total += times;
  }

  /** The nanoseconds that so many per cent of the calls did not exceed; 0 without calls. */
  percentile(percent: number): number {
    if (this.total === 0) return 0;
    const wanted = Math.max(1, Math.floor((percent / 100) * this.total + 0.5));
    let count = 0;
    for (let index = 0; index < this.counts.length; index++) {
      count += this.counts[index];
      if (count >= wanted) return highestOf(index);
    }
    return LONGEST;
  }

  /**
   * At microseconds that double from line to line: how many calls took at most so long. Only lines where that number
   * grows.
   */
  cumulative(): [microseconds: number, calls: number][] {
    const lines: [number, number][] = [];
    let count = 0;
    let index = 0;
    for (let line = FIRST_LINE; count < this.total; line *= 2) {
      const before = count;
      const end = Math.min(indexOf(line), this.counts.length - 1);
      for (; index <= end; index++) count += this.counts[index];
      if (count > before) lines.push([Math.floor(highestOf(indexOf(line)) / 1000), count]);
    }
    return lines;
  }
}

/** Of an integer from 0 to 2^30. */
function indexOf(value: number): number {
  const bucket = 24 - Math.clz32(value | (SINGLE_BUCKETS - 1));
  return ((bucket + 1) << HALF_BITS) + ((value >> bucket) - HALF);
}

/** The largest value that the bucket at an index holds. */
function highestOf(index: number): number {
  const bucket = (index >> HALF_BITS) - 1;
  if (bucket < 0) return index;
  return (((index & (HALF - 1)) + HALF + 1) << bucket) - 1;
}
