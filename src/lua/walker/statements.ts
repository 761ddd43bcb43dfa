/** What statements do. A loop that goes round often goes on as compiled code. */

import { GOES_ON, type LoopCode } from '../compiler/compile.js';
import { isMultiple } from '../compiler/context.js';
import { constantOf, isReadLate } from '../compiler/expression-kinds.js';
import { ITERATOR } from '../compiler/statements.js';
import type {
  Expression,
  GenericFor,
  Loop,
  NumericFor,
  Place,
  Repeat,
  Statement,
  Variable,
  While,
} from '../compiler/syntax-tree.js';
import { finish, TailCall } from '../runtime/calls.js';
import { tick } from '../runtime/limits.js';
import * as operations from '../runtime/operations.js';
import * as support from '../runtime/support.js';
import { NO_RESULTS, type Results, type Value } from '../runtime/value.js';
import { call, evaluate, evaluateAll, isTrue, iteratorOf, tailCall } from './expressions.js';
import type { Frame, Heat } from './frame.js';

/** What a break statement comes to. */
const BREAKS = Symbol('breaks');

/** What a statement comes to: what the function returns, or one of the two signs. */
type Outcome = Results | typeof GOES_ON | typeof BREAKS;

/** Rounds of a loop until it is compiled, which takes as long as a hundred. */
const ROUNDS_WALKED = 100;

/** What the function returns whose body this is. */
export function resultsOf(statements: readonly Statement[], frame: Frame): Results {
  const outcome = block(statements, frame);
  // No break leaves a function.
  return outcome === GOES_ON ? NO_RESULTS : (outcome as Results);
}

/** The same for statements that come one at a time, and are forgotten. */
export function resultsOfEach(statements: Iterable<Statement>, frame: Frame): Results {
  for (const each of statements) {
    const outcome = statement(each, frame);
    if (outcome !== GOES_ON) return outcome as Results;
  }
  return NO_RESULTS;
}

function block(statements: readonly Statement[], frame: Frame): Outcome {
  for (const each of statements) {
    const outcome = statement(each, frame);
    if (outcome !== GOES_ON) return outcome;
  }
  return GOES_ON;
}

function statement(statement: Statement, frame: Frame): Outcome {
  switch (statement.kind) {
    case 'call': {
      const results = call(statement.call, frame);
      if (results instanceof TailCall) finish(results);
      return GOES_ON;
    }
    case 'local':
      local(statement.variables, statement.values, frame);
      return GOES_ON;
    case 'localFunction': {
      const { variable, body } = statement;
      // It is there before its function, which may call itself by it.
      frame.declare(variable, undefined);
      frame.assign(variable, frame.text.functionOf(body, frame));
      return GOES_ON;
    }
    case 'assign':
      assign(statement.places, statement.values, statement.line, frame);
      return GOES_ON;
    case 'if':
      return conditional(statement, frame);
    case 'while':
      return whileLoop(statement, frame);
    case 'repeat':
      return repeat(statement, frame);
    case 'numericFor':
      return numericFor(statement, frame);
    case 'genericFor':
      return genericFor(statement, frame);
    case 'do':
      return block(statement.block, frame);
    case 'return':
      return returned(statement.values, frame);
    case 'break':
      return BREAKS;
  }
}

function returned(values: readonly Expression[], frame: Frame): Results {
  if (values.length === 0) return NO_RESULTS;
  if (values.length > 1) return evaluateAll(values, frame);
  const only = values[0]!;
  if (only.kind === 'call' || only.kind === 'method') return tailCall(only, frame);
  return only.kind === 'vararg' ? frame.varargs : evaluate(only, frame);
}

// Variables

function local(variables: readonly Variable[], values: readonly Expression[], frame: Frame): void {
  if (variables.length === 1 && values.length <= 1) {
    // So that code which is compiled later on knows it.
    if (values.length === 1) variables[0]!.constant = constantOf(values[0]!, frame.text.surroundings);
    frame.declare(variables[0]!, values.length === 0 ? undefined : evaluate(values[0]!, frame));
    return;
  }
  const all = adjusted(values, variables.length, frame);
  variables.forEach((variable, i) => {
    frame.declare(variable, all[i]);
  });
}

/** At least as many values as are wanted, if the last one can have several; others are left out. */
function adjusted(values: readonly Expression[], count: number, frame: Frame): readonly Value[] {
  const last = values.at(-1);
  if (last !== undefined && isMultiple(last) && count > values.length) return evaluateAll(values, frame);
  return values.map((value) => evaluate(value, frame));
}

function assign(places: readonly Place[], values: readonly Expression[], line: number, frame: Frame): void {
  if (places.length === 1 && values.length === 1) {
    const [place] = places as [Place];
    const target = place.kind === 'index' ? targetOf(place, frame) : NOWHERE;
    const value = evaluate(values[0]!, frame);
    store(place, place.kind === 'index' ? lateTarget(place, target, frame) : target, value, line, frame);
    return;
  }
  // What the places lie in is evaluated before the values, and nothing is assigned until all is evaluated.
  const targets = places.map((place) => (place.kind === 'index' ? targetOf(place, frame) : NOWHERE));
  const all = adjusted(values, places.length, frame);
  for (let i = places.length - 1; i >= 0; i--) store(places[i]!, targets[i]!, all[i], line, frame);
}

/** What a place lies in, and its key there. */
type Target = readonly [object: Value, key: Value];

/** Of a variable. */
const NOWHERE: Target = [undefined, undefined];

