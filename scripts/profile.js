/**
 * `npm run profile -- 'GET key:{n}'`: where the time of a command goes. Runs it for some seconds through the library's
 * own engine and sockets, and prints the functions that took most of it. `{n}` is a number below 100,000 that changes
 * with every call.
 *
 *     npm run profile -- 'LPUSH list:{n} value' --seconds 5 --setup 'SET key:{n} value'
 *
 * The profile stays in .tmp/, for Chrome's developer tools or `npx speedscope`.
 */
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { connect } from 'node:net';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { RedisServer } from '../dist/index.js';

const KEYS = 100_000;
const BATCH = 100;
const WARM_UP_MS = 1000;
const ROWS = 30;
const SAMPLING_MICROSECONDS = 100;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '3' }, setup: { type: 'string', multiple: true, default: [] } },
});
const [command] = positionals;
if (command === undefined) {
  console.error("Which command? As in: npm run profile -- 'GET key:{n}' --setup 'SET key:{n} value'");
  process.exit(1);
}

const server = await RedisServer.start({ port: 0 });
const socket = connect(server.port, server.host);
await once(socket, 'connect');
for (const line of values.setup) await runAll(line);

await runFor(command, WARM_UP_MS);
const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.setSamplingInterval', { interval: SAMPLING_MICROSECONDS });
await session.post('Profiler.start');
const { calls, elapsedMs } = await runFor(command, Number(values.seconds) * 1000);
const { profile } = await session.post('Profiler.stop');
socket.destroy();
await server.stop();

const nanoseconds = ((elapsedMs * 1e6) / calls).toFixed(0);
console.log(`${calls} calls, ${nanoseconds} ns each with the client's share, ${BATCH} in a pipeline`);
printTable(profile);
mkdirSync('.tmp', { recursive: true });
const file = `.tmp/${command.split(' ')[0].toLowerCase()}.cpuprofile`;
writeFileSync(file, JSON.stringify(profile));
console.log(`\nThe whole profile: ${file}`);

/** The line for every number, once. */
async function runAll(line) {
  for (let n = 0; n < KEYS; n += BATCH) await send(line, n);
}

async function runFor(line, ms) {
  const start = performance.now();
  let calls = 0;
  while (performance.now() - start < ms) {
    await send(line, calls % KEYS);
    calls += BATCH;
  }
  return { calls, elapsedMs: performance.now() - start };
}

/** A pipeline of inline requests, with an ECHO behind them that tells when all are answered. */
async function send(line, from) {
  let text = '';
  for (let n = from; n < from + BATCH; n++) text += `${line.replaceAll('{n}', String(n))}\r\n`;
  const mark = `profile-${from}`;
  socket.write(`${text}ECHO ${mark}\r\n`);
  let tail = '';
  for (;;) {
    const [bytes] = await once(socket, 'data');
    tail = (tail + bytes.toString('latin1')).slice(-mark.length - 2);
    if (tail === `${mark}\r\n`) return;
  }
}

function printTable({ nodes, samples, timeDeltas }) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const own = new Map();
  let total = 0;
  samples.forEach((id, index) => {
    const { functionName, url, lineNumber } = byId.get(id).callFrame;
    const place = url === '' ? '' : ` ${basename(url)}:${lineNumber + 1}`;
    const name = `${functionName || '(anonymous)'}${place}`;
    own.set(name, (own.get(name) ?? 0) + timeDeltas[index]);
    total += timeDeltas[index];
  });
  const rows = [...own].sort(([, a], [, b]) => b - a).slice(0, ROWS);
  for (const [name, time] of rows) console.log(`${((time / total) * 100).toFixed(1).padStart(5)} %  ${name}`);
}
