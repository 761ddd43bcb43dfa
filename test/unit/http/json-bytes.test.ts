import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonBytes } from '../../../src/http/json-bytes.js';
import { viewOf } from '../../../src/memory/slice.js';

function written(work: (json: JsonBytes) => void): string {
  const json = new JsonBytes();
  work(json);
  return json.take().toString('utf8');
}

const stringOf = (bytes: Buffer): string => written((json) => json.string(bytes, viewOf(bytes), 0, bytes.length));
const base64Of = (bytes: Buffer): string => written((json) => json.base64(bytes, 0, bytes.length));

describe('JSON strings out of bytes', () => {
  test.each([
    ['plain', '"plain"'],
    ['', '""'],
    ['"\\/', '"\\"\\\\/"'],
    ['\b\t\n\f\r', '"\\b\\t\\n\\f\\r"'],
    ['\0\x01\x1f\x7f', '"\\u0000\\u0001\\u001f\x7f"'],
    ['ä€😀\u2028', '"ä€😀\u2028"'],
  ])('%j', (text, json) => {
    expect(stringOf(Buffer.from(text))).toBe(json);
  });

  test('any text reads back as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.nat(5000), (text, blanks) => {
        const long = `${' '.repeat(blanks)}${text}`;
        expect(JSON.parse(stringOf(Buffer.from(long)))).toBe(long);
      }),
    );
  });

  test.each([
    ['a byte that is none', [0x61, 0xff, 0x62], 'a\ufffdb'],
    ['a character cut short', [0xe2, 0x82], '\ufffd\ufffd'],
    ['an overlong slash', [0xc0, 0xaf], '\ufffd\ufffd'],
    ['an overlong character of three bytes', [0xe0, 0x80, 0xaf], '\ufffd\ufffd\ufffd'],
    ['half of a pair', [0xed, 0xa0, 0x80], '\ufffd\ufffd\ufffd'],
    ['beyond the last character', [0xf4, 0x90, 0x80, 0x80], '\ufffd\ufffd\ufffd\ufffd'],
    ['the last character', [0xf4, 0x8f, 0xbf, 0xbf], '\u{10ffff}'],
  ])('%s', (_what, bytes, text) => {
    expect(JSON.parse(stringOf(Buffer.from(bytes)))).toBe(text);
  });

  test('any bytes make valid JSON, and those that are UTF-8 are kept', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (array) => {
        const bytes = Buffer.from(array);
        const json = new JsonBytes();
        json.string(bytes, viewOf(bytes), 0, bytes.length);
        const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(json.take());
        const without = (string: string): string => string.replaceAll('\ufffd', '');
        expect(without(JSON.parse(text))).toBe(without(bytes.toString('utf8')));
      }),
    );
  });

  test('characters that lie across the pieces in which long strings are looked at', () => {
    for (let before = 4090; before < 4100; before++) {
      const text = `"${'x'.repeat(before)}😀"${'€'.repeat(3000)}`;
      expect(JSON.parse(stringOf(Buffer.from(text)))).toBe(text);
    }
  });
});

describe('base64 out of bytes', () => {
  test('short and long ones', () => {
    for (const length of [0, 1, 2, 3, 4, 5, 148, 149, 150, 151, 152, 10_000]) {
      const bytes = Buffer.from(Array.from({ length }, (_, i) => (i * 89 + 7) & 255));
      expect(base64Of(bytes)).toBe(`"${bytes.toString('base64')}"`);
    }
  });
});
