/**
 * Payloads in which bytes were changed, with a checksum that is right: each is refused, or is a value that can be read,
 * changed and written again. Memory is intact after each.
 *
 *   MUTATIONS=…      how many (default: a few seconds' worth)
 *   MUTATIONS_SEED=… where to begin (a failing run prints its own)
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { allCommands } from '../../src/commands/index.js';
import { SeededRandom } from '../../src/engine/random.js';
import type { Server } from '../../src/engine/server.js';
import { CommandRunner, type Word } from '../support/command-runner.js';
import { payloadOf } from '../support/payload.js';

const MUTATIONS = Number(process.env['MUTATIONS'] ?? 1_000);
const FIRST_SEED = Number(process.env['MUTATIONS_SEED'] ?? 1);

const range = (count: number) => Array.from({ length: count }, (_, i) => i);
const text = (value: string) => [value.length, ...Buffer.from(value)];

/** Commands that make one value of each form that is written. */
const MADE: Word[][][] = [
  [['HSET', 'k', ...range(10).flatMap((i) => [`f${i}`, `${i * 1000}`])]],
  [['HSET', 'k', ...range(10).flatMap((i) => [`f${i}`, `v${i}`.padEnd(70, 'v')])]],
  [
    ['HSET', 'k', 'a', 1, 'b', 2, 'c', 'x'],
    ['HPEXPIREAT', 'k', 4_000_000_000_000, 'FIELDS', 2, 'a', 'b'],
  ],
  [
    ['HSET', 'k', 'a', 1, 'b', 'v'.repeat(70)],
    ['HPEXPIREAT', 'k', 4_000_000_000_000, 'FIELDS', 1, 'a'],
  ],
  [['SADD', 'k', ...range(12)]],
  [['SADD', 'k', ...range(5), 70_000, '5000000000']],
  [['SADD', 'k', ...range(12).map((i) => `m${i}`)]],
  [['SADD', 'k', ...range(5).map((i) => `m${i}`.padEnd(70, 'm'))]],
  [['ZADD', 'k', ...range(10).flatMap((i) => [i * 1.5, `m${i}`])]],
  [['ZADD', 'k', ...range(5).flatMap((i) => [i * 1.5, `m${i}`.padEnd(70, 'm')])]],
  range(10).map((i) => ['XADD', 'k', `5-${i + 1}`, `f${i % 3}`, `v${i}`]),
  [
    ...range(6).map((i) => ['XADD', 'k', `5-${i + 1}`, 'f', i]),
    ['XGROUP', 'CREATE', 'k', 'g', 0],
    ['XGROUP', 'CREATE', 'k', 'h', '5-2', 'ENTRIESREAD', 2],
    ['XREADGROUP', 'GROUP', 'g', 'ann', 'COUNT', 3, 'STREAMS', 'k', '>'],
    ['XREADGROUP', 'GROUP', 'g', 'bob', 'STREAMS', 'k', '>'],
    ['XREADGROUP', 'GROUP', 'h', 'ann', 'STREAMS', 'k', '>'],
    ['XACK', 'k', 'g', '5-2'],
    ['XDEL', 'k', '5-5'],
  ],
  [['PFADD', 'k', ...range(10)]],
  [['GEOADD', 'k', ...range(5).flatMap((i) => [13 + i, 38 - i, `place ${i}`])]],
  [['RPUSH', 'k', ...range(10), 'a', 'b'.repeat(100)]],
  [['SET', 'k', 'again and again and again and again and again and again']],
];

/** What older versions wrote. */
const OLDER: number[][] = [
  [9, 14, 2, ...text('a'), 2, 0, 49, 50, ...text('b'), 1, 2, 120, 0, 0xff],
  [13, 21, 21, 0, 0, 0, 18, 0, 0, 0, 4, 0, 0, 1, 97, 3, 0xf3, 2, 1, 98, 3, 0xf4, 0xff],
  [12, 21, 21, 0, 0, 0, 18, 0, 0, 0, 4, 0, 0, 1, 97, 3, 0xf3, 2, 1, 98, 3, 0xf4, 0xff],
  [3, 2, ...text('b'), ...text('3.5'), ...text('a'), 255],
];

const runner = new CommandRunner(allCommands);
// DEBUG asks whether it is allowed.
runner.engine.server = { config: { get: () => 'yes' } } as unknown as Server;

function bodyOf(commands: Word[][]): Buffer {
  runner.run('DEL', 'k');
  for (const command of commands) expect(runner.run(...command)).not.toMatch(/^-/);
  return Buffer.from(runner.bulk('DUMP', 'k')!, 'latin1').subarray(0, -10);
}

/** Smaller ones only: of a large one a change of a byte is mostly a change of its text. */
function recorded(): Buffer[] {
  const file = new URL('../fixtures/redis-7.4-payloads.json', import.meta.url);
  const { payloads } = JSON.parse(readFileSync(file, 'utf8')) as { payloads: Record<string, { dump_base64: string }> };
  return Object.values(payloads)
    .map(({ dump_base64 }) => Buffer.from(dump_base64, 'base64').subarray(0, -10))
    .filter(({ length }) => length < 2_000);
}

