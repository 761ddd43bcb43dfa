import { beforeEach, describe, expect, test } from 'vitest';
import { genericCommands } from '../../src/commands/keys/index.js';
import { ClientGate } from '../../src/engine/client.js';
import { RedisServer } from '../../src/index.js';
import { type EvictionPolicy, EvictionVerdict } from '../../src/keyspace/eviction.js';
import { Slice } from '../../src/memory/slice.js';
import { listCommands } from '../../src/types/list/commands/index.js';
import { stringCommands } from '../../src/types/string/commands/index.js';
import { CommandRunner } from '../support/command-runner.js';
import { engineOf } from '../support/inside.js';
import { RawClient } from '../support/raw-client.js';
import { until } from '../support/until.js';

let redis: CommandRunner;

beforeEach(() => {
  redis = new CommandRunner([...stringCommands, ...listCommands, ...genericCommands]);
});

const OOM = "-OOM command not allowed when used memory > 'maxmemory'.\r\n";
const keyspace = () => redis.engine.keyspace;
const eviction = () => keyspace().eviction;

/** `count` keys, of which every second one expires; the first is the oldest, a second for each. */
function fill(count: number): void {
  for (let i = 0; i < count; i++) {
    redis.now += 1000;
    // The server's tick.
    keyspace().refreshLruClock();
    redis.engineOnly(i % 2 === 0 ? `SET key:${i} v` : `SET key:${i} v PXAT ${4_000_000_000_000 - i * 1000}`);
  }
  keyspace().checkIntegrity();
  redis.takeEvents();
  redis.takeEffects();
}

/** From now on about `bytes` less than now may be used. */
function takeAway(bytes: number, policy: EvictionPolicy): void {
  eviction().policy = policy;
  redis.engine.limitMemory(eviction().usedBytes - bytes);
}

const left = () =>
  Array.from({ length: redis.db.size }, (_, at) => redis.db.keyOf(redis.db.at(at), new Slice()).toLatin1());

