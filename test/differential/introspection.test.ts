/** What the servers tell of themselves, as far as it is the same everywhere: shapes, counts, texts of errors. */
import { afterAll, beforeAll, test } from 'vitest';
import { type Comparator, compareScript, unordered } from '../support/compare.js';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import type { Command } from '../support/raw-client.js';
import { elementsOf, textOf } from '../support/reply-text.js';

const long = 'x'.repeat(200);

const scripts: Record<string, Command[]> = {
  'DEBUG PROTOCOL of every type': [
    ...['string', 'integer', 'double', 'bignum', 'null', 'array', 'set', 'map', 'attrib', 'push', 'verbatim'].map(
      (type) => ['DEBUG', 'PROTOCOL', type],
    ),
    ['DEBUG', 'PROTOCOL', 'true'],
    ['DEBUG', 'PROTOCOL', 'FALSE'],
    ['DEBUG', 'PROTOCOL', 'nonsense'],
    ['DEBUG', 'PROTOCOL'],
  ],
  'DEBUG for test suites': [
    ['DEBUG', 'ERROR', 'foo'],
    ['DEBUG', 'ERROR', 'MY own\r\nerror'],
    ['DEBUG', 'ERROR', ''],
    ['DEBUG', 'ERROR'],
    ['DEBUG', 'LOG', 'hello'],
    ['DEBUG', 'LOG'],
    ['DEBUG', 'DIGEST'],
    ['DEBUG', 'DIGEST', 'x'],
    ['DEBUG', 'DIGEST-VALUE'],
    ['DEBUG', 'DIGEST-VALUE', 'missing', 'missing'],
    ['SET', 'key:1', 'mine'],
    ['DEBUG', 'POPULATE', '3'],
    ['MGET', 'key:0', 'key:1', 'key:2', 'key:3'],
    ['DEBUG', 'POPULATE', '2', 'p', '10'],
    ['DEBUG', 'POPULATE', '2', 'q', '3'],
    ['DEBUG', 'POPULATE', '1', 'r', '0'],
    ['MGET', 'p:0', 'p:1', 'q:0', 'r:0'],
    ['DEBUG', 'POPULATE', 'x'],
    ['DEBUG', 'POPULATE', '-1'],
    ['DEBUG', 'POPULATE', '1', 'a', 'x'],
    ['DEBUG', 'POPULATE', '1', 'a', '-1'],
    ['DEBUG', 'POPULATE'],
    ['DEBUG', 'POPULATE', '1', 'a', '1', 'b'],
    ['DBSIZE'],
    ['DEBUG', 'QUICKLIST-PACKED-THRESHOLD', '100b'],
    ['DEBUG', 'QUICKLIST-PACKED-THRESHOLD', 'x'],
    ['DEBUG', 'QUICKLIST-PACKED-THRESHOLD', '-1'],
    ['DEBUG', 'QUICKLIST-PACKED-THRESHOLD', '4gb'],
    ['DEBUG', 'QUICKLIST-PACKED-THRESHOLD', '0'],
    ['DEBUG', 'LISTPACK', 'missing'],
    ['DEBUG', 'LISTPACK', 'key:1'],
    ['DEBUG', 'QUICKLIST', 'missing'],
    ['DEBUG', 'QUICKLIST', 'key:1', '1'],
    ['DEBUG', 'QUICKLIST', 'a', 'b', 'c'],
    ['SET', 'n', '1'],
    ['DEBUG', 'SDSLEN', 'n'],
    ['DEBUG', 'SDSLEN', 'missing'],
    ['DEBUG', 'PAUSE-CRON', '1'],
    ['DEBUG', 'PAUSE-CRON', '0'],
    ['DEBUG', 'PAUSE-CRON'],
    ['DEBUG', 'REPLYBUFFER', 'PEAK-RESET-TIME', 'NEVER'],
    ['DEBUG', 'REPLYBUFFER', 'peak-reset-time', '100'],
    ['DEBUG', 'REPLYBUFFER', 'peak-reset-time', 'x'],
    ['DEBUG', 'REPLYBUFFER', 'peak-reset-time', 'reset'],
    ['DEBUG', 'REPLYBUFFER', 'resizing', '1'],
    ['DEBUG', 'REPLYBUFFER', 'foo', '1'],
    ['DEBUG', 'REPLYBUFFER', 'resizing'],
    ['DEBUG', 'CHANGE-REPL-ID'],
    ['DEBUG', 'CHANGE-REPL-ID', 'x'],
    ['DEBUG', 'SET-DISABLE-DENY-SCRIPTS', '0'],
    ['DEBUG', 'SET-DISABLE-DENY-SCRIPTS'],
    ['DEBUG', 'DROP-CLUSTER-PACKET-FILTER', '-1'],
    ['DEBUG', 'DROP-CLUSTER-PACKET-FILTER', 'x'],
    ['DEBUG', 'AOF-FLUSH-SLEEP', '0'],
    ['DEBUG', 'LEAK', 'x'],
    ['DEBUG', 'REPLICATE', 'x'],
  ],
  'SLOWLOG keeps what it should of arguments, and no passwords': [
    ['CLIENT', 'SETNAME', 'me'],
    ['CONFIG', 'SET', 'slowlog-log-slower-than', '0'],
    ['SLOWLOG', 'RESET'],
    ['AUTH', 'secret'],
    ['AUTH', 'default', 'secret'],
    ['HELLO', '2', 'AUTH', 'default', 'secret', 'SETNAME', 'you'],
    ['CONFIG', 'SET', 'masterauth', 'secret', 'timeout', '0', 'requirepass', ''],
    ['SET', 'k', long],
    ['MSET', ...Array.from({ length: 31 }, (_, i) => `a${i}`), 'last'],
    ['MSET', ...Array.from({ length: 30 }, (_, i) => `b${i}`)],
    ['RPUSH', 'l', ...Array.from({ length: 30 }, (_, i) => `c${i}`)],
    ['RPUSH', 'l', ...Array.from({ length: 31 }, (_, i) => `c${i}`)],
    ['LPUSH', 'k', 'wrong'],
    ['GET'],
    ['NOSUCH', 'command'],
    ['MULTI'],
    ['SET', 'k', '1'],
    ['INCR', 'k'],
    ['EXEC'],
    ['SLOWLOG', 'LEN'],
    ['SLOWLOG', 'GET', '-1'],
    ['SLOWLOG', 'GET', '2'],
    ['SLOWLOG', 'GET', '0'],
    ['CONFIG', 'SET', 'slowlog-max-len', '3'],
    ['SLOWLOG', 'LEN'],
    ['CONFIG', 'SET', 'slowlog-max-len', '128', 'slowlog-log-slower-than', '-1'],
    ['SLOWLOG', 'GET'],
    ['PING'],
    ['SLOWLOG', 'GET', '1'],
    ['SLOWLOG', 'RESET'],
    ['SLOWLOG', 'GET'],
    ['SLOWLOG', 'GET', '-2'],
    ['SLOWLOG', 'GET', 'x'],
    ['SLOWLOG', 'GET', '1', '2'],
    ['SLOWLOG', 'LEN', 'x'],
    ['SLOWLOG', 'FOO'],
    ['SLOWLOG'],
    ['CONFIG', 'SET', 'slowlog-log-slower-than', '10000'],
  ],
  'commandstats and errorstats count calls, refusals and failures': [
    ['CONFIG', 'RESETSTAT'],
    ['GET'],
    ['NOSUCH'],
    ['CLIENT'],
    ['CLIENT', 'NOSUCH'],
    ['CLIENT', 'SETNAME'],
    ['CLIENT', 'SETNAME', 'a b'],
    ['LPUSH', 'l', 'v'],
    ['GET', 'l'],
    ['SET', 'k', 'v'],
    ['INCR', 'k'],
    ['MULTI'],
    ['SET', 'k', '1'],
    ['LPUSH', 'k', '1'],
    ['GET'],
    ['EXEC'],
    ['MULTI'],
    ['SET', 'k', '1'],
    ['LPUSH', 'k', '1'],
    ['EXEC'],
    ['EXEC'],
    ['BLPOP', 'l', '1'],
    ['DEBUG', 'ERROR', 'MINE'],
    ['CONFIG', 'SET', 'maxmemory', '1'],
    ['SET', 'a', '1'],
    ['CONFIG', 'SET', 'maxmemory', '0'],
    ['INFO', 'commandstats'],
    ['INFO', 'errorstats'],
    ['CONFIG', 'RESETSTAT'],
    ['INFO', 'commandstats'],
    ['INFO', 'errorstats'],
  ],
  LATENCY: [
    ['CONFIG', 'SET', 'latency-monitor-threshold', '50'],
    ['LATENCY', 'RESET'],
    ['DEBUG', 'SLEEP', '0.06'],
    ['LATENCY', 'LATEST'],
    ['LATENCY', 'HISTORY', 'command'],
    ['LATENCY', 'RESET', 'foo', 'command', 'command'],
    ['LATENCY', 'LATEST'],
    ['LATENCY', 'HISTORY', 'command'],
    ['LATENCY', 'GRAPH', 'nope'],
    ['LATENCY', 'GRAPH'],
    ['LATENCY', 'HISTORY'],
    ['LATENCY', 'LATEST', 'x'],
    ['LATENCY', 'FOO'],
    ['CONFIG', 'SET', 'latency-monitor-threshold', '0'],
    ['CONFIG', 'RESETSTAT'],
    ['SET', 'a', '1'],
    ['LATENCY', 'HISTOGRAM', 'set', 'nope', 'get'],
    ['CONFIG', 'GET', 'timeout'],
    ['LATENCY', 'HISTOGRAM', 'CONFIG|GET'],
    ['LATENCY', 'HISTOGRAM', 'nope'],
    ['CONFIG', 'SET', 'latency-tracking', 'no'],
    ['CONFIG', 'RESETSTAT'],
    ['SET', 'a', '1'],
    ['LATENCY', 'HISTOGRAM', 'set'],
    ['INFO', 'latencystats'],
    ['CONFIG', 'SET', 'latency-tracking', 'yes'],
  ],
  MEMORY: [
    ['SET', 'k', 'v'],
    ['MEMORY', 'USAGE', 'k'],
    ['MEMORY', 'USAGE', 'k', 'SAMPLES', '0'],
    ['MEMORY', 'USAGE', 'missing'],
    ['MEMORY', 'USAGE', 'missing', 'FOO'],
    ['MEMORY', 'USAGE', 'k', 'SAMPLES'],
    ['MEMORY', 'USAGE', 'k', 'SAMPLES', '-1'],
    ['MEMORY', 'USAGE', 'k', 'SAMPLES', 'x'],
    ['MEMORY', 'USAGE', 'k', 'SAMPLES', '1', 'SAMPLES', '2'],
    ['MEMORY', 'USAGE', 'k', 'FOO', '1'],
    ['MEMORY', 'USAGE'],
    ['MEMORY', 'PURGE'],
    ['MEMORY', 'PURGE', 'x'],
    ['MEMORY', 'STATS'],
    ['MEMORY', 'STATS', 'x'],
    ['MEMORY', 'DOCTOR', 'x'],
    ['MEMORY', 'MALLOC-STATS', 'x'],
    ['MEMORY', 'DOCTOR'],
    ['MEMORY', 'MALLOC-STATS'],
    ['MEMORY', 'FOO'],
    ['MEMORY'],
  ],
  'ACL as far as it reads': [
    ['ACL', 'WHOAMI'],
    ['ACL', 'WHOAMI', 'x'],
    ['ACL', 'USERS'],
    ['ACL', 'CAT'],
    ['ACL', 'CAT', 'nope'],
    ['ACL', 'CAT', 'transaction'],
    ['ACL', 'GETUSER', 'nobody'],
    ['ACL', 'GETUSER'],
    ['ACL', 'FOO'],
    ['ACL'],
  ],
  'INFO shows the sections that it is asked for': [
    ...[
      [],
      ['default'],
      ['all'],
      ['everything'],
      ['ALL', 'nonsense'],
      ['cpu', 'SERVER'],
      ['commandstats', 'default'],
    ].map((sections) => ['INFO', ...sections]),
  ],
  'HELP names the same subcommands': [
    ...['MEMORY', 'LATENCY', 'SLOWLOG', 'OBJECT', 'PUBSUB'].flatMap((command) => [
      [command, 'HELP'],
      [command, 'HELP', 'x'],
      [command, 'NOSUCH', 'x'],
      [command],
    ]),
  ],
  'LOLWUT takes any version': [
    ['LOLWUT'],
    ['LOLWUT', 'VERSION'],
    ['LOLWUT', 'VERSION', 'x'],
    ['LOLWUT', 'VERSION', '5', '3', '2', '1'],
    ['LOLWUT', 'VERSION', '5', 'x'],
    ['LOLWUT', 'VERSION', '6', '1', '1'],
    ['LOLWUT', 'foo'],
  ],
};

