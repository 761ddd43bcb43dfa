/** Times of commands, with a stopwatch that advances only when a command says so. */

import { beforeEach, describe, expect, test } from 'vitest';
import type { Call } from '../../../src/engine/call.js';
import type { Client } from '../../../src/engine/client.js';
import type { CommandRow, Flag } from '../../../src/engine/command.js';
import type { Engine } from '../../../src/engine/engine.js';
import { Timing } from '../../../src/features/observing/timing.js';
import { Args } from '../../../src/protocol/args.js';
import { TestClock, testClient, testEngine } from '../../support/test-engine.js';

let now: number;
let readings: number;
let engine: Engine;
let timing: Timing;
let client: Client;

/** A command that takes as many microseconds as its argument says. */
function taking(name: string, ...flags: Flag[]): CommandRow {
  const run = ({ args, reply }: Call) => {
    now += args.integer(1);
    if (args.count > 2) reply.bulkString('x'.repeat(args.integer(2)));
    else reply.ok();
  };
  return { name, summary: '', group: 'generic', complexity: '', arity: -2, flags, run };
}

/** The same, brief as a rule; it says so when it takes longer than 50 µs, having taken 1 to find out. */
const mixed: CommandRow = {
  ...taking('mixed'),
  isMostlyBrief: true,
  run: (call) => {
    const microseconds = call.args.integer(1);
    now += 1;
    if (microseconds > 50) call.takesLong();
    now += microseconds - 1;
    call.reply.ok();
  },
};

beforeEach(() => {
  now = 0;
  readings = 0;
  const commands = [
    taking('quick', 'fast'),
    taking('brisk', 'fast'),
    taking('slow'),
    taking('hidden', 'skip_slowlog'),
    mixed,
  ];
  const stopwatch = {
    microseconds() {
      readings++;
      return now;
    },
  };
  engine = testEngine(commands, { clock: new TestClock(5_000_000), stopwatch });
  timing = engine.feature(Timing);
  client = testClient(engine);
  client.name = 'me';
});

function turn(...commands: string[]): void {
  timing.beginTurn(commands.length === 1);
  run(...commands);
  timing.endTurn();
}

function run(...commands: string[]): void {
  for (const command of commands) engine.execute(client, Args.from(command.split(' ')));
  engine.reply.clear();
}

function figures(name: string) {
  const command = engine.table.named(name)!;
  return { calls: command.calls, microseconds: command.microseconds * command.callsPerTimed };
}

function configure(settings: Partial<Parameters<Timing['configure']>[0]>): void {
  timing.configure({ slowerThan: 10_000, maxLength: 128, latencyThreshold: 0, tracks: true, ...settings });
}