function targetOf({ object, key }: Place & { kind: 'index' }, frame: Frame): Target {
  return [evaluate(object, frame), evaluate(key, frame)];
}

/** The same when the value is there. */
function lateTarget({ object, key }: Place & { kind: 'index' }, target: Target, frame: Frame): Target {
  const { body } = frame;
  if (!isReadLate(object, body) && !isReadLate(key, body)) return target;
  return [
    isReadLate(object, body) ? evaluate(object, frame) : target[0],
    isReadLate(key, body) ? evaluate(key, frame) : target[1],
  ];
}

function store(place: Place, [object, key]: Target, value: Value, line: number, frame: Frame): void {
  if (place.kind === 'local') frame.assign(place.variable, value);
  else if (place.kind === 'global') operations.setIndex(frame.operates(line), frame.text.globals, place.name, value);
  else frame.setIndex(place.object, object, key, value, line);
}

// Control

function conditional({ branches, otherwise }: Statement & { kind: 'if' }, frame: Frame): Outcome {
  for (const branch of branches) if (isTrue(branch.condition, frame)) return block(branch.block, frame);
  return otherwise === undefined ? GOES_ON : block(otherwise, frame);
}

/** A round begins; false if it is time for compiled code. */
function isWalked(heat: Heat<LoopCode>, frame: Frame): boolean {
  if (++heat.runs > ROUNDS_WALKED) return false;
  frame.place = 0;
  tick();
  return true;
}

/** The rest of a loop by its code. */
function goOn(loop: Loop, heat: Heat<LoopCode>, frame: Frame, ...state: unknown[]): Outcome {
  heat.code ??= frame.text.compiledLoop(loop, frame.body);
  frame.place = 0;
  return heat.code(frame.variables, frame.varargs, frame.entry, ...state);
}

function whileLoop(loop: While, frame: Frame): Outcome {
  const heat = frame.text.heatOf(loop);
  while (isWalked(heat, frame)) {
    if (!isTrue(loop.condition, frame)) return GOES_ON;
    const outcome = block(loop.block, frame);
    if (outcome !== GOES_ON) return outcome === BREAKS ? GOES_ON : outcome;
  }
  return goOn(loop, heat, frame);
}

function repeat(loop: Repeat, frame: Frame): Outcome {
  const heat = frame.text.heatOf(loop);
  while (isWalked(heat, frame)) {
    const outcome = block(loop.block, frame);
    if (outcome !== GOES_ON) return outcome === BREAKS ? GOES_ON : outcome;
    if (isTrue(loop.condition, frame)) return GOES_ON;
  }
  return goOn(loop, heat, frame);
}

function numericFor(loop: NumericFor, frame: Frame): Outcome {
  let counter = evaluate(loop.start, frame);
  let limit = evaluate(loop.limit, frame);
  let step = loop.step === undefined ? 1 : evaluate(loop.step, frame);
  if (typeof counter !== 'number') counter = loopNumber(counter, 'initial value', loop, frame);
  if (typeof limit !== 'number') limit = loopNumber(limit, 'limit', loop, frame);
  if (typeof step !== 'number') step = loopNumber(step, 'step', loop, frame);
  // Lua subtracts the step before the loop and adds it at its head: that can round.
  counter = counter - step + step;
  const heat = frame.text.heatOf(loop);
  while (0 < step ? counter <= limit : limit <= counter) {
    if (!isWalked(heat, frame)) return goOn(loop, heat, frame, counter, limit, step);
    frame.declare(loop.variable, counter);
    const outcome = block(loop.block, frame);
    if (outcome !== GOES_ON) return outcome === BREAKS ? GOES_ON : outcome;
    counter += step;
  }
  return GOES_ON;
}

function loopNumber(value: Value, what: string, { line }: NumericFor, frame: Frame): number {
  return operations.loopNumber(frame.operates(line), value, what);
}

function genericFor(loop: GenericFor, frame: Frame): Outcome {
  const { variables, values, block: statements, line } = loop;
  const iterator = iteratorOf(values, frame);
  if (iterator !== undefined) return tableFor(loop, iterator, frame);
  const [iterate, state, start] = adjusted(values, 3, frame);
  let control = start;
  const place = frame.text.addPlace(line, ITERATOR);
  const heat = frame.text.heatOf(loop);
  while (isWalked(heat, frame)) {
    frame.place = place;
    const results = support.iterate(place, iterate, state, control);
    control = results[0];
    if (control === undefined) return GOES_ON;
    variables.forEach((variable, i) => {
      frame.declare(variable, results[i]);
    });
    const outcome = block(statements, frame);
    if (outcome !== GOES_ON) return outcome === BREAKS ? GOES_ON : outcome;
  }
  return goOn(loop, heat, frame, iterate, state, control);
}

function tableFor(loop: GenericFor, iterator: NonNullable<ReturnType<typeof iteratorOf>>, frame: Frame): Outcome {
  const [key, value, ...rest] = loop.variables;
  const heat = frame.text.heatOf(loop);
  while (isWalked(heat, frame)) {
    if (!iterator.advance()) return GOES_ON;
    frame.declare(key!, iterator.key);
    if (value !== undefined) frame.declare(value, iterator.value);
    for (const each of rest) frame.declare(each, undefined);
    const outcome = block(loop.block, frame);
    if (outcome !== GOES_ON) return outcome === BREAKS ? GOES_ON : outcome;
  }
  return goOn(loop, heat, frame, iterator);
}
