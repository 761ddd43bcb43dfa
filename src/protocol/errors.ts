/**
 * Every error text a client can see, to the byte what Redis 7.4 answers, by topic.
 *
 * Import as a namespace (`import * as errors from '../protocol/errors.js'`) and throw: `throw errors.SYNTAX` for a fixed text,
 * `throw errors.wrongArity('get')` for one that echoes something. A text begins with its code (`ERR`, `WRONGTYPE`, …). What is
 * echoed may hold any byte: ReplyWriter.error() turns CR and LF into spaces when it writes.
 */

/**
 * An error that is a command's reply. Handlers throw it from their checking half; one place in the engine catches it and writes
 * `message` as the reply. It carries no stack: nobody reads it, and capturing one costs more than most commands.
 */
export class CommandError extends Error {
  override name = 'CommandError';

  constructor(text: string) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(text);
    Error.stackTraceLimit = limit;
  }

  /** The first word of the text: `ERR`, `WRONGTYPE`, … */
  get code(): string {
    const space = this.message.indexOf(' ');
    return space < 0 ? this.message : this.message.slice(0, space);
  }
}

/** A request that cannot be decoded: the text is sent as the last reply and the connection closes. */
export class ProtocolError extends CommandError {
  override name = 'ProtocolError';

  constructor(detail: string) {
    super(`ERR Protocol error: ${detail}`);
  }
}

/** For texts that occur in one place only and need no name. */
export function commandError(text: string): CommandError {
  return new CommandError(withCode(text));
}

/** Gives a text that begins with no code (a first word of capitals, digits and underscores) the code `ERR`. */
export function withCode(text: string): string {
  return HAS_CODE.test(text) ? text : `ERR ${text}`;
}

const HAS_CODE = /^[A-Z][A-Z0-9_]*( |$)/;

// ---- Arity, names, syntax

export const SYNTAX = new CommandError('ERR syntax error');

/** `name` in lower case, a subcommand as `client|setinfo`. */
export function wrongArity(name: string): CommandError {
  return new CommandError(`ERR wrong number of arguments for '${name}' command`);
}

/** Redis echoes the name cut to 128 bytes, and arguments until 128 bytes of them are written. */
const ECHO_LIMIT = 128;

/** `name` and `args` as latin1 text of what the client sent. */
export function unknownCommand(name: string, args: Iterable<string>): CommandError {
  let echoed = '';
  for (const arg of args) {
    if (echoed.length >= ECHO_LIMIT) break;
    echoed += `'${cString(arg).slice(0, ECHO_LIMIT - echoed.length)}' `;
  }
  return new CommandError(
    `ERR unknown command '${cString(name).slice(0, ECHO_LIMIT)}', with args beginning with: ${echoed}`,
  );
}

/** `command` in upper case. */
export function unknownSubcommand(subcommand: string, command: string): CommandError {
  return new CommandError(
    `ERR unknown subcommand '${cString(subcommand).slice(0, ECHO_LIMIT)}'. Try ${command.toUpperCase()} HELP.`,
  );
}

export function unknownSubcommandOrArity(subcommand: string, command: string): CommandError {
  return new CommandError(
    `ERR unknown subcommand or wrong number of arguments for '${cString(subcommand).slice(0, ECHO_LIMIT)}'. Try ${command.toUpperCase()} HELP.`,
  );
}

/** Redis prints echoes as C strings: up to the first NUL. */
function cString(text: string): string {
  const nul = text.indexOf('\0');
  return nul < 0 ? text : text.slice(0, nul);
}

// ---- Numbers

export const NOT_INTEGER = new CommandError('ERR value is not an integer or out of range');
export const NOT_FLOAT = new CommandError('ERR value is not a valid float');
export const NOT_POSITIVE = new CommandError('ERR value is out of range, must be positive');
export const OUT_OF_RANGE = new CommandError('ERR value is out of range');

export function notBetween(min: number, max: number): CommandError {
  return new CommandError(`ERR value is out of range, value must between ${min} and ${max}`);
}

// ---- Keys and types

export const WRONGTYPE = new CommandError('WRONGTYPE Operation against a key holding the wrong kind of value');
export const NO_SUCH_KEY = new CommandError('ERR no such key');
export const INDEX_OUT_OF_RANGE = new CommandError('ERR index out of range');
export const SAME_OBJECT = new CommandError('ERR source and destination objects are the same');
export const DB_OUT_OF_RANGE = new CommandError('ERR DB index is out of range');

// ---- Strings

export const INCREMENT_OVERFLOW = new CommandError('ERR increment or decrement would overflow');
export const DECREMENT_OVERFLOW = new CommandError('ERR decrement would overflow');
export const INCREMENT_NOT_FINITE = new CommandError('ERR increment would produce NaN or Infinity');
export const OFFSET_OUT_OF_RANGE = new CommandError('ERR offset is out of range');
export const STRING_TOO_LONG = new CommandError('ERR string exceeds maximum allowed size (proto-max-bulk-len)');

// ---- Expiry

/** `command` in lower case. */
export function invalidExpireTime(command: string): CommandError {
  return new CommandError(`ERR invalid expire time in '${command}' command`);
}
