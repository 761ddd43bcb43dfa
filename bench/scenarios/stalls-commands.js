/**
 * How long one command that does much holds all others: the CPU time of the server's own thread for it, on both
 * servers.
 */
import { readFileSync } from 'node:fs';
import { connect, heldMs } from '../support/client.js';
import { median } from '../support/histogram.js';
import { judged } from '../support/report.js';
import { startServer } from '../support/servers.js';

export const title = 'How long one command holds the others';

export const SERVERS = ['redstart', 'redis-server'];
const MILLION = 1_000_000;
const STEP = 10_000;
const PROTOCOL_LIMIT = ['--proto-max-bulk-len', '2gb', '--enable-debug-command', 'yes'];

const range = (count, to) => Array.from({ length: count }, (_, n) => to(n));
const scattered = (n) => Math.imul(n + 1, 2654435761) >>> 0;

/** Calls in steps, so that no request is enormous. */
async function inSteps(count, call) {
  for (let from = 0; from < count; from += STEP) await call(from, Math.min(count, from + STEP));
}

const pushNumbers = (count, to) => (client) =>
  inSteps(count, (from, end) => client.call('RPUSH', 'list', ...range(end - from, (n) => to(from + n))));

const letters = (length, seed) => range(length, (n) => 'ACGT'[(scattered(n + seed) >>> 13) & 3]).join('');

/**
 * `prepare` once per server; `command` is what is measured; `others` are connections that play a part. `whyNot` says
 * why a command may hold others for longer than redis-server does.
 */
const CASES = [
  {
    name: 'SORT of 10^6 numbers',
    prepare: pushNumbers(MILLION, scattered),
    command: ['SORT', 'list'],
  },
  {
    name: 'SORT of 10^6 numbers, STORE',
    prepare: pushNumbers(MILLION, scattered),
    command: ['SORT', 'list', 'STORE', 'sorted'],
  },
  {
    name: 'SORT of 10^6 BY w_*',
    prepare: async (client) => {
      await pushNumbers(MILLION, (n) => n)(client);
      await inSteps(MILLION, (from, end) =>
        client.call('MSET', ...range(end - from, (n) => [`w_${from + n}`, scattered(from + n)]).flat()),
      );
    },
    command: ['SORT', 'list', 'BY', 'w_*'],
  },
  {
    name: 'BITFIELD of 50,000 operations',
    whyNot:
      'its 200,000 words come in pieces: in a profile a quarter of the time is the kernel, which gives memory for ' +
      'them, and a quarter code that is not compiled yet',
    command: ['BITFIELD', 'fields', ...range(50_000, (n) => ['INCRBY', 'u16', `#${n % 1000}`, 1]).flat()],
  },
  {
    name: 'RESTORE of a list of 10^6',
    whyNot: 'it checks and copies every element, where redis-server keeps the listpacks as they came',
    prepare: async (client) => {
      await pushNumbers(MILLION, (n) => `element:${n}`)(client);
      return client.call('DUMP', 'list');
    },
    command: (payload) => ['RESTORE', 'restored', 0, payload, 'REPLACE'],
  },
  {
    name: 'DUMP of a list of 3·10^6',
    whyNot: 'it writes listpacks out of its own runs, where redis-server has them ready; both compress them',
    prepare: pushNumbers(3 * MILLION, (n) => `element:${n}`),
    command: ['DUMP', 'list'],
  },
  {
    name: 'DEBUG DIGEST of 10^6 keys',
    prepare: (client) =>
      inSteps(MILLION, (from, end) =>
        client.call('MSET', ...range(end - from, (n) => [`key:${from + n}`, `value:${n}`]).flat()),
      ),
    command: ['DEBUG', 'DIGEST'],
  },
  {
    name: 'LCS of 2 x 8,000 bytes',
    prepare: (client) => client.call('MSET', 'a', letters(8000, 1), 'b', letters(8000, 77)),
    command: ['LCS', 'a', 'b'],
  },
  {
    name: 'CLIENT LIST of 3,000',
    whyNot:
      'its million characters are written one by one: in a profile 28 % of the time is that, 13 % what a line is put ' +
      'together of, 11 % garbage, 11 % what is asked of each connection',
    others: 3000,
    command: ['CLIENT', 'LIST'],
  },
  {
    name: 'PUBLISH of 1 KB to 3,000',
    whyNot:
      'it is 3,000 writes: in a profile 70 % is system calls, as many as there (86 % of its time), and 18 % what lies ' +
      'before each of them in Node',
    others: 3000,
    each: ['SUBSCRIBE', 'news'],
    command: ['PUBLISH', 'news', 'x'.repeat(1024)],
  },
  {
    name: '5,000 SETs beside 50 MONITORs',
    others: 50,
    each: ['MONITOR'],
    command: ['SET', 'key', 'value'],
    times: 5000,
  },
  {
    name: 'SUBSCRIBE to 100,000 channels',
    command: ['SUBSCRIBE', ...range(100_000, (n) => `channel:${n}`)],
    whyNot:
      'two thirds of a profile are V8, which doubles the tables of a Set and a Map (15 %), moves what is young (15 %) ' +
      'and looks names up (16 %), a quarter is the kernel, with pages touched for the first time, 6 % is JavaScript',
    ownConnection: true,
  },
  {
    name: 'COMMAND DOCS',
    whyNot:
      'the first call puts 12,000 words together, by code that is not compiled yet; later ones, which take 0.1 ms, send ' +
      'the same bytes, and the rest is the kernel',
    command: ['COMMAND', 'DOCS'],
  },
  {
    name: 'INFO everything',
    whyNot:
      'its 200 fields are put together by code that runs too rarely to be compiled; 0.1 ms of it is asked of the system',
    command: ['INFO', 'everything'],
  },
];

