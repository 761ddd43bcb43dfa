import { beforeEach, describe, expect, it, test } from 'vitest';
import { keyCommands } from '../../src/commands/keys/keys.js';
import { OutOfMemoryError } from '../../src/memory/arena.js';
import { listCommands } from '../../src/types/list/commands/index.js';
import { stringCommands } from '../../src/types/string/commands/index.js';
import { CommandRunner } from '../support/command-runner.js';
import { NOT_INTEGER, NULL, OK, SYNTAX, WRONGTYPE } from '../support/replies.js';

let redis: CommandRunner;

beforeEach(() => {
  redis = new CommandRunner([...stringCommands, ...listCommands, ...keyCommands]);
});

const TOO_LONG = '-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n';

const invalidTime = (command: string) => `-ERR invalid expire time in '${command}' command\r\n`;
const encodingNames = ['int', 'embstr', 'raw', 'rope'];
const encodingOf = (key: string) => encodingNames[redis.db.kindOf(redis.entry(key))];
const deadlineOf = (key: string) => redis.db.deadlineOf(redis.entry(key));

/** Makes a key of another type than string; what it holds does not matter. */
function makeList(key: string): void {
  redis.run('DEL', key);
  redis.run('RPUSH', key, 'element');
  redis.takeEvents();
  redis.takeEffects();
}

