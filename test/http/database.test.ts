/** The header X-Redis-Database, of all APIs whose paths name no database. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RedisServer } from '../../src/server/redis-server.js';

const directory = mkdtempSync(join(tmpdir(), 'redstart-database-'));
let server: RedisServer;

beforeAll(async () => {
  const tokensFile = join(directory, 'tokens.json');
  writeFileSync(tokensFile, JSON.stringify([{ token: 'any' }, { token: 'second', database: 2 }]));
  server = await RedisServer.start({ port: 0, http: { port: 0, tokensFile } });
  await server.execute('SET', 'k', 'first');
  const session = server.session();
  await session.execute('SELECT', 2);
  await session.execute('SET', 'k', 'third');
  session.close();
});

afterAll(async () => {
  await server.stop();
  rmSync(directory, { recursive: true });
});

async function ask(path: string, token: string, database?: string): Promise<[status: number, body: unknown]> {
  const header = database === undefined ? {} : { 'X-Redis-Database': database };
  const headers = { Authorization: `Bearer ${token}`, ...header };
  const response = await fetch(server.httpUrl + path, { headers });
  return [response.status, await response.json()];
}

const read = (value: string) => [200, { result: value }];

test.each([
  ['/get/k', read('first'), read('third')],
  ['/kv/get?key=k&json=0', read('first'), read('third')],
  [
    '/api/0/GET/k',
    [200, expect.objectContaining({ data: 'first' })],
    [200, expect.objectContaining({ data: 'third' })],
  ],
])("%s reads from the database that the request names, or from its token's", async (path, first, third) => {
  expect(await ask(path, 'any')).toEqual(first);
  expect(await ask(path, 'any', '0')).toEqual(first);
  expect(await ask(path, 'any', '2')).toEqual(third);
  expect(await ask(path, 'second')).toEqual(third);
  expect(await ask(path, 'second', '2')).toEqual(third);
});

test.each(['/get/k', '/kv/get?key=k', '/api/0/GET/k'])(
  '%s tells of databases that are not there, or not for it',
  async (path) => {
    for (const database of ['16', '-1', 'x', '1e0', '99999999999'])
      expect((await ask(path, 'any', database))[0]).toBe(400);
    expect((await ask(path, 'second', '0'))[0]).toBe(403);
  },
);

test('the texts of Upstash and of queues', async () => {
  expect(await ask('/get/k', 'any', '16')).toEqual([400, { error: 'ERR there is no database "16"' }]);
  expect(await ask('/get/k', 'second', '1')).toEqual([403, { error: 'NOPERM Request is for database 2 only' }]);
  expect(await ask('/kv/get?key=k', 'any', 'x')).toEqual([400, { error: 'there is no database "x"' }]);
});

test('a pipeline runs in it as a whole, and leaves no trace', async () => {
  const headers = { Authorization: 'Bearer any', 'X-Redis-Database': '2' };
  const body = JSON.stringify([['GET', 'k'], ['DBSIZE']]);
  const response = await fetch(`${server.httpUrl}/pipeline`, { method: 'POST', headers, body });
  expect(await response.json()).toEqual([{ result: 'third' }, { result: 1 }]);
  expect(await ask('/get/k', 'any')).toEqual(read('first'));
});
