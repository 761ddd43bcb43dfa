/**
 * What people do with Lua, at random: statements for the programs of lua-programs.ts, which log() what they compute.
 * They use names of their own, in blocks of their own, so that they go with whatever stands around them.
 */

const SUBJECTS = [
  'hello world',
  'key:{user}:10',
  'a,b,,c',
  '  x  ',
  '2026-11-26T10:20',
  '',
  'aaa',
  '(a(b)c)',
  '%d+',
  'x=1, y=2',
];
const PIECES = [
  'a',
  '.',
  '%a',
  '%d',
  '%s',
  '%w',
  '%p',
  '[a-c]',
  '[^,]',
  '[%w_]',
  '%b()',
  '%f[%w]',
  ':',
  ',',
  '%.',
  'l',
];
const REPEATS = ['', '', '', '*', '+', '-', '?'];
const REPLACEMENTS = ["'<%1>'", "'%0%0'", "''", "'%%'", "{a = 'A', ['1'] = 2, l = false}", 'string.upper', "'%2'"];
const FORMATS = ['%d', '%i', '%5d', '%-5d|', '%05d', '%+d', '% d', '%x', '%X', '%#x', '%o', '%c', '%u'];
const FLOAT_FORMATS = ['%f', '%.3f', '%e', '%.0e', '%g', '%.14g', '%G', '%10.2f', '%-10.1f|', '%+.1f', '%.20f'];
const TEXT_FORMATS = ['%s', '%10s', '%-10s|', '%.3s', '%q', '%5.1s', '%%'];
const NUMBERS = [
  '0',
  '1',
  '-1',
  '3',
  '255',
  '65',
  '2^31',
  '2^53',
  '-2^63',
  '0.1',
  '-0.5',
  '1e15',
  '1e100',
  '123456789012',
  '1/0',
  '7.0',
];
const VALUES = ['1', '"x"', 'nil', 'true', 'false', '{}', '"10"', '2.5', '""', '-3'];
const NAMES_OF_TYPES = ['"number"', '"string"', '"table"'];

export class LuaIdioms {
  private readonly kinds: readonly (() => string)[] = [
    () => this.holes(),
    () => this.holes(),
    () => this.deletion(),
    () => this.searching(),
    () => this.searching(),
    () => this.replacing(),
    () => this.splitting(),
    () => this.formatting(),
    () => this.formatting(),
    () => this.raising(),
    () => this.raising(),
    () => this.handling(),
    () => this.inheritance(),
    () => this.proxy(),
    () => this.varargs(),
    () => this.loops(),
    () => this.nestedLoops(),
    () => this.sorting(),
    () => this.joining(),
    () => this.slicing(),
    () => this.converting(),
    () => this.computing(),
    () => this.assigning(),
    () => this.loading(),
    () => this.memoizing(),
  ];

  /** `random` gives a number from 0 to below its argument. */
  constructor(private readonly random: (below: number) => number) {}

  /** Any of them, in one line. */
  statement(): string {
    return inOneLine(this.pick(this.kinds)());
  }

  /** One with coroutines: a program that has any is compiled in another way. */
  coroutines(): string {
    const kinds = [() => this.generator(), () => this.exchange(), () => this.refusals(), () => this.pipeline()];
    return inOneLine(this.pick(kinds)());
  }

  private pick<T>(choices: readonly T[]): T {
    return choices[this.random(choices.length)]!;
  }

  private chance(oneIn: number): boolean {
    return this.random(oneIn) === 0;
  }

  private times(count: number, each: () => string, separator = ' '): string {
    return Array.from({ length: count }, each).join(separator);
  }

  private value(): string {
    return this.pick(VALUES);
  }

  private number(): string {
    return this.pick(NUMBERS);
  }

  private subject(): string {
    return `'${this.pick(SUBJECTS)}'`;
  }

  private index(): string {
    return `${this.random(9) - 3}`;
  }

  // Tables

  private holes(): string {
    const change = () =>
      this.pick([
        () => `t[#t + 1] = ${this.value()}`,
        () => `t[${1 + this.random(9)}] = ${this.value()}`,
        () => `t[${1 + this.random(5)}] = nil`,
        () => `table.insert(t, ${this.pick(['1', '"v"', 'true'])})`,
        () => `table.insert(t, ${this.random(4)}, ${this.pick(['1', '"v"', 'nil'])})`,
        () => 'log(table.remove(t))',
        () => `log(table.remove(t, ${this.random(5)}))`,
        () => `t.${this.pick(['x', 'y', 'n'])} = ${this.value()}`,
        () => 't[#t] = nil',
        () => 'log(unpack(t))',
        () => 'log(table.maxn(t), #t)',
      ])();
    const items = this.times(this.random(6), () => this.value(), ', ');
    return `local t = {${items}} log(#t) ${this.times(2 + this.random(8), change)} log(#t)
for k, v in pairs(t) do log(k, v) end`;
  }

