import { afterAll, beforeAll, test } from 'vitest';
import { compareScript } from '../support/compare.js';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import type { Command } from '../support/raw-client.js';

/**
 * One command per line, words split at blanks; "" is the empty string, \xff a byte. Since 7.2 BITCOUNT and BITPOS check
 * their arguments also where the key is missing or of another type: see test/commands/bitmap.test.ts.
 */
const scripts: Record<string, string> = {
  'SETBIT and GETBIT': `
    SETBIT k 0 1
    GET k
    SETBIT k 0 1
    SETBIT k 7 1
    SETBIT k 0 0
    SETBIT k 23 0
    STRLEN k
    GETBIT k 7
    GETBIT k 100
    GETBIT k 4294967295
    GETBIT missing 5
    EXISTS missing
    SETBIT zero 0 0
    GET zero
    SETBIT k x 1
    SETBIT k -1 1
    SETBIT k 4294967296 1
    SETBIT k 01 1
    SETBIT k 1.0 1
    SETBIT k 9223372036854775808 1
    SETBIT k 0 2
    SETBIT k 0 -1
    SETBIT k 0 x
    SETBIT k 0 ""
    SETBIT k x y
    SETBIT k 0
    SETBIT k 0 1 1
    GETBIT k -1
    GETBIT k x
    GETBIT k 4294967296
    GETBIT k #1
    RPUSH l a
    SETBIT l 0 1
    SETBIT l x 1
    SETBIT l 0 x
    GETBIT l 0
    GETBIT l x
    SET n 12345
    GETBIT n 3
    OBJECT ENCODING n
    SETBIT n 3 1
    OBJECT ENCODING n
    INCR n
    OBJECT ENCODING n
    SETBIT n 0 1
    INCR n
    SET e abc
    OBJECT ENCODING e
    SETBIT e 7 1
    OBJECT ENCODING e
    SET t x EX 1000
    SETBIT t 100 1
    TTL t
    SETBIT "" 3 1
    SETBIT far 1000000 1
    STRLEN far
    BITCOUNT far
    BITPOS far 1
    GETRANGE far 124990 125000
    OBJECT ENCODING far`,
  BITCOUNT: `
    SET k foobar
    BITCOUNT k
    BITCOUNT k 0 0
    BITCOUNT k 1 1
    BITCOUNT k 1 1 BYTE
    BITCOUNT k 5 30 BIT
    BITCOUNT k 5 30 bit
    BITCOUNT k 0 -1 bit
    BITCOUNT k -1 -1 bit
    BITCOUNT k -8 -1 bit
    BITCOUNT k -2 -1
    BITCOUNT k -1 -2
    BITCOUNT k -100 -99
    BITCOUNT k -99 -100
    BITCOUNT k -99 -100 BIT
    BITCOUNT k -100 2
    BITCOUNT k 2 1
    BITCOUNT k 2 -100
    BITCOUNT k 5 100
    BITCOUNT k 6 100
    BITCOUNT k 100 200
    BITCOUNT k 48 100 BIT
    BITCOUNT k 47 100 BIT
    BITCOUNT k 7 8 BIT
    BITCOUNT k 8 7 BIT
    BITCOUNT k 3 3 BIT
    BITCOUNT k -9223372036854775808 9223372036854775807
    BITCOUNT k -9223372036854775808 9223372036854775807 BIT
    BITCOUNT k 0
    BITCOUNT k x 1
    BITCOUNT k 0 x
    BITCOUNT k x 1 foo
    BITCOUNT k 0 1 foo
    BITCOUNT k 0 1 ""
    BITCOUNT k 0 1 BIT extra
    BITCOUNT
    BITCOUNT missing
    BITCOUNT missing 0 5
    SET e ""
    BITCOUNT e
    BITCOUNT e 0 -1 BIT
    SET n 1234567
    BITCOUNT n
    BITCOUNT n 3 20 BIT
    RPUSH l a
    BITCOUNT l
    BITCOUNT l 0 1`,
  BITPOS: `
    SET k \\xff\\xf0\\x00
    BITPOS k 0
    BITPOS k 1
    BITPOS k 0 2
    BITPOS k 1 2
    BITPOS k 1 2 -1
    BITPOS k 1 1
    BITPOS k 0 0 0
    BITPOS k 0 -1 -1
    BITPOS k 0 7 15 BIT
    BITPOS k 1 7 15 BIT
    BITPOS k 1 9 9 BIT
    BITPOS k 1 12 9 BIT
    BITPOS k 0 9 12 BIT
    BITPOS k 0 9 11 BIT
    BITPOS k 0 -9 -1 BIT
    BITPOS k 1 -13 -1 BIT
    BITPOS k 1 -13 -14 BIT
    BITPOS k 0 1 2 BYTE
    BITPOS k 0 100
    BITPOS k 0 100 200
    BITPOS k 1 -100 -99
    BITPOS k 0 -100 -99 BIT
    BITPOS k 1 2 1
    SET f \\xff\\xff
    BITPOS f 0
    BITPOS f 0 0
    BITPOS f 0 1
    BITPOS f 0 2
    BITPOS f 0 0 -1
    BITPOS f 0 0 100
    BITPOS f 0 -1
    BITPOS f 0 -1 -1
    BITPOS f 0 0 -1 BIT
    BITPOS f 0 3 5 BIT
    BITPOS f 1 15 15 BIT
    BITPOS f 1 16 20 BIT
    SET z \\x00\\x00
    BITPOS z 1
    BITPOS z 1 0 -1
    BITPOS z 0
    BITPOS z 0 1
    SET e ""
    BITPOS e 0
    BITPOS e 1
    BITPOS e 0 0
    BITPOS e 0 0 -1
    BITPOS e 0 0 -1 BIT
    BITPOS missing 0
    BITPOS missing 1
    BITPOS missing 0 5 6
    BITPOS missing 0 5 6 BIT
    BITPOS k 2
    BITPOS k -1
    BITPOS k x
    BITPOS k ""
    BITPOS k 1 x
    BITPOS k 1 0 x
    BITPOS k 1 0 1 foo
    BITPOS k 1 x y foo
    BITPOS k 1 0 x foo
    BITPOS k 1 0 1 BIT extra
    BITPOS k 2 0 1 BIT extra
    BITPOS k
    RPUSH l a
    BITPOS l 2
    BITPOS l 1
    BITPOS l 0 0 1
    SET n 777
    BITPOS n 0
    BITPOS n 1 3`,
  BITOP: `
    SET a \\x0f\\xf0\\xaa
    SET b \\x3c\\xff
    SET c \\xff\\x01\\x02\\x03\\x04\\x05\\x06\\x07\\x08\\x09
    BITOP AND d a b
    GET d
    BITOP or d a b
    GET d
    BITOP Xor d a b c
    GET d
    BITOP NOT d a
    GET d
    BITOP AND d a b c a
    GET d
    BITOP AND d a
    GET d
    BITOP OR d a missing
    GET d
    BITOP AND d a missing
    GET d
    BITOP XOR d missing c
    GET d
    BITOP AND a a b
    GET a
    BITOP NOT a a
    GET a
    BITOP XOR a a a
    GET a
    OBJECT ENCODING d
    SET n 12
    SET m 10
    BITOP OR d n m
    GET d
    OBJECT ENCODING d
    INCR d
    EXPIRE d 100
    BITOP OR d n m
    TTL d
    BITOP NOT d a b
    BITOP NOT d
    BITOP AND d
    BITOP
    BITOP FOO d a
    BITOP NOT d a l
    SET e ""
    BITOP AND d e
    EXISTS d
    BITOP AND d e missing
    BITOP NOT d missing
    BITOP NOT d e
    EXISTS d
    RPUSH l x
    BITOP AND d a l
    BITOP AND d l a
    BITOP NOT d l
    BITOP FOO d l
    BITOP OR l c
    TYPE l
    GET l
    RPUSH m2 x
    BITOP OR m2 missing
    EXISTS m2`,
  'BITFIELD and its errors': `
    BITFIELD k
    BITFIELD k GET u8 0
    EXISTS k
    BITFIELD k SET u8 0 255 GET u8 0 GET i8 0
    BITFIELD k INCRBY u8 0 1
    BITFIELD k INCRBY u2 100 1 OVERFLOW SAT INCRBY u2 102 1
    BITFIELD k INCRBY u2 100 1 OVERFLOW SAT INCRBY u2 102 1
    BITFIELD k INCRBY u2 100 1 OVERFLOW SAT INCRBY u2 102 1
    BITFIELD k INCRBY u2 100 1 OVERFLOW SAT INCRBY u2 102 1
    BITFIELD k OVERFLOW FAIL INCRBY u2 102 1
    BITFIELD k SET i5 #3 -3 GET i5 15 GET u5 #3 GET u64 0
    BITFIELD k SET i5 #3 -3 GET i5 15 GET u5 #3 GET i64 #0
    BITFIELD k OVERFLOW WRAP INCRBY i8 0 200 OVERFLOW SAT INCRBY i8 0 200 OVERFLOW FAIL INCRBY i8 0 200 GET i8 0
    BITFIELD k OVERFLOW SAT INCRBY i8 0 -300 INCRBY u8 8 -300 OVERFLOW WRAP INCRBY u8 8 -1
    BITFIELD k overflow sat overflow fail set u1 0 2 set u1 0 1
    BITFIELD k
    BITFIELD k OVERFLOW SAT
    BITFIELD k GET u8
    BITFIELD k GET
    BITFIELD k SET u8 0
    BITFIELD k INCRBY u8 0
    BITFIELD k OVERFLOW
    BITFIELD k OVERFLOW FOO GET u8 0
    BITFIELD k FOO u8 0
    BITFIELD k GET u8 0 GET u8
    BITFIELD k GET u64 0
    BITFIELD k GET i65 0
    BITFIELD k GET i0 0
    BITFIELD k GET U8 0
    BITFIELD k GET I8 0
    BITFIELD k GET u08 0
    BITFIELD k GET u-8 0
    BITFIELD k GET u 0
    BITFIELD k GET "" 0
    BITFIELD k GET 8 0
    BITFIELD k GET x8 0
    BITFIELD k GET u8 x
    BITFIELD k GET u8 -1
    BITFIELD k GET u8 ""
    BITFIELD k GET u8 #
    BITFIELD k GET u8 ##1
    BITFIELD k GET u8 #-1
    BITFIELD k GET u8 #01
    BITFIELD k GET u8 4294967295
    BITFIELD k GET u8 4294967296
    BITFIELD k GET u8 #536870911
    BITFIELD k GET u8 #536870912
    BITFIELD k GET u8 #9223372036854775808
    BITFIELD k SET u8 0 x
    BITFIELD k SET u8 x y
    BITFIELD k SET u8 0 9223372036854775808
    BITFIELD k INCRBY u8 0 1.5
    RPUSH l a
    BITFIELD l
    BITFIELD l GET u8 0
    BITFIELD l SET u8 0 1
    BITFIELD l GET u65 0
    BITFIELD l SET u8 0 x
    BITFIELD_RO l GET u8 0
    BITFIELD_RO l SET u8 0 1
    BITFIELD_RO k
    BITFIELD_RO missing
    BITFIELD_RO missing GET i64 5
    BITFIELD_RO k GET u8 0 GET u16 #1 GET i63 3
    BITFIELD_RO k SET u8 0 1
    BITFIELD_RO k GET u8 0 SET u8 0 1
    BITFIELD_RO k INCRBY u8 x 1
    BITFIELD_RO k OVERFLOW SAT GET u8 0
    BITFIELD_RO k OVERFLOW FOO GET u8 0
    BITFIELD f OVERFLOW FAIL INCRBY u2 0 9
    GET f
    BITFIELD f OVERFLOW FAIL SET u2 30 9
    GET f
    SET n 12345
    BITFIELD n GET u16 4
    OBJECT ENCODING n
    BITFIELD n OVERFLOW FAIL SET u2 0 9
    OBJECT ENCODING n
    SET t x EX 1000
    BITFIELD t SET u8 #3 7
    TTL t
    GET k
    COMMAND GETKEYSANDFLAGS BITFIELD k GET u8 0
    COMMAND GETKEYSANDFLAGS BITFIELD k
    COMMAND GETKEYSANDFLAGS BITFIELD k GET u8 0 OVERFLOW SAT
    COMMAND GETKEYSANDFLAGS BITFIELD k GET u8 0 SET u8 0 1
    COMMAND GETKEYSANDFLAGS BITFIELD k GET u8 0 SET u8
    COMMAND GETKEYSANDFLAGS BITFIELD k FOO
    COMMAND GETKEYSANDFLAGS BITOP AND d a b
    COMMAND GETKEYS BITOP AND d a b`,
};

