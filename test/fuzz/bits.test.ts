import fc from 'fast-check';
import { afterAll, beforeAll, test } from 'vitest';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import type { Command } from '../support/raw-client.js';
import { fuzz, type Group } from './fuzz.js';
import { patternBytes } from './values.js';

// Short strings, long ones that fill pages, and sparse ones whose pages are mostly holes.
const SHORT = ['s0', 's1', 's2', 's3'];
const LONG = ['l0', 'l1'];
const SPARSE = ['h0', 'h1'];
const KEYS = [...SHORT, ...LONG, ...SPARSE];

const short = fc.constantFrom(...SHORT);
const long = fc.constantFrom(...LONG);
const sparse = fc.constantFrom(...SPARSE);
const key = fc.oneof(
  { weight: 10, arbitrary: short },
  { weight: 3, arbitrary: long },
  { weight: 3, arbitrary: sparse },
);
const any = fc.oneof({ weight: 20, arbitrary: key }, { weight: 1, arbitrary: fc.constant('missing') });

const bit = fc.constantFrom(0, 1);
const unit = fc.constantFrom('BIT', 'BYTE', 'bit', 'Byte');

/** Bits near 0, around the borders of pages, and anywhere in what a string of this kind may hold. */
const nearBit = fc.integer({ min: 0, max: 700 });
const PAGE_BITS = 524_288;
const borderBit = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: -70, max: 70 }))
  .map(([page, off]) => page * PAGE_BITS + off);
const farBit = fc.integer({ min: 0, max: 12 * PAGE_BITS });

/** A key with a bit offset that suits it. */
const place: fc.Arbitrary<[string, number]> = fc.oneof(
  { weight: 10, arbitrary: fc.tuple(short, nearBit) },
  { weight: 3, arbitrary: fc.tuple(long, fc.oneof(nearBit, borderBit)) },
  { weight: 3, arbitrary: fc.tuple(sparse, fc.oneof(borderBit, farBit)) },
);

const offset = fc.oneof(
  { weight: 10, arbitrary: fc.integer({ min: -90, max: 90 }) },
  { weight: 3, arbitrary: fc.integer({ min: -700, max: 700 }) },
  { weight: 2, arbitrary: fc.integer({ min: 65_530, max: 65_545 }) },
  { weight: 2, arbitrary: fc.integer({ min: PAGE_BITS - 9, max: PAGE_BITS + 9 }) },
  { weight: 1, arbitrary: fc.constantFrom('9223372036854775807', '-9223372036854775808', -131_072, 1_048_570) },
);
const range = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(offset, offset) },
  { weight: 3, arbitrary: fc.tuple(offset, offset, unit) },
);

const content = fc.oneof(
  { weight: 6, arbitrary: fc.uint8Array({ maxLength: 90 }).map((bytes) => Buffer.from(bytes)) },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.nat(80), fc.constantFrom(0, 255, 254, 1)).map(([n, byte]) => Buffer.alloc(n, byte)),
  },
  { weight: 1, arbitrary: fc.integer({ min: -99_999, max: 99_999 }).map(String) },
);
const longContent = fc.oneof(
  fc.tuple(fc.integer({ min: 20_000, max: 200_000 }), fc.nat(9)).map(([n, salt]) => patternBytes(n, salt)),
  fc
    .tuple(fc.constantFrom(32_700, 65_535, 65_536, 65_537, 131_072, 140_001), fc.constantFrom(0, 255))
    .map(([n, byte]) => Buffer.alloc(n, byte)),
);

const width = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 32 }) },
  { weight: 2, arbitrary: fc.integer({ min: 33, max: 63 }) },
  { weight: 4, arbitrary: fc.constantFrom(1, 7, 8, 16, 24, 31, 32, 33, 48, 52, 53, 54, 63) },
);
const type = fc.oneof(
  { weight: 5, arbitrary: width.map((bits) => `u${bits}`) },
  { weight: 5, arbitrary: width.map((bits) => `i${bits}`) },
  { weight: 1, arbitrary: fc.constant('i64') },
);
const integer = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: -300, max: 300 }).map(String) },
  { weight: 2, arbitrary: fc.integer().map(String) },
  { weight: 3, arbitrary: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String) },
  // Around powers of two, where fields overflow.
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.integer({ min: 0, max: 62 }), fc.integer({ min: -2, max: 2 }), fc.boolean())
      .map(([power, off, negative]) => `${(negative ? -1n : 1n) * (2n ** BigInt(power) + BigInt(off))}`),
  },
);
const fieldOffset = (at: number) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constant<number | string>(at) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 12 }).map((index) => `#${index}`) },
  );
const overflow = fc.constantFrom('WRAP', 'SAT', 'FAIL', 'wrap', 'sat').map((word): Command => ['OVERFLOW', word]);

const readField = (at: number) => fc.tuple(type, fieldOffset(at)).map((words): Command => ['GET', ...words]);
const writeField = (at: number) =>
  fc
    .tuple(fc.constantFrom('SET', 'INCRBY', 'INCRBY', 'set'), type, fieldOffset(at), integer)
    .map((words): Command => words);

