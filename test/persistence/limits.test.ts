/** Files at their limits: holes, what is no regular file, and what killed processes leave behind. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RedisServer } from '../../src/index.js';
import { engineOf } from '../support/inside.js';

let directory: string;
let server: RedisServer | undefined;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'redstart-limits-'));
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
  rmSync(directory, { recursive: true, force: true });
});

async function start(config: Record<string, unknown> = {}): Promise<RedisServer> {
  server = await RedisServer.start({
    port: 0,
    dir: directory,
    save: '',
    'enable-debug-command': 'yes',
    ...config,
  });
  return server;
}

function usedMemory(info: unknown): number {
  return Number(/used_memory_dataset:(\d+)/.exec(String(info))?.[1]);
}

describe('holes', () => {
  test.each(['yes', 'no'])(
    'make a small file and are holes again when it is loaded, rdbcompression %s',
    async (compression) => {
      const first = await start({ rdbcompression: compression });
      for (let n = 0; n < 5; n++) await first.execute('SETBIT', `h${n}`, 4294967295 - n * 1e6, 1);
      await first.execute('SETRANGE', 'h0', 70_000, 'some text');
      const digest = await first.execute('BITCOUNT', 'h0');
      const used = usedMemory(await first.execute('INFO', 'memory'));
      await first.execute('SAVE');
      expect(statSync(join(directory, 'dump.rdb')).size).toBeLessThan(40e6);
      await first.stop();
      const second = await start({ rdbcompression: compression });
      await second.execute('DEBUG', 'RELOAD', 'NOSAVE');
      expect(await second.execute('BITCOUNT', 'h0')).toBe(digest);
      expect(await second.execute('GETBIT', 'h4', 4294967295 - 4e6)).toBe(1);
      expect(await second.execute('GETRANGE', 'h0', 69_998, 70_010)).toBe('\0\0some text\0\0');
      expect(usedMemory(await second.execute('INFO', 'memory'))).toBeLessThan(used * 1.5 + 1e6);
    },
  );

  test('are read by redis-server as the zeros they are', async () => {
    const first = await start();
    await first.execute('SETBIT', 'h', 80_000_001, 1);
    await first.execute('SETRANGE', 'h', 200_000, 'x'.repeat(70_000));
    await first.execute('SETRANGE', 'h', 5_000_000, 'y');
    await first.execute('SAVE');
    const check = spawnSync('redis-check-rdb', [join(directory, 'dump.rdb')], { encoding: 'utf8' });
    expect(check.stdout).toContain('RDB looks OK');
    const payload = await first.execute('DUMP', 'h');
    expect(String(payload).length).toBeLessThan(400_000);
  });
});

describe('what is no regular file', () => {
  test('is refused at once when it is to be loaded or replaced', async () => {
    const path = join(directory, 'dump.rdb');
    execFileSync('mkfifo', [path]);
    await expect(start()).rejects.toThrow('no regular file');
    const running = await start({ dbfilename: 'other.rdb' });
    mkdirSync(join(directory, 'other.rdb'));
    await expect(running.execute('SAVE')).rejects.toThrow();
    await expect(running.execute('DEBUG', 'RELOAD', 'NOSAVE')).rejects.toThrow('Error trying to load the RDB dump');
    expect(statSync(join(directory, 'other.rdb')).isDirectory()).toBe(true);
    rmSync(join(directory, 'other.rdb'), { recursive: true });
  });
});

test('DEBUG RELOAD NOSAVE without a file is an error and keeps the keys', async () => {
  const running = await start();
  await running.execute('SET', 'a', '1');
  await expect(running.execute('DEBUG', 'RELOAD', 'NOSAVE')).rejects.toThrow('Error trying to load the RDB dump');
  expect(await running.execute('GET', 'a')).toBe('1');
});

test('DEBUG STRINGMATCH-LEN of more than a string can have is an error', async () => {
  const running = await start();
  await expect(running.execute('DEBUG', 'STRINGMATCH-LEN', 99_999_999_999, 'a*')).rejects.toThrow('out of range');
});

test('temporary files of dead processes go at the start and with the next save, no others', async () => {
  const dead = spawnSync('true').pid;
  const leftover = join(directory, `temp-${dead}-3.rdb`);
  const others = [
    join(directory, `temp-${process.ppid}-1.rdb`),
    join(directory, 'temp-x.rdb'),
    join(directory, 'a.rdb'),
  ];
  for (const file of [leftover, ...others]) writeFileSync(file, 'REDIS');
  const running = await start();
  await running.execute('SET', 'a', '1');
  await running.execute('SAVE');
  writeFileSync(leftover, 'REDIS');
  await running.execute('BGSAVE');
  expect(existsSync(leftover)).toBe(false);
  for (const file of others) expect(readFileSync(file, 'utf8')).toBe('REDIS');
});

test('a snapshot that was forgotten is freed and reported', async () => {
  const warnings: string[] = [];
  const logger = { debug() {}, info() {}, error() {}, warn: (message: string) => warnings.push(message) };
  server = await RedisServer.start({ port: 0, logger: logger as never });
  const { arena } = engineOf(server).keyspace;
  (() => void server.snapshot())();
  expect(arena.hasSnapshots).toBe(true);
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let round = 0; arena.hasSnapshots && round < 50; round++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(arena.hasSnapshots).toBe(false);
  expect(warnings.join()).toContain('never closed');
});
