import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { LuaError } from '../../src/lua/runtime/errors.js';
import { first } from '../../src/lua/runtime/value.js';
import { LuaState } from '../../src/lua/state.js';
import { describeWithOracle } from '../support/oracle.js';
import { useOracle } from '../support/oracle-client.js';
import { textOf } from '../support/reply-text.js';

/** One expression list of Lua on each line: the edges of patterns, formats, numerals and messages. */
const fixture = new URL('../fixtures/lua-string-expressions.txt', import.meta.url);
const expressions = readFileSync(fixture, 'utf8').trimEnd().split('\n');

/** Prints what has no address as it is. */
const PRELUDE = `local function show(...)
  local shown = ''
  for i = 1, select('#', ...) do
    local value = select(i, ...)
    local kind = type(value)
    if kind == 'string' then value = string.format('%q', value)
    elseif kind == 'table' or kind == 'function' then value = kind end
    shown = shown .. tostring(value) .. ' '
  end
  return shown
end
local function join(list)
  local joined = ''
  for _, each in ipairs(list) do joined = joined .. each .. ',' end
  return joined
end
`;

describeWithOracle('strings and numbers in scripts', () => {
  const redis = useOracle();

  test('have the values and the errors that they have in Redis', async () => {
    const state = new LuaState();
    const different: string[] = [];
    for (const expression of expressions) {
      const script = `${PRELUDE}return show(${expression})`;
      const theirs = textOf(await redis.client.call('EVAL', script, 0));
      const ours = resultOf(state, script);
      if (ours !== theirs) different.push(`${expression}: ${theirs} | ${ours}`);
    }
    expect(different).toEqual([]);
  });
});

function resultOf(state: LuaState, script: string): string {
  try {
    return String(first(state.load(Buffer.from(script).toString('latin1'), '@user_script')()));
  } catch (error) {
    return error instanceof LuaError ? `error: ${error.value}` : String(error);
  }
}
