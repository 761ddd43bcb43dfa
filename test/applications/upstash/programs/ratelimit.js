/** @upstash/ratelimit: its algorithms, whose scripts run here, and what it says about limits. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Ratelimit } from '@upstash/ratelimit';
import { connect } from './client.js';

const redis = connect();
/** Windows begin where the clock is a multiple of them: none of these begins while a test runs. */
const WINDOW = '30 d';

function limit(name, limiter, options = {}) {
  return new Ratelimit({ redis, limiter, prefix: name, ephemeralCache: false, timeout: 0, ...options });
}

/** How many of so many requests at once are let through. */
async function passed(ratelimit, requests) {
  const results = await Promise.all(Array.from({ length: requests }, () => ratelimit.limit('user')));
  return results.filter(({ success }) => success).length;
}

describe('@upstash/ratelimit', { concurrency: true }, () => {
  for (const [name, limiter] of [
    ['fixed', Ratelimit.fixedWindow(5, WINDOW)],
    ['sliding', Ratelimit.slidingWindow(5, WINDOW)],
    ['bucket', Ratelimit.tokenBucket(5, WINDOW, 5)],
  ]) {
    test(`${name}: five of twelve at once pass, and begin anew after a reset`, async () => {
      const ratelimit = limit(name, limiter);
      assert.equal(await passed(ratelimit, 12), 5);
      const refused = await ratelimit.limit('user');
      assert.equal(refused.success, false);
      assert.equal(refused.limit, 5);
      assert.ok(refused.reset > Date.now());
      assert.equal((await ratelimit.getRemaining('user')).remaining, 0);
      assert.equal((await ratelimit.limit('other')).remaining, 4);
      await ratelimit.resetUsedTokens('user');
      assert.equal((await ratelimit.getRemaining('user')).remaining, 5);
      assert.equal(await passed(ratelimit, 1), 1);
    });
  }

  test('a window that is over lets through again', async () => {
    const ratelimit = limit('short', Ratelimit.fixedWindow(1, '300 ms'));
    assert.equal((await ratelimit.limit('user')).success, true);
    assert.equal((await ratelimit.blockUntilReady('user', 5000)).success, true);
  });

  test('a request may take several', async () => {
    const ratelimit = limit('several', Ratelimit.slidingWindow(10, WINDOW));
    assert.equal((await ratelimit.limit('user', { rate: 8 })).remaining, 2);
    assert.equal((await ratelimit.limit('user', { rate: 3 })).success, false);
  });

  test('who is denied is denied', async () => {
    const ratelimit = limit('denied', Ratelimit.fixedWindow(10, WINDOW), { enableProtection: true, timeout: 5000 });
    await redis.sadd('denied:denyList:all', '10.0.0.1');
    const { success, reason, pending } = await ratelimit.limit('user', { ip: '10.0.0.1' });
    await pending.catch(() => {});
    assert.equal(success, false);
    assert.equal(reason, 'denyList');
  });

  test('what is counted can be looked at', async () => {
    const ratelimit = limit('counted', Ratelimit.fixedWindow(2, WINDOW), { analytics: true });
    for (let i = 0; i < 3; i++) await (await ratelimit.limit('user')).pending;
    const keys = await redis.keys('counted:events:*');
    assert.equal(keys.length, 1);
    const events = await redis.zrange(keys[0], 0, -1, { withScores: true });
    assert.equal(
      events.filter((_, i) => i % 2 === 1).reduce((sum, count) => sum + count, 0),
      3,
    );
  });
});
