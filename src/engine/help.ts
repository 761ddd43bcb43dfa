/** The replies of HELP, in the one shape that all of them have. */

import type { Handler } from './command.js';

/** A subcommand with its arguments, then its lines of explanation. */
export type HelpEntry = readonly [usage: string, ...lines: string[]];

/** `entries` are put together when somebody asks. */
export function help(command: string, entries: () => readonly HelpEntry[]): Handler {
  return ({ reply }) => {
    const lines = [
      `${command} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`,
      ...entries().flatMap(([usage, ...explanation]) => [usage, ...explanation.map((line) => `    ${line}`)]),
      'HELP',
      '    Prints this help.',
    ];
    reply.array(lines.length);
    for (const line of lines) reply.status(line);
  };
}
