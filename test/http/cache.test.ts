/** The cache API over real sockets: users, tokens, and each command with its exact answers. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { RedisServer } from '../../src/server/redis-server.js';
import type { RedisServerOptions } from '../../src/server/server-options.js';
import { askUrl } from '../support/http-exchange.js';
import { cheapPassword, hashAsUsual, useCheapPasswords } from './cheap-password.js';

let server: RedisServer;
let token: string;

type Answer = [status: number, body: unknown];

async function ask(path: string, body: unknown, headers: Record<string, string> = {}, at = server): Promise<Answer> {
  const reply = await askUrl(
    `${at.httpUrl}/cache${path}`,
    'POST',
    typeof body === 'string' ? body : JSON.stringify(body),
    { 'content-type': 'application/json', ...headers },
  );
  expect(reply.headers['content-type']).toBe('application/json');
  return [reply.status, JSON.parse(reply.body.toString())];
}

/** What a command answers with status 200. */
async function call(command: string, body: object): Promise<unknown> {
  const [status, answer] = await ask(`/${command}`, { token, ...body });
  expect(status, JSON.stringify(answer)).toBe(200);
  return answer;
}

async function register(at: RedisServer, name: string): Promise<void> {
  expect(await ask('/register', { login: name, password: 'secret' }, {}, at)).toEqual([200, 'OK']);
}

async function login(at: RedisServer): Promise<string> {
  await register(at, 'ann');
  return tokenOf(at, 'ann');
}

const prepared: string[] = [];

/** A directory in which these have registered with `secret`. */
function withUsers(...logins: string[]): string {
  const directory = mkdtempSync(join(tmpdir(), 'redstart-cache-'));
  prepared.push(directory);
  const users = logins.map((name) => ({ login: name, password: cheapPassword('secret') }));
  writeFileSync(join(directory, 'cache-users.json'), JSON.stringify({ version: 1, users }));
  return directory;
}

async function tokenOf(at: RedisServer, name: string): Promise<string> {
  return (await ask('/auth', { login: name, password: 'secret' }, {}, at))[1] as string;
}

const start = (options: RedisServerOptions = {}): Promise<RedisServer> =>
  RedisServer.start({ port: 0, http: { port: 0 }, ...options });

const WRONG_TYPE = 'WRONGTYPE Operation against a key holding the wrong kind of value';

useCheapPasswords();

beforeAll(async () => {
  server = await start({ dir: withUsers('ann'), save: '' });
  token = await tokenOf(server, 'ann');
});

afterAll(async () => {
  await server.stop();
  for (const directory of prepared) rmSync(directory, { recursive: true });
});

afterEach(async () => {
  await server.execute('FLUSHALL');
});

describe('users', () => {
  test('register once, and get tokens of letters and digits', async () => {
    expect(await ask('/register', { login: 'ann', password: 'other' })).toEqual([200, 'Login already exists']);
    expect(await ask('/auth', { login: 'bob', password: 'secret' })).toEqual([200, 'Login not found']);
    expect(await ask('/auth', { login: 'ann', password: 'other' })).toEqual([200, 'Password mismatch']);
    const [status, other] = await ask('/auth', { login: 'ann', password: 'secret' });
    expect(status).toBe(200);
    expect(other).toMatch(/^[A-Za-z0-9]{24}$/);
    expect(other).not.toBe(token);
    await call('SET', { key: 'k', value: 'v' });
    expect(await ask('/GET', { key: 'k', token: other })).toEqual([200, 'v']);
  });

  test('of one name that register at the same time are one', async () => {
    const answers = await Promise.all([1, 2, 3].map((n) => ask('/register', { login: 'cy', password: `p${n}` })));
    expect(answers.map(([, answer]) => answer).sort()).toEqual(['Login already exists', 'Login already exists', 'OK']);
  });

  test('may have any name and password', async () => {
    const strange = { login: '__proto__ 😀\n', password: '' };
    expect(await ask('/register', strange)).toEqual([200, 'OK']);
    expect((await ask('/auth', strange))[1]).toMatch(/^[A-Za-z0-9]{24}$/);
    expect(await ask('/auth', { login: 'constructor', password: '' })).toEqual([200, 'Login not found']);
  });
});

