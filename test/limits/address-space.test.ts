/**
 * The data has taken all that the system gives: whoever asks for more is refused, and everybody else is served and can
 * save.
 */
import { connect, type Socket } from 'node:net';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type LimitedProgram, LimitedPrograms } from '../support/limited-program.js';
import { type Command, encodeCommand, type RawClient } from '../support/raw-client.js';
import { until } from '../support/until.js';

const MIB = 1024 * 1024;

let programs: LimitedPrograms;
const sockets: Socket[] = [];

beforeAll(async () => {
  programs = await LimitedPrograms.create();
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await programs.endAll();
});

/** A connection of which only the bytes that come back are counted. */
async function openSocket(
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

async function expectAnswers(program: LimitedProgram, admin: RawClient): Promise<void> {
  expect(program.hasEnded, program.errors).toBe(false);
  expect(String(await admin.call('PING'))).toBe('+PONG\r\n');
  expect(String(await admin.call('INFO'))).toContain('internal_errors:0\r\n');
}

async function expectAlive(program: LimitedProgram, admin: RawClient): Promise<void> {
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
async function drive(
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

const names = (prefix: string, i: number, count: number): string[] =>
  Array.from({ length: count }, (_, n) => `${prefix}:${i * count + n}`);

describe.runIf(process.platform === 'linux')('an address space that the data has filled', () => {
  async function filled(): Promise<[LimitedProgram, RawClient]> {
    const program = programs.start({ ulimit: '-v 1300000' }, '--save', '');
    const admin = await program.client();
    const value = Buffer.alloc(100_000, 'x');
    for (let i = 0, reply = ''; !reply.startsWith('-OOM'); i += 50) {
      const replies = await admin.pipeline(Array.from({ length: 50 }, (_, n) => ['SET', `key:${i + n}`, value]));
      if (replies.length < 50) throw new Error(`the server answered ${replies.length} of 50 SETs, then nothing`);
      reply = String(replies.at(-1));
    }
    return [program, admin];
  }

  test('requests, output, connections and subscriptions are refused, one after the other, and it can still save', async () => {
    const [program, admin] = await filled();
    await expectAlive(program, admin);
    // One request of 200 MB.
    const large = await openSocket(program);
    large.socket.write(`*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${200 * MIB}\r\n`);
    for (let i = 0; i < 200 && !large.closed(); i++) {
      large.socket.write(Buffer.alloc(MIB));
      if (i % 8 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => large.closed() || large.received().includes('-OOM'));
    large.socket.destroy();
    await expectAnswers(program, admin);
    // 200 unfinished ones.
    for (let i = 0; i < 200; i++) {
      const { socket } = await openSocket(program);
      socket.write(`*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1200000\r\n`);
      socket.write(Buffer.alloc(1_100_000));
    }
    await expectAnswers(program, admin);
    for (const socket of sockets.splice(0)) socket.destroy();
    // Slow readers.
    for (let i = 0; i < 20; i++) {
      const { socket } = await openSocket(program);
      socket.pause();
      for (let n = 0; n < 100; n++) socket.write(encodeCommand(['GET', 'key:0']));
    }
    await expectAnswers(program, admin);
    for (const socket of sockets.splice(0)) socket.destroy();
    // Connections.
    for (let i = 0; i < 1200; i++) await openSocket(program);
    await expectAnswers(program, admin);
    for (const socket of sockets.splice(0)) socket.destroy();
    // Subscriptions.
    await drive(program, 80, (i) => ['SUBSCRIBE', ...names('channel', i, 5000)]);
    await expectAlive(program, admin);
    await admin.call('FLUSHALL');
    await until(async () => String(await admin.call('SET', 'k', 'v')) === '+OK\r\n');
    expect(await program.signal('SIGTERM')).toBe(0);
  });
});
