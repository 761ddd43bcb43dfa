/** What signals do to the program, compared with redis-server where it lets data go on living. */
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { Programs } from '../support/program.js';

let programs: Programs;

beforeAll(async () => {
  programs = await Programs.create();
});
beforeEach(() => programs.begin());
afterEach(() => programs.end());

const QUIET = ['--port', '0', '--save', ''];

test.each(['SIGHUP', 'SIGPIPE', 'SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGCONT', 'SIGWINCH'] as const)(
  '%s ends nothing and opens nothing',
  async (signal) => {
    const program = programs.start(QUIET);
    await program.ask('SET', 'k', 'v');
    program.child.kill(signal);
    expect(await program.ask('GET', 'k')).toBe('$1\r\nv\r\n');
    expect(program.errors).toBe('');
  },
);

test('SIGUSR1 opens no debugger', async () => {
  const program = programs.start(QUIET);
  await program.ready();
  program.child.kill('SIGUSR1');
  await program.ask('PING');
  const refused = await new Promise<string>((resolve) => {
    const socket = connect(9229, '127.0.0.1');
    socket.once('connect', () => resolve('somebody listens'));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
  });
  expect(refused).toBe('ECONNREFUSED');
});

test('a terminal or pipe that goes away does not end it', async () => {
  const program = programs.start([...QUIET, '--loglevel', 'debug']);
  const port = await program.ready();
  program.child.stdout?.destroy();
  program.child.stderr?.destroy();
  program.child.kill('SIGHUP');
  for (let i = 0; i < 3; i++) {
    const client = await program.client(port);
    expect((await client.call('CONFIG', 'SET', 'bind', '1.2.3.4')).toString()).toMatch(/^-ERR CONFIG SET failed/);
    await client.close();
  }
});

test.each([
  ['save', '', true],
  ['save now', '', true],
  ['nosave', '3600 1', false],
  ['nosave force', '3600 1', false],
  ['now', '3600 1', true],
  ['now', '', false],
  ['force', '3600 1', true],
  ['default', '3600 1', true],
  ['default', '', false],
])('SIGTERM with shutdown-on-sigterm %s and save "%s" saves: %s', async (flags, save, isSaved) => {
  const program = programs.start(['--port', '0', '--save', save, '--shutdown-on-sigterm', ...flags.split(' ')]);
  await program.ask('SET', 'k', 'v');
  expect(await program.signal('SIGTERM')).toBe(0);
  expect(existsSync(join(programs.directory, 'dump.rdb'))).toBe(isSaved);
});

test('save beside nosave is refused', async () => {
  const program = programs.start(['--shutdown-on-sigterm', 'save nosave']);
  expect(await program.exited).toBe(1);
  expect(program.errors).toContain("shutdown options SAVE and NOSAVE can't be used simultaneously");
});
