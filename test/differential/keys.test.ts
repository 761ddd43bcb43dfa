import { afterAll, beforeAll, test } from 'vitest';
import { compareScript, unordered } from '../support/compare.js';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import type { Command } from '../support/raw-client.js';

/** One command per line, words split at blanks; "" is the empty string, \0 and \s in a word are a NUL and a blank. */
const scripts: Record<string, string> = {
  'SORT by the elements themselves': `
    SORT none
    SORT none ALPHA DESC LIMIT 0 10 GET #
    RPUSH l 3 1 2 10 -5 2.5 1e2 0x10 +7 inf -inf
    SORT l
    SORT l ASC
    SORT l DESC
    SORT l desc asc
    SORT l ALPHA
    SORT l ALPHA DESC
    SORT l LIMIT 0 3
    SORT l LIMIT 2 3 DESC
    SORT l LIMIT -3 4
    SORT l LIMIT 100 4
    SORT l LIMIT 9 4
    SORT l LIMIT 0 0
    SORT l LIMIT 0 -1
    SORT l LIMIT 3 -7
    SORT l LIMIT 3 9223372036854775807
    SORT l LIMIT 9223372036854775807 9223372036854775807
    SORT l LIMIT -9223372036854775808 1
    RPUSH nul 2 1\\0x \\0
    SORT nul
    RPUSH ties 1.0 01 1 1.00 +1 2 02 -0 0 +0
    SORT ties
    SORT ties DESC
    RPUSH odd 5 "" \\s7 \\s\\s-1
    SORT odd
    RPUSH words banana apple "" cherry app apples \\xff z
    SORT words
    SORT words ALPHA
    SORT words ALPHA DESC LIMIT 1 3
    RPUSH ends a\\0c a a\\0b b
    SORT ends ALPHA
    SORT ends ALPHA DESC
    SORT ends ALPHA STORE d
    LRANGE d 0 -1
    RPUSH bad 1 2\\s
    SORT bad
    RPUSH integers 3 -1 20 3 100000000000000 -99999999999999 2147483648 -2147483649 4294967296 0 99999999 100000001
    SORT integers
    SORT integers DESC
    SORT integers LIMIT 2 5 GET # GET none_*
    SORT integers DESC STORE d
    LRANGE d 0 -1
    SORT integers BY nosort
    SORT integers ALPHA
    SORT integers BY none_*
    SORT integers BY none_* DESC
    RPUSH integers 123456789012345 -123456789012345 1234567890123456 9007199254740993
    SORT integers
    SORT integers DESC GET #
    RPUSH integers 2.5 007 -0
    SORT integers
    SORT integers BY none_*
    SORT integers STORE d
    LRANGE d 0 -1
    RPUSH nan 1 nan
    SORT nan
    RPUSH text 1 2a
    SORT text
    RPUSH double 9007199254740993 9007199254740992 9007199254740991 -9223372036854775808 9223372036854775807
    SORT double
    RPUSH huge 1 1e400
    SORT huge
    RPUSH tiny 1 1e-400
    SORT tiny
    RPUSH denormal 1 1e-310
    SORT denormal`,
  'SORT by other keys': `
    RPUSH l a b c d
    MSET w_a 3 w_b 1 w_d 2 o_a A o_b B o_d ""
    SORT l
    SORT l BY w_*
    SORT l BY w_* DESC
    SORT l BY w_* LIMIT 1 2
    SORT l BY missing_*
    SORT l BY missing_* DESC
    SORT l BY o_* ALPHA
    SORT l BY o_* ALPHA DESC
    SORT l BY o_*
    SORT l BY nosort
    SORT l BY nosort DESC
    SORT l BY nosort LIMIT 1 2
    SORT l BY nosort DESC LIMIT 1 2
    SORT l BY nosort LIMIT 9 2
    SORT l BY "" GET #
    SORT l BY nosort BY w_*
    SORT l BY w_* BY nosort
    SORT l BY w_*->field
    SORT l BY w_*->
    SORT l BY *->field ALPHA GET #
    SORT l BY w_* GET #
    SORT l BY w_* GET o_*
    SORT l BY w_* GET # GET o_* GET w_* GET none_* GET l
    SORT l BY w_* GET o_*->f GET o_*-> GET ##
    SORT l BY nosort GET w_* GET *
    SET a text
    SORT l BY nosort GET *
    RPUSH w_c list
    SORT l BY w_*
    SORT l BY nosort GET w_*
    DEL l
    RPUSH l 1 2 3
    MSET 1 30 2 20 3 10 x1y 5 x2y 6 x3y 4 *1 9
    SORT l BY *
    SORT l BY x*y GET x*y GET **
    SORT l ALPHA BY x*y
    SET x2y abc
    SORT l BY x*y
    SORT l BY x*y ALPHA
    DEL x2y
    SORT l BY x*y ALPHA
    SORT l BY x*y ALPHA DESC
    MSET x1y a\\0z x2y a x3y a\\0b
    SORT l BY x*y ALPHA
    SORT l BY x*y ALPHA STORE d
    LRANGE d 0 -1`,
  'SORT with STORE': `
    RPUSH l 3 1 2
    SORT l STORE d
    LRANGE d 0 -1
    SET d x
    EXPIRE d 100
    SORT l DESC STORE d
    TTL d
    LRANGE d 0 -1
    SORT l STORE l
    LRANGE l 0 -1
    SORT l LIMIT 0 0 STORE d
    EXISTS d
    SORT none STORE none2
    SET d x
    SORT none STORE d
    EXISTS d
    MSET w_1 a w_3 c
    SORT l GET w_* GET # STORE d
    LRANGE d 0 -1
    SORT l BY nosort DESC STORE d
    LRANGE d 0 -1
    SORT l BY d STORE d STORE e
    LRANGE e 0 -1
    RPUSH l x
    SORT l STORE d
    LRANGE d 0 -1
    SORT_RO l ALPHA
    SORT_RO l STORE d
    SORT_RO l BY nosort GET #
    OBJECT ENCODING d`,
  'SORT and its mistakes': `
    SORT
    SORT_RO
    SET s x
    SORT s
    SORT s FOO
    SORT s LIMIT a 1
    RPUSH l 1 2
    SORT l FOO
    SORT l BY
    SORT l GET
    SORT l STORE
    SORT l LIMIT
    SORT l LIMIT 1
    SORT l LIMIT a b
    SORT l LIMIT 1 b
    SORT l LIMIT 1.5 2
    SORT l LIMIT 1 99999999999999999999
    SORT l ASC DESC ALPHA STORE
    COMMAND GETKEYS SORT l STORE x BY w_* STORE y GET z*
    COMMAND GETKEYS SORT l BY STORE STORE x
    COMMAND GETKEYS SORT l
    COMMAND GETKEYS SORT_RO l GET STORE`,
  'RESTORE and its mistakes': `
    SET s x
    RESTORE k
    RESTORE k 0
    RESTORE s -1 x
    RESTORE k -1 x
    RESTORE k a x
    RESTORE k 99999999999999999999 x
    RESTORE k 0 ""
    RESTORE k 0 123456789
    RESTORE k 0 1234567890
    RESTORE k 0 12345678901
    RESTORE k 0 x IDLETIME -1
    RESTORE k 0 x IDLETIME 1 FREQ 1
    RESTORE k 0 x FREQ 1 IDLETIME 1
    RESTORE k 0 x FREQ 256
    RESTORE k 0 x FREQ -1
    RESTORE k 0 x FREQ
    RESTORE k 0 x FREQ a
    RESTORE k 0 x IDLETIME
    RESTORE k 0 x IDLETIME a
    RESTORE k 0 x FOO
    RESTORE k 0 x IDLETIME 1 IDLETIME 2 FREQ
    RESTORE k 0 x REPLACE REPLACE ABSTTL IDLETIME 1 IDLETIME 2
    RESTORE k 0 x FREQ 1 FREQ 255
    RESTORE s 0 x
    RESTORE s a x
    RESTORE s 0 x FOO
    RESTORE s a x REPLACE
    RESTORE s 0 x REPLACE
    GET s
    DUMP none
    DUMP
    DUMP a b`,
  WAIT: `
    WAIT
    WAIT 0
    WAIT 0 0
    WAIT -1 0
    WAIT 0 10
    WAIT a 0
    WAIT 0 a
    WAIT 0 -1
    WAIT 1 1
    WAIT 1 99999999999999999999`,
  'use under the policies': `
    SET s x
    OBJECT FREQ s
    OBJECT IDLETIME s
    OBJECT FREQ none
    OBJECT FREQ
    CONFIG SET maxmemory-policy allkeys-lfu
    SET t some-text
    OBJECT FREQ t
    OBJECT IDLETIME t
    OBJECT IDLETIME none
    CONFIG SET lfu-log-factor 0
    SET t other-text
    OBJECT FREQ t
    GET t
    GET t
    OBJECT FREQ t
    EXPIRE t 100
    OBJECT FREQ t
    APPEND t more
    OBJECT FREQ t
    RENAME t u
    OBJECT FREQ u
    SET u anew
    OBJECT FREQ u
    SET u 0123456789012345678901234567890123456789012345678901234567890123456789
    OBJECT FREQ u
    PERSIST u
    OBJECT FREQ u
    CONFIG SET lfu-log-factor 10
    CONFIG SET maxmemory-policy volatile-lru
    OBJECT FREQ t
    CONFIG SET maxmemory-policy noeviction`,
  'deadlines at the ends of int64': `
    SET k v
    EXPIRE k 9223372036854775807
    EXPIRE k 9223372036854775808
    EXPIRE k 9223372036854775
    EXPIRE k 9223372036854776
    EXPIRE k -9223372036854775808
    EXPIRE k -9223372036854776
    EXISTS k
    EXPIRE k -9223372036854775
    EXISTS k
    SET k v
    PEXPIRE k 9223372036854775807
    PEXPIRE k 9223372036854775808
    PEXPIRE k -9223372036854775808
    EXISTS k
    SET k v
    PEXPIREAT k 9223372036854775807
    EXISTS k
    EXPIREAT k 9223372036854775807
    EXPIREAT k 9223372036854775
    EXISTS k
    EXPIREAT k -1
    EXISTS k
    SET k v
    PEXPIREAT k -9223372036854775808
    EXISTS k
    SET k v EX 9223372036854775807
    SET k v PX 9223372036854775807
    SET k v PXAT 9223372036854775807
    GETEX k EX 9223372036854775807
    GETEX k PX 9223372036854775807
    EXPIRE k 10 GT LT
    EXPIRE k x NX XX
    EXPIRE k x FOO`,
  patterns: `
    MSET a 1 ab 1 abc 1 a*c 1 a?c 1 a[c 1 a]c 1 a\\c 1 a-c 1 a^c 1 "" 1 * 1 [abc] 1 A 1 aXbXc 1
    KEYS *
    KEYS a*
    KEYS *c
    KEYS a?c
    KEYS a\\?c
    KEYS a\\*c
    KEYS a[b]c
    KEYS a[^b]c
    KEYS a[a-z]c
    KEYS a[z-a]c
    KEYS a[\\]]c
    KEYS a[]]c
    KEYS a[[]c
    KEYS a[b
    KEYS a[
    KEYS a[^
    KEYS a[^]c
    KEYS a[]c
    KEYS a[b-
    KEYS a[b-]c
    KEYS a[-c]c
    KEYS a[\\
    KEYS a\\
    KEYS a\\\\c
    KEYS a\\bc
    KEYS [a-c]
    KEYS [A-Z]
    KEYS ""
    KEYS ?
    KEYS ??
    KEYS **
    KEYS a**c
    KEYS *?
    KEYS ?*
    KEYS *a*b*c*
    KEYS \\[abc\\]
    KEYS [[]abc[]]
    KEYS *]*
    KEYS [^a]*
    KEYS a[^^]c
    KEYS a[\\^]c`,
};

