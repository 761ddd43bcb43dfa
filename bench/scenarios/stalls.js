/** The longest PING while a server grows to 10 million keys at a steady rate. */
import { latencyRow, machineFloor } from '../support/floor.js';
import { median } from '../support/histogram.js';
import { runLoad, startLoad } from '../support/load.js';
import { OWN_TIME } from '../support/report.js';
import { startServer } from '../support/servers.js';

export const title = 'Stalls while growing';

const RUNS = 3;

// A third of what the server can take: writer, probe and server share two cores, and the probe must get its own.
const RATE = 250_000;
const PING = [{ name: 'ping', kind: 'ping' }];

export async function run({ scale, log }) {
  const keys = Math.round(10_000_000 * scale);
  const table = [];
  const longest = { redstart: [], 'redis-server': [] };
  const seconds = { redstart: [], 'redis-server': [] };
  for (const name of Array.from({ length: RUNS }, () => Object.keys(longest)).flat()) {
    const server = await startServer(name);
    try {
      const idle = startLoad('probe', { port: server.port, pid: server.pid, connections: PING });
      await idle.ready;
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      const quiet = (await idle.stop()).ping;
      const probe = startLoad('probe', { port: server.port, pid: server.pid, connections: PING });
      await probe.ready;
      await runLoad('fill', { port: server.port, kind: 'set', to: keys, rate: RATE });
      const { ping } = await probe.stop();
      log(`${name} longest: ${JSON.stringify(ping.longest)}`);
      longest[name].push(ping.own.max);
      seconds[name].push(ping.seconds);
      table.push([
        name,
        ...[ping.p50, ping.p99, ping.p999, ping.max, ping.own.max, quiet.own.max].map((ms) => ms.toFixed(2)),
        ping.count,
      ]);
    } finally {
      await server.stop();
    }
  }
  const floor = await machineFloor(Math.max(1, Math.round(keys / RATE)));
  const again = Object.entries(seconds).map(([name, runs]) => `${name} ${recurring(runs).toFixed(1)} ms`);
  const remark = `; redis-server ${median(longest['redis-server']).toFixed(1)} ms; at the same place in all runs: ${again.join(', ')}`;
  return {
    rows: [latencyRow('longest stall growing to 10 million keys', 5, longest.redstart, floor, remark)],
    how: `${OWN_TIME} ${RUNS} alternating runs. One connection pings back to back from a process of its own while another writes ${RATE.toLocaleString('en')} keys a second.`,
    table: {
      head: ['server', 'p50 ms', 'p99 ms', 'p99.9 ms', 'max ms', 'own max ms', 'own max ms when idle', 'pings'],
      body: table,
    },
  };
}

/**
 * The longest stall that comes at the same number of keys in every run, to a second: growth is steady, so what a
 * structure or its memory does at some size comes back there, and what the machine does now and then does not.
 */
function recurring(runs) {
  const length = Math.min(...runs.map((seconds) => seconds.length));
  let longest = 0;
  for (let second = 0; second < length; second++) {
    const around = runs.map((seconds) => Math.max(...seconds.slice(Math.max(0, second - 1), second + 2)));
    longest = Math.max(longest, Math.min(...around));
  }
  return longest;
}
