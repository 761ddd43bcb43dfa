/** Whatever way bytes take to whom they are for: a feature is asked before them, so that an AOF can sync first. */
import net from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { RedisServer } from '../../../src/index.js';
import { DescriptorChannel } from '../../../src/net/descriptor-channel.js';
import { exchange } from '../../support/http-exchange.js';
import { engineOf } from '../../support/inside.js';
import { RawClient } from '../../support/raw-client.js';
import { startServer } from '../../support/start-server.js';
import { until } from '../../support/until.js';
import { Journal } from '../../toys/journal.js';

afterEach(() => {
  vi.restoreAllMocks();
});

/** The server's journal, and how much of it was not safe each time that bytes went to a socket of the server's. */
function journalOf(server: RedisServer): { journal: Journal; unsafe: () => number[] } {
  const journal = engineOf(server).feature(Journal);
  const unsafe: number[] = [];
  const look = () => unsafe.push(journal.written - journal.safe);
  for (const name of ['writeNow', 'writePiecesNow']) {
    const channel = DescriptorChannel.prototype as unknown as Record<string, (...args: unknown[]) => number>;
    const write = channel[name]!;
    vi.spyOn(channel, name).mockImplementation(function (this: unknown, ...args) {
      look();
      return write.apply(this, args);
    });
  }
  const ports = [server.port, Number(new URL(server.httpUrl!).port)];
  const { write } = net.Socket.prototype;
  vi.spyOn(net.Socket.prototype, 'write').mockImplementation(function (this: net.Socket, ...args: unknown[]) {
    if (ports.includes(this.localPort!)) look();
    return (write as (...args: unknown[]) => boolean).apply(this, args);
  });
  return { journal, unsafe: () => unsafe };
}

async function expectSafe(server: RedisServer, work: () => Promise<void>): Promise<void> {
  const { journal, unsafe } = journalOf(server);
  await work();
  expect(journal.written).toBeGreaterThan(0);
  expect(unsafe().length).toBeGreaterThan(0);
  expect(unsafe().filter((count) => count > 0)).toEqual([]);
}

describe.each(['handles', 'events'] as const)('what is changed is safe before its bytes leave, by %s:', (transport) => {
  const start = () => startServer({ transport, http: { port: 0 } });

  test('the reply', async () => {
    const server = await start();
    const client = await RawClient.connect({ port: server.port });
    await expectSafe(server, async () => {
      await client.pipeline([
        ['SET', 'k', 'v'],
        ['INCR', 'n'],
      ]);
    });
  });

  test('the reply of somebody who waited, and messages', async () => {
    const server = await start();
    const [waiter, subscriber, other] = [
      await RawClient.connect({ port: server.port }),
      await RawClient.connect({ port: server.port }),
      await RawClient.connect({ port: server.port }),
    ];
    await other.call('CONFIG', 'SET', 'notify-keyspace-events', 'KEA');
    await subscriber.call('PSUBSCRIBE', '*');
    const waited = waiter.call('BLPOP', 'list', '0');
    await until(async () => String(await other.call('CLIENT', 'LIST')).includes('cmd=blpop'), 'it waits');
    await expectSafe(server, async () => {
      await other.call('RPUSH', 'list', 'x');
      expect(String(await waited)).toContain('x');
      expect(String(await subscriber.read())).toContain('__key');
    });
  });

  test('the reply of a client that is closed', async () => {
    const server = await start();
    const client = await RawClient.connect({ port: server.port });
    await expectSafe(server, async () => {
      const replies = await client.pipeline([['SET', 'k', 'v'], ['QUIT']]);
      expect(replies.map(String)).toEqual(['+OK\r\n', '+OK\r\n']);
    });
  });

  test('a reply that is longer than any buffer', async () => {
    const server = await start();
    const client = await RawClient.connect({ port: server.port });
    await client.call('SET', 'long', Buffer.alloc(3_000_000));
    await expectSafe(server, async () => {
      expect((await client.call('GETSET', 'long', 'short')).length).toBeGreaterThan(3_000_000);
    });
  });

  test('a reply of HTTP', async () => {
    const server = await start();
    await expectSafe(server, async () => {
      const { status } = await exchange(Number(new URL(server.httpUrl!).port), {
        method: 'POST',
        path: '/',
        body: '["SET","k","v"]',
      });
      expect(status).toBe(200);
    });
  });
});

test('what is changed is safe before callers in process hear of it', async () => {
  const server = await startServer();
  const journal = engineOf(server).feature(Journal);
  await server.execute('SET', 'k', 'v');
  expect(journal).toMatchObject({ written: 1, safe: 1 });
  const session = server.session();
  await session.execute('SET', 'k', 'v');
  expect(journal).toMatchObject({ written: 2, safe: 2 });
  session.close();
});
