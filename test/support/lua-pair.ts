/**
 * The same Lua texts, run by redis-server's EVAL and by a LuaState. A text is the body of a function that pcall()
 * calls; what that returns is shown as one text, tables in the order of pairs(), and must be the same.
 */
import { generalDigits } from '../../src/lua/runtime/decimals.js';
import { infiniteToString, toText } from '../../src/lua/runtime/numbers.js';
import { Table } from '../../src/lua/runtime/table.js';
import type { Results, Value } from '../../src/lua/runtime/value.js';
import { LuaState } from '../../src/lua/state.js';
import { Oracle } from './oracle.js';
import { type Command, RawClient } from './raw-client.js';

/** All on one line, so that positions are those of the text. */
const SHOW = `
local function show(value)
  local kind = type(value)
  if kind == 'string' then return '"' .. value .. '"' .. #value end
  if kind == 'number' then return (string.format('%.17g', value)) end
  if kind == 'function' or kind == 'thread' then return kind end
  if kind ~= 'table' then return tostring(value) end
  local out = {}
  for k, v in pairs(value) do out[#out + 1] = show(k) .. '=' .. show(v) end
  return '{' .. table.concat(out, ',') .. '}'
end
local function all(...)
  local out = {}
  for i = 1, select('#', ...) do out[i] = show((select(i, ...))) end
  return table.concat(out, ' ')
end
`.replaceAll('\n', ' ');

export class LuaPair {
  private state = new LuaState();

  private constructor(
    private readonly oracle: Oracle,
    private readonly client: RawClient,
  ) {}

  static async start(): Promise<LuaPair> {
    const oracle = await Oracle.start();
    return new LuaPair(oracle, await RawClient.connect({ port: oracle.port }));
  }

  async stop(): Promise<void> {
    await this.client.close();
    await this.oracle.stop();
  }

  /**
   * Each text that does not do the same in both, and what it does. They begin in a state that no other has used.
   * What redis-server says that matches `chance` depends on addresses, and is not compared.
   */
  async differences(bodies: readonly string[], chance = /^$/): Promise<string[]> {
    const scripts = bodies.map((body) => `${SHOW} return all(pcall(function() ${body}\nend))`);
    const commands: Command[] = scripts.map((script) => ['EVAL', Buffer.from(script, 'latin1'), '0']);
    const [, ...replies] = await this.client.pipeline([['SCRIPT', 'FLUSH'], ...commands]);
    this.state = new LuaState();
    return bodies.flatMap((body, index) => {
      const expected = textOf(replies[index]);
      const actual = this.run(body);
      return actual === expected || chance.test(expected)
        ? []
        : [`${body}\n  redis-server ${cut(expected, actual)}\n  redstart     ${cut(actual, expected)}`];
    });
  }

  private run(body: string): string {
    try {
      return showAll(this.state.load(`return pcall(function() ${body}\nend)`, '@user_script')());
    } catch (error) {
      return `thrown: ${error instanceof Error ? error.stack : JSON.stringify(error)}`;
    }
  }
}

function textOf(reply: Buffer): string {
  const text = reply.toString('latin1');
  return text[0] === '$' ? text.slice(text.indexOf('\r\n') + 2, -2) : text;
}

/** Around where the other differs. */
function cut(text: string, other: string): string {
  let at = 0;
  while (at < text.length && text[at] === other[at]) at++;
  const [start, end] = [Math.max(0, at - 100), at + 200];
  return `${start > 0 ? '…' : ''}${JSON.stringify(text.slice(start, end))}${end < text.length ? '…' : ''}`;
}

function showAll(results: Results): string {
  return (Array.isArray(results) ? results : [results as Value]).map(show).join(' ');
}

function show(value: Value): string {
  switch (typeof value) {
    case 'string':
      return `"${value}"${value.length}`;
    case 'number':
      return showNumber(value);
    case 'function':
      return 'function';
  }
  if (!(value instanceof Table)) return toText(value);
  const entries: string[] = [];
  for (let at = value.positionAfter(0); at > 0; at = value.positionAfter(at)) {
    entries.push(`${show(value.keyAt(at))}=${show(value.valueAt(at))}`);
  }
  return `{${entries.join(',')}}`;
}

function showNumber(value: number): string {
  if (!Number.isFinite(value)) return infiniteToString(value);
  const digits = generalDigits(Math.abs(value), 17);
  return value < 0 || Object.is(value, -0) ? `-${digits}` : digits;
}

/** A string of bytes as Lua's source text has it. */
export function luaString(bytes: string): string {
  const escaped = bytes.replace(/["\\\0-\x1f\x7f-\xff]/g, (c) => `\\${String(c.charCodeAt(0)).padStart(3, '0')}`);
  return `"${escaped}"`;
}

export function luaNumber(value: number): string {
  if (Number.isNaN(value)) return '(0/0)';
  if (!Number.isFinite(value)) return value > 0 ? '(1/0)' : '(-1/0)';
  return Object.is(value, -0) ? '(-0)' : `(${value})`;
}
