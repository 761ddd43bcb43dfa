/**
 * Pipelines of what redis-benchmark can not send: several commands as one unit, and numbers without leading zeros.
 *
 * `{n}` in an argument becomes a number below `range`, the next or a random one. All replies to a unit together have as
 * many bytes as `reply` and are no errors, so they are counted without being parsed.
 *
 * Options: port, unit (a list of commands), reply, range, order ('random' | 'next'), requests (units), connections,
 * pipeline.
 */
import { connect } from 'node:net';
import { options, report } from '../support/child.js';
import { encode } from '../support/client.js';

const { port, unit, reply, requests, range, order, connections, pipeline } = {
  range: 1,
  order: 'random',
  connections: 50,
  pipeline: 16,
  ...options,
};
/** So many different pipelines are sent over and over. */
const VARIANTS = 500;

let number = 0;
function encodeUnit() {
  return Buffer.concat(
    unit.map((command) =>
      encode(
        command.map((arg) =>
          arg.replaceAll('{n}', () => (order === 'next' ? number++ % range : Math.floor(Math.random() * range))),
        ),
      ),
    ),
  );
}

const count = Math.ceil(requests / pipeline);
const pipelines = Array.from({ length: order === 'next' ? count : Math.min(count, VARIANTS) }, () =>
  Buffer.concat(Array.from({ length: pipeline }, encodeUnit)),
);
const replyBytes = reply.length * pipeline;
let sent = 0;
let answered = 0;
const sockets = [];

for (let i = 0; i < connections; i++) {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  socket.setNoDelay(true);
  let due = 0;
  const send = () => {
    if (sent === count) return;
    due += replyBytes;
    socket.write(pipelines[sent++ % pipelines.length]);
  };
  socket.on('error', (error) => {
    console.error(error);
    process.exit(1);
  });
  socket.on('data', (chunk) => {
    due -= chunk.length;
    if (due < 0 || chunk.includes(0x2d)) {
      console.error(`not what was expected: ${chunk.toString('latin1', 0, 200)}`);
      process.exit(1);
    }
    if (due > 0) return;
    if (++answered === count) finish();
    else send();
  });
  socket.once('connect', send);
}

const began = performance.now();

function finish() {
  report({ rps: (count * pipeline) / ((performance.now() - began) / 1000) });
  for (const socket of sockets) socket.destroy();
}
