import fc from 'fast-check';
import { afterAll, beforeAll, test } from 'vitest';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import type { Command } from '../support/raw-client.js';
import { fuzz, type Group } from './fuzz.js';
import { patternBytes, smallValue, value } from './values.js';

/**
 * Keys of both types in several databases, moved, copied, renamed, swapped and given deadlines.
 *
 * The servers read their own clocks, so a deadline is either long past or years away, and conditions (GT, LT) only
 * compare absolute deadlines. A key that SET gives a past deadline is touched at once: until then Redis still counts it.
 */
const DATABASES = 4;
const STRINGS = ['s0', 's1', 's2', 's3', 'a:1', 'a:2'];
const LISTS = ['l0', 'l1', 'l2'];
// Longer than what is kept inside an entry, and long enough for two bytes of length.
const LONG_KEYS = [patternBytes(200, 1), patternBytes(20_000, 2), patternBytes(70_000, 3)];
const KEYS = [...STRINGS, ...LISTS, ...LONG_KEYS];

const str = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom(...STRINGS) },
  { weight: 2, arbitrary: fc.constantFrom(...LONG_KEYS) },
);
const list = fc.constantFrom(...LISTS);
const any = fc.oneof(
  { weight: 6, arbitrary: str },
  { weight: 3, arbitrary: list },
  { weight: 1, arbitrary: fc.constant('missing') },
);
const database = fc.nat(DATABASES - 1);

const relative = fc.constantFrom(1000, 20_000, 9_000_000);
const FUTURE = 4_000_000_000;
const absolute = fc.integer({ min: FUTURE, max: FUTURE + 20 });
const past = fc.constantFrom<number | string>(0, -1, -1000, '-9223372036854775');
const condition = fc.constantFrom('NX', 'XX', 'GT', 'LT', 'xx');

const one = (command: fc.Arbitrary<Command>): fc.Arbitrary<Group> => command.map((it) => [it]);
const cmd = (name: string, ...args: fc.Arbitrary<string | number | Buffer>[]): fc.Arbitrary<Group> =>
  one(fc.tuple(...args).map((rest) => [name, ...rest]));

/** RENAME and COPY fail without their source, so it is written first. */
const withSource = (command: fc.Arbitrary<Command>): fc.Arbitrary<Group> =>
  fc.tuple(command, smallValue).map(([it, v]) => {
    const source = it[1]!;
    const isList = LISTS.includes(source as string);
    return isList ? [['RPUSH', source, v], it] : [['SET', source, v, 'NX'], it];
  });

