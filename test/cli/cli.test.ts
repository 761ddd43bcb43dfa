/** The program in a process of its own: its arguments, log, signals and exit codes. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { REDIS_VERSION, REDSTART_VERSION } from '../../src/version.js';
import { type Program, Programs } from '../support/program.js';
import { RawClient } from '../support/raw-client.js';
import { until } from '../support/until.js';

let programs: Programs;
let directory: string;

beforeAll(async () => {
  programs = await Programs.create();
});
beforeEach(() => {
  programs.begin();
  directory = programs.directory;
});
afterEach(() => programs.end());

function run(args: readonly string[], input?: string): Program {
  return programs.start(args, input === undefined ? {} : { input });
}

function messagesOf({ output }: Program): string[] {
  const lines = output.trim().split('\n');
  return lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
}

describe('the command line', () => {
  test.each(['-v', '--version'])('%s prints the versions', async (option) => {
    const program = run([option]);
    expect(await program.exited).toBe(0);
    expect(program.output).toMatch(`Redis server v=${REDIS_VERSION} redstart=${REDSTART_VERSION} node=`);
  });

  test.each(['-h', '--help'])('%s prints how to use it', async (option) => {
    const program = run([option]);
    expect(await program.exited).toBe(0);
    expect(program.output).toMatch('Usage: redstart [/path/to/redis.conf | -] [--directive value...]');
  });

  test('takes a file, the standard input and options, the latter ones winning', async () => {
    const file = programs.write('redis.conf', 'port 0\nsave ""\ntimeout 1\nactiverehashing no\nmaxclients 11\n');
    const program = run([file, '--maxclients', '33', '-'], 'timeout 2\nmaxclients 22\n');
    expect(await program.ask('CONFIG', 'GET', 'timeout')).toBe('*2\r\n$7\r\ntimeout\r\n$1\r\n2\r\n');
    expect(await program.ask('CONFIG', 'GET', 'maxclients')).toBe('*2\r\n$10\r\nmaxclients\r\n$2\r\n33\r\n');
    expect(await program.ask('INFO', 'server')).toContain(`config_file:${file}\r\n`);
    expect(messagesOf(program)).toContain('Directives without effect in redstart: activerehashing');
  });

  test('a wrong line ends it with file, line and reason', async () => {
    const file = programs.write('redis.conf', 'port 0\n\n  maxclients many\n');
    const program = run([file]);
    expect(await program.exited).toBe(1);
    expect(program.errors).toBe(
      `\n*** FATAL CONFIG FILE ERROR (redstart ${REDSTART_VERSION}, Redis ${REDIS_VERSION}) ***\n` +
        `Reading the configuration file ${file}, at line 3\n>>> 'maxclients many'\n` +
        "argument couldn't be parsed into an integer\n",
    );
  });

  test.each([
    [['--port', '0', '--nonsense', '1'], 'Reading the command line\n>>> \'nonsense "1"\'\nBad directive'],
    [['missing.conf'], "can't open config file '.*missing.conf': No such file or directory"],
    [['--dir', '/no/such/place'], 'No such file or directory'],
    [['--appendonly', 'yes'], 'not supported by redstart: there is no append-only file yet'],
    [['--port', '0', '--logfile', '/no/such/place/log'], "Can't open the log file '/no/such/place/log': No such file"],
  ])('%j ends it with the reason', async (args, reason) => {
    const program = run(args);
    expect(await program.exited).toBe(1);
    expect(program.errors).toMatch(new RegExp(reason));
  });

  test('a wrong line of the standard input is reported as such', async () => {
    const program = run(['-'], 'port zero\n');
    expect(await program.exited).toBe(1);
    expect(program.errors).toContain("Reading the standard input, at line 1\n>>> 'port zero'\n");
  });

  describe('a port that is taken', () => {
    let other: Server;

    afterEach(() => other.close());

    test('ends it with a clear message', async () => {
      other = createServer();
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
      const { port } = other.address() as { port: number };
      const program = run(['--bind', '127.0.0.1', '--port', String(port)]);
      expect(await program.exited).toBe(1);
      expect(program.errors).toBe(`Could not listen on 127.0.0.1:${port}: Address already in use\n`);
    });
  });
});

describe('the log', () => {
  test('goes to a file as JSON lines, and says when connections are accepted', async () => {
    const log = join(directory, 'redis.log');
    const program = run(['--port', '0', '--save', '', '--logfile', log]);
    while (!existsSync(log) || !readFileSync(log, 'utf8').includes('Ready to accept connections')) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await program.signal('SIGTERM')).toBe(0);
    expect(program.output).toBe('');
    const lines = readFileSync(log, 'utf8').trim().split('\n');
    expect(JSON.parse(lines.at(-1) as string)).toMatchObject({
      level: 30,
      pid: program.child.pid,
      msg: 'redstart is now ready to exit, bye bye...',
    });
  });

  test('goes on in a new file when its own was moved away', async () => {
    const log = join(directory, 'server.log');
    const program = run(['--port', '0', '--save', '', '--logfile', log, '--unixsocket', join(directory, 'socket')]);
    await until(() => existsSync(log) && readFileSync(log, 'utf8').includes('unix on'));
    renameSync(log, `${log}.1`);
    await program.signal('SIGTERM');
    expect(readFileSync(log, 'utf8')).toContain('bye bye');
    expect(readFileSync(`${log}.1`, 'utf8')).not.toContain('bye bye');
  });

  test('loglevel warning leaves out the ordinary, also when it changes', async () => {
    const program = run(['--port', '0', '--save', '']);
    expect(await program.ask('CONFIG', 'SET', 'loglevel', 'warning')).toBe('+OK\r\n');
    expect(await program.signal('SIGTERM')).toBe(0);
    expect(program.output).not.toContain('bye bye');
  });
});

describe('the format of the log', () => {
  test.each([
    ['redis', /^\d+:M \d\d \w{3} \d{4} \d\d:\d\d:\d\d\.\d{3} \* Ready to accept connections tcp on port \d+$/m],
    ['json', /^\{"level":30,"time":\d+,"pid":\d+,.*"msg":"Ready to accept connections tcp on port \d+"\}$/m],
    ['pretty', /^\d\d:\d\d:\d\d\.\d{3} notice {2}Ready to accept connections tcp on port \d+$/m],
  ])('%s can be chosen', async (format, line) => {
    const program = run(['--port', '0', '--save', '', '--log-format', format]);
    await program.ready();
    expect(program.output).toMatch(line);
  });

  test('another one is an error', async () => {
    const program = run(['--log-format', 'xml']);
    expect(await program.exited).toBe(1);
    expect(program.errors).toBe('--log-format takes one of: redis, json, pretty\n');
  });

  test('loglevel nothing logs nothing', async () => {
    const socket = join(directory, 's');
    const program = run(['--port', '0', '--unixsocket', socket, '--save', '', '--loglevel', 'nothing']);
    while (!existsSync(socket)) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await program.signal('SIGTERM')).toBe(0);
    expect(program.output).toBe('');
  });
});

describe('files that belong to the server', () => {
  test('count from dir, wherever its line stands', async () => {
    mkdirSync(join(directory, 'data'));
    const file = programs.write('redis.conf', 'unixsocket s.sock\nlogfile r.log\ndir data\npidfile r.pid\nport 0\n');
    const program = run([file]);
    const data = join(directory, 'data');
    while (!existsSync(join(data, 'r.log')) || !readFileSync(join(data, 'r.log'), 'utf8').includes('Ready')) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const client = await RawClient.connect({ path: join(data, 's.sock') });
    expect((await client.call('CONFIG', 'GET', 'unixsocket')).toString()).toContain('$6\r\ns.sock\r\n');
    await client.close();
    while (!existsSync(join(data, 'r.pid'))) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await program.signal('SIGTERM')).toBe(0);
  });

  test('a file to include that is not there is told with file and line', async () => {
    const file = programs.write('redis.conf', 'port 0\ninclude nosuch.conf\n');
    const program = run([file]);
    expect(await program.exited).toBe(1);
    expect(program.errors).toContain(
      `Reading the configuration file ${file}, at line 2\n>>> 'include nosuch.conf'\n` +
        `can't open config file '${join(realpathSync(directory), 'nosuch.conf')}': No such file or directory\n`,
    );
  });
});

describe('rename-command', () => {
  test('renames commands and takes them away', async () => {
    const file = programs.write(
      'redis.conf',
      'port 0\nsave ""\nrename-command CONFIG cfg\nrename-command FLUSHALL ""\nrename-command GET Fetch\nrename-command MULTI "be gin"\n',
    );
    const program = run([file]);
    expect(await program.ask('FLUSHALL')).toBe("-ERR unknown command 'FLUSHALL', with args beginning with: \r\n");
    expect(await program.ask('config', 'get', 'port')).toMatch(/^-ERR unknown command 'config'/);
    expect(await program.ask('CFG', 'GET', 'port')).toBe('*2\r\n$4\r\nport\r\n$1\r\n0\r\n');
    expect(await program.ask('CFG', 'GET')).toBe("-ERR wrong number of arguments for 'config|get' command\r\n");
    expect(await program.ask('cfg', 'nosuch')).toBe("-ERR unknown subcommand 'nosuch'. Try CFG HELP.\r\n");
    expect(await program.ask('SET', 'k', 'v')).toBe('+OK\r\n');
    expect(await program.ask('GET', 'k')).toMatch(/^-ERR unknown command 'GET'/);
    expect(await program.ask('FETCH', 'k')).toBe('$1\r\nv\r\n');
    expect(await program.ask('fetch')).toBe("-ERR wrong number of arguments for 'get' command\r\n");
    expect(await program.ask('be gin')).toBe('+OK\r\n');
    expect(await program.ask('COMMAND', 'INFO', 'get')).toBe('*1\r\n$-1\r\n');
    expect(await program.ask('COMMAND', 'INFO', 'fetch')).toMatch(/^\*1\r\n\*10\r\n\$3\r\nget\r\n/);
  });
});

describe('the end', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)('%s saves if there are save points', async (signal) => {
    const program = run(['--port', '0', '--save', '3600', '1']);
    await program.ask('SET', 'k', 'v');
    expect(await program.signal(signal)).toBe(0);
    expect(existsSync(join(directory, 'dump.rdb'))).toBe(true);
    const next = run(['--port', '0']);
    expect(await next.ask('GET', 'k')).toBe('$1\r\nv\r\n');
  });

  test.each([[['--save', '']], [['--shutdown-on-sigterm', 'nosave']]])(
    'SIGTERM with %j saves nothing',
    async (args) => {
      const program = run(['--port', '0', ...args]);
      await program.ask('SET', 'k', 'v');
      expect(await program.signal('SIGTERM')).toBe(0);
      expect(existsSync(join(directory, 'dump.rdb'))).toBe(false);
    },
  );

  test('SHUTDOWN closes connections without a reply and exits with 0', async () => {
    const program = run(['--port', '0']);
    const client = await program.client();
    await expect(client.call('SHUTDOWN', 'NOSAVE')).rejects.toThrow('connection closed');
    expect(await program.exited).toBe(0);
  });

  test('a signal does not end a server whose data could not be saved, unless that is forced', async () => {
    const program = run(['--port', '0', '--save', '3600', '1', '--enable-protected-configs', 'yes']);
    await program.ask('SET', 'k', 'v');
    const gone = mkdtempSync(join(tmpdir(), 'redstart-gone-'));
    await program.ask('CONFIG', 'SET', 'dir', gone);
    rmSync(gone, { recursive: true });
    program.child.kill('SIGTERM');
    while (!program.output.includes("can't exit"))
      await new Promise((resolve) => program.child.stdout?.once('data', resolve));
    expect(await program.ask('GET', 'k')).toBe('$1\r\nv\r\n');
    await program.ask('CONFIG', 'SET', 'shutdown-on-sigterm', 'force');
    expect(await program.signal('SIGTERM')).toBe(0);
  });

  test('the pid file is there while it runs', async () => {
    const file = join(directory, 'redstart.pid');
    const program = run(['--port', '0', '--save', '', '--pidfile', file]);
    await program.ask('PING');
    expect(readFileSync(file, 'utf8')).toBe(`${program.child.pid}\n`);
    expect(await program.signal('SIGTERM')).toBe(0);
    expect(existsSync(file)).toBe(false);
  });
});

describe('CONFIG REWRITE', () => {
  test('writes what has changed into the file it was started with', async () => {
    const file = programs.write('redis.conf', '# mine\nport 0\nsave ""\ntimeout 5\n');
    const leftover = programs.write(`.redstart-${spawnSync('true').pid}-1.conf`, 'begun by one that was killed');
    const program = run([file]);
    await program.ask('CONFIG', 'SET', 'timeout', '6', 'maxclients', '77');
    expect(await program.ask('CONFIG', 'REWRITE')).toBe('+OK\r\n');
    expect(readFileSync(file, 'utf8')).toBe(
      '# mine\nport 0\nsave ""\ntimeout 6\n# Generated by CONFIG REWRITE\nmaxclients 77\n',
    );
    expect(existsSync(leftover)).toBe(false);
  });

  test('without a file it is an error', async () => {
    const program = run(['--port', '0', '--save', '']);
    expect(await program.ask('CONFIG', 'REWRITE')).toBe('-ERR The server is running without a config file\r\n');
  });
});
