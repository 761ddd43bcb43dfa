/** Memory runs out, V8's or the system's: who asks for it is refused, and all others are served and can save. */
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { drive, endSockets, expectAlive, names, openSocket } from '../support/exhaustion.js';
import { LimitedPrograms, type Limits } from '../support/limited-program.js';
import type { Command } from '../support/raw-client.js';
import { until } from '../support/until.js';

let programs: LimitedPrograms;

beforeAll(async () => {
  programs = await LimitedPrograms.create();
});

afterEach(async () => {
  endSockets();
  await programs.endAll();
});

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
