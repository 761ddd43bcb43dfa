/**
 * Encodes replies, in the protocol of the client they go to, into one buffer that all connections of a server share.
 *
 * Handlers call the primitives and do not ask which protocol it is; every aggregate's header is followed by its
 * elements.
 *
 * What one turn writes is a stretch, [from, to) of all that was written since clear(). Stretches lie one after the
 * other in the shared buffer until writeTo() hands each to its destination, in their order. A buffer that is full
 * becomes a chunk, and another one takes its place; only the last stretch may be longer than one buffer, and the
 * destination then has the chunks for its own.
 *
 * A mark is the number of bytes written so far. rewind(mark) takes back everything behind it, also out of `chunks`, so
 * that an error after half a reply never leaves half a frame.
 */
import { BlockPool } from '../memory/block-pool.js';
import { copyBytes, type Slice, viewOf } from '../memory/slice.js';
import { systemMemory } from '../memory/system-memory.js';
import { formatDouble, integerLength, writeInteger } from '../text/numbers.js';
import { type CommandError, shownText } from './errors.js';
import {
  ARRAY,
  ATTRIBUTE,
  BIG_NUMBER,
  BULK,
  DOUBLE,
  ERROR,
  INTEGER,
  MAP,
  PUSH,
  SET,
  STATUS,
  VERBATIM,
} from './reply-types.js';

/** How much is collected before it is copied away. */
const BUFFER_SIZE = 256 * 1024;

/**
 * Room behind BUFFER_SIZE for a header or a small reply: a primitive checks the position once and then writes up to
 * this much.
 */
const SLACK = 128;
/** `:`, a sign, 19 digits, CR and LF. */
const MOST_INTEGER_BYTES = 23;

/** Content of this size is split where the buffer ends; shorter one goes to the next as a whole. */
const SPLIT_SIZE = 4096;

/** `$-1\r\n` and its like as little-endian words of four bytes, followed by `\n`. */
const OK_WORD = wordOf('+OK\r');
const PONG_WORD = wordOf('+PON');
const QUE_WORD = wordOf('+QUE');
const UED_WORD = wordOf('UED\r');
const NULL_BULK_WORD = wordOf('$-1\r');
const NULL_ARRAY_WORD = wordOf('*-1\r');
/** A one-digit header: the type's byte in the lowest place, the digit to be added in the next. */
const ONE_DIGIT_WORD = wordOf('\x000\r\n');
/** The same with two digits, of bulk strings; it lacks the line feed. */
const TWO_DIGIT_WORD = wordOf('$00\r');
const CRLF = 0x0a0d;
const LF = 0x0a;

/** Up to this length a loop over characters beats Buffer.write, whose call leaves JavaScript. */
const SHORT_TEXT = 48;

const LINE_BREAK = /[\r\n]/g;

export type Protocol = 2 | 3;

/** Where a stretch goes. */
export interface ReplyDestination {
  /** Takes bytes[start, end), which are overwritten afterwards. */
  send(bytes: Buffer, start: number, end: number): void;
  /** Takes chunks for its own: it gives their blocks back to `pool` when it has done with them. */
  sendChunks(chunks: readonly Buffer[]): void;
}

/** Where written bytes lie. */
export interface ReplyWindow {
  bytes: Buffer;
  start: number;
  end: number;
}

export class ReplyWriter {
  protocol: Protocol = 2;
  /** The text of the error that was written last: a script gets it without reading the bytes. */
  lastError = '';
  /** Where buffers come from, and go to when their bytes are written. */
  readonly pool = new BlockPool(BUFFER_SIZE + SLACK);
  /** Full pieces, oldest first. */
  private chunks: Buffer[] = [];
  /** The block that each chunk is a part of; null for one that was put together elsewhere. */
  private blocks: (Buffer | null)[] = [];
  /** The shared buffer: what is written in it comes after `chunks`. */
  private bytes: Buffer = this.pool.take();
  private view = viewOf(this.bytes);
  /** End of what is written in the shared buffer; may exceed BUFFER_SIZE by less than SLACK. */
  private position = 0;
  /** Bytes in `chunks`. */
  private spilled = 0;

