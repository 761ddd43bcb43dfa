/** 10,000 idle connections, and 10,000 that asked for replies and do not read them. */
import { callOnce } from '../support/client.js';
import { runLoad, sleep, startLoad } from '../support/load.js';
import { startServer } from '../support/servers.js';

export const title = 'Many connections';

const OWED = 64 * 1024 * 4;
const kb = (bytes) => `${(bytes / 1024).toFixed(1)} KB`;

export async function run({ scale, log }) {
  const count = Math.round(10_000 * scale);
  const table = [];
  let ours;
  for (const name of ['redstart', 'redis-server']) {
    const idle = await hold(name, { count, requests: 0 }, log);
    const slow = await hold(name, { count, requests: 4 }, log);
    table.push([name, idle.held, kb(idle.each), slow.held, kb(slow.each), slow.pingMs.toFixed(2)]);
    if (name === 'redstart') ours = { idle, slow };
  }
  const limit = 64 * 1024;
  return {
    rows: [
      {
        what: '10,000 idle connections',
        bar: 'held; <= 64 KiB each',
        measured: `${ours.idle.held} held, ${kb(ours.idle.each)} each (redis-server ${table[1][2]})`,
        pass: ours.idle.held === count && ours.idle.each <= limit,
      },
      {
        what: `10,000 slow readers, each owed ${kb(OWED)}`,
        bar: 'held; <= their output + 64 KiB each',
        measured: `${ours.slow.held} held, ${kb(ours.slow.each)} each (redis-server ${table[1][4]})`,
        pass: ours.slow.held === count && ours.slow.each <= OWED + limit,
      },
    ],
    how: 'Growth of VmRSS per connection 3 s after the last one connected. A slow reader sends four GETs of 64 KB at once and never reads; what the kernel takes does not count as memory of the server.',
    table: {
      head: ['server', 'idle held', 'bytes each', 'slow held', 'bytes each', 'slowest of 100 PINGs ms'],
      body: table,
    },
  };
}

async function hold(name, options, log) {
  const server = await startServer(name, ['--maxclients', '12000']);
  try {
    await callOnce(server.port, 'SET', 'big', 'x'.repeat(64 * 1024));
    await sleep(500);
    const before = server.rss();
    const load = startLoad('holders', { port: server.port, key: 'big', ...options });
    await load.ready;
    await sleep(3_000);
    const each = (server.rss() - before) / options.count;
    const pings = await runLoad('pings', { port: server.port, count: 100 });
    const { held } = await load.stop();
    log(`${name} ${options.requests === 0 ? 'idle' : 'slow'}: ${held} held, ${kb(each)} each`);
    return { held, each, pingMs: pings.max };
  } finally {
    await server.stop();
  }
}
