/** How blocking commands read their timeouts. In a transaction they do so and do not block. */
import { afterAll, beforeAll, test } from 'vitest';
import { type Comparator, compareScript } from '../support/compare.js';
import { compareConversation, type Step } from '../support/conversation.js';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import type { Command } from '../support/raw-client.js';

const ORDINARY = `
  0 -0 +0 1 +1 -1 00001 0.0001 -0.0001 -0.001 -0.0011 .5 1. . 1e 1e3 1E2 1e+2 1e-400 -1e-400 1e-4960 1e15 9007199254740993
  9007199254740992.5 9221572000000000 0x10 0x1p3 -0x1 0x 0x1.8 0b1 nan -nan NAN nan(1) -inf -INF -infinity -1e16 -1e308 -1e400
  -1e5000 1e5000 infinityx 1,5 1_0 abc 1d 1f 1L 9223372036854775807x ١`
  .trim()
  .split(/\s+/)
  .concat('', ' 1', '1 ', '1\0', '\t1');

/** The end of such a wait is beyond 64 bits. 7.4 says so; 7.0 waits, or takes it for negative. */
const TOO_LONG = `
  inf +inf INF infinity 1e16 9.3e15 9223372036854774 9223372036854775 9223372036854775.807 9223372036854775.808
  9223372036854775807 9223372036854775808 18446744073709551616 0x7FFFFFFFFFFFFF 1e300 1e308 1.8e308 1e400`
  .trim()
  .split(/\s+/);

const commands: Record<string, (timeout: string) => Command> = {
  BLPOP: (timeout) => ['BLPOP', 'k', timeout],
  BRPOP: (timeout) => ['BRPOP', 'k', 'l', timeout],
  BLMOVE: (timeout) => ['BLMOVE', 'k', 'l', 'LEFT', 'RIGHT', timeout],
  BRPOPLPUSH: (timeout) => ['BRPOPLPUSH', 'k', 'l', timeout],
  BLMPOP: (timeout) => ['BLMPOP', timeout, '1', 'k', 'LEFT'],
};

function inTransactions(list: Command[]): Command[] {
  return list.flatMap((command) => [['MULTI'], command, ['EXEC']]);
}

const isTooLong: Comparator = (oracle, subject) =>
  (/timeout is negative|out of range/.test(oracle.toString()) ||
    /^\*1\r\n(\*-1|\$-1|:0)\r\n$/.test(oracle.toString())) &&
  subject.toString() === '*1\r\n-ERR timeout is out of range\r\n';

const waits: Record<string, Step[]> = {
  'a long timeout is a wait': [
    { conn: 'a', block: ['BLPOP', 'k', '1e15'] },
    { conn: 'b', block: ['BLMPOP', '9007199254740993', '1', 'k', 'LEFT'] },
    { conn: 'w', send: ['CLIENT', 'UNBLOCK', 'id of a'] },
    { conn: 'a', expect: 'reply' },
    { conn: 'w', send: ['RPUSH', 'k', 'x'] },
    { conn: 'b', expect: 'reply' },
  ],
  'WAIT ends by CLIENT UNBLOCK': [
    { conn: 'a', block: ['WAIT', '1', '0'] },
    { conn: 'w', send: ['CLIENT', 'UNBLOCK', 'id of a'] },
    { conn: 'a', expect: 'reply' },
    { conn: 'a', block: ['WAIT', '1', '9007199254740993'] },
    { conn: 'w', send: ['CLIENT', 'UNBLOCK', 'id of a', 'TIMEOUT'] },
    { conn: 'a', expect: 'reply' },
    { conn: 'a', block: ['WAIT', '3', '0'] },
    { conn: 'w', send: ['CLIENT', 'UNBLOCK', 'id of a', 'ERROR'] },
    { conn: 'a', expect: 'reply' },
    { conn: 'w', send: ['CLIENT', 'UNBLOCK', 'id of a'] },
    { conn: 'a', send: ['PING'] },
  ],
  'WAIT ends by its time, and what its client sent meanwhile runs then': [
    { conn: 'a', send: ['SET', 'k', 'v'] },
    {
      conn: 'a',
      pipeline: [
        ['WAIT', '1', '1'],
        ['GET', 'k'],
        ['WAIT', '0', '0'],
        ['WAIT', '-1', '0'],
      ],
    },
  ],
  'a client that leaves while it waits is gone': [
    { conn: 'a', block: ['WAIT', '1', '0'] },
    { conn: 'b', block: ['WAIT', '1', '0'] },
    { conn: 'a', close: true },
    { conn: 'w', send: ['CLIENT', 'UNBLOCK', 'id of a'] },
    { conn: 'w', send: ['CLIENT', 'UNBLOCK', 'id of b'] },
    { conn: 'b', expect: 'reply' },
    { conn: 'b', block: ['WAIT', '1', '0'] },
    { conn: 'w', send: ['CLIENT', 'KILL', 'ID', 'id of b'] },
    { conn: 'w', send: ['CLIENT', 'UNBLOCK', 'id of b'] },
  ],
  'WAIT does not wait in a transaction': [
    {
      conn: 'a',
      pipeline: [['MULTI'], ['WAIT', '1', '0'], ['WAIT', '1', '1000'], ['SET', 'k', 'v'], ['EXEC']],
    },
  ],
};

describeWithOracle('timeouts are those of redis-server', () => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await startPair();
  });

  afterAll(() => pair?.stop());

  test.each(Object.keys(commands))('%s in seconds', async (name) => {
    await compareScript(pair, inTransactions(ORDINARY.map(commands[name]!)));
    await compareScript(pair, inTransactions(TOO_LONG.map(commands[name]!)), { comparators: { exec: isTooLong } });
  });

  test('WAIT in milliseconds', async () => {
    const timeouts = ORDINARY.concat(TOO_LONG).filter((timeout) => timeout !== '9223372036854775807');
    await compareScript(pair, inTransactions(timeouts.map((timeout) => ['WAIT', '1', timeout])));
    await compareScript(pair, inTransactions(timeouts.map((timeout) => ['WAIT', timeout, '5'])));
    await compareScript(pair, inTransactions([['WAIT', '1', '9223372036854775807']]), {
      comparators: { exec: isTooLong },
    });
  });

  for (const protocol of [2, 3] as const) {
    test.each(Object.entries(waits))(`%s (RESP${protocol})`, async (_, steps) => {
      await compareConversation(pair, steps, { protocol });
    });
  }
});
