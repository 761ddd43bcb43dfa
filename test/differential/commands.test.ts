import { afterAll, beforeAll, test } from 'vitest';
import { compareScript } from '../support/compare.js';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import type { Command } from '../support/raw-client.js';

/**
 * One command per line, words split at blanks; "" is the empty string. What redis-server 7.0 answers differently from
 * 7.4 (SCAN with odd cursors or types, CLIENT INFO, COMMAND, HELP texts) is covered by redis-7.4-replies.test.ts.
 */
const scripts: Record<string, string> = {
  'SET and its options': `
    SET k v
    SET k v2 NX
    SET k v2 XX
    SET missing v XX
    SET k v3 GET
    SET fresh v GET
    SET fresh v NX GET
    SET missing2 v XX GET
    SET k v EX 100
    TTL k
    SET k v KEEPTTL
    TTL k
    SET k v
    TTL k
    SET k v PX 100000
    SET k v EXAT 4000000000
    EXPIRETIME k
    SET k v PXAT 4000000000123
    PEXPIRETIME k
    SET k v px 5000000 nx get
    SET k v EX
    SET k v EX abc
    SET k v EX 0
    SET k v EX -1
    SET k v EX 1.5
    SET k v EX 9223372036854775807
    SET k v PX 9223372036854775807
    SET k v EXAT 0
    SET k v PXAT 9223372036854775807
    SET k v NX XX
    SET k v EX 10 PX 10
    SET k v EX 10 KEEPTTL
    SET k v PERSIST
    SET k v GET GET
    SET k v BOGUS
    SET k
    SET
    RPUSH l a
    SET l v GET
    SET l v NX
    SET l v
    TYPE l
    SET "" empty
    GET ""`,
  'GET and its relatives': `
    GET missing
    SET k hello
    GETEX k
    GETEX k EX 100
    TTL k
    GETEX k PERSIST
    TTL k
    GETEX k PX 100000
    GETEX k EXAT 4000000000
    GETEX k PXAT 4000000000001
    PEXPIRETIME k
    GETEX k EX 10 PX 10
    GETEX k EX 0
    GETEX k EX x
    GETEX k NX
    GETEX k KEEPTTL
    GETEX k PERSIST EX 10
    GETEX missing EX 10
    GETEX missing EX 0
    GETEX k EXAT 1
    EXISTS k
    GETDEL k
    SET k v
    GETDEL k
    GETDEL k
    GETSET k a
    GETSET k b
    SETNX k c
    SETNX k2 c
    SETEX k 100 v
    SETEX k 0 v
    SETEX k -5 v
    SETEX k abc v
    SETEX k 9223372036854775807 v
    PSETEX k 100000 v
    PSETEX k 0 v
    PTTL k
    MSET a 1 b 2
    MSET a
    MSET a 1 b
    MGET a b missing
    MSETNX a 1 c 3
    MSETNX c 3 d 4
    MSETNX e
    RPUSH l x
    MGET a l
    GETSET l x
    GETDEL l
    GETEX l
    GET l`,
  'ranges of strings': `
    SETRANGE k 0 ""
    EXISTS k
    SETRANGE k 5 hello
    GET k
    SETRANGE k 2 XY
    GET k
    SETRANGE k -1 x
    SETRANGE k x x
    SETRANGE k 536870911 xy
    SETRANGE k 9223372036854775807 x
    SETRANGE k 3 ""
    STRLEN k
    STRLEN missing
    SET k hello
    GETRANGE k 0 -1
    GETRANGE k 1 2
    GETRANGE k -3 -2
    GETRANGE k 3 1
    GETRANGE k -100 2
    GETRANGE k 2 100
    GETRANGE k 10 20
    GETRANGE k -1 -5
    GETRANGE k -100 -90
    GETRANGE k x 1
    GETRANGE k 0 9223372036854775807
    GETRANGE k -9223372036854775808 -1
    GETRANGE missing 0 -1
    SET n 12345
    GETRANGE n 1 3
    SETRANGE n 1 9
    OBJECT ENCODING n
    APPEND k !
    APPEND fresh abc
    OBJECT ENCODING fresh
    APPEND num 12
    OBJECT ENCODING num
    APPEND num 34
    OBJECT ENCODING num
    APPEND fresh ""
    GET fresh
    RPUSH l x
    APPEND l x
    STRLEN l
    SETRANGE l 0 x
    GETRANGE l 0 1`,
  'numbers in strings': `
    INCR n
    INCRBY n 10
    DECR n
    DECRBY n 20
    INCRBY n 9223372036854775807
    INCRBY n 9223372036854775807
    DECRBY n -9223372036854775808
    SET n 9223372036854775807
    INCR n
    DECR n
    SET n -9223372036854775808
    DECR n
    DECRBY n 1
    INCRBY n -1
    INCRBY n x
    INCRBY n 1.0
    INCRBY n ""
    INCRBY n 9223372036854775808
    SET s abc
    INCR s
    SET s " "
    SET s 01
    INCR s
    SET s +1
    INCR s
    SET s -0
    INCR s
    SET s 1.0
    INCR s
    SET s ""
    INCR s
    RPUSH l x
    INCR l
    INCRBYFLOAT l 1
    INCRBYFLOAT f 0.1
    INCRBYFLOAT f 0.2
    INCRBYFLOAT f 5.0e3
    INCRBYFLOAT f -5000.3
    INCRBYFLOAT f 1e-10
    INCRBYFLOAT f inf
    INCRBYFLOAT f -inf
    INCRBYFLOAT f nan
    INCRBYFLOAT f x
    INCRBYFLOAT f ""
    INCRBYFLOAT f 0x10
    INCRBYFLOAT f 1e400
    INCRBYFLOAT f 1_000
    SET f 3.00
    INCRBYFLOAT f 0
    OBJECT ENCODING f
    SET f 10
    INCRBYFLOAT f 5
    OBJECT ENCODING f
    SET f 1e17
    INCRBYFLOAT f 1
    SET f 1e5
    INCRBYFLOAT f 1.5
    SET f 123456789012345678
    INCRBYFLOAT f 0.5
    SET f 0.1
    INCRBYFLOAT f 1e-17
    SET f -0.0
    INCRBYFLOAT f 0
    SET f 17
    INCRBYFLOAT f 1e300
    SET f abc
    INCRBYFLOAT f 1`,
  'encodings of strings': `
    SET k 1
    OBJECT ENCODING k
    OBJECT REFCOUNT k
    SET k 10000
    OBJECT REFCOUNT k
    SET k abc
    OBJECT ENCODING k
    OBJECT REFCOUNT k
    SET k 9223372036854775807
    OBJECT ENCODING k
    SET k 9223372036854775808
    OBJECT ENCODING k
    SET k 00
    OBJECT ENCODING k
    SET k aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    OBJECT ENCODING k
    SET k aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    OBJECT ENCODING k
    SET k ""
    OBJECT ENCODING k
    INCR i
    OBJECT ENCODING i
    OBJECT ENCODING missing
    OBJECT IDLETIME missing
    OBJECT IDLETIME i
    OBJECT FREQ i
    OBJECT FREQ missing
    OBJECT REFCOUNT missing
    OBJECT ENCODING
    OBJECT BOGUS k
    OBJECT
    SETRANGE i 0 5
    OBJECT ENCODING i
    GETSET k 5
    OBJECT ENCODING k
    MSET a 1 b xyz
    OBJECT ENCODING a
    OBJECT ENCODING b
    SETEX k 100 7
    OBJECT ENCODING k`,
  lists: `
    RPUSH l a b c
    LPUSH l z y
    LRANGE l 0 -1
    LLEN l
    LLEN missing
    LINDEX l 0
    LINDEX l -1
    LINDEX l 10
    LINDEX l -10
    LINDEX l x
    LINDEX missing 0
    LINDEX l 9223372036854775807
    LRANGE l 1 2
    LRANGE l -2 -1
    LRANGE l 3 1
    LRANGE l -100 100
    LRANGE l x 1
    LRANGE missing 0 -1
    LPOP l
    RPOP l
    LPOP l 2
    RPOP l 5
    EXISTS l
    LPOP l
    LPOP l 1
    RPOP l 0
    RPUSH l a
    LPOP l 0
    LPOP l -1
    LPOP l x
    LPOP l 1 2
    LPOP l 9223372036854775807
    RPUSH l
    LPUSH l
    LPOP
    RPUSH l 1 2 3
    LMOVE l m LEFT RIGHT
    LMOVE l m RIGHT LEFT
    LMOVE l l LEFT RIGHT
    LMOVE l l left left
    LMOVE missing m LEFT LEFT
    LMOVE l m UP LEFT
    LMOVE l m LEFT
    LRANGE l 0 -1
    LRANGE m 0 -1
    SET s x
    LPUSH s a
    RPUSH s a
    LPOP s
    RPOP s 2
    LLEN s
    LINDEX s 0
    LRANGE s 0 -1
    LMOVE s m LEFT LEFT
    LMOVE m s LEFT LEFT
    LMOVE missing s LEFT LEFT
    LRANGE m 0 -1
    TYPE m
    RPUSH n 1 -1 300 70000 5000000000 9223372036854775807 -9223372036854775808 007
    LRANGE n 0 -1
    RPUSH e "" x ""
    LRANGE e 0 -1`,
  keys: `
    MSET a 1 b 2 c 3
    EXISTS a b a missing
    DEL a a missing
    UNLINK b c
    DBSIZE
    SET a 1
    TYPE a
    TYPE missing
    RENAME a b
    RENAME a b
    RENAME b b
    RENAMENX b b
    RENAMENX missing b
    SET c 3
    RENAMENX b c
    RENAMENX b d
    EXPIRE d 1000
    RENAME d e
    TTL e
    SET f 1
    RENAME f e
    TTL e
    COPY e g
    COPY e g
    COPY e g REPLACE
    COPY e e
    COPY e e DB 0
    COPY e e DB 1
    COPY missing x
    COPY e x DB 99
    COPY e x DB -1
    COPY e x DB abc
    COPY e x BOGUS
    COPY e x DB
    TOUCH e g missing
    KEYS *
    KEYS [a-e]
    KEYS ?
    KEYS nothing
    KEYS
    RANDOMKEY
    SCAN 0
    SCAN 0 COUNT 100 MATCH [eg]
    SCAN 0 TYPE list
    SCAN 0 TYPE STRING
    SCAN x
    SCAN 0 COUNT 0
    SCAN 0 COUNT -1
    SCAN 0 COUNT x
    SCAN 0 BOGUS
    SCAN 0 MATCH
    MOVE e 1
    MOVE e 1
    SET e again
    MOVE e 1
    MOVE e 0
    MOVE e 99
    MOVE e -1
    MOVE e x
    SWAPDB 0 1
    GET e
    SWAPDB 0 0
    SWAPDB 0 99
    SWAPDB x 0
    SWAPDB 0 x
    SELECT 1
    DBSIZE
    SELECT 16
    SELECT -1
    SELECT x
    SELECT 15
    FLUSHDB
    FLUSHDB ASYNC
    FLUSHDB SYNC
    FLUSHDB BOGUS
    FLUSHALL BOGUS
    FLUSHALL SYNC ASYNC
    FLUSHALL ASYNC
    SELECT 0
    DBSIZE
    RANDOMKEY`,
  'patterns of KEYS': `
    MSET hello 1 hallo 2 hxllo 3 hllo 4 h?llo 5 h*llo 6 [x] 7 a-c 8 b 9
    KEYS h?llo
    KEYS h*llo
    KEYS h**llo
    KEYS h[ae]llo
    KEYS h[^e]llo
    KEYS h[a-e]llo
    KEYS h[e-a]llo
    KEYS h\\?llo
    KEYS h\\*llo
    KEYS \\[x\\]
    KEYS [[]x]
    KEYS a[-]c
    KEYS [a
    KEYS [a-
    KEYS [^
    KEYS h[
    KEYS \\
    KEYS *o
    KEYS **********o
    KEYS ""
    KEYS h[\\x]llo
    KEYS H*`,
  deadlines: `
    SET k v
    TTL k
    PTTL k
    EXPIRETIME k
    PEXPIRETIME k
    TTL missing
    PTTL missing
    EXPIRETIME missing
    PEXPIRETIME missing
    EXPIRE k 100
    TTL k
    EXPIRE missing 100
    PEXPIRE k 100000
    EXPIREAT k 4000000000
    EXPIRETIME k
    PEXPIREAT k 4000000000123
    PEXPIRETIME k
    EXPIRETIME k
    EXPIREAT k 3000000000 GT
    EXPIREAT k 3000000000 LT
    EXPIREAT k 5000000000 GT
    EXPIREAT k 6000000000 NX
    EXPIREAT k 6000000000 XX
    PERSIST k
    PERSIST k
    PERSIST missing
    EXPIREAT k 4000000000 GT
    EXPIREAT k 4000000000 LT
    PERSIST k
    EXPIREAT k 4000000000 XX
    EXPIREAT k 4000000000 NX
    EXPIRE k 10 NX XX
    EXPIRE k 10 NX GT
    EXPIRE k 10 NX LT
    EXPIRE k 10 GT LT
    EXPIRE k 10 XX GT
    EXPIRE k 10 BOGUS
    EXPIRE missing 10 BOGUS
    EXPIRE k x
    EXPIRE k
    EXPIRE k 9223372036854775807
    EXPIRE k 9223372036854775
    EXPIRE k -9223372036854775808
    PEXPIRE k 9223372036854775807
    EXPIREAT k 9223372036854775807
    PEXPIREAT k 9223372036854775807
    PEXPIRETIME k
    EXPIRE k -1
    EXISTS k
    SET k v
    PEXPIRE k 0
    EXISTS k
    SET k v
    EXPIREAT k 1
    EXISTS k
    SET k v
    PEXPIREAT k -1
    EXISTS k
    SET k 1 EX 1000
    INCR k
    APPEND k 0
    SETRANGE k 0 5
    TTL k
    GETSET k x
    TTL k
    RPUSH l a b
    EXPIRE l 1000
    LPOP l
    TTL l
    LPOP l
    RPUSH l c
    TTL l`,
  connection: `
    PING
    PING hello
    PING a b
    ECHO hello
    ECHO
    ECHO a b
    SELECT 3
    SET k 3
    RESET
    GET k
    AUTH
    AUTH x
    AUTH default x
    AUTH nobody x
    AUTH a b c
    HELLO 1
    HELLO 4
    HELLO x
    HELLO 3 BOGUS
    HELLO 3 AUTH default
    HELLO 3 SETNAME
    HELLO 2 SETNAME "with blank"
    HELLO 2 AUTH default wrong
    CLIENT GETNAME
    CLIENT SETNAME me
    CLIENT GETNAME
    CLIENT SETNAME ""
    CLIENT GETNAME
    CLIENT SETNAME
    CLIENT ID
    CLIENT ID x
    CLIENT KILL 1.2.3.4:5
    CLIENT KILL ID x
    CLIENT KILL ID 0
    CLIENT KILL ID 999999999
    CLIENT KILL TYPE bogus
    CLIENT KILL USER nobody
    CLIENT KILL ADDR 1.2.3.4:5
    CLIENT KILL LADDR 1.2.3.4:5 ID 7
    CLIENT KILL SKIPME maybe
    CLIENT KILL BOGUS x
    CLIENT KILL
    CLIENT LIST TYPE bogus
    CLIENT LIST ID x
    CLIENT LIST BOGUS
    CLIENT REPLY ON
    CLIENT REPLY BOGUS
    CLIENT REPLY
    CLIENT BOGUS
    CLIENT
    QUIT
    PING`,
  'CLIENT REPLY': `
    CLIENT REPLY ON
    PING
    CLIENT REPLY ON`,
  'unknown commands and counts of arguments': `
    BOGUS
    BOGUS a b c
    bogus ""
    GET
    GET a b
    DEL
    EXISTS
    MGET
    LRANGE l 0
    PING a b c
    DBSIZE x
    TIME x
    TIME
    LASTSAVE
    SAVE x
    BGSAVE BOGUS
    SHUTDOWN BOGUS
    COMMAND BOGUS
    COMMAND COUNT x
    COMMAND GETKEYS GET k
    COMMAND GETKEYS MSET a 1 b 2
    COMMAND GETKEYS BLPOP a b c 0
    COMMAND GETKEYS COPY a b
    COMMAND GETKEYS LMOVE a b LEFT LEFT
    COMMAND INFO bogus
    COMMAND INFO GET bogus
    CONFIG GET maxmemory
    CONFIG GET bogus
    CONFIG GET
    CONFIG SET
    CONFIG SET maxmemory
    CONFIG SET bogus x
    CONFIG SET maxmemory 100mb
    CONFIG GET maxmemory
    CONFIG SET maxmemory 0
    CONFIG SET maxmemory abc
    CONFIG SET maxmemory 1 maxmemory 2
    CONFIG SET port 1 bogus 2
    CONFIG SET databases 3
    CONFIG SET maxmemory-policy bogus
    CONFIG SET maxmemory-policy allkeys-lru
    CONFIG GET maxmemory-policy
    CONFIG SET maxmemory-policy noeviction
    CONFIG SET appendonly maybe
    CONFIG GET databases timeout
    CONFIG GET data*
    CONFIG BOGUS
    DEBUG SLEEP 0
    DEBUG SLEEP x
    DEBUG SET-ACTIVE-EXPIRE 1
    DEBUG SET-ACTIVE-EXPIRE
    DEBUG BOGUS
    DEBUG OBJECT missing
    DEBUG`,
};

function parse(script: string): Command[] {
  return script
    .trim()
    .split('\n')
    .map((line) => (line.trim().match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replace(/^"(.*)"$/, '$1')));
}

describeWithOracle('commands answer as redis-server does', () => {
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

  test('CLIENT REPLY OFF and SKIP leave out the right replies', async () => {
    const commands: Command[] = [
      ['CLIENT', 'REPLY', 'SKIP'],
      ['PING', 'skipped'],
      ['PING', 'answered'],
      ['CLIENT', 'REPLY', 'OFF'],
      ['PING', 'silent'],
      ['BOGUS'],
      ['CLIENT', 'REPLY', 'ON'],
      ['PING', 'loud'],
      ['QUIT'],
    ];
    await compareScript(pair, commands);
  });
});
