import fc from 'fast-check';
import { afterAll, beforeAll, test } from 'vitest';
import { sameType, setEncoding, sortedText, unordered } from '../support/compare.js';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import type { Command } from '../support/raw-client.js';
import { fuzz, type Group } from './fuzz.js';
import { patternBytes, smallValue, value } from './values.js';

const SETS = ['s0', 's1', 's2', 's3', 's4', 's5'];
const key = fc.constantFrom(...SETS);
const any = fc.oneof({ weight: 30, arbitrary: key }, { weight: 2, arbitrary: fc.constant('missing') });
const keys = fc.oneof(
  { weight: 12, arbitrary: fc.array(any, { minLength: 1, maxLength: 4 }) },
  { weight: 1, arbitrary: fc.array(any, { minLength: 9, maxLength: 14 }) },
);
const operation = fc.constantFrom('SINTER', 'SUNION', 'SDIFF');
const storing = fc.constantFrom('SINTERSTORE', 'SUNIONSTORE', 'SDIFFSTORE');

// Few enough that the same member is met again in other sets.
const name = fc.integer({ min: 0, max: 400 }).map((n) => `member:${n}`);
const integer = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: -30, max: 300 }) },
  { weight: 3, arbitrary: fc.integer({ min: -40_000, max: 40_000 }) },
  { weight: 1, arbitrary: fc.integer() },
  { weight: 1, arbitrary: fc.constantFrom('9223372036854775807', '-9223372036854775808', '4294967296') },
);
const member = fc.oneof(
  { weight: 12, arbitrary: name },
  { weight: 12, arbitrary: integer },
  { weight: 3, arbitrary: smallValue },
  { weight: 1, arbitrary: value },
);
const few = fc.array(member, { minLength: 1, maxLength: 4 });
/** Crosses 16 members and 128. */
const several = fc.oneof(
  fc.array(name, { minLength: 10, maxLength: 120 }),
  // Different ones: what is given twice counts as two from 7.2 on, where the encoding of a new set is chosen.
  fc.uniqueArray(integer, { minLength: 10, maxLength: 120, selector: String }),
);
/** Crosses 512 members and the room that a run may have. */
const range = fc
  .tuple(
    fc.constantFrom('', 'a-somewhat-longer-member:', 'm'),
    fc.integer({ min: 0, max: 200 }),
    fc.integer({ min: 200, max: 500 }),
  )
  .map(([prefix, from, count]) => Array.from({ length: count }, (_, i) => prefix + String(from + i)));
const long = fc
  .tuple(fc.constantFrom(63, 64, 65, 300, 16_383, 16_384, 16_400, 70_000), fc.nat(3))
  .map(([length, salt]) => [patternBytes(length, salt)]);

const one = (command: fc.Arbitrary<Command>): fc.Arbitrary<Group> => command.map((it) => [it]);
const members = fc.oneof(
  { weight: 20, arbitrary: few },
  { weight: 3, arbitrary: several },
  { weight: 1, arbitrary: range },
  { weight: 1, arbitrary: long },
);

