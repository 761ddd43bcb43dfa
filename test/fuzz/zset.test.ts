import fc from 'fast-check';
import { afterAll, beforeAll, test } from 'vitest';
import { sameType, sortedText } from '../support/compare.js';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import type { Command } from '../support/raw-client.js';
import { fuzz, type Group } from './fuzz.js';
import { patternBytes } from './values.js';

const KEYS = ['z0', 'z1', 'z2', 'z3'];
/** Seconds: the element that a pop is about to take may have been refused, and nobody comes with another. */
const PATIENCE = 0.05;
const key = fc.constantFrom(...KEYS);
const any = fc.oneof({ weight: 30, arbitrary: key }, { weight: 1, arbitrary: fc.constant('missing') });

// Redis 7.0 prints other digits than 7.4 where the shortest ones do not do: quarters print alike in both.
const score = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: -20, max: 20 }) },
  { weight: 8, arbitrary: fc.integer({ min: -40_000, max: 40_000 }) },
  { weight: 4, arbitrary: fc.integer({ min: -80, max: 80 }).map((quarters) => quarters / 4) },
  { weight: 2, arbitrary: fc.integer({ min: -5_000_000_000, max: 5_000_000_000 }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('inf', '-inf', '-0', '0', '1e9'),
  },
);
const fewMembers = fc.integer({ min: 0, max: 30 }).map((n) => `m${n}`);
const manyMembers = fc.integer({ min: 0, max: 900 }).map((n) => `member:${n}`);
const longMembers = fc
  .tuple(fc.constantFrom(63, 64, 65, 200, 5000, 16_383, 16_384, 40_000), fc.nat(2))
  .map(([length, salt]) => patternBytes(length, salt));
const member = fc.oneof(
  { weight: 20, arbitrary: fewMembers },
  { weight: 20, arbitrary: manyMembers },
  { weight: 4, arbitrary: fc.integer({ min: -5, max: 300 }).map(String) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)) },
  { weight: 1, arbitrary: longMembers },
);

const pairs = (minLength: number, maxLength: number, of = member) =>
  fc.array(fc.tuple(score, of), { minLength, maxLength }).map((list) => list.flat());
const few = pairs(1, 4);
// Crosses the 128 members of a listpack, and with some more the 400 of a run.
const many = fc
  .tuple(fc.integer({ min: 0, max: 700 }), fc.integer({ min: 60, max: 250 }), fc.integer({ min: 1, max: 50 }))
  .map(([from, count, step]) =>
    Array.from({ length: count }, (_, i) => [((from + i) * step) % 97, `member:${from + i}`]).flat(),
  );
const rank = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -12, max: 12 }) },
  { weight: 2, arbitrary: fc.integer({ min: -500, max: 500 }) },
);
const scoreBound = fc.tuple(fc.constantFrom('', '', '('), score).map(([open, value]) => `${open}${value}`);
const lexBound = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom('-', '+') },
  {
    weight: 4,
    arbitrary: fc.tuple(fc.constantFrom('[', '('), fc.oneof(fewMembers, manyMembers)).map(([a, b]) => a + b),
  },
);
const limit = fc.oneof(
  { weight: 2, arbitrary: fc.constant([] as Command) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.integer({ min: -1, max: 20 }), fc.integer({ min: -1, max: 20 }))
      .map(([offset, count]): Command => ['LIMIT', offset, count]),
  },
);
const withScores = fc.constantFrom<Command[]>([], ['WITHSCORES']);
const options = fc.constantFrom<Command[]>(
  ...[[], ['NX'], ['XX'], ['GT'], ['LT'], ['CH'], ['XX', 'GT'], ['CH', 'LT'], ['CH', 'XX'], ['CH', 'NX']],
);
const weights = fc.oneof(
  fc.constant([] as Command),
  fc
    .tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -3, max: 3 }))
    .map((list): Command => ['WEIGHTS', ...list]),
);
// Stored results are not to grow from one to the next.
const signs = fc.oneof(
  fc.constant([] as Command),
  fc
    .tuple(fc.integer({ min: -1, max: 1 }), fc.integer({ min: -1, max: 1 }))
    .map((list): Command => ['WEIGHTS', ...list]),
);
const aggregate = fc.constantFrom<Command[]>([], ['AGGREGATE', 'MIN'], ['AGGREGATE', 'MAX'], ['AGGREGATE', 'SUM']);

const one = (command: fc.Arbitrary<Command>): fc.Arbitrary<Group> => command.map((it) => [it]);
const line = (weight: number, ...parts: (fc.Arbitrary<unknown> | string | number)[]) => ({
  weight,
  arbitrary: one(
    fc
      .tuple(...parts.map((part) => (typeof part === 'object' ? part : fc.constant(part))))
      .map((words) => words.flat() as unknown as Command),
  ),
});