describe('SET', () => {
  test.each([
    ['SET k v NX XX', SYNTAX],
    ['SET k v EX', SYNTAX],
    ['SET k v EX 10 PX 10', SYNTAX],
    ['SET k v EX 10 KEEPTTL', SYNTAX],
    ['SET k v KEEPTTL EX 10', SYNTAX],
    ['SET k v PERSIST', SYNTAX],
    ['SET k v FOO', SYNTAX],
    ['SET k v EX abc', NOT_INTEGER],
    ['SET k v EX 0', invalidTime('set')],
    ['SET k v PX -1', invalidTime('set')],
    ['SET k v PXAT 0', invalidTime('set')],
    ['SET k v EX 9223372036854775', invalidTime('set')],
    ['SET k v EXAT 9223372036854776', invalidTime('set')],
    ['SET k v PX 9223372036854775807', invalidTime('set')],
    ['SET k', "-ERR wrong number of arguments for 'set' command\r\n"],
  ])('%s is refused', (line, reply) => {
    expect(redis.line(line)).toBe(reply);
    expect(redis.entry('k')).toBe(0);
    expect(redis.takeEffects()).toEqual([]);
  });

  test.each([
    ['SET k v EX 10', 1_700_000_010_000],
    ['SET k v px 10', 1_700_000_000_010],
    ['SET k v EXAT 4000000000', 4_000_000_000_000],
    ['SET k v PXAT 4000000000123', 4_000_000_000_123],
    ['SET k v EX 1 EX 20', 1_700_000_020_000],
  ])('%s sets the deadline and propagates it as PXAT', (line, deadline) => {
    expect(redis.line(line)).toBe(OK);
    expect(deadlineOf('k')).toBe(deadline);
    expect(redis.takeEffects()).toEqual([['SET', 'k', 'v', 'PXAT', String(deadline)]]);
    expect(redis.takeEvents()).toEqual(['set k', 'expire k']);
  });

  it('takes deadlines up to the end of int64, and propagates one that can be read again', () => {
    expect(redis.line('SET k v PXAT 9223372036854775807')).toBe(OK);
    expect(redis.takeEffects()).toEqual([['SET', 'k', 'v', 'PXAT', '9223372036854775807']]);
    expect(redis.line('SET k v EXAT 9223372036854775')).toBe(OK);
  });

  it('keeps the deadline with KEEPTTL and drops it otherwise', () => {
    redis.line('SET k v PXAT 4000000000123');
    expect(redis.line('SET k longer-than-before KEEPTTL')).toBe(OK);
    expect(deadlineOf('k')).toBe(4_000_000_000_123);
    redis.takeEffects();
    expect(redis.line('SET k v keepttl')).toBe(OK);
    expect(redis.takeEffects()).toEqual([['SET', 'k', 'v', 'keepttl']]);
    expect(redis.line('SET k v')).toBe(OK);
    expect(deadlineOf('k')).toBe(-1);
    expect(redis.line('SET new v KEEPTTL')).toBe(OK);
    expect(deadlineOf('new')).toBe(-1);
  });

  it('obeys NX and XX, and with GET tells what was there either way', () => {
    expect(redis.line('SET k v XX')).toBe(NULL);
    expect(redis.line('SET k v XX GET')).toBe(NULL);
    expect(redis.line('SET k v NX GET')).toBe(NULL);
    expect(redis.bulk('GET', 'k')).toBe('v');
    expect(redis.line('SET k w NX')).toBe(NULL);
    expect(redis.bulk('SET', 'k', 'w', 'GET', 'NX')).toBe('v');
    expect(redis.bulk('SET', 'k', 'w', 'GET', 'XX')).toBe('v');
    expect(redis.bulk('SET', 'k', 'x', 'GET', 'GET')).toBe('w');
    expect(redis.bulk('GET', 'k')).toBe('x');
  });

  it('propagates without GET', () => {
    redis.line('SET k v get NX');
    redis.line('SET k v XX GET');
    redis.line('SET k v GET EX 10');
    expect(redis.takeEffects()).toEqual([
      ['SET', 'k', 'v', 'NX'],
      ['SET', 'k', 'v', 'XX'],
      ['SET', 'k', 'v', 'PXAT', '1700000010000'],
    ]);
  });

  it('replaces a value of another type, but not with GET', () => {
    makeList('l');
    expect(redis.line('SET l v GET')).toBe(WRONGTYPE);
    expect(redis.line('SET l v NX')).toBe(NULL);
    expect(redis.line('SET l v XX')).toBe(OK);
    expect(redis.bulk('GET', 'l')).toBe('v');
  });

  it('over an expired key announces the expiry first', () => {
    redis.line('SET k v PX 10');
    redis.now += 10;
    redis.takeEvents();
    redis.takeEffects();
    expect(redis.line('SET k w NX')).toBe(OK);
    expect(redis.takeEvents()).toEqual(['expired k', 'set k']);
    expect(redis.takeEffects()).toEqual([
      ['DEL', 'k'],
      ['SET', 'k', 'w', 'NX'],
    ]);
  });

  it('of the same size writes in place', () => {
    redis.line('SET k abc');
    const entry = redis.entry('k');
    redis.line('SET k xyz');
    expect(redis.entry('k')).toBe(entry);
    expect(redis.bulk('GET', 'k')).toBe('xyz');
    redis.line('SET k abc EX 10');
    const withDeadline = redis.entry('k');
    for (const options of ['EX 20', 'EX 5', 'KEEPTTL']) redis.line(`SET k xyz ${options}`);
    expect(redis.entry('k')).toBe(withDeadline);
    expect(deadlineOf('k')).toBe(1_700_000_005_000);
    expect(redis.db.nextDeadline()).toBeLessThanOrEqual(1_700_000_005_000);
  });

  it('with a past deadline leaves a key that nobody sees', () => {
    expect(redis.line('SET k v EXAT 1')).toBe(OK);
    expect(redis.line('GET k')).toBe(NULL);
  });
});

describe('encodings', () => {
  const digits20 = '12345678901234567890';
  test.each([
    ['0', 'int'],
    ['-1', 'int'],
    ['9223372036854775807', 'int'],
    ['9223372036854775808', 'embstr'],
    ['-9223372036854775808', 'int'],
    ['-9223372036854775809', 'embstr'],
    [digits20, 'embstr'],
    ['-0', 'embstr'],
    ['-', 'embstr'],
    ['007', 'embstr'],
    ['+7', 'embstr'],
    [' 7', 'embstr'],
    ['1.5', 'embstr'],
    ['', 'embstr'],
    ['x'.repeat(44), 'embstr'],
    ['x'.repeat(45), 'raw'],
    ['0'.repeat(50), 'raw'],
    ['x'.repeat(40_000), 'rope'],
  ])('SET of %j makes it %s', (value, encoding) => {
    redis.run('SET', 'k', value);
    expect(encodingOf('k')).toBe(encoding);
    expect(redis.bulk('GET', 'k')).toBe(value);
    expect(redis.run('STRLEN', 'k')).toBe(`:${value.length}\r\n`);
  });

  test.each([
    [['SET k 1', 'APPEND k 2'], 'raw'],
    [['SET k 12', 'APPEND k 3', 'INCR k'], 'int'],
    [['APPEND k 12'], 'int'],
    [['APPEND k abc'], 'embstr'],
    [['APPEND k abc', 'APPEND k d'], 'raw'],
    [['SETRANGE k 0 12'], 'raw'],
    [['SET k 12', 'SETRANGE k 0 3'], 'raw'],
    [['SET k 12', 'GETRANGE k 0 0'], 'int'],
    [['SETRANGE k 0 12', 'SET k 12'], 'int'],
    [['MSET a 1 k 12'], 'int'],
    [['MSETNX k 12'], 'int'],
    [['SETNX k 12'], 'int'],
    [['SETEX k 10 12'], 'int'],
    [['SET k x', 'GETSET k 12'], 'int'],
    [['INCRBYFLOAT k 3'], 'embstr'],
    [['INCRBYFLOAT k 3', 'INCR k'], 'int'],
  ])('%j leave the key %s', (lines, encoding) => {
    for (const line of lines) expect(redis.line(line)).not.toMatch(/^-/);
    expect(encodingOf('k')).toBe(encoding);
  });
});

