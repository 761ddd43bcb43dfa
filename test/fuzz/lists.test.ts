import fc from 'fast-check';
import { afterAll, beforeAll, test } from 'vitest';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import type { Command } from '../support/raw-client.js';
import { fuzz, type Group } from './fuzz.js';
import { index, patternBytes, smallValue, value } from './values.js';

const LISTS = ['l0', 'l1', 'l2', 'l3', 'l4'];
const key = fc.constantFrom(...LISTS);
const any = fc.oneof({ weight: 30, arbitrary: key }, { weight: 2, arbitrary: fc.constant('missing') });
const push = fc.constantFrom('LPUSH', 'RPUSH');
const pushIfThere = fc.constantFrom('LPUSHX', 'RPUSHX');
const pop = fc.constantFrom('LPOP', 'RPOP');
const side = fc.constantFrom('LEFT', 'RIGHT', 'left', 'Right');

const few = fc.array(value, { minLength: 1, maxLength: 4 });
// Crosses the 8 KiB of a listpack, and with some more pushes the 64 KiB of a page.
const many = fc.array(smallValue, { minLength: 80, maxLength: 250 });
const same = fc
  .tuple(fc.constantFrom(60, 63, 64, 65, 1000), fc.integer({ min: 20, max: 130 }))
  .map(([length, count]) => Array.from({ length: count }, (_, at) => patternBytes(length, at)));

const one = (command: fc.Arbitrary<Command>): fc.Arbitrary<Group> => command.map((it) => [it]);

const groups: fc.Arbitrary<Group> = fc.oneof(
  { weight: 20, arbitrary: one(fc.tuple(push, key, few).map(([name, k, values]) => [name, k, ...values])) },
  { weight: 3, arbitrary: one(fc.tuple(pushIfThere, any, few).map(([name, k, values]) => [name, k, ...values])) },
  { weight: 2, arbitrary: one(fc.tuple(push, key, many).map(([name, k, values]) => [name, k, ...values])) },
  { weight: 1, arbitrary: one(fc.tuple(push, key, same).map(([name, k, values]) => [name, k, ...values])) },
  { weight: 14, arbitrary: one(fc.tuple(pop, any).map(([name, k]) => [name, k])) },
  {
    weight: 5,
    arbitrary: one(
      fc
        .tuple(pop, any, fc.oneof(fc.integer({ min: 0, max: 8 }), fc.constantFrom(50, 200, 100_000)))
        .map(([name, k, count]) => [name, k, count]),
    ),
  },
  { weight: 8, arbitrary: one(any.map((k) => ['LLEN', k])) },
  { weight: 8, arbitrary: one(fc.tuple(any, index, index).map(([k, from, to]) => ['LRANGE', k, from, to])) },
  { weight: 1, arbitrary: one(any.map((k) => ['LRANGE', k, 0, -1])) },
  { weight: 10, arbitrary: one(fc.tuple(any, index).map(([k, at]) => ['LINDEX', k, at])) },
  {
    weight: 10,
    arbitrary: one(fc.tuple(any, key, side, side).map(([from, to, a, b]) => ['LMOVE', from, to, a, b])),
  },
  // The element pushed before means that these do not block.
  {
    weight: 3,
    arbitrary: fc.tuple(push, key, smallValue, fc.constantFrom('BLPOP', 'BRPOP')).map(([name, k, v, blockingPop]) => [
      [name, k, v],
      [blockingPop, 'missing', k, '0.5'],
    ]),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(push, key, smallValue, key, side, side).map(([name, k, v, to, a, b]) => [
      [name, k, v],
      ['BLMOVE', k, to, a, b, 0],
    ]),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(push, key, smallValue, key).map(([name, k, v, to]) => [
      [name, k, v],
      ['BRPOPLPUSH', k, to, 0],
    ]),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(push, key, smallValue, key, side, fc.integer({ min: 1, max: 20 }))
      .map(([name, k, v, other, where, n]) => [
        [name, k, v],
        ['BLMPOP', 0, 2, other, k, where, 'COUNT', n],
      ]),
  },
  // As above: there is an element to find or to replace.
  {
    weight: 3,
    arbitrary: fc.tuple(push, key, value, value, fc.constantFrom('BEFORE', 'AFTER')).map(([name, k, v, w, where]) => [
      [name, k, v],
      ['LINSERT', k, where, v, w],
      ['LPOS', k, w, 'COUNT', 0],
    ]),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(push, key, smallValue, value, fc.constantFrom(0, -1)).map(([name, k, v, w, at]) => [
      [name, k, v],
      ['LSET', k, at, w],
    ]),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(key, smallValue, fc.integer({ min: -2, max: 2 })).map(([k, v, count]) => [
      ['RPUSH', k, v, 'between', v, v],
      ['LREM', k, count, v],
      ['LPOS', k, v, 'RANK', -1],
    ]),
  },
  { weight: 1, arbitrary: one(fc.tuple(any, index, index).map(([k, from, to]) => ['LTRIM', k, from, to])) },
  { weight: 2, arbitrary: one(fc.tuple(any, key).map(([from, to]) => ['RPOPLPUSH', from, to])) },
  {
    weight: 2,
    arbitrary: one(
      fc
        .tuple(any, key, side, fc.integer({ min: 1, max: 20 }))
        .map(([a, b, where, n]) => ['LMPOP', 2, a, b, where, 'COUNT', n]),
    ),
  },
  { weight: 2, arbitrary: one(fc.tuple(key, key).map(([from, to]) => ['COPY', from, to, 'REPLACE'])) },
  {
    weight: 2,
    arbitrary: fc.tuple(key, key, smallValue).map(([from, to, v]) => [
      ['RPUSH', from, v],
      ['RENAME', from, to],
    ]),
  },
  { weight: 2, arbitrary: one(any.map((k) => ['OBJECT', 'ENCODING', k])) },
  { weight: 2, arbitrary: one(any.map((k) => ['TYPE', k])) },
  { weight: 1, arbitrary: one(key.map((k) => ['DEL', k])) },
  { weight: 1, arbitrary: one(key.map((k) => ['EXPIRE', k, 100_000])) },
  { weight: 1, arbitrary: one(key.map((k) => ['PERSIST', k])) },
  // Errors, in small numbers.
  { weight: 1, arbitrary: one(fc.tuple(key, fc.constantFrom('-1', 'x', '1.5', '')).map(([k, n]) => ['LPOP', k, n])) },
  { weight: 1, arbitrary: one(fc.tuple(key, fc.constantFrom('GET', 'INCR', 'STRLEN')).map(([k, name]) => [name, k])) },
  { weight: 1, arbitrary: one(key.map((k) => ['LINDEX', k, 'x'])) },
);

const finale: Command[] = LISTS.flatMap((name) => [
  ['LLEN', name],
  ['LRANGE', name, 0, -1],
  ['PEXPIRETIME', name],
]);

// Small nodes, so that lists change their form all the time.
const settings: Record<string, Record<string, string>> = {
  'as configured by default': {},
  'with at most four elements a node': { 'list-max-listpack-size': '4', 'list-compress-depth': '1' },
};

for (const [name, directives] of Object.entries(settings)) {
  describeWithOracle(`random list commands ${name}`, () => {
    let pair: Pair;

    beforeAll(async () => {
      pair = await startPair(directives);
    });

    afterAll(() => pair?.stop());

    test('answer as redis-server does', { timeout: 3_600_000 }, () => fuzz(pair, { groups, finale }));
  });
}
