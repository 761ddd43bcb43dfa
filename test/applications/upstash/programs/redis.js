/** @upstash/redis: its commands in their own types, pipelines, transactions, scripts, subscriptions. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { connect, endAll, next, subscribe } from './client.js';

const redis = connect();

describe('@upstash/redis', () => {
  after(endAll);

  test('values come back as the JavaScript values that they were', async () => {
    for (const value of ['text', 'OK', 'ä€😀 "\\ \n\0', 5, 1.5, true, null, [1, 'a'], { a: { b: [null] } }]) {
      assert.equal(await redis.set('value', value), 'OK');
      assert.deepEqual(await redis.get('value'), value);
    }
    assert.equal(await redis.get('none'), null);
    assert.equal(await redis.set('value', 'x', { nx: true }), null);
    assert.deepEqual(await redis.set('value', 'x', { xx: true, get: true, ex: 100 }), { a: { b: [null] } });
    assert.equal(await redis.ttl('value'), 100);
  });

  test('numbers, bits and ranges', async () => {
    assert.equal(await redis.incrby('number', 5), 5);
    assert.equal(await redis.incrbyfloat('number', 0.25), 5.25);
    await redis.set('big', '9007199254740993');
    assert.equal(await redis.get('big'), '9007199254740993');
    assert.equal(await redis.setbit('bits', 7, 1), 0);
    assert.equal(await redis.bitcount('bits'), 1);
    assert.deepEqual(await redis.bitfield('bits').set('u4', 8, 15).incrby('u4', 8, 1).get('u8', 0).exec(), [0, 0, 1]);
    assert.equal(await redis.append('text', 'hello'), 5);
    assert.equal(await redis.getrange('text', 1, 3), 'ell');
    assert.deepEqual(await redis.mget('text', 'none'), ['hello', null]);
  });

  test('collections', async () => {
    assert.equal(await redis.hset('hash', { a: 1, b: { c: true }, d: 'x' }), 3);
    assert.deepEqual(await redis.hgetall('hash'), { a: 1, b: { c: true }, d: 'x' });
    assert.deepEqual(await redis.hmget('hash', 'a', 'none'), { a: 1, none: null });
    assert.equal(await redis.hgetall('none'), null);
    assert.equal(await redis.rpush('list', 'a', 1, { x: 2 }), 3);
    assert.deepEqual(await redis.lrange('list', 0, -1), ['a', 1, { x: 2 }]);
    assert.equal(await redis.lpop('list'), 'a');
    assert.equal(await redis.sadd('set', 'a', 'b', 3), 3);
    assert.deepEqual(new Set(await redis.smembers('set')), new Set(['a', 'b', 3]));
    assert.equal(await redis.zadd('zset', { score: 1, member: 'a' }, { score: 2.5, member: { id: 1 } }), 2);
    assert.deepEqual(await redis.zrange('zset', 0, -1, { withScores: true }), ['a', 1, { id: 1 }, 2.5]);
    assert.equal(await redis.zscore('zset', 'a'), 1);
    assert.equal(await redis.geoadd('geo', { longitude: 13.361389, latitude: 38.115556, member: 'Palermo' }), 1);
    const [place] = await redis.geosearch(
      'geo',
      { type: 'FROMMEMBER', member: 'Palermo' },
      { type: 'BYRADIUS', radius: 10, radiusType: 'KM' },
      'ASC',
      { withDist: true },
    );
    assert.deepEqual(place, { member: 'Palermo', dist: 0 });
  });

  test('streams', async () => {
    const id = await redis.xadd('stream', '*', { name: 'a', size: 1 });
    assert.match(id, /^\d+-0$/);
    assert.deepEqual(await redis.xrange('stream', '-', '+'), { [id]: { name: 'a', size: 1 } });
    await redis.xgroup('stream', { type: 'CREATE', group: 'group', id: '0' });
    const read = await redis.xreadgroup('group', 'me', 'stream', '>');
    assert.equal(read[0][1][0][0], id);
    assert.equal(await redis.xack('stream', 'group', id), 1);
  });

  test('walks', async () => {
    const names = Array.from({ length: 300 }, (_, i) => `walk:${i}`);
    await redis.mset(Object.fromEntries(names.map((name) => [name, 1])));
    const found = new Set();
    let cursor = '0';
    do {
      const [after, keys] = await redis.scan(cursor, { match: 'walk:*', count: 50 });
      for (const key of keys) found.add(key);
      cursor = after;
    } while (cursor !== '0');
    assert.equal(found.size, 300);
    assert.equal((await redis.keys('walk:1?')).length, 10);
    assert.equal(await redis.type('walk:1'), 'string');
    assert.equal(await redis.unlink(...names), 300);
  });

  test('pipelines and transactions', async () => {
    const pipeline = redis.pipeline();
    pipeline.set('p', { a: 1 });
    pipeline.get('p');
    pipeline.hset('p:hash', { x: 'y' });
    pipeline.hgetall('p:hash');
    assert.deepEqual(await pipeline.exec(), ['OK', { a: 1 }, 1, { x: 'y' }]);

    const failing = redis.pipeline().set('p', 'text').incr('p').get('p');
    await assert.rejects(failing.exec(), /Command 2 \[ incr \] failed: ERR value is not an integer/);
    const [, second, third] = await redis.pipeline().set('p', 'text').incr('p').get('p').exec({ keepErrors: true });
    assert.match(second.error, /^ERR value is not an integer/);
    assert.equal(third.result, 'text');

    assert.deepEqual(await redis.multi().set('m', 1).incr('m').lrange('none', 0, -1).exec(), ['OK', 2, []]);
    await assert.rejects(redis.multi().incr('m').lpush('m', 1).exec(), /Command 2 \[ lpush \] failed: WRONGTYPE/);
    assert.equal(await redis.get('m'), 3);
    await assert.rejects(redis.multi().incr('m').del().exec(), /EXECABORT/);
    assert.equal(await redis.get('m'), 3);
  });

  test('commands of one turn go as one pipeline', async () => {
    const automatic = connect({ enableAutoPipelining: true });
    const values = await Promise.all(Array.from({ length: 50 }, (_, i) => automatic.incrby('auto', i)));
    assert.equal(values.at(-1), 1225);
    assert.ok(automatic.pipelineCounter >= 1 && automatic.pipelineCounter < 50);
  });

  test('scripts, by text and by digest', async () => {
    const text = "redis.call('SET', KEYS[1], ARGV[1]) return {KEYS[1], ARGV[1], 5, redis.call('GET', KEYS[1])}";
    assert.deepEqual(await redis.eval(text, ['script'], ['value']), ['script', 'value', 5, 'value']);
    const digest = await redis.scriptLoad(text);
    assert.deepEqual(await redis.evalsha(digest, ['script'], ['x']), ['script', 'x', 5, 'x']);
    assert.deepEqual(await redis.scriptExists(digest, 'f'.repeat(40)), [1, 0]);
    await redis.scriptFlush();
    await assert.rejects(redis.evalsha(digest, ['script'], ['x']), /NOSCRIPT/);
    const script = redis.createScript(text);
    for (let i = 0; i < 3; i++) assert.deepEqual(await script.exec(['script'], ['y']), ['script', 'y', 5, 'y']);
    const reading = redis.createScript("return redis.call('GET', KEYS[1])", { readonly: true });
    assert.equal(await reading.exec(['script'], []), 'y');
  });

  test('subscriptions', async () => {
    const channel = subscribe(redis.subscribe(['chat', 'news']));
    await Promise.all([
      next(channel, 'subscribe'),
      waitFor(async () => (await publishers('chat')) + (await publishers('news')) === 2),
    ]);
    const messages = [];
    channel.on('message', (message) => messages.push(message));
    assert.equal(await redis.publish('chat', { text: 'hello, ä' }), 1);
    assert.equal(await redis.publish('news', 'plain'), 1);
    await waitFor(() => messages.length === 2);
    assert.deepEqual(
      messages.sort((a, b) => a.channel.localeCompare(b.channel)),
      [
        { channel: 'chat', message: { text: 'hello, ä' } },
        { channel: 'news', message: 'plain' },
      ],
    );
    const pattern = subscribe(redis.psubscribe(['ch?t:*']));
    await next(pattern, 'psubscribe');
    const told = next(pattern, 'pmessage');
    assert.equal(await redis.publish('chat:1', { n: 1 }), 1);
    assert.deepEqual(await told, { pattern: 'ch?t:*', channel: 'chat:1', message: { n: 1 } });
    await channel.unsubscribe(['chat']);
    await waitFor(async () => (await publishers('chat')) === 0);
    assert.equal(await publishers('news'), 1);
  });

  test('errors, with the command that failed', async () => {
    await redis.set('text', 'a');
    await assert.rejects(redis.lpush('text', 1), {
      name: 'UpstashError',
      message: /^WRONGTYPE .*, command was: \["lpush","text",1\]$/,
    });
    await assert.rejects(redis.exec(['BLPOP', 'list', 0]), /Command is not available: 'BLPOP'/);
  });

  test('text instead of base64, and no retries', async () => {
    const plain = connect({ responseEncoding: false, automaticDeserialization: false, retry: false });
    await plain.set('plain', 'ä "5"');
    assert.equal(await plain.get('plain'), 'ä "5"');
    assert.deepEqual(await plain.pipeline().get('plain').ping().exec(), ['ä "5"', 'PONG']);
  });
});

async function publishers(channel) {
  const [, count] = await redis.exec(['PUBSUB', 'NUMSUB', channel]);
  return count;
}

async function waitFor(condition) {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}