describe('maxmemory', () => {
  test('refuses what may need memory once nothing may be evicted, and nothing else', () => {
    fill(100);
    takeAway(1, 'noeviction');
    expect(redis.line('SET a b')).toBe(OOM);
    expect(redis.line('RPUSH a b')).toBe(OOM);
    expect(redis.line('GET key:1')).toBe('$1\r\nv\r\n');
    expect(redis.line('DEL key:1 key:2 key:3 key:4')).toBe(':4\r\n');
    expect(redis.line('SET a b')).toBe('+OK\r\n');
    expect(redis.engine.table.named('set')!.rejectedCalls).toBe(1);
  });

  test('refuses so, too, when the policy spares the keys that are left', () => {
    fill(100);
    takeAway(1_000_000_000, 'volatile-lru');
    expect(redis.line('SET a b')).toBe(OOM);
    expect(left().every((key) => Number(key.slice(4)) % 2 === 0)).toBe(true);
    expect(redis.db.size).toBe(50);
    expect(keyspace().evictedKeys).toBe(50);
  });

  test('is no limit while it is 0, and none beyond what is used', () => {
    fill(10);
    takeAway(-100_000, 'allkeys-lru');
    redis.line('SET a b');
    redis.engine.limitMemory(0);
    expect(redis.engine.gate).toBe(0);
    redis.line('SET b c');
    expect(redis.db.size).toBe(12);
  });

  test('is watched: for how long the data takes too much', () => {
    const times = () => [eviction().totalExceededMs, eviction().currentExceededMs];
    fill(10);
    takeAway(1, 'noeviction');
    expect(times()).toEqual([0, 0]);
    redis.line('GET a');
    redis.now += 300;
    redis.line('GET a');
    expect(times()).toEqual([300, 300]);
    redis.line('DEL key:1 key:2');
    redis.now += 50;
    redis.line('GET a');
    expect(times()).toEqual([350, 0]);
    redis.now += 1000;
    redis.line('GET a');
    expect(times()).toEqual([350, 0]);
    takeAway(1, 'noeviction');
    redis.line('GET a');
    redis.now += 20;
    redis.line('GET a');
    expect(times()).toEqual([370, 20]);
    redis.engine.limitMemory(0);
    expect(times()).toEqual([370, 0]);
  });

  test('is not mistaken for memory that the system refuses', () => {
    redis.engine.limitMemory(1_000_000_000);
    expect(redis.line('SET a b')).toBe('+OK\r\n');
    keyspace().arena.onExhausted(true);
    expect(redis.line('SET a b')).toBe(OOM);
    redis.engine.limitMemory(0);
    expect(redis.line('SET a b')).toBe(OOM);
    keyspace().arena.onExhausted(false);
    expect(redis.line('SET a b')).toBe('+OK\r\n');
  });

  test.each<EvictionPolicy>([
    'allkeys-lru',
    'allkeys-lfu',
    'allkeys-random',
    'volatile-lru',
    'volatile-lfu',
    'volatile-random',
    'volatile-ttl',
  ])('%s makes room for as much as is written', (policy) => {
    fill(300);
    takeAway(2000, policy);
    const limit = eviction().maxMemory;
    for (let i = 0; i < 300; i++) {
      // A command that runs may exceed the limit; the next one makes up for it.
      redis.line(`SET new:${i} value PXAT 4000000000000`);
      expect(eviction().usedBytes).toBeLessThan(limit + 2048);
    }
    expect(redis.db.size).toBeLessThan(310);
    expect(redis.db.size).toBeGreaterThan(100);
    expect(keyspace().evictedKeys).toBe(600 - redis.db.size);
    if (policy.startsWith('volatile')) expect(left().filter((key) => /^key:\d*[02468]$/.test(key))).toHaveLength(150);
  });

  test('announces evicted keys, and propagates their removal before the command', () => {
    fill(50);
    takeAway(100, 'allkeys-lru');
    redis.line('SET new v');
    const removed = redis.takeEffects();
    expect(removed.length).toBeGreaterThan(1);
    expect(removed.at(-1)).toEqual(['SET', 'new', 'v']);
    const keys = removed.slice(0, -1).map(([name, key]) => {
      expect(name).toBe('DEL');
      return key;
    });
    expect(redis.takeEvents()).toEqual([...keys.map((key) => `evicted ${key}`), 'set new']);
    expect(keyspace().evictedKeys).toBe(keys.length);
    expect(keyspace().dirty).toBe(51);
  });

  test('makes room also before commands that only read', () => {
    fill(50);
    takeAway(100, 'allkeys-random');
    redis.line('GET none');
    expect(redis.db.size).toBeLessThan(50);
  });

  test('evicts in all databases', () => {
    redis.client.databaseIndex = 3;
    fill(20);
    redis.client.databaseIndex = 0;
    fill(20);
    takeAway(1_000_000, 'allkeys-random');
    redis.line('GET none');
    expect(keyspace().databases.map((db) => db.size)).toEqual(Array.from({ length: 16 }, () => 0));
  });

  test('one command evicts a bounded number of keys, and the rest follows', () => {
    fill(1000);
    takeAway(1_000_000, 'allkeys-random');
    eviction().tenacity = 10;
    expect(redis.line('SET a b')).toBe('+OK\r\n');
    expect(keyspace().evictedKeys).toBe(200);
    expect(redis.engine.makeRoom()).toBe(EvictionVerdict.MORE);
    expect(keyspace().evictedKeys).toBe(400);
    eviction().tenacity = 0;
    redis.engine.makeRoom();
    expect(keyspace().evictedKeys).toBe(401);
    eviction().tenacity = 100;
    expect(redis.engine.makeRoom()).toBe(EvictionVerdict.NONE);
    expect(redis.db.size).toBe(0);
    expect(redis.line('SET a b')).toBe(OOM);
  });

  test('frees what is on its way out already before it evicts', () => {
    redis.line(`RPUSH big ${Array.from({ length: 20_000 }, (_, i) => `${'x'.repeat(60)}${i}`).join(' ')}`);
    fill(100);
    takeAway(1_000_000, 'allkeys-lru');
    redis.line('DEL big');
    expect(keyspace().reclaimer.isBusy || keyspace().evictedKeys > 0).toBe(true);
    eviction().policy = 'allkeys-lru';
    redis.line('PING');
    redis.line('GET none');
    expect(redis.line('GET key:99')).toBe('$1\r\nv\r\n');
  });
});

