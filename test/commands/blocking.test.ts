import { beforeEach, describe, expect, it } from 'vitest';
import { Client } from '../../src/engine/client.js';
import { Engine } from '../../src/engine/engine.js';
import { SeededRandom } from '../../src/engine/random.js';
import { Args } from '../../src/protocol/args.js';
import { dataTypes } from '../../src/types/index.js';
import { listCommands } from '../../src/types/list/commands/index.js';
import { stringCommands } from '../../src/types/string/commands/index.js';
import { wordsOf } from '../support/effect-words.js';

/** An engine with several clients and a clock that is moved by hand. */
class Room {
  now = 1_700_000_000_000;
  /** Replies to waiting clients in the order they came, as `name reply`. */
  replies: string[] = [];
  effects: string[] = [];
  private alarms: { atMs: number; callback: () => void }[] = [];
  private readonly clients = new Map<string, Client>();
  readonly engine = new Engine({
    types: dataTypes,
    commands: [...listCommands, ...stringCommands],
    clock: {
      now: () => this.now,
      schedule: (atMs, callback) => {
        const alarm = { atMs, callback };
        this.alarms.push(alarm);
        return { cancel: () => (this.alarms = this.alarms.filter((other) => other !== alarm)) };
      },
    },
    random: new SeededRandom([1, 2, 3, 4]),
    databases: 16,
    onInternalError: (error) => {
      throw error;
    },
  });

  constructor() {
    this.engine.effects.listen((effect) => void this.effects.push(wordsOf(effect).join(' ')));
  }

  client(name: string): Client {
    let client = this.clients.get(name);
    if (client === undefined) {
      const send = (bytes: Buffer) => this.replies.push(`${name} ${bytes.toString('latin1')}`);
      client = new Client(this.clients.size + 1, { send, unblocked() {}, close() {} }, this.now);
      this.clients.set(name, client);
    }
    return client;
  }

  /** Runs a line of words without spaces; the raw reply, empty if the client waits now. */
  run(name: string, line: string): string {
    this.engine.execute(this.client(name), Args.from(line.split(' ')));
    const reply = this.engine.reply.take(0).toString('latin1');
    this.engine.keyspace.checkIntegrity();
    return reply;
  }

  advance(ms: number): void {
    this.now += ms;
    const due = this.alarms.filter((alarm) => alarm.atMs <= this.now);
    this.alarms = this.alarms.filter((alarm) => alarm.atMs > this.now);
    for (const alarm of due) alarm.callback();
  }

  get alarmCount(): number {
    return this.alarms.length;
  }
}

let room: Room;

beforeEach(() => {
  room = new Room();
});

function popped(key: string, value: string): string {
  return `*2\r\n$${key.length}\r\n${key}\r\n$${value.length}\r\n${value}\r\n`;
}

