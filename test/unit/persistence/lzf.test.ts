import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Compression, compress, decompress, LzfCompressor, LzfDecompressor } from '../../../src/format/lzf.js';
import { runs } from '../../support/runs.js';

/** Bytes of every kind of compressibility: few symbols, repeated phrases, noise. */
const content = fc.oneof(
  fc.uint8Array({ maxLength: 400 }),
  fc.array(fc.integer({ min: 97, max: 99 }), { maxLength: 3000 }).map((list) => Uint8Array.from(list)),
  fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 60 }), fc.nat(600), fc.uint8Array({ maxLength: 20 }))
    .map(([phrase, times, tail]) => Buffer.concat([...new Array<Uint8Array>(times).fill(phrase), tail])),
);

const unpack = (packed: Uint8Array, length: number): Buffer | null => {
  const output = Buffer.alloc(length);
  return decompress(packed, 0, packed.length, output, 0, length) ? output : null;
};

test('what was compressed comes back', () => {
  fc.assert(
    fc.property(content, fc.nat(10), (bytes, at) => {
      const output = Buffer.alloc(at + bytes.length * 2 + 64);
      const end = compress(bytes, 0, bytes.length, output, at, output.length);
      expect(end).toBeGreaterThanOrEqual(at);
      expect(unpack(output.subarray(at, end), bytes.length)).toEqual(Buffer.from(bytes));
    }),
  );
});

test('compressing in small runs gives the same bytes as in one', () => {
  fc.assert(
    fc.property(content, fc.integer({ min: 1, max: 50 }), (bytes, budget) => {
      const whole = Buffer.alloc(bytes.length * 2 + 64);
      const end = compress(bytes, 0, bytes.length, whole, 0, whole.length);
      const pieces = Buffer.alloc(whole.length);
      const compressor = new LzfCompressor();
      compressor.begin(bytes, 0, bytes.length, pieces, 0, pieces.length);
      let run: Compression;
      while ((run = compressor.run(budget)) === Compression.MORE);
      expect(run).toBe(Compression.DONE);
      expect(unpack(pieces.subarray(0, compressor.at), bytes.length)).toEqual(Buffer.from(bytes));
      expect(compressor.at).toBeLessThanOrEqual(end + 64);
    }),
  );
});

test('repetition shrinks, noise does not pass its limit', () => {
  const output = Buffer.alloc(100_000);
  expect(compress(Buffer.alloc(100_000, 'ab'), 0, 100_000, output, 0, output.length)).toBeLessThan(1500);
  const noise = Buffer.from(fc.sample(fc.uint8Array({ minLength: 500, maxLength: 500 }), { seed: 7, numRuns: 1 })[0]!);
  expect(compress(noise, 0, 500, output, 0, 496)).toBe(-1);
});

test('the longest match and the farthest distance survive', () => {
  for (const gap of [8188, 8189, 8190, 8191, 8192, 8193]) {
    const bytes = Buffer.alloc(gap + 600);
    for (let at = 0; at < gap; at++) bytes[at] = Math.imul(at, 0x9e3779b1) >>> 23;
    bytes.copy(bytes, gap, 0, 600);
    const output = Buffer.alloc(bytes.length * 2);
    const end = compress(bytes, 0, bytes.length, output, 0, output.length);
    expect(unpack(output.subarray(0, end), bytes.length)).toEqual(bytes);
  }
});

test('any bytes decompress within their ranges or are refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(300), (packed, length) => {
      const output = Buffer.alloc(length + 20, 0xee);
      decompress(packed, 0, packed.length, output, 10, 10 + length);
      expect(output.subarray(0, 10).every((byte) => byte === 0xee)).toBe(true);
      expect(output.subarray(10 + length).every((byte) => byte === 0xee)).toBe(true);
    }),
    { numRuns: runs(800) },
  );
});

test('a cut or lengthened stream is refused', () => {
  const bytes = Buffer.from('a phrase, a phrase and a phrase again and again');
  const output = Buffer.alloc(200);
  const end = compress(bytes, 0, bytes.length, output, 0, 200);
  for (let cut = 0; cut < end; cut++) expect(unpack(output.subarray(0, cut), bytes.length)).toBeNull();
  expect(unpack(output.subarray(0, end), bytes.length - 1)).toBeNull();
  expect(unpack(output.subarray(0, end), bytes.length + 1)).toBeNull();
  expect(unpack(Buffer.from([0, 65, 0x20, 5]), 4)).toBeNull();
});

test('decompression goes on from window to window', () => {
  fc.assert(
    fc.property(content, fc.integer({ min: 33, max: 90 }), (bytes, piece) => {
      const packed = Buffer.alloc(bytes.length * 2 + 64);
      const end = compress(bytes, 0, bytes.length, packed, 0, packed.length);
      const output = Buffer.alloc(bytes.length);
      const decompressor = new LzfDecompressor();
      let available = 0;
      while (decompressor.from < end) {
        available = Math.min(end, available + piece);
        const { from, at } = decompressor;
        expect(decompressor.run(packed, from, available, output, 0, at, output.length)).toBe(true);
      }
      expect(decompressor.at).toBe(bytes.length);
      expect(output).toEqual(Buffer.from(bytes));
    }),
  );
});
