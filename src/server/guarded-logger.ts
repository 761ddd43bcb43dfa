/** A program's own logger, whose faults are the program's. */
import type { Logger } from '../engine/logger.js';
import { setTurn } from '../net/timers.js';

/** What it throws is thrown in a turn of its own, where nothing of the server's is on the stack. */
export function guarded(logger: Logger): Logger {
  const guard = (level: keyof Logger) => (text: string) => {
    try {
      logger[level](text);
    } catch (error) {
      setTurn(() => {
        throw error;
      });
    }
  };
  return { debug: guard('debug'), info: guard('info'), warn: guard('warn'), error: guard('error') };
}
