import fc from 'fast-check';
import { afterAll, beforeAll, test } from 'vitest';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import type { Command } from '../support/raw-client.js';
import { fuzz, type Group } from './fuzz.js';
import { numberLike, patternBytes, smallValue, value } from './values.js';

const HASHES = ['h0', 'h1', 'h2', 'h3'];
const key = fc.constantFrom(...HASHES);
const any = fc.oneof({ weight: 30, arbitrary: key }, { weight: 2, arbitrary: fc.constant('missing') });

/** Few enough that most are met again; among them integers, and some on both sides of 64 and 16,383 bytes. */
const name = (limit: number) =>
  fc.nat(limit).map((n) => (n % 3 === 0 ? `${n}` : n % 3 === 1 ? `field:${n}` : `${-n}x`));
const field: fc.Arbitrary<string | Buffer> = fc.oneof(
  { weight: 40, arbitrary: name(40) },
  { weight: 10, arbitrary: name(900) },
  { weight: 3, arbitrary: numberLike },
  { weight: 1, arbitrary: fc.constantFrom(63, 64, 65, 16_383, 16_384).map((length) => patternBytes(length, 1)) },
  { weight: 1, arbitrary: fc.constant('') },
);
const pair = fc.tuple(field, value);
const pairs = (minLength: number, maxLength: number) =>
  fc.array(fc.tuple(name(900), smallValue), { minLength, maxLength }).map((list) => list.flat());
const fields = fc.array(field, { minLength: 1, maxLength: 6 });

const one = (command: fc.Arbitrary<Command>): fc.Arbitrary<Group> => command.map((it) => [it]);

const groups: fc.Arbitrary<Group> = fc.oneof(
  { weight: 20, arbitrary: one(fc.tuple(key, pair).map(([k, [f, v]]) => ['HSET', k, f, v])) },
  { weight: 6, arbitrary: one(fc.tuple(key, pairs(1, 8)).map(([k, list]) => ['HSET', k, ...list])) },
  // Crosses 512 fields, and 20,000 bytes.
  { weight: 2, arbitrary: one(fc.tuple(key, pairs(100, 400)).map(([k, list]) => ['HMSET', k, ...list])) },
  { weight: 6, arbitrary: one(fc.tuple(key, pair).map(([k, [f, v]]) => ['HSETNX', k, f, v])) },
  { weight: 16, arbitrary: one(fc.tuple(any, field).map(([k, f]) => ['HGET', k, f])) },
  { weight: 6, arbitrary: one(fc.tuple(any, fields).map(([k, list]) => ['HMGET', k, ...list])) },
  { weight: 5, arbitrary: one(fc.tuple(any, field).map(([k, f]) => ['HEXISTS', k, f])) },
  { weight: 5, arbitrary: one(fc.tuple(any, field).map(([k, f]) => ['HSTRLEN', k, f])) },
  { weight: 6, arbitrary: one(any.map((k) => ['HLEN', k])) },
  { weight: 14, arbitrary: one(fc.tuple(any, fields).map(([k, list]) => ['HDEL', k, ...list])) },
  {
    weight: 2,
    arbitrary: one(
      fc.tuple(key, fc.array(name(900), { minLength: 100, maxLength: 500 })).map(([k, list]) => ['HDEL', k, ...list]),
    ),
  },
  { weight: 3, arbitrary: one(any.map((k) => ['HGETALL', k])) },
  { weight: 2, arbitrary: one(fc.tuple(any, fc.constantFrom('HKEYS', 'HVALS')).map(([k, n]) => [n, k])) },
  { weight: 2, arbitrary: one(any.map((k) => ['HSCAN', k, 0, 'COUNT', 100_000])) },
  {
    weight: 2,
    arbitrary: one(
      fc
        .tuple(any, fc.constantFrom('field:*', '*7*', '[0-9]'))
        .map(([k, p]) => ['HSCAN', k, 0, 'MATCH', p, 'COUNT', 100_000]),
    ),
  },
  { weight: 2, arbitrary: one(any.map((k) => ['HRANDFIELD', k])) },
  { weight: 1, arbitrary: one(any.map((k) => ['HRANDFIELD', k, -3, 'WITHVALUES'])) },
  // All of them, and so in no random order.
  { weight: 1, arbitrary: one(any.map((k) => ['HRANDFIELD', k, 100_000, 'WITHVALUES'])) },
  {
    weight: 6,
    arbitrary: fc.tuple(key, fc.nat(5), fc.integer({ min: -1000, max: 1000 })).map(([k, n, by]) => [
      ['HSETNX', k, `n${n}`, '9007199254740000'],
      ['HINCRBY', k, `n${n}`, by],
    ]),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(key, fc.nat(5), fc.constantFrom('1.5', '-0.1', '1e10', '3'))
      .map(([k, n, by]) => [['HINCRBYFLOAT', k, `n${n}`, by]]),
  },
  { weight: 2, arbitrary: one(fc.tuple(key, key).map(([from, to]) => ['COPY', from, to, 'REPLACE'])) },
  {
    weight: 2,
    arbitrary: fc.tuple(key, key).map(([from, to]) => [
      ['HSET', from, 'renamed', to],
      ['RENAME', from, to],
    ]),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(key, key).map(([from, to]) => [
      ['COPY', from, to, 'DB', 3, 'REPLACE'],
      ['SELECT', 3],
      ['HGETALL', to],
      ['OBJECT', 'ENCODING', to],
      ['SELECT', 0],
    ]),
  },
  { weight: 4, arbitrary: one(any.map((k) => ['OBJECT', 'ENCODING', k])) },
  { weight: 1, arbitrary: one(any.map((k) => ['TYPE', k])) },
  { weight: 2, arbitrary: one(key.map((k) => ['DEL', k])) },
  { weight: 1, arbitrary: one(key.map((k) => ['EXPIRE', k, 100_000])) },
  { weight: 1, arbitrary: one(key.map((k) => ['PERSIST', k])) },
  {
    weight: 1,
    arbitrary: fc.tuple(key, key).map(([k, other]) => [
      ['SET', other, 'x'],
      ['DEL', other],
      ['HLEN', k],
    ]),
  },
  // Errors, in small numbers.
  { weight: 1, arbitrary: one(fc.tuple(key, field).map(([k, f]) => ['HINCRBY', k, f, '1'])) },
  { weight: 1, arbitrary: one(key.map((k) => ['GET', k])) },
  { weight: 1, arbitrary: one(key.map((k) => ['HSET', k, 'f'])) },
);

const finale: Command[] = HASHES.flatMap((it) => [
  ['HLEN', it],
  ['HGETALL', it],
  ['OBJECT', 'ENCODING', it],
  ['PEXPIRETIME', it],
]);

const settings: Record<string, Record<string, string>> = {
  'as configured by default': {},
  'with listpacks of a few short fields': { 'hash-max-listpack-entries': '8', 'hash-max-listpack-value': '12' },
  'with listpacks of any size': { 'hash-max-listpack-entries': '100000', 'hash-max-listpack-value': '100000' },
};

for (const [it, directives] of Object.entries(settings)) {
  describeWithOracle(`random hash commands ${it}`, () => {
    let servers: Pair;

    beforeAll(async () => {
      servers = await startPair(directives);
    });

    afterAll(() => servers?.stop());

    test('answer as redis-server does', { timeout: 3_600_000 }, () => fuzz(servers, { groups, finale }));
  });
}
