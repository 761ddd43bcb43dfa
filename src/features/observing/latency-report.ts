/** What LATENCY GRAPH draws and LATENCY DOCTOR says. */

import type { LatencyEvent, LatencyMonitor } from './latency-monitor.js';

const COLUMNS = 80;
const ROWS = 4;
/** The upper end of a column; below it are bars. */
const TIPS = ['_', 'o', '#'];
const BAR = '|';
const STEPS = ROWS * TIPS.length;

/**
 * A column a sample, oldest first, the height by its milliseconds; below, read downwards, how long ago it was. As Redis
 * draws it.
 */
export function drawLatencies(name: string, { samples, worst }: LatencyEvent, nowSeconds: number): string {
  const values = samples.map(({ milliseconds }) => milliseconds);
  const [high, low] = [Math.max(...values), Math.min(...values)];
  const title = `${name} - high ${high} ms, low ${low} ms (all time high ${worst} ms)`;
  const range = Math.max(high - low, 1);
  const columns = samples.map(({ at, milliseconds }) => {
    const step = Math.min(Math.floor(((milliseconds - low) * STEPS) / range), STEPS - 1);
    const tip = Math.floor(step / TIPS.length);
    return {
      cells: Array.from({ length: ROWS }, (_, row) => (row > tip ? ' ' : row === tip ? TIPS[step % TIPS.length] : BAR)),
      age: ageText(nowSeconds - at),
    };
  });
  const lines = [title, '-'.repeat(COLUMNS)];
  for (let from = 0; from < columns.length; from += COLUMNS) {
    const shown = columns.slice(from, from + COLUMNS);
    if (from > 0) lines.push('');
    for (let row = ROWS - 1; row >= 0; row--) lines.push(shown.map(({ cells }) => cells[row]).join(''));
    lines.push(' '.repeat(shown.length));
    for (let row = 0; shown.some(({ age }) => row < age.length); row++) {
      lines.push(shown.map(({ age }) => age[row] ?? ' ').join(''));
    }
  }
  return `${lines.join('\n')}\n`;
}

function ageText(seconds: number): string {
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86400)}d`;
}

const ADVICE: Readonly<Record<string, string>> = {
  command:
    'A command of linear or worse cost ran on much data: SLOWLOG GET shows which. Take SCAN and its like in place of KEYS, and ' +
    'ranges in place of whole collections.',
  'fast-command':
    'A command that should be fast was not: its arguments or its reply were large, or the machine was busy with something else.',
  'command-unblocking': 'Clients that waited were served with much data at once.',
  'expire-cycle': 'Many keys fell due at the same time: give them deadlines that differ by some seconds.',
  'eviction-cycle': 'Memory was full and many keys had to go: raise `maxmemory`, or write less at once.',
};

export function explainLatencies({ threshold, events }: LatencyMonitor): string {
  if (threshold === 0 && events.size === 0) {
    return 'Nothing is watched: set `latency-monitor-threshold` to the milliseconds that a delay may last.\n';
  }
  if (events.size === 0) return `No latency above ${threshold} ms has been seen.\n`;
  const lines = [...events].map(([name, { samples, worst }], index) => {
    const values = samples.map(({ milliseconds }) => milliseconds);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = values.reduce((sum, value) => sum + Math.abs(value - mean), 0) / values.length;
    const times = values.length === 1 ? '1 latency spike' : `${values.length} latency spikes`;
    return (
      `${index + 1}. ${name}: ${times}, ${Math.round(mean)} ms on average, mean deviation ${Math.round(deviation)} ms, ` +
      `worst of all time ${worst} ms.`
    );
  });
  const advice = [...events.keys()].flatMap((name) => ADVICE[name] ?? []).map((text) => `- ${text}`);
  return `${['Latency spikes have been seen:', '', ...lines, '', ...advice].join('\n')}\n`;
}
