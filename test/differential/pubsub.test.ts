import { afterAll, beforeAll, test } from 'vitest';
import { compareConversation, type Step } from '../support/conversation.js';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';

// A client's own messages come after its reply, as in Redis since 7.2; in 7.0 they come before it.
// Clients hold one subscription of a kind at most where Redis goes through them in the order of a hash table.
const both: Record<string, Step[]> = {
  'messages reach the subscribers of the channel and of matching patterns': [
    { conn: 'a', tell: ['SUBSCRIBE', 'x', 'y', 'x'], receives: 3 },
    { conn: 'b', tell: ['PSUBSCRIBE', 'h[a-b]?llo*'], receives: 1 },
    { conn: 'b', tell: ['SUBSCRIBE', 'haxllo'], receives: 1 },
    { conn: 'w', send: ['PUBLISH', 'x', 'first'] },
    { conn: 'a', receives: 1 },
    { conn: 'w', send: ['PUBLISH', 'haxllo', 'second'] },
    { conn: 'b', receives: 2 },
    { conn: 'w', send: ['PUBLISH', 'hcxllo', 'nobody'] },
    { conn: 'w', send: ['SPUBLISH', 'x', 'nobody'] },
    { conn: 'w', send: ['PUBLISH', 'haxllo ', ''] },
    { conn: 'b', receives: 1 },
    {
      conn: 'w',
      pipeline: [
        ['PUBLISH', 'x', '1'],
        ['PUBLISH', 'y', '2'],
        ['PUBLISH', 'x', '3'],
      ],
    },
    { conn: 'a', receives: 3 },
  ],
  'names and messages may hold any bytes': [
    { conn: 'a', tell: ['SUBSCRIBE', Buffer.from([0, 13, 10, 255]), ''], receives: 2 },
    { conn: 'a', tell: ['PSUBSCRIBE', Buffer.from([0xfe, 0x2a])], receives: 1 },
    { conn: 'w', send: ['PUBLISH', Buffer.from([0, 13, 10, 255]), Buffer.from([0, 13, 10, 254])] },
    { conn: 'a', receives: 1 },
    { conn: 'w', send: ['PUBLISH', '', ''] },
    { conn: 'a', receives: 1 },
    { conn: 'w', send: ['PUBLISH', Buffer.from([0xfe, 0, 0xff]), 'x'.repeat(100_000)] },
    { conn: 'a', receives: 1 },
  ],
  'unsubscribing, from what there is and what there is not': [
    { conn: 'a', tell: ['UNSUBSCRIBE'], receives: 1 },
    { conn: 'a', tell: ['PUNSUBSCRIBE'], receives: 1 },
    { conn: 'a', tell: ['SUNSUBSCRIBE'], receives: 1 },
    { conn: 'a', tell: ['UNSUBSCRIBE', 'none', 'nothing'], receives: 2 },
    { conn: 'a', tell: ['SUBSCRIBE', 'x'], receives: 1 },
    { conn: 'a', tell: ['PSUBSCRIBE', 'p*'], receives: 1 },
    { conn: 'a', tell: ['SSUBSCRIBE', 'x'], receives: 1 },
    { conn: 'a', tell: ['UNSUBSCRIBE', 'x', 'x'], receives: 2 },
    { conn: 'w', send: ['PUBLISH', 'x', 'nobody'] },
    { conn: 'a', tell: ['PUNSUBSCRIBE'], receives: 1 },
    { conn: 'a', tell: ['SUNSUBSCRIBE'], receives: 1 },
    { conn: 'a', send: ['GET', 'k'] },
  ],
  'shard channels are counted by themselves': [
    { conn: 'a', tell: ['SUBSCRIBE', 'x'], receives: 1 },
    { conn: 'a', tell: ['SSUBSCRIBE', 's', 'x'], receives: 2 },
    { conn: 'w', send: ['SPUBLISH', 's', 'hello'] },
    { conn: 'a', receives: 1 },
    { conn: 'w', send: ['PUBLISH', 's', 'nobody'] },
    { conn: 'w', send: ['PUBSUB', 'SHARDNUMSUB', 's', 'x', 'none'] },
    { conn: 'a', tell: ['SUNSUBSCRIBE', 'x'], receives: 1 },
    { conn: 'w', send: ['PUBSUB', 'SHARDCHANNELS'] },
    { conn: 'w', send: ['PUBSUB', 'SHARDCHANNELS', 'n*'] },
  ],
  'PUBSUB tells who listens': [
    { conn: 'w', send: ['PUBSUB', 'CHANNELS'] },
    { conn: 'a', tell: ['SUBSCRIBE', 'x'], receives: 1 },
    { conn: 'b', tell: ['SUBSCRIBE', 'x', 'y'], receives: 2 },
    { conn: 'b', tell: ['PSUBSCRIBE', 'x*', 'z*'], receives: 2 },
    { conn: 'a', tell: ['PSUBSCRIBE', 'x*'], receives: 1 },
    { conn: 'w', send: ['PUBSUB', 'CHANNELS', 'x'] },
    { conn: 'w', send: ['PUBSUB', 'CHANNELS', '?*x'] },
    { conn: 'w', send: ['PUBSUB', 'NUMSUB'] },
    { conn: 'w', send: ['PUBSUB', 'NUMSUB', 'x', 'y', 'none', 'x'] },
    { conn: 'w', send: ['PUBSUB', 'NUMPAT'] },
    { conn: 'w', send: ['PUBSUB', 'SHARDCHANNELS'] },
    { conn: 'w', send: ['PUBSUB', 'SHARDNUMSUB'] },
    { conn: 'w', send: ['PUBSUB', 'NOPE'] },
    { conn: 'w', send: ['PUBSUB'] },
    { conn: 'w', send: ['PUBSUB', 'CHANNELS', 'a', 'b'] },
    { conn: 'w', send: ['PUBSUB', 'NUMPAT', 'x'] },
    { conn: 'w', send: ['PUBLISH', 'x'] },
    { conn: 'b', close: true },
    { conn: 'w', send: ['PUBSUB', 'NUMSUB', 'x', 'y'] },
    { conn: 'w', send: ['PUBSUB', 'NUMPAT'] },
  ],
  'RESET and QUIT end subscriptions': [
    { conn: 'a', tell: ['SUBSCRIBE', 'x'], receives: 1 },
    { conn: 'a', send: ['RESET'] },
    { conn: 'w', send: ['PUBLISH', 'x', 'nobody'] },
    { conn: 'a', send: ['GET', 'k'] },
    { conn: 'b', tell: ['SUBSCRIBE', 'x'], receives: 1 },
    { conn: 'b', send: ['QUIT'] },
    { conn: 'w', send: ['PUBLISH', 'x', 'nobody'] },
  ],
  'clients that want no replies get messages': [
    { conn: 'a', pipeline: [['CLIENT', 'REPLY', 'ON']] },
    {
      conn: 'a',
      pipeline: [
        ['SET', 'k', 'v'],
        ['GET', 'k'],
      ],
    },
    { conn: 'w', tell: ['CLIENT', 'REPLY', 'OFF'], receives: 0 },
    { conn: 'w', tell: ['SUBSCRIBE', 'x'], receives: 1 },
    { conn: 'a', send: ['PUBLISH', 'x', 'hello'] },
    { conn: 'w', receives: 1 },
  ],
  'CLIENT KILL TYPE pubsub ends subscribers': [
    { conn: 'a', tell: ['SUBSCRIBE', 'x'], receives: 1 },
    { conn: 'w', send: ['CLIENT', 'KILL', 'TYPE', 'pubsub'] },
    { conn: 'w', send: ['PUBLISH', 'x', 'nobody'] },
  ],
  'transactions may subscribe to channels, but not to shard channels': [
    { conn: 'a', pipeline: [['MULTI'], ['SSUBSCRIBE', 's'], ['PUBLISH', 'x', '1'], ['EXEC']] },
  ],
};

