import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BlockPool } from '../../../src/memory/block-pool.js';
import { OUTPUT_BLOCK_SIZE, OutputMemory, OutputQueue } from '../../../src/net/output-queue.js';
import { runs } from '../../support/runs.js';

const CHUNK = 32 * 1024;
const MAX_COPY = 60_000;
/** Bytes that count on, from any of the first 256. */
const COUNTING = Buffer.from(Array.from({ length: 256 + MAX_COPY }, (_, i) => i & 0xff));

type Step = { copy: number } | { chunk: number } | { write: number } | { batch: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ copy: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: MAX_COPY })) }),
  fc.record({ chunk: fc.integer({ min: 1, max: CHUNK }) }),
  fc.record({ write: fc.integer({ min: 0, max: 100_000 }) }),
  fc.record({ batch: fc.integer({ min: 1, max: 100_000 }) }),
);

test('bytes come out as they went in, and the memory held is that of blocks in use', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const memory = new OutputMemory(new BlockPool(CHUNK));
      const queue = new OutputQueue(memory);
      let model = Buffer.alloc(0);
      let next = 0;
      const fill = (bytes: Buffer) => {
        COUNTING.copy(bytes, 0, next);
        next = (next + bytes.length) & 0xff;
        model = Buffer.concat([model, bytes]);
      };
      const drop = (bytes: number) => {
        queue.drop(bytes);
        model = model.subarray(bytes);
      };
      for (const each of steps) {
        if ('copy' in each) {
          const bytes = Buffer.alloc(each.copy + 2);
          fill(bytes.subarray(1, -1));
          queue.appendCopy(bytes, 1, bytes.length - 1);
          bytes.fill(0xff);
        } else if ('chunk' in each) {
          const chunk = memory.replies.take().subarray(0, each.chunk);
          fill(chunk);
          queue.append(chunk);
        } else if ('write' in each) {
          drop(Math.min(each.write, model.length));
        } else {
          // As the socket takes it: the pieces stay as they are until they are dropped.
          const pieces = queue.front(each.batch);
          const bytes = Buffer.concat(pieces);
          queue.appendCopy(Buffer.from('behind'), 0, 6);
          model = Buffer.concat([model, Buffer.from('behind')]);
          expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
          expect(model.subarray(0, bytes.length).equals(bytes)).toBe(true);
          drop(bytes.length);
        }
        expect(queue.pendingBytes).toBe(model.length);
        expect(Buffer.concat(queue.front(Number.POSITIVE_INFINITY)).equals(model)).toBe(true);
        expect(queue.heldBytes).toBeGreaterThanOrEqual(model.length);
        const blocks = memory.blocks.blocksUsed * OUTPUT_BLOCK_SIZE + memory.replies.blocksUsed * CHUNK;
        expect(queue.heldBytes).toBeGreaterThanOrEqual(blocks);
      }
      queue.clear();
      expect([queue.pendingBytes, queue.heldBytes, queue.pieceCount]).toEqual([0, 0, 0]);
      expect([memory.blocks.blocksUsed, memory.replies.blocksUsed]).toEqual([0, 0]);
    }),
    { numRuns: runs(60) },
  );
});

test('many small messages take little more than their bytes', () => {
  const queue = new OutputQueue(new OutputMemory(new BlockPool(CHUNK)));
  const message = Buffer.alloc(31);
  for (let i = 0; i < 10_000; i++) queue.appendCopy(message, 0, 31);
  expect(queue.heldBytes).toBeLessThan(310_000 + 2 * OUTPUT_BLOCK_SIZE);
  expect(queue.pieceCount).toBeLessThan(30);
});

test('one short reply takes no more than itself', () => {
  const queue = new OutputQueue(new OutputMemory(new BlockPool(CHUNK)));
  queue.appendCopy(Buffer.from('+OK\r\n'), 0, 5);
  expect(queue.heldBytes).toBe(5);
});

test('what somebody still reads is kept when the rest is dropped', () => {
  const memory = new OutputMemory(new BlockPool(CHUNK));
  const queue = new OutputQueue(memory);
  queue.appendCopy(Buffer.alloc(100_000, 'x'), 0, 100_000);
  const reading = queue.front(30_000);
  const bytes = reading.reduce((sum, { length }) => sum + length, 0);
  queue.clear(bytes);
  expect(queue.pendingBytes).toBe(bytes);
  expect(memory.blocks.blocksUsed).toBe(reading.length);
  queue.clear();
  expect(memory.blocks.blocksUsed).toBe(0);
});
