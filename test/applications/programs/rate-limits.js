/** Rate limits: rate-limiter-flexible over both clients, and express-rate-limit with rate-limit-redis. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import express from 'express';
import { rateLimit } from 'express-rate-limit';
import { RedisStore } from 'rate-limit-redis';
import flexible from 'rate-limiter-flexible';
import { connect, connectNodeRedis, disconnectAll, pause } from './server.js';

const { BurstyRateLimiter, RateLimiterQueue, RateLimiterRedis, RateLimiterRes, RateLimiterUnion } = flexible;
const redis = connect();
const nodeRedis = await connectNodeRedis();
const servers = [];

/** A server with a limit of its own. @returns its address */
async function limited(options) {
  const app = express();
  app.use(rateLimit({ limit: 5, standardHeaders: 'draft-6', legacyHeaders: false, ...options }));
  app.get('/', (_request, response) => response.send('hello'));
  return new Promise((resolve) => {
    const server = app.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${server.address().port}/`));
    servers.push(server);
  });
}

describe('rate limits', { concurrency: true }, () => {
  after(() => {
    for (const server of servers) server.close();
    disconnectAll();
  });

  for (const [client, name] of [
    [redis, 'ioredis'],
    [nodeRedis, 'node-redis'],
  ]) {
    const options = { storeClient: client, useRedisPackage: client === nodeRedis };

    test(`rate-limiter-flexible with ${name}: so many of a hundred at once`, async () => {
      const limiter = new RateLimiterRedis({ ...options, keyPrefix: `flexible:${name}`, points: 30, duration: 30 });
      const outcomes = await Promise.allSettled(Array.from({ length: 100 }, () => limiter.consume('user')));
      const allowed = outcomes.filter(({ status }) => status === 'fulfilled').map(({ value }) => value.remainingPoints);
      assert.deepEqual(
        allowed.sort((a, b) => a - b),
        Array.from({ length: 30 }, (_, n) => n),
      );
      const refused = outcomes.find(({ status }) => status === 'rejected').reason;
      assert.ok(refused instanceof RateLimiterRes, `${refused}`);
      assert.ok(refused.msBeforeNext > 0 && refused.msBeforeNext <= 30_000);
      assert.equal((await limiter.get('user')).consumedPoints, 100);
      assert.equal((await limiter.reward('user', 80)).consumedPoints, 20);
      assert.equal((await limiter.penalty('user', 5)).consumedPoints, 25);
      assert.equal((await limiter.consume('user', 2)).remainingPoints, 3);
      assert.equal(await limiter.delete('user'), true);
      assert.equal(await limiter.get('user'), null);
      await limiter.block('user', 60);
      await assert.rejects(limiter.consume('user'), ({ msBeforeNext }) => msBeforeNext > 50_000);
      await limiter.set('user', 4, 60);
      assert.equal((await limiter.get('user')).remainingPoints, 26);
    });
  }

  test('rate-limiter-flexible: a new window begins after the old one', async () => {
    const limiter = new RateLimiterRedis({ storeClient: redis, keyPrefix: 'window', points: 1, duration: 1 });
    await limiter.consume('user');
    const { msBeforeNext } = await limiter.consume('user').catch((refused) => refused);
    assert.ok(msBeforeNext > 0 && msBeforeNext <= 1000);
    await pause(msBeforeNext + 5);
    assert.equal((await limiter.consume('user')).consumedPoints, 1);
  });

  test('rate-limiter-flexible: who goes on is blocked, bursts, unions and queues', async () => {
    const blocking = { storeClient: redis, keyPrefix: 'block', points: 2, duration: 10, blockDuration: 100 };
    const limiter = new RateLimiterRedis(blocking);
    for (let n = 0; n < 3; n++) await limiter.consume('user').catch(() => {});
    assert.ok((await limiter.get('user')).msBeforeNext > 90_000);
    const bursty = new BurstyRateLimiter(
      new RateLimiterRedis({ storeClient: redis, keyPrefix: 'steady', points: 2, duration: 10 }),
      new RateLimiterRedis({ storeClient: redis, keyPrefix: 'burst', points: 3, duration: 60 }),
    );
    const outcomes = [];
    for (let n = 0; n < 6; n++)
      outcomes.push(
        await bursty.consume('user').then(
          () => true,
          () => false,
        ),
      );
    assert.deepEqual(outcomes, [true, true, true, true, true, false]);
    const union = new RateLimiterUnion(
      new RateLimiterRedis({ storeClient: redis, keyPrefix: 'minute', points: 5, duration: 60 }),
      new RateLimiterRedis({ storeClient: redis, keyPrefix: 'hour', points: 2, duration: 3600 }),
    );
    await union.consume('user', 2);
    await assert.rejects(union.consume('user'), (refused) => refused.hour instanceof RateLimiterRes);
    const queue = new RateLimiterQueue(
      new RateLimiterRedis({ storeClient: redis, keyPrefix: 'queue', points: 2, duration: 1 }),
      { maxQueueSize: 2 },
    );
    const began = Date.now();
    await Promise.all([1, 2, 3].map(() => queue.removeTokens(1)));
    assert.ok(Date.now() - began > 500, 'the third waits for the next window');
  });

  for (const [name, sendCommand] of [
    ['ioredis', (command, ...args) => redis.call(command, ...args)],
    ['node-redis', (...args) => nodeRedis.sendCommand(args)],
  ]) {
    test(`rate-limit-redis with ${name}`, async () => {
      const store = new RedisStore({ sendCommand, prefix: `http:${name}:` });
      const address = await limited({ store, windowMs: 3000 });
      // Two servers of one application share the count.
      const again = await limited({ store: new RedisStore({ sendCommand, prefix: `http:${name}:` }), windowMs: 3000 });
      const statuses = [];
      const remaining = [];
      const began = Date.now();
      for (let n = 0; n < 8; n++) {
        const response = await fetch(n % 2 === 0 ? address : again);
        statuses.push(response.status);
        remaining.push(response.headers.get('ratelimit-remaining'));
      }
      // On a machine too slow for eight requests within a window, this says nothing.
      if (Date.now() - began < 2500) {
        assert.deepEqual(statuses, [200, 200, 200, 200, 200, 429, 429, 429]);
        assert.deepEqual(remaining, ['4', '3', '2', '1', '0', '0', '0', '0']);
      }
      await pause(3010);
      assert.equal((await fetch(address)).status, 200);
      const counted = await store.get('127.0.0.1');
      assert.equal(counted.totalHits, 1);
      await store.increment('someone');
      await store.increment('someone');
      await store.decrement('someone');
      assert.equal((await store.get('someone')).totalHits, 1);
      await store.resetKey('someone');
      assert.equal((await store.increment('someone')).totalHits, 1);
    });
  }
});
