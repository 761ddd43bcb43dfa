import { expect, it } from 'vitest';
import { allCommands } from '../../src/commands/index.js';
import { CommandRunner } from '../support/command-runner.js';

/** What stands for itself beside the samples: the pages of a dense array and the like. */
const OTHERS = 100;

/** Elements that one command adds. */
const AT_ONCE = 100;

/** So many elements that their blocks are more than are looked at. */
const LARGE: readonly [
  kind: string,
  count: number,
  command: string,
  element: (i: number) => string,
  atOnce?: number,
][] = [
  ['list', 40_000, 'RPUSH', (i) => `${'e'.repeat(200 + (i % 100))}${i}`],
  ['hash', 10_000, 'HSET', (i) => `field:${i} ${'v'.repeat(i % 90)}`],
  ['set', 10_000, 'SADD', (i) => `member:${'m'.repeat(i % 90)}${i}`],
  ['sorted set', 10_000, 'ZADD', (i) => `${i % 977} member:${'m'.repeat(i % 90)}${i}`],
  ['stream', 12_000, 'XADD', (i) => `${i + 1}-0 field ${'v'.repeat(200 + (i % 90))}`, 1],
];

it.each(LARGE)(
  'MEMORY USAGE of a large %s looks at samples, which stand for all',
  (...[, length, command, element, atOnce]) => {
    const redis = new CommandRunner(allCommands);
    const count = atOnce ?? AT_ONCE;
    for (let at = 0; at < length; at += count) {
      const elements = Array.from({ length: count }, (_, i) => element(at + i));
      redis.engineOnly(`${command} key ${elements.join(' ')}`);
    }
    const { arena } = redis.engine.keyspace;
    const capacity = arena.capacity.bind(arena);
    let looks = 0;
    arena.capacity = (ref) => {
      looks++;
      return capacity(ref);
    };
    const usage = (options: string) => {
      looks = 0;
      return Number(/^:(\d+)\r\n$/.exec(redis.engineOnly(`MEMORY USAGE key${options}`))?.[1]);
    };
    const all = usage(' SAMPLES 0');
    const looksAtAll = looks;
    expect(looksAtAll).toBeGreaterThan(400 + OTHERS);
    for (const options of ['', ' SAMPLES 5', ' SAMPLES 1', ' SAMPLES 100']) {
      expect(Math.abs(usage(options) - all)).toBeLessThan(all * 0.1);
      expect(looks).toBeLessThanOrEqual(Math.min(400, looksAtAll) + OTHERS);
    }
    usage(' SAMPLES 500');
    expect(looks).toBeLessThanOrEqual(2000 + OTHERS);
    expect(usage(' SAMPLES 1000000')).toBe(all);
  },
);

it('MEMORY USAGE counts what a string and a list have in holes and pages', () => {
  const redis = new CommandRunner(allCommands);
  const usage = (options: string) => Number(redis.engineOnly(`MEMORY USAGE key${options}`).slice(1));
  redis.engineOnly('SETRANGE key 300000000 x');
  const holes = usage('');
  expect(holes).toBeLessThan(200_000);
  expect(usage(' SAMPLES 0')).toBe(holes);
  redis.engineOnly(`SET key ${'x'.repeat(10_000_000)}`);
  expect(usage('')).toBe(usage(' SAMPLES 0'));
  expect(usage('')).toBeGreaterThan(10_000_000);
  redis.engineOnly('DEL key');
  for (let i = 0; i < 5; i++) redis.engineOnly(`RPUSH key ${'x'.repeat(500_000)}`);
  expect(usage('')).toBeGreaterThan(2_500_000);
  expect(usage('')).toBeLessThan(3_000_000);
});
