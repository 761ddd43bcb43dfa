/** EVAL and its family: what scripts return, what they are refused, and how their errors read. */
import { afterAll, beforeAll, test } from 'vitest';
import { type Comparator, compareScript } from '../support/compare.js';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import type { Command } from '../support/raw-client.js';

/** Redis 7.2 and later print the shortest digits, 7.0 prints 17. */
const sameNumber: Comparator = (oracle, subject) => {
  const [a, b] = [oracle, subject].map((reply) =>
    Number(reply.toString('latin1').split('\r\n').at(-2)?.replace(/^,/, '')),
  );
  return oracle[0] === subject[0] && Object.is(a, b);
};

const RETURNED = `
  nil, true, false, 3, -3.99, 0.5, '', 'x', {}, {1,2,nil,3}, {nil}, {1,{2,{3}}}, {1,'a',true,false,{ok='k'},{err='e'}},
  {1.9,-1.9,1e15,1e16,2^53,2^63,-2^63,2^64,1/0,-1/0,0/0}, 1,2, {a=1}, {1,2,x=3}, {[1]=1,[3]=3}, {err='x y'}, {err='x'},
  {err=''}, {err='-x'}, {err=1}, {ok='x y'}, {ok=''}, {ok=1}, {err='a\\r\\nb'}, {ok='a\\r\\nb'}, {err='a',ok='b',double=1},
  {ok='a',double=1}, {map={a=1},set={b=1}}, {set={b=1},big_number='1'}, {double=1,map={}}, {double=1,big_number='2'},
  {big_number='1',verbatim_string={format='txt',string='a'}}, {map={a=1},verbatim_string={format='txt',string='a'}},
  {set={a=1},verbatim_string={format='txt',string='a'}}, {map={a=1},big_number='1'}, {map={a=1},err='x'}, {map={},1},
  {map={a=1}}, {map={}}, {map=1}, {set={a=true}}, {set={a=1}}, {set={}}, {set=1,1}, {big_number='123'}, {big_number=123},
  {big_number='12\\r\\n3'}, {big_number=''}, {double='3'}, {double=3}, {double=-0}, {double=0.5}, {double=1/0}, {double=-1/0},
  {verbatim_string={format='txt',string='abc'}}, {verbatim_string={format='txt'}}, {verbatim_string={string='x'}},
  {verbatim_string={format='toolong',string='x'}}, {verbatim_string={format='',string='a\\r\\nb'}},
  {verbatim_string={format=1,string=2}}, {map={[1]=2}}, {map={[false]=1}}, {map={[1.5]=2}}, {set={[2.7]=2}},
  {map={a={1,2,{err='x y'}}}}, {1,2,{map={x={set={y=true}}}}}, {map={a=false}}, {map={[{1}]={2}}}, {set={[{1}]=true}},
  setmetatable({},{__index=function() return 5 end}), setmetatable({1,2},{__len=function() return 1 end}), KEYS, ARGV,
  redis.call('hgetall','h'), redis.call('smembers','s'), redis.call('zrange','z',0,-1,'withscores'), redis.call('get','nope'),
  redis.call('lpop','nope',2), redis.call('ping'), redis.call('exists','h'), redis.call('zscore','z','m'), redis.call('zmpop',1,'nope','min'),
  redis.call('incrby','n',9007199254740993), redis.call('mget','a','nope'), redis.pcall('nope'), redis.pcall('incr','h')`
  .trim()
  .split(/,\s(?![^{(]*[)}])/);

