/**
 * Upstash's own clients on its REST API as it is served here: each does its real work on a server of its own, and finds
 * it by the variables that it looks for.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RedisServer } from '../../src/server/redis-server.js';
import { Workshop } from '../support/workshop.js';

const INSTALL_MS = 300_000;
const RUN_MS = 180_000;
const TOKEN = 'a-token';

let workshop: Workshop;

beforeAll(async () => {
  workshop = await Workshop.with('test/applications/upstash');
}, INSTALL_MS);

afterAll(() => workshop.close());

describe.concurrent("Upstash's clients", { timeout: RUN_MS }, () => {
  test.each([
    ['@upstash/redis', 11, 'redis.js'],
    ['@upstash/ratelimit', 7, 'ratelimit.js'],
    ['@vercel/kv', 3, 'kv.js'],
  ])('%s in %i parts', async (_name, parts, program) => {
    await using server = await RedisServer.start({ port: 0, requirepass: TOKEN, http: { port: 0 } });
    const url = String(server.httpUrl);
    const project = workshop.project('test/applications/upstash/programs', {
      UPSTASH_REDIS_REST_URL: url,
      UPSTASH_REDIS_REST_TOKEN: TOKEN,
      KV_REST_API_URL: url,
      KV_REST_API_TOKEN: TOKEN,
    });
    expect(await project.node('--test-reporter=tap', program)).toContain(`\n# pass ${parts}\n# fail 0\n`);
  });
});
