import { expect, test } from 'vitest';
import { RawClient } from '../support/raw-client.js';
import { startServer } from '../support/start-server.js';

async function paused(...pause: string[]) {
  const server = await startServer();
  server.clock.freeze();
  const admin = await RawClient.connect({ port: server.port });
  const client = await RawClient.connect({ port: server.port });
  expect(String(await admin.call('CLIENT', 'PAUSE', ...pause))).toBe('+OK\r\n');
  return { server, admin, client };
}

test('CLIENT PAUSE WRITE holds back what writes, in order, and lets reads through', async () => {
  const { server, admin, client } = await paused('1000', 'WRITE');
  expect(String(await admin.call('GET', 'a'))).toBe('$-1\r\n');
  client.send(['SET', 'a', '1']);
  client.send(['GET', 'a']);
  const published = await RawClient.connect({ port: server.port });
  published.send(['PUBLISH', 'channel', 'x']);
  await server.clock.advance(999);
  expect(String(await admin.call('GET', 'a'))).toBe('$-1\r\n');
  await expect.poll(async () => String(await admin.call('INFO', 'clients'))).toContain('blocked_clients:2\r\n');
  await server.clock.advance(1);
  expect(String(await client.read())).toBe('+OK\r\n');
  expect(String(await client.read())).toBe('$1\r\n1\r\n');
  expect(String(await published.read())).toBe(':0\r\n');
  expect(String(await admin.call('INFO', 'clients'))).toContain('blocked_clients:0\r\n');
});

test('CLIENT PAUSE holds back everything until its time is over', async () => {
  const { server, client } = await paused('500');
  client.send(['PING']);
  await server.clock.advance(499);
  expect(client.unread).toBe(0);
  await server.clock.advance(1);
  expect(String(await client.read())).toBe('+PONG\r\n');
});

test('CLIENT UNPAUSE ends a pause of writes at once', async () => {
  const { admin, client } = await paused('100000', 'WRITE');
  client.send(['INCR', 'n']);
  expect(String(await admin.call('CLIENT', 'UNPAUSE'))).toBe('+OK\r\n');
  expect(String(await client.read())).toBe(':1\r\n');
});

test('a second CLIENT PAUSE does not end the first one earlier', async () => {
  const { server, admin, client } = await paused('1000', 'WRITE');
  await admin.call('CLIENT', 'PAUSE', '10', 'WRITE');
  client.send(['INCR', 'n']);
  await server.clock.advance(999);
  expect(client.unread).toBe(0);
  await server.clock.advance(1);
  expect(String(await client.read())).toBe(':1\r\n');
});

test('a transaction is held back at its first write, whole', async () => {
  const { server, client } = await paused('1000', 'WRITE');
  expect(String(await client.call('MULTI'))).toBe('+OK\r\n');
  for (const command of [['SET', 'a', '1'], ['EXEC']]) client.send(command);
  await server.clock.advance(1000);
  expect(String(await client.read())).toBe('+QUEUED\r\n');
  expect(String(await client.read())).toBe('*1\r\n+OK\r\n');
});

test('a held client that leaves takes its command along', async () => {
  const { server, admin, client } = await paused('1000', 'WRITE');
  client.send(['SET', 'a', '1']);
  await expect.poll(async () => String(await admin.call('INFO', 'clients'))).toContain('blocked_clients:1\r\n');
  client.end();
  await expect.poll(async () => String(await admin.call('INFO', 'clients'))).toContain('blocked_clients:0\r\n');
  await server.clock.advance(1000);
  expect(String(await admin.call('GET', 'a'))).toBe('$-1\r\n');
});

test.each(['WRITE', 'ALL'])(
  'nothing is evicted during a pause of %s, and writes wait instead of being refused',
  async (kind) => {
    const server = await startServer({ 'maxmemory-policy': 'allkeys-random' });
    server.clock.freeze();
    const client = await RawClient.connect({ port: server.port });
    for (let i = 0; i < 100; i++) await server.execute('SET', `key:${i}`, 'x'.repeat(1000));
    await server.execute('CLIENT', 'PAUSE', 1000, kind);
    await server.execute('CONFIG', 'SET', 'maxmemory', '1');
    client.send(['SET', 'a', '1']);
    await expect.poll(async () => String(await server.execute('INFO', 'clients'))).toContain('blocked_clients:1\r\n');
    expect(await server.execute('DBSIZE')).toBe(100);
    await server.clock.advance(1000);
    expect(String(await client.read())).toBe('+OK\r\n');
    await expect.poll(() => server.execute('DBSIZE')).toBe(0);
  },
);

test('keys do not expire during a pause, and do behind it', async () => {
  const server = await startServer();
  server.clock.freeze();
  const admin = await RawClient.connect({ port: server.port });
  await admin.call('SET', 'a', '1', 'PX', '50');
  await admin.call('CLIENT', 'PAUSE', '1000', 'WRITE');
  await server.clock.advance(999);
  expect(String(await admin.call('DBSIZE'))).toBe(':1\r\n');
  await server.clock.advance(1);
  expect(String(await admin.call('DBSIZE'))).toBe(':0\r\n');
});

test.each([
  [['x'], '-ERR timeout is not an integer or out of range\r\n'],
  [['-1'], '-ERR timeout is negative\r\n'],
  [['10', 'SOME'], '-ERR CLIENT PAUSE mode must be WRITE or ALL\r\n'],
  [['9223372036854775807'], '+OK\r\n'],
])('CLIENT PAUSE %j answers %j', async (args, reply) => {
  const server = await startServer();
  const client = await RawClient.connect({ port: server.port });
  expect(String(await client.call('CLIENT', 'PAUSE', ...args))).toBe(reply);
  expect(String(await client.call('PING'))).toBe('+PONG\r\n');
});

test('a key that falls due during a pause of writes is announced and counted when the pause is over', async () => {
  const server = await startServer({ 'notify-keyspace-events': 'Ex' });
  server.clock.freeze();
  const admin = await RawClient.connect({ port: server.port });
  const listener = await RawClient.connect({ port: server.port });
  await listener.call('SUBSCRIBE', '__keyevent@0__:expired');
  await admin.pipeline([
    ['SET', 'k', 'v', 'PX', '10'],
    ['CLIENT', 'PAUSE', '1000', 'WRITE'],
  ]);
  await server.clock.advance(500);
  expect(String(await admin.call('GET', 'k'))).toBe('$-1\r\n');
  expect(String(await admin.call('DBSIZE'))).toBe(':1\r\n');
  expect(String(await admin.call('RANDOMKEY'))).toBe('$-1\r\n');
  expect(String(await admin.call('INFO', 'stats'))).toContain('expired_keys:0\r\n');
  expect(listener.unread).toBe(0);
  await server.clock.advance(500);
  expect(String(await listener.read())).toContain('__keyevent@0__:expired\r\n$1\r\nk\r\n');
  expect(String(await admin.call('INFO', 'stats'))).toContain('expired_keys:1\r\n');
  expect(String(await admin.call('DBSIZE'))).toBe(':0\r\n');
});

test('a caller in process that writes during a pause writes over what is due', async () => {
  const { server, admin } = await paused('1000', 'WRITE');
  await server.execute('SET', 'k', 'v', 'PX', 10);
  await server.clock.advance(500);
  expect(String(await admin.call('GET', 'k'))).toBe('$-1\r\n');
  expect(await server.execute('APPEND', 'k', 'new')).toBe(3);
  expect(await server.execute('DBSIZE')).toBe(1);
  expect(String(await admin.call('GET', 'k'))).toBe('$3\r\nnew\r\n');
});