describe('a token', () => {
  test('is needed for every command', async () => {
    for (const [command, body] of Object.entries(BODIES)) {
      expect(await ask(`/${command}`, { ...body, token: 'nobody' })).toEqual([200, 'Unauthorized']);
    }
  });

  test('may come as Bearer', async () => {
    const bearer = (text: string) => ({ authorization: `Bearer ${text}` });
    expect(await ask('/SET', { key: 'k', value: 'v' }, bearer(token))).toEqual([200, 'OK']);
    expect(await ask('/GET', { key: 'k' }, bearer(token))).toEqual([200, 'v']);
    expect(await ask('/GET', { key: 'k' }, bearer('nobody'))).toEqual([200, 'Unauthorized']);
    expect((await ask('/GET', {}, bearer(token)))[0]).toBe(422);
  });

  test('is good for http-cache-token-ttl seconds', async () => {
    const short = await start({ dir: withUsers('ann'), save: '', http: { port: 0, cacheTokenTtl: 60 } });
    const key = await tokenOf(short, 'ann');
    expect(await ask('/GET', { key: 'k', token: key }, {}, short)).toEqual([200, null]);
    await short.clock.advance(60_000);
    expect(await ask('/GET', { key: 'k', token: key }, {}, short)).toEqual([200, 'Unauthorized']);
    await short.stop();
  });
});

/** One that each command takes. */
const BODIES: Readonly<Record<string, object>> = {
  SET: { key: 'k', value: 'v' },
  GET: { key: 'k' },
  TTL: { key: 'k' },
  HSET: { key: 'k', fields: [{ key: 'f', value: 'v' }] },
  HGET: { key: 'k', field: 'f' },
  RPUSH: { key: 'k', elements: ['a'] },
  LPUSH: { key: 'k', elements: ['a'] },
  LSET: { key: 'k', index: 0, element: 'a' },
  LGET: { key: 'k', index: 0 },
  KEYS: { pattern: '' },
  DEL: { keys: ['k'] },
  SAVE: {},
};

describe('texts', () => {
  test('are set, read and expire', async () => {
    server.clock.freeze();
    expect(await call('SET', { key: 'k', value: 'v', ttl: 10 })).toBe('OK');
    expect(await call('TTL', { key: 'k' })).toBe(10);
    await server.clock.advance(5000);
    expect(await call('TTL', { key: 'k' })).toBe(5);
    await server.clock.advance(6000);
    server.clock.resume();
    expect(await call('TTL', { key: 'k' })).toBe(-2);
    expect(await call('GET', { key: 'k' })).toBeNull();
  });

  test('without a time to live answer -2, as those that are not there', async () => {
    await call('SET', { key: 'k', value: '' });
    expect(await call('TTL', { key: 'k' })).toBe(-2);
    expect(await call('TTL', { key: 'none' })).toBe(-2);
    expect(await call('GET', { key: 'k' })).toBe('');
  });

  test('that are set again without a time stay', async () => {
    await call('SET', { key: 'k', value: 'old', ttl: 1 });
    await call('SET', { key: 'k', value: 'new' });
    await server.clock.advance(5000);
    expect(await call('GET', { key: 'k' })).toBe('new');
  });

  test.each([0, -1, '-5', 1e30, 2 ** 62])('a time to live of %j is an error', async (ttl) => {
    expect(await call('SET', { key: 'k', value: 'v', ttl })).toBe('ERR invalid expire time in set');
    expect(await call('GET', { key: 'k' })).toBeNull();
  });

  test('replace whatever there is', async () => {
    await call('RPUSH', { key: 'k', elements: ['a'] });
    expect(await call('SET', { key: 'k', value: 'v' })).toBe('OK');
    expect(await call('GET', { key: 'k' })).toBe('v');
  });

  test('are what was sent, numbers and truth as Python writes them', async () => {
    await call('SET', { key: 5, value: true });
    expect(await call('GET', { key: '5' })).toBe('True');
  });
});

