/** Opens many HTTP connections that each wait for an element of one queue, and counts those that get one. */
import { connect } from 'node:net';
import { onStop, options, ready, report } from '../support/child.js';

const { port, count, path } = options;
const request = `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
const sockets = [];
let served = 0;

// Some hundred at a time, so that no listen queue overflows.
for (let opened = 0; opened < count; opened += 250) {
  const batch = Array.from({ length: Math.min(250, count - opened) }, () => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      if (bytes.toString('latin1').startsWith('HTTP/1.1 200 ')) served++;
    });
    sockets.push(socket);
    return new Promise((resolve) => {
      socket.once('connect', resolve);
      socket.once('close', resolve);
    });
  });
  await Promise.all(batch);
}
for (const socket of sockets) socket.write(request);
ready();
onStop(() => {
  report({ served });
  for (const socket of sockets) socket.destroy();
});