const inResp2: Record<string, Step[]> = {
  'a subscriber may do little else': [
    { conn: 'a', tell: ['SUBSCRIBE', 'x'], receives: 1 },
    { conn: 'a', send: ['GET', 'k'] },
    { conn: 'a', send: ['get'] },
    { conn: 'a', send: ['nope'] },
    { conn: 'a', send: ['CLIENT', 'ID'] },
    { conn: 'a', send: ['MULTI'] },
    { conn: 'a', send: ['EXEC'] },
    { conn: 'a', send: ['HELLO', '3'] },
    { conn: 'a', send: ['MONITOR'] },
    { conn: 'a', send: ['PING'] },
    { conn: 'a', send: ['PING', 'hello'] },
    { conn: 'a', send: ['PING', 'a', 'b'] },
    { conn: 'a', tell: ['UNSUBSCRIBE', 'x'], receives: 1 },
    { conn: 'a', send: ['PING'] },
  ],
  'the confirmations of a transaction are its replies': [
    {
      conn: 'a',
      pipeline: [['MULTI'], ['SUBSCRIBE', 'x'], ['PING'], ['GET', 'k'], ['UNSUBSCRIBE'], ['PING'], ['EXEC']],
    },
    { conn: 'a', pipeline: [['MULTI'], ['PSUBSCRIBE', 'x*'], ['EXEC'], ['GET', 'k'], ['PUNSUBSCRIBE'], ['GET', 'k']] },
  ],
};

