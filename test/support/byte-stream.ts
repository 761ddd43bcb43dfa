import { connect } from 'node:net';
import type { Address } from './raw-client.js';

/**
 * Writes the pieces one after the other, ends its side, and returns every byte that came back before the server closed.
 * Each piece leaves in a packet of its own, as far as the system plays along.
 */
export function exchange(address: Address, pieces: readonly Uint8Array[], timeoutMs = 10_000): Promise<Buffer> {
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
