import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringToNumber, stringToUnsigned, toText } from '../../src/lua/runtime/numbers.js';
import { Table } from '../../src/lua/runtime/table.js';
import type { LuaFunction, Value } from '../../src/lua/runtime/value.js';
import { LuaState } from '../../src/lua/state.js';
import { differences, type LuaCall, type LuaSource } from '../support/lua-calls.js';
import { describeWithOracle } from '../support/oracle.js';
import { useOracle } from '../support/oracle-client.js';
import { runs } from '../support/runs.js';

const library = new LuaState().globals.getString('string') as Table;

function stringCall(name: string, ...args: LuaCall['args']): LuaCall {
  return { name: `string.${name}`, callee: library.getString(name) as LuaFunction, args };
}

const calls = {
  tostring: (value: Value): LuaCall => ({ name: 'tostring', callee: toText, args: [value] }),
  tonumber: (value: string): LuaCall => ({ name: 'tonumber', callee: stringToNumber as LuaFunction, args: [value] }),
  tonumberInBase: (value: string, base: number): LuaCall => ({
    name: 'tonumber',
    callee: stringToUnsigned as LuaFunction,
    args: [value, base],
  }),
};

/** Many of `call`, of which the fewest that still differ are shown. */
function batch(call: fc.Arbitrary<LuaCall>): fc.Arbitrary<LuaCall[]> {
  return fc.array(call, { minLength: 1, maxLength: 150, size: 'max' });
}

// Few letters, so that patterns match.
const letter = fc.constantFrom(...'aabbcc1 _-.\n', '\0', '\xe9', '%', '(', ')', '[', ']', '^', '$');
const subject = fc.string({ unit: letter, maxLength: 14 });
const characterClass = fc.constantFrom(...'acdlpsuwxzACDLPSUWXZ').map((name) => `%${name}`);
const plainItem = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...'abc1.') },
  { weight: 2, arbitrary: characterClass },
  { weight: 1, arbitrary: fc.constantFrom('%.', '%%', '%(', '%[', '%-', '\xe9', '_', ' ') },
);
const setItem = fc.oneof(plainItem, fc.constantFrom('a-c', 'b-', '-', '^', ']', '%]', '1-9', '\0', 'c-a', '%a-z'));
const set = fc
  .tuple(fc.constantFrom('', '', '^'), fc.array(setItem, { minLength: 1, maxLength: 3 }))
  .map(([start, items]) => `[${start}${items.join('')}]`);
const repetition = fc.constantFrom('', '', '*', '+', '-', '?');
const item = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(fc.oneof({ weight: 3, arbitrary: plainItem }, { weight: 1, arbitrary: set }), repetition)
      .map((parts) => parts.join('')),
  },
  { weight: 2, arbitrary: fc.constantFrom('(', ')', '()') },
  { weight: 1, arbitrary: fc.constantFrom('%1', '%2', '%b()', '%bab', '%f[a]', '%f[^%w]', '$', '^', '%0') },
  { weight: 1, arbitrary: fc.constantFrom('%', '[', '%b', '%ba', '%f', '\0', '*', '[^', '[a') },
);
const group = fc.array(item, { maxLength: 3 }).map((items) => `(${items.join('')})`);
const pattern = fc
  .tuple(
    fc.constantFrom('', '', '', '^'),
    fc.array(fc.oneof({ weight: 4, arbitrary: item }, { weight: 1, arbitrary: group }), { maxLength: 6 }),
    fc.constantFrom('', '', '', '$'),
  )
  .map(([start, items, end]) => start + items.join('') + end);
const place = fc.oneof(
  fc.integer({ min: -16, max: 16 }),
  fc.constantFrom<number>(1.5, -0.5, Number.NaN, Infinity, -Infinity, 2 ** 31, 2 ** 32 + 2, -(2 ** 63), 1e300),
);
const replacementText = fc
  .array(fc.constantFrom('x', 'yy', '%0', '%1', '%2', '%%', '%a', '\0', '%', '\xff'), { maxLength: 4 })
  .map((parts) => parts.join(''));
