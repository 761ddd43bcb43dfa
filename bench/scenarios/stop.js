/** stop() after 10,000 clients connected and reset their connections. */
import { runLoad } from '../support/load.js';

export const title = 'stop() after resets';

export async function run({ scale, log }) {
  const connections = Math.round(10_000 * scale);
  // A process that something keeps alive after stop() is killed at the limit, which counts as a failure.
  const { stopMs, left } = await runLoad('resets', { connections }, 120_000);

  log(`stop() ${stopMs.toFixed(1)} ms, left: ${left.join(', ') || 'nothing'}`);
  return {
    rows: [
      {
        what: 'stop() after 10,000 connects and resets',
        bar: 'resolves, nothing left',
        measured: `resolved in ${stopMs.toFixed(1)} ms; left: ${left.join(', ') || 'nothing'}`,
        pass: left.length === 0,
      },
    ],
    how: 'Server and clients in one process; half of the connections are reset right after connect, half after a command. Left: what process.getActiveResourcesInfo() names beyond what was there before.',
  };
}
