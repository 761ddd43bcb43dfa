import { afterAll, beforeAll, test } from 'vitest';
import { compareScript } from '../support/compare.js';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import type { Command } from '../support/raw-client.js';

/** One command per line, words split at blanks; "" is the empty string. */
const scripts: Record<string, string> = {
  'pushing and popping': `
    RPUSH l a b c
    LPUSH l z y
    LPUSHX l w
    RPUSHX none a b
    LPUSHX none a
    LRANGE l 0 -1
    LPOP l
    RPOP l
    LPOP l 0
    LPOP l 2
    RPOP l 99
    LPOP l
    LPOP l 1
    RPOP l 0
    EXISTS l
    RPUSH l "" ""
    LRANGE l 0 -1
    LPOP l -1
    LPOP l abc
    LPOP l 1.5
    LPOP l 9223372036854775807
    RPUSH l a
    LPOP l 9223372036854775808
    LPOP l 1 2
    LPOP
    LPUSH l
    SET s x
    LPUSH s a
    RPUSHX s a
    LPOP s
    RPOP s 1
    LPOP s -1
    LLEN s
    LLEN l
    LLEN none`,
  'reading ranges and indexes': `
    RPUSH l a b c d e
    LRANGE l 0 -1
    LRANGE l 1 3
    LRANGE l -2 -1
    LRANGE l -100 1
    LRANGE l 3 100
    LRANGE l 3 2
    LRANGE l 5 10
    LRANGE l -1 -2
    LRANGE l 0 -6
    LRANGE l -9223372036854775808 9223372036854775807
    LRANGE l 9223372036854775807 9223372036854775807
    LRANGE l a 1
    LRANGE l 1 b
    LRANGE l 1
    LRANGE none 0 -1
    LRANGE none a b
    SET s x
    LRANGE s 0 -1
    LRANGE s a b
    LINDEX l 0
    LINDEX l -1
    LINDEX l 4
    LINDEX l 5
    LINDEX l -5
    LINDEX l -6
    LINDEX l 9223372036854775807
    LINDEX l -9223372036854775808
    LINDEX l 9223372036854775808
    LINDEX l abc
    LINDEX none abc
    LINDEX s abc
    LINDEX s 0`,
  LPOS: `
    RPUSH l a b c 1 2 3 c c
    LPOS l c
    LPOS l c RANK 1
    LPOS l c RANK 2
    LPOS l c RANK 4
    LPOS l c RANK -1
    LPOS l c RANK -2 COUNT 2
    LPOS l c COUNT 0
    LPOS l c COUNT 2
    LPOS l c RANK 2 COUNT 5
    LPOS l c COUNT 0 MAXLEN 3
    LPOS l c COUNT 0 MAXLEN 1
    LPOS l c RANK -1 COUNT 0 MAXLEN 2
    LPOS l c rank 2 rank 1
    LPOS l q
    LPOS l q COUNT 1
    LPOS l 1
    LPOS l 01
    LPOS none c
    LPOS none c COUNT 0
    LPOS l c RANK 0
    LPOS l c RANK abc
    LPOS l c COUNT -1
    LPOS l c COUNT abc
    LPOS l c MAXLEN -1
    LPOS l c MAXLEN abc
    LPOS l c RANK
    LPOS l c BOGUS 1
    LPOS none c RANK 0
    SET s x
    LPOS s c
    LPOS s c RANK 0
    LPOS l`,
  'changing in the middle': `
    RPUSH l a b c a b c
    LSET l 0 x
    LSET l -1 yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy
    LSET l 6 x
    LSET l -7 x
    LSET l abc x
    LSET none 0 x
    LSET none abc x
    LRANGE l 0 -1
    LINSERT l BEFORE a one
    LINSERT l after a two
    LINSERT l AFTER none two
    LINSERT none BEFORE a b
    LINSERT none BESIDE a b
    LINSERT l BEFORE a
    LRANGE l 0 -1
    LREM l 1 b
    LREM l -1 c
    LREM l 0 nothing
    LREM l abc a
    LREM none 0 a
    LREM none abc a
    RPUSH l b b b
    LREM l -2 b
    LRANGE l 0 -1
    LREM l 0 b
    LREM l -9223372036854775808 a
    LRANGE l 0 -1
    LTRIM l 1 -2
    LRANGE l 0 -1
    LTRIM l -100 100
    LTRIM l a b
    LTRIM none a b
    LTRIM none 0 1
    LTRIM l 5 2
    EXISTS l
    SET s x
    LSET s 0 x
    LSET s abc x
    LINSERT s BEFORE a b
    LINSERT s BESIDE a b
    LREM s 0 a
    LREM s abc a
    LTRIM s 0 1
    LTRIM s a b
    RPUSH l a a
    LREM l 0 a
    EXISTS l`,
  'moving between lists': `
    RPUSH l a b c
    LMOVE l l LEFT RIGHT
    LMOVE l l RIGHT LEFT
    LMOVE l l LEFT LEFT
    LMOVE l m right left
    LMOVE l m LEFT RIGHT
    LRANGE l 0 -1
    LRANGE m 0 -1
    RPOPLPUSH l m
    RPOPLPUSH l m
    EXISTS l
    RPOPLPUSH m m
    LRANGE m 0 -1
    LMOVE l m UP LEFT
    LMOVE l m LEFT UP
    LMOVE l m LEFT
    SET s x
    LMOVE s m LEFT LEFT
    LMOVE m s LEFT LEFT
    LMOVE none s LEFT LEFT
    LMOVE s s LEFT LEFT
    RPOPLPUSH none s
    RPOPLPUSH m s
    RPOPLPUSH s m
    LRANGE m 0 -1
    RPUSH one x
    LMOVE one one LEFT RIGHT
    RPOPLPUSH one one
    LRANGE one 0 -1
    EXPIRE one 1000
    LMOVE one two LEFT LEFT
    TTL two
    EXPIRE two 1000
    RPUSH two y
    TTL two`,
  'popping from the first of several': `
    RPUSH l a b c d e
    LMPOP 1 l LEFT
    LMPOP 2 none l RIGHT COUNT 2
    LMPOP 1 l left count 99
    LMPOP 1 l LEFT
    LMPOP 0 l LEFT
    LMPOP -1 l LEFT
    LMPOP abc l LEFT
    LMPOP 2 l LEFT
    LMPOP 9999999999 l LEFT
    LMPOP 1 l UP
    LMPOP 1 l LEFT COUNT
    LMPOP 1 l LEFT COUNT 0
    LMPOP 1 l LEFT COUNT -1
    LMPOP 1 l LEFT COUNT abc
    LMPOP 1 l LEFT COUNT 1 COUNT 1
    LMPOP 1 l LEFT COUNT 0 COUNT 1
    LMPOP 1 l LEFT BOGUS 1
    LMPOP 1 l LEFT 1
    LMPOP 1 l
    SET s x
    LMPOP 1 s LEFT
    LMPOP 2 none s LEFT
    RPUSH l a
    LMPOP 2 l s LEFT
    BLMPOP 0 0 l LEFT
    BLMPOP abc 0 l LEFT
    BLMPOP abc 1 l UP
    BLMPOP abc 1 l LEFT
    BLMPOP -1 1 l LEFT
    BLMPOP 0.01 1 l LEFT
    BLMPOP 0.01 2 none s LEFT
    RPUSH l a b c
    BLMPOP 0 2 none l RIGHT COUNT 2
    BRPOPLPUSH none l 0.01
    BRPOPLPUSH l m 0
    BRPOPLPUSH m s 0
    BRPOPLPUSH m l abc
    LRANGE m 0 -1`,
};

