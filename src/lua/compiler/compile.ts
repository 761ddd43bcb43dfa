/** The tree of a text to a function; also a loop, or a function in it, by itself. */

import { all, finish, TailCall } from '../runtime/calls.js';
import { Chunk } from '../runtime/chunk.js';
import { counters } from '../runtime/counters.js';
import { poll, tick } from '../runtime/limits.js';
import * as operations from '../runtime/operations.js';
import { scriptName } from '../runtime/positions.js';
import { power } from '../runtime/power.js';
import * as steps from '../runtime/steps.js';
import * as support from '../runtime/support.js';
import { Table } from '../runtime/table.js';
import { threads } from '../runtime/threads.js';
import { type LuaFunction, NO_RESULTS, type Results, type Value } from '../runtime/value.js';
import { ChunkContext, ENTRY, FunctionContext, Outside, type Surroundings } from './context.js';
import { Statements } from './statements.js';
import type { FunctionBody, Loop } from './syntax-tree.js';
import type { Template } from './templates.js';

/** What a statement comes to if the next one follows it: it returned nothing, and left no loop. */
export const GOES_ON = Symbol('goes on');

/** What the code refers to, by the names that it uses. */
const NAMES = {
  $index: operations.index,
  $field: operations.field,
  $method: operations.method,
  $setIndex: operations.setIndex,
  $setField: operations.setField,
  $add: operations.add,
  $subtract: operations.subtract,
  $multiply: operations.multiply,
  $divide: operations.divide,
  $modulo: operations.modulo,
  $power: operations.raise,
  $negate: operations.negate,
  $length: operations.length,
  $concat: operations.concat,
  $concatAll: support.concatAll,
  $equals: operations.equalsByMetatable,
  $lessThan: operations.lessThan,
  $lessOrEqual: operations.lessOrEqual,
  $equal: operations.equal,
  $greaterThan: operations.greaterThan,
  $greaterOrEqual: operations.greaterOrEqual,
  $callable: operations.callableAt,
  $loopNumber: operations.loopNumber,
  $iterate: support.iterate,
  $pairs: support.pairs,
  $ipairs: support.ipairs,
  $pow: power,
  $tail: support.tail,
  $resumable: steps.resumable,
  $steps: steps.stepsOf,
  $Steps: steps.StepsClass,
  $pause: steps.PAUSE,
  $list: support.list,
  $setList: support.setList,
  $argumentTable: support.argumentTable,
  $error: support.raise,
  $errorForCaller: support.raiseForCaller,
  $raised: support.raised,
  $raisedForCaller: support.raisedForCaller,
  $at: support.at,
  $callee: support.callee,
  $first: support.firstResult,
  $true: operations.isTrue,
  $and: support.and,
  $or: support.or,
  $finish: finish,
  $all: all,
  $poll: poll,
  $TailCall: TailCall,
  $Table: Table,
  $none: NO_RESULTS,
  $s: counters,
  $goesOn: GOES_ON,
};

/**
 * Evaluates code among these names. To make a function with all of them as parameters would take twice as long. Of a
 * chunk are `$c`, the chunk itself, `$k`, its constants, and `$G`, the global variables; all of them count their steps
 * down by `$n`.
 */
const evaluate = new Function(
  ...Object.keys(NAMES),
  '"use strict"; var $n = 0; return function ($c, $k, $G) { return eval(arguments[3]); }',
)(...Object.values(NAMES)) as (
  chunk: Chunk,
  constants: readonly unknown[],
  globals: Table,
  code: string,
) => Template['make'];

/** What a text is compiled with. */
export interface Source {
  readonly chunkName: string;
  readonly globals: Table;
  readonly surroundings: Surroundings;
}

/**
 * The function of a text takes the text's `...`.
 * @param isResumable whether functions have to be such as can be suspended
 * @param varying see Compile
 */
export function compile(
  body: FunctionBody,
  source: Source,
  isResumable: boolean,
  varying: ReadonlySet<number> | null,
): Template {
  const { context, generate, make } = prepare(source, isResumable, varying, null);
  const main = generate(body);
  return { make: make(main), variable: context.variable };
}

/** What a loop that is under way goes on with: its function's variables by their ordinals, `...`, and ENTRY. */
export type LoopCode = (
  variables: unknown[],
  varargs: readonly Value[],
  entry: number,
  ...state: unknown[]
) => Results | typeof GOES_ON;

/** A loop of a function by itself. */
export function compileLoop(loop: Loop, body: FunctionBody, source: Source): LoopCode {
  const outside = new Outside(loop.firstVariable);
  const { context, make } = prepare(source, false, null, outside);
  const fn = new FunctionContext(context, body);
  fn.loops = 1;
  const code = new Statements(fn).loopStatement(loop, true);
  let reads = '';
  let writes = '';
  for (const { ordinal, isCaptured, isReassigned } of outside.used) {
    reads += `var L${ordinal}=$r[${ordinal}];`;
    if (isReassigned && !isCaptured) writes += `$r[${ordinal}]=L${ordinal};`;
  }
  const declarations = context.declarations() + fn.declarations() + reads;
  return make(`function($r,$v,${ENTRY},h0,h1,h2){${declarations}${code}${writes}return $goesOn;}`)([]) as LoopCode;
}

/** Makes a function of variables outside of it, by their ordinals. */
export type FunctionCode = (captured: unknown[]) => LuaFunction;

/** A function of a text by itself. */
export function compileFunction(body: FunctionBody, source: Source): FunctionCode {
  const outside = new Outside(body.firstVariable);
  const { context, generate, make } = prepare(source, false, null, outside);
  const code = generate(body);
  let reads = '';
  for (const { ordinal } of outside.used) reads += `var L${ordinal}=$r[${ordinal}];`;
  return make(`function($r){${context.declarations()}${reads}return ${code};}`)([]) as unknown as FunctionCode;
}

function prepare(
  { chunkName, globals, surroundings }: Source,
  isResumable: boolean,
  varying: ReadonlySet<number> | null,
  outside: Outside | null,
) {
  tick();
  const chunk = new Chunk(chunkName);
  const context = new ChunkContext(chunk, surroundings, isResumable, varying, generate, outside);
  function generate(body: FunctionBody): string {
    const fn = new FunctionContext(context, body);
    const code = new Statements(fn).body();
    const parameters = body.parameters.map((parameter) => context.variableName(parameter));
    if (body.usesVararg || body.argumentTable !== undefined) parameters.push('...$v');
    if (context.isResumable) return `$resumable(function*(${parameters.join(',')}){${code}})`;
    return `function(${parameters.join(',')}){${code}}`;
  }
  function make(code: string): Template['make'] {
    chunk.register();
    chunk.code = `(function($l){return(${code})})\n//# sourceURL=${scriptName(chunk)}`;
    return evaluate(chunk, context.constants, globals, chunk.code);
  }
  return { context, generate, make };
}

/** Whether a text has to be compiled to functions that can be suspended: what coroutines call must be, too. */
export function hasCoroutines(source: string): boolean {
  return source.includes('coroutine') || threads.innermost !== null;
}
