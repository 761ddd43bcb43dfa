import { connect as connectSocket } from 'node:net';
import RedisParser from 'redis-parser';

export function encode(args) {
  const parts = [`*${args.length}\r\n`];
  for (const arg of args) parts.push(`$${Buffer.byteLength(String(arg))}\r\n${arg}\r\n`);
  return Buffer.from(parts.join(''));
}

/** A plain client for set-up and questions, not for load. `call` rejects on error replies. */
export async function connect(port) {
  const socket = connectSocket(port, '127.0.0.1');
  await new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  socket.setNoDelay(true);
  const waiting = [];
  const parser = new RedisParser({
    returnReply: (reply) => waiting.shift().resolve(reply),
    returnError: (error) => waiting.shift().reject(error),
    returnFatalError: (error) => socket.destroy(error),
  });
  socket.on('data', (chunk) => parser.execute(chunk));
  socket.on('error', () => {});
  socket.on('close', () => {
    for (const { reject } of waiting.splice(0)) reject(new Error('connection closed'));
  });
  return {
    call(...args) {
      return new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        socket.write(encode(args));
      });
    },
    close: () => socket.destroy(),
  };
}

/** One command on a connection of its own. */
export async function callOnce(port, ...args) {
  const client = await connect(port);
  try {
    return await client.call(...args);
  } finally {
    client.close();
  }
}

/** One field of INFO, as text. */
export async function infoField(client, name) {
  const line = new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(await client.call('INFO', 'all'));
  if (line === null) throw new Error(`INFO has no ${name}`);
  return line[1];
}
