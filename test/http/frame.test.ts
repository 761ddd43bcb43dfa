/** HTTP/1.1 on the wire: what a connection is answered, whatever it sends. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RedisServer } from '../../src/server/redis-server.js';

let server: RedisServer;
let port: number;

beforeAll(async () => {
  server = await RedisServer.start({ port: 0, http: { port: 0, maxRequestSize: '1mb' } });
  port = Number(new URL(String(server.httpUrl)).port);
});

afterAll(() => server.stop());

/** Sends bytes in the pieces given, and returns all that comes back until the other side ends. */
async function converse(...pieces: string[]): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port });
  let text = '';
  socket.setEncoding('latin1').on('data', (data: string) => (text += data));
  const ended = new Promise((resolve) => socket.once('close', resolve));
  for (const piece of pieces) {
    await new Promise((resolve) => socket.write(piece, 'latin1', resolve));
    await new Promise((resolve) => setImmediate(resolve));
  }
  socket.end();
  await ended;
  return text;
}

const statuses = (text: string): string[] => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);

const GET = 'GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n';

describe('a request', () => {
  test('is answered with length, type and date, and the connection stays', async () => {
    const answer = await converse(GET, GET);
    expect(answer).toMatch(
      /^HTTP\/1\.1 200 OK\r\nContent-Type: application\/json\r\nContent-Length: 15\r\nDate: \w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT\r\n\r\n\{"status":"ok"\}HTTP/,
    );
    expect(statuses(answer)).toEqual(['200', '200']);
  });

  test('may come in any pieces, and many may come in one', async () => {
    expect(statuses(await converse(...GET.repeat(2)))).toEqual(['200', '200']);
    expect(statuses(await converse(GET.repeat(500)))).toHaveLength(500);
  });

  test('of HTTP/1.0 ends the connection, unless it asks to keep it', async () => {
    const answer = await converse('GET /health HTTP/1.0\r\n\r\n', GET);
    expect(statuses(answer)).toEqual(['200']);
    expect(answer).toContain('Connection: close\r\n');
    expect(statuses(await converse('GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n', GET))).toHaveLength(2);
  });

  test('with Connection: close ends the connection', async () => {
    expect(statuses(await converse(GET.replace('Host', 'Connection: close\r\nHost'), GET))).toEqual(['200']);
  });

  test('by HEAD is answered without a body', async () => {
    const answer = await converse(GET.replace('GET', 'HEAD'));
    expect(answer).toContain('Content-Length: 15\r\n');
    expect(answer.endsWith('\r\n\r\n')).toBe(true);
  });

  test('by OPTIONS is told the methods', async () => {
    expect(await converse(GET.replace('GET', 'OPTIONS'))).toContain('Allow: GET, HEAD, OPTIONS\r\n');
  });

  test('for what is not there, or not so, is told', async () => {
    expect(statuses(await converse(GET.replace('/health', '/health/y')))).toEqual(['404']);
    const answer = await converse(GET.replace('GET', 'POST'));
    expect(statuses(answer)).toEqual(['405']);
    expect(answer).toContain('Allow: GET, HEAD, OPTIONS\r\n');
  });

  test('by OPTIONS for the server as a whole is told what it knows, and for what is not there that it is not', async () => {
    const answer = await converse(GET.replace('GET /health', 'OPTIONS *'));
    expect(statuses(answer)).toEqual(['204']);
    expect(answer).toContain('Allow: GET, HEAD, POST, PUT, DELETE, OPTIONS\r\n');
    expect(statuses(await converse(GET.replace('/health', '*')))).toEqual(['400']);
    expect(await converse(GET.replace('GET /health', 'OPTIONS /kv/none'))).toContain('{"error":"Not found"}');
  });

  test('may have a target with scheme and host, whose host counts', async () => {
    expect(statuses(await converse(GET.replace('/health', 'http://localhost/health')))).toEqual(['200']);
    expect(statuses(await converse(GET.replace('/health', 'http://rebound.example.com/health')))).toEqual(['403']);
  });

  test('by HEAD for a stream is answered, and the next one too', async () => {
    const head = GET.replace('GET /health', 'HEAD /subscribe/chat').replace(
      'Host',
      'Accept: text/event-stream\r\nHost',
    );
    const answer = await converse(head + GET);
    expect(statuses(answer)).toEqual(['200', '200']);
    expect(answer).toContain('Content-Type: text/event-stream\r\n');
    expect(await server.execute('PUBSUB', 'CHANNELS')).toEqual([]);
  });
});

