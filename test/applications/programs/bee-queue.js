/** bee-queue: its scripts, its delayed jobs and its stalled ones. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import Queue from 'bee-queue';
import { host, pause, port, until } from './server.js';

const queues = [];

async function openQueue(name, options) {
  const queue = new Queue(name, { redis: { host, port }, activateDelayedJobs: true, ...options });
  queues.push(queue);
  return queue.ready();
}

function emitted(emitter, event, count = 1) {
  const seen = [];
  return new Promise((resolve) => {
    emitter.on(event, (...args) => seen.push(args) === count && resolve(seen));
  });
}

describe('bee-queue', { concurrency: true }, () => {
  after(() => Promise.all(queues.map((queue) => queue.close(1000).catch(() => {}))));

  test('jobs are done once, and their results come back to who made them', async () => {
    const queue = await openQueue('squares', { removeOnSuccess: false });
    const workers = await Promise.all([openQueue('squares'), openQueue('squares')]);
    const jobs = Array.from({ length: 100 }, (_, n) => queue.createJob({ n }));
    const results = jobs.map((job) => emitted(job, 'succeeded').then(([[result]]) => result));
    const progress = emitted(jobs[0], 'progress');
    assert.equal((await queue.saveAll(jobs)).size, 0);
    const done = [];
    for (const worker of workers) {
      worker.process(5, async (job) => {
        done.push(job.data.n);
        job.reportProgress({ half: job.data.n / 2 });
        return job.data.n ** 2;
      });
    }
    assert.deepEqual(
      await Promise.all(results),
      jobs.map((_, n) => n ** 2),
    );
    assert.deepEqual(
      done.sort((a, b) => a - b),
      jobs.map((_, n) => n),
    );
    assert.deepEqual((await progress)[0][0], { half: 0 });
    await until(async () => (await queue.checkHealth()).succeeded === 100);
    const { waiting, active, failed, newestJob } = await queue.checkHealth();
    assert.deepEqual({ waiting, active, failed, newestJob }, { waiting: 0, active: 0, failed: 0, newestJob: 100 });
    assert.equal((await queue.getJobs('succeeded', { size: 10 })).length, 10);
    await queue.removeJob('7');
    assert.equal(await queue.getJob('7'), null);
    await queue.destroy();
  });

  test('jobs that fail are tried again', async () => {
    const queue = await openQueue('failing');
    const retrying = emitted(queue, 'job retrying', 2);
    let attempts = 0;
    queue.process(async (job) => {
      if (job.data.hopeless) throw new Error('hopeless');
      if (++attempts < 3) throw new Error(`attempt ${attempts}`);
      return 'at last';
    });
    const job = queue.createJob({}).retries(2).backoff('fixed', 20);
    const succeeded = emitted(job, 'succeeded');
    await job.save();
    assert.deepEqual(await succeeded, [['at last']]);
    assert.deepEqual(
      (await retrying).map(([, { message }]) => message),
      ['attempt 1', 'attempt 2'],
    );
    const hopeless = queue.createJob({ hopeless: true }).setId('mine');
    const failed = emitted(hopeless, 'failed');
    await hopeless.save();
    assert.equal((await failed)[0][0].message, 'hopeless');
    assert.equal((await queue.getJobs('failed', { size: 10 }))[0].id, 'mine');
    assert.equal((await queue.createJob({}).setId('mine').save()).id, null);
  });

  test('delayed jobs wait for their time', async () => {
    const distant = await openQueue('distant');
    const hour = Date.now() + 3_600_000;
    await distant.saveAll([distant.createJob({}).delayUntil(hour), distant.createJob({}).delayUntil(hour)]);
    assert.equal((await distant.checkHealth()).delayed, 2);
    const queue = await openQueue('delayed');
    const began = Date.now();
    const late = queue.createJob({ at: 400 }).delayUntil(began + 400);
    const soon = queue.createJob({ at: 300 }).delayUntil(began + 300);
    await queue.saveAll([late, soon]);
    const succeeded = emitted(queue, 'succeeded', 2);
    queue.process(async (job) => [job.data.at, Date.now() - began]);
    const times = (await succeeded).map(([, result]) => result);
    assert.deepEqual(
      times.map(([at]) => at),
      [300, 400],
    );
    for (const [at, took] of times) assert.ok(took >= at, `${took} ms instead of ${at}`);
  });

  test('stalled jobs are taken over', async () => {
    const lost = await openQueue('stalled', { stallInterval: 50 });
    const began = emitted(lost, 'began');
    lost.process(() => {
      lost.emit('began');
      return new Promise(() => {});
    });
    await lost.createJob({}).save();
    await began;
    // It is gone without a word, and no longer says that its job is under way.
    await lost.close(1).catch(() => {});
    const queue = await openQueue('stalled', { stallInterval: 50 });
    const succeeded = emitted(queue, 'succeeded');
    queue.process(async () => 'taken over');
    while ((await queue.checkStalledJobs()) === 0 && queue.jobs.size === 0) await pause(30);
    assert.equal((await succeeded)[0][1], 'taken over');
  });
});
