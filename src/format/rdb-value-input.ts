/**
 * What reads values in the RDB format, whose input may end anywhere, see RdbInput: what is short waits until it is
 * whole, and long strings are taken in as they come, by a generator that stops until there is more.
 */

import { PAGE_SIZE } from '../memory/arena.js';
import { Slice } from '../memory/slice.js';
import { LzfDecompressor, MAX_DISTANCE } from './lzf.js';
import { ZERO_PAGE } from './lzf-zeros.js';
import { type RdbInput, StringForm } from './rdb-input.js';

/** Strings longer than this go in as they come; shorter ones wait until they are whole. */
const LONG_STRING = 64 * 1024;
/** The most that one instruction of a compressed string makes. */
const LONGEST_STEP = 264;

export class RdbValueInput {
  private readonly value = new Slice();

  private form: StringForm = StringForm.RAW;

  constructor(private readonly input: RdbInput) {}

  /** Offset in the file of the next byte. */
  get offset(): number {
    return this.input.offset;
  }

  /** How long the string will be whose header was read last. */
  get stringLength(): number {
    return this.input.stringLength;
  }

  /** Reads a string, or of a long one the header: then it returns null, and pieces() read the rest. */
  shortString(): Slice | null {
    const { input } = this;
    this.form = input.stringHeader();
    return input.stringLength > LONG_STRING ? null : input.stringBody(this.form, this.value);
  }

  /** A string of any length, which must be whole; valid until the next read. */
  string(): Slice {
    return this.input.string(this.value);
  }

  length(): number {
    return this.input.length();
  }

  byte(): number {
    return this.input.byte();
  }

  float64(): number {
    return this.input.float64();
  }

  /** So many bytes; valid until the next read. */
  bytes(count: number): Slice {
    this.input.need(count);
    return this.input.some(count, this.value);
  }

  /** Eight bytes: a time in ms, as the nearest double. */
  int64(): number {
    return this.input.int64();
  }

  /** A number of 64 bits in the form of a length, exactly. */
  length64(): bigint {
    return this.input.length64();
  }

  /** Reads something small again from its beginning until the input holds all of it. */
  whole<T>(read: () => T): Generator<void, T> {
    return this.input.whole(read);
  }

  /** @throws RdbError that names the place: the current one, unless it is given */
  fail(reason: string, offset?: number): never {
    return this.input.fail(reason, offset);
  }

  /** Hands over the bytes of the long string whose header was read, as they come. */
  *pieces(visit: (piece: Slice) => void): Generator<void, void> {
    const { input, value } = this;
    input.mark();
    if (this.form === StringForm.COMPRESSED) {
      yield* this.compressedPieces(visit);
      return;
    }
    for (let left = input.storedLength; left > 0; left -= value.length) {
      if (input.position === input.end) yield* this.refill();
      visit(input.some(left, value));
      input.mark();
    }
  }

  private *compressedPieces(visit: (piece: Slice) => void): Generator<void, void> {
    const input = this.input;
    const decompressor = new LzfDecompressor();
    const history = Slice.of(Buffer.alloc(2 * LONG_STRING));
    const { bytes, view } = history;
    let stored = input.storedLength;
    let missing = input.stringLength;
    let at = 0;
    while (stored > 0) {
      const from = input.position;
      const end = Math.min(input.end, from + stored);
      if (missing >= PAGE_SIZE && isZeroPage(input.bytes, from, end)) {
        visit(zeroPage);
        input.position += ZERO_PAGE.length;
        input.mark();
        stored -= ZERO_PAGE.length;
        missing -= PAGE_SIZE;
        bytes.fill(0, 0, MAX_DISTANCE);
        at = MAX_DISTANCE;
        continue;
      }
      const limit = Math.min(bytes.length, at + missing);
      // Up to the end of the page, where a page of zeros may begin, if an instruction ends there.
      const pageEnd = at + ((missing - input.stringLength) & (PAGE_SIZE - 1) || PAGE_SIZE);
      let isSound = decompressor.run(input.bytes, from, end, bytes, 0, at, Math.min(limit, pageEnd));
      if (decompressor.at === at) isSound = decompressor.run(input.bytes, from, end, bytes, 0, at, limit);
      const used = decompressor.from - from;
      const made = decompressor.at - at;
      if (made > 0) visit(this.value.set(bytes, view, at, at + made));
      input.position += used;
      input.mark();
      stored -= used;
      missing -= made;
      at += made;
      if (at > bytes.length - LONGEST_STEP) {
        bytes.copyWithin(0, at - MAX_DISTANCE, at);
        at = MAX_DISTANCE;
      } else if (!isSound || (made === 0 && end - from === stored)) {
        break;
      } else if (made === 0) yield* this.refill();
    }
    if (stored > 0 || missing > 0) input.fail('a compressed string does not decompress to its length');
  }

  /** Waits for the next piece of the file. */
  private *refill(): Generator<void, void> {
    if (this.input.offset >= this.input.fileSize) this.input.fail('the file is truncated within a string');
    yield;
  }
}

function isZeroPage(bytes: Buffer, from: number, end: number): boolean {
  const last = from + ZERO_PAGE.length;
  return (
    last <= end && bytes[from + 2] === ZERO_PAGE[2] && bytes.compare(ZERO_PAGE, 0, ZERO_PAGE.length, from, last) === 0
  );
}

const zeroPage = Slice.of(Buffer.alloc(PAGE_SIZE));

/** A key as a message shows it: printable, and not endless. */
export function quoted(key: Slice): string {
  const shown = key.bytes.toString('latin1', key.start, Math.min(key.end, key.start + 64));
  const escaped = shown.replace(/[^\x20-\x7e]|['\\]/g, (character: string) =>
    character === "'" || character === '\\'
      ? `\\${character}`
      : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `'${escaped}${key.length > 64 ? '…' : ''}'`;
}