describe('BLPOP and BRPOP', () => {
  it('answer at once from the first key that holds a list', () => {
    room.run('w', 'RPUSH k2 a b');
    room.effects = [];
    expect(room.run('a', 'BLPOP k1 k2 0')).toBe(popped('k2', 'a'));
    expect(room.run('a', 'BRPOP k1 k2 0')).toBe(popped('k2', 'b'));
    expect(room.effects).toEqual(['LPOP k2', 'RPOP k2']);
    expect(room.engine.blocking.blockedClients).toBe(0);
  });

  it('are served in the order in which they came', () => {
    for (const name of ['a', 'b', 'c']) expect(room.run(name, 'BLPOP k 0')).toBe('');
    expect(room.run('w', 'RPUSH k 1 2')).toBe(':2\r\n');
    expect(room.replies).toEqual([`a ${popped('k', '1')}`, `b ${popped('k', '2')}`]);
    room.run('w', 'RPUSH k 3 4');
    expect(room.replies.at(-1)).toBe(`c ${popped('k', '3')}`);
    expect(room.run('w', 'LRANGE k 0 -1')).toBe('*1\r\n$1\r\n4\r\n');
    expect(room.effects).toEqual(['RPUSH k 1 2', 'LPOP k', 'LPOP k', 'RPUSH k 3 4', 'LPOP k']);
  });

  it('with the same key twice are served once', () => {
    room.run('a', 'BLPOP k k 0');
    room.run('w', 'RPUSH k 1 2');
    expect(room.replies).toHaveLength(1);
    expect(room.run('w', 'LLEN k')).toBe(':1\r\n');
  });

  it('are served by the first of their keys that is filled, and once', () => {
    room.run('a', 'BLPOP k1 k2 0');
    room.run('w', 'RPUSH k2 x');
    expect(room.replies).toEqual([`a ${popped('k2', 'x')}`]);
    room.run('w', 'RPUSH k1 y');
    expect(room.replies).toHaveLength(1);
  });

  it('are not woken by a key of another type, and refuse one at once', () => {
    room.run('a', 'BLPOP k 0');
    room.run('w', 'SET k string');
    expect(room.replies).toEqual([]);
    expect(room.run('b', 'BLPOP none k 0')).toContain('-WRONGTYPE');
    expect(room.engine.blocking.blockedClients).toBe(1);
  });

  it('time out with the null of arrays, to the millisecond', () => {
    room.run('a', 'BLPOP k 1.5');
    room.run('b', 'BRPOP k 0.0001');
    room.client('c').protocol = 3;
    room.run('c', 'BLMPOP 1.5 1 k LEFT');
    room.advance(1);
    expect(room.replies).toEqual(['b *-1\r\n']);
    room.advance(1498);
    expect(room.replies).toHaveLength(1);
    room.advance(1);
    expect(room.replies).toEqual(['b *-1\r\n', 'a *-1\r\n', 'c _\r\n']);
    expect(room.engine.blocking.blockedClients).toBe(0);
  });

  it('leave no alarm behind when they are served', () => {
    room.run('a', 'BLPOP k 10');
    room.run('w', 'RPUSH k x');
    expect(room.alarmCount).toBe(0);
  });

  it('keep their place and arguments while the buffer they came in is used again', () => {
    const client = room.client('a');
    const args = Args.from(['BLPOP', 'somewhere', '0']);
    room.engine.execute(client, args);
    args.bytes.fill(0);
    room.run('w', 'RPUSH somewhere x');
    expect(room.replies).toEqual([`a ${popped('somewhere', 'x')}`]);
  });

  it('never wait where waiting is not allowed', () => {
    const client = new Client(99, { send() {}, unblocked() {}, close() {} }, room.now, false);
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
    room.run('a', 'BLPOP k 0');
    room.run('b', 'BLPOP k 0');
    room.engine.disconnect(room.client('a'));
    room.run('w', 'RPUSH k 1');
    expect(room.replies).toEqual([`b ${popped('k', '1')}`]);
  });

  it('serve a thousand waiters of one key with one push', () => {
    const names = Array.from({ length: 1000 }, (_, i) => `c${i}`);
    for (const name of names) room.engine.execute(room.client(name), Args.from(['BLPOP', 'k', '0']));
    room.run('w', `RPUSH k ${names.map((_, i) => i).join(' ')}`);
    expect(room.replies).toEqual(names.map((name, i) => `${name} ${popped('k', String(i))}`));
  });
});