  // ---- Simple replies

  ok(): void {
    if (this.position > BUFFER_SIZE) this.spill();
    const position = this.position;
    this.view.setInt32(position, OK_WORD, true);
    this.bytes[position + 4] = LF;
    this.position = position + 5;
  }

  pong(): void {
    if (this.position > BUFFER_SIZE) this.spill();
    const position = this.position;
    this.view.setInt32(position, PONG_WORD, true);
    this.bytes[position + 4] = 0x47;
    this.view.setInt16(position + 5, CRLF, true);
    this.position = position + 7;
  }

  queued(): void {
    if (this.position > BUFFER_SIZE) this.spill();
    const position = this.position;
    this.view.setInt32(position, QUE_WORD, true);
    this.view.setInt32(position + 4, UED_WORD, true);
    this.bytes[position + 8] = LF;
    this.position = position + 9;
  }

  /** `text` in latin1, without CR and LF. */
  status(text: string): void {
    this.line(STATUS, text);
  }

  /**
   * An error, or its text in latin1 (one character a byte). CR and LF become spaces; a text that begins with no code
   * gets `ERR`.
   */
  error(error: CommandError | string): void {
    this.lastError = typeof error === 'string' ? shownText(error) : error.shown;
    this.line(ERROR, this.lastError);
  }

  /** An error whose text, in latin1, is taken as it is: a script's, which may have any code, or none. */
  errorText(text: string): void {
    this.lastError = text.replace(LINE_BREAK, ' ');
    this.line(ERROR, this.lastError);
  }

  integer(value: number | bigint): void {
    if (typeof value !== 'number') {
      this.line(INTEGER, String(value));
      return;
    }
    if (this.position > BUFFER_SIZE) this.spill();
    const position = this.position;
    if (value >= 0 && value < 10) {
      this.view.setInt32(position, (ONE_DIGIT_WORD + INTEGER + (value << 8)) | 0, true);
      this.position = position + 4;
      return;
    }
    this.bytes[position] = INTEGER;
    this.endLine(writeInteger(this.bytes, position + 1, value));
  }

  /** RESP2 has no doubles: they are bulk strings there. */
  double(value: number): void {
    // Most scores are whole numbers, whose digits need no string: ZRANGE with 10 of them takes 1 µs less.
    if ((value | 0) === value && !(value === 0 && 1 / value < 0)) {
      this.wholeDouble(value);
      return;
    }
    const text = formatDouble(value);
    if (this.protocol === 2) this.bulkLatin1(text);
    else this.line(DOUBLE, text);
  }

  /** RESP2 has no booleans: they are 1 and 0 there. */
  boolean(value: boolean): void {
    if (this.protocol === 2) this.integer(value ? 1 : 0);
    else this.rawLatin1(value ? '#t\r\n' : '#f\r\n');
  }

  /** Decimal digits of any length; a bulk string in RESP2. */
  bigNumber(digits: string): void {
    if (this.protocol === 2) this.bulkLatin1(digits);
    else this.line(BIG_NUMBER, digits);
  }

  /** Where a bulk string might have been. */
  null(): void {
    if (this.protocol === 2) this.nullWord(NULL_BULK_WORD);
    else this.rawLatin1('_\r\n');
  }

  /** Where an array might have been. */
  nullArray(): void {
    if (this.protocol === 2) this.nullWord(NULL_ARRAY_WORD);
    else this.rawLatin1('_\r\n');
  }

  // ---- Strings

  bulk(value: Slice): void {
    this.bulkRange(value.bytes, value.view, value.start, value.end - value.start);
  }

