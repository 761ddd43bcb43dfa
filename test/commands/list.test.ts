import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../src/keyspace/database.js';
import { Slice } from '../../src/memory/slice.js';
import { listCommands } from '../../src/types/list/commands/index.js';
import { ListKind, openList } from '../../src/types/list/value.js';
import { stringCommands } from '../../src/types/string/commands/index.js';
import { CommandRunner } from '../support/command-runner.js';
import { bulk, bulks, int, NOT_INTEGER, NULL, NULL_ARRAY, OK, SYNTAX, WRONGTYPE } from '../support/replies.js';
import { runs } from '../support/runs.js';

let redis: CommandRunner;

beforeEach(() => {
  redis = new CommandRunner([...listCommands, ...stringCommands]);
});

function encoding(key: string, runner = redis): string {
  const ref = runner.entry(key);
  if (ref === 0) return 'none';
  return runner.db.kindOf(ref) === ListKind.PACKED ? 'listpack' : 'quicklist';
}

function fill(key: string, count: number, make: (i: number) => string): void {
  redis.run('RPUSH', key, ...Array.from({ length: count }, (_, i) => make(i)));
}

describe('LPUSH, RPUSH, LPUSHX, RPUSHX', () => {
  it('add element by element and reply with the length', () => {
    expect(redis.line('RPUSH l a b')).toBe(int(2));
    expect(redis.line('LPUSH l c d')).toBe(int(4));
    expect(redis.line('LRANGE l 0 -1')).toBe(bulks('d', 'c', 'a', 'b'));
    expect(redis.takeEvents()).toEqual(['rpush l', 'lpush l']);
    expect(redis.engine.keyspace.dirty).toBe(4);
  });

  it('with X leave a missing key alone', () => {
    expect(redis.line('LPUSHX l a')).toBe(int(0));
    expect(redis.line('RPUSHX l a b')).toBe(int(0));
    expect(redis.entry('l')).toBe(0);
    redis.line('RPUSH l x');
    expect(redis.line('LPUSHX l a')).toBe(int(2));
    expect(redis.line('RPUSHX l b')).toBe(int(3));
    expect(redis.line('LRANGE l 0 -1')).toBe(bulks('a', 'x', 'b'));
  });

  it('refuse keys of another type and too few arguments', () => {
    redis.line('SET s x');
    expect(redis.line('LPUSH s a')).toBe(WRONGTYPE);
    expect(redis.line('RPUSHX s a')).toBe(WRONGTYPE);
    expect(redis.line('LPUSH l')).toBe("-ERR wrong number of arguments for 'lpush' command\r\n");
  });

  it('take more arguments than slices are pooled', () => {
    fill('l', 5000, String);
    expect(redis.line('LLEN l')).toBe(int(5000));
    expect(redis.line('LINDEX l 4999')).toBe(bulk('4999'));
    expect(redis.takeEvents()).toEqual(['rpush l']);
  });

  it('keep elements of any bytes and any length', () => {
    const binary = Buffer.from([0, 13, 10, 255]);
    const sizes = [0, 63, 64, 5000, 16_383, 16_384, 65_536, 200_000];
    redis.run('RPUSH', 'l', binary, ...sizes.map((size) => 'x'.repeat(size)));
    expect(redis.line('LINDEX l 0')).toBe(bulk(binary.toString('latin1')));
    sizes.forEach((size, i) => {
      expect(redis.run('LINDEX', 'l', i + 1)).toBe(bulk('x'.repeat(size)));
    });
    expect(redis.run('LPOP', 'l', 9)).toBe(bulks(binary.toString('latin1'), ...sizes.map((size) => 'x'.repeat(size))));
    expect(redis.entry('l')).toBe(0);
  });
});

