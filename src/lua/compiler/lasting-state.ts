/**
 * Whether functions of a text could keep something from one call to the next. Those that don't can be begun anew, since
 * nothing of the first attempt is left.
 */

import type { Expression, FunctionBody, Statement } from './syntax-tree.js';

/** `registers` are the functions that the text may call as it is run, by the tables' names. */
export function keepsState({ block }: FunctionBody, registers: ReadonlyMap<string, string>): boolean {
  return !block.every((statement) => isStateless(statement, registers));
}

function isStateless(statement: Statement, registers: ReadonlyMap<string, string>): boolean {
  switch (statement.kind) {
    case 'localFunction':
      return !statement.variable.isReassigned;
    case 'local':
      return statement.values.every(isConstant) && statement.variables.every(({ isReassigned }) => !isReassigned);
    case 'call': {
      const { call } = statement;
      return call.kind === 'call' && isOneOf(call.callee, registers) && call.args.every(isArgument);
    }
    default:
      return false;
  }
}

function isOneOf(callee: Expression, functions: ReadonlyMap<string, string>): boolean {
  if (callee.kind !== 'index' || callee.object.kind !== 'global' || callee.key.kind !== 'string') return false;
  return functions.get(callee.object.name) === callee.key.value;
}

/** A value that nothing changes: of tables there are only those of the libraries. */
function isConstant(expression: Expression): boolean {
  switch (expression.kind) {
    case 'nil':
    case 'true':
    case 'false':
    case 'number':
    case 'string':
    case 'function':
    case 'local':
    case 'global':
      return true;
    case 'index':
      return isConstant(expression.object) && isConstant(expression.key);
    default:
      return false;
  }
}

/** Also a table that is only read where it is handed over. */
function isArgument(expression: Expression): boolean {
  if (expression.kind !== 'table') return isConstant(expression);
  return expression.fields.every(({ key, value }) => (key === undefined || isConstant(key)) && isArgument(value));
}
