/** FUNCTION and FCALL: libraries and what they may do while they are loaded, functions, and their dumps. */
import { afterAll, beforeAll, test } from 'vitest';
import { type Comparator, compareScript } from '../support/compare.js';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import { payloadOf as libraryPayload } from '../support/payload.js';
import type { Command } from '../support/raw-client.js';

const PLAIN = "redis.register_function('f',function(k,a) return {#k,#a,k[1],a[1]} end)";

const HEADS = [
  'return 1',
  `#!lua\n${PLAIN}`,
  `#!js name=a\n${PLAIN}`,
  `#!lua name=a-b\n${PLAIN}`,
  `#!lua name=\n${PLAIN}`,
  `#!lua name=a name=b\n${PLAIN}`,
  `#!lua name=a foo=b\n${PLAIN}`,
  '#!lua name=c',
  '#!lua name=c\n',
  '#!lua name=c\nx=',
];

const BODIES = `
  redis.register_function()
  redis.register_function("x")
  redis.register_function(1,function() end)
  redis.register_function("x",1)
  redis.register_function("x-y",function() end)
  redis.register_function("x",function() end) redis.register_function("x",function() end)
  redis.register_function("x",function() end) redis.register_function("y",nil)
  redis.register_function("x",function() end,1)
  redis.register_function{function_name="x"}
  redis.register_function{callback=function() end}
  redis.register_function{function_name=1,callback=function() end}
  redis.register_function{function_name="x",callback=1}
  redis.register_function{function_name="x",callback=function() end,flags=1}
  redis.register_function{function_name="x",callback=function() end,flags={"a"}}
  redis.register_function{function_name="x",callback=function() end,flags={1}}
  redis.register_function{function_name="x",callback=function() end,flags={}}
  redis.register_function{function_name="x",callback=function() end,flags={a="no-writes"}}
  redis.register_function{function_name="x",callback=function() end,foo=1}
  redis.register_function{function_name="x",callback=function() end,description=1}
  redis.register_function{1}
  redis.register_function{}
  redis.register_function("",function() end)
  redis.call("get","x")
  local r=redis.call
  x=1
  redis.x=1
  return KEYS
  redis.log(0,"x")
  redis.setresp(3)
  return string.rep("x",2)
  pcall(function() end)
  local x=nil x.y=1`
  .trim()
  .split(/\n\s+/);

const FUNCTIONS = `#!lua name=d
local n=0
redis.register_function("cnt",function() n=n+1 return n end)
redis.register_function{function_name="ro",callback=function(k,a) return redis.call("get",k[1]) end,flags={"no-writes"},description="Dd"}
redis.register_function{function_name="nw",callback=function() return redis.call("set","a",1) end,flags={"no-writes"}}
redis.register_function("w",function(k,a) return redis.call("set",k[1],a[1]) end)
redis.register_function("er",function(k,a)
 error("boom") end)
redis.register_function("tb",function() error({err="x y"}) end)
redis.register_function("gl",function(k,a) return xx end)
redis.register_function("gs",function(k,a) xx=1 end)
redis.register_function("late",function() redis.register_function("z",function() end) end)
redis.register_function("ks",function() return KEYS end)
redis.register_function("va",function(...) return select("#",...) end)
redis.register_function("ne",function(...) return redis.call("nope") end)
redis.register_function("pc",function() return {pcall(redis.call,"get")} end)
redis.register_function("mt",function() return {type(getmetatable(_G)),type(rawget(_G,"pairs")),type(_G.pairs)} end)`;

const CALLS: Command[] = [
  ['FCALL', 'cnt', 0],
  ['FCALL', 'CNT', 0],
  ['FCALL', 'nope', 'x'],
  ['FCALL', 'cnt', 'x'],
  ['FCALL', 'cnt', -1],
  ['FCALL', 'cnt', 3],
  ['FCALL', 'w', 1, 'x', 5],
  ['FCALL_RO', 'w', 1, 'x', 5],
  ['FCALL_RO', 'ro', 1, 'x'],
  ['FCALL', 'ro', 1, 'x'],
  ...['nw', 'er', 'tb', 'gl', 'gs', 'late', 'ks', 'va', 'ne', 'pc', 'mt'].map((name): Command => ['FCALL', name, 0]),
];

/** Functions of a library come in the order of a hash table. */
const anyOrder: Comparator = (oracle, subject) => bytesOf(oracle).equals(bytesOf(subject));
function bytesOf(reply: Buffer): Buffer {
  return Buffer.from([...reply]).sort();
}

/** The opcode before a library's text. */
const LIBRARY = 245;

