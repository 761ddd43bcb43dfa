/** `maxmemory-clients`: who is closed when all clients together take too much memory. */
import { expect, test } from 'vitest';
import { RawClient } from '../support/raw-client.js';
import { startServer } from '../support/start-server.js';

const MIB = 1024 * 1024;

/** A client that has sent half of a request, so that the server holds so many bytes of it. */
async function holding(port: number, bytes: number, ...before: string[][]): Promise<RawClient> {
  const client = await RawClient.connect({ port });
  for (const command of before) expect(String(await client.call(...command))).toBe('+OK\r\n');
  client.write(`*2\r\n$4\r\nECHO\r\n$${bytes * 2}\r\n`);
  client.write(Buffer.alloc(bytes));
  return client;
}

async function field(client: RawClient, name: string): Promise<string> {
  const info = String(await client.call('INFO', 'stats', 'memory', 'clients'));
  return new RegExp(`^${name}:(.*)\r$`, 'm').exec(info)![1]!;
}

test('the client with the most memory goes, and no more than have to', async () => {
  const server = await startServer({ 'maxmemory-clients': '8mb' });
  const admin = await RawClient.connect({ port: server.port });
  const [small, large] = await Promise.all([holding(server.port, MIB), holding(server.port, 2 * MIB)]);
  await expect.poll(async () => Number(await field(admin, 'mem_clients_normal'))).toBeGreaterThan(3 * MIB);
  expect(await field(admin, 'evicted_clients')).toBe('0');
  const largest = await holding(server.port, 7 * MIB);
  await largest.closed;
  expect(await field(admin, 'evicted_clients')).toBe('1');
  expect(await field(admin, 'connected_clients')).toBe('3');
  expect(String(await admin.call('CONFIG', 'RESETSTAT'))).toBe('+OK\r\n');
  expect(await field(admin, 'evicted_clients')).toBe('0');
  await Promise.all([small.close(), large.close()]);
});

test('CLIENT NO-EVICT spares a client, and others go in its place', async () => {
  const server = await startServer({ 'maxmemory-clients': '4mb' });
  const admin = await RawClient.connect({ port: server.port });
  expect(String(await admin.call('CLIENT', 'NO-EVICT', 'ON'))).toBe('+OK\r\n');
  const other = await RawClient.connect({ port: server.port });
  const spared = await holding(server.port, 6 * MIB, ['CLIENT', 'NO-EVICT', 'ON']);
  await other.closed;
  expect(await field(admin, 'evicted_clients')).toBe('1');
  expect(await field(admin, 'connected_clients')).toBe('2');
  spared.write(Buffer.alloc(6 * MIB));
  spared.write('\r\n');
  expect((await spared.read()).length).toBeGreaterThan(12 * MIB);
});

test('a percentage is of maxmemory, and is no limit without one', async () => {
  const server = await startServer({ 'maxmemory-clients': '5%' });
  const admin = await RawClient.connect({ port: server.port });
  const client = await holding(server.port, 2 * MIB);
  await expect.poll(async () => Number(await field(admin, 'mem_clients_normal'))).toBeGreaterThan(2 * MIB);
  await admin.call('CONFIG', 'SET', 'maxmemory', '100mb');
  expect(await field(admin, 'evicted_clients')).toBe('0');
  await admin.call('CONFIG', 'SET', 'maxmemory', '20mb');
  await client.closed;
  expect(await field(admin, 'evicted_clients')).toBe('1');
});

test('what CONFIG SET takes away goes at once, and a limit of next to nothing leaves a client its place', async () => {
  const server = await startServer();
  const admin = await RawClient.connect({ port: server.port });
  const client = await holding(server.port, MIB);
  await expect.poll(async () => Number(await field(admin, 'mem_clients_normal'))).toBeGreaterThan(MIB);
  expect(String(await admin.call('CONFIG', 'SET', 'maxmemory-clients', '1'))).toBe('+OK\r\n');
  await client.closed;
  expect(await field(admin, 'evicted_clients')).toBe('1');
});

test('queued transactions and unread messages count', async () => {
  const server = await startServer({ 'maxmemory-clients': '4mb' });
  const admin = await RawClient.connect({ port: server.port });
  expect(String(await admin.call('CLIENT', 'NO-EVICT', 'ON'))).toBe('+OK\r\n');
  const queuing = await RawClient.connect({ port: server.port });
  await queuing.call('MULTI');
  for (let i = 0; i < 5; i++) queuing.send(['SET', 'k', Buffer.alloc(MIB)]);
  await queuing.closed;
  expect(await field(admin, 'evicted_clients')).toBe('1');

  const reader = await RawClient.connect({ port: server.port });
  await reader.call('SUBSCRIBE', 'c');
  reader.pause();
  for (let i = 0; i < 100 && (await field(admin, 'evicted_clients')) === '1'; i++) {
    await admin.call('PUBLISH', 'c', Buffer.alloc(MIB));
  }
  expect(await field(admin, 'evicted_clients')).toBe('2');
  expect(await field(admin, 'connected_clients')).toBe('1');
});