test('hashes count new fields, empty values too', async () => {
  const fields = [
    { key: 'a', value: '1' },
    { key: 'b', value: '' },
  ];
  expect(await call('HSET', { key: 'h', fields })).toBe(2);
  expect(await call('HSET', { key: 'h', fields: [...fields, { key: 'c', value: 'x' }] })).toBe(1);
  expect(await call('HSET', { key: 'h', fields: [] })).toBe(0);
  expect(await call('HGET', { key: 'h', field: 'b' })).toBe('');
  expect(await call('HGET', { key: 'h', field: 'd' })).toBeNull();
  expect(await call('HGET', { key: 'none', field: 'd' })).toBeNull();
});

describe('lists', () => {
  test("are what the README's example says", async () => {
    expect(await call('RPUSH', { key: 'l', elements: ['1', '2', '3', '4', '5'] })).toBe(5);
    expect(await call('LPUSH', { key: 'l', elements: [-5, -4, -3, -2, -1, 1] })).toBe(11);
    const list = await server.execute('LRANGE', 'l', 0, -1);
    expect(list).toEqual(['1', '-1', '-2', '-3', '-4', '-5', '1', '2', '3', '4', '5']);
    expect(await call('LSET', { key: 'l', index: 5, element: 0 })).toBe('OK');
    expect(await call('LGET', { key: 'l', index: 5 })).toBe('0');
    expect(await call('LGET', { key: 'l', index: -1 })).toBe('5');
  });

  test("take LPUSH in Redis's order, new ones too", async () => {
    expect(await call('LPUSH', { key: 'l', elements: ['1', '2', '3'] })).toBe(3);
    expect(await server.execute('LRANGE', 'l', 0, -1)).toEqual(['3', '2', '1']);
  });

  test('tell what is not there', async () => {
    expect(await call('LSET', { key: 'l', index: 0, element: 'a' })).toBe('ERR no such key');
    expect(await call('LSET', { key: 'l', index: 1e30, element: 'a' })).toBe('ERR no such key');
    expect(await call('LGET', { key: 'l', index: 0 })).toBeNull();
    await call('RPUSH', { key: 'l', elements: ['a'] });
    expect(await call('LSET', { key: 'l', index: 1, element: 'a' })).toBe('ERR index out of range');
    expect(await call('LSET', { key: 'l', index: '-99999999999999999999', element: 'a' })).toBe(
      'ERR index out of range',
    );
    expect(await call('LGET', { key: 'l', index: 1 })).toBeNull();
    expect(await call('LGET', { key: 'l', index: 1e30 })).toBeNull();
    expect(await call('RPUSH', { key: 'l', elements: [] })).toBe(1);
    expect(await call('LPUSH', { key: 'none', elements: [] })).toBe(0);
  });

  test('are new after they were deleted', async () => {
    await call('RPUSH', { key: 'l', elements: ['a'] });
    expect(await call('DEL', { keys: ['l', 'none'] })).toBe(1);
    expect(await call('RPUSH', { key: 'l', elements: ['b'] })).toBe(1);
  });
});

test('another type is told', async () => {
  await call('SET', { key: 's', value: 'v' });
  await call('RPUSH', { key: 'l', elements: ['a'] });
  for (const command of ['HSET', 'HGET', 'RPUSH', 'LPUSH', 'LSET', 'LGET']) {
    expect(await call(command, { ...BODIES[command], key: 's' })).toBe(WRONG_TYPE);
  }
  expect(await call('GET', { key: 'l' })).toBe(WRONG_TYPE);
  for (const [command, body] of [
    ['HSET', { fields: [] }],
    ['RPUSH', { elements: [] }],
    ['LSET', { index: 1e30, element: 'a' }],
    ['LGET', { index: 1e30 }],
  ] as const) {
    expect(await call(command, { key: 's', ...body })).toBe(WRONG_TYPE);
  }
});

