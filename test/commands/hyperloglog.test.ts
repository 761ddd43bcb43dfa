import { beforeEach, expect, test } from 'vitest';
import { transactionCommands } from '../../src/features/transactions/commands.js';
import { string } from '../../src/types/string/index.js';
import { CommandRunner } from '../support/command-runner.js';

let redis: CommandRunner;

beforeEach(() => {
  redis = new CommandRunner([...string.commands, ...transactionCommands]);
});

/** Adds numbered elements, a hundred at a time. */
function fill(key: string, count: number): void {
  for (let at = 0; at < count; at += 100) {
    redis.engineOnly(['PFADD', key, ...Array.from({ length: 100 }, (_, i) => `e${at + i}`)].join(' '));
  }
}

test('counts to within four standard errors', () => {
  for (const count of [100, 1000, 10_000, 100_000]) {
    fill(`h${count}`, count);
    const estimate = Number(redis.engineOnly(`PFCOUNT h${count}`).slice(1));
    expect(Math.abs(estimate - count) / count).toBeLessThan((4 * 1.04) / 128);
  }
});

test('an element at a time makes the string that many at once make', () => {
  fill('many', 800);
  for (let i = 0; i < 800; i++) redis.engineOnly(`PFADD one e${i}`);
  expect(redis.bulk('GET', 'one')).toBe(redis.bulk('GET', 'many'));
});

test('the bytes that a snapshot sees stay as they were', () => {
  fill('h', 5000);
  const before = redis.bulk('GET', 'h');
  const { keyspace } = redis.engine;
  const snapshot = keyspace.snapshot();
  redis.run('PFCOUNT', 'h');
  fill('h', 10_000);
  expect(redis.bulk('GET', 'h')).not.toBe(before);
  keyspace.restore(snapshot);
  snapshot.close();
  expect(redis.bulk('GET', 'h')).toBe(before);
});

test('a corrupt one keeps its bytes, whatever came before the element that finds it out', () => {
  const corrupt = Buffer.from('HYLL\x01\0\0\0\0\0\0\0\0\0\0\x80\x5f\xff', 'latin1');
  redis.run('SET', 'k', corrupt);
  const elements = Array.from({ length: 100 }, (_, i) => `e${i}`);
  expect(redis.run('PFADD', 'k', ...elements)).toBe('-INVALIDOBJ Corrupted HLL object detected\r\n');
  expect(redis.bulk('GET', 'k')).toBe(corrupt.toString('latin1'));
});

test('counting breaks a watch, as it writes what was counted', () => {
  redis.run('PFADD', 'k', 'a');
  redis.run('WATCH', 'k');
  expect(redis.run('PFCOUNT', 'k')).toBe(':1\r\n');
  redis.run('MULTI');
  expect(redis.run('EXEC')).toBe('*-1\r\n');
});

test('the self-test passes', () => {
  expect(redis.engineOnly('PFSELFTEST')).toBe('+OK\r\n');
});
