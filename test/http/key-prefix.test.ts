import { beforeEach, describe, expect, test } from 'vitest';
import { allCommands } from '../../src/commands/index.js';
import type { ArgumentDoc, CommandRow } from '../../src/engine/command.js';
import type { CompiledCommand } from '../../src/engine/command-table.js';
import { everyCommand } from '../../src/engine/command-table.js';
import { SeededRandom } from '../../src/engine/random.js';
import { KeyPrefix } from '../../src/http/access/key-prefix.js';
import type { Runner } from '../../src/http/access/plan.js';
import { Args } from '../../src/protocol/args.js';
import { CommandRunner, type Word } from '../support/command-runner.js';

const PREFIX = 'tenant:';

/** Commands within a prefix, beside keys of others. */
class Prefixed {
  readonly redis = new CommandRunner(allCommands);
  readonly prefix: KeyPrefix;

  constructor(prefix = PREFIX) {
    this.prefix = new KeyPrefix(prefix, this.redis.engine.table);
  }

  /** The raw reply, one character a byte. */
  run(...words: Word[]): string {
    const prefixed = this.prefix.apply(Args.from(words));
    switch (prefixed.kind) {
      case 'refuse':
        return prefixed.reply.toString('latin1');
      case 'run':
        return prefixed.finish(this.bytes(prefixed.args)).toString('latin1');
      case 'emulate':
        return prefixed.run(this.runner).toString('latin1');
    }
  }

  line(text: string): string {
    return this.run(...text.split(' '));
  }

  private get runner(): Runner {
    const { client, engine } = this.redis;
    return {
      run: (words, database) => {
        const before = client.databaseIndex;
        client.databaseIndex = database;
        const reply = this.bytes(Args.from(words));
        client.databaseIndex = before;
        return reply;
      },
      database: client.databaseIndex,
      databases: [0, 1, 2],
      protocol: client.protocol,
      random: engine.random,
    };
  }

  private bytes(args: Args): Buffer {
    this.redis.engine.execute(this.redis.client, args);
    return this.redis.engine.reply.take(0);
  }
}

let within: Prefixed;
let redis: CommandRunner;

beforeEach(() => {
  within = new Prefixed();
  redis = within.redis;
});

