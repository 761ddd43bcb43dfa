/** Random programs of Lua, for comparison: each logs what it computes, also the texts of its errors. */

import { LuaIdioms } from './lua-idioms.js';

/** What every program begins with: log() keeps a line of text a call, and says what has no fixed text by its type. */
const PROLOGUE = `local out = {}
local function show(v)
  local t = type(v)
  if t == 'table' then return 'table' .. #v elseif t == 'function' or t == 'thread' then return t end
  if v ~= v then return 'nan' end
  return tostring(v)
end
local function log(...)
  local parts = {}
  for i = 1, select('#', ...) do parts[i] = show((select(i, ...))) end
  out[#out + 1] = table.concat(parts, ' ')
  if #out > 200 then error('enough', 0) end
end
local steps = 0
local function step() steps = steps + 1 if steps > 500 then error('too long', 0) end return steps end
local function short(...)
  for i = 1, select('#', ...) do
    local v = select(i, ...)
    if type(v) == 'string' and #v > 10000 then error('too large', 0) end
  end
  return ...
end
`;

type Kind = 'number' | 'string' | 'table' | 'function' | 'boolean' | 'any';

interface Name {
  readonly name: string;
  readonly kind: Kind;
}

const NUMBERS = ['0', '1', '2', '3', '-1', '0.5', '10', '7', '1e15', '2^53', '-0', '1e300', '100', '0x1F', '1/3'];
const STRINGS = ['""', '"a"', '"abc"', "'10'", '"0x10"', '" 5 "', '[[x\ny]]', '"b\\n\\65"', '"z"', '"hello world"'];
const WRONG = ['nil', 'true', '{}', '"x"', 'function() end', '0/0'];

export class LuaProgram {
  private readonly lines: string[] = [];
  private names: Name[] = [];
  private indent = 0;
  private count = 0;
  private functions = 0;
  private varargs = false;
  private readonly inCoroutine: boolean;
  private readonly idioms: LuaIdioms;

  /** `random` gives a number from 0 to below its argument. */
  constructor(private readonly random: (below: number) => number) {
    this.inCoroutine = this.chance(8);
    this.idioms = new LuaIdioms(random);
  }

  text(): string {
    const statements = 4 + this.random(12);
    for (let i = 0; i < statements; i++) {
      if (this.inCoroutine || this.chance(3)) this.statement(3);
      else this.guarded(() => this.statement(3));
    }
    const body = this.lines.join('\n');
    const run = this.inCoroutine
      ? `local co = coroutine.create(function(...)\n${body}\nend)\nfor i = 1, 20 do local r = {coroutine.resume(co, i)} log('resumed', unpack(r, 1, 4)) if coroutine.status(co) == 'dead' then break end end`
      : body;
    return `${PROLOGUE}${run}\nreturn table.concat(out, '\\n')`;
  }

  private chance(oneIn: number): boolean {
    return this.random(oneIn) === 0;
  }

  private pick<T>(choices: readonly T[]): T {
    return choices[this.random(choices.length)]!;
  }

  private emit(line: string): void {
    this.lines.push('  '.repeat(this.indent) + line);
  }

  private fresh(): string {
    return `${this.pick(['a', 'b', 'c', 'd', 'value', 'self', 'n'])}${this.chance(3) ? '' : this.count++}`;
  }

  private declare(name: string, kind: Kind): void {
    this.names.push({ name, kind });
  }

  private known(kind: Kind): string | undefined {
    const fitting = this.names.filter((each) => each.kind === kind);
    return fitting.length === 0 ? undefined : this.pick(fitting).name;
  }

  private block(depth: number, body?: () => void): void {
    const names = this.names.slice();
    this.indent++;
    body?.();
    const count = 1 + this.random(3);
    for (let i = 0; i < count; i++) this.statement(depth - 1);
    this.indent--;
    this.names = names;
  }

  /** What goes wrong within is logged, and the program goes on. */
  private guarded(body: () => void): void {
    const names = this.names.slice();
    this.emit('log(pcall(function(...)');
    this.indent++;
    const before = this.varargs;
    this.varargs = true;
    body();
    this.varargs = before;
    this.indent--;
    this.emit('end))');
    this.names = names;
  }

  // Statements

