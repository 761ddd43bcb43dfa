/** Connections that speak HTTP are clients as all others: for `maxclients`, in memory, and in what they are owed. */
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { RedisServer } from '../../src/server/redis-server.js';
import { RawClient } from '../support/raw-client.js';
import { startServer } from '../support/start-server.js';
import { until } from '../support/until.js';

const MIB = 1024 * 1024;
const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** A connection that has sent this. */
async function open(server: RedisServer, text: string): Promise<{ socket: Socket; received: () => string }> {
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(server.httpUrl as string).port) });
  sockets.push(socket);
  let received = '';
  socket.on('error', () => {}).on('data', (bytes) => (received += bytes.toString('latin1')));
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.write(text);
  return { socket, received: () => received };
}

const request = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
const SUBSCRIBE = request('/webdis/SUBSCRIBE/channel');

/** Publishes to a subscriber that does not read, until there is none. */
async function publishUntilGone(server: RedisServer): Promise<number> {
  for (let published = 0; ; published += 100_000) {
    if ((await server.execute('PUBLISH', 'channel', Buffer.alloc(100_000))) === 0) return published;
    await server.idle();
  }
}

describe('maxclients', () => {
  test('counts all connections together, and whoever is one too many is told', async () => {
    const server = await startServer({ maxclients: 2, http: { port: 0 } });
    const client = await RawClient.connect({ port: server.port });
    await client.call('PING');
    const first = await open(server, request('/webdis/PING'));
    await until(() => first.received().includes('PONG'));
    const second = await open(server, request('/webdis/PING'));
    await until(() => second.received().startsWith('HTTP/1.1 503 '));
    const other = await RawClient.connect({ port: server.port });
    expect(String(await other.read())).toBe('-ERR max number of clients reached\r\n');
    expect(String(await client.call('INFO', 'stats'))).toContain('rejected_connections:2\r\n');
    first.socket.destroy();
    await until(async () => {
      const next = await open(server, request('/webdis/PING'));
      await until(() => next.received() !== '');
      return next.received().includes('PONG');
    });
    await client.close();
  });
});

/** That JSON writes as they are. */
const BYTES = 'x'.repeat(100_000);

describe('the output of a stream', () => {
  test('has the limits of subscribers', async () => {
    const server = await startServer({ http: { port: 0 }, clientOutputBufferLimit: 'pubsub 1mb 0 0' });
    const { socket, received } = await open(server, SUBSCRIBE);
    await until(() => received().includes('subscribe'));
    socket.pause();
    expect(await publishUntilGone(server)).toBeLessThan(24 * MIB);
  });

  test('over the soft limit is borne for so long', async () => {
    const server = await startServer({ http: { port: 0 }, clientOutputBufferLimit: 'pubsub 0 100kb 1' });
    const { socket, received } = await open(server, SUBSCRIBE);
    await until(() => received().includes('subscribe'));
    socket.pause();
    const receivers = async (): Promise<number> =>
      (await server.execute<[string, number]>('PUBSUB', 'NUMSUB', 'channel'))[1];
    // At first more than the system takes.
    for (let i = 0; i < 80; i++) await server.execute('PUBLISH', 'channel', BYTES);
    while ((await receivers()) === 1) {
      await server.execute('PUBLISH', 'channel', BYTES);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });
});

describe('memory', () => {
  test('of a stream with many subscriptions shows in tot-mem', async () => {
    const server = await startServer({ http: { port: 0 } });
    const names = Array.from({ length: 1000 }, (_, i) => `channel:${i}`);
    await open(server, request(`/webdis/SUBSCRIBE/${names.join('/')}`));
    await until(async () => {
      const held = /tot-mem=(\d+)/.exec(await server.execute<string>('CLIENT', 'LIST'))?.[1];
      return Number(held) > 400_000;
    });
  });

  test('of requests that do not end is what maxmemory-clients acts on', async () => {
    const server = await startServer({ http: { port: 0 }, maxmemoryClients: '8mb' });
    const head = 'POST /webdis/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3000000\r\n\r\n';
    for (let i = 0; i < 6; i++) (await open(server, head)).socket.write(Buffer.alloc(2_900_000));
    await until(async () => /evicted_clients:[1-9]/.test(await server.execute<string>('INFO', 'stats')));
    expect(sockets.length).toBe(6);
    await until(() => sockets.some((socket) => socket.destroyed));
    expect(sockets.some((socket) => !socket.destroyed)).toBe(true);
  });
});
