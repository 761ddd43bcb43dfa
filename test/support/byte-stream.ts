import { connect } from 'node:net';
import type { Pair } from './pair.js';
import { PATIENCE_MS } from './patience.js';
import type { Address } from './raw-client.js';

/**
 * Writes the pieces one after the other, ends its side, and returns every byte that came back before the server closed.
 * Each piece leaves in a packet of its own, as far as the system plays along.
 */
function exchange(
  address: Address,
  pieces: readonly Uint8Array[],
  timeoutMs = PATIENCE_MS,
): Promise<Buffer<ArrayBuffer>> {
  return new Promise((resolve, reject) => {
    const received: Buffer[] = [];
    const socket = connect({ host: '127.0.0.1', ...address }, () => {
      socket.setNoDelay(true);
      writeNext(0);
    });
    const writeNext = (at: number): void => {
      if (socket.destroyed) return;
      if (at === pieces.length) socket.end();
      else socket.write(pieces[at]!, () => setImmediate(writeNext, at + 1));
    };
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`the server did not close within ${timeoutMs} ms`));
    }, timeoutMs);
    socket.on('data', (chunk) => received.push(chunk));
    // A server that closes while we still write resets the connection; what it said before counts.
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(Buffer.concat(received));
    });
  });
}

/**
 * Sends the same pieces to both servers and returns what differs, or undefined. A server that refuses a stream closes
 * the connection while we may still be writing, and the system then sometimes drops its last words; so only what
 * differs several times in a row counts.
 */
export async function streamDifference(pair: Pair, pieces: readonly Uint8Array[]): Promise<string | undefined> {
  let oracle = Buffer.alloc(0);
  let subject = Buffer.alloc(0);
  for (let attempt = 1; attempt <= 5; attempt++) {
    await Promise.all([exchange(pair.oracle, [FLUSH]), exchange(pair.subject, [FLUSH])]);
    [oracle, subject] = await Promise.all([exchange(pair.oracle, pieces), exchange(pair.subject, pieces)]);
    if (oracle.equals(subject)) return undefined;
  }
  const sent = pieces.map((piece) => show(Buffer.from(piece))).join(' + ');
  return `sent ${sent}\n  redis-server: ${show(oracle)}\n  redstart:     ${show(subject)}`;
}

const FLUSH = Buffer.from('FLUSHALL\r\n');

function show(bytes: Buffer): string {
  const text = bytes.toString('latin1');
  return text.length > 600 ? `${JSON.stringify(text.slice(0, 600))}… (${text.length} bytes)` : JSON.stringify(text);
}
