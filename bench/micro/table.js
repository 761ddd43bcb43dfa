/** Elements of one Table: 8-byte members, and fields of 8 bytes with values of 8. */
import { Arena } from '../../.tmp/modules/memory/arena.js';
import { FIELD_ENTRY, MEMBER_ENTRY } from '../../.tmp/modules/memory/entry-layout.js';
import { Slice } from '../../.tmp/modules/memory/slice.js';
import { TABLE_ROOT, Table } from '../../.tmp/modules/memory/table.js';
import { TableJoin } from '../../.tmp/modules/memory/table-join.js';
import { UNITS } from './units.js';

const SEEDS = { seed: 12_345, reseed: Math.random };

/** One slice for all keys, as a command's argument: thousands of slices would miss the cache themselves. */
const key = Slice.of('00000000');
const value = Slice.of('xxxxxxxx');

function nameKey(number) {
  for (let at = 7; at >= 0; at--) {
    key.bytes[at] = 48 + (number % 10);
    number = (number / 10) | 0;
  }
}

function tableIn(arena, layout, from, to) {
  const table = new Table(arena, layout, SEEDS).initialise(arena.allocate(TABLE_ROOT), 0);
  for (let number = from; number < to; number++) {
    nameKey(number);
    if (layout.hasValue) table.put(key, value);
    else table.insert(key);
    if ((number & 0xff) === 0) arena.settle();
  }
  return table;
}

let random = 1;
function below(limit) {
  random = (Math.imul(random, 1_103_515_245) + 12_345) & 0x7fffffff;
  return random % limit;
}

function finding(size) {
  const table = tableIn(new Arena(), MEMBER_ENTRY, 0, size);
  return () => {
    for (let i = 0; i < UNITS; i++) {
      nameKey(below(size));
      if (table.find(key) === 0) throw new Error('not found');
    }
  };
}

function putting(size) {
  const table = tableIn(new Arena(), FIELD_ENTRY, 0, size);
  return () => {
    for (let i = 0; i < UNITS; i++) {
      nameKey(below(size));
      table.put(key, value);
      table.arena.settle();
    }
  };
}

function insertingAndRemoving(layout, size, deadline) {
  const table = tableIn(new Arena(), layout, 0, size);
  return () => {
    for (let i = 0; i < UNITS; i++) {
      nameKey(size + i);
      table.insert(key, layout.hasValue ? 8 : 0, deadline);
      table.arena.settle();
    }
    for (let i = 0; i < UNITS; i++) {
      nameKey(size + i);
      table.remove(table.find(key));
      table.arena.settle();
    }
  };
}

/** Per element: `at` and its key. */
function iterating(size) {
  const table = tableIn(new Arena(), MEMBER_ENTRY, 0, size);
  const member = new Slice();
  let position = 0;
  return () => {
    for (let i = 0; i < UNITS; i++) {
      if (position === 0) position = size;
      if (table.keyOf(table.at(--position), member).length !== 8) throw new Error('wrong');
    }
  };
}

/** Per element of the first: half of them are in both. */
function joining(size) {
  const arena = new Arena();
  const first = tableIn(arena, MEMBER_ENTRY, 0, size);
  const second = [tableIn(arena, MEMBER_ENTRY, size / 2, size + size / 2)];
  const join = new TableJoin().allOf(first, second);
  return () => {
    for (let looked = 0; looked < UNITS; looked += 2) if (join.next() === 0) join.allOf(first, second);
  };
}

export default {
  'find one of 1,000 members': finding(1_000),
  'find one of 1 million members': finding(1_000_000),
  'put over one of 1,000 fields': putting(1_000),
  'put over one of 1 million fields': putting(1_000_000),
  'insert and remove among 1,000 members': insertingAndRemoving(MEMBER_ENTRY, 1_000, -1),
  'insert and remove among 1 million fields': insertingAndRemoving(FIELD_ENTRY, 1_000_000, -1),
  'insert and remove, with a deadline': insertingAndRemoving(FIELD_ENTRY, 100_000, 1_900_000_000_000),
  'walk 1 million members': iterating(1_000_000),
  'intersect 2 x 1,000': joining(1_000),
  'intersect 2 x 1 million': joining(1_000_000),
};
