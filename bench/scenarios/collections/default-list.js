/** What redis-benchmark sends when it is told nothing. */
import { callOnce } from '../../support/client.js';
import { KEYS, range } from './shared.js';

const BAR = 1.0;

/** One of redis-benchmark's own tests, with P=16. */
const own = (test, requests, ...args) => ({
  name: test.toUpperCase(),
  requests,
  args: ['-t', test, '-P', '16', ...args],
  bar: BAR,
});

const random = ['-r', `${KEYS}`];

export const groups = [
  {
    prepare: async (port) => {
      await callOnce(port, 'RPUSH', 'elements', ...range(1000, () => 'xxx'));
    },
    loads: [
      own('ping_inline', 2_000_000),
      own('ping_mbulk', 2_000_000),
      own('set', 1_500_000, ...random),
      own('get', 1_500_000, ...random),
      own('incr', 1_500_000, ...random),
      ...['lpush', 'rpush', 'lpop', 'rpop'].map((test) => own(test, 1_500_000)),
      ...['sadd', 'hset', 'spop', 'zadd', 'zpopmin'].map((test) => own(test, 1_500_000, ...random)),
      ...[100, 300, 500, 600].map((count) => ({
        name: `LRANGE_${count}`,
        requests: 20_000_000 / count,
        args: ['-P', '16'],
        command: ['LRANGE', 'elements', '0', `${count - 1}`],
        bar: BAR,
      })),
      own('mset', 200_000, ...random),
    ],
  },
];