describe('a prefix before every key', () => {
  test('is put before keys wherever they stand', () => {
    within.line('MSET a 1 b 2');
    expect(redis.line('MGET tenant:a tenant:b a')).toBe('*3\r\n$1\r\n1\r\n$1\r\n2\r\n$-1\r\n');
    within.line('ZADD z 1 x');
    within.line('ZUNIONSTORE out 2 z z');
    within.line('COPY a c');
    expect(redis.line('EXISTS tenant:out tenant:c out c')).toBe(':2\r\n');
    expect(within.line('OBJECT REFCOUNT a')).toMatch(/^:\d/);
    const debug = within.prefix.apply(Args.from(['DEBUG', 'object', 'a']));
    expect(debug.kind === 'run' && debug.args.text(2)).toBe('tenant:a');
  });

  test('is taken off where replies name keys', () => {
    within.line('RPUSH list a b c d');
    within.line('ZADD zset 1 x 2 y 3 z');
    within.line('XADD stream 1-1 f v');
    expect(within.line('BLPOP list 0')).toBe('*2\r\n$4\r\nlist\r\n$1\r\na\r\n');
    expect(within.line('LMPOP 2 none list LEFT')).toBe('*2\r\n$4\r\nlist\r\n*1\r\n$1\r\nb\r\n');
    expect(within.line('BLMPOP 0 1 list RIGHT')).toBe('*2\r\n$4\r\nlist\r\n*1\r\n$1\r\nd\r\n');
    expect(within.line('BZPOPMIN zset 0')).toBe('*3\r\n$4\r\nzset\r\n$1\r\nx\r\n$1\r\n1\r\n');
    expect(within.line('ZMPOP 1 zset MIN')).toBe('*2\r\n$4\r\nzset\r\n*1\r\n*2\r\n$1\r\ny\r\n$1\r\n2\r\n');
    const entries = '$6\r\nstream\r\n*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n';
    expect(within.line('XREAD STREAMS stream 0')).toBe(`*1\r\n*2\r\n${entries}`);
    redis.client.protocol = 3;
    expect(within.line('XREAD STREAMS stream 0')).toBe(`%1\r\n${entries}`);
    expect(within.line('XREAD STREAMS stream 9')).toBe('_\r\n');
  });

  test('is taken off the keys that errors name', () => {
    expect(within.line('XREADGROUP GROUP g c STREAMS s >')).toBe(
      "-NOGROUP No such key 's' or consumer group 'g' in XREADGROUP with GROUP option\r\n",
    );
  });

  test('holds for KEYS and SCAN, whose patterns mean the rest', () => {
    redis.line('MSET a 1 tenant:a 2 tenant:b 3 tenants 4');
    expect(within.line('KEYS a')).toBe('*1\r\n$1\r\na\r\n');
    expect(within.line('KEYS *').match(/\w\r\n/g)).toHaveLength(5);
    expect(within.line('SCAN 0 MATCH b COUNT 100')).toBe('*2\r\n$1\r\n0\r\n*1\r\n$1\r\nb\r\n');
    expect(
      within
        .line('SCAN 0 COUNT 100')
        .split('\r\n')
        .filter((line) => /^[ab]$/.test(line)),
    ).toHaveLength(2);
    expect(within.line('SCAN 0 TYPE list')).toBe('*2\r\n$1\r\n0\r\n*0\r\n');
    expect(within.line('SCAN 0 MATCH')).toBe('-ERR syntax error\r\n');
    expect(within.line('SCAN x')).toBe('-ERR invalid cursor\r\n');
  });

  test('may hold bytes that mean something in patterns', () => {
    for (const prefix of ['*', '?x', '[a]', '\\', 'a*[^b-c]?\\', '^-']) {
      const odd = new Prefixed(prefix);
      odd.redis.run('MSET', 'other', '1', 'axx', '2', `${prefix}k`, '3', 'a', '4');
      expect(odd.line('KEYS *'), prefix).toBe('*1\r\n$1\r\nk\r\n');
      expect(odd.line('SCAN 0'), prefix).toBe('*2\r\n$1\r\n0\r\n*1\r\n$1\r\nk\r\n');
      expect(odd.line('DBSIZE'), prefix).toBe(':1\r\n');
      expect(odd.line('RANDOMKEY'), prefix).toBe('$1\r\nk\r\n');
      expect(odd.line('FLUSHDB'), prefix).toBe('+OK\r\n');
      expect(odd.redis.line('DBSIZE'), prefix).toBe(':3\r\n');
    }
  });

  test('a cursor is not taken for a key', () => {
    const digit = new Prefixed('1');
    for (let i = 0; i < 20; i++) digit.line(`SET k${i} v`);
    expect(digit.line('SCAN 0 COUNT 3')).toMatch(/^\*2\r\n\$2\r\n17\r\n\*3/);
  });

  test('SORT reads and writes within it', () => {
    redis.line('MSET w_1 3 w_2 2 tenant:w_1 1 tenant:w_2 9');
    within.line('RPUSH list 2 1');
    expect(within.line('SORT list BY w_* GET w_* GET #')).toBe('*4\r\n$1\r\n1\r\n$1\r\n1\r\n$1\r\n9\r\n$1\r\n2\r\n');
    expect(within.line('SORT list BY nosort')).toBe('*2\r\n$1\r\n2\r\n$1\r\n1\r\n');
    within.line('SORT list STORE x STORE y');
    expect(redis.line('EXISTS x y tenant:x tenant:y')).toBe(':1\r\n');
    expect(new Prefixed('a*').line('SORT list BY w_*')).toMatch(/^-NOPERM/);
  });

  test('where a key specification tells less than the command does', () => {
    within.line('GEOADD g 1 1 m');
    within.line('GEORADIUS g 1 1 9 m STORE a STORE b');
    within.line('GEORADIUSBYMEMBER g m 9 m STOREDIST c STORE store STOREDIST d');
    expect(redis.line('EXISTS a b c d store')).toBe(':0\r\n');
    expect(redis.line('EXISTS tenant:b tenant:d')).toBe(':2\r\n');
    within.line('XGROUP CREATE s STREAMS 0 MKSTREAM');
    within.line('XADD s 1-1 f v');
    expect(within.line('XREADGROUP COUNT 1 GROUP STREAMS c STREAMS s >')).toMatch(/^\*1\r\n\*2\r\n\$1\r\ns\r\n/);
  });

  test('DBSIZE, RANDOMKEY, FLUSHDB and FLUSHALL see nothing else', () => {
    redis.line('MSET a 1 b 2');
    expect(within.line('DBSIZE')).toBe(':0\r\n');
    expect(within.line('RANDOMKEY')).toBe('$-1\r\n');
    for (let i = 0; i < 2500; i++) redis.engineOnly(`SET k${i} v`);
    within.line('MSET x 1 y 2');
    expect(within.line('DBSIZE')).toBe(':2\r\n');
    const seen = new Set<string>();
    for (let i = 0; i < 30; i++) seen.add(within.line('RANDOMKEY'));
    expect([...seen].sort()).toEqual(['$1\r\nx\r\n', '$1\r\ny\r\n']);
    redis.line('SELECT 2');
    within.line('SET z 1');
    redis.line('SET z 1');
    expect(within.line('FLUSHDB ASYNC')).toBe('+OK\r\n');
    expect(redis.line('DBSIZE')).toBe(':1\r\n');
    redis.line('SELECT 1');
    expect(within.line('FLUSHALL NOW')).toBe('-ERR syntax error\r\n');
    expect(within.line('FLUSHALL')).toBe('+OK\r\n');
    redis.line('SELECT 0');
    expect(redis.line('DBSIZE')).toBe(':2502\r\n');
    redis.client.protocol = 3;
    expect(within.line('RANDOMKEY')).toBe('_\r\n');
  });

  test('commands keep their names for it when they are renamed', () => {
    redis.engine.table.rename('scan', 'walk');
    redis.engine.table.rename('unlink', 'away');
    within.line('MSET x 1 y 2');
    expect(within.line('DBSIZE')).toBe(':2\r\n');
    within.line('FLUSHDB');
    expect(within.line('DBSIZE')).toBe(':0\r\n');
  });

  test('what the engine refuses, it refuses as always', () => {
    expect(within.line('NONE a')).toMatch(/^-ERR unknown command 'NONE'/);
    expect(within.line('GET')).toBe("-ERR wrong number of arguments for 'get' command\r\n");
    expect(within.line('OBJECT WHAT a')).toMatch(/^-ERR unknown subcommand/);
    expect(within.line('MSET a 1 b')).toBe("-ERR wrong number of arguments for 'mset' command\r\n");
    expect(within.line('ZUNION x a')).toBe('-ERR value is not an integer or out of range\r\n');
    expect(within.line('ZUNION 5 a')).toBe('-ERR syntax error\r\n');
    expect(within.line('LMPOP 0 a LEFT')).toBe('-ERR numkeys should be greater than 0\r\n');
  });
});

