/** Descriptors run out: who is connected is served, the server saves and ends as ever, and nobody else gets in. */
import { existsSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type LimitedProgram, LimitedPrograms } from '../support/limited-program.js';
import type { RawClient } from '../support/raw-client.js';
import { until } from '../support/until.js';

let programs: LimitedPrograms;
let herd: Socket[] = [];

beforeAll(async () => {
  programs = await LimitedPrograms.create();
});

afterEach(async () => {
  for (const socket of herd.splice(0)) socket.destroy();
  await programs.endAll();
});

/** So many connections that never say a word, and do not close either when they are told to go. */
async function crowd(port: number, count: number): Promise<void> {
  const sockets = Array.from({ length: count }, () => {
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    socket.on('error', () => {});
    return socket;
  });
  herd = herd.concat(sockets);
  await Promise.all(
    sockets.map((socket) => new Promise((resolve) => socket.once('connect', resolve).once('error', resolve))),
  );
}

async function expectAlive(program: LimitedProgram, client: RawClient): Promise<void> {
  expect(String(await client.call('SET', 'k', 'v'))).toBe('+OK\r\n');
  expect(String(await client.call('INFO'))).toContain('internal_errors:0\r\n');
  expect(String(await client.call('BGSAVE'))).toBe('+Background saving started\r\n');
  await until(async () => String(await client.call('INFO', 'persistence')).includes('rdb_bgsave_in_progress:0'));
  expect(String(await client.call('INFO', 'persistence'))).toContain('rdb_last_bgsave_status:ok');
  expect(String(await client.call('SAVE'))).toBe('+OK\r\n');
  expect(existsSync(join(program.directory, 'dump.rdb'))).toBe(true);
}

describe.runIf(process.platform === 'linux')('with few descriptors', () => {
  test.each([48, 64, 300])(
    'a limit of %i leaves room for saving, INFO and an orderly end',
    async (limit) => {
      const program = programs.start({ ulimit: `-n ${limit}` }, '--save', '3600', '1');
      const client = await program.client();
      const most = Number(
        /maxclients\r\n\$\d+\r\n(\d+)/.exec(String(await client.call('CONFIG', 'GET', 'maxclients')))![1],
      );
      expect(most).toBeLessThanOrEqual(limit - 32);
      expect(most).toBeGreaterThan(limit - 48);
      expect(program.log).toContain(`Current maximum open files is ${limit}. maxclients has been reduced to ${most}`);
      await crowd(await program.port(), limit + 200);
      await expectAlive(program, client);
      for (const socket of herd.splice(0)) socket.destroy();
      await crowd(await program.port(), limit + 200);
      await expectAlive(program, client);
      expect(await program.signal('SIGTERM')).toBe(0);
    },
    30_000,
  );

  test('a connection that is turned away is told why', async () => {
    const program = programs.start({ ulimit: '-n 64' });
    await crowd(await program.port(), 64);
    const late = await program.client();
    expect(String(await late.read())).toBe('-ERR max number of clients reached\r\n');
    await late.close();
    await crowd(await program.port(), 100);
    const later = await program.client();
    expect(String(await later.read())).toBe('-ERR max number of clients reached\r\n');
  });

  test('CONFIG SET maxclients beyond what is possible is refused in the words of redis-server', async () => {
    const program = programs.start({ ulimit: '-n 300' });
    const client = await program.client();
    const most = /reduced to (\d+)/.exec(program.log)![1]!;
    expect(String(await client.call('CONFIG', 'SET', 'maxclients', '500'))).toBe(
      "-ERR CONFIG SET failed (possibly related to argument 'maxclients') - The operating system is not able to " +
        `handle the specified number of clients, try with ${most}\r\n`,
    );
    expect(String(await client.call('CONFIG', 'SET', 'maxclients', '10'))).toBe('+OK\r\n');
    expect(String(await client.call('CONFIG', 'SET', 'maxclients', most))).toBe('+OK\r\n');
  });

  test('a limit that leaves no room for a client ends the start with the reason', async () => {
    const program = programs.start({ ulimit: '-n 30' });
    expect(await program.exited).toBe(1);
    expect(program.log + program.errors).toContain(
      "Your current 'ulimit -n' of 30 is not enough for the server to start.",
    );
  });

  test('nothing happens when the limit is high enough', async () => {
    const program = programs.start({}, '--maxclients', '10');
    const client = await program.client();
    expect(String(await client.call('CONFIG', 'GET', 'maxclients'))).toContain('10');
    expect(program.log).not.toContain('maxclients');
  });

  test('a herd that reconnects again and again ends nothing', async () => {
    const program = programs.start({ ulimit: '-n 48' });
    const client = await program.client();
    for (let round = 0; round < 5; round++) {
      await crowd(await program.port(), 150);
      for (const socket of herd.splice(0)) socket.destroy();
      expect(String(await client.call('PING'))).toBe('+PONG\r\n');
    }
    await expectAlive(program, client);
  });
});
