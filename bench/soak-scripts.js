/**
 * A soak of scripts: a thousand a second that the server has never seen, half of which differ from others in a number
 * only, among some that come again and again (errors, coroutines, JSON, writes, long strings, functions of a library).
 *
 *   node bench/soak-scripts.js [--minutes 10] [--distinct 1000]
 *
 * Ends with 1 if a reply was wrong, or if memory grew: the median of the last fifth of the samples against that of the
 * second fifth, of resident memory, of the server's own count and of what it says that Lua takes.
 */
import { parseArgs } from 'node:util';
import { connect } from './support/client.js';
import { median } from './support/histogram.js';
import { sleep } from './support/load.js';
import { residentBytes, startServer } from './support/servers.js';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, distinct: { type: 'string', default: '1000' } },
});
const SECONDS = 60 * Number(values.minutes);
const PER_SECOND = Number(values.distinct);
const BATCHES_PER_SECOND = 20;
const GROWTH_ALLOWED = 1.1;
const MB = 2 ** 20;
/** How often progress is printed, in samples. */
const BETWEEN_LINES = 30;

/** Each with what it is answered; `n` makes it another one. */
const NEW = [
  (n) => [`return ${n} * 2`, 2 * n],
  (n) => [`local number${n} = ARGV[1] return number${n} .. '!'`, 'x!'],
  (n) => [`redis.call('SET', KEYS[1], ${n}) return redis.call('GET', KEYS[1])`, `${n}`],
  (n) => [`local function f${n}(x) if x == 0 then return 0 end return 1 + f${n}(x - 1) end return f${n}(20)`, 20],
  (n) => [`local t = {} for i = 1, 50 do t[i] = {id = i, name = 'name' .. i} end return #t + ${n}`, 50 + n],
  (n) => [`local t${n} = cjson.decode('{"a":[1,2,{"b":${n}}]}') return t${n}.a[3].b`, n],
  (n) => [`return {pcall(error, 'e${n}')}[2] or 1`, /Error compiling/],
  (n) => [`local x${n} = nil return x${n}.y`, /attempt to index/],
  (n) => [`return #string.rep('x', 10000 + ${n % 1000})`, 10_000 + (n % 1000)],
  (n) => [
    `local c${n} = coroutine.wrap(function(a) local b = coroutine.yield(a) return b end) c${n}(1) return c${n}(${n})`,
    n,
  ],
];

const AGAIN = [
  ["redis.call('HSET', 'hash', ARGV[1], 1) return #redis.call('HGETALL', 'hash')", 2],
  ["return redis.call('INCR', 'counter') > 0", 1],
  ['local sum = 0 for i = 1, 1000 do sum = sum + i end return sum', 500_500],
  ["local e = redis.pcall('INCR', 'hash') return e.err ~= nil", 1],
  ['return cmsgpack.unpack(cmsgpack.pack({1, 2, {3}}))[3][1]', 3],
  ["local s = '' for i = 1, 200 do s = s .. i end return #s", 492],
  ["return redis.call('NOPE')", /Unknown Redis command/],
  ['local t = {} for i = 1, 2000 do t[i] = tostring(i) end table.sort(t) return #table.concat(t)', 6_893],
];

const server = await startServer('redstart', process.env.SOAK_SETTINGS?.split(' ') ?? []);
const [writer, observer] = await Promise.all([connect(server.port), connect(server.port)]);
await writer.call(
  'FUNCTION',
  'LOAD',
  "#!lua name=soak\nredis.register_function('soaked', function(k, a) return a[1] end)",
);

let distinct = 0;
let sent = 0;
const faults = [];

async function check(words, expected) {
  sent++;
  const reply = await writer.send(words).catch((error) => error);
  const isRight = expected instanceof RegExp ? expected.test(`${reply.message}`) : reply === expected;
  if (!isRight && faults.length < 5) faults.push(`${words[1]}: ${reply}`);
}

function batch() {
  const calls = [];
  for (let i = 0; i < PER_SECOND / BATCHES_PER_SECOND; i++, distinct++) {
    const [text, expected] = NEW[distinct % NEW.length](distinct);
    calls.push(check(['EVAL', text, 1, 'key', 'x'], expected));
  }
  for (const [text, expected] of AGAIN) calls.push(check(['EVAL', text, 1, 'key', 'x'], expected));
  calls.push(check(['FCALL', 'soaked', 1, 'key', 'value'], 'value'));
  return Promise.all(calls);
}

async function sample() {
  const info = await observer.call('INFO', 'memory');
  const field = (name) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1]);
  return {
    resident: residentBytes(server.pid),
    used: field('used_memory'),
    lua: field('used_memory_vm_total') + field('used_memory_scripts'),
    scripts: field('number_of_cached_scripts'),
  };
}

const samples = [];
const cpuBefore = server.cpu();
const began = performance.now();
for (let second = 0; second < SECONDS; second++) {
  for (let i = 1; i <= BATCHES_PER_SECOND; i++) {
    await batch();
    await sleep(Math.max(0, began + 1000 * (second + i / BATCHES_PER_SECOND) - performance.now()));
  }
  samples.push(await sample());
  const { resident, lua, scripts } = samples.at(-1);
  if (second % BETWEEN_LINES === 0) {
    console.log(
      `${distinct} distinct, ${(resident / MB).toFixed(0)} MB, Lua ${(lua / MB).toFixed(1)} MB, ${scripts} kept`,
    );
  }
}
const seconds = (performance.now() - began) / 1000;

const fifth = Math.floor(samples.length / 5);
for (const which of ['resident', 'used', 'lua']) {
  const of = (some) => median(some.map((each) => each[which]));
  const [early, late] = [of(samples.slice(fifth, 2 * fifth)), of(samples.slice(-fifth))];
  const most = Math.max(...samples.map((each) => each[which]));
  console.log(
    `memory ${which}: ${[early, late, most].map((bytes) => (bytes / MB).toFixed(1)).join(', ')} MB (early, late, most)`,
  );
  if (!(late <= early * GROWTH_ALLOWED)) faults.push(`memory ${which} grew`);
}
console.log(
  `${sent} scripts in ${seconds.toFixed(0)} s, ${distinct} of them new: ${(distinct / seconds).toFixed(0)} a second; ` +
    `${((server.cpu() - cpuBefore) / 1e4 / seconds).toFixed(0)} % of a processor`,
);
console.log(faults.length === 0 ? 'no fault' : faults.join('\n'));
for (const client of [writer, observer]) client.close();
await server.stop();
process.exitCode = faults.length === 0 ? 0 : 1;
