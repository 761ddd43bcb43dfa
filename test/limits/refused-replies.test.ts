/** A command that changes what it replies with, and for whose reply there is no memory, has changed nothing. */
import { describe, expect, test } from 'vitest';
import { allCommands } from '../../src/commands/index.js';
import type { Client } from '../../src/engine/client.js';
import type { Engine } from '../../src/engine/engine.js';
import { BlockPool } from '../../src/memory/block-pool.js';
import { OutOfMemoryError } from '../../src/memory/physical-memory.js';
import { Args } from '../../src/protocol/args.js';
import { testClient, testEngine } from '../support/test-engine.js';

type Words = (string | number)[];

/** What replies of other commands have left of a buffer of 256 KB. */
const LEFT = 1000;
const BUFFER = 256 * 1024;

function run(engine: Engine, client: Client, words: Words): string {
  const from = engine.reply.length;
  engine.execute(client, Args.from(words));
  const reply = engine.reply.take(from).toString('latin1');
  engine.reply.clear();
  return reply;
}

/** The same behind the replies of others, which have left little of a buffer. */
function runBehindOthers(engine: Engine, client: Client, words: Words): string {
  const others = Args.from(['ECHO', 'x'.repeat(LEFT)]);
  while (engine.reply.length < BUFFER - 2 * LEFT) engine.execute(client, others);
  return run(engine, client, words);
}

/** Together they fill a buffer and begin another. */
const LARGE = 'x'.repeat(25_000);
const ELEMENTS = Array.from({ length: 14 }, (_, n) => `${n}${LARGE}`);
const PAIRS = ELEMENTS.flatMap((element, n) => [n, element]);
const GROUP = ['XGROUP', 'CREATE', 's', 'g', '0'];
const ENTRIES = ELEMENTS.map((element, n) => ['XADD', 's', n + 1, 'f', element]);
const OTHERS = ELEMENTS.map((element, n) => ['XADD', 't', n + 1, 'f', element]);
const GIVEN = ['XREADGROUP', 'GROUP', 'g', 'other', 'STREAMS', 's', '>'];
const HALF_GIVEN = ['XREADGROUP', 'GROUP', 'g', 'other', 'COUNT', 5, 'STREAMS', 's', '>'];
const SET_BACK = ['XGROUP', 'SETID', 's', 'g', '0'];
const IDS = ELEMENTS.map((_, n) => n + 1);

/** So many small numbers are longer than what is left. */
const MANY = 1000;
const FIELDS = Array.from({ length: MANY }, (_, n) => `f${n}`);
const MANY_IDS = Array.from({ length: MANY }, (_, n) => n + 1);
const HASH = ['HSET', 'h', ...FIELDS.flatMap((field) => [field, 'v'])];
const LARGE_HASH = ['HSET', 'h', ...ELEMENTS.flatMap((element, n) => [n, element])];

