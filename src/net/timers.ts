/**
 * The machine's own clocks and timers. A test runner's fake ones replace neither, whether they were installed before
 * this module loads or after: users fake their own time, and the server goes on serving them.
 *
 * What stands in the globals may be fake already, so all is taken from Node's modules. Fake timers that replace those
 * too (sinon's, which Jest and vitest use) keep what was there before in the replacement's `clock`.
 */
import { performance as machine } from 'node:perf_hooks';
import timers from 'node:timers';

type Replacement = { clock?: Readonly<Record<string, unknown>> };

function genuine<Name extends keyof typeof timers>(name: Name): (typeof timers)[Name] {
  let found: unknown = timers[name];
  for (;;) {
    const before = (found as Replacement).clock?.[`_${name}`];
    if (typeof before !== 'function') return found as (typeof timers)[Name];
    found = before;
  }
}

export const setTurn = genuine('setImmediate');
export const clearTurn = genuine('clearImmediate');
export const setTimer = genuine('setTimeout');
export const clearTimer = genuine('clearTimeout');

/** Milliseconds with fractions, since `timeOrigin`; never set back. */
export const performanceNow: () => number = machine.now.bind(machine);
export const timeOrigin: number = machine.timeOrigin;

const isDateGenuine = /\[native code\]/.test(Function.prototype.toString.call(Date.now));

/**
 * Milliseconds since the epoch. While Date is a fake, the monotonic clock tells it: only setting the machine's clock
 * shows.
 */
export const dateNow: () => number = isDateGenuine ? Date.now : () => Math.floor(timeOrigin + performanceNow());

/** Resolves in the next turn of the event loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTurn(resolve));
}
