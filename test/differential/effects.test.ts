import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { allCommands } from '../../src/commands/index.js';
import { CommandRunner } from '../support/command-runner.js';
import { describeWithOracle, Oracle } from '../support/oracle.js';
import { encodeCommand, RawClient } from '../support/raw-client.js';
import { elementsOf, textOf } from '../support/reply-text.js';

/**
 * What commands announce (keyspace events) and propagate (the append-only file of redis-server), in which order. One
 * command per line, words split at blanks.
 */
const strings = `
  SET k v
  SET k v XX
  SET k v NX
  SET k v EX 100
  SET k v px 100000 get
  SET k v PXAT 9999999999999 XX GET
  SET k v KEEPTTL
  SET k v keepttl GET
  SET k v NX GET
  SET k v PXAT 9223372036854775807
  SET k v EX 0
  SET k v
  GETEX k
  GETEX k PERSIST
  GETEX k EX 100
  GETEX k PXAT 9999999999999
  GETEX k PERSIST
  GETEX k EXAT 1
  GETEX k EX 100
  GETDEL k
  SET k v
  GETDEL k
  GETSET k v
  GETSET k w
  SETNX k v
  SETNX n v
  SETEX k 100 v
  PSETEX k 100000 v
  SETEX k 0 v
  MSET a 1 b 2 a 3
  MSETNX a 1 c 2
  MSETNX c 1 d 2
  APPEND a x
  APPEND fresh x
  APPEND a ""
  SETRANGE a 3 y
  SETRANGE a 3 ""
  SETRANGE zeros 3 y
  SETRANGE nothing 3 ""
  INCR i
  DECR i
  INCRBY i 5
  DECRBY i 3
  INCRBY i 0
  INCR a
  INCRBYFLOAT i 1.5
  INCRBYFLOAT f 0.1
  INCRBYFLOAT f x
  SET due v PXAT 1
  GET due
  SET due v PXAT 1
  SET due w
  SET due v PXAT 1
  INCR due
  SET due v PXAT 1
  APPEND due 1`;

const bits = `
  SETBIT k 0 1
  SETBIT k 0 1
  SETBIT k 0 0
  SETBIT k 100 0
  SETBIT k 50 0
  SETBIT new 0 0
  SETBIT k -1 0
  GETBIT k 5
  BITFIELD k GET u8 0
  BITFIELD k SET u8 0 7
  BITFIELD k SET u8 0 7
  BITFIELD k SET u8 0 1 INCRBY u8 8 2 GET u8 0
  BITFIELD k OVERFLOW FAIL SET u2 0 7
  BITFIELD k OVERFLOW FAIL SET u2 1000 7 SET u8 0 1
  BITFIELD k OVERFLOW FAIL SET u2 1000 7 SET u8 0 1
  BITFIELD zero SET u8 0 0
  BITFIELD lengthened OVERFLOW FAIL SET u8 800 256 INCRBY u8 0 256
  BITFIELD lengthened OVERFLOW FAIL SET u8 1600 256
  BITFIELD lengthened OVERFLOW FAIL SET u8 0 256 GET u8 0
  BITFIELD absent GET u8 0
  BITFIELD_RO k GET u8 0
  SET s abc
  BITFIELD s OVERFLOW FAIL SET u2 0 7
  SETBIT s 0 0
  BITOP AND d k s
  BITOP OR d k
  BITOP NOT d missing
  BITOP NOT d missing
  BITOP AND s s missing
  EXPIRE s 100
  BITOP AND s s s
  SET due v PXAT 1
  SETBIT due 3 1
  SET due v PXAT 1
  BITFIELD due INCRBY u8 0 1
  SET due v PXAT 1
  BITOP OR d due
  SET due v PXAT 1
  BITOP OR due s
  SET due v PXAT 1
  BITCOUNT due`;

const hyperLogLogs = `
  PFADD h
  PFADD h a b
  PFADD h a
  PFCOUNT h
  PFCOUNT h
  PFCOUNT h none
  PFADD h c d
  PFCOUNT h none
  PFCOUNT none
  PFMERGE m h none
  PFMERGE m
  PFDEBUG ENCODING m
  PFDEBUG TODENSE m
  PFDEBUG TODENSE m
  PFADD m x
  PFADD due x
  PEXPIREAT due 1
  PFADD due x
  PFCOUNT due
  PEXPIREAT due 1
  PFCOUNT due`;

const hashes = `
  HSET h a 1 b 2
  HSET h a 1
  HSETNX h a 9
  HSETNX h c 9
  HMSET h a 3 d 4
  HINCRBY h a 5
  HINCRBYFLOAT h a 0.5
  HINCRBYFLOAT new a 3
  HINCRBY h none 0
  HDEL h none x
  HDEL h a none b
  HDEL h c d none
  EXISTS h
  HSET h a 1
  EXPIRE h 100
  COPY h copied
  RENAME h renamed
  HDEL renamed a
  HSET due a 1
  PEXPIREAT due 1
  HSET due a 1
  PEXPIREAT due 1
  HDEL due a
  HSET due a 1
  PEXPIREAT due 1
  HINCRBY due a 1`;

