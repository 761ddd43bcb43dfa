import { beforeEach, describe, expect, it, test } from 'vitest';
import { PAGE_SIZE } from '../../src/memory/arena.js';
import { Args } from '../../src/protocol/args.js';
import { bitmapCommands } from '../../src/types/bitmap/commands/index.js';
import { listCommands } from '../../src/types/list/commands/index.js';
import { stringCommands } from '../../src/types/string/commands/index.js';
import { StringKind } from '../../src/types/string/value.js';
import { CommandRunner } from '../support/command-runner.js';
import { NOT_INTEGER, SYNTAX, WRONGTYPE } from '../support/replies.js';

let redis: CommandRunner;

beforeEach(() => {
  redis = new CommandRunner([...bitmapCommands, ...stringCommands, ...listCommands]);
});

const usedBytes = () => redis.engine.keyspace.arena.stats.usedBytes;
const LAST_BIT = 2 ** 32 - 1;

describe('since 7.2 the arguments are checked before the key is looked at', () => {
  test.each([
    ['BITCOUNT missing 0', SYNTAX],
    ['BITCOUNT missing x 1', NOT_INTEGER],
    ['BITCOUNT missing 0 x', NOT_INTEGER],
    ['BITCOUNT missing 0 1 HEX', SYNTAX],
    ['BITCOUNT missing x 1 HEX', NOT_INTEGER],
    ['BITPOS missing 1 x', NOT_INTEGER],
    ['BITPOS missing 1 0 x', NOT_INTEGER],
    ['BITPOS missing 1 0 1 HEX', SYNTAX],
    ['BITPOS missing 1 0 1 BIT BIT', SYNTAX],
    ['BITCOUNT list 0', SYNTAX],
    ['BITCOUNT list x 1', NOT_INTEGER],
    ['BITPOS list 1 x', NOT_INTEGER],
    ['BITCOUNT list', WRONGTYPE],
    ['BITPOS list 1', WRONGTYPE],
  ])('%s', (line, reply) => {
    redis.line('RPUSH list a');
    expect(redis.line(line)).toBe(reply);
  });
});

describe('a string of 512 MB that holds next to nothing', () => {
  beforeEach(() => {
    redis.run('SETBIT', 'k', LAST_BIT, 1);
  });

  it('takes no more than the pages that somebody wrote', () => {
    expect(redis.line('STRLEN k')).toBe(':536870912\r\n');
    expect(usedBytes()).toBeLessThan(2 * PAGE_SIZE);
    redis.run('SETBIT', 'k', 2 ** 31, 1);
    redis.run('SETBIT', 'k', 2 ** 31 + 999, 0);
    redis.run('SETBIT', 'k', 2 ** 30, 0);
    expect(usedBytes()).toBeLessThan(3 * PAGE_SIZE);
    expect(redis.run('GETBIT', 'k', LAST_BIT)).toBe(':1\r\n');
    expect(redis.run('GETBIT', 'k', LAST_BIT - 1)).toBe(':0\r\n');
  });

  it('is counted and searched without looking at its holes', () => {
    expect(redis.line('BITCOUNT k')).toBe(':1\r\n');
    expect(redis.line('BITCOUNT k 0 -2 BIT')).toBe(':0\r\n');
    expect(redis.line('BITPOS k 1')).toBe(`:${LAST_BIT}\r\n`);
    expect(redis.line('BITPOS k 0 -1 -1 BIT')).toBe(':-1\r\n');
    expect(redis.line('BITPOS k 0 -9')).toBe(`:${LAST_BIT - 71}\r\n`);
  });

  it('is combined without filling its holes, but for those that NOT turns around', () => {
    redis.run('SETBIT', 'l', 2 ** 31, 1);
    expect(redis.line('BITOP AND d k l')).toBe(':536870912\r\n');
    expect(redis.line('BITCOUNT d')).toBe(':0\r\n');
    expect(redis.line('BITOP OR d k l missing')).toBe(':536870912\r\n');
    expect(redis.line('BITCOUNT d')).toBe(':2\r\n');
    expect(redis.line('BITOP XOR d k d')).toBe(':536870912\r\n');
    expect(redis.line('BITPOS d 1')).toBe(`:${2 ** 31}\r\n`);
    expect(usedBytes()).toBeLessThan(8 * PAGE_SIZE);
    redis.run('SETRANGE', 'short', 3 * PAGE_SIZE, 'x');
    redis.line('BITOP NOT d short');
    expect(redis.line('BITCOUNT d')).toBe(`:${3 * PAGE_SIZE * 8 + 4}\r\n`);
  });

  it('bears fields in its holes and behind its end', () => {
    expect(redis.run('BITFIELD', 'k', 'SET', 'u63', LAST_BIT, '77', 'GET', 'u63', LAST_BIT)).toBe(
      `*2\r\n:${2n ** 62n}\r\n:77\r\n`,
    );
    expect(redis.line('STRLEN k')).toBe(':536870920\r\n');
    expect(redis.line('BITFIELD k OVERFLOW FAIL SET u8 1000000000 256 GET i64 2000000000')).toBe('*2\r\n$-1\r\n:0\r\n');
    expect(usedBytes()).toBeLessThan(4 * PAGE_SIZE);
  });
});

