import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { allCommands } from '../../src/commands/index.js';
import { formatDouble17 } from '../../src/text/numbers.js';
import { CommandRunner } from '../support/command-runner.js';
import { payloadOf } from '../support/payload.js';
import { bulks } from '../support/replies.js';
import { runs } from '../support/runs.js';
import { SeveralClients } from '../support/several-clients.js';

let redis: CommandRunner;

beforeEach(() => {
  redis = new CommandRunner(allCommands);
});

function textsOf(reply: string): string[] {
  return [...reply.matchAll(/\$\d+\r\n([^\r]*)\r\n/g)].map((match) => match[1]!);
}

function fill(key: string, count: number, score = (i: number) => i): void {
  for (let from = 0; from < count; from += 500) {
    const part = Array.from({ length: Math.min(500, count - from) }, (_, i) => [score(from + i), `m${from + i}`]);
    redis.run('ZADD', key, ...part.flat());
  }
}

describe('what sorted set commands announce', () => {
  it('is what happened, and counts as many changes as members', () => {
    redis.line('ZADD z 1 a 2 b 3 c');
    redis.line('ZADD z 1 a');
    redis.line('ZADD z CH 5 a 6 d');
    redis.line('ZINCRBY z 1 a');
    redis.line('ZADD z INCR 0 a');
    redis.line('ZREM z a b none');
    expect(redis.takeEvents()).toEqual(['zadd z', 'zadd z', 'zincr z', 'zrem z']);
    expect(redis.engine.keyspace.dirty).toBe(3 + 2 + 1 + 2);
  });

  it('tells of the key that goes with its last member', () => {
    redis.line('ZADD z 1 a 2 b');
    redis.line('ZADD y 1 a 2 b');
    redis.line('ZADD x 1 a 2 b');
    redis.takeEvents();
    redis.line('ZPOPMIN z 5');
    redis.line('ZREMRANGEBYRANK y 0 -1');
    redis.line('ZREM x a b');
    expect(redis.takeEvents()).toEqual(['zpopmin z', 'del z', 'zremrangebyrank y', 'del y', 'zrem x', 'del x']);
  });

  it('tells of results that are stored, and of those that are empty', () => {
    redis.line('ZADD a 1 x');
    redis.line('SET d old');
    redis.takeEvents();
    redis.line('ZUNIONSTORE d 2 a none');
    redis.line('ZINTERSTORE d 2 a none');
    redis.line('ZDIFFSTORE d 1 none');
    redis.line('ZRANGESTORE d a 0 -1');
    expect(redis.takeEvents()).toEqual(['zunionstore d', 'del d', 'zrangestore d']);
  });

  it('is propagated without chance or waiting', () => {
    redis.line('ZADD z 1 a 2 b 3 c 4 d 5 e');
    redis.takeEffects();
    redis.line('ZMPOP 2 none z MAX COUNT 2');
    redis.line('BZPOPMIN none z 0');
    redis.line('BZMPOP 0 1 z MIN COUNT 9');
    redis.line('ZADD z XX 1 a');
    redis.line('ZRANDMEMBER z');
    expect(redis.takeEffects()).toEqual([
      ['ZPOPMAX', 'z', '2'],
      ['ZPOPMIN', 'z'],
      ['ZPOPMIN', 'z', '2'],
    ]);
  });
});

describe('waiting for a member', () => {
  it('ends with ZADD, RENAME, ZUNIONSTORE and COPY, not with a value of another type', () => {
    const room = new SeveralClients();
    room.run('a', 'BZPOPMIN', 'z', '0');
    room.run('b', 'RPUSH', 'z', 'x');
    expect(room.takeSent()).toEqual([]);
    room.run('b', 'DEL', 'z');
    room.run('b', 'ZADD', 'z', '1.5', 'm');
    expect(room.takeSent()).toEqual(['a *3\r\n$1\r\nz\r\n$1\r\nm\r\n$3\r\n1.5\r\n']);
    room.run('a3', 'BZPOPMAX', 'none', 'z', '0');
    room.lines('b', 'ZADD other 1 a 2 b', 'RENAME other z');
    expect(room.takeSent()).toEqual(['a3 *3\r\n$1\r\nz\r\n$1\r\nb\r\n,2\r\n']);
    room.lines('b', 'DEL z', 'ZADD source 1 a 2 b 3 c');
    room.run('a', 'BZMPOP', '0', '2', 'none', 'z', 'MAX', 'COUNT', '2');
    room.run('b', 'ZUNIONSTORE', 'z', '1', 'source');
    expect(room.takeSent()).toEqual([
      'a *2\r\n$1\r\nz\r\n*2\r\n*2\r\n$1\r\nc\r\n$1\r\n3\r\n*2\r\n$1\r\nb\r\n$1\r\n2\r\n',
    ]);
  });

  it('serves who came first, and each once', () => {
    const room = new SeveralClients();
    for (const name of ['a', 'b', 'c']) room.run(name, 'BZPOPMIN', 'z', '0');
    room.run('d', 'ZADD', 'z', '1', 'x', '2', 'y');
    expect(room.takeSent().map((sent) => sent[0])).toEqual(['a', 'b']);
    expect(room.run('d', 'EXISTS', 'z')).toBe(':0\r\n');
  });
});

