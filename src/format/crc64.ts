/**
 * CRC-64 with the Jones polynomial, as RDB files end with it: reflected, start value 0, no final xor.
 *
 * The 64 bits are two int32 halves. Eight bytes a step through eight tables per half ("slicing by 8").
 */

const POLYNOMIAL_HIGH = 0x95ac9329 | 0;
const POLYNOMIAL_LOW = 0xac4bc9b5 | 0;

/** Table k at [256 k, 256 k + 256): the checksum of a byte with k zero bytes after it. */
const tableHigh = new Int32Array(8 * 256);
const tableLow = new Int32Array(8 * 256);

for (let byte = 0; byte < 256; byte++) {
  let high = 0;
  let low = byte;
  for (let bit = 0; bit < 8; bit++) {
    const carry = low & 1;
    low = (low >>> 1) | (high << 31);
    high >>>= 1;
    if (carry) {
      high ^= POLYNOMIAL_HIGH;
      low ^= POLYNOMIAL_LOW;
    }
  }
  tableHigh[byte] = high;
  tableLow[byte] = low;
}
for (let entry = 256; entry < 8 * 256; entry++) {
  const high = tableHigh[entry - 256];
  const low = tableLow[entry - 256];
  tableHigh[entry] = (high >>> 8) ^ tableHigh[low & 0xff];
  tableLow[entry] = ((low >>> 8) | (high << 24)) ^ tableLow[low & 0xff];
}

/** A running checksum. */
export class Crc64 {
  high = 0;
  low = 0;

  reset(): void {
    this.high = 0;
    this.low = 0;
  }

  update(bytes: Uint8Array, start = 0, end = bytes.length): void {
    let high = this.high;
    let low = this.low;
    let at = start;
    for (const last = end - 8; at <= last; at += 8) {
      low ^= bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
      high ^= bytes[at + 4] | (bytes[at + 5] << 8) | (bytes[at + 6] << 16) | (bytes[at + 7] << 24);
      const i7 = 0x700 | (low & 0xff);
      const i6 = 0x600 | ((low >>> 8) & 0xff);
      const i5 = 0x500 | ((low >>> 16) & 0xff);
      const i4 = 0x400 | (low >>> 24);
      const i3 = 0x300 | (high & 0xff);
      const i2 = 0x200 | ((high >>> 8) & 0xff);
      const i1 = 0x100 | ((high >>> 16) & 0xff);
      const i0 = high >>> 24;
      low =
        tableLow[i7] ^
        tableLow[i6] ^
        tableLow[i5] ^
        tableLow[i4] ^
        tableLow[i3] ^
        tableLow[i2] ^
        tableLow[i1] ^
        tableLow[i0];
      high =
        tableHigh[i7] ^
        tableHigh[i6] ^
        tableHigh[i5] ^
        tableHigh[i4] ^
        tableHigh[i3] ^
        tableHigh[i2] ^
        tableHigh[i1] ^
        tableHigh[i0];
    }
    for (; at < end; at++) {
      const entry = (low ^ bytes[at]) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ tableLow[entry];
      high = (high >>> 8) ^ tableHigh[entry];
    }
    this.high = high;
    this.low = low;
  }

  isZero(): boolean {
    return this.high === 0 && this.low === 0;
  }

  /** Sixteen hexadecimal digits, most significant first. */
  toString(): string {
    return (this.high >>> 0).toString(16).padStart(8, '0') + (this.low >>> 0).toString(16).padStart(8, '0');
  }
}
