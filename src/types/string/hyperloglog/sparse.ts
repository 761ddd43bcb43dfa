/**
 * The sparse form of a HyperLogLog: runs of equal registers, which an opcode of one or two bytes describes.
 *
 *   00nnnnnn             n + 1 registers of 0
 *   01nnnnnn nnnnnnnn    the same for up to 16384
 *   1vvvvvnn             n + 1 registers of v + 1
 *
 * SparseForm works on a whole string, header and all: on a copy, which is changed and then stored, so that whatever
 * goes wrong the key is as it was; or, for one element, where the string lies. A register changes exactly as in Redis,
 * that the strings of both stay equal.
 */

import { Slice, viewOf } from '../../../memory/slice.js';
import { REGISTERS } from './dimensions.js';
import { HEADER_SIZE } from './header.js';
import type { RankCounts, Registers } from './registers.js';

/** Registers of a run of zeros with one byte. */
const MAX_SHORT_RUN = 64;
const MAX_VALUE_RUN = 4;
/** The highest rank that the form can express. */
const MAX_VALUE = 32;

const LONG_ZEROS = 0x40;
const VALUE = 0x80;

/** More than a form of all registers can have: an opcode describes one register at least. */
const MOST_BYTES = HEADER_SIZE + 2 * REGISTERS;
/** What a change may add before anything is taken away. */
export const MOST_GROWTH = 8;

/** Opcodes among which equal values become one, from the one before a change on. */
const MERGED_OPCODES = 5;

export const SparseChange = {
  NONE: 0,
  CHANGED: 1,
  /** The form can't express it, or would be too long: nothing was changed. */
  TOO_LARGE: 2,
  /** No opcode describes the register. */
  CORRUPT: 3,
} as const;
export type SparseChange = (typeof SparseChange)[keyof typeof SparseChange];

export class SparseForm {
  /** The string. */
  readonly slice = new Slice();
  /** By how many bytes change() lengthens the string, before equal values become one. */
  growth = 0;

  // What find() has found, as places in the string: the opcode of the register, the one before it (0: there is none),
  // the first register that it describes, and how many.
  private place = 0;
  private placeBefore = 0;
  private first = 0;
  private run = 0;

  /** Where a search may begin, if the registers come in order: an opcode that no change has touched. */
  private checkpoint = HEADER_SIZE;
  private checkpointFirst = 0;

  /** Turns to a string, where it lies. */
  open({ bytes, view, start, end }: Slice): this {
    this.slice.set(bytes, view, start, end);
    this.rewind();
    return this;
  }

  /** Registers may come in any order again. */
  private rewind(): void {
    this.checkpoint = HEADER_SIZE;
    this.checkpointFirst = 0;
  }

  /** Raises a register, unless the form would become longer than `limit`. There is room behind the string. */
  raise(register: number, rank: number, limit: number): SparseChange {
    this.rewind();
    return this.raiseNext(register, rank, limit);
  }

  /** The same for a register that is after all that were raised since the form was opened. */
  raiseNext(register: number, rank: number, limit: number): SparseChange {
    const change = this.find(register, rank, limit);
    if (change === SparseChange.CHANGED) this.change(register, rank);
    return change;
  }

  /** What raising a register comes to, and where: change() is still to be called. */
  find(register: number, rank: number, limit: number): SparseChange {
    if (rank > MAX_VALUE) return SparseChange.TOO_LARGE;
    const { bytes, start, end } = this.slice;
    let at = start + this.checkpoint;
    let first = this.checkpointFirst;
    let before = 0;
    let firstBefore = 0;
    let run = 0;
    while (at < end) {
      run = this.runAt(at);
      if (register < first + run) break;
      if (before !== 0) {
        this.checkpoint = before - start;
        this.checkpointFirst = firstBefore;
      }
      before = at;
      firstBefore = first;
      first += run;
      at += opcodeSize(bytes[at]);
    }
    if (at + opcodeSize(bytes[at]) > end) return SparseChange.CORRUPT;
    if (before === 0 && at !== start + HEADER_SIZE) {
      // Values were merged into the checkpoint, and may be with what is before it.
      this.rewind();
      return this.find(register, rank, limit);
    }
    this.place = at - start;
    this.placeBefore = before === 0 ? 0 : before - start;
    this.first = first;
    this.run = run;
    const opcode = bytes[at];
    if (opcode >= VALUE && rankOf(opcode) >= rank) return SparseChange.NONE;
    this.growth = this.growthOf(register, opcode);
    return this.growth > 0 && end - start + this.growth > limit ? SparseChange.TOO_LARGE : SparseChange.CHANGED;
  }

  /** Up to three opcodes take the place of one: what is before the register, the register, what is after it. */
  private growthOf(register: number, opcode: number): number {
    const isValue = opcode >= VALUE;
    const before = register - this.first;
    const size = 1 + runSize(before, isValue) + runSize(this.run - 1 - before, isValue);
    return size - opcodeSize(opcode);
  }

  /** Makes the change that was found. */
  change(register: number, rank: number): void {
    const { bytes, start } = this.slice;
    const at = start + this.place;
    // A run of zeros that has two bytes though it is short becomes shorter, too.
    if (this.run === 1 && this.growth === 0) bytes[at] = valueOpcode(rank, 1);
    else this.split(at, register, rank);
    this.mergeValues(start + (this.placeBefore === 0 ? HEADER_SIZE : this.placeBefore));
  }

