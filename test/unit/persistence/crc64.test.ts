import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Crc64 } from '../../../src/format/crc64.js';

const checksum = (bytes: Uint8Array): string => {
  const crc = new Crc64();
  crc.update(bytes);
  return crc.toString();
};

test('the check value is that of CRC-64/Jones', () => {
  expect(checksum(Buffer.from('123456789'))).toBe('e9c6d914c4b8d9ca');
  expect(checksum(Buffer.alloc(0))).toBe('0000000000000000');
});

test('equals the bitwise definition, in whatever pieces the bytes come', () => {
  const bitwise = (bytes: Uint8Array): string => {
    let crc = 0n;
    for (const byte of bytes) {
      crc ^= BigInt(byte);
      for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ 0x95ac9329ac4bc9b5n : crc >> 1n;
    }
    return crc.toString(16).padStart(16, '0');
  };
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), (bytes, cut) => {
      const crc = new Crc64();
      const middle = Math.min(cut, bytes.length);
      crc.update(bytes, 0, middle);
      crc.update(bytes, middle);
      expect(crc.toString()).toBe(bitwise(bytes));
    }),
  );
});
