/** Scripts that a server has not seen before: the CPU that one takes to its end, and the memory of ten thousand. */
import { connect } from '../support/client.js';
import { median } from '../support/histogram.js';
import { sleep } from '../support/load.js';
import { newScript } from '../support/new-scripts.js';
import { judged } from '../support/report.js';
import { startServer } from '../support/servers.js';

export const title = 'New scripts';

const NAMES = ['redstart', 'redis-server'];
const BAR_MICROSECONDS = 200;
const PER_ROUND = 4000;
const AT_ONCE = 50;
const KEPT = 10_000;
const ROOM_BYTES = 10_000_000;
/** Scripts of this number on are those whose memory is measured. */
const FIRST_KEPT = 1_000_000;
const MB = 1e6;
/** What a server does in idle time, such as giving memory back, is over by then. */
const SETTLE_MS = 3000;

export async function run({ rounds, scale, log }) {
  const count = Math.max(200, Math.round(PER_ROUND * scale));
  const times = await measureTimes(rounds, count, log);
  const [ours, theirs] = times;
  const rows = [
    {
      what: 'a script of 20 lines seen for the first time, to its end',
      bar: `<= ${BAR_MICROSECONDS} µs`,
      measured: `${ours.toFixed(0)} µs (redis-server ${theirs.toFixed(0)})`,
      pass: ours <= BAR_MICROSECONDS,
    },
  ];
  const kept = Math.max(1000, Math.round(KEPT * scale));
  for (const { name, words, whyNot } of WAYS) {
    const bytes = [];
    for (const server of NAMES) bytes.push(await grownBy(server, kept, words));
    log(`${kept} by ${name}: ${bytes.map((each) => (each / MB).toFixed(1)).join(' and ')} MB`);
    const row = {
      what: `memory of ${kept.toLocaleString('en')} distinct scripts, by ${name}`,
      bar: `<= redis-server + ${ROOM_BYTES / MB} MB`,
      measured: `${(bytes[0] / MB).toFixed(1)} MB (redis-server ${(bytes[1] / MB).toFixed(1)})`,
    };
    rows.push(judged(row, bytes[0] <= bytes[1] + ROOM_BYTES, whyNot));
  }
  return {
    rows,
    how:
      `EVAL of scripts of 20 lines, some 700 bytes, of which no two have one structure, ${AT_ONCE} at a time: ` +
      `utime + stime of the server, median of ${rounds} rounds of ${count} after one that warms up. Memory: VmRSS ` +
      `${SETTLE_MS / 1000} s after the last one, less VmRSS after 2,000 others by EVAL and SCRIPT FLUSH.`,
  };
}

const evaluation = (text) => ['EVAL', text, 2, 'key', 'hash', 7, 3];

const WAYS = [
  { name: 'SCRIPT LOAD', words: (text) => ['SCRIPT', 'LOAD', text] },
  {
    name: 'EVAL',
    words: evaluation,
    whyNot:
      'the last 500 are kept, and V8 lets its heap grow to 75 MB before it collects what the others have left; 18 MB ' +
      'are in use afterwards',
  },
];

async function measureTimes(rounds, count, log) {
  const servers = [];
  try {
    for (const name of NAMES) servers.push(await startServer(name));
    const found = servers.map(() => []);
    for (let round = 0; round <= rounds; round++) {
      for (const [i, server] of servers.entries()) {
        const before = server.cpu();
        await send(server.port, round * count, count, evaluation);
        const each = (server.cpu() - before) / count;
        log(`${round === 0 ? 'warm-up' : `round ${round}`}  ${server.name}  ${each.toFixed(0)} µs`);
        if (round > 0) found[i].push(each);
      }
    }
    return found.map(median);
  } finally {
    for (const server of servers) await server.stop();
  }
}

/** Bytes that the scripts take which a server is sent. */
async function grownBy(name, count, words) {
  const server = await startServer(name);
  try {
    // What the first ones take stays: the compiler's own code, the heap that garbage needs.
    await send(server.port, 0, 2000, evaluation);
    const client = await connect(server.port);
    await client.call('SCRIPT', 'FLUSH');
    await client.call('FLUSHALL');
    client.close();
    await sleep(SETTLE_MS);
    const before = server.rss();
    await send(server.port, FIRST_KEPT, count, words);
    await sleep(SETTLE_MS);
    return server.rss() - before;
  } finally {
    await server.stop();
  }
}

async function send(port, from, count, words) {
  const client = await connect(port);
  try {
    for (let at = 0; at < count; at += AT_ONCE) {
      const calls = [];
      for (let i = at; i < Math.min(count, at + AT_ONCE); i++) calls.push(client.send(words(newScript(from + i))));
      const faults = (await Promise.allSettled(calls)).filter(({ status }) => status === 'rejected');
      if (faults.length > 0) throw faults[0].reason;
    }
  } finally {
    client.close();
  }
}
