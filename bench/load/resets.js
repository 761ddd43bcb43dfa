/** Runs a server in this process, connects and resets many times, stops the server, and reports what stays behind. */

import { connect } from 'node:net';
import { RedisServer } from '../../dist/index.js';
import { options, report } from '../support/child.js';
import { encode } from '../support/client.js';

const { connections } = options;
const count = () => {
  const resources = {};
  for (const name of process.getActiveResourcesInfo()) resources[name] = (resources[name] ?? 0) + 1;
  return resources;
};
const before = count();
const server = await RedisServer.start({ port: 0, keepAlive: true });
const ping = encode(['PING']);

function connectAndReset(number) {
  return new Promise((resolve) => {
    const socket = connect(server.port, '127.0.0.1', () => {
      if (number % 2 === 0) {
        socket.resetAndDestroy();
      } else {
        socket.write(ping);
        socket.once('data', () => socket.resetAndDestroy());
      }
    });
    socket.on('error', () => {});
    socket.once('close', resolve);
  });
}

for (let done = 0; done < connections; done += 100) {
  await Promise.all(Array.from({ length: Math.min(100, connections - done) }, (_, i) => connectAndReset(done + i)));
}
// Some that never go away by themselves.
const staying = Array.from({ length: 10 }, () => connect(server.port, '127.0.0.1').on('error', () => {}));
await Promise.all(staying.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
const closed = Promise.all(staying.map((socket) => new Promise((resolve) => socket.resume().once('close', resolve))));
const began = performance.now();
await server.stop();
const stopMs = performance.now() - began;
await closed;
await new Promise((resolve) => setTimeout(resolve, 100));
const after = count();
const left = Object.keys(after).filter((name) => after[name] > (before[name] ?? 0) && name !== 'Immediate');
report({ stopMs, left });
