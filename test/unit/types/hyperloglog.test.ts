import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Slice } from '../../../src/memory/slice.js';
import { MAX_RANK, PACKED_SIZE, REGISTERS } from '../../../src/types/string/hyperloglog/dimensions.js';
import { element, hashElement } from '../../../src/types/string/hyperloglog/element-hash.js';
import { type Machine, machine } from '../../../src/types/string/hyperloglog/machine.js';
import { RankCounts, Registers, setPackedRegister } from '../../../src/types/string/hyperloglog/registers.js';

describe('with WebAssembly and without', () => {
  test('WebAssembly is there', () => {
    expect(machine()).not.toBeNull();
  });

  test('elements have the same hash', () => {
    const hashWith = (bytes: Slice, by: Machine | null) => {
      hashElement(bytes, by);
      return { ...element };
    };
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (content) => {
        // What the machine hashed before is not taken for a part of it.
        hashElement(Slice.of(Buffer.alloc(128, 0xff)), machine());
        const bytes = Slice.of(content);
        expect(hashWith(bytes, machine())).toEqual(hashWith(bytes, null));
      }),
    );
    for (const length of [1023, 1024, 1025]) {
      const bytes = Slice.of(Buffer.alloc(length, 'a'));
      expect(hashWith(bytes, machine())).toEqual(hashWith(bytes, null));
    }
  });

  // 50 is the highest rank that elements lead to, the rest what a string may be made of.
  test.each([0, 1, 20, 38, 39, 50, MAX_RANK])('registers up to %i are united and counted alike', (highest) => {
    const seed = fc.integer({ min: 1, max: 2 ** 31 });
    fc.assert(
      fc.property(seed, seed, (first, second) => {
        const sources = [packed(first, highest), packed(second, highest)];
        const [withMachine, without] = [machine(), null].map((by) => {
          const registers = new Registers(by);
          registers.clear();
          for (const source of sources) registers.raiseToPacked(source, 0);
          return { bytes: Buffer.from(registers.bytes), estimate: registers.estimate(new RankCounts()) };
        });
        expect(withMachine.bytes.equals(without.bytes)).toBe(true);
        expect(withMachine.estimate).toBe(without.estimate);
      }),
      { numRuns: 10 },
    );
  });
});

function packed(seed: number, highest: number): Slice {
  const bytes = Buffer.alloc(PACKED_SIZE);
  let state = seed;
  for (let register = 0; register < REGISTERS; register++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    setPackedRegister(bytes, 0, register, (state >>> 16) % (highest + 1));
  }
  return Slice.of(bytes);
}