describeWithOracle('functions do what redis-server makes of them', () => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await startPair();
  });

  afterAll(async () => {
    await pair?.stop();
  });

  const compared = (scripts: readonly Command[], protocol: 2 | 3 = 2) =>
    compareScript(pair, [['FUNCTION', 'FLUSH'], ...scripts], { protocol, comparators: { 'function list': anyOrder } });

  test('the heads of libraries', () => compared(HEADS.map((code) => ['FUNCTION', 'LOAD', code])));

  test('what a library does while it is loaded', () =>
    compared(
      BODIES.flatMap((body): Command[] => [
        ['FUNCTION', 'LOAD', `#!lua name=c\n${body}`],
        ['FUNCTION', 'FLUSH', 'SYNC'],
      ]),
    ));

  test('names that are taken', () =>
    compared([
      ['FUNCTION', 'LOAD', `#!lua name=a\n${PLAIN}`],
      ['FUNCTION', 'LOAD', `#!lua name=a\n${PLAIN}`],
      ['FUNCTION', 'LOAD', `#!lua name=b\n${PLAIN}`],
      ['FUNCTION', 'LOAD', 'REPLACE', `#!lua name=a\n${PLAIN}`],
      ['FUNCTION', 'LOAD', 'replace', `#!lua name=b\n${PLAIN}`],
      ['FUNCTION', 'LOAD', 'x', 'y'],
      ['FUNCTION', 'DELETE', 'A'],
      ['FUNCTION', 'DELETE', 'a'],
      ['FUNCTION', 'STATS'],
    ]));

  test('calls', () => compared([['FUNCTION', 'LOAD', FUNCTIONS], ...CALLS]));

  for (const protocol of [2, 3] as const) {
    test(`lists and figures in RESP${protocol}`, () =>
      compared(
        [
          ['FUNCTION', 'LOAD', FUNCTIONS],
          ['FUNCTION', 'LIST'],
          ['FUNCTION', 'LIST', 'WITHCODE', 'LIBRARYNAME', 'd*'],
          ['FUNCTION', 'LIST', 'LIBRARYNAME', 'x'],
          ['FUNCTION', 'LIST', 'WITHCODE', 'WITHCODE'],
          ['FUNCTION', 'LIST', 'LIBRARYNAME'],
          ['FUNCTION', 'LIST', 'LIBRARYNAME', 'a', 'LIBRARYNAME', 'b'],
          ['FUNCTION', 'LIST', 'x'],
          ['FUNCTION', 'STATS'],
          ['FUNCTION', 'KILL'],
          ['FUNCTION', 'FLUSH', 'x'],
          ['FUNCTION', 'FLUSH', 'sync', 'x'],
          ['FUNCTION', 'NOPE'],
        ],
        protocol,
      ));
  }

  test('each reads what the other one dumped', async () => {
    const { RawClient } = await import('../support/raw-client.js');
    await compared([['FUNCTION', 'LOAD', FUNCTIONS]]);
    for (const from of [pair.oracle, pair.subject]) {
      const client = await RawClient.connect(from);
      const dump = payloadOf(await client.call('FUNCTION', 'DUMP'));
      await client.close();
      await compared([
        ['FUNCTION', 'RESTORE', dump],
        ['FUNCTION', 'RESTORE', dump],
        ['FUNCTION', 'RESTORE', dump, 'REPLACE'],
        ['FUNCTION', 'RESTORE', dump, 'FLUSH'],
        ['FUNCTION', 'RESTORE', dump, 'x'],
        ['FUNCTION', 'RESTORE', dump, 'FLUSH', 'x'],
        ['FUNCTION', 'RESTORE', 'x'],
        ['FUNCTION', 'STATS'],
      ]);
    }
  });

  /** A library as records of a payload have it. */
  const record = (name: string, functionName: string, rest = '') => {
    const code = Buffer.from(
      `#!lua name=${name}\nredis.register_function('${functionName}', function() return 1 end)\n${rest}`,
    );
    return Buffer.concat([Buffer.from([LIBRARY, 0x40 | (code.length >> 8), code.length & 0xff]), code]);
  };

  const PAYLOADS: Record<string, Buffer[]> = {
    'two libraries of one name': [record('new', 'f'), record('new', 'g')],
    'two functions of one name': [record('new', 'f'), record('newer', 'f')],
    'a library that is there': [record('new', 'n'), record('a', 'n2')],
    'a function that is there': [record('new', 'fb')],
    'a function that is there, and a library': [record('new', 'fb'), record('a', 'n')],
    'a function of a library that gives way': [record('new', 'fa'), record('a', 'n')],
    'a library that is there, and one that does not compile': [record('a', 'n'), record('new', 'f', 'return return')],
    'a library that is there, and something else': [record('a', 'n'), Buffer.from([0])],
    'a library that is cut': [record('new', 'n').subarray(0, 30)],
    'a length that is cut': [Buffer.from([LIBRARY, 0x80, 0, 0])],
    'a text of an unknown encoding': [Buffer.from([LIBRARY, 0xc4])],
    'a compressed text that is none': [Buffer.from([LIBRARY, 0xc3, 5, 10, 1, 2, 3, 4, 5])],
    'a number as its text': [Buffer.from([LIBRARY, 0xc0, 5])],
    'nothing behind the opcode': [Buffer.from([LIBRARY])],
    'another opcode': [Buffer.from([250, 1, 65, 1, 66])],
    nothing: [],
  };

  test.each(Object.entries(PAYLOADS))('a payload of %s', (_, parts) =>
    compared(
      (['FLUSH', 'REPLACE', 'APPEND'] as const).flatMap((policy) => [
        ['FUNCTION', 'FLUSH'],
        ['FUNCTION', 'LOAD', "#!lua name=a\nredis.register_function('fa', function() return 1 end)"],
        ['FUNCTION', 'LOAD', "#!lua name=b\nredis.register_function('fb', function() return 1 end)"],
        ['FUNCTION', 'RESTORE', libraryPayload(Buffer.concat(parts)), policy],
        ['FUNCTION', 'STATS'],
        ...['a', 'b', 'new', 'newer'].map((name) => ['FUNCTION', 'LIST', 'WITHCODE', 'LIBRARYNAME', name]),
      ]),
    ),
  );
});

function payloadOf(reply: Buffer): Buffer {
  return reply.subarray(reply.indexOf('\r\n') + 2, -2);
}