/** Commands that are refused, whole groups of them by their group. */
const REFUSED = new Set([
  ...['auth', 'hello', 'client', 'client|kill', 'client|list', 'client|no-evict', 'client|reply', 'client|pause'],
  ...[
    'client|unpause',
    'client|unblock',
    'pfselftest',
    'acl|list',
    'acl|whoami',
    'acl|cat',
    'acl|users',
    'acl|getuser',
  ],
  ...['config|get', 'config|set', 'config|resetstat', 'config|rewrite', 'swapdb', 'debug', 'info'],
  ...['latency|doctor', 'latency|graph', 'latency|history', 'latency|latest', 'latency|reset', 'latency|histogram'],
  ...['memory|doctor', 'memory|malloc-stats', 'memory|purge', 'memory|stats', 'monitor', 'save', 'bgsave'],
  ...['shutdown', 'slowlog|get', 'slowlog|len', 'slowlog|reset'],
]);
/** Their replies depend on where in the database a key happens to be, on memory, or on what else is there. */
const INCOMPARABLE = [
  'randomkey',
  'srandmember',
  'hrandfield',
  'zrandmember',
  'scan',
  'keys',
  'memory|usage',
  'debug',
  'client|id',
  'client|info',
  'lolwut',
];
const OUTSIDE = ['a', 'b', 'other:a', 'tenant', 'tenants:a', 'tenant:'.slice(0, -1)];