  private deletion(): string {
    const fill = this.pick([
      `for i = 1, ${2 + this.random(20)} do t['k' .. i] = i end`,
      `for i = 1, ${2 + this.random(20)} do t[i * ${1 + this.random(3)}] = i end`,
      `for i = ${this.random(9)}, 1, -1 do t[i] = i t[-i] = -i t[i + 0.5] = i end`,
      't[true] = 1 t[false] = 0 t.a = 1 t[1] = 2 t[2] = 3',
    ]);
    const keep = this.pick(['v % 2 == 0', 'v > 3', 'type(k) == "number"', 'tostring(k) < "k3"']);
    return `local t = {} ${fill} for k, v in pairs(t) do if ${keep} then t[k] = nil end end local n = 0
for k, v in next, t do n = n + 1 log(k, v) end log(n, #t, next(t) == nil)`;
  }

  private sorting(): string {
    const items = this.times(this.random(12), () => `${this.random(30) - 9}${this.chance(4) ? '.5' : ''}`, ', ');
    const comparator = this.pick([
      '',
      '',
      ', function(a, b) return a > b end',
      ', function(a, b) return a % 5 * 100 + a < b % 5 * 100 + b end',
    ]);
    const wrong = this.chance(6) ? `t[#t + 1] = ${this.value()} ` : '';
    return `local t = {${items}} ${wrong}log(pcall(table.sort, t${comparator})) for i, v in ipairs(t) do
log(i, v) end`;
  }

  private joining(): string {
    const items = this.times(this.random(6), () => this.pick(['1', '"b"', '2.5', '"d"', '-0', '1e15']), ', ');
    const range = this.chance(2) ? `, ${this.random(3)}, ${this.random(6)}` : '';
    return `local t = {${items}${this.chance(5) ? ', {}' : ''}}
log(pcall(table.concat, t, ${this.pick(['""', '", "', '1', 'nil'])}${range}))`;
  }

  // Strings

  private pattern(): string {
    let text = this.chance(5) ? '^' : '';
    const count = 1 + this.random(3);
    for (let i = 0; i < count; i++) {
      const piece = this.pick(PIECES) + this.pick(REPEATS);
      text += this.chance(3) ? `(${piece})` : piece;
    }
    if (this.chance(9)) text += this.pick(['()', '(', ')', '%', '[a', '%1', '[%']);
    return `'${text}${this.chance(5) ? '$' : ''}'`;
  }

  private searching(): string {
    const how = this.pick(['string.find', 'string.match']);
    const start = this.chance(3) ? `, ${this.index()}${this.chance(3) && how === 'string.find' ? ', true' : ''}` : '';
    return `log(pcall(${how}, ${this.subject()}, ${this.pattern()}${start}))`;
  }

  private replacing(): string {
    const replacement = this.chance(3)
      ? `function(...) return ${this.pick(['...', '(...) .. "!"', 'nil', 'select("#", ...)', 'false', '{}'])} end`
      : this.pick(REPLACEMENTS);
    return `log(pcall(string.gsub, ${this.subject()}, ${this.pattern()},
${replacement}${this.chance(4) ? `, ${this.index()}` : ''}))`;
  }

  private splitting(): string {
    return `local n = 0 log(pcall(function() for a, b in (${this.subject()}):gmatch(${this.pattern()}) do n = n
+ 1 log(n, a, b) if n > 9 then break end end end))`;
  }

  private formatting(): string {
    const formats: string[] = [];
    const values: string[] = [];
    for (let count = 1 + this.random(3); count > 0; count--) {
      const [choices, value] = this.pick([
        [FORMATS, this.pick(['0', '65', '-3', '100', '2^31', '"12"', '3.7'])],
        [FLOAT_FORMATS, this.number()],
        [TEXT_FORMATS, this.pick(['"text"', '"a\\nb\\0c"', '12', '0.1', 'tostring(nil)', '"\\"q\\""'])],
      ] as const);
      const format = this.pick(choices);
      formats.push(format);
      if (format !== '%%' || this.chance(4)) values.push(value);
    }
    if (this.chance(9)) values.pop();
    const wrong = this.chance(9) ? this.pick(['%y', '%', '%123d', '%.123f', '%#-+ 05d']) : '';
    return `log(pcall(string.format, '${formats.join(' ')}${wrong}'${values.map((value) => `, ${value}`).join('')}))`;
  }

