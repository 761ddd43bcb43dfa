/** A script that runs too long: what others are told, and how it ends. */
import { setPriority } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWithOracle, Oracle } from '../support/oracle.js';
import { PATIENCE_MS } from '../support/patience.js';
import { type Program, Programs } from '../support/program.js';
import { type Address, type Command, RawClient } from '../support/raw-client.js';

const MEANWHILE: Command[] = [
  ['PING'],
  ['GET', 'a'],
  ['NOPE'],
  ['GET'],
  ['INFO'],
  ['CLIENT', 'ID'],
  ['AUTH', 'x'],
  ['RESET'],
  ['MULTI'],
  ['GET', 'a'],
  ['DISCARD'],
  ['WATCH', 'a'],
  ['FUNCTION', 'KILL'],
  ['FUNCTION', 'STATS'],
  ['SHUTDOWN'],
  ['SHUTDOWN', 'SAVE'],
  ['SCRIPT', 'EXISTS', 'a'],
  ['SUBSCRIBE', 'a'],
  ['EVAL', 'return 1', 0],
  ['EXEC'],
];

/** All that a script can hide in, each without an end. */
const ENDLESS: Record<string, string> = {
  'the main text': 'while true do end',
  'pcall that swallows': 'while true do pcall(function() while true do end end) end',
  'pcall in pcall': 'local function f() while true do pcall(f) end end f()',
  'a handler of xpcall': "xpcall(function() error('x') end, function() while true do end end)",
  gsub: "string.gsub('x', 'x', function() while true do end end)",
  sort: 'table.sort({3,2,1}, function() while true do end end)',
  __index: 'local t=setmetatable({},{__index=function() while true do end end}) return t.x',
  __tostring: 'return tostring(setmetatable({},{__tostring=function() while true do end end}))',
  'an iterator': 'for i in function() return 1 end do end',
  'tail calls': 'local function f() return f() end return f()',
  repeat: 'repeat until false',
  'recursion that is caught': 'local function f() f() end while true do pcall(f) end',
  commands: "while true do redis.call('get','x') end",
  'commands that fail': "while true do pcall(redis.call,'nope') end",
  loadstring: "loadstring('while true do end')()",
  "load's reader": 'load(function() while true do end end)',
  foreach: 'table.foreach({1}, function() while true do end end)',
  'a pattern': "string.find(string.rep('a',40), string.rep('a?',40)..string.rep('a',40)..'b')",
};

/** Functions that native code calls: they can't stop for the event loop, and only who is connected is answered. */
const CALLED_BY_NATIVE_CODE = [
  'a handler of xpcall',
  'gsub',
  'sort',
  '__index',
  '__tostring',
  "load's reader",
  'foreach',
  'a pattern',
];

const THRESHOLD = ['--busy-reply-threshold', '10'];
/** Long enough for a script to be busy. */
const BUSY_MS = 50;
/** What computes until it is told to end should not keep other tests from their work. */
const BEHIND_OTHERS = 5;
/** Two servers that compute without an end leave little of a machine that has other work. */
const TIMEOUT = { timeoutMs: 4 * PATIENCE_MS };

