/** How soon others hear of a script that runs too long, and how soon it is ended from a new connection. */
import { callOnce, connect } from '../support/client.js';
import { median } from '../support/histogram.js';
import { sleep } from '../support/load.js';
import { startServer } from '../support/servers.js';

export const title = 'Scripts that run too long';

const THRESHOLD_MS = 200;
const TIMES = 20;
const SCRIPTS = {
  'a loop': 'while true do end',
  'commands in a loop': "while true do redis.call('GET', 'key') end",
};

export async function run({ scale, log }) {
  const times = Math.max(3, Math.round(TIMES * scale));
  const server = await startServer('redstart', ['--busy-reply-threshold', `${THRESHOLD_MS}`]);
  const found = { busy: [], kill: [] };
  try {
    for (const [name, text] of Object.entries(SCRIPTS)) {
      for (let i = 0; i < times; i++) {
        const { busy, kill } = await once(server.port, text);
        log(`${name}: BUSY ${busy.toFixed(1)} ms, SCRIPT KILL ${kill.toFixed(1)} ms`);
        found.busy.push(busy);
        found.kill.push(kill);
      }
    }
  } finally {
    await server.stop();
  }
  return {
    rows: [
      row('BUSY on an existing connection', 50, found.busy),
      row('SCRIPT KILL from a new connection', 250, found.kill),
    ],
    how:
      `A script without an end (${Object.keys(SCRIPTS).join(', ')}), ${times} times each, and a threshold of ` +
      `${THRESHOLD_MS} ms. BUSY: a PING sent 20 ms after the script, from the threshold to its reply. SCRIPT KILL: ` +
      'from when a new connection is asked for, 20 ms after BUSY, to its reply.',
  };
}

function row(what, bar, milliseconds) {
  const worst = Math.max(...milliseconds);
  return {
    what: `${what}, after the threshold`,
    bar: `<= ${bar} ms`,
    measured: `median ${median(milliseconds).toFixed(1)} ms, worst of ${milliseconds.length} ${worst.toFixed(1)} ms`,
    pass: worst <= bar,
  };
}

async function once(port, text) {
  const [runner, other] = [await connect(port), await connect(port)];
  try {
    const began = performance.now();
    const ended = runner.call('EVAL', text, 0).catch((error) => error.message);
    await sleep(20);
    const reply = await other.call('PING').catch((error) => error.message);
    const busy = performance.now() - began - THRESHOLD_MS;
    if (!reply.startsWith('BUSY')) throw new Error(`PING was answered with ${reply}`);
    await sleep(20);
    const asked = performance.now();
    await callOnce(port, 'SCRIPT', 'KILL');
    const kill = performance.now() - asked;
    if (!(await ended).includes('killed by user')) throw new Error(`the script ended with ${await ended}`);
    return { busy, kill };
  } finally {
    runner.close();
    other.close();
  }
}
