/** CPU of a GET over HTTP: webdis's API beside webdis and the redis-server behind it. */
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connect } from '../support/client.js';
import { median } from '../support/histogram.js';
import { sleep } from '../support/load.js';
import { cpuMicroseconds, findProgram, freePort, startServer } from '../support/servers.js';

export const title = 'Server CPU of a GET over HTTP';

const BAR = 1;
const CONNECTIONS = 50;
const execute = promisify(execFile);

export async function run({ rounds, scale, log }) {
  for (const program of ['wrk', 'webdis']) {
    if (findProgram(program) === undefined) {
      const measured = `${program} is not on PATH`;
      return { rows: [{ what: 'GET of 3 bytes', bar: `<= ${BAR}`, measured, pass: undefined }], how: HOW };
    }
  }
  const seconds = Math.max(1, Math.round(5 * scale));
  const subjects = [await startRedstart(), await startWebdis()];
  const figures = subjects.map(() => []);
  try {
    // The first round warms up, and twice as long: V8 compiles what has run often.
    for (let round = 0; round <= rounds; round++) {
      for (const [index, subject] of subjects.entries()) {
        const each = await measure(subject, round === 0 ? seconds * 2 : seconds);
        if (round > 0) figures[index].push(each);
        log(`${subject.name}: ${each.toFixed(1)} us${round === 0 ? ' (warms up)' : ''}`);
      }
    }
  } finally {
    for (const subject of subjects) await subject.stop();
  }
  const [ours, theirs] = figures.map(median);
  const ratio = ours / theirs;
  return {
    rows: [
      {
        what: 'GET of 3 bytes, 50 connections, keep-alive',
        bar: `<= ${BAR.toFixed(2)} of webdis and redis-server`,
        measured: `${ratio.toFixed(2)} (${ours.toFixed(1)} and ${theirs.toFixed(1)} us)`,
        pass: ratio <= BAR,
      },
    ],
    how: HOW,
  };
}

const HOW =
  'wrk with one thread and 50 connections. utime + stime of all processes that serve (redstart; webdis and ' +
  'redis-server), divided by the requests; median of the rounds after one that warms up.';

async function measure({ url, pids }, seconds) {
  const cpu = () => pids.reduce((sum, pid) => sum + cpuMicroseconds(pid), 0);
  const before = cpu();
  const { stdout } = await execute('wrk', ['-c', `${CONNECTIONS}`, '-t', '1', '-d', `${seconds}`, url]);
  const used = cpu() - before;
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1]);
  if (!(requests > 0) || stdout.includes('Non-2xx')) throw new Error(`wrk did not get its answers:\n${stdout}`);
  return used / requests;
}

async function fill(port) {
  const client = await connect(port);
  await client.call('SET', 'key', 'abc');
  client.close();
}

async function startRedstart() {
  const port = await freePort();
  const server = await startServer('redstart', ['--http-port', `${port}`]);
  await fill(server.port);
  return {
    name: 'redstart',
    url: `http://127.0.0.1:${port}/webdis/GET/key`,
    pids: [server.pid],
    stop: () => server.stop(),
  };
}

async function startWebdis() {
  const server = await startServer('redis-server');
  await fill(server.port);
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), 'bench-webdis-'));
  const file = join(directory, 'webdis.json');
  const settings = { redis_host: '127.0.0.1', redis_port: server.port, http_host: '127.0.0.1', http_port: port };
  writeFileSync(file, JSON.stringify({ ...settings, daemonize: false, verbosity: 0, logfile: join(directory, 'log') }));
  const child = spawn('webdis', [file], { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}/GET/key`;
  for (let tries = 0; tries < 200; tries++) {
    const text = await fetch(url).then(
      (response) => response.text(),
      () => '',
    );
    if (text === '{"GET":"abc"}') break;
    await sleep(20);
  }
  return {
    name: 'webdis',
    url,
    pids: [server.pid, child.pid],
    stop: async () => {
      child.kill('SIGKILL');
      rmSync(directory, { recursive: true, force: true });
      await server.stop();
    },
  };
}
