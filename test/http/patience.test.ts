/** Clients that are slow, leave, or never end: what they cost is their own connection. */
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RedisServer } from '../../src/server/redis-server.js';
import { exchange } from '../support/http-exchange.js';
import { until } from '../support/until.js';

let server: RedisServer;
let port: number;

beforeAll(async () => {
  server = await RedisServer.start({ port: 0, http: { port: 0, requestTimeout: 1 } });
  port = Number(new URL(String(server.httpUrl)).port);
});

afterAll(() => server.stop());

interface Talk {
  readonly socket: Socket;
  readonly text: () => string;
  readonly isOver: () => boolean;
}

function talk(first: string): Talk {
  const socket = connect({ host: '127.0.0.1', port });
  let text = '';
  let isOver = false;
  socket.setEncoding('latin1').on('data', (data: string) => (text += data));
  socket.on('close', () => (isOver = true)).on('error', () => {});
  socket.write(first);
  return { socket, text: () => text, isOver: () => isOver };
}

const GET = 'GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n';

test('a request that does not arrive in time is told so, and its connection ends; others are served meanwhile', async () => {
  const half = talk(`${GET}GET /kv/get?key=k HTTP/1.1\r\nHost`);
  const bodyless = talk('POST /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc');
  const other = talk(GET);
  await until(() => other.text().includes('"ok"'));
  await until(() => half.isOver() && bodyless.isOver());
  for (const { text } of [half, bodyless]) expect(text()).toMatch(/HTTP\/1\.1 408 Request Timeout\r\n/);
  expect(other.isOver()).toBe(false);
  other.socket.destroy();
});

test('a reply that is not taken ends its connection', async () => {
  const slow = talk('');
  slow.socket.pause();
  const requests = 'GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(200);
  let isClosed = false;
  slow.socket.once('close', () => (isClosed = true));
  slow.socket.write(requests.repeat(20));
  const held = async (): Promise<number> => {
    const metrics = (await exchange(port, { path: '/metrics' })).body.toString();
    return Number(/^redstart_http_connections (\d+)$/m.exec(metrics)?.[1]);
  };
  const before = await held();
  expect(before).toBeGreaterThan(0);
  // Looking all the time would take the processor, of which the server has need.
  while ((await held()) >= before && !isClosed) await new Promise((resolve) => setTimeout(resolve, 50));
  slow.socket.destroy();
});

test('a client that half closes gets its answers', async () => {
  const { socket, text, isOver } = talk(GET.repeat(3));
  socket.end();
  await until(isOver);
  expect(text().match(/HTTP\/1\.1 200/g)).toHaveLength(3);
});

test('the server stops with connections open', async () => {
  const own = await RedisServer.start({ port: 0, http: { port: 0 } });
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(String(own.httpUrl)).port) });
  await new Promise((resolve) => socket.once('connect', resolve));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.resume();
  await own.stop();
  await closed;
});
