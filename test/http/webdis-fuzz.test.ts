/** Paths, queries, headers and bodies of any kind: each is answered, and nothing by a fault of ours. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RedisServer } from '../../src/server/redis-server.js';
import { ask } from '../support/http-exchange.js';

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 1500);

let server: RedisServer;
let port: number;

beforeAll(async () => {
  server = await RedisServer.start({ port: 0, http: { port: 0 } });
  port = Number(new URL(String(server.httpUrl)).port);
  await server.execute('RPUSH', 'l', 'a', 'b');
  await server.execute('HSET', 'h', 'f', 'v');
  await server.execute('XADD', 's', '1-1', 'f', 'v');
  await server.execute('GEOADD', 'g', 1, 2, 'm');
});

afterAll(() => server?.stop());

/** What may stand in a request's first line. */
const visible = fc.stringMatching(/^[!-~\x80-\xff]{0,12}$/);
const verb = fc.oneof(
  fc.constantFrom(
    'GET',
    'set',
    'HGETALL',
    'LRANGE',
    'INFO',
    'XRANGE',
    'XREAD',
    'XPENDING',
    'GEORADIUS',
    'MGET',
    'KEYS',
  ),
  fc.constantFrom('PING', 'ECHO', 'SELECT', 'multi', 'HELLO', 'CLIENT', 'COMMAND', 'CONFIG', 'EVAL', 'BLPOP', 'WAIT'),
  visible,
);
const argument = fc.oneof(
  fc.constantFrom(
    'l',
    'h',
    's',
    'g',
    '0',
    '-1',
    '%2B',
    '-',
    'STREAMS',
    'WITHDIST',
    'km',
    '100',
    '3',
    '0.01',
    '%',
    '%0',
    '+',
  ),
  fc.constantFrom('GET', 'LIST', 'DOCS', 'return%7B1,%7B%22a%22%7D%7D', '%00%FF', '%0D%0A', ''),
  visible,
);
const extension = fc.constantFrom('', '.json', '.raw', '.msg', '.txt', '.js', '.png', '.none', '.', '..txt');
const query = fc.oneof(
  fc.constant(''),
  fc
    .array(fc.tuple(fc.constantFrom('type', 'sep', 'jsonp', 'callback', 'filename', 'x', ''), visible), {
      maxLength: 4,
    })
    .map((pairs) => `?${pairs.map(([name, value]) => `${name}=${value}`).join('&')}`),
);
const command = fc
  .tuple(fc.constantFrom('', '7/', '99/', '/'), verb, fc.array(argument, { maxLength: 6 }), extension)
  .map(([database, name, words, end]) => `${database}${[name, ...words].join('/')}${end}`);
const request = fc.record({
  method: fc.constantFrom('GET', 'GET', 'GET', 'POST', 'PUT', 'OPTIONS', 'HEAD', 'DELETE', 'PATCH'),
  path: fc.tuple(command, query).map(([path, rest]) => `/webdis/${path}${rest}`),
  body: fc.oneof(
    fc.constant(''),
    command,
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  ),
  headers: fc.constantFrom<Record<string, string>>({}, { 'If-None-Match': '"x", *' }, { Authorization: 'Basic x' }),
});

/** What waits without end, streams without end, or ends the server, is no subject here. */
const ENDLESS = /subscribe|monitor|shutdown|debug|sync|failover|wait|b[lrz][a-z]*(pop|move)|block|pause/i;

test('every request is answered', async () => {
  await fc.assert(
    fc.asyncProperty(request, async (asked) => {
      const decoded = decodeURIComponent(
        `${asked.path}${String(asked.body)}`.replace(/%(?![0-9a-f]{2})|%[89a-f]./gi, '_'),
      );
      fc.pre(!ENDLESS.test(decoded) || /BLPOP\/[^/]*\/0\.01/.test(decoded));
      const withBody = asked.method === 'POST' || asked.method === 'PUT';
      const { status } = await ask(port, { ...asked, body: withBody ? asked.body : '' });
      expect([200, 304, 400, 403, 404, 405]).toContain(status);
    }),
    { numRuns: RUNS },
  );
  expect(await server.execute('PING')).toBe('PONG');
});
