import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SeededRandom } from '../../src/engine/random.js';
import { RedisServer } from '../../src/server/redis-server.js';
import { type Answer, askLark } from '../support/lark-answer.js';
import { LARK_ROWS } from './lark-rows.js';

let server: RedisServer;
let base: string;

beforeAll(async () => {
  server = await RedisServer.start({ port: 0, http: { port: 0, maxRequestSize: '1mb' } });
  base = `${server.httpUrl}/api/0`;
});

afterAll(() => server.stop());

beforeEach(() => server.execute('FLUSHALL'));

const ask = (verb: string, path: string, body?: unknown, headers?: Record<string, string>) =>
  askLark(verb, base + path, body, headers);

async function refusal(verb: string, path: string, body?: unknown): Promise<[number, string | undefined]> {
  const { status, error } = await ask(verb, path, body);
  return [status, error];
}

const redis = (...words: string[]) => server.execute(...(words as [string]));

describe('what is wrong is told in the envelope', () => {
  test.each([
    ['POST', '/SET/a/', undefined, "{'value': u'Required'}"],
    ['POST', '/SET/a/', { value: null }, "{'value': u'Required'}"],
    ['POST', '/SET/a/', { value: 1, ex: 'abc' }, "{'ex': u'\"abc\" is not a number'}"],
    ['POST', '/EXPIREAT/a/', { when: 'soon' }, "{'when': u'Invalid date'}"],
    ['POST', '/EXPIREAT/a/', { when: '2020-02-30' }, "{'when': u'Invalid date'}"],
    ['POST', '/EXPIREAT/a/', { when: 1.5 }, "{'when': u'Invalid date'}"],
    ['POST', '/BITOP/', { operation: 'and', dest: 'x', keys: 'zz' }, undefined],
    ['POST', '/SDIFFSTORE/', { dest: 'x', keys: 5 }, "{'keys': u'\"5\" is not iterable'}"],
    ['POST', '/MSET/', [['a', null]], "{'mapping.0.1': u'Required'}"],
    ['POST', '/MSET/', [['a', 1], ['b']], "{'mapping.1.1': u'Required'}"],
    ['POST', '/MSET/', [], "{'mapping': u'Required'}"],
    ['POST', '/HMSET/a/', { mapping: { f: null } }, "{'mapping.f': u'Required'}"],
    ['POST', '/ZADD/a/', { scores: [['m', 'x']] }, "{'scores.0.1': u'\"x\" is not a number'}"],
    ['GET', '/GETRANGE/a/x/y/', undefined, `{'end': u'"y" is not a number', 'start': u'"x" is not a number'}`],
    ['GET', '/MGET/', undefined, "{'key': u'Required'}"],
    ['DELETE', '/DEL/', undefined, "{'name': u'Required'}"],
    ['POST', '/BITOP/', { operation: 'nand', dest: 'a', keys: ['b'] }, undefined],
    ['GET', '/ZRANGE/a/0/1/?score_cast_func=bool', undefined, undefined],
    ['POST', '/RESTORE/a/', { ttl: 0, value: '*' }, "{'value': u'Invalid base64'}"],
    ['POST', '/RENAME/', { src: { a: 1 }, dst: 'b' }, undefined],
  ])('%s %s %j', async (verb, path, body, message) => {
    const [status, error] = await refusal(verb, path, body);
    if (path === '/BITOP/' && body !== undefined && (body as { keys: unknown }).keys === 'zz') {
      // One key is taken as a list of one.
      expect(status).toBe(200);
      return;
    }
    expect(status).toBe(400);
    if (message !== undefined) expect(error).toBe(message);
  });

  test.each([
    ['no JSON', '{"value":', /^the body is no JSON/],
    ['JSON with more after it', '{} x', /^the body is no JSON/],
    ['no object', '[1]', /^the body must be a JSON object$/],
    ['no UTF-8', new Uint8Array([0x22, 0xff, 0x22]), /^the body is no UTF-8$/],
    ['too deep', '['.repeat(500), /^the body is no JSON: JSON of more than 200 levels$/],
  ])('a body that is %s', async (_, body, message) => {
    const [status, error] = await refusal('POST', '/SET/a/', body);
    expect(status).toBe(400);
    expect(error).toMatch(message);
  });

  test('a body that is too large', async () => {
    expect((await refusal('POST', '/SET/a/', { value: 'x'.repeat(1024 * 1024) }))[0]).toBe(413);
  });

  test('what commands refuse', async () => {
    await redis('RPUSH', 'list', 'x');
    expect(await refusal('GET', '/GET/list/')).toEqual([
      409,
      'WRONGTYPE Operation against a key holding the wrong kind of value',
    ]);
    expect(await refusal('POST', '/RENAME/', { src: 'none', dst: 'b' })).toEqual([400, 'no such key']);
    expect(await refusal('POST', '/CLIENT/KILL/', { address: '1.1.1.1:1' })).toEqual([400, 'No such client']);
    expect((await refusal('POST', '/CONFIG/SET/none/', { value: 'x' }))[0]).toBe(400);
    expect((await refusal('POST', '/SETEX/a/', { value: 'x', time: 0 }))[0]).toBe(400);
    expect((await refusal('POST', '/BLPOP/', { keys: ['a'], timeout: -1 }))[0]).toBe(400);
    await redis('SET', 'a', '9223372036854775807');
    expect(await refusal('POST', '/INCR/a/')).toEqual([400, 'increment or decrement would overflow']);
    const dump = (await ask('GET', '/DUMP/a/')).data;
    expect(await refusal('POST', '/RESTORE/a/', { ttl: 0, value: dump })).toEqual([
      409,
      'BUSYKEY Target key name already exists.',
    ]);
  });

  test('routes and verbs that are not there', async () => {
    expect((await refusal('GET', '/NOTHING/a/'))[0]).toBe(404);
    expect((await refusal('GET', '/GET/'))[0]).toBe(404);
    expect((await refusal('GET', '/GET/a/b/'))[0]).toBe(404);
    expect(await refusal('PUT', '/GET/a/')).toEqual([405, "PUT Invalid method should be one of ['GET']"]);
    expect(await refusal('DELETE', '/SORT/a/')).toEqual([
      405,
      "DELETE Invalid method should be one of ['GET', 'POST']",
    ]);
  });

  test('databases and encodings that are not there', async () => {
    expect((await refusal('GET', '/DB/16/GET/a/'))[0]).toBe(400);
    expect((await refusal('GET', '/DB/none/GET/a/'))[0]).toBe(400);
    expect((await refusal('GET', '/GET/a/?encoding=rot13'))[0]).toBe(400);
  });
});