describe('every row of the command table', () => {
  const commands = [...everyCommand(new Prefixed().redis.engine.table)].filter(({ run }) => run !== undefined);

  test('has keys, is known to reach none, or is refused', () => {
    const refused = commands
      .filter((command) => within.prefix.apply(leastArguments(command)).kind === 'refuse')
      .filter(({ row }) => row.group !== 'scripting' && row.group !== 'pubsub')
      .map(({ fullName }) => fullName);
    expect(refused.filter((name) => !REFUSED.has(name))).toEqual([]);
  });

  test('scripts, functions and channels are refused', () => {
    for (const command of commands) {
      const { group, name } = command.row;
      if ((group !== 'scripting' && group !== 'pubsub') || name === 'help') continue;
      const prefixed = within.prefix.apply(leastArguments(command));
      expect(prefixed.kind, command.fullName).toBe('refuse');
    }
  });

  // The same commands run alone on an engine of their own: there they must answer the same.
  test.each([1, 2, 3, 4])('reaches nothing outside, and answers as if it were alone (seed %i)', (seed) => {
    const random = new SeededRandom([seed, 2, 3, 4]);
    const alone = new CommandRunner(allCommands);
    const protocol = seed % 2 === 0 ? 3 : 2;
    alone.client.protocol = protocol;
    redis.client.protocol = protocol;
    const outside = seedOutside(redis);
    for (let round = 0; round < 12; round++) {
      for (const command of commands) {
        const { fullName } = command;
        if (['spop', 'quit', 'reset', 'select', 'multi', 'flushall', 'move', 'wait', 'waitaof'].includes(fullName))
          continue;
        const words = generated(command, random);
        const reply = within.run(...words);
        const shown = words.join(' ');
        expect(reply, shown).not.toContain('SECRET');
        if (!shown.includes(PREFIX)) expect(reply, shown).not.toContain(PREFIX);
        if (within.prefix.apply(Args.from(words)).kind === 'refuse' || INCOMPARABLE.includes(fullName)) continue;
        alone.engine.execute(alone.client, Args.from(words));
        const expected = alone.engine.reply.take(0).toString('latin1');
        if (isSame(reply, expected)) continue;
        expect(reply, shown).toBe(expected);
      }
      expect(outsideOf(redis), `round ${round}`).toEqual(outside);
    }
    expect(redis.engine.keyspace.hits).toBeGreaterThan(500);
  });
});

/** Sets and hashes come in an order that depends on the keys, and COPY's effects on sizes. */
function isSame(one: string, other: string): boolean {
  return one === other || (one[0] === other[0] && [...one].sort().join('') === [...other].sort().join(''));
}

