import { afterAll, beforeAll, test } from 'vitest';
import { compareConversation, type Step } from '../support/conversation.js';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';

const cases: Record<string, Step[]> = {
  'readers that wait are all answered by one entry': [
    { conn: 'w', send: ['XADD', 's', '1-1', 'a', '1'] },
    { conn: 'a', block: ['XREAD', 'BLOCK', 0, 'STREAMS', 's', '$'] },
    { conn: 'b', block: ['XREAD', 'COUNT', 1, 'BLOCK', 0, 'STREAMS', 't', 's', '0', '1-1'] },
    { conn: 'w', send: ['XADD', 's', '2-1', 'b', '2'] },
    { conn: 'a', expect: 'reply' },
    { conn: 'b', expect: 'reply' },
  ],
  'the last id is that of the moment when the wait began': [
    { conn: 'a', block: ['XREAD', 'BLOCK', 0, 'STREAMS', 's', '$'] },
    { conn: 'w', pipeline: [['MULTI'], ['XADD', 's', '1-1', 'a', '1'], ['XADD', 's', '1-2', 'a', '1'], ['EXEC']] },
    { conn: 'a', expect: 'reply' },
  ],
  'a reader goes on waiting while the stream is gone again': [
    { conn: 'a', block: ['XREAD', 'BLOCK', 0, 'STREAMS', 's', '0'] },
    { conn: 'w', pipeline: [['MULTI'], ['XADD', 's', '2-1', 'a', '1'], ['DEL', 's'], ['EXEC']] },
    { conn: 'w', send: ['XADD', 's', '3-1', 'a', '1'] },
    { conn: 'a', expect: 'reply' },
  ],
  'a reader is not woken by deletions, a last id, or a key of another type': [
    { conn: 'w', send: ['XADD', 's', '1-1', 'a', '1'] },
    { conn: 'a', block: ['XREAD', 'BLOCK', 0, 'STREAMS', 's', '$'] },
    { conn: 'w', send: ['XDEL', 's', '1-1'] },
    { conn: 'w', send: ['XSETID', 's', '5-1'] },
    { conn: 'w', send: ['DEL', 's'] },
    { conn: 'w', send: ['SET', 's', 'x'] },
    { conn: 'w', send: ['DEL', 's'] },
    { conn: 'w', send: ['XADD', 's', '0-5', 'a', '1'] },
    { conn: 'w', send: ['XADD', 's', '1-2', 'a', '1'] },
    { conn: 'a', expect: 'reply' },
  ],
  'a stream that is renamed to the awaited name answers': [
    { conn: 'a', block: ['XREAD', 'BLOCK', 0, 'STREAMS', 's', '$'] },
    { conn: 'w', send: ['XADD', 't', '1-1', 'a', '1'] },
    { conn: 'w', send: ['RENAME', 't', 's'] },
    { conn: 'a', expect: 'reply' },
  ],
  'a group that is set back gives nothing before the next entry': [
    { conn: 'w', send: ['XADD', 's', '0-1', 'a', 'b'] },
    { conn: 'w', send: ['XADD', 's', '1-1', 'a', 'b'] },
    { conn: 'w', send: ['XADD', 's', '1-2', 'a', 'b'] },
    { conn: 'w', send: ['XGROUP', 'CREATE', 's', 'g', '$'] },
    { conn: 'a', block: ['XREADGROUP', 'GROUP', 'g', 'ann', 'BLOCK', 0, 'STREAMS', 's', '>'] },
    { conn: 'w', send: ['XGROUP', 'SETID', 's', 'g', '0'] },
    { conn: 'w', send: ['XGROUP', 'CREATECONSUMER', 's', 'g', 'bob'] },
    { conn: 'w', send: ['XTRIM', 's', 'MAXLEN', 2] },
    { conn: 'w', send: ['XDEL', 's', '1-1'] },
    { conn: 'w', send: ['XADD', 's', '2-1', 'a', 'b'] },
    { conn: 'a', expect: 'reply' },
  ],
  'a reader of a group waits for an entry': [
    { conn: 'w', send: ['XADD', 's', '1-1', 'a', '1'] },
    { conn: 'w', send: ['XGROUP', 'CREATE', 's', 'g', '$'] },
    { conn: 'a', block: ['XREADGROUP', 'GROUP', 'g', 'ann', 'BLOCK', 0, 'STREAMS', 's', '>'] },
    { conn: 'w', send: ['XADD', 's', '7-1', 'a', '1'] },
    { conn: 'a', expect: 'reply' },
  ],
  'readers of a group take turns, first come, first served': [
    { conn: 'w', send: ['XGROUP', 'CREATE', 's', 'g', '$', 'MKSTREAM'] },
    { conn: 'a', block: ['XREADGROUP', 'GROUP', 'g', 'ann', 'BLOCK', 0, 'STREAMS', 's', '>'] },
    { conn: 'b', block: ['XREADGROUP', 'GROUP', 'g', 'bob', 'BLOCK', 0, 'STREAMS', 's', '>'] },
    { conn: 'w', send: ['XADD', 's', '1-1', 'a', '1'] },
    { conn: 'a', expect: 'reply' },
    { conn: 'w', send: ['XADD', 's', '2-1', 'a', '1'] },
    { conn: 'b', expect: 'reply' },
    { conn: 'w', send: ['XPENDING', 's', 'g'] },
  ],
};

describeWithOracle('readers of streams wait as with redis-server', () => {
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
