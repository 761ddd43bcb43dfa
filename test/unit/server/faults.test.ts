/**
 * What a callback outside of commands throws costs one connection or one slice of work, is told once, and is counted.
 */
import { expect, test } from 'vitest';
import { silent } from '../../../src/engine/logger.js';
import type { RedisServer } from '../../../src/index.js';
import { ProtocolError } from '../../../src/protocol/errors.js';
import type { Connection } from '../../../src/server/connections/connection.js';
import { Faults } from '../../../src/server/faults.js';
import { insideOf } from '../../support/inside.js';
import { RawClient } from '../../support/raw-client.js';
import { startServer } from '../../support/start-server.js';
import { until } from '../../support/until.js';

function logged(): { lines: string[]; logger: typeof silent } {
  const lines: string[] = [];
  return { lines, logger: { ...silent, error: (line) => lines.push(line), warn: (line) => lines.push(line) } };
}

async function internalErrors(client: RawClient): Promise<number> {
  return Number(/internal_errors:(\d+)/.exec(String(await client.call('INFO', 'stats')))![1]);
}

/** Two clients, and the server's connection of the second. */
async function pair(server: RedisServer): Promise<[RawClient, RawClient, Connection]> {
  const first = await RawClient.connect({ port: server.port });
  await first.call('PING');
  const second = await RawClient.connect({ port: server.port });
  await second.call('PING');
  return [first, second, [...insideOf(server).clients.all()][1]!.sink as Connection];
}

function thrower(message = 'made to fail'): () => never {
  return () => {
    throw new Error(message);
  };
}

test('the same fault is told once and counted each time', () => {
  const { lines, logger } = logged();
  const faults = new Faults(logger);
  const error = new Error('broken');
  for (let i = 0; i < 3; i++) faults.caught(error, 'a slice of work is skipped');
  faults.attempt('something else is skipped', thrower('other'));
  expect(faults.count).toBe(4);
  expect(lines).toHaveLength(2);
  expect(lines[0]).toContain('Internal error, a slice of work is skipped: Error: broken\n    at ');
});

test.each(['handles', 'events'] as const)('by %s: what fails for one connection closes it alone', async (transport) => {
  const { lines, logger } = logged();
  const server = await startServer({ transport, logger });
  for (const [index, breaks] of (
    [
      (connection) => (connection.decoder.feed = thrower()),
      (connection) => (connection.channel.send = thrower()),
      (connection) => (connection.decoder.retain = thrower()),
    ] as ((connection: Connection) => void)[]
  ).entries()) {
    const [first, second, connection] = await pair(server);
    breaks(connection);
    second.write('*1\r\n$4\r\nPING\r\n*1\r\n');
    await second.closed;
    expect(String(await first.call('ECHO', 'alive'))).toBe('$5\r\nalive\r\n');
    expect(await internalErrors(first)).toBe(index + 1);
    await first.close();
    await until(() => insideOf(server).clients.size === 0);
  }
  expect(lines).toHaveLength(3);
  for (const line of lines) expect(line).toContain('a connection is closed: Error: made to fail\n    at ');
});

test('messages to a subscriber that fail do not touch the publisher or the others', async () => {
  const server = await startServer();
  const [first, second, connection] = await pair(server);
  const publisher = await RawClient.connect({ port: server.port });
  for (const client of [first, second]) await client.call('SUBSCRIBE', 'c');
  connection.channel.sendLater = thrower();
  expect(String(await publisher.call('PUBLISH', 'c', 'm'))).toMatch(/^:[12]\r\n$/);
  await second.closed;
  expect(String(await first.read())).toContain('message');
  expect(await internalErrors(publisher)).toBe(1);
});

test('more input than can be kept closes the client without a fault', async () => {
  const server = await startServer();
  const [first, second, connection] = await pair(server);
  connection.decoder.retain = () => {
    throw new ProtocolError('too big request');
  };
  second.write('*1\r\n');
  await second.closed;
  expect(await internalErrors(first)).toBe(0);
});

test('a duty of the tick that throws leaves the others and the next tick alone', async () => {
  const { lines, logger } = logged();
  const server = await startServer({ logger });
  const { engineServer, clients } = insideOf(server);
  let looks = 0;
  engineServer.sample = thrower();
  clients.checkMemory = () => void looks++;
  await until(() => looks >= 2);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('a sample is skipped');
});

test('a connection that can not be set up is closed, and the next one is let in', async () => {
  const server = await startServer();
  const { clients } = insideOf(server);
  const { add } = clients;
  clients.add = thrower();
  const lost = await RawClient.connect({ port: server.port });
  await lost.closed;
  clients.add = add;
  const client = await RawClient.connect({ port: server.port });
  expect(await internalErrors(client)).toBe(1);
});
