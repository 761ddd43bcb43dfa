/** CLIENT PAUSE WRITE, and keys that fall due meanwhile: nothing may change before it ends. */
import { afterAll, beforeAll, test } from 'vitest';
import { compareConversation, type Step } from '../support/conversation.js';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';

const command = (line: string): Step => ({ conn: 'a', send: line.split(' ') });

/** Keys that fall due in the pause, which begins in the same turn: two strings and a list, beside one that stays. */
const lines = [
  ...['SET s 123 PX 100', 'SET t v PX 100', 'RPUSH l 3 1 2', 'PEXPIRE l 100', 'SET stays v'],
  ...['CLIENT PAUSE 100000 WRITE', 'DEBUG SLEEP 0.15'],
];
const dueInPause: Step[] = [{ conn: 'a', pipeline: lines.map((line) => line.split(' ')) }];

const reads = [
  ...['GET s', 'MGET s t stays', 'STRLEN s', 'GETRANGE s 0 -1', 'EXISTS s t stays', 'TYPE s', 'TTL s', 'PEXPIRETIME s'],
  ...['GETBIT s 1', 'BITCOUNT s', 'BITPOS s 1', 'BITFIELD_RO s GET u8 0', 'LCS s t', 'LLEN l', 'LRANGE l 0 -1'],
  ...['LINDEX l 0', 'LPOS l 1', 'SORT_RO l', 'DUMP s', 'TOUCH s t stays', 'OBJECT ENCODING s', 'KEYS *', 'SCAN 0'],
  ...['RANDOMKEY', 'WATCH s'],
];

describeWithOracle('a key that falls due during CLIENT PAUSE WRITE', () => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await startPair({ 'notify-keyspace-events': 'KEAm' });
  });

  afterAll(() => pair?.stop());

  test.each(reads)('is not there for %s, and stays until the pause is over', async (read) => {
    await compareConversation(pair, [
      ...dueInPause,
      command(read),
      command('DBSIZE'),
      command('CLIENT UNPAUSE'),
      command('EXISTS s t l stays'),
      command('DBSIZE'),
    ]);
  });

  test('is not there for a transaction that reads, nor for one that writes and waits', async () => {
    await compareConversation(pair, [
      ...dueInPause,
      ...['MULTI', 'GET s', 'LLEN l', 'EXEC', 'DBSIZE'].map(command),
      command('CLIENT UNPAUSE'),
      ...['MULTI', 'SETNX s new', 'RPUSHX l x', 'EXEC', 'GET s'].map(command),
    ]);
  });
});
