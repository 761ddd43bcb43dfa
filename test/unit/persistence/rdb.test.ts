import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RdbError } from '../../../src/format/rdb-encoding.js';
import {
  contentOf,
  fileOf,
  load,
  loadInto,
  NOW,
  newKeyspace,
  putList,
  putString,
} from '../../persistence/keyspace-helper.js';
import { runs } from '../../support/runs.js';

const noise = (length: number, seed = 1): Buffer => {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at++) bytes[at] = (seed = Math.imul(seed, 0x9e3779b1) ^ at) >>> 24;
  return bytes;
};

/** One of everything that a file can hold. */
function everything() {
  const keyspace = newKeyspace();
  for (const number of ['0', '-1', '127', '128', '-128', '-129', '32767', '32768', '-32768', '-32769', '2147483647']) {
    putString(keyspace, 0, `number ${number}`, number);
  }
  for (const number of ['2147483648', '-2147483648', '-2147483649', '9223372036854775807', '-9223372036854775808']) {
    putString(keyspace, 0, `number ${number}`, number);
  }
  for (const text of ['', '-0', '007', '+5', '1e3', ' 1', '3.14']) putString(keyspace, 0, `text ${text}`, text);
  putString(keyspace, 0, '', 'the empty key');
  putString(keyspace, 0, '42', 'a number for a key');
  for (const length of [20, 21, 44, 45, 63, 64, 16383, 16384, 32000, 32700, 40000, 65535, 65536, 65537, 200_000]) {
    putString(keyspace, 1, `phrase ${length}`, Buffer.alloc(length, 'again and '));
    putString(keyspace, 1, `noise ${length}`, noise(length));
  }
  putString(keyspace, 2, 'longer than is compressed', Buffer.alloc(1_200_000, 'abcdefghij'));
  putString(keyspace, 2, Buffer.alloc(16_384, 'k'), 'longest inline key');
  putString(keyspace, 2, Buffer.alloc(16_385, 'k'), 'shortest long key');
  putString(keyspace, 2, noise(100_000), Buffer.alloc(100_000, 'v'));
  putString(keyspace, 3, 'with a deadline', 'x', NOW + 1);
  putString(keyspace, 3, 'far off', 'x', 2 ** 52);
  putList(keyspace, 4, 'one', ['element']);
  putList(keyspace, 4, 'empty elements', ['', '', 'x', '']);
  putList(keyspace, 4, 'numbers', ['0', '-1', '5000', '40000', '10000000', '4294967296', '-9223372036854775808', '01']);
  putList(
    keyspace,
    4,
    'deque',
    Array.from({ length: 3000 }, (_, index) => `element ${index}`),
    NOW + 5000,
  );
  putList(keyspace, 4, 'long elements', [noise(16_383), noise(16_384), 'x', noise(100_000), 'y', 'z', noise(70_000)]);
  putList(keyspace, 4, 'begins long', [noise(20_000), noise(20_001), ...Array.from({ length: 500 }, () => noise(50))]);
  putList(keyspace, 4, 'long and compressible', [Buffer.alloc(300_000, 'abc'), 'end']);
  return keyspace;
}

test('what was saved is loaded, whatever the pieces and slices', () => {
  const keyspace = everything();
  const content = contentOf(keyspace);
  const file = fileOf(keyspace);
  for (const pieceSize of [1_000_000_000, 65_536, 4096, 777]) {
    const loaded = load(file, pieceSize);
    expect(contentOf(loaded)).toEqual(content);
    loaded.checkIntegrity();
  }
  expect(fileOf(keyspace, { units: 1 }).equals(file)).toBe(true);
  const plain = fileOf(keyspace, { compression: false, checksum: false });
  expect(plain.length).toBeGreaterThan(file.length);
  expect(plain.subarray(-8)).toEqual(Buffer.alloc(8));
  expect(contentOf(load(plain))).toEqual(content);
  keyspace.checkIntegrity();
});

