/**
 * How deep calls may lie in one another: deeper than V8's stack reaches, a script that nobody has noticed is begun anew
 * in another form, and nothing may tell.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compareScript } from '../support/compare.js';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import { type Command, RawClient } from '../support/raw-client.js';

/** Lua's stack grows by doubling until it has overflowed once: it is then that 20,000 calls fit. */
const GROWS_THE_STACK = 'local function f() return 1+f() end return (pcall(f))';
const COUNT = 'local n=0 local function f(...) n=n+1 return 1+f(...) end ';

const OVERFLOWS = [
  `${COUNT} local ok,e=pcall(f) return {n,e}`,
  `${COUNT} local ok,e=pcall(f,1,2,3) return {n,e}`,
  `${COUNT} local ok,e=xpcall(f,function(e) return 'handled '..e end) return {n,e}`,
  `${COUNT} f()`,
  `${COUNT}\n\n f()`,
  `${COUNT} pcall(f) local m=n local ok,e=pcall(f) return {m,n-m,e}`,
  `${COUNT} local function g(k) if k==0 then return pcall(f) end local a,b=g(k-1) return a,b end
    local a,b=g(1000) return {n,b}`,
  `${COUNT} local function g(k) if k>0 then return select(2,pcall(g,k-1)) end return select(2,pcall(f)) end
    return {g(100),n}`,
  `${COUNT} local ok,e=pcall(coroutine.wrap(f)) return {n,e}`,
  'local function f(n) if n==0 then return 0 end return 1+f(n-1) end return {f(19980),(pcall(f,20000))}',
  'local t={} for i=1,15000 do t={t} end local function d(x) return x[1] and 1+d(x[1]) or 0 end return d(t)',
  "local o={} function o:m(k) if k>0 then return 1+self:m(k-1) end return 'x' end return (pcall(o.m,o,9000))",
  'local a,b function a(n) if n==0 then return 1 end return 1+b(n-1) end function b(n) return 1+a(n) end return a(9000)',
  'local function f(n) if n>0 then return (f(n-1)) end return 7 end return (f(15000))',
  "local f=loadstring('local f f=function(n) if n>0 then return 1+f(n-1) end return 0 end return f(15000)') return f()",
  // What native code calls lies on its stack, which has its own limit.
  'local n=0 local t=setmetatable({},{__index=function(t,k) n=n+1 return t[k+1] end}) local a,b=pcall(function() return t[1] end) return {n,b}',
  'local n=0 local function f() n=n+1 return pcall(f) end local r={f()} return {n,#r,tostring(r[#r])}',
  'local function f() return f() end local n=0 local function g() n=n+1 if n<100000 then return g() end return n end return g()',
];

/** What is left by a run that was begun anew must be what one run leaves. */
const LEAVE: [string, string[]][] = [
  ['math.random() local function f(n) if n>0 then return 1+f(n-1) end return math.random() end f(15000)', []],
  ['math.randomseed(7) local function f(n) if n>0 then return 1+f(n-1) end return math.random() end f(15000)', []],
  [
    `cjson.encode_max_depth(cjson.encode_max_depth()-1) local function f(n) if n>0 then return 1+f(n-1) end return 1 end
     f(15000) return cjson.encode_max_depth()`,
    [],
  ],
  [
    `collectgarbage('setpause',collectgarbage('setpause',7)+1) local function f(n) return n>0 and 1+f(n-1) or 0 end
     f(15000) return collectgarbage('setpause',200)`,
    [],
  ],
  [
    `table.remove(ARGV,1) ARGV[5]='x' KEYS[1]=nil local function f(n) if n>0 then return 1+f(n-1) end return n end
     return {f(15000),#KEYS,#ARGV,ARGV[1]}`,
    ['1', 'a', 'b', 'c'],
  ],
  [
    `redis.setresp(3) redis.call('select',3) local function f(n) if n>0 then return 1+f(n-1) end return n end
     f(15000) redis.call('set','x','y') return redis.call('get','x')`,
    [],
  ],
];
const LOOKS: Command[] = [
  ['EVAL', 'return {tostring(math.random()),cjson.encode_max_depth()}', '0'],
  ['EVAL', "return redis.call('get','x')", '0'],
];

/** Reads, some of which miss and fail, before the stack is full, and writes afterwards. */
const READS = `
  redis.call('get','k') redis.call('get','nope') redis.pcall('lrange','k',0,1) redis.pcall('nope')
  redis.call('time') redis.call('ping')
  local function f(n) redis.call('exists','k') if n>0 then return 1+f(n-1) end return n end
  f(12000) redis.call('incr','n') return redis.call('get','n')`;

/** A library that keeps nothing from one call to the next: its functions can be begun anew, too. */
const LIBRARY = `#!lua name=deep
  local call = redis.call
  local function f(n) if n > 0 then return 1 + f(n - 1) end return 0 end
  redis.register_function('deep', function(keys, args)
    args[1] = args[1] + 1
    call('get', keys[1])
    local n = f(tonumber(args[1]))
    call('incr', keys[1])
    return {n, args[1], #args, call('get', keys[1])}
  end)
  redis.register_function{function_name = 'deeper', flags = {'no-writes'}, callback = function(keys, args)
    return {pcall(f, tonumber(args[1]))}
  end}`;
