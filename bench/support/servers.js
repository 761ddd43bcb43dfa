/**
 * Starts the servers under test, each alone in a temporary directory, and reads what the kernel knows about them.
 */
import { execFileSync, spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect } from './client.js';

// Who is asked to end does at exit what ends the servers, too.
process.once('SIGTERM', () => process.exit(1));

const CLI = fileURLToPath(new URL('../../bin/redstart.js', import.meta.url));
const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** The Node that runs redstart: BENCH_NODE, or the one that runs this. */
export const NODE = process.env.BENCH_NODE ?? process.execPath;

export function findProgram(name) {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {
      // not in this folder
    }
  }
  return undefined;
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** The servers to compare: redstart, redis-server, and valkey-server when it is installed. */
export function contestants() {
  return ['redstart', 'redis-server', 'valkey-server'].filter((name) => name === 'redstart' || findProgram(name));
}

/** Total CPU time of a process, all its threads and both modes, in microseconds. */
export function cpuMicroseconds(pid) {
  return modes(pid).reduce((sum, time) => sum + time);
}

/** The part of it that the kernel took. */
function kernelMicroseconds(pid) {
  return modes(pid)[1];
}

function modes(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the program's name in parentheses and may hold blanks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 13).map((ticks) => (Number(ticks) / TICKS_PER_SECOND) * 1e6);
}

/** Resident memory of a process in bytes. */
export function residentBytes(pid) {
  const line = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line[1]) * 1024;
}

/**
 * Starts a server and waits until it answers PING. `name` is one of `contestants()`; `settings` are further
 * command-line directives.
 */
export async function startServer(name, settings = []) {
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), `bench-${name}-`));
  const directives = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', directory, '--save', '', ...settings];
  const [program, before] = name === 'redstart' ? [NODE, [CLI]] : [findProgram(name), ['--daemonize', 'no']];
  if (program === undefined) throw new Error(`${name} is not on PATH`);
  // redis-server takes the directives behind `--daemonize no`, redstart behind its own file.
  const args = name === 'redstart' ? [...before, ...directives] : [...directives, ...before];
  const log = [];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.on('data', (chunk) => log.length < 200 && log.push(chunk));
  child.stderr.on('data', (chunk) => log.length < 200 && log.push(chunk));
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  await untilReady(port, child, () => `${name} does not start:\n${Buffer.concat(log)}`);
  return {
    name,
    port,
    pid: child.pid,
    directory,
    cpu: () => cpuMicroseconds(child.pid),
    kernelCpu: () => kernelMicroseconds(child.pid),
    rss: () => residentBytes(child.pid),
    async stop() {
      process.off('exit', kill);
      kill();
      await exited;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Waits until a server that was started answers PING. */
export async function untilReady(port, child, message) {
  const deadline = Date.now() + 30_000;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) throw new Error(message());
    try {
      const client = await connect(port);
      const reply = await client.call('PING');
      client.close();
      if (reply === 'PONG') return;
    } catch {
      // not listening yet
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** What a server says about itself, as one line of a report. */
export async function versionOf(name) {
  if (name === 'redstart') {
    const version = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;
    return `redstart ${version} on Node ${execFileSync(NODE, ['--version'], { encoding: 'utf8' }).trim()}`;
  }
  const text = execFileSync(findProgram(name), ['--version'], { encoding: 'utf8' });
  return `${name} ${/v=(\S+)/.exec(text)[1]}`;
}
