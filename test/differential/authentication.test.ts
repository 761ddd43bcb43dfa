/**
 * A password that is set and taken away while clients are connected. HELLO's text is another since 7.2:
 * test/commands/connection.test.ts.
 */
import { afterAll, beforeAll, test } from 'vitest';
import { compareConversation, type Step } from '../support/conversation.js';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';

const say = (conn: string, ...send: string[]): Step => ({ conn, send });

const cases: Record<string, Step[]> = {
  'a client that came while there was a password needs none once there is none, and needs it again': [
    say('admin', 'CONFIG', 'SET', 'requirepass', 'secret'),
    say('late', 'PING'),
    say('admin', 'CONFIG', 'SET', 'requirepass', ''),
    say('late', 'PING'),
    say('late', 'ECHO', 'x'.repeat(100_000)),
    say('late', 'AUTH', 'x'),
    say('late', 'MULTI'),
    say('late', 'SET', 'k', 'v'),
    say('late', 'EXEC'),
    say('admin', 'CONFIG', 'SET', 'requirepass', 'other'),
    say('late', 'PING'),
    say('late', 'AUTH', 'secret'),
    say('late', 'AUTH', 'other'),
    say('late', 'GET', 'k'),
    say('admin', 'CONFIG', 'SET', 'requirepass', ''),
  ],
  'one that came before there was a password is not asked for it, until RESET': [
    say('early', 'PING'),
    say('admin', 'CONFIG', 'SET', 'requirepass', 'secret'),
    say('early', 'PING'),
    say('early', 'RESET'),
    say('early', 'PING'),
    say('admin', 'CONFIG', 'SET', 'requirepass', ''),
    say('early', 'PING'),
    say('early', 'AUTH', 'x'),
  ],
};

describeWithOracle('requirepass is what it is now', () => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await startPair();
  });

  afterAll(() => pair?.stop());

  test.each(Object.entries(cases))('%s', async (_, steps) => {
    await compareConversation(pair, steps);
  });
});
