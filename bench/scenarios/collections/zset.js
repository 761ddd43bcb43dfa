/** What is measured of sorted sets: server CPU of commands, memory, and single commands on a million members. */
import { connect } from '../../support/client.js';

const KEYS = 100_000;
const MILLION = 1_000_000;
const STEP = 1000;

const range = (count, to) => Array.from({ length: count }, (_, n) => to(n));
/** As redis-benchmark writes its random numbers. */
const padded = (n) => `${n}`.padStart(12, '0');
const scattered = (n) => (Math.imul(n + 1, 2654435761) >>> 0) % MILLION;
const R = '__rand_int__';

/** Adds so many members to a key, whose scores are scattered. */
async function addMembers(client, key, count, from = 0) {
  for (let at = from; at < from + count; at += 10 * STEP) {
    const size = Math.min(10 * STEP, from + count - at);
    await client.call('ZADD', key, ...range(size, (n) => [scattered(at + n), `m:${padded(at + n)}`]).flat());
  }
}

/** Makes so many small sets. */
async function makeSets(client, count, members, score = scattered) {
  for (let at = 0; at < count; at += STEP) {
    await Promise.all(
      range(Math.min(STEP, count - at), (n) =>
        client.call('ZADD', `z:${padded(at + n)}`, ...range(members, (m) => [score(n + m), `member:${m}`]).flat()),
      ),
    );
  }
}

async function withClient(port, work) {
  const client = await connect(port);
  try {
    await work(client);
  } finally {
    client.close();
  }
}

const load = (name, bar, requests, command, keys = KEYS) => ({
  name,
  requests,
  args: ['-P', '16', '-r', `${keys}`],
  command: command.split(' '),
  bar,
});

export const groups = [
  {
    prepare: (port) =>
      withClient(port, async (client) => {
        await makeSets(client, KEYS, 10);
        await addMembers(client, 'big', KEYS);
      }),
    loads: [
      load('ZADD small, new score', 0.8, 1_000_000, `ZADD z:${R} ${R} member:5`),
      load('ZADD big, new score', 0.85, 1_000_000, `ZADD big ${R} m:${R}`),
      {
        ...load('ZADD growing', 0.7, 1_000_000, `ZADD growing ${R} m:${R}`, 100_000_000),
        before: ({ port }) => withClient(port, (client) => client.call('DEL', 'growing')),
      },
      load('ZINCRBY small', 0.7, 1_000_000, `ZINCRBY z:${R} 1 member:5`),
      load('ZINCRBY big', 0.85, 1_000_000, `ZINCRBY big 1 m:${R}`),
      load('ZSCORE big', 0.85, 1_500_000, `ZSCORE big m:${R}`),
      load('ZRANK small', 0.85, 1_000_000, `ZRANK z:${R} member:5`),
      load('ZRANK big', 0.8, 1_000_000, `ZRANK big m:${R}`),
      load('ZRANGE of 10, small', 0.85, 1_000_000, `ZRANGE z:${R} 0 -1`),
      load('ZRANGEBYSCORE LIMIT 0 10, big', 0.65, 600_000, `ZRANGEBYSCORE big ${R} +inf LIMIT 0 10`),
      load('ZSCAN of 10, big', 0.5, 600_000, `ZSCAN big ${R} COUNT 10`),
      {
        ...load('ZPOPMIN', 0.85, 500_000, 'ZPOPMIN pops'),
        before: ({ port }, requests) => withClient(port, (client) => addMembers(client, 'pops', requests)),
      },
    ],
  },
];

/** Bytes a set or a member, used_memory above that of the empty server. */
export const memory = [
  { name: 'sorted set of 10', bar: 0.82, count: 100_000, fill: (client) => makeSets(client, 100_000, 10, (n) => n) },
  { name: 'sorted set of 128', bar: 1.0, count: 20_000, fill: (client) => makeSets(client, 20_000, 128, (n) => n) },
  { name: 'sorted set of 200', bar: 0.7, count: 20_000, fill: (client) => makeSets(client, 20_000, 200, (n) => n) },
  { name: 'member of a sorted set of 10^6', bar: 0.66, count: MILLION, fill: (c) => addMembers(c, 'z', MILLION) },
];

const two = async (client) => {
  await addMembers(client, 'a', MILLION);
  await addMembers(client, 'b', MILLION, MILLION / 2);
};

export const cases = [
  {
    name: 'ZRANGE of 10^6',
    bar: 0.65,
    prepare: (client) => addMembers(client, 'z', MILLION),
    command: ['ZRANGE', 'z', 0, -1],
  },
  { name: 'ZUNIONSTORE of 2 x 10^6', bar: 0.35, prepare: two, command: ['ZUNIONSTORE', 'd', 2, 'a', 'b'] },
  { name: 'ZINTERSTORE of 2 x 10^6', bar: 0.6, prepare: two, command: ['ZINTERSTORE', 'd', 2, 'a', 'b'] },
  {
    name: 'ZREMRANGEBYRANK of half of 10^6',
    bar: 0.6,
    before: async (client) => {
      await client.call('DEL', 'z');
      await addMembers(client, 'z', MILLION);
    },
    command: ['ZREMRANGEBYRANK', 'z', 0, MILLION / 2 - 1],
  },
  {
    name: 'COPY of a sorted set of 10^6',
    bar: 0.9,
    prepare: (client) => addMembers(client, 'z', MILLION),
    command: ['COPY', 'z', 'y', 'REPLACE'],
  },
];