describe('GETEX', () => {
  it('sets, keeps and removes deadlines, and propagates what it did', () => {
    redis.line('SET k v');
    redis.takeEvents();
    redis.takeEffects();
    for (const line of ['GETEX k', 'GETEX k EX 10', 'GETEX k PXAT 4000000000123', 'GETEX k', 'GETEX k PERSIST']) {
      expect(redis.line(line)).toBe('$1\r\nv\r\n');
    }
    expect(redis.line('GETEX k PERSIST')).toBe('$1\r\nv\r\n');
    expect(redis.takeEvents()).toEqual(['expire k', 'expire k', 'persist k']);
    expect(redis.takeEffects()).toEqual([
      ['PEXPIREAT', 'k', '1700000010000'],
      ['PEXPIREAT', 'k', '4000000000123'],
      ['PERSIST', 'k'],
    ]);
  });

  it('with a PXAT in the past deletes the key and fires del', () => {
    redis.line('SET k v');
    redis.takeEvents();
    redis.takeEffects();
    expect(redis.line('GETEX k PXAT 1')).toBe('$1\r\nv\r\n');
    expect(redis.entry('k')).toBe(0);
    expect(redis.takeEvents()).toEqual(['del k']);
    expect(redis.takeEffects()).toEqual([['DEL', 'k']]);
  });

  it('looks at the key before the time, and at the syntax before the key', () => {
    expect(redis.line('GETEX nokey EX abc')).toBe(NULL);
    expect(redis.line('GETEX nokey EX 0')).toBe(NULL);
    expect(redis.line('GETEX nokey FOO')).toBe(SYNTAX);
    redis.line('SET k v');
    expect(redis.line('GETEX k EX 0')).toBe(invalidTime('getex'));
    expect(redis.line('GETEX k KEEPTTL')).toBe(SYNTAX);
    expect(redis.line('GETEX k NX')).toBe(SYNTAX);
    expect(redis.line('GETEX k PX 10 PERSIST')).toBe(SYNTAX);
    expect(redis.line('GETEX k PERSIST PX 10')).toBe(SYNTAX);
    makeList('l');
    expect(redis.line('GETEX l EX abc')).toBe(WRONGTYPE);
  });
});

