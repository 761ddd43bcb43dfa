/**
 * Decodes a connection's requests (multibulk and inline) out of the server's shared read buffer, without copying.
 *
 *   feed(chunk)                 what one read brought
 *   while (next(args)) run(args)  may stop early: a blocked client, a turn's budget
 *   retain()                    end of the read callback: the shared buffer is about to be reused
 *
 * Frames that lie whole in the chunk are decoded where they are. What is left at retain() moves to `held`, a buffer of
 * this connection of about the frame's size once that can be told, but at most eight times what has arrived, so that a
 * header which promises 512 MB costs nothing. Once the held frame is complete, what follows in the chunk is decoded in
 * place again.
 *
 * Decoding is resumable: the offsets of a frame that is cut anywhere are kept in `partial`, and no byte is scanned
 * twice. Invariants:
 * - The stream is held[heldPosition, heldEnd) followed by chunk[chunkPosition, chunkEnd).
 * - While `partial` is set, its frame begins at held[0] (or, with nothing held, at chunkPosition), and all its offsets
 *   and `at` are relative to the frame's beginning.
 *
 * An idle connection keeps no buffer. Texts and leniencies are Redis's: bytes behind a CR or a bulk string go unseen.
 */

import { viewOf } from '../memory/slice.js';
import { systemMemory } from '../memory/system-memory.js';
import { parseInteger } from '../text/numbers.js';
import { Args } from './args.js';
import { ProtocolError } from './errors.js';
import { splitInline } from './inline-request.js';
import { REQUESTS_AHEAD, type RequestBatch } from './request-batch.js';
import { SMALLEST_SPARE, SpareBuffers } from './spare-buffers.js';

export interface RequestLimits {
  /** proto-max-bulk-len; read at every bulk string, so it may change at any time. */
  maxBulkLength: number;
  /** Called for a request that came in pieces, before next() gives it. */
  onLongRequest?: () => void;
}

/** Lines (inline requests and headers) may not be longer while their end has not arrived. */
const MAX_LINE = 64 * 1024;
const MAX_COUNT = 0x7fffffff;
/** What a client may send before it has authenticated. */
const MAX_UNAUTHENTICATED_COUNT = 10;
const MAX_UNAUTHENTICATED_BULK = 16 * 1024;
/** Offsets are int32. */
const MAX_HELD = 0x7fffffff;
const MIN_HELD = 64;

/** Room for a frame whose length is known is made in steps of this factor: a claim alone takes no memory. */
const FRAME_GROWTH = 8;
/** The same for the offsets of a frame's arguments, in which eight bytes may stand for six. */
const OFFSETS_GROWTH = 4;
/** From this many arguments on, those tell how long a frame will be, but for so much. */
const MIN_MEASURED = 16;
const MEASURE_SLACK = 9 / 8;

const EMPTY_BYTES = Buffer.alloc(0);
const EMPTY_VIEW = viewOf(EMPTY_BYTES);

const CR = 0x0d;
const LF = 0x0a;
const ARRAY = 0x2a;
const BULK = 0x24;

/**
 * Headers of one and two digits are recognised in one load of four bytes (little-endian): `*3\r\n`, `$3\r\n` and
 * `$16\r`. Nearly every header is one of these, and reading them byte by byte takes twice as long.
 */
const ONE_DIGIT_MASK = 0xffff00ff | 0;
const ONE_DIGIT_ARRAY = 0x0a0d0000 | ARRAY;
const ONE_DIGIT_BULK = 0x0a0d0000 | BULK;
const TWO_DIGITS_MASK = 0xff0000ff | 0;
const TWO_DIGITS_BULK = 0x0d000000 | BULK;

/** The number a header line would give, were it complete. */
const INCOMPLETE = -1;
/** readCount's answer to `*0` and `*-1`, which ask for nothing. */
const EMPTY_REQUEST = 0;
/** `bulkLength` while the next thing is a header. */
const NO_BULK = -1;

