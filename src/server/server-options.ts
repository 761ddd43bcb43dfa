/** What a program may ask of a server when it starts one, checked and turned into a configuration. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Config, type ConfigInput } from '../config/config.js';
import type { Directive } from '../config/directive.js';
import { type DirectiveName, directiveRows } from '../config/directives.js';
import { ConfigError, type ProgramInput } from '../config/value-types.js';
import type { Logger } from '../engine/logger.js';
import type { DirectiveOptions } from './directive-options.js';
import { directiveOf, optionLike } from './option-hints.js';
import { RedisServerError, shown } from './server-error.js';

export interface RedisServerOptions extends DirectiveOptions {
  /** Where to log; nowhere by default. `console` fits, and so does any of pino's loggers. */
  logger?: Logger | undefined;
  /** Whether the running server keeps the process alive, as a server program does. By default it does not. */
  keepAlive?: boolean | undefined;
  /**
   * How sockets are read: by their handles, which is faster, or by their 'data' events, for runtimes and situations
   * where handles can't be taken over. Chosen for the runtime by default.
   */
  transport?: 'handles' | 'events' | undefined;
  /** HTTP APIs beside RESP; `{ port: 0 }` takes any free port, which `server.httpUrl` tells. */
  http?: HttpOptions | undefined;
  /**
   * A whole configuration in place of the library's defaults, for the program. Directives beside it are applied on top.
   * @internal
   */
  config?: Config | undefined;
  /**
   * Writes the configuration back to where it came from, for CONFIG REWRITE.
   * @internal
   */
  rewriteConfig?: (() => void) | undefined;
}

/** The directives of HTTP, which are options by themselves as well (`httpPort`), in one place. */
export interface HttpOptions {
  /** 0 takes any free one. */
  port?: number | undefined;
  /** Addresses; `127.0.0.1` by default. */
  bind?: string | readonly string[] | undefined;
  /** APIs and the paths where they are served instead of their own; `'off'` serves one nowhere. */
  mount?: Readonly<Record<string, string>> | undefined;
  maxRequestSize?: number | string | undefined;
  requestTimeout?: number | undefined;
  maxWaiting?: number | undefined;
  /** A JSON file. */
  tokensFile?: string | undefined;
  /** webdis's configuration file. */
  webdisConfig?: string | undefined;
  allowHost?: readonly string[] | undefined;
  allowOrigin?: readonly string[] | undefined;
  kvMaxWait?: number | undefined;
  cacheIsolation?: boolean | undefined;
  cacheStrictStatus?: boolean | undefined;
  cacheTokenTtl?: number | undefined;
}

export interface StartSettings {
  config: Config;
  logger: Logger | undefined;
  ref: boolean;
  /** Whether the snapshot file is loaded at the start. */
  loads: boolean;
  /** Whether files may be written: a program's may, a library's only where options speak of files. */
  keepsFiles: boolean;
  transport: 'handles' | 'events' | undefined;
  rewriteConfig: (() => void) | undefined;
  /** Whether HTTP is served although its port is 0: on any free one. */
  servesHttp: boolean;
  /** Whether what the first script needs is prepared while nothing happens: by a program, which nobody waits for. */
  prepares: boolean;
}

/**
 * In a program: reachable from this machine only, and no file is read or written unless one is asked for. IPv6 only on
 * request: the first look at such an address costs Node 4 ms, half of what a start takes.
 */
const LIBRARY_DEFAULTS = { bind: '127.0.0.1', save: '' };

/** Who names one of these wants files. */
export const FILE_DIRECTIVES: readonly DirectiveName[] = ['dir', 'dbfilename', 'save'];

/** @throws RedisServerError that names the option */
export function readOptions(options: RedisServerOptions): StartSettings {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw invalid(`start() takes an object of options, such as { port: 6380 }, not ${shown(options)}`);
  }
  const { logger, keepAlive, config: given, rewriteConfig, transport, http, ...others } = options;
  const directives = { ...others, ...httpDirectives(http) };
  checkOwnOptions(options);
  const config = given ?? libraryConfig();
  const values: Partial<Record<DirectiveName, ConfigInput>> = {};
  for (const [name, value] of Object.entries(directives)) {
    const directive = directiveOf(name);
    if (directive === undefined) throw unknownOption(name);
    if (value !== undefined && given === undefined) checkMayBeOption(name, directive);
    if (value !== undefined) values[directive] = inputOf(name, directive, value);
  }
  const asksForFiles = given !== undefined || FILE_DIRECTIVES.some((name) => values[name] !== undefined);
  // With a directory and nothing said about save points, those of redis.conf hold.
  if (given === undefined && values.dir !== undefined && values.save === undefined) {
    values.save = new Config().text('save');
  }
  assign(config, values);
  return {
    config,
    logger,
    ref: keepAlive ?? false,
    loads: given !== undefined || values.dir !== undefined || config.get('save').length > 0,
    keepsFiles: asksForFiles,
    transport,
    rewriteConfig,
    servesHttp: http !== undefined,
    prepares: given !== undefined,
  };
}