const groups: fc.Arbitrary<Group> = fc.oneof(
  line(30, 'ZADD', key, options, few),
  line(3, 'ZADD', key, many),
  line(4, 'ZADD', key, options, 'INCR', score, member),
  line(8, 'ZINCRBY', key, score, member),
  line(12, 'ZREM', any, fc.array(member, { minLength: 1, maxLength: 6 })),
  line(8, 'ZSCORE', any, member),
  line(2, 'ZMSCORE', any, fc.array(member, { minLength: 1, maxLength: 6 })),
  line(6, fc.constantFrom('ZRANK', 'ZREVRANK'), any, member),
  line(4, 'ZCARD', any),
  line(4, 'ZCOUNT', any, scoreBound, scoreBound),
  line(6, fc.constantFrom('ZRANGE', 'ZREVRANGE'), any, rank, rank, withScores),
  line(6, fc.constantFrom('ZRANGEBYSCORE', 'ZREVRANGEBYSCORE'), any, scoreBound, scoreBound, limit, withScores),
  line(3, 'ZRANGE', any, scoreBound, scoreBound, 'BYSCORE', fc.constantFrom([], ['REV']), limit, withScores),
  // Where scores differ, what a range by member is depends on chance in a skip list: here they are equal.
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.array(fc.oneof(fewMembers, manyMembers), { minLength: 1, maxLength: 60 }), lexBound, lexBound, limit)
      .map(([members, min, max, cut]) => [
        ['DEL', 'lex'],
        ['ZADD', 'lex', ...members.flatMap((it) => [3, it])],
        ['ZRANGEBYLEX', 'lex', min, max, ...cut],
        ['ZREVRANGEBYLEX', 'lex', max, min, ...cut],
        ['ZLEXCOUNT', 'lex', min, max],
        ['ZREMRANGEBYLEX', 'lex', min, max],
        ['ZRANGE', 'lex', 0, -1],
      ]),
  },
  line(1, 'ZREMRANGEBYRANK', any, rank, rank),
  line(1, 'ZREMRANGEBYSCORE', any, scoreBound, scoreBound),
  line(4, fc.constantFrom('ZPOPMIN', 'ZPOPMAX'), any),
  line(2, fc.constantFrom('ZPOPMIN', 'ZPOPMAX'), any, fc.integer({ min: 0, max: 40 })),
  line(2, 'ZMPOP', 2, any, key, fc.constantFrom('MIN', 'MAX'), 'COUNT', fc.integer({ min: 1, max: 20 })),
  // The member added before means that these do not block.
  {
    weight: 2,
    arbitrary: fc
      .tuple(key, score, member, fc.constantFrom('BZPOPMIN', 'BZPOPMAX'))
      .map(([k, s, m, pop]): Command[] => [
        ['ZADD', k, s, m],
        [pop, 'missing', k, PATIENCE],
      ]),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(key, score, member, fc.constantFrom('MIN', 'MAX'), fc.integer({ min: 1, max: 20 }))
      .map(([k, s, m, side, count]): Command[] => [
        ['ZADD', k, s, m],
        ['BZMPOP', PATIENCE, 2, 'missing', k, side, 'COUNT', count],
      ]),
  },
  line(1, 'ZRANDMEMBER', any),
  line(1, 'ZRANDMEMBER', any, -3, withScores),
  line(1, 'ZSCAN', any, 0, fc.constantFrom([], ['MATCH', '*7*']), 'COUNT', 100_000),
  line(2, fc.constantFrom('ZUNION', 'ZINTER'), 2, any, any, weights, aggregate, withScores),
  line(1, 'ZDIFF', 2, any, any, withScores),
  line(1, fc.constantFrom('ZUNIONSTORE', 'ZINTERSTORE'), key, 2, any, any, signs, aggregate),
  line(1, 'ZDIFFSTORE', key, 2, any, any),
  line(2, 'ZINTERCARD', 2, any, any, 'LIMIT', fc.integer({ min: 0, max: 10 })),
  line(1, 'ZRANGESTORE', key, any, rank, rank),
  line(1, 'ZRANGESTORE', key, any, scoreBound, scoreBound, 'BYSCORE', limit),
  line(2, 'COPY', key, key, 'REPLACE'),
  {
    weight: 1,
    arbitrary: fc.tuple(key, key, score, member).map(([from, to, s, m]): Command[] => [
      ['ZADD', from, s, m],
      ['RENAME', from, to],
    ]),
  },
  line(2, 'OBJECT', 'ENCODING', any),
  line(1, 'SORT', any, 'BY', 'nosort', fc.constantFrom([], ['DESC']), limit),
  line(1, 'SORT', any, 'ALPHA'),
  line(1, 'DEL', key),
  line(1, 'EXPIRE', key, 100_000),
  line(1, 'PERSIST', key),
  // Errors, in small numbers.
  line(1, 'ZADD', key, 'x', member),
  line(1, 'ZRANGE', key, 'x', 1),
  {
    weight: 1,
    arbitrary: fc.tuple(key, member).map(([k, m]): Command[] => [
      ['ZADD', k, 1, m],
      ['LPUSH', k, m],
    ]),
  },
);

const comparators = { zrandmember: sameType, sort: sortedText };

const finale: Command[] = [...KEYS, 'lex'].flatMap((name) => [
  ['ZCARD', name],
  ['ZRANGE', name, 0, -1, 'WITHSCORES'],
  ['OBJECT', 'ENCODING', name],
  ['PEXPIRETIME', name],
]);

// Small listpacks, so that names and structures change independently.
const settings: Record<string, Record<string, string>> = {
  'as configured by default': {},
  'with at most eight members of twenty bytes in a listpack': {
    'zset-max-listpack-entries': '8',
    'zset-max-listpack-value': '20',
  },
  'with listpacks of thousands of members': {
    'zset-max-listpack-entries': '5000',
    'zset-max-listpack-value': '100000',
  },
};

for (const [name, directives] of Object.entries(settings)) {
  describeWithOracle(`random sorted set commands ${name}`, () => {
    let pair: Pair;

    beforeAll(async () => {
      pair = await startPair(directives);
    });

    afterAll(() => pair?.stop());

    test('answer as redis-server does', { timeout: 3_600_000 }, () => fuzz(pair, { groups, finale, comparators }));
  });
}