/** What the fields' limits make of values on the edges of them and of int64. */
function fieldEdges(): Command[] {
  const commands: Command[] = [];
  for (const type of [
    'u1',
    'i1',
    'u8',
    'i8',
    'u31',
    'i31',
    'u32',
    'i32',
    'u33',
    'i33',
    'u53',
    'i53',
    'u63',
    'i63',
    'i64',
  ]) {
    const width = BigInt(type.slice(1));
    const edges = [0n, 1n, -1n, 1n << (width - 1n), 1n << width, (1n << 63n) - 1n, -(1n << 63n), 1n << 52n, 1n << 53n];
    const values = new Set(
      edges.flatMap((edge) => [edge - 1n, edge, edge + 1n, -edge]).map((n) => BigInt.asIntN(64, n)),
    );
    for (const overflow of ['WRAP', 'SAT', 'FAIL']) {
      for (const value of values) {
        const offset = `#${Number(value & 1n)}`;
        commands.push(
          ['BITFIELD', 'k', 'OVERFLOW', overflow, 'SET', type, offset, `${value}`, 'GET', type, offset],
          ['BITFIELD', 'k', 'OVERFLOW', overflow, 'INCRBY', type, offset, `${value}`, 'GET', type, offset],
        );
      }
    }
  }
  return [...commands, ['GET', 'k']];
}