function assign(config: Config, values: Partial<Record<DirectiveName, ConfigInput>>): void {
  try {
    config.assign(values);
  } catch (error) {
    throw error instanceof ConfigError ? invalid(error.message, error) : error;
  }
}

function checkOwnOptions({ logger, keepAlive, transport, config }: RedisServerOptions): void {
  if (logger !== undefined) {
    for (const level of ['debug', 'info', 'warn', 'error'] as const) {
      if (typeof logger?.[level] !== 'function') {
        throw invalid(`logger: takes an object with debug(), info(), warn() and error(), not ${shown(logger)}`);
      }
    }
  }
  if (keepAlive !== undefined && typeof keepAlive !== 'boolean') {
    throw invalid(`keepAlive: takes true or false, not ${shown(keepAlive)}`);
  }
  if (transport !== undefined && transport !== 'handles' && transport !== 'events') {
    throw invalid(`transport: takes 'handles' or 'events', not ${shown(transport)}`);
  }
  if (config !== undefined && !(config instanceof Config)) {
    throw invalid('config: give directives as options: { maxmemory: "64mb", dir: "data" }');
  }
}

/** @throws RedisServerError */
function httpDirectives(http: HttpOptions | undefined): Record<string, unknown> {
  if (http === undefined) return {};
  if (typeof http !== 'object' || http === null || Array.isArray(http)) {
    throw invalid(`http: takes an object of options, such as { port: 0 }, not ${shown(http)}`);
  }
  const directives: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(http)) {
    const option = `http${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    if (directiveOf(option) === undefined) throw invalid(`unknown option 'http.${name}'`);
    directives[option] = name === 'mount' && typeof value === 'object' ? Object.entries(value ?? {}).flat() : value;
  }
  return directives;
}

// ---- Values of directives

const EXPECTED: Readonly<Record<ProgramInput, string>> = {
  boolean: 'true or false',
  integer: 'an integer',
  size: "a number of bytes or a size such as '64mb'",
  octal: "permissions such as 0o700 or '700'",
  text: 'a string',
  words: 'a string or an array of strings',
  numbers: 'a string or an array of numbers',
};

/** What concerns the process is the program's, which hosts nobody else's code. @throws RedisServerError */
function checkMayBeOption(option: string, directive: DirectiveName): void {
  const row: Directive = directiveRows[directive];
  if (row.programOnly === undefined) return;
  const instead = directive === 'logfile' ? '; give a logger' : '';
  throw invalid(`${option}: is for the program \`redstart\`, whose process is its own${instead}`);
}

function inputOf(option: string, directive: DirectiveName, value: unknown): ConfigInput {
  const { input } = directiveRows[directive].type;
  if (!isInput(input, value)) throw invalid(`${option}: takes ${EXPECTED[input]}, not ${shown(value)}`);
  // As a number it is what it is in JavaScript: 0o700 is 448.
  if (input === 'octal' && typeof value !== 'string') return (value as number).toString(8);
  return value as ConfigInput;
}

function isInput(input: ProgramInput, value: unknown): boolean {
  if (typeof value === 'string') return true;
  switch (input) {
    case 'boolean':
      return typeof value === 'boolean';
    case 'integer':
    case 'size':
    case 'octal':
      return typeof value === 'bigint' || Number.isSafeInteger(value);
    case 'words':
    case 'numbers':
      return Array.isArray(value) && value.every((each) => typeof each === 'string' || Number.isFinite(each));
    default:
      return false;
  }
}

function unknownOption(name: string): RedisServerError {
  const like = optionLike(name);
  return invalid(`unknown option '${name}'${like === undefined ? '' : `: did you mean '${like}'?`}`);
}

function invalid(message: string, cause?: Error): RedisServerError {
  return new RedisServerError('INVALID_OPTION', message, cause === undefined ? undefined : { cause });
}

// ---- Defaults

function libraryConfig(): Config {
  const config = new Config({ resolveDirectory });
  config.assign(LIBRARY_DEFAULTS);
  return config;
}

/** The absolute path of a directory that exists. @throws ConfigError */
export function resolveDirectory(path: string, from = '.'): string {
  const absolute = resolve(from, path);
  const stats = statSync(absolute, { throwIfNoEntry: false });
  if (stats === undefined) throw new ConfigError('No such file or directory');
  if (!stats.isDirectory()) throw new ConfigError('Not a directory');
  return absolute;
}
