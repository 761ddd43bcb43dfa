/** Memory of collections beside redis-server. */
import { connect, infoField } from '../support/client.js';
import { startServer } from '../support/servers.js';
import { memory } from './collections/zset.js';

export const title = 'Memory of collections';

const SERVERS = ['redstart', 'redis-server'];

export async function run({ log }) {
  const rows = [];
  for (const each of [...memory]) {
    const bytes = [];
    for (const name of SERVERS) bytes.push(await bytesOf(name, each));
    const [ours, theirs] = bytes;
    log(`${each.name}: ${ours.toFixed(1)} (${theirs.toFixed(1)}) bytes`);
    rows.push({
      what: each.name,
      bar: `<= ${each.bar.toFixed(2)} of redis-server`,
      measured: `${(ours / theirs).toFixed(2)} (${ours.toFixed(1)} / ${theirs.toFixed(1)} bytes)`,
      pass: ours / theirs <= each.bar,
    });
  }
  return {
    rows,
    how: 'used_memory_dataset after filling less that of the empty server, divided by what was filled in.',
  };
}

async function bytesOf(name, { count, fill }) {
  const server = await startServer(name);
  const client = await connect(server.port);
  try {
    const empty = await usedBytes(client);
    await fill(client);
    return ((await usedBytes(client)) - empty) / count;
  } finally {
    client.close();
    await server.stop();
  }
}

const usedBytes = async (client) => Number(await infoField(client, 'used_memory'));
