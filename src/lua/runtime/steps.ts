/**
 * Functions that can be suspended. A text that speaks of coroutines is compiled to generators: a function hands each
 * call of another such function out, and a Thread makes it. So the Lua calls under way lie in an array, from which a
 * coroutine can be left and entered again, and which holds as many as in Lua.
 */

import { positionOf } from './chunk.js';
import { counters } from './counters.js';
import { LuaError } from './errors.js';
import { callableAt } from './operations.js';
import { threads, type WaitingCalls } from './threads.js';
import type { LuaFunction, Results, Value } from './value.js';

/** The calls of a function under way, one step after another. */
export type Steps = Generator<Steps | Suspension, Results | Steps, Results>;

/** A function that native code calls like any other, and the code of such texts step by step. */
export interface ResumableFunction extends LuaFunction {
  steps: (...args: Value[]) => Steps;
}

/** How many calls may be under way in Lua's own stack, and in a coroutine's, which grows by doubling. */
const MOST_CALLS = 19_999;
const MOST_CALLS_OF_COROUTINE = 16_383;

/** What generators have in common, for `instanceof`. */
export const StepsClass = function Steps() {} as unknown as abstract new () => Steps;
StepsClass.prototype = Object.getPrototypeOf(function* () {}).prototype;

/** What coroutine.yield() hands out. */
export class Suspension {
  constructor(readonly values: Value[]) {}
}

/** What a text hands out where it stops for others: nothing of Lua's is on the host's stack then. */
export const PAUSE = new Suspension([]);

function isOutermost(thread: WaitingCalls | null): boolean {
  return thread !== null && thread.outer === null && !thread.isCoroutine;
}

/** Calls under way, and for each but the last the place in which it waits for the next one. */
export class Thread implements WaitingCalls {
  private readonly calls: Steps[];
  private readonly places: number[] = [];
  outer: WaitingCalls | null = null;
  /** How many calls lie below all of these. */
  private callsBelow = 0;
  mostCalls: number;

  constructor(
    first: Steps,
    readonly isCoroutine = false,
  ) {
    this.calls = [first];
    this.mostCalls = isCoroutine ? MOST_CALLS_OF_COROUTINE : MOST_CALLS;
  }

  get callCount(): number {
    return this.callsBelow + this.calls.length;
  }

  *waiting(): Generator<number> {
    for (let i = this.places.length - 1; i >= 0; i--) yield this.places[i]!;
  }

  /** Goes on until the first call returns, or one suspends all of them; `input` is what the last one waits for. */
  run(input: Results): Results | Suspension {
    const { innermost } = threads;
    this.outer = innermost;
    // That of native code between the two is one more.
    if (!this.isCoroutine && innermost !== null) {
      this.callsBelow = innermost.callCount + 1;
      this.mostCalls = innermost.mostCalls;
    }
    threads.innermost = this;
    counters.isPausing = counters.isPauseWanted && isOutermost(this);
    try {
      return runSteps(this, input);
    } finally {
      threads.innermost = innermost;
      counters.isPausing = counters.isPauseWanted && isOutermost(innermost);
    }
  }

  /** Makes a step. */
  advance(input: Results): { output: Results | Suspension; isLast: boolean } {
    const { calls } = this;
    const { done, value } = calls[calls.length - 1]!.next(input);
    if (!done) {
      if (value instanceof Suspension) return { output: value, isLast: true };
      this.push(value as Steps);
      return { output: undefined, isLast: false };
    }
    // A tail call takes the place of its caller.
    if (value instanceof StepsClass) {
      calls[calls.length - 1] = value;
      return { output: undefined, isLast: false };
    }
    calls.pop();
    this.places.pop();
    return { output: value, isLast: calls.length === 0 };
  }

  private push(call: Steps): void {
    const { place } = counters;
    if (this.callCount >= this.mostCalls) throw new LuaError(`${positionOf(place)}stack overflow`);
    this.calls.push(call);
    this.places.push(place);
  }
}

/** Stack traces show by it where a thread's calls are: it keeps its name. */
function runSteps(thread: Thread, input: Results): Results | Suspension {
  for (;;) {
    const { output, isLast } = thread.advance(input);
    if (isLast) return output;
    input = output as Results;
  }
}

/** A function of the code that can be suspended. When native code calls it, it can't. */
export function resumable(steps: (...args: Value[]) => Steps): LuaFunction {
  const whole = (...args: Value[]): Results => {
    const results = new Thread(steps(...args)).run(undefined);
    if (results instanceof Suspension) refuseSuspension();
    return results;
  };
  (whole as ResumableFunction).steps = steps;
  return whole;
}

export function refuseSuspension(): never {
  throw new LuaError('attempt to yield across metamethod/C-call boundary');
}

export function isResumable(value: Value): value is ResumableFunction {
  return typeof value === 'function' && (value as ResumableFunction).steps !== undefined;
}

/** What compiled code calls for a call: it gets results, or steps to hand out. */
export function stepsOf(value: Value, place: number): (...args: Value[]) => Results | Steps {
  if (typeof value === 'function') return (value as ResumableFunction).steps ?? value;
  const handler = callableAt(value, place);
  return (handler as ResumableFunction).steps ?? handler;
}
