/**
 * Measures latencies from outside: each connection sends one command, waits for the reply, and sends the next, so a
 * stall of the server is seen in full by a client that waits. Ends when told to stop.
 *
 * With the server's pid it also reads how long the kernel let the server's main thread, and this process, wait for a
 * CPU meanwhile: on a machine with other work that is most of the longest latencies, and no fault of the server. Nor is
 * more than the CPU time of that thread. `own` is what is left.
 *
 * Options: port, pid, connections: [{ name, kind, keys }] with kind 'ping' | 'set' | 'get' | 'list' | 'setrange';
 * pauseMs between commands (0 = none).
 */

import { openSync, readSync } from 'node:fs';
import { connect } from 'node:net';
import { onStop, options, ready, report } from '../support/child.js';
import { encode } from '../support/client.js';
import { Histogram } from '../support/histogram.js';

const { port, pid, connections, pauseMs = 0 } = options;

const schedstats =
  pid === undefined ? [] : [`/proc/${pid}/task/${pid}/schedstat`, '/proc/self/schedstat'].map((path) => openSync(path));
const line = Buffer.alloc(128);
/** The kernel counts the time of a thread that runs at its ticks, mostly 250 a second: so much may be still to come. */
const TICK_MS = 4;

/**
 * Milliseconds since they began: for how long the server's main thread has run, and for how long it and this process
 * have waited for a CPU. Without the server's pid nothing is known, and all may be the server's.
 */
function scheduled() {
  let ran = Number.POSITIVE_INFINITY;
  let waited = 0;
  for (const file of schedstats) {
    const length = readSync(file, line, 0, line.length, 0);
    const [running, waiting] = line.latin1Slice(0, length).split(' ');
    if (file === schedstats[0]) ran = Number(running) / 1e6;
    waited += Number(waiting) / 1e6;
  }
  return { ran, waited };
}

/** What of a latency, between two looks at scheduled(), may be the server's own. */
function ownOf(ms, before, after) {
  const ran = before.ran === Number.POSITIVE_INFINITY ? ms : after.ran - before.ran + TICK_MS;
  return Math.max(0, Math.min(ms - (after.waited - before.waited), ran));
}

const random = (below) => Math.floor(Math.random() * below);
const keyName = (number) => `key:${String(number).padStart(12, '0')}`;

const makers = {
  ping: () => () => encode(['PING']),
  set:
    ({ keys }) =>
    () =>
      encode(['SET', keyName(random(keys)), 'yyy']),
  get:
    ({ keys }) =>
    () =>
      encode(['GET', keyName(random(keys))]),
  list: ({ key = 'mylist' }) => {
    let turn = 0;
    const commands = [
      encode(['RPUSH', key, 'yyy']),
      encode(['LPOP', key]),
      encode(['LPUSH', key, 'zzz']),
      encode(['RPOP', key]),
    ];
    return () => commands[turn++ & 3];
  },
  setrange:
    ({ key = 'bigstring', length }) =>
    () =>
      encode(['SETRANGE', key, random(length - 100), 'z'.repeat(100)]),
};

let stopping = false;
let open = connections.length;
const results = {};
const began = performance.now();

for (const options of connections) {
  const next = makers[options.kind](options);
  const histogram = new Histogram();
  const own = new Histogram();
  const longest = [];
  /** The longest own time of each second. */
  const seconds = [];
  const socket = connect(port, '127.0.0.1');
  let sentAt = 0;
  let before = scheduled();
  const send = () => {
    if (stopping) {
      results[options.name] = { ...histogram.summary(), own: own.summary(), longest, seconds };
      socket.destroy();
      if (--open === 0) finish();
      return;
    }
    const frame = next();
    before = scheduled();
    sentAt = performance.now();
    socket.write(frame);
  };
  socket.setNoDelay(true);
  socket.on('connect', send);
  // Replies here are short and asked for one at a time: a chunk is a reply.
  socket.on('data', (chunk) => {
    const ms = performance.now() - sentAt;
    const ownMs = ownOf(ms, before, scheduled());
    histogram.add(ms);
    own.add(ownMs);
    const second = Math.floor((sentAt - began) / 1000);
    while (seconds.length <= second) seconds.push(0);
    seconds[second] = Math.max(seconds[second], ownMs);
    if (ms > 2) {
      longest.push({
        ms: Math.round(ms * 100) / 100,
        own: Math.round(ownMs * 100) / 100,
        at: Math.round(sentAt - began),
      });
      longest.sort((a, b) => b.own - a.own);
      longest.length = Math.min(longest.length, 8);
    }
    if (chunk[0] === 0x2d) throw new Error(chunk.toString('latin1'));
    if (pauseMs > 0) setTimeout(send, pauseMs);
    else send();
  });
  socket.on('error', (error) => {
    throw error;
  });
}

function finish() {
  report(results);
}

onStop(() => {
  stopping = true;
});
ready();
