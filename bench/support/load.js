/**
 * Runs load generators as processes of their own, so that their work is not measured as the server's.
 */
import { execFile, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** No load takes longer; one that does has lost its server. */
const LIMIT_MS = 600_000;
const scriptPath = (name) => fileURLToPath(new URL(`../load/${name}.js`, import.meta.url));

/** redis-benchmark with 50 connections; returns the requests per second it saw. */
export async function redisBenchmark(port, args) {
  const { stdout } = await run('redis-benchmark', ['-p', `${port}`, '-c', '50', '--csv', ...args], {
    timeout: 300_000,
  });
  const last = stdout.trim().split('\n').at(-1).split(',');
  return Number(last.at(-7).replaceAll('"', ''));
}

/** redis-benchmark's own latency distribution: the latency in ms below which `percent` of the requests stayed. */
export async function redisBenchmarkPercentile(port, args, percent) {
  const { stdout } = await run('redis-benchmark', ['-p', `${port}`, '-c', '50', ...args], { timeout: 300_000 });
  for (const [, reached, ms] of stdout.matchAll(/^([\d.]+)% <= ([\d.]+) milliseconds/gm)) {
    if (Number(reached) >= percent) return Number(ms);
  }
  throw new Error(`redis-benchmark printed no distribution:\n${stdout.slice(0, 500)}`);
}

/** Runs bench/load/<name>.js with options until it ends by itself; returns what it reports. */
export function runLoad(name, options, limitMs = LIMIT_MS) {
  return startLoad(name, options, limitMs).finished;
}

/** The same, but it can be told to stop; `stop()` returns what it reports. */
export function startLoad(name, options, limitMs = LIMIT_MS) {
  const child = fork(scriptPath(name), [JSON.stringify(options)]);
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const ready = new Promise((resolve, reject) => {
    child.on('message', (message) => message.ready && resolve());
    child.once('exit', () => reject(new Error(`load ${name} ended before it was ready`)));
  });
  ready.catch(() => {});
  const finished = new Promise((resolve, reject) => {
    let report;
    child.on('message', (message) => {
      if (message.report) report = message.report;
    });
    child.once('exit', (code) => {
      process.off('exit', kill);
      if (report === undefined || code !== 0) {
        reject(new Error(`load ${name} ${code === null ? 'did not end by itself' : `ended with code ${code}`}`));
      }
      resolve(report);
    });
  });
  finished.catch(() => {});
  const limit = setTimeout(kill, limitMs);
  child.once('exit', () => clearTimeout(limit));
  return {
    ready,
    finished,
    /** What it tells next. */
    told() {
      return new Promise((resolve, reject) => {
        const listener = (message) => {
          if (message.told === undefined) return;
          child.off('message', listener);
          resolve(message.told);
        };
        child.on('message', listener);
        child.once('exit', () => reject(new Error(`load ${name} ended`)));
      });
    },
    stop() {
      if (child.connected) child.send('stop');
      return finished;
    },
  };
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