describe('KEYS and DEL', () => {
  test('find by a regular expression, in the order keys came', async () => {
    for (const key of ['b1', 'x', 'a1', '9', 'ключ']) await call('SET', { key, value: '' });
    await call('RPUSH', { key: 'list', elements: ['a'] });
    expect(await call('KEYS', { pattern: '' })).toEqual(['b1', 'x', 'a1', '9', 'ключ', 'list']);
    expect(await call('KEYS', { pattern: '[a-zA-Z_][a-zA-Z0-9_]' })).toEqual(['b1', 'a1', 'list']);
    expect(await call('KEYS', { pattern: '^\\w$' })).toEqual(['x', '9']);
    expect(await call('KEYS', { pattern: 'none' })).toEqual([]);
    expect(await call('KEYS', { pattern: '(' })).toBe('ERR invalid pattern: missing ), unterminated subpattern');
    expect(await call('DEL', { keys: ['b1', 'b1', 'x'] })).toBe(2);
    expect(await call('DEL', { keys: [] })).toBe(0);
  });

  test('go over many keys while others are served', async () => {
    const pairs = Array.from({ length: 20_000 }, (_, i) => [`key:${i}`, '']).flat();
    await server.execute('MSET', ...pairs);
    const keys = call('KEYS', { pattern: '(k+e*)*y:1?1*1$' });
    expect(await call('GET', { key: 'key:1' })).toBe('');
    expect(await keys).toEqual(['key:1', 'key:11', 'key:111', 'key:1111', 'key:11111']);
  });

  test('a pattern that would take others for ever takes no longer here', async () => {
    await call('SET', { key: 'a'.repeat(10_000), value: '' });
    expect(await call('KEYS', { pattern: '^(a+)+(a|aa)+$|(.*)*b' })).toHaveLength(1);
    expect(await call('KEYS', { pattern: '^(a+)+b' })).toEqual([]);
  });
});

describe('bodies', () => {
  test.each([
    [{}, [['key', 'field required', 'value_error.missing']]],
    [{ key: null }, [['key', 'none is not an allowed value', 'type_error.none.not_allowed']]],
    [{ key: [] }, [['key', 'str type expected', 'type_error.str']]],
  ])('%j is told what it lacks', async (body, mistakes) => {
    const detail = mistakes.map(([name, msg, type]) => ({ loc: ['body', name], msg, type }));
    expect(await ask('/GET', { token, ...body })).toEqual([422, { detail }]);
  });

  test('mistakes come in the order of the fields', async () => {
    const [status, body] = await ask('/LSET', '{"index":"x","element":{}}');
    expect(status).toBe(422);
    const { detail } = body as { detail: { loc: unknown[]; type: string }[] };
    expect(detail.map(({ loc, type }) => [loc[1], type])).toEqual([
      ['key', 'value_error.missing'],
      ['index', 'type_error.integer'],
      ['element', 'type_error.str'],
      ['token', 'value_error.missing'],
    ]);
  });

  test('that are no JSON, or no list where one is to be, are told', async () => {
    const [status, body] = await ask('/GET', '{"key":');
    expect([status, (body as { detail: { type: string }[] }).detail[0].type]).toEqual([422, 'value_error.jsondecode']);
    const [, lists] = await ask('/RPUSH', { key: 'k', elements: 'a', token });
    expect(lists).toEqual({
      detail: [{ loc: ['body', 'elements'], msg: 'value is not a valid list', type: 'type_error.list' }],
    });
  });

  test('of another type are none', async () => {
    const dict = { detail: [{ loc: ['body'], msg: 'value is not a valid dict', type: 'type_error.dict' }] };
    expect(await ask('/GET', { key: 'k', token }, { 'content-type': 'text/plain' })).toEqual([422, dict]);
  });
});

