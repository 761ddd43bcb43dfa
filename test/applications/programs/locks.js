/** Locks: redlock 4 and 5, and redis-semaphore. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import semaphores from 'redis-semaphore';
import Redlock5, { ExecutionError, ResourceLockedError } from 'redlock';
import Redlock4 from 'redlock4';
import { connect, disconnectAll, pause, until } from './server.js';

const { Mutex, MultiSemaphore, RedlockMutex, Semaphore, TimeoutError } = semaphores;
const redis = connect();
/** Longer than a busy machine takes. */
const LONG_MS = 60_000;
const WAITING = { retryInterval: 10, acquireTimeout: LONG_MS };

/** Runs a piece of work so many times at once. @returns how many were ever under way at the same time */
async function mostAtOnce(count, permits, work) {
  let running = 0;
  let most = 0;
  const inside = async () => {
    most = Math.max(most, ++running);
    // However slow the machine is, all that may be inside come to be.
    while (most < permits) await pause(2);
    await pause(2);
    running--;
  };
  await Promise.all(Array.from({ length: count }, () => work(inside)));
  return most;
}

describe('locks', { concurrency: true }, () => {
  after(disconnectAll);

  test('redlock 5: one holder at a time, extended while it works', async () => {
    const redlock = new Redlock5([redis], { retryDelay: 10, retryJitter: 5, retryCount: 10_000 });
    const most = await mostAtOnce(8, 1, (inside) => redlock.using(['lock:5'], LONG_MS, inside));
    assert.equal(most, 1);
    let lock = await redlock.acquire(['lock:a', 'lock:b'], LONG_MS);
    const once = { retryCount: 0 };
    const refused = await redlock.acquire(['lock:b'], 100, once).catch((error) => error);
    assert.ok(refused instanceof ExecutionError, `${refused}`);
    const [{ votesAgainst }] = await Promise.all(refused.attempts);
    assert.ok([...votesAgainst.values()][0] instanceof ResourceLockedError);
    lock = await lock.extend(2 * LONG_MS);
    assert.ok((await redis.pttl('lock:a')) > LONG_MS);
    await lock.release();
    assert.deepEqual(await redis.mget('lock:a', 'lock:b'), [null, null]);
    await assert.rejects(lock.extend(1000, once));
    await redlock.using(['lock:long'], 5000, { automaticExtensionThreshold: 4800 }, async (signal) => {
      const first = await redis.get('lock:long');
      await pause(300);
      await until(async () => (await redis.pttl('lock:long')) > 4800);
      assert.equal(signal.aborted, false);
      assert.equal(await redis.get('lock:long'), first);
    });
    assert.equal(await redis.exists('lock:long'), 0);
  });

  test('redlock 4', async () => {
    const redlock = new Redlock4([redis], { retryDelay: 10, retryJitter: 5, retryCount: 1000 });
    const most = await mostAtOnce(8, 1, async (inside) => {
      const lock = await redlock.lock('lock:4', LONG_MS);
      await inside();
      await lock.unlock();
    });
    assert.equal(most, 1);
    const lock = await redlock.lock(['lock:c', 'lock:d'], LONG_MS);
    await lock.extend(2 * LONG_MS);
    assert.ok((await redis.pttl('lock:d')) > LONG_MS);
    const impatient = new Redlock4([redis], { retryCount: 0 });
    await assert.rejects(impatient.lock('lock:c', 100), { name: 'LockError' });
    await lock.unlock();
    await assert.rejects(lock.unlock(), { name: 'LockError' });
  });

  test('redis-semaphore: a mutex', async () => {
    const most = await mostAtOnce(8, 1, async (inside) => {
      const mutex = new Mutex(redis, 'mutex', WAITING);
      await mutex.acquire();
      await inside();
      await mutex.release();
    });
    assert.equal(most, 1);
    const holder = new Mutex(redis, 'held', { lockTimeout: 5000, refreshInterval: 50 });
    await holder.acquire();
    const other = new Mutex(redis, 'held', { acquireTimeout: 200, retryInterval: 10 });
    await assert.rejects(other.acquire(), TimeoutError);
    assert.equal(await other.tryAcquire(), false);
    // It is refreshed, so that its time does not run out.
    await until(async () => (await redis.pttl('mutex:held')) > 4800);
    await holder.release();
    assert.equal(await other.tryAcquire(), true);
    await other.release();
  });

  test('redis-semaphore: what is lost is noticed', async () => {
    const lost = [];
    const mutex = new Mutex(redis, 'lost', { refreshInterval: 10, onLockLost: (error) => lost.push(error) });
    await mutex.acquire();
    await redis.del('mutex:lost');
    while (lost.length === 0) await pause(5);
    assert.match(lost[0].message, /Lost mutex for key mutex:lost/);
  });

  test('redis-semaphore: a semaphore, several permits, a mutex over several servers', async () => {
    const three = await mostAtOnce(8, 3, async (inside) => {
      const semaphore = new Semaphore(redis, 'three', 3, WAITING);
      await semaphore.acquire();
      await inside();
      await semaphore.release();
    });
    assert.equal(three, 3);
    const two = await mostAtOnce(8, 2, async (inside) => {
      const semaphore = new MultiSemaphore(redis, 'five', 5, 2, WAITING);
      await semaphore.acquire();
      await inside();
      await semaphore.release();
    });
    assert.equal(two, 2);
    const one = await mostAtOnce(6, 1, async (inside) => {
      const mutex = new RedlockMutex([redis], 'servers', WAITING);
      await mutex.acquire();
      await inside();
      await mutex.release();
    });
    assert.equal(one, 1);
    assert.equal(await redis.exists('semaphore:three', 'semaphore:five', 'mutex:servers'), 0);
  });
});
