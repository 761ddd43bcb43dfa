/** p99.9 of single requests from 50 clients, beside redis-server. */
import { median } from '../support/histogram.js';
import { redisBenchmarkPercentile, runLoad } from '../support/load.js';
import { startServer } from '../support/servers.js';

export const title = 'Latency at P=1, 50 clients';

export async function run({ rounds, scale, log }) {
  const requests = Math.round(200_000 * scale);
  const servers = [await startServer('redstart'), await startServer('redis-server')];
  const rows = [];
  try {
    for (const { port } of servers) await runLoad('fill', { port, kind: 'set', to: 100_000 });
    for (const command of ['set', 'get']) {
      const seen = servers.map(() => []);
      for (let round = 0; round <= rounds; round++) {
        for (let turn = 0; turn < servers.length; turn++) {
          const at = (turn + round) % servers.length;
          const args = ['-t', command, '-r', '100000', '-n', `${requests}`];
          const ms = await redisBenchmarkPercentile(servers[at].port, args, 99.9);
          log(`${command} ${servers[at].name} p99.9 ${ms} ms`);
          if (round > 0) seen[at].push(ms);
        }
      }
      const [ours, theirs] = seen.map(median);
      rows.push({
        what: `p99.9 of ${command.toUpperCase()} at P=1, 50 clients`,
        bar: '<= redis-server + 1 ms',
        measured: `${ours.toFixed(2)} ms (redis-server ${theirs.toFixed(2)} ms)`,
        pass: ours <= theirs + 1,
      });
    }
  } finally {
    for (const server of servers) await server.stop();
  }
  return { rows, how: `redis-benchmark's percentile distribution, median of ${rounds} alternating rounds.` };
}
