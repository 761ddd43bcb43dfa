/** What came with Redis 8.2: entries that go together with what groups hold of them, or only when all are done. */
import { beforeEach, describe, expect, it } from 'vitest';
import { allCommands } from '../../src/commands/index.js';
import { CommandRunner } from '../support/command-runner.js';

let redis: CommandRunner;

/** Of five entries `g` was given all and acknowledged 1-1; `h` was given 1-1 to 3-1, of which 3-1 is pending. */
beforeEach(() => {
  redis = new CommandRunner(allCommands);
  for (const command of [
    ...[1, 2, 3, 4, 5].map((ms) => `XADD s ${ms}-1 f ${ms}`),
    'XGROUP CREATE s g 0',
    'XGROUP CREATE s h 0',
    'XREADGROUP GROUP g ann STREAMS s >',
    'XREADGROUP GROUP h bob COUNT 3 STREAMS s >',
    'XACK s g 1-1',
    'XACK s h 1-1 2-1',
  ]) {
    redis.line(command);
  }
  redis.takeEvents();
  redis.takeEffects();
  redis.engine.keyspace.dirty = 0;
});

const idsIn = (reply: string) => [...reply.matchAll(/\d+-\d+/g)].map(String);
const entries = () => idsIn(redis.line('XRANGE s - +'));
const pending = (group: string) => idsIn(redis.line(`XPENDING s ${group} - + 10`));
const codes = (...numbers: number[]) => `*${numbers.length}\r\n${numbers.map((n) => `:${n}\r\n`).join('')}`;

describe('XDELEX', () => {
  it('leaves references alone unless it is told otherwise', () => {
    expect(redis.line('XDELEX s IDS 2 2-1 9-9')).toBe(codes(1, -1));
    expect(redis.line('XDELEX s KEEPREF IDS 1 3-1')).toBe(codes(1));
    expect(entries()).toEqual(['1-1', '4-1', '5-1']);
    expect(pending('g')).toEqual(['2-1', '3-1', '4-1', '5-1']);
  });

  it('takes the references of all groups along with DELREF, also those to what is gone already', () => {
    redis.line('XDEL s 2-1');
    expect(redis.line('XDELEX s DELREF IDS 3 2-1 3-1 9-9')).toBe(codes(-1, 1, -1));
    expect(entries()).toEqual(['1-1', '4-1', '5-1']);
    expect(pending('g')).toEqual(['4-1', '5-1']);
    expect(pending('h')).toEqual([]);
    expect(redis.line('XPENDING s h')).toBe('*4\r\n:0\r\n$-1\r\n$-1\r\n*-1\r\n');
  });

  it('deletes with ACKED what every group has read and acknowledged', () => {
    expect(redis.line('XDELEX s IDS 5 1-1 2-1 3-1 4-1 9-9 ACKED')).toBe(codes(1, 2, 2, 2, -1));
    expect(entries()).toEqual(['2-1', '3-1', '4-1', '5-1']);
    redis.line('XACK s g 2-1 4-1');
    expect(redis.line('XDELEX s ACKED IDS 2 2-1 4-1')).toBe(codes(1, 2));
    redis.line('XGROUP DESTROY s h');
    expect(redis.line('XDELEX s ACKED IDS 1 4-1')).toBe(codes(1));
  });

  it('is announced as XDEL is, and propagated as it is', () => {
    redis.line('XDELEX s IDS 2 4-1 9-9');
    redis.line('XDELEX s ACKED IDS 1 2-1');
    redis.line('XDELEX s DELREF IDS 1 9-9');
    redis.line('XDELEX s DELREF IDS 1 4-1');
    expect(redis.takeEvents()).toEqual(['xdel s']);
    expect(redis.takeEffects().map((words) => words.join(' '))).toEqual([
      'XDELEX s IDS 2 4-1 9-9',
      'XDELEX s DELREF IDS 1 4-1',
    ]);
    expect(redis.engine.keyspace.dirty).toBe(2);
  });
});

describe('XACKDEL', () => {
  it('acknowledges in one group, and deletes', () => {
    expect(redis.line('XACKDEL s g IDS 3 1-1 2-1 3-1')).toBe(codes(-1, 1, 1));
    expect(entries()).toEqual(['1-1', '4-1', '5-1']);
    expect(pending('g')).toEqual(['4-1', '5-1']);
    expect(pending('h')).toEqual(['3-1']);
  });

  it('takes the references of the other groups along with DELREF', () => {
    expect(redis.line('XACKDEL s g DELREF IDS 2 3-1 4-1')).toBe(codes(1, 1));
    expect(pending('h')).toEqual([]);
  });

  it('keeps with ACKED what another group is not done with', () => {
    expect(redis.line('XACKDEL s g ACKED IDS 3 2-1 3-1 4-1')).toBe(codes(1, 2, 2));
    expect(entries()).toEqual(['1-1', '3-1', '4-1', '5-1']);
    expect(pending('g')).toEqual(['5-1']);
    expect(redis.line('XACKDEL s h ACKED IDS 1 3-1')).toBe(codes(1));
  });

  it('acknowledges what is gone already', () => {
    redis.line('XDEL s 2-1');
    expect(redis.line('XACKDEL s g IDS 1 2-1')).toBe(codes(1));
    expect(pending('g')).toEqual(['3-1', '4-1', '5-1']);
  });

  it('is announced where it deletes, and propagated where it acknowledges', () => {
    redis.line('XACKDEL s g IDS 1 1-1');
    redis.line('XACKDEL s g ACKED IDS 1 3-1');
    redis.line('XACKDEL s g IDS 1 4-1');
    expect(redis.takeEvents()).toEqual(['xdel s']);
    expect(redis.takeEffects().map((words) => words.join(' '))).toEqual([
      'XACKDEL s g ACKED IDS 1 3-1',
      'XACKDEL s g IDS 1 4-1',
    ]);
  });
});

