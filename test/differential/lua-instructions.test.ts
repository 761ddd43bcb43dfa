/** The number of instructions that we say a text has, against what string.dump() shows of it. */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Reading } from '../../src/lua/compiler/reading.js';
import { LuaProgram, randomNumbers } from '../support/lua-programs.js';
import { describeWithOracle, Oracle } from '../support/oracle.js';
import { RawClient } from '../support/raw-client.js';

const DUMP = 'return string.dump(assert(loadstring(ARGV[1])))';
/** Instructions are counted of long texts only. */
const FILLING = ` --${'x'.repeat(60_000)}`;
const PROGRAMS = 60;

/** Texts for whose number of instructions it matters where a value is, or what was before. */
const TEXTS = `
local a local b local c = 1 local d
local a, b = 1 local c do local d local e end local f a = nil b = nil
local a a = nil
local function f(p) p = nil local q end local a = nil, nil return nil, nil
local a, b = g() do local c, d = 1 end local e, f
local a if a then end local b while a do local c end local d
local a, b, c = nil, 1 >= a local d
local a = {nil, nil, nil, 1, nil} f(nil, nil) f(nil, 1, nil) return nil
local a, b = g(), ... a, b = g() a, b = b, a a = a a = (b) a = b, 2
local a, i a[i], a, i = 1, 2, 3 a[i], i, i, a = nil a.x, g, a.y.z = f(a), not a
g = 1 g.x = 1 g.x.y = g g[1] = nil g[g] = g[g.x] g.x = a or 1 g.x = (a or 1) g = -(-1) g = - "1" g = - - g
local a = g and 1 local b = g or nil local c = not g local d = not (g and a) local e = not (g == a) local f = not nil
local a = nil and 1 a = false and 1 a = true and a a = 1 and a a = "" and a a = nil or a a = false or a a = true or a
local a = g == 1 and 2 or 3 a = g < 1 or a a = (g and a) or (a and g) a = g and (a or g) or a a = not g or not a and not 1
local a = (g == 1) == (a ~= 2) a = (a and g) == (a or g) a = a and g .. a or a.b.c a = (a or g)(a and 1, a or 2)
if g then f() end if not g then f() end if nil then f() end if false then f() end if 1 then f() end if "" then f() end
if g and f then f() elseif g or f then g() elseif not (g or f) then f() else g() end if g then else f() end if g then end
if 1 or false then f() end if nil or g == f then f() end if g and nil then f() end if (g and f) == 1 then f() end
while g do f() end while true do break end while nil do f() end while not g do if f then break end g() end
repeat f() until g repeat local a = g until a repeat f() until true repeat f() until nil repeat until not (g and f)
repeat local a local function f() return a end until f() repeat local a f(function() a = 1 end) if a then break end until a
while g do local a f(function() return a end) if a then break end end do local a f(function() return a end) end
for i = 1, 2 do end for i = g, -g, g.x do f(i) end for i = 1, 2, -1 do f(function() return i end) if i then break end end
for k in g do end for k, v in pairs(g) do local w = v f(function() return w, k end) end for a, b, c, d in nil, nil do end
local a = "a" .. g .. 1 local b = ("a" .. g) .. (1 .. "b") local c = "a" .. (g or 1) local d = g .. "a" == "b" .. g
g:f() g:f(1, nil) g.a:b "x" {1} (g):f(...) f((...)) f((g())) f(g()) f(1, g()) f { g() } f { g(), nil } return (g())
return g() -- and nothing
return g(), 1
return (g() or 1)
return not g
return function(...) return ... end, function(a) local b = a return function() return a, b, g end end
local a, b local function f() a = b return function() b = a return f end end function g.x.y:z() return self, a end
local t = {1, 2, 3; x = 1, [g] = 2, [1] = nil, y = f(), ["z"] = function() end, f()} t = {f} t = {...} t = {(...)} t = {g = g}
local t = {${'1,'.repeat(50)}} t = {${'g,'.repeat(51)}} t = {${'nil,'.repeat(99)} ...} t = {${'g(),'.repeat(100)} x = 1}
local t = {${Array.from({ length: 257 }, (_, i) => i).join()}} g = 256 + g g = 1 + g g = nil == g g = g.x g.y = "z" g:x()
local t = {${Array.from({ length: 300 }, (_, i) => `"${i}"`).join()}} t.a = t["1"] t[true] = false t = 1 - 2 / 0 return t < 5
local a = 1 + 2 * 3 local b = 1 / 0 local c = 1 % 0 + 2 local d = 2 ^ 3 + g local e = 0 / 0 local f = #"x" + - g
`;

describeWithOracle('Instructions of a text', () => {
  let oracle: Oracle;
  let client: RawClient;

  beforeAll(async () => {
    oracle = await Oracle.start();
    client = await RawClient.connect(oracle);
  });

  afterAll(async () => {
    await client?.close();
    await oracle?.stop();
  });

  /** Of its main function; undefined if it has an error. */
  async function counted(text: string): Promise<number | undefined> {
    const reply = await client.call('EVAL', DUMP, 0, Buffer.from(text, 'latin1'));
    if (reply[0] !== '$'.charCodeAt(0)) return undefined;
    // Behind its header and the function's name, which has its length before it, and three numbers.
    const dump = reply.subarray(reply.indexOf('\r\n') + '\r\n'.length);
    return dump.readInt32LE(32 + dump.readInt32LE(12));
  }

  async function compare(texts: readonly string[]): Promise<number> {
    let compared = 0;
    for (const text of texts) {
      const count = await counted(text);
      if (count === undefined) continue;
      expect([text, new Reading(text + FILLING, '@text', 0).scope.instructions!.count]).toEqual([text, count]);
      compared++;
    }
    return compared;
  }

  test('are as many as in Redis in chosen texts', async () => {
    const texts = TEXTS.trim().split('\n');
    expect(await compare(texts)).toBe(texts.length);
  });

  test('are as many in known programs', async () => {
    const folder = new URL('../fixtures/lua-programs/', import.meta.url);
    for (const file of readdirSync(folder)) {
      const texts = readFileSync(new URL(file, folder), 'latin1').trimEnd().split('\n---\n');
      expect(await compare(texts), file).toBeGreaterThan(0);
    }
  });

  test('are as many in random programs', async () => {
    const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() & 0x7fffffff);
    const texts = Array.from({ length: PROGRAMS }, (_, i) => new LuaProgram(randomNumbers(seed + i)).text().trimEnd());
    expect(await compare(texts), `FUZZ_SEED=${seed}`).toBeGreaterThan(PROGRAMS / 2);
  });
});
