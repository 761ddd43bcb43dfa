/** One connection that always has between one and two batches of `depth` SETs on their way. */

import { connect } from 'node:net';
import { onStop, options, ready, report } from '../support/child.js';
import { encode } from '../support/client.js';

const { port, depth } = options;
const batch = Buffer.concat(Array.from({ length: depth }, (_, i) => encode(['SET', `key:${i % 1000}`, 'xxx'])));
const REPLY = '+OK\r\n'.length;

let bytes = 0;
let batchesSent = 0;
const began = performance.now();
const socket = connect(port, '127.0.0.1', () => {
  send();
  send();
  ready();
});

function send() {
  batchesSent++;
  socket.write(batch);
}

socket.on('data', (chunk) => {
  bytes += chunk.length;
  while (bytes >= (batchesSent - 1) * depth * REPLY) send();
});
socket.on('error', (error) => {
  throw error;
});
onStop(() => {
  const perSecond = Math.round(bytes / REPLY / ((performance.now() - began) / 1000));
  socket.destroy();
  report({ perSecond });
});
