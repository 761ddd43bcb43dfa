/** Programs that run out of something are driven there, and are expected to go on. */
import { connect, type Socket } from 'node:net';
import { expect } from 'vitest';
import type { LimitedProgram } from './limited-program.js';
import { type Command, encodeCommand, type RawClient } from './raw-client.js';
import { until } from './until.js';

const sockets: Socket[] = [];

/** Ends all connections of openSocket(). */
export function endSockets(): void {
  for (const socket of sockets.splice(0)) socket.destroy();
}

/** A connection of which only the bytes that come back are counted. */
export async function openSocket(
  program: LimitedProgram,
): Promise<{ socket: Socket; received: () => string; closed: () => boolean }> {
  const socket = connect({ host: '127.0.0.1', port: await program.port() });
  sockets.push(socket);
  let text = '';
  let isClosed = false;
  socket.on('error', () => {});
  socket.on('close', () => (isClosed = true));
  socket.on('data', (bytes) => {
    text = (text + bytes.toString('latin1')).slice(-2000);
  });
  await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
  return { socket, received: () => text, closed: () => isClosed };
}

export async function expectAnswers(program: LimitedProgram, admin: RawClient): Promise<void> {
  expect(program.hasEnded, program.errors).toBe(false);
  expect(String(await admin.call('PING'))).toBe('+PONG\r\n');
  expect(String(await admin.call('INFO'))).toContain('internal_errors:0\r\n');
}

export async function expectAlive(program: LimitedProgram, admin: RawClient): Promise<void> {
  await expectAnswers(program, admin);
  expect(String(await admin.call('BGSAVE'))).toBe('+Background saving started\r\n');
  await until(async () => String(await admin.call('INFO', 'persistence')).includes('rdb_bgsave_in_progress:0'));
  expect(String(await admin.call('INFO', 'persistence'))).toContain('rdb_last_bgsave_status:ok');
  expect(String(await admin.call('SAVE'))).toBe('+OK\r\n');
}

/**
 * Sends commands until an error comes back, or the connection is closed, or the count is reached; returns the last
 * reply.
 */
export async function drive(
  program: LimitedProgram,
  count: number,
  make: (i: number) => Command,
  setUp: Command[] = [],
): Promise<string> {
  const { socket, received, closed } = await openSocket(program);
  for (const command of setUp) socket.write(encodeCommand(command));
  for (let i = 0; i < count && !closed() && !/-OOM/.test(received()); i++) {
    if (!socket.write(encodeCommand(make(i)))) {
      await Promise.race([
        new Promise((resolve) => socket.once('drain', resolve)),
        new Promise((resolve) => socket.once('close', resolve)),
      ]);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  socket.write('PING\r\n');
  const deadline = Date.now() + 8_000;
  await until(() => closed() || /PONG|pong|QUEUED|-OOM/.test(received().slice(-60)) || Date.now() > deadline);
  return closed() ? 'closed' : received().slice(-200);
}

export const names = (prefix: string, i: number, count: number): string[] =>
  Array.from({ length: count }, (_, n) => `${prefix}:${i * count + n}`);
