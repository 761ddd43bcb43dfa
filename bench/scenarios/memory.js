/** Resident bytes per key of 16 + 3 bytes while a server grows to 10 million keys, with and without a TTL. */
import { runLoad, sleep } from '../support/load.js';
import { startServer } from '../support/servers.js';

export const title = 'Resident memory per key';

const SIZES = [1_000_000, 1_600_000, 2_200_000, 10_000_000];

export async function run({ scale, log }) {
  const rows = [];
  const table = [];
  for (const [kind, label, bar] of [
    ['set', 'without TTL', 0.6],
    ['setex', 'with TTL', 0.7],
  ]) {
    const ours = await grow('redstart', kind, scale, log);
    const theirs = await grow('redis-server', kind, scale, log);
    const ratios = SIZES.map((_, at) => ours[at] / theirs[at]);
    const worst = Math.max(...ratios);
    rows.push({
      what: `resident bytes per 16+3-byte key ${label}, worst of 1, 1.6, 2.2, 10 million`,
      bar: `<= ${bar} of redis-server`,
      measured: ratios.map((ratio) => ratio.toFixed(2)).join(', '),
      pass: worst <= bar,
    });
    for (const [at, size] of SIZES.entries()) {
      table.push([label, size.toLocaleString('en'), ours[at].toFixed(1), theirs[at].toFixed(1), ratios[at].toFixed(2)]);
    }
  }
  return {
    rows,
    how: 'VmRSS less VmRSS of the empty server, 2 s after the last write, divided by the keys; one server at a time.',
    table: { head: ['', 'keys', 'redstart bytes', 'redis-server bytes', 'ratio'], body: table },
  };
}

async function grow(name, kind, scale, log) {
  const server = await startServer(name);
  try {
    await sleep(1_000);
    const empty = server.rss();
    const perKey = [];
    let from = 0;
    for (const size of SIZES) {
      const to = Math.round(size * scale);
      await runLoad('fill', { port: server.port, kind, from, to });
      from = to;
      await sleep(2_000);
      perKey.push((server.rss() - empty) / to);
      log(`${name} ${kind} ${to} keys: ${perKey.at(-1).toFixed(1)} bytes a key`);
    }
    return perKey;
  } finally {
    await server.stop();
  }
}
