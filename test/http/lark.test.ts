import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { RedisServer } from '../../src/server/redis-server.js';
import { type Answer, askLark } from '../support/lark-answer.js';
import { LARK_ROWS } from './lark-rows.js';

let server: RedisServer;
let base: string;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'redstart-'));
  server = await RedisServer.start({ port: 0, dir: directory, save: '', enableDebugCommand: 'yes', http: { port: 0 } });
  base = `${server.httpUrl}/api/0`;
});

afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true });
});

beforeEach(() => server.execute('FLUSHALL'));

const ask = (verb: string, path: string, body?: unknown, headers?: Record<string, string>) =>
  askLark(verb, base + path, body, headers);

async function data(verb: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await ask(verb, path, body);
  expect(answer.error, `${verb} ${path}`).toBeUndefined();
  return answer.data;
}

const redis = (text: string) => server.execute(...(text.split(' ') as [string]));

/** Number of the row; what is there before; path; body; what is in `data`. Every path of a row has one at least. */
type Case = readonly [number, readonly string[], string, unknown, unknown];

const any = (kind: unknown): unknown => expect.any(kind as NumberConstructor);
const sorted = (...list: unknown[]): unknown => ({
  asymmetricMatch: (given: unknown) => JSON.stringify([...(given as [])].sort()) === JSON.stringify(list),
});
const TEXT = any(String);
const NUMBER = any(Number);

