import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { BlockPool } from '../../../src/memory/block-pool.js';
import type { Channel, ChannelHandler } from '../../../src/net/channel.js';
import type { DescriptorChannel } from '../../../src/net/descriptor-channel.js';
import { parseBind } from '../../../src/net/listen-address.js';
import { Transport, takeHandles } from '../../../src/net/transport.js';
import { RawClient } from '../../support/raw-client.js';
import { until } from '../../support/until.js';

test('handles can be had from a listening server in this Node, and not from a closed one', async () => {
  const server = createServer();
  expect(takeHandles(server, () => {})).toBe(false);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  expect(takeHandles(server, () => {})).toBe(true);
  await new Promise((resolve) => server.close(resolve));
});

test('a handle is read into the shared buffer and written by its descriptor', async () => {
  const { transport, next } = createTransport('handles');
  const port = await transport.listen(parseBind(['127.0.0.1']), 0, 511);
  const client = await RawClient.connect({ port });
  const { channel } = await next();
  expect(channel.descriptor).toBeGreaterThan(0);
  client.write('seen');
  await until(() => transport.readBuffer.bytes.toString('latin1', 0, 4) === 'seen');
});

test('a handle whose runtime knows neither `onread` nor descriptors still reads and writes', async () => {
  const { transport, next } = createTransport('handles');
  const port = await transport.listen(parseBind(['127.0.0.1']), 0, 511);
  const client = await RawClient.connect({ port });
  const server = await next();
  (server.channel as DescriptorChannel).socket.emit('data', Buffer.from('by event'));
  expect(server.received.toString()).toBe('by event');
  Object.assign(server.channel, { fd: -1 });
  server.channel.send(Buffer.from('+OK\r\n'), 0, 5);
  expect(`${await client.read()}`).toBe('+OK\r\n');
});

/** Records what happens to a channel, and lets a test wait for it. */
class Recorder implements ChannelHandler {
  received = Buffer.alloc(0);
  hasEnded = false;
  closes = 0;
  reads = true;
  private waiting: { condition: () => boolean; resolve: () => void }[] = [];

  constructor(readonly channel: Channel) {}

  onBytes(bytes: Buffer, _view: DataView, length: number): boolean {
    this.received = Buffer.concat([this.received, bytes.subarray(0, length)]);
    this.changed();
    return this.reads;
  }

  onEnd(): void {
    this.hasEnded = true;
    this.changed();
  }

  onProgress(): void {
    this.changed();
  }

  onClosed(): void {
    this.closes++;
    this.changed();
  }

  until(condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push({ condition, resolve }));
  }

  private changed(): void {
    const met = this.waiting.filter(({ condition }) => condition());
    this.waiting = this.waiting.filter((waiter) => !met.includes(waiter));
    for (const { resolve } of met) resolve();
  }
}

function createTransport(mode: 'handles' | 'events') {
  const accepted: Recorder[] = [];
  const waiting: ((recorder: Recorder) => void)[] = [];
  const transport = new Transport({
    onFault: (error) => {
      throw error;
    },
    mode,
    ref: false,
    keepAliveSeconds: () => 300,
    replies: new BlockPool(1024),
    onAcceptError: () => {},
    onBytesLeave: () => {},
    onChannel: (channel) => {
      const recorder = new Recorder(channel);
      channel.start(recorder);
      const waiter = waiting.shift();
      if (waiter === undefined) accepted.push(recorder);
      else waiter(recorder);
    },
  });
  onTestFinished(() => transport.close());
  const next = (): Promise<Recorder> => {
    const ready = accepted.shift();
    return ready === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(ready);
  };
  return { transport, next };
}

