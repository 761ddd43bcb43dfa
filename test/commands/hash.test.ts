import { beforeEach, describe, expect, it } from 'vitest';
import { allCommands } from '../../src/commands/index.js';
import { CommandRunner } from '../support/command-runner.js';

let redis: CommandRunner;

beforeEach(() => {
  redis = new CommandRunner(allCommands);
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
    expect(redis.line('HGETEX h EX 5 PERSIST FIELDS 1 b')).toMatch(/^-ERR Only one of EX, PX, EXAT, PXAT or PERSIST/);
    expect(redis.line('HSETEX h EX 5 KEEPTTL FIELDS 1 b 1')).toMatch(/^-ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL/);
    expect(redis.line('HSETEX h FNX FXX FIELDS 1 b 1')).toMatch(/^-ERR Only one of FXX or FNX arguments/);
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

describe('effects of deadlines', () => {
  it('are absolute deadlines of the fields that were met, and removals', () => {
    redis.line('HSET h a 1 b 2 c 3');
    redis.takeEffects();
    redis.takeEvents();
    const { now } = redis;
    redis.line('HEXPIRE h 10 FIELDS 3 a none b');
    redis.line('HEXPIRE h 5 GT FIELDS 1 a');
    redis.line('HPEXPIRE h 0 FIELDS 2 b none');
    redis.line('HPERSIST h FIELDS 2 a c');
    redis.line('HPERSIST h FIELDS 2 a c');
    redis.line('HGETEX h EX 7 FIELDS 2 a none');
    redis.line('HGETEX h FIELDS 1 a');
    redis.line('HGETEX h PERSIST FIELDS 1 a');
    redis.line('HSETEX h PX 300 FIELDS 1 d 4');
    redis.line('HSETEX h FIELDS 1 e 5');
    redis.line('HSETEX h FNX FIELDS 1 e 6');
    redis.line('HGETDEL h FIELDS 2 e none');
    expect(redis.takeEffects()).toEqual([
      ['HPEXPIREAT', 'h', `${now + 10_000}`, 'FIELDS', '2', 'a', 'b'],
      ['HDEL', 'h', 'b'],
      ['HPERSIST', 'h', 'FIELDS', '2', 'a', 'c'],
      ['HPEXPIREAT', 'h', `${now + 7_000}`, 'FIELDS', '1', 'a'],
      ['HPERSIST', 'h', 'FIELDS', '1', 'a'],
      ['HSETEX', 'h', 'PXAT', `${now + 300}`, 'FIELDS', '1', 'd', '4'],
      ['HSETEX', 'h', 'FIELDS', '1', 'e', '5'],
      ['HDEL', 'h', 'e'],
    ]);
    expect(redis.takeEvents()).toEqual([
      ...['hexpire h', 'hdel h', 'hpersist h', 'hexpire h', 'hpersist h'],
      ...['hset h', 'hexpire h', 'hset h', 'hdel h'],
    ]);
  });

  it('remove by name what fell due', () => {
    redis.line('HSETEX h PX 10 FIELDS 2 a 1 b 2');
    redis.line('HSET h c 3');
    redis.takeEffects();
    redis.now += 10;
    redis.engine.keyspace.expireDue(100);
    expect(redis.takeEffects().map(([name, key, ...fields]) => [name, key, ...fields.sort()])).toEqual([
      ['HDEL', 'h', 'a', 'b'],
    ]);
    redis.line('HPEXPIRE h 10 FIELDS 1 c');
    redis.now += 10;
    redis.takeEffects();
    redis.line('HSET h c 4');
    expect(redis.takeEffects()).toEqual([
      ['HDEL', 'h', 'c'],
      ['HSET', 'h', 'c', '4'],
    ]);
  });
});

describe('WATCH', () => {
  const change: [string, string, boolean][] = [
    ['HPEXPIRE', 'HPEXPIRE h 100 FIELDS 1 a', true],
    ['HPEXPIRE of what is not there', 'HPEXPIRE h 100 FIELDS 1 none', false],
    ['HPEXPIRE whose condition is not met', 'HPEXPIRE h 100 XX FIELDS 1 b', false],
    ['HPERSIST', 'HPERSIST h FIELDS 1 a', true],
    ['HPERSIST of what has no deadline', 'HPERSIST h FIELDS 1 b', false],
    ['HGETEX', 'HGETEX h EX 9 FIELDS 1 a', true],
    ['HGETEX that only reads', 'HGETEX h FIELDS 1 a', false],
    ['HSETEX', 'HSETEX h FIELDS 1 a 1', true],
    ['HSETEX whose condition is not met', 'HSETEX h FXX FIELDS 1 none 1', false],
    ['HGETDEL', 'HGETDEL h FIELDS 1 a', true],
    ['HGETDEL of what is not there', 'HGETDEL h FIELDS 1 none', false],
  ];

  it.each(change)('is broken by a change of the fields and by nothing else: %s', (_, command, breaks) => {
    redis.line('HSET h a 1 b 2');
    redis.line('HPEXPIRE h 5000 FIELDS 1 a');
    redis.line('WATCH h');
    redis.line(command);
    redis.line('MULTI');
    redis.line('HLEN h');
    expect(redis.line('EXEC')).toBe(breaks ? '*-1\r\n' : '*1\r\n:2\r\n');
  });

  it('is broken by a field that expiry removed', () => {
    redis.line('HSET h a 1 b 2');
    redis.line('HPEXPIRE h 10 FIELDS 1 a');
    redis.line('WATCH h');
    redis.now += 10;
    redis.engine.keyspace.expireDue(100);
    redis.line('MULTI');
    redis.line('HLEN h');
    expect(redis.line('EXEC')).toBe('*-1\r\n');
  });
});

describe.each([
  ['a small hash', 0],
  ['a large hash', 3000],
])('the deadlines of %s', (_, size) => {
  beforeEach(() => {
    fill('h', size);
    redis.line('HSET h a 1 b 2');
    redis.line('HPEXPIRE h 1000 FIELDS 1 a');
  });

  const expires = (key: string): void => {
    expect(redis.line(`HPTTL ${key} FIELDS 2 a b`)).toBe('*2\r\n:1000\r\n:-1\r\n');
    redis.now += 1000;
    redis.engine.keyspace.expireDue(100);
    expect(redis.line(`HLEN ${key}`)).toBe(`:${size + 1}\r\n`);
  };

  it('go along with COPY, and fall due there by themselves', () => {
    redis.line('COPY h copy');
    redis.line('HPERSIST h FIELDS 1 a');
    expires('copy');
    expect(redis.line('HLEN h')).toBe(`:${size + 2}\r\n`);
  });

  it('go along with COPY to another database and with MOVE', () => {
    redis.line('COPY h h DB 3');
    redis.line('MOVE h 5');
    for (const database of [3, 5]) {
      redis.line(`SELECT ${database}`);
      expect(redis.line('HPTTL h FIELDS 1 a')).toBe('*1\r\n:1000\r\n');
    }
    redis.now += 1000;
    redis.engine.keyspace.expireDue(100);
    for (const database of [3, 5]) {
      redis.line(`SELECT ${database}`);
      expect(redis.line('HLEN h')).toBe(`:${size + 1}\r\n`);
    }
  });

  it('go along with RENAME, over a hash that had others', () => {
    redis.line('HSETEX other PX 500 FIELDS 1 x 1');
    redis.line('RENAME h other');
    redis.now += 600;
    redis.engine.keyspace.expireDue(100);
    redis.now -= 600;
    expires('other');
  });

  it('go along with DUMP and RESTORE, and with a deadline of the key', () => {
    redis.line('PEXPIRE h 50000');
    const payload = Buffer.from(redis.bulk('DUMP', 'h')!, 'latin1');
    redis.line('DEL h');
    redis.run('RESTORE', 'again', 70_000, payload);
    expires('again');
    redis.line('PERSIST again');
    expect(redis.line('HEXISTS again b')).toBe(':1\r\n');
  });
});

/** The bulk strings of a reply. */
function bulks(reply: string): string[] {
  return reply.split('\r\n').filter((line) => line !== '' && !/^[*$~]/.test(line));
}

describe('HRANDFIELD', () => {
  /** What counts that are equally likely exceed once in a million times (Wilson and Hilferty). */
  const bound = (degrees: number): number => {
    const part = 2 / (9 * degrees);
    return degrees * (1 - part + 4.75 * Math.sqrt(part)) ** 3;
  };

  it.each([
    ['a run that is walked', 12, 1, false],
    ['a hashed run', 100, 1, false],
    ['a table', 300, 200, false],
    ['a hashed run with fields that are due', 100, 1, true],
    ['a table with fields that are due', 300, 200, true],
  ])('gives each field of %s the same part', (_, size, length, hasDue) => {
    const fields = Array.from({ length: size }, (_, i) => `f${i}`);
    for (const field of fields) redis.engineOnly(`HSET h ${field} ${'v'.repeat(length)}`);
    if (hasDue) redis.engineOnly('HSETEX h PX 1 FIELDS 5 d1 v d2 v d3 v d4 v d5 v');
    redis.now += 1;
    for (const command of ['HRANDFIELD h', 'HRANDFIELD h -20', 'HRANDFIELD h 3', `HRANDFIELD h ${size >> 1}`]) {
      const counts = new Map(fields.map((field) => [field, 0]));
      let total = 0;
      while (total < size * 15) {
        for (const field of bulks(redis.engineOnly(command))) {
          counts.set(field, counts.get(field)! + 1);
          total++;
        }
      }
      const expected = total / size;
      let sum = 0;
      for (const count of counts.values()) sum += (count - expected) ** 2 / expected;
      expect(sum, command).toBeLessThan(bound(size - 1));
    }
  });
});

describe('HSCAN', () => {
  it('finds all that stays, while a table grows, shrinks and loses fields that are due', () => {
    const stays = Array.from({ length: 50 }, (_, i) => `stays${i}`);
    redis.run('HSET', 'h', ...stays.flatMap((field) => [field, '1']));
    redis.run('HSET', 'h', ...Array.from({ length: 3000 }, (_, i) => [`goes${i}`, '2']).flat());
    redis.run('HPEXPIRE', 'h', 5, 'FIELDS', 100, ...Array.from({ length: 100 }, (_, i) => `goes${2999 - i}`));
    const found = new Set<string>();
    let cursor = '0';
    for (let round = 0; round === 0 || cursor !== '0'; round++) {
      const [next, ...fields] = bulks(redis.run('HSCAN', 'h', cursor, 'COUNT', 60, 'NOVALUES'));
      cursor = next!;
      for (const field of fields) found.add(field);
      redis.run('HDEL', 'h', ...Array.from({ length: 300 }, (_, i) => `goes${round * 300 + i}`));
      redis.run('HSET', 'h', `comes${round}`, 'v');
      redis.now += 1;
      redis.engine.keyspace.expireDue(30);
    }
    expect(stays.filter((field) => !found.has(field))).toEqual([]);
  });
});

describe('SORT', () => {
  it('takes weights and results from fields that are not due', () => {
    redis.line('SADD s 1 2 3');
    redis.line('HSET w1 weight 30 name one');
    redis.line('HSET w2 weight 20 name two');
    redis.line('HSET w3 weight 10 name three');
    const byField = 'SORT s BY w*->weight GET w*->name';
    expect(bulks(redis.line(byField))).toEqual(['three', 'two', 'one']);
    redis.line('HPEXPIRE w3 5 FIELDS 1 weight');
    redis.line('HPEXPIRE w2 5 FIELDS 1 name');
    redis.now += 5;
    // Without a weight it counts as 0; without a name there is none.
    expect(redis.line(byField)).toBe('*3\r\n$5\r\nthree\r\n$-1\r\n$3\r\none\r\n');
    redis.line('SORT s BY w*->weight GET w*->name STORE sorted');
    expect(redis.line('LRANGE sorted 0 -1')).toBe('*3\r\n$5\r\nthree\r\n$0\r\n\r\n$3\r\none\r\n');
  });
});
