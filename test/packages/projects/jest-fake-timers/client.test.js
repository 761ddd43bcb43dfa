const { Redis } = require('ioredis');
const { RedisServer } = require('redstart');

test('a client library goes on with fake timers that leave it its ticks', async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'], now: 0 });
  const server = await RedisServer.start({ port: 0 });
  const redis = new Redis(server.url);
  await redis.set('k', 'v', 'EX', 60);
  jest.advanceTimersByTime(60_000);
  expect(await redis.get('k')).toBe('v');
  await server.clock.advance(60_000);
  expect(await redis.get('k')).toBeNull();
  redis.disconnect();
  await server.stop();
});