  private slicing(): string {
    const call = this.pick([
      () => `sub(${this.index()}, ${this.index()})`,
      () => `byte(${this.index()}, ${this.index()})`,
      () => `rep(${this.index()})`,
      () => 'reverse()',
      () => 'lower()',
      () => 'len()',
      () => `find(${this.subject()}, ${this.index()}, true)`,
      () => `sub(${this.pick(['2^40', '-2^40', '"2"', '1.9', 'nil'])})`,
    ])();
    return `log(pcall(function() return (${this.subject()}):${call} end))
log(pcall(string.char, ${this.random(300)}, 65))`;
  }

  private converting(): string {
    const text = this.pick([
      '"10"',
      '"0x1f"',
      '" 7 "',
      '"1e2"',
      '"ff"',
      '"z"',
      '"1 2"',
      '"-8"',
      '""',
      '"0x"',
      '"1e"',
      '"٣"',
      'nil',
      '12',
    ]);
    const base = this.chance(2) ? `, ${this.pick(['2', '8', '10', '16', '36', '37', '1'])}` : '';
    return `log(pcall(tonumber, ${text}${base})) log(${text} == ${this.value()}, tostring(${this.number()}),
${this.number()} .. "")`;
  }

  // Numbers

  private computing(): string {
    const call = this.pick([
      () => `fmod(${this.number()}, ${this.number()})`,
      () => `modf(${this.number()})`,
      () => `frexp(${this.pick(['1', '0.1', '-8', '1e100'])})`,
      () => `ldexp(${this.pick(['1', '0.5', '-3'])}, ${this.index()})`,
      () => `max(${this.number()}, ${this.number()}, ${this.value()})`,
      () => `min(${this.times(this.random(3), () => this.number(), ', ')})`,
      () => `pow(${this.number()}, ${this.index()})`,
      () => `sqrt(${this.random(100)})`,
      () => `floor(${this.value()})`,
    ])();
    const operator = this.pick(['+', '-', '*', '/', '%', '^', '<', '<=', '==', '..']);
    return `log(pcall(function() return math.${call} end)) log(pcall(function()
local a, b = ${this.pick([this.number(), this.value()])}, ${this.number()} return a ${operator} b end))`;
  }

  private loops(): string {
    const start = this.pick(['1', '-3', '0.1', '10', '"2"', '2^53']);
    const limit = this.pick(['5', '-4', '1', '10.05', '"6"', '2^53 + 3', '0']);
    const step = this.pick(['', ', 1', ', -1', ', 2', ', 0.1', ', -0.25', ', 3', ', 0', ', "1"']);
    // A step of 0 goes on for ever in one direction, and a large start may not get on by its step.
    return `log(pcall(function() local n, s = 0, {}
for i = ${start}, ${limit}${step} do step() n = n + 1 s[#s + 1] = i if n >= 12 then break end end
log(n, table.concat(s, ' ')) end))`;
  }

  private nestedLoops(): string {
    const leave = this.pick(['break', 'return i, j', 'j = j * 10 fs[#fs + 1] = function() j = j + 1 return i, j end']);
    return `log(pcall(function() local fs, j = {}, 0 for i = 1, ${1 + this.random(4)} do while true do step()
local k = i j = j + k if j % ${2 + this.random(3)} == 0 then ${leave} end
if j > ${5 + this.random(20)} then break end end repeat step() local done = j > i j = j - 1 until done end
for _, f in ipairs(fs) do log(f()) log(f()) end return j end))`;
  }

  // Errors

  private thrown(): string {
    return this.pick(['"text"', '{code = 7}', 'nil', '42', 'true', '"a", 0', '"a", 1', '"a", 2', '"a", 3', '{}, 2']);
  }

