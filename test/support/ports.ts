/**
 * Ports for programs that must be told one, such as redis-server: nobody else takes them between our look and the
 * program's bind. They lie below those that systems give to who asks for any (Linux from 32768, others from 49152), and
 * each worker of the tests has a range of its own.
 */
import { createServer } from 'node:net';

const FIRST = 10_000;
const OF_A_WORKER = 1000;
const WORKERS = 22;

const worker = Number(process.env.VITEST_POOL_ID ?? 0) % WORKERS;
// Another run on the same machine begins elsewhere.
let next = process.pid % OF_A_WORKER;

/** A port of the loopback interface on which nothing listens. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < OF_A_WORKER; tries++) {
    const port = FIRST + worker * OF_A_WORKER + next;
    next = (next + 1) % OF_A_WORKER;
    if (await isFree(port)) return port;
  }
  throw new Error(`no port is free from ${FIRST + worker * OF_A_WORKER} on`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
