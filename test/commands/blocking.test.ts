import { beforeEach, describe, expect, it } from 'vitest';
import { Args } from '../../src/protocol/args.js';
import { SeveralClients } from '../support/several-clients.js';
import { testClient } from '../support/test-engine.js';

let room: SeveralClients;

beforeEach(() => {
  room = new SeveralClients();
});

function popped(key: string, value: string): string {
  return `*2\r\n$${key.length}\r\n${key}\r\n$${value.length}\r\n${value}\r\n`;
}

describe('BLPOP and BRPOP', () => {
  it('answer at once from the first key that holds a list', () => {
    room.lines('w', 'RPUSH k2 a b');
    room.effects = [];
    expect(room.lines('a', 'BLPOP k1 k2 0')).toBe(popped('k2', 'a'));
    expect(room.lines('a', 'BRPOP k1 k2 0')).toBe(popped('k2', 'b'));
    expect(room.effects).toEqual(['0: LPOP k2', '0: RPOP k2']);
    expect(room.engine.blocking.blockedClients).toBe(0);
  });

  it('are served in the order in which they came', () => {
    for (const name of ['a', 'b', 'c']) expect(room.lines(name, 'BLPOP k 0')).toBe('');
    expect(room.lines('w', 'RPUSH k 1 2')).toBe(':2\r\n');
    expect(room.sent).toEqual([`a ${popped('k', '1')}`, `b ${popped('k', '2')}`]);
    room.lines('w', 'RPUSH k 3 4');
    expect(room.sent.at(-1)).toBe(`c ${popped('k', '3')}`);
    expect(room.lines('w', 'LRANGE k 0 -1')).toBe('*1\r\n$1\r\n4\r\n');
    expect(room.effects).toEqual(['0: RPUSH k 1 2', '0: LPOP k', '0: LPOP k', '0: RPUSH k 3 4', '0: LPOP k']);
  });

  it('with the same key twice are served once', () => {
    room.lines('a', 'BLPOP k k 0');
    room.lines('w', 'RPUSH k 1 2');
    expect(room.sent).toHaveLength(1);
    expect(room.lines('w', 'LLEN k')).toBe(':1\r\n');
  });

  it('are served by the first of their keys that is filled, and once', () => {
    room.lines('a', 'BLPOP k1 k2 0');
    room.lines('w', 'RPUSH k2 x');
    expect(room.sent).toEqual([`a ${popped('k2', 'x')}`]);
    room.lines('w', 'RPUSH k1 y');
    expect(room.sent).toHaveLength(1);
  });

  it('are not woken by a key of another type, and refuse one at once', () => {
    room.lines('a', 'BLPOP k 0');
    room.lines('w', 'SET k string');
    expect(room.sent).toEqual([]);
    expect(room.lines('b', 'BLPOP none k 0')).toContain('-WRONGTYPE');
    expect(room.engine.blocking.blockedClients).toBe(1);
  });

  it('time out with the null of arrays, to the millisecond', () => {
    room.lines('a', 'BLPOP k 1.5');
    room.lines('b', 'BRPOP k 0.0001');
    room.client('c').protocol = 3;
    room.lines('c', 'BLMPOP 1.5 1 k LEFT');
    room.clock.advance(1);
    expect(room.sent).toEqual(['b *-1\r\n']);
    room.clock.advance(1498);
    expect(room.sent).toHaveLength(1);
    room.clock.advance(1);
    expect(room.sent).toEqual(['b *-1\r\n', 'a *-1\r\n', 'c _\r\n']);
    expect(room.engine.blocking.blockedClients).toBe(0);
  });

  it('leave no alarm behind when they are served', () => {
    room.lines('a', 'BLPOP k 10');
    room.lines('w', 'RPUSH k x');
    expect(room.clock.scheduledAtMs).toEqual([]);
  });

  it('keep their place and arguments while the buffer they came in is used again', () => {
    const client = room.client('a');
    const args = Args.from(['BLPOP', 'somewhere', '0']);
    room.engine.execute(client, args);
    args.bytes.fill(0);
    room.lines('w', 'RPUSH somewhere x');
    expect(room.sent).toEqual([`a ${popped('somewhere', 'x')}`]);
  });

  it('never wait where waiting is not allowed', () => {
    const client = testClient(room.engine, {}, { id: 99, mayBlock: false });
    const run = (line: string) => {
      room.engine.execute(client, Args.from(line.split(' ')));
      return room.engine.reply.take(0).toString('latin1');
    };
    expect(run('BLPOP k 0')).toBe('*-1\r\n');
    expect(run('BLMPOP 0 1 k LEFT')).toBe('*-1\r\n');
    // As in a transaction, these say what LMOVE says.
    expect(run('BLMOVE k l LEFT LEFT 0')).toBe('$-1\r\n');
    expect(run('BRPOPLPUSH k l 0')).toBe('$-1\r\n');
    expect(room.engine.blocking.blockedClients).toBe(0);
  });

  it('skip clients that went away', () => {
    room.lines('a', 'BLPOP k 0');
    room.lines('b', 'BLPOP k 0');
    room.engine.disconnect(room.client('a'));
    room.lines('w', 'RPUSH k 1');
    expect(room.sent).toEqual([`b ${popped('k', '1')}`]);
  });

  it('serve a thousand waiters of one key with one push', () => {
    const names = Array.from({ length: 1000 }, (_, i) => `c${i}`);
    for (const name of names) room.engine.execute(room.client(name), Args.from(['BLPOP', 'k', '0']));
    room.lines('w', `RPUSH k ${names.map((_, i) => i).join(' ')}`);
    expect(room.sent).toEqual(names.map((name, i) => `${name} ${popped('k', String(i))}`));
  });
});