  private statement(depth: number): void {
    if (this.chance(3)) {
      this.emit(this.chance(10) ? this.idioms.coroutines() : this.idioms.statement());
      return;
    }
    const choice = this.random(depth > 0 ? 22 : 9);
    switch (choice) {
      case 0:
      case 1:
        this.emit(`log(${this.expressions(2)})`);
        break;
      case 2:
      case 3:
        this.local();
        break;
      case 4:
      case 5:
        this.assignment();
        break;
      case 6:
        this.emit(`log(pcall(${this.functionExpression(1, true)}${this.chance(2) ? `, ${this.expressions(1)}` : ''}))`);
        break;
      case 7:
        this.emit(`${this.callable()}(${this.expressions(1)})`);
        break;
      case 8:
        if (this.inCoroutine) this.emit(`log(coroutine.yield(${this.expressions(1)}))`);
        else this.emit(`log(select('#', ${this.callable()}(${this.expressions(1)})))`);
        break;
      default:
        this.compound(choice, depth);
    }
  }

  private compound(choice: number, depth: number): void {
    switch (choice) {
      case 9:
      case 10:
        this.conditional(depth);
        break;
      case 11:
        this.numericFor(depth);
        break;
      case 12:
        this.genericFor(depth);
        break;
      case 13:
        this.emit(`while ${this.expression('boolean', 1)} do step()`);
        this.block(depth);
        this.emit(this.chance(2) ? '  break end' : 'end');
        break;
      case 14:
        this.emit('repeat step()');
        this.block(depth, () => this.local());
        this.emit(`until ${this.chance(2) ? 'step() % 3 == 0' : 'true'} or ${this.expression('any', 1)}`);
        break;
      case 15:
      case 16:
        this.localFunction(depth);
        break;
      case 17:
        this.emit('log(pcall(function(...) step()');
        this.block(depth);
        this.emit(`end, ${this.expressions(1)}))`);
        break;
      case 18:
        this.object();
        break;
      case 19:
        this.emit('do');
        this.block(depth);
        this.emit('end');
        break;
      case 20:
        this.emit(`log(pcall(error, ${this.expressions(1)}))`);
        break;
      default:
        this.closures();
    }
  }

  private local(): void {
    const kind = this.pick<Kind>(['number', 'string', 'table', 'boolean', 'any', 'number']);
    const name = this.fresh();
    if (this.chance(4)) {
      const other = this.fresh();
      this.emit(`local ${name}, ${other} = ${this.expressions(2)}`);
      this.declare(name, 'any');
      this.declare(other, 'any');
      return;
    }
    this.emit(`local ${name} = ${this.expression(kind, 2)}`);
    this.declare(name, kind);
  }

  private assignment(): void {
    if (this.names.length === 0) {
      this.local();
      return;
    }
    const target = this.pick(this.names);
    if (target.kind === 'function' && !this.chance(10)) return;
    if (target.kind === 'table' || this.chance(8)) {
      this.emit(`${target.name}${this.key()} = ${bounded(this.expression('any', 2))}`);
      return;
    }
    if (this.chance(4)) {
      const other = this.pick(this.names);
      if (other.kind !== 'function') {
        this.emit(`${target.name}, ${other.name} = ${bounded(this.expressions(2))}`);
        return;
      }
    }
    this.emit(`${target.name} = ${bounded(this.expression(target.kind, 2))}`);
  }

  private conditional(depth: number): void {
    this.emit(`if ${this.expression(this.pick<Kind>(['boolean', 'any']), 2)} then`);
    this.block(depth);
    if (this.chance(3)) {
      this.emit(`elseif ${this.expression('any', 1)} then`);
      this.block(depth);
    }
    if (this.chance(2)) {
      this.emit('else');
      this.block(depth);
    }
    this.emit('end');
  }

  private numericFor(depth: number): void {
    const name = this.fresh();
    const start = this.chance(6) ? this.expression('any', 1) : this.pick(['1', '0', '-2', '0.1', '3']);
    const limit = this.chance(6) ? this.expression('any', 1) : this.pick(['3', '5', '2.5', '#"abc"', '-1']);
    const step = this.chance(3)
      ? `, ${this.chance(5) ? this.expression('any', 1) : this.pick(['1', '2', '-1', '0.7', '-0.5'])}`
      : '';
    this.emit(`for ${name} = ${start}, ${limit}${step} do step()`);
    this.block(depth, () => this.declare(name, 'number'));
    this.emit(this.chance(4) ? '  break end' : 'end');
  }

  private genericFor(depth: number): void {
    const key = this.fresh();
    const value = this.fresh();
    const table = this.chance(12) ? this.expression('any', 1) : this.expression('table', 1);
    const iterator = this.pick(['ipairs', 'pairs', 'ipairs']);
    const source = this.chance(4) ? `next, ${table}` : `${iterator}(${table})`;
    this.emit(`for ${key}, ${value} in ${source} do step()`);
    this.block(depth, () => {
      this.declare(key, 'any');
      this.declare(value, 'any');
    });
    this.emit('end');
  }

