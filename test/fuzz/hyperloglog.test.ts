import fc from 'fast-check';
import { afterAll, beforeAll, test } from 'vitest';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import type { Command } from '../support/raw-client.js';
import { fuzz, type Group } from './fuzz.js';
import { smallValue } from './values.js';

const KEYS = ['h0', 'h1', 'h2', 'h3', 'h4', 'h5'];
const key = fc.constantFrom(...KEYS);
const any = fc.oneof({ weight: 30, arbitrary: key }, { weight: 2, arbitrary: fc.constantFrom('missing', 'text') });
const keys = fc.array(any, { minLength: 1, maxLength: 4 });

const element = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 3000 }).map((n) => `element:${n}`) },
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 1_000_000_000 }) },
  { weight: 3, arbitrary: smallValue },
);
const few = fc.array(element, { maxLength: 4 });
/** Crosses 3000 bytes within some commands. */
const several = fc
  .tuple(fc.constantFrom('', 'a', 'element:'), fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 20, max: 600 }))
  .map(([prefix, from, count]) => Array.from({ length: count }, (_, i) => prefix + String(from + i)));
const elements = fc.oneof({ weight: 12, arbitrary: few }, { weight: 2, arbitrary: several });

const one = (command: fc.Arbitrary<Command>): fc.Arbitrary<Group> => command.map((it) => [it]);

/** Opcodes of the sparse form that are right, and too few ones: whole, as Redis reads on where one is cut off. */
const opcodes = fc.oneof(
  { weight: 3, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 12 }).map((it) => it.map((byte) => byte & 0xbf)) },
  { weight: 3, arbitrary: fc.constant(Uint8Array.of(0x7f, 0xff)) },
  { weight: 3, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 12 }).map(completed) },
);
const forged = fc
  .tuple(opcodes, fc.constantFrom(0, 0x80))
  .map(([tail, last]) => Buffer.concat([Buffer.from('HYLL\x01\0\0\0\x09\0\0\0\0\0\0'), Buffer.from([last]), tail]));

/** The values among some bytes, and as many zeros after them as there must be. */
function completed(bytes: Uint8Array): Uint8Array {
  const values = bytes.map((byte) => byte | 0x80);
  const rest = 16_384 - values.reduce((sum, value) => sum + (value & 3) + 1, 0);
  return Uint8Array.of(...values, 0x40 | ((rest - 1) >> 8), (rest - 1) & 0xff);
}

const groups: fc.Arbitrary<Group> = fc.oneof(
  {
    weight: 30,
    arbitrary: fc.tuple(key, elements).map(([k, e]) => [
      ['PFADD', k, ...e],
      ['GET', k],
    ]),
  },
  { weight: 10, arbitrary: one(fc.tuple(any, elements).map(([k, e]) => ['PFADD', k, ...e])) },
  { weight: 10, arbitrary: one(any.map((k) => ['PFCOUNT', k])) },
  { weight: 8, arbitrary: one(keys.map((k) => ['PFCOUNT', ...k])) },
  {
    weight: 8,
    arbitrary: fc.tuple(key, keys).map(([to, k]) => [
      ['PFMERGE', to, ...k],
      ['GET', to],
    ]),
  },
  { weight: 1, arbitrary: one(key.map((k) => ['PFDEBUG', 'DECODE', k])) },
  { weight: 1, arbitrary: one(key.map((k) => ['PFDEBUG', 'ENCODING', k])) },
  { weight: 1, arbitrary: one(key.map((k) => ['PFDEBUG', 'TODENSE', k])) },
  { weight: 1, arbitrary: one(key.map((k) => ['PFDEBUG', 'GETREG', k])) },
  { weight: 1, arbitrary: fc.constant([['SET', 'text', 'x'] as Command]) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(key, forged, element, fc.constantFrom('PFADD', 'PFCOUNT', 'PFMERGE'))
      .map(([k, f, e, n]) => [
        ['SET', k, f],
        n === 'PFADD' ? [n, k, e] : [n, k],
        ['GET', k],
        ['OBJECT', 'ENCODING', k],
        ['DEL', k],
      ]),
  },
  { weight: 2, arbitrary: one(fc.tuple(key, key).map(([from, to]) => ['COPY', from, to, 'REPLACE'])) },
  {
    weight: 2,
    arbitrary: fc.tuple(key, key, element).map(([from, to, e]) => [
      ['PFADD', from, e],
      ['RENAME', from, to],
    ]),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(key, fc.constantFrom(0, 1)).map(([k, index]) => [
      ['MOVE', k, 1],
      ['SELECT', index],
      ['PFCOUNT', k],
    ]),
  },
  { weight: 3, arbitrary: one(key.map((k) => ['DEL', k])) },
  { weight: 1, arbitrary: one(key.map((k) => ['EXPIRE', k, 100_000])) },
  { weight: 1, arbitrary: one(key.map((k) => ['PEXPIREAT', k, 1])) },
  { weight: 1, arbitrary: one(key.map((k) => ['PERSIST', k])) },
);

const finale: Command[] = [0, 1].flatMap((index): Command[] => [
  ['SELECT', index],
  ...KEYS.flatMap((k): Command[] => [
    ['GET', k],
    ['OBJECT', 'ENCODING', k],
    ['PEXPIRETIME', k],
  ]),
]);

const settings: Record<string, Record<string, string>> = {
  'as configured by default': {},
  'that are soon dense': { 'hll-sparse-max-bytes': '100' },
  'that stay sparse': { 'hll-sparse-max-bytes': '16000' },
};

for (const [title, directives] of Object.entries(settings)) {
  describeWithOracle(`random commands on HyperLogLogs ${title}`, () => {
    let pair: Pair;

    beforeAll(async () => {
      pair = await startPair(directives);
    });

    afterAll(() => pair?.stop());

    test('answer as redis-server does', { timeout: 3_600_000 }, () => fuzz(pair, { groups, finale }));
  });
}
