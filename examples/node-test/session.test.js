import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { Redis } from 'ioredis';
import { RedisServer } from 'redstart';
import { nextJob, open, userOf } from './session.js';

const NOON = new Date('2030-01-01T12:00:00Z');

let server;
let redis;
let seeded;

before(async () => {
  server = await RedisServer.start({ port: 0 });
  server.clock.freeze(NOON);
  redis = new Redis(server.url);
  await open(redis, 'first', 'ann');
  seeded = server.snapshot();
});

// Every test begins with these keys at this time, whatever the one before it did.
beforeEach(() => {
  server.clock.freeze(NOON);
  server.restore(seeded);
});

after(async () => {
  redis.disconnect();
  await server.stop();
});

test('a session ends after a quarter of an hour without use', async () => {
  await server.clock.advance(899_999);
  assert.equal(await userOf(redis, 'first'), 'ann');
  await server.clock.advance(899_999);
  assert.equal(await userOf(redis, 'first'), 'ann');
  await server.clock.advance(900_000);
  assert.equal(await userOf(redis, 'first'), null);
});

test('who waits for a job gets it, or nothing when the time is up', async () => {
  const worker = redis.duplicate();
  const job = nextJob(worker, 60);
  await server.untilBlocked();
  await server.execute('RPUSH', 'jobs', 'send mail');
  assert.equal(await job, 'send mail');

  const nothing = nextJob(worker, 60);
  await server.clock.advance(60_000);
  assert.equal(await nothing, null);
  worker.disconnect();
});

test('a test may delete everything: the next one has it again', async () => {
  await redis.flushall();
  assert.deepEqual(await redis.keys('*'), []);
  server.restore(seeded);
  assert.deepEqual(await redis.keys('*'), ['session:first']);
});
