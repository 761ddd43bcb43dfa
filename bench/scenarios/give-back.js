/** Whether memory returns to the system after FLUSHALL and after the deletion of 90 % of the keys. */
import { callOnce } from '../support/client.js';
import { runLoad, sleep } from '../support/load.js';
import { startServer } from '../support/servers.js';

export const title = 'Giving memory back';

const MB = 1024 * 1024;
const mb = (bytes) => `${(bytes / MB).toFixed(0)} MB`;

export async function run({ scale, log }) {
  const keys = Math.round(5_000_000 * scale);
  const table = [];
  const measured = {};
  for (const name of ['redstart', 'redis-server']) {
    const server = await startServer(name);
    try {
      await sleep(1_000);
      const start = server.rss();
      await runLoad('fill', { port: server.port, kind: 'set', to: keys });
      const full = server.rss();
      await callOnce(server.port, 'FLUSHALL');
      const flushed = await lowest(server, 5_000);
      await runLoad('fill', { port: server.port, kind: 'set', to: keys });
      await sleep(2_000);
      const refilled = server.rss();
      await runLoad('fill', { port: server.port, kind: 'del', to: keys });
      const left = await callOnce(server.port, 'DBSIZE');
      const live = ((refilled - start) * left) / keys;
      const thinned = await lowest(server, 30_000);
      measured[name] = { start, flushed, live, thinned };
      table.push([name, ...[start, full, flushed, refilled, live, thinned].map(mb)]);
      log(table.at(-1).join('  '));
    } finally {
      await server.stop();
    }
  }
  const { start, flushed, live, thinned } = measured.redstart;
  const other = measured['redis-server'];
  return {
    rows: [
      {
        what: 'RSS after FLUSHALL of 5 million keys',
        bar: '<= start + 32 MB within 5 s',
        measured: `start + ${mb(flushed - start)} (redis-server + ${mb(other.flushed - other.start)})`,
        pass: flushed <= start + 32 * MB,
      },
      {
        what: 'RSS above start after random deletion of 90 %',
        bar: '<= 1.5 x live + 32 MB within 30 s',
        measured: `${mb(thinned - start)} of ${mb(1.5 * live + 32 * MB)} (live ${mb(live)})`,
        pass: thinned - start <= 1.5 * live + 32 * MB,
      },
    ],
    how: 'VmRSS every 100 ms; live is the share of the keys that are left in what 5 million keys took above the start.',
    table: {
      head: ['server', 'start', 'full', 'after FLUSHALL', 'full again', 'live', 'after deletion of 90 %'],
      body: table,
    },
  };
}

/** The lowest RSS that a server reaches within the time. */
async function lowest(server, withinMs) {
  const end = Date.now() + withinMs;
  let low = server.rss();
  while (Date.now() < end) {
    await sleep(100);
    low = Math.min(low, server.rss());
  }
  return low;
}