describe('the choice of keys', () => {
  test('allkeys-lru spares what was used lately', () => {
    fill(400);
    for (let i = 0; i < 100; i++) redis.line(`GET key:${i}`);
    eviction().samples = 10;
    takeAway(100 * 32, 'allkeys-lru');
    for (let i = 0; i < 3; i++) redis.line('GET none');
    const used = left().filter((key) => Number(key.slice(4)) < 100).length;
    expect(redis.db.size).toBeLessThan(330);
    expect(used).toBeGreaterThan(95);
    // Of the others the youngest stay rather than the oldest.
    const young = left().filter((key) => Number(key.slice(4)) >= 300).length;
    const old = left().filter((key) => Number(key.slice(4)) >= 100 && Number(key.slice(4)) < 200).length;
    expect(young).toBeGreaterThan(old + 30);
  });

  test('a candidate that is used after it was seen is spared', () => {
    eviction().policy = 'allkeys-lru';
    fill(40);
    eviction().samples = 40;
    redis.engine.limitMemory(eviction().usedBytes - 1);
    redis.line('GET none');
    redis.engine.limitMemory(0);
    // The pool is full of the oldest keys now.
    redis.now += 10_000;
    const survivors = left();
    for (const key of survivors) if (Number(key.slice(4)) < 30) redis.line(`GET ${key}`);
    redis.engine.limitMemory(eviction().usedBytes - 5 * 32);
    redis.line('GET none');
    const gone = survivors.filter((key) => !left().includes(key));
    expect(gone.length).toBeGreaterThan(2);
    for (const key of gone) expect(Number(key.slice(4))).toBeGreaterThanOrEqual(30);
  });

  test('volatile-ttl takes the keys that expire first, in order', () => {
    fill(100);
    // Deadlines that were put off must not count as they were.
    redis.line('PEXPIREAT key:99 5000000000000');
    redis.takeEffects();
    takeAway(20 * 48, 'volatile-ttl');
    redis.line('GET none');
    const evicted = redis.takeEffects().map(([, key]) => Number(key!.slice(4)));
    expect(evicted.length).toBeGreaterThan(5);
    expect(evicted).toEqual(Array.from(evicted, (_, i) => 97 - 2 * i));
  });

  test('allkeys-lfu spares what is used often', () => {
    eviction().policy = 'allkeys-lfu';
    fill(200);
    for (let round = 0; round < 40; round++) for (let i = 0; i < 50; i++) redis.line(`GET key:${i}`);
    eviction().samples = 10;
    takeAway(60 * 48, 'allkeys-lfu');
    redis.line('GET none');
    expect(redis.db.size).toBeLessThan(160);
    expect(left().filter((key) => Number(key.slice(4)) < 50).length).toBeGreaterThan(48);
  });

  test('keys whose deadline has passed go as expired', () => {
    for (let i = 0; i < 20; i++) redis.line(`SET key:${i} v PX 1`);
    redis.now += 10;
    redis.takeEvents();
    takeAway(1_000_000, 'allkeys-random');
    redis.line('GET none');
    expect(redis.takeEvents().every((event) => event.startsWith('expired'))).toBe(true);
    expect(keyspace().evictedKeys).toBe(0);
    expect(keyspace().expiredKeys).toBe(20);
  });

  test('the pool outlives everything that happens to its keys', () => {
    eviction().policy = 'allkeys-lru';
    eviction().samples = 16;
    for (let round = 0; round < 60; round++) {
      fill(40);
      redis.engine.limitMemory(eviction().usedBytes - 32);
      redis.line('GET none');
      redis.engine.limitMemory(0);
      if (round % 3 === 0) for (const key of left().slice(0, 30)) redis.line(`DEL ${key}`);
      if (round % 5 === 1) keyspace().flushAll();
      if (round % 7 === 2) keyspace().swap(0, 1);
      if (round % 11 === 3) for (const key of left().slice(0, 10)) redis.line(`RENAME ${key} ${key}${'x'.repeat(50)}`);
    }
    keyspace().checkIntegrity();
  });
});

