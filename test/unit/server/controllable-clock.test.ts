import { afterEach, describe, expect, test, vi } from 'vitest';
import { RedisServerError } from '../../../src/server/server-error.js';
import { ControllableClock } from '../../../src/server/time/controllable-clock.js';
import { SystemClock } from '../../../src/server/time/system-clock.js';

afterEach(() => {
  vi.useRealTimers();
});

describe('SystemClock', () => {
  test('calls back at the time or after it, never before', async () => {
    const clock = new SystemClock(true);
    const atMs = clock.now() + 5;
    const calledAtMs = await new Promise<number>((resolve) => clock.schedule(atMs, () => resolve(clock.now())));
    expect(calledAtMs).toBeGreaterThanOrEqual(atMs);
  });

  test('calls back in a later turn when the time has passed already', async () => {
    const clock = new SystemClock(true);
    const order: string[] = [];
    const called = new Promise<void>((resolve) =>
      clock.schedule(clock.now() - 1000, () => {
        order.push('called');
        resolve();
      }),
    );
    order.push('scheduled');
    await called;
    expect(order).toEqual(['scheduled', 'called']);
  });

  test('a call that was cancelled does not happen', async () => {
    const clock = new SystemClock(true);
    const calls: string[] = [];
    clock.schedule(clock.now(), () => calls.push('due')).cancel();
    clock.schedule(clock.now() + 2, () => calls.push('later')).cancel();
    await new Promise<void>((resolve) => clock.schedule(clock.now() + 5, resolve));
    expect(calls).toEqual([]);
  });

  test('a time in a hundred years does not fire at once', async () => {
    const clock = new SystemClock(true);
    const calls: string[] = [];
    const call = clock.schedule(clock.now() + 100 * 365 * 86_400_000, () => calls.push('far'));
    await new Promise<void>((resolve) => clock.schedule(clock.now() + 5, resolve));
    call.cancel();
    expect(calls).toEqual([]);
  });

  test("a test runner's fake timers do not touch it", async () => {
    vi.useFakeTimers();
    vi.setSystemTime(0);
    const clock = new SystemClock(true);
    expect(clock.now()).toBeGreaterThan(1.5e12);
    await new Promise<void>((resolve) => clock.schedule(clock.now() + 2, resolve));
  });
});

describe('ControllableClock', () => {
  test('runs with the system until it is taken hold of', () => {
    const system = new SystemClock();
    const clock = new ControllableClock(system);
    const before = system.now();
    expect(clock.now()).toBeGreaterThanOrEqual(before);
    expect(clock.now()).toBeLessThanOrEqual(system.now());
  });

  test('a frozen clock stands still, and nothing falls due by itself', async () => {
    const system = new SystemClock(true);
    const clock = new ControllableClock(system);
    const calls: string[] = [];
    clock.freeze(1000);
    clock.schedule(1001, () => calls.push('due'));
    await new Promise<void>((resolve) => system.schedule(system.now() + 10, resolve));
    expect(clock.now()).toBe(1000);
    expect(calls).toEqual([]);
  });

  test('advance calls back in the order of times, each at its own time', async () => {
    const clock = new ControllableClock();
    clock.freeze(1000);
    const calls: [string, number][] = [];
    clock.schedule(1030, () => calls.push(['c', clock.now()]));
    clock.schedule(1010, () => calls.push(['a', clock.now()]));
    clock.schedule(1010, () => calls.push(['b', clock.now()]));
    clock.schedule(1051, () => calls.push(['too late', clock.now()]));
    await clock.advance(50);
    expect(calls).toEqual([
      ['a', 1010],
      ['b', 1010],
      ['c', 1030],
    ]);
    expect(clock.now()).toBe(1050);
  });

  test('advance also runs what its callbacks schedule on the way, and waits for it', async () => {
    const clock = new ControllableClock();
    clock.freeze(0);
    const calls: number[] = [];
    const again = () => {
      calls.push(clock.now());
      if (calls.length < 5) clock.schedule(clock.now() + (calls.length % 2) * 10, again);
    };
    clock.schedule(10, again);
    await clock.advance(100);
    expect(calls).toEqual([10, 20, 20, 30, 30]);
  });

  test('advance tells when what fell due has run', async () => {
    const order: string[] = [];
    const clock = new ControllableClock(new SystemClock(), () => order.push('settled'));
    clock.freeze(0);
    clock.schedule(1, () => order.push('due'));
    await clock.advance(1);
    expect(order).toEqual(['due', 'settled']);
  });

  test('a time in the past is due with the next advance, and does not turn the time back', async () => {
    const clock = new ControllableClock();
    clock.freeze(1000);
    const calls: number[] = [];
    clock.schedule(500, () => calls.push(clock.now()));
    await clock.advance(0);
    expect(calls).toEqual([1000]);
  });

  test('two advances at once add up', async () => {
    const clock = new ControllableClock();
    clock.freeze(0);
    await Promise.all([clock.advance(10), clock.advance(5)]);
    expect(clock.now()).toBe(15);
  });

  test('advancing a running clock shifts it for good', async () => {
    const system = new SystemClock();
    const clock = new ControllableClock(system);
    await clock.advance(3_600_000);
    expect(clock.now() - system.now()).toBeGreaterThanOrEqual(3_600_000 - 1);
    expect(clock.now() - system.now()).toBeLessThan(3_600_000 + 1000);
    expect(clock.isFrozen).toBe(false);
  });

  test('resume goes on from where the time stands', async () => {
    const system = new SystemClock(true);
    const clock = new ControllableClock(system);
    clock.freeze(1_000_000);
    clock.resume();
    expect(clock.now()).toBeGreaterThanOrEqual(1_000_000);
    expect(clock.now()).toBeLessThan(1_010_000);
    const dueAtMs = clock.now() + 5;
    const calledAtMs = await new Promise<number>((resolve) => clock.schedule(dueAtMs, () => resolve(clock.now())));
    expect(calledAtMs).toBeGreaterThanOrEqual(dueAtMs);
  });

  test('set takes a date, also an earlier one', async () => {
    const clock = new ControllableClock();
    clock.freeze();
    const calls: string[] = [];
    clock.schedule(Date.UTC(2031, 0, 1), () => calls.push('2031'));
    await clock.set(new Date(Date.UTC(2030, 0, 1)));
    expect(calls).toEqual([]);
    await clock.set(Date.UTC(2032, 0, 1));
    expect(calls).toEqual(['2031']);
    await clock.set(Date.UTC(2000, 0, 1));
    expect(clock.now()).toBe(Date.UTC(2000, 0, 1));
  });

  test('refuses what is no time', async () => {
    const clock = new ControllableClock();
    await expect(clock.advance(-1)).rejects.toThrow(RedisServerError);
    await expect(clock.advance(Number.NaN)).rejects.toThrow(RedisServerError);
    await expect(clock.set(Number.NaN)).rejects.toThrow(RedisServerError);
  });

  test('what was cancelled or cleared does not run', async () => {
    const clock = new ControllableClock();
    clock.freeze(0);
    const calls: string[] = [];
    clock.schedule(1, () => calls.push('cancelled')).cancel();
    clock.schedule(2, () => calls.push('cleared'));
    clock.clear();
    await clock.advance(10);
    expect(calls).toEqual([]);
  });
});
