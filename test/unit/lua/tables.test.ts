import { afterEach, expect, test } from 'vitest';
import { LuaError } from '../../../src/lua/runtime/errors.js';
import { setHost } from '../../../src/lua/runtime/limits.js';
import { FieldSite } from '../../../src/lua/runtime/shape.js';
import { Table } from '../../../src/lua/runtime/table.js';
import { TableIterator } from '../../../src/lua/runtime/table-iterator.js';
import { constructorPlaces } from '../../../src/lua/runtime/table-sizes.js';
import type { Value } from '../../../src/lua/runtime/value.js';

function keysOf(table: Table): Value[] {
  const keys: Value[] = [];
  for (let key = table.nextKey(undefined); key !== undefined; key = table.nextKey(key)) keys.push(key);
  return keys;
}

function messageOf(body: () => void): Value {
  try {
    body();
  } catch (error) {
    if (error instanceof LuaError) return error.value;
    throw error;
  }
  return undefined;
}

const idle = { poll() {}, checkMemory() {}, memoryUsed: () => 0 };

afterEach(() => setHost(idle));

test('a key of any type finds its value', () => {
  const table = new Table();
  const keys: Value[] = [
    'name',
    '',
    1,
    2,
    0,
    -1,
    1.5,
    2 ** 31,
    2 ** 53,
    1e300,
    Infinity,
    true,
    false,
    new Table(),
    keysOf,
  ];
  for (const [i, key] of keys.entries()) table.set(key, i);
  for (const [i, key] of keys.entries()) expect(table.get(key)).toBe(i);
  for (const key of ['other', 3, 2.5, -2, undefined, Number.NaN, new Table()]) expect(table.get(key)).toBe(undefined);
  expect(new Set(keysOf(table))).toEqual(new Set(keys));
});

test('both zeros are one key', () => {
  const table = new Table();
  table.set(0, 'zero');
  table.set(-0, 'minus zero');
  expect(table.get(0)).toBe('minus zero');
  expect(keysOf(table)).toEqual([0]);
});

test('nil and NaN are no keys to assign to', () => {
  expect(messageOf(() => new Table().set(undefined, 1))).toBe('table index is nil');
  expect(messageOf(() => new Table().set(Number.NaN, 1))).toBe('table index is NaN');
});

test('a read-only table is changed in no way', () => {
  const table = Table.list([undefined, 3, 1, 2]);
  table.set('name', 1);
  table.isReadOnly = true;
  const site = new FieldSite('name');
  const changes = [
    () => table.set('name', 2),
    () => table.set('other', 2),
    () => table.set('name', undefined),
    () => table.set(1, 2),
    () => table.set(1, undefined),
    () => table.set(4, 2),
    () => table.set(true, 2),
    () => table.setString('name', 2),
    () => table.setNumber(1, 2),
    () => table.setField(site, 2),
    () => table.setField(new FieldSite('other'), 2),
    () => table.setList(1, [5]),
    () => table.setList(1, [5, 6, 7, 8, 9]),
    () => table.insert(1, 3, 0),
    () => table.insert(4, 3, 0),
    () => table.remove(1, 3),
    () => table.remove(3, 3),
  ];
  for (const change of changes) expect(messageOf(change), String(change)).toBe('Attempt to modify a readonly table');
  expect(keysOf(table)).toEqual([1, 2, 3, 'name']);
  expect(table.slice(1, 3)).toEqual([3, 1, 2]);
  expect(table.length).toBe(3);
});

test('a site finds a field in tables of several shapes, and misses it in others', () => {
  const site = new FieldSite('x');
  const tables = ['a', 'b', 'c', 'd'].map((name, i) => {
    const table = new Table();
    table.setString(name, 0);
    table.setField(new FieldSite(`${name}${i}`), 0);
    table.setField(new FieldSite('x'), i);
    return table;
  });
  for (let round = 0; round < 3; round++) {
    expect(tables.map((table) => table.getField(site))).toEqual([0, 1, 2, 3]);
    expect(new Table().getField(site)).toBe(undefined);
  }
  for (const table of tables) table.setField(site, 'new');
  expect(tables.map((table) => table.getString('x'))).toEqual(['new', 'new', 'new', 'new']);
});

test('a site adds a field to tables as it did before, but for those that lost one', () => {
  const sites = ['a', 'b', 'c'].map((name) => new FieldSite(name));
  const made = Array.from({ length: 3 }, (_, i) => {
    const table = new Table();
    table.setField(sites[0]!, 1);
    table.setField(sites[1]!, i === 2 ? undefined : 2);
    table.setField(sites[2]!, 3);
    return table;
  });
  expect(made.map((table) => keysOf(table).sort().join(''))).toEqual(['abc', 'abc', 'ac']);
});

