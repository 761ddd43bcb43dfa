/**
 * A redstart server for a test file, in this process, on a port of the system's choice.
 *
 *     const server = useServer();                       // one for the whole file, stopped at its end
 *     test('…', async () => { await server().execute('PING'); });
 *
 *     const server = await startServer({ maxclients: 2 });  // one for this test, stopped when it ends
 */
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { RedisServer, type RedisServerOptions } from '../../src/index.js';

/** Starts one server before all tests of the file (or of the `describe` this is called in) and stops it after them. */
export function useServer(options: RedisServerOptions = {}): () => RedisServer {
  let server: RedisServer | undefined;
  beforeAll(async () => {
    server = await RedisServer.start({ port: 0, ...options });
  });
  afterAll(async () => {
    await server?.stop();
  });
  return () => {
    if (server === undefined) throw new Error('the server runs only inside tests');
    return server;
  };
}

/** Starts a server that is stopped when the running test ends. */
export async function startServer(options: RedisServerOptions = {}): Promise<RedisServer> {
  const server = await RedisServer.start({ port: 0, ...options });
  onTestFinished(() => server.stop());
  return server;
}