describe('GETDEL, GETSET, SETNX, SETEX, PSETEX', () => {
  it('GETDEL replies, deletes and propagates a DEL', () => {
    redis.line('SET k v');
    redis.takeEvents();
    redis.takeEffects();
    expect(redis.bulk('GETDEL', 'k')).toBe('v');
    expect(redis.bulk('GETDEL', 'k')).toBe(null);
    expect(redis.takeEvents()).toEqual(['del k']);
    expect(redis.takeEffects()).toEqual([['DEL', 'k']]);
    makeList('l');
    expect(redis.line('GETDEL l')).toBe(WRONGTYPE);
  });

  it('GETSET drops the deadline and propagates a SET', () => {
    redis.line('SET k v EX 10');
    redis.takeEvents();
    redis.takeEffects();
    expect(redis.bulk('GETSET', 'k', 'w')).toBe('v');
    expect(redis.bulk('GETSET', 'new', 'w')).toBe(null);
    expect(deadlineOf('k')).toBe(-1);
    expect(redis.takeEvents()).toEqual(['set k', 'set new']);
    expect(redis.takeEffects()).toEqual([
      ['SET', 'k', 'w'],
      ['SET', 'new', 'w'],
    ]);
    makeList('l');
    expect(redis.line('GETSET l v')).toBe(WRONGTYPE);
  });

  it('SETNX sets only what is not there, whatever its type', () => {
    expect(redis.line('SETNX k v')).toBe(':1\r\n');
    expect(redis.line('SETNX k w')).toBe(':0\r\n');
    makeList('l');
    expect(redis.line('SETNX l w')).toBe(':0\r\n');
    expect(redis.bulk('GET', 'k')).toBe('v');
  });

  it('SETEX and PSETEX set a deadline and name themselves in errors', () => {
    expect(redis.line('SETEX k 10 v')).toBe(OK);
    expect(redis.line('PSETEX p 10 v')).toBe(OK);
    expect(redis.takeEvents()).toEqual(['set k', 'expire k', 'set p', 'expire p']);
    expect(redis.takeEffects()).toEqual([
      ['SET', 'k', 'v', 'PXAT', '1700000010000'],
      ['SET', 'p', 'v', 'PXAT', '1700000000010'],
    ]);
    expect(redis.line('SETEX k 0 v')).toBe(invalidTime('setex'));
    expect(redis.line('PSETEX k -1 v')).toBe(invalidTime('psetex'));
    expect(redis.line('SETEX k 9223372036854775807 v')).toBe(invalidTime('setex'));
    expect(redis.line('SETEX k abc v')).toBe(NOT_INTEGER);
  });
});

describe('MGET, MSET, MSETNX', () => {
  it('MSET sets in order, MGET shows other types as null', () => {
    expect(redis.line('MSET a 1 b 2 a 3')).toBe(OK);
    makeList('l');
    expect(redis.line('MGET a b l nokey')).toBe('*4\r\n$1\r\n3\r\n$1\r\n2\r\n$-1\r\n$-1\r\n');
  });

  it('MSETNX sets all or none', () => {
    expect(redis.line('MSETNX a 1 b 2')).toBe(':1\r\n');
    expect(redis.line('MSETNX c 1 b 3')).toBe(':0\r\n');
    expect(redis.line('MSETNX x 1 x 2')).toBe(':1\r\n');
    expect(redis.line('MGET a b c x')).toBe('*4\r\n$1\r\n1\r\n$1\r\n2\r\n$-1\r\n$1\r\n2\r\n');
  });

  it('want whole pairs', () => {
    expect(redis.line('MSET a 1 b')).toBe("-ERR wrong number of arguments for 'mset' command\r\n");
    expect(redis.line('MSETNX a 1 b')).toBe("-ERR wrong number of arguments for 'msetnx' command\r\n");
    expect(redis.entry('a')).toBe(0);
  });

  it('take more arguments than the pool of slices holds', () => {
    const words = Array.from({ length: 3000 }, (_, i) => [`k${i}`, i]).flat();
    expect(redis.run('MSET', ...words)).toBe(OK);
    const reply = redis.run('MGET', ...words.filter((_, i) => i % 2 === 0));
    expect(reply.split('\r\n').filter((_, i) => i > 0 && i % 2 === 0)).toEqual(
      Array.from({ length: 3000 }, (_, i) => String(i)),
    );
  });
});

