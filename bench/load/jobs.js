/**
 * Adds jobs to a queue of BullMQ, and then has a worker process them; reports how many a second that made.
 *
 * Options: port, packages (the folder in which BullMQ is installed), jobs, concurrency.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { options, report } from '../support/child.js';

const { Queue, Worker } = createRequire(join(options.packages, 'index.js'))('bullmq');

const AT_ONCE = 100;
const DATA = { user: 'someone', text: 'what the job is about', n: 12_345 };

const connection = { host: '127.0.0.1', port: options.port, maxRetriesPerRequest: null };
const queue = new Queue(`jobs-${process.pid}`, { connection });
await queue.waitUntilReady();

const added = await rate(async () => {
  for (let i = 0; i < options.jobs; i += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, () => queue.add('job', DATA)));
  }
});
const processed = await rate(processJobs);
await queue.close();
report({ added, processed });

async function rate(work) {
  const began = performance.now();
  await work();
  return options.jobs / ((performance.now() - began) / 1000);
}

async function processJobs() {
  let left = options.jobs;
  const worker = new Worker(queue.name, async ({ data }) => data.n, { connection, concurrency: options.concurrency });
  await new Promise((resolve, reject) => {
    worker.on('error', reject);
    worker.on('failed', (_job, error) => reject(error));
    worker.on('completed', () => --left === 0 && resolve());
  });
  await worker.close();
}
