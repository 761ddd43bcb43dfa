/** A text that is walked does what it does compiled, also where its loops and functions go on as code on the way. */
import { expect, test } from 'vitest';
import { call } from '../../../src/lua/runtime/calls.js';
import { first } from '../../../src/lua/runtime/value.js';
import { LuaState } from '../../../src/lua/state.js';

/** More rounds than are walked. */
const HOT = 1000;

const TEXTS: Record<string, string> = {
  'a numeric loop with a variable of the function': `local s = 0 for i = 1, ${HOT} do s = s + i end return s`,
  'a step that is no constant': `local s, d = 0, -0.5 for i = ${HOT}, 1, d do s = s + i end return s`,
  'a loop that is left by break': `local n = 0 while true do n = n + 1 if n == ${HOT} then break end end return n`,
  'a loop that is left by return': `for i = 1, ${HOT} do if i == ${HOT} - 1 then return i, 'x' end end`,
  'repeat, whose condition sees its variables': `local n = 0 repeat local m = n n = m + 1 until m == ${HOT} return n`,
  'one variable for each turn': `local t = {} for i = 1, ${HOT} do local j = i t[i] = function() j = j + i return j end end
    return t[1]() + t[1]() + t[${HOT}]() + t[500]()`,
  'variables that functions share with a loop': `local n, t = 0, {} local function up() n = n + 1 return n end
    for i = 1, ${HOT} do n = n + 1 t[#t + 1] = up() end return n, #t, t[${HOT}]`,
  pairs: `local t, s = {}, 0 for i = 1, ${HOT} do t['k' .. i] = i end
    for k, v in pairs(t) do s = s + v + #k end return s`,
  ipairs: `local t, s = {}, 0 for i = 1, ${HOT} do t[i] = i end for i, v in ipairs(t) do s = s + v * i end return s`,
  'next, a function of the text, and a table that is called': `local t, s = {}, 0 for i = 1, ${HOT} do t[i] = i end
    for k, v in next, t do s = s + v end
    local function upTo(n, i) if i < n then return i + 1, i end end
    for i, j, none in upTo, ${HOT}, 0 do s = s + i * j if none then s = 0 end end
    for i in setmetatable({}, {__call = function(_, n, i) if i < n then return i + 1 end end}), ${HOT}, 0 do s = s + i end
    return s`,
  "names for a library's functions": `local p = pairs local s = 0 for i = 1, 300 do local q = ipairs
    for _, v in q({i, i}) do s = s + v end for k, v in p({x = i}) do s = s + v end end return s`,
  'loops in loops': `local s = 0 for i = 1, 30 do for j = 1, 30 do for k in pairs({1, 2, x = 3}) do s = s + i * j end end end
    return s`,
  'a loop that is entered again and again': `local function sum(n) local s = 0 for i = 1, n do s = s + i end return s end
    local s = 0 for i = 1, 90 do s = s + sum(i) end return s`,
  recursion: `local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end return fib(15)`,
  'functions that call one another': `local odd local function even(n) if n == 0 then return true end return odd(n - 1) end
    odd = function(n) if n == 0 then return false end return even(n - 1) end return even(${HOT}), odd(${HOT})`,
  'endless tail calls': 'local function down(n) if n == 0 then return 7 end return down(n - 1) end return down(100000)',
  'variables of two functions around': `local a = 1 local function outer(b) local function inner(c) a = a + 1 b = b + c
    return a, b end return inner end local f, g = outer(1), outer(10)
    for i = 1, 100 do f(i) g(i) end return a, f(1), g(1)`,
  'additional arguments': `local function f(...) local n = 0 for i = 1, 300 do n = n + select('#', ...) end return n, ... end
    local function g(...) return arg.n + #arg end local s = 0 for i = 1, 100 do s = s + g(i, i) end
    return s, f(1, nil, 3)`,
  methods: `local o = {n = 0} function o:add(x) self.n = self.n + x return self end
    for i = 1, 200 do o:add(i):add(1) end return o.n, ('x'):rep(3), #o`,
  metatables: `local V = {} V.__index = V V.__add = function(a, b) return setmetatable({x = a.x + b.x}, V) end
    V.__eq = function(a, b) return a.x == b.x end V.__lt = function(a, b) return a.x < b.x end
    V.__concat = function(a, b) return 'v' end V.__call = function(self, y) return self.x + y end
    local function v(x) return setmetatable({x = x}, V) end local s = v(0)
    for i = 1, 200 do s = s + v(i) end return s.x, s == v(20100), s < v(1), s .. 1, 1 .. s, s(1), s ~= v(1)`,
  'a variable that is read when the operation is done': `local x = 1 local function f() x = x + 1 return 10 end
    local a = x + f() local b = x * f() return a, b, x < f(), x`,
  'assignments of several': `local i, t = 1, {} i, t[i] = i + 1, 20 local a, b, c = (function() return 1, 2 end)()
    a, b = b, a return i, t[1], t[2], a, b, c`,
  constructors: `local function three() return 1, 2, 3 end local t = {three(), three()} local u = {x = 1, [2] = 'b', 'a', three()}
    return #t, #u, u.x, u[2], u[4], #{three(), (three())}, #{${'1,'.repeat(120)}three()}`,
  logic: `local function f(x) return x end local n = nil
    return f(1) and 2, f(n) and 2, f(false) or 3, not f(n), n == nil and 'y' or 'n', 1 < 2, 'a' >= 'b', f(n) == false`,
  'numbers and strings': `return 7 % -3, 2 ^ 10, '10' + 5, -'2', 10 .. 20, #'abc', -7 / 2, 1e300 * 1e10, 'a' .. 1 .. 'b' .. 2`,
  'errors with names and lines': `local t, u = {}
    local function try(f, ...) return select(2, pcall(f, ...)) end
    local function deep(n) if n == 0 then error('deep', 2) end return (deep(n - 1)) end
    return try(function() return t.x.y end), try(function() return u.x end), try(function() t.f() end),
      try(function() return t + 1 end), try(function() return 'x' .. t end), try(function() return t < 1 end),
      try(function() t:m() end), try(function() for i = 1, 'x' do end end), try(function() for k in 7 do end end),
      try(deep, 3), try(function() string.rep() end), try(function() ('x'):rep({}) end), try(error, 'plain'),
      try(function() error('two', 2) end), try(function()
        error('three', 3) end), try(function() error() end), try(function() t[nil] = 1 end),
      try(function() return #5 end), try(function() nope() end), try(function() assert(false, 'no') end)`,
  'errors in what is compiled on the way': `local t, r = {}, {}
    local function check(i) if i > 990 then error('late ' .. i) end if i == 980 then error('two', 2) end return i end
    for i = 970, ${HOT} do r[#r + 1] = select(2, pcall(check, i)) end
    for i = 1, ${HOT} do if i > 995 then r[#r + 1] = select(2, pcall(function() return t.x.y end)) end end
    local function wrong(i)
      return i + t end
    for i = 1, 60 do local ok, e = pcall(wrong, i) if i % 20 == 0 then r[#r + 1] = e end end
    return unpack(r)`,
  'callbacks of libraries': `local t = {} for i = 1, 200 do t[i] = (i * 7919) % 1000 end
    table.sort(t, function(a, b) return a > b end)
    return t[1], t[200], (('x'):rep(200):gsub('x', function(c) return c .. '.' end)),
      select(2, pcall(table.sort, t, function(a, b) return a.x end))`,
  'xpcall, and errors in it': `local function f(x) return x.y.z end
    return xpcall(function() return f({}) end, function(e) return 'handled ' .. e end)`,
  'large statements among small ones': `local a = 1
    local t, u = {${'1,'.repeat(6000)}}, 5 local b = u
    local function f(...) ${'a = a + 1 '.repeat(3000)}
      return a, b, ... end
    function t.g(x) ${'b = b + x '.repeat(3000)} return b, t.x.y end
    do local c = 1 ${'c = c + 1 '.repeat(3000)} a = a + c end
    local c = f() return a, b, c, u, #t, select('#', f(1, 2)), select(2, pcall(t.g, 1)), b, select(2, pcall(function()
    return t.x.y end))`,
  'load and loadstring': `local s = 0 for i = 1, 150 do s = s + loadstring('return ' .. i .. ' + ...')(i) end return s`,
};