describeWithOracle('commands on keys', () => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await startPair();
  });

  afterAll(() => pair?.stop());

  for (const [name, text] of Object.entries(scripts)) {
    for (const protocol of [2, 3] as const) {
      test(`${name}, in RESP${protocol}`, () => compareScript(pair, parse(text), { protocol }));
    }
  }

  test('patterns of random pieces match alike', async () => {
    const pieces = ['a', 'b', 'c', '*', '?', '[', ']', '[a-b]', '[^a]', '\\', '-', '^', '[\\]b]', '**', '[c-a]', '[^'];
    let seed = Date.now() & 0xffff;
    const next = (limit: number) => ((seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) >>> 8) % limit;
    const word = (from: readonly string[], most: number) =>
      Array.from({ length: next(most + 1) }, () => from[next(from.length)]).join('');
    const keys = Array.from({ length: 200 }, () => word(['a', 'b', 'c', '[', ']', '\\', '-', '^', '*', '?'], 6));
    const commands: Command[] = [['MSET', ...keys.flatMap((key) => [key, '1'])]];
    for (let i = 0; i < 500; i++) commands.push(['KEYS', word(pieces, 6)]);
    await compareScript(pair, commands, { comparators: { keys: unordered } });
  });

  test('long lists of numbers and words are sorted alike', async () => {
    let seed = 7;
    const next = () => (seed = Math.imul(seed, 1103515245) + 12345) >> 8;
    const numbers = Array.from({ length: 3000 }, () => String((next() % 100_000) / 100));
    const words = Array.from({ length: 3000 }, () => Math.abs(next()).toString(36));
    await compareScript(pair, [
      ['RPUSH', 'numbers', ...numbers],
      ['SORT', 'numbers'],
      ['SORT', 'numbers', 'DESC', 'LIMIT', 10, 100],
      ['SORT', 'numbers', 'ALPHA'],
      ['RPUSH', 'words', ...words],
      ['SORT', 'words', 'ALPHA'],
      ['SORT', 'words', 'ALPHA', 'DESC', 'STORE', 'stored'],
      ['LRANGE', 'stored', 0, -1],
      ['RPUSH', 'long', 'x'.repeat(70_000), `${'x'.repeat(70_000)}y`, 'w'.repeat(20_000), 'z'],
      ['SORT', 'long', 'ALPHA'],
      ['SORT', 'long', 'ALPHA', 'DESC', 'STORE', 'stored'],
      ['LRANGE', 'stored', 0, -1],
      ['SORT', 'long'],
    ]);
  });
});

function parse(text: string): Command[] {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '').map((line) => line.split(' ').map(wordOf));
}

function wordOf(word: string): string | Buffer {
  if (word === '""') return '';
  const plain = word.replace(/\\0/g, '\0').replace(/\\s/g, ' ').replace(/\\xff/g, '\xff');
  return plain.includes('\xff') ? Buffer.from(plain, 'latin1') : plain;
}
