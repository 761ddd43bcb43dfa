import { beforeEach, describe, expect, it } from 'vitest';
import { keyCommands } from '../../src/commands/keys/keys.js';
import { hashCommands } from '../../src/types/hash/commands/index.js';
import { CommandRunner } from '../support/command-runner.js';

let redis: CommandRunner;

beforeEach(() => {
  redis = new CommandRunner([...hashCommands, ...keyCommands]);
});

const FAR = 4_102_444_800_000;

/** As many fields as only a table holds. */
function fill(key: string, count: number): void {
  for (let i = 0; i < count; i += 100) {
    redis.run('HSET', key, ...Array.from({ length: 200 }, (_, at) => `f${i + (at >> 1)}`));
  }
}

describe.each([
  ['a small hash', 0],
  ['a large hash', 3000],
])('deadlines of fields in %s', (_, size) => {
  beforeEach(() => {
    fill('h', size);
    redis.line('HSET h a 1 b 2 c 3');
    redis.takeEvents();
  });

  it('hide a field from its deadline on, and expiry removes and announces it', () => {
    expect(redis.line('HPEXPIRE h 1000 FIELDS 2 a nope')).toBe('*2\r\n:1\r\n:-2\r\n');
    expect(redis.line('HPTTL h FIELDS 2 a b')).toBe('*2\r\n:1000\r\n:-1\r\n');
    redis.now += 1000;
    expect(redis.line('HMGET h a b')).toBe('*2\r\n$-1\r\n$1\r\n2\r\n');
    expect(redis.line('HEXISTS h a')).toBe(':0\r\n');
    expect(redis.line('HLEN h')).toBe(`:${size + 3}\r\n`);
    expect(redis.line('HTTL h FIELDS 1 a')).toBe('*1\r\n:-2\r\n');
    expect(redis.line('HDEL h a')).toBe(':0\r\n');
    redis.engine.keyspace.expireDue(100);
    expect(redis.line('HLEN h')).toBe(`:${size + 2}\r\n`);
    expect(redis.takeEvents()).toEqual(['hexpire h', 'hexpired h']);
    redis.engine.keyspace.checkIntegrity();
  });

  it('are cleared by HSET, kept by HINCRBY, and come anew with a field that was due', () => {
    redis.line('HPEXPIRE h 1000 FIELDS 3 a b c');
    redis.line('HSET h a 9');
    redis.line('HINCRBY h b 1');
    expect(redis.line('HPTTL h FIELDS 3 a b c')).toBe('*3\r\n:-1\r\n:1000\r\n:1000\r\n');
    redis.now += 1000;
    expect(redis.line('HINCRBY h b 1')).toBe(':1\r\n');
    expect(redis.line('HSETNX h c 7')).toBe(':1\r\n');
    expect(redis.line('HPTTL h FIELDS 3 a b c')).toBe('*3\r\n:-1\r\n:-1\r\n:-1\r\n');
    redis.engine.keyspace.expireDue(100);
    expect(redis.line('HMGET h a b c')).toBe('*3\r\n$1\r\n9\r\n$1\r\n1\r\n$1\r\n7\r\n');
    redis.engine.keyspace.checkIntegrity();
  });

  it('go along with a copy, a new name, and come back from a snapshot', () => {
    redis.line(`HPEXPIREAT h ${FAR} FIELDS 1 a`);
    const snapshot = redis.engine.keyspace.snapshot();
    redis.line('HPERSIST h FIELDS 1 a');
    expect(redis.line('HPEXPIRETIME h FIELDS 1 a')).toBe('*1\r\n:-1\r\n');
    redis.engine.keyspace.restore(snapshot);
    expect(redis.line('HPEXPIRETIME h FIELDS 1 a')).toBe(`*1\r\n:${FAR}\r\n`);
    snapshot.close();
    redis.engine.keyspace.checkIntegrity();
  });

  it('are set, read and taken away by HSETEX, HGETEX and HGETDEL', () => {
    expect(redis.line('HSETEX h PX 500 FIELDS 2 a 7 new 8')).toBe(':1\r\n');
    expect(redis.line('HSETEX h FNX FIELDS 1 a 1')).toBe(':0\r\n');
    expect(redis.line('HSETEX h FXX KEEPTTL FIELDS 1 a 10')).toBe(':1\r\n');
    expect(redis.line('HPTTL h FIELDS 2 a new')).toBe('*2\r\n:500\r\n:500\r\n');
    expect(redis.line('HGETEX h PERSIST FIELDS 2 a b')).toBe('*2\r\n$2\r\n10\r\n$1\r\n2\r\n');
    expect(redis.line('HGETEX h EX 5 FIELDS 1 b')).toBe('*1\r\n$1\r\n2\r\n');
    expect(redis.line('HTTL h FIELDS 3 a b new')).toBe('*3\r\n:-1\r\n:5\r\n:1\r\n');
    expect(redis.line('HGETEX h PXAT 1 FIELDS 1 b')).toBe('*1\r\n$1\r\n2\r\n');
    expect(redis.line('HGETDEL h FIELDS 3 a b c')).toBe('*3\r\n$2\r\n10\r\n$-1\r\n$1\r\n3\r\n');
    expect(redis.line('HLEN h')).toBe(`:${size + 1}\r\n`);
    redis.engine.keyspace.checkIntegrity();
  });
});

it('the last field takes the key along, also a key with a deadline of its own', () => {
  redis.line('HSETEX h PX 10 FIELDS 2 a 1 b 2');
  redis.now += 10;
  redis.takeEvents();
  expect(redis.line('HGETALL h')).toBe('*0\r\n');
  expect(redis.line('HRANDFIELD h')).toBe('$-1\r\n');
  redis.engine.keyspace.expireDue(100);
  expect(redis.line('EXISTS h')).toBe(':0\r\n');
  expect(redis.takeEvents()).toEqual(['hexpired h', 'del h']);
  redis.engine.keyspace.checkIntegrity();
});

it('many fields that are due go in slices of what may be done', () => {
  fill('h', 3000);
  for (let i = 0; i < 3000; i += 100) {
    const fields = Array.from({ length: 100 }, (_, at) => `f${i + at}`);
    redis.run('HPEXPIRE', 'h', 10, 'FIELDS', 100, ...fields);
  }
  redis.now += 10;
  redis.engine.keyspace.expireDue(1000);
  expect(redis.line('HLEN h')).toBe(':2000\r\n');
  redis.engine.keyspace.checkIntegrity();
  for (let i = 0; i < 5; i++) redis.engine.keyspace.expireDue(1000);
  expect(redis.line('EXISTS h')).toBe(':0\r\n');
  redis.engine.keyspace.checkIntegrity();
});
