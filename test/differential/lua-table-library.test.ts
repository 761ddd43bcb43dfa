/**
 * The table and math libraries beside redis-server's: single calls with what they return or refuse, and random programs
 * of table functions on tables of all layouts.
 *
 *   FUZZ_SEED=…      starts with this seed (printed by a failing run); otherwise every run has a new one
 *   FUZZ_PROGRAMS=…  how many programs to run
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LuaPair } from '../support/lua-pair.js';
import { describeWithOracle } from '../support/oracle.js';

const PROGRAMS = Number(process.env['FUZZ_PROGRAMS'] ?? 500);
const BATCH = 100;

/** select() of `...` where one value is wanted, walked and compiled. */
const SELECTED = [
  'local a = select(2, ...) return a',
  "return (select('#', ...))",
  "return 1 + select('#', ...), (select(-1, ...))",
  'local a, b = select(2, ...) return a, b',
  'local a, b = select(1, ...), select(2, ...) return a, b',
  'return (select(n, ...))',
  'local s = select return (s(n, ...))',
  'return (select(n, ...)) == select(1, ...)',
].flatMap((body) =>
  [
    '1, 5, 6, 7',
    '-1, 5, 6',
    '-3, 5, 6, 7',
    '2.7, 5, nil, 7',
    '"2", 5, 6',
    '9, 5',
    '0, 5',
    '-4, 5',
    '{}, 5',
    'nil',
    '"x"',
  ].map(
    (args) =>
      `local function f(n, ...) ${body} end local a, b for i = 1, 300 do a, b = pcall(f, ${args}) end return a, b, f(${args})`,
  ),
);

