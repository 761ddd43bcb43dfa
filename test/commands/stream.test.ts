import { beforeEach, describe, expect, it } from 'vitest';
import { genericCommands } from '../../src/commands/keys/index.js';
import { Slice } from '../../src/memory/slice.js';
import { streamCommands } from '../../src/types/stream/commands/index.js';
import { CommandRunner, type Word } from '../support/command-runner.js';
import { payloadOf } from '../support/payload.js';

let redis: CommandRunner;

beforeEach(() => {
  redis = new CommandRunner([...streamCommands, ...genericCommands]);
});

function fill(key: string, count: number, value: (i: number) => Word = (i) => i): void {
  for (let i = 1; i <= count; i++) redis.run('XADD', key, `5-${i}`, 'f', value(i));
}

describe('XADD', () => {
  it('takes ids from the clock, and goes on from the last one while the clock does not', () => {
    expect(redis.bulk('XADD', 's', '*', 'a', '1')).toBe('1700000000000-0');
    expect(redis.bulk('XADD', 's', '*', 'a', '1')).toBe('1700000000000-1');
    redis.now -= 5000;
    expect(redis.bulk('XADD', 's', '*', 'a', '1')).toBe('1700000000000-2');
    redis.now += 5001;
    expect(redis.bulk('XADD', 's', '*', 'a', '1')).toBe('1700000000001-0');
  });

  it('announces the entry and what was trimmed, and counts as one change', () => {
    redis.line('XADD s 1-1 a 1');
    redis.line('XADD s 2-1 a 1');
    redis.line('XADD s MAXLEN 1 3-1 a 1');
    expect(redis.takeEvents()).toEqual(['xadd s', 'xadd s', 'xadd s', 'xtrim s']);
    expect(redis.engine.keyspace.dirty).toBe(3);
  });

  it('propagates the id it chose, and the length to which it trimmed', () => {
    redis.line('XADD s * a 1');
    redis.line('XADD s 1700000000000-* a 1');
    redis.line('XADD s MAXLEN ~ 1 * a 1');
    redis.line('XADD s NOMKSTREAM MINID ~ 5 * a 1');
    redis.line('XADD s 1800000000000-1 a 1');
    expect(redis.takeEffects().map((words) => words.join(' '))).toEqual([
      'XADD s 1700000000000-0 a 1',
      'XADD s 1700000000000-1 a 1',
      'XADD s MAXLEN = 3 1700000000000-2 a 1',
      'XADD s NOMKSTREAM MINID = 1700000000000-0 1700000000000-3 a 1',
      'XADD s 1800000000000-1 a 1',
    ]);
  });
});

describe('XDEL and XTRIM', () => {
  it('announce and count what they removed, and nothing if that is nothing', () => {
    fill('s', 5);
    redis.takeEvents();
    redis.engine.keyspace.dirty = 0;
    redis.line('XDEL s 5-1 5-2 9-9');
    redis.line('XDEL s 9-9');
    redis.line('XTRIM s MAXLEN 1');
    redis.line('XTRIM s MAXLEN 1');
    expect(redis.takeEvents()).toEqual(['xdel s', 'xtrim s']);
    expect(redis.engine.keyspace.dirty).toBe(4);
  });

  it('leave a stream without entries', () => {
    fill('s', 3);
    redis.line('XTRIM s MAXLEN 0');
    expect(redis.entry('s')).not.toBe(0);
    expect(redis.line('XADD s 5-3 f 1')).toMatch(/^-ERR The ID specified in XADD is equal or smaller/);
  });

  it('propagate an approximate trim as an exact one', () => {
    fill('s', 250);
    redis.takeEffects();
    expect(redis.line('XTRIM s MAXLEN ~ 100')).toBe(':100\r\n');
    expect(redis.takeEffects()).toEqual([['XTRIM', 's', 'MAXLEN', '=', '150']]);
  });
});

describe('memory', () => {
  const used = () => redis.engine.keyspace.arena.usedBytes;

  it('is given back whole, whatever the entries were', () => {
    const before = used();
    for (const length of [0, 10, 4000, 40_000, 200_000]) fill(`s${length}`, 30, () => 'x'.repeat(length));
    for (const length of [0, 10, 4000, 40_000, 200_000]) {
      expect(redis.line(`XDEL s${length} 5-1 5-30 5-17`)).toBe(':3\r\n');
      redis.line(`COPY s${length} copy`);
      redis.line('XTRIM copy MAXLEN 3');
      expect(redis.line(`XLEN s${length}`)).toBe(':27\r\n');
      redis.line(`DEL s${length} copy`);
    }
    while (redis.engine.keyspace.reclaimer.isBusy) redis.engine.keyspace.reclaimer.step(1000);
    expect(used() - before).toBeLessThan(1024);
  });

  it('of a small stream is two blocks of some hundred bytes in all', () => {
    redis.line('XADD s 1700000000000-1 field1 value123');
    let bytes = 0;
    for (const block of redis.db.blocksOf(redis.db.peek(Slice.of('s'))))
      bytes += redis.engine.keyspace.arena.capacity(block);
    expect(bytes).toBeLessThanOrEqual(112);
  });

  it('of an entry in a long stream is less than 23 bytes', () => {
    const before = used();
    for (let i = 0; i < 8000; i++) redis.engineOnly(`XADD s * field1 ${i % 10} field2 ${10_000_000 + i}`);
    expect((used() - before) / 8000).toBeLessThan(23);
  });
});

describe('payloads', () => {
  it('that are wrong in any byte are refused, or make a sound stream', () => {
    fill('s', 12);
    redis.line('XDEL s 5-4 5-9');
    redis.line('XADD s 6-1 other field and more');
    const dump = redis.bulk('DUMP', 's') as string;
    const body = Buffer.from(dump, 'latin1').subarray(0, -10);
    for (let at = 0; at < body.length; at++) {
      for (const change of [1, 2, 0x10, 0x80, 0xff]) {
        const wrong = Buffer.from(body);
        wrong[at]! ^= change;
        redis.run('RESTORE', 'w', 0, payloadOf(wrong), 'REPLACE');
        redis.run('XREVRANGE', 'w', '+', '-');
      }
    }
  });
});