const LINKS = 5000;
const chain = (link: string) => link.repeat(LINKS);

/** Expressions that are deep to their left. */
const CHAINS: Record<string, string> = {
  sums: `local n = 1 return n${chain(' + n')}`,
  'differences of strings and numbers': `local n, s = 1, '2' return n${chain(' - s')}`,
  'what is joined': `local n = 1 return (n${chain(' + n')}) .. 'x' .. n, (n${chain(' + n')} .. 'x')`,
  'either, or': `local a, b = false, 7 return a${chain(' or a')} or b, b${chain(' and b')} and a`,
  'both by turns': `local a, b, n = false, 7, 0 local function f() n = n + 1 return a end
    return a${chain(' or f() and b')} or n`,
  fields: `local t = {} t.t = t t.x = 5 return t${chain('.t')}.x`,
  'what is assigned to': `local t = {} t.t = t t${chain('.t')}.x, t${chain('[t.k or "t"]')}.y = 5, 6 return t.x, t.y`,
  calls: `local n = 0 local t = setmetatable({}, {__call = function(self, k) n = n + (k or 1) return self, 7 end})
    t${chain('(2)')}() return n, select(2, t${chain('"3"')}()), n, (t${chain('(1)')}()) == t, n`,
  methods: `local o = {n = 0} function o:add(x) self.n = self.n + x return self, 9 end
    o${chain(':add(2)')}:add(1) return o.n, select(2, o${chain(':add(1)')}:add(1)), o.n`,
  'the callee of a call, and its argument': `local t = {} t.t = t t.f = tostring
    return t${chain('.t')}.f(t${chain('.t')} == t), t${chain('.t')}:f() ~= nil`,
  'an error in the middle': `local t = {} t.t = t t.n = 1 local e = {}
    e[1] = select(2, pcall(function() return t${chain('.t')}.n.x.y end))
    e[2] = select(2, pcall(function() return t${chain('.t')}.n()() end))
    e[3] = select(2, pcall(function() return t${chain('.t')} + 1 end))
    e[4] = select(2, pcall(function() return 1${chain(' + 1')} + t.n + t end))
    e[5] = select(2, pcall(function() return t${chain('.t')}:m() end)) return unpack(e)`,
  'variables that are read when the operation is done': `local x = 1 local function f() x = x + 1 return 1 end
    return x + f()${chain(' + f()')}, x`,
};

/** Texts that are longer are not kept as a tree. */
const FILLING = `\n--${'x'.repeat(140_000)}`;

function results(text: string, isWalked: boolean): unknown {
  const state = new LuaState();
  state.isFrozen = true;
  const main = isWalked ? state.loadOnce(text, '@text') : state.load(text, '@text');
  try {
    return call(main);
  } catch (error) {
    return (error as { value: unknown }).value;
  }
}

test.each(Object.entries({ ...TEXTS, ...CHAINS }))('%s', (_name, text) => {
  const compiled = results(text, false);
  expect(first(compiled as never)).not.toBeUndefined();
  expect(results(text, true)).toEqual(compiled);
  expect(results(text + FILLING, true)).toEqual(compiled);
});

test('a long text can run several times', () => {
  const state = new LuaState();
  state.isFrozen = true;
  const text = `local n, f = 1 do local a = 5 f = function() n = n + a return n end end n = n + 1 f() return n, f() ${FILLING}`;
  const main = state.loadOnce(text, '@text');
  expect([call(main), call(main)]).toEqual([
    [7, 12],
    [7, 12],
  ]);
});