/** Ids, times and ports are the servers' own. */
const withoutNumbers: Comparator = (oracle, subject) => normal(oracle) === normal(subject);

function normal(reply: Buffer): string {
  return reply
    .toString('latin1')
    .replaceAll(/\r\n:\d+/g, '\r\n:N')
    .replaceAll(/\$\d+\r\n127\.0\.0\.1:\d+/g, 'ADDRESS');
}

/** As withoutNumbers, but for the type of the reply itself. */
const sameKind: Comparator = (oracle, subject) =>
  oracle[0] === subject[0] && (oracle[0] !== 0x2d || oracle.equals(subject));

/** Lines in any order, without times. */
const statistics: Comparator = (oracle, subject) => lines(oracle) === lines(subject);

function lines(reply: Buffer): string {
  return reply
    .toString('latin1')
    .replaceAll(/usec=\d+,usec_per_call=[\d.]+/g, 'TIME')
    .replace(/^.*\r\n/, '')
    .split('\r\n')
    .sort()
    .join('\n');
}

/** How many calls there were, whatever they took. */
const histogram: Comparator = (oracle, subject) => counts(oracle) === counts(subject);

function counts(reply: Buffer): string {
  return reply.toString('latin1').replaceAll(/histogram_usec\r\n.*\r\n:\d+\r\n/g, 'histogram_usec ');
}