describe.each(['handles', 'events'] as const)('transport by %s', (mode) => {
  async function connected() {
    const { transport, next } = createTransport(mode);
    const port = await transport.listen(parseBind(['127.0.0.1']), 0, 511);
    const client = await RawClient.connect({ port });
    const server = await next();
    return { transport, client, server, channel: server.channel };
  }

  test('hands in what the other side wrote', async () => {
    const { client, server } = await connected();
    client.write('hello ');
    client.write('world');
    await server.until(() => server.received.length === 11);
    expect(server.received.toString()).toBe('hello world');
  });

  test('bytes that were sent may be overwritten at once', async () => {
    const { client, channel } = await connected();
    const shared = Buffer.from('+one\r\n');
    channel.send(shared, 0, 6);
    shared.write('+two\r\n');
    channel.send(shared, 0, 6);
    shared.fill(0);
    expect([`${await client.read()}`, `${await client.read()}`]).toEqual(['+one\r\n', '+two\r\n']);
  });

  test('sends a slow reader everything in order, whoever wrote it and however much it was', async () => {
    const { client, server, channel } = await connected();
    client.pause();
    const sent: Buffer[] = [];
    const shared = Buffer.alloc(70_000);
    for (let i = 0; i < 400; i++) {
      const length = [1, 17, 300, 5000, 70_000][i % 5]!;
      const reply = Buffer.from(`$${length}\r\n${String.fromCharCode(97 + (i % 26)).repeat(length)}\r\n`);
      sent.push(reply);
      if (i % 3 === 0) {
        channel.sendLater(reply, 0, reply.length);
      } else if (reply.length <= shared.length) {
        reply.copy(shared);
        channel.send(shared, 0, reply.length);
        shared.fill(0);
      } else {
        channel.send(reply, 0, reply.length);
      }
    }
    const total = sent.reduce((sum, { length }) => sum + length, 0);
    expect(channel.pendingBytes).toBeGreaterThan(0);
    expect(channel.pendingBytes).toBeLessThanOrEqual(total);
    client.resume();
    for (const [index, reply] of sent.entries()) {
      expect((await client.read()).equals(reply), `reply ${index}`).toBe(true);
    }
    await server.until(() => channel.pendingBytes === 0);
  });

  test('many small replies to a slow reader take little more than their bytes', async () => {
    const { client, channel } = await connected();
    client.pause();
    const big = Buffer.alloc(8 * 1024 * 1024, 'x');
    channel.send(big, 0, big.length);
    const before = channel.pendingPieces;
    for (let i = 0; i < 10_000; i++) channel.send(Buffer.from('+OK\r\n'), 0, 5);
    expect(channel.pendingPieces - before).toBeLessThan(20);
  });

  test('what is sent later goes out in one turn, after what is sent now', async () => {
    const { client, channel } = await connected();
    channel.sendLater(Buffer.from('+1\r\n'), 0, 4);
    channel.sendLater(Buffer.from('+2\r\n'), 0, 4);
    channel.send(Buffer.from('+3\r\n'), 0, 4);
    channel.sendLater(Buffer.from('+4\r\n'), 0, 4);
    const replies = [await client.read(), await client.read(), await client.read(), await client.read()];
    expect(replies.join('')).toBe('+1\r\n+2\r\n+3\r\n+4\r\n');
    expect(channel.pendingBytes).toBe(0);
  });

  test('pieces of one buffer that lie side by side are one, also for a slow reader', async () => {
    const { client, server, channel } = await connected();
    client.pause();
    const block = Buffer.from(Array.from({ length: 1000 }, (_, n) => `+${1000 + n}\r\n`).join(''));
    const big = Buffer.alloc(8 * 1024 * 1024, 'x');
    big.write('$8388596\r\n', 'latin1');
    big.write('\r\n', big.length - 2, 'latin1');
    for (let i = 0; i < 500; i++) channel.sendLater(block, i * 7, i * 7 + 7);
    expect(channel.pendingPieces).toBe(1);
    channel.send(big, 0, big.length);
    const before = channel.pendingPieces;
    for (let i = 500; i < 1000; i++) channel.sendLater(block, i * 7, i * 7 + 7);
    expect(channel.pendingPieces).toBeLessThanOrEqual(before + 1);
    client.resume();
    for (let n = 0; n < 500; n++) expect(`${await client.read()}`).toBe(`+${1000 + n}\r\n`);
    expect((await client.read()).equals(big)).toBe(true);
    for (let n = 500; n < 1000; n++) expect(`${await client.read()}`).toBe(`+${1000 + n}\r\n`);
    await server.until(() => channel.pendingBytes === 0);
  });

  test('reads no more after a handler said so, until it resumes', async () => {
    const { client, server, channel } = await connected();
    server.reads = false;
    client.write('one');
    await server.until(() => server.received.length === 3);
    client.write('two');
    // A round trip on another connection of the same loop: the second piece has arrived at the kernel by then.
    const before = server.received.length;
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect(server.received.length).toBe(before);
    server.reads = true;
    channel.resume();
    await server.until(() => server.received.length === 6);
    expect(server.received.toString()).toBe('onetwo');
  });

  test('tells when the other side writes no more, and can still answer', async () => {
    const { client, server, channel } = await connected();
    client.write('bye');
    client.end();
    await server.until(() => server.hasEnded);
    expect(server.received.toString()).toBe('bye');
    channel.send(Buffer.from('+bye\r\n'), 0, 6);
    channel.finish();
    expect(`${await client.read()}`).toBe('+bye\r\n');
    await client.closed;
    expect(server.closes).toBe(1);
  });

  test('finish writes everything that is pending first, and discards what still comes in', async () => {
    const { client, server, channel } = await connected();
    client.pause();
    const big = Buffer.concat([Buffer.from('$4194304\r\n'), Buffer.alloc(4 * 1024 * 1024, 'x'), Buffer.from('\r\n')]);
    channel.send(big, 0, big.length);
    channel.finish();
    client.write('ignored');
    client.resume();
    expect((await client.read()).length).toBe(big.length);
    await client.closed;
    expect(server.received.length).toBe(0);
    expect(server.closes).toBe(1);
  });

  test('a last reply arrives although requests are unread', async () => {
    const { client, server, channel } = await connected();
    server.reads = false;
    client.write(Buffer.alloc(3_000_000, 'x'));
    await server.until(() => server.received.length > 0);
    channel.send(Buffer.from('-ERR enough\r\n'), 0, 13);
    channel.finish();
    expect(`${await client.read()}`).toBe('-ERR enough\r\n');
  });

  test('destroy closes at once and tells once', async () => {
    const { transport, client, server, channel } = await connected();
    channel.destroy();
    channel.destroy();
    channel.send(Buffer.from('+late\r\n'), 0, 7);
    await client.closed;
    expect(server.closes).toBe(1);
    expect(channel.isOpen).toBe(false);
    await transport.close();
    expect(transport.channels.size).toBe(0);
  });

  test('a reset connection is told as closed once', async () => {
    const { client, server } = await connected();
    client.reset();
    await server.until(() => server.closes > 0);
    expect(server.closes).toBe(1);
  });

  test('addresses are those of the sockets', async () => {
    const { transport, next } = createTransport(mode);
    const port = await transport.listen(parseBind(['127.0.0.1']), 0, 511);
    const socket = connect({ host: '127.0.0.1', port });
    const { channel } = await next();
    expect(channel.localAddress).toBe(`127.0.0.1:${port}`);
    expect(channel.remoteAddress).toBe(`127.0.0.1:${socket.localPort}`);
    expect(channel.isLocal).toBe(true);
    channel.destroy();
    expect(channel.remoteAddress).toBe(`127.0.0.1:${socket.localPort}`);
    socket.destroy();
  });

  test('listens on several addresses with one port', async () => {
    const { transport, next } = createTransport(mode);
    const port = await transport.listen(parseBind(['127.0.0.1', '127.0.0.2', '-::1']), 0, 511);
    for (const host of ['127.0.0.1', '127.0.0.2']) {
      const client = await RawClient.connect({ host, port });
      expect((await next()).channel.localAddress).toBe(`${host}:${port}`);
      await client.close();
    }
  });

  test('an optional address that is missing is passed over, another one is an error', async () => {
    const { transport } = createTransport(mode);
    expect(await transport.listen(parseBind(['-192.0.2.1', '127.0.0.1']), 0, 511)).toBeGreaterThan(0);
    await expect(transport.listen(parseBind(['127.0.0.1', '192.0.2.1']), 0, 511)).rejects.toThrow('EADDRNOTAVAIL');
    await expect(transport.listen(parseBind(['-192.0.2.1']), 0, 511)).rejects.toThrow('no address');
  });

  test('a taken port is an error, and leaves no listener on the other addresses', async () => {
    const { transport } = createTransport(mode);
    const port = await transport.listen(parseBind(['127.0.0.2']), 0, 511);
    const other = createTransport(mode).transport;
    await expect(other.listen(parseBind(['127.0.0.1', '127.0.0.2']), port, 511)).rejects.toThrow('EADDRINUSE');
    await expect(RawClient.connect({ host: '127.0.0.1', port })).rejects.toThrow('ECONNREFUSED');
  });

  test.skipIf(process.platform === 'win32')('listens on a Unix socket with the permissions asked for', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'redstart-'));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const path = join(directory, 'socket');
    // As a server that crashed left it.
    writeFileSync(path, '');
    const { transport, next } = createTransport(mode);
    await transport.listenUnix(path, 0o700, 511);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    const client = await RawClient.connect({ path });
    const { channel } = await next();
    channel.send(Buffer.from('+hi\r\n'), 0, 5);
    expect(`${await client.read()}`).toBe('+hi\r\n');
    expect([channel.remoteAddress, channel.localAddress, channel.isUnixSocket, channel.isLocal]).toEqual([
      `${path}:0`,
      `${path}:0`,
      true,
      true,
    ]);
    await transport.close();
    expect(() => statSync(path)).toThrow('ENOENT');
  });

  test('closes after connections came and went, were reset, and stay', async () => {
    const { transport } = createTransport(mode);
    const port = await transport.listen(parseBind(['127.0.0.1']), 0, 511);
    const clients = await Promise.all(Array.from({ length: 60 }, () => RawClient.connect({ port })));
    for (const [index, client] of clients.entries()) {
      if (index % 3 === 0) client.reset();
      else if (index % 3 === 1) client.end();
    }
    await transport.close();
    expect(transport.channels.size).toBe(0);
    await Promise.all(clients.map((client) => client.close()));
    await expect(RawClient.connect({ port })).rejects.toThrow('ECONNREFUSED');
  });
});