const CASES: readonly Case[] = [
  [2, [], '/BGSAVE/', undefined, true],
  [3, [], '/CLIENT/LIST/', undefined, any(Array)],
  [4, [], '/CLIENT/KILL/', { address: 'ADDRESS' }, true],
  [5, [], '/CLIENT/GETNAME/', undefined, null],
  [6, [], '/CLIENT/SETNAME/', { name: 'me' }, true],
  [7, [], '/CONFIG/GET/maxmemory', undefined, { maxmemory: '0' }],
  [7, [], '/CONFIG/GET/none', undefined, {}],
  [7, [], '/CONFIG/GET/', undefined, expect.objectContaining({ appendonly: 'no', maxmemory: '0' })],
  [8, [], '/CONFIG/SET/maxmemory-samples/', { value: '7' }, true],
  [9, [], '/CONFIG/RESETSTAT/', undefined, true],
  [10, ['SET a 1'], '/DBSIZE/', undefined, 1],
  [
    11,
    ['SET a 1'],
    '/DEBUG/OBJECT/a',
    undefined,
    {
      type: 'Value',
      at: TEXT,
      refcount: NUMBER,
      encoding: 'int',
      serializedlength: NUMBER,
      lru: NUMBER,
      lru_seconds_idle: NUMBER,
    },
  ],
  [12, [], '/ECHO/', { value: 'x' }, 'x'],
  [12, [], '/ECHO/', { value: { a: [1] } }, '{"a": [1]}'],
  [13, ['SET a 1'], '/FLUSHALL/', undefined, true],
  [14, ['SET a 1'], '/FLUSHDB/', undefined, true],
  [15, [], '/INFO/server', undefined, expect.objectContaining({ redis_mode: 'standalone', tcp_port: NUMBER })],
  [
    15,
    ['SET a 1'],
    '/INFO/',
    undefined,
    expect.objectContaining({ db0: expect.objectContaining({ keys: 1, expires: 0 }) }),
  ],
  [16, [], '/LASTSAVE/', undefined, expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/)],
  [17, ['SET a 1'], '/OBJECT/encoding/a/', undefined, 'int'],
  [17, ['SET a 1'], '/OBJECT/IDLETIME/a/', undefined, NUMBER],
  [17, [], '/OBJECT/refcount/a/', undefined, null],
  [18, [], '/PING/', undefined, true],
  [19, [], '/SAVE/', undefined, true],
  [20, ['SET a 1'], '/DUMP/a/', undefined, expect.stringMatching(/^[\w+/=]+\n$/)],
  [20, [], '/DUMP/a/', undefined, null],
  [21, [], '/RESTORE/a/', { ttl: 0, value: 'DUMP' }, 'OK'],
  [22, ['SET a text'], '/GET/a/', undefined, 'text'],
  [22, [], '/GET/a/', undefined, null],
  [22, ['SET a {"x":[1,"y",null]}'], '/GET/a/', undefined, { x: [1, 'y', null] }],
  [22, ['SET a [1,2]'], '/GET/a/', undefined, '[1,2]'],
  [22, ['SET a {"x'], '/GET/a/', undefined, '{"x'],
  [23, [], '/SET/a/', { value: 'x' }, true],
  [23, [], '/SET/a/', { value: 'x', xx: true }, null],
  [23, ['SET a 1'], '/SET/a/', { value: 'x', nx: true }, null],
  [23, [], '/SET/a/', { value: 'x', ex: 10, nx: 'true', xx: 'false' }, true],
  [24, ['SET a x'], '/APPEND/a/', { value: 12 }, 3],
  [25, [], '/SETBIT/a/', { offset: 7, value: true }, 0],
  [25, ['SET a \u0001'], '/SETBIT/a/', { offset: 7, value: false }, 1],
  [26, ['SET a foobar'], '/BITCOUNT/a/', undefined, 26],
  [26, ['SET a foobar'], '/BITCOUNT/a/0/0/', undefined, 4],
  [27, ['SET a x', 'SET b y'], '/BITOP/', { operation: 'and', dest: 'c', keys: ['a', 'b'] }, 1],
  [28, [], '/DECR/a/', undefined, -1],
  [28, ['SET a 10'], '/DECRBY/a/', { amount: 3 }, 7],
  [28, ['SET a 10'], '/DECR/a/', { amount: '4' }, 6],
  [29, ['SET a 1'], '/DEL/a/', undefined, 1],
  [29, ['MSET a 1 b 2 c 3'], '/DEL/?name=a&name=b', undefined, 2],
  [30, ['SET a 1'], '/EXISTS/a/', undefined, true],
  [30, [], '/EXISTS/a/', undefined, false],
  [31, ['SET a 1'], '/EXPIRE/a/', { time: 100 }, true],
  [31, [], '/EXPIRE/a/', { time: 100 }, false],
  [32, ['SET a 1'], '/EXPIREAT/a/', { when: '2100-01-01T00:00:00' }, true],
  [33, ['SET a 1 EX 100'], '/TTL/a/', undefined, 100],
  [33, ['SET a 1'], '/TTL/a/', undefined, null],
  [33, [], '/TTL/a/', undefined, -2],
  [34, ['SET a 1'], '/PEXPIRE/a/', { time: 100000 }, 1],
  [34, [], '/PEXPIRE/a/', { time: 100000 }, 0],
  [35, ['SET a 1'], '/PEXPIREAT/a/', { when: '2100-01-01T00:00:00.5+01:00' }, 1],
  [36, ['SET a 1'], '/PTTL/a/', undefined, null],
  [36, [], '/PTTL/a/', undefined, -2],
  [37, [], '/PSETEX/a/', { time_ms: 100000, value: 'x' }, true],
  [38, ['SET a 1 EX 100'], '/PERSIST/a/', undefined, true],
  [38, ['SET a 1'], '/PERSIST/a/', undefined, false],
  [39, ['SET a \u0001'], '/GETBIT/a/7/', undefined, 1],
  [40, ['SET a foobar'], '/GETRANGE/a/1/3/', undefined, 'oob'],
  [40, [], '/GETRANGE/a/1/3/', undefined, ''],
  [41, ['SET a {"x":1}'], '/GETSET/a/', { value: 'n' }, '{"x":1}'],
  [41, [], '/GETSET/a/', { value: 'n' }, null],
  [42, [], '/INCR/a/', undefined, 1],
  [42, ['SET a 10'], '/INCRBY/a/', { amount: '5' }, 15],
  [43, [], '/INCRBYFLOAT/a/', undefined, 1],
  [43, ['SET a 1'], '/INCRBYFLOAT/a/', { amount: 1.5 }, 2.5],
  [44, ['MSET aa 1 ab 2 b 3'], '/KEYS/a*/', undefined, sorted('aa', 'ab')],
  [44, ['SET a 1'], '/KEYS/', undefined, ['a']],
  [45, ['SET a {"x":1}'], '/MGET/?key=a&key=b', undefined, ['{"x":1}', null]],
  [
    46,
    [],
    '/MSET/',
    [
      ['a', 1],
      ['b', { x: 1 }],
    ],
    true,
  ],
  [47, [], '/MSETNX/', [['a', 1]], true],
  [
    47,
    ['SET a 1'],
    '/MSETNX/',
    [
      ['a', 1],
      ['b', 2],
    ],
    false,
  ],
  [48, ['SET a 1'], '/RANDOMKEY/', undefined, 'a'],
  [48, [], '/RANDOMKEY/', undefined, null],
  [49, ['SET a 1'], '/RENAME/', { src: 'a', dst: 'b' }, true],
  [50, ['SET a 1'], '/RENAMENX/', { src: 'a', dst: 'b' }, true],
  [50, ['MSET a 1 b 2'], '/RENAMENX/', { src: 'a', dst: 'b' }, false],
  [51, [], '/SETEX/a/', { value: '1', time: 60 }, true],
  [52, [], '/SETNX/a/', { value: 'x' }, true],
  [52, ['SET a 1'], '/SETNX/a/', { value: 'x' }, false],
  [53, ['SET a abc'], '/SETRANGE/a/', { offset: 5, value: 'xy' }, 7],
  [54, ['SET a abc'], '/STRLEN/a/', undefined, 3],
  [55, ['SET a abc'], '/SUBSTR/a/1/', undefined, 'bc'],
  [55, ['SET a x{"y":1}z'], '/SUBSTR/a/1/-2/', undefined, { y: 1 }],
  [56, ['RPUSH a 1'], '/TYPE/a/', undefined, 'list'],
  [56, [], '/TYPE/a/', undefined, 'none'],
  [57, ['RPUSH a x y'], '/BLPOP/', { keys: ['b', 'a'], timeout: 1 }, ['a', 'x']],
  [57, [], '/BLPOP/', { keys: ['b', 'a'], timeout: 0.01 }, null],
  [58, ['RPUSH a x y'], '/BRPOP/', { keys: ['b', 'a'] }, ['a', 'y']],
  [59, ['RPUSH a x y'], '/BRPOPLPUSH/', { src: 'a', dst: 'b' }, 'y'],
  [59, [], '/BRPOPLPUSH/', { src: 'a', dst: 'b', timeout: '0.01' }, null],
  [60, ['RPUSH a x y'], '/LINDEX/a/-1/', undefined, 'y'],
  [60, [], '/LINDEX/a/0/', undefined, null],
  [61, ['RPUSH a x y'], '/LINSERT/a/', { where: 'BEFORE', refvalue: 'y', value: 'm' }, 3],
  [61, ['RPUSH a x y'], '/LINSERT/a/', { where: 'after', refvalue: 'z', value: 'm' }, -1],
  [62, ['RPUSH a x y'], '/LLEN/a/', undefined, 2],
  [63, ['RPUSH a x y'], '/LPOP/a/', undefined, 'x'],
  [63, [], '/LPOP/a/', undefined, null],
  [64, [], '/LPUSH/a/', { values: ['x', 1, { a: 1 }] }, 3],
  [65, ['RPUSH a x'], '/LPUSHX/a/', { value: 'y' }, 2],
  [66, ['RPUSH a x y z'], '/LRANGE/a/0/1/', undefined, ['x', 'y']],
  [67, ['RPUSH a 1 2 1 1'], '/LREM/a/1/1/', undefined, 1],
  [67, ['RPUSH a 1 2 1 1'], '/LREM/a/1/', undefined, 3],
  [68, ['RPUSH a x'], '/LSET/a/', { index: 0, value: 'y' }, true],
  [69, ['RPUSH a x y z'], '/LTRIM/a/0/1/', undefined, true],
  [70, ['RPUSH a x y'], '/RPOP/a/', undefined, 'y'],
  [71, ['RPUSH a x y'], '/RPOPLPUSH/', { src: 'a', dst: 'b' }, 'y'],
  [72, [], '/RPUSH/a/', { values: ['x', 'y'] }, 2],
  [73, [], '/RPUSHX/a/', { value: 'y' }, 0],
  [74, ['RPUSH a 3 1 2'], '/SORT/a/', undefined, ['1', '2', '3']],
  [74, ['RPUSH a 3 1 2'], '/SORT/a/?start=0&num=2&desc=1', undefined, ['3', '2']],
  [74, ['RPUSH a b a'], '/SORT/a/?alpha=true&store=c', undefined, 2],
  [
    74,
    ['RPUSH a 2 1', 'MSET u_1 x u_2 y w_1 2 w_2 1'],
    '/SORT/a/?get=u_*&get=%23&groups=1&by=w_*',
    undefined,
    [
      ['y', '2'],
      ['x', '1'],
    ],
  ],
  [75, ['SET a 1'], '/SCAN/?match=a', undefined, ['0', ['a']]],
  [76, ['SADD a x'], '/SSCAN/a/?cursor=0&count=5', undefined, ['0', ['x']]],
  [77, ['HSET a f 1 g 2'], '/HSCAN/a/', undefined, ['0', { f: '1', g: '2' }]],
  [
    78,
    ['ZADD a 1 x 2.5 y'],
    '/ZSCAN/a/',
    undefined,
    [
      '0',
      [
        ['x', 1],
        ['y', 2.5],
      ],
    ],
  ],
  [79, [], '/SADD/a/', { values: ['x', 'x', 'y'] }, 2],
  [80, ['SADD a x y'], '/SMEMBERS/a/', undefined, sorted('x', 'y')],
  [81, ['SADD a x y'], '/SCARD/a/', undefined, 2],
  [82, ['SADD a x y', 'SADD b y'], '/SDIFF/?key=a&key=b', undefined, ['x']],
  [83, ['SADD a x y', 'SADD b y'], '/SDIFFSTORE/', { dest: 'c', keys: ['a', 'b'] }, 1],
  [84, ['SADD a x y', 'SADD b y'], '/SINTER/?key=a&key=b', undefined, ['y']],
  [85, ['SADD a x y', 'SADD b y'], '/SINTERSTORE/', { dest: 'c', keys: ['a', 'b'] }, 1],
  [86, ['SADD a x'], '/SISMEMBER/a/x/', undefined, true],
  [86, ['SADD a x'], '/SISMEMBER/a/y/', undefined, false],
  [87, ['SADD a x'], '/SMOVE/', { src: 'a', dst: 'b', value: 'x' }, true],
  [88, ['SADD a x'], '/SPOP/a/', undefined, 'x'],
  [88, [], '/SPOP/a/', undefined, null],
  [89, ['SADD a x'], '/SRANDMEMBER/a/', undefined, 'x'],
  [89, ['SADD a x'], '/SRANDMEMBER/a/-2/', undefined, ['x', 'x']],
  [90, ['SADD a x y z'], '/SREM/a/?value=x&value=y', undefined, 2],
  [91, ['SADD a x', 'SADD b y'], '/SUNION/?key=a&key=b', undefined, sorted('x', 'y')],
  [92, ['SADD a x', 'SADD b y'], '/SUNIONSTORE/', { dest: 'c', keys: ['a', 'b'] }, 2],
  [
    93,
    [],
    '/ZADD/a/',
    {
      scores: [
        ['name', 1],
        ['y', '2.5'],
      ],
    },
    2,
  ],
  [94, ['ZADD a 1 x 2 y'], '/ZCARD/a/', undefined, 2],
  [95, ['ZADD a 1 x 2 y'], '/ZCOUNT/a/(1/+inf/', undefined, 1],
  [96, ['ZADD a 1 x'], '/ZINCRBY/a/', { value: 'x', amount: 1.5 }, 2.5],
  [96, [], '/ZINCRBY/a/', { value: 'x' }, 1],
  [97, ['ZADD a 1 x', 'ZADD b 2 x'], '/ZINTERSTORE/', { dest: 'c', keys: ['a', 'b'], aggregate: 'MAX' }, 1],
  [98, ['ZADD a 5 x 6 y'], '/ZRANGE/a/0/-1/', undefined, ['x', 'y']],
  [
    98,
    ['ZADD a 5 x 6 y'],
    '/ZRANGE/a/0/-1/?withscores=1&desc=1',
    undefined,
    [
      ['y', 6],
      ['x', 5],
    ],
  ],
  [99, ['ZADD a 1 x 2 y 3 z'], '/ZRANGEBYSCORE/a/2/4/', undefined, ['y', 'z']],
  [99, ['ZADD a 1 x 2 y 3 z'], '/ZRANGEBYSCORE/a/-inf/(3/?start=1&num=5&withscores=true', undefined, [['y', 2]]],
  [100, ['ZADD a 1 x 2 y 3 z'], '/ZREVRANGEBYSCORE/a/4/2/', undefined, ['z', 'y']],
  [101, ['ZADD a 1 x 2 y'], '/ZRANK/a/y/', undefined, 1],
  [101, [], '/ZRANK/a/y/', undefined, null],
  [102, ['ZADD a 1 x 2 y'], '/ZREVRANK/a/y/', undefined, 0],
  [103, ['ZADD a 1 x 2 y'], '/ZREM/a/?value=x&value=z', undefined, 1],
  [104, ['ZADD a 1 x 2 y'], '/ZREMRANGEBYRANK/a/0/0/', undefined, 1],
  [105, ['ZADD a 1 x 2 y'], '/ZREMRANGEBYSCORE/a/(1/inf/', undefined, 1],
  [
    106,
    ['ZADD a 1 x 2 y'],
    '/ZREVRANGE/a/0/-1/?withscores=1',
    undefined,
    [
      ['y', 2],
      ['x', 1],
    ],
  ],
  [107, ['ZADD a 1.5 x'], '/ZSCORE/a/x/', undefined, 1.5],
  [107, [], '/ZSCORE/a/x/', undefined, null],
  [108, ['ZADD a 1 x', 'ZADD b 2 y'], '/ZUNIONSTORE/', { dest: 'c', keys: { a: 1.5, b: 2 } }, 2],
  [109, ['HSET a f {"x":1}'], '/HGET/a/f/', undefined, '{"x":1}'],
  [110, ['HSET a f 1 g 2'], '/HGETALL/a/', undefined, { f: '1', g: '2' }],
  [110, [], '/HGETALL/a/', undefined, {}],
  [111, ['HSET a f 1'], '/HEXISTS/a/f/', undefined, true],
  [112, ['HSET a f 1 g 2'], '/HDEL/a/?key=f&key=g', undefined, 2],
  [113, [], '/HINCRBY/a/f/', undefined, 1],
  [113, ['HSET a f 1'], '/HINCRBY/a/f/', { amount: 4 }, 5],
  [114, ['HSET a f 2.2'], '/HINCRBYFLOAT/a/f/', undefined, 3.2],
  [115, ['HSET a f 1'], '/HKEYS/a/', undefined, ['f']],
  [116, ['HSET a f 1'], '/HLEN/a/', undefined, 1],
  [117, [], '/HSET/a/f/', { value: [1, 2] }, 1],
  [117, ['HSET a f 1'], '/HSET/a/f/', { value: 1.5 }, 0],
  [118, [], '/HSETNX/a/', { key: 'f', value: 'x' }, 1],
  [118, ['HSET a f 1'], '/HSETNX/a/', { key: 'f', value: 'x' }, 0],
  [119, [], '/HMSET/a/', { mapping: { f: 'abc', g: 1.5 } }, true],
  [119, [], '/HMSET/a/', [['f', 'abc']], true],
  [120, ['HSET a f 1'], '/HMGET/a/?key=f&key=g', undefined, ['1', null]],
  [121, ['HSET a f 1'], '/HVALS/a/', undefined, ['1']],
];

