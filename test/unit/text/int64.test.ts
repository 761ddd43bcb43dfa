import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Int64 } from '../../../src/text/int64.js';
import { parseInteger64 } from '../../../src/text/numbers.js';
import { runs } from '../../support/runs.js';

const LIMITS = [0n, 2n ** 31n, 2n ** 32n, 10n ** 15n, 2n ** 53n, 2n ** 63n - 2n]
  .flatMap((value) => [value - 1n, value, value + 1n, -value, -value - 1n, -value - 2n])
  .map(String);
const NO_INTEGERS = ['', '-', '-0', '00', '01', '+1', ' 1', '1 ', '1a', '--1', '1.0', '123456789012345678x'];
const TOO_LONG = ['9223372036854775808', '-9223372036854775809', '9999999999999999999', '12345678901234567890'];
const REFUSED = [...NO_INTEGERS, ...TOO_LONG, '0000000000000001'];
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
/** As likely to have few digits as many. */
const anyLength = fc.tuple(int64, fc.bigInt({ min: 0n, max: 63n })).map(([value, shift]) => value >> shift);

function parsed(text: string): Int64 | undefined {
  const bytes = Buffer.from(`..${text}9`);
  const integer = new Int64();
  return integer.parse(bytes, 2, bytes.length - 1) ? integer : undefined;
}

function written(integer: Int64): string {
  const bytes = Buffer.alloc(32, 0x2e);
  const end = integer.write(bytes, 3);
  expect(bytes[end]).toBe(0x2e);
  return bytes.toString('latin1', 3, end);
}

function wordsOf(value: bigint): [number, number] {
  return [Number(BigInt.asIntN(32, value >> 32n)), Number(BigInt.asIntN(32, value))];
}

describe('Int64', () => {
  it.each(LIMITS)('reads and prints %s', (text) => {
    const integer = parsed(text)!;
    expect([integer.high, integer.low]).toEqual(wordsOf(BigInt(text)));
    expect(written(integer)).toBe(text);
    expect(integer.toNumber()).toBe(Number(text));
  });

  it.each(REFUSED)('refuses %j', (text) => {
    expect(parsed(text)).toBeUndefined();
  });

  it('reads and prints what BigInt reads and prints', () => {
    fc.assert(
      fc.property(anyLength, (value) => {
        const integer = parsed(String(value))!;
        expect([integer.high, integer.low]).toEqual(wordsOf(value));
        expect(written(integer)).toBe(String(value));
      }),
      { numRuns: runs(700) },
    );
  });

  it('accepts the same texts as parseInteger64', () => {
    const text = fc.stringMatching(/^-?[0-9]{0,20}[0-9 x]?$/);
    fc.assert(
      fc.property(text, (candidate) => {
        const value = parseInteger64(Buffer.from(candidate), 0, candidate.length);
        expect(parsed(candidate) === undefined).toBe(value === undefined);
      }),
      { numRuns: runs(700) },
    );
  });

  it('compares as the numbers do', () => {
    fc.assert(
      fc.property(anyLength, anyLength, (a, b) => {
        const expected = a < b ? -1 : a > b ? 1 : 0;
        expect(Math.sign(parsed(String(a))!.compare(parsed(String(b))!))).toBe(expected);
      }),
    );
  });

  it('takes a double within 2^53', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(written(new Int64().setNumber(value))).toBe(String(value === 0 ? 0 : value));
      }),
    );
  });
});
