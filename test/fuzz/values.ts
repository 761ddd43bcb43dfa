import fc from 'fast-check';

/**
 * Lengths on both sides of every place where a representation changes: embstr/raw at 44, one-byte lengths at 128,
 * listpack nodes at 4 and 8 KiB, inline keys at 16 KiB, blocks at 32 KiB, pages at 64 KiB, several pages beyond.
 */
const BOUNDARIES = [44, 64, 128, 4096, 8192, 16_384, 32_768, 65_536, 131_072];

const boundaryLength = fc
  .tuple(fc.constantFrom(...BOUNDARIES), fc.integer({ min: -18, max: 18 }))
  .map(([boundary, off]) => boundary + off);

const shortLength = fc.integer({ min: 0, max: 70 });

const LONGEST = 210_000;
/** By salt. */
const patterns = new Map<number, Buffer>();

/** Bytes that depend only on their length and a salt, so that a value has a short description; nobody writes them. */
export function patternBytes(length: number, salt: number): Buffer {
  let pattern = patterns.get(salt);
  if (pattern === undefined || pattern.length < length) {
    pattern = Buffer.alloc(Math.max(length, LONGEST));
    for (let at = 0; at < pattern.length; at++) pattern[at] = 97 + ((at * 7 + (at >>> 8) + salt) % 26);
    patterns.set(salt, pattern);
  }
  return pattern.subarray(0, length);
}

const text = fc.tuple(shortLength, fc.nat(9)).map(([length, salt]) => patternBytes(length, salt));

const atBoundary = fc.tuple(boundaryLength, fc.nat(9)).map(([length, salt]) => patternBytes(length, salt));

const large = fc.tuple(fc.integer({ min: 20_000, max: 200_000 }), fc.nat(9)).map(([n, salt]) => patternBytes(n, salt));

/** Anything at all, including CR LF, NUL and bytes that are not UTF-8. */
const binary = fc.uint8Array({ maxLength: 24 }).map((bytes) => Buffer.from(bytes));

const crlf = fc.constantFrom('\r\n', '$3\r\nabc\r\n', '\0', '', ' ', '\u00e9\u20ac').map((value) => Buffer.from(value));

/** Looks like a number, but is not stored as one; and numbers on the edges of 32, 53 and 64 bits. */
export const numberLike = fc
  .constantFrom(
    ...['0', '-1', '7', '127', '128', '9999', '10000', '32767', '65536', '2147483647', '-2147483649', '4294967296'],
    ...['9007199254740991', '9007199254740993', '-9007199254740993', '999999999999999999'],
    ...['9223372036854775807', '-9223372036854775808', '9223372036854775808', '-9223372036854775809'],
    ...['-0', '+1', '01', ' 1', '1 ', '1.0', '1e3', '0x10', '12345678901234567890123'],
  )
  .map((value) => Buffer.from(value));

/** Values for strings and list elements. */
export const value = fc.oneof(
  { weight: 50, arbitrary: text },
  { weight: 20, arbitrary: numberLike },
  { weight: 8, arbitrary: binary },
  { weight: 4, arbitrary: crlf },
  { weight: 8, arbitrary: atBoundary },
  { weight: 1, arbitrary: large },
);

/** The same without the large ones, for commands that carry many values. */
export const smallValue = fc.oneof(
  { weight: 12, arbitrary: text },
  { weight: 4, arbitrary: numberLike },
  { weight: 1, arbitrary: binary },
);

/** Offsets and indexes: near both ends, near boundaries, and beyond. */
export const index = fc.oneof(
  { weight: 10, arbitrary: fc.integer({ min: -12, max: 12 }) },
  { weight: 3, arbitrary: fc.integer({ min: -400, max: 400 }) },
  { weight: 1, arbitrary: boundaryLength },
  { weight: 1, arbitrary: boundaryLength.map((length) => -length) },
);

export const offset = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 0, max: 130 }) },
  { weight: 2, arbitrary: boundaryLength },
);
