/** Source text to a function. */

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
import { NO_RESULTS } from '../runtime/value.js';
import { ChunkContext, FunctionContext, type Surroundings, variableName } from './context.js';
import { parse } from './parser.js';
import { Statements } from './statements.js';
import type { FunctionBody } from './syntax-tree.js';
import type { Template } from './templates.js';

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

/**
 * The function of a text takes the text's `...`.
 * @param isResumable whether functions have to be such as can be suspended
 * @param varying see Compile
 */
export function compile(
  source: string,
  chunkName: string,
  globals: Table,
  surroundings: Surroundings,
  isResumable: boolean,
  varying: ReadonlySet<number> | null,
): Template {
  tick();
  const body = parse(source, chunkName, counters.levels);
  const chunk = new Chunk(chunkName);
  const context = new ChunkContext(chunk, surroundings, isResumable, varying, generateFunction);
  function generateFunction(inner: FunctionBody): string {
    const fn = new FunctionContext(context, inner);
    const code = new Statements(fn).body();
    const parameters = inner.parameters.map(variableName);
    if (inner.usesVararg || inner.argumentTable !== undefined) parameters.push('...$v');
    if (context.isResumable) return `$resumable(function*(${parameters.join(',')}){${code}})`;
    return `function(${parameters.join(',')}){${code}}`;
  }
  const main = generateFunction(body);
  chunk.register();
  chunk.code = `(function($l){return(${main})})\n//# sourceURL=${scriptName(chunk)}`;
  return { make: evaluate(chunk, context.constants, globals, chunk.code), variable: context.variable };
}

/** Whether a text has to be compiled to functions that can be suspended: what coroutines call must be, too. */
export function hasCoroutines(source: string): boolean {
  return source.includes('coroutine') || threads.innermost !== null;
}
