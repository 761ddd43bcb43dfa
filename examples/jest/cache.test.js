const { Redis } = require('ioredis');
const { RedisServer } = require('redstart');

let server;
let redis;

beforeAll(async () => {
  server = await RedisServer.start({ port: 0, maxmemory: '8mb', maxmemoryPolicy: 'allkeys-lru' });
  redis = new Redis(server.url);
});

afterEach(() => server.execute('FLUSHALL'));

afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

test('what is cached expires', async () => {
  server.clock.freeze();
  await redis.set('page', '<p>', 'EX', 60);
  expect(await redis.ttl('page')).toBe(60);
  await server.clock.advance(60_000);
  expect(await redis.get('page')).toBeNull();
});

test('a full cache forgets something for each page that it takes in', async () => {
  const value = 'x'.repeat(10_000);
  const pages = Array.from({ length: 1000 }, (_, i) => `page:${i}`);
  await Promise.all(pages.map((page) => redis.set(page, value)));
  expect(await redis.exists('page:999')).toBe(1);
  expect(await redis.dbsize()).toBeLessThan(1000);
});
