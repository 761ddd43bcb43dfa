/**
 * CPU time of one command in process, with the compiled modules of two folders: decoder, engine, reply writer. Several
 * commands are separated by ' ; ' and timed together: 'MULTI ; SET k v ; EXEC'.
 */

import { options, report } from '../support/child.js';
import { encode } from '../support/client.js';

const PIPELINE = 100;
/** What a batch takes, about, and how many there are of each. */
const BATCH_NS = 4e6;
const BATCHES = 250;
const WARM_UP_NS = 1e9;

const runner = new URL('./command-runner.js', import.meta.url);
const folders = options.isBeforeFirst ? ['before', 'after'] : ['after', 'before'];
const runs = {};
// A module of its own for each, so that no code is shared but Node's.
for (const which of folders) {
  const { createRunner } = await import(`${runner}?${which}`);
  runs[which] = await createRunner(options[which]);
}
for (let i = 0; i < options.keys / 10; i++) for (const which of folders) runs[which](pipeline('SET key:{n} xxx'));
for (const which of folders) runs[which](pipeline(options.setup));
// Among many keys each is met rarely, as caches do.
const pipelines = Array.from({ length: Math.max(100, options.keys / 200) }, () => pipeline(options.command));
let next = 0;
for (const which of folders) {
  const errors = runs[which](pipelines[0]);
  if (runs[which](pipelines[0]) > errors) throw new Error(`${options.command}: answered with an error`);
}
const cost = { before: 0, after: 0 };
for (const which of folders) {
  const end = process.hrtime.bigint() + BigInt(WARM_UP_NS);
  while (process.hrtime.bigint() < end) for (let i = 0; i < 10; i++) runs[which](pipelines[i]);
}
for (const which of folders) cost[which] = timed(which, 100) / 100;
const turns = Math.max(1, Math.round(BATCH_NS / Math.max(cost.before, cost.after)));
const times = { before: [], after: [] };
for (let batch = 0; batch < BATCHES; batch++) {
  for (const which of batch % 2 === 0 ? folders : folders.toReversed()) {
    times[which].push(timed(which, turns) / turns / PIPELINE);
  }
}
// Whatever else the machine does only ever adds: the quicker batches tell what the code itself takes.
report({ before: quick(times.before), after: quick(times.after) });

function timed(which, count) {
  const run = runs[which];
  const before = process.hrtime.bigint();
  for (let i = 0; i < count; i++) run(pipelines[next++ % pipelines.length]);
  return Number(process.hrtime.bigint() - before);
}

/** The mean of the quickest fifth, without the very quickest. */
function quick(values) {
  values.sort((a, b) => a - b);
  const chosen = values.slice(Math.floor(values.length / 50), Math.floor(values.length / 5));
  return chosen.reduce((sum, value) => sum + value, 0) / chosen.length;
}

function pipeline(command) {
  const frames = [];
  for (let i = 0; i < PIPELINE; i++) {
    const n = String(Math.floor(Math.random() * options.keys)).padStart(12, '0');
    for (const each of command.split(' ; ')) frames.push(encode(each.split(' ').map((word) => word.replace('{n}', n))));
  }
  return Buffer.concat(frames);
}
