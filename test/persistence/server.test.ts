/** Snapshots as a server's user meets them: commands, restarts, files that are damaged. */
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { RedisServer, type RedisServerOptions } from '../../src/index.js';

let directory: string;
let path: string;
let log: string[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'redstart-server-'));
  path = join(directory, 'dump.rdb');
  log = [];
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function start(options: RedisServerOptions = {}): Promise<RedisServer> {
  const note = (message: string) => log.push(message);
  const logger = { debug: note, info: note, warn: note, error: note };
  const server = await RedisServer.start({ port: 0, dir: directory, save: '', logger, ...options });
  onTestFinished(() => server.stop().catch(() => {}));
  return server;
}

async function info(server: RedisServer): Promise<Map<string, string>> {
  const text = String(await server.execute('INFO', 'persistence'));
  return new Map([...text.matchAll(/^(\w+):(.*?)\r?$/gm)].map(([, name, value]) => [name!, value!]));
}

async function saved(server: RedisServer): Promise<void> {
  while ((await info(server)).get('rdb_bgsave_in_progress') === '1')
    await new Promise((resolve) => setImmediate(resolve));
}

test('what SAVE wrote is there after a restart, with databases and times to live', async () => {
  const first = await start();
  await first.execute('SET', 'string', 'value');
  await first.execute('SET', 'passing', 'value', 'PXAT', 32_503_680_000_000);
  await first.execute('RPUSH', 'list', 'a', 'b', 3);
  const elsewhere = first.session();
  await elsewhere.execute('SELECT', 3);
  await elsewhere.execute('SET', 'elsewhere', 1);
  expect(String(await first.execute('SAVE'))).toBe('OK');
  expect((await info(first)).get('rdb_changes_since_last_save')).toBe('0');
  await first.stop();
  const second = await start();
  expect(String(await second.execute('GET', 'string'))).toBe('value');
  expect(await second.execute('PEXPIRETIME', 'passing')).toBe(32_503_680_000_000);
  expect((await second.execute('LRANGE', 'list', 0, -1)) as unknown[]).toHaveLength(3);
  const session = second.session();
  await session.execute('SELECT', 3);
  expect(await session.execute('GET', 'elsewhere')).toBe('1');
  expect((await info(second)).get('rdb_last_load_keys_loaded')).toBe('4');
  expect(log.some((line) => line.startsWith('DB loaded from disk'))).toBe(true);
});

test('BGSAVE answers at once, writes, and moves LASTSAVE', async () => {
  const server = await start();
  server.clock.freeze();
  const before = Number(await server.execute('LASTSAVE'));
  await server.execute('SET', 'a', 1);
  await server.clock.advance(5000);
  expect(String(await server.execute('BGSAVE'))).toBe('Background saving started');
  await expect(server.execute('BGSAVE')).rejects.toThrow('Background save already in progress');
  await saved(server);
  expect(Number(await server.execute('LASTSAVE'))).toBe(before + 5);
  expect((await info(server)).get('rdb_last_bgsave_status')).toBe('ok');
  expect(readdirSync(directory)).toEqual(['dump.rdb']);
});

test('stop() saves when there are save points, and SHUTDOWN NOSAVE does not', async () => {
  const first = await start({ save: '900 1' });
  await first.execute('SET', 'a', 1);
  await first.stop();
  const file = readFileSync(path);
  const second = await start({ save: '900 1' });
  expect(String(await second.execute('GET', 'a'))).toBe('1');
  await second.execute('SET', 'a', 2);
  void second.execute('SHUTDOWN', 'NOSAVE').catch(() => {});
  await second.closed;
  expect(readFileSync(path).equals(file)).toBe(true);
});

test('FLUSHALL empties the file when there are save points', async () => {
  const first = await start({ save: '900 1' });
  await first.execute('SET', 'a', 1);
  await first.execute('SAVE');
  await first.execute('FLUSHALL');
  const second = await start();
  expect(await second.execute('DBSIZE')).toBe(0);
});

test('DEBUG RELOAD keeps everything', async () => {
  const server = await start({ 'enable-debug-command': 'yes' });
  await server.execute('SET', 'a', 'x'.repeat(100_000));
  await server.execute('RPUSH', 'list', ...Array.from({ length: 5000 }, (_, index) => `element ${index}`));
  expect(String(await server.execute('DEBUG', 'RELOAD'))).toBe('OK');
  expect(await server.execute('STRLEN', 'a')).toBe(100_000);
  expect(String(await server.execute('LINDEX', 'list', -1))).toBe('element 4999');
});

test('a failing save closes the server for writes until one succeeds', async () => {
  const server = await start({ save: '900 1', 'stop-writes-on-bgsave-error': 'yes' });
  const moved = `${directory}-moved`;
  onTestFinished(() => rmSync(moved, { recursive: true, force: true }));
  await server.execute('SET', 'a', 1);
  renameSync(directory, moved);
  await server.execute('BGSAVE');
  await saved(server);
  expect((await info(server)).get('rdb_last_bgsave_status')).toBe('err');
  await expect(server.execute('SET', 'a', 2)).rejects.toThrow(/^MISCONF/);
  expect(String(await server.execute('GET', 'a'))).toBe('1');
  await expect(server.execute('SAVE')).rejects.toThrow(/^ERR$/);
  await expect(server.execute('SHUTDOWN')).rejects.toThrow('Errors trying to SHUTDOWN');
  renameSync(moved, directory);
  await server.execute('BGSAVE');
  await saved(server);
  expect(String(await server.execute('SET', 'a', 2))).toBe('OK');
});

test('a damaged file is named with place and reason, stays as it is, and nothing listens', async () => {
  const first = await start();
  await first.execute('SET', 'a', 'value');
  await first.execute('SAVE');
  await first.stop();
  const damaged = readFileSync(path).subarray(0, -10);
  writeFileSync(path, damaged);
  await expect(start()).rejects.toMatchObject({
    code: 'UNREADABLE_FILE',
    message: expect.stringMatching(/dump\.rdb cannot be loaded: the file is truncated: .* \(at byte \d+\)/),
  });
  expect(readFileSync(path).equals(damaged)).toBe(true);
  expect(readdirSync(directory)).toEqual(['dump.rdb']);
});
