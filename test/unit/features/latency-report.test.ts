import { expect, test } from 'vitest';
import { LatencyEvent } from '../../../src/features/observing/latency-monitor.js';
import { drawLatencies } from '../../../src/features/observing/latency-report.js';

function eventOf(values: readonly number[]): LatencyEvent {
  const event = new LatencyEvent();
  for (const [at, value] of values.entries()) event.add(at, value);
  return event;
}

const LINE = '-'.repeat(80);

test('LATENCY GRAPH draws what Redis draws', () => {
  // redis-server 7.0 after DEBUG SLEEP of so many milliseconds, one a second.
  const values = [10, 20, 60, 35, 12, 48, 27, 55, 10];
  expect(drawLatencies('command', eventOf(values), values.length)).toBe(
    [
      'command - high 60 ms, low 10 ms (all time high 60 ms)',
      LINE,
      '  #  _ o ',
      '  |_ | | ',
      '  || |o| ',
      '_#||_|||_',
      '         ',
      '987654321',
      'sssssssss',
      '',
    ].join('\n'),
  );
  expect(drawLatencies('command', eventOf([10]), 0)).toBe(
    `command - high 10 ms, low 10 ms (all time high 10 ms)\n${LINE}\n \n \n \n_\n \n0\ns\n`,
  );
});

test('LATENCY GRAPH draws more samples than fit in several pictures', () => {
  const lines = drawLatencies('command', eventOf(Array.from({ length: 100 }, (_, i) => i + 1)), 100).split('\n');
  const widths = lines.map((line) => line.length);
  expect(widths.slice(1)).toEqual([80, 80, 80, 80, 80, 80, 80, 80, 80, 0, 20, 20, 20, 20, 20, 20, 20, 20, 0]);
});
