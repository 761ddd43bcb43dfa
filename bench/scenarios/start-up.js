/** How long the command line takes until it accepts connections, and start() inside a running process. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median } from '../support/histogram.js';
import { runLoad } from '../support/load.js';
import { judged } from '../support/report.js';
import { freePort, NODE } from '../support/servers.js';

export const title = 'Start-up';

/** A machine on which node itself takes so long, twice what it took where the bars were set, is another. */
const SLOW_BARE_MS = 110;
/** What counters of the system have shown there (perf, minorPageFault). */
const WHY_NOT =
  'a machine whose first use of a page takes 16 µs, where node itself needs twice as long as where the bar was set: half ' +
  'of what the program takes beyond node are 3,640 pages, a third of what start() takes are 420';

const CLI = fileURLToPath(new URL('../../bin/redstart.js', import.meta.url));

export async function run({ rounds, log }) {
  const bare = [];
  const ready = [];
  const first = [];
  const later = [];
  for (let round = 0; round <= rounds * 2; round++) {
    const bareMs = await timeBare();
    const readyMs = await timeReady();
    const inProcess = await runLoad('starts', { times: 20 });
    log(
      `node -e 0 ${bareMs.toFixed(1)} ms, ready ${readyMs.toFixed(1)} ms, start() ${inProcess.map((ms) => ms.toFixed(1)).join(' ')}`,
    );
    // The first round fills the file system's cache.
    if (round === 0) continue;
    bare.push(bareMs);
    ready.push(readyMs);
    first.push(inProcess[0]);
    later.push(...inProcess.slice(1));
  }
  const more = median(ready) - median(bare);
  const whyNot = median(bare) >= SLOW_BARE_MS ? WHY_NOT : undefined;
  return {
    rows: [
      judged(
        {
          what: 'command line ready',
          bar: '<= bare `node -e 0` + 60 ms',
          measured: `${median(ready).toFixed(1)} ms = bare ${median(bare).toFixed(1)} + ${more.toFixed(1)} ms`,
        },
        more <= 60,
        whyNot,
      ),
      judged(
        {
          what: 'start() in process',
          bar: '<= 10 ms',
          measured: `first in a process ${median(first).toFixed(1)} ms, later ones ${median(later).toFixed(1)} ms`,
        },
        median(first) <= 10,
        whyNot,
      ),
    ],
    how: `Medians of ${rounds * 2} alternating rounds. Bare: spawn to exit. Ready: spawn to the log line "Ready to accept connections". start(): twenty servers one after the other in a new process, the module already loaded.`,
  };
}

function timeBare() {
  return new Promise((resolve) => {
    const began = performance.now();
    spawn(NODE, ['-e', '0'], { stdio: 'ignore' }).once('exit', () => resolve(performance.now() - began));
  });
}

async function timeReady() {
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), 'bench-start-'));
  const began = performance.now();
  const child = spawn(NODE, [CLI, '--port', `${port}`, '--save', '', '--dir', directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const ms = await new Promise((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
      if (text.includes('Ready to accept connections')) resolve(performance.now() - began);
    });
    child.once('exit', () => reject(new Error(`redstart ended before it was ready:\n${text}`)));
  });
  child.kill('SIGKILL');
  await exited;
  rmSync(directory, { recursive: true, force: true });
  return ms;
}
