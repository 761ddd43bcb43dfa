import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BlockPool } from '../../../src/memory/block-pool.js';
import { runs } from '../../support/runs.js';

const MIB = 1024 * 1024;

test('blocks are apart, and what was given back is used before a new segment', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1, max: 200 }), { maxLength: 300 }), (steps) => {
      const pool = new BlockPool(16 * 1024);
      const held: Buffer[] = [];
      for (const [index, step] of steps.entries()) {
        if (step < 0 || held.length === 0) {
          const block = pool.take();
          expect(block.length).toBe(16 * 1024);
          block.fill(index);
          block.writeInt32LE(held.push(block));
        } else {
          const [block] = held.splice(step % held.length, 1);
          // Any part of it will do.
          pool.give(block!.subarray(step));
        }
        expect(pool.blocksUsed).toBe(held.length);
      }
      expect(new Set(held.map((block) => block.buffer.byteLength + block.byteOffset)).size).toBeLessThanOrEqual(
        held.length,
      );
      for (const block of held) expect(block.subarray(4).every((byte) => byte === block[4])).toBe(true);
    }),
    { numRuns: runs(50) },
  );
});

test('a segment goes back to the system when its last block is given back, the first one stays', () => {
  const pool = new BlockPool(64 * 1024);
  let vacant = 0;
  pool.onVacant = () => vacant++;
  const blocks = Array.from({ length: 16 + 512 + 1 }, () => pool.take());
  expect(pool.heldBytes).toBe(65 * MIB);
  const last = blocks.pop()!;
  pool.give(last);
  expect(vacant).toBe(1);
  expect(pool.trim()).toBe(true);
  expect(pool.trim()).toBe(false);
  expect(pool.heldBytes).toBe(33 * MIB);
  expect(last.length).toBe(0);
  expect(pool.owns(last)).toBe(false);
  for (const block of blocks.slice(1)) pool.give(block);
  pool.trim();
  expect(pool.heldBytes).toBe(MIB);
  expect(pool.blocksUsed).toBe(1);
  expect(blocks[0]!.length).toBe(64 * 1024);
});

test('bytes from elsewhere are nothing to it', () => {
  const pool = new BlockPool(1024);
  pool.take();
  const other = Buffer.alloc(10);
  expect(pool.owns(other)).toBe(false);
  pool.give(other);
  expect(pool.blocksUsed).toBe(1);
});
