/** 10,000 idle connections, and 10,000 that asked for replies and do not read them. */
import { readFileSync } from 'node:fs';
import { callOnce, connect, infoField } from '../support/client.js';
import { runLoad, sleep, startLoad } from '../support/load.js';
import { startServer } from '../support/servers.js';

export const title = 'Many connections';

const REPLY = 64 * 1024;
const REPLIES = 8;
const OWED = REPLY * REPLIES;
const LIMIT = 64 * 1024;
const kb = (bytes) => `${(bytes / 1024).toFixed(1)} KB`;

export async function run({ scale, log }) {
  const count = Math.round(10_000 * scale);
  const table = [];
  let ours;
  for (const name of ['redstart', 'redis-server']) {
    const idle = await hold(name, { count, requests: 0 }, log);
    const slow = await hold(name, { count, requests: REPLIES }, log);
    table.push([name, idle.held, kb(idle.each), slow.held, kb(slow.output), kb(slow.each), slow.pingMs.toFixed(2)]);
    if (name === 'redstart') ours = { idle, slow };
  }
  return {
    rows: [
      {
        what: '10,000 idle connections',
        bar: 'held; <= 64 KiB each',
        measured: `${ours.idle.held} held, ${kb(ours.idle.each)} each (redis-server ${table[1][2]})`,
        pass: ours.idle.held === count && ours.idle.each <= LIMIT,
      },
      {
        what: `10,000 slow readers, each owed ${kb(OWED)}`,
        bar: 'held; <= their output + 64 KiB each',
        measured: `${ours.slow.held} held, ${kb(ours.slow.each)} each for ${kb(ours.slow.output)} of output (redis-server ${table[1][5]} for ${table[1][4]})`,
        pass: ours.slow.held === count && ours.slow.each <= ours.slow.output + LIMIT,
      },
    ],
    how: 'Growth of VmRSS per connection 3 s after the last command was processed. A slow reader sends eight GETs of 64 KB at once and never reads; output is what of it the kernel has not taken, by /proc/net/tcp.',
    table: {
      head: [
        'server',
        'idle held',
        'memory each',
        'slow held',
        'output each',
        'memory each',
        'slowest of 100 PINGs ms',
      ],
      body: table,
    },
  };
}

async function hold(name, options, log) {
  const server = await startServer(name, ['--maxclients', '12000']);
  try {
    await callOnce(server.port, 'SET', 'big', 'x'.repeat(REPLY));
    await sleep(500);
    const before = server.rss();
    const load = startLoad('holders', { port: server.port, key: 'big', ...options });
    await load.ready;
    await untilProcessed(server.port, options.count * options.requests);
    await sleep(3_000);
    const each = (server.rss() - before) / options.count;
    const output = REPLY * options.requests - kernelHeld(server.port) / options.count;
    const pings = await runLoad('pings', { port: server.port, count: 100 });
    const { held } = await load.stop();
    log(`${name} ${options.requests === 0 ? 'idle' : 'slow'}: ${held} held, ${kb(each)} each`);
    return { held, each, output: Math.max(0, output), pingMs: pings.max };
  } finally {
    await server.stop();
  }
}

async function untilProcessed(port, commands) {
  const client = await connect(port);
  const deadline = Date.now() + 120_000;
  while (Number(await infoField(client, 'total_commands_processed')) < commands) {
    if (Date.now() > deadline) throw new Error('the commands were not processed within two minutes');
    await sleep(100);
  }
  client.close();
}

/** Bytes on their way from a server: in its sockets' send queues and in the clients' receive queues. */
function kernelHeld(port) {
  const hex = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  let bytes = 0;
  for (const line of readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1)) {
    const [, local, remote, , queues] = line.trim().split(/\s+/);
    if (queues === undefined) continue;
    const [sending, received] = queues.split(':').map((text) => Number.parseInt(text, 16));
    if (local.endsWith(hex)) bytes += sending;
    else if (remote.endsWith(hex)) bytes += received;
  }
  return bytes;
}
