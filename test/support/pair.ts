/**
 * The two servers of a differential test: redis-server and redstart. With REDSTART_SUBJECT=redis-server a second
 * redis-server plays redstart's part, which shows whether a test compares only what two equal servers agree on.
 * REDSTART_TRANSPORT=events lets redstart read sockets by their 'data' events, as where handles can't be taken over.
 */
import type { RedisServer } from '../../src/index.js';
import { bundledLibrary } from './bundle.js';
import { Oracle } from './oracle.js';
import type { Address } from './raw-client.js';

export interface Pair {
  readonly oracle: Address;
  readonly subject: Address;
  /** What both were started with. */
  readonly directives: Readonly<Record<string, string>>;
  /** redstart's own face, for what no client can ask. */
  readonly server?: RedisServer;
  stop(): Promise<void>;
}

/** Both start with the same directives. */
export async function startPair(directives: Readonly<Record<string, string>> = {}): Promise<Pair> {
  const oracle = await startOracle(directives);
  try {
    const subject = await startSubject(directives);
    return {
      oracle: { port: oracle.port },
      subject: { port: subject.port },
      directives,
      ...(subject instanceof Oracle ? {} : { server: subject }),
      async stop() {
        await Promise.all([oracle.stop(), subject.stop()]);
      },
    };
  } catch (error) {
    await oracle.stop();
    throw error;
  }
}

function startOracle(directives: Readonly<Record<string, string>>): Promise<Oracle> {
  return Oracle.start(...Object.entries(directives).flatMap(([name, value]) => [`--${name}`, value]));
}

/** redstart, or what plays its part. */
export async function startSubject(directives: Readonly<Record<string, string>> = {}): Promise<Oracle | RedisServer> {
  if (process.env['REDSTART_SUBJECT'] === 'redis-server') return startOracle(directives);
  const { RedisServer } = await bundledLibrary();
  return RedisServer.start({ port: 0, 'enable-debug-command': 'yes', ...directives });
}
