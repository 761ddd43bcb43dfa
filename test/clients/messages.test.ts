/** Transactions, pub/sub and MONITOR with the client libraries, in both protocols. */
import { Redis as Redis5 } from 'ioredis5';
import { Redis as Redis6 } from 'ioredis6';
import { createClient as createClient5 } from 'redis5';
import { createClient as createClient6 } from 'redis6';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { RedisServer } from '../../src/index.js';

let server: RedisServer;

beforeAll(async () => {
  server = await RedisServer.start({ port: 0, notifyKeyspaceEvents: 'Ex' });
});

afterAll(() => server.stop());

beforeEach(() => server.execute('FLUSHALL'));

/** What both major versions share. */
type IoRedis = Redis5;

const ioredisVariants: [name: string, connect: () => IoRedis][] = [
  ['ioredis 5', () => new Redis5({ port: server.port, host: '127.0.0.1' })],
  ['ioredis 6, RESP2', () => new Redis6({ port: server.port, host: '127.0.0.1', protocol: 2 }) as unknown as IoRedis],
  ['ioredis 6, RESP3', () => new Redis6({ port: server.port, host: '127.0.0.1', protocol: 3 }) as unknown as IoRedis],
];

describe.each(ioredisVariants)('%s', (_, connect) => {
  const clients: IoRedis[] = [];
  const open = (): IoRedis => {
    const client = connect();
    clients.push(client);
    return client;
  };

  afterAll(() => {
    for (const client of clients) client.disconnect();
  });

  test('multi, with errors, and watch', async () => {
    const redis = open();
    const results = await redis.multi().set('k', 'v').incr('k').get('k').exec();
    expect(results?.map(([error, value]) => error?.message ?? value)).toEqual([
      'OK',
      'ERR value is not an integer or out of range',
      'v',
    ]);
    await redis.watch('k');
    await open().set('k', 'other');
    expect(await redis.multi().set('k', 'mine').exec()).toBeNull();
    await redis.multi({ pipeline: false });
    expect(await redis.get('k')).toBe('QUEUED');
    expect(await redis.discard()).toBe('OK');
    await expect(redis.multi().call('NOPE').exec()).rejects.toThrow(/EXECABORT/);
    expect(await redis.get('k')).toBe('other');
  });

  test('channels and patterns', async () => {
    const subscriber = open();
    const got: unknown[] = [];
    subscriber.on('message', (...message) => got.push(message));
    subscriber.on('pmessage', (...message) => got.push(message));
    subscriber.on('messageBuffer', (_channel, message) => got.push(message));
    expect(await subscriber.subscribe('news', 'weather')).toBe(2);
    expect(await subscriber.psubscribe('n*')).toBe(3);
    const redis = open();
    expect(await redis.publish('news', 'hello')).toBe(2);
    await expect.poll(() => got, { interval: 2 }).toContainEqual(['n*', 'news', 'hello']);
    expect(got).toContainEqual(['news', 'hello']);
    expect(got).toContainEqual(Buffer.from('hello'));
    expect(await redis.pubsub('NUMSUB', 'news')).toEqual(['news', 1]);
    expect(await subscriber.unsubscribe('news', 'weather')).toBe(1);
    expect(await subscriber.punsubscribe('n*')).toBe(0);
    expect(await subscriber.get('k')).toBeNull();
  });

  test('keys that expire', async () => {
    const subscriber = open();
    await subscriber.subscribe('__keyevent@0__:expired');
    const expired = new Promise((resolve) => subscriber.once('message', (_channel, key) => resolve(key)));
    await open().set('short', 'v', 'PX', 5);
    expect(await expired).toBe('short');
  });

  test('monitor', async () => {
    const redis = open();
    const monitor = await open().monitor();
    const seen = new Promise((resolve) => monitor.once('monitor', (_time, args) => resolve(args)));
    await redis.set('a b', '"quoted"');
    expect(await seen).toEqual(['set', 'a b', '"quoted"']);
    monitor.disconnect();
  });
});

