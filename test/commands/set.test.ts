import { beforeEach, describe, expect, it } from 'vitest';
import { setCommands } from '../../src/types/set/commands/index.js';
import { CommandRunner } from '../support/command-runner.js';

let redis: CommandRunner;

beforeEach(() => {
  redis = new CommandRunner(setCommands);
});

/** Adds members 0 … count - 1, each with a prefix. */
function fill(count: number, prefix: string): void {
  redis.engineOnly(['SADD', 's', ...Array.from({ length: count }, (_, i) => `${prefix}${i}`)].join(' '));
}

/** The bulk strings of a reply. */
function bulks(reply: string): string[] {
  return reply.split('\r\n').filter((line) => line !== '' && !/^[*$~]/.test(line));
}

/** What counts that are equally likely exceed once in a million times (Wilson and Hilferty). */
function chiSquareBound(degrees: number): number {
  const part = 2 / (9 * degrees);
  return degrees * (1 - part + 4.75 * Math.sqrt(part)) ** 3;
}

function chiSquare(counts: ReadonlyMap<string, number>, size: number, total: number): number {
  const expected = total / size;
  let sum = (size - counts.size) * expected;
  for (const count of counts.values()) sum += (count - expected) ** 2 / expected;
  return sum;
}

describe('chance', () => {
  const sizes = [
    ['an intset', 60, ''],
    ['a run that is walked', 12, 'm'],
    ['a hashed run', 100, 'm'],
    ['a table', 300, 'm'.repeat(100)],
  ] as const;
  const draws: [string, (count: number) => string][] = [
    ['SRANDMEMBER', () => redis.engineOnly('SRANDMEMBER s')],
    ['SRANDMEMBER -20', () => redis.engineOnly('SRANDMEMBER s -20')],
    ['SRANDMEMBER 3', () => redis.engineOnly('SRANDMEMBER s 3')],
    ['SRANDMEMBER of half', (count) => redis.engineOnly(`SRANDMEMBER s ${count >> 1}`)],
  ];

  for (const [name, size, prefix] of sizes) {
    it.each(draws)(`gives each member of ${name} the same part: %s`, (_, draw) => {
      fill(size, prefix);
      const counts = new Map<string, number>();
      let total = 0;
      while (total < size * 15) {
        for (const member of bulks(draw(size))) {
          counts.set(member, (counts.get(member) ?? 0) + 1);
          total++;
        }
      }
      expect(counts.size).toBe(size);
      expect(chiSquare(counts, size, total)).toBeLessThan(chiSquareBound(size - 1));
    });

    it(`takes each member of ${name} with the same chance: SPOP`, () => {
      const counts = new Map<string, number>();
      let total = 0;
      while (total < size * 12) {
        fill(size, prefix);
        for (const member of bulks(redis.engineOnly('SPOP s 4'))) {
          counts.set(member, (counts.get(member) ?? 0) + 1);
          total++;
        }
      }
      expect(chiSquare(counts, size, total)).toBeLessThan(chiSquareBound(size - 1));
    });
  }

  it('is propagated as what it did', () => {
    fill(5, 'm');
    redis.takeEffects();
    const popped = [bulks(redis.line('SPOP s'))[0], ...bulks(redis.line('SPOP s 2'))];
    expect(redis.takeEffects()).toEqual([
      ['SREM', 's', popped[0]],
      ['SREM', 's', popped[1], popped[2]],
    ]);
    redis.line('SPOP s 9');
    expect(redis.takeEffects()).toEqual([['DEL', 's']]);
    expect(redis.entry('s')).toBe(0);
  });
});

describe('events', () => {
  it('tell what was added, moved, removed, and that the set is gone', () => {
    redis.line('SADD s a b');
    redis.line('SADD s a');
    redis.line('SREM s a x');
    redis.line('SMOVE s t b');
    redis.line('SPOP t 1');
    expect(redis.takeEvents()).toEqual(['sadd s', 'srem s', 'srem s', 'del s', 'sadd t', 'spop t', 'del t']);
    expect(redis.engine.keyspace.dirty).toBe(2 + 1 + 2 + 1);
  });
});

describe('SSCAN', () => {
  it('finds all that stays, while a table grows, shrinks and becomes a run', () => {
    const stays = Array.from({ length: 50 }, (_, i) => `stays ${i}`);
    redis.run('SADD', 's', ...stays);
    redis.run('SADD', 's', ...Array.from({ length: 3000 }, (_, i) => `goes ${i}`));
    const found = new Set<string>();
    let cursor = '0';
    for (let round = 0; round === 0 || cursor !== '0'; round++) {
      const [next, ...members] = bulks(redis.run('SSCAN', 's', cursor, 'COUNT', 60));
      cursor = next;
      for (const member of members) found.add(member);
      redis.run('SREM', 's', ...Array.from({ length: 300 }, (_, i) => `goes ${round * 300 + i}`));
      redis.run('SADD', 's', `comes ${round}`);
    }
    expect(stays.filter((member) => !found.has(member))).toEqual([]);
  });
});
