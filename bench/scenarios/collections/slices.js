/** What happens beside the commands while there are large collections: fields that fall due, compaction, saving. */
import { connect, heldMs, infoField } from '../../support/client.js';
import { latencyRow, machineFloor } from '../../support/floor.js';
import { median } from '../../support/histogram.js';
import { sleep, startLoad } from '../../support/load.js';
import { startServer } from '../../support/servers.js';
import { fillMillion, setDeadlines } from './hash.js';
import { addElements, keyName, MILLION, makeSmall, padded, range, scattered } from './shared.js';

const RUNS = 3;
const PAGE_BYTES = 64 * 1024;

/** Every row of this module; redis-server 7.0 does none of it, or does it in another process. */
export async function measureSlices({ rounds, log }) {
  const runs = Math.min(rounds, RUNS);
  const due = [];
  for (let run = 0; run < runs; run++) due.push(await onServer(fieldsFallDue));
  const steps = [];
  for (let run = 0; run < runs; run++) steps.push(await onServer(compaction));
  const writes = await onServer(writesDuringSave);
  log(`fields due: ${JSON.stringify(due)}; compaction: ${JSON.stringify(steps)}; saving: ${JSON.stringify(writes)}`);
  const floor = await machineFloor(10);
  return [
    {
      what: 'a million fields due in one ms: gone',
      bar: '<= 3 s',
      measured: due.map(({ goneMs }) => `${goneMs} ms`).join(', '),
      pass: Math.max(...due.map(({ goneMs }) => goneMs)) <= 3000,
    },
    latencyRow('PING meanwhile', 10, longest(due), floor),
    latencyRow('PING during compaction, of which a step is a part', 2, longest(steps), floor),
    {
      what: 'pages that a ZADD to a sorted set of 10^6 copies during BGSAVE',
      bar: '<= 5',
      measured: `${writes.mostPages} at most`,
      pass: writes.mostPages <= 5,
    },
    {
      what: 'such a ZADD',
      bar: '<= 1 ms',
      measured: `${writes.medianMs.toFixed(2)} ms, the median of ${writes.count}; ${writes.maxMs.toFixed(2)} at most`,
      pass: writes.medianMs <= 1,
    },
  ];
}

const longest = (runs) => runs.map(({ ping }) => ping.own.max);

async function onServer(work) {
  const server = await startServer('redstart');
  const client = await connect(server.port);
  try {
    return await work(client, server);
  } finally {
    client.close();
    await server.stop();
  }
}

async function probed({ port, pid }, work) {
  const probe = startLoad('probe', { port, pid, connections: [{ name: 'ping', kind: 'ping' }] });
  await probe.ready;
  const result = await work();
  return { ...result, ...(await probe.stop()) };
}

async function fieldsFallDue(client, server) {
  await fillMillion(client);
  const at = Date.now() + 30_000;
  await setDeadlines(client, 'key', at);
  if (Date.now() > at - 500) throw new Error('filling took too long');
  await sleep(at - Date.now() - 300);
  return await probed(server, async () => {
    while (Date.now() < at + 30_000 && (await client.call('DBSIZE')) > 0) await sleep(20);
    return { goneMs: Date.now() - at };
  });
}

/** Collections of all types and sizes, of which two thirds go. */
async function compaction(client, server) {
  const member = (n) => [`m:${padded(n)}`];
  const pair = (n) => [`f:${padded(n)}`, 'value'];
  const scored = (n) => [scattered(n), `m:${padded(n)}`];
  const kinds = [
    ['HSET', 100_000, 5, pair],
    ['HSET', 900, 500, pair],
    ['HSET', 90, 5000, pair],
    ['SADD', 90, 5000, member],
    ['ZADD', 900, 500, scored],
    ['ZADD', 90, 5000, scored],
    ['RPUSH', 900, 1000, member],
  ];
  const keys = [];
  for (const [command, count, elements, words] of kinds) {
    await makeSmall(client, command, count, elements, (_, n) => words(n));
    for (const n of range(count, (n) => n)) {
      const name = `${command}:${elements}:${n}`;
      await client.call('RENAME', keyName(n), name);
      keys.push(name);
    }
  }
  await addElements(client, 'HSET', 'large', MILLION, pair);
  return await probed(server, async () => {
    for (let at = 0; at < MILLION; at += 1000) {
      const fields = range(1000, (n) => at + n).filter((n) => n % 3 > 0);
      await client.send(['HDEL', 'large', ...fields.map((n) => pair(n)[0])]);
    }
    const gone = keys.filter((_, n) => n % 3 > 0);
    for (let at = 0; at < gone.length; at += 100) await client.send(['DEL', ...gone.slice(at, at + 100)]);
    let isRunning = true;
    for (const end = Date.now() + 10_000; isRunning && Date.now() < end; ) {
      await sleep(500);
      isRunning = (await infoField(client, 'active_defrag_running')) === '1';
    }
    return {};
  });
}

async function writesDuringSave(client) {
  await addElements(client, 'ZADD', 'set', MILLION, (n) => [scattered(n), padded(n)]);
  const pages = [];
  const times = [];
  for (let run = 0; run < 30; run++) {
    await client.call('BGSAVE');
    const before = number(await client.call('INFO', 'all'), 'current_cow_size');
    const ms = await heldMs(client, ['ZADD', 'set', scattered(run * 7919), padded(scattered(run * 31))]);
    const after = await client.call('INFO', 'all');
    if (number(after, 'rdb_bgsave_in_progress') === 1) {
      pages.push((number(after, 'current_cow_size') - before) / PAGE_BYTES);
      times.push(ms);
    }
    while ((await infoField(client, 'rdb_bgsave_in_progress')) === '1') await sleep(20);
  }
  if (pages.length === 0) throw new Error('BGSAVE was over each time');
  const mostPages = Math.max(...pages);
  return { mostPages, medianMs: median(times), maxMs: Math.max(...times), count: times.length };
}

const number = (info, name) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)[1]);
