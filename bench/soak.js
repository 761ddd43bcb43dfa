/**
 * A soak: one server at `maxmemory` and near its limit of descriptors, with saves, changing data, and hostile clients
 * at once.
 *
 *   node bench/soak.js [--minutes 30] [--seed 1]
 *
 * Ends with 1 if the server died, logged an internal error or a fault, stopped answering, or if its memory grew: the
 * median of the last fifth of the samples of RSS is compared with that of the second fifth.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { connect, encode } from './support/client.js';
import { cpuMicroseconds, freePort, residentBytes, untilReady } from './support/servers.js';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '30' }, seed: { type: 'string', default: '1' } },
});
const END = Date.now() + Number(values.minutes) * 60_000;
const DESCRIPTORS = 400;
const SAMPLE_MS = 5_000;
const GROWTH_ALLOWED = 1.1;
/**
 * A PING is late when the server has computed for so long meanwhile, and lost when so much time has passed: on a busy
 * machine neither of the two processes may have had a processor for seconds.
 */
const LATE_CPU_MS = 2_000;
const LOST_MS = 120_000;
const SLOW_MS = 100;

let state = Number(values.seed) | 0;
/** A number below `limit`, from the seed. */
function below(limit) {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
  return Math.floor(((state >>> 8) / 2 ** 24) * limit);
}
const pick = (list) => list[below(list.length)];
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const isOver = () => Date.now() > END;

const port = await freePort();
const directory = mkdtempSync(join(tmpdir(), 'soak-'));
const program = fileURLToPath(new URL('../bin/redstart.js', import.meta.url));
const directives = ['--port', port, '--dir', directory, '--maxmemory', '64mb', '--maxmemory-policy', 'allkeys-lru'];
const watch = ['--latency-monitor-threshold', SLOW_MS, '--slowlog-log-slower-than', SLOW_MS * 1000];
const limits = ['--client-output-buffer-limit', 'normal 8mb 4mb 10', '--maxmemory-clients', '64mb', '--save', ''];
const command = ['exec', process.execPath, program, ...directives, ...watch, ...limits].map((word) => `'${word}'`);
command[0] = 'exec';
const server = spawn('bash', ['-c', `ulimit -n ${DESCRIPTORS}; ${command.join(' ')}`], {
  stdio: ['ignore', 'pipe', 'pipe'],
});
const log = [];
for (const stream of [server.stdout, server.stderr]) {
  stream.on('data', (chunk) =>
    log.push(
      ...chunk
        .toString()
        .split('\n')
        .filter((line) => /error|fault|stack/i.test(line)),
    ),
  );
}
const exited = new Promise((resolve) => server.once('exit', (code, signal) => resolve(signal ?? code)));
process.once('exit', () => server.kill('SIGKILL'));

const counts = { commands: 0, errors: 0, closed: 0, saves: 0, hostile: 0 };

const key = () => `key:${below(20_000)}`;
const text = () => 'x'.repeat(below(10) === 0 ? below(20_000) : below(200));
const COMMANDS = [
  () => ['SET', key(), text()],
  () => ['SET', key(), text(), 'PX', 1 + below(20_000)],
  () => ['GET', key()],
  () => ['DEL', key(), key()],
  () => ['INCR', `n:${below(100)}`],
  () => ['APPEND', key(), text()],
  () => ['SETRANGE', key(), below(100_000), text()],
  () => ['SETBIT', key(), below(1_000_000), below(2)],
  () => ['LPUSH', `list:${below(500)}`, text(), text()],
  () => ['RPOP', `list:${below(500)}`],
  () => ['LRANGE', `list:${below(500)}`, 0, 20],
  () => ['LTRIM', `list:${below(500)}`, 0, 500],
  () => ['EXPIRE', key(), below(30)],
  () => ['RENAME', key(), key()],
  () => ['COPY', key(), key(), 'REPLACE'],
  () => ['SORT', `list:${below(500)}`, 'ALPHA', 'STORE', `list:${below(500)}`],
  () => ['PUBLISH', `channel:${below(10)}`, text()],
  () => ['SCAN', below(1000)],
  () => ['INFO'],
  () => ['CLIENT', 'LIST'],
  () => ['OBJECT', 'ENCODING', key()],
  () => ['EVAL', 'return 1', 0],
  () => ['EVAL', "return redis.call('SET', KEYS[1], string.rep('x', ARGV[1]))", 1, key(), below(20_000)],
  () => ['EVAL', `local t = {} for i = 1, ${below(5000)} do t[i] = {i} end return #t`, 0],
  () => ['HSET', `hash:${below(500)}`, `f${below(300)}`, text()],
  () => ['SADD', `set:${below(500)}`, `m${below(300)}`],
  () => ['ZADD', `zset:${below(500)}`, below(1000), `m${below(300)}`],
  () => ['ZPOPMIN', `zset:${below(500)}`],
  () => ['HGETALL', `hash:${below(500)}`],
  () => ['XADD', `stream:${below(100)}`, 'MAXLEN', '~', 1000, '*', 'field', text()],
  () => ['XGROUP', 'CREATE', `stream:${below(100)}`, 'group', '0', 'MKSTREAM'],
  () => ['XREADGROUP', 'GROUP', 'group', `c${below(5)}`, 'COUNT', 20, 'STREAMS', `stream:${below(100)}`, '>'],
  () => ['XAUTOCLAIM', `stream:${below(100)}`, 'group', `c${below(5)}`, 0, '-', 'COUNT', 20, 'JUSTID'],
  () => ['PFADD', `log:${below(100)}`, text(), text()],
  () => ['PFMERGE', `log:${below(100)}`, `log:${below(100)}`],
  () => ['GEOADD', `geo:${below(50)}`, below(180), below(80), `m${below(300)}`],
  () => ['GEOSEARCH', `geo:${below(50)}`, 'FROMLONLAT', below(180), below(80), 'BYRADIUS', 500, 'km', 'COUNT', 20],
  () => ['SELECT', below(4)],
  () => ['FLUSHDB'].concat(below(500) === 0 ? [] : ['NOSUCH']),
];

