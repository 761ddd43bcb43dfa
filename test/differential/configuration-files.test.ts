/**
 * Configuration files in the shapes that installations have: what redis-server makes of one, directive by directive, is
 * what we make of it. Where redis-server is not installed, they must at least load.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { configFiles } from '../../src/cli/config-files.js';
import { parseCommandLine } from '../../src/config/command-line.js';
import { Config, directiveNamed } from '../../src/config/config.js';
import { COMMAND_LINE, checkRefusals, configurationFile, loadConfigText } from '../../src/config/config-file.js';
import { directiveRows } from '../../src/config/directives.js';
import { readReply } from '../../src/protocol/reply-reader.js';
import { resolveDirectory } from '../../src/server/server-options.js';
import { freePort } from '../support/ports.js';
import { findProgram } from '../support/programs.js';
import { RawClient } from '../support/raw-client.js';

const redisServer = findProgram('redis-server');

let directory: string;
let running: ChildProcess | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'redstart-conf-'));
});

afterEach(() => {
  running?.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

function write(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

/** What must not be as in the file for a test to run it. */
async function overrides(): Promise<{ port: number; args: string[] }> {
  const port = await freePort();
  const fixed = { port: `${port}`, bind: '127.0.0.1', dir: directory, daemonize: 'no', logfile: '', pidfile: '' };
  const args = Object.entries({ ...fixed, unixsocket: '' }).flatMap(([name, value]) => [`--${name}`, value]);
  return { port, args };
}

