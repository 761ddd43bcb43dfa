/**
 * The arguments of one command: a reusable cursor over bytes that lie in a read buffer.
 *
 * The decoder writes the offsets of every argument into `starts` and `ends`; nothing is copied and nothing is
 * allocated. All of it, and every slice taken from it, is valid until the handler returns. Who needs the arguments
 * longer takes copy().
 *
 * Index 0 is the command's name.
 */
import { copyBytes, Slice, viewOf } from '../memory/slice.js';
import { textOf } from '../text/byte-text.js';
import { parseDouble, parseInteger, parseInteger64 } from '../text/numbers.js';
import { type CommandError, NOT_FLOAT, NOT_INTEGER } from './errors.js';

const EMPTY_BYTES = Buffer.alloc(0);
const EMPTY_VIEW = viewOf(EMPTY_BYTES);

const INITIAL_CAPACITY = 16;

/** Offsets beyond this many are given back once the command that needed them is over. */
const KEPT_CAPACITY = 16_384;

/**
 * Slices are pooled by the low bits of their index: up to this many are alive at once. A command that holds more
 * arguments than that at the same time has to keep offsets or slices of its own.
 */
export const SLICE_POOL_SIZE = 1024;

export class Args {
  bytes: Buffer = EMPTY_BYTES;
  view: DataView = EMPTY_VIEW;
  count = 0;
  starts = new Int32Array(INITIAL_CAPACITY);
  ends = new Int32Array(INITIAL_CAPACITY);
  private readonly pool: Slice[] = [];

  /** Arguments made by hand, each taken as its bytes, its UTF-8 text or its decimal digits. They own their bytes. */
  static from(list: readonly (string | Uint8Array | number | bigint)[]): Args {
    const parts = list.map((part) => (part instanceof Uint8Array ? part : Buffer.from(String(part), 'utf8')));
    const args = new Args();
    args.resize(parts.length);
    const bytes = Buffer.allocUnsafeSlow(parts.reduce((total, part) => total + part.length, 0));
    let position = 0;
    parts.forEach((part, index) => {
      bytes.set(part, position);
      args.starts[index] = position;
      position += part.length;
      args.ends[index] = position;
    });
    args.bytes = bytes;
    args.view = viewOf(bytes);
    args.count = parts.length;
    return args;
  }

  /**
   * The same arguments in bytes of their own, for waiters, queued commands and everyone else who outlives the handler.
   */
  copy(): Args {
    const { count, starts, ends } = this;
    let length = 0;
    for (let i = 0; i < count; i++) length += ends[i] - starts[i];
    const copy = new Args();
    copy.resize(count);
    const bytes = Buffer.allocUnsafeSlow(length);
    const view = viewOf(bytes);
    let position = 0;
    for (let i = 0; i < count; i++) {
      const size = ends[i] - starts[i];
      copyBytes(bytes, view, position, this.bytes, this.view, starts[i], size);
      copy.starts[i] = position;
      position += size;
      copy.ends[i] = position;
    }
    copy.bytes = bytes;
    copy.view = view;
    copy.count = count;
    return copy;
  }

  /** A window onto argument i, pooled: see SLICE_POOL_SIZE for how many live at once. */
  slice(i: number): Slice {
    const slice = this.pool[i & (SLICE_POOL_SIZE - 1)];
    if (slice === undefined) return this.newSlice(i);
    slice.bytes = this.bytes;
    slice.view = this.view;
    slice.start = this.starts[i];
    slice.end = this.ends[i];
    return slice;
  }

  private newSlice(i: number): Slice {
    const at = i & (SLICE_POOL_SIZE - 1);
    // Filled from below, so that the pool stays an array without holes.
    while (this.pool.length <= at) this.pool.push(new Slice());
    return this.slice(i);
  }

  /** Bytes from the first argument to the last, with what stands between them. */
  get extent(): number {
    return this.ends[this.count - 1] - this.starts[0];
  }

  length(i: number): number {
    return this.ends[i] - this.starts[i];
  }

  /** Whether argument i is this word; `word` is given in capitals and ASCII, the argument may be in any case. */
  is(i: number, word: string): boolean {
    const start = this.starts[i];
    const length = this.ends[i] - start;
    if (length !== word.length) return false;
    const bytes = this.bytes;
    for (let at = 0; at < length; at++) {
      let byte = bytes[start + at];
      if (byte >= 0x61 && byte <= 0x7a) byte -= 0x20;
      if (byte !== word.charCodeAt(at)) return false;
    }
    return true;
  }

