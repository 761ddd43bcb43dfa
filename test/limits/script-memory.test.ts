/**
 * Scripts that take all the memory they can get, in every way there is. Each is ended long before V8 would end the
 * process, whose memory is back afterwards.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LimitedProgram, LimitedPrograms } from '../support/limited-program.js';
import type { RawClient } from '../support/raw-client.js';
import { until } from '../support/until.js';

const MIB = 1024 * 1024;
/**
 * A small one is filled sooner; its young generation is smaller in proportion. Threads that collect beside the script
 * take a fifth more of the processors.
 */
const HEAP = { node: ['--max-old-space-size=28', '--max-semi-space-size=1', '--single-threaded-gc'] };
/** What may stay of all scripts: in the heap compiled code, outside of it pages that the system's allocator keeps. */
const MOST_LEFT_IN_HEAP = 24 * MIB;
const MOST_LEFT = 128 * MIB;

const KEEP = 'local t={} local function keep(v) t[#t+1]=v end ';
const FOREVER = (body: string) => `${KEEP} for i=1,1e9 do ${body} end`;
const LETTERS = "local s=string.rep('abcdefghij',1000) ";

const BOMBS: Record<string, string> = {
  'a string that doubles': "local s='x' while true do s=s..s end",
  'doubling strings that are looked into': `local s='x' while true do s=s..s string.find(s,'y',1,true) end`,
  'a string that grows': `${LETTERS} local r='' while true do for i=1,300 do r=r..s end r:byte(1) end`,
  'strings of rep': FOREVER("keep(string.rep('x',1000000+i)) t[i]:byte(9)"),
  'one huge rep': "return #string.rep('x',2^31-1)",
  'rep of rep': "local s='x' while true do s=string.rep(s,10) end",
  'small strings in a table': FOREVER("keep('small'..i)"),
  'table.concat': `${KEEP} for i=1,1000 do keep(string.rep('x',1000)) end local r={} for i=1,1e9 do r[i]=table.concat(t,i) end`,
  'gsub that grows': "local s='xxxxxxxxxx' while true do s=s:gsub('x','xxxxxxxxxx') end",
  'gsub by a function': "local s='xxxxxxxxxx' while true do s=s:gsub('x',function() return 'xxxxxxxxxx' end) end",
  'gsub within gsub': `local b=string.rep('x',2000000)
    local function f() return (string.gsub('ab','.',function(c) if c=='a' then return b end return f() end)) end f()`,
  'widths of format': FOREVER("keep(string.format('%99d%99d%99d%99s',i,i,i,i))"),
  'format of long strings': `${LETTERS} ${FOREVER("keep(string.format('%s%q',s,s)) t[i]:byte(9)")}`,
  'tables in tables': 'local t={} while true do t={t,{},{}} end',
  'tables of numbers': FOREVER('keep(i+0.5)'),
  'one table by numbers far apart': 'local t={} for i=1,1e9 do t[i*7919]=i end',
  'one table by strings': "local t={} for i=1,1e9 do t['key'..i]=true end",
  'tables of tables': FOREVER('keep({i,i,i,x=i})'),
  closures: FOREVER('keep(function() return i end)'),
  'closures of closures': 'local f=function() end while true do local g=f f=function() return g end end',
  coroutines: FOREVER('local c=coroutine.create(function() coroutine.yield(i) end) coroutine.resume(c) keep(c)'),
  'coroutines that are deep': FOREVER(`local function deep(n) if n==0 then coroutine.yield() end return 1+deep(n-1) end
    local c=coroutine.create(deep) coroutine.resume(c,1000) keep(c)`),
  'additional arguments': `local u={} for i=1,200 do u[i]=i end local function f(...) return {...} end ${FOREVER('keep(f(unpack(u)))')}`,
  'unpack into tables': `${KEEP} local u={} for i=1,7000 do u[i]=i end for i=1,1e9 do keep({unpack(u)}) end`,
  'cjson.encode of much': `${KEEP} for i=1,20000 do keep('element '..i) end local r={} for i=1,1e9 do r[i]=cjson.encode(t) end`,
  'cjson.encode of sparse arrays': `cjson.encode_sparse_array(true,0,0) local r={} for i=1,1e9 do r[i]=cjson.encode({[1]=1,[100000]=1}) end`,
  'cjson.encode of the same table often': `local t={} for i=1,30 do t={t,t} end return cjson.encode(t)`,
  'cjson.decode of much': `local s='['..string.rep('{"a":[1,2,3],"b":"text"},',50000)..'1]' ${FOREVER('keep(cjson.decode(s))')}`,
  'cjson.decode of depth': `local s=string.rep('[',900)..string.rep(']',900) ${FOREVER('keep(cjson.decode(s))')}`,
  'cmsgpack.pack of much': `${KEEP} for i=1,20000 do keep('element '..i) end local r={} for i=1,1e9 do r[i]=cmsgpack.pack(t,t,t) end`,
  'cmsgpack.unpack of much': `local p={} for i=1,20000 do p[i]={i} end p=cmsgpack.pack(p) ${FOREVER('keep(cmsgpack.unpack(p))')}`,
  'cmsgpack.unpack of empty tables': `local s='\\221\\0\\15\\66\\64'..string.rep('\\144',1000000) ${FOREVER('keep(cmsgpack.unpack(s))')}`,
  'struct.pack': `${LETTERS} ${FOREVER("keep(struct.pack('>Iss',i,s,s))")}`,
  'string.byte': `local s=string.rep('x',7000) ${FOREVER('keep({s:byte(1,-1)})')}`,
  'string.char': FOREVER('keep(string.char(i%256,65,66,67,68,69,70,71,72,73,74,75,76,77))'),
  'a huge text': "return loadstring(string.rep('x={1,2,3} x[1]=x[2]+x[3] ',400000))",
  'many texts': FOREVER("keep(loadstring('local function f() return '..i..' end return f'))"),
  'a constant in many texts': `${LETTERS} ${FOREVER("keep(loadstring('return \"'..s..i..'\"'))")}`,
  'upper and reverse': `${LETTERS} ${FOREVER('keep((s..i):upper()) keep((s..i):reverse())')}`,
  'replies that are kept': `for i=1,1000 do redis.call('rpush','list',string.rep('x',1000)) end ${FOREVER("keep(redis.call('lrange','list',0,-1))")}`,
  'errors that are kept': FOREVER('local ok,e=pcall(error,{i,i,i,i,x=i,y=i,z={},w={i}}) keep(e)'),
  'errors of commands': FOREVER("keep(redis.pcall('get'))"),
  'ARGV that is copied': FOREVER('keep({unpack(ARGV)}) ARGV[#ARGV+1]=string.rep(i,1000)'),
  tostring: FOREVER('keep(tostring(i/7)) keep(tostring({}))'),
  'a comparator that allocates': `${KEEP} for i=1,10000 do keep(i) end local kept={}
    while true do table.sort(t,function(a,b) kept[#kept+1]={a,b} return b<a end) table.sort(t,function(a,b) kept[#kept+1]={} return a<b end) end`,
  '__index that allocates': `${KEEP} local m=setmetatable({},{__index=function(_,k) keep({k}) return k end}) for i=1,1e9 do local x=m[i] end`,
  'gmatch that is kept': `${LETTERS} ${FOREVER("keep(string.gmatch(s..i,'.'))")}`,
  'matches that are kept': `${LETTERS} ${FOREVER("keep({string.match(s..i,'((.-)(b.-)(c.*))')})")}`,
  'what is swallowed by pcall': `while true do pcall(function() ${FOREVER('keep({i})')} end) end`,
  'table.insert in front': `${KEEP} for i=1,1e9 do table.insert(t,1,{}) if #t>1000 then local u=t t={u} end end`,
};

