/** What redis-benchmark sends when it is told nothing. */
import { callOnce } from '../../support/client.js';
import { KEYS, range } from './shared.js';

const BAR = 1.0;

/**
 * What takes little more than a PING: profiles of both servers under it (perf). JavaScript is 12 % of ZPOPMIN of a
 * key that is not there, 23 of LPOP and RPOP, 26 of RPUSH.
 */
const NEAR_PING =
  "of a PING 71 % is system calls (76 % there), 18 % Node's way from the socket to JavaScript and back, and 11 % all that is redstart's";

/** One of redis-benchmark's own tests, with P=16. */
const own = (test, requests, ...args) => ({
  name: test.toUpperCase(),
  requests,
  args: ['-t', test, '-P', '16', ...args],
  bar: BAR,
  // Loads on collections that are named alike have reasons of their own.
  whyNot: undefined,
});

/** The same where the kernel and Node leave no room. */
const near = (...words) => ({ ...own(...words), whyNot: NEAR_PING });

const random = ['-r', `${KEYS}`];

export const groups = [
  {
    prepare: async (port) => {
      await callOnce(port, 'RPUSH', 'elements', ...range(1000, () => 'xxx'));
    },
    loads: [
      near('ping_inline', 2_000_000),
      near('ping_mbulk', 2_000_000),
      own('set', 1_500_000, ...random),
      own('get', 1_500_000, ...random),
      own('incr', 1_500_000, ...random),
      near('lpush', 1_500_000),
      near('rpush', 1_500_000),
      near('lpop', 1_500_000),
      near('rpop', 1_500_000),
      own('sadd', 1_500_000, ...random),
      own('hset', 1_500_000, ...random),
      near('spop', 1_500_000, ...random),
      own('zadd', 1_500_000, ...random),
      near('zpopmin', 1_500_000, ...random),
      ...[100, 300, 500, 600].map((count) => ({
        name: `LRANGE_${count}`,
        requests: 20_000_000 / count,
        args: ['-P', '16'],
        command: ['LRANGE', 'elements', '0', `${count - 1}`],
        bar: BAR,
      })),
      {
        ...own('mset', 200_000, ...random),
        whyNot:
          '54 % is the search for the keys, most of it waiting for slots and entries; 23 % is the kernel and Node',
      },
    ],
  },
];