test('a site finds a field in tables with many names, wherever it is, and when it has moved', () => {
  const site = new FieldSite('x');
  const tables = [40, 60, 80].map((count) => {
    const table = new Table();
    for (let i = 0; i < count; i++) table.setString(`k${i}`, i);
    table.setField(site, count);
    return table;
  });
  for (let round = 0; round < 3; round++) expect(tables.map((table) => table.getField(site))).toEqual([40, 60, 80]);
  for (const table of tables) {
    table.setField(site, undefined);
    expect(table.getField(site)).toBe(undefined);
    // Another name may get its place.
    for (let i = 0; i < 200; i++) table.setString(`n${i}`, i);
    expect(table.getField(site)).toBe(undefined);
    table.setField(site, 'back');
    expect(table.getField(site)).toBe('back');
    table.setField(site, 'again');
    expect(table.getString('x')).toBe('again');
  }
});

test('names beyond number stay findable', () => {
  // More than the tree of shapes keeps.
  for (let i = 0; i < 12_000; i++) {
    const table = new Table();
    table.setField(new FieldSite(`first${i}`), i);
    table.setField(new FieldSite('second'), -i);
    const found = [table.getString(`first${i}`), table.getField(new FieldSite('second'))];
    // expect() would take longer than the tables.
    if (found[0] !== i || found[1] !== -i) expect(found).toEqual([i, -i]);
  }
});

test('an iterator goes on after entries lost or changed their values', () => {
  const table = new Table();
  for (let i = 1; i <= 100; i++) table.set(i % 2 === 0 ? i : `k${i}`, i);
  const seen: Value[] = [];
  const iterator = new TableIterator(table);
  while (iterator.advance()) {
    seen.push(iterator.value);
    table.set(iterator.key, seen.length % 3 === 0 ? undefined : 'changed');
  }
  expect(seen.length).toBe(100);
  expect(new Set(seen).size).toBe(100);
  expect(keysOf(table).length).toBe(67);
});

test('an iterator finds its place again after keys were added, or says that it is lost', () => {
  const grown = new Table();
  grown.set('a', 1);
  const iterator = new TableIterator(grown);
  expect(iterator.advance()).toBe(true);
  for (let i = 0; i < 50; i++) grown.set(`k${i}`, i);
  while (iterator.advance()) expect(iterator.key).not.toBe('a');
  expect(messageOf(() => grown.nextKey('absent'))).toBe("invalid key to 'next'");
  expect(messageOf(() => grown.nextKey(1))).toBe("invalid key to 'next'");
  expect(messageOf(() => new Table().nextKey('x'))).toBe("invalid key to 'next'");
});

test('a table that had very many keys does not keep room for them', () => {
  const table = new Table();
  for (let i = 0; i < 100_000; i++) table.set(`k${i}`, i);
  for (let i = 0; i < 100_000; i++) table.set(`k${i}`, undefined);
  const churn = (target: Table) => {
    const start = process.cpuUsage().user;
    for (let i = 0; i < 20_000; i++) {
      target.set(`n${i}`, i);
      target.set(`n${i}`, undefined);
    }
    return process.cpuUsage().user - start;
  };
  const fresh = churn(new Table());
  // With room for 100,000 it would have to be laid out again and again, each time a hundred times as long.
  expect(churn(table)).toBeLessThan(10 * fresh + 100_000);
  expect(keysOf(table)).toEqual([]);
});

test('growth is charged before it happens', () => {
  let isFull = false;
  setHost({
    ...idle,
    checkMemory() {
      if (isFull) throw new Error('not enough memory');
    },
  });
  const table = new Table();
  for (let i = 1; i <= 1000; i++) table.set(i, i);
  isFull = true;
  expect(() => {
    for (let i = 1; ; i++) table.set(i + 0.5, i);
  }).toThrow('not enough memory');
  isFull = false;
  const count = keysOf(table).length;
  table.set('one more', 1);
  expect(keysOf(table).length).toBe(count + 1);
});

test('long moves within a table can be stopped', () => {
  setHost({
    ...idle,
    poll() {
      throw new Error('killed');
    },
  });
  expect(() => new Table().insert(-(2 ** 31), 0, 1)).toThrow('killed');
  expect(() => new Table().slice(-(2 ** 31), 0)).toThrow('killed');
});

test('a constructor makes as many places ready as its instruction can tell', () => {
  const sizes = [0, 1, 7, 8, 15, 16, 17, 18, 31, 33, 50, 100, 129, 1000, 1025];
  expect(sizes.map(constructorPlaces)).toEqual([0, 1, 7, 8, 15, 16, 18, 18, 32, 36, 52, 104, 144, 1024, 1152]);
});
