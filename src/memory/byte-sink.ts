/**
 * Where a value's bytes go: the reply writer, a snapshot, a digest. Value types write to this and so know bytes, not
 * RESP.
 *
 * A string is given whole, with bulk() or bulkRange(), or announced with its length and then given in pieces:
 *
 *   sink.bulkHeader(rope.length);  sink.rawSlice(window) …;  sink.bulkEnd();
 *
 * The bytes are valid during the call only, and a sink opens no value while it is called.
 */

import type { Slice } from './slice.js';

export interface ByteSink {
  bulk(content: Slice): void;
  /** bulk() of `length` bytes from `start` on; `bytes` and `view` cover the same memory. */
  bulkRange(bytes: Buffer, view: DataView, start: number, length: number): void;
  bulkHeader(length: number): void;
  rawSlice(piece: Slice): void;
  bulkEnd(): void;
}

/** One that writes the digits of an int32 itself, so that nobody has to make bytes of them first. */
export interface IntegerSink extends ByteSink {
  bulkInteger(value: number): void;
}
