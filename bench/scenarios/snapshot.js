/** snapshot() and restore() of the library, with 5 million keys. */
import { runLoad } from '../support/load.js';

export const title = 'snapshot() and restore() in process';

export async function run({ scale, log }) {
  const { seconds, snapshotMs, restoreMs } = await runLoad('snapshots', {
    keys: Math.round(5_000_000 * scale),
    touched: 1_000,
    times: 10,
  });
  log(`filled in ${seconds} s; snapshot ${snapshotMs.join(' ')} ms; restore ${restoreMs.join(' ')} ms`);
  const show = (values) => `worst ${Math.max(...values).toFixed(2)} ms, best ${Math.min(...values).toFixed(2)} ms`;
  return {
    rows: [
      {
        what: 'snapshot() of 5 million keys',
        bar: '<= 1 ms',
        measured: show(snapshotMs),
        pass: Math.max(...snapshotMs) <= 1,
      },
      {
        what: 'restore() after touching 1,000 of them',
        bar: '<= 2 ms',
        measured: show(restoreMs),
        pass: Math.max(...restoreMs) <= 2,
      },
    ],
    how: 'Ten times each, in a process that runs the server and nothing else; 1,000 random keys are SET between the two.',
  };
}
