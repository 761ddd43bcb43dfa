/** A million keys that all fall due in one millisecond. */
import { connect, infoField } from '../support/client.js';
import { latencyRow, machineFloor } from '../support/floor.js';
import { median } from '../support/histogram.js';
import { runLoad, sleep, startLoad } from '../support/load.js';
import { OWN_TIME } from '../support/report.js';
import { startServer } from '../support/servers.js';

export const title = 'Expiry storm';

const RUNS = 5;

export async function run({ scale, log }) {
  const keys = Math.round(1_000_000 * scale);
  const table = [];
  const longest = { redstart: [], 'redis-server': [] };
  const gone = { redstart: [], 'redis-server': [] };
  for (const name of Array.from({ length: RUNS }, () => Object.keys(longest)).flat()) {
    const server = await startServer(name);
    const client = await connect(server.port);
    try {
      const at = Date.now() + 15_000;
      await runLoad('fill', { port: server.port, kind: 'setat', at, to: keys });
      if (Date.now() > at - 2_500) throw new Error('filling took too long');
      await sleep(at - Date.now() - 2_000);
      const probe = startLoad('probe', {
        port: server.port,
        pid: server.pid,
        connections: [{ name: 'ping', kind: 'ping' }],
      });
      await probe.ready;
      await sleep(at - Date.now() - 1);
      let goneMs;
      while (goneMs === undefined && Date.now() < at + 30_000) {
        if ((await client.call('DBSIZE')) === 0 && Number(await infoField(client, 'expired_keys')) === keys) {
          goneMs = Date.now() - at;
        } else {
          await sleep(20);
        }
      }
      await sleep(200);
      const { ping } = await probe.stop();
      log(`${name} longest: ${JSON.stringify(ping.longest)}`);
      longest[name].push(ping.own.max);
      gone[name].push(goneMs ?? 30_000);
      table.push([
        name,
        goneMs ?? '> 30000',
        ...[ping.p99, ping.p999, ping.max, ping.own.max].map((ms) => ms.toFixed(2)),
      ]);
    } finally {
      client.close();
      await server.stop();
    }
  }
  const floor = await machineFloor(15);
  return {
    rows: [
      latencyRow(
        'PING while 1 million keys fall due in the same millisecond',
        10,
        longest.redstart,
        floor,
        `; redis-server ${median(longest['redis-server']).toFixed(1)} ms`,
      ),
      {
        what: 'all of them gone and counted in expired_keys',
        bar: '<= 3 s',
        measured: `${gone.redstart.join(', ')} ms (redis-server ${gone['redis-server'].join(', ')} ms)`,
        pass: Math.max(...gone.redstart) <= 3_000,
      },
    ],
    how: `${OWN_TIME} ${RUNS} alternating runs. One connection pings back to back from a process of its own; DBSIZE and expired_keys are asked every 20 ms.`,
    table: { head: ['server', 'all gone after ms', 'PING p99 ms', 'p99.9 ms', 'max ms', 'own max ms'], body: table },
  };
}