describe('trimming', () => {
  it('leaves with ACKED what a group is not done with', () => {
    redis.line('XACK s g 3-1');
    expect(redis.line('XTRIM s MAXLEN 1 ACKED')).toBe(':1\r\n');
    expect(entries()).toEqual(['2-1', '3-1', '4-1', '5-1']);
    redis.line('XACK s h 3-1');
    expect(redis.line('XTRIM s MAXLEN = 1 ACKED')).toBe(':1\r\n');
    expect(entries()).toEqual(['2-1', '4-1', '5-1']);
    redis.line('XACK s g 2-1 4-1');
    expect(redis.line('XTRIM s ACKED MINID 5')).toBe(':1\r\n');
    expect(entries()).toEqual(['4-1', '5-1']);
  });

  it('takes references along with DELREF', () => {
    redis.line('XDEL s 2-1');
    expect(redis.line('XADD s MAXLEN 2 DELREF 6-1 f 6')).toBe('$3\r\n6-1\r\n');
    expect(entries()).toEqual(['5-1', '6-1']);
    expect(pending('g')).toEqual(['2-1', '5-1']);
    expect(pending('h')).toEqual([]);
  });

  it('goes by whole nodes where it is approximate, and ends at one that may not go', () => {
    redis.engine.keyspace.limits.streamNodeMaxEntries = 2;
    for (let ms = 1; ms <= 8; ms++) redis.line(`XADD t ${ms}-1 f ${ms}`);
    redis.line('XGROUP CREATE t g 0');
    redis.line('XREADGROUP GROUP g ann COUNT 6 STREAMS t >');
    redis.line('XACK t g 1-1 2-1 3-1 5-1 6-1');
    redis.takeEffects();
    expect(redis.line('XTRIM t MAXLEN ~ 1 ACKED')).toBe(':2\r\n');
    expect(redis.line('XTRIM t MINID ~ 6 LIMIT 1 DELREF')).toBe(':0\r\n');
    expect(redis.line('XTRIM t MINID ~ 6 DELREF')).toBe(':2\r\n');
    expect(redis.line('XPENDING t g - + 10')).toBe('*0\r\n');
    expect(redis.takeEffects().map((words) => words.join(' '))).toEqual([
      'XTRIM t MAXLEN = 6 ACKED',
      'XTRIM t MINID = 5-1 DELREF',
    ]);
  });

  it('is as it always was where there is no group', () => {
    for (let ms = 1; ms <= 3; ms++) redis.line(`XADD t ${ms}-1 f ${ms}`);
    expect(redis.line('XTRIM t MAXLEN 1 ACKED')).toBe(':2\r\n');
  });
});

it.each([
  ['XDELEX s KEEPREF IDS 0 1-1', 'ERR Number of IDs must be a positive integer'],
  ['XDELEX s KEEPREF IDS x 1-1', 'ERR Number of IDs must be a positive integer'],
  ['XDELEX s KEEPREF IDS 2 1-1', 'ERR The `numids` parameter must match the number of arguments'],
  ['XDELEX s IDS 1 1-1 2-1', 'ERR syntax error'],
  ['XDELEX s KEEPREF DELREF ACKED', 'ERR syntax error'],
  ['XDELEX s IDS 2 1-1 x', 'ERR Invalid stream ID specified as stream command argument'],
  ['XACKDEL s g IDS 2 2-1 x', 'ERR Invalid stream ID specified as stream command argument'],
  ['XACKDEL s g 2-1 IDS 1', 'ERR syntax error'],
])('%s is an error, and changes nothing', (command, error) => {
  expect(redis.line(command)).toBe(`-${error}\r\n`);
  expect(entries()).toHaveLength(5);
  expect(pending('g')).toHaveLength(4);
});

it('what is not there has no entries', () => {
  expect(redis.line('XDELEX none IDS 2 1-1 2-1')).toBe(codes(-1, -1));
  expect(redis.line('XACKDEL none g IDS 1 1-1')).toBe(codes(-1));
  expect(redis.line('XACKDEL s none IDS 1 1-1')).toBe(codes(-1));
  expect(redis.line('EXISTS none')).toBe(':0\r\n');
});