const groups: fc.Arbitrary<Group> = fc.oneof(
  { weight: 10, arbitrary: cmd('SET', str, value) },
  { weight: 2, arbitrary: one(fc.tuple(str, smallValue).map(([k, v]) => ['SET', k, v, 'KEEPTTL'])) },
  { weight: 3, arbitrary: one(fc.tuple(str, smallValue, relative).map(([k, v, s]) => ['SET', k, v, 'EX', s])) },
  {
    weight: 2,
    arbitrary: fc.tuple(str, smallValue).map(([k, v]) => [
      ['SET', k, v, 'PXAT', 1],
      ['EXISTS', k],
    ]),
  },
  { weight: 8, arbitrary: cmd('RPUSH', list, smallValue, value) },
  { weight: 2, arbitrary: cmd('LPOP', list) },
  { weight: 2, arbitrary: cmd('APPEND', str, smallValue) },
  { weight: 4, arbitrary: cmd('GET', str) },
  { weight: 6, arbitrary: one(database.map((db) => ['SELECT', db])) },
  { weight: 4, arbitrary: cmd('EXPIRE', any, relative) },
  {
    weight: 2,
    arbitrary: cmd(
      'PEXPIRE',
      any,
      relative.map((s) => s * 1000),
    ),
  },
  { weight: 4, arbitrary: cmd('EXPIREAT', any, absolute, condition) },
  {
    weight: 3,
    arbitrary: cmd(
      'PEXPIREAT',
      any,
      absolute.map((s) => s * 1000),
      condition,
    ),
  },
  { weight: 2, arbitrary: cmd('EXPIREAT', any, absolute) },
  { weight: 1, arbitrary: cmd('EXPIRE', any, relative, fc.constantFrom('NX', 'XX')) },
  { weight: 1, arbitrary: cmd('EXPIRE', any, past) },
  { weight: 1, arbitrary: cmd('PEXPIREAT', any, fc.constantFrom(0, 1, -5)) },
  { weight: 4, arbitrary: cmd('PERSIST', any) },
  { weight: 3, arbitrary: cmd('TTL', any) },
  { weight: 2, arbitrary: cmd('PTTL', any) },
  { weight: 3, arbitrary: cmd('EXPIRETIME', any) },
  { weight: 3, arbitrary: cmd('PEXPIRETIME', any) },
  { weight: 2, arbitrary: one(fc.tuple(str, absolute).map(([k, at]) => ['GETEX', k, 'EXAT', at])) },
  { weight: 1, arbitrary: one(str.map((k) => ['GETEX', k, 'PERSIST'])) },
  { weight: 1, arbitrary: one(str.map((k) => ['GETEX', k, 'PXAT', 1])) },
  { weight: 3, arbitrary: cmd('DEL', any, any) },
  { weight: 2, arbitrary: cmd('UNLINK', any, any, any) },
  { weight: 3, arbitrary: cmd('EXISTS', any, any, any) },
  { weight: 3, arbitrary: cmd('TYPE', any) },
  { weight: 2, arbitrary: cmd('TOUCH', any, any) },
  { weight: 4, arbitrary: withSource(fc.tuple(any, any).map(([from, to]) => ['RENAME', from, to])) },
  { weight: 3, arbitrary: withSource(fc.tuple(any, any).map(([from, to]) => ['RENAMENX', from, to])) },
  { weight: 3, arbitrary: withSource(fc.tuple(any, any).map(([from, to]) => ['COPY', from, `${to}2`])) },
  {
    weight: 4,
    arbitrary: cmd('COPY', any, fc.constantFrom(...KEYS), fc.constant('DB'), database, fc.constant('REPLACE')),
  },
  { weight: 2, arbitrary: cmd('COPY', any, fc.constantFrom(...KEYS), fc.constant('DB'), database) },
  { weight: 5, arbitrary: cmd('MOVE', any, database) },
  { weight: 2, arbitrary: cmd('SWAPDB', database, database) },
  { weight: 3, arbitrary: cmd('DBSIZE') },
  { weight: 1, arbitrary: cmd('RANDOMKEY') },
  {
    weight: 2,
    arbitrary: cmd('KEYS', fc.constantFrom('*', 's*', 'a:?', '[ls]0', '[^l]*', '*[0-2]', '\\*', 'a*b*c', '')),
  },
  { weight: 2, arbitrary: one(fc.constant(['SCAN', 0, 'COUNT', 100_000])) },
  { weight: 1, arbitrary: one(fc.constantFrom('s*', '*:*').map((p) => ['SCAN', 0, 'COUNT', 100_000, 'MATCH', p])) },
  { weight: 1, arbitrary: one(fc.constantFrom('list', 'string').map((t) => ['SCAN', 0, 'TYPE', t, 'COUNT', 100_000])) },
  { weight: 3, arbitrary: one(any.map((k) => ['OBJECT', 'ENCODING', k])) },
  { weight: 1, arbitrary: fc.constantFrom<Group>([['FLUSHDB']], [['FLUSHDB', 'ASYNC']], [['FLUSHDB', 'SYNC']]) },
);

const finale: Command[] = [];
for (let db = 0; db < DATABASES; db++) {
  finale.push(['SELECT', db], ['DBSIZE'], ['KEYS', '*']);
  for (const key of KEYS) finale.push(['TYPE', key], ['GET', key], ['LRANGE', key, 0, -1], ['PEXPIRETIME', key]);
}

describeWithOracle('random commands on keys and deadlines', () => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await startPair();
  });

  afterAll(() => pair?.stop());

  test('answer as redis-server does', { timeout: 3_600_000 }, () => fuzz(pair, { groups, finale }));
});
