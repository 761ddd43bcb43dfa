import { Redis } from 'ioredis5';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { RedisServer } from '../../src/index.js';

let server: RedisServer;
let reader: Redis;
let writer: Redis;

beforeAll(async () => {
  server = await RedisServer.start({ port: 0 });
  reader = new Redis(server.url);
  writer = new Redis(server.url);
});

beforeEach(() => writer.flushall());

afterAll(async () => {
  reader.disconnect();
  writer.disconnect();
  await server.stop();
});

const NO_GROUP = "NOGROUP No such key 's' or consumer group 'g' in XREADGROUP with GROUP option";

/** As since 7.2, where the command runs again; 7.0 has other words. */
test.each([
  ['its group goes', 'XGROUP DESTROY s g', NO_GROUP],
  ['its stream is deleted', 'DEL s', NO_GROUP],
  ['all keys go', 'FLUSHALL', NO_GROUP],
  ['another stream takes the name', 'RENAME other s', NO_GROUP],
  ['the key becomes a string', 'SET s x', 'WRONGTYPE Operation against a key holding the wrong kind of value'],
])('a reader of a group that waits is told when %s', async (_, command, error) => {
  await writer.xadd('s', '1-1', 'a', '1');
  await writer.xadd('other', '1-1', 'a', '1');
  await writer.xgroup('CREATE', 's', 'g', '$');
  const reply = reader.xreadgroup('GROUP', 'g', 'ann', 'BLOCK', 0, 'STREAMS', 's', '>').catch(String);
  await server.untilBlocked(1);
  const [name, ...words] = command.split(' ');
  await writer.call(name!, words);
  expect(await reply).toBe(`ReplyError: ${error}`);
});
