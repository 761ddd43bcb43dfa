/** PING beside one connection that keeps a pipeline of 10,000 commands going. */
import { sleep, startLoad } from '../support/load.js';
import { OWN_TIME } from '../support/report.js';
import { startServer } from '../support/servers.js';

export const title = 'Fairness';

export async function run({ scale, log }) {
  const table = [];
  for (const name of ['redstart', 'redis-server']) {
    const server = await startServer(name);
    try {
      const greedy = startLoad('greedy', { port: server.port, depth: 10_000 });
      await greedy.ready;
      const probe = startLoad('probe', {
        port: server.port,
        pid: server.pid,
        connections: [{ name: 'ping', kind: 'ping' }],
        pauseMs: 1,
      });
      await probe.ready;
      await sleep(Math.max(1_000, 10_000 * scale));
      const { ping } = await probe.stop();
      const { perSecond } = await greedy.stop();
      log(`${name} p99 ${ping.p99} ms, ${perSecond} commands a second`);
      table.push([
        name,
        ...[ping.p50, ping.p99, ping.own.p99, ping.p999, ping.max].map((ms) => ms.toFixed(2)),
        ping.count,
        perSecond,
      ]);
    } finally {
      await server.stop();
    }
  }
  return {
    rows: [
      {
        what: 'p99 of PING beside one endless pipeline of P=10,000',
        bar: '<= 5 ms',
        measured: `${table[0][3]} ms (redis-server ${table[1][3]} ms)`,
        pass: Number(table[0][3]) <= 5,
      },
    ],
    how: `${OWN_TIME} The greedy connection sends its next 10,000 SETs as soon as the last reply is in, with one batch always on its way; a PING every millisecond from a process of its own.`,
    table: {
      head: ['server', 'p50 ms', 'p99 ms', 'own p99 ms', 'p99.9 ms', 'max ms', 'pings', 'greedy commands/s'],
      body: table,
    },
  };
}