/** An honest client with a pipeline. */
async function worker() {
  while (!isOver()) {
    try {
      const client = await connect(port);
      for (let round = 0; round < 20_000 && !isOver(); round++) {
        const batch = Array.from({ length: 1 + below(30) }, () => pick(COMMANDS)());
        const replies = await Promise.allSettled(batch.map((each) => client.send(each)));
        counts.commands += replies.length;
        counts.errors += replies.filter(({ status }) => status === 'rejected').length;
        await sleep(below(5));
      }
      client.close();
    } catch {
      counts.closed++;
      await sleep(50);
    }
  }
}

const HOSTILE = [
  () => Buffer.from('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$2000000000\r\n'),
  () => Buffer.from(`*${below(2 ** 24)}\r\n$4\r\n`),
  () => Buffer.from(Array.from({ length: 500 }, () => below(256))),
  () => Buffer.concat([encode(['SET', 'k', 'x'.repeat(100_000)]).subarray(0, 60_000)]),
  () => Buffer.concat(Array.from({ length: 3000 }, () => encode(['LRANGE', 'list:1', 0, -1]))),
  () => encode(['SUBSCRIBE', ...Array.from({ length: 5000 }, (_, n) => `channel:${n}`)]),
  () => Buffer.concat([encode(['MULTI']), ...Array.from({ length: 2000 }, () => encode(['SET', key(), text()]))]),
  () => encode(['BLPOP', ...Array.from({ length: 2000 }, (_, n) => `missing:${n}`), 0]),
  () => encode(['MONITOR']),
];

