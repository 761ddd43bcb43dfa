import { afterAll, beforeAll, test } from 'vitest';
import { compareConversation, type Step } from '../support/conversation.js';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';

const cases: Record<string, Step[]> = {
  'a waiter that is woken for a list which is gone by then goes on waiting': [
    { conn: 'a', block: ['BLPOP', 'k', 0] },
    { conn: 'w', pipeline: [['MULTI'], ['RPUSH', 'k', 'a'], ['PEXPIREAT', 'k', 1], ['EXEC']] },
    { conn: 'w', send: ['RPUSH', 'k', 'b'] },
    { conn: 'a', expect: 'reply' },
    { conn: 'w', send: ['EXISTS', 'k'] },
  ],
  'a waiter that is woken for a list which has expired by then goes on waiting': [
    { conn: 'a', block: ['BLPOP', 'k', 0] },
    {
      conn: 'w',
      pipeline: [['MULTI'], ['RPUSH', 'k', 'a'], ['PEXPIRE', 'k', 10], ['DEBUG', 'SLEEP', '0.05'], ['EXEC']],
    },
    { conn: 'w', send: ['RPUSH', 'k', 'b'] },
    { conn: 'a', expect: 'reply' },
    { conn: 'w', send: ['EXISTS', 'k'] },
  ],
  'waiters are served in the order in which they blocked': [
    { conn: 'a', block: ['BLPOP', 'k', 0] },
    { conn: 'b', block: ['BLPOP', 'k', 0] },
    { conn: 'c', block: ['BRPOP', 'k', 0] },
    { conn: 'w', send: ['RPUSH', 'k', '1', '2', '3', '4'] },
    { conn: 'a', expect: 'reply' },
    { conn: 'b', expect: 'reply' },
    { conn: 'c', expect: 'reply' },
    { conn: 'w', send: ['LRANGE', 'k', 0, -1] },
  ],
  'a waiter on several keys is served once, from the key that was filled first': [
    { conn: 'a', block: ['BLPOP', 'k1', 'k2', 'k3', 0] },
    {
      conn: 'w',
      pipeline: [
        ['RPUSH', 'k3', 'x'],
        ['RPUSH', 'k1', 'y'],
      ],
    },
    { conn: 'a', expect: 'reply' },
    {
      conn: 'w',
      pipeline: [
        ['EXISTS', 'k3'],
        ['LRANGE', 'k1', 0, -1],
      ],
    },
  ],
  'the first key in argument order that holds a list answers at once': [
    { conn: 'w', send: ['RPUSH', 'k2', 'b'] },
    { conn: 'w', send: ['RPUSH', 'k3', 'c'] },
    { conn: 'a', send: ['BLPOP', 'k1', 'k2', 'k3', 0] },
    { conn: 'a', send: ['BRPOP', 'k1', 'k2', 'k3', 0] },
  ],
  'BLMOVE onto another waited key feeds that waiter in turn': [
    { conn: 'a', block: ['BLMOVE', 'k1', 'k2', 'LEFT', 'RIGHT', 0] },
    { conn: 'b', block: ['BLMOVE', 'k2', 'k3', 'LEFT', 'LEFT', 0] },
    { conn: 'c', block: ['BLPOP', 'k3', 0] },
    { conn: 'w', send: ['LPUSH', 'k1', 'travels'] },
    { conn: 'a', expect: 'reply' },
    { conn: 'b', expect: 'reply' },
    { conn: 'c', expect: 'reply' },
    { conn: 'w', send: ['EXISTS', 'k1', 'k2', 'k3'] },
  ],
  'BLMOVE that rotates its own list serves one waiter per element': [
    { conn: 'a', block: ['BLMOVE', 'k', 'k', 'LEFT', 'RIGHT', 0] },
    { conn: 'b', block: ['BLPOP', 'k', 0] },
    { conn: 'w', send: ['RPUSH', 'k', '1', '2'] },
    { conn: 'a', expect: 'reply' },
    { conn: 'b', expect: 'reply' },
    { conn: 'w', send: ['LRANGE', 'k', 0, -1] },
  ],
  'BLMOVE to a key of another type fails for its client and leaves the source alone': [
    { conn: 'w', send: ['SET', 'dst', 'string'] },
    { conn: 'a', block: ['BLMOVE', 'src', 'dst', 'LEFT', 'RIGHT', 0] },
    { conn: 'w', send: ['RPUSH', 'src', 'x'] },
    { conn: 'a', expect: 'reply' },
    { conn: 'w', send: ['LRANGE', 'src', 0, -1] },
  ],
  'a client that went away is skipped': [
    { conn: 'a', block: ['BLPOP', 'k', 0] },
    { conn: 'b', block: ['BLPOP', 'k', 0] },
    { conn: 'a', close: true },
    { conn: 'w', send: ['RPUSH', 'k', '1', '2'] },
    { conn: 'b', expect: 'reply' },
    { conn: 'w', send: ['LRANGE', 'k', 0, -1] },
  ],
  'a key of another type does not wake list waiters': [
    { conn: 'a', block: ['BLPOP', 'k', 0] },
    { conn: 'w', send: ['SET', 'k', 'string'] },
    { conn: 'w', send: ['DEL', 'k'] },
    { conn: 'w', send: ['RPUSH', 'k', 'x'] },
    { conn: 'a', expect: 'reply' },
  ],
  'a list that arrives by RENAME, COPY or MOVE wakes its waiters': [
    { conn: 'a', block: ['BLPOP', 'renamed', 0] },
    { conn: 'w', send: ['RPUSH', 'l', '1', '2'] },
    { conn: 'w', send: ['RENAME', 'l', 'renamed'] },
    { conn: 'a', expect: 'reply' },
    { conn: 'b', block: ['BLPOP', 'copied', 0] },
    { conn: 'w', send: ['COPY', 'renamed', 'copied'] },
    { conn: 'b', expect: 'reply' },
    { conn: 'c', send: ['SELECT', 1] },
    { conn: 'c', block: ['BLPOP', 'renamed', 0] },
    { conn: 'w', send: ['MOVE', 'renamed', 1] },
    { conn: 'c', expect: 'reply' },
    { conn: 'w', send: ['EXISTS', 'renamed', 'copied'] },
  ],
  'SWAPDB wakes waiters of the database that received a list': [
    { conn: 'a', send: ['SELECT', 1] },
    { conn: 'a', block: ['BLPOP', 'k', 0] },
    { conn: 'w', send: ['RPUSH', 'k', 'x', 'y'] },
    { conn: 'w', send: ['SWAPDB', 0, 1] },
    { conn: 'a', expect: 'reply' },
    { conn: 'a', send: ['LRANGE', 'k', 0, -1] },
  ],
  'a push that is deleted in the same pipeline is seen by the waiter first': [
    { conn: 'a', block: ['BLPOP', 'k', 0] },
    {
      conn: 'w',
      pipeline: [
        ['RPUSH', 'k', 'x'],
        ['DEL', 'k'],
        ['EXISTS', 'k'],
      ],
    },
    { conn: 'a', expect: 'reply' },
  ],
  'a command after a blocked one waits for it': [
    { conn: 'a', block: ['BLPOP', 'k', 0] },
    { conn: 'w', send: ['RPUSH', 'k', 'x'] },
    { conn: 'a', expect: 'reply' },
    {
      conn: 'a',
      pipeline: [
        ['BLPOP', 'none', '0.01'],
        ['SET', 'after', '1'],
        ['GET', 'after'],
      ],
    },
  ],
  'timeouts may be fractions, and answer null': [
    { conn: 'a', send: ['BLPOP', 'none', '0.01'] },
    { conn: 'a', send: ['BRPOP', 'none', 'other', '0.001'] },
    { conn: 'a', send: ['BLMOVE', 'none', 'other', 'LEFT', 'LEFT', '0.01'] },
    { conn: 'a', send: ['BLPOP', 'none', '1e-2'] },
  ],
  'wrong timeouts and wrong types are refused before blocking': [
    { conn: 'a', send: ['BLPOP', 'none', '-1'] },
    { conn: 'a', send: ['BLPOP', 'none', 'abc'] },
    { conn: 'a', send: ['BLPOP', 'none', ''] },
    { conn: 'a', send: ['BLPOP', 'none', 'nan'] },
    // What is too long (inf, 1e400) is "out of range" in 7.4 and "negative" in 7.0: see test/commands/blocking.test.ts.
    { conn: 'a', send: ['BLPOP', 'none', ' 1'] },
    { conn: 'a', send: ['BLMOVE', 'none', 'other', 'UP', 'LEFT', 0] },
    { conn: 'a', send: ['BLMOVE', 'none', 'other', 'LEFT', 'LEFT', '-0.1'] },
    { conn: 'a', send: ['SET', 's', 'x'] },
    { conn: 'a', send: ['BLPOP', 's', 0] },
    { conn: 'a', send: ['BLPOP', 'none', 's', 0] },
    { conn: 'a', send: ['BLMOVE', 's', 'other', 'LEFT', 'LEFT', 0] },
    { conn: 'a', send: ['RPUSH', 'l', 'x'] },
    { conn: 'a', send: ['BLMOVE', 'l', 's', 'LEFT', 'LEFT', 0] },
    { conn: 'a', send: ['LRANGE', 'l', 0, -1] },
  ],
  'the same key twice in one BLPOP serves its client once': [
    { conn: 'a', block: ['BLPOP', 'k', 'k', 0] },
    { conn: 'b', block: ['BLPOP', 'k', 0] },
    { conn: 'w', send: ['RPUSH', 'k', '1', '2', '3'] },
    { conn: 'a', expect: 'reply' },
    { conn: 'b', expect: 'reply' },
    { conn: 'w', send: ['LRANGE', 'k', 0, -1] },
  ],
  'CLIENT KILL ends a blocked client': [
    { conn: 'a', send: ['CLIENT', 'SETNAME', 'victim'] },
    { conn: 'a', block: ['BLPOP', 'k', 0] },
    { conn: 'w', send: ['CLIENT', 'KILL', 'TYPE', 'normal'] },
    { conn: 'w', send: ['RPUSH', 'k', 'x'] },
    { conn: 'w', send: ['LLEN', 'k'] },
  ],
};

describeWithOracle('blocking commands answer as redis-server', () => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await startPair();
  });

  afterAll(() => pair?.stop());

  for (const protocol of [2, 3] as const) {
    test.each(Object.entries(cases))(`%s (RESP${protocol})`, async (_, steps) => {
      await compareConversation(pair, steps, { protocol });
    });
  }
});
