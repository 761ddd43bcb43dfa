/**
 * What programs do with a server, on whichever runtime this is: both client libraries, large values, pipelines, the
 * whole library.
 */
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import process from 'node:process';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { RedisServer } from 'redstart';

const server = await RedisServer.start({ port: 0, enableDebugCommand: 'yes' });
let steps = 0;

async function step(name, run) {
  try {
    await run();
    steps++;
  } catch (error) {
    console.error(`step failed: ${name}`);
    throw error;
  }
}

const redis = new Redis(server.url);
const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
const large = 'x'.repeat(3_000_000);

await step('strings', async () => {
  assert.equal(await redis.set('k', 'v', 'EX', 60), 'OK');
  assert.equal(await redis.get('k'), 'v');
});
await step('bytes', async () => {
  await redis.set('bytes', bytes);
  assert.deepEqual(Buffer.from(await redis.getBuffer('bytes')), bytes);
});
await step('3 MB in one value', async () => {
  await redis.set('large', large);
  assert.equal(await redis.get('large'), large);
});
await step('counters', async () => assert.equal(await redis.incrby('n', 42), 42));
await step('lists', async () => {
  await redis.rpush('list', 'a', 'b', 'c');
  assert.deepEqual(await redis.lrange('list', 0, -1), ['a', 'b', 'c']);
});
await step('a pipeline of 5000', async () => {
  const pipeline = redis.pipeline();
  for (let i = 0; i < 5000; i++) pipeline.incr('piped');
  const replies = await pipeline.exec();
  assert.equal(replies.at(-1)[1], 5000);
});
await step('5000 at once', async () => {
  const replies = await Promise.all(Array.from({ length: 5000 }, () => redis.incr('parallel')));
  assert.equal(replies.at(-1), 5000);
});
await step('a transaction', async () => {
  assert.deepEqual(await redis.multi().set('t', '1').incr('t').exec(), [
    [null, 'OK'],
    [null, 2],
  ]);
});
await step('an error reply', async () => {
  await assert.rejects(redis.lpush('k', 'x'), /WRONGTYPE/);
});
await step('a blocking pop, served', async () => {
  const worker = redis.duplicate();
  const popped = worker.blpop('jobs', 30);
  await server.untilBlocked();
  await redis.rpush('jobs', 'job');
  assert.deepEqual(await popped, ['jobs', 'job']);
  worker.disconnect();
});
await step('messages', async () => {
  const subscriber = redis.duplicate();
  const received = new Promise((resolve) => subscriber.on('message', (...message) => resolve(message)));
  await subscriber.subscribe('news');
  await redis.publish('news', 'hello');
  assert.deepEqual(await received, ['news', 'hello']);
  subscriber.disconnect();
});
await step('fifty connections that come and go', async () => {
  for (let round = 0; round < 3; round++) {
    const clients = Array.from({ length: 50 }, () => redis.duplicate());
    assert.deepEqual(await Promise.all(clients.map((client) => client.ping())), Array(50).fill('PONG'));
    for (const client of clients) client.disconnect();
  }
});

const client = createClient({ url: server.url });
await client.connect();
await step('node-redis: strings', async () => {
  await client.set('nk', 'v');
  assert.equal(await client.get('nk'), 'v');
});
await step('node-redis: a transaction', async () => {
  assert.deepEqual(await client.multi().incr('nt').incr('nt').exec(), [1, 2]);
});
await step('node-redis: 3 MB', async () => assert.equal((await client.get('large')).length, large.length));

await step('time that is held', async () => {
  server.clock.freeze();
  await redis.set('soon', 'x', 'PX', 1000);
  const waiting = redis.blpop('never', 5);
  await server.clock.advance(5000);
  assert.equal(await waiting, null);
  assert.equal(await redis.exists('soon'), 0);
  server.clock.resume();
});
await step('keys that expire by themselves', async () => {
  await redis.set('soon', 'x', 'PX', 5);
  while ((await server.execute('EXISTS', 'soon')) !== 0) await server.idle();
});
await step('snapshots', async () => {
  const snapshot = server.snapshot();
  await redis.flushall();
  server.restore(snapshot);
  snapshot.close();
  assert.equal(await redis.get('n'), '42');
});
await step('a session', async () => {
  const session = server.session();
  await session.execute('SELECT', 1);
  await session.execute('SET', 'k', 'one');
  assert.equal(await session.execute('GET', 'k'), 'one');
  assert.equal(await redis.get('k'), 'v');
  session.close();
});
await step('bytes in process', async () => {
  assert.deepEqual(Buffer.from(await server.executeBuffer('GET', 'bytes')), bytes);
});
await step('what the server says of itself', async () => {
  assert.match(await redis.info(), /redis_version:7/);
  assert.equal(await redis.call('DEBUG', 'RELOAD'), 'OK');
});
await step('a password', async () => {
  const locked = await RedisServer.start({ port: 0, requirepass: 's3cret' });
  const visitor = new Redis(locked.url);
  assert.equal(await visitor.ping(), 'PONG');
  visitor.disconnect();
  await locked.stop();
});
await step('ten servers', async () => {
  const servers = await Promise.all(Array.from({ length: 10 }, () => RedisServer.start({ port: 0 })));
  assert.equal(new Set(servers.map(({ port }) => port)).size, 10);
  await Promise.all(servers.map((each) => each.stop()));
});
await step('the end', async () => {
  await client.close();
  redis.disconnect();
  await server.stop();
  await assert.rejects(server.execute('PING'), { code: 'SERVER_STOPPED' });
});

console.log(`${steps} steps`);
process.exit(0);