const CASES: [name: string, before: Words[], command: Words][] = [
  ['SET GET', [['SET', 'k', LARGE.repeat(14)]], ['SET', 'k', 'y', 'GET']],
  ['GETSET', [['SET', 'k', LARGE.repeat(14)]], ['GETSET', 'k', 'y']],
  ['GETDEL', [['SET', 'k', LARGE.repeat(14)]], ['GETDEL', 'k']],
  ['GETEX', [['SET', 'k', LARGE.repeat(14)]], ['GETEX', 'k', 'EX', 100]],
  ['LPOP', [['RPUSH', 'l', ...ELEMENTS]], ['LPOP', 'l', 9]],
  ['RPOP of all', [['RPUSH', 'l', ...ELEMENTS]], ['RPOP', 'l', 14]],
  ['LMPOP', [['RPUSH', 'l', ...ELEMENTS]], ['LMPOP', 1, 'l', 'LEFT', 'COUNT', 9]],
  ['LMOVE', [['RPUSH', 'l', LARGE.repeat(14)]], ['LMOVE', 'l', 'm', 'LEFT', 'LEFT']],
  ['BLMPOP', [['RPUSH', 'l', ...ELEMENTS]], ['BLMPOP', 0, 1, 'l', 'LEFT', 'COUNT', 9]],
  ['SPOP', [['SADD', 'e', ...ELEMENTS]], ['SPOP', 'e', 9]],
  ['SPOP of nearly all', [['SADD', 'e', ...ELEMENTS]], ['SPOP', 'e', 13]],
  ['SPOP of all', [['SADD', 'e', ...ELEMENTS]], ['SPOP', 'e', 14]],
  ['ZPOPMIN', [['ZADD', 'z', ...PAIRS]], ['ZPOPMIN', 'z', 9]],
  ['ZPOPMAX of all', [['ZADD', 'z', ...PAIRS]], ['ZPOPMAX', 'z', 14]],
  ['ZMPOP', [['ZADD', 'z', ...PAIRS]], ['ZMPOP', 1, 'z', 'MIN', 'COUNT', 9]],
  ['XREADGROUP', [...ENTRIES, GROUP], ['XREADGROUP', 'GROUP', 'g', 'c', 'STREAMS', 's', '>']],
  ['XREADGROUP NOACK', [...ENTRIES, GROUP], ['XREADGROUP', 'GROUP', 'g', 'c', 'NOACK', 'STREAMS', 's', '>']],
  [
    'XREADGROUP of a group set back',
    [...ENTRIES, GROUP, HALF_GIVEN, SET_BACK],
    ['XREADGROUP', 'GROUP', 'g', 'c', 'STREAMS', 's', '>'],
  ],
  [
    'XREADGROUP of two streams',
    [...ENTRIES, ...OTHERS, GROUP, ['XGROUP', 'CREATE', 't', 'g', '0']],
    ['XREADGROUP', 'GROUP', 'g', 'c', 'COUNT', 5, 'STREAMS', 's', 't', '>', '>'],
  ],
  [
    'XREADGROUP of what is pending, and of what is new',
    [...ENTRIES, ...OTHERS, GROUP, ['XGROUP', 'CREATE', 't', 'g', '0'], GIVEN],
    ['XREADGROUP', 'GROUP', 'g', 'other', 'STREAMS', 's', 't', '0', '>'],
  ],
  ['XCLAIM', [...ENTRIES, GROUP, GIVEN], ['XCLAIM', 's', 'g', 'c', 0, ...IDS]],
  ['XCLAIM FORCE', [...ENTRIES, GROUP, HALF_GIVEN], ['XCLAIM', 's', 'g', 'c', 0, ...IDS, 'FORCE', 'LASTID', 14]],
  ['XCLAIM of what is gone', [...ENTRIES, GROUP, GIVEN, ['XDEL', 's', 1, 2]], ['XCLAIM', 's', 'g', 'c', 0, ...IDS]],
  ['XAUTOCLAIM', [...ENTRIES, GROUP, GIVEN], ['XAUTOCLAIM', 's', 'g', 'c', 0, 0]],
  ['XAUTOCLAIM of what is gone', [...ENTRIES, GROUP, GIVEN, ['XDEL', 's', 1, 2]], ['XAUTOCLAIM', 's', 'g', 'c', 0, 0]],
  ['HEXPIRE', [HASH], ['HEXPIRE', 'h', 100, 'FIELDS', MANY, ...FIELDS]],
  ['HPERSIST', [HASH, ['HEXPIRE', 'h', 100, 'FIELDS', MANY, ...FIELDS]], ['HPERSIST', 'h', 'FIELDS', MANY, ...FIELDS]],
  ['HGETDEL', [LARGE_HASH], ['HGETDEL', 'h', 'FIELDS', 14, ...IDS.map((n) => n - 1)]],
  ['HGETEX', [LARGE_HASH], ['HGETEX', 'h', 'EX', 100, 'FIELDS', 14, ...IDS.map((n) => n - 1)]],
  ['BITFIELD', [], ['BITFIELD', 'k', ...FIELDS.flatMap((_, n) => ['SET', 'u8', n * 8, 7])]],
  ['XDELEX', ENTRIES, ['XDELEX', 's', 'IDS', MANY, ...MANY_IDS]],
  ['XACKDEL', [...ENTRIES, GROUP, GIVEN], ['XACKDEL', 's', 'g', 'IDS', MANY, ...MANY_IDS]],
];

/** All that a command could have changed: groups, consumers and deadlines too. */
function stateOf(engine: Engine, client: Client): string {
  const keys = ['k', 'h', 'l', 'm', 'e', 'z', 's', 't'];
  return keys
    .flatMap((key) => [run(engine, client, ['DUMP', key]), run(engine, client, ['PEXPIRETIME', key])])
    .join('');
}

test('a command for whose small reply there is no other buffer has changed nothing', () => {
  const engine = testEngine(allCommands);
  const client = testClient(engine);
  const execute = (...words: Words) => engine.execute(client, Args.from(words));
  const { pool } = engine.reply;
  pool.take = () => {
    throw new OutOfMemoryError('refused by the test');
  };
  // Not even the error finds room: the connection is closed.
  expect(() => {
    for (let i = 0; i < 100_000; i++) execute('PING');
  }).toThrow(OutOfMemoryError);
  expect(() => execute('INCR', 'n')).toThrow(OutOfMemoryError);
  pool.take = BlockPool.prototype.take;
  engine.reply.clear();
  expect(run(engine, client, ['GET', 'n'])).toBe('$-1\r\n');
});

describe('refused memory for the reply, nothing was changed by', () => {
  test.each(CASES)('%s', (_, before, command) => {
    const engine = testEngine(allCommands);
    const client = testClient(engine);
    for (const words of before) run(engine, client, words);
    const state = stateOf(engine, client);
    const { pool } = engine.reply;
    for (let most = pool.blocksUsed; ; most++) {
      let isRefused = false;
      pool.take = () => {
        isRefused ||= pool.blocksUsed === most;
        if (isRefused) throw new OutOfMemoryError('refused by the test');
        return BlockPool.prototype.take.call(pool);
      };
      const reply = runBehindOthers(engine, client, command);
      pool.take = BlockPool.prototype.take;
      if (!isRefused) {
        expect(most).toBeGreaterThan(1);
        expect(reply).not.toMatch(/^-/);
        expect(stateOf(engine, client)).not.toBe(state);
        return;
      }
      expect(reply).toMatch(/^-OOM/);
      expect(stateOf(engine, client)).toBe(state);
    }
  });
});
