/** How many constants and nested functions one function may have: as many as an instruction of Lua's can number. */

import { LuaError } from '../runtime/errors.js';
import { FunctionBody, type Literal, Variable } from './syntax-tree.js';

const MOST_CONSTANTS = 2 ** 18 - 1;
/** Characters: a shorter text can't have so many that differ, or so many functions. */
export const LEAST_TEXT = 2 * MOST_CONSTANTS;

/** Only for long texts, since it walks the whole tree but for nested functions. @throws LuaError */
export function checkConstants({ block }: FunctionBody): void {
  const constants = new Set<Literal>();
  let functions = 0;
  // By a list of what is left: to the left a tree is as deep as its text is long.
  const left: object[] = [block];
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    if (node instanceof Variable) continue;
    if (node instanceof FunctionBody) {
      functions++;
      continue;
    }
    if (node instanceof Array) {
      for (const part of node) if (isNode(part)) left.push(part);
      continue;
    }
    const constant = constantOf(node);
    if (constant !== undefined) constants.add(constant);
    // To make lists of its parts first would take twice as long.
    for (const key in node) {
      const part = (node as Record<string, unknown>)[key];
      if (isNode(part)) left.push(part);
    }
  }
  // The error has no position.
  if (Math.max(constants.size, functions) > MOST_CONSTANTS) throw new LuaError('constant table overflow');
}

function isNode(part: unknown): part is object {
  return typeof part === 'object' && part !== null;
}

/** What a node adds to the constants: also the name of a global or of a method. */
function constantOf(node: { kind?: string; value?: unknown; name?: unknown }): Literal | undefined {
  switch (node.kind) {
    case 'number':
    case 'string':
      return node.value as Literal;
    case 'global':
    case 'method':
      return node.name as string;
    default:
      return undefined;
  }
}
