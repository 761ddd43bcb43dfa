import { deepStrictEqual, strictEqual } from 'node:assert';
import { Redis } from 'ioredis';
import { RedisServer } from 'redstart';

Deno.test('counts, and expires by the server’s clock', async () => {
  const server = await RedisServer.start({ port: 0 });
  const redis = new Redis(server.url);
  strictEqual(await redis.incr('visits'), 1);
  await redis.rpush('jobs', 'a', 'b');
  deepStrictEqual(await redis.lrange('jobs', 0, -1), ['a', 'b']);
  server.clock.freeze();
  await redis.set('session', 'x', 'EX', 60);
  await server.clock.advance(60_000);
  strictEqual(await redis.get('session'), null);
  redis.disconnect();
  await server.stop();
});
