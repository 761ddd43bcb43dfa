/**
 * Reads RDB primitives from a file that arrives in pieces.
 *
 * What has arrived and is not yet read lies in one window. A read that wants more than that throws NEED_MORE; the
 * reader of a record then goes back to mark(), has the window filled, and reads the record again. So the code that
 * reads records is as plain as if the whole file were there, and pays for the seam once a piece.
 *
 * Nothing is believed: a length beyond the end of the file, or a compressed string that promises more than LZF can
 * give, is an error before a byte is allocated for it.
 */

import { Slice, viewOf } from '../memory/slice.js';
import { Crc64 } from './crc64.js';
import { decompress, MAX_EXPANSION } from './lzf.js';
import {
  ENCODED_INT8,
  ENCODED_INT16,
  ENCODED_INT32,
  ENCODED_LZF,
  LENGTH_6_BITS,
  LENGTH_14_BITS,
  LENGTH_32_BITS,
  LENGTH_64_BITS,
  LENGTH_ENCODED,
  RdbError,
} from './rdb-encoding.js';

/** Thrown when the window ends before the record. A constant without a stack, for it is part of reading. */
export const NEED_MORE: Error = Object.freeze(new Error('more of the file is needed'));

const TWO_32 = 0x1_0000_0000;
const NO_BYTES = Buffer.alloc(0);

/** What a string's header says: so many bytes follow as they are, or compressed, or the string was an integer. */
export const StringForm = { RAW: 0, COMPRESSED: 1, INTEGER: 2 } as const;
export type StringForm = (typeof StringForm)[keyof typeof StringForm];

export class RdbInput {
  /** Set by readStringHeader(): bytes of the string, and bytes it takes in the file. */
  stringLength = 0;
  storedLength = 0;
  /** The encoding that readLength() met instead of a length, else 0. */
  encoding = 0;

  bytes: Buffer = NO_BYTES;
  view: DataView = viewOf(NO_BYTES);
  position = 0;
  end = 0;

  private size: number;
  private readonly checksum: boolean;
  private readonly crc = new Crc64();
  /** File offset of the window's first byte. */
  private base = 0;
  private markAt = 0;
  /** Bytes before this position are in the checksum. */
  private summed = 0;
  private readonly text: Slice;
  private unpacked: Slice;

  /**
   * @param size bytes of the whole file
   * @param checksum whether to keep the checksum of what is read
   */
  constructor(size: number, checksum: boolean) {
    this.size = size;
    this.checksum = checksum;
    this.text = Slice.of(Buffer.alloc(24));
    this.unpacked = Slice.of(Buffer.alloc(1024));
  }

  /** Offset in the file of the next byte. */
  get offset(): number {
    return this.base + this.position;
  }

  get fileSize(): number {
    return this.size;
  }

  /** Here the record begins, to which rewind() returns. */
  mark(): void {
    this.markAt = this.position;
  }

  rewind(): void {
    this.position = this.markAt;
  }

  /** Appends a piece of the file, which is copied; what was read before mark() is dropped. */
  feed(piece: Buffer): void {
    this.sum(this.markAt);
    const kept = this.end - this.markAt;
    const needed = kept + piece.length;
    const old = this.bytes;
    if (needed > old.length) {
      // Twice what is needed: a long record that comes in many pieces is copied a few times, not once a piece.
      this.bytes = Buffer.allocUnsafeSlow(needed * 2);
      this.view = viewOf(this.bytes);
    }
    old.copy(this.bytes, 0, this.markAt, this.end);
    piece.copy(this.bytes, kept);
    this.base += this.markAt;
    this.position -= this.markAt;
    this.end = needed;
    this.summed = 0;
    this.markAt = 0;
  }

  private sum(upTo: number): void {
    if (upTo <= this.summed) return;
    if (this.checksum) this.crc.update(this.bytes, this.summed, upTo);
    this.summed = upTo;
  }

  /** Reads something, a generator's way: again from its start until the window holds all of it. */
  *whole<T>(read: () => T): Generator<void, T> {
    for (;;) {
      this.mark();
      try {
        const result = read();
        this.mark();
        return result;
      } catch (error) {
        if (error !== NEED_MORE) throw error;
        this.rewind();
      }
      yield;
    }
  }

  /** Turns to bytes that are there already, as if they were a whole file. They are read in place. */
  open(content: Slice): this {
    this.bytes = content.bytes;
    this.view = content.view;
    this.position = content.start;
    this.end = content.end;
    this.size = content.length;
    this.base = -content.start;
    this.markAt = content.start;
    this.summed = content.start;
    return this;
  }

  fail(reason: string, offset: number = this.offset): never {
    throw new RdbError(reason, offset);
  }

  private truncated(needed: number): string {
    return `the file is truncated: ${needed} bytes should follow, ${this.size - this.offset} do`;
  }

  /** Makes sure that `count` more bytes are in the window. */
  need(count: number): void {
    if (this.position + count <= this.end) return;
    if (this.offset + count > this.size) this.fail(this.truncated(count));
    throw NEED_MORE;
  }

  byte(): number {
    this.need(1);
    return this.bytes[this.position++];
  }

  /** Eight bytes, little-endian and signed, as the nearest double. */
  int64(): number {
    this.need(8);
    const low = this.view.getUint32(this.position, true);
    const high = this.view.getInt32(this.position + 4, true);
    this.position += 8;
    return high * TWO_32 + low;
  }

  /** Eight bytes, little-endian. */
  float64(): number {
    this.need(8);
    const value = this.view.getFloat64(this.position, true);
    this.position += 8;
    return value;
  }