describe('LPOP and RPOP', () => {
  it('remove one element, or with a count several', () => {
    redis.line('RPUSH l a b c d e');
    expect(redis.line('LPOP l')).toBe(bulk('a'));
    expect(redis.line('RPOP l')).toBe(bulk('e'));
    expect(redis.line('RPOP l 2')).toBe(bulks('d', 'c'));
    expect(redis.line('LPOP l 0')).toBe('*0\r\n');
    expect(redis.line('LPOP l 9')).toBe(bulks('b'));
    expect(redis.takeEvents()).toEqual(['rpush l', 'lpop l', 'rpop l', 'rpop l', 'lpop l', 'del l']);
    expect(redis.engine.keyspace.dirty).toBe(10);
  });

  it('of a missing key reply null, with a count the null of arrays', () => {
    expect(redis.line('LPOP l')).toBe(NULL);
    expect(redis.line('LPOP l 2')).toBe(NULL_ARRAY);
    expect(redis.line('RPOP l 0')).toBe(NULL_ARRAY);
  });

  it('check the count before the key', () => {
    redis.line('SET s x');
    for (const count of ['-1', 'x', '9223372036854775808']) {
      expect(redis.line(`LPOP s ${count}`)).toBe('-ERR value is out of range, must be positive\r\n');
    }
    expect(redis.line('LPOP s 1')).toBe(WRONGTYPE);
    expect(redis.line('LPOP s 1 2')).toBe("-ERR wrong number of arguments for 'lpop' command\r\n");
  });
});

describe('LRANGE, LINDEX, LLEN', () => {
  it('LRANGE cuts its range to the list', () => {
    redis.line('RPUSH l a b c');
    expect(redis.line('LRANGE l -100 100')).toBe(bulks('a', 'b', 'c'));
    expect(redis.line('LRANGE l -2 -1')).toBe(bulks('b', 'c'));
    expect(redis.line('LRANGE l 1 0')).toBe('*0\r\n');
    expect(redis.line('LRANGE l 3 9')).toBe('*0\r\n');
    expect(redis.line('LRANGE l 0 -4')).toBe('*0\r\n');
    expect(redis.line('LRANGE l -9223372036854775808 9223372036854775807')).toBe(bulks('a', 'b', 'c'));
    expect(redis.line('LRANGE none 0 1')).toBe('*0\r\n');
  });

  it('LRANGE reads its numbers before the key, LINDEX after it', () => {
    redis.line('SET s x');
    expect(redis.line('LRANGE s a 1')).toBe(NOT_INTEGER);
    expect(redis.line('LRANGE s 0 1')).toBe(WRONGTYPE);
    expect(redis.line('LINDEX s a')).toBe(WRONGTYPE);
    expect(redis.line('LINDEX none a')).toBe(NULL);
    redis.line('RPUSH l a');
    expect(redis.line('LINDEX l a')).toBe(NOT_INTEGER);
    expect(redis.line('LLEN s')).toBe(WRONGTYPE);
    expect(redis.line('LLEN none')).toBe(int(0));
  });

  it('LINDEX counts from both ends', () => {
    redis.line('RPUSH l a b c');
    expect(redis.line('LINDEX l 0')).toBe(bulk('a'));
    expect(redis.line('LINDEX l -1')).toBe(bulk('c'));
    expect(redis.line('LINDEX l 3')).toBe(NULL);
    expect(redis.line('LINDEX l -4')).toBe(NULL);
  });
});

describe('LPOS', () => {
  beforeEach(() => redis.line('RPUSH l a b c a b c'));

  it('finds matches from either end', () => {
    expect(redis.line('LPOS l c')).toBe(int(2));
    expect(redis.line('LPOS l c RANK 2')).toBe(int(5));
    expect(redis.line('LPOS l c RANK -1')).toBe(int(5));
    expect(redis.line('LPOS l c RANK -1 COUNT 0')).toBe('*2\r\n:5\r\n:2\r\n');
    expect(redis.line('LPOS l a COUNT 0 MAXLEN 3')).toBe('*1\r\n:0\r\n');
    expect(redis.line('LPOS l q')).toBe(NULL);
    expect(redis.line('LPOS l q COUNT 1')).toBe('*0\r\n');
    expect(redis.line('LPOS none q')).toBe(NULL);
    expect(redis.line('LPOS none q COUNT 1')).toBe('*0\r\n');
  });

  it('refuses what it can not use', () => {
    expect(redis.line('LPOS l a RANK 0')).toContain("RANK can't be zero");
    expect(redis.line('LPOS l a RANK -9223372036854775808')).toContain('value must between');
    expect(redis.line('LPOS l a COUNT -1')).toBe("-ERR COUNT can't be negative\r\n");
    expect(redis.line('LPOS l a MAXLEN x')).toBe("-ERR MAXLEN can't be negative\r\n");
    expect(redis.line('LPOS l a COUNT')).toBe(SYNTAX);
  });
});