function seedOutside(redis: CommandRunner): string[] {
  for (const [i, key] of OUTSIDE.entries()) redis.run('SET', key, `SECRET${i}`);
  redis.run('RPUSH', 'c', 'SECRET', 'SECRET2');
  redis.run('SADD', 'd', 'SECRET');
  redis.run('HSET', 'e', 'SECRET', 'SECRET');
  redis.run('ZADD', 'f', '1', 'SECRET');
  redis.run('XADD', 'g', '1-1', 'SECRET', 'SECRET');
  return outsideOf(redis);
}

function outsideOf(redis: CommandRunner): string[] {
  const all = redis
    .line('KEYS *')
    .split('\r\n')
    .filter((line) => /^[^*$]/.test(line) && !line.startsWith(PREFIX));
  return all.sort().map((key) => `${key} ${redis.run('TYPE', key)} ${redis.run('DUMP', key)}`);
}

function leastArguments({ fullName, arity }: CompiledCommand): Args {
  const words = fullName.split('|');
  while (words.length < Math.abs(arity)) words.push('1');
  return Args.from(words);
}

// ---- Random arguments, by the row's own description of them

const KEYS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'other:a', 'tenant:a', ''];
const WORDS = [
  'a',
  'b',
  '1',
  '2',
  '-1',
  'x*',
  '*',
  'STORE',
  'STREAMS',
  'GET',
  'a->b',
  'MATCH',
  '$',
  '>',
  '0-0',
  '3.5',
  '',
];

function generated(command: CompiledCommand, random: SeededRandom): string[] {
  const { row, fullName } = command;
  const words = fullName.split('|');
  for (const argument of row.arguments ?? []) append(argument, words, random);
  const least = Math.abs(row.arity);
  while (words.length < least) words.push(pick(WORDS, random));
  // Now and then, what no documentation tells.
  if (random.below(8) === 0) words.splice(1 + random.below(words.length), 0, pick(WORDS, random));
  if (random.below(8) === 0)
    words.push(pick(['STORE', 'STOREDIST', 'BY', 'GET', 'STREAMS'], random), pick(KEYS, random));
  if (random.below(16) === 0) words.splice(1 + random.below(words.length), 1);
  if (row.arguments === undefined || random.below(20) === 0) words.push(pick(KEYS, random));
  return words;
}

function append(argument: ArgumentDoc, words: string[], random: SeededRandom): void {
  if (argument.optional === true && random.below(5) < 2) return;
  const times = argument.multiple === true ? 1 + random.below(3) : 1;
  if (argument.type !== 'pure-token' && argument.token !== undefined && argument.multipleToken !== true) {
    words.push(argument.token);
  }
  for (let i = 0; i < times; i++) {
    if (argument.token !== undefined && argument.multipleToken === true) words.push(argument.token);
    appendOne(argument, words, random);
  }
}

function appendOne({ type, token, arguments: parts = [] }: ArgumentDoc, words: string[], random: SeededRandom): void {
  switch (type) {
    case 'pure-token':
      words.push(token as string);
      break;
    case 'block':
      for (const part of parts) append(part, words, random);
      break;
    case 'oneof':
      append({ ...pick(parts, random), optional: false }, words, random);
      break;
    case 'key':
      words.push(pick(KEYS, random));
      break;
    case 'integer':
    case 'unix-time':
      words.push(String(random.below(4)));
      break;
    case 'double':
      words.push(pick(['0', '1', '2.5', '0.1'], random));
      break;
    default:
      words.push(pick(WORDS, random));
  }
}

function pick<T>(list: readonly T[], random: SeededRandom): T {
  return list[random.below(list.length)];
}

/** A row that nobody has thought of yet. */
test('a command of a kind that is not known is refused', () => {
  const row: CommandRow = {
    name: 'future',
    summary: '',
    group: 'generic',
    complexity: 'O(1)',
    arity: -1,
    flags: [],
    run: (call) => call.reply.ok(),
  };
  const runner = new CommandRunner([...allCommands, row]);
  const prefix = new KeyPrefix('p', runner.engine.table);
  expect(prefix.apply(Args.from(['future', 'a'])).kind).toBe('refuse');
});
