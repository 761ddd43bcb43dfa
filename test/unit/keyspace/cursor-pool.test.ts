import { beforeEach, expect, it } from 'vitest';
import { CursorPool } from '../../../src/keyspace/cursor-pool.js';
import { Arena } from '../../../src/memory/arena.js';

class Cursor {
  at = 0;
  open(at: number): this {
    this.at = at;
    return this;
  }
}

beforeEach(() => {
  CursorPool.isStrict = false;
});

it('lends as many cursors as a command asks for, and the same ones to the next', () => {
  const arena = new Arena();
  const pool = new CursorPool(arena, () => new Cursor());
  const first = pool.lease().open(1);
  const second = pool.lease().open(2);
  expect([first.at, second.at]).toEqual([1, 2]);
  expect(pool.brief).not.toBe(first);
  arena.settle();
  expect(pool.lease()).toBe(first);
  expect(pool.lease()).toBe(second);
  expect(pool.lease()).not.toBe(first);
});

it('in tests a cursor throws that is used after its command', () => {
  CursorPool.isStrict = true;
  const arena = new Arena();
  const pool = new CursorPool(arena, () => new Cursor());
  const kept = pool.lease();
  arena.settle();
  pool.lease().open(1);
  expect(() => kept.open(2)).toThrow('open of a cursor whose command is over');
});
