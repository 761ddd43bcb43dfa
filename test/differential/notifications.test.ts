import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import { type Address, RawClient } from '../support/raw-client.js';
import { elementsOf, textOf } from '../support/reply-text.js';

/** Every command that changes keys, in the ways that make a difference; and lookups that find nothing. */
const script = `
  SET k v
  SET k w EX 100
  SET k w KEEPTTL
  SET k v XX GET
  SET k v NX
  SET k v PXAT 1
  GET k
  SET k v PXAT 1
  SET k w
  SETNX k v
  SETNX nx v
  SETEX ex 100 v
  PSETEX ex 100000 v
  GETSET k v
  GETSET fresh v
  GETDEL fresh
  GETDEL fresh
  GETEX k EX 100
  GETEX k PERSIST
  GETEX k PERSIST
  GETEX k PXAT 1
  GETEX k
  MSET a 1 b 2 a 3
  MSETNX a 1 c 2
  MSETNX c 1 d 2
  APPEND a x
  APPEND new x
  SETRANGE a 3 y
  SETRANGE zeros 3 y
  SETRANGE nothing 3 ""
  INCR i
  INCRBY i 5
  DECR i
  DECRBY j 3
  INCRBYFLOAT i 1.5
  INCRBYFLOAT f 0.1
  INCR a
  MGET a none other
  STRLEN none
  GETRANGE none 0 1
  LCS none other
  RPUSH l 1 2 3 4 5 6 7 8
  LPUSH l 0
  LPUSHX l 00
  RPUSHX l 9
  LPUSHX none x
  LPOP l
  RPOP l 2
  LPOP none
  LSET l 0 x
  LINSERT l BEFORE x y
  LINSERT l AFTER missing y
  LREM l 1 y
  LREM l 0 missing
  LTRIM l 1 3
  LTRIM l 5 9
  RPUSH l 1 2 3
  LMOVE l m LEFT RIGHT
  LMOVE l l LEFT RIGHT
  RPOPLPUSH l m
  RPOPLPUSH l m
  RPOPLPUSH l m
  LMPOP 2 none m LEFT COUNT 2
  BLPOP m 1
  RPUSH m 1 2
  BRPOP none m 1
  BLMOVE m l LEFT LEFT 1
  BRPOPLPUSH l m 1
  BLMPOP 1 1 m RIGHT
  LLEN none
  LRANGE none 0 -1
  LINDEX none 0
  LPOS none x
  DEL a b none
  UNLINK i
  EXISTS none k none
  TOUCH none k
  TYPE none
  TTL none
  PTTL none
  EXPIRETIME none
  OBJECT ENCODING none
  EXPIRE k 100
  EXPIRE k 100 NX
  PERSIST k
  PERSIST k
  PEXPIRE k 100000
  EXPIREAT k 1
  EXPIRE k -1
  SET k v
  PEXPIREAT k 1
  RENAME c d
  RENAME d d
  SET e v
  RENAME e d
  SET e v
  RENAMENX d e
  RENAMENX d g
  COPY g h
  COPY g h
  COPY g h REPLACE
  COPY g h DB 3
  MOVE h 3
  MOVE g 3
  SWAPDB 0 3
  RANDOMKEY
  DUMP none
  SORT none
  SETBIT bits 7 1
  SETBIT bits 7 0
  GETBIT none 0
  BITCOUNT none
  BITPOS none 1
  BITOP NOT to bits
  BITOP AND to none other
  BITFIELD bits SET u8 0 255 INCRBY u8 0 1
  BITFIELD bits GET u8 0
  BITFIELD bits OVERFLOW FAIL INCRBY u8 0 255
  BITFIELD none GET u8 0
  PFADD hll a b
  PFADD hll a
  PFCOUNT hll
  PFCOUNT hll none
  PFMERGE united hll
  PFDEBUG TODENSE hll
  PFADD hll c
  GEOADD places 13 38 a 15 37 b
  GEOADD places NX 1 1 a
  GEOADD places CH 14 38 a
  GEOPOS none a
  GEOSEARCH none FROMLONLAT 1 1 BYRADIUS 1 m
  GEOSEARCHSTORE near places FROMLONLAT 15 37 BYRADIUS 300 km
  GEOSEARCHSTORE near places FROMLONLAT 1 1 BYRADIUS 1 m
  GEORADIUS places 15 37 300 km STORE near
  GEORADIUS places 15 37 300 km STOREDIST far
  GEORADIUSBYMEMBER none a 300 km STORE near
  GEORADIUSBYMEMBER none a 300 km STORE near
  RPUSH sorted 3 1 2
  SORT sorted STORE target
  SORT none STORE target
  RESTORE back 0 "\\x00\\xc0*\\n\\x00n\\x9fWE\\x0e\\xaec\\xbb"
  RESTORE back 100000 "\\x00\\xc0*\\n\\x00n\\x9fWE\\x0e\\xaec\\xbb" REPLACE
  RESTORE back 1 "\\x00\\xc0*\\n\\x00n\\x9fWE\\x0e\\xaec\\xbb" REPLACE ABSTTL
  DEBUG RELOAD
  FLUSHDB
  FLUSHALL`;