const CALLS = [
  // The generator's state is the same in every new server, and lasts from one script to the next.
  'return math.random(100), math.random(), math.random(5, 60)',
  'return math.random(100), math.random(), math.random(5, 60)',
  ...['concat', 'foreach', 'foreachi', 'getn', 'maxn', 'insert', 'remove', 'setn', 'sort'].flatMap((name) => [
    `return table.${name}()`,
    `return table.${name}(1)`,
    `return table.${name}({})`,
    `return table.${name}({}, {})`,
    `return table.${name}({1, 2, 3}, "x")`,
    `return table.${name}({1, 2, 3}, 2)`,
    `return table.${name}({1, 2, 3}, 2, "y")`,
    `return table.${name}({1, 2, 3}, 2, "y", 4)`,
    `return table.${name}({1, 2, 3}, nil)`,
    `return table.${name}({1, 2, 3}, nil, nil)`,
    `return pcall(table.${name})`,
    `return pcall(table.${name}, {1, 2}, {})`,
    `local t = {1, 2, 3} t.f = table.${name} return t:f(), #t`,
    `local t = {1, 2, 3} t.f = table.${name} return t:f({}), #t`,
  ]),
  ...[0, 1, 2, 3, 4, 5, 8, 9].map(
    (n) => `local t = {} for i = 1, ${n} do t["k" .. i] = i end setmetatable(t, {__newindex = function() end})
      t.a = 1 t[1] = 2 t.b = 3 t.k1 = 9 setmetatable(t, nil) t.z = 4 t[2] = 5 local r = {}
      for k in pairs(t) do r[#r + 1] = tostring(k) end return table.concat(r, " ")`,
  ),
  'return pcall(function() local t = setmetatable({}, {__newindex = function() end}) t[nil] = 1 end)',
  'return pcall(function() local t = setmetatable({}, {__newindex = function() end}) t[0 / 0] = 1 end)',
  'local t = {a = 1, b = 2} for k in pairs(t) do t[k .. k] = 1 end return 1',
  'local t = {1, 2, 3} local n = 0 for k in pairs(t) do n = n + 1 t[k + 10] = n if n > 20 then break end end return n, t',
  'return table.concat({1, 2.5, "x"}, ", ")',
  'return table.concat({1, 2, 3}, ", ", 2)',
  'return table.concat({1, 2, 3}, ", ", 2, 3)',
  'return table.concat({1, 2, 3}, ", ", 2, 4)',
  'return table.concat({1, 2, 3}, ", ", 3, 2)',
  'return table.concat({1, 2, 3}, 5, "1", "2")',
  'return table.concat({1, {}, 3})',
  'return table.concat({[0] = 5, [-1] = 6}, "/", -1, 0)',
  'return table.concat({}, "x", 1, 2147483647)',
  'return table.concat({1, 2, 3}, "", 1, 2^32 + 2)',
  'return table.concat({true})',
  'local t = {} table.insert(t, 5, "x") return t[5], #t',
  'local t = {1, 2, 3} table.insert(t, 0, "x") return t, #t',
  'local t = {1, 2, 3} table.insert(t, -2, "x") return t, #t',
  'local t = {1, 2, 3} table.insert(t, 1, nil) return t, #t',
  'local t = {1, 2, 3} table.insert(t, 4, nil) return t, #t',
  'local t = {1, 2, 3} table.insert(t, nil) return t, #t',
  'local t = {1, 2, 3} table.insert(t, 2.7, "x") return t, #t',
  'local t = {1, 2, 3} table.insert(t, "2", "x") return t, #t',
  'local t = {1, 2, 3, nil, 5} return table.remove(t), t, #t',
  'local t = {1, 2, 3} return table.remove(t, 1), t, #t',
  'local t = {1, 2, 3} return table.remove(t, 0), t, #t',
  'local t = {1, 2, 3} return table.remove(t, 4), t, #t',
  'return select("#", table.remove({})), select("#", table.remove({1, 2}, 5)), select("#", table.insert({}, 1))',
  'return table.maxn({1, 2, [10.5] = 1, x = 2, [-5] = 1}), table.maxn({[-1] = 1}), table.maxn({[1e300] = 0, 1})',
  'local out = {} return table.foreach({a = 1, b = 2, 5}, function(k, v) out[#out + 1] = k if k == "b" then return v end end), out',
  'return table.foreachi({1, 2, 3}, function(i, v) if i == 2 then return v * 2, 7 end end)',
  'return table.foreach({1}, function(k) error("x") end)',
  'return table.foreach({1}, function(k) error("x", 2) end)',
  'local t = {3, 1, 2} table.sort(t) return t',
  'local t = {"b", "a", "\\255", "B", "a\\0b", "a\\0a"} table.sort(t) return t',
  'local t = {3, "x", 2} table.sort(t) return t',
  'local t = {3, {}, 2} table.sort(t) return t',
  'local t = {{}, {}} table.sort(t) return t',
  'local t = {true, false} table.sort(t) return t',
  'local t = {3, 1, 2} table.sort(t, function(a, b) return a > b end) return t',
  'local t = {3, 1, 2} table.sort(t, function(a, b) error("x") end) return t',
  'local t = {3, 1, 2} table.sort(t, function(a, b) error("x", 2) end) return t',
  'local t = {3, 1, 0 / 0, 2, 7, 0 / 0, 5} table.sort(t) return #t',
  'local z = 0 local t = {0, -z, 0, -z, 0} table.sort(t) local s = "" for i, v in ipairs(t) do s = s .. 1 / v .. " " end return s',
  `local function nest(n) table.sort({1, 2}, function() nest(n + 1) end) end
   local ok, message = pcall(nest, 1) return message`,
  `local t = {3, 1, 2} table.sort(t, function(a, b) return (function(x, y) return x > y end)(a, b) end) return t`,
  `local t = {3, 1, 2} table.sort(t, math.max) return #t`,
  `local t = {3, 1, 2} table.sort(t, function() end) return t`,
  `local t = {5, 3, 1, 2} return pcall(table.sort, t, function(a, b) t[1] = nil t[7] = 2 return a < b end)`,
  `local mt = {__lt = function(a, b) return a.v < b.v end} local t = {}
   for i = 1, 20 do t[i] = setmetatable({v = i * 7 % 20}, mt) end table.sort(t) local s = "" for i, v in ipairs(t) do s = s .. v.v .. " " end return s`,
  'local r = {} for k in pairs(table) do r[#r + 1] = k end return r',
  'local r = {} for k in pairs(math) do r[#r + 1] = k end return r',
  ...sortings(),
  ...sortingsOfMany(),
  ...mathCalls(),
];

/** So many that digits are counted where all are int32s; one that is none among them, at either end. */
function sortingsOfMany(): string[] {
  const others = ['0', '2^31 - 1', '-2^31', '2^31', '-2^31 - 1', '0.5', '-1e300', '1e999', '-zero', '"7"', '0 / 0'];
  return others.flatMap((other) =>
    [1, 300].map(
      (place) => `local t, x, zero = {}, 1, 0 for i = 1, 300 do x = x * 16807 % 2147483647 t[i] = x - 2^30 end
        t[${place}] = ${other}
        local ok, message = pcall(table.sort, t) return ok, message, ${other === '0 / 0' ? '#t' : 'table.concat(t, " ")'}`,
    ),
  );
}

