import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Args, SLICE_POOL_SIZE } from '../../../src/protocol/args.js';
import { CommandError, NOT_FLOAT, NOT_INTEGER, SYNTAX } from '../../../src/protocol/errors.js';

const anyList = fc.array(fc.uint8Array({ maxLength: 150 }).map((bytes) => Buffer.from(bytes)));

test('arguments made by hand read back, and so do their copies', () => {
  fc.assert(
    fc.property(anyList, (list) => {
      const args = Args.from(list);
      const copy = args.copy();
      args.bytes.fill(0);
      expect(copy.count).toBe(list.length);
      list.forEach((bytes, i) => {
        expect(copy.buffer(i)).toEqual(bytes);
        expect(copy.slice(i).toBuffer()).toEqual(bytes);
        expect(copy.latin1(i)).toBe(bytes.toString('latin1'));
        expect(copy.text(i)).toBe(bytes.toString('utf8'));
        expect(copy.length(i)).toBe(bytes.length);
        expect(copy.equals(i, bytes.toString('latin1'))).toBe(true);
        expect(copy.equals(i, `${bytes.toString('latin1')}x`)).toBe(false);
      });
    }),
  );
});

test('text is taken as UTF-8, numbers as their digits', () => {
  const args = Args.from(['é', 12, -3n, 1.5]);
  expect([0, 1, 2, 3].map((i) => args.text(i))).toEqual(['é', '12', '-3', '1.5']);
});

test('words are compared without regard to case, in ASCII only', () => {
  const args = Args.from(['nX', 'NX', 'n', 'NXX', Buffer.from([0x4e, 0x78 | 0x80]), 'k@', '`']);
  expect([0, 1, 2, 3, 4].map((i) => args.is(i, 'NX'))).toEqual([true, true, false, false, false]);
  expect(args.is(5, 'K@')).toBe(true);
  expect(args.is(6, '@')).toBe(false);
});

test('as many slices as the pool holds are alive at once', () => {
  const args = Args.from(Array.from({ length: SLICE_POOL_SIZE }, (_, i) => i));
  const slices = Array.from({ length: SLICE_POOL_SIZE }, (_, i) => args.slice(i));
  expect(slices.map((slice) => Number(slice.toLatin1()))).toEqual(slices.map((_, i) => i));
  expect(args.slice(5)).toBe(slices[5]);
});

test('integers are exact, or the nearest double with integer64 beside it', () => {
  const args = Args.from(['42', '9007199254740993', 'x', '9223372036854775808']);
  expect(args.integer(0)).toBe(42);
  expect(args.isSafeInteger(0)).toBe(true);
  expect(args.integer(1)).toBe(9007199254740992);
  expect(args.isSafeInteger(1)).toBe(false);
  expect(args.integer64(1)).toBe(9007199254740993n);
  expect(() => args.integer(2)).toThrow(NOT_INTEGER);
  expect(args.isSafeInteger(2)).toBe(false);
  expect(() => args.integer64(3)).toThrow(NOT_INTEGER);
  expect(() => args.integer(3, SYNTAX)).toThrow(SYNTAX);
  expect(args.integerBetween(0, 0, 42)).toBe(42);
  expect(() => args.integerBetween(0, 0, 41, SYNTAX)).toThrow(SYNTAX);
  expect(() => args.double(2)).toThrow(NOT_FLOAT);
});

test('errors carry text and code but no stack frames', () => {
  expect(NOT_INTEGER).toBeInstanceOf(CommandError);
  expect(NOT_INTEGER.code).toBe('ERR');
  expect(NOT_INTEGER.stack ?? '').not.toContain('\n    at ');
});