describe('oddities', () => {
  test('GET or POST, by the name of the documentation too', async () => {
    for (const verb of ['GET', 'POST']) {
      expect((await refusal(verb, '/BGWRITEAOF/'))[0]).toBe(501);
      expect((await ask(verb, '/SORT/none/')).data).toEqual([]);
    }
  });

  test('the body wins over the path, the path over the query, and repeated queries over all for lists', async () => {
    await ask('POST', '/SET/a/', { key: 'b', value: 'x' });
    expect(await redis('KEYS', '*')).toEqual(['b']);
    expect((await ask('GET', '/GET/b/?key=a')).data).toBe('x');
    expect((await ask('POST', '/SET/c/?value=queried&ex=')).data).toBe(true);
    expect(await redis('GET', 'c')).toBe('queried');
    expect((await ask('DELETE', '/DEL/none/?name=b&name=c')).data).toBe(2);
    expect((await ask('POST', '/SADD/s/?values=x&values=y', { values: ['z'] })).data).toBe(2);
    expect((await ask('DELETE', '/SREM/s/', { value: ['x'] })).data).toBe(1);
  });

  test('values are stored as their texts, and objects and arrays as Python writes JSON', async () => {
    const stored = async (json: string): Promise<unknown> => {
      await ask('POST', '/SET/a/', `{"value":${json}}`);
      return redis('GET', 'a');
    };
    expect(await stored('{"x":[1,"y",null]}')).toBe('{"x": [1, "y", null]}');
    expect((await ask('GET', '/GET/a/')).data).toEqual({ x: [1, 'y', null] });
    expect(await stored('{"2":1.0,"1":true,"é":"\u00fc\ud83d\ude00"}')).toBe(
      '{"2": 1.0, "1": true, "\\u00e9": "\\u00fc\\ud83d\\ude00"}',
    );
    expect(await stored('12')).toBe('12');
    expect(await stored('1.5')).toBe('1.5');
    expect(await stored('1e2')).toBe('100.0');
    expect(await stored('1e16')).toBe('1e+16');
    expect(await stored('0.00001')).toBe('1e-05');
    expect(await stored('true')).toBe('true');
    expect(await stored('false')).toBe('false');
    expect(await stored('""')).toBe('');
    expect(await stored('12345678901234567890123')).toBe('12345678901234567890123');
    expect(await stored('[9007199254740993]')).toBe('[9007199254740993]');
  });

  test('numbers keep their digits, and floats their point', async () => {
    await redis('SET', 'a', '9007199254740993');
    expect((await ask('POST', '/INCR/a/')).text).toContain('"data":9007199254740994}');
    expect((await ask('POST', '/INCRBY/a/', '{"amount":9007199254740993}')).text).toContain(':18014398509481987}');
    expect((await ask('POST', '/INCRBYFLOAT/b/')).text).toContain('"data":1.0}');
    await redis('ZADD', 'z', '3', 'x', 'inf', 'y');
    expect((await ask('GET', '/ZSCORE/z/x/')).text).toContain('"data":3.0}');
    expect((await ask('GET', '/ZSCORE/z/y/')).data).toBe('inf');
    await redis('SET', 'c', '{"n":9007199254740993}');
    expect((await ask('GET', '/GET/c/')).text).toContain('"data":{"n":9007199254740993}}');
    expect((await ask('GET', '/ZRANGE/z/0/0/?withscores=1&score_cast_func=int')).text).toContain('[["x",3]]');
    expect((await ask('GET', '/ZRANGE/z/0/0/?withscores=1&score_cast_func=str')).text).toContain('[["x","3"]]');
  });

  test('dates are UTC without a zone, and unix times are taken', async () => {
    const deadline = async (method: string, when: unknown): Promise<unknown> => {
      await redis('SET', 'a', '1');
      await ask('POST', `/${method}/a/`, { when });
      return redis('PEXPIRETIME', 'a');
    };
    const noon = Date.UTC(2100, 0, 1, 12);
    expect(await deadline('EXPIREAT', '2100-01-01T12:00:00')).toBe(noon);
    expect(await deadline('EXPIREAT', '2100-01-01T12:00:00.9Z')).toBe(noon);
    expect(await deadline('EXPIREAT', '2100-01-01 13:00:00+01:00')).toBe(noon);
    expect(await deadline('EXPIREAT', '21000101T1100-0100')).toBe(noon);
    expect(await deadline('EXPIREAT', '2100-01-02')).toBe(noon + 43_200_000);
    expect(await deadline('EXPIREAT', noon / 1000)).toBe(noon);
    expect(await deadline('PEXPIREAT', '2100-01-01T12:00:00.25Z')).toBe(noon + 250);
    expect(await deadline('PEXPIREAT', noon)).toBe(noon);
  });

  test('SET ignores a deadline of 0, and takes both options as texts', async () => {
    await ask('POST', '/SET/a/', { value: 'x', ex: 0, px: 0, nx: 0 });
    expect(await redis('TTL', 'a')).toBe(-1);
    expect((await ask('POST', '/SET/a/', { value: 'y', nx: 'false', xx: '1' })).data).toBe(true);
    expect((await ask('POST', '/EXPIRE/a/', { time: 100.9 })).data).toBe(true);
    expect(await redis('TTL', 'a')).toBe(100);
  });

  test('a part of a list is told by both numbers, and groups need two patterns', async () => {
    const both = '``start`` and ``num`` must both be specified';
    expect(await refusal('GET', '/SORT/a/?start=1')).toEqual([400, both]);
    expect(await refusal('GET', '/ZRANGEBYSCORE/a/1/2/?num=1')).toEqual([400, both]);
    expect(await refusal('GET', '/ZREVRANGEBYSCORE/a/1/2/?num=1')).toEqual([400, both]);
    const groups = 'when using "groups" the "get" argument must be specified and contain at least two keys';
    expect(await refusal('GET', '/SORT/a/?groups=1')).toEqual([400, groups]);
    expect(await refusal('GET', '/SORT/a/?groups=1&get=x')).toEqual([400, groups]);
  });

  test('weights may have fractions, and members keep their order', async () => {
    await redis('ZADD', 'a', '1', 'x');
    await ask('POST', '/ZUNIONSTORE/', { dest: 'c', keys: { a: 1.5 }, aggregate: 'sum' });
    expect(await redis('ZSCORE', 'c', 'x')).toBe(1.5);
    await ask('POST', '/ZADD/d/', {
      scores: [
        ['name', 1],
        ['name', 2],
      ],
    });
    expect(await redis('ZSCORE', 'd', 'name')).toBe(2);
  });

  test('databases by path and header', async () => {
    await ask('POST', '/DB/admin/SET/a/', { value: 'one' });
    expect((await ask('GET', '/get/a', undefined, { 'X-Redis-Database': '1' })).data).toBe('one');
    expect((await ask('GET', '/db/1/get/a/')).data).toBe('one');
    expect((await ask('GET', '/DB/main/GET/a/')).data).toBe(null);
  });
});

