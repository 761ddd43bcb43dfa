import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { RedisServer, RedisServerError, ReplyError } from '../../../src/index.js';
import { cpuMs } from '../../support/cpu-time.js';
import { encodeCommand, RawClient } from '../../support/raw-client.js';
import { startServer } from '../../support/start-server.js';
import { until } from '../../support/until.js';

function untilBlocked(server: RedisServer): Promise<void> {
  return server.untilBlocked();
}

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'redstart-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

test('starts on a free port, tells where, and is reached under its url', async () => {
  const server = await startServer();
  expect(server.port).toBeGreaterThan(0);
  expect(server.host).toBe('127.0.0.1');
  expect(server.url).toBe(`redis://127.0.0.1:${server.port}`);
  const client = await RawClient.connect({ port: server.port });
  expect(`${await client.call('PING')}`).toBe('+PONG\r\n');
});

test('starts within a few milliseconds', async () => {
  // What the first of a process does once: the check of handles, and compiling.
  await startServer();
  const times: number[] = [];
  for (let i = 0; i < 10; i++) {
    const startMs = cpuMs();
    await startServer();
    times.push(cpuMs() - startMs);
  }
  expect(Math.min(...times)).toBeLessThan(10);
});

test('the url holds the password', async () => {
  const server = await startServer({ requirepass: 'a b/c' });
  expect(server.url).toBe(`redis://:a%20b%2Fc@127.0.0.1:${server.port}`);
  const client = await RawClient.connect({ port: server.port });
  expect(`${await client.call('GET', 'k')}`).toBe('-NOAUTH Authentication required.\r\n');
  expect(`${await client.call('AUTH', 'a b/c')}`).toBe('+OK\r\n');
  expect(`${await client.call('GET', 'k')}`).toBe('$-1\r\n');
});

test('several servers of one process share nothing', async () => {
  const [one, two] = await Promise.all([startServer(), startServer()]);
  await one.execute('SET', 'k', 'one');
  await two.execute('SET', 'k', 'two');
  two.clock.freeze();
  await two.clock.advance(1_000_000);
  expect(await one.execute('GET', 'k')).toBe('one');
  expect(await two.execute('GET', 'k')).toBe('two');
  await two.stop();
  expect(await one.execute('GET', 'k')).toBe('one');
});

test('takes directives in kebab-case and in camelCase', async () => {
  const server = await startServer({ 'proto-max-bulk-len': '2mb', protoMaxBulkLen: 3_000_000, databases: 4 });
  expect(await server.execute('CONFIG', 'GET', 'proto-max-bulk-len')).toEqual(
    new Map([['proto-max-bulk-len', '3000000']]),
  );
  await expect(server.execute('SELECT', 4)).rejects.toThrow('ERR DB index is out of range');
});

test('a wrong option is refused by name', async () => {
  await expect(RedisServer.start({ port: 'many' } as never)).rejects.toThrow(RedisServerError);
  await expect(RedisServer.start({ port: 'many' } as never)).rejects.toThrow('port');
  await expect(RedisServer.start({ nonsense: 1 } as never)).rejects.toThrow('nonsense');
  await expect(RedisServer.start({ port: 0, dir: '/does/not/exist' })).rejects.toThrow('No such file or directory');
});

test('a taken port rejects, and leaves nothing behind', async () => {
  const server = await startServer();
  await expect(RedisServer.start({ port: server.port })).rejects.toThrow('EADDRINUSE');
});

test.skipIf(process.platform === 'win32')('listens on a Unix socket, beside TCP or alone', async () => {
  const path = join(temporaryDirectory(), 'socket');
  const server = await startServer({ port: 0, unixsocket: path, unixsocketperm: '700' });
  expect([server.port, server.url]).toEqual([0, `unix://${path}`]);
  const client = await RawClient.connect({ path });
  expect(`${await client.call('CLIENT', 'INFO')}`).toContain(`addr=${path}:0 laddr=${path}:0`);
});

test('execute gives JavaScript values and rejects with error replies', async () => {
  const server = await startServer();
  expect(await server.execute('SET', 'k', Buffer.from('v'))).toBe('OK');
  expect(await server.execute('GET', 'k')).toBe('v');
  expect(await server.execute('GET', 'missing')).toBe(null);
  expect(await server.execute('INCRBY', 'n', 5)).toBe(5);
  expect(await server.execute('INCRBY', 'n', 2n ** 60n)).toBe(2n ** 60n + 5n);
  expect(await server.execute('MGET', 'k', 'n', 'missing')).toEqual(['v', `${2n ** 60n + 5n}`, null]);
  await expect(server.execute('INCR', 'k')).rejects.toThrow(ReplyError);
  await expect(server.execute('INCR', 'k')).rejects.toMatchObject({ code: 'ERR' });
  await expect(server.execute('NONSENSE', 'x')).rejects.toThrow("ERR unknown command 'NONSENSE'");
});