describe('LSET, LINSERT, LREM, LTRIM', () => {
  beforeEach(() => {
    redis.line('RPUSH l a b c a');
    redis.takeEvents();
  });

  it('LSET replaces', () => {
    expect(redis.line('LSET l -1 longer')).toBe(OK);
    expect(redis.line('LSET l 0 z')).toBe(OK);
    expect(redis.line('LRANGE l 0 -1')).toBe(bulks('z', 'b', 'c', 'longer'));
    expect(redis.line('LSET l 4 x')).toBe('-ERR index out of range\r\n');
    expect(redis.line('LSET none x x')).toBe('-ERR no such key\r\n');
    expect(redis.line('LSET l x x')).toBe(NOT_INTEGER);
    expect(redis.takeEvents()).toEqual(['lset l', 'lset l']);
  });

  it('LINSERT inserts beside the first match', () => {
    expect(redis.line('LINSERT l BEFORE a x')).toBe(int(5));
    expect(redis.line('LINSERT l after c y')).toBe(int(6));
    expect(redis.line('LINSERT l AFTER q y')).toBe(int(-1));
    expect(redis.line('LINSERT none AFTER q y')).toBe(int(0));
    expect(redis.line('LINSERT none BESIDE q y')).toBe(SYNTAX);
    expect(redis.line('LRANGE l 0 -1')).toBe(bulks('x', 'a', 'b', 'c', 'y', 'a'));
    expect(redis.takeEvents()).toEqual(['linsert l', 'linsert l']);
  });

  it('LREM removes from the side that the sign tells', () => {
    expect(redis.line('LREM l -1 a')).toBe(int(1));
    expect(redis.line('LRANGE l 0 -1')).toBe(bulks('a', 'b', 'c'));
    expect(redis.line('LREM l 0 q')).toBe(int(0));
    redis.line('LREM l 1 a');
    redis.line('LREM l 0 b');
    redis.line('LREM l 0 c');
    expect(redis.takeEvents()).toEqual(['lrem l', 'lrem l', 'lrem l', 'lrem l', 'del l']);
  });

  it('LTRIM keeps a range, and says ltrim even if that is all', () => {
    const before = redis.engine.keyspace.dirty;
    redis.takeEffects();
    expect(redis.line('LTRIM l 0 -1')).toBe(OK);
    expect(redis.engine.keyspace.dirty).toBe(before);
    expect(redis.takeEffects()).toEqual([]);
    redis.line('LTRIM l 1 2');
    expect(redis.line('LRANGE l 0 -1')).toBe(bulks('b', 'c'));
    expect(redis.line('LTRIM l 5 9')).toBe(OK);
    expect(redis.line('LTRIM none 5 9')).toBe(OK);
    expect(redis.takeEvents()).toEqual(['ltrim l', 'ltrim l', 'ltrim l', 'del l']);
  });
});

