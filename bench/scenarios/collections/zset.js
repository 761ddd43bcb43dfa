/** What is measured of sorted sets: server CPU of commands, memory, and single commands on a million members. */
import {
  addElements,
  endings,
  growing,
  KEYS,
  load,
  MANY_KEYS,
  MILLION,
  makeSmall,
  padded,
  R,
  scattered,
  withClient,
} from './shared.js';

const addMembers = (client, key, count, from = 0, name = (n) => `m:${padded(n)}`) =>
  addElements(client, 'ZADD', key, count, (n) => [scattered(n), name(n)], from);

const makeSets = (client, count, members) =>
  makeSmall(client, 'ZADD', count, members, (set, member) => [scattered(set + member), `member:${member}`]);

export const groups = [
  {
    prepare: (port) =>
      withClient(port, async (client) => {
        await makeSets(client, KEYS, 10);
        await addMembers(client, 'big', KEYS);
      }),
    loads: [
      load('ZADD small, new score', 0.8, 1_000_000, `ZADD key:${R} ${R} member:5`),
      load('ZADD big, new score', 0.85, 1_000_000, `ZADD big ${R} m:${R}`),
      growing('ZADD growing', 0.7, 1_000_000, `ZADD growing ${R} m:${R}`),
      load('ZINCRBY small', 0.7, 1_000_000, `ZINCRBY key:${R} 1 member:5`),
      load('ZINCRBY big', 0.85, 1_000_000, `ZINCRBY big 1 m:${R}`),
      load('ZSCORE big', 0.85, 1_500_000, `ZSCORE big m:${R}`),
      load('ZRANK small', 0.85, 1_000_000, `ZRANK key:${R} member:5`),
      load('ZRANK big', 0.8, 1_000_000, `ZRANK big m:${R}`),
      load('ZRANGE of 10, small', 0.85, 1_000_000, `ZRANGE key:${R} 0 -1`),
      load('ZRANGEBYSCORE LIMIT 0 10, big', 0.65, 600_000, `ZRANGEBYSCORE big ${R} +inf LIMIT 0 10`),
      load('ZSCAN of 10, big', 0.5, 600_000, `ZSCAN big ${R} COUNT 10`),
      {
        ...load('ZPOPMIN', 0.85, 500_000, 'ZPOPMIN pops'),
        before: ({ port }, requests) => withClient(port, (client) => addMembers(client, 'pops', requests)),
      },
    ],
  },
];

/** Scores that are small integers, as in a list of places. */
const makePlaces = (client, count, members) =>
  makeSmall(client, 'ZADD', count, members, (set, member) => [set + member, `member:${member}`]);

export const memory = [
  { name: 'sorted set of 10', bar: 0.82, count: MANY_KEYS, fill: (client) => makePlaces(client, MANY_KEYS, 10) },
  { name: 'sorted set of 128', bar: 1.0, count: 20_000, fill: (client) => makePlaces(client, 20_000, 128) },
  { name: 'sorted set of 200', bar: 0.7, count: 20_000, fill: (client) => makePlaces(client, 20_000, 200) },
  {
    name: 'member of a sorted set of 10^6',
    bar: 0.66,
    count: MILLION,
    fill: (client) => addMembers(client, 'z', MILLION, 0, padded),
  },
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
  ...endings(
    'sorted set',
    (key) => ['ZADD', key, 1, 'm'],
    (client) => addMembers(client, 'key', MILLION),
  ),
];
