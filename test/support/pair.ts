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

export async function startPair(): Promise<Pair> {
  const oracle = await Oracle.start();
  try {
    const subject = await startSubject();
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

async function startSubject(): Promise<{ readonly port: number; stop(): Promise<void> }> {
  if (process.env['REDSTART_SUBJECT'] === 'redis-server') return Oracle.start();
  const { RedisServer } = await import('../../src/index.js');
  return RedisServer.start({ port: 0 });
}
