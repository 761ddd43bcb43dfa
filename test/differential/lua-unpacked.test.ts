/**
 * Tables that cmsgpack unpacks with nils in them: each pattern of nils, and what scripts do with such a table next.
 * What Lua's order of pairs() and `#` are then depends on all that the table was given.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LuaPair } from '../support/lua-pair.js';
import { describeWithOracle } from '../support/oracle.js';

/** Gives `report(bytes)`, which does each of the actions with what the bytes stand for. */
const HELPERS = `
local function seen(t)
  local words = {#t}
  for key, value in pairs(t) do words[#words + 1] = tostring(key) .. '=' .. tostring(value) end
  return table.concat(words, ' ')
end
local actions = {
  function(t) end,
  function(t) t[1] = 'x' end,
  function(t) t[3] = 'x' t[2] = 'y' end,
  function(t) t[#t + 1] = 'x' end,
  function(t) t[9] = 'x' t[0] = 'y' end,
  function(t) t.b = 'x' t.z = 'y' end,
  function(t) t.y = 'x' t.a = 'y' t.x = 'z' end,
  function(t) t[2] = nil t.a = nil t.c = 'x' t[4] = 'y' end,
  function(t) t[true] = 'x' end,
  function(t) table.insert(t, 'x') table.insert(t, 2, 'y') end,
  function(t) table.insert(t, 1, 'x') end,
  function(t) table.remove(t) table.remove(t, 1) end,
  function(t) for key in pairs(t) do t[key] = nil end t.d = 'x' t[5] = 'y' end,
  function(t) t[1] = next(t) t[2] = t[table.maxn(t)] end,
  function(t) t.a, t.b = t.b, t.a t[1], t[2] = t[2], t[1] end,
  function(t) t[1] = cmsgpack.pack(t) end,
  function(t) t[1] = table.concat({tostring(t[1]), tostring(t[2]), tostring(t.a), tostring(t.c), select('#', unpack(t))}) end,
}
local lines = {}
local function report(bytes)
  for i, action in ipairs(actions) do
    local t = cmsgpack.unpack(bytes)
    local isDone, message = pcall(action, t)
    lines[#lines + 1] = i .. ': ' .. seen(t) .. (isDone and '' or message)
  end
end
local function isNil(pattern, i) return bit.band(bit.rshift(pattern, i - 1), 1) == 1 end
`;

const LISTS = `
for pattern = 0, 2 ^ SIZE - 1 do
  local bytes = string.char(0x90 + SIZE)
  for i = 1, SIZE do bytes = bytes .. (isNil(pattern, i) and '\\192' or string.char(i)) end
  report(bytes)
end
return lines`;

/**
 * Keys that come twice, and others than names, are among them. The same keys come without the nils before: what places
 * in the program remember of such a table must not be taken for true of the other.
 */
const MAPS = `
local keys = {KEYS_OF_MAP}
for pattern = 0, 2 ^ #keys - 1 do
  local bytes, others, count = '', '', 0
  for i, key in ipairs(keys) do
    local value = isNil(pattern, i) and '\\192' or string.char(i)
    bytes = bytes .. cmsgpack.pack(key) .. value
    if not isNil(pattern, i) then
      others = others .. cmsgpack.pack(key) .. value
      count = count + 1
    end
  end
  report(string.char(0x80 + count) .. others)
  report(string.char(0x80 + #keys) .. bytes)
end
return lines`;

const SCRIPTS = [
  ...[1, 2, 3, 4, 5, 6, 7, 8].map((size) => LISTS.replaceAll('SIZE', String(size))),
  ...[
    "'a'",
    "'b', 'a'",
    "'a', 'b', 'c'",
    "'name', 'a', 'token', 'limiter'",
    "'token', 'name', 'keepJobs', 'limiter', 'lockDuration', 'attempts', 'b'",
    "'a', 'b', 'a', 'c', 'a'",
    "'a', 2, 'b', 1, 'c'",
    "'a', 'b', true, 'c'",
    `'a', '${'long'.repeat(10)}', 'b', 'c'`,
  ].map((keys) => MAPS.replace('KEYS_OF_MAP', keys)),
];

describeWithOracle('what cmsgpack.unpack() makes of nils', () => {
  let pair: LuaPair;

  beforeAll(async () => {
    pair = await LuaPair.start();
  });

  afterAll(() => pair.stop());

  test('is in every respect what redis-server makes of them', async () => {
    const differences = await pair.differences(SCRIPTS.map((script) => HELPERS + script));
    expect(differences.join('\n')).toBe('');
  });
});