export class RequestDecoder {
  /** Set while the client still has to authenticate: tighter limits hold. */
  unauthenticated = false;

  private chunk: Buffer = EMPTY_BYTES;
  private chunkView: DataView = EMPTY_VIEW;
  private chunkPosition = 0;
  private chunkEnd = 0;
  /** Whether next() has seen this chunk to its end. */
  private chunkScanned = false;

  private held: Buffer = EMPTY_BYTES;
  private heldView: DataView = EMPTY_VIEW;
  private heldPosition = 0;
  private heldEnd = 0;
  /** How far the partial frame in `held` has been scanned. */
  private heldScanned = 0;

  /** The frame that has begun and not ended: offsets of its complete arguments, and where it goes on. */
  private partial: Args | null = null;
  /** Arguments it will have; INCOMPLETE while its first line (the `*` header, or an inline request) has not ended. */
  private count = INCOMPLETE;
  /** Arguments it has. */
  private index = 0;
  /** Length of the bulk string at `at`, or NO_BULK when a header is at `at`. */
  private bulkLength = NO_BULK;
  private at = 0;
  /** Whether the line at `at`, which has not ended, holds a NUL. */
  private lineBroken = false;

  /** Where the frame or line ended that was read last. */
  private cursor = 0;

  constructor(
    private readonly limits: RequestLimits,
    private readonly spares = new SpareBuffers(),
  ) {}

  /** Hands in what a read brought; `bytes` stays the caller's, and must not change before retain(). */
  feed(bytes: Buffer, view: DataView, length: number): void {
    if (this.chunkPosition < this.chunkEnd) this.retain();
    this.chunk = bytes;
    this.chunkView = view;
    this.chunkPosition = 0;
    this.chunkEnd = length;
    this.chunkScanned = false;
  }

  /**
   * Decodes the next request into `args`, which is valid until the next call of next() or retain(). False when no whole
   * request is there. Throws ProtocolError; then the connection is beyond repair.
   */
  next(args: Args): boolean {
    args.trim();
    if (this.heldEnd > 0 || this.partial !== null) return this.nextHeld(args);
    if (this.begin(args, this.chunk, this.chunkView, this.chunkPosition, this.chunkEnd)) {
      this.chunkPosition = this.cursor;
      return true;
    }
    this.chunkPosition = this.cursor;
    this.chunkScanned = true;
    return false;
  }

  /**
   * Decodes the next requests at once, so that what they ask for can be looked at before the first of them runs: those
   * that lie whole in the chunk, as many as the batch has room for, or one as next() does. False, valid and throwing as
   * next(); those that can't be run go back by unread().
   */
  nextBatch(batch: RequestBatch): boolean {
    batch.clear();
    if (this.heldEnd === 0 && this.partial === null && !this.unauthenticated) {
      try {
        this.decodeAhead(batch);
      } catch {
        // Those before it are run first.
      }
    }
    if (batch.count === 0 && this.next(batch.requests[0])) batch.count = 1;
    return batch.count > 0;
  }

  /** Stops before a request that is unusual in any way, too long or wrong: next() decodes it, and says so. */
  private decodeAhead(batch: RequestBatch): void {
    const { chunk, chunkView, chunkEnd } = this;
    let position = this.chunkPosition;
    while (batch.count < REQUESTS_AHEAD && position + 4 <= chunkEnd) {
      const word = chunkView.getInt32(position, true);
      const count = ((word >> 8) & 0xff) - 0x30;
      if ((word & ONE_DIGIT_MASK) !== ONE_DIGIT_ARRAY || count <= 0 || count > 9) break;
      const args = batch.requests[batch.count];
      args.trim();
      if (!this.scan(args, chunk, chunkView, position + 4, chunkEnd, 0, count, 0, NO_BULK)) break;
      if (this.cursor - position > MAX_UNAUTHENTICATED_BULK) break;
      args.bytes = chunk;
      args.view = chunkView;
      batch.starts[batch.count++] = position;
      position = this.cursor;
      this.chunkPosition = position;
    }
  }

