/**
 * Why a call of the library was refused. Error replies of commands are ReplyErrors; what the system refuses keeps its
 * own error.
 */

export type RedisServerErrorCode =
  /** An option that is not there, or a value that it can't have. */
  | 'INVALID_OPTION'
  /** An argument of a method that is of the wrong type or out of range. */
  | 'INVALID_ARGUMENT'
  /** A command such as SELECT or MULTI given to execute(), which keeps no state between calls. */
  | 'NEEDS_SESSION'
  /** The file of the data can't be read, or is not as it was written. */
  | 'UNREADABLE_FILE'
  | 'SERVER_STOPPED'
  | 'SESSION_CLOSED'
  | 'SNAPSHOT_CLOSED'
  /** The snapshot was given up when the system had no more memory. */
  | 'SNAPSHOT_LOST'
  /** A snapshot that another server took. */
  | 'FOREIGN_SNAPSHOT'
  /** Called from inside a command, by a logger for one. */
  | 'SERVER_BUSY';

export class RedisServerError extends Error {
  override name = 'RedisServerError';

  constructor(
    readonly code: RedisServerErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export function stopped(): RedisServerError {
  return new RedisServerError('SERVER_STOPPED', 'the server is stopped');
}

/** A value as an error message shows it. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'symbol') return 'a symbol';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return `an object (${value.constructor?.name ?? 'no class'})`;
  return typeof value === 'bigint' ? `${value}n` : String(value);
}
