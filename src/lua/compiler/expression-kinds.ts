/** What is asked of expressions. */

import { cString } from '../runtime/c-string.js';
import type { Value } from '../runtime/value.js';
import type { Surroundings } from './context.js';
import type { Binary, Expression, FunctionBody } from './syntax-tree.js';

function insideParentheses(expression: Expression): Expression {
  let inner = expression;
  while (inner.kind === 'parenthesis') inner = inner.inner;
  return inner;
}

/** A concatenation by itself; anything else as it is. */
function withoutParentheses(expression: Expression): Expression {
  const inner = insideParentheses(expression);
  return inner.kind === 'binary' && inner.operator === '..' ? inner : expression;
}

/** What a chain of concatenations joins. */
export function concatenated(expression: Binary): Expression[] {
  const operands: Expression[] = [];
  let rest: Expression = expression;
  while (rest.kind === 'binary' && rest.operator === '..') {
    operands.push(rest.left);
    // Parentheses on the right change nothing.
    rest = withoutParentheses(rest.right);
  }
  operands.push(rest);
  return operands;
}

export function leftOf(expression: Expression): Expression | undefined {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return expression.left;
    case 'binary':
      return expression.left;
    case 'index':
    case 'method':
      return expression.object;
    case 'call':
      return expression.callee;
    default:
      return undefined;
  }
}

/** What is on its left has a left itself. */
export function isDeep(expression: Expression): boolean {
  const left = leftOf(expression);
  return left !== undefined && leftOf(left) !== undefined;
}

/** Gathers what is deep to its left, from the outside on, and returns what is on the left of all. */
export function gatherDeep(expression: Expression, steps: Expression[]): Expression {
  let rest = expression;
  while (isDeep(rest)) {
    steps.push(rest);
    rest = leftOf(rest)!;
  }
  return rest;
}

export function withLeft(expression: Expression, left: Expression): Expression {
  switch (expression.kind) {
    case 'index':
    case 'method':
      return { ...expression, object: left };
    case 'call':
      return { ...expression, callee: left };
    default:
      return { ...expression, left } as Expression;
  }
}

export function spineLength(expression: Expression): number {
  let length = 0;
  for (let left = leftOf(expression); left !== undefined; left = leftOf(left)) length++;
  return length;
}

/**
 * Whether it is a function's own variable that a function in it assigns to: the value is fetched when the operation is
 * done, after all other operands, as from Lua's registers.
 */
export function isReadLate(expression: Expression, body: FunctionBody): boolean {
  const inner = insideParentheses(expression);
  if (inner.kind !== 'local') return false;
  const { owner, isCaptured, isReassigned } = inner.variable;
  return owner === body && isCaptured && isReassigned;
}

/** Its value is true or false. */
export function isBoolean(expression: Expression): boolean {
  switch (expression.kind) {
    case 'true':
    case 'false':
      return true;
    case 'unary':
      return expression.operator === 'not';
    case 'binary':
      return ['==', '~=', '<', '<=', '>', '>='].includes(expression.operator);
    case 'parenthesis':
      return isBoolean(expression.inner);
    default:
      return false;
  }
}

/** It is written as it is; no metatable has a say in whether it equals something. */
export function isConstant(expression: Expression): boolean {
  return ['nil', 'true', 'false', 'number', 'string'].includes(expression.kind);
}

export function isLiteral(expression: Expression): boolean {
  return expression.kind === 'number' || (expression.kind === 'parenthesis' && isLiteral(expression.inner));
}

/**
 * The value of a global that never changes, of the field of one, or of a local variable that is a name for such a
 * value; undefined if it is none of these.
 */
export function constantOf(expression: Expression, surroundings: Surroundings): Value {
  if (expression.kind === 'global') return surroundings.constant(expression.name);
  if (expression.kind === 'local') return expression.variable.isReassigned ? undefined : expression.variable.constant;
  if (expression.kind !== 'index') return undefined;
  const { object, key } = expression;
  if (object.kind !== 'global' || key.kind !== 'string') return undefined;
  return surroundings.constant(object.name, key.value);
}

/** Whether what a generic for goes by is a call of pairs() or ipairs() with one argument. */
export function iterationOf(values: readonly Expression[], surroundings: Surroundings): 'pairs' | 'ipairs' | undefined {
  const only = values.length === 1 ? values[0]! : undefined;
  if (only?.kind !== 'call' || only.args.length !== 1) return undefined;
  const kind = surroundings.intrinsics.get(constantOf(only.callee, surroundings));
  return kind === 'pairs' || kind === 'ipairs' ? kind : undefined;
}

/** What messages call the value of an expression in a function; undefined if nothing. */
export function describe(expression: Expression, body: FunctionBody): string | undefined {
  switch (expression.kind) {
    case 'held':
      return describe(expression.original, body);
    case 'local':
      return `${expression.variable.owner === body ? 'local' : 'upvalue'} '${expression.variable.name}'`;
    case 'global':
      return `global '${expression.name}'`;
    case 'index':
      return `field '${expression.key.kind === 'string' ? cString(expression.key.value) : '?'}'`;
    case 'parenthesis':
      return describe(expression.inner, body);
    default:
      return undefined;
  }
}