describe('timeouts', () => {
  it('are checked before the keys', () => {
    room.run('w', 'SET s x');
    for (const timeout of ['abc', 'nan', '1x', '1e5000']) {
      expect(room.run('a', `BLPOP s ${timeout}`)).toBe('-ERR timeout is not a float or out of range\r\n');
    }
    for (const timeout of ['-1', '-0.002', '-inf', '-1e400']) {
      expect(room.run('a', `BLPOP s ${timeout}`)).toBe('-ERR timeout is negative\r\n');
    }
    for (const timeout of ['inf', '1e300', '1e400', '0x7FFFFFFFFFFFFF', '9223372036854775', '9223372036854775807']) {
      expect(room.run('a', `BLPOP s ${timeout}`)).toBe('-ERR timeout is out of range\r\n');
    }
  });

  it('are read with the precision of Redis: a trifle below 0 is no time at all, and waits for ever', () => {
    for (const timeout of ['-0.001', '-1e-400', '-0.0', '0']) {
      const name = `client with ${timeout}`;
      expect(room.run(name, `BLPOP k ${timeout}`)).toBe('');
      expect(room.alarmCount).toBe(0);
    }
    expect(room.run('tiny', 'BLPOP k 1e-400')).toBe('');
    room.advance(1);
    expect(room.replies).toEqual(['tiny *-1\r\n']);
  });

  it('come behind the other arguments of BLMOVE and BLMPOP', () => {
    expect(room.run('a', 'BLMOVE k l UP LEFT -1')).toBe('-ERR syntax error\r\n');
    expect(room.run('a', 'BLMOVE k l LEFT LEFT -1')).toBe('-ERR timeout is negative\r\n');
    expect(room.run('a', 'BLMPOP x 0 k LEFT')).toBe('-ERR numkeys should be greater than 0\r\n');
    expect(room.run('a', 'BLMPOP x 1 k UP')).toBe('-ERR syntax error\r\n');
    expect(room.run('a', 'BLMPOP x 1 k LEFT')).toBe('-ERR timeout is not a float or out of range\r\n');
  });
});

describe('BLMOVE and BRPOPLPUSH', () => {
  it('chain: what one moves wakes the next', () => {
    room.run('a', 'BLMOVE k1 k2 LEFT RIGHT 0');
    room.run('b', 'BRPOPLPUSH k2 k3 0');
    room.run('c', 'BLPOP k3 0');
    room.effects = [];
    room.run('w', 'LPUSH k1 x');
    expect(room.replies).toEqual(['a $1\r\nx\r\n', 'b $1\r\nx\r\n', `c ${popped('k3', 'x')}`]);
    expect(room.effects).toEqual(['LPUSH k1 x', 'LMOVE k1 k2 LEFT RIGHT', 'RPOPLPUSH k2 k3', 'LPOP k3']);
    expect(room.engine.keyspace.databases[0].size).toBe(0);
  });

  it('that rotate their own list serve each waiter once per push', () => {
    room.run('a', 'BLMOVE k k LEFT RIGHT 0');
    room.run('b', 'BLPOP k 0');
    room.run('w', 'RPUSH k 1 2');
    expect(room.replies).toEqual(['a $1\r\n1\r\n', `b ${popped('k', '2')}`]);
  });

  it('two that feed each other come to rest', () => {
    room.run('a', 'BLMOVE k1 k2 LEFT LEFT 0');
    room.run('b', 'BLMOVE k2 k1 LEFT LEFT 0');
    room.run('w', 'RPUSH k1 x');
    expect(room.replies).toEqual(['a $1\r\nx\r\n', 'b $1\r\nx\r\n']);
    expect(room.run('w', 'LLEN k1')).toBe(':1\r\n');
  });

  it('fail for their client when the target turns out to be of another type', () => {
    room.run('w', 'SET target x');
    room.run('a', 'BLMOVE k target LEFT LEFT 0');
    room.run('w', 'RPUSH k 1');
    expect(room.replies[0]).toContain('a -WRONGTYPE');
    expect(room.run('w', 'LLEN k')).toBe(':1\r\n');
  });

  it('time out with the null of arrays, as in Redis', () => {
    room.run('a', 'BLMOVE k l LEFT LEFT 1');
    room.advance(1000);
    expect(room.replies).toEqual(['a *-1\r\n']);
  });
});

describe('BLMPOP', () => {
  it('pops several when it is served', () => {
    room.run('a', 'BLMPOP 0 2 k1 k2 RIGHT COUNT 2');
    room.run('w', 'RPUSH k2 1 2 3');
    expect(room.replies).toEqual(['a *2\r\n$2\r\nk2\r\n*2\r\n$1\r\n3\r\n$1\r\n2\r\n']);
    expect(room.effects).toEqual(['RPUSH k2 1 2 3', 'RPOP k2 2']);
  });
});