describe('LMOVE and RPOPLPUSH', () => {
  it('move between lists, the arrival announced first', () => {
    redis.line('RPUSH a 1 2');
    redis.takeEvents();
    expect(redis.line('LMOVE a b LEFT RIGHT')).toBe(bulk('1'));
    expect(redis.line('RPOPLPUSH a b')).toBe(bulk('2'));
    expect(redis.line('LRANGE b 0 -1')).toBe(bulks('2', '1'));
    expect(redis.takeEvents()).toEqual(['rpush b', 'lpop a', 'lpush b', 'rpop a', 'del a']);
  });

  it('rotate a list', () => {
    redis.line('RPUSH l 1 2 3');
    expect(redis.line('LMOVE l l LEFT RIGHT')).toBe(bulk('1'));
    expect(redis.line('LRANGE l 0 -1')).toBe(bulks('2', '3', '1'));
    expect(redis.line('RPOPLPUSH l l')).toBe(bulk('1'));
    expect(redis.line('LMOVE l l LEFT LEFT')).toBe(bulk('1'));
    expect(redis.line('LRANGE l 0 -1')).toBe(bulks('1', '2', '3'));
    redis.line('RPUSH one x');
    redis.takeEvents();
    expect(redis.line('LMOVE one one RIGHT LEFT')).toBe(bulk('x'));
    expect(redis.takeEvents()).toEqual(['lpush one', 'rpop one']);
  });

  it('move and rotate elements of any length', () => {
    const values = ['a', 'm'.repeat(100), 'l'.repeat(9000), 'r'.repeat(70_000)];
    redis.run('RPUSH', 'l', ...values);
    for (const value of values) expect(redis.line('LMOVE l l LEFT RIGHT')).toBe(bulk(value));
    for (const value of values.toReversed()) expect(redis.line('RPOPLPUSH l m')).toBe(bulk(value));
    expect(redis.line('LRANGE m 0 -1')).toBe(bulks(...values));
    expect(redis.entry('l')).toBe(0);
  });

  it('check the source before the target, and nothing of a missing source', () => {
    redis.line('SET s x');
    redis.line('RPUSH l a');
    expect(redis.line('LMOVE s l UP LEFT')).toBe(SYNTAX);
    expect(redis.line('LMOVE none s LEFT LEFT')).toBe(NULL);
    expect(redis.line('LMOVE s l LEFT LEFT')).toBe(WRONGTYPE);
    expect(redis.line('LMOVE l s LEFT LEFT')).toBe(WRONGTYPE);
    expect(redis.line('LRANGE l 0 -1')).toBe(bulks('a'));
  });
});

describe('LMPOP', () => {
  it('pops from the first list there is, and propagates that', () => {
    redis.line('RPUSH l a b c');
    redis.takeEffects();
    expect(redis.line('LMPOP 2 none l LEFT')).toBe(`*2\r\n${bulk('l')}${bulks('a')}`);
    expect(redis.line('LMPOP 1 l RIGHT COUNT 9')).toBe(`*2\r\n${bulk('l')}${bulks('c', 'b')}`);
    expect(redis.line('LMPOP 1 l RIGHT')).toBe(NULL_ARRAY);
    expect(redis.takeEffects()).toEqual([
      ['LPOP', 'l', '1'],
      ['RPOP', 'l', '2'],
    ]);
  });

  it('refuses what it can not use', () => {
    for (const keys of ['0', '-1', 'x']) {
      expect(redis.line(`LMPOP ${keys} l LEFT`)).toBe('-ERR numkeys should be greater than 0\r\n');
    }
    for (const count of ['0', '-1', 'x']) {
      expect(redis.line(`LMPOP 1 l LEFT COUNT ${count}`)).toBe('-ERR count should be greater than 0\r\n');
    }
    for (const rest of ['1 l UP', '2 l LEFT', '1 l LEFT COUNT', '1 l LEFT COUNT 1 COUNT 1', '9999999999 l LEFT']) {
      expect(redis.line(`LMPOP ${rest}`)).toBe(SYNTAX);
    }
  });
});

