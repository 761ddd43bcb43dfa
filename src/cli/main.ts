/**
 * The program: reads the configuration, starts a server with it, and ends it on SIGINT and SIGTERM.
 *
 * Exit codes: 0 after an ordinary end, 1 if the configuration is wrong or the server can't start.
 */

import { readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type CommandLine, CommandLineError, parseCommandLine } from '../config/command-line.js';
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
import type { Logger } from '../engine/logger.js';
import { RedisServer } from '../server/redis-server.js';
import { resolveDirectory } from '../server/server-options.js';
import { textOf } from '../text/byte-text.js';
import { REDIS_VERSION, REDSTART_VERSION } from '../version.js';
import { configFiles } from './config-files.js';
import { rewriteConfigFile } from './config-rewrite.js';
import { createLogger, LOG_FORMATS, logsToOutput } from './log.js';
import { reasonOf } from './reason.js';
import { endOnSignals, ignoreSignals } from './signals.js';
import { goIntoBackground, type Place, tellReady, warnOfForeground } from './supervision.js';

const USAGE_OPTIONS = ['-h', '--help', '-v', '--version'];

/** Other things that redis-server does when it is asked to alone. */
const OTHER_USES: Readonly<Record<string, string>> = {
  '--check-system':
    'redstart has no --check-system: what redis-server checks there does not matter to it (it does not fork)',
  '--test-memory': 'redstart has no --test-memory; memtester or memtest86 test the memory of a machine',
};

const TRANSPORTS = ['handles', 'events'] as const;

/** The process can't go on: `message` is for the user. */
class FatalError extends Error {}

async function main(argv: readonly string[]): Promise<void> {
  ignoreSignals();
  // Alone only, as redis-server takes them: elsewhere they are values.
  if (argv.length === 1 && USAGE_OPTIONS.includes(argv[0])) {
    const { printUsage } = await import('./usage.js');
    printUsage(argv[0]);
    return;
  }
  if (argv[0] in OTHER_USES) throw new FatalError(OTHER_USES[argv[0]]);
  const commandLine = readCommandLine(argv);
  const format = choiceOf(commandLine, 'log-format', LOG_FORMATS);
  const transport = choiceOf(commandLine, 'transport', TRANSPORTS);
  const standardInput = commandLine.readsStandardInput ? textOf(readFileSync(0)) : null;
  const config = readConfig(commandLine, standardInput);
  const place = goIntoBackground(config, standardInput);
  if (place === 'done') return;
  const logger = openLog(config, format);
  logger.info(`redstart ${REDSTART_VERSION} (Redis ${REDIS_VERSION}), node ${process.versions.node}, starts`);
  if (config.file === null && argv.length === 0) {
    logger.info('No configuration given, using the defaults. Name a file or give directives as options to change that');
  }
  warnOfForeground(config, logger);
  warnOfNoEffect(config, logger);
  let server: RedisServer | null = null;
  // Before the log says that it is ready: from then on somebody may end it.
  endOnSignals(() => server, config, logger);
  server = await start(config, logger, transport);
  const removePidFile = writePidFile(config, logger, place);
  tellReady(config, logger);
  await server.closed;
  removePidFile();
  logger.info('redstart is now ready to exit, bye bye...');
  process.exit(0);
}

function readCommandLine(argv: readonly string[]): CommandLine {
  try {
    return parseCommandLine(argv);
  } catch (error) {
    throw error instanceof CommandLineError ? new FatalError(error.message) : error;
  }
}

function choiceOf<const Choice extends string>(
  { options }: CommandLine,
  option: keyof CommandLine['options'],
  choices: readonly Choice[],
): Choice | undefined {
  const given = options[option];
  if (given === undefined) return undefined;
  const choice = choices.find((each) => each === given.toLowerCase());
  if (choice === undefined) throw new FatalError(`--${option} takes one of: ${choices.join(', ')}`);
  return choice;
}

function warnOfNoEffect(config: Config, logger: Logger): void {
  const names = (Object.keys(directiveRows) as DirectiveName[]).filter(
    (name) => directiveRows[name].effect === 'accepted' && !config.isDefault(name),
  );
  if (names.length > 0) logger.warn(`Directives without effect in redstart: ${names.join(', ')}`);
}

function readConfig({ file, lines }: CommandLine, standardInput: string | null): Config {
  const config = new Config({ resolveDirectory });
  try {
    if (file !== null) {
      config.file = resolve(file);
      loadConfigText(config, readConfigFile(config.file), configurationFile(config.file), configFiles);
    }
    if (standardInput !== null) loadConfigText(config, standardInput, STANDARD_INPUT, configFiles);
    for (const line of lines) loadConfigText(config, line, COMMAND_LINE, configFiles);
    checkRefusals(config);
  } catch (error) {
    if (!(error instanceof ConfigLineError)) throw error;
    throw new FatalError(
      `\n*** FATAL CONFIG FILE ERROR (redstart ${REDSTART_VERSION}, Redis ${REDIS_VERSION}) ***\n${error.message}`,
    );
  }
  return config;
}

function readConfigFile(path: string): string {
  try {
    return configFiles.read(path);
  } catch (error) {
    throw new FatalError(`Fatal error, can't open config file '${path}': ${(error as Error).message}`);
  }
}

function openLog(config: Config, format: Parameters<typeof createLogger>[1]): Logger {
  try {
    return createLogger(config, format);
  } catch (error) {
    throw new FatalError(`Can't open the log file '${config.get('logfile')}': ${reasonOf(error)}`);
  }
}

async function start(
  config: Config,
  logger: Logger,
  transport: (typeof TRANSPORTS)[number] | undefined,
): Promise<RedisServer> {
  try {
    return await RedisServer.start({
      config,
      logger,
      keepAlive: true,
      rewriteConfig: () => rewriteConfigFile(config),
      ...(transport === undefined ? {} : { transport }),
    });
  } catch (error) {
    const message = startFailure(error as NodeJS.ErrnoException);
    // This is told once: where the log goes to the output, the error output is beside it.
    if (!logsToOutput(config)) logger.error(message);
    throw new FatalError(message);
  }
}

function startFailure(error: NodeJS.ErrnoException & { address?: string; port?: number; hostname?: string }): string {
  if (error.syscall === 'getaddrinfo') return `Could not listen on ${error.hostname}: ${reasonOf(error)}`;
  if (error.syscall !== 'listen' && error.syscall !== 'bind') return `Could not start: ${error.message}`;
  const { address = '', port } = error;
  const host = address === '0.0.0.0' ? '*' : address.includes(':') ? `[${address}]` : address;
  const place = port === undefined || port < 0 ? address : `${host}:${port}`;
  return `Could not listen on ${place}: ${reasonOf(error)}`;
}

/** @returns what removes the file again */
function writePidFile(config: Config, logger: Logger, place: Place): () => void {
  // As in Redis, a process in the background has one in any case.
  const path = config.get('pidfile') || (place === 'background' ? '/var/run/redis.pid' : '');
  if (path === '') return () => {};
  const absolute = resolve(config.get('dir'), path);
  try {
    writeFileSync(absolute, `${process.pid}\n`);
  } catch (error) {
    logger.warn(`Failed to write PID file: ${reasonOf(error)}`);
    return () => {};
  }
  return () => {
    try {
      unlinkSync(absolute);
    } catch {
      // Somebody else removed it.
    }
  };
}

main(process.argv.slice(2)).catch((error: unknown) => {
  if (!(error instanceof FatalError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
