/** One server for each test file: files run side by side, and share nothing. */
import { RedisServer } from 'redstart';
import { afterAll, afterEach, beforeAll } from 'vitest';

export function useServer(): { readonly current: RedisServer } {
  let server: RedisServer | undefined;
  beforeAll(async () => {
    server = await RedisServer.start({ port: 0 });
  });
  afterEach(() => server?.execute('FLUSHALL'));
  afterAll(() => server?.stop());
  return {
    get current() {
      if (server === undefined) throw new Error('the server runs only inside of tests');
      return server;
    },
  };
}
