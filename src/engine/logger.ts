/**
 * Where a server's log goes: any of pino's loggers fits, as does `console`. A server that was given none does not log.
 */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