describe('the encoding of a list', () => {
  it('is listpack up to 8 KiB, counted as a listpack would be', () => {
    fill('l', 1000, () => 'abcdef'); // 8 bytes each, and 7 of the listpack itself
    redis.run('RPUSH', 'l', 'x'.repeat(185));
    expect(encoding('l')).toBe('listpack');
    redis.run('RPUSH', 'l', '');
    expect(encoding('l')).toBe('quicklist');
  });

  it('counts integers in binary', () => {
    fill('l', 1600, () => '99999'); // 5 bytes each
    redis.run('RPUSH', 'l', 'x'.repeat(185));
    expect(encoding('l')).toBe('listpack');
    redis.run('RPUSH', 'l', 'x');
    expect(encoding('l')).toBe('quicklist');
  });

  it('is quicklist at once for what is too large together', () => {
    redis.run('RPUSH', 'l', 'x'.repeat(5000), 'x'.repeat(5000));
    expect(encoding('l')).toBe('quicklist');
    redis.run('RPUSH', 'm', 'x'.repeat(20_000));
    expect(encoding('m')).toBe('quicklist');
  });

  it('returns to listpack when half the limit is left', () => {
    fill('l', 2000, () => 'abcdef');
    expect(encoding('l')).toBe('quicklist');
    redis.run('LPOP', 'l', 1000);
    expect(encoding('l')).toBe('quicklist');
    redis.run('LPOP', 'l', 488);
    expect(encoding('l')).toBe('quicklist');
    redis.run('LPOP', 'l');
    expect(encoding('l')).toBe('listpack');
    redis.run('LTRIM', 'l', 0, 300);
    expect(redis.run('LRANGE', 'l', 0, -1)).toBe(bulks(...Array<string>(301).fill('abcdef')));
    expect(redis.engine.keyspace.arena.stats.usedBytes).toBeLessThan(16_384);
  });

  it('follows a limit on the number of elements', () => {
    redis.engine.keyspace.limits.listMaxListpackSize = 3;
    redis.line('RPUSH l a b c');
    expect(encoding('l')).toBe('listpack');
    redis.line('RPUSH l d');
    expect(encoding('l')).toBe('quicklist');
    redis.line('LPOP l 2');
    expect(encoding('l')).toBe('quicklist');
    redis.line('LPOP l');
    expect(encoding('l')).toBe('listpack');
    redis.line('LSET l 0 x');
    expect(redis.line('LRANGE l 0 -1')).toBe(bulks('x'));
  });

  it('with the largest limits keeps small lists in their entry, long keys too', () => {
    redis.engine.keyspace.limits.listMaxListpackSize = -5;
    const key = 'k'.repeat(16_000);
    for (let i = 0; i < 400; i++) redis.run('RPUSH', key, 'x'.repeat(100));
    expect(redis.run('LLEN', key)).toBe(int(400));
    expect(redis.run('LPOP', key, 399)).toContain('*399');
    expect(redis.run('LPOP', key)).toBe(bulk('x'.repeat(100)));
  });

  it('as a queue in its entry takes no more room than its elements need', () => {
    for (let i = 0; i < 600; i++) {
      redis.run('RPUSH', 'q', `job-${i}`);
      if (i >= 10) expect(redis.run('LPOP', 'q')).toBe(bulk(`job-${i - 10}`));
    }
    expect(encoding('q')).toBe('listpack');
    expect(redis.engine.keyspace.arena.capacity(redis.entry('q'))).toBeLessThanOrEqual(256);
  });
});

// --- lists against arrays

const element = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom('a', 'b', '', '7', '-300', '123456789') },
  { weight: 7, arbitrary: fc.integer({ min: 0, max: 300 }).map((length) => 'm'.repeat(length)) },
  { weight: 1, arbitrary: fc.constantFrom(3000, 9000, 20_000, 70_000).map((length) => 'l'.repeat(length)) },
);
const index = fc.integer({ min: -60, max: 60 });
const key = fc.constantFrom('k', 'l');
const side = fc.constantFrom('LEFT', 'RIGHT');
const many = fc.array(element, { minLength: 1, maxLength: 60, size: 'max' });
const request: fc.Arbitrary<(string | number)[]> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(fc.constantFrom('RPUSH', 'LPUSH'), key, many).map(([name, k, v]) => [name, k, ...v]),
  },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom('RPUSH', 'LPUSH'), key, element) },
  { weight: 3, arbitrary: fc.tuple(fc.constantFrom('RPOP', 'LPOP'), key, fc.integer({ min: 0, max: 90 })) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('LSET'), key, index, element) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('LINSERT'), key, fc.constantFrom('BEFORE', 'AFTER'), element, element) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('LREM'), key, fc.integer({ min: -3, max: 3 }), element) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('LTRIM'), key, index, index) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('LMOVE'), key, key, side, side) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('LIMIT'), fc.constantFrom(-1, -2, -5, 1, 20)) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('OPEN', 'CLOSE', 'RESTORE')) },
);

