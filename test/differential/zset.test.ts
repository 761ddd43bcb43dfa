import { afterAll, beforeAll, test } from 'vitest';
import { compareScript } from '../support/compare.js';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import type { Command } from '../support/raw-client.js';

/** One command per line, words split at blanks; "" is the empty string. */
const scripts: Record<string, string> = {
  'adding members': `
    ZADD z 1 a 2 b 3 c
    ZADD z 1 a 4 b
    ZADD z CH 1 a 5 b 6 d
    ZADD z NX 9 a 9 e
    ZADD z XX 9 a 9 f
    ZADD z GT 8 a
    ZADD z GT CH 10 a
    ZADD z LT CH 11 a
    ZADD z LT CH 2 a 3 g
    ZADD z GT XX CH 1 a 3 h
    ZADD z INCR 5 a
    ZADD z INCR NX 5 a
    ZADD z INCR XX 5 none
    ZADD z INCR GT -5 a
    ZADD z INCR LT -5 a
    ZADD z incr lt 5 a
    ZADD z INCR 0 a
    ZADD none XX 1 a
    ZADD none XX INCR 1 a
    EXISTS none
    ZRANGE z 0 -1 WITHSCORES
    ZADD z NX XX 1 a
    ZADD z NX GT 1 a
    ZADD z NX LT 1 a
    ZADD z GT LT 1 a
    ZADD z INCR 1 a 2 b
    ZADD z
    ZADD z 1
    ZADD z x a
    ZADD z nan a
    ZADD z NX
    ZADD z 1 a 2
    ZADD z NX 1
    ZADD z CH CH
    ZADD z 1 a x b
    ZADD z INCR inf i
    ZADD z INCR -inf i
    ZINCRBY z -inf i
    ZINCRBY z 1.5 a
    ZINCRBY z x a
    ZINCRBY z nan a
    ZINCRBY z 1
    ZINCRBY new 3 m
    ZINCRBY new -3 m
    ZSCORE new m
    ZADD z 1 "" 2 ""
    ZSCORE z ""
    ZRANGE z 0 -1 WITHSCORES
    SET s x
    ZADD s 1 a
    ZADD s x a
    ZINCRBY s 1 a
    ZADD s XX 1 a
    ZADD z NX NX CH 1 zz
    ZADD z 0x10 hex +5 plus .5 point 5. dot 1e2 exponent -.5e0 small Infinity inf -INF minus
    ZRANGE z 0 -1 WITHSCORES`,
  'scores of zero': `
    ZADD z -0 a 0 b
    ZSCORE z a
    ZRANGE z 0 -1 WITHSCORES
    ZADD z CH 0 a
    ZINCRBY z -0 new
    ZADD z INCR -0 new2
    CONFIG SET zset-max-listpack-entries 0
    ZADD s -0 a 0 b
    ZSCORE s a
    ZADD s CH 0 a
    ZSCORE s a
    ZADD s CH -0 b
    ZSCORE s b
    ZINCRBY s -0 new
    ZINCRBY s 0 new
    ZSCORE s new
    ZUNIONSTORE u 1 z WEIGHTS -1
    ZRANGE u 0 -1 WITHSCORES
    OBJECT ENCODING u
    CONFIG SET zset-max-listpack-entries 128
    ZUNIONSTORE v 1 s WEIGHTS -1
    ZRANGE v 0 -1 WITHSCORES
    ZUNION 1 s WEIGHTS -1 WITHSCORES
    ZUNION 1 v WEIGHTS -1 WITHSCORES
    OBJECT ENCODING v
    ZADD v 1 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    OBJECT ENCODING v
    ZRANGE v 0 -1 WITHSCORES
    ZRANGESTORE w v 0 -1
    OBJECT ENCODING w
    ZRANGE w 0 1 WITHSCORES
    ZRANGESTORE w s 0 -1
    OBJECT ENCODING w
    ZRANGE w 0 -1 WITHSCORES
    ZSCAN s 0 MATCH a
    ZSCAN w 0 MATCH a`,
  'single members': `
    ZADD z 1 a 2 b 2 c inf d -inf e
    ZCARD z
    ZCARD none
    ZSCORE z a
    ZSCORE z none
    ZSCORE none a
    ZMSCORE z a none d e
    ZMSCORE none a b
    ZMSCORE z
    ZRANK z a
    ZRANK z c
    ZREVRANK z c
    ZRANK z none
    ZREVRANK none a
    ZRANK z
    ZSCORE z
    ZCARD
    SET s x
    ZCARD s
    ZSCORE s a
    ZMSCORE s a
    ZRANK s a
    ZREVRANK s a
    ZRANDMEMBER s
    ZRANDMEMBER none
    ZRANDMEMBER none 5
    ZRANDMEMBER z 0
    ZRANDMEMBER z x
    ZRANDMEMBER z 1 foo
    ZRANDMEMBER z 1 WITHSCORES 1
    ZRANDMEMBER z -9223372036854775808
    ZRANDMEMBER z -9223372036854775808 WITHSCORES
    ZRANDMEMBER none -9223372036854775808
    ZRANDMEMBER z -4611686018427387905 WITHSCORES
    ZRANDMEMBER z 4611686018427387999 WITHSCORES
    ZADD one 1 a
    ZRANDMEMBER one
    ZRANDMEMBER one 5
    ZRANDMEMBER one -3
    ZRANDMEMBER one -2 WITHSCORES
    ZRANDMEMBER one 2 WITHSCORES
    ZSCAN z 0
    ZSCAN z 0 COUNT 1
    ZSCAN z 0 MATCH a*
    ZSCAN z 0 MATCH a COUNT 100
    ZSCAN z 0 MATCH *
    ZSCAN z x
    ZSCAN z 0 COUNT 0
    ZSCAN z 0 COUNT x
    ZSCAN z 0 COUNT
    ZSCAN z 0 foo
    ZSCAN z 0 TYPE zset
    ZSCAN none 0 foo
    ZSCAN none x
    ZSCAN s 0
    ZSCAN z 99`,
  'ranges by rank': `
    ZADD z 1 a 2 b 3 c 4 d 5 e
    ZRANGE z 0 -1
    ZRANGE z 1 3 WITHSCORES
    ZRANGE z -2 -1
    ZRANGE z -100 1
    ZRANGE z 3 100
    ZRANGE z 3 2
    ZRANGE z 5 10
    ZRANGE z 0 -6
    ZRANGE z 0 -1 REV
    ZRANGE z 1 2 REV WITHSCORES
    ZRANGE z -2 -1 REV
    ZRANGE z -100 0 REV
    ZRANGE z 4 100 REV
    ZREVRANGE z 0 -1
    ZREVRANGE z 0 1 WITHSCORES
    ZREVRANGE z 1 1 withscores
    ZRANGE z a b
    ZRANGE z 0 b
    ZRANGE z 0 -1 foo
    ZRANGE z 0 -1 LIMIT 0 1
    ZRANGE z 0 -1 LIMIT 0 -1
    ZRANGE z 0 -1 LIMIT 1 -1
    ZRANGE z 0 -1 LIMIT 0
    ZRANGE z 0 -1 LIMIT x 1
    ZRANGE z 0 -1 WITHSCORES WITHSCORES REV REV
    ZREVRANGE z 0 -1 REV
    ZREVRANGE z 0 -1 BYSCORE
    ZREVRANGE z 0 -1 LIMIT 0 1
    ZRANGE none 0 -1
    ZRANGE none x y
    ZRANGE z
    ZRANGE z -9223372036854775808 9223372036854775807
    ZRANGE z 9223372036854775807 9223372036854775807
    SET s x
    ZRANGE s 0 -1
    ZREVRANGE s 0 -1`,
  'ranges by score': `
    ZADD z -inf m 1 a 2 b 2 c 3 d 3.5 e inf p
    ZRANGEBYSCORE z 1 3
    ZRANGEBYSCORE z (1 3 WITHSCORES
    ZRANGEBYSCORE z (1 (3
    ZRANGEBYSCORE z -inf +inf
    ZRANGEBYSCORE z (-inf (inf
    ZRANGEBYSCORE z inf -inf
    ZRANGEBYSCORE z 2 2
    ZRANGEBYSCORE z (2 2
    ZRANGEBYSCORE z (2 (2
    ZRANGEBYSCORE z 3 1
    ZRANGEBYSCORE z 1 3 LIMIT 1 2
    ZRANGEBYSCORE z 1 3 LIMIT 0 0
    ZRANGEBYSCORE z 1 3 LIMIT 2 -1
    ZRANGEBYSCORE z 1 3 LIMIT -1 2
    ZRANGEBYSCORE z 1 3 LIMIT 9 2
    ZRANGEBYSCORE z 1 3 LIMIT 0 -5 WITHSCORES
    ZREVRANGEBYSCORE z 3 1
    ZREVRANGEBYSCORE z (3 1 WITHSCORES LIMIT 1 1
    ZREVRANGEBYSCORE z 3 1 LIMIT -1 2
    ZREVRANGEBYSCORE z 1 3
    ZREVRANGEBYSCORE z +inf -inf LIMIT 5 10
    ZRANGE z 1 3 BYSCORE
    ZRANGE z 3 1 BYSCORE REV LIMIT 0 2 WITHSCORES
    ZRANGE z 1 3 BYSCORE REV
    ZRANGE z (1 (3 BYSCORE LIMIT 1 1
    ZRANGE z x y BYSCORE
    ZRANGE z 1 (x BYSCORE
    ZRANGE z "" 2 BYSCORE
    ZRANGE z ( 2 BYSCORE
    ZRANGE z ((1 2 BYSCORE
    ZRANGE z nan 2 BYSCORE
    ZRANGE z -1e400 1e400 BYSCORE
    ZRANGE z 1e-400 2 BYSCORE
    ZRANGE z 0x1 0x2 BYSCORE
    ZRANGE z 1 3 BYSCORE BYLEX
    ZRANGE z 1 3 BYSCORE BYSCORE
    ZRANGE z 1 3 LIMIT 0 1 BYSCORE
    ZRANGEBYSCORE z 1 3 REV
    ZRANGEBYSCORE z 1 3 LIMIT 1
    ZRANGEBYSCORE z 1 3 LIMIT 1 x
    ZRANGEBYSCORE none 1 3
    ZRANGEBYSCORE none x 3
    ZCOUNT z 1 3
    ZCOUNT z (1 (3
    ZCOUNT z -inf inf
    ZCOUNT z 3 1
    ZCOUNT z x 1
    ZCOUNT none 1 3
    ZCOUNT z nan 1
    SET s x
    ZCOUNT s 1 2
    ZRANGEBYSCORE s 1 2`,
  'ranges by member': `
    ZADD z 0 a 0 b 0 c 0 cc 0 d 0 e
    ZRANGEBYLEX z - +
    ZRANGEBYLEX z [b [d
    ZRANGEBYLEX z (b (d
    ZRANGEBYLEX z (b +
    ZRANGEBYLEX z - (b
    ZRANGEBYLEX z + -
    ZRANGEBYLEX z - -
    ZRANGEBYLEX z + +
    ZRANGEBYLEX z [d [b
    ZRANGEBYLEX z [b (b
    ZRANGEBYLEX z [b [b
    ZRANGEBYLEX z [ [b
    ZRANGEBYLEX z ( [b
    ZRANGEBYLEX z - + LIMIT 1 2
    ZRANGEBYLEX z - + LIMIT -1 2
    ZRANGEBYLEX z - + LIMIT 1 -2
    ZREVRANGEBYLEX z + -
    ZREVRANGEBYLEX z [d [b
    ZREVRANGEBYLEX z [d (b LIMIT 1 1
    ZRANGE z [b [d BYLEX
    ZRANGE z [d [b BYLEX REV
    ZRANGE z - + BYLEX LIMIT 0 3
    ZRANGE z - + BYLEX WITHSCORES
    ZRANGEBYLEX z - + WITHSCORES
    ZRANGEBYLEX z a b
    ZRANGEBYLEX z [a b
    ZRANGEBYLEX z -a +
    ZRANGEBYLEX z "" +
    ZRANGEBYLEX none a b
    ZRANGEBYLEX none [a [b
    ZLEXCOUNT z - +
    ZLEXCOUNT z [b (d
    ZLEXCOUNT z + -
    ZLEXCOUNT z a b
    ZLEXCOUNT none - +
    ZADD m 1 c 2 a 3 d 4 b 5 e
    ZRANGEBYLEX m [b [d
    ZRANGEBYLEX m - [c
    ZRANGEBYLEX m [c +
    ZRANGEBYLEX m (d +
    ZREVRANGEBYLEX m [d [b
    ZREVRANGEBYLEX m + [c
    ZREVRANGEBYLEX m [c -
    ZLEXCOUNT m [b [d
    ZLEXCOUNT m - [c
    ZREMRANGEBYLEX m [d +
    ZRANGE m 0 -1
    SET s x
    ZRANGEBYLEX s - +
    ZLEXCOUNT s - +`,
  'removing members': `
    ZADD z 1 a 2 b 3 c 4 d 5 e 6 f 7 g
    ZREM z a none b
    ZREM z none
    ZREM none a
    ZREM z
    ZREMRANGEBYRANK z 0 0
    ZREMRANGEBYRANK z 10 20
    ZREMRANGEBYRANK z -1 -1
    ZREMRANGEBYRANK z x 1
    ZREMRANGEBYRANK none 0 1
    ZREMRANGEBYSCORE z (4 5
    ZREMRANGEBYSCORE z x 5
    ZREMRANGEBYSCORE z 9 1
    ZREMRANGEBYSCORE none 1 9
    ZRANGE z 0 -1 WITHSCORES
    ZREM z d f
    EXISTS z
    ZADD z 0 a 0 b 0 c
    ZREMRANGEBYLEX z [a (c
    ZREMRANGEBYLEX z a c
    ZREMRANGEBYLEX z - +
    EXISTS z
    ZADD z 1 a 2 b 3 c 4 d
    ZREMRANGEBYRANK z 0 -1
    EXISTS z
    ZADD z 1 a 2 b
    ZREMRANGEBYSCORE z -inf inf
    EXISTS z
    ZADD z 1 a
    ZREM z a a a
    SET s x
    ZREM s a
    ZREMRANGEBYRANK s 0 1
    ZREMRANGEBYSCORE s 0 1
    ZREMRANGEBYLEX s - +
    ZREMRANGEBYRANK s x 1`,
  popping: `
    ZADD z 1 a 2 b 3 c 4 d 5 e 6 f 7 g 8 h 9 i
    ZPOPMIN z
    ZPOPMAX z
    ZPOPMIN z 2
    ZPOPMAX z 2
    ZPOPMIN z 0
    ZPOPMIN z -1
    ZPOPMIN z x
    ZPOPMIN z 1 2
    ZPOPMIN none
    ZPOPMIN none 2
    ZPOPMIN
    ZMPOP 2 none z MIN
    ZMPOP 1 z MAX COUNT 2
    ZMPOP 1 none MAX
    ZMPOP 1 none MAX COUNT 3
    ZMPOP 0 z MIN
    ZMPOP x z MIN
    ZMPOP 1 z foo
    ZMPOP 1 z MIN COUNT 0
    ZMPOP 1 z MIN COUNT x
    ZMPOP 1 z MIN COUNT 1 COUNT 1
    ZMPOP 2 z MIN
    ZMPOP 1 z MIN foo
    ZADD z 1 a 2 b 3 c
    BZPOPMIN none z 0
    BZPOPMAX z 0
    BZMPOP 0 2 none z MIN COUNT 10
    EXISTS z
    BZPOPMIN z x
    BZPOPMIN z -1
    BZMPOP x 1 z MIN
    BZMPOP 0 0 z MIN
    BZMPOP 0 1 z foo
    BZPOPMIN z 0.01
    BZPOPMAX z none 0.01
    BZMPOP 0.01 1 z MAX
    ZADD z 1 a 2 b
    ZPOPMAX z 10
    EXISTS z
    SET s x
    ZPOPMIN s
    ZPOPMIN s 0
    ZPOPMAX s 2
    ZMPOP 1 s MIN
    BZPOPMIN s 0
    BZPOPMIN none s 0
    BZMPOP 0 1 s MIN`,
  algebra: `
    ZADD a 1 x 2 y 3 z
    ZADD b 10 y 20 z 30 w
    ZADD c inf y -inf z 0.5 v
    ZUNION 2 a b
    ZUNION 2 a b WITHSCORES
    ZUNION 3 a b c WITHSCORES
    ZUNION 2 a b WEIGHTS 2 3 WITHSCORES
    ZUNION 2 a b AGGREGATE MIN WITHSCORES
    ZUNION 2 a b WITHSCORES AGGREGATE MAX
    ZUNION 2 a c WEIGHTS 1 0 WITHSCORES
    ZUNION 2 c c WEIGHTS 1 -1 WITHSCORES
    ZUNION 2 a none WITHSCORES
    ZUNION 1 none
    ZINTER 2 a b WITHSCORES
    ZINTER 3 a b c WITHSCORES
    ZINTER 2 a b AGGREGATE MAX WEIGHTS 1 0.5 WITHSCORES
    ZINTER 2 a c WEIGHTS 1 0 WITHSCORES
    ZINTER 2 c a WEIGHTS 0 1 AGGREGATE MIN WITHSCORES
    ZINTER 2 a c WEIGHTS 1 0 AGGREGATE MAX WITHSCORES
    ZINTER 2 a none
    ZINTER 2 a a WITHSCORES
    ZINTER 1 a WITHSCORES
    ZDIFF 2 a b WITHSCORES
    ZDIFF 2 b a
    ZDIFF 1 a WITHSCORES
    ZDIFF 2 a none
    ZDIFF 2 none a
    ZDIFF 2 a a
    ZINTERCARD 2 a b
    ZINTERCARD 2 a b LIMIT 1
    ZINTERCARD 2 a b LIMIT 0
    ZINTERCARD 2 a none
    ZINTERCARD 1 a LIMIT -1
    ZINTERCARD 1 a LIMIT x
    ZINTERCARD 1 a LIMIT
    ZINTERCARD 0 a
    ZINTERCARD 2 a
    ZINTERCARD 1 a WITHSCORES
    ZINTERCARD 1 a WEIGHTS 1
    ZINTERCARD 1 a AGGREGATE SUM
    ZINTERCARD 2 a b LIMIT 1 LIMIT 2
    ZUNIONSTORE d 2 a b
    ZRANGE d 0 -1 WITHSCORES
    ZINTERSTORE d 2 a b WEIGHTS 1 2
    ZRANGE d 0 -1 WITHSCORES
    ZDIFFSTORE d 2 a b
    ZRANGE d 0 -1 WITHSCORES
    ZUNIONSTORE a 2 a b
    ZRANGE a 0 -1 WITHSCORES
    ZINTERSTORE d 2 a none
    EXISTS d
    ZUNIONSTORE d 1 none
    ZUNION 0 a
    ZUNION x a
    ZUNION 2 a
    ZUNION -1 a
    ZUNION 1 a WEIGHTS
    ZUNION 1 a WEIGHTS x
    ZUNION 1 a WEIGHTS nan
    ZUNION 1 a WEIGHTS 1 2
    ZUNION 2 a b WEIGHTS 1
    ZUNION 1 a AGGREGATE foo
    ZUNION 1 a AGGREGATE
    ZUNION 1 a foo
    ZUNIONSTORE d 1 a WITHSCORES
    ZUNIONSTORE d 0 a
    ZINTERSTORE d 0 a
    ZDIFFSTORE d 0 a
    ZDIFF 0 a
    ZDIFF 1 a WEIGHTS 1
    ZDIFFSTORE d 1 a WITHSCORES
    ZUNION 1 a WITHSCORES WITHSCORES
    SET s x
    ZUNION 2 a s
    ZUNION 2 s foo WEIGHTS
    ZUNIONSTORE s 1 b
    TYPE s
    SET s x
    ZUNIONSTORE s 1 none
    EXISTS s
    ZRANGESTORE d a 1 2
    ZRANGE d 0 -1 WITHSCORES
    ZRANGESTORE d a 1 11 BYSCORE
    ZRANGE d 0 -1 WITHSCORES
    ZRANGESTORE d a 20 1 BYSCORE REV LIMIT 0 2
    ZRANGE d 0 -1 WITHSCORES
    ZRANGESTORE d a - + BYLEX
    ZRANGE d 0 -1 WITHSCORES
    ZRANGESTORE d none 0 -1
    EXISTS d
    ZRANGESTORE d a 0 -1 WITHSCORES
    ZRANGESTORE d a 0 -1 LIMIT 0 1
    ZRANGESTORE d a x y
    ZRANGESTORE d a
    ZRANGESTORE a a 0 0
    ZRANGE a 0 -1
    SET s x
    ZRANGESTORE d s 0 -1`,
  'other commands on sorted sets': `
    ZADD z 3 a 1 b 2 c
    TYPE z
    OBJECT ENCODING z
    COPY z y
    RENAME y x
    ZRANGE x 0 -1 WITHSCORES
    SORT z ALPHA
    SORT z BY nosort
    SORT z BY nosort DESC
    SORT z BY nosort LIMIT 1 1
    SORT z BY nosort DESC LIMIT 0 2
    SORT z
    APPEND z x
    GET z
    LPUSH z a
    EXPIRE z 100
    ZADD z 4 d
    TTL z
    ZUNIONSTORE z 1 x
    TTL z
    DEL z
    ZCARD z`,
};

function commandsOf(script: string): Command[] {
  return script
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => line.split(/ +/).map((word) => (word === '""' ? '' : word)));
}

for (const entries of ['128', '3', '0']) {
  describeWithOracle(`sorted sets with at most ${entries} members in a listpack`, () => {
    let pair: Pair;

    beforeAll(async () => {
      pair = await startPair({ 'zset-max-listpack-entries': entries });
    });

    afterAll(() => pair?.stop());

    for (const protocol of [2, 3] as const) {
      for (const [name, script] of Object.entries(scripts)) {
        test(`${name} in RESP${protocol}`, () => compareScript(pair, commandsOf(script), { protocol }));
      }
    }
  });
}
