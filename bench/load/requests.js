/**
 * The same requests again and again over many connections, each of which sends its next one when the last is answered.
 *
 * Options: port, file (of a JSON array: the requests as base64, which are sent in turn), replyEnd (what every reply
 * ends with), count, connections.
 */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { options, report } from '../support/child.js';

const { port, file, replyEnd, count, connections } = { connections: 50, ...options };
const bytes = JSON.parse(readFileSync(file, 'utf8')).map((request) => Buffer.from(request, 'base64'));
let sent = 0;
let answered = 0;
const sockets = [];
const began = performance.now();

for (let i = 0; i < connections; i++) {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  socket.setNoDelay(true);
  socket.setEncoding('latin1');
  let tail = '';
  const send = () => {
    tail = '';
    if (sent < count) socket.write(bytes[sent++ % bytes.length]);
  };
  socket.on('error', (error) => {
    console.error(error);
    process.exit(1);
  });
  socket.on('data', (text) => {
    if (text.includes('"error"') || text.startsWith('-')) {
      console.error(`not what was expected: ${text.slice(0, 300)}`);
      process.exit(1);
    }
    tail = (tail + text).slice(-replyEnd.length);
    if (tail !== replyEnd) return;
    if (++answered === count) finish();
    else send();
  });
  socket.once('connect', send);
}

function finish() {
  report({ rps: count / ((performance.now() - began) / 1000) });
  for (const socket of sockets) socket.destroy();
}