const bitField: fc.Arbitrary<Command> = place.chain(([name, at]) =>
  fc
    .array(
      fc.oneof(
        { weight: 4, arbitrary: readField(at) },
        { weight: 6, arbitrary: writeField(at) },
        { weight: 3, arbitrary: overflow },
      ),
      { minLength: 1, maxLength: 5 },
    )
    .map((operations) => ['BITFIELD', name, ...operations.flat()]),
);
const bitFieldRo: fc.Arbitrary<Command> = place.chain(([name, at]) =>
  fc
    .array(readField(at), { minLength: 1, maxLength: 4 })
    .map((operations) => ['BITFIELD_RO', name, ...operations.flat()]),
);

const one = (command: fc.Arbitrary<Command>): fc.Arbitrary<Group> => command.map((it) => [it]);

const operation = fc.constantFrom('AND', 'OR', 'XOR', 'and', 'Or', 'xor');
const operands = fc.array(any, { minLength: 1, maxLength: 5 });

const groups: fc.Arbitrary<Group> = fc.oneof(
  { weight: 12, arbitrary: one(fc.tuple(place, bit).map(([where, value]) => ['SETBIT', ...where, value])) },
  { weight: 8, arbitrary: one(place.map((where) => ['GETBIT', ...where])) },
  { weight: 4, arbitrary: one(any.map((name) => ['BITCOUNT', name])) },
  { weight: 10, arbitrary: one(fc.tuple(any, range).map(([name, words]) => ['BITCOUNT', name, ...words])) },
  { weight: 3, arbitrary: one(fc.tuple(any, bit).map(([name, value]) => ['BITPOS', name, value])) },
  {
    weight: 3,
    arbitrary: one(fc.tuple(any, bit, offset).map(([name, value, from]) => ['BITPOS', name, value, from])),
  },
  {
    weight: 8,
    arbitrary: one(fc.tuple(any, bit, range).map(([name, value, words]) => ['BITPOS', name, value, ...words])),
  },
  {
    weight: 8,
    arbitrary: fc.tuple(operation, key, operands, bit).map(([op, to, from, value]) => [
      ['BITOP', op, to, ...from],
      ['BITCOUNT', to],
      ['BITPOS', to, value],
    ]),
  },
  { weight: 2, arbitrary: one(fc.tuple(key, any).map(([to, from]) => ['BITOP', 'NOT', to, from])) },
  { weight: 16, arbitrary: one(bitField) },
  { weight: 5, arbitrary: one(bitFieldRo) },
  { weight: 5, arbitrary: one(fc.tuple(short, content).map(([name, bytes]) => ['SET', name, bytes])) },
  { weight: 2, arbitrary: one(fc.tuple(long, longContent).map(([name, bytes]) => ['SET', name, bytes])) },
  {
    weight: 2,
    arbitrary: one(
      fc.tuple(place, content).map(([[name, at], bytes]) => ['SETRANGE', name, Math.floor(at / 8), bytes]),
    ),
  },
  { weight: 1, arbitrary: one(fc.tuple(short, content).map(([name, bytes]) => ['APPEND', name, bytes])) },
  { weight: 3, arbitrary: one(any.map((name) => ['OBJECT', 'ENCODING', name])) },
  { weight: 3, arbitrary: one(any.map((name) => ['STRLEN', name])) },
  { weight: 3, arbitrary: one(fc.tuple(any, offset, offset).map(([name, a, b]) => ['GETRANGE', name, a, b])) },
  { weight: 2, arbitrary: one(short.map((name) => ['GET', name])) },
  { weight: 2, arbitrary: one(fc.tuple(key, key).map(([from, to]) => ['COPY', from, to, 'REPLACE'])) },
  { weight: 2, arbitrary: one(fc.constantFrom(...LONG, ...SPARSE).map((name) => ['DEL', name])) },
  { weight: 1, arbitrary: one(short.map((name) => ['DEL', name])) },
  { weight: 1, arbitrary: one(key.map((name) => ['EXPIRE', name, 100_000])) },
  { weight: 1, arbitrary: one(any.map((name) => ['PEXPIRETIME', name])) },
  // Errors, in small numbers.
  { weight: 1, arbitrary: one(fc.tuple(key, fc.constantFrom('-1', 'x', '4294967296')).map((it) => ['GETBIT', ...it])) },
  {
    weight: 1,
    arbitrary: one(
      fc.tuple(key, fc.constantFrom('u64', 'i65', 'u0')).map((it) => ['BITFIELD', it[0], 'GET', it[1], 0]),
    ),
  },
  { weight: 1, arbitrary: one(short.map((name) => ['BITPOS', name, 2])) },
);

const finale: Command[] = KEYS.flatMap((name): Command[] => [
  ['STRLEN', name],
  ['BITCOUNT', name],
  ['GET', name],
  ['PEXPIRETIME', name],
]);

describeWithOracle('random bitmap commands', () => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await startPair();
  });

  afterAll(() => pair?.stop());

  test('answer as redis-server does', { timeout: 3_600_000 }, () => fuzz(pair, { groups, finale }));
});
