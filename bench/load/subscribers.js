/**
 * Subscribes many connections to a channel and reads all that comes. Tells whenever another `messages` messages have
 * reached every one of them. All messages have the length of `message`, so bytes are counted.
 *
 * Options: port, count, channel, message, messages.
 */
import { connect } from 'node:net';
import { onStop, options, ready, report, tell } from '../support/child.js';
import { encode } from '../support/client.js';

const { port, count, channel, message, messages } = options;
const subscribe = encode(['SUBSCRIBE', channel]);
const confirmation = encode(['subscribe', channel]).length + ':1\r\n'.length;
const round = encode(['message', channel, message]).length * messages * count;
const sockets = [];
/** Before the round begins: the confirmations. */
let due = confirmation * count;
let isReady = false;

// One buffer for all: nothing is kept of what comes.
const onread = {
  buffer: Buffer.alloc(256 * 1024),
  callback(length) {
    due -= length;
    if (due > 0) return true;
    if (due < 0) {
      console.error('more than was expected');
      process.exit(1);
    }
    due = round;
    if (isReady) tell(messages);
    else ready();
    isReady = true;
    return true;
  },
};

// Some hundred at a time, so that no listen queue overflows.
for (let opened = 0; opened < count; opened += 250) {
  const batch = Array.from({ length: Math.min(250, count - opened) }, () => {
    const socket = connect({ port, host: '127.0.0.1', onread });
    sockets.push(socket);
    return new Promise((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
  });
  await Promise.all(batch);
}
for (const socket of sockets) socket.write(subscribe);
onStop(() => {
  report({ count });
  for (const socket of sockets) socket.destroy();
});
