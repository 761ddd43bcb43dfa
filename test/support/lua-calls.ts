/** Calls of Lua's library functions, as a script for redis-server and as calls of ours, with results to be compared. */

import { all, call, protect } from '../../src/lua/runtime/calls.js';
import { generalDigits } from '../../src/lua/runtime/decimals.js';
import { infiniteToString } from '../../src/lua/runtime/numbers.js';
import { Table } from '../../src/lua/runtime/table.js';
import type { LuaFunction, Value } from '../../src/lua/runtime/value.js';
import type { RawClient } from './raw-client.js';
import { elementsOf, textOf } from './reply-text.js';

/** A function of Lua's, written twice. */
export interface LuaSource {
  readonly lua: string;
  readonly value: Value;
}

export interface LuaCall {
  /** As `string.find`. */
  readonly name: string;
  readonly callee: LuaFunction;
  readonly args: readonly (Value | LuaSource)[];
}

/** Results are sent as texts: the type's letter and the value. */
const PRELUDE = `
local function results(...)
  local texts = {}
  for i = 1, select('#', ...) do
    local value = select(i, ...)
    local kind = type(value)
    if kind == 'string' then texts[i] = 's' .. value
    elseif kind == 'number' then texts[i] = string.format('n%.17g', value)
    else texts[i] = (kind == 'boolean' or kind == 'nil') and tostring(value) or kind end
    texts[i] = #texts[i] .. ':' .. texts[i]
  end
  return table.concat(texts, ' ')
end
local replies = {}
`;

/** The calls whose results differ, with both. */
export async function differences(client: RawClient, calls: readonly LuaCall[]): Promise<string[]> {
  const lines = calls.map(({ name, args }) => {
    const list = [name, ...args.map(literal)].join(', ');
    return `replies[#replies + 1] = results(pcall(${list}))`;
  });
  const reply = await client.call('EVAL', `${PRELUDE}${lines.join('\n')}\nreturn replies`, 0);
  const theirs = elementsOf(reply)?.map((element) => textOf(element));
  if (theirs?.length !== calls.length) throw new Error(`redis-server: ${reply.toString('latin1').slice(0, 500)}`);
  const found: string[] = [];
  calls.forEach((call, at) => {
    const ours = resultOf(call);
    if (ours !== theirs[at]) found.push(`${call.name}(${call.args.map(literal).join(', ')}): ${theirs[at]} | ${ours}`);
  });
  return found;
}

function resultOf({ callee, args }: LuaCall): string {
  const values = args.map((argument) => (isSource(argument) ? argument.value : argument));
  // An array of numbers alone would not keep the sign of NaN.
  const results = protect(
    () => [true, ...all(call(callee, ...values))],
    (error) => [false, error],
  );
  return all(results).map(shown).join(' ');
}

function shown(value: Value): string {
  const text = shownAlone(value);
  return `${text.length}:${text}`;
}

function shownAlone(value: Value): string {
  switch (typeof value) {
    case 'string':
      return `s${value}`;
    case 'number':
      if (!Number.isFinite(value)) return `n${infiniteToString(value)}`;
      return `n${value < 0 || Object.is(value, -0) ? '-' : ''}${generalDigits(Math.abs(value), 17)}`;
    case 'undefined':
      return 'nil';
    case 'boolean':
      return String(value);
    default:
      return value instanceof Table ? 'table' : typeof value;
  }
}

function isSource(argument: Value | LuaSource): argument is LuaSource {
  return typeof argument === 'object' && 'lua' in argument;
}

function literal(argument: Value | LuaSource): string {
  switch (typeof argument) {
    case 'undefined':
      return 'nil';
    case 'boolean':
      return String(argument);
    case 'number':
      if (Number.isNaN(argument)) return '(0/0)';
      if (!Number.isFinite(argument)) return argument > 0 ? '(1/0)' : '(-1/0)';
      // The compiler takes -0 for 0.
      return Object.is(argument, -0) ? 'tonumber("-0")' : `(${argument})`;
    case 'string':
      return `"${argument.replace(/[^ !#-[\]-~]/g, escaped)}"`;
    default:
      return isSource(argument) ? argument.lua : '{}';
  }
}

function escaped(character: string): string {
  return `\\${String(character.charCodeAt(0)).padStart(3, '0')}`;
}
