import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  formatDouble,
  INT64_MAX,
  INT64_MIN,
  parseDouble,
  parseInteger,
  parseInteger64,
  writeInteger,
} from '../../../src/text/numbers.js';
import { runs } from '../../support/runs.js';

function within<T>(text: string, parse: (bytes: Buffer, start: number, end: number) => T): T {
  // Digits around must not be read.
  const bytes = Buffer.from(`9${text}9`, 'latin1');
  return parse(bytes, 1, bytes.length - 1);
}

const integer64 = (text: string) => within(text, parseInteger64);
const integer = (text: string) => within(text, parseInteger);
const double = (text: string) => within(text, parseDouble);

test('integers read back over all of int64', () => {
  const any = fc.oneof(
    fc.bigInt({ min: INT64_MIN, max: INT64_MAX }),
    fc.bigInt({ min: -2000n, max: 2000n }),
    fc.constantFrom(INT64_MAX, INT64_MIN, 10n ** 15n, 10n ** 15n - 1n, 10n ** 18n, 2n ** 53n),
  );
  fc.assert(
    fc.property(any, (value) => {
      expect(integer64(String(value))).toBe(value);
      expect(integer(String(value))).toBe(Number(value));
    }),
    { numRuns: runs(1000) },
  );
});

test.each([
  ...['', '-', '+1', '01', '-0', '00', '-01', ' 1', '1 ', '1.0', '1e3', '0x1', 'a', '1a', '--1', '/', ':'],
  ...['9223372036854775808', '-9223372036854775809', '99999999999999999999', '1'.repeat(50), '123456789012345678x'],
])('%j is no integer', (text) => {
  expect(integer64(text)).toBeUndefined();
  expect(integer(text)).toBeNaN();
});

test('digits are written in place', () => {
  const any = fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.constantFrom(0, -0, -0x80000000, 0x7fffffff));
  fc.assert(
    fc.property(any, (value) => {
      const bytes = Buffer.alloc(30, 'x');
      const end = writeInteger(bytes, 3, value);
      expect(bytes.toString('latin1', 0, end + 1)).toBe(`xxx${value}x`);
    }),
    { numRuns: runs(1000) },
  );
});

test('doubles read as Number() reads them', () => {
  const any = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.stringMatching(/^[+-]?[0-9]{1,18}(\.[0-9]{0,18})?(e[+-]?[0-9]{1,2})?$/),
    fc.stringMatching(/^-?\.[0-9]{1,17}$/),
  );
  fc.assert(
    fc.property(any, (text) => {
      expect(Object.is(double(text), Number(text)), text).toBe(true);
    }),
    { numRuns: runs(2000) },
  );
});

test.each([
  ['inf', Infinity],
  ['+INF', Infinity],
  ['-Infinity', -Infinity],
  ['5.', 5],
  ['.5', 0.5],
  ['+5', 5],
  ['-0', -0],
  ['0e-500', 0],
  ['5e-324', 5e-324],
  ['0x10', 16],
  ['-0x1.8p1', -3],
  ['0X.8', 0.5],
  ['0x1p-1074', 5e-324],
  ['0x1fffffffffffff8', 2 ** 57],
  ['0x1.fffffffffffffp1023', Number.MAX_VALUE],
  [`0x0.${'0'.repeat(400)}1p1604`, 1],
])('the double %j is %d', (text, value) => {
  expect(double(text)).toBe(value);
});

test.each([
  ...['', '+', '.', '-.', 'nan', 'NaN', ' 1', '1 ', '1e', '1e+', '0x', '0x.', '0x1p', 'infinit', 'infx', '1_0', '1,5'],
  ...['1e400', '-1e400', '1e-400', '2e-324', '0x1p1024', '0x1p-1080', '0b1', '1.5.5', '--1', '5\0'],
])('%j is no double', (text) => {
  expect(double(text)).toBeNaN();
});

test('doubles print with the digits that read back as themselves', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(Object.is(Number(formatDouble(value)), value)).toBe(true);
    }),
    { numRuns: runs(2000) },
  );
});

test.each([
  [0, '0'],
  [-0, '-0'],
  [3, '3'],
  [-17, '-17'],
  [0.1 + 0.2, '0.30000000000000004'],
  [123456789.12345679, '1.2345678912345679e+8'],
  [123456789.123, '123456789.123'],
  [1234.5678901234567, '1234.5678901234567'],
  [0.000001, '0.000001'],
  [0.0000001, '1e-7'],
  [0.001234567, '0.001234567'],
  [0.0001234567, '1.234567e-4'],
  [1e17, '100000000000000000'],
  [1e20, '1e+20'],
  [1.7976931348623157e308, '1.7976931348623157e+308'],
  [5e-324, '5e-324'],
  [1.2345678901234568e22, '12345678901234568000000'],
  [-1.2345678901234568e22, '-12345678901234568000000'],
  [Infinity, 'inf'],
  [-Infinity, '-inf'],
  [Number.NaN, 'nan'],
])('%d prints as %s', (value, text) => {
  expect(formatDouble(value)).toBe(text);
});