/** The sections, whatever is in them. */
const titles: Comparator = (oracle, subject) => linesLike(oracle, /^# /) === linesLike(subject, /^# /);

/** The subcommands and their arguments. What they do is told in words of our own. */
const usages: Comparator = (oracle, subject) => linesLike(oracle, /^[+-]\S/) === linesLike(subject, /^[+-]\S/);

function linesLike(reply: Buffer, pattern: RegExp): string {
  return reply
    .toString('latin1')
    .split('\r\n')
    .filter((line) => pattern.test(line))
    .join('\n');
}

/** What 7.0 tells, but for what no later Redis does, in its order and of its types; 7.4 tells more. */
const memoryStats: Comparator = (oracle, subject) => {
  if (oracle[0] !== subject[0] || oracle[0] === 0x2d) return oracle.equals(subject);
  const [theirs, ours] = [shapeOf(oracle), shapeOf(subject)];
  const expected = theirs.filter((name) => !name.startsWith('overhead.hashtable.slot-to-keys'));
  return expected.join('\n') === ours.filter((name) => expected.includes(name)).join('\n');
};

/** The names in a map, each with the type of its value. */
function shapeOf(map: Buffer): string[] {
  const parts = elementsOf(map)!;
  return parts.flatMap((part, i) => {
    if (i % 2 === 0) return [];
    const name = textOf(parts[i - 1]!);
    return [
      `${name} ${String.fromCharCode(part[0]!)}`,
      ...('*%'.includes(String.fromCharCode(part[0]!)) ? shapeOf(part) : []),
    ];
  });
}

const ownComparators: Record<string, Record<string, Comparator>> = {
  'INFO shows the sections that it is asked for': { info: titles },
  'HELP names the same subcommands': {
    'memory help': usages,
    'latency help': usages,
    'slowlog help': usages,
    'object help': usages,
    'pubsub help': usages,
  },
};

const comparators: Record<string, Comparator> = {
  'slowlog get': withoutNumbers,
  info: statistics,
  'latency latest': withoutNumbers,
  'latency history': withoutNumbers,
  'latency histogram': histogram,
  'memory usage': sameKind,
  'memory doctor': sameKind,
  'memory malloc-stats': sameKind,
  'memory stats': memoryStats,
  'acl cat': unordered,
  lolwut: sameKind,
};

describeWithOracle('introspection answers as redis-server does', () => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await startPair();
  });

  afterAll(async () => {
    await pair?.stop();
  });

  for (const [name, script] of Object.entries(scripts)) {
    test.each([2, 3] as const)(`${name} (RESP%i)`, async (protocol) => {
      await compareScript(pair, script, { protocol, comparators: { ...comparators, ...ownComparators[name] } });
    });
  }
});
