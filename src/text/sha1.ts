/**
 * SHA-1, for the digests of data and the names of scripts. For the few bytes of a key a hash of node:crypto costs four
 * times as much, most of it for making and leaving it (bench stalls-commands, DEBUG DIGEST).
 */

export const SHA1_BYTES = 20;

const BLOCK = 64;
/** Where the length of the message stands in its last block. */
const LENGTH_AT = 56;

export class Sha1 {
  private readonly state = new Int32Array(5);
  private readonly schedule = new Int32Array(80);
  private readonly block = Buffer.alloc(BLOCK);
  private readonly view = new DataView(this.block.buffer, this.block.byteOffset, BLOCK);
  private filled = 0;
  private length = 0;

  constructor() {
    this.reset();
  }

  reset(): this {
    const { state } = this;
    state[0] = 0x67452301;
    state[1] = 0xefcdab89;
    state[2] = 0x98badcfe;
    state[3] = 0x10325476;
    state[4] = 0xc3d2e1f0;
    this.filled = 0;
    this.length = 0;
    return this;
  }

  update(bytes: Uint8Array, start = 0, end = bytes.length): this {
    this.length += end - start;
    while (start < end) {
      const count = Math.min(BLOCK - this.filled, end - start);
      for (let i = 0; i < count; i++) this.block[this.filled + i] = bytes[start + i];
      this.filled += count;
      start += count;
      if (this.filled === BLOCK) this.compress();
    }
    return this;
  }

  /** Writes the digest; reset() begins the next message. */
  digestInto(target: Buffer, at: number): void {
    this.block[this.filled++] = 0x80;
    if (this.filled > LENGTH_AT) {
      this.block.fill(0, this.filled);
      this.compress();
    }
    this.block.fill(0, this.filled);
    this.view.setUint32(LENGTH_AT, Math.floor(this.length / 2 ** 29));
    this.view.setUint32(LENGTH_AT + 4, (this.length << 3) >>> 0);
    this.compress();
    for (const word of this.state) {
      target[at++] = word >>> 24;
      target[at++] = word >>> 16;
      target[at++] = word >>> 8;
      target[at++] = word;
    }
  }

  private compress(): void {
    const { state, schedule, view } = this;
    for (let i = 0; i < 16; i++) schedule[i] = view.getInt32(i << 2);
    for (let i = 16; i < 80; i++) {
      const word = schedule[i - 3] ^ schedule[i - 8] ^ schedule[i - 14] ^ schedule[i - 16];
      schedule[i] = (word << 1) | (word >>> 31);
    }
    let a = state[0];
    let b = state[1];
    let c = state[2];
    let d = state[3];
    let e = state[4];
    // Four loops for four functions: a choice within one loop would cost half as much again.
    for (let i = 0; i < 20; i++) {
      const next = (((a << 5) | (a >>> 27)) + ((b & c) | (~b & d)) + e + schedule[i] + 0x5a827999) | 0;
      e = d;
      d = c;
      c = (b << 30) | (b >>> 2);
      b = a;
      a = next;
    }
    for (let i = 20; i < 40; i++) {
      const next = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + schedule[i] + 0x6ed9eba1) | 0;
      e = d;
      d = c;
      c = (b << 30) | (b >>> 2);
      b = a;
      a = next;
    }
    for (let i = 40; i < 60; i++) {
      const next = (((a << 5) | (a >>> 27)) + ((b & c) | (b & d) | (c & d)) + e + schedule[i] - 0x70e44324) | 0;
      e = d;
      d = c;
      c = (b << 30) | (b >>> 2);
      b = a;
      a = next;
    }
    for (let i = 60; i < 80; i++) {
      const next = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + schedule[i] - 0x359d3e2a) | 0;
      e = d;
      d = c;
      c = (b << 30) | (b >>> 2);
      b = a;
      a = next;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    this.filled = 0;
  }
}