  /** Whether argument i is exactly these bytes, given as latin1 text. */
  equals(i: number, word: string): boolean {
    const start = this.starts[i];
    const length = this.ends[i] - start;
    if (length !== word.length) return false;
    for (let at = 0; at < length; at++) if (this.bytes[start + at] !== word.charCodeAt(at)) return false;
    return true;
  }

  /** UTF-8. */
  text(i: number): string {
    return this.bytes.toString('utf8', this.starts[i], this.ends[i]);
  }

  /** UTF-8 that loses no byte: see text/byte-text.ts. */
  byteText(i: number): string {
    return textOf(this.bytes.subarray(this.starts[i], this.ends[i]));
  }

  /** One character a byte: no byte is lost. */
  latin1(i: number): string {
    return this.bytes.toString('latin1', this.starts[i], this.ends[i]);
  }

  /** A copy of argument i. */
  buffer(i: number): Buffer {
    return Buffer.from(this.bytes.subarray(this.starts[i], this.ends[i]));
  }

  /**
   * A 64-bit integer in Redis's strict syntax. Exact within ±(2^53 - 1), beyond that the nearest double: handlers that
   * compute with the value ask isSafeInteger() and turn to integer64().
   */
  integer(i: number, error: CommandError = NOT_INTEGER): number {
    const value = parseInteger(this.bytes, this.starts[i], this.ends[i]);
    // NaN is the only value that differs from itself.
    // biome-ignore lint/suspicious/noSelfCompare: cheaper than Number.isNaN on the hot path
    if (value !== value) throw error;
    return value;
  }

  /** The same, exact over all of int64. */
  integer64(i: number, error: CommandError = NOT_INTEGER): bigint {
    const value = parseInteger64(this.bytes, this.starts[i], this.ends[i]);
    if (value === undefined) throw error;
    return value;
  }

  /** Whether argument i is an integer that integer() returns exactly; false also for what is no integer at all. */
  isSafeInteger(i: number): boolean {
    return Number.isSafeInteger(parseInteger(this.bytes, this.starts[i], this.ends[i]));
  }

  /** An integer within [min, max]; the error stands for both bad syntax and bad range. */
  integerBetween(i: number, min: number, max: number, error: CommandError = NOT_INTEGER): number {
    const value = this.integer(i, error);
    if (value < min || value > max) throw error;
    return value;
  }

  /** A double in Redis's syntax: strtod's, without NaN and without spaces around; overflow and underflow are errors. */
  double(i: number, error: CommandError = NOT_FLOAT): number {
    const value = parseDouble(this.bytes, this.starts[i], this.ends[i]);
    // biome-ignore lint/suspicious/noSelfCompare: NaN marks bad syntax
    if (value !== value) throw error;
    return value;
  }

  /** Room for `count` offsets, contents kept. */
  resize(count: number): void {
    if (count <= this.starts.length) return;
    const capacity = Math.max(count, this.starts.length * 2);
    const starts = new Int32Array(capacity);
    const ends = new Int32Array(capacity);
    starts.set(this.starts);
    ends.set(this.ends);
    this.starts = starts;
    this.ends = ends;
  }

  /** One more argument: bytes[start, end). @returns where it ends */
  append(start: number, end: number): number {
    this.resize(this.count + 1);
    this.starts[this.count] = start;
    this.ends[this.count++] = end;
    return end;
  }

  /**
   * Points at `count` arguments in bytes whose starts and ends follow one another in `offsets`, from `at` on.
   * @returns where they end there
   */
  point(bytes: Buffer, view: DataView, count: number, offsets: Int32Array, at: number): number {
    this.resize(count);
    this.bytes = bytes;
    this.view = view;
    this.count = count;
    const { starts, ends } = this;
    for (let i = 0; i < count; i++) {
      starts[i] = offsets[at++];
      ends[i] = offsets[at++];
    }
    return at;
  }

  /** Takes another's offsets over, which must not be used afterwards. */
  takeOffsets(other: Args): void {
    this.count = other.count;
    if (other.starts.length > this.starts.length) {
      this.starts = other.starts;
      this.ends = other.ends;
      return;
    }
    for (let i = 0; i < other.count; i++) {
      this.starts[i] = other.starts[i];
      this.ends[i] = other.ends[i];
    }
  }

  /** Gives back what only an unusually long command needed. */
  trim(): void {
    if (this.starts.length <= KEPT_CAPACITY) return;
    this.starts = new Int32Array(INITIAL_CAPACITY);
    this.ends = new Int32Array(INITIAL_CAPACITY);
  }
}