describe('APPEND, GETRANGE, SETRANGE', () => {
  it('APPEND keeps the deadline, creates, and counts an empty one as a change', () => {
    redis.line('SET k abc EX 10');
    redis.takeEvents();
    expect(redis.line('APPEND k def')).toBe(':6\r\n');
    expect(redis.run('APPEND', 'k', '')).toBe(':6\r\n');
    expect(redis.run('APPEND', 'new', '')).toBe(':0\r\n');
    expect(deadlineOf('k')).toBe(1_700_000_010_000);
    expect(redis.takeEvents()).toEqual(['append k', 'append k', 'append new']);
    expect(redis.entry('new')).not.toBe(0);
    makeList('l');
    expect(redis.line('APPEND l x')).toBe(WRONGTYPE);
  });

  test.each([
    [0, 4, 'hello'],
    [-5, -1, 'world'],
    [0, -1, 'hello world'],
    [5, 3, ''],
    [-1, -5, ''],
    [100, 200, ''],
    [-100, 200, 'hello world'],
    [-100, -200, ''],
    [-200, -100, 'h'],
    ['-9223372036854775808', '9223372036854775807', 'hello world'],
  ])('GETRANGE %s %s', (start, end, part) => {
    redis.run('SET', 'k', 'hello world');
    expect(redis.bulk('GETRANGE', 'k', start, end)).toBe(part);
    expect(redis.bulk('SUBSTR', 'k', start, end)).toBe(part);
  });

  it('GETRANGE reads its offsets before the key', () => {
    expect(redis.bulk('GETRANGE', 'nokey', 0, 1)).toBe('');
    expect(redis.line('GETRANGE nokey a 1')).toBe(NOT_INTEGER);
    makeList('l');
    expect(redis.line('GETRANGE l a 1')).toBe(NOT_INTEGER);
    expect(redis.line('GETRANGE l 0 1')).toBe(WRONGTYPE);
  });

  it('SETRANGE fills gaps with zeros, also where older bytes were', () => {
    expect(redis.line('SETRANGE k 5 abc')).toBe(':8\r\n');
    expect(redis.bulk('GET', 'k')).toBe('\0\0\0\0\0abc');
    redis.run('SET', 'k', 'x'.repeat(40));
    redis.run('SET', 'k', 'x'.repeat(33));
    expect(redis.line('SETRANGE k 38 y')).toBe(':39\r\n');
    expect(redis.bulk('GET', 'k')).toBe(`${'x'.repeat(33)}\0\0\0\0\0y`);
  });

  it('SETRANGE with nothing changes nothing and creates nothing', () => {
    expect(redis.run('SETRANGE', 'nokey', 5, '')).toBe(':0\r\n');
    expect(redis.run('SETRANGE', 'nokey', '9223372036854775807', '')).toBe(':0\r\n');
    redis.line('SET k 12');
    redis.takeEvents();
    expect(redis.run('SETRANGE', 'k', 100, '')).toBe(':2\r\n');
    expect(redis.takeEvents()).toEqual([]);
    expect(redis.entry('nokey')).toBe(0);
  });

  it('checks in the order offset, type, length', () => {
    makeList('l');
    expect(redis.line('SETRANGE l abc x')).toBe(NOT_INTEGER);
    expect(redis.line('SETRANGE l -1 x')).toBe('-ERR offset is out of range\r\n');
    expect(redis.line('SETRANGE l 9223372036854775807 x')).toBe(WRONGTYPE);
    expect(redis.line('SETRANGE k 9223372036854775807 x')).toBe(TOO_LONG);
    expect(redis.line('SETRANGE k 536870912 x')).toBe(TOO_LONG);
    expect(redis.entry('k')).toBe(0);
  });

  it('a string may grow to proto-max-bulk-len and no further', () => {
    expect(redis.line('SETRANGE k 536870911 x')).toBe(':536870912\r\n');
    expect(redis.line('APPEND k x')).toBe(TOO_LONG);
    expect(redis.bulk('GETRANGE', 'k', -2, -1)).toBe('\0x');
    expect(redis.db.arena.stats.pageBytes).toBeLessThan(2 ** 20);
    redis.engine.keyspace.limits.protoMaxBulkLength = 10;
    redis.line('SET s 12345678');
    expect(redis.line('APPEND s 90')).toBe(':10\r\n');
    expect(redis.line('APPEND s 1')).toBe(TOO_LONG);
  });
});