  /** A bulk string out of `length` bytes at `start`, where the caller has no slice at hand. */
  bulkRange(bytes: Buffer, view: DataView, start: number, length: number): void {
    let position = this.position;
    if (position + length > BUFFER_SIZE) {
      this.bulkHeader(length);
      this.rawRange(bytes, view, start, length);
      this.bulkEnd();
      return;
    }
    if (length < 10) {
      this.view.setInt32(position, (ONE_DIGIT_WORD + BULK + (length << 8)) | 0, true);
      position += 4;
    } else if (length < 100) {
      const tens = (length * 205) >> 11;
      this.view.setInt32(position, TWO_DIGIT_WORD + (tens << 8) + ((length - tens * 10) << 16), true);
      this.bytes[position + 4] = LF;
      position += 5;
    } else {
      this.bytes[position] = BULK;
      position = writeInteger(this.bytes, position + 1, length);
      this.view.setInt16(position, CRLF, true);
      position += 2;
    }
    copyBytes(this.bytes, this.view, position, bytes, view, start, length);
    position += length;
    this.view.setInt16(position, CRLF, true);
    this.position = position + 2;
  }

  /** A bulk string of a JavaScript string's UTF-8 bytes. */
  bulkString(text: string): void {
    this.bulkText(text, 'utf8', Buffer.byteLength(text, 'utf8'));
  }

  /** A bulk string of one byte a character. */
  bulkLatin1(text: string): void {
    this.bulkText(text, 'latin1', text.length);
  }

  /** A bulk string of bytes that are no slice. */
  bulkBytes(value: Uint8Array): void {
    this.bulkHeader(value.length);
    this.raw(value);
    this.bulkEnd();
  }

  /** A bulk string of an integer's decimal digits. */
  bulkInteger(value: number | bigint): void {
    if (typeof value === 'number' && (value | 0) === value) this.bulkDigits(value);
    else this.bulkLatin1(String(value));
  }

  /** For values that come in pieces: bulkHeader(total), rawSlice() for each piece, bulkEnd(). */
  bulkHeader(length: number): void {
    this.header(BULK, length);
  }

  bulkEnd(): void {
    if (this.position > BUFFER_SIZE) this.spill();
    this.endLine(this.position);
  }

  /** Text with a format of three characters (`txt`, `mkd`); a bulk string in RESP2. `text` in UTF-8. */
  verbatim(format: string, text: string): void {
    const length = Buffer.byteLength(text, 'utf8');
    this.verbatimHeader(format, length);
    this.rawText(text, 'utf8', length);
    this.bulkEnd();
  }

  /** The same of one byte a character, in format and text. */
  verbatimLatin1(format: string, text: string): void {
    this.verbatimHeader(format, text.length);
    this.rawLatin1(text);
    this.bulkEnd();
  }

  verbatimBytes(format: string, text: Uint8Array): void {
    this.verbatimHeader(format, text.length);
    this.raw(text);
    this.bulkEnd();
  }

  private verbatimHeader(format: string, length: number): void {
    if (this.protocol === 2) {
      this.bulkHeader(length);
      return;
    }
    this.header(VERBATIM, length + 4);
    this.rawLatin1(`${format}:`);
  }

  // ---- Aggregates: the header, which the elements follow

  array(length: number): void {
    this.header(ARRAY, length);
  }

  /** `pairs` times key, value; a flat array in RESP2. */
  map(pairs: number): void {
    if (this.protocol === 2) this.header(ARRAY, pairs * 2);
    else this.header(MAP, pairs);
  }

  /** An array in RESP2. */
  set(length: number): void {
    this.header(this.protocol === 2 ? ARRAY : SET, length);
  }

  /** Out-of-band data; an array in RESP2. */
  push(length: number): void {
    this.header(this.protocol === 2 ? ARRAY : PUSH, length);
  }

  /**
   * Members with scores and their like: flat in RESP2, an array of two-element arrays in RESP3. Call pair() before
   * each.
   */
  pairs(length: number): void {
    this.header(ARRAY, this.protocol === 2 ? length * 2 : length);
  }

