import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { grantedScopes } from '../../src/http/apis/lark/oauth/scopes.js';
import { OAuthStore } from '../../src/http/apis/lark/oauth/store.js';
import { RedisServer } from '../../src/server/redis-server.js';
import { cheapPassword, useCheapPasswords } from './cheap-password.js';

let server: RedisServer;
let directory: string;
let base: string;

async function start(): Promise<void> {
  server = await RedisServer.start({ port: 0, dir: directory, save: '', http: { port: 0, tokensFile: 'tokens.json' } });
  base = `${server.httpUrl}/api/0`;
}

/** Users that are there from the start, for tests that make none. */
const ANN = { username: 'ann', scopes: ['read:*', 'list:*'] };
const MAIL = { username: 'mail', scopes: ['email', 'read:*'] };

useCheapPasswords();

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'redstart-'));
  const tokens = [
    { token: 'boss', name: 'boss', scopes: ['admin'] },
    { token: 'reader', name: 'reader', scopes: ['read:*'] },
  ];
  await writeFile(join(directory, 'tokens.json'), JSON.stringify(tokens));
  const password = cheapPassword('correct');
  const known = [ANN, MAIL].map((user) => ({ prefix: '', database: null, readOnly: false, ...user, password }));
  await writeFile(
    join(directory, 'lark-oauth.json'),
    JSON.stringify({ version: 1, users: known, clients: [], tokens: [] }),
  );
  await start();
});

afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true });
});

interface Answer {
  readonly status: number;
  readonly data: never;
  readonly error: string | undefined;
}