describe('counting uses', () => {
  beforeEach(() => {
    eviction().policy = 'allkeys-lfu';
  });

  const frequency = (key: string) => redis.line(`OBJECT FREQ ${key}`);

  test('new keys begin at 5, each use may raise the counter, time lowers it', () => {
    redis.line('SET k v');
    expect(frequency('k')).toBe(':5\r\n');
    redis.line('GET k');
    expect(frequency('k')).toBe(':6\r\n');
    for (let i = 0; i < 1000; i++) redis.line('GET k');
    const raised = Number(frequency('k').slice(1));
    expect(raised).toBeGreaterThan(10);
    expect(raised).toBeLessThan(40);
    redis.now += 3 * 60_000;
    expect(frequency('k')).toBe(`:${raised - 3}\r\n`);
    redis.now += 300 * 60_000;
    expect(frequency('k')).toBe(':0\r\n');
    redis.line('GET k');
    expect(frequency('k')).toBe(':1\r\n');
  });

  test('stops at 255, and then writes nothing', () => {
    keyspace().frequency.logFactor = 0;
    redis.line('SET k v');
    for (let i = 0; i < 300; i++) redis.line('GET k');
    expect(frequency('k')).toBe(':255\r\n');
  });

  test('lfu-decay-time 0 keeps it, larger ones slow it down', () => {
    redis.line('SET k v');
    keyspace().frequency.decayTime = 0;
    redis.now += 100 * 60_000;
    expect(frequency('k')).toBe(':5\r\n');
    keyspace().frequency.decayTime = 50;
    expect(frequency('k')).toBe(':3\r\n');
  });

  test('survives changes of the entry, not its deletion', () => {
    keyspace().frequency.logFactor = 0;
    redis.line('SET k v');
    for (let i = 0; i < 5; i++) redis.line('GET k');
    expect(frequency('k')).toBe(':10\r\n');
    for (const line of ['APPEND k xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', 'EXPIRE k 100', 'PERSIST k']) {
      redis.line(line);
    }
    expect(frequency('k')).toBe(':13\r\n');
    redis.line('SET k v');
    expect(frequency('k')).toBe(':14\r\n');
    redis.line('DEL k');
    redis.line('SET k v');
    expect(frequency('k')).toBe(':5\r\n');
  });

  test('CLIENT NO-TOUCH leaves it alone', () => {
    redis.line('SET k v');
    redis.client.gate |= ClientGate.NO_TOUCH;
    for (let i = 0; i < 20; i++) redis.line('GET k');
    expect(frequency('k')).toBe(':5\r\n');
    redis.line('TOUCH k');
    expect(frequency('k')).not.toBe(':5\r\n');
  });

  test('counters and clocks are asked for under their own policy', () => {
    redis.line('SET k v');
    expect(redis.line('OBJECT IDLETIME k')).toMatch(/^-ERR An LFU maxmemory policy is selected/);
    eviction().policy = 'allkeys-lru';
    expect(redis.line('OBJECT FREQ k')).toMatch(/^-ERR An LFU maxmemory policy is not selected/);
    redis.line('GET k');
    redis.now += 5000;
    expect(redis.line('OBJECT IDLETIME k')).toBe(':5\r\n');
  });
});

describe('a server with maxmemory', () => {
  test('evicts in idle time, tells subscribers, and counts in INFO', async () => {
    const server = await RedisServer.start({ port: 0, notifyKeyspaceEvents: 'Ee' });
    const client = await RawClient.connect({ port: server.port });
    const subscriber = await RawClient.connect({ port: server.port });
    try {
      const keys = Array.from({ length: 2000 }, (_, i) => [`key:${i}`, 'value']).flat();
      await client.call('MSET', ...keys);
      await subscriber.call('PSUBSCRIBE', '__keyevent@*');
      await client.pipeline([
        ['CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru', 'maxmemory', '40kb'],
        ['SET', 'new', 'v'],
      ]);
      const evicted = async () =>
        Number(/evicted_keys:(\d+)/.exec((await client.call('INFO', 'stats')).toString('latin1'))![1]);
      const { keyspace } = engineOf(server);
      await until(() => keyspace.eviction.usedBytes <= 40 * 1024);
      const count = await evicted();
      expect(count).toBeGreaterThan(500);
      expect((await client.call('DBSIZE')).toString()).toBe(`:${2001 - count}\r\n`);
      await until(() => subscriber.unread === count);
      expect((await subscriber.read()).toString()).toMatch(/__keyevent@0__:evicted\r\n\$\d+\r\nkey:/);
      const memory = (await client.call('INFO', 'memory')).toString('latin1');
      const field = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(memory)![1]);
      expect(field('used_memory') - field('mem_not_counted_for_evict')).toBeLessThanOrEqual(40 * 1024);
      await client.call('CONFIG', 'RESETSTAT');
      expect(await evicted()).toBe(0);
    } finally {
      await client.close();
      await subscriber.close();
      await server.stop();
    }
  });

  test('a transaction is refused as a whole when it would need memory', async () => {
    const server = await RedisServer.start({ port: 0 });
    const client = await RawClient.connect({ port: server.port });
    try {
      await client.call('SET', 'k', 'v'.repeat(1000));
      const replies = await client.pipeline([
        ['MULTI'],
        ['SET', 'a', 'b'],
        ['CONFIG', 'SET', 'maxmemory', '100'],
        ['EXEC'],
        ['MULTI'],
        ['SET', 'a', 'b'],
        ['EXEC'],
        ['MULTI'],
        ['GET', 'a'],
        ['EXEC'],
      ]);
      expect(replies.map((reply) => reply.toString().slice(0, 10))).toEqual([
        '+OK\r\n',
        '+QUEUED\r\n',
        '+QUEUED\r\n',
        '*2\r\n+OK\r\n+',
        '+OK\r\n',
        '-OOM comma',
        '-EXECABORT',
        '+OK\r\n',
        // Queueing takes memory, too.
        '-OOM comma',
        '-EXECABORT',
      ]);
    } finally {
      await client.close();
      await server.stop();
    }
  });
});
