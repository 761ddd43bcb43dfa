/** Memory of collections beside redis-server. */
import { connect, infoField } from '../support/client.js';
import { judged } from '../support/report.js';
import { startServer } from '../support/servers.js';
import { memory as hash } from './collections/hash.js';
import { memory as set } from './collections/set.js';
import { memory as stream } from './collections/stream.js';
import { memory as zset } from './collections/zset.js';

export const title = 'Memory of collections';

const SERVERS = ['redstart', 'redis-server'];

export async function run({ scale, log }) {
  const rows = [];
  const wanted = scale === 1 ? '' : (process.env.BENCH_CASE ?? '');
  for (const each of [...hash, ...set, ...zset, ...stream].filter(({ name }) => name.startsWith(wanted))) {
    const row = each.barBytes === undefined ? await relative(each) : await absolute(each);
    log(`${each.name}: ${row.measured}`);
    rows.push(row);
  }
  return {
    rows,
    how: 'used_memory after filling less what it was before, divided by what was filled in.',
  };
}

async function relative(each) {
  const [ours, theirs] = [await bytesOf(SERVERS[0], each), await bytesOf(SERVERS[1], each)];
  const row = {
    what: each.name,
    bar: `<= ${each.bar.toFixed(2)} of redis-server`,
    measured: `${(ours / theirs).toFixed(2)} (${ours.toFixed(1)} / ${theirs.toFixed(1)} bytes)`,
  };
  return judged(row, ours / theirs <= each.bar, each.whyNot);
}

/** What redis-server 7.0 does not have. */
async function absolute(each) {
  const bytes = await bytesOf(SERVERS[0], each);
  return {
    what: each.name,
    bar: `<= ${each.barBytes} bytes`,
    measured: `${bytes.toFixed(1)} bytes`,
    pass: bytes <= each.barBytes,
  };
}

async function bytesOf(name, { count, base, fill }) {
  const server = await startServer(name);
  const client = await connect(server.port);
  try {
    await base?.(client);
    const before = await usedBytes(client);
    await fill(client);
    return ((await usedBytes(client)) - before) / count;
  } finally {
    client.close();
    await server.stop();
  }
}

const usedBytes = async (client) => Number(await infoField(client, 'used_memory'));
