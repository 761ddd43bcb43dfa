/** Server CPU per command under redis-benchmark, the servers alternating within every round. */
import { callOnce } from '../support/client.js';
import { runLoad } from '../support/load.js';
import { alternate, summarize, tableHead } from '../support/rounds.js';
import { contestants, startServer } from '../support/servers.js';

export const title = 'Server CPU per command';

const KEYS = 100_000;
const MANY_KEYS = 5_000_000;

const groups = [
  {
    name: '100,000 keys, 3 bytes',
    prepare: (port) => runLoad('fill', { port, kind: 'set', to: KEYS }),
    loads: [
      ...pair({ label: 'P=1', pipeline: 1, requests: 150_000, keys: KEYS, bar: 1.2 }),
      ...pair({ label: 'P=16', pipeline: 16, requests: 2_000_000, keys: KEYS, bar: 0.95 }),
      ...pair({ label: 'P=100', pipeline: 100, requests: 4_000_000, keys: KEYS, bar: 0.8 }),
    ],
  },
  {
    name: '1 KB values',
    prepare: (port) => runLoad('fill', { port, kind: 'set', to: KEYS, valueBytes: 1024 }),
    loads: pair({ label: 'P=16, 1 KB values', pipeline: 16, requests: 1_000_000, keys: KEYS, bytes: 1024, bar: 1.0 }),
  },
  {
    name: 'lists',
    prepare: async (port) => {
      await callOnce(port, 'RPUSH', 'hundred', ...Array.from({ length: 500 }, () => 'xxx'));
    },
    loads: [
      ...['lpush', 'rpush', 'lpop', 'rpop'].map((name) => ({
        name: `${name.toUpperCase()} P=16`,
        requests: 1_500_000,
        args: ['-t', name, '-P', '16'],
        bar: 1.0,
      })),
      {
        name: 'LRANGE_100 P=16',
        requests: 200_000,
        args: ['-P', '16'],
        command: ['LRANGE', 'hundred', '0', '99'],
        bar: 1.0,
      },
    ],
  },
  {
    name: '5 million keys',
    scaled: MANY_KEYS,
    prepare: (port, scale) => runLoad('fill', { port, kind: 'set', to: MANY_KEYS * scale }),
    loads: pair({ label: 'P=16, 5 million random keys', pipeline: 16, requests: 2_000_000, keys: MANY_KEYS, bar: 1.0 }),
  },
];

function pair({ label, pipeline, requests, keys, bytes = 3, bar }) {
  return ['set', 'get'].map((name) => ({
    name: `${name.toUpperCase()} ${label}`,
    requests,
    args: ['-t', name, '-P', `${pipeline}`, '-r', `${keys}`, '-d', `${bytes}`],
    bar,
  }));
}

export async function run({ rounds, scale, log }) {
  const names = contestants();
  const rows = [];
  const table = [];
  for (const group of groups) {
    const servers = [];
    try {
      for (const name of names) servers.push(await startServer(name));
      for (const server of servers) await group.prepare(server.port, scale);
      const results = await alternate(group.loads, servers, { rounds, scale, log });
      const summary = summarize(group.loads, names, results);
      rows.push(...summary.rows);
      table.push(...summary.table);
    } finally {
      for (const server of servers) await server.stop();
    }
  }
  return {
    rows,
    how:
      `redis-benchmark with 50 connections; utime + stime of the whole server process from /proc, divided by the commands; ` +
      `median of ${rounds} rounds after one that warms up, every load on all servers in turn within a round.`,
    table: { head: tableHead(names), body: table },
  };
}
