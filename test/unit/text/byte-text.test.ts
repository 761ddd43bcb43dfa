import { expect, test } from 'vitest';
import { SeededRandom } from '../../../src/engine/random.js';
import { bytesOf, textOf } from '../../../src/text/byte-text.js';

test('what is UTF-8 is the text it says', () => {
  for (const text of ['', 'abc', 'Größe', '日本', '😀', '\0\n', '\ufffd', '\ufeffa']) {
    expect(textOf(Buffer.from(text))).toBe(text);
    expect(bytesOf(text)).toEqual(Buffer.from(text));
  }
});

test.each([
  ['\xff', '\udcff'],
  ['a\xe4b', 'a\udce4b'],
  ['\xc3', '\udcc3'],
  ['\xc3\xa4\xc3', 'ä\udcc3'],
  ['\xf0\x9f\x98', '\udcf0\udc9f\udc98'],
  // Encoded surrogates, and what is longer than it need be, are no UTF-8.
  ['\xed\xb3\xbf', '\udced\udcb3\udcbf'],
  ['\xc0\x80', '\udcc0\udc80'],
])('of other bytes each is kept: %j', (latin1, text) => {
  expect(textOf(Buffer.from(latin1, 'latin1'))).toBe(text);
  expect(bytesOf(text)).toEqual(Buffer.from(latin1, 'latin1'));
});

test('no bytes are lost on the way to text and back', () => {
  const random = new SeededRandom([1, 2, 3, 4]);
  const pieces = ['a', 'ä', '日', '😀'].map((text) => Buffer.from(text));
  for (let round = 0; round < 2000; round++) {
    const parts = Array.from({ length: random.below(8) }, () =>
      random.below(2) === 0 ? Buffer.of(random.below(256)) : pieces[random.below(pieces.length)]!,
    );
    const bytes = Buffer.concat(parts);
    expect(bytesOf(textOf(bytes))).toEqual(bytes);
  }
});