test('unknown paths and other methods are told', async () => {
  expect(await ask('/get', { key: 'k', token })).toEqual([404, { detail: 'Not Found' }]);
  const response = await fetch(`${server.httpUrl}/cache/GET`);
  expect([response.status, await response.json()]).toEqual([405, { detail: 'Method Not Allowed' }]);
  expect(response.headers.get('allow')).toContain('POST');
});

test('a path with a slash too much is elsewhere', async () => {
  const response = await fetch(`${server.httpUrl}/cache/GET/?encoding=base64`, { redirect: 'manual' });
  expect([response.status, response.headers.get('location')]).toEqual([307, '/cache/GET?encoding=base64']);
  const followed = await fetch(`${server.httpUrl}/cache/SET/`, {
    method: 'POST',
    body: JSON.stringify({ key: 'k', value: 'v', token }),
    headers: { 'content-type': 'application/json' },
  });
  expect([followed.status, await followed.json()]).toEqual([200, 'OK']);
  expect(await ask('/NONE/', { token })).toEqual([404, { detail: 'Not Found' }]);
});

test('with encoding=base64 any bytes survive', async () => {
  const text = (bytes: number[]): string => Buffer.from(bytes).toString('base64');
  const [key, value] = [text([255, 0, 1]), text([0, 128, 13, 10])];
  const base64 = async (command: string, body: object): Promise<unknown> =>
    (await ask(`/${command}?encoding=base64`, { token, ...body }))[1];
  expect(await base64('SET', { key, value })).toBe('OK');
  expect(await server.executeBuffer('GET', Buffer.from([255, 0, 1]))).toEqual(Buffer.from([0, 128, 13, 10]));
  expect(await base64('GET', { key })).toBe(value);
  expect(await base64('KEYS', { pattern: '' })).toEqual([key]);
  expect(await base64('HSET', { key: text([1]), fields: [{ key: value, value: key }] })).toBe(1);
  expect(await base64('HGET', { key: text([1]), field: value })).toBe(key);
  expect(await base64('DEL', { keys: [key] })).toBe(1);
  expect((await ask('/GET?encoding=base64', { token, key: '?' }))[0]).toBe(400);
});

describe('on request', () => {
  test('errors have statuses', async () => {
    const strict = await start({ dir: withUsers('ann'), save: '', http: { port: 0, cacheStrictStatus: true } });
    const key = await tokenOf(strict, 'ann');
    const status = async (path: string, body: object): Promise<Answer> =>
      ask(path, { token: key, ...body }, {}, strict);
    expect(await status('/register', { login: 'ann', password: 'x' })).toEqual([409, 'Login already exists']);
    expect(await status('/auth', { login: 'bob', password: 'x' })).toEqual([404, 'Login not found']);
    expect(await status('/auth', { login: 'ann', password: 'x' })).toEqual([401, 'Password mismatch']);
    expect(await status('/GET', { key: 'k', token: 'x' })).toEqual([401, 'Unauthorized']);
    expect(await status('/GET', { key: 'k' })).toEqual([200, null]);
    expect(await status('/SET', { key: 'k', value: 'v', ttl: 0 })).toEqual([400, 'ERR invalid expire time in set']);
    expect(await status('/LSET', { key: 'l', index: 0, element: 'v' })).toEqual([404, 'ERR no such key']);
    await status('/RPUSH', { key: 'l', elements: ['v'] });
    expect(await status('/LSET', { key: 'l', index: 1, element: 'v' })).toEqual([400, 'ERR index out of range']);
    expect(await status('/GET', { key: 'l' })).toEqual([409, WRONG_TYPE]);
    await strict.stop();
  });

  test('each login has keys of its own', async () => {
    const names = ['a*', 'a:b', 'a'];
    const own = await start({ dir: withUsers(...names), save: '', http: { port: 0, cacheIsolation: true } });
    const tokens = [await tokenOf(own, names[0]), await tokenOf(own, names[1]), await tokenOf(own, names[2])];
    const as = async (user: number, command: string, body: object): Promise<unknown> =>
      (await ask(`/${command}`, { token: tokens[user], ...body }, {}, own))[1];
    for (const user of [0, 1, 2]) await as(user, 'SET', { key: 'b:k', value: String(user) });
    await as(2, 'RPUSH', { key: 'l', elements: ['x'] });
    for (const user of [0, 1, 2]) expect(await as(user, 'GET', { key: 'b:k' })).toBe(String(user));
    expect(await as(0, 'KEYS', { pattern: '' })).toEqual(['b:k']);
    expect(await as(1, 'KEYS', { pattern: '^b' })).toEqual(['b:k']);
    expect(await as(2, 'KEYS', { pattern: '' })).toEqual(['b:k', 'l']);
    expect(await as(0, 'DEL', { keys: ['b:k', 'l'] })).toBe(1);
    expect(await as(1, 'GET', { key: 'b:k' })).toBe('1');
    await own.stop();
  });
});