  int32(): number {
    this.need(4);
    const value = this.view.getInt32(this.position, true);
    this.position += 4;
    return value;
  }

  /** A length; an encoded string's first byte leaves `encoding` set and gives 0. */
  private lengthOrEncoding(): number {
    this.need(1);
    const first = this.bytes[this.position];
    const form = first >> 6;
    this.encoding = 0;
    if (form === LENGTH_6_BITS) {
      this.position++;
      return first;
    }
    if (form === LENGTH_14_BITS) {
      this.need(2);
      const value = this.view.getUint16(this.position) & 0x3fff;
      this.position += 2;
      return value;
    }
    if (form === LENGTH_ENCODED) {
      this.position++;
      this.encoding = first;
      return 0;
    }
    if (first === LENGTH_32_BITS) {
      this.need(5);
      const value = this.view.getUint32(this.position + 1);
      this.position += 5;
      return value;
    }
    if (first === LENGTH_64_BITS) {
      this.need(9);
      const value = this.view.getUint32(this.position + 1) * TWO_32 + this.view.getUint32(this.position + 5);
      this.position += 9;
      return value;
    }
    return this.fail(`0x${first.toString(16)} does not begin a length`);
  }

  length(): number {
    const start = this.offset;
    const value = this.lengthOrEncoding();
    if (this.encoding !== 0) this.fail('an encoded string stands where a length is expected', start);
    return value;
  }

  /** A number of 64 bits in the form of a length, exactly. */
  length64(): bigint {
    const start = this.position;
    const value = this.length();
    return this.bytes[start] === LENGTH_64_BITS ? this.view.getBigUint64(start + 1) : BigInt(value);
  }

  /**
   * Reads a string up to its bytes. RAW and COMPRESSED: `storedLength` bytes follow, which make `stringLength`.
   * INTEGER: all of it is read; the text is in `integerText`.
   */
  stringHeader(): StringForm {
    const start = this.offset;
    const length = this.lengthOrEncoding();
    switch (this.encoding) {
      case 0:
        this.stringLength = length;
        this.storedLength = length;
        this.mustHold(length, start);
        return StringForm.RAW;
      case ENCODED_INT8:
        this.need(1);
        return this.integer(this.view.getInt8(this.position), 1);
      case ENCODED_INT16:
        this.need(2);
        return this.integer(this.view.getInt16(this.position, true), 2);
      case ENCODED_INT32:
        this.need(4);
        return this.integer(this.view.getInt32(this.position, true), 4);
      case ENCODED_LZF:
        this.storedLength = this.length();
        this.stringLength = this.length();
        this.mustHold(this.storedLength, start);
        if (this.stringLength > this.storedLength * MAX_EXPANSION) {
          this.fail(`${this.storedLength} compressed bytes cannot make ${this.stringLength}`, start);
        }
        return StringForm.COMPRESSED;
      default:
        return this.fail(`unknown string encoding 0x${this.encoding.toString(16)}`, start);
    }
  }

  private mustHold(length: number, start: number): void {
    if (this.offset + length > this.size) {
      this.fail(this.truncated(length), start);
    }
  }

  private integer(value: number, size: number): StringForm {
    this.position += size;
    const text = String(value);
    this.text.bytes.write(text, 0, 'latin1');
    this.text.start = 0;
    this.text.end = text.length;
    this.stringLength = text.length;
    this.storedLength = 0;
    return StringForm.INTEGER;
  }

  /** The text of the INTEGER string read last; valid until the next one. */
  get integerText(): Slice {
    return this.text;
  }

  /**
   * The bytes of a string whose header was read: into the window, or into a buffer that lasts until the next string.
   */
  stringBody(form: StringForm, into: Slice): Slice {
    if (form === StringForm.INTEGER) return into.setFrom(this.text);
    const stored = this.storedLength;
    this.need(stored);
    const start = this.position;
    this.position += stored;
    if (form === StringForm.RAW) return into.set(this.bytes, this.view, start, start + stored);
    const length = this.stringLength;
    if (this.unpacked.bytes.length < length) {
      const bytes = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.unpacked.bytes.length));
      this.unpacked = new Slice(bytes, viewOf(bytes));
    }
    if (!decompress(this.bytes, start, start + stored, this.unpacked.bytes, 0, length)) {
      this.fail('a compressed string does not decompress to its length', this.base + start);
    }
    into.set(this.unpacked.bytes, this.unpacked.view, 0, length);
    // One that was large is not kept: it would hold its memory until the end of the load.
    if (length > 1 << 20) this.unpacked = Slice.of(Buffer.alloc(1024));
    return into;
  }

  /** A whole string. Valid until the next one is read or the window is fed. */
  string(into: Slice): Slice {
    return this.stringBody(this.stringHeader(), into);
  }

  /** Takes up to `most` bytes of what the window holds. */
  some(most: number, into: Slice): Slice {
    const start = this.position;
    this.position = Math.min(this.end, start + most);
    return into.set(this.bytes, this.view, start, this.position);
  }

  /** Compares the checksum of everything before `position` with the eight bytes there, which zeros switch off. */
  verifyChecksum(): void {
    this.need(8);
    const low = this.view.getInt32(this.position, true);
    const high = this.view.getInt32(this.position + 4, true);
    this.sum(this.position);
    if (this.checksum && (low !== 0 || high !== 0) && (low !== this.crc.low || high !== this.crc.high)) {
      this.fail('the checksum does not fit the content');
    }
    this.position += 8;
  }
}