/** Strings over several pages, with holes and unequal ends. */
function longStrings(): Command[] {
  const salted = (length: number, salt: number) => Buffer.from(Uint8Array.from({ length }, (_, i) => i * 31 + salt));
  const commands: Command[] = [
    ['SET', 'a', salted(200_000, 1)],
    ['SET', 'b', salted(131_072, 2)],
    ['SET', 'c', salted(70_001, 3)],
    ['SET', 'short', salted(100, 4)],
    ['SETRANGE', 'holes', 262_144, salted(33, 5)],
    ['SETRANGE', 'holes', 65_536, salted(33, 6)],
    ['SETBIT', 'tail', 2_097_151, 1],
    ['SET', 'ones', Buffer.alloc(150_000, 0xff)],
  ];
  const names = ['a', 'b', 'c', 'short', 'holes', 'tail', 'ones'];
  const look = (name: string): Command[] => [
    ['BITCOUNT', name],
    ['BITCOUNT', name, 65_530, -65_530],
    ['BITCOUNT', name, 524_285, 524_291, 'BIT'],
    ...[0, 1].flatMap((bit): Command[] => [
      ['BITPOS', name, bit],
      ['BITPOS', name, bit, 65_536],
      ['BITPOS', name, bit, 131_071, 131_073],
      ['BITPOS', name, bit, 524_287, -3, 'BIT'],
    ]),
  ];
  commands.push(...names.flatMap(look));
  for (const first of names) {
    commands.push(['BITOP', 'NOT', 'd', first], ...look('d'), ['GET', 'd']);
    for (const second of names) {
      for (const operation of ['AND', 'OR', 'XOR']) {
        commands.push(['BITOP', operation, 'd', first, second], ['BITCOUNT', 'd'], ['GETRANGE', 'd', 65_500, 65_600]);
      }
    }
  }
  commands.push(['BITOP', 'XOR', 'a', ...names], ...look('a'), ['GET', 'a'], ['OBJECT', 'ENCODING', 'a']);
  // A field across the border of two pages, in holes and out of them.
  for (const name of ['a', 'holes', 'tail']) {
    commands.push(['BITFIELD', name, 'SET', 'i64', 524_260, '-81985529216486896', 'GET', 'u63', 524_261]);
    commands.push([
      'BITFIELD',
      name,
      'INCRBY',
      'u16',
      1_048_570,
      4711,
      'GET',
      'u8',
      1_048_572,
      'GET',
      'i32',
      2_097_140,
    ]);
    commands.push(['GETRANGE', name, 65_520, 65_560], ['GETRANGE', name, 131_060, 131_090]);
  }
  return commands;
}

function parse(script: string): Command[] {
  const bytes = (word: string) =>
    Buffer.from(
      word.replace(/\\x(..)/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
      'latin1',
    );
  return script
    .trim()
    .split('\n')
    .map((line) => line.trim().split(' '))
    .map((words) => words.map((word) => (word === '""' ? '' : word.includes('\\x') ? bytes(word) : word)));
}

describeWithOracle('bitmaps answer as redis-server', () => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await startPair();
  });

  afterAll(() => pair?.stop());

  for (const protocol of [2, 3] as const) {
    test.each(Object.entries(scripts))(`%s (RESP${protocol})`, async (_, script) => {
      await compareScript(pair, parse(script), { protocol });
    });
  }

  test('fields on the edges of their widths and of int64', () => compareScript(pair, fieldEdges()));

  test('strings of several pages', () => compareScript(pair, longStrings()));
});
