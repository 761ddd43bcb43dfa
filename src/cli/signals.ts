/**
 * What signals do: SIGINT and SIGTERM end the server as `shutdown-on-sigint` and `shutdown-on-sigterm` say; those that
 * a terminal, a log rotation or a script may send by the way do nothing, so that no data is lost to them.
 */
import type { Config } from '../config/config.js';
import type { Logger } from '../engine/logger.js';
import type { RedisServer } from '../server/redis-server.js';

/**
 * Ignores what would end the process without saving: SIGHUP (as in Redis; Node does not keep what `nohup` arranged),
 * SIGUSR1 (Node would open its debugger to the machine), SIGUSR2 and SIGALRM. The first thing that the program does.
 */
export function ignoreSignals(): void {
  if (process.platform === 'win32') return;
  for (const signal of ['SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGALRM'] as const) process.on(signal, () => {});
}

export function endOnSignals(runningServer: () => RedisServer | null, config: Config, logger: Logger): void {
  let isEnding = false;
  const end = (signal: 'SIGINT' | 'SIGTERM') => {
    // Who asks twice does not want to wait.
    if (isEnding && signal === 'SIGINT') {
      logger.warn('You insist... exiting now.');
      process.exit(1);
    }
    const server = runningServer();
    if (server === null) {
      // Nothing has changed that could be saved.
      logger.warn('Received shutdown signal during loading, exiting now.');
      process.exit(0);
    }
    logger.info(`Received ${signal} scheduling shutdown...`);
    const flags = config.get(signal === 'SIGINT' ? 'shutdown-on-sigint' : 'shutdown-on-sigterm');
    const save = flags.includes('save') ? true : flags.includes('nosave') ? false : null;
    isEnding = true;
    try {
      server.shutdown({ save, force: flags.includes('force') });
    } catch {
      // Data that could not be saved would be lost: the persistence layer has logged why.
      isEnding = false;
      logger.warn("Error trying to save the DB, can't exit. SHUTDOWN NOSAVE ends it without saving");
    }
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
}