/** In any case, and with and without a slash at the end: only what is fixed, not what stands for a parameter. */
function spellings(path: string, number: number): string[] {
  const [, , paths] = LARK_ROWS[number - 1].slice(0) as [number, string, string, string];
  const [bare, query = ''] = path.split(/(?=\?)/);
  const fixed = paths
    .split(' ')
    .map((each) => each.split('/').filter((segment) => segment !== '' && !segment.startsWith('{')).length)[0];
  const lower = bare
    .split('/')
    .map((segment, index) => (index <= fixed ? segment.toLowerCase() : segment))
    .join('/');
  const trimmed = (each: string): string => each.replace(/\/$/, '');
  return [bare, lower].flatMap((each) => [`${trimmed(each)}/${query}`, trimmed(each) + query]);
}

test('row 1: a server without an append-only file has nothing to rewrite', async () => {
  for (const path of ['/BGREWRITEAOF/', '/bgrewriteaof', '/BGWRITEAOF/', '/bgwriteaof/']) {
    for (const verb of ['GET', 'POST']) {
      const { status, error } = await ask(verb, path);
      expect([status, error]).toEqual([501, "unknown command 'BGREWRITEAOF', with args beginning with: "]);
    }
  }
});

describe.each(LARK_ROWS.slice(1))('row %i: %s %s', (number, verb, paths) => {
  const cases = CASES.filter(([row]) => row === number);

  test('every path has a case', () => {
    for (const path of paths.split(' ')) {
      const pattern = new RegExp(`^${path.replace(/\{\w+\}/g, '[^/?]+').replace(/\/$/, '/?')}(\\?|$)`);
      expect(cases.filter(([, , given]) => pattern.test(given)).length, path).toBeGreaterThan(0);
    }
  });

  test.each(cases)('%i after %j: %s %j', async (_, setup, path, body, expected) => {
    for (const spelling of spellings(path, number)) {
      await redis('FLUSHALL');
      for (const line of setup) await redis(line);
      let sent = body;
      if (number === 4) sent = { address: await addressOfClient() };
      if (number === 21) sent = { ttl: 0, value: await dumpOf('text') };
      expect(await data(verb, spelling, sent), spelling).toEqual(expected);
    }
  });
});

