import { expect, test, vi } from 'vitest';
import { type Preparation, prepareWhenQuiet } from '../../../src/server/time/preparation.js';

function preparing(changes: Partial<Preparation> = {}) {
  const done: string[] = [];
  const failures: unknown[] = [];
  let looks = 0;
  function* steps(): Iterator<void> {
    done.push(`first after ${looks} looks`);
    yield;
    done.push('second');
  }
  const arrived = vi.fn(() => 0);
  prepareWhenQuiet({
    steps: steps(),
    arrived: () => {
      looks++;
      return arrived();
    },
    isOver: () => false,
    failed: (error) => failures.push(error),
    ...changes,
  });
  return { done, failures, arrived };
}

test('what is prepared while nothing happens comes step by step', async () => {
  const { done } = preparing();
  expect(done).toEqual([]);
  await vi.waitFor(() => expect(done).toEqual(['first after 2 looks', 'second']));
});

test('while something arrives nothing is prepared', async () => {
  const { done, arrived } = preparing();
  arrived.mockReturnValueOnce(1).mockReturnValueOnce(2).mockReturnValue(3);
  await vi.waitFor(() => expect(done).toEqual(['first after 5 looks', 'second']), 2000);
});

test('a server that has stopped prepares nothing', async () => {
  const isOver = vi.fn(() => true);
  const { done, arrived } = preparing({ isOver });
  await vi.waitFor(() => expect(isOver).toHaveBeenCalled());
  expect(done).toEqual([]);
  expect(arrived).toHaveBeenCalledTimes(1);
});

test('a step that fails is the last one', async () => {
  const steps = {
    next: vi.fn(() => {
      throw new Error('of a step');
    }),
  };
  const { failures } = preparing({ steps });
  await vi.waitFor(() => expect(failures).toHaveLength(1));
  expect(steps.next).toHaveBeenCalledTimes(1);
});