const table = new Table();
for (const key of ['a', 'b', 'ab', '1']) table.setString(key, key + key);
table.setString('c', false);
const replacementTable: LuaSource = { lua: '{a="aa", b="bb", ab="abab", ["1"]="11", c=false}', value: table };
const replacementFunctions: LuaSource[] = [
  { lua: 'function(a) return a end', value: (a: Value) => a },
  { lua: 'function(a, b) return b end', value: (_a: Value, b: Value) => b },
  {
    lua: 'function(...) return select("#", ...) end',
    value: (...args: Value[]) => args.length,
  },
  {
    lua: 'function(a) return string.find("xx", "(x)(x)") end',
    value: () => (library.getString('find') as LuaFunction)('xx', '(x)(x)'),
  },
  { lua: 'function() return true end', value: () => true },
];
const replacement = fc.oneof<fc.MaybeWeightedArbitrary<Value | LuaSource>[]>(
  { weight: 6, arbitrary: replacementText },
  { weight: 1, arbitrary: fc.constant(replacementTable) },
  { weight: 2, arbitrary: fc.constantFrom(...replacementFunctions) },
  { weight: 1, arbitrary: fc.constantFrom<Value[]>(5, 1.5, true, undefined) },
);
const search = fc.oneof(
  fc.tuple(subject, pattern).map((args) => stringCall('find', ...args)),
  fc.tuple(subject, pattern, place).map((args) => stringCall('find', ...args)),
  fc.tuple(subject, subject, place, fc.constantFrom(true, false, 1)).map((args) => stringCall('find', ...args)),
  fc.tuple(subject, pattern).map((args) => stringCall('match', ...args)),
  fc.tuple(subject, pattern, place).map((args) => stringCall('match', ...args)),
  fc.tuple(subject, pattern, replacement).map((args) => stringCall('gsub', ...args)),
  fc.tuple(subject, pattern, replacement, place).map((args) => stringCall('gsub', ...args)),
);

const gmatchAll: LuaSource['value'] = (text: Value, form: Value) => {
  const next = (library.getString('gmatch') as LuaFunction)(text, form) as LuaFunction;
  const found: Value[] = [];
  for (;;) {
    const results = next();
    if (results === undefined || (Array.isArray(results) && results.length === 0)) return [found.length, ...found];
    found.push(...(Array.isArray(results) ? results : [results as Value]));
  }
};
const GMATCH_ALL = `(function(text, form)
  local found = {}
  local next = string.gmatch(text, form)
  while true do
    local results = {pcall(next)}
    if not results[1] then error(results[2], 0) end
    if #results == 1 then return #found, unpack(found) end
    for at = 2, #results do found[#found + 1] = results[at] end
  end
end)`;
const walk = fc
  .tuple(subject, pattern)
  .map((args): LuaCall => ({ name: GMATCH_ALL, callee: gmatchAll as LuaFunction, args }));

const number = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.integer({ min: -20, max: 20 }),
  fc.maxSafeInteger(),
  fc.integer({ min: -1_000_000, max: 1_000_000 }).map((whole) => whole / 1000),
  fc.integer({ min: -1_000_000, max: 1_000_000 }).map((whole) => whole / 128),
  fc.integer({ min: -1_000_000, max: 1_000_000 }).map((whole) => whole / 7),
  fc.tuple(fc.integer({ min: -999, max: 999 }), fc.integer({ min: -30, max: 30 })).map(([a, e]) => Number(`${a}e${e}`)),
  // Ties of 14 digits.
  fc.maxSafeInteger().map((whole) => (whole - (whole % 10) + 5) / 1024),
  fc.integer({ min: 1e13, max: 1e14 }).map((whole) => whole * 10 + 5),
  fc.integer({ min: -70, max: 70 }).map((power) => 2 ** power),
  fc.integer({ min: 0, max: 70 }).map((power) => -(2 ** power) - 1),
  fc.constantFrom<number>(-0, 2 ** 63, 2 ** 64, -(2 ** 63), 1e14, 1e15, 99999999999999.5, 5e-324, Number.MAX_VALUE),
);
const flags = fc.string({ unit: fc.constantFrom(...'-+ #0'), maxLength: 3 });
const width = fc.constantFrom('', '', '1', '5', '12', '40', '100');
const precision = fc.constantFrom('', '', '.', '.0', '.1', '.3', '.14', '.20', '.99', '.100');
const directive = fc
  .tuple(flags, width, precision, fc.constantFrom(...'diouxXcsqeEfgGaz%'))
  .map((parts) => `%${parts.join('')}`);
const formatText = fc
  .tuple(fc.constantFrom('', 'x', '%%', '\0'), directive, fc.constantFrom('', ' ', '%d', '%s', '%', '\xe9'))
  .map((parts) => parts.join(''));
