/** webdis's API beside the real webdis in front of a real redis-server: the same requests, and the same answers. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { RedisServer } from '../../src/server/redis-server.js';
import { exchange, type RawReply, type RawRequest } from '../support/http-exchange.js';
import { describeWithWebdis, RealWebdis } from '../support/webdis.js';
import { webdisFile } from '../support/webdis-file.js';

/** Headers of webdis's own; the others belong to the connection. */
const COMPARED = [
  'server',
  'allow',
  'access-control-allow-methods',
  'access-control-allow-origin',
  'access-control-allow-headers',
  'content-type',
  'content-disposition',
  'etag',
];

const ACL = [{ disabled: ['DEBUG'] }, { http_basic_auth: 'user:password', enabled: ['DEBUG'] }];

type Request = string | RawRequest;

function requestOf(request: Request): RawRequest {
  return typeof request === 'string' ? { path: request } : request;
}

function shown({ status, headers, body }: RawReply): object {
  const compared = Object.fromEntries(COMPARED.map((name) => [name, headers[name]]));
  return { status, ...compared, body: body.toString('latin1') };
}

const ETAG_OF_OK = '"0db1124cf79ffeb80aff6d199d5822f8"';

describeWithWebdis("webdis's API answers as webdis", () => {
  let real: RealWebdis;
  let server: RedisServer;
  let port: number;

  beforeAll(async () => {
    real = await RealWebdis.start({ acl: ACL });
    const file = webdisFile({ acl: ACL });
    server = await RedisServer.start({
      port: 0,
      http: { port: 0, webdisConfig: file.path, mount: { webdis: '/', upstash: 'off' } },
      'enable-debug-command': 'yes',
    });
    file.remove();
    port = Number(new URL(String(server.httpUrl)).port);
  });

  afterAll(async () => {
    await real?.stop();
    await server?.stop();
  });

  beforeEach(async () => {
    for (const path of [
      '/FLUSHALL',
      '/SET/a/1',
      '/SET/text/hello+world',
      '/HSET/h/f/v/g/w',
      '/RPUSH/l/a/b/c',
      '/7/SET/x/seven',
    ]) {
      await Promise.all([exchange(real.port, { path }), exchange(port, { path })]);
    }
  });

  /** Requests one after the other, each to both. */
  async function compare(...requests: Request[]): Promise<void> {
    for (const request of requests.map(requestOf)) {
      const [theirs, ours] = await Promise.all([exchange(real.port, request), exchange(port, request)]);
      expect({ request, ...shown(ours) }).toEqual({ request, ...shown(theirs) });
    }
  }

  test.each<[string, Request[]]>([
    ['status', ['/PING', '/SET/b/2', '/MSET/c/3/d/4']],
    [
      'string',
      ['/GET/a', '/GET/text', '/ECHO/%22quoted%22%5C%08%0C%0A%0D%09%01%7F', '/ECHO/%E2%82%AC%F0%9F%98%80', '/ECHO/'],
    ],
    ['integer', ['/DBSIZE', '/INCRBY/n/-17', '/INCRBY/big/9223372036854775807', '/STRLEN/none']],
    ['nil', ['/GET/none', '/LPOP/none', '/BLPOP/none/0.05', '/SET/a/2/NX']],
    ['error', ['/GET/l', '/NOSUCH', '/NOSUCH/with/arguments', '/GET', '/SET/a', '/LPUSH/a/x']],
    [
      'array',
      [
        '/LRANGE/l/0/-1',
        '/MGET/a/none/text',
        '/LRANGE/none/0/-1',
        '/HKEYS/h',
        '/ZADD/z/1/x',
        '/ZRANGE/z/0/-1/WITHSCORES',
        '/EVAL/return%7B1,%22x%22,false%7D/0',
        '/BLPOP/l/0',
      ],
    ],
    ['object of HGETALL', ['/HGETALL/h', '/hgetall/h', '/HGETALL/none', '/HGETALL/a']],
    ['command in any case', ['/get/a', '/gEt/a', '/Ping']],
  ])('a reply that is one: %s', async (_, requests) => compare(...requests));

  test.each<[string, Request[]]>([
    [
      'arguments are decoded, each by itself',
      [
        '/ECHO/a%2Fb',
        '/ECHO/a+b',
        '/ECHO/a%2Bb',
        '/ECHO/%',
        '/ECHO/%4',
        '/ECHO/%zz',
        '/ECHO/%41%',
        '/MSET/k%2F1/v%2F1/k+2/v+2',
        '/MGET/k%2F1/k+2.txt?sep=,',
      ],
    ],
    ['the name is not', ['/%47ET/a', '/EC%48O/x', '/G+T/a']],
    ['an argument may be empty', ['/GET/', '/ECHO//', '/ECHO//x', '/SET/empty/', '/GET/empty', '/GET/empty.txt']],
    [
      'a number names the database',
      ['/7/GET/x', '/007/GET/x', '/0/GET/a', '/GET/x', '/7', '/-1/PING', '/7/GET', '/7x/GET/x'],
    ],
    ['there may be no command', ['/', '//', '/7/', '/7//GET']],
  ])('paths: %s', async (_, requests) => compare(...requests));

  const extensions = ['json', 'raw', 'txt', 'html', 'xhtml', 'xml', 'png', 'jpg', 'jpeg', 'js', 'css', 'bin'];
  test.each(extensions)('extension %s', (extension) =>
    compare(
      // What is nil within an array webdis leaves out of RESP.
      ...[
        'PING',
        'GET/a',
        'GET/none',
        'DBSIZE',
        'LRANGE/l/0/-1',
        'GET/l',
        'NOSUCH',
        extension === 'raw' ? 'MGET/a' : 'MGET/a/none/text',
      ].map((command) => `/${command}.${extension}`),
      `/GET/a.${extension}?type=text/other`,
      `/GET/a.${extension}?jsonp=f`,
      `/LRANGE/l/0/-1.${extension}?sep=--`,
      `/GET/text.${extension}?filename=file.ext`,
      `/GET/none.${extension}?filename=file.ext`,
    ),
  );

  test('an extension is what follows the last dot, if it is known', () =>
    compare(
      '/ECHO/x.foo',
      '/ECHO/x.foo.txt',
      '/ECHO/x.txt.foo',
      '/ECHO/.txt',
      '/ECHO/x.',
      '/ECHO/a%2Etxt',
      '/ECHO/a.TXT',
      '/ECHO/a.gif',
      '/ECHO/a.txt/b',
      '/ECHO/x.txt/',
    ));

  test('bytes that are no text', () =>
    compare(...['bin', 'raw', 'txt'].map((extension) => `/ECHO/%00%01%FE%FF%0D%0A.${extension}`)));

  test('options in the query', () =>
    compare(
      '/GET/a?type=text/plain',
      '/GET/a?type=a%2Fb',
      '/PING?type=x/y',
      '/NOSUCH?type=x/y',
      '/GET/none?type=x/y',
      '/GET/a?jsonp=f',
      '/GET/a?callback=f',
      '/GET/a?jsonp=f&callback=g',
      '/GET/a?callback=g&jsonp=f',
      '/GET/none?jsonp=f',
      '/GET/a.txt?jsonp=f',
      '/LRANGE/l/0/-1?type=text/csv&sep=,',
      '/LRANGE/l/0/-1.txt?sep=%2C',
      '/LRANGE/l/0/-1?sep=,',
      '/GET/a?filename=x.png',
      '/GET/a?filename=a%22b',
      '/GET/a?x=y',
      '/GET/a?',
      '/GET/a?&&x',
      '/GET/a?sep=x&type=text/x&filename=f',
    )); // prettier-ignore

  test('a known ETag is answered with 304 and nothing', async () => {
    const known = (path: string, tag: string): RawRequest => ({ path, headers: { 'If-None-Match': tag } });
    const requests = [known('/SET/a/1', ETAG_OF_OK), known('/GET/a.txt', '"c4ca4238a0b923820dcc509a6f75849b"')];
    for (const request of requests) {
      const [theirs, ours] = await Promise.all([exchange(real.port, request), exchange(port, request)]);
      // RFC 9110 wants the tag there, which webdis leaves out.
      expect(ours.headers['etag']).toBe(request.headers?.['If-None-Match']);
      expect(shown({ ...ours, headers: { ...ours.headers, etag: undefined! } })).toEqual(shown(theirs));
    }
    await compare(known('/SET/a/2', '"0db1124cf79ffeb80aff6d199d5822f9"'), known('/GET/none.txt', ETAG_OF_OK));
  });

  test('a command in the body of POST', () =>
    compare(
      ...['GET/a', 'GET/a.txt', 'GET/a.txt?type=x/y', 'SET/a/x%2Fy+z', '7/GET/x', 'PING', ''].map((body) => ({
        method: 'POST',
        path: '/',
        body,
      })),
      { method: 'POST', path: '/ignored/path', body: 'GET/a' },
      { method: 'POST', path: '/?type=text/z', body: 'GET/a' },
      { method: 'POST', path: '/?jsonp=f', body: 'GET/a' },
      { method: 'POST', path: '/crossdomain.xml' },
    ));

  test('the last argument in the body of PUT', () =>
    compare(
      { method: 'PUT', path: '/SET/b', body: Buffer.from('h/e%2fl+l\x00\xff', 'latin1') },
      '/GET/b.txt',
      { method: 'PUT', path: '/SET/b.txt', body: 'hello' },
      { method: 'PUT', path: '/7/SET/b?type=text/x', body: 'hello' },
      '/7/GET/b',
      { method: 'PUT', path: '/GET/b' },
      { method: 'PUT', path: '/SET/b' },
      { method: 'PUT', path: '/SET', body: 'hello' },
      { method: 'PUT', path: '/', body: 'PING' },
    ));

  test('other methods', () =>
    compare(
      { method: 'OPTIONS', path: '/' },
      { method: 'OPTIONS', path: '/GET/a' },
      { method: 'OPTIONS', path: '/MULTI' },
      { method: 'HEAD', path: '/GET/a' },
      { method: 'DELETE', path: '/GET/a' },
    ));

  test('crossdomain.xml', () => compare('/crossdomain.xml'));

  test('commands that are not allowed', () =>
    compare(
      '/MULTI',
      '/multi',
      '/EXEC',
      '/WATCH/a',
      '/DISCARD',
      '/SELECT/1',
      '/MULTI.txt',
      '/7/SELECT/1',
      { method: 'POST', path: '/', body: 'MULTI' },
      { method: 'PUT', path: '/SELECT', body: '1' },
    ));

  test('the ACL', () =>
    compare(
      '/DEBUG/SLEEP/0',
      '/debug/sleep/0',
      ...['Basic', 'basic'].map((scheme) => ({
        path: '/DEBUG/SLEEP/0.txt',
        headers: { Authorization: `${scheme} dXNlcjpwYXNzd29yZA==` },
      })),
      { path: '/DEBUG/SLEEP/0', headers: { Authorization: 'Basic dXNlcjp3cm9uZw==' } },
      { path: '/DEBUG/SLEEP/0', headers: { Authorization: 'Bearer x' } },
    ));
});