describe('the forms of a sorted set', () => {
  const encoding = (key: string) => redis.bulk('OBJECT', 'ENCODING', key);

  it('change with its size in both directions, under one name', () => {
    fill('z', 1000, (i) => (i * 7) % 31);
    expect(encoding('z')).toBe('skiplist');
    const { db } = redis;
    const large = db.kindOf(redis.entry('z'));
    for (let left = 1000; left > 10; left -= 9) redis.line('ZPOPMIN z 9');
    expect(db.kindOf(redis.entry('z'))).not.toBe(large);
    expect(encoding('z')).toBe('skiplist');
    const rest = textsOf(redis.line('ZRANGE z 0 -1 WITHSCORES'));
    expect(rest).toHaveLength(20);
    redis.run('ZADD', 'z', 'inf', 'x'.repeat(20_000));
    expect(textsOf(redis.line('ZRANGE z 0 -2 WITHSCORES'))).toEqual(rest);
  });

  it('go by the limits', () => {
    Object.assign(redis.engine.keyspace.limits, { zsetMaxListpackEntries: 3, zsetMaxListpackValue: 5 });
    redis.line('ZADD z 1 a 2 b 3 c');
    expect(encoding('z')).toBe('listpack');
    redis.line('ZADD z 4 d');
    expect(encoding('z')).toBe('skiplist');
    redis.line('ZREM z a b');
    expect(encoding('z')).toBe('skiplist');
    redis.line('ZADD y 1 aaaaaa');
    expect(encoding('y')).toBe('skiplist');
  });

  it('keep what they hold while a snapshot is open, and the snapshot what it held', () => {
    fill('small', 100);
    fill('run', 300);
    fill('table', 3000);
    const before = ['small', 'run', 'table'].map((key) => redis.line(`ZRANGE ${key} 0 -1 WITHSCORES`));
    const snapshot = redis.engine.keyspace.snapshot();
    for (let i = 0; i < 100; i++) {
      for (const key of ['small', 'run', 'table']) {
        redis.engineOnly(`ZADD ${key} ${i * 3.5} m${i} ${i} new${i}`);
        redis.engineOnly(`ZREM ${key} m${2 * i}`);
      }
    }
    redis.engine.keyspace.checkIntegrity();
    redis.engine.keyspace.restore(snapshot);
    snapshot.close();
    redis.engine.keyspace.checkIntegrity();
    expect(['small', 'run', 'table'].map((key) => redis.line(`ZRANGE ${key} 0 -1 WITHSCORES`))).toEqual(before);
  });

  it('leave a snapshot as it is when they only give room back', () => {
    for (let i = 0; i < 200; i++) redis.engineOnly(`ZADD z ${i} member:${i}`);
    for (let i = 0; i < 40; i++) redis.engineOnly(`ZREM z member:${i}`);
    const snapshot = redis.engine.keyspace.snapshot();
    redis.engineOnly('ZADD z XX 1 nobody 2 nothing');
    redis.engine.keyspace.restore(snapshot);
    snapshot.close();
    redis.engine.keyspace.checkIntegrity();
    expect(redis.line('ZSCORE z member:199')).toBe('$3\r\n199\r\n');
  });
});

describe('sources that are sets', () => {
  it('give each member 1', () => {
    redis.line('SADD s a b c');
    redis.line('ZADD z 10 b 20 c 30 d');
    expect(redis.line('ZUNION 2 s z WITHSCORES')).toBe(bulks('a', '1', 'b', '11', 'c', '21', 'd', '30'));
    expect(redis.line('ZINTER 2 z s WEIGHTS 1 5 WITHSCORES')).toBe(bulks('b', '15', 'c', '25'));
    expect(redis.line('ZDIFF 2 s z WITHSCORES')).toBe(bulks('a', '1'));
    expect(redis.line('ZINTERCARD 2 s z')).toBe(':2\r\n');
    expect(redis.line('ZUNIONSTORE s 1 s')).toBe(':3\r\n');
    expect(redis.line('TYPE s')).toBe('+zset\r\n');
  });
});

