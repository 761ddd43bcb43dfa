/**
 * Rates of the recent past, from counters that are looked at ten times a second: the mean of the last samples, as INFO
 * shows it.
 */

const SAMPLES = 16;

export class Rate {
  private readonly samples: number[] = [];
  private lastCount = 0;
  private lastAtMs: number;

  constructor(nowMs: number) {
    this.lastAtMs = nowMs;
  }

  sample(count: number, nowMs: number): void {
    const elapsedMs = nowMs - this.lastAtMs;
    if (elapsedMs <= 0) return;
    this.samples.push(((count - this.lastCount) * 1000) / elapsedMs);
    if (this.samples.length > SAMPLES) this.samples.shift();
    this.lastCount = count;
    this.lastAtMs = nowMs;
  }

  get perSecond(): number {
    return this.samples.reduce((sum, sample) => sum + sample, 0) / SAMPLES;
  }

  /** The counter began anew. */
  reset(): void {
    this.samples.length = 0;
    this.lastCount = 0;
  }
}
