/** What the generator asks of expressions. */

import type { Expression } from './syntax-tree.js';

export function withoutParentheses(expression: Expression): Expression {
  let inner = expression;
  while (inner.kind === 'parenthesis') inner = inner.inner;
  return inner.kind === 'binary' && inner.operator === '..' ? inner : expression;
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

export function isConstant(expression: Expression): boolean {
  return ['nil', 'true', 'false', 'number', 'string'].includes(expression.kind);
}

export function isLiteral(expression: Expression): boolean {
  return expression.kind === 'number' || (expression.kind === 'parenthesis' && isLiteral(expression.inner));
}
