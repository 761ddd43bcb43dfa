/**
 * The log of the program, in one of three formats:
 *
 *   redis    lines as redis-server writes them; the default on a terminal
 *   json     a JSON object a line, as pino writes it; the default elsewhere and in `logfile`
 *   pretty   for eyes: time, level in colour, message
 *
 * Written at once, not from a worker: nothing is lost when the process ends. A reader of the log that went away is no
 * reason to end. As in Redis a file is opened for each line, so that one which was moved away is followed by a new one.
 */

import { appendFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isatty } from 'node:tty';
import { pino } from 'pino';
import type { Config } from '../config/config.js';
import type { Logger } from '../engine/logger.js';

export const LOG_FORMATS = ['redis', 'json', 'pretty'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

/** pino's names for `loglevel`. */
const LEVELS = { debug: 'trace', verbose: 'debug', notice: 'info', warning: 'warn', nothing: 'silent' } as const;

/** The marks of redis-server, by pino's numbers. */
const MARKS: Readonly<Record<number, string>> = { 10: '.', 20: '-', 30: '*', 40: '#', 50: '#', 60: '#' };

/** Whether what is logged can be seen where the program was started. */
export function logsToOutput(config: Config): boolean {
  return config.get('logfile') === '';
}

/** @throws if `logfile` can't be opened; a relative one counts from `dir` */
export function createLogger(config: Config, format: LogFormat | undefined): Logger {
  const toOutput = logsToOutput(config);
  const output = toOutput ? standardOutput() : fileOutput(resolve(config.get('dir'), config.get('logfile')));
  const isTerminal = toOutput && isatty(1);
  const toLine = LINES[format ?? (isTerminal ? 'redis' : 'json')];
  const stream =
    toLine === null ? output : { write: (json: string) => void output.write(toLine(JSON.parse(json), isTerminal)) };
  const logger = pino({ level: LEVELS[config.get('loglevel')] }, stream);
  config.onChange('loglevel', () => {
    logger.level = LEVELS[config.get('loglevel')];
  });
  return logger;
}

interface LogOutput {
  write(line: string): void;
}

function standardOutput(): LogOutput {
  const output = pino.destination({ dest: 1, sync: true });
  output.on('error', () => {});
  return output;
}

/** @throws if it can't be opened */
function fileOutput(path: string): LogOutput {
  appendFileSync(path, '');
  return {
    write(line) {
      try {
        appendFileSync(path, line);
      } catch {
        // The disk is full, or its folder is gone: nobody can be told.
      }
    },
  };
}

interface LogRecord {
  readonly level: number;
  readonly time: number;
  readonly pid: number;
  readonly msg: string;
}

const LINES: Readonly<Record<LogFormat, ((record: LogRecord, isTerminal: boolean) => string) | null>> = {
  redis: redisLine,
  json: null,
  pretty: prettyLine,
};

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `12345:M 20 Nov 2026 17:53:34.318 * Ready to accept connections` */
function redisLine({ level, time, pid, msg }: LogRecord): string {
  const at = new Date(time);
  const date = `${String(at.getDate()).padStart(2, '0')} ${MONTHS[at.getMonth()]} ${at.getFullYear()}`;
  return `${pid}:M ${date} ${clockOf(at)} ${MARKS[level]} ${msg}\n`;
}

const NAMES: Readonly<Record<number, string>> = {
  10: 'debug',
  20: 'verbose',
  30: 'notice',
  40: 'warning',
  50: 'error',
};
const RED = 31;
const GREEN = 32;
const YELLOW = 33;
const GREY = 90;
const COLOURS: Readonly<Record<number, number>> = { 10: GREY, 20: GREY, 30: GREEN, 40: YELLOW, 50: RED };

/** `17:53:34.318 notice  Ready to accept connections` */
function prettyLine({ level, time, msg }: LogRecord, isTerminal: boolean): string {
  const name = (NAMES[level] ?? 'error').padEnd(7);
  const hasColours = isTerminal && process.env['NO_COLOR'] === undefined;
  const shown = hasColours ? `\x1b[${COLOURS[level] ?? RED}m${name}\x1b[0m` : name;
  return `${clockOf(new Date(time))} ${shown} ${msg}\n`;
}

function clockOf(at: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const seconds = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  return `${seconds}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}