describe('the time of', () => {
  test('a command that is alone in its turn is exact', () => {
    turn('quick 7');
    turn('quick 9');
    expect(figures('quick')).toEqual({ calls: 2, microseconds: 16 });
  });

  test('fast commands of one turn is shared, whatever else runs between them', () => {
    turn('quick 1', 'quick 3', 'brisk 5', 'slow 100', 'quick 10', 'brisk 30');
    expect(figures('slow')).toEqual({ calls: 1, microseconds: 100 });
    expect(figures('quick')).toEqual({ calls: 3, microseconds: 6 + 20 });
    expect(figures('brisk')).toEqual({ calls: 2, microseconds: 3 + 20 });
  });

  test('a pipeline of fast commands takes two looks at the clock', () => {
    turn('quick 1', 'quick 1', 'brisk 1', 'quick 1');
    expect(readings).toBe(2);
  });

  test('a pipeline of other commands takes one look for each, and one', () => {
    turn('slow 1', 'slow 1', 'slow 1');
    expect(readings).toBe(4);
    expect(figures('slow')).toEqual({ calls: 3, microseconds: 3 });
  });

  test('a command that is mostly brief is shared, that of a call which says that it takes long is not', () => {
    turn('mixed 2', 'quick 4');
    expect(readings).toBe(2);
    readings = 0;
    turn('quick 2', 'mixed 3', 'mixed 20000', 'mixed 5', 'quick 7');
    expect(readings).toBe(4);
    // The call that takes long is exact but for its beginning, which those before it have.
    expect(timing.slowLog.entries).toMatchObject([{ microseconds: 19_999 }]);
    expect(figures('mixed')).toEqual({ calls: 4, microseconds: 3 + 3 + 19_999 + 6 });
    expect(figures('quick')).toEqual({ calls: 3, microseconds: 3 + 3 + 6 });
  });

  test('a call that takes long in a turn that is not measured is exact', () => {
    timing.tick();
    for (let i = 0; i < 513; i++) turn('quick 1');
    turn('mixed 2', 'mixed 30000', 'mixed 2');
    expect(timing.slowLog.entries).toMatchObject([{ microseconds: 29_999 }]);
  });

  test('a call that takes long and is timed by itself anyway is timed once', () => {
    turn('mixed 100');
    configure({ slowerThan: 0 });
    turn('mixed 100', 'mixed 2');
    expect(figures('mixed')).toEqual({ calls: 3, microseconds: 202 });
    expect(timing.slowLog.entries).toHaveLength(2);
  });

  test('a command that fails counts, that of one that is refused does not', () => {
    turn('quick nonsense');
    turn('slow');
    expect(engine.table.named('quick')).toMatchObject({ calls: 1, failedCalls: 1, rejectedCalls: 0 });
    expect(engine.table.named('slow')).toMatchObject({ calls: 0, failedCalls: 0, rejectedCalls: 1 });
    expect(engine.table.calls).toBe(1);
  });

  test('a fast command whose reply ends the turn is told apart from the short ones before it', () => {
    for (let i = 0; i < 10; i++) turn('quick 2', 'quick 2');
    timing.beginTurn(false);
    run('quick 2', 'quick 2', 'brisk 20000 100000');
    timing.stopLongReply(client, Args.from(['brisk', '20000', '100000']));
    run('quick 2', 'quick 2');
    timing.endTurn();
    expect(figures('brisk')).toEqual({ calls: 1, microseconds: 20_000 });
    expect(figures('quick').microseconds).toBe(48);
    expect(timing.slowLog.entries).toMatchObject([{ microseconds: 20_000, at: 5000, clientName: 'me' }]);
  });

  test('a fast command whose request came in pieces is taken by itself', () => {
    timing.beginTurn(false);
    run('quick 2');
    timing.expectLong();
    run('quick 30000', 'quick 2');
    timing.endTurn();
    expect(timing.slowLog.entries).toMatchObject([{ microseconds: 30_000 }]);
    expect(engine.table.named('quick')!.histogram!.percentile(50)).toBe(2007);
  });

  test('turns under load is that of one in sixteen, and calls still add up', () => {
    timing.tick();
    for (let i = 0; i < 10_000; i++) turn('quick 2', 'quick 4');
    expect(figures('quick').calls).toBe(20_000);
    expect(figures('quick').microseconds).toBeCloseTo(60_000);
    expect(readings).toBeLessThan(4000);
    readings = 0;
    timing.tick();
    turn('brisk 5');
    expect(readings).toBe(2);
  });

  test('a command that is only met in turns that are not looked at is 0', () => {
    for (let i = 0; i < 513; i++) turn('quick 1');
    turn('brisk 5', 'brisk 5');
    expect(figures('brisk')).toEqual({ calls: 2, microseconds: 0 });
  });
});

describe('SLOWLOG', () => {
  test('keeps what is slower than the threshold, and nothing that asks not to be kept', () => {
    turn('slow 9999', 'slow 10000', 'hidden 20000', 'slow 30000');
    expect(timing.slowLog.entries.map(({ microseconds }) => microseconds)).toEqual([30_000, 10_000]);
    configure({ slowerThan: -1 });
    turn('slow 40000');
    expect(timing.slowLog.entries).toHaveLength(2);
  });

  test('times each command while the threshold is below a millisecond', () => {
    configure({ slowerThan: 3 });
    turn('quick 1', 'quick 5', 'brisk 2', 'brisk 4');
    expect(timing.slowLog.entries.map(({ args }) => args.map(String))).toEqual([
      ['brisk', '4'],
      ['quick', '5'],
    ]);
  });

  test('forgets the oldest', () => {
    configure({ slowerThan: 0, maxLength: 2 });
    turn('quick 1', 'quick 2', 'quick 3');
    expect(timing.slowLog.entries.map(({ id }) => id)).toEqual([2, 1]);
    configure({ slowerThan: 0, maxLength: 1 });
    expect(timing.slowLog.entries.map(({ id }) => id)).toEqual([2]);
  });
});

describe('LATENCY', () => {
  test('keeps the worst sample of a second for fast and other commands, from the threshold on', () => {
    configure({ latencyThreshold: 2 });
    turn('quick 1999', 'quick 2000', 'slow 5000', 'slow 3000');
    const { events } = timing.latency;
    expect(events.get('fast-command')).toMatchObject({ samples: [{ at: 5000, milliseconds: 2 }], worst: 2 });
    expect(events.get('command')).toMatchObject({ samples: [{ at: 5000, milliseconds: 5 }], worst: 5 });
  });

  test('watches nothing unless asked', () => {
    turn('slow 1000000');
    expect(timing.latency.events.size).toBe(0);
  });

  test('without tracking there are no histograms', () => {
    configure({ tracks: false });
    turn('slow 10', 'quick 1');
    expect(engine.table.named('slow')!.histogram).toBeNull();
    expect(figures('slow').microseconds).toBe(10);
  });
});