const sets = `
  SADD s a b c 1 2
  SADD s a
  SADD s a d
  SREM s x
  SREM s a x
  SMOVE s t b
  SMOVE s t none
  SMOVE s s c
  SMOVE t s b
  SADD u 1 2 3
  SINTERSTORE i s u
  SUNIONSTORE i s u
  SDIFFSTORE i s u
  SDIFFSTORE i u u
  SDIFFSTORE i u u
  SINTERSTORE i s none
  SUNIONSTORE s s
  SADD one a
  SPOP one
  SADD one a
  SPOP one 5
  SADD one a
  SPOP one 0
  SREM one a
  SADD n 3 1 2
  SORT n STORE sorted
  SORT none STORE sorted
  SADD due a
  PEXPIREAT due 1
  SADD due a
  SADD gone a
  PEXPIREAT gone 1
  SMOVE gone s a`;

const sortedSets = `
  ZADD z 1 a 2 b
  ZADD z 1 a
  ZADD z 3 a
  ZADD z NX 5 a 5 c
  ZADD z XX GT CH 9 c 9 none
  ZADD z XX 1 none
  ZADD z INCR 2 a
  ZADD z NX INCR 2 a
  ZINCRBY z 1.5 a
  ZREM z none
  ZREM z a none
  ZADD z 1 d 2 e 3 f 4 g 5 h 6 i 7 j
  ZREMRANGEBYRANK z 0 0
  ZREMRANGEBYRANK z 50 60
  ZREMRANGEBYSCORE z 2 2
  ZPOPMIN z
  ZPOPMAX z
  ZPOPMIN z 2
  ZPOPMIN none
  ZPOPMIN z 0
  BZPOPMIN none z 0
  ZMPOP 2 none z MAX
  ZADD z 1 a 2 b
  BZMPOP 0 1 z MIN COUNT 5
  ZADD y 1 a 2 b
  ZADD x 3 a 4 c
  ZUNIONSTORE u 2 x y
  ZINTERSTORE u 2 x y
  ZDIFFSTORE u 2 x y
  ZDIFFSTORE u 1 none
  ZDIFFSTORE u 1 none
  ZRANGESTORE r x 0 -1
  ZRANGESTORE r x 5 9
  ZADD l 0 a 0 b 0 c
  ZREMRANGEBYLEX l - [b
  ZREMRANGEBYLEX l - [b
  ZPOPMAX l 9
  ZADD due 1 a
  PEXPIREAT due 1
  ZINCRBY due 1 a`;

const places = `
  GEOADD g 13 38 a 15 37 b
  GEOADD g 13 38 a
  GEOADD g NX CH 1 1 a 16 38 c
  GEOADD g xx ch 14 38 a
  GEODIST g a b
  GEOSEARCHSTORE d g FROMLONLAT 15 37 BYRADIUS 300 km
  GEOSEARCHSTORE d g FROMLONLAT 1 1 BYRADIUS 1 m
  GEOSEARCHSTORE d g FROMLONLAT 1 1 BYRADIUS 1 m
  GEORADIUS g 15 37 300 km STORE d
  GEORADIUS g 15 37 300 km
  GEORADIUSBYMEMBER g b 300 km STOREDIST d
  GEOSEARCHSTORE d none FROMLONLAT 1 1 BYRADIUS 1 m
  PEXPIREAT g 1
  GEOADD g 1 1 a`;

const streams = `
  XADD s 1-1 a 1
  XADD s 5-* a 2
  XADD s NOMKSTREAM 5-* a 3
  XADD none NOMKSTREAM 5-* a 3
  XADD s MAXLEN 3 6-1 a 4
  XADD s MAXLEN ~ 1 6-2 a 5
  XADD s MINID = 5-1 7-1 a 6
  XGROUP CREATE s g 0
  XGROUP CREATE made g $ MKSTREAM
  XGROUP CREATECONSUMER made g bob
  XGROUP CREATECONSUMER s g ann
  XGROUP CREATECONSUMER s g ann
  XGROUP CREATECONSUMER s g bob
  XGROUP CREATECONSUMER s g cid
  XREADGROUP GROUP g ann COUNT 2 STREAMS s >
  XREADGROUP GROUP g cid COUNT 1 STREAMS s >
  XREADGROUP GROUP g bob COUNT 1 NOACK STREAMS s >
  XREADGROUP GROUP g ann STREAMS s 0
  XREADGROUP GROUP g cid STREAMS s 0
  XREADGROUP GROUP g ann STREAMS s >
  XREADGROUP GROUP g ann STREAMS s >
  XADD s 8-1 a 7
  XREADGROUP GROUP g bob STREAMS s made > >
  XCLAIM s g bob 0 5-0
  XCLAIM s g bob 0 5-1 6-1 JUSTID RETRYCOUNT 7
  XCLAIM s g bob 0 9-9
  XCLAIM s g bob 0 6-2 FORCE LASTID 9-9
  XCLAIM s g bob 1000000 5-1
  XAUTOCLAIM s g ann 0 0 COUNT 1
  XAUTOCLAIM s g ann 0 0
  XAUTOCLAIM s g ann 0 - JUSTID
  XACK s g 6-2 9-9
  XACK s g 9-9
  XDEL s 5-1 9-9
  XDEL s 9-9
  XGROUP SETID s g 0
  XGROUP SETID s g 6-2 ENTRIESREAD 3
  XGROUP DELCONSUMER s g bob
  XGROUP DELCONSUMER s g bob
  XTRIM s MAXLEN 2
  XTRIM s MAXLEN 2
  XTRIM s MAXLEN ~ 0
  XSETID s 10-1
  XGROUP DESTROY s g
  XGROUP DESTROY s g
  COPY made copied
  RENAME s renamed
  PEXPIREAT renamed 1
  XADD renamed 1-1 a 1`;