  /** What has not been done of the last batch will be decoded again. */
  unread(batch: RequestBatch): void {
    if (batch.done < batch.count) this.chunkPosition = batch.starts[batch.done];
    batch.clear();
  }

  /** Keeps what has not been decoded, so that the chunk can be reused. */
  retain(): void {
    if (this.partial === null && this.heldPosition === this.heldEnd) this.release();
    const rest = this.chunkEnd - this.chunkPosition;
    if (rest > 0) {
      this.append(rest);
      if (this.chunkScanned) this.heldScanned = this.heldEnd;
    }
    this.chunk = EMPTY_BYTES;
    this.chunkView = EMPTY_VIEW;
    this.chunkPosition = 0;
    this.chunkEnd = 0;
    this.chunkScanned = false;
  }

  /** The connection is closed, and none of its commands runs any more. */
  dispose(): void {
    const { held } = this;
    this.held = EMPTY_BYTES;
    this.release();
    this.chunkPosition = this.chunkEnd;
    this.partial = null;
    this.spares.giveBack(held);
  }

  /** Undecoded bytes kept from earlier reads (client-query-buffer-limit). */
  get heldBytes(): number {
    return this.heldEnd - this.heldPosition;
  }

  /** Whether nothing more has arrived than what next() has given. */
  get isDrained(): boolean {
    return this.chunkPosition >= this.chunkEnd && this.heldPosition >= this.heldEnd;
  }

  /** Size of the buffer that keeps them. */
  get heldCapacity(): number {
    return this.held.length;
  }

  /** Memory that incomplete requests take: the buffer, and offsets of the arguments that are there. */
  get heldMemory(): number {
    const { partial } = this;
    return this.held.length + (partial === null ? 0 : partial.starts.byteLength + partial.ends.byteLength);
  }

  // ---- A frame from its beginning

  /**
   * Decodes the frame that begins at `position`, empty requests skipped. True with `args` filled and `cursor` behind
   * it; otherwise `cursor` is where the incomplete frame begins, whose state is in `partial`, or the end where nothing
   * has begun.
   */
  private begin(args: Args, bytes: Buffer, view: DataView, position: number, end: number): boolean {
    while (position < end) {
      const start = position;
      let count: number;
      if (bytes[position] === ARRAY) {
        const word = position + 4 <= end ? view.getInt32(position, true) : 0;
        const digit = ((word >> 8) & 0xff) - 0x30;
        if ((word & ONE_DIGIT_MASK) === ONE_DIGIT_ARRAY && digit > 0 && digit <= 9) {
          count = digit;
          position += 4;
        } else {
          count = this.readCount(bytes, position, end);
          if (count === INCOMPLETE) return this.keepFirstLine(start);
          position = this.cursor;
          if (count === EMPTY_REQUEST) continue;
        }
        if (this.scan(args, bytes, view, position, end, 0, count, 0, NO_BULK)) {
          args.bytes = bytes;
          args.view = view;
          return true;
        }
        return this.keepPartial(args, start);
      }
      const lineEnd = this.findLineEnd(bytes, LF, position, end);
      if (lineEnd < 0) {
        if (end - position > MAX_LINE) throw new ProtocolError('too big inline request');
        return this.keepFirstLine(start);
      }
      splitInline(args, bytes, view, position, lineEnd);
      position = lineEnd + 1;
      if (args.count > 0) {
        this.cursor = position;
        return true;
      }
    }
    this.cursor = end;
    return false;
  }

