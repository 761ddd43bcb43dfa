/**
 * A soak of streams: one is written, read by three groups, acknowledged and trimmed, for ten million entries. One
 * reader leaves an entry of each batch to another, which claims it later.
 *
 *   node bench/soak-streams.js [--entries 10000000]
 *
 * Ends with 1 if memory grew (the median of the last fifth of the samples against that of the second fifth), if an
 * entry was not read by each group once, or if the server held a PING for more than 5 ms of its own time, by the CPU
 * time of its main thread meanwhile (load/probe.js), and for longer than the machine itself stops what runs on it. The
 * first entries are not looked at: while V8 compiles the code, 500 commands at once hold a PING for some 20 ms.
 */
import { parseArgs } from 'node:util';
import { connect, infoField } from './support/client.js';
import { machineFloor } from './support/floor.js';
import { median } from './support/histogram.js';
import { sleep, startLoad } from './support/load.js';
import { residentBytes, startServer } from './support/servers.js';

const { values } = parseArgs({ options: { entries: { type: 'string', default: '10000000' } } });
const ENTRIES = Number(values.entries);
const BATCH = 500;
const KEPT = 10_000;
const WARM_UP = 200_000;
const GROUPS = ['mail', 'search', 'audit'];
const SAMPLE_MS = 1000;
const GROWTH_ALLOWED = 1.1;
const STALL_MS = 5;
const MB = 2 ** 20;

const server = await startServer('redstart');
const [writer, observer, ...readers] = await Promise.all([0, 1, ...GROUPS].map(() => connect(server.port)));
for (const group of GROUPS) await writer.call('XGROUP', 'CREATE', 'events', group, 0, 'MKSTREAM');

let written = 0;
const read = GROUPS.map(() => 0);

function write() {
  const calls = [];
  for (let i = 0; i < BATCH; i++, written++) {
    const fields = ['type', 'changed', 'item', `item:${written % 1000}`, 'by', written];
    calls.push(writer.send(['XADD', 'events', 'MAXLEN', '~', KEPT, `${written + 1}-1`, ...fields]));
  }
  return Promise.all(calls);
}

async function consume(at) {
  const client = readers[at];
  const group = GROUPS[at];
  const reply = await client.call('XREADGROUP', 'GROUP', group, 'reader', 'COUNT', BATCH, 'STREAMS', 'events', '>');
  const ids = reply[0][1].map(([id]) => id);
  read[at] += ids.length;
  const acknowledged = at === 0 ? ids.slice(1) : ids;
  await client.send(['XACK', 'events', group, ...acknowledged]);
  if (at > 0) return;
  const [, claimed] = await client.call('XAUTOCLAIM', 'events', group, 'helper', 50, 0, 'COUNT', 100, 'JUSTID');
  if (claimed.length > 0) await client.send(['XACK', 'events', group, ...claimed]);
}

async function writeUntil(count) {
  for (let batch = 1; written < count; batch++) {
    await write();
    await Promise.all(readers.map((_, at) => consume(at)));
    if (batch % 1000 === 0) console.log(`${written} entries, ${(residentBytes(server.pid) / MB).toFixed(0)} MB`);
  }
}

await writeUntil(WARM_UP);
const began = performance.now();
const cpuBefore = server.cpu();
const probe = startLoad(
  'probe',
  { port: server.port, pid: server.pid, pauseMs: 1, connections: [{ name: 'ping', kind: 'ping' }] },
  7_200_000,
);
await probe.ready;
const samples = [];
let isOver = false;
const sampling = (async () => {
  while (!isOver) {
    const data = Number(await infoField(observer, 'used_memory_dataset'));
    samples.push({ data, resident: residentBytes(server.pid) });
    await sleep(SAMPLE_MS);
  }
})();
await writeUntil(WARM_UP + ENTRIES);
isOver = true;
await sampling;
const seconds = (performance.now() - began) / 1000;
const cpu = server.cpu() - cpuBefore;
const { own, longest } = (await probe.stop()).ping;

const fifth = Math.floor(samples.length / 5);
const failures = [];
for (const which of ['data', 'resident']) {
  const of = (some) => median(some.map((sample) => sample[which]));
  const [early, late] = [of(samples.slice(fifth, 2 * fifth)), of(samples.slice(-fifth))];
  console.log(`memory ${which}: ${(early / MB).toFixed(2)} MB early, ${(late / MB).toFixed(2)} MB late`);
  if (!(late <= early * GROWTH_ALLOWED)) failures.push(`memory ${which} grew`);
}
console.log(`${ENTRIES} entries in ${seconds.toFixed(0)} s, ${(cpu / ENTRIES).toFixed(2)} µs of server CPU each`);
const floor = await machineFloor(10);
console.log(
  `longest own time of a PING: ${own.max.toFixed(2)} ms of ${own.count}, 99.9 %: ${own.p999.toFixed(2)} ms; ` +
    `the machine itself: ${floor.max.toFixed(1)} ms`,
);
for (const { ms, own: ownMs, at } of longest)
  console.log(`  ${ms} ms after ${(at / 1000).toFixed(1)} s, own: ${ownMs} ms`);
if (own.max > Math.max(STALL_MS, floor.max)) failures.push('the server stalled');
if (read.some((count) => count !== written)) failures.push(`the groups read ${read.join(', ')} of ${written} entries`);
console.log(failures.length === 0 ? 'no fault' : failures.join('; '));
for (const client of [writer, observer, ...readers]) client.close();
await server.stop();
process.exitCode = failures.length === 0 ? 0 : 1;
