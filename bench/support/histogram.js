/** Latencies in buckets of 10 µs up to 10 s; the largest are also kept as they are. */
export class Histogram {
  #buckets = new Uint32Array(1_000_001);
  #count = 0;
  #max = 0;

  /** Adds one latency in milliseconds. */
  add(ms) {
    this.#buckets[Math.min(1_000_000, Math.ceil(ms * 100))]++;
    this.#count++;
    if (ms > this.#max) this.#max = ms;
  }

  percentile(fraction) {
    let rest = Math.ceil(this.#count * fraction);
    for (let at = 0; at < this.#buckets.length; at++) {
      rest -= this.#buckets[at];
      if (rest <= 0) return Math.min(at / 100, this.#max);
    }
    return this.#max;
  }

  summary() {
    const [p50, p99, p999] = [0.5, 0.99, 0.999].map((fraction) => this.percentile(fraction));
    return { count: this.#count, p50, p99, p999, max: this.#max };
  }
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
