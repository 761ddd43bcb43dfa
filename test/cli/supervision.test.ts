/** The program in the background and under service managers. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { freePort } from '../support/ports.js';
import { Programs } from '../support/program.js';
import { RawClient } from '../support/raw-client.js';

let programs: Programs;

beforeAll(async () => {
  programs = await Programs.create();
});
beforeEach(() => programs.begin());
afterEach(() => programs.end());

const QUIET = ['--port', '0', '--save', ''];

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test.each([
  ['options', []],
  ['the standard input', ['-']],
])('daemonize yes in %s detaches: the program ends with 0, a server in the background serves', async (_, extra) => {
  const port = await freePort();
  const lines = { port: `${port}`, save: '', daemonize: 'yes', pidfile: 'r.pid', logfile: 'r.log' };
  const asFile = Object.entries(lines).map(([name, value]) => `${name} "${value}"\n`);
  const asOptions = Object.entries(lines).flatMap(([name, value]) => [`--${name}`, value]);
  const program = extra.length > 0 ? programs.start(extra, { input: asFile.join('') }) : programs.start(asOptions);
  expect(await program.exited).toBe(0);
  expect(program.errors).toBe('');
  const pidFile = join(programs.directory, 'r.pid');
  await until(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== '');
  const pid = Number(readFileSync(pidFile, 'utf8'));
  try {
    expect(pid).not.toBe(program.child.pid);
    const client = await RawClient.connect({ port });
    expect((await client.call('INFO', 'server')).toString()).toContain(`process_id:${pid}\r\n`);
    await client.close();
  } finally {
    process.kill(pid, 'SIGTERM');
  }
  await until(() => !existsSync(pidFile));
});

test('daemonize yes with a wrong line is told where it was started', async () => {
  const program = programs.start(['--daemonize', 'yes', '--port', 'many']);
  expect(await program.exited).toBe(1);
  expect(program.errors).toContain("argument couldn't be parsed into an integer");
});

test.each([
  ['supervised', ['--supervised', 'auto'], {}],
  ['pm2', [], { pm_id: '0' }],
  ['supervisord', [], { SUPERVISOR_ENABLED: '1' }],
  ['systemd', [], { NOTIFY_SOCKET: '/nowhere' }],
])('daemonize yes under a manager goes on in the foreground with a warning: %s', async (by, args, environment) => {
  const program = programs.start([...QUIET, '--daemonize', 'yes', ...args], { environment });
  expect(await program.ask('INFO', 'server')).toContain(`process_id:${program.child.pid}\r\n`);
  expect(program.output).toContain(
    `daemonize yes: staying in the foreground, because something looks after this process (${by})`,
  );
});

const separate = ['--pid', '--fork', '--kill-child'];
const hasNamespaces = spawnSync('unshare', [...separate, 'true']).status === 0;

test.runIf(hasNamespaces)('as the first process of a container it stays, serves, and ends on SIGTERM', async () => {
  const program = programs.start([...QUIET, '--daemonize', 'yes'], { before: ['unshare', ...separate] });
  expect(await program.ask('INFO', 'server')).toContain('process_id:1\r\n');
  expect(program.output).toContain('(the first process of a container)');
  await expect(program.ask('SHUTDOWN')).rejects.toThrow('connection closed');
  expect(await program.exited).toBe(0);
});

test.each([['systemd'], ['auto']])('supervised %s tells systemd that it is ready', async (mode) => {
  const told = join(programs.directory, 'told');
  const command = programs.write('systemd-notify', `#!/bin/sh\necho "$NOTIFY_SOCKET $@" > ${told}\n`);
  chmodSync(command, 0o755);
  const environment = { NOTIFY_SOCKET: '/run/notify', PATH: `${programs.directory}:${process.env['PATH']}` };
  const program = programs.start([...QUIET, '--supervised', mode], { environment });
  await program.says('supervised by systemd');
  expect(readFileSync(told, 'utf8')).toBe(
    `/run/notify --pid=${program.child.pid} --ready --status=Ready to accept connections\n`,
  );
});

test('supervised systemd without systemd says so and serves', async () => {
  const program = programs.start([...QUIET, '--supervised', 'systemd']);
  await program.says('systemd supervision requested but NOTIFY_SOCKET not found');
  expect(await program.ask('PING')).toBe('+PONG\r\n');
});

test('supervised upstart stops when it is ready, for upstart to continue it', async () => {
  const program = programs.start([...QUIET, '--supervised', 'upstart'], { environment: { UPSTART_JOB: 'redstart' } });
  await program.says('supervised by upstart, will stop to signal readiness');
  await until(() => /^State:\s+T/m.test(readFileSync(`/proc/${program.child.pid}/status`, 'latin1')));
  program.child.kill('SIGCONT');
  expect(await program.ask('PING')).toBe('+PONG\r\n');
});