test('execute keeps the order of calls, and serves waiting clients', async () => {
  const server = await startServer();
  const client = await RawClient.connect({ port: server.port });
  client.write(encodeCommand(['BLPOP', 'list', '0']));
  await untilBlocked(server);
  const replies = await Promise.all([server.execute('RPUSH', 'list', 'a'), server.execute('LLEN', 'list')]);
  expect(replies).toEqual([1, 0]);
  expect(`${await client.read()}`).toBe('*2\r\n$4\r\nlist\r\n$1\r\na\r\n');
});

test('a blocking command in process answers at once as if its time were up', async () => {
  const server = await startServer();
  expect(await server.execute('BLPOP', 'list', 0)).toBe(null);
});

test('the clock decides when keys expire and when a wait is over', async () => {
  const server = await startServer();
  server.clock.freeze(Date.UTC(2030, 0, 1));
  const client = await RawClient.connect({ port: server.port });
  await client.call('SET', 'k', 'v', 'EX', '100');
  expect(`${await client.call('TTL', 'k')}`).toBe(':100\r\n');
  const waiting = client.call('BLPOP', 'list', '50.5');
  await untilBlocked(server);
  await server.clock.advance(50_499);
  expect(client.unread).toBe(0);
  await server.clock.advance(1);
  expect(`${await waiting}`).toBe('*-1\r\n');
  await server.clock.advance(49_499);
  expect(`${await client.call('EXISTS', 'k')}`).toBe(':1\r\n');
  await server.clock.advance(1);
  expect(await server.execute('DBSIZE')).toBe(0);
});

test('keys expire by themselves while the clock runs', async () => {
  const server = await startServer();
  await server.execute('SET', 'k', 'v', 'PX', '5');
  await server.execute('SET', 'far', 'v', 'PX', `${2 ** 40}`);
  await until(async () => (await server.execute('DBSIZE')) === 1);
  expect(await server.execute('GET', 'far')).toBe('v');
});

test('30,000 keys that fall due at once are gone when advance resolves', async () => {
  const server = await startServer();
  server.clock.freeze();
  const client = await RawClient.connect({ port: server.port });
  await client.pipeline(Array.from({ length: 30_000 }, (_, i) => ['SET', `key:${i}`, 'v', 'PX', '1000']));
  expect(await server.execute('DBSIZE')).toBe(30_000);
  await server.clock.advance(1000);
  expect(await server.execute('DBSIZE')).toBe(0);
});

test("the server's time is not a test runner's fake time", async () => {
  vi.useFakeTimers();
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const server = await startServer();
  const [seconds] = (await server.execute('TIME')) as string[];
  expect(Math.abs(Number(seconds) - performance.timeOrigin / 1000)).toBeLessThan(86_400);
});

test('restore makes the keys what they were at the snapshot, any number of times', async () => {
  const server = await startServer();
  await server.execute('SET', 'k', 'before');
  const snapshot = server.snapshot();
  for (let i = 0; i < 3; i++) {
    await server.execute('SET', 'k', `after ${i}`);
    await server.execute('SET', `new ${i}`, 'x');
    server.restore(snapshot);
    expect(await server.execute('GET', 'k')).toBe('before');
    expect(await server.execute('DBSIZE')).toBe(1);
  }
  snapshot.close();
});

test('restore serves who waits for a list that comes back, in order', async () => {
  const server = await startServer();
  await server.execute('RPUSH', 'list', 'a', 'b');
  const snapshot = server.snapshot();
  await server.execute('FLUSHALL');
  const clients: RawClient[] = [];
  for (let i = 1; i <= 3; i++) {
    const client = await RawClient.connect({ port: server.port });
    client.send(['BLPOP', 'other', 'list', 0]);
    await until(async () => `${await server.execute('INFO', 'clients')}`.includes(`blocked_clients:${i}`), 'it waits');
    clients.push(client);
  }
  server.restore(snapshot);
  expect(`${await clients[0].read()}`).toBe('*2\r\n$4\r\nlist\r\n$1\r\na\r\n');
  expect(`${await clients[1].read()}`).toBe('*2\r\n$4\r\nlist\r\n$1\r\nb\r\n');
  expect(await server.execute('EXISTS', 'list')).toBe(0);
  server.restore(snapshot);
  expect(`${await clients[2].read()}`).toBe('*2\r\n$4\r\nlist\r\n$1\r\na\r\n');
  expect(await server.execute('LRANGE', 'list', 0, -1)).toEqual(['b']);
  snapshot.close();
});