describe('a body', () => {
  const post = (headers: string, body: string) => `POST /health HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n${body}`;

  test('of a length or in chunks is taken off before the next request', async () => {
    const chunked = post('Transfer-Encoding: chunked\r\n', '3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: x\r\n\r\n');
    const sized = post('Content-Length: 5\r\n', 'abcde');
    expect(statuses(await converse(sized + chunked + GET))).toEqual(['405', '405', '200']);
    expect(statuses(await converse(...(sized + chunked + GET)))).toEqual(['405', '405', '200']);
  });

  test('that is expected to be allowed is, by 100', async () => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.write(post('Content-Length: 2\r\nExpect: 100-continue\r\n', ''));
    expect(String((await once(socket, 'data'))[0])).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    socket.write('ab');
    expect(statuses(String((await once(socket, 'data'))[0]))).toEqual(['405']);
    socket.destroy();
  });

  test('is not waited for by HTTP/1.0, which knows no 100', async () => {
    const answer = await converse('POST /health HTTP/1.0\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n', 'ab');
    expect(statuses(answer)).toEqual(['405']);
  });

  test.each([
    ['is too long', 'Content-Length: 1048577\r\n', '', '413'],
    ['is too long in chunks', 'Transfer-Encoding: chunked\r\n', 'fffffff\r\n', '413'],
    ['has no length that is one', 'Content-Length: -1\r\n', '', '400'],
    ['has two lengths', 'Content-Length: 1\r\nContent-Length: 2\r\n', 'ab', '400'],
    ['has a length and chunks', 'Content-Length: 1\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n', '400'],
    ['has an encoding that is not known', 'Transfer-Encoding: gzip\r\n', '', '501'],
    ['has a chunk that is none', 'Transfer-Encoding: chunked\r\n', 'xyz\r\n', '400'],
    ['has a chunk that ends elsewhere', 'Transfer-Encoding: chunked\r\n', '1\r\nabc\r\n', '400'],
  ])('that %s is refused, and the connection ends', async (_, headers, body, status) => {
    const answer = await converse(post(headers, body) + GET);
    expect(statuses(answer)).toEqual([status]);
    expect(answer).toContain('Connection: close\r\n');
  });
});

describe('what is no request', () => {
  test.each([
    ['no line of HTTP', 'hello\r\n\r\n', '400'],
    ['a method that is none', 'get / HTTP/1.1\r\nHost: localhost\r\n\r\n', '400'],
    ['another version', 'GET / HTTP/2.0\r\nHost: localhost\r\n\r\n', '505'],
    ['no host', 'GET / HTTP/1.1\r\n\r\n', '400'],
    ['two hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', '400'],
    ['a folded header', 'GET / HTTP/1.1\r\nHost: localhost\r\n X: y\r\n\r\n', '400'],
    ['a space before the colon', 'GET / HTTP/1.1\r\nHost : localhost\r\n\r\n', '400'],
    ['a stray line feed', 'GET / HTTP/1.1\r\nHost: localhost\nX: y\r\n\r\n', '400'],
    ['a path that is none', 'GET health HTTP/1.1\r\nHost: localhost\r\n\r\n', '400'],
    ['endless headers', `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(70_000)}`, '431'],
  ])('is refused: %s', async (_, bytes, status) => {
    expect(statuses(await converse(bytes))).toEqual([status]);
  });
});

describe('a refusal has the shape of the API whose path it is for', () => {
  const APIS: [string, RegExp][] = [
    ['/set/a/b', /^\{"error":"ERR [^"]*"\}$/],
    ['/webdis/SET/a/b', /^$/],
    ['/api/0/SET/a/', /^\{"meta":\{"status":"error","status_code":\d+,"error_message":"[^"]*"\}\}$/],
    ['/kv/set', /^\{"error":"[^"]*"\}$/],
    ['/cache/SET', /^\{"detail":"[^"]*"\}$/],
  ];
  const REFUSED: [string, string][] = [
    ['400', 'HTTP/1.1\r\nHost : localhost\r\n\r\n'],
    ['400', 'HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n'],
    ['413', 'HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999999\r\n\r\n'],
    ['431', `HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(70_000)}`],
    ['505', 'HTTP/2.0\r\nHost: localhost\r\n\r\n'],
  ];

  test.each(APIS)('%s', async (path, shape) => {
    for (const [status, rest] of REFUSED) {
      const answer = await converse(`POST ${path} ${rest}`);
      expect(statuses(answer)).toEqual([status]);
      expect(answer.slice(answer.indexOf('\r\n\r\n') + 4)).toMatch(shape);
      if (path.startsWith('/webdis')) expect(answer).toContain('Server: Webdis\r\n');
    }
  });
});

describe('pages and names', () => {
  const ask = async (headers: Record<string, string>): Promise<Response> => {
    const lines = Object.entries(headers)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('');
    const text = await converse(`GET /health HTTP/1.1\r\n${lines}\r\n`);
    return new Response(text, { status: Number(statuses(text)[0]) });
  };

  test('a host that is neither an address nor this machine is refused', async () => {
    expect((await ask({ Host: 'rebound.example.com' })).status).toBe(403);
    for (const host of ['localhost:80', 'app.localhost', '127.0.0.1', '[::1]:8079', '10.1.2.3']) {
      expect((await ask({ Host: host })).status).toBe(200);
    }
  });

  test('a page of another origin is refused, one of this machine may read the answer', async () => {
    expect((await ask({ Host: 'localhost', Origin: 'https://example.com' })).status).toBe(403);
    expect((await ask({ Host: 'localhost', Origin: 'null' })).status).toBe(403);
    const answer = await ask({ Host: 'localhost', Origin: 'http://localhost:3000' });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('Access-Control-Allow-Origin: http://localhost:3000\r\n');
  });
});