  /** Begins one element of pairs(). */
  pair(): void {
    if (this.protocol !== 2) this.header(ARRAY, 2);
  }

  /**
   * Keys with what belongs to them (XREAD): an array of two-element arrays in RESP2, a map in RESP3. Call association()
   * before each.
   */
  assoc(length: number): void {
    this.header(this.protocol === 2 ? ARRAY : MAP, length);
  }

  /** Begins one element of assoc(). */
  association(): void {
    if (this.protocol === 2) this.header(ARRAY, 2);
  }

  /** Attributes ahead of a reply. RESP2 has none: the result says whether to write the `pairs` times key, value. */
  attribute(pairs: number): boolean {
    if (this.protocol === 2) return false;
    this.header(ATTRIBUTE, pairs);
    return true;
  }

  // ---- Aggregates whose length is known late: const start = startArray(); …elements…; endArray(start, length). They
  // may nest.

  startArray(): number {
    return this.length;
  }

  endArray(start: number, length: number): void {
    this.insertHeader(start, ARRAY, length);
  }

  endMap(start: number, pairs: number): void {
    if (this.protocol === 2) this.insertHeader(start, ARRAY, pairs * 2);
    else this.insertHeader(start, MAP, pairs);
  }

  endSet(start: number, length: number): void {
    this.insertHeader(start, this.protocol === 2 ? ARRAY : SET, length);
  }

  // ---- Bytes as they are

  /** Encoded bytes, or a piece of a value that follows bulkHeader(). */
  raw(bytes: Uint8Array): void {
    const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const length = buffer.length;
    if (this.makeRoom(length)) {
      buffer.copy(this.bytes, this.position);
      this.position += length;
    } else this.pushSplit(buffer, 0, length);
  }

  rawSlice(value: Slice): void {
    this.rawRange(value.bytes, value.view, value.start, value.end - value.start);
  }

  rawRange(bytes: Buffer, view: DataView, start: number, length: number): void {
    if (this.makeRoom(length)) {
      copyBytes(this.bytes, this.view, this.position, bytes, view, start, length);
      this.position += length;
    } else this.pushSplit(bytes, start, start + length);
  }

  rawLatin1(text: string): void {
    this.rawText(text, 'latin1', text.length);
  }

  // ---- What has been written

  /** Bytes written and not yet cleared. */
  get length(): number {
    return this.spilled + this.position;
  }

  /** Whether the shared buffer was filled: what follows would be a long way from where it began. */
  get hasSpilled(): boolean {
    return this.spilled > 0;
  }

  mark(): number {
    return this.spilled + this.position;
  }

  /** Before a command changes anything: the first primitive of its reply finds room then. @throws OutOfMemoryError */
  prepare(): void {
    if (this.position > BUFFER_SIZE) this.spill();
  }

  /**
   * Makes sure of the room for an array of so many integers, before the command changes what they tell of: nobody else
   * takes what the pool has until the command ends. @throws OutOfMemoryError
   */
  reserveIntegers(count: number): void {
    const bytes = count * MOST_INTEGER_BYTES;
    if (this.position + bytes <= BUFFER_SIZE) return;
    const taken: Buffer[] = [];
    try {
      for (let size = 0; size <= bytes; size += BUFFER_SIZE) taken.push(this.pool.take());
    } finally {
      for (const block of taken) this.pool.give(block);
    }
  }

  /** Takes back everything that was written after the mark. */
  rewind(mark: number): void {
    if (mark >= this.spilled) {
      this.position = mark - this.spilled;
      return;
    }
    this.position = 0;
    while (this.spilled > mark) {
      const chunk = this.chunks.pop()!;
      const block = this.blocks.pop()!;
      this.spilled -= chunk.length;
      if (this.spilled < mark) {
        this.chunks.push(chunk.subarray(0, mark - this.spilled));
        this.blocks.push(block);
        this.spilled = mark;
      } else if (block !== null) {
        this.pool.give(block);
      }
    }
  }