/** Its functions do: their calls end where V8's stack does. */
const COUNTING = `#!lua name=counting
  local n = 0
  local function f(i) n = n + 1 if i > 0 then return 1 + f(i - 1) end return 0 end
  redis.register_function('count', function(keys, args) return {pcall(f, tonumber(args[1]))} end)
  redis.register_function('counted', function() return n end)`;

describeWithOracle('deep scripts', () => {
  let pair: Pair;
  let clients: RawClient[];

  beforeAll(async () => {
    pair = await startPair();
    clients = await Promise.all([RawClient.connect(pair.oracle), RawClient.connect(pair.subject)]);
    await compareScript(pair, [['EVAL', GROWS_THE_STACK, '0']]);
  });

  afterAll(async () => {
    for (const client of clients) await client.close();
    await pair?.stop();
  });

  const both = <T>(of: (client: RawClient) => Promise<T>) => Promise.all(clients.map(of));

  test.each(OVERFLOWS)('%s', (script) => compareScript(pair, [['EVAL', script, '0']]));

  test.each(LEAVE)('%s leaves what one run leaves', (script, args) =>
    compareScript(pair, [
      ['EVAL', script, ...(args.length === 0 ? ['0'] : args)],
      ...LOOKS,
      ['EVAL', script, ...(args.length === 0 ? ['0'] : args)],
      ...LOOKS,
    ]),
  );

  test('functions reach as deep', () =>
    compareScript(pair, [
      ['FUNCTION', 'LOAD', 'REPLACE', LIBRARY],
      ['FCALL', 'deep', '1', 'a key', '10', 'x'],
      ['FCALL', 'deep', '1', 'a key', '15000', 'x'],
      ['FCALL', 'deep', '1', 'a key', '15000', 'x'],
      ['FCALL_RO', 'deeper', '0', '100'],
      ['FCALL_RO', 'deeper', '0', '15000'],
      ['FCALL', 'deeper', '0', '100000'],
      ['FUNCTION', 'STATS'],
      ['FUNCTION', 'LIST'],
    ]));

  test('what a library keeps is changed by one run', async () => {
    const { subject } = pair;
    const client = await RawClient.connect(subject);
    await client.call('FUNCTION', 'LOAD', 'REPLACE', COUNTING);
    const levels = 15_001;
    const reply = (await client.call('FCALL', 'count', '0', String(levels - 1))).toString('latin1');
    const counted = Number((await client.call('FCALL', 'counted', '0')).toString('latin1').slice(1));
    if (reply.includes('stack overflow')) expect(counted).toBeLessThan(levels);
    else expect(counted).toBe(levels);
    await client.call('FUNCTION', 'DELETE', 'counting');
    await client.close();
  });

  test('commands are counted and shown once', async () => {
    await both(async (client) => {
      await client.pipeline([['FLUSHALL'], ['SET', 'k', 'v'], ['CONFIG', 'RESETSTAT']]);
      await client.call('EVAL', READS, '0');
    });
    const [theirs, ours] = await both(async (client) => {
      const info = (await client.call('INFO', 'everything')).toString('latin1');
      return info
        .split('\r\n')
        .filter((line) => /^(cmdstat_(?!info|config)|errorstat_|keyspace_|total_error_replies)/.test(line))
        .map((line) => line.replace(/usec=\d+,usec_per_call=[\d.]+,/, ''))
        .sort();
    });
    expect(ours).toEqual(theirs);
  });

  test('what a monitor sees it sees once', async () => {
    const seen = await Promise.all(
      [pair.oracle, pair.subject].map(async (address) => {
        const [monitor, client] = [await RawClient.connect(address), await RawClient.connect(address)];
        await monitor.call('MONITOR');
        const script =
          "local function f(n) if n>0 then return 1+f(n-1) end return n end redis.call('get','before') f(15000) redis.call('get','after')";
        await client.call('EVAL', script, '0');
        await client.call('ECHO', 'end');
        const lines: string[] = [];
        do lines.push((await monitor.read()).toString('latin1').replace(/^\S+ \[\d+ [^\]]*\]/, ''));
        while (!lines.at(-1)!.includes('end'));
        await monitor.close();
        await client.close();
        return lines;
      }),
    );
    expect(seen[1]).toEqual(seen[0]);
  });

  test('after a write the stack is full where V8 says so, between two commands', async () => {
    const [, ours] = await both(async (client) => {
      const script = `redis.call('flushall') local n=0
        local function f() n=n+1 redis.call('set','k'..n,n) redis.call('zadd','z',n,n) return 1+f() end
        local ok,e=pcall(f) return {n-redis.call('zcard','z'),redis.call('dbsize')-n,e}`;
      const reply = await client.call('EVAL', script, '0');
      return [reply, await client.call('INFO')].map((each) => each.toString('latin1'));
    });
    expect(ours![0]).toMatch(/^\*3\r\n:1\r\n:0\r\n\$29\r\nuser_script:\d: stack overflow\r\n$|^\*3/);
    expect(ours![0]).toContain('stack overflow');
    expect(ours![1]).toContain('internal_errors:0\r\n');
  });
});
