/** Stores: sessions of express in connect-redis, keyv, and cache-manager on top of it. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import KeyvRedis from '@keyv/redis';
import { createCache } from 'cache-manager';
import { RedisStore } from 'connect-redis';
import express from 'express';
import session from 'express-session';
import { Keyv } from 'keyv';
import { connectNodeRedis, disconnectAll, pause, url } from './server.js';

const redis = await connectNodeRedis();
const closers = [];

async function keyvOf(namespace) {
  const keyv = new Keyv(new KeyvRedis(url), { namespace, throwOnErrors: true });
  closers.push(() => keyv.disconnect());
  return keyv;
}

describe('stores', { concurrency: true }, () => {
  after(async () => {
    await Promise.all(closers.map((close) => close()));
    disconnectAll();
  });

  test('connect-redis: sessions last from request to request, and end', async () => {
    const store = new RedisStore({ client: redis, prefix: 'session:', ttl: 60 });
    const app = express();
    app.use(session({ store, secret: 'secret', resave: false, saveUninitialized: false }));
    app.get('/visit', (request, response) => {
      request.session.visits = (request.session.visits ?? 0) + 1;
      response.json({ visits: request.session.visits });
    });
    app.get('/leave', (request, response) => request.session.destroy(() => response.json({})));
    const server = await new Promise((resolve) => {
      const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
    });
    closers.push(() => server.close());
    const address = `http://127.0.0.1:${server.address().port}`;
    const visit = async (path, cookie) => {
      const response = await fetch(`${address}${path}`, { headers: cookie === undefined ? {} : { cookie } });
      return [await response.json(), response.headers.get('set-cookie')?.split(';')[0]];
    };
    const cookies = [];
    for (let n = 0; n < 5; n++) {
      const [{ visits }, cookie] = await visit('/visit');
      assert.equal(visits, 1);
      cookies.push(cookie);
    }
    assert.deepEqual(await visit('/visit', cookies[0]), [{ visits: 2 }, undefined]);
    assert.deepEqual(await visit('/visit', cookies[0]), [{ visits: 3 }, undefined]);
    assert.equal(await store.length(), 5);
    const sessions = await store.all();
    assert.deepEqual(sessions.map(({ visits }) => visits).sort(), [1, 1, 1, 1, 3]);
    const [id] = await store.ids();
    assert.ok((await redis.ttl(`session:${id}`)) > 50);
    await visit('/leave', cookies[0]);
    assert.deepEqual((await visit('/visit', cookies[0]))[0], { visits: 1 });
    await store.clear();
    assert.equal(await store.length(), 0);
  });

  test('keyv: values with a time to live, by namespaces', async () => {
    const people = await keyvOf('people');
    const places = await keyvOf('places');
    await people.set('a', { name: 'Ada', born: 1815 });
    await people.set('brief', 1, 80);
    await places.set('a', 'Aachen');
    assert.deepEqual(await people.get('a'), { name: 'Ada', born: 1815 });
    assert.equal(await places.get('a'), 'Aachen');
    assert.deepEqual(await people.get(['a', 'none']), [{ name: 'Ada', born: 1815 }, undefined]);
    const entries = Array.from({ length: 500 }, (_, n) => ({ key: `n${n}`, value: n }));
    await people.setMany(entries);
    assert.deepEqual(
      await people.getMany(entries.map(({ key }) => key)),
      entries.map(({ value }) => value),
    );
    assert.equal(await people.has('n7'), true);
    assert.equal(await people.delete('n7'), true);
    assert.equal(await people.has('n7'), false);
    assert.equal(await people.deleteMany(['n1', 'n2']), true);
    const keys = [];
    for await (const [key] of people.iterator('people')) keys.push(key);
    assert.ok(keys.length >= 498, `${keys.length}`);
    await pause(90);
    assert.equal(await people.get('brief'), undefined);
    await people.clear();
    assert.equal(await people.get('a'), undefined);
    assert.equal(await places.get('a'), 'Aachen');
  });

  test('cache-manager: what is slow is computed once', async () => {
    const cache = createCache({ stores: [await keyvOf('cache')], ttl: 60_000 });
    let computed = 0;
    const slow = () => cache.wrap('slow', async () => ({ computed: ++computed }));
    assert.deepEqual(await Promise.all([slow(), slow(), slow()]), Array(3).fill({ computed: 1 }));
    assert.deepEqual(await slow(), { computed: 1 });
    assert.ok((await redis.pTTL('cache::cache:slow')) > 50_000 || (await redis.keys('*cache*slow')).length === 1);
    await cache.mset([
      { key: 'x', value: 1 },
      { key: 'y', value: 2 },
      { key: 'z', value: [3] },
    ]);
    assert.deepEqual(await cache.mget(['x', 'y', 'z', 'none']), [1, 2, [3], undefined]);
    await cache.mdel(['x', 'y']);
    assert.equal(await cache.get('x'), undefined);
    await cache.set('brief', 'b', 40);
    assert.ok((await cache.ttl('z')) > Date.now());
    await pause(50);
    assert.equal(await cache.get('brief'), undefined);
    await cache.clear();
    assert.deepEqual(await slow(), { computed: 2 });
  });
});