test('CONFIG SET list-max-listpack-size decides on lists from then on; list-compress-depth changes nothing', async () => {
  const server = await startServer();
  const encoding = (key: string) => server.execute('OBJECT', 'ENCODING', key);
  await server.execute('RPUSH', 'l', 1, 2, 3, 4, 5);
  expect(await encoding('l')).toBe('listpack');
  await server.execute('CONFIG', 'SET', 'list-max-listpack-size', 3, 'list-compress-depth', 2);
  expect(await encoding('l')).toBe('listpack');
  await server.execute('RPUSH', 'l', 6);
  expect(await encoding('l')).toBe('quicklist');
  await server.execute('RPUSH', 'm', 1, 2, 3);
  expect(await encoding('m')).toBe('listpack');
  await server.execute('CONFIG', 'SET', 'list-max-ziplist-size', -1);
  await server.execute('RPUSH', 'm', 'x'.repeat(4000));
  expect(await encoding('m')).toBe('listpack');
  await server.execute('RPUSH', 'm', 'x'.repeat(100));
  expect(await encoding('m')).toBe('quicklist');
  expect(await server.execute('LRANGE', 'l', 0, -1)).toEqual(['1', '2', '3', '4', '5', '6']);
});

test('a snapshot of another server is refused', async () => {
  const [one, two] = await Promise.all([startServer(), startServer()]);
  const snapshot = one.snapshot();
  expect(() => two.restore(snapshot)).toThrow('another server');
  snapshot.close();
});

test('stop closes every connection, resolves for every caller, and frees the port', async () => {
  const server = await startServer();
  const clients = await Promise.all(Array.from({ length: 20 }, () => RawClient.connect({ port: server.port })));
  clients[0]!.write(encodeCommand(['BLPOP', 'list', '0']));
  await Promise.all([server.stop(), server.stop()]);
  await Promise.all(clients.map(({ closed }) => closed));
  await expect(RawClient.connect({ port: server.port })).rejects.toThrow('ECONNREFUSED');
  await expect(server.execute('PING')).rejects.toThrow('stopped');
  await server.closed;
});

test('await using stops it', async () => {
  const server = await RedisServer.start({ port: 0 });
  await server[Symbol.asyncDispose]();
  await expect(RawClient.connect({ port: server.port })).rejects.toThrow('ECONNREFUSED');
});

test('SHUTDOWN closes connections without a reply and ends the server', async () => {
  const server = await startServer();
  const client = await RawClient.connect({ port: server.port });
  client.write(encodeCommand(['SHUTDOWN', 'NOSAVE']));
  await server.closed;
  await client.closed;
  expect(client.unread).toBe(0);
});

test('by default nothing is written to the disk; with a directory, stop saves and start loads', async () => {
  const dir = temporaryDirectory();
  const server = await startServer({ dir });
  await server.execute('SET', 'k', 'v');
  await server.stop();
  const again = await startServer({ dir });
  expect(await again.execute('GET', 'k')).toBe('v');
  const other = await startServer();
  expect(await other.execute('CONFIG', 'GET', 'save')).toEqual(new Map([['save', '']]));
  expect(await other.execute('DBSIZE')).toBe(0);
});

test('logs nothing unless asked, and then that it is ready', async () => {
  const log: string[] = [];
  const note = (message: string) => log.push(message);
  await startServer({ logger: { debug: note, info: note, warn: note, error: note } });
  expect(log.join('\n')).toContain('Ready to accept connections');
});

test('a thousand connections come, go and are reset, and stop leaves nothing', async () => {
  const server = await startServer();
  const one = async (i: number) => {
    const client = await RawClient.connect({ port: server.port });
    client.write(encodeCommand(['SET', `k${i}`, 'v']));
    if (i % 2 === 0) client.reset();
    else await client.close();
  };
  for (let i = 0; i < 1000; i += 100) await Promise.all(Array.from({ length: 100 }, (_, j) => one(i + j)));
  await server.stop();
});

test('a forgotten server keeps no process alive, one with keepAlive does', async () => {
  const keepingAlive = () => process.getActiveResourcesInfo().filter((type) => !type.startsWith('Pipe'));
  // Timers of the test runner come and go.
  await until(() => keepingAlive().length === 0);
  const server = await startServer();
  const socket = connect({ host: '127.0.0.1', port: server.port });
  socket.unref();
  const blocked = connect({ host: '127.0.0.1', port: server.port });
  blocked.unref();
  blocked.write(encodeCommand(['BLPOP', 'list', '1000']));
  await server.execute('SET', 'k', 'v', 'EX', '1000');
  await untilBlocked(server);
  await until(() => keepingAlive().length === 0);
  await startServer({ keepAlive: true });
  expect(keepingAlive()).toContain('TCPServerWrap');
});
