/** Every number that a command takes, at the ends of its range, beyond them, and written in unusual ways. */
import { afterAll, beforeAll, test } from 'vitest';
import { compareScript } from '../support/compare.js';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import type { Command } from '../support/raw-client.js';

const VALUES = [
  ...['0', '-1', '1', '5', '2147483648', '-2147483649', '4294967296', '9007199254740993', '9223372036854775807'],
  ...['-9223372036854775808', '9223372036854775808', '18446744073709551616', '1e3', '1.5', 'inf', 'nan', '-0', '+1'],
  ...['01', '0x10', '', '1 ', '(1', '-', '+', '$'],
];
/** What the second number of a command is. */
const SECONDS = ['0', '-1', '10'];

const SETUP: readonly Command[] = [
  'FLUSHALL',
  'SET s hello-world',
  'SET n 5',
  'SET f 5',
  'SET b abcdef',
  'SET e v',
  'RPUSH l a b c a',
  'SADD st a b c',
  'ZADD z 1 a 2 b 3 c',
  'HSET h f 1 f2 1',
  'XADD x 1-1 a b',
  'XADD x 2-1 a b',
  'XGROUP CREATE x g 0',
  'GEOADD ge 13 38 p 13.1 38.1 q',
].map((line) => line.split(' '));

/** `i` and `j` stand for the numbers. */
const COMMANDS: Record<string, readonly string[]> = {
  strings: [
    ...['GETRANGE s i j', 'SETRANGE s i x', 'INCRBY n i', 'DECRBY n i', 'INCRBYFLOAT f i', 'LCS s s MINMATCHLEN i IDX'],
    ...['SET e v EX i', 'SET e v PX i', 'SET e v EXAT i', 'SET e v PXAT i', 'GETEX e EX i', 'GETEX e PXAT i'],
    ...['SETEX e i v', 'PSETEX e i v', 'SETBIT b i 1', 'GETBIT b i', 'BITPOS b 1 i j', 'BITCOUNT b i j'],
    ...['BITFIELD b GET u8 i', 'BITFIELD b SET u8 j i', 'BITFIELD b INCRBY i64 0 i'],
  ],
  keys: [
    ...['EXPIRE e i', 'PEXPIRE e i', 'EXPIREAT e i', 'PEXPIREAT e i', 'SELECT i', 'MOVE s i', 'COPY s t DB i'],
    ...['SWAPDB i j', 'SWAPDB j i', 'RESTORE r i xx', 'RESTORE r 0 xx IDLETIME i', 'RESTORE r 0 xx FREQ i'],
    'SORT l ALPHA LIMIT i j',
  ],
  lists: [
    ...[
      'LRANGE l i j',
      'LTRIM l i j',
      'LINDEX l i',
      'LSET l i x',
      'LREM l i x',
      'LPOS l a COUNT i',
      'LPOS l a MAXLEN i',
    ],
    ...['LPOP l i', 'RPOP l i', 'LMPOP 1 l LEFT COUNT i', 'LMPOP i l LEFT'],
  ],
  collections: [
    ...['SINTERCARD 1 st LIMIT i', 'SINTERCARD i st', 'HINCRBY h f i', 'HINCRBYFLOAT h f i', 'ZRANGE z i j'],
    ...['ZREVRANGE z i j', 'ZRANGEBYSCORE z i j', 'ZRANGEBYSCORE z -inf +inf LIMIT i j', 'ZCOUNT z i j'],
    ...['ZRANGEBYLEX z - + LIMIT i j', 'ZREMRANGEBYRANK z i j', 'ZADD z i m', 'ZPOPMIN z i', 'ZPOPMAX z i'],
    ...['ZMPOP 1 z MIN COUNT i', 'ZINTERCARD 1 z LIMIT i', 'ZUNION i z', 'ZRANGESTORE d z i j', 'ZLEXCOUNT z i j'],
    ...['ZRANGE z i j BYSCORE LIMIT j i', 'SPOP none i', 'SRANDMEMBER none i', 'HRANDFIELD none i'],
    'ZRANDMEMBER none i WITHSCORES',
  ],
  streams: [
    ...['XADD x MAXLEN i i-* a b', 'XADD y i-j a b', 'XRANGE x i j', 'XRANGE x - + COUNT i', 'XREVRANGE x j i'],
    ...['XTRIM x MAXLEN ~ 1000 LIMIT i', 'XTRIM x MAXLEN i', 'XTRIM x MINID i', 'XREAD COUNT i STREAMS x 0'],
    ...['XREADGROUP GROUP g c COUNT i STREAMS x >', 'XPENDING x g - + i', 'XPENDING x g IDLE i - + 10'],
    ...['XCLAIM x g c i 1-1', 'XCLAIM x g c 0 1-1 IDLE i JUSTID', 'XCLAIM x g c 0 1-1 RETRYCOUNT i JUSTID'],
    ...['XAUTOCLAIM x g c i 0', 'XSETID x i', 'XSETID x 99-1 ENTRIESADDED i MAXDELETEDID 0-0', 'XGROUP SETID x g i'],
    ...['XGROUP CREATE x g2 i', 'XGROUP SETID x g 0 ENTRIESREAD i', 'XINFO STREAM x FULL COUNT i', 'XACK x g i'],
    'XDEL x i',
  ],
  places: [
    ...['GEOADD ge i j m', 'GEOSEARCH ge FROMLONLAT i j BYRADIUS 1 km', 'GEOSEARCH ge FROMLONLAT 13 38 BYRADIUS i m'],
    ...['GEOSEARCH ge FROMLONLAT 13 38 BYBOX i j km ASC', 'GEOSEARCH ge FROMLONLAT 13 38 BYRADIUS 1000 km COUNT i'],
    'GEORADIUS ge 13 38 i km COUNT j',
  ],
  server: [
    ...[
      'EVAL return_1 i k',
      'CLIENT KILL ID i',
      'CLIENT UNBLOCK i',
      'CLIENT NO-EVICT i',
      'HELLO i',
      'LATENCY HISTORY i',
    ],
    ...[
      'CONFIG SET hz i',
      'CONFIG SET list-max-listpack-size i',
      'CONFIG SET slowlog-max-len i',
      'CONFIG SET timeout i',
    ],
    ...['CONFIG SET latency-monitor-threshold i', 'CONFIG SET maxmemory-samples i', 'CONFIG SET tcp-keepalive i'],
  ],
};

/** Somebody may have these. */
const KILLING = /^CLIENT KILL ID [15]$/;

function commandsOf(template: string): Command[] {
  const words = template.split(' ');
  const seconds = words.includes('j') ? SECONDS : [''];
  const withNumbers = (i: string, j: string) => words.map((word) => word.replace(/^i\b/, i).replace(/\bj$/, j));
  return VALUES.flatMap((i) => seconds.map((j) => withNumbers(i, j))).filter((words) => !KILLING.test(words.join(' ')));
}

/** What makes the keys of a command. */
function setupOf(template: string): Command[] {
  const words = template.split(' ');
  return SETUP.filter(([name, first, second]) => {
    const key = name === 'XGROUP' ? second : first;
    return key === undefined || words.includes(String(key));
  });
}

describeWithOracle('numbers at the ends of their ranges', () => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await startPair();
  });
  afterAll(() => pair?.stop());

  test.each(Object.entries(COMMANDS))('of %s', async (_, templates) => {
    await compareScript(
      pair,
      templates.flatMap((template) => {
        const setup = setupOf(template);
        return commandsOf(template).flatMap((command) => [...setup, command]);
      }),
    );
  });
});