const inResp3: Record<string, Step[]> = {
  'a subscriber may do everything': [
    { conn: 'a', tell: ['SUBSCRIBE', 'x'], receives: 1 },
    { conn: 'a', send: ['GET', 'k'] },
    { conn: 'a', send: ['PING'] },
    { conn: 'a', send: ['PING', 'hello'] },
    { conn: 'a', send: ['PUBLISH', 'x', 'to myself'] },
    { conn: 'a', receives: 1 },
    { conn: 'a', pipeline: [['HELLO', '2', 'SETNAME', 'two']] },
    { conn: 'a', send: ['GET', 'k'] },
  ],
};

const monitoring: Record<string, Step[]> = {
  'MONITOR shows commands with their database, quoted': [
    { conn: 'a', send: ['PING'] },
    { conn: 'm', send: ['MONITOR'] },
    { conn: 'a', send: ['SET', 'k', Buffer.from([0x61, 10, 13, 9, 7, 8, 0x22, 0x5c, 0, 0xff, 0x20, 0x7e, 0x7f])] },
    { conn: 'm', receives: 1 },
    {
      conn: 'a',
      pipeline: [['SELECT', 3], ['GET', 'k'], ['GET'], ['NOPE', 'x'], ['LPUSH', 'k'], ['INCRBY', 'k', 'x']],
    },
    { conn: 'm', receives: 3 },
    { conn: 'a', pipeline: [['MULTI'], ['GET', 'k'], ['SET', 'k', 'w'], ['EXEC'], ['MULTI'], ['NOPE'], ['EXEC']] },
    { conn: 'm', receives: 6 },
    { conn: 'a', pipeline: [['MULTI'], ['DISCARD'], ['WATCH', 'k'], ['UNWATCH']] },
    { conn: 'm', receives: 4 },
  ],
  'MONITOR hides passwords and what administers the server': [
    { conn: 'a', send: ['PING'] },
    { conn: 'm', send: ['MONITOR'] },
    {
      conn: 'a',
      pipeline: [
        ['AUTH', 'x'],
        ['AUTH', 'default', 'y'],
        ['HELLO', '3', 'AUTH', 'default', 'z', 'SETNAME', 'a'],
        ['CONFIG', 'SET', 'requirepass', ''],
        ['CONFIG', 'GET', 'maxmemory'],
        ['DEBUG', 'SLEEP', '0'],
        ['CLIENT', 'GETNAME'],
      ],
    },
    { conn: 'm', receives: 4 },
  ],
  'a monitor does not touch keys, and RESET makes it a client again': [
    { conn: 'm', send: ['MONITOR'] },
    { conn: 'm', pipeline: [['GET', 'k'], ['SET', 'k', 'v'], ['PUBLISH', 'x', 'y'], ['DBSIZE'], ['KEYS', '*']] },
    { conn: 'm', tell: ['PING'], receives: 2 },
    { conn: 'm', tell: ['MONITOR'], receives: 0 },
    { conn: 'm', send: ['RESET'] },
    { conn: 'm', send: ['GET', 'k'] },
    { conn: 'a', send: ['GET', 'k'] },
    { conn: 'a', pipeline: [['MULTI'], ['MONITOR'], ['EXEC']] },
  ],
  'a command that waits is shown once': [
    { conn: 'a', send: ['PING'] },
    { conn: 'w', send: ['PING'] },
    { conn: 'm', send: ['MONITOR'] },
    { conn: 'a', send: ['BLPOP', 'none', '0.01'] },
    { conn: 'm', receives: 1 },
    { conn: 'w', send: ['RPUSH', 'l', 'x'] },
    { conn: 'a', send: ['BLPOP', 'l', '1'] },
    { conn: 'm', receives: 2 },
  ],
};

describeWithOracle('pub/sub and MONITOR answer as redis-server', () => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await startPair();
  });

  afterAll(() => pair?.stop());

  test.each(Object.entries({ ...both, ...inResp2, ...monitoring }))('%s (RESP2)', async (_, steps) => {
    await compareConversation(pair, steps);
  });

  test.each(Object.entries({ ...both, ...inResp3, ...monitoring }))('%s (RESP3)', async (_, steps) => {
    await compareConversation(pair, steps, { protocol: 3 });
  });
});
