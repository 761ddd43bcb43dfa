import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { RedisServer } from '../../../src/index.js';
import { COMMANDS_PER_TURN } from '../../../src/server/connections/connection.js';
import { cpuMs } from '../../support/cpu-time.js';
import { encodeCommand, RawClient } from '../../support/raw-client.js';
import { startServer } from '../../support/start-server.js';
import { until } from '../../support/until.js';

function untilBlocked(server: RedisServer): Promise<void> {
  return until(async () => `${await server.execute('CLIENT', 'LIST')}`.includes('flags=b'), 'a client is blocked');
}

const PING = encodeCommand(['PING']);
const LARGER_THAN_ANY_BUFFER = Buffer.from(
  Int32Array.from({ length: 2_500_000 }, (_, i) => Math.imul(i, 0x9e3779b1)).buffer,
);

describe.each(['handles', 'events'] as const)('connection by %s', (transport) => {
  const start = (options = {}) => startServer({ transport, ...options });

  test('answers a pipeline of any depth in order', async () => {
    const { port } = await start();
    const client = await RawClient.connect({ port });
    const depth = COMMANDS_PER_TURN * 5 + 7;
    const replies = await client.pipeline(Array.from({ length: depth }, (_, i) => ['ECHO', `${i}`]));
    expect(replies.map((reply) => reply.toString().split('\r\n')[1])).toEqual(
      Array.from({ length: depth }, (_, i) => `${i}`),
    );
  });

  test('takes requests cut into single bytes', async () => {
    const { port } = await start();
    const socket = connect({ host: '127.0.0.1', port });
    socket.setNoDelay(true);
    for (const byte of Buffer.concat([PING, encodeCommand(['ECHO', 'hello']), Buffer.from('PING x\r\n')])) {
      socket.write(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    let received = '';
    for await (const chunk of socket) {
      received += chunk;
      if (received.length >= 7 + 11 + 7) break;
    }
    expect(received).toBe('+PONG\r\n$5\r\nhello\r\n$1\r\nx\r\n');
  });

  test('takes and gives back values that are larger than any buffer', async () => {
    const { port } = await start();
    const client = await RawClient.connect({ port });
    const value = LARGER_THAN_ANY_BUFFER;
    expect(`${await client.call('SET', 'big', value)}`).toBe('+OK\r\n');
    const reply = await client.call('GET', 'big');
    expect(reply.length).toBe(value.length + 13);
    expect(reply.subarray(11, -2).equals(value)).toBe(true);
  });

  test('one endless pipeline does not keep others waiting', async () => {
    const { port } = await start();
    const greedy = connect({ host: '127.0.0.1', port });
    greedy.on('error', () => {});
    const pipeline = Buffer.concat(Array.from({ length: 10_000 }, (_, i) => encodeCommand(['SET', `key:${i}`, 'xxx'])));
    let batches = 0;
    const write = () => {
      while (greedy.writableLength < 4_000_000 && !greedy.destroyed) greedy.write(pipeline);
    };
    greedy.on('data', () => {
      batches++;
      write();
    });
    write();
    const client = await RawClient.connect({ port });
    const times: number[] = [];
    for (let i = 0; i < 100; i++) {
      const startMs = cpuMs();
      await client.call('PING');
      times.push(cpuMs() - startMs);
    }
    greedy.destroy();
    times.sort((a, b) => a - b);
    expect(batches).toBeGreaterThan(0);
    // Client and server share this process, which always has something to do: only a starved client takes longer.
    expect(times[50]!).toBeLessThan(50);
  });

  test('what a client sent before it closed its side is run and answered', async () => {
    const { port } = await start();
    const client = await RawClient.connect({ port });
    client.write(Buffer.concat(Array.from({ length: 3000 }, (_, i) => encodeCommand(['ECHO', `${i}`]))));
    client.end();
    for (let i = 0; i < 3000; i++) expect(`${await client.read()}`).toContain(`\r\n${i}\r\n`);
    await client.closed;
  });

  test('a protocol error is answered, then the connection closes', async () => {
    const { port } = await start();
    const client = await RawClient.connect({ port });
    client.write(Buffer.concat([PING, Buffer.from('*1\r\n+PING\r\n'), PING]));
    expect(`${await client.read()}`).toBe('+PONG\r\n');
    expect(`${await client.read()}`).toBe("-ERR Protocol error: expected '$', got '+'\r\n");
    await client.closed;
    expect(client.unread).toBe(0);
  });

  test('garbage without end is answered although it was never read', async () => {
    const { port } = await start();
    const client = await RawClient.connect({ port });
    client.write(Buffer.alloc(5_000_000, 'x'));
    expect(`${await client.read()}`).toBe('-ERR Protocol error: too big inline request\r\n');
  });

  test('QUIT answers and closes; what stands behind it is not run', async () => {
    const server = await start();
    const client = await RawClient.connect({ port: server.port });
    client.write(Buffer.concat([encodeCommand(['QUIT']), encodeCommand(['SET', 'k', 'v'])]));
    expect(`${await client.read()}`).toBe('+OK\r\n');
    await client.closed;
    expect(await server.execute('EXISTS', 'k')).toBe(0);
  });

  test('CLIENT REPLY OFF and SKIP keep replies back', async () => {
    const { port } = await start();
    const client = await RawClient.connect({ port });
    const commands = [
      ['CLIENT', 'REPLY', 'SKIP'],
      ['ECHO', 'skipped'],
      ['ECHO', '1'],
      ['CLIENT', 'REPLY', 'OFF'],
      ['ECHO', 'off'],
      ['CLIENT', 'REPLY', 'SKIP'],
      ['NONSENSE'],
      ['ECHO', 'still off'],
      ['CLIENT', 'REPLY', 'ON'],
      ['ECHO', '2'],
    ];
    client.write(Buffer.concat(commands.map(encodeCommand)));
    const replies = [await client.read(), await client.read(), await client.read()];
    expect(replies.join('')).toBe('$1\r\n1\r\n+OK\r\n$1\r\n2\r\n');
  });

  test('a blocked client runs nothing that stands behind its command, until it is served', async () => {
    const server = await start();
    const client = await RawClient.connect({ port: server.port });
    const other = await RawClient.connect({ port: server.port });
    client.write(
      Buffer.concat([
        encodeCommand(['ECHO', 'before']),
        encodeCommand(['BLPOP', 'list', '0']),
        encodeCommand(['SET', 'behind', '1']),
        encodeCommand(['BLPOP', 'list', '0']),
        encodeCommand(['ECHO', 'after']),
      ]),
    );
    expect(`${await client.read()}`).toBe('$6\r\nbefore\r\n');
    expect(`${await other.call('EXISTS', 'behind')}`).toBe(':0\r\n');
    await other.call('RPUSH', 'list', 'a');
    expect(`${await client.read()}`).toBe('*2\r\n$4\r\nlist\r\n$1\r\na\r\n');
    expect(`${await client.read()}`).toBe('+OK\r\n');
    await other.call('RPUSH', 'list', 'b');
    expect(`${await client.read()}`).toBe('*2\r\n$4\r\nlist\r\n$1\r\nb\r\n');
    expect(`${await client.read()}`).toBe('$5\r\nafter\r\n');
  });

  test('a blocked client may send more while it waits', async () => {
    const server = await start();
    const client = await RawClient.connect({ port: server.port });
    const other = await RawClient.connect({ port: server.port });
    client.write(encodeCommand(['BLPOP', 'list', '0']));
    const depth = COMMANDS_PER_TURN * 2;
    for (let i = 0; i < depth; i++) client.write(encodeCommand(['ECHO', `${i}`.padEnd(200)]));
    await untilBlocked(server);
    await other.call('RPUSH', 'list', 'a');
    expect(`${await client.read()}`).toContain('list');
    for (let i = 0; i < depth; i++) expect(`${await client.read()}`).toContain(`${i}`.padEnd(200));
  });

  test('a blocked client that leaves is served no more', async () => {
    const server = await start();
    for (const leave of ['close', 'end', 'reset'] as const) {
      const client = await RawClient.connect({ port: server.port });
      client.write(encodeCommand(['BLPOP', 'list', '0']));
      await untilBlocked(server);
      client[leave]();
      await client.closed;
      await until(async () => (await server.execute('CLIENT', 'LIST')) === '');
      await server.execute('RPUSH', 'list', leave);
      expect(await server.execute('LPOP', 'list')).toBe(leave);
    }
  });

  test('a client that is not read from holds what it is owed and is closed at its hard limit', async () => {
    const log: string[] = [];
    const note = (message: string) => log.push(message);
    const server = await start({
      clientOutputBufferLimit: 'normal 8mb 0 0',
      logger: { debug() {}, info() {}, warn: note, error: note },
    });
    await server.execute('SET', 'big', 'x'.repeat(1_000_000));
    const client = await RawClient.connect({ port: server.port });
    client.pause();
    for (let i = 0; i < 100; i++) client.write(encodeCommand(['GET', 'big']));
    await until(() => log.length > 0);
    expect(log.join('\n')).toMatch(/output buffer limit: id=\d+ addr=127\.0\.0\.1:\d+/);
    client.resume();
    await client.closed;
    expect(await server.execute('CLIENT', 'LIST')).toBe('');
  });

  test('a client over its soft limit is closed when the time is up', async () => {
    const server = await start({ clientOutputBufferLimit: 'normal 0 1mb 10' });
    server.clock.freeze();
    await server.execute('SET', 'big', 'x'.repeat(14_000_000));
    const client = await RawClient.connect({ port: server.port });
    client.pause();
    client.write(encodeCommand(['GET', 'big']));
    await until(async () => /omem=\d{7}/.test(`${await server.execute('CLIENT', 'LIST')}`));
    await server.clock.advance(10_000);
    expect(await server.execute('CLIENT', 'LIST')).not.toBe('');
    await server.clock.advance(1_000);
    expect(await server.execute('CLIENT', 'LIST')).toBe('');
    client.resume();
    await client.closed;
  });

  test('a blocked client that sends without end is closed at the query buffer limit', async () => {
    const server = await start({ clientQueryBufferLimit: '1mb' });
    const client = await RawClient.connect({ port: server.port });
    client.write(encodeCommand(['BLPOP', 'list', '0']));
    client.write(Buffer.alloc(4_000_000, PING));
    await client.closed;
    expect(await server.execute('CLIENT', 'LIST')).toBe('');
  });
});

test('10,000 commands that were answered leave nothing behind in a connection', async () => {
  const server = await startServer();
  const client = await RawClient.connect({ port: server.port });
  await client.pipeline(Array.from({ length: 10_000 }, () => ['PING']));
  expect(await server.execute('CLIENT', 'LIST')).toMatch(/qbuf=0 qbuf-free=0 .* oll=0 omem=0 /);
});

test('more clients than maxclients are told so and closed', async () => {
  const server = await startServer({ maxclients: 2 });
  const clients = [await RawClient.connect({ port: server.port }), await RawClient.connect({ port: server.port })];
  for (const client of clients) expect(`${await client.call('PING')}`).toBe('+PONG\r\n');
  const third = await RawClient.connect({ port: server.port });
  expect(`${await third.read()}`).toBe('-ERR max number of clients reached\r\n');
  await third.closed;
  await clients[0]!.close();
  await until(async () => `${await server.execute('CLIENT', 'LIST')}`.split('\n').length === 2);
  const fourth = await RawClient.connect({ port: server.port });
  expect(`${await fourth.call('PING')}`).toBe('+PONG\r\n');
});

test('idle clients are closed after `timeout` seconds, blocked ones are not', async () => {
  const server = await startServer({ timeout: 60 });
  server.clock.freeze();
  const idle = await RawClient.connect({ port: server.port });
  const active = await RawClient.connect({ port: server.port });
  const blocked = await RawClient.connect({ port: server.port });
  await Promise.all([idle.call('PING'), active.call('PING')]);
  blocked.write(encodeCommand(['BLPOP', 'list', '0']));
  await untilBlocked(server);
  await server.clock.advance(40_000);
  await active.call('PING');
  await server.clock.advance(40_000);
  await idle.closed;
  expect(`${await active.call('PING')}`).toBe('+PONG\r\n');
  await server.execute('RPUSH', 'list', 'x');
  expect(`${await blocked.read()}`).toContain('list');
});