const ERRORS = [
  "return redis.call('nope')",
  "return redis.call('get')",
  'return redis.call()',
  'return redis.call({})',
  "return redis.call('get',nil)",
  "return redis.call('get',true)",
  'return redis.pcall()',
  "return redis.pcall('get',{})",
  "return redis.call('subscribe','a')",
  "return redis.call('eval','return 1',0)",
  "return redis.call('eval')",
  "return redis.call('config','get','maxmemory')",
  "return redis.call('config','nope')",
  "return redis.call('client','id')",
  "return redis.call('client')",
  "return redis.call('')",
  "return redis.call('get\\0','a')",
  "redis.call('lpush','l',1) return redis.call('incr','l')",
  "return redis.pcall('incr','l')",
  "return redis.pcall('incr','l').err",
  "local ok,e=pcall(redis.call,'nope') return {type(e),e}",
  "local ok,e=pcall(function() return redis.call('incr','l') end) return {type(e),e}",
  'local ok,e=pcall(error,{1}) return {type(e),e[1]}',
  "local ok,e=xpcall(function() return redis.call('incr','l') end, function(e) return e end) return {type(e),e.err}",
  "return redis.call('select',99)",
  "return redis.call('xread','block','0','streams','st','$')",
  "return redis.call('xreadgroup','group','g','c','block','0','streams','st','>')",
  "error('x')",
  "error({err='x y'})",
  "error({err='x'})",
  'error()',
  'error(nil)',
  'error(1)',
  'error(true)',
  "error('ERR x',0)",
  "error('x',2)",
  "\n\nerror('x')",
  "local function f()\n error('x') end\n f()",
  "local function f()\n error('x',2) end\n f()",
  "local function f()\n error({err='A b'}) end\n\n f()",
  "local function f()\n return redis.call('nope') end\n f()",
  'local x=nil; x.y=1',
  "error({err='a\\nb'})",
  "error('a\\r\\nb c',0)",
  "local e=redis.pcall('incr','l') error(e)",
  "local e=redis.pcall('incr','l') error(e.err)",
  'x=',
  'return 1 1',
  "'",
  '\n\n}',
  '# no comment',
];

/** Errors that are put down to native code, as it was called by native code, and some that are not. */
const NATIVE = [
  "string.gsub('nope', '%w+', redis.call)",
  "string.gsub('nope', '%w+', function(name) redis.call(name) end)",
  "table.sort({'nope', 'nope2'}, redis.call)",
  "table.sort({3, 2, 1}, function() redis.call('nope') end)",
  'table.sort({3, 2, 1}, string.rep)',
  "table.foreach({'x'}, error)",
  "table.foreachi({{err = 'X y'}}, function(_, value) error(value) end)",
  'table.foreach({1}, redis.sha1hex)',
  "string.gsub('x', 'x', error)",
  "string.gsub('x', 'x', assert)",
  "string.gsub('x', 'x', redis.setresp)",
  "string.gsub('{', '{', cjson.decode)",
  "string.gsub('\\193', '.', cmsgpack.unpack)",
  'table.foreach(_G, rawset)',
  "string.gsub('x', 'x', getmetatable(_G).__index)",
  'return getmetatable(_G).__index(_G)',
  'return _G[true]',
  'return tostring(setmetatable({}, {__tostring = redis.call}))',
  'return setmetatable({}, {__index = redis.call}).nope',
  "return setmetatable({}, {__concat = redis.call}) .. 'nope'",
  "return setmetatable({}, {__call = redis.call})('nope')",
  'for a in redis.call, 1 do end',
  "coroutine.wrap(redis.call)('nope')",
  "coroutine.wrap(function() redis.call('nope') end)()",
  "coroutine.wrap(error)('x')",
  "coroutine.wrap(error)({err = 'X y'})",
  'coroutine.wrap(string.rep)()',
  'local _, e = load(redis.call) return e',
];

/** The order in which pairs() finds what is there. */
const ORDERS = ['redis', 'cjson', 'cmsgpack', 'struct', 'bit', 'string', 'table', 'math', 'coroutine'].map(
  (name) => `local names = {} for name in pairs(${name}) do names[#names + 1] = name end return names`,
);

/** What scripts leave behind, and what SCRIPT FLUSH leaves of it. */
const LEFT_BEHIND = `
local left = {tostring(math.random())}
for _, name in ipairs({'encode_max_depth', 'decode_max_depth', 'encode_number_precision', 'encode_keep_buffer'}) do
  left[#left + 1] = tostring(cjson[name]())
end
return left`;
const LEAVE = `
math.randomseed(77) cjson.encode_max_depth(7) cjson.decode_max_depth(8) cjson.encode_number_precision(3)
cjson.encode_keep_buffer(false) return tostring(math.random())`;

