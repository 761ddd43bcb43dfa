import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { genericCommands } from '../../src/commands/keys/index.js';
import { bitmapCommands } from '../../src/types/bitmap/commands/index.js';
import { string } from '../../src/types/string/index.js';
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

/** Deadlines that a relative time led to differ by as long as the test runs. */
const steady = (word: string, now: number): string =>
  Math.abs(Number(word) - now) < 200_000 ? `now + about ${Math.round((Number(word) - now) / 50_000) * 50} s` : word;

describeWithOracle('events and effects', () => {
  let oracle: Oracle;
  let client: RawClient;

  beforeAll(async () => {
    // With appendfsync everysec, writes would wait for a running fsync: with `no` the file is up to date at each reply.
    const settings = ['--appendonly', 'yes', '--appendfsync', 'no', '--notify-keyspace-events', 'KEA'];
    oracle = await Oracle.start(...settings);
    client = await RawClient.connect(oracle, { protocol: 3 });
  });

  afterAll(async () => {
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
  ])('of %s are those of redis-server, in its order', async (_, script) => {
    await client.call('FLUSHALL');
    const pushesBefore = client.pushes.length;
    const propagatedBefore = propagated().length;
    const subject = new CommandRunner([...string.commands, ...bitmapCommands, ...genericCommands]);
    subject.now = Date.now();
    // Its reply is a push.
    client.write(encodeCommand(['PSUBSCRIBE', '__keyevent@0__:*']));
    const lines = script.trim().split(/\s*\n\s*/);
    for (const line of lines) {
      const words = line.split(' ').map((word) => (word === '""' ? '' : word));
      const reply = await client.call(...words);
      expect(subject.run(...words), line).toBe(reply.toString('latin1').replaceAll('_\r\n', '$-1\r\n'));
    }
    await client.call('PING');

    const events = client.pushes
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
