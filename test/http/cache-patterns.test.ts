/** Regular expressions of the cache's KEYS: what they find, and that none takes long. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PatternSearch } from '../../src/http/apis/cache/pattern-search.js';

function isFound(search: PatternSearch, text: string, units = 1_000_000): boolean {
  search.begin(text);
  for (;;) {
    const found = search.run(units);
    if (found !== undefined) return found;
  }
}

const finds = (pattern: string, text: string): boolean => isFound(new PatternSearch(pattern), text);

/** As Python 3.11's re.search() has it. */
const FOUND: readonly (readonly [pattern: string, texts: readonly string[], others: readonly string[]])[] = [
  ['', ['', 'a'], []],
  ['[a-zA-Z_][a-zA-Z0-9_]', ['ab', '-a1', '1__'], ['a', 'a-b', '11', '']],
  ['^a.c$', ['abc', 'abc\n', 'a\rc'], ['xabc', 'abcx', 'a\nc', 'abc\n\n']],
  ['a\\Z', ['a', 'ba'], ['a\n', 'ab']],
  ['\\Ab', ['b'], ['a\nb']],
  ['(?m)^b$', ['a\nb\nc', 'b'], ['ab']],
  ['(?s)a.b', ['a\nb'], ['ab']],
  ['(?i)stra(ß|x)e', ['STRAXE', 'Straße'], ['STRASSE']],
  ['(?i:a)b', ['Ab', 'ab'], ['AB']],
  ['colou?r', ['color', 'colour'], ['colouur']],
  ['^(?:ab){2,3}$', ['abab', 'ababab'], ['ab', 'abababab']],
  ['^a{,2}$', ['', 'a', 'aa'], ['aaa']],
  ['a{2,}', ['aa', 'aaa'], ['a']],
  ['^a{$', ['a{'], ['a']],
  ['^a{1$', ['a{1'], ['a']],
  ['a|^b|', ['', 'x'], []],
  ['^(a|b|cd)+$', ['abcd', 'cdcd'], ['c', '']],
  ['\\bfoo\\b', ['foo', 'a foo!', 'é foo'], ['foos', 'éfoo', '_foo']],
  ['\\Boo', ['foo'], ['oo']],
  ['\\B', ['ab', ' '], ['', 'a']],
  ['^\\w+$', ['aé_9', '٣', 'ª'], ['a-b', '']],
  ['(?a)^\\w+$', ['a_9'], ['é']],
  ['^\\d\\D$', ['1a', '٣x'], ['11']],
  ['^\\s\\S$', ['\u00a0a', '\x1ca', '\u2003b'], ['\ufeffa', 'aa']],
  ['^[^\\s\\d]$', ['a', 'é'], ['1', ' ']],
  ['^[]a]$', [']', 'a'], ['b']],
  ['^[^]a]$', ['b'], [']', 'a']],
  ['^[a\\-z]$', ['a', '-', 'z'], ['b']],
  ['^[a-]$', ['a', '-'], ['b']],
  ['^[\\b]$', ['\b'], ['b']],
  ['^\\x41\\u00e9\\U0001F600\\101\\0$', ['Aé😀A\0'], ['A']],
  ['^.$', ['😀', 'a'], ['ab', '']],
  ['^[😀-😂]$', ['😁'], ['😃', 'a']],
  ['^(?P<year>\\d{4})-x$', ['2024-x'], ['24-x']],
  ['a(?#comment)b', ['ab'], ['a']],
  ['a+?b*?c??', ['a'], ['b']],
  ['(?u)\\.', ['.'], ['a']],
];

describe.each(FOUND)('%j', (pattern, texts, others) => {
  test.each(texts.map((text) => [text]))('is in %j', (text) => expect(finds(pattern, text)).toBe(true));
  test.each(others.map((text) => [text]))('is not in %j', (text) => expect(finds(pattern, text)).toBe(false));
});

