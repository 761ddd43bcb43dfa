import { connect } from 'node:net';
import { expect, test, vi } from 'vitest';

test.each([undefined, ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'Date', 'performance']])(
  'a server that is loaded while timers are fake serves as ever (%s)',
  async (toFake) => {
    vi.resetModules();
    vi.useFakeTimers({ now: 0, ...(toFake === undefined ? {} : { toFake }) });
    const { RedisServer } = await import('redstart');
    const server = await RedisServer.start({ port: 0 });
    const socket = connect(server.port, '127.0.0.1');
    const reply = () => new Promise((resolve) => socket.once('data', (bytes) => resolve(bytes.toString())));
    socket.write('PING\r\n');
    expect(await reply()).toBe('+PONG\r\n');
    expect(server.clock.now()).toBeGreaterThan(1.5e12);
    socket.write('BLPOP jobs 60\r\n');
    await server.clock.advance(60_000);
    expect(await reply()).toBe('*-1\r\n');
    socket.destroy();
    await server.stop();
    vi.useRealTimers();
  },
);