test('a file fed byte by byte loads the same', () => {
  const keyspace = newKeyspace();
  putString(keyspace, 0, 'a', 'b');
  putString(keyspace, 0, 'phrase', Buffer.alloc(500, 'phrase '), NOW + 5);
  putString(keyspace, 9, 'long', Buffer.alloc(70_000, 'phrase '));
  putString(keyspace, 9, 'noise', noise(66_000));
  putList(keyspace, 9, 'list', ['1', 'two', noise(17_000), 'three']);
  expect(contentOf(load(fileOf(keyspace), 1))).toEqual(contentOf(keyspace));
});

test('changes during a save do not reach the file', () => {
  const keyspace = everything();
  const content = contentOf(keyspace);
  let turn = 0;
  const file = fileOf(keyspace, {
    units: 1,
    between() {
      turn++;
      const [db0, , , , db4] = keyspace.databases;
      if (turn === 60) keyspace.flushAll();
      putString(keyspace, 0, `new ${turn}`, 'x'.repeat(turn % 300));
      if (db0!.size > 3) db0!.delete(db0!.at(turn % db0!.size));
      if (db4!.size > 0) db4!.delete(db4!.at(0));
      if (turn % 10 === 0) keyspace.swap(1, 2);
      keyspace.arena.settle();
    },
  });
  expect(turn).toBeGreaterThan(80);
  expect(contentOf(load(file))).toEqual(content);
  keyspace.checkIntegrity();
});

test('keys that are due are left out and counted', () => {
  const keyspace = newKeyspace();
  putString(keyspace, 0, 'stays', 'x', NOW + 1);
  putString(keyspace, 0, 'due', 'x', NOW);
  putString(keyspace, 0, 'long due', Buffer.alloc(80_000, 'compressible'), NOW - 5);
  putString(keyspace, 0, 'noise due', noise(80_000), NOW - 5);
  putList(keyspace, 0, 'list due', ['a', noise(80_000)], 1);
  putString(keyspace, 0, 'without', 'x');
  const target = newKeyspace();
  const loader = loadInto(target, fileOf(keyspace), 1000);
  expect([loader.keysLoaded, loader.keysExpired]).toEqual([2, 4]);
  expect(Object.keys(contentOf(target)['db 0']!)).toEqual(['stays', 'without']);
  target.checkIntegrity();
});

test('any strings and lists come back', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    fc.integer().map((number) => Buffer.from(String(number))),
    fc.tuple(fc.nat(40_000), fc.constantFrom('ab', 'x', 'phrase ')).map(([length, of]) => Buffer.alloc(length, of)),
  );
  const value = fc.oneof(bytes, fc.array(bytes, { minLength: 1, maxLength: 300 }));
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(bytes, value, fc.nat(15)), { selector: ([key]) => Buffer.from(key).toString('latin1') }),
      fc.integer({ min: 1, max: 5000 }),
      fc.integer({ min: 1, max: 300 }),
      (keys, pieceSize, units) => {
        const keyspace = newKeyspace();
        for (const [key, held, database] of keys) {
          if (Array.isArray(held)) putList(keyspace, database, key, held);
          else putString(keyspace, database, key, held);
        }
        expect(contentOf(load(fileOf(keyspace, { units }), pieceSize))).toEqual(contentOf(keyspace));
      },
    ),
    { numRuns: runs(20) },
  );
});