test.each([
  ['*', 'nothing to repeat'],
  ['^*', 'nothing to repeat'],
  ['a**', 'multiple repeat'],
  ['a{2}{3}', 'multiple repeat'],
  ['a{3,2}', 'min repeat greater than max repeat'],
  ['(a', 'missing ), unterminated subpattern'],
  ['a)', 'unbalanced parenthesis'],
  ['[a', 'unterminated character set'],
  ['[b-a]', 'bad character range'],
  ['[\\w-a]', 'bad character range'],
  ['\\', 'bad escape (end of pattern)'],
  ['\\q', 'bad escape \\q'],
  ['\\x4', 'incomplete escape'],
  ['(?#a', 'missing ), unterminated comment'],
  ['(?P<1>a)', 'bad character in group name'],
  ['(?z)a', 'unknown or unsupported flag z'],
  ['(a)\\1', 'references to groups are not supported'],
  ['(?P=a)', 'references to groups are not supported'],
  ['(?=a)', 'looking around is not supported'],
  ['(?<!a)', 'looking around is not supported'],
  ['(?(1)a|b)', 'conditions are not supported'],
  ['(?>a)', 'atomic groups are not supported'],
  ['a*+', 'possessive repetitions are not supported'],
  ['a'.repeat(1001), 'it has more than 1000 characters'],
  ['((a{50}){50}){50}', 'it is too long with its repetitions'],
  [`${'('.repeat(200)}a${')'.repeat(200)}`, 'its groups are too deep'],
])('%j is refused: %s', (pattern, message) => {
  expect(() => new PatternSearch(pattern)).toThrow(message);
});

const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\w', '\\W', '\\d', '1', 'é', '\\b', '\\B', ' ');
const piece = fc.letrec((tie) => ({
  item: fc.oneof(
    { maxDepth: 3 },
    fc.tuple(atom, fc.constantFrom('', '', '')).map(([each]) => each),
    fc
      .tuple(tie('alternatives'), fc.constantFrom('', '*', '+', '?', '{2}', '{1,2}', '*?'))
      .map(([each, times]) => `(?:${each})${times}`),
  ),
  sequence: fc.array(tie('item'), { maxLength: 4 }).map((items) => items.join('')),
  alternatives: fc.array(tie('sequence'), { minLength: 1, maxLength: 3 }).map((each) => each.join('|')),
}));

test('finds what the engine of the machine finds, in any pieces', () => {
  const text = fc.array(fc.constantFrom('a', 'b', '1', ' ', '-', 'A'), { maxLength: 8 }).map((each) => each.join(''));
  const texts = fc.array(text, { minLength: 3, maxLength: 6 });
  fc.assert(
    fc.property(piece.alternatives, texts, fc.integer({ min: 1, max: 50 }), (pattern, candidates, units) => {
      const search = new PatternSearch(pattern as string);
      const machine = new RegExp(pattern as string, 'u');
      for (const each of candidates) {
        // Python finds \B nowhere in an empty text.
        if (each !== '')
          expect([pattern, each, isFound(search, each, units)]).toEqual([pattern, each, machine.test(each)]);
      }
    }),
    { numRuns: 600 },
  );
});

describe('takes a time that grows with the text', () => {
  test.each([
    ['(a+)+$', 'a'],
    ['(a|a)*$', 'a'],
    ['(a|aa)+$', 'a'],
    ['(.*)*x', 'a'],
    ['(a*)*b', 'a'],
    ['(?:a?){200}a{200}$', 'a'],
    ['[ab]*a[ab]{200}c', 'ab'],
  ])('with %s', (pattern, text) => {
    const search = new PatternSearch(pattern);
    const long = `${text.repeat(20_000 / text.length)}!`;
    search.begin(long);
    let runs = 1;
    while (search.run(10_000) === undefined) runs++;
    // A character takes at most as many units as the program has instructions.
    expect(runs).toBeLessThan(2000 * 2 + 10);
  });

  test('and gives way while a text is long', () => {
    const search = new PatternSearch('[ab]*a[ab]{100}c');
    search.begin('ab'.repeat(500_000));
    expect(search.run(1000)).toBeUndefined();
    expect(search.run(1000)).toBeUndefined();
  });
});