  /**
   * Scans arguments from `position` on, where argument `index` is due: its header, or its content when its length is
   * known already. `base` is added to offsets (for a frame that began in `held` and goes on in the chunk). True when
   * all `count` are there, `cursor` then being behind the last; otherwise the state says where to go on.
   */
  private scan(
    target: Args,
    bytes: Buffer,
    view: DataView,
    position: number,
    end: number,
    base: number,
    count: number,
    index: number,
    length: number,
  ): boolean {
    let starts = target.starts;
    let ends = target.ends;
    while (index < count) {
      if (length < 0) {
        const word = position + 4 <= end ? view.getInt32(position, true) : 0;
        const digit = ((word >> 8) & 0xff) - 0x30;
        if ((word & ONE_DIGIT_MASK) === ONE_DIGIT_BULK && digit >= 0 && digit <= 9) {
          length = digit;
          position += 4;
        } else {
          const second = ((word >> 16) & 0xff) - 0x30;
          if (
            (word & TWO_DIGITS_MASK) === TWO_DIGITS_BULK &&
            digit > 0 &&
            digit <= 9 &&
            second >= 0 &&
            second <= 9 &&
            position + 5 <= end
          ) {
            length = digit * 10 + second;
            position += 5;
          } else {
            length = this.readBulkLength(bytes, position, end);
            if (length === INCOMPLETE) break;
            position = this.cursor;
          }
        }
      }
      const contentEnd = position + length;
      if (contentEnd + 2 > end) break;
      if (index === starts.length) {
        target.resize(Math.min(count, index * OFFSETS_GROWTH));
        starts = target.starts;
        ends = target.ends;
      }
      starts[index] = position + base;
      ends[index] = contentEnd + base;
      index++;
      position = contentEnd + 2;
      length = NO_BULK;
    }
    if (index === count) {
      target.count = count;
      this.cursor = position;
      return true;
    }
    this.count = count;
    this.index = index;
    this.bulkLength = length;
    this.at = position + base;
    return false;
  }

  /** Reads a `*` header: the number of arguments, EMPTY_REQUEST or INCOMPLETE. */
  private readCount(bytes: Buffer, position: number, end: number): number {
    const lineEnd = this.findLineEnd(bytes, CR, position, end);
    if (lineEnd < 0 || lineEnd + 1 >= end) {
      if (end - position > MAX_LINE) throw new ProtocolError('too big mbulk count string');
      return INCOMPLETE;
    }
    const count = parseInteger(bytes, position + 1, lineEnd);
    if (!(count <= MAX_COUNT)) throw new ProtocolError('invalid multibulk length');
    if (this.unauthenticated && count > MAX_UNAUTHENTICATED_COUNT) {
      throw new ProtocolError('unauthenticated multibulk length');
    }
    this.cursor = lineEnd + 2;
    return count > 0 ? count : EMPTY_REQUEST;
  }

  /** Reads a `$` header: the length of the bulk string, or INCOMPLETE. */
  private readBulkLength(bytes: Buffer, position: number, end: number): number {
    // Three to six digits in one pass; whatever is unusual goes the careful way.
    if (position + 8 < end && bytes[position] === BULK) {
      let at = position + 1;
      let length = bytes[at] - 0x30;
      if (length > 0 && length <= 9) {
        for (const last = at + 5; at < last; ) {
          const digit = bytes[++at] - 0x30;
          if (digit < 0 || digit > 9) break;
          length = length * 10 + digit;
        }
        if (bytes[at] === CR && length <= MAX_UNAUTHENTICATED_BULK && length <= this.limits.maxBulkLength) {
          this.cursor = at + 2;
          return length;
        }
      }
    }
    const lineEnd = this.findLineEnd(bytes, CR, position, end);
    if (lineEnd < 0 || lineEnd + 1 >= end) {
      if (end - position > MAX_LINE) throw new ProtocolError('too big bulk count string');
      return INCOMPLETE;
    }
    if (bytes[position] !== BULK) {
      throw new ProtocolError(`expected '$', got '${String.fromCharCode(bytes[position])}'`);
    }
    const length = parseInteger(bytes, position + 1, lineEnd);
    if (!(length >= 0 && length <= this.limits.maxBulkLength)) throw new ProtocolError('invalid bulk length');
    if (this.unauthenticated && length > MAX_UNAUTHENTICATED_BULK) {
      throw new ProtocolError('unauthenticated bulk length');
    }
    this.cursor = lineEnd + 2;
    return length;
  }

