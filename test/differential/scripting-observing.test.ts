/** What others see of scripts: statistics, SLOWLOG, MONITOR, keyspace events, propagation. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { allCommands } from '../../src/commands/index.js';
import { CommandRunner } from '../support/command-runner.js';
import { describeWithOracle, Oracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import { type Command, RawClient } from '../support/raw-client.js';
import { elementsOf, textOf } from '../support/reply-text.js';

const SCRIPTS = [
  "return redis.call('incr','l')",
  "return redis.pcall('incr','l')",
  "local e=redis.pcall('incr','l') return 1",
  "local e=pcall(redis.call,'incr','l') return 1",
  "local e=redis.pcall('nope') return 1",
  "local e=redis.pcall('get') return 1",
  "return redis.call('get')",
  "return redis.call('subscribe','a')",
  'return redis.call()',
  "error('x')",
  "error({err='MY x'})",
  "return redis.error_reply('MY x')",
  "return {1,{err='MY x'},{err='MY y'}}",
  "local e=redis.pcall('incr','l') e.err='OTHER x' return e",
  "local e=redis.pcall('incr','l') return {err=e.err}",
  "local e=redis.pcall('incr','l') error(e)",
  "local e=redis.pcall('incr','l') error(e.err)",
  'return (',
  "redis.call('object','encoding','l') redis.call('get','x') redis.call('set','x',1)",
  "redis.call('client','id')",
];

/** What INFO counts of commands and errors. */
function countsOf(info: string): string[] {
  return info
    .split('\r\n')
    .filter((line) => /^(cmdstat_|errorstat_)/.test(line) && !/cmdstat_(info|config)/.test(line))
    .map((line) => line.replace(/usec=\d+,usec_per_call=[\d.]+,/, ''))
    .sort();
}

describeWithOracle('scripts are seen as in redis-server', () => {
  let pair: Pair;
  let clients: RawClient[];

  beforeAll(async () => {
    pair = await startPair();
    clients = await Promise.all([RawClient.connect(pair.oracle), RawClient.connect(pair.subject)]);
  });

  afterAll(async () => {
    for (const client of clients) await client.close();
    await pair?.stop();
  });

  const both = <T>(of: (client: RawClient) => Promise<T>) => Promise.all(clients.map(of));

  test.each(SCRIPTS)('INFO counts %s', async (script) => {
    const [theirs, ours] = await both(async (client) => {
      await client.pipeline([['FLUSHALL'], ['LPUSH', 'l', 1], ['CONFIG', 'RESETSTAT'], ['EVAL', script, 0]]);
      return countsOf((await client.call('INFO', 'everything')).toString('latin1'));
    });
    expect(ours).toEqual(theirs);
  });

  test('SLOWLOG keeps what a script calls, from nowhere', async () => {
    const [theirs, ours] = await both(async (client) => {
      await client.pipeline([
        ['CONFIG', 'SET', 'slowlog-log-slower-than', 0],
        ['SLOWLOG', 'RESET'],
        ['EVAL', "redis.call('get','x') redis.pcall('client','id') return redis.call('set','x','y')", 1, 'a', 'b'],
        ['CONFIG', 'SET', 'slowlog-log-slower-than', 10_000],
      ]);
      const entries = elementsOf(await client.call('SLOWLOG', 'GET'))!;
      return entries.map((entry) => {
        const [, , , args, address, name] = elementsOf(entry)!;
        return [elementsOf(args!)!.map(textOf).join(' '), textOf(address!) === '?:0', textOf(name!)];
      });
    });
    expect(ours).toEqual(theirs);
  });

  test('MONITOR shows a script, then what it calls', async () => {
    const [theirs, ours] = await both(async (client) => {
      const monitor = await RawClient.connect(client === clients[0] ? pair.oracle : pair.subject);
      await monitor.call('MONITOR');
      await client.pipeline([
        ['EVAL', "redis.call('get','x') redis.pcall('client','id') redis.call('select',2) return 1", 1, 'a', 'b'],
        ['EVAL', 'return (', 0],
        ['EVAL', 'return 1', 'x'],
        ['MULTI'],
        ['EVAL', "return redis.call('get','a')", 0],
        ['EXEC'],
        ['PING'],
      ]);
      const lines: string[] = [];
      while (!lines.at(-1)?.includes('PING')) lines.push((await monitor.read()).toString('latin1'));
      await monitor.close();
      return lines.map((line) => line.replace(/^\+\S+ /, '').replace(/127\.0\.0\.1:\d+/, 'client'));
    });
    expect(ours).toEqual(theirs);
  });

  test('EVAL forgets its scripts, and INFO tells how many there are', async () => {
    const [, ours] = clients as [RawClient, RawClient];
    await ours.pipeline([
      ['SCRIPT', 'FLUSH'],
      ['SCRIPT', 'LOAD', 'return 0'],
      ['CONFIG', 'RESETSTAT'],
    ]);
    await ours.pipeline(Array.from({ length: 600 }, (_, i): Command => ['EVAL', `return ${i + 1}`, 0]));
    const info = (await ours.call('INFO', 'everything')).toString('latin1');
    expect(info).toContain('number_of_cached_scripts:501\r\n');
    expect(info).toContain('evicted_scripts:100\r\n');
    expect((await ours.call('EVALSHA', '06b1a6ba5bf5bb7d9e2dd2ee2b02c8a9e4e5c9ff', 0)).toString()).toContain(
      'NOSCRIPT',
    );
  });
});

