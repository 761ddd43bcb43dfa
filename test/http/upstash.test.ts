/** Upstash's REST as a client sees it, over sockets. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { RedisServer } from '../../src/server/redis-server.js';
import { anyText } from '../support/any-text.js';
import { askUrl } from '../support/http-exchange.js';

let server: RedisServer;
let url: string;

beforeAll(async () => {
  server = await RedisServer.start({ port: 0, http: { port: 0, maxRequestSize: '1mb' } });
  url = String(server.httpUrl).replace(/\/$/, '');
});
afterAll(() => server.stop());
afterEach(() => server.execute('FLUSHALL'));

interface Asked {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

interface Answer {
  status: number;
  json: unknown;
}

async function ask(path: string, options: Asked = {}, base = url): Promise<Answer> {
  const { method = 'GET', headers = {}, body } = options;
  const reply = await askUrl(`${base}${path}`, method, body, headers);
  const text = reply.body.toString();
  return { status: reply.status, json: text === '' ? undefined : JSON.parse(text) };
}

function post(path: string, body: unknown, headers: Record<string, string> = {}, base = url): Promise<Answer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return ask(path, { method: 'POST', headers, body: text }, base);
}

const run = (...command: unknown[]): Promise<Answer> => post('/', command);
const ok = (result: unknown): Answer => ({ status: 200, json: { result } });
const refused = (error: string, status = 400): Answer => ({ status, json: { error } });

describe('a command as JSON', () => {
  test('is run and answered in the shape of RESP2', async () => {
    expect(await run('SET', 'key', 'value', 'EX', 100)).toEqual(ok('OK'));
    expect(await run('get', 'key')).toEqual(ok('value'));
    expect(await run('GET', 'none')).toEqual(ok(null));
    expect(await run('INCRBY', 'number', 5)).toEqual(ok(5));
    expect(await run('SET', 'flag', true)).toEqual(ok('OK'));
    expect(await run('GET', 'flag')).toEqual(ok('true'));
    expect(await run('HSET', 'hash', 'a', 1, 'b', 2.5)).toEqual(ok(2));
    expect(await run('HGETALL', 'hash')).toEqual(ok(['a', '1', 'b', '2.5']));
    expect(await run('ZADD', 'zset', 1.5, 'a', 2, 'b')).toEqual(ok(2));
    expect(await run('ZRANGE', 'zset', 0, -1, 'WITHSCORES')).toEqual(ok(['a', '1.5', 'b', '2']));
    expect(await run('PING')).toEqual(ok('PONG'));
  });

  test('integers beyond 2^53 keep their digits, both ways', async () => {
    expect(await post('/', '["SET","big",9007199254740993]')).toEqual(ok('OK'));
    const response = await fetch(`${url}/incr/big`);
    expect(await response.text()).toBe('{"result":9007199254740994}');
  });

  test('that fails is answered with 400 and the error', async () => {
    await run('LPUSH', 'list', 'a');
    expect(await run('GET', 'list')).toEqual(
      refused('WRONGTYPE Operation against a key holding the wrong kind of value'),
    );
    expect(await run('GET')).toEqual(refused("ERR wrong number of arguments for 'get' command"));
    expect(await run('NONSENSE', 'a')).toEqual(
      refused("ERR unknown command 'NONSENSE', with args beginning with: 'a' "),
    );
  });

  test.each([
    ['', /must be a command/],
    ['{"a":1}', /must be a command/],
    ['["GET"', /no valid JSON/],
    ['["SET","k",null]', /^ERR null args are not supported$/],
    ['["SET","k",["v"]]', /must be a command/],
    ['[]', /empty command/],
  ])('%j is none', async (body, message) => {
    const { status, json } = await post('/', body);
    expect(status).toBe(400);
    expect((json as { error: string }).error).toMatch(message);
  });

  test('may come without a type, and by PUT', async () => {
    expect(await ask('/', { method: 'PUT', body: '["SET","key","value"]' })).toEqual(ok('OK'));
  });
});

describe('a command as a path', () => {
  test('its segments are the arguments', async () => {
    expect(await ask('/set/foo/bar/EX/100')).toEqual(ok('OK'));
    expect(await ask('/get/foo')).toEqual(ok('bar'));
    expect(await ask('/set/a%2Fb/1+1%20=%202', { method: 'POST' })).toEqual(ok('OK'));
    expect(await ask('/get/a%2Fb')).toEqual(ok('1+1 = 2'));
    expect(await ask('/SET/empty/')).toEqual(ok('OK'));
    expect(await ask('/mget/empty/foo/none')).toEqual(ok(['', 'bar', null]));
  });

  test('a body is one more argument, and the query comes after it', async () => {
    expect(await ask('/set/foo?EX=100&NX', { method: 'POST', body: '{"a": 1}' })).toEqual(ok('OK'));
    expect(await ask('/get/foo')).toEqual(ok('{"a": 1}'));
    expect(await ask('/ttl/foo')).toEqual(ok(100));
    expect(await ask('/set/foo?NX=', { method: 'PUT', body: 'b' })).toEqual(ok(null));
    expect(await ask('/set/foo/c?_token=any')).toEqual(ok('OK'));
  });

  test('by HEAD has no body', async () => {
    const response = await fetch(`${url}/get/foo`, { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
  });

  test('other methods are refused, and other paths are commands that are not known', async () => {
    expect((await ask('/get/foo', { method: 'DELETE' })).status).toBe(405);
    expect((await ask('/', { method: 'PATCH' })).status).toBe(405);
    expect((await ask('/pipeline')).status).toBe(405);
    expect(await ask('/nonsense/foo')).toEqual(
      refused("ERR unknown command 'nonsense', with args beginning with: 'foo' "),
    );
    expect(await ask('/%67et/none')).toEqual(ok(null));
    // What other APIs serve is theirs.
    expect((await ask('/health/foo')).status).toBe(404);
  });

  test('the root greets', async () => {
    const response = await fetch(`${url}/`);
    expect(response.status).toBe(200);
    expect(await response.text()).toMatch(/^Welcome/);
  });
});

describe('scripts', () => {
  test('may have the flag that only Upstash knows', async () => {
    const script = '#!lua flags=allow-key-locking,no-writes\nreturn KEYS[1]';
    expect(await run('EVAL', script, 1, 'key')).toEqual(ok('key'));
    const { json } = await run('SCRIPT', 'LOAD', script);
    expect(await run('EVALSHA', (json as { result: string }).result, 1, 'key')).toEqual(ok('key'));
    const unknown = refused('ERR Unexpected flag in script shebang: allow-anything');
    expect(await run('EVAL', '#!lua flags=allow-anything\nreturn 1', 0)).toEqual(unknown);
  });

  test('which is unknown where that API is not', async () => {
    await using plain = await RedisServer.start({ port: 0 });
    await expect(plain.execute('EVAL', '#!lua flags=allow-key-locking\nreturn 1', 0)).rejects.toThrow(
      'Unexpected flag in script shebang: allow-key-locking',
    );
  });
});

describe('base64', () => {
  const HEADERS = { 'Upstash-Encoding': 'base64' };
  const encoded = (text: string, encoding: BufferEncoding = 'utf8'): string =>
    Buffer.from(text, encoding).toString('base64');

  test('is what strings come as, at any depth, but for the status OK', async () => {
    expect(await post('/', ['SET', 'key', 'OK'], HEADERS)).toEqual(ok('OK'));
    expect(await post('/', ['GET', 'key'], HEADERS)).toEqual(ok(encoded('OK')));
    expect(await post('/', ['PING'], HEADERS)).toEqual(ok(encoded('PONG')));
    expect(await post('/', ['INCR', 'number'], HEADERS)).toEqual(ok(1));
    const script = "return {'a', 1, {'b', redis.status_reply('OK')}, false}";
    expect(await post('/', ['EVAL', script, 0], HEADERS)).toEqual(
      ok([encoded('a'), 1, [encoded('b'), encoded('OK')], null]),
    );
    expect((await post('/', ['GET'], HEADERS)).json).toEqual({
      error: "ERR wrong number of arguments for 'get' command",
    });
    expect(await post('/pipeline', [['GET', 'key'], ['SET', 'a', 'b'], ['GET']], HEADERS)).toEqual({
      status: 200,
      json: [{ result: encoded('OK') }, { result: 'OK' }, { error: "ERR wrong number of arguments for 'get' command" }],
    });
  });

  test('keeps every byte', async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    expect(await ask('/set/bytes', { method: 'POST', body: bytes })).toEqual(ok('OK'));
    expect(await post('/', ['GET', 'bytes'], HEADERS)).toEqual(ok(bytes.toString('base64')));
    expect(await server.executeBuffer('GET', 'bytes')).toEqual(bytes);
  });

  test('as text, a byte that is no character is replaced', async () => {
    await server.execute('SET', 'bytes', Buffer.from([0x61, 0xff, 0x00, 0x22]));
    expect(await run('GET', 'bytes')).toEqual(ok('a\ufffd\0"'));
  });

  test('is the only encoding', async () => {
    expect((await post('/', ['PING'], { 'Upstash-Encoding': 'hex' })).status).toBe(400);
  });
});

describe('the format of RESP2', () => {
  const HEADERS = { 'Upstash-Response-Format': 'resp2' };
  async function raw(path: string, body: unknown, headers: Record<string, string> = HEADERS) {
    const response = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
  }

  test('is what a socket would send', async () => {
    const type = 'application/octet-stream';
    expect(await raw('/', ['SET', 'key', 'v'])).toEqual({ status: 200, type, text: '+OK\r\n' });
    expect(await raw('/', ['MGET', 'key', 'x'])).toEqual({ status: 200, type, text: '*2\r\n$1\r\nv\r\n$-1\r\n' });
    expect(await raw('/get/key', '')).toMatchObject({ status: 400, text: /^-ERR/ });
    expect(await raw('/pipeline', [['PING'], ['BLPOP', 'a', 0], ['GET', 'key']])).toEqual({
      status: 200,
      type,
      text: "+PONG\r\n-ERR Command is not available: 'BLPOP'\r\n$1\r\nv\r\n",
    });
  });

  test('has no base64, and there is no third one', async () => {
    const json = { 'Upstash-Response-Format': 'json' };
    expect((await raw('/', ['PING'], { ...HEADERS, 'Upstash-Encoding': 'base64' })).status).toBe(400);
    expect((await raw('/', ['PING'], { 'Upstash-Response-Format': 'resp3' })).status).toBe(400);
    expect((await raw('/', ['PING'], json)).text).toBe('{"result":"PONG"}');
    expect((await raw('/multi-exec', [['PING']])).text).toBe('[{"result":"PONG"}]');
  });
});

describe('a pipeline', () => {
  test('runs its commands in order, and each is answered by itself', async () => {
    const commands = [['SET', 'a', 1], ['INCR', 'a'], ['LPUSH', 'a', 'x'], ['NONSENSE'], ['GET', 'a']];
    expect(await post('/pipeline', commands)).toEqual({
      status: 200,
      json: [
        { result: 'OK' },
        { result: 2 },
        { error: 'WRONGTYPE Operation against a key holding the wrong kind of value' },
        { error: "ERR unknown command 'NONSENSE', with args beginning with: " },
        { result: '2' },
      ],
    });
  });

  test('may be long, and its replies too', async () => {
    const value = 'x'.repeat(4000);
    const commands = Array.from({ length: 300 }, (_, i) => (i % 3 === 0 ? ['SET', `k${i}`, `${i}`] : ['ECHO', value]));
    const { status, json } = await post('/pipeline', commands);
    expect(status).toBe(200);
    expect(json).toEqual(commands.map(([name]) => ({ result: name === 'SET' ? 'OK' : value })));
  });

  test('that can not be read as a whole runs nothing', async () => {
    for (const body of ['[["SET","a","1"],["SET","b"', '[["SET","a","1"],[]]', '[["SET","a","1"],"GET"]', '[]']) {
      expect((await post('/pipeline', body)).status).toBe(400);
    }
    expect(await server.execute('DBSIZE')).toBe(0);
  });
});

describe('a transaction', () => {
  test('runs all of its commands, those that fail too', async () => {
    expect(
      await post('/multi-exec', [
        ['SET', 'a', 'x'],
        ['INCR', 'a'],
        ['GET', 'a'],
        ['LRANGE', 'b', 0, -1],
      ]),
    ).toEqual({
      status: 200,
      json: [
        { result: 'OK' },
        { error: 'ERR value is not an integer or out of range' },
        { result: 'x' },
        { result: [] },
      ],
    });
  });

  test.each([
    [['NONSENSE'], /^EXECABORT Transaction discarded because of: unknown command 'NONSENSE'/],
    [['GET'], /^EXECABORT .*wrong number of arguments for 'get' command$/],
    [['BLPOP', 'a', 0], /^EXECABORT .*Command is not available: 'BLPOP'$/],
    [['WATCH', 'a'], /^EXECABORT .*Command is not available: 'WATCH'$/],
    [['EXEC'], /^EXECABORT .*Command is not available: 'EXEC'$/],
  ])('with %j runs none of them', async (command, error) => {
    const answer = await post('/multi-exec', [['SET', 'a', 1], command, ['SET', 'b', 1]]);
    expect(answer).toMatchObject({ status: 400, json: { error: expect.stringMatching(error) } });
    expect(await server.execute('DBSIZE')).toBe(0);
    expect(await run('SET', 'a', 2)).toEqual(ok('OK'));
  });
});

describe('commands that need a connection', () => {
  test.each([
    ['BLPOP', 'a', 0],
    ['BZPOPMIN', 'a', 0],
    ['WATCH', 'a'],
    ['UNWATCH'],
    ['MULTI'],
    ['DISCARD'],
    ['SELECT', 1],
    ['AUTH', 'x'],
    ['HELLO', 3],
    ['QUIT'],
    ['RESET'],
    ['CLIENT', 'SETNAME', 'x'],
    ['SUBSCRIBE', 'a'],
    ['MONITOR'],
    ['XREAD', 'BLOCK', 0, 'STREAMS', 's', '$'],
    ['XREADGROUP', 'GROUP', 'g', 'c', 'BLOCK', 0, 'STREAMS', 's', '>'],
  ])('are not available: %s %s', async (...command) => {
    const { status, json } = await run(...command);
    expect(status).toBe(400);
    expect((json as { error: string }).error).toMatch(/^ERR Command is not available: '/);
  });

  test('streams can be read without waiting', async () => {
    await run('XADD', 's', '1-1', 'a', 'b');
    await run('XGROUP', 'CREATE', 's', 'BLOCK', 0);
    expect(await run('XREAD', 'COUNT', 1, 'STREAMS', 's', 0)).toEqual(ok([['s', [['1-1', ['a', 'b']]]]]));
    expect((await run('XREADGROUP', 'GROUP', 'BLOCK', 'me', 'STREAMS', 's', '>')).status).toBe(200);
  });

  test('CLIENT SETINFO is taken, and holds for no longer than its request', async () => {
    expect(await run('CLIENT', 'SETINFO', 'LIB-NAME', 'x')).toEqual(ok('OK'));
    expect(await run('PING')).toEqual(ok('PONG'));
  });
});

describe('events', () => {
  class Events {
    private readonly controller = new AbortController();
    private reader!: ReadableStreamDefaultReader<Uint8Array>;
    private text = '';

    static async open(path: string, options: RequestInit = {}): Promise<Events> {
      const events = new Events();
      const headers = { Accept: 'text/event-stream' };
      const response = await fetch(url + path, { headers, signal: events.controller.signal, ...options });
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('text/event-stream');
      events.reader = response.body!.getReader();
      return events;
    }

    async next(): Promise<string> {
      while (!this.text.includes('\n\n')) this.text += Buffer.from((await this.reader.read()).value!).toString();
      const end = this.text.indexOf('\n\n');
      const event = this.text.slice(0, end);
      this.text = this.text.slice(end + 2);
      return event;
    }

    leave(): void {
      this.controller.abort();
    }
  }

  async function untilNobody(): Promise<void> {
    while (((await server.execute('PUBSUB', 'CHANNELS')) as string[]).length > 0) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  test('of channels', async () => {
    const events = await Events.open('/subscribe/chat/news', { method: 'POST', body: '[]' });
    expect(await events.next()).toBe('data: subscribe,chat,1');
    expect(await events.next()).toBe('data: subscribe,news,2');
    expect(await ask('/publish/chat/hello')).toEqual(ok(1));
    expect(await events.next()).toBe('data: message,chat,hello');
    expect(await run('PUBLISH', 'news', '{"a":"ä, b"}')).toEqual(ok(1));
    expect(await events.next()).toBe('data: message,news,{"a":"ä, b"}');
    await run('PUBLISH', 'news', 'one\ntwo\r\nthree');
    expect(await events.next()).toBe('data: message,news,one\ndata: two\ndata: three');
    events.leave();
    await untilNobody();
    expect(await ask('/publish/chat/hello')).toEqual(ok(0));
  });

  test.each(['/psubscribe/c?at:*', '/psubscribe/c%3Fat:*?_token=x', '/psubscribe/c?at:*&_token=x'])(
    'of patterns, with what comes after a question mark: %s',
    async (path) => {
      const events = await Events.open(path);
      expect(await events.next()).toBe('data: psubscribe,c?at:*,1');
      await run('PUBLISH', 'chat:1', 'hello');
      expect(await events.next()).toBe('data: pmessage,c?at:*,chat:1,hello');
      events.leave();
    },
  );

  test('of everything that runs', async () => {
    const events = await Events.open('/monitor');
    expect(await events.next()).toBe('data: "OK"');
    await run('SET', 'k', 'v');
    expect(await events.next()).toMatch(/^data: \d+\.\d{6} \[0 .*\] "SET" "k" "v"$/);
    events.leave();
  });

  test('by another spelling', async () => {
    const events = await Events.open('/SUBSCRIBE/a%20b');
    expect(await events.next()).toBe('data: subscribe,a b,1');
    events.leave();
  });

  test('are only for those who take events', async () => {
    for (const path of ['/subscribe/chat', '/psubscribe/c*', '/monitor']) {
      expect(await ask(path)).toEqual(
        refused('ERR messages come as events: the request needs the header Accept: text/event-stream'),
      );
    }
    const headers = { Accept: 'text/event-stream' };
    expect(await ask('/subscribe', { headers })).toEqual(
      refused("ERR wrong number of arguments for 'subscribe' command"),
    );
  });

  test('go to clients that CLIENT LIST shows, and CLIENT KILL ends', async () => {
    const events = await Events.open('/subscribe/chat');
    await events.next();
    const list = String(await server.execute('CLIENT', 'LIST', 'TYPE', 'pubsub'));
    const [, id] = /^id=(\d+) addr=127\.0\.0\.1:\d+ laddr=127\.0\.0\.1:\d+ .* sub=1 /.exec(list) ?? [];
    expect(id, list).toBeDefined();
    expect(await server.execute('CLIENT', 'KILL', 'ID', id)).toBe(1);
    await untilNobody();
    expect(await server.execute('CLIENT', 'LIST', 'TYPE', 'pubsub')).toBe('');
    await expect(events.next()).rejects.toThrow();
  });

  test('end when the server does', async () => {
    const other = await RedisServer.start({ port: 0, http: { port: 0 } });
    const response = await fetch(`${other.httpUrl}/subscribe/chat`, { headers: { Accept: 'text/event-stream' } });
    await other.stop();
    await response.text().catch(() => '');
  });
});

describe('tokens', () => {
  let guarded: RedisServer;
  let base: string;
  let directory: string;
  const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'upstash-'));
    const tokens = [
      { token: 'full' },
      { token: 'reads', readOnly: true },
      { token: 'other', database: 3 },
      { token: 'shop', prefix: 'shop' },
    ];
    writeFileSync(join(directory, 'tokens.json'), JSON.stringify(tokens));
    guarded = await RedisServer.start({
      port: 0,
      requirepass: 'secret',
      http: { port: 0, tokensFile: join(directory, 'tokens.json') },
    });
    base = String(guarded.httpUrl).replace(/\/$/, '');
  });
  afterAll(async () => {
    await guarded.stop();
    rmSync(directory, { recursive: true });
  });

  test('are asked for, and may be in a header or in the query', async () => {
    const unauthorized = refused('WRONGPASS invalid or missing auth token', 401);
    expect(await post('/', ['PING'], {}, base)).toEqual(unauthorized);
    expect(await post('/', ['PING'], bearer('wrong'), base)).toEqual(unauthorized);
    expect(await ask('/ping?_token=wrong', {}, base)).toEqual(unauthorized);
    expect(await post('/', ['PING'], bearer('full'), base)).toEqual(ok('PONG'));
    expect(await post('/', ['PING'], bearer('secret'), base)).toEqual(ok('PONG'));
    expect(await ask('/echo/a?_token=full', {}, base)).toEqual(ok('a'));
  });

  test('of a database are for that one', async () => {
    await post('/', ['SET', 'where', 3], bearer('other'), base);
    expect(await post('/', ['GET', 'where'], bearer('full'), base)).toEqual(ok(null));
    expect(await post('/', ['GET', 'where'], bearer('other'), base)).toEqual(ok('3'));
  });

  test('with a prefix have keys of their own, in transactions too', async () => {
    expect(await post('/', ['SET', 'a', 'ä'], bearer('shop'), base)).toEqual(ok('OK'));
    expect(await post('/', ['GET', 'shop:a'], bearer('full'), base)).toEqual(ok('ä'));
    const commands = [
      ['GET', 'a'],
      ['KEYS', '*'],
      ['INCR', 'a'],
      ['SET', 'b', 'x'],
    ];
    const json = [
      { result: 'ä' },
      { result: ['a'] },
      { error: 'ERR value is not an integer or out of range' },
      { result: 'OK' },
    ];
    expect(await post('/pipeline', commands, bearer('shop'), base)).toEqual({ status: 200, json });
    const [, , failed] = json;
    expect(await post('/multi-exec', commands.slice(0, 3), bearer('shop'), base)).toEqual({
      status: 200,
      json: [{ result: 'ä' }, { result: expect.arrayContaining(['a', 'b']) }, failed],
    });
    expect((await post('/', ['EVAL', 'return 1', 0], bearer('shop'), base)).status).toBe(400);
    await post('/', ['FLUSHALL'], bearer('shop'), base);
    expect(await post('/', ['EXISTS', 'shop:a'], bearer('full'), base)).toEqual(ok(0));
  });

  test.each([
    ['set', ['SET', 'a', 1]],
    ['del', ['DEL', 'a']],
    ['keys', ['KEYS', '*']],
    ['scan', ['SCAN', 0]],
    ['randomkey', ['RANDOMKEY']],
    ['flushall', ['FLUSHALL']],
    ['evalsha', ['EVALSHA', 'f', 0]],
    ['eval_ro', ['EVAL_RO', 'return 1', 0]],
    ['publish', ['PUBLISH', 'a', 'b']],
    ['config|get', ['CONFIG', 'GET', '*']],
    ['sort', ['SORT', 'a', 'STORE', 'b']],
    ['getex', ['GETEX', 'a', 'EX', 1]],
    ['acl|resttoken', ['ACL', 'RESTTOKEN', 'default', 'secret']],
  ])('to read with may not %s', async (name, command) => {
    const error = `NOPERM this user has no permissions to run the '${name}' command`;
    expect(await post('/', command, bearer('reads'), base)).toEqual(refused(error));
    expect(await post('/pipeline', [command], bearer('reads'), base)).toEqual({ status: 200, json: [{ error }] });
    expect(await post('/multi-exec', [command], bearer('reads'), base)).toMatchObject({ status: 400 });
  });

  test('to read with may read', async () => {
    for (const command of [['GET', 'a'], ['MGET', 'a', 'b'], ['ZRANGE', 'z', 0, -1], ['PING'], ['EXISTS', 'a']]) {
      expect((await post('/', command, bearer('reads'), base)).status).toBe(200);
    }
    const headers = { Accept: 'text/event-stream', ...bearer('reads') };
    expect(await ask('/monitor', { headers }, base)).toMatchObject({ status: 400 });
  });

  test('ACL RESTTOKEN makes one, which ends with the password', async () => {
    const answer = await post('/', ['ACL', 'RESTTOKEN', 'default', 'secret'], bearer('full'), base);
    const token = (answer.json as { result: string }).result;
    expect(answer).toEqual(ok(expect.stringMatching(/^[\w-]{43}$/)));
    expect(await post('/', ['ECHO', 'a'], bearer(token), base)).toEqual(ok('a'));
    const wrong = refused('ERR Wrong password or user "default" does not exist');
    expect(await post('/', ['ACL', 'RESTTOKEN', 'default', 'guess'], bearer('full'), base)).toEqual(wrong);
    expect((await post('/', ['ACL', 'RESTTOKEN', 'alice', 'secret'], bearer('full'), base)).status).toBe(400);
    await post('/', ['CONFIG', 'SET', 'requirepass', 'changed'], bearer('full'), base);
    expect((await post('/', ['PING'], bearer(token), base)).status).toBe(401);
    await post('/', ['CONFIG', 'SET', 'requirepass', ''], bearer('full'), base);
    expect((await post('/', ['ACL', 'RESTTOKEN', 'default', 'any'], bearer('full'), base)).status).toBe(400);
    await post('/', ['CONFIG', 'SET', 'requirepass', 'secret'], bearer('full'), base);
    expect(await post('/', ['PING'], bearer(token), base)).toEqual(ok('PONG'));
  });

  test('without any configured, whatever comes is taken', async () => {
    expect(await post('/', ['PING'], bearer('any'))).toEqual(ok('PONG'));
    expect((await run('ACL', 'RESTTOKEN', 'default', 'any')).status).toBe(400);
  });
});

describe('other things', () => {
  test('a body that is too long', async () => {
    const { status, json } = await post('/', ['SET', 'a', 'x'.repeat(2 ** 20)]);
    expect(status).toBe(413);
    expect(json).toEqual({ error: expect.stringMatching(/^ERR .*1048576/) });
  });

  test('a sync token comes with every answer', async () => {
    for (const [path, body] of [
      ['/', '["PING"]'],
      ['/pipeline', '[["PING"]]'],
      ['/multi-exec', '[["PING"]]'],
    ]) {
      const response = await fetch(url + path, { method: 'POST', body: body!, headers: { 'upstash-sync-token': '' } });
      expect(response.headers.get('upstash-sync-token')).toBe('redstart');
    }
  });

  test('whatever comes is answered, with 200 or with what is wrong with it', async () => {
    const part = fc.oneof(
      fc.constantFrom('GET', 'set', 'EVAL', 'xread', 'client', 'acl', 'multi', 'exec', 'subscribe', '', 'OK', '$', '0'),
      anyText({ maxLength: 5 }),
      fc.integer(),
    );
    const json = fc.oneof(
      fc.json(),
      fc.array(part, { maxLength: 5 }).map((command) => JSON.stringify(command)),
      fc.array(fc.array(part, { maxLength: 5 }), { maxLength: 5 }).map((commands) => JSON.stringify(commands)),
      anyText({ maxLength: 20 }),
    );
    const path = fc.oneof(
      fc.constantFrom('/', '/pipeline', '/multi-exec', '/subscribe/a', '/monitor'),
      fc.array(part.map(String), { maxLength: 4 }).map((parts) => `/${parts.map(encodeURIComponent).join('/')}`),
    );
    const query = fc.constantFrom('', '?', '?%', '?_token=%', '?EX=1', '?a&b=c&=d');
    const header = fc.constantFrom({}, { 'upstash-encoding': 'base64' }, { 'upstash-response-format': 'resp2' });
    const unsafe = /^\/*(shutdown|debug|monitor|config|slaveof|replicaof)/i;
    await fc.assert(
      fc.asyncProperty(path, query, json, header, async (where, asked, body, headers) => {
        fc.pre(!unsafe.test(decodeURIComponent(where)));
        const { status } = await askUrl(url + where + asked, 'POST', body, headers);
        expect([200, 400, 404, 405]).toContain(status);
      }),
      { numRuns: 300 },
    );
    expect(await run('PING')).toEqual(ok('PONG'));
  });
});
