import fc from 'fast-check';
import { afterAll, beforeAll, test } from 'vitest';
import type { Comparator } from '../support/compare.js';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import type { Command } from '../support/raw-client.js';
import { elementsOf, textOf } from '../support/reply-text.js';
import { fuzz, type Group } from './fuzz.js';

const KEYS = ['g0', 'g1', 'g2', 'g3'];
const key = fc.constantFrom(...KEYS);
const any = fc.oneof({ weight: 30, arbitrary: key }, { weight: 1, arbitrary: fc.constant('missing') });
/** What GEOSEARCHSTORE and its relatives write distances to: nothing else reads it. */
const DISTANCES = 'distances';

const double = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const degrees = (limit: number) =>
  fc.oneof(
    { weight: 6, arbitrary: double(-limit, limit) },
    { weight: 3, arbitrary: fc.integer({ min: -limit, max: limit }) },
    { weight: 3, arbitrary: double(-1, 1) },
    { weight: 2, arbitrary: double(limit - 1, limit) },
    { weight: 2, arbitrary: double(-limit, 1 - limit) },
    { weight: 1, arbitrary: fc.constantFrom(-limit, limit, 0, 45) },
  );
const place = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(degrees(180), degrees(85)) },
  { weight: 3, arbitrary: fc.tuple(double(13.3, 13.5), double(52.4, 52.6)) },
  { weight: 2, arbitrary: fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 })) },
);
const wrongPlace = fc.constantFrom(['181', '0'], ['0', '86'], ['x', '0'], ['0', ''], ['1e400', '0'], ['-200', '-90']);

const member = fc.integer({ min: 0, max: 400 }).map((n) => `member:${n}`);
const condition = fc.constantFrom([], [], [], ['NX'], ['XX'], ['CH'], ['XX', 'CH'], ['nx', 'ch']);
const placed = fc.tuple(place, member).map(([at, m]): [number, number, string] => [...at, m]);
const few = fc.array(placed, { minLength: 1, maxLength: 4 }).map((list) => list.flat());
/** Crosses 128 members. */
const several = fc.array(placed, { minLength: 30, maxLength: 120 }).map((list) => list.flat());

const unit = fc.constantFrom('m', 'km', 'ft', 'MI');
const length = fc.oneof(
  { weight: 8, arbitrary: double(0, 7.5).map((exponent) => 10 ** exponent) },
  { weight: 1, arbitrary: fc.constantFrom(0, 1, 1000, 1e9) },
);
const wrongLength = fc.constantFrom('-1', 'x', '', 'nan');
const from = fc.oneof(
  { weight: 3, arbitrary: place.map((at) => ['FROMLONLAT', ...at]) },
  { weight: 1, arbitrary: member.map((m) => ['FROMMEMBER', m]) },
);
const by = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(length, unit).map(([r, u]) => ['BYRADIUS', r, u]) },
  { weight: 4, arbitrary: fc.tuple(length, length, unit).map(([w, h, u]) => ['BYBOX', w, h, u]) },
);
const order = fc.constantFrom([], ['ASC'], ['DESC']);
const count = fc.oneof(
  { weight: 4, arbitrary: fc.constant([]) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 60 }).map((n) => ['COUNT', n]) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 60 }).map((n) => ['COUNT', n, 'ANY']) },
);
const withs = fc.subarray(['WITHDIST', 'WITHCOORD', 'WITHHASH']);

const one = (command: fc.Arbitrary<Command>): fc.Arbitrary<Group> => command.map((it) => [it]);
/** Any, as long as both versions of Redis write them alike. */
const score = fc.oneof(
  fc.integer({ min: -1000, max: 1000 }).map((n) => n / 4),
  fc.maxSafeInteger(),
  fc.constantFrom('4503599627370495', '4503599627370496', 'inf', '-inf'),
);

/** Reads them, by a command that nothing else is read by. */
const readDistances: Command = ['ZRANGEBYSCORE', DISTANCES, '-inf', '+inf', 'WITHSCORES'];