/** C's strings end at their first NUL, and errors lose the line breaks around their message. */
const CUT = [
  ...[
    'a b\\0c',
    'ab\\0 c',
    '\\0',
    '-\\0x',
    '-',
    '-x',
    '--x y',
    '- ',
    'a b\\n',
    'a\\n',
    '\\nx',
    '\\nx y',
    '\\n \\n',
    'a \\nb',
    'a\\n \\rb\\r',
    'a \\n \\r b',
    '\\na\\rb \\nc\\rd e',
  ].map((text) => `return redis.error_reply('${text}')`),
  ...['a b\\0c', '\\0', '\\r\\n', 'x\\n\\n', 'x \\r\\n y', '\\nx y'].flatMap((text) => [
    `return {err = '${text}'}`,
    `return {ok = '${text}'}`,
    `return {1, {err = '${text}'}}`,
    `error('${text}')`,
    `error({err = '${text}'})`,
  ]),
  "return {verbatim_string = {format = 'a\\0b', string = 'a\\0b'}}",
  "return ({})['a\\0b'].x",
  "return _G['a\\0b']",
];

const LIBRARY = `
  error_reply('X y'); error_reply('-X y'); error_reply('single'); error_reply(''); error_reply('My Err'); error_reply();
  error_reply(1); error_reply({}); error_reply('a','b'); status_reply('X y'); status_reply(''); status_reply();
  status_reply(1); sha1hex(''); sha1hex(); sha1hex(1); sha1hex('a','b'); sha1hex({}); sha1hex(true); log(redis.LOG_DEBUG,'x');
  log('x'); log(); log(10,'x'); log(-1,'x'); log('a','x'); log(0,'a',2); log(0,{}); setresp(3); setresp(4); setresp();
  setresp('3'); setresp(2,3); setresp({}); replicate_commands(); set_repl(redis.REPL_ALL); set_repl(); set_repl(100);
  set_repl('x'); set_repl(redis.REPL_SLAVE); breakpoint(); debug('a',1); debug(); acl_check_cmd('get','a'); acl_check_cmd();
  acl_check_cmd('nope'); acl_check_cmd('get'); acl_check_cmd({})`
  .trim()
  .split(/;\s+/);

const CLOSED = [
  'redis.x=1',
  'redis.call=1',
  '_G.x=1',
  'x=1',
  'return x',
  'return _G.x',
  "rawset(_G,'x',1)",
  "return rawget(_G,'x')",
  'return type(getmetatable(_G))',
  'return tostring(getmetatable(redis))',
  'KEYS=1',
  'KEYS[1]=1 return KEYS',
  'return KEYS==_G.KEYS',
  'ARGV={} return 1',
  'return {tostring(rawget(_G,"print")),tostring(rawget(_G,"io")),tostring(rawget(_G,"debug"))}',
  'print(1)',
  'return redis.register_function',
  'return {redis.REPL_ALL,redis.REPL_AOF,redis.REPL_SLAVE,redis.REPL_REPLICA,redis.REPL_NONE}',
  'return {redis.LOG_DEBUG,redis.LOG_VERBOSE,redis.LOG_NOTICE,redis.LOG_WARNING}',
];

const NUMBERS = [
  1.5,
  '1e15',
  '1e20',
  '2^53',
  0.1,
  '3.0',
  '1/3',
  '-0',
  '1/0',
  '123456789012345678',
  '1e17',
  '-9.3e18',
  -7,
];

const FIRST_LINES = [
  '#!lua',
  '#!lua\nreturn 1',
  '#!lua \nreturn 1',
  '#!lua  flags=no-writes \nreturn redis.call("set","a",1)',
  '#!lua flags=no-writes,allow-oom\nreturn 1',
  '#!lua flags=nope\nreturn 1',
  '#!lua flags=\nreturn 1',
  '#!lua flags=no-writes,\nreturn 1',
  '#!lua name=x\nreturn 1',
  '#!js\nreturn 1',
  '#!\nreturn 1',
  '#! lua\nreturn 1',
  '#!LUA\nreturn 1',
  '#!lua flags=no-writes flags=allow-oom\nreturn 1',
  '#!lua "flags=no-writes"\nreturn 1',
  '#!lua flags="no-writes\nreturn 1',
  '#!lua\nreturn x',
  '#!lua\n\nerror("a")',
  '#!lua flags=allow-cross-slot-keys,allow-stale,no-writes,no-cluster\nreturn 1',
];

