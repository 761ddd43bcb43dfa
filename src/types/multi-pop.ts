/** LMPOP and ZMPOP, and those of them that wait: `numkeys key [key …] END [COUNT n]`, END being a word of two. */

import * as arg from '../engine/arguments.js';
import type { Call } from '../engine/call.js';
import type { ArgumentDoc, CommandRow } from '../engine/command.js';
import { countedKeys } from '../engine/key-specs.js';
import type { Args } from '../protocol/args.js';
import * as errors from '../protocol/errors.js';

const multiPop = { keyCount: 0, fromFirst: false, limit: 1 };

/**
 * Reads the arguments from `at` on; what it returns is valid until it is called again.
 * @param isFirst whether the word of an argument names the first end
 */
export function parseMultiPop(call: Call, at: number, isFirst: (args: Args, i: number) => boolean): typeof multiPop {
  const { args } = call;
  const keyCount = args.integer(at, errors.NUMKEYS_NOT_POSITIVE);
  if (keyCount <= 0) throw errors.NUMKEYS_NOT_POSITIVE;
  const where = at + keyCount + 1;
  if (where >= args.count) throw errors.SYNTAX;
  multiPop.keyCount = keyCount;
  multiPop.fromFirst = isFirst(args, where);
  multiPop.limit = 1;
  if (where + 1 === args.count) return multiPop;
  if (where + 3 !== args.count || !args.is(where + 1, 'COUNT')) {
    // Redis parses the first COUNT before it finds that something follows.
    if (where + 3 < args.count && args.is(where + 1, 'COUNT')) parseCount(call, where + 2);
    throw errors.SYNTAX;
  }
  multiPop.limit = parseCount(call, where + 2);
  return multiPop;
}

function parseCount(call: Call, i: number): number {
  const count = call.args.integer(i, errors.COUNT_NOT_POSITIVE);
  if (count <= 0) throw errors.COUNT_NOT_POSITIVE;
  return count;
}

/** The row of one that replies at once. */
export function multiPopRow(
  row: Pick<CommandRow, 'name' | 'summary' | 'group' | 'complexity' | 'run'>,
  ends: readonly [string, string],
): CommandRow {
  return {
    ...row,
    arity: -4,
    flags: ['write', 'movablekeys'],
    keys: [countedKeys(1, 'RW', 'access', 'delete')],
    arguments: multiPopArguments(ends),
  };
}

/** The row of one that waits for elements. */
export function blockingMultiPopRow(
  row: Pick<CommandRow, 'name' | 'summary' | 'group' | 'complexity' | 'run'>,
  ends: readonly [string, string],
): CommandRow {
  return {
    ...row,
    arity: -5,
    flags: ['write', 'blocking', 'movablekeys'],
    keys: [countedKeys(2, 'RW', 'access', 'delete')],
    arguments: [arg.double('timeout'), ...multiPopArguments(ends)],
  };
}

function multiPopArguments(ends: readonly [string, string]): ArgumentDoc[] {
  return [
    arg.integer('numkeys'),
    arg.multiple(arg.key()),
    arg.oneOf(
      'where',
      ends.map((word) => arg.token(word)),
    ),
    arg.option('COUNT', arg.integer('count')),
  ];
}