describe('timeouts', () => {
  it('are checked before the keys', () => {
    room.lines('w', 'SET s x');
    for (const timeout of ['abc', 'nan', '1x', '1e5000']) {
      expect(room.lines('a', `BLPOP s ${timeout}`)).toBe('-ERR timeout is not a float or out of range\r\n');
    }
    for (const timeout of ['-1', '-0.002', '-inf', '-1e400']) {
      expect(room.lines('a', `BLPOP s ${timeout}`)).toBe('-ERR timeout is negative\r\n');
    }
    for (const timeout of ['inf', '1e300', '1e400', '0x7FFFFFFFFFFFFF', '9223372036854775', '9223372036854775807']) {
      expect(room.lines('a', `BLPOP s ${timeout}`)).toBe('-ERR timeout is out of range\r\n');
    }
  });

  it('are read with the precision of Redis: a trifle below 0 is no time at all, and waits for ever', () => {
    for (const timeout of ['-0.001', '-1e-400', '-0.0', '0']) {
      const name = `client with ${timeout}`;
      expect(room.lines(name, `BLPOP k ${timeout}`)).toBe('');
      expect(room.clock.scheduledAtMs).toEqual([]);
    }
    expect(room.lines('tiny', 'BLPOP k 1e-400')).toBe('');
    room.clock.advance(1);
    expect(room.sent).toEqual(['tiny *-1\r\n']);
  });

  it('come behind the other arguments of BLMOVE and BLMPOP', () => {
    expect(room.lines('a', 'BLMOVE k l UP LEFT -1')).toBe('-ERR syntax error\r\n');
    expect(room.lines('a', 'BLMOVE k l LEFT LEFT -1')).toBe('-ERR timeout is negative\r\n');
    expect(room.lines('a', 'BLMPOP x 0 k LEFT')).toBe('-ERR numkeys should be greater than 0\r\n');
    expect(room.lines('a', 'BLMPOP x 1 k UP')).toBe('-ERR syntax error\r\n');
    expect(room.lines('a', 'BLMPOP x 1 k LEFT')).toBe('-ERR timeout is not a float or out of range\r\n');
  });
});

describe('BLMOVE and BRPOPLPUSH', () => {
  it('chain: what one moves wakes the next', () => {
    room.lines('a', 'BLMOVE k1 k2 LEFT RIGHT 0');
    room.lines('b', 'BRPOPLPUSH k2 k3 0');
    room.lines('c', 'BLPOP k3 0');
    room.effects = [];
    room.lines('w', 'LPUSH k1 x');
    expect(room.sent).toEqual(['a $1\r\nx\r\n', 'b $1\r\nx\r\n', `c ${popped('k3', 'x')}`]);
    expect(room.effects).toEqual(['0: LPUSH k1 x', '0: LMOVE k1 k2 LEFT RIGHT', '0: RPOPLPUSH k2 k3', '0: LPOP k3']);
    expect(room.engine.keyspace.databases[0].size).toBe(0);
  });

  it('that rotate their own list serve each waiter once per push', () => {
    room.lines('a', 'BLMOVE k k LEFT RIGHT 0');
    room.lines('b', 'BLPOP k 0');
    room.lines('w', 'RPUSH k 1 2');
    expect(room.sent).toEqual(['a $1\r\n1\r\n', `b ${popped('k', '2')}`]);
  });

  it('two that feed each other come to rest', () => {
    room.lines('a', 'BLMOVE k1 k2 LEFT LEFT 0');
    room.lines('b', 'BLMOVE k2 k1 LEFT LEFT 0');
    room.lines('w', 'RPUSH k1 x');
    expect(room.sent).toEqual(['a $1\r\nx\r\n', 'b $1\r\nx\r\n']);
    expect(room.lines('w', 'LLEN k1')).toBe(':1\r\n');
  });

  it('fail for their client when the target turns out to be of another type', () => {
    room.lines('w', 'SET target x');
    room.lines('a', 'BLMOVE k target LEFT LEFT 0');
    room.lines('w', 'RPUSH k 1');
    expect(room.sent[0]).toContain('a -WRONGTYPE');
    expect(room.lines('w', 'LLEN k')).toBe(':1\r\n');
  });

  it('time out with the null of arrays, as in Redis', () => {
    room.lines('a', 'BLMOVE k l LEFT LEFT 1');
    room.clock.advance(1000);
    expect(room.sent).toEqual(['a *-1\r\n']);
  });
});

describe('BLMPOP', () => {
  it('pops several when it is served', () => {
    room.lines('a', 'BLMPOP 0 2 k1 k2 RIGHT COUNT 2');
    room.lines('w', 'RPUSH k2 1 2 3');
    expect(room.sent).toEqual(['a *2\r\n$2\r\nk2\r\n*2\r\n$1\r\n3\r\n$1\r\n2\r\n']);
    expect(room.effects).toEqual(['0: RPUSH k2 1 2 3', '0: RPOP k2 2']);
  });
});
