import { expect, test } from 'vitest';
import { JsonNumber, parseJson } from '../../../src/http/json.js';

test('numbers keep their digits, and members their order', () => {
  const parsed = parseJson('{"b": 12345678901234567890, "a": [1.50, "x\\"\\\\", null, true]}');
  expect(parsed).toEqual(
    new Map<string, unknown>([
      ['b', new JsonNumber('12345678901234567890')],
      ['a', [new JsonNumber('1.50'), 'x"\\', null, true]],
    ]),
  );
});

test.each(['"', '"\\"', '{"a":1', '{a:1}', '[1,]', '"\n"', '1 2', '"\\x"', ''])(
  'what is no JSON is refused: %j',
  (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  },
);

test('a string may hold as many escapes as fit', () => {
  expect(parseJson(`"${'\\n'.repeat(10_000_000)}"`)).toHaveLength(10_000_000);
});