describe('counters', () => {
  it('count up and down, creating keys and keeping deadlines', () => {
    expect(redis.line('INCR k')).toBe(':1\r\n');
    expect(redis.line('DECRBY k 11')).toBe(':-10\r\n');
    expect(redis.line('INCRBY k 20')).toBe(':10\r\n');
    expect(redis.line('DECR k')).toBe(':9\r\n');
    expect(redis.takeEvents()).toEqual(['incrby k', 'incrby k', 'incrby k', 'incrby k']);
    expect(redis.bulk('GET', 'k')).toBe('9');
    redis.line('SET k 99 EX 10');
    expect(redis.line('INCR k')).toBe(':100\r\n');
    expect(deadlineOf('k')).toBe(1_700_000_010_000);
    redis.takeEffects();
    redis.line('INCR k');
    expect(redis.takeEffects()).toEqual([['INCR', 'k']]);
  });

  it('are exact over all of int64 and do not leave it', () => {
    redis.line('SET k 9007199254740991');
    expect(redis.line('INCR k')).toBe(':9007199254740992\r\n');
    expect(redis.line('INCR k')).toBe(':9007199254740993\r\n');
    expect(redis.line('INCRBY k 9214364837600034814')).toBe(':9223372036854775807\r\n');
    expect(redis.line('INCR k')).toBe('-ERR increment or decrement would overflow\r\n');
    expect(encodingOf('k')).toBe('int');
    expect(redis.line('DECRBY k 9223372036854775807')).toBe(':0\r\n');
    expect(redis.line('DECRBY k -9223372036854775808')).toBe('-ERR decrement would overflow\r\n');
    expect(redis.line('INCRBY k -9223372036854775808')).toBe(':-9223372036854775808\r\n');
    expect(redis.line('DECR k')).toBe('-ERR increment or decrement would overflow\r\n');
    expect(redis.line('INCRBY k 9223372036854775807')).toBe(':-1\r\n');
    expect(redis.line('INCRBY k 9223372036854775808')).toBe(NOT_INTEGER);
  });

  test.each(['abc', '', ' 7', '7 ', '+7', '-0', '007', '1.5', '9223372036854775808', '1'.repeat(20_000)])(
    'refuse the value %.30j',
    (value) => {
      redis.run('SET', 'k', value);
      expect(redis.line('INCR k')).toBe(NOT_INTEGER);
      expect(redis.line('DECRBY k 9223372036854775807')).toBe(NOT_INTEGER);
    },
  );

  it('read the increment before the type of the key', () => {
    makeList('l');
    expect(redis.line('INCRBY l abc')).toBe(NOT_INTEGER);
    expect(redis.line('INCRBY l 1')).toBe(WRONGTYPE);
    expect(redis.line('INCRBY l 9223372036854775807')).toBe(WRONGTYPE);
  });
});

describe('INCRBYFLOAT', () => {
  it('propagates the sum, keeping the deadline', () => {
    redis.line('SET k 10.50 EX 10');
    redis.takeEvents();
    redis.takeEffects();
    expect(redis.bulk('INCRBYFLOAT', 'k', '0.1')).toBe('10.6');
    expect(redis.takeEvents()).toEqual(['incrbyfloat k']);
    expect(redis.takeEffects()).toEqual([['SET', 'k', '10.6', 'KEEPTTL']]);
    expect(deadlineOf('k')).toBe(1_700_000_010_000);
  });

  test.each([
    ['5.0e3', '2.0e2', '5200'],
    ['3.0', '1.000000000000000005', '4.00000000000000001'],
    ['0.1', '0.2', '0.3'],
    ['9007199254740993', '0', '9007199254740993'],
    ['123456789012345678', '0.5', '123456789012345678.5'],
    ['1e19', '0.25', '10000000000000000000'],
    ['1e30', '1', '1000000000000000000024696061952'],
    ['-0', '0', '0'],
    ['0x1p3', '1', '9'],
    ['.5', '5.', '5.5'],
    ['3.1', '5.0e3', '5003.10000000000000009'],
  ])('%s + %s', (value, by, sum) => {
    redis.run('SET', 'k', value);
    expect(redis.bulk('INCRBYFLOAT', 'k', by)).toBe(sum);
  });

  it('refuses what is no number, and what would be infinite', () => {
    const notFloat = '-ERR value is not a valid float\r\n';
    const notFinite = '-ERR increment would produce NaN or Infinity\r\n';
    redis.line('SET k 1');
    for (const by of ['abc', '', ' 1', '1 ', 'nan', '1e', '1e5000', '1e-5000', '1\0']) {
      expect(redis.run('INCRBYFLOAT', 'k', by)).toBe(notFloat);
    }
    for (const by of ['inf', '-inf', '+Infinity']) expect(redis.run('INCRBYFLOAT', 'k', by)).toBe(notFinite);
    redis.line('SET k inf');
    expect(redis.line('INCRBYFLOAT k -inf')).toBe(notFinite);
    redis.run('SET', 'k', ' 1');
    expect(redis.line('INCRBYFLOAT k 1')).toBe(notFloat);
    redis.run('SET', 'k', '1'.repeat(6000));
    expect(redis.line('INCRBYFLOAT k 1')).toBe(notFloat);
    makeList('l');
    expect(redis.line('INCRBYFLOAT l abc')).toBe(WRONGTYPE);
  });
});