describe('a damaged file', () => {
  const keyspace = newKeyspace();
  putString(keyspace, 0, 'a', 'b');
  putString(keyspace, 0, 'number', '-70000', NOW + 500);
  putString(keyspace, 0, 'phrase', Buffer.alloc(300, 'phrase '));
  putList(keyspace, 1, 'list', ['1', 'two', Buffer.alloc(70, 'three'), '-4444']);
  putString(keyspace, 5, 'last', 'x');
  const sound = fileOf(keyspace, { aux: [['redis-ver', '7.4.0']] });
  const unsummed = fileOf(keyspace, { checksum: false });

  test('is refused wherever it ends', () => {
    for (let end = 0; end < sound.length; end++) {
      expect(() => load(sound.subarray(0, end)), `cut at ${end}`).toThrow(RdbError);
      expect(() => load(sound.subarray(0, end), 7), `cut at ${end}`).toThrow(RdbError);
    }
  });

  test('is refused whichever byte is wrong', () => {
    for (let at = 0; at < sound.length; at++) {
      for (const bit of [1, 0x80, 0xff]) {
        const bytes = Buffer.from(sound);
        bytes[at]! ^= bit;
        expect(() => load(bytes), `byte ${at} ^ ${bit}`).toThrow(RdbError);
      }
    }
  });

  test('never does worse than load when there is no checksum', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(unsummed.length - 1), fc.nat(255)), { minLength: 1 }), (changes) => {
        const bytes = Buffer.from(unsummed);
        for (const [at, byte] of changes) bytes[at] = byte;
        try {
          load(bytes, 100).checkIntegrity();
        } catch (error) {
          expect(error).toBeInstanceOf(RdbError);
        }
      }),
      { numRuns: runs(500) },
    );
  });

  test('says where and why', () => {
    expect(() => load(sound.subarray(0, 40))).toThrow(/\(at byte \d+\)$/);
    expect(() => load(Buffer.from('GARBAGE0010'))).toThrow('this is not an RDB file');
    expect(() => load(Buffer.from('REDIS'))).toThrow('too short');
    expect(() => load(Buffer.from('REDIS0099\xff', 'latin1'))).toThrow('version "0099"');
    const flipped = Buffer.from(sound);
    flipped[sound.length - 1]! ^= 1;
    expect(() => load(flipped)).toThrow('checksum');
    expect(contentOf(load(flipped, 1000, { checksum: false }))).toEqual(contentOf(keyspace));
  });
});

describe('what is not here yet is refused by name:', () => {
  const head = Buffer.from('REDIS0010\xfe\x03', 'latin1');
  const file = (...parts: (number[] | string)[]) =>
    Buffer.concat([head, ...parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part)))]);

  test.each([[7, 'module value']])('value type %i, %s', (type, name) => {
    expect(() => load(file([type, 1], 'x', [1, 1], 'yyyyyyyyyy'))).toThrow(`${name} key 'x' in database 3`);
  });

  test('functions, modules, unknown opcodes, other databases', () => {
    expect(() => load(file([0xf5, 3], 'abc', [0xff]))).toThrow('functions');
    // The id of a module named ReJSON-RL, version 3.
    let id = 3n;
    const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    [...'ReJSON-RL'].forEach((character, index) => {
      id |= BigInt(characters.indexOf(character)) << BigInt(58 - 6 * index);
    });
    const bytes = Buffer.alloc(9, 0x81);
    bytes.writeBigUInt64BE(id, 1);
    expect(() => load(file([0xf7], [...bytes], [2, 2, 0]))).toThrow("module 'ReJSON-RL'");
    expect(() => load(file([0x63, 1, 1, 1]))).toThrow('0x63 is neither');
    expect(() => load(Buffer.from('REDIS0010\xfe\x10\xff', 'latin1'))).toThrow('none with number 16');
  });

  test('a key that occurs twice', () => {
    const twice = file([0, 1], 'k', [1], 'a', [0, 1], 'k', [1], 'b', [0xff], [0, 0, 0, 0, 0, 0, 0, 0]);
    expect(() => load(twice)).toThrow("'k' in database 3 is there already");
    expect(contentOf(load(twice, 100, { replace: true }))['db 3']).toMatchObject({ k: { value: 'b' } });
  });
});

test('records that other versions write around keys are passed over', () => {
  const bytes = Buffer.concat([
    Buffer.from('REDIS0012', 'latin1'),
    Buffer.from([0xfa, 3, ...Buffer.from('abc'), 0xc0, 64]),
    Buffer.from([0xfe, 0, 0xfb, 2, 1]),
    Buffer.from([0xf8, 0x41, 0x00, 0, 1, 0x61, 1, 0x62]),
    Buffer.from([0xfd, 0xff, 0xff, 0xff, 0x7f, 0xf9, 200, 0, 1, 0x63, 1, 0x64]),
    Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 0]),
  ]);
  const keyspace = newKeyspace();
  const loader = loadInto(keyspace, bytes, 5);
  expect(loader.aux).toEqual(new Map([['abc', '64']]));
  expect(contentOf(keyspace)['db 0']).toMatchObject({
    a: { value: 'b', deadline: -1 },
    c: { value: 'd', deadline: 0x7fffffff * 1000 },
  });
});