describe('bytes', () => {
  const BYTES = Buffer.from([0xff, 0x00, 0x80, 0x0a]);

  test('go in as $binary, or percent-encoded in paths and queries', async () => {
    const $binary = BYTES.toString('base64');
    await ask('POST', '/SET/x/', { key: { $binary }, value: { $binary } });
    expect(await server.execute('STRLEN', BYTES)).toBe(BYTES.length);
    expect((await ask('GET', '/GET/%FF%00%80%0A/')).data).toEqual({ $binary });
    expect((await ask('GET', '/MGET/?key=%FF%00%80%0A')).data).toEqual([{ $binary }]);
    expect((await ask('GET', '/GET/%ff%00%80%0a/?encoding=base64')).data).toBe($binary);
    await ask('POST', '/SET/a%2Fb+c/', { value: 'slash' });
    expect((await ask('GET', '/GET/a%2Fb+c/')).data).toBe('slash');
    expect((await ask('GET', '/MGET/?key=a/b%2Bc&key=a/b+c')).data).toEqual(['slash', null]);
  });

  test('come out in base64 wherever they are', async () => {
    const $binary = BYTES.toString('base64');
    await ask('POST', '/HMSET/h/', { mapping: [[{ $binary }, { $binary }]] });
    expect((await ask('GET', '/HGETALL/h/')).status).toBe(400);
    expect((await ask('GET', '/HGETALL/h/?encoding=base64')).data).toEqual({ [$binary]: $binary });
    expect((await ask('GET', '/HVALS/h/')).data).toEqual([{ $binary }]);
    await redis('SET', 'j', '{"a":1}');
    expect((await ask('GET', '/GET/j/?encoding=base64')).data).toBe(Buffer.from('{"a":1}').toString('base64'));
  });
});