describeWithOracle('a busy server', () => {
  let oracle: Oracle;
  let programs: Programs;
  let program: Program;
  let pair: { readonly oracle: Address; readonly subject: Address };

  beforeAll(async () => {
    oracle = await Oracle.start(...THRESHOLD);
    // In a process of its own: it answers nobody by the event loop that this test waits on.
    programs = await Programs.create();
    programs.begin();
    program = programs.start(['--port', '0', '--save', '', ...THRESHOLD]);
    pair = { oracle: { port: oracle.port }, subject: { port: await program.ready() } };
    for (const pid of [oracle.pid, program.child.pid!]) setPriority(pid, BEHIND_OTHERS);
  });

  afterAll(async () => {
    await programs?.end();
    await oracle?.stop();
  });

  /** A connection that the server has accepted: until then it waits for the event loop, which most scripts keep. */
  async function connected(address: Address): Promise<RawClient> {
    const client = await RawClient.connect(address, TIMEOUT);
    await client.call('PING');
    return client;
  }

  /** A command of the turn in which the script begins may be answered as if there were none. */
  async function untilBusy(client: RawClient): Promise<void> {
    while (!(await client.call('PING')).includes('BUSY'));
  }

  /** The replies to commands while another connection's runs, and that one's reply. */
  async function during(address: Address, running: Command, commands: readonly Command[]): Promise<string[]> {
    const [script, other] = [await connected(address), await connected(address)];
    const reply = script.call(...running);
    await untilBusy(other);
    // In one piece: a script that is busy looks for commands now and then.
    const replies = (await other.pipeline(commands)).map((each) => each.toString('latin1'));
    replies.push((await reply).toString('latin1').replace(/:\d+\.\r\n/, ':a line.\r\n'));
    // Both go on as before.
    for (const client of [script, other]) replies.push((await client.call('PING')).toString('latin1'));
    await script.close();
    await other.close();
    return replies;
  }

  async function compared(running: Command, commands: readonly Command[]): Promise<void> {
    await alike((address) => during(address, running, commands));
  }

  /** Both servers at a time: what they do here is mostly to wait until they are busy. */
  async function alike(repliesOf: (address: Address) => Promise<string[]>): Promise<void> {
    const [theirs, ours] = await Promise.all([repliesOf(pair.oracle), repliesOf(pair.subject)]);
    expect(ours).toEqual(theirs);
  }

  test('answers what needs no data, and refuses the rest', () =>
    compared(['EVAL', 'while true do end', 0], [...MEANWHILE, ['SCRIPT', 'KILL']]));

  test('a function is killed by FUNCTION KILL', async () => {
    for (const address of [pair.oracle, pair.subject]) {
      const client = await RawClient.connect(address);
      await client.call(
        'FUNCTION',
        'LOAD',
        'REPLACE',
        '#!lua name=l\nredis.register_function("f",function() while true do redis.call("get","x") end end)',
      );
      await client.close();
    }
    await compared(['FCALL', 'f', 0], [['PING'], ['SCRIPT', 'KILL'], ['FUNCTION', 'KILL']]);
  });

  test('one that has written is not killed', () =>
    compared(
      ['EVAL', "redis.call('set','x',1) for i=1,2e6 do redis.call('get','x') end return 5", 0],
      [
        ['SCRIPT', 'KILL'],
        ['FUNCTION', 'KILL'],
      ],
    ));

  test('a transaction is refused as a whole', () =>
    compared(['EVAL', 'while true do end', 0], [['MULTI'], ['SET', 'a', 1], ['EXEC'], ['SCRIPT', 'KILL']]));

  test('a reply of the turn in which a script begins leaves before it ends', async () => {
    const [script, other] = [await connected(pair.subject), await connected(pair.subject)];
    // What is written meanwhile is read in one turn.
    program.child.kill('SIGSTOP');
    const reply = other.call('ECHO', 'before');
    const killed = script.call('EVAL', 'while true do end', 0);
    program.child.kill('SIGCONT');
    expect((await reply).toString()).toBe('$6\r\nbefore\r\n');
    await untilBusy(other);
    expect((await other.call('SCRIPT', 'KILL')).toString()).toBe('+OK\r\n');
    expect((await killed).toString()).toContain('Script killed by user');
    await script.close();
    await other.close();
  });

  test('what is pipelined behind the script runs after it', async () => {
    const [script, other] = [await connected(pair.subject), await connected(pair.subject)];
    const replies = script.pipeline([
      ['SET', 'p', 1],
      ['EVAL', 'while true do end', 0],
      ['INCR', 'p'],
    ]);
    await untilBusy(other);
    expect((await other.call('SCRIPT', 'KILL')).toString()).toBe('+OK\r\n');
    expect((await replies).at(-1)!.toString()).toBe(':2\r\n');
    await script.close();
    await other.close();
  });

  /** What connections are told that come while a script runs, and its reply. */
  async function withNewcomers(address: Address, script: string, commands: readonly Command[]): Promise<string[]> {
    const client = await RawClient.connect(address, TIMEOUT);
    const reply = client.call('EVAL', script, '0');
    await new Promise((resolve) => setTimeout(resolve, BUSY_MS));
    const replies: string[] = [];
    for (const command of commands) {
      const newcomer = await RawClient.connect(address, TIMEOUT);
      replies.push((await newcomer.call(...command)).toString('latin1'));
      await newcomer.close();
    }
    replies.push((await reply).toString('latin1').replace(/on .*:\d+\.\r\n/, 'on a line.\r\n'));
    replies.push((await client.call('PING')).toString('latin1'));
    await client.close();
    return replies;
  }

  test.each(Object.entries(ENDLESS).filter(([name]) => !CALLED_BY_NATIVE_CODE.includes(name)))(
    'who connects while %s runs is told so, and can kill it',
    (_, script) => alike((address) => withNewcomers(address, script, [['PING'], ['GET', 'a'], ['SCRIPT', 'KILL']])),
  );

  test('a coroutine that runs too long at the end of a function does, too', () => {
    const script = 'local c=coroutine.wrap(function() coroutine.yield() end) c() while true do end';
    return alike((address) => withNewcomers(address, script, [['PING'], ['SCRIPT', 'KILL']]));
  });

  test('a script that stops for who connects ends as if it had not', async () => {
    const script = `local seen={redis.call('dbsize'),redis.call('exists','soon'),redis.call('pttl','soon')}
      local sum=0
      for i=1,150000000 do sum=sum+i%7 end
      seen[4]=redis.call('exists','soon') seen[5]=redis.call('dbsize') seen[3]=seen[3]-redis.call('pttl','soon')
      seen[6]=sum
      redis.call('rpush','awaited','x') return seen`;
    const [waiter, client] = [await connected(pair.subject), await connected(pair.subject)];
    await client.pipeline([['FLUSHALL'], ['SET', 'soon', 'gone', 'PX', '400'], ['SET', 'b', '2']]);
    const awaited = waiter.call('BLPOP', 'awaited', '0');
    const replies = await withNewcomers(pair.subject, script, [['PING']]);
    expect(replies[0]).toContain('BUSY');
    expect(replies[1]).toMatch(/^\*6\r\n:2\r\n:1\r\n:0\r\n:1\r\n:2\r\n:\d+\r\n$/);
    expect((await awaited).toString()).toBe('*2\r\n$7\r\nawaited\r\n$1\r\nx\r\n');
    expect((await client.call('EXISTS', 'soon')).toString()).toBe(':0\r\n');
    await waiter.close();
    await client.close();
  });

  test.each(Object.entries(ENDLESS))('a kill passes through %s', async (_, script) => {
    const replies = await during(
      pair.subject,
      ['EVAL', script, 0],
      [
        ['GET', 'a'],
        ['SCRIPT', 'KILL'],
      ],
    );
    expect(replies[0]).toContain('BUSY');
    expect(replies[1]).toBe('+OK\r\n');
    expect(replies[2]).toContain('Script killed by user with SCRIPT KILL');
    expect(replies.slice(3)).toEqual(['+PONG\r\n', '+PONG\r\n']);
  });
});
