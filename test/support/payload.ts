/** Payloads of RESTORE made by hand: a value in the RDB format with a footer that is right. */
import { Crc64 } from '../../src/format/crc64.js';

export function payloadOf(body: Buffer, version = 10): Buffer {
  const versioned = Buffer.concat([body, Buffer.from([version & 0xff, version >> 8])]);
  return Buffer.concat([versioned, crc64Of(versioned)]);
}

/** Little-endian. */
export function crc64Of(bytes: Buffer): Buffer {
  const crc = new Crc64();
  crc.update(bytes);
  const sum = Buffer.alloc(8);
  sum.writeInt32LE(crc.low, 0);
  sum.writeInt32LE(crc.high, 4);
  return sum;
}
