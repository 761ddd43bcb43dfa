/** The key-value and queue API over real sockets: its five routes as their documentation means them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { RedisServer } from '../../src/server/redis-server.js';
import { anyText } from '../support/any-text.js';
import { askUrl } from '../support/http-exchange.js';

let server: RedisServer;
let base: string;

beforeAll(async () => {
  server = await RedisServer.start({ port: 0, http: { port: 0 } });
  base = `${server.httpUrl}/kv`;
});

afterAll(() => server.stop());

afterEach(async () => {
  await server.execute('FLUSHALL');
});

type Answer = [status: number, body: unknown];

async function ask(method: string, path: string, body?: string | Buffer): Promise<Answer> {
  const reply = await askUrl(base + path, method, body);
  expect(reply.headers['content-type']).toBe('application/json');
  return [reply.status, JSON.parse(reply.body.toString())];
}

const get = (path: string): Promise<Answer> => ask('GET', path);

function post(path: string, body: unknown): Promise<Answer> {
  return ask('POST', path, typeof body === 'string' ? body : JSON.stringify(body));
}

const SET = { success: true, message: 'Key set successfully.' };

describe('/set and /get', () => {
  test('keep a value', async () => {
    expect(await post('/set', { key: 'k', value: 'hello' })).toEqual([200, SET]);
    expect(await get('/get?key=k')).toEqual([200, { result: 'hello' }]);
    expect(await get('/get?key=none')).toEqual([404, { error: 'Key not found' }]);
  });

  test('a string is stored as it is, any other value as its JSON', async () => {
    const stored = async (value: unknown): Promise<string | null> => {
      await post('/set', { key: 'k', value });
      return server.execute<string | null>('GET', 'k');
    };
    expect(await stored('héllo {')).toBe('héllo {');
    expect(await stored('')).toBe('');
    expect(await stored({ a: [1, null] })).toBe('{"a":[1,null]}');
    expect(await stored(41)).toBe('41');
    expect(await server.execute('INCR', 'k')).toBe(42);
    expect(await get('/get?key=k')).toEqual([200, { result: 42 }]);
    // It would be read as a number otherwise.
    expect(await stored('41')).toBe('"41"');
  });

  test('what Redis clients store is JSON where it is, and a string otherwise', async () => {
    const read = async (text: string): Promise<unknown> => {
      await server.execute('SET', 'k', text);
      return ((await get('/get?key=k'))[1] as { result: unknown }).result;
    };
    expect(await read('plain')).toBe('plain');
    expect(await read('{"a":1}')).toEqual({ a: 1 });
    expect(await read('{"a":1')).toBe('{"a":1');
    expect(await read('"quoted"')).toBe('quoted');
    expect(await read('007')).toBe('007');
    expect(await read(' 7')).toBe(' 7');
    expect(await read('-0.5e3')).toBe(-500);
    expect(await read('truer')).toBe('truer');
    expect((await get('/get?key=k&json=0'))[1]).toEqual({ result: 'truer' });
    await server.execute('SET', 'k', '[1]');
    expect((await get('/get?key=k&json=0'))[1]).toEqual({ result: '[1]' });
  });

  test('any JSON value comes back as what it was', async () => {
    const value = fc.oneof(fc.jsonValue(), fc.string(), anyText(), fc.double().map(String));
    await fc.assert(
      fc.asyncProperty(value, async (each) => {
        const body = `{"key":"k","value":${JSON.stringify(each)}}`;
        expect(await post('/set', body)).toEqual([200, SET]);
        const text = (await askUrl(`${base}/get?key=k`, 'GET')).body.toString();
        expect(text).toBe(`{"result":${JSON.stringify(each)}}`);
      }),
      { numRuns: 200 },
    );
  });

  test.each(['12345678901234567890123', '-0', '1.0', '1E+400', '{"b":1, "1":2,"b":3}', '[ 1 , 2 ]', '"\\ud800"'])(
    'every digit and the order of %s are kept',
    async (source) => {
      await post('/set', ` { "value" : ${source} , "key" : "k" } `);
      expect(await (await fetch(`${base}/get?key=k`)).text()).toBe(`{"result":${source}}`);
    },
  );

  test('an expiry is honoured, in fractions too; none, null and 0 are none', async () => {
    const left = async (expiry: unknown): Promise<unknown> => {
      await post('/set', { key: 'k', value: 1, expiry });
      return server.execute('PTTL', 'k');
    };
    expect(await left(undefined)).toBe(-1);
    expect(await left(null)).toBe(-1);
    expect(await left(0)).toBe(-1);
    expect(await left(100)).toBeGreaterThan(99_000);
    expect(await left(1.5)).toBeLessThanOrEqual(1500);
    expect(await left(1.5)).toBeGreaterThan(1000);
    await server.clock.advance(1501);
    expect(await get('/get?key=k')).toEqual([404, { error: 'Key not found' }]);
  });

  test.each([[-1], ['5'], [true], [[]], [{}], [1e300], [1e13]])('an expiry of %j is refused', async (expiry) => {
    const [status, body] = await post('/set', { key: 'k', value: 1, expiry });
    expect([status, body]).toEqual([400, { error: 'expiry is not a number of seconds or out of range' }]);
    expect(await server.execute('EXISTS', 'k')).toBe(0);
  });

  test('NX and XX are conditions', async () => {
    const set = (condition: unknown): Promise<Answer> => post('/set', { key: 'k', value: 1, condition });
    expect(await set('XX')).toEqual([404, { success: false, message: 'Key does not exist.' }]);
    expect(await set('NX')).toEqual([200, SET]);
    expect(await set('nx')).toEqual([409, { success: false, message: 'Key already exists.' }]);
    expect(await set('XX')).toEqual([200, SET]);
    expect(await set(null)).toEqual([200, SET]);
    expect(await set('GT')).toEqual([400, { error: 'condition is not NX or XX' }]);
  });

  test('a value replaces a list, and a list is no value', async () => {
    await post('/qpush', { key: 'k', values: [1] });
    const wrongType = { error: 'WRONGTYPE Operation against a key holding the wrong kind of value' };
    expect(await get('/get?key=k')).toEqual([409, wrongType]);
    expect(await post('/set', { key: 'k', value: 1 })).toEqual([200, SET]);
    expect(await post('/qpush', { key: 'k', values: [1] })).toEqual([409, wrongType]);
    expect(await get('/qpop?key=k')).toEqual([404, { error: 'Key not found or not a list' }]);
    const timedOut = { error: 'Key not found or not a list or timed out' };
    expect(await get('/bqpop?key=k&timeout=5')).toEqual([404, timedOut]);
  });

  test('null is a value', async () => {
    expect(await post('/set', { key: 'k', value: null })).toEqual([200, SET]);
    expect(await get('/get?key=k')).toEqual([200, { result: null }]);
  });
});

describe('what is missing or wrong', () => {
  test.each([
    ['/set', {}, 'Missing key or value'],
    ['/set', { key: 'k' }, 'Missing key or value'],
    ['/set', { value: 1 }, 'Missing key or value'],
    ['/set', { key: '', value: 1 }, 'Missing key or value'],
    ['/set', { key: null, value: 1 }, 'Missing key or value'],
    ['/set', { key: 5, value: 1 }, 'key is not a string'],
    ['/set', '{"key":"\\ud800","value":1}', 'key is not a string'],
    ['/set', { key: 'k', value: 1, condition: {} }, 'condition is neither text nor a number'],
    ['/set', { key: 'k', value: 1, encoding: 'base64' }, 'value is not base64'],
    ['/set', { key: 'k', value: 'abc', encoding: 'hex' }, 'encoding is not base64'],
    ['/set', 'no json', 'The body is not a JSON object'],
    ['/set', '[]', 'The body is not a JSON object'],
    ['/set', '{"key":"k","value":1}x', 'The body is not a JSON object'],
    ['/qpush', '', 'Missing key or values'],
    ['/qpush', { key: 'k' }, 'Missing key or values'],
    ['/qpush', { key: 'k', values: [] }, 'Missing key or values'],
    ['/qpush', { key: 'k', values: 'abc' }, 'Missing key or values'],
    ['/qpush', { values: [1] }, 'Missing key or values'],
    ['/qpop', {}, 'Missing key'],
    ['/qpop', { key: 'k', order: 'any' }, 'order is neither fifo nor lifo'],
    ['/qpop', { key: 'k', json: 'yes' }, 'json is neither 1 nor 0'],
    ['/bqpop', {}, 'Missing key'],
  ])('%s of %j is answered with 400', async (path, body, error) => {
    expect(await post(path, body)).toEqual([400, { error }]);
  });

  test('what is too deep is no JSON', async () => {
    const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
    const refusal = [400, { error: 'The body is not a JSON object' }];
    expect(await post('/set', `{"key":"k","value":${deep(100_000)}}`)).toEqual(refusal);
    expect(await post('/set', `{"key":"k","value":${deep(999)}}`)).toEqual([200, SET]);
    await server.execute('SET', 'k', deep(1001));
    expect(await get('/get?key=k')).toEqual([200, { result: deep(1001) }]);
  });

  test('a body of bytes that are no UTF-8 is refused', async () => {
    const body = Buffer.from('{"key":"k","value":"\xff"}', 'latin1');
    expect(await ask('POST', '/set', body)).toEqual([400, { error: 'The body is not a JSON object' }]);
  });

  test.each(['-1', 'abc', '', 'nan', 'inf', '1e400', '0x10', '1_0'])('a time-out of %j is refused', async (timeout) => {
    const refusal = [400, { error: 'timeout is not a float or out of range' }];
    expect(await get(`/bqpop?key=k&timeout=${timeout}`)).toEqual(refusal);
  });

  test('unknown routes and methods are told', async () => {
    expect(await get('/nothing')).toEqual([404, { error: 'Not found' }]);
    expect(await get('/set')).toEqual([405, { error: 'Method not allowed' }]);
    expect(await ask('POST', '/get')).toEqual([405, { error: 'Method not allowed' }]);
    const response = await fetch(`${base}/qpop?key=k`, { method: 'DELETE' });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')?.split(', ').sort()).toEqual(['GET', 'HEAD', 'OPTIONS', 'POST']);
  });
});

describe('bytes that JSON can not hold', () => {
  test('are base64 on request, and where there is no other way', async () => {
    const bytes = Buffer.from([0, 255, 128, 10, 13]);
    const value = bytes.toString('base64');
    expect(await post('/set', { key: 'k', value, encoding: 'base64' })).toEqual([200, SET]);
    expect(await server.executeBuffer('GET', 'k')).toEqual(bytes);
    expect(await get('/get?key=k&encoding=base64')).toEqual([200, { result: value }]);
    expect(await get('/get?key=k')).toEqual([200, { result: value, encoding: 'base64' }]);
    await post('/qpush?encoding=base64', { key: 'q', values: [value, ''] });
    expect(await get('/qpop?key=q')).toEqual([200, { result: value, encoding: 'base64' }]);
    expect(await get('/qpop?key=q&encoding=base64')).toEqual([200, { result: '' }]);
  });

  test('may be in keys', async () => {
    expect(await post('/set?key=%ff%00+%zz', { value: 1 })).toEqual([200, SET]);
    expect(await server.execute('EXISTS', Buffer.from('\xff\0 %zz', 'latin1'))).toBe(1);
    expect(await get('/get?key=%FF%00%20%zz')).toEqual([200, { result: 1 }]);
    await post('/set', { key: 'clé', value: 2 });
    expect(await get('/get?key=cl%C3%A9')).toEqual([200, { result: 2 }]);
  });
});

describe('queues', () => {
  test('give what was pushed first, with its type; or last', async () => {
    expect(await post('/qpush', { key: 'q', values: [1, 'two', { three: 3 }] })).toEqual([200, { result: 3 }]);
    expect(await post('/qpush', { key: 'q', values: [null, '5'] })).toEqual([200, { result: 5 }]);
    expect(await server.execute('LRANGE', 'q', 0, -1)).toEqual(['1', 'two', '{"three":3}', 'null', '"5"']);
    expect(await get('/qpop?key=q')).toEqual([200, { result: 1 }]);
    expect(await get('/qpop?key=q&order=lifo')).toEqual([200, { result: '5' }]);
    expect(await post('/qpop', { key: 'q', order: 'lifo' })).toEqual([200, { result: null }]);
    expect(await post('/qpop?key=q', '')).toEqual([200, { result: 'two' }]);
    expect(await get('/bqpop?key=q&timeout=1')).toEqual([200, { result: { three: 3 } }]);
    expect(await get('/qpop?key=q')).toEqual([404, { error: 'Key not found or not a list' }]);
  });

  test('HEAD, which has no body, takes nothing', async () => {
    await post('/qpush', { key: 'q', values: [1] });
    for (const path of ['/qpop', '/bqpop']) {
      expect((await fetch(`${base}${path}?key=q`, { method: 'HEAD' })).status).toBe(405);
    }
    expect(await server.execute('LLEN', 'q')).toBe(1);
  });
});

describe('/bqpop', () => {
  test('waits for a key that is not there yet', async () => {
    const popped = get('/bqpop?key=q&timeout=0');
    await server.untilBlocked();
    await server.execute('RPUSH', 'q', 'late');
    expect(await popped).toEqual([200, { result: 'late' }]);
  });

  test('serves whoever has waited longest first, among Redis clients too', async () => {
    const answers: unknown[] = [];
    const session = server.session();
    for (let i = 0; i < 5; i++) {
      const waits = i === 2 ? session.execute('BLPOP', 'q', 0) : get(`/bqpop?key=q${i % 2 ? '&order=lifo' : ''}`);
      void waits.then((answer) => answers.push(answer));
      await server.untilBlocked(i + 1);
    }
    for (let i = 0; i < 5; i++) {
      await post('/qpush', { key: 'q', values: [i] });
      while (answers.length <= i) await new Promise((resolve) => setImmediate(resolve));
    }
    session.close();
    const result = (i: number): Answer => [200, { result: i }];
    expect(answers).toEqual([result(0), result(1), ['q', '2'], result(3), result(4)]);
  });

  test('ends after its time, in fractions too', async () => {
    server.clock.freeze();
    const popped = get('/bqpop?key=q&timeout=1.5');
    await server.untilBlocked();
    await server.clock.advance(1499);
    expect(server.blockedClients).toBe(1);
    await server.clock.advance(1);
    server.clock.resume();
    expect(await popped).toEqual([404, { error: 'Key not found or not a list or timed out' }]);
  });

  test('waits no longer than http-kv-max-wait', async () => {
    await server.execute('CONFIG', 'SET', 'http-kv-max-wait', 3);
    const popped = [get('/bqpop?key=q'), get('/bqpop?key=q&timeout=100'), post('/bqpop', { key: 'q', timeout: 1e12 })];
    await server.untilBlocked(3);
    await server.clock.advance(3000);
    for (const each of await Promise.all(popped)) expect(each[0]).toBe(404);
    await server.execute('CONFIG', 'SET', 'http-kv-max-wait', 60);
  });

  test('whoever leaves loses no element', async () => {
    const abort = new AbortController();
    const left = fetch(`${base}/bqpop?key=q`, { signal: abort.signal });
    await server.untilBlocked();
    const stays = get('/bqpop?key=q');
    await server.untilBlocked(2);
    abort.abort();
    await expect(left).rejects.toThrow();
    while (server.blockedClients > 1) await new Promise((resolve) => setTimeout(resolve, 5));
    await post('/qpush', { key: 'q', values: ['kept'] });
    expect(await stays).toEqual([200, { result: 'kept' }]);
  });

  test('is among the clients, and told when it is killed', async () => {
    const waits = get('/bqpop?key=q');
    await server.untilBlocked();
    const list = String(await server.execute('CLIENT', 'LIST'));
    const [, id, address] = /^id=(\d+) addr=(127\.0\.0\.1:\d+) .* flags=b .* cmd=blpop /m.exec(list) ?? [];
    expect(address, list).toBeDefined();
    expect(await server.execute('CLIENT', 'KILL', 'ID', id)).toBe(1);
    expect(await waits).toEqual([503, { error: 'the server ended the wait' }]);
    expect(await server.execute('CLIENT', 'LIST')).toBe('');
  });

  test('a connection that is reset while it waits loses none either', async () => {
    const socket = connect(Number(new URL(base).port), '127.0.0.1');
    socket.write('GET /kv/bqpop?key=q HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await server.untilBlocked();
    socket.resetAndDestroy();
    while (server.blockedClients > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await server.execute('RPUSH', 'q', 'kept');
    expect(await get('/qpop?key=q')).toEqual([200, { result: 'kept' }]);
  });

  test('requests that follow on the connection are answered after it', async () => {
    const socket = connect(Number(new URL(base).port), '127.0.0.1');
    let text = '';
    socket.setEncoding('latin1').on('data', (data: string) => (text += data));
    socket.write(
      'GET /kv/bqpop?key=q HTTP/1.1\r\nHost: localhost\r\n\r\nGET /kv/get?key=none HTTP/1.1\r\nHost: localhost\r\n\r\n',
    );
    await server.untilBlocked();
    await server.execute('RPUSH', 'q', 'first');
    while (!text.includes('Key not found')) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(text.indexOf('"first"')).toBeLessThan(text.indexOf('Key not found'));
    socket.destroy();
  });
});

test('whatever is asked is answered, and with no 500', async () => {
  const word = fc.oneof(
    fc.constantFrom('key', 'value', 'values', 'expiry', 'condition', 'order', 'timeout', 'encoding', 'json', 'k'),
    fc.string(),
  );
  const path = fc.constantFrom('/set', '/get', '/qpush', '/qpop', '/bqpop', '/', '', '/set/', '/%00', '/get/x');
  const query = fc.array(
    fc.tuple(word, fc.oneof(word, fc.constantFrom('0', '1', '0.01', 'lifo', 'base64', '%', '%f'))),
  );
  const body = fc.oneof(
    fc.dictionary(word, fc.jsonValue(), { maxKeys: 5 }).map((each) => JSON.stringify(each)),
    fc.string(),
  );
  await server.execute('CONFIG', 'SET', 'http-kv-max-wait', 1);
  await fc.assert(
    fc.asyncProperty(path, query, body, fc.boolean(), async (to, parameters, text, posts) => {
      const search = parameters.map(([name, value]) => `${encodeURIComponent(name)}=${value}`).join('&');
      const url = encodeURI(`${base}${to}?${search.replace(/[^\x20-\x7e]|#/g, '')}`);
      const asked = posts ? askUrl(url, 'POST', text) : askUrl(url, 'GET');
      let isAnswered = false;
      void asked.finally(() => (isAnswered = true));
      while (!isAnswered) {
        if (server.blockedClients > 0) await server.clock.advance(1000);
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect((await asked).status, `${url} ${text}`).toBeLessThan(500);
    }),
    { numRuns: 150 },
  );
  await server.execute('CONFIG', 'SET', 'http-kv-max-wait', 60);
});

describe('tokens', () => {
  const directory = mkdtempSync(join(tmpdir(), 'redstart-kv-'));
  let guarded: RedisServer;

  const ask = async (token: string, path: string, body?: unknown): Promise<Answer> => {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${guarded.httpUrl}/kv${path}`, { ...init, headers });
    return [response.status, await response.json()];
  };

  beforeAll(async () => {
    const tokensFile = join(directory, 'tokens.json');
    const tokens = [
      { token: 'all' },
      { token: 'reader', readOnly: true },
      { token: 'shop', prefix: 'shop' },
      { token: 'third', database: 3 },
      { token: 'getter', scopes: ['read:get'] },
    ];
    writeFileSync(tokensFile, JSON.stringify(tokens));
    guarded = await RedisServer.start({ port: 0, http: { port: 0, tokensFile } });
  });

  afterAll(async () => {
    await guarded.stop();
    rmSync(directory, { recursive: true });
  });

  test('are needed where there are any', async () => {
    expect(await ask('none', '/get?key=k')).toEqual([401, { error: 'Unauthorized' }]);
    expect((await fetch(`${guarded.httpUrl}/kv/get?key=k`)).status).toBe(401);
    expect(await ask('all', '/set', { key: 'k', value: 1 })).toEqual([200, SET]);
  });

  test('that may only read change nothing', async () => {
    expect(await ask('reader', '/get?key=k')).toEqual([200, { result: 1 }]);
    const refusal = [403, { error: 'This token may only read' }];
    expect(await ask('reader', '/set', { key: 'k', value: 2 })).toEqual(refusal);
    expect(await ask('reader', '/qpush', { key: 'q', values: [2] })).toEqual(refusal);
    expect(await ask('reader', '/qpop?key=q')).toEqual(refusal);
    expect(await ask('reader', '/bqpop?key=q')).toEqual(refusal);
  });

  test('that lack a scope are told', async () => {
    expect(await ask('getter', '/get?key=k')).toEqual([200, { result: 1 }]);
    const [status, body] = await ask('getter', '/set', { key: 'k', value: 2 });
    expect(status).toBe(403);
    expect((body as { error: string }).error).toContain("'write:set'");
  });

  test('have keys and a database of their own', async () => {
    expect(await ask('shop', '/get?key=k')).toEqual([404, { error: 'Key not found' }]);
    await ask('shop', '/qpush', { key: 'q', values: ['sold'] });
    expect(await guarded.execute('LRANGE', 'shop:q', 0, -1)).toEqual(['sold']);
    expect(await ask('shop', '/bqpop?key=q')).toEqual([200, { result: 'sold' }]);
    await ask('third', '/set', { key: 'k', value: 'three' });
    expect(await ask('third', '/get?key=k')).toEqual([200, { result: 'three' }]);
    expect(await ask('all', '/get?key=k')).toEqual([200, { result: 1 }]);
  });
});

test('what the server has no memory for is told with 503', async () => {
  const small = await RedisServer.start({ port: 0, http: { port: 0 }, maxmemory: '1mb' });
  const body = JSON.stringify({ key: 'k', value: 'x'.repeat(2 ** 20) });
  await fetch(`${small.httpUrl}/kv/set`, { method: 'POST', body });
  const response = await fetch(`${small.httpUrl}/kv/set`, { method: 'POST', body });
  expect(response.status).toBe(503);
  expect(((await response.json()) as { error: string }).error).toMatch(/^OOM /);
  await small.stop();
});

test('a body beyond http-max-request-size is refused', async () => {
  const strict = await RedisServer.start({ port: 0, http: { port: 0, maxRequestSize: 1000 } });
  const body = JSON.stringify({ key: 'k', value: 'x'.repeat(1000) });
  const response = await fetch(`${strict.httpUrl}/kv/set`, { method: 'POST', body });
  expect([response.status, await response.json()]).toEqual([
    413,
    { error: "the request's body is longer than 1000 bytes" },
  ]);
  await strict.stop();
});
