import fc from 'fast-check';

const SURROGATES = 0xd800;
const SURROGATE_COUNT = 0x800;

/**
 * Any character of Unicode, but no half of a pair. As `unit: 'binary'` of strings, which first lists all million of
 * them: that takes longer than most properties.
 */
export const anyCharacter: fc.Arbitrary<string> = fc
  .nat(0x10ffff - SURROGATE_COUNT)
  .map((n) => String.fromCodePoint(n < SURROGATES ? n : n + SURROGATE_COUNT));