const makeNodeRedis = () => createClient5({ socket: { port: server.port, host: '127.0.0.1' } });

type NodeRedis = ReturnType<typeof makeNodeRedis>;

const nodeRedisVariants: [name: string, create: () => NodeRedis][] = [
  ['node-redis 5, RESP2', makeNodeRedis],
  [
    'node-redis 5, RESP3',
    () => createClient5({ RESP: 3, socket: { port: server.port, host: '127.0.0.1' } }) as unknown as NodeRedis,
  ],
  [
    'node-redis 6, RESP2',
    () => createClient6({ RESP: 2, socket: { port: server.port, host: '127.0.0.1' } }) as unknown as NodeRedis,
  ],
  [
    'node-redis 6, RESP3',
    () => createClient6({ RESP: 3, socket: { port: server.port, host: '127.0.0.1' } }) as unknown as NodeRedis,
  ],
];

describe.each(nodeRedisVariants)('%s', (_, create) => {
  const clients: NodeRedis[] = [];
  const open = async (): Promise<NodeRedis> => {
    const client = create();
    clients.push(client);
    client.on('error', () => {});
    await client.connect();
    return client;
  };

  afterAll(() => {
    for (const client of clients) client.destroy();
  });

  test('multi, with errors, and watch', async () => {
    const redis = await open();
    expect(await redis.multi().set('k', '1').incr('k').get('k').exec()).toEqual(['OK', 2, '2']);
    await expect(redis.multi().set('k', 'v').incr('k').exec()).rejects.toThrow();
    await redis.watch('k');
    await (await open()).set('k', 'other');
    await expect(redis.multi().set('k', 'mine').exec()).rejects.toThrow(/watched/i);
    expect(await redis.get('k')).toBe('other');
    await expect(redis.multi().addCommand(['NOPE']).exec()).rejects.toThrow();
  });

  test('channels, patterns and shard channels', async () => {
    const subscriber = await open();
    const got: unknown[] = [];
    await subscriber.subscribe('news', (message, channel) => got.push([channel, message]));
    await subscriber.pSubscribe('n*', (message, channel) => got.push(['n*', channel, message]));
    await subscriber.sSubscribe('shard', (message, channel) => got.push([channel, message]));
    await subscriber.subscribe('bytes', (message) => got.push(message), true);
    const redis = await open();
    expect(await redis.publish('news', 'hello')).toBe(2);
    expect(await redis.sPublish('shard', 'hello')).toBe(1);
    await redis.publish('bytes', 'hello');
    await expect.poll(() => got.length, { interval: 2 }).toBe(4);
    expect(got).toContainEqual(['news', 'hello']);
    expect(got).toContainEqual(['n*', 'news', 'hello']);
    expect(got).toContainEqual(['shard', 'hello']);
    expect(got).toContainEqual(Buffer.from('hello'));
    expect({ ...(await redis.pubSubNumSub(['news'])) }).toEqual({ news: 1 });
    expect(await redis.pubSubNumPat()).toBe(1);
    expect((await redis.pubSubChannels()).sort()).toEqual(['bytes', 'news']);
    await subscriber.unsubscribe(['news', 'bytes']);
    await subscriber.pUnsubscribe('n*');
    await subscriber.sUnsubscribe('shard');
    expect(await subscriber.get('k')).toBeNull();
  });

  test('monitor', async () => {
    const redis = await open();
    const monitor = await open();
    const seen = new Promise<string>((resolve) => {
      void monitor.monitor((line) => {
        if (String(line).includes('a b')) resolve(String(line));
      });
    });
    // The monitor is there once it shows something.
    await expect
      .poll(
        async () => {
          await redis.set('a b', 'v');
          return await Promise.race([seen, Promise.resolve('')]);
        },
        { interval: 2 },
      )
      .toMatch(/"SET" "a b" "v"/);
  });
});
