/**
 * The registers of a HyperLogLog, 16384 numbers of 6 bits: packed as the dense form holds them, or a byte each, which
 * is what several are united in. And the estimate of how many elements they have met.
 */

import type { Slice } from '../../../memory/slice.js';
import { MAX_RANK, PACKED_SIZE, REGISTERS } from './dimensions.js';
import type { Machine } from './machine.js';

/** Ranks that a hash can have: its 50 bits after the register's number, and one for none of them set. */
const MOST_ZEROS = 50;

/** 1 / (2 ln 2). */
const ALPHA = 0.7213475204444817;

// --- packed

/** A register, the first of which begins at a position. */
export function packedRegister(bytes: Uint8Array, at: number, register: number): number {
  const bit = register * 6;
  const from = at + (bit >> 3);
  // The last register ends its byte: what follows it is not read.
  const shift = bit & 7;
  const pair = shift <= 2 ? bytes[from] : bytes[from] | (bytes[from + 1] << 8);
  return (pair >> shift) & MAX_RANK;
}

export function setPackedRegister(bytes: Uint8Array, at: number, register: number, rank: number): void {
  const bit = register * 6;
  const from = at + (bit >> 3);
  const shift = bit & 7;
  bytes[from] = (bytes[from] & ~(MAX_RANK << shift)) | (rank << shift);
  if (shift > 2) bytes[from + 1] = (bytes[from + 1] & ~(MAX_RANK >> (8 - shift))) | (rank >> (8 - shift));
}

// --- a byte each

/** Registers with a byte each, four of them in a word. The machine, if there is one, goes over all of them. */
export class Registers {
  readonly words: Int32Array;
  readonly bytes: Uint8Array;

  constructor(private readonly machine: Machine | null) {
    this.words = new Int32Array(machine?.registers ?? new ArrayBuffer(REGISTERS), 0, REGISTERS / 4);
    this.bytes = new Uint8Array(this.words.buffer, 0, REGISTERS);
  }

  clear(): void {
    this.words.fill(0);
  }

  /** Raises each to what the packed ones from a position on say, where that is more. */
  raiseToPacked({ bytes, view }: Slice, at: number): void {
    const { machine, words } = this;
    if (machine !== null) {
      bytes.copy(machine.packed.bytes, 0, at, at + PACKED_SIZE);
      machine.raise();
      return;
    }
    for (let i = 0; i < REGISTERS / 4; i += 4, at += 12) {
      const first = view.getInt32(at, true);
      const second = view.getInt32(at + 4, true);
      const third = view.getInt32(at + 8, true);
      words[i] = greater(words[i], spread(first));
      words[i + 1] = greater(words[i + 1], spread((first >>> 24) | (second << 8)));
      words[i + 2] = greater(words[i + 2], spread((second >>> 16) | (third << 16)));
      words[i + 3] = greater(words[i + 3], spread(third >>> 8));
    }
  }

  raise(from: number, count: number, rank: number): void {
    const { bytes } = this;
    for (let i = from; i < from + count; i++) if (bytes[i] < rank) bytes[i] = rank;
  }

  /** The cardinality. */
  estimate(counts: RankCounts): number {
    if (this.machine !== null) {
      const zeros = this.machine.countZeros();
      const sum = this.machine.sum() - zeros;
      if (!Number.isNaN(sum)) return estimateOf(sum, zeros);
    }
    counts.clear();
    counts.addAll(this);
    return counts.estimate();
  }

  /** Writes them packed. */
  pack(bytes: Uint8Array, at: number): void {
    const { words } = this;
    for (let i = 0; i < REGISTERS / 4; i++) {
      const word = words[i];
      const packed = (word & 0x3f) | ((word >>> 2) & 0xfc0) | ((word >>> 4) & 0x3f000) | ((word >>> 6) & 0xfc0000);
      bytes[at] = packed;
      bytes[at + 1] = packed >>> 8;
      bytes[at + 2] = packed >>> 16;
      at += 3;
    }
  }
}

/** Four registers of 6 bits as four of 8. */
function spread(packed: number): number {
  return (packed & 0x3f) | ((packed << 2) & 0x3f00) | ((packed << 4) & 0x3f_0000) | ((packed << 6) & 0x3f00_0000);
}

/** The greater of each of four bytes, which are below 128: without branches, none of which would be foreseeable. */
function greater(a: number, b: number): number {
  const aIsGreater = ((a | 0x8080_8080) - b) & 0x8080_8080;
  const mask = aIsGreater - (aIsGreater >>> 7);
  return (a & mask) | (b & ~mask);
}

// --- counting

/** How many registers have each rank. In four parts, so that an addition need not wait for the one before it. */
export class RankCounts {
  private readonly parts = [0, 1, 2, 3].map(() => new Int32Array(MAX_RANK + 1)) as [
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
  ];

  clear(): void {
    for (const part of this.parts) part.fill(0);
  }

  add(rank: number, count: number): void {
    this.parts[0][rank] += count;
  }

  addAll({ words }: Registers): void {
    const [first, second, third, fourth] = this.parts;
    for (let i = 0; i < words.length; i++) {
      const word = words[i];
      first[word & MAX_RANK]++;
      second[(word >>> 8) & MAX_RANK]++;
      third[(word >>> 16) & MAX_RANK]++;
      fourth[(word >>> 24) & MAX_RANK]++;
    }
  }

  addPacked(bytes: Uint8Array, at: number): void {
    const [first, second, third, fourth] = this.parts;
    for (const end = at + PACKED_SIZE; at < end; at += 3) {
      const packed = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16);
      first[packed & MAX_RANK]++;
      second[(packed >>> 6) & MAX_RANK]++;
      third[(packed >>> 12) & MAX_RANK]++;
      fourth[packed >>> 18]++;
    }
  }

  private count(rank: number): number {
    const [first, second, third, fourth] = this.parts;
    return first[rank] + second[rank] + third[rank] + fourth[rank];
  }

  /**
   * The cardinality, by O. Ertl, "New cardinality estimation algorithms for HyperLogLog sketches" (2017), in the steps
   * that Redis takes, so that the last digit is the same. Infinite for registers that no elements lead to.
   */
  estimate(): number {
    let z = REGISTERS * tau((REGISTERS - this.count(MOST_ZEROS + 1)) / REGISTERS);
    for (let rank = MOST_ZEROS; rank >= 1; rank--) z = (z + this.count(rank)) * 0.5;
    return estimateOf(z, this.count(0));
  }
}

/** From the sum of all 2 ** -rank, where that is not 0, and the registers of rank 0. */
function estimateOf(sum: number, zeros: number): number {
  return Math.round((ALPHA * REGISTERS * REGISTERS) / (sum + REGISTERS * sigma(zeros / REGISTERS)));
}

function tau(x: number): number {
  if (x === 0 || x === 1) return 0;
  let y = 1;
  let z = 1 - x;
  for (let before = Number.NaN; z !== before; ) {
    before = z;
    x = Math.sqrt(x);
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
  }
  return z / 3;
}

function sigma(x: number): number {
  if (x === 1) return Number.POSITIVE_INFINITY;
  let y = 1;
  let z = x;
  for (let before = Number.NaN; z !== before; ) {
    before = z;
    x *= x;
    z += x * y;
    y += y;
  }
  return z;
}
