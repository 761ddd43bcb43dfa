/**
 * Opens many connections, lets each send some GETs whose replies it does not read, and holds them until told to stop.
 */

import { connect } from 'node:net';
import { onStop, options, ready, report } from '../support/child.js';
import { encode } from '../support/client.js';

const { port, count, requests, key } = options;
const frame = Buffer.concat(Array.from({ length: requests }, () => encode(['GET', key])));
const sockets = [];

// Some hundred at a time, so that no listen queue overflows.
for (let opened = 0; opened < count; opened += 250) {
  const batch = Array.from({ length: Math.min(250, count - opened) }, () => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    sockets.push(socket);
    return new Promise((resolve) => {
      socket.once('connect', resolve);
      socket.once('close', resolve);
    });
  });
  await Promise.all(batch);
}
for (const socket of sockets) {
  socket.pause();
  if (requests > 0) socket.write(frame);
}
ready();
onStop(() => {
  const held = sockets.filter((socket) => !socket.destroyed).length;
  report({ held });
  for (const socket of sockets) socket.destroy();
});
