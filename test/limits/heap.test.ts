/** Memory runs out, V8's or the system's: whoever asks for it is refused, and everybody else is served and can save. */
import { connect, type Socket } from 'node:net';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type LimitedProgram, LimitedPrograms, type Limits } from '../support/limited-program.js';
import { type Command, encodeCommand, type RawClient } from '../support/raw-client.js';
import { until } from '../support/until.js';

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

const SMALL_HEAP: Limits = { node: ['--max-old-space-size=40'] };

describe('a heap of 40 MiB', () => {
  test.each<[string, number, (i: number) => Command, Command[]]>([
    ['channels', 80, (i) => ['SUBSCRIBE', ...names('channel', i, 5000)], []],
    ['patterns', 80, (i) => ['PSUBSCRIBE', ...names('pattern*', i, 5000)], []],
    ['shard channels', 80, (i) => ['SSUBSCRIBE', ...names('channel', i, 5000)], []],
    ['watched keys', 80, (i) => ['WATCH', ...names('key', i, 5000)], []],
    ['queued commands', 400, (i) => ['MSET', ...names('key', i, 5000)], [['MULTI']]],
  ])(
    '400,000 %s of one client are refused or held, and all goes on',
    async (_name, count, make, setUp) => {
      const program = programs.start(SMALL_HEAP, '--save', '');
      const admin = await program.client();
      await admin.call('SET', 'k', 'v');
      await drive(program, count, make, setUp);
      await expectAlive(program, admin);
    },
    60_000,
  );

  test('400,000 awaited keys of one client are refused', async () => {
    const program = programs.start(SMALL_HEAP, '--save', '');
    const admin = await program.client();
    const client = await program.client();
    client.send(['BLPOP'].concat(names('key', 0, 400_000), '0'));
    expect(String(await client.read())).toContain('-OOM');
    client.send(['BLPOP', ...names('key', 0, 1000), '0']);
    await until(async () => String(await admin.call('CLIENT', 'LIST')).includes('flags=b'));
    const held = /flags=b .* tot-mem=(\d+)/.exec(String(await admin.call('CLIENT', 'LIST')))![1];
    expect(Number(held)).toBeGreaterThan(400_000);
    await client.close();
    await expectAlive(program, admin);
  });

  test('connections are refused before the heap is full', async () => {
    const program = programs.start(SMALL_HEAP, '--save', '');
    const admin = await program.client();
    const held = await program.client();
    // Most of it.
    await drive(program, 80, (i) => ['SUBSCRIBE', ...names('channel', i, 5000)]);
    for (let i = 0; i < 1200; i++) await openSocket(program);
    await expectAlive(program, admin);
    await held.close();
  });

  test('maxmemory-clients acts on subscriptions', async () => {
    const program = programs.start({}, '--save', '', '--maxmemory-clients', '8mb');
    const admin = await program.client();
    await admin.call('CLIENT', 'NO-EVICT', 'ON');
    expect(await drive(program, 80, (i) => ['SUBSCRIBE', ...names('channel', i, 5000)])).toBe('closed');
    expect(String(await admin.call('INFO', 'stats'))).toContain('evicted_clients:1\r\n');
    expect(String(await admin.call('PUBSUB', 'NUMSUB', 'channel:0'))).toContain(':0\r\n');
  });
});
