/** What is measured of hashes: server CPU of commands, memory, and single commands on a million fields. */
import {
  addElements,
  endings,
  growing,
  KEYS,
  load,
  MILLION,
  makeSmall,
  padded,
  R,
  range,
  withClient,
} from './shared.js';

const digits = (n) => `${n}`.padStart(6, '0');
/** A field and its value, of 8 bytes each. */
const pair = (n) => [`f:${digits(n)}`, `v:${digits(n)}`];
const longPair = (n) => [`f:${digits(n)}`, `v:${digits(n)}`.padEnd(100, 'x')];
/** As redis-benchmark's random numbers find it. */
const numbered = (n) => [`f:${padded(n)}`, `v:${digits(n % MILLION)}`];

const makeHashes = (client, count, fields, words = pair) =>
  makeSmall(client, 'HSET', count, fields, (_, field) => words(field));

const small = (field) => `key:${R} f:${digits(field)}`;

export const groups = [
  {
    prepare: (port) =>
      withClient(port, async (client) => {
        await makeHashes(client, KEYS, 10);
        await addElements(client, 'HSET', 'big', KEYS, numbered);
        await addElements(client, 'HSET', 'five hundred', 500, numbered);
        await addElements(client, 'HSET', 'thousand', 1000, numbered);
      }),
    loads: [
      load('HGET small', 0.8, 1_000_000, `HGET ${small(5)}`),
      load('HGET big', 0.9, 1_000_000, `HGET big f:${R}`),
      load('HSET small', 0.9, 1_000_000, `HSET ${small(5)} v:${R}`),
      load('HSET big', 0.95, 1_000_000, `HSET big f:${R} v:${R}`),
      growing('HSET growing', 0.85, 1_000_000, `HSET growing f:${R} v:000001`),
      {
        ...load('HGET in 500 fields', 0.4, 500_000, `HGET - f:${R}`, 500),
        command: ['HGET', 'five hundred', `f:${R}`],
      },
      {
        ...load('HSET in 500 fields', 0.4, 500_000, `HSET - f:${R} -`, 500),
        command: ['HSET', 'five hundred', `f:${R}`, 'v:000001'],
      },
      load('HGETALL of 10', 0.7, 600_000, `HGETALL key:${R}`),
      load('HGETALL of 1000', 0.7, 20_000, 'HGETALL thousand'),
      load('HSCAN of 10, big', 0.5, 600_000, `HSCAN big ${R} COUNT 10`),
    ],
  },
];

const fillMillion = (client, key = 'key') => addElements(client, 'HSET', key, MILLION, pair);

/** Gives every field of a hash of a million the same deadline. */
export async function setDeadlines(client, key, deadline) {
  for (let at = 0; at < MILLION; at += 10_000) {
    const fields = range(10_000, (n) => pair(at + n)[0]);
    await client.send(['HPEXPIREAT', key, deadline, 'FIELDS', fields.length, ...fields]);
  }
}

export { fillMillion };

export const memory = [
  { name: 'hash of 5 x (8 + 8)', bar: 0.82, count: 100_000, fill: (client) => makeHashes(client, 100_000, 5) },
  {
    name: 'hash of 5 x (8 + 100)',
    bar: 0.65,
    count: 100_000,
    fill: (client) => makeHashes(client, 100_000, 5, longPair),
  },
  { name: 'hash of 500 x (8 + 8)', bar: 1.25, count: 2_000, fill: (client) => makeHashes(client, 2_000, 500) },
  { name: 'hash of 600 x (8 + 8)', bar: 0.4, count: 2_000, fill: (client) => makeHashes(client, 2_000, 600) },
  { name: 'field of a hash of 10^6', bar: 0.75, count: MILLION, fill: (client) => fillMillion(client) },
  {
    name: 'deadline of a field of a hash of 10^6',
    barBytes: 36,
    count: MILLION,
    base: (client) => fillMillion(client),
    fill: (client) => setDeadlines(client, 'key', Date.now() + 86_400_000),
  },
];

export const cases = [
  { name: 'HGETALL of 10^6', bar: 0.35, prepare: (client) => fillMillion(client), command: ['HGETALL', 'key'] },
  {
    name: 'COPY of a hash of 10^6',
    bar: 0.9,
    prepare: (client) => fillMillion(client),
    command: ['COPY', 'key', 'copy', 'REPLACE'],
  },
  ...endings(
    'hash',
    (key) => ['HSET', key, 'f', 'v'],
    (client) => fillMillion(client),
  ),
];
