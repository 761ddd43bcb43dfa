/**
 * Damaged request streams against the decoder alone, far more of them than go over a socket: nothing but a
 * ProtocolError may be thrown, nothing may hang, and no more may be held than has arrived. FUZZ_SEED repeats a run;
 * fast-check prints the seed and the shortest stream.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { viewOf } from '../../src/memory/slice.js';
import { Args } from '../../src/protocol/args.js';
import { ProtocolError } from '../../src/protocol/errors.js';
import { MalformedReplyError, ReplyReader } from '../../src/protocol/reply-reader.js';
import { RequestBatch } from '../../src/protocol/request-batch.js';
import { RequestDecoder } from '../../src/protocol/request-decoder.js';
import { leavingSeed } from './script-file.js';

const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() & 0x7fffffff);
const STREAMS = Number(process.env['FUZZ_STREAMS'] ?? 500);

const holds = (property: fc.IRawProperty<unknown>): Promise<void> =>
  leavingSeed(SEED, { FUZZ_STREAMS: STREAMS }, () => fc.assert(property, { numRuns: STREAMS, seed: SEED }));

const token = fc.oneof(
  fc.constantFrom('*', '$', '\r', '\n', '\r\n', '\0', '"', "'", '\\x', ' ', '-', '0', '1', '3', '12', '\xff'),
  fc.constantFrom('*1\r\n$4\r\nPING\r\n', '*2\r\n$3\r\nGET\r\n$1\r\nk\r\n', '*3\r\n', '$3\r\n', '$16\r', 'PING\r\n'),
  fc.constantFrom('*2147483647\r\n', '$536870912\r\n', '*-1\r\n', '$-1\r\n', 'SET "a b" \'c\'\r\n', '+x\r\n', ':1\r\n'),
  fc.constantFrom('%2\r\n', '|1\r\n', '~1\r\n', '_\r\n', '#t\r\n', ',1.5\r\n', '=5\r\ntxt:a\r\n', '(1\r\n', '*0\r\n'),
  fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
);
const stream = fc.array(token, { maxLength: 40 }).map((tokens) => Buffer.from(tokens.join(''), 'latin1'));
const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 });

/** Everything the decoder makes of a stream: requests as text, and how it ended. */
function decode(bytes: Buffer, pieces: number[], unauthenticated: boolean, inBatches = false): string[] {
  const decoder = new RequestDecoder({ maxBulkLength: 512 * 1024 * 1024 });
  decoder.unauthenticated = unauthenticated;
  const args = new Args();
  const batch = new RequestBatch();
  const read = Buffer.alloc(64, 0x2a);
  const view = viewOf(read);
  const results: string[] = [];
  let position = 0;
  try {
    for (let i = 0; position < bytes.length; i++) {
      const length = Math.min(pieces[i % pieces.length], bytes.length - position);
      bytes.copy(read, 0, position, position + length);
      position += length;
      decoder.feed(read, view, length);
      while (inBatches ? decoder.nextBatch(batch) : decoder.next(args)) {
        if (results.length > bytes.length) throw new Error(`${results.length} requests out of ${bytes.length} bytes`);
        for (const request of inBatches ? batch.requests.slice(0, batch.count) : [args]) {
          results.push(JSON.stringify(Array.from({ length: request.count }, (_, at) => request.latin1(at))));
        }
      }
      decoder.retain();
      // expect() would take longer than the decoder.
      if (decoder.heldBytes > position) expect(decoder.heldBytes).toBeLessThanOrEqual(position);
      const capacity = Math.max(64, position * 2);
      if (decoder.heldCapacity > capacity) expect(decoder.heldCapacity).toBeLessThanOrEqual(capacity);
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    results.push(error.message);
  }
  return results;
}

test('damaged requests are decoded alike however they are cut, and end in nothing worse than a ProtocolError', () =>
  holds(
    fc.property(stream, sizes, fc.boolean(), (bytes, pieces, unauthenticated) => {
      const cut = decode(bytes, pieces, unauthenticated);
      expect(cut).toEqual(decode(bytes, [64], unauthenticated));
      expect(cut).toEqual(decode(bytes, [1], unauthenticated));
      expect(cut).toEqual(decode(bytes, [64], unauthenticated, true));
    }),
  ));

test('damaged replies are read alike however they are cut, and end in nothing worse than a MalformedReplyError', () => {
  const read = (bytes: Buffer, pieces: number[]): string[] => {
    const reader = new ReplyReader();
    const results: string[] = [];
    let position = 0;
    try {
      for (let i = 0; position < bytes.length; i++) {
        reader.feed(bytes.subarray(position, position + pieces[i % pieces.length]));
        position += pieces[i % pieces.length];
        for (let node = reader.next(); node !== undefined; node = reader.next())
          results.push(reader.raw.toString('hex'));
      }
    } catch (error) {
      if (!(error instanceof MalformedReplyError)) throw error;
      results.push(error.message);
    }
    return results;
  };
  return holds(
    fc.property(stream, sizes, (bytes, pieces) => {
      expect(read(bytes, pieces)).toEqual(read(bytes, [bytes.length + 1]));
    }),
  );
});