const KNOWN = 'e0e1f9fabfc9d4800c877a703b823ac0578ff8db';
const commands: Command[] = [
  ['EVAL', 'return 1', 'x'],
  ['EVAL', 'return 1', -1],
  ['EVAL', 'return 1', 2, 'a'],
  ['EVAL', 'return {KEYS[1],ARGV[1],#KEYS,#ARGV}', 1, 'k', 'a', 'b'],
  ['EVAL', 'return select("#",...)', 0, 'a'],
  ['EVAL', '', 0],
  ['SCRIPT', 'FLUSH'],
  ['EVALSHA', KNOWN, 0],
  ['EVALSHA', 'x', 0],
  ['EVALSHA', 'F'.repeat(40), 'x'],
  ['EVALSHA', 'f'.repeat(40), 5],
  ['SCRIPT', 'LOAD', 'return 1'],
  ['EVALSHA', KNOWN, 0],
  ['EVALSHA', KNOWN.toUpperCase(), 0],
  ['EVALSHA_RO', KNOWN, 0],
  ['SCRIPT', 'EXISTS', KNOWN, KNOWN.toUpperCase(), 'x'],
  ['SCRIPT', 'LOAD', 'return ('],
  ['SCRIPT', 'LOAD', '#!lua flags=x\n'],
  ['SCRIPT', 'FLUSH', 'x'],
  ['SCRIPT', 'FLUSH', 'SYNC', 'x'],
  ['SCRIPT', 'FLUSH', 'ASYNC'],
  ['SCRIPT', 'EXISTS', KNOWN],
  ['SCRIPT', 'KILL'],
  ['SCRIPT', 'NOPE'],
  ['EVAL_RO', "return redis.call('set','a',1)", 0],
  ['EVAL_RO', "return redis.pcall('set','a',1)", 0],
  ['EVAL_RO', "return redis.call('get','a')", 0],
  ['EVAL_RO', '#!lua\nreturn redis.call("set","a",1)', 0],
  ['EVAL_RO', '#!lua flags=no-writes\nreturn 1', 0],
];

function evals(scripts: readonly string[]): Command[] {
  return scripts.map((script) => ['EVAL', script, 0]);
}

const DATA: Command[] = [
  ['HSET', 'h', 'a', '1'],
  ['SADD', 's', 'x'],
  ['ZADD', 'z', '1.5', 'm'],
  ['SET', 'a', 'b'],
];

/** Short strings among long ones, many arguments, and commands with the name of the one before, which may be none. */
const CALLS = [
  `for i = 0, 60 do redis.call('rpush', 'l', ('x'):rep(i * 13 % 700) .. i) end return redis.call('lrange', 'l', 0, -1)`,
  `for i = 1, 9 do redis.call('rpush', 'm', ('y'):rep(5000), 'z' .. i, '') end return redis.call('lrange', 'm', 0, -1)`,
  `return {redis.call('mget', 'a', 'b'), redis.call('mget', 'n', 'a', 'nope'), redis.call('hgetall', 'h')}`,
  `local t = {}
   for i = 1, 20 do t[i] = i % 3 == 0 and i or 'e' .. i end
   redis.call('rpush', 'o', unpack(t))
   redis.call('rpush', 'o', '1', '', '3', '4', '5', '6', '7', '8', ('x'):rep(20000))
   redis.call('rpush', 'o', 'i', ('x'):rep(70000))
   redis.call('rpush', 'o', 'j')
   return redis.call('lrange', 'o', 0, -1)`,
  `local t = {}
   for i = 1, 3 do
     t[i] = {redis.call('echo', 'a' .. i), redis.call('echo', i), redis.pcall('echo'), redis.pcall(1), redis.pcall(1),
       redis.pcall(''), redis.pcall('', 'x'), redis.pcall(nil), redis.pcall(nil, 'x'), redis.pcall()}
   end
   return t`,
  `return {redis.call('echo', 'x'), redis.acl_check_cmd('get', 'a'), redis.call('echo', 'y'), redis.call('echo', 'z')}`,
  `return {redis.pcall('nope'), redis.pcall('nope', 1), redis.call('get', 'a'), redis.pcall('set', 'a', {}),
     redis.pcall('set', 'a', 'b'), redis.pcall('get', {}), redis.call('set', 'a', 'c'), redis.call('get', 'a')}`,
];

