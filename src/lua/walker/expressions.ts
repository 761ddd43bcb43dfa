/** The values of expressions. What there is to do in more than the plainest cases, compiled code calls, too. */

import { isMultiple } from '../compiler/context.js';
import { concatenated, describe, gatherDeep, isReadLate, iterationOf } from '../compiler/expression-kinds.js';
import { ITEMS_AT_ONCE } from '../compiler/expressions.js';
import type {
  Binary,
  BinaryOperator,
  Call,
  Expression,
  Index,
  MethodCall,
  TableConstructor,
} from '../compiler/syntax-tree.js';
import { all, MOST_TAIL_CALLS } from '../runtime/calls.js';
import { counters } from '../runtime/counters.js';
import * as operations from '../runtime/operations.js';
import * as support from '../runtime/support.js';
import { Table } from '../runtime/table.js';
import type { TableIterator } from '../runtime/table-iterator.js';
import { constructorPlaces } from '../runtime/table-sizes.js';
import type { LuaFunction, Results, Value } from '../runtime/value.js';
import { type Frame, isKey } from './frame.js';

type Operation = (place: number, a: Value, b: Value) => Value;

const COMPARISON: ReadonlyMap<BinaryOperator, Operation> = new Map<BinaryOperator, Operation>([
  ['<', operations.lessThan],
  ['<=', operations.lessOrEqual],
  ['>', operations.greaterThan],
  ['>=', operations.greaterOrEqual],
  ['==', operations.equal],
  ['~=', (place, a, b) => !operations.equal(place, a, b)],
]);

/** One value. */
export function evaluate(expression: Expression, frame: Frame): Value {
  if (frame.deep?.has(expression)) return evaluateDeep(expression, frame);
  switch (expression.kind) {
    case 'nil':
      return undefined;
    case 'true':
      return true;
    case 'false':
      return false;
    case 'number':
    case 'string':
      return expression.value;
    case 'vararg':
      return frame.varargs[0];
    case 'function':
      return frame.text.functionOf(expression.body, frame);
    case 'parenthesis':
      return evaluate(expression.inner, frame);
    case 'table':
      return table(expression, frame);
    case 'and':
    case 'or':
      return continued(expression, evaluate(expression.left, frame), frame);
    case 'unary':
      return unary(expression, frame);
    case 'binary':
      return binary(expression, frame);
    case 'local':
      return frame.read(expression.variable);
    case 'global':
      return global(expression.name, expression.line, frame);
    case 'index':
      return index(expression, frame);
    case 'call':
    case 'method':
      return support.firstResult(call(expression, frame));
    case 'held':
      throw new TypeError('only generators hold values');
  }
}

/** An expression that is deep to its left, from there on: JavaScript has no room for so many calls. */
function evaluateDeep(expression: Expression, frame: Frame): Value {
  const steps: Expression[] = [];
  let value = evaluate(gatherDeep(expression, steps), frame);
  for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
    value = continued(step, value, frame);
  }
  return value;
}

/** The value of an expression what is on whose left has been evaluated. */
function continued(expression: Expression, left: Value, frame: Frame): Value {
  switch (expression.kind) {
    case 'and':
      return operations.isTrue(left) ? evaluate(expression.right, frame) : left;
    case 'or':
      return operations.isTrue(left) ? left : evaluate(expression.right, frame);
    case 'index':
      return fetch(expression, left, evaluate(expression.key, frame), frame);
    case 'binary':
      if (expression.operator === '..') return concatenation(expression, left, frame);
      return operate(expression, left, evaluate(expression.right, frame), frame);
    default:
      return support.firstResult(invoke(expression as Call | MethodCall, left, frame));
  }
}

export function isTrue(expression: Expression, frame: Frame): boolean {
  return operations.isTrue(evaluate(expression, frame));
}

/** All values of a list. */
export function evaluateAll(expressions: readonly Expression[], frame: Frame): Value[] {
  const values: Value[] = [];
  const last = expressions.length - 1;
  for (let i = 0; i < last; i++) values.push(evaluate(expressions[i]!, frame));
  if (last >= 0) addValues(values, expressions[last]!, frame);
  return values;
}