/** Elements of the lengths at which one encoding or another changes, in Redis or here. */
const LENGTHS = [
  0, 1, 62, 63, 64, 126, 127, 128, 4095, 4096, 8175, 8192, 16_383, 16_384, 32_768, 65_535, 65_536, 300_000,
];

function parse(script: string): Command[] {
  const lines = script.split('\n').map((line) => line.trim());
  return lines.filter(Boolean).map((line) => line.split(' ').map((word) => (word === '""' ? '' : word)) as Command);
}

function growing(): Command[] {
  const commands: Command[] = [];
  for (let i = 0; i < 3000; i++) {
    commands.push([i % 3 === 0 ? 'LPUSH' : 'RPUSH', 'l', i % 5 === 0 ? `element-${i}` : `${i}`]);
    if (i % 97 === 0) commands.push(['LINSERT', 'l', 'BEFORE', `${i}`, `before-${i}`]);
    if (i % 101 === 0) commands.push(['LINDEX', 'l', i >> 1], ['LSET', 'l', i >> 1, 'x'.repeat(i % 400)]);
    if (i % 250 === 0) commands.push(['LRANGE', 'l', 0, -1], ['OBJECT', 'ENCODING', 'l']);
  }
  for (let i = 0; i < 100; i++) {
    commands.push(['LPOP', 'l', 13], ['RPOP', 'l', 17], ['LREM', 'l', (i % 3) - 1, `${1000 + i * 7}`]);
    if (i % 10 === 0) commands.push(['LRANGE', 'l', -50, -1], ['LLEN', 'l'], ['OBJECT', 'ENCODING', 'l']);
  }
  return commands;
}

function ofEveryLength(): Command[] {
  const values = LENGTHS.map((length, i) => String.fromCharCode(97 + i).repeat(length));
  const commands: Command[] = values.map((value) => ['RPUSH', 'l', value]);
  for (const [i, value] of values.entries()) {
    commands.push(['LINDEX', 'l', i], ['LPOS', 'l', value], ['LPOS', 'l', `${value}-`]);
    commands.push(['LINSERT', 'l', i % 2 === 0 ? 'BEFORE' : 'AFTER', value, values[(i + 5) % values.length]!]);
    commands.push(['LMOVE', 'l', 'm', 'RIGHT', 'LEFT'], ['RPOPLPUSH', 'm', 'm'], ['LSET', 'l', -1, value]);
  }
  for (const value of values) commands.push(['LREM', 'l', 0, value], ['LRANGE', 'l', 0, -1], ['RPOP', 'm', 2]);
  return commands;
}

describeWithOracle('list commands answer as redis-server does', () => {
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

  test('a list that grows beyond its entry and shrinks again', async () => {
    await compareScript(pair, growing());
  });

  test('elements of every length', async () => {
    await compareScript(pair, ofEveryLength());
  });
});