/** Inconsistent functions see what the algorithm asks, or make it give up. */
function sortings(): string[] {
  const functions = ['true', 'false', 'a < b', 'a > b', 'a <= b', 'a >= b', 'a % 3 < b % 3', '(a * 7 + b * 3) % 5 < 2'];
  const sizes = [2, 3, 4, 5, 6, 7, 8, 10, 13, 20, 37];
  return functions.flatMap((comparison) =>
    sizes.map(
      (size) => `local t, log = {}, {} for i = 1, ${size} do t[i] = i * 5 % 7 * 10 + i end
        local ok, message = pcall(table.sort, t, function(a, b)
          log[#log + 1] = tostring(a) .. "," .. tostring(b) return ${comparison} end)
        return ok, message, table.concat(log, " "), t`,
    ),
  );
}

function returned(calls: readonly string[]): string {
  return `local zero = 0 return ${calls.join(', ')}`;
}

function mathCalls(): string[] {
  const one = ['abs', 'ceil', 'floor', 'sqrt', 'deg', 'rad', 'frexp', 'modf'];
  const two = ['fmod', 'mod', 'ldexp', 'max', 'min'];
  // The last bit is right in all but one of some hundred results.
  const rounded = ['acos', 'asin', 'atan', 'cos', 'cosh', 'exp', 'log', 'sin', 'sinh', 'tan', 'tanh', 'log10'];
  const roundedTwo = ['pow', 'atan2'];
  const numbers = [
    '0',
    '-zero',
    '1',
    '-1',
    '0.5',
    '-0.5',
    '2.5',
    '-2.5',
    '3',
    '7',
    '-7',
    '1e15',
    '1e300',
    '5e-324',
    '1e-310',
  ];
  numbers.push('-3e-320', '1e999', '-1e999', '"10"', '2^53', '100', '0.1', '123456.789');
  const names = [...one, ...two, ...rounded, ...roundedTwo];
  return [
    ...names.flatMap((name) =>
      ['', 'nil', '{}', '"x"', '1, {}', '1, "x"', '1, nil'].map((args) => `return math.${name}(${args})`),
    ),
    ...one.flatMap((name) => numbers.map((x) => `local zero = 0 return math.${name}(${x})`)),
    // None of these fails, so that one text may have many.
    ...two.flatMap((name) => numbers.map((x) => returned(numbers.map((y) => `math.${name}(${x}, ${y})`)))),
    ...rounded.map((name) => returned(numbers.map((x) => `tostring(math.${name}(${x}))`))),
    ...roundedTwo.flatMap((name) =>
      numbers.map((x) => returned(numbers.map((y) => `tostring(math.${name}(${x}, ${y}))`))),
    ),
    ...numbers.map((x) => `local zero = 0 return math.max(${x}, 2, 3), math.min(2, ${x}, "1")`),
    ...[-1074, -1022, -1075, 1023, 1024, 2000, -2000, 2147483647, -2147483648, 2 ** 32].flatMap((n) =>
      ['1', '1.75', '5e-324', '1e-310', '1.7e308', '-3.3'].map((x) => `return math.ldexp(${x}, ${n})`),
    ),
    'return math.pi, math.huge',
    ...[
      '',
      '0',
      '5',
      '1',
      '-1',
      '2^31 - 1',
      '2^31',
      '2^32 + 5',
      '1, 5',
      '5, 1',
      '-5, 5',
      '-2^31, 2^31 - 1',
      '0, 2^31 - 1',
    ].flatMap((args) => [
      `math.randomseed(7) return math.random(${args}), math.random(${args})`,
      `return pcall(math.random, ${args === '' ? '1, 2, 3' : args})`,
    ]),
    'return math.random("x")',
    'return math.random({}, 1)',
    'return math.random(1, 2, 3)',
    'return math.randomseed()',
    ...[0, 1, -1, 12345, 2 ** 31, 2 ** 40 + 3, 1.9, -1.9].map(
      (seed) =>
        `math.randomseed(${seed}) return math.random(), math.random(1000000), math.random(-10, 10), math.random()`,
    ),
  ];
}

class Chance {
  constructor(private state: number) {}

  below(limit: number): number {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) | 0;
    return Math.floor(((this.state >>> 0) / 2 ** 32) * limit);
  }

  one<T>(...items: T[]): T {
    return items[this.below(items.length)]!;
  }
}

