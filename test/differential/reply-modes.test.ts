/** CLIENT REPLY: which replies are left out, to the byte. */
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import { encodeCommand } from '../support/raw-client.js';

/** After each script replies are turned on again, and what comes before the reply to `ECHO end` is compared. */
const scripts: Record<string, string> = {
  'OFF in a transaction, from the reply of EXEC on': `
    MULTI
    SET k 1
    CLIENT REPLY OFF
    GET k
    EXEC
    GET k
    PING`,
  'OFF as the first and as the last of a transaction': `
    MULTI
    CLIENT REPLY OFF
    SET k 1
    EXEC
    CLIENT REPLY ON
    MULTI
    SET k 1
    CLIENT REPLY OFF
    EXEC
    PING`,
  'OFF before a transaction': `
    CLIENT REPLY OFF
    MULTI
    SET k 1
    GET k
    EXEC
    PING`,
  'OFF between MULTI and EXEC of a transaction that began without replies': `
    CLIENT REPLY OFF
    MULTI
    CLIENT REPLY OFF
    GET k
    EXEC
    PING`,
  'ON in a transaction that began without replies': `
    CLIENT REPLY OFF
    MULTI
    SET k 1
    CLIENT REPLY ON
    GET k
    EXEC
    GET k`,
  'ON alone in a transaction that began without replies': `
    CLIENT REPLY OFF
    MULTI
    CLIENT REPLY ON
    EXEC
    PING`,
  'OFF and ON in a transaction': `
    MULTI
    SET k 1
    CLIENT REPLY OFF
    GET k
    CLIENT REPLY ON
    GET k
    EXEC
    PING`,
  'OFF, ON and OFF in a transaction': `
    MULTI
    CLIENT REPLY OFF
    GET k
    CLIENT REPLY ON
    GET k
    CLIENT REPLY OFF
    GET k
    EXEC
    PING`,
  'SKIP in a transaction': `
    MULTI
    SET k 1
    CLIENT REPLY SKIP
    GET k
    PING
    EXEC
    PING
    PING`,
  'SKIP as the last of a transaction': `
    MULTI
    SET k 1
    CLIENT REPLY SKIP
    EXEC
    PING
    ECHO again`,
  'SKIP alone in a transaction': `
    MULTI
    CLIENT REPLY SKIP
    EXEC
    PING
    ECHO again`,
  'SKIP twice in a transaction': `
    MULTI
    CLIENT REPLY SKIP
    CLIENT REPLY SKIP
    GET k
    EXEC
    PING
    ECHO again`,
  'SKIP before MULTI': `
    CLIENT REPLY SKIP
    MULTI
    GET k
    EXEC
    PING`,
  'SKIP in a transaction without replies': `
    CLIENT REPLY OFF
    MULTI
    CLIENT REPLY SKIP
    GET k
    EXEC
    PING`,
  'SKIP and ON in a transaction': `
    MULTI
    CLIENT REPLY SKIP
    CLIENT REPLY ON
    GET k
    EXEC
    PING`,
  'OFF in a transaction that is discarded': `
    MULTI
    CLIENT REPLY OFF
    DISCARD
    PING`,
  'OFF in a transaction that is aborted': `
    MULTI
    CLIENT REPLY OFF
    NOSUCH
    EXEC
    PING`,
  'EXEC that is aborted, without its reply': `
    MULTI
    NOSUCH
    CLIENT REPLY OFF
    EXEC
    CLIENT REPLY SKIP
    EXEC
    PING`,
  'OFF in a transaction with errors': `
    SET k v
    MULTI
    INCR k
    CLIENT REPLY OFF
    INCR k
    CLIENT REPLY ON
    INCR k
    EXEC
    PING`,
  'a wrong mode in a transaction': `
    MULTI
    CLIENT REPLY NOSUCH
    CLIENT REPLY
    EXEC
    PING
    MULTI
    CLIENT REPLY NOSUCH
    CLIENT REPLY OFF
    CLIENT REPLY NOSUCH
    EXEC
    PING`,
  'SKIP before errors': `
    CLIENT REPLY SKIP
    NOSUCH
    PING
    CLIENT REPLY SKIP
    GET
    PING
    CLIENT REPLY SKIP
    CLIENT REPLY SKIP
    PING
    PING
    CLIENT REPLY SKIP
    CLIENT REPLY OFF
    PING
    CLIENT REPLY SKIP
    PING
    CLIENT REPLY ON
    CLIENT REPLY SKIP
    CLIENT REPLY ON
    PING`,
  'SKIP before what waits': `
    CLIENT REPLY SKIP
    BLPOP nothing 0.001
    PING
    CLIENT REPLY OFF
    BLPOP nothing 0.001
    PING
    CLIENT REPLY ON
    PING`,
  'SKIP, OFF and ON in a transaction': `
    MULTI
    CLIENT REPLY SKIP
    CLIENT REPLY OFF
    GET k
    CLIENT REPLY ON
    GET k
    EXEC
    PING
    PING`,
  'SKIP before EXEC, and in it': `
    MULTI
    CLIENT REPLY SKIP
    GET k
    CLIENT REPLY SKIP
    EXEC
    PING
    MULTI
    CLIENT REPLY ON
    CLIENT REPLY OFF
    CLIENT REPLY SKIP
    CLIENT REPLY ON
    GET k
    EXEC`,
  'subscribing in a transaction without replies': `
    MULTI
    GET k
    CLIENT REPLY OFF
    SUBSCRIBE c
    UNSUBSCRIBE c
    CLIENT REPLY ON
    GET k
    EXEC`,
  'subscribing without replies': `
    CLIENT REPLY SKIP
    SUBSCRIBE c
    UNSUBSCRIBE c
    PING
    CLIENT REPLY OFF
    SUBSCRIBE c
    UNSUBSCRIBE c
    PING`,
};

/** All that the server sends, as bytes: some of it is half a reply. */
async function converse({ port }: { port: number }, script: string, protocol: 2 | 3): Promise<string> {
  const lines = ['FLUSHALL', ...script.trim().split(/\s*\n\s*/), 'CLIENT REPLY ON', 'ECHO end'];
  const socket = connect(port, '127.0.0.1');
  let received = '';
  try {
    await new Promise<void>((resolve, reject) => {
      socket.setTimeout(5_000, () => reject(new Error(`no end after ${received}`)));
      socket.on('error', reject);
      socket.on('data', (chunk) => {
        received += chunk.toString('latin1');
        if (received.endsWith('$3\r\nend\r\n')) resolve();
      });
      const hello = protocol === 3 ? ['HELLO 3'] : [];
      socket.write(Buffer.concat([...hello, ...lines].map((line) => encodeCommand(line.split(' ')))));
    });
  } finally {
    socket.destroy();
  }
  // What HELLO says about the server does not matter here.
  return received.slice(received.indexOf('+OK\r\n'));
}

describeWithOracle('CLIENT REPLY leaves out what redis-server leaves out', () => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await startPair();
  });

  afterAll(() => pair?.stop());

  for (const protocol of [2, 3] as const) {
    test.each(Object.entries(scripts))(`%s (RESP${protocol})`, async (_, script) => {
      const [oracle, subject] = await Promise.all([
        converse(pair.oracle as { port: number }, script, protocol),
        converse(pair.subject as { port: number }, script, protocol),
      ]);
      expect(subject).toBe(oracle);
    });
  }
});
