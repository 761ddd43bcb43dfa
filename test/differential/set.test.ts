import { afterAll, beforeAll, test } from 'vitest';
import { type Comparator, compareScript, sameType, setEncoding, unordered } from '../support/compare.js';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import type { Command } from '../support/raw-client.js';

/** One command per line, words split at blanks; "" is the empty string. */
const scripts: Record<string, string> = {
  'adding, removing and asking': `
    SADD s a b c a
    SADD s a
    SADD s "" d
    SCARD s
    SMEMBERS s
    SISMEMBER s a
    SISMEMBER s x
    SISMEMBER s ""
    SISMEMBER none a
    SMISMEMBER s a x "" a
    SMISMEMBER none a b
    SREM s x y
    SREM s a x a
    SREM none a
    SREM s b c "" d e
    EXISTS s
    SCARD s
    SMEMBERS s
    SADD
    SADD s
    SREM s
    SCARD
    SCARD s a
    SISMEMBER s
    SISMEMBER s a b
    SMISMEMBER s
    SMEMBERS
    SMEMBERS s s
    SET str x
    SADD str a
    SREM str a
    SISMEMBER str a
    SMISMEMBER str a
    SCARD str
    SMEMBERS str
    TYPE s
    SADD s 1
    TYPE s
    GET s
    LLEN s`,
  integers: `
    SADD i 3 1 2
    SMEMBERS i
    OBJECT ENCODING i
    SADD i -1 32767 -32768
    SADD i 32768
    SADD i 2147483647 -2147483648 2147483648
    SADD i 9223372036854775807 -9223372036854775808
    SMEMBERS i
    OBJECT ENCODING i
    SISMEMBER i 3
    SISMEMBER i 03
    SISMEMBER i +3
    SISMEMBER i a
    SREM i 03 3
    SADD i 9223372036854775808
    OBJECT ENCODING i
    SMEMBERS i
    SADD j 1 2 01
    OBJECT ENCODING j
    SADD k -0
    OBJECT ENCODING k
    SADD l 0
    OBJECT ENCODING l
    SREM l 0
    EXISTS l
    SADD m 1 2 3 a
    SREM m a
    OBJECT ENCODING m`,
  moving: `
    SADD a x y
    SADD b y z
    SMOVE a b x
    SMOVE a b x
    SMOVE a b y
    EXISTS a
    SMEMBERS b
    SMOVE none b x
    SMOVE b c x
    SMEMBERS c
    SMOVE b b y
    SMOVE b b nothing
    SET str 1
    SMOVE str b x
    SMOVE b str y
    SMOVE b str nothing
    SMOVE none str x
    SMOVE a
    SMOVE a b
    SMOVE a b c d
    SADD i 1 2 3
    SMOVE i i2 2
    OBJECT ENCODING i2
    SMOVE b i2 y
    SMEMBERS i2
    OBJECT ENCODING i2`,
  algebra: `
    SADD a 1 2 3 x y z
    SADD b 2 3 4 y z
    SADD c 3 z w
    SADD i 1 2 3 4
    SADD j 3 4 5 70000
    SINTER a
    SINTER a b
    SINTER a b c
    SINTER a a
    SINTER a none
    SINTER none a
    SINTER i j
    SINTER i a
    SINTER a i
    SUNION a b c none
    SUNION i j
    SUNION none
    SUNION a a
    SDIFF a b
    SDIFF a b c
    SDIFF a none
    SDIFF none a
    SDIFF a a
    SDIFF i j
    SDIFF a i
    SDIFF i a
    SUNION a b c i j a b c i j a
    SDIFF a none none c none none none none none none i
    SDIFF a i i i i i i i i i i i
    SET str 1
    SINTER a str
    SINTER none str
    SINTER str none
    SUNION none str
    SDIFF none str
    SINTERCARD 2 none str
    SINTER
    SUNION
    SDIFF`,
  'storing results': `
    SADD a 1 2 3 x y z
    SADD b 2 3 4 y z
    SADD i 1 2 3 4
    SADD j 3 4 5 70000
    SINTERSTORE d a b
    SMEMBERS d
    OBJECT ENCODING d
    SINTERSTORE d i j
    SMEMBERS d
    OBJECT ENCODING d
    EXPIRE d 100
    SUNIONSTORE d a b
    TTL d
    SMEMBERS d
    SUNIONSTORE d i j
    OBJECT ENCODING d
    SDIFFSTORE d a b
    SMEMBERS d
    SDIFFSTORE d a a
    EXISTS d
    SDIFFSTORE d a a
    SINTERSTORE a a b
    SMEMBERS a
    SUNIONSTORE a a i
    SMEMBERS a
    SDIFFSTORE a a b
    SMEMBERS a
    SET str 1
    SINTERSTORE str none a
    EXISTS str
    SET str 1
    SUNIONSTORE str a
    TYPE str
    SET str 1
    SUNIONSTORE d str
    SINTERSTORE d none str
    SDIFFSTORE d none str
    SINTERSTORE d
    SINTERSTORE
    SUNIONSTORE d
    SDIFFSTORE d none
    SUNIONSTORE d none none
    DEL a b
    SADD a 1 2 3 4 x
    SADD b x
    SADD other y
    SDIFFSTORE d a b other
    OBJECT ENCODING d
    SADD a 5
    SDIFFSTORE d a none b other
    OBJECT ENCODING d
    SMEMBERS d
    SDIFFSTORE a a b other
    SDIFFSTORE d a b b b b b
    SADD other 1 2 3 4 5
    SDIFFSTORE d a other b b b b
    EXISTS d`,
  SINTERCARD: `
    SADD a 1 2 3 x y z
    SADD b 2 3 4 y z
    SINTERCARD 2 a b
    SINTERCARD 1 a
    SINTERCARD 2 a none
    SINTERCARD 2 a b LIMIT 0
    SINTERCARD 2 a b LIMIT 2
    SINTERCARD 2 a b limit 100
    SINTERCARD 2 a b LIMIT -1
    SINTERCARD 2 a b LIMIT x
    SINTERCARD 2 a b LIMIT
    SINTERCARD 2 a b LIMIT 1 LIMIT 2
    SINTERCARD 2 a b FOO 1
    SINTERCARD 2 a b c
    SINTERCARD 0 a
    SINTERCARD -1 a
    SINTERCARD x a
    SINTERCARD 3 a b
    SINTERCARD 1
    SINTERCARD
    SINTERCARD 9223372036854775807 a b`,
  'popping and picking': `
    SADD s a
    SPOP s
    EXISTS s
    SPOP s
    SPOP s 1
    SPOP s 0
    SADD s a b c
    SPOP s 0
    SPOP s 3
    EXISTS s
    SADD s a b c
    SPOP s 100
    EXISTS s
    SADD s a
    SPOP s -1
    SPOP s x
    SPOP s 1 2
    SPOP
    SPOP none -1
    SPOP s 9223372036854775807
    SPOP s 9223372036854775808
    SADD s a
    SRANDMEMBER s
    SRANDMEMBER s 0
    SRANDMEMBER s 1
    SRANDMEMBER s 5
    SRANDMEMBER s -3
    SRANDMEMBER none
    SRANDMEMBER none 3
    SRANDMEMBER none -3
    SRANDMEMBER s x
    SRANDMEMBER s 1 2
    SRANDMEMBER s 9223372036854775807
    SRANDMEMBER s 9223372036854775808
    SRANDMEMBER none -9223372036854775808
    SRANDMEMBER none -9223372036854775807
    SADD s b c
    SRANDMEMBER s 3
    SRANDMEMBER s 4
    SET str 1
    SPOP str
    SPOP str 1
    SPOP str 0
    SRANDMEMBER str
    SRANDMEMBER str 1
    SRANDMEMBER str 0`,
  SSCAN: `
    SADD s a b c ab
    SADD i 1 2 3
    SSCAN s 0 COUNT 1000
    SSCAN s 0 MATCH a* COUNT 1000
    SSCAN i 0
    SSCAN i 0 COUNT 1
    SSCAN i 0 MATCH 2
    SSCAN none 0
    SSCAN none 0 COUNT x
    SSCAN none x
    SSCAN s x
    SSCAN s 0 COUNT 0
    SSCAN s 0 COUNT x
    SSCAN s 0 COUNT
    SSCAN s 0 MATCH
    SSCAN s 0 FOO 1
    SSCAN s 0 TYPE set
    SSCAN s
    SET str 1
    SSCAN str 0
    SSCAN str x
    SSCAN str 0 COUNT 0`,
  'keys that hold sets': `
    SADD s a b c
    SADD i 1 2 3
    COPY s t
    SMEMBERS t
    RENAME t u
    SMEMBERS u
    SORT i DESC
    SORT s ALPHA
    SORT s
    SORT s ALPHA DESC LIMIT 0 2
    SORT i BY w_* GET #
    SORT i LIMIT 1 1
    SORT i STORE l
    LRANGE l 0 -1
    TYPE u
    SCAN 0 TYPE set COUNT 1000
    EXPIRE s 100
    SADD s d
    TTL s
    MOVE s 1
    EXISTS s
    SELECT 1
    SMEMBERS s
    SELECT 0
    OBJECT ENCODING u
    OBJECT REFCOUNT u
    DEL u
    SMEMBERS u`,
};