const groups: fc.Arbitrary<Group> = fc.oneof(
  { weight: 24, arbitrary: one(fc.tuple(key, members).map(([k, m]) => ['SADD', k, ...m])) },
  { weight: 20, arbitrary: one(fc.tuple(any, members).map(([k, m]) => ['SREM', k, ...m])) },
  { weight: 10, arbitrary: one(fc.tuple(any, member).map(([k, m]) => ['SISMEMBER', k, m])) },
  { weight: 3, arbitrary: one(fc.tuple(any, few).map(([k, m]) => ['SMISMEMBER', k, ...m])) },
  { weight: 5, arbitrary: one(any.map((k) => ['SCARD', k])) },
  { weight: 3, arbitrary: one(any.map((k) => ['SMEMBERS', k])) },
  { weight: 8, arbitrary: one(fc.tuple(any, key, member).map(([from, to, m]) => ['SMOVE', from, to, m])) },
  { weight: 6, arbitrary: one(fc.tuple(operation, keys).map(([o, k]) => [o, ...k])) },
  { weight: 5, arbitrary: one(fc.tuple(storing, key, keys).map(([o, to, k]) => [o, to, ...k])) },
  { weight: 2, arbitrary: one(keys.map((k) => ['SINTERCARD', k.length, ...k])) },
  {
    weight: 2,
    arbitrary: one(
      fc.tuple(keys, fc.integer({ min: 0, max: 30 })).map(([k, n]) => ['SINTERCARD', k.length, ...k, 'LIMIT', n]),
    ),
  },
  // What chance decides is made the same again.
  {
    weight: 3,
    arbitrary: fc.tuple(key, few).map(([k, m]) => [
      ['DEL', k],
      ['SADD', k, ...m],
      ['SPOP', k, 5],
    ]),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(key, fc.integer({ min: 1, max: 400 })).map(([k, n]) => [
      ['SRANDMEMBER', k, n],
      ['SRANDMEMBER', k, -n],
      ['SPOP', k, n],
      ['SCARD', k],
      ['DEL', k],
    ]),
  },
  { weight: 2, arbitrary: one(any.map((k) => ['SRANDMEMBER', k])) },
  { weight: 2, arbitrary: one(any.map((k) => ['SSCAN', k, 0, 'COUNT', 100_000])) },
  { weight: 1, arbitrary: one(any.map((k) => ['SSCAN', k, 0, 'MATCH', '*1*', 'COUNT', 100_000])) },
  { weight: 2, arbitrary: one(any.map((k) => ['SORT', k, 'ALPHA'])) },
  { weight: 2, arbitrary: one(fc.tuple(key, key).map(([from, to]) => ['COPY', from, to, 'REPLACE'])) },
  {
    weight: 2,
    arbitrary: fc.tuple(key, key, member).map(([from, to, m]) => [
      ['SADD', from, m],
      ['RENAME', from, to],
    ]),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(key, fc.constantFrom(0, 1)).map(([k, index]) => [
      ['MOVE', k, 1],
      ['SELECT', index],
      ['SCARD', k],
    ]),
  },
  { weight: 3, arbitrary: one(any.map((k) => ['OBJECT', 'ENCODING', k])) },
  { weight: 1, arbitrary: one(any.map((k) => ['TYPE', k])) },
  { weight: 1, arbitrary: one(key.map((k) => ['DEL', k])) },
  { weight: 1, arbitrary: one(key.map((k) => ['EXPIRE', k, 100_000])) },
  { weight: 1, arbitrary: one(key.map((k) => ['PEXPIREAT', k, 1])) },
  { weight: 1, arbitrary: one(key.map((k) => ['PERSIST', k])) },
  // Errors, in small numbers.
  { weight: 1, arbitrary: one(fc.tuple(key, fc.constantFrom('-1', 'x', '1.5', '')).map(([k, n]) => ['SPOP', k, n])) },
  { weight: 1, arbitrary: one(fc.tuple(key, fc.constantFrom('GET', 'LLEN', 'STRLEN')).map(([k, n]) => [n, k])) },
);

const finale: Command[] = [0, 1].flatMap((index) => [
  ['SELECT', index],
  ...SETS.flatMap((set): Command[] => [
    ['SCARD', set],
    ['SMEMBERS', set],
    ['OBJECT', 'ENCODING', set],
    ['PEXPIRETIME', set],
  ]),
]);

const comparators = {
  'object encoding': setEncoding,
  spop: (a: Buffer, b: Buffer) => unordered(a, b) || sameType(a, b),
  srandmember: sameType,
  sort: sortedText,
};

const settings: Record<string, Record<string, string>> = {
  'as configured by default': {},
  'with at most 20 integers an intset': { 'set-max-intset-entries': '20' },
};

for (const [title, directives] of Object.entries(settings)) {
  describeWithOracle(`random set commands ${title}`, () => {
    let pair: Pair;

    beforeAll(async () => {
      pair = await startPair(directives);
    });

    afterAll(() => pair?.stop());

    test('answer as redis-server does', { timeout: 3_600_000 }, () => fuzz(pair, { groups, finale, comparators }));
  });
}
