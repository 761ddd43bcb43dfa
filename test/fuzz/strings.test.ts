import fc from 'fast-check';
import { afterAll, beforeAll, test } from 'vitest';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import type { Command } from '../support/raw-client.js';
import { fuzz, type Group } from './fuzz.js';
import { index, offset, smallValue, value } from './values.js';

// Few keys, so that commands meet; by kind, so that most of them succeed.
const INTEGERS = ['i0', 'i1', 'i2', 'i3'];
const FLOATS = ['f0', 'f1'];
const STRINGS = ['s0', 's1', 's2', 's3', 's4', 's5'];
const KEYS = [...INTEGERS, ...FLOATS, ...STRINGS];

const int = fc.constantFrom(...INTEGERS);
const float = fc.constantFrom(...FLOATS);
const str = fc.oneof({ weight: 20, arbitrary: fc.constantFrom(...STRINGS) }, { weight: 1, arbitrary: int });
const any = fc.constantFrom(...KEYS, 'missing');

const step = fc.constantFrom<number | string>(1, -1, 10, 99, 9990, -10_000, 2 ** 31, -(2 ** 32), '4503599627370496');
const integerText = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -20_000, max: 20_000 }).map(String) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('9007199254740991', '-9007199254740992', '9223372036854770000', '-9223372036854775000'),
  },
);
const floatText = fc.constantFrom('0.1', '1.5', '-3.25', '5.0e3', '1e-2', '100', '-0.001', '1234567.875', '3.0', '-10');

const seconds = fc.constantFrom(1000, 50_000, 900_000);
const milliseconds = seconds.map((value) => value * 1000 + 123);
const FUTURE = 4_000_000_000;
const expiry = fc.oneof(
  seconds.map((value) => ['EX', value]),
  milliseconds.map((value) => ['PX', value]),
  fc.integer({ min: FUTURE, max: FUTURE + 1000 }).map((value) => ['EXAT', value]),
  fc.integer({ min: FUTURE, max: FUTURE + 1000 }).map((value) => ['PXAT', value * 1000 + 7]),
);

const setOptions = fc
  .tuple(
    fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.constantFrom(['NX'], ['XX'], ['nx']) },
    ),
    fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.constantFrom(['GET'], ['get']) }),
    fc.oneof(
      { weight: 4, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.constant(['KEEPTTL']) },
      { weight: 2, arbitrary: expiry },
    ),
  )
  .map((parts) => parts.flat());

const one = (command: fc.Arbitrary<Command>): fc.Arbitrary<Group> => command.map((it) => [it]);
const cmd = (name: string, ...args: fc.Arbitrary<string | number | Buffer>[]): fc.Arbitrary<Group> =>
  one(fc.tuple(...args).map((rest) => [name, ...rest]));

const groups: fc.Arbitrary<Group> = fc.oneof(
  { weight: 8, arbitrary: one(fc.tuple(str, value, setOptions).map(([k, v, o]) => ['SET', k, v, ...o])) },
  { weight: 6, arbitrary: one(fc.tuple(int, integerText, setOptions).map(([k, v, o]) => ['SET', k, v, ...o])) },
  { weight: 2, arbitrary: cmd('SET', float, floatText) },
  { weight: 6, arbitrary: cmd('GET', any) },
  { weight: 3, arbitrary: one(fc.array(any, { minLength: 1, maxLength: 4 }).map((keys) => ['MGET', ...keys])) },
  { weight: 4, arbitrary: one(fc.tuple(any, expiry).map(([k, e]) => ['GETEX', k, ...e])) },
  { weight: 1, arbitrary: one(any.map((k) => ['GETEX', k, 'PERSIST'])) },
  { weight: 1, arbitrary: cmd('GETEX', any) },
  { weight: 2, arbitrary: cmd('GETDEL', any) },
  { weight: 3, arbitrary: cmd('GETSET', str, value) },
  { weight: 2, arbitrary: cmd('GETSET', int, integerText) },
  { weight: 2, arbitrary: cmd('SETNX', str, value) },
  { weight: 1, arbitrary: cmd('SETEX', str, seconds, value) },
  { weight: 1, arbitrary: cmd('PSETEX', str, milliseconds, value) },
  {
    weight: 3,
    arbitrary: one(
      fc
        .tuple(fc.constantFrom('MSET', 'MSETNX'), fc.array(fc.tuple(str, smallValue), { minLength: 1, maxLength: 4 }))
        .map(([name, pairs]) => [name, ...pairs.flat()]),
    ),
  },
  { weight: 5, arbitrary: cmd('STRLEN', any) },
  { weight: 8, arbitrary: cmd('APPEND', str, value) },
  { weight: 2, arbitrary: cmd('APPEND', int, fc.constantFrom('0', '5')) },
  { weight: 8, arbitrary: cmd('GETRANGE', any, index, index) },
  { weight: 1, arbitrary: cmd('SUBSTR', any, index, index) },
  { weight: 1, arbitrary: cmd('LCS', int, int) },
  { weight: 1, arbitrary: cmd('LCS', int, float, fc.constantFrom('LEN', 'IDX')) },
  { weight: 8, arbitrary: cmd('SETRANGE', str, offset, value) },
  { weight: 1, arbitrary: cmd('SETRANGE', int, fc.constantFrom(0), fc.constantFrom('3', '')) },
  { weight: 6, arbitrary: cmd('INCR', int) },
  { weight: 4, arbitrary: cmd('DECR', int) },
  { weight: 4, arbitrary: cmd('INCRBY', int, step) },
  { weight: 4, arbitrary: cmd('DECRBY', int, step) },
  { weight: 4, arbitrary: cmd('INCRBYFLOAT', float, floatText) },
  { weight: 1, arbitrary: cmd('INCRBYFLOAT', int, fc.constantFrom('1', '10', '0.0', '-3e1')) },
  { weight: 6, arbitrary: one(any.map((k) => ['OBJECT', 'ENCODING', k])) },
  { weight: 2, arbitrary: cmd('PEXPIRETIME', any) },
  { weight: 2, arbitrary: cmd('TTL', any) },
  { weight: 2, arbitrary: cmd('DEL', any, any) },
  { weight: 1, arbitrary: cmd('COPY', str, str, fc.constant('REPLACE')) },
  { weight: 1, arbitrary: cmd('EXISTS', any, any) },
  // Errors belong in as well, in small numbers.
  { weight: 1, arbitrary: one(fc.tuple(str, value, expiry, expiry).map(([k, v, a, b]) => ['SET', k, v, ...a, ...b])) },
  { weight: 1, arbitrary: cmd('INCRBY', str, fc.constantFrom('1', 'x', '', '9223372036854775808')) },
  { weight: 1, arbitrary: cmd('SETRANGE', str, fc.constantFrom('-1', 'x', '536870912', '9223372036854775807'), value) },
);

const finale: Command[] = KEYS.flatMap((key) => [
  ['GET', key],
  ['OBJECT', 'ENCODING', key],
  ['PEXPIRETIME', key],
]);

describeWithOracle('random string commands', () => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await startPair();
  });

  afterAll(() => pair?.stop());

  test('answer as redis-server does', { timeout: 3_600_000 }, () => fuzz(pair, { groups, finale }));
});