/** Does to arrays what the command does to lists. */
function applyToModel(model: Map<string, string[]>, [name, k, ...rest]: (string | number)[]): void {
  const list = model.get(k as string) ?? [];
  const at = (i: number) => (i < 0 ? i + list.length : i);
  if (name === 'RPUSH') list.push(...(rest as string[]));
  else if (name === 'LPUSH') list.unshift(...(rest as string[]).toReversed());
  else if (name === 'LPOP') list.splice(0, rest[0] as number);
  else if (name === 'RPOP') list.splice(Math.max(0, list.length - (rest[0] as number)));
  else if (name === 'LSET') {
    const i = at(rest[0] as number);
    if (i >= 0 && i < list.length) list[i] = rest[1] as string;
  } else if (name === 'LINSERT') {
    const i = list.indexOf(rest[1] as string);
    if (i >= 0) list.splice(rest[0] === 'AFTER' ? i + 1 : i, 0, rest[2] as string);
  } else if (name === 'LREM') {
    const found = [...list.keys()].filter((i) => list[i] === rest[1]);
    const count = rest[0] as number;
    const gone = new Set(count === 0 ? found : count > 0 ? found.slice(0, count) : found.slice(count));
    model.set(
      k as string,
      list.filter((_, i) => !gone.has(i)),
    );
    return;
  } else if (name === 'LTRIM') {
    const start = Math.max(0, at(rest[0] as number));
    model.set(k as string, list.slice(start, Math.max(start, at(rest[1] as number) + 1)));
    return;
  } else if (name === 'LMOVE' && list.length > 0) {
    const moved = (rest[1] === 'LEFT' ? list.shift() : list.pop()) as string;
    const target = model.get(rest[0] as string) ?? [];
    if (rest[2] === 'LEFT') target.unshift(moved);
    else target.push(moved);
    model.set(rest[0] as string, target);
  }
  model.set(k as string, list);
}

function copyOf(model: Map<string, string[]>): Map<string, string[]> {
  return new Map([...model].map(([k, list]) => [k, [...list]]));
}

describe('lists', () => {
  it('behave as arrays, and their snapshots as the arrays of their instant', () => {
    fc.assert(
      fc.property(fc.array(request, { minLength: 10, maxLength: 60, size: 'max' }), (requests) => {
        const runner = new CommandRunner(listCommands);
        const { keyspace } = runner.engine;
        let model = new Map<string, string[]>();
        const snapshots: { snapshot: ReturnType<typeof keyspace.snapshot>; model: typeof model }[] = [];
        for (const words of requests) {
          if (words[0] === 'LIMIT') keyspace.limits.listMaxListpackSize = words[1] as number;
          else if (words[0] === 'OPEN') snapshots.push({ snapshot: keyspace.snapshot(), model: copyOf(model) });
          else if (words[0] === 'CLOSE') snapshots.shift()?.snapshot.close();
          else if (words[0] === 'RESTORE') {
            const last = snapshots.at(-1);
            if (last !== undefined) {
              keyspace.restore(last.snapshot);
              model = copyOf(last.model);
            }
          } else {
            runner.run(...words);
            applyToModel(model, words);
          }
          for (const k of ['k', 'l']) {
            const list = model.get(k) ?? [];
            expect(runner.run('LRANGE', k, 0, -1)).toBe(bulks(...list));
            expect(runner.entry(k) === 0).toBe(list.length === 0);
          }
        }
        for (const { snapshot, model: then } of snapshots) {
          for (const [k, list] of then) {
            const db = snapshot.databases[0]!;
            const ref = db.peek(Slice.of(k));
            expect(ref === 0 ? [] : contentOf(db, ref)).toEqual(list);
          }
          snapshot.close();
        }
        keyspace.checkIntegrity();
      }),
      { numRuns: runs(24) },
    );
  });
});

function contentOf(db: Database, ref: number): string[] {
  const list = openList(db, ref);
  const found: string[] = [];
  list.seek(0);
  do {
    let text = '';
    list.piecesHere((piece) => {
      text += piece.toLatin1();
    });
    found.push(text);
  } while (list.next());
  return found;
}