function tableConstructor(chance: Chance): string {
  const items = Array.from({ length: chance.below(chance.one(4, 12, 60)) }, () =>
    chance.below(12) === 0 ? 'nil' : chance.below(9) === 0 ? '"s"' : `${chance.below(100)}`,
  );
  const fields = Array.from({ length: chance.one(0, 0, 1, 3, 9) }, (_, i) => `f${i} = ${i}`);
  const tail = chance.one('', '', 'unpack(u)', 'unpack(u, 2, 9)');
  return `{${[...fields, ...items, ...(tail === '' ? [] : [tail])].join(', ')}}`;
}

function statement(chance: Chance): string {
  const at = chance.one('1', '2', '#t', '#t + 1', '3', '10', '0', '-3', '17');
  switch (chance.below(16)) {
    case 0:
      return `t = ${tableConstructor(chance)}`;
    case 1:
      return `u = ${tableConstructor(chance)}`;
    case 2:
    case 3:
      return `for i = 1, ${1 + chance.below(chance.one(3, 30))} do table.insert(t, i) end`;
    case 4:
    case 5:
      return `for i = 1, ${1 + chance.below(5)} do table.insert(t, ${at}, ${chance.one('i', 'i', 'i', 'nil')}) end`;
    case 6:
      return `for i = 1, ${1 + chance.below(9)} do local v = table.remove(t) out[#out + 1] = tostring(v) end`;
    case 7:
      return `for i = 1, ${1 + chance.below(5)} do local v = table.remove(t, ${at}) out[#out + 1] = tostring(v) end`;
    case 8:
      return `out[#out + 1] = tostring(pcall(table.sort, t, function(a, b) return (tonumber(a) or 0) < (tonumber(b) or 0) end))`;
    case 9:
      return `do local ok, e = pcall(table.sort, t) out[#out + 1] = tostring(e) end`;
    case 10:
      return `do local ok, e = pcall(table.concat, t, ",", ${chance.one('1', '2', '0')}, ${at}) out[#out + 1] = tostring(e) end`;
    case 11:
      return `t[${at}] = ${chance.one('nil', '5', '"x"')}`;
    case 12:
      return `t.${chance.one('a', 'b', 'c', 'f0', 'f1')} = ${chance.one('nil', '5', '"x"')}`;
    case 13:
      return `table.foreach(t, function(k, v) out[#out + 1] = tostring(k) if v == ${chance.below(30)} then return v end end)`;
    case 14:
      return `out[#out + 1] = table.maxn(t) .. "," .. table.getn(t)`;
    default:
      return 'see(t)';
  }
}

function program(seed: number): string {
  const chance = new Chance(Math.imul(seed, 0x9e3779b1));
  for (let i = 0; i < 4; i++) chance.below(1);
  const statements = Array.from({ length: 4 + chance.below(30) }, () => statement(chance));
  return `collectgarbage('stop') local out = {} local function see(t) local s = {}
    for k, v in pairs(t) do s[#s + 1] = tostring(k) .. "=" .. tostring(v) end
    out[#out + 1] = #t .. ":" .. table.concat(s, ",") end
    local u = {1, 2, 3} local t = ${tableConstructor(chance)}
    ${statements.join('\n    ')}
    see(t) see(u) collectgarbage('restart') return table.concat(out, ";")`;
}

describeWithOracle("Lua's table and math libraries", () => {
  let pair: LuaPair;

  beforeAll(async () => {
    pair = await LuaPair.start();
  });

  afterAll(() => pair.stop());

  test('return and refuse the same', async () => {
    expect((await pair.differences(CALLS)).join('\n')).toBe('');
  });

  test('select() as one value', async () => {
    expect((await pair.differences(SELECTED)).join('\n')).toBe('');
  });

  test('do the same in random programs', { timeout: 3_600_000 }, async () => {
    const firstSeed = Number(process.env['FUZZ_SEED'] ?? Date.now() & 0xfffffff);
    for (let done = 0; done < PROGRAMS; done += BATCH) {
      const seeds = Array.from({ length: Math.min(BATCH, PROGRAMS - done) }, (_, i) => firstSeed + done + i);
      const differences = await pair.differences(seeds.map(program));
      expect(differences.slice(0, 2).join('\n'), `FUZZ_SEED=${seeds[0]} FUZZ_PROGRAMS=${seeds.length}`).toBe('');
    }
  });
});