async function startRedis(file: string | null, args: readonly string[], port: number): Promise<RawClient> {
  running = spawn(redisServer as string, [...(file === null ? [] : [file]), ...args], { cwd: directory });
  let said = '';
  running.stdout?.on('data', (text) => (said += text));
  running.stderr?.on('data', (text) => (said += text));
  for (;;) {
    if (running.exitCode !== null) throw new Error(`redis-server does not take it: ${said}`);
    try {
      return await RawClient.connect({ port });
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

async function valuesOfRedis(file: string | null, args: readonly string[], port: number, password = '') {
  const client = await startRedis(file, args, port);
  if (password !== '') await client.call('AUTH', password);
  const words = readReply(await client.call('CONFIG', 'GET', '*')) as string[];
  await client.close();
  const values: Record<string, string> = {};
  for (let i = 0; i < words.length; i += 2) values[words[i]] = words[i + 1];
  return values;
}

function ourConfig(file: string | null, args: readonly string[]): Config {
  const config = new Config({ resolveDirectory });
  if (file !== null) loadConfigText(config, readFileSync(file, 'utf8'), configurationFile(file), configFiles);
  for (const line of parseCommandLine(args).lines) loadConfigText(config, line, COMMAND_LINE, configFiles);
  checkRefusals(config);
  return config;
}

/** Both make the same of it, for every directive that both know. */
async function compare(file: string | null, args: readonly string[] = [], password = ''): Promise<Config> {
  const { port, args: fixed } = await overrides();
  const all = [...args, ...fixed];
  const before = process.cwd();
  process.chdir(directory);
  try {
    const config = ourConfig(file, all);
    if (redisServer === undefined) return config;
    const theirs = await valuesOfRedis(file, all, port, password);
    const ours = Object.fromEntries(config.match(['*']));
    const shared = Object.keys(theirs).filter((name) => name in ours && !MACHINE.has(name));
    const of = (values: Record<string, string>) => Object.fromEntries(shared.map((name) => [name, values[name]]));
    expect(of(ours)).toEqual(of(theirs));
    return config;
  } finally {
    process.chdir(before);
  }
}

/** Redis 7.0 decides these by the machine, or prints them otherwise than 7.4. */
const MACHINE = new Set(['maxclients', 'jemalloc-bg-thread', 'latency-tracking-info-percentiles']);

describe('files of installations', () => {
  test.runIf(existsSync('/etc/redis/redis.conf'))("Debian's /etc/redis/redis.conf", async () => {
    await compare(write('redis.conf', readFileSync('/etc/redis/redis.conf', 'utf8')), ['--supervised', 'no']);
  });

  test.each(Object.entries(SHAPES()))('%s', async (_, text) => {
    mkdirSync(join(directory, 'conf.d'));
    write('conf.d/20-limits.conf', 'timeout 20\nmaxmemory 64mb\n');
    write('conf.d/10-limits.conf', 'timeout 10\ntcp-keepalive 60\n');
    write('conf.d/.hidden.conf', 'timeout 99\n');
    write('conf.d/notes.txt', 'no configuration at all\n');
    write('users.conf', 'hz 50\n');
    const password = /^\s*requirepass\s+"?([\w ]+)/m.exec(text)?.[1] ?? '';
    await compare(write('redis.conf', text), [], password);
  });

  test.runIf(redisServer !== undefined)('one that redis-server has rewritten, twice over', async () => {
    const file = write('redis.conf', 'maxmemory 100mb\nsave 900 1\n');
    const { port, args } = await overrides();
    const client = await startRedis(file, args, port);
    await client.call('CONFIG', 'SET', 'requirepass', 'with "quotes", ä and \\', 'notify-keyspace-events', 'KEA');
    await client.call(
      'CONFIG',
      'SET',
      'client-output-buffer-limit',
      'pubsub 1mb 2mb 3',
      'shutdown-on-sigint',
      'save now',
    );
    expect((await client.call('CONFIG', 'REWRITE')).toString()).toBe('+OK\r\n');
    await client.close();
    running?.kill('SIGKILL');
    expect(readFileSync(file, 'utf8')).toMatch(/^user default on #[0-9a-f]{64} ~\* &\* \+@all$/m);
    const config = await compare(file, [], 'with "quotes", ä and \\');
    expect(config.get('requirepass')).toBe('with "quotes", ä and \\');
  });
});

test.runIf(redisServer !== undefined)('the same directives can change while the server runs', async () => {
  const { port, args } = await overrides();
  const client = await startRedis(null, [...args, '--enable-protected-configs', 'yes'], port);
  const words = readReply(await client.call('CONFIG', 'GET', '*')) as string[];
  for (let i = 0; i < words.length; i += 2) {
    const name = directiveNamed(words[i]);
    // Of a build without TLS.
    if (name === undefined || name === 'tls-port') continue;
    const reply = (await client.call('CONFIG', 'SET', words[i], words[i + 1])).toString();
    expect(`${name} ${reply.includes("can't set immutable config")}`).toBe(
      `${name} ${directiveRows[name].mutable === false}`,
    );
  }
  await client.close();
});

describe('command lines of containers and scripts', () => {
  test.each<[string[]]>([
    [['--save', '60 1', '--loglevel', 'warning']],
    [['--save', '60', '1', '--save', '300 10', '--appendonly', 'no']],
    [['--save', '', '--appendonly', 'no', '--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru']],
    [['--save', '--rdbcompression', 'no']],
    [['--save 900 1', '--timeout 5']],
    [['--client-output-buffer-limit', 'pubsub 32mb 8mb 60']],
    [['--client-output-buffer-limit', 'normal', '0', '0', '0', '--client-output-buffer-limit', 'replica 1mb 1mb 1']],
    [['--bind', '127.0.0.1 -::1', '--protected-mode', 'no']],
    [['--shutdown-on-sigterm', 'nosave force', '--oom-score-adj-values', '1 2 3']],
    [['--notify-keyspace-events', 'KEA', '--set-proc-title', 'no']],
    [['--slaveof', 'no', 'one', '--REPLICAOF', 'no one']],
    [['--proc-title-template', '--abc', '--masterauth', '--', '--masteruser', '-']],
  ])('%j', async (args) => {
    await compare(null, args);
  });

  test('a password that looks like an option', async () => {
    const config = await compare(null, ['--requirepass', '--abc'], '--abc');
    expect(config.get('requirepass')).toBe('--abc');
  });
});

function SHAPES(): Record<string, string> {
  return {
    'short, of a container':
      'bind 0.0.0.0\nprotected-mode no\nmaxmemory 256mb\nmaxmemory-policy allkeys-lru\nappendonly no\n',
    'with values in quotes': [
      'bind "127.0.0.1 -::1"',
      'save "900 1"',
      'save "300 10 60 10000"',
      'client-output-buffer-limit "pubsub 32mb 8mb 60"',
      "shutdown-on-sigint 'nosave now'",
      'oom-score-adj-values "0 200 800"',
      'dbfilename "dump file.rdb"',
      'notify-keyspace-events ""',
      'maxmemory "1gb"',
      'slowlog-max-len "5"',
      '"timeout" "7"',
    ].join('\n'),
    'of Redis 3, with the old names': [
      'daemonize yes',
      'pidfile /var/run/redis/redis.pid',
      'tcp-backlog 511',
      'slave-serve-stale-data yes',
      'slave-read-only yes',
      'repl-disable-tcp-nodelay no',
      'slave-priority 100',
      'lua-time-limit 5000',
      'hash-max-ziplist-entries 512',
      'hash-max-ziplist-value 64',
      'list-max-ziplist-size -2',
      'zset-max-ziplist-entries 128',
      'client-output-buffer-limit slave 256mb 64mb 60',
      'slaveof no one',
      'save 900 1',
      'save 300 10',
    ].join('\n'),
    'from Windows, with tabs and spaces': '\tport\t7000  \r\n\r\n  # comment\r\nmaxmemory   10MB\r\nsave\t60\t1\r\n',
    'that is hardened': [
      'rename-command CONFIG b840fc02d524045429941cc15f59e41cb7be6c52',
      'rename-command FLUSHALL ""',
      "rename-command FLUSHDB ''",
      'rename-command DEBUG ""',
      'rename-command BGREWRITEAOF ""',
      'rename-command EVAL eval',
      'rename-command KEYS KEYS',
      'rename-command b840fc02d524045429941cc15f59e41cb7be6c52 CONFIG',
      'requirepass secret',
      'enable-debug-command local',
    ].join('\n'),
    'with pieces in a directory':
      'timeout 5\ninclude conf.d/*.conf\ninclude none/*.conf\ndir conf.d\ninclude ../users.conf\n',
    'with a directory before and after': 'dir conf.d\ninclude [12]0-limits.conf\ndir ..\nunixsocket redis.sock\n',
    'of Redis 6, rewritten':
      'requirepass secret\nmaxmemory 1gb\nuser default on #2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b ~* &* +@all\n',
    'with a default user that has no password':
      'user default on nopass sanitize-payload ~* &* +@all\nreplicaof no one\n',
    'with save points taken back': 'save 1 1\nsave ""\nsave 5 5\nsave 6 6\n',
  };
}