/** A client that sends something odd, reads nothing, and leaves some seconds later without a word. */
async function hostile() {
  while (!isOver()) {
    const socket = connectSocket(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.pause();
    socket.write(pick(HOSTILE)());
    counts.hostile++;
    await sleep(below(5_000));
    socket.destroy();
  }
}

/** Takes every descriptor that there is, and lets go again. */
async function herd() {
  // The others have their connections first.
  await sleep(3_000);
  while (!isOver()) {
    const sockets = Array.from({ length: DESCRIPTORS }, () => connectSocket(port, '127.0.0.1').on('error', () => {}));
    await sleep(3_000 + below(5_000));
    for (const socket of sockets) socket.destroy();
    await sleep(20_000 + below(20_000));
  }
}

async function saver(client) {
  while (!isOver()) {
    const reply = await client.call('BGSAVE').catch((error) => error.message);
    if (/started/i.test(String(reply))) counts.saves++;
    await sleep(5_000 + below(10_000));
  }
}

/** Asks the server; what is wrong with its answer, or undefined. */
async function ask() {
  const [startedAt, cpuBefore] = [Date.now(), cpuMicroseconds(server.pid)];
  const computedMs = () => Math.round((cpuMicroseconds(server.pid) - cpuBefore) / 1000);
  let answer;
  const asked = observer.call('PING').catch(String);
  asked.then((reply) => (answer = reply));
  while (answer === undefined) {
    await Promise.race([asked, sleep(100)]);
    if (answer !== undefined) break;
    if (computedMs() > LATE_CPU_MS) return `PING was not answered while the server computed for ${computedMs()} ms`;
    if (Date.now() - startedAt > LOST_MS)
      return `PING was not answered in ${LOST_MS} ms, of which the server computed ${computedMs()}`;
  }
  longest.waitMs = Math.max(longest.waitMs, Date.now() - startedAt);
  longest.computedMs = Math.max(longest.computedMs, computedMs());
  return answer === 'PONG' ? undefined : `PING was answered with ${answer}`;
}

/** What the server itself found slow, a command or a slice of its own work. */
async function slowest() {
  const client = await connect(port);
  const entries = (await client.call('SLOWLOG', 'GET', 128)).map(([, , us, words]) => [us / 1000, words.slice(0, 4)]);
  entries.sort(([a], [b]) => b - a);
  const events = (await client.call('LATENCY', 'LATEST')).map(([name, , , most]) => `${name} ${most} ms`);
  client.close();
  const commands = entries.slice(0, 3).map(([ms, words]) => `${ms} ms ${words.join(' ').slice(0, 80)}`);
  return `slowest: ${[...commands, ...events].join('; ') || `nothing took ${SLOW_MS} ms`}`;
}

const megabytes = (bytes) => `${(bytes / 2 ** 20).toFixed(0)} MB`;

/** What the server says its memory is taken by. */
async function memory() {
  const info = await observer.call('INFO', 'memory').catch(() => '');
  const field = (name) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1]);
  const parts = { data: 'allocator_allocated', pages: 'allocator_resident', clients: 'mem_clients_normal' };
  const text = Object.entries(parts).map(([name, of]) => `${name} ${megabytes(field(of))}`);
  return `${text.join(', ')}, scripts ${field('number_of_cached_scripts')}`;
}

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];

await untilReady(port, server, () => `the server does not start: ${log.join('\n')}`);
const observer = await connect(port);
const samples = [];
const longest = { waitMs: 0, computedMs: 0 };
const running = [saver(observer), herd(), ...Array.from({ length: 6 }, worker), ...Array.from({ length: 25 }, hostile)];
let failure;
while (!isOver() && failure === undefined) {
  await sleep(SAMPLE_MS);
  const ended = await Promise.race([exited, sleep(0).then(() => undefined)]);
  if (ended !== undefined) failure = `the server ended: ${ended}`;
  failure ??= await ask();
  if (failure === undefined) samples.push(residentBytes(server.pid));
  if (samples.length % 12 === 0 && samples.length > 0) {
    console.log(`RSS ${megabytes(samples.at(-1))}: ${await memory()}; ${JSON.stringify(counts)}`);
  }
}
await Promise.race([Promise.allSettled(running), sleep(15_000)]);
if (failure === undefined) {
  const info = await observer.call('INFO', 'everything');
  const line = (name) => new RegExp(`^${name}:.*`, 'm').exec(info)?.[0];
  console.log(
    [
      'evicted_keys',
      'expired_keys',
      'evicted_clients',
      'client_output_buffer_limit_disconnections',
      'rejected_connections',
      'used_memory_human',
      'faults',
    ]
      .map(line)
      .join(' '),
  );
  const save = await observer.call('SAVE').catch((error) => error.message);
  if (save !== 'OK') failure = `SAVE was answered with ${save}`;
  const fifth = Math.floor(samples.length / 5);
  const [early, late] = [median(samples.slice(fifth, 2 * fifth)), median(samples.slice(-fifth))];
  console.log(`RSS: ${megabytes(early)} early, ${megabytes(late)} late, ${megabytes(Math.max(...samples))} at most`);
  if (late > early * GROWTH_ALLOWED) failure ??= 'memory grew';
}
const faults = log.filter((line) => /internal error|fault|TypeError|RangeError/i.test(line));
if (faults.length > 0) failure ??= `the log has ${faults.length} faults: ${faults[0]}`;
console.log(counts, 'PING at most', longest);
console.log(await Promise.race([slowest().catch(String), sleep(30_000)]));
console.log(failure ?? 'no fault');
observer.close();
server.kill('SIGTERM');
await Promise.race([exited, sleep(5_000)]);
server.kill('SIGKILL');
rmSync(directory, { recursive: true, force: true });
process.exit(failure === undefined ? 0 : 1);