  /**
   * Where the line from `start` on ends, or -1. As in Redis, a line with a NUL byte never does: it is refused once it
   * has become too long.
   */
  private findLineEnd(bytes: Buffer, terminator: number, start: number, end: number): number {
    this.lineBroken = false;
    for (let position = start; position < end; position++) {
      const byte = bytes[position];
      if (byte === terminator) return position;
      if (byte === 0) {
        this.lineBroken = true;
        break;
      }
    }
    return -1;
  }

  // ---- A frame that is cut

  private keepFirstLine(start: number): false {
    this.partial = new Args();
    this.count = INCOMPLETE;
    this.index = 0;
    this.bulkLength = NO_BULK;
    this.at = 0;
    this.cursor = start;
    return false;
  }

  /** Takes over what scan() has found of the frame at `start`. */
  private keepPartial(args: Args, start: number): false {
    const partial = new Args();
    partial.resize(this.index);
    for (let i = 0; i < this.index; i++) {
      partial.starts[i] = args.starts[i] - start;
      partial.ends[i] = args.ends[i] - start;
    }
    this.partial = partial;
    this.at -= start;
    this.cursor = start;
    return false;
  }

  private nextHeld(args: Args): boolean {
    if (this.chunkScanned) return false;
    for (;;) {
      if (this.partial === null) {
        // Requests left over from earlier reads.
        if (this.begin(args, this.held, this.heldView, this.heldPosition, this.heldEnd)) {
          this.heldPosition = this.cursor;
          return true;
        }
        if (this.partial === null) {
          this.release();
          return this.next(args);
        }
        this.moveToFront(this.cursor);
        this.heldScanned = this.heldEnd;
      } else if (this.heldScanned < this.heldEnd) {
        if (this.count === INCOMPLETE) {
          this.partial = null;
          continue;
        }
        if (this.resume(this.held, this.heldView, this.heldEnd, 0)) return this.finish(args, this.cursor);
        this.heldScanned = this.heldEnd;
      }
      if (this.chunkPosition === this.chunkEnd) return false;
      if (this.bulkLength < 0 && this.at < this.heldEnd) {
        if (!this.takeLine()) return false;
        continue;
      }
      if (this.resume(this.chunk, this.chunkView, this.chunkEnd, this.heldEnd - this.chunkPosition)) {
        this.append(this.cursor - this.chunkPosition);
        return this.finish(args, this.heldEnd);
      }
      this.chunkScanned = true;
      return false;
    }
  }

  private resume(bytes: Buffer, view: DataView, end: number, base: number): boolean {
    return this.scan(this.partial!, bytes, view, this.at - base, end, base, this.count, this.index, this.bulkLength);
  }

  /** Hands the completed held frame over. */
  private finish(args: Args, end: number): true {
    args.takeOffsets(this.partial!);
    args.bytes = this.held;
    args.view = this.heldView;
    this.partial = null;
    this.heldPosition = end;
    this.limits.onLongRequest?.();
    return true;
  }