const groups: fc.Arbitrary<Group> = fc.oneof(
  { weight: 20, arbitrary: one(fc.tuple(key, condition, few).map(([k, c, p]) => ['GEOADD', k, ...c, ...p])) },
  { weight: 4, arbitrary: one(fc.tuple(key, several).map(([k, p]) => ['GEOADD', k, ...p])) },
  { weight: 1, arbitrary: one(fc.tuple(key, wrongPlace).map(([k, p]) => ['GEOADD', k, ...p, 'm'])) },
  { weight: 8, arbitrary: one(fc.tuple(any, member, member, unit).map(([k, a, b, u]) => ['GEODIST', k, a, b, u])) },
  { weight: 5, arbitrary: one(fc.tuple(any, member, member).map(([k, a, b]) => ['GEOPOS', k, a, b])) },
  { weight: 5, arbitrary: one(fc.tuple(any, member, member).map(([k, a, b]) => ['GEOHASH', k, a, b])) },
  {
    weight: 30,
    arbitrary: one(
      fc
        .tuple(any, place, by, order, count, withs)
        .map(([k, at, b, o, c, w]) => ['GEOSEARCH', k, 'FROMLONLAT', ...at, ...b, ...o, ...c, ...w]),
    ),
  },
  {
    weight: 6,
    arbitrary: fc.tuple(key, placed, by, order, count).map(([k, p, b, o, c]) => [
      ['GEOADD', k, ...p],
      ['GEOSEARCH', k, ...b, 'FROMMEMBER', p[2], ...o, ...c, 'WITHDIST'],
      ['GEORADIUSBYMEMBER_RO', k, p[2], 100, 'km', ...o, ...c],
    ]),
  },
  {
    weight: 6,
    arbitrary: one(
      fc
        .tuple(fc.constantFrom('GEORADIUS', 'GEORADIUS_RO'), any, place, length, unit, fc.tuple(order, count, withs))
        .map(([name, k, at, r, u, more]) => [name, k, ...at, r, u, ...more.flat()]),
    ),
  },
  {
    weight: 5,
    arbitrary: fc.tuple(key, any, from, by, count).map(([to, k, f, b, c]) => [
      ['GEOSEARCHSTORE', to, k, ...f, ...b, ...c],
      ['ZRANGE', to, 0, -1, 'WITHSCORES'],
      ['OBJECT', 'ENCODING', to],
    ]),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(any, from, by, count)
      .map(([k, f, b, c]) => [['GEOSEARCHSTORE', DISTANCES, k, ...f, ...b, ...c, 'STOREDIST'], readDistances]),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(key, key, place, length, unit)
      .map(([to, k, at, r, u]) => [
        ['GEORADIUS', k, ...at, r, u, 'STORE', to],
        ['GEORADIUS', k, ...at, r, u, 'STOREDIST', DISTANCES],
        readDistances,
      ]),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(key, placed, length, unit).map(([k, p, r, u]) => [
      ['GEOADD', k, ...p],
      ['GEORADIUSBYMEMBER', k, p[2], r, u, 'WITHHASH'],
      ['GEORADIUSBYMEMBER', k, p[2], r, u, 'STORE', k],
    ]),
  },
  {
    weight: 1,
    arbitrary: one(
      fc
        .tuple(any, place, wrongLength, unit)
        .map(([k, at, r, u]) => ['GEOSEARCH', k, 'FROMLONLAT', ...at, 'BYRADIUS', r, u]),
    ),
  },
  // Scores that are no places.
  { weight: 1, arbitrary: one(fc.tuple(key, score, member).map(([k, s, m]) => ['ZADD', k, s, m])) },
  { weight: 4, arbitrary: one(fc.tuple(key, member).map(([k, m]) => ['ZREM', k, m])) },
  { weight: 2, arbitrary: one(fc.tuple(key, key).map(([a, b]) => ['COPY', a, b, 'REPLACE'])) },
  { weight: 1, arbitrary: one(key.map((k) => ['DEL', k])) },
  { weight: 1, arbitrary: one(key.map((k) => ['EXPIRE', k, 100_000])) },
  { weight: 1, arbitrary: one(key.map((k) => ['PEXPIREAT', k, 1])) },
  {
    weight: 1,
    arbitrary: fc.tuple(key, fc.constantFrom(0, 1)).map(([k, index]) => [
      ['MOVE', k, 1],
      ['SELECT', index],
    ]),
  },
);

const finale: Command[] = [0, 1].flatMap((index): Command[] => [
  ['SELECT', index],
  ...KEYS.flatMap((k): Command[] => [
    ['ZRANGE', k, 0, -1, 'WITHSCORES'],
    ['OBJECT', 'ENCODING', k],
    ['PEXPIRETIME', k],
  ]),
  ['ZCARD', DISTANCES],
]);

/**
 * Members and scores, of which those that are distances may differ in their last digit: the C library's sines are not
 * always rounded correctly. Two that are as near to each other may change places.
 */
const nearlyEqual: Comparator = (oracle, subject) => {
  const [a, b] = [scoresOf(oracle), scoresOf(subject)];
  if (a.size !== b.size) return false;
  for (const [name, score] of a) {
    const other = b.get(name);
    if (other === undefined || Math.abs(score - other) > Math.abs(score) * 2e-14 + 2e-9) return false;
  }
  return true;
};

function scoresOf(reply: Buffer): Map<string, number> {
  const scores = new Map<string, number>();
  const elements = (elementsOf(reply) ?? []).flatMap((element) => elementsOf(element) ?? [element]);
  for (let i = 0; i < elements.length; i += 2)
    scores.set(textOf(elements[i]!) as string, Number(textOf(elements[i + 1]!)));
  return scores;
}

/** Distances as they are printed, with four decimals, of which the same sines may change the last. */
const nearlyEqualText: Comparator = (oracle, subject) => {
  const [a, b] = [leavesOf(oracle), leavesOf(subject)];
  return a.length === b.length && a.every((leaf, at) => leaf.equals(b[at]!) || isSameDistance(leaf, b[at]!));
};

function leavesOf(reply: Buffer): Buffer[] {
  return elementsOf(reply)?.flatMap(leavesOf) ?? [reply];
}

function isSameDistance(oracle: Buffer, subject: Buffer): boolean {
  const [a, b] = [textOf(oracle) ?? '', textOf(subject) ?? ''];
  return /^\d+\.\d{4}$/.test(a) && /^\d+\.\d{4}$/.test(b) && Math.abs(Number(a) - Number(b)) < 1.5e-4;
}

const comparators = {
  zrangebyscore: nearlyEqual,
  geodist: nearlyEqualText,
  geosearch: nearlyEqualText,
  georadius: nearlyEqualText,
  georadius_ro: nearlyEqualText,
  georadiusbymember: nearlyEqualText,
};

describeWithOracle('random geo commands', () => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await startPair();
  });

  afterAll(() => pair?.stop());

  test('answer as redis-server does', { timeout: 3_600_000 }, () => fuzz(pair, { groups, finale, comparators }));
});
