/**
 * Functions that can be suspended. A text that speaks of coroutines is compiled to generators: a function hands each
 * call of another such function out, and a Thread makes it. So the Lua calls under way lie in an array, from which a
 * coroutine can be left and entered again, and which holds as many as in Lua.
 */

import { positionOf } from './chunk.js';
import { counters } from './counters.js';
import { LuaError, plainError } from './errors.js';
import { callableAt } from './operations.js';
import { threads, type WaitingCalls } from './threads.js';
import type { LuaFunction, Results, Value } from './value.js';

/** The calls of a function under way, one step after another. */
export type Steps = Generator<Steps | Suspension, Results | Steps, Results>;

/** A function that native code calls like any other, and the code of such texts step by step. */
export interface ResumableFunction extends LuaFunction {
  steps: (...args: Value[]) => Steps;
  /** It is a library's. */
  isNative?: boolean;
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

/** Asks the run to pause as soon as none of its calls is one of native code's. */
export function requestPause(): void {
  counters.isPauseWanted = true;
  counters.isPausing = isOutermost(threads.innermost);
}

function isOutermost(thread: WaitingCalls | null): boolean {
  return thread !== null && thread.outer === null && !thread.isCoroutine;
}

/** Those of libraries' functions. */
const nativeSteps = new WeakSet<Steps>();

/** A call that is over but for a library's function, whose results are its own. */
function passing(): Steps {
  const call = pass();
  call.next();
  return call;
}

function* pass(): Steps {
  return yield PAUSE;
}

/** Calls under way, and for each but the last the place in which it waits for the next one. */
export class Thread implements WaitingCalls {
  private readonly calls: Steps[];
  private readonly places: number[] = [];
  /** Those that errors of the next one are thrown into, which is pcall() in steps, by their indexes. */
  private readonly protectors: number[] = [];
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

  /** It can't be suspended by coroutine.yield(). */
  get isProtecting(): boolean {
    return this.protectors.length > 0;
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
    try {
      return this.take(this.calls[this.calls.length - 1]!.next(input));
    } catch (error) {
      return this.unwind(error);
    }
  }

  private take({ done, value }: IteratorResult<Steps | Suspension, Results | Steps>) {
    const { calls, protectors } = this;
    if (!done) {
      if (value instanceof Suspension) return { output: value, isLast: true };
      this.push(value as Steps);
      return { output: undefined, isLast: false };
    }
    if (value instanceof StepsClass) {
      this.replace(value as Steps);
      return { output: undefined, isLast: false };
    }
    calls.pop();
    this.places.pop();
    if (protectors.length > 0 && protectors[protectors.length - 1] === calls.length - 1) protectors.pop();
    return { output: value as Results, isLast: calls.length === 0 };
  }

  /** A tail call takes the place of its caller, unless it is native code's. */
  private replace(call: Steps): void {
    const isNative = nativeSteps.has(call);
    this.calls[this.calls.length - 1] = isNative ? passing() : call;
    if (isNative) this.push(call);
  }

  private push(call: Steps): void {
    const { place } = counters;
    if (counters.isProtecting) {
      counters.isProtecting = false;
      this.protectors.push(this.calls.length - 1);
    }
    if (this.callCount >= this.mostCalls) throw new LuaError(`${positionOf(place)}stack overflow`);
    this.calls.push(call);
    this.places.push(place);
  }

  /** An error leaves the calls above the last one that protects others: there it is thrown. */
  private unwind(error: unknown): { output: Results | Suspension; isLast: boolean } {
    const { calls, places, protectors } = this;
    for (;;) {
      const protector = protectors.pop();
      if (protector === undefined) throw error;
      calls.length = protector + 1;
      places.length = protector;
      try {
        return this.take(calls[protector]!.throw(error));
      } catch (another) {
        error = another;
      }
    }
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
  plainError('attempt to yield across metamethod/C-call boundary');
}

export function isResumable(value: Value): value is ResumableFunction {
  return typeof value === 'function' && (value as ResumableFunction).steps !== undefined;
}

/** For a library's function in steps: a call that it hands out, and whose errors are thrown where it does. */
export function protectedSteps(callee: ResumableFunction, args: readonly Value[]): Steps {
  const steps = callee.steps(...args);
  counters.place = 0;
  counters.isProtecting = true;
  return steps;
}

/** A library's function that can be suspended, too: what it calls it hands out. */
export function addSteps(callee: LuaFunction, steps: (...args: Value[]) => Steps): void {
  (callee as ResumableFunction).steps = (...args) => {
    const call = steps(...args);
    nativeSteps.add(call);
    return call;
  };
  (callee as ResumableFunction).isNative = true;
}

/** What compiled code calls for a call: it gets results, or steps to hand out. */
export function stepsOf(value: Value, place: number): (...args: Value[]) => Results | Steps {
  if (typeof value === 'function') return (value as ResumableFunction).steps ?? value;
  const handler = callableAt(value, place);
  return (handler as ResumableFunction).steps ?? handler;
}
