/** BullMQ: each feature on a queue of its own, all at the same time. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DelayedError, FlowProducer, Queue, QueueEvents, RateLimitError, UnrecoverableError, Worker } from 'bullmq';
import { connect, disconnectAll, pause, until } from './server.js';

const closers = [];
let connection;

function opened(object) {
  // What is on its way when everything is closed fails, and that is right.
  object.on('error', () => {});
  closers.push(object);
  return object;
}

const openQueue = (name, options) => opened(new Queue(name, { connection, ...options }));
const openWorker = (name, processor, options) => opened(new Worker(name, processor, { connection, ...options }));

async function openEvents(name) {
  // From the queue's beginning: otherwise what happens before the first XREAD would be missed.
  const events = opened(new QueueEvents(name, { connection, lastEventId: '0' }));
  await events.waitUntilReady();
  return events;
}

/** What a worker emits for each of so many jobs, in order. */
function emitted(worker, event, count) {
  const seen = [];
  return new Promise((resolve) => {
    worker.on(event, (...args) => {
      seen.push(args);
      if (seen.length === count) resolve(seen);
    });
  });
}

describe('BullMQ', { concurrency: true }, () => {
  connection = connect();
  connection.setMaxListeners(0);

  after(async () => {
    await Promise.all(closers.map((each) => (each instanceof Worker ? each.close(true) : each.close())));
    disconnectAll();
  });

  test('jobs come in order, with data, results, progress and logs', async () => {
    const queue = openQueue('plain');
    const events = await openEvents('plain');
    const jobs = await queue.addBulk(
      Array.from({ length: 100 }, (_, n) => ({ name: 'square', data: { n, é: 'ü\0' } })),
    );
    assert.deepEqual(await queue.getJobCounts('wait', 'active', 'completed'), { wait: 100, active: 0, completed: 0 });
    const order = [];
    openWorker('plain', async (job) => {
      order.push(job.data.n);
      await job.updateProgress({ at: job.data.n });
      await job.log(`squares ${job.data.n}`);
      return { square: job.data.n ** 2, data: job.data };
    });
    const results = await Promise.all(jobs.slice(95).map((job) => job.waitUntilFinished(events)));
    assert.deepEqual(results[1], { square: 96 ** 2, data: { n: 96, é: 'ü\0' } });
    assert.deepEqual(
      order,
      Array.from({ length: 100 }, (_, n) => n),
    );
    assert.equal(await queue.getCompletedCount(), 100);
    const job = await queue.getJob(jobs[7].id);
    assert.deepEqual([job.progress, job.returnvalue.square, job.attemptsMade], [{ at: 7 }, 49, 1]);
    assert.deepEqual(await queue.getJobLogs(job.id), { logs: ['squares 7'], count: 1 });
    assert.deepEqual([await job.getState(), await job.isCompleted(), await job.isFailed()], ['completed', true, false]);
    assert.deepEqual(
      (await queue.getJobs(['completed'], 0, 2, true)).map(({ id }) => id),
      ['1', '2', '3'],
    );
  });

  test('a group of workers shares the jobs, each of which runs once', async () => {
    const queue = openQueue('shared');
    const seen = new Map();
    const workers = new Set();
    for (const name of ['a', 'b', 'c', 'd']) {
      openWorker(
        'shared',
        async (job) => {
          workers.add(name);
          seen.set(job.id, (seen.get(job.id) ?? 0) + 1);
          await pause(1);
        },
        { concurrency: 5 },
      );
    }
    await queue.addBulk(Array.from({ length: 400 }, () => ({ name: 'job', data: {} })));
    await until(async () => (await queue.getCompletedCount()) === 400);
    assert.equal(seen.size, 400);
    assert.deepEqual([...new Set(seen.values())], [1]);
    assert.equal(workers.size, 4);
  });

  test('delayed jobs wait for their time, or for a promotion', async () => {
    const queue = openQueue('delayed');
    const began = Date.now();
    const delays = { late: 60_000, second: 200, first: 100, moved: 90_000 };
    const bulk = Object.entries(delays).map(([name, delay]) => ({ name, data: {}, opts: { delay } }));
    const [late, , , moved] = await queue.addBulk(bulk);
    assert.equal(await queue.getDelayedCount(), 4);
    const worker = openWorker('delayed', async (job) => [job.name, Date.now() - began]);
    const completed = emitted(worker, 'completed', 4);
    await moved.changeDelay(300);
    await late.promote();
    const results = (await completed).map(([, result]) => result);
    const times = Object.fromEntries(results);
    assert.deepEqual(
      results.map(([name]) => name).filter((name) => name !== 'late'),
      ['first', 'second', 'moved'],
    );
    assert.ok(times.first >= 100 && times.second >= 200 && times.moved >= 300, JSON.stringify(times));
  });

  test('a job can put itself off', async () => {
    const queue = openQueue('put-off');
    const worker = openWorker('put-off', async (job, token) => {
      if (job.data.step === undefined) {
        await job.updateData({ step: 2 });
        await job.moveToDelayed(Date.now() + 50, token);
        throw new DelayedError();
      }
      return job.data.step;
    });
    const completed = emitted(worker, 'completed', 1);
    await queue.add('job', {});
    assert.equal((await completed)[0][1], 2);
  });

  test('priorities', async () => {
    const queue = openQueue('priorities');
    const added = [];
    for (const priority of [5, 3, 0, 1, 3, 2_000_000]) {
      added.push(await queue.add(`${priority}`, {}, { priority }));
    }
    await queue.add('lifo', {}, { lifo: true });
    await added[0].changePriority({ priority: 2 });
    assert.deepEqual(await queue.getCountsPerPriority([0, 2, 3, 5]), { 0: 2, 2: 1, 3: 2, 5: 0 });
    const worker = openWorker('priorities', async () => {}, {});
    const completed = await emitted(worker, 'completed', 7);
    assert.deepEqual(
      completed.map(([job]) => job.name),
      ['lifo', '0', '1', '5', '3', '3', '2000000'],
    );
  });

  test('repeated jobs', async () => {
    const queue = openQueue('repeated');
    const worker = openWorker('repeated', async (job) => job.data.what);
    const completed = emitted(worker, 'completed', 3);
    await queue.upsertJobScheduler('tick', { every: 80 }, { name: 'tick', data: { what: 'tock' } });
    await queue.upsertJobScheduler('yearly', { pattern: '0 0 1 1 *', tz: 'UTC' }, { name: 'new year' });
    assert.deepEqual(
      (await completed).map(([, result]) => result),
      ['tock', 'tock', 'tock'],
    );
    const schedulers = await queue.getJobSchedulers();
    assert.deepEqual(schedulers.map(({ key }) => key).sort(), ['tick', 'yearly']);
    assert.equal(new Date((await queue.getJobScheduler('yearly')).next).getUTCMonth(), 0);
    assert.equal(await queue.removeJobScheduler('tick'), true);
    assert.equal(await queue.removeJobScheduler('tick'), false);
    assert.equal(await queue.getJobSchedulersCount(), 1);
    const limited = emitted(worker, 'completed', 2);
    await queue.upsertJobScheduler('twice', { every: 40, limit: 2 }, { name: 'twice', data: { what: 'twice' } });
    await limited;
    await until(
      async () => (await queue.getJobScheduler('twice')) === undefined || (await queue.getDelayedCount()) === 1,
    );
  });

  test('attempts with backoff, and errors that are not tried again', async () => {
    const queue = openQueue('failing');
    const worker = openWorker('failing', async (job) => {
      if (job.name === 'hopeless') throw new UnrecoverableError('no use');
      if (job.attemptsMade < 2) throw new Error(`attempt ${job.attemptsMade + 1}`);
      return 'at last';
    });
    const completed = emitted(worker, 'completed', 1);
    const failed = emitted(worker, 'failed', 3);
    const job = await queue.add('stubborn', {}, { attempts: 3, backoff: { type: 'exponential', delay: 20 } });
    const hopeless = await queue.add('hopeless', {}, { attempts: 9 });
    const [[, result]] = await completed;
    assert.equal(result, 'at last');
    assert.deepEqual((await failed).map(([, { message }]) => message).sort(), ['attempt 1', 'attempt 2', 'no use']);
    assert.equal((await queue.getJob(job.id)).attemptsMade, 3);
    const [other] = await queue.getFailed();
    assert.deepEqual([other.id, other.failedReason, other.attemptsMade], [hopeless.id, 'no use', 1]);
    assert.equal(other.stacktrace.length, 1);
    await other.retry();
    await until(async () => (await queue.getJob(hopeless.id)).attemptsMade === 2);
    await until(async () => (await queue.getFailedCount()) === 1);
    await queue.retryJobs({ state: 'failed' });
    await until(async () => (await queue.getJob(hopeless.id)).attemptsMade === 3);
  });

  test('flows: parents wait for their children and see their results', async () => {
    const flows = opened(new FlowProducer({ connection }));
    const queue = openQueue('flow');
    openQueue('flow-steps');
    const order = [];
    openWorker('flow-steps', async (job) => {
      order.push(job.name);
      if (job.name === 'broken') throw new Error('broken');
      return job.data.value ?? Object.values(await job.getChildrenValues()).reduce((a, b) => a + b, 0);
    });
    const worker = openWorker('flow', async (job) => {
      order.push(job.name);
      return { values: Object.values(await job.getChildrenValues()), failures: await job.getIgnoredChildrenFailures() };
    });
    const completed = emitted(worker, 'completed', 1);
    const step = (name, value, more = {}) => ({ name, queueName: 'flow-steps', data: { value }, ...more });
    const { job } = await flows.add({
      name: 'root',
      queueName: 'flow',
      data: {},
      children: [
        step('sum', undefined, { children: [step('one', 1), step('two', 2), step('three', 3)] }),
        step('ten', 10),
        step('broken', 0, { opts: { ignoreDependencyOnFailure: true } }),
      ],
    });
    assert.equal(await job.getState(), 'waiting-children');
    const [[, { values, failures }]] = await completed;
    assert.deepEqual(
      values.sort((a, b) => a - b),
      [6, 10],
    );
    assert.deepEqual(Object.values(failures), ['broken']);
    assert.equal(order.at(-1), 'root');
    assert.ok(order.indexOf('sum') > order.indexOf('three'));
    const tree = await flows.getFlow({ id: job.id, queueName: 'flow' });
    assert.equal(tree.children.length, 3);
    const { processed, ignored, unprocessed } = await (await queue.getJob(job.id)).getDependencies();
    assert.deepEqual([Object.keys(processed).length, Object.keys(ignored).length, unprocessed], [2, 1, []]);
    const bulk = await flows.addBulk(
      [step('a', 1), step('b', 2)].map((each) => ({ ...each, children: [step('c', 3)] })),
    );
    assert.equal(bulk.length, 2);
    const failing = await flows.add({
      name: 'doomed',
      queueName: 'flow',
      children: [step('broken', 0, { opts: { failParentOnFailure: true } })],
    });
    await until(async () => (await failing.job.getState()) === 'failed');
    await until(async () => (await openQueue('flow-steps').getCompletedCount()) === 9);
    await (await queue.getJob(job.id)).remove({ removeChildren: true });
    assert.equal(await queue.getJob(job.id), undefined);
    assert.equal(await openQueue('flow-steps').getCompletedCount(), 4);
  });

  test('rate limits', async () => {
    const queue = openQueue('limited');
    const times = [];
    const worker = openWorker('limited', async () => times.push(Date.now()), { limiter: { max: 3, duration: 150 } });
    await queue.addBulk(Array.from({ length: 9 }, () => ({ name: 'job', data: {} })));
    await emitted(worker, 'completed', 9);
    // A timer may be a millisecond early.
    assert.ok(times[8] - times[0] >= 290, `${times[8] - times[0]} ms for three windows of 150`);
    assert.ok((await queue.getRateLimitTtl()) <= 150);
  });

  test('a worker can limit itself', async () => {
    const queue = openQueue('limits-itself');
    let calls = 0;
    const worker = openWorker(
      'limits-itself',
      async () => {
        calls++;
        if (calls === 1) {
          await queue.rateLimit(100);
          throw new RateLimitError();
        }
        return 'done';
      },
      { limiter: { max: 100, duration: 1000 } },
    );
    const completed = emitted(worker, 'completed', 1);
    const began = Date.now();
    await queue.add('job', {});
    await completed;
    assert.equal(calls, 2);
    assert.ok(Date.now() - began >= 95);
  });

  test('one at a time over all workers', async () => {
    const queue = openQueue('global');
    await queue.setGlobalConcurrency(1);
    assert.equal(await queue.getGlobalConcurrency(), 1);
    let running = 0;
    let most = 0;
    for (let n = 0; n < 3; n++) {
      openWorker(
        'global',
        async () => {
          most = Math.max(most, ++running);
          await pause(5);
          running--;
        },
        { concurrency: 4 },
      );
    }
    await queue.addBulk(Array.from({ length: 10 }, () => ({ name: 'job', data: {} })));
    await until(async () => (await queue.getCompletedCount()) === 10);
    assert.equal(most, 1);
  });

  test('stalled jobs are taken over', async () => {
    const queue = openQueue('stalled');
    const events = await openEvents('stalled');
    const stalled = emitted(events, 'stalled', 1);
    const lost = openWorker('stalled', null, { autorun: false, lockDuration: 50 });
    const job = await queue.add('job', {});
    assert.equal((await lost.getNextJob('token')).id, job.id);
    const worker = openWorker('stalled', async () => 'taken over', { stalledInterval: 60, lockDuration: 1000 });
    const [[, result]] = await emitted(worker, 'completed', 1);
    assert.equal(result, 'taken over');
    assert.equal((await stalled)[0][0].jobId, job.id);
    const { stalledCounter } = await queue.getJob(job.id);
    assert.equal(stalledCounter, 1);
  });

  test('a job that stalls too often fails', async () => {
    const queue = openQueue('stalls-too-often');
    const lost = openWorker('stalls-too-often', null, { autorun: false, lockDuration: 20 });
    await queue.add('job', {});
    await lost.getNextJob('token');
    openWorker('stalls-too-often', async () => {}, { stalledInterval: 50, maxStalledCount: 0 });
    await until(async () => (await queue.getFailedCount()) === 1);
    assert.match((await queue.getFailed())[0].failedReason, /job stalled more than allowable limit/);
  });

  test('events', async () => {
    const queue = openQueue('events');
    const events = await openEvents('events');
    const seen = [];
    for (const name of [
      'added',
      'waiting',
      'active',
      'progress',
      'completed',
      'failed',
      'delayed',
      'removed',
      'drained',
    ]) {
      events.on(name, ({ jobId }) => seen.push(jobId === undefined ? name : `${name} ${jobId}`));
    }
    const drained = new Promise((resolve) => events.once('drained', resolve));
    await queue.add('job', {}, { jobId: 'a' });
    const delayed = await queue.add('job', {}, { jobId: 'b', delay: 9_000 });
    await delayed.remove();
    openWorker('events', async (job) => {
      await job.updateProgress(50);
      return 'x';
    });
    await drained;
    const expected = ['added a', 'waiting a', 'added b', 'delayed b', 'removed b', 'active a', 'progress a'];
    assert.deepEqual(seen, [...expected, 'completed a', 'drained']);
    await queue.trimEvents(2);
  });

  test('pausing', async () => {
    const queue = openQueue('paused');
    const worker = openWorker('paused', async () => {});
    await worker.waitUntilReady();
    await queue.pause();
    assert.equal(await queue.isPaused(), true);
    await queue.addBulk([1, 2, 3].map(() => ({ name: 'job', data: {} })));
    await pause(20);
    assert.equal(await queue.getCompletedCount(), 0);
    const completed = emitted(worker, 'completed', 3);
    await queue.resume();
    await completed;
    await worker.pause();
    assert.equal(worker.isPaused(), true);
    await queue.add('job', {});
    assert.equal(await queue.getWaitingCount(), 1);
    worker.resume();
    await until(async () => (await queue.getCompletedCount()) === 4);
  });

  test('deduplication', async () => {
    const queue = openQueue('deduplicated');
    const events = await openEvents('deduplicated');
    const seen = emitted(events, 'deduplicated', 2);
    const first = await queue.add('job', { n: 1 }, { deduplication: { id: 'same' } });
    const second = await queue.add('job', { n: 2 }, { deduplication: { id: 'same' } });
    assert.equal(second.id, first.id);
    assert.equal(await queue.getDeduplicationJobId('same'), first.id);
    const addBrief = () => queue.add('job', {}, { deduplication: { id: 'brief', ttl: 2000 } });
    const [brief, same] = await Promise.all([addBrief(), addBrief()]);
    assert.equal(same.id, brief.id);
    await seen;
    await until(async () => (await queue.getDeduplicationJobId('brief')) === null);
    assert.notEqual((await addBrief()).id, brief.id);
    assert.equal(await queue.getWaitingCount(), 3);
    assert.equal((await queue.add('job', {}, { jobId: 'mine' })).id, 'mine');
    await queue.add('job', {}, { jobId: 'mine' });
    assert.equal(await queue.getWaitingCount(), 4);
  });

  test('finished jobs are kept as told', async () => {
    const queue = openQueue('kept', { defaultJobOptions: { removeOnComplete: 5, removeOnFail: true } });
    const worker = openWorker(
      'kept',
      async (job) => {
        if (job.name === 'fails') throw new Error('no');
      },
      { metrics: { maxDataPoints: 60 } },
    );
    const completed = emitted(worker, 'completed', 20);
    await queue.add('fails', {});
    await queue.addBulk(Array.from({ length: 20 }, () => ({ name: 'job', data: {} })));
    await completed;
    await until(async () => (await queue.getCompletedCount()) === 5);
    assert.equal(await queue.getFailedCount(), 0);
    assert.equal((await queue.getMetrics('completed')).meta.count, 20);
    assert.equal((await queue.getWorkers()).length, 1);
  });

  for (const useWorkerThreads of [false, true]) {
    test(`sandboxed processors in a ${useWorkerThreads ? 'thread' : 'process'}`, async () => {
      const name = useWorkerThreads ? 'thread' : 'process';
      const queue = openQueue(name);
      const file = fileURLToPath(new URL('sandboxed.cjs', import.meta.url));
      const worker = openWorker(name, file, { useWorkerThreads });
      const completed = emitted(worker, 'completed', 1);
      const failed = emitted(worker, 'failed', 1);
      const progress = emitted(worker, 'progress', 1);
      await queue.add('doubles', { n: 21 });
      await queue.add('throws', {});
      assert.equal((await completed)[0][1], 42);
      assert.equal((await failed)[0][1].message, 'from inside');
      assert.equal((await progress)[0][1], 10);
      await worker.close();
    });
  }

  test('draining, cleaning and obliterating', async () => {
    const queue = openQueue('emptied');
    await queue.addBulk(Array.from({ length: 50 }, (_, n) => ({ name: 'job', data: {}, opts: { priority: n % 3 } })));
    await queue.add('late', {}, { delay: 10_000 });
    await queue.drain();
    assert.deepEqual(await queue.getJobCounts('wait', 'prioritized', 'delayed'), {
      wait: 0,
      prioritized: 0,
      delayed: 1,
    });
    await queue.drain(true);
    assert.equal(await queue.getDelayedCount(), 0);
    const worker = openWorker('emptied', async () => {});
    const completed = emitted(worker, 'completed', 30);
    await queue.addBulk(Array.from({ length: 30 }, () => ({ name: 'job', data: {} })));
    await completed;
    await until(async () => (await queue.getCompletedCount()) === 30);
    assert.equal((await queue.clean(0, 10, 'completed')).length, 10);
    assert.equal(await queue.getCompletedCount(), 20);
    await worker.close();
    await queue.add('job', {});
    const holder = openWorker('emptied', null, { autorun: false });
    await holder.getNextJob('token');
    await queue.addBulk(Array.from({ length: 300 }, () => ({ name: 'job', data: {}, opts: { delay: 5_000 } })));
    await assert.rejects(queue.obliterate(), /active jobs/);
    await queue.obliterate({ force: true });
    assert.deepEqual(await connect({}, 'ioredis5').keys('bull:emptied:*'), []);
  });
});