const words = (line: string): Buffer[] =>
  (line.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? []).map((word) => {
    const text = word.startsWith('"') ? word.slice(1, -1) : word;
    const bytes = text
      .replace(/\\n/g, '\n')
      .replace(/\\x([0-9a-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
    return Buffer.from(bytes, 'latin1');
  });

/** Runs the script, and returns after each line the messages that it led to. */
async function messagesOf(address: Address, letters: string): Promise<string[]> {
  const client = await RawClient.connect(address);
  const listener = await RawClient.connect(address, { protocol: 3 });
  const lines: string[] = [];
  try {
    await client.call('FLUSHALL');
    // Keys that are due go when a command meets them, so that both servers tell of it at the same time.
    await client.call('DEBUG', 'SET-ACTIVE-EXPIRE', 0);
    await client.call('CONFIG', 'SET', 'notify-keyspace-events', letters);
    listener.send(['PSUBSCRIBE', '__key*']);
    // Answered when it listens: otherwise the first command may be sooner.
    await listener.call('PING');
    for (const line of script.trim().split(/\s*\n\s*/)) {
      const reply = await client.call(...words(line));
      // What was published before has arrived when this is answered.
      await listener.call('PING');
      const messages = listener.pushes.splice(0).map((push) => elementsOf(push)!.map((element) => textOf(element)));
      const events = messages
        .filter(([kind]) => kind === 'pmessage')
        .map(([, , channel, text]) => `${channel} ${text}`);
      // A command that one of the two does not have says nothing about its events.
      const unknown = reply.toString('latin1').startsWith('-ERR unknown command');
      lines.push([line, ...(unknown ? ['unknown'] : events)].join('\n    '));
    }
    return lines;
  } finally {
    await client.call('CONFIG', 'SET', 'notify-keyspace-events', '');
    await client.call('DEBUG', 'SET-ACTIVE-EXPIRE', 1);
    await Promise.all([client.close(), listener.close()]);
  }
}

describeWithOracle('keyspace notifications', () => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await startPair();
  });

  afterAll(() => pair?.stop());

  test.each(['KEA', 'KEAmn', 'K$', 'Egx', 'Elm', 'KE', 'A'])('of %s are those of redis-server', async (letters) => {
    const oracle = await messagesOf(pair.oracle, letters);
    const subject = await messagesOf(pair.subject, letters);
    const known = subject.map((line, at) => (line.endsWith('unknown') ? line : oracle[at]));
    expect(subject).toEqual(known);
    // Without channels or without classes there is nothing to tell.
    expect(oracle.some((line) => line.includes('\n'))).toBe(!['KE', 'A'].includes(letters));
  });
});
