/** @vercel/kv: the same commands under another name, with iterators of its own. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createClient, kv } from '@vercel/kv';

describe('@vercel/kv', () => {
  test('finds the server in the environment', async () => {
    assert.equal(await kv.set('user:1', { name: 'Ada' }), 'OK');
    assert.deepEqual(await kv.get('user:1'), { name: 'Ada' });
    assert.equal(await kv.hincrby('visits', 'home', 2), 2);
    assert.deepEqual(await kv.hgetall('visits'), { home: 2 });
    assert.equal(await kv.expire('user:1', 100), 1);
  });

  test('what is asked for at once goes as one pipeline', async () => {
    const results = await Promise.all([kv.set('a', 1), kv.incr('a'), kv.sadd('s', 'x', 'y'), kv.get('a')]);
    assert.deepEqual(results, ['OK', 2, 2, 2]);
  });

  test('walks by iterators', async () => {
    const client = createClient({ url: process.env.KV_REST_API_URL, token: process.env.KV_REST_API_TOKEN });
    const pairs = Array.from({ length: 200 }, (_, i) => [`item:${i}`, i]);
    await client.mset(Object.fromEntries(pairs));
    const keys = new Set();
    for await (const key of client.scanIterator({ match: 'item:*', count: 20 })) keys.add(key);
    assert.equal(keys.size, 200);
    await client.zadd('zset', { score: 1, member: 'one' }, { score: 2, member: 'two' });
    const members = [];
    for await (const each of client.zscanIterator('zset')) members.push(each);
    assert.deepEqual(members, ['one', 1, 'two', 2]);
    await client.hset('hash', { a: 1, b: 2 });
    const fields = [];
    for await (const each of client.hscanIterator('hash')) fields.push(each);
    assert.deepEqual(fields, ['a', 1, 'b', 2]);
    assert.deepEqual(await client.multi().set('t', 1).incr('t').exec(), ['OK', 2]);
  });
});