async function ask(token: string, verb: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(base + path, {
    method: verb,
    headers: token === '' ? {} : { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const { meta, data } = (await response.json()) as { meta: { error_message?: string }; data: never };
  return { status: response.status, data, error: meta.error_message };
}

interface Client {
  readonly client_id: string;
  readonly client_secret: string;
}

async function newClient(more: Record<string, unknown> = {}): Promise<Client> {
  const { data, status } = await ask('boss', 'POST', '/clients', { name: 'app', scopes: ['read:*', 'key:*'], ...more });
  expect(status).toBe(200);
  return data;
}

let users = 0;

async function newUser(): Promise<string> {
  const username = `user${++users}`;
  const body = { username, password: 'correct', scopes: ['read:*', 'list:*'] };
  expect((await ask('boss', 'POST', '/users', body)).status).toBe(200);
  return username;
}

interface Token {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly token_type: string;
  readonly expires_in: number;
  readonly scope: string;
  readonly error: string;
}

async function grant({ client_id, client_secret }: Client, form: Record<string, string>): Promise<[number, Token]> {
  const response = await fetch(`${base}/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${client_id}:${client_secret}`)}` },
    body: new URLSearchParams(form),
  });
  expect(response.headers.get('cache-control')).toBe('no-store');
  return [response.status, (await response.json()) as Token];
}

describe('client_credentials', () => {
  test('give a token with the scopes that were asked for, which holds for lark', async () => {
    const client = await newClient();
    const [status, token] = await grant(client, { grant_type: 'client_credentials', scope: 'read:get' });
    expect(status).toBe(200);
    expect(Math.abs(token.expires_in - 3600)).toBeLessThan(100);
    expect(token).toMatchObject({ token_type: 'Bearer', scope: 'read:get' });
    expect((await ask(token.access_token, 'GET', '/GET/a/')).status).toBe(200);
    expect((await ask(token.access_token, 'GET', '/LLEN/a/')).status).toBe(403);
    expect((await ask(token.access_token, 'GET', '/clients')).status).toBe(403);
  });

  test('give all scopes of the client where none are asked for, and none that it has not', async () => {
    const client = await newClient();
    const [, all] = await grant(client, { grant_type: 'client_credentials' });
    expect(all.scope).toBe('read:* key:*');
    expect(await grant(client, { grant_type: 'client_credentials', scope: 'admin' })).toMatchObject([
      400,
      { error: 'invalid_scope' },
    ]);
  });

  test('one token at a time', async () => {
    const client = await newClient();
    const [, first] = await grant(client, { grant_type: 'client_credentials' });
    const [, second] = await grant(client, { grant_type: 'client_credentials' });
    expect((await ask(first.access_token, 'GET', '/GET/a/')).status).toBe(401);
    expect((await ask(second.access_token, 'GET', '/GET/a/')).status).toBe(200);
  });

  test('the client may give its secret in the form', async () => {
    const { client_id, client_secret } = await newClient();
    const body = new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret });
    expect((await fetch(`${base}/oauth/token`, { method: 'POST', body })).status).toBe(200);
    expect((await fetch(`${base}/OAUTH/TOKEN/`, { method: 'POST', body })).status).toBe(200);
  });

  test('a prefix and a database hold for its tokens', async () => {
    const client = await newClient({ scopes: ['admin'], prefix: 'acme', database: 2 });
    const [, { access_token }] = await grant(client, { grant_type: 'client_credentials' });
    expect((await ask(access_token, 'POST', '/SET/a/', { value: 'x' })).data).toBe(true);
    expect((await ask(access_token, 'GET', '/KEYS/')).data).toEqual(['a']);
    expect((await ask(access_token, 'GET', '/DB/0/KEYS/')).status).toBe(403);
    expect((await ask('boss', 'GET', '/DB/2/KEYS/')).data).toEqual(['acme:a']);
  });
});

describe('password and refresh_token', () => {
  test('a user gets what client and user both may', async () => {
    const client = await newClient();
    const { username } = ANN;
    const [status, token] = await grant(client, { grant_type: 'password', username, password: 'correct' });
    expect([status, token.scope]).toEqual([200, 'read:*']);
    expect((await ask(token.access_token, 'POST', '/LPUSH/l/', { values: ['x'] })).status).toBe(403);
    const [again, refreshed] = await grant(client, { grant_type: 'refresh_token', refresh_token: token.refresh_token });
    expect(again).toBe(200);
    expect(refreshed.scope).toBe('read:*');
    expect((await ask(token.access_token, 'GET', '/GET/a/')).status).toBe(401);
    expect((await ask(refreshed.access_token, 'GET', '/GET/a/')).status).toBe(200);
    expect(await grant(client, { grant_type: 'refresh_token', refresh_token: token.refresh_token })).toMatchObject([
      400,
      { error: 'invalid_grant' },
    ]);
    const other = await newClient();
    expect((await grant(other, { grant_type: 'refresh_token', refresh_token: refreshed.refresh_token }))[0]).toBe(400);
  });

  test('a wrong password, user, secret or client is refused', async () => {
    const client = await newClient();
    const { username } = ANN;
    const wrong = { grant_type: 'password', username, password: 'wrong' };
    expect(await grant(client, wrong)).toMatchObject([400, { error: 'invalid_grant' }]);
    expect(await grant(client, { ...wrong, username: 'nobody' })).toMatchObject([400, { error: 'invalid_grant' }]);
    const right = { ...wrong, password: 'correct' };
    expect(await grant({ ...client, client_secret: 'x' }, right)).toMatchObject([401, { error: 'invalid_client' }]);
    expect(await grant({ ...client, client_id: 'x' }, right)).toMatchObject([401, { error: 'invalid_client' }]);
  });

  test('a client has the grants that it was given', async () => {
    const client = await newClient({ grants: ['client_credentials'] });
    expect(await grant(client, { grant_type: 'password', username: 'a', password: 'b' })).toMatchObject([
      400,
      { error: 'unauthorized_client' },
    ]);
    expect(await grant(client, { grant_type: 'other' })).toMatchObject([400, { error: 'unsupported_grant_type' }]);
    expect((await grant(client, {}))[0]).toBe(400);
    const json = await fetch(`${base}/oauth/token`, { method: 'POST', body: '{}' });
    expect([json.status, ((await json.json()) as Token).error]).toEqual([400, 'invalid_request']);
  });
});

describe('authorization_code', () => {
  const VERIFIER = 'v'.repeat(43);
  const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');

  function query(client: Client, more: Record<string, string> = {}): URLSearchParams {
    const { client_id } = client;
    return new URLSearchParams({ response_type: 'code', client_id, redirect_uri: 'http://localhost:8000', ...more });
  }

  /** Fills the page's form in, and gives where it leads. */
  async function allow(client: Client, username: string, more: Record<string, string> = {}): Promise<URL> {
    const form = query(client, { username, password: 'correct', allowed: 'true', ...more });
    const response = await fetch(`${base}/oauth/authorize`, { method: 'POST', body: form, redirect: 'manual' });
    expect(response.status).toBe(302);
    return new URL(response.headers.get('location') as string);
  }

  test('the page names the client, and what it asks for, and nothing gets out of its quotes', async () => {
    const client = await newClient({ name: 'A <b>"app"' });
    const asked = query(client, { scope: 'read:*', state: '"><script>' });
    const response = await fetch(`${base}/oauth/authorize?${asked}`);
    const page = await response.text();
    expect(response.status).toBe(200);
    expect(response.headers.get('x-frame-options')).toBe('DENY');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page).toContain('A &#60;b&#62;&#34;app&#34;');
    expect(page).toContain('read:*');
    expect(page).not.toContain('<script>');
  });

  test('a user who allows it is sent back with a code, which is a token once', async () => {
    const client = await newClient({ scopes: ['email', 'read:*'] });
    const { username } = MAIL;
    const back = await allow(client, username, { scope: 'email', state: 'abc' });
    expect(`${back.origin} ${back.searchParams.get('state')}`).toBe('http://localhost:8000 abc');
    const form = {
      grant_type: 'authorization_code',
      code: back.searchParams.get('code') as string,
      redirect_uri: 'http://localhost:8000',
    };
    expect((await grant(await newClient(), form))[0]).toBe(400);
    const [status, token] = await grant(client, form);
    expect([status, token.scope]).toEqual([200, 'email']);
    expect(token.refresh_token).toBeTypeOf('string');
    expect(await grant(client, form)).toMatchObject([400, { error: 'invalid_grant' }]);
  });

  test('with a challenge, only whoever knows the verifier gets the token, without a secret', async () => {
    const client = await newClient();
    const { username } = ANN;
    const pkce = { code_challenge: CHALLENGE, code_challenge_method: 'S256' };
    const { client_id } = client;
    const exchange = async (code_verifier: string): Promise<number> => {
      const code = (await allow(client, username, pkce)).searchParams.get('code') as string;
      const redirect_uri = 'http://localhost:8000';
      const body = new URLSearchParams({
        grant_type: 'authorization_code',
        code,
        redirect_uri,
        client_id,
        code_verifier,
      });
      return (await fetch(`${base}/oauth/token`, { method: 'POST', body })).status;
    };
    expect(await exchange('w'.repeat(43))).toBe(400);
    expect(await exchange(VERIFIER)).toBe(200);
  });

  test('a wrong password shows the page again, and a user who denies is sent back without a code', async () => {
    const client = await newClient();
    const { username } = ANN;
    const form = query(client, { username, password: 'wrong', allowed: 'true' });
    const again = await fetch(`${base}/oauth/authorize`, { method: 'POST', body: form, redirect: 'manual' });
    expect(again.status).toBe(401);
    expect(await again.text()).not.toContain('wrong');
    const denied = await allow(client, username, { allowed: 'false', state: 'x' });
    expect(denied.searchParams.get('error')).toBe('access_denied');
    const greedy = await allow(client, username, { scope: 'admin', state: 'x' });
    expect(greedy.searchParams.get('error')).toBe('invalid_scope');
  });

  test('nobody is sent to where the client does not wait', async () => {
    const client = await newClient();
    const elsewhere = query(client, { redirect_uri: 'http://evil.example' });
    expect((await fetch(`${base}/oauth/authorize?${elsewhere}`)).status).toBe(400);
    const posted = await fetch(`${base}/oauth/authorize`, { method: 'POST', body: elsewhere, redirect: 'manual' });
    expect(posted.status).toBe(400);
    const unknown = query({ client_id: 'x', client_secret: '' });
    expect((await fetch(`${base}/oauth/authorize?${unknown}`)).status).toBe(400);
  });
});

describe('clients and users', () => {
  test('need the scope admin', async () => {
    for (const path of ['/clients', '/clients/x', '/clients/x/tokens', '/users', '/users/x']) {
      expect((await ask('reader', 'GET', path)).status, path).toBe(403);
      expect((await ask('', 'GET', path)).status, path).toBe(401);
    }
  });

  test('are made, shown without secrets, changed and removed', async () => {
    const { client_id, client_secret } = await newClient({ description: 'an app' });
    const shown = (await ask('boss', 'GET', `/clients/${client_id}`)).data;
    expect(shown).toEqual({
      client_id,
      name: 'app',
      description: 'an app',
      redirect_uris: ['http://localhost:8000'],
      grants: ['authorization_code', 'client_credentials', 'password', 'refresh_token'],
      scopes: ['read:*', 'key:*'],
      prefix: '',
      database: null,
      readOnly: false,
    });
    const [, token] = await grant({ client_id, client_secret }, { grant_type: 'client_credentials' });
    expect((await ask('boss', 'POST', `/clients/${client_id}`, { scopes: ['read:get'] })).data).toMatchObject({
      scopes: ['read:get'],
      name: 'app',
    });
    expect((await ask(token.access_token, 'GET', '/GET/a/')).status).toBe(401);
    expect((await ask('boss', 'DELETE', `/clients/${client_id}`)).data).toBe(true);
    expect((await ask('boss', 'GET', `/clients/${client_id}`)).status).toBe(404);

    const username = await newUser();
    expect((await ask('boss', 'GET', `/users/${username}`)).data).toEqual({
      username,
      scopes: ['read:*', 'list:*'],
      prefix: '',
      database: null,
      readOnly: false,
    });
    const client = await newClient();
    const password = { grant_type: 'password', username, password: 'correct' };
    const [, held] = await grant(client, password);
    expect((await ask('boss', 'POST', `/users/${username}`, { password: 'new' })).status).toBe(200);
    expect((await ask(held.access_token, 'GET', '/GET/a/')).status).toBe(401);
    expect((await grant(client, password))[0]).toBe(400);
    expect((await grant(client, { ...password, password: 'new' }))[0]).toBe(200);
    expect((await ask('boss', 'DELETE', `/users/${username}`)).data).toBe(true);
    expect((await ask('boss', 'GET', `/users/${username}`)).status).toBe(404);
  });

  test('an administrator makes tokens', async () => {
    const client = await newClient();
    const path = `/clients/${client.client_id}/tokens`;
    const { data } = await ask('boss', 'POST', path, { scopes: ['read:get'], expires_in: 1000 });
    expect(data).toMatchObject({ token_type: 'Bearer', scopes: ['read:get'], username: null });
    expect((await ask((data as Token).access_token, 'GET', '/GET/a/')).status).toBe(200);
    const listed = (await ask('boss', 'GET', path)).data as unknown[];
    expect(listed).toHaveLength(1);
    expect(JSON.stringify(listed)).not.toContain((data as Token).access_token);
  });

  test.each([
    ['/clients', {}, "{'name': u'Required'}"],
    ['/clients', { name: 'x', grants: ['implicit'] }, undefined],
    ['/clients', { name: 'x', redirect_uris: ['javascript:alert(1)'] }, undefined],
    ['/clients', { name: 'x', redirect_uris: ['/relative'] }, undefined],
    ['/clients', { name: 'x', scopes: 'read:*' }, "{'scopes': u'is not a list of strings'}"],
    ['/clients', { name: 'x', scopes: ['a b'] }, undefined],
    ['/clients', { name: 'x', database: -1 }, "{'database': u'is not a number of a database'}"],
    ['/clients', { name: 'x', readOnly: 1 }, "{'readOnly': u'is not true or false'}"],
    ['/clients', [], 'the body must be a JSON object'],
    ['/users', { username: 'x' }, "{'password': u'Required'}"],
  ])('what is wrong is told: %s %j', async (path, body, message) => {
    const { status, error } = await ask('boss', 'POST', path, body);
    expect(status).toBe(400);
    if (message !== undefined) expect(error).toBe(message);
  });

  test('a name is taken once', async () => {
    const { username } = ANN;
    const body = { username, password: 'x' };
    expect((await ask('boss', 'POST', '/users', body)).error).toBe("{'username': u'is taken'}");
    const both = await Promise.all(
      [1, 2].map(() => ask('boss', 'POST', '/users', { username: 'twin', password: 'x' })),
    );
    expect(both.map(({ status }) => status).sort()).toEqual([200, 400]);
  });
});

test('a token with scopes is not let in where routes do not speak of scopes', async () => {
  const body = JSON.stringify(['FLUSHALL']);
  const ask = (token: string) =>
    fetch(`${server.httpUrl}/`, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body });
  expect((await ask('reader')).status).toBe(403);
  expect((await ask('boss')).status).toBe(200);
});

test('all is there after a restart, in a file that holds no secret and that others may not read', async () => {
  const client = await newClient();
  const username = await newUser();
  const [, token] = await grant(client, { grant_type: 'password', username, password: 'correct' });
  await server.stop();
  await start();
  expect((await ask(token.access_token, 'GET', '/GET/a/')).status).toBe(200);
  expect((await grant(client, { grant_type: 'refresh_token', refresh_token: token.refresh_token }))[0]).toBe(200);
  const path = join(directory, 'lark-oauth.json');
  const text = await readFile(path, 'utf8');
  for (const secret of [client.client_secret, token.access_token, token.refresh_token, 'correct']) {
    expect(text).not.toContain(secret);
  }
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test('tokens end with their time', async () => {
  let now = 1_000_000;
  const store = new OAuthStore(
    () => join(directory, 'clock.json'),
    () => now,
  );
  const allowance = { scopes: ['read:*'], prefix: '', database: null, readOnly: false };
  store.clients.set('c', {
    ...allowance,
    id: 'c',
    secretHash: '',
    name: 'c',
    description: '',
    redirectUris: [],
    grants: [],
  });
  const hash = createHash('sha256').update('token').digest('base64url');
  store.addToken({
    id: '1',
    hash,
    refreshHash: null,
    clientId: 'c',
    username: null,
    scopes: ['read:*'],
    expiresAtMs: now + 1000,
    refreshExpiresAtMs: null,
  });
  expect(store.accessOf('token')?.scopes).toEqual(new Set(['read:*']));
  now += 1000;
  expect(store.accessOf('token')).toBeUndefined();
  await store.save();
  expect(JSON.parse(await readFile(join(directory, 'clock.json'), 'utf8')).tokens).toEqual([]);
});

test('a file that is none is said at the start', async () => {
  await writeFile(join(directory, 'bad.json'), '{"version":1,"users":[{}],"clients":[],"tokens":[]}');
  expect(() => new OAuthStore(() => join(directory, 'bad.json'))).toThrow(/bad.json is no file of OAuth/);
});

test.each([
  [['read:*'], ['read:*', 'list:*'], undefined, ['read:*']],
  [['read:*'], ['read:get', 'read:keys'], undefined, ['read:get', 'read:keys']],
  [['admin'], ['read:get'], undefined, ['read:get']],
  [['admin'], ['read:get'], ['admin'], undefined],
  [['read:*'], undefined, ['read:get', 'read:get'], ['read:get']],
  [['read:get'], undefined, ['read:*'], undefined],
  [[], undefined, undefined, []],
])('scopes of client %j and user %j, asked for %j: %j', (client, user, asked, granted) => {
  const allowance = (scopes: string[]) => ({ scopes, prefix: '', database: null, readOnly: false });
  expect(grantedScopes(allowance(client), user === undefined ? undefined : allowance(user), asked)).toEqual(granted);
});
