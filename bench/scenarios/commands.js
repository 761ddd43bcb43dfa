/**
 * Server CPU of single commands beside redis-server: bits, lists, transactions, messages. (redis-benchmark's default
 * list is measured with the collections.)
 */
import { callOnce } from '../support/client.js';
import { measureGroups } from '../support/groups.js';
import { redisBenchmark, runLoad, startLoad } from '../support/load.js';

export const title = 'Server CPU of single commands';

const BAR = 1.0;
const KEYS = 100_000;
const LISTS = 20_000;
const CHANNEL = 'news';
const MESSAGE = 'xxx';

const numbers = (count, to = (n) => n) => Array.from({ length: count }, (_, n) => `${to(n)}`);
const custom = (name, requests, command, ...args) => ({
  name,
  requests,
  args: ['-P', '16', ...args],
  command,
  bar: BAR,
});
/** What redis-benchmark can not send. */
const pipelines = (name, requests, options) => ({
  name,
  requests,
  drive: async ({ port }, requests) => (await runLoad('pipelines', { port, requests, ...options })).rps,
  bar: BAR,
});

const groups = [
  {
    prepare: async (port) => {
      await runLoad('fill', { port, kind: 'set', to: KEYS });
    },
    loads: [
      pipelines('MULTI, 10 SETs, EXEC', 96_000, {
        unit: [['MULTI'], ...numbers(10).map(() => ['SET', 'key:{n}', MESSAGE]), ['EXEC']],
        reply: `+OK\r\n${'+QUEUED\r\n'.repeat(10)}*10\r\n${'+OK\r\n'.repeat(10)}`,
        range: KEYS,
      }),
    ],
  },
  {
    prepare: async (port) => {
      const bits = (length, seed) =>
        Buffer.from(numbers(length, (n) => (Math.imul(n + seed, 2654435761) >>> 24) & 63).join('')).toString(
          'latin1',
          0,
          length,
        );
      await callOnce(port, 'SET', 'kilobyte', bits(1024, 1));
      await callOnce(port, 'SET', 'megabyte', bits(1024 * 1024, 2));
      await callOnce(port, 'SET', 'a', bits(100 * 1024, 3));
      await callOnce(port, 'SET', 'b', bits(100 * 1024, 4));
      await callOnce(port, 'SET', 'c', bits(50, 5));
      await callOnce(port, 'SET', 'd', bits(50, 6));
      await callOnce(port, 'RPUSH', 'hundred', ...numbers(100, (n) => `element:${n}`));
      await callOnce(port, 'RPUSH', 'numbers', ...numbers(100, (n) => Math.imul(n + 1, 2654435761) >>> 16));
    },
    loads: [
      pipelines('SETBIT in 1 MB', 1_600_000, {
        unit: [['SETBIT', 'megabyte', '{n}', '1']],
        reply: ':1\r\n',
        range: 8 * 1024 * 1024,
      }),
      pipelines('GETBIT in 1 MB', 1_600_000, {
        unit: [['GETBIT', 'megabyte', '{n}']],
        reply: ':1\r\n',
        range: 8 * 1024 * 1024,
      }),
      custom('BITCOUNT of 1 KB', 1_000_000, ['BITCOUNT', 'kilobyte']),
      custom('BITCOUNT of 1 MB', 4_000, ['BITCOUNT', 'megabyte']),
      {
        ...custom('BITOP AND of 2 x 100 KB', 40_000, ['BITOP', 'AND', 'result', 'a', 'b']),
        whyNot:
          'in a profile 83 % is copying the strings into the memory of WebAssembly and the result back, 6 % the operation; ' +
          'in JavaScript it takes 1.6 times as long (src/memory/bits.ts)',
      },
      custom('BITFIELD, two operations', 1_000_000, 'BITFIELD fields INCRBY u16 #100 1 GET u8 8'.split(' ')),
      custom('BITOP AND of 2 x 50 bytes', 600_000, ['BITOP', 'AND', 'little', 'c', 'd']),
      custom('BITFIELD, a counter of 64 bits', 1_000_000, 'BITFIELD counters INCRBY i64 #1 1'.split(' ')),
      custom('LPOS in 100', 600_000, ['LPOS', 'hundred', 'element:50']),
      custom('SORT of 100 numbers', 60_000, ['SORT', 'numbers']),
      { ...custom('SORT of 100 numbers, STORE', 60_000, ['SORT', 'numbers', 'STORE', 'sorted']), bar: undefined },
      { ...custom('DUMP of 100 elements', 120_000, ['DUMP', 'hundred']), bar: undefined },
    ],
  },
  {
    loads: [
      {
        ...custom(
          'LINSERT into 100',
          500_000,
          ['LINSERT', 'list:__rand_int__', 'BEFORE', 'element:50', MESSAGE],
          '-r',
          `${LISTS}`,
        ),
        // The lists are as short for everyone, always.
        before: async ({ port }) => {
          const elements = numbers(100, (n) => `element:${n}`);
          await callOnce(port, 'FLUSHDB');
          await runLoad('pipelines', {
            port,
            unit: [['RPUSH', 'list:{n}', ...elements]],
            reply: ':100\r\n',
            range: LISTS,
            order: 'next',
            requests: LISTS,
          });
        },
      },
    ],
  },
  publishing(1, [publish('P=16', 800_000, '-P', '16')]),
  publishing(100, [publish('P=16', 32_000, '-P', '16'), { ...publish('P=1', 16_000), bar: undefined }]),
  publishing(10_000, [publish('P=16', 320, '-P', '16')]),
];

function publish(label, requests, ...args) {
  return { label, requests, atLeast: 160, args, command: ['PUBLISH', CHANNEL, MESSAGE], bar: BAR };
}

/** The subscribers are another process, which reads all that comes; a round is over when everything has reached it. */
function publishing(count, loads) {
  return {
    settings: ['--maxclients', '12000'],
    loads: loads.map(({ label, ...load }) => {
      let subscribers;
      return {
        ...load,
        name: `PUBLISH to ${count.toLocaleString('en')}, ${label}`,
        before: async ({ port }, messages) => {
          subscribers = startLoad('subscribers', { port, count, channel: CHANNEL, message: MESSAGE, messages });
          await subscribers.ready;
        },
        drive: async ({ port }, requests) => {
          const received = subscribers.told();
          const rps = await redisBenchmark(port, ['-n', `${requests}`, ...load.args, ...load.command]);
          await received;
          return rps;
        },
        after: () => subscribers.stop(),
      };
    }),
  };
}

export async function run(options) {
  const { rows, table } = await measureGroups(groups, options);
  return {
    rows,
    how:
      `50 connections, P=16 unless a line says otherwise; redis-benchmark, or bench/load/pipelines.js for random bits and for MULTI, where a whole transaction counts as one. ` +
      `utime + stime of the whole server process from /proc, divided by the commands; median of ${options.rounds} rounds after one that warms up, every load on all servers in turn within a round. ` +
      `PUBLISH is measured until all subscribers, which another process reads for, have got all messages.`,
    table,
  };
}