const comparators: Record<string, Comparator> = { 'object encoding': setEncoding };

function parse(script: string): Command[] {
  return script
    .trim()
    .split('\n')
    .map((line) =>
      line
        .trim()
        .split(' ')
        .map((word) => (word === '""' ? '' : word)),
    );
}

describeWithOracle('sets', () => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await startPair();
  });

  afterAll(() => pair?.stop());

  for (const protocol of [2, 3] as const) {
    test.each(Object.entries(scripts))(`%s, RESP${protocol}`, async (name, script) => {
      const more = name === 'popping and picking' ? { spop: unordered, srandmember: unordered } : {};
      await compareScript(pair, parse(script), { protocol, comparators: { ...comparators, ...more } });
    });
  }

  test('of every size have the encoding that they have in Redis', async () => {
    const commands: Command[] = [];
    for (let i = 0; i < 520; i++) commands.push(['SADD', 'i', i], ['OBJECT', 'ENCODING', 'i'], ['SCARD', 'i']);
    for (let i = 0; i < 600; i++) commands.push(['SADD', 's', `m${i}`], ['SISMEMBER', 's', `m${i >> 1}`]);
    commands.push(['SMEMBERS', 's'], ['SMEMBERS', 'i'], ['SADD', 'i', 'x'], ['SADD', 'big', 'x'.repeat(70_000)]);
    for (const other of ['i', 's', 'big']) {
      commands.push(['SINTER', 's', other], ['SUNION', other, 's'], ['SDIFF', other, 's'], ['SDIFF', 's', other]);
      commands.push(
        ['SUNIONSTORE', 'u', other, 's'],
        ['SCARD', 'u'],
        ['SINTERSTORE', 'n', other, 'u'],
        ['SMEMBERS', 'n'],
      );
    }
    for (let i = 0; i < 600; i++)
      commands.push(['SREM', 's', `m${i}`], ['SCARD', 's'], ['SISMEMBER', 's', `m${i + 1}`]);
    commands.push(['EXISTS', 's'], ['SRANDMEMBER', 'i'], ['SPOP', 'u', 3]);
    await compareScript(pair, commands, { comparators: { ...comparators, spop: sameType, srandmember: sameType } });
  });
});
