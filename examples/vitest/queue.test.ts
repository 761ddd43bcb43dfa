import { createClient } from 'redis';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { useServer } from './server.js';

const server = useServer();

async function connected() {
  const client = createClient({ url: server.current.url });
  await client.connect();
  onTestFinished(() => client.destroy());
  return client;
}

describe('a queue', () => {
  test('hands jobs out in order', async () => {
    const client = await connected();
    await client.rPush('jobs', ['a', 'b']);
    expect(await client.lPop('jobs')).toBe('a');
    expect(await server.current.execute<string[]>('LRANGE', 'jobs', 0, -1)).toEqual(['b']);
  });

  test('lets a worker wait as long as the server’s clock says', async () => {
    const client = await connected();
    server.current.clock.freeze();
    const job = client.blPop('jobs', 30);
    await server.current.clock.advance(30_000);
    expect(await job).toBe(null);
    server.current.clock.resume();
  });

  test('goes on while the tests fake their own time', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'setImmediate', 'Date'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    expect(await server.current.execute('RPUSH', 'jobs', 'c')).toBe(1);
  });
});
