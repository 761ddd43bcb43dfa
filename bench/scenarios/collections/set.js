/** What is measured of sets: server CPU of commands, memory, and single commands on a million members. */
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

/** Members of 12 bytes, of 8 bytes, and integers that take four. */
const twelve = padded;
const eight = (n) => `m:${`${n}`.padStart(6, '0')}`;
const integer = (n) => `${100_000 + scattered(n)}`;

const makeSets = (client, count, members, name = eight) =>
  makeSmall(client, 'SADD', count, members, (_, member) => [name(member)]);

export const groups = [
  {
    prepare: (port) =>
      withClient(port, async (client) => {
        await makeSets(client, KEYS, 10);
        await addElements(client, 'SADD', 'big', KEYS, (n) => [`m:${padded(n)}`]);
        for (const count of [100, 1000]) {
          await addElements(client, 'SADD', `a${count}`, count, (n) => [eight(n)]);
          await addElements(client, 'SADD', `b${count}`, count, (n) => [eight(n)], count / 2);
        }
        await addElements(client, 'SADD', 'c100', 100, (n) => [integer(n)]);
        await addElements(client, 'SADD', 'd100', 100, (n) => [integer(n)], 50);
      }),
    loads: [
      load('SADD small', 0.65, 1_000_000, `SADD key:${R} ${eight(5)}`),
      load('SISMEMBER small', 0.65, 1_000_000, `SISMEMBER key:${R} ${eight(5)}`),
      load('SISMEMBER big', 0.95, 1_000_000, `SISMEMBER big m:${R}`),
      growing('SADD growing', 0.85, 1_000_000, `SADD growing m:${R}`),
      load('SMEMBERS of 10', 0.6, 600_000, `SMEMBERS key:${R}`),
      {
        ...load('SPOP', 0.8, 500_000, 'SPOP pops'),
        before: ({ port }, requests) =>
          withClient(port, (client) => addElements(client, 'SADD', 'pops', requests, (n) => [`m:${padded(n)}`])),
      },
      load('SRANDMEMBER big', 0.85, 1_000_000, 'SRANDMEMBER big'),
      load('SSCAN of 10, big', 0.5, 600_000, `SSCAN big ${R} COUNT 10`),
      load('SINTER of 2 x 100', 0.9, 300_000, 'SINTER a100 b100'),
      load('SINTER of 2 x 100 integers', undefined, 300_000, 'SINTER c100 d100'),
      load('SINTER of 2 x 1000', 0.8, 40_000, 'SINTER a1000 b1000'),
      load('SUNION of 2 x 100', 0.4, 100_000, 'SUNION a100 b100'),
    ],
  },
];

const fillMillion = (client, key, name, from = 0) => addElements(client, 'SADD', key, MILLION, (n) => [name(n)], from);

export const memory = [
  {
    name: 'set of 10 integers',
    bar: 0.7,
    count: MANY_KEYS,
    fill: (client) => makeSets(client, MANY_KEYS, 10, integer),
  },
  { name: 'set of 10 strings', bar: 0.25, count: 100_000, fill: (client) => makeSets(client, 100_000, 10) },
  { name: 'set of 100 strings', bar: 0.3, count: 20_000, fill: (client) => makeSets(client, 20_000, 100) },
  ...[
    ['12 bytes', 0.95, twelve],
    ['8 bytes', 0.75, eight],
    ['integers', 0.8, (n) => `${n}`],
  ].map(([what, bar, name]) => ({
    name: `member of a set of 10^6, ${what}`,
    bar,
    count: MILLION,
    fill: (client) => fillMillion(client, 'set', name),
  })),
];

/** Half of the members are in both. */
const two = async (client) => {
  await fillMillion(client, 'a', twelve);
  await fillMillion(client, 'b', twelve, MILLION / 2);
};

export const cases = [
  {
    name: 'SMEMBERS of 10^6',
    bar: 0.3,
    prepare: (client) => fillMillion(client, 'set', twelve),
    command: ['SMEMBERS', 'set'],
  },
  { name: 'SINTER of 2 x 10^6', bar: 0.45, prepare: two, command: ['SINTER', 'a', 'b'] },
  { name: 'SUNION of 2 x 10^6', bar: 0.3, prepare: two, command: ['SUNION', 'a', 'b'] },
  { name: 'SDIFF of 2 x 10^6', bar: 0.4, prepare: two, command: ['SDIFF', 'a', 'b'] },
  {
    name: 'COPY of a set of 10^6',
    bar: 0.9,
    prepare: (client) => fillMillion(client, 'set', twelve),
    command: ['COPY', 'set', 'copy', 'REPLACE'],
  },
  {
    name: 'SPOP of half of 10^6',
    bar: 0.6,
    before: async (client) => {
      await client.call('DEL', 'set');
      await fillMillion(client, 'set', twelve);
    },
    command: ['SPOP', 'set', MILLION / 2],
  },
  {
    name: 'SORT of a set of 10^6 numbers',
    bar: 1.5,
    prepare: (client) => fillMillion(client, 'set', (n) => `${n}`),
    command: ['SORT', 'set'],
  },
  ...endings(
    'set',
    (key) => ['SADD', key, 'm'],
    (client) => fillMillion(client, 'key', twelve),
  ),
];
