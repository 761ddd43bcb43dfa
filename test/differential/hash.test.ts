import { afterAll, beforeAll, test } from 'vitest';
import { compareScript } from '../support/compare.js';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import type { Command } from '../support/raw-client.js';

const LONG = 'x'.repeat(65);

/** One command per line, words split at blanks; "" is the empty string, LONG a word too long for a listpack. */
const scripts: Record<string, string> = {
  'setting and getting fields': `
    HSET h a 1 b two c -7
    HSET h a 2 d 4
    HSET h a 1 a 2 a 3
    HGET h a
    HGET h none
    HGET none a
    HMGET h a none b a
    HMGET none a b
    HMSET h e 5 f 6
    HSETNX h a 9
    HSETNX h g 9
    HSETNX new f v
    HGETALL h
    HGETALL none
    HKEYS h
    HVALS h
    HKEYS none
    HVALS none
    HLEN h
    HLEN none
    HSTRLEN h b
    HSTRLEN h c
    HSTRLEN h none
    HSTRLEN none a
    HEXISTS h a
    HEXISTS h none
    HEXISTS none a
    HSET h "" ""
    HGET h ""
    HDEL h a none a b
    HDEL none a
    HDEL h c d e f g ""
    EXISTS h
    HSET h 007 1 +1 2 -0 3 9223372036854775807 4 9223372036854775808 5
    HGETALL h
    HGET h 7
    HGET h 007`,
  'wrong types and arguments': `
    SET s x
    HSET s a 1
    HSETNX s a 1
    HMSET s a 1
    HGET s a
    HMGET s a
    HGETALL s
    HKEYS s
    HVALS s
    HLEN s
    HSTRLEN s a
    HEXISTS s a
    HDEL s a
    HINCRBY s a 1
    HINCRBYFLOAT s a 1
    HINCRBY s a x
    HINCRBYFLOAT s a x
    HRANDFIELD s
    HRANDFIELD s 1
    HRANDFIELD s x
    HSCAN s 0
    HSCAN s x
    HSCAN s 0 BAD
    HSCAN none 0 BAD
    HSCAN none 0 COUNT 0
    HSCAN none x
    HSET h a
    HSET h a 1 b
    HMSET h a
    HMSET h a 1 b
    HMSET s a
    HSET h
    HGET h
    HGET h a b
    HMGET h
    HDEL h
    HSTRLEN h
    HINCRBY h a
    HSET h a 1
    GET h
    INCR h
    LPUSH h a
    HSCAN h 0 COUNT
    HSCAN h 0 COUNT 0
    HSCAN h 0 COUNT x
    HSCAN h 0 MATCH
    HSCAN h 0 MATCH * COUNT 10 BAD
    HRANDFIELD h x WITHVALUES
    HRANDFIELD h x FOO
    HRANDFIELD h 1 FOO
    HRANDFIELD h 1 WITHVALUES x
    HRANDFIELD h -9223372036854775808
    HRANDFIELD h 4611686018427387904 WITHVALUES
    HRANDFIELD h -4611686018427387904 WITHVALUES
    HRANDFIELD h 9223372036854775807`,
  counting: `
    HINCRBY h n 5
    HINCRBY h n -7
    HGET h n
    HSET h text abc half 3.5 max 9223372036854775807 min -9223372036854775808 inf inf blank "" long LONG
    HINCRBY h text 1
    HINCRBY h half 1
    HINCRBY h max 1
    HINCRBY h min -1
    HINCRBY h max -9223372036854775807
    HINCRBY h max -9223372036854775808
    HINCRBY h n 9223372036854775807
    HINCRBY h n 9223372036854775808
    HINCRBY h n 1.5
    HINCRBY h blank 1
    HINCRBY h long 1
    HINCRBYFLOAT h half 1.25
    HINCRBYFLOAT h half -1e3
    HINCRBYFLOAT h half inf
    HINCRBYFLOAT h half nan
    HINCRBYFLOAT h half x
    HINCRBYFLOAT h text 1
    HINCRBYFLOAT h inf 1
    HINCRBYFLOAT h blank 1
    HINCRBYFLOAT h new 0.1
    HINCRBYFLOAT h new 0.2
    HINCRBYFLOAT other f 3.0e3
    HGETALL other
    HINCRBYFLOAT h max 1
    HINCRBYFLOAT h half 1e100`,
  'what OBJECT ENCODING says': `
    HSET a f LONG
    OBJECT ENCODING a
    HSET b LONG v
    OBJECT ENCODING b
    HSETNX c f LONG
    OBJECT ENCODING c
    HSET d f v
    HSETNX d f LONG
    OBJECT ENCODING d
    HINCRBY d LONG 1
    OBJECT ENCODING d
    HDEL d LONG
    OBJECT ENCODING d
    HSET e f 1
    HINCRBYFLOAT e f 1e100
    OBJECT ENCODING e
    CONFIG SET hash-max-listpack-entries 2
    HSET f a 1 b 2
    OBJECT ENCODING f
    HSET f a 2
    OBJECT ENCODING f
    HSET f c 2
    OBJECT ENCODING f
    HDEL f a b
    OBJECT ENCODING f
    HSET g a 1 a 2 a 3 a 4
    OBJECT ENCODING g
    HSET i a 1 b 2
    CONFIG SET hash-max-ziplist-entries 1
    CONFIG GET hash-max-listpack-entries
    HSET i a 2
    OBJECT ENCODING i
    CONFIG SET hash-max-listpack-entries 512
    HSET j a 1
    COPY i k
    OBJECT ENCODING k
    CONFIG SET hash-max-listpack-value 0
    HSET j a 1
    OBJECT ENCODING j
    CONFIG SET hash-max-listpack-value 64`,
  'sampling and scanning': `
    HSET h a 1 b 2 c 3
    HRANDFIELD h
    HRANDFIELD h 0
    HRANDFIELD h 2
    HRANDFIELD h 10
    HRANDFIELD h 10 WITHVALUES
    HRANDFIELD h -5
    HRANDFIELD h -5 WITHVALUES
    HRANDFIELD none
    HRANDFIELD none 2
    HRANDFIELD none -2 WITHVALUES
    HSCAN h 0
    HSCAN h 0 MATCH [ab]
    HSCAN h 0 MATCH z
    HSCAN none 0
    HSCAN none 5
    SORT h
    HSET w_1 f 3
    HSET w_2 f 1
    HSET w_3 f 2
    RPUSH l 1 2 3
    SORT l BY w_*->f
    SORT l BY w_*->f GET w_*->f GET # GET w_*->none
    SORT l GET w_*->
    SORT l BY w_*->none ALPHA`,
};

function parse(script: string): Command[] {
  const lines = script.split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '')
    .map((line) => line.split(' ').map((word) => (word === '""' ? '' : word === 'LONG' ? LONG : word)));
}

describeWithOracle('hash commands', () => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await startPair();
  });

  afterAll(() => pair?.stop());

  test.each(Object.keys(scripts))('%s', async (name) => {
    await compareScript(pair, parse(scripts[name]!));
    await compareScript(pair, parse(scripts[name]!), { protocol: 3 });
  });
});
