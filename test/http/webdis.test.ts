/** webdis's API, where the webdis that is installed says nothing or says it wrong. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { RedisServer } from '../../src/server/redis-server.js';
import { exchange } from '../support/http-exchange.js';
import { until } from '../support/until.js';
import { webdisFile } from '../support/webdis-file.js';

async function start(settings: unknown, http: Record<string, unknown> = {}): Promise<RedisServer> {
  const file = webdisFile(settings);
  try {
    return await RedisServer.start({ port: 0, http: { port: 0, webdisConfig: file.path, ...http } });
  } finally {
    file.remove();
  }
}

function portOf(server: RedisServer): number {
  return Number(new URL(String(server.httpUrl)).port);
}

let server: RedisServer;
let port: number;

beforeAll(async () => {
  server = await start({
    websockets: true,
    default_root: '/GET/index.html',
    http_max_request_size: 1000,
    acl: [{ disabled: ['FLUSHDB'] }, { disabled: ['*'], ip: '10.0.0.0/8' }],
  });
  port = portOf(server);
});

afterAll(() => server?.stop());
beforeEach(async () => void (await server.execute('FLUSHALL')));

async function get(path: string): Promise<string> {
  return (await exchange(port, { path: `/webdis${path}` })).body.toString();
}

async function json(path: string): Promise<unknown> {
  return JSON.parse(await get(path));
}

async function status(path: string, method = 'GET', body = ''): Promise<number> {
  return (await exchange(port, { method, path: `/webdis${path}`, body })).status;
}

describe('JSON tells by names', () => {
  test('what INFO says, without its headings', async () => {
    const { INFO } = (await json('/INFO/clients')) as { INFO: Record<string, string> };
    expect(INFO['connected_clients']).toMatch(/^\d+$/);
    expect(Object.keys(INFO).filter((name) => /[^a-z_]/.test(name))).toEqual([]);
  });

  test('entries of streams', async () => {
    await get('/XADD/s/1-1/f/v/g/w');
    await get('/XADD/s/2-1/f/x');
    const entries = [
      { id: '1-1', msg: { f: 'v', g: 'w' } },
      { id: '2-1', msg: { f: 'x' } },
    ];
    expect(await json('/XRANGE/s/-/%2B')).toEqual({ XRANGE: entries });
    expect(await json('/xrevrange/s/%2B/-')).toEqual({ xrevrange: [...entries].reverse() });
    expect(await json('/XREAD/COUNT/1/STREAMS/s/0')).toEqual({ XREAD: { s: [entries[0]] } });
    expect(await json('/XREAD/STREAMS/none/0')).toEqual({ XREAD: null });
    await get('/XGROUP/CREATE/s/g/0');
    expect(await json('/XREADGROUP/GROUP/g/c/STREAMS/s/%3E')).toEqual({ XREADGROUP: { s: entries } });
    expect(await json('/XPENDING/s/g')).toEqual({
      XPENDING: { msgs: 2, idmin: '1-1', idmax: '2-1', msgsperconsumer: { c: '2' } },
    });
    const { XPENDING } = (await json('/XPENDING/s/g/-/%2B/1')) as { XPENDING: unknown[] };
    expect(XPENDING).toEqual([{ id: '1-1', owner: 'c', elapsedtime: expect.any(Number), deliveries: 1 }]);
    expect(await json('/XCLAIM/s/g/d/0/1-1')).toEqual({ XCLAIM: [entries[0]] });
    expect(await json('/XCLAIM/s/g/d/0/1-1/JUSTID')).toEqual({ XCLAIM: ['1-1'] });
    expect(await json('/XRANGE/s')).toEqual({ XRANGE: [false, "ERR wrong number of arguments for 'xrange' command"] });
  });

  test('places, with what was asked for', async () => {
    await get('/GEOADD/geo/13.361389/38.115556/Palermo');
    const near = '/geo/15/37/200/km';
    expect(await json(`/GEORADIUS${near}`)).toEqual({ GEORADIUS: ['Palermo'] });
    expect(await json(`/GEORADIUS${near}/WITHDIST/WITHHASH/WITHCOORD`)).toEqual({
      GEORADIUS: [
        {
          name: 'Palermo',
          dist: '190.4424',
          hash: 3479099956230698,
          coords: ['13.36138933897018433', '38.11555639549629859'],
        },
      ],
    });
    expect(await json('/GEORADIUSBYMEMBER_RO/geo/Palermo/1/km/WITHDIST')).toEqual({
      GEORADIUSBYMEMBER_RO: [{ name: 'Palermo', dist: '0.0000' }],
    });
  });
});

describe('replies keep what webdis drops', () => {
  const NESTED =
    'return%7B1,%7B2,%7B%22x%22,false%7D%7D,%7B%7D,redis.status_reply(%22S%22),redis.error_reply(%22E%20e%22)%7D';

  test('arrays within arrays, in JSON and in RESP', async () => {
    expect(await json(`/EVAL/${NESTED}/0`)).toEqual({ EVAL: [1, [2, ['x', null]], [], 'S', [false, 'E e']] });
    expect(await get(`/EVAL/${NESTED}/0.raw`)).toBe(
      '*5\r\n:1\r\n*2\r\n:2\r\n*2\r\n$1\r\nx\r\n$-1\r\n*0\r\n+S\r\n-E e\r\n',
    );
  });

  test('integers beyond 2^53', async () => {
    expect(await get('/INCRBY/n/9223372036854775807')).toBe('{"INCRBY":9223372036854775807}');
    expect(await get('/GET/n')).toBe('{"GET":"9223372036854775807"}');
    expect(await get('/DECRBY/m/9223372036854775807')).toBe('{"DECRBY":-9223372036854775807}');
  });

  test('a NUL; what is no UTF-8 has a sign in its place', async () => {
    expect(await json('/ECHO/a%00b')).toEqual({ ECHO: 'a\0b' });
    expect(await json('/ECHO/a%FFb')).toEqual({ ECHO: 'a\uFFFDb' });
    const { body } = await exchange(port, { path: '/webdis/ECHO/a%00%FFb.bin' });
    expect(body).toEqual(Buffer.from('a\0\xffb', 'latin1'));
  });

  test('the last argument, although it is the only one', async () => {
    expect(await exchange(port, { method: 'PUT', path: '/webdis/ECHO', body: 'x' })).toMatchObject({ status: 200 });
    expect((await exchange(port, { method: 'PUT', path: '/webdis/ECHO.txt', body: 'x' })).body.toString()).toBe('x');
  });

  test('a slash at the beginning of a body', async () => {
    const { body } = await exchange(port, { method: 'POST', path: '/webdis', body: '/ECHO/x.txt' });
    expect(body.toString()).toBe('x');
  });

  test('a database that is not there is an error', async () => {
    const refusal = '[false,"ERR DB index is out of range"]';
    expect(await get('/16/PING')).toBe(`{"PING":${refusal}}`);
    expect(await get('/99999999999999999999/GET/a')).toBe(`{"GET":${refusal}}`);
  });

  test('several tags of If-None-Match, weak ones too', async () => {
    const tag = '"0db1124cf79ffeb80aff6d199d5822f8"';
    for (const known of [`W/${tag}`, `"x", ${tag}`, `"x",W/${tag}`]) {
      const reply = await exchange(port, { path: '/webdis/SET/a/1', headers: { 'If-None-Match': known } });
      expect(reply.status).toBe(304);
    }
  });
});

test('MessagePack has the shapes of JSON, and all bytes', async () => {
  const hex = async (path: string): Promise<string> =>
    (await exchange(port, { path: `/webdis${path}` })).body.toString('hex');
  const { headers } = await exchange(port, { path: '/webdis/PING.msg' });
  expect(headers['content-type']).toBe('application/x-msgpack');
  expect(await hex('/PING.msg')).toBe('81a450494e4792c3a4504f4e47');
  expect(await hex('/GET/none.msg')).toBe('81a3474554c0');
  expect(await hex('/ECHO/%00%FF.msg')).toBe('81a44543484fa200ff');
  expect(await hex('/GET.msg')).toMatch(/^81a347455492c2da[0-9a-f]{4}455252/);
  const integers: [string, string][] = [
    ['0', '00'],
    ['127', '7f'],
    ['128', 'cc80'],
    ['256', 'cd0100'],
    ['65536', 'ce00010000'],
    ['4294967296', 'cf0000000100000000'],
    ['9223372036854775807', 'cf7fffffffffffffff'],
    ['-1', 'ff'],
    ['-32', 'e0'],
    ['-33', 'd0df'],
    ['-129', 'd1ff7f'],
    ['-32769', 'd2ffff7fff'],
    ['-2147483649', 'd3ffffffff7fffffff'],
    ['-9223372036854775808', 'd38000000000000000'],
  ];
  for (const [number, bytes] of integers) {
    await get(`/SET/n/${number}`);
    expect(await hex('/INCRBY/n/0.msg')).toBe(`81a6494e435242590${''}`.slice(0, -1) + bytes);
  }
  await get('/RPUSH/l/a/b');
  expect(await hex('/LRANGE/l/0/-1.msg')).toBe('81a64c52414e474592a161a162');
  await get('/HSET/h/f/v');
  expect(await hex('/HGETALL/h.msg')).toBe('81a74847455441' + '4c4c81a166a176');
  await get(`/SET/long/${'x'.repeat(40)}`);
  expect(await hex('/GET/long.msg')).toBe(`81a3474554da0028${'78'.repeat(40)}`);
  await get(`/RPUSH/many/${'x/'.repeat(15)}x`);
  expect(await hex('/LRANGE/many/0/-1.msg')).toBe(`81a64c52414e4745dc0010${'a178'.repeat(16)}`);
  await server.execute('SETRANGE', 'longer', '70000', 'x');
  expect(await hex('/GET/longer.msg')).toMatch(/^81a3474554db00011171(00)+78$/);
});

describe('what can not be done has a status', () => {
  test.each<[string, number, string, string]>([
    ['no command', 403, '/7/', 'GET'],
    ['a command about the connection', 403, '/SELECT/1', 'GET'],
    ['a command that the ACL disables', 403, '/flushdb', 'GET'],
    ['no value, as text', 404, '/GET/none.txt', 'GET'],
    ['another method', 405, '/GET/a', 'DELETE'],
    ['HEAD', 405, '/GET/a', 'HEAD'],
    ['a body that is too long', 413, '/SET/a', 'PUT'],
    ['a body that is too long', 413, '/', 'POST'],
  ])('%s: %i', async (_, expected, path, method) => {
    expect(await status(path, method, expected === 413 ? 'x'.repeat(1001) : '')).toBe(expected);
  });

  test('an error of the command is no error of HTTP', async () => {
    await get('/RPUSH/l/a');
    const reply = await exchange(port, { path: '/webdis/GET/l' });
    expect([reply.status, reply.body.toString()]).toEqual([
      200,
      '{"GET":[false,"WRONGTYPE Operation against a key holding the wrong kind of value"]}',
    ]);
  });

  test('an entry of the ACL for other addresses is none for this one', async () => {
    expect(await get('/PING')).toBe('{"PING":[true,"PONG"]}');
  });

  test('what changes a connection lasts for the command only', async () => {
    expect(await get('/CLIENT/SETNAME/x')).toBe('{"CLIENT":[true,"OK"]}');
    expect(await get('/CLIENT/GETNAME')).toBe('{"CLIENT":null}');
    expect(await get('/CLIENT/REPLY/OFF')).toBe('{"CLIENT":null}');
    expect(await get('/QUIT')).toBe('{"QUIT":[true,"OK"]}');
    expect(await json('/HELLO/3')).toMatchObject({ HELLO: expect.arrayContaining(['proto', 3]) });
    expect(await get('/PING')).toBe('{"PING":[true,"PONG"]}');
  });
});

test("the root is default_root's path", async () => {
  await get('/SET/index.html/x');
  expect(await status('/')).toBe(404);
  await get('/SET/index/%3Cp%3E');
  const reply = await exchange(port, { path: '/webdis' });
  expect([reply.headers['content-type'], reply.body.toString()]).toEqual(['text/html', '<p>']);
});

describe('a command that waits', () => {
  test('is answered when it can be', async () => {
    const waiting = get('/BLPOP/list/0');
    await server.untilBlocked();
    await get('/RPUSH/list/x');
    expect(await waiting).toBe('{"BLPOP":["list","x"]}');
    expect(await get('/BLPOP/list/0.01')).toBe('{"BLPOP":null}');
    expect(await status('/BLPOP/list/0.01.txt')).toBe(404);
  });

  test('whose client leaves takes nothing', async () => {
    const socket = connect({ host: '127.0.0.1', port });
    await once(socket, 'connect');
    socket.write('GET /webdis/BLPOP/list/0 HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await server.untilBlocked();
    socket.destroy();
    await until(() => server.blockedClients === 0);
    await get('/RPUSH/list/x');
    expect(await get('/LLEN/list')).toBe('{"LLEN":1}');
  });
});

describe('a subscription', () => {
  let socket: Socket;
  let text: string;

  afterEach(() => void socket?.destroy());

  async function open(path: string): Promise<void> {
    text = '';
    socket = connect({ host: '127.0.0.1', port });
    socket.setEncoding('latin1').on('data', (piece: string) => (text += piece));
    socket.write(`GET /webdis${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await until(() => text.includes('\r\n\r\n') && text.split('\r\n\r\n')[1] !== '');
  }

  const chunks = (): string[] =>
    [...text.slice(text.indexOf('\r\n\r\n') + 4).matchAll(/[0-9a-f]+\r\n(.*?)\r\n/gs)].map(([, chunk]) => chunk);

  test('sends a chunk for each message', async () => {
    await open('/SUBSCRIBE/ch/other');
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n.*Transfer-Encoding: chunked\r\n/s);
    await get('/PUBLISH/ch/hello');
    await until(() => chunks().length === 3);
    expect(chunks()).toEqual([
      '{"SUBSCRIBE":["subscribe","ch",1]}',
      '{"SUBSCRIBE":["subscribe","other",2]}',
      '{"SUBSCRIBE":["message","ch","hello"]}',
    ]);
  });

  test('to patterns, as a call of a function', async () => {
    await open('/PSUBSCRIBE/c*?jsonp=f');
    await get('/PUBLISH/ch/hello');
    await until(() => chunks().length === 2);
    expect(chunks()).toEqual([
      'f({"PSUBSCRIBE":["psubscribe","c*",1]});\n',
      'f({"PSUBSCRIBE":["pmessage","c*","ch","hello"]});\n',
    ]);
  });

  test('as text', async () => {
    await open('/SUBSCRIBE/ch.txt?sep=,');
    await get('/PUBLISH/ch/hello');
    await until(() => chunks().length === 2);
    expect(chunks()).toEqual(['subscribe,ch', 'message,ch,hello']);
  });

  test('ends with its client', async () => {
    await open('/SUBSCRIBE/ch');
    expect(await get('/PUBLISH/ch/x')).toBe('{"PUBLISH":1}');
    socket.destroy();
    await until(async () => (await get('/PUBLISH/ch/x')) === '{"PUBLISH":0}');
  });

  test('MONITOR is one too', async () => {
    await open('/MONITOR');
    await get('/ECHO/seen');
    await until(() => text.includes('seen'));
    expect(chunks()[0]).toBe('{"MONITOR":[true,"OK"]}');
    expect(chunks()[1]).toMatch(/^\{"MONITOR":\[true,"\d+\.\d+ \[0 .*\] \\"ECHO\\" \\"seen\\""\]\}$/);
  });

  test('that is wrong is answered at once', async () => {
    socket = connect({ host: '127.0.0.1', port });
    expect(await get('/SUBSCRIBE')).toBe(
      `{"SUBSCRIBE":[false,"ERR wrong number of arguments for 'subscribe' command"]}`,
    );
    expect(await get('/UNSUBSCRIBE/ch')).toBe('{"UNSUBSCRIBE":["unsubscribe","ch",0]}');
  });
});

describe('a WebSocket', () => {
  let socket: WebSocket;
  let messages: { text: string; isBinary: boolean }[];

  async function open(path: string): Promise<void> {
    messages = [];
    socket = new WebSocket(`ws://127.0.0.1:${port}/webdis${path}`);
    socket.on('message', (data: Buffer, isBinary: boolean) =>
      messages.push({ text: data.toString('latin1'), isBinary }),
    );
    await once(socket, 'open');
  }

  async function ask(message: string | Buffer): Promise<string> {
    const before = messages.length;
    socket.send(message);
    await until(() => messages.length > before);
    return messages[before].text;
  }

  afterEach(() => socket?.terminate());

  test.each(['', '/', '/.json'])('takes commands as JSON: %s', async (path) => {
    await open(path);
    expect(await ask('["SET","n",5]')).toBe('{"SET":[true,"OK"]}');
    expect(await ask('["get","n"]')).toBe('{"get":"5"}');
    expect(messages.every(({ isBinary }) => !isBinary)).toBe(true);
    expect(await ask(Buffer.from('["GET","n"]'))).toBe('{"GET":"5"}');
    expect(messages.at(-1)).toEqual({ text: '{"GET":"5"}', isBinary: true });
  });

  test('takes RESP', async () => {
    await open('/.raw');
    expect(await ask('*3\r\n$3\r\nSET\r\n$1\r\nn\r\n$1\r\n5\r\n')).toBe('+OK\r\n');
    expect(await ask(Buffer.from('*2\r\n$3\r\nGET\r\n$1\r\nn\r\n'))).toBe('$1\r\n5\r\n');
    socket.send('*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nPI');
    socket.send('NG\r\n');
    await until(() => messages.length === 4);
    expect(messages.slice(2)).toEqual(Array(2).fill({ text: '+PONG\r\n', isBinary: true }));
    expect(await ask('*1\r\n$5\r\nMULTI\r\n')).toBe('-ERR Forbidden\r\n');
    const closed = once(socket, 'close');
    expect(await ask('*x\r\n')).toMatch(/^-ERR Protocol error/);
    expect((await closed)[0]).toBe(1002);
  });

  test('says what is not allowed, and what is no command', async () => {
    await open('/.json');
    const forbidden = '{"error":true,"message":"Forbidden","http_status":403}';
    expect(await ask('["MULTI"]')).toBe(forbidden);
    expect(await ask('["FLUSHDB"]')).toBe(forbidden);
    for (const wrong of ['no json', '{}', '[]', '[""]', '["ECHO",1.5]', '["ECHO",null]', '["ECHO",["x"]]', '"x"']) {
      expect(await ask(wrong)).toBe('{"error":true,"message":"Bad Request","http_status":400}');
    }
    expect(await ask('["GET"]')).toBe(`{"GET":[false,"ERR wrong number of arguments for 'get' command"]}`);
  });

  test('gets messages, and may do nothing else meanwhile', async () => {
    await open('/.json');
    expect(await ask('["SUBSCRIBE","ch"]')).toBe('{"SUBSCRIBE":["subscribe","ch",1]}');
    expect(await ask('["psubscribe","c*"]')).toBe('{"psubscribe":["psubscribe","c*",2]}');
    expect(await ask('["GET","a"]')).toBe('Command not allowed after subscribe');
    await get('/PUBLISH/ch/hello');
    await until(() => messages.length === 5);
    expect(messages.slice(3).map(({ text }) => text)).toEqual([
      '{"SUBSCRIBE":["message","ch","hello"]}',
      '{"psubscribe":["pmessage","c*","ch","hello"]}',
    ]);
    await ask('["UNSUBSCRIBE"]');
    await ask('["PUNSUBSCRIBE"]');
    expect(await ask('["GET","a"]')).toBe('{"GET":null}');
  });

  test('answers in order, though one command waits', async () => {
    await open('/.json');
    socket.send('["BLPOP","list","0"]');
    socket.send('["PING"]');
    await server.untilBlocked();
    await get('/RPUSH/list/x');
    await until(() => messages.length === 2);
    expect(messages.map(({ text }) => text)).toEqual(['{"BLPOP":["list","x"]}', '{"PING":[true,"PONG"]}']);
    socket.send('["BLPOP","list","0"]');
    await server.untilBlocked();
    socket.terminate();
    await until(() => server.blockedClients === 0);
  });

  test('ends as asked, and when it is misused', async () => {
    await open('/.json');
    socket.close(1001);
    expect((await once(socket, 'close'))[0]).toBe(1001);
    await open('/.json');
    const pong = once(socket, 'pong');
    socket.ping('x');
    expect(String((await pong)[0])).toBe('x');
    const closed = once(socket, 'close');
    socket.send(`["ECHO","${'x'.repeat(1000)}"]`);
    expect((await closed)[0]).toBe(1009);
  });

  test.each<[number, Record<string, string>]>([
    [400, { 'Sec-WebSocket-Key': 'x' }],
    [400, { Connection: 'close' }],
    [426, { 'Sec-WebSocket-Version': '8' }],
  ])('is refused with %i', async (expected, headers) => {
    await open('/');
    const asking = {
      ...{ Upgrade: 'websocket', Connection: 'Upgrade, close' },
      ...{ 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version': '13' },
    };
    const reply = await exchange(port, { path: '/webdis/', headers: { ...asking, ...headers } });
    expect(reply.status).toBe(expected);
  });
});

describe('webdis.json', () => {
  test.each<[string, unknown, RegExp]>([
    ['no JSON', '{', /no JSON/],
    ['no object', [], /the file must be an object/],
    ['a wrong database', { database: -1 }, /'database' must be a number from 0/],
    ['a wrong switch', { websockets: 'perhaps' }, /'websockets' must be true or false/],
    ['a wrong root', { default_root: 'x' }, /'default_root' must be a path/],
    ['no list', { acl: {} }, /'acl' must be an array/],
    ['an unknown condition', { acl: [{ user: 'x' }] }, /entry 1 of 'acl': 'user' is not known/],
    ['a wrong range', { acl: [{}, { ip: '10.0.0.0/33' }] }, /entry 2 of 'acl': 'ip' is no address/],
    ['wrong credentials', { acl: [{ http_basic_auth: 'x' }] }, /'http_basic_auth' is no user:password/],
    ['wrong commands', { acl: [{ enabled: 'GET' }] }, /commands are an array of names/],
    ['a variable that is not there', { database: '$NO_SUCH_VARIABLE' }, /the environment has no NO_SUCH_VARIABLE/],
  ])('with %s is refused at the start', async (_, content, message) => {
    await expect(start(content)).rejects.toThrow(message);
  });

  test('that is not there is refused at the start', async () => {
    await expect(RedisServer.start({ port: 0, http: { port: 0, webdisConfig: '/none.json' } })).rejects.toThrow(
      /http-webdis-config \/none\.json/,
    );
  });

  test('may name another database, by the environment too; what has no effect is logged', async () => {
    process.env['TEST_WEBDIS_DATABASE'] = '3';
    const lines: string[] = [];
    const log = (_fields: unknown, message?: string): void => void lines.push(String(message ?? _fields));
    const file = webdisFile({ database: '$TEST_WEBDIS_DATABASE', redis_host: 'elsewhere', threads: 4 });
    const other = await RedisServer.start({
      port: 0,
      http: { port: 0, webdisConfig: file.path },
      logger: { trace: log, debug: log, info: log, warn: log, error: log, fatal: log } as never,
    });
    try {
      await exchange(portOf(other), { path: '/webdis/SET/a/1' });
      expect((await exchange(portOf(other), { path: '/webdis/3/GET/a.txt' })).body.toString()).toBe('1');
      expect(lines.filter((line) => line.includes('has no effect'))).toHaveLength(2);
      const noSocket = { Upgrade: 'websocket', Connection: 'Upgrade, close' };
      expect((await exchange(portOf(other), { path: '/webdis/', headers: noSocket })).status).toBe(403);
    } finally {
      file.remove();
      delete process.env['TEST_WEBDIS_DATABASE'];
      await other.stop();
    }
  });

  test('allows by address and by name and password, the last entry that fits', async () => {
    const other = await start({
      acl: [
        { disabled: ['*'] },
        { ip: '127.0.0.0/8', enabled: ['GET', 'ping'] },
        { http_basic_auth: 'me:secret', enabled: ['*'], disabled: ['DEL'] },
      ],
    });
    const ask = async (path: string, credentials?: string): Promise<number> =>
      (
        await exchange(portOf(other), {
          path: `/webdis${path}`,
          headers: credentials === undefined ? {} : { Authorization: `Basic ${btoa(credentials)}` },
        })
      ).status;
    try {
      expect(await Promise.all([ask('/GET/a'), ask('/PING'), ask('/SET/a/1'), ask('/G/a'), ask('/GETDEL/a')])).toEqual([
        200, 200, 403, 403, 403,
      ]);
      expect(
        await Promise.all([ask('/SET/a/1', 'me:secret'), ask('/DEL/a', 'me:secret'), ask('/SELECT/1', 'me:secret')]),
      ).toEqual([200, 403, 403]);
      expect(await ask('/SET/a/1', 'me:wrong')).toBe(403);
    } finally {
      await other.stop();
    }
  });
});

test('a token is kept to its database and to its scopes', async () => {
  const tokens = webdisFile([
    { token: 'scoped', scopes: ['read:*'] },
    { token: 'administrator', scopes: ['admin'] },
    { token: 'three', database: 3 },
    { token: 'reader', readOnly: true },
    { token: 'shop', prefix: 'shop' },
  ]);
  const other = await RedisServer.start({ port: 0, http: { port: 0, tokensFile: tokens.path } });
  const ask = (path: string, token?: string): ReturnType<typeof exchange> =>
    exchange(portOf(other), {
      path: `/webdis${path}`,
      headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
    });
  try {
    expect((await ask('/PING')).status).toBe(401);
    expect((await ask('/PING', 'unknown')).status).toBe(401);
    expect((await ask('/PING', 'scoped')).status).toBe(403);
    expect((await ask('/PING', 'administrator')).status).toBe(200);
    expect((await ask('/SET/a/three', 'three')).status).toBe(200);
    expect((await ask('/4/GET/a', 'three')).status).toBe(403);
    expect((await ask('/3/GET/a.txt', 'reader')).body.toString()).toBe('three');
    expect((await ask('/SET/a/1', 'reader')).status).toBe(403);
    expect((await ask('/BLPOP/list/1', 'reader')).status).toBe(403);
    expect((await ask('/GET/list', 'reader')).body.toString()).toBe('{"GET":null}');
    await ask('/SET/a/mine', 'shop');
    expect((await ask('/GET/shop:a.txt', 'reader')).body.toString()).toBe('mine');
    expect((await ask('/KEYS/*', 'shop')).body.toString()).toBe('{"KEYS":["a"]}');
  } finally {
    tokens.remove();
    await other.stop();
  }
});
