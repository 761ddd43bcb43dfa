/** What a command sends beside its reply reaches those it is for, whichever way the command ends. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RedisServer } from '../../src/index.js';
import { type Command, RawClient } from '../support/raw-client.js';
import { startServer } from '../support/start-server.js';

let server: RedisServer;
/** Hears of every evicted key, in RESP3, where it may do anything else meanwhile. */
let listener: RawClient;
let bystander: RawClient;

/** More than `maxmemory` is used from here on, so that each command evicts some keys before it runs. */
beforeEach(async () => {
  server = await startServer({ 'notify-keyspace-events': 'Ee', 'maxmemory-eviction-tenacity': 0 });
  listener = await RawClient.connect({ port: server.port }, { protocol: 3 });
  bystander = await RawClient.connect({ port: server.port });
  await bystander.pipeline(Array.from({ length: 3000 }, (_, i) => ['SET', `key:${i}`, 'v'.repeat(100)]));
  listener.send(['SUBSCRIBE', '__keyevent@0__:evicted']);
  expect((await listener.call('PING')).toString()).toBe('+PONG\r\n');
  expect(listener.pushes.splice(0)).toHaveLength(1);
});

afterEach(async () => {
  await Promise.all([listener.close(), bystander.close()]);
});

async function fillUp(): Promise<void> {
  await server.execute('CONFIG', 'SET', 'maxmemory', '100kb', 'maxmemory-policy', 'allkeys-random');
}

const isEvictionMessage = (bytes: Buffer): boolean =>
  bytes.toString().startsWith('>3\r\n$7\r\nmessage\r\n$22\r\n__keyevent@0__:evicted\r\n');

describe('messages of keys that are evicted before a command reach their subscriber, and nobody else, when the command', () => {
  const cases: Record<string, { before?: Command[]; command: Command; reply: string }> = {
    'is queued by MULTI': { before: [['MULTI']], command: ['SET', 'q', '1'], reply: '+QUEUED' },
    'is refused in MULTI': { before: [['MULTI']], command: ['SUBSCRIBE'], reply: '-ERR wrong number of arguments' },
    'is an EXEC that runs nothing': { before: [['MULTI'], ['NOPE']], command: ['EXEC'], reply: '-EXECABORT' },
    'runs a transaction': { before: [['MULTI'], ['GET', 'a']], command: ['EXEC'], reply: '*1\r\n' },
    fails: { command: ['LPUSH', 'string', 'x'], reply: '-WRONGTYPE' },
    runs: { command: ['GET', 'nothing'], reply: '_\r\n' },
  };
  for (const [name, { before = [], command, reply }] of Object.entries(cases)) {
    test(name, async () => {
      await server.execute('SET', 'string', 'v');
      for (const each of before) await listener.call(...each);
      await fillUp();
      const answer = (await listener.call(...command)).toString();
      // Keys go at random, and one of them may be the string.
      if (name === 'fails') expect(answer).toMatch(/^(-WRONGTYPE|:1)/);
      else expect(answer.startsWith(reply)).toBe(true);
      expect((await bystander.call('PING')).toString()).toBe('+PONG\r\n');
      await expectMessagesOnlyForTheListener();
    });
  }
});

test('a client that waits gets them too, and so does one whose replies are turned off', async () => {
  await fillUp();
  const waiting = listener.call('BLPOP', 'nothing', '0');
  expect((await bystander.call('PING')).toString()).toBe('+PONG\r\n');
  expect((await bystander.call('RPUSH', 'nothing', 'x')).toString()).toMatch(/^:1/);
  expect((await waiting).toString()).toBe('*2\r\n$7\r\nnothing\r\n$1\r\nx\r\n');
  listener.send(['CLIENT', 'REPLY', 'OFF']);
  listener.send(['GET', 'key:1']);
  listener.send(['CLIENT', 'REPLY', 'SKIP']);
  listener.send(['GET', 'key:2']);
  expect((await listener.call('CLIENT', 'REPLY', 'ON')).toString()).toBe('+OK\r\n');
  expect((await bystander.call('PING')).toString()).toBe('+PONG\r\n');
  await expectMessagesOnlyForTheListener();
});

test('what MONITOR shows goes to monitors only, while others queue, fail, are evicted for and served', async () => {
  const monitor = await RawClient.connect({ port: server.port });
  await monitor.call('MONITOR');
  await fillUp();
  await listener.call('MULTI');
  await listener.call('GET', 'q');
  expect((await bystander.call('PING')).toString()).toBe('+PONG\r\n');
  expect((await listener.call('EXEC')).toString()).toMatch(/^\*1\r\n/);
  const shown: string[] = [];
  while (shown.at(-1)?.includes('"EXEC"') !== true) shown.push((await monitor.read()).toString());
  expect(shown.every((line) => /^\+\d+\.\d{6} \[0 /.test(line))).toBe(true);
  await monitor.close();
});

async function expectMessagesOnlyForTheListener(): Promise<void> {
  await server.execute('CONFIG', 'SET', 'maxmemory', 0);
  await listener.call('PING');
  await bystander.call('PING');
  const evicted = Number(/evicted_keys:(\d+)/.exec(String(await server.execute('INFO', 'stats')))?.[1]);
  expect(evicted).toBeGreaterThan(0);
  expect(listener.pushes.length).toBe(evicted);
  expect(listener.pushes.every(isEvictionMessage)).toBe(true);
  expect(bystander.pushes).toEqual([]);
}
