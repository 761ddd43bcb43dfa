import { afterAll, beforeAll, expect, test } from 'bun:test';
import { Redis } from 'ioredis';
import { RedisServer } from 'redstart';

let server: RedisServer;
let redis: Redis;

beforeAll(async () => {
  server = await RedisServer.start({ port: 0 });
  redis = new Redis(server.url);
});

afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

test('counts', async () => {
  expect(await redis.incr('visits')).toBe(1);
  expect(await redis.incrby('visits', 41)).toBe(42);
});

test('expires by the server’s clock', async () => {
  server.clock.freeze();
  await redis.set('session', 'x', 'EX', 60);
  await server.clock.advance(60_000);
  expect(await redis.get('session')).toBeNull();
});
