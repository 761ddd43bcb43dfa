/**
 * The two servers of a differential test: redis-server and redstart. With REDSTART_SUBJECT=redis-server a second
 * redis-server plays redstart's part, which shows whether a test compares only what two equal servers agree on.
 */
import { Oracle } from './oracle.js';
import type { Address } from './raw-client.js';

export interface Pair {
  readonly oracle: Address;
  readonly subject: Address;
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

async function startSubject(
  directives: Readonly<Record<string, string>>,
): Promise<{ readonly port: number; stop(): Promise<void> }> {
  if (process.env['REDSTART_SUBJECT'] === 'redis-server') return startOracle(directives);
  const { RedisServer } = await import('../../src/index.js');
  return RedisServer.start({ port: 0, 'enable-debug-command': 'yes', ...directives });
}