const PROPAGATED = [
  "redis.call('set','a',1)",
  "redis.call('set','a',1) redis.call('incr','a')",
  "redis.call('get','a')",
  "redis.call('set','a',1) error('x')",
  "redis.call('select',3) redis.call('set','b',1) redis.call('select',0) redis.call('set','c',1)",
  "redis.call('expire','a',100) redis.call('getdel','c')",
  "redis.set_repl(redis.REPL_NONE) redis.call('set','n',1) redis.set_repl(redis.REPL_ALL) redis.call('set','m',1)",
  "redis.call('lpush','l',1,2,3) redis.call('spop','nope') redis.call('lpop','l')",
];

describeWithOracle('scripts are propagated as in redis-server', () => {
  let oracle: Oracle;
  let client: RawClient;
  const ours = new CommandRunner(allCommands);

  beforeAll(async () => {
    oracle = await Oracle.start('--appendonly', 'yes', '--appendfsync', 'no', '--notify-keyspace-events', 'KEA');
    client = await RawClient.connect(oracle);
  });

  afterAll(async () => {
    await client?.close();
    await oracle?.stop();
  });

  /** Commands in the append-only file, but for SELECT and the time of expiry. */
  function propagated(): string[] {
    const directory = join(oracle.directory, 'appendonlydir');
    const name = readdirSync(directory).find((each) => each.endsWith('.incr.aof'))!;
    const words = readFileSync(join(directory, name), 'latin1').split(/\r\n/);
    const commands: string[] = [];
    for (let at = 0; at < words.length - 1; ) {
      const count = Number(words[at]!.slice(1));
      const command = Array.from({ length: count }, (_, i) => words[at + 2 + 2 * i]!);
      at += 1 + 2 * count;
      commands.push(shown(command));
    }
    return commands.filter((command) => !command.startsWith('select '));
  }

  function shown([name, ...rest]: string[]): string {
    return [name!.toLowerCase(), ...rest.map((word) => (/^\d{13}$/.test(word) ? 'a time' : word))].join(' ');
  }

  test.each(PROPAGATED)('%s', async (script) => {
    const before = propagated().length;
    await client.call('EVAL', script, 0);
    ours.takeEffects();
    ours.run('EVAL', script, 0);
    const effects = ours.takeEffects().map(shown);
    expect(effects).toEqual(propagated().slice(before));
  });
});
