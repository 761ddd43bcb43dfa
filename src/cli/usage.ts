/** What --help and --version print. Loaded only for them: commander would cost every start some milliseconds. */

import { Command } from 'commander';
import { REDIS_VERSION, REDSTART_VERSION } from '../version.js';

const EXAMPLES = `
Any directive of redis.conf is an option: its name after --, then its values. Of the program itself are
  --log-format redis|json|pretty            how the log is written: redis on a terminal, else json
  --transport handles|events                how sockets are read: events where handles can't be taken over

Examples:
  redstart                                  serve port 6379 with the defaults
  redstart /etc/redis/6379.conf
  redstart --port 7777 --save 60 100 --save 300 10
  redstart redis.conf --maxmemory 1gb       options come after the file, and win
  echo 'maxmemory 128mb' | redstart -       read the configuration from the standard input`;

/** Prints and ends the process, if the one argument asks for it. */
export function printUsage(argument: string): void {
  new Command('redstart')
    .description('A Redis-compatible server.')
    .usage('[/path/to/redis.conf | -] [--directive value...]...')
    .version(
      `Redis server v=${REDIS_VERSION} redstart=${REDSTART_VERSION} node=${process.versions.node} bits=64`,
      '-v, --version',
      'print the version',
    )
    .helpOption('-h, --help', 'print this')
    .addHelpText('after', EXAMPLES)
    .parse([argument], { from: 'user' });
}
