import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BitOperation,
  type BitPages,
  countOnes,
  countOnesInPlace,
  pagesInJavaScript,
  pagesInWebAssembly,
  skipBytes,
} from '../../../src/memory/bits.js';
import { viewOf } from '../../../src/memory/slice.js';

const bytes = fc
  .tuple(fc.uint8Array({ minLength: 1, maxLength: 1200 }), fc.nat(7))
  .map(([content, shift]) => Buffer.concat([Buffer.alloc(shift), content]).subarray(shift));

const onesOf = (content: Uint8Array) =>
  content.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);

test('counting agrees with counting digits, anywhere in a buffer', () => {
  fc.assert(
    fc.property(bytes, fc.nat(40), (content, from) => {
      const start = Math.min(from, content.length);
      const wanted = onesOf(content.subarray(start));
      expect(countOnesInPlace(viewOf(content), start, content.length)).toBe(wanted);
      expect(countOnes(content, viewOf(content), start, content.length)).toBe(wanted);
    }),
  );
});

test('a page of ones is counted in full', () => {
  const page = Buffer.alloc(65_536, 0xff);
  expect(countOnes(page, viewOf(page), 0, page.length)).toBe(524_288);
  expect(countOnesInPlace(viewOf(page), 0, page.length)).toBe(524_288);
});

test.each([0, 0xff])('skipping bytes of %i ends at the first other one', (byte) => {
  const page = Buffer.alloc(65_536, byte);
  const view = viewOf(page);
  expect(skipBytes(page, view, 3, 65_536, byte)).toBe(65_536);
  expect(skipBytes(page, view, 9, 9, byte)).toBe(9);
  for (const at of [0, 1, 5, 127, 128, 129, 131, 4_223, 4_224, 8_191, 65_535]) {
    page[at] = 0x10;
    expect(skipBytes(page, view, 0, 65_536, byte)).toBe(at);
    expect(skipBytes(page, view, 0, at, byte)).toBe(at);
    page[at] = byte;
  }
});

const kinds: [name: string, pages: BitPages][] = [['JavaScript', pagesInJavaScript()]];
const inWebAssembly = pagesInWebAssembly();
if (inWebAssembly !== null) kinds.push(['WebAssembly', inWebAssembly]);

test('WebAssembly accepts the module', () => {
  expect(inWebAssembly).not.toBeNull();
});

describe.each(kinds)('the pages in %s', (_, pages) => {
  const models: [name: string, operation: BitOperation, model: (left: number, right: number) => number][] = [
    ['AND', BitOperation.AND, (left, right) => left & right],
    ['OR', BitOperation.OR, (left, right) => left | right],
    ['XOR', BitOperation.XOR, (left, right) => left ^ right],
    ['NOT', BitOperation.NOT, (left) => ~left & 0xff],
  ];

  test.each(models)('%s works on every byte', (_name, operation, model) => {
    for (const length of [1, 31, 32, 33, 1000, 65_535, 65_536]) {
      const left = Buffer.from(Uint8Array.from({ length }, (_each, i) => i * 7 + (i >> 8)));
      const right = Buffer.from(Uint8Array.from({ length }, (_each, i) => i * 13 + 5));
      left.copy(pages.left.bytes);
      right.copy(pages.right.bytes);
      pages.combine(operation, length);
      const wanted = Buffer.from(left.map((byte, i) => model(byte, right[i])));
      expect(pages.left.bytes.subarray(0, length).equals(wanted)).toBe(true);
    }
  });

  test('count() agrees with counting digits', () => {
    if (pages.count === null) return;
    for (const length of [32, 64, 1024, 65_536]) {
      const content = Buffer.from(Uint8Array.from({ length }, (_each, i) => i * 11 + (i >> 7)));
      content.copy(pages.left.bytes);
      expect(pages.count(length)).toBe(onesOf(content));
    }
  });
});
