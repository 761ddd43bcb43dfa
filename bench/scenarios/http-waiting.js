/** 10,000 HTTP requests that wait for an element of a queue. */
import { connect, infoField } from '../support/client.js';
import { sleep, startLoad } from '../support/load.js';
import { freePort, startServer } from '../support/servers.js';

export const title = 'HTTP requests that wait';

const LIMIT = 20 * 1024;
const kb = (bytes) => `${(bytes / 1024).toFixed(1)} KB`;

export async function run({ scale, log }) {
  const count = Math.round(10_000 * scale);
  const { each, waiting, served, servedMs } = await hold(count, log);
  return {
    rows: [
      {
        what: '10,000 waiting bqpop',
        bar: 'held; <= 20 KiB each; every one served',
        measured: `${waiting} held, ${kb(each)} each; ${served} served in ${servedMs.toFixed(0)} ms`,
        pass: waiting === count && served === count && each <= LIMIT,
      },
    ],
    how: 'Growth of VmRSS per request 3 s after all of them wait; each has a connection of its own, which counts. Then as many elements are pushed, a thousand at a time.',
  };
}

async function hold(count, log) {
  const httpPort = await freePort();
  const settings = ['--maxclients', '12000', '--http-port', `${httpPort}`, '--http-kv-max-wait', '0'];
  const server = await startServer('redstart', settings);
  const client = await connect(server.port);
  try {
    await fetch(`http://127.0.0.1:${httpPort}/kv/bqpop?key=q&timeout=0.01`);
    await sleep(500);
    const before = server.rss();
    const load = startLoad('poppers', { port: httpPort, count, path: '/kv/bqpop?key=q' });
    await load.ready;
    const waiting = await untilWaiting(client, count);
    await sleep(3_000);
    const each = (server.rss() - before) / count;
    const start = performance.now();
    for (let pushed = 0; pushed < count; pushed += 1000) {
      await client.call('RPUSH', 'q', ...Array(Math.min(1000, count - pushed)).fill('element'));
    }
    await untilWaiting(client, 0);
    const servedMs = performance.now() - start;
    await sleep(500);
    const { served } = await load.stop();
    log(`${waiting} waiting, ${kb(each)} each; ${served} served`);
    return { each, waiting, served, servedMs };
  } finally {
    client.close();
    await server.stop();
  }
}

/** How many wait, when it is as many as expected or half a minute has passed. */
async function untilWaiting(client, expected) {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const waiting = Number(await infoField(client, 'blocked_clients'));
    if (waiting === expected || Date.now() > deadline) return waiting;
    await sleep(50);
  }
}
