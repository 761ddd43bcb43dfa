/** The index of a dictionary's keys, beside a Map: far beyond the number of names from which on it is a table. */
import { expect, test } from 'vitest';
import { SeededRandom } from '../../../src/engine/random.js';
import { hashOf } from '../../../src/lua/runtime/key-hash.js';
import { KeyIndex } from '../../../src/lua/runtime/key-index.js';
import type { Value } from '../../../src/lua/runtime/value.js';

const NAMES = 12_000;

/** Names of which some have one hash: among so many there are a few pairs. */
function namesWithEqualHashes(): string[] {
  const found = new Map<number, string>();
  const pairs: string[] = [];
  for (let n = 0; n < 200_000; n++) {
    const name = `${((n * 2_654_435_761) % 4_294_967_296).toString(36)}:${n.toString(36)}`;
    const other = found.get(hashOf(name));
    if (other === undefined) found.set(hashOf(name), name);
    else pairs.push(other, name);
  }
  return pairs;
}

function keysToAdd(): Value[] {
  const keys: Value[] = namesWithEqualHashes();
  expect(keys.length).toBeGreaterThan(2);
  for (let n = 0; keys.length < NAMES; n++) {
    keys.push(`name ${n}`);
    if (n % 50 === 0) keys.push(`a name that is too long for the table ${n}`, n, n + 0.5);
  }
  keys.push(true, false, '');
  return keys;
}

test('keys are added, moved and deleted', () => {
  const random = new SeededRandom([5, 6, 7, 8]);
  const all = keysToAdd();
  const keys: Value[] = [undefined];
  const expected = new Map<Value, number>();
  const index = new KeyIndex();
  for (let round = 0; round < 6; round++) {
    for (const key of all) {
      const slot = expected.get(key);
      if (slot === undefined && random.below(4) > 0) {
        expected.set(key, keys.length);
        keys.push(key);
        index.set(key, keys.length - 1, keys);
      } else if (slot !== undefined && random.below(3) === 0) {
        index.delete(key, keys);
        expected.delete(key);
        keys[slot] = undefined;
      }
    }
    expect(all.filter((key) => index.get(key, keys) !== (expected.get(key) ?? 0))).toEqual([]);
  }
  index.clear();
  expect(all.filter((key) => index.get(key, keys) !== 0)).toEqual([]);
});
