import fc from 'fast-check';

/** Half surrogates are no code points of a text. */
const SURROGATES = 0xd800;
const SURROGATES_END = 0xe000;

const codePoint = fc
  .nat(0x10ffff - (SURROGATES_END - SURROGATES))
  .map((nth) => String.fromCodePoint(nth < SURROGATES ? nth : nth + SURROGATES_END - SURROGATES));

/** Text of any code points: `fc.string({ unit: 'binary' })` takes more than a second to list them all first. */
export function anyText(constraints: { maxLength?: number } = {}): fc.Arbitrary<string> {
  return fc.string({ ...constraints, unit: codePoint });
}
