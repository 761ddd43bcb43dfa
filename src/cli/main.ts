/**
 * The program: reads the configuration, starts a server with it, and ends it on SIGINT and SIGTERM.
 *
 * Exit codes: 0 after an ordinary end, 1 if the configuration is wrong or the server can't start.
 */

import { closeSync, fsyncSync, openSync, readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseCommandLine } from '../config/command-line.js';
import { Config } from '../config/config.js';
import {
  COMMAND_LINE,
  ConfigLineError,
  checkRefusals,
  configurationFile,
  loadConfigText,
  STANDARD_INPUT,
} from '../config/config-file.js';
import { type DirectiveName, directiveRows } from '../config/directives.js';
import { rewriteConfigText } from '../config/rewrite.js';
import * as errors from '../protocol/errors.js';
import type { Logger } from '../server/logger.js';
import { RedisServer } from '../server/redis-server.js';
import { resolveDirectory } from '../server/server-options.js';
import { REDIS_VERSION, REDSTART_VERSION } from '../version.js';
import { createLogger } from './log.js';

const USAGE_OPTIONS = ['-h', '--help', '-v', '--version'];

/** The process can't go on: `message` is for the user. */
class FatalError extends Error {}

async function main(argv: readonly string[]): Promise<void> {
  // Alone only, as redis-server takes them: elsewhere they are values.
  if (argv.length === 1 && USAGE_OPTIONS.includes(argv[0])) {
    const { printUsage } = await import('./usage.js');
    printUsage(argv[0]);
    return;
  }
  const config = readConfig(argv);
  const logger = openLog(config);
  logger.info(`redstart ${REDSTART_VERSION} (Redis ${REDIS_VERSION}), node ${process.versions.node}, starts`);
  if (config.file === null && argv.length === 0) {
    logger.info('No configuration given, using the defaults. Name a file or give directives as options to change that');
  }
  warnOfNoEffect(config, logger);
  let server: RedisServer | null = null;
  // Before the log says that it is ready: from then on somebody may end it.
  endOnSignals(() => server, config, logger);
  server = await start(config, logger);
  const removePidFile = writePidFile(config, logger);
  await server.closed;
  removePidFile();
  logger.info('redstart is now ready to exit, bye bye...');
  process.exit(0);
}

function warnOfNoEffect(config: Config, logger: Logger): void {
  const names = (Object.keys(directiveRows) as DirectiveName[]).filter(
    (name) => directiveRows[name].effect === 'accepted' && !config.isDefault(name),
  );
  if (names.length > 0) logger.warn(`Directives without effect in redstart: ${names.join(', ')}`);
}

function readConfig(argv: readonly string[]): Config {
  const { file, readsStandardInput, lines } = parseCommandLine(argv);
  const config = new Config({ resolveDirectory });
  try {
    if (file !== null) {
      config.file = resolve(file);
      loadConfigText(config, readConfigFile(config.file), configurationFile(config.file), readText);
    }
    if (readsStandardInput) loadConfigText(config, readText(0), STANDARD_INPUT, readText);
    for (const line of lines) loadConfigText(config, line, COMMAND_LINE, readText);
    checkRefusals(config);
  } catch (error) {
    if (!(error instanceof ConfigLineError)) throw error;
    throw new FatalError(
      `\n*** FATAL CONFIG FILE ERROR (redstart ${REDSTART_VERSION}, Redis ${REDIS_VERSION}) ***\n${error.message}`,
    );
  }
  return config;
}

function readText(path: string | number): string {
  return readFileSync(path, 'utf8');
}

function readConfigFile(path: string): string {
  try {
    return readText(path);
  } catch (error) {
    throw new FatalError(`Fatal error, can't open config file '${path}': ${reasonOf(error)}`);
  }
}

function openLog(config: Config): Logger {
  try {
    return createLogger(config);
  } catch (error) {
    throw new FatalError(`Can't open the log file '${config.get('logfile')}': ${reasonOf(error)}`);
  }
}

async function start(config: Config, logger: Logger): Promise<RedisServer> {
  try {
    return await RedisServer.start({ config, logger, keepAlive: true, rewriteConfig: () => rewriteConfigFile(config) });
  } catch (error) {
    const message = startFailure(error as NodeJS.ErrnoException);
    logger.error(message);
    // On a terminal the log has just said it.
    throw new FatalError(process.stdout.isTTY && config.get('logfile') === '' ? '' : message);
  }
}

function startFailure(error: NodeJS.ErrnoException & { address?: string; port?: number; hostname?: string }): string {
  if (error.syscall === 'getaddrinfo') return `Could not listen on ${error.hostname}: ${reasonOf(error)}`;
  if (error.syscall !== 'listen' && error.syscall !== 'bind') return `Could not start: ${error.message}`;
  const { address = '', port } = error;
  const place =
    port === undefined || port < 0 ? address : `${address.includes(':') ? `[${address}]` : address}:${port}`;
  return `Could not listen on ${place}: ${reasonOf(error)}`;
}

/** What went wrong, in the words that people search for. */
function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'EADDRINUSE':
      return 'Address already in use';
    case 'EADDRNOTAVAIL':
      return 'Cannot assign requested address';
    case 'EACCES':
      return 'Permission denied';
    case 'ENOENT':
      return 'No such file or directory';
    case 'EISDIR':
      return 'Is a directory';
    default:
      return message;
  }
}

/** @returns what removes the file again */
function writePidFile(config: Config, logger: Logger): () => void {
  const path = config.get('pidfile');
  if (path === '') return () => {};
  try {
    writeFileSync(path, `${process.pid}\n`);
  } catch (error) {
    logger.warn(`Failed to write PID file: ${reasonOf(error)}`);
    return () => {};
  }
  return () => {
    try {
      unlinkSync(path);
    } catch {
      // Somebody else removed it.
    }
  };
}

function endOnSignals(runningServer: () => RedisServer | null, config: Config, logger: Logger): void {
  let isEnding = false;
  const end = (signal: 'SIGINT' | 'SIGTERM') => {
    // Who asks twice does not want to wait.
    if (isEnding && signal === 'SIGINT') process.exit(1);
    logger.info(`Received ${signal} scheduling shutdown...`);
    const flags = config.get(signal === 'SIGINT' ? 'shutdown-on-sigint' : 'shutdown-on-sigterm');
    const save = flags.includes('save') ? true : flags.includes('nosave') ? false : null;
    isEnding = true;
    const server = runningServer();
    // Still loading: nothing has changed that could be saved.
    if (server === null) process.exit(0);
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

/** Through a new file beside it, so that a crash leaves the old one or the new one. */
function rewriteConfigFile(config: Config): void {
  const path = config.file as string;
  const temporary = join(dirname(path), `.redstart-${process.pid}-${Date.now()}.conf`);
  try {
    const text = rewriteConfigText(config, readText(path));
    const descriptor = openSync(temporary, 'wx', statSync(path).mode & 0o777);
    try {
      writeFileSync(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, path);
  } catch (error) {
    throw errors.commandError(`Rewriting config file: ${reasonOf(error)}`);
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  if (!(error instanceof FatalError)) throw error;
  if (error.message !== '') process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