/** Adds the value of an expression, or all that it has. */
function addValues(values: Value[], expression: Expression, frame: Frame): void {
  if (!isMultiple(expression)) {
    values.push(evaluate(expression, frame));
    return;
  }
  for (const value of allValues(expression, frame)) values.push(value);
}

/** Of a call, or of `...`. */
function allValues(expression: Expression, frame: Frame): readonly Value[] {
  return expression.kind === 'vararg' ? frame.varargs : all(call(expression as Call, frame));
}

// Operators

function unary({ operator, operand, line }: Expression & { kind: 'unary' }, frame: Frame): Value {
  const value = evaluate(operand, frame);
  if (operator === 'not') return !operations.isTrue(value);
  const isPlain = typeof value === (operator === '#' ? 'string' : 'number');
  const place = isPlain ? 0 : frame.operates(line, describe(operand, frame.body));
  return operator === '#' ? operations.length(place, value) : operations.negate(place, value);
}

function binary(expression: Binary, frame: Frame): Value {
  const { operator, left, right } = expression;
  if (operator === '..') return concatenation(expression, evaluate(left, frame), frame);
  const isLate = isReadLate(left, frame.body);
  let a = isLate ? undefined : evaluate(left, frame);
  const b = evaluate(right, frame);
  if (isLate) a = evaluate(left, frame);
  return operate(expression, a, b, frame);
}

function operate({ operator, left, right, line }: Binary, a: Value, b: Value, frame: Frame): Value {
  const arithmetic = operations.ARITHMETIC.get(operator);
  if (arithmetic !== undefined) {
    const isPlain = typeof a === 'number' && typeof b === 'number';
    const { body } = frame;
    return arithmetic(isPlain ? 0 : frame.operates(line, describe(left, body), describe(right, body)), a, b);
  }
  const isPlain = operator === '==' || operator === '~=' ? typeof a !== 'object' : typeof a === typeof b && isText(a);
  return COMPARISON.get(operator)!(isPlain ? 0 : frame.operates(line), a, b);
}

/** All operands are there before they are joined, from the right; the first one is already. */
function concatenation(expression: Binary, first: Value, frame: Frame): Value {
  const operands = concatenated(expression);
  const values = operands.map((operand, i) => (i === 0 ? first : evaluate(operand, frame)));
  let result = values[values.length - 1];
  for (let i = values.length - 2; i >= 0; i--) {
    const value = values[i];
    const { body } = frame;
    const place =
      isText(value) && isText(result)
        ? 0
        : frame.operates(expression.line, describe(operands[i]!, body), describe(operands[i + 1]!, body));
    result = operations.concat(place, value, result);
  }
  return result;
}

function isText(value: Value): boolean {
  return typeof value === 'string' || typeof value === 'number';
}

// Names and places

function global(name: string, line: number, frame: Frame): Value {
  const { globals } = frame.text;
  return globals.getString(name) ?? operations.index(frame.operates(line), globals, name);
}

function index(expression: Index, frame: Frame): Value {
  const { object, key } = expression;
  const isLate = isReadLate(object, frame.body);
  let owner = isLate ? undefined : evaluate(object, frame);
  const name = evaluate(key, frame);
  if (isLate) owner = evaluate(object, frame);
  return fetch(expression, owner, name, frame);
}

function fetch({ object, line }: Index, owner: Value, name: Value, frame: Frame): Value {
  const isPlain = owner instanceof Table && owner.metatable === null;
  return operations.index(isPlain ? 0 : frame.operates(line, describe(object, frame.body)), owner, name);
}

// Calls

/** The results of a call, in the form in which functions return them. */
export function call(expression: Call | MethodCall, frame: Frame): Results {
  return invoke(expression, evaluateHead(expression, frame), frame);
}

/** What stands before the arguments: the function or, of a method, its object. */
function evaluateHead(expression: Call | MethodCall, frame: Frame): Value {
  return evaluate(expression.kind === 'call' ? expression.callee : expression.object, frame);
}

function invoke(expression: Call | MethodCall, head: Value, frame: Frame): Results {
  const args: Value[] = [];
  const callee = prepareCall(expression, head, args, frame);
  const place = placeOf(expression, frame, false);
  const target = typeof callee === 'function' ? (callee as LuaFunction) : operations.callableAt(callee, place);
  frame.calls(place);
  return target(...args);
}