  private raising(): string {
    const inner = this.pick([
      () => `error(${this.thrown()})`,
      () => `local x = ${this.value()} return x.y.z`,
      () => `local x = ${this.value()} return x()`,
      () => `local x = ${this.value()} return x + ${this.value()}`,
      () => `return #${this.pick(['nil', '5', 'true', '{1, 2}'])}`,
      () => `return ${this.value()} < ${this.value()}`,
      () => `return ${this.value()} .. ${this.value()}`,
      () => `assert(${this.pick(['false', 'nil', '1', 'false, "said"', 'nil, {1}', 'false, nil'])})`,
      () => `return ("x"):${this.pick(['bad()', 'rep(nil)', 'rep({})', 'byte("x")', 'format(nil)'])}`,
      () =>
        `return
${this.pick(['ipairs()', 'setmetatable(1)', 'tonumber()', 'select(0)', 'rawset(1)', 'next({}, 1)', 'unpack()'])}`,
    ])();
    const rethrow = this.pick([
      'error(e, 0)',
      'error(e)',
      'return ok, e',
      'error({e})',
      'return type(e) == "table" and e.code or e',
    ]);
    return `log(pcall(function() local function f(...) ${inner} end local ok, e = pcall(f, ${this.value()})
log(ok, e) ${rethrow} end))`;
  }

  private handling(): string {
    const handler = this.pick([
      'function(e) return "handled " .. tostring(e) end',
      'function(e) return e, 1 end',
      'function(e) error("again") end',
      'function(e) log("in handler", type(e)) end',
      'tostring',
      'type',
      'nil',
    ]);
    return `local function f()
${this.pick([`error(${this.thrown()})`, 'local t = nil t.x = 1', 'return 1, 2, nil', 'return g()'])} end
log(xpcall(f, ${handler})) log(pcall(pcall, error, 1)) log(pcall(pcall)) log(select('#', pcall(error)))`;
  }

  // Objects

  private inheritance(): string {
    const event = this.pick([
      '__add',
      '__sub',
      '__concat',
      '__lt',
      '__le',
      '__eq',
      '__unm',
      '__call',
      '__len',
      '__tostring',
      '__mod',
    ]);
    return `local Base = {} Base.__index = Base function Base.new(x) return setmetatable({x = x}, Base) end
function Base:get(d) return self.x or d end function Base.${event}(a, b) step()
return ${this.pick(['type(a) .. type(b)', 'true', 'nil', 'a', '7'])} end
local Derived = setmetatable({}, {__index = Base}) Derived.__index = Derived function Derived:get(d)
return 'd', Base.get(self, d) end local a, b = Base.new(${this.value()}), setmetatable({x = ${this.value()}},
Derived) log(a:get(1), b:get(2))
${['a + b', 'a - 1', '2 .. a', 'a < a', 'a <= Base.new(1)', 'a == Base.new(1)', '-a', 'a(1, 2)', '#a', 'tostring(a)', 'a % b', 'b.y', 'b:nope()'].map((text) => (this.chance(3) ? `log(pcall(function() return ${text} end))` : '')).join(' ')}`;
  }

  private proxy(): string {
    const store = this.pick([
      'rawset(t, k, v)',
      'data[k] = v',
      'error("read only: " .. tostring(k), 2)',
      'rawset(t, k, nil)',
    ]);
    return `local data, seen = {a = 1, b = ${this.value()}}, {}
local p = setmetatable({}, {__index = function(t, k) step() seen[#seen + 1] = tostring(k)
return data[k] end, __newindex = function(t, k, v) ${store} end, __metatable =
${this.pick(['"locked"', 'false', 'nil'])}}) log(p.a, p.b, p.c)
log(pcall(function() p.a = 2 p.z = ${this.value()} p[1] = 1 end))
log(p.a, p.z, p[1], rawget(p, 'a'), #p, table.concat(seen, ' '))
log(getmetatable(p) == nil, pcall(setmetatable, p, {}))`;
  }

  private memoizing(): string {
    const names = this.pick(NAMES_OF_TYPES);
    return `local calls, cache = 0, setmetatable({}, {__mode = 'k'}) local
function slow(n) step() calls = calls + 1 if n < 2 then
return n end cache[n] = cache[n] or slow(n - 1) + slow(n - 2) return cache[n] end
log(slow(${3 + this.random(12)}), calls) for k, v in pairs({${this.times(3, () => this.value(), ', ')}}) do
if type(v) == ${names} then log(k, v) end end`;
  }

  // Calls

  private varargs(): string {
    const list = this.times(this.random(5), () => this.value(), ', ');
    return `local function pack(...) return {n = select('#', ...), ...} end local function pass(...)
return
${this.pick(['...', '..., "end"', '"start", ...', '(...)', 'select(2, ...)', 'select(-1, ...)', 'unpack({...}, 1, select("#", ...))', 'unpack({...})'])}
end log(pcall(function() local t = pack(pass(${list})) log(t.n, #t, t[1], t[2], t[t.n])
return pass(pass(${list}), ${list === '' ? 'nil' : list}) end))`;
  }

