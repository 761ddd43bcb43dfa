/** What is measured of streams: server CPU of commands, memory, and single commands on a million entries. */
import { endings, growing, KEYS, keyName, load, MILLION, R, range, withClient } from './shared.js';

const CALLS_AT_ONCE = 1000;
/** Entries of a stream on which trimming warms up, in as many nodes as are freed later. */
const FEW = 5000;
/** Entries that are read by a group, or acknowledged, in one load. */
const READ = 500_000;

/** Adds the entries 0-1, 1-1, … up to `count`. */
async function addEntries(client, key, count) {
  for (let at = 1; at <= count; at += CALLS_AT_ONCE) {
    const entries = range(Math.min(CALLS_AT_ONCE, count + 1 - at), (n) => at + n);
    await Promise.all(entries.map((n) => client.send(['XADD', key, `${n}-1`, 'field1', `value:${n}`, 'field2', n])));
  }
}

async function makeSmall(client, count, entries) {
  for (let at = 0; at < count; at += CALLS_AT_ONCE / 10) {
    const keys = range(CALLS_AT_ONCE / 10, (n) => keyName(at + n));
    await Promise.all(
      keys.flatMap((key) => range(entries, (n) => client.send(['XADD', key, `${n + 1}-1`, 'field1', 'value123']))),
    );
  }
}

/** A group that has been given nothing yet. */
const newGroup = async (client, key, group = 'group') => {
  await client.call('XGROUP', 'DESTROY', key, group);
  await client.call('XGROUP', 'CREATE', key, group, 0);
};

const giveAll = (client, key, count, group = 'group') =>
  client.send(['XREADGROUP', 'GROUP', group, 'consumer', 'COUNT', count, 'STREAMS', key, '>']);

const READ_GROUP = 'XREADGROUP GROUP group consumer COUNT';

export const groups = [
  {
    prepare: (port) =>
      withClient(port, async (client) => {
        await addEntries(client, 'big', KEYS);
        await addEntries(client, 'read', READ);
      }),
    loads: [
      growing('XADD', 0.92, 1_000_000, `XADD growing * field value:${R}`),
      growing('XADD MAXLEN ~', 0.85, 1_000_000, `XADD growing MAXLEN ~ 1000 * field value:${R}`),
      load('XRANGE of 10', 0.6, 500_000, `XRANGE big ${R} + COUNT 10`),
      {
        ...load('XREADGROUP COUNT 1', 0.6, READ, `${READ_GROUP} 1 STREAMS read >`),
        before: ({ port }) => withClient(port, (client) => newGroup(client, 'read')),
      },
      {
        ...load('XREADGROUP COUNT 10', 0.5, READ / 10, `${READ_GROUP} 10 STREAMS read >`),
        before: ({ port }) => withClient(port, (client) => newGroup(client, 'read')),
      },
      {
        ...load('XACK', 0.9, READ, `XACK read group ${R}-1`, READ),
        before: ({ port }) =>
          withClient(port, async (client) => {
            await newGroup(client, 'read');
            await giveAll(client, 'read', READ);
          }),
      },
    ],
  },
];

export const memory = [
  { name: 'stream of 1', bar: 0.06, count: 100_000, fill: (client) => makeSmall(client, 100_000, 1) },
  { name: 'stream of 10', bar: 0.12, count: 100_000, fill: (client) => makeSmall(client, 100_000, 10) },
  {
    name: 'entry of a stream of 10^6',
    bar: 0.78,
    count: MILLION,
    fill: (client) => addEntries(client, 's', MILLION),
    whyNot:
      "used_memory_dataset grows by 23.1 bytes an entry; what used_memory has beside it is JavaScript's heap, in which the garbage of filling may still lie",
  },
  {
    name: 'pending entry of 10^6',
    bar: 0.75,
    count: MILLION,
    base: async (client) => {
      await addEntries(client, 's', MILLION);
      await newGroup(client, 's');
    },
    fill: (client) => giveAll(client, 's', MILLION),
  },
];

const makeMillion = (client, key) => addEntries(client, key, MILLION);

const trimming = {
  bar: 0.6,
  before: async (client) => {
    for (let time = 0; time < 20; time++) {
      await client.call('DEL', 's');
      await addEntries(client, 's', FEW);
      await client.call('XTRIM', 's', 'MAXLEN', FEW / 2);
    }
    await client.call('DEL', 's');
    await makeMillion(client, 's');
  },
  command: ['XTRIM', 's', 'MAXLEN', MILLION / 2],
};

export const cases = [
  {
    name: 'XRANGE of 10^6',
    bar: 0.65,
    whyNot:
      '46 % is the kernel, which copies the reply (26) and gives pages for it; 11 % copies the words, 11 finds them in the nodes',
    prepare: (client) => makeMillion(client, 's'),
    command: ['XRANGE', 's', '-', '+'],
  },
  {
    ...trimming,
    name: 'XTRIM of half of a stream of 10^6',
    whyNot:
      'it cuts the tree in two, and holds others no longer than the next row says; the rest frees 5,000 nodes and gives ' +
      'their pages back to the system, in slices of a millisecond between commands: redis-server gives none back',
  },
  { ...trimming, name: 'XTRIM of half, as long as it holds others', isHeld: true },
  ...endings(
    'stream with groups',
    (key) => ['XADD', key, '1-1', 'field', 'value'],
    async (client) => {
      await makeMillion(client, 'key');
      for (const group of ['one', 'two']) {
        await newGroup(client, 'key', group);
        await giveAll(client, 'key', MILLION, group);
      }
    },
  ),
];