describe('waiting', () => {
  test('is in order, and whoever leaves takes nothing along', async () => {
    const wait = (): Promise<Answer> => ask('POST', '/BLPOP/', { keys: ['list'], timeout: 20 });
    const first = wait();
    await expect.poll(async () => String(await redis('INFO', 'clients'))).toContain('blocked_clients:1');
    const leaving = connect(Number(new URL(base).port), '127.0.0.1').on('error', () => {});
    const body = '{"keys":["list"],"timeout":0}';
    leaving.write(`POST /api/0/BLPOP/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    await expect.poll(async () => String(await redis('INFO', 'clients'))).toContain('blocked_clients:2');
    const last = wait();
    await expect.poll(async () => String(await redis('INFO', 'clients'))).toContain('blocked_clients:3');
    leaving.destroy();
    await expect.poll(async () => String(await redis('INFO', 'clients'))).toContain('blocked_clients:2');
    await redis('RPUSH', 'list', 'a', 'b');
    expect((await first).data).toEqual(['list', 'a']);
    expect((await last).data).toEqual(['list', 'b']);
    expect(await redis('EXISTS', 'list')).toBe(0);
  });
});

test.each([1, 2, 3])('nothing that is sent is answered with 500 (seed %i)', async (seed) => {
  const random = new SeededRandom([seed, 7, 7, 7]);
  const pick = <T>(list: readonly T[]): T => list[random.below(list.length)];
  const parts = [
    'a',
    'b',
    '0',
    '-1',
    '1.5',
    '%FF',
    '%',
    '%2',
    'x'.repeat(300),
    '(1',
    '*',
    '[',
    '{}',
    '%00',
    'name',
    ' ',
  ];
  const values = [
    ...['a', '', 0, -1, 1.5, 1e300, true, false, null, [], {}, [[]], [['a', 1]], [['a']], { a: 1 }, { a: [] }],
    ...[{ $binary: 'AA==' }, { $binary: 1 }, ['a', 'b'], [1, null], 'inf', '2020-01-01', { $binary: '*' }],
  ];
  const names = ['value', 'values', 'keys', 'key', 'name', 'time', 'timeout', 'amount', 'scores', 'mapping', 'src'];
  const more = ['dst', 'dest', 'offset', 'when', 'ex', 'nx', 'start', 'num', 'get', 'groups', 'count', 'withscores'];
  for (let i = 0; i < 400; i++) {
    const [number, verb, paths] = pick(LARK_ROWS);
    if ([2, 8, 19].includes(number)) continue;
    let path = pick(paths.split(' ')).replace(/\{\w+\}/g, () => pick(parts));
    if (random.below(3) === 0) path += `?${pick([...names, ...more])}=${pick(parts)}&${pick(more)}=${pick(parts)}&=&a`;
    const body: Record<string, unknown> = {};
    for (let k = random.below(5); k > 0; k--) body[pick([...names, ...more])] = pick(values);
    // Nothing is worth waiting for.
    if (path.startsWith('/B')) body.timeout = 0.001;
    const text = random.below(10) === 0 ? JSON.stringify(pick(values)) : JSON.stringify(body);
    const cut = random.below(20) === 0 ? text.slice(1) : text;
    const sent = verb === 'GET' ? undefined : cut;
    const { status } = await ask(
      random.below(20) === 0 ? 'DELETE' : verb,
      path,
      random.below(6) === 0 ? undefined : sent,
    );
    expect([200, 400, 404, 405, 409, 501], `${verb} ${path} ${cut}`).toContain(status);
  }
});