  private assigning(): string {
    return `local i, t = ${1 + this.random(3)}, {10, 20, 30} i, t[i] = i + 1, ${this.value()}
log(i, t[1], t[2], t[3]) local a, b, c = (function() return 1, 2, 3 end)() a, b, c = c, a
log(a, b, c) t[1], t[2], t[3] =
${this.pick(['t[3], t[1]', 't[2], t[2], t[1], 4', 'unpack(t)', '1, unpack(t)', 'nil'])}
log(t[1], t[2], t[3], #t)`;
  }

  private loading(): string {
    const text = this.pick([
      'return 1 + ...',
      'return',
      'local a = ... return a, a',
      'x =',
      'return (',
      "error('e')",
      'error({1})',
      'return function(a) return a, ... end',
      "return 'a' .. nil",
      'for i = 1 do end',
      'return [==[x]==]',
      'local function f() return g.x end return f()',
    ]);
    return `local f, e =
loadstring("${text}"${this.chance(3) ? ', "=name"' : this.chance(3) ? ', "@file.lua"' : ''}) log(type(f), e)
if f then local r = {pcall(f, ${this.value()})} log(unpack(r, 1, 3)) if type(r[2]) == 'function' then
log(pcall(r[2], 5)) end end`;
  }

  // Coroutines

  private generator(): string {
    return `local function each(t) return coroutine.wrap(function()
for i, v in ipairs(t) do
${this.pick(['coroutine.yield(v, i)', 'if i % 2 == 1 then coroutine.yield(i) end', 'coroutine.yield(coroutine.yield(v))'])}
end ${this.pick(['', 'return nil', 'error("over")', 'return "last"'])} end) end local n = 0 log(pcall(function()
for a, b in each({${this.times(this.random(6), () => this.pick(['1', '"x"', 'true', '{}']), ', ')}}) do n = n +
1 log(n, a, b) if n > 12 then break end end end))`;
  }

  private exchange(): string {
    const body = this.pick([
      'local b = coroutine.yield(a) local c, d = coroutine.yield(b) return c, d',
      'for i = 1, 3 do a = coroutine.yield(i, a) end',
      'local function deep(n) step() if n == 0 then return coroutine.yield("bottom") end return deep(n - 1) end return deep(5), a',
      'local function deep(n) step() if n == 0 then error("deep") end local r = deep(n - 1) return r end coroutine.yield(1) return deep(3)',
      'local ok, e = pcall(function() error({code = coroutine.yield("in")}) end) return ok, e',
      'return pcall(coroutine.yield, a)',
      'local t = setmetatable({}, {__index = function(_, k) return coroutine.yield(k) end}) return t.x',
      'return (("x"):gsub(".", function() coroutine.yield() end))',
      'coroutine.wrap(function() coroutine.yield(1) end)() return coroutine.running() ~= nil',
    ]);
    const resumes = this.times(
      2 + this.random(4),
      () => `log(coroutine.status(co), coroutine.resume(co, ${this.value()}, ${this.value()}))`,
    );
    return `local co = coroutine.create(function(a, ...) ${body} end) ${resumes} log(coroutine.status(co))`;
  }

  private refusals(): string {
    return `local co co = coroutine.create(function()
${this.pick(['return coroutine.resume(co)', 'return coroutine.status(co)', 'return coroutine.wrap(co)'])} end)
log(pcall(coroutine.resume, co)) log(coroutine.resume(co))
log(pcall(coroutine.wrap(function() error(${this.thrown()}) end)))
log(pcall(coroutine.${this.pick(['resume', 'status', 'create', 'wrap', 'yield'])}, ${this.value()}))
log(coroutine.running())`;
  }

  private pipeline(): string {
    return `local function source(n) return coroutine.wrap(function()
for i = 1, n do step() coroutine.yield(i) end end) end local function filter(f, s)
return coroutine.wrap(function() for v in s do if f(v) then coroutine.yield(v) end end end) end local
function map(f, s) return coroutine.wrap(function() while true do local v = s() if v == nil then
return end coroutine.yield(f(v)) end end) end log(pcall(function() local sum = 0 for v in map(function(x)
return x ${this.pick(['* 2', '+ 0.5', '% 3', '.. ""', '+ nil'])} end, filter(function(x)
return x % ${1 + this.random(3)} == 0 end, source(${this.random(9)}))) do sum = sum + v log(v) end
return sum end))`;
  }
}

function inOneLine(block: string): string {
  return `do ${block} end`.replaceAll('\n', ' ');
}
