import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareBytes, Slice } from '../../../src/memory/slice.js';
import { runs } from '../../support/runs.js';

/** A slice that does not begin where its memory does. */
function within(bytes: Uint8Array, before: number): Slice {
  const slice = Slice.of(Buffer.concat([Buffer.alloc(before, 0x80), bytes, Buffer.alloc(3, 0x7f)]));
  slice.start = before;
  slice.end = before + bytes.length;
  return slice;
}

describe('compareBytes', () => {
  it('orders by unsigned bytes, then by length', () => {
    const bytes = fc.uint8Array({ maxLength: 130, size: 'max' });
    const tail = fc.oneof(fc.uint8Array({ maxLength: 9 }), fc.constantFrom(Buffer.of(0x7f), Buffer.of(0x80)));
    fc.assert(
      fc.property(bytes, tail, tail, fc.nat(5), (common, a, b, before) => {
        const [one, other] = [Buffer.concat([common, a]), Buffer.concat([common, b])];
        const order = compareBytes(within(one, before), within(other, 5 - before));
        expect(Math.sign(order)).toBe(Buffer.compare(one, other));
      }),
      { numRuns: runs(1000) },
    );
  });
});
