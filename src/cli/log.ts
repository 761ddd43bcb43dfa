/**
 * The log of the program: lines as redis-server writes them on a terminal, JSON lines elsewhere and in `logfile`.
 *
 * Written at once, not from a worker: nothing is lost when the process ends.
 */

import { pino } from 'pino';
import type { Config } from '../config/config.js';
import type { Logger } from '../server/logger.js';

/** pino's names for `loglevel`. */
const LEVELS = { debug: 'trace', verbose: 'debug', notice: 'info', warning: 'warn', nothing: 'silent' } as const;

/** The marks of redis-server, by pino's numbers. */
const MARKS: Readonly<Record<number, string>> = { 10: '.', 20: '-', 30: '*', 40: '#', 50: '#', 60: '#' };

/** @throws if `logfile` can't be opened */
export function createLogger(config: Config): Logger {
  const file = config.get('logfile');
  const destination =
    file === '' && process.stdout.isTTY
      ? { write: (line: string) => void process.stdout.write(readableLine(line)) }
      : pino.destination({ dest: file === '' ? 1 : file, append: true, sync: true });
  // A reader of the log that went away is no reason to end.
  if ('on' in destination) destination.on('error', () => {});
  const logger = pino({ level: LEVELS[config.get('loglevel')] }, destination);
  config.onChange('loglevel', () => {
    logger.level = LEVELS[config.get('loglevel')];
  });
  return logger;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `12345:M 20 Nov 2026 17:53:34.318 * Ready to accept connections` */
function readableLine(json: string): string {
  const { level, time, pid, msg } = JSON.parse(json) as { level: number; time: number; pid: number; msg: string };
  const at = new Date(time);
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${two(at.getDate())} ${MONTHS[at.getMonth()]} ${at.getFullYear()}`;
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  return `${pid}:M ${date} ${clock}.${String(at.getMilliseconds()).padStart(3, '0')} ${MARKS[level]} ${msg}\n`;
}