  /** A copy of everything that was written after the mark. @throws OutOfMemoryError */
  since(mark: number): Buffer {
    if (mark >= this.spilled) {
      const start = mark - this.spilled;
      const copy = Buffer.allocUnsafe(this.position - start);
      this.bytes.copy(copy, 0, start, this.position);
      return copy;
    }
    const parts: Buffer[] = [];
    let from = 0;
    for (const chunk of this.chunks) {
      if (from + chunk.length > mark) parts.push(chunk.subarray(Math.max(0, mark - from)));
      from += chunk.length;
    }
    parts.push(this.bytes.subarray(Math.max(0, mark - from), this.position));
    const copy = systemMemory.take(this.length - mark);
    let end = 0;
    for (const part of parts) end += part.copy(copy, end);
    return copy;
  }

  /** Where everything lies that was written after the mark: it is copied only where it is in several pieces. */
  locate(mark: number, window: ReplyWindow): void {
    const { spilled } = this;
    if (mark >= spilled) {
      window.bytes = this.bytes;
      window.start = mark - spilled;
      window.end = this.position;
      return;
    }
    window.bytes = this.since(mark);
    window.start = 0;
    window.end = window.bytes.length;
  }

  /** A copy of the same, taken out: for replies that go elsewhere than what stands before them. */
  take(mark: number): Buffer {
    try {
      return this.since(mark);
    } finally {
      // Also if there is no memory for the copy.
      this.rewind(mark);
    }
  }

  /**
   * Hands a stretch over. Those before it were handed over already, and of all of them only the last may reach beyond a
   * buffer.
   */
  writeTo(destination: ReplyDestination, from: number, to: number): void {
    const { chunks } = this;
    if (chunks.length === 0) {
      destination.send(this.bytes, from, to);
    } else if (to <= chunks[0].length) {
      destination.send(chunks[0], from, to);
    } else {
      const own = from === 0 ? chunks : [chunks[0].subarray(from), ...chunks.slice(1)];
      const tail = to - this.spilled;
      this.chunks = [];
      this.blocks = [];
      this.spilled = 0;
      destination.sendChunks(own);
      destination.send(this.bytes, 0, tail);
    }
  }

  /** Everything was handed over, or is wanted by nobody. */
  clear(): void {
    this.position = 0;
    if (this.chunks.length === 0) return;
    for (const block of this.blocks) if (block !== null) this.pool.give(block);
    this.chunks = [];
    this.blocks = [];
    this.spilled = 0;
  }

  // ---- Inside

  /** double() of an int32. */
  private wholeDouble(value: number): void {
    if (this.position > BUFFER_SIZE) this.spill();
    const position = this.position;
    if (this.protocol === 2) {
      this.bulkDigits(value);
      return;
    }
    this.bytes[position] = DOUBLE;
    this.endLine(writeInteger(this.bytes, position + 1, value));
  }

  /** An int32's digits. */
  private bulkDigits(value: number): void {
    if (this.position > BUFFER_SIZE) this.spill();
    const position = this.position;
    const length = integerLength(value);
    if (length < 10) {
      this.view.setInt32(position, (ONE_DIGIT_WORD + BULK + (length << 8)) | 0, true);
      this.endLine(writeInteger(this.bytes, position + 4, value));
      return;
    }
    this.bytes[position] = BULK;
    const start = writeInteger(this.bytes, position + 1, length);
    this.view.setInt16(start, CRLF, true);
    this.endLine(writeInteger(this.bytes, start + 2, value));
  }

  private header(type: number, length: number): void {
    if (this.position > BUFFER_SIZE) this.spill();
    const position = this.position;
    if (length < 10) {
      this.view.setInt32(position, (ONE_DIGIT_WORD + type + (length << 8)) | 0, true);
      this.position = position + 4;
      return;
    }
    this.bytes[position] = type;
    this.endLine(writeInteger(this.bytes, position + 1, length));
  }