describe('ZRANDMEMBER', () => {
  it.each([20, 500])('picks each of %i members as often as any other', (count) => {
    fill('z', count);
    const seen = new Map<string, number>();
    const picks = count * 50;
    const single = textsOf(redis.line(`ZRANDMEMBER z -${picks}`));
    for (const member of single) seen.set(member, (seen.get(member) ?? 0) + 1);
    let chi = 0;
    for (let i = 0; i < count; i++) chi += ((seen.get(`m${i}`) ?? 0) - 50) ** 2 / 50;
    // Six standard deviations above the mean.
    expect(chi).toBeLessThan(count + 6 * Math.sqrt(2 * count));
  });

  it.each([3, 15])('picks %i different ones of 20, each as often as any other', (wanted) => {
    fill('z', 20);
    const seen = new Map<string, number>();
    for (let round = 0; round < 1000; round++) {
      const members = textsOf(redis.engineOnly(`ZRANDMEMBER z ${wanted}`));
      expect(new Set(members).size).toBe(wanted);
      for (const member of members) seen.set(member, (seen.get(member) ?? 0) + 1);
    }
    for (let i = 0; i < 20; i++) {
      const expected = wanted * 50;
      expect(Math.abs((seen.get(`m${i}`) ?? 0) - expected)).toBeLessThan(6 * Math.sqrt(expected));
    }
  });
});

describe('ZSCAN', () => {
  it('meets every member that stays, whatever is added, removed and changed meanwhile', () => {
    fill('z', 2000);
    const seen = new Set<string>();
    let cursor = '0';
    let round = 0;
    do {
      const [next, ...parts] = textsOf(redis.engineOnly(`ZSCAN z ${cursor} COUNT 20`));
      for (let i = 0; i < parts.length; i += 2) seen.add(parts[i]!);
      cursor = next!;
      redis.engineOnly(`ZADD z ${round} m${round * 2} 5 new${round} ${-round} m${round}`);
      redis.engineOnly(`ZREM z m${1000 + round} new${round - 3}`);
      round++;
    } while (cursor !== '0');
    for (let i = 0; i < 2000; i++) if (i < 1000 || i >= 1000 + round) expect(seen.has(`m${i}`)).toBe(true);
  });

  it('prints scores of large sets with 17 digits, as Redis does', () => {
    for (const [value, text] of [
      [0.1, '0.10000000000000001'],
      [1e-7, '9.9999999999999995e-08'],
      [1e20, '1e+20'],
      [123456.789, '123456.789'],
      [2 ** -25, '2.9802322387695312e-08'],
      [9.999999999999999e22, '9.9999999999999992e+22'],
      [-1.5, '-1.5'],
      [0.0001, '0.0001'],
      [-0, '-0'],
    ] as const) {
      expect(formatDouble17(value)).toBe(text);
    }
  });
});

describe('payloads of sorted sets', () => {
  it('that were changed are refused or restored, and never break anything', () => {
    const wholes = [
      ['ZADD', 'k', 1, 'a', 200, 'b', -5.5, '17', 'inf', 'x'.repeat(40)],
      ['ZADD', 'k', ...Array.from({ length: 60 }, (_, i) => [(i * 7) % 50, `member ${i}`]).flat()],
      ['ZADD', 'k', ...Array.from({ length: 200 }, (_, i) => [i / 3, `m${i}`]).flat()],
      ['ZADD', 'k', 1, 'x'.repeat(300), 2, 'y'.repeat(20_000)],
    ].map((command) => {
      redis.line('DEL k');
      redis.run(...command);
      const reply = redis.line('DUMP k');
      return Buffer.from(reply.slice(reply.indexOf('\n') + 1, -12), 'latin1');
    });
    redis.line('SET k precious');
    fc.assert(
      fc.property(
        fc.constantFrom(...wholes),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
        fc.option(fc.nat()),
        (whole, changes, cut) => {
          const body = Buffer.from(whole);
          for (const [at, byte] of changes) body[Math.min(at % body.length, at % 60)] = byte;
          const payload = payloadOf(cut === null ? body : body.subarray(0, cut % body.length));
          const reply = redis.run('RESTORE', 'k', 0, payload, 'REPLACE');
          if (reply === '+OK\r\n') {
            redis.run('DEL', 'k');
            redis.run('SET', 'k', 'precious');
          } else {
            expect(reply).toMatch(/^-ERR Bad data format/);
            expect(redis.line('GET k')).toBe('$8\r\nprecious\r\n');
          }
        },
      ),
      { numRuns: runs(200) },
    );
  });
});