describe('LCS', () => {
  it('looks at the types of the keys first, then at its options', () => {
    makeList('l');
    redis.line('SET a ohmytext');
    expect(redis.line('LCS a l FOO')).toBe('-ERR The specified keys must contain string values\r\n');
    expect(redis.line('LCS a nokey FOO')).toBe(SYNTAX);
    expect(redis.line('LCS a a')).toBe('$8\r\nohmytext\r\n');
  });

  it('refuses a matrix beyond proto-max-bulk-len', () => {
    redis.engine.keyspace.limits.protoMaxBulkLength = 1024 * 1024;
    redis.run('MSET', 'a', 'x'.repeat(511), 'b', 'x'.repeat(512));
    expect(redis.line('LCS a a LEN')).toBe(':511\r\n');
    expect(redis.line('LCS a b LEN')).toBe(
      '-ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len\r\n',
    );
  });
});

describe('long strings', () => {
  const long = Array.from({ length: 30_000 }, (_, i) => `line ${i}`).join('\n');

  it('are set, read, cut, changed and deleted', () => {
    redis.run('SET', 'k', long);
    expect(redis.bulk('GET', 'k')).toBe(long);
    expect(redis.bulk('GETRANGE', 'k', 65_000, 66_000)).toBe(long.slice(65_000, 66_001));
    expect(redis.run('SETRANGE', 'k', 65_530, 'across the page')).toBe(`:${long.length}\r\n`);
    expect(redis.bulk('GETRANGE', 'k', 65_520, 65_550)).toBe(
      `${long.slice(65_520, 65_530)}across the page${long.slice(65_545, 65_551)}`,
    );
    expect(redis.run('APPEND', 'k', long)).toBe(`:${2 * long.length}\r\n`);
    expect(redis.bulk('GETRANGE', 'k', long.length, -1)).toBe(long);
    expect(redis.line('INCR k')).toBe(NOT_INTEGER);
    expect(redis.run('SET', 'k', 'short')).toBe(OK);
    expect(redis.bulk('GET', 'k')).toBe('short');
    redis.run('SET', 'k', long);
    redis.run('SET', 'k', long, 'EX', 10);
    expect(redis.bulk('GETSET', 'k', long.slice(1))).toBe(long);
    expect(redis.bulk('GETDEL', 'k')).toBe(long.slice(1));
  });

  it('turn into ropes as they grow, whatever the key and the deadline', () => {
    for (const key of ['k', 'k'.repeat(300), 'k'.repeat(16_384), 'k'.repeat(40_000)]) {
      redis.run('SET', key, 'a', 'EX', 100);
      let model = 'a';
      for (let i = 0; i < 30; i++) {
        const piece = String.fromCharCode(98 + (i % 20)).repeat(i * 150);
        model += piece;
        expect(redis.run('APPEND', key, piece)).toBe(`:${model.length}\r\n`);
      }
      expect(redis.bulk('GET', key)).toBe(model);
      redis.takeEffects();
      redis.run('SET', key, model, 'KEEPTTL');
      expect(deadlineOf(key)).toBe(1_700_000_100_000);
      expect(redis.bulk('GETDEL', key)).toBe(model);
    }
    expect(redis.db.size).toBe(0);
  });

  it('are refused as a whole when memory is out', () => {
    redis.run('SET', 'k', 'before');
    redis.engine.keyspace.arena.reserve = () => {
      throw new OutOfMemoryError('none left');
    };
    for (const words of [
      ['SET', 'k', long],
      ['APPEND', 'k', long],
      ['MSET', 'j', 'x', 'k', long],
    ]) {
      expect(redis.run(...words)).toMatch(/^-OOM /);
    }
    expect(redis.bulk('GET', 'k')).toBe('before');
    expect(redis.entry('j')).toBe(0);
  });
});