/** Scripts of 2 MB that are one statement each, of which there is a tree. */
const LONG_STATEMENTS: Record<string, string> = {
  fields: `local t={} t.t=t return t${'.t'.repeat(1_000_000)}.x`,
  calls: `local t={} t.m=function() return t end return t${':m()'.repeat(500_000)}.x`,
  tables: `return {${'{1,2},'.repeat(350_000)}}`,
  'a function': `local function f() local x=1 ${'x=x+1 '.repeat(350_000)} end f()`,
};

let programs: LimitedPrograms;
let program: LimitedProgram;
let client: RawClient;
let before: { heap: number; resident: number };

/** Bytes of V8's heap. */
async function heapBytes(): Promise<number> {
  const kilobytes = /^:(\d+)\r\n$/.exec(String(await client.call('EVAL', "return collectgarbage('count')", '0')))?.[1];
  return Number(kilobytes) * 1024;
}

beforeAll(async () => {
  programs = await LimitedPrograms.create();
  program = programs.start(HEAP, '--save', '');
  client = await program.client({ timeoutMs: 250_000 });
  // Once what all of them need is loaded, and the allocator has pages of buffers that were freed.
  for (const name of ['small strings in a table', 'gsub within gsub']) await client.call('EVAL', BOMBS[name]!, '0');
  before = { heap: await heapBytes(), resident: program.residentBytes };
});

afterAll(async () => {
  await client?.close();
  await programs?.endAll();
});

test.each(Object.entries(BOMBS))('%s', async (_name, script) => {
  const reply = String(await client.call('EVAL', script, '0', 'an argument'));
  expect(program.hasEnded, program.errors).toBe(false);
  expect(reply).toMatch(/^-ERR not enough memory script: /);
  expect(String(await client.call('PING'))).toBe('+PONG\r\n');
  await until(async () => (await heapBytes()) - before.heap < MOST_LEFT_IN_HEAP, 'that the heap is as before');
  // Buffers outside of the heap are freed beside it.
  await until(() => program.residentBytes - before.resident < MOST_LEFT, 'that memory is as before');
});

test.each(Object.entries(LONG_STATEMENTS))('a script that is too long: %s', async (_name, script) => {
  const reply = String(await client.call('EVAL', script, '0'));
  expect(program.hasEnded, program.errors).toBe(false);
  expect(reply).toMatch(/^-ERR Error compiling script \(new function\): not enough memory/);
});

test('a script that is as long, but of many statements, needs little', async () => {
  const reply = String(await client.call('EVAL', `local x=1 ${'x=x+1 '.repeat(350_000)} return x`, '0'));
  expect(reply).toBe(':350001\r\n');
});
