/**
 * Writes numbered keys (`key:000000000042`, as redis-benchmark names them) or list elements as fast as the server takes
 * them, or at a given rate. Frames of one kind have one length, so a batch is encoded once and only digits are patched.
 *
 * Options: port, kind ('set' | 'setex' | 'setat' | 'del' | 'rpush'), from, to, valueBytes, rate (per second,
 * 0 = as fast as possible), at (deadline in ms for 'setat'), spread (ms, for 'setex'), keepOneIn (for 'del'), key.
 */

import { connect } from 'node:net';
import { options, report } from '../support/child.js';

const settings = { from: 0, valueBytes: 3, rate: 0, spread: 86_400_000, keepOneIn: 10, key: 'mylist', ...options };

const BATCH = 500;
/** Batches on their way: enough to keep the server busy, few enough to keep its buffers small. */
const WINDOW = 8;

const bulk = (text) => `$${text.length}\r\n${text}\r\n`;
const KEY = 'key:000000000000';
const value = 'x'.repeat(settings.valueBytes);
const start = Date.now();

const kinds = {
  set: { frame: `*3\r\n${bulk('SET')}${bulk(KEY)}${bulk(value)}`, reply: '+OK\r\n' },
  setex: {
    frame: `*5\r\n${bulk('SET')}${bulk(KEY)}${bulk(value)}${bulk('PXAT')}${bulk('0000000000000')}`,
    reply: '+OK\r\n',
  },
  setat: {
    frame: `*5\r\n${bulk('SET')}${bulk(KEY)}${bulk(value)}${bulk('PXAT')}${bulk(`${settings.at}`)}`,
    reply: '+OK\r\n',
  },
  del: { frame: `*2\r\n${bulk('DEL')}${bulk(KEY)}`, reply: ':1\r\n' },
  // Values of 100 elements each; the reply's length grows with the list, so replies are counted by lines.
  rpush: { frame: `*102\r\n${bulk('RPUSH')}${bulk(settings.key)}${bulk(value).repeat(100)}` },
};

const kind = kinds[settings.kind];
const frame = Buffer.from(kind.frame);
const batch = Buffer.concat(Array.from({ length: BATCH }, () => frame));
const keyEnd = frame.indexOf(KEY) + KEY.length;
const deadlineEnd = settings.kind === 'setex' ? frame.length - 2 : 0;

function writeDigits(end, number) {
  for (let at = end - 1; number > 0; at--) {
    batch[at] = 48 + (number % 10);
    number = Math.floor(number / 10);
  }
}

function clearDigits(end, count) {
  batch.fill(48, end - count, end);
}

/** Spreads the kept keys over the whole range without order. */
function isKept(number) {
  return (Math.imul(number, 0x9e3779b1) >>> 8) % settings.keepOneIn === 0;
}

let next = settings.from;
let sent = 0;
let answered = 0;

/** Fills the batch with the next numbers; returns how many frames it holds. */
function prepare() {
  let count = 0;
  while (count < BATCH && next < settings.to) {
    const number = next++;
    if (settings.kind === 'del' && isKept(number)) continue;
    const at = count * frame.length;
    if (keyEnd >= KEY.length) {
      clearDigits(at + keyEnd, 12);
      writeDigits(at + keyEnd, number);
    }
    if (deadlineEnd > 0) writeDigits(at + deadlineEnd, start + 3_600_000 + ((number * 7919) % settings.spread));
    count++;
  }
  return count;
}

const socket = connect(settings.port, '127.0.0.1', () => {
  socket.setNoDelay(true);
  pump();
});
socket.on('error', (error) => {
  console.error(error);
  process.exit(1);
});
socket.on('data', (chunk) => {
  if (chunk[0] === 0x2d) {
    console.error(chunk.toString('latin1', 0, 200));
    process.exit(1);
  }
  if (kind.reply !== undefined) {
    bytesOfReplies += chunk.length;
    answered = Math.floor(bytesOfReplies / kind.reply.length);
  } else {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) answered++;
  }
  pump();
});

let bytesOfReplies = 0;
let isWaiting = false;

function pump() {
  while (sent - answered <= (WINDOW - 1) * BATCH) {
    if (next >= settings.to) break;
    if (settings.rate > 0) {
      const due = ((Date.now() - start) / 1000) * settings.rate;
      if (sent > due) {
        if (!isWaiting) {
          isWaiting = true;
          setTimeout(() => {
            isWaiting = false;
            pump();
          }, 1);
        }
        return;
      }
    }
    const count = prepare();
    if (count === 0) break;
    sent += count;
    // The batch is patched again for the next write, so the socket gets a copy.
    socket.write(Buffer.from(batch.subarray(0, count * frame.length)));
  }
  if (next >= settings.to && answered >= sent) {
    report({ sent, seconds: (Date.now() - start) / 1000 });
    socket.destroy();
  }
}
