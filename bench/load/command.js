/**
 * CPU time of one command in process, with the compiled modules of a folder: decoder, engine, reply writer. Several
 * commands are separated by ' ; ' and timed together: 'MULTI ; SET k v ; EXEC'.
 */

import { options, report } from '../support/child.js';
import { encode } from '../support/client.js';

const KEYS = 10_000;
const COMMANDS = 2_000_000;
const BATCHES = 40;
const PIPELINE = 100;

const load = (path) => import(`${options.modules}/${path}`);
const { allCommands } = await load('commands/index.js');
const { Client } = await load('engine/client.js');
const { Engine } = await load('engine/engine.js');
const { SeededRandom } = await load('engine/random.js');
// Revisions before data types were registered have none to give.
const { dataTypes } = await load('types/index.js').catch(() => ({}));
const { viewOf } = await load('memory/slice.js');
const { Args } = await load('protocol/args.js');
const { RequestDecoder } = await load('protocol/request-decoder.js');

const engine = new Engine({
  commands: allCommands,
  types: dataTypes,
  clock: { now: Date.now, schedule: () => ({ cancel() {} }) },
  stopwatch: { microseconds: () => performance.now() * 1000 },
  random: new SeededRandom([1, 2, 3, 4]),
  databases: 16,
  onInternalError: (error) => {
    throw error;
  },
});
engine.host = { clients: { connectionOf: () => undefined } };
const timing = engine.timing ?? engine.feature((await load('features/observing/timing.js')).Timing);
const client = new Client(1, { send() {}, unblocked() {}, close() {} }, Date.now(), false);
const decoder = new RequestDecoder({ maxBulkLength: 512 * 1024 * 1024 });
const args = new Args();

function run({ bytes, view }) {
  decoder.feed(bytes, view, bytes.length);
  timing.beginTurn(false);
  while (decoder.next(args)) engine.execute(client, args);
  timing.endTurn();
  decoder.retain();
  engine.reply.clear();
}

function pipeline(command) {
  const frames = [];
  for (let i = 0; i < PIPELINE; i++) {
    const n = String(Math.floor(Math.random() * KEYS)).padStart(12, '0');
    for (const each of command.split(' ; ')) frames.push(encode(each.split(' ').map((word) => word.replace('{n}', n))));
  }
  const bytes = Buffer.concat(frames);
  return { bytes, view: viewOf(bytes) };
}

// Somebody to publish to.
engine.execute(
  new Client(2, { send() {}, unblocked() {}, close() {} }, Date.now()),
  Args.from(['SUBSCRIBE', 'channel']),
);
for (let i = 0; i < KEYS / 10; i++) run(pipeline('SET key:{n} xxx'));
const pipelines = Array.from({ length: 100 }, () => pipeline(options.command));
for (let i = 0; i < 2_000; i++) run(pipelines[i % 100]);
const batches = [];
for (let batch = 0; batch < BATCHES; batch++) {
  const before = process.cpuUsage();
  for (let i = 0; i < COMMANDS / BATCHES / PIPELINE; i++) run(pipelines[i % 100]);
  const { user, system } = process.cpuUsage(before);
  batches.push(((user + system) * 1000 * BATCHES) / COMMANDS);
}
// Whatever else the machine does only ever adds: the quickest tenth of the batches tells what the code itself takes.
batches.sort((a, b) => a - b);
report({ ns: batches[Math.floor(BATCHES / 10)] });
