/**
 * LATENCY's memory: for each kind of delay the last samples above `latency-monitor-threshold`, at most one a second
 * (the worst).
 */

import { defaultOf } from '../../config/binding.js';

const SAMPLES_KEPT = 160;

export interface LatencySample {
  /** Unix seconds. */
  readonly at: number;
  milliseconds: number;
}

export class LatencyEvent {
  /** Oldest first. */
  readonly samples: LatencySample[] = [];
  worst = 0;

  add(at: number, milliseconds: number): void {
    this.worst = Math.max(this.worst, milliseconds);
    const last = this.samples.at(-1);
    if (last?.at === at) {
      last.milliseconds = Math.max(last.milliseconds, milliseconds);
      return;
    }
    this.samples.push({ at, milliseconds });
    if (this.samples.length > SAMPLES_KEPT) this.samples.shift();
  }
}

export class LatencyMonitor {
  /** Milliseconds; 0 watches nothing. */
  threshold = defaultOf('latency-monitor-threshold');
  readonly events = new Map<string, LatencyEvent>();

  constructor(private readonly nowMs: () => number) {}

  /** Something held everybody up for so long: kept if that is worth it. */
  sample(name: string, milliseconds: number): void {
    if (this.threshold === 0 || milliseconds < this.threshold) return;
    let event = this.events.get(name);
    if (event === undefined) this.events.set(name, (event = new LatencyEvent()));
    event.add(Math.floor(this.nowMs() / 1000), Math.floor(milliseconds));
  }

  /** Forgets one kind of delay; returns whether there was any. */
  reset(name: string): boolean {
    return this.events.delete(name);
  }

  resetAll(): number {
    const { size } = this.events;
    this.events.clear();
    return size;
  }
}