describeWithOracle('scripts do what redis-server makes of them', () => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await startPair();
  });

  afterAll(async () => {
    await pair?.stop();
  });

  const compared = (scripts: readonly Command[], protocol: 2 | 3 = 2, comparators = {}) =>
    compareScript(pair, [...DATA, ...scripts], { protocol, comparators });

  for (const protocol of [2, 3] as const) {
    test(`what they return to RESP${protocol} clients`, async () => {
      const plain = RETURNED.map((value) => `return ${value}`);
      const inThree = RETURNED.map((value) => `redis.setresp(3) return ${value}`);
      await compared(evals([...plain, ...inThree]), protocol, {});
    });
  }

  test('doubles, whose digits are fewer since 7.2', () =>
    compared(evals(['return {double=3.14}', 'return {double=1e300}', 'return {double=2^62}']), 3, {
      eval: sameNumber,
    }));

  test('numbers as arguments of commands', () =>
    compared(evals(NUMBERS.map((number) => `return redis.call('echo',${number})`))));

  test('tables in tables without end', async () => {
    const nested = ['{t}', '{1,t}', '{map={a=t}}', '{set={[t]=1}}'].flatMap((form) =>
      [100, 2664, 2666, 7994, 7996, 9000].map((n) => `local t={} for i=1,${n} do t=${form} end return t`),
    );
    await compared(evals(nested));
  });

  test('arguments and replies of any length', () => compared(evals(CALLS)));
  test('errors, where they are raised', () => compared(evals([...ERRORS, ...NATIVE])));
  test('texts as C sees them', () => compared(evals(CUT), 3));
  test('the order in which libraries are walked', () => compared(evals(ORDERS)));

  test('what scripts leave behind, until SCRIPT FLUSH', () => {
    const flush: Command[] = [['SCRIPT', 'FLUSH']];
    return compared([...flush, ...evals([LEAVE, LEFT_BEHIND]), ...flush, ...evals([LEFT_BEHIND, LEAVE, LEFT_BEHIND])]);
  });

  test('the library redis', () => compared(evals(LIBRARY.map((call) => `return redis.${call}`))));
  test('what is closed to scripts', () => compared(evals(CLOSED)));
  test('first lines that say what a script does', () => compared(evals(FIRST_LINES)));
  test('the other commands', () => compared(commands));

  test('SELECT and the protocol end with the script', () =>
    compared([
      [
        'EVAL',
        "redis.call('select',5) redis.call('set','k','five') redis.setresp(3) return redis.call('hgetall','h')",
        0,
      ],
      ['EVAL', "return {redis.call('get','k'),redis.call('hgetall','h')}", 0],
      ['SELECT', 5],
      ['GET', 'k'],
      ['SELECT', 0],
    ]));

  test('inside a transaction, and beside WATCH', () =>
    compared([
      ['MULTI'],
      ['EVAL', "redis.call('set',KEYS[1],ARGV[1]) return redis.call('get',KEYS[1])", 1, 'k', 'v'],
      ['EVAL', "return redis.call('nope')", 0],
      ['EVALSHA', 'f'.repeat(40), 0],
      ['EXEC'],
      ['WATCH', 'k'],
      ['EVAL', "redis.call('set','k','w')", 0],
      ['MULTI'],
      ['PING'],
      ['EXEC'],
    ]));

  test('long scripts, each time they come', () => {
    const filling = "redis.call('incrby', KEYS[1], #ARGV)\n".repeat(2900);
    const text = `local function add(n) return redis.call('incrby', KEYS[1], n) end local t = {}
      for i = 1, 300 do t[#t + 1] = add(i) end\n${filling}return {t[300], redis.call('get', KEYS[1]), add(#ARGV)}`;
    return compared([
      ...Array.from({ length: 12 }, (_, i): Command => ['EVAL', text, 1, 'n', ...Array.from({ length: i }, () => 'x')]),
      ['EVAL', `${filling}\nreturn nope()`, 1, 'n'],
      ['EVAL', `${filling}\nreturn 1 +`, 1, 'n'],
      ['SCRIPT', 'LOAD', `${filling}\nend`],
    ]);
  });

  test('while there is too much data', () =>
    compared(
      [
        ['SET', 'x', 'y'],
        ['CONFIG', 'SET', 'maxmemory', 1],
        ...evals([
          "return redis.call('set','x',1)",
          "return redis.pcall('set','x',1)",
          "return redis.call('get','x')",
          "#!lua\nreturn redis.call('set','x',1)",
          "#!lua flags=allow-oom\nreturn redis.call('set','x',1)",
          "#!lua flags=no-writes\nreturn redis.call('get','x')",
          '#!lua\nreturn 1',
          "redis.call('del','x') return redis.call('set','x',1)",
        ]),
        ['EVAL_RO', "return redis.call('set','x',1)", 0],
        ['CONFIG', 'SET', 'maxmemory', 0],
      ],
      2,
      {},
    ));
});