  private endLine(position: number): void {
    this.view.setInt16(position, CRLF, true);
    this.position = position + 2;
  }

  private nullWord(word: number): void {
    if (this.position > BUFFER_SIZE) this.spill();
    const position = this.position;
    this.view.setInt32(position, word, true);
    this.bytes[position + 4] = LF;
    this.position = position + 5;
  }

  private line(type: number, text: string): void {
    this.makeRoom(0);
    this.bytes[this.position++] = type;
    this.rawLatin1(text);
    this.bulkEnd();
  }

  private bulkText(text: string, encoding: 'utf8' | 'latin1', length: number): void {
    this.bulkHeader(length);
    this.rawText(text, encoding, length);
    this.bulkEnd();
  }

  private rawText(text: string, encoding: 'utf8' | 'latin1', length: number): void {
    if (!this.makeRoom(length)) this.pushSplit(Buffer.from(text, encoding), 0, length);
    // As many bytes as characters is ASCII or latin1.
    else if (length === text.length && length <= SHORT_TEXT) {
      const bytes = this.bytes;
      let position = this.position;
      for (let i = 0; i < length; i++) bytes[position++] = text.charCodeAt(i);
      this.position = position;
    } else this.position += this.bytes.write(text, this.position, length, encoding);
  }

  /**
   * Whether `length` bytes go into the shared buffer (then there is room now); larger ones make a chunk of their own.
   */
  private makeRoom(length: number): boolean {
    if (this.position + length <= BUFFER_SIZE) return true;
    if (length >= SPLIT_SIZE) return false;
    this.spill();
    return true;
  }

  /** Content longer than a buffer, in buffers. */
  private pushSplit(bytes: Buffer, start: number, end: number): void {
    while (start < end) {
      if (this.position >= BUFFER_SIZE) this.spill();
      const length = Math.min(end - start, BUFFER_SIZE - this.position);
      bytes.copy(this.bytes, this.position, start, start + length);
      this.position += length;
      start += length;
    }
  }

  /** Makes a chunk of what is written, and goes on in another buffer. */
  private spill(): void {
    if (this.position === 0) return;
    // First, for it may fail: then nothing has changed.
    const next = this.pool.take();
    this.chunks.push(this.bytes.subarray(0, this.position));
    this.blocks.push(this.bytes);
    this.spilled += this.position;
    this.bytes = next;
    this.view = viewOf(next);
    this.position = 0;
  }

  /** Puts a header before what was written after the mark. */
  private insertHeader(mark: number, type: number, length: number): void {
    const contentLength = this.length - mark;
    if (contentLength === 0) {
      this.header(type, length);
      return;
    }
    if (mark >= this.spilled && this.position <= BUFFER_SIZE) {
      const at = mark - this.spilled;
      const size = 3 + integerLength(length);
      this.bytes.copyWithin(at + size, at, this.position);
      this.bytes[at] = type;
      this.view.setInt16(writeInteger(this.bytes, at + 1, length), CRLF, true);
      this.position += size;
      return;
    }
    // Written at the end first, which also tells its size.
    const headerAt = this.length;
    this.header(type, length);
    const header = this.take(headerAt);
    if (mark >= this.spilled) {
      const at = mark - this.spilled;
      this.bytes.copyWithin(at + header.length, at, this.position);
      this.bytes.set(header, at);
      this.position += header.length;
      return;
    }
    let from = 0;
    const index = this.chunks.findIndex((chunk) => (from += chunk.length) > mark);
    const chunk = this.chunks[index];
    const cut = mark - (from - chunk.length);
    this.chunks[index] = Buffer.concat([chunk.subarray(0, cut), header, chunk.subarray(cut)]);
    const block = this.blocks[index];
    if (block !== null) this.pool.give(block);
    this.blocks[index] = null;
    this.spilled += header.length;
  }
}

function wordOf(text: string): number {
  return Buffer.from(text, 'latin1').readInt32LE(0);
}
