/** A rate limit on counters that expire, tried out at the speed of the server's clock. */
import { Redis } from 'ioredis';
import { RedisServer } from 'redstart';

const LIMIT = 3;
const WINDOW_SECONDS = 60;

async function isAllowed(redis, user) {
  const key = `requests:${user}`;
  const [[, count]] = await redis.multi().incr(key).expire(key, WINDOW_SECONDS, 'NX').exec();
  return count <= LIMIT;
}

const server = await RedisServer.start({ port: 0, logger: console });
const redis = new Redis(server.url);

for (let i = 1; i <= 4; i++) console.log(`request ${i}: ${(await isAllowed(redis, 'ann')) ? 'allowed' : 'refused'}`);
await server.clock.advance(WINDOW_SECONDS * 1000);
console.log(`a minute later: ${(await isAllowed(redis, 'ann')) ? 'allowed' : 'refused'}`);

await redis.quit();
await server.stop();