/** Deadlines that a relative time led to differ by as long as the test runs. */
const steady = (word: string, now: number): string =>
  Math.abs(Number(word) - now) < 200_000 ? `now + about ${Math.round((Number(word) - now) / 50_000) * 50} s` : word;

describeWithOracle('events and effects', () => {
  let oracle: Oracle;
  let client: RawClient;
  /** Another connection: to its own, 7.0 sends some events within a reply. */
  let listener: RawClient;

  beforeAll(async () => {
    // With appendfsync everysec, writes would wait for a running fsync: with `no` the file is up to date at each reply.
    const settings = ['--appendonly', 'yes', '--appendfsync', 'no', '--notify-keyspace-events', 'KEA'];
    oracle = await Oracle.start(...settings);
    client = await RawClient.connect(oracle, { protocol: 3 });
    listener = await RawClient.connect(oracle, { protocol: 3 });
    // Its reply is a push.
    listener.write(encodeCommand(['PSUBSCRIBE', '__keyevent@0__:*']));
    await listener.call('PING');
  });

  afterAll(async () => {
    await listener.close();
    await client.close();
    await oracle.stop();
  });

  /** The commands in the append-only file, without SELECT and what brackets several effects of one command. */
  function propagated(): string[][] {
    const directory = join(oracle.directory, 'appendonlydir');
    const name = readdirSync(directory).find((each) => each.endsWith('.incr.aof'))!;
    let rest = readFileSync(join(directory, name));
    const commands: string[][] = [];
    while (rest.length > 0) {
      const count = Number(rest.subarray(1, rest.indexOf('\r\n')).toString());
      rest = rest.subarray(rest.indexOf('\n') + 1);
      const command: string[] = [];
      for (let i = 0; i < count; i++) {
        const length = Number(rest.subarray(1, rest.indexOf('\r\n')).toString());
        rest = rest.subarray(rest.indexOf('\n') + 1);
        command.push(rest.toString('latin1', 0, length));
        rest = rest.subarray(length + 2);
      }
      if (!['SELECT', 'MULTI', 'EXEC'].includes(command[0])) commands.push(command);
    }
    return commands;
  }

  test.each([
    ['strings', strings],
    ['bits', bits],
    ['HyperLogLogs', hyperLogLogs],
    ['hashes', hashes],
    ['sets', sets],
    ['sorted sets', sortedSets],
    ['places', places],
    ['streams', streams],
  ])('of %s are those of redis-server, in its order', async (_, script) => {
    await client.call('FLUSHALL');
    await listener.call('PING');
    const pushesBefore = listener.pushes.length;
    const propagatedBefore = propagated().length;
    const subject = new CommandRunner(allCommands);
    subject.client.protocol = 3;
    subject.now = Date.now();
    const lines = script.trim().split(/\s*\n\s*/);
    for (const line of lines) {
      const words = line.split(' ').map((word) => (word === '""' ? '' : word));
      const reply = await client.call(...words);
      expect(subject.run(...words), line).toBe(reply.toString('latin1'));
    }
    await listener.call('PING');

    const events = listener.pushes
      .slice(pushesBefore)
      .map((push) => elementsOf(push)!.map((element) => textOf(element)))
      .filter(([kind]) => kind === 'pmessage')
      .map(([, , channel, key]) => `${channel!.slice('__keyevent@0__:'.length)} ${key}`);
    expect(subject.takeEvents()).toEqual(events);
    const effects = (commands: string[][]) =>
      commands.map((command) => command.map((word) => steady(word, subject.now)).join(' '));
    expect(effects(subject.takeEffects())).toEqual(effects(propagated().slice(propagatedBefore)));
  });
});