describe('where the server asks for a password', () => {
  test('only who has it registers, and tokens are enough from there', async () => {
    const guarded = await start({ requirepass: 'pass' });
    const user = { login: 'ann', password: 'secret' };
    expect(await ask('/register', user, {}, guarded)).toEqual([
      401,
      { detail: 'Registering needs the password or a token of the server' },
    ]);
    expect((await ask('/register', user, { authorization: 'Bearer wrong' }, guarded))[0]).toBe(401);
    const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });
    expect((await ask('/register', user, basic('default:wrong'), guarded))[0]).toBe(401);
    expect(await ask('/register', user, basic('default:pass'), guarded)).toEqual([200, 'OK']);
    const other = { login: 'bob', password: 'secret' };
    expect(await ask('/register', other, { authorization: 'Bearer pass' }, guarded)).toEqual([200, 'OK']);
    const key = (await ask('/auth', user, {}, guarded))[1];
    expect(await ask('/SET', { key: 'k', value: 'v', token: key }, {}, guarded)).toEqual([200, 'OK']);
    expect(await ask('/GET', { key: 'k', token: 'pass' }, {}, guarded)).toEqual([200, 'Unauthorized']);
    await guarded.stop();
  });

  test('a token that may not do everything registers nobody', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'redstart-cache-'));
    const tokensFile = join(directory, 'tokens.json');
    const limited = [{ readOnly: true }, { prefix: 'p' }, { scopes: ['read:*'] }, { database: 1 }];
    const tokens = [{}, ...limited].map((limits, i) => ({ token: `token${i}`, ...limits }));
    writeFileSync(tokensFile, JSON.stringify(tokens));
    const guarded = await start({ http: { port: 0, tokensFile } });
    const register = async (name: string): Promise<number> =>
      (await ask('/register', { login: name, password: 'x' }, { authorization: `Bearer ${name}` }, guarded))[0];
    const statuses: number[] = [];
    for (const { token: name } of tokens) statuses.push(await register(name));
    expect(statuses).toEqual([200, 401, 401, 403, 401]);
    await guarded.stop();
    rmSync(directory, { recursive: true });
  });
});

