/** The library coroutine. */

import { caughtValue, finish, MOST_LEVELS } from '../runtime/calls.js';
import { counters } from '../runtime/counters.js';
import { argumentError, LuaError } from '../runtime/errors.js';
import { callerPosition } from '../runtime/positions.js';
import type { State } from '../runtime/state.js';
import {
  addSteps,
  isResumable,
  type ResumableFunction,
  refuseSuspension,
  Suspension,
  Thread,
} from '../runtime/steps.js';
import { Table } from '../runtime/table.js';
import { threads } from '../runtime/threads.js';
import { Coroutine, type LuaFunction, type Results, type Value } from '../runtime/value.js';

/** The one that runs; null outside of any. */
let running: LuaCoroutine | null = null;

class LuaCoroutine extends Coroutine {
  status: 'suspended' | 'running' | 'normal' | 'dead' = 'suspended';
  private thread: Thread | null = null;

  constructor(private readonly body: ResumableFunction) {
    super();
  }

  /** Runs it until it suspends itself or ends; throws what it throws. */
  resume(args: readonly Value[]): readonly Value[] {
    if (this.status !== 'suspended') throw new LuaError(`cannot resume ${this.status} coroutine`);
    const resumer = running;
    const { levels, tails, place } = counters;
    if (levels >= MOST_LEVELS) throw new LuaError('C stack overflow');
    counters.levels++;
    counters.place = 0;
    if (resumer !== null) resumer.status = 'normal';
    running = this;
    this.status = 'running';
    try {
      const isNew = this.thread === null;
      this.thread ??= new Thread(this.body.steps(...args), true);
      const output = this.thread.run(isNew ? undefined : args);
      this.status = output instanceof Suspension ? 'suspended' : 'dead';
      if (output instanceof Suspension) return output.values;
      return output instanceof Array ? finish(output) : [output as Value];
    } finally {
      if (this.status === 'running') this.status = 'dead';
      running = resumer;
      if (resumer !== null) resumer.status = 'running';
      counters.levels = levels;
      counters.tails = tails;
      counters.place = place;
    }
  }
}

function bodyArgument(body: Value): ResumableFunction {
  if (!isResumable(body) || body.isNative) argumentError(1, 'Lua function expected');
  return body;
}

function coroutineArgument(value: Value): LuaCoroutine {
  if (!(value instanceof LuaCoroutine)) argumentError(1, 'coroutine expected');
  return value;
}

function create(body?: Value): Value {
  return new LuaCoroutine(bodyArgument(body));
}

function resume(coroutine?: Value, ...args: Value[]): Results {
  const target = coroutineArgument(coroutine);
  try {
    return [true, ...target.resume(args)];
  } catch (thrown) {
    return [false, caughtValue(thrown)];
  }
}

function status(coroutine?: Value): Value {
  return coroutineArgument(coroutine).status;
}

function currentCoroutine(): Value {
  return running ?? undefined;
}

function wrap(body?: Value): Value {
  const coroutine = new LuaCoroutine(bodyArgument(body));
  return (...args: Value[]): Results => {
    try {
      return coroutine.resume(args);
    } catch (thrown) {
      const value = caughtValue(thrown);
      if (typeof value !== 'string') throw new LuaError(value, callerPosition());
      throw new LuaError(callerPosition() + value);
    }
  };
}

/** Outside of steps it is native code that would have to be suspended. */
function yieldValues(): never {
  return refuseSuspension();
}
addSteps(yieldValues, function* (...values: Value[]) {
  if (threads.innermost?.isProtecting) refuseSuspension();
  return yield new Suspension(values);
});

export function openCoroutine(state: State): void {
  const functions = { create, resume, running: currentCoroutine, status, wrap, yield: yieldValues };
  const library = new Table(0, Object.keys(functions).length);
  for (const [name, value] of Object.entries(functions)) library.setString(name, value as LuaFunction);
  state.globals.setString('coroutine', library);
}