  /** Registers that the opcode at a position describes. */
  private runAt(at: number): number {
    const { bytes } = this.slice;
    const opcode = bytes[at];
    if (opcode >= VALUE) return (opcode & 3) + 1;
    return opcode < LONG_ZEROS ? opcode + 1 : (((opcode & 0x3f) << 8) | bytes[at + 1]) + 1;
  }

  private split(at: number, register: number, rank: number): void {
    const { slice, growth } = this;
    const { bytes } = slice;
    const opcode = bytes[at];
    const before = register - this.first;
    const after = this.run - 1 - before;
    const next = at + opcodeSize(opcode);
    bytes.copyWithin(next + growth, next, slice.end);
    slice.end += growth;
    const isValue = opcode >= VALUE;
    at = isValue ? this.writeValues(at, before, opcode) : this.writeZeros(at, before);
    bytes[at++] = valueOpcode(rank, 1);
    if (isValue) this.writeValues(at, after, opcode);
    else this.writeZeros(at, after);
  }

  protected writeZeros(at: number, count: number): number {
    const { bytes } = this.slice;
    if (count === 0) return at;
    if (count <= MAX_SHORT_RUN) {
      bytes[at] = count - 1;
      return at + 1;
    }
    bytes[at] = LONG_ZEROS | ((count - 1) >> 8);
    bytes[at + 1] = count - 1;
    return at + 2;
  }

  private writeValues(at: number, count: number, opcode: number): number {
    if (count === 0) return at;
    this.slice.bytes[at] = valueOpcode(rankOf(opcode), count);
    return at + 1;
  }

  private mergeValues(at: number): void {
    const { slice } = this;
    const { bytes } = slice;
    for (let left = MERGED_OPCODES; left > 0 && at < slice.end; left--) {
      const opcode = bytes[at];
      if (opcode < VALUE) {
        at += opcodeSize(opcode);
        continue;
      }
      const next = at + 1 < slice.end ? bytes[at + 1] : 0;
      const run = (opcode & 3) + (next & 3) + 2;
      if (next < VALUE || rankOf(next) !== rankOf(opcode) || run > MAX_VALUE_RUN) {
        at++;
        continue;
      }
      // The merged one may merge with what follows it, too.
      bytes.copyWithin(at, at + 1, slice.end);
      bytes[at] = valueOpcode(rankOf(opcode), run);
      slice.end--;
    }
  }

  // --- all registers

  /** Raises each of `registers` to what it is here, where that is more; false if the form is corrupt. */
  raiseAll(registers: Registers): boolean {
    const { bytes, start, end } = this.slice;
    let register = 0;
    for (let at = start + HEADER_SIZE; at < end; ) {
      const opcode = bytes[at];
      const run = this.runAt(at);
      if (register + run > REGISTERS) return false;
      if (opcode >= VALUE) registers.raise(register, run, rankOf(opcode));
      register += run;
      at += opcodeSize(opcode);
    }
    return register === REGISTERS;
  }

  /** Counts all ranks; false if the form is corrupt. */
  count(counts: RankCounts): boolean {
    const { bytes, start, end } = this.slice;
    let register = 0;
    for (let at = start + HEADER_SIZE; at < end; ) {
      const opcode = bytes[at];
      const run = this.runAt(at);
      if (register + run > REGISTERS) return false;
      counts.add(opcode >= VALUE ? rankOf(opcode) : 0, run);
      register += run;
      at += opcodeSize(opcode);
    }
    return register === REGISTERS;
  }

  /** The text of PFDEBUG DECODE. */
  describe(): string {
    const { bytes, start, end } = this.slice;
    const words: string[] = [];
    for (let at = start + HEADER_SIZE; at < end; ) {
      const opcode = bytes[at];
      const run = this.runAt(at);
      if (opcode >= VALUE) words.push(`v:${rankOf(opcode)},${run}`);
      else words.push(`${opcode < LONG_ZEROS ? 'z' : 'Z'}:${run}`);
      at += opcodeSize(opcode);
    }
    return words.join(' ');
  }
}

/** The form as a copy, in a buffer that has room for any. */
export class SparseCopy extends SparseForm {
  readonly bytes = Buffer.alloc(MOST_BYTES + MOST_GROWTH);
  private readonly view = viewOf(this.bytes);

  /** A form without any elements; the header is still to be written. */
  initialise(): void {
    this.prepare(0);
    this.slice.end = this.writeZeros(HEADER_SIZE, REGISTERS);
  }

  /** Makes room for a copy of so many bytes, to be written to `bytes`; false if no form is as long. */
  prepare(length: number): boolean {
    if (length > MOST_BYTES) return false;
    // Where a form that is corrupt ends within an opcode.
    this.bytes[length] = 0;
    this.open(this.slice.set(this.bytes, this.view, 0, length));
    return true;
  }
}

function opcodeSize(opcode: number): number {
  return opcode < LONG_ZEROS || opcode >= VALUE ? 1 : 2;
}

function rankOf(opcode: number): number {
  return ((opcode >> 2) & 0x1f) + 1;
}

function valueOpcode(rank: number, run: number): number {
  return VALUE | ((rank - 1) << 2) | (run - 1);
}

/** Bytes that describe a run of zeros, or of values. */
function runSize(count: number, isValue: boolean): number {
  if (count === 0) return 0;
  return isValue || count <= MAX_SHORT_RUN ? 1 : 2;
}