/** The same in a return statement. */
export function tailCall(expression: Call | MethodCall, frame: Frame): Results {
  const args: Value[] = [];
  const callee = prepareCall(expression, evaluateHead(expression, frame), args, frame);
  const place = placeOf(expression, frame, true);
  const isCounted = typeof callee === 'function' && ++counters.tails < MOST_TAIL_CALLS;
  const target = isCounted ? (callee as LuaFunction) : support.tail(callee, place);
  frame.calls(place);
  const results = target(...args);
  counters.tails--;
  return results;
}

/** What is called; its arguments are added to `args`. */
function prepareCall(expression: Call | MethodCall, head: Value, args: Value[], frame: Frame): Value {
  let callee = head;
  if (expression.kind === 'method') {
    callee = method(expression, head, frame);
    args.push(head);
  }
  const last = expression.args.length - 1;
  for (let i = 0; i < last; i++) args.push(evaluate(expression.args[i]!, frame));
  if (last >= 0) addValues(args, expression.args[last]!, frame);
  return callee;
}

function method({ object, name, nameLine }: MethodCall, value: Value, frame: Frame): Value {
  const isPlain = typeof value === 'string' || (value instanceof Table && value.metatable === null);
  const place = isPlain ? 0 : frame.operates(nameLine, describe(object, frame.body));
  return operations.index(place, value, name);
}

function placeOf(expression: Call | MethodCall, frame: Frame, isTail: boolean): number {
  if (expression.place === 0) {
    const isMethod = expression.kind === 'method';
    const name = isMethod ? `method '${expression.name}'` : describe(expression.callee, frame.body);
    expression.place = frame.text.addPlace(expression.line, name, undefined, isTail);
  }
  return expression.place;
}

/** What a loop goes by, if that is pairs() or ipairs(). */
export function iteratorOf(
  values: readonly Expression[],
  frame: Frame,
): TableIterator | support.ListIterator | undefined {
  const kind = iterationOf(values, frame.text.surroundings);
  if (kind === undefined) return undefined;
  const [only] = values as [Call];
  const args = evaluateAll(only.args, frame);
  frame.calls(placeOf(only, frame, false));
  return kind === 'pairs' ? support.pairs(...args) : support.ipairs(...args);
}

// Tables

/** As the compiler does it (Expressions.table()): keys and items get into the table in Lua's order. */
function table({ fields, line }: TableConstructor, frame: Frame): Table {
  if (fields.length === 0) return new Table();
  const last = fields.at(-1)!;
  let items = 0;
  for (const { key } of fields) if (key === undefined) items++;
  const isOpen = last.key === undefined && isMultiple(last.value);
  const arrayPlaces = constructorPlaces(items - (isOpen ? 1 : 0));
  const hashPlaces = constructorPlaces(fields.length - items);
  if (items === fields.length && items <= ITEMS_AT_ONCE) {
    const values: Value[] = [undefined];
    for (const field of fields) {
      if (field === last) addValues(values, field.value, frame);
      else values.push(evaluate(field.value, frame));
    }
    return support.list(arrayPlaces, hashPlaces, values);
  }
  const made = new Table(arrayPlaces, hashPlaces);
  let pending: Value[] = [];
  let start = 1;
  for (const { key, value } of fields) {
    if (key !== undefined) {
      setField(made, key, value, line, frame);
      continue;
    }
    if (pending.length === ITEMS_AT_ONCE) {
      made.setList(start, pending);
      start += ITEMS_AT_ONCE;
      pending = [];
    }
    if (value === last.value) addValues(pending, value, frame);
    else pending.push(evaluate(value, frame));
  }
  if (pending.length > 0) made.setList(start, pending);
  return made;
}

function setField(made: Table, key: Expression, value: Expression, line: number, frame: Frame): void {
  if (key.kind === 'string') made.setString(key.value, evaluate(value, frame));
  else {
    const name = evaluate(key, frame);
    const held = evaluate(value, frame);
    operations.setIndex(isKey(name) ? 0 : frame.operates(line), made, name, held);
  }
}