describe('files', () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'redstart-cache-'));
  });

  afterEach(() => rmSync(directory, { recursive: true }));

  test('users and what was saved survive a restart, with its times; tokens do not', async () => {
    const first = await start({ dir: directory, save: '' });
    const key = await login(first);
    await ask('/SET', { key: 'k', value: 'v', ttl: 100, token: key }, {}, first);
    await ask('/RPUSH', { key: 'l', elements: ['a'], token: key }, {}, first);
    expect(await ask('/SAVE', { token: key }, {}, first)).toEqual([200, 'OK']);
    expect(readdirSync(directory).sort()).toEqual(['cache-users.json', 'dump.rdb']);
    await first.stop();
    // What one that was killed had begun to write.
    writeFileSync(join(directory, `.redstart-${spawnSync('true').pid}-1.tmp`), '{');

    const second = await start({ dir: directory, save: '' });
    expect(readdirSync(directory).sort()).toEqual(['cache-users.json', 'dump.rdb']);
    expect(await ask('/GET', { key: 'k', token: key }, {}, second)).toEqual([200, 'Unauthorized']);
    expect(await ask('/register', { login: 'ann', password: 'x' }, {}, second)).toEqual([200, 'Login already exists']);
    const [, again] = await ask('/auth', { login: 'ann', password: 'secret' }, {}, second);
    expect(await ask('/GET', { key: 'k', token: again }, {}, second)).toEqual([200, 'v']);
    expect((await ask('/TTL', { key: 'k', token: again }, {}, second))[1]).toBeGreaterThan(90);
    expect(await ask('/RPUSH', { key: 'l', elements: ['b'], token: again }, {}, second)).toEqual([200, 2]);
    expect((await ask('/KEYS', { pattern: '', token: again }, {}, second))[1]).toHaveLength(2);
    await second.stop();
  });

  test('only their owner reads users, whose passwords are hashes', async () => {
    hashAsUsual();
    const first = await start({ dir: directory });
    await Promise.all([register(first, 'ann'), register(first, 'bob')]);
    await first.stop();
    const path = join(directory, 'cache-users.json');
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600);
    const text = readFileSync(path, 'utf8');
    expect(
      JSON.parse(text)
        .users.map((user: { login: string }) => user.login)
        .sort(),
    ).toEqual(['ann', 'bob']);
    expect(text).not.toContain('secret');
    expect(text).toMatch(/"scrypt\$16384\$8\$5\$/);
    expect(readdirSync(directory).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('a file of users that is none keeps the server from starting', async () => {
    const path = join(directory, 'cache-users.json');
    for (const text of ['no json', '{}', '{"version":1,"users":[{"login":"a","password":"plain"}]}']) {
      writeFileSync(path, text);
      await expect(start({ dir: directory })).rejects.toThrow(`${path} is no file of users`);
      expect(readFileSync(path, 'utf8')).toBe(text);
    }
  });

  test('a registration that can not be saved is none', async () => {
    const homeless = await start({ dir: directory, save: '' });
    rmSync(directory, { recursive: true });
    const user = { login: 'ann', password: 'x' };
    expect(await ask('/register', user, {}, homeless)).toEqual([503, { detail: 'the users can not be saved' }]);
    mkdirSync(directory);
    expect(await ask('/register', user, {}, homeless)).toEqual([200, 'OK']);
    await homeless.stop();
  });

  test('a server of a program that gave it no directory writes none', async () => {
    const before = readdirSync('.');
    const memory = await start();
    await register(memory, 'ann');
    await memory.stop();
    expect(readdirSync('.')).toEqual(before);
  });
});

test('whatever is asked is answered, and with no 500', async () => {
  const name = fc.constantFrom(
    'key',
    'value',
    'ttl',
    'fields',
    'field',
    'elements',
    'element',
    'index',
    'pattern',
    'keys',
  );
  const value = fc.oneof(fc.jsonValue(), fc.string(), fc.integer(), fc.array(fc.string()), fc.constantFrom('a', 'k'));
  const path = fc.constantFrom(...Object.keys(BODIES), 'x', '');
  const body = fc.oneof(
    fc.dictionary(name, value, { maxKeys: 6 }).map((each) => JSON.stringify({ ...each, token })),
    fc.string(),
  );
  await fc.assert(
    fc.asyncProperty(path, body, fc.boolean(), async (command, text, encoded) => {
      const [status] = await ask(`/${command}${encoded ? '?encoding=base64' : ''}`, text);
      expect(status, text).toBeLessThan(500);
    }),
    { numRuns: 150 },
  );
});
