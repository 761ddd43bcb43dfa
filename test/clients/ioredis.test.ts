import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis as Redis5 } from 'ioredis5';
import { Redis as Redis6 } from 'ioredis6';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { RedisServer } from '../../src/index.js';

/** What both major versions share; their type declarations differ in ways that do not matter here. */
type Client = Redis5;

const variants: [name: string, connect: (port: number) => Client][] = [
  ['ioredis 5', (port) => new Redis5({ port, host: '127.0.0.1' })],
  ['ioredis 6, RESP2', (port) => new Redis6({ port, host: '127.0.0.1', protocol: 2 }) as unknown as Client],
  ['ioredis 6, RESP3', (port) => new Redis6({ port, host: '127.0.0.1', protocol: 3 }) as unknown as Client],
];

describe.each(variants)('%s', (_, connectTo) => {
  const directory = mkdtempSync(join(tmpdir(), 'redstart-ioredis-'));
  let server: RedisServer;
  let redis: Client;

  beforeAll(async () => {
    server = await RedisServer.start({ port: 0, dir: directory, enableDebugCommand: 'local' });
    redis = connectTo(server.port);
  });

  afterAll(async () => {
    redis.disconnect();
    await server.stop();
    rmSync(directory, { recursive: true });
  });

  beforeEach(async () => {
    await redis.flushall();
    await redis.select(0);
  });

  test('becomes ready and introduces itself', async () => {
    expect(redis.status).toBe('ready');
    expect(await redis.call('CLIENT', 'INFO')).toMatch(/lib-name=ioredis/);
    expect(await redis.info('server')).toMatch(/redis_version:7\.4\.0\r\n/);
    expect(await redis.info()).toMatch(/redstart_version:/);
  });

  test('connection commands', async () => {
    expect(await redis.ping()).toBe('PONG');
    expect(await redis.ping('hello')).toBe('hello');
    expect(await redis.echo('hello')).toBe('hello');
    expect(await redis.client('SETNAME', 'tour')).toBe('OK');
    expect(await redis.client('GETNAME')).toBe('tour');
    expect(await redis.client('ID')).toBeGreaterThan(0);
    expect(await redis.client('LIST')).toMatch(/name=tour/);
    expect(await redis.call('CLIENT', 'SETINFO', 'LIB-VER', '1.2.3')).toBe('OK');
    expect(await redis.call('CLIENT', 'REPLY', 'ON')).toBe('OK');
    await expect(redis.auth('secret')).rejects.toThrow(/without any password configured/);
    expect(await redis.select(3)).toBe('OK');
    await expect(redis.select(99)).rejects.toThrow('ERR DB index is out of range');
    const other = connectTo(server.port);
    const id = await other.client('ID');
    other.options.retryStrategy = () => null;
    const ended = new Promise((resolve) => other.once('end', resolve));
    expect(await redis.client('KILL', 'ID', String(id))).toBe(1);
    await ended;
    const leaving = connectTo(server.port);
    expect(await leaving.quit()).toBe('OK');
  });

  test('introspection', async () => {
    expect(await redis.command('COUNT')).toBeGreaterThan(80);
    const rows = (await redis.command('INFO', 'get', 'nosuch')) as unknown[][];
    expect(rows[0]?.slice(0, 2)).toEqual(['get', 2]);
    expect(rows[1]).toBeNull();
    expect(await redis.command('LIST')).toContain('blmove');
    expect(JSON.stringify(await redis.command('DOCS', 'set'))).toContain('summary');
    expect(await redis.call('COMMAND', 'GETKEYS', 'MSET', 'a', '1', 'b', '2')).toEqual(['a', 'b']);
    expect(await redis.call('COMMAND')).toHaveLength(Number(await redis.call('COMMAND', 'COUNT')));
    expect(await redis.config('SET', 'maxmemory', '100mb')).toBe('OK');
    expect(JSON.stringify(await redis.config('GET', 'maxmemory'))).toContain('104857600');
    await redis.config('SET', 'maxmemory', '0');
    const [seconds] = await redis.time();
    expect(Math.abs(Number(seconds) - Date.now() / 1000)).toBeLessThan(10);
  });

  test('bits', async () => {
    expect(await redis.setbit('bits', 7, 1)).toBe(0);
    expect(await redis.getbit('bits', 7)).toBe(1);
    expect(await redis.bitcount('bits')).toBe(1);
    expect(await redis.bitcount('bits', 0, 6, 'BIT')).toBe(0);
    expect(await redis.bitpos('bits', 1)).toBe(7);
    expect(await redis.bitop('NOT', 'inverse', 'bits')).toBe(1);
    expect(await redis.getBuffer('inverse')).toEqual(Buffer.from([0xfe]));
    const set = ['SET', 'i8', '#1', -5];
    expect(await redis.call('BITFIELD', 'field', ...set, 'OVERFLOW', 'FAIL', 'INCRBY', 'u2', 0, 9)).toEqual([0, null]);
    expect(await redis.bitfield_ro('field', 'GET', 'i8', '#1')).toEqual([-5]);
  });

  test('strings', async () => {
    expect(await redis.set('k', 'v', 'EX', 100, 'NX')).toBe('OK');
    expect(await redis.set('k', 'w', 'NX')).toBeNull();
    expect(await redis.set('k', 'w', 'KEEPTTL', 'GET')).toBe('v');
    expect(await redis.ttl('k')).toBe(100);
    expect(await redis.get('k')).toBe('w');
    expect(await redis.getex('k', 'PERSIST')).toBe('w');
    expect(await redis.getset('k', 'x')).toBe('w');
    expect(await redis.getdel('k')).toBe('x');
    expect(await redis.get('k')).toBeNull();
    expect(await redis.setnx('k', '1')).toBe(1);
    expect(await redis.setex('k', 10, 'v')).toBe('OK');
    expect(await redis.psetex('k', 10_000, 'v')).toBe('OK');
    expect(await redis.mset({ a: '1', b: '2' })).toBe('OK');
    expect(await redis.mget('a', 'b', 'none')).toEqual(['1', '2', null]);
    expect(await redis.msetnx('b', '3', 'c', '4')).toBe(0);
    expect(await redis.append('k', '!')).toBe(2);
    expect(await redis.strlen('k')).toBe(2);
    expect(await redis.setrange('k', 4, 'xy')).toBe(6);
    expect(await redis.getrange('k', -2, -1)).toBe('xy');
    expect(await redis.incr('a')).toBe(2);
    expect(await redis.decr('a')).toBe(1);
    expect(await redis.incrby('a', 10)).toBe(11);
    expect(await redis.decrby('a', 1)).toBe(10);
    expect(await redis.incrbyfloat('a', 0.5)).toBe('10.5');
    await expect(redis.incr('a')).rejects.toThrow('ERR value is not an integer or out of range');
    const bytes = Buffer.from([0, 255, 13, 10, 128]);
    await redis.set('binary', bytes);
    expect(await redis.getBuffer('binary')).toEqual(bytes);
    const big = 'x'.repeat(1_000_000);
    await redis.set('big', big);
    expect(await redis.get('big')).toBe(big);
  });

  test('keys', async () => {
    await redis.mset('a', '1', 'b', '2');
    await redis.rpush('l', 'x');
    expect(await redis.exists('a', 'b', 'none')).toBe(2);
    expect(await redis.touch('a', 'none')).toBe(1);
    expect(await redis.type('l')).toBe('list');
    expect((await redis.keys('*')).sort()).toEqual(['a', 'b', 'l']);
    expect(await redis.scan(0, 'MATCH', 'a*', 'COUNT', 100)).toEqual(['0', ['a']]);
    const found: string[] = [];
    for await (const keys of redis.scanStream({ count: 1 })) found.push(...(keys as string[]));
    expect([...new Set(found)].sort()).toEqual(['a', 'b', 'l']);
    expect(['a', 'b', 'l']).toContain(await redis.randomkey());
    expect(await redis.rename('a', 'c')).toBe('OK');
    await expect(redis.rename('a', 'c')).rejects.toThrow('ERR no such key');
    expect(await redis.renamenx('c', 'b')).toBe(0);
    expect(await redis.copy('c', 'd')).toBe(1);
    expect(await redis.object('ENCODING', 'c')).toBe('int');
    expect(await redis.object('ENCODING', 'l')).toBe('listpack');
    expect(await redis.object('REFCOUNT', 'l')).toBe(1);
    expect(await redis.object('IDLETIME', 'l')).toBeLessThan(10);
    expect(await redis.move('d', 1)).toBe(1);
    expect(await redis.swapdb(0, 1)).toBe('OK');
    expect(await redis.get('d')).toBe('1');
    expect(await redis.dbsize()).toBe(1);
    expect(await redis.flushdb()).toBe('OK');
    await redis.swapdb(0, 1);
    expect(await redis.del('b', 'none')).toBe(1);
    expect(await redis.unlink('c', 'l')).toBe(2);
    expect(await redis.dbsize()).toBe(0);
  });

  test('deadlines', async () => {
    await redis.set('k', 'v');
    expect(await redis.expire('k', 100)).toBe(1);
    expect(await redis.expire('k', 50, 'GT')).toBe(0);
    expect(await redis.pexpire('k', 200_000)).toBe(1);
    expect(await redis.pttl('k')).toBeGreaterThan(190_000);
    expect(await redis.expireat('k', 4_000_000_000)).toBe(1);
    expect(await redis.expiretime('k')).toBe(4_000_000_000);
    expect(await redis.pexpireat('k', 4_000_000_000_123)).toBe(1);
    expect(await redis.pexpiretime('k')).toBe(4_000_000_000_123);
    expect(await redis.persist('k')).toBe(1);
    expect(await redis.ttl('k')).toBe(-1);
    expect(await redis.expire('k', -1)).toBe(1);
    expect(await redis.exists('k')).toBe(0);
  });

  test('lists, also blocking', async () => {
    expect(await redis.rpush('l', 'a', 'b', 'c')).toBe(3);
    expect(await redis.lpush('l', 'z')).toBe(4);
    expect(await redis.llen('l')).toBe(4);
    expect(await redis.lrange('l', 0, -1)).toEqual(['z', 'a', 'b', 'c']);
    expect(await redis.lindex('l', -1)).toBe('c');
    expect(await redis.lpop('l')).toBe('z');
    expect(await redis.rpop('l', 2)).toEqual(['c', 'b']);
    expect(await redis.lmove('l', 'm', 'LEFT', 'RIGHT')).toBe('a');
    expect(await redis.lpop('l')).toBeNull();
    expect(await redis.blpop('m', 0)).toEqual(['m', 'a']);
    expect(await redis.brpop('m', 0.01)).toBeNull();
    const blocked = connectTo(server.port);
    const popped = blocked.blpop('queue', 0);
    await redis.rpush('queue', 'job');
    expect(await popped).toEqual(['queue', 'job']);
    const moved = blocked.blmove('queue', 'done', 'LEFT', 'RIGHT', 0);
    await redis.rpush('queue', 'job 2');
    expect(await moved).toBe('job 2');
    blocked.disconnect();
  });

  test('hashes', async () => {
    expect(await redis.hset('h', { a: '1', b: '2' })).toBe(2);
    expect(await redis.hset('h', 'c', '3', 'd', '')).toBe(2);
    expect(await redis.hsetnx('h', 'a', 'x')).toBe(0);
    expect(await redis.hmset('h', { e: '5' })).toBe('OK');
    expect(await redis.hget('h', 'a')).toBe('1');
    expect(await redis.hget('h', 'none')).toBeNull();
    expect(await redis.hmget('h', 'a', 'none')).toEqual(['1', null]);
    expect(await redis.hgetall('h')).toEqual({ a: '1', b: '2', c: '3', d: '', e: '5' });
    expect(await redis.hgetall('none')).toEqual({});
    expect((await redis.hkeys('h')).sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect((await redis.hvals('h')).sort()).toEqual(['', '1', '2', '3', '5']);
    expect(await redis.hlen('h')).toBe(5);
    expect(await redis.hstrlen('h', 'a')).toBe(1);
    expect(await redis.hexists('h', 'd')).toBe(1);
    expect(await redis.hincrby('h', 'a', 5)).toBe(6);
    expect(await redis.hincrbyfloat('h', 'a', 0.5)).toBe('6.5');
    expect(await redis.hscan('h', 0, 'MATCH', 'a', 'COUNT', 100)).toEqual(['0', ['a', '6.5']]);
    expect(await redis.call('HSCAN', 'h', 0, 'MATCH', 'a', 'NOVALUES')).toEqual(['0', ['a']]);
    expect(['a', 'b', 'c', 'd', 'e']).toContain(await redis.hrandfield('h'));
    expect(await redis.hrandfield('h', 9)).toHaveLength(5);
    expect(((await redis.hrandfield('h', 2, 'WITHVALUES')) as unknown[]).flat()).toHaveLength(4);
    expect(await redis.hdel('h', 'a', 'none')).toBe(1);
    const found: string[] = [];
    for await (const part of redis.hscanStream('h', { count: 1 })) found.push(...(part as string[]));
    expect(found).toHaveLength(8);
  });

  test('fields with deadlines', async () => {
    await redis.hset('h', 'a', '1', 'b', '2', 'c', '3');
    const fields = ['FIELDS', 3, 'a', 'b', 'none'];
    expect(await redis.call('HEXPIRE', 'h', 100, ...fields)).toEqual([1, 1, -2]);
    expect(await redis.call('HEXPIRE', 'h', 50, 'GT', ...fields)).toEqual([0, 0, -2]);
    expect(await redis.call('HTTL', 'h', ...fields)).toEqual([100, 100, -2]);
    expect(await redis.call('HPEXPIRE', 'h', 200_000, 'FIELDS', 1, 'a')).toEqual([1]);
    const [left] = (await redis.call('HPTTL', 'h', 'FIELDS', 1, 'a')) as number[];
    expect(left).toBeGreaterThan(190_000);
    expect(await redis.call('HEXPIREAT', 'h', 4_000_000_000, 'FIELDS', 1, 'a')).toEqual([1]);
    expect(await redis.call('HEXPIRETIME', 'h', 'FIELDS', 2, 'a', 'c')).toEqual([4_000_000_000, -1]);
    expect(await redis.call('HPEXPIREAT', 'h', 4_000_000_000_123, 'FIELDS', 1, 'a')).toEqual([1]);
    expect(await redis.call('HPEXPIRETIME', 'h', 'FIELDS', 1, 'a')).toEqual([4_000_000_000_123]);
    expect(await redis.call('HPERSIST', 'h', ...fields)).toEqual([1, 1, -2]);
    expect(await redis.call('HSETEX', 'h', 'EX', 100, 'FIELDS', 1, 'd', '4')).toBe(1);
    expect(await redis.call('HGETEX', 'h', 'PERSIST', 'FIELDS', 1, 'd')).toEqual(['4']);
    expect(await redis.call('HGETDEL', 'h', 'FIELDS', 2, 'd', 'none')).toEqual(['4', null]);
    expect(await redis.call('HEXPIRE', 'h', 0, 'FIELDS', 3, 'a', 'b', 'c')).toEqual([2, 2, 2]);
    expect(await redis.exists('h')).toBe(0);
  });

  test('sets', async () => {
    expect(await redis.sadd('s', 'a', 'b', 'c', 'a')).toBe(3);
    expect(await redis.sadd('t', 'b', 'c', 'd')).toBe(3);
    expect((await redis.smembers('s')).sort()).toEqual(['a', 'b', 'c']);
    expect(await redis.smembers('none')).toEqual([]);
    expect(await redis.scard('s')).toBe(3);
    expect(await redis.sismember('s', 'a')).toBe(1);
    expect(await redis.smismember('s', 'a', 'd')).toEqual([1, 0]);
    expect((await redis.sinter('s', 't')).sort()).toEqual(['b', 'c']);
    expect((await redis.sunion('s', 't')).sort()).toEqual(['a', 'b', 'c', 'd']);
    expect(await redis.sdiff('s', 't')).toEqual(['a']);
    expect(await redis.sintercard(2, 's', 't', 'LIMIT', 1)).toBe(1);
    expect(await redis.sinterstore('i', 's', 't')).toBe(2);
    expect(await redis.sunionstore('u', 's', 't')).toBe(4);
    expect(await redis.sdiffstore('d', 's', 't')).toBe(1);
    expect(await redis.smove('s', 't', 'a')).toBe(1);
    expect(await redis.srem('s', 'b', 'none')).toBe(1);
    expect(await redis.srandmember('s')).toBe('c');
    expect(await redis.srandmember('u', -7)).toHaveLength(7);
    expect(await redis.spop('s')).toBe('c');
    expect(await redis.spop('s')).toBeNull();
    expect((await redis.spop('u', 9)).sort()).toEqual(['a', 'b', 'c', 'd']);
    expect(await redis.sscan('t', 0, 'MATCH', 'a', 'COUNT', 100)).toEqual(['0', ['a']]);
    await redis.sadd('numbers', 3, 1, 2);
    expect(await redis.sort('numbers', 'DESC')).toEqual(['3', '2', '1']);
  });

  test('sorted sets, also blocking', async () => {
    expect(await redis.zadd('z', 1, 'a', 2.5, 'b', '-inf', 'c')).toBe(3);
    expect(Number(await redis.zadd('z', 'XX', 'GT', 'CH', 3, 'b', 9, 'none'))).toBe(1);
    expect(Number(await redis.zincrby('z', 0.5, 'a'))).toBe(1.5);
    expect(Number(await redis.zscore('z', 'a'))).toBe(1.5);
    expect(await redis.zscore('z', 'none')).toBeNull();
    expect((await redis.zmscore('z', 'b', 'none')).map((score) => score && Number(score))).toEqual([3, null]);
    expect(await redis.zcard('z')).toBe(3);
    expect(await redis.zcount('z', '(1.5', '+inf')).toBe(1);
    expect(await redis.zrank('z', 'b')).toBe(2);
    expect(await redis.zrevrank('z', 'b')).toBe(0);
    expect(await redis.zrange('z', 0, -1)).toEqual(['c', 'a', 'b']);
    expect((await redis.zrange('z', 1, 2, 'WITHSCORES')).flat().map(String)).toEqual(['a', '1.5', 'b', '3']);
    expect(await redis.zrange('z', '+inf', '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, 2)).toEqual(['b', 'a']);
    expect(await redis.zrangebyscore('z', 1, 3)).toEqual(['a', 'b']);
    expect(await redis.zrevrangebyscore('z', '+inf', 2)).toEqual(['b']);
    expect(await redis.zrangestore('part', 'z', 0, 1)).toBe(2);
    await redis.zadd('lex', 0, 'x', 0, 'y', 0, 'z');
    expect(await redis.zrangebylex('lex', '[y', '+')).toEqual(['y', 'z']);
    expect(await redis.zlexcount('lex', '-', '(z')).toBe(2);
    expect(await redis.zremrangebylex('lex', '-', '(y')).toBe(1);
    await redis.zadd('y', 10, 'a', 20, 'd');
    expect(await redis.zunion(2, 'z', 'y')).toEqual(['c', 'b', 'a', 'd']);
    expect(await redis.zinter(2, 'z', 'y')).toEqual(['a']);
    expect(await redis.zdiff(2, 'z', 'y')).toEqual(['c', 'b']);
    expect(await redis.zintercard(2, 'z', 'y')).toBe(1);
    expect(await redis.zunionstore('u', 2, 'z', 'y', 'WEIGHTS', 1, 2, 'AGGREGATE', 'MAX')).toBe(4);
    expect(await redis.zinterstore('i', 2, 'z', 'y')).toBe(1);
    expect(await redis.zdiffstore('d', 2, 'z', 'y')).toBe(2);
    expect((await redis.zscan('u', 0, 'MATCH', 'a', 'COUNT', 100)).flat().map(String)).toEqual(['0', 'a', '20']);
    expect(['a', 'b', 'c', 'd']).toContain(await redis.zrandmember('u'));
    expect((await redis.zpopmin('u')).flat()[0]).toBe('c');
    expect((await redis.zpopmax('u', 2)).flat().map(String)).toEqual(['d', '40', 'a', '20']);
    expect(JSON.stringify(await redis.zmpop(2, 'none', 'u', 'MIN'))).toContain('"b"');
    expect(await redis.zremrangebyrank('z', 0, 0)).toBe(1);
    expect(await redis.zremrangebyscore('z', 1, 2)).toBe(1);
    expect(await redis.zrem('z', 'b', 'none')).toBe(1);
    expect(await redis.bzpopmin('z', 0.01)).toBeNull();
    const blocked = connectTo(server.port);
    const popped = blocked.bzpopmax('jobs', 0);
    await redis.zadd('jobs', 1, 'low', 2, 'high');
    expect((await popped)?.map(String)).toEqual(['jobs', 'high', '2']);
    expect(JSON.stringify(await blocked.bzmpop(0, 1, 'jobs', 'MAX'))).toContain('"low"');
    blocked.disconnect();
  });

  test('streams', async () => {
    expect(await redis.xadd('s', '1-1', 'a', '1', 'b', '2')).toBe('1-1');
    expect(await redis.xadd('s', 'MAXLEN', '~', 1000, '2-*', 'a', '2')).toBe('2-0');
    expect(await redis.xadd('none', 'NOMKSTREAM', '*', 'a', '1')).toBeNull();
    await expect(redis.xadd('s', '1-1', 'a', '1')).rejects.toThrow('ERR The ID specified in XADD is equal or smaller');
    expect(await redis.xlen('s')).toBe(2);
    expect(await redis.xrange('s', '-', '+')).toEqual([
      ['1-1', ['a', '1', 'b', '2']],
      ['2-0', ['a', '2']],
    ]);
    expect(await redis.xrevrange('s', '+', '(1-1', 'COUNT', 1)).toEqual([['2-0', ['a', '2']]]);
    const read = await redis.xread('COUNT', 1, 'STREAMS', 's', '1-1');
    expect(JSON.stringify(read)).toContain('["2-0",["a","2"]]');
    const blocked = connectTo(server.port);
    const waiting = blocked.xread('BLOCK', 0, 'STREAMS', 's', '$');
    await server.untilBlocked(1);
    const added = await redis.xadd('s', '*', 'new', '1');
    expect(JSON.stringify(await waiting)).toContain(`["${added}",["new","1"]]`);
    blocked.disconnect();
    expect(await redis.xdel('s', '1-1', '9-9')).toBe(1);
    expect(await redis.xtrim('s', 'MAXLEN', 1)).toBe(1);
    expect(await redis.call('XSETID', 's', added as string, 'ENTRIESADDED', 9)).toBe('OK');
    expect(JSON.stringify(await redis.xinfo('STREAM', 's'))).toMatch(/entries-added"[:,]9/);
    expect(await redis.type('s')).toBe('stream');
  });

  test('consumer groups', async () => {
    expect(await redis.xgroup('CREATE', 's', 'g', '0', 'MKSTREAM')).toBe('OK');
    await expect(redis.xgroup('CREATE', 's', 'g', '0')).rejects.toThrow('BUSYGROUP Consumer Group name already exists');
    for (let ms = 1; ms <= 5; ms++) await redis.xadd('s', `${ms}-1`, 'job', ms);
    const read = (consumer: string, count: number, id = '>') =>
      redis.xreadgroup('GROUP', 'g', consumer, 'COUNT', count, 'STREAMS', 's', id);
    expect(JSON.stringify(await read('ann', 2))).toContain('[["1-1",["job","1"]],["2-1",["job","2"]]]');
    await read('bob', 3);
    expect(await read('bob', 1)).toBeNull();
    expect(JSON.stringify(await read('ann', 9, '1-1'))).toContain('[["2-1",["job","2"]]]');
    expect(await redis.xpending('s', 'g')).toEqual([
      5,
      '1-1',
      '5-1',
      [
        ['ann', '2'],
        ['bob', '3'],
      ],
    ]);
    const [pending] = (await redis.xpending('s', 'g', '-', '+', 1, 'ann')) as [string, string, number, number][];
    expect(pending).toEqual(['1-1', 'ann', expect.any(Number), 1]);
    expect(await redis.xack('s', 'g', '1-1', '9-9')).toBe(1);
    expect(await redis.xclaim('s', 'g', 'ann', 0, '3-1', 'JUSTID')).toEqual(['3-1']);
    expect(await redis.xautoclaim('s', 'g', 'ann', 0, '4-1', 'COUNT', 1)).toEqual(['5-1', [['4-1', ['job', '4']]], []]);
    expect(await redis.call('XACKDEL', 's', 'g', 'DELREF', 'IDS', 1, '4-1')).toEqual([1]);
    expect(await redis.call('XDELEX', 's', 'ACKED', 'IDS', 2, '1-1', '2-1')).toEqual([1, 2]);
    expect(JSON.stringify(await redis.xinfo('GROUPS', 's'))).toMatch(/last-delivered-id"[:,]"5-1"/);
    expect(JSON.stringify(await redis.xinfo('CONSUMERS', 's', 'g'))).toMatch(/"ann"/);
    expect(await redis.xgroup('CREATECONSUMER', 's', 'g', 'cid')).toBe(1);
    expect(await redis.xgroup('DELCONSUMER', 's', 'g', 'ann')).toBe(2);
    expect(await redis.xgroup('SETID', 's', 'g', '0')).toBe('OK');
    const blocked = connectTo(server.port);
    const waiting = blocked.xreadgroup('GROUP', 'other', 'ann', 'BLOCK', 0, 'STREAMS', 's', '>');
    await expect(waiting).rejects.toThrow("NOGROUP No such key 's' or consumer group 'other'");
    blocked.disconnect();
    expect(await redis.xgroup('DESTROY', 's', 'g')).toBe(1);
  });

  test('pipelines, and errors within them', async () => {
    const results = await redis.pipeline().set('k', 'v').incr('k').get('k').exec();
    expect(results?.map(([error, value]) => error?.message ?? value)).toEqual([
      'OK',
      'ERR value is not an integer or out of range',
      'v',
    ]);
    const many = redis.pipeline();
    for (let i = 0; i < 2_000; i++) many.set(`key:${i}`, i);
    expect(await many.exec()).toHaveLength(2_000);
    expect(await redis.dbsize()).toBe(2_001);
  });

  test('HyperLogLogs', async () => {
    expect(await redis.pfadd('h', 'a', 'b', 'c')).toBe(1);
    expect(await redis.pfadd('h', 'a')).toBe(0);
    expect(await redis.pfcount('h')).toBe(3);
    expect(await redis.pfmerge('g', 'h')).toBe('OK');
    expect(await redis.pfcount('g', 'h')).toBe(3);
  });

  test('places', async () => {
    expect(await redis.geoadd('g', 13.361389, 38.115556, 'Palermo', 15.087269, 37.502669, 'Catania')).toBe(2);
    expect(await redis.geodist('g', 'Palermo', 'Catania', 'KM')).toBe('166.2742');
    expect(await redis.geohash('g', 'Palermo', 'none')).toEqual(['sqc8b49rny0', null]);
    const [catania, none] = await redis.geopos('g', 'Catania', 'none');
    expect(catania!.map(Number)).toEqual([15.087267458438873, 37.50266842333162]);
    expect(none).toBeNull();
    expect(await redis.geosearch('g', 'FROMLONLAT', 15, 37, 'BYRADIUS', 200, 'km', 'ASC')).toEqual([
      'Catania',
      'Palermo',
    ]);
    expect(await redis.geosearchstore('d', 'g', 'FROMMEMBER', 'Palermo', 'BYBOX', 10, 10, 'km')).toBe(1);
    expect(await redis.georadius('g', 15, 37, 100, 'km', 'WITHDIST')).toEqual([['Catania', '56.4413']]);
  });

  test('saving and debugging', async () => {
    await redis.set('k', 'v');
    expect(await redis.save()).toBe('OK');
    expect(await redis.bgsave()).toMatch(/Background saving/);
    expect(await redis.lastsave()).toBeGreaterThan(0);
    expect(await redis.debug('SLEEP', 0)).toBe('OK');
    expect(await redis.debug('OBJECT', 'k')).toMatch(/encoding:embstr/);
    expect(await redis.debug('SET-ACTIVE-EXPIRE', 1)).toBe('OK');
    await until(async () => /rdb_bgsave_in_progress:0/.test(await redis.info('persistence')));
    expect(await redis.debug('RELOAD')).toBe('OK');
    expect(await redis.get('k')).toBe('v');
  });

  test('SHUTDOWN ends the server and the connection', async () => {
    const doomed = await RedisServer.start({ port: 0, dir: directory, enableDebugCommand: 'local' });
    const client = connectTo(doomed.port);
    await client.ping();
    client.options.retryStrategy = () => null;
    const ended = new Promise((resolve) => client.once('end', resolve));
    client.shutdown('NOSAVE').catch(() => {});
    await ended;
    await doomed.stop();
  });
});

/** Asks again until the answer is yes; the round trips take the time. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  await expect.poll(condition, { interval: 5, timeout: 5_000 }).toBe(true);
}