const argument = fc.oneof<fc.MaybeWeightedArbitrary<Value>[]>(
  { weight: 6, arbitrary: number },
  { weight: 2, arbitrary: subject },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Value[]>('10', ' 0x1F ', '1e3', 'a"\\\n\r\0b', undefined, true, 'x'.repeat(100)),
  },
);
const formatting = fc.tuple(formatText, fc.array(argument, { maxLength: 2 })).map(([text, args]) => {
  return stringCall('format', text, ...args);
});

const hexadecimal = (lengths: { minLength?: number; maxLength: number }) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdefABCDEF'), ...lengths });
const digits = fc.string({ unit: fc.constantFrom(...'0123456789abcdefxpzEe.-+ '), maxLength: 9 });
const numeral = fc.oneof(
  digits,
  number.map(String),
  fc.tuple(fc.constantFrom('', '-', '+', ' '), hexadecimal({ maxLength: 20 })).map(([s, h]) => `${s}0x${h}`),
  fc
    .tuple(
      hexadecimal({ minLength: 1, maxLength: 17 }),
      hexadecimal({ maxLength: 5 }),
      fc.integer({ min: -1100, max: 1100 }),
    )
    .map(([a, b, p]) => `0x${a}.${b}p${p}`),
  fc.tuple(fc.integer({ min: 0, max: 1e9 }), fc.integer({ min: -340, max: 320 })).map(([a, e]) => `${a}e${e}`),
  fc.constantFrom('inf', '-infinity', 'nan', '-nan', 'nan(1a_)', 'nan(', 'in', '1\0', '\v\f1\r ', '0x', '0x.p1', '1 x'),
);
const conversion = fc.oneof(
  number.map(calls.tostring),
  numeral.map(calls.tonumber),
  fc
    .tuple(
      fc.oneof(digits, hexadecimal({ maxLength: 20 }), numeral),
      fc.constantFrom(2, 3, 7, 8, 9, 11, 16, 16, 16, 35, 36),
    )
    .map((args) => calls.tonumberInBase(...args)),
);

const text = fc.oneof<fc.MaybeWeightedArbitrary<Value>[]>(
  { weight: 8, arbitrary: subject },
  {
    weight: 1,
    arbitrary: fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) }),
  },
  { weight: 1, arbitrary: fc.constantFrom<Value[]>(12.5, undefined, true) },
);
const rest = fc.oneof(
  fc
    .tuple(fc.constantFrom('len', 'lower', 'upper', 'reverse', 'byte'), text)
    .map(([name, value]) => stringCall(name, value)),
  fc.tuple(text, place).map((args) => stringCall('sub', ...args)),
  fc.tuple(text, place, place).map((args) => stringCall('sub', ...args)),
  fc.tuple(text, place).map((args) => stringCall('byte', ...args)),
  fc.tuple(text, place, place).map((args) => stringCall('byte', ...args)),
  fc.tuple(text, fc.integer({ min: -3, max: 20 })).map((args) => stringCall('rep', ...args)),
  fc.array(fc.oneof(fc.integer({ min: 0, max: 255 }), place)).map((args) => stringCall('char', ...args)),
);

describeWithOracle('the library string', () => {
  const redis = useOracle();

  async function check(call: fc.Arbitrary<LuaCall>): Promise<void> {
    await fc.assert(
      fc.asyncProperty(batch(call), async (batchOfCalls) => {
        expect(await differences(redis.client, batchOfCalls)).toEqual([]);
      }),
      { numRuns: runs(30) },
    );
  }

  test('finds and replaces what Redis does, for any pattern', () => check(search));
  test('walks over the matches that Redis does', () => check(walk));
  test('formats any value as Redis does', () => check(formatting));
  test('formats what is rounded up to a power of ten as Redis does', async () => {
    const formats = ['g', '#g', 'e', '#e', 'f', '#f'].flatMap((conversion) =>
      Array.from({ length: 19 }, (_, precision) =>
        conversion.startsWith('#') ? `%#.${precision}${conversion[1]}` : `%.${precision}${conversion}`,
      ),
    );
    const numbers = Array.from({ length: 24 }, (_, i) => 10 ** (i - 6)).flatMap((power) => [
      power * 0.95,
      power * 0.9995,
      power - power * 2 ** -53,
      power,
    ]);
    const all = formats.flatMap((format) => numbers.map((number) => stringCall('format', format, number)));
    for (let at = 0; at < all.length; at += 500) {
      expect(await differences(redis.client, all.slice(at, at + 500))).toEqual([]);
    }
  });

  test('reads and prints numbers as Redis does', () => check(conversion));
  test('cuts, repeats and takes apart as Redis does', () => check(rest));
});