/** In lines of 76 signs, as lark gives it. */
async function dumpOf(text: string): Promise<string> {
  await redis(`SET from ${text.repeat(50)}`);
  return (await data('GET', '/DUMP/from/')) as string;
}

async function addressOfClient(): Promise<string> {
  const socket = connect(server.port, '127.0.0.1').on('error', () => {});
  await new Promise((resolve) => socket.once('connect', resolve));
  const address = `127.0.0.1:${socket.localPort}`;
  await expect.poll(async () => String(await redis('CLIENT LIST'))).toContain(address);
  return address;
}

const TOKENS = [
  { token: 't-none', name: 'none', scopes: [] },
  { token: 't-readonly', name: 'reader', readOnly: true },
  { token: 't-shop', name: 'shop', prefix: 'shop' },
  { token: 't-third', name: 'third', database: 3 },
];

describe('scopes', () => {
  let guarded: RedisServer;

  beforeAll(async () => {
    const scopes = new Set(LARK_ROWS.flatMap(([, , , each]) => each.split(' ')));
    const tokens = [...TOKENS, ...[...scopes].map((scope) => ({ token: `t-${scope}`, name: scope, scopes: [scope] }))];
    await writeFile(join(directory, 'tokens.json'), JSON.stringify(tokens));
    guarded = await RedisServer.start({
      port: 0,
      dir: directory,
      save: '',
      http: { port: 0, tokensFile: 'tokens.json' },
    });
  });

  afterAll(() => guarded.stop());

  async function status(token: string, verb: string, path: string, body?: unknown): Promise<number> {
    return (await answerTo(token, verb, path, body)).status;
  }

  async function answerTo(token: string, verb: string, path: string, body?: unknown): Promise<Answer> {
    const before = base;
    base = `${guarded.httpUrl}/api/0`;
    try {
      return await ask(verb, path, body, { authorization: `Bearer ${token}` });
    } finally {
      base = before;
    }
  }

  test('a method is allowed by the ones of its row, and by no other', async () => {
    const all = [...new Set(LARK_ROWS.flatMap(([, , , scopes]) => scopes.split(' ')))];
    const wrong: string[] = [];
    for (const [number, verb, paths, scopes] of LARK_ROWS) {
      if ([1, 2, 19].includes(number)) continue;
      const path = paths
        .split(' ')[0]
        .replace(/\{\w+\}/g, '1')
        .replace('OBJECT/1', 'OBJECT/encoding');
      const needed = scopes.split(' ');
      // Those of the same group and kind are nearest to be taken for one of them.
      const others = all.filter((scope) => !needed.includes(scope) && (scope.endsWith('*') || number % 17 === 0));
      const body = verb === 'POST' ? { keys: ['a'], timeout: 0.001, src: 'a', dst: 'b' } : undefined;
      for (const scope of [...needed, ...others]) {
        const isRefused = (await status(`t-${scope}`, verb, path, body)) === 403;
        if (isRefused !== others.includes(scope)) wrong.push(`${path} ${scope}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('what is missing is told', async () => {
    const answer = await answerTo('t-list:*', 'GET', '/GET/a/');
    expect(answer.status).toBe(403);
    expect(answer.error).toBe(
      "Request has {'list:*'} scopes and is required to have at least one of " +
        "{'admin', 'key:*', 'read:*', 'read:get'} scopes",
    );
    expect(await status('t-none', 'GET', '/PING/')).toBe(403);
    expect(await status('t-unknown', 'GET', '/PING/')).toBe(401);
  });

  test('a token may only read', async () => {
    expect(await status('t-readonly', 'POST', '/SET/a/', { value: '1' })).toBe(403);
    expect(await status('t-readonly', 'GET', '/GET/a/')).toBe(200);
    expect(await status('t-readonly', 'GET', '/SORT/a/?store=b')).toBe(403);
  });

  test('a token has keys of its own', async () => {
    await guarded.execute('FLUSHALL');
    await guarded.execute('SET', 'a', 'outside');
    expect((await answerTo('t-shop', 'GET', '/GET/a/')).data).toBe(null);
    await answerTo('t-shop', 'POST', '/MSET/', [
      ['a', 'mine'],
      ['b', 'mine'],
    ]);
    expect((await answerTo('t-shop', 'GET', '/KEYS/')).data).toEqual(sorted('a', 'b'));
    expect((await answerTo('t-shop', 'GET', '/SCAN/?match=b')).data).toEqual(['0', ['b']]);
    expect((await answerTo('t-shop', 'GET', '/DBSIZE/')).data).toBe(2);
    expect((await answerTo('t-shop', 'POST', '/BLPOP/', { keys: ['c'], timeout: 0.01 })).data).toBe(null);
    expect(await status('t-shop', 'GET', '/INFO/')).toBe(403);
    expect(await status('t-shop', 'GET', '/CONFIG/GET/')).toBe(403);
    expect((await answerTo('t-shop', 'DELETE', '/FLUSHALL/')).data).toBe(true);
    expect(await guarded.execute('KEYS', '*')).toEqual(['a']);
  });

  test('a token may be for one database', async () => {
    await answerTo('t-third', 'POST', '/SET/a/', { value: 'third' });
    expect((await answerTo('t-third', 'GET', '/DB/3/GET/a/')).data).toBe('third');
    expect(await status('t-third', 'GET', '/DB/0/GET/a/')).toBe(403);
    expect(await status('t-third', 'DELETE', '/FLUSHALL/')).toBe(403);
  });

  test('each token has a name of its own', async () => {
    await answerTo('t-admin', 'POST', '/CLIENT/SETNAME/', { name: 'boss' });
    expect((await answerTo('t-admin', 'GET', '/CLIENT/GETNAME/')).data).toBe('boss');
    expect((await answerTo('t-read:*', 'GET', '/CLIENT/GETNAME/')).data).toBe(null);
    expect(await status('t-admin', 'POST', '/CLIENT/SETNAME/')).toBe(400);
    expect((await answerTo('t-admin', 'POST', '/CLIENT/SETNAME/', { name: 'a b' })).status).toBe(400);
  });
});
