/** What a program may ask of a server when it starts one, turned into a configuration. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Config, type ConfigInput } from '../config/config.js';
import type { DirectiveName } from '../config/directives.js';
import { ConfigError } from '../config/value-types.js';
import type { Logger } from './logger.js';

type CamelCase<S extends string> = S extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : S;

/** Any directive of redis.conf, by its own name (`'proto-max-bulk-len'`) or in camel case (`protoMaxBulkLen`). */
export type DirectiveOptions = { [Name in DirectiveName as Name | CamelCase<Name>]?: ConfigInput };

export interface RedisServerOptions extends DirectiveOptions {
  /** Where to log; nowhere by default. */
  logger?: Logger;
  /** Whether the running server keeps the process alive, as a server program does. By default it does not. */
  keepAlive?: boolean;
  /**
   * A whole configuration, such as that of a redis.conf, in place of the library's defaults. Directives beside it are applied on top.
   */
  config?: Config;
  /** `events` reads sockets by their 'data' events, for Nodes and situations where handles can't be taken over. */
  transport?: 'handles' | 'events';
  /** Writes the configuration back to where it came from, for CONFIG REWRITE. */
  rewriteConfig?: () => void;
}

export interface StartSettings {
  config: Config;
  logger: Logger | undefined;
  ref: boolean;
  /** Whether the snapshot file is loaded at the start. */
  loads: boolean;
  transport: 'handles' | 'events' | undefined;
  rewriteConfig: (() => void) | undefined;
}

/**
 * In a program: reachable from this machine only, and no file is read or written unless one is asked for. IPv6 only on
 * request: the first look at such an address costs Node 4 ms, half of what a start takes.
 */
const LIBRARY_DEFAULTS = { bind: '127.0.0.1', save: '' };

/** @throws ConfigError that names the option */
export function readOptions(options: RedisServerOptions): StartSettings {
  const { logger, keepAlive = false, config: given, rewriteConfig, transport, ...directives } = options;
  const config = given ?? libraryConfig();
  const values: Record<string, ConfigInput | undefined> = {};
  for (const [name, value] of Object.entries(directives)) values[kebabCase(name)] = value as ConfigInput | undefined;
  // With a directory and nothing said about save points, those of redis.conf hold.
  if (given === undefined && values['dir'] !== undefined && values['save'] === undefined) {
    values['save'] = new Config().text('save');
  }
  config.assign(values);
  return {
    config,
    logger,
    ref: keepAlive,
    loads: given !== undefined || values['dir'] !== undefined || config.get('save').length > 0,
    transport,
    rewriteConfig,
  };
}

function libraryConfig(): Config {
  const config = new Config({ resolveDirectory });
  config.assign(LIBRARY_DEFAULTS);
  return config;
}

/** The absolute path of a directory that exists. @throws ConfigError */
export function resolveDirectory(path: string): string {
  const absolute = resolve(path);
  const stats = statSync(absolute, { throwIfNoEntry: false });
  if (stats === undefined) throw new ConfigError('No such file or directory');
  if (!stats.isDirectory()) throw new ConfigError('Not a directory');
  return absolute;
}

function kebabCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