  private localFunction(depth: number): void {
    const name = `f${this.functions++}`;
    const isRecursive = this.chance(2);
    const [x, y] = ['x', 'y'];
    const vararg = this.chance(3) ? ', ...' : '';
    this.emit(`${isRecursive ? `local function ${name}` : `local ${name} = function`}(${x}, ${y}${vararg})`);
    const before = this.varargs;
    this.varargs = vararg !== '';
    this.block(depth, () => {
      this.emit(`if step() > 300 then return ${x} end`);
      this.declare(x, this.pick<Kind>(['number', 'any']));
      this.declare(y, 'any');
      if (isRecursive && this.chance(2)) {
        this.emit(`if type(${x}) == 'number' and ${x} > 0 and ${x} < 20 then return ${this.recursion(name)} end`);
      }
    });
    this.indent++;
    const names = this.names;
    this.names = [...names, { name: x, kind: 'any' }, { name: y, kind: 'any' }];
    if (this.varargs && this.chance(2))
      this.emit(this.pick(['return ...', "return select('#', ...), ...", 'return {...}, (...)']));
    else this.emit(`return ${this.expressions(2)}`);
    this.names = names;
    this.indent--;
    this.varargs = before;
    this.emit('end');
    this.declare(name, 'function');
  }

  private recursion(name: string): string {
    return this.pick([`${name}(x - 1, y)`, `x + ${name}(x - 1, y)`, `(${name}(x - 2, y))`, `1, ${name}(x - 1, y)`]);
  }

  private object(): void {
    const name = this.fresh();
    const events = [
      '__index',
      '__newindex',
      '__call',
      '__add',
      '__concat',
      '__eq',
      '__lt',
      '__le',
      '__unm',
      '__mod',
      '__len',
    ];
    const parts: string[] = [];
    const count = 1 + this.random(4);
    for (let i = 0; i < count; i++) {
      const event = this.pick(events);
      const value =
        event === '__index' && this.chance(2)
          ? this.expression('table', 1)
          : `function(p, q) step() return ${this.handlerResult()} end`;
      parts.push(`${event} = ${value}`);
    }
    this.emit(`local ${name} = setmetatable(${this.expression('table', 1)}, {${parts.join(', ')}})`);
    this.declare(name, 'table');
  }

  private handlerResult(): string {
    return this.pick([
      'q',
      'type(p)',
      '1',
      'nil',
      'rawget(p, 1)',
      '"h"',
      'p == q',
      'true',
      'q .. "!"',
      'error("handler")',
      'q, p',
    ]);
  }

  private closures(): void {
    const list = this.fresh();
    this.emit(`local ${list} = {}`);
    this.emit('for i = 1, 3 do step()');
    this.emit('  local j = i');
    this.emit(`  ${list}[#${list} + 1] = function(x) j = j + (x or ${this.pick(NUMBERS)}) i = i * 2 return j, i end`);
    this.emit('end');
    this.emit(`log(${list}[1](), ${list}[2](5), ${list}[1]())`);
    this.declare(list, 'table');
  }

  // Expressions

  private expressions(most: number): string {
    const count = 1 + this.random(most);
    const texts: string[] = [];
    for (let i = 0; i < count; i++)
      texts.push(this.expression(this.chance(2) ? 'any' : this.pick<Kind>(['number', 'string']), 2));
    return texts.join(this.chance(6) ? ',\n' : ', ');
  }

  private expression(kind: Kind, depth: number): string {
    if (this.chance(14)) return this.pick(WRONG);
    if (this.names.length > 0 && this.chance(3)) {
      const name = this.chance(6) ? this.pick(this.names).name : this.known(kind);
      if (name !== undefined) return name;
    }
    switch (kind) {
      case 'number':
        return this.numeric(depth);
      case 'string':
        return this.textual(depth);
      case 'table':
        return this.table(depth);
      case 'function':
        return this.functionExpression(depth, false);
      case 'boolean':
        return this.logical(depth);
      default:
        if (depth > 0 && this.chance(3)) return this.mixed(depth);
        return this.expression(this.pick<Kind>(['number', 'string', 'table', 'boolean', 'number', 'string']), depth);
    }
  }

