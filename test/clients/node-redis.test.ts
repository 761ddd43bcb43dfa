import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient as createClient5 } from 'redis5';
import { createClient as createClient6 } from 'redis6';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { RedisServer } from '../../src/index.js';

const makeClient5 = (port: number) => createClient5({ socket: { port, host: '127.0.0.1', reconnectStrategy: false } });

/** What both major versions share; their type declarations differ in ways that do not matter here. */
type Client = ReturnType<typeof makeClient5>;

const socket = (port: number) => ({ port, host: '127.0.0.1', reconnectStrategy: false as const });

const variants: [name: string, create: (port: number) => Client][] = [
  ['node-redis 5, RESP2', makeClient5],
  ['node-redis 5, RESP3', (port) => createClient5({ RESP: 3, socket: socket(port) }) as unknown as Client],
  ['node-redis 6, RESP2', (port) => createClient6({ RESP: 2, socket: socket(port) }) as unknown as Client],
  ['node-redis 6, RESP3', (port) => createClient6({ RESP: 3, socket: socket(port) }) as unknown as Client],
];

describe.each(variants)('%s', (_, create) => {
  const directory = mkdtempSync(join(tmpdir(), 'redstart-node-redis-'));
  let server: RedisServer;
  let redis: Client;

  async function open(port = server.port): Promise<Client> {
    const client = create(port);
    client.on('error', () => {});
    await client.connect();
    return client;
  }

  beforeAll(async () => {
    server = await RedisServer.start({ port: 0, dir: directory, enableDebugCommand: 'local' });
    redis = await open();
  });

  afterAll(async () => {
    redis.destroy();
    await server.stop();
    rmSync(directory, { recursive: true });
  });

  beforeEach(async () => {
    await redis.flushAll();
    await redis.select(0);
  });

  test('connects, says who it is, and answers', async () => {
    expect(await redis.ping()).toBe('PONG');
    expect(await redis.echo('hello')).toBe('hello');
    expect((await redis.clientInfo()).libName).toBe('node-redis');
    await redis.clientSetName('tour');
    expect(await redis.clientGetName()).toBe('tour');
    expect(await redis.clientId()).toBeGreaterThan(0);
    expect((await redis.clientList()).map(({ name }) => name)).toContain('tour');
    expect(await redis.info('server')).toMatch(/redis_version:7\.4\.0\r\n/);
    await expect(redis.auth({ password: 'secret' })).rejects.toThrow(/without any password configured/);
    const other = await open();
    expect(await redis.sendCommand(['CLIENT', 'KILL', 'ID', String(await other.clientId())])).toBe(1);
    await expect(other.ping()).rejects.toThrow();
    const leaving = await open();
    expect(await leaving.sendCommand(['RESET'])).toBe('RESET');
    expect(await leaving.quit()).toBe('OK');
  });

  test('introspection', async () => {
    const count = await redis.commandCount();
    expect(count).toBeGreaterThan(80);
    expect(await redis.command()).toHaveLength(count);
    const [get] = await redis.commandInfo(['get']);
    expect(get).toMatchObject({ name: 'get', arity: 2, firstKeyIndex: 1 });
    expect(await redis.commandList()).toContain('blmove');
    expect(await redis.commandGetKeys(['MSET', 'a', '1', 'b', '2'])).toEqual(['a', 'b']);
    expect(JSON.stringify(await redis.sendCommand(['COMMAND', 'DOCS', 'set']))).toContain('summary');
    expect(await redis.configSet('maxmemory', '100mb')).toBe('OK');
    expect({ ...(await redis.configGet('maxmemory')) }).toEqual({ maxmemory: '104857600' });
    await redis.configSet('maxmemory', '0');
    expect(await redis.time()).toBeDefined();
  });

  test('bits', async () => {
    expect(await redis.setBit('bits', 7, 1)).toBe(0);
    expect(await redis.getBit('bits', 7)).toBe(1);
    expect(await redis.bitCount('bits')).toBe(1);
    expect(await redis.bitCount('bits', { start: 0, end: 6, mode: 'BIT' })).toBe(0);
    expect(await redis.bitPos('bits', 1)).toBe(7);
    expect(await redis.bitOp('NOT', 'inverse', 'bits')).toBe(1);
    expect(await redis.bitCount('inverse')).toBe(7);
    expect(
      await redis.bitField('field', [
        { operation: 'SET', encoding: 'i8', offset: '#1', value: -5 },
        { operation: 'OVERFLOW', behavior: 'FAIL' },
        { operation: 'INCRBY', encoding: 'u2', offset: 0, increment: 9 },
      ]),
    ).toEqual([0, null]);
    expect(await redis.bitFieldRo('field', [{ encoding: 'i8', offset: '#1' }])).toEqual([-5]);
  });

  test('strings', async () => {
    expect(await redis.set('k', 'v', { EX: 100, NX: true })).toBe('OK');
    expect(await redis.set('k', 'w', { NX: true })).toBeNull();
    expect(await redis.set('k', 'w', { KEEPTTL: true, GET: true })).toBe('v');
    expect(await redis.ttl('k')).toBe(100);
    expect(await redis.getEx('k', { PERSIST: true })).toBe('w');
    expect(await redis.getSet('k', 'x')).toBe('w');
    expect(await redis.getDel('k')).toBe('x');
    expect(await redis.get('k')).toBeNull();
    expect(Number(await redis.setNX('k', '1'))).toBe(1);
    expect(await redis.setEx('k', 10, 'v')).toBe('OK');
    expect(await redis.pSetEx('k', 10_000, 'v')).toBe('OK');
    expect(await redis.mSet({ a: '1', b: '2' })).toBe('OK');
    expect(await redis.mGet(['a', 'b', 'none'])).toEqual(['1', '2', null]);
    expect(Number(await redis.mSetNX({ b: '3', c: '4' }))).toBe(0);
    expect(await redis.append('k', '!')).toBe(2);
    expect(await redis.strLen('k')).toBe(2);
    expect(await redis.setRange('k', 4, 'xy')).toBe(6);
    expect(await redis.getRange('k', -2, -1)).toBe('xy');
    expect(await redis.incr('a')).toBe(2);
    expect(await redis.decr('a')).toBe(1);
    expect(await redis.incrBy('a', 10)).toBe(11);
    expect(await redis.decrBy('a', 1)).toBe(10);
    expect(await redis.incrByFloat('a', 0.5)).toBe('10.5');
    await expect(redis.incr('a')).rejects.toThrow('ERR value is not an integer or out of range');
    const big = 'x'.repeat(1_000_000);
    await redis.set('big', big);
    expect(await redis.get('big')).toBe(big);
  });

  test('keys', async () => {
    await redis.mSet({ a: '1', b: '2' });
    await redis.rPush('l', 'x');
    expect(await redis.exists(['a', 'b', 'none'])).toBe(2);
    expect(await redis.touch(['a', 'none'])).toBe(1);
    expect(await redis.type('l')).toBe('list');
    expect((await redis.keys('*')).sort()).toEqual(['a', 'b', 'l']);
    expect(await redis.scan('0', { MATCH: 'a*', COUNT: 100 })).toEqual({ cursor: '0', keys: ['a'] });
    const found: string[] = [];
    for await (const keys of redis.scanIterator({ COUNT: 1 })) found.push(...keys);
    expect([...new Set(found)].sort()).toEqual(['a', 'b', 'l']);
    expect(['a', 'b', 'l']).toContain(await redis.randomKey());
    expect(await redis.rename('a', 'c')).toBe('OK');
    expect(Number(await redis.renameNX('c', 'b'))).toBe(0);
    expect(Number(await redis.copy('c', 'd'))).toBe(1);
    expect(await redis.objectEncoding('c')).toBe('int');
    expect(await redis.objectRefCount('l')).toBe(1);
    expect(await redis.objectIdleTime('l')).toBeLessThan(10);
    expect(Number(await redis.move('d', 1))).toBe(1);
    expect(await redis.swapDb(0, 1)).toBe('OK');
    expect(await redis.get('d')).toBe('1');
    expect(await redis.flushDb()).toBe('OK');
    await redis.swapDb(0, 1);
    expect(await redis.del(['b', 'none'])).toBe(1);
    expect(await redis.unlink(['c', 'l'])).toBe(2);
    expect(await redis.dbSize()).toBe(0);
  });

  test('deadlines', async () => {
    await redis.set('k', 'v');
    expect(Number(await redis.expire('k', 100))).toBe(1);
    expect(Number(await redis.expire('k', 50, 'GT'))).toBe(0);
    expect(Number(await redis.pExpire('k', 200_000))).toBe(1);
    expect(await redis.pTTL('k')).toBeGreaterThan(190_000);
    expect(Number(await redis.expireAt('k', 4_000_000_000))).toBe(1);
    expect(await redis.expireTime('k')).toBe(4_000_000_000);
    expect(Number(await redis.pExpireAt('k', 4_000_000_000_123))).toBe(1);
    expect(await redis.pExpireTime('k')).toBe(4_000_000_000_123);
    expect(Number(await redis.persist('k'))).toBe(1);
    expect(await redis.ttl('k')).toBe(-1);
  });

  test('lists, also blocking', async () => {
    expect(await redis.rPush('l', ['a', 'b', 'c'])).toBe(3);
    expect(await redis.lPush('l', 'z')).toBe(4);
    expect(await redis.lLen('l')).toBe(4);
    expect(await redis.lRange('l', 0, -1)).toEqual(['z', 'a', 'b', 'c']);
    expect(await redis.lIndex('l', -1)).toBe('c');
    expect(await redis.lPop('l')).toBe('z');
    expect(await redis.rPopCount('l', 2)).toEqual(['c', 'b']);
    expect(await redis.lMove('l', 'm', 'LEFT', 'RIGHT')).toBe('a');
    expect(await redis.lPop('l')).toBeNull();
    expect(await redis.blPop('m', 0)).toEqual({ key: 'm', element: 'a' });
    expect(await redis.brPop('m', 0.01)).toBeNull();
    const blocked = await open();
    const popped = blocked.blPop('queue', 0);
    await redis.rPush('queue', 'job');
    expect(await popped).toEqual({ key: 'queue', element: 'job' });
    const moved = blocked.blMove('queue', 'done', 'LEFT', 'RIGHT', 0);
    await redis.rPush('queue', 'job 2');
    expect(await moved).toBe('job 2');
    blocked.destroy();
  });

  test('hashes', async () => {
    expect(await redis.hSet('h', { a: '1', b: '2' })).toBe(2);
    expect(await redis.hSet('h', 'c', '3')).toBe(1);
    expect(Number(await redis.hSetNX('h', 'a', 'x'))).toBe(0);
    expect(await redis.hGet('h', 'a')).toBe('1');
    expect(await redis.hGet('h', 'none')).toBeNull();
    expect(await redis.hmGet('h', ['a', 'none'])).toEqual(['1', null]);
    expect({ ...(await redis.hGetAll('h')) }).toEqual({ a: '1', b: '2', c: '3' });
    expect((await redis.hKeys('h')).sort()).toEqual(['a', 'b', 'c']);
    expect((await redis.hVals('h')).sort()).toEqual(['1', '2', '3']);
    expect(await redis.hLen('h')).toBe(3);
    expect(await redis.hStrLen('h', 'a')).toBe(1);
    expect(Number(await redis.hExists('h', 'a'))).toBe(1);
    expect(await redis.hIncrBy('h', 'a', 5)).toBe(6);
    expect(await redis.hIncrByFloat('h', 'a', 0.5)).toBe('6.5');
    expect(await redis.hScan('h', '0', { MATCH: 'a', COUNT: 100 })).toEqual({
      cursor: '0',
      entries: [{ field: 'a', value: '6.5' }],
    });
    expect((await redis.hScanNoValues('h', '0')).fields.sort()).toEqual(['a', 'b', 'c']);
    expect(['a', 'b', 'c']).toContain(await redis.hRandField('h'));
    expect(await redis.hRandFieldCountWithValues('h', 2)).toHaveLength(2);
    expect(await redis.hDel('h', ['a', 'none'])).toBe(1);
  });

  test('fields with deadlines', async () => {
    await redis.hSet('h', { a: '1', b: '2', c: '3' });
    expect(await redis.hExpire('h', ['a', 'b', 'none'], 100)).toEqual([1, 1, -2]);
    expect(await redis.hExpire('h', ['a'], 50, 'GT')).toEqual([0]);
    expect(await redis.hTTL('h', ['a', 'c'])).toEqual([100, -1]);
    expect(await redis.hpExpire('h', ['a'], 200_000)).toEqual([1]);
    expect((await redis.hpTTL('h', ['a']))![0]).toBeGreaterThan(190_000);
    expect(await redis.hExpireAt('h', ['a'], 4_000_000_000)).toEqual([1]);
    expect(await redis.hExpireTime('h', ['a'])).toEqual([4_000_000_000]);
    expect(await redis.hpExpireAt('h', ['a'], 4_000_000_000_123)).toEqual([1]);
    expect(await redis.hpExpireTime('h', ['a'])).toEqual([4_000_000_000_123]);
    expect(await redis.hPersist('h', ['a', 'c'])).toEqual([1, -1]);
    const expiration = { type: 'EX', value: 100 } as const;
    expect(await redis.hSetEx('h', { d: '4' }, { expiration })).toBe(1);
    expect(await redis.hGetEx('h', ['d'], { expiration: 'PERSIST' })).toEqual(['4']);
    expect(await redis.hGetDel('h', ['d', 'none'])).toEqual(['4', null]);
    expect(await redis.hpExpire('h', ['a', 'b', 'c'], 0)).toEqual([2, 2, 2]);
    expect(await redis.exists('h')).toBe(0);
  });

  test('sets', async () => {
    expect(await redis.sAdd('s', ['a', 'b', 'c', 'a'])).toBe(3);
    expect(await redis.sAdd('t', ['b', 'c', 'd'])).toBe(3);
    expect([...(await redis.sMembers('s'))].sort()).toEqual(['a', 'b', 'c']);
    expect(await redis.sCard('s')).toBe(3);
    expect(Number(await redis.sIsMember('s', 'a'))).toBe(1);
    expect((await redis.smIsMember('s', ['a', 'd'])).map(Number)).toEqual([1, 0]);
    expect([...(await redis.sInter(['s', 't']))].sort()).toEqual(['b', 'c']);
    expect([...(await redis.sUnion(['s', 't']))].sort()).toEqual(['a', 'b', 'c', 'd']);
    expect([...(await redis.sDiff(['s', 't']))]).toEqual(['a']);
    expect(await redis.sInterCard(['s', 't'], 1)).toBe(1);
    expect(await redis.sInterStore('i', ['s', 't'])).toBe(2);
    expect(await redis.sUnionStore('u', ['s', 't'])).toBe(4);
    expect(await redis.sDiffStore('d', ['s', 't'])).toBe(1);
    expect(Number(await redis.sMove('s', 't', 'a'))).toBe(1);
    expect(await redis.sRem('s', ['b', 'none'])).toBe(1);
    expect(await redis.sRandMember('s')).toBe('c');
    expect(await redis.sRandMemberCount('u', -7)).toHaveLength(7);
    expect(await redis.sPop('s')).toBe('c');
    expect([...(await redis.sPopCount('u', 9))].sort()).toEqual(['a', 'b', 'c', 'd']);
    expect(await redis.sScan('t', '0', { MATCH: 'a', COUNT: 100 })).toEqual({ cursor: '0', members: ['a'] });
  });

  test('sorted sets, also blocking', async () => {
    const pairs = [
      { score: 1, value: 'a' },
      { score: 2.5, value: 'b' },
      { score: Number.NEGATIVE_INFINITY, value: 'c' },
    ];
    expect(await redis.zAdd('z', pairs)).toBe(3);
    expect(await redis.zAdd('z', { score: 3, value: 'b' }, { condition: 'XX', comparison: 'GT', CH: true })).toBe(1);
    expect(await redis.zIncrBy('z', 0.5, 'a')).toBe(1.5);
    expect(await redis.zScore('z', 'a')).toBe(1.5);
    expect(await redis.zmScore('z', ['b', 'none'])).toEqual([3, null]);
    expect(await redis.zCard('z')).toBe(3);
    expect(await redis.zCount('z', '(1.5', '+inf')).toBe(1);
    expect(await redis.zRank('z', 'b')).toBe(2);
    expect(await redis.zRevRank('z', 'b')).toBe(0);
    expect(await redis.zRange('z', 0, -1)).toEqual(['c', 'a', 'b']);
    expect(await redis.zRangeWithScores('z', 0, -1)).toEqual([
      { score: Number.NEGATIVE_INFINITY, value: 'c' },
      { score: 1.5, value: 'a' },
      { score: 3, value: 'b' },
    ]);
    expect(await redis.zRange('z', '+inf', '-inf', { BY: 'SCORE', REV: true, LIMIT: { offset: 0, count: 2 } })).toEqual(
      ['b', 'a'],
    );
    expect(await redis.zRangeStore('part', 'z', 0, 1)).toBe(2);
    await redis.zAdd('y', [
      { score: 10, value: 'a' },
      { score: 20, value: 'd' },
    ]);
    expect(await redis.zUnion(['z', 'y'])).toEqual(['c', 'b', 'a', 'd']);
    expect(await redis.zInterWithScores(['z', 'y'])).toEqual([{ score: 11.5, value: 'a' }]);
    expect(await redis.zDiff(['z', 'y'])).toEqual(['c', 'b']);
    expect(await redis.zInterCard(['z', 'y'])).toBe(1);
    const [once, twice] = [
      { key: 'z', weight: 1 },
      { key: 'y', weight: 2 },
    ];
    expect(await redis.zUnionStore('u', [once, twice], { AGGREGATE: 'MAX' })).toBe(4);
    expect(await redis.zScan('u', '0', { MATCH: 'a', COUNT: 100 })).toEqual({
      cursor: '0',
      members: [{ score: 20, value: 'a' }],
    });
    expect(['a', 'b', 'c', 'd']).toContain(await redis.zRandMember('u'));
    expect(await redis.zPopMin('u')).toEqual({ score: Number.NEGATIVE_INFINITY, value: 'c' });
    expect(await redis.zPopMaxCount('u', 2)).toEqual([
      { score: 40, value: 'd' },
      { score: 20, value: 'a' },
    ]);
    expect(await redis.zmPop(['none', 'u'], 'MIN')).toEqual({ key: 'u', members: [{ score: 3, value: 'b' }] });
    expect(await redis.zRemRangeByRank('z', 0, 0)).toBe(1);
    expect(await redis.zRemRangeByScore('z', 1, 2)).toBe(1);
    expect(await redis.zRem('z', ['b', 'none'])).toBe(1);
    expect(await redis.bzPopMin('z', 0.01)).toBeNull();
    const blocked = await open();
    const popped = blocked.bzPopMax('jobs', 0);
    await redis.zAdd('jobs', { score: 2, value: 'high' });
    expect(await popped).toEqual({ key: 'jobs', score: 2, value: 'high' });
    blocked.destroy();
  });

  test('streams', async () => {
    expect(await redis.xAdd('s', '1-1', { a: '1', b: '2' })).toBe('1-1');
    expect(await redis.xAdd('s', '2-*', { a: '2' }, { TRIM: { strategy: 'MAXLEN', threshold: 1000 } })).toBe('2-0');
    expect(await redis.exists('none')).toBe(0);
    expect(await redis.xLen('s')).toBe(2);
    const entries = (await redis.xRange('s', '-', '+')).map(({ id, message }) => [id, { ...message }]);
    expect(entries).toEqual([
      ['1-1', { a: '1', b: '2' }],
      ['2-0', { a: '2' }],
    ]);
    expect((await redis.xRevRange('s', '+', '(1-1', { COUNT: 1 })).map(({ id }) => id)).toEqual(['2-0']);
    // Its xRead() refuses to work over RESP3 in version 5.
    const xRead = async (client: Client, ...words: string[]) =>
      JSON.stringify(await client.sendCommand(['XREAD', ...words]));
    expect(await xRead(redis, 'COUNT', '1', 'STREAMS', 's', '1-1')).toContain('2-0');
    expect(await xRead(redis, 'STREAMS', 's', '9-9')).toBe('null');
    const blocked = await open();
    const waiting = xRead(blocked, 'BLOCK', '0', 'STREAMS', 's', '$');
    await server.untilBlocked(1);
    const added = await redis.xAdd('s', '*', { new: '1' });
    expect(await waiting).toContain(added);
    blocked.destroy();
    expect(await redis.xDel('s', ['1-1', '9-9'])).toBe(1);
    expect(await redis.xTrim('s', 'MAXLEN', 1)).toBe(1);
    expect(await redis.xInfoStream('s')).toMatchObject({ length: 1, 'last-generated-id': added });
  });

  test('consumer groups', async () => {
    expect(await redis.xGroupCreate('s', 'g', '0', { MKSTREAM: true })).toBe('OK');
    await expect(redis.xGroupCreate('s', 'g', '0')).rejects.toThrow('BUSYGROUP Consumer Group name already exists');
    for (let ms = 1; ms <= 5; ms++) await redis.xAdd('s', `${ms}-1`, { job: `${ms}` });
    const read = async (consumer: string, COUNT: number, id = '>') =>
      JSON.stringify(await redis.xReadGroup('g', consumer, { key: 's', id }, { COUNT }));
    expect(await read('ann', 2)).toMatch(/1-1.*2-1/);
    expect(await read('bob', 3)).toMatch(/3-1.*5-1/);
    expect(await read('bob', 1)).toBe('null');
    expect(await read('ann', 9, '1-1')).toMatch(/2-1/);
    expect(await redis.xPending('s', 'g')).toMatchObject({
      ...{ pending: 5, firstId: '1-1', lastId: '5-1' },
      consumers: [
        { name: 'ann', deliveriesCounter: 2 },
        { name: 'bob', deliveriesCounter: 3 },
      ],
    });
    expect(await redis.xPendingRange('s', 'g', '-', '+', 1, { consumer: 'ann' })).toMatchObject([
      { id: '1-1', consumer: 'ann', deliveriesCounter: 1 },
    ]);
    expect(await redis.xAck('s', 'g', ['1-1', '9-9'])).toBe(1);
    expect(await redis.xClaimJustId('s', 'g', 'ann', 0, '3-1')).toEqual(['3-1']);
    const claimed = await redis.xAutoClaim('s', 'g', 'ann', 0, '4-1', { COUNT: 1 });
    expect(claimed).toMatchObject({ nextId: '5-1', messages: [{ id: '4-1' }], deletedMessages: [] });
    expect(await redis.sendCommand(['XACKDEL', 's', 'g', 'DELREF', 'IDS', '1', '4-1'])).toEqual([1]);
    expect(await redis.sendCommand(['XDELEX', 's', 'ACKED', 'IDS', '2', '1-1', '2-1'])).toEqual([1, 2]);
    expect(await redis.xInfoGroups('s')).toMatchObject([{ name: 'g', consumers: 2, 'last-delivered-id': '5-1' }]);
    expect((await redis.xInfoConsumers('s', 'g')).map(({ name }) => name)).toEqual(['ann', 'bob']);
    expect(await redis.xGroupCreateConsumer('s', 'g', 'cid')).toBe(1);
    expect(await redis.xGroupDelConsumer('s', 'g', 'ann')).toBe(2);
    expect(await redis.xGroupSetId('s', 'g', '0')).toBe('OK');
    expect(await redis.xGroupDestroy('s', 'g')).toBe(1);
  });

  test('many commands at once', async () => {
    const replies = await Promise.all(Array.from({ length: 2_000 }, (_, i) => redis.set(`key:${i}`, String(i))));
    expect(new Set(replies)).toEqual(new Set(['OK']));
    expect(await redis.dbSize()).toBe(2_000);
  });

  test('HyperLogLogs', async () => {
    expect(await redis.pfAdd('h', ['a', 'b', 'c'])).toBe(1);
    expect(await redis.pfAdd('h', 'a')).toBe(0);
    expect(await redis.pfCount('h')).toBe(3);
    expect(await redis.pfMerge('g', 'h')).toBe('OK');
    expect(await redis.pfCount(['g', 'h'])).toBe(3);
  });

  test('places', async () => {
    const palermo = { longitude: 13.361389, latitude: 38.115556, member: 'Palermo' };
    const catania = { longitude: 15.087269, latitude: 37.502669, member: 'Catania' };
    expect(await redis.geoAdd('g', [palermo, catania])).toBe(2);
    expect(await redis.geoDist('g', 'Palermo', 'Catania', 'km')).toBe(166.2742);
    expect(await redis.geoHash('g', ['Palermo', 'none'])).toEqual(['sqc8b49rny0', null]);
    const [place] = await redis.geoPos('g', 'Catania');
    expect(Number(place!.longitude)).toBeCloseTo(15.087267458438873, 12);
    expect(Number(place!.latitude)).toBeCloseTo(37.50266842333162, 12);
    const from = { longitude: 15, latitude: 37 };
    const found = await redis.geoSearchWith('g', from, { radius: 200, unit: 'km' }, ['WITHDIST'], { SORT: 'ASC' });
    expect(found.map(({ member, distance }) => [member, Number(distance)])).toEqual([
      ['Catania', 56.4413],
      ['Palermo', 190.4424],
    ]);
    expect(await redis.geoSearchStore('d', 'g', 'Palermo', { width: 10, height: 10, unit: 'km' })).toBe(1);
  });

  test('saving and debugging', async () => {
    await redis.set('k', 'v');
    expect(await redis.sendCommand(['SAVE'])).toBe('OK');
    expect(await redis.bgSave()).toMatch(/Background saving/);
    expect(await redis.lastSave()).toBeGreaterThan(0);
    expect(await redis.sendCommand(['DEBUG', 'SLEEP', '0'])).toBe('OK');
    const saved = async (): Promise<boolean> => /rdb_bgsave_in_progress:0/.test(await redis.info('persistence'));
    await expect.poll(saved, { interval: 5, timeout: 5_000 }).toBe(true);
    expect(await redis.sendCommand(['DEBUG', 'RELOAD'])).toBe('OK');
    expect(await redis.get('k')).toBe('v');
  });

  test('SHUTDOWN ends the server and the connection', async () => {
    const doomed = await RedisServer.start({ port: 0, dir: directory, enableDebugCommand: 'local' });
    const client = await open(doomed.port);
    await expect(client.sendCommand(['SHUTDOWN', 'NOSAVE'])).rejects.toThrow();
    await doomed.stop();
  });
});