it('an offset may lie as far as proto-max-bulk-len allows', () => {
  redis.engine.keyspace.limits.protoMaxBulkLength = 1024 * 1024;
  const error = '-ERR bit offset is not an integer or out of range\r\n';
  expect(redis.run('SETBIT', 'k', 8 * 1024 * 1024 - 1, 1)).toBe(':0\r\n');
  expect(redis.run('SETBIT', 'k', 8 * 1024 * 1024, 1)).toBe(error);
  expect(redis.run('BITFIELD', 'k', 'GET', 'u8', '#1048576')).toBe(error);
  // A gigabyte is what a string can hold, whatever the limit.
  redis.engine.keyspace.limits.protoMaxBulkLength = 2 ** 40;
  expect(redis.run('SETBIT', 'k', 2 ** 32, 1)).toBe(':0\r\n');
  expect(redis.run('GETBIT', 'k', 2 ** 32)).toBe(':1\r\n');
  expect(redis.run('SETBIT', 'k', 2 ** 33, 1)).toBe(error);
});

it('what is written while a snapshot is open leaves the snapshot alone', () => {
  const page = 'x'.repeat(3 * PAGE_SIZE);
  redis.run('SET', 'long', page);
  redis.run('SET', 'short', 'xxxx');
  const { keyspace } = redis.engine;
  const snapshot = keyspace.snapshot();
  redis.run('SETBIT', 'long', PAGE_SIZE * 8, 1);
  redis.run('SETBIT', 'short', 0, 1);
  redis.run('BITFIELD', 'long', 'SET', 'i64', 2 * PAGE_SIZE * 8 - 30, -1);
  redis.run('BITOP', 'NOT', 'short', 'short');
  redis.run('BITOP', 'XOR', 'long', 'long', 'long');
  expect(redis.line('BITCOUNT long')).toBe(':0\r\n');
  keyspace.restore(snapshot);
  snapshot.close();
  expect(redis.bulk('GET', 'long')).toBe(page);
  expect(redis.bulk('GET', 'short')).toBe('xxxx');
  keyspace.checkIntegrity();
});

it('a string that SETBIT or BITFIELD touched is raw, whatever they changed', () => {
  const encodingOf = (key: string) => redis.db.kindOf(redis.entry(key));
  redis.line('SET n 12345');
  redis.line('GETBIT n 3');
  redis.line('BITFIELD n GET u8 0');
  expect(encodingOf('n')).toBe(StringKind.INT);
  redis.line('SETBIT n 3 1');
  expect(encodingOf('n')).toBe(StringKind.RAW);
  redis.line('SET e abc');
  redis.line('BITFIELD e OVERFLOW FAIL SET u2 0 9');
  expect(encodingOf('e')).toBe(StringKind.RAW);
  redis.line('SET m 12345');
  redis.line('BITOP OR d m');
  expect(encodingOf('d')).toBe(StringKind.RAW);
});

it('a string that was lengthened for nothing is no change: nobody is told', () => {
  expect(redis.line('BITFIELD k OVERFLOW FAIL INCRBY u2 100 9')).toBe('*1\r\n$-1\r\n');
  expect(redis.line('STRLEN k')).toBe(':13\r\n');
  expect(redis.takeEvents()).toEqual([]);
  expect(redis.takeEffects()).toEqual([]);
  expect(redis.engine.keyspace.dirty).toBe(0);
});

it('each field that changes counts as a change, and so does each that is set in a string that grows', () => {
  const { keyspace } = redis.engine;
  const changesOf = (line: string) => {
    const before = keyspace.dirty;
    redis.line(line);
    return keyspace.dirty - before;
  };
  expect(changesOf('BITFIELD k SET u8 0 7 SET u8 8 9 SET u8 0 7')).toBe(3);
  expect(changesOf('BITFIELD k SET u8 0 7')).toBe(0);
  expect(changesOf('BITFIELD k SET u8 0 8 SET u8 0 8 INCRBY u8 0 0 INCRBY u8 0 1')).toBe(2);
  expect(changesOf('SETBIT k 0 0')).toBe(0);
  expect(changesOf('SETBIT k 0 1')).toBe(1);
});

it('many operations and many operands fit', () => {
  const operations = Array.from({ length: 3000 }, (_, i) => ['INCRBY', 'u16', `#${i}`, `${i}`]).flat();
  expect(redis.run('BITFIELD', 'k', ...operations)).toContain('*3000\r\n');
  expect(redis.run('BITFIELD', 'k', 'GET', 'u16', '#2999')).toBe('*1\r\n:2999\r\n');
  const keys = Array.from({ length: 3000 }, (_, i) => `b${i}`);
  // The integrity checker of run() is quick only while there is little to check.
  for (const [i, key] of keys.entries()) redis.engine.execute(redis.client, Args.from(['SETBIT', key, i, 1]));
  redis.engine.reply.clear();
  expect(redis.run('BITOP', 'OR', 'd', ...keys)).toBe(':375\r\n');
  expect(redis.line('BITCOUNT d')).toBe(':3000\r\n');
});