/** Seeds that are near each other give nothing alike. */
function randomOf(seed: number): SeededRandom {
  const random = new SeededRandom([Math.imul(seed, 0x9e3779b1), Math.imul(seed, 0x85ebca6b), seed, 4]);
  for (let i = 0; i < 20; i++) random.below(2);
  return random;
}

/** One to four changes: bits, bytes, numbers at their limits, parts that are missing, repeated or from another one. */
function mutated(bodies: readonly Buffer[], random: SeededRandom): Buffer {
  let body = Buffer.from(bodies[random.below(bodies.length)]!);
  // Of what has several changes, most is refused.
  const changes = random.below(3) > 0 ? 1 : 2 + random.below(3);
  for (let left = changes; left > 0; left--) {
    // Most changes of the type are refused at once.
    const at = Math.min(body.length - 1, random.below(20) === 0 ? 0 : 1 + random.below(body.length));
    const kind = changes === 1 ? random.below(4) : random.below(6);
    if (kind === 0) body[at]! ^= 1 << random.below(8);
    else if (kind === 1) body[at] = random.below(256);
    else if (kind === 2) body[at] = [0, 1, 0x7f, 0x80, 0xc0, 0xc3, 0xfe, 0xff][random.below(8)]!;
    else if (kind === 3) body = Buffer.concat([body.subarray(0, at), body.subarray(at + 1 + random.below(4))]);
    else if (kind === 4) body = Buffer.concat([body.subarray(0, at), body.subarray(at >> 1)]);
    else {
      const other = bodies[random.below(bodies.length)]!;
      body = Buffer.concat([body.subarray(0, at), other.subarray(random.below(other.length))]);
    }
    if (body.length < 2) return body;
  }
  return body;
}

/** Commands that change a value of the type. */
const CHANGES: Record<string, Word[][]> = {
  hash: [
    ['HSET', 'k', 'f1', 'other', 'new', 'n'.repeat(100)],
    ['HDEL', 'k', 'a', 'f1'],
  ],
  set: [
    ['SADD', 'k', 'new', 77],
    ['SREM', 'k', 1, 'a'],
  ],
  zset: [
    ['ZADD', 'k', 3, 'new', 4, 'a'],
    ['ZREMRANGEBYRANK', 'k', 0, 0],
    ['GEOPOS', 'k', 'place 1', 'place 2'],
    ['GEOSEARCH', 'k', 'FROMLONLAT', 15, 37, 'BYRADIUS', 500, 'km', 'ASC'],
  ],
  list: [
    ['RPUSH', 'k', 'new'],
    ['LPOP', 'k'],
  ],
  stream: [
    ['XADD', 'k', 'MAXLEN', 5, '*', 'a', 'b'],
    ['XDEL', 'k', '5-3'],
    ['XGROUP', 'CREATE', 'k', 'new', 0],
    ...['g', 'h', 'new'].flatMap((group) => [
      ['XREADGROUP', 'GROUP', group, 'ann', 'STREAMS', 'k', '>'],
      ['XAUTOCLAIM', 'k', group, 'cid', 0, 0],
      ['XACK', 'k', group, '5-1', '5-3'],
      ['XPENDING', 'k', group, '-', '+', 10],
      ['XGROUP', 'DELCONSUMER', 'k', group, 'bob'],
    ]),
    ['XINFO', 'STREAM', 'k', 'FULL'],
    ['XGROUP', 'DESTROY', 'k', 'g'],
  ],
  string: [
    ['PFADD', 'k', 'new'],
    ['PFCOUNT', 'k'],
    ['APPEND', 'k', 'new'],
  ],
};

test('changed payloads are refused, or values that can be used', { timeout: 3_600_000 }, () => {
  const bodies = [...OLDER.map((bytes) => Buffer.from(bytes)), ...MADE.map(bodyOf), ...recorded()];
  let restored = 0;
  for (let seed = FIRST_SEED; seed < FIRST_SEED + MUTATIONS; seed++) {
    const body = mutated(bodies, randomOf(seed));
    try {
      if (isUsable(body)) restored++;
    } catch (error) {
      throw new Error(`MUTATIONS_SEED=${seed}: ${body.toString('hex')}: ${(error as Error).message}`, { cause: error });
    }
  }
  // Otherwise all are refused for a reason that says nothing.
  expect(restored).toBeGreaterThan(MUTATIONS / 50);
});

/** False if the payload is refused, which it must be without a trace. */
function isUsable(body: Buffer): boolean {
  runner.run('DEL', 'k');
  const reply = runner.run('RESTORE', 'k', 0, payloadOf(body));
  if (reply !== '+OK\r\n') {
    expect(reply).toMatch(/^-ERR Bad data format/);
    expect(runner.run('DBSIZE')).toBe(':0\r\n');
    return false;
  }
  // All its fields may be due already.
  const payload = runner.bulk('DUMP', 'k');
  if (payload === null) return true;
  const digest = runner.run('DEBUG', 'DIGEST-VALUE', 'k');
  expect(runner.run('RESTORE', 'k', 0, Buffer.from(payload, 'latin1'), 'REPLACE')).toBe('+OK\r\n');
  expect(runner.run('DEBUG', 'DIGEST-VALUE', 'k')).toBe(digest);
  const type = runner.run('TYPE', 'k').slice(1, -2);
  for (const change of CHANGES[type]!) expect(runner.run(...change)).not.toMatch(/^-ERR internal/);
  return true;
}
