import { describe, expect, test } from 'vitest';
import { LatencyHistogram } from '../../../src/engine/latency-histogram.js';

describe('LatencyHistogram', () => {
  test('tells percentiles as the upper end of a bucket, at most 1/128 above the truth', () => {
    const histogram = new LatencyHistogram();
    expect(histogram.percentile(50)).toBe(0);
    histogram.record(0);
    expect(histogram.percentile(50)).toBe(1);
    histogram.record(1000, 3);
    expect(histogram.percentile(50)).toBe(1003);
    histogram.record(83_000);
    expect(histogram.percentile(100)).toBe(83_455);
    for (let nanoseconds = 1; nanoseconds < 1e9; nanoseconds = Math.ceil(nanoseconds * 1.7)) {
      const single = new LatencyHistogram();
      single.record(nanoseconds);
      const told = single.percentile(99.9);
      expect(told).toBeGreaterThanOrEqual(nanoseconds);
      expect(told).toBeLessThanOrEqual(nanoseconds * (1 + 1 / 128));
    }
  });

  test('clamps what is longer than a second', () => {
    const histogram = new LatencyHistogram();
    histogram.record(5e9);
    expect(histogram.percentile(50)).toBeGreaterThanOrEqual(1e9);
    expect(histogram.percentile(50)).toBeLessThan(1.01e9);
  });

  test('sums up at doubling microseconds, as LATENCY HISTOGRAM shows them', () => {
    const histogram = new LatencyHistogram();
    expect(histogram.cumulative()).toEqual([]);
    for (const microseconds of [0.2, 1, 3, 3, 30, 60, 3000]) histogram.record(microseconds * 1000);
    expect(histogram.cumulative()).toEqual([
      [1, 2],
      [4, 4],
      [33, 5],
      [66, 6],
      [4227, 7],
    ]);
  });
});