  /**
   * Completes the line at `at`, which `held` has the beginning of, from the chunk. Only the chunk is searched for its
   * end: what is held has none. False when the chunk has none either.
   */
  private takeLine(): boolean {
    const { chunk, chunkPosition, chunkEnd, held, heldEnd } = this;
    let lineEnd = -1;
    if (this.lineBroken) {
      // It never ends.
    } else if (held[0] !== ARRAY) lineEnd = this.findLineEnd(chunk, LF, chunkPosition, chunkEnd);
    else if (held[heldEnd - 1] === CR) lineEnd = chunkPosition;
    else {
      lineEnd = this.findLineEnd(chunk, CR, chunkPosition, chunkEnd);
      lineEnd = lineEnd >= 0 && lineEnd + 1 < chunkEnd ? lineEnd + 1 : -1;
    }
    if (lineEnd >= 0) {
      this.append(lineEnd + 1 - chunkPosition);
      return true;
    }
    if (heldEnd - this.at + chunkEnd - chunkPosition > MAX_LINE) {
      const line =
        held[0] !== ARRAY ? 'inline request' : this.count === INCOMPLETE ? 'mbulk count string' : 'bulk count string';
      throw new ProtocolError(`too big ${line}`);
    }
    this.chunkScanned = true;
    return false;
  }

  // ---- The connection's own buffer

  /** Moves the next `length` bytes of the chunk to the end of `held`. */
  private append(length: number): void {
    if (this.heldEnd + length > this.held.length) this.grow(length);
    this.chunk.copy(this.held, this.heldEnd, this.chunkPosition, this.chunkPosition + length);
    this.heldEnd += length;
    this.chunkPosition += length;
  }

  private grow(length: number): void {
    const needed = this.heldEnd - this.heldPosition + length;
    if (needed > MAX_HELD) throw new ProtocolError('too big request');
    // What is consumed is room again, where using it is cheap.
    if (this.heldPosition > 0 && needed * 2 <= this.held.length) {
      this.moveToFront(this.heldPosition);
      if (this.heldEnd + length <= this.held.length) return;
    }
    const frameEnd = this.expectedEnd();
    // A buffer with slack can be used again for more lengths.
    const more = Math.max(MIN_HELD, needed >= SMALLEST_SPARE ? Math.floor(needed * 1.5) : needed * 2);
    const capacity = Math.min(MAX_HELD, frameEnd >= needed ? Math.min(frameEnd, needed * FRAME_GROWTH) : more);
    const spare = this.spares.take(frameEnd >= needed ? capacity : needed);
    if (spare !== null) this.moveTo(spare, this.heldPosition);
    else this.reallocate(capacity, this.heldPosition);
  }

  /**
   * Where the frame that has begun will end: told by the header of its last argument; before that, by how long its
   * arguments are so far. 0 while neither tells.
   */
  private expectedEnd(): number {
    const { count, index, at, bulkLength } = this;
    if (this.partial === null || count === INCOMPLETE) return 0;
    if (index === count - 1 && bulkLength >= 0) return at + bulkLength + 2;
    return index < MIN_MEASURED ? 0 : Math.ceil((at / index) * count * MEASURE_SLACK);
  }

  /** Drops what lies before `from`, and a buffer that has become far too large. */
  private moveToFront(from: number): void {
    const size = this.heldEnd - from;
    if (this.held.length > Math.max(MIN_HELD, size * 4)) {
      this.reallocate(Math.max(MIN_HELD, size * 2), from);
      return;
    }
    this.held.copyWithin(0, from, this.heldEnd);
    this.heldEnd = size;
    this.heldPosition = 0;
  }

  private reallocate(capacity: number, from: number): void {
    this.moveTo(systemMemory.take(capacity), from);
  }

  private moveTo(held: Buffer, from: number): void {
    this.held.copy(held, 0, from, this.heldEnd);
    const previous = this.held;
    this.held = held;
    this.spares.giveBack(previous);
    this.heldView = viewOf(held);
    this.heldEnd -= from;
    this.heldPosition = 0;
  }

  private release(): void {
    const { held } = this;
    this.held = EMPTY_BYTES;
    this.spares.giveBack(held);
    this.heldView = EMPTY_VIEW;
    this.heldPosition = 0;
    this.heldEnd = 0;
    this.heldScanned = 0;
  }
}
