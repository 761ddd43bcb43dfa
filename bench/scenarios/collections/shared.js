/** What the loads of all types of collections have in common: names, sizes, and how collections are filled. */
import { connect } from '../../support/client.js';
import { sleep } from '../../support/load.js';

/** How many small collections there are, and how many elements a big one has. */
export const KEYS = 100_000;
export const MILLION = 1_000_000;
/** So many small collections that garbage on the JavaScript heap, some MB, tells less than 4 bytes of each. */
export const MANY_KEYS = 400_000;
/** What redis-benchmark replaces by twelve digits, another number each time. */
export const R = '__rand_int__';

const ELEMENTS_PER_CALL = 10_000;
const CALLS_AT_ONCE = 1000;

export const range = (count, to) => Array.from({ length: count }, (_, n) => to(n));
/** As redis-benchmark writes its random numbers. */
export const padded = (n) => `${n}`.padStart(12, '0');
export const scattered = (n) => (Math.imul(n + 1, 2654435761) >>> 0) % MILLION;
/** A key of 16 bytes. */
export const keyName = (n) => `key:${padded(n)}`;

/** Adds the elements `from` to `from + count`, each of which `words` turns into arguments, to a key. */
export async function addElements(client, command, key, count, words, from = 0) {
  for (let at = from; at < from + count; at += ELEMENTS_PER_CALL) {
    const size = Math.min(ELEMENTS_PER_CALL, from + count - at);
    await client.send([command, key, ...range(size, (n) => words(at + n)).flat()]);
  }
}

/** Makes so many small collections of so many elements; `words(key's number, element's number)` are the arguments. */
export async function makeSmall(client, command, count, elements, words) {
  for (let at = 0; at < count; at += CALLS_AT_ONCE) {
    await Promise.all(
      range(Math.min(CALLS_AT_ONCE, count - at), (n) =>
        client.send([command, keyName(at + n), ...range(elements, (element) => words(at + n, element)).flat()]),
      ),
    );
  }
}

export async function withClient(port, work) {
  const client = await connect(port);
  try {
    await work(client);
  } finally {
    client.close();
  }
}

/** redis-benchmark with P=16; `numbers` is how many different ones take the place of R. */
export const load = (name, bar, requests, command, numbers = KEYS) => ({
  name,
  requests,
  args: ['-P', '16', '-r', `${numbers}`],
  command: command.split(' '),
  bar,
});

/**
 * The same on a collection that begins empty in each round. What a DEL of a million elements leaves to be done later
 * (0.2 s of CPU of ours, where redis-server takes 0.9 s at once) is over before the round, on either server.
 */
export const growing = (name, bar, requests, command) => ({
  ...load(name, bar, requests, command, 100_000_000),
  before: ({ port }) =>
    withClient(port, async (client) => {
      await client.call('DEL', 'growing');
      while (!`${await client.call('INFO', 'memory')}`.includes('lazyfree_pending_objects:0\r')) await sleep(20);
    }),
});

/**
 * What ends a collection of a million, which `fill` makes under a key: each at most 1 ms. `words` make a little one,
 * with which each command runs some times before.
 */
export const endings = (type, words, fill) =>
  [
    { name: `DEL of a ${type} of 10^6`, command: ['DEL', 'key'] },
    { name: `SET over a ${type} of 10^6`, command: ['SET', 'key', 'value'] },
    { name: `expiry of a ${type} of 10^6`, command: ['EXISTS', 'key'], isDue: true },
    { name: `MEMORY USAGE of a ${type} of 10^6`, command: ['MEMORY', 'USAGE', 'key'] },
  ].map(({ name, command, isDue = false }) => ({
    name,
    command,
    barMs: 1,
    before: async (client) => {
      await client.call('DEBUG', 'SET-ACTIVE-EXPIRE', isDue ? 0 : 1);
      for (let time = 0; time < 20; time++) {
        await client.call('DEL', 'key');
        await client.call(...words('key'));
        if (isDue) await fallDue(client);
        await client.send(command);
      }
      await client.call('DEL', 'key');
      await fill(client);
      if (isDue) await fallDue(client);
    },
  }));

async function fallDue(client) {
  await client.call('PEXPIRE', 'key', 1);
  await sleep(3);
}