  private mixed(depth: number): string {
    const a = () => this.expression('any', depth - 1);
    switch (this.random(8)) {
      case 0:
        return `(${a()} and ${a()})`;
      case 1:
        return `(${a()} or ${a()})`;
      case 2:
        return `(${this.callable()}(${this.expressions(1)}))`;
      case 3:
        return `${this.expression('table', 0)}${this.key()}`.replace(/^\{/, '({').replace(/\}(?=[.[])/, '})');
      case 4:
        return `select(${this.random(3) + 1}, ${this.expressions(2)})`;
      case 5:
        return this.varargs ? '...' : 'nil';
      case 6:
        return `(${this.names.length > 0 ? this.pick(this.names).name : 'nil'})${this.key()}`;
      default:
        return this.inCoroutine ? `coroutine.yield(${a()})` : `tonumber(${this.textual(0)})`;
    }
  }

  private numeric(depth: number): string {
    if (depth === 0) return this.pick(NUMBERS);
    const a = () => this.expression('number', depth - 1);
    switch (this.random(9)) {
      case 0:
        return `#${this.chance(2) ? `(${this.expression('string', depth - 1)})` : `(${this.expression('table', depth - 1)})`}`;
      case 1:
        return `-(${a()})`;
      case 2:
        return `(${a()} ${this.pick(['%', '^', '/'])} ${a()})`;
      case 3:
        return `math.${this.pick(['floor', 'abs', 'max', 'ceil'])}(${a()})`;
      case 4:
        return 'step()';
      default:
        return `(${a()} ${this.pick(['+', '-', '*'])} ${a()})`;
    }
  }

  private textual(depth: number): string {
    if (depth === 0) return this.pick(STRINGS);
    const a = () => this.expression('string', depth - 1);
    switch (this.random(6)) {
      case 0:
        return `(${a()}):${this.pick(['upper()', 'rep(2)', 'sub(2)', 'byte()', 'len()', 'nope()', 'gsub("%w", "%0%0")'])}`;
      case 1:
        return `(${a()} .. ${this.expression('number', 0)} .. ${a()})`;
      case 2:
        return `string.${this.pick([`format("%s|%5.1f", ${a()}, ${this.numeric(0)})`, `rep(${a()}, ${this.random(4)})`, `sub(${a()}, -2)`])}`;
      default:
        return `(${a()} .. ${a()})`;
    }
  }

  private table(depth: number): string {
    const count = this.random(5);
    const fields: string[] = [];
    for (let i = 0; i < count; i++) {
      const value = this.expression('any', Math.max(0, depth - 1));
      fields.push(
        this.chance(2) ? value : `${this.pick(['x', 'y', '[1]', '[2]', '["k"]', '[2.5]', '[true]'])} = ${value}`,
      );
    }
    return `{${fields.join(', ')}}`;
  }

  private logical(depth: number): string {
    if (depth === 0) return this.pick(['true', 'false', 'nil']);
    const kind = this.pick<Kind>(['number', 'string', 'number', 'any']);
    switch (this.random(5)) {
      case 0:
        return `not ${this.expression('any', depth - 1)}`;
      case 1:
        return `(${this.logical(depth - 1)} ${this.pick(['and', 'or'])} ${this.logical(depth - 1)})`;
      default:
        return `(${this.expression(kind, depth - 1)} ${this.pick(['<', '<=', '>', '>=', '==', '~='])} ${this.expression(kind, depth - 1)})`;
    }
  }

  private functionExpression(depth: number, isVararg: boolean): string {
    const before = this.varargs;
    const names = this.names;
    this.varargs = isVararg;
    this.names = [...names, { name: 'p', kind: 'any' }];
    const text = `function(p${isVararg ? ', ...' : ''}) ${this.chance(6) ? `error(${this.expressions(2)}) end` : `return ${this.expressions(2)} end`}`;
    this.names = names;
    this.varargs = before;
    return depth >= 0 ? text : 'nil';
  }

  private callable(): string {
    const known = this.known('function');
    if (known !== undefined && !this.chance(8)) return known;
    return this.pick([
      'type',
      'tostring',
      'math.floor',
      'select',
      'string.upper',
      'rawget',
      'unpack',
      '(nil)',
      'step',
      'assert',
    ]).replace('tostring', 'show');
  }

  private key(): string {
    return this.pick(['.x', '.y', '[1]', '[2]', `[${this.expression('any', 0)}]`, '.k', '[#"ab"]', '.x.y']);
  }
}

/** In a loop a string that doubles would take all memory: redis-server has no limit. */
function bounded(expressions: string): string {
  return /\.\.(?!\.)|rep|gsub/.test(expressions) ? `short(${expressions})` : expressions;
}

/** Xorshift: numbers from 0 to below the argument, the same ones for a seed. */
export function randomNumbers(seed: number): (below: number) => number {
  let state = Math.imul(seed, 0x9e3779b1) >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state = (state ^ (state << 5)) >>> 0;
    return state % below;
  };
}
