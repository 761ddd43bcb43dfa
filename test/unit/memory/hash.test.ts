import { describe, expect, it } from 'vitest';
import { halfSipHash } from '../../../src/memory/hash.js';
import { Slice } from '../../../src/memory/slice.js';

const KEY_0 = 0x03020100;
const KEY_1 = 0x07060504;

function counting(length: number): Slice {
  return Slice.of(Uint8Array.from({ length }, (_, index) => index));
}

function hex(hash: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(hash);
  return bytes.toString('hex');
}

describe('halfSipHash', () => {
  it('computes the published vectors of HalfSipHash-2-4', () => {
    const hashes = Array.from({ length: 6 }, (_, length) => hex(halfSipHash(counting(length), KEY_0, KEY_1, 2, 4)));
    expect(hashes).toEqual(['a9359f5b', '27475ab8', 'fa62a603', '8afee704', '2a6e4689', 'c5fab669']);
  });

  it('depends on each byte, on the length, on both halves of the key, and not on where the bytes lie', () => {
    const bytes = Slice.of('xxsixteen bytes..yy');
    const slice = new Slice(bytes.bytes, bytes.view, 2, 17);
    const hash = halfSipHash(slice, KEY_0, KEY_1);
    expect(halfSipHash(Slice.of('sixteen bytes..'), KEY_0, KEY_1)).toBe(hash);
    expect(halfSipHash(slice, KEY_0 + 1, KEY_1)).not.toBe(hash);
    expect(halfSipHash(slice, KEY_0, KEY_1 + 1)).not.toBe(hash);
    expect(halfSipHash(Slice.of('sixteen bytes..\0'), KEY_0, KEY_1)).not.toBe(hash);
    for (let at = 2; at < 17; at++) {
      bytes.bytes[at] ^= 1;
      expect(halfSipHash(slice, KEY_0, KEY_1)).not.toBe(hash);
      bytes.bytes[at] ^= 1;
    }
  });
});
