import { connect as connectSocket } from 'node:net';
import RedisParser from 'redis-parser';

const LINE_END = Buffer.from('\r\n');

export function encode(args) {
  const parts = [Buffer.from(`*${args.length}\r\n`)];
  for (const arg of args) {
    const bytes = Buffer.isBuffer(arg) ? arg : Buffer.from(String(arg));
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, LINE_END);
  }
  return Buffer.concat(parts);
}

/**
 * A plain client for set-up and questions, not for load. `call` rejects on error replies. With `returnBuffers` bulk
 * strings are bytes.
 */
export async function connect(port, { returnBuffers = false } = {}) {
  const socket = connectSocket(port, '127.0.0.1');
  await new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  socket.setNoDelay(true);
  const waiting = [];
  const parser = new RedisParser({
    // Messages come without a question.
    returnReply: (reply) => waiting.shift()?.resolve(reply),
    returnError: (error) => waiting.shift()?.reject(error),
    returnFatalError: (error) => socket.destroy(error),
    returnBuffers,
  });
  socket.on('data', (chunk) => parser.execute(chunk));
  socket.on('error', () => {});
  socket.on('close', () => {
    for (const { reject } of waiting.splice(0)) reject(new Error('connection closed'));
  });
  const send = (args) =>
    new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      socket.write(encode(args));
    });
  return {
    call: (...args) => send(args),
    /** For more arguments than a call can be spread into. */
    send,
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

/** Milliseconds that a command holds all others, as the server's own slow log has it. */
export async function heldMs(client, words) {
  await client.call('CONFIG', 'SET', 'slowlog-log-slower-than', 0);
  await client.call('SLOWLOG', 'RESET');
  await client.send(words);
  const entries = await client.call('SLOWLOG', 'GET', 10);
  await client.call('CONFIG', 'SET', 'slowlog-log-slower-than', -1);
  const entry = entries.find(([, , , [name]]) => `${name}` === words[0]);
  return entry[2] / 1000;
}