export async function run({ rounds, scale, log }) {
  const rows = [];
  for (const each of scale === 1 ? CASES : CASES.filter(({ name }) => name.startsWith(process.env.BENCH_CASE ?? ''))) {
    const milliseconds = {};
    for (const name of SERVERS) milliseconds[name] = await measure(name, each, Math.max(rounds, 3));
    const [ours, theirs] = SERVERS.map((name) => median(milliseconds[name]));
    log(`${each.name}: ${ours.toFixed(1)} (${theirs.toFixed(1)})`);
    const isWithin = ours <= theirs * 1.05 + 0.2;
    const calls = milliseconds[SERVERS[0]].map((ms) => ms.toFixed(1)).join(', ');
    rows.push(
      judged(
        {
          what: each.name,
          bar: `redis-server's ${theirs.toFixed(1)} ms`,
          measured: `${ours.toFixed(1)} ms (${calls})`,
        },
        isWithin,
        each.whyNot,
      ),
    );
  }
  return {
    rows,
    how: `Median of ${Math.max(rounds, 3)} calls, the first one included, all of which are in parentheses, in a server that has done nothing else; CPU time of the server's main thread.`,
  };
}

export async function measure(
  name,
  { prepare, before, command, others = 0, each, times = 1, ownConnection = false, isHeld = false },
  rounds,
) {
  const server = await startServer(name, PROTOCOL_LIMIT);
  const clients = [];
  try {
    const client = await connect(server.port, { returnBuffers: true });
    clients.push(client);
    const prepared = await prepare?.(client);
    for (let n = 0; n < others; n++) {
      const other = await connect(server.port);
      clients.push(other);
      if (each !== undefined) await other.send(each);
    }
    const taken = [];
    for (let round = 0; round < rounds; round++) {
      const by = ownConnection ? await connect(server.port) : client;
      if (by !== client) clients.push(by);
      await before?.(client);
      await quiet();
      const words = typeof command === 'function' ? command(prepared) : command;
      const work = () => Promise.all(range(times, () => by.send(words)));
      taken.push(await (isHeld ? heldMs(by, words) : cpuTime(server.pid, work)));
    }
    return taken;
  } finally {
    for (const client of clients) client.close();
    await server.stop();
  }
}

const quiet = () => new Promise((resolve) => setTimeout(resolve, 100));

/** Milliseconds that the server's main thread runs for it, with what it leaves to do. */
async function cpuTime(pid, work) {
  const start = ranFor(pid);
  await work();
  await quiet();
  return (ranFor(pid) - start) / 1e6;
}

/** Nanoseconds that the server's main thread has run. */
function ranFor(pid) {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[0]);
}
