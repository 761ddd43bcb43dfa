/**
 * Packages that run on scripts (queues, locks, limits), and others that people use beside them (stores, sockets,
 * subscriptions): each does its real work on a server of its own, and looks at what comes of it. With
 * REDSTART_SUBJECT=redis-server they work on that.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSubject } from '../support/pair.js';
import { Workshop } from '../support/workshop.js';

const INSTALL_MS = 300_000;
const RUN_MS = 180_000;

let workshop: Workshop;

beforeAll(async () => {
  workshop = await Workshop.with('test/applications');
}, INSTALL_MS);

afterAll(() => workshop.close());

/** Runs a program of this folder. @returns what its test runner says */
async function outcome(program: string, client: string): Promise<string> {
  const server = await startSubject();
  try {
    const environment = { REDIS_PORT: `${server.port}`, CLIENT: client };
    const project = workshop.project('test/applications/programs', environment);
    return await project.node('--test-reporter=tap', program);
  } finally {
    await server.stop();
  }
}

describe.concurrent('applications', { timeout: RUN_MS }, () => {
  test.each([
    ['BullMQ', 20, 'bullmq.js', 'ioredis5'],
    ['BullMQ', 20, 'bullmq.js', 'ioredis6'],
    ['BullMQ', 20, 'bullmq.js', 'node-redis'],
    ['bee-queue', 4, 'bee-queue.js', 'ioredis5'],
    ['redlock and redis-semaphore', 5, 'locks.js', 'ioredis5'],
    ['redlock and redis-semaphore', 5, 'locks.js', 'ioredis6'],
    ['rate-limiter-flexible and rate-limit-redis', 6, 'rate-limits.js', 'ioredis5'],
    ['connect-redis, keyv and cache-manager', 3, 'stores.js', 'node-redis'],
    ['socket.io, by channels and streams', 4, 'socket-io.js', 'ioredis5'],
    ['graphql-redis-subscriptions', 2, 'graphql-subscriptions.js', 'ioredis5'],
  ])('%s in %i parts (%s, %s)', async (_name, parts, program, client) => {
    expect(await outcome(program, client)).toContain(`\n# pass ${parts}\n# fail 0\n`);
  });
});
